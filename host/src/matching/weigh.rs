//! How well two statements about people agree, and what that weighs.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::keys::swapped;
use super::names::{close, forms_of_one, is_common, sound, words};
use super::profile::{Place, Profile};
use crate::record::sections::identity::{Name, squeezed};

macro_rules! levels {
    ($($name:ident $code:literal $of:literal $tenths:literal $says:literal;)*) => {
        /// How one thing agrees.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
        #[serde(rename_all = "kebab-case")]
        pub enum Level { $($name),* }

        impl Level {
            pub const ALL: &[Self] = &[$(Self::$name),*];

            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code),* }
            }

            /// What was compared.
            #[must_use]
            pub const fn of(self) -> &'static str {
                match self { $(Self::$name => $of),* }
            }

            /// Its weight in tenths of a bit.
            #[must_use]
            pub const fn tenths(self) -> i32 {
                match self { $(Self::$name => $tenths),* }
            }

            /// For whoever decides.
            #[must_use]
            pub const fn says(self) -> &'static str {
                match self { $(Self::$name => $says),* }
            }
        }
    };
}

// Weights are log2(m/u) in tenths of a bit, as Fellegi and Sunter have them. `make proofs` prints beside each what the generated set has:
// with m of its known truth, and with m by expectation and maximisation (Winkler 1988), which takes brothers and sisters for matches and so
// thinks too little of what tells them apart. The set's names are fewer than England's, so what agrees weighs more here than there: a
// given name is shared by about one in 130 of any two people and a surname by one in 400 (the squared shares in the Office for National Statistics'
// tables of baby names and in counts of surnames). What a changed surname or address weighs against is kept mild, since people marry and move.
levels! {
    GivenSame "given-same" "given" 70 "the same given name";
    GivenForm "given-form" "given" 50 "another form of the same given name";
    GivenSlip "given-slip" "given" 50 "a given name one slip away";
    GivenSound "given-sound" "given" 30 "a given name that sounds alike";
    GivenInitial "given-initial" "given" 20 "the same first letter, where one has only that";
    GivenOther "given-other" "given" -50 "another given name";
    FamilySame "family-same" "family" 85 "the same family name";
    FamilyPart "family-part" "family" 60 "a part of the family name";
    FamilySlip "family-slip" "family" 65 "a family name one slip away";
    FamilySound "family-sound" "family" 45 "a family name that sounds alike";
    FamilyOther "family-other" "family" -35 "another family name";
    NamesSwapped "names-swapped" "given" 120 "given and family name in each other's place";
    BornSame "born-same" "born" 130 "the same birth date";
    BornSwapped "born-swapped" "born" 95 "day and month of birth in each other's place";
    BornSlip "born-slip" "born" 75 "a birth date one digit away";
    BornMonth "born-month" "born" 85 "the same month of birth, where one is known to the month";
    BornNear "born-near" "born" 30 "a birth date of the same year and month, or the same day of another year";
    BornOther "born-other" "born" -80 "another birth date";
    BornGeneration "born-generation" "born" -150 "a birth date twelve years away or more";
    HomeSame "home-same" "home" 90 "the same home";
    HomePostcode "home-postcode" "home" 65 "the same postcode";
    HomeDistrict "home-district" "home" 25 "the same postcode district";
    HomeOther "home-other" "home" -15 "another address";
    IdentifierSame "identifier-same" "identifier" 250 "the same number";
    IdentifierOther "identifier-other" "identifier" -70 "another number of the same scheme";
}

/// One thing that was compared, how it agrees, and what that weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = MatchAgreement)]
pub struct Agreement {
    pub level: Level,
    /// In tenths of a bit: each ten of them make it twice as likely that the two are one, or half where they are negative.
    pub tenths: i32,
}

impl From<Level> for Agreement {
    fn from(level: Level) -> Self {
        Self { level, tenths: level.tenths() }
    }
}

/// Compares all that both sides say. What only one says does not count.
#[must_use]
pub fn compare(one: &Profile, other: &Profile) -> Vec<Agreement> {
    with_names(one, other, but_names(one, other))
}

/// The same, but None where they weigh less than `least` however well their names agree, and no number does: comparing names is most of the
/// work, and most of those who may be meant have another birth date.
pub(super) fn compare_near(one: &Profile, other: &Profile, least: i32) -> Option<Vec<Agreement>> {
    let rest = but_names(one, other);
    let known: i32 = rest.iter().flatten().map(|l| l.tenths()).sum();
    let near = known + NAMES_AT_MOST >= least || rest.contains(&Some(Level::IdentifierSame));
    near.then(|| with_names(one, other, rest))
}

/// What names weigh that agree as well as they can.
pub(super) const NAMES_AT_MOST: i32 = Level::GivenSame.tenths() + Level::FamilySame.tenths();

fn but_names(one: &Profile, other: &Profile) -> [Option<Level>; 3] {
    [born(&one.born, &other.born), home(&one.homes, &other.homes), identifiers(one, other)]
}

fn with_names(one: &Profile, other: &Profile, rest: [Option<Level>; 3]) -> Vec<Agreement> {
    names(&one.names, &other.names).into_iter().chain(rest).flatten().map(Agreement::from).collect()
}

/// The bits of all agreements together, in tenths.
#[must_use]
pub fn weight(agreements: &[Agreement]) -> i32 {
    agreements.iter().map(|a| a.tenths).sum()
}

/// The best of all pairs: somebody who married has two names.
fn names(one: &[Name], other: &[Name]) -> [Option<Level>; 2] {
    let pairs = one.iter().flat_map(|a| other.iter().map(move |b| name(a, b)));
    pairs.max_by_key(|levels| levels.iter().flatten().map(|l| l.tenths()).sum::<i32>()).unwrap_or_default()
}

