//! Code lists of the interface with their words, as people choose from them: `wit/codes`, the very lists that the host checks against and
//! answers under `/v1/codes`. What a newer host has besides is still shown: by its code.

use std::collections::HashMap;
use std::ops::Deref;
use std::sync::LazyLock;

use serde::Deserialize;

/// A code and its words.
pub type Choices = Vec<(&'static str, &'static str)>;

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

/// A code list in English, read once.
pub struct Codes(LazyLock<Choices>);

impl Deref for Codes {
    type Target = [(&'static str, &'static str)];

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl Codes {
    /// Each code with its words.
    #[must_use]
    pub fn choices(&self) -> Choices {
        self.0.clone()
    }

    /// The words of a code; of one that is newer than these pages, the code as words.
    #[must_use]
    pub fn words(&self, code: &str) -> String {
        named(self, code)
    }
}

macro_rules! lists {
    ($($name:ident = $list:literal),* $(,)?) => {
        $(pub static $name: Codes = Codes(LazyLock::new(|| list($list, "en")));)*

        #[cfg(test)]
        const ALL: &[(&str, &Codes)] = &[$(($list, &$name)),*];
    };
}

lists! {
    SERVICE_KINDS = "service-kinds",
    PAYMENT_TERMS = "payment-terms",
    PAYMENT_UNITS = "payment-units",
    PAYMENT_KINDS = "payment-kinds",
    ORGANISATION_KINDS = "organisation-kinds",
    PROBLEMS = "problems",
    IDENTIFIER_SCHEMES = "identifier-schemes",
    CLAIMS = "claims",
    SECTIONS = "sections",
    REFERRAL_ROUTES = "referral-routes",
    TRIAGES = "triages",
    PRIORITIES = "priorities",
    MEETINGS = "meetings",
}

/// As what somebody is given a family's case.
pub static ROLES: Codes = Codes(LazyLock::new(|| {
    let held = ["keyworker", "lead-worker", "manager", "employment-adviser"];
    list("roles", "en").into_iter().filter(|(code, _)| held.contains(code)).collect()
}));

/// A list to choose from; nothing where there is no such list. The year in which a framework named a problem is no part of its name.
#[must_use]
pub fn list(name: &str, language: &str) -> Choices {
    let words = |c: &Code<'static>| if language == "cy" && !c.cy.is_empty() { c.cy } else { c.en };
    LISTS.get(name).into_iter().flatten().map(|c| (c.code, words(c).trim_end_matches(" (2022)"))).collect()
}

/// The codes that answer a question of the rules; nothing of a question that is newer than these pages.
#[must_use]
pub fn answers(question: &str) -> Choices {
    let from = match question {
        "eligibility" => "eligibilities",
        "progress" => "outcomes",
        "evaluate" => "assessment-results",
        "triage" => "triages",
        "on-event" => "event-answers",
        "allocate" => "allocations",
        "shortlist" => "shortlists",
        "check-contract" => "contract-checks",
        "payment" => "payments",
        "review" => "reviews",
        _ => return Choices::new(),
    };
    list(from, "en")
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
    fn every_question_has_answers_to_choose_from() {
        for question in
            ["eligibility", "progress", "evaluate", "triage", "on-event", "allocate", "shortlist", "check-contract", "payment", "review"]
        {
            assert!(answers(question).len() > 1, "{question}");
        }
        assert!(answers("weather").is_empty());
    }

    #[test]
    fn lists_are_here_with_their_words() {
        for (list, codes) in ALL {
            assert!(codes.len() > 1, "{list}");
        }
        assert_eq!(PROBLEMS.words("health"), "Health problems");
        assert_eq!(SERVICE_KINDS.words("parenting"), "Parenting support");
        assert_eq!(SERVICE_KINDS.words("brand-new"), "Brand new");
        assert_eq!(ROLES.len(), 4);
        assert!(list("debts", "en").len() > 2 && list("none-such", "en").is_empty());
    }

    #[test]
    fn welsh_is_told_where_it_is_asked_for() {
        assert_ne!(list("problems", "cy"), list("problems", "en"));
    }
}
