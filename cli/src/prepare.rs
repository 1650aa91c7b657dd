//! A project on its way to AWS: what its stack shall be like.

mod images;
mod written;

use std::path::{Path, PathBuf};
use std::str::FromStr;

use cfn_convert::{Format, Inputs, Template};
use clap::{Args, ValueEnum};
use compose_model::{Diagnostic, LoadError, Loaded, Secret, SecretText, Severity};
use ecs_apply::{
    Aws, INLINE_BYTES, Looked, LookupOptions, OnFailure, PROJECT_TAG, ParameterValue, Stack,
    StackRequest,
};
use indexmap::IndexMap;

use crate::error::CliError;
use crate::exit::Exit;
use crate::pipeline::{Converted, finish};
use crate::process::Process;
use crate::project_args::ProjectArgs;
use crate::stack_args::StackArgs;
use crate::ui::{Output, Ui};

use self::images::{Images, Place};

/// What one parameter of a template holds.
const PARAMETER_BYTES: usize = 4096;

/// What warns those who deploy a template by other means.
const TEMPLATE_SIZE: &str = "ecs::template-size";

/// What a stack shall be like, besides what the Compose file says.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct StackOptions {
    /// Run this many tasks of a service
    #[arg(long, value_name = "SERVICE=NUMBER", value_parser = scale)]
    scale: Vec<Setting<u16>>,

    /// Run this image in a service
    #[arg(long, value_name = "SERVICE=IMAGE")]
    image: Vec<Setting<String>>,

    /// Build the images of services that are built, and push them to the account
    ///
    /// Each service has a repository in ECR, which is made if need be. `plan` builds
    /// nothing: it shows what would change besides the images.
    #[arg(long)]
    build: bool,

    /// Apply this template, which `convert` wrote, instead of the project's
    ///
    /// It says all but the values of secrets. Nothing is looked up, and without a Compose
    /// file, -p or --stack-name is enough.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["scale", "image", "build"])]
    template: Option<PathBuf>,

    /// Give a parameter of the template a value; no secret, others see arguments
    #[arg(long, value_name = "NAME=VALUE")]
    parameter: Vec<Setting<String>>,

    /// Tag the stack and all that is in it
    #[arg(long, value_name = "KEY=VALUE", value_parser = tag)]
    tags: Vec<Setting<String>>,

    /// Let CloudFormation work as this role
    #[arg(long, value_name = "ARN")]
    role_arn: Option<String>,

    /// What to do when it fails
    #[arg(long, value_enum, value_name = "WHAT", default_value = "rollback")]
    on_failure: Failure,

    /// Leave images as they are written, and do not pin what they are now
    #[arg(long)]
    no_resolve: bool,
}

/// What to do when it fails.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Failure {
    /// Go back to what was
    #[default]
    Rollback,
    /// Leave everything as it is, to be looked at
    Keep,
    /// Delete a new stack; of an older one, go back to what was
    Delete,
}

impl From<Failure> for OnFailure {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Rollback => Self::Rollback,
            Failure::Keep => Self::Keep,
            Failure::Delete => Self::Delete,
        }
    }
}

/// `NAME=VALUE` on the command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Setting<T> {
    pub(crate) name: String,
    pub(crate) value: T,
}

impl<T: FromStr<Err: std::fmt::Display>> FromStr for Setting<T> {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, value) = text.split_once('=').ok_or("there is no `=` in it")?;
        if name.is_empty() {
            return Err("there is nothing before the `=`".to_owned());
        }
        let value = value.parse().map_err(|error: T::Err| error.to_string())?;
        Ok(Self { name: name.to_owned(), value })
    }
}

/// How many tasks a service shall have.
fn scale(text: &str) -> Result<Setting<u16>, String> {
    let Setting { name, value }: Setting<String> = text.parse()?;
    let most = u16::MAX;
    match value.parse() {
        Ok(value) => Ok(Setting { name, value }),
        Err(_) => Err(format!("`{value}` is no number of tasks from 0 to {most}")),
    }
}

/// A tag that is nobody else's.
fn tag(text: &str) -> Result<Setting<String>, String> {
    let tag: Setting<String> = text.parse()?;
    match tag.name.starts_with("aws:") || tag.name == PROJECT_TAG {
        true => Err(format!("`{}` says whose the stack is, and is set by itself", tag.name)),
        false => Ok(tag),
    }
}

/// What is prepared, and what for.
pub(crate) struct Order<'a> {
    pub(crate) project: &'a ProjectArgs,
    pub(crate) stack: &'a StackArgs,
    pub(crate) purpose: Purpose,
}

/// What a stack is prepared for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// To be made so.
    Do,
    /// To be looked at.
    Show,
}

/// A stack as it was found, and what it shall be like.
pub(crate) struct Prepared {
    pub(crate) found: Option<Stack>,
    pub(crate) request: StackRequest,
}

