//! What plugins report beside findings, as a reader sees it.

use serde::Serialize;
use utoipa::ToSchema;

use super::evidence::Evidence;
use super::said::{PersonNamed, Reason, one_decimal};
use crate::record::Day;
use crate::sandbox::answer::{Reason as Said, Reported};
use crate::sandbox::matter::AnswerValue;
use crate::sandbox::{ArgType, Sort};

/// One thing that was reported, with its reasons. People are left out where it is about the family.
#[derive(Debug, Serialize, ToSchema)]
pub struct Report {
    #[serde(flatten)]
    of: Of,
    /// In the reader's language: what the domain, tier, level, route, criterion or code is called.
    heading: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    person: Option<PersonNamed>,
    reasons: Vec<Reason>,
}

/// What is reported. Scores are in their scale's own unit, to one decimal.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "report", rename_all = "kebab-case", rename_all_fields = "snake_case")]
enum Of {
    Score {
        domain: String,
        value: f64,
        least: f64,
        most: f64,
        higher_is_better: bool,
    },
    Distance {
        domain: String,
        before: f64,
        now: f64,
        since: Day,
    },
    /// Code list problems.
    Need {
        need: String,
    },
    Tier {
        tier: String,
    },
    /// About an answer. `wrong`: the assessment cannot be completed with it.
    Remark {
        question: String,
        item: Option<u32>,
        wrong: bool,
        sentence: String,
    },
    /// An answer carried over to a newer form.
    Put {
        question: String,
        item: Option<u32>,
        #[schema(value_type = Object)]
        value: AnswerValue,
    },
    Level {
        level: String,
    },
    Route {
        route: String,
    },
    /// Code list priorities.
    Priority {
        priority: String,
    },
    /// `candidate`: their place in the list that was asked about, from 1. `place`: 1 is the best.
    Rank {
        candidate: u32,
        place: u32,
    },
    /// `service`: as the directory calls it.
    Suggest {
        service: String,
        place: u32,
    },
    /// `standing`, code list standings; `kept`: it is met.
    Rule {
        criterion: String,
        kept: bool,
        standing: String,
    },
    /// Code list payment-kinds.
    Line {
        kind: String,
        amount_pence: i64,
    },
    ReviewAgain {
        on: Day,
    },
}

/// Of the code list standings.
const MET: &str = "met";

impl Report {
    pub(super) fn of(reported: &Reported, evidence: &Evidence) -> Self {
        let reader = &evidence.reader;
        let person = |handle: &Option<_>| handle.map(|p| evidence.person(p));
        let named = |sort, id: &str| evidence.heading(sort, id);
        let asked = |question: &str| reader.heading(&evidence.manifest, ArgType::Question, question);
        let with = |of, heading, person, reasons: &[Said]| Self { of, heading, person, reasons: Reason::all(reasons, evidence) };
        let rule = |criterion: &String, standing: &str, reasons| {
            let of = Of::Rule { criterion: criterion.clone(), kept: standing == MET, standing: standing.to_owned() };
            with(of, reader.heading(&evidence.manifest, ArgType::Criterion, criterion), None, reasons)
        };
        match reported {
            Reported::Score { domain, person: p, value, least, most, higher_is_better, reasons } => with(
                Of::Score {
                    domain: domain.clone(),
                    value: one_decimal(*value),
                    least: one_decimal(*least),
                    most: one_decimal(*most),
                    higher_is_better: *higher_is_better,
                },
                named(Sort::Domain, domain),
                person(p),
                reasons,
            ),
            Reported::Distance { domain, person: p, before, now, since, reasons } => with(
                Of::Distance { domain: domain.clone(), before: one_decimal(*before), now: one_decimal(*now), since: *since },
                named(Sort::Domain, domain),
                person(p),
                reasons,
            ),
            Reported::Need { need, person: p, reasons } => {
                with(Of::Need { need: need.clone() }, reader.meaning("problems", need), person(p), reasons)
            }
            Reported::Tier { tier, reasons } => with(Of::Tier { tier: tier.clone() }, named(Sort::Tier, tier), None, reasons),
            Reported::Remark { question, person: p, item, wrong, message } => {
                let sentence = evidence.sentence(message);
                with(Of::Remark { question: question.clone(), item: *item, wrong: *wrong, sentence }, asked(question), person(p), &[])
            }
            Reported::Put { question, person: p, item, value } => {
                with(Of::Put { question: question.clone(), item: *item, value: value.clone() }, asked(question), person(p), &[])
            }
            Reported::Level { level, reasons } => with(Of::Level { level: level.clone() }, named(Sort::Level, level), None, reasons),
            Reported::Route { route, reasons } => with(Of::Route { route: route.clone() }, named(Sort::Route, route), None, reasons),
            Reported::Priority { priority, reasons } => {
                with(Of::Priority { priority: priority.clone() }, reader.meaning("priorities", priority), None, reasons)
            }
            Reported::Rank { worker, place, reasons } => {
                with(Of::Rank { candidate: worker.saturating_add(1), place: *place }, reader.worker(*worker), None, reasons)
            }
            Reported::Suggest { service, place, reasons } => {
                let service = reader.service(*service);
                with(Of::Suggest { service: service.clone(), place: *place }, service, None, reasons)
            }
            Reported::Rule { criterion, kept, reasons } => rule(criterion, if *kept { MET } else { "not-met" }, reasons),
            Reported::Judged { criterion, standing, reasons } => rule(criterion, standing, reasons),
            Reported::Line { kind, amount_pence, reasons, .. } => {
                let of = Of::Line { kind: kind.clone(), amount_pence: *amount_pence };
                with(of, reader.meaning("payment-kinds", kind), None, reasons)
            }
            Reported::ReviewAgain { on, reasons } => with(Of::ReviewAgain { on: *on }, reader.day(*on), None, reasons),
        }
    }
}
