//! A back-test on its way: families are read, asked about by both on the guests' threads, and what differs is kept, all three at the same time.
//! Whatever was kept of a batch was kept whole, with how far it has come.

use std::collections::HashMap;
use std::sync::Arc;

use super::super::decide::Shared;
use super::again::Reached;
use super::{BackTestPlan, Both, CameOf, lease};
use crate::record::{BackTestId, Day, Digest, FamilyId, KnownAt, Snapshot};
use crate::sandbox::{EarlierClaim, Given, Matter, Outcome, Question, Unfit};
use crate::store::{AuthorityStore, BackTestRow, BackTestState, ChangeId, Claim, CurrentSnapshot, PutTogether, StoreError};
use crate::workflow::{Asking, Ready, Workflow, WorkflowError};

/// Families read, asked about and kept together.
const BATCH: usize = 500;
/// Batches that may wait to be kept.
const WAITING: usize = 2;
/// Batches that are read while others are asked about.
const AHEAD: usize = 1;
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

/// Some families of a day, as they were read.
struct ReadBatch {
    of: (Arc<OneDay>, Vec<FamilyId>),
    erased: i64,
    read: Vec<Known>,
    claims: HashMap<FamilyId, Vec<Claim>>,
}

/// And decided by both.
struct Batch {
    families: u64,
    not_known: u64,
    erased: i64,
    of: (Arc<OneDay>, Vec<FamilyId>),
    both: Vec<(Both, Known)>,
}

/// A family as both are given it. What is kept is encoded already; what was put together is, once it is needed: for a row.
enum Known {
    Kept(CurrentSnapshot),
    PutTogether(PutTogether),
}

impl Known {
    const fn family(&self) -> FamilyId {
        match self {
            Self::Kept(current) => current.family,
            Self::PutTogether(then) => then.family,
        }
    }

    fn snapshot(&self) -> Result<Arc<Snapshot>, StoreError> {
        match self {
            Self::Kept(current) => {
                let damaged = |e| StoreError::Damaged(format!("family {}: {e}", current.family));
                Snapshot::decode(&current.bytes).map(Arc::new).map_err(damaged)
            }
            Self::PutTogether(then) => Ok(then.snapshot.clone()),
        }
    }

