//! How a run can go wrong, apart from answering "I cannot": what was hit, whose fault it is, in words for the author.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::record::KnownAt;

/// A failed run. Kept as a failure, never as a decision.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    #[error("the plugin stopped itself{}{}", because(.message), at(.place))]
    Trapped {
        /// The guest's own words, from its log: the kit's panic hook writes them.
        message: Option<String>,
        /// The innermost function of the guest that is known by name.
        place: Option<String>,
        /// The number of that function, or of the innermost of all, and how many bytes behind its beginning.
        code: Option<(u32, Option<usize>)>,
    },
    #[error("the plugin used its {budget} instructions without answering")]
    OutOfInstructions { budget: u64 },
    #[error("the plugin did not answer within {millis} ms")]
    OutOfTime { millis: u64 },
    #[error("the plugin needs more than the {bytes} bytes of memory it may have")]
    OutOfMemory { bytes: usize },
    #[error("the plugin went over a bound: {what} (at most {most})")]
    TooMuch { what: String, most: usize },
    #[error("the plugin said what cannot be: {what}")]
    Nonsense { what: String },
    #[error("this host could not run the plugin: {what}")]
    Host { what: String },
    /// Never begun.
    #[error("{most} questions of this authority wait already")]
    QueueFull { most: usize },
    /// Never begun.
    #[error("this authority has used up its {a_minute} instructions a minute; ask again in {again_seconds} s")]
    OverBudget { a_minute: u64, again_seconds: u64 },
    /// Never begun. `why` holds no word of the guest's.
    #[error("the plugin is parked since {since}, and is not asked: {why}")]
    Parked { since: KnownAt, why: String },
}

fn because(message: &Option<String>) -> String {
    message.as_ref().map(|m| format!(": {m}")).unwrap_or_default()
}

fn at(place: &Option<String>) -> String {
    place.as_ref().map(|p| format!(" (in {p})")).unwrap_or_default()
}

/// Who has to act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Blame {
    /// The plugin's author.
    Guest,
    /// Whoever runs this host.
    Host,
    /// The authority, whose plugins use more than its share: nothing is broken.
    Authority,
}

impl Blame {
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Guest => "guest",
            Self::Host => "host",
            Self::Authority => "authority",
        }
    }
}

impl Fault {
    /// A word that stays: the end of the problem's `type`, and what a run's outcome is stored as.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Trapped { .. } => "plugin-trapped",
            Self::OutOfInstructions { .. } => "plugin-out-of-instructions",
            Self::OutOfTime { .. } => "plugin-out-of-time",
            Self::OutOfMemory { .. } => "plugin-out-of-memory",
            Self::TooMuch { .. } => "plugin-over-a-bound",
            Self::Nonsense { .. } => "plugin-answer-refused",
            Self::Host { .. } => "host-could-not-run",
            Self::QueueFull { .. } => "authority-queue-full",
            Self::OverBudget { .. } => "authority-over-budget",
            Self::Parked { .. } => "plugin-parked",
        }
    }

    /// What anybody may be told. What the guest said is not in it: its log lines and the words that were refused may hold what
    /// the reader may not see; they are kept with the run, for the plugin's author inside the authority.
    #[must_use]
    pub fn in_public(&self) -> String {
        match self {
            Self::Trapped { .. } => "the plugin stopped itself".to_owned(),
            Self::Nonsense { .. } => "the plugin said what cannot be".to_owned(),
            other => other.to_string(),
        }
    }

    #[must_use]
    pub const fn blame(&self) -> Blame {
        match self {
            Self::Host { .. } => Blame::Host,
            Self::QueueFull { .. } | Self::OverBudget { .. } => Blame::Authority,
            _ => Blame::Guest,
        }
    }

    /// Who has to act where a run that was begun ended so; nobody where it answered.
    #[must_use]
    pub fn blame_of(code: &str) -> Option<Blame> {
        match code {
            "answered" => None,
            "host-could-not-run" => Some(Blame::Host),
            _ => Some(Blame::Guest),
        }
    }

    /// Where in the plugin's code it stopped, by its own names, or by number: `rules::attendance+0x1f`, `function 12+0x1f`. Nothing that it was given.
    #[must_use]
    pub fn place(&self) -> Option<String> {
        let Self::Trapped { place, code: Some((number, offset)), .. } = self else { return None };
        let function = place.clone().unwrap_or_else(|| format!("function {number}"));
        Some(offset.map_or_else(|| function.clone(), |offset| format!("{function}+{offset:#x}")))
    }

    /// Was the plugin asked at all?
    #[must_use]
    pub const fn was_run(&self) -> bool {
        !matches!(self, Self::QueueFull { .. } | Self::OverBudget { .. } | Self::Parked { .. })
    }
}

/// Ends the run from inside a host function. The guest cannot catch it; it comes out of wasmtime with its type.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Stop {
    #[error("{0}")]
    Nonsense(String),
    #[error("{what}: more than {most}")]
    TooMuch { what: &'static str, most: usize },
    /// WASI's `exit`.
    #[error("it called exit instead of answering")]
    Exited,
}

/// Ends the run: the guest said `what`, which cannot be.
pub(crate) fn nonsense<T>(what: impl Into<String>) -> anyhow::Result<T> {
    Err(Stop::Nonsense(what.into()).into())
}
