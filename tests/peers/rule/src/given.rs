//! What a peer is given and what it answers: the answer in the shape in which Hearth keeps its own, days as the interface counts them.

use std::cell::RefCell;
use std::rc::Rc;

use serde::{Deserialize, Serialize};

use crate::hearth::decision::messages::{Failure, Message};
use crate::hearth::outcomes::findings::Finding;

/// The sections that the rule is granted, and what is asked about them. Days are counted since 1970-01-01.
#[derive(Debug, Serialize, Deserialize)]
pub struct Given {
    pub as_of: i32,
    /// JSON, as the interface gives it.
    pub settings: String,
    /// In order, none on a weekend.
    pub bank_holidays: Vec<i32>,
    pub terms: Option<Vec<Named>>,
    /// Kind, and day entitled.
    pub claims: Vec<(String, i32)>,
    /// Born on, by handle.
    pub people: Vec<Option<i32>>,
    pub members: Vec<Member>,
    pub attendances: Vec<Attendance>,
    /// No two statements about one person and kind share a day.
    pub coverage: Vec<Statement>,
    pub stays: Vec<Stay>,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct Named {
    pub name: String,
    pub first: i32,
    pub last: i32,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct Member {
    pub fact: u32,
    pub person: u32,
    pub resident: bool,
    pub first: i32,
    pub last: Option<i32>,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct Attendance {
    pub fact: u32,
    pub person: u32,
    pub first: i32,
    pub last: Option<i32>,
    pub possible: u16,
    pub attended: u16,
    pub unauthorised: u16,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct Statement {
    pub person: Option<u32>,
    /// Education's are all that this rule asks for.
    pub kind: String,
    pub first: i32,
    pub last: i32,
    pub state: String,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct Stay {
    pub fact: u32,
    pub first: i32,
    pub last: Option<i32>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    pub result: Verdict,
    pub findings: Vec<Finding>,
    pub claims: Vec<Claim>,
    pub tasks: Vec<Task>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    Answered(String),
    Refused(Failure),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    pub kind: String,
    pub amount_pence: i64,
    pub entitled_on: i32,
    pub rests_on: Vec<u32>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    pub key: String,
    pub role: String,
    pub title: Message,
    pub due: i32,
}

/// What one question has said so far.
#[derive(Default)]
pub(crate) struct Said {
    pub findings: Vec<Finding>,
    pub claims: Vec<Claim>,
    pub tasks: Vec<Task>,
}

thread_local! {
    static GIVEN: RefCell<Option<Rc<Given>>> = const { RefCell::new(None) };
    static SAID: RefCell<Said> = RefCell::default();
}

pub(crate) fn asked(given: Rc<Given>, question: fn() -> Result<String, Failure>) -> Answer {
    GIVEN.set(Some(given));
    let result = match question() {
        Ok(code) => Verdict::Answered(code),
        Err(failure) => Verdict::Refused(failure),
    };
    let Said { findings, claims, tasks } = SAID.take();
    Answer { result, findings, claims, tasks }
}

pub(crate) fn given<T>(read: impl FnOnce(&Given) -> T) -> T {
    GIVEN.with_borrow(|given| read(given.as_ref().expect("a question is being asked")))
}

pub(crate) fn say<T>(write: impl FnOnce(&mut Said) -> T) -> T {
    SAID.with_borrow_mut(write)
}
