//! How well something is known: what lets "nothing recorded" be told from "nothing happened".

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Day, Kind, OrganisationId, PersonId, Window};

/// Code list coverages, the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CoverageState {
    Complete,
    Partial,
    None,
    Withheld,
}

impl CoverageState {
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Partial => "partial",
            Self::None => "none",
            Self::Withheld => "withheld",
        }
    }

    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Complete, Self::Partial, Self::None, Self::Withheld].into_iter().find(|s| s.code() == code)
    }
}

/// A statement about a feed: for these days, facts of this kind are known this well. Without a person it speaks for every
/// family of the authority. A later statement about the same days replaces an earlier one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Coverage {
    pub kind: Kind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<PersonId>,
    pub first: Day,
    pub last: Day,
    pub state: CoverageState,
    pub source: OrganisationId,
    /// Its place among all that was said: what was said later counts, of a person or of everybody. Given by the store.
    #[serde(skip)]
    pub order: u64,
}

impl Coverage {
    #[must_use]
    pub const fn window(&self) -> Window {
        Window { first: self.first, last: Some(self.last) }
    }
}

/// The days of one state, one after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece {
    pub first: Day,
    pub last: Day,
    pub state: CoverageState,
}

/// Fills `first..=last` from statements, the later ones winning; what none speaks for is `None`. Neighbours of one state
/// are one piece.
#[must_use]
pub fn pieces(first: Day, last: Day, statements: impl IntoIterator<Item = (Window, CoverageState)>) -> Vec<Piece> {
    let mut pieces = vec![Piece { first, last, state: CoverageState::None }];
    for (window, state) in statements {
        let (from, to) = (window.first.max(first), window.last.unwrap_or(last).min(last));
        if from <= to {
            pieces = pieces.into_iter().flat_map(|p| p.overlaid(from, to, state)).collect();
        }
    }
    let mut merged: Vec<Piece> = Vec::with_capacity(pieces.len());
    for piece in pieces {
        match merged.last_mut() {
            Some(before) if before.state == piece.state => before.last = piece.last,
            _ => merged.push(piece),
        }
    }
    merged
}

/// Day by day the worse of two fillings of the same days.
#[must_use]
pub fn worse(one: &[Piece], other: &[Piece]) -> Vec<Piece> {
    let (Some(first), Some(last)) = (one.first().map(|p| p.first), one.last().map(|p| p.last)) else { return Vec::new() };
    let days = |p: &Piece| Window { first: p.first, last: Some(p.last) };
    let worse_in_other = |p: &Piece| {
        let overlapping: Vec<_> = other.iter().filter(|o| o.state > p.state && days(o).overlaps(&days(p))).collect();
        overlapping
            .into_iter()
            .map(|o| (Window { first: o.first.max(p.first), last: Some(o.last.min(p.last)) }, o.state))
            .collect::<Vec<_>>()
    };
    let statements = one.iter().flat_map(|p| std::iter::once((days(p), p.state)).chain(worse_in_other(p)));
    pieces(first, last, statements)
}

impl Piece {
    /// This piece with `from..=to` of another state laid over it.
    fn overlaid(self, from: Day, to: Day, state: CoverageState) -> impl Iterator<Item = Self> {
        let inside = from <= self.last && self.first <= to;
        let left = (inside && self.first < from).then(|| from.plus(-1)).flatten().map(|last| Self { last, ..self });
        let right = (inside && to < self.last).then(|| to.plus(1)).flatten().map(|first| Self { first, ..self });
        let middle = if inside { Self { first: self.first.max(from), last: self.last.min(to), state } } else { self };
        [left, Some(middle), right].into_iter().flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use CoverageState::{Complete, None, Partial};

    fn filled(statements: &[(&str, CoverageState)]) -> Vec<(String, CoverageState)> {
        let day = |t: &str| t.parse().unwrap();
        let statements = statements.iter().map(|(w, s)| (w.parse().unwrap(), *s));
        pieces(day("2026-01-01"), day("2026-06-30"), statements).iter().map(|p| (format!("{}..{}", p.first, p.last), p.state)).collect()
    }

    #[test]
    fn what_no_feed_speaks_for_is_none() {
        assert_eq!(filled(&[]), [("2026-01-01..2026-06-30".into(), None)]);
    }

    #[test]
    fn a_feed_that_stopped_in_march_covers_until_march() {
        assert_eq!(
            filled(&[("2025-01-01..2026-03-31", Complete)]),
            [("2026-01-01..2026-03-31".into(), Complete), ("2026-04-01..2026-06-30".into(), None)]
        );
    }

    #[test]
    fn a_later_statement_replaces_the_days_it_speaks_for() {
        assert_eq!(
            filled(&[("2026-01-01..", Complete), ("2026-02-01..2026-02-28", Partial)]),
            [
                ("2026-01-01..2026-01-31".into(), Complete),
                ("2026-02-01..2026-02-28".into(), Partial),
                ("2026-03-01..2026-06-30".into(), Complete)
            ]
        );
        assert_eq!(
            filled(&[("2026-02-01..2026-02-28", Partial), ("2026-01-01..", Complete)]),
            [("2026-01-01..2026-06-30".into(), Complete)]
        );
    }

    #[test]
    fn of_two_statements_about_one_day_the_worse_counts() {
        let day = |t: &str| t.parse().unwrap();
        let fill = |statements: &[(&str, CoverageState)]| {
            let read: Vec<(Window, CoverageState)> = statements.iter().map(|(w, s)| (w.parse().unwrap(), *s)).collect();
            pieces(day("2026-01-01"), day("2026-06-30"), read)
        };
        let partial_in_march = fill(&[("2026-01-01..", Complete), ("2026-03-01..2026-03-31", Partial)]);
        let stopped_in_april = fill(&[("2026-01-01..2026-03-31", Complete)]);
        for (one, other) in [(&partial_in_march, &stopped_in_april), (&stopped_in_april, &partial_in_march)] {
            let worse: Vec<String> = worse(one, other).iter().map(|p| format!("{}..{} {}", p.first, p.last, p.state.code())).collect();
            assert_eq!(worse, ["2026-01-01..2026-02-28 complete", "2026-03-01..2026-03-31 partial", "2026-04-01..2026-06-30 none"]);
        }
    }

    #[test]
    fn extracts_laid_end_to_end_are_one_piece() {
        assert_eq!(
            filled(&[("2026-01-01..2026-03-31", Complete), ("2026-04-01..2026-06-30", Complete)]),
            [("2026-01-01..2026-06-30".into(), Complete)]
        );
    }
}
