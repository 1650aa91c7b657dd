//! What AWS lists for resources, at every depth: `properties.txt`.
//!
//! A paragraph is a resource and the mappings below it, a line one of these: its name,
//! and its properties. `[]` after a property makes it a list, `:Name` a mapping that has
//! a line of its own, `*` anything. A property with none of these has a single value.

/// Written by `cargo xtask properties`.
const TABLE: &str = include_str!("properties.txt");

/// A mapping of which AWS lists all properties.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Shape {
    properties: &'static str,
    /// The lines that tell of mappings below it.
    lines: &'static str,
}

/// A property, or an item of a list.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Property {
    notation: &'static str,
    lines: &'static str,
}

/// What a property holds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Holds {
    /// AWS does not say, or takes several kinds.
    Anything,
    /// Text, a number or a truth.
    Single,
    /// Items, all alike.
    List(Property),
    /// Properties of its own.
    Mapping(Shape),
}

/// The day of the schemas that the table was made from.
pub(super) fn date() -> &'static str {
    TABLE.lines().next().unwrap_or_default()
}

impl Shape {
    /// What a type of resources has, if it is one of those in the table.
    pub(super) fn of(kind: &str) -> Option<Self> {
        TABLE
            .split("\n\n")
            .skip(1)
            .filter(|it| it.starts_with(kind))
            .find_map(|paragraph| Self::named(kind, paragraph))
    }

    fn named(name: &str, lines: &'static str) -> Option<Self> {
        let lines_of = lines.lines().map(|line| line.split_once(' ').unwrap_or((line, "")));
        let properties = lines_of.into_iter().find(|(other, _)| *other == name)?.1;
        Some(Self { properties, lines })
    }

    /// What can be set in it.
    pub(super) fn names(self) -> impl Iterator<Item = &'static str> {
        self.properties.split(' ').map(|property| split(property).0)
    }

    /// One of its properties.
    pub(super) fn property(self, name: &str) -> Option<Property> {
        let mut properties = self.properties.split(' ').map(split);
        let (_, notation) = properties.find(|(other, _)| *other == name)?;
        Some(Property { notation, lines: self.lines })
    }
}

impl Property {
    /// What it holds.
    pub(super) fn holds(self) -> Holds {
        if let Some(notation) = self.notation.strip_prefix("[]") {
            return Holds::List(Self { notation, ..self });
        }
        match self.notation.strip_prefix(':') {
            Some(name) => Shape::named(name, self.lines).map_or(Holds::Anything, Holds::Mapping),
            None if self.notation.is_empty() => Holds::Single,
            None => Holds::Anything,
        }
    }
}

/// The name of a property, and what it holds.
fn split(property: &str) -> (&str, &str) {
    property.split_at(property.find(['[', ':', '*']).unwrap_or(property.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a way through mappings and lists leads to.
    fn found(kind: &str, way: &str) -> Option<&'static str> {
        let mut property = None;
        let mut shape = Shape::of(kind)?;
        for name in way.split('.') {
            let found = shape.property(name)?;
            property = Some(found);
            let holds = match found.holds() {
                Holds::List(item) => item.holds(),
                holds @ (Holds::Anything | Holds::Single | Holds::Mapping(_)) => holds,
            };
            if let Holds::Mapping(below) = holds {
                shape = below;
            }
        }
        Some(property?.notation)
    }

    #[test]
    fn properties_are_found_at_every_depth() {
        let cases = [
            ("AWS::ECS::Service", "DesiredCount", Some("")),
            ("AWS::ECS::Service", "DesiredCont", None),
            ("AWS::ECS::Service", "Desired", None),
            ("AWS::ECS::Service", "NetworkConfiguration.AwsvpcConfiguration.Subnets", Some("[]")),
            ("AWS::ECS::Serv", "DesiredCount", None),
            ("AWS::ECS::TaskDefinition", "ContainerDefinitions.Environment.Value", Some("")),
            ("AWS::ECS::TaskDefinition", "ContainerDefinitions.DockerLabels", Some("*")),
            ("AWS::ECS::TaskDefinition", "Environment", None),
            ("AWS::IAM::Role", "Policies", Some("[]:Policy")),
            ("AWS::IAM::Role", "Policies.PolicyDocument", Some("*")),
            // Only AWS sets it.
            ("AWS::IAM::Role", "Arn", None),
            ("AWS::Nobody::Knows", "A", None),
        ];
        for (kind, way, expected) in cases {
            assert_eq!(found(kind, way), expected, "{kind} {way}");
        }
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "sources are no files of a project")]
    fn every_type_that_is_made_is_in_the_table() {
        let sources = concat!(env!("CARGO_MANIFEST_DIR"), "/src/convert");
        let mut count = 0;
        for entry in std::fs::read_dir(sources).unwrap() {
            let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
            for rest in text.split("const TYPE: &'static str = \"").skip(1) {
                let kind = rest.split('"').next().unwrap();
                assert!(Shape::of(kind).is_some(), "{kind}: run `cargo xtask properties`");
                count += 1;
            }
        }
        assert!(count > 20, "{count}");
    }

    #[test]
    fn every_mapping_has_a_line() {
        for paragraph in TABLE.split("\n\n").skip(1) {
            for property in paragraph.split([' ', '\n']) {
                let name = split(property).1.rsplit_once(':').map(|(_, name)| name);
                let name = name.filter(|_| !property.starts_with("AWS::"));
                assert!(name.is_none_or(|it| Shape::named(it, paragraph).is_some()), "{property}");
            }
        }
    }

    #[test]
    fn the_table_says_of_which_day_it_is() {
        let numbers: Vec<_> = date().split('-').map(str::len).collect();
        assert_eq!(numbers, [4, 2, 2], "{}", date());
    }
}
