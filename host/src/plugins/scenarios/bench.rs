//! Plays stories: the plugin compiled once, linked to what a story grants, and asked in the real sandbox.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::Who;
use super::about;
use super::expect::{Expecting, Miss};
use super::node::Node;
use super::said::{self, Words};
use super::story::Story;
use super::world::{World, text_of};
use super::wrong::{At, Read, Wrong};
use crate::plugins::install::asked;
use crate::plugins::settings::Schema;
use crate::plugins::tables::Row;
use crate::plugins::{Inspected, Manifest};
use crate::record::{AuthorityId, Day, Digest, Invalid};
use crate::sandbox::answer::Answer;
use crate::sandbox::{
    Blame, Compiled, Context, EarlierClaim, Fault, Given, Grants, Log, Outcome, Prepared, Question, Sandbox, TableGiven, Unfit,
};
use crate::workflow::explain::Reader;

/// One plugin, ready to be put through stories.
pub struct Bench {
    sandbox: Arc<Sandbox>,
    compiled: Compiled,
    pub inspected: Inspected,
    settings: Schema,
    authority: AuthorityId,
    own: Own,
    /// Whose share of the host its runs use.
    share: AuthorityId,
    /// By what is not granted.
    prepared: Mutex<BTreeMap<Vec<String>, Arc<Prepared>>>,
    spent: Mutex<Spent>,
}

/// What a bench's runs used so far.
#[derive(Debug, Clone, Default)]
pub(super) struct Spent {
    /// Fuel.
    pub instructions: u64,
    pub processor: Duration,
    /// Why one of them came to nothing, where that was not the plugin's doing.
    pub hindered: Option<String>,
}

/// What an authority makes of the plugin: under what a story says for itself.
#[derive(Debug, Default)]
struct Own {
    settings: serde_json::Map<String, serde_json::Value>,
    ungranted: Vec<String>,
}

/// How one day of a story came out.
#[derive(Debug)]
pub struct Checked {
    pub day: Day,
    /// Of a later step: its place in the list.
    pub step: Option<usize>,
    pub misses: Vec<Miss>,
    /// The whole answer as its author would write it, in English and Welsh; none after a fault.
    pub shown: Option<[String; 2]>,
    /// Of the answer's canonical bytes; none after a fault.
    pub answer: Option<Digest>,
    pub log: Log,
    pub took: Duration,
    pub instructions: u64,
}

/// How a story came out: every day that something was expected of, up to where it could not be read.
#[derive(Debug)]
pub struct Played {
    pub checked: Vec<Checked>,
    pub wrong: Option<Wrong>,
}

impl Played {
    #[must_use]
    pub fn passed(&self) -> bool {
        self.wrong.is_none() && self.checked.iter().all(|c| c.misses.is_empty())
    }

    #[must_use]
    pub fn instructions(&self) -> u64 {
        self.checked.iter().map(|c| c.instructions).sum()
    }
}

impl Bench {
    /// # Errors
    /// [`Unfit`] where the plugin cannot run on this host.
    pub fn new(sandbox: Arc<Sandbox>, compiled: Compiled, inspected: Inspected) -> Result<Self, Unfit> {
        let settings = Schema::of(&inspected.manifest).map_err(|e| Unfit::Interface(e.to_string()))?;
        // No council's: nothing of a scenario is anybody's record.
        let authority: AuthorityId = "E06000000".parse().map_err(|e: Invalid| Unfit::Host(e.to_string()))?;
        let share = authority.clone();
        Ok(Self {
            sandbox,
            compiled,
            inspected,
            settings,
            authority,
            own: Own::default(),
            share,
            prepared: Mutex::default(),
            spent: Mutex::default(),
        })
    }

    /// The same, on an authority's share of the host.
    #[must_use]
    pub fn on_the_share_of(self, share: AuthorityId) -> Self {
        Self { share, ..self }
    }

    /// The same as an authority has it: with its settings where a story says nothing of them, and without what it did not grant.
    #[must_use]
    pub fn as_installed(self, settings: &serde_json::Value, ungranted: Vec<String>) -> Self {
        Self { own: Own { settings: settings.as_object().cloned().unwrap_or_default(), ungranted }, ..self }
    }

