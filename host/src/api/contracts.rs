//! Contracts with providers, and the budgets that they are set against.

use axum::Json;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::Body;
use super::caller::Council;
use super::documented::{Edits, Reads, Writes};
use super::holds::named;
use super::once::{Answer, Begun, Once};
use super::page::{Page, Paging};
use super::params::{Id, Params};
use super::problem::Problem;
use super::services::whose;
use super::version::{IfMatch, Versioned};
use crate::access::Verb;
use crate::record::bought::{Budget, Settings, Terms};
use crate::record::{AuthorityId, ContractId, Day, DecisionId, Invalid, KnownAt, fact};
use crate::store::{self, ContractState, NewContractAct, StoreError};

/// A contract or a grant.
#[derive(Debug, Serialize, ToSchema)]
pub struct Contract {
    pub(super) id: ContractId,
    state: ContractState,
    /// From 1.
    version: u64,
    at: KnownAt,
    by: String,
    #[serde(flatten)]
    terms: Terms,
}

impl From<store::Contract> for Contract {
    fn from(c: store::Contract) -> Self {
        let store::Contract { id, state, version, at, by, terms } = c;
        Self { id, state, version, at, by, terms }
    }
}

/// A contract that they may see: a provider's own, or any.
///
/// # Errors
/// `not-allowed`; `no-such`.
pub(super) async fn theirs(council: &Council, verb: Verb, id: ContractId) -> Result<store::Contract, Problem> {
    let own = whose(council, verb)?;
    let contract = council.store.contract(id).await?;
    match own {
        // A provider sees what was signed with it.
        Some(own) if contract.state == ContractState::Draft || !contract.is_with(&own) => Err(Problem::no_such("contract", id)),
        _ => Ok(contract),
    }
}

/// Every contract that they may see.
///
/// # Errors
/// `not-allowed`.
pub(super) async fn seen(council: &Council) -> Result<Vec<store::Contract>, Problem> {
    let own = whose(council, Verb::SeeContracts)?;
    let mut all = council.store.contracts().await?;
    all.retain(|c| own.as_ref().is_none_or(|own| c.state != ContractState::Draft && c.is_with(own)));
    Ok(all)
}

/// List contracts
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/contracts", tag = "buying", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), Paging),
    responses((status = 200, body = Page<Contract>, description = "In the order in which they were made; a provider's own, for a provider"), Reads),
)]
pub async fn list_contracts(council: Council, Params(paging): Params<Paging>) -> Result<Json<Page<Contract>>, Problem> {
    let found = paging.cut(seen(&council).await?, |c| c.id)?;
    Ok(Json(Page { items: found.items.into_iter().map(Contract::from).collect(), next: found.next }))
}

/// Draft a contract
///
/// Or a grant (`grant`), or a purchase for one need (`spot`). Nothing is bought by it until it is signed.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/contracts", tag = "buying", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    request_body(content = Terms, example = json!({
        "title": "Parenting course", "provider": "harbour", "first": "2026-04-01", "last": "2027-03-31", "paid": "mixed",
        "value_pence": 1_000_000, "families": 20, "budget": "supporting-families-2026",
        "prices": [{ "unit": "family", "amount_pence": 24_000, "first": "2026-04-01" }],
    })),
    responses((status = 201, body = Contract, description = "A draft"), Writes),
)]
pub async fn draft_contract(council: Council, once: Once, Body { value: terms, digest }: Body<Terms>) -> Result<Response, Problem> {
    council.may(Verb::KeepContracts)?;
    terms.check()?;
    let mut tx = match once.begin(&council, digest, "drafted a contract").await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    let contract = tx.add_contract(&terms).await.map_err(named)?;
    once.finish(tx, &council, digest, Answer::created(&Contract::from(contract))).await
}

/// Read a contract
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/contracts/{contract}", tag = "buying", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), ("contract" = ContractId, Path, description = "The contract")),
    responses((status = 200, body = Contract, description = "As it is now", headers(("ETag" = String, description = "Its version, for `If-Match`"))), Reads),
)]
pub async fn read_contract(council: Council, Id(id): Id<ContractId>) -> Result<Versioned<Contract>, Problem> {
    Ok(Versioned(theirs(&council, Verb::SeeContracts, id).await?.into()))
}

/// Change a contract's terms
#[utoipa::path(
    put, path = "/v1/authorities/{authority}/contracts/{contract}", tag = "buying", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("contract" = ContractId, Path, description = "The contract"),
        ("If-Match" = String, Header, description = "The ETag of what was read"),
    ),
    request_body(content = Terms),
    responses((status = 200, body = Contract, description = "As it is from now on; what it was stays readable"), Edits),
)]
pub async fn change_contract(
    council: Council,
    Id(id): Id<ContractId>,
    seen: IfMatch,
    Body { value: terms, .. }: Body<Terms>,
) -> Result<Versioned<Contract>, Problem> {
    theirs(&council, Verb::KeepContracts, id).await?;
    terms.check()?;
    let mut tx = council.write("changed a contract").await?;
    seen.holds(&Contract::from(tx.contract(id).await?))?;
    let changed = tx.change_contract(id, &terms).await.map_err(named)?;
    tx.commit().await?;
    Ok(Versioned(changed.into()))
}

