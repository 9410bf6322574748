//! The reference plugin's own form, as a council would write one.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{answers, family, judged, person, place, read, wrongs};
use crate::forms::{Form, Item, Lent};

const SOURCE: &str = include_str!("../../../../plugins/early-help-assessment/forms/whole-family.json");

pub fn form() -> Form {
    read(serde_json::from_str(SOURCE).unwrap())
}

/// Everything that a first assessment of a mother of 34 and two children, 9 and 2, wants.
pub fn filled_in() -> (Value, Value) {
    let mut given = json!({
        "assessment": { "single-choice": "first" },
        "assessed-on": { "date": "2026-08-28" },
        "lead-worker": { "worker-ref": "w-1042" },
        "address": { "address": { "lines": ["12 Mill Lane"], "postcode": "BS3 4QR" } },
        "main-contact": { "person-ref": person(1) },
        "consent": { "declaration": { "agreed": true, "by": "Bryony Ash", "on": "2026-08-28", "how": "signed" } },
        "reason": { "long-text": "The school asked for help.\nBryony agrees." },
        "asked-by": { "service-ref": "mill-lane-school" },
        "worried-since": { "date": "2026-01" },
        "level": { "single-choice": "targeted" },
        "problems": { "multi-choice": ["work", "school"] },
        "safe-to-ask": { "yes-no": true },
        "has-debts": { "yes-no": true },
        "tenure": { "single-choice": "council" },
        "rent-behind": { "yes-no": true },
        "school-worries": { "long-text": "Many mornings missed." },
        "money-worries": { "long-text": "Rent and the meter." },
        "family-view": { "long-text": "Mornings without shouting." },
        "review-on": { "date": "2026-11-20" },
        "agreed": { "declaration": { "agreed": true, "by": "Bryony Ash", "on": "2026-08-28", "how": "signed" } },
    });
    for (domain, score) in
        [("school", 2.0), ("safety", 4.0), ("health", 3.5), ("relationships", 3.0), ("crime", 5.0), ("home", 3.0), ("money", 2.5)]
    {
        given[format!("{domain}-score")] = json!({ "scale": score });
    }
    given["abuse-score"] = json!({ "not-known": true });
    let member = |n: u8, name: &str, part: &str| {
        json!({ "person": person(n), "answers": {
            "member-name": { "name": { "given": name, "family": "Ash" } }, "part": { "single-choice": part },
            "lives-here": { "yes-no": true }, "interpreter": { "yes-no": false },
        } })
    };
    let groups = json!({
        "members": [member(1, "Bryony", "parent"), member(2, "Rowan", "child"), member(3, "Hazel", "child")],
        "professionals": [{ "answers": {
            "professional-service": { "service-ref": "mill-lane-school" }, "professional-name": { "text": "Olive Reed" },
            "professional-role": { "single-choice": "school" }, "professional-since": { "date": "2025-09" },
        } }],
        "children": [
            { "person": person(2), "answers": {
                "school-age": { "yes-no": true }, "school": { "identifier": "112670" }, "upn": { "identifier": "B801200005001" },
                "attendance-known": { "yes-no": true }, "attendance": { "number": 84.5 },
                "attendance-reason": { "long-text": "Looks after Hazel." }, "seen-alone": { "yes-no": true },
                "voice": { "long-text": "I like maths. I do not like mornings." }, "child-score": { "scale": 2.5 },
            } },
            { "person": person(3), "answers": {
                "school-age": { "yes-no": false }, "seen-alone": { "yes-no": false }, "voice-missing": { "text": "Asleep; next visit." },
                "child-score": { "scale": 4 },
            } },
        ],
        "adults": [{ "person": person(1), "answers": {
            "in-work": { "yes-no": true }, "hours": { "number": 17.5 }, "benefits": { "multi-choice": ["universal-credit"] },
            "nino": { "identifier": "AB 12 34 56 C" },
        } }],
        "debts": [
            { "answers": { "debt": { "single-choice": "rent" }, "owed": { "money": 85_050 }, "owed-since": { "date": "2026-03" } } },
            { "answers": { "debt": { "single-choice": "utilities" }, "owed": { "money": 12_000 }, "repayment": { "yes-no": true } } },
        ],
        "plan": [{ "answers": {
            "plan-need": { "text": "Mornings" }, "plan-action": { "long-text": "Breakfast club for Rowan." },
            "plan-for": { "person-ref": person(2) }, "plan-who": { "text": "Olive Reed" }, "plan-by": { "date": "2026-09-14" },
        } }],
    });
    (given, groups)
}

