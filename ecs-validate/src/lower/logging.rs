//! `logging` to where the output of a container goes.

use compose_model::service::{Logging as Asked, Options};
use compose_model::{Diagnostic, Path};
use indexmap::IndexMap;

use super::part::sorted;
use super::secrets;
use crate::context::Context;
use crate::defaults::LOG_ROUTER;
use crate::extensions::LoggingExtensions;
use crate::service::{Logging, SecretRef};

/// What `awslogs` understands under ECS, besides the keys that begin with its name.
const CLOUDWATCH_OPTIONS: [&str; 8] = [
    "awslogs-create-group",
    "awslogs-datetime-format",
    "awslogs-group",
    "awslogs-multiline-pattern",
    "awslogs-region",
    "awslogs-stream-prefix",
    "max-buffer-size",
    "mode",
];

/// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_LogConfiguration.html>
pub(super) fn logging(asked: Option<&Asked>, at: &Path, cx: &mut Context<'_>) -> Logging {
    let Some(Asked { driver, options, extensions }) = asked else {
        return Logging::CloudWatch { options: IndexMap::new() };
    };
    let at = at.key("logging");
    let extensions = LoggingExtensions::read(extensions, &at, &mut cx.problems);
    match driver.as_deref() {
        None | Some("" | "awslogs") => cloud_watch(options, &at, cx),
        Some("none") => Logging::None,
        Some("splunk") => splunk(options, &extensions, &at, cx),
        Some("awsfirelens") => Logging::FireLens {
            router: extensions.router_image.clone().unwrap_or_else(|| LOG_ROUTER.to_owned()),
            options: sorted(&options.0),
            secret_options: secret_options(&extensions, &at, cx),
        },
        Some(other) => {
            cx.report(other_driver(other).at(at.key("driver"), ""));
            Logging::CloudWatch { options: known(options) }
        }
    }
}

fn known(options: &Options) -> IndexMap<String, String> {
    sorted(options.0.iter().filter(|(key, _)| CLOUDWATCH_OPTIONS.contains(&key.as_str())))
}

fn cloud_watch(options: &Options, at: &Path, cx: &mut Context<'_>) -> Logging {
    for key in options.0.keys().filter(|key| !CLOUDWATCH_OPTIONS.contains(&key.as_str())) {
        let message = format!("CloudWatch Logs has no option `{key}`");
        cx.report(
            Diagnostic::warning("ecs::log-option", message)
                .at(at.key("options").key(key.as_str()), "without effect")
                .help(option_help(key)),
        );
    }
    Logging::CloudWatch { options: known(options) }
}

fn option_help(key: &str) -> String {
    match (key, compose_model::nearest(key, CLOUDWATCH_OPTIONS)) {
        ("max-size" | "max-file", _) => {
            "remove it, and limit what is kept with `x-aws-logs_retention` of the project"
                .to_owned()
        }
        (_, Some(meant)) => format!("did you mean `{meant}`?"),
        (_, None) => format!("remove `{key}`"),
    }
}

fn other_driver(driver: &str) -> Diagnostic {
    let message = format!("Fargate has no log driver `{driver}`, so logs go to CloudWatch");
    let known = compose_model::nearest(driver, ["awslogs", "awsfirelens", "splunk", "none"]);
    let help = match (driver, known) {
        ("json-file" | "local" | "journald", _) => {
            "remove `logging`, and read them in CloudWatch".to_owned()
        }
        (_, Some(known)) => format!("did you mean `{known}`?"),
        (_, None) => "write `driver: awsfirelens` to have them sent elsewhere".to_owned(),
    };
    Diagnostic::warning("ecs::log-driver", message).help(help)
}

const TOKEN: &str = "splunk-token";
const TOKEN_HELP: &str = "keep it as a secret of the project, and name that under \
                          `x-aws-secret_options: {splunk-token: NAME}`";

/// The token is a secret, and a literal would be in the template for all to read.
fn splunk(
    options: &Options,
    extensions: &LoggingExtensions,
    at: &Path,
    cx: &mut Context<'_>,
) -> Logging {
    if options.0.contains_key(TOKEN) {
        cx.report(
            Diagnostic::error("ecs::log-secret", "the token of Splunk would be public")
                .at(at.key("options").key(TOKEN), "")
                .help(TOKEN_HELP),
        );
    }
    let harmless = options.0.iter().filter(|(key, _)| *key != TOKEN);
    if !options.0.contains_key(TOKEN) && !extensions.secret_options.contains_key(TOKEN) {
        let message = format!("Splunk takes no logs without its `{TOKEN}`");
        let problem = Diagnostic::error("ecs::log-secret", message).at(at.key("driver"), "");
        cx.report(problem.help(TOKEN_HELP));
    }
    Logging::Driver {
        name: "splunk".to_owned(),
        options: sorted(harmless),
        secret_options: secret_options(extensions, at, cx),
    }
}

