//! What a task definition has to be like before AWS is asked. What AWS checks itself
//! is left to it, as far as nothing has been done by then.

use serde_json::{Map, Value};

use super::Remark;

/// What AWS takes: <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html>
const KEYS: [(&str, Kind); 17] = [
    ("containerDefinitions", Kind::List),
    ("cpu", Kind::Text),
    ("enableFaultInjection", Kind::Other),
    ("ephemeralStorage", Kind::Object),
    ("executionRoleArn", Kind::Text),
    ("family", Kind::Text),
    ("inferenceAccelerators", Kind::List),
    ("ipcMode", Kind::Text),
    ("memory", Kind::Text),
    ("networkMode", Kind::Text),
    ("pidMode", Kind::Text),
    ("placementConstraints", Kind::List),
    ("proxyConfiguration", Kind::Object),
    ("requiresCompatibilities", Kind::List),
    ("runtimePlatform", Kind::Object),
    ("tags", Kind::List),
    ("taskRoleArn", Kind::Text),
];

/// Those of a container: <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html>
const CONTAINER_KEYS: [(&str, Kind); 42] = [
    ("command", Kind::List),
    ("cpu", Kind::Other),
    ("credentialSpecs", Kind::List),
    ("dependsOn", Kind::List),
    ("disableNetworking", Kind::Other),
    ("dnsSearchDomains", Kind::List),
    ("dnsServers", Kind::List),
    ("dockerLabels", Kind::Object),
    ("dockerSecurityOptions", Kind::List),
    ("entryPoint", Kind::List),
    ("environment", Kind::List),
    ("environmentFiles", Kind::List),
    ("essential", Kind::Other),
    ("extraHosts", Kind::List),
    ("firelensConfiguration", Kind::Object),
    ("healthCheck", Kind::Object),
    ("hostname", Kind::Text),
    ("image", Kind::Text),
    ("interactive", Kind::Other),
    ("links", Kind::List),
    ("linuxParameters", Kind::Object),
    ("logConfiguration", Kind::Object),
    ("memory", Kind::Other),
    ("memoryReservation", Kind::Other),
    ("mountPoints", Kind::List),
    ("name", Kind::Text),
    ("portMappings", Kind::List),
    ("privileged", Kind::Other),
    ("pseudoTerminal", Kind::Other),
    ("readonlyRootFilesystem", Kind::Other),
    ("repositoryCredentials", Kind::Object),
    ("resourceRequirements", Kind::List),
    ("restartPolicy", Kind::Object),
    ("secrets", Kind::List),
    ("startTimeout", Kind::Other),
    ("stopTimeout", Kind::Other),
    ("systemControls", Kind::List),
    ("ulimits", Kind::List),
    ("user", Kind::Text),
    ("versionConsistency", Kind::Text),
    ("volumesFrom", Kind::List),
    ("workingDirectory", Kind::Text),
];

#[derive(Debug, Clone, Copy)]
enum Kind {
    Text,
    List,
    Object,
    Other,
}

impl Kind {
    fn fits(self, value: &Value) -> bool {
        // AWS takes null for nothing.
        value.is_null()
            || match self {
                Self::Text => value.is_string(),
                Self::List => value.is_array(),
                Self::Object => value.is_object(),
                Self::Other => true,
            }
    }

    fn wanted(self, value: &Value) -> String {
        match (self, value) {
            (Self::Text, Value::Number(number)) => {
                format!("it has to be a text, such as `\"{number}\"`")
            }
            (Self::List, _) => "it has to be a list".to_owned(),
            (Self::Object, _) => "it has to be an object".to_owned(),
            (Self::Text | Self::Other, _) => "it has to be a text".to_owned(),
        }
    }
}

