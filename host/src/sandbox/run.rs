//! The state of one run: what it was given, what it has been told so far, what it has said. Host functions are methods on
//! it, one file an interface in `sections/` and `lends/`; each begins by counting itself.

use super::answer::{Action, Claim, Finding, Reason, Reported, Task};
use super::bindings::hearth::decision::messages;
use super::bindings::hearth::family::types as wit;
use super::fault::{Stop, nonsense};
use super::given::Given;
use super::grants::INTERFACES;
use super::limits::{
    LONGEST_LIST, LONGEST_LOG_LINE, LONGEST_WORD, Limits, MOST_LOG_LINES, MOST_PROPOSALS, MOST_REASONS, MOST_REPORTS, Meter,
};
use super::question::ExtensionPoint;
use super::vocabulary::Vocabulary;
use super::wasi::World;
use crate::record::sections::Handle;
use crate::record::snapshot::PersonEntry;
use crate::record::{Day, Section, Window, codes};
use std::collections::BTreeSet;
use std::sync::Arc;

/// What wasmtime keeps for the run. Made new for each, dropped with it.
pub(crate) struct Run {
    pub(super) given: Given,
    pub(super) vocabulary: Arc<Vocabulary>,
    pub(super) limits: Limits,
    pub(super) meter: Meter,
    pub(super) findings: Vec<Finding>,
    pub(super) claims: Vec<Claim>,
    pub(super) tasks: Vec<Task>,
    pub(super) reported: Vec<Reported>,
    pub(super) actions: Vec<Action>,
    /// Reference tables that were read.
    pub(super) tables_read: BTreeSet<String>,
    /// Words of the code list sources.
    pub(super) sources_read: BTreeSet<&'static str>,
    /// Sections that were asked for and not told.
    pub(super) untold: BTreeSet<Section>,
    pub(super) delivered: BTreeSet<Section>,
    pub(super) log: Log,
    /// What WASI's answers keep: nothing until one is asked for.
    pub(super) world: Option<Box<World>>,
    /// Bytes of what was said so far.
    said: usize,
    calls: u32,
    rows: usize,
    text: usize,
    facts: Handed,
    people: Handed,
}

/// Handles that the guest has been given: another one is a guess, or kept from another run.
#[derive(Default)]
struct Handed(Vec<u64>);

impl Handed {
    fn note(&mut self, handle: Handle) {
        let (word, bit) = (handle as usize / 64, handle % 64);
        if self.0.len() <= word {
            self.0.resize(word + 1, 0);
        }
        self.0[word] |= 1 << bit;
    }

    fn has(&self, handle: Handle) -> bool {
        self.0.get(handle as usize / 64).is_some_and(|w| w & (1 << (handle % 64)) != 0)
    }
}

/// The author's log lines.
#[derive(Debug, Default, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Log {
    pub lines: Vec<LogLine>,
    /// Lines past the last that is kept.
    pub dropped: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct LogLine {
    /// debug, info, warn or error.
    pub level: String,
    pub text: String,
}

impl Log {
    pub(super) fn write(&mut self, level: &str, mut text: String) {
        if self.lines.len() >= MOST_LOG_LINES {
            self.dropped = self.dropped.saturating_add(1);
            return;
        }
        // A terminal or a page that shows it must not be told what to do.
        text.retain(|c| !c.is_control());
        if text.len() > LONGEST_LOG_LINE {
            let cut = (0..=LONGEST_LOG_LINE).rev().find(|i| text.is_char_boundary(*i)).unwrap_or(0);
            text.truncate(cut);
            text.push('…');
        }
        self.lines.push(LogLine { level: level.to_owned(), text });
    }

    /// What the guest last warned of: the kit's panic hook writes there why it stops.
    pub(super) fn last_words(&self) -> Option<String> {
        self.lines.iter().rev().find(|l| l.level == "warn" || l.level == "error").map(|l| l.text.clone())
    }
}