fn secret_options(
    extensions: &LoggingExtensions,
    at: &Path,
    cx: &mut Context<'_>,
) -> IndexMap<String, SecretRef> {
    let at = at.key("x-aws-secret_options");
    let named = sorted(&extensions.secret_options).into_iter().filter_map(|(key, text)| {
        let reference = secrets::reference(&text, &at.key(key.as_str()), cx)?;
        Some((key, reference))
    });
    named.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::Facts;
    use crate::testing::{check, container, services_with};

    fn options(pairs: &[(&str, &str)]) -> IndexMap<String, String> {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn logs_go_to_cloudwatch_unless_something_else_is_said() {
        let cloud_watch = |pairs: &[_]| Logging::CloudWatch { options: options(pairs) };
        assert_eq!(container("init: true").logging, cloud_watch(&[]));
        let own = "logging: {options: {awslogs-stream-prefix: web, awslogs-group: mine}}";
        let pairs = [("awslogs-group", "mine"), ("awslogs-stream-prefix", "web")];
        assert_eq!(container(own).logging, cloud_watch(&pairs));
        assert_eq!(container("logging: {driver: none}").logging, Logging::None);
        assert_eq!(container("logging: {driver: gelf}").logging, cloud_watch(&[]));
    }

    #[test]
    fn a_router_is_added_for_firelens() {
        let expected = Logging::FireLens {
            router: LOG_ROUTER.to_owned(),
            options: options(&[("Name", "loki")]),
            secret_options: IndexMap::new(),
        };
        let lines = "logging: {driver: awsfirelens, options: {Name: loki}}";
        assert_eq!(container(lines).logging, expected);
    }

    #[test]
    fn a_mistyped_driver_is_told_with_the_nearest() {
        check(
            "
services:
  web:
    image: nginx
    logging:
      driver: awslog
#             ^^^^^^ warning: Fargate has no log driver `awslog`, so logs go to CloudWatch
#             help: did you mean `awslogs`?
",
        );
    }

    #[test]
    fn drivers_that_fargate_lacks_are_told() {
        check(
            "
services:
  web:
    image: nginx
    logging:
      driver: json-file
#             ^^^^^^^^^ warning: Fargate has no log driver `json-file`, so logs go to CloudWatch
#             help: remove `logging`, and read them in CloudWatch
      options:
        max-size: 10m
  worker:
    image: nginx
    logging:
      driver: loki
#             ^^^^ warning: Fargate has no log driver `loki`, so logs go to CloudWatch
#             help: write `driver: awsfirelens` to have them sent elsewhere
",
        );
    }

    #[test]
    fn options_that_cloudwatch_lacks_are_told() {
        check(
            "
services:
  web:
    image: nginx
    logging:
      options:
        max-size: 10m
#                 ^^^ warning: CloudWatch Logs has no option `max-size`
#                 help: remove it, and limit what is kept with `x-aws-logs_retention` of the project
        awslogs-grup: web
#                     ^^^ warning: CloudWatch Logs has no option `awslogs-grup`
#                     help: did you mean `awslogs-group`?
",
        );
    }

    #[test]
    fn the_token_of_splunk_stays_out_of_the_template() {
        check(
            "
services:
  web:
    image: nginx
    logging:
      driver: splunk
      options:
        splunk-url: https://splunk.example
        splunk-token: abc
#                     ^^^ error: the token of Splunk would be public
#                     help: keep it as a secret of the project, and name that under `x-aws-secret_options: {splunk-token: NAME}`
  worker:
    image: nginx
    logging:
      driver: splunk
#             ^^^^^^ error: Splunk takes no logs without its `splunk-token`
#             help: keep it as a secret of the project, and name that under `x-aws-secret_options: {splunk-token: NAME}`
",
        );
    }

    #[test]
    fn options_may_be_secrets() {
        let text = "
services:
  web:
    image: nginx
    logging:
      driver: splunk
      options: {splunk-url: 'https://splunk.example'}
      x-aws-secret_options: {splunk-token: token}
secrets:
  token: {environment: TOKEN}
";
        let web = services_with(&Facts::none(), text).0.remove(0).containers.remove(0);
        let token = SecretRef::Project("token".to_owned());
        let expected = Logging::Driver {
            name: "splunk".to_owned(),
            options: options(&[("splunk-url", "https://splunk.example")]),
            secret_options: IndexMap::from([("splunk-token".to_owned(), token)]),
        };
        assert_eq!(web.logging, expected);
    }
}
