//! Scenarios: what a plugin must answer, in files that anybody can read. A family in a few lines, what is known of it, what is
//! asked, what must come back. They run in the real sandbox and travel with the plugin. The format: `wit/scenarios.md`.

mod about;
mod bench;
mod between;
mod budget;
mod covered;
mod dates;
mod expect;
mod facts;
mod folder;
mod form;
mod number;
mod real;
mod retold;
mod said;
mod story;
#[cfg(test)]
mod tests;
mod tried;
mod upload;
mod varied;
mod world;
mod yaml;

pub use bench::{Bench, Checked, Played};
pub use between::{Became, Between, between};
pub use budget::{Budget, Over, Spending};
pub use expect::Miss;
pub use folder::{FOLDER, File, NotRead, packed_into, read_folder};
pub use real::nobody_real;
pub use retold::{How, person, retold, retold_facts, rows};
pub use said::{Item, counted};
pub use story::{Story, packed, stories};
pub use tried::{Differs, Tried, came_to, essence, expected, items_of};
pub use upload::{Failed, check, play};
pub use varied::{Turn, Variation, list_of, variations};
pub use wrong::Wrong;
pub use yaml::written;

use crate::record::Invalid;
use crate::written::{node, wrong};
pub use node::Node;

/// Who is who in a run: the interface has numbers, a scenario has names.
#[derive(Debug, Clone, Default)]
pub(super) struct Who {
    people: Vec<String>,
    workers: Vec<String>,
    services: Vec<String>,
    /// Of the contract.
    families: Vec<String>,
}

/// Reads a list or mapping of YAML into a type.
///
/// # Errors
/// [`Wrong`] with the line and the path of the first field at fault.
pub fn read_yaml<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, Wrong> {
    use wrong::At;
    let node = Node::from_yaml(text).map_err(|(line, why)| Wrong { line: Some(line), ..Wrong::new("", why) })?;
    node.read().at(&node)
}

/// The text of a field; none where it is left out.
fn said_in(node: &Node, field: &str) -> Result<Option<String>, Invalid> {
    node.get(field).map(|n| world::text_of(n).map_err(|e| e.within(field))).transpose()
}
