//! Rules that need the whole project: references must lead somewhere, and keys
//! must not contradict each other.

use indexmap::{IndexMap, IndexSet};

use super::damage::Damage;
use super::problem::nearest;
use crate::diagnostic::Diagnostic;
use crate::path::Path;
use crate::project::Project;
use crate::service::{Build, Deploy, FileReference, Service};

/// Checks a project whose profiles have been chosen.
pub(crate) fn check(project: &Project, damage: &Damage, problems: &mut Vec<Diagnostic>) {
    let known = Known::of(project);
    for (name, service) in &project.services {
        ServiceCheck { project, known: &known, name, service, damage, problems }.run();
    }
    for (name, secret) in &project.secrets {
        if !secret.external
            && secret.driver.is_some()
            && secret.file.is_none()
            && secret.environment.is_none()
        {
            problems.push(
                Diagnostic::error(
                    "compose::missing-key",
                    format!("the secret `{name}` has no content"),
                )
                .at(Path::root().key("secrets").key(name.as_str()), "")
                .help("add `file` or `environment`"),
            );
        }
    }
    container_names(project, problems);
    cycles(project, problems);
}

struct ServiceCheck<'c> {
    project: &'c Project,
    known: &'c Known<'c>,
    name: &'c str,
    service: &'c Service,
    damage: &'c Damage,
    problems: &'c mut Vec<Diagnostic>,
}

/// Makes the path of a service's key. Most references are good and need none.
type At<'a> = dyn Fn(&str) -> Path + 'a;

/// What a service can refer to.
struct Known<'c> {
    services: Kind<'c>,
    networks: Kind<'c>,
    volumes: Kind<'c>,
    secrets: Kind<'c>,
    configs: Kind<'c>,
    models: Kind<'c>,
}

impl<'c> Known<'c> {
    fn of(project: &'c Project) -> Self {
        Self {
            services: Kind::of("service", "services", &project.services),
            networks: Kind::of("network", "networks", &project.networks),
            volumes: Kind::of("volume", "volumes", &project.volumes),
            secrets: Kind::of("secret", "secrets", &project.secrets),
            configs: Kind::of("config", "configs", &project.configs),
            models: Kind::of("model", "models", &project.models),
        }
    }
}

/// A kind of resource that a service can refer to.
struct Kind<'c> {
    /// In a sentence: `network`.
    word: &'static str,
    /// In a file: `networks`.
    section: &'static str,
    names: IndexSet<&'c str>,
}

impl<'c> Kind<'c> {
    fn of<T>(
        word: &'static str,
        section: &'static str,
        resources: &'c IndexMap<String, T>,
    ) -> Self {
        Self { word, section, names: resources.keys().map(String::as_str).collect() }
    }
}

