//! Same, different, or ask a person.
//!
//! | rule, above the sum of weights | because |
//! |---|---|
//! | without a birth date that agrees (the same, swapped, a slip, to the month) or a number that does, nobody is matched by machine | father and son of one name live at one address |
//! | another given name, or a first letter alone, is never matched by machine, unless a number agrees, and then a person looks | twins share all else |
//! | a number that agrees is doubted where name and birth date both speak against it | a number is mistyped, or was a sibling's |
//! | a number that differs is never outweighed by machine | it is what tells apart two of one name |
//! | where the second best is near the best, a person looks | two people of one name and age |

use super::profile::Profile;
use super::weigh::{Agreement, Level, compare_near, weight};

/// From which weight on, in tenths of a bit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Thresholds {
    /// Two statements are about the same person.
    pub same: i32,
    /// A person is asked.
    pub ask: i32,
}

impl Thresholds {
    /// What prior odds of one in 400,000 (18.6 bits) leave for odds of forty to one that the two are one, and of one to three. A given
    /// name and a birth date alone weigh 16.5: among some hundred thousand people every fifth stranger has them of somebody, and is not asked about.
    pub const USUAL: Self = Self { same: 240, ask: 170 };
    /// What may be set.
    pub const LEAST: i32 = 0;
    pub const MOST: i32 = 600;
}

impl Default for Thresholds {
    fn default() -> Self {
        Self::USUAL
    }
}

/// By so much the best has to be before the second.
const AHEAD: i32 = 60;
/// So many are shown to whoever decides.
const MOST_SHOWN: usize = 5;

/// Somebody of the record who may be meant, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate<Id> {
    pub id: Id,
    /// In tenths of a bit.
    pub weight: i32,
    pub agreements: Vec<Agreement>,
}

/// What is to be done with a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer<Id> {
    Same(Candidate<Id>),
    /// The likeliest first.
    Ask(Vec<Candidate<Id>>),
    /// The record knows nobody who may be meant.
    Different,
}

/// Whether one may be matched by machine, asked about, or is another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Standing {
    Different,
    Ask,
    Same,
}

/// Compares a row with everybody who may be meant.
#[must_use]
pub fn decide<'a, Id: Copy>(row: &Profile, among: impl IntoIterator<Item = (Id, &'a Profile)>, thresholds: Thresholds) -> Answer<Id> {
    let mut found: Vec<(Standing, Candidate<Id>)> = Vec::new();
    for (id, profile) in among {
        let Some(agreements) = compare_near(row, profile, thresholds.ask.min(thresholds.same)) else { continue };
        let candidate = Candidate { id, weight: weight(&agreements), agreements };
        let standing = standing(&candidate.agreements, candidate.weight, thresholds);
        if standing > Standing::Different {
            found.push((standing, candidate));
        }
    }
    found.sort_by_key(|(standing, candidate)| std::cmp::Reverse((*standing, candidate.weight)));
    let near = found.get(1).is_some_and(|(_, second)| second.weight + AHEAD > found[0].1.weight);
    match found.first() {
        None => Answer::Different,
        Some((Standing::Same, _)) if !near => Answer::Same(found.swap_remove(0).1),
        Some(_) => {
            found.sort_by_key(|(_, candidate)| std::cmp::Reverse(candidate.weight));
            Answer::Ask(found.into_iter().take(MOST_SHOWN).map(|(_, candidate)| candidate).collect())
        }
    }
}

