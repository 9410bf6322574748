//! Which sections hold, or can reveal, what data protection law guards most. A help in deciding, not the decision: the authority
//! knows what it does with the answer.

/// How the law sees what an interface tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// UK GDPR, article 9.
    SpecialCategory,
    /// UK GDPR, article 10; allegations count (Data Protection Act 2018, section 11(2)).
    CriminalOffences,
    /// Neither in itself, and either can be inferred from it.
    CanReveal,
}

impl Mark {
    #[must_use]
    pub const fn says(self) -> &'static str {
        match self {
            Self::SpecialCategory => "Special category data (UK GDPR, article 9).",
            Self::CriminalOffences => "Data about criminal offences (UK GDPR, article 10).",
            Self::CanReveal => "Can reveal more than it says.",
        }
    }
}

use Mark::{CanReveal, CriminalOffences, SpecialCategory};

/// The marks of an interface, each with a line of why; none where it tells nothing of the kind.
#[must_use]
pub fn marks(interface: &str) -> &'static [(Mark, &'static str)] {
    match interface {
        "hearth:family/health" => &[(SpecialCategory, "Health needs, and appointments for them.")],
        "hearth:family/offending" => &[(CriminalOffences, "Offences and antisocial behaviour of members, alleged ones included.")],
        "hearth:family/abuse" => &[
            (CriminalOffences, "Who is said to have done it is an allegation of an offence."),
            (CanReveal, "An answer that rests on it can tell one member of a home what another sought help for."),
        ],
        "hearth:family/safeguarding" => {
            &[(CanReveal, "That a child is on a plan or looked after can reveal health, abuse or offences in the home.")]
        }
        "hearth:family/household" => &[(CanReveal, "Relationships can reveal somebody’s sexual orientation (article 9).")],
        "hearth:family/employment" => &[(CanReveal, "Benefits for sickness or disability reveal health (article 9).")],
        "hearth:family/housing" => &[(CanReveal, "A tenancy in a refuge reveals domestic abuse.")],
        "hearth:family/support" => {
            &[(CanReveal, "The kind of a service or worker can reveal health, substance use or offending (articles 9 and 10).")]
        }
        "hearth:family/assessments" => &[(CanReveal, "Scores in an area of life such as health reveal it (article 9).")],
        "hearth:family/notes" => &[(CanReveal, "What a note is about can be health or offending (articles 9 and 10).")],
        "hearth:family/provenance" => {
            &[(CanReveal, "That a health body or the police said a thing reveals what sort of thing it is (articles 9 and 10).")]
        }
        "hearth:decision/episode" => &[(CanReveal, "Problems found at entry name health, domestic abuse and crime (articles 9 and 10).")],
        "hearth:assessment/answers" => &[
            (SpecialCategory, "Where its forms ask for it: the counts of questions stand under the forms."),
            (CriminalOffences, "Where its forms ask for it; and what people wrote in their own words can hold anything."),
        ],
        "hearth:pathway/referral" => {
            &[(CanReveal, "The problems that a referral names can be health, abuse or crime (articles 9 and 10).")]
        }
        "hearth:pathway/happening" => &[(CanReveal, "The kind of an event can be an offence, a call-out or abuse (article 10).")],
        "hearth:commissioning/request" => &[(CanReveal, "The kind of help wanted can reveal health or offending (articles 9 and 10).")],
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::{INTERFACES, Purpose};

    #[test]
    fn every_interface_that_tells_of_a_family_is_judged() {
        // School, debts and what is covered hold neither; of identity only ages and schemes are told; the directory is of no family.
        let plain = ["education", "finance", "coverage", "identity", "directory"];
        for told in INTERFACES.iter().filter(|interface| interface.purpose == Purpose::Read) {
            let name = told.name.rsplit('/').next().unwrap();
            assert_ne!(marks(told.name).is_empty(), !plain.contains(&name), "{name}");
        }
        assert!(INTERFACES.iter().all(|i| marks(i.name).is_empty() || !matches!(i.purpose, Purpose::Propose | Purpose::Platform)));
    }
}
