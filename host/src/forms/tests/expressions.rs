//! What each expression gives, unknown included. A computed question says it: no value is unknown.

use serde_json::{Value, json};

use super::{answers, family, form, judged, question, read};
use crate::forms::{Lent, Setting};

/// Small letters stand for questions: `yes`, `no` and `unknown`, `three` and `half`; `unasked` and `unheard` were said so.
fn items(value: &Value) -> Value {
    let options = json!({ "options": [
        { "option": "flat", "label": super::both("Flat") },
        { "option": "house", "label": super::both("House") },
        { "option": "none", "label": super::both("None") },
    ] });
    let mut several = options.clone();
    several["options"][2]["exclusive"] = json!(true);
    let number = json!({ "number": { "decimals": 3 } });
    let not_known = json!({ "not-known": true });
    json!([
        question("yes", json!("yes-no"), json!({})),
        question("no", json!("yes-no"), json!({})),
        question("unknown", json!("yes-no"), json!({})),
        question("unheard", json!("yes-no"), not_known.clone()),
        question("unasked", json!("yes-no"), not_known),
        question("hidden", json!("yes-no"), json!({ "visible-when": { "answer": "no" } })),
        question("wrong", json!({ "number": { "max": 5 } }), json!({})),
        question("three", number.clone(), json!({})),
        question("half", number.clone(), json!({})),
        question("blank", number, json!({})),
        question("score", json!({ "scale": { "min": 1, "max": 5, "step": 0.5, "direction": "higher-is-better", "domain": "home",
            "anchors": [{ "point": 1, "label": super::both("Bad") }, { "point": 5, "label": super::both("Good") }] } }), json!({})),
        question("pounds", json!("money"), json!({})),
        question("moved", json!({ "date": { "precision": "day" } }), json!({})),
        question("began", json!({ "date": { "precision": "month" } }), json!({})),
        question("named", json!("text"), json!({})),
        question("dwelling", json!({ "single-choice": options }), json!({})),
        question("seen", json!({ "multi-choice": several }), json!({})),
        question("alone", json!({ "multi-choice": several }), json!({})),
        question("consent", json!({ "declaration": { "statement": super::both("I agree.") } }), json!({})),
        { "group": "children", "title": super::both("Children"), "each-person": { "where": { "less-than": [{ "person": "age" }, { "number": 18 }] } },
          "items": [question("points", json!({ "number": {} }), json!({})), question("well", json!("yes-no"), json!({}))] },
        { "group": "grown", "title": super::both("Grown"), "each-person": { "where": { "at-least": [{ "or-else": [{ "person": "age" }, { "number": 0 }] }, { "number": 18 }] } },
          "items": [question("worth", json!("money"), json!({}))] },
        { "group": "debts", "title": super::both("Debts"), "repeat": { "min": 0, "max": 5, "item-label": super::both("Debt") },
          "items": [question("owed", json!("money"), json!({})), question("since", json!({ "date": { "precision": "day" } }), json!({}))] },
        { "group": "pets", "title": super::both("Pets"), "repeat": { "min": 0, "max": 5, "item-label": super::both("Pet") },
          "items": [question("legs", json!({ "number": {} }), json!({}))] },
        question("result", json!({ "computed": { "value": value } }), json!({})),
    ])
}

/// Two children of 7 and 15, an adult; and with `doubtful` somebody whose age nobody knows.
fn value_of(value: &Value, doubtful: bool) -> Option<Lent> {
    let form = read(form(items(value)));
    let mut setting: Setting = family(if doubtful { &[Some(7), Some(15), Some(40), None] } else { &[Some(7), Some(15), Some(40)] });
    let earlier = |score, owed| {
        answers(
            &form,
            json!({ "score": { "scale": score }, "pounds": { "money": owed } }),
            json!({ "children": [{ "person": super::person(2), "answers": { "points": { "number": 2 } } }] }),
        )
    };
    let older = earlier(json!(5), 100);
    let mut newer = earlier(json!(2.5), 700);
    newer.answers.remove("pounds");
    setting.earlier = vec![newer, older];
    let given = answers(
        &form,
        json!({
            "yes": { "yes-no": true }, "no": { "yes-no": false }, "unheard": { "not-known": true }, "unasked": { "not-asked": true },
            "hidden": { "yes-no": true }, "wrong": { "number": 6 }, "three": { "number": 3 }, "half": { "number": "0.5" },
            "score": { "scale": 3.5 }, "pounds": { "money": 250 }, "moved": { "date": "2026-02-28" }, "began": { "date": "2025-11" },
            "named": { "text": "Rowan" }, "dwelling": { "single-choice": "flat" }, "seen": { "multi-choice": ["house", "flat"] },
            "alone": { "multi-choice": ["none"] },
            "consent": { "declaration": { "agreed": true, "by": "A Parent", "on": "2026-08-30", "how": "said" } },
        }),
        json!({
            "children": [
                { "person": super::person(2), "answers": { "points": { "number": 5 }, "well": { "yes-no": true } } },
                { "person": super::person(1), "answers": { "points": { "number": 4 } } },
            ],
            "debts": [
                { "answers": { "owed": { "money": 1000 }, "since": { "date": "2026-01-01" } } },
                { "answers": { "owed": { "money": 50 }, "since": { "date": "2025-06-01" } } },
            ],
        }),
    );
    let judged = judged(&form, &given, &setting);
    judged.computed.into_iter().find(|c| c.at.id == "result").map(|c| c.value)
}

