//! A template that was written before, on its way to AWS. It says all that a project would,
//! but for the values of secrets, so that nothing is looked up for it.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use compose_model::{LoadError, Loaded, Request};
use ecs_apply::{Aws, PROJECT_TAG, ParameterValue, StackRequest};
use ecs_validate::Facts;
use indexmap::IndexMap;
use serde_json::Value as Json;

use crate::error::CliError;
use crate::exit::Exit;
use crate::pipeline::finish;
use crate::process::Process;
use crate::ui::{Output, Ui};

use super::{Order, Prepared, Secrets, StackOptions, known, tell_place};

impl StackOptions {
    /// What the stack shall be like by a template. Its project is needed for the values of
    /// secrets alone, so that a name is enough where nobody has its file.
    pub(super) async fn written(
        &self,
        file: &Path,
        aws: &Aws,
        order: &Order<'_>,
        process: &mut Process,
        ui: &mut Ui,
    ) -> Result<Result<Prepared, Exit>, CliError> {
        let text = read(file, process)?;
        let template = ecs_apply::parse(&text)
            .map_err(|source| CliError::WrongTemplate { file: file.to_owned(), source })?;
        let request = order.project.request(process)?;
        let is_named = order.stack.is_named() || named(&request).is_some();
        let (loaded, missing) = match compose_model::load(&request) {
            Ok(loaded) => (Some(loaded), None),
            Err(error @ LoadError::NotFound { .. }) if is_named => (None, Some(error)),
            Err(error) => return Err(error.into()),
        };
        let said = loaded.as_ref().map(|it| it.project.name.clone()).or_else(|| named(&request));
        let project = project(file, said, &template)?;
        let Some(project) = project else {
            return Err(missing.expect("a project that is loaded has a name").into());
        };
        let stack = order.stack.of(&project);
        let is_given = |name: &str| self.parameter.iter().any(|it| it.name == name);
        let asks = ecs_apply::secret_parameters(&template).any(|name| !is_given(name));
        let source = loaded.filter(|_| asks);
        let mut parameters = match source {
            Some(loaded) if is_own(&request, &loaded) => {
                match secrets(loaded, file, &template, ui)? {
                    Ok(values) => values,
                    Err(exit) => return Ok(Err(exit)),
                }
            }
            Some(_) => {
                ui.note(&format!(
                    "the Compose file that is here is not known to be that of {project}: its \
                     secrets are not sent, and those that the stack has stay. With -f FILE, those \
                     of the file are sent"
                ));
                IndexMap::new()
            }
            None => IndexMap::new(),
        };
        let given = self.parameter.iter().map(|it| (it.name.clone(), known(&it.value)));
        parameters.extend(given);
        let found = aws.stack(&stack).await?;
        tell_place(&text, order.purpose, found.is_some(), ui);
        Ok(Ok(Prepared { found, request: self.request(stack, project, text, parameters) }))
    }

    /// What is asked of AWS.
    pub(super) fn request(
        &self,
        stack: String,
        project: String,
        template: String,
        parameters: IndexMap<String, ParameterValue>,
    ) -> StackRequest {
        StackRequest {
            stack,
            template,
            parameters,
            tags: self.tags(project),
            role: self.role_arn.clone(),
            on_failure: self.on_failure.into(),
        }
    }
}

/// The name of a project that need not be loaded.
fn named(request: &Request) -> Option<String> {
    let variable = request.environment.get("COMPOSE_PROJECT_NAME").filter(|it| !it.is_empty());
    request.project_name.clone().or_else(|| variable.cloned())
}

/// The project that a template is applied for. Its resources say which one it was written
/// for, and are found by that later.
fn project(file: &Path, said: Option<String>, template: &Json) -> Result<Option<String>, CliError> {
    let mut tagged = BTreeSet::new();
    projects(template, &mut tagged);
    let wrote = tagged.iter().next().map(|it| (*it).to_owned());
    match (said, wrote) {
        (Some(project), Some(wrote)) if !tagged.contains(project.as_str()) => {
            Err(CliError::OthersTemplate { file: file.to_owned(), wrote, project })
        }
        (Some(project), _) => Ok(Some(project)),
        (None, wrote) => Ok(wrote.filter(|_| tagged.len() == 1)),
    }
}

