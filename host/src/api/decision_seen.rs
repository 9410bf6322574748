//! Decisions obey their label: who may not see all that one was given sees its bare result, or nothing where that would tell.

use serde::Serialize;
use utoipa::ToSchema;

use super::caller::{Council, Opened};
use super::decisions::{Decision, DecisionSummary};
use super::problem::Problem;
use crate::access::Verb;
use crate::record::{DecisionId, Section};
use crate::store::{self, Reader, StoreError};
use crate::workflow::Made;

/// A decision as much of it as whoever asks may see.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub enum DecisionSeen {
    Whole(Box<Decision>),
    Bare(Box<Bare>),
}

/// The bare result of a decision that was given what is withheld from whoever asks.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = BareDecision)]
pub struct Bare {
    #[serde(flatten)]
    summary: DecisionSummary,
    /// The sections that it was given and they do not see. Where the bare result would tell, it is left out and so is this.
    withheld: Vec<Section>,
}

impl Bare {
    pub(super) fn new(decision: &store::Decision, withheld: Vec<Section>) -> Self {
        Self { summary: decision.into(), withheld }
    }

    /// None: whoever asked sees the decision that was just made.
    ///
    /// # Errors
    /// The store failed.
    pub(super) async fn of(council: &Council, opened: &Opened, made: &Made) -> Result<Option<Self>, Problem> {
        let (label, sees) = (made.decision.label, opened.relation.sections);
        // They asked, so that they know of it; what was answered to others they do not.
        let sealed = !made.seals.is_empty() && !council.store.are_named(opened.reader(), &made.seals).await?;
        let mut summary = DecisionSummary::from(&made.decision);
        if sealed || store::tells(label, sees) {
            summary.result = "withheld".to_owned();
            return Ok(Some(Self { summary, withheld: Vec::new() }));
        }
        let withheld: Vec<Section> = label.iter().filter(|s| !sees.has(*s)).collect();
        Ok((!withheld.is_empty()).then_some(Self { summary, withheld }))
    }
}

/// A decision about a family that is theirs to see, and the sections that it was given and they do not see.
///
/// # Errors
/// `not-allowed`; `no-such` where it is not there, or not theirs to know of.
pub(super) async fn theirs(council: &Council, id: DecisionId) -> Result<(store::Decision, Vec<Section>), Problem> {
    council.may(Verb::SeeDecisions)?;
    let decision = council.store.decision(id).await?;
    let opened = council.family_of(Verb::SeeDecisions, decision.family, "decision", id).await?;
    let sees = opened.relation.sections;
    let unsealed = council.store.is_decision_unsealed(opened.reader(), id).await?;
    if !unsealed || store::tells(decision.label, sees) {
        return Err(Problem::no_such("decision", id));
    }
    let withheld = decision.label.iter().filter(|s| !sees.has(*s)).collect();
    Ok((decision, withheld))
}

/// Does the reader see all of a decision?
///
/// # Errors
/// The store failed.
pub(super) async fn is_whole(council: &Council, reader: &Reader, decision: &store::Decision) -> Result<bool, StoreError> {
    let Some(relation) = council.store.relation(reader, decision.family).await? else { return Ok(false) };
    Ok(relation.sections.covers(decision.label) && council.store.is_decision_unsealed(reader, decision.id).await?)
}
