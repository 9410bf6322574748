//! What a claim rests on, for whoever checks it: the decision, its reasons in sentences, every fact that a reason cites as it was known on
//! the day, the searches that found nothing, what was covered, the plugin, and what was done to the claim.
//!
//! Made from what is frozen alone, so that it is the same whenever it is made: its hash is kept when the claim is approved. It names nobody:
//! members of the family are numbers.

mod show;
mod trail;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::Serialize;
use utoipa::ToSchema;

pub use show::html;
pub use trail::PackStep;

use super::explain::{Reader, decimal};
use super::{Workflow, WorkflowError, directory_of, said};
use crate::plugins::Manifest;
use crate::record::claim_way::ClaimAct;
use crate::record::sections::Handle;
use crate::record::{
    AuthorityId, Day, DecisionId, Digest, FactId, FamilyId, HomeId, Kind, KnownAt, PersonId, Section, Snapshot, Window, canonical,
};
use crate::sandbox::Context;
use crate::sandbox::answer::{self, Answer, Basis};
use crate::store::{AuthorityStore, Claim, ClaimStep, Decision, StoreError};
use trail::trail;

/// How packs are written today.
const FORMAT: u16 = 1;

/// What a claim rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct EvidencePack {
    pub format: u16,
    pub authority: AuthorityId,
    pub claim: PackClaim,
    pub decision: PackDecision,
    pub plugin: PackPlugin,
    /// The family as the plugin was given it; reasons call people by their number.
    pub members: Vec<PackMember>,
    pub findings: Vec<PackFinding>,
    /// Every fact that a reason rests on.
    pub facts: Vec<PackFact>,
    /// All that the plugin was given, by kind.
    pub given: Vec<PackGiven>,
    /// How well what reasons rest on or searched for was known.
    pub coverage: Vec<PackCoverage>,
    /// Left out: nothing of it was. Then there are no facts and no reasons any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub evidence_erased_on: Option<Day>,
    /// What was done to the claim, in order.
    pub trail: Vec<PackStep>,
}

/// What is claimed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PackClaim {
    pub number: i64,
    pub family: FamilyId,
    /// Code list claims.
    pub kind: String,
    pub says: String,
    pub amount_pence: u64,
    pub entitled_on: Day,
}

/// The decision that it rests on, with the hashes by which it can be repeated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PackDecision {
    pub id: DecisionId,
    pub at: KnownAt,
    pub by: String,
    pub question: String,
    pub as_of: Day,
    pub result: String,
    pub says: String,
    /// Of the family's record.
    pub revision: u64,
    /// Of the record as the plugin was given it.
    pub record: Digest,
    /// Of whatever else it was given: settings, grants, tables, coverage.
    pub given: Digest,
    pub answer: Digest,
}

/// The rules that decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PackPlugin {
    pub name: String,
    pub version: String,
    pub digest: Digest,
}

/// A member of the family.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PackMember {
    /// From 1.
    pub number: u32,
    pub person: PersonId,
}

/// What was found of one criterion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PackFinding {
    /// From 1.
    pub number: u32,
    /// The claim rests on it.
    pub claimed: bool,
    pub criterion: String,
    pub heading: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub member: Option<u32>,
    pub standing: String,
    pub says: String,
    pub first: Day,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last: Option<Day>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub now: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub threshold: Option<String>,
    pub reasons: Vec<PackReason>,
}

/// A sentence, and what it rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PackReason {
    pub sentence: String,
    pub facts: Vec<FactId>,
    /// Searches and how many they found, settings, tables.
    pub besides: Vec<String>,
}

/// A fact as it was known on the day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PackFact {
    pub id: FactId,
    pub section: Section,
    pub kind: Kind,
    pub says: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub member: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub home: Option<HomeId>,
    pub first: Day,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last: Option<Day>,
    pub source: String,
    /// Code list organisation-kinds.
    pub source_kind: String,
    pub known_at: KnownAt,
    #[schema(value_type = Object)]
    pub detail: serde_json::Value,
}

/// So many facts of a kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PackGiven {
    pub kind: Kind,
    pub facts: u64,
}

/// How well a kind was known on some days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PackCoverage {
    pub kind: Kind,
    /// Left out: of every family.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub member: Option<u32>,
    pub first: Day,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last: Option<Day>,
    /// Code list coverages.
    pub state: String,
}

