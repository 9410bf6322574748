use super::{rows, shows, wit};
use crate::record::{Section, sections::employment as record};
use crate::sandbox::bindings::hearth::family::employment::{BenefitSpell, Host, Job};
use crate::sandbox::run::{Run, wit_window};

const NAME: &str = "hearth:family/employment";

shows! {
    BenefitSpell: fact, person;
    Job: fact, person;
}

impl Host for Run {
    fn benefit_spells(&mut self, window: wit::Window) -> anyhow::Result<Result<Vec<BenefitSpell>, wit::Absence>> {
        rows(self, NAME, Section::Employment, window, |s| &s.employment.benefit_spells, |r| r.window, spell)
    }

    fn jobs(&mut self, window: wit::Window) -> anyhow::Result<Result<Vec<Job>, wit::Absence>> {
        rows(self, NAME, Section::Employment, window, |s| &s.employment.jobs, |r| r.window, job)
    }
}

fn spell(r: &record::BenefitSpellRow) -> BenefitSpell {
    BenefitSpell { fact: r.fact, person: r.person, benefit: r.benefit.clone(), out_of_work: r.out_of_work, window: wit_window(r.window) }
}

const fn job(r: &record::JobRow) -> Job {
    Job { fact: r.fact, person: r.person, minutes_per_week: r.minutes_per_week, window: wit_window(r.window) }
}
