//! Output that can go nowhere.

use super::plain;
use crate::cause::kind::Kind;
use crate::cause::pull;
use crate::cause::reading::Reading;
use crate::cause::text::Text;

pub(super) fn read(said: &str, text: &Text<'_>, who: &str) -> Reading {
    let message = |why: &str| format!("the output of {who} can go nowhere: {why}");
    if text.has(&["not authorized", "accessdenied"]) {
        return Reading::new(
            Kind::LogsFailed,
            message("its execution role may not write to the log group"),
            "it needs logs:CreateLogStream and logs:PutLogEvents; with `awslogs-create-group` \
             logs:CreateLogGroup, too",
        );
    }
    if text.has(&["does not exist", "resourcenotfound"]) {
        return Reading::new(
            Kind::LogsFailed,
            message("its log group does not exist"),
            "create the group that `logging` names, or leave the choice to this tool",
        );
    }
    if pull::is_unreachable(text) || text.has(&["signal: killed"]) {
        return Reading::new(
            Kind::LogsFailed,
            message("its task has no way to CloudWatch Logs"),
            pull::ROUTE,
        );
    }
    Reading::new(Kind::LogsFailed, message(&plain(said)), "check `logging` of the service")
}
