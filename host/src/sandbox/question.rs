//! What a plugin can be asked, and through which of its exported interfaces.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a plugin may offer. A component may offer any of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ExtensionPoint {
    Assessment,
    Outcomes,
    Pathway,
    Commissioning,
}

impl ExtensionPoint {
    pub const ALL: [Self; 4] = [Self::Assessment, Self::Outcomes, Self::Pathway, Self::Commissioning];

    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Assessment => "assessment",
            Self::Outcomes => "outcomes",
            Self::Pathway => "pathway",
            Self::Commissioning => "commissioning",
        }
    }

    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|p| p.code() == code)
    }

    /// The interface that a component exports to offer it, without version.
    #[must_use]
    pub const fn interface(self) -> &'static str {
        match self {
            Self::Assessment => "hearth:assessment/evaluation",
            Self::Outcomes => "hearth:outcomes/rules",
            Self::Pathway => "hearth:pathway/steps",
            Self::Commissioning => "hearth:commissioning/buying",
        }
    }

    /// What it asks, in plain words.
    #[must_use]
    pub const fn asks(self) -> &'static str {
        match self {
            Self::Assessment => "what do the answers to a form come to?",
            Self::Outcomes => "is a family eligible, and what has it achieved?",
            Self::Pathway => "what becomes of a referral, what follows from an event, who takes the family?",
            Self::Commissioning => "who could help, is a contract within the rules, what is due, does it go on?",
        }
    }
}

/// Exported beside an assessment plugin's evaluation, where answers to an older form can be carried over.
pub const MIGRATION: &str = "hearth:assessment/migration";

macro_rules! questions {
    ($($name:ident $code:literal $point:ident $list:literal, $function:literal;)*) => {
        /// What a plugin can be asked.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
        #[serde(rename_all = "kebab-case")]
        pub enum Question { $(#[doc = $function] $name),* }

        impl Question {
            pub const ALL: &[Self] = &[$(Self::$name),*];

            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code),* }
            }

            #[must_use]
            pub const fn extension_point(self) -> ExtensionPoint {
                match self { $(Self::$name => ExtensionPoint::$point),* }
            }

            /// The code list that its answers are from.
            #[must_use]
            pub const fn answers(self) -> &'static str {
                match self { $(Self::$name => $list),* }
            }
        }
    };
}

questions! {
    Evaluate "evaluate" Assessment "assessment-results", "`hearth:assessment/evaluation.evaluate`";
    MigrateAnswers "migrate-answers" Assessment "migrations", "`hearth:assessment/migration.migrate-answers`";
    Eligibility "eligibility" Outcomes "eligibilities", "`hearth:outcomes/rules.eligibility`";
    Progress "progress" Outcomes "outcomes", "`hearth:outcomes/rules.progress`";
    Triage "triage" Pathway "triages", "`hearth:pathway/steps.triage`";
    OnEvent "on-event" Pathway "event-answers", "`hearth:pathway/steps.on-event`";
    Allocate "allocate" Pathway "allocations", "`hearth:pathway/steps.allocate`";
    Shortlist "shortlist" Commissioning "shortlists", "`hearth:commissioning/buying.shortlist`";
    CheckContract "check-contract" Commissioning "contract-checks", "`hearth:commissioning/buying.check-contract`";
    Payment "payment" Commissioning "payments", "`hearth:commissioning/buying.payment`";
    Review "review" Commissioning "reviews", "`hearth:commissioning/buying.review`";
}

impl Question {
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|q| q.code() == code)
    }

    /// The interface that a component exports to answer it, without version; the function has the question's code.
    #[must_use]
    pub const fn interface(self) -> &'static str {
        match self {
            Self::MigrateAnswers => MIGRATION,
            _ => self.extension_point().interface(),
        }
    }

    /// Is it about a family? A contract is about none.
    #[must_use]
    pub const fn about_a_family(self) -> bool {
        !matches!(self, Self::CheckContract | Self::Payment | Self::Review)
    }
}
