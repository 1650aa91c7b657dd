//! Stacks without a program under test, for what was there before it.

use std::thread;
use std::time::{Duration, Instant};

use super::account::{Account, Answer};

/// Longer than the slowest test of a stack takes.
const PATIENCE: Duration = Duration::from_secs(180);

impl Account {
    /// Begins to create a stack, with all capabilities.
    pub fn create_stack(&self, name: &str, template: &str) -> Answer {
        self.send_stack("CreateStack", name, template)
    }

    /// Begins to update a stack, with all capabilities.
    pub fn update_stack(&self, name: &str, template: &str) -> Answer {
        self.send_stack("UpdateStack", name, template)
    }

    /// Begins to delete a stack.
    pub fn delete_stack(&self, name: &str) -> Answer {
        self.query("cloudformation", "DeleteStack", &[("StackName", name)])
    }

    fn send_stack(&self, action: &str, name: &str, template: &str) -> Answer {
        let parameters = [
            ("StackName", name),
            ("TemplateBody", template),
            ("Capabilities.member.1", "CAPABILITY_NAMED_IAM"),
        ];
        self.query("cloudformation", action, &parameters)
    }

    /// `CREATE_COMPLETE` and so on; nothing if there is no such stack.
    pub fn stack_status(&self, name: &str) -> String {
        self.query("cloudformation", "DescribeStacks", &[("StackName", name)]).text("StackStatus")
    }

    /// What becomes of a stack when nothing is in progress any more; nothing if it is
    /// gone.
    ///
    /// # Panics
    /// If that takes too long.
    #[expect(clippy::disallowed_methods, reason = "waiting ends some time")]
    pub fn settled(&self, name: &str) -> String {
        let start = Instant::now();
        while start.elapsed() < PATIENCE {
            let status = self.stack_status(name);
            if !status.ends_with("IN_PROGRESS") {
                return status;
            }
            thread::sleep(Duration::from_millis(50));
        }
        panic!("the stack {name} does not settle");
    }
}
