//! How `docker` is told to build an image: `build` of the Compose file to arguments.
//!
//! What others may not see is no argument, since every user of a machine sees the
//! arguments of all programs: it goes into the environment of the one program. Only what
//! the environment says of proxies is passed on as Docker itself does.

use compose_model::Environment;
use compose_model::service::{Build, Ulimit};
use compose_model::value::{is_windows_absolute, join_path};
use indexmap::IndexMap;

use super::error::BuildError;
use super::wish::{BuildSecret, SERVICE, Wish};

/// What builds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Builder {
    /// `docker buildx build`
    Buildx,
    /// `docker build` where there is no buildx.
    Classic,
}

/// How `docker` is called. Values of secrets are in it, so it has no `Debug`.
#[derive(Clone, Default, PartialEq, Eq)]
pub(super) struct Invocation {
    pub(super) arguments: Vec<String>,
    /// Variables besides those that `docker` inherits.
    pub(super) environment: Vec<(String, String)>,
    /// What it reads.
    pub(super) input: Option<String>,
}

/// What an image is built for, and where.
pub(super) struct Target<'a> {
    pub(super) builder: Builder,
    /// What the engine calls the image.
    pub(super) name: &'a str,
    /// What its tasks run on: `linux/arm64`.
    pub(super) platform: &'a str,
    /// The variables that `docker` inherits.
    pub(super) inherited: &'a Environment,
    /// The images of services that are built already, or that somebody named.
    pub(super) images: &'a IndexMap<String, String>,
}

/// How `docker` builds an image.
pub(super) fn invocation(wish: &Wish, target: &Target<'_>) -> Result<Invocation, BuildError> {
    let Build {
        context,
        dockerfile,
        dockerfile_inline,
        entitlements,
        args,
        provenance,
        sbom,
        ssh,
        labels,
        cache_from,
        cache_to,
        no_cache,
        no_cache_filter,
        additional_contexts,
        pull,
        extra_hosts,
        isolation,
        network,
        target: stage,
        // Their sources are in the wish.
        secrets: _,
        shm_size,
        tags,
        ulimits,
        platforms,
        privileged,
        // Others' keys, `x-*`.
        extensions: _,
    } = &wish.build;
    check_platform(wish, platforms, target)?;
    let mut line = Line::new(target);
    line.option("--tag", target.name);
    line.option("--platform", target.platform);
    let context = context.as_deref().unwrap_or(".");
    line.dockerfile(context, dockerfile.as_deref(), dockerfile_inline.as_deref());
    for (name, value) in &args.0 {
        line.argument(name, value.as_deref().unwrap_or_default());
    }
    line.options("--label", labels.0.iter().map(|(name, value)| format!("{name}={value}")));
    line.options("--target", stage);
    line.switch("--no-cache", *no_cache);
    line.switch("--pull", *pull);
    line.options("--network", network);
    line.options("--shm-size", shm_size.map(|size| size.get().to_string()));
    line.options("--ulimit", ulimits.iter().map(ulimit));
    for (host, addresses) in &extra_hosts.0 {
        line.options("--add-host", addresses.iter().map(|address| format!("{host}:{address}")));
    }
    line.options("--tag", tags);
    // The newer builder knows only one, whatever is said.
    line.options("--isolation", isolation.iter().filter(|_| target.builder == Builder::Classic));
    for cache in cache_from {
        // The older builder takes names of images alone.
        if cache.contains('=') {
            line.newer("cache_from", "--cache-from", [cache]);
        } else {
            line.option("--cache-from", cache);
        }
    }
    line.newer("cache_to", "--cache-to", cache_to);
    line.newer("no_cache_filter", "--no-cache-filter", no_cache_filter);
    line.newer("entitlements", "--allow", entitlements);
    line.newer("privileged", "--allow", privileged.then_some("security.insecure"));
    line.newer("provenance", "--provenance", provenance);
    line.newer("sbom", "--sbom", sbom);
    let key = |(id, path): (&String, &Option<String>)| match path {
        Some(path) => field(&format!("{id}={path}")),
        None => id.clone(),
    };
    line.newer("ssh", "--ssh", ssh.0.iter().map(key));
    let contexts = additional_contexts.0.iter();
    let contexts = contexts.map(|(name, value)| format!("{name}={}", other(value, target)));
    line.newer("additional_contexts", "--build-context", contexts);
    for (number, (id, secret)) in wish.secrets.iter().enumerate() {
        line.secret(number, id, secret);
    }
    if target.builder == Builder::Buildx && provenance.is_none() {
        // They tell when an image was built, so that no image would be like another.
        line.variable("BUILDX_NO_DEFAULT_ATTESTATIONS", "1");
    }
    line.finish(context, &wish.service)
}

/// A command line that grows.
struct Line<'a> {
    target: &'a Target<'a>,
    invocation: Invocation,
    /// Keys that the builder knows nothing of.
    unknown: Vec<String>,
}

impl<'a> Line<'a> {
    fn new(target: &'a Target<'a>) -> Self {
        let mut line = Self { target, invocation: Invocation::default(), unknown: Vec::new() };
        match target.builder {
            // Other builders than that of the engine leave the image where they are.
            Builder::Buildx => line.words(["buildx", "build", "--load"]),
            Builder::Classic => {
                line.words(["build"]);
                // Somebody may have asked for the newer one, which is not there.
                if target.inherited.contains_key("DOCKER_BUILDKIT") {
                    line.variable("DOCKER_BUILDKIT", "0");
                }
            }
        }
        line
    }

    fn words<const COUNT: usize>(&mut self, words: [&str; COUNT]) {
        self.invocation.arguments.extend(words.map(str::to_owned));
    }

