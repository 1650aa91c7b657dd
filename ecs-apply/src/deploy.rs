//! Plans and does to a stack what a request says, so that doing it twice is doing it
//! once.
//!
//! A run may be cut short after any call. The next one finds a stack that is made,
//! is being made, or is not; never a half of ours that it would not know: requests
//! have tokens that tell whose they are, and change sets are named after what they
//! do.

mod operation;
mod parameters;

use std::time::Duration;

use indexmap::IndexMap;
use serde_json::Value as Json;
use thiserror::Error;

pub use self::operation::{Operation, operation};
use crate::aws::{Aws, AwsError};
use crate::bucket::{is_ready, store};
use crate::plan::{self, Observed, Plan, Risk};
use crate::readiness::{Readiness, readiness};
use crate::request::{Fingerprint, ParameterValue, StackRequest};
use crate::roster::SERVICE;
use crate::service::{Service, ServiceName};
use crate::stack::{
    ChangeSet, ChangeSetKind, NewStack, Stack, StackResource, Status, TemplateSource,
};
use crate::template::{self, TemplateError};
use crate::watch::STACK;

/// What CloudFormation takes in a request; more has to be in S3.
pub const INLINE_BYTES: usize = 51_200;

/// Two who want the same make and remove change sets of one name.
const TRIES: usize = 3;

/// A change set is ready after some seconds, and a large one after minutes.
const PAUSE: Duration = Duration::from_millis(500);
const PAUSES: u32 = 1_200;

/// The tag that says which project a stack is of. Docker's own tool set it too.
pub const PROJECT_TAG: &str = "com.docker.compose.project";

/// Why a stack is not made what it shall be.
#[derive(Debug, Error)]
pub enum DeployError {
    /// AWS did not do what it was asked.
    #[error(transparent)]
    Aws(#[from] AwsError),
    /// Somebody is at work on the stack.
    #[error("somebody is at work on the stack {} already: it is {}", stack.name, stack.status)]
    Busy {
        /// The stack.
        stack: Box<Stack>,
        /// What they began with, if AWS tells.
        operation: Option<Box<Operation>>,
        /// Whether they want the same as we do, the values of secrets excepted.
        same: bool,
    },
    /// AWS allows nothing before somebody has helped.
    #[error("nothing can be done with the stack {} while it is {}", stack.name, stack.status)]
    Stuck {
        /// The stack.
        stack: Box<Stack>,
    },
    /// It is none of a Compose project, or of another one.
    #[error("the stack {} {}", stack.name, whose(owner.as_deref()))]
    Foreign {
        /// The stack.
        stack: Box<Stack>,
        /// The project that it is of.
        owner: Option<String>,
    },
    /// CloudFormation does not accept what was asked for.
    #[error("CloudFormation does not accept the change: {reason}")]
    Unacceptable {
        /// Its own words.
        reason: String,
    },
    /// CloudFormation does not come to an end with what would change.
    #[error(
        "CloudFormation has not worked out in ten minutes what would change in the stack {stack}"
    )]
    Undecided {
        /// The stack's name.
        stack: String,
    },
    /// Somebody else removes our change sets as soon as they are made.
    #[error("somebody else is planning the same for the stack {stack}")]
    Contended {
        /// The stack's name.
        stack: String,
    },
    /// Somebody else made, changed or removed the stack since it was planned.
    #[error("somebody else was quicker: what was planned for the stack {stack} is out of date")]
    Overtaken {
        /// The stack's name.
        stack: String,
    },
    /// The template asks for what nobody gave.
    #[error("the template asks for {}", names.join(", "))]
    Unanswered {
        /// The names of its parameters.
        names: Vec<String>,
    },
    /// Values were given that the template does not ask for.
    #[error("the template does not ask for {}", names.join(", "))]
    Unasked {
        /// The names that were given.
        names: Vec<String>,
    },
    /// What was left of an attempt that failed cannot be removed.
    #[error(
        "what is left of the attempt that failed cannot be removed: the stack {stack} is {status}"
    )]
    Leftover {
        /// The stack's name.
        stack: String,
        /// What it is now.
        status: Status,
    },
    /// What a stack was made from is no template.
    #[error("the template of the stack cannot be read")]
    Template(#[from] TemplateError),
}

