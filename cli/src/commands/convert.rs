//! `ecs-cli convert`: the project as a CloudFormation template.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use crate::error::CliError;
use crate::exit::Exit;
use crate::pipeline::{FactsArgs, convert};
use crate::process::Process;
use crate::project_args::ProjectArgs;
use crate::save::save;
use crate::ui::{Output, Ui};

/// Print the CloudFormation template of the project, without asking AWS
#[derive(Debug, Args)]
pub(crate) struct Convert {
    /// How to write the template
    #[arg(long, value_enum, default_value = "yaml")]
    format: Format,

    /// Write to a file, whole or not at all; other hard links of it keep what it had
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,

    /// Only check the project, print and write nothing of the template
    #[arg(short, long)]
    quiet: bool,

    #[command(flatten)]
    facts: FactsArgs,

    #[command(flatten)]
    pub(crate) project: ProjectArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Yaml,
    Json,
}

pub(crate) fn run(args: &Convert, process: &mut Process, ui: &mut Ui) -> Result<Exit, CliError> {
    let request = args.project.request(process)?;
    let mut converted = convert(&request, &args.facts, process)?;
    let text = converted.template.map(|template| template.render(args.format.into()));
    let told = converted.diagnostics.iter().any(|it| it.code == "ecs::template-size");
    let size = text.as_ref().filter(|_| !told).map(String::len);
    converted.diagnostics.extend(size.and_then(cfn_convert::written_size));
    if let (Some(text), Some(file), false) = (&text, args.file(), args.quiet) {
        save(file, &request.working_dir, text)?;
    }
    let printed = text.filter(|_| args.file().is_none() && !args.quiet);
    let output = if printed.is_some() { Output::Taken } else { Output::Free };
    ui.diagnostics(&converted.document, &converted.diagnostics, output)?;
    if let Some(text) = &printed {
        ui.data(text)?;
    }
    Ok(if converted.refused { Exit::Rejected } else { Exit::Success })
}

impl Convert {
    fn file(&self) -> Option<&Path> {
        self.output.as_deref().filter(|file| *file != Path::new("-"))
    }
}

impl From<Format> for cfn_convert::Format {
    fn from(format: Format) -> Self {
        match format {
            Format::Yaml => Self::Yaml,
            Format::Json => Self::Json,
        }
    }
}
