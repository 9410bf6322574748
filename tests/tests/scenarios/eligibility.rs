//! Which of the six problems a family has.

use super::*;

/// 004:L116-L118: at least two of six indicators.
#[tokio::test]
async fn two_of_six_problems_make_a_family_eligible() {
    let lab = lab();
    let known = || {
        let feeds = Family::new().covered("2020-01-01..2030-12-31").child("son", "2013-05-01");
        feeds.attendance("son", "2026-04-13..2026-07-21", 100, 95)
    };
    let spell = |family: Family| {
        let detail = json!({ "benefit": "universal-credit", "out_of_work": true });
        family.fact("benefit-spell", json!({ "person": "mother" }), "2026-01-01..", detail)
    };
    let dark = |family: Family, kind| family.coverage(kind, None, "2015-01-01..2030-12-31", "none");
    // Health is never known, so there is always one unknown.
    for (says, family, needed, code) in [
        ("no problem", known(), 2, "not-eligible"),
        ("no problem, and one would do", known(), 1, "not-enough-evidence"),
        ("one problem, and health unknown", known().offence("mother", "2026-05-01"), 2, "not-enough-evidence"),
        ("one problem, where three are needed", known().offence("mother", "2026-05-01"), 3, "not-eligible"),
        ("two problems", spell(known().offence("mother", "2026-05-01")), 2, "eligible"),
        ("two problems, where three are needed", spell(known().offence("mother", "2026-05-01")), 3, "not-enough-evidence"),
        ("two problems, where four are needed", spell(known().offence("mother", "2026-05-01")), 4, "not-eligible"),
        ("no problem and one more unknown", dark(known(), "benefit-spell"), 2, "not-enough-evidence"),
        ("no problem and one more unknown, where three are needed", dark(known(), "benefit-spell"), 3, "not-eligible"),
        ("two found at entry", known().episode(ENGAGED, &[CRIME, "health"]), 2, "eligible"),
        ("two found at entry, tomorrow", known().episode("2026-09-01", &[CRIME, "health"]), 2, "not-eligible"),
        ("two found at entry, today", known().episode(AS_OF, &[CRIME, "health"]), 2, "eligible"),
        ("one found at entry and its sign", known().episode(ENGAGED, &[CRIME]).offence("mother", "2026-05-01"), 2, "not-enough-evidence"),
    ] {
        let answer = lab.answer(&family, &Asked::eligibility(AS_OF).with(json!({ "problems-needed": needed }))).await;
        assert_eq!(answer.code(), code, "{says}: {:#?}", answer.findings);
        assert_eq!(answer.findings.len(), 6);
        assert_eq!((claims(&answer), tasks(&answer)), (vec![], vec![]));
    }
}

/// 004:L126-L139, each sign on the first and the last day that it can be seen, and beside them.
#[tokio::test]
async fn each_problem_shows_from_the_first_day_of_its_window_to_the_last() {
    let lab = lab();
    type Signed = fn(Family, &str) -> Family;
    let signs: [(&str, Signed, &str); 6] = [
        ("need-crime", |f, on| f.offence("mother", on), "2025-09-01"),
        ("need-crime", |f, on| f.incident("mother", on), "2025-09-01"),
        (
            "need-attendance",
            |f, on| f.fact("exclusion", json!({ "person": "son" }), &only(on), json!({ "how": "fixed-term" })),
            "2025-09-01",
        ),
        ("need-attendance", |f, on| f.attendance("son", &only(on), 100, 89), "2025-09-01"),
        (
            "need-children",
            |f, on| f.fact("safeguarding-standing", json!({ "person": "son" }), &only(on), json!({ "status": "child-in-need" })),
            "2025-09-01",
        ),
        (
            "need-abuse",
            |f, on| {
                let detail = json!({ "domestic": true, "child_present": true });
                f.fact("police-callout", json!({ "home": "home" }), &only(on), detail)
            },
            "2026-03-01",
        ),
    ];
    for (criterion, sign, first) in signs {
        let first = day(first);
        for (on, shows) in [(first.plus(-1).unwrap(), false), (first, true), (day(AS_OF), true), (day(AS_OF).plus(1).unwrap(), false)] {
            let family = Family::new().covered("2020-01-01..2030-12-31").child("son", "2013-05-01");
            let family = sign(family.attendance("son", "2026-04-13..2026-07-21", 1, 1), &on.to_string());
            let answer = lab.answer(&family, &Asked::eligibility(AS_OF)).await;
            assert_eq!(standing(&answer, criterion), if shows { "met" } else { "not-met" }, "{criterion} on {on}");
        }
    }
}

fn only(on: &str) -> String {
    format!("{on}..{on}")
}

#[tokio::test]
async fn domestic_callouts_show_a_problem_from_the_second_on_or_with_a_child_there() {
    let lab = lab();
    let called = |present: &[Value]| {
        let family = Family::new().covered("2020-01-01..2030-12-31");
        present.iter().fold(family, |family, present| {
            let mut detail = json!({ "domestic": true });
            if !present.is_null() {
                detail["child_present"] = present.clone();
            }
            family.fact("police-callout", json!({ "home": "home" }), "2026-05-01..2026-05-01", detail)
        })
    };
    for (present, needed, standing_then) in [
        (vec![], 2, "not-met"),
        (vec![json!(false)], 2, "not-met"),
        (vec![json!(null)], 2, "not-enough-evidence"),
        (vec![json!(true)], 2, "met"),
        (vec![json!(false), json!(false)], 2, "met"),
        (vec![json!(false), json!(null)], 2, "met"),
        (vec![json!(false), json!(false)], 3, "not-met"),
        (vec![json!(false), json!(null)], 3, "not-enough-evidence"),
        (vec![json!(false), json!(false), json!(false)], 3, "met"),
        (vec![json!(false)], 1, "met"),
    ] {
        let answer = lab.answer(&called(&present), &Asked::eligibility(AS_OF).with(json!({ "domestic-callouts": needed }))).await;
        assert_eq!(standing(&answer, "need-abuse"), standing_then, "{present:?} where {needed} are needed");
    }
}

/// 004:L133-L135: adults out of work.
#[tokio::test]
async fn an_adult_out_of_work_shows_from_the_eighteenth_birthday_while_the_benefit_is_paid() {
    let lab = lab();
    for (born, window, out_of_work, standing_then) in [
        ("2008-09-01", "2026-01-01..", true, "not-met"),
        ("2008-08-31", "2026-01-01..", true, "met"),
        ("2008-08-30", "2026-01-01..", true, "met"),
        ("1986-05-04", "2026-01-01..2026-08-30", true, "not-met"),
        ("1986-05-04", "2026-01-01..2026-08-31", true, "met"),
        ("1986-05-04", "2026-08-31..", true, "met"),
        ("1986-05-04", "2026-09-01..", true, "not-met"),
        ("1986-05-04", "2026-01-01..", false, "not-met"),
        ("", "2026-01-01..", true, "not-enough-evidence"),
        ("", "2026-01-01..", false, "not-met"),
    ] {
        let mut entry = json!({ "member_from": "2020-01-01" });
        if !born.is_empty() {
            entry["born"] = json!(born);
        }
        let detail = json!({ "benefit": "universal-credit", "out_of_work": out_of_work });
        let family = Family::new().covered("2020-01-01..2030-12-31").person("grown", entry);
        let family = family.fact("benefit-spell", json!({ "person": "grown" }), window, detail);
        let answer = lab.answer(&family, &Asked::eligibility(AS_OF)).await;
        assert_eq!(standing(&answer, "need-work"), standing_then, "born `{born}`, paid {window}, out of work {out_of_work}");
    }
}
