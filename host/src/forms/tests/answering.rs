//! What is said of answers: what shows, what does not fit, what is missing, what is lent.

use serde_json::{Value, json};

use super::{answers, both, family, form, judged, person, place, question, read, wrongs};
use crate::forms::{Answer, Lent};
use crate::record::from_json;

#[test]
fn each_kind_takes_what_fits_and_refuses_the_rest_by_its_code() {
    let scale = json!({ "scale": { "min": 1, "max": 5, "step": 0.5, "direction": "higher-is-better", "domain": "home",
        "anchors": [{ "point": 1, "label": both("Bad") }, { "point": 5, "label": both("Good") }] } });
    let options = json!({ "options": [
        { "option": "a", "label": both("A") }, { "option": "b", "label": both("B") },
        { "option": "none", "label": both("None"), "exclusive": true },
    ] });
    let single = json!({ "single-choice": { "list": "tenures" } });
    let many = json!({ "multi-choice": options });
    let number = json!({ "number": { "min": 0, "max": 100, "decimals": 1 } });
    let identifier = |scheme: &str| json!({ "identifier": { "scheme": scheme } });
    let id = |value: &str| json!({ "identifier": value });
    let file = json!({ "file": { "types": ["application/pdf"] } });
    let given_file =
        |media: &str| json!({ "file": { "name": "tree.pdf", "media-type": media, "digest": format!("sha256:{}", "ab".repeat(32)) } });
    let declaration = json!({ "declaration": { "statement": both("It is so.") } });
    for (asks, answer, why) in [
        (json!("text"), json!({ "text": "One line" }), ""),
        (json!("text"), json!({ "text": " " }), "empty"),
        (json!("text"), json!({ "text": "Two\nlines" }), "not-text"),
        (json!("text"), json!({ "text": "é".repeat(200) }), ""),
        (json!("text"), json!({ "text": "é".repeat(201) }), "too-long"),
        (json!("text"), json!({ "long-text": "A kind of its own" }), "wrong-kind"),
        (json!("long-text"), json!({ "long-text": "Two\nlines" }), ""),
        (json!("long-text"), json!({ "long-text": "a bell \u{7}" }), "not-text"),
        (json!("yes-no"), json!({ "yes-no": false }), ""),
        (json!("yes-no"), json!({ "not-known": true }), "must-be-known"),
        (single.clone(), json!({ "single-choice": "council" }), ""),
        (single, json!({ "single-choice": "castle" }), "not-an-option"),
        (many.clone(), json!({ "multi-choice": ["b", "a"] }), ""),
        (many.clone(), json!({ "multi-choice": ["none"] }), ""),
        (many.clone(), json!({ "multi-choice": ["a", "none"] }), "not-alone"),
        (many.clone(), json!({ "multi-choice": ["a", "a"] }), "twice"),
        (many.clone(), json!({ "multi-choice": ["c"] }), "not-an-option"),
        (many, json!({ "multi-choice": [] }), "empty"),
        (json!({ "date": { "precision": "day" } }), json!({ "date": "2024-02-29" }), ""),
        (json!({ "date": { "precision": "day" } }), json!({ "date": "2024-02" }), "not-precise-enough"),
        (json!({ "date": { "precision": "month" } }), json!({ "date": "2024-02" }), ""),
        (number.clone(), json!({ "number": 99.5 }), ""),
        (number.clone(), json!({ "number": 99.55 }), "too-precise"),
        (number.clone(), json!({ "number": 100.1 }), "out-of-range"),
        (number, json!({ "number": -1 }), "out-of-range"),
        (scale.clone(), json!({ "scale": 3.5 }), ""),
        (scale.clone(), json!({ "scale": 3.4 }), "too-precise"),
        (scale.clone(), json!({ "scale": 0.5 }), "out-of-range"),
        (scale.clone(), json!({ "scale": 5.5 }), "out-of-range"),
        (scale, json!({ "number": 3 }), "wrong-kind"),
        (json!("name"), json!({ "name": { "given": "Rowan", "family": "Ash" } }), ""),
        (json!("name"), json!({ "name": { "given": "Rowan", "family": "" } }), "not-well-formed"),
        (json!("address"), json!({ "address": { "lines": ["12 Mill Lane"], "postcode": "BS3 4QR" } }), ""),
        (json!("address"), json!({ "address": { "lines": [] } }), "not-well-formed"),
        (json!("phone"), json!({ "phone": "+44 (0)117 496 0123" }), ""),
        (json!("phone"), json!({ "phone": "117 4960" }), ""),
        (json!("phone"), json!({ "phone": "ask his mother" }), "not-well-formed"),
        (json!("email"), json!({ "email": "rowan.ash@example.org" }), ""),
        (json!("email"), json!({ "email": "rowan@localhost" }), "not-well-formed"),
        (json!("email"), json!({ "email": "rowan ash@example.org" }), "not-well-formed"),
        (identifier("nhs-number"), id("943 476 5919"), ""),
        (identifier("nhs-number"), id("943 476 5918"), "not-well-formed"),
        (identifier("upn"), id("B801200005001"), ""),
        (identifier("upn"), id("A801200005001"), "not-well-formed"),
        (identifier("nino"), id("AB 12 34 56 C"), ""),
        (identifier("nino"), id("QQ 12 34 56 C"), "not-well-formed"),
        (identifier("urn"), id("112670"), ""),
        (identifier("urn"), id("EY12670"), "not-well-formed"),
        (identifier("uprn"), id("100021064"), ""),
        (identifier("uprn"), id("1000210640000"), "not-well-formed"),
        (identifier("postcode"), id("bs3 4qr"), ""),
        (identifier("postcode"), id("QS3 4QR"), "not-well-formed"),
        (json!("money"), json!({ "money": 0 }), ""),
        (json!("money"), json!({ "money": -1 }), "out-of-range"),
        (json!("money"), json!({ "money": 100_000_000_001_i64 }), "out-of-range"),
        (file.clone(), given_file("application/pdf"), ""),
        (file, given_file("text/html"), "not-well-formed"),
        (declaration.clone(), json!({ "declaration": { "agreed": false, "by": "A Parent", "on": "2026-08-01", "how": "signed" } }), ""),
        (declaration, json!({ "declaration": { "agreed": true, "by": "", "on": "2026-08-01", "how": "said" } }), "empty"),
        (json!("person-ref"), json!({ "person-ref": person(1) }), ""),
        (json!("person-ref"), json!({ "person-ref": person(9) }), "no-such-person"),
        (json!("service-ref"), json!({ "service-ref": "mill-lane-school" }), ""),
        (json!("service-ref"), json!({ "service-ref": "Mill Lane School" }), "not-well-formed"),
        (json!("worker-ref"), json!({ "worker-ref": "w-1042" }), ""),
        (json!({ "computed": { "value": { "number": 1 } } }), json!({ "number": 1 }), "no-such-question"),
    ] {
        let form = read(form(json!([question("q", asks, json!({}))])));
        let judged = judged(&form, &answers(&form, json!({ "q": answer }), json!({})), &family(&[Some(30)]));
        let expected: Vec<String> = if why.is_empty() { vec![] } else { vec![format!("q: {why}")] };
        assert_eq!(wrongs(&judged), expected, "{answer} to {}", serde_json::to_string(&form.pages[0].items[0]).unwrap());
        assert_eq!(judged.complete, why.is_empty());
        assert!(judged.wrong.iter().all(|w| !w.says.en.is_empty() && !w.says.cy.is_empty() && w.says.en != w.says.cy));
    }
}

