//! The commands that look, before a local AWS.

mod crowd;
mod events;
mod following;
mod logs;
mod ls;
mod ps;
mod shop;
