//! The commands that look, before a local AWS.

mod logs;
mod ps;
mod shop;
