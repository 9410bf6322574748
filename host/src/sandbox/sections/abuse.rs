use super::{rows, shows, wit};
use crate::record::{Section, Window, sections::abuse as record};
use crate::sandbox::bindings::hearth::family::abuse::{Host, Incident, Programme};
use crate::sandbox::run::{Run, wit_window};

const NAME: &str = "hearth:family/abuse";

shows! {
    Incident: fact, person, alleged_by;
    Programme: fact, person;
}

impl Host for Run {
    fn incidents(&mut self, window: wit::Window) -> anyhow::Result<Result<Vec<Incident>, wit::Absence>> {
        rows(self, NAME, Section::Abuse, window, |s| &s.abuse.incidents, |r| Window::on(r.on), incident)
    }

    fn programmes(&mut self, window: wit::Window) -> anyhow::Result<Result<Vec<Programme>, wit::Absence>> {
        rows(self, NAME, Section::Abuse, window, |s| &s.abuse.programmes, |r| r.window, programme)
    }
}

const fn incident(r: &record::AbuseIncidentRow) -> Incident {
    Incident {
        fact: r.fact,
        person: r.person,
        home: r.home,
        alleged_by: r.alleged_by,
        on: r.on.number(),
        child_present: r.child_present,
        high_risk: r.high_risk,
    }
}

fn programme(r: &record::ProgrammeRow) -> Programme {
    Programme { fact: r.fact, person: r.person, window: wit_window(r.window), state: r.state.clone() }
}
