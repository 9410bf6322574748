//! The rule of README.md.

#[path = "../kit/manifest.rs"]
mod manifest;

wit_bindgen::generate!({ path: "wit", world: "plugin", generate_all });

use exports::hearth::outcomes::rules::Guest;
use hearth::actions::tasks;
use hearth::decision::episode;
use hearth::decision::messages::{Basis, Failure, Message, Reason};
use hearth::family::coverage::spans;
use hearth::family::education::{Attendance, attendances};
use hearth::family::household::{Member, ages, members};
use hearth::family::types::{Absence, Day, Person, Window};
use hearth::outcomes::findings::{self, Finding};
use hearth::platform::{calendar, log, run};
use hearth_kit::coverage::is_known;
use hearth_kit::day::to_iso;
use hearth_kit::share::tenths_of_a_percent;
use manifest::{Settings, facts, holds, one_day, reason, say, searched, searched_of, setting};

struct Plugin;

export!(Plugin);

/// What cannot be read cannot be answered: the absence's word is the failure's.
impl From<Absence> for Failure {
    fn from(absence: Absence) -> Self {
        Self { why: absence.why, message: None }
    }
}

impl Guest for Plugin {
    fn eligibility() -> Result<String, Failure> {
        let on = begin();
        let home = Home::of(on)?;
        let a_year_ago = ages(&home.residents, calendar::add_months(&[on], -12)[0])?;
        let mut standings = Vec::new();
        for ((&person, age), before) in home.residents.iter().zip(&home.ages).zip(a_year_ago) {
            let (standing, reason) = match age {
                None => ("not-enough-evidence", home.age_unknown(person)),
                Some(age) => {
                    (if is_of_school_age(*age) { "met" } else { "not-met" }, reason(say::age(person, *age), home.of_person(person)))
                }
            };
            let tens = |age: Option<u8>| age.map(|age| i32::from(age) * 10);
            findings::add(&Finding {
                before: tens(before),
                now: tens(*age),
                threshold: Some(50),
                look_again: age.is_none().then(|| calendar::add_months(&[on], 1)[0]),
                ..finding("age", Some(person), standing, one_day(on), vec![reason])
            });
            standings.push(standing);
        }
        if standings.is_empty() {
            findings::add(&finding("age", None, "not-applicable", one_day(on), vec![home.nobody(on)]));
        }
        let answer = match () {
            () if standings.contains(&"met") => "eligible",
            () if standings.contains(&"not-enough-evidence") => "not-enough-evidence",
            () => "not-eligible",
        };
        Ok(answer.into())
    }

    fn progress() -> Result<String, Failure> {
        let (on, given) = (begin(), Settings::read());
        let stay = episode::current()?;
        if stay.window.first > on {
            return refused("engaged-after-as-of", say::not_yet(stay.window.first));
        }
        let (now, before) = periods(on, &given)?;
        let (Some(from), Some(to)) = (now.first(), now.last()) else {
            return refused("not-enough-evidence", say::no_term(given.look_back_months));
        };
        let whole = Window { first: from.first, last: to.last };
        let home = Home::of(on)?;
        let standings = school(&home, (on, &given), whole, (&now, &before))?;

        let months = calendar::months_between(stay.window.first, on);
        let needed = signed(given.result_months);
        let working = calendar::working_days(Window { first: stay.window.first, last: Some(on) });
        let helped = say::settled(stay.window.first, months, working);
        let is_settled = months >= needed;
        let settled = findings::add(&Finding {
            before: Some(calendar::months_between(on, stay.window.first) * 10),
            now: Some(months * 10),
            threshold: Some(needed * 10),
            look_again: (!is_settled).then(|| calendar::add_months(&[stay.window.first], needed)[0]),
            ..finding(
                "settled",
                None,
                met(is_settled),
                stay.window,
                vec![reason(helped, [facts([stay.fact]), setting("result-months")].concat())],
            )
        });

        let reached: Vec<u32> = (0..).zip(&standings).filter(|(_, (_, standing))| *standing == "met").map(|(number, _)| number).collect();
        let all_met = standings.iter().all(|(_, standing)| *standing == "met");
        let outcome = if all_met {
            "significant-and-sustained"
        } else if reached.is_empty() {
            "none-yet"
        } else {
            "progress"
        };
        let results = ["progress-result", "employment-result"];
        let earlier = episode::earlier_claims()?.into_iter().find(|(kind, _)| results.contains(&kind.as_str()));
        let rate = rate(on, &given);
        let (standing, why) = match (earlier, rate) {
            (Some((kind, day)), _) => ("not-applicable", reason(say::claimed(&kind, day), facts([stay.fact]))),
            (None, None) => ("not-met", reason(say::no_rate(on), [setting("rates"), vec![Basis::Reported(settled)]].concat())),
            (None, Some(pence)) => {
                let rests_on = setting("rates").into_iter().chain((0..=settled).map(Basis::Reported)).collect();
                let message = say::rate(pence, pence + given.adjustment_pence, "school", stay.fact);
                (met(outcome == "significant-and-sustained" && is_settled), reason(message, rests_on))
            }
        };
        let result = findings::add(&finding("result", None, standing, one_day(on), vec![why]));
        if let ("met", Some(pence)) = (standing, rate) {
            findings::claim("progress-result", pence, on, &[reached, vec![settled, result]].concat());
        }
        for (number, (person, _)) in standings.iter().enumerate().filter(|(_, (_, standing))| *standing == "not-enough-evidence") {
            let by = calendar::add_working_days(on, days(given.working_days.max(0)));
            if let Some(child) = *person {
                tasks::propose(&format!("ask-{}-{number}", to_iso(on)), "data-manager", &say::ask(child, by), by);
            }
        }
        Ok(outcome.into())
    }
}

