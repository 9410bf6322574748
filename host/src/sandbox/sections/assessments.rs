use super::{rows, shows, wit};
use crate::record::{Section, Window, sections::assessments as record};
use crate::sandbox::bindings::hearth::family::assessments::{Assessment, Host, Score};
use crate::sandbox::run::Run;

const NAME: &str = "hearth:family/assessments";

shows! {
    Assessment: fact;
    Score: fact, person;
}

impl Host for Run {
    fn completed(&mut self, window: wit::Window) -> anyhow::Result<Result<Vec<Assessment>, wit::Absence>> {
        rows(self, NAME, Section::Assessments, window, |s| &s.assessments.completed, |r| Window::on(r.on), assessment)
    }

    fn scores(&mut self, window: wit::Window) -> anyhow::Result<Result<Vec<Score>, wit::Absence>> {
        rows(self, NAME, Section::Assessments, window, |s| &s.assessments.scores, |r| Window::on(r.on), score)
    }
}

fn assessment(r: &record::AssessmentRow) -> Assessment {
    Assessment { fact: r.fact, form: r.form.clone(), on: r.on.number(), state: r.state.clone() }
}

fn score(r: &record::ScoreRow) -> Score {
    Score {
        fact: r.fact,
        form: r.form.clone(),
        domain: r.domain.clone(),
        person: r.person,
        on: r.on.number(),
        value: r.value_tenths,
        least: r.least_tenths,
        most: r.most_tenths,
        higher_is_better: r.higher_is_better,
    }
}
