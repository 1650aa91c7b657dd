//! `ecs-deployer`: reads what is wanted, and does it.

use std::io::{IsTerminal as _, Write as _};
use std::process::ExitCode;

use ecs_deployer::args::Arguments;
use ecs_deployer::program::{self, World};

fn main() -> ExitCode {
    let (command, flags) = Arguments::typed().into_parts();
    #[expect(clippy::disallowed_methods, reason = "this is where the environment comes in")]
    let environment = |name: &str| std::env::var(name).ok();
    let world = World { environment: &environment, terminal: std::io::stderr().is_terminal() };
    let ended = program::run(command, &flags, &world);
    // Whoever closed it does not want to know.
    let _ = std::io::stderr().flush();
    ended
}
