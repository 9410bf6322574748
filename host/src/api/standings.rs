//! Many families at once, each with how it stands: what a worker's front page is made of, in one question and one note of a reading.

use std::collections::HashMap;

use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;

use super::caller::Council;
use super::documented::Reads;
use super::families::ListedFamily;
use super::page::{Page, Paging};
use super::params::Params;
use super::problem::Problem;
use crate::access::Verb;
use crate::record::{AuthorityId, Day, DecisionId, FamilyId, Section};
use crate::store::{LatestAnswer, Seen};
use crate::workflow::said;

/// A family, and how it stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct FamilyStanding {
    #[serde(flatten)]
    family: ListedFamily,
    /// The day of the last contact that is noted, kept or not. Left out: none is, or contacts are withheld from you.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_contact: Option<Day>,
    /// The latest answers about its outcomes, as far as you may know of them.
    outcomes: Vec<OutcomeStanding>,
}

/// How a family stands by the latest answer to a question.
#[derive(Debug, Serialize, ToSchema)]
pub struct OutcomeStanding {
    #[schema(example = "progress")]
    question: String,
    decision: DecisionId,
    as_of: Day,
    result: String,
    /// Criteria that are not met. Left out, as the next is, where something that the decision was given is withheld from you.
    #[serde(skip_serializing_if = "Option::is_none")]
    not_met: Option<usize>,
    /// Criteria of which not enough is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    not_known: Option<usize>,
}

impl OutcomeStanding {
    /// With the sections that its run was given, where more than the bare result is shown.
    fn of(answer: LatestAnswer) -> Result<(Self, Vec<Section>), Problem> {
        let LatestAnswer { decision, whole } = answer;
        let findings = if whole { Some(said(&decision)?) } else { None };
        let count = |standing: &str| findings.as_ref().map(|a| a.findings.iter().filter(|f| f.standing == standing).count());
        let (not_met, not_known) = (count("not-met"), count("not-enough-evidence"));
        let shown = findings.map(|a| a.delivered).unwrap_or_default();
        let (question, result) = (decision.question, decision.result);
        Ok((Self { question, decision: decision.id, as_of: decision.as_of, result, not_met, not_known }, shown))
    }
}

/// List families with how each stands
///
/// The families that you see, each with its last contact and the latest answers about its outcomes: what would else be asked family by
/// family. What is missing of each, in sentences, is read of the family (`…/families/{family}/missing`).
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/family-standings", tag = "record", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), Paging),
    responses((status = 200, body = Page<FamilyStanding>, description = "In the order in which they came"), Reads),
)]
pub async fn list_family_standings(council: Council, Params(paging): Params<Paging>) -> Result<Json<Page<FamilyStanding>>, Problem> {
    let reader = council.reader(Verb::SeeFamilies)?;
    let families = council.store.families_for(&reader, paging.after()?, paging.limit()).await?;
    let ids: Vec<FamilyId> = families.items.iter().map(|f| f.id).collect();
    let met = council.store.last_met_for(&reader, &ids).await?;
    let mut names = council.store.family_names_for(&reader, &ids).await?;
    council.listed(&ids, |id| {
        let shown = [(names.contains_key(id), Section::Identity), (met.contains_key(id), Section::Notes)];
        Seen::family(*id, &shown.into_iter().filter_map(|(is, section)| is.then_some(section)).collect::<Vec<_>>())
    });
    let mut outcomes: HashMap<FamilyId, Vec<OutcomeStanding>> = HashMap::new();
    if let Some(reader) = council.who_would(Verb::SeeDecisions) {
        for answer in council.store.latest_answers_for(&reader, &ids).await? {
            let family = answer.decision.family;
            let (standing, sections) = OutcomeStanding::of(answer)?;
            council.listed(&[standing.decision], |decision| Seen::of(family, "decision", decision, &sections));
            outcomes.entry(family).or_default().push(standing);
        }
    }
    Ok(Json(Page::of(families, |family| FamilyStanding {
        last_contact: met.get(&family.id).copied(),
        outcomes: outcomes.remove(&family.id).unwrap_or_default(),
        family: ListedFamily::of(family, &mut names),
    })))
}
