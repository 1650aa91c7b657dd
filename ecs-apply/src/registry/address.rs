//! Where registries are.

/// What the addresses of a repository begin with.
///
/// As for Docker, nobody needs a certificate for a registry on this machine.
pub(super) fn of(registry: &str, repository: &str) -> String {
    let host = if registry == "docker.io" { "registry-1.docker.io" } else { registry };
    let scheme = if is_local(host) { "http" } else { "https" };
    format!("{scheme}://{host}/v2/{repository}/")
}

fn is_local(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        Some(_) | None => host,
    };
    matches!(name, "localhost" | "[::1]") || name.starts_with("127.")
}

/// The host and the port of an address.
pub(super) fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split(['/', '?', '#']).next().unwrap_or(rest)
}

/// Where an answer from one address says to go.
pub(super) fn next(from: &str, location: &str) -> String {
    if location.contains("://") {
        return location.to_owned();
    }
    let scheme = from.split_once("://").map_or("https", |(scheme, _)| scheme);
    let path = location.trim_start_matches('/');
    format!("{scheme}://{}/{path}", host(from))
}

#[cfg(test)]
mod tests {
    use compose_model::value::ImageReference;

    use super::*;

    #[test]
    fn every_image_has_an_address() {
        let cases = [
            ("nginx", "https://registry-1.docker.io/v2/library/nginx/"),
            ("shop/web:1", "https://registry-1.docker.io/v2/shop/web/"),
            ("docker.io/library/nginx", "https://registry-1.docker.io/v2/library/nginx/"),
            ("ghcr.io/shop/web", "https://ghcr.io/v2/shop/web/"),
            ("localhost/web", "http://localhost/v2/web/"),
            ("localhost:5000/a/b/c:1", "http://localhost:5000/v2/a/b/c/"),
            ("127.0.0.1:4567/web", "http://127.0.0.1:4567/v2/web/"),
            ("[::1]:5000/web", "http://[::1]:5000/v2/web/"),
            ("registry.example:5000/web", "https://registry.example:5000/v2/web/"),
            ("localhost.example/web", "https://localhost.example/v2/web/"),
        ];
        for (image, url) in cases {
            let image: ImageReference = image.parse().unwrap();
            assert_eq!(of(image.registry(), &image.repository()), url, "{image}");
        }
    }

    #[test]
    fn answers_lead_elsewhere() {
        let from = "https://registry.k8s.io/v2/pause/manifests/3.9";
        assert_eq!(next(from, "https://cdn.example/x?y=z"), "https://cdn.example/x?y=z");
        assert_eq!(next(from, "/v2/other"), "https://registry.k8s.io/v2/other");
        assert_eq!(host("https://cdn.example:443/x?y"), "cdn.example:443");
    }
}
