//! Tables that the authority supplies: school terms, services, and those that a plugin declares without rows. Every version is kept.

use axum::extract::{FromRequestParts, RawPathParams, State};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::App;
use super::body::Body;
use super::caller::Council;
use super::documented::{Edits, Reads};
use super::params::{Params, path_param};
use super::problem::Problem;
use super::version::{IfMatch, Versioned};
use crate::access::Verb;
use crate::record::{AuthorityId, InstallationId, Invalid, KnownAt, fact};
use crate::store::{InstallationStatus, StoreError, SuppliedTable};
use crate::workflow::supplied::{self, SCHOOL_TERMS, SERVICES, SchoolTerm, Service};

/// The authority's school terms.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SchoolTerms {
    /// At most 200; two terms share no day.
    rows: Vec<SchoolTerm>,
}

/// The authority's services.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Services {
    /// At most 2,000, in the order in which plugins are told of them.
    rows: Vec<Service>,
}

/// Rows of a table that a plugin declares.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PluginRows {
    /// At most 5,000: the declared columns, and `first` and `last` where a row is in force for a time only.
    #[schema(value_type = Vec<Object>)]
    rows: Value,
}

/// A version of a table.
#[derive(Debug, Serialize, ToSchema)]
pub struct Supplied<T> {
    #[schema(example = "school-terms")]
    name: String,
    /// From 1. The latest counts.
    version: u64,
    at: KnownAt,
    by: String,
    rows: Vec<T>,
}

impl<T: DeserializeOwned> Supplied<T> {
    pub(super) fn of(table: SuppliedTable) -> Result<Versioned<Self>, StoreError> {
        let SuppliedTable { name, version, at, by, rows, .. } = table;
        let rows = serde_json::from_value(rows).map_err(|e| StoreError::Damaged(format!("the supplied table {name}: {e}")))?;
        Ok(Versioned(Self { name, version, at, by, rows }))
    }
}

/// Which version.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct TableVersion {
    /// From 1; the latest, if left out.
    #[param(value_type = Option<u64>, minimum = 1)]
    version: Option<Version>,
}

/// From 1.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(try_from = "String")]
pub struct Version(u64);

impl TryFrom<String> for Version {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        let number = text.parse().ok().filter(|n| (1..=u64::from(u32::MAX)).contains(n));
        number.map(Self).ok_or_else(|| "is not a version: they are counted from 1".to_owned())
    }
}

impl TableVersion {
    pub(super) fn version(&self) -> Option<u64> {
        self.version.map(|v| v.0)
    }
}

pub(super) async fn supply<T: Serialize + DeserializeOwned>(
    council: &Council,
    seen: &IfMatch,
    of: Option<InstallationId>,
    name: &str,
    rows: &Value,
) -> Result<Versioned<Supplied<T>>, Problem> {
    let mut tx = council.write("supplied a table").await?;
    match council.store.supplied(of, name, None).await {
        Ok(now) => seen.holds(&Supplied::<T>::of(now)?.0)?,
        Err(StoreError::NoSuch { .. }) => seen.holds_of_nothing()?,
        Err(other) => return Err(other.into()),
    }
    if let Some(id) = of
        && tx.installation(id).await?.status == InstallationStatus::Retired
    {
        return Err(StoreError::Conflict("the installation is retired: nothing reads its tables".to_owned()).into());
    }
    let kept = tx.supply_table(of, name, rows).await?;
    tx.commit().await?;
    Ok(Supplied::of(kept)?)
}

/// Supply the school terms
///
/// A new version, which counts from now on; the same rows again make none. What was decided before keeps what it was given.
#[utoipa::path(
    put, path = "/v1/authorities/{authority}/tables/school-terms", tag = "plugins", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), ("If-Match" = Option<String>, Header, description = "The `ETag` of what you read")),
    request_body(content = SchoolTerms, example = json!({ "rows": [{ "name": "autumn", "first": "2026-09-01", "last": "2026-12-18" }] })),
    responses((status = 200, body = Supplied<SchoolTerm>, description = "The version that now counts", headers(("ETag" = String, description = "Its version, for `If-Match`"))), Edits),
)]
pub async fn supply_school_terms(
    council: Council,
    seen: IfMatch,
    Body { value, .. }: Body<SchoolTerms>,
) -> Result<Versioned<Supplied<SchoolTerm>>, Problem> {
    council.may(Verb::SetRules)?;
    supplied::school_terms(&value.rows)?;
    let rows = serde_json::to_value(&value.rows).unwrap_or_default();
    supply(&council, &seen, None, SCHOOL_TERMS, &rows).await
}

/// Read the school terms
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/tables/school-terms", tag = "plugins", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), TableVersion),
    responses((status = 200, body = Supplied<SchoolTerm>, description = "As they were sent", headers(("ETag" = String, description = "Its version, for `If-Match`"))), Reads),
)]
pub async fn read_school_terms(council: Council, Params(wanted): Params<TableVersion>) -> Result<Versioned<Supplied<SchoolTerm>>, Problem> {
    council.may(Verb::SeeRules)?;
    Ok(Supplied::of(council.store.supplied(None, SCHOOL_TERMS, wanted.version()).await?)?)
}