/// The projects that tags name, wherever they are.
fn projects<'a>(value: &'a Json, found: &mut BTreeSet<&'a str>) {
    match value {
        Json::Object(entries) => {
            if entries.get("Key").is_some_and(|key| key == PROJECT_TAG) {
                found.extend(entries.get("Value").and_then(Json::as_str));
            }
            entries.values().for_each(|it| projects(it, found));
        }
        Json::Array(items) => items.iter().for_each(|it| projects(it, found)),
        Json::String(_) | Json::Number(_) | Json::Bool(_) | Json::Null => {}
    }
}

/// Whether a project that was loaded is the one that is meant, and not another one that
/// lies in the folder and was only called so: its secrets are none of that stack's.
fn is_own(request: &Request, loaded: &Loaded) -> bool {
    if request.project_name.is_none() || !request.files.is_empty() {
        return true;
    }
    let unnamed = Request { project_name: None, ..request.clone() };
    compose_model::load(&unnamed).is_ok_and(|own| own.project.name == loaded.project.name)
}

/// The values of the project's secrets, as far as the template asks for them: it may be
/// older than the project, or edited. If the project is refused, how the command ends.
fn secrets(
    loaded: Loaded,
    file: &Path,
    template: &Json,
    ui: &mut Ui,
) -> Result<Result<IndexMap<String, ParameterValue>, Exit>, CliError> {
    let texts = Secrets::of(&loaded);
    let converted = finish(loaded, Facts::none());
    let Some(project) = converted.template else {
        ui.diagnostics(&converted.document, &converted.diagnostics, Output::Taken)?;
        return Ok(Err(Exit::Rejected));
    };
    let mut secrets = project.inputs().secrets.clone();
    secrets.retain(|_, names| {
        *names = asked(names, template);
        !names.is_empty()
    });
    for (name, parameters) in &secrets {
        texts.check_room(name, parameters.len(), file)?;
    }
    texts.parameters(&secrets).map(Ok)
}

/// The parameters that a template has for the pieces of a secret. The value may have had
/// another length when it was written.
fn asked(names: &[String], template: &Json) -> Vec<String> {
    let Some(first) = names.first() else { return Vec::new() };
    let pieces = (2..).map(|number| format!("{first}{number}"));
    let names = std::iter::once(first.clone()).chain(pieces);
    names.take_while(|name| template["Parameters"].get(name).is_some()).collect()
}

#[expect(clippy::disallowed_methods, reason = "a template is no file of the project")]
fn read(file: &Path, process: &Process) -> Result<String, CliError> {
    let folder = process.working_dir.as_deref().unwrap_or(Path::new(""));
    fs::read_to_string(folder.join(file))
        .map_err(|source| CliError::ReadTemplate { file: file.to_owned(), source })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_secret_has_the_pieces_that_the_template_has() {
        let template = json!({"Parameters": {"AValue": {}, "AValue2": {}, "AValue4": {}}});
        let pieces = |first: &str| asked(&[first.to_owned()], &template);
        assert_eq!(pieces("AValue"), ["AValue", "AValue2"]);
        assert_eq!(pieces("BValue"), [""; 0]);
    }

    #[test]
    fn a_template_is_of_the_project_that_its_tags_name() {
        let tag = |name: &str| json!({"Key": PROJECT_TAG, "Value": name});
        let template = |names: &[&str]| {
            let tags: Vec<Json> = names.iter().map(|name| tag(name)).collect();
            json!({"Resources": {"A": {"Properties": {"Tags": tags}}}})
        };
        let cases = [
            (Some("shop"), &["shop"][..], Ok(Some("shop"))),
            (Some("shop"), &["shop", "other"], Ok(Some("shop"))),
            (Some("shop"), &[], Ok(Some("shop"))),
            (
                Some("two"),
                &["shop"],
                Err("a.yaml was written for the project shop, and not for two"),
            ),
            (None, &["shop"], Ok(Some("shop"))),
            (None, &["shop", "other"], Ok(None)),
            (None, &[], Ok(None)),
        ];
        for (said, tags, expected) in cases {
            let said = said.map(ToOwned::to_owned);
            let found = project(Path::new("a.yaml"), said.clone(), &template(tags));
            let found = found.map_err(|error| error.to_string());
            let expected = expected.map(|it| it.map(ToOwned::to_owned)).map_err(ToOwned::to_owned);
            assert_eq!(found, expected, "{said:?} {tags:?}");
        }
    }
}
