//! How well the record is known: `everything: complete`, `education: complete from 2 years ago until today`, and the same for
//! single people.

use super::dates::Dates;
use super::node::{Node, Of};
use super::wrong::{At, Read};
use crate::record::{CoverageState, Day, Invalid, Kind, Section, Window};

/// A statement about one kind of fact.
#[derive(Debug, Clone)]
pub struct Spoken {
    pub kind: Kind,
    /// Nobody: of every family of the authority.
    pub person: Option<String>,
    pub window: Window,
    pub state: CoverageState,
}

/// The names that cannot be a person's.
#[must_use]
pub fn is_taken(name: &str) -> bool {
    name == "everything" || Section::from_code(name).is_some() || name.parse::<Kind>().is_ok()
}

/// Reads a scenario's `coverage`. What is said of everything comes first, then of sections, of kinds, of people, whatever order
/// they stand in: what is said later counts, and the closer word is meant.
///
/// # Errors
/// [`super::wrong::Wrong`] naming the entry.
pub fn spoken(coverage: &Node, people: &[String], dates: Dates<'_>) -> Read<Vec<Spoken>> {
    let mut all: Vec<(u8, Spoken)> = Vec::new();
    each(coverage, None, dates, &mut all, people)?;
    all.sort_by_key(|(rank, _)| *rank);
    Ok(all.into_iter().map(|(_, spoken)| spoken).collect())
}

fn each(coverage: &Node, person: Option<&str>, dates: Dates<'_>, all: &mut Vec<(u8, Spoken)>, people: &[String]) -> Read<()> {
    if !matches!(coverage.of, Of::Map(_)) {
        return Err(Invalid::new("", "is a mapping: `everything: complete`, `education: complete from 2 years ago until today`"))
            .at(coverage);
    }
    for (name, said) in coverage.fields() {
        let (rank, kinds): (u8, Vec<Kind>) = if name == "everything" {
            (0, Kind::ALL.to_vec())
        } else if let Some(section) = Section::from_code(name) {
            (1, section.kinds().collect())
        } else if let Ok(kind) = name.parse::<Kind>() {
            (2, vec![kind])
        } else if person.is_none() && people.iter().any(|p| p == name) {
            each(said, Some(name), dates, all, people).map_err(|e| e.within(name))?;
            continue;
        } else {
            let sections: Vec<_> = Section::ALL.iter().map(|s| s.code()).collect();
            let why = format!(
                "is neither `everything`, a section ({}), a kind of fact nor one of the family's people ({})",
                sections.join(", "),
                people.join(", ")
            );
            return Err(Invalid::new(name, why)).at(coverage);
        };
        for statement in said.each() {
            let (state, window) = statement_of(statement, dates).map_err(|e| e.within(name)).at(coverage)?;
            let rank = rank + if person.is_some() { 3 } else { 0 };
            all.extend(kinds.iter().map(|kind| (rank, Spoken { kind: *kind, person: person.map(str::to_owned), window, state })));
        }
    }
    Ok(())
}

/// `complete`, `partial from 3 months ago`, `none from 2026-01-01 until 2026-03-31`. A side left out is open.
fn statement_of(node: &Node, dates: Dates<'_>) -> Result<(CoverageState, Window), Invalid> {
    let says = "a state and its days, as `complete from 2 years ago until today` (states: complete, partial, none, withheld)";
    let text = node.as_text().ok_or_else(|| Invalid::new("", format!("is {}, and has to be {says}", node.shown())))?;
    let (text, until) = text.split_once(" until ").map_or((text, None), |(text, until)| (text, Some(until)));
    let (state, from) = text.split_once(" from ").map_or((text, None), |(state, from)| (state, Some(from)));
    let state = CoverageState::from_code(state.trim()).ok_or_else(|| Invalid::new("", format!("`{state}`: say {says}")))?;
    let day = |text: Option<&str>, open: Day| text.map_or(Ok(open), |t| dates.day(t));
    Ok((state, Window::new(day(from, Day::FIRST)?, Some(day(until, Day::LAST)?))?))
}