/// List what a contract was
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/contracts/{contract}/versions", tag = "buying", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), ("contract" = ContractId, Path, description = "The contract")),
    responses((status = 200, body = Page<Contract>, description = "Every version, the latest first"), Reads),
)]
pub async fn list_contract_versions(council: Council, Id(id): Id<ContractId>) -> Result<Json<Page<Contract>>, Problem> {
    theirs(&council, Verb::SeeContracts, id).await?;
    let versions = council.store.contract_versions(id).await?;
    Ok(Json(Page::whole(versions.into_iter().map(Contract::from).collect())))
}

/// A contract to be signed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ContractSignature)]
pub struct Signature {
    /// The decision to `check-contract` that the signer has read, about these very terms. Needed where the contract names a plugin.
    #[serde(default)]
    decision: Option<DecisionId>,
    /// Why, where the check came to anything but `within-rules`: 1 to 500 bytes.
    #[serde(default)]
    why: Option<String>,
}

/// Sign a contract
///
/// The check by its plugin (the tender threshold, say) is asked first and shown; whoever signs names the decision that they read. Where that
/// did not find the contract within the rules, they say why they sign it all the same.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/contracts/{contract}/signature", tag = "buying", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("contract" = ContractId, Path, description = "The contract"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    request_body(content = Signature),
    responses((status = 200, body = Contract, description = "It is in force from its first day on"), Writes),
)]
pub async fn sign_contract(
    council: Council,
    Id(id): Id<ContractId>,
    once: Once,
    Body { value: signature, digest }: Body<Signature>,
) -> Result<Response, Problem> {
    let contract = theirs(&council, Verb::KeepContracts, id).await?;
    let came_to = checked(&council, &contract, &signature).await?;
    let mut tx = match once.begin(&council, digest, "signed a contract").await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    if tx.contract(id).await?.version != contract.version {
        return Err(StoreError::Conflict("the contract was changed meanwhile: read it again".to_owned()).into());
    }
    let day = contract.terms.first;
    let act = NewContractAct { act: "signed", day, came_to, decision: signature.decision, why: signature.why };
    tx.act_on_contract(id, &act).await?;
    let signed = tx.contract(id).await?;
    once.finish(tx, &council, digest, Answer::new(StatusCode::OK, &Contract::from(signed))).await
}

/// What the check came to, where whoever signs may go by it.
async fn checked(council: &Council, contract: &store::Contract, signature: &Signature) -> Result<Option<String>, Problem> {
    if let Some(why) = &signature.why {
        fact::text("why", why, 500)?;
    }
    let Some(decision) = signature.decision else {
        return match contract.terms.installation {
            None => Ok(None),
            Some(_) => Err(Problem::invalid("decision", "is missing: ask `check-contract`, and name the decision that you read")),
        };
    };
    let other = || Invalid::new("decision", "is no check of this contract as it is now");
    let found = council.store.contract_decision(decision).await.map_err(|_| other())?;
    if found.contract != contract.id || found.version != contract.version || found.question != "check-contract" {
        return Err(other().into());
    }
    if found.result != "within-rules" && signature.why.is_none() {
        return Err(Problem::invalid("why", "is missing: the check did not find it within the rules, so say why it is signed"));
    }
    Ok(Some(found.result))
}

/// A contract to be ended.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ContractEnd)]
pub struct End {
    /// The last day.
    on: Day,
    /// 1 to 500 bytes; it names no family.
    #[schema(min_length = 1, max_length = 500)]
    why: String,
}

/// End a contract
///
/// Nobody is referred under it any more. What is due is still asked and paid.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/contracts/{contract}/end", tag = "buying", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("contract" = ContractId, Path, description = "The contract"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    request_body(content = End),
    responses((status = 200, body = Contract, description = "It is over"), Writes),
)]
pub async fn end_contract(
    council: Council,
    Id(id): Id<ContractId>,
    once: Once,
    Body { value: end, digest }: Body<End>,
) -> Result<Response, Problem> {
    theirs(&council, Verb::KeepContracts, id).await?;
    fact::text("why", &end.why, 500)?;
    let mut tx = match once.begin(&council, digest, "ended a contract").await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    let act = NewContractAct { act: "ended", day: end.on, came_to: None, decision: None, why: Some(end.why) };
    tx.act_on_contract(id, &act).await?;
    let ended = tx.contract(id).await?;
    once.finish(tx, &council, digest, Answer::new(StatusCode::OK, &Contract::from(ended))).await
}

/// A budget, and what is set against it, in pence.
#[derive(Debug, Serialize, ToSchema)]
pub struct BudgetState {
    name: String,
    #[serde(flatten)]
    budget: Budget,
    /// The values of contracts that were signed against it; of those that are over, what was paid.
    committed_pence: i64,
    /// Payments that were approved.
    spent_pence: i64,
    /// Not committed.
    left_pence: i64,
}