/// Everything that is certainly wrong.
pub(super) fn problems(body: &Map<String, Value>, needs_volumes: bool) -> Vec<Remark> {
    let mut wrong = Vec::new();
    family(body, &mut wrong);
    kinds("$", body, &KEYS, &mut wrong);
    match body.get("volumes") {
        Some(volumes) if !Kind::List.fits(volumes) || volumes.is_null() && needs_volumes => {
            wrong.push(remark("$.volumes", "it has to be a list"));
        }
        None if needs_volumes => wrong.push(remark("$.volumes", "it is missing")),
        Some(_) | None => {}
    }
    match body.get("containerDefinitions") {
        Some(Value::Array(containers)) if !containers.is_empty() => {
            let mut names = Vec::new();
            for (place, container) in containers.iter().enumerate() {
                self::container(place, container, &mut names, &mut wrong);
            }
        }
        Some(Value::Array(_)) | None => {
            wrong.push(remark("$.containerDefinitions", "there has to be a container"));
        }
        // Told with the other kinds.
        Some(_) => {}
    }
    wrong
}

/// What no version of AWS that this program knows takes. It may be newer.
pub(super) fn unknown(body: &Map<String, Value>) -> Vec<Remark> {
    let of_task = beside(body, &KEYS).filter(|key| *key != "volumes");
    let mut all: Vec<String> = of_task.map(|key| format!("$.{key}")).collect();
    let containers = body.get("containerDefinitions").and_then(Value::as_array);
    for (place, container) in containers.into_iter().flatten().enumerate() {
        let of_container = container.as_object().map(|it| beside(it, &CONTAINER_KEYS));
        let at = |key| format!("$.containerDefinitions[{place}].{key}");
        all.extend(of_container.into_iter().flatten().map(at));
    }
    all.iter().map(|at| remark(at, "it is not known here, and passed on as it is")).collect()
}

/// The keys of an object that are not among those that are known.
fn beside<'a>(
    object: &'a Map<String, Value>,
    known: &[(&str, Kind)],
) -> impl Iterator<Item = &'a str> {
    let is_known = |key: &str| known.iter().any(|(name, _)| *name == key);
    object.keys().map(String::as_str).filter(move |key| !is_known(key))
}

fn family(body: &Map<String, Value>, wrong: &mut Vec<Remark>) {
    match body.get("family") {
        Some(Value::String(name)) if !is_name(name) => wrong.push(remark(
            "$.family",
            &format!("`{name}` is no name: up to 255 letters, digits, `-` and `_`"),
        )),
        None | Some(Value::Null) => wrong.push(remark("$.family", "it is missing")),
        // Told with the other kinds, if it is no text.
        Some(_) => {}
    }
}

fn is_name(text: &str) -> bool {
    let is_right = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    (1..=255).contains(&text.len()) && text.bytes().all(is_right)
}

fn container<'a>(
    place: usize,
    container: &'a Value,
    names: &mut Vec<&'a str>,
    wrong: &mut Vec<Remark>,
) {
    let at = format!("$.containerDefinitions[{place}]");
    let Value::Object(container) = container else {
        return wrong.push(remark(&at, "it has to be an object"));
    };
    for key in ["name", "image"] {
        if container.get(key).is_none_or(|it| it.is_null() || it == "") {
            wrong.push(remark(&format!("{at}.{key}"), "it is missing"));
        }
    }
    if let Some(name) = container.get("name").and_then(Value::as_str) {
        if names.contains(&name) {
            let message = format!("another container has the name `{name}` already");
            wrong.push(remark(&format!("{at}.name"), &message));
        }
        names.push(name);
    }
    kinds(&at, container, &CONTAINER_KEYS, wrong);
}

fn kinds(at: &str, object: &Map<String, Value>, keys: &[(&str, Kind)], wrong: &mut Vec<Remark>) {
    for (key, kind) in keys {
        if let Some(value) = object.get(*key).filter(|value| !kind.fits(value)) {
            wrong.push(remark(&format!("{at}.{key}"), &kind.wanted(value)));
        }
    }
}

fn remark(at: &str, message: &str) -> Remark {
    Remark { at: at.to_owned(), message: message.to_owned() }
}
