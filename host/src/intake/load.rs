//! From rows to facts: meet whom a row is about, compare with what its source said before, keep what is new.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::ahead::{Ahead, Batch};
use super::mapping::{Covers, Mapping};
use super::plan::Planning;
use super::settings;
use super::sheet::{Header, Table};
use super::{Import, IntakeError, Report, Spooled};
use crate::matching::Thresholds;
use crate::record::coverage::pieces;
use crate::record::{Coverage, CoverageState, Day, DeliveryId, HomeId, PersonId, Subject, Window};
use crate::store::{AuthorityStore, AuthorityTx, ChangeId, DeliveryState};

/// What the record says was done.
pub(super) fn what(import: &Import) -> String {
    let Import { mapping, source, covers, .. } = import;
    format!("import {} from {source}, covering {covers}", mapping.name)
}

/// What was read until it went wrong, and what went wrong.
type Broken = (Report, IntakeError);

pub(super) async fn file(
    store: &AuthorityStore,
    principal: &str,
    import: &Import,
    delivery: DeliveryId,
    file: Spooled,
) -> Result<Report, Broken> {
    let begin = async || {
        let last = import.covers.last.ok_or(IntakeError::NoEnd)?;
        let thresholds = settings::of(&store.intake_settings().await?).thresholds();
        Ok((Table::open(&import.mapping, file.rewound()?)?, Load::new(import, last, delivery, thresholds)))
    };
    let (table, mut load) = begin().await.map_err(|fault| (Report::default(), fault))?;
    match load.all(store, principal, table).await {
        Ok(()) => Ok(load.report),
        Err(fault) => Err((load.report, fault)),
    }
}

/// Rows on their way into the record, or into waiting.
pub(super) struct Load<'a> {
    import: &'a Import,
    mapping: &'a Mapping,
    last: Day,
    delivery: DeliveryId,
    thresholds: Thresholds,
    pub(super) report: Report,
    people: HashSet<PersonId>,
    /// Of ours, with the days that refused rows spoke of.
    holes: Vec<(Subject, Window)>,
    /// Its own changes.
    changes: Vec<ChangeId>,
}

impl<'a> Load<'a> {
    pub(super) fn new(import: &'a Import, last: Day, delivery: DeliveryId, thresholds: Thresholds) -> Self {
        Self {
            import,
            mapping: &import.mapping,
            last,
            delivery,
            thresholds,
            report: Report::default(),
            people: HashSet::new(),
            holes: Vec::new(),
            changes: Vec::new(),
        }
    }

    async fn all(&mut self, store: &AuthorityStore, principal: &str, table: Table) -> Result<(), IntakeError> {
        let (what, header) = (what(self.import), table.header().clone());
        let ahead = Ahead::new(store, self.import, self.thresholds, self.delivery, table);
        let (to, mut batches) = mpsc::channel(1);
        // Dropped, it reads no further.
        let mut beside = JoinSet::new();
        beside.spawn(ahead.run(to));
        loop {
            let batch = batches.recv().await.ok_or_else(|| IntakeError::Io(std::io::Error::other("reading it ended before it did")))??;
            let mut tx = store.write(principal, &what).await?;
            tx.source_kind(&self.import.source).await?;
            let last = batch.last;
            self.rows(&mut tx, &header, batch).await?;
            if last {
                self.coverage(&mut tx).await?;
            }
            let state = if last { DeliveryState::Read } else { DeliveryState::Reading };
            tx.delivery_came_to(self.delivery, state, &self.report.to_json()).await?;
            self.changes.extend(tx.commit().await?.change);
            if last {
                return Ok(());
            }
        }
    }

    pub(super) async fn rows(&mut self, tx: &mut AuthorityTx, header: &Header, batch: Batch) -> Result<(), IntakeError> {
        let Batch { read, rows, mut refusals, planned, .. } = batch;
        let mut plan = match planned {
            Some((since, plan)) if self.is_current(tx, since).await? => plan,
            _ => {
                let planning = Planning { import: self.import, thresholds: self.thresholds, delivery: self.delivery, revives: false };
                planning.rows(&mut tx.look(), &rows).await?
            }
        };
        plan.carry_out(tx, &self.mapping.name).await?;
        self.report.read += read;
        self.report.count(&plan.counted);
        self.people.extend(plan.people);
        self.holes.extend(plan.holes);
        refusals.extend(plan.refusals);
        refusals.sort_by_key(|(line, _)| *line);
        for (line, refusal) in refusals {
            self.report.refuse(header.refused(line, refusal, self.mapping));
        }
        Ok(())
    }

    /// Was nothing written since but by this load? What it writes itself changes nothing that its plans rest on: it has one row of a
    /// reference, and none that tells who somebody is.
    async fn is_current(&self, tx: &mut AuthorityTx, since: ChangeId) -> Result<bool, IntakeError> {
        Ok(tx.changes_since(since).await?.iter().all(|change| self.changes.contains(change)))
    }

    const fn covers(&self) -> Window {
        Window { first: self.import.covers.first, last: Some(self.last) }
    }

    /// What the file lets us say of the days it covers.
    async fn coverage(&mut self, tx: &mut AuthorityTx) -> Result<(), IntakeError> {
        let (kind, first, last) = (self.mapping.kind, self.import.covers.first, self.last);
        let state =
            |person, first, last, state| Coverage { kind, person, first, last, state, source: self.import.source.clone(), order: 0 };
        let mut statements = Vec::new();
        let mut complete: BTreeSet<PersonId> = BTreeSet::new();
        let holes = self.holes_of_people(tx).await?;
        match self.mapping.covers {
            Covers::WhoIsInIt => complete.extend(&self.people),
            Covers::Everybody => {
                statements.push(state(None, first, last, CoverageState::Complete));
                complete.extend(holes.keys());
                // Whoever had a refused row in an earlier file, and has none in this.
                complete.extend(tx.people_left_partial(kind, &self.import.source, first, last).await?);
            }
        }
        for person in complete.iter().chain(holes.keys().filter(|p| !complete.contains(p))) {
            let whole = complete.contains(person).then_some((self.covers(), CoverageState::Complete));
            let partial = holes.get(person).into_iter().flatten().map(|hole| (*hole, CoverageState::Partial));
            let said = pieces(first, last, whole.into_iter().chain(partial));
            let said = said.into_iter().filter(|piece| piece.state != CoverageState::None);
            statements.extend(said.map(|piece| state(Some(*person), piece.first, piece.last, piece.state)));
        }
        tx.add_coverage(&statements).await?;
        self.report.incomplete = holes.len() as u64;
        Ok(())
    }

    /// A home's holes are those of everybody who is or was a member of a family that it is or was a home of.
    async fn holes_of_people(&self, tx: &mut AuthorityTx) -> Result<BTreeMap<PersonId, Vec<Window>>, IntakeError> {
        let homes: BTreeSet<HomeId> = self.holes.iter().filter_map(|(subject, _)| subject.home).collect();
        let at_home = tx.people_of_homes(&homes.into_iter().collect::<Vec<_>>()).await?;
        let mut holes: BTreeMap<PersonId, Vec<Window>> = BTreeMap::new();
        for (subject, window) in &self.holes {
            let at_home = subject.home.and_then(|home| at_home.get(&home)).into_iter().flatten().copied();
            for person in subject.person.into_iter().chain(at_home) {
                holes.entry(person).or_default().push(*window);
            }
        }
        Ok(holes)
    }
}
