//! Every family of an authority, in a fresh instance each: the programme's night run.
//!
//! Three things go on at once: families are read some hundred at a time, asked about on the guests' threads, and what
//! was decided is kept, a batch a transaction. At no time is more than a few batches in memory.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::task::JoinHandle;
use tracing::Instrument as _;

use super::about::Asks;
use super::decide::{About, Shared};
use super::scheduled::Holding;
use super::{Asking, Failed, Made, Ran, Ready, Workflow, WorkflowError, keep, observe};
use crate::record::{Day, FamilyId};
use crate::sandbox::Unfit;
use crate::store::{AuthorityStore, Basis, Parked, StoreError};

/// Families read, asked about and kept together.
const BATCH: u32 = 500;
/// Batches that may wait to be kept.
const WAITING: usize = 2;

/// How far it has come.
#[derive(Debug, Clone, Copy)]
pub struct Progress {
    pub done: u64,
    pub of: u64,
}

/// What came of it.
#[derive(Debug, Clone, Default)]
pub struct Summary {
    /// Families that the authority had when it began.
    pub asked: u64,
    /// Families of which it is known what came: decided, unchanged or failed.
    pub families: u64,
    pub decided: u64,
    /// The same question about the same record had been answered before: nothing was done.
    pub unchanged: u64,
    /// By question and answer, those of before included.
    pub results: BTreeMap<(String, String), u64>,
    /// By criterion and standing, of what was decided now.
    pub findings: BTreeMap<(String, String), u64>,
    /// By kind of failure, with one family each as an example.
    pub failures: BTreeMap<String, (u64, FamilyId, String)>,
    /// Fuel of all runs together.
    pub instructions: u64,
    pub took: Duration,
}

impl Workflow {
    /// Asks about every family. What was decided before on the same inputs is left as it is.
    ///
    /// # Errors
    /// The store failed, the installation was replaced meanwhile (`Conflict`), it is or was just parked (`Parked`), or this host could not
    /// ask about some families (`Unfit`); what was kept until then stays, and a second call goes on.
    pub async fn evaluate(
        &self,
        store: &AuthorityStore,
        ready: &Arc<Ready>,
        asking: Asking,
        as_of: Day,
        by: &str,
        progress: impl Fn(Progress),
    ) -> Result<Summary, WorkflowError> {
        self.evaluate_from(store, ready, asking, as_of, by, None, progress).await
    }

    /// The same from where another process stopped, if it goes by a schedule: how far it has come is kept with what was decided.
    ///
    /// # Errors
    /// As [`Workflow::evaluate`]; `Conflict` where another host goes on with it.
    #[expect(clippy::too_many_arguments, reason = "what is asked, of whom, for whom, and two ways to follow it")]
    pub(super) async fn evaluate_from(
        &self,
        store: &AuthorityStore,
        ready: &Arc<Ready>,
        asking: Asking,
        as_of: Day,
        by: &str,
        mut held: Option<&mut Holding>,
        progress: impl Fn(Progress),
    ) -> Result<Summary, WorkflowError> {
        let started = Instant::now();
        if let Some(parked) = store.parked(ready.installation.id).await? {
            return Err(is_parked(ready, parked));
        }
        let of = store.count_families().await?;
        let shared = Shared::load(&self.shared.stores, store, ready, as_of).await?;
        let (send, mut receive) = tokio::sync::mpsc::channel(WAITING);
        let asker = Asker { workflow: self.clone(), store: store.clone(), ready: ready.clone(), shared, asking, by: by.to_owned() };
        let begins = held.as_ref().and_then(|h| h.reached);
        let asking = tokio::spawn(async move {
            let mut after = begins;
            loop {
                let (batch, next) = asker.batch(after).await?;
                if send.send(batch).await.is_err() || next.is_none() {
                    return Ok::<(), WorkflowError>(());
                }
                after = next;
            }
        });
        let mut summary = Summary { asked: of, ..Summary::default() };
        while let Some(batch) = receive.recv().await {
            let parked = batch.keep(self, store, by, held.as_deref_mut()).await?;
            summary.add(&batch);
            progress(Progress { done: summary.families, of });
            if let Some(parked) = parked {
                return Err(is_parked(ready, parked));
            }
        }
        asking.await.map_err(|e| unfit(ready, e.to_string()))??;
        summary.took = started.elapsed();
        Ok(summary)
    }
}

