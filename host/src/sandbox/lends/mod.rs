//! What the host lends a run beside the record, and what it takes down of what the run says.

mod actions;
mod assessment;
mod calendar;
mod commissioning;
mod directory;
mod episode;
mod findings;
mod log;
mod messages;
mod pathway;
mod reference;
mod settings;
mod tasks;
