//! A plugin that attacks its host, in the way that its settings name. Each attack should end in the documented error that
//! `tests/tests/attacks.rs` expects; `none` answers as a decent plugin does.

wit_bindgen::generate!({
    path: ["../../wit/family", "../../wit/platform", "../../wit/decision", "../../wit/actions", "../../wit/outcomes", "wit"],
    world: "hearth-tests:hostile/hostile",
    generate_all,
});

mod more;

use exports::hearth::outcomes::rules::{Failure, Guest};
use hearth::actions::tasks;
use hearth::decision::episode;
use hearth::decision::messages::{Arg, Basis, Message, Reason, Search};
use hearth::family::types::Window;
use hearth::family::{
    abuse, assessments, coverage, education, employment, finance, health, household, housing, identity, notes, offending, provenance,
    safeguarding, support,
};
use hearth::outcomes::findings::{self, Finding};
use hearth::platform::log::{self, Level};
use hearth::platform::{calendar, run, settings};
use std::hint::black_box;

struct Hostile;
export!(Hostile);

impl Guest for Hostile {
    fn eligibility() -> Result<String, Failure> {
        attack(&name());
        Ok("eligible".into())
    }

    fn progress() -> Result<String, Failure> {
        match name().as_str() {
            "refuse" => Err(Failure { why: "no-rate".into(), message: None }),
            "refuse with an unknown word" => Err(Failure { why: "<script>alert(1)</script>".into(), message: None }),
            "answer with an unknown word" => Ok("=HYPERLINK(\"https://example.org\")".into()),
            "answer with text" => Ok("Mrs Jones of 4 Mill Lane".into()),
            other => {
                attack(other);
                Ok("none-yet".into())
            }
        }
    }
}

fn name() -> String {
    let json = settings::json();
    json.split('"').nth(3).unwrap_or("none").to_owned()
}

