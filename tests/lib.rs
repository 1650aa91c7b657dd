//! What the workspace promises as a whole, tested from outside.
