//! Files that agencies sent, on their way in; previews; feeds.

use std::pin::Pin;

use axum::Json;
use axum::body::{Body as Bytes, HttpBody as _};
use axum::extract::{FromRequest, Request, State};
use axum::http::{StatusCode, header};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::App;
use super::body::Unread;
use super::caller::Council;
use super::documented::{Reads, Writes};
use super::mappings::Named;
use super::page::{Page, Paging};
use super::params::{Id, Params};
use super::problem::{Code, Problem};
use crate::access::Verb;
use crate::intake::{self, Fate, Import, Refused, Report, Shown, Spooled, Told, Whom};
use crate::record::{AuthorityId, Day, DeliveryId, Detail, Digest, Kind, KnownAt, OrganisationId, PersonId, Section, Window};
use crate::store::{self, Seen, StoreError, WaitingState};

/// What a file may be sent as.
const MEDIA_TYPES: [&str; 3] =
    ["text/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "application/octet-stream"];

/// A file as it comes in, which is never in memory as a whole.
pub struct Streamed(pub Spooled);

impl<S: Send + Sync> FromRequest<S> for Streamed {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let sent = request.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
        let essence = sent.split(';').next().unwrap_or_default().trim();
        if !MEDIA_TYPES.iter().any(|m| essence.eq_ignore_ascii_case(m)) {
            return Err(Problem::new(Code::WrongMediaType, format!("send it as Content-Type: {}", MEDIA_TYPES.join(", "))));
        }
        let mut body: Bytes = request.into_body();
        let mut file = Spooled::new()?;
        while let Some(frame) = std::future::poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
            let frame = frame.map_err(|_| Problem::new(Code::Unreadable, "the body ended early"))?;
            if let Ok(bytes) = frame.into_data() {
                file.add(&bytes)?;
            }
        }
        Ok(Self(file))
    }
}

/// How a file is to be read.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Sent {
    /// Whose statement it is: the organisation's short name.
    source: OrganisationId,
    /// The days that it speaks for.
    first: Day,
    last: Day,
}

/// The same, and by which mapping.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SentBy {
    /// The mapping's short name.
    mapping: String,
    /// Whose statement it is: the organisation's short name.
    source: OrganisationId,
    /// The days that it speaks for.
    first: Day,
    last: Day,
}

async fn how(council: &Council, mapping: &str, sent: Sent) -> Result<Import, Problem> {
    let Sent { source, first, last } = sent;
    let covers = Window::new(first, Some(last))?;
    let (mapping, version) = intake::mapping_named(&council.store, mapping).await?;
    Ok(Import { mapping, version, source, covers })
}

/// A file that came.
#[derive(Debug, Serialize, ToSchema)]
pub struct Delivery {
    id: DeliveryId,
    #[schema(example = "attendance")]
    mapping: String,
    /// 0: the mapping that comes with the host.
    version: u64,
    kind: Kind,
    source: OrganisationId,
    /// The days that it speaks for.
    first: Day,
    last: Option<Day>,
    /// Of its bytes; the file itself is not kept.
    digest: Digest,
    bytes: u64,
    by: String,
    at: KnownAt,
    /// When its latest rows were kept.
    progress_at: KnownAt,
    /// `reading`, `read`, `refused`; `interrupted`: the host was stopped on the way, and sending the file again goes on from there.
    #[schema(example = "read")]
    state: &'static str,
    /// What became of its rows so far.
    report: Report,
}

impl Delivery {
    fn of(delivery: store::Delivery, now: KnownAt) -> Result<Self, StoreError> {
        let state = if intake::is_interrupted(&delivery, now) { "interrupted" } else { delivery.state.code() };
        let report = serde_json::from_value(delivery.report).map_err(|e| StoreError::Damaged(format!("delivery {}: {e}", delivery.id)))?;
        Ok(Self {
            id: delivery.id,
            mapping: delivery.mapping,
            version: delivery.version,
            kind: delivery.kind,
            source: delivery.source,
            first: delivery.covers.first,
            last: delivery.covers.last,
            digest: delivery.digest,
            bytes: delivery.bytes,
            by: delivery.by,
            at: delivery.at,
            progress_at: delivery.progress_at,
            state,
            report,
        })
    }
}

