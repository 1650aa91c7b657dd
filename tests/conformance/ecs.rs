//! Agreement with Docker's own tool for ECS, which is gone: facts about its
//! templates, and whether ours can take over what it has deployed.

mod share;
mod table;
mod takeover;
mod template;
mod world;
