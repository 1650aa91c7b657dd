//! What AWS says in real deployments, and what is made of it.

use indexmap::IndexMap;

use super::*;
use crate::evidence::LogLine;
use crate::service::{Container, Deployment, Service, ServiceEvent, Task};
use crate::stack::{StackEvent, Status};

const ARN: &str = "arn:aws:ecs:eu-west-1:111122223333:service/shop/shop-WebService-x1";

/// Why tasks did not start, in the words of Fargate, its agents and registries.
#[test]
fn tasks_that_do_not_start_are_understood() {
    use Kind::*;
    let cases = [
        (
            "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref docker.io/library/nginx:nope: docker.io/library/nginx:nope: not found",
            ImageNotFound,
        ),
        (
            "CannotPullContainerError: pull image manifest has been retried 7 time(s): failed to resolve ref 111122223333.dkr.ecr.eu-west-1.amazonaws.com/app:1.2: not found",
            ImageNotFound,
        ),
        (
            "CannotPullContainerError: Error response from daemon: manifest for example/app:nope not found: manifest unknown: manifest unknown",
            ImageNotFound,
        ),
        (
            "CannotPullContainerError: API error (404): repository 111122223333.dkr.ecr.us-east-1.amazonaws.com/app/web not found",
            ImageNotFound,
        ),
        (
            "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref docker.io/library/repository:latest: pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed",
            ImageNotFound,
        ),
        (
            "CannotPullContainerError: inspect image has been retried 1 time(s): failed to resolve ref \"ghcr.io/example/private:1\": unexpected status from HEAD request to https://ghcr.io/v2/example/private/manifests/1: 401 Unauthorized",
            ImageDenied,
        ),
        (
            "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref 111122223333.dkr.ecr.us-west-2.amazonaws.com/otel:latest@sha256:863: unexpected status from HEAD request to https://111122223333.dkr.ecr.us-west-2.amazonaws.com/v2/otel/blobs/sha256:863: 403 Forbidden",
            ImageDenied,
        ),
        (
            "CannotPullContainerError: Error response from daemon: Get https://111122223333.dkr.ecr.us-east-1.amazonaws.com/v2/app/manifests/1: no basic auth credentials",
            ImageDenied,
        ),
        (
            "CannotPullContainerError: pull image manifest has been retried 7 time(s): image Manifest does not contain descriptor matching platform 'linux/amd64'",
            ImagePlatform,
        ),
        (
            "CannotPullContainerError: no matching manifest for linux/arm64/v8 in the manifest list entries",
            ImagePlatform,
        ),
        (
            "CannotPullContainerError: inspect image has been retried 5 time(s): httpReaderSeeker: failed open: unexpected status code https://registry-1.docker.io/v2/library/nginx/manifests/sha256:1: 429 Too Many Requests - Server message: toomanyrequests: You have reached your pull rate limit. You may increase the limit by authenticating and upgrading: https://www.docker.com/increase-rate-limit",
            PullLimit,
        ),
        (
            "CannotPullContainerError: pull image manifest has been retried 5 time(s): failed to resolve ref docker.io/tryretool/backend:2.110.5: failed to do request: Head \"https://registry-1.docker.io/v2/tryretool/backend/manifests/2.110.5\": dial tcp 34.205.13.154:443: i/o timeout",
            RegistryUnreachable,
        ),
        (
            "CannotPullContainerError: The task cannot pull 111122223333.dkr.ecr.eu-west-1.amazonaws.com/app:1 from the registry 111122223333.dkr.ecr.eu-west-1.amazonaws.com/app:1. There is a connection issue between the task and the registry. Check your task network configuration. : failed to copy: httpReadSeeker: failed open: failed to do request: Get \"https://prod-eu-west-1-starport-layer-bucket.s3.eu-west-1.amazonaws.com/\": dial tcp 52.216.63.90:443: i/o timeout",
            RegistryUnreachable,
        ),
        (
            "CannotPullContainerError: API error (500): Get https://111122223333.dkr.ecr.us-east-1.amazonaws.com/v2/: net/http: request canceled while waiting for connection",
            RegistryUnreachable,
        ),
        (
            "CannotPullContainerError: pull image manifest has been retried 5 time(s): failed to resolve ref registry.example.con/app:1: failed to do request: Head \"https://registry.example.con/v2/app/manifests/1\": dial tcp: lookup registry.example.con on 10.0.0.2:53: no such host",
            RegistryUnreachable,
        ),
        (
            "CannotPullContainerError: ref pull has been retried 1 time(s): failed to copy: httpReaderSeeker: failed open: unexpected status code",
            PullFailed,
        ),
        (
            "CannotPullContainerError: write /var/lib/docker/tmp/GetImageBlob111111111: no space left on device",
            PullFailed,
        ),
        (
            "CannotPullImageManifestError: Error response from daemon: invalid reference format",
            Invalid,
        ),
        ("InternalError: failed to normalize image reference \"Dockerfile\"", Invalid),
        (
            "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve secret from asm: service call has been retried 1 time(s): failed to fetch secret arn:aws:secretsmanager:eu-west-1:111122223333:secret:shop/db-2bPcFx from secrets manager: operation error Secrets Manager: GetSecretValue, https response error StatusCode: 400, RequestID: 1, ResourceNotFoundException: Secrets Manager can't find the specified secret.",
            SecretNotFound,
        ),
        (
            "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve secret from asm: service call has been retried 1 time(s): failed to fetch secret arn:aws:secretsmanager:eu-west-1:111122223333:secret:KEY-nAG4eC from secrets manager: operation error Secrets Manager: GetSecretValue, https response error StatusCode: 400, RequestID: d45b80b7, api error AccessDeniedException: User: arn:aws:sts::111122223333:assumed-role/ecsTaskExecutionRole/668f97696c2f47f7ab6582a0b87413eb is not authorized to perform: secretsmanager:GetSecretValue on resource: arn:aws:secretsmanager:eu-west-1:111122223333:secret:KEY-nAG4eC because no identity-based policy allows the secretsmanager:GetSecretValue action",
            SecretDenied,
        ),
        (
            "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve secret from asm: service call has been retried 5 time(s): failed to fetch secret arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-b2fPcF from secrets manager: RequestCanceled: request context canceled caused by: context deadline exceeded. Please check your task network configuration",
            SecretUnreachable,
        ),
        (
            "ResourceInitializationError: unable to retrieve secret from asm: retrieved secret from Secrets Manager did not contain json key connectionString",
            SecretNotFound,
        ),
        (
            "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve secret from asm: service call has been retried 1 time(s): InvalidRequestException: You can't perform this operation on the secret because it was marked for deletion.",
            SecretNotFound,
        ),
        (
            "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve secrets from ssm: service call has been retried 1 time(s): invalid ssm parameters: /shop/flags",
            SecretNotFound,
        ),
        (
            "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve secrets from ssm: service call has been retried 5 time(s): RequestCanceled: request context canceled caused by: context deadline exceeded",
            SecretUnreachable,
        ),
        (
            "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve secret from asm: AccessDeniedException: Access to KMS is not allowed",
            SecretDenied,
        ),
        (
            "ResourceInitializationError: unable to pull secrets or registry auth: The task cannot pull registry auth from Amazon ECR: There is a connection issue between the task and Amazon ECR. Check your task network configuration. RequestError: send request failed caused by: Post \"https://api.ecr.us-east-1.amazonaws.com/\": dial tcp 1.2.3.4:443: i/o timeout",
            RegistryUnreachable,
        ),
        (
            "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve ecr registry auth: service call has been retried 1 time(s): operation error ECR: GetAuthorizationToken, https response error StatusCode: 400, api error AccessDeniedException: User: arn:aws:sts::111122223333:assumed-role/x/668f97696c2f47f7ab6582a0b87413eb is not authorized to perform: ecr:GetAuthorizationToken on resource: *",
            ImageDenied,
        ),
        (
            "ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: failed to create Cloudwatch log stream: operation error CloudWatch Logs: CreateLogStream, https response error StatusCode: 400, ResourceNotFoundException: The specified log group does not exist. : exit status 1",
            LogsFailed,
        ),
        (
            "ResourceInitializationError: failed to validate logger args: The task cannot find the Amazon CloudWatch log group defined in the task definition. There is a connection issue between the task and Amazon CloudWatch. Check your network configuration. : signal: killed",
            LogsFailed,
        ),
        (
            "ResourceInitializationError: failed to validate logger args: : signal: killed",
            LogsFailed,
        ),
        (
            "ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: failed to create Cloudwatch log stream: AccessDeniedException: User: arn:aws:sts::1:assumed-role/x/y is not authorized to perform: logs:CreateLogStream",
            LogsFailed,
        ),
        (
            "ResourceInitializationError: failed to invoke EFS utils commands to set up EFS volumes: stderr: Failed to resolve \"fs-0e4a39a0b7bb8b885.efs.us-east-1.amazonaws.com\" - check that your file system ID is correct, and ensure that the VPC has an EFS mount target for this file system ID.",
            VolumeFailed,
        ),
        (
            "ResourceInitializationError: failed to invoke EFS utils commands to set up EFS volumes: stderr: b'mount.nfs4: mounting fs-1.efs.eu-west-1.amazonaws.com:/grafana failed, reason given by server: No such file or directory' : unsuccessful EFS utils command execution; code: 32",
            VolumeFailed,
        ),
        (
            "ResourceInitializationError: failed to invoke EFS utils commands to set up EFS volumes: stderr: Mount attempt 1/3 failed due to timeout after 15 sec, wait 0 sec before next attempt. b'mount.nfs4: mount system call failed'",
            VolumeFailed,
        ),
        (
            "ResourceInitializationError: failed to invoke EFS utils commands to set up EFS volumes: stderr: b'mount.nfs4: access denied by server while mounting 127.0.0.1:/' : unsuccessful EFS utils command execution; code: 32",
            VolumeFailed,
        ),
        (
            "ResourceInitializationError: Unable to launch instance(s) for capacity provider gpu. UnfulfillableCapacity: Unable to fulfill capacity due to your request configuration.",
            NoCapacity,
        ),
        ("OutOfMemoryError: Container killed due to memory usage", OutOfMemory),
        (
            "CannotStartContainerError: ResourceInitializationError: failed to create new container runtime task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: \"serve\": executable file not found in $PATH: unknown",
            NotStarted,
        ),
        (
            "CannotStartContainerError: API error (500): driver failed programming external connectivity on endpoint: Bind for 0.0.0.0:80 failed: port is already allocated",
            PortTaken,
        ),
        (
            "CannotCreateContainerError: API error (400): invalid mount config for type \"bind\"",
            NotStarted,
        ),
        ("Timeout waiting for network interface provisioning to complete.", NotStarted),
        (
            "Task failed ELB health checks in (target-group arn:aws:elasticloadbalancing:us-west-2:111122223333:targetgroup/shop-Target-16DD/a6d71c9b9c18b389)",
            TargetUnhealthy,
        ),
        ("Task failed container health checks", ContainerUnhealthy),
        ("Your Spot Task was interrupted.", Interrupted),
        ("Host EC2 (instance i-0123456789abcdef0) terminated.", Interrupted),
        ("Something that AWS has never said before", Unknown),
    ];
    let mut told = String::new();
    for (said, kind) in cases {
        let task = Task { stopped_reason: Some(said.to_owned()), ..task("1") };
        let found = causes(&Evidence { stopped: vec![task], ..evidence() });
        assert_eq!(kinds(&found), [kind], "{said}\n{found:#?}");
        told += &in_short(said, &found);
    }
    insta::assert_snapshot!(told);
}

