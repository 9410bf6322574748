use super::{rows, shows, wit};
use crate::record::{Day, Section, sections::support as record};
use crate::sandbox::bindings::hearth::family::support::{Goal, Host, ServiceUse, Worker};
use crate::sandbox::run::{Run, wit_window};

const NAME: &str = "hearth:family/support";

shows! {
    Worker: fact;
    Goal: fact, person;
    ServiceUse: fact, person;
}

impl Host for Run {
    fn workers(&mut self, window: wit::Window) -> anyhow::Result<Result<Vec<Worker>, wit::Absence>> {
        rows(self, NAME, Section::Support, window, |s| &s.support.workers, |r| r.window, worker)
    }

    fn goals(&mut self, window: wit::Window) -> anyhow::Result<Result<Vec<Goal>, wit::Absence>> {
        rows(self, NAME, Section::Support, window, |s| &s.support.goals, |r| r.window, goal)
    }

    fn services_used(&mut self, window: wit::Window) -> anyhow::Result<Result<Vec<ServiceUse>, wit::Absence>> {
        rows(self, NAME, Section::Support, window, |s| &s.support.services_used, |r| r.window, service_use)
    }
}

fn worker(r: &record::WorkerRow) -> Worker {
    Worker { fact: r.fact, role: r.role.clone(), organisation_kind: r.organisation_kind.clone(), window: wit_window(r.window) }
}

fn goal(r: &record::GoalRow) -> Goal {
    Goal {
        fact: r.fact,
        domain: r.domain.clone(),
        person: r.person,
        state: r.state.clone(),
        due: r.due.map(Day::number),
        window: wit_window(r.window),
    }
}

fn service_use(r: &record::ServiceUseRow) -> ServiceUse {
    ServiceUse {
        fact: r.fact,
        kind: r.service.clone(),
        person: r.person,
        organisation_kind: r.organisation_kind.clone(),
        state: r.state.clone(),
        window: wit_window(r.window),
    }
}
