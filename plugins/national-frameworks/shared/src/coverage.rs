//! What is known at all, so that a feed that stopped never reads as a family that improved.

use crate::hearth::decision::messages::Reason;
use crate::hearth::family::coverage::{Span, spans};
use crate::hearth::family::types::{Absence, Person, Window};
use crate::{say, window};

/// How well a section is known over a window.
pub struct Coverage {
    section: &'static str,
    window: Window,
    spans: Vec<Span>,
}

/// Whether a kind of fact is completely known, and how to say so.
pub struct Known {
    pub complete: bool,
    pub reason: Reason,
}

impl Coverage {
    pub fn read(section: &'static str, window: Window) -> Result<Self, Absence> {
        Ok(Self { section, window, spans: spans(section, window)? })
    }

    /// Known for everyone: no piece falls short, whoever it is about, and the family's own hold every day. What is not known of
    /// one member may be the very thing that is looked for.
    #[must_use]
    pub fn of_family(&self, kind: &str) -> bool {
        let own = self.of_kind(kind).filter(|span| span.person.is_none());
        self.of_kind(kind).all(is_complete) && window::fill(self.window, own.map(|span| span.window))
    }

    /// Known for one person: none of the person's own pieces falls short, and with the family's they are complete day by day.
    #[must_use]
    pub fn of_person(&self, kind: &str, person: Person) -> bool {
        let mut own = self.of_kind(kind).filter(|span| span.person == Some(person));
        let both = self.of_kind(kind).filter(|span| span.person.is_none_or(|p| p == person) && is_complete(span));
        own.all(is_complete) && window::fill(self.window, both.map(|span| span.window))
    }

    /// `found`: how many facts of the kind the window gave.
    #[must_use]
    pub fn known(&self, kind: &str, complete: bool, found: usize) -> Known {
        let template = if complete { "record-complete" } else { "record-incomplete" };
        let rests_on = say::searched(self.section, kind, None, self.window, found);
        Known { complete, reason: say::reason(template, &[("kind", say::code(kind))], rests_on) }
    }

    fn of_kind<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Span> {
        self.spans.iter().filter(move |span| span.kind == kind)
    }
}

fn is_complete(span: &Span) -> bool {
    span.state == "complete"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hearth::family::types::Day;
    use crate::window::from_to;

    fn span(person: Option<Person>, first: Day, last: Day, state: &str) -> Span {
        Span { person, kind: "attendance".into(), window: from_to(first, last), state: state.into() }
    }

    fn coverage(spans: Vec<Span>) -> Coverage {
        Coverage { section: "education", window: from_to(1, 100), spans }
    }

    #[test]
    fn the_family_is_known_where_every_day_is() {
        for (spans, complete) in [
            (vec![], false),
            (vec![span(None, 1, 100, "complete")], true),
            (vec![span(None, 1, 50, "complete"), span(None, 51, 100, "none")], false),
            (vec![span(None, 1, 50, "complete"), span(None, 52, 100, "complete")], false),
            (vec![span(None, 1, 100, "none"), span(Some(3), 1, 100, "complete")], false),
            (vec![span(None, 1, 100, "complete"), span(Some(3), 1, 100, "withheld")], false),
        ] {
            assert_eq!(coverage(spans.clone()).of_family("attendance"), complete, "{spans:?}");
        }
    }

    #[test]
    fn a_person_is_known_by_their_own_pieces_and_the_familys() {
        for (spans, complete) in [
            (vec![span(None, 1, 100, "complete")], true),
            (vec![span(None, 1, 100, "none"), span(Some(3), 1, 100, "complete")], true),
            (vec![span(None, 1, 100, "none"), span(Some(4), 1, 100, "complete")], false),
            (vec![span(None, 1, 40, "complete"), span(None, 41, 100, "none"), span(Some(3), 41, 100, "complete")], true),
            (vec![span(None, 1, 100, "complete"), span(Some(3), 1, 100, "withheld")], false),
            (vec![span(None, 1, 100, "complete"), span(Some(4), 1, 100, "withheld")], true),
        ] {
            assert_eq!(coverage(spans.clone()).of_person("attendance", 3), complete, "{spans:?}");
        }
    }
}
