//! The directory: services of organisations, kept by the council and by whoever offers them; read in and published as Open Referral UK.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::App;
use super::body::Body;
use super::caller::Council;
use super::documented::{Edits, Reads, Writes};
use super::holds::named;
use super::once::{Answer, Begun, Once};
use super::page::{self, Limit, Page};
use super::params::{Id, Params};
use super::problem::Problem;
use super::version::{IfMatch, Versioned};
use crate::access::Verb;
use crate::record::bought::open_referral::{self, Published, Words};
use crate::record::bought::{Offer, Places};
use crate::record::{AuthorityId, Day, KnownAt, OrganisationId, ServiceId, codes};
use crate::store;

/// A service of the directory.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DirectoryService)]
pub struct Service {
    pub(super) id: ServiceId,
    /// As the directory that it came from calls it.
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<String>,
    /// From 1.
    version: u64,
    at: KnownAt,
    by: String,
    #[serde(flatten)]
    pub(super) offer: Offer,
}

impl From<store::Service> for Service {
    fn from(s: store::Service) -> Self {
        let store::Service { id, reference, version, at, by, offer, .. } = s;
        Self { id, reference, version, at, by, offer }
    }
}

/// A service, and how many places it has.
#[derive(Debug, Serialize, ToSchema)]
pub struct ServiceListed {
    #[serde(flatten)]
    service: Service,
    /// Families that were referred to it here, and are helped or wait for an answer.
    referred: u64,
    /// Left out: no limit, or places are not recorded.
    #[serde(skip_serializing_if = "Option::is_none")]
    free: Option<u64>,
}

impl From<store::Service> for ServiceListed {
    fn from(s: store::Service) -> Self {
        let taken = u64::from(s.offer.places.taken_otherwise.unwrap_or(0)) + s.referred;
        let free = s.offer.places.capacity.map(|most| u64::from(most).saturating_sub(taken));
        Self { referred: s.referred, free, service: s.into() }
    }
}

/// Which are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Wanted {
    /// Code list service-kinds.
    kind: Option<String>,
    /// Offered on this day.
    on: Option<Day>,
    /// At most so many, 1 to 200.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200, default = 50)]
    limit: Option<Limit>,
    /// What the page before said in `next`.
    after: Option<String>,
}

/// The organisation whose things somebody may see or do; none: everybody's.
///
/// # Errors
/// `not-allowed`.
pub(super) fn whose(council: &Council, verb: Verb) -> Result<Option<OrganisationId>, Problem> {
    let reader = council.reader(verb)?;
    Ok((!reader.all).then(|| council.as_source()))
}

/// List the directory
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/services", tag = "buying", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), Wanted),
    responses((status = 200, body = Page<ServiceListed>, description = "In the order in which they came"), Reads),
)]
pub async fn list_directory(council: Council, Params(wanted): Params<Wanted>) -> Result<Json<Page<ServiceListed>>, Problem> {
    council.may(Verb::SeeDirectory)?;
    if let Some(kind) = &wanted.kind {
        codes::check("kind", "service-kinds", kind)?;
    }
    let mut all = council.store.services().await?;
    all.retain(|s| wanted.kind.as_ref().is_none_or(|k| *k == s.offer.kind) && wanted.on.is_none_or(|on| s.offer.is_offered(on)));
    page::cut_after(&mut all, page::after::<ServiceId>(wanted.after.as_deref())?, |s| s.id);
    let found = page::cut(all, page::limit(wanted.limit), |s| s.id);
    Ok(Json(Page { items: found.items.into_iter().map(ServiceListed::from).collect(), next: found.next }))
}

/// Add a service
///
/// By the council; or by whoever offers it, for their own organisation. What commissioning plugins are lent of the directory comes from
/// here as soon as there is a service, and no longer from the table that an authority may supply.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/services", tag = "buying", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    request_body(content = Offer, example = json!({
        "name": "Friendly faces", "organisation": "harbour", "kind": "parenting", "first": "2026-04-01", "capacity": 8,
    })),
    responses((status = 201, body = Service, description = "It is in the directory"), Writes),
)]
pub async fn add_service(council: Council, once: Once, Body { value: offer, digest }: Body<Offer>) -> Result<Response, Problem> {
    own(&council, &offer.organisation)?;
    offer.check()?;
    let mut tx = match once.begin(&council, digest, "added a service to the directory").await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    let service = tx.add_service(&offer, None).await.map_err(named)?;
    once.finish(tx, &council, digest, Answer::created(&Service::from(service))).await
}

