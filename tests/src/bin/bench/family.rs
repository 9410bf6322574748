//! The family that every row is asked about, and the same as plain JSON for those that are not Hearth.

use std::sync::Arc;

use anyhow::{Context, Result};
use hearth::record::{Day, Section, Window};
use hearth::sandbox::{Answer, Given, Term};
use hearth_tests::conformance;
use hearth_tests::lab::Asked;
use hearth_tests::{Family, Lab};
use jiff::civil::Date;
use serde_json::{Value, json};

pub const AS_OF: &str = "2026-08-31";
pub const FACTS: usize = 100;
const CHILDREN: [(&str, &str); 3] = [("daughter", "2013-03-01"), ("son", "2011-11-20"), ("youngest", "2016-05-09")];
/// School years that began in these.
const YEARS: std::ops::Range<i16> = 2021..2026;

/// Two parents and three children, two homes, two keyworkers, one stay, five years of half-terms: all of kinds that the rule is
/// granted, but for the homes.
pub fn hundred_facts() -> Family {
    let mut family = Family::new()
        .person("father", json!({ "born": "1984-02-11" }))
        .home("before", "2012-01-01..2014-12-31")
        .episode("2026-01-12", &["school-attendance"])
        .keyworker("2026-01-12..2026-04-30")
        .keyworker("2026-05-01..");
    let halves = [("09-04", "10-20"), ("10-30", "12-19"), ("01-06", "02-14"), ("02-24", "04-02"), ("04-20", "05-22"), ("06-01", "07-20")];
    for (child, born) in CHILDREN {
        family = family.child(child, born).coverage("attendance", Some(child), "2020-01-01..2030-12-31", "complete");
        for year in YEARS {
            for (number, (first, last)) in (0..).zip(halves) {
                let of = if number < 2 { year } else { year + 1 };
                family = family.attendance(child, &format!("{of}-{first}..{of}-{last}"), 60, 54 + number);
            }
        }
    }
    family
}

/// Three a school year.
pub fn terms() -> Vec<conformance::Term> {
    let of_year = |year: i16| {
        let day = |year, month, day| Date::constant(year, month, day);
        [
            ("autumn", day(year, 9, 4), day(year, 12, 20)),
            ("spring", day(year + 1, 1, 6), day(year + 1, 4, 3)),
            ("summer", day(year + 1, 4, 20), day(year + 1, 7, 21)),
        ]
    };
    YEARS.flat_map(of_year).collect()
}

/// What the rule of that plugin is given about it.
pub fn given(lab: &Lab, family: &Family) -> Result<Given> {
    let (mut given, _) = lab.given(family, &Asked::progress(AS_OF));
    let term = |(name, first, last): conformance::Term| {
        let (first, last): (Day, Day) = (first.to_string().parse()?, last.to_string().parse()?);
        Ok(Term { name: name.to_owned(), window: Window { first, last: Some(last) } })
    };
    let terms: Result<Vec<_>> = terms().into_iter().map(term).collect();
    Arc::make_mut(&mut given.context).calendar.terms = Some(terms?);
    Ok(given)
}

/// What a careful host would hand to a rule in JSON: the granted sections, with handles and days as the interface has them.
pub fn as_json(given: &Given) -> Result<Value> {
    let (context, snapshot) = (&given.context, &given.snapshot);
    let number = |day: Day| day.number();
    let ends = |window: Window| (number(window.first), window.last.map(number));
    let members = snapshot.household.members.iter().map(|m| {
        let (first, last) = ends(m.window);
        json!({ "fact": m.fact, "person": m.person, "resident": m.resident, "first": first, "last": last })
    });
    let attendances = snapshot.education.attendances.iter().map(|a| {
        let (first, last) = ends(a.window);
        let (possible, attended, unauthorised) = (a.possible, a.attended, a.unauthorised);
        json!({ "fact": a.fact, "person": a.person, "first": first, "last": last,
                "possible": possible, "attended": attended, "unauthorised": unauthorised })
    });
    let coverage = snapshot.coverage.iter().filter(|c| Section::Education.kinds().any(|kind| kind == c.kind)).map(|c| {
        let (first, last) = ends(c.window);
        json!({ "person": c.person, "kind": c.kind.code(), "first": first, "last": last, "state": c.state.code() })
    });
    let stays = snapshot.support.episodes.iter().map(|e| {
        let (first, last) = ends(e.window);
        json!({ "fact": e.fact, "first": first, "last": last })
    });
    let terms = context.calendar.terms.as_ref().context("the terms are supplied")?.iter().map(|t| {
        let (first, last) = ends(t.window);
        json!({ "name": t.name, "first": first, "last": last })
    });
    // Of the years that this rule reaches; the host's own list is of 26.
    let as_of = context.as_of;
    let reached = as_of.plus_months(-60).context("years before it")?..as_of.plus_months(12).context("a year after it")?;
    let holidays = context.calendar.bank_holidays.iter().copied().filter(|day| reached.contains(day));
    let people = snapshot.people.iter().map(|p| p.born.map(number));
    let claims = given.claims.iter().map(|c| (c.kind.clone(), c.entitled_on.number()));
    Ok(json!({
        "as_of": context.as_of.number(),
        "settings": context.settings,
        "bank_holidays": holidays.map(number).collect::<Vec<_>>(),
        "terms": terms.collect::<Vec<_>>(),
        "claims": claims.collect::<Vec<_>>(),
        "people": people.collect::<Vec<_>>(),
        "members": members.collect::<Vec<_>>(),
        "attendances": attendances.collect::<Vec<_>>(),
        "coverage": coverage.collect::<Vec<_>>(),
        "stays": stays.collect::<Vec<_>>(),
    }))
}

/// The answer as a peer should give it: as Hearth keeps it, with days as the interface counts them.
pub fn answer_as_json(answer: &Answer) -> Result<Value> {
    let mut answer = serde_json::to_value(answer)?;
    in_numbers(&mut answer);
    Ok(answer)
}

fn in_numbers(value: &mut Value) {
    match value {
        Value::String(text) => {
            if let Ok(day) = text.parse::<Day>() {
                *value = json!(day.number());
            }
        }
        Value::Array(items) => items.iter_mut().for_each(in_numbers),
        Value::Object(fields) => fields.values_mut().for_each(in_numbers),
        _ => {}
    }
}
