use std::collections::BTreeSet;

use super::wit;
use crate::record::coverage::pieces;
use crate::record::fact::About;
use crate::record::sections::Handle;
use crate::record::{CoverageState, Day, Kind, Section, Window};
use crate::sandbox::bindings::hearth::family::coverage::{Host, Span};
use crate::sandbox::fault::nonsense;
use crate::sandbox::run::{Run, shown, window};

impl Host for Run {
    fn spans(&mut self, section: String, asked: wit::Window) -> anyhow::Result<Result<Vec<Span>, wit::Absence>> {
        if let Err(absence) = self.read("hearth:family/coverage")? {
            return Ok(Err(absence));
        }
        let Some(section) = Section::from_code(&section) else {
            return nonsense(format!("`{}` is not a section of the record", shown(&section)));
        };
        let asked = window(asked)?;
        let Some(last) = asked.last else { return nonsense("coverage is asked for a window without a last day") };
        let spans: Vec<Span> = section.kinds().flat_map(|kind| self.of_kind(kind, asked.first, last)).collect();
        self.count_rows(spans.len())?;
        self.note_people(spans.iter().filter_map(|s| s.person));
        Ok(Ok(spans))
    }
}

impl Run {
    /// The family as a whole, then each person of whom something is said. What happens at a home is nobody's own: there, what
    /// is said of a member is said of the family.
    fn of_kind(&self, kind: Kind, first: Day, last: Day) -> Vec<Span> {
        let feeds = || self.given.context.coverage.iter().filter(|c| c.kind == kind).map(|c| (c.window, c.state));
        let own = || self.given.snapshot.coverage.iter().filter(|c| c.kind == kind);
        if kind.about() == About::Home {
            return spans(None, kind, first, last, feeds().chain(own().map(|c| (c.window, c.state))));
        }
        let people: BTreeSet<Handle> = own().map(|c| c.person).collect();
        let mut found = spans(None, kind, first, last, feeds());
        for person in people {
            let statements = own().filter(|c| c.person == person).map(|c| (c.window, c.state));
            found.extend(spans(Some(person), kind, first, last, feeds().chain(statements)));
        }
        found
    }
}

fn spans(
    person: Option<Handle>,
    kind: Kind,
    first: Day,
    last: Day,
    statements: impl Iterator<Item = (Window, CoverageState)>,
) -> Vec<Span> {
    pieces(first, last, statements)
        .into_iter()
        .map(|piece| Span {
            person,
            kind: kind.code().to_owned(),
            window: wit::Window { first: piece.first.number(), last: Some(piece.last.number()) },
            state: piece.state.code().to_owned(),
        })
        .collect()
}