/// The hash that was kept when the claim was approved, and whether the evidence is still that.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Approved {
    pub digest: Digest,
    pub at: KnownAt,
    pub by: String,
    /// False: something of it was erased since, or tampered with.
    pub still: bool,
}

/// The pack of a claim, with all that was done to it until now; and what was approved, if it was.
///
/// # Errors
/// The record cannot be read.
pub async fn pack(workflow: &Workflow, store: &AuthorityStore, claim: &Claim) -> Result<(EvidencePack, Option<Approved>), WorkflowError> {
    let steps = store.claim_steps(claim.id).await?;
    let whole = of(workflow, store, claim, &steps).await?;
    let approval = steps.iter().rposition(|s| s.act == ClaimAct::Approve);
    let approved = approval.and_then(|i| Some((i, steps[i].digest?))).map(|(i, digest)| {
        let then = EvidencePack { trail: trail(&steps[..i]), ..whole.clone() };
        Approved { digest, at: steps[i].at, by: steps[i].by.clone(), still: canonical(&then).0 == digest }
    });
    Ok((whole, approved))
}

/// The hash of a claim's pack before its next step.
pub(super) async fn digest_now(
    workflow: &Workflow,
    store: &AuthorityStore,
    claim: &Claim,
    steps: &[ClaimStep],
) -> Result<Digest, WorkflowError> {
    Ok(canonical(&of(workflow, store, claim, steps).await?).0)
}

async fn of(workflow: &Workflow, store: &AuthorityStore, claim: &Claim, steps: &[ClaimStep]) -> Result<EvidencePack, WorkflowError> {
    let decision = store.decision(claim.decision).await?;
    let installation = store.installation(decision.installation).await?;
    let manifest = workflow.manifest(installation.digest).await?;
    let answer = said(&decision)?;
    let damaged = |e: String| StoreError::Damaged(format!("decision {}: {e}", decision.id));
    let snapshot = store.content(&decision.snapshot).await?;
    let snapshot = snapshot.map(|bytes| Snapshot::decode(&bytes).map_err(|e| damaged(e.to_string()))).transpose()?;
    let context = store.content(&decision.context).await?;
    let context: Option<Context> = context.map(|b| serde_json::from_slice(&b).map_err(|e| damaged(e.to_string()))).transpose()?;
    let names =
        snapshot.iter().flat_map(|s| s.people.iter().zip(1..)).map(|(p, n)| (p.id, format!("member {n}"))).collect::<HashMap<_, _>>();
    let reader = Reader { welsh: false, names, directory: directory_of(store, &decision).await? };
    let telling = Telling { manifest: &manifest, reader: &reader, snapshot: snapshot.as_ref() };
    let facts = telling.facts(store, &answer).await?;
    Ok(EvidencePack {
        format: FORMAT,
        authority: store.id().clone(),
        claim: PackClaim {
            number: claim.id,
            family: claim.family,
            kind: claim.kind.clone(),
            says: reader.meaning("claims", &claim.kind),
            amount_pence: claim.amount,
            entitled_on: claim.entitled_on,
        },
        decision: told(&decision, reader.meaning(answer.question.answers(), &decision.result)),
        plugin: PackPlugin { name: manifest.name.clone(), version: manifest.version.clone(), digest: installation.digest },
        members: snapshot.iter().flat_map(|s| s.people.iter().zip(1..)).map(|(p, number)| PackMember { number, person: p.id }).collect(),
        findings: telling.findings(&answer, &claim.kind),
        given: given(snapshot.as_ref()),
        coverage: coverage(&answer, &facts, snapshot.as_ref(), context.as_ref()),
        facts,
        evidence_erased_on: store.evidence_erased(decision.id).await?.map(KnownAt::day),
        trail: trail(steps),
    })
}

fn told(decision: &Decision, says: String) -> PackDecision {
    PackDecision {
        id: decision.id,
        at: decision.at,
        by: decision.principal.clone(),
        question: decision.question.clone(),
        as_of: decision.as_of,
        result: decision.result.clone(),
        says,
        revision: decision.revision,
        record: decision.snapshot,
        given: decision.context,
        answer: decision.answer_digest,
    }
}

/// What turns a decision's handles into words.
struct Telling<'a> {
    manifest: &'a Manifest,
    reader: &'a Reader,
    snapshot: Option<&'a Snapshot>,
}

const fn number(handle: Handle) -> u32 {
    handle.saturating_add(1)
}