    /// One word, so that a value that begins with a dash is no option.
    fn option(&mut self, option: &str, value: &str) {
        self.invocation.arguments.push(format!("{option}={value}"));
    }

    fn options(&mut self, option: &str, values: impl IntoIterator<Item = impl AsRef<str>>) {
        for value in values {
            self.option(option, value.as_ref());
        }
    }

    fn switch(&mut self, option: &str, is_on: bool) {
        if is_on {
            self.words([option]);
        }
    }

    /// An option that the older builder does not have.
    fn newer(
        &mut self,
        key: &str,
        option: &str,
        values: impl IntoIterator<Item = impl AsRef<str>>,
    ) {
        for value in values {
            match self.target.builder {
                Builder::Buildx => self.option(option, value.as_ref()),
                Builder::Classic if self.unknown.last().is_some_and(|last| last == key) => {}
                Builder::Classic => self.unknown.push(key.to_owned()),
            }
        }
    }

    fn variable(&mut self, name: &str, value: &str) {
        self.invocation.environment.push((name.to_owned(), value.to_owned()));
    }

    /// A file is named as seen from where the program runs; one that comes with a remote
    /// context, as seen from there.
    fn dockerfile(&mut self, context: &str, file: Option<&str>, inline: Option<&str>) {
        match (inline, file) {
            (Some(text), _) => {
                self.option("--file", "-");
                self.invocation.input = Some(text.to_owned());
            }
            (None, Some(file)) if is_absolute(context) && !is_absolute(file) => {
                self.option("--file", &join_path(context, file));
            }
            (None, Some(file)) => self.option("--file", file),
            (None, None) => {}
        }
    }

    /// An argument of the instructions. Its value is in the environment, unless Docker
    /// itself would listen to a variable of this name.
    fn argument(&mut self, name: &str, value: &str) {
        if self.target.inherited.get(name).is_some_and(|known| known == value) {
            self.option("--build-arg", name);
        } else if is_heard(name) {
            self.option("--build-arg", &format!("{name}={value}"));
        } else {
            self.option("--build-arg", name);
            self.variable(name, value);
        }
    }

    fn secret(&mut self, number: usize, id: &str, secret: &BuildSecret) {
        match secret {
            BuildSecret::File(path) => {
                let source = field(&format!("src={path}"));
                self.newer("secrets", "--secret", [format!("{},{source}", field_of_id(id))]);
            }
            BuildSecret::Value(value) => {
                // Docker knows the variable by a name of ours: its own may be one that
                // Docker listens to.
                let name = format!("ECS_CLI_BUILD_SECRET_{number}");
                let source = format!("{},env={name}", field_of_id(id));
                self.newer("secrets", "--secret", [source]);
                self.variable(&name, value);
            }
        }
    }

    fn finish(mut self, context: &str, service: &str) -> Result<Invocation, BuildError> {
        if !self.unknown.is_empty() {
            let service = service.to_owned();
            return Err(BuildError::NeedsBuildx { service, keys: self.unknown });
        }
        self.words([context]);
        Ok(self.invocation)
    }
}

/// A build may list what it is for; without a list it is for what is asked for.
fn check_platform(
    wish: &Wish,
    platforms: &[String],
    target: &Target<'_>,
) -> Result<(), BuildError> {
    let wanted = target.platform;
    let fits = |platform: &String| {
        platform.strip_prefix(wanted).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    if platforms.is_empty() || platforms.iter().any(fits) {
        return Ok(());
    }
    Err(BuildError::OtherPlatform {
        service: wish.service.clone(),
        platforms: platforms.to_vec(),
        platform: wanted.to_owned(),
    })
}

/// A context beside the one that is built; that of another service is its image.
fn other(value: &str, target: &Target<'_>) -> String {
    let image = value.strip_prefix(SERVICE).and_then(|service| target.images.get(service));
    image.map_or_else(|| value.to_owned(), |image| format!("docker-image://{image}"))
}

fn ulimit((name, limit): (&String, &Ulimit)) -> String {
    match limit {
        Ulimit::Single(limit) => format!("{name}={limit}"),
        Ulimit::Range { soft, hard } => format!("{name}={soft}:{hard}"),
    }
}

/// Loading has made all paths absolute; anything else is an address.
fn is_absolute(path: &str) -> bool {
    path.starts_with('/') || is_windows_absolute(path)
}

/// Whether programs do something else because of a variable of this name.
fn is_heard(name: &str) -> bool {
    const NAMES: [&str; 20] = [
        "ALL_PROXY",
        "APPDATA",
        "COLUMNS",
        "GODEBUG",
        "GOGC",
        "GOMAXPROCS",
        "GOMEMLIMIT",
        "HOME",
        "HTTPS_PROXY",
        "HTTP_PROXY",
        "LANG",
        "NO_COLOR",
        "NO_PROXY",
        "PATH",
        "SSH_AUTH_SOCK",
        "SystemRoot",
        "TEMP",
        "TERM",
        "TMP",
        "TMPDIR",
    ];
    const BEGINNINGS: [&str; 8] =
        ["BUILDKIT_", "BUILDX_", "DOCKER_", "DYLD_", "ECS_CLI_", "LD_", "OTEL_", "SSL_CERT_"];
    NAMES.iter().any(|known| known.eq_ignore_ascii_case(name))
        || BEGINNINGS.iter().any(|beginning| name.starts_with(beginning))
}

fn field_of_id(id: &str) -> String {
    field(&format!("id={id}"))
}

/// A field of a line of CSV, which is how some options are written.
fn field(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests;
