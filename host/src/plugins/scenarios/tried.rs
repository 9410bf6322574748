//! A scenario tried out: what a plugin answers where nothing is expected of it, beside what it answered before something was changed; and
//! an answer as what a scenario is to expect.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::Who;
use super::bench::{Bench, Put, words};
use super::node::Node;
use super::retold::{person, points};
use super::said::{self, Got, Item, Words};
use super::world::SAYS;
use super::wrong::{At, Read, Wrong};
use crate::plugins::Manifest;
use crate::record::Day;
use crate::sandbox::answer::{Answer, Verdict};
use crate::sandbox::matter::Matter;
use crate::sandbox::{Fault, Given, Log, Question};
use crate::workflow::explain::{Reader, pounds};

/// What came of a question.
#[derive(Debug)]
pub struct Tried {
    pub day: Day,
    pub question: Question,
    pub result: Result<Answer, Fault>,
    /// Everything that was said, in the words of a scenario.
    pub items: Vec<Item>,
    /// Why it does not answer, in English and Welsh.
    pub refused: Option<[String; 2]>,
    pub log: Log,
    pub instructions: u64,
    pub took: Duration,
}

/// How a question ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// `answered`, `refused`, `failed`.
    pub how: &'static str,
    /// The code.
    pub result: String,
    pub says: String,
}

/// Something that is another than before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = PlaygroundDifference)]
pub struct Differs {
    /// The list of a scenario's `expect` that it stands in, or `answer`.
    #[schema(example = "findings")]
    pub list: String,
    /// Its name there.
    #[schema(example = "education-1 of sam")]
    pub key: String,
    #[schema(example = "standing")]
    pub field: String,
    /// `none`: it was not said.
    #[schema(example = "not-met")]
    pub before: String,
    /// `none`: it is not said any more.
    #[schema(example = "met")]
    pub now: String,
}

impl Bench {
    /// Asks once, about the family of a scenario with a change laid over it. What is expected is not looked at.
    ///
    /// # Errors
    /// [`Wrong`] naming the field.
    pub async fn try_out(&self, scenario: &Node, change: Option<&Node>) -> Read<Tried> {
        let own = ["scenario", "source", "today", "terms", "expect", "cases", "then"];
        scenario.only(&own.into_iter().chain(SAYS).collect::<Vec<_>>()).at(scenario)?;
        if let Some(change) = change {
            let known: Vec<&str> = ["today", "terms"].into_iter().chain(SAYS).collect();
            change.only(&known).at(change).map_err(|e| e.within("change"))?;
        }
        let world = self.world(scenario, change)?;
        let Put { question, given, who, result, instructions, took, log } = self.put(&world).await?;
        let words = words(&self.inspected.manifest, &given, &who, &world);
        let items = result.as_ref().map(|answer| words.items(answer)).unwrap_or_default();
        let refused = match &result {
            Ok(Answer { result: Verdict::Refused(failure), .. }) => failure.message.as_ref().map(|m| words.sentence(m)),
            _ => None,
        };
        Ok(Tried { day: world.today, question, result, items, refused, log, instructions, took })
    }
}

impl Tried {
    /// The code answered, `refused: …`, or `fault: …`.
    #[must_use]
    pub fn came_to(&self) -> String {
        came_to(&self.result)
    }

    /// How it ended: in a code, and in words.
    #[must_use]
    pub fn told(&self, welsh: bool) -> Ended {
        let meaning = |list: &str, code: &str| Reader { welsh, ..Reader::default() }.meaning(list, code);
        match &self.result {
            Ok(Answer { result: Verdict::Answered(code), .. }) => {
                Ended { how: "answered", result: code.clone(), says: meaning(self.question.answers(), code) }
            }
            Ok(Answer { result: Verdict::Refused(failure), .. }) => {
                let says = self.refused.as_ref().map(|both| both[usize::from(welsh)].clone());
                Ended { how: "refused", result: failure.why.clone(), says: says.unwrap_or_else(|| meaning("failures", &failure.why)) }
            }
            // Of an invented family all may be told that the plugin said.
            Err(fault) => Ended { how: "failed", result: fault.code().to_owned(), says: fault.to_string() },
        }
    }

