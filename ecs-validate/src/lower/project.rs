//! What the services of a project share.