/// Something that says which facts and people it shows.
pub(super) trait Shows {
    fn facts(&self) -> impl Iterator<Item = Handle>;
    fn people(&self) -> impl Iterator<Item = Handle>;
}

impl Run {
    pub(super) fn new(given: Given, vocabulary: Arc<Vocabulary>, limits: Limits) -> Self {
        let mut people = Handed::default();
        given.matter.people().into_iter().for_each(|p| people.note(p));
        Self {
            meter: Meter::new(&limits),
            given,
            vocabulary,
            limits,
            findings: Vec::new(),
            claims: Vec::new(),
            tasks: Vec::new(),
            reported: Vec::new(),
            actions: Vec::new(),
            tables_read: BTreeSet::new(),
            sources_read: BTreeSet::new(),
            untold: BTreeSet::new(),
            delivered: BTreeSet::new(),
            log: Log::default(),
            world: None,
            said: 0,
            calls: 0,
            rows: 0,
            text: 0,
            facts: Handed::default(),
            people,
        }
    }

    /// Nothing more comes: what the guest wrote without ending the line is logged too.
    pub(super) fn end_output(&mut self) {
        if let Some(world) = &mut self.world {
            world.end(&mut self.log);
        }
    }

    /// Why the guest stopped, in its own words: the error that its kit logged, else the end of its standard error, else what it
    /// last warned of.
    pub(super) fn last_words(&self) -> Option<String> {
        let error = self.log.lines.iter().rev().find(|l| l.level == "error").map(|l| l.text.clone());
        error.or_else(|| self.world.as_ref()?.last_words()).or_else(|| self.log.last_words())
    }

    /// Every host function begins here: its cost is the host's, so it is counted.
    pub(super) fn count_call(&mut self) -> anyhow::Result<()> {
        self.count_calls(1)
    }

    pub(super) fn count_calls(&mut self, calls: u32) -> anyhow::Result<()> {
        self.calls = self.calls.saturating_add(calls);
        if self.calls > self.limits.host_calls {
            return Err(Stop::TooMuch { what: "calls of the host", most: self.limits.host_calls as usize }.into());
        }
        Ok(())
    }

    /// A call of an interface that reads the record: counted, and answered "not granted" where it was optional and is not,
    /// "no family" where the question is about none.
    pub(super) fn read(&mut self, interface: &str) -> anyhow::Result<Result<(), wit::Absence>> {
        let told = match self.read_of_authority(interface)? {
            Ok(()) if !self.given.question.about_a_family() => Err(absence("no-family")),
            granted => granted,
        };
        if told.is_err() {
            self.untold.extend(super::grants::interface(interface).and_then(|i| i.section));
        }
        Ok(told)
    }

    /// The same for what is the authority's and no family's.
    pub(super) fn read_of_authority(&mut self, interface: &str) -> anyhow::Result<Result<(), wit::Absence>> {
        self.count_call()?;
        Ok(if self.given.context.grants.has(interface) { Ok(()) } else { Err(absence("not-granted")) })
    }

    /// Notes what a plugin of that extension point reports, and gives its number.
    pub(super) fn report(&mut self, point: ExtensionPoint, report: Reported) -> anyhow::Result<u32> {
        self.may_report(point)?;
        room("reports", self.reported.len(), MOST_REPORTS)?;
        self.count_said(256)?;
        self.reported.push(report);
        // Bounded above, so it fits.
        Ok(u32::try_from(self.reported.len() - 1).unwrap_or(u32::MAX))
    }

    /// Only the extension point that was asked has something to report.
    pub(super) fn may_report(&self, point: ExtensionPoint) -> anyhow::Result<()> {
        let asked = self.given.question.extension_point();
        if asked == point {
            Ok(())
        } else {
            nonsense(format!("a report of {}, while the question is one of {}", point.code(), asked.code()))
        }
    }

