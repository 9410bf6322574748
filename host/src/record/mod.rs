//! The family record as types: what a fact is, which facts a family's run sees, and the checks that every way in shares.
//! No I/O, no database, no wasm.

pub mod both;
pub mod calendar;
pub mod codes;
pub mod coverage;
pub mod day;
pub mod fact;
pub mod family_file;
pub mod happening;
pub mod ids;
pub mod sections;
pub mod sharing;
pub mod snapshot;

pub use both::Both;
pub use coverage::{Coverage, CoverageState};
pub use day::{Clock, Day, KnownAt, Window};
pub use fact::{Detail, Fact, Kind, NewFact, Section, Subject};
pub use ids::{
    AgreementId, AssignmentId, AuthorityId, CoverId, DecisionId, DeliveryId, Digest, EmergencyId, FactId, FamilyId, HappeningId, HomeId,
    InstallationId, LoginId, MatchDecisionId, OrganisationId, PersonId, ProposalId, RoleId, RunId, SealId, ShareId, TaskId, UndecidedId,
    WaitingRowId,
};
pub use sharing::{Basis, Purpose, Sections};
pub use snapshot::Snapshot;

/// Something a person or a feed sent that cannot be kept: which field, and why. Every check of the record answers with
/// this, so that a form, an API call and a row of a spreadsheet are refused in the same words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}{}{why}", if field.is_empty() { "" } else { ": " })]
pub struct Invalid {
    /// Path of the field as its sender wrote it: `facts[3].detail.possible`.
    pub field: String,
    pub why: String,
}

impl Invalid {
    pub fn new(field: impl Into<String>, why: impl Into<String>) -> Self {
        Self { field: field.into(), why: why.into() }
    }

    /// The same fault seen from one level further out: `detail` becomes `facts[3].detail`.
    #[must_use]
    pub fn within(mut self, outer: &str) -> Self {
        self.field = match self.field.as_str() {
            "" => outer.to_owned(),
            inner if inner.starts_with('[') => format!("{outer}{inner}"),
            inner => format!("{outer}.{inner}"),
        };
        self
    }
}

/// The bytes of something that is kept under its hash, and the hash. Canonical: what is kept this way has its fields in a
/// fixed order, no maps without order, and no floats.
///
/// # Panics
/// Never: what is kept this way holds only words, numbers and dates.
#[must_use]
pub fn canonical<T: serde::Serialize>(value: &T) -> (Digest, Vec<u8>) {
    #[expect(clippy::expect_used, reason = "no map has a key that is not a string")]
    let bytes = serde_json::to_vec(value).expect("words, numbers and dates always become JSON");
    (Digest::of(&bytes), bytes)
}

/// Reads JSON into a type, naming the field at fault.
///
/// # Errors
/// [`Invalid`] with the path of the first field that is missing, unknown or of the wrong kind.
pub fn from_json<T: serde::de::DeserializeOwned>(value: serde_json::Value) -> Result<T, Invalid> {
    serde_path_to_error::deserialize(value).map_err(|e| {
        let path = e.path().to_string();
        let why = e.into_inner().to_string();
        // serde names a missing or unknown field only in its sentence.
        let named =
            ["missing field `", "unknown field `"].iter().find_map(|lead| why.strip_prefix(lead)?.split('`').next().map(str::to_owned));
        let outer = if path == "." { String::new() } else { path };
        match named {
            Some(name) if outer.is_empty() || outer == name => Invalid::new(name, why),
            Some(name) if !outer.ends_with(&name) => Invalid::new(format!("{outer}.{name}"), why),
            _ => Invalid::new(outer, why),
        }
    })
}