/// Why CloudFormation could not do it.
#[test]
fn resources_that_fail_are_understood() {
    use Kind::*;
    let cases = [
        (
            "Resource handler returned message: \"User: arn:aws:iam::111122223333:user/ann is not authorized to perform: iam:CreateRole on resource: arn:aws:iam::111122223333:role/shop-WebTaskRole because no identity-based policy allows the iam:CreateRole action (Service: Iam, Status Code: 403, Request ID: 1) (SDK Attempt Count: 1)\" (RequestToken: 2, HandlerErrorCode: AccessDenied)",
            Denied,
        ),
        (
            "User: arn:aws:iam::111122223333:user/tester is not authorized to perform: ecs:CreateCluster because no identity-based policy allows the ecs:CreateCluster action",
            Denied,
        ),
        (
            "API: ec2:AuthorizeSecurityGroupIngress You are not authorized to perform this operation. Encoded authorization failure message: 4GIOHlTkIaWHQD0Q0m6XSnuU",
            Denied,
        ),
        (
            "Resource handler returned message: \"Access denied for operation 'AWS::ECS::Service'.\" (RequestToken: 16eb7890, HandlerErrorCode: AccessDenied)",
            Denied,
        ),
        (
            "Encountered a permissions error performing a tagging operation, please add required tag permissions. See https://repost.aws/knowledge-center/cloudformation-tagging-permission-error for how to resolve. Resource handler returned message: \"User: arn:aws:sts::111122223333:assumed-role/cfn/AWSCloudFormation is not authorized to perform: logs:TagResource with an explicit deny in a service control policy\" (HandlerErrorCode: UnauthorizedTaggingOperation)",
            Denied,
        ),
        (
            "Resource handler returned message: \"A listener already exists on this port for this load balancer 'arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/shared/50dc6c495c0c9188' (Service: ElasticLoadBalancingV2, Status Code: 400, Request ID: 1) (SDK Attempt Count: 1)\" (RequestToken: 2, HandlerErrorCode: AlreadyExists)",
            PortTaken,
        ),
        (
            "Listener port '7328' is already in use (Service: ElasticLoadBalancingV2, Status Code: 400)",
            PortTaken,
        ),
        (
            "Priority '1' is currently in use (Service: ElasticLoadBalancingV2, Status Code: 400, Request ID: 1)",
            PortTaken,
        ),
        (
            "the specified rule \"peer: 0.0.0.0/0, TCP, from port: 80, to port: 80, ALLOW\" already exists (Service: AmazonEC2; Status Code: 400; Error Code: InvalidPermission.Duplicate; Request ID: 1)",
            PortTaken,
        ),
        (
            "/docker-compose/shop already exists in stack arn:aws:cloudformation:eu-west-1:111122223333:stack/other/e50458c0",
            NameTaken,
        ),
        (
            "Resource of type 'AWS::Logs::LogGroup' with identifier '{\"/properties/LogGroupName\":\"/docker-compose/shop\"}' already exists.",
            NameTaken,
        ),
        (
            "Resource handler returned message: \"Resource of type 'AWS::ECS::Service' with identifier 'shop-web' already exists.\" (RequestToken: 1, HandlerErrorCode: AlreadyExists)",
            NameTaken,
        ),
        (
            "Resource handler returned message: \"The operation failed because the secret shop-password already exists. (Service: SecretsManager, Status Code: 400)\" (RequestToken: 1, HandlerErrorCode: AlreadyExists)",
            NameTaken,
        ),
        (
            "CANNOT_CREATE_HOSTED_ZONE: The VPC that you chose, vpc-00000001 in region us-east-1, is already associated with another private hosted zone that has an overlapping name space, shop.local.. (Service: AmazonRoute53; Status Code: 400; Error Code: ConflictingDomainExists; Request ID: 1)",
            NameTaken,
        ),
        (
            "Resource handler returned message: \"The maximum number of rules per security group has been reached. (Service: Ec2, Status Code: 400, Request ID: 1) (SDK Attempt Count: 1)\" (RequestToken: 2, HandlerErrorCode: ServiceLimitExceeded)",
            Quota,
        ),
        (
            "Resource handler returned message: \"TooManyLoadBalancers: The maximum number of load balancers has been reached\" (HandlerErrorCode: GeneralServiceException)",
            Quota,
        ),
        (
            "Resource handler returned message: \"Rate exceeded (Service: AWSLogs; Status Code: 400; Error Code: ThrottlingException)\" (HandlerErrorCode: Throttling)",
            Quota,
        ),
        (
            "Resource handler returned message: \"Certificate ARN 'arn:aws:acm:eu-west-1:111122223333:certificate/0123' is not valid (Service: ElasticLoadBalancingV2, Status Code: 400)\" (HandlerErrorCode: InvalidRequest)",
            NotFound,
        ),
        (
            "Resource handler returned message: \"At least two subnets in two different Availability Zones must be specified (Service: ElasticLoadBalancingV2, Status Code: 400)\" (HandlerErrorCode: InvalidRequest)",
            Invalid,
        ),
        (
            "Resource handler returned message: \"A load balancer cannot be attached to multiple subnets in the same Availability Zone (Service: ElasticLoadBalancingV2, Status Code: 400)\" (HandlerErrorCode: InvalidRequest)",
            Invalid,
        ),
        (
            "Resource handler returned message: \"Invalid request provided: Create TaskDefinition: No Fargate configuration exists for given values: 512 CPU, 512 memory. (Service: AmazonECS; Status Code: 400; Error Code: ClientException)\" (HandlerErrorCode: InvalidRequest)",
            Invalid,
        ),
        (
            "Resource handler returned message: \"Model validation failed (#: extraneous key [Foo] is not permitted)\" (HandlerErrorCode: InvalidRequest)",
            Invalid,
        ),
        (
            "Resource handler returned message: \"Invalid request provided: CreateService error: The target group with targetGroupArn arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/t/1 does not have an associated load balancer. (Service: AmazonECS; Status Code: 400; Error Code: InvalidParameterException)\" (HandlerErrorCode: InvalidRequest)",
            Invalid,
        ),
        (
            "Resource handler returned message: \"The security group 'sg-0123' does not exist (Service: Ec2, Status Code: 400)\" (HandlerErrorCode: NotFound)",
            NotFound,
        ),
        (
            "Resource handler returned message: \"Error occurred during operation 'ECS Deployment Circuit Breaker was triggered'.\" (RequestToken: 1, HandlerErrorCode: GeneralServiceException)",
            GivenUp,
        ),
        (
            "Resource handler returned message: \"Exceeded attempts to wait\" (RequestToken: 1, HandlerErrorCode: NotStabilized)",
            TimedOut,
        ),
        ("Service arn:aws:ecs:eu-west-1:1:service/shop/web did not stabilize.", TimedOut),
        ("Something that AWS has never said before", Unknown),
        ("", Unknown),
    ];
    let mut told = String::new();
    for (said, kind) in cases {
        let found = causes(&Evidence { events: vec![failed("Thing", said)], ..evidence() });
        assert_eq!(kinds(&found), [kind], "{said}\n{found:#?}");
        told += &in_short(said, &found);
    }
    insta::assert_snapshot!(told);
}