    /// The whole answer as its author would write it; none after a fault.
    #[must_use]
    pub fn shown(&self, welsh: bool) -> Option<String> {
        self.result.as_ref().ok().map(|answer| said::shown(answer, &self.items, welsh))
    }

    /// What is another than it was.
    #[must_use]
    pub fn differs_from(&self, before: &Self) -> Vec<Differs> {
        let mut differs = Vec::new();
        let mut add = |list: &str, key: &str, field: &str, was: Option<String>, now: Option<String>| {
            if was != now {
                let word = |said: Option<String>| said.unwrap_or_else(|| "none".to_owned());
                let (before, now) = (word(was), word(now));
                differs.push(Differs { list: list.into(), key: key.into(), field: field.into(), before, now });
            }
        };
        add("answer", "", "", Some(before.came_to()), Some(self.came_to()));
        let all = |items: &[Item]| -> BTreeMap<(&'static str, String), Vec<(&'static str, String)>> {
            let fields = |item: &Item| item.fields.iter().map(|(name, got)| (*name, got.to_string())).collect();
            items.iter().map(|item| ((item.list, item.key.clone()), fields(item))).collect()
        };
        let (was, now) = (all(&before.items), all(&self.items));
        for key in was.keys().chain(now.keys().filter(|key| !was.contains_key(key))) {
            let (old, new) = (was.get(key), now.get(key));
            let names = old.or(new).into_iter().flatten().map(|(name, _)| *name);
            for name in names {
                let of = |fields: Option<&Vec<(&str, String)>>| Some(fields?.iter().find(|(n, _)| *n == name)?.1.clone());
                add(key.0, &key.1, name, of(old), of(new));
            }
            // Of what says nothing but its name, that it is there.
            if old.or(new).is_some_and(Vec::is_empty) {
                add(key.0, &key.1, "", old.map(|_| "said".into()), new.map(|_| "said".into()));
            }
        }
        differs
    }
}

/// The code answered, `refused: …`, or `fault: …`.
#[must_use]
pub fn came_to(result: &Result<Answer, Fault>) -> String {
    match result {
        Ok(Answer { result: Verdict::Answered(code), .. }) => code.clone(),
        Ok(Answer { result: Verdict::Refused(failure), .. }) => format!("refused: {}", failure.why),
        Err(fault) => format!("fault: {}", fault.code()),
    }
}

/// An answer that was kept, in the words in which its evidence is retold.
#[must_use]
pub fn items_of(manifest: &Manifest, given: &Given, answer: &Answer) -> Vec<Item> {
    let workers = if let Matter::Candidates(all) = &*given.matter { all.len() } else { 0 };
    let who = Who {
        people: (0..).zip(&given.snapshot.people).map(|(h, _)| person(h)).collect(),
        workers: (1..=workers).map(|n| format!("worker-{n}")).collect(),
        services: (1..=given.context.directory.len()).map(|n| format!("service-{n}")).collect(),
        families: Vec::new(),
    };
    let words = Words { manifest, snapshot: &given.snapshot, english: Reader::default(), welsh: Reader::default(), who: &who };
    words.items(answer)
}

/// What makes an answer: each thing that was said with its words and sums. Numbers and days, which follow from what was rounded and moved,
/// only where `exactly`.
#[must_use]
pub fn essence(result: &Result<Answer, Fault>, items: &[Item], exactly: bool) -> Vec<String> {
    let counts = |got: &Got| match got {
        Got::Nothing | Got::Day(_) | Got::Tenths(_) => exactly,
        Got::Word(_) | Got::Words(_) | Got::YesNo(_) | Got::Count(_) | Got::Pence(_) => true,
    };
    let one = |item: &Item| {
        let fields = item.fields.iter().filter(|(_, got)| counts(got)).map(|(name, got)| format!(" {name}={got}"));
        format!("{} {}{}", item.list, item.key, fields.collect::<String>())
    };
    let mut all: Vec<String> = items.iter().map(one).collect();
    all.sort_unstable();
    all.insert(0, came_to(result));
    all
}

