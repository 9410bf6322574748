//! What may be shared, for what, and by which law: the words of agreements, and sets of sections.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Invalid, Section};

/// Some sections of the record, as a number with a bit for each in the order of [`Section::ALL`]: what the database keeps.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sections(u16);

impl Sections {
    pub const NONE: Self = Self(0);
    pub const ALL: Self = Self((1 << Section::ALL.len()) - 1);

    const fn bit(section: Section) -> u16 {
        1 << section as u16
    }

    #[must_use]
    pub const fn has(self, section: Section) -> bool {
        self.0 & Self::bit(section) != 0
    }

    #[must_use]
    pub const fn covers(self, others: Self) -> bool {
        others.0 & !self.0 == 0
    }

    #[must_use]
    pub const fn and(self, others: Self) -> Self {
        Self(self.0 | others.0)
    }

    #[must_use]
    pub const fn in_both(self, others: Self) -> Self {
        Self(self.0 & others.0)
    }

    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// In the order of [`Section::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Section> {
        Section::ALL.iter().copied().filter(move |s| self.has(*s))
    }

    /// Those that are not among these.
    pub fn missing(self) -> impl Iterator<Item = Section> {
        Section::ALL.iter().copied().filter(move |s| !self.has(*s))
    }

    #[must_use]
    pub const fn number(self) -> i64 {
        self.0 as i64
    }

    #[must_use]
    pub fn from_number(number: i64) -> Option<Self> {
        u16::try_from(number).ok().map(Self).filter(|s| Self::ALL.covers(*s))
    }
}

impl FromIterator<Section> for Sections {
    fn from_iter<I: IntoIterator<Item = Section>>(sections: I) -> Self {
        sections.into_iter().fold(Self::NONE, |all, s| Self(all.0 | Self::bit(s)))
    }
}

macro_rules! codes {
    ($(#[$doc:meta])* $name:ident $what:literal { $($(#[$is:meta])* $variant:ident $code:literal $says:literal;)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
        #[serde(rename_all = "kebab-case")]
        pub enum $name { $($(#[$is])* $variant),* }

        impl $name {
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code),* }
            }

            /// In words.
            #[must_use]
            pub const fn says(self) -> &'static str {
                match self { $(Self::$variant => $says),* }
            }

            /// The number that stands for it in a set.
            #[must_use]
            pub const fn bit(self) -> i64 {
                1 << self as i64
            }
        }

        impl FromStr for $name {
            type Err = Invalid;
            fn from_str(text: &str) -> Result<Self, Invalid> {
                Self::ALL.iter().copied().find(|c| c.code() == text).ok_or_else(|| {
                    let known: Vec<_> = Self::ALL.iter().map(|c| c.code()).collect();
                    Invalid::new("", format!("{} is not {} ({})", $crate::record::told_back(text), $what, known.join(", ")))
                })
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.code())
            }
        }
    };
}
pub(crate) use codes;

codes! {
    /// Why somebody reads a family's record (UK GDPR, article 5(1)(b)).
    Purpose "a purpose" {
        Casework "casework" "helping the family";
        Supervision "supervision" "overseeing somebody's work with the family";
        Claims "claims" "claiming results";
        DataQuality "data-quality" "keeping the record right";
        Audit "audit" "checking who did what";
        SubjectAccess "subject-access" "answering somebody who asks what is held about them";
        Emergency "emergency" "something that cannot wait";
        Referral "referral" "a service that the family is referred to";
        Statistics "statistics" "counting, with nobody named";
    }
}

codes! {
    /// The law that an agreement to share rests on.
    Basis "a legal basis" {
        /// UK GDPR, article 6(1)(a).
        Consent "consent" "consent";
        /// Children Act 1989, sections 17 and 47; Children Act 2004, sections 10 and 11.
        ChildProtection "child-protection" "the protection of children";
        /// Digital Economy Act 2017, section 35: finding the families who are to be offered help.
        IdentificationGateway "identification-gateway" "the gateway for identifying families";
        /// Crime and Disorder Act 1998, section 115.
        CrimeAndDisorder "crime-and-disorder" "the prevention of crime and disorder";
        /// UK GDPR, article 6(1)(c).
        LegalObligation "legal-obligation" "a legal obligation";
    }
}

impl Basis {
    /// Is nothing shared until the family, or the person, agrees? Elsewhere they are told, and what they object to is kept.
    #[must_use]
    pub const fn needs_consent(self) -> bool {
        matches!(self, Self::Consent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_of_sections_is_the_number_that_the_database_keeps() {
        let some: Sections = [Section::Household, Section::Education, Section::Notes].into_iter().collect();
        assert_eq!(some.number(), 1 + 2 + 4096, "the bits that migrations write");
        assert_eq!(Sections::from_number(some.number()), Some(some));
        assert_eq!(Sections::from_number(1 << 13), None, "there are thirteen");
        assert_eq!(some.iter().chain(some.missing()).count(), Section::ALL.len());
        assert!(Sections::ALL.covers(some) && !some.covers(Sections::ALL) && some.covers(Sections::NONE));
    }

    #[test]
    fn sections_stand_in_the_order_of_their_bits() {
        for (i, section) in Section::ALL.iter().enumerate() {
            assert_eq!(std::iter::once(*section).collect::<Sections>().number(), 1 << i, "{}", section.code());
        }
    }
}