/// What services say of themselves.
#[test]
fn events_of_services_are_understood() {
    use Kind::*;
    let cases = [
        (
            "(service web) was unable to place a task. Reason: CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref docker.io/library/repository:latest: pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed.",
            Some(ImageNotFound),
        ),
        (
            "(service web) was unable to place a task. Reason: Capacity is unavailable at this time. Please try again later or in a different availability zone. For more information, see the Troubleshooting section of the Amazon ECS Developer Guide.",
            Some(NoCapacity),
        ),
        (
            "(service web) was unable to place a task because no container instance met all of its requirements. Reason: No Container Instances were found in your cluster.",
            Some(NoCapacity),
        ),
        (
            "(service web) was unable to place a task because no container instance met all of its requirements. The closest matching container-instance 0123 has insufficient memory available.",
            Some(NoCapacity),
        ),
        (
            "(service web) was unable to place a task because no container instance met all of its requirements. The closest matching container-instance 0123 is already using a port required by your task.",
            Some(PortTaken),
        ),
        (
            "(service web) was unable to place a task. Reason: You've reached the limit on the number of tasks you can run concurrently.",
            Some(Quota),
        ),
        (
            "(service web) was unable to place a task. Reason: You\u{2019}ve reached the limit on the number of vCPUs you can run concurrently.",
            Some(Quota),
        ),
        (
            "(service web) was unable to place a task. Reason: The requested CPU configuration is above your limit.",
            Some(Quota),
        ),
        (
            "(service web) failed to launch a task with (error ECS was unable to assume the role 'arn:aws:iam::1:role/x' that was provided for this task. Please verify that the role being passed has the proper trust relationship and permissions and that your IAM user has permissions to pass this role.).",
            Some(Denied),
        ),
        (
            "(service web) (task 795dee6c) (port 8080) is unhealthy in (target-group arn:aws:elasticloadbalancing:us-east-1:1:targetgroup/t/1) due to (reason Health checks failed with these codes: [404])",
            Some(TargetUnhealthy),
        ),
        ("(service web) (task 795dee6c) failed container health checks.", Some(ContainerUnhealthy)),
        (
            "(service web) is unable to consistently start tasks successfully. For more information, see the Troubleshooting section.",
            Some(GivenUp),
        ),
        (
            "(service web) (deployment ecs-svc/123) deployment failed: tasks failed to start.",
            Some(GivenUp),
        ),
        (
            "(service web) was unable to stop or start tasks during a deployment because of the service deployment configuration. Update the minimumHealthyPercent or maximumPercent value and try again.",
            Some(Invalid),
        ),
        ("(service web) has reached a steady state.", None),
        ("(service web) has started 1 tasks: (task 795dee6c).", None),
        ("(service web) registered 1 targets in (target-group arn)", None),
        ("(service web) (deployment ecs-svc/123) deployment completed.", None),
        ("(service web) operations are being throttled on elb. Will try again later.", None),
    ];
    let mut told = String::new();
    for (said, kind) in cases {
        let service = Service { events: vec![event(5, said)], ..service() };
        let found = causes(&Evidence { services: vec![service], ..evidence() });
        assert_eq!(kinds(&found), kind.into_iter().collect::<Vec<_>>(), "{said}\n{found:#?}");
        told += &in_short(said, &found);
    }
    insta::assert_snapshot!(told);
}

