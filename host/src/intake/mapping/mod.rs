//! A mapping: what an agency's file holds, in a small file that a council writes once. How it is written: `intake/README.md`.
//!
//! It is data and nothing else: columns by their titles, words by their translation. What cannot be said in it cannot be done by it, so
//! that whoever reads it knows what a file will become.

pub mod fields;
mod read;
mod shipped;
mod words;

pub use read::LONGEST;
pub use shipped::{SHIPPED, shipped};

use serde_json::Value;

use self::fields::Field;
use crate::record::Kind;
use crate::record::sections::identity::Scheme;

/// A column's place in [`Mapping::columns`].
pub type Column = usize;

/// A column by the names that agencies use for it, the usual one first. Capitals, spaces and punctuation do not count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Titles(pub Vec<String>);

impl Titles {
    #[must_use]
    pub fn usual(&self) -> &str {
        self.0.first().map_or("", String::as_str)
    }

    pub(in crate::intake) fn are(&self, squeezed_title: &str) -> bool {
        self.0.iter().any(|name| squeezed(name) == squeezed_title)
    }
}

/// Letters and digits alone, small.
pub(in crate::intake) fn squeezed(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// A mapping that was checked: every word of it means something.
#[derive(Debug, Clone, PartialEq)]
pub struct Mapping {
    /// Its short name: the feed's, together with who sends it.
    pub name: String,
    /// What it is, for whoever chooses one.
    pub says: String,
    /// Who sends such files: code list organisation-kinds.
    pub agency: String,
    pub kind: Kind,
    /// The sheet's name in a spreadsheet; none: the first.
    pub sheet: Option<String>,
    /// The line of the titles, from 1.
    pub header: u64,
    pub columns: Vec<Titles>,
    pub who: Who,
    pub dates: Vec<DateForm>,
    pub when: When,
    pub fields: Vec<(Field, From)>,
    pub reference: Reference,
    pub covers: Covers,
    pub period: Period,
    /// Days from one file to the next; none: nobody promised.
    pub rhythm: Option<u32>,
}

/// Whom a row is about: one person, one home, or the family by its reference.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Who {
    pub person: Option<PersonColumns>,
    pub home: Option<HomeColumns>,
    pub family: Option<Column>,
}

/// What says who somebody is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PersonColumns {
    /// The surest first.
    pub identifiers: Vec<(Scheme, Column)>,
    pub given: Option<Column>,
    pub family: Option<Column>,
    /// Both names in one cell.
    pub name: Option<(Column, NameOrder)>,
    pub born: Option<Column>,
    pub home: HomeColumns,
}

/// What says where a home is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HomeColumns {
    pub uprn: Option<Column>,
    /// The first line, or the lines together.
    pub address: Option<Column>,
    pub postcode: Option<Column>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameOrder {
    /// `Bell, Ben`, or `BELL Ben`.
    FamilyFirst,
    /// `Ben Bell`: the last word is the family name.
    GivenFirst,
}

/// How dates are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DateForm {
    /// `2026-08-31`
    YearFirst,
    /// `31/08/2026`, `1.9.2026`, `31-08-2026`
    DayFirst,
    /// `08/31/2026`
    MonthFirst,
    /// `31 Aug 2026`, `1-September-2026`
    MonthNamed,
    /// `20260831`
    Digits,
    /// `31/08/26`: 2000 to 2068, then 1969 to 1999 (as POSIX reads two digits)
    ShortYear,
}

/// Which days a row speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    On(Column),
    /// The last day may be blank where something goes on.
    Time {
        from: Column,
        until: Option<Column>,
        may_go_on: bool,
    },
}

impl When {
    /// The column whose date decides whether the row lies in the days covered.
    #[must_use]
    pub const fn first(self) -> Column {
        match self {
            Self::On(column) | Self::Time { from: column, .. } => column,
        }
    }

    #[must_use]
    pub const fn last(self) -> Option<Column> {
        match self {
            Self::On(_) => None,
            Self::Time { until, .. } => until,
        }
    }
}

