//! Decisions whose facts were corrected afterwards; and the page for the impact assessment.

use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;

use super::caller::Council;
use super::decision_seen::is_whole;
use super::documented::Reads;
use super::page::{Cursor, Page, Paging};
use super::params::Params;
use super::problem::Problem;
use crate::access::Verb;
use crate::record::{AuthorityId, DecisionId, FactId, FamilyId, Kind, KnownAt};
use crate::store::{ChangeId, Seen};
use crate::workflow::corrected::{Corrected, touched_by};
use crate::workflow::impact::{self, Impact};

/// A decision that was given a fact which was corrected or withdrawn since.
#[derive(Debug, Serialize, ToSchema)]
pub struct CorrectedDecision {
    decision: DecisionId,
    family: FamilyId,
    /// What the authority calls the family: in lists, for whoever sees families.
    #[serde(skip_serializing_if = "Option::is_none")]
    family_reference: Option<String>,
    #[schema(example = "progress")]
    question: String,
    result: String,
    decided_at: KnownAt,
    /// Who asked: whose it is to look again.
    by: String,
    fact: FactId,
    kind: Kind,
    /// The fact in its place. Left out: it was withdrawn.
    #[serde(skip_serializing_if = "Option::is_none")]
    successor: Option<FactId>,
    corrected_at: KnownAt,
    corrected_by: String,
    /// A reason of the decision rests on the fact; else the plugin was only given it.
    cited: bool,
    /// Kinds of the results that are claimed by this decision.
    claims: Vec<String>,
}

impl From<Corrected> for CorrectedDecision {
    fn from(of: Corrected) -> Self {
        let Corrected { decision, correction, cited, claims } = of;
        Self {
            decision: decision.id,
            family: decision.family,
            family_reference: None,
            question: decision.question,
            result: decision.result,
            decided_at: decision.at,
            by: decision.principal,
            fact: correction.fact,
            kind: correction.kind,
            successor: correction.successor,
            corrected_at: correction.at,
            corrected_by: correction.by,
            cited,
            claims,
        }
    }
}

/// Where a list of corrections goes on.
struct Place(ChangeId, FactId);

impl Cursor for Place {
    fn write(&self) -> Vec<u8> {
        [&self.0.0.to_be_bytes(), self.1.as_bytes()].concat()
    }
    fn read(bytes: &[u8]) -> Option<Self> {
        let (change, fact) = bytes.split_at_checked(8)?;
        Some(Self(ChangeId(i64::from_be_bytes(change.try_into().ok()?)), FactId::from_bytes(fact)?))
    }
}

/// List decisions whose facts were corrected
///
/// By correction, the latest first: every decision that had been given the fact, whether a reason rests on it, and what is claimed by it.
/// A page is of so many corrections; one that touches no decision shows nothing, so a page may be empty and not the last.
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/corrected-decisions", tag = "decisions", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), Paging),
    responses((status = 200, body = Page<CorrectedDecision>, description = "The latest corrections first"), Reads),
)]
pub async fn list_corrected_decisions(council: Council, Params(paging): Params<Paging>) -> Result<Json<Page<CorrectedDecision>>, Problem> {
    let reader = council.reader(Verb::SeeDecisions)?;
    let before = paging.after::<Place>()?.map(|Place(change, fact)| (change, fact));
    let corrections = council.store.corrections(before, paging.limit()).await?;
    let mut items = Vec::new();
    for correction in &corrections.items {
        for touched in touched_by(&council.store, correction).await? {
            let family = touched.decision.family;
            if is_whole(&council, &reader, &touched.decision).await? && council.store.is_unsealed(&reader, family, correction.fact).await? {
                items.push(CorrectedDecision::from(touched));
            }
        }
    }
    council.listed(&items, |d| Seen::of(d.family, "decision", d.decision, &[d.kind.section()]));
    let called = council.called(&items.iter().map(|d| d.family).collect::<Vec<_>>()).await?;
    for item in &mut items {
        item.family_reference = called.get(&item.family).cloned();
    }
    Ok(Json(Page { items, next: corrections.next.map(|(change, fact)| Place(change, fact).opaque()) }))
}

/// Read the page for the impact assessment
///
/// What each plugin sees and may propose, with what data protection law guards most in it; what is carried out without a person; how long
/// each section is kept. Made from what is installed and set.
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/impact", tag = "plugins", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code")),
    responses((status = 200, body = Impact, description = "About no family"), Reads),
)]
pub async fn read_impact(council: Council) -> Result<Json<Impact>, Problem> {
    council.may(Verb::SeeRules)?;
    Ok(Json(impact::impact(&council.store).await?))
}