#[test]
fn an_answer_of_no_kind_is_not_read() {
    for (answer, path) in [
        (json!({ "scale": "high" }), "scale"),
        (json!({ "not-known": false }), "not-known"),
        (json!({ "date": "31/08/2026" }), "date"),
        (json!({ "date": "2026-02-30" }), "date"),
        (json!({ "name": { "given": "Rowan" } }), "name.family"),
        (json!({ "declaration": { "agreed": true, "by": "A", "on": "2026-01-01", "how": "nodded" } }), "declaration.how"),
        (json!({ "colour": "blue" }), ""),
    ] {
        assert_eq!(from_json::<Answer>(answer).unwrap_err().field, path);
    }
}

/// A child's question behind another, a group for children, rows of debts behind a question.
fn branching() -> Value {
    form(json!([
        question("debts-known", json!("yes-no"), json!({ "required-when": { "yes-no": true }, "not-known": true })),
        { "group": "debts", "title": both("Debts"), "visible-when": { "answer": "debts-known" },
          "repeat": { "min": 1, "max": 2, "item-label": both("Debt") },
          "items": [
            question("owed", json!("money"), json!({ "required-when": { "yes-no": true } })),
            question("why", json!("text"), json!({ "visible-when": { "more-than": [{ "answer": "owed" }, { "pence": 10_000 }] } })),
          ] },
        { "group": "children", "title": both("Children"), "each-person": { "where": { "less-than": [{ "person": "age" }, { "number": 18 }] } },
          "items": [
            question("at-school", json!("yes-no"), json!({ "required-when": { "at-least": [{ "person": "age" }, { "number": 5 }] } })),
            question("school", json!("text"), json!({ "visible-when": { "answer": "at-school" },
                "valid-when": [{ "that": { "not-equal": [{ "answer": "school" }, { "text": "?" }] }, "message": { "en": "Name it.", "cy": "Enwch hi." } }] })),
          ] },
    ]))
}

