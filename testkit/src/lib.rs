//! What the tests and benchmarks of this workspace share. Nothing that is
//! shipped depends on it.
//!
//! ```
//! let text = testkit::synthetic::compose(3);
//! assert!(text.contains("services:"));
//! ```

pub mod emulator;
pub mod http;
pub mod measure;
pub mod proxy;
pub mod synthetic;