impl Telling<'_> {
    fn findings(&self, answer: &Answer, kind: &str) -> Vec<PackFinding> {
        let claimed: BTreeSet<u32> = answer.claims.iter().filter(|c| c.kind == kind).flat_map(|c| c.rests_on.iter().copied()).collect();
        (0..).zip(&answer.findings).map(|(i, finding)| self.finding(i, finding, claimed.contains(&i))).collect()
    }

    fn finding(&self, place: u32, finding: &answer::Finding, claimed: bool) -> PackFinding {
        let criterion = self.manifest.framework.iter().find(|c| c.criterion == finding.criterion);
        PackFinding {
            number: place + 1,
            claimed,
            criterion: finding.criterion.clone(),
            heading: criterion.map_or(&finding.criterion[..], |c| c.heading.in_language(false)).to_owned(),
            member: finding.person.map(number),
            standing: finding.standing.clone(),
            says: self.reader.meaning("standings", &finding.standing),
            first: finding.window.first,
            last: finding.window.last,
            before: finding.before.map(decimal),
            now: finding.now.map(decimal),
            threshold: finding.threshold.map(decimal),
            reasons: finding.reasons.iter().map(|reason| self.reason(reason)).collect(),
        }
    }

    fn reason(&self, reason: &answer::Reason) -> PackReason {
        PackReason {
            sentence: self.reader.sentence(self.manifest, &reason.message, self.snapshot),
            facts: reason.rests_on.iter().filter_map(|b| self.fact(b)).collect(),
            besides: reason.rests_on.iter().filter_map(|b| self.reader.basis(self.manifest, b, self.snapshot)).collect(),
        }
    }

    fn fact(&self, basis: &Basis) -> Option<FactId> {
        let Basis::Fact(handle) = basis else { return None };
        self.snapshot?.facts.get(*handle as usize).map(|f| f.id)
    }

    fn member(&self, person: Option<PersonId>) -> Option<u32> {
        let place = self.snapshot?.people.iter().position(|p| Some(p.id) == person)?;
        u32::try_from(place + 1).ok()
    }

    async fn facts(&self, store: &AuthorityStore, answer: &Answer) -> Result<Vec<PackFact>, StoreError> {
        let cited: BTreeSet<FactId> = answer.reasons().flat_map(|r| &r.rests_on).filter_map(|b| self.fact(b)).collect();
        let mut facts = Vec::with_capacity(cited.len());
        for id in cited {
            let fact = match store.fact(id).await {
                Ok(fact) => fact,
                Err(StoreError::NoSuch { .. }) => continue,
                Err(other) => return Err(other),
            };
            facts.push(PackFact {
                id,
                section: fact.kind().section(),
                kind: fact.kind(),
                says: self.reader.meaning("kinds", fact.kind().code()),
                member: self.member(fact.subject.person),
                home: fact.subject.home,
                first: fact.window.first,
                last: fact.window.last,
                source: fact.source.to_string(),
                source_kind: fact.source_kind,
                known_at: fact.known_at,
                detail: fact.detail.to_json(),
            });
        }
        Ok(facts)
    }
}

fn given(snapshot: Option<&Snapshot>) -> Vec<PackGiven> {
    let mut kinds: BTreeMap<Kind, u64> = BTreeMap::new();
    for fact in snapshot.iter().flat_map(|s| &s.facts) {
        *kinds.entry(fact.kind).or_default() += 1;
    }
    kinds.into_iter().map(|(kind, facts)| PackGiven { kind, facts }).collect()
}

/// Of the kinds that reasons rest on or searched for.
fn coverage(answer: &Answer, facts: &[PackFact], snapshot: Option<&Snapshot>, context: Option<&Context>) -> Vec<PackCoverage> {
    let searched =
        answer.reasons().flat_map(|r| &r.rests_on).filter_map(|b| if let Basis::Searched(s) = b { Some(&s.kind[..]) } else { None });
    let kinds: BTreeSet<&str> = searched.chain(facts.iter().map(|f| f.kind.code())).collect();
    let one = |kind: Kind, member: Option<u32>, window: Window, state: String| PackCoverage {
        kind,
        member,
        first: window.first,
        last: window.last,
        state,
    };
    let feeds = context.iter().flat_map(|c| &c.coverage).map(|c| one(c.kind, None, c.window, c.state.code().to_owned()));
    let people =
        snapshot.iter().flat_map(|s| &s.coverage).map(|c| one(c.kind, Some(number(c.person)), c.window, c.state.code().to_owned()));
    feeds.chain(people).filter(|c| kinds.contains(c.kind.code())).collect()
}