#[test]
fn each_question_shows_for_each_item_by_itself() {
    let form = read(branching());
    let setting = family(&[Some(3), Some(9), Some(40), None]);
    let given = answers(
        &form,
        json!({ "debts-known": { "yes-no": true } }),
        json!({
            "debts": [
                { "answers": { "owed": { "money": 20_000 }, "why": { "text": "A broken boiler" } } },
                { "answers": { "owed": { "money": 500 }, "why": { "text": "Small" } } },
            ],
            "children": [
                { "person": person(2), "answers": { "at-school": { "yes-no": true }, "school": { "text": "?" } } },
                { "person": person(3), "answers": { "at-school": { "yes-no": false } } },
            ],
        }),
    );
    let judged = judged(&form, &given, &setting);
    assert_eq!(
        judged.shown.iter().map(place).collect::<Vec<_>>(),
        [
            "debts-known",
            "debts",
            "owed item 0",
            "owed item 1",
            "why item 0",
            "children",
            "at-school person 1",
            "at-school person 2",
            "school person 2",
        ]
    );
    assert_eq!(judged.not_applicable.iter().map(place).collect::<Vec<_>>(), ["at-school person 3", "why item 1"]);
    assert_eq!(judged.people["children"], [person(1), person(2)]);
    assert_eq!(judged.unsure["children"], [person(4)]);
    assert_eq!(wrongs(&judged), ["school person 2: rule-broken"]);
    assert_eq!((judged.wrong[0].says.en.as_str(), judged.wrong[0].says.cy.as_str()), ("Name it.", "Enwch hi."));

    // What does not apply is kept by whoever holds the answers, and left out of what is looked back at.
    let kept = judged.applicable(&given);
    assert_eq!(kept.groups["debts"].iter().map(|r| r.answers.len()).collect::<Vec<_>>(), [2, 1]);
    assert!(kept.groups["children"].iter().find(|r| r.person == Some(person(3))).unwrap().answers.is_empty());
}

