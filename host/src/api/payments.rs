//! What is due and paid under a contract: computed by its plugin, asked about, disputed, approved by a second person, credited.

use axum::Json;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::Body;
use super::caller::Council;
use super::contracts::{seen, theirs};
use super::documented::{Reads, Writes};
use super::once::{Answer, Begun, Once};
use super::page::{Page, Paging};
use super::params::{Id, Params};
use super::problem::{Code, Problem};
use crate::access::Verb;
use crate::record::{AuthorityId, ContractId, Day, DecisionId, KnownAt, PaymentLineId, fact};
use crate::store::{self, AuthorityTx, LineState, StoreError};

/// A payment line. Families are the contract's numbers.
#[derive(Debug, Serialize, ToSchema)]
pub struct PaymentLine {
    id: PaymentLineId,
    contract: ContractId,
    at: KnownAt,
    by: String,
    /// That computed it; left out: a credit that somebody gave.
    #[serde(skip_serializing_if = "Option::is_none")]
    decision: Option<DecisionId>,
    /// Code list payment-kinds.
    kind: String,
    /// Left out: for the contract as a whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    family_number: Option<u32>,
    amount_pence: i64,
    on: Day,
    state: LineState,
    /// The day by which a dispute is to be settled, and whether it is over.
    #[serde(skip_serializing_if = "Option::is_none")]
    settle_by: Option<Day>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    overdue: bool,
    /// The line that it takes back.
    #[serde(skip_serializing_if = "Option::is_none")]
    credits: Option<PaymentLineId>,
    /// What people did about it, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    acts: Vec<PaymentAct>,
}

/// What somebody did about a line.
#[derive(Debug, Serialize, ToSchema)]
pub struct PaymentAct {
    at: KnownAt,
    by: String,
    act: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
}

impl PaymentLine {
    fn of(l: store::PaymentLine, acts: Vec<store::PaymentAct>, today: Day) -> Self {
        let act = |store::PaymentAct { at, by, act, why }| PaymentAct { at, by, act, why };
        Self {
            id: l.id,
            contract: l.contract,
            at: l.at,
            by: l.by,
            decision: l.decision,
            kind: l.kind,
            family_number: l.number,
            amount_pence: l.amount,
            on: l.day,
            state: l.state,
            settle_by: l.settle_by,
            overdue: l.settle_by.is_some_and(|by| by < today),
            credits: l.credits,
            acts: acts.into_iter().map(act).collect(),
        }
    }
}

/// List payment lines
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/contracts/{contract}/payment-lines", tag = "buying", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), ("contract" = ContractId, Path, description = "The contract"), Paging),
    responses((status = 200, body = Page<PaymentLine>, description = "In the order in which they were computed"), Reads),
)]
pub async fn list_payment_lines(
    council: Council,
    Id(id): Id<ContractId>,
    Params(paging): Params<Paging>,
) -> Result<Json<Page<PaymentLine>>, Problem> {
    theirs(&council, Verb::SeeContracts, id).await?;
    told(&council, &paging, council.store.payment_lines(id).await?).await
}

/// List what is due and paid
///
/// Under every contract that you may see: a provider's own, for a provider.
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/payment-lines", tag = "buying", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), Paging),
    responses((status = 200, body = Page<PaymentLine>, description = "In the order in which they were computed"), Reads),
)]
pub async fn list_all_payment_lines(council: Council, Params(paging): Params<Paging>) -> Result<Json<Page<PaymentLine>>, Problem> {
    let contracts: Vec<ContractId> = seen(&council).await?.into_iter().map(|c| c.id).collect();
    told(&council, &paging, council.store.payment_lines_under(&contracts).await?).await
}

