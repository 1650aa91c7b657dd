//! Diagnostics for code scanners.
//!
//! <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>

use indexmap::IndexSet;
use serde::Serialize;

use crate::ui::json;
use crate::ui::located::{Located, Spot};

#[derive(Serialize)]
struct Log<'a> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<'a> {
    tool: Tool<'a>,
    column_kind: &'static str,
    results: Vec<Outcome<'a>>,
}

#[derive(Serialize)]
struct Tool<'a> {
    driver: Driver<'a>,
}

#[derive(Serialize)]
struct Driver<'a> {
    name: &'static str,
    version: &'static str,
    rules: Vec<Rule<'a>>,
}

#[derive(Serialize)]
struct Rule<'a> {
    id: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Outcome<'a> {
    rule_id: &'a str,
    rule_index: usize,
    level: &'static str,
    message: Message,
    locations: Vec<Location>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Location>,
}

#[derive(Serialize)]
struct Message {
    text: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    physical_location: PhysicalLocation,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Message>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PhysicalLocation {
    artifact_location: ArtifactLocation,
    region: Region,
}

#[derive(Serialize)]
struct ArtifactLocation {
    uri: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: usize,
    start_column: usize,
    end_line: usize,
    end_column: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    snippet: Option<Message>,
}

/// All diagnostics as one log with one run.
pub(super) fn log(located: &[Located<'_>]) -> String {
    let codes: IndexSet<&str> = located.iter().map(|it| it.code).collect();
    json::write(&Log {
        schema: "https://json.schemastore.org/sarif-2.1.0.json",
        version: "2.1.0",
        runs: [Run {
            tool: Tool { driver: driver(&codes) },
            column_kind: "unicodeCodePoints",
            results: located.iter().map(|located| outcome(located, &codes)).collect(),
        }],
    })
}

fn driver<'a>(codes: &IndexSet<&'a str>) -> Driver<'a> {
    Driver {
        name: "ecs-cli",
        version: env!("CARGO_PKG_VERSION"),
        rules: codes.iter().map(|id| Rule { id }).collect(),
    }
}

fn outcome<'a>(located: &Located<'a>, codes: &IndexSet<&str>) -> Outcome<'a> {
    let mut locations: Vec<_> = located.spots.iter().map(location).collect();
    let related_locations = locations.split_off(locations.len().min(1));
    Outcome {
        rule_id: located.code,
        rule_index: codes.get_index_of(located.code).expect("every code was collected"),
        level: json::severity(located.severity),
        message: Message { text: message(&located.message, located.help.as_deref()) },
        locations,
        related_locations,
    }
}

/// SARIF has no place for help that differs from result to result.
fn message(message: &str, help: Option<&str>) -> String {
    match help {
        Some(help) => format!("{message}\nhelp: {help}"),
        None => message.to_owned(),
    }
}

fn location(spot: &Spot<'_>) -> Location {
    let remark = Some(&spot.remark).filter(|text| !text.is_empty());
    Location {
        physical_location: PhysicalLocation {
            artifact_location: ArtifactLocation { uri: uri(&spot.name) },
            region: Region {
                start_line: spot.start.line,
                start_column: spot.start.column,
                end_line: spot.end.line,
                end_column: spot.end.column,
                snippet: spot.snippet().map(|text| Message { text: text.to_owned() }),
            },
        },
        message: remark.map(|text| Message { text: text.to_string() }),
    }
}

/// A file's name as a URI: relative to where the command ran, or `file://`.
fn uri(name: &str) -> String {
    let mut uri = String::from(if name.starts_with('/') { "file://" } else { "" });
    for byte in name.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => uri.push(byte.into()),
            b'/' | b'.' | b'-' | b'_' | b'~' => uri.push(byte.into()),
            b'\\' if cfg!(windows) => uri.push('/'),
            _ => uri += &format!("%{byte:02X}"),
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use compose_model::Diagnostic;

    use super::*;
    use crate::ui::sample::Files;

    #[test]
    fn a_log_has_rules_results_and_regions() {
        let (mut files, file) = Files::one("/app/my compose.yaml", "a: ü\nb: 1\n");
        let secret = files.add_secret("/etc/x.env", "KEY=hunter2");
        let problem = |at| {
            Diagnostic::error("test::one", "wrong").at(files.find(file, at), "this").help("do not")
        };
        let warning = Diagnostic::warning("test::two", "odd")
            .at(files.find(secret, "hunter2"), "")
            .at(files.find(file, "1"), "compare");
        let found = [problem("ü"), problem("b"), warning];
        let log = files.render(&found, log);
        assert!(!log.contains("hunter2"));
        insta::assert_snapshot!(log.replace(env!("CARGO_PKG_VERSION"), "VERSION"), @r#"
        {
          "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
          "version": "2.1.0",
          "runs": [
            {
              "tool": {
                "driver": {
                  "name": "ecs-cli",
                  "version": "VERSION",
                  "rules": [
                    {
                      "id": "test::one"
                    },
                    {
                      "id": "test::two"
                    }
                  ]
                }
              },
              "columnKind": "unicodeCodePoints",
              "results": [
                {
                  "ruleId": "test::one",
                  "ruleIndex": 0,
                  "level": "error",
                  "message": {
                    "text": "wrong\nhelp: do not"
                  },
                  "locations": [
                    {
                      "physicalLocation": {
                        "artifactLocation": {
                          "uri": "my%20compose.yaml"
                        },
                        "region": {
                          "startLine": 1,
                          "startColumn": 4,
                          "endLine": 1,
                          "endColumn": 5,
                          "snippet": {
                            "text": "ü"
                          }
                        }
                      },
                      "message": {
                        "text": "this"
                      }
                    }
                  ]
                },
                {
                  "ruleId": "test::one",
                  "ruleIndex": 0,
                  "level": "error",
                  "message": {
                    "text": "wrong\nhelp: do not"
                  },
                  "locations": [
                    {
                      "physicalLocation": {
                        "artifactLocation": {
                          "uri": "my%20compose.yaml"
                        },
                        "region": {
                          "startLine": 2,
                          "startColumn": 1,
                          "endLine": 2,
                          "endColumn": 2,
                          "snippet": {
                            "text": "b"
                          }
                        }
                      },
                      "message": {
                        "text": "this"
                      }
                    }
                  ]
                },
                {
                  "ruleId": "test::two",
                  "ruleIndex": 1,
                  "level": "warning",
                  "message": {
                    "text": "odd"
                  },
                  "locations": [
                    {
                      "physicalLocation": {
                        "artifactLocation": {
                          "uri": "file:///etc/x.env"
                        },
                        "region": {
                          "startLine": 1,
                          "startColumn": 5,
                          "endLine": 1,
                          "endColumn": 12
                        }
                      }
                    }
                  ],
                  "relatedLocations": [
                    {
                      "physicalLocation": {
                        "artifactLocation": {
                          "uri": "my%20compose.yaml"
                        },
                        "region": {
                          "startLine": 2,
                          "startColumn": 4,
                          "endLine": 2,
                          "endColumn": 5,
                          "snippet": {
                            "text": "1"
                          }
                        }
                      },
                      "message": {
                        "text": "compare"
                      }
                    }
                  ]
                }
              ]
            }
          ]
        }
        "#);
    }
}