#[test]
fn the_answer_to_a_health_check_is_named() {
    let cases = [
        (
            "Health checks failed with these codes: [404]",
            "web answers the load balancer's health check at port 8080 with 404",
        ),
        (
            "Request timed out",
            "web does not answer the load balancer's health check at port 8080 in time",
        ),
        ("Health checks failed", "web fails the load balancer's health check at port 8080"),
        (
            "Target is in an Availability Zone that is not enabled for the load balancer",
            "web runs in a zone that the load balancer does not serve",
        ),
    ];
    for (reason, message) in cases {
        let said = format!(
            "(service web) (task 1) (port 8080) is unhealthy in (target-group arn) due to (reason {reason})"
        );
        let stopped = Task {
            stopped_reason: Some("Task failed ELB health checks in (target-group arn)".to_owned()),
            ..task("1")
        };
        let service = Service { events: vec![event(5, &said)], ..service() };
        let found =
            causes(&Evidence { services: vec![service], stopped: vec![stopped], ..evidence() });
        assert_eq!(found.len(), 1, "{found:#?}");
        assert_eq!((found[0].message.as_str(), found[0].tasks), (message, 1));
    }
}

#[test]
fn exit_codes_are_explained() {
    let cases = [
        (
            0,
            "web ends with exit code 0: it had nothing more to do, but tasks of a service shall keep running",
        ),
        (1, "web ends with exit code 1: its program reports an error of its own"),
        (127, "web ends with exit code 127: its command does not exist in the image"),
        (137, "web ends with exit code 137: it was killed, most often for want of memory"),
        (139, "web ends with exit code 139: it used memory that is not its own"),
        (143, "web ends with exit code 143: it was told to end"),
    ];
    for (code, message) in cases {
        let found = causes(&Evidence { stopped: vec![ended("1", &[("web", code)])], ..evidence() });
        assert_eq!(found.len(), 1, "{found:#?}");
        assert_eq!(found[0].message, message);
    }
}