fn is_parked(ready: &Ready, parked: Parked) -> WorkflowError {
    WorkflowError::Parked { plugin: ready.installation.plugin.clone(), since: parked.since, why: parked.why }
}

/// A fault of this host, not of the plugin.
fn unfit(ready: &Ready, why: String) -> WorkflowError {
    WorkflowError::Unfit { plugin: ready.installation.plugin.clone(), why: Unfit::Host(why) }
}

struct Asker {
    workflow: Workflow,
    store: AuthorityStore,
    ready: Arc<Ready>,
    shared: Shared,
    asking: Asking,
    by: String,
}

#[derive(Default)]
pub(super) struct Batch {
    pub(super) decided: Vec<Made>,
    pub(super) failed: Vec<Failed>,
    /// Question and answer of what had been decided before.
    pub(super) unchanged: Vec<(String, String)>,
    /// What was answered last to the same question, of those families that are asked again.
    pub(super) before: HashMap<(FamilyId, String), String>,
    /// Its last family.
    pub(super) last: Option<FamilyId>,
}

impl Asker {
    /// The next families: read, then asked about on all guest threads at once.
    async fn batch(&self, after: Option<FamilyId>) -> Result<(Batch, Option<FamilyId>), WorkflowError> {
        let page = self.store.snapshots(after, BATCH).await?;
        let families: Vec<FamilyId> = page.items.iter().map(|s| s.family).collect();
        let claims = self.store.claims_of(&families).await?;
        let before = self.store.bases(&families).await?;
        let mut batch = Batch { last: families.last().copied(), ..Batch::default() };
        let mut to_ask = Vec::with_capacity(page.items.len());
        for current in page.items {
            let family = current.family;
            let current = self.ready.record(&self.store, current, self.shared.known_after).await?;
            let claims = claims.get(&family).map_or(&[][..], Vec::as_slice);
            let about = About::read(current, claims, &self.shared, &Asks::Outcomes(self.asking))?;
            let question = about.given.question.code();
            let same = |b: &&Basis| b.question == question && about.is(&self.shared, b);
            match before.get(&family).and_then(|bases| bases.iter().find(same)) {
                Some(basis) => batch.unchanged.push((question.to_owned(), basis.result.clone())),
                None => {
                    let mut bases = before.get(&family).into_iter().flatten();
                    if let Some(last) = bases.rfind(|b| b.question == question) {
                        batch.before.insert((family, question.to_owned()), last.result.clone());
                    }
                    to_ask.push(about);
                }
            }
        }
        for ran in self.ask(to_ask).await? {
            match ran {
                Ran::Decided(made) => batch.decided.push(*made),
                Ran::Failed(failed) => batch.failed.push(*failed),
            }
        }
        Ok((batch, page.next))
    }

    async fn ask(&self, to_ask: Vec<About>) -> Result<Vec<Ran>, WorkflowError> {
        let threads = std::thread::available_parallelism().map_or(1, std::num::NonZeroUsize::get);
        let share = to_ask.len().div_ceil(threads).max(1);
        let mut to_ask = to_ask.into_iter();
        let mut parts = Vec::with_capacity(threads);
        loop {
            let part: Vec<About> = to_ask.by_ref().take(share).collect();
            if part.is_empty() {
                break;
            }
            let (workflow, ready, shared, by) = (self.workflow.clone(), self.ready.clone(), self.shared.clone(), self.by.clone());
            let (clock, authority) = (self.store.clock().clone(), self.store.id().clone());
            let of = authority.clone();
            let work = async move {
                let sandbox = workflow.shared.sandbox.clone();
                let mut ran = Vec::with_capacity(part.len());
                for about in part {
                    let question = about.given.question;
                    let span = observe::span(&authority, &ready, question);
                    let asking = sandbox.ask_in_bulk(&authority, &ready.prepared, about.given.clone());
                    let outcome = asking.instrument(span.clone()).await;
                    observe::ended(&span, &sandbox, &ready, question, &outcome);
                    ran.push(about.concluded(&ready, &shared, &by, clock.now(), outcome));
                }
                ran
            };
            parts.push(self.workflow.shared.sandbox.in_bulk(&of, work));
        }
        gather(parts).await.map_err(|why| unfit(&self.ready, why))
    }
}

