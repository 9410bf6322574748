//! What a run said, as it is kept: handles, codes and numbers in the order in which they were said. Its JSON is canonical
//! (fields in a fixed order, no maps, no floats), so that a replay can be compared byte for byte.

use serde::{Deserialize, Serialize};

use super::Question;
use super::matter::AnswerValue;
use crate::record::sections::Handle;
use crate::record::{Day, Digest, Section, Window, canonical};

/// Everything that one run said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    pub question: Question,
    pub result: Verdict,
    pub findings: Vec<Finding>,
    pub claims: Vec<Claim>,
    pub tasks: Vec<Task>,
    /// What other extension points than outcomes report. Numbered from 0, as findings are.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reported: Vec<Reported>,
    /// Proposals other than tasks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub actions: Vec<Action>,
    /// The sections whose facts were handed over. Who may not see these sees at most the bare result.
    pub delivered: Vec<Section>,
}

impl Answer {
    /// An answer of which only its code is left.
    #[must_use]
    pub const fn bare(question: Question, code: String) -> Self {
        Self {
            question,
            result: Verdict::Answered(code),
            findings: Vec::new(),
            claims: Vec::new(),
            tasks: Vec::new(),
            reported: Vec::new(),
            actions: Vec::new(),
            delivered: Vec::new(),
        }
    }

    /// Every reason that it gives: of findings, of what is reported, of what is proposed.
    pub fn reasons(&self) -> impl Iterator<Item = &Reason> {
        let findings = self.findings.iter().flat_map(|f| &f.reasons);
        findings.chain(self.reported.iter().flat_map(Reported::reasons)).chain(self.actions.iter().flat_map(Action::reasons))
    }

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

/// One report of an assessment, pathway or commissioning plugin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "report", rename_all = "kebab-case", rename_all_fields = "snake_case")]
pub enum Reported {
    /// In tenths, as `Distance`.
    Score {
        domain: String,
        person: Option<Handle>,
        value: i32,
        least: i32,
        most: i32,
        higher_is_better: bool,
        reasons: Vec<Reason>,
    },
    Distance {
        domain: String,
        person: Option<Handle>,
        before: i32,
        now: i32,
        since: Day,
        reasons: Vec<Reason>,
    },
    Need {
        need: String,
        person: Option<Handle>,
        reasons: Vec<Reason>,
    },
    Tier {
        tier: String,
        reasons: Vec<Reason>,
    },
    Remark {
        question: String,
        person: Option<Handle>,
        item: Option<u32>,
        wrong: bool,
        message: Message,
    },
    /// An answer carried over to a newer form.
    Put {
        question: String,
        person: Option<Handle>,
        item: Option<u32>,
        value: AnswerValue,
    },
    Level {
        level: String,
        reasons: Vec<Reason>,
    },
    Route {
        route: String,
        reasons: Vec<Reason>,
    },
    Priority {
        priority: String,
        reasons: Vec<Reason>,
    },
    Rank {
        worker: Handle,
        place: u32,
        reasons: Vec<Reason>,
    },
    Suggest {
        service: Handle,
        place: u32,
        reasons: Vec<Reason>,
    },
    /// As plugins of release 0.9 say it.
    Rule {
        criterion: String,
        kept: bool,
        reasons: Vec<Reason>,
    },
    /// A rule of a contract. `standing`: code list standings.
    Judged {
        criterion: String,
        standing: String,
        reasons: Vec<Reason>,
    },
    Line {
        kind: String,
        family: Option<Handle>,
        amount_pence: i64,
        reasons: Vec<Reason>,
    },
    ReviewAgain {
        on: Day,
        reasons: Vec<Reason>,
    },
}

impl Reported {
    /// `score`, `level`, ….
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Score { .. } => "score",
            Self::Distance { .. } => "distance",
            Self::Need { .. } => "need",
            Self::Tier { .. } => "tier",
            Self::Remark { .. } => "remark",
            Self::Put { .. } => "put",
            Self::Level { .. } => "level",
            Self::Route { .. } => "route",
            Self::Priority { .. } => "priority",
            Self::Rank { .. } => "rank",
            Self::Suggest { .. } => "suggest",
            Self::Rule { .. } | Self::Judged { .. } => "rule",
            Self::Line { .. } => "line",
            Self::ReviewAgain { .. } => "review-again",
        }
    }

    #[must_use]
    pub fn reasons(&self) -> &[Reason] {
        match self {
            Self::Score { reasons, .. }
            | Self::Distance { reasons, .. }
            | Self::Need { reasons, .. }
            | Self::Tier { reasons, .. }
            | Self::Level { reasons, .. }
            | Self::Route { reasons, .. }
            | Self::Priority { reasons, .. }
            | Self::Rank { reasons, .. }
            | Self::Suggest { reasons, .. }
            | Self::Rule { reasons, .. }
            | Self::Judged { reasons, .. }
            | Self::Line { reasons, .. }
            | Self::ReviewAgain { reasons, .. } => reasons,
            Self::Remark { .. } | Self::Put { .. } => &[],
        }
    }
}

