//! Who may see and do what.
pub mod tokens;
