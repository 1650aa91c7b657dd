//! What is left of a stack that is gone: what is retained is listed, so that nobody pays
//! for it unknowingly.

use ecs_apply::{Aws, Begun, StackEvent};
use serde_json::{Value as Json, json};

use crate::error::CliError;
use crate::ui::Ui;

/// Something that is left of a stack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Kept {
    pub(crate) id: String,
    kind: String,
    /// Its name in the template, or that of its volume.
    name: String,
}

impl Kept {
    fn of_event(event: StackEvent) -> Self {
        Self {
            id: event.physical_id.unwrap_or_else(|| "?".to_owned()),
            kind: event.kind,
            name: event.logical_id,
        }
    }
}

/// What CloudFormation left while it did what was begun.
pub(crate) async fn skipped(aws: &Aws, begun: &Begun) -> Result<Vec<Kept>, CliError> {
    let events = aws.stack_events(&begun.stack, begun.seen.as_deref()).await?;
    let skipped = events.into_iter().filter(|it| it.status.0 == "DELETE_SKIPPED");
    Ok(without_doubles(skipped.map(Kept::of_event).collect()))
}

/// The same, with what earlier stacks of this name have left of a project.
pub(crate) async fn with_volumes(
    mut kept: Vec<Kept>,
    aws: &Aws,
    project: &str,
    stack: &str,
    ui: &mut Ui,
) -> Result<Vec<Kept>, CliError> {
    let left = match ecs_apply::left_volumes(aws, project, stack).await {
        Err(error) if error.is_denied() => {
            let help = error.help().unwrap_or_default();
            ui.note(&format!("volumes of earlier removals are not listed: {error}; {help}"));
            Vec::new()
        }
        answer => answer?,
    };
    kept.extend(left.into_iter().map(|volume| Kept {
        name: volume.name.unwrap_or_else(|| "a volume".to_owned()),
        kind: "AWS::EFS::FileSystem".to_owned(),
        id: volume.id,
    }));
    Ok(without_doubles(kept))
}

/// Each once; the first name is the one in the template.
fn without_doubles(mut kept: Vec<Kept>) -> Vec<Kept> {
    let mut seen: Vec<String> = Vec::new();
    kept.retain(|it| {
        let is_new = !seen.contains(&it.id);
        seen.push(it.id.clone());
        is_new
    });
    kept
}

/// Tells people of it.
pub(crate) fn tell(kept: &[Kept], ui: &mut Ui) {
    for Kept { id, kind, name } in kept {
        ui.tell(&format!("kept: {id} ({kind}, {name})\n"));
    }
}

/// The same for programs: docs/json.md says what is in it.
pub(crate) fn data(kept: &[Kept]) -> Json {
    let one = |Kept { id, kind, name }: &Kept| json!({"logical_id": name, "physical_id": id, "type": kind});
    kept.iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_listed_once() {
        let kept = |id: &str, name: &str| Kept {
            id: id.to_owned(),
            kind: "AWS::EFS::FileSystem".to_owned(),
            name: name.to_owned(),
        };
        let all = vec![kept("fs-1", "DataFilesystem"), kept("fs-2", "a"), kept("fs-1", "data")];
        assert_eq!(without_doubles(all), [kept("fs-1", "DataFilesystem"), kept("fs-2", "a")]);
    }
}
