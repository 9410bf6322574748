//! What must come back: partial, so that a scenario says only what it is about, and strict, so that a word which does not exist
//! is a fault of the scenario and never a check that passes.

use super::Who;
use super::dates::Dates;
use super::node::{Node, Of};
use super::number;
use super::said::{Got, Item, Words, counted};
use super::world::text_of;
use super::wrong::{At, Read, Wrong};
use crate::plugins::Manifest;
use crate::record::ids::is_slug;
use crate::record::{Invalid, codes};
use crate::sandbox::answer::{Answer, Verdict};
use crate::sandbox::{ArgType, Fault, Question, Sort};

/// Something that did not come back as expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Miss {
    /// Path below `expect`.
    pub field: String,
    pub line: Option<usize>,
    pub expected: String,
    pub got: String,
}

/// What the name of an entry is.
#[derive(Debug, Clone, Copy)]
enum Key {
    /// There is one of it at most.
    Only,
    Criterion,
    Code(&'static str),
    Named(Sort),
    /// A name of the plugin's own, 2 to 64 small letters, digits and hyphens.
    Own,
    Question,
    Worker,
    Service,
    /// A kind of action and a key.
    Action,
}

/// Whose an entry may be: `… of sam`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Whose {
    Nobodys,
    Persons,
    /// A family of the contract.
    Familys,
}

/// What a field holds.
#[derive(Debug, Clone, Copy)]
enum Is {
    Code(&'static str),
    Codes(&'static str),
    OneOf(&'static [&'static str]),
    Named(Sort),
    Own,
    Findings,
    Tenths,
    Pounds,
    Count,
    Day,
    YesNo,
    Person,
    Service,
    /// Whatever the form's question takes.
    Value,
}

/// A list of `expect`.
struct Shape {
    list: &'static str,
    key: Key,
    whose: Whose,
    /// The field that is meant where one word is given instead of fields. The first of `fields`.
    fields: &'static [(&'static str, Is)],
}

const fn shape(list: &'static str, key: Key, whose: Whose, fields: &'static [(&'static str, Is)]) -> Shape {
    Shape { list, key, whose, fields }
}

const SHAPES: &[Shape] = &[
    shape(
        "findings",
        Key::Criterion,
        Whose::Persons,
        &[
            ("standing", Is::Code("standings")),
            ("before", Is::Tenths),
            ("now", Is::Tenths),
            ("threshold", Is::Tenths),
            ("from", Is::Day),
            ("until", Is::Day),
            ("look-again", Is::Day),
        ],
    ),
    shape("claims", Key::Code("claims"), Whose::Nobodys, &[("amount", Is::Pounds), ("on", Is::Day), ("rests-on", Is::Findings)]),
    shape("tasks", Key::Own, Whose::Nobodys, &[("role", Is::Code("roles")), ("due", Is::Day)]),
    shape(
        "scores",
        Key::Named(Sort::Domain),
        Whose::Persons,
        &[("value", Is::Tenths), ("least", Is::Tenths), ("most", Is::Tenths), ("higher-is-better", Is::YesNo)],
    ),
    shape("distances", Key::Named(Sort::Domain), Whose::Persons, &[("now", Is::Tenths), ("before", Is::Tenths), ("since", Is::Day)]),
    shape("needs", Key::Code("problems"), Whose::Persons, &[("is", Is::OneOf(&["found"]))]),
    shape("tier", Key::Only, Whose::Nobodys, &[("is", Is::Named(Sort::Tier))]),
    shape("level", Key::Only, Whose::Nobodys, &[("is", Is::Named(Sort::Level))]),
    shape("route", Key::Only, Whose::Nobodys, &[("is", Is::Named(Sort::Route))]),
    shape("priority", Key::Only, Whose::Nobodys, &[("is", Is::Code("priorities"))]),
    shape("ranks", Key::Worker, Whose::Nobodys, &[("place", Is::Count)]),
    shape("suggestions", Key::Service, Whose::Nobodys, &[("place", Is::Count)]),
    shape("rules", Key::Criterion, Whose::Nobodys, &[("is", Is::OneOf(&RULES))]),
    shape("lines", Key::Code("payment-kinds"), Whose::Familys, &[("amount", Is::Pounds)]),
    shape("review-again", Key::Only, Whose::Nobodys, &[("on", Is::Day)]),
    shape("remarks", Key::Question, Whose::Persons, &[("wrong", Is::YesNo)]),
    shape("carried-over", Key::Question, Whose::Persons, &[("value", Is::Value)]),
    shape("actions", Key::Action, Whose::Nobodys, &[]),
];

/// Of a rule: code list standings; of a plugin of release 0.9 whether it is kept.
const RULES: [&str; 6] = ["met", "not-met", "not-enough-evidence", "not-applicable", "kept", "broken"];

/// The fields of each kind of action.
const ACTIONS: &[(&str, &[(&str, Is)])] = &[
    ("open-episode", &[]),
    ("close-episode", &[("why", Is::Code("closures"))]),
    ("move-to-stage", &[("stage", Is::Named(Sort::Stage))]),
    ("set-tier", &[("tier", Is::Named(Sort::Tier))]),
    ("meeting", &[("meeting", Is::Named(Sort::Meeting)), ("on", Is::Day), ("invited", Is::Codes("organisation-kinds"))]),
    ("notice", &[("to", Is::Code("organisation-kinds")), ("by", Is::Day)]),
    ("assessment-request", &[("form", Is::Own), ("person", Is::Person), ("due", Is::Day)]),
    ("goal", &[("domain", Is::Named(Sort::Domain)), ("person", Is::Person), ("due", Is::Day)]),
    ("service-request", &[("kind", Is::Code("service-kinds")), ("service", Is::Service), ("person", Is::Person), ("by", Is::Day)]),
];

/// The lists of `expect`, as they are written.
pub fn lists() -> impl Iterator<Item = &'static str> {
    SHAPES.iter().map(|s| s.list)
}

/// What is expected of one answer, and of what.
pub struct Expecting<'a> {
    pub expect: &'a Node,
    pub question: Question,
    pub manifest: &'a Manifest,
    pub who: &'a Who,
    pub dates: Dates<'a>,
}