impl ServiceCheck<'_> {
    fn run(&mut self) {
        self.image();
        if let Some(build) = &self.service.build {
            self.build(build);
        }
        self.networks();
        self.healthcheck();
        self.dependencies();
        self.mounts();
        self.resources();
        self.replicas();
        // A limit that could not be read differs from every other.
        if let Some(deploy) = self.service.deploy.as_ref().filter(|_| self.is_whole()) {
            self.limits(deploy);
        }
        self.watches();
        self.mount_targets();
    }

    /// Whether nothing of the service was lost.
    fn is_whole(&self) -> bool {
        !self.damage.has_resource("services", self.name)
    }

    /// The path of a key of the service.
    fn at(&self, key: &str) -> Path {
        Path::root().key("services").key(self.name).key(key)
    }

    fn tell(&mut self, code: &'static str, message: String, at: Path, help: impl Into<String>) {
        self.problems.push(Diagnostic::error(code, message).at(at, "").help(help));
    }

    fn image(&mut self) {
        let Service { image, build, provider, .. } = self.service;
        if self.is_whole() && image.is_none() && build.is_none() && provider.is_none() {
            let message = format!("the service `{}` has neither an image nor a build", self.name);
            let help = match self.namesake() {
                Some(other) => format!(
                    "add `image: NAME:TAG` or `build: PATH`; or did you mean the service `{other}`?"
                ),
                None => "add `image: NAME:TAG` or `build: PATH`".to_owned(),
            };
            let at = Path::root().key("services").key(self.name);
            self.tell("compose::no-image", message, at, help);
        }
    }

    /// Another service of nearly the same name. Nobody mistypes one of hundreds,
    /// and comparing each with each would take long.
    fn namesake(&self) -> Option<&str> {
        let names = self.project.services.keys().map(String::as_str);
        let few = self.project.services.len() <= 100;
        few.then(|| nearest(self.name, names.filter(|name| *name != self.name))).flatten()
    }

    fn build(&mut self, build: &Build) {
        let at = self.at("build");
        if let (Some(_), Some(_)) = (&build.dockerfile, &build.dockerfile_inline) {
            self.problems.push(
                Diagnostic::error(
                    "compose::exclusive-keys",
                    format!("the build of `{}` has two sets of instructions", self.name),
                )
                .at(at.key("dockerfile_inline"), "these")
                .at(at.key("dockerfile"), "and those of this file")
                .help("keep `dockerfile` or `dockerfile_inline`"),
            );
        }
        for (context, value) in &build.additional_contexts.0 {
            if let Some(target) = value.strip_prefix("service:") {
                self.context(target, at.key("additional_contexts").key(context.as_str()));
            }
        }
        if let Some(platform) = &self.service.platform
            && !build.platforms.is_empty()
            && !build.platforms.contains(platform)
        {
            let message = format!("`{}` runs on `{platform}`, and is not built for it", self.name);
            let help = format!("add `{platform}` to `build.platforms`");
            self.tell("compose::platform", message, at.key("platforms"), help);
        }
    }

    fn context(&mut self, target: &str, at: Path) {
        match self.project.services.get(target) {
            None => self.unknown(&self.known.services, target, at),
            Some(service) if service.build.is_none() => {
                let message = format!("`{target}` is not built, so its build cannot be a context");
                self.tell("compose::reference", message, at, "name a service that has `build`");
            }
            Some(_) => {}
        }
    }

    fn networks(&mut self) {
        let Service { network_mode, networks, .. } = self.service;
        if network_mode.is_some() && !networks.is_empty() {
            self.problems.push(
                Diagnostic::error(
                    "compose::exclusive-keys",
                    format!("`{}` has both `network_mode` and `networks`", self.name),
                )
                .at(self.at("network_mode"), "the network of something else")
                .at(self.at("networks"), "and networks of its own")
                .help("keep one of the two"),
            );
        }
        for name in networks.keys() {
            self.reference(&self.known.networks, name, |at| at("networks").key(name.as_str()));
        }
        let shared = network_mode.as_deref().and_then(|mode| mode.strip_prefix("service:"));
        if let Some(name) = shared
            && !self.service.depends_on.contains_key(name)
        {
            self.reference(&self.known.services, name, |at| at("network_mode"));
        }
    }

    /// Tells of a name that is not among those that the project has.
    fn reference(&mut self, kind: &Kind<'_>, name: &str, at: impl FnOnce(&At<'_>) -> Path) {
        if !kind.names.contains(name) {
            let at = at(&|key| self.at(key));
            self.unknown(kind, name, at);
        }
    }

    fn unknown(&mut self, kind: &Kind<'_>, name: &str, at: Path) {
        let Kind { word, section, names } = kind;
        let is_service = *word == "service";
        let names = names.iter().copied().filter(|name| !is_service || *name != self.name);
        if self.damage.has_section(section) {
            // It may stand in what was lost.
            return;
        }
        let message = format!("there is no {word} `{name}`");
        // Looking for what was meant is for people, who read no hundreds of problems.
        let few = self.problems.len() < 100;
        let help = match few.then(|| nearest(name, names.clone())).flatten() {
            Some(known) => format!("did you mean `{known}`?"),
            None if is_service => services_help(names),
            None => {
                let entry = match *section {
                    "secrets" | "configs" => format!("{name}: {{file: ./{name}}}"),
                    "models" => format!("{name}: {{model: NAME}}"),
                    _ => format!("{name}:"),
                };
                format!("add `{entry}` under `{section}` at the top level of the file")
            }
        };
        self.problems.push(
            Diagnostic::error("compose::reference", message)
                .at(at, format!("used by `{}`", self.name))
                .help(help),
        );
    }

    fn healthcheck(&mut self) {
        let test = self.service.healthcheck.as_ref().map(|check| &check.test.0[..]);
        let Some([first, ..]) = test else { return };
        if !matches!(first.as_str(), "CMD" | "CMD-SHELL" | "NONE") {
            let message = format!("the health check of `{}` begins with `{first}`", self.name);
            let at = self.at("healthcheck").key("test").index(0);
            let help = format!(
                "write `[\"CMD\", \"{first}\", …]`, or one string for a shell: `test: {first} …`"
            );
            self.tell("compose::healthcheck", message, at, help);
        }
    }

    fn dependencies(&mut self) {
        for (name, dependency) in &self.service.depends_on {
            if self.project.services.contains_key(name) {
                continue;
            }
            let at = self.at("depends_on").key(name.as_str());
            match self.project.disabled.get(name) {
                Some(_) if !dependency.required.0 => {}
                Some(disabled) => {
                    let message =
                        format!("`{}` depends on `{name}`, which no active profile has", self.name);
                    let help = format!(
                        "activate it with `--profile {}`, or write `required: false`",
                        disabled.profiles.join("` or `--profile ")
                    );
                    self.tell("compose::disabled-dependency", message, at, help);
                }
                None => self.unknown(&self.known.services, name, at),
            }
        }
    }

    fn mounts(&mut self) {
        for (index, mount) in self.service.volumes.iter().enumerate() {
            if let (Some("volume"), Some(source)) = (mount.kind.as_deref(), &mount.source) {
                let at = |at: &At<'_>| at("volumes").index(index).key("source");
                self.reference(&self.known.volumes, source, at);
            }
        }
    }

    fn resources(&mut self) {
        let Known { secrets, configs, models, .. } = self.known;
        let service = self.service;
        self.files(secrets, &service.secrets, |at| at("secrets"));
        self.files(configs, &service.configs, |at| at("configs"));
        if let Some(build) = &service.build {
            self.files(secrets, &build.secrets, |at| at("build").key("secrets"));
        }
        for name in service.models.keys() {
            self.reference(models, name, |at| at("models").key(name.as_str()));
        }
    }

    fn files(&mut self, kind: &Kind<'_>, references: &[FileReference], list: fn(&At<'_>) -> Path) {
        for (index, reference) in references.iter().enumerate() {
            match reference.source.as_deref() {
                Some(name) => {
                    self.reference(kind, name, |at| list(at).index(index).key("source"));
                }
                None => self.no_source(kind, list(&|key| self.at(key)).index(index)),
            }
        }
    }

    fn no_source(&mut self, kind: &Kind<'_>, at: Path) {
        if self.is_whole() {
            let Kind { word, section, .. } = kind;
            let message = format!("an item of `{}`'s `{section}` names no {word}", self.name);
            self.tell("compose::missing-key", message, at, "add `source: NAME`");
        }
    }

    fn replicas(&mut self) {
        let deployed = self.service.deploy.as_ref().and_then(|deploy| deploy.replicas);
        let scale = self.service.scale;
        let (at_scale, at_replicas) =
            (|check: &Self| check.at("scale"), |check: &Self| check.at("deploy").key("replicas"));
        if let (Some(a), Some(b)) = (scale, deployed)
            && a != b
        {
            let message = format!("`{}` is to run {a} times and {b} times", self.name);
            self.problems.push(
                Diagnostic::error("compose::contradiction", message)
                    .at(at_scale(self), "")
                    .at(at_replicas(self), "")
                    .help("keep one of the two"),
            );
        }
        if let Some(count @ ..0) = scale {
            self.negative(count, at_scale(self));
        }
        if let Some(count @ ..0) = deployed {
            self.negative(count, at_replicas(self));
        }
        if let (2.., Some(name)) = (self.service.replicas(), &self.service.container_name) {
            let count = if scale.is_some() { at_scale(self) } else { at_replicas(self) };
            let message =
                format!("`{}` cannot run more than once with one container name", self.name);
            self.problems.push(
                Diagnostic::error("compose::contradiction", message)
                    .at(self.at("container_name"), format!("there can be one `{name}`"))
                    .at(count, "and this asks for more")
                    .help("remove `container_name`"),
            );
        }
    }

    fn negative(&mut self, count: i64, at: Path) {
        let message = format!("`{}` cannot run {count} times", self.name);
        self.tell("compose::value", message, at, "write 0 or more");
    }

    /// The old keys of a service must agree with those under `deploy`.
    fn limits(&mut self, deploy: &Deploy) {
        let Some(resources) = &deploy.resources else { return };
        let at = self.at("deploy").key("resources");
        let service = self.service;
        if let Some(limits) = &resources.limits {
            let at = at.key("limits");
            let cpus = service.cpus != 0.0 && limits.cpus != service.cpus;
            let memory = service.mem_limit.is_some() && limits.memory != service.mem_limit;
            let pids = service.pids_limit != 0 && limits.pids != service.pids_limit;
            self.agree(cpus, "cpus", at.key("cpus"));
            self.agree(memory, "mem_limit", at.key("memory"));
            self.agree(pids, "pids_limit", at.key("pids"));
        }
        if let Some(reserved) = &resources.reservations {
            let differ =
                service.mem_reservation.is_some() && reserved.memory != service.mem_reservation;
            self.agree(differ, "mem_reservation", at.key("reservations").key("memory"));
        }
    }

    fn agree(&mut self, differ: bool, key: &'static str, other: Path) {
        if differ {
            self.problems.push(
                Diagnostic::error(
                    "compose::contradiction",
                    format!("`{key}` and `{other}` differ"),
                )
                .at(self.at(key), "this is the older key")
                .at(other, "")
                .help(format!("keep the one under `deploy`, and remove `{key}`")),
            );
        }
    }

    fn watches(&mut self) {
        let watches = self.service.develop.as_ref().map(|develop| &develop.watch[..]);
        for (index, watch) in watches.unwrap_or_default().iter().enumerate() {
            let alone = matches!(watch.action.as_deref(), Some("rebuild" | "restart"));
            if watch.target.is_none() && !alone && watch.action.is_some() {
                let action = watch.action.as_deref().unwrap_or_default();
                let message = format!("`{}` watches files without saying where they go", self.name);
                let at = self.at("develop").key("watch").index(index).key("action");
                let help = format!("`{action}` needs `target: /path/in/container`");
                self.tell("compose::missing-key", message, at, help);
            }
        }
    }

    fn mount_targets(&mut self) {
        let tmpfs =
            self.service.tmpfs.iter().enumerate().map(|(index, text)| {
                (text.split(':').next().unwrap_or_default(), ("tmpfs", index))
            });
        let volumes = self.service.volumes.iter().enumerate().map(|(index, mount)| {
            (mount.target.as_deref().unwrap_or_default(), ("volumes", index))
        });
        if self.service.tmpfs.len() + self.service.volumes.len() < 2 {
            return;
        }
        let mut targets: IndexMap<&str, (&str, usize)> = IndexMap::new();
        for (target, place) in tmpfs.chain(volumes) {
            let Some(earlier) = targets.insert(target, place) else { continue };
            let at = |(list, index)| match list {
                "tmpfs" => self.at(list).index(index),
                _ => self.at(list).index(index).key("target"),
            };
            let message = format!("`{}` mounts two things at `{target}`", self.name);
            self.problems.push(
                Diagnostic::error("compose::mount", message)
                    .at(at(place), "again here")
                    .at(at(earlier), "first here")
                    .help("give one of them another path in the container"),
            );
        }
    }
}