fn name(one: &Name, other: &Name) -> [Option<Level>; 2] {
    let (a, b) = ((words(&one.given), words(&one.family)), (words(&other.given), words(&other.family)));
    let straight = [given(&a.0, &b.0), family(&a.1, &b.1)];
    let turned = !a.0.is_empty() && a.0 == b.1 && a.1 == b.0;
    if turned && a.0 != a.1 { [Some(Level::NamesSwapped), None] } else { straight }
}

fn given(one: &[String], other: &[String]) -> Option<Level> {
    let (first, second) = (one.first()?, other.first()?);
    // Where only one has middle names, they say nothing.
    if one == other || (one.len() == 1 || other.len() == 1) && first == second {
        return Some(Level::GivenSame);
    }
    if first == second {
        // Mohammed Ali and Mohammed Hassan are brothers.
        let (rest, others) = (one[1..].join(" "), other[1..].join(" "));
        let alike =
            close(&rest, &others) || rest.starts_with(&others) || others.starts_with(&rest) || rest.chars().next() == others.chars().next();
        return Some(if alike { Level::GivenSame } else { Level::GivenSlip });
    }
    if forms_of_one(first, second) {
        return Some(Level::GivenForm);
    }
    let letters = (first.chars().count(), second.chars().count());
    if letters.0 == 1 || letters.1 == 1 {
        return Some(if first.chars().next() == second.chars().next() { Level::GivenInitial } else { Level::GivenOther });
    }
    // One goes by a middle name.
    if one.contains(second) || other.contains(first) {
        return Some(Level::GivenSound);
    }
    if is_common(first) && is_common(second) {
        return Some(Level::GivenOther);
    }
    if close(first, second) {
        return Some(Level::GivenSlip);
    }
    Some(if sound(first) == sound(second) { Level::GivenSound } else { Level::GivenOther })
}

fn family(one: &[String], other: &[String]) -> Option<Level> {
    if one.is_empty() || other.is_empty() {
        return None;
    }
    let (a, b) = (one.concat(), other.concat());
    Some(if a == b {
        Level::FamilySame
    } else if one.iter().any(|part| part.len() > 2 && other.contains(part)) {
        Level::FamilyPart
    } else if close(&a, &b) {
        Level::FamilySlip
    } else if sound(&a) == sound(&b) {
        Level::FamilySound
    } else {
        Level::FamilyOther
    })
}

fn born(one: &[String], other: &[String]) -> Option<Level> {
    let pairs = one.iter().flat_map(|a| other.iter().map(move |b| birth(a, b)));
    pairs.max_by_key(|level| level.tenths())
}

fn birth(one: &str, other: &str) -> Level {
    if one == other {
        return Level::BornSame;
    }
    if one.len() != other.len() {
        let (short, long) = if one.len() < other.len() { (one, other) } else { (other, one) };
        return if long.starts_with(short) { Level::BornMonth } else { Level::BornOther };
    }
    if swapped(one).as_deref() == Some(other) {
        return Level::BornSwapped;
    }
    if one.len() == 10 {
        let (a, b) = (one.as_bytes(), other.as_bytes());
        let differ: Vec<usize> = (0..10).filter(|i| a[*i] != b[*i]).collect();
        let changed_over = |i: usize, j: usize| a[i] == b[j] && a[j] == b[i];
        match differ[..] {
            [_] => return Level::BornSlip,
            [i, j] if (j == i + 1 || j == i + 2 && a[i + 1] == b'-') && changed_over(i, j) => return Level::BornSlip,
            _ if one[..7] == other[..7] || one[4..] == other[4..] => return Level::BornNear,
            _ => {}
        }
    }
    let years = |text: &str| text.get(..4).and_then(|y| y.parse::<i32>().ok()).unwrap_or_default();
    if years(one).abs_diff(years(other)) >= 12 { Level::BornGeneration } else { Level::BornOther }
}

fn home(one: &[Place], other: &[Place]) -> Option<Level> {
    let pairs = one.iter().flat_map(|a| other.iter().filter_map(move |b| place(a, b)));
    pairs.max_by_key(|level| level.tenths())
}

/// None where they have nothing to compare.
#[must_use]
pub fn place(one: &Place, other: &Place) -> Option<Level> {
    if let (Some(a), Some(b)) = (one.uprn(), other.uprn())
        && a == b
    {
        return Some(Level::HomeSame);
    }
    let (a, b) = (one.postcode()?, other.postcode()?);
    if a == b {
        let same = match (one.house(), other.house()) {
            (Some((numbers, street)), Some((others, other_street))) => {
                let streets = close(&street, &other_street) || street.is_empty() || other_street.is_empty();
                numbers == others
                    && (streets || !numbers.is_empty() && (street.starts_with(&other_street) || other_street.starts_with(&street)))
            }
            _ => false,
        };
        return Some(if same { Level::HomeSame } else { Level::HomePostcode });
    }
    Some(if one.district() == other.district() { Level::HomeDistrict } else { Level::HomeOther })
}

/// A number that agrees outweighs one that does not: a pupil number may have been given anew.
fn identifiers(one: &Profile, other: &Profile) -> Option<Level> {
    let mut found = None;
    for a in &one.identifiers {
        for b in other.identifiers.iter().filter(|b| b.scheme == a.scheme) {
            if squeezed(&a.value) == squeezed(&b.value) {
                return Some(Level::IdentifierSame);
            }
            found = Some(Level::IdentifierOther);
        }
    }
    found
}
