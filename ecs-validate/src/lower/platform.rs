//! `platform` to the processor and the system of a task.

use compose_model::{Diagnostic, Path, nearest};

use crate::context::Context;
use crate::service::{Architecture, OperatingSystem, Platform};

/// What a service asks for; nothing if it does not say.
pub(super) fn platform(
    text: &str,
    image: Option<&str>,
    at: &Path,
    cx: &mut Context<'_>,
) -> Option<Platform> {
    if text.is_empty() {
        return None;
    }
    let platform = parse(text).map(|platform| made_for(platform, text, image));
    if platform.is_none() {
        let nearest = nearest(text, ["linux/amd64", "linux/arm64", "windows/amd64"]);
        cx.report(
            Diagnostic::error("ecs::platform", format!("ECS has no machines for `{text}`"))
                .at(at.key("platform"), "")
                .help(match nearest {
                    Some(nearest) => format!("write `{nearest}`"),
                    None => "write `linux/amd64`, `linux/arm64` or `windows/amd64`".to_owned(),
                }),
        );
    }
    platform
}

/// Either part of a platform may be missing; a build of Windows stands where some
/// tools write it, behind the whole or behind the system in brackets.
fn parse(text: &str) -> Option<Platform> {
    let lower = text.to_ascii_lowercase();
    let (lower, build) = match lower.split_once(':') {
        Some((platform, build)) => (platform.to_owned(), Some(build.to_owned())),
        None => bracketed(&lower),
    };
    let mut parts = lower.split('/');
    let first = parts.next().unwrap_or_default();
    let (system, second) = match first {
        "linux" | "windows" => (first, parts.next()),
        _ => ("linux", Some(first)),
    };
    let architecture = architecture(second.unwrap_or("amd64"), parts.next())?;
    let system = match (system, &architecture) {
        ("linux", _) => build.is_none().then_some(OperatingSystem::Linux)?,
        (_, Architecture::X86) => windows(build.as_deref())?,
        (_, Architecture::Arm) => return None,
    };
    parts.next().is_none().then_some(Platform { architecture, system })
}

/// The tag of an image says which Windows it is made for, where the platform does not.
fn made_for(platform: Platform, asked: &str, image: Option<&str>) -> Platform {
    let of_any = platform.system == OperatingSystem::Windows2022 && !asked.contains("10.0.");
    let tag = image.and_then(|image| image.rsplit_once(':')).map_or("", |(_, tag)| tag);
    let system = match tag {
        _ if !of_any => platform.system,
        tag if tag.contains("ltsc2019") || tag.contains("1809") => OperatingSystem::Windows2019,
        tag if tag.contains("ltsc2025") => OperatingSystem::Windows2025,
        _ => platform.system,
    };
    Platform { system, ..platform }
}

/// `windows(10.0.20348)/amd64`
fn bracketed(text: &str) -> (String, Option<String>) {
    let parts = text.split_once('(').and_then(|(system, rest)| {
        rest.split_once(')').map(|(build, rest)| (format!("{system}{rest}"), build.to_owned()))
    });
    parts.map_or_else(|| (text.to_owned(), None), |(platform, build)| (platform, Some(build)))
}

fn architecture(name: &str, variant: Option<&str>) -> Option<Architecture> {
    match (name, variant) {
        ("amd64" | "x86_64" | "x86-64", None | Some("v1" | "v2" | "v3")) => Some(Architecture::X86),
        ("arm64" | "aarch64", None | Some("v8")) => Some(Architecture::Arm),
        _ => None,
    }
}

/// 2022 is what images are made for that do not say: the others start only on
/// the very build that they are made for.
fn windows(build: Option<&str>) -> Option<OperatingSystem> {
    let Some(build) = build else { return Some(OperatingSystem::Windows2022) };
    let build = build.strip_prefix("10.0.").unwrap_or(build);
    match build.split('.').next().unwrap_or_default() {
        "17763" => Some(OperatingSystem::Windows2019),
        "20348" => Some(OperatingSystem::Windows2022),
        "26100" => Some(OperatingSystem::Windows2025),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;

    #[test]
    fn platforms_are_read_as_docker_writes_them() {
        use Architecture::{Arm, X86};
        use OperatingSystem::{Linux, Windows2019, Windows2022, Windows2025};
        let cases = [
            ("linux/amd64", Some((X86, Linux))),
            ("linux/x86_64", Some((X86, Linux))),
            ("linux/amd64/v2", Some((X86, Linux))),
            ("linux", Some((X86, Linux))),
            ("amd64", Some((X86, Linux))),
            ("arm64", Some((Arm, Linux))),
            ("Linux/ARM64", Some((Arm, Linux))),
            ("linux/arm64/v8", Some((Arm, Linux))),
            ("linux/aarch64", Some((Arm, Linux))),
            ("windows/amd64", Some((X86, Windows2022))),
            ("windows", Some((X86, Windows2022))),
            ("windows/amd64:10.0.17763", Some((X86, Windows2019))),
            ("windows(10.0.26100)/amd64", Some((X86, Windows2025))),
            ("windows(10.0.20348.587)/amd64", Some((X86, Windows2022))),
            ("windows/arm64", None),
            ("windows/amd64:10.0.14393", None),
            ("linux/amd64:10.0.17763", None),
            ("linux/arm/v7", None),
            ("linux/386", None),
            ("linux/arm64/v8/more", None),
            ("darwin/arm64", None),
        ];
        for (text, expected) in cases {
            let platform = parse(text).map(|platform| (platform.architecture, platform.system));
            assert_eq!(platform, expected, "{text}");
        }
    }

    #[test]
    fn the_tag_of_an_image_says_which_windows_it_is_made_for() {
        use OperatingSystem::{Linux, Windows2019, Windows2022, Windows2025};
        let cases = [
            ("windows", "mcr.microsoft.com/windows/servercore:ltsc2019", Windows2019),
            ("windows/amd64", "example/app:1.0-windowsservercore-ltsc2025", Windows2025),
            ("windows/amd64", "example/app:1.0", Windows2022),
            ("windows/amd64:10.0.20348", "example/app:ltsc2019", Windows2022),
            ("linux/amd64", "example/app:ltsc2019", Linux),
        ];
        for (asked, image, expected) in cases {
            let platform = parse(asked).expect("it is a platform");
            assert_eq!(made_for(platform, asked, Some(image)).system, expected, "{asked} {image}");
        }
    }

    #[test]
    fn other_platforms_are_refused_with_the_nearest() {
        check(
            "
services:
  web:
    image: nginx
    platform: linux/arm/v7
#             ^^^^^^^^^^^^ error: ECS has no machines for `linux/arm/v7`
#             help: write `linux/arm64`
",
        );
    }
}
