//! `pre_start` to what runs to its end before a container starts.

use compose_model::service::Hook;
use compose_model::{Diagnostic, Path};

use super::environment::environment;
use crate::context::Context;
use crate::service::Preparation;

/// The hooks of a service, in order. `image` is that of the service.
pub(super) fn before(
    hooks: &[Hook],
    image: Option<&str>,
    at: &Path,
    cx: &mut Context<'_>,
) -> Vec<Preparation> {
    let at = at.key("pre_start");
    let hooks = hooks.iter().enumerate();
    hooks.map(|(index, hook)| preparation(hook, image, &at.index(index), cx)).collect()
}

fn preparation(
    hook: &Hook,
    own_image: Option<&str>,
    at: &Path,
    cx: &mut Context<'_>,
) -> Preparation {
    let Hook {
        command,
        image,
        user,
        privileged,
        working_dir,
        environment: variables,
        per_replica,
        extensions: _,
    } = hook;
    if *privileged {
        cx.report(
            Diagnostic::error("ecs::privileged", "Fargate runs no privileged containers")
                .at(at.key("privileged"), "asked for here")
                .help("remove it"),
        );
    }
    if !*per_replica {
        cx.report(
            Diagnostic::warning("ecs::hook", "ECS runs this before every task, not once for all")
                .at(at.clone(), "")
                .help("write `per_replica: true` if it may run many times, even at once"),
        );
    }
    Preparation {
        image: image.clone().filter(|image| Some(image.as_str()) != own_image),
        command: command.0.clone().unwrap_or_default(),
        user: user.clone(),
        working_dir: working_dir.clone(),
        environment: environment(variables),
    }
}

/// `post_start` and `pre_stop` run inside of a container that runs, where nothing
/// of ECS can reach.
pub(super) fn inside(key: &'static str, hooks: &[Hook], at: &Path, cx: &mut Context<'_>) {
    if hooks.is_empty() {
        return;
    }
    let help = match key {
        "post_start" => "run it from the entry point of the image, or move it to `pre_start`",
        _ => "let the program do it when it is told to stop",
    };
    let message = format!("ECS runs nothing in a container that runs, as `{key}` asks for");
    cx.report(Diagnostic::error("ecs::hook", message).at(at.key(key), "").help(help));
}

#[cfg(test)]
mod tests {
    use crate::lower::testing::{check, container};

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
    fn hooks_that_ecs_lacks_are_refused() {
        check(
            "
services:
  web:
    image: nginx
    pre_start:
      - command: migrate
#       ^^^^^^^ warning: ECS runs this before every task, not once for all
#       help: write `per_replica: true` if it may run many times, even at once
        privileged: true
#                   ^^^^ error: Fargate runs no privileged containers
#                   help: remove it
    post_start:
#   ^^^^^^^^^^ error: ECS runs nothing in a container that runs, as `post_start` asks for
#   help: run it from the entry point of the image, or move it to `pre_start`
      - command: warm-up
    pre_stop:
#   ^^^^^^^^ error: ECS runs nothing in a container that runs, as `pre_stop` asks for
#   help: let the program do it when it is told to stop
      - command: drain
",
        );
    }
}