/// May they keep services of the organisation?
fn own(council: &Council, organisation: &OrganisationId) -> Result<(), Problem> {
    match whose(council, Verb::KeepDirectory)? {
        Some(own) if own != *organisation => Err(Problem::invalid("organisation", "is not your own: you keep its services alone")),
        _ => Ok(()),
    }
}

/// A service that they may keep.
async fn kept_by(council: &Council, id: ServiceId) -> Result<store::Service, Problem> {
    let own = whose(council, Verb::KeepDirectory)?;
    let service = council.store.service(id).await?;
    match own {
        Some(own) if own != *service.organisation() => Err(Problem::no_such("service", id)),
        _ => Ok(service),
    }
}

/// Read a service
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/services/{service}", tag = "buying", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), ("service" = ServiceId, Path, description = "The service")),
    responses((status = 200, body = Service, description = "As it is now", headers(("ETag" = String, description = "Its version, for `If-Match`"))), Reads),
)]
pub async fn read_service(council: Council, Id(id): Id<ServiceId>) -> Result<Versioned<Service>, Problem> {
    council.may(Verb::SeeDirectory)?;
    Ok(Versioned(council.store.service(id).await?.into()))
}

/// Change a service
#[utoipa::path(
    put, path = "/v1/authorities/{authority}/services/{service}", tag = "buying", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("service" = ServiceId, Path, description = "The service"),
        ("If-Match" = String, Header, description = "The ETag of what was read"),
    ),
    request_body(content = Offer),
    responses((status = 200, body = Service, description = "As it is from now on; what it was stays readable"), Edits),
)]
pub async fn change_service(
    council: Council,
    Id(id): Id<ServiceId>,
    seen: IfMatch,
    Body { value: offer, .. }: Body<Offer>,
) -> Result<Versioned<Service>, Problem> {
    kept_by(&council, id).await?;
    offer.check()?;
    change(&council, id, &seen, |_| offer).await
}

async fn change(council: &Council, id: ServiceId, seen: &IfMatch, to: impl FnOnce(Offer) -> Offer) -> Result<Versioned<Service>, Problem> {
    let mut tx = council.write("changed a service of the directory").await?;
    let before = tx.service(id).await?;
    seen.holds(&Service::from(before.clone()))?;
    let changed = tx.change_service(id, &to(before.offer)).await?;
    tx.commit().await?;
    Ok(Versioned(changed.into()))
}

/// State places and waiting time
///
/// What a provider itself knows best. Families that were referred here are counted by the host, and not stated.
#[utoipa::path(
    put, path = "/v1/authorities/{authority}/services/{service}/places", tag = "buying", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("service" = ServiceId, Path, description = "The service"),
        ("If-Match" = String, Header, description = "The ETag of the service as it was read"),
    ),
    request_body(content = Places, example = json!({ "capacity": 8, "taken_otherwise": 2, "waiting_days": 14 })),
    responses((status = 200, body = Service, description = "As it is from now on"), Edits),
)]
pub async fn state_places(
    council: Council,
    Id(id): Id<ServiceId>,
    seen: IfMatch,
    Body { value: places, .. }: Body<Places>,
) -> Result<Versioned<Service>, Problem> {
    kept_by(&council, id).await?;
    change(&council, id, &seen, |offer| Offer { places, ..offer }).await
}

/// List what a service was
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/services/{service}/versions", tag = "buying", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), ("service" = ServiceId, Path, description = "The service")),
    responses((status = 200, body = Page<Service>, description = "Every version, the latest first"), Reads),
)]
pub async fn list_service_versions(council: Council, Id(id): Id<ServiceId>) -> Result<Json<Page<Service>>, Problem> {
    council.may(Verb::SeeDirectory)?;
    let versions = council.store.service_versions(id).await?;
    if versions.is_empty() {
        return Err(Problem::no_such("service", id));
    }
    Ok(Json(Page::whole(versions.into_iter().map(Service::from).collect())))
}

/// Services as Open Referral UK exchanges them, and whose words they use.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ServicesImport)]
pub struct Import {
    /// Ids of the file's organisations, and who they are here.
    #[schema(value_type = BTreeMap<String, String>)]
    organisations: BTreeMap<String, OrganisationId>,
    /// Taxonomy terms of the file, and what they are here: code list service-kinds or problems.
    #[serde(default)]
    kinds: BTreeMap<String, String>,
    /// A page of `/services`, a list of services, or one.
    document: Value,
}