fn standing(agreements: &[Agreement], weight: i32, thresholds: Thresholds) -> Standing {
    let has = |level: Level| agreements.iter().any(|a| a.level == level);
    let any = |levels: &[Level]| levels.iter().any(|l| has(*l));
    let by_sum = if weight >= thresholds.same {
        Standing::Same
    } else if weight >= thresholds.ask {
        Standing::Ask
    } else {
        Standing::Different
    };
    if has(Level::IdentifierSame) {
        // Nothing else was said, or it does not speak against it.
        let against =
            [Level::GivenOther, Level::FamilyOther, Level::BornOther, Level::BornGeneration].into_iter().filter(|l| has(*l)).count();
        return if has(Level::GivenOther) || against > 1 { Standing::Ask } else { Standing::Same };
    }
    if any(&[Level::GivenOther, Level::BornGeneration]) {
        return Standing::Different;
    }
    let born = any(&[Level::BornSame, Level::BornSwapped, Level::BornSlip, Level::BornMonth]);
    if !born || any(&[Level::GivenInitial, Level::IdentifierOther]) { by_sum.min(Standing::Ask) } else { by_sum }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matching::Place;
    use crate::matching::weigh::NAMES_AT_MOST;
    use crate::record::sections::identity::{Identifier, Name, Scheme};

    /// `Ben Bell, 2012-05-06, BS3 4QR, 9434765919`: each part may be `-`.
    fn told(text: &str) -> Profile {
        let mut parts = text.split(',').map(str::trim).map(|p| if p == "-" { "" } else { p });
        let mut part = || parts.next().filter(|p| !p.is_empty()).map(str::to_owned);
        let mut profile = Profile::default();
        if let Some(name) = part() {
            let (given, family) = name.rsplit_once(' ').unwrap();
            profile.add_name(Name { given: given.into(), family: family.into() });
        }
        profile.born.extend(part());
        let (postcode, line) = (part(), Some("12 Mill Lane".to_owned()));
        if postcode.is_some() {
            profile.homes.push(Place { line, postcode, uprn: None });
        }
        profile.identifiers.extend(part().map(|value| Identifier { scheme: Scheme::NhsNumber, value }));
        profile
    }

    #[test]
    fn no_names_weigh_more_than_they_are_taken_to_at_most() {
        // Names that were changed over are one agreement, not two.
        let parts = || Level::ALL.iter().filter(|l| **l != Level::NamesSwapped);
        let most = |of| parts().filter(|l| l.of() == of).map(|l| l.tenths()).max().unwrap();
        assert_eq!(NAMES_AT_MOST, most("given") + most("family"));
        assert!(Level::NamesSwapped.tenths() <= NAMES_AT_MOST);
    }

    fn answer(row: &str, known: &[&str]) -> String {
        let known: Vec<Profile> = known.iter().map(|k| told(k)).collect();
        match decide(&told(row), known.iter().enumerate(), Thresholds::USUAL) {
            Answer::Same(found) => format!("same {}", found.id),
            Answer::Ask(found) => format!("ask {}", found.iter().map(|c| c.id.to_string()).collect::<Vec<_>>().join(" ")),
            Answer::Different => "different".into(),
        }
    }

    #[test]
    fn who_is_who() {
        let ben = "Ben Bell, 2012-05-06, BS3 4QR, 9434765919";
        for (row, known, expected, why) in [
            ("Ben Bell, 2012-05-06", &[ben][..], "same 0", "name and birth date"),
            ("Benjamin Bell, 2012-05-06", &[ben], "same 0", "a form of the name"),
            ("Ben Bell, 2012-06-05, BS3 4QR", &[ben], "same 0", "day and month changed over"),
            ("Ben Bell, 2012-05-16, BS3 4QR", &[ben], "same 0", "a digit"),
            ("Ben Bell, 2012-05-16", &[ben], "ask 0", "a digit, and nothing besides the name"),
            ("Bne Bell, 2012-05-06, BS3 4QR", &["Ben Bell, 2012-05-06, BS3 4QR"], "same 0", "letters changed over"),
            ("Ben Bell, 2012-05-06, LS1 1AA", &[ben], "same 0", "moved away"),
            ("Ben Bell, -, BS3 4QR", &[ben], "ask 0", "no birth date: it may be his father"),
            ("Ben Bell, 1980-01-31, BS3 4QR", &[ben], "different", "his father"),
            ("Jayden Bell, 2012-05-06, BS3 4QR", &["Hayden Bell, 2012-05-06, BS3 4QR"], "different", "twins"),
            (
                "Jayden Bell, 2012-05-06, BS3 4QR",
                &["Hayden Bell, 2012-05-06, BS3 4QR", "Jayden Bell, 2012-05-06, BS3 4QR"],
                "same 1",
                "the right twin",
            ),
            ("J Bell, 2012-05-06, BS3 4QR", &["Jayden Bell, 2012-05-06, BS3 4QR"], "ask 0", "a letter may be a twin's"),
            ("Ann Bell, 1988-02-03, BS3 4QR", &["Ann Carter, 1988-02-03, BS3 4QR"], "same 0", "married"),
            ("Ann Bell, 1988-02-03, BS3 1AA", &["Ann Carter, 1988-02-03, BS3 4QR"], "ask 0", "married and moved nearby: a person looks"),
            ("Ann Bell, 1988-02-03, LS1 1AA", &["Ann Carter, 1988-02-03, BS3 4QR"], "different", "another Ann of the same day"),
            ("Ann Bell, 1988-02-03", &["Ann Bell, 1988-02-03", "Ann Bell, 1988-02-03"], "ask 0 1", "two of one name and age"),
            ("-, -, -, 9434765919", &[ben], "same 0", "a number alone"),
            ("Ben Bell, 2012-05-06, -, 4582701086", &[ben], "ask 0", "another number"),
            ("Clara Bell, 2015-01-01, -, 9434765919", &[ben], "ask 0", "his number, and his sister's name"),
            ("Bell Ben, 2012-05-06", &["Ben Bell, 2012-05-06"], "same 0", "names changed over"),
            ("Peter Lamb, 1971-03-04, LS1 1AA", &[ben], "different", "a stranger"),
            (
                "Mohammed Hassan Khan, 2012-05-06, BS3 4QR",
                &["Mohammed Ali Khan, 2012-05-06, BS3 4QR", "Mohammed Hassan Khan, 2012-05-06, BS3 4QR"],
                "ask 1 0",
                "brothers of one first name",
            ),
        ] {
            assert_eq!(answer(row, known), expected, "{why}: {row}");
        }
    }

    #[test]
    fn the_order_in_which_people_are_known_does_not_matter() {
        let (row, one, other) = (told("Ann Bell, 1988-02-03"), told("Ann Bell, 1988-02-03, BS3 4QR"), told("Anne Bell, 1988-02-04"));
        let there = decide(&row, [(1, &one), (2, &other)], Thresholds::USUAL);
        assert_eq!(there, decide(&row, [(2, &other), (1, &one)], Thresholds::USUAL));
    }
}