fn yes(id: &str) -> Value {
    json!({ "answer": id })
}

#[test]
fn what_is_not_answered_is_unknown_and_never_no() {
    let [y, n, u] = ["yes", "no", "unknown"].map(yes);
    let t = Some(Lent::YesNo(true));
    let f = Some(Lent::YesNo(false));
    for (expr, gives) in [
        (y.clone(), &t),
        (n.clone(), &f),
        (u.clone(), &None),
        (yes("unheard"), &None),
        (yes("unasked"), &None),
        (yes("hidden"), &None),
        (json!({ "not": u }), &None),
        (json!({ "not": n }), &t),
        (json!({ "and": [y, u] }), &None),
        (json!({ "and": [u, n] }), &f),
        (json!({ "and": [y, y] }), &t),
        (json!({ "or": [n, u] }), &None),
        (json!({ "or": [u, y] }), &t),
        (json!({ "or": [n, n] }), &f),
        (json!({ "equal": [u, { "yes-no": false }] }), &None),
        (json!({ "not-equal": [u, { "yes-no": true }] }), &None),
        (json!({ "more-than": [{ "answer": "wrong" }, { "number": 1 }] }), &None),
        (json!({ "or-else": [u, { "yes-no": false }] }), &f),
        (json!({ "or-else": [y, { "yes-no": false }] }), &t),
        (json!({ "if": [u, y, y] }), &None),
        (json!({ "if": [n, u, y] }), &t),
        (json!({ "answered": "yes" }), &t),
        (json!({ "answered": "no" }), &t),
        (json!({ "answered": "unknown" }), &f),
        (json!({ "answered": "unheard" }), &f),
        (json!({ "answered": "hidden" }), &f),
        (json!({ "answered": "wrong" }), &f),
        (json!({ "not-known": "unheard" }), &t),
        (json!({ "not-known": "unasked" }), &f),
        (json!({ "not-asked": "unasked" }), &t),
        (json!({ "not-asked": "unknown" }), &f),
        (yes("consent"), &t),
    ] {
        assert_eq!(value_of(&expr, false), *gives, "{expr}");
    }
}

#[test]
fn numbers_money_dates_and_options_are_exact() {
    let answer = |id: &str| json!({ "answer": id });
    let number = |n: i64| Some(Lent::Thousandths(n));
    let truth = |is: bool| Some(Lent::YesNo(is));
    for (expr, gives) in [
        (json!({ "add": [answer("three"), answer("half"), answer("score")] }), number(7_000)),
        (json!({ "add": [answer("three"), answer("blank")] }), None),
        (json!({ "subtract": [answer("half"), answer("three")] }), number(-2_500)),
        (json!({ "multiply": [answer("half"), answer("half")] }), number(250)),
        (json!({ "multiply": [answer("pounds"), { "number": "0.333" }] }), Some(Lent::Pence(83))),
        (json!({ "multiply": [{ "number": 1_000_000_000 }, { "number": 1_000_000_000 }] }), None),
        (json!({ "at-least": [answer("score"), { "number": 3.5 }] }), truth(true)),
        (json!({ "more-than": [answer("score"), { "number": 3.5 }] }), truth(false)),
        (json!({ "less-than": [answer("pounds"), { "pence": 251 }] }), truth(true)),
        (json!({ "at-most": [answer("moved"), { "fact": "today" }] }), truth(true)),
        (json!({ "equal": [answer("began"), { "day": "2025-11-01" }] }), truth(true)),
        (json!({ "days-between": [answer("moved"), { "fact": "today" }] }), number(184_000)),
        (json!({ "months-between": [answer("moved"), { "fact": "today" }] }), number(6_000)),
        (json!({ "months-between": [{ "fact": "today" }, answer("began")] }), number(-9_000)),
        (json!({ "equal": [answer("named"), { "text": "Rowan" }] }), truth(true)),
        (json!({ "in": [answer("named"), ["Ash", "Elm"]] }), truth(false)),
        (json!({ "in": [answer("dwelling"), ["flat", "none"]] }), truth(true)),
        (json!({ "not-equal": [answer("dwelling"), { "option": "flat" }] }), truth(false)),
        (answer("dwelling"), Some(Lent::Options(vec!["flat".into()]))),
        (json!({ "contains": [answer("seen"), "house"] }), truth(true)),
        (json!({ "contains": [answer("seen"), "none"] }), truth(false)),
        (json!({ "chosen": answer("seen") }), number(2_000)),
        (json!({ "chosen": answer("alone") }), number(0)),
        (json!({ "fact": "members" }), number(3_000)),
        (json!({ "previous": "score" }), number(2_500)),
        (json!({ "change": "score" }), number(1_000)),
        // The newest earlier answers leave it out, those before them do not.
        (json!({ "change": "pounds" }), Some(Lent::Pence(150))),
        (json!({ "change": "three" }), None),
    ] {
        assert_eq!(value_of(&expr, false), gives, "{expr}");
    }
}

