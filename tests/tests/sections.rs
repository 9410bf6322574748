//! Every section of the record reaches a real guest: each function of each interface, over a family with one fact of each kind.

use hearth::record::{Kind, Section};
use hearth_tests::lab::Asked;
use hearth_tests::{Family, Lab};
use serde_json::{Value, json};

const WINDOW: &str = "2026-03-01..2026-03-31";
const DAY: &str = "2026-03-10..2026-03-10";

/// One fact of each kind that a plugin can read, the function that gives it, and what it holds.
fn facts() -> Vec<(Kind, &'static str, Value, Value)> {
    let (son, home) = (json!({ "person": "son" }), json!({ "home": "home" }));
    vec![
        (Kind::Relationship, "relationships", json!({ "person": "mother", "to": "son" }), json!({ "relation": "parent" })),
        (Kind::Attendance, "attendances", son.clone(), json!({ "possible": 60, "attended": 50, "unauthorised": 2 })),
        (Kind::Exclusion, "exclusions", son.clone(), json!({ "how": "fixed-term" })),
        (Kind::Offence, "offences", son.clone(), json!({ "proven": false })),
        (Kind::AntisocialIncident, "antisocial-incidents", home.clone(), json!({})),
        (Kind::PoliceCallout, "police-callouts", home.clone(), json!({ "domestic": true, "child_present": true })),
        (Kind::BehaviourIntervention, "behaviour-interventions", son.clone(), json!({ "state": "started" })),
        (Kind::SafeguardingStanding, "standings", son.clone(), json!({ "status": "child-in-need" })),
        (Kind::AbuseIncident, "abuse-incidents", json!({ "person": "mother", "to": "father" }), json!({ "child_present": true })),
        (Kind::AbuseProgramme, "abuse-programmes", json!({ "person": "father" }), json!({ "state": "completed" })),
        (Kind::HealthNeed, "needs", json!({ "person": "mother" }), json!({ "need": "mental-health", "professional_identified": true })),
        (Kind::HealthAppointment, "appointments", son.clone(), json!({ "need": "dental", "kept": false })),
        (Kind::BenefitSpell, "benefit-spells", json!({ "person": "mother" }), json!({ "benefit": "income-support", "out_of_work": true })),
        (Kind::Job, "jobs", json!({ "person": "father" }), json!({ "minutes_per_week": 960 })),
        (Kind::Tenancy, "tenancies", json!({ "home": "home", "person": "mother" }), json!({ "tenure": "council" })),
        (Kind::EvictionStep, "eviction-steps", home, json!({ "stage": "notice" })),
        (Kind::Arrears, "arrears", json!({ "person": "mother" }), json!({ "debt": "rent", "amount_pence": 42_050 })),
        (Kind::RepaymentPlan, "repayment-plans", json!({}), json!({ "state": "started" })),
        (Kind::Worker, "workers", json!({}), json!({ "role": "keyworker", "employer": "council" })),
    ]
}

fn family() -> Family {
    let family = Family::new().child("son", "2014-01-01").person("father", json!({ "born": "1984-07-01" }));
    let dated = |kind: Kind| if kind.on_a_day() { DAY } else { WINDOW };
    facts().into_iter().fold(family, |family, (kind, _, about, detail)| family.fact(kind.code(), about, dated(kind), detail))
}

#[tokio::test]
async fn what_a_fact_holds_is_what_its_row_says() {
    let lab = Lab::of("hostile");
    let asked = Asked::progress("2026-08-31").with(json!({ "attack": "read what the rows hold" }));
    let log = lab.ask(&family(), &asked).await.log;
    let said: String = log.lines.iter().map(|line| line.text.as_str()).collect();
    for holds in [
        "possible: 60, attended: 50, unauthorised: 2",
        "domestic: true, child-present: Some(true)",
        "status: \"child-in-need\"",
        "need: \"mental-health\", professional-identified: true",
        "need: Some(\"dental\")",
        "kept: Some(false)",
        "benefit: \"income-support\", out-of-work: true",
        "tenure: \"council\"",
        "stage: \"notice\"",
        "debt: \"rent\", amount: 42050",
        "state: \"started\"",
    ] {
        assert!(said.contains(holds), "{holds} is not in {said}");
    }
}

#[tokio::test]
async fn ages_are_of_the_household_though_no_member_was_read() {
    let lab = Lab::of("hostile");
    let answer = lab.ask(&family(), &Asked::progress("2026-08-31").with(json!({ "attack": "ages alone" }))).await.result.unwrap();
    assert_eq!(answer.delivered, [Section::Household, Section::Education]);
}

#[tokio::test]
async fn one_fact_of_each_kind_is_given_by_its_function_and_labelled_with_its_section() {
    let lab = Lab::of("hostile");
    let asked = Asked::progress("2026-08-31").with(json!({ "attack": "read every section" }));
    let outcome = lab.ask(&family(), &asked).await;
    let answer = outcome.result.unwrap();
    let said = &outcome.log.lines[0].text;
    assert!(said.contains("members 3"), "{said}");
    for (kind, function, ..) in facts() {
        assert!(format!("{said},").contains(&format!("{function} 1,")), "{kind} is not given by {function}: {said}");
    }
    let sections: Vec<Section> = Section::ALL.iter().copied().filter(|s| *s != Section::Identity).collect();
    assert_eq!(answer.delivered.len(), sections.len(), "{:?}", answer.delivered);

    // Every kind that a plugin can read is in the list above, but what is read as members, homes and episodes.
    let tried: Vec<Kind> = facts().iter().map(|(kind, ..)| *kind).collect();
    for kind in Kind::ALL.iter().filter(|k| k.section() != Section::Identity) {
        let otherwise = [Kind::Membership, Kind::Residence, Kind::Episode].contains(kind);
        assert!(otherwise || tried.contains(kind), "no fact of kind {kind} was tried");
    }
}
