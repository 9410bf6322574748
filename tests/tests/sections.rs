//! Every section of the record reaches a real guest: each function of each interface, over a family with one fact of each kind.

use hearth::record::{Kind, PersonId, Section, Window};
use hearth::sandbox::Limits;
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
        (Kind::EpisodeStanding, "episode-standings", json!({}), json!({ "stage": "intensive-work", "tier": "tier-3" })),
        (
            Kind::Goal,
            "goals",
            son.clone(),
            json!({ "domain": "school", "state": "met", "due": "2026-03-20", "title": "To school by nine" }),
        ),
        (
            Kind::ServiceUse,
            "services-used",
            json!({ "person": "mother" }),
            json!({ "service": "debt-advice", "state": "started", "employer": "charity" }),
        ),
        (Kind::Assessment, "assessments", json!({}), json!({ "form": "whole-family", "state": "signed-by-family" })),
        (
            Kind::Score,
            "scores",
            son.clone(),
            json!({
                "form": "whole-family", "domain": "friends", "value_tenths": 35, "least_tenths": 10, "most_tenths": 100,
                "higher_is_better": true,
            }),
        ),
        (
            Kind::Contact,
            "contacts",
            json!({ "person": "mother", "home": "home" }),
            json!({ "how": "visit", "role": "keyworker", "kept": false }),
        ),
        (Kind::Note, "notes", son, json!({ "topic": "child-voice", "role": "keyworker", "text": "Likes Wednesdays." })),
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
    let sections = Section::ALL.iter().filter(|s| **s != Section::Identity).count();
    assert_eq!(answer.delivered.len(), sections, "{:?}", answer.delivered);

    // Every kind that a plugin can read is in the list above, but what is read as members, homes and episodes.
    let tried: Vec<Kind> = facts().iter().map(|(kind, ..)| *kind).collect();
    for kind in Kind::ALL.iter().filter(|k| k.section() != Section::Identity) {
        let otherwise = [Kind::Membership, Kind::Residence, Kind::Episode].contains(kind);
        assert!(otherwise || tried.contains(kind), "no fact of kind {kind} was tried");
    }
}

/// Rows that each function gave, of those that `facts` knows.
async fn rows_over(lab: &Lab, family: &Family, window: &str) -> String {
    let window: Window = window.parse().unwrap();
    let attack = format!("read over {} {}", window.first.number(), window.last.unwrap().number());
    let outcome = lab.ask(family, &Asked::progress("2026-08-31").with(json!({ "attack": attack }))).await;
    outcome.result.unwrap();
    format!("{},", outcome.log.lines[0].text)
}

#[tokio::test]
async fn a_window_gives_what_shares_a_day_with_it() {
    let (lab, family) = (Lab::of("hostile"), family());
    for (window, lasting, of_a_day) in [
        ("2026-02-28..2026-02-28", 0, 0),
        ("2026-02-28..2026-03-01", 1, 0),
        ("2026-03-09..2026-03-09", 1, 0),
        ("2026-03-09..2026-03-10", 1, 1),
        ("2026-03-10..2026-03-11", 1, 1),
        ("2026-03-11..2026-03-11", 1, 0),
        ("2026-03-31..2026-04-30", 1, 0),
        ("2026-04-01..2026-04-30", 0, 0),
    ] {
        let said = rows_over(&lab, &family, window).await;
        for (kind, function, ..) in facts() {
            let rows = if kind.on_a_day() { of_a_day } else { lasting };
            assert!(said.contains(&format!("{function} {rows},")), "{kind}, {window}: {said}");
        }
    }
}

/// The lines that the guest logged.
async fn lines(lab: &Lab, family: &Family, attack: &str) -> Vec<String> {
    let outcome = lab.ask(family, &Asked::progress("2026-08-31").with(json!({ "attack": attack }))).await;
    outcome.result.unwrap();
    outcome.log.lines.into_iter().map(|line| line.text).collect()
}