#[test]
fn the_container_that_ended_by_itself_is_to_blame() {
    let cases: [(&[(&str, i32)], &str); 5] = [
        (&[("proxy", 137), ("web", 3)], "web ends with exit code 3"),
        (&[("proxy", 143), ("web", 0)], "web ends with exit code 0"),
        (&[("proxy", 1), ("web", 143)], "the container `proxy` of web ends with exit code 1"),
        (
            &[("Web_Secrets_InitContainer", 2)],
            "`Web_Secrets_InitContainer`, which prepares web, ends with exit code 2",
        ),
        (&[("Web_Secrets_InitContainer", 0), ("web", 0)], "web ends with exit code 0"),
    ];
    for (containers, message) in cases {
        let found = causes(&Evidence { stopped: vec![ended("1", containers)], ..evidence() });
        assert!(found[0].message.starts_with(message), "{containers:?}\n{found:#?}");
    }
}

#[test]
fn many_tasks_are_one_cause() {
    let tasks = (0..50).map(|at| {
        let mut task = ended(&format!("{at:032}"), &[("web", 3)]);
        task.stopped = Some(at_second(at));
        task
    });
    let found = causes(&Evidence { stopped: tasks.collect(), ..evidence() });
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].tasks, found[0].first), (50, Some(at_second(0))));
    assert_eq!(found[0].findings.len(), 2, "{found:#?}");
}

