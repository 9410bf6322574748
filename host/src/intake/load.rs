//! From rows to facts: meet whom a row is about, compare with what its source said before, keep what is new.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use csv::ByteRecord;

use super::families::{Families, whole};
use super::mapping::{Covers, Mapping, Period};
use super::meet::{Met, Shown, meet};
use super::row::{Reading, Said, Told, Whom};
use super::settings;
use super::sheet::{Header, Refusal, Row, Table};
use super::{Import, IntakeError, Report, Spooled};
use crate::matching::Thresholds;
use crate::record::coverage::pieces;
use crate::record::{
    Coverage, CoverageState, Day, DeliveryId, Digest, FactId, HomeId, MatchDecisionId, NewFact, PersonId, Subject, WaitingRowId, Window,
};
use crate::store::{AuthorityStore, AuthorityTx, DeliveryState, Standing, Statement, WaitingRow, WaitingState};

/// Rows of one transaction: about a second's work, for which others wait.
const ROWS: usize = 10_000;

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
    let (mut table, mut load) = begin().await.map_err(|fault| (Report::default(), fault))?;
    match load.all(store, principal, &mut table).await {
        Ok(()) => Ok(load.report),
        Err(fault) => Err((load.report, fault)),
    }
}

/// Rows that were met and are on their way into the record, or into waiting.
pub(super) struct Load<'a> {
    import: &'a Import,
    mapping: &'a Mapping,
    last: Day,
    delivery: DeliveryId,
    thresholds: Thresholds,
    /// A person has just said who is meant: what was withdrawn when another such word was taken back comes again.
    revives: bool,
    pub(super) report: Report,
    /// By a hash of its reference: the line that said it, and a hash of what it said. A million of them are some tens of megabytes.
    said: HashMap<u128, (u64, u128)>,
    people: HashSet<PersonId>,
    /// Of ours, with the days that refused rows spoke of.
    holes: Vec<(Subject, Window)>,
}

/// A row whose subject the record knows.
pub(super) struct Matched {
    pub(super) line: u64,
    pub(super) subject: Subject,
    pub(super) said: Said,
    /// By which a person said so.
    pub(super) decision: Option<MatchDecisionId>,
}

fn hashed(text: &str) -> u128 {
    let digest = Digest::of(text.as_bytes());
    digest.as_bytes().iter().take(16).fold(0, |hash, byte| (hash << 8) | u128::from(*byte))
}

impl<'a> Load<'a> {
    pub(super) fn new(import: &'a Import, last: Day, delivery: DeliveryId, thresholds: Thresholds) -> Self {
        Self {
            import,
            mapping: &import.mapping,
            last,
            delivery,
            thresholds,
            revives: false,
            report: Report::default(),
            said: HashMap::new(),
            people: HashSet::new(),
            holes: Vec::new(),
        }
    }

    pub(super) const fn reviving(mut self) -> Self {
        self.revives = true;
        self
    }

    async fn all(&mut self, store: &AuthorityStore, principal: &str, table: &mut Table) -> Result<(), IntakeError> {
        let what = what(self.import);
        loop {
            let rows = table.rows(ROWS)?;
            let mut tx = store.write(principal, &what).await?;
            tx.source_kind(&self.import.source).await?;
            let end = rows.len() < ROWS;
            self.rows(&mut tx, table.header(), &rows).await?;
            if end {
                self.coverage(&mut tx).await?;
            }
            let state = if end { DeliveryState::Read } else { DeliveryState::Reading };
            tx.delivery_came_to(self.delivery, state, &self.report.to_json()).await?;
            tx.commit().await?;
            if end {
                return Ok(());
            }
        }
    }

    async fn rows(&mut self, tx: &mut AuthorityTx, header: &Header, rows: &[(u64, ByteRecord)]) -> Result<(), IntakeError> {
        self.report.read += rows.len() as u64;
        let mut refusals = Vec::new();
        let mut readings = Vec::with_capacity(rows.len());
        for (line, record) in rows {
            match self.mapping.reading(*line, &Row::new(header, record)) {
                Ok(reading) => readings.push(reading),
                Err(refusal) => refusals.push((*line, refusal)),
            }
        }
        let matched = self.find(tx, readings, &mut refusals).await?;
        self.keep(tx, matched, &mut refusals).await?;
        refusals.sort_by_key(|(line, _)| *line);
        for (line, refusal) in refusals {
            self.report.refuse(header.refused(line, refusal, self.mapping));
        }
        Ok(())
    }

