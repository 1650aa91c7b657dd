//! Where services listen that no client of the SDK asks.

use aws_config::SdkConfig;
use aws_types::service_config::ServiceConfigKey;

/// The address of `ec2` or another. As for every service, one that was given counts
/// first, then that of `AWS_ENDPOINT_URL_EC2` or the profile, and then
/// `AWS_ENDPOINT_URL`.
pub(in super::super) fn of(service: &str, config: &SdkConfig, region: &str) -> String {
    let url = chosen(service, config).unwrap_or_else(|| {
        let fips = config.use_fips().unwrap_or_default();
        of_aws(service, region, fips, config.use_dual_stack().unwrap_or_default())
    });
    format!("{}/", url.trim_end_matches('/'))
}

/// By whose names addresses of single services are set.
const SERVICES: [&str; 10] = [
    "CloudFormation",
    "CloudWatch Logs",
    "EC2",
    "ECR",
    "ECS",
    "EFS",
    "Elastic Load Balancing v2",
    "S3",
    "Secrets Manager",
    "STS",
];

/// The addresses that somebody chose, for all services or for single ones.
pub(in super::super) fn all_chosen(config: &SdkConfig) -> impl Iterator<Item = String> {
    SERVICES.iter().filter_map(|service| chosen(service, config))
}

fn chosen(service: &str, config: &SdkConfig) -> Option<String> {
    let general = || config.endpoint_url().map(str::to_owned);
    if config.get_origin("endpoint_url").is_client_config() {
        return general();
    }
    let id = service.to_ascii_uppercase();
    let key = ServiceConfigKey::builder()
        .service_id(&id)
        .env("AWS_ENDPOINT_URL")
        .profile("endpoint_url")
        .build();
    let own = key.ok().and_then(|key| config.service_config()?.load_config(key));
    own.or_else(general)
}

/// Parts of AWS that know nothing of each other, by how their regions begin: what
/// their addresses end in, and those that IPv6 reaches too.
const PARTITIONS: [(&str, &str, &str); 7] = [
    ("cn-", "amazonaws.com.cn", "api.amazonwebservices.com.cn"),
    ("eusc-", "amazonaws.eu", "api.amazonwebservices.eu"),
    ("us-iso-", "c2s.ic.gov", "api.aws.ic.gov"),
    ("us-isob-", "sc2s.sgov.gov", "api.aws.scloud"),
    ("us-isof-", "csp.hci.ic.gov", "api.aws.hci.ic.gov"),
    ("eu-isoe-", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk"),
    ("", "amazonaws.com", "api.aws"),
];

fn of_aws(service: &str, region: &str, fips: bool, dual_stack: bool) -> String {
    let partition = PARTITIONS.iter().find(|(start, _, _)| region.starts_with(start));
    let (_, suffix, dual_suffix) = partition.unwrap_or(&PARTITIONS[PARTITIONS.len() - 1]);
    let fips = if fips { "-fips" } else { "" };
    let suffix = if dual_stack { dual_suffix } else { suffix };
    format!("https://{service}{fips}.{region}.{suffix}")
}

#[cfg(test)]
mod tests {
    use super::of_aws;

    #[test]
    fn each_partition_has_its_own_addresses() {
        let cases = [
            ("eu-west-1", false, false, "https://ec2.eu-west-1.amazonaws.com"),
            ("eu-west-1", false, true, "https://ec2.eu-west-1.api.aws"),
            ("us-gov-west-1", true, false, "https://ec2-fips.us-gov-west-1.amazonaws.com"),
            ("cn-north-1", false, false, "https://ec2.cn-north-1.amazonaws.com.cn"),
            ("us-isob-east-1", false, false, "https://ec2.us-isob-east-1.sc2s.sgov.gov"),
            ("eusc-de-east-1", false, false, "https://ec2.eusc-de-east-1.amazonaws.eu"),
        ];
        for (region, fips, dual_stack, url) in cases {
            assert_eq!(of_aws("ec2", region, fips, dual_stack), url);
        }
    }
}