#[test]
fn what_follows_from_a_cause_stands_below_it() {
    let breaker = "Resource handler returned message: \"Error occurred during operation 'ECS Deployment Circuit Breaker was triggered'.\" (RequestToken: 1, HandlerErrorCode: GeneralServiceException)";
    let mut stopped =
        StackEvent { kind: "AWS::ECS::Service".to_owned(), ..failed("WebService", breaker) };
    stopped.physical_id = Some(ARN.to_owned());
    let events = vec![
        stopped,
        failed("DbService", "Resource creation cancelled"),
        rollback(
            "The following resource(s) failed to create: [WebService, DbService]. Rollback requested by user.",
        ),
    ];
    let deployment = Deployment {
        rollout: Some("FAILED".to_owned()),
        reason: Some("ECS deployment circuit breaker: tasks failed to start.".to_owned()),
        ..deployment()
    };
    let service = Service { deployments: vec![deployment], ..service() };
    let found = causes(&Evidence {
        events,
        services: vec![service],
        stopped: vec![ended("1", &[("web", 3)])],
        ..evidence()
    });
    assert_eq!(kinds(&found), [Kind::ContainerExited], "{found:#?}");
    let sources: Vec<_> = found[0].findings.iter().map(|it| it.source.to_string()).collect();
    assert_eq!(
        sources,
        ["task 1, container web", "task 1", "stack, WebService", "deployment of web"]
    );
}

