//! From rows to facts: match whom a row is about, compare with what its source said before, keep what is new.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::io::Read;

use csv::ByteRecord;

use super::table::{Refusal, Table, Titles};
use super::{Covers, Import, IntakeError, Period, Report, Said, Shape};
use crate::record::coverage::pieces;
use crate::record::fact::About;
use crate::record::{Coverage, CoverageState, Day, FactId, HomeId, NewFact, PersonId, Subject, Window};
use crate::store::{AuthorityStore, AuthorityTx, Standing, Statement};

/// Rows of one transaction: about a second's work, for which others wait.
const ROWS: usize = 10_000;

pub(super) async fn file(store: &AuthorityStore, principal: &str, import: &Import, file: impl Read + Send) -> Result<Report, IntakeError> {
    let last = import.covers.last.ok_or(IntakeError::NoEnd)?;
    let mut table = Table::open(import.extract.shape(), file)?;
    let mut load = Load::new(import, last, table.titles().clone());
    loop {
        let rows = table.rows(ROWS)?;
        let mut tx = store.write(principal, &load.what).await?;
        tx.source_kind(&import.source).await?;
        let end = rows.len() < ROWS;
        load.rows(&mut tx, &table, &rows).await?;
        if end {
            load.coverage(&mut tx).await?;
        }
        tx.commit().await?;
        if end {
            break;
        }
    }
    Ok(load.report)
}

struct Load<'a> {
    import: &'a Import,
    shape: &'static Shape,
    last: Day,
    /// What the record says was done.
    what: String,
    titles: Titles,
    report: Report,
    /// By reference: the line that said it, and what it said.
    said: HashMap<String, (u64, Said)>,
    people: HashSet<PersonId>,
    /// Of ours, with the days that refused rows spoke of.
    holes: Vec<(Subject, Window)>,
}

/// A row of which can be read whom it is about.
struct Reading {
    line: u64,
    keys: Vec<String>,
    /// None where that cannot be read: it may speak of any day.
    window: Option<Window>,
    said: Result<Said, Refusal>,
}

/// A row whose subject the record knows.
struct Matched {
    line: u64,
    subject: Subject,
    said: Said,
}

impl<'a> Load<'a> {
    fn new(import: &'a Import, last: Day, titles: Titles) -> Self {
        let Import { extract, source, covers } = import;
        Self {
            import,
            shape: extract.shape(),
            last,
            what: format!("import {} from {source}, covering {covers}", extract.code()),
            titles,
            report: Report::default(),
            said: HashMap::new(),
            people: HashSet::new(),
            holes: Vec::new(),
        }
    }

    async fn rows<R: Read>(&mut self, tx: &mut AuthorityTx, table: &Table<R>, rows: &[(u64, ByteRecord)]) -> Result<(), IntakeError> {
        self.report.read += rows.len() as u64;
        let from = self.report.refused.len();
        let readings: Vec<Reading> = rows.iter().filter_map(|(line, record)| self.read(*line, table, record)).collect();
        let matched = self.find(tx, readings).await?;
        self.keep(tx, matched).await?;
        self.report.refused[from..].sort_by_key(|r| r.line);
        Ok(())
    }

    /// None where not even whom the row is about can be read: then it is about nobody whom the record knows.
    fn read<R: Read>(&mut self, line: u64, table: &Table<R>, record: &ByteRecord) -> Option<Reading> {
        let row = table.row(record);
        match row.check_width().and_then(|()| (self.shape.keys)(&row)) {
            Ok(keys) => {
                let key = keys.first().map_or("", String::as_str);
                let window = (self.shape.window)(&row);
                let said = window.clone().and_then(|window| (self.shape.said)(&row, key, window));
                Some(Reading { line, keys, window: window.ok(), said })
            }
            Err(refusal) => {
                self.refuse(line, refusal);
                None
            }
        }
    }

    fn refuse(&mut self, line: u64, refusal: Refusal) {
        self.report.refused.push(refusal.at(line, &self.titles));
    }

    /// Refused though it is about somebody of ours: what this file says of them has a hole.
    fn refuse_ours(&mut self, line: u64, subject: Subject, window: Option<Window>, refusal: Refusal) {
        self.hole(subject, window);
        self.refuse(line, refusal);
    }

    fn hole(&mut self, subject: Subject, window: Option<Window>) {
        self.holes.push((subject, window.unwrap_or_else(|| self.covers())));
    }

    const fn covers(&self) -> Window {
        Window { first: self.import.covers.first, last: Some(self.last) }
    }

