//! Projects of the corpus that Docker's tool for ECS deployed, and what it deployed.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value as Json;

/// Where the corpus is, if somebody says so.
#[expect(clippy::disallowed_methods, reason = "where the corpus is concerns the tests only")]
pub(crate) fn corpus() -> Option<PathBuf> {
    let folder = std::env::var("CONFORMANCE_CORPUS").ok().filter(|path| !path.is_empty())?;
    Some(std::fs::canonicalize(folder).expect("CONFORMANCE_CORPUS is a folder"))
}

/// Those that are to be taken over now: all of them take minutes.
#[expect(clippy::disallowed_methods, reason = "how much is tested concerns the tests only")]
pub(crate) fn chosen(all: Vec<Deployed>) -> Vec<Deployed> {
    const RARE: usize = 8;
    const COMMON: usize = 40;
    match std::env::var("TAKEOVER").unwrap_or_default().as_str() {
        "all" => all,
        "" => {
            let (rare, common): (Vec<_>, Vec<_>) = all.into_iter().partition(Deployed::is_rare);
            rare.into_iter().step_by(RARE).chain(common.into_iter().step_by(COMMON)).collect()
        }
        part => all.into_iter().filter(|it| it.name.contains(part)).collect(),
    }
}

/// A project, and what Docker's tool made of it.
pub(crate) struct Deployed {
    pub(crate) name: String,
    folder: PathBuf,
    case: Json,
    pub(crate) template: Json,
}

impl Deployed {
    /// All of them, in order.
    pub(crate) fn all(corpus: &Path) -> Vec<Self> {
        let entries = corpus.join("expected/stack").read_dir().expect("the corpus has stacks");
        let paths = entries.map(|entry| entry.expect("the corpus can be listed").path());
        let stem = |path: PathBuf| Some(path.file_stem()?.to_str()?.to_owned());
        let mut names: Vec<String> = paths.filter_map(stem).collect();
        names.sort();
        names.into_iter().filter_map(|name| Self::of(corpus, name)).collect()
    }

    /// Nothing, if Docker's tool refused the project, or loaded it in a way in which no
    /// command line does.
    fn of(corpus: &Path, name: String) -> Option<Self> {
        let mut stack = read(&corpus.join("expected/stack").join(format!("{name}.json")));
        let template = stack["template"].take();
        let folder = corpus.join("projects").join(&name);
        let case = read(&folder.join("case.json"));
        let library_only =
            ["selected_services", "discard_env_files", "without_unnecessary_resources"];
        let is_beyond = library_only.iter().any(|option| is_set(&case["options"][option]));
        (template.is_object() && !is_beyond).then_some(Self { name, folder, case, template })
    }

    /// Whether there is something in it that not every stack has.
    fn is_rare(&self) -> bool {
        const KINDS: [&str; 3] = [
            "AWS::EFS::FileSystem",
            "AWS::ElasticLoadBalancingV2::LoadBalancer",
            "AWS::SecretsManager::Secret",
        ];
        let resources = self.template["Resources"].as_object().into_iter().flatten();
        resources.into_iter().any(|(_, it)| KINDS.iter().any(|kind| it["Type"] == *kind))
    }

    /// The project's name, as the template has it.
    pub(crate) fn project(&self) -> Option<&str> {
        let resources = self.template["Resources"].as_object()?;
        let mut tags = resources.values().filter_map(|it| it["Properties"]["Tags"].as_array());
        let tag = |tag: &&Json| tag["Key"] == "com.docker.compose.project";
        tags.find_map(|tags| tags.iter().find(tag)?["Value"].as_str())
    }

    /// The secrets that the template has in it, but for those in words that are none.
    pub(crate) fn secrets(&self) -> Vec<&str> {
        const TELLING: usize = 6;
        let resources = self.template["Resources"].as_object().into_iter().flatten();
        let texts = resources.filter_map(|(_, it)| it["Properties"]["SecretString"].as_str());
        texts.map(str::trim).filter(|text| text.len() >= TELLING).collect()
    }

    /// Says with options of ours what was said to Docker's tool.
    pub(crate) fn load(&self, command: &mut Command) {
        let directory = self.folder.join(self.text("working_dir").unwrap_or("."));
        command.current_dir(&self.folder).arg("--project-directory").arg(directory);
        let mut option = |name: &str, values: &[&str]| {
            for value in values {
                command.arg(name).arg(value);
            }
        };
        option("--file", &self.texts("files"));
        option("--env-file", &self.texts("env_files"));
        option("--profile", &self.texts("profiles"));
        option("--project-name", &self.text("project_name").into_iter().collect::<Vec<_>>());
        command.env("HOME", "/home/tester");
        for (name, value) in self.case["env"].as_object().into_iter().flatten() {
            command.env(name, value.as_str().unwrap_or_default());
        }
    }

    fn text(&self, key: &str) -> Option<&str> {
        self.case[key].as_str()
    }

    fn texts(&self, key: &str) -> Vec<&str> {
        self.case[key].as_array().into_iter().flatten().filter_map(Json::as_str).collect()
    }
}

fn is_set(option: &Json) -> bool {
    match option {
        Json::Null | Json::Bool(false) => false,
        Json::Array(items) => !items.is_empty(),
        Json::Bool(true) | Json::Number(_) | Json::String(_) | Json::Object(_) => true,
    }
}

#[expect(clippy::disallowed_methods, reason = "the corpus is no input of the program")]
fn read(file: &Path) -> Json {
    let text = std::fs::read_to_string(file).unwrap_or_else(|_| panic!("{}", file.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}
