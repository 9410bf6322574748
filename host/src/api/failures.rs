//! What it means when a plugin fails: the questions' policies, and where the authority is stricter.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::Body;
use super::caller::Council;
use super::documented::{Edits, Reads};
use super::problem::Problem;
use super::version::{IfMatch, Versioned};
use crate::access::Verb;
use crate::record::{AuthorityId, KnownAt, told_back};
use crate::store::StoreError;
use crate::workflow::Means;
use crate::workflow::failing::{WHEN_FAILED, when_failed};

/// What a failure at one question means.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewFailurePolicy {
    #[schema(example = "progress")]
    question: String,
    policy: Means,
}

/// Where the authority is stricter, from now on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewFailurePolicies {
    /// Each question at most once. One that is left out goes by its default again.
    policies: Vec<NewFailurePolicy>,
}

/// What a failure at one question means, and why.
#[derive(Debug, Serialize, ToSchema)]
pub struct FailurePolicy {
    #[schema(example = "triage")]
    question: &'static str,
    policy: Means,
    /// It guards somebody: no authority can make it laxer.
    guards: bool,
    /// Why the default is what it is.
    why: &'static str,
    /// Code list roles: whose task it is to look, where it is `to-a-person`.
    #[schema(example = "duty-worker")]
    role: &'static str,
    /// Left out where the authority has never said anything.
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<KnownAt>,
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<String>,
}

/// The policies of every question.
#[derive(Debug, Serialize, ToSchema)]
pub struct FailurePolicies {
    policies: Vec<FailurePolicy>,
}

/// Read what failures mean
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/failure-policies", tag = "decisions", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code")),
    responses((status = 200, body = FailurePolicies, description = "Of every question", headers(("ETag" = String, description = "Its version, for `If-Match`"))), Reads),
)]
pub async fn read_failure_policies(council: Council) -> Result<Versioned<FailurePolicies>, Problem> {
    council.may(Verb::SeeRules)?;
    Ok(Versioned(read(&council).await?))
}

async fn read(council: &Council) -> Result<FailurePolicies, StoreError> {
    let said = council.store.failure_policies().await?;
    let policies = WHEN_FAILED.iter().map(|when| {
        let word = said.iter().find(|p| p.question == when.question.code());
        FailurePolicy {
            question: when.question.code(),
            policy: when.means_here(&said),
            guards: when.means == Means::ToAPerson,
            why: when.why,
            role: when.role,
            at: word.map(|w| w.at),
            by: word.map(|w| w.by.clone()),
        }
    });
    Ok(FailurePolicies { policies: policies.collect() })
}

/// Say what failures mean
///
/// For what fails from now on. `to-a-person`: a person is given a task to look; `open`: it is undecided, and nothing else follows. What guards
/// somebody is always `to-a-person`.
#[utoipa::path(
    put, path = "/v1/authorities/{authority}/failure-policies", tag = "decisions", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), ("If-Match" = Option<String>, Header, description = "The `ETag` of what you read")),
    request_body(content = NewFailurePolicies, example = json!({ "policies": [{ "question": "evaluate", "policy": "to-a-person" }] })),
    responses((status = 200, body = FailurePolicies, description = "As they are now", headers(("ETag" = String, description = "Its version, for `If-Match`"))), Edits),
)]
pub async fn set_failure_policies(
    council: Council,
    seen: IfMatch,
    Body { value: new, .. }: Body<NewFailurePolicies>,
) -> Result<Versioned<FailurePolicies>, Problem> {
    council.may(Verb::SetRules)?;
    for (i, NewFailurePolicy { question, policy }) in new.policies.iter().enumerate() {
        let Some(when) = when_failed(question) else {
            return Err(Problem::invalid(format!("policies[{i}].question"), format!("{} is not a question", told_back(question))));
        };
        if new.policies[..i].iter().any(|p| p.question == *question) {
            return Err(Problem::invalid(format!("policies[{i}].question"), format!("{} stands here twice", told_back(question))));
        }
        if (when.means, *policy) == (Means::ToAPerson, Means::Open) {
            let why = format!("`{question}` guards somebody: when it fails, a person is to look ({})", when.why);
            return Err(Problem::invalid(format!("policies[{i}].policy"), why));
        }
    }
    let mut tx = council.write("said what failures of plugins mean").await?;
    seen.holds(&read(&council).await?)?;
    let before = tx.failure_policies().await?;
    let all: Vec<(&str, &str)> = WHEN_FAILED
        .iter()
        .filter_map(|when| {
            let code = when.question.code();
            let said = new.policies.iter().find(|p| p.question == code).map(|p| p.policy);
            // What was never said stays unsaid.
            let back = before.iter().any(|p| p.question == code).then_some(when.means);
            said.or(back).map(|means| (code, means.code()))
        })
        .collect();
    tx.set_failure_policies(&all).await?;
    tx.commit().await?;
    Ok(Versioned(read(&council).await?))
}
