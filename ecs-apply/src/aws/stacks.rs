//! CloudFormation.

use std::ops::ControlFlow;

use aws_sdk_cloudformation::types as sdk;
use indexmap::IndexMap;

use super::error::failed;
use super::time::timestamp;
use super::{Aws, AwsError};
use crate::request::ParameterValue;
use crate::stack::{
    Change, ChangeKind, ChangeSet, ChangeSetKind, NewStack, OnFailure, PropertyChange, Recreation,
    Replacement, Stack, StackEvent, StackResource, Status, TemplateSource,
};

/// Stacks make roles, and roles have names where a project asks for a path.
const CAPABILITIES: [sdk::Capability; 2] =
    [sdk::Capability::CapabilityIam, sdk::Capability::CapabilityNamedIam];

impl Aws {
    /// The stack of this name or ARN. One that was deleted is found by its ARN alone.
    pub async fn stack(&self, stack: &str) -> Result<Option<Stack>, AwsError> {
        const ACTION: &str = "cloudformation:DescribeStacks";
        let answer = self.cloudformation.describe_stacks().stack_name(stack).send().await;
        match answer.map_err(failed(ACTION)) {
            Ok(answer) => Ok(answer.stacks().first().map(to_stack)),
            Err(error) if is_missing(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// All stacks of the account in this region, deleted ones excepted.
    pub async fn stacks(&self) -> Result<Vec<Stack>, AwsError> {
        let mut pages = self.cloudformation.describe_stacks().into_paginator().send();
        let mut stacks = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(failed("cloudformation:DescribeStacks"))?;
            stacks.extend(page.stacks().iter().map(to_stack));
        }
        Ok(stacks)
    }

    /// The template that a stack was made from, as it was written.
    pub async fn template(&self, stack: &str) -> Result<String, AwsError> {
        let request = self
            .cloudformation
            .get_template()
            .stack_name(stack)
            .template_stage(sdk::TemplateStage::Original);
        let answer = request.send().await.map_err(failed("cloudformation:GetTemplate"))?;
        Ok(answer.template_body.unwrap_or_default())
    }

    /// What is in a stack.
    pub async fn stack_resources(&self, stack: &str) -> Result<Vec<StackResource>, AwsError> {
        let request = self.cloudformation.list_stack_resources().stack_name(stack);
        let mut pages = request.into_paginator().send();
        let mut resources = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(failed("cloudformation:ListStackResources"))?;
            resources.extend(page.stack_resource_summaries().iter().map(to_resource));
        }
        Ok(resources)
    }

    /// What happened to a stack, the newest first, down to the event after the one
    /// with this id; pages behind that one are not asked for.
    ///
    /// What happens while pages are read moves what is on them, so that one may begin
    /// with events that the last one ended with.
    pub async fn stack_events(
        &self,
        stack: &str,
        known: Option<&str>,
    ) -> Result<Vec<StackEvent>, AwsError> {
        let request = self.cloudformation.describe_stack_events().stack_name(stack);
        let mut pages = request.into_paginator().send();
        let mut events = IndexMap::new();
        'pages: while let Some(page) = pages.next().await {
            let page = page.map_err(failed("cloudformation:DescribeStackEvents"))?;
            for event in page.stack_events() {
                if known.is_some_and(|known| event.event_id() == Some(known)) {
                    break 'pages;
                }
                events.extend(to_event(event).map(|event| (event.id.clone(), event)));
            }
        }
        Ok(events.into_values().collect())
    }

    /// Shows what happened to a stack, the newest first, until that is enough; pages
    /// behind it are not asked for. What happens meanwhile may be shown twice.
    pub(crate) async fn search_stack_events(
        &self,
        stack: &str,
        mut note: impl FnMut(StackEvent) -> ControlFlow<()>,
    ) -> Result<(), AwsError> {
        let request = self.cloudformation.describe_stack_events().stack_name(stack);
        let mut pages = request.into_paginator().send();
        while let Some(page) = pages.next().await {
            let page = page.map_err(failed("cloudformation:DescribeStackEvents"))?;
            if page.stack_events().iter().filter_map(to_event).any(|it| note(it).is_break()) {
                return Ok(());
            }
        }
        Ok(())
    }

    /// The last that happened to a stack.
    pub async fn newest_stack_event(&self, stack: &str) -> Result<Option<StackEvent>, AwsError> {
        let answer = self.cloudformation.describe_stack_events().stack_name(stack).send().await;
        let answer = answer.map_err(failed("cloudformation:DescribeStackEvents"))?;
        Ok(answer.stack_events().iter().find_map(to_event))
    }

    /// Begins to make a stack, and gives its ARN.
    pub async fn create_stack(&self, new: &NewStack) -> Result<String, AwsError> {
        let (body, url) = template(&new.template);
        let request = self
            .cloudformation
            .create_stack()
            .stack_name(&new.stack)
            .set_template_body(body)
            .set_template_url(url)
            .set_parameters(Some(parameters(&new.parameters)))
            .set_tags(Some(tags(&new.tags)))
            .set_role_arn(new.role.clone())
            .set_capabilities(Some(CAPABILITIES.to_vec()))
            .on_failure(match new.on_failure {
                OnFailure::Rollback => sdk::OnFailure::Rollback,
                OnFailure::Keep => sdk::OnFailure::DoNothing,
                OnFailure::Delete => sdk::OnFailure::Delete,
            })
            .client_request_token(&new.token);
        let answer = request.send().await.map_err(failed("cloudformation:CreateStack"))?;
        Ok(answer.stack_id.unwrap_or_else(|| new.stack.clone()))
    }

