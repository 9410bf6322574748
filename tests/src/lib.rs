//! What the whole-system tests share: the built plugins, a sandbox to ask them in, and families in a few lines.

pub mod compare;
pub mod family;
pub mod generated;
pub mod host;
pub mod lab;
pub mod oracle;
pub mod program;

pub use compare::compare;
pub use family::Family;
pub use lab::Lab;
