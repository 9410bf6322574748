//! Mappings that come with the host: one or more an agency, to be used as they are or copied and changed. An authority's own of the same
//! name takes the place of a shipped one.

use std::sync::LazyLock;

use super::Mapping;

/// Name and text of each.
pub const SHIPPED: &[(&str, &str)] = &[
    ("attendance", include_str!("../mappings/attendance.yaml")),
    ("exclusions", include_str!("../mappings/exclusions.yaml")),
    ("police-callouts", include_str!("../mappings/police-callouts.yaml")),
    ("benefit-spells", include_str!("../mappings/benefit-spells.yaml")),
    ("rent-arrears", include_str!("../mappings/rent-arrears.yaml")),
    ("social-care-standings", include_str!("../mappings/social-care-standings.yaml")),
    ("health-needs", include_str!("../mappings/health-needs.yaml")),
];

static READ: LazyLock<Vec<Mapping>> = LazyLock::new(|| {
    let read = |(name, text): &(&str, &str)| Mapping::from_yaml(text).unwrap_or_else(|e| panic!("the shipped mapping {name}: {e}"));
    SHIPPED.iter().map(read).collect()
});

/// A mapping that comes with the host.
#[must_use]
pub fn shipped(name: &str) -> Option<&'static Mapping> {
    READ.iter().find(|m| m.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_agency_has_one_that_is_named_as_its_file() {
        for (name, _) in SHIPPED {
            assert_eq!(shipped(name).unwrap().name, *name);
        }
        for agency in ["school", "police", "jobcentre", "landlord", "social-care", "health"] {
            assert!(READ.iter().any(|m| m.agency == agency), "{agency}");
        }
    }
}
