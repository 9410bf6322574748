use super::{rows, shows, wit};
use crate::record::{Section, Window, sections::offending as record};
use crate::sandbox::bindings::hearth::family::offending::{AntisocialIncident, BehaviourIntervention, Host, Offence, PoliceCallout};
use crate::sandbox::run::{Run, wit_window};

const NAME: &str = "hearth:family/offending";

shows! {
    Offence: fact, person;
    AntisocialIncident: fact, person;
    PoliceCallout: fact;
    BehaviourIntervention: fact, person;
}

impl Host for Run {
    fn offences(&mut self, window: wit::Window) -> anyhow::Result<Result<Vec<Offence>, wit::Absence>> {
        rows(self, NAME, Section::Offending, window, |s| &s.offending.offences, |r| Window::on(r.on), offence)
    }

    fn antisocial_incidents(&mut self, window: wit::Window) -> anyhow::Result<Result<Vec<AntisocialIncident>, wit::Absence>> {
        rows(self, NAME, Section::Offending, window, |s| &s.offending.incidents, |r| Window::on(r.on), incident)
    }

    fn police_callouts(&mut self, window: wit::Window) -> anyhow::Result<Result<Vec<PoliceCallout>, wit::Absence>> {
        rows(self, NAME, Section::Offending, window, |s| &s.offending.callouts, |r| Window::on(r.on), callout)
    }

    fn behaviour_interventions(&mut self, window: wit::Window) -> anyhow::Result<Result<Vec<BehaviourIntervention>, wit::Absence>> {
        rows(self, NAME, Section::Offending, window, |s| &s.offending.interventions, |r| r.window, intervention)
    }
}

const fn offence(r: &record::OffenceRow) -> Offence {
    Offence { fact: r.fact, person: r.person, on: r.on.number(), proven: r.proven }
}

const fn incident(r: &record::IncidentRow) -> AntisocialIncident {
    AntisocialIncident { fact: r.fact, person: r.person, home: r.home, on: r.on.number() }
}

const fn callout(r: &record::CalloutRow) -> PoliceCallout {
    PoliceCallout { fact: r.fact, home: r.home, on: r.on.number(), domestic: r.domestic, child_present: r.child_present }
}

fn intervention(r: &record::InterventionRow) -> BehaviourIntervention {
    BehaviourIntervention { fact: r.fact, person: r.person, window: wit_window(r.window), state: r.state.clone() }
}
