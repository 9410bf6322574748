//! How a plugin travels: its one file is packed by its author, read without running anything, uploaded, and adopted by an
//! authority with its own grants and settings.

pub mod author;
pub mod build;
pub mod check;
pub mod describe;
pub mod difference;
pub mod fit;
pub mod inspect;
pub mod install;
pub mod manifest;
pub mod mutants;
pub mod pack;
pub mod publish;
pub mod registry;
pub mod scenarios;
pub mod secrets;
pub mod sensitive;
pub mod settings;
pub mod settings_from;
pub mod tables;
pub mod update;

pub use inspect::{Inspected, Refused, inspect};
pub use manifest::Manifest;