#[test]
fn what_fails_while_going_back_does_not_count() {
    let mut later = failed("Group", "resource sg-1 has a dependent object");
    later.time = at_second(30);
    let mut begun = rollback("The following resource(s) failed to create: [Role].");
    begun.time = at_second(20);
    let denied =
        failed("Role", "API: iam:CreateRole User is not authorized to perform: iam:CreateRole");
    let found = causes(&Evidence { events: vec![later, begun, denied], ..evidence() });
    assert_eq!(kinds(&found), [Kind::Denied]);
}

#[test]
fn what_is_older_does_not_count() {
    let old = |task: Task| Task { created: Some(at_second(-60)), ..task };
    let before =
        Deployment { id: "ecs-svc/0".to_owned(), created: Some(at_second(-99)), ..deployment() };
    let by_older = Task { started_by: Some("ecs-svc/0".to_owned()), ..ended("2", &[("web", 1)]) };
    let service = Service {
        deployments: vec![before],
        events: vec![event(-5, "(service web) (task 1) failed container health checks.")],
        ..service()
    };
    let mut event = failed("Role", "no");
    event.time = at_second(-5);
    let found = causes(&Evidence {
        services: vec![service],
        stopped: vec![old(ended("1", &[("web", 1)])), by_older],
        events: vec![event],
        ..evidence()
    });
    assert_eq!(found, []);
}

#[test]
fn what_did_not_keep_a_service_from_becoming_stable_is_no_cause() {
    let done = Deployment { rollout: Some("COMPLETED".to_owned()), ..deployment() };
    let role = "(service web) failed to launch a task with (error ECS was unable to assume the role 'arn:aws:iam::1:role/x' that was provided for this task.).";
    let stable =
        Service { running: 1, deployments: vec![done], events: vec![event(5, role)], ..service() };
    let evidence = Evidence {
        services: vec![stable.clone()],
        stopped: vec![ended("1", &[("web", 1)])],
        ..evidence()
    };
    assert_eq!(causes(&evidence), []);
    let fallen = Service { running: 0, ..stable };
    assert_eq!(causes(&Evidence { services: vec![fallen], ..evidence }).len(), 2);
}

#[test]
fn a_container_that_others_wait_for_is_to_blame_for_their_not_starting() {
    let stopped = Task {
        stopped_reason: Some("Task failed to start".to_owned()),
        ..ended("1", &[("Web_Secrets_InitContainer", 1)])
    };
    let found = causes(&Evidence { stopped: vec![stopped], ..evidence() });
    assert_eq!(kinds(&found), [Kind::ContainerExited], "{found:#?}");
}

#[test]
fn tasks_that_shall_stop_are_no_cause() {
    let scaled = Task {
        stop_code: Some("ServiceSchedulerInitiated".to_owned()),
        stopped_reason: Some("Scaling activity initiated by (deployment ecs-svc/1)".to_owned()),
        ..ended("1", &[("web", 143)])
    };
    let by_hand =
        Task { stop_code: Some("UserInitiated".to_owned()), ..ended("2", &[("web", 143)]) };
    assert_eq!(causes(&Evidence { stopped: vec![scaled, by_hand], ..evidence() }), []);
}

#[test]
fn a_log_can_give_away_the_wrong_processor() {
    let lines =
        vec![LogLine { time: None, text: "exec /usr/bin/app: exec format error".to_owned() }];
    let log = LogTail { task: arn("1"), container: "web".to_owned(), group: "g".to_owned(), lines };
    let found = causes(&Evidence {
        stopped: vec![ended("1", &[("web", 255)])],
        logs: vec![log],
        ..evidence()
    });
    assert_eq!(kinds(&found), [Kind::ImagePlatform]);
    assert!(found[0].log.is_some());
}

