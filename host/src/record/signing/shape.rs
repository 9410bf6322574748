//! Names that people take for one another.

/// What is left of a name when what looks alike is the same: two names of one shape belong to one publisher. Names have small letters, digits
/// and hyphens alone, so this is the whole of it: no other alphabet can be mixed in.
#[must_use]
pub fn shape(name: &str) -> String {
    let plain: String = name
        .chars()
        .filter(|c| *c != '-')
        .map(|c| match c {
            '0' => 'o',
            '1' | 'i' => 'l',
            '2' => 'z',
            '5' => 's',
            '8' => 'b',
            c => c,
        })
        .collect();
    plain.replace("rn", "m").replace("vv", "w").replace("cl", "d")
}

#[cfg(test)]
mod tests {
    use super::shape;

    #[test]
    fn names_that_look_alike_have_one_shape_and_others_have_not() {
        for (one, other) in [
            ("family-goals", "familygoals"),
            ("family-goals", "fami1y-g0als"),
            ("family-goals", "farnily-goals"),
            ("bristol-outcomes", "br1stol-outc0me5"),
            ("wellbeing", "vvellbeing"),
        ] {
            assert_eq!(shape(one), shape(other), "{one} {other}");
        }
        assert_ne!(shape("family-goals"), shape("family-goal"));
        assert_ne!(shape("school-days"), shape("school-days-leeds"));
    }
}
