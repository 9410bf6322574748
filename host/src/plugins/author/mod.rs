//! What an author is handed beside the sandbox: the interface, helpers and guards in their language, and the compilers.

mod declared;
mod embedded;
mod guard;
mod language;
mod names;
mod new;
mod overasked;
pub mod reference;
mod shape;
mod supply;
mod tools;
mod typescript;
mod world;

pub(super) use embedded::{interface, release};
pub use language::Language;
pub use new::{NotBegun, begin};
pub use overasked::overasked;
pub(super) use reference::rows;
pub use supply::OURS as SUPPLIED_MARK;
pub(super) use supply::supply;
pub use tools::{NoTools, install};
pub(super) use tools::{Tools, cargo};
pub use world::NotAWorld;
pub(super) use world::{GUARDED, World};