    /// Finds whom rows are about, and refuses what cannot be kept of them.
    async fn find(&mut self, tx: &mut AuthorityTx, readings: Vec<Reading>) -> Result<Vec<Matched>, IntakeError> {
        let keys: HashSet<&str> = readings.iter().flat_map(|r| r.keys.iter().map(String::as_str)).collect();
        let keys: Vec<&str> = keys.into_iter().collect();
        let person = |person| Subject { person: Some(person), ..Subject::default() };
        let home = |home| Subject { home: Some(home), ..Subject::default() };
        let known: HashMap<String, Vec<Subject>> = if self.shape.kind.about() == About::Home {
            tx.homes_by_key(&keys).await?.into_iter().map(|(key, ids)| (key, ids.into_iter().map(home).collect())).collect()
        } else {
            tx.people_by_key(&keys).await?.into_iter().map(|(key, ids)| (key, ids.into_iter().map(person).collect())).collect()
        };
        let (column, what) = self.shape.subject;
        let mut matched = Vec::with_capacity(readings.len());
        for Reading { line, keys, window, said } in readings {
            match keys.iter().find_map(|key| known.get(key)).map(Vec::as_slice) {
                None | Some([]) => match said {
                    Ok(_) => self.refuse(line, Refusal::new(column, format!("no {what} of the record is known by this"))),
                    Err(refusal) => self.refuse(line, refusal),
                },
                Some([subject]) => match said.and_then(|said| self.check(line, said)) {
                    Ok(Some(said)) => matched.push(Matched { line, subject: *subject, said }),
                    Ok(None) => {}
                    Err(refusal) => self.refuse_ours(line, *subject, window, refusal),
                },
                Some(several) => {
                    let reason = format!("more than one {what} of the record is known by this: put that right first");
                    for subject in several {
                        self.hole(*subject, window);
                    }
                    self.refuse(line, Refusal::new(column, reason));
                }
            }
        }
        Ok(matched)
    }

    /// The same statement twice, or about days that the file does not cover. None: refused without leaving a hole.
    fn check(&mut self, line: u64, said: Said) -> Result<Option<Said>, Refusal> {
        let covers = self.covers();
        let (column, period) = self.shape.period;
        let inside = match period {
            Period::Within => covers.first <= said.window.first && said.window.last.is_some_and(|last| last <= self.last),
            Period::Touching => covers.overlaps(&said.window),
        };
        if !inside {
            let refusal = Refusal::new(column, format!("lies outside the days that the file covers, {covers}"));
            if covers.overlaps(&said.window) {
                return Err(refusal);
            }
            self.refuse(line, refusal);
            return Ok(None);
        }
        if let Some((first_line, before)) = self.said.get(&said.reference) {
            if before.window == said.window && before.detail == said.detail {
                self.refuse(line, Refusal::new(said.referred_by, format!("says again what line {first_line} says")));
                return Ok(None);
            }
            return Err(Refusal::new(said.referred_by, format!("says otherwise what line {first_line} says, which was kept")));
        }
        self.said.insert(said.reference.clone(), (line, said.clone()));
        Ok(Some(said))
    }

    async fn keep(&mut self, tx: &mut AuthorityTx, matched: Vec<Matched>) -> Result<(), IntakeError> {
        let references: Vec<&str> = matched.iter().map(|m| m.said.reference.as_str()).collect();
        let before = tx.facts_by_reference(&self.import.source, self.shape.kind, &references).await?;
        let mut facts = Vec::new();
        for Matched { line, subject, said } in matched {
            self.people.extend(subject.person);
            let found = before.get(&said.reference);
            let same = found.is_some_and(|s| s.fact.subject == subject && s.fact.window == said.window && s.fact.detail == said.detail);
            let supersedes = match found {
                Some(_) if same => {
                    self.report.unchanged += 1;
                    continue;
                }
                Some(Statement { standing: Standing::Corrected, .. }) => {
                    let refusal = Refusal::new(said.referred_by, "was corrected here since it was last sent: the correction stands");
                    self.refuse(line, refusal);
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
            facts.push(NewFact {
                id: FactId::fresh(),
                subject,
                window: said.window,
                source: self.import.source.clone(),
                reference: Some(said.reference),
                supersedes,
                detail: said.detail,
            });
        }
        tx.add_facts(&facts).await?;
        Ok(())
    }

    /// What the file lets us say of the days it covers.
    async fn coverage(&mut self, tx: &mut AuthorityTx) -> Result<(), IntakeError> {
        let (kind, first, last) = (self.shape.kind, self.import.covers.first, self.last);
        let state =
            |person, first, last, state| Coverage { kind, person, first, last, state, source: self.import.source.clone(), order: 0 };
        let mut statements = Vec::new();
        let mut complete: BTreeSet<PersonId> = BTreeSet::new();
        let holes = self.holes_of_people(tx).await?;
        match self.shape.covers {
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
        let homes: Vec<HomeId> = self.holes.iter().filter_map(|(subject, _)| subject.home).collect();
        let at_home = tx.people_of_homes(&homes).await?;
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
