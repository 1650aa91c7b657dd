//! Loads Compose files the way Docker does, and can say where everything stands.
//!
//! [`load`] takes what `docker compose` takes from its command line and its
//! environment, and gives a [`Project`]: plain structs, with newtypes for all
//! that has a grammar. Whatever is wrong is collected as [`Diagnostic`]s, each
//! with its place in a file, also when the value came through an override, an
//! `include`, an `extends`, an anchor or a variable.
//!
//! ```
//! use compose_model::{Request, load};
//!
//! let request = Request {
//!     working_dir: "/srv/shop".into(),
//!     files: vec!["-".into()],
//!     stdin: Some("services: {web: {image: nginx, ports: ['80:8080']}}".to_owned()),
//!     ..Request::default()
//! };
//! let loaded = load(&request)?;
//! assert_eq!(loaded.project.name, "shop");
//! assert_eq!(loaded.project.services["web"].ports[0].target, 8080);
//! # Ok::<(), compose_model::LoadError>(())
//! ```
//!
//! A file that is wrong ends in [`LoadError::Invalid`], with every problem:
//!
//! ```
//! use compose_model::{LoadError, Request, load};
//!
//! let request = Request {
//!     working_dir: "/srv/shop".into(),
//!     files: vec!["-".into()],
//!     stdin: Some("services:\n  web:\n    imgae: nginx\n".to_owned()),
//!     ..Request::default()
//! };
//! let Err(LoadError::Invalid(rejected)) = load(&request) else { panic!() };
//! let problem = &rejected.diagnostics[0];
//! assert_eq!(problem.message, "`services.web` has no key `imgae`");
//! assert_eq!(problem.help.as_deref(), Some("did you mean `image`?"));
//!
//! let span = rejected.document.span(&problem.labels[0].place).unwrap();
//! let start = rejected.document.sources().start(span);
//! assert_eq!((start.line, start.column), (3, 5));
//! ```

mod exposed;
mod local_files;
mod masked;
mod request;
mod same_file;
mod secret_guard;
mod secret_pieces;
mod secret_values;

mod error;
mod load;

mod diagnostic;
mod document;
mod element;
mod path;
mod repeats;
mod source;

mod project;
pub mod service;

mod network;
mod secret;
mod volume;

pub mod dotenv;
pub mod template;
pub mod value;

mod form;
pub mod schema;
mod tree;

pub use diagnostic::{Diagnostic, Label, Place, Severity};
pub use document::Document;
pub use element::Element;
pub use error::{LoadError, Rejected};
pub use exposed::Exposed;
pub use load::problem::nearest;
pub use load::{Loaded, MAX_BYTES, Read, Variable, environment, load, read, variables};
pub use local_files::{
    Content, Folder, LeftOut, LocalFile, LocalFiles, LocalSecret, Why, local_files,
    may_hold_secrets,
};
pub use network::{AddressPool, Ipam, Network};
pub use path::{Path, Step};
pub use project::Project;
pub use request::{Environment, Request, Skip};
pub use secret::{Config, Model, Secret};
pub use secret_guard::SecretGuard;
pub use secret_values::{SecretText, secret_values};
pub use service::Service;
pub use source::{FileId, Position, Source, Sources, Span};
pub use volume::Volume;
