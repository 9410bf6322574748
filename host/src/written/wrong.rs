//! What was written and cannot be read: what is wrong, and on which line.

use super::node::Node;
use crate::record::Invalid;

/// A fault with the line that it was written on; none where it came out of a manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    pub line: Option<usize>,
    pub wrong: Invalid,
}

pub type Read<T> = Result<T, Wrong>;

impl Wrong {
    pub fn new(field: impl Into<String>, why: impl Into<String>) -> Self {
        Self { line: None, wrong: Invalid::new(field, why) }
    }

    /// The same fault seen from one level further out.
    #[must_use]
    pub fn within(self, outer: &str) -> Self {
        Self { wrong: self.wrong.within(outer), ..self }
    }
}

impl std::fmt::Display for Wrong {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line}: ")?;
        }
        if self.wrong.field.is_empty() { f.write_str(&self.wrong.why) } else { self.wrong.fmt(f) }
    }
}

impl std::error::Error for Wrong {}

/// Finds the line of a fault.
pub trait At<T> {
    /// # Errors
    /// The same, with its line in `node`.
    fn at(self, node: &Node) -> Read<T>;
}

impl<T> At<T> for Result<T, Invalid> {
    fn at(self, node: &Node) -> Read<T> {
        self.map_err(|wrong| Wrong { line: node.line_at(&wrong.field), wrong })
    }
}
