//! The days go by: what the files say of a day is sent, the host goes on, and what must hold that evening is looked for.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, bail};
use hearth::record::Day;
use serde_json::{Value, json};

use super::council::{Council, Year};
use super::look::{held, unmet};
use super::names::Names;
use super::read::{Book, Case, Entry, State, Step};
use super::tell::Counted;

/// What was to hold of an act.
const DONE: &str = " is done";

/// Something that was to hold and did not, or somebody's act that was refused.
#[derive(Debug, Clone)]
pub struct Miss {
    pub case: String,
    pub council: String,
    pub on: Day,
    /// File and line of what was to hold, and the document's line.
    pub at: String,
    pub what: String,
    pub held: String,
}

/// The beginning of a text: so much of it as a line takes.
#[must_use]
pub fn short(text: &str) -> String {
    const LETTERS: usize = 240;
    if text.chars().count() <= LETTERS { text.to_owned() } else { text.chars().take(LETTERS).chain("…".chars()).collect() }
}

impl Miss {
    /// Somebody's act was refused: that tells nothing of what must hold.
    fn is_an_act(&self) -> bool {
        self.what.ends_with(DONE)
    }
}

impl std::fmt::Display for Miss {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { case, council, on, at, .. } = self;
        let (what, held) = (short(&self.what), short(&self.held));
        write!(f, "{case}, {council}, {on} ({at}):\n    was to hold: {what}\n    held:        {held}")
    }
}

/// A family's year at one authority.
struct Life {
    case: Case,
    council: usize,
    /// Without the decisive fact: what does not hold is then what is looked for.
    without: bool,
    names: Names,
    family: Option<String>,
    /// The first act that was refused: what follows from it is not told again.
    refused: bool,
}

/// What came of the year.
#[derive(Debug, Default)]
pub struct Played {
    /// That were taken in.
    pub families: usize,
    /// Rows of the table that were looked at.
    pub looked_at: usize,
    /// Of cases as they are written.
    pub misses: Vec<Miss>,
    /// Of cases without what decides them, by case and authority: what is not as it was.
    pub without: BTreeMap<(String, String), Vec<Miss>>,
    /// How many of each kind of drawn families held all that they were to, of how many.
    pub drawn: BTreeMap<(String, String), (usize, usize)>,
    pub counted: Counted,
    /// Family ids of the named cases, by case and council.
    pub(super) named: Vec<(String, usize, String)>,
}

impl Year {
    /// Plays it: the cases as they are written, and without what decides them.
    ///
    /// # Errors
    /// The host failed, or what an authority sets up is refused. A family's act that is refused is a miss.
    pub async fn play(&mut self, book: &Book, cases: &[Case], without: &[Case]) -> Result<Played> {
        let mut lives = self.lives(cases, false);
        lives.extend(self.lives(without, true));
        let mut played = Played::default();
        let mut day = book.first;
        loop {
            self.wake(day);
            self.go_on().await.with_context(|| format!("the morning of {day}"))?;
            for council in &mut self.councils {
                for plugin in council.adopt_on(Some(day)).await? {
                    played.counted.note(&council.file.name, day, &format!("{plugin} decides from now on"));
                }
                council.own_day(book, day, false).await?;
            }
            for life in &mut lives {
                self.live(book, life, day, &mut played).await?;
            }
            for council in &mut self.councils {
                council.own_day(book, day, true).await?;
            }
            self.go_on().await.with_context(|| format!("the evening of {day}"))?;
            for life in &lives {
                self.look(book, life, day, &mut played).await?;
            }
            let next = day.plus(1).context("a day follows")?;
            if next > book.last || next.date().day() == 1 {
                for council in &self.councils {
                    played.counted.month(council, day).await?;
                }
            }
            if next > book.last {
                break;
            }
            day = next;
        }
        for life in lives.iter().filter(|life| !life.without) {
            let (name, council) = (life.case.name.clone(), self.councils[life.council].file.name.clone());
            match &life.family {
                Some(family) if book.cases.iter().any(|case| case.name == name) => {
                    played.named.push((name, life.council, family.clone()));
                }
                _ => {
                    let met = !played.misses.iter().any(|m| m.case == name && m.council == council);
                    let kind = name.rsplit_once('-').map_or(name.clone(), |(kind, _)| kind.to_owned());
                    let (held, all) = played.drawn.entry((kind, council)).or_default();
                    *all += 1;
                    *held += usize::from(met);
                }
            }
        }
        Ok(played)
    }

