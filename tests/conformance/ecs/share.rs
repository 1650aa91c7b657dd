//! How many projects can be converted, and what keeps the others from it. What
//! they give is kept for cfn-lint, and must hold no secret.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use compose_model::{Diagnostic, Loaded, Path, Severity, load};
use ecs_validate::{Facts, SubnetFacts, VpcFacts};
use serde_json::Value;

use super::template::{Converted, convert};
use crate::corpus::corpus;
use crate::tally::say;

/// The least share of the projects that are accepted: by our loader, which agrees with
/// Docker's, as the other tests show.
const LEAST_SHARE: f64 = 0.85;

#[test]
fn most_projects_are_converted_and_none_shows_a_secret() {
    let Some(corpus) = corpus() else { return };
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("templates");
    // It may not be there yet.
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder can be made");
    let (mut accepted, mut converted, mut secrets) = (0_u32, 0_u32, 0);
    let mut reasons: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let mut shown = Vec::new();
    for name in corpus.projects() {
        let Ok(loaded) = load(&corpus.case(&name).request()) else { continue };
        accepted += 1;
        let values = values(&loaded);
        secrets += usize::from(!values.is_empty());
        for (suffix, facts) in [("", unknown(&loaded)), (".facts", known(&loaded))] {
            let result = convert(&loaded, &facts);
            if values.iter().any(|value| result.shows(value)) {
                shown.push(name.clone());
            }
            if let Some(template) = &result.template {
                let file = folder.join(format!("{name}{suffix}.json"));
                fs::write(file, template.to_string()).expect("a template can be written");
            }
            if suffix.is_empty() {
                converted += u32::from(result.template.is_some());
                for code in result.errors() {
                    reasons.entry(code).or_default().push(name.clone());
                }
            }
        }
    }
    let share = f64::from(converted) / f64::from(accepted);
    say(&format!(
        "conformance: {converted} of {accepted} projects that our loader accepts, as Docker's does, are \
         converted, {:.1} %; \
         {secrets} have secrets, which no template and no message shows",
        share * 100.0
    ));
    let mut reasons: Vec<_> = reasons.into_iter().collect();
    reasons.sort_by_key(|(_, names)| std::cmp::Reverse(names.len()));
    for (code, names) in reasons {
        say(&format!("  {:4} {code} ({})", names.len(), names[..names.len().min(3)].join(", ")));
    }
    assert!(shown.is_empty(), "a secret is shown: {}", shown.join(", "));
    assert!(share >= LEAST_SHARE, "{LEAST_SHARE} of the accepted projects must be converted");
}

fn unknown(loaded: &Loaded) -> Facts {
    Facts { files: compose_model::local_files(loaded), ..Facts::none() }
}

fn known(loaded: &Loaded) -> Facts {
    let subnet = |last: char, zone: &str| SubnetFacts {
        id: format!("subnet-0123456789abcde{last}0"),
        zone: Some(zone.to_owned()),
        public: true,
    };
    let vpc = VpcFacts {
        id: "vpc-0123456789abcdef0".to_owned(),
        subnets: vec![subnet('a', "us-east-1a"), subnet('b', "us-east-1b")],
    };
    Facts { vpc: Some(vpc), ..unknown(loaded) }
}

/// What the secrets of a project hold, where that is long enough to be told from
/// anything else.
#[expect(clippy::disallowed_methods, reason = "the test must know what not to find")]
fn values(loaded: &Loaded) -> Vec<String> {
    let secrets = loaded.project.secrets.values();
    let files = secrets.clone().filter_map(|secret| fs::read_to_string(secret.file.as_ref()?).ok());
    let variables =
        secrets.filter_map(|secret| loaded.environment.get(secret.environment.as_ref()?).cloned());
    let values = files.chain(variables).map(|value| value.trim().to_owned());
    // A project may use the same text where it is no secret.
    let printed = format!("{:?}", loaded.project);
    let is_printed = |value: &str| printed.contains(format!("{value:?}").trim_matches('"'));
    values.filter(|value| value.len() > 5 && !is_printed(value)).collect()
}

impl Converted {
    fn shows(&self, secret: &str) -> bool {
        let told = |problem: &Diagnostic| {
            let labels = problem.labels.iter().map(|label| &label.text);
            labels.chain([&problem.message]).chain(&problem.help).any(|text| text.contains(secret))
        };
        self.diagnostics.iter().any(told)
            || self.template.as_ref().is_some_and(|template| holds(template, secret))
    }

    fn errors(&self) -> Vec<&'static str> {
        let errors = self.diagnostics.iter().filter(|it| it.severity == Severity::Error);
        let mut codes: Vec<_> = errors.map(|problem| problem.code).collect();
        codes.sort_unstable();
        codes.dedup();
        codes
    }
}

fn holds(value: &Value, secret: &str) -> bool {
    match value {
        Value::String(text) => text.contains(secret),
        Value::Array(items) => items.iter().any(|item| holds(item, secret)),
        Value::Object(members) => {
            members.iter().any(|(key, member)| key.contains(secret) || holds(member, secret))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// Line breaks and quotes would have another form in what `Debug` prints.
#[test]
fn a_secret_is_found_as_it_is() {
    let secret = "a \"secret\"\nof two lines";
    let problem = |text: &str| Diagnostic::error("ecs::test", text);
    let showing = [
        problem(&format!("{secret} is wrong")),
        problem("wrong").at(Path::root(), format!("not {secret}")),
        problem("wrong").help(format!("write {secret}")),
    ];
    for problem in showing {
        assert!(Converted { template: None, diagnostics: vec![problem] }.shows(secret));
    }
    let template = Some(serde_json::json!({"Resources": [secret]}));
    assert!(Converted { template, diagnostics: Vec::new() }.shows(secret));
    assert!(!Converted { template: None, diagnostics: vec![problem("wrong")] }.shows(secret));
}