#[test]
fn a_draft_is_judged_and_told_what_is_missing() {
    let form = read(branching());
    let setting = family(&[Some(9)]);
    let nothing = judged(&form, &answers(&form, json!({}), json!({})), &setting);
    assert_eq!(wrongs(&nothing), ["debts-known: required", "at-school person 2: required"].map(|w| w.replace('2', "1")));
    assert!(nothing.wrong.iter().all(|w| w.why.is_missing()) && !nothing.complete);

    let started = answers(&form, json!({ "debts-known": { "yes-no": true } }), json!({}));
    assert_eq!(wrongs(&judged(&form, &started, &setting)), ["debts: too-few", "at-school person 1: required"]);

    // "Not known" answers what must be answered, and is not yes: the group stays away.
    let child = json!({ "children": [{ "person": person(1), "answers": { "at-school": { "yes-no": false } } }] });
    let known = answers(&form, json!({ "debts-known": { "not-known": true } }), child);
    let judged = judged(&form, &known, &setting);
    assert!(judged.complete && !judged.shown.iter().any(|s| s.id == "debts"));
}

#[test]
fn a_rule_is_broken_by_no_and_not_by_unknown() {
    let after =
        json!({ "valid-when": [{ "that": { "at-least": [{ "answer": "end" }, { "answer": "start" }] }, "message": both("After.") }] });
    let day = json!({ "date": { "precision": "day" } });
    let form = read(form(json!([question("end", day.clone(), after), question("start", day, json!({}))])));
    let wrong = |given: Value| wrongs(&judged(&form, &answers(&form, given, json!({})), &family(&[])));
    assert_eq!(wrong(json!({ "end": { "date": "2026-03-01" } })), [""; 0]);
    assert_eq!(wrong(json!({ "end": { "date": "2026-03-01" }, "start": { "date": "2026-03-01" } })), [""; 0]);
    assert_eq!(wrong(json!({ "end": { "date": "2026-03-01" }, "start": { "date": "2026-03-02" } })), ["end: rule-broken"]);
}

#[test]
fn whom_a_group_is_about_may_hang_on_an_answer_further_down() {
    let form = read(form(json!([
        { "group": "grown", "title": both("Grown"), "items": [question("works", json!("yes-no"), json!({}))],
          "each-person": { "where": { "at-least": [{ "person": "age" }, { "answer": "from" }] } } },
        question("from", json!({ "number": {} }), json!({})),
    ])));
    let setting = family(&[Some(15), Some(16)]);
    let about = |given: Value| judged(&form, &answers(&form, given, json!({})), &setting).people["grown"].clone();
    assert_eq!(about(json!({ "from": { "number": 16 } })), [person(2)]);
    assert_eq!(about(json!({ "from": { "number": 15 } })), [person(1), person(2)]);
    assert_eq!(about(json!({})), []);
}

#[test]
fn what_has_no_place_in_the_form_is_named() {
    let form = read(branching());
    let debt = json!({ "answers": { "owed": { "money": 1 } } });
    let given = answers(
        &form,
        json!({ "debts-known": { "yes-no": true }, "owed": { "money": 1 }, "gone": { "yes-no": true }, "debts": { "yes-no": true } }),
        json!({
            "debts": [debt, debt, debt, { "person": person(1), "answers": {} }],
            "children": [
                { "person": person(1), "answers": { "at-school": { "yes-no": false }, "debts-known": { "yes-no": true } } },
                { "person": person(1), "answers": {} },
                { "person": person(7), "answers": {} },
                { "answers": {} },
            ],
            "gone": [],
        }),
    );
    assert_eq!(
        wrongs(&judged(&form, &given, &family(&[Some(9)]))),
        [
            "debts: too-many",
            "debts: no-such-question",
            "gone: no-such-question",
            "owed: no-such-question",
            "debts-known person 1: no-such-question",
            "children person 1: twice",
            "children person 7: no-such-person",
            "children item 3: no-such-person",
            "debts person 1: no-such-person",
            "gone: no-such-question",
        ]
    );
}

