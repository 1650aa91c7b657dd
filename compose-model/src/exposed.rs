//! Where the value of a secret is used as if it were none. What is declared there can
//! be read by everybody who may read what is made of the project.

use crate::document::Document;
use crate::load::Loaded;
use crate::path::Path;
use crate::project::Project;
use crate::same_file::SecretFiles;
use crate::secret_guard::SecretGuard;
use crate::template;
use crate::tree::Node;

/// A place that shows a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exposed {
    /// Where that is.
    pub at: Path,
    /// The key of the secret.
    pub secret: String,
    /// What stands there: `a variable that holds it`.
    pub how: &'static str,
}

impl Exposed {
    /// Whether this is a place, or in it, and shows this secret.
    fn is_of(&self, at: &Path, secret: &str) -> bool {
        self.at.steps().starts_with(at.steps()) && self.secret == secret
    }
}

const VARIABLE: &str = "a variable that holds it";
pub(crate) const VALUE: &str = "its value is in here";
const FILE: &str = "a file that holds it";

/// All of a project's places that show a secret.
pub(crate) fn exposed(loaded: &Loaded, files: &SecretFiles, guard: &SecretGuard) -> Vec<Exposed> {
    let names = Names::of(loaded);
    // Most projects have no secrets, and some are large.
    if names.0.is_empty() && guard.is_empty() && files.is_empty() {
        return Vec::new();
    }
    let mut search = Search { names: &names, guard, loaded, found: Vec::new() };
    search.tree();
    search.configs();
    for (name, service) in &loaded.project.services {
        let at = Path::root().key("services").key(name.as_str());
        let paths = service.env_file.iter().map(|file| file.path.as_deref());
        search.files(paths, &at.key("env_file"), files);
        let paths = service.label_file.iter().map(|file| Some(file.as_str()));
        search.files(paths, &at.key("label_file"), files);
        let variables = service.environment.0.iter();
        let variables = variables.map(|(name, value)| (name, value.as_ref()));
        search.variables(variables, &at, ["environment", "env_file"]);
        let labels = service.labels.0.iter().map(|(name, value)| (name, Some(value)));
        search.variables(labels, &at, ["labels", "label_file"]);
    }
    search.found
}

/// Variables that hold secrets, and the keys of these.
struct Names<'l>(Vec<(&'l str, &'l str)>);

impl<'l> Names<'l> {
    /// Those that secrets are taken from, and those that env files make of them.
    fn of(loaded: &'l Loaded) -> Self {
        let secrets = loaded.project.secrets.iter();
        let own = |(key, secret): (&'l String, &'l crate::Secret)| {
            Some((secret.environment.as_deref()?, key.as_str()))
        };
        let mut names = Self(secrets.filter_map(own).collect());
        let derived = if names.0.is_empty() { Vec::new() } else { derived(loaded) };
        loop {
            let known = names.0.len();
            for (name, mentioned) in &derived {
                if names.key(name).is_none()
                    && let Some(key) = mentioned.iter().find_map(|it| names.key(it))
                {
                    names.0.push((name, key));
                }
            }
            if names.0.len() == known {
                return names;
            }
        }
    }

    fn key(&self, variable: &str) -> Option<&'l str> {
        self.0.iter().find(|(name, _)| *name == variable).map(|(_, key)| *key)
    }
}

/// The variables of env files, and which others each is made of.
fn derived(loaded: &Loaded) -> Vec<(&str, Vec<&str>)> {
    let mut found: Vec<(&str, Vec<&str>)> = Vec::new();
    let sources = loaded.document.sources().iter().map(|(_, source)| source);
    for source in sources.filter(|source| source.secret) {
        for line in source.text.lines() {
            let (name, value) = match line.split_once('=') {
                Some((name, value)) => (Some(name), value),
                None => (None, line),
            };
            if let Some(name) = name {
                let name = name.trim_start().trim_start_matches("export ").trim();
                found.push((name, Vec::new()));
            }
            // A value in quotes may have more than one line.
            if let Some((_, mentioned)) = found.last_mut() {
                mentioned.extend(shown_variables(value).map(|it| it.name));
            }
        }
    }
    found
}

struct Search<'l> {
    loaded: &'l Loaded,
    names: &'l Names<'l>,
    guard: &'l SecretGuard,
    found: Vec<Exposed>,
}

impl<'l> Search<'l> {
    fn add(&mut self, at: Path, secret: &str, how: &'static str) {
        self.found.push(Exposed { at, secret: secret.to_owned(), how });
    }

