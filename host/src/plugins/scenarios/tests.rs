//! Reading scenarios, without a plugin: what a case and a step change, and how each fault names its field and line.

use super::expect::Expecting;
use super::node::Node;
use super::said::{Item, Words};
use super::story::{Story, stories};
use super::world::World;
use super::wrong::Wrong;
use super::{Miss, Who};
use crate::plugins::Manifest;
use crate::record::sections::offending::CalloutRow;
use crate::record::{AuthorityId, Day, Snapshot};
use crate::sandbox::answer::{Answer, Finding, Message, Reason, Verdict};
use crate::sandbox::{Calendar, Fault, Question};
use crate::workflow::explain::Reader;

const BASE: &str = "
scenario: Shows something
source: '004:L1'
today: 2026-08-31
family:
  people:
    ann: { born: 38 years ago }
    sam: 12 years ago
  homes:
    home: 5 years ago
facts:
  - police-callout: { label: before, times: 3, home: home, on: 9 months ago, domestic: false }
  - police-callout: { label: since, home: home, on: 2 months ago, domestic: true }
coverage:
  everything: complete
ask: progress
";

fn council() -> AuthorityId {
    "E06000000".parse().unwrap()
}

fn read(yaml: &str) -> Result<Vec<Story>, Wrong> {
    let node = Node::from_yaml(yaml).map_err(|(line, why)| Wrong { line: Some(line), ..Wrong::new("", why) })?;
    stories(node)
}

/// The world of a story's first day.
fn world(story: &Story) -> Result<World, Wrong> {
    let mut world = World::open(&story.base, &council())?;
    if let Some((_, change)) = &story.change {
        world.tell(change, &council())?;
    }
    Ok(world)
}

fn callouts(world: &World) -> Vec<String> {
    world.family.snapshot.offending.callouts.iter().map(|CalloutRow { on, domestic, .. }| format!("{on} {domestic}")).collect()
}

fn days(text: &[&str]) -> Vec<String> {
    text.iter().map(|t| (*t).to_owned()).collect()
}

#[test]
fn a_case_says_only_what_is_different() {
    let cases = format!(
        "{BASE}
cases:
  - case: as it is
    expect: {{ answer: progress }}
  - case: fewer before, and later
    change: {{ edit: {{ before: {{ times: 1 }}, since: {{ on: yesterday, domestic: false }} }} }}
    expect: {{ answer: progress }}
  - case: one of them gone, another added
    change:
      remove: before
      facts:
        - police-callout: {{ home: home, on: [today, tomorrow], domestic: false }}
    expect: {{ answer: progress }}
"
    );
    let read = read(&cases).unwrap();
    let of: Vec<Vec<String>> = read.iter().map(|s| callouts(&world(s).unwrap())).collect();
    assert_eq!(of[0], days(&["2025-11-30 false", "2025-11-30 false", "2025-11-30 false", "2026-06-30 true"]));
    assert_eq!(of[1], days(&["2025-11-30 false", "2026-08-30 false"]));
    assert_eq!(of[2], days(&["2026-06-30 true", "2026-08-31 false", "2026-09-01 false"]));
    assert_eq!(read[1].name(), "Shows something: fewer before, and later");
}

#[test]
fn what_happened_stays_where_it_was_when_time_goes_on() {
    let story = &read(&format!("{BASE}expect: {{ answer: progress }}\n")).unwrap()[0];
    let mut world = world(story).unwrap();
    world.go_to(world.dates().after("6 weeks").unwrap());
    let step = Node::from_yaml("facts:\n  - police-callout: { home: home, on: yesterday, domestic: false }\n").unwrap();
    world.tell(&step, &council()).unwrap();
    assert_eq!(world.today.to_string(), "2026-10-12");
    assert_eq!(callouts(&world).last().unwrap(), "2026-10-11 false");
    assert_eq!(callouts(&world)[0], "2025-11-30 false");
    let sam = world.family.person("sam").unwrap();
    assert_eq!(world.family.snapshot.people[sam as usize].born.unwrap().to_string(), "2014-08-31");
}

