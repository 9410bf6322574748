//! What is to be written of rows. It is worked out by reading alone, so that it can be done while the rows before them are being written.

use std::collections::HashMap;

use serde::Serialize;

use super::families::{Families, whole};
use super::meet::{Met, Shown, meet};
use super::report::Report;
use super::row::{Said, Whom};
use super::sheet::Refusal;
use super::{Import, IntakeError};
use crate::matching::Thresholds;
use crate::record::{Day, DeliveryId, Detail, Digest, FactId, KnownAt, MatchDecisionId, NewFact, PersonId, Subject, WaitingRowId, Window};
use crate::store::{AuthorityTx, Look, Standing, Statement, WaitingRow, WaitingState};

/// A row of which can be read whom it is about.
pub(super) struct Checked {
    pub(super) line: u64,
    pub(super) whom: Whom,
    /// Of whom it is about.
    pub(super) who: Digest,
    /// None where that cannot be read: it may speak of any day.
    pub(super) window: Option<Window>,
    /// None: refused without leaving a hole.
    pub(super) said: Result<Option<Said>, Refusal>,
}

/// A row whose subject the record knows.
pub(super) struct Matched {
    pub(super) line: u64,
    pub(super) subject: Subject,
    pub(super) said: Said,
    /// By which a person said so.
    pub(super) decision: Option<MatchDecisionId>,
}

/// A [`Told`](super::row::Told) on its way into the record.
#[derive(Serialize)]
struct Telling<'a> {
    whom: &'a Whom,
    first: Day,
    #[serde(skip_serializing_if = "Option::is_none")]
    last: Option<Day>,
    #[serde(flatten)]
    detail: &'a Detail,
}

/// How rows of one mapping and source become what is written.
pub(super) struct Planning<'a> {
    pub(super) import: &'a Import,
    pub(super) thresholds: Thresholds,
    pub(super) delivery: DeliveryId,
    /// A person has just said who is meant: what was withdrawn when another such word was taken back comes again.
    pub(super) revives: bool,
}

/// What is to be written of some rows.
#[derive(Debug, Default)]
pub(super) struct Plan {
    /// Rows that wait no longer, or otherwise.
    leave: Vec<WaitingRowId>,
    wait: Vec<WaitingRow>,
    withdraw: Vec<FactId>,
    facts: Vec<NewFact>,
    /// Facts that are there because a person said so.
    noted: Vec<(FactId, MatchDecisionId)>,
    /// Rows counted by what becomes of them.
    pub(super) counted: Report,
    pub(super) refusals: Vec<(u64, Refusal)>,
    /// Of whom rows are kept, or were before.
    pub(super) people: Vec<PersonId>,
    /// Of ours, with the days that refused rows spoke of.
    pub(super) holes: Vec<(Subject, Window)>,
}

