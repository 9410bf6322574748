//! As of which day, and as known when, the record is read.

use serde::Deserialize;

use super::caller::Council;
use super::problem::Problem;
use crate::record::{FamilyId, KnownAt};
use crate::store::{AsKnown, StoreError};

/// A whole number after the question mark.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(try_from = "String")]
pub struct Number(pub u64);

impl TryFrom<String> for Number {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        text.parse().map(Self).map_err(|_| "is not a whole number".to_owned())
    }
}

/// As known at an instant, or at a revision of the family; now, where neither is said.
///
/// # Errors
/// `invalid` naming `revision`: one that the family has not, or both are said.
pub async fn known(council: &Council, family: FamilyId, known_at: Option<KnownAt>, revision: Option<u64>) -> Result<AsKnown, Problem> {
    match (known_at, revision) {
        (None, None) => Ok(AsKnown::Now),
        (Some(at), None) => Ok(AsKnown::At(at)),
        (None, Some(revision)) => match council.store.revision(family, revision).await {
            Ok(found) => Ok(AsKnown::After(found.change)),
            Err(e @ StoreError::NoSuch { what: "revision", .. }) => Err(Problem::invalid("revision", e.to_string())),
            Err(e) => Err(e.into()),
        },
        (Some(_), Some(_)) => Err(Problem::invalid("revision", "is sent beside `known_at`: one of the two")),
    }
}