    /// # Errors
    /// Where such a thing was reported before.
    pub(super) fn once(&self, what: &str, same: impl Fn(&Reported) -> bool) -> anyhow::Result<()> {
        if self.reported.iter().any(same) { nonsense(format!("two reports of {what}")) } else { Ok(()) }
    }

    /// One to twenty reasons.
    pub(super) fn reasons(&mut self, of: &str, said: Vec<messages::Reason>) -> anyhow::Result<Vec<Reason>> {
        bounded("reasons of one report", &said, MOST_REASONS)?;
        if said.is_empty() {
            return nonsense(format!("{of} has no reason"));
        }
        said.into_iter().map(|r| self.reason(r)).collect()
    }

    /// May a proposal of that interface be taken? An optional one that was not granted is linked: what it proposes goes nowhere.
    pub(super) fn may_propose(&mut self, interface: &str) -> anyhow::Result<bool> {
        self.count_call()?;
        if !self.given.context.grants.has(interface) {
            return Ok(false);
        }
        if !self.given.question.about_a_family() {
            return nonsense("a proposal for a family, while the question is about none");
        }
        Ok(true)
    }

    /// Notes a proposal, once for each key.
    pub(super) fn propose(&mut self, action: Action) -> anyhow::Result<()> {
        if self.has_proposed(action.key()) {
            return Ok(());
        }
        room("proposed actions", self.tasks.len() + self.actions.len(), MOST_PROPOSALS)?;
        self.count_said(256)?;
        self.actions.push(action);
        Ok(())
    }

    pub(super) fn has_proposed(&self, key: &str) -> bool {
        self.tasks.iter().any(|t| t.key == key) || self.actions.iter().any(|a| a.key() == key)
    }

    /// Notes that `rows` of `section` are handed over.
    pub(super) fn hand_over<T: Shows>(&mut self, section: Section, rows: &[T]) -> anyhow::Result<()> {
        self.delivered.insert(section);
        self.count_rows(rows.len())?;
        for row in rows {
            row.facts().for_each(|f| self.facts.note(f));
            row.people().for_each(|p| self.people.note(p));
        }
        Ok(())
    }

    /// Notes a fact that is named outside a section's rows.
    pub(super) fn note_fact(&mut self, fact: Handle) {
        self.facts.note(fact);
    }

    /// Notes people that are named outside a section's rows.
    pub(super) fn note_people(&mut self, people: impl Iterator<Item = Handle>) {
        people.for_each(|p| self.people.note(p));
    }

    pub(super) fn count_rows(&mut self, rows: usize) -> anyhow::Result<()> {
        self.rows += rows;
        if self.rows > self.limits.rows {
            return Err(Stop::TooMuch { what: "rows read", most: self.limits.rows }.into());
        }
        Ok(())
    }

    /// May anything of the section be read? Through whichever interface that opens it.
    pub(super) fn may_read(&self, section: Section) -> bool {
        INTERFACES.iter().any(|i| i.section == Some(section) && self.given.context.grants.has(i.name))
    }

    /// Counts bytes of text that a call moves between guest and host: they cost the host, and no fuel.
    pub(super) fn count_text(&mut self, bytes: usize) -> anyhow::Result<()> {
        self.text += bytes;
        if self.text > self.limits.text {
            return Err(Stop::TooMuch { what: "bytes of text to and from the host", most: self.limits.text }.into());
        }
        Ok(())
    }

    /// Counts bytes that will be kept of what the guest says.
    pub(super) fn count_said(&mut self, bytes: usize) -> anyhow::Result<()> {
        self.said += bytes;
        if self.said > self.limits.said {
            return Err(Stop::TooMuch { what: "bytes of findings, claims and proposals", most: self.limits.said }.into());
        }
        Ok(())
    }

    pub(super) fn known_fact(&self, handle: Handle) -> anyhow::Result<Handle> {
        if self.facts.has(handle) { Ok(handle) } else { nonsense(format!("fact {handle} was never given to this run")) }
    }

