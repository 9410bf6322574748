//! From what happens to what is done: the deciding pathway is asked about each thing that happened to a family, in the family's order, and
//! what it proposes is kept with its decision, by the authority's policies. Once: a decision answers what happened in its own transaction,
//! or that transaction never was.

use tokio::task::JoinSet;

use super::about::{Asks, EventAsked};
use super::failing::retry_at;
use super::{Asked, Failed, Made, Ran, Workflow, WorkflowError, keep_one};
use crate::record::AuthorityId;
use crate::sandbox::ExtensionPoint;
use crate::store::{AuthorityStore, AuthorityTx, Happened, Happening, StoreError};

/// Families of one authority whose pathway is asked at the same time.
const AT_ONCE: u32 = 8;
/// Who asks, where nobody did.
const BY: &str = "hearth";

impl EventAsked {
    fn of(what: &Happened) -> Self {
        Self { kind: what.kind.clone(), on: what.on, fact: what.fact, person: what.person }
    }

    fn happened(&self) -> Happened {
        Happened { kind: self.kind.clone(), on: self.on, fact: self.fact, person: self.person }
    }
}

/// What came of asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Came {
    Answered,
    /// It failed, or there was nothing left to ask about.
    Otherwise,
}

impl Workflow {
    /// Asks about everything that happened in one authority and waits by now; how much was answered. What fails is asked again some
    /// minutes later, a few times, or left to people.
    ///
    /// # Errors
    /// The file cannot be read or written; nobody decides pathways any more, or whoever does is not fit to be asked: then all of it waits.
    pub async fn answer_happenings(&self, authority: &AuthorityId) -> Result<u64, WorkflowError> {
        let store = self.shared.stores.authority(authority).await?;
        let mut answered = 0;
        loop {
            let due = store.due_happenings(store.clock().now(), AT_ONCE).await?;
            if due.is_empty() {
                return Ok(answered);
            }
            let mut asking = JoinSet::new();
            for happening in due {
                let (workflow, store) = (self.clone(), store.clone());
                asking.spawn(async move { workflow.answer(&store, happening).await });
            }
            for came in asking.join_all().await {
                answered += u64::from(came? == Came::Answered);
            }
        }
    }

    /// The same in every authority.
    ///
    /// # Errors
    /// The common file cannot be read; or what the first authority said that could not be worked through.
    pub async fn answer_all_happenings(&self) -> Result<u64, WorkflowError> {
        let (mut answered, mut first_fault) = (0, None);
        for authority in self.shared.stores.common().authorities().await? {
            match self.answer_happenings(&authority.code).await {
                Ok(n) => answered += n,
                Err(fault) => drop(first_fault.get_or_insert(fault)),
            }
        }
        first_fault.map_or(Ok(answered), Err)
    }

    async fn answer(&self, store: &AuthorityStore, happening: Happening) -> Result<Came, WorkflowError> {
        let ready = self.deciding(store, ExtensionPoint::Pathway).await?;
        let asks = Asks::OnEvent(EventAsked::of(&happening.what));
        let asked = Asked { family: happening.family, asks, as_of: happening.learnt };
        let settled = match self.ask(store, &ready, asked, BY).await {
            Ok(Ran::Decided(made)) => answered(store, &happening, &made).await,
            Ok(Ran::Failed(failed)) => self.failed(store, &happening, &failed).await,
            // Whom or what it is about is in this family's record no more, or the family is closed.
            Err(WorkflowError::Store(StoreError::Invalid(_) | StoreError::Conflict(_))) => void(store, &happening).await,
            Err(other) => return Err(other),
        };
        match settled {
            // Another host, or a person, was first: what they kept stands, and nothing of ours is.
            Err(StoreError::Conflict(_)) => Ok(Came::Otherwise),
            settled => Ok(settled?),
        }
    }

    async fn failed(&self, store: &AuthorityStore, happening: &Happening, failed: &Failed) -> Result<Came, StoreError> {
        let mut tx = store.write(BY, "could not ask the pathway about what happened").await?;
        let kept = self.keep_failure(&mut tx, failed).await?;
        // It waits here in its family's order; asked again from the other queue too, it would overtake what happened before it.
        if let Some(undecided) = kept.undecided {
            tx.stop_retrying(undecided).await?;
        }
        let again = retry_at(failed.fault.blame(), happening.tries, tx.now());
        tx.put_off_happening(happening.id, again).await?;
        tx.commit().await?;
        Ok(Came::Otherwise)
    }
}

async fn answered(store: &AuthorityStore, happening: &Happening, made: &Made) -> Result<Came, StoreError> {
    let mut tx = store.write(BY, "asked the pathway about what happened").await?;
    keep_one(&mut tx, made).await?;
    tx.must_be_answered_by(happening.id, made.decision.id).await?;
    tx.commit().await?;
    Ok(Came::Answered)
}

async fn void(store: &AuthorityStore, happening: &Happening) -> Result<Came, StoreError> {
    let mut tx = store.write(BY, "noted that what happened is not in the record any more").await?;
    tx.void_happening(happening.id).await?;
    tx.commit().await?;
    Ok(Came::Otherwise)
}

/// A decision about something that happened answers it, whoever asked.
///
/// # Errors
/// The file cannot be written.
pub(super) async fn settle(tx: &mut AuthorityTx, made: &Made) -> Result<(), StoreError> {
    match &made.event {
        Some(event) => tx.answer_happening(made.decision.family, &event.happened(), made.decision.id).await,
        None => Ok(()),
    }
}