    /// Its revision, and its hash.
    fn named(&self) -> (u64, Digest) {
        match self {
            Self::Kept(current) => (current.revision, current.digest),
            Self::PutTogether(then) => (then.revision, then.snapshot.encode().0),
        }
    }
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
        self.run_from(store, id, plan, Reached::default(), by).await
    }

    /// The same from where it came to.
    pub(super) async fn run_from(
        &self,
        store: &AuthorityStore,
        id: BackTestId,
        plan: BackTestPlan,
        reached: Reached,
        by: &str,
    ) -> Result<(), WorkflowError> {
        let why = match self.go_through(store, id, Arc::new(plan), reached, by).await {
            Ok(true) => None,
            // Somebody cancelled it, or another host goes on.
            Ok(false) => return Ok(()),
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

    /// False: it is nobody's to go on with here.
    async fn go_through(
        &self,
        store: &AuthorityStore,
        id: BackTestId,
        plan: Arc<BackTestPlan>,
        mut reached: Reached,
        by: &str,
    ) -> Result<bool, WorkflowError> {
        let asker = Arc::new(Asker { workflow: self.clone(), store: store.clone(), plan });
        let (send, mut receive) = tokio::sync::mpsc::channel(WAITING);
        let (hand, mut read) = tokio::sync::mpsc::channel(AHEAD);
        let (reader, from) = (asker.clone(), usize::try_from(reached.done).unwrap_or(usize::MAX));
        let reading = tokio::spawn(async move {
            let families = &reader.plan.families;
            for (n, day) in reader.plan.of.days.iter().enumerate() {
                let rest = &families[from.saturating_sub(n * families.len()).min(families.len())..];
                if rest.is_empty() {
                    continue;
                }
                let day = Arc::new(reader.day(*day).await?);
                for some in rest.chunks(BATCH) {
                    if hand.send(reader.read(&day, some.to_vec()).await?).await.is_err() {
                        return Ok::<(), WorkflowError>(());
                    }
                }
            }
            Ok(())
        });
        let asks = asker.clone();
        let asking = tokio::spawn(async move {
            while let Some(some) = read.recv().await {
                if send.send(asks.asked(some).await?).await.is_err() {
                    break;
                }
            }
            Ok::<(), WorkflowError>(())
        });
        while let Some(batch) = receive.recv().await {
            if !asker.keep(id, by, batch, &mut reached).await? {
                return Ok(false);
            }
        }
        for part in [reading, asking] {
            part.await.map_err(|e| unfit(&asker.plan.candidate, e.to_string()))??;
        }
        Ok(true)
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

    async fn read(&self, day: &Arc<OneDay>, families: Vec<FamilyId>) -> Result<ReadBatch, WorkflowError> {
        let erased = self.store.last_erasure().await?;
        let read = if self.plan.of.known_then {
            let then = self.store.snapshots_then(&families, day.known, self.store.clock().now().day()).await?;
            then.into_iter().map(Known::PutTogether).collect()
        } else {
            self.store.snapshots_of(&families).await?.into_iter().map(Known::Kept).collect()
        };
        let claims = self.store.claims_of(&families).await?;
        Ok(ReadBatch { of: (day.clone(), families), erased, read, claims })
    }

    async fn asked(&self, some: ReadBatch) -> Result<Batch, WorkflowError> {
        let ReadBatch { of, erased, read, claims } = some;
        let (families, not_known) = (of.1.len() as u64, (of.1.len() - read.len()) as u64);
        let both = self.ask(&of.0, read, &claims).await?;
        Ok(Batch { families, not_known, erased, of, both })
    }

    async fn ask(
        &self,
        day: &Arc<OneDay>,
        read: Vec<Known>,
        claims: &HashMap<FamilyId, Vec<Claim>>,
    ) -> Result<Vec<(Both, Known)>, WorkflowError> {
        let threads = std::thread::available_parallelism().map_or(1, std::num::NonZeroUsize::get);
        let share = read.len().div_ceil(threads).max(1);
        let mut parts = Vec::with_capacity(threads);
        let mut read = read.into_iter();
        loop {
            let part: Vec<(Known, Vec<EarlierClaim>)> = read
                .by_ref()
                .take(share)
                .map(|r| {
                    let before = before(claims.get(&r.family()), day.day);
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
                        family: current.family(),
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
    async fn keep(&self, id: BackTestId, by: &str, mut batch: Batch, until_now: &mut Reached) -> Result<bool, WorkflowError> {
        for _ in 0..AGAIN {
            let (mut now, mut found, mut number) = (until_now.came.clone(), Vec::new(), until_now.rows);
            now.not_known += batch.not_known;
            for (both, current) in &batch.both {
                now.add(both);
                if let Some(row) = row(both, current, &batch.of.0, number + 1) {
                    number += 1;
                    found.push(row);
                }
            }
            let mut tx = self.store.write(by, WHAT).await?;
            let done = until_now.done + batch.families;
            let told = serde_json::to_string(&now).unwrap_or_default();
            let until = lease(tx.now());
            match tx.back_test_reached(id, (until_now.done, done), (&told, until), &found, batch.erased).await {
                Ok(goes_on) => {
                    tx.commit().await?;
                    *until_now = Reached { came: now, done, rows: number };
                    return Ok(goes_on);
                }
                Err(StoreError::Conflict(_)) => drop(tx),
                Err(error) => return Err(error.into()),
            }
            let (day, families) = batch.of;
            batch = self.asked(self.read(&day, families).await?).await?;
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
fn givens(current: &Known, claims: Vec<EarlierClaim>, asking: Asking, day: &OneDay) -> Result<(Given, Given), StoreError> {
    let snapshot = current.snapshot()?;
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
fn row(both: &Both, current: &Known, day: &OneDay, number: u64) -> Option<BackTestRow> {
    let kind = both.differs()?;
    let (revision, digest) = current.named();
    Some(BackTestRow {
        number,
        family: both.family,
        revision,
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
                Some(then) => then.snapshot.encode(),
                None => return Ok(None),
            },
        };
        Ok((digest == row.snapshot).then(|| Snapshot::decode(&bytes).ok()).flatten())
    }
}
