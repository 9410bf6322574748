//! What people write by hand in YAML: a tree that remembers lines, and faults that name line and field, so that a mistyped word is a
//! fault and never something that is passed over. Scenarios and the mappings of extracts are written so.

pub mod node;
pub mod wrong;

pub use node::{Node, Of};
pub use wrong::{At, Read, Wrong};
