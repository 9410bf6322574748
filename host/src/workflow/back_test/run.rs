//! A back-test on its way: families are read, asked about by both on the guests' threads, and what differs is kept, all three at the same time.
//! Whatever was kept of a batch was kept whole, with how far it has come.

use std::collections::HashMap;
use std::sync::Arc;

use super::super::decide::Shared;
use super::{BackTestPlan, Both, CameOf, CameOut, lease};
use crate::record::{BackTestId, Day, Digest, FamilyId, KnownAt, Snapshot};
use crate::sandbox::{EarlierClaim, Given, Matter, Outcome, Question, Unfit};
use crate::store::{AuthorityStore, BackTestRow, BackTestState, ChangeId, Claim, CurrentSnapshot, StoreError};
use crate::workflow::{Asking, Ready, Workflow, WorkflowError};

/// Families read, asked about and kept together.
const BATCH: usize = 500;
/// Batches that may wait to be kept.
const WAITING: usize = 2;
/// How often a batch is read again because something was erased meanwhile.
const AGAIN: u32 = 5;
/// Who is noted as having kept what came of it.
const WHAT: &str = "kept what a back-test found";

/// A day as both are asked about it.
#[derive(Clone)]
struct OneDay {
    day: Day,
    known: ChangeId,
    live: Shared,
    candidate: Shared,
}

/// Some families of a day, decided by both.
struct Batch {
    families: u64,
    not_known: u64,
    erased: i64,
    of: (Arc<OneDay>, Vec<FamilyId>),
    both: Vec<(Both, CurrentSnapshot)>,
}

struct Asker {
    workflow: Workflow,
    store: AuthorityStore,
    plan: Arc<BackTestPlan>,
}

impl Workflow {
    /// Goes through with a back-test that was begun, until it is done, cancelled or cannot go on, which is written down too.
    ///
    /// # Errors
    /// The file cannot be written: whoever reads it finds it stopped.
    pub async fn run_back_test(&self, store: &AuthorityStore, id: BackTestId, plan: BackTestPlan, by: &str) -> Result<(), WorkflowError> {
        let why = match self.go_through(store, id, Arc::new(plan), by).await {
            Ok(()) => None,
            // A sentence of the host's own: what was found of whom is in none.
            Err(WorkflowError::Unfit { why, .. }) => Some(why.to_string()),
            Err(_) => Some("the host could not go on: look at its log".to_owned()),
        };
        let state = if why.is_none() { BackTestState::Done } else { BackTestState::Failed };
        let mut tx = store.write(by, WHAT).await?;
        tx.end_back_test(id, state, why.as_deref()).await?;
        tx.commit().await?;
        Ok(())
    }

    async fn go_through(&self, store: &AuthorityStore, id: BackTestId, plan: Arc<BackTestPlan>, by: &str) -> Result<(), WorkflowError> {
        let asker = Arc::new(Asker { workflow: self.clone(), store: store.clone(), plan });
        let (send, mut receive) = tokio::sync::mpsc::channel(WAITING);
        let reading = asker.clone();
        let asking = tokio::spawn(async move {
            for day in &reading.plan.of.days {
                let day = Arc::new(reading.day(*day).await?);
                for some in reading.plan.families.chunks(BATCH) {
                    if send.send(reading.batch(&day, some.to_vec()).await?).await.is_err() {
                        return Ok::<(), WorkflowError>(());
                    }
                }
            }
            Ok(())
        });
        let (mut came, mut done, mut rows) = (CameOut::default(), 0, 0);
        while let Some(batch) = receive.recv().await {
            if !asker.keep(id, by, batch, (&mut came, &mut done, &mut rows)).await? {
                return Ok(());
            }
        }
        asking.await.map_err(|e| unfit(&asker.plan.candidate, e.to_string()))?
    }
}

/// A fault of this host, not of the plugin.
fn unfit(ready: &Ready, why: String) -> WorkflowError {
    WorkflowError::Unfit { plugin: ready.installation.plugin.clone(), why: Unfit::Host(why) }
}