impl Expecting<'_> {
    /// Everything that did not come back as expected.
    ///
    /// # Errors
    /// [`Wrong`] where what is expected cannot be: a field, code, criterion or person that does not exist.
    pub fn misses(&self, result: &Result<Answer, Fault>, items: &[Item], words: &Words<'_>) -> Read<Vec<Miss>> {
        let known: Vec<&str> = ["answer", "refused", "fault", "nothing-else"].into_iter().chain(lists()).collect();
        self.expect.only(&known).at(self.expect)?;
        if self.expect.fields().next().is_none() {
            return Err(Wrong { line: self.expect.line, ..Wrong::new("", "expects nothing") });
        }
        let mut misses = Vec::new();
        self.verdict(result, words, &mut misses)?;
        let mut expected: Vec<(&str, String)> = Vec::new();
        for shape in SHAPES {
            let Some(node) = self.expect.get(shape.list) else { continue };
            let node = in_full(shape, node);
            let entries: Vec<(&str, &Node)> = if matches!(shape.key, Key::Only) { vec![("", &node)] } else { node.fields().collect() };
            if !matches!(shape.key, Key::Only) && !matches!(node.of, Of::Map(_)) {
                let why = format!("is {}, and has to be a mapping of names and what is expected of them", node.shown());
                return Err(Invalid::new(shape.list, why)).at(self.expect);
            }
            for (key, entry) in entries {
                let at = if key.is_empty() { shape.list.to_owned() } else { format!("{}.{key}", shape.list) };
                let fields = self.fields_of(shape, key).map_err(|e| e.within(shape.list)).at(self.expect)?;
                let item = items.iter().find(|i| i.list == shape.list && i.key == key);
                let there: Vec<&str> = items.iter().filter(|i| i.list == shape.list).map(|i| i.key.as_str()).collect();
                let missed = self.entry(entry, fields, item, &there).map_err(|e| e.within(&at))?;
                misses.extend(missed.into_iter().map(|m| {
                    let field = if m.field.is_empty() { at.clone() } else { format!("{at}.{}", m.field) };
                    Miss { field, ..m }
                }));
                expected.push((shape.list, key.to_owned()));
            }
        }
        self.nothing_else(items, &expected, &mut misses)?;
        // After a fault or a refusal there is nothing to compare.
        let stopped = match result {
            Err(_) => true,
            Ok(answer) => matches!(answer.result, Verdict::Refused(_)) && self.expect.get("refused").is_none(),
        };
        if stopped {
            misses.retain(|m| ["answer", "refused", "fault"].contains(&m.field.as_str()));
        }
        misses.iter_mut().for_each(|m| m.line = self.expect.line_at(&m.field));
        Ok(misses)
    }

    fn verdict(&self, result: &Result<Answer, Fault>, words: &Words<'_>, misses: &mut Vec<Miss>) -> Read<()> {
        let word = |field: &str| -> Read<Option<String>> {
            self.expect.get(field).map(|n| text_of(n).map_err(|e| e.within(field)).at(self.expect)).transpose()
        };
        let (answer, fault) = (word("answer")?, word("fault")?);
        let refused =
            self.expect.get("refused").map(|node| self.refusal(node).map_err(|e| e.within("refused")).at(self.expect)).transpose()?;
        if let Some(code) = &answer {
            codes::check("answer", self.question.answers(), code).at(self.expect)?;
        }
        let given = [answer.is_some(), refused.is_some(), fault.is_some()].into_iter().filter(|g| *g).count();
        if given > 1 {
            return Err(Invalid::new("", "expects more than one of `answer`, `refused` and `fault`")).at(self.expect);
        }
        let got = match result {
            Ok(Answer { result: Verdict::Answered(code), .. }) => format!("answer {code}"),
            Ok(Answer { result: Verdict::Refused(failure), .. }) => {
                let says = failure.message.as_ref().map(|m| format!(" ({})", words.sentence(m)[0])).unwrap_or_default();
                format!("refused: {}{says}", failure.why)
            }
            Err(fault) => format!("a fault: {fault} ({})", fault.code()),
        };
        let mut miss = |field: &str, expected: String| {
            misses.push(Miss { field: field.into(), line: None, expected, got: got.clone() });
        };
        match result {
            Err(happened) => match &fault {
                Some(text) if happened.to_string().contains(text) || happened.code() == text => {}
                Some(text) => miss("fault", format!("a fault that says `{text}`")),
                None => miss("answer", answer.map_or_else(|| "an answer".into(), |code| format!("answer {code}"))),
            },
            Ok(Answer { result: Verdict::Refused(failure), .. }) => match &refused {
                Some((why, says)) => {
                    if failure.why != *why {
                        miss("refused", format!("refused: {why}"));
                    }
                    let said = failure.message.as_ref().map(|m| words.sentence(m)[0].clone());
                    if says.is_some() && said != *says {
                        miss("refused", format!("refused: {why} ({})", says.clone().unwrap_or_default()));
                    }
                }
                None if fault.is_some() => miss("fault", format!("a fault that says `{}`", fault.unwrap_or_default())),
                None => miss("answer", answer.map_or_else(|| "an answer".into(), |code| format!("answer {code}"))),
            },
            Ok(Answer { result: Verdict::Answered(code), .. }) => {
                if let Some((why, _)) = &refused {
                    miss("refused", format!("refused: {why}"));
                } else if let Some(text) = &fault {
                    miss("fault", format!("a fault that says `{text}`"));
                } else if let Some(expected) = answer.filter(|a| a != code) {
                    miss("answer", format!("answer {expected}"));
                }
            }
        }
        Ok(())
    }

    /// `no-episode`, or `{ why: no-episode, says: … }`.
    fn refusal(&self, node: &Node) -> Result<(String, Option<String>), Invalid> {
        let (why, says) = if matches!(node.of, Of::Map(_)) {
            node.only(&["why", "says"])?;
            (super::said_in(node, "why")?.ok_or_else(|| Invalid::new("why", "is needed"))?, super::said_in(node, "says")?)
        } else {
            (text_of(node)?, None)
        };
        codes::check("", "failures", &why)?;
        Ok((why, says))
    }

    /// Checks the name of an entry, and gives the fields that it may have.
    fn fields_of(&self, shape: &Shape, key: &str) -> Result<&'static [(&'static str, Is)], Invalid> {
        if matches!(shape.key, Key::Only) {
            return Ok(shape.fields);
        }
        let refused = |why: String| Err(Invalid::new(key, why));
        if matches!(shape.key, Key::Action) {
            let (kind, own) = key.split_once(' ').map_or((key, None), |(kind, own)| (kind, Some(own)));
            let Some((_, fields)) = ACTIONS.iter().find(|(k, _)| *k == kind) else {
                let kinds: Vec<_> = ACTIONS.iter().map(|(k, _)| *k).collect();
                return refused(format!("`{kind}` is no kind of action ({}); tasks stand under `tasks`", kinds.join(", ")));
            };
            let of_episode = ["open-episode", "close-episode", "move-to-stage", "set-tier"].contains(&kind);
            return match own {
                Some(_) if of_episode => refused(format!("`{kind}` has no key: there is one at most")),
                None if !of_episode => refused(format!("name its key: `{kind} the-key`")),
                Some(own) if !is_slug(own) => refused(format!("`{own}` is no key (2 to 64 small letters, digits and hyphens)")),
                _ => Ok(fields),
            };
        }
        let (name, item) = key.split_once(" #").map_or((key, None), |(name, item)| (name, Some(item)));
        let (name, owner) = name.split_once(" of ").map_or((name, None), |(name, owner)| (name, Some(owner)));
        if item.is_some_and(|i| !matches!(shape.key, Key::Question) || i.parse::<u32>().is_err()) {
            return refused("only an answer of a repeating group has a number, from #1".into());
        }
        let names = match shape.whose {
            Whose::Nobodys if owner.is_some() => return refused("is nobody's: leave out `of …`".into()),
            Whose::Nobodys => &[][..],
            Whose::Persons => &self.who.people,
            Whose::Familys => &self.who.families,
        };
        if let Some(owner) = owner.filter(|o| !names.iter().any(|n| n == o)) {
            return refused(format!("there is no `{owner}` (there are {})", names.join(", ")));
        }
        let declared = |what: &str, ids: Vec<&str>| {
            if ids.contains(&name) {
                Ok(())
            } else {
                Err(Invalid::new(key, format!("`{name}` is no {what} here (there are {})", ids.join(", "))))
            }
        };
        let m = self.manifest;
        match shape.key {
            Key::Criterion => declared("criterion of the manifest", m.framework.iter().map(|c| c.criterion.as_str()).collect())?,
            Key::Named(sort) => declared(sort.code(), m.names.iter().filter(|n| n.sort == sort).map(|n| n.id.as_str()).collect())?,
            Key::Code(list) => codes::check("", list, name).map_err(|e| Invalid::new(key, e.why))?,
            Key::Worker => declared("candidate", self.who.workers.iter().map(String::as_str).collect())?,
            Key::Service => declared("service of the directory", self.who.services.iter().map(String::as_str).collect())?,
            Key::Question if !m.vocabulary().names(ArgType::Question, name) => {
                return refused(format!("`{name}` is not a question of the manifest's forms"));
            }
            Key::Own if !is_slug(name) => return refused(format!("`{name}` is no key (2 to 64 small letters, digits and hyphens)")),
            _ => {}
        }
        Ok(shape.fields)
    }

    /// What is missed of one entry, with paths below it.
    fn entry(&self, entry: &Node, fields: &'static [(&'static str, Is)], item: Option<&Item>, there: &[&str]) -> Read<Vec<Miss>> {
        let mut misses = Vec::new();
        let mut miss = |field: &str, expected: String, got: String| misses.push(Miss { field: field.into(), line: None, expected, got });
        if entry.as_text() == Some("none") {
            if item.is_some() {
                miss("", "none".into(), "it was reported".into());
            }
            return Ok(misses);
        }
        let known: Vec<&str> = fields.iter().map(|(name, _)| *name).chain(["says", "says-cy", "mentions", "rests-on"]).collect();
        let whole = match (&entry.of, fields.first()) {
            (Of::Map(_), _) => entry.clone(),
            (_, Some((main, _))) => Node { line: entry.line, of: Of::Map(vec![((*main).to_owned(), entry.clone())]) },
            (_, None) => return Err(Invalid::new("", format!("is {}, and has to be a mapping", entry.shown()))).at(entry),
        };
        whole.only(&known).at(entry)?;
        if item.is_none() {
            let there = there.iter().filter(|k| !k.is_empty()).copied().collect::<Vec<_>>().join(", ");
            miss("", "to be reported".into(), if there.is_empty() { "nothing of the kind".into() } else { format!("only {there}") });
        }
        for (field, want) in whole.fields() {
            let declared = fields.iter().find(|(name, _)| *name == field).map(|(_, is)| *is);
            // Read even where nothing came back: a word that does not exist is a fault either way.
            let missed = match declared {
                Some(is) => self.field(field, is, want, item),
                None => extra(field, want, item),
            };
            if let Some((expected, got)) = missed.map_err(|e| e.within(field)).at(entry)? {
                miss(field, expected, got);
            }
        }
        Ok(misses)
    }

    /// What was expected and what came, where they differ.
    fn field(&self, field: &str, is: Is, want: &Node, item: Option<&Item>) -> Result<Option<(String, String)>, Invalid> {
        let got = item.and_then(|i| i.fields.iter().find(|(name, _)| *name == field)).map(|(_, got)| got);
        let want = if want.as_text() == Some("none") { Got::Nothing } else { self.wanted(is, want)? };
        let Some(got) = got else { return Ok(None) };
        let same = match (&want, got) {
            // In whatever order: which was said first matters to nobody.
            (Got::Words(want), Got::Words(got)) => {
                let sorted = |words: &[String]| {
                    let mut words = words.to_vec();
                    words.sort();
                    words
                };
                sorted(want) == sorted(got)
            }
            // One option is written without a list.
            (Got::Word(want), Got::Words(got)) => got.as_slice() == std::slice::from_ref(want),
            (want, got) => want.to_string() == got.to_string(),
        };
        Ok((!same).then(|| (want.to_string(), got.to_string())))
    }

    /// Reads what is wanted of a field; a word that cannot come back is refused.
    fn wanted(&self, is: Is, want: &Node) -> Result<Got, Invalid> {
        let one_of = |word: &str, known: &[&str]| {
            if known.contains(&word) {
                Ok(Got::Word(word.to_owned()))
            } else {
                Err(Invalid::new("", format!("there is no `{word}` (there are {})", known.join(", "))))
            }
        };
        let all = |names: &[String], word: &str| one_of(word, &names.iter().map(String::as_str).collect::<Vec<_>>());
        match is {
            Is::Tenths => number::tenths(want).map(Got::Tenths),
            Is::Pounds => number::pence(want).map(Got::Pence),
            Is::Count => number::count(want).map(Got::Count),
            Is::Day => text_of(want).and_then(|text| self.dates.day(&text)).map(Got::Day),
            Is::YesNo => match want.of {
                Of::YesNo(yes) => Ok(Got::YesNo(yes)),
                _ => Err(Invalid::new("", format!("is {}, and has to be true or false", want.shown()))),
            },
            Is::Code(list) => {
                let word = text_of(want)?;
                codes::check("", list, &word)?;
                Ok(Got::Word(word))
            }
            Is::Codes(list) => {
                let words = want.each().iter().map(text_of).collect::<Result<Vec<_>, _>>()?;
                words.iter().try_for_each(|word| codes::check("", list, word))?;
                Ok(Got::Words(words))
            }
            Is::OneOf(known) => one_of(&text_of(want)?, known),
            Is::Named(sort) => {
                let there: Vec<&str> = self.manifest.names.iter().filter(|n| n.sort == sort).map(|n| n.id.as_str()).collect();
                one_of(&text_of(want)?, &there)
            }
            Is::Own => text_of(want).map(Got::Word),
            Is::Findings => {
                let words = want.each().iter().map(text_of).collect::<Result<Vec<_>, _>>()?;
                let findings = &SHAPES[0];
                words.iter().try_for_each(|key| self.fields_of(findings, key).map(|_| ()))?;
                Ok(Got::Words(words))
            }
            Is::Person => all(&self.who.people, &text_of(want)?),
            Is::Service => all(&self.who.services, &text_of(want)?),
            Is::Value => Ok(match &want.of {
                Of::YesNo(yes) => Got::YesNo(*yes),
                Of::List(items) => Got::Words(items.iter().map(text_of).collect::<Result<_, _>>()?),
                Of::Text(text) => self.dates.day(text).map_or_else(|_| Got::Word(text.clone()), Got::Day),
                _ => Got::Word(want.to_json().to_string()),
            }),
        }
    }

    /// `nothing-else: true`, or the lists of which there may be no more than what is expected.
    fn nothing_else(&self, items: &[Item], expected: &[(&str, String)], misses: &mut Vec<Miss>) -> Read<()> {
        let Some(node) = self.expect.get("nothing-else") else { return Ok(()) };
        let closed: Vec<String> = match &node.of {
            Of::YesNo(true) => lists().map(str::to_owned).collect(),
            Of::YesNo(false) => Vec::new(),
            _ => node.each().iter().map(text_of).collect::<Result<_, _>>().map_err(|e| e.within("nothing-else")).at(self.expect)?,
        };
        if let Some(unknown) = closed.iter().find(|list| !lists().any(|known| known == **list)) {
            let why = format!("`{unknown}` is no list (there are {})", lists().collect::<Vec<_>>().join(", "));
            return Err(Invalid::new("nothing-else", why)).at(self.expect);
        }
        for item in items.iter().filter(|i| closed.iter().any(|list| list == i.list)) {
            if !expected.iter().any(|(list, key)| *list == item.list && *key == item.key) {
                let (field, expected) = ("nothing-else".to_owned(), format!("nothing more in {}", item.list));
                misses.push(Miss { field, line: None, expected, got: format!("{} {}", item.list, item.key).trim_end().to_owned() });
            }
        }
        Ok(())
    }
}