/// Where a field of the fact comes from.
#[derive(Debug, Clone, PartialEq)]
pub enum From {
    /// The same in every row.
    Always(Value),
    Cells {
        /// One, but for the lines of an address.
        columns: Vec<Column>,
        /// What the agency writes (squeezed), and the word of ours.
        codes: Vec<(String, String)>,
        blank: Blank,
        /// Where the file has no such column: a number less others.
        instead: Option<Less>,
    },
}

/// What a blank cell, or a column that is not there, says.
#[derive(Debug, Clone, PartialEq)]
pub enum Blank {
    /// Nothing: the field is left out, or the row refused where it is needed.
    Nothing,
    Says(Value),
    /// Yes where another field is one of these words, no otherwise.
    YesWhere {
        field: &'static str,
        is: Vec<String>,
    },
}

/// A number of which others are taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Less {
    pub from: Column,
    pub less: Vec<Column>,
}

/// What makes two rows of a source the same statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reference {
    /// The agency's own, in these columns.
    Columns(Vec<Column>),
    /// Whom it is about, its first day, and these fields.
    Subject(Vec<&'static str>),
}

/// Whom a file speaks for, where it is silent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Covers {
    /// Those in it.
    WhoIsInIt,
    /// Everybody of the authority.
    Everybody,
}

/// Must a statement lie within the days covered, or only touch them?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Period {
    Within,
    Touching,
}

impl Mapping {
    /// Columns that a file must have, of each line one of the alternatives, whole.
    #[must_use]
    pub fn needs(&self) -> Vec<Vec<Vec<Column>>> {
        let mut needs = Vec::new();
        if let Reference::Columns(columns) = &self.reference {
            needs.extend(columns.iter().map(|c| vec![vec![*c]]));
        }
        needs.extend(self.who.needs());
        needs.push(vec![vec![self.when.first()]]);
        needs.extend(self.when.last().map(|c| vec![vec![c]]));
        for (field, from) in &self.fields {
            let From::Cells { columns, blank: Blank::Nothing, instead, .. } = from else { continue };
            if !field.needed {
                continue;
            }
            let mut ways = vec![columns.iter().take(1).copied().collect::<Vec<_>>()];
            if let Some(less) = instead {
                // The numbers that are other fields' columns too are asked for there.
                let elsewhere =
                    |c: &&Column| !self.fields.iter().any(|(_, f)| matches!(f, From::Cells { columns, .. } if columns.contains(c)));
                ways.push(std::iter::once(&less.from).chain(&less.less).filter(elsewhere).copied().collect());
            }
            needs.push(ways);
        }
        needs
    }
}

impl Who {
    /// Ways of saying who: of each line one has to be there.
    fn needs(&self) -> Vec<Vec<Vec<Column>>> {
        let person = self.person.iter().map(PersonColumns::ways);
        let home = self.home.iter().map(HomeColumns::ways);
        let family = self.family.iter().map(|c| vec![vec![*c]]);
        person.chain(home).chain(family).collect()
    }
}

impl PersonColumns {
    fn ways(&self) -> Vec<Vec<Column>> {
        let mut ways: Vec<Vec<Column>> = self.identifiers.iter().map(|(_, c)| vec![*c]).collect();
        let names: Option<Vec<Column>> = match (self.name, self.given, self.family) {
            (Some((name, _)), ..) => Some(vec![name]),
            (None, Some(given), Some(family)) => Some(vec![given, family]),
            _ => None,
        };
        if let (Some(names), Some(born)) = (names, self.born) {
            ways.push(names.into_iter().chain([born]).collect());
        }
        ways
    }
}

impl HomeColumns {
    fn ways(&self) -> Vec<Vec<Column>> {
        let mut ways: Vec<Vec<Column>> = self.uprn.iter().map(|c| vec![*c]).collect();
        if let (Some(address), Some(postcode)) = (self.address, self.postcode) {
            ways.push(vec![address, postcode]);
        }
        ways
    }

    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.uprn.is_none() && self.address.is_none() && self.postcode.is_none()
    }
}
