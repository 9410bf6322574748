use super::{rows, shows, wit};
use crate::record::{Section, Window, sections::finance as record};
use crate::sandbox::bindings::hearth::family::finance::{Arrears, Host, RepaymentPlan};
use crate::sandbox::run::{Run, wit_window};

const NAME: &str = "hearth:family/finance";

shows! {
    Arrears: fact, person;
    RepaymentPlan: fact;
}

impl Host for Run {
    fn arrears_measured(&mut self, window: wit::Window) -> anyhow::Result<Result<Vec<Arrears>, wit::Absence>> {
        rows(self, NAME, Section::Finance, window, |s| &s.finance.arrears, |r| Window::on(r.on), arrears)
    }

    fn repayment_plans(&mut self, window: wit::Window) -> anyhow::Result<Result<Vec<RepaymentPlan>, wit::Absence>> {
        rows(self, NAME, Section::Finance, window, |s| &s.finance.repayment_plans, |r| r.window, plan)
    }
}

fn arrears(r: &record::ArrearsRow) -> Arrears {
    Arrears { fact: r.fact, debt: r.debt.clone(), amount: r.amount_pence, person: r.person, home: r.home, on: r.on.number() }
}

fn plan(r: &record::RepaymentPlanRow) -> RepaymentPlan {
    RepaymentPlan { fact: r.fact, window: wit_window(r.window), state: r.state.clone() }
}
