//! What an account holds, for tests that nothing is left behind or doubled.

use serde_json::{Value as Json, json};

use super::account::Account;

impl Account {
    /// Everything that somebody made, as sorted lines such as `logs:logGroups//shop`. What
    /// an account comes with is not in it, nor are change sets that were carried out, nor
    /// task definitions, which nobody pays for and CloudFormation only retires.
    pub fn inventory(&self) -> Vec<String> {
        let mut found = Vec::new();
        self.add_stacks(&mut found);
        self.add_ecs(&mut found);
        self.add_json(&mut found);
        self.add_query(&mut found);
        self.add_rest(&mut found);
        found.sort();
        found
    }

    fn add_stacks(&self, found: &mut Vec<String>) {
        let stacks = self.query("cloudformation", "DescribeStacks", &[]);
        for stack in stacks.texts("StackName") {
            let sets = self.query("cloudformation", "ListChangeSets", &[("StackName", &stack)]);
            let names = sets.texts("ChangeSetName").into_iter();
            let states = sets.texts("ExecutionStatus").into_iter();
            let left = names.zip(states).filter(|(_, state)| state != "EXECUTE_COMPLETE");
            let left = left.map(|(name, _)| format!("{stack}/{name}")).collect();
            add(found, "cloudformation:change-set", left);
            add(found, "cloudformation:stack", vec![stack]);
        }
    }

    fn add_ecs(&self, found: &mut Vec<String>) {
        let clusters = self.list("ecs", "ListClusters", &json!({}), "clusterArns");
        for cluster in &clusters {
            let services =
                self.list("ecs", "ListServices", &json!({ "cluster": cluster }), "serviceArns");
            found.extend(services);
        }
        found.extend(clusters);
    }

    fn add_json(&self, found: &mut Vec<String>) {
        let lists = [
            ("logs", "DescribeLogGroups", "logGroups", "logGroupName"),
            ("secretsmanager", "ListSecrets", "SecretList", "Name"),
            ("servicediscovery", "ListNamespaces", "Namespaces", "Name"),
            ("servicediscovery", "ListServices", "Services", "Name"),
            ("ecr", "DescribeRepositories", "repositories", "repositoryName"),
        ];
        for (service, operation, list, name) in lists {
            let answer = self.json(service, operation, &json!({})).json();
            let items = answer[list].as_array().into_iter().flatten();
            let names = items.filter_map(|item| item[name].as_str()).map(str::to_owned);
            add(found, &format!("{service}:{list}"), names.collect());
        }
    }

    fn add_query(&self, found: &mut Vec<String>) {
        let lists = [
            ("elasticloadbalancing", "DescribeLoadBalancers", "LoadBalancerName"),
            ("elasticloadbalancing", "DescribeTargetGroups", "TargetGroupName"),
            ("iam", "ListRoles", "RoleName"),
            ("iam", "ListInstanceProfiles", "InstanceProfileName"),
            ("autoscaling", "DescribeAutoScalingGroups", "AutoScalingGroupName"),
            ("ec2", "DescribeSecurityGroups", "groupName"),
            ("ec2", "DescribeLaunchTemplates", "launchTemplateName"),
        ];
        for (service, action, name) in lists {
            let names = self.query(service, action, &[]).texts(name);
            let ours = names.into_iter().filter(|name| name != "default").collect();
            add(found, &format!("{service}:{name}"), ours);
        }
    }

    fn add_rest(&self, found: &mut Vec<String>) {
        let systems = self.rest("elasticfilesystem", "GET", "/2015-02-01/file-systems", "").json();
        let systems = systems["FileSystems"].as_array().into_iter().flatten();
        let ids = systems.filter_map(|system| system["FileSystemId"].as_str()).map(str::to_owned);
        add(found, "elasticfilesystem:file-system", ids.collect());
        add(found, "s3:bucket", self.rest("s3", "GET", "/", "").texts("Name"));
    }

    /// All pages of a list of ECS.
    fn list(&self, service: &str, operation: &str, body: &Json, list: &str) -> Vec<String> {
        let (mut body, mut found) = (body.clone(), Vec::new());
        loop {
            let answer = self.json(service, operation, &body).json();
            let items = answer[list].as_array().into_iter().flatten();
            found.extend(items.filter_map(Json::as_str).map(str::to_owned));
            let Some(next) = answer["nextToken"].as_str() else { return found };
            body["nextToken"] = next.into();
        }
    }
}

fn add(found: &mut Vec<String>, kind: &str, names: Vec<String>) {
    found.extend(names.into_iter().map(|name| format!("{kind}/{name}")));
}
