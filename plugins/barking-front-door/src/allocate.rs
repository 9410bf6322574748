//! Who could take the family: those with room, the best first.

use std::cmp::Reverse;

use crate::Asked;
use crate::door::{self, ask_duty_worker};
use crate::hearth::decision::episode;
use crate::hearth::decision::messages::{Arg, Basis, Failure, Reason};
use crate::hearth::family::types::Code;
use crate::hearth::pathway::caseload::{self, Candidate};
use crate::hearth::pathway::routing;
use crate::screening::Screening;
use crate::{say, stay};

const ADVISER: &str = "employment-adviser";

/// A problem of the family, code list problems, and what tells of it.
type Problem = (Code, Basis);

/// A candidate with room, and what speaks for them.
struct Worker {
    candidate: Candidate,
    most: u32,
    /// Problems of the family that they know well.
    knows: Vec<Problem>,
    worked_before: bool,
    /// The place of their role among those that take families.
    role: usize,
}

/// Code list allocations.
pub fn answer(asked: &Asked) -> Result<&'static str, Failure> {
    let problems = problems(asked)?;
    let mut workers = with_room(asked, &problems)?;
    workers.sort_by_key(|worker| {
        let room = worker.most - worker.candidate.families;
        (Reverse(worker.knows.len()), !worker.worked_before, worker.role, Reverse(room), worker.candidate.worker)
    });
    for (place, worker) in (1..).zip(workers.iter().take(asked.settings.places)) {
        routing::rank(worker.candidate.worker, place, &reasons(worker));
    }
    if workers.is_empty() {
        let due = asked.in_working_days(asked.settings.task_working_days);
        ask_duty_worker("nobody", &door::by("nobody-has-room", due), due);
        return Ok("nobody");
    }
    Ok("ranked")
}

/// What was found when the family came to the programme, and what the record shows now.
fn problems(asked: &Asked) -> Result<Vec<Problem>, Failure> {
    let mut problems: Vec<Problem> = match stay::current(asked)? {
        Some(stay) => episode::needs_at_entry()?.into_iter().map(|need| (need, Basis::Fact(stay.fact))).collect(),
        None => Vec::new(),
    };
    let screening = Screening::of(asked, &[]);
    let reported = screening.report();
    for shown in screening.found {
        if !problems.iter().any(|(problem, _)| problem == shown) {
            problems.push((shown.to_owned(), Basis::Reported(reported)));
        }
    }
    Ok(problems)
}

fn with_room(asked: &Asked, problems: &[Problem]) -> Result<Vec<Worker>, Failure> {
    let (strengths, before) = (caseload::strengths()?, caseload::worked_before()?);
    let workers = caseload::candidates()?.into_iter().filter_map(|candidate| {
        let settings = &asked.settings;
        let role = settings.roles.iter().position(|role| *role == candidate.role)?;
        let usual = if candidate.role == ADVISER { settings.most_families_adviser } else { settings.most_families };
        let most = candidate.most.unwrap_or(usual);
        let is_strong = |problem: &Code| strengths.iter().any(|(worker, strength)| *worker == candidate.worker && strength == problem);
        let knows = problems.iter().filter(|(problem, _)| is_strong(problem)).cloned().collect();
        let worked_before = before.contains(&candidate.worker);
        (candidate.families < most).then_some(Worker { candidate, most, knows, worked_before, role })
    });
    // The Jobcentre's specialists are there for families out of work (004:L375-L384).
    let work = problems.iter().any(|(problem, _)| problem == "work-and-money");
    Ok(workers.filter(|worker| work || worker.candidate.role != ADVISER).collect())
}

fn reasons(worker: &Worker) -> Vec<Reason> {
    let args = [("families", Arg::Count(worker.candidate.families.into())), ("most", Arg::Count(worker.most.into()))];
    let mut reasons = vec![say::reason("has-room", &args, say::asked())];
    for (problem, told_by) in &worker.knows {
        reasons.push(say::reason("knows", &[("problem", say::code(problem))], vec![Basis::Asked, told_by.clone()]));
    }
    if worker.worked_before {
        reasons.push(say::reason("worked-before", &[], say::asked()));
    }
    reasons
}
