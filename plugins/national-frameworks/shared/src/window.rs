//! Windows of days, both of their ends included; none for a last day means still going on.

use crate::hearth::family::types::{Day, Window};

#[must_use]
pub const fn one_day(day: Day) -> Window {
    from_to(day, day)
}

#[must_use]
pub const fn from_to(first: Day, last: Day) -> Window {
    Window { first, last: Some(last) }
}

#[must_use]
pub fn last(window: Window) -> Day {
    window.last.unwrap_or(Day::MAX)
}

#[must_use]
pub fn holds(window: Window, day: Day) -> bool {
    window.first <= day && day <= last(window)
}

#[must_use]
pub fn touches(one: Window, other: Window) -> bool {
    one.first <= last(other) && other.first <= last(one)
}

/// How many of the window's days the pieces hold; of days between two pieces, at most `gap` together count as held.
#[must_use]
pub fn days_held(window: Window, pieces: impl IntoIterator<Item = Window>, gap: u32) -> u32 {
    let mut pieces: Vec<Window> = pieces.into_iter().filter(|piece| touches(*piece, window)).collect();
    pieces.sort_by_key(|piece| piece.first);
    let (mut held, mut until) = (0, None);
    for piece in pieces {
        let (first, last) = (piece.first.max(window.first), last(piece).min(last(window)));
        let next = until.map_or(first, |until: Day| until + 1);
        // Where the days since the last piece are few enough, they count as if this one began with them.
        let begins = if i64::from(first) - i64::from(next) <= i64::from(gap) { next } else { first };
        held += (last - begins + 1).max(0);
        until = Some(until.map_or(last, |until: Day| until.max(last)));
    }
    held.unsigned_abs()
}

/// Do the pieces together hold every day of the window, which must have a last day?
#[must_use]
pub fn fill(window: Window, pieces: impl IntoIterator<Item = Window>) -> bool {
    days_held(window, pieces, 0) == days(window)
}

/// How many days a window has that has a last day.
#[must_use]
pub fn days(window: Window) -> u32 {
    (last(window) - window.first + 1).max(0).unsigned_abs()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_between_two_pieces_count_up_to_the_gap() {
        let window = from_to(1, 100);
        for (pieces, gap, held) in [
            (vec![], 0, 0),
            (vec![from_to(1, 100)], 0, 100),
            (vec![from_to(-50, 10)], 0, 10),
            (vec![from_to(91, 200)], 9, 10),
            (vec![Window { first: 51, last: None }], 0, 50),
            (vec![from_to(1, 10), from_to(21, 30)], 0, 20),
            (vec![from_to(1, 10), from_to(21, 30)], 9, 20),
            (vec![from_to(1, 10), from_to(21, 30)], 10, 30),
            (vec![from_to(21, 30), from_to(1, 10)], 10, 30),
            (vec![from_to(1, 30), from_to(5, 10), from_to(20, 40)], 0, 40),
            (vec![from_to(101, 110)], 0, 0),
        ] {
            assert_eq!(days_held(window, pieces.clone(), gap), held, "{pieces:?}, {gap}");
        }
    }

    #[test]
    fn a_window_is_filled_to_its_last_day() {
        let window = from_to(1, 100);
        assert!(fill(window, [from_to(51, 100), from_to(1, 50)]));
        assert!(!fill(window, [from_to(1, 50), from_to(52, 100)]));
        assert!(!fill(window, [from_to(1, 99)]));
        assert!(fill(window, [Window { first: 0, last: None }]));
        assert!(!fill(window, []));
    }
}
