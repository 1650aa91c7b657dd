//! The built program before a local AWS: a real queue and a real ECS, over HTTP.

mod containers;
mod image;
mod killed;
mod paths;
mod shop;
mod staying;
mod telling;
