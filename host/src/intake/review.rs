//! A person says who is meant, and may take it back. What was said holds for every row of the source that says the same of who is meant:
//! the same file again asks nothing.

use std::collections::BTreeMap;

use super::again::read;
use super::families::Families;
use super::meet::{Found, Met, Shown};
use super::plan::{Matched, Plan, Planning};
use super::row::{Said, Told, Whom};
use super::{Import, IntakeError, mapping_named, settings};
use crate::record::{DeliveryId, Invalid, MatchDecisionId, WaitingRowId, Window};
use crate::store::{AuthorityStore, AuthorityTx, MatchAnswer, MatchDecision, StoreError, WaitingRow, WaitingState};

/// What came of a person's word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decided {
    pub decision: MatchDecisionId,
    /// Rows that are in the record now, or no longer are.
    pub rows: u64,
}

/// A row that waits and what it says.
///
/// # Errors
/// `NoSuch` where it waits no longer; `Damaged`.
pub async fn waiting(store: &AuthorityStore, id: WaitingRowId) -> Result<(WaitingRow, Told, Vec<Shown>), IntakeError> {
    let row = store.waiting_row(id).await?;
    let (told, shown) = opened(&row)?;
    Ok((row, told, shown))
}

/// What a waiting row says, and who may be meant.
///
/// # Errors
/// `Damaged`.
pub fn opened(row: &WaitingRow) -> Result<(Told, Vec<Shown>), IntakeError> {
    let shown = serde_json::from_str(&row.candidates).map_err(|e| StoreError::Damaged(format!("waiting row {}: {e}", row.id)))?;
    Ok((read(row)?, shown))
}

/// Keeps what a person said about a row, and carries it out for every row that waits and says the same of who is meant.
///
/// # Errors
/// `NoSuch` (the row waits no longer, or there is no such person or home), `Conflict` (somebody said it first), `Invalid` (a person is
/// named for a row about a home, or the rows cannot be kept about them).
pub async fn decide(store: &AuthorityStore, principal: &str, id: WaitingRowId, answer: MatchAnswer) -> Result<Decided, IntakeError> {
    let (row, told, _) = waiting(store, id).await?;
    let found = match answer {
        MatchAnswer::Person(id) if told.whom.person.is_some() => Some(Found::Person(id)),
        MatchAnswer::Home(id) if told.whom.home.is_some() && told.whom.person.is_none() => Some(Found::Home(id)),
        MatchAnswer::Person(_) => return Err(Invalid::new("person", "is named for a row that is not about a person").into()),
        MatchAnswer::Home(_) => return Err(Invalid::new("home", "is named for a row that is not about a home").into()),
        MatchAnswer::NoneOfThese | MatchAnswer::NotOurs => None,
    };
    let mut tx = store.write(principal, "said who is meant").await?;
    let decision = MatchDecision {
        id: MatchDecisionId::fresh(),
        source: row.source.clone(),
        who: row.who,
        answer,
        told: serde_json::to_string(&told.whom).unwrap_or_default(),
        shown: row.candidates,
        by: principal.to_owned(),
        at: tx.now(),
        undone: None,
    };
    let waited = tx.waiting_by_who(&row.source, row.who).await?;
    if waited.is_empty() {
        return Err(StoreError::Conflict("somebody has said already who is meant".into()).into());
    }
    check_there(&mut tx, found).await?;
    tx.add_match_decision(&decision).await?;
    let rows = waited.len() as u64;
    if let Some(found) = found {
        keep(store, &mut tx, waited, found, decision.id).await?;
    } else {
        let state = if answer == MatchAnswer::NotOurs { WaitingState::NotOurs } else { WaitingState::Unmatched };
        let moved: Vec<WaitingRow> = waited.into_iter().map(|r| WaitingRow { state, candidates: "[]".into(), ..r }).collect();
        replace(&mut tx, &moved).await?;
    }
    tx.commit().await?;
    Ok(Decided { decision: decision.id, rows })
}

async fn check_there(tx: &mut AuthorityTx, found: Option<Found>) -> Result<(), IntakeError> {
    match found {
        Some(Found::Person(id)) if !tx.look().profiles(&[id]).await?.contains_key(&id) => Err(no_such("person", id)),
        Some(Found::Home(id)) if !tx.look().addresses(&[id]).await?.contains_key(&id) => Err(no_such("home", id)),
        _ => Ok(()),
    }
}

