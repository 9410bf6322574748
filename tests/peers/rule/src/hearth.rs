//! The interfaces of `wit/` that the rule imports, as wit-bindgen would write them, answered from [`crate::given`].

pub mod family {
    pub mod types {
        use serde::{Deserialize, Serialize};

        pub type Person = u32;
        pub type Fact = u32;
        pub type Day = i32;

        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
        pub struct Window {
            pub first: Day,
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub last: Option<Day>,
        }

        impl Window {
            pub(crate) fn shares_a_day(self, first: Day, last: Option<Day>) -> bool {
                last.is_none_or(|last| self.first <= last) && self.last.is_none_or(|own| first <= own)
            }
        }

        #[derive(Debug, Clone)]
        pub struct Absence {
            pub why: String,
        }
    }

    pub mod household {
        use super::types::{Absence, Day, Fact, Person, Window};
        use crate::{given::given, reckoning};

        #[derive(Debug, Clone, Copy)]
        pub struct Member {
            pub fact: Fact,
            pub person: Person,
            pub resident: bool,
            pub window: Window,
        }

        pub fn members(window: Window) -> Result<Vec<Member>, Absence> {
            given(|given| {
                let shown = given.members.iter().filter(|m| window.shares_a_day(m.first, m.last));
                Ok(shown
                    .map(|m| Member {
                        fact: m.fact,
                        person: m.person,
                        resident: m.resident,
                        window: Window { first: m.first, last: m.last },
                    })
                    .collect())
            })
        }

        pub fn ages(persons: &[Person], on: Day) -> Result<Vec<Option<u8>>, Absence> {
            given(|given| Ok(persons.iter().map(|person| reckoning::age(given.people[*person as usize]?, on)).collect()))
        }
    }

    pub mod education {
        use super::types::{Absence, Fact, Person, Window};
        use crate::given::given;

        #[derive(Debug, Clone, Copy)]
        pub struct Attendance {
            pub fact: Fact,
            pub person: Person,
            pub window: Window,
            pub possible: u16,
            pub attended: u16,
            pub unauthorised: u16,
        }

        pub fn attendances(window: Window) -> Result<Vec<Attendance>, Absence> {
            given(|given| {
                let shown = given.attendances.iter().filter(|a| window.shares_a_day(a.first, a.last));
                Ok(shown
                    .map(|a| Attendance {
                        fact: a.fact,
                        person: a.person,
                        window: Window { first: a.first, last: a.last },
                        possible: a.possible,
                        attended: a.attended,
                        unauthorised: a.unauthorised,
                    })
                    .collect())
            })
        }
    }

    pub mod coverage {
        use super::types::{Absence, Person, Window};
        use crate::given::given;

        #[derive(Debug, Clone)]
        pub struct Span {
            pub person: Option<Person>,
            pub kind: String,
            pub window: Window,
            pub state: String,
        }

        pub fn spans(_section: &str, window: Window) -> Result<Vec<Span>, Absence> {
            given(|given| {
                let shown = given.coverage.iter().filter(|s| window.shares_a_day(s.first, Some(s.last)));
                let cut = |first: i32, last: i32| Window { first: first.max(window.first), last: window.last.map(|end| end.min(last)) };
                Ok(shown
                    .map(|s| Span { person: s.person, kind: s.kind.clone(), window: cut(s.first, s.last), state: s.state.clone() })
                    .collect())
            })
        }
    }
}

pub mod decision {
    pub mod messages {
        use serde::{Deserialize, Serialize};

        use crate::hearth::family::types::{Day, Fact, Person, Window};

        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum Arg {
            Person(Person),
            Fact(Fact),
            Day(Day),
            Count(i64),
            Pence(i64),
            Tenths(i32),
            Code(String),
            Named(String),
        }

        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        pub struct Message {
            pub template: String,
            pub args: Vec<(String, Arg)>,
        }

        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        pub struct Search {
            pub section: String,
            pub kind: String,
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub person: Option<Person>,
            pub window: Window,
            pub found: u32,
        }

        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        pub struct Cited {
            pub question: String,
            pub person: Option<Person>,
            pub item: Option<u32>,
            pub before: bool,
        }

        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum Basis {
            Fact(Fact),
            Searched(Search),
            Reported(u32),
            Setting(String),
            Answered(Cited),
            NotTold(String),
            Read(String),
            Asked,
        }

        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        pub struct Reason {
            pub message: Message,
            pub rests_on: Vec<Basis>,
        }

        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        pub struct Failure {
            pub why: String,
            pub message: Option<Message>,
        }
    }

