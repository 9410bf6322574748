//! Rows that wait: met again, since a family may have joined, and forgotten when their time is over.

use std::collections::BTreeMap;

use super::families::Families;
use super::meet::{Met, meet};
use super::plan::{Matched, Plan, Planning};
use super::row::{Said, Told, Whom};
use super::{Import, IntakeError, mapping_named, settings};
use crate::record::{Digest, KnownAt, OrganisationId, WaitingRowId, Window};
use crate::store::{AuthorityStore, AuthorityTx, StoreError, Stores, WaitingRow, WaitingState};

/// Rows of one transaction.
const ROWS: u32 = 2_000;
const DAY_MILLIS: i64 = 86_400_000;

/// What became of rows that waited.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Again {
    /// That are in the record now.
    pub kept: u64,
    /// About which a person is asked now, and was not before.
    pub asked: u64,
}

/// Profiles and keys for people of a record that is older than they are.
///
/// # Errors
/// The file cannot be written.
pub async fn make_findable(store: &AuthorityStore, principal: &str) -> Result<(), StoreError> {
    loop {
        let mut tx = store.write(principal, "make people findable").await?;
        let more = tx.make_findable().await?;
        tx.commit().await?;
        if !more {
            return Ok(());
        }
    }
}

/// Meets every row that waits with the record as it is now.
///
/// # Errors
/// The file cannot be written, or a mapping that is no longer sound.
pub async fn match_again(store: &AuthorityStore, principal: &str) -> Result<Again, IntakeError> {
    make_findable(store, principal).await?;
    let mut done = Again::default();
    for state in [WaitingState::Unmatched, WaitingState::Asked] {
        let mut after: Option<WaitingRowId> = None;
        loop {
            let mut tx = store.write(principal, "match rows that waited").await?;
            let rows = tx.some_waiting(state, after, ROWS).await?;
            let Some(last) = rows.last().map(|r| r.id) else { break };
            let changed = some_again(store, &mut tx, state, rows, &mut done).await?;
            // Where nothing changed, nothing was done.
            if changed {
                tx.commit().await?;
            }
            after = Some(last);
        }
    }
    Ok(done)
}

async fn some_again(
    store: &AuthorityStore,
    tx: &mut AuthorityTx,
    state: WaitingState,
    rows: Vec<WaitingRow>,
    done: &mut Again,
) -> Result<bool, IntakeError> {
    let mut feeds: BTreeMap<(String, OrganisationId), Vec<WaitingRow>> = BTreeMap::new();
    for row in rows {
        feeds.entry((row.mapping.clone(), row.source.clone())).or_default().push(row);
    }
    let thresholds = settings::of(&store.intake_settings().await?).thresholds();
    let mut changed = false;
    for ((name, source), rows) in feeds {
        let (mapping, version) = mapping_named(store, &name).await?;
        let covers = Window::on(tx.now().day());
        let import = Import { mapping, version, source, covers };
        let told: Vec<Told> = rows.iter().map(read).collect::<Result<_, _>>()?;
        let whom: Vec<&Whom> = told.iter().map(|t| &t.whom).collect();
        let who: Vec<Digest> = whom.iter().map(|w| w.digest()).collect();
        let met = meet(&mut tx.look(), &import.source, thresholds, &whom, &who).await?;
        let families = Families::of(&mut tx.look(), &import.mapping, &whom, &met).await?;
        let (mut matched, mut moved) = (Vec::new(), Vec::new());
        for ((row, told), met) in rows.iter().zip(&told).zip(met) {
            match met {
                Met::Same(found, decision) => {
                    let window = Window { first: told.first, last: told.last };
                    // In no family on these days: it waits on.
                    let Ok(subject) = families.subject(import.mapping.kind.about(), found, &told.whom, Some(window)) else { continue };
                    let said = Said { reference: row.reference.clone(), window, detail: told.detail.clone() };
                    matched.push(Matched { line: 0, subject, said, decision });
                }
                Met::Ask(shown) => {
                    let candidates = serde_json::to_string(&shown).unwrap_or_default();
                    if state != WaitingState::Asked || candidates != row.candidates {
                        done.asked += u64::from(state != WaitingState::Asked);
                        moved.push(WaitingRow { state: WaitingState::Asked, candidates, ..row.clone() });
                    }
                }
                Met::Nobody if state == WaitingState::Asked => {
                    moved.push(WaitingRow { state: WaitingState::Unmatched, candidates: "[]".into(), ..row.clone() });
                }
                Met::Nobody | Met::NotOurs => {}
            }
        }
        changed |= !matched.is_empty() || !moved.is_empty();
        done.kept += matched.len() as u64;
        tx.drop_waiting(&moved.iter().map(|r| r.id).collect::<Vec<_>>()).await?;
        tx.add_waiting(&moved).await?;
        let planning = Planning { import: &import, thresholds, delivery: rows[0].delivery, revives: false };
        let mut plan = Plan::default();
        // Whoever corrected such a fact by hand meanwhile is right: that it is refused is told nobody.
        planning.keep(&mut tx.look(), matched, &mut plan).await?;
        plan.carry_out(tx, &import.mapping.name).await?;
    }
    Ok(changed)
}

/// # Errors
/// `Damaged`.
pub(super) fn read(row: &WaitingRow) -> Result<Told, StoreError> {
    serde_json::from_str(&row.told).map_err(|e| StoreError::Damaged(format!("waiting row {}: {e}", row.id)))
}

/// Forgets rows whose time is over; how many.
///
/// # Errors
/// The file cannot be written.
pub async fn purge(store: &AuthorityStore, principal: &str) -> Result<u64, StoreError> {
    let days = settings::of(&store.intake_settings().await?).kept_days;
    let mut tx = store.write(principal, "forgot rows that nobody was found for").await?;
    let before = KnownAt::from_millis(tx.now().millis() - i64::from(days) * DAY_MILLIS);
    let forgotten = tx.purge_waiting(before).await?;
    tx.commit().await?;
    Ok(forgotten)
}

/// Of every authority, once a day: rows that wait are met again, and forgotten when their time is over. One that cannot be done now does
/// not keep the others from it.
///
/// # Errors
/// What was first in the way.
pub async fn purge_all(stores: &Stores) -> Result<(), IntakeError> {
    let mut first_fault = None;
    for authority in stores.common().authorities().await? {
        let done = async {
            let store = stores.authority(&authority.code).await?;
            match_again(&store, "hearth").await?;
            purge(&store, "hearth").await?;
            Ok::<_, IntakeError>(())
        };
        if let Err(fault) = done.await {
            first_fault.get_or_insert(fault);
        }
    }
    first_fault.map_or(Ok(()), Err)
}