/// A row, as the record would have it.
#[derive(Debug, Serialize, ToSchema)]
pub struct RowTold {
    /// Whom it is about, as it says it.
    #[schema(value_type = Object)]
    whom: Whom,
    first: Day,
    #[serde(skip_serializing_if = "Option::is_none")]
    last: Option<Day>,
    /// What it says.
    #[serde(flatten)]
    detail: Detail,
}

impl From<Told> for RowTold {
    fn from(told: Told) -> Self {
        Self { whom: told.whom, first: told.first, last: told.last, detail: told.detail }
    }
}

/// One row of a preview.
#[derive(Debug, Serialize, ToSchema)]
pub struct PreviewedRow {
    line: u64,
    fate: Fate,
    #[serde(skip_serializing_if = "Option::is_none")]
    row: Option<RowTold>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refused: Option<Refused>,
    candidates: Vec<Shown>,
}

/// A feed: a mapping, and who sends such files.
#[derive(Debug, Serialize, ToSchema)]
pub struct Feed {
    /// The file that came last.
    latest: Delivery,
    /// The last that was read to its end. Left out: none.
    #[serde(skip_serializing_if = "Option::is_none")]
    read: Option<Delivery>,
    /// The day by which the next one is expected. Left out: nobody promised one.
    #[serde(skip_serializing_if = "Option::is_none")]
    due: Option<Day>,
    overdue: bool,
}

/// All feeds, and what waits.
#[derive(Debug, Serialize, ToSchema)]
pub struct Feeds {
    /// By mapping and source.
    feeds: Vec<Feed>,
    /// Rows about which a person is asked.
    asked: u64,
    /// Rows that the record knows nobody for: they wait.
    unmatched: u64,
}

/// See what a file would become
///
/// Its first 50 rows: what each would be kept as, who may be meant, or why it would be refused. Nothing is kept.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/mappings/{mapping}/preview", tag = "intake", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), ("mapping" = String, Path, description = "Its short name"), Sent),
    request_body(content = Vec<u8>, content_type = "text/csv", description = "CSV UTF-8, or a spreadsheet (.xlsx)"),
    responses((status = 200, body = Page<PreviewedRow>, description = "In the order of the file"), Writes),
)]
pub async fn preview_file(
    council: Council,
    Named(mapping): Named,
    Params(sent): Params<Sent>,
    file: Unread<Streamed>,
) -> Result<Json<Page<PreviewedRow>>, Problem> {
    council.may(Verb::RunIntake)?;
    let import = how(&council, &mapping, sent).await?;
    let Streamed(file) = file.read().await?;
    let mut rows = intake::preview(&council.store, &council.by, &import, file).await?;
    // Whoever is sealed from the reader is not among those who may be meant.
    let people: Vec<PersonId> = rows.iter().flat_map(|p| &p.candidates).filter_map(|c| c.person).collect();
    let people = council.store.seen(&council.reader(Verb::RunIntake)?, &people).await?;
    for row in &mut rows {
        row.candidates.retain(|c| c.person.is_none_or(|person| people.binary_search(&person).is_ok()));
    }
    council.listed(&people, |person| Seen { person: Some(*person), sections: vec![Section::Identity], ..Seen::default() });
    let shown = rows.into_iter().map(|p| PreviewedRow {
        line: p.line,
        fate: p.fate,
        row: p.told.map(RowTold::from),
        refused: p.refused,
        candidates: p.candidates,
    });
    Ok(Json(Page::whole(shown.collect())))
}

