//! Load, check, convert: what every command does that is about a template.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use cfn_convert::Template;
use clap::Args;
use compose_model::{Diagnostic, Document, Loaded, Request, Severity};
use ecs_validate::{EcsProject, Facts, Service};
use indexmap::IndexMap;

use crate::error::CliError;
use crate::process::Process;

/// Where facts come from.
#[derive(Debug, Default, Args)]
pub(crate) struct FactsArgs {
    /// Take what is known of the account from this JSON file, or `-`: VPC, subnets, digests
    ///
    /// What is not known becomes a parameter of the template. docs/facts.md says
    /// what the file can have.
    #[arg(long, value_name = "FILE")]
    facts: Option<PathBuf>,
}

/// What came of a project.
pub(crate) struct Converted {
    /// The project's name.
    pub(crate) name: String,
    pub(crate) document: Document,
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// Whether one of the diagnostics is an error.
    pub(crate) refused: bool,
    /// Nothing, if so.
    pub(crate) template: Option<Template>,
    /// What the tasks of services run on: `linux/arm64`.
    pub(crate) platforms: IndexMap<String, String>,
}

/// Takes a project through all phases that ask nobody.
pub(crate) fn convert(
    request: &Request,
    facts: &FactsArgs,
    process: &mut Process,
) -> Result<Converted, CliError> {
    let facts = facts.read(process)?;
    Ok(finish(compose_model::load(request)?, facts))
}

/// Takes a project that is loaded through the rest of them.
pub(crate) fn finish(loaded: Loaded, mut facts: Facts) -> Converted {
    facts.files = compose_model::local_files(&loaded);
    let checked = ecs_validate::check(&loaded, &facts);
    let Loaded { project, mut document, warnings: mut diagnostics, .. } = loaded;
    let name = project.name.clone();
    // It makes room for the template.
    drop(project);
    diagnostics.extend(checked.diagnostics);
    let platforms = checked.project.as_ref().map(platforms).unwrap_or_default();
    let template = checked.project.and_then(|project| {
        let (template, problems) = cfn_convert::finish(&project);
        diagnostics.extend(problems);
        template
    });
    document.conceal(&mut diagnostics);
    facts.files.mask(&mut document);
    let refused = diagnostics.iter().any(|problem| problem.severity == Severity::Error);
    let template = template.filter(|_| !refused);
    Converted { name, document, diagnostics, refused, template, platforms }
}

fn platforms(project: &EcsProject) -> IndexMap<String, String> {
    let of = |service: &Service| {
        let platform = service.platform.to_string();
        service.containers.iter().map(move |one| (one.name.clone(), platform.clone())).collect()
    };
    project.services.iter().flat_map::<Vec<_>, _>(of).collect()
}

impl FactsArgs {
    fn read(&self, process: &mut Process) -> Result<Facts, CliError> {
        let Some(file) = &self.facts else { return Ok(Facts::none()) };
        let text = match file.to_str() {
            Some("-") => {
                let mut text = String::new();
                process.input.read_to_string(&mut text).map(|_| text)
            }
            Some(_) | None => {
                let folder = process.working_dir.as_deref().unwrap_or(Path::new(""));
                read_to_string(&folder.join(file))
            }
        };
        let text = text.map_err(|source| CliError::ReadFacts { file: file.clone(), source })?;
        serde_json::from_str(&text)
            .map_err(|source| CliError::WrongFacts { file: file.clone(), source })
    }
}

#[expect(clippy::disallowed_methods, reason = "facts are no file of the project")]
fn read_to_string(file: &Path) -> std::io::Result<String> {
    fs::read_to_string(file)
}