/// What came of each service of a file.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ServicesImported)]
pub struct Imported {
    new: u64,
    changed: u64,
    unchanged: u64,
    /// The others were kept.
    refused: Vec<RefusedService>,
}

/// A service that was not kept.
#[derive(Debug, Serialize, ToSchema)]
pub struct RefusedService {
    /// Its place in the file, from 0.
    index: usize,
    /// The path of the first field at fault, as the standard calls it.
    field: String,
    /// Why; never what stands there.
    why: String,
}

/// Read services in, as Open Referral UK
///
/// HSDS-UK 3.0. Each service is checked by itself; those at fault are listed with the field, and the others are kept. A service that came
/// before, by its id in the file, is changed; the same file again changes nothing.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/services/import", tag = "buying", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code")),
    request_body(content = Import),
    responses((status = 200, body = Imported, description = "What came of each"), Writes),
)]
pub async fn import_services(council: Council, Body { value: import, .. }: Body<Import>) -> Result<Json<Imported>, Problem> {
    if whose(&council, Verb::KeepDirectory)?.is_some() {
        return Err(Problem::new(super::problem::Code::NotAllowed, "files are read in by the council"));
    }
    for (term, code) in &import.kinds {
        if codes::find("service-kinds", code).is_none() && codes::find("problems", code).is_none() {
            let field = format!("kinds.{}", crate::record::told_back(term));
            return Err(Problem::invalid(field, "is neither of code list service-kinds nor of problems"));
        }
    }
    let words = Words { organisations: import.organisations, kinds: import.kinds };
    let services = open_referral::services_of(&import.document).map_err(|e| e.within("document"))?;
    let mut tx = council.write("read services into the directory").await?;
    for organisation in words.organisations.values() {
        tx.source_kind(organisation).await.map_err(|e| Problem::invalid("organisations", e.to_string()))?;
    }
    let today = tx.now().day();
    let mut imported = Imported { new: 0, changed: 0, unchanged: 0, refused: Vec::new() };
    for (index, service) in services.into_iter().enumerate() {
        let before = match service["id"].as_str() {
            Some(reference) => tx.service_called(reference).await?,
            None => None,
        };
        let first = before.as_ref().map_or(today, |b| b.offer.first);
        match open_referral::read(service, &words, first, today) {
            Err(e) => imported.refused.push(RefusedService { index, field: e.field, why: e.why }),
            Ok((reference, offer)) => match before {
                None => {
                    tx.add_service(&offer, Some(&reference)).await?;
                    imported.new += 1;
                }
                Some(before) if before.offer.organisation != offer.organisation => {
                    let why = "belonged to another organisation before: whose service it is does not change".to_owned();
                    imported.refused.push(RefusedService { index, field: "organization.id".to_owned(), why });
                }
                // What its provider said here of its places holds where the file says nothing of them.
                Some(before) => {
                    let places = if offer.places.are_known() { offer.places.clone() } else { before.offer.places.clone() };
                    let offer = Offer { places, ..offer };
                    if tx.change_service(before.id, &offer).await?.version == before.version {
                        imported.unchanged += 1;
                    } else {
                        imported.changed += 1;
                    }
                }
            },
        }
    }
    tx.commit().await?;
    Ok(Json(imported))
}

/// Publish the directory, as Open Referral UK
///
/// HSDS-UK 3.0: a page of `/services` with all services that are offered. Nothing of any family is in it.
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/published/services", tag = "buying", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code")),
    responses((status = 200, body = Object, description = "The page"), Reads),
)]
pub async fn publish_services(State(app): State<App>, council: Council) -> Result<(StatusCode, Json<Value>), Problem> {
    council.may(Verb::SeeDirectory)?;
    let today = council.store.clock().now().day();
    let names = super::published::names(&app).await?;
    let mut written = Vec::new();
    for service in council.store.services().await?.iter().filter(|s| s.offer.last.is_none_or(|last| last >= today)) {
        let organisation = names.get(service.organisation()).map_or("", String::as_str);
        let id = service.reference.clone().unwrap_or_else(|| service.id.to_string());
        let one = Published { id, offer: &service.offer, organisation, referred: service.referred, today }.written();
        open_referral::check(&one).map_err(|e| store::StoreError::Damaged(format!("service {}: {e}", service.id)))?;
        written.push(one);
    }
    Ok((StatusCode::OK, Json(open_referral::page(written))))
}
