//! What a plugin said, in the words of a scenario's author: people, workers and services by name, numbers as people write
//! them, sentences rendered. What is expected is compared with this, and what is printed is this.

use std::fmt::Write;

use super::Who;
use crate::plugins::Manifest;
use crate::record::sections::Handle;
use crate::record::{Day, Snapshot, Window};
use crate::sandbox::answer::{Action, Answer, Basis, Message, Reason, Reported, Verdict};
use crate::sandbox::matter::AnswerValue;
use crate::workflow::explain::{Reader, decimal, pounds};

/// One thing that was said: a finding, a task, a payment line.
#[derive(Debug, Clone)]
pub struct Item {
    /// The list of `expect` that it belongs to.
    pub list: &'static str,
    /// Its name there: `education-1 of sam`.
    pub key: String,
    pub fields: Vec<(&'static str, Got)>,
    /// Sentences, in English and Welsh.
    pub says: Vec<[String; 2]>,
    pub rests_on: Vec<Basis>,
}

/// A value as its author would write it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Got {
    Nothing,
    Word(String),
    Words(Vec<String>),
    YesNo(bool),
    Count(u32),
    Tenths(i32),
    Pence(i64),
    Day(Day),
}

impl std::fmt::Display for Got {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Nothing => f.write_str("none"),
            Self::Word(word) => f.write_str(word),
            Self::Words(words) => write!(f, "[{}]", words.join(", ")),
            Self::YesNo(yes) => yes.fmt(f),
            Self::Count(n) => n.fmt(f),
            Self::Tenths(n) => f.write_str(&decimal(*n)),
            Self::Pence(n) => f.write_str(&pounds(*n)),
            Self::Day(day) => day.fmt(f),
        }
    }
}

/// What is needed to put an answer into words.
pub struct Words<'a> {
    pub manifest: &'a Manifest,
    pub snapshot: &'a Snapshot,
    pub english: Reader,
    pub welsh: Reader,
    pub who: &'a Who,
}

fn word(word: &str) -> Got {
    Got::Word(word.to_owned())
}

fn tenths(value: Option<i32>) -> Got {
    value.map_or(Got::Nothing, Got::Tenths)
}

fn day(value: Option<Day>) -> Got {
    value.map_or(Got::Nothing, Got::Day)
}