    /// What a story does not grant, and the authority does not.
    fn ungranted(&self, world: &World) -> Vec<String> {
        let mut all: Vec<String> = world.ungranted.iter().chain(&self.own.ungranted).cloned().collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    fn settings(&self, world: &World) -> serde_json::Value {
        let mut all = self.own.settings.clone();
        match world.settings.to_json() {
            serde_json::Value::Object(said) => all.extend(said),
            // What is no object is told as it was said.
            other => return other,
        }
        serde_json::Value::Object(all)
    }

    /// Plays a story to its end.
    pub async fn play(&self, story: &Story) -> Played {
        let mut checked = Vec::new();
        let wrong = self.days(story, &mut checked).await.err();
        Played { checked, wrong }
    }

    async fn days(&self, story: &Story, checked: &mut Vec<Checked>) -> Read<()> {
        let change = story.change.as_ref();
        let mut world = self.world(&story.base, change.map(|(_, change)| change)).map_err(|e| match change {
            Some((i, _)) if e.wrong.field.starts_with("change") => e.within(&format!("cases[{i}]")),
            _ => e,
        })?;
        if let Some(expect) = &story.expect {
            let at = story.change.as_ref().map_or_else(|| "expect".to_owned(), |(i, _)| format!("cases[{i}].expect"));
            checked.push(self.ask(&mut world, expect, None).await.map_err(|e| below(e, &at))?);
        }
        for (n, step) in story.then.iter().enumerate() {
            let at = format!("{}[{n}]", story.then_at);
            go_on(&mut world, step).and_then(|()| world.tell(step, &self.authority)).map_err(|e| e.within(&at))?;
            if let Some(expect) = step.get("expect") {
                let found = self.ask(&mut world, expect, Some(n)).await.map_err(|e| below(e, &format!("{at}.expect")))?;
                checked.push(found);
            }
        }
        Ok(())
    }

    async fn ask(&self, world: &mut World, expect: &Node, step: Option<usize>) -> Read<Checked> {
        let put = self.put(world).await?;
        let Put { question, given, who, result, instructions, took, log } = put;
        let manifest = &self.inspected.manifest;
        let words = words(manifest, &given, &who, world);
        let items = result.as_ref().map(|answer| words.items(answer)).unwrap_or_default();
        let expecting = Expecting { expect, question, manifest, who: &who, dates: world.dates() };
        let misses = expecting.misses(&result, &items, &words)?;
        let shown = result.as_ref().ok().map(|answer| [false, true].map(|welsh| said::shown(answer, &items, welsh)));
        let day = world.today;
        let digest = result.as_ref().ok().map(|answer| answer.encode().0);
        if let Ok(answer) = result {
            world.claimed(answer.claims.into_iter().map(|c| EarlierClaim { entitled_on: c.entitled_on, kind: c.kind }));
        }
        Ok(Checked { day, step, misses, shown, answer: digest, log, took, instructions })
    }

    /// Asks the question once, of the world as it is.
    pub(super) async fn put(&self, world: &World) -> Read<Put> {
        let question = world.ask.ok_or_else(|| Wrong::new("ask", "is needed: the question"))?;
        let (given, who) = self.given(world, question)?;
        let prepared = self.prepared(&self.ungranted(world)).map_err(|e| {
            let hint =
                if matches!(e, Unfit::NotGranted(_)) { "; what it can do without stands under `optional` in manifest.json" } else { "" };
            Wrong::new("ungranted", format!("{e}{hint}"))
        })?;
        if !prepared.answers(question) {
            return Err(Wrong::new("ask", format!("the plugin does not answer `{}`", question.code())));
        }
        let (outcome, processor) = self.sandbox.ask_patiently(&self.share, prepared, given.clone()).await;
        let Outcome { result, instructions, took, log, .. } = outcome;
        let mut spent = self.spent.lock().unwrap_or_else(PoisonError::into_inner);
        spent.instructions = spent.instructions.saturating_add(instructions);
        spent.processor += processor;
        if let Err(fault) = &result
            && fault.blame() != Blame::Guest
        {
            spent.hindered.get_or_insert_with(|| fault.to_string());
        }
        drop(spent);
        Ok(Put { question, given, who, result, instructions, took, log })
    }

    pub(super) fn forget_spent(&self) {
        *self.spent.lock().unwrap_or_else(PoisonError::into_inner) = Spent::default();
    }

    pub(super) fn spent(&self) -> Spent {
        self.spent.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The world at the beginning of a scenario, with what a case of it changes.
    pub(super) fn world(&self, base: &Node, change: Option<&Node>) -> Read<World> {
        let mut base = base.clone();
        // These two decide what all other dates mean.
        for field in ["today", "terms"] {
            if let Some(own) = change.and_then(|change| change.get(field)) {
                base.set(field, own.clone());
            }
        }
        let mut world = World::open(&base, &self.authority)?;
        if let Some(change) = change {
            world.tell(change, &self.authority).map_err(|e| e.within("change"))?;
        }
        Ok(world)
    }

    /// Everything that the run is given.
    fn given(&self, world: &World, question: Question) -> Read<(Given, Who)> {
        let manifest = &self.inspected.manifest;
        if question.about_a_family() && world.family.people.is_empty() {
            return Err(Wrong::new("family", format!("is needed: `{}` is about a family", question.code())));
        }
        let (matter, mut who) =
            about::matter(world, question, manifest).at(world.about.as_ref().unwrap_or(&Node::empty())).map_err(|e| e.within("about"))?;
        let directory = about::directory(&world.directory).at(&world.directory).map_err(|e| e.within("directory"))?;
        who.services = directory.iter().map(|s| s.name.clone()).collect();
        let ungranted = self.ungranted(world);
        let granted = |name: &&str| !ungranted.iter().any(|u| u == name);
        let asked = asked(&self.inspected);
        let grants: Grants = asked.iter().map(String::as_str).filter(granted).collect();
        let directory = if grants.has("hearth:platform/directory") { directory } else { Vec::new() };
        let context = Context {
            settings: self.settings.fill(&self.settings(world)).at(&world.settings)?,
            coverage: world.family.feeds.clone(),
            calendar: world.calendar.clone(),
            tables: tables(manifest, &world.tables)?,
            directory,
            ..Context::new(self.inspected.digest, grants, world.today)
        };
        let snapshot = if question.about_a_family() {
            world.family.snapshot.clone()
        } else {
            crate::record::Snapshot::build(crate::record::FamilyId(uuid::Uuid::nil()), 0, &[], &[])
        };
        let given = Given {
            question,
            context: Arc::new(context),
            snapshot: Arc::new(snapshot),
            matter: Arc::new(matter),
            claims: world.claims.clone(),
        };
        Ok((given, who))
    }

    fn prepared(&self, ungranted: &[String]) -> Result<Arc<Prepared>, Unfit> {
        let known = self.prepared.lock().unwrap_or_else(PoisonError::into_inner).get(ungranted).cloned();
        if let Some(prepared) = known {
            return Ok(prepared);
        }
        let asked = asked(&self.inspected);
        let grants: Grants = asked.iter().map(String::as_str).filter(|name| !ungranted.iter().any(|u| u == name)).collect();
        let prepared = Arc::new(self.sandbox.prepare(&self.compiled, &self.inspected.words(), &grants)?);
        self.prepared.lock().unwrap_or_else(PoisonError::into_inner).insert(ungranted.to_vec(), prepared.clone());
        Ok(prepared)
    }
}

/// One question, and what came of it.
pub(super) struct Put {
    pub question: Question,
    pub given: Given,
    pub who: Who,
    pub result: Result<Answer, Fault>,
    pub instructions: u64,
    pub took: Duration,
    pub log: Log,
}

/// What puts an answer into a scenario's words.
pub(super) fn words<'a>(manifest: &'a Manifest, given: &'a Given, who: &'a Who, world: &World) -> Words<'a> {
    let names: HashMap<_, _> = world.family.ids.iter().cloned().collect();
    let reader = |welsh| Reader { welsh, names: names.clone(), directory: given.context.directory.clone() };
    Words { manifest, snapshot: &given.snapshot, english: reader(false), welsh: reader(true), who }
}

