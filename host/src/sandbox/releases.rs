//! The releases of `wit/` that this host serves, side by side. A plugin says the one that it was built for in the name of every interface, and is
//! met under that name: what it imports is linked as it calls it, what it exports is looked up as it calls it.

/// The newest release of each major one, the newest first. `wit/README.md` says how long a major release lives.
pub const SERVED: [&str; 2] = [INTERFACE_VERSION, "0.9.1"];

/// The release of `wit/` as it is in this tree.
pub const INTERFACE_VERSION: &str = "1.0.0";

/// What this host serves of the same major release; none where it serves none. A later minor release is found out by the functions that it calls.
#[must_use]
pub fn served(release: &str) -> Option<&'static str> {
    SERVED.into_iter().find(|served| major(served) == major(release))
}

/// What this host serves, in words: "1.0.0 and 0.9.1".
#[must_use]
pub fn all_served() -> String {
    SERVED.join(" and ")
}

/// Before 1.0 the second number is the one that must agree.
#[must_use]
fn major(release: &str) -> Option<(u32, u32)> {
    let mut numbers = release.split('.').map(|n| n.parse().ok());
    let (first, second, _third) = (numbers.next()??, numbers.next()??, numbers.next()??);
    (numbers.next().is_none()).then_some((first, if first == 0 { second } else { 0 }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_release_is_served_by_the_newest_of_its_major_one() {
        for (asked, by) in [
            ("0.9.0", Some("0.9.1")),
            ("0.9.1", Some("0.9.1")),
            ("0.9.7", Some("0.9.1")),
            ("0.8.0", None),
            ("0.10.0", None),
            (INTERFACE_VERSION, Some(INTERFACE_VERSION)),
            ("1.7.2", Some(INTERFACE_VERSION)),
            ("2.0.0", None),
            ("1.0", None),
            ("1.0.0.0", None),
            ("1.0.0-rc.1", None),
            ("", None),
        ] {
            assert_eq!(served(asked), by, "{asked}");
        }
    }
}
