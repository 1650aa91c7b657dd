//! A plan, for people and for programs.

use annotate_snippets::renderer::{AnsiColor, Effects, Style};
use ecs_apply::{Action, Difference, Plan, PlanKind, Recreation, Risk, RiskKind, Step};
use serde_json::{Value as Json, json};

use crate::ui::failure::WARNING;
use crate::ui::plain;

const ADD: Style = AnsiColor::Green.on_default();
const CHANGE: Style = AnsiColor::Yellow.on_default();
const REPLACE: Style = AnsiColor::Magenta.on_default();
const REMOVE: Style = AnsiColor::Red.on_default();
const FAINT: Style = Style::new().effects(Effects::DIMMED);

/// Every resource with a sign, its properties below it, then what would be lost.
pub(crate) fn text(plan: &Plan) -> String {
    let mut text = String::new();
    if plan.is_empty() {
        text += &format!("nothing to change: the stack {} is as the project says\n", plan.stack);
    } else {
        text += &format!("{}\n\n", headline(plan));
        let width = plan.steps.iter().map(|step| step.logical_id.chars().count()).max();
        for step in &plan.steps {
            text += &resource(step, width.unwrap_or_default());
        }
        text += &format!("\n{}\n", sums(plan));
    }
    for Risk { kind: _, logical_id, message } in &plan.risks {
        text += &format!("{WARNING}warning{WARNING:#}: {}: {}\n", plain::line(logical_id), message);
    }
    for note in &plan.notes {
        text += &format!("note: {}\n", plain::line(note));
    }
    text
}

fn headline(plan: &Plan) -> String {
    let stack = plain::line(&plan.stack);
    match plan.kind {
        PlanKind::Create => format!("the stack {stack} is made:"),
        PlanKind::CreateAgain => format!(
            "what is left of an attempt that failed is removed, and the stack {stack} is made:"
        ),
        PlanKind::Update => format!("the stack {stack} is changed:"),
    }
}

fn resource(step: &Step, width: usize) -> String {
    let (sign, style, note) = match step.action {
        Action::Add => ("+", ADD, ""),
        Action::Change => ("~", CHANGE, ""),
        Action::Replace { certain: true } if step.is_revision() => {
            ("~", CHANGE, ", a new revision")
        }
        Action::Replace { certain: true } => ("±", REPLACE, ", replaced"),
        Action::Replace { certain: false } => ("±", REPLACE, ", perhaps replaced"),
        Action::Remove => ("-", REMOVE, ""),
        Action::Release => ("-", REMOVE, ", kept outside of the stack"),
    };
    let name = plain::line(&step.logical_id);
    let kind = plain::line(&step.resource);
    let mut text =
        format!("  {style}{sign} {name:width$}{style:#}  {FAINT}{kind}{note}{FAINT:#}\n");
    for it in &step.differences {
        text += &format!("      {}\n", plain::line(&difference(it)));
    }
    text
}

fn difference(it: &Difference) -> String {
    let Difference { path, before, after, recreation: _, cause } = it;
    match (before, after, cause) {
        (Some(before), Some(after), _) => format!("{path}: {before} → {after}"),
        (None, Some(after), _) => format!("{path}: {after} (new)"),
        (Some(before), None, _) => format!("{path}: {before} (removed)"),
        (None, None, Some(cause)) => format!("{path} follows {cause}"),
        (None, None, None) => path.clone(),
    }
}

fn sums(plan: &Plan) -> String {
    let counts = plan.counts();
    format!(
        "{} to add, {} to change, {} to replace, {} to remove",
        counts.added, counts.changed, counts.replaced, counts.removed
    )
}

/// The same for programs: docs/json.md says what is in it.
pub(crate) fn data(plan: &Plan) -> Json {
    json!({
        "version": 1,
        "stack": plan.stack,
        "kind": match plan.kind {
            PlanKind::Create => "create",
            PlanKind::CreateAgain => "create-again",
            PlanKind::Update => "update",
        },
        "changes": plan.steps.iter().map(step).collect::<Vec<_>>(),
        "risks": plan.risks.iter().map(risk).collect::<Vec<_>>(),
        "notes": plan.notes,
    })
}

fn step(step: &Step) -> Json {
    json!({
        "action": match step.action {
            Action::Add => "add",
            Action::Change => "change",
            Action::Replace { certain: true } => "replace",
            Action::Replace { certain: false } => "perhaps-replace",
            Action::Remove => "remove",
            Action::Release => "release",
        },
        "logical_id": step.logical_id,
        "physical_id": step.physical_id,
        "type": step.resource,
        "properties": step.differences.iter().map(property).collect::<Vec<_>>(),
    })
}

fn property(it: &Difference) -> Json {
    json!({
        "path": it.path,
        "before": it.before,
        "after": it.after,
        "recreation": match it.recreation {
            Recreation::Never => "never",
            Recreation::Conditionally => "conditionally",
            Recreation::Always => "always",
        },
        "cause": it.cause,
    })
}

fn risk(risk: &Risk) -> Json {
    json!({
        "kind": match risk.kind {
            RiskKind::Data => "data",
            RiskKind::Address => "address",
            RiskKind::Deployment => "deployment",
        },
        "logical_id": risk.logical_id,
        "message": risk.message,
    })
}
