//! Looks things up together with how well they are known: nothing recorded is not the same as nothing happened.

use hearth_kit::coverage::{Piece, is_known};

use crate::hearth::decision::messages::Basis;
use crate::hearth::family::coverage::{Span, spans};
use crate::hearth::family::types::{Absence, Window};
use crate::say;

/// A kind of fact that was looked for.
pub struct Looked<Row> {
    pub rows: Vec<Row>,
    /// Is the record of the kind complete over the window, for everybody in the family?
    pub complete: bool,
    /// The search, for a reason that says that there is nothing; that nothing was told where the section may not be read.
    pub search: Vec<Basis>,
}

/// The rows of one kind in `window`. A section that is withheld or not granted is one of which nothing is known, so that the
/// question ends with a person and not with a refusal.
pub fn look<Row>(section: &str, kind: &str, window: Window, read: impl FnOnce(Window) -> Result<Vec<Row>, Absence>) -> Looked<Row> {
    match read(window).and_then(|rows| Ok((rows, spans(section, window)?))) {
        Ok((rows, spans)) => {
            let complete = is_known(&spans, kind, (window.first, window.last), None);
            Looked { rows, complete, search: say::searched(section, kind, window) }
        }
        Err(_) => Looked { rows: Vec::new(), complete: false, search: say::not_told(section) },
    }
}

impl<'a> From<&'a Span> for Piece<'a> {
    fn from(span: &'a Span) -> Self {
        let Window { first, last } = span.window;
        Self { person: span.person, kind: &span.kind, first, last, complete: span.state == "complete" }
    }
}
