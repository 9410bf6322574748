//! What is known at all, so that a feed that stopped never reads as a family that improved.

/// A piece of what is known: a span of the interface's `coverage.spans`.
#[derive(Debug, Clone, Copy)]
pub struct Piece<'a> {
    /// None speaks for the family.
    pub person: Option<u32>,
    /// The kind of fact.
    pub kind: &'a str,
    /// Its first day.
    pub first: i32,
    /// Its last day; none means still going on.
    pub last: Option<i32>,
    /// Is it in the state `complete`?
    pub complete: bool,
}

/// Is a kind of fact completely known on every day from `first` to `last`? For one person: none of the person's own pieces
/// falls short, and with the family's they fill the window. Without a person: no piece falls short, whoever it is about, and the
/// family's own fill it.
pub fn is_known<'a, P: Into<Piece<'a>>>(
    pieces: impl IntoIterator<Item = P>,
    kind: &str,
    (first, last): (i32, Option<i32>),
    person: Option<u32>,
) -> bool {
    let (mut family, mut own) = (Vec::new(), Vec::new());
    for piece in pieces.into_iter().map(Into::into).filter(|piece| piece.kind == kind) {
        match piece.person {
            None => family.push(piece),
            // What is not known of one member may be the very thing that is looked for.
            Some(_) if person.is_none() || piece.person == person => own.push(piece),
            Some(_) => {}
        }
    }
    if own.iter().any(|piece| !piece.complete) {
        return false;
    }
    match person {
        None => family.iter().all(|piece| piece.complete) && fill(first, last, family),
        Some(_) => {
            family.retain(|piece| piece.complete);
            own.append(&mut family);
            fill(first, last, own)
        }
    }
}

/// Do the pieces together hold every day from `first` to `last`?
fn fill(first: i32, last: Option<i32>, mut pieces: Vec<Piece<'_>>) -> bool {
    pieces.sort_by_key(|piece| piece.first);
    let mut next = Some(first);
    for piece in pieces {
        let Some(reached) = next else { break };
        if piece.first > reached {
            break;
        }
        next = piece.last.map(|day| reached.max(day.saturating_add(1)));
    }
    match (next, last) {
        (None, _) => true,
        (Some(next), Some(last)) => next > last,
        (Some(_), None) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn piece(person: Option<u32>, first: i32, last: Option<i32>, complete: bool) -> Piece<'static> {
        Piece { person, kind: "attendance", first, last, complete }
    }

    #[test]
    fn the_family_is_known_where_every_day_is() {
        let whole = (1, Some(100));
        for (pieces, known) in [
            (vec![], false),
            (vec![piece(None, 1, Some(100), true)], true),
            (vec![piece(None, 1, None, true)], true),
            (vec![piece(None, 51, Some(100), true), piece(None, 1, Some(50), true)], true),
            (vec![piece(None, 1, Some(50), true), piece(None, 52, Some(100), true)], false),
            (vec![piece(None, 1, Some(50), true), piece(None, 51, Some(100), false)], false),
            (vec![piece(None, 1, Some(100), false), piece(Some(3), 1, Some(100), true)], false),
            (vec![piece(None, 1, Some(100), true), piece(Some(3), 1, Some(100), false)], false),
        ] {
            assert_eq!(is_known(pieces.clone(), "attendance", whole, None), known, "{pieces:?}");
        }
        assert!(!is_known([piece(None, 1, Some(100), true)], "exclusion", whole, None));
    }

    #[test]
    fn a_person_is_known_by_their_own_pieces_and_the_familys() {
        for (pieces, known) in [
            (vec![piece(None, 1, Some(100), true)], true),
            (vec![piece(None, 1, Some(100), false), piece(Some(3), 1, Some(100), true)], true),
            (vec![piece(None, 1, Some(100), false), piece(Some(4), 1, Some(100), true)], false),
            (vec![piece(None, 1, Some(40), true), piece(None, 41, Some(100), false), piece(Some(3), 41, Some(100), true)], true),
            (vec![piece(None, 1, Some(100), true), piece(Some(3), 1, Some(100), false)], false),
            (vec![piece(None, 1, Some(100), true), piece(Some(4), 1, Some(100), false)], true),
        ] {
            assert_eq!(is_known(pieces.clone(), "attendance", (1, Some(100)), Some(3)), known, "{pieces:?}");
        }
    }

    #[test]
    fn a_window_without_an_end_is_known_by_a_piece_without_one() {
        assert!(is_known([piece(None, 1, None, true)], "attendance", (1, None), None));
        assert!(!is_known([piece(None, 1, Some(100), true)], "attendance", (1, None), None));
    }
}
