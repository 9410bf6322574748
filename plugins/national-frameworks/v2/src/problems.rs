//! The six problems (004:L116-L139, systems:L207) and the dependent child.

use national_framework::hearth::family::types::Window;
use national_framework::members::Members;
use national_framework::problem::{Problem, Tally, one_each_elsewhere};
use national_framework::report::{Found, Report, Standing};
use national_framework::signs::{crime, education, health, money, safety};
use national_framework::stay::Stay;
use national_framework::window::{last, one_day};
use national_framework::{Failure, dependants, months_to};

use crate::Asked;

/// Over which days the signs are looked for.
pub struct Over {
    pub most: Window,
    pub callouts: Window,
    pub benefits: Window,
}

impl Over {
    /// What shows that a problem is there on the date asked about (systems:L217).
    pub fn before(asked: &Asked) -> Self {
        Self {
            most: months_to(asked.on, asked.settings.indicator_months),
            callouts: months_to(asked.on, asked.settings.callout_months),
            benefits: one_day(asked.on),
        }
    }

    /// All of them over one window.
    pub const fn all(window: Window) -> Self {
        Self { most: window, callouts: window, benefits: window }
    }
}

/// The six problems with their signs.
pub fn six(asked: &Asked, members: &Members, over: &Over) -> Result<Vec<Problem>, Failure> {
    let settings = &asked.settings;
    let percent = settings.attendance_percent(last(over.most));
    Ok(vec![
        Problem {
            need: "crime-and-antisocial-behaviour",
            criterion: "need-crime",
            signs: vec![crime::offences(over.most)?, crime::antisocial_behaviour(over.most)?],
        },
        Problem {
            need: "school-attendance",
            criterion: "need-school",
            signs: vec![education::attendance(over.most, members, percent)?, education::exclusion(over.most)?],
        },
        Problem { need: "children-who-need-help", criterion: "need-children", signs: vec![safety::children_helped(over.most)?] },
        Problem {
            need: "work-and-money",
            criterion: "need-work",
            signs: vec![money::out_of_work(over.benefits, members)?, money::debt(over.most, settings.debt_pence)?],
        },
        Problem {
            need: "domestic-abuse",
            criterion: "need-abuse",
            signs: vec![safety::domestic_callouts(over.callouts, settings.domestic_callouts)?],
        },
        Problem { need: "health", criterion: "need-health", signs: vec![health::identified(over.most, &[])?] },
    ])
}

/// Reports each problem, and whether there are enough. An adult who lives elsewhere accounts for one of them only.
pub fn each(asked: &Asked, members: &Members, stay: Option<&Stay>, report: &mut Report) -> Result<Standing, Failure> {
    let over = Over::before(asked);
    let mut whose = Vec::new();
    for problem in six(asked, members, &over)? {
        if problem.standing(stay) == Standing::Met {
            whose.push(problem.whose(stay));
        }
        report.add(problem.found(stay, over.most));
    }
    let of_findings = Tally::of(report.noted().iter().map(|noted| noted.standing));
    let tally = Tally { found: one_each_elsewhere(&whose, members), ..of_findings };
    Ok(tally.report("enough-problems", asked.settings.problems_needed, asked.on, report))
}

pub fn dependent_child(members: &Members, report: &mut Report) -> Result<Standing, Failure> {
    let (standing, reasons) = dependants::any(members)?;
    report.add(Found::new("dependent-child", standing, one_day(members.on), reasons));
    Ok(standing)
}