#[test]
fn of_coverage_the_closer_word_counts_whatever_order_it_stands_in() {
    let yaml = BASE.replace(
        "  everything: complete\n",
        "  sam: { offence: partial }\n  police-callout: none from 3 months ago\n  offending: partial until 2020-12-31\n  everything: complete\n",
    );
    let story = &read(&format!("{yaml}expect: {{ answer: progress }}\n")).unwrap()[0];
    let world = world(story).unwrap();
    let last = |kind: &str| {
        let of_kind = world.family.feeds.iter().filter(|f| f.kind.code() == kind);
        of_kind.max_by_key(|f| f.order).map(|f| format!("{} {}", f.window.first, f.state.code())).unwrap()
    };
    assert_eq!(last("police-callout"), "2026-05-31 none");
    assert_eq!(last("offence"), "1600-01-01 partial");
    assert_eq!(last("attendance"), "1600-01-01 complete");
    assert_eq!(world.family.snapshot.coverage.len(), 1);
}

#[test]
fn each_fault_names_its_field_and_line() {
    // Line 1 is empty; each replacement stands on a line of the base.
    for (from, to, line, field, says) in [
        ("today: 2026-08-31", "", 2, "today", "is needed"),
        ("today: 2026-08-31", "today: soon", 4, "today", "is not a date"),
        ("source: '004:L1'", "", 2, "source", "is needed"),
        ("ask: progress", "asks: progress", 16, "asks", "there is no such field"),
        ("ask: progress", "ask: everything", 16, "ask", "is not a question (evaluate,"),
        ("sam: 12 years ago", "sam: { borne: today }", 8, "family.people.sam.borne", "there are born, from"),
        ("sam: 12 years ago", "education: 12 years ago", 8, "family.people.education", "is no name here"),
        ("home: 5 years ago", "home: {}", 10, "family.homes.home.from", "is needed"),
        ("police-callout: { label: since,", "police-calls: { label: since,", 13, "facts[1]", "is not a kind of fact"),
        ("home: home, on: 2 months", "home: hose, on: 2 months", 13, "facts[1].police-callout.home", "there are home"),
        ("on: 2 months ago", "on: 2 moons ago", 13, "facts[1].police-callout.on", "is not a date"),
        ("on: 2 months ago", "from: 2 months ago", 13, "facts[1].police-callout.on", "happens on one day"),
        ("domestic: true", "domestic: maybe", 13, "facts[1].police-callout.domestic", "expected a boolean"),
        ("domestic: true", "domestik: true", 13, "facts[1].police-callout.domestik", "unknown field"),
        ("times: 3", "times: 0", 12, "facts[0].police-callout.times", "may be 1 to"),
        ("everything: complete", "everything: whole", 15, "coverage.everything", "say a state and its days"),
        ("everything: complete", "eduction: complete", 15, "coverage.eduction", "is neither `everything`, a section"),
        ("everything: complete", "lea: { education: none }", 15, "coverage.lea", "one of the family's people (ann, sam)"),
    ] {
        assert!(BASE.contains(from), "{from}");
        let yaml = format!("{}expect: {{ answer: progress }}\n", BASE.replacen(from, to, 1));
        let wrong = read(&yaml).and_then(|s| world(&s[0])).expect_err(to);
        assert_eq!((wrong.wrong.field.as_str(), wrong.line), (field, Some(line)), "{to}: {wrong}");
        assert!(wrong.wrong.why.contains(says), "{to}: {wrong}");
    }
}

#[test]
fn a_case_or_step_at_fault_is_named() {
    for (tail, field, says) in [
        ("", "", "expects nothing"),
        ("cases:\n  - case: one\n", "cases[0]", "expects nothing"),
        ("cases:\n  - expect: { answer: progress }\n", "cases[0].case", "is needed"),
        ("cases:\n  - { case: one, changes: {}, expect: { answer: progress } }\n", "cases[0].changes", "there is no such field"),
        ("then:\n  - { expect: { answer: progress } }\n", "then[0]", "says when"),
        ("then:\n  - { after: 6 weeks, on: tomorrow, expect: { answer: progress } }\n", "then[0]", "says when"),
    ] {
        let wrong = read(&format!("{BASE}{tail}")).expect_err(tail);
        assert_eq!(wrong.wrong.field, field, "{wrong}");
        assert!(wrong.wrong.why.contains(says), "{wrong}");
    }
    let unknown = format!("{BASE}cases:\n  - {{ case: one, change: {{ edit: {{ after: {{}} }} }}, expect: {{ answer: progress }} }}\n");
    let wrong = read(&unknown).and_then(|s| world(&s[0])).unwrap_err();
    assert_eq!(wrong.wrong.to_string(), "edit.after: no fact is labelled `after` (there are before, since)");
}

fn bristol() -> Manifest {
    Manifest::read(include_bytes!("../../../../plugins/bristol-outcomes/manifest.json")).unwrap()
}

