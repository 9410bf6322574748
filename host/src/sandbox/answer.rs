//! What a run said, as it is kept: handles, codes and numbers in the order in which they were said. Its JSON is canonical
//! (fields in a fixed order, no maps, no floats), so that a replay can be compared byte for byte.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::record::sections::Handle;
use crate::record::{Day, Digest, Section, Window, canonical};

/// What a plugin can be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Question {
    /// `hearth:outcomes/rules.eligibility`
    Eligibility,
    /// `hearth:outcomes/rules.progress`
    Progress,
}

impl Question {
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Eligibility => "eligibility",
            Self::Progress => "progress",
        }
    }

    /// The code list that its answers are from.
    #[must_use]
    pub const fn answers(self) -> &'static str {
        match self {
            Self::Eligibility => "eligibilities",
            Self::Progress => "outcomes",
        }
    }

    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Eligibility, Self::Progress].into_iter().find(|q| q.code() == code)
    }
}

/// Everything that one run said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    pub question: Question,
    pub result: Verdict,
    pub findings: Vec<Finding>,
    pub claims: Vec<Claim>,
    pub tasks: Vec<Task>,
    /// The sections whose facts were handed over. Who may not see these sees at most the bare result.
    pub delivered: Vec<Section>,
}

impl Answer {
    /// The canonical bytes, and their name.
    #[must_use]
    pub fn encode(&self) -> (Digest, Vec<u8>) {
        canonical(self)
    }

    /// The answer's code, or why there is none.
    #[must_use]
    pub fn code(&self) -> &str {
        match &self.result {
            Verdict::Answered(code) => code,
            Verdict::Refused(failure) => &failure.why,
        }
    }
}

/// An answer, or a deliberate "I cannot".
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    Answered(String),
    Refused(Failure),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// Code list failures.
    pub why: String,
    pub message: Option<Message>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    pub criterion: String,
    pub person: Option<Handle>,
    /// Code list standings.
    pub standing: String,
    pub window: Window,
    /// Tenths of the criterion's unit; so are the next two.
    pub before: Option<i32>,
    pub now: Option<i32>,
    pub threshold: Option<i32>,
    pub reasons: Vec<Reason>,
    pub look_again: Option<Day>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// Code list claims.
    pub kind: String,
    pub amount_pence: i64,
    pub entitled_on: Day,
    /// Positions in the findings.
    pub rests_on: Vec<u32>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    pub key: String,
    /// Code list roles.
    pub role: String,
    pub title: Message,
    pub due: Day,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    pub message: Message,
    pub rests_on: Vec<Basis>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    pub template: String,
    /// In the order in which the template declares them.
    pub args: Vec<(String, Arg)>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Arg {
    Person(Handle),
    Fact(Handle),
    Day(Day),
    Count(i64),
    Pence(i64),
    Tenths(i32),
    Code(String),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Basis {
    Fact(Handle),
    Searched(Search),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Search {
    pub section: String,
    pub kind: String,
    pub window: Window,
    pub found: u32,
}
