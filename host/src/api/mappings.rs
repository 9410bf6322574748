//! Mappings: how agencies' files are read; and the authority's thresholds and times of intake.

use axum::Json;
use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::Body;
use super::caller::Council;
use super::documented::{Edits, Reads};
use super::page::Page;
use super::params::path_param;
use super::problem::{Code, Problem};
use super::version::{IfMatch, Versioned};
use crate::access::Verb;
use crate::intake::settings::{self, IntakeSettings};
use crate::intake::{IntakeError, Mapping as Checked, mapping};
use crate::record::{AuthorityId, Invalid, Kind, KnownAt};
use crate::store::KeptMapping;
use crate::written::Wrong;

/// A mapping as a council writes it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewMapping {
    /// YAML, as the page on writing a mapping says (`host/src/intake/README.md`). At most 64 KiB.
    text: String,
}

/// A mapping.
#[derive(Debug, Serialize, ToSchema)]
pub struct Mapping {
    #[schema(example = "attendance")]
    name: String,
    /// 0: it comes with the host.
    version: u64,
    /// What it is, for whoever chooses one.
    says: String,
    /// Who sends such files: code list organisation-kinds.
    #[schema(example = "school")]
    agency: String,
    kind: Kind,
    /// Days from one file to the next. Left out: nobody promised.
    #[serde(skip_serializing_if = "Option::is_none")]
    rhythm_days: Option<u32>,
    /// Left out: it comes with the host.
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<KnownAt>,
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<String>,
    /// YAML.
    text: String,
}

impl Mapping {
    fn of(read: &Checked, text: &str, kept: Option<&KeptMapping>) -> Self {
        Self {
            name: read.name.clone(),
            version: kept.map_or(0, |k| k.version),
            says: read.says.clone(),
            agency: read.agency.clone(),
            kind: read.kind,
            rhythm_days: read.rhythm,
            at: kept.map(|k| k.at),
            by: kept.map(|k| k.by.clone()),
            text: text.to_owned(),
        }
    }

    fn kept(kept: &KeptMapping) -> Result<Self, Problem> {
        Ok(Self::of(&read(&kept.text)?, &kept.text, Some(kept)))
    }
}

/// The line goes into the answer by itself, for whoever shows the text.
fn read(text: &str) -> Result<Checked, Problem> {
    Checked::from_yaml(text).map_err(|Wrong { line, wrong }| {
        let problem = Problem::from(wrong.within("text"));
        match line {
            Some(line) => Problem { detail: format!("line {line}: {}", problem.detail), ..problem }.with("line", line),
            None => problem,
        }
    })
}

impl From<IntakeError> for Problem {
    fn from(error: IntakeError) -> Self {
        match error {
            IntakeError::Invalid(invalid) => invalid.into(),
            IntakeError::Store(error) => error.into(),
            IntakeError::TooLarge => Self::new(Code::TooLarge, error.to_string()),
            IntakeError::NoEnd => Self::invalid("last", "is needed: the days that a file speaks for have an end"),
            error => Self::invalid("file", error.to_string()),
        }
    }
}

/// The mapping that the path names.
pub struct Named(pub String);

impl<S: Send + Sync> FromRequestParts<S> for Named {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        struct Slug(String);
        impl std::str::FromStr for Slug {
            type Err = Invalid;
            fn from_str(text: &str) -> Result<Self, Invalid> {
                crate::record::fact::slug("mapping", text).map(|()| Self(text.to_owned()))
            }
        }
        let Slug(name) = path_param(RawPathParams::from_request_parts(parts, state).await, "mapping")?;
        Ok(Self(name))
    }
}

/// List mappings
///
/// The authority's own in their latest version, and those that come with the host where it has none of that name.
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/mappings", tag = "intake", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code")),
    responses((status = 200, body = Page<Mapping>, description = "By name"), Reads),
)]
pub async fn list_mappings(council: Council) -> Result<Json<Page<Mapping>>, Problem> {
    council.may(Verb::SeeRules)?;
    let own = council.store.mappings().await?;
    let mut all = own.iter().map(Mapping::kept).collect::<Result<Vec<_>, _>>()?;
    for (name, text) in mapping::SHIPPED.iter().filter(|(name, _)| !own.iter().any(|k| k.name == *name)) {
        all.extend(mapping::shipped(name).map(|read| Mapping::of(read, text, None)));
    }
    all.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(Json(Page::whole(all)))
}

