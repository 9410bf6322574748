//! Code lists with their words, as `wit/codes` has them. What a newer host has besides is still shown: by its code.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Deserialize;

/// A code and its words.
pub type Codes = Vec<(&'static str, &'static str)>;

#[derive(Deserialize)]
struct List<'a> {
    list: &'a str,
    #[serde(borrow)]
    codes: Vec<Code<'a>>,
}

#[derive(Deserialize)]
struct Code<'a> {
    code: &'a str,
    en: &'a str,
    #[serde(default)]
    cy: &'a str,
}

/// All of them, joined by `build.rs`.
static LISTS: LazyLock<HashMap<&str, Vec<Code<'static>>>> = LazyLock::new(|| {
    let lists: Vec<List<'static>> = serde_json::from_str(include_str!(concat!(env!("OUT_DIR"), "/codes.json"))).unwrap_or_default();
    lists.into_iter().map(|l| (l.list, l.codes)).collect()
});

pub static PROBLEMS: LazyLock<Codes> = LazyLock::new(|| list("problems", "en"));
pub static SERVICE_KINDS: LazyLock<Codes> = LazyLock::new(|| list("service-kinds", "en"));
pub static SECTIONS: LazyLock<Codes> = LazyLock::new(|| list("sections", "en"));
pub static REFERRAL_ROUTES: LazyLock<Codes> = LazyLock::new(|| list("referral-routes", "en"));
pub static TRIAGES: LazyLock<Codes> = LazyLock::new(|| list("triages", "en"));
pub static PRIORITIES: LazyLock<Codes> = LazyLock::new(|| list("priorities", "en"));

/// As what somebody is given a family's case.
pub static ROLES: LazyLock<Codes> = LazyLock::new(|| {
    let held = ["keyworker", "lead-worker", "manager", "employment-adviser"];
    list("roles", "en").into_iter().filter(|(code, _)| held.contains(code)).collect()
});

/// A list to choose from; nothing where there is no such list. The year in which a framework named a problem is no part of its name.
#[must_use]
pub fn list(name: &str, language: &str) -> Codes {
    let words = |c: &Code<'static>| if language == "cy" && !c.cy.is_empty() { c.cy } else { c.en };
    LISTS.get(name).into_iter().flatten().map(|c| (c.code, words(c).trim_end_matches(" (2022)"))).collect()
}

/// A code's words.
#[must_use]
pub fn named(list: &[(&str, &str)], code: &str) -> String {
    list.iter().find(|(of, _)| *of == code).map_or_else(|| crate::words::code(code), |(_, words)| (*words).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_here_with_their_words() {
        assert_eq!(named(&PROBLEMS, "health"), "Health problems");
        assert_eq!(named(&PROBLEMS, "of-another-year"), "Of another year");
        assert!(list("debts", "en").len() > 2 && list("none-such", "en").is_empty());
    }
}
