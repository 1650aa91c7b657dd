//! Every small grammar reads every text without a crash, and what it prints it
//! reads again as the same.

#![no_main]

use std::borrow::Cow;
use std::fmt::{Debug, Display};
use std::str::FromStr;

use compose_model::dotenv;
use compose_model::template::{self, Variables};
use compose_model::value::{
    ByteSize, Duration, ImageReference, ProjectName, clean_path, is_windows_absolute, join_path,
    parse_host, parse_mount, parse_ports, ram_in_bytes, split_command,
};
use indexmap::IndexMap;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let text = &*String::from_utf8_lossy(data);
    round_trips::<ByteSize>(text);
    round_trips::<Duration>(text);
    round_trips::<ImageReference>(text);
    round_trips::<ProjectName>(text);
    _ = (ram_in_bytes(text), split_command(text), parse_host(text), parse_mount(text));
    _ = (parse_ports(text), is_windows_absolute(text));
    names(text);
    images(text);
    paths(text);
    templates(text);
    env_files(text);
});

fn round_trips<T: FromStr + Display + PartialEq + Debug>(text: &str) {
    let Ok(value) = text.parse::<T>() else { return };
    let printed = value.to_string();
    assert_eq!(printed.parse::<T>().ok(), Some(value), "{text:?} is printed as {printed:?}");
}

fn names(text: &str) {
    let name = ProjectName::normalize(text);
    assert!(name.is_empty() || name.parse::<ProjectName>().is_ok(), "{text:?} became {name:?}");
}

fn images(text: &str) {
    let Ok(image) = text.parse::<ImageReference>() else { return };
    for form in [image.canonical(), image.familiar()] {
        let again = form.parse::<ImageReference>().map(|image| image.canonical());
        assert_eq!(again.ok(), Some(image.canonical()), "{text:?} by way of {form:?}");
    }
}

fn paths(text: &str) {
    let clean = clean_path(text);
    assert_eq!(clean_path(&clean), clean, "cleaning {text:?} twice");
    _ = join_path("/base", text);
}

fn templates(text: &str) {
    let mentioned = template::variables(text);
    let mut values = Values::default();
    if let Ok(result) = template::substitute(text, &mut values) {
        assert!(text.contains('$') || result == text, "{text:?} became {result:?}");
        let known = |name: &String| mentioned.iter().any(|mention| mention.name == name);
        assert!(values.asked.iter().all(known), "{text:?} uses more than it mentions");
    }
}

/// Every other variable is set.
#[derive(Default)]
struct Values {
    asked: Vec<String>,
}

impl Variables for Values {
    fn get(&mut self, name: &str) -> Option<Cow<'_, str>> {
        self.asked.push(name.into());
        self.asked.len().is_multiple_of(2).then_some("a ${b} $c".into())
    }

    fn unset(&mut self, name: &str, _offset: usize) {
        self.asked.push(name.into());
    }
}

fn env_files(text: &str) {
    let lookup = |name: &str| (name.len() > 1).then(|| name.to_uppercase());
    let mut values = IndexMap::new();
    let quoted = dotenv::parse(text, &mut values, &lookup).err();
    let raw = dotenv::parse_raw(text, &mut values, &lookup).err();
    let lines = 1..=text.matches('\n').count() + 1;
    for error in quoted.into_iter().chain(raw) {
        assert!(lines.contains(&error.line), "line {} of {text:?}", error.line);
    }
}
