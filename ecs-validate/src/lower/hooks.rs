//! `pre_start` to what runs to its end before a container starts.

use compose_model::service::Hook;
use compose_model::{Diagnostic, Path};

use super::environment::environment;
use super::image::reference;
use crate::context::Context;
use crate::service::{Platform, Preparation};

/// The hooks of a service, in order. `image` is that of the service.
pub(super) fn before(
    hooks: &[Hook],
    image: Option<&str>,
    platform: Platform,
    at: &Path,
    cx: &mut Context<'_>,
) -> Vec<Preparation> {
    if hooks.is_empty() {
        return Vec::new();
    }
    let at = at.key("pre_start");
    let hooks = hooks.iter().enumerate();
    hooks.map(|(index, hook)| preparation(hook, image, platform, &at.index(index), cx)).collect()
}

fn preparation(
    hook: &Hook,
    own_image: Option<&str>,
    platform: Platform,
    at: &Path,
    cx: &mut Context<'_>,
) -> Preparation {
    let Hook {
        command,
        image,
        user,
        // Answered for its key alone.
        privileged: _,
        working_dir,
        environment: variables,
        per_replica,
        extensions: _,
    } = hook;
    if !*per_replica {
        cx.report(
            Diagnostic::warning("ecs::hook", "ECS runs this before every task, not once for all")
                .at(at.clone(), "")
                .help("write `per_replica: true` if it may run many times, even at once"),
        );
    }
    let other_image = image.as_deref().filter(|image| Some(*image) != own_image);
    Preparation {
        image: other_image.map(|image| reference(image, platform, at, cx)),
        command: command.0.clone().unwrap_or_default(),
        user: user.clone(),
        working_dir: working_dir.clone(),
        environment: environment(variables),
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{check, container};

    #[test]
    fn hooks_before_the_start_are_preparations() {
        let lines = "pre_start:\n  - {command: migrate up, user: app, per_replica: true}\n  \
                     - {command: seed, image: tools, per_replica: true}";
        let before = container(lines).before;
        assert_eq!(before[0].command, ["migrate", "up"]);
        assert_eq!((before[0].image.as_deref(), before[0].user.as_deref()), (None, Some("app")));
        assert_eq!(before[1].image.as_deref(), Some("tools"));
    }

    #[test]
    fn hooks_run_before_every_task() {
        check(
            "
services:
  web:
    image: nginx
    pre_start:
      - command: migrate
#       ^^^^^^^ warning: ECS runs this before every task, not once for all
#       help: write `per_replica: true` if it may run many times, even at once
",
        );
    }
}