fn begin() -> Day {
    hearth_kit::tell_panics(|text| log::write(log::Level::Error, text));
    run::as_of()
}

fn refused(why: &str, message: Message) -> Result<String, Failure> {
    Err(Failure { why: why.into(), message: Some(message) })
}

const fn is_of_school_age(age: u8) -> bool {
    age >= 5 && age <= 15
}

const fn met(is_met: bool) -> &'static str {
    if is_met { "met" } else { "not-met" }
}

fn signed(number: u32) -> i32 {
    number.try_into().unwrap()
}

fn days(number: i64) -> i32 {
    number.try_into().unwrap()
}

fn finding(criterion: &str, person: Option<Person>, standing: &str, window: Window, reasons: Vec<Reason>) -> Finding {
    let (criterion, standing) = (criterion.into(), standing.into());
    Finding { criterion, person, standing, window, before: None, now: None, threshold: None, reasons, look_again: None }
}

/// Who lives in the home, by handle, each once, with their ages that day.
struct Home {
    members: Vec<Member>,
    residents: Vec<Person>,
    ages: Vec<Option<u8>>,
}

impl Home {
    fn of(on: Day) -> Result<Self, Absence> {
        let members = members(one_day(on))?;
        let mut residents: Vec<_> = members.iter().filter(|member| member.resident).map(|member| member.person).collect();
        residents.sort_unstable();
        residents.dedup();
        let ages = ages(&residents, on)?;
        Ok(Self { members, residents, ages })
    }

    fn of_person(&self, person: Person) -> Vec<Basis> {
        facts(self.members.iter().filter(|member| member.person == person).map(|member| member.fact))
    }

    fn age_unknown(&self, person: Person) -> Reason {
        reason(say::age_unknown(person), self.of_person(person))
    }

    fn nobody(&self, on: Day) -> Reason {
        reason(say::nobody(), searched("household", "membership", one_day(on), self.members.len()))
    }
}

/// Those that are counted now, and those before them.
fn periods(on: Day, given: &Settings) -> Result<(Vec<Window>, Vec<Window>), Absence> {
    let first = calendar::add_months(&[on], days(given.look_back_months))[0];
    match calendar::terms(Window { first, last: Some(on) }) {
        Ok(terms) => {
            let ended: Vec<_> = terms.iter().map(|term| term.window).filter(|window| window.last.is_some_and(|last| last <= on)).collect();
            let now = ended.len().saturating_sub(given.terms as usize);
            let before = now.saturating_sub(given.terms as usize);
            Ok((ended[now..].to_vec(), ended[before..now].to_vec()))
        }
        Err(absence) if absence.why == "not-supplied" => {
            let now = calendar::months_to(on, given.months);
            Ok((vec![now], vec![calendar::months_to(now.first - 1, given.months)]))
        }
        Err(absence) => Err(absence),
    }
}