/// What is missed of an answer that has one finding, about sam.
fn misses(expect: &str, result: Result<Answer, Fault>) -> Result<Vec<Miss>, Wrong> {
    let (manifest, calendar) = (bristol(), Calendar::default());
    let who = Who { people: vec!["ann".into(), "sam".into()], ..Who::default() };
    let snapshot = Snapshot::build(crate::record::FamilyId(uuid::Uuid::nil()), 0, &[], &[]);
    let reader = |welsh| Reader { welsh, ..Reader::default() };
    let words = Words { manifest: &manifest, snapshot: &snapshot, english: reader(false), welsh: reader(true), who: &who };
    let items: Vec<Item> = result.as_ref().map(|a| words.items(a)).unwrap_or_default();
    let expect = Node::from_yaml(expect).unwrap();
    let dates = super::dates::Dates { today: day("2026-08-31"), calendar: &calendar };
    let expecting = Expecting { expect: &expect, question: Question::Progress, manifest: &manifest, who: &who, dates };
    expecting.misses(&result, &items, &words)
}

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

fn answered() -> Result<Answer, Fault> {
    let message = Message { template: "no-school-age-child".into(), args: Vec::new() };
    let finding = Finding {
        criterion: "education-1".into(),
        person: Some(1),
        standing: "not-met".into(),
        window: "2026-03-01..2026-08-31".parse().unwrap(),
        before: None,
        now: Some(895),
        threshold: Some(900),
        reasons: vec![Reason { message, rests_on: Vec::new() }],
        look_again: Some(day("2026-11-30")),
    };
    Ok(Answer {
        question: Question::Progress,
        result: Verdict::Answered("progress".into()),
        findings: vec![finding],
        claims: Vec::new(),
        tasks: Vec::new(),
        reported: Vec::new(),
        actions: Vec::new(),
        delivered: Vec::new(),
    })
}

#[test]
fn only_what_is_expected_is_checked_and_all_of_it() {
    for (expect, missed) in [
        ("answer: progress\n", &[][..]),
        ("findings: { education-1 of sam: not-met }\n", &[]),
        ("findings: { education-1 of sam: { now: 89.5, threshold: 90, before: none, look-again: in 3 months, until: today } }\n", &[]),
        ("findings: { education-1 of sam: { says: No child of school age lives in the home. } }\n", &[]),
        ("findings: { education-1 of sam: { says-cy: Nid oes plentyn oed ysgol yn byw yn y cartref. } }\n", &[]),
        ("findings: { education-1: none, education-1 of ann: none, crime-1: none }\n", &[]),
        ("findings: { education-1 of sam: not-met }\nnothing-else: true\n", &[]),
        ("answer: none-yet\n", &[("answer", "answer none-yet", "answer progress")]),
        ("refused: no-episode\n", &[("refused", "refused: no-episode", "answer progress")]),
        ("fault: overflow\n", &[("fault", "a fault that says `overflow`", "answer progress")]),
        ("findings: { education-1 of sam: met }\n", &[("findings.education-1 of sam.standing", "met", "not-met")]),
        ("findings: { education-1 of sam: { now: 90 } }\n", &[("findings.education-1 of sam.now", "90", "89.5")]),
        ("findings: { education-1 of sam: { look-again: none } }\n", &[("findings.education-1 of sam.look-again", "none", "2026-11-30")]),
        ("findings: { education-1 of sam: none }\n", &[("findings.education-1 of sam", "none", "it was reported")]),
        ("findings: { crime-1: met }\n", &[("findings.crime-1", "to be reported", "only education-1 of sam")]),
        ("claims: { attachment: £1000 }\n", &[("claims.attachment", "to be reported", "nothing of the kind")]),
        ("nothing-else: [findings]\n", &[("nothing-else", "nothing more in findings", "findings education-1 of sam")]),
        ("findings: { education-1 of sam: { rests-on: 2 } }\n", &[("findings.education-1 of sam.rests-on", "facts: 2", "facts: 0")]),
    ] {
        let found = misses(expect, answered()).unwrap_or_else(|e| panic!("{expect}: {e}"));
        let found: Vec<_> = found.iter().map(|m| (m.field.as_str(), m.expected.as_str(), m.got.as_str())).collect();
        assert_eq!(found, missed, "{expect}");
    }
    let fault = || Err(Fault::Trapped { message: Some("src/rules.py:12: overflow".into()), place: None, code: None });
    assert_eq!(misses("fault: overflow\n", fault()).unwrap(), []);
    assert_eq!(misses("fault: plugin-trapped\n", fault()).unwrap(), []);
    let missed = misses("findings: { crime-1: met }\n", fault()).unwrap();
    assert_eq!(missed.len(), 1, "{missed:?}");
    assert!(missed[0].got.contains("src/rules.py:12: overflow"), "{missed:?}");
}