    fn lives(&self, cases: &[Case], without: bool) -> Vec<Life> {
        let councils = || self.councils.iter().enumerate();
        let given = |case: &Case| councils().filter(|(_, c)| case.given_to.contains(&c.file.short)).map(|(i, _)| i).collect::<Vec<_>>();
        let life = |(case, council): (&Case, usize)| Life {
            case: case.clone(),
            council,
            without,
            names: Names::default(),
            family: None,
            refused: false,
        };
        cases.iter().flat_map(|case| given(case).into_iter().map(move |council| (case, council))).map(life).collect()
    }

    async fn live(&self, book: &Book, life: &mut Life, day: Day, played: &mut Played) -> Result<()> {
        let council = &self.councils[life.council];
        let theirs = |at: Option<&String>| at.is_none_or(|short| *short == council.file.short);
        let today: Vec<Entry> = life.case.entries.iter().filter(|e| e.on == day && theirs(e.council.as_ref())).cloned().collect();
        if today.is_empty() {
            return Ok(());
        }
        if life.family.is_none() {
            life.take_in(council).await.with_context(|| format!("taking in {} at {}", life.case.name, council.file.name))?;
            played.families += 1;
        }
        for entry in today.iter().filter(|e| !(life.without && e.label.as_ref().is_some_and(|l| life.case.decisive.contains(l)))) {
            played.counted.did(&council.file.name, day, &entry.act);
            let mut names = council.names.clone();
            names.learn(&life.names);
            let done = act(book, council, entry, &mut names).await;
            for name in kept(book, entry) {
                if let Some(value) = names.get(&name) {
                    life.names.set(&name, value.clone());
                }
            }
            if let Err(why) = done
                && !life.refused
            {
                life.refused = true;
                let what = format!("{}{DONE}", entry.act);
                played.miss(life, council, day, entry.at.to_string(), what, format!("{why:#}"));
            }
        }
        Ok(())
    }

    async fn look(&self, book: &Book, life: &Life, day: Day, played: &mut Played) -> Result<()> {
        let council = &self.councils[life.council];
        let theirs = |state: &&State| state.on == day && state.council.as_ref().is_none_or(|short| *short == council.file.short);
        for state in life.case.states.iter().filter(theirs) {
            for (look, patterns) in &state.holds {
                played.looked_at += 1;
                let mut names = council.names.clone();
                names.learn(&life.names);
                let at = format!("{}; {}", state.at, state.source);
                let Some(steps) = book.looks.get(look) else { bail!("{}: looks.yaml has no look `{look}`", state.at) };
                let wanted: Result<Vec<Value>, String> = patterns.iter().map(|pattern| names.fill(pattern)).collect();
                let (wanted, items) = match (wanted, see(council, steps, &mut names).await) {
                    (Ok(wanted), Ok(items)) => (wanted, items),
                    (Err(why), _) => {
                        played.miss(life, council, day, at, format!("{look}: {}", json!(patterns)), why);
                        continue;
                    }
                    (_, Err(why)) => {
                        played.miss(life, council, day, at, format!("{look}: {}", json!(patterns)), format!("{why:#}"));
                        continue;
                    }
                };
                let missing = unmet(&wanted, &items);
                if !missing.is_empty() {
                    let shown = held(&missing, &items);
                    played.miss(life, council, day, at, format!("{look}: {}", json!(missing)), json!(shown).to_string());
                }
            }
        }
        Ok(())
    }
}

