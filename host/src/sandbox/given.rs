//! What a run is given. Nothing else reaches a guest, so whoever has this has the whole question.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Question;
use super::grants::Grants;
use super::matter::Matter;
use super::releases::INTERFACE_VERSION;
use crate::record::calendar;
use crate::record::{CoverageState, Day, Digest, Kind, OrganisationId, ServiceId, Snapshot, Window, canonical};

/// The question with everything that may bear on the answer.
#[derive(Debug, Clone)]
pub struct Given {
    pub question: Question,
    pub context: Arc<Context>,
    /// Of no family (its id is nil) where the question is about none.
    pub snapshot: Arc<Snapshot>,
    pub matter: Arc<Matter>,
    /// Claims already drafted or paid for this family: kind and day entitled, in order of day and kind.
    pub claims: Vec<EarlierClaim>,
}

/// What the runs of one evaluation share: kept once under its hash, however many families were asked about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Context {
    /// How this document is written.
    pub format: u16,
    pub component: Digest,
    /// The release of `wit/` that the host spoke.
    pub interface: String,
    pub grants: Grants,
    pub as_of: Day,
    /// The authority's settings with the schema's defaults filled in, as the guest reads them.
    pub settings: String,
    /// What feeds say of the whole authority, in record order.
    pub coverage: Vec<FeedCoverage>,
    /// Working days and school terms, as the host and the authority knew them.
    #[serde(default, skip_serializing_if = "is_default")]
    pub calendar: Calendar,
    /// The rows of the reference tables that the plugin declares; those that were to be supplied and were not are missing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tables: Vec<TableGiven>,
    /// The authority's services, in its own order; a service's handle is its position. Only where the directory is granted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub directory: Vec<ServiceGiven>,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// What days are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Calendar {
    /// Bank holidays of England and Wales, in order.
    pub bank_holidays: Vec<Day>,
    /// None where the authority has supplied none. In order of the first day.
    pub terms: Option<Vec<Term>>,
}

/// A school term of the authority.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Term {
    /// Code list term-names.
    pub name: String,
    pub window: Window,
}

/// A reference table as a run is given it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableGiven {
    pub table: String,
    pub rows: Vec<RowGiven>,
}

/// A row, and when it is in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowGiven {
    pub window: Window,
    /// A JSON object of the declared columns.
    pub cells: String,
}

/// A service of the directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceGiven {
    /// Of the directory: for people who pick it, never told to a plugin. None: it came in a table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<ServiceId>,
    /// What the authority calls it: for readers, never told to a plugin.
    pub name: String,
    /// Whoever offers it: the same number for the same organisation.
    pub organisation: u32,
    pub organisation_name: String,
    /// Never told to a plugin. None: it came in a table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organisation_id: Option<OrganisationId>,
    /// Code list organisation-kinds.
    pub organisation_kind: String,
    /// Code list service-kinds.
    pub kind: String,
    pub window: Window,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<PlaceGiven>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audience: Option<AudienceGiven>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<PriceGiven>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlaceGiven {
    pub capacity: Option<u32>,
    pub taken: u32,
    pub waiting_days: Option<u32>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AudienceGiven {
    /// Code list problems; none: any.
    #[serde(default)]
    pub needs: Vec<String>,
    #[serde(default)]
    pub youngest: Option<u8>,
    #[serde(default)]
    pub oldest: Option<u8>,
    #[serde(default)]
    pub areas: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PriceGiven {
    pub amount_pence: i64,
    /// Code list payment-units.
    pub unit: String,
}

impl Calendar {
    /// The bank holidays of the years that a rule may reasonably reach from a day: twenty back, five on. No terms.
    #[must_use]
    pub fn around(day: Day) -> Self {
        let year = day.date().year();
        Self { bank_holidays: calendar::bank_holidays(year - 20, year + 5), terms: None }
    }
}

/// How [`Context`]s are written today.
pub const FORMAT: u16 = 1;

impl Context {
    /// A question put on `as_of`, with nothing set, covered or supplied, and the bank holidays of the years around it.
    #[must_use]
    pub fn new(component: Digest, grants: Grants, as_of: Day) -> Self {
        Self {
            format: FORMAT,
            component,
            interface: INTERFACE_VERSION.to_owned(),
            grants,
            as_of,
            settings: "{}".to_owned(),
            coverage: Vec::new(),
            calendar: Calendar::around(as_of),
            tables: Vec::new(),
            directory: Vec::new(),
        }
    }

    /// The canonical bytes, and their name.
    #[must_use]
    pub fn encode(&self) -> (Digest, Vec<u8>) {
        canonical(self)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedCoverage {
    pub kind: Kind,
    pub window: Window,
    pub state: CoverageState,
    /// Its place among all that was said, of anybody.
    pub order: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct EarlierClaim {
    pub entitled_on: Day,
    pub kind: String,
}