    pub(super) fn known_person(&self, handle: Handle) -> anyhow::Result<Handle> {
        if self.people.has(handle) { Ok(handle) } else { nonsense(format!("person {handle} was never given to this run")) }
    }

    /// What the snapshot says of a person whom this run was given.
    pub(super) fn person(&self, handle: Handle) -> anyhow::Result<&PersonEntry> {
        match self.given.snapshot.people.get(self.known_person(handle)? as usize) {
            Some(person) => Ok(person),
            None => nonsense(format!("person {handle} was never given to this run")),
        }
    }
}

pub(super) fn absence(why: &str) -> wit::Absence {
    wit::Absence { why: why.to_owned() }
}

/// A day from the guest that is not past.
pub(super) fn day_to_come(what: &str, as_of: Day, number: i32) -> anyhow::Result<Day> {
    let day = day(number)?;
    if day < as_of { nonsense(format!("{what} on {day}, before the as-of date")) } else { Ok(day) }
}

/// A day from the guest.
pub(super) fn day(number: i32) -> anyhow::Result<Day> {
    Day::new(number).map_or_else(|| nonsense(format!("{number} is not a day between {} and {}", Day::FIRST, Day::LAST)), Ok)
}

/// A window from the guest.
pub(super) fn window(window: wit::Window) -> anyhow::Result<Window> {
    let (first, last) = (day(window.first)?, window.last.map(day).transpose()?);
    Window::new(first, last).or_else(|e| nonsense(format!("a window whose {e}")))
}

pub(super) const fn wit_window(window: Window) -> wit::Window {
    wit::Window {
        first: window.first.number(),
        last: match window.last {
            Some(last) => Some(last.number()),
            None => None,
        },
    }
}

/// A word from the guest that must stand in a code list.
pub(super) fn code(what: &str, list: &str, word: String) -> anyhow::Result<String> {
    if codes::find(list, &word).is_some() {
        Ok(word)
    } else {
        nonsense(format!("{what}: `{}` is not in the code list {list} ({})", shown(&word), codes::words(list)))
    }
}

/// A word from the guest that must stand in its manifest, and does not: its author is told which do.
pub(super) fn undeclared<'a, T>(what: &str, word: &str, declared: impl Iterator<Item = &'a String>) -> anyhow::Result<T> {
    const MOST_SHOWN: usize = 12;
    let mut declared: Vec<&str> = declared.map(String::as_str).collect();
    declared.sort_unstable();
    let more = if declared.len() > MOST_SHOWN { ", …" } else { "" };
    declared.truncate(MOST_SHOWN);
    nonsense(format!("{what} `{}` is not in the manifest ({}{more})", shown(word), declared.join(", ")))
}

/// A key of the guest's own choosing: a word too, or text could be smuggled in it.
pub(super) fn key(what: &str, word: String) -> anyhow::Result<String> {
    if crate::record::ids::is_slug(&word) {
        Ok(word)
    } else {
        nonsense(format!("{what}: `{}` is not 2 to 64 small letters, digits and hyphens", shown(&word)))
    }
}

/// What the guest wrote, short and plain enough to repeat in an error.
pub(super) fn shown(word: &str) -> String {
    word.chars().filter(|c| c.is_ascii_graphic() || *c == ' ').take(LONGEST_WORD).collect()
}

/// Is there room for one more?
pub(super) fn room(what: &'static str, so_far: usize, most: usize) -> anyhow::Result<()> {
    if so_far >= most { Err(Stop::TooMuch { what, most }.into()) } else { Ok(()) }
}

pub(super) fn bounded<T>(what: &'static str, list: &[T], most: usize) -> anyhow::Result<()> {
    if list.len() > most { Err(Stop::TooMuch { what, most }.into()) } else { Ok(()) }
}

/// The bound of every list that no other bound is stated for.
pub(super) fn short_list<T>(what: &'static str, list: &[T]) -> anyhow::Result<()> {
    bounded(what, list, LONGEST_LIST)
}