/// List budgets
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/budgets", tag = "buying", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code")),
    responses((status = 200, body = Page<BudgetState>, description = "By name, with what is committed and spent"), Reads),
)]
pub async fn list_budgets(council: Council) -> Result<Json<Page<BudgetState>>, Problem> {
    council.may(Verb::KeepContracts)?;
    let (contracts, spent) = (council.store.contracts().await?, council.store.spent().await?);
    let state = |kept: store::KeptBudget| {
        let against = contracts.iter().filter(|c| c.terms.budget.as_deref() == Some(&kept.name) && c.state != ContractState::Draft);
        let (mut committed, mut paid) = (0, 0);
        for contract in against {
            let spent = spent.get(&contract.id).copied().unwrap_or(0);
            committed += if contract.state == ContractState::Ended { spent } else { contract.terms.value_pence };
            paid += spent;
        }
        let left_pence = kept.budget.amount_pence - committed;
        BudgetState { name: kept.name, budget: kept.budget, committed_pence: committed, spent_pence: paid, left_pence }
    };
    Ok(Json(Page::whole(council.store.budgets().await?.into_iter().map(state).collect())))
}

/// A budget's short name in the path.
pub struct BudgetName(String);

impl std::str::FromStr for BudgetName {
    type Err = Invalid;
    fn from_str(text: &str) -> Result<Self, Invalid> {
        fact::slug("", text).map(|()| Self(text.to_owned()))
    }
}

/// A budget as it is kept.
#[derive(Debug, Serialize, ToSchema)]
pub struct BudgetNamed {
    name: String,
    #[serde(flatten)]
    budget: Budget,
}

/// Read a budget
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/budgets/{budget}", tag = "buying", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), ("budget" = String, Path, description = "Its short name")),
    responses((status = 200, body = BudgetNamed, description = "As it is now", headers(("ETag" = String, description = "Its version, for `If-Match`"))), Reads),
)]
pub async fn read_budget(council: Council, Id(BudgetName(name)): Id<BudgetName>) -> Result<Versioned<BudgetNamed>, Problem> {
    council.may(Verb::KeepContracts)?;
    let found = council.store.budgets().await?.into_iter().find(|b| b.name == name);
    let found = found.ok_or_else(|| Problem::no_such("budget", &name))?;
    Ok(Versioned(BudgetNamed { name, budget: found.budget }))
}

/// Set a budget
#[utoipa::path(
    put, path = "/v1/authorities/{authority}/budgets/{budget}", tag = "buying", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("budget" = String, Path, description = "Its short name"),
        ("If-Match" = Option<String>, Header, description = "The ETag of what was read; left out of a new one"),
    ),
    request_body(content = Budget, example = json!({ "title": "Supporting Families", "first": "2026-04-01", "last": "2027-03-31", "amount_pence": 30_000_000 })),
    responses((status = 200, body = BudgetNamed, description = "As it is from now on"), Edits),
)]
pub async fn set_budget(
    council: Council,
    Id(BudgetName(name)): Id<BudgetName>,
    seen: IfMatch,
    Body { value: budget, .. }: Body<Budget>,
) -> Result<Versioned<BudgetNamed>, Problem> {
    council.may(Verb::KeepContracts)?;
    budget.check()?;
    let mut tx = council.write("set a budget").await?;
    if let Some(before) = tx.budget(&name).await? {
        seen.holds(&BudgetNamed { name: name.clone(), budget: before.budget })?;
    }
    tx.set_budget(&name, &budget).await?;
    tx.commit().await?;
    Ok(Versioned(BudgetNamed { name, budget }))
}

/// Read how long answers may take
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/buying-settings", tag = "buying", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code")),
    responses((status = 200, body = Settings, description = "As they are now", headers(("ETag" = String, description = "Its version, for `If-Match`"))), Reads),
)]
pub async fn read_buying_settings(council: Council) -> Result<Versioned<Settings>, Problem> {
    council.may(Verb::SeeRules)?;
    Ok(Versioned(council.store.buying_settings().await?))
}

/// Set how long answers may take
#[utoipa::path(
    put, path = "/v1/authorities/{authority}/buying-settings", tag = "buying", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("If-Match" = String, Header, description = "The ETag of what was read"),
    ),
    request_body(content = Settings, example = json!({ "answer_days": 7, "dispute_days": 30 })),
    responses((status = 200, body = Settings, description = "As they are from now on"), Edits),
)]
pub async fn set_buying_settings(
    council: Council,
    seen: IfMatch,
    Body { value: settings, .. }: Body<Settings>,
) -> Result<Versioned<Settings>, Problem> {
    council.may(Verb::SetRules)?;
    settings.check()?;
    let mut tx = council.write("set how long answers of providers may take").await?;
    seen.holds(&tx.buying_settings().await?)?;
    tx.set_buying_settings(&settings).await?;
    tx.commit().await?;
    Ok(Versioned(settings))
}
