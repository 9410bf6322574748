//! How long each section is kept. The periods are the authority's to set (UK GDPR, article 5(1)(e)); what stands here is where one begins
//! that has set none, each with where it is from.

use super::{Day, Detail, Fact, Section};

/// For how long a section is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keep {
    /// After the day on which the family's help ended.
    pub years: u16,
    /// And until the youngest of whom a birth date is known is so old.
    pub until_age: Option<u8>,
}

const SIX: Keep = Keep { years: 6, until_age: None };
const SIX_AND_25: Keep = Keep { years: 6, until_age: Some(25) };
const THIRTY_FIVE: Keep = Keep { years: 35, until_age: Some(25) };

const LIMITATION: &str = "six years after the case is closed: Limitation Act 1980, as in council schedules (Derbyshire, May 2024: CASE+6)";
const CHILDREN: &str = "and until 25: a child may claim after coming of age (Derbyshire, May 2024: DOB+25)";
const PROTECTION: &str = "child protection, 35 years after the last contact (Blackpool, children's services schedule)";
const WHOSE: &str = "as long as the longest of the others: without it nobody knows whose they are";

/// Where an authority begins that has set nothing, and where that is from.
#[must_use]
pub const fn default_of(section: Section) -> (Keep, &'static str) {
    match section {
        Section::Household | Section::Identity => (THIRTY_FIVE, WHOSE),
        Section::Safeguarding | Section::Abuse => (THIRTY_FIVE, PROTECTION),
        Section::Education | Section::Health | Section::Support | Section::Assessments | Section::Notes => (SIX_AND_25, CHILDREN),
        Section::Offending | Section::Employment | Section::Housing | Section::Finance => (SIX, LIMITATION),
    }
}

/// When a family's help ended and how old its people are: what periods are counted from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ended {
    pub on: Day,
    pub youngest: Option<Day>,
}

impl Ended {
    /// Of all that is known of a family. None: an episode is open, or nothing is known.
    #[must_use]
    pub fn of(facts: &[Fact]) -> Option<Self> {
        let episodes: Vec<_> = facts.iter().filter(|f| matches!(f.detail, Detail::Episode(_))).map(|f| f.window.last).collect();
        let on = if episodes.is_empty() {
            facts.iter().map(|f| f.known_at.day()).max()?
        } else {
            episodes.into_iter().collect::<Option<Vec<Day>>>()?.into_iter().max()?
        };
        let births = facts.iter().filter_map(|f| if let Detail::Birth(birth) = &f.detail { birth.day().ok() } else { None });
        Some(Self { on, youngest: births.max() })
    }

    /// The last day for which a section is kept. Where nobody's birth date is known, as if somebody had just been born.
    #[must_use]
    pub fn kept_until(&self, keep: Keep) -> Day {
        let years = self.on.plus_months(i32::from(keep.years) * 12).unwrap_or(Day::LAST);
        let age = keep.until_age.map(|age| self.youngest.unwrap_or(self.on).birthday(age).unwrap_or(Day::LAST));
        age.map_or(years, |age| age.max(years))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_is_kept_for_its_years_and_until_the_youngest_is_old_enough() {
        let day = |text: &str| text.parse::<Day>().unwrap();
        //  help ended | youngest born | years | until | kept until
        for (ended, born, years, age, until) in [
            ("2020-03-31", None, 6, None, "2026-03-31"),
            ("2020-03-31", Some("2012-05-06"), 6, None, "2026-03-31"),
            ("2020-03-31", Some("2012-05-06"), 6, Some(25), "2037-05-06"),
            ("2020-03-31", Some("1970-05-06"), 6, Some(25), "2026-03-31"),
            ("2020-03-31", None, 6, Some(25), "2045-03-31"),
            ("2020-02-29", None, 1, None, "2021-02-28"),
        ] {
            let ended = Ended { on: day(ended), youngest: born.map(day) };
            assert_eq!(ended.kept_until(Keep { years, until_age: age }), day(until), "{ended:?} {years} {age:?}");
        }
    }
}
