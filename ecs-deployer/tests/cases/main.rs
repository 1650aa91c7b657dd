//! What can happen to a message, case by case, on virtual time.

mod again;
mod changes;
mod checking;
mod crossing;
mod engine;
mod failing;
mod message;
mod office;
mod others;
mod page;
mod receiving;
mod refused;
mod schedules;
mod staying;
mod world;
