use super::{rows, shows, wit};
use crate::record::{Section, sections::education as record};
use crate::sandbox::bindings::hearth::family::education::{Attendance, Exclusion, Host};
use crate::sandbox::run::{Run, wit_window};

const NAME: &str = "hearth:family/education";

shows! {
    Attendance: fact, person;
    Exclusion: fact, person;
}

impl Host for Run {
    fn attendances(&mut self, window: wit::Window) -> anyhow::Result<Result<Vec<Attendance>, wit::Absence>> {
        rows(self, NAME, Section::Education, window, |s| &s.education.attendances, |r| r.window, attendance)
    }

    fn exclusions(&mut self, window: wit::Window) -> anyhow::Result<Result<Vec<Exclusion>, wit::Absence>> {
        rows(self, NAME, Section::Education, window, |s| &s.education.exclusions, |r| r.window, exclusion)
    }
}

const fn attendance(r: &record::AttendanceRow) -> Attendance {
    Attendance {
        fact: r.fact,
        person: r.person,
        window: wit_window(r.window),
        possible: r.possible,
        attended: r.attended,
        unauthorised: r.unauthorised,
    }
}

fn exclusion(r: &record::ExclusionRow) -> Exclusion {
    Exclusion { fact: r.fact, person: r.person, window: wit_window(r.window), kind: r.kind.clone() }
}
