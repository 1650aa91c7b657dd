//! Agreement with Docker, project by project and rule by rule.
//!
//! What Docker makes of a project is not part of this repository:
//! `CONFORMANCE_CORPUS` says in which directory that is. Where we differ on
//! purpose, `tests/differences.txt` says why.

mod case;
mod corpus;
mod difference;
mod ecs;
mod fact;
mod outcome;
mod projects;
mod tables;
mod tally;