impl Asker {
    async fn day(&self, day: Day) -> Result<OneDay, WorkflowError> {
        let known = if self.plan.of.known_then {
            let ends = KnownAt::from_millis(KnownAt::begins(day.plus(1).unwrap_or(day)).millis() - 1);
            self.store.last_change_by(ends).await?.unwrap_or(ChangeId(0))
        } else {
            self.store.last_change().await?
        };
        let stores = &self.workflow.shared.stores;
        let shared = async |ready: &Ready| Shared::load_known(stores, &self.store, ready, day, known).await;
        Ok(OneDay { day, known, live: shared(&self.plan.live).await?, candidate: shared(&self.plan.candidate).await? })
    }

    async fn batch(&self, day: &Arc<OneDay>, families: Vec<FamilyId>) -> Result<Batch, WorkflowError> {
        let erased = self.store.last_erasure().await?;
        let read = if self.plan.of.known_then {
            self.store.snapshots_then(&families, day.known, self.store.clock().now().day()).await?
        } else {
            self.store.snapshots_of(&families).await?
        };
        let claims = self.store.claims_of(&families).await?;
        let not_known = (families.len() - read.len()) as u64;
        let both = self.ask(day, read, &claims).await?;
        Ok(Batch { families: families.len() as u64, not_known, erased, of: (day.clone(), families), both })
    }

    async fn ask(
        &self,
        day: &Arc<OneDay>,
        read: Vec<CurrentSnapshot>,
        claims: &HashMap<FamilyId, Vec<Claim>>,
    ) -> Result<Vec<(Both, CurrentSnapshot)>, WorkflowError> {
        let threads = std::thread::available_parallelism().map_or(1, std::num::NonZeroUsize::get);
        let share = read.len().div_ceil(threads).max(1);
        let mut parts = Vec::with_capacity(threads);
        let mut read = read.into_iter();
        loop {
            let part: Vec<(CurrentSnapshot, Vec<EarlierClaim>)> = read
                .by_ref()
                .take(share)
                .map(|r| {
                    let before = before(claims.get(&r.family), day.day);
                    (r, before)
                })
                .collect();
            if part.is_empty() {
                break;
            }
            let (workflow, plan, day, authority) = (self.workflow.clone(), self.plan.clone(), day.clone(), self.store.id().clone());
            let of = authority.clone();
            let work = async move {
                let mut both = Vec::with_capacity(part.len());
                for (current, before) in part {
                    let ask = async |ready: &Ready, given: Given| {
                        came_of(workflow.shared.sandbox.ask_in_bulk(&authority, &ready.prepared, given).await)
                    };
                    let (live, candidate) = match givens(&current, before, plan.asking, &day) {
                        Ok(givens) => givens,
                        Err(error) => return Err(error),
                    };
                    let question = live.question.code();
                    let decided = Both {
                        family: current.family,
                        question,
                        live: ask(&plan.live, live).await,
                        candidate: ask(&plan.candidate, candidate).await,
                    };
                    both.push((decided, current));
                }
                Ok(both)
            };
            parts.push(self.workflow.shared.sandbox.in_bulk(&of, work));
        }
        let mut both = Vec::new();
        for part in parts {
            let part = part.ok_or_else(|| unfit(&self.plan.candidate, "it is stopping".to_owned()))?;
            both.extend(part.await.map_err(|e| unfit(&self.plan.candidate, e.to_string()))??);
        }
        Ok(both)
    }