/// Read a mapping
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/mappings/{mapping}", tag = "intake", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), ("mapping" = String, Path, description = "Its short name")),
    responses((status = 200, body = Mapping, description = "In its latest version", headers(("ETag" = String, description = "Its version, for `If-Match`"))), Reads),
)]
pub async fn read_mapping(council: Council, Named(name): Named) -> Result<Versioned<Mapping>, Problem> {
    council.may(Verb::SeeRules)?;
    Ok(Versioned(latest(&council, &name).await?.ok_or_else(|| Problem::no_such("mapping", &name))?))
}

/// The authority's own, or the one that comes with the host.
async fn latest(council: &Council, name: &str) -> Result<Option<Mapping>, Problem> {
    if let Some(kept) = council.store.mapping(name, None).await? {
        return Ok(Some(Mapping::kept(&kept)?));
    }
    let shipped = mapping::SHIPPED.iter().find(|(n, _)| *n == name).zip(mapping::shipped(name));
    Ok(shipped.map(|((_, text), read)| Mapping::of(read, text, None)))
}

/// Write a mapping
///
/// It is checked whole: a word that means nothing is a fault with its line. The next version, which counts for files from now on; the same
/// text again makes none.
#[utoipa::path(
    put, path = "/v1/authorities/{authority}/mappings/{mapping}", tag = "intake", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), ("mapping" = String, Path, description = "Its short name"), ("If-Match" = Option<String>, Header, description = "The `ETag` of what you read")),
    request_body(content = NewMapping, example = json!({
        "text": "mapping: exclusions\nagency: school\nkind: exclusion\nperson: { upn: [UPN] }\nfrom: [Start]\nuntil: [End]\nfields: { how: [Category] }\n",
    })),
    responses((status = 200, body = Mapping, description = "The version that now counts", headers(("ETag" = String, description = "Its version, for `If-Match`"))), Edits),
)]
pub async fn write_mapping(
    council: Council,
    Named(name): Named,
    seen: IfMatch,
    Body { value: NewMapping { text }, .. }: Body<NewMapping>,
) -> Result<Versioned<Mapping>, Problem> {
    council.may(Verb::RunIntake)?;
    let checked = read(&text)?;
    if checked.name != name {
        return Err(Problem::invalid("text.mapping", format!("is {}, and the address says {name}", checked.name)));
    }
    let mut tx = council.write("wrote a mapping").await?;
    match latest(&council, &name).await? {
        Some(now) => seen.holds(&now)?,
        None => seen.holds_of_nothing()?,
    }
    let version = tx.keep_mapping(&name, &text).await?;
    tx.commit().await?;
    let kept = council.store.mapping(&name, Some(version)).await?.ok_or_else(|| Problem::no_such("mapping", &name))?;
    Ok(Versioned(Mapping::kept(&kept)?))
}

/// Read the thresholds and times of intake
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/intake-settings", tag = "intake", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code")),
    responses((status = 200, body = IntakeSettings, description = "What is set, or its default", headers(("ETag" = String, description = "Its version, for `If-Match`"))), Reads),
)]
pub async fn read_intake_settings(council: Council) -> Result<Versioned<IntakeSettings>, Problem> {
    council.may(Verb::SeeRules)?;
    Ok(Versioned(settings::of(&council.store.intake_settings().await?)))
}

/// Set the thresholds and times of intake
///
/// For files from now on: what was matched stays.
#[utoipa::path(
    put, path = "/v1/authorities/{authority}/intake-settings", tag = "intake", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), ("If-Match" = Option<String>, Header, description = "The `ETag` of what you read")),
    request_body(content = IntakeSettings, example = json!({ "same_tenths": 260, "ask_tenths": 120, "kept_days": 60 })),
    responses((status = 200, body = IntakeSettings, description = "What is set now", headers(("ETag" = String, description = "Its version, for `If-Match`"))), Edits),
)]
pub async fn set_intake_settings(
    council: Council,
    seen: IfMatch,
    Body { value, .. }: Body<IntakeSettings>,
) -> Result<Versioned<IntakeSettings>, Problem> {
    council.may(Verb::RunIntake)?;
    value.check()?;
    let mut tx = council.write("set the thresholds and times of intake").await?;
    seen.holds(&settings::of(&council.store.intake_settings().await?))?;
    for (name, number) in value.all() {
        tx.set_intake(name, i64::from(number)).await?;
    }
    tx.commit().await?;
    Ok(Versioned(value))
}