#[tokio::test]
async fn the_later_sections_give_their_rows_whole_in_order_and_name_members_alone() {
    let score = |domain: &str, least: i32| {
        json!({
            "form": "whole-family", "domain": domain, "value_tenths": least, "least_tenths": least, "most_tenths": 60,
            "higher_is_better": false,
        })
    };
    let stranger = json!({ "person": PersonId::fresh().to_string() });
    let (son, home) = (json!({ "person": "son" }), json!({ "person": "mother", "home": "home" }));
    let family = Family::new()
        .child("son", "2014-01-01")
        .fact("assessment", json!({}), "2026-05-05..2026-05-05", json!({ "form": "whole-family", "state": "completed" }))
        .fact("assessment", json!({}), "2026-02-02..2026-02-02", json!({ "form": "short", "state": "signed-off" }))
        .fact("score", son.clone(), "2026-05-05..2026-05-05", score("second", 0))
        .fact("score", stranger.clone(), "2026-02-02..2026-02-02", score("first", -5))
        .fact("contact", home, "2026-05-05..2026-05-05", json!({ "how": "visit", "role": "keyworker", "kept": false }))
        .fact("contact", stranger.clone(), "2026-02-02..2026-02-02", json!({ "how": "phone", "role": "lead-worker", "kept": true }))
        .fact("note", son.clone(), "2026-05-05..2026-05-05", json!({ "topic": "school", "role": "keyworker", "text": "QUILLON\nVEXLEY" }))
        .fact("note", stranger.clone(), "2026-02-02..2026-02-02", json!({ "topic": "money", "role": "keyworker", "text": "QUILLON" }))
        .fact("goal", son, "2026-05-05..", json!({ "domain": "second", "state": "set", "due": "2026-06-01", "title": "QUILLON" }))
        .fact("goal", stranger.clone(), "2026-02-02..2026-03-03", json!({ "domain": "first", "state": "dropped", "title": "VEXLEY" }))
        .fact(
            "service-use",
            json!({ "person": "mother" }),
            "2026-05-05..",
            json!({ "service": "parenting", "state": "waiting", "employer": "council" }),
        )
        .fact("service-use", stranger, "2026-02-02..", json!({ "service": "mentoring", "state": "declined", "employer": "charity" }));
    let said = lines(&Lab::of("hostile"), &family, "read what the later rows hold").await;
    let (feb, may) = ("20486", "20578");
    for (line, [first, second]) in said.iter().zip([
        [format!("form: \"short\", on: {feb}, state: \"signed-off\""), format!("form: \"whole-family\", on: {may}, state: \"completed\"")],
        [
            format!("domain: \"first\", person: None, on: {feb}, value: -5, least: -5, most: 60, higher-is-better: false"),
            format!("domain: \"second\", person: Some(1), on: {may}, value: 0, least: 0, most: 60, higher-is-better: false"),
        ],
        [
            format!("kind: \"phone\", role: \"lead-worker\", person: None, home: None, on: {feb}, kept: true"),
            format!("kind: \"visit\", role: \"keyworker\", person: Some(0), home: Some(0), on: {may}, kept: false"),
        ],
        [
            format!("topic: \"money\", role: \"keyworker\", person: None, on: {feb}"),
            format!("topic: \"school\", role: \"keyworker\", person: Some(1), on: {may}"),
        ],
        [
            format!("domain: \"first\", person: None, state: \"dropped\", due: None, window: Window {{ first: {feb}, last: Some(20515) }}"),
            format!("domain: \"second\", person: Some(1), state: \"set\", due: Some(20605), window: Window {{ first: {may}, last: None }}"),
        ],
        [
            format!(
                "kind: \"mentoring\", person: None, organisation-kind: \"charity\", state: \"declined\", window: Window {{ first: {feb}, "
            ),
            format!(
                "kind: \"parenting\", person: Some(0), organisation-kind: \"council\", state: \"waiting\", window: Window {{ first: {may}, "
            ),
        ],
    ]) {
        let (at, later) = (line.find(&first), line.find(&second));
        assert!(at.is_some() && at < later, "{first}, then {second}: {line}");
        assert_eq!(line.matches("fact: ").count(), 2, "{line}");
    }
    assert_eq!(said.len(), 6);
    assert!(!said.iter().any(|line| line.contains("QUILLON") || line.contains("VEXLEY")), "{said:?}");
}

