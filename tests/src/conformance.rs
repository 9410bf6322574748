//! The rule of `tests/conformance/README.md` calculated natively, from that page alone, over the family document as it was sent: the
//! whole answer, handles included. It shares nothing with the plugins but the text, and nothing with the host but the types that an
//! answer is written with: dates are jiff's; terms, working days, coverage and what a run may see are worked out here.

pub mod families;

use std::collections::BTreeSet;

use hearth::record::{Day, Section, Window};
use hearth::sandbox::answer::{Arg, Basis, Claim, Failure, Finding, Message, Reason, Search, Task};
use hearth::sandbox::{Answer, Question, Verdict};
use jiff::ToSpan;
use jiff::civil::{Date, Weekday};
use serde_json::Value;

/// A school term: its name, its first and its last day.
pub type Term = (&'static str, Date, Date);

/// What is asked beside the family.
pub struct Asking<'a> {
    pub question: Question,
    pub as_of: Date,
    pub settings: &'a Value,
    /// Kind, and day entitled.
    pub claims: &'a [(&'static str, Date)],
    pub terms: Option<&'a [Term]>,
}

/// What the README says that each of the plugins should answer about a family document.
///
/// # Panics
/// Where the document is not sound.
#[must_use]
pub fn answer(document: &Value, asking: &Asking<'_>) -> Answer {
    let mut rule =
        Rule { record: Record::of(document), asking, a: asking.as_of, findings: Vec::new(), claims: Vec::new(), tasks: Vec::new() };
    let (result, delivered) = match asking.question {
        Question::Eligibility => (Verdict::Answered(rule.eligibility().into()), vec![Section::Household]),
        Question::Progress => match rule.progress() {
            Ok(code) => (Verdict::Answered(code.into()), vec![Section::Household, Section::Education, Section::Support]),
            Err(failure) => (Verdict::Refused(failure), vec![Section::Support]),
        },
        other => unreachable!("an outcomes plugin is not asked {other:?}"),
    };
    let Rule { findings, claims, tasks, .. } = rule;
    Answer { question: asking.question, result, findings, claims, tasks, reported: Vec::new(), actions: Vec::new(), delivered }
}

// --------------------------------------------------------------------------------------------------------------- days

/// `gov.uk/bank-holidays`, England and Wales; the last year by the same Act.
const BANK_HOLIDAYS: &[(i16, &str)] = &[
    (2020, "01-01 04-10 04-13 05-08 05-25 08-31 12-25 12-28"),
    (2021, "01-01 04-02 04-05 05-03 05-31 08-30 12-27 12-28"),
    (2022, "01-03 04-15 04-18 05-02 06-02 06-03 08-29 09-19 12-26 12-27"),
    (2023, "01-02 04-07 04-10 05-01 05-08 05-29 08-28 12-25 12-26"),
    (2024, "01-01 03-29 04-01 05-06 05-27 08-26 12-25 12-26"),
    (2025, "01-01 04-18 04-21 05-05 05-26 08-25 12-25 12-26"),
    (2026, "01-01 04-03 04-06 05-04 05-25 08-31 12-25 12-28"),
    (2027, "01-01 03-26 03-29 05-03 05-31 08-30 12-27 12-28"),
    (2028, "01-03 04-14 04-17 05-01 05-29 08-28 12-25 12-26"),
];

fn is_working(day: Date) -> bool {
    let year = BANK_HOLIDAYS.iter().find(|(year, _)| *year == day.year());
    let (_, holidays) = year.unwrap_or_else(|| panic!("no bank holidays are written down for {day}"));
    let written = day.strftime("%m-%d").to_string();
    !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) && !holidays.split(' ').any(|holiday| holiday == written)
}

fn working_days(first: Date, last: Date) -> i64 {
    let mut days = 0;
    let mut day = first;
    while day <= last {
        days += i64::from(is_working(day));
        day = day.tomorrow().unwrap();
    }
    days
}

