//! `deploy`: how a service runs on a cluster.
//!
//! <https://github.com/compose-spec/compose-spec/blob/main/deploy.md>

use super::{DeviceRequest, Labels};
use crate::form::mapping;
use crate::value::{ByteSize, Duration};

mapping! {
    /// How a service runs on a cluster.
    pub struct Deploy {
        /// `replicated`, `global`, `replicated-job` or `global-job`.
        mode: Option<String>,
        /// How many containers.
        replicas: Option<i64>,
        /// Labels of the service.
        labels: Labels,
        /// How an update goes.
        update_config: Option<Box<UpdateConfig>>,
        /// How a rollback goes.
        rollback_config: Option<Box<UpdateConfig>>,
        /// What the containers may use.
        resources: Option<Box<Resources>>,
        /// When a container is started again.
        restart_policy: Option<Box<RestartPolicy>>,
        /// Where the containers may run.
        placement: Option<Box<Placement>>,
        /// How others find the service: `vip` or `dnsrr`.
        endpoint_mode: Option<String>,
    }
}

mapping! {
    /// How an update or a rollback goes.
    pub struct UpdateConfig {
        /// How many containers at a time.
        parallelism: Option<u64>,
        /// How long to wait between them.
        delay: Option<Duration>,
        /// What to do if it fails: `continue`, `rollback` or `pause`.
        failure_action: Option<String>,
        /// How long a new container is watched.
        monitor: Option<Duration>,
        /// What share of the containers may fail.
        max_failure_ratio: f32,
        /// `start-first` or `stop-first`.
        order: Option<String>,
    }
}

mapping! {
    /// What the containers may use.
    pub struct Resources {
        /// The most.
        limits: Option<Box<Limits>>,
        /// What is set aside.
        reservations: Option<Box<Reservations>>,
    }
}

mapping! {
    /// The most that a container may use.
    pub struct Limits {
        /// In CPUs.
        cpus: f32,
        /// Of memory.
        memory: Option<ByteSize>,
        /// Of processes.
        pids: i64,
    }
}

mapping! {
    /// What is set aside for a container.
    pub struct Reservations {
        /// In CPUs.
        cpus: f32,
        /// Of memory.
        memory: Option<ByteSize>,
        /// Of devices.
        devices: Vec<DeviceRequest>,
        /// Of resources that the cluster names itself.
        generic_resources: Vec<GenericResource>,
    }
}

mapping! {
    /// A resource that the cluster names itself.
    pub struct GenericResource {
        /// One that is counted.
        discrete_resource_spec: Option<DiscreteResource>,
    }
}

mapping! {
    /// A resource that is counted.
    pub struct DiscreteResource {
        /// Its name.
        kind: Option<String>,
        /// How many of it.
        value: Option<i64>,
    }
}

mapping! {
    /// When a container is started again.
    pub struct RestartPolicy {
        /// `none`, `on-failure` or `any`.
        condition: Option<String>,
        /// How long to wait before.
        delay: Option<Duration>,
        /// How often to try.
        max_attempts: Option<u64>,
        /// How long to watch whether it worked.
        window: Option<Duration>,
    }
}

mapping! {
    /// Where the containers may run.
    pub struct Placement {
        /// What a machine must be.
        constraints: Vec<String>,
        /// What a machine should be.
        preferences: Vec<PlacementPreference>,
        /// The most containers on one machine.
        max_replicas_per_node: u64,
    }
}

mapping! {
    /// What a machine should be.
    pub struct PlacementPreference {
        /// Spread evenly over the values of this label.
        spread: Option<String>,
    }
}
