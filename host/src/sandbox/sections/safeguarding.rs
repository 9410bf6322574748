use super::{rows, shows, wit};
use crate::record::{Section, sections::safeguarding as record};
use crate::sandbox::bindings::hearth::family::safeguarding::{Host, Standing};
use crate::sandbox::run::{Run, wit_window};

const NAME: &str = "hearth:family/safeguarding";

shows! {
    Standing: fact, person;
}

impl Host for Run {
    fn standings(&mut self, window: wit::Window) -> anyhow::Result<Result<Vec<Standing>, wit::Absence>> {
        rows(self, NAME, Section::Safeguarding, window, |s| &s.safeguarding.standings, |r| r.window, standing)
    }
}

fn standing(r: &record::StandingRow) -> Standing {
    Standing { fact: r.fact, person: r.person, status: r.status.clone(), window: wit_window(r.window) }
}
