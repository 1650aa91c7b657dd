//! How somebody ran the program, so that a hint can be typed as it stands.

/// How somebody ran the program: by which name, and which AWS they meant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Caller {
    program: &'static str,
    /// `--region`, `eu-west-1`
    place: Vec<(&'static str, String)>,
    /// Whether the stack is found by more than the folder that one is in.
    is_named: bool,
}

/// The command that shows what a service wrote.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct LogsCommand {
    program: &'static str,
    options: String,
}

impl Caller {
    /// Somebody who typed no more than this.
    pub(crate) fn new(program: &'static str) -> Self {
        Self { program, ..Self::default() }
    }

    /// The same with options that say where AWS is, and whether others say which project.
    pub(crate) fn meaning(self, place: Vec<(&'static str, String)>, is_named: bool) -> Self {
        Self { place, is_named, ..self }
    }

    /// A command that asks nobody: `ecs-cli config`.
    pub(crate) fn command(&self, what: &str) -> String {
        format!("{} {what}", self.program)
    }

    /// A command that asks AWS: `ecs-cli ls --region eu-west-1`.
    pub(crate) fn asks(&self, what: &str) -> String {
        format!("{} {what}{}", self.program, self.options())
    }

    /// A command about a stack: `ecs-cli events -f --stack-name shop --region eu-west-1`.
    pub(crate) fn about(&self, stack: &str, what: &str) -> String {
        self.asks(&format!("{what} --stack-name {}", word(stack)))
    }

    /// A command of Amazon's own program about a stack.
    pub(crate) fn amazon(&self, stack: &str, what: &str) -> String {
        let options = self.options().replace(" --aws-profile ", " --profile ");
        format!("aws {what} --stack-name {}{options}", word(stack))
    }

    /// What shows what the services of a stack wrote.
    pub(crate) fn logs(&self, stack: &str) -> LogsCommand {
        let stack =
            if self.is_named { format!(" --stack-name {}", word(stack)) } else { String::new() };
        LogsCommand { program: self.program, options: stack + &self.options() }
    }

    fn options(&self) -> String {
        self.place.iter().map(|(name, value)| format!(" {name} {}", word(value))).collect()
    }
}

impl LogsCommand {
    /// For one service.
    pub(crate) fn of(&self, service: &str) -> String {
        format!("{} logs {service}{}", self.program, self.options)
    }
}

/// A value as a shell takes it.
fn word(value: &str) -> String {
    let is_plain = |it: char| it.is_ascii_alphanumeric() || "-_.,:/@%+=".contains(it);
    if !value.is_empty() && value.chars().all(is_plain) {
        return value.to_owned();
    }
    format!("'{}'", value.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hint_can_be_typed_as_it_stands() {
        let here = Caller::new("ecs-cli");
        assert_eq!(here.about("shop", "events -f"), "ecs-cli events -f --stack-name shop");
        assert_eq!(here.logs("shop").of("web"), "ecs-cli logs web");
        let place =
            vec![("--region", "eu-west-1".to_owned()), ("--aws-profile", "my team".to_owned())];
        let there = here.meaning(place, true);
        let options = "--stack-name shop --region eu-west-1";
        assert_eq!(
            there.about("shop", "cancel"),
            format!("ecs-cli cancel {options} --aws-profile 'my team'")
        );
        assert_eq!(
            there.logs("shop").of("web"),
            format!("ecs-cli logs web {options} --aws-profile 'my team'")
        );
        assert_eq!(
            there.amazon("shop", "cloudformation x"),
            format!("aws cloudformation x {options} --profile 'my team'")
        );
        assert_eq!(there.command("config --services"), "ecs-cli config --services");
    }
}