fn attack(name: &str) {
    if name != "a fact never given" && name != "the source of a fact never given" {
        look();
    }
    match name {
        "none" => decent(),
        "loop" => loop {
            black_box(());
        },
        "recursion" => {
            black_box(deep(1));
        }
        "panic" => {
            std::panic::set_hook(Box::new(|panic| log::write(Level::Error, &panic.to_string())));
            panic!("deliberate: criterion crime-1 has no rule");
        }
        "panic in silence" => panic!("nobody hears this"),
        "memory" => {
            let mut held: Vec<Vec<u8>> = Vec::new();
            loop {
                held.push(black_box(vec![1; 1 << 20]));
            }
        }
        "memory, and answer all the same" => {
            let mut held: Vec<Vec<u8>> = Vec::new();
            let mut megabyte = Vec::new();
            while megabyte.try_reserve_exact(1 << 20).is_ok() {
                held.push(black_box(std::mem::take(&mut megabyte)));
            }
        }
        "host calls" => {
            for _ in 0..10_000_000 {
                black_box(run::as_of());
            }
        }
        "rows" => {
            let _ = household::members(all());
            let people = vec![0; 10_000];
            for _ in 0..1_000 {
                let _ = household::ages(&people, run::as_of());
            }
        }
        "many log lines" => {
            for n in 0..90_000 {
                log::write(Level::Info, &format!("line {n}"));
            }
        }
        "long log lines without end" => {
            let line = "x".repeat(1 << 19);
            for _ in 0..90_000 {
                log::write(Level::Info, &line);
            }
        }
        "settings without end" => {
            for _ in 0..10_000_000 {
                black_box(settings::json());
            }
        }
        "a long log line" => log::write(Level::Info, &"£".repeat(100_000)),
        "findings" => {
            for _ in 0..1_000_000 {
                findings::add(&finding(vec![searched()]));
            }
        }
        "a huge list" => {
            findings::add(&finding(vec![Reason { message: said(1), rests_on: vec![Basis::Fact(0); 400_000] }]));
        }
        "many reasons" => {
            findings::add(&finding(vec![searched(); 21]));
        }
        "no reason" => {
            findings::add(&finding(vec![]));
        }
        "a reason that rests on nothing" => {
            findings::add(&finding(vec![Reason { message: said(1), rests_on: vec![] }]));
        }
        "a huge string" => {
            findings::add(&Finding { criterion: "x".repeat(4 << 20), ..finding(vec![searched()]) });
        }
        "proposals" => {
            for n in 0..1_000 {
                tasks::propose(&format!("task-{n}"), "keyworker", &said(n), run::as_of());
            }
        }
        "a fact never given" => {
            findings::add(&finding(vec![Reason { message: said(1), rests_on: vec![Basis::Fact(0)] }]));
        }
        "a fact beyond the end" => {
            let _ = education::attendances(all());
            findings::add(&finding(vec![Reason { message: said(1), rests_on: vec![Basis::Fact(u32::MAX)] }]));
        }
        "a person never given" => {
            let message = Message { template: "person-said".into(), args: vec![("who".into(), Arg::Person(0))] };
            findings::add(&finding(vec![Reason { message, rests_on: vec![Basis::Searched(search())] }]));
        }
        "ages of strangers" => {
            let _ = household::ages(&[0, 1, 2], run::as_of());
        }
        "identifiers of strangers" => {
            let _ = identity::identifiers_held(&[0]);
        }
        "births of strangers" => {
            let _ = identity::births_known(&[0]);
        }
        "birthdays of strangers" => {
            let _ = identity::reaches(&[0], 18);
        }
        "birthdays of too many" => {
            let members = household::members(all()).unwrap();
            let _ = identity::reaches(&vec![members[0].person; 10_001], 18);
        }
        "the source of a fact never given" => {
            let _ = provenance::of_facts(&[0]);
        }
        "an unknown template" => {
            findings::add(&finding(vec![Reason {
                message: Message { template: "free-text".into(), args: vec![] },
                rests_on: vec![Basis::Searched(search())],
            }]));
        }
        "a wrong argument" => {
            let message = Message { template: "said".into(), args: vec![("n".into(), Arg::Pence(1))] };
            findings::add(&finding(vec![Reason { message, rests_on: vec![Basis::Searched(search())] }]));
        }
        "a missing argument" => {
            findings::add(&finding(vec![Reason {
                message: Message { template: "said".into(), args: vec![] },
                rests_on: vec![Basis::Searched(search())],
            }]));
        }
        "an argument too many" => {
            let args = vec![("n".into(), Arg::Count(1)), ("note".into(), Arg::Count(2))];
            findings::add(&finding(vec![Reason {
                message: Message { template: "said".into(), args },
                rests_on: vec![Basis::Searched(search())],
            }]));
        }
        "an unknown criterion" => {
            findings::add(&Finding { criterion: "Mrs Jones drinks".into(), ..finding(vec![searched()]) });
        }
        "an unknown standing" => {
            findings::add(&Finding { standing: "Mrs Jones drinks".into(), ..finding(vec![searched()]) });
        }
        "a finding twice" => {
            findings::add(&finding(vec![searched()]));
            findings::add(&finding(vec![searched()]));
        }
        "a claim of minus one pound" => {
            let n = findings::add(&finding(vec![searched()]));
            findings::claim("progress-result", -100, run::as_of(), &[n]);
        }
        "a claim of all there is" => {
            let n = findings::add(&finding(vec![searched()]));
            findings::claim("progress-result", i64::MAX, run::as_of(), &[n]);
        }
        "a claim on nothing" => findings::claim("progress-result", 100, run::as_of(), &[]),
        "a claim on a finding never added" => findings::claim("progress-result", 100, run::as_of(), &[7]),
        "a claim twice" => {
            let n = findings::add(&finding(vec![searched()]));
            findings::claim("progress-result", 100, run::as_of(), &[n]);
            findings::claim("progress-result", 100, run::as_of(), &[n]);
        }
        "a claim from tomorrow" => {
            let n = findings::add(&finding(vec![searched()]));
            findings::claim("progress-result", 100, run::as_of() + 1, &[n]);
        }
        "a day that is none" => {
            black_box(calendar::add_months(&[i32::MAX], 1));
        }
        "months beyond the end" => {
            black_box(calendar::add_months(&[run::as_of()], i32::MAX));
        }
        "a window that ends before it starts" => {
            let _ = education::attendances(Window { first: 1, last: Some(0) });
        }
        "coverage of an unknown section" => {
            let _ = coverage::spans("../../etc/passwd", Window { first: 0, last: Some(1) });
        }
        "a key with text in it" => tasks::propose("Mrs Jones drinks", "keyworker", &said(1), run::as_of()),
        "a task for an unknown role" => tasks::propose("task", "neighbour", &said(1), run::as_of()),
        "a search where nothing was granted" => {
            let search = Search { section: "identity".into(), kind: "name".into(), person: None, window: all(), found: 1 };
            findings::add(&finding(vec![Reason { message: said(1), rests_on: vec![Basis::Searched(search)] }]));
        }
        "read what is not granted" => match offending::offences(all()) {
            Err(absence) if absence.why == "not-granted" => decent(),
            _ => panic!("it was given"),
        },
        "read every section" => {
            let read = every_section(all());
            log::write(Level::Info, &read.iter().map(|(name, rows)| format!("{name} {rows}")).collect::<Vec<_>>().join(", "));
            let message = said(i64::from(read.iter().map(|(_, rows)| *rows).sum::<u32>()));
            findings::add(&finding(vec![Reason { message, rests_on: vec![Basis::Searched(search())] }]));
        }
        "read what the rows hold" => {
            let texts = [
                format!("{:?}", education::attendances(all()).unwrap()),
                format!("{:?}", offending::police_callouts(all()).unwrap()),
                format!("{:?}", safeguarding::standings(all()).unwrap()),
                format!("{:?}", abuse::incidents(all()).unwrap()),
                format!("{:?}", health::needs(all()).unwrap()),
                format!("{:?}", health::appointments(all()).unwrap()),
                format!("{:?}", employment::benefit_spells(all()).unwrap()),
                format!("{:?}", housing::tenancies(all()).unwrap()),
                format!("{:?}", housing::eviction_steps(all()).unwrap()),
                format!("{:?}", finance::arrears_measured(all()).unwrap()),
                format!("{:?}", finance::repayment_plans(all()).unwrap()),
            ];
            texts.iter().for_each(|text| log::write(Level::Info, text));
        }
        "read what the later rows hold" => {
            let texts = [
                format!("{:?}", assessments::completed(all()).unwrap()),
                format!("{:?}", assessments::scores(all()).unwrap()),
                format!("{:?}", notes::contacts(all()).unwrap()),
                format!("{:?}", notes::written(all()).unwrap()),
                format!("{:?}", support::goals(all()).unwrap()),
                format!("{:?}", support::services_used(all()).unwrap()),
            ];
            texts.iter().for_each(|text| log::write(Level::Info, text));
        }
        "the stays before" => log::write(
            Level::Info,
            &format!("{:?}", episode::earlier().map(|stays| stays.iter().map(|s| s.window.first).collect::<Vec<_>>())),
        ),
        "the later sections, not granted" => {
            let refused = [
                assessments::completed(all()).map(|_| ()),
                assessments::scores(all()).map(|_| ()),
                notes::contacts(all()).map(|_| ()),
                notes::written(all()).map(|_| ()),
                support::goals(all()).map(|_| ()),
                support::services_used(all()).map(|_| ()),
                identity::identifiers_held(&[0]).map(|_| ()),
                identity::births_known(&[0]).map(|_| ()),
                identity::reaches(&[0], 18).map(|_| ()),
            ];
            log::write(Level::Info, &refused.map(|r| r.err().map_or("given".into(), |absence| absence.why)).join(", "));
        }
        "who the members are" => {
            let people: Vec<u32> = household::members(all()).unwrap().iter().map(|m| m.person).collect();
            log::write(Level::Info, &format!("{:?}", identity::identifiers_held(&people).unwrap()));
            log::write(Level::Info, &format!("{:?}", identity::births_known(&people).unwrap()));
            for years in [0, 1, 18, 100, 255] {
                log::write(Level::Info, &format!("{years}: {:?}", identity::reaches(&people, years).unwrap()));
            }
        }
        over if over.starts_with("read over ") => {
            let days: Vec<i32> = over["read over ".len()..].split(' ').map(|day| day.parse().unwrap()).collect();
            let read = every_section(Window { first: days[0], last: Some(days[1]) });
            log::write(Level::Info, &read.iter().map(|(name, rows)| format!("{name} {rows}")).collect::<Vec<_>>().join(", "));
        }
        "ages alone" => {
            let people: Vec<u32> = education::attendances(all()).unwrap().iter().map(|a| a.person).collect();
            household::ages(&people, run::as_of()).unwrap();
        }
        other => more::attack(other),
    }
}

