//! What the authority publishes of grants and contracts, in the words of the open standards. Nothing about families is in it.

use std::collections::HashMap;

use axum::Json;
use axum::extract::State;
use serde_json::Value;

use super::App;
use super::caller::Council;
use super::documented::Reads;
use super::problem::Problem;
use crate::access::Verb;
use crate::record::bought::{open_contracting, three_sixty};
use crate::record::{AuthorityId, KnownAt, OrganisationId};
use crate::store::{self, ContractState, LineState, StoreError};

/// What organisations are called.
pub(super) async fn names(app: &App) -> Result<HashMap<OrganisationId, String>, StoreError> {
    Ok(app.stores.common().organisations().await?.into_iter().map(|o| (o.id, o.name)).collect())
}

/// What was signed, with when, and the lines that were approved.
struct Signed {
    contract: store::Contract,
    at: KnownAt,
    paid: Vec<store::PaymentLine>,
}

async fn signed(council: &Council, grant: bool) -> Result<Vec<Signed>, StoreError> {
    let mut all = Vec::new();
    for contract in council.store.contracts().await? {
        if contract.state == ContractState::Draft || contract.terms.grant != grant {
            continue;
        }
        let acts = council.store.contract_acts(contract.id).await?;
        let at = acts.iter().find(|a| a.act == "signed").map_or(contract.at, |a| a.at);
        let mut paid = council.store.payment_lines(contract.id).await?;
        paid.retain(|l| l.state == LineState::Approved);
        all.push(Signed { contract, at, paid });
    }
    Ok(all)
}

fn damaged(what: &str) -> impl Fn(crate::record::Invalid) -> StoreError + '_ {
    move |e| StoreError::Damaged(format!("{what} as published: {e}"))
}

/// Publish grants, as 360Giving
///
/// Those that were signed.
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/published/grants", tag = "buying", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code")),
    responses((status = 200, body = Object, description = "A file of the 360Giving Data Standard"), Reads),
)]
pub async fn publish_grants(State(app): State<App>, council: Council) -> Result<Json<Value>, Problem> {
    council.may(Verb::SeeDirectory)?;
    let names = names(&app).await?;
    let code = council.store.id().as_str().to_owned();
    let funder = app.stores.common().authority(council.store.id()).await?.map(|a| a.name).unwrap_or_default();
    let mut grants = Vec::new();
    for Signed { contract, at, paid } in signed(&council, true).await? {
        let terms = &contract.terms;
        let grant = three_sixty::Grant {
            id: contract.id.to_string(),
            title: &terms.title,
            description: &terms.description,
            amount_pence: terms.value_pence,
            awarded: at.day(),
            first: terms.first,
            last: terms.last,
            paid_pence: paid.iter().map(|l| l.amount).sum(),
            recipient: (terms.provider.as_str(), names.get(&terms.provider).map_or("", String::as_str)),
            funder: (&code, &funder),
        };
        grants.push(grant.written());
    }
    let file = three_sixty::file(grants);
    three_sixty::check(&file).map_err(damaged("grants"))?;
    Ok(Json(file))
}

/// Publish contracts, as Open Contracting
///
/// OCDS 1.1: a package with a release for each that was signed, and what was paid under it line by line, without a word of whom it was for.
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/published/contracts", tag = "buying", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code")),
    responses((status = 200, body = Object, description = "A release package"), Reads),
)]
pub async fn publish_contracts(State(app): State<App>, council: Council) -> Result<Json<Value>, Problem> {
    council.may(Verb::SeeDirectory)?;
    let names = names(&app).await?;
    let now = council.store.clock().now();
    let code = council.store.id().as_str().to_owned();
    let name = app.stores.common().authority(council.store.id()).await?.map(|a| a.name).unwrap_or_default();
    let buyer = open_contracting::Buyer { code: &code, name: &name };
    let mut releases = Vec::new();
    for Signed { contract, at, paid } in signed(&council, false).await? {
        let terms = &contract.terms;
        let party = |id: &OrganisationId| (id.as_str().to_owned(), names.get(id).cloned().unwrap_or_default());
        let written = open_contracting::Contract {
            id: contract.id.to_string(),
            title: &terms.title,
            description: &terms.description,
            value_pence: terms.value_pence,
            window: terms.window(),
            signed: at,
            ended: contract.state == ContractState::Ended,
            // One sum a day: a line of its own would count families one by one.
            paid: by_day(&paid),
            suppliers: std::iter::once(&terms.provider).chain(&terms.subcontractors).map(party).collect(),
        };
        releases.push(written.written(buyer, now));
    }
    let uri = format!("urn:hearth:{code}:published:contracts");
    let package = open_contracting::package(&uri, buyer, now, releases);
    open_contracting::check(&package).map_err(damaged("contracts"))?;
    Ok(Json(package))
}

fn by_day(paid: &[store::PaymentLine]) -> Vec<(String, KnownAt, i64)> {
    let mut sums = std::collections::BTreeMap::new();
    for line in paid {
        *sums.entry(line.day).or_insert(0) += line.amount;
    }
    sums.into_iter().map(|(day, pence)| (format!("paid-{day}"), KnownAt::begins(day), pence)).collect()
}
