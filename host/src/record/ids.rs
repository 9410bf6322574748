//! Ids. Families, people, homes, facts and what follows from them carry a UUID of version 7: ordered by time, so that
//! they cluster on disk; handed out by the host, so that none tells how many there are.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::Invalid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
        #[serde(transparent)]
        #[schema(value_type = Uuid)]
        pub struct $name(pub Uuid);

        impl $name {
            /// A new one, later than every one before it on this machine.
            #[must_use]
            pub fn fresh() -> Self {
                Self(Uuid::now_v7())
            }

            #[must_use]
            pub fn as_bytes(&self) -> &[u8] {
                self.0.as_bytes()
            }

            /// From the sixteen bytes that the database keeps.
            #[must_use]
            pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
                Uuid::from_slice(bytes).ok().map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }

        impl FromStr for $name {
            type Err = Invalid;
            fn from_str(text: &str) -> Result<Self, Invalid> {
                Uuid::parse_str(text).map(Self).map_err(|_| Invalid::new("", "is not an id"))
            }
        }
    )*};
}

ids! {
    /// A family of one authority.
    FamilyId
    /// A person of one authority; may belong to two of its families.
    PersonId
    /// A home, to which police call-outs are counted.
    HomeId
    /// One dated statement in the record.
    FactId
    /// An authority's adoption of a plugin version.
    InstallationId
    /// One call of a plugin.
    RunId
    /// A kept answer.
    DecisionId
    /// A task that somebody has to do.
    TaskId
    /// What a plugin wants to happen.
    ProposalId
    /// A question that a plugin failed to answer.
    UndecidedId
    /// Somebody who signs in.
    LoginId
    /// What somebody does at an authority, for a time.
    RoleId
    /// A worker's part in a case.
    AssignmentId
    /// Somebody's cases in other hands while they are away.
    CoverId
    /// What may be shared with an organisation.
    AgreementId
    /// A family, or one of its people, shared under an agreement.
    ShareId
    /// A mark that hides a fact or a member.
    SealId
    /// Somebody asked to work at an authority.
    InvitationId
    /// Somebody who came to sign in, or to sign out.
    SignInId
    /// A family opened because something could not wait.
    EmergencyId
    /// A file that an agency sent.
    DeliveryId
    /// A row of such a file that is not in the record.
    WaitingRowId
    /// What a person said about whom rows are about.
    MatchDecisionId
    /// Two families that were found to be one.
    FamilyMergeId
    /// Members who left a family for a new one.
    SplitId
    /// Two rows that were found to be one person.
    PersonMergeId
    /// A family that goes from one authority to another.
    HandoverId
    /// A file on a family.
    AttachmentId
    /// Something that happened to a family and that its pathway is asked about.
    HappeningId
    /// A service of the directory.
    ServiceId
    /// A contract with a provider.
    ContractId
    /// Help that is wanted for a family.
    HelpRequestId
    /// A family referred to a service.
    ProvisionId
    /// A payment under a contract.
    PaymentLineId
    /// What another version would decide.
    BackTestId
    /// What a candidate may read in back-tests.
    TrialGrantId
    /// A program elsewhere that is told what happens.
    WebhookId
    /// That somebody is to know of something.
    NoticeId
    /// A letter on its way to somebody.
    LetterId
    /// A family, or people described, sent to the front door.
    ReferralId
    /// What a person put in the place of what a plugin decided.
    OverrideId
    /// One version of an assessment.
    AssessmentId
    /// An assessment that is asked for.
    AssessmentRequestId
    /// Something that a family is to be asked to agree to.
    ConsentRequestId
    /// A standing meeting.
    MeetingId
    /// One sitting of a meeting.
    SittingId
    /// A family on the agenda of a sitting.
    AgendaItemId
}

/// Whoever takes part: a short name of small letters, digits and hyphens that the organisation keeps
/// (`avon-and-somerset-police`). A council's own is its ONS code in small letters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, example = "avon-and-somerset-police", pattern = "^[a-z0-9][a-z0-9-]{1,63}$")]
pub struct OrganisationId(String);

impl OrganisationId {
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The council itself, as a source of facts.
    #[must_use]
    pub fn of_council(authority: &AuthorityId) -> Self {
        Self(authority.as_str().to_ascii_lowercase())
    }
}

impl FromStr for OrganisationId {
    type Err = Invalid;
    fn from_str(text: &str) -> Result<Self, Invalid> {
        if is_slug(text) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Invalid::new("", "is not an organisation's short name (2 to 64 small letters, digits and hyphens)"))
        }
    }
}

impl TryFrom<String> for OrganisationId {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        text.parse::<Self>().map_err(|e| e.why)
    }
}

impl From<OrganisationId> for String {
    fn from(id: OrganisationId) -> Self {
        id.0
    }
}

impl fmt::Display for OrganisationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Two to 64 small letters, digits and hyphens, not starting with a hyphen: short names, plugin names, keys.
#[must_use]
pub fn is_slug(text: &str) -> bool {
    (2..=64).contains(&text.len())
        && !text.starts_with('-')
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

/// A council, by its ONS code: one letter of E, W, S, N and eight digits (`E06000023` is Bristol).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, example = "E06000023", pattern = "^[EWSN][0-9]{8}$")]
pub struct AuthorityId(String);

impl AuthorityId {
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for AuthorityId {
    type Err = Invalid;
    fn from_str(text: &str) -> Result<Self, Invalid> {
        let good = text.len() == 9 && text.starts_with(['E', 'W', 'S', 'N']) && text.bytes().skip(1).all(|b| b.is_ascii_digit());
        if good {
            Ok(Self(text.to_owned()))
        } else {
            Err(Invalid::new("authority", "is not an ONS code (one of E, W, S, N and eight digits, as E06000023)"))
        }
    }
}

impl TryFrom<String> for AuthorityId {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        text.parse::<Self>().map_err(|e| e.why)
    }
}

impl From<AuthorityId> for String {
    fn from(id: AuthorityId) -> Self {
        id.0
    }
}

impl fmt::Display for AuthorityId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// SHA-256 of some bytes: names a component, a snapshot, what a run was given. Written `sha256:` and 64 hex digits, as
/// OCI registries do.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, pattern = "^sha256:[0-9a-f]{64}$")]
pub struct Digest(pub [u8; 32]);

impl Digest {
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        use sha2::Digest as _;
        Self(sha2::Sha256::digest(bytes).into())
    }

    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// The hex digits alone: a file name.
    #[must_use]
    pub fn hex(&self) -> String {
        hex::encode(self.0)
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sha256:{}", self.hex())
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Digest {
    type Err = Invalid;
    fn from_str(text: &str) -> Result<Self, Invalid> {
        let refused = || Invalid::new("digest", "is not a digest (sha256: and 64 hex digits)");
        let bytes = hex::decode(text.strip_prefix("sha256:").ok_or_else(refused)?).map_err(|_| refused())?;
        Self::from_bytes(&bytes).ok_or_else(refused)
    }
}

impl TryFrom<String> for Digest {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        text.parse::<Self>().map_err(|e| e.why)
    }
}

impl From<Digest> for String {
    fn from(digest: Digest) -> Self {
        digest.to_string()
    }
}
