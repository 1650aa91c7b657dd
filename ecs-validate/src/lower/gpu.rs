//! `gpus`, `deploy.resources.reservations.devices` and `generic_resources` to the
//! GPUs of a container.

use compose_model::service::{DeviceCount, DeviceRequest, GenericResource, Reservations};
use compose_model::{Diagnostic, Path, Service};

use super::part::place;
use crate::context::Context;

pub(super) const CODE: &str = "ecs::gpu";

/// The GPUs that a container asks for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Gpus {
    /// None.
    #[default]
    None,
    /// So many.
    Count(u32),
    /// All that its machine has.
    All,
}

impl Gpus {
    /// The larger of two wishes: the keys say the same thing in different ways.
    fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::All, _) | (_, Self::All) => Self::All,
            (Self::Count(a), Self::Count(b)) => Self::Count(a.max(b)),
            (Self::None, other) | (other, Self::None) => other,
        }
    }

    /// Both wishes, of one container or of two.
    pub(super) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Count(a), Self::Count(b)) => Self::Count(a.saturating_add(b)),
            (a, b) => a.or(b),
        }
    }

    fn of(count: i64) -> Self {
        match u32::try_from(count) {
            Ok(0) => Self::None,
            Ok(count) => Self::Count(count),
            Err(_) if count < 0 => Self::All,
            Err(_) => Self::Count(u32::MAX),
        }
    }

    /// How many of a machine that has so many.
    pub(super) fn of_machine(self, all: u32) -> Option<u32> {
        match self {
            Self::None => None,
            Self::Count(count) => Some(count),
            Self::All => Some(all),
        }
    }
}

/// What a service asks for, in whichever keys.
pub(super) fn gpus(name: &str, service: &Service, cx: &mut Context<'_>) -> Gpus {
    let reserved = service.deploy.as_ref().and_then(|deploy| {
        let resources = deploy.resources.as_ref()?;
        resources.reservations.as_deref()
    });
    if service.gpus.is_empty() && reserved.is_none() {
        return Gpus::None;
    }
    let at = place(name);
    let own = devices(&service.gpus, true, &at.key("gpus"), cx);
    let Some(reserved) = reserved else { return own };
    // Sizes are read for themselves.
    let Reservations { cpus: _, memory: _, devices: requests, generic_resources, extensions: _ } =
        reserved;
    let at = at.key("deploy").key("resources").key("reservations");
    let reserved = devices(requests, false, &at.key("devices"), cx);
    own.or(reserved).or(generic(generic_resources, &at.key("generic_resources"), cx))
}

/// Device requests; those below `gpus` need not say that they are for GPUs.
fn devices(requests: &[DeviceRequest], gpus: bool, at: &Path, cx: &mut Context<'_>) -> Gpus {
    let requests = requests.iter().enumerate();
    requests
        .map(|(index, request)| device(request, gpus, &at.index(index), cx))
        .fold(Gpus::None, Gpus::and)
}

fn device(request: &DeviceRequest, gpus: bool, at: &Path, cx: &mut Context<'_>) -> Gpus {
    let DeviceRequest { capabilities, driver, count, device_ids, options: _, extensions: _ } =
        request;
    let nvidia = driver.as_deref() == Some("nvidia");
    let capable = capabilities.iter().any(|name| matches!(name.as_str(), "gpu" | "nvidia"));
    if !gpus && !nvidia && !capable {
        let message =
            format!("ECS reserves no devices that can do `{}`", capabilities.join("`, `"));
        let problem = Diagnostic::error(CODE, message).at(at.key("capabilities"), "");
        cx.report(problem.help("only GPUs can be reserved: `capabilities: [gpu]`"));
        return Gpus::None;
    }
    if let Some(driver) = driver.as_deref().filter(|driver| !matches!(*driver, "" | "nvidia")) {
        let message = format!("ECS has no GPUs with the driver `{driver}`");
        let problem = Diagnostic::error(CODE, message).at(at.key("driver"), "");
        cx.report(problem.help("write `driver: nvidia`"));
    }
    match count {
        Some(DeviceCount::Count(count)) => Gpus::of(*count),
        Some(DeviceCount::All) => Gpus::All,
        None if device_ids.is_empty() => Gpus::All,
        None => these(device_ids, at, cx),
    }
}

/// ECS chooses which GPUs of a machine a task gets.
fn these(ids: &[String], at: &Path, cx: &mut Context<'_>) -> Gpus {
    let count = ids.len();
    let message = "ECS chooses the GPUs of a task itself";
    let problem = Diagnostic::warning(CODE, message).at(at.key("device_ids"), "");
    cx.report(problem.help(format!("write `count: {count}`")));
    Gpus::of(i64::try_from(count).unwrap_or(i64::MAX))
}

fn generic(resources: &[GenericResource], at: &Path, cx: &mut Context<'_>) -> Gpus {
    let mut gpus = Gpus::None;
    for (index, resource) in resources.iter().enumerate() {
        let Some(resource) = &resource.discrete_resource_spec else { continue };
        match resource.kind.as_deref().unwrap_or_default() {
            "gpu" | "gpus" | "GPU" | "NVIDIA-GPU" => {
                gpus = gpus.and(Gpus::of(resource.value.unwrap_or(1).max(0)));
            }
            other => {
                let message = format!("ECS reserves no `{other}`");
                let at = at.index(index).key("discrete_resource_spec").key("kind");
                let problem = Diagnostic::warning(CODE, message).at(at, "without effect");
                cx.report(problem.help("only GPUs can be reserved: `kind: gpu`"));
            }
        }
    }
    gpus
}

#[cfg(test)]
mod tests {
    use crate::testing::{check, service};

    #[test]
    fn gpus_are_asked_for_in_three_ways() {
        let gpus = |lines: &str| service(lines).containers[0].gpus;
        assert_eq!(gpus("gpus: [{count: 2}]"), Some(2));
        assert_eq!(gpus("gpus: all"), Some(1));
        let devices =
            "deploy: {resources: {reservations: {devices: [{capabilities: [gpu], count: 3}]}}}";
        assert_eq!(gpus(devices), Some(3));
        let all = format!("{devices}\ngpus: [{{count: 2}}]");
        assert_eq!(gpus(&all), Some(3));
        assert_eq!(gpus("init: true"), None);
    }

    #[test]
    fn other_devices_are_refused() {
        check(
            "
services:
  tpu:
    image: nginx
    deploy:
      resources:
        reservations:
          devices:
            - capabilities: [tpu]
#             ^^^^^^^^^^^^ error: ECS reserves no devices that can do `tpu`
#             help: only GPUs can be reserved: `capabilities: [gpu]`
          generic_resources:
            - discrete_resource_spec:
                kind: SSD
#                     ^^^ warning: ECS reserves no `SSD`
#                     help: only GPUs can be reserved: `kind: gpu`
                value: 3
",
        );
    }

    #[test]
    fn ecs_chooses_which_gpus_a_task_gets() {
        check(
            "
services:
  worker:
    image: nginx
    gpus:
      - device_ids: ['0', '3']
#       ^^^^^^^^^^ warning: ECS chooses the GPUs of a task itself
#       help: write `count: 2`
",
        );
    }
}