#[test]
fn the_order_of_evidence_changes_nothing() {
    let stopped = vec![
        ended("1", &[("web", 3)]),
        Task { stopped_reason: Some("OutOfMemoryError: Container killed".to_owned()), ..task("2") },
        ended("3", &[("web", 4)]),
    ];
    let mut evidence = Evidence { stopped, services: vec![service()], ..evidence() };
    let forwards = causes(&evidence);
    evidence.stopped.reverse();
    assert_eq!(causes(&evidence), forwards);
    assert_eq!(forwards.len(), 3);
}

/// What AWS said, and what people are told instead.
fn in_short(said: &str, found: &[Cause]) -> String {
    let told = found.iter().map(|it| format!("{}: {}\n  help: {}\n", it.kind, it.message, it.help));
    format!("{said}\n{}\n", told.collect::<String>())
}

fn kinds(causes: &[Cause]) -> Vec<Kind> {
    causes.iter().map(|cause| cause.kind).collect()
}

pub(super) fn at_second(second: i64) -> Timestamp {
    Timestamp::from_second(1_760_000_000 + second).expect("a time of our days")
}

pub(super) fn evidence() -> Evidence {
    Evidence { since: at_second(0), names: vec!["web".to_owned()], ..Evidence::default() }
}

fn arn(id: &str) -> String {
    format!("arn:aws:ecs:eu-west-1:111122223333:task/shop/{id}")
}

/// A task that stopped, without a reason.
pub(super) fn task(id: &str) -> Task {
    Task {
        arn: arn(id),
        group: Some("service:web".to_owned()),
        started_by: Some("ecs-svc/1".to_owned()),
        task_definition: "web:1".to_owned(),
        last_status: "STOPPED".to_owned(),
        desired_status: "STOPPED".to_owned(),
        health: None,
        stop_code: Some("TaskFailedToStart".to_owned()),
        stopped_reason: None,
        created: Some(at_second(1)),
        started: None,
        stopped: Some(at_second(5)),
        network_interface: None,
        private_ip: None,
        containers: Vec::new(),
    }
}

/// A task whose containers ended.
pub(super) fn ended(id: &str, containers: &[(&str, i32)]) -> Task {
    Task {
        stop_code: Some("EssentialContainerExited".to_owned()),
        stopped_reason: Some("Essential container in task exited".to_owned()),
        containers: containers.iter().map(|(name, code)| container(name, *code)).collect(),
        ..task(id)
    }
}

fn container(name: &str, code: i32) -> Container {
    Container {
        name: name.to_owned(),
        image: None,
        last_status: Some("STOPPED".to_owned()),
        exit_code: Some(code),
        reason: None,
        health: None,
    }
}

pub(super) fn service() -> Service {
    Service {
        arn: ARN.to_owned(),
        name: ARN.parse().expect("the ARN of a service"),
        status: "ACTIVE".to_owned(),
        desired: 1,
        running: 0,
        pending: 0,
        task_definition: "web:1".to_owned(),
        deployments: vec![deployment()],
        events: Vec::new(),
        target_groups: Vec::new(),
        tags: IndexMap::from([("com.docker.compose.service".to_owned(), "web".to_owned())]),
    }
}

fn deployment() -> Deployment {
    Deployment {
        id: "ecs-svc/1".to_owned(),
        status: "PRIMARY".to_owned(),
        task_definition: "web:1".to_owned(),
        desired: 1,
        running: 0,
        pending: 0,
        failed: 0,
        rollout: Some("IN_PROGRESS".to_owned()),
        reason: None,
        created: Some(at_second(0)),
    }
}

pub(super) fn event(second: i64, message: &str) -> ServiceEvent {
    ServiceEvent { id: message.to_owned(), time: at_second(second), message: message.to_owned() }
}

pub(super) fn failed(logical_id: &str, reason: &str) -> StackEvent {
    StackEvent {
        id: format!("{logical_id}{reason}"),
        time: at_second(10),
        logical_id: logical_id.to_owned(),
        physical_id: None,
        kind: "AWS::Logs::LogGroup".to_owned(),
        status: Status("CREATE_FAILED".to_owned()),
        reason: Some(reason.to_owned()),
        token: None,
    }
}

pub(super) fn rollback(reason: &str) -> StackEvent {
    StackEvent {
        kind: "AWS::CloudFormation::Stack".to_owned(),
        status: Status("ROLLBACK_IN_PROGRESS".to_owned()),
        ..failed("shop", reason)
    }
}
