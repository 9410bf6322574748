use std::collections::BTreeSet;

use super::wit;
use crate::record::coverage::{Piece, pieces, worse};
use crate::record::fact::About;
use crate::record::sections::Handle;
use crate::record::{CoverageState, Day, Kind, Section, Window};
use crate::sandbox::bindings::hearth::family::coverage::{Host, Span};
use crate::sandbox::fault::nonsense;
use crate::sandbox::run::{Run, absence, shown, window};

impl Host for Run {
    fn spans(&mut self, section: String, asked: wit::Window) -> anyhow::Result<Result<Vec<Span>, wit::Absence>> {
        if let Err(absence) = self.read("hearth:family/coverage")? {
            return Ok(Err(absence));
        }
        let Some(section) = Section::from_code(&section) else {
            return nonsense(format!("`{}` is not a section of the record", shown(&section)));
        };
        // What is known of a section is part of the section.
        if !self.may_read(section) {
            self.untold.insert(section);
            return Ok(Err(absence("not-granted")));
        }
        let asked = window(asked)?;
        let Some(last) = asked.last else { return nonsense("coverage is asked for a window without a last day") };
        let spans: Vec<Span> = section.kinds().flat_map(|kind| self.of_kind(kind, asked.first, last)).collect();
        self.delivered.insert(section);
        self.count_rows(spans.len())?;
        self.note_people(spans.iter().filter_map(|s| s.person));
        Ok(Ok(spans))
    }
}

impl Run {
    /// The family as a whole, then each person of whom something is said. What happens at a home is nobody's own: there, what
    /// is said of any member is said of the family, and the worst of it counts.
    fn of_kind(&self, kind: Kind, first: Day, last: Day) -> Vec<Span> {
        let everybody = || self.given.context.coverage.iter().filter(|c| c.kind == kind).map(|c| (c.order, c.window, c.state));
        let own = || self.given.snapshot.coverage.iter().filter(|c| c.kind == kind);
        let filled = |mut statements: Vec<(u64, Window, CoverageState)>| {
            statements.sort_by_key(|(order, ..)| *order);
            pieces(first, last, statements.into_iter().map(|(_, window, state)| (window, state)))
        };
        let of_person = |person: Handle| {
            let of_them = own().filter(|c| c.person == person).map(|c| (c.order, c.window, c.state));
            filled(everybody().chain(of_them).collect())
        };
        let people: BTreeSet<Handle> = own().map(|c| c.person).collect();
        let family = filled(everybody().collect());
        if kind.about() == About::Home {
            let family = people.into_iter().fold(family, |family, person| worse(&family, &of_person(person)));
            return spans(None, kind, family);
        }
        let mut found = spans(None, kind, family);
        found.extend(people.into_iter().flat_map(|person| spans(Some(person), kind, of_person(person))));
        found
    }
}

fn spans(person: Option<Handle>, kind: Kind, pieces: Vec<Piece>) -> Vec<Span> {
    let span = |piece: Piece| Span {
        person,
        kind: kind.code().to_owned(),
        window: wit::Window { first: piece.first.number(), last: Some(piece.last.number()) },
        state: piece.state.code().to_owned(),
    };
    pieces.into_iter().map(span).collect()
}
