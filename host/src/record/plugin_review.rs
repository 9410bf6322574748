//! What an authority asks for before a plugin decides anything: who approves, by which law each section may be read, and when a version
//! that fails goes back by itself.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Invalid;
use super::sharing::codes;

codes! {
    /// Who has to say yes.
    Approval "a way of approving plugins" {
        TwoPeople "two-people" "Each section by a named person, and all of it by a second";
        OnePerson "one-person" "Whoever may activate it; for demonstrations, and where there is one person";
    }
}

codes! {
    /// A lawful basis: UK GDPR, article 6(1)(a) to (f).
    LawfulBasis "a lawful basis" {
        Consent "consent" "Consent: article 6(1)(a)";
        Contract "contract" "A contract: article 6(1)(b)";
        LegalObligation "legal-obligation" "A legal obligation: article 6(1)(c)";
        VitalInterests "vital-interests" "Vital interests: article 6(1)(d)";
        PublicTask "public-task" "A task in the public interest, or official authority: article 6(1)(e)";
        LegitimateInterests "legitimate-interests" "Legitimate interests, which a council's own tasks are not: article 6(1)(f)";
    }
}

codes! {
    /// A condition for what is guarded most: UK GDPR, article 9(2)(a) to (j), or article 10.
    Condition "a condition for guarded data" {
        ExplicitConsent "explicit-consent" "Explicit consent: article 9(2)(a)";
        SocialProtection "social-protection" "Employment, social security and social protection: article 9(2)(b)";
        VitalInterestsIncapable "vital-interests-incapable" "Vital interests of somebody who cannot consent: article 9(2)(c)";
        NotForProfit "not-for-profit" "Members of a body that is not for profit: article 9(2)(d)";
        MadePublic "made-public" "Made public by whom it is about: article 9(2)(e)";
        LegalClaims "legal-claims" "Legal claims: article 9(2)(f)";
        SubstantialPublicInterest "substantial-public-interest" "Substantial public interest, safeguarding for one: article 9(2)(g)";
        HealthOrSocialCare "health-or-social-care" "Health or social care: article 9(2)(h)";
        PublicHealth "public-health" "Public health: article 9(2)(i)";
        Research "research" "Archiving, research, statistics: article 9(2)(j)";
        OfficialAuthority "official-authority" "Under the control of official authority: article 10";
        AuthorisedByLaw "authorised-by-law" "Authorised by law, with a condition of the Data Protection Act 2018, schedule 1: article 10";
    }
}

impl Condition {
    /// Of article 10: criminal offences.
    #[must_use]
    pub const fn of_offences(self) -> bool {
        matches!(self, Self::OfficialAuthority | Self::AuthorisedByLaw)
    }
}

/// When a version that was activated goes back to the one before by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Watch {
    /// Failures among the last `of_last` runs since it was activated; 0: it never does.
    pub failures: u32,
    /// 1 to 200.
    pub of_last: u32,
}

impl Default for Watch {
    /// Sooner than it would be parked.
    fn default() -> Self {
        Self { failures: 3, of_last: 20 }
    }
}

/// What an authority asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReviewRules {
    pub approval: Approval,
    #[serde(default)]
    pub watch: Watch,
}

impl Default for ReviewRules {
    fn default() -> Self {
        Self { approval: Approval::TwoPeople, watch: Watch::default() }
    }
}

/// Runs that are looked at, at most.
const MOST_RUNS: u32 = 200;

impl ReviewRules {
    /// # Errors
    /// [`Invalid`] naming the field.
    pub fn check(&self) -> Result<(), Invalid> {
        if !(1..=MOST_RUNS).contains(&self.watch.of_last) {
            return Err(Invalid::new("watch.of_last", format!("is 1 to {MOST_RUNS}")));
        }
        if self.watch.failures > self.watch.of_last {
            return Err(Invalid::new("watch.failures", "is more than the runs that are looked at"));
        }
        Ok(())
    }
}