fn whose(owner: Option<&str>) -> String {
    match owner {
        Some(owner) => format!("is of another project, {owner}"),
        None => "was not made from a Compose file".to_owned(),
    }
}

/// An attempt at making a stack what it shall be.
pub struct Attempt<'a> {
    aws: &'a Aws,
    request: StackRequest,
    wanted: Json,
    /// Of what was asked for, which stays the same whatever is found.
    fingerprint: Fingerprint,
    token: String,
    /// Whether nothing is made but what AWS needs to say what would change.
    looks: bool,
    /// What is sent: what was asked for, and what the stack has.
    parameters: IndexMap<String, ParameterValue>,
}

/// What would happen, and all that is needed to make it so.
#[derive(Debug)]
pub struct Planned {
    /// What would happen.
    pub plan: Plan,
    route: Route,
}

#[derive(Debug)]
enum Route {
    /// There is no stack.
    Create,
    /// There is one that has to go first.
    CreateAgain(Stack),
    /// There is one, and a change set for it.
    Execute {
        stack: Stack,
        /// Its ARN.
        change_set: String,
    },
}

/// An attempt that is under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Begun {
    /// The stack's ARN.
    pub stack: String,
    /// The newest event from before.
    pub seen: Option<String>,
    /// Whether the stack is made, and not changed.
    pub creates: bool,
}

impl<'a> Attempt<'a> {
    /// An attempt at this request. The number tells it from others.
    ///
    /// # Errors
    ///
    /// If the request's template is none.
    pub fn new(aws: &'a Aws, request: StackRequest, attempt: u64) -> Result<Self, DeployError> {
        let wanted = template::parse(&request.template)?;
        let secret: Vec<&str> = template::secret_parameters(&wanted).collect();
        let fingerprint = request.fingerprint(&secret);
        let token = fingerprint.token(attempt);
        let parameters = request.parameters.clone();
        Ok(Self { aws, request, wanted, fingerprint, token, looks: false, parameters })
    }

    /// The same by somebody who only looks.
    #[must_use]
    pub fn that_looks(self) -> Self {
        Self { looks: true, ..self }
    }

    /// Whether whoever seems to want the same does want the same. Values of secrets cannot
    /// be compared: nobody is told those that are being deployed.
    pub fn is_comparable(&self) -> bool {
        self.secrets().is_empty()
    }

    /// What would happen to the stack as it was found. Of one that exists, a change set
    /// is left behind, which [`begin`](Self::begin) executes and
    /// [`forget`](Self::forget) removes.
    ///
    /// The stack has to be found before facts are looked up: what those depend on is
    /// then still the same, or somebody is at work, which is told.
    pub async fn plan(&mut self, found: Option<Stack>) -> Result<Planned, DeployError> {
        if let Some(stack) = found.as_ref().filter(|it| !it.status.is_announced()) {
            check_owner(stack, self.request.tags.get(PROJECT_TAG))?;
        }
        let found = readiness(found);
        self.parameters = parameters::fill_in(&self.request.parameters, &self.wanted, &found)?;
        let name = &self.request.stack;
        match found {
            Readiness::Absent => {
                let mut plan = plan::creation(name, &self.wanted, false);
                if self.has_place().await? {
                    self.aws.validate_template(&self.source().await?).await?;
                } else {
                    plan.notes.push(unseen(self.request.template.len()));
                }
                Ok(Planned { plan, route: Route::Create })
            }
            Readiness::Failed(stack) => {
                let risks = self.at_stake(&stack).await?;
                let plan = Plan { risks, ..plan::creation(name, &self.wanted, true) };
                Ok(Planned { plan, route: Route::CreateAgain(stack) })
            }
            Readiness::Announced(stack) => {
                let set = self.propose(ChangeSetKind::Create, &stack).await?;
                let plan = plan::creation(name, &self.wanted, false);
                Ok(Planned { plan, route: Route::Execute { stack, change_set: set.id } })
            }
            Readiness::Ready(stack) => {
                let (observed, set) = tokio::try_join!(
                    observe(self.aws, stack.clone()),
                    self.propose(ChangeSetKind::Update, &stack)
                )?;
                let plan = plan::update(&observed, &self.wanted, &set, &self.secrets());
                Ok(Planned { plan, route: Route::Execute { stack, change_set: set.id } })
            }
            Readiness::Busy(stack) => Err(self.busy(stack).await?),
            Readiness::Stuck(stack) => Err(DeployError::Stuck { stack: Box::new(stack) }),
        }
    }

