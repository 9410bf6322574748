//! What the whole-system tests share: the built plugins, a sandbox to ask them in, and families in a few lines.

pub mod attacks;
pub mod bombs;
pub mod browser;
pub mod compare;
pub mod conformance;
pub mod database;
pub mod demonstration;
pub mod family;
pub mod frozen;
pub mod generated;
pub mod host;
pub mod identity_provider;
pub mod journey;
pub mod lab;
pub mod matching;
pub mod oracle;
pub mod people;
mod people_names;
pub mod program;
pub mod programme;
pub mod registry;
pub mod smith;
pub mod year;

pub use compare::compare;
pub use family::Family;
pub use lab::Lab;

/// A number from the environment: how many cases, or which. Empty counts as left out.
///
/// # Panics
/// Where it is something else.
#[must_use]
pub fn number(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok().filter(|text| !text.is_empty())?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name}={text} is not a number")))
}
