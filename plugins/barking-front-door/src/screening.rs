//! How complex is the family? Two of the six problems make it one for the programme (004:L116-L118, 004:L399-L401).

use crate::Asked;
use crate::hearth::decision::messages::{Basis, Reason};
use crate::hearth::family::types::Code;
use crate::hearth::pathway::routing;
use crate::say;
use crate::signs::{self, Sign};

/// The most reasons that one report may have.
const MOST_REASONS: usize = 20;

/// The six problems of the programme (004:L116-L139), in the order of the code list.
const SIX: [&str; 6] =
    ["crime-and-antisocial-behaviour", "school-attendance", "children-who-need-help", "work-and-money", "domestic-abuse", "health"];

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Level {
    /// One for the programme.
    Complex,
    /// It might be one, for all that is not known.
    NotKnown,
    Simple,
    NothingFound,
}

impl Level {
    /// A name of the sort `level`.
    const fn id(self) -> &'static str {
        match self {
            Self::Complex => "complex",
            Self::NotKnown => "not-known",
            Self::Simple => "simple",
            Self::NothingFound => "nothing-found",
        }
    }
}

pub struct Screening {
    pub level: Level,
    /// Code list problems, in the list's order.
    pub found: Vec<&'static str>,
    /// What the level rests on: at least one reason.
    pub reasons: Vec<Reason>,
}

impl Screening {
    /// Screens by the problems that the sender named and by what the record shows.
    pub fn of(asked: &Asked, named: &[Code]) -> Self {
        let signs = signs::in_the_record(asked);
        let is_named = |problem: &str| named.iter().any(|code| code == problem);
        let is_shown = |problem: &str| signs.iter().any(|sign| sign.problem == problem && !sign.shown_by.is_empty());
        let found: Vec<_> = SIX.into_iter().filter(|problem| is_named(problem) || is_shown(problem)).collect();
        let open: Vec<_> = signs.iter().filter(|sign| !found.contains(&sign.problem) && !sign.missing.is_empty()).collect();
        let level = level(found.len(), open.len(), asked.settings.problems_needed);

        let named = found.iter().filter(|problem| is_named(problem));
        let mut reasons: Vec<_> = named.map(|problem| say::reason("named", &[("problem", say::code(problem))], say::asked())).collect();
        reasons.extend(signs.iter().flat_map(|sign| sign.shown_by.iter().cloned()));
        if level == Level::NotKnown {
            reasons.extend(open.iter().flat_map(|sign| sign.missing.iter().cloned()));
        }
        if reasons.is_empty() {
            reasons.push(nothing_found(&signs));
        }
        reasons.truncate(MOST_REASONS);
        Self { level, found, reasons }
    }

    /// Gives the number of the report, for others to rest on.
    pub fn report(&self) -> u32 {
        routing::level(self.level.id(), &self.reasons)
    }

    pub fn has(&self, problem: &str) -> bool {
        self.found.contains(&problem)
    }
}

/// `open`: problems of which nothing was found, and of which not everything is known.
const fn level(found: usize, open: usize, needed: usize) -> Level {
    match found {
        _ if found >= needed => Level::Complex,
        _ if found + open >= needed => Level::NotKnown,
        0 => Level::NothingFound,
        _ => Level::Simple,
    }
}

fn nothing_found(signs: &[Sign]) -> Reason {
    let searches: Vec<Basis> = signs.iter().flat_map(|sign| sign.searches.iter().cloned()).collect();
    say::reason("nothing-found", &[], searches)
}

#[cfg(test)]
mod tests {
    use super::Level::{Complex, NotKnown, NothingFound, Simple};
    use super::level;

    #[test]
    fn what_is_not_known_matters_only_where_it_could_make_the_family_complex() {
        for (found, open, expected) in [
            (2, 0, Complex),
            (3, 4, Complex),
            (1, 1, NotKnown),
            (0, 2, NotKnown),
            (1, 0, Simple),
            (0, 1, NothingFound),
            (0, 0, NothingFound),
        ] {
            assert_eq!(level(found, open, 2), expected, "{found} found, {open} open");
        }
    }
}