    /// Removes what a plan has left behind.
    pub async fn forget(&self, planned: &Planned) -> Result<(), DeployError> {
        match &planned.route {
            Route::Create | Route::CreateAgain(_) => Ok(()),
            Route::Execute { stack, change_set: _ } => {
                let name = self.fingerprint.change_set();
                Ok(self.aws.delete_change_set(&stack.name, &name).await?)
            }
        }
    }

    /// Removes what a plan of a stack that exists may have left behind that did not come to
    /// its end.
    pub async fn abandon(&self) -> Result<(), DeployError> {
        let name = self.fingerprint.change_set();
        Ok(self.aws.delete_change_set(&self.request.stack, &name).await?)
    }

    /// Begins to remove what is left of a stack that could not be made, if something is.
    /// When that is gone, what it leaves behind in its turn, such as volumes, can be found,
    /// so that everything is to be looked up anew.
    pub async fn clear(&self, planned: &Planned) -> Result<Option<Begun>, DeployError> {
        let left = match &planned.route {
            Route::Create | Route::Execute { .. } => return Ok(None),
            Route::CreateAgain(left) => left,
        };
        let newest = self.aws.newest_stack_event(&left.id).await?;
        if newest.as_ref().is_some_and(|it| it.kind == STACK && it.status.is_deleted()) {
            // Nothing would happen any more that could be watched.
            return Err(DeployError::Overtaken { stack: left.name.clone() });
        }
        let role = self.request.role.as_deref();
        self.aws.delete_stack(&left.id, role, &format!("{}-remove", self.token)).await?;
        let seen = newest.map(|event| event.id);
        Ok(Some(Begun { stack: left.id.clone(), seen, creates: false }))
    }

    /// Begins to do what was planned. What is left of an attempt that failed has to be
    /// gone: [`clear`](Self::clear) removes it.
    pub async fn begin(&self, planned: &Planned) -> Result<Begun, DeployError> {
        match &planned.route {
            Route::Create | Route::CreateAgain(_) => self.create().await,
            Route::Execute { stack, change_set } => {
                let newest = self.aws.newest_stack_event(&stack.id).await?;
                self.execute(stack, change_set).await?;
                Ok(Begun {
                    stack: stack.id.clone(),
                    seen: newest.map(|event| event.id),
                    creates: stack.status.is_announced(),
                })
            }
        }
    }

    /// What is lost when what is left of a stack that could not be made is removed. One
    /// that was rolled back holds nothing any more; one that was kept may hold data.
    async fn at_stake(&self, left: &Stack) -> Result<Vec<Risk>, DeployError> {
        if left.status.0 == "ROLLBACK_COMPLETE" {
            return Ok(Vec::new());
        }
        let (text, resources) =
            tokio::try_join!(self.aws.template(&left.id), self.aws.stack_resources(&left.id))?;
        Ok(plan::removal(&template::parse(&text)?, &resources))
    }

    /// The values that nobody is shown.
    fn secrets(&self) -> Vec<&str> {
        let values = template::secret_parameters(&self.wanted).filter_map(|name| {
            match self.request.parameters.get(name)? {
                ParameterValue::Known(value) => Some(value.as_str()),
                ParameterValue::Previous => None,
            }
        });
        values.collect()
    }

    async fn busy(&self, stack: Stack) -> Result<DeployError, AwsError> {
        let operation = operation(self.aws, &stack).await?;
        let token = operation.as_ref().and_then(|it| it.beginning.token.as_deref());
        let same = token.is_some_and(|token| self.fingerprint.made(token));
        let deleting = stack.status.0.starts_with("DELETE");
        Ok(DeployError::Busy {
            stack: Box::new(stack),
            operation: operation.map(Box::new),
            same: same && !deleting,
        })
    }

