//! Judging never fails and never contradicts itself, whatever stands in the answers.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::whole_family::form;
use super::{family, person};
use crate::forms::{Answers, Form, Item, Why};
use crate::record::from_json;

/// An answer of any kind to any question: most do not fit.
fn answer() -> impl Strategy<Value = Value> {
    prop_oneof![
        any::<bool>().prop_map(|b| json!({ "yes-no": b })),
        Just(json!({ "not-known": true })),
        Just(json!({ "not-asked": true })),
        (-20_i64..120).prop_map(|t| json!({ "scale": format!("{}.{}", t / 10, (t % 10).abs()) })),
        (-2_000_i64..200_000).prop_map(|n| json!({ "number": format!("{}.{:03}", n / 1_000, (n % 1_000).abs()) })),
        (-5_i64..i64::MAX).prop_map(|p| json!({ "money": p })),
        prop_oneof![Just("first"), Just("review"), Just("closing"), Just("council"), Just("other"), Just("no such")]
            .prop_map(|o| json!({ "single-choice": o })),
        proptest::collection::vec(prop_oneof![Just("none"), Just("crime"), Just("school"), Just("health")], 0..4)
            .prop_map(|o| json!({ "multi-choice": o })),
        (1_600_i32..2_400, 1..13, 1..29).prop_map(|(y, m, d)| json!({ "date": format!("{y}-{m:02}-{d:02}") })),
        (1_600_i32..2_400, 1..13).prop_map(|(y, m)| json!({ "date": format!("{y}-{m:02}") })),
        any::<String>().prop_map(|t| json!({ "text": t })),
        any::<String>().prop_map(|t| json!({ "long-text": t })),
        any::<String>().prop_map(|t| json!({ "identifier": t })),
        any::<String>().prop_map(|t| json!({ "phone": t })),
        any::<String>().prop_map(|t| json!({ "email": t })),
        (0_u8..6).prop_map(|n| json!({ "person-ref": person(n) })),
        any::<bool>().prop_map(|a| json!({ "declaration": { "agreed": a, "by": "A Parent", "on": "2026-08-01", "how": "said" } })),
    ]
}

fn ids(items: &[Item], out: &mut Vec<String>, groups: &mut Vec<String>) {
    for item in items {
        match item {
            Item::Question(question) => out.push(question.question.clone()),
            Item::Display(display) => out.push(display.display.clone()),
            Item::Group(group) => {
                groups.push(group.group.clone());
                ids(&group.items, out, groups);
            }
        }
    }
}

fn names(form: &Form) -> (Vec<String>, Vec<String>) {
    let (mut questions, mut groups) = (vec!["no-such-question".to_owned()], vec!["no-such-group".to_owned()]);
    form.pages.iter().for_each(|page| ids(&page.items, &mut questions, &mut groups));
    (questions, groups)
}

fn some_answers(form: &Form) -> impl Strategy<Value = Answers> + use<> {
    let (questions, groups) = names(form);
    let pinned = json!({ "form": form.form, "digest": form.digest() });
    let some = move || proptest::collection::btree_map(proptest::sample::select(questions.clone()), answer(), 0..60);
    let row = (proptest::option::of(0_u8..6), some()).prop_map(|(whose, answers)| match whose {
        Some(n) => json!({ "person": person(n), "answers": answers }),
        None => json!({ "answers": answers }),
    });
    let groups = proptest::collection::btree_map(proptest::sample::select(groups), proptest::collection::vec(row, 0..6), 0..8);
    (some(), groups, any::<bool>()).prop_map(move |(mut answers, groups, consented)| {
        if consented {
            let agreed = json!({ "declaration": { "agreed": true, "by": "A Parent", "on": "2026-08-01", "how": "said" } });
            answers.insert("consent".into(), agreed);
        }
        let mut document = pinned.clone();
        document["answers"] = json!(answers);
        document["groups"] = json!(groups);
        from_json(document).unwrap()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: std::env::var("N").ok().and_then(|n| n.parse().ok()).unwrap_or(100), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_answers_are_judged_without_a_contradiction(
        (answers, earlier) in { let form = form(); (some_answers(&form), some_answers(&form)) },
        ages in proptest::collection::vec(proptest::option::of(0_u8..100), 0..5),
    ) {
        let form = form();
        let checked = form.check().unwrap();
        let mut setting = family(&ages);
        setting.earlier = vec![earlier];
        let judged = checked.judge(&answers, &setting).unwrap();

        prop_assert_eq!(judged.complete, judged.wrong.is_empty());
        // What is lent shows, and is wrong at most by a rule of the form's own; or is computed, and somebody answered it.
        for given in judged.given() {
            prop_assert!(judged.shown.contains(&given.at), "{:?} is lent and does not show", given.at);
            prop_assert!(judged.wrong.iter().all(|w| w.at != given.at || matches!(w.why, Why::RuleBroken | Why::NoSuchQuestion)));
        }
        prop_assert!(judged.not_applicable.iter().all(|slot| !judged.shown.contains(slot)));
        // What does not apply decides nothing: without it, the same shows and the same is computed.
        let without = judged.applicable(&answers);
        let again = checked.judge(&without, &setting).unwrap();
        prop_assert_eq!(&again.shown, &judged.shown);
        prop_assert_eq!(&again.computed, &judged.computed);
        prop_assert!(again.given().eq(judged.given()));
        prop_assert!(again.not_applicable.is_empty());
    }
}