/// A proposal that is no task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "kebab-case", rename_all_fields = "snake_case")]
pub enum Action {
    OpenEpisode { reasons: Vec<Reason> },
    CloseEpisode { why: String, reasons: Vec<Reason> },
    MoveToStage { stage: String, reasons: Vec<Reason> },
    SetTier { tier: String, reasons: Vec<Reason> },
    Meeting { key: String, meeting: String, on: Day, invited: Vec<String>, about: Message },
    Notice { key: String, to: String, about: Message, by: Day },
    AssessmentRequest { key: String, form: String, person: Option<Handle>, due: Day, title: Message },
    Goal { key: String, domain: String, person: Option<Handle>, title: Message, due: Day },
    ServiceRequest { key: String, kind: String, service: Option<Handle>, person: Option<Handle>, title: Message, by: Day },
    ConsentRequest { key: String, sections: Vec<String>, to: String, person: Option<Handle>, title: Message, by: Day },
}

impl Action {
    /// Code list actions.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::OpenEpisode { .. } => "open-episode",
            Self::CloseEpisode { .. } => "close-episode",
            Self::MoveToStage { .. } => "move-to-stage",
            Self::SetTier { .. } => "set-tier",
            Self::Meeting { .. } => "meeting",
            Self::Notice { .. } => "notice",
            Self::AssessmentRequest { .. } => "assessment-request",
            Self::Goal { .. } => "goal",
            Self::ServiceRequest { .. } => "service-request",
            Self::ConsentRequest { .. } => "consent-request",
        }
    }

    fn reasons(&self) -> &[Reason] {
        match self {
            Self::OpenEpisode { reasons } => reasons,
            Self::CloseEpisode { reasons, .. } | Self::MoveToStage { reasons, .. } | Self::SetTier { reasons, .. } => reasons,
            _ => &[],
        }
    }

    /// Its name within the installation and family. Of an episode there is one of each kind.
    #[must_use]
    pub fn key(&self) -> &str {
        match self {
            Self::OpenEpisode { .. } | Self::CloseEpisode { .. } | Self::MoveToStage { .. } | Self::SetTier { .. } => self.kind(),
            Self::Meeting { key, .. }
            | Self::Notice { key, .. }
            | Self::AssessmentRequest { key, .. }
            | Self::Goal { key, .. }
            | Self::ServiceRequest { key, .. }
            | Self::ConsentRequest { key, .. } => key,
        }
    }
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

impl Message {
    /// Whether only what the run was given says whom or what it names.
    #[must_use]
    pub fn names_what_was_given(&self) -> bool {
        self.args.iter().any(|(_, arg)| matches!(arg, Arg::Person(_) | Arg::Fact(_) | Arg::Service(_) | Arg::Organisation(_)))
    }
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
    Named(String),
    Service(Handle),
    Organisation(Handle),
    Worker(Handle),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Basis {
    Fact(Handle),
    Searched(Search),
    /// The number of a finding or report before it.
    Reported(u32),
    Setting(String),
    Table(String),
    /// All that was answered to a question of the form, this time.
    Answered(String),
    Cited(Cited),
    Asked,
    /// A section that the run asked for and was not told.
    NotTold(String),
    /// Code list sources.
    Read(String),
}

/// Whose answer to a question of the form, of which item, or of the time before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cited {
    pub question: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<Handle>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item: Option<u32>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub before: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Search {
    pub section: String,
    pub kind: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<Handle>,
    pub window: Window,
    pub found: u32,
}