async fn told(council: &Council, paging: &Paging, lines: Vec<store::PaymentLine>) -> Result<Json<Page<PaymentLine>>, Problem> {
    let today = council.store.clock().now().day();
    let found = paging.cut(lines, |l| l.id)?;
    let mut acts = council.store.payment_acts(&found.items.iter().map(|l| l.id).collect::<Vec<_>>()).await?;
    let line = |l: store::PaymentLine| {
        let acts = acts.remove(&l.id).unwrap_or_default();
        PaymentLine::of(l, acts, today)
    };
    Ok(Json(Page { items: found.items.into_iter().map(line).collect(), next: found.next }))
}

/// Read a payment line
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/payment-lines/{line}", tag = "buying", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), ("line" = PaymentLineId, Path, description = "The line")),
    responses((status = 200, body = PaymentLine, description = "The line, with what was done to it"), Reads),
)]
pub async fn read_payment_line(council: Council, Id(id): Id<PaymentLineId>) -> Result<Json<PaymentLine>, Problem> {
    council.may(Verb::SeeContracts)?;
    let line = council.store.payment_line(id).await?;
    theirs(&council, Verb::SeeContracts, line.contract).await.map_err(|p| match p.code {
        Code::NoSuch => Problem::no_such("payment line", id),
        _ => p,
    })?;
    let acts = council.store.payment_acts(&[id]).await?.remove(&id).unwrap_or_default();
    Ok(Json(PaymentLine::of(line, acts, council.store.clock().now().day())))
}

/// What somebody does about a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LineAct {
    /// Ask about it; `answer` takes it back to where it was.
    Query,
    Answer,
    /// By the provider: a clock runs, and nobody approves it before it is settled.
    Dispute,
    /// The line stands as it is.
    Settle,
    /// By a second person: not by whoever had it computed.
    Approve,
    /// It is not paid, as if it had never been computed.
    Decline,
    /// Of what was approved: a line that takes it back, for a second person to approve.
    Credit,
}

/// An act, with its reason.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewLineAct {
    act: LineAct,
    /// Needed but for `approve`: 1 to 500 bytes; it names nobody.
    #[serde(default)]
    why: Option<String>,
}

/// Act on a payment line
///
/// | act | of a line that is | by | then |
/// |---|---|---|---|
/// | `query` | drafted | the council or the provider | queried |
/// | `answer` | queried | the council or the provider | drafted |
/// | `dispute` | drafted, queried | the provider | disputed, to be settled by a day |
/// | `settle` | disputed | whoever keeps contracts | drafted |
/// | `decline` | drafted, queried, disputed | whoever keeps contracts | declined |
/// | `approve` | drafted | a second person, who approves payments | approved |
/// | `credit` | approved | whoever keeps contracts | as it was, beside a drafted line that takes it back |
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/payment-lines/{line}/acts", tag = "buying", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("line" = PaymentLineId, Path, description = "The line"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    request_body(content = NewLineAct, example = json!({ "act": "query", "why": "which session was that?" })),
    responses((status = 200, body = PaymentLine, description = "The line as it is now; of a credit, the new one"), Writes),
)]
pub async fn act_on_payment_line(
    council: Council,
    Id(id): Id<PaymentLineId>,
    once: Once,
    Body { value: new, digest }: Body<NewLineAct>,
) -> Result<Response, Problem> {
    council.may(Verb::SeeContracts)?;
    allowed(&council, new.act)?;
    let line = council.store.payment_line(id).await?;
    theirs(&council, Verb::SeeContracts, line.contract).await.map_err(|p| match p.code {
        Code::NoSuch => Problem::no_such("payment line", id),
        _ => p,
    })?;
    match &new.why {
        Some(why) => fact::text("why", why, 500)?,
        None if new.act != LineAct::Approve => return Err(Problem::invalid("why", "is missing: say why")),
        None => {}
    }
    let mut tx = match once.begin(&council, digest, "acted on a payment line").await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    let line = tx.payment_line(id).await?;
    let id = done(&council, &mut tx, &line, new.act, new.why.as_deref()).await?;
    let today = tx.now().day();
    let shown = PaymentLine::of(tx.payment_line(id).await?, Vec::new(), today);
    once.finish(tx, &council, digest, Answer::new(StatusCode::OK, &shown)).await
}