    /// Asks what would change, and gives the change set's ARN; the answer is in
    /// [`change_set`](Self::change_set) a little later.
    pub async fn create_change_set(
        &self,
        name: &str,
        kind: ChangeSetKind,
        new: &NewStack,
    ) -> Result<String, AwsError> {
        let (body, url) = template(&new.template);
        let request = self
            .cloudformation
            .create_change_set()
            .stack_name(&new.stack)
            .change_set_name(name)
            .change_set_type(match kind {
                ChangeSetKind::Create => sdk::ChangeSetType::Create,
                ChangeSetKind::Update => sdk::ChangeSetType::Update,
            })
            .set_template_body(body)
            .set_template_url(url)
            .set_parameters(Some(parameters(&new.parameters)))
            .set_tags(Some(tags(&new.tags)))
            .set_role_arn(new.role.clone())
            .set_capabilities(Some(CAPABILITIES.to_vec()))
            .on_stack_failure(match (new.on_failure, kind) {
                (OnFailure::Keep, _) => sdk::OnStackFailure::DoNothing,
                (OnFailure::Delete, ChangeSetKind::Create) => sdk::OnStackFailure::Delete,
                (OnFailure::Delete, ChangeSetKind::Update) | (OnFailure::Rollback, _) => {
                    sdk::OnStackFailure::Rollback
                }
            })
            .client_token(&new.token);
        let answer = request.send().await.map_err(failed("cloudformation:CreateChangeSet"))?;
        Ok(answer.id.unwrap_or_else(|| name.to_owned()))
    }

    /// What the change set with this ARN would do, if it is there.
    pub async fn change_set(&self, id: &str) -> Result<Option<ChangeSet>, AwsError> {
        let mut found: Option<ChangeSet> = None;
        let mut token = None;
        loop {
            let request =
                self.cloudformation.describe_change_set().change_set_name(id).set_next_token(token);
            let answer = request.send().await.map_err(failed("cloudformation:DescribeChangeSet"));
            let answer = match answer {
                Ok(answer) => answer,
                Err(error) if is_missing(&error) => return Ok(None),
                Err(error) => return Err(error),
            };
            let set = found.get_or_insert_with(|| ChangeSet {
                id: answer.change_set_id().unwrap_or(id).to_owned(),
                status: status(answer.status().map(sdk::ChangeSetStatus::as_str)),
                reason: answer.status_reason().map(ToOwned::to_owned),
                changes: Vec::new(),
            });
            let changes = answer.changes().iter().filter_map(sdk::Change::resource_change);
            set.changes.extend(changes.map(to_change));
            token = answer.next_token;
            if token.is_none() {
                return Ok(found);
            }
        }
    }

