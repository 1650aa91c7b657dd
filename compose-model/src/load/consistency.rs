//! Rules that need the whole project: references must lead somewhere, and keys
//! must not contradict each other.

use indexmap::{IndexMap, IndexSet};

use super::damage::Damage;
use super::problem::nearest;
use crate::diagnostic::Diagnostic;
use crate::path::Path;
use crate::project::Project;
use crate::service::{Build, Deploy, Service};

/// Checks a project whose profiles have been chosen.
pub(crate) fn check(project: &Project, damage: &Damage, problems: &mut Vec<Diagnostic>) {
    let at = Path::root().key("services");
    for (name, service) in &project.services {
        let at = at.key(name.as_str());
        ServiceCheck { project, name, service, at, damage, problems }.run();
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
    name: &'c str,
    service: &'c Service,
    at: Path,
    damage: &'c Damage,
    problems: &'c mut Vec<Diagnostic>,
}

/// A kind of resource that a service can refer to.
struct Kind<'c> {
    /// In a sentence: `network`.
    word: &'static str,
    /// In a file: `networks`.
    section: &'static str,
    known: Vec<&'c str>,
}

fn kind<'c, T>(
    word: &'static str,
    section: &'static str,
    resources: &'c IndexMap<String, T>,
) -> Kind<'c> {
    Kind { word, section, known: resources.keys().map(String::as_str).collect() }
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
        if let Some(deploy) = &self.service.deploy {
            self.limits(deploy);
        }
        self.watches();
        self.mount_targets();
    }

    fn tell(&mut self, code: &'static str, message: String, at: Path, help: impl Into<String>) {
        self.problems.push(Diagnostic::error(code, message).at(at, "").help(help));
    }

    fn image(&mut self) {
        let Service { image, build, provider, .. } = self.service;
        let whole = !self.damage.has_resource("services", self.name);
        if whole && image.is_none() && build.is_none() && provider.is_none() {
            let message = format!("the service `{}` has neither an image nor a build", self.name);
            let others = self.project.services.keys().map(String::as_str);
            let help = match nearest(self.name, others.filter(|other| *other != self.name)) {
                Some(other) => format!(
                    "add `image: NAME:TAG` or `build: PATH`; or did you mean the service `{other}`?"
                ),
                None => "add `image: NAME:TAG` or `build: PATH`".to_owned(),
            };
            self.tell("compose::no-image", message, self.at.clone(), help);
        }
    }

    fn build(&mut self, build: &Build) {
        let at = self.at.key("build");
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
            None => self.unknown(&kind("service", "services", &self.project.services), target, at),
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
                .at(self.at.key("network_mode"), "the network of something else")
                .at(self.at.key("networks"), "and networks of its own")
                .help("keep one of the two"),
            );
        }
        let known = kind("network", "networks", &self.project.networks);
        for name in networks.keys() {
            self.reference(&known, name, self.at.key("networks").key(name.as_str()));
        }
        let shared = network_mode.as_deref().and_then(|mode| mode.strip_prefix("service:"));
        if let Some(name) = shared
            && !self.service.depends_on.contains_key(name)
        {
            let services = kind("service", "services", &self.project.services);
            self.reference(&services, name, self.at.key("network_mode"));
        }
    }

    /// Tells of a name that is not among those that the project has.
    fn reference(&mut self, kind: &Kind<'_>, name: &str, at: Path) {
        if !kind.known.contains(&name) {
            self.unknown(kind, name, at);
        }
    }

    fn unknown(&mut self, kind: &Kind<'_>, name: &str, at: Path) {
        let Kind { word, section, known } = kind;
        if self.damage.has_section(section) {
            // It may stand in what was lost.
            return;
        }
        let message = format!("there is no {word} `{name}`");
        let help = match nearest(name, known.iter().copied()) {
            Some(known) => format!("did you mean `{known}`?"),
            None if *word == "service" => match &known[..] {
                [] => "the project has no services".to_owned(),
                known => format!("the services are `{}`", known.join("`, `")),
            },
            None => format!("add `{name}:` under `{section}` at the top level of the file"),
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
            let at = self.at.key("healthcheck").key("test").index(0);
            let help = format!(
                "write `[\"CMD\", \"{first}\", …]`, or one string for a shell: `test: {first} …`"
            );
            self.tell("compose::healthcheck", message, at, help);
        }
    }

    fn dependencies(&mut self) {
        for (name, dependency) in &self.service.depends_on {
            let at = self.at.key("depends_on").key(name.as_str());
            if self.project.services.contains_key(name) {
                continue;
            }
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
                None => {
                    let services = kind("service", "services", &self.project.services);
                    self.unknown(&services, name, at);
                }
            }
        }
    }

    fn mounts(&mut self) {
        let volumes = kind("volume", "volumes", &self.project.volumes);
        for (index, mount) in self.service.volumes.iter().enumerate() {
            if let (Some("volume"), Some(source)) = (mount.kind.as_deref(), &mount.source) {
                let at = self.at.key("volumes").index(index).key("source");
                self.reference(&volumes, source, at);
            }
        }
    }

    fn resources(&mut self) {
        let project = self.project;
        let secrets = kind("secret", "secrets", &project.secrets);
        let configs = kind("config", "configs", &project.configs);
        let models = kind("model", "models", &project.models);
        let build = self.at.key("build").key("secrets");
        let built = self.service.build.iter().flat_map(|build| &build.secrets);
        let lists = [
            (&secrets, self.at.key("secrets"), self.service.secrets.iter().collect::<Vec<_>>()),
            (&configs, self.at.key("configs"), self.service.configs.iter().collect()),
            (&secrets, build, built.collect()),
        ];
        for (kind, at, references) in lists {
            for (index, reference) in references.into_iter().enumerate() {
                let name = reference.source.as_deref().unwrap_or_default();
                self.reference(kind, name, at.index(index).key("source"));
            }
        }
        for name in self.service.models.keys() {
            self.reference(&models, name, self.at.key("models").key(name.as_str()));
        }
    }

    fn replicas(&mut self) {
        let deployed = self.service.deploy.as_ref().and_then(|deploy| deploy.replicas);
        let scale = self.at.key("scale");
        let replicas = self.at.key("deploy").key("replicas");
        if let (Some(a), Some(b)) = (self.service.scale, deployed)
            && a != b
        {
            self.problems.push(
                Diagnostic::error(
                    "compose::contradiction",
                    format!("`{}` is to run {a} times and {b} times", self.name),
                )
                .at(scale.clone(), "")
                .at(replicas.clone(), "")
                .help("keep one of the two"),
            );
        }
        for (count, at) in [(self.service.scale, &scale), (deployed, &replicas)] {
            if let Some(count @ ..0) = count {
                let message = format!("`{}` cannot run {count} times", self.name);
                self.tell("compose::value", message, at.clone(), "write 0 or more");
            }
        }
        if let (2.., Some(name)) = (self.service.replicas(), &self.service.container_name) {
            let count = if self.service.scale.is_some() { scale } else { replicas };
            self.problems.push(
                Diagnostic::error(
                    "compose::contradiction",
                    format!("`{}` cannot run more than once with one container name", self.name),
                )
                .at(self.at.key("container_name"), format!("there can be one `{name}`"))
                .at(count, "and this asks for more")
                .help("remove `container_name`"),
            );
        }
    }

    /// The old keys of a service must agree with those under `deploy`.
    fn limits(&mut self, deploy: &Deploy) {
        let Some(resources) = &deploy.resources else { return };
        let at = self.at.key("deploy").key("resources");
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
                .at(self.at.key(key), "this is the older key")
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
                let at = self.at.key("develop").key("watch").index(index).key("action");
                let help = format!("`{action}` needs `target: /path/in/container`");
                self.tell("compose::missing-key", message, at, help);
            }
        }
    }

    fn mount_targets(&mut self) {
        let mut targets: IndexMap<&str, Path> = IndexMap::new();
        let tmpfs = self.service.tmpfs.iter().enumerate().map(|(index, text)| {
            let target = text.split(':').next().unwrap_or_default();
            (target, self.at.key("tmpfs").index(index))
        });
        let volumes = self.service.volumes.iter().enumerate().map(|(index, mount)| {
            let target = mount.target.as_deref().unwrap_or_default();
            (target, self.at.key("volumes").index(index).key("target"))
        });
        for (target, at) in tmpfs.chain(volumes) {
            if let Some(earlier) = targets.insert(target, at.clone()) {
                self.problems.push(
                    Diagnostic::error(
                        "compose::mount",
                        format!("`{}` mounts two things at `{target}`", self.name),
                    )
                    .at(at, "again here")
                    .at(earlier, "first here")
                    .help("give one of them another path in the container"),
                );
            }
        }
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

/// Tells of every cycle of dependencies once.
fn cycles(project: &Project, problems: &mut Vec<Diagnostic>) {
    let mut done: IndexSet<&str> = IndexSet::new();
    for name in project.services.keys() {
        if let Some(cycle) = cycle_from(project, name, &mut done) {
            problems.push(cycle_problem(&cycle));
        }
    }
}

/// A cycle that a service leads to, if none of its services was visited before.
fn cycle_from<'p>(
    project: &'p Project,
    start: &'p str,
    done: &mut IndexSet<&'p str>,
) -> Option<Vec<&'p str>> {
    // A stack of its own: a chain of dependencies can be as long as the project.
    let dependencies = |name: &str| {
        let service = project.services.get(name);
        service.into_iter().flat_map(|service| service.depends_on.keys()).map(String::as_str)
    };
    let mut found = None;
    let mut path: IndexMap<&str, _> = IndexMap::new();
    if done.insert(start) {
        path.insert(start, dependencies(start).collect::<Vec<_>>().into_iter());
    }
    while let Some((_, next)) = path.last_mut() {
        match next.next() {
            None => drop(path.pop()),
            Some(name) => match path.get_index_of(name) {
                Some(from) => {
                    found.get_or_insert_with(|| path.keys().skip(from).copied().collect());
                }
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
    for pair in names.windows(2) {
        let at = Path::root().key("services").key(pair[0]).key("depends_on").key(pair[1]);
        problem = problem.at(at, format!("`{}` waits for `{}`", pair[0], pair[1]));
    }
    problem.help("remove one of these dependencies")
}