/// The day of a step.
fn go_on(world: &mut World, step: &Node) -> Read<()> {
    let day = |field: &str, read: &dyn Fn(&World, &str) -> Result<Day, Invalid>| {
        step.get(field).map(|node| text_of(node).and_then(|text| read(world, &text)).map_err(|e| e.within(field)).at(step)).transpose()
    };
    let after = day("after", &|world, text| world.dates().after(text))?;
    let on = day("on", &|world, text| world.dates().day(text))?;
    let Some(day) = after.or(on) else { return Ok(()) };
    if day < world.today {
        return Err(Invalid::new("on", format!("{day} is before {}: time goes on", world.today))).at(step);
    }
    world.go_to(day);
    Ok(())
}

/// What is wrong with an expectation stands below it; what is wrong with the family or the question does not.
fn below(e: Wrong, expect: &str) -> Wrong {
    let outside = ["family", "ask", "about", "directory", "settings", "tables", "ungranted"];
    if outside.iter().any(|field| e.wrong.field.split(['.', '[']).next() == Some(field)) { e } else { e.within(expect) }
}

/// The tables that the plugin declares: its own rows, or those that the scenario supplies.
fn tables(manifest: &Manifest, supplied: &Node) -> Read<Vec<TableGiven>> {
    let known: Vec<&str> = manifest.tables.iter().filter(|t| t.rows.is_none()).map(|t| t.table.as_str()).collect();
    supplied.only(&known).at(supplied).map_err(|e| e.within("tables"))?;
    let mut given = Vec::new();
    for table in &manifest.tables {
        let rows = match (&table.rows, supplied.get(&table.table)) {
            (Some(rows), _) => Some(rows.clone()),
            (None, Some(rows)) => Some(rows.read::<Vec<Row>>().at(rows).map_err(|e| e.within(&format!("tables.{}", table.table)))?),
            (None, None) => None,
        };
        let at = |e: Invalid| Wrong { line: supplied.line_at(&table.table), wrong: e.within(&format!("tables.{}", table.table)) };
        given.extend(rows.map(|rows| table.given(&rows)).transpose().map_err(at)?);
    }
    Ok(given)
}
