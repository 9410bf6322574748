//! The two authorities: a host in this process with a clock that the driver moves, people with tokens, plugins from their days on.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use anyhow::{Context, Result, anyhow};
use hearth::plugins::inspect;
use hearth::record::{Clock, Day, KnownAt};
use hearth::settings::Settings;
use serde_json::{Value, json};

use super::look::like;
use super::names::Names;
use super::read::{Book, CouncilFile, Step, Uses};
use crate::host::{Caller, Host};

/// What takes a plugin's place where it is asked what the plugin is good for: it answers, and finds and proposes nothing. By extension point.
pub const STUBS: [(&str, &str); 4] =
    [("assessment", "planner"), ("commissioning", "planner"), ("outcomes", "hostile"), ("pathway", "planner")];

/// From then on days go by; what is set up is set up before.
const MORNING: i64 = 9 * 3_600_000;

/// A host, its authorities, and the day that it is.
pub struct Year {
    host: Host,
    ahead: Arc<AtomicI64>,
    pub(super) councils: Vec<Council>,
}

/// An authority at work.
pub(super) struct Council {
    pub(super) file: CouncilFile,
    system: Caller,
    people: BTreeMap<String, Caller>,
    pub(super) names: Names,
    /// A stub stands in the place of one of its plugins.
    pub(super) stubbed: bool,
}

impl Year {
    /// Sets everything up on the year's first morning. `stub`: the plugin of an authority in whose place a stub stands.
    ///
    /// # Errors
    /// What the API refused, or a plugin that is not built.
    pub async fn begin(book: &Book, stub: Option<(&str, &str)>) -> Result<Self> {
        let ahead = Arc::new(AtomicI64::new(0));
        let host = Host::start_at(Settings::default(), Clock::ahead(ahead.clone())).await?;
        let mut year = Self { host, ahead, councils: Vec::new() };
        year.wake(book.first);
        for organisation in &book.organisations {
            year.host.operator().post("/v1/organisations", organisation.clone()).await?;
        }
        for file in &book.councils {
            let stubbed = stub.filter(|(short, _)| *short == file.short).map(|(_, plugin)| plugin);
            let council = Council::begin(&year.host, file, stubbed).await.with_context(|| file.name.clone())?;
            year.councils.push(council);
        }
        for council in &mut year.councils {
            council.adopt_on(None).await?;
        }
        Ok(year)
    }

    /// It is the morning of that day.
    pub(super) fn wake(&self, day: Day) {
        let system = Clock::system().now().millis();
        self.ahead.store(KnownAt::begins(day).millis() + MORNING - system, Ordering::Relaxed);
    }

    /// What `hearth serve` does by itself, every minute and every hour: what happened is answered, what was missed is noted, what failed is
    /// asked again.
    pub(super) async fn go_on(&self) -> Result<()> {
        let workflow = &self.host.workflow;
        workflow.note_missed_dates().await?;
        workflow.answer_all_happenings().await?;
        workflow.retry_due().await?;
        Ok(())
    }

    /// Ends it.
    pub async fn end(self) {
        self.host.stop().await;
    }
}

impl Council {
    async fn begin(host: &Host, file: &CouncilFile, stubbed: Option<&str>) -> Result<Self> {
        let system = host.council(&file.code, &file.name).await?;
        let (mut people, mut names) = (BTreeMap::new(), Names::default());
        for (short, new) in &file.people {
            let given = system.post("/people", new.clone()).await?;
            let made = system.post("/tokens", json!({ "name": "the year", "login": given["login"] })).await?;
            let token = made["token"].as_str().context("a token is answered")?;
            people.insert(short.clone(), Caller::new(&host.base, &format!("/v1/authorities/{}", file.code), token));
            names.set(short, given["login"].clone());
        }
        let mut file = file.clone();
        if let Some(stubbed) = stubbed {
            for uses in file.uses.iter_mut().filter(|uses| uses.plugin == stubbed) {
                let stub = STUBS.iter().find(|(point, _)| *point == uses.point);
                let (_, stub) = stub.with_context(|| format!("there is no stub of {}", uses.point))?;
                *uses = Uses { plugin: (*stub).to_owned(), settings: json!({}), ..uses.clone() };
            }
        }
        Ok(Self { file, system, people, names, stubbed: stubbed.is_some() })
    }