    /// What is written in the Compose files, with its variables.
    fn tree(&mut self) {
        let Some(root) = self.loaded.document.root().and_then(Node::as_map) else { return };
        for (section, node) in root.iter().filter(|(section, _)| !is_of_others(section)) {
            self.below(node, &Path::root().key(section.as_str()));
        }
    }

    fn below(&mut self, node: &'l Node, at: &Path) {
        for (key, member) in node.as_map().into_iter().flatten() {
            if !leads_to_a_value(at, key) && !is_of_others(key) {
                self.below(member, &at.key(key.as_str()));
            }
        }
        for (index, item) in node.as_list().unwrap_or_default().iter().enumerate() {
            self.below(item, &at.index(index));
        }
        let Some(text) = node.as_str() else { return };
        let written = self.loaded.document.sources().snippet(node.span);
        if let Some(key) = shown_variables(written).find_map(|it| self.names.key(it.name)) {
            self.add(at.clone(), key, VARIABLE);
        } else if let Some(key) = self.guard.find(text) {
            // What is named after the project is wrong where the project is named.
            let is_of_name = || at.steps().len() > 1 && self.is_of_name(text, written, key);
            if !is_of_name() {
                self.add(at.clone(), key, VALUE);
            }
        }
    }

    /// Whether a text shows a secret only because the name of the project, which stands
    /// in a file, has it and was put into the text.
    fn is_of_name(&self, text: &str, written: &str, key: &str) -> bool {
        let holds = |text: &str| self.guard.find(text) == Some(key);
        let root = self.loaded.document.root();
        let name = root.and_then(|root| root.get("name")).and_then(Node::as_str);
        name.is_some_and(|name| {
            holds(name)
                && text.contains(name)
                && !holds(written)
                && !holds(&text.replace(name, " "))
        })
    }

    /// Configs whose content is a variable.
    fn configs(&mut self) {
        let Loaded { project: Project { configs, .. }, environment, .. } = self.loaded;
        for (name, config) in configs {
            let Some(variable) = config.environment.as_deref() else { continue };
            let value = environment.get(variable).map(String::as_str).unwrap_or_default();
            if let Some(key) = self.names.key(variable).or_else(|| self.guard.find(value)) {
                let at = Path::root().key("configs").key(name.as_str()).key("environment");
                self.add(at, key, VARIABLE);
            }
        }
    }

    /// Files with variables or labels that are secrets themselves.
    fn files<'p>(
        &mut self,
        paths: impl Iterator<Item = Option<&'p str>>,
        at: &Path,
        files: &SecretFiles,
    ) {
        for (index, path) in paths.enumerate() {
            let Some(path) = path else { continue };
            if let Some(key) = files.find(path.as_ref()).or_else(|| self.copied(path)) {
                self.add(at.index(index), key, FILE);
            }
        }
    }

    /// The key of the secret that a file is a copy of, under another name.
    fn copied(&self, path: &str) -> Option<&'l str> {
        let sources = self.loaded.document.sources();
        let file = sources.id(path.as_ref())?;
        self.guard.find_whole(&sources.get(file).text)
    }

    /// Variables or labels, with those that come from files or the shell.
    fn variables<'v>(
        &mut self,
        all: impl Iterator<Item = (&'v String, Option<&'v String>)>,
        at: &Path,
        [section, file]: [&str; 2],
    ) {
        let Loaded { document, environment, .. } = self.loaded;
        for (name, value) in all {
            let passed_on = value.is_none_or(|value| environment.get(name) == Some(value));
            let by_name = self.names.key(name).filter(|_| passed_on);
            let by_value = || self.guard.find(value?);
            let Some(key) = by_name.or_else(by_value) else { continue };
            match document.entry(&at.key(section), name) {
                // One that has a value there has been seen in the tree.
                Some(place) if self.found.iter().any(|known| known.at == place) => {}
                Some(place) => self.add(place, key, VARIABLE),
                // One problem tells enough of a file.
                None if self.found.iter().any(|known| known.is_of(&at.key(file), key)) => {}
                None => self.add(at.key(file), key, FILE),
            }
        }
    }
}

/// The variables of a text whose values are put into it: not those that choose another
/// text by being set, as in `${NAME:+other}`.
fn shown_variables(text: &str) -> impl Iterator<Item = template::Mention<'_>> {
    let all = if text.contains('$') { template::variables(text) } else { Vec::new() };
    all.into_iter().filter(|mention| mention.alternate.is_none())
}

/// Whether a key is there for anchors or other programs: nothing comes of it here.
fn is_of_others(key: &str) -> bool {
    key.starts_with("x-") && !key.starts_with("x-aws-")
}