impl StackOptions {
    /// What the project's stack shall be like; if the project is refused, how the
    /// command ends. Why has been told then.
    ///
    /// Building may take long. Where the stack has changed meanwhile, what was looked up
    /// is about another one; the images that are built already are there the next time.
    pub(crate) async fn prepare(
        &self,
        aws: &Aws,
        order: &Order<'_>,
        process: &mut Process,
        ui: &mut Ui,
    ) -> Result<Result<Prepared, Exit>, CliError> {
        loop {
            let prepared = self.prepare_once(aws, order, process, ui).await?;
            let builds = self.build && order.purpose == Purpose::Do;
            let Ok(Prepared { found, request }) = &prepared else { return Ok(prepared) };
            if !builds || aws.stack(&request.stack).await? == *found {
                return Ok(prepared);
            }
            ui.tell("the stack changed while images were built; looking at it again\n");
        }
    }

    async fn prepare_once(
        &self,
        aws: &Aws,
        order: &Order<'_>,
        process: &mut Process,
        ui: &mut Ui,
    ) -> Result<Result<Prepared, Exit>, CliError> {
        let Order { project, stack, purpose } = *order;
        if let Some(file) = &self.template {
            return self.written(file, aws, order, process, ui).await;
        }
        let request = project.request(process)?;
        let mut loaded = compose_model::load(&request)?;
        self.change(&mut loaded)?;
        let images = self.images(&mut loaded, purpose, process, ui).await?;
        let found = aws.stack(&stack.of(&loaded.project.name)).await?;
        let looked = self.look_up(aws, stack, &loaded, process).await?;
        let (missing, denied) = (looked.is_refused(), looked.is_denied());
        let Looked { facts, diagnostics: found_out } = looked;
        let secrets = Secrets::of(&loaded);
        let Converted { name, document, mut diagnostics, refused, template, platforms } =
            finish(loaded, facts);
        diagnostics.extend(found_out);
        // A bucket is seen to here.
        let is_size =
            |it: &Diagnostic| it.code == TEMPLATE_SIZE && it.severity == Severity::Warning;
        diagnostics.retain(|it| !is_size(it));
        document.conceal(&mut diagnostics);
        ui.diagnostics(&document, &diagnostics, Output::Taken)?;
        let Some(template) = template.filter(|_| !missing) else {
            let is_all = denied && !refused;
            return Ok(Err(if is_all { Exit::Refused } else { Exit::Rejected }));
        };
        let stack = stack.of(&name);
        let place = Place {
            aws,
            project: &name,
            stack: &stack,
            found: found.as_ref(),
            platforms: &platforms,
            parameters: &template.inputs().images,
        };
        let images = images.find(&place, purpose, ui).await?;
        let mut parameters = self.answers(template.inputs(), &secrets, &images)?;
        let given = self.parameter.iter().map(|it| (it.name.clone(), known(&it.value)));
        parameters.extend(given);
        let text = text(&template);
        tell_place(&text, purpose, found.is_some(), ui);
        let request = self.request(stack, name, text, parameters);
        Ok(Ok(Prepared { found, request }))
    }
}

impl StackOptions {
    async fn images(
        &self,
        loaded: &mut Loaded,
        purpose: Purpose,
        process: &Process,
        ui: &mut Ui,
    ) -> Result<Images, CliError> {
        let given = self.image.iter().map(|it| (it.name.clone(), it.value.clone())).collect();
        if self.build {
            Images::built(given, loaded, purpose, process, ui).await
        } else {
            Ok(Images::given(given))
        }
    }

    /// Follows `--scale` and `--image`. An image that is built is a parameter of the
    /// template, and stays one.
    fn change(&self, loaded: &mut Loaded) -> Result<(), CliError> {
        let services = &mut loaded.project.services;
        for name in self.scale.iter().map(|it| &it.name).chain(self.image.iter().map(|it| &it.name))
        {
            if !services.contains_key(name) {
                let nearest = compose_model::nearest(name, services.keys().map(String::as_str));
                let nearest = nearest.map(ToOwned::to_owned);
                return Err(LoadError::UnknownService { name: name.clone(), nearest }.into());
            }
        }
        for Setting { name, value } in &self.scale {
            services[name].scale = Some((*value).into());
        }
        for Setting { name, value } in &self.image {
            let service = &mut services[name];
            if service.build.is_none() || service.image.is_some() {
                service.image = Some(value.clone());
            }
        }
        Ok(())
    }

    async fn look_up(
        &self,
        aws: &Aws,
        stack: &StackArgs,
        loaded: &Loaded,
        process: &Process,
    ) -> Result<Looked, CliError> {
        let options = LookupOptions {
            stack_name: stack.of(&loaded.project.name),
            resolve_images: !self.no_resolve,
            docker_config: process.docker_config(),
        };
        Ok(ecs_apply::lookup(aws, &ecs_validate::wanted(loaded), &options).await?)
    }