    /// False: nobody wants it any more.
    async fn keep(
        &self,
        id: BackTestId,
        by: &str,
        mut batch: Batch,
        (came, done, rows): (&mut CameOut, &mut u64, &mut u64),
    ) -> Result<bool, WorkflowError> {
        for _ in 0..AGAIN {
            let (mut now, mut found, mut number) = (came.clone(), Vec::new(), *rows);
            now.not_known += batch.not_known;
            for (both, current) in &batch.both {
                now.add(both);
                if let Some(row) = row(both, current, &batch.of.0, number + 1) {
                    number += 1;
                    found.push(row);
                }
            }
            let mut tx = self.store.write(by, WHAT).await?;
            let reached = *done + batch.families;
            let told = serde_json::to_string(&now).unwrap_or_default();
            let until = lease(tx.now());
            match tx.back_test_reached(id, (reached, &told, until), &found, batch.erased).await {
                Ok(goes_on) => {
                    tx.commit().await?;
                    (*came, *done, *rows) = (now, reached, number);
                    return Ok(goes_on);
                }
                Err(StoreError::Conflict(_)) => drop(tx),
                Err(error) => return Err(error.into()),
            }
            let (day, families) = batch.of;
            batch = self.batch(&day, families).await?;
        }
        Err(unfit(&self.plan.candidate, "the record is being erased from: try again later".to_owned()))
    }
}

/// Results of before the day: what was claimed on it or since is what is tried.
fn before(claims: Option<&Vec<Claim>>, day: Day) -> Vec<EarlierClaim> {
    let earlier = claims.into_iter().flatten().filter(|c| c.entitled_on < day);
    let mut before: Vec<EarlierClaim> = earlier.map(|c| EarlierClaim { entitled_on: c.entitled_on, kind: c.kind.clone() }).collect();
    before.sort();
    before
}

/// The same question to both.
fn givens(current: &CurrentSnapshot, claims: Vec<EarlierClaim>, asking: Asking, day: &OneDay) -> Result<(Given, Given), StoreError> {
    let snapshot = Snapshot::decode(&current.bytes).map_err(|e| StoreError::Damaged(format!("family {}: {e}", current.family)))?;
    let snapshot = Arc::new(snapshot);
    let question: Question = asking.question(&snapshot, day.day);
    let given = |shared: &Shared, claims| Given {
        question,
        context: shared.context.clone(),
        snapshot: snapshot.clone(),
        matter: Arc::new(Matter::Record),
        claims,
    };
    Ok((given(&day.live, claims.clone()), given(&day.candidate, claims)))
}

fn came_of(outcome: Outcome) -> CameOf {
    match outcome.result {
        Ok(answer) => CameOf::Answered(Box::new(answer)),
        Err(fault) => CameOf::Failed(fault.code().to_owned()),
    }
}

/// None: they agree.
fn row(both: &Both, current: &CurrentSnapshot, day: &OneDay, number: u64) -> Option<BackTestRow> {
    let kind = both.differs()?;
    let digest: Digest = current.digest;
    Some(BackTestRow {
        number,
        family: both.family,
        revision: current.revision,
        known: day.known,
        snapshot: digest,
        day: day.day,
        kind: kind.code().to_owned(),
        criterion: both.first_criterion().unwrap_or_default().to_owned(),
        pence: both.pence(),
        label: both.label(),
        live: serde_json::to_string(&both.live).unwrap_or_default(),
        candidate: serde_json::to_string(&both.candidate).unwrap_or_default(),
    })
}

impl Workflow {
    /// What both were given of a row's family. None: it is not there any more, or not as it was.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn snapshot_of_row(
        &self,
        store: &AuthorityStore,
        row: &BackTestRow,
        then: Option<Day>,
    ) -> Result<Option<Snapshot>, StoreError> {
        if let Some(bytes) = store.content(&row.snapshot).await? {
            return Ok(Snapshot::decode(&bytes).ok());
        }
        let (digest, bytes) = match then {
            None => store.rebuild_snapshot(row.family, row.revision).await?,
            Some(on) => match store.snapshots_then(&[row.family], row.known, on).await?.pop() {
                Some(current) => (current.digest, current.bytes),
                None => return Ok(None),
            },
        };
        Ok((digest == row.snapshot).then(|| Snapshot::decode(&bytes).ok()).flatten())
    }
}
