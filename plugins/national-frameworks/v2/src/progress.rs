//! Significant and sustained progress against every problem, or continuous employment (systems:L202).

use national_framework::employment;
use national_framework::hearth::decision::messages::Arg;
use national_framework::members::Members;
use national_framework::problem::{Sustained, each_has_gone};
use national_framework::report::{Report, Standing};
use national_framework::stay::Stay;
use national_framework::window::{from_to, one_day};
use national_framework::{Failure, months_to, say, school as attendance};

use crate::Asked;
use crate::problems::{Over, six};

/// Each problem but school attendance, which has a rule of its own, and the criterion that it has gone.
const GONE: [(&str, &str); 5] = [
    ("crime-and-antisocial-behaviour", "progress-crime"),
    ("children-who-need-help", "progress-children"),
    ("work-and-money", "progress-work"),
    ("domestic-abuse", "progress-abuse"),
    ("health", "progress-health"),
];

/// Every school-age child at school for consecutive terms: a condition of any claim (systems:L213).
pub fn school(asked: &Asked, stay: &Stay, members: &Members, report: &mut Report) -> Result<(), Failure> {
    let percent = |on| asked.settings.attendance_percent(on);
    attendance::consecutive_terms("school", stay.engaged, members, asked.settings.terms, percent, report)
}

/// Every problem that was found, gone for the months that the authority set, and not before the family was engaged.
pub fn problems(asked: &Asked, stay: &Stay, members: &Members, report: &mut Report) -> Result<(), Failure> {
    let months = asked.settings.sustained_months;
    let window = months_to(asked.on, months);
    let sustained = if window.first < stay.engaged {
        let args = [("from", Arg::Day(stay.engaged)), ("months", Arg::Count(months.into()))];
        Sustained::NotYet { because: say::reason("too-early", &args, stay.basis()), look_again: None }
    } else {
        Sustained::Over(window)
    };
    let found = six(asked, members, &Over::before(asked))?;
    each_has_gone(&GONE, (&found, stay), sustained, |window| six(asked, members, &Over::all(window)), asked.on, report)
}

/// An adult in work for as long as is asked after the benefits that the adult was on; the longest where they were several.
pub fn employment(asked: &Asked, stay: &Stay, members: &Members, report: &mut Report) -> Result<(), Failure> {
    let rules = &asked.settings.employment;
    employment::each_adult(
        "employment",
        stay,
        members,
        |benefits| {
            let rule = rules.iter().filter(|rule| benefits.contains(&rule.benefit)).max_by_key(|rule| rule.min_weeks)?;
            let days = i32::try_from(rule.within_weeks * 7).ok()?;
            Some(employment::Asked {
                window: from_to(asked.on - days + 1, asked.on),
                days: rule.min_weeks * 7,
                gap: rule.gap_days,
                off_benefits: one_day(asked.on),
            })
        },
        report,
    )
}

/// Without the children at school neither result is reached.
pub fn outcome(report: &Report) -> &'static str {
    let at_school = matches!(report.standing("school"), Standing::Met | Standing::NotApplicable);
    match report.outcome() {
        all @ "significant-and-sustained" => all,
        _ if at_school && !report.met("employment").is_empty() => "continuous-employment",
        some => some,
    }
}
