//! `ecs-cli lookup`: what an account has of what the project refers to.

use clap::Args;
use ecs_apply::{Looked, LookupOptions};
use ecs_validate::Facts;

use crate::aws_args::{AwsArgs, wait};
use crate::error::CliError;
use crate::exit::Exit;
use crate::process::Process;
use crate::project_args::ProjectArgs;
use crate::stack_args::StackArgs;
use crate::ui::{Output, Ui};

/// Print what exists already of what the project refers to, for `convert --facts`
///
/// VPC and subnets, clusters, load balancers, security groups, file systems, secrets
/// and digests of images. Changes nothing, and asks for nothing that the project does
/// not need. docs/facts.md says what is printed.
#[derive(Debug, Args)]
pub(crate) struct Lookup {
    /// Ask no registry for the digests of images; tags are left as they are
    #[arg(long)]
    no_resolve: bool,

    #[command(flatten)]
    pub(crate) stack: StackArgs,

    #[command(flatten)]
    pub(crate) aws: AwsArgs,

    #[command(flatten)]
    pub(crate) project: ProjectArgs,
}

pub(crate) fn run(args: &Lookup, process: &mut Process, ui: &mut Ui) -> Result<Exit, CliError> {
    let request = args.project.request(process)?;
    let loaded = compose_model::load(&request)?;
    let wanted = ecs_validate::wanted(&loaded);
    let options = LookupOptions {
        stack_name: args.stack.of(&loaded.project.name),
        resolve_images: !args.no_resolve,
        docker_config: process.docker_config(),
    };
    let mut looked = wait(async {
        let aws = args.aws.open().await?;
        Ok(ecs_apply::lookup(&aws, &wanted, &options).await?)
    })?;
    loaded.document.conceal(&mut looked.diagnostics);
    let refused = looked.is_refused();
    let output = if refused { Output::Free } else { Output::Taken };
    ui.diagnostics(&loaded.document, &looked.diagnostics, output)?;
    if !refused {
        ui.data(&json(&looked.facts))?;
    }
    Ok(exit(&looked))
}

fn json(facts: &Facts) -> String {
    serde_json::to_string_pretty(facts).expect("facts are made of texts and numbers") + "\n"
}

fn exit(looked: &Looked) -> Exit {
    match (looked.is_refused(), looked.is_denied()) {
        (false, _) => Exit::Success,
        (true, false) => Exit::Rejected,
        (true, true) => Exit::Refused,
    }
}