fn working_days_after(start: Date, count: i64) -> Date {
    let step = if count < 0 { -1 } else { 1 };
    // The day itself counts only where none are to be gone.
    let mut left = if count == 0 && !is_working(start) { 1 } else { count.abs() };
    let mut day = start;
    while left > 0 {
        day = day.saturating_add(step.days());
        left -= i64::from(is_working(day));
    }
    day
}

fn later(day: Date, months: i64) -> Date {
    day.saturating_add(months.months())
}

fn yesterday(day: Date) -> Date {
    day.yesterday().unwrap()
}

fn months_to(last: Date, months: i64) -> (Date, Date) {
    (later(last.tomorrow().unwrap(), -months), last)
}

fn whole_months(first: Date, until: Date) -> i32 {
    let months = (0..).take_while(|months| later(first, *months) <= until).last().unwrap();
    i32::try_from(months).unwrap()
}

fn day(date: Date) -> Day {
    date.to_string().parse().unwrap()
}

fn window((first, last): (Date, Date)) -> Window {
    Window { first: day(first), last: Some(day(last)) }
}

// ------------------------------------------------------------------------------------------------------------- record

struct Fact<'a> {
    handle: u32,
    kind: &'a str,
    person: Option<u32>,
    first: Date,
    last: Option<Date>,
    detail: &'a Value,
    resident: bool,
}

impl Fact<'_> {
    fn shares_a_day(&self, first: Date, last: Option<Date>) -> bool {
        last.is_none_or(|last| self.first <= last) && self.last.is_none_or(|own| first <= own)
    }

    fn holds(&self, day: Date) -> bool {
        self.shares_a_day(day, Some(day))
    }

    fn number(&self, field: &str) -> i64 {
        self.detail[field].as_i64().unwrap()
    }
}

/// The family as a run sees it. People have their handles in the order in which they joined, and by name; facts by kind (in the order
/// of its code list), first day, and place in the document, what people and homes bring before what stands under `facts`.
struct Record<'a> {
    document: &'a Value,
    /// By handle.
    people: Vec<&'a str>,
    facts: Vec<Fact<'a>>,
}

fn date(value: &Value) -> Option<Date> {
    value.as_str().map(|text| text.parse().unwrap())
}

fn born(person: &Value) -> Option<Date> {
    let text = person["born"].as_str()?;
    Some(if text.len() == 7 { format!("{text}-01") } else { text.to_owned() }.parse().unwrap())
}

impl<'a> Record<'a> {
    fn of(document: &'a Value) -> Self {
        // Kind, name of the person, first and last day, detail, resident: as they are given their ids.
        let mut stated: Vec<(&str, Option<&str>, Date, Option<Date>, &Value, bool)> = Vec::new();
        for (name, person) in document["people"].as_object().unwrap() {
            let joined = date(&person["member_from"]).or_else(|| born(person)).unwrap();
            let resident = person["resident"].as_bool().unwrap_or(true);
            stated.push(("membership", Some(name), joined, date(&person["member_until"]), &Value::Null, resident));
        }
        for home in document["homes"].as_object().unwrap().values() {
            stated.push(("residence", None, date(&home["from"]).unwrap(), date(&home["until"]), &Value::Null, false));
        }
        for fact in document["facts"].as_array().unwrap() {
            let (kind, detail) = (fact["kind"].as_str().unwrap(), &fact["detail"]);
            let resident = kind == "membership" && detail["resident"].as_bool().unwrap();
            stated.push((kind, fact["person"].as_str(), date(&fact["first"]).unwrap(), date(&fact["last"]), detail, resident));
        }
        let memberships: Vec<(&str, Date, Option<Date>)> =
            stated.iter().filter(|s| s.0 == "membership").map(|s| (s.1.unwrap(), s.2, s.3)).collect();
        let joined = |name: &str| memberships.iter().filter(|m| m.0 == name).map(|m| m.1).min().unwrap();
        let mut people: Vec<&str> = document["people"].as_object().unwrap().keys().map(String::as_str).collect();
        people.sort_by_key(|name| (joined(name), *name));
        let handle = |name: &str| u32::try_from(people.iter().position(|known| *known == name).unwrap()).unwrap();

        let mut facts: Vec<Fact<'_>> = (stated.into_iter())
            .map(|(kind, person, first, last, detail, resident)| Fact {
                handle: 0,
                kind,
                person: person.map(handle),
                first,
                last,
                detail,
                resident,
            })
            .collect();
        facts.retain(|fact| {
            let own = |m: &&(&str, Date, Option<Date>)| Some(handle(m.0)) == fact.person && fact.shares_a_day(m.1, m.2);
            fact.kind != "attendance" || memberships.iter().any(|m| own(&m))
        });
        let order = ["membership", "residence", "attendance", "worker", "episode"];
        facts.sort_by_key(|fact| (order.iter().position(|kind| *kind == fact.kind).unwrap(), fact.first));
        facts.iter_mut().zip(0..).for_each(|(fact, handle)| fact.handle = handle);
        Self { document, people, facts }
    }