fn allowed(council: &Council, act: LineAct) -> Result<(), Problem> {
    match act {
        LineAct::Query | LineAct::Answer => {
            let acts = [Verb::KeepContracts, Verb::ApprovePayments, Verb::Provide];
            if acts.iter().any(|verb| !council.who.reach(council.roles, *verb).is_none()) {
                return Ok(());
            }
            Err(Problem::new(Code::NotAllowed, "whoever keeps contracts, approves payments or is paid asks about them"))
        }
        LineAct::Approve => council.may(Verb::ApprovePayments),
        LineAct::Settle | LineAct::Decline | LineAct::Credit => council.may(Verb::KeepContracts),
        // Whoever sees no contracts but their own is a provider.
        LineAct::Dispute if council.reader(Verb::SeeContracts)?.all => {
            Err(Problem::new(Code::NotAllowed, "a provider disputes what it is paid; the council declines or credits it"))
        }
        LineAct::Dispute => Ok(()),
    }
}

/// Does it; the line that is then shown.
async fn done(
    council: &Council,
    tx: &mut AuthorityTx,
    line: &store::PaymentLine,
    act: LineAct,
    why: Option<&str>,
) -> Result<PaymentLineId, Problem> {
    use LineState::{Approved, Declined, Disputed, Drafted, Queried};
    let wrong = || StoreError::Conflict(format!("the line is {}", line.state.code()));
    match (act, line.state) {
        (LineAct::Query, Drafted) => tx.move_line(line, Queried, None, "query", why).await?,
        (LineAct::Answer, Queried) => tx.move_line(line, Drafted, None, "answer", why).await?,
        (LineAct::Dispute, Drafted | Queried) => {
            let days = i32::from(tx.buying_settings().await?.dispute_days);
            let settle_by = tx.now().day().plus(days);
            tx.move_line(line, Disputed, settle_by, "dispute", why).await?;
        }
        (LineAct::Settle, Disputed) => tx.move_line(line, Drafted, None, "settle", why).await?,
        (LineAct::Decline, Drafted | Queried | Disputed) => tx.move_line(line, Declined, None, "decline", why).await?,
        (LineAct::Approve, Drafted) => {
            if line.by == council.by {
                return Err(Problem::new(Code::NotAllowed, "a second person approves: not whoever had it computed"));
            }
            within_value(tx, line).await?;
            tx.move_line(line, Approved, None, "approve", why).await?;
        }
        (LineAct::Credit, Approved) if line.credits.is_none() => {
            tx.note_line(line.id, "credit", why).await?;
            let credit = store::PaymentLine {
                id: PaymentLineId::fresh(),
                by: council.by.clone(),
                decision: None,
                kind: "correction".to_owned(),
                amount: -line.amount,
                day: tx.now().day(),
                state: Drafted,
                settle_by: None,
                credits: Some(line.id),
                ..line.clone()
            };
            if !tx.add_payment_line(&credit).await? {
                return Err(StoreError::Conflict("the line was credited before".to_owned()).into());
            }
            return Ok(credit.id);
        }
        _ => return Err(wrong().into()),
    }
    Ok(line.id)
}

/// No more is paid under a contract than it is worth, whatever a plugin computes.
async fn within_value(tx: &mut AuthorityTx, line: &store::PaymentLine) -> Result<(), StoreError> {
    let value = tx.contract(line.contract).await?.terms.value_pence;
    let approved: i64 = tx.payment_lines(line.contract).await?.iter().filter(|l| l.state == LineState::Approved).map(|l| l.amount).sum();
    if line.amount > 0 && approved + line.amount > value {
        return Err(StoreError::Conflict("more would be paid than the contract is worth".to_owned()));
    }
    Ok(())
}