#[test]
fn a_group_is_counted_only_where_everything_is_known_of_it() {
    let number = |n: i64| Some(Lent::Thousandths(n));
    let truth = |is: bool| Some(Lent::YesNo(is));
    let well = json!({ "answer": "well" });
    let over_four = json!({ "more-than": [{ "answer": "points" }, { "number": 4 }] });
    let over_three = json!({ "more-than": [{ "answer": "points" }, { "number": 3 }] });
    for (expr, sure, doubtful) in [
        (json!({ "count": { "group": "children" } }), number(2_000), None),
        (json!({ "count": { "group": "children", "where": over_four } }), number(1_000), None),
        // One child was not asked: it may be well or not.
        (json!({ "count": { "group": "children", "where": well } }), None, None),
        (json!({ "count": { "group": "children", "where": { "or-else": [well, { "yes-no": false }] } } }), number(1_000), None),
        (json!({ "sum": { "group": "children", "of": { "answer": "points" } } }), number(9_000), None),
        (json!({ "sum": { "group": "children", "of": { "person": "age" }, "where": over_four } }), number(15_000), None),
        (json!({ "min": { "group": "children", "of": { "person": "age" } } }), number(7_000), None),
        (json!({ "max": { "group": "children", "of": { "answer": "points" } } }), number(5_000), None),
        (json!({ "max": { "group": "children", "of": { "change": "points" } } }), None, None),
        (json!({ "max": { "group": "children", "of": { "or-else": [{ "change": "points" }, { "number": 0 }] } } }), number(3_000), None),
        (json!({ "any": { "group": "children", "that": well } }), truth(true), truth(true)),
        (json!({ "all": { "group": "children", "that": well } }), None, None),
        (json!({ "any": { "group": "children", "that": { "not": well } } }), None, None),
        (json!({ "all": { "group": "children", "that": { "not": well } } }), truth(false), truth(false)),
        (json!({ "all": { "group": "children", "that": over_three } }), truth(true), None),
        (json!({ "any": { "group": "children", "that": { "more-than": [{ "answer": "points" }, { "number": 9 }] } } }), truth(false), None),
        (json!({ "count": { "group": "grown" } }), number(1_000), number(1_000)),
        (json!({ "sum": { "group": "grown", "of": { "answer": "worth" } } }), None, None),
        (json!({ "sum": { "group": "debts", "of": { "answer": "owed" } } }), Some(Lent::Pence(1_050)), Some(Lent::Pence(1_050))),
        (json!({ "count": { "group": "debts" } }), number(2_000), number(2_000)),
        (
            json!({ "min": { "group": "debts", "of": { "answer": "since" } } }),
            Some(Lent::Day { day: "2025-06-01".parse().unwrap(), month_only: false }),
            Some(Lent::Day { day: "2025-06-01".parse().unwrap(), month_only: false }),
        ),
        // Of nothing: none, nought, unknown, not any, all.
        (json!({ "count": { "group": "pets" } }), number(0), number(0)),
        (json!({ "sum": { "group": "pets", "of": { "answer": "legs" } } }), number(0), number(0)),
        (json!({ "sum": { "group": "pets", "of": { "pence": 5 } } }), Some(Lent::Pence(0)), Some(Lent::Pence(0))),
        (json!({ "max": { "group": "pets", "of": { "answer": "legs" } } }), None, None),
        (json!({ "any": { "group": "pets", "that": { "yes-no": true } } }), truth(false), truth(false)),
        (json!({ "all": { "group": "pets", "that": { "yes-no": false } } }), truth(true), truth(true)),
    ] {
        assert_eq!(value_of(&expr, false), sure, "{expr}");
        assert_eq!(value_of(&expr, true), doubtful, "{expr}, with somebody of unknown age");
    }
}
