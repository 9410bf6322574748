//! The ten headline outcomes (systems:L209) and the needs under them.

use national_framework::hearth::family::types::{Day, Window};
use national_framework::members::Members;
use national_framework::problem::{Problem, Tally};
use national_framework::report::{Report, Standing};
use national_framework::signs::{crime, education, health, housing, money, safety};
use national_framework::stay::Stay;
use national_framework::window::{last, one_day};
use national_framework::{Failure, months_to};

use crate::Asked;
use crate::settings::CountBy;

/// Over which days the signs are looked for.
pub struct Over {
    pub most: Window,
    pub callouts: Window,
    pub now: Window,
    /// Steps towards eviction stand until the home is saved: also those of the months before.
    pub evictions: Window,
}

impl Over {
    /// What shows that a need is there on a day (systems:L217).
    pub fn before(on: Day, asked: &Asked) -> Self {
        let most = months_to(on, asked.settings.indicator_months);
        Self { most, callouts: months_to(on, asked.settings.callout_months), now: one_day(on), evictions: most }
    }

    /// All of them over one window.
    pub fn all(window: Window, asked: &Asked) -> Self {
        let evictions = months_to(last(window), asked.settings.indicator_months);
        Self { most: window, callouts: window, now: window, evictions }
    }
}

/// The ten headlines; each sign is a need.
pub fn ten(asked: &Asked, members: &Members, over: &Over) -> Result<Vec<Problem>, Failure> {
    let settings = &asked.settings;
    let headline = |need, criterion, signs| Problem { need, criterion, signs };
    Ok(vec![
        headline(
            "school-attendance",
            "need-education",
            vec![education::attendance(over.most, members, settings.attendance_percent)?, education::exclusion(over.most)?],
        ),
        headline("early-years-development", "need-early-years", Vec::new()),
        headline(
            "health",
            "need-health",
            vec![health::identified(over.most, &["mental-health"])?, health::identified(over.most, &["physical", "disability"])?],
        ),
        headline("substance-use", "need-substances", vec![health::identified(over.most, &["alcohol", "substance-misuse"])?]),
        headline("family-relationships", "need-relationships", Vec::new()),
        headline("abuse-and-exploitation", "need-child-safety", vec![safety::children_helped(over.most)?]),
        headline(
            "crime-and-antisocial-behaviour",
            "need-crime",
            vec![crime::offences(over.most)?, crime::antisocial_behaviour(over.most)?],
        ),
        headline("domestic-abuse", "need-abuse", vec![safety::domestic_callouts(over.callouts, settings.domestic_callouts)?]),
        headline("housing", "need-housing", vec![housing::eviction(over.evictions)?, housing::temporary_home(over.now)?]),
        headline(
            "work-and-money",
            "need-money",
            vec![money::out_of_work(over.now, members)?, money::debt(over.most, settings.debt_pence)?],
        ),
    ])
}

/// Reports each headline, and whether there are enough needs by the authority's reading.
pub fn each(asked: &Asked, members: &Members, stay: Option<&Stay>, report: &mut Report) -> Result<Standing, Failure> {
    let over = Over::before(asked.on, asked);
    let mut needs = Tally::default();
    for headline in ten(asked, members, &over)? {
        needs.found += headline.needs(stay);
        needs.unknown += headline.needs_unknown(stay);
        report.add(headline.found(stay, over.most));
    }
    let tally = match asked.settings.count_by {
        CountBy::Needs => needs,
        CountBy::Headlines => Tally::of(report.noted().iter().map(|noted| noted.standing)),
    };
    Ok(tally.report("enough-needs", asked.settings.needs_needed, asked.on, report))
}
