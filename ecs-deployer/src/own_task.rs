//! What ECS says of the task that the program itself runs in.
//! <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-metadata-endpoint-v4-fargate.html>

use std::net::SocketAddr;

use serde_json::Value;

use crate::http;

/// The variable that says where ECS can be asked.
pub const VARIABLE: &str = "ECS_CONTAINER_METADATA_URI_V4";

/// The task that the program runs in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnTask {
    /// Its ARN.
    pub arn: String,
    /// The family of its definition.
    pub family: String,
}

impl OwnTask {
    /// Asks ECS. Nothing, if the program runs elsewhere, or there is no answer: that is
    /// no reason not to work.
    pub async fn find(uri: Option<&str>) -> Option<Self> {
        let (address, path) = place(uri?)?;
        let page = http::ask(address, &format!("{path}/task")).await.ok()?;
        read(&page.text).filter(|_| page.status == 200)
    }

    /// Where it is shown.
    pub fn link(&self) -> Option<String> {
        let mut parts = self.arn.split(':');
        let region = parts.nth(3)?;
        let mut path = self.arn.rsplit(':').next()?.strip_prefix("task/")?.split('/');
        let (cluster, task) = (path.next()?, path.next()?);
        Some(crate::result::console_task(region, cluster, task))
    }
}

fn place(uri: &str) -> Option<(SocketAddr, &str)> {
    let rest = uri.strip_prefix("http://")?;
    let at = rest.find('/').unwrap_or(rest.len());
    let (host, path) = rest.split_at(at);
    let address = host.parse().ok().or_else(|| Some(SocketAddr::new(host.parse().ok()?, 80)))?;
    Some((address, path.trim_end_matches('/')))
}

fn read(text: &str) -> Option<OwnTask> {
    let body: Value = serde_json::from_str(text).ok()?;
    let text = |name: &str| body[name].as_str().map(str::to_owned);
    Some(OwnTask { arn: text("TaskARN")?, family: text("Family")? })
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;
    use crate::http::Page;

    #[tokio::test]
    async fn ecs_says_which_task_it_is() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(http::serve(listener, |path| {
            let text = r#"{"Cluster": "shop", "Family": "deployer", "Revision": "3",
                "TaskARN": "arn:aws:ecs:eu-west-1:111122223333:task/shop/a1b2"}"#;
            (path == "/v4/abc/task").then(|| Page::is(true, text))
        }));
        let task = OwnTask::find(Some(&format!("http://{address}/v4/abc"))).await.unwrap();
        assert_eq!(task.family, "deployer");
        assert_eq!(
            task.link().unwrap(),
            "https://eu-west-1.console.aws.amazon.com/ecs/v2/clusters/shop/tasks/a1b2\
             ?region=eu-west-1"
        );
        assert_eq!(OwnTask::find(Some(&format!("http://{address}/v4/other"))).await, None);
    }

    #[tokio::test]
    async fn elsewhere_there_is_no_task() {
        assert_eq!(OwnTask::find(None).await, None);
        for uri in ["", "https://169.254.170.2/v4/a", "http://localhost/v4/a", "http://"] {
            assert_eq!(OwnTask::find(Some(uri)).await, None, "{uri}");
        }
    }

    #[test]
    fn the_address_may_have_a_port() {
        let (address, path) = place("http://169.254.170.2/v4/abc/").unwrap();
        assert_eq!((address.to_string().as_str(), path), ("169.254.170.2:80", "/v4/abc"));
        assert_eq!(place("http://[fd00:ec2::23]:81/x").unwrap().0.port(), 81);
    }
}