    /// Removes the change set of this name. One that is not there is no error.
    pub async fn delete_change_set(&self, stack: &str, name: &str) -> Result<(), AwsError> {
        let request = self.cloudformation.delete_change_set().stack_name(stack);
        let answer = request.change_set_name(name).send().await;
        match answer.map_err(failed("cloudformation:DeleteChangeSet")) {
            Ok(_) => Ok(()),
            Err(error) if is_missing(&error) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Begins to do what the change set with this ARN says.
    pub async fn execute_change_set(&self, id: &str, token: &str) -> Result<(), AwsError> {
        let request = self.cloudformation.execute_change_set().change_set_name(id);
        let request = request.client_request_token(token);
        request.send().await.map_err(failed("cloudformation:ExecuteChangeSet"))?;
        Ok(())
    }

    /// Gives up the update that is under way; the stack goes back to what it was.
    pub async fn cancel_update(&self, stack: &str, token: &str) -> Result<(), AwsError> {
        let request = self.cloudformation.cancel_update_stack().stack_name(stack);
        let answer = request.client_request_token(token).send().await;
        answer.map_err(failed("cloudformation:CancelUpdateStack"))?;
        Ok(())
    }

    /// Begins to delete a stack.
    pub async fn delete_stack(
        &self,
        stack: &str,
        role: Option<&str>,
        token: &str,
    ) -> Result<(), AwsError> {
        let request = self
            .cloudformation
            .delete_stack()
            .stack_name(stack)
            .set_role_arn(role.map(ToOwned::to_owned))
            .client_request_token(token);
        request.send().await.map_err(failed("cloudformation:DeleteStack"))?;
        Ok(())
    }

    /// Has AWS read a template.
    pub async fn validate_template(&self, source: &TemplateSource) -> Result<(), AwsError> {
        let (body, url) = template(source);
        let request = self.cloudformation.validate_template();
        let answer = request.set_template_body(body).set_template_url(url).send().await;
        answer.map_err(failed("cloudformation:ValidateTemplate"))?;
        Ok(())
    }
}

/// CloudFormation has no name of its own for this.
fn is_missing(error: &AwsError) -> bool {
    error.code().is_some_and(|code| code.starts_with("ChangeSetNotFound"))
        || error.says("does not exist")
}

fn template(source: &TemplateSource) -> (Option<String>, Option<String>) {
    match source {
        TemplateSource::Body(text) => (Some(text.clone()), None),
        TemplateSource::Url(url) => (None, Some(url.clone())),
    }
}

fn parameters(values: &IndexMap<String, ParameterValue>) -> Vec<sdk::Parameter> {
    let parameter = |(key, value): (&String, &ParameterValue)| {
        let parameter = sdk::Parameter::builder().parameter_key(key);
        match value {
            ParameterValue::Known(value) => parameter.parameter_value(value),
            ParameterValue::Previous => parameter.use_previous_value(true),
        }
        .build()
    };
    values.iter().map(parameter).collect()
}

fn tags(values: &IndexMap<String, String>) -> Vec<sdk::Tag> {
    values.iter().map(|(key, value)| sdk::Tag::builder().key(key).value(value).build()).collect()
}

fn status(text: Option<&str>) -> Status {
    Status(text.unwrap_or("UNKNOWN").to_owned())
}

fn to_stack(stack: &sdk::Stack) -> Stack {
    let pair = |key: Option<&str>, value: Option<&str>| {
        Some((key?.to_owned(), value.unwrap_or_default().to_owned()))
    };
    let name = stack.stack_name().unwrap_or_default();
    Stack {
        id: stack.stack_id().unwrap_or(name).to_owned(),
        name: name.to_owned(),
        status: status(stack.stack_status().map(sdk::StackStatus::as_str)),
        reason: stack.stack_status_reason().filter(|text| !text.is_empty()).map(Into::into),
        created: stack.creation_time().and_then(timestamp),
        updated: stack.last_updated_time().and_then(timestamp),
        tags: stack.tags().iter().filter_map(|tag| pair(tag.key(), tag.value())).collect(),
        parameters: stack
            .parameters()
            .iter()
            .filter_map(|it| pair(it.parameter_key(), it.parameter_value()))
            .collect(),
        outputs: stack
            .outputs()
            .iter()
            .filter_map(|it| pair(it.output_key(), it.output_value()))
            .collect(),
    }
}

fn to_resource(resource: &sdk::StackResourceSummary) -> StackResource {
    StackResource {
        logical_id: resource.logical_resource_id().unwrap_or_default().to_owned(),
        physical_id: present(resource.physical_resource_id()),
        kind: resource.resource_type().unwrap_or_default().to_owned(),
        status: status(resource.resource_status().map(sdk::ResourceStatus::as_str)),
        reason: present(resource.resource_status_reason()),
    }
}

/// Nothing, if it has no time: it could not be put in order.
pub(super) fn to_event(event: &sdk::StackEvent) -> Option<StackEvent> {
    Some(StackEvent {
        id: event.event_id()?.to_owned(),
        time: event.timestamp().and_then(timestamp)?,
        logical_id: event.logical_resource_id().unwrap_or_default().to_owned(),
        physical_id: present(event.physical_resource_id()),
        kind: event.resource_type().unwrap_or_default().to_owned(),
        status: status(event.resource_status().map(sdk::ResourceStatus::as_str)),
        reason: present(event.resource_status_reason()),
        token: present(event.client_request_token()),
    })
}

fn present(text: Option<&str>) -> Option<String> {
    text.filter(|text| !text.is_empty()).map(ToOwned::to_owned)
}

fn to_change(change: &sdk::ResourceChange) -> Change {
    Change {
        kind: match change.action().map_or("", sdk::ChangeAction::as_str) {
            "Add" => ChangeKind::Add,
            "Modify" => ChangeKind::Modify,
            "Remove" => ChangeKind::Remove,
            other => ChangeKind::Other(other.to_owned()),
        },
        logical_id: change.logical_resource_id().unwrap_or_default().to_owned(),
        physical_id: present(change.physical_resource_id()),
        resource: change.resource_type().unwrap_or_default().to_owned(),
        replacement: match change.replacement().map_or("", sdk::Replacement::as_str) {
            "True" => Replacement::Yes,
            "Conditional" => Replacement::Perhaps,
            _ => Replacement::No,
        },
        properties: change.details().iter().filter_map(to_property).collect(),
    }
}

fn to_property(detail: &sdk::ResourceChangeDetail) -> Option<PropertyChange> {
    let target = detail.target()?;
    let attribute = target.attribute().map(sdk::ResourceAttribute::as_str);
    Some(PropertyChange {
        name: present(target.name()).or_else(|| present(attribute))?,
        recreation: match target.requires_recreation().map_or("", sdk::RequiresRecreation::as_str) {
            "Always" => Recreation::Always,
            "Conditionally" => Recreation::Conditionally,
            _ => Recreation::Never,
        },
        cause: present(detail.causing_entity()),
    })
}
