//! Hearth: the family record, and each authority's own rules over it.
//!
//! Arrows point one way: `cli` → `web` → `api` → `workflow`, `plugins`, `intake` → `sandbox`, `access` → `egress` → `store` → `forms`, `matching`, `record`.

pub mod access;
pub mod api;
pub mod cli;
pub mod egress;
pub mod forms;
pub mod intake;
pub mod matching;
pub mod metrics;
pub mod plugins;
pub mod record;
pub mod sandbox;
pub mod settings;
pub mod sheet;
pub mod store;
pub mod web;
pub mod workflow;
pub mod written;
