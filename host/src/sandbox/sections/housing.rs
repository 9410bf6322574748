use super::{rows, shows, wit};
use crate::record::{Section, Window, sections::housing as record};
use crate::sandbox::bindings::hearth::family::housing::{EvictionStep, Host, Tenancy};
use crate::sandbox::run::{Run, wit_window};

const NAME: &str = "hearth:family/housing";

shows! {
    Tenancy: fact, holder;
    EvictionStep: fact, person;
}

impl Host for Run {
    fn tenancies(&mut self, window: wit::Window) -> anyhow::Result<Result<Vec<Tenancy>, wit::Absence>> {
        rows(self, NAME, Section::Housing, window, |s| &s.housing.tenancies, |r| r.window, tenancy)
    }

    fn eviction_steps(&mut self, window: wit::Window) -> anyhow::Result<Result<Vec<EvictionStep>, wit::Absence>> {
        rows(self, NAME, Section::Housing, window, |s| &s.housing.eviction_steps, |r| Window::on(r.on), step)
    }
}

fn tenancy(r: &record::TenancyRow) -> Tenancy {
    Tenancy { fact: r.fact, home: r.home, holder: r.holder, tenure: r.tenure.clone(), window: wit_window(r.window) }
}

fn step(r: &record::EvictionStepRow) -> EvictionStep {
    EvictionStep { fact: r.fact, home: r.home, person: r.person, on: r.on.number(), stage: r.stage.clone() }
}