/// What a service can name: the others.
fn services_help<'n>(names: impl Iterator<Item = &'n str>) -> String {
    let names: Vec<&str> = names.take(10).collect();
    match &names[..] {
        [] => "remove it: the project has no other service".to_owned(),
        names => format!("the other services are `{}`", names.join("`, `")),
    }
}

fn container_names(project: &Project, problems: &mut Vec<Diagnostic>) {
    let mut taken: IndexMap<&str, &str> = IndexMap::new();
    let at = |service: &str| Path::root().key("services").key(service).key("container_name");
    for (name, service) in &project.services {
        let Some(container) = service.container_name.as_deref() else { continue };
        if let Some(other) = taken.insert(container, name) {
            problems.push(
                Diagnostic::error(
                    "compose::container-name",
                    format!("two services have the container name `{container}`"),
                )
                .at(at(name), format!("wanted by `{name}`"))
                .at(at(other), format!("and by `{other}`"))
                .help("give them different names, or none"),
            );
        }
    }
}

/// More cycles than anyone breaks at once.
const MAX_CYCLES: usize = 20;

/// Tells of a cycle for each dependency that closes one.
fn cycles(project: &Project, problems: &mut Vec<Diagnostic>) {
    let mut done: IndexSet<&str> = IndexSet::new();
    let found = project.services.keys().flat_map(|name| cycles_from(project, name, &mut done));
    problems.extend(found.take(MAX_CYCLES).map(|cycle| cycle_problem(&cycle)));
}