fn questions(items: &[Item], kinds: &mut BTreeSet<&'static str>) {
    for item in items {
        match item {
            Item::Question(question) => {
                kinds.insert(question.asks.code());
            }
            Item::Group(group) => questions(&group.items, kinds),
            Item::Display(_) => {}
        }
    }
}

#[test]
fn it_is_sound_and_asks_in_all_twenty_kinds() {
    let form = form();
    form.check().unwrap_or_else(|e| panic!("{e}"));
    let mut kinds = BTreeSet::new();
    form.pages.iter().for_each(|page| questions(&page.items, &mut kinds));
    assert_eq!(kinds.len(), 20, "{kinds:?}");
}

#[test]
fn filled_in_it_is_complete_and_reckoned() {
    let form = form();
    let (given, groups) = filled_in();
    let judged = judged(&form, &answers(&form, given, groups), &family(&[Some(34), Some(9), Some(2)]));
    assert_eq!(wrongs(&judged), [""; 0]);
    assert!(judged.complete && judged.not_applicable.is_empty());
    assert_eq!(judged.pages.len(), form.pages.len());
    let reckoned: Vec<(&str, &Lent)> = judged.computed.iter().map(|c| (c.at.id.as_str(), &c.value)).collect();
    assert_eq!(
        reckoned,
        [
            ("months-of-worry", &Lent::Thousandths(7_000)),
            ("problem-count", &Lent::Thousandths(2_000)),
            // Hazel is not of school age: nothing need be known of her attendance.
            ("low-attendance", &Lent::Thousandths(1_000)),
            ("lowest-child", &Lent::Thousandths(2_500)),
            ("owed-in-all", &Lent::Pence(97_050)),
            ("low-domains", &Lent::Thousandths(2_000)),
        ]
    );
}

#[test]
fn a_point_between_two_is_refused_and_named() {
    let form = form();
    let (mut given, mut groups) = filled_in();
    given["health-score"] = json!({ "scale": 3.4 });
    groups["children"][0]["answers"]["upn"] = json!({ "identifier": "A801200005001" });
    groups["plan"][0]["answers"]["plan-by"] = json!({ "date": "2026-08-27" });
    given["review-on"] = json!({ "date": "2026-11-21" });
    let judged = judged(&form, &answers(&form, given, groups), &family(&[Some(34), Some(9), Some(2)]));
    assert_eq!(
        wrongs(&judged),
        ["upn person 2: not-well-formed", "health-score: too-precise", "plan-by item 0: rule-broken", "review-on: rule-broken"]
    );
    assert_eq!(judged.wrong[1].says.en, "3.4 is between two points: the scale goes in steps of 0.5.");
    assert_eq!(judged.wrong[3].says.cy, "Mae adolygiad yn ddyledus o fewn deuddeg wythnos i'r asesiad.");
}

#[test]
fn without_consent_nothing_more_is_asked_and_what_was_written_is_kept() {
    let form = form();
    let (mut given, groups) = filled_in();
    given["consent"]["declaration"]["agreed"] = json!(false);
    let given = answers(&form, given, groups);
    let judged = judged(&form, &given, &family(&[Some(34), Some(9), Some(2)]));
    assert_eq!(judged.pages, ["family", "consent"]);
    assert_eq!(wrongs(&judged), ["consent-refused: required"]);
    assert!(judged.not_applicable.iter().any(|s| place(s) == "voice person 2"));
    assert!(judged.given().all(|g| g.at.id != "reason"));
}

#[test]
fn a_review_shows_what_changed() {
    let form = form();
    let setting = || family(&[Some(34), Some(9), Some(2)]);
    let (first, groups) = filled_in();
    let first = answers(&form, first, groups);
    let kept = judged(&form, &first, &setting()).applicable(&first);
    let (mut given, mut groups) = filled_in();
    given["assessment"] = json!({ "single-choice": "review" });
    given["money-score"] = json!({ "scale": 4 });
    groups["children"][0]["answers"]["child-score"] = json!({ "scale": 2 });
    let mut later = setting();
    later.earlier.push(kept);
    let judged = judged(&form, &answers(&form, given, groups), &later);
    let change = |of: &str| judged.computed.iter().find(|c| place(&c.at) == of).map(|c| c.value.clone());
    assert_eq!(change("money-change"), Some(Lent::Thousandths(1_500)));
    assert_eq!(change("child-change person 2"), Some(Lent::Thousandths(-500)));
    // Said not to be known, both times.
    assert_eq!(change("abuse-change"), None);
}
