//! Addresses of pages of AWS's console.

/// The page of a service's deployments.
pub(super) fn service(region: &str, cluster: &str, service: &str) -> String {
    let console = host(region);
    format!(
        "https://{region}.{console}/ecs/v2/clusters/{cluster}/services/{service}/deployments?region={region}"
    )
}

/// The page of a task.
pub(crate) fn task(region: &str, cluster: &str, task: &str) -> String {
    let console = host(region);
    format!("https://{region}.{console}/ecs/v2/clusters/{cluster}/tasks/{task}?region={region}")
}

/// Partitions have consoles of their own.
fn host(region: &str) -> &'static str {
    match region {
        _ if region.starts_with("cn-") => "console.amazonaws.cn",
        _ if region.starts_with("us-gov-") => "console.amazonaws-us-gov.com",
        _ => "console.aws.amazon.com",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_partition_has_its_console() {
        let page = "ecs/v2/clusters/shop/services/web/deployments";
        for (region, host) in [
            ("eu-west-1", "eu-west-1.console.aws.amazon.com"),
            ("cn-north-1", "cn-north-1.console.amazonaws.cn"),
            ("us-gov-west-1", "us-gov-west-1.console.amazonaws-us-gov.com"),
        ] {
            let expected = format!("https://{host}/{page}?region={region}");
            assert_eq!(service(region, "shop", "web"), expected);
        }
    }
}