/// Whether a key says where something is to be read, which nobody is shown.
fn leads_to_a_value(at: &Path, key: &str) -> bool {
    let section = at.steps().first();
    let is_in = |name: &str| section == Some(&crate::Step::Key(name.to_owned()));
    at.steps().len() == 2
        && matches!(key, "file" | "environment")
        && (is_in("secrets") || is_in("configs"))
}

impl Document {
    /// Where an entry of a mapping stands that may be written as a list of
    /// `NAME=VALUE`: `services.web.environment.PATH`; nothing if it is not there.
    pub fn entry(&self, at: &Path, name: &str) -> Option<Path> {
        let node = self.root()?.at(at)?;
        if node.get(name).is_some() {
            return Some(at.key(name));
        }
        let name_of = |item: &Node| item.as_str()?.split('=').next().map(str::to_owned);
        let index = node.as_list()?.iter().position(|it| name_of(it).as_deref() == Some(name))?;
        Some(at.index(index))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path as FilePath;

    use crate::{LocalFile, LocalFiles, Request, load, local_files};

    const SECRETS: &str = "secrets: {e: {environment: PASS}, f: {file: ./app.env}, \
                           j: {file: ./j.json}, k: {file: ./key.pem}}";

    /// What is known of a project beside files with a secret.
    fn known(compose: &str, pass: &str) -> LocalFiles {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let directory = fs::canonicalize(folder.path()).expect("it exists");
        let write = |name: &str, text: &str| {
            fs::write(directory.join(name), text).expect("a file can be written");
        };
        write("app.env", "KEY=k3y-in-a-file\n");
        write("other.env", "A=1\n");
        write("same.env", "\nKEY=k3y-in-a-file");
        write("more.env", "A=1\nB=k3y-in-a-file\n");
        write("j.json", r#"{"user": "bob", "in": {"password": "zebra-quilt-91"}}"#);
        write(
            "key.pem",
            "-----BEGIN PRIVATE KEY-----\nMIIEv1234\nab1=\n-----END PRIVATE KEY-----\n",
        );
        write("copy.txt", "key: KEY=k3y-in-a-file");
        write(".env", &format!("PASS={pass}\nURL=pg://u:${{PASS}}@db\nFAR=x${{URL}}\nUSER=root\n"));
        link(&directory);
        let request = Request {
            working_dir: directory,
            files: vec!["-".into()],
            stdin: Some(format!("{compose}\n{SECRETS}\n")),
            project_name: Some("shop".to_owned()),
            ..Request::default()
        };
        local_files(&load(&request).expect("the project is good"))
    }

    /// A folder with a link to a secret's file, and one with another name of it.
    #[cfg(unix)]
    fn link(directory: &FilePath) {
        for folder in ["soft", "hard"] {
            fs::create_dir(directory.join(folder)).expect("a folder can be made");
        }
        let file = directory.join("app.env");
        std::os::unix::fs::symlink("../app.env", directory.join("soft/l")).expect("it can be");
        fs::hard_link(file, directory.join("hard/l")).expect("it can be");
    }

    #[cfg(not(unix))]
    fn link(_: &FilePath) {}

    /// Places that show a secret, and which.
    fn shown(compose: &str) -> Vec<String> {
        let mut shown = Vec::new();
        // A value that could be anything is known by its name alone.
        for pass in ["s3cret-t0ken", "abc"] {
            let known = known(compose, pass);
            shown = known.exposed.iter().map(|it| format!("{} {}", it.at, it.secret)).collect();
            assert_ne!(shown, [""; 0], "{compose} with {pass}");
            assert!(!format!("{known:?}").contains(pass));
        }
        shown
    }

    #[test]
    fn a_secret_is_found_on_every_way() {
        let cases = [
            ("services: {a: {image: c, environment: [X=1, PASS]}}", "services.a.environment[1] e"),
            ("services: {a: {image: c, environment: {PASS: }}}", "services.a.environment.PASS e"),
            ("services: {a: {image: c, env_file: app.env}}", "services.a.env_file[0] f"),
            ("services: {a: {image: c, label_file: [app.env]}}", "services.a.label_file[0] f"),
            ("services: {a: {image: c, env_file: .env}}", "services.a.env_file e"),
            ("services: {a: {image: c, labels: {x: 'a${URL}'}}}", "services.a.labels.x e"),
            ("services: {a: {image: c, command: 'x ${FAR:-y}'}}", "services.a.command e"),
            (
                "x-aws-cloudformation: {Description: '${PASS}'}",
                "x-aws-cloudformation.Description e",
            ),
            ("volumes: {v: {name: 'a-${PASS}'}}", "volumes.v.name e"),
            ("networks: {v: {name: 'a-${PASS}'}}", "networks.v.name e"),
            ("configs: {v: {environment: URL}}", "configs.v.environment e"),
            ("name: 'a${PASS}'", "name e"),
        ];
        for (compose, expected) in cases {
            let compose = match compose {
                it if it.starts_with("services") => it.to_owned(),
                it => format!("services: {{a: {{image: c}}}}\n{it}"),
            };
            let found = shown(&compose);
            assert!(found.iter().any(|it| it == expected), "{compose}: {found:?}");
        }
    }

    #[test]
    fn a_value_is_found_without_its_variable() {
        let cases = [
            "services: {a: {image: c, command: [run, --key=KEY=k3y-in-a-file]}}",
            "services: {a: {image: c, environment: {U: 'pg://u:s3cret-t0ken@db'}}}",
            "services: {a: {image: c, env_file: [other.env], labels: [x=s3cret-t0ken]}}",
            "services: {a: {image: c, environment: {U: 'the k3y-in-a-file'}}}",
            "services: {a: {image: c, environment: [P=zebra-quilt-91, U=bob]}}",
            "services: {a: {image: c, command: [run, MIIEv1234]}}",
            "services: {a: {image: c, env_file: same.env}}",
            "services: {a: {image: c, label_file: same.env}}",
            "services: {a: {image: c, env_file: [other.env, more.env]}}",
        ];
        for compose in cases {
            let found = known(compose, "s3cret-t0ken").exposed;
            assert_eq!(found.len(), 1, "{compose}: {found:?}");
        }
    }

    #[test]
    fn what_is_no_secret_is_shown() {
        let compose = "
services:
  a:
    image: 'c:${USER}'
    environment: [USER, PASS=other, HOME, 'HAS=${PASS:+yes}', 'SET=${PASS+${USER}}']
    env_file: other.env
    secrets: [e, f]
    volumes: ['./other.env:/o/other.env']
    x-notes: '${PASS}'
x-notes: '${PASS}'
volumes: {v: {name: 'abc'}}
";
        let known = known(compose, "abc");
        assert_eq!(known.exposed, []);
        assert!(known.mounted.values().all(|file| matches!(file, LocalFile::File(_))));
    }

    #[test]
    fn a_name_with_a_secret_is_told_where_it_is_written() {
        let copied = "services: {a: {image: c, command: 'run x-s3cret-t0ken', secrets: [e]}}";
        let named = "services: {a: {image: c, command: 'run ${COMPOSE_PROJECT_NAME}'}}";
        let both = "services: {a: {image: c, command: '${COMPOSE_PROJECT_NAME} ${OTHER}'}}";
        let cases = [
            ("name: 'x-${PASS}'", None, "services: {a: {image: c, secrets: [e]}}", "name"),
            ("name: 'x-${PASS}'", None, copied, "name services.a.command"),
            ("name: 'x-${PASS}'", None, named, "name"),
            ("name: 'x-${PASS}'", None, both, "name services.a.command"),
            // The option names the project, and the line is right.
            (
                "name: shop",
                Some("x-s3cret-t0ken"),
                copied,
                "services.a.command secrets.e.name networks.default.name",
            ),
        ];
        for (name, option, services, expected) in cases {
            let folder = tempfile::tempdir().expect("a temporary folder can be made");
            let variables = ["PASS", "OTHER"].map(|it| (it.to_owned(), "s3cret-t0ken".to_owned()));
            let request = Request {
                working_dir: folder.path().to_owned(),
                files: vec!["-".into()],
                stdin: Some(format!("{name}\n{services}\nsecrets: {{e: {{environment: PASS}}}}\n")),
                project_name: option.map(str::to_owned),
                environment: variables.into_iter().collect(),
                ..Request::default()
            };
            let found = local_files(&load(&request).expect("the project is good")).exposed;
            let places: Vec<_> = found.iter().map(|it| it.at.to_string()).collect();
            assert_eq!(places.join(" "), expected, "{name} {option:?} {services}");
        }
    }

    #[test]
    fn a_mounted_file_is_looked_into() {
        let files = if cfg!(unix) { vec!["soft", "hard", "soft/l", "hard/l"] } else { Vec::new() };
        for file in files.into_iter().chain(["copy.txt", "more.env", "app.env", "."]) {
            let binds = format!("services: {{a: {{image: c, volumes: ['./{file}:/x/y']}}}}");
            let configs =
                format!("services: {{a: {{image: c}}}}\nconfigs: {{c: {{file: ./{file}}}}}");
            for compose in [binds, configs] {
                let known = known(&compose, "abc");
                assert_eq!(known.mounted[0], LocalFile::Secret("f".to_owned()), "{compose}");
            }
        }
    }
}