    /// What the template's parameters are, as far as the project says.
    fn answers(
        &self,
        inputs: &Inputs,
        secrets: &Secrets,
        images: &IndexMap<String, String>,
    ) -> Result<IndexMap<String, ParameterValue>, CliError> {
        let mut answers = secrets.parameters(&inputs.secrets)?;
        let mut unbuilt = Vec::new();
        for (service, name) in &inputs.images {
            match images.get(service) {
                Some(image) => drop(answers.insert(name.clone(), known(image))),
                None if self.parameter.iter().any(|it| it.name == *name) => {}
                None => unbuilt.push(service.clone()),
            }
        }
        if unbuilt.is_empty() { Ok(answers) } else { Err(CliError::Unbuilt { services: unbuilt }) }
    }

    fn tags(&self, project: String) -> IndexMap<String, String> {
        let mut tags = IndexMap::from([(PROJECT_TAG.to_owned(), project)]);
        tags.extend(self.tags.iter().map(|it| (it.name.clone(), it.value.clone())));
        tags
    }
}

/// Tells where a template waits that is too large for a request. Who looks at what would be
/// created makes no bucket.
fn tell_place(text: &str, purpose: Purpose, is_there: bool, ui: &mut Ui) {
    let bytes = text.len();
    if bytes > INLINE_BYTES && (purpose == Purpose::Do || is_there) {
        ui.note(&format!(
            "the template has {bytes} bytes, which is too much for a request: CloudFormation reads \
             it from a bucket of your account, `ecs-cli-templates-…`, which is made if it is not \
             there; it expires there after a week"
        ));
    }
}

/// Others may read it in the console, so it is short only if it has to be.
fn text(template: &Template) -> String {
    let text = template.render(Format::Yaml);
    if text.len() <= INLINE_BYTES {
        return text;
    }
    serde_json::to_string(template.data()).expect("data can be written as JSON")
}

/// The values of a project's secrets, and where they come from.
struct Secrets {
    texts: IndexMap<String, SecretText>,
    origins: IndexMap<String, String>,
}

impl Secrets {
    fn of(loaded: &Loaded) -> Self {
        let origin = |(key, secret): (&String, &Secret)| {
            let file = secret.file.as_ref().map(|file| format!("the file {file}"));
            let variable = || secret.environment.as_ref().map(|it| format!("the variable {it}"));
            Some((key.clone(), file.or_else(variable)?))
        };
        let origins = loaded.project.secrets.iter().filter_map(origin).collect();
        Self { texts: compose_model::secret_values(loaded), origins }
    }

    /// The parameters of secrets, each with its piece of the value.
    fn parameters(
        &self,
        wanted: &IndexMap<String, Vec<String>>,
    ) -> Result<IndexMap<String, ParameterValue>, CliError> {
        let mut values = IndexMap::new();
        for (key, names) in wanted {
            let missing =
                || CliError::NoSecret { name: key.clone(), from: self.origins.get(key).cloned() };
            let text = self.texts.get(key).ok_or_else(missing)?;
            for (name, piece) in names.iter().zip(pieces(text.reveal(), names.len())) {
                values.insert(name.clone(), known(piece));
            }
        }
        Ok(values)
    }
}

impl Secrets {
    /// Whether a value has room in so many parameters of a template.
    fn check_room(&self, key: &str, count: usize, file: &Path) -> Result<(), CliError> {
        let Some(text) = self.texts.get(key).map(SecretText::reveal) else { return Ok(()) };
        let bytes = text.len();
        if pieces(text, count).map(str::len).sum::<usize>() == bytes {
            return Ok(());
        }
        let (name, file) = (key.to_owned(), file.to_owned());
        Err(CliError::LongSecret { name, bytes, room: count * PARAMETER_BYTES, file })
    }
}

/// A text in as many pieces, which are full from the first on. A parameter holds
/// 4,096 bytes, and no character is cut.
fn pieces(text: &str, count: usize) -> impl Iterator<Item = &str> {
    let mut rest = text;
    (0..count).map(move |_| {
        let (piece, other) = rest.split_at(rest.floor_char_boundary(PARAMETER_BYTES));
        rest = other;
        piece
    })
}

fn known(value: &str) -> ParameterValue {
    ParameterValue::Known(value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_secrets_are_cut_between_characters() {
        let text = format!("a{}", "ü".repeat(4096));
        let pieces: Vec<&str> = pieces(&text, 3).collect();
        assert_eq!(pieces.concat(), text);
        assert_eq!(pieces.iter().map(|it| it.len()).collect::<Vec<_>>(), [4095, 4096, 2]);
    }

    #[test]
    fn settings_have_names_and_values() {
        let scale = |text: &str| scale(text).map(|it| (it.name, it.value));
        assert_eq!(scale("web=3"), Ok(("web".to_owned(), 3)));
        assert!(scale("web").is_err() && scale("=3").is_err() && scale("web=many").is_err());
        let told = "`-1` is no number of tasks from 0 to 65535";
        assert_eq!(scale("web=-1"), Err(told.to_owned()));
        let image = "web=repo/app:tag@sha256:1=2".parse::<Setting<String>>();
        assert_eq!(image.map(|it| it.value), Ok("repo/app:tag@sha256:1=2".to_owned()));
    }
}
