//! What an image consists of.

use serde_json::Value as Json;
use sha2::{Digest, Sha256};

/// What we can read; an image may be kept as any of them.
pub(super) const ACCEPTED: &str = "application/vnd.oci.image.index.v1+json, \
     application/vnd.docker.distribution.manifest.list.v2+json, \
     application/vnd.oci.image.manifest.v1+json, \
     application/vnd.docker.distribution.manifest.v2+json";

/// What a registry answers for an image.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Manifest {
    /// `sha256:…`, of the answer itself: nobody has to be believed.
    pub(super) digest: String,
    /// Of an image for several platforms: which.
    pub(super) platforms: Vec<String>,
    /// Of an image for one platform: the digest of the settings that say which.
    pub(super) config: Option<String>,
}

impl Manifest {
    pub(super) fn read(body: &[u8]) -> Option<Self> {
        let json: Json = serde_json::from_slice(body).ok()?;
        let several = json.get("manifests").and_then(Json::as_array);
        let config = json.pointer("/config/digest").and_then(Json::as_str).map(str::to_owned);
        // An old form has neither, and its digest is that of something else.
        if several.is_none() && config.is_none() {
            return None;
        }
        let mut platforms = Vec::new();
        for manifest in several.into_iter().flatten() {
            let platform = manifest.get("platform").and_then(platform);
            platforms.extend(platform.filter(|platform| !platforms.contains(platform)));
        }
        Some(Self { digest: digest(body), platforms, config })
    }
}

fn digest(body: &[u8]) -> String {
    let hex: String = Sha256::digest(body).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{hex}")
}

/// `linux/arm/v7`. What was added to an image to say how it was built is for no
/// platform.
pub(super) fn platform(json: &Json) -> Option<String> {
    let text = |key: &str| json.get(key).and_then(Json::as_str).filter(|it| !it.is_empty());
    let (system, architecture) = (text("os")?, text("architecture")?);
    if system == "unknown" {
        return None;
    }
    Some(match text("variant").filter(|variant| (architecture, *variant) != ("arm64", "v8")) {
        Some(variant) => format!("{system}/{architecture}/{variant}"),
        None => format!("{system}/{architecture}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_has_platforms() {
        let index = br#"{"schemaVersion": 2, "manifests": [
            {"digest": "sha256:1", "platform": {"architecture": "amd64", "os": "linux"}},
            {"digest": "sha256:2", "platform": {"architecture": "arm", "os": "linux", "variant": "v7"}},
            {"digest": "sha256:3", "platform": {"architecture": "arm64", "os": "linux", "variant": "v8"}},
            {"digest": "sha256:4", "platform": {"architecture": "unknown", "os": "unknown"}},
            {"digest": "sha256:5", "platform": {"architecture": "amd64", "os": "windows", "os.version": "10"}},
            {"digest": "sha256:6", "platform": {"architecture": "amd64", "os": "windows", "os.version": "11"}}
        ]}"#;
        let manifest = Manifest::read(index).unwrap();
        let expected = ["linux/amd64", "linux/arm/v7", "linux/arm64", "windows/amd64"];
        assert_eq!(manifest.platforms, expected);
        assert_eq!(manifest.config, None);
    }

    #[test]
    fn a_digest_is_that_of_what_was_answered() {
        let manifest = Manifest::read(br#"{"config":{"digest":"sha256:1"}}"#).unwrap();
        assert_eq!(
            manifest.digest,
            "sha256:737257d44801be09bfb46b448b775882e6d7f3603e69e83dc39788454acee0f3"
        );
        assert_eq!(manifest.config.as_deref(), Some("sha256:1"));
    }

    #[test]
    fn what_is_no_manifest_is_not_taken_for_one() {
        assert_eq!(Manifest::read(b"<html>"), None);
        assert_eq!(Manifest::read(br#"{"schemaVersion": 1, "fsLayers": []}"#), None);
    }
}
