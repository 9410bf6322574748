//! Percentages in integers: exact, and the same on every machine.

/// `part` of `whole` in tenths of a per cent, rounded down: 179 of 200 is 895. None where there is no whole.
#[must_use]
pub fn tenths_of_a_percent(part: u32, whole: u32) -> Option<i32> {
    let tenths = (u64::from(part) * 1000).checked_div(u64::from(whole))?;
    Some(i32::try_from(tenths).unwrap_or(i32::MAX))
}

/// Is `part` at least `percent` per cent of `whole`?
#[must_use]
pub fn is_at_least(part: u32, whole: u32, percent: u32) -> bool {
    u64::from(part) * 100 >= u64::from(percent) * u64::from(whole)
}

/// The most that may be left of `before` for a fall of at least `percent` per cent: of 11, 60% less is 4. A fall of
/// more than 100% is read as one of 100%.
#[must_use]
pub fn most_after_a_fall(before: u32, percent: u32) -> u32 {
    let left = u64::from(before) * u64::from(100 - percent.min(100)) / 100;
    u32::try_from(left).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tenths_are_rounded_down() {
        assert_eq!(tenths_of_a_percent(179, 200), Some(895));
        assert_eq!(tenths_of_a_percent(2, 3), Some(666));
        assert_eq!(tenths_of_a_percent(0, 10), Some(0));
        assert_eq!(tenths_of_a_percent(10, 10), Some(1000));
        assert_eq!(tenths_of_a_percent(0, 0), None);
        assert_eq!(tenths_of_a_percent(u32::MAX, u32::MAX), Some(1000));
    }

    #[test]
    fn nearly_ninety_is_not_ninety() {
        assert!(is_at_least(90, 100, 90));
        assert!(!is_at_least(899, 1000, 90));
        assert!(is_at_least(0, 0, 90), "the caller asks first whether there is a whole");
    }

    #[test]
    fn a_fall_by_sixty_per_cent() {
        for (before, most) in [(10, 4), (11, 4), (5, 2), (4, 1), (3, 1), (2, 0), (1, 0), (0, 0)] {
            assert_eq!(most_after_a_fall(before, 60), most, "of {before}");
        }
    }

    #[test]
    fn the_most_left_is_the_largest_that_is_a_fall_of_that_much() {
        for before in 0..200_u32 {
            for percent in 0..=100 {
                let most = most_after_a_fall(before, percent);
                assert!((before - most) * 100 >= percent * before);
                assert!(most == before || (before - most - 1) * 100 < percent * before, "{before} by {percent}%");
            }
        }
    }
}