/// Send a file
///
/// At most 512 MiB. It is taken in whole and read after the answer: look at the delivery for how far it came and what became of its rows.
/// The same file again changes nothing, and goes on where one was interrupted.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/deliveries", tag = "intake", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), SentBy),
    request_body(content = Vec<u8>, content_type = "text/csv", description = "CSV UTF-8, or a spreadsheet (.xlsx)"),
    responses((status = 202, body = Delivery, description = "It came, and is being read"), Writes),
)]
pub async fn send_file(
    State(app): State<App>,
    council: Council,
    Params(SentBy { mapping, source, first, last }): Params<SentBy>,
    file: Unread<Streamed>,
) -> Result<(StatusCode, Json<Delivery>), Problem> {
    council.may(Verb::RunIntake)?;
    let import = how(&council, &mapping, Sent { source, first, last }).await?;
    let Streamed(file) = file.read().await?;
    let id = intake::begin(&council.store, &council.by, &import, &file).await.map_err(|e| match e {
        intake::IntakeError::Store(StoreError::NoSuch { .. }) => Problem::invalid("source", e.to_string()),
        e => e.into(),
    })?;
    let (store, principal) = (council.store.clone(), council.by.clone());
    tokio::spawn(async move {
        // A few at once: each may hold a spreadsheet's texts in memory. The place is lost only where the host stops.
        let Ok(_place) = app.deliveries.acquire().await else { return };
        if let Err(fault) = intake::carry_on(&store, &principal, &import, id, file).await {
            // Of a fault of the file the delivery says what it was.
            if matches!(fault, intake::IntakeError::Store(_)) {
                tracing::error!(%fault, delivery = %id, "a delivery could not be kept");
            }
        }
    });
    let now = council.store.clock().now();
    Ok((StatusCode::ACCEPTED, Json(Delivery::of(council.store.delivery(id).await?, now)?)))
}

/// List deliveries
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/deliveries", tag = "intake", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), Paging),
    responses((status = 200, body = Page<Delivery>, description = "The latest first"), Reads),
)]
pub async fn list_deliveries(council: Council, Params(paging): Params<Paging>) -> Result<Json<Page<Delivery>>, Problem> {
    council.may(Verb::RunIntake)?;
    let now = council.store.clock().now();
    let page = council.store.deliveries(paging.after()?, paging.limit()).await?;
    let items = page.items.into_iter().map(|d| Delivery::of(d, now)).collect::<Result<Vec<_>, _>>()?;
    Ok(Json(Page::of(store::Page { items, next: page.next }, |d| d)))
}

/// Read a delivery
///
/// How far it came, what became of its rows, and the first thousand that were refused, with line and reason.
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/deliveries/{delivery}", tag = "intake", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), ("delivery" = DeliveryId, Path, description = "The delivery")),
    responses((status = 200, body = Delivery, description = "The delivery"), Reads),
)]
pub async fn read_delivery(council: Council, Id(id): Id<DeliveryId>) -> Result<Json<Delivery>, Problem> {
    council.may(Verb::RunIntake)?;
    Ok(Json(Delivery::of(council.store.delivery(id).await?, council.store.clock().now())?))
}

/// List feeds
///
/// When each last came, for which days, what became of it, and whether the next is overdue; and how many rows wait.
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/feeds", tag = "intake", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code")),
    responses((status = 200, body = Feeds, description = "By mapping and source"), Reads),
)]
pub async fn list_feeds(council: Council) -> Result<Json<Feeds>, Problem> {
    council.may(Verb::RunIntake)?;
    let (store, now) = (&council.store, council.store.clock().now());
    let feed = |f: intake::Feed| {
        let read = f.read.map(|d| Delivery::of(d, now)).transpose()?;
        Ok::<_, StoreError>(Feed { latest: Delivery::of(f.latest, now)?, read, due: f.due, overdue: f.overdue })
    };
    let feeds = intake::feeds(store).await?.into_iter().map(feed).collect::<Result<_, _>>()?;
    let (asked, unmatched) = (store.count_waiting(WaitingState::Asked).await?, store.count_waiting(WaitingState::Unmatched).await?);
    Ok(Json(Feeds { feeds, asked, unmatched }))
}
