//! Who carries out what plugins propose: the authority's policies.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::Body;
use super::caller::Council;
use super::documented::{Edits, Reads};
use super::problem::Problem;
use super::version::{IfMatch, Versioned};
use crate::access::Verb;
use crate::record::{AuthorityId, KnownAt, codes, told_back};
use crate::store::StoreError;
use crate::workflow::DEFAULT_POLICIES;

/// Who carries out one kind of action.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPolicy {
    /// Code list actions.
    #[schema(example = "goal")]
    action: String,
    /// Code list policies.
    #[schema(example = "automatic")]
    policy: String,
}

/// What the authority says from now on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPolicies {
    /// Each kind of action at most once. One that is left out goes by its default again.
    policies: Vec<NewPolicy>,
}

/// Who carries out one kind of action, and since when.
#[derive(Debug, Serialize, ToSchema)]
pub struct Policy {
    /// Code list actions.
    action: String,
    /// Code list policies: `automatic`, `person-confirms`.
    policy: String,
    /// Left out where the authority has never said anything: then it is the default.
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<KnownAt>,
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<String>,
}

/// The policies of every kind of action.
#[derive(Debug, Serialize, ToSchema)]
pub struct Policies {
    policies: Vec<Policy>,
}

/// Read the policies
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/policies", tag = "decisions", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code")),
    responses((status = 200, body = Policies, description = "Of every kind of action, in the order of code list actions", headers(("ETag" = String, description = "Its version, for `If-Match`"))), Reads),
)]
pub async fn read_policies(council: Council) -> Result<Versioned<Policies>, Problem> {
    council.may(Verb::SeeRules)?;
    Ok(Versioned(read(&council).await?))
}

async fn read(council: &Council) -> Result<Policies, StoreError> {
    let said = council.store.policies().await?;
    let policy = |(action, default): &(&str, &str)| match said.iter().find(|p| p.action == *action) {
        Some(p) => Policy { action: p.action.clone(), policy: p.policy.clone(), at: Some(p.at), by: Some(p.by.clone()) },
        None => Policy { action: (*action).to_owned(), policy: (*default).to_owned(), at: None, by: None },
    };
    Ok(Policies { policies: DEFAULT_POLICIES.iter().map(policy).collect() })
}

/// Set the policies
///
/// For what is decided from now on: what waits already goes on waiting. By default a task is given out with its decision, and for
/// everything else a person confirms.
#[utoipa::path(
    put, path = "/v1/authorities/{authority}/policies", tag = "decisions", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), ("If-Match" = Option<String>, Header, description = "The `ETag` of what you read")),
    request_body(content = NewPolicies, example = json!({ "policies": [{ "action": "goal", "policy": "automatic" }] })),
    responses((status = 200, body = Policies, description = "As they are now", headers(("ETag" = String, description = "Its version, for `If-Match`"))), Edits),
)]
pub async fn set_policies(
    council: Council,
    seen: IfMatch,
    Body { value: new, .. }: Body<NewPolicies>,
) -> Result<Versioned<Policies>, Problem> {
    council.may(Verb::SetRules)?;
    for (i, NewPolicy { action, policy }) in new.policies.iter().enumerate() {
        codes::check(&format!("policies[{i}].action"), "actions", action)?;
        codes::check(&format!("policies[{i}].policy"), "policies", policy)?;
        if new.policies[..i].iter().any(|p| p.action == *action) {
            return Err(Problem::invalid(format!("policies[{i}].action"), format!("{} stands here twice", told_back(action))));
        }
    }
    let mut tx = council.write("set the policies for what plugins propose").await?;
    seen.holds(&read(&council).await?)?;
    let before = tx.policies().await?;
    let all: Vec<(&str, &str)> = DEFAULT_POLICIES
        .iter()
        .filter_map(|(action, default)| match new.policies.iter().find(|p| p.action == *action) {
            Some(said) => Some((*action, said.policy.as_str())),
            // What was never said stays unsaid.
            None => before.iter().any(|p| p.action == *action).then_some((*action, *default)),
        })
        .collect();
    tx.set_policies(&all).await?;
    tx.commit().await?;
    Ok(Versioned(read(&council).await?))
}