impl Words<'_> {
    /// Everything that was said, in the order in which it was.
    #[must_use]
    pub fn items(&self, answer: &Answer) -> Vec<Item> {
        let mut items = Vec::new();
        for f in &answer.findings {
            let Window { first, last } = f.window;
            let fields = vec![
                ("standing", word(&f.standing)),
                ("before", tenths(f.before)),
                ("now", tenths(f.now)),
                ("threshold", tenths(f.threshold)),
                ("from", Got::Day(first)),
                ("until", day(last)),
                ("look-again", day(f.look_again)),
            ];
            items.push(self.item("findings", self.of_person(&f.criterion, f.person, None), fields, &f.reasons));
        }
        for claim in &answer.claims {
            let rests = claim.rests_on.iter().filter_map(|n| answer.findings.get(*n as usize));
            let rests: Vec<String> = rests.map(|f| self.of_person(&f.criterion, f.person, None)).collect();
            let fields =
                vec![("amount", Got::Pence(claim.amount_pence)), ("on", Got::Day(claim.entitled_on)), ("rests-on", Got::Words(rests))];
            items.push(self.item("claims", claim.kind.clone(), fields, &[]));
        }
        for task in &answer.tasks {
            let fields = vec![("role", word(&task.role)), ("due", Got::Day(task.due))];
            items.push(self.message("tasks", task.key.clone(), fields, &task.title));
        }
        items.extend(answer.reported.iter().map(|r| self.reported(r)));
        items.extend(answer.actions.iter().map(|a| self.action(a)));
        items
    }

    fn item(&self, list: &'static str, key: String, fields: Vec<(&'static str, Got)>, reasons: &[Reason]) -> Item {
        let says = reasons.iter().map(|r| self.sentence(&r.message)).collect();
        Item { list, key, fields, says, rests_on: reasons.iter().flat_map(|r| r.rests_on.clone()).collect() }
    }

    fn message(&self, list: &'static str, key: String, fields: Vec<(&'static str, Got)>, message: &Message) -> Item {
        Item { list, key, fields, says: vec![self.sentence(message)], rests_on: Vec::new() }
    }

    /// In English and Welsh.
    #[must_use]
    pub fn sentence(&self, message: &Message) -> [String; 2] {
        [&self.english, &self.welsh].map(|reader| reader.sentence(self.manifest, message, Some(self.snapshot)))
    }

    fn of_person(&self, name: &str, person: Option<Handle>, item: Option<u32>) -> String {
        let person = person.map(|p| format!(" of {}", named(&self.who.people, p))).unwrap_or_default();
        let item = item.map(|i| format!(" #{}", i + 1)).unwrap_or_default();
        format!("{name}{person}{item}")
    }

    fn reported(&self, reported: &Reported) -> Item {
        match reported {
            Reported::Score { domain, person, value, least, most, higher_is_better, reasons } => {
                let fields = vec![
                    ("value", Got::Tenths(*value)),
                    ("least", Got::Tenths(*least)),
                    ("most", Got::Tenths(*most)),
                    ("higher-is-better", Got::YesNo(*higher_is_better)),
                ];
                self.item("scores", self.of_person(domain, *person, None), fields, reasons)
            }
            Reported::Distance { domain, person, before, now, since, reasons } => {
                let fields = vec![("before", Got::Tenths(*before)), ("now", Got::Tenths(*now)), ("since", Got::Day(*since))];
                self.item("distances", self.of_person(domain, *person, None), fields, reasons)
            }
            Reported::Need { need, person, reasons } => {
                self.item("needs", self.of_person(need, *person, None), vec![("is", word("found"))], reasons)
            }
            Reported::Tier { tier, reasons } => self.item("tier", String::new(), vec![("is", word(tier))], reasons),
            Reported::Level { level, reasons } => self.item("level", String::new(), vec![("is", word(level))], reasons),
            Reported::Route { route, reasons } => self.item("route", String::new(), vec![("is", word(route))], reasons),
            Reported::Priority { priority, reasons } => self.item("priority", String::new(), vec![("is", word(priority))], reasons),
            Reported::Remark { question, person, item, wrong, message } => {
                self.message("remarks", self.of_person(question, *person, *item), vec![("wrong", Got::YesNo(*wrong))], message)
            }
            Reported::Put { question, person, item, value } => {
                self.item("carried-over", self.of_person(question, *person, *item), vec![("value", self.value(value))], &[])
            }
            Reported::Rank { worker, place, reasons } => {
                self.item("ranks", named(&self.who.workers, *worker), vec![("place", Got::Count(*place))], reasons)
            }
            Reported::Suggest { service, place, reasons } => {
                self.item("suggestions", named(&self.who.services, *service), vec![("place", Got::Count(*place))], reasons)
            }
            Reported::Rule { criterion, kept, reasons } => {
                self.item("rules", criterion.clone(), vec![("is", word(if *kept { "kept" } else { "broken" }))], reasons)
            }
            Reported::Judged { criterion, standing, reasons } => {
                self.item("rules", criterion.clone(), vec![("is", word(standing))], reasons)
            }
            Reported::Line { kind, family, amount_pence, reasons } => {
                let family = family.map(|f| format!(" of {}", named(&self.who.families, f))).unwrap_or_default();
                self.item("lines", format!("{kind}{family}"), vec![("amount", Got::Pence(*amount_pence))], reasons)
            }
            Reported::ReviewAgain { on, reasons } => self.item("review-again", String::new(), vec![("on", Got::Day(*on))], reasons),
        }
    }

    fn action(&self, action: &Action) -> Item {
        let key = if action.key() == action.kind() { action.kind().to_owned() } else { format!("{} {}", action.kind(), action.key()) };
        let person = |p: &Option<Handle>| p.map_or(Got::Nothing, |p| Got::Word(named(&self.who.people, p)));
        match action {
            Action::OpenEpisode { reasons } => self.item("actions", key, Vec::new(), reasons),
            Action::CloseEpisode { why, reasons } => self.item("actions", key, vec![("why", word(why))], reasons),
            Action::MoveToStage { stage, reasons } => self.item("actions", key, vec![("stage", word(stage))], reasons),
            Action::SetTier { tier, reasons } => self.item("actions", key, vec![("tier", word(tier))], reasons),
            Action::Meeting { meeting, on, invited, about, .. } => {
                let fields = vec![("meeting", word(meeting)), ("on", Got::Day(*on)), ("invited", Got::Words(invited.clone()))];
                self.message("actions", key, fields, about)
            }
            Action::Notice { to, about, by, .. } => self.message("actions", key, vec![("to", word(to)), ("by", Got::Day(*by))], about),
            Action::AssessmentRequest { form, person: p, due, title, .. } => {
                self.message("actions", key, vec![("form", word(form)), ("person", person(p)), ("due", Got::Day(*due))], title)
            }
            Action::Goal { domain, person: p, title, due, .. } => {
                self.message("actions", key, vec![("domain", word(domain)), ("person", person(p)), ("due", Got::Day(*due))], title)
            }
            Action::ServiceRequest { kind, service, person: p, title, by, .. } => {
                let service = service.map_or(Got::Nothing, |s| Got::Word(named(&self.who.services, s)));
                let fields = vec![("kind", word(kind)), ("service", service), ("person", person(p)), ("by", Got::Day(*by))];
                self.message("actions", key, fields, title)
            }
            Action::ConsentRequest { sections, to, person: p, title, by, .. } => {
                let fields =
                    vec![("sections", Got::Words(sections.clone())), ("to", word(to)), ("person", person(p)), ("by", Got::Day(*by))];
                self.message("actions", key, fields, title)
            }
        }
    }

    fn value(&self, value: &AnswerValue) -> Got {
        match value {
            AnswerValue::YesNo(yes) => Got::YesNo(*yes),
            AnswerValue::Options(ids) => Got::Words(ids.clone()),
            AnswerValue::Tenths(n) => Got::Tenths(*n),
            AnswerValue::Thousandths(n) => Got::Word(crate::plugins::scenarios::number::shown_thousandths(*n)),
            AnswerValue::Pence(n) => Got::Pence(*n),
            AnswerValue::Day(day) => Got::Day(*day),
            AnswerValue::Month(day) => Got::Word(day.to_string().chars().take(7).collect()),
            AnswerValue::Text(text) => Got::Word(text.clone()),
            AnswerValue::Person(person) => Got::Word(named(&self.who.people, *person)),
            AnswerValue::Given => word("given"),
        }
    }
}

