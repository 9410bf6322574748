//! A year of two authorities, played through the HTTP API alone. The driver sends what stands in `tests/year`: facts, and what people do. What
//! must follow is a table beside each case, with the line of the document that it is from; what is read for it, and how, is in
//! `tests/year/looks.yaml`. So a new route needs no code here: it needs an act or a look.

mod council;
mod draw;
mod look;
mod names;
mod play;
mod read;
mod tell;

pub use council::{STUBS, Year};
pub use draw::families;
pub use play::{Miss, Played, short};
pub use read::{Book, Case};
pub use tell::Counted;

use std::path::{Path, PathBuf};

/// The folder of the year's files.
#[must_use]
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("year")
}
