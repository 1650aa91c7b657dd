//! The local AWS and the proxy in front of it do what tests rely on.

use std::thread;
use std::time::Duration;

use testkit::emulator::{Account, Emulator};
use testkit::proxy::{Proxy, Rule};

/// Waits for the end of what a stack does, and gives its state.
fn settled(account: &Account, stack: &str) -> String {
    for _ in 0..1200 {
        let answer = account.query("cloudformation", "DescribeStacks", &[("StackName", stack)]);
        let status = answer.text("StackStatus");
        if !status.ends_with("IN_PROGRESS") {
            return status;
        }
        thread::sleep(Duration::from_millis(100));
    }
    panic!("{stack} does not settle");
}

fn create(account: &Account, stack: &str, template: &str) {
    let parameters = [("StackName", stack), ("TemplateBody", template)];
    let answer = account.query("cloudformation", "CreateStack", &parameters);
    assert_eq!(answer.status, 200, "{}", answer.body);
}

const GROUP: &str = r#"{"Resources": {"Log": {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "/shop"}}}}"#;

#[test]
fn calls_are_counted_and_throttled_on_their_way() {
    let account = Emulator::lean().account();
    let proxy = Proxy::before(&account);
    proxy.rule(Rule::on("CloudFormation.DescribeStackEvents").times(2).throttle());
    let account = account.through(&proxy);
    create(&account, "shop", GROUP);
    assert_eq!(settled(&account, "shop"), "CREATE_COMPLETE");
    let events =
        || account.query("cloudformation", "DescribeStackEvents", &[("StackName", "shop")]);
    for _ in 0..2 {
        let throttled = events();
        assert_eq!((throttled.status, throttled.text("Code").as_str()), (400, "Throttling"));
    }
    assert_eq!(events().status, 200);
    assert_eq!(account.inventory(), ["cloudformation:stack/shop", "logs:logGroups//shop"]);
    account.query("cloudformation", "DeleteStack", &[("StackName", "shop")]);
    settled(&account, "shop");
    assert_eq!(account.inventory(), [""; 0]);
    assert_eq!(proxy.count("CloudFormation.DescribeStackEvents"), 3);
    assert_eq!(proxy.count("CloudFormation.CreateStack"), 1);
}
