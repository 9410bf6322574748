//! What is known at all, so that a feed that stopped never reads as a family that improved.

use crate::hearth::family::coverage::Span;
use crate::hearth::family::types::{Day, Person, Window};

/// Is a kind of fact completely known over the window? Of one person: none of the person's own pieces falls short, and with
/// the family's complete ones they hold every day. Of the family: no piece falls short, whoever it is about, and the
/// family's own hold every day.
pub fn is_known(spans: &[Span], kind: &str, window: Window, person: Option<Person>) -> bool {
    let of_kind = || spans.iter().filter(|span| span.kind == kind);
    let falls_short = |span: &Span| span.state != "complete" && (person.is_none() || span.person == person);
    let counts = |span: &&Span| span.state == "complete" && (span.person.is_none() || span.person == person);
    !of_kind().any(falls_short) && fill(window, of_kind().filter(counts).map(|span| span.window))
}

/// Do the pieces together hold every day of the window?
fn fill(window: Window, pieces: impl Iterator<Item = Window>) -> bool {
    let mut pieces: Vec<_> = pieces.collect();
    pieces.sort_by_key(|piece| piece.first);
    let (mut next, last) = (window.first, window.last.unwrap_or(Day::MAX));
    for piece in pieces {
        if piece.first > next {
            break;
        }
        next = next.max(piece.last.map_or(Day::MAX, |day| day.saturating_add(1)));
    }
    next > last
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(person: Option<Person>, first: Day, last: Day, state: &str) -> Span {
        Span { person, kind: "attendance".into(), window: Window { first, last: Some(last) }, state: state.into() }
    }

    #[test]
    fn the_family_and_a_person_are_known_where_every_day_is() {
        for (spans, of_family, of_person) in [
            (vec![], false, false),
            (vec![span(None, 1, 100, "complete")], true, true),
            (vec![span(None, 51, 100, "complete"), span(None, 1, 50, "complete")], true, true),
            (vec![span(None, 1, 50, "complete"), span(None, 52, 100, "complete")], false, false),
            (vec![span(None, 1, 50, "complete"), span(None, 51, 100, "partial")], false, false),
            (vec![span(None, 1, 100, "none"), span(Some(3), 1, 100, "complete")], false, true),
            (vec![span(None, 1, 100, "complete"), span(Some(3), 1, 100, "withheld")], false, false),
            (vec![span(None, 1, 100, "complete"), span(Some(4), 1, 100, "withheld")], false, true),
        ] {
            let window = Window { first: 1, last: Some(100) };
            assert_eq!(is_known(&spans, "attendance", window, None), of_family, "{spans:?}");
            assert_eq!(is_known(&spans, "attendance", window, Some(3)), of_person, "{spans:?}");
            assert!(!is_known(&spans, "exclusion", window, Some(3)));
        }
    }
}