/// `ranks: [ann, ben]` is the same as `{ ann: 1, ben: 2 }`.
fn in_full(shape: &Shape, node: &Node) -> Node {
    let (Key::Worker | Key::Service, Of::List(items)) = (shape.key, &node.of) else { return node.clone() };
    let place = |n: u32| Node { line: node.line, of: Of::Number(n.into()) };
    let fields = items.iter().zip(1..).filter_map(|(name, n)| Some((name.as_text()?.to_owned(), place(n))));
    Node { line: node.line, of: Of::Map(fields.collect()) }
}

/// What every entry may say: its sentences, and how much it rests on.
fn extra(field: &str, want: &Node, item: Option<&Item>) -> Result<Option<(String, String)>, Invalid> {
    if field == "rests-on" {
        const THINGS: [&str; 9] = ["facts", "searches", "reports", "settings", "tables", "answers", "asked", "not-told", "read"];
        let wanted: Vec<(&str, u32)> = if matches!(want.of, Of::Map(_)) {
            want.only(&THINGS)?;
            want.fields().map(|(thing, n)| number::count(n).map(|n| (thing, n)).map_err(|e| e.within(thing))).collect::<Result<_, _>>()?
        } else {
            vec![("facts", number::count(want)?)]
        };
        let Some(item) = item else { return Ok(None) };
        let counts = counted(&item.rests_on);
        let got = |thing: &str| counts.iter().find(|(name, _)| *name == thing).map_or(0, |(_, n)| *n);
        let shown = |pairs: Vec<(&str, u32)>| pairs.iter().map(|(thing, n)| format!("{thing}: {n}")).collect::<Vec<_>>().join(", ");
        let found: Vec<(&str, u32)> = wanted.iter().map(|(thing, _)| (*thing, got(thing))).collect();
        return Ok((found != wanted).then(|| (shown(wanted), shown(found))));
    }
    let sentences = want.each().iter().map(text_of).collect::<Result<Vec<_>, _>>()?;
    let Some(item) = item else { return Ok(None) };
    let said: Vec<&str> = item.says.iter().map(|both| both[usize::from(field == "says-cy")].as_str()).collect();
    let has =
        |text: &String| if field == "mentions" { said.iter().any(|s| s.contains(text.as_str())) } else { said.contains(&text.as_str()) };
    let missing = sentences.iter().find(|text| !has(text));
    Ok(missing.map(|text| (format!("“{text}”"), said.iter().map(|s| format!("“{s}”")).collect::<Vec<_>>().join(" "))))
}