/// The answer as a scenario expects it: all of it, and nothing else.
///
/// # Errors
/// [`Wrong`] where the plugin failed.
pub fn expected(tried: &Tried) -> Result<Value, Wrong> {
    let answer = tried.result.as_ref().map_err(|fault| Wrong::new("", format!("the plugin failed ({})", fault.code())))?;
    let mut expect = Map::new();
    match &answer.result {
        Verdict::Answered(code) => expect.insert("answer".into(), code.clone().into()),
        Verdict::Refused(failure) => expect.insert("refused".into(), failure.why.clone().into()),
    };
    // Scenarios have no words for what is asked about consent.
    let (told, untold): (Vec<&Item>, Vec<&Item>) = tried.items.iter().partition(|item| !item.key.starts_with("consent-request"));
    for item in told {
        let fields: Map<String, Value> = item.fields.iter().map(|(name, got)| ((*name).to_owned(), as_written(got))).collect();
        if item.key.is_empty() {
            expect.entry(item.list).or_insert(Value::Object(fields));
        } else if let Value::Object(list) = expect.entry(item.list).or_insert_with(|| Value::Object(Map::new())) {
            list.entry(item.key.clone()).or_insert(Value::Object(fields));
        }
    }
    if untold.is_empty() && matches!(answer.result, Verdict::Answered(_)) {
        expect.insert("nothing-else".into(), true.into());
    }
    Ok(Value::Object(expect))
}

fn as_written(got: &Got) -> Value {
    match got {
        Got::Nothing => "none".into(),
        Got::Word(word) => word.clone().into(),
        Got::Words(words) => words.clone().into(),
        Got::YesNo(yes) => (*yes).into(),
        Got::Count(n) => (*n).into(),
        Got::Tenths(n) => points(i64::from(*n)),
        Got::Pence(n) => pounds(*n).into(),
        Got::Day(day) => day.to_string().into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::answer::Failure;

    fn tried(items: Vec<Item>) -> Tried {
        let (question, day) = (Question::Triage, "2026-08-31".parse().unwrap());
        let result = Ok(Answer::bare(question, "accept".into()));
        Tried { day, question, result, items, refused: None, log: Log::default(), instructions: 0, took: Duration::ZERO }
    }

    fn item(key: &str, days: Option<u32>) -> Item {
        let fields = days.map(|n| ("days", Got::Count(n))).into_iter().collect();
        Item { list: "actions", key: key.into(), fields, says: Vec::new(), rests_on: Vec::new() }
    }

    #[test]
    fn what_goes_comes_or_is_another_differs_and_of_what_has_a_name_alone_that_it_is_there() {
        let before = tried(vec![item("goes", Some(1)), item("moves", Some(2)), item("named", None), item("stays", Some(3))]);
        let now = tried(vec![item("comes", Some(4)), item("moves", Some(5)), item("stays", Some(3))]);
        let differs = now.differs_from(&before).into_iter();
        let differs: Vec<_> = differs.map(|d| format!("{} {}: {}, {}", d.key, d.field, d.before, d.now)).collect();
        assert_eq!(differs, ["goes days: 1, none", "moves days: 2, 5", "named : said, none", "comes days: none, 4"]);
    }

    #[test]
    fn a_scenario_expects_nothing_else_only_where_it_has_words_for_all_of_it() {
        let all = expected(&tried(vec![item("note", None)])).unwrap();
        assert_eq!(all, serde_json::json!({ "answer": "accept", "actions": { "note": {} }, "nothing-else": true }));
        let some = expected(&tried(vec![item("consent-request share", None)])).unwrap();
        assert_eq!(some, serde_json::json!({ "answer": "accept" }));
    }

    #[test]
    fn why_it_does_not_answer_is_told_in_either_language() {
        let mut refused = tried(Vec::new());
        let failure = Failure { why: "no-episode".into(), message: None };
        refused.result = Ok(Answer { result: Verdict::Refused(failure), ..Answer::bare(Question::Triage, String::new()) });
        refused.refused = Some(["It cannot.".into(), "Ni all.".into()]);
        assert_eq!([false, true].map(|welsh| refused.told(welsh).says), ["It cannot.", "Ni all."]);
        assert_eq!(refused.came_to(), "refused: no-episode");
    }
}