/// Whose attendance stands how, in the order of the findings.
type Standings = Vec<(Option<Person>, &'static str)>;

fn school(home: &Home, (on, given): (Day, &Settings), whole: Window, (now, before): (&[Window], &[Window])) -> Result<Standings, Absence> {
    let rows = attendances(whole)?;
    let rows_before = match (before.first(), before.last()) {
        (Some(first), Some(last)) => attendances(Window { first: first.first, last: last.last })?,
        _ => Vec::new(),
    };
    let spans = spans("education", whole)?;
    let mut found = Vec::new();
    for (&person, age) in home.residents.iter().zip(&home.ages) {
        match age {
            None => found.push(finding("school", Some(person), "not-enough-evidence", whole, vec![home.age_unknown(person)])),
            Some(age) if is_of_school_age(*age) => {
                let known = is_known(&spans, "attendance", (whole.first, whole.last), Some(person));
                found.push(child(
                    person,
                    given,
                    whole,
                    (&counted(&rows, person, now), &counted(&rows_before, person, before)),
                    &rows,
                    known,
                ));
            }
            Some(_) => {}
        }
    }
    if found.is_empty() {
        found.push(finding("school", None, "not-applicable", whole, vec![home.nobody(on)]));
    }
    let mut standings = Vec::new();
    for mut finding in found {
        let standing = ["met", "not-met", "not-enough-evidence", "not-applicable"].into_iter().find(|s| *s == finding.standing).unwrap();
        if matches!(standing, "not-met" | "not-enough-evidence") {
            finding.look_again = Some(calendar::add_working_days(on, days(given.working_days)));
        }
        findings::add(&finding);
        standings.push((finding.person, standing));
    }
    Ok(standings)
}

fn counted<'a>(rows: &'a [Attendance], person: Person, periods: &[Window]) -> Vec<&'a Attendance> {
    let counts = |row: &&Attendance| row.window.last.is_some_and(|last| periods.iter().any(|period| holds(*period, last)));
    rows.iter().filter(|row| row.person == person).filter(counts).collect()
}

fn sums(rows: &[&Attendance]) -> (u32, u32) {
    (rows.iter().map(|row| u32::from(row.attended)).sum(), rows.iter().map(|row| u32::from(row.possible)).sum())
}

type Counted<'a> = (&'a [&'a Attendance], &'a [&'a Attendance]);

fn child(person: Person, given: &Settings, whole: Window, (now, before): Counted<'_>, rows: &[Attendance], known: bool) -> Finding {
    let (attended, possible) = sums(now);
    let share = tenths_of_a_percent(attended, possible);
    let search = searched_of(person, "education", "attendance", whole, rows.iter().filter(|row| row.person == person).count());
    let mut reasons = vec![match (share, now.iter().filter_map(|row| row.window.last).max()) {
        (Some(share), Some(last)) => {
            let rests_on = [facts(now.iter().map(|row| row.fact)), setting("attendance-tenths")].concat();
            reason(say::attended(person, share, possible, last), rests_on)
        }
        _ => reason(say::no_sessions(person), search.clone()),
    }];
    if !known {
        reasons.push(reason(say::not_known(person, "attendance"), search));
    }
    let enough = u64::from(attended) * 1000 >= u64::from(given.attendance_tenths) * u64::from(possible);
    let standing = if share.is_none() || !known { "not-enough-evidence" } else { met(enough) };
    let (attended_before, possible_before) = sums(before);
    Finding {
        before: tenths_of_a_percent(attended_before, possible_before),
        now: share,
        threshold: Some(signed(given.attendance_tenths)),
        ..finding("school", Some(person), standing, whole, reasons)
    }
}

/// In pence, that day.
fn rate(on: Day, given: &Settings) -> Option<i64> {
    let texts: Vec<_> = given.rates.iter().map(|rate| rate.from.clone()).collect();
    let begun = calendar::read(&texts).into_iter().zip(&given.rates).filter(|(from, _)| from.is_some_and(|from| from <= on));
    let latest = begun.max_by_key(|(from, _)| *from)?;
    Some(i64::from(latest.1.pence)).filter(|pence| *pence > 0)
}
