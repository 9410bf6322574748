//! What the host lends a run beside the record, and what it takes down of what the run says.

mod calendar;
mod episode;
mod findings;
mod log;
mod messages;
mod settings;
mod tasks;
