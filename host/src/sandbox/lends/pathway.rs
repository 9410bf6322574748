//! What a pathway plugin is given beside the record, and what it reports.

use crate::record::codes;
use crate::sandbox::answer::Reported;
use crate::sandbox::bindings::hearth::decision::messages::Reason;
use crate::sandbox::bindings::hearth::family::types as wit;
use crate::sandbox::bindings::hearth::pathway::{caseload, happening, referral, routing};
use crate::sandbox::fault::nonsense;
use crate::sandbox::matter::{self, Candidate, Matter};
use crate::sandbox::question::ExtensionPoint::Pathway;
use crate::sandbox::run::{Run, absence, code};
use crate::sandbox::vocabulary::Sort;

impl referral::Host for Run {
    fn current(&mut self) -> anyhow::Result<Result<referral::Incoming, wit::Absence>> {
        self.count_call()?;
        Ok(self.referral().map(|r| referral::Incoming {
            on: r.on.number(),
            route: r.route.clone(),
            organisation_kind: r.organisation_kind.clone(),
            urgent: r.urgent,
            agreed: r.agreed,
        }))
    }

    fn problems(&mut self) -> anyhow::Result<Result<Vec<String>, wit::Absence>> {
        self.count_call()?;
        Ok(self.referral().map(|r| in_order("problems", &r.problems)))
    }

    fn people(&mut self) -> anyhow::Result<Result<Vec<u32>, wit::Absence>> {
        self.count_call()?;
        Ok(self.referral().map(|r| {
            let mut people = r.people.clone();
            people.sort_unstable();
            people.dedup();
            people
        }))
    }
}

/// Each word once, in its list's order.
pub(super) fn in_order(list: &str, words: &[String]) -> Vec<String> {
    let mut words = words.to_vec();
    words.sort_by_key(|word| codes::position(list, word));
    words.dedup();
    words
}

impl happening::Host for Run {
    fn current(&mut self) -> anyhow::Result<Result<happening::Event, wit::Absence>> {
        self.count_call()?;
        let Matter::Event(event) = &*self.given.matter else { return Ok(Err(absence("not-asked-about"))) };
        let event = event.clone();
        let snapshot = self.given.snapshot.clone();
        // A fact of a section that was not granted is not spoken of.
        let granted = |fact: &u32| snapshot.facts.get(*fact as usize).is_some_and(|f| self.may_read(f.kind.section()));
        let fact = event.fact.filter(granted);
        if let Some(fact) = fact {
            self.note_fact(fact);
            if let Some(entry) = snapshot.facts.get(fact as usize) {
                self.delivered.insert(entry.kind.section());
            }
        }
        Ok(Ok(happening::Event {
            kind: event.kind,
            on: event.on.number(),
            learnt_on: self.given.context.as_of.number(),
            fact,
            person: event.person,
        }))
    }
}

impl caseload::Host for Run {
    fn candidates(&mut self) -> anyhow::Result<Result<Vec<caseload::Candidate>, wit::Absence>> {
        self.count_call()?;
        self.of_candidates(|worker, c| {
            vec![caseload::Candidate {
                worker,
                role: c.role.clone(),
                organisation_kind: c.organisation_kind.clone(),
                families: c.families,
                most: c.most,
            }]
        })
    }

    fn strengths(&mut self) -> anyhow::Result<Result<Vec<(u32, String)>, wit::Absence>> {
        self.count_call()?;
        self.of_candidates(|worker, c| in_order("problems", &c.strengths).into_iter().map(|s| (worker, s)).collect())
    }

    fn worked_before(&mut self) -> anyhow::Result<Result<Vec<u32>, wit::Absence>> {
        self.count_call()?;
        self.of_candidates(|worker, c| if c.worked_before { vec![worker] } else { Vec::new() })
    }
}

impl routing::Host for Run {
    fn level(&mut self, level: String, reasons: Vec<Reason>) -> anyhow::Result<u32> {
        self.count_call()?;
        let level = self.named(Sort::Level, level)?;
        self.once("a level", |r| matches!(r, Reported::Level { .. }))?;
        let reasons = self.reasons("the level", reasons)?;
        self.report(Pathway, Reported::Level { level, reasons })
    }

    fn route(&mut self, route: String, reasons: Vec<Reason>) -> anyhow::Result<u32> {
        self.count_call()?;
        let route = self.named(Sort::Route, route)?;
        self.once("a route", |r| matches!(r, Reported::Route { .. }))?;
        let reasons = self.reasons("the route", reasons)?;
        self.report(Pathway, Reported::Route { route, reasons })
    }

    fn priority(&mut self, priority: String, reasons: Vec<Reason>) -> anyhow::Result<u32> {
        self.count_call()?;
        let priority = code("priority", "priorities", priority)?;
        self.once("a priority", |r| matches!(r, Reported::Priority { .. }))?;
        let reasons = self.reasons("the priority", reasons)?;
        self.report(Pathway, Reported::Priority { priority, reasons })
    }

    fn rank(&mut self, worker: u32, place: u32, reasons: Vec<Reason>) -> anyhow::Result<u32> {
        self.count_call()?;
        let worker = self.known_worker(worker)?;
        if place == 0 {
            return nonsense("a rank of 0: the best place is 1");
        }
        self.once("one worker or one place", |r| matches!(r, Reported::Rank { worker: w, place: p, .. } if *w == worker || *p == place))?;
        let reasons = self.reasons("the rank", reasons)?;
        self.report(Pathway, Reported::Rank { worker, place, reasons })
    }
}

impl Run {
    fn referral(&self) -> Result<&matter::Referral, wit::Absence> {
        match &*self.given.matter {
            Matter::Referral(referral) => Ok(referral),
            _ => Err(absence("not-asked-about")),
        }
    }

    /// What each candidate gives, by their handles.
    fn of_candidates<T>(&mut self, of: impl Fn(u32, &Candidate) -> Vec<T>) -> anyhow::Result<Result<Vec<T>, wit::Absence>> {
        let Matter::Candidates(candidates) = &*self.given.matter else { return Ok(Err(absence("not-asked-about"))) };
        let found: Vec<T> = (0..).zip(candidates).flat_map(|(worker, candidate)| of(worker, candidate)).collect();
        self.count_rows(found.len())?;
        Ok(Ok(found))
    }

    pub(super) fn known_worker(&self, worker: u32) -> anyhow::Result<u32> {
        match &*self.given.matter {
            Matter::Candidates(candidates) if (worker as usize) < candidates.len() => Ok(worker),
            _ => nonsense(format!("worker {worker} is not among the candidates")),
        }
    }
}