    fn hole(&mut self, subject: Subject, window: Option<Window>) {
        self.holes.push((subject, window.unwrap_or_else(|| self.covers())));
    }

    const fn covers(&self) -> Window {
        Window { first: self.import.covers.first, last: Some(self.last) }
    }

    /// Finds whom rows are about, and refuses what cannot be kept of them.
    async fn find(
        &mut self,
        tx: &mut AuthorityTx,
        readings: Vec<Reading>,
        refusals: &mut Vec<(u64, Refusal)>,
    ) -> Result<Vec<Matched>, IntakeError> {
        let whom: Vec<&Whom> = readings.iter().map(|r| &r.whom).collect();
        let met = meet(tx, &self.import.source, self.thresholds, &whom).await?;
        let families = Families::of(tx, self.mapping, &whom, &met).await?;
        let (mut matched, mut waiting) = (Vec::with_capacity(readings.len()), Vec::new());
        for (Reading { line, whom, window, said }, met) in readings.into_iter().zip(met) {
            let (state, shown) = match met {
                Met::Same(found, decision) => {
                    let subject = families.subject(self.mapping.kind.about(), found, &whom, window);
                    let known = subject.clone().unwrap_or_else(|_| whole(found));
                    let kept = match said.and_then(|said| self.check(line, said, refusals)) {
                        Ok(Some(said)) => subject.map(|subject| Some((subject, said))),
                        Ok(None) => Ok(None),
                        Err(refusal) => Err(refusal),
                    };
                    match kept {
                        Ok(Some((subject, said))) => matched.push(Matched { line, subject, said, decision }),
                        Ok(None) => {}
                        Err(refusal) => {
                            // It is about somebody of ours: what this file says of them has a hole.
                            self.hole(known, window);
                            refusals.push((line, refusal));
                        }
                    }
                    continue;
                }
                Met::Ask(shown) => {
                    for one in &shown {
                        self.hole(Subject { person: one.person, home: one.home, ..Subject::default() }, window);
                    }
                    (WaitingState::Asked, shown)
                }
                Met::Nobody => (WaitingState::Unmatched, Vec::new()),
                Met::NotOurs => (WaitingState::NotOurs, Vec::new()),
            };
            match said.and_then(|said| self.check(line, said, refusals)) {
                Ok(Some(said)) => waiting.push(self.waiting(tx, state, whom, said, &shown)),
                Ok(None) => {}
                Err(refusal) => refusals.push((line, refusal)),
            }
        }
        self.wait(tx, waiting).await?;
        Ok(matched)
    }

    fn waiting(&mut self, tx: &AuthorityTx, state: WaitingState, whom: Whom, said: Said, shown: &[Shown]) -> WaitingRow {
        match state {
            WaitingState::Unmatched => self.report.unmatched += 1,
            WaitingState::Asked => self.report.asked += 1,
            WaitingState::NotOurs => self.report.not_ours += 1,
        }
        let who = whom.digest();
        let told = Told { whom, first: said.window.first, last: said.window.last, detail: said.detail };
        WaitingRow {
            id: WaitingRowId::fresh(),
            state,
            source: self.import.source.clone(),
            kind: self.mapping.kind,
            reference: said.reference,
            mapping: self.mapping.name.clone(),
            who,
            told: serde_json::to_string(&told).unwrap_or_default(),
            candidates: serde_json::to_string(shown).unwrap_or_default(),
            delivery: self.delivery,
            at: tx.now(),
        }
    }

