//! The published code lists of `wit/codes`: words that facts, findings and answers are written in. Lists only grow.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::{Invalid, told_back};

/// One word and what it means.
#[derive(Debug, Deserialize)]
pub struct Code {
    pub code: String,
    /// Of a kind of fact: the section that it belongs to.
    #[serde(default)]
    pub section: Option<String>,
    pub en: String,
    pub cy: String,
}

/// One published list.
#[derive(Debug, Deserialize)]
pub struct List {
    pub list: String,
    pub says: String,
    pub codes: Vec<Code>,
}

macro_rules! lists {
    ($($name:literal),* $(,)?) => {
        const SOURCES: &[&str] = &[$(include_str!(concat!("../../../wit/codes/", $name, ".json"))),*];
    };
}

lists![
    "absences",
    "actions",
    "allocations",
    "answer-states",
    "assessment-results",
    "assessment-states",
    "benefits",
    "birth-dates",
    "claims",
    "closures",
    "contacts",
    "contract-checks",
    "coverages",
    "debts",
    "eligibilities",
    "event-answers",
    "events",
    "eviction-stages",
    "exclusions",
    "failures",
    "goal-states",
    "health-needs",
    "identifier-schemes",
    "interventions",
    "kinds",
    "meetings",
    "migrations",
    "name-sorts",
    "note-topics",
    "organisation-kinds",
    "outcomes",
    "payment-kinds",
    "payment-terms",
    "payment-units",
    "payments",
    "policies",
    "priorities",
    "problems",
    "referral-routes",
    "relations",
    "reviews",
    "roles",
    "safeguarding-statuses",
    "sections",
    "service-kinds",
    "service-states",
    "shortlists",
    "sources",
    "standings",
    "tenures",
    "term-names",
    "triages",
];

static LISTS: LazyLock<HashMap<String, List>> = LazyLock::new(|| {
    SOURCES
        .iter()
        .map(|source| serde_json::from_str::<List>(source).map(|list| (list.list.clone(), list)))
        .collect::<Result<_, _>>()
        .unwrap_or_else(|e| panic!("a code list in wit/codes is not as its neighbours are: {e}"))
});

/// Every list, in no order.
pub fn all() -> impl Iterator<Item = &'static List> {
    LISTS.values()
}

/// The entry for `code`, if the list has it.
#[must_use]
pub fn find(list: &str, code: &str) -> Option<&'static Code> {
    LISTS.get(list)?.codes.iter().find(|c| c.code == code)
}

/// Where `code` stands in its list; after all others if it does not.
#[must_use]
pub fn position(list: &str, code: &str) -> usize {
    LISTS.get(list).and_then(|l| l.codes.iter().position(|c| c.code == code)).unwrap_or(usize::MAX)
}

/// # Errors
/// [`Invalid`] naming `field` and the words that the list has.
pub fn check(field: &str, list: &str, code: &str) -> Result<(), Invalid> {
    if find(list, code).is_some() {
        return Ok(());
    }
    Err(Invalid::new(field, format!("{} is not in the code list {list} ({})", told_back(code), words(list))))
}

/// The words of a list, with commas.
#[must_use]
pub fn words(list: &str) -> String {
    LISTS.get(list).map(|l| l.codes.iter().map(|c| c.code.as_str()).collect::<Vec<_>>().join(", ")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_short_plain_and_explained_in_both_languages() {
        for list in all() {
            for code in &list.codes {
                assert!(
                    code.code.len() <= 64 && code.code.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'),
                    "{}: {}",
                    list.list,
                    code.code
                );
                assert!(!code.en.is_empty() && !code.cy.is_empty(), "{}: {}", list.list, code.code);
            }
        }
    }

    #[test]
    fn every_file_of_the_folder_is_read() {
        let files = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../wit/codes")).unwrap();
        let found = files.filter(|f| f.as_ref().unwrap().path().extension().is_some_and(|e| e == "json")).count();
        assert_eq!(found, all().count());
    }
}