#[test]
fn answers_are_judged_only_by_the_form_that_they_pin() {
    let form = read(branching());
    let mut given = answers(&form, json!({}), json!({}));
    let mut changed = form.clone();
    changed.title.en.push('!');
    let refused = changed.check().unwrap().judge(&given, &family(&[])).unwrap_err();
    assert_eq!(refused.field, "digest");
    given.form = "another".into();
    assert_eq!(form.check().unwrap().judge(&given, &family(&[])).unwrap_err().field, "form");
}

#[test]
fn a_plugin_is_lent_what_it_may_reckon_with_who_is_meant_and_of_the_rest_that_it_was_answered() {
    let scale = json!({ "scale": { "min": 1, "max": 5, "step": 0.5, "direction": "lower-is-better", "domain": "home",
        "anchors": [{ "point": 1, "label": both("Good") }, { "point": 5, "label": both("Bad") }] } });
    let form = read(form(json!([
        question("sure", json!("yes-no"), json!({})),
        question("asked", json!("yes-no"), json!({ "not-known": true })),
        question("heard", json!("yes-no"), json!({ "not-known": true })),
        question("home", json!({ "single-choice": { "list": "tenures" } }), json!({})),
        question("gets", json!({ "multi-choice": { "list": "benefits" } }), json!({})),
        question("score", scale, json!({})),
        question("hours", json!({ "number": { "decimals": 2 } }), json!({})),
        question("owed", json!("money"), json!({})),
        question("since", json!({ "date": { "precision": "month" } }), json!({})),
        question("story", json!("long-text"), json!({})),
        question("call", json!("name"), json!({})),
        question("whom", json!("person-ref"), json!({})),
        question("agreed", json!({ "declaration": { "statement": both("Yes.") } }), json!({})),
        question("refused", json!({ "declaration": { "statement": both("Yes.") } }), json!({})),
        question("bad", json!("money"), json!({})),
        question("twice", json!({ "computed": { "value": { "multiply": [{ "answer": "owed" }, { "number": 2 }] } } }), json!({})),
        question("hidden", json!("text"), json!({ "visible-when": { "yes-no": false } })),
    ])));
    let given = answers(
        &form,
        json!({
            "sure": { "yes-no": false }, "asked": { "not-asked": true }, "heard": { "not-known": true },
            "home": { "single-choice": "council" }, "gets": { "multi-choice": ["income-support", "universal-credit"] },
            "score": { "scale": 2.5 }, "hours": { "number": 7.25 }, "owed": { "money": 199 }, "since": { "date": "2026-05" },
            "story": { "long-text": "So it was." }, "call": { "name": { "given": "Rowan", "family": "Ash" } },
            "whom": { "person-ref": person(1) },
            "agreed": { "declaration": { "agreed": true, "by": "A Parent", "on": "2026-08-01", "how": "signed" } },
            "refused": { "declaration": { "agreed": false, "by": "A Parent", "on": "2026-08-01", "how": "said" } },
            "bad": { "money": -1 }, "hidden": { "text": "Kept" },
        }),
        json!({}),
    );
    let judged = judged(&form, &given, &family(&[Some(30)]));
    let lent: Vec<(&str, Lent)> = judged.given().map(|g| (g.at.id.as_str(), g.value.clone())).collect();
    let options = |ids: &[&str]| Lent::Options(ids.iter().map(|s| (*s).to_owned()).collect());
    assert_eq!(
        lent,
        [
            ("sure", Lent::YesNo(false)),
            ("asked", Lent::NotAsked),
            ("heard", Lent::NotKnown),
            ("home", options(&["council"])),
            ("gets", options(&["universal-credit", "income-support"])),
            ("score", Lent::Tenths(25)),
            ("hours", Lent::Thousandths(7_250)),
            ("owed", Lent::Pence(199)),
            ("since", Lent::Day { day: "2026-05-01".parse().unwrap(), month_only: true }),
            ("story", Lent::Text("So it was.".into())),
            ("call", Lent::Given),
            ("whom", Lent::Person(person(1))),
            ("agreed", Lent::Given),
            ("refused", Lent::YesNo(false)),
            ("twice", Lent::Pence(398)),
        ]
    );
}
