//! Bulk data from partner agencies: read, match, keep. One file an extract.
//!
//! A file is a statement by its source about the days that it covers. A row is kept whole or refused with its line and the
//! reason; the rest of the file is kept. Each row has a natural reference, so the same file read again changes nothing, and
//! a changed row supersedes what it said before. A row about somebody of ours that is refused leaves the days it spoke of
//! `partial` for that person: what was not kept must not read as something that did not happen.
//!
//! Reasons never repeat what stands in a cell: reports are shown to people and written to logs, and whatever stands in the
//! wrong column may be somebody's number.

mod attendance;
mod benefit_spells;
mod cells;
mod load;
mod police_callouts;
mod table;

#[cfg(test)]
mod tests;

use std::io::Read;

use crate::record::{Detail, Kind, OrganisationId, Window};
use crate::store::{AuthorityStore, StoreError};

pub use table::Refused;

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extract {
    Attendance,
    PoliceCallouts,
    BenefitSpells,
}

impl Extract {
    pub const ALL: &[Self] = &[Self::Attendance, Self::PoliceCallouts, Self::BenefitSpells];

    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Attendance => "attendance",
            Self::PoliceCallouts => "police-callouts",
            Self::BenefitSpells => "benefit-spells",
        }
    }

    const fn shape(self) -> &'static Shape {
        match self {
            Self::Attendance => &attendance::SHAPE,
            Self::PoliceCallouts => &police_callouts::SHAPE,
            Self::BenefitSpells => &benefit_spells::SHAPE,
        }
    }
}

impl std::str::FromStr for Extract {
    type Err = crate::record::Invalid;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.iter().copied().find(|e| e.code() == text).ok_or_else(|| {
            let known: Vec<_> = Self::ALL.iter().map(|e| e.code()).collect();
            crate::record::Invalid::new("extract", format!("is none of {}", known.join(", ")))
        })
    }
}

/// How an extract is read. Every extract is one of these, in a file of its own.
struct Shape {
    kind: Kind,
    /// Columns that a file must have: of each line one of the alternatives, whole.
    needs: &'static [&'static [&'static [table::Column]]],
    /// Columns that a file may have.
    may_have: &'static [table::Column],
    /// Whom a row is about: the keys that the record may know them by, the surest first.
    keys: fn(&table::Row<'_>) -> Result<Vec<String>, table::Refusal>,
    /// The column to name where the record knows nobody, or too many, by the key; and what they are.
    subject: (table::Column, &'static str),
    /// The days a row speaks of.
    window: fn(&table::Row<'_>) -> Result<Window, table::Refusal>,
    /// What a row says of its subject, known by a key, in those days.
    said: fn(&table::Row<'_>, &str, Window) -> Result<Said, table::Refusal>,
    /// The column whose date decides, and whether a statement must lie within the days covered or only touch them.
    period: (table::Column, Period),
    covers: Covers,
}

/// What a row says about its subject.
#[derive(Debug, Clone, PartialEq)]
struct Said {
    /// The same from the same source: the same statement, sent again or corrected.
    reference: String,
    /// The column that a second row with the same reference is told of.
    referred_by: table::Column,
    window: Window,
    detail: Detail,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Period {
    Within,
    Touching,
}

/// Whom a file speaks for, where it is silent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Covers {
    /// Those in it.
    WhoIsInIt,
    /// Everybody of the authority.
    Everybody,
}

/// A file on its way in.
#[derive(Debug, Clone)]
pub struct Import {
    pub extract: Extract,
    /// Whose statement the file is.
    pub source: OrganisationId,
    /// The days it speaks for. They have an end.
    pub covers: Window,
}

/// What became of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Rows, without blank ones.
    pub read: u64,
    pub added: u64,
    /// Rows that supersede what the source said before.
    pub corrected: u64,
    /// Rows that the record holds already, or that somebody withdrew and the source repeats.
    pub unchanged: u64,
    /// In the order of the file.
    pub refused: Vec<Refused>,
    /// People of ours with a refused row, their own or their home's: for its days this file leaves them `partial`.
    pub incomplete: u64,
}

#[derive(Debug, thiserror::Error)]
pub enum IntakeError {
    #[error("the file is empty: its first line names the columns")]
    Empty,
    #[error("the file has no column {missing}; it has {found}")]
    Column { missing: String, found: String },
    /// The line is not repeated: where the names were left out, it is somebody's row.
    #[error("the first line names none of the columns of this extract ({0})")]
    NoHeader(String),
    #[error("the file has two columns for {0}")]
    TwoColumns(&'static str),
    #[error("a quotation mark in line {0} is never closed")]
    Unclosed(u64),
    #[error("covers: the days that a file speaks for have an end (2025-09-01..2026-03-31)")]
    NoEnd,
    #[error("the file cannot be read: {0}")]
    File(#[from] csv::Error),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Reads a file into the record of one authority.
///
/// Up to 10,000 rows are one transaction. A larger file is several, and its coverage is recorded with the last: killed in
/// between, the record holds rows and does not claim to be complete, and reading the file again goes on from there.
///
/// # Errors
/// The file is not such an extract, cannot be read, or names a source that is no organisation. Faults of single rows are in
/// the report.
pub async fn import(store: &AuthorityStore, principal: &str, import: &Import, file: impl Read + Send) -> Result<Report, IntakeError> {
    load::file(store, principal, import, file).await
}
