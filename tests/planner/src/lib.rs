//! A plugin that offers three extension points, reports what it was asked about, and proposes what its settings name: how the
//! host's tests reach every kind of action.

wit_bindgen::generate!({
    path: [
        "../../wit/family", "../../wit/platform", "../../wit/decision", "../../wit/actions", "../../wit/pathway", "../../wit/assessment",
        "../../wit/commissioning", "wit",
    ],
    world: "hearth-tests:planner/planner",
    generate_all,
});

use exports::hearth::assessment::evaluation;
use exports::hearth::commissioning::buying;
use exports::hearth::pathway::steps;
use hearth::actions::{assessment_requests, consent_requests, episodes, goals, meetings, notices, service_requests, tasks};
use hearth::assessment::answers::{self, Value};
use hearth::assessment::results;
use hearth::commissioning::{buying_results, request};
use hearth::decision::messages::{Arg, Basis, Failure, Message, Reason};
use hearth::family::types::Window;
use hearth::pathway::{caseload, happening, referral, routing};
use hearth::platform::{calendar, directory, reference, run, settings};

struct Planner;
export!(Planner);

impl steps::Guest for Planner {
    fn triage() -> Result<String, Failure> {
        let asked = referral::current().expect("triage is about a referral");
        let people = referral::people().expect("triage is about a referral");
        routing::level("early-help", &[because(rows())]);
        routing::route("team", &[because(count(&people))]);
        routing::priority(if asked.urgent { "today" } else { "routine" }, &[because(0)]);
        propose(people.first().copied())?;
        Ok("accept".into())
    }

    fn on_event() -> Result<String, Failure> {
        let event = happening::current().expect("on-event is about an event");
        propose(event.person)?;
        Ok("acted".into())
    }

    fn allocate() -> Result<String, Failure> {
        let mut candidates = caseload::candidates().expect("allocate is about candidates");
        candidates.sort_by_key(|c| c.families);
        for (place, candidate) in (1..).zip(&candidates) {
            let message = Message { template: "holds".into(), args: vec![("who".into(), Arg::Worker(candidate.worker))] };
            routing::rank(candidate.worker, place, &[Reason { message, rests_on: vec![Basis::Asked] }]);
        }
        propose(None)?;
        Ok("ranked".into())
    }
}

impl evaluation::Guest for Planner {
    fn evaluate() -> Result<String, Failure> {
        let given = answers::given().expect("evaluate is about a form");
        for answer in &given {
            if let Some(Value::Tenths(value)) = answer.value {
                results::score("home-life", answer.person, value, 0, 100, true, &[because(i64::from(value))]);
            }
        }
        results::tier("light", &[because(count(&given))]);
        propose(None)?;
        Ok("complete".into())
    }
}

impl buying::Guest for Planner {
    fn shortlist() -> Result<String, Failure> {
        let wanted = request::current().expect("shortlist is about help");
        let offers = directory::offers(&[wanted.kind], run::as_of()).unwrap_or_default();
        for (place, offer) in (1..).zip(&offers) {
            let message = Message { template: "offered".into(), args: vec![("what".into(), Arg::Service(offer.service))] };
            buying_results::suggest(offer.service, place, &[Reason { message, rests_on: vec![Basis::Asked] }]);
        }
        propose(None)?;
        Ok(if offers.is_empty() { "nobody" } else { "suggested" }.into())
    }

    fn check_contract() -> Result<String, Failure> {
        unreachable!("no test asks about a contract")
    }

    fn payment() -> Result<String, Failure> {
        unreachable!("no test asks about a contract")
    }

    fn review() -> Result<String, Failure> {
        unreachable!("no test asks about a contract")
    }
}

/// What the settings name, in their order: words with a space between.
fn propose(person: Option<u32>) -> Result<(), Failure> {
    let json = settings::json();
    let words = json.split('"').nth(3).unwrap_or_default().to_owned();
    let (today, soon) = (run::as_of(), run::as_of() + 7);
    for word in words.split(' ').filter(|word| !word.is_empty()) {
        match word {
            "task" => tasks::propose("call", "keyworker", &said(7), soon),
            "open" => episodes::open(&[because(1)]),
            "close" => episodes::close("outcome-achieved", &[because(1)]),
            "start" | "support" => episodes::move_to(word, &[because(1)]),
            "light" | "intensive" => episodes::set_tier(word, &[because(1)]),
            "meeting" => meetings::put_on_agenda("hub", "hub", soon, &["school".into(), "police".into()], &said(2)),
            "notice" => notices::notify("tell-school", "school", &said(3), soon),
            "assessment" => assessment_requests::ask_for("assess", "whole-family", person, &said(4), soon),
            "goal" => goals::set("settle", "home-life", person, &said(5), today + 42),
            "goal-by-name" => {
                let who = person.expect("somebody is named");
                goals::set(
                    "settle",
                    "home-life",
                    person,
                    &Message { template: "for-whom".into(), args: vec![("who".into(), Arg::Person(who))] },
                    today + 42,
                );
            }
            "service" => service_requests::ask_for("help", "parenting", None, person, &said(6), soon),
            "consent" => {
                let sections = ["health".into(), "education".into(), "health".into()];
                consent_requests::ask_for("may-school-know", &sections, "school", person, &said(8), soon);
            }
            "consent-to-nothing" => consent_requests::ask_for("may-school-know", &[], "school", None, &said(8), soon),
            "refuse" => return Err(Failure { why: "no-rate".into(), message: None }),
            other => panic!("nothing is called {other}"),
        }
    }
    Ok(())
}

/// School terms, rows of both tables and services, as the authority supplied them: 1 for each term, 10 for each row, 100 for each service.
fn rows() -> i64 {
    let today = run::as_of();
    let terms = calendar::terms(Window { first: today - 366, last: Some(today) }).map_or(0, |t| count(&t));
    let of_table = |table| reference::rows(table, today).map_or(0, |json| json.matches("\"place\"").count() as i64);
    let offers = directory::offers(&[], today).map_or(0, |o| count(&o));
    terms + 10 * (of_table("packed") + of_table("supplied")) + 100 * offers
}

fn count<T>(items: &[T]) -> i64 {
    items.len() as i64
}

fn because(n: i64) -> Reason {
    Reason { message: said(n), rests_on: vec![Basis::Asked] }
}

fn said(n: i64) -> Message {
    Message { template: "said".into(), args: vec![("n".into(), Arg::Count(n))] }
}