    pub mod episode {
        use crate::given::given;
        use crate::hearth::family::types::{Absence, Day, Fact, Window};

        #[derive(Debug, Clone, Copy)]
        pub struct Stay {
            pub fact: Fact,
            pub window: Window,
        }

        pub fn current() -> Result<Stay, Absence> {
            given(|given| {
                let on = Window { first: given.as_of, last: Some(given.as_of) };
                let open = given.stays.iter().rfind(|stay| on.shares_a_day(stay.first, stay.last));
                let stay = open.or_else(|| given.stays.iter().rfind(|stay| stay.first <= given.as_of)).or_else(|| given.stays.first());
                stay.map(|stay| Stay { fact: stay.fact, window: Window { first: stay.first, last: stay.last } })
                    .ok_or_else(|| Absence { why: "no-episode".into() })
            })
        }

        pub fn earlier_claims() -> Result<Vec<(String, Day)>, Absence> {
            given(|given| Ok(given.claims.clone()))
        }
    }
}

pub mod actions {
    pub mod tasks {
        use crate::given::{Task, say};
        use crate::hearth::decision::messages::Message;
        use crate::hearth::family::types::Day;

        pub fn propose(key: &str, role: &str, title: &Message, due: Day) {
            say(|said| said.tasks.push(Task { key: key.into(), role: role.into(), title: title.clone(), due }));
        }
    }
}

pub mod outcomes {
    pub mod findings {
        use serde::{Deserialize, Serialize};

        use crate::given::{Claim, say};
        use crate::hearth::decision::messages::Reason;
        use crate::hearth::family::types::{Day, Person, Window};

        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        pub struct Finding {
            pub criterion: String,
            pub person: Option<Person>,
            pub standing: String,
            pub window: Window,
            pub before: Option<i32>,
            pub now: Option<i32>,
            pub threshold: Option<i32>,
            pub reasons: Vec<Reason>,
            pub look_again: Option<Day>,
        }

        pub fn add(finding: &Finding) -> u32 {
            say(|said| {
                said.findings.push(finding.clone());
                u32::try_from(said.findings.len() - 1).expect("a few")
            })
        }

        pub fn claim(kind: &str, amount_pence: i64, entitled_on: Day, rests_on: &[u32]) {
            say(|said| said.claims.push(Claim { kind: kind.into(), amount_pence, entitled_on, rests_on: rests_on.into() }));
        }
    }
}

pub mod platform {
    pub mod run {
        pub fn as_of() -> i32 {
            crate::given::given(|given| given.as_of)
        }
    }

    pub mod calendar {
        use crate::given::given;
        use crate::hearth::family::types::{Absence, Day, Window};

        #[derive(Debug, Clone)]
        pub struct Term {
            pub name: String,
            pub window: Window,
        }

        pub fn add_months(days: &[Day], months: i32) -> Vec<Day> {
            days.iter().map(|day| crate::reckoning::add_months(*day, months)).collect()
        }

        pub fn months_to(last: Day, months: u32) -> Window {
            let back = -i32::try_from(months).expect("a few");
            Window { first: crate::reckoning::add_months(last + 1, back), last: Some(last) }
        }

        pub fn months_between(first: Day, until: Day) -> i32 {
            crate::reckoning::months_between(first, until)
        }

        pub fn read(texts: &[String]) -> Vec<Option<Day>> {
            texts.iter().map(|text| hearth_kit::day::from_iso(text)).collect()
        }

        pub fn working_days(window: Window) -> u32 {
            let last = window.last.expect("a window with an end");
            given(|given| crate::reckoning::working_days(window.first, last, &given.bank_holidays))
        }

        pub fn add_working_days(start: Day, count: i32) -> Day {
            given(|given| crate::reckoning::add_working_days(start, count, &given.bank_holidays))
        }

        pub fn terms(window: Window) -> Result<Vec<Term>, Absence> {
            given(|given| {
                let terms = given.terms.as_ref().ok_or_else(|| Absence { why: "not-supplied".into() })?;
                let shown = terms.iter().filter(|term| window.shares_a_day(term.first, Some(term.last)));
                Ok(shown.map(|t| Term { name: t.name.clone(), window: Window { first: t.first, last: Some(t.last) } }).collect())
            })
        }
    }

    pub mod settings {
        pub fn json() -> String {
            crate::given::given(|given| given.settings.clone())
        }
    }

    pub mod log {
        pub enum Level {
            Error,
        }

        /// Nobody listens.
        pub fn write(_level: Level, _message: &str) {}
    }
}