/// Supply the directory of services
///
/// A new version, which counts from now on; the same rows again make none. Plugins that were granted the directory read it, without the
/// names.
#[utoipa::path(
    put, path = "/v1/authorities/{authority}/tables/services", tag = "plugins", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), ("If-Match" = Option<String>, Header, description = "The `ETag` of what you read")),
    request_body(content = Services, example = json!({ "rows": [{
        "name": "Parents together", "organisation": "Harbour Trust", "organisation_kind": "charity", "kind": "parenting",
        "first": "2026-04-01", "capacity": 12, "taken": 7, "waiting_days": 14, "needs": ["family-relationships"],
        "price_pence": 45000, "price_unit": "family",
    }] })),
    responses((status = 200, body = Supplied<Service>, description = "The version that now counts", headers(("ETag" = String, description = "Its version, for `If-Match`"))), Edits),
)]
pub async fn supply_services(
    council: Council,
    seen: IfMatch,
    Body { value, .. }: Body<Services>,
) -> Result<Versioned<Supplied<Service>>, Problem> {
    council.may(Verb::SetRules)?;
    supplied::services(&value.rows)?;
    let rows = serde_json::to_value(&value.rows).unwrap_or_default();
    supply(&council, &seen, None, SERVICES, &rows).await
}

/// Read the directory of services
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/tables/services", tag = "plugins", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), TableVersion),
    responses((status = 200, body = Supplied<Service>, description = "As they were sent", headers(("ETag" = String, description = "Its version, for `If-Match`"))), Reads),
)]
pub async fn read_services(council: Council, Params(wanted): Params<TableVersion>) -> Result<Versioned<Supplied<Service>>, Problem> {
    council.may(Verb::SeeRules)?;
    Ok(Supplied::of(council.store.supplied(None, SERVICES, wanted.version()).await?)?)
}

/// The table of an installation that the path names.
pub struct TableOf {
    installation: InstallationId,
    table: String,
}

impl<S: Send + Sync> FromRequestParts<S> for TableOf {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let params = async |parts: &mut Parts| RawPathParams::from_request_parts(parts, state).await;
        let installation = path_param(params(parts).await, "installation")?;
        let Name(table) = path_param(params(parts).await, "table")?;
        Ok(Self { installation, table })
    }
}

/// A table's name.
struct Name(String);

impl std::str::FromStr for Name {
    type Err = Invalid;
    fn from_str(text: &str) -> Result<Self, Invalid> {
        fact::slug("", text)?;
        Ok(Self(text.to_owned()))
    }
}

/// Supply a table of a plugin
///
/// One that the plugin's manifest declares without rows. A new version, which counts from now on; the same rows again make none. Its
/// rows are checked against the declared columns.
#[utoipa::path(
    put, path = "/v1/authorities/{authority}/installations/{installation}/tables/{table}", tag = "plugins", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("installation" = InstallationId, Path, description = "The installation"),
        ("table" = String, Path, description = "The table's name in the manifest"), ("If-Match" = Option<String>, Header, description = "The `ETag` of what you read")),
    request_body(content = PluginRows, example = json!({ "rows": [{ "first": "2026-04-01", "kind": "result-share", "amount": 60000 }] })),
    responses((status = 200, body = Supplied<Value>, description = "The version that now counts", headers(("ETag" = String, description = "Its version, for `If-Match`"))), Edits),
)]
pub async fn supply_plugin_table(
    State(app): State<App>,
    council: Council,
    TableOf { installation, table }: TableOf,
    seen: IfMatch,
    Body { value, .. }: Body<PluginRows>,
) -> Result<Versioned<Supplied<Value>>, Problem> {
    council.may(Verb::SetRules)?;
    let manifest = app.workflow.manifest(council.store.installation(installation).await?.digest).await?;
    supplied::for_plugin(&manifest, &table, &value.rows)?;
    supply(&council, &seen, Some(installation), &table, &value.rows).await
}

/// Read a table of a plugin
///
/// One that the authority supplied.
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/installations/{installation}/tables/{table}", tag = "plugins", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("installation" = InstallationId, Path, description = "The installation"),
        ("table" = String, Path, description = "The table's name in the manifest"),
        TableVersion,
    ),
    responses((status = 200, body = Supplied<Value>, description = "As it was sent", headers(("ETag" = String, description = "Its version, for `If-Match`"))), Reads),
)]
pub async fn read_plugin_table(
    council: Council,
    TableOf { installation, table }: TableOf,
    Params(wanted): Params<TableVersion>,
) -> Result<Versioned<Supplied<Value>>, Problem> {
    council.may(Verb::SeeRules)?;
    council.store.installation(installation).await?;
    Ok(Supplied::of(council.store.supplied(Some(installation), &table, wanted.version()).await?)?)
}