/// `earlier`: a stay that ran on after a later one began is still one before it.
#[tokio::test]
async fn the_stays_before_the_current_one_are_given_in_their_order() {
    let lab = Lab::of("hostile");
    let stay = |family: Family, window: &str| family.fact("episode", json!({}), window, json!({ "needs": [] }));
    let days = |days: &[&str]| -> Vec<i32> { days.iter().map(|day| day.parse::<hearth::record::Day>().unwrap().number()).collect() };
    let said = |stays: &[&str]| vec![format!("Ok({:?})", days(stays))];
    let family = ["2025-02-01..2025-06-30", "2024-01-01..2025-02-28", "2026-01-01.."].into_iter().fold(Family::new(), stay);
    assert_eq!(lines(&lab, &family, "the stays before").await, said(&["2024-01-01", "2025-02-01"]));
}

#[tokio::test]
async fn a_first_stay_has_none_before_and_no_stay_is_an_absence() {
    let lab = Lab::of("hostile");
    let first = Family::new().fact("episode", json!({}), "2026-01-01..", json!({ "needs": [] }));
    assert_eq!(lines(&lab, &first, "the stays before").await, ["Ok([])"]);
    // Asked of a day between two stays, the one before is the one that the question is about.
    let between = first.fact("episode", json!({}), "2026-09-01..", json!({ "needs": [] }));
    assert_eq!(lines(&lab, &between, "the stays before").await, ["Ok([])"]);
    let never = lines(&lab, &Family::new(), "the stays before").await;
    assert!(never[0].contains("no-episode"), "{never:?}");
}

#[tokio::test]
async fn who_people_are_is_told_as_schemes_exactness_and_birthdays() {
    let family = Family::new()
        .person(
            "leapling",
            json!({ "born": "2008-02-29", "identifiers": [
                { "scheme": "upn", "value": "H801200001001" },
                { "scheme": "nhs-number", "value": "943 476 5919" },
            ] }),
        )
        .child("son", "2012-01")
        .person("lodger", json!({ "member_from": "2020-01-01", "identifiers": [{ "scheme": "nino", "value": "AB123456C" }] }))
        .child("descendant", "2150-01-01");
    let said = lines(&Lab::of("hostile"), &family, "who the members are").await;
    let day = |text: &str| text.parse::<hearth::record::Day>().unwrap().number();
    let reached = |years: u8, days: [&str; 4]| {
        let [mother, leapling, son, descendant] = days.map(|d| if d.is_empty() { "None".into() } else { format!("Some({})", day(d)) });
        format!("{years}: [{mother}, {leapling}, {son}, None, {descendant}]")
    };
    assert_eq!(
        said,
        [
            r#"[[], ["nhs-number", "upn"], [], ["nino"], []]"#.to_owned(),
            r#"["day", "day", "month", "not-known", "day"]"#.to_owned(),
            reached(0, ["1986-05-04", "2008-02-29", "2012-01-01", "2150-01-01"]),
            reached(1, ["1987-05-04", "2009-03-01", "2013-01-01", "2151-01-01"]),
            reached(18, ["2004-05-04", "2026-03-01", "2030-01-01", "2168-01-01"]),
            reached(100, ["2086-05-04", "2108-02-29", "2112-01-01", "2250-01-01"]),
            reached(255, ["2241-05-04", "2263-03-01", "2267-01-01", ""]),
        ]
    );
}

#[tokio::test]
async fn what_is_told_of_identity_labels_the_answer() {
    let asked = Asked::progress("2026-08-31").with(json!({ "attack": "who the members are" }));
    let answer = Lab::of("hostile").ask(&family(), &asked).await.result.unwrap();
    assert_eq!(answer.delivered, [Section::Household, Section::Education, Section::Identity]);
}

#[tokio::test]
async fn what_was_not_granted_of_the_later_sections_says_so() {
    let ungranted = ["hearth:family/support", "hearth:family/assessments", "hearth:family/identity", "hearth:family/notes"];
    let lab = Lab::without("hostile", &ungranted, Limits::default());
    assert_eq!(lines(&lab, &family(), "the later sections, not granted").await, [["not-granted"; 9].join(", ")]);
}