impl Council {
    /// What the authority does that day beside its families, before what is done for them or after.
    async fn own_day(&mut self, book: &Book, day: Day, evening: bool) -> Result<()> {
        for entry in self.file.entries.clone().iter().filter(|e| e.on == day && e.evening == evening) {
            let mut names = self.names.clone();
            match act(book, self, entry, &mut names).await {
                Ok(()) => self.names = names,
                // What is said to a plugin means nothing to its stub.
                Err(_) if self.stubbed => {}
                Err(why) => return Err(why.context(self.file.name.clone())),
            }
        }
        Ok(())
    }
}

impl Played {
    fn miss(&mut self, life: &Life, council: &Council, on: Day, at: String, what: String, held: String) {
        let miss = Miss { case: life.case.name.clone(), council: council.file.name.clone(), on, at, what, held };
        if life.without {
            self.without.entry((miss.case.clone(), miss.council.clone())).or_default().push(miss);
        } else {
            self.misses.push(miss);
        }
    }

    /// What is another way at a case's end where what decides it is left out; none: it decides nothing.
    #[must_use]
    pub fn ends_otherwise(&self, case: &Case) -> Option<&Miss> {
        let last = case.states.iter().map(|s| s.on).max();
        let mut ends = self.without.iter().filter(|((name, _), _)| *name == case.name).flat_map(|(_, misses)| misses);
        ends.find(|miss| Some(miss.on) == last && !miss.is_an_act())
    }

    /// The named cases of which something did not hold.
    #[must_use]
    pub fn failed(&self) -> BTreeSet<&str> {
        self.misses.iter().map(|m| m.case.as_str()).collect()
    }
}

impl Life {
    async fn take_in(&mut self, council: &Council) -> Result<()> {
        let mut document = self.case.family.clone();
        let without = if self.without { "-without" } else { "" };
        document["reference"] = json!(format!("{}{without}", self.case.name).to_uppercase());
        let step = Step::post("/families", document);
        let answer = council.send(&step, &mut Names::default()).await?.pop().unwrap_or_default();
        for (name, id) in ["people", "homes"].iter().filter_map(|of| answer[of].as_object()).flatten() {
            self.names.set(name, id.clone());
        }
        self.family = answer["id"].as_str().map(str::to_owned);
        self.names.set("family", answer["id"].clone());
        Ok(())
    }
}

/// Sends what an act consists of.
async fn act(book: &Book, council: &Council, entry: &Entry, names: &mut Names) -> Result<()> {
    let steps = book.acts.get(&entry.act).with_context(|| format!("{}: acts.yaml has no act `{}`", entry.at, entry.act))?;
    names.set("day", json!(entry.on.to_string()));
    let given = names.fill(&entry.given).map_err(|why| anyhow::anyhow!("{}: {why}", entry.at))?;
    names.set("given", given);
    for step in steps {
        let meant = council.send(step, names).await?;
        if meant.is_empty() {
            let wanted = step.matching.as_ref().map(|m| names.fill(m).unwrap_or_else(Value::String));
            bail!("{}: {} has nothing like {}", step.at, step.path, wanted.unwrap_or_default());
        }
    }
    Ok(())
}

/// What an act keeps by name.
fn kept(book: &Book, entry: &Entry) -> BTreeSet<String> {
    book.acts.get(&entry.act).into_iter().flatten().flat_map(|step| step.keep.keys().cloned()).collect()
}

/// What a look finds: the last request's items; nothing, where one before finds nothing.
async fn see(council: &Council, steps: &[Step], names: &mut Names) -> Result<Vec<Value>> {
    let mut items = Vec::new();
    for step in steps {
        items = council.send(step, names).await?;
        if items.is_empty() {
            break;
        }
    }
    Ok(items)
}
