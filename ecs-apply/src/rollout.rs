//! Brings a new task definition to a service, and says how it went.
//!
//! [`roll_out`] looks what became of the order before, makes a revision, tells the
//! service to run it, and watches that one deployment to its end. What it knows it
//! knows from AWS: the revision has tags that say for which order it was made. So an
//! order that is told twice, or whose bearer is killed at any moment, makes one revision
//! and one deployment.
//!
//! How a deployment goes is judged by a function that asks nobody; what is asked of AWS
//! is a trait, because no local AWS shows what can go wrong with it.

mod cloud;
mod crossing;
mod definition;
mod driver;
mod error;
mod gate;
mod judge;
mod making;
mod mark;
mod order;
mod pace;
mod policy;
mod preflight;
mod rehearsal;
mod rollback;
mod site;
mod standing;
mod strict;
mod tidy;
mod update;
mod watch;

pub use self::cloud::{Cloud, Course, Pause, Revision, Strategy, Update, Updated, Which};
pub use self::definition::{Definition, Read, Remark};
pub use self::driver::{Outcome, Report, register_only, roll_out};
pub use self::error::RolloutError;
pub use self::gate::{Gate, News};
pub use self::judge::{Failure, Phase};
pub use self::order::{Order, Rank, RankSource, Success, Terms};
pub use self::policy::{Globs, Policy};
pub use self::preflight::{Findings, cluster_name, family_of, of_definition, service_name};
pub use self::rollback::Rollback;
pub use self::site::{Entrance, Site, Ways};
pub use self::standing::{Begun, Standing};