/// The cycles that a service leads to through services not visited before.
fn cycles_from<'p>(
    project: &'p Project,
    start: &'p str,
    done: &mut IndexSet<&'p str>,
) -> Vec<Vec<&'p str>> {
    // A stack of its own: a chain of dependencies can be as long as the project.
    let dependencies = |name: &str| {
        let service = project.services.get(name);
        service.into_iter().flat_map(|service| service.depends_on.keys()).map(String::as_str)
    };
    let mut found = Vec::new();
    let mut path: IndexMap<&str, _> = IndexMap::new();
    if done.insert(start) {
        path.insert(start, dependencies(start).collect::<Vec<_>>().into_iter());
    }
    while let Some((_, next)) = path.last_mut() {
        match next.next() {
            None => drop(path.pop()),
            Some(name) => match path.get_index_of(name) {
                Some(from) if found.len() < MAX_CYCLES => {
                    found.push(path.keys().skip(from).copied().collect());
                }
                Some(_) => {}
                None if done.insert(name) => {
                    path.insert(name, dependencies(name).collect::<Vec<_>>().into_iter());
                }
                None => {}
            },
        }
    }
    found
}

fn cycle_problem(cycle: &[&str]) -> Diagnostic {
    let mut names = cycle.to_vec();
    names.extend(cycle.first());
    let message = match cycle {
        [name] => format!("`{name}` waits for itself"),
        _ => format!("services wait for each other: {}", names.join(" -> ")),
    };
    let mut problem = Diagnostic::error("compose::dependency-cycle", message);
    for pair in names.windows(2).take(10) {
        let at = Path::root().key("services").key(pair[0]).key("depends_on").key(pair[1]);
        problem = problem.at(at, format!("`{}` waits for `{}`", pair[0], pair[1]));
    }
    match cycle {
        [name] => problem.help(format!("remove `{name}` here")),
        _ => problem.help("remove one of these dependencies"),
    }
}
