//! Hearth: the family record, and each authority's own rules over it.

pub mod plugins;
pub mod record;
pub mod sandbox;