/// What the parts came to, or why one of them is lost: then none of the batch is kept, and none passes for done.
async fn gather(parts: Vec<Option<JoinHandle<Vec<Ran>>>>) -> Result<Vec<Ran>, String> {
    let mut ran = Vec::new();
    for part in parts {
        let part = part.ok_or_else(|| "it is stopping".to_owned())?;
        ran.extend(part.await.map_err(|e| e.to_string())?);
    }
    Ok(ran)
}

impl Batch {
    /// Says whether the installation was parked by it.
    async fn keep(
        &self,
        workflow: &Workflow,
        store: &AuthorityStore,
        by: &str,
        held: Option<&mut Holding>,
    ) -> Result<Option<Parked>, StoreError> {
        if self.decided.is_empty() && self.failed.is_empty() && held.is_none() {
            return Ok(None);
        }
        let mut tx = store.write(by, "decided about every family").await?;
        let made: Vec<&Made> = self.decided.iter().collect();
        keep(&mut tx, &made).await?;
        let failed: Vec<&Failed> = self.failed.iter().collect();
        let parked = workflow.keep_failures(&mut tx, &failed).await?.pop().and_then(|kept| kept.parked);
        match held {
            Some(held) => held.keep(tx, self).await?,
            None => drop(tx.commit().await?),
        }
        Ok(parked)
    }
}

impl Summary {
    /// Is every family decided?
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.failures.is_empty() && self.families >= self.asked
    }

    fn add(&mut self, batch: &Batch) {
        self.families += (batch.unchanged.len() + batch.decided.len() + batch.failed.len()) as u64;
        self.decided += batch.decided.len() as u64;
        self.unchanged += batch.unchanged.len() as u64;
        for result in &batch.unchanged {
            *self.results.entry(result.clone()).or_default() += 1;
        }
        for made in &batch.decided {
            let answer = &made.answer;
            *self.results.entry((answer.question.code().to_owned(), answer.code().to_owned())).or_default() += 1;
            for finding in &answer.findings {
                *self.findings.entry((finding.criterion.clone(), finding.standing.clone())).or_default() += 1;
            }
            self.instructions += made.decision.instructions;
        }
        for Failed { run, .. } in &batch.failed {
            let Some(family) = run.family else { continue };
            let message = run.message.clone().unwrap_or_default();
            self.failures.entry(run.outcome.clone()).or_insert((0, family, message)).0 += 1;
            self.instructions += run.instructions;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_part_that_is_lost_is_an_error_and_not_a_part_without_families() {
        let whole = || Some(tokio::spawn(async { Vec::new() }));
        let lost = tokio::spawn(async { panic!("a fault of the host") });
        assert!(gather(vec![whole(), Some(lost)]).await.unwrap_err().contains("a fault of the host"));
        assert_eq!(gather(vec![whole(), None]).await.unwrap_err(), "it is stopping");
        assert!(gather(vec![whole(), whole()]).await.unwrap().is_empty());
    }

    #[test]
    fn a_run_that_misses_a_family_is_not_whole() {
        let summary = |asked, families| Summary { asked, families, ..Summary::default() };
        assert!(summary(2, 2).is_whole());
        assert!(summary(2, 3).is_whole(), "one was taken in meanwhile");
        assert!(!summary(2, 1).is_whole());
        let failures = [("plugin-trapped".to_owned(), (1, FamilyId::fresh(), String::new()))].into();
        assert!(!Summary { failures, ..summary(2, 2) }.is_whole());
    }
}
