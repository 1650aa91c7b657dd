//! Functions that CloudFormation does not have, and those that are given what they do
//! not take.

use compose_model::value::Value;
use compose_model::{Diagnostic, Path, Place, nearest};

use super::merge::Merge;
use crate::template::is_function;

/// What a function takes.
#[derive(Clone, Copy)]
enum Takes {
    /// A list of so many items, at least and at most.
    List(usize, usize),
    /// A text, or what makes one.
    Any,
    /// The name of something.
    Name,
    /// A resource and an attribute of it.
    Attribute,
    /// A text with variables, and what stands for these.
    Template,
}

/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html>
/// and, for `Rules`,
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-rules.html>
const FUNCTIONS: [(&str, Takes); 22] = [
    ("Fn::And", Takes::List(2, 10)),
    ("Fn::Base64", Takes::Any),
    ("Fn::Cidr", Takes::List(2, 3)),
    ("Fn::Contains", Takes::List(2, 2)),
    ("Fn::EachMemberEquals", Takes::List(2, 2)),
    ("Fn::EachMemberIn", Takes::List(2, 2)),
    ("Fn::Equals", Takes::List(2, 2)),
    ("Fn::FindInMap", Takes::List(3, 3)),
    ("Fn::GetAZs", Takes::Any),
    ("Fn::GetAtt", Takes::Attribute),
    ("Fn::If", Takes::List(3, 3)),
    ("Fn::ImportValue", Takes::Any),
    ("Fn::Join", Takes::List(2, 2)),
    ("Fn::Not", Takes::List(1, 1)),
    ("Fn::Or", Takes::List(2, 10)),
    ("Fn::RefAll", Takes::Any),
    ("Fn::Select", Takes::List(2, 2)),
    ("Fn::Split", Takes::List(2, 2)),
    ("Fn::Sub", Takes::Template),
    ("Fn::ValueOf", Takes::List(2, 2)),
    ("Fn::ValueOfAll", Takes::List(2, 2)),
    ("Ref", Takes::Name),
];

/// Looks at every function of an overlay, below the names of its sections. Nothing is
/// made of what stands in `Metadata`.
pub(super) fn check(overlay: &Value, root: &Path, merge: &mut Merge) {
    let sections = overlay.as_map().into_iter().flatten();
    for (section, value) in sections.filter(|(section, _)| *section != "Metadata") {
        for (name, value) in value.as_map().into_iter().flatten() {
            below(value, &root.key(section).key(name), merge);
        }
    }
}

fn below(value: &Value, at: &Path, merge: &mut Merge) {
    for (index, item) in value.as_list().into_iter().flatten().enumerate() {
        below(item, &at.index(index), merge);
    }
    let Some(entries) = value.as_map() else { return };
    for (key, value) in entries {
        let place = at.key(key);
        if is_function(key) {
            let is_alone = entries.len() == 1;
            wrong(key, value, is_alone, &place).into_iter().for_each(|it| merge.report(it));
        }
        below(value, &place, merge);
    }
}

fn wrong(name: &str, value: &Value, is_alone: bool, at: &Path) -> Option<Diagnostic> {
    let error = |message| Diagnostic::error("ecs::overlay-function", message);
    let Some((_, takes)) = FUNCTIONS.iter().find(|(known, _)| *known == name) else {
        let problem = error(format!("there is no function `{name}`"));
        let problem = problem.at(Place::Key(at.clone()), "unknown");
        return Some(match nearest(name, FUNCTIONS.iter().map(|(known, _)| *known)) {
            Some(near) => problem.help(format!("did you mean `{near}`?")),
            None => problem.help("those of macros need `Transform: AWS::LanguageExtensions`"),
        });
    };
    if !is_alone {
        let problem = error(format!("`{name}` stands beside other keys"));
        let problem = problem.at(Place::Key(at.clone()), "a function is all of a value");
        return Some(problem.help("write it as a value of its own"));
    }
    let help = takes.missing(name, value)?;
    Some(error(format!("`{name}` does not take this")).at(at.clone(), "").help(help))
}

impl Takes {
    /// What to write instead of what is no such thing. Functions may make anything.
    fn missing(self, name: &str, value: &Value) -> Option<String> {
        let items = value.as_list();
        match self {
            Self::Any => None,
            Self::List(least, most) => {
                let is_right = items.is_some_and(|items| (least..=most).contains(&items.len()));
                (!is_right).then(|| match (least, most) {
                    (1, 1) => "write a list of one item".to_owned(),
                    _ if least == most => format!("write a list of {least} items"),
                    _ => format!("write a list of {least} to {most} items"),
                })
            }
            Self::Name => {
                value.as_str().is_none().then(|| format!("write one name: `{name}: Cluster`"))
            }
            Self::Attribute => {
                let is_text = value.as_str().is_some_and(|text| text.contains('.'));
                let is_right = is_text || items.is_some_and(|items| items.len() == 2);
                (!is_right).then(|| {
                    format!("write a resource and its attribute: `{name}: [LoadBalancer, DNSName]`")
                })
            }
            Self::Template => {
                let first = items.map_or(Some(value), |items| items.first());
                let is_long = items.is_some_and(|items| items.len() != 2);
                let text = first.and_then(Value::as_str).filter(|_| !is_long);
                let is_right = text.is_some_and(is_closed);
                (!is_right).then(|| format!("write a text: `{name}: 'on ${{AWS::Region}}'`"))
            }
        }
    }
}

/// Whether each variable of a text has an end.
fn is_closed(text: &str) -> bool {
    text.split("${").skip(1).all(|rest| rest.contains('}'))
}
