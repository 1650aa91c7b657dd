//! Properties that AWS does not list. They are most likely mistyped; but AWS adds some
//! every week, so that nothing is refused for them.

use compose_model::value::Value;
use compose_model::{Diagnostic, Path, Place, nearest};
use indexmap::IndexMap;

use super::policies;
use super::schema::{Holds, Property, Shape, date};
use super::selector;
use crate::template::{Data, Template, is_function};

/// Looks at every resource that an overlay changes or adds.
pub(super) fn check(template: &Template, overlay: &Value, root: &Path) -> Vec<Diagnostic> {
    let at = root.key("Resources");
    let resources = overlay.get("Resources").and_then(Value::as_map);
    let mut found = Vec::new();
    for (id, resource) in resources.into_iter().flatten() {
        let properties = resource.get("Properties").and_then(Value::as_map);
        let kind = resource.get("Type").and_then(Value::as_str).or_else(|| kind(template, id));
        let (Some(properties), Some(kind)) = (properties, kind) else { continue };
        policies::check(properties, &at.key(id).key("Properties"), &mut found);
        if let Some(shape) = Shape::of(kind) {
            let mut look = Look { kind, found };
            look.mapping(shape, None, properties, &at.key(id).key("Properties"));
            found = look.found;
        }
    }
    found
}

fn kind<'a>(template: &'a Template, id: &str) -> Option<&'a str> {
    template.root.get("Resources")?.get(id)?.get("Type").and_then(Data::as_str)
}

/// A look at one resource.
struct Look<'a> {
    kind: &'a str,
    found: Vec<Diagnostic>,
}

impl Look<'_> {
    /// `name` is that of the mapping, which the resource as a whole does not have.
    fn mapping(
        &mut self,
        shape: Shape,
        name: Option<&str>,
        entries: &IndexMap<String, Value>,
        at: &Path,
    ) {
        for (key, value) in entries.iter().filter(|(key, _)| !is_function(key)) {
            let at = at.key(key);
            match (selector::parse(key), shape.property(selector::name(key))) {
                (None, Some(property)) => self.value(property, key, value, &at),
                (Some((list, _)), Some(property)) => {
                    if let Holds::List(item) = property.holds() {
                        self.value(item, list, value, &at);
                    }
                }
                (_, None) => self.found.push(self.unknown(shape, name, key, at)),
            }
        }
    }

    fn value(&mut self, property: Property, name: &str, value: &Value, at: &Path) {
        if let Some((function, value)) = function(value) {
            return self.branches(property, name, function, value, at);
        }
        match (property.holds(), value) {
            (Holds::Mapping(shape), Value::Map(entries)) => {
                self.mapping(shape, Some(name), entries, at);
            }
            (Holds::List(item), Value::List(items)) => {
                for (index, value) in items.iter().enumerate() {
                    self.value(item, name, value, &at.index(index));
                }
            }
            (holds, value) => self.found.extend(self.misshapen(holds, name, value, at)),
        }
    }

    /// What a condition chooses from is what the property holds.
    fn branches(
        &mut self,
        property: Property,
        name: &str,
        function: &str,
        value: &Value,
        at: &Path,
    ) {
        let branches = value.as_list().filter(|_| function == "Fn::If");
        for (index, value) in branches.into_iter().flatten().enumerate().skip(1) {
            self.value(property, name, value, &at.key(function).index(index));
        }
    }

    fn whole(&self, name: Option<&str>) -> String {
        let kind = self.kind;
        name.map_or_else(|| format!("`{kind}`"), |name| format!("`{name}` of `{kind}`"))
    }

    fn unknown(&self, shape: Shape, name: Option<&str>, key: &str, at: Path) -> Diagnostic {
        let message = format!("{} has no property `{key}`", self.whole(name));
        let problem = Diagnostic::warning("ecs::overlay-property", message);
        let problem = problem.at(Place::Key(at), "unknown");
        problem.help(match nearest(key, shape.names()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!(
                "AWS did not list it on {}; take it out, unless AWS has added it since",
                date()
            ),
        })
    }

    /// A value that CloudFormation takes for no such property.
    fn misshapen(&self, holds: Holds, name: &str, value: &Value, at: &Path) -> Option<Diagnostic> {
        let (is, help) = match (holds, value) {
            (_, Value::Null) | (Holds::Anything, _) => return None,
            (Holds::Single, Value::List(_) | Value::Map(_)) => {
                ("a single value", "write text, a number, or `true` or `false`".to_owned())
            }
            (Holds::Single, _) => return None,
            (Holds::Mapping(_), _) => {
                ("a mapping", "write names of properties below it".to_owned())
            }
            (Holds::List(_), Value::Map(_)) => {
                ("a list", format!("write `{name}[0]:` to change an item, or a list of all items"))
            }
            (Holds::List(_), _) => {
                ("a list", "write each item in a line of its own, after `-`".to_owned())
            }
        };
        let message = format!("{} is {is}", self.whole(Some(name)));
        let problem = Diagnostic::warning("ecs::overlay-property", message);
        Some(problem.at(at.clone(), "this is none").help(help))
    }
}

/// A function of CloudFormation, if a value is one.
fn function(value: &Value) -> Option<(&str, &Value)> {
    let entries = value.as_map().filter(|entries| entries.len() == 1)?;
    entries.first().filter(|(key, _)| is_function(key)).map(|(key, value)| (key.as_str(), value))
}