fn no_such(what: &'static str, id: impl std::fmt::Display) -> IntakeError {
    StoreError::NoSuch { what, id: id.to_string() }.into()
}

async fn replace(tx: &mut AuthorityTx, rows: &[WaitingRow]) -> Result<(), IntakeError> {
    tx.drop_waiting(&rows.iter().map(|r| r.id).collect::<Vec<_>>()).await?;
    Ok(tx.add_waiting(rows).await?)
}

/// Rows of one person or home, of all files of the source, into the record.
async fn keep(
    store: &AuthorityStore,
    tx: &mut AuthorityTx,
    rows: Vec<WaitingRow>,
    found: Found,
    decision: MatchDecisionId,
) -> Result<(), IntakeError> {
    let thresholds = settings::of(&store.intake_settings().await?).thresholds();
    let mut by_mapping: BTreeMap<String, Vec<WaitingRow>> = BTreeMap::new();
    for row in rows {
        by_mapping.entry(row.mapping.clone()).or_default().push(row);
    }
    for (name, rows) in by_mapping {
        let (mapping, version) = mapping_named(store, &name).await?;
        let import = Import { mapping, version, source: rows[0].source.clone(), covers: Window::on(tx.now().day()) };
        let told: Vec<Told> = rows.iter().map(read).collect::<Result<_, _>>()?;
        let whom: Vec<&Whom> = told.iter().map(|t| &t.whom).collect();
        let met = vec![Met::Same(found, Some(decision)); rows.len()];
        let families = Families::of(&mut tx.look(), &import.mapping, &whom, &met).await?;
        let mut matched = Vec::new();
        for (row, told) in rows.iter().zip(&told) {
            let window = Window { first: told.first, last: told.last };
            let subject = families.subject(import.mapping.kind.about(), found, &told.whom, Some(window));
            let subject =
                subject.map_err(|refusal| Invalid::new(if matches!(found, Found::Home(_)) { "home" } else { "person" }, refusal.reason))?;
            let said = Said { reference: row.reference.clone(), window, detail: told.detail.clone() };
            matched.push(Matched { line: 0, subject, said, decision: Some(decision) });
        }
        let planning = Planning { import: &import, thresholds, delivery: rows[0].delivery, revives: true };
        let mut plan = Plan::default();
        // A correction that was made by hand stands: the row is dropped, and not asked about again.
        planning.keep(&mut tx.look(), matched, &mut plan).await?;
        plan.carry_out(tx, &import.mapping.name).await?;
    }
    Ok(())
}

/// Takes a person's word back: the facts that came of it are withdrawn, and their rows are asked about again.
///
/// # Errors
/// `NoSuch`; `Conflict` where it was taken back before.
pub async fn undo(store: &AuthorityStore, principal: &str, id: MatchDecisionId) -> Result<Decided, IntakeError> {
    let decision = store.match_decision(id).await?;
    let whom: Whom = serde_json::from_str(&decision.told).map_err(|e| StoreError::Damaged(format!("match decision {id}: {e}")))?;
    let mut tx = store.write(principal, "took back who is meant").await?;
    tx.undo_match_decision(id, principal).await?;
    let asked = |row: WaitingRow| WaitingRow { state: WaitingState::Asked, candidates: decision.shown.clone(), ..row };
    let waited: Vec<WaitingRow> = tx.waiting_by_who(&decision.source, decision.who).await?.into_iter().map(asked).collect();
    replace(&mut tx, &waited).await?;
    let mut rows = Vec::new();
    for (fact, mapping) in tx.facts_of_decision(id).await? {
        tx.withdraw_fact(fact.id).await?;
        let told = Told { whom: whom.clone(), first: fact.window.first, last: fact.window.last, detail: fact.detail };
        rows.push(WaitingRow {
            id: WaitingRowId::fresh(),
            state: WaitingState::Asked,
            source: decision.source.clone(),
            kind: told.detail.kind(),
            reference: fact.reference.unwrap_or_default(),
            mapping,
            who: decision.who,
            told: serde_json::to_string(&told).unwrap_or_default(),
            candidates: decision.shown.clone(),
            // It came back out of the record, and is of no file any more.
            delivery: DeliveryId(uuid::Uuid::nil()),
            at: tx.now(),
        });
    }
    tx.add_waiting(&rows).await?;
    tx.commit().await?;
    Ok(Decided { decision: id, rows: (rows.len() + waited.len()) as u64 })
}
