//! Reading a file ahead: its next rows are read, and what is to be written of them is worked out, while those before are being written.

use std::collections::HashMap;

use csv::ByteRecord;
use tokio::sync::mpsc::Sender;

use super::mapping::Period;
use super::plan::{Checked, Plan, Planning};
use super::row::{Reading, Said};
use super::sheet::{Refusal, Row, Table};
use super::{Import, IntakeError};
use crate::matching::Thresholds;
use crate::record::{DeliveryId, Digest};
use crate::store::{AuthorityStore, ChangeId, tells_who};

/// Rows of one transaction: about a second's work, for which others wait.
const ROWS: usize = 20_000;

/// Rows that were read together.
pub(super) struct Batch {
    pub(super) read: u64,
    pub(super) rows: Vec<Checked>,
    /// Rows of which not even can be read whom they are about, and those that stand in the file twice.
    pub(super) refusals: Vec<(u64, Refusal)>,
    /// And the last change that it knows of. None where rows before these may change who people are.
    pub(super) planned: Option<(ChangeId, Plan)>,
    /// The file has no more.
    pub(super) last: bool,
}

/// A file on its way in.
pub(super) struct Ahead {
    store: AuthorityStore,
    import: Import,
    thresholds: Thresholds,
    delivery: DeliveryId,
    table: Table,
    /// By a hash of its reference: the line that said it, and a hash of what it said. A million of them are some tens of megabytes.
    said: HashMap<u128, (u64, u128)>,
}

fn hashed(text: &str) -> u128 {
    let digest = Digest::of(text.as_bytes());
    digest.as_bytes().iter().take(16).fold(0, |hash, byte| (hash << 8) | u128::from(*byte))
}

impl Ahead {
    pub(super) fn new(store: &AuthorityStore, import: &Import, thresholds: Thresholds, delivery: DeliveryId, table: Table) -> Self {
        Self { store: store.clone(), import: import.clone(), thresholds, delivery, table, said: HashMap::new() }
    }

    /// Until the file ends, has a fault, or nobody wants more of it.
    pub(super) async fn run(mut self, to: Sender<Result<Batch, IntakeError>>) {
        loop {
            let batch = self.batch().await;
            let more = batch.as_ref().is_ok_and(|b| !b.last);
            if to.send(batch).await.is_err() || !more {
                return;
            }
        }
    }

    pub(super) async fn batch(&mut self) -> Result<Batch, IntakeError> {
        let records = self.table.rows(ROWS)?;
        let mut batch = self.checked(&records);
        if !tells_who(self.import.mapping.kind) {
            let planning = Planning { import: &self.import, thresholds: self.thresholds, delivery: self.delivery, revives: false };
            let mut beside = self.store.look_beside().await?;
            let plan = planning.rows(&mut beside.look(), &batch.rows).await?;
            batch.planned = Some((beside.since(), plan));
        }
        Ok(batch)
    }

    fn checked(&mut self, records: &[(u64, ByteRecord)]) -> Batch {
        let (mut rows, mut refusals) = (Vec::with_capacity(records.len()), Vec::new());
        for (line, record) in records {
            match self.import.mapping.reading(*line, &Row::new(self.table.header(), record)) {
                Ok(Reading { line, whom, window, said }) => {
                    let said = said.and_then(|said| self.check(line, said, &mut refusals));
                    rows.push(Checked { line, who: whom.digest(), whom, window, said });
                }
                Err(refusal) => refusals.push((*line, refusal)),
            }
        }
        Batch { read: records.len() as u64, rows, refusals, planned: None, last: records.len() < ROWS }
    }

    /// The same statement twice, or about days that the file does not cover. None: refused without leaving a hole.
    fn check(&mut self, line: u64, said: Said, refusals: &mut Vec<(u64, Refusal)>) -> Result<Option<Said>, Refusal> {
        let (covers, mapping) = (self.import.covers, &self.import.mapping);
        let inside = match mapping.period {
            Period::Within => {
                covers.first <= said.window.first && said.window.last.is_some_and(|last| covers.last.is_none_or(|l| last <= l))
            }
            Period::Touching => covers.overlaps(&said.window),
        };
        if !inside {
            let refusal = Refusal::new(mapping.when.first(), format!("lies outside the days that the file covers, {covers}"));
            if covers.overlaps(&said.window) {
                return Err(refusal);
            }
            refusals.push((line, refusal));
            return Ok(None);
        }
        let (reference, content) = (hashed(&said.reference), hashed(&format!("{} {}", said.window, said.detail.to_json())));
        if let Some((first_line, before)) = self.said.get(&reference) {
            let column = mapping.referred_by();
            if *before == content {
                refusals.push((line, Refusal::new(column, format!("says again what line {first_line} says"))));
                return Ok(None);
            }
            return Err(Refusal::new(column, format!("says otherwise what line {first_line} says, which was kept")));
        }
        self.said.insert(reference, (line, content));
        Ok(Some(said))
    }
}