#[test]
fn an_expectation_that_cannot_come_true_is_a_fault_of_the_scenario() {
    for (expect, field, says) in [
        ("{}\n", "", "expects nothing"),
        ("answers: progress\n", "answers", "there is no such field"),
        ("answer: eligible\n", "answer", "is not in the code list outcomes"),
        ("answer: progress\nrefused: no-episode\n", "", "more than one of"),
        ("refused: bored\n", "refused", "is not in the code list failures"),
        ("findings: { crime-9: met }\n", "findings.crime-9", "is no criterion of the manifest here (there are need-crime"),
        ("findings: { crime-1 of lea: met }\n", "findings.crime-1 of lea", "there are ann, sam"),
        ("findings: { crime-1: mett }\n", "findings.crime-1.standing", "is not in the code list standings"),
        ("findings: { crime-1: { standings: met } }\n", "findings.crime-1.standings", "there is no such field"),
        ("findings: { crime-1: { now: '4' } }\n", "findings.crime-1.now", "has to be a number"),
        ("findings: { crime-1: { look-again: whenever } }\n", "findings.crime-1.look-again", "is not a date"),
        ("findings: { crime-1: { rests-on: { fact: 1 } } }\n", "findings.crime-1.rests-on.fact", "there is no such field"),
        ("claims: { bribe: £1 }\n", "claims.bribe", "is not in the code list claims"),
        ("claims: { attachment: { rests-on: [crime-9] } }\n", "claims.attachment.rests-on.crime-9", "is no criterion"),
        ("tier: light\n", "tier.is", "there is no `light`"),
        ("actions: { shout loud: {} }\n", "actions.shout loud", "is no kind of action"),
        ("actions: { meeting: {} }\n", "actions.meeting", "name its key"),
        ("actions: { close-episode: { why: bored } }\n", "actions.close-episode.why", "is not in the code list closures"),
        ("nothing-else: [finding]\n", "nothing-else", "is no list"),
    ] {
        let wrong = misses(expect, answered()).expect_err(expect);
        assert_eq!(wrong.wrong.field, field, "{expect}: {wrong}");
        assert!(wrong.wrong.why.contains(says), "{expect}: {wrong}");
    }
}

#[test]
fn the_published_schema_takes_every_scenario_of_the_tree_and_the_page() {
    let schema: serde_json::Value = serde_json::from_str(include_str!("../../../../wit/scenario.schema.json")).unwrap();
    let published = jsonschema::options().offline().build(&schema).unwrap();
    let page = include_str!("../../../../wit/scenarios.md");
    let example = page.split("```yaml\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let mut texts = vec![example.to_owned()];
    let files = |folder: std::path::PathBuf| std::fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path());
    for plugin in files(concat!(env!("CARGO_MANIFEST_DIR"), "/../plugins").into()) {
        texts.extend(files(plugin.join("scenarios")).map(|file| std::fs::read_to_string(file).unwrap()));
    }
    assert!(texts.len() > 12, "{} scenarios", texts.len());
    for text in texts {
        let node = Node::from_yaml(&text).unwrap();
        let errors: Vec<String> = published.iter_errors(&node.to_json()).map(|e| format!("{}: {e}", e.instance_path())).collect();
        assert_eq!(errors, [""; 0], "{text}");
        stories(node).unwrap();
    }
    for bad in ["asks: x", "facts: [{ police-calls: {} }]", "expect: { answers: x }", "coverage: { everything: whole }", "ask: everything"]
    {
        let yaml = format!("scenario: x\nsource: x\ntoday: today\n{bad}\n");
        assert!(!published.is_valid(&Node::from_yaml(&yaml).unwrap().to_json()), "the schema takes {bad}");
    }
    let questions: Vec<&str> = schema["properties"]["ask"]["enum"].as_array().unwrap().iter().map(|q| q.as_str().unwrap()).collect();
    assert_eq!(questions, Question::ALL.iter().map(|q| q.code()).collect::<Vec<_>>());
    let lists = schema["$defs"]["expect"]["properties"].as_object().unwrap();
    assert!(super::expect::lists().all(|list| lists.contains_key(list)));
}
