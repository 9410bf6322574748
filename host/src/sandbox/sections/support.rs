use super::{rows, shows, wit};
use crate::record::{Section, sections::support as record};
use crate::sandbox::bindings::hearth::family::support::{Host, Worker};
use crate::sandbox::run::{Run, wit_window};

const NAME: &str = "hearth:family/support";

shows! {
    Worker: fact;
}

impl Host for Run {
    fn workers(&mut self, window: wit::Window) -> anyhow::Result<Result<Vec<Worker>, wit::Absence>> {
        rows(self, NAME, Section::Support, window, |s| &s.support.workers, |r| r.window, worker)
    }
}

fn worker(r: &record::WorkerRow) -> Worker {
    Worker { fact: r.fact, role: r.role.clone(), organisation_kind: r.organisation_kind.clone(), window: wit_window(r.window) }
}