    fn of_kind(&self, kind: &str) -> impl Iterator<Item = &Fact<'a>> {
        self.facts.iter().filter(move |fact| fact.kind == kind)
    }

    fn members(&self, on: Date) -> Vec<&Fact<'a>> {
        self.of_kind("membership").filter(|fact| fact.holds(on)).collect()
    }

    fn residents(&self, on: Date) -> BTreeSet<u32> {
        self.members(on).iter().filter(|member| member.resident).filter_map(|member| member.person).collect()
    }

    fn age(&self, person: u32, on: Date) -> Option<i32> {
        let born = born(&self.document["people"][self.people[person as usize]]).filter(|born| *born <= on)?;
        let had_birthday = (on.month(), on.day()) >= (born.month(), born.day());
        Some(i32::from(on.year() - born.year() - i16::from(!had_birthday)))
    }

    fn stay(&self, on: Date) -> Option<&Fact<'a>> {
        let stays: Vec<_> = self.of_kind("episode").collect();
        let open = stays.iter().rfind(|stay| stay.holds(on));
        open.or_else(|| stays.iter().rfind(|stay| stay.first <= on)).or_else(|| stays.first()).copied()
    }

    fn attendance_is_known(&self, person: u32, (first, last): (Date, Date)) -> bool {
        let name = self.people[person as usize];
        let statements = self.document["coverage"].as_array().unwrap();
        let speaks = |statement: &&Value, day: Date| {
            let about = statement["person"].as_str().is_none_or(|who| who == name);
            about && statement["kind"] == "attendance" && (date(&statement["first"])..=date(&statement["last"])).contains(&Some(day))
        };
        let mut day = first;
        while day <= last {
            if statements.iter().rfind(|statement| speaks(statement, day)).is_none_or(|statement| statement["state"] != "complete") {
                return false;
            }
            day = day.tomorrow().unwrap();
        }
        true
    }
}

// --------------------------------------------------------------------------------------------------------------- rule

const MET: &str = "met";
const NOT_MET: &str = "not-met";
const OPEN: &str = "not-enough-evidence";
const NOT_APPLICABLE: &str = "not-applicable";

struct Rule<'a> {
    record: Record<'a>,
    asking: &'a Asking<'a>,
    /// The as-of date.
    a: Date,
    findings: Vec<Finding>,
    claims: Vec<Claim>,
    tasks: Vec<Task>,
}

fn message(template: &str, args: &[(&str, Arg)]) -> Message {
    Message { template: template.into(), args: args.iter().map(|(name, arg)| ((*name).to_owned(), arg.clone())).collect() }
}

fn reason(template: &str, args: &[(&str, Arg)], rests_on: Vec<Basis>) -> Reason {
    Reason { message: message(template, args), rests_on }
}

fn search(section: &str, kind: &str, person: Option<u32>, window: Window, found: usize) -> Vec<Basis> {
    let found = u32::try_from(found).unwrap();
    vec![Basis::Searched(Search { section: section.into(), kind: kind.into(), person, window, found })]
}

