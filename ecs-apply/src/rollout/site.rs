//! The service that a definition is to run in.

use crate::service::{Deployment, Service};

/// A service, with what decides which definitions fit it.
#[derive(Debug, Clone, PartialEq)]
pub struct Site {
    /// The service itself.
    pub service: Service,
    /// Who brings new revisions to it: `ECS`, `CODE_DEPLOY` or `EXTERNAL`.
    pub controller: String,
    /// `FARGATE`, `EC2` or `EXTERNAL`, unless it uses capacity providers.
    pub launch_type: Option<String>,
    /// Whether its tasks have network interfaces of their own.
    pub has_network: bool,
    /// The container ports that load balancers and registries send traffic to.
    pub entrances: Vec<Entrance>,
    /// How it gets from one revision to the next.
    pub ways: Ways,
}

/// A container's port that something outside knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entrance {
    /// The container's name.
    pub container: String,
    /// Its port, if one is named.
    pub port: Option<i64>,
}

/// How a service gets from one revision to the next.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Ways {
    /// `ROLLING`, `BLUE_GREEN`, `LINEAR` or `CANARY`; older services say nothing.
    pub strategy: Option<String>,
    /// How long the old tasks stay after traffic has moved, all steps together.
    pub bake: std::time::Duration,
    /// Whether ECS itself gives up.
    pub breaker: bool,
    /// Whether it then goes back by itself.
    pub reverts: bool,
}

impl Ways {
    /// Whether tasks are replaced one after the other.
    pub fn is_rolling(&self) -> bool {
        self.strategy.as_deref().is_none_or(|strategy| strategy == "ROLLING")
    }
}

impl Site {
    /// What it ran last without trouble, where somebody would go back to.
    pub fn settled(&self) -> &str {
        let is_completed =
            |it: &&Deployment| it.rollout.as_deref().is_none_or(|state| state == "COMPLETED");
        let completed = self.service.deployments.iter().find(is_completed);
        completed.map_or(&self.service.task_definition, |it| &it.task_definition)
    }

    /// The stack that made the service, if CloudFormation did.
    pub fn stack(&self) -> Option<&str> {
        self.service.tags.get("aws:cloudformation:stack-name").map(String::as_str)
    }
}