    /// Adopts the plugins that are used from that day on, by the API alone; which they were. `None`: from the beginning.
    pub(super) async fn adopt_on(&mut self, day: Option<Day>) -> Result<Vec<String>> {
        let mut adopted = Vec::new();
        // In the order of their names assessment and commissioning come first: a stub offers the pathway too, and must not keep it.
        let mut uses: Vec<Uses> = self.file.uses.iter().filter(|uses| uses.from == day).cloned().collect();
        uses.sort_by(|one, other| one.point.cmp(&other.point));
        for Uses { known_as, plugin, point, settings, .. } in uses {
            let id = self.system.adopt(&plugin, &settings).await.with_context(|| format!("adopting {plugin}"))?;
            self.names.set(&point, Value::String(id));
            // What a screen that shows the form pins the answers to.
            let inspected = inspect(&crate::lab::plugin(&known_as)).map_err(|refused| anyhow!("{known_as}: {refused}"))?;
            for form in &inspected.manifest.forms {
                self.names.set(&format!("form-{}", form.form), json!(form.digest()));
            }
            adopted.push(plugin);
        }
        Ok(adopted)
    }

    /// Sends a request, and keeps what its answer gives by name. Answers the items that were meant, which may be none, or the whole answer.
    ///
    /// # Errors
    /// What was refused, in the API's words; a name that means nothing.
    pub(super) async fn send(&self, step: &Step, names: &mut Names) -> Result<Vec<Value>> {
        let answer = self.ask(step, names).await?;
        let Some(each) = &step.each else {
            keep(step, &answer, names)?;
            return Ok(vec![answer]);
        };
        let there = answer.pointer(each).ok_or_else(|| anyhow!("{}: the answer has no `{each}`", step.at))?;
        let pattern = step.matching.as_ref().map(|m| names.fill(m)).transpose().map_err(|why| anyhow!("{}: {why}", step.at))?;
        let items = there.as_array().cloned().unwrap_or_else(|| vec![there.clone()]);
        let meant: Vec<Value> = items.into_iter().filter(|item| pattern.as_ref().is_none_or(|p| like(p, item))).collect();
        if let Some(one) = if step.last { meant.last() } else { meant.first() } {
            keep(step, one, names)?;
        }
        Ok(meant)
    }

    async fn ask(&self, step: &Step, names: &Names) -> Result<Value> {
        let wrong = |why: String| anyhow!("{}: {why}", step.at);
        let path = names.within(&step.path).map_err(wrong)?;
        let by = step.by.as_ref().map(|by| names.within(by)).transpose().map_err(wrong)?;
        let caller = match &by {
            None => &self.system,
            Some(by) => self.people.get(by).with_context(|| format!("{}: nobody is called `{by}` at {}", step.at, self.file.name))?,
        };
        let body = step.body.as_ref().map_or_else(|| Ok(json!({})), |body| names.fill(body)).map_err(wrong)?;
        match step.method {
            "get" => caller.get(&path).await,
            "put" => caller.put(&path, body).await,
            _ => caller.post(&path, body).await,
        }
        .with_context(|| format!("{}: {} {path}", step.at, step.method.to_uppercase()))
    }

    /// A page of what the API lists, for telling what happened.
    pub(super) async fn get(&self, path: &str) -> Result<Value> {
        self.system.get(path).await
    }
}

fn keep(step: &Step, from: &Value, names: &mut Names) -> Result<()> {
    for (name, pointer) in &step.keep {
        let value = from.pointer(pointer).ok_or_else(|| anyhow!("{}: the answer has no `{pointer}`, to be kept as `{name}`", step.at))?;
        names.set(name, value.clone());
    }
    Ok(())
}
