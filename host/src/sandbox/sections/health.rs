use super::{rows, shows, wit};
use crate::record::{Section, Window, sections::health as record};
use crate::sandbox::bindings::hearth::family::health::{Appointment, Host, Need};
use crate::sandbox::run::{Run, wit_window};

const NAME: &str = "hearth:family/health";

shows! {
    Need: fact, person;
    Appointment: fact, person;
}

impl Host for Run {
    fn needs(&mut self, window: wit::Window) -> anyhow::Result<Result<Vec<Need>, wit::Absence>> {
        rows(self, NAME, Section::Health, window, |s| &s.health.needs, |r| r.window, need)
    }

    fn appointments(&mut self, window: wit::Window) -> anyhow::Result<Result<Vec<Appointment>, wit::Absence>> {
        rows(self, NAME, Section::Health, window, |s| &s.health.appointments, |r| Window::on(r.on), appointment)
    }
}

fn need(r: &record::NeedRow) -> Need {
    Need {
        fact: r.fact,
        person: r.person,
        need: r.need.clone(),
        professional_identified: r.professional_identified,
        window: wit_window(r.window),
    }
}

fn appointment(r: &record::AppointmentRow) -> Appointment {
    Appointment { fact: r.fact, person: r.person, need: r.need.clone(), on: r.on.number(), kept: r.kept }
}