/// Every function of every section that takes a window, and how many rows it gave.
fn every_section(window: Window) -> Vec<(&'static str, u32)> {
    fn rows<T, E: std::fmt::Debug>(read: Result<Vec<T>, E>) -> u32 {
        u32::try_from(read.unwrap().len()).unwrap()
    }
    vec![
        ("members", rows(household::members(window))),
        ("relationships", rows(household::relationships(window))),
        ("attendances", rows(education::attendances(window))),
        ("exclusions", rows(education::exclusions(window))),
        ("offences", rows(offending::offences(window))),
        ("antisocial-incidents", rows(offending::antisocial_incidents(window))),
        ("police-callouts", rows(offending::police_callouts(window))),
        ("behaviour-interventions", rows(offending::behaviour_interventions(window))),
        ("standings", rows(safeguarding::standings(window))),
        ("abuse-incidents", rows(abuse::incidents(window))),
        ("abuse-programmes", rows(abuse::programmes(window))),
        ("needs", rows(health::needs(window))),
        ("appointments", rows(health::appointments(window))),
        ("benefit-spells", rows(employment::benefit_spells(window))),
        ("jobs", rows(employment::jobs(window))),
        ("tenancies", rows(housing::tenancies(window))),
        ("eviction-steps", rows(housing::eviction_steps(window))),
        ("arrears", rows(finance::arrears_measured(window))),
        ("repayment-plans", rows(finance::repayment_plans(window))),
        ("workers", rows(support::workers(window))),
        ("episode-standings", rows(episode::phases(window))),
        ("goals", rows(support::goals(window))),
        ("services-used", rows(support::services_used(window))),
        ("assessments", rows(assessments::completed(window))),
        ("scores", rows(assessments::scores(window))),
        ("contacts", rows(notes::contacts(window))),
        ("notes", rows(notes::written(window))),
    ]
}

/// What a plugin that means well does.
fn decent() {
    findings::add(&finding(vec![searched()]));
}

fn deep(n: u64) -> u64 {
    if n == 0 { 0 } else { black_box(deep(black_box(n + 1))) + 1 }
}

fn all() -> Window {
    Window { first: 0, last: None }
}

fn finding(reasons: Vec<Reason>) -> Finding {
    Finding {
        criterion: "harmless".into(),
        person: None,
        standing: "met".into(),
        window: all(),
        before: None,
        now: None,
        threshold: None,
        reasons,
        look_again: None,
    }
}

fn searched() -> Reason {
    Reason { message: said(0), rests_on: vec![Basis::Searched(search())] }
}

/// Looks, so that what was found may be cited.
fn look() {
    let _ = education::attendances(all());
}

fn search() -> Search {
    Search { section: "education".into(), kind: "attendance".into(), person: None, window: all(), found: 0 }
}

fn said(n: i64) -> Message {
    Message { template: "said".into(), args: vec![("n".into(), Arg::Count(n))] }
}