impl Planning<'_> {
    /// Finds whom rows are about, and what of them is new.
    pub(super) async fn rows(&self, look: &mut Look<'_>, rows: &[Checked]) -> Result<Plan, IntakeError> {
        let mapping = &self.import.mapping;
        let whom: Vec<&Whom> = rows.iter().map(|r| &r.whom).collect();
        let who: Vec<Digest> = rows.iter().map(|r| r.who).collect();
        let met = meet(look, &self.import.source, self.thresholds, &whom, &who).await?;
        let families = Families::of(look, mapping, &whom, &met).await?;
        let mut plan = Plan::default();
        let (mut matched, mut waiting) = (Vec::new(), Vec::new());
        for (row, met) in rows.iter().zip(met) {
            let days = row.window.unwrap_or(self.import.covers);
            let (state, shown) = match met {
                Met::Same(found, decision) => {
                    let subject = families.subject(mapping.kind.about(), found, &row.whom, row.window);
                    let known = subject.clone().unwrap_or_else(|_| whole(found));
                    match (&row.said, &subject) {
                        (Ok(Some(said)), Ok(subject)) => {
                            matched.push(Matched { line: row.line, subject: *subject, said: said.clone(), decision });
                        }
                        (Ok(None), _) => {}
                        (Err(refusal), _) | (Ok(Some(_)), Err(refusal)) => {
                            // It is about somebody of ours: what this file says of them has a hole.
                            plan.holes.push((known, days));
                            plan.refusals.push((row.line, refusal.clone()));
                        }
                    }
                    continue;
                }
                Met::Ask(shown) => {
                    let about = |one: &Shown| Subject { person: one.person, home: one.home, ..Subject::default() };
                    plan.holes.extend(shown.iter().map(|one| (about(one), days)));
                    (WaitingState::Asked, shown)
                }
                Met::Nobody => (WaitingState::Unmatched, Vec::new()),
                Met::NotOurs => (WaitingState::NotOurs, Vec::new()),
            };
            match &row.said {
                Ok(Some(said)) => waiting.push(self.waiting(state, row, said, &shown)),
                Ok(None) => {}
                Err(refusal) => plan.refusals.push((row.line, refusal.clone())),
            }
        }
        self.wait(look, waiting, &mut plan).await?;
        self.keep(look, matched, &mut plan).await?;
        Ok(plan)
    }

    fn waiting(&self, state: WaitingState, row: &Checked, said: &Said, shown: &[Shown]) -> WaitingRow {
        let told = Telling { whom: &row.whom, first: said.window.first, last: said.window.last, detail: &said.detail };
        WaitingRow {
            id: WaitingRowId::fresh(),
            state,
            source: self.import.source.clone(),
            kind: self.import.mapping.kind,
            reference: said.reference.clone(),
            mapping: self.import.mapping.name.clone(),
            who: row.who,
            told: serde_json::to_string(&told).unwrap_or_default(),
            candidates: serde_json::to_string(shown).unwrap_or_default(),
            delivery: self.delivery,
            // From when it is written.
            at: KnownAt::from_millis(0),
        }
    }

    /// Rows wait once for each reference; one that waits already, as it is, is left as it is.
    async fn wait(&self, look: &mut Look<'_>, rows: Vec<WaitingRow>, plan: &mut Plan) -> Result<(), IntakeError> {
        let before = self.waited(look, rows.iter().map(|r| r.reference.as_str())).await?;
        for row in rows {
            match row.state {
                WaitingState::Unmatched => plan.counted.unmatched += 1,
                WaitingState::Asked => plan.counted.asked += 1,
                WaitingState::NotOurs => plan.counted.not_ours += 1,
            }
            if let Some(before) = before.get(&row.reference) {
                if row.state == before.state && row.told == before.told && row.candidates == before.candidates {
                    continue;
                }
                plan.leave.push(before.id);
            }
            plan.wait.push(row);
        }
        Ok(())
    }

    async fn waited(
        &self,
        look: &mut Look<'_>,
        references: impl Iterator<Item = &str>,
    ) -> Result<HashMap<String, WaitingRow>, IntakeError> {
        let references: Vec<&str> = references.collect();
        Ok(look.waiting_by_reference(&self.import.source, self.import.mapping.kind, &references).await?)
    }

    /// What is new of rows whose subject is known; they wait no longer.
    pub(super) async fn keep(&self, look: &mut Look<'_>, matched: Vec<Matched>, plan: &mut Plan) -> Result<(), IntakeError> {
        let mapping = &self.import.mapping;
        let references: Vec<&str> = matched.iter().map(|m| m.said.reference.as_str()).collect();
        let before = look.facts_by_reference(&self.import.source, mapping.kind, &references).await?;
        let waited = self.waited(look, references.into_iter()).await?;
        plan.leave.extend(waited.values().map(|w| w.id));
        for Matched { line, subject, said, decision } in matched {
            plan.people.extend(subject.person);
            let found = before.get(&said.reference);
            let same = found.is_some_and(|s| s.fact.subject == subject && s.fact.window == said.window && s.fact.detail == said.detail);
            let supersedes = match found {
                Some(Statement { standing: Standing::Withdrawn, .. }) if same && self.revives => {
                    plan.counted.added += 1;
                    None
                }
                Some(_) if same => {
                    plan.counted.unchanged += 1;
                    continue;
                }
                Some(Statement { standing: Standing::Corrected, .. }) => {
                    let why = "was corrected here since it was last sent: the correction stands";
                    plan.refusals.push((line, Refusal::new(mapping.referred_by(), why)));
                    continue;
                }
                None | Some(Statement { standing: Standing::Withdrawn, .. }) => {
                    plan.counted.added += 1;
                    None
                }
                Some(Statement { fact, standing: Standing::InForce }) => {
                    plan.counted.corrected += 1;
                    if fact.subject == subject {
                        Some(fact.id)
                    } else {
                        // It was about somebody else, who is rid of it.
                        plan.withdraw.push(fact.id);
                        None
                    }
                }
            };
            let id = FactId::fresh();
            plan.noted.extend(decision.map(|decision| (id, decision)));
            plan.facts.push(NewFact {
                id,
                subject,
                window: said.window,
                source: self.import.source.clone(),
                reference: Some(said.reference),
                supersedes,
                detail: said.detail,
            });
        }
        Ok(())
    }
}

impl Plan {
    /// Writes what was planned. Nothing that it rests on may have changed since.
    pub(super) async fn carry_out(&mut self, tx: &mut AuthorityTx, mapping: &str) -> Result<(), IntakeError> {
        for row in &mut self.wait {
            row.at = tx.now();
        }
        tx.drop_waiting(&self.leave).await?;
        tx.add_waiting(&self.wait).await?;
        for fact in &self.withdraw {
            tx.withdraw_fact(*fact).await?;
        }
        tx.add_facts(&self.facts).await?;
        Ok(tx.note_matched(&self.noted, mapping).await?)
    }
}
