//! The built program before a local AWS, which is installed when it is first needed.

mod account;
mod apply;
mod built;
mod calls;
mod explained;
mod faults;
mod killed;
mod large;
mod lookup;
mod parameters;
mod takeover;
mod waiting;
