//! Metrics in the log, in the form that CloudWatch reads.
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::result::DeployResult;

const NAMESPACE: &str = "ecs-deployer";

/// What became of an order, as a line of its own.
pub fn embedded(result: &DeployResult, now: Timestamp) -> Value {
    let mut metrics = vec![json!({ "Name": "deployments", "Unit": "Count" })];
    let mut values = Map::new();
    values.insert("deployments".to_owned(), 1.into());
    values.insert("api_calls".to_owned(), result.calls().into());
    metrics.push(json!({ "Name": "api_calls", "Unit": "Count" }));
    for (phase, time) in result.phases() {
        let name = format!("{phase}_seconds");
        metrics.push(json!({ "Name": name, "Unit": "Seconds" }));
        values.insert(name, time.as_secs_f64().into());
    }
    values.insert("result".to_owned(), result.status.name().into());
    values.insert("service".to_owned(), result.service().unwrap_or("none").into());
    values.insert("cluster".to_owned(), result.cluster().into());
    values.insert(
        "_aws".to_owned(),
        json!({
            "Timestamp": now.as_millisecond(),
            "CloudWatchMetrics": [{
                "Namespace": NAMESPACE,
                "Dimensions": [["cluster", "service", "result"], ["result"]],
                "Metrics": metrics,
            }],
        }),
    );
    values.into()
}