    /// Rows wait once for each reference; one that waits already, as it is, is left as it is.
    async fn wait(&self, tx: &mut AuthorityTx, mut rows: Vec<WaitingRow>) -> Result<(), IntakeError> {
        let references: Vec<&str> = rows.iter().map(|r| r.reference.as_str()).collect();
        let before = tx.waiting_by_reference(&self.import.source, self.mapping.kind, &references).await?;
        let same = |row: &WaitingRow, b: &WaitingRow| row.state == b.state && row.told == b.told && row.candidates == b.candidates;
        rows.retain(|row| before.get(&row.reference).is_none_or(|b| !same(row, b)));
        let replaced: Vec<WaitingRowId> = rows.iter().filter_map(|row| before.get(&row.reference).map(|b| b.id)).collect();
        tx.drop_waiting(&replaced).await?;
        Ok(tx.add_waiting(&rows).await?)
    }

    /// The same statement twice, or about days that the file does not cover. None: refused without leaving a hole.
    fn check(&mut self, line: u64, said: Said, refusals: &mut Vec<(u64, Refusal)>) -> Result<Option<Said>, Refusal> {
        let covers = self.covers();
        let inside = match self.mapping.period {
            Period::Within => covers.first <= said.window.first && said.window.last.is_some_and(|last| last <= self.last),
            Period::Touching => covers.overlaps(&said.window),
        };
        if !inside {
            let refusal = Refusal::new(self.mapping.when.first(), format!("lies outside the days that the file covers, {covers}"));
            if covers.overlaps(&said.window) {
                return Err(refusal);
            }
            refusals.push((line, refusal));
            return Ok(None);
        }
        let content = hashed(&format!("{} {}", said.window, said.detail.to_json()));
        if let Some((first_line, before)) = self.said.get(&hashed(&said.reference)) {
            let column = self.mapping.referred_by();
            if *before == content {
                refusals.push((line, Refusal::new(column, format!("says again what line {first_line} says"))));
                return Ok(None);
            }
            return Err(Refusal::new(column, format!("says otherwise what line {first_line} says, which was kept")));
        }
        self.said.insert(hashed(&said.reference), (line, content));
        Ok(Some(said))
    }

    /// Keeps what is new of rows whose subject is known, and lets them wait no longer.
    pub(super) async fn keep(
        &mut self,
        tx: &mut AuthorityTx,
        matched: Vec<Matched>,
        refusals: &mut Vec<(u64, Refusal)>,
    ) -> Result<(), IntakeError> {
        let references: Vec<&str> = matched.iter().map(|m| m.said.reference.as_str()).collect();
        let before = tx.facts_by_reference(&self.import.source, self.mapping.kind, &references).await?;
        let waited = tx.waiting_by_reference(&self.import.source, self.mapping.kind, &references).await?;
        tx.drop_waiting(&waited.values().map(|w| w.id).collect::<Vec<_>>()).await?;
        let (mut facts, mut noted) = (Vec::new(), Vec::new());
        for Matched { line, subject, said, decision } in matched {
            self.people.extend(subject.person);
            let found = before.get(&said.reference);
            let same = found.is_some_and(|s| s.fact.subject == subject && s.fact.window == said.window && s.fact.detail == said.detail);
            let supersedes = match found {
                Some(Statement { standing: Standing::Withdrawn, .. }) if same && self.revives => {
                    self.report.added += 1;
                    None
                }
                Some(_) if same => {
                    self.report.unchanged += 1;
                    continue;
                }
                Some(Statement { standing: Standing::Corrected, .. }) => {
                    let why = "was corrected here since it was last sent: the correction stands";
                    refusals.push((line, Refusal::new(self.mapping.referred_by(), why)));
                    continue;
                }
                None | Some(Statement { standing: Standing::Withdrawn, .. }) => {
                    self.report.added += 1;
                    None
                }
                Some(Statement { fact, standing: Standing::InForce }) => {
                    self.report.corrected += 1;
                    if fact.subject == subject {
                        Some(fact.id)
                    } else {
                        // It was about somebody else, who is rid of it.
                        tx.withdraw_fact(fact.id).await?;
                        None
                    }
                }
            };
            let id = FactId::fresh();
            noted.extend(decision.map(|decision| (id, decision)));
            facts.push(NewFact {
                id,
                subject,
                window: said.window,
                source: self.import.source.clone(),
                reference: Some(said.reference),
                supersedes,
                detail: said.detail,
            });
        }
        tx.add_facts(&facts).await?;
        Ok(tx.note_matched(&noted, &self.mapping.name).await?)
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