    /// Asks CloudFormation what would change, and waits for the answer.
    ///
    /// A change set of the same name is left over from a run that was cut short, or
    /// belongs to one that wants the same. It may be out of date, so it is made anew.
    async fn propose(&self, kind: ChangeSetKind, stack: &Stack) -> Result<ChangeSet, DeployError> {
        let name = self.fingerprint.change_set();
        let new = self.new_stack(&stack.name, self.source().await?);
        for _ in 0..TRIES {
            let id = match self.aws.create_change_set(&name, kind, &new).await {
                Err(error) if error.code() == Some("AlreadyExistsException") => {
                    self.aws.delete_change_set(&stack.name, &name).await?;
                    self.aws.create_change_set(&name, kind, &new).await?
                }
                Err(error) if is_too_late(&error) => {
                    return Err(self.overtaken(self.aws.stack(&stack.id).await?).await?);
                }
                answer => answer?,
            };
            // Whoever wants the same may have removed it meanwhile.
            let Some(set) = self.ready(&id).await? else { continue };
            if set.status.0 == "FAILED" && !set.is_empty() {
                self.aws.delete_change_set(&stack.name, &name).await?;
                let reason = set.reason.unwrap_or_else(|| "it gives no reason".to_owned());
                return Err(DeployError::Unacceptable { reason });
            }
            return Ok(set);
        }
        Err(DeployError::Contended { stack: stack.name.clone() })
    }

    async fn ready(&self, id: &str) -> Result<Option<ChangeSet>, DeployError> {
        for _ in 0..PAUSES {
            match self.aws.change_set(id).await? {
                Some(set) if set.status.is_under_way() || set.status.0 == "CREATE_PENDING" => {
                    tokio::time::sleep(PAUSE).await;
                }
                found => return Ok(found),
            }
        }
        Err(DeployError::Undecided { stack: self.request.stack.clone() })
    }