fn setting(name: &str) -> Basis {
    Basis::Setting(name.into())
}

fn finding(criterion: &str, person: Option<u32>, standing: &str, window: Window, reasons: Vec<Reason>) -> Finding {
    let (criterion, standing) = (criterion.into(), standing.into());
    Finding { criterion, person, standing, window, before: None, now: None, threshold: None, reasons, look_again: None }
}

fn is_pupil(age: i32) -> bool {
    (5..=15).contains(&age)
}

fn tenths(attendances: &[&Fact<'_>]) -> (i64, Option<i32>) {
    let sum = |field: &str| attendances.iter().map(|fact| fact.number(field)).sum::<i64>();
    let possible = sum("possible");
    (possible, (possible > 0).then(|| i32::try_from(sum("attended") * 1000 / possible).unwrap()))
}

impl Rule<'_> {
    fn number(&self, name: &str, default: i64) -> i64 {
        self.asking.settings.get(name).map_or(default, |value| value.as_i64().unwrap())
    }

    fn small(&self, name: &str, default: i64) -> i32 {
        i32::try_from(self.number(name, default)).unwrap()
    }

    fn count(&self, name: &str, default: i64) -> usize {
        usize::try_from(self.number(name, default)).unwrap()
    }

    fn today(&self) -> Window {
        window((self.a, self.a))
    }

    fn memberships(&self, person: u32) -> Vec<Basis> {
        self.record.members(self.a).iter().filter(|m| m.person == Some(person)).map(|m| Basis::Fact(m.handle)).collect()
    }

    fn age_unknown(&self, person: u32) -> Reason {
        reason("age-unknown", &[("person", Arg::Person(person))], self.memberships(person))
    }

    fn nobody(&self) -> Reason {
        reason("nobody", &[], search("household", "membership", None, self.today(), self.record.members(self.a).len()))
    }

    fn eligibility(&mut self) -> &'static str {
        for person in self.record.residents(self.a) {
            let age = self.record.age(person, self.a);
            let standing = age.map_or(OPEN, |age| if is_pupil(age) { MET } else { NOT_MET });
            let why = age.map_or_else(
                || self.age_unknown(person),
                |age| {
                    let args = [("person", Arg::Person(person)), ("years", Arg::Count(i64::from(age)))];
                    reason("age", &args, self.memberships(person))
                },
            );
            self.findings.push(Finding {
                before: self.record.age(person, later(self.a, -12)).map(|age| age * 10),
                now: age.map(|age| age * 10),
                threshold: Some(50),
                look_again: age.is_none().then(|| day(later(self.a, 1))),
                ..finding("age", Some(person), standing, self.today(), vec![why])
            });
        }
        if self.findings.is_empty() {
            self.findings.push(finding("age", None, NOT_APPLICABLE, self.today(), vec![self.nobody()]));
        }
        let any = |standing: &str| self.findings.iter().any(|finding| finding.standing == standing);
        if any(MET) {
            "eligible"
        } else if any(OPEN) {
            "not-enough-evidence"
        } else {
            "not-eligible"
        }
    }

    fn refused(why: &str, message: Option<Message>) -> Failure {
        Failure { why: why.into(), message }
    }

    /// The periods that count now, and those before them.
    fn periods(&self) -> (Vec<(Date, Date)>, Vec<(Date, Date)>) {
        let Some(terms) = self.asking.terms else {
            let months = self.number("months", 6);
            let now = months_to(self.a, months);
            return (vec![now], vec![months_to(yesterday(now.0), months)]);
        };
        let from = later(self.a, self.number("look-back-months", -36));
        let mut ended: Vec<_> = terms.iter().filter(|(_, _, last)| from <= *last && *last <= self.a).map(|t| (t.1, t.2)).collect();
        let mut last_of_them = || ended.split_off(ended.len().saturating_sub(self.count("terms", 3)));
        let now = last_of_them();
        (now, last_of_them())
    }

    fn progress(&mut self) -> Result<&'static str, Failure> {
        let Some(stay) = self.record.stay(self.a) else { return Err(Self::refused("no-episode", None)) };
        let (stay, engaged, left) = (stay.handle, stay.first, stay.last);
        if engaged > self.a {
            return Err(Self::refused("engaged-after-as-of", Some(message("not-yet", &[("engaged", Arg::Day(day(engaged)))]))));
        }
        let (now, before) = self.periods();
        let (Some(first), Some(last)) = (now.first(), now.last()) else {
            let months = Arg::Count(self.number("look-back-months", -36));
            return Err(Self::refused(OPEN, Some(message("no-term", &[("months", months)]))));
        };
        self.school((first.0, last.1), &now, &before);
        let parts = self.findings.clone();
        let is_settled = self.settled(stay, engaged, left);
        let met: Vec<u32> = parts.iter().zip(0..).filter(|(part, _)| part.standing == MET).map(|(_, number)| number).collect();
        let outcome = match met.len() {
            some if some == parts.len() => "significant-and-sustained",
            0 => "none-yet",
            _ => "progress",
        };
        self.result(stay, outcome == "significant-and-sustained" && is_settled, met);
        for (part, number) in parts.iter().zip(0..).filter(|(part, _): &(&Finding, u32)| part.standing == OPEN) {
            let due = day(working_days_after(self.a, self.number("working-days", 10).max(0)));
            let title = message("ask", &[("child", Arg::Person(part.person.unwrap())), ("by", Arg::Day(due))]);
            self.tasks.push(Task { key: format!("ask-{}-{number}", self.a), role: "data-manager".into(), title, due });
        }
        Ok(outcome)
    }

    fn school(&mut self, whole: (Date, Date), now: &[(Date, Date)], before: &[(Date, Date)]) {
        for person in self.record.residents(self.a) {
            let found = match self.record.age(person, self.a) {
                None => finding("school", Some(person), OPEN, window(whole), vec![self.age_unknown(person)]),
                Some(age) if is_pupil(age) => self.child(person, whole, now, before),
                Some(_) => continue,
            };
            self.findings.push(found);
        }
        if self.findings.is_empty() {
            self.findings.push(finding("school", None, NOT_APPLICABLE, window(whole), vec![self.nobody()]));
        }
        let again = day(working_days_after(self.a, self.number("working-days", 10)));
        for found in self.findings.iter_mut().filter(|found| [NOT_MET, OPEN].contains(&found.standing.as_str())) {
            found.look_again = Some(again);
        }
    }

    fn child(&self, person: u32, whole: (Date, Date), now: &[(Date, Date)], before: &[(Date, Date)]) -> Finding {
        let mut own: Vec<_> = self.record.of_kind("attendance").filter(|fact| fact.person == Some(person)).collect();
        own.sort_by_key(|fact| (fact.first, fact.handle));
        let ended_in = |periods: &[(Date, Date)]| -> Vec<&Fact<'_>> {
            let counts = |fact: &&&Fact<'_>| fact.last.is_some_and(|last| periods.iter().any(|(from, to)| (*from..=*to).contains(&last)));
            own.iter().filter(counts).copied().collect()
        };
        let counted = ended_in(now);
        let (possible, share) = tenths(&counted);
        let touching = own.iter().filter(|fact| fact.shares_a_day(whole.0, Some(whole.1))).count();
        let searched = search("education", "attendance", Some(person), window(whole), touching);
        let child = ("child", Arg::Person(person));
        let mut reasons = vec![match share {
            Some(share) => {
                let last = counted.iter().filter_map(|fact| fact.last).max().unwrap();
                let args =
                    [child.clone(), ("share", Arg::Tenths(share)), ("possible", Arg::Count(possible)), ("last", Arg::Day(day(last)))];
                let facts = counted.iter().map(|fact| Basis::Fact(fact.handle));
                reason("attended", &args, facts.chain([setting("attendance-tenths")]).collect())
            }
            None => reason("no-sessions", std::slice::from_ref(&child), searched.clone()),
        }];
        let known = self.record.attendance_is_known(person, whole);
        if !known {
            reasons.push(reason("not-known", &[child, ("kind", Arg::Code("attendance".into()))], searched));
        }
        let enough = self.small("attendance-tenths", 900);
        let standing = match share {
            Some(share) if known => {
                if share >= enough {
                    MET
                } else {
                    NOT_MET
                }
            }
            _ => OPEN,
        };
        let before = tenths(&ended_in(before)).1;
        Finding { before, now: share, threshold: Some(enough), ..finding("school", Some(person), standing, window(whole), reasons) }
    }

    fn settled(&mut self, stay: u32, engaged: Date, left: Option<Date>) -> bool {
        let (months, needed) = (whole_months(engaged, self.a), self.small("result-months", 6));
        let args = [
            ("engaged", Arg::Day(day(engaged))),
            ("months", Arg::Count(i64::from(months))),
            ("working", Arg::Count(working_days(engaged, self.a))),
        ];
        let is_settled = months >= needed;
        let stayed = Window { first: day(engaged), last: left.map(day) };
        let why = reason("settled", &args, vec![Basis::Fact(stay), setting("result-months")]);
        self.findings.push(Finding {
            before: Some(-months * 10),
            now: Some(months * 10),
            threshold: Some(needed * 10),
            look_again: (!is_settled).then(|| day(later(engaged, i64::from(needed)))),
            ..finding("settled", None, if is_settled { MET } else { NOT_MET }, stayed, vec![why])
        });
        is_settled
    }

    /// In pence, that day; none where there is none.
    fn rate(&self) -> Option<i64> {
        let Some(rates) = self.asking.settings.get("rates") else {
            return (self.a >= Date::constant(2015, 4, 1)).then_some(80_000);
        };
        let mut latest: Option<(Date, i64)> = None;
        for rate in rates.as_array().unwrap() {
            let from = date(&rate["from"]).unwrap();
            if from <= self.a && latest.is_none_or(|(day, _)| day <= from) {
                latest = Some((from, rate["pence"].as_i64().unwrap()));
            }
        }
        latest.map(|(_, pence)| pence).filter(|pence| *pence > 0)
    }

    fn result(&mut self, stay: u32, earned: bool, met: Vec<u32>) {
        let reported: Vec<u32> = (0..u32::try_from(self.findings.len()).unwrap()).collect();
        let settled = *reported.last().unwrap();
        let mut earlier: Vec<_> = self.asking.claims.iter().filter(|(kind, _)| kind.ends_with("-result")).collect();
        earlier.sort_by_key(|(kind, on)| (*on, *kind));
        let rate = self.rate();
        let (standing, why) = match (earlier.first(), rate) {
            (Some((kind, on)), _) => {
                let args = [("kind", Arg::Code((*kind).into())), ("on", Arg::Day(day(*on)))];
                (NOT_APPLICABLE, reason("claimed", &args, vec![Basis::Fact(stay)]))
            }
            (None, None) => {
                let args = [("on", Arg::Day(day(self.a)))];
                (NOT_MET, reason("no-rate", &args, vec![setting("rates"), Basis::Reported(settled)]))
            }
            (None, Some(pence)) => {
                let args = [
                    ("amount", Arg::Pence(pence)),
                    ("sum", Arg::Pence(pence + self.number("adjustment-pence", 0))),
                    ("criterion", Arg::Named("school".into())),
                    ("stay", Arg::Fact(stay)),
                ];
                let rests_on = [setting("rates")].into_iter().chain(reported.into_iter().map(Basis::Reported)).collect();
                (if earned { MET } else { NOT_MET }, reason("rate", &args, rests_on))
            }
        };
        self.findings.push(finding("result", None, standing, self.today(), vec![why]));
        if let (MET, Some(amount_pence)) = (standing, rate) {
            let rests_on = met.into_iter().chain([settled, settled + 1]).collect();
            self.claims.push(Claim { kind: "progress-result".into(), amount_pence, entitled_on: day(self.a), rests_on });
        }
    }
}