fn named(names: &[String], handle: Handle) -> String {
    names.get(handle as usize).cloned().unwrap_or_else(|| format!("number {handle}"))
}

/// How many different things of each sort something rests on.
#[must_use]
pub fn counted(rests_on: &[Basis]) -> [(&'static str, u32); 9] {
    let count = |is: fn(&Basis) -> bool| {
        let mut different: Vec<&Basis> = Vec::new();
        for basis in rests_on.iter().filter(|b| is(b)) {
            if !different.contains(&basis) {
                different.push(basis);
            }
        }
        u32::try_from(different.len()).unwrap_or(u32::MAX)
    };
    [
        ("facts", count(|b| matches!(b, Basis::Fact(_)))),
        ("searches", count(|b| matches!(b, Basis::Searched(_)))),
        ("reports", count(|b| matches!(b, Basis::Reported(_)))),
        ("settings", count(|b| matches!(b, Basis::Setting(_)))),
        ("tables", count(|b| matches!(b, Basis::Table(_)))),
        ("answers", count(|b| matches!(b, Basis::Answered(_) | Basis::Cited(_)))),
        ("asked", count(|b| matches!(b, Basis::Asked))),
        ("not-told", count(|b| matches!(b, Basis::NotTold(_)))),
        ("read", count(|b| matches!(b, Basis::Read(_)))),
    ]
}

/// The whole answer, as an author would write it down under `expect`.
#[must_use]
pub fn shown(answer: &Answer, items: &[Item], welsh: bool) -> String {
    let mut text = String::new();
    let _ = match &answer.result {
        Verdict::Answered(code) => writeln!(text, "answer: {code}"),
        Verdict::Refused(failure) => writeln!(text, "refused: {}", failure.why),
    };
    let mut list = "";
    for item in items {
        if item.list != list {
            list = item.list;
            let _ = writeln!(text, "{list}:");
        }
        let key = if item.key.is_empty() { String::new() } else { format!("{}: ", item.key) };
        let fields: Vec<String> = item.fields.iter().map(|(name, got)| format!("{name}: {got}")).collect();
        let _ = writeln!(text, "  {key}{{ {} }}", fields.join(", "));
        for says in &item.says {
            let _ = writeln!(text, "    # {}", says[usize::from(welsh)]);
        }
        let rests: Vec<String> = counted(&item.rests_on).iter().filter(|(_, n)| *n > 0).map(|(what, n)| format!("{what}: {n}")).collect();
        if !rests.is_empty() {
            let _ = writeln!(text, "    # rests-on: {{ {} }}", rests.join(", "));
        }
    }
    text
}