    /// Begins to make the stack. If it exists already and was asked for by our token,
    /// an answer was lost, and all is well.
    async fn create(&self) -> Result<Begun, DeployError> {
        let new = self.new_stack(&self.request.stack, self.source().await?);
        let begun = |stack: String| Begun { stack, seen: None, creates: true };
        match self.aws.create_stack(&new).await {
            Ok(stack) => Ok(begun(stack)),
            Err(error) if error.code() == Some("AlreadyExistsException") => {
                let Some(stack) = self.aws.stack(&self.request.stack).await? else {
                    return Err(error.into());
                };
                if self.began(&stack).await? {
                    return Ok(begun(stack.id));
                }
                Err(self.overtaken(Some(stack)).await?)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Begins to do what the change set says. If it is not there any more and the
    /// stack has heard our token, an answer was lost, and all is well.
    async fn execute(&self, stack: &Stack, change_set: &str) -> Result<(), DeployError> {
        match self.aws.execute_change_set(change_set, &self.token).await {
            Ok(()) => Ok(()),
            Err(error) if is_too_late(&error) => {
                if self.began(stack).await? {
                    return Ok(());
                }
                Err(self.overtaken(self.aws.stack(&stack.id).await?).await?)
            }
            Err(error) if error.is_denied() => {
                // It would stay behind, and who may not execute it cannot know.
                let name = self.fingerprint.change_set();
                let _ = self.aws.delete_change_set(&stack.name, &name).await;
                Err(error.into())
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Somebody else was quicker: what that means for a stack as it is now.
    async fn overtaken(&self, now: Option<Stack>) -> Result<DeployError, AwsError> {
        match now.filter(|stack| stack.status.is_under_way()) {
            Some(stack) => self.busy(stack).await,
            None => Ok(DeployError::Overtaken { stack: self.request.stack.clone() }),
        }
    }

    /// Whether this attempt is what the stack did last.
    async fn began(&self, stack: &Stack) -> Result<bool, AwsError> {
        let operation = operation(self.aws, stack).await?;
        Ok(operation.is_some_and(|it| it.beginning.token.as_deref() == Some(&self.token)))
    }

    async fn source(&self) -> Result<TemplateSource, DeployError> {
        let text = &self.request.template;
        if text.len() <= INLINE_BYTES {
            return Ok(TemplateSource::Body(text.clone()));
        }
        Ok(TemplateSource::Url(store(self.aws, &self.request.stack, text).await?))
    }

    /// Whether AWS can read the template. Who only looks at what would be created makes no
    /// bucket for that; without a change set, nobody knows what would change.
    async fn has_place(&self) -> Result<bool, AwsError> {
        let is_small = self.request.template.len() <= INLINE_BYTES;
        Ok(!self.looks || is_small || is_ready(self.aws).await?)
    }

    fn new_stack(&self, stack: &str, source: TemplateSource) -> NewStack {
        let StackRequest { stack: _, template: _, parameters: _, tags, role, on_failure } =
            &self.request;
        NewStack {
            stack: stack.to_owned(),
            template: source,
            parameters: self.parameters.clone(),
            tags: tags.clone(),
            role: role.clone(),
            on_failure: *on_failure,
            token: self.token.clone(),
        }
    }
}

fn unseen(bytes: usize) -> String {
    format!(
        "AWS has not looked at the template: it has {bytes} bytes, and there is no bucket for it \
         yet. `up` makes one"
    )
}

/// A stack is ours if it is tagged with our project.
fn check_owner(stack: &Stack, project: Option<&String>) -> Result<(), DeployError> {
    let owner = stack.tags.get(PROJECT_TAG);
    if owner == project {
        return Ok(());
    }
    Err(DeployError::Foreign { stack: Box::new(stack.clone()), owner: owner.cloned() })
}

/// AWS names this differently in different places.
fn is_too_late(error: &AwsError) -> bool {
    let code = error.code().unwrap_or_default();
    let is_gone = || error.says("Stack [") && error.says("does not exist");
    code.starts_with("InvalidChangeSetStatus")
        || code.starts_with("ChangeSetNotFound")
        || code == "ValidationError" && (error.says("_IN_PROGRESS state") || is_gone())
}

/// Looks at a stack as far as a plan needs it.
pub async fn observe(aws: &Aws, stack: Stack) -> Result<Observed, DeployError> {
    let (text, resources) =
        tokio::try_join!(aws.template(&stack.id), aws.stack_resources(&stack.id))?;
    let services = services(aws, &resources).await?;
    Ok(Observed { template: template::parse(&text)?, stack, resources, services })
}

async fn services(aws: &Aws, resources: &[StackResource]) -> Result<Vec<Service>, AwsError> {
    let arns = resources.iter().filter(|it| it.kind == SERVICE);
    let arns = arns.filter_map(|it| it.physical_id.as_deref());
    let names: Vec<ServiceName> = arns.filter_map(|arn| arn.parse().ok()).collect();
    aws.services_named(&names).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stack_is_of_the_project_that_its_tag_names() {
        let cases = [
            (Some("shop"), Some("shop"), true),
            (Some("my-shop"), Some("my_shop"), false),
            (None, Some("shop"), false),
            (Some("shop"), None, false),
        ];
        for (owner, project, expected) in cases {
            let tag = owner.map(|owner| (PROJECT_TAG.to_owned(), owner.to_owned()));
            let stack = Stack {
                id: "arn".to_owned(),
                name: "shop".to_owned(),
                status: Status("CREATE_COMPLETE".to_owned()),
                reason: None,
                created: None,
                updated: None,
                tags: tag.into_iter().collect(),
                parameters: IndexMap::new(),
                outputs: IndexMap::new(),
            };
            let project = project.map(ToOwned::to_owned);
            let found = check_owner(&stack, project.as_ref());
            assert_eq!(found.is_ok(), expected, "{owner:?} {project:?}");
        }
    }

    #[test]
    fn it_is_too_late_when_somebody_else_was_quicker() {
        let arn = "arn:aws:cloudformation:eu-west-1:1:stack/shop/1";
        let busy = format!("Stack:{arn} is in UPDATE_IN_PROGRESS state and can not be updated.");
        let gone = format!("Stack [{arn}] does not exist");
        let cases = [
            ("InvalidChangeSetStatus", "ChangeSet [x] cannot be executed", true),
            ("InvalidChangeSetStatusException", "", true),
            ("ChangeSetNotFound", "ChangeSet [x] does not exist", true),
            ("ChangeSetNotFoundException", "", true),
            ("ValidationError", &busy, true),
            ("ValidationError", &gone, true),
            ("ValidationError", "Parameters: [Image] must have values", false),
            ("ValidationError", "Role arn:aws:iam::1:role/x is invalid", false),
            ("Throttling", &busy, false),
            ("AccessDenied", "User x is not authorized", false),
        ];
        for (code, message, expected) in cases {
            let error = AwsError::Refused {
                action: "cloudformation:ExecuteChangeSet",
                code: code.to_owned(),
                message: message.to_owned(),
            };
            assert_eq!(is_too_late(&error), expected, "{code}: {message}");
        }
    }
}
