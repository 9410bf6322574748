//! The family record as types: what a fact is, which facts a family's run sees, and the checks that every way in shares.
//! No I/O, no database, no wasm.

pub mod announced;
pub mod both;
pub mod bought;
pub mod calendar;
pub mod claim_way;
pub mod codes;
pub mod coverage;
pub mod day;
pub mod destination;
pub mod fact;
pub mod family_file;
pub mod file_kind;
pub mod handover;
pub mod happening;
pub mod ids;
pub mod meeting;
pub mod plugin_review;
pub mod reckoning;
pub mod referral;
pub mod reshape;
pub mod retention;
pub mod schedule;
pub mod sections;
pub mod sharing;
pub mod signing;
pub mod snapshot;

pub use announced::Announced;
pub use both::Both;
pub use coverage::{Coverage, CoverageState};
pub use day::{Clock, Day, KnownAt, Window};
pub use destination::Destination;
pub use fact::{Detail, Fact, Kind, NewFact, Section, Subject};
pub use ids::{
    AgendaItemId, AgreementId, AssessmentId, AssessmentRequestId, AssignmentId, AttachmentId, AuthorityId, BackTestId, ConsentRequestId,
    ContractId, CoverId, DecisionId, DeliveryId, Digest, EmergencyId, FactId, FamilyId, FamilyMergeId, HandoverId, HappeningId,
    HelpRequestId, HomeId, InstallationId, InvitationId, LetterId, LoginId, MatchDecisionId, MeetingId, NoticeId, OrganisationId,
    OverrideId, PaymentLineId, PersonId, PersonMergeId, ProposalId, ProvisionId, ReferralId, RoleId, RunId, SealId, ServiceId, ShareId,
    SignInId, SittingId, SplitId, TaskId, TrialGrantId, UndecidedId, WaitingRowId, WebhookId,
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

/// A wrong word as it may be told back to whoever sent it, and logged: one that is written as codes are. Whatever else came may be somebody's
/// name, number or birth date that stands in the wrong place.
#[must_use]
pub fn told_back(word: &str) -> String {
    if ids::is_slug(word) && !word.starts_with(|c: char| c.is_ascii_digit()) { format!("`{word}`") } else { "what was sent".to_owned() }
}

/// What serde says is wrong, without the value that is.
fn without_value(why: &str) -> String {
    for lead in ["invalid type: ", "invalid value: "] {
        if let Some((found, expected)) = why.strip_prefix(lead).and_then(|rest| rest.rsplit_once(", expected ")) {
            let kind = found.split(['"', '`']).next().unwrap_or_default().trim();
            return format!("{lead}{kind}, expected {expected}");
        }
    }
    match why.strip_prefix("unknown variant `").and_then(|rest| rest.rsplit_once("`, expected ")) {
        Some((word, expected)) => format!("unknown variant {}, expected {expected}", told_back(word)),
        None => why.to_owned(),
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
        let why = without_value(&e.into_inner().to_string());
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

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::{Value, json};

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "kebab-case")]
    enum Colour {
        DarkBlue,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only its reading is of interest")]
    struct Sent {
        number: u8,
        colour: Colour,
        day: Day,
        id: FamilyId,
        list: Vec<bool>,
        council: AuthorityId,
    }

    #[test]
    fn a_value_in_the_wrong_place_is_not_told_back() {
        let good =
            json!({ "number": 7, "colour": "dark-blue", "day": "2026-08-31", "id": FamilyId::fresh(), "list": [], "council": "E06000023" });
        from_json::<Sent>(good.clone()).unwrap();
        let values = [
            json!("Ann Bell, expected a family"),
            json!("03/02/1988"),
            json!("1988-02-30"),
            json!(19_880_203),
            json!(1988.02),
            json!(["Ann Bell"]),
            json!({ "Ann Bell": 1988 }),
            json!("`Ann Bell`, expected `Ann Bell`"),
            json!("AB123456C"),
            json!("943 476 5919"),
            Value::Null,
            json!(true),
        ];
        for field in ["number", "colour", "day", "id", "list", "council"] {
            for value in &values {
                let mut sent = good.clone();
                sent[field] = value.clone();
                let Err(refused) = from_json::<Sent>(sent) else { panic!("{field} is {value}") };
                assert!(refused.field.starts_with(field), "{refused}");
                let told = refused.why;
                assert!(["Ann", "Bell", "1988", "AB12", "943"].iter().all(|p| !told.contains(p)), "{field} is {value}: {told}");
            }
        }
        let mut sent = good;
        sent["colour"] = json!("dark-red");
        assert_eq!(from_json::<Sent>(sent).unwrap_err().to_string(), "colour: unknown variant `dark-red`, expected `dark-blue`");
    }
}
