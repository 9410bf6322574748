//! Sittings of meetings: planned, held or not; who came; who is on the agenda.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::App;
use super::agenda::AgendaItem;
use super::body::Body;
use super::caller::Council;
use super::documented::{Edits, Reads, Writes};
use super::evidence::InLanguage;
use super::meetings::{at, may_plan};
use super::once::{Answer, Begun, Once};
use super::page::{self, Cursor, Limit, Page};
use super::params::{Id, Params};
use super::problem::{Code, Problem};
use super::version::{IfMatch, VersionedBy};
use crate::access::Verb;
use crate::record::meeting::{Attendance, SittingState};
use crate::record::{AuthorityId, Day, FamilyId, Invalid, KnownAt, LoginId, MeetingId, OrganisationId, SittingId, fact};
use crate::store::{self, Came, Seen, WantedSittings};
use crate::workflow::meetings::go_on;

/// One sitting of a meeting.
#[derive(Debug, Serialize, ToSchema)]
pub struct Sitting {
    id: SittingId,
    meeting: MeetingId,
    /// Of the meeting.
    name: String,
    /// Code list meetings.
    #[schema(example = "hub-meeting")]
    kind: String,
    /// Of a family's own meeting.
    #[serde(skip_serializing_if = "Option::is_none")]
    family: Option<FamilyId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    chair: Option<LoginId>,
    state: SittingState,
    on: Day,
    /// HH:MM.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "09:30")]
    starts: Option<String>,
    /// Or how to call in.
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<String>,
    /// Held, missed or cancelled.
    #[serde(skip_serializing_if = "Option::is_none")]
    settled_at: Option<KnownAt>,
    #[serde(skip_serializing_if = "Option::is_none")]
    settled_by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    settled_why: Option<String>,
}

/// When and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SittingTimes)]
pub struct When {
    /// Not before today where it is said anew.
    on: Day,
    /// HH:MM; the meeting's own, if left out of a new one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "09:30")]
    starts: Option<String>,
    /// Or how to call in: 1 to 200 bytes. The meeting's own, if left out of a new one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    place: Option<String>,
}

impl Sitting {
    fn when(&self) -> When {
        When { on: self.on, starts: self.starts.clone(), place: self.place.clone() }
    }

    fn of(sitting: store::Sitting, meeting: &store::Meeting) -> Self {
        let (settled_at, settled_by, words) = match sitting.settled {
            Some(said) => (Some(said.at), Some(said.by), Some(said.words)),
            None => (None, None, None),
        };
        Self {
            id: sitting.id,
            meeting: meeting.id,
            name: meeting.name.clone(),
            kind: meeting.kind.clone(),
            family: meeting.family,
            chair: meeting.chair,
            state: sitting.state,
            on: sitting.on,
            starts: sitting.starts,
            place: sitting.place,
            settled_at,
            settled_by,
            settled_why: words.filter(|w| !w.is_empty()),
        }
    }
}

/// Whether an organisation came.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = OrganisationCame)]
pub struct OrganisationCame {
    organisation: OrganisationId,
    how: Attendance,
}

/// A sitting with its agenda.
#[derive(Debug, Serialize, ToSchema)]
pub struct WholeSitting {
    #[serde(flatten)]
    sitting: Sitting,
    /// Invited organisations.
    invited: Vec<OrganisationId>,
    /// What was last said of each, invited or not.
    attendance: Vec<OrganisationCame>,
    /// Families on the agenda that are yours to see there, in the order in which they came.
    agenda: Vec<AgendaItem>,
}

/// Where a page ends.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Place(Day, SittingId);

impl Cursor for Place {
    fn write(&self) -> Vec<u8> {
        [&self.0.number().to_be_bytes(), self.1.as_bytes()].concat()
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let (day, id) = bytes.split_first_chunk::<4>()?;
        Some(Self(Day::new(i32::from_be_bytes(*day))?, SittingId::from_bytes(id)?))
    }
}

/// Which sittings are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Wanted {
    /// Not before this day.
    first: Option<Day>,
    /// Not after this day.
    last: Option<Day>,
    meeting: Option<MeetingId>,
    /// At most so many, 1 to 200.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200, default = 50)]
    limit: Option<Limit>,
    /// What the page before said in `next`.
    after: Option<String>,
}

/// List sittings
///
/// Of meetings to which your organisation is invited, of families that are yours to see, and, for whoever works for the council, of all its meetings.
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/sittings", tag = "meetings", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), Wanted),
    responses((status = 200, body = Page<Sitting>, description = "The first first"), Reads),
)]
pub async fn list_sittings(council: Council, Params(wanted): Params<Wanted>) -> Result<Json<Page<Sitting>>, Problem> {
    let reader = council.reader(Verb::SeeMeetings)?;
    let after = page::after::<Place>(wanted.after.as_deref())?.map(|Place(day, id)| (day, id));
    let find = WantedSittings { first: wanted.first, last: wanted.last, meeting: wanted.meeting, sitting: None, after };
    let found = council.store.sittings_for(&reader, &find, page::limit(wanted.limit)).await?;
    let mut items = Vec::with_capacity(found.items.len());
    for sitting in found.items {
        let meeting = council.store.meeting(sitting.meeting).await?;
        items.push(Sitting::of(sitting, &meeting));
    }
    let of_families: Vec<_> = items.iter().filter_map(|s: &Sitting| Some((s.id, s.family?))).collect();
    council.listed(&of_families, |(id, family)| Seen::of(*family, "sitting", id, &[]));
    Ok(Json(Page { items, next: found.next.map(|(day, id)| page::opaque(&Place(day, id))) }))
}

/// Read a sitting
///
/// With its agenda: a family that is not yours to see there leaves no gap.
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/sittings/{sitting}", tag = "meetings", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), ("sitting" = SittingId, Path, description = "The sitting"), InLanguage),
    responses((status = 200, body = WholeSitting, description = "Its ETag is for changing when and where"), Reads),
)]
pub async fn read_sitting(
    State(app): State<App>,
    council: Council,
    Id(id): Id<SittingId>,
    Params(wanted): Params<InLanguage>,
) -> Result<Response, Problem> {
    let reader = council.reader(Verb::SeeMeetings)?;
    let sitting = council.store.sitting_for(&reader, id).await?;
    let meeting = council.store.meeting(sitting.meeting).await?;
    if let Some(family) = meeting.family {
        council.listed(&[family], |family| Seen::of(*family, "sitting", id, &[]));
    }
    let found = council.store.agenda_for(&reader, id).await?;
    council.listed(&found, |i| Seen::of(i.family, "agenda-item", i.id, &[crate::record::Section::Notes]));
    let agenda = AgendaItem::all(&app, &council, &reader, found, wanted.language).await?;
    let attendance = council.store.attendance(id).await?;
    let attendance = attendance.into_iter().map(|Came { organisation, how }| OrganisationCame { organisation, how }).collect();
    let sitting = Sitting::of(sitting, &meeting);
    let version = version(&sitting.when(), sitting.state);
    Ok(axum::response::IntoResponse::into_response(VersionedBy(
        WholeSitting { sitting, invited: meeting.invited, attendance, agenda },
        version,
    )))
}

/// What of a sitting people edit.
fn version(when: &When, state: SittingState) -> (When, SittingState) {
    (when.clone(), state)
}

/// Plan a sitting
///
/// It takes over whom earlier sittings of the meeting did not reach.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/meetings/{meeting}/sittings", tag = "meetings", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("meeting" = MeetingId, Path, description = "The meeting"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    request_body(content = When, example = json!({ "on": "2026-09-14" })),
    responses((status = 201, body = Sitting, description = "Planned"), Writes),
)]
pub async fn plan_sitting(
    council: Council,
    Id(id): Id<MeetingId>,
    once: Once,
    Body { value: when, digest }: Body<When>,
) -> Result<Response, Problem> {
    let reader = council.reader(Verb::PlanMeetings)?;
    let meeting = council.store.meeting_for(&reader, id).await?;
    may_plan(&council, &meeting).await?;
    at(when.starts.as_deref(), when.place.as_deref())?;
    let mut tx = match once.begin(&council, digest, "planned a sitting").await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    to_come(when.on, tx.now().day())?;
    let sitting = store::Sitting {
        id: SittingId::fresh(),
        meeting: id,
        on: when.on,
        starts: when.starts.or_else(|| meeting.starts.clone()),
        place: when.place.or_else(|| meeting.place.clone()),
        state: SittingState::Planned,
        settled: None,
    };
    tx.add_sitting(&sitting).await?;
    once.finish(tx, &council, digest, Answer::created(&Sitting::of(sitting, &meeting))).await
}

fn to_come(on: Day, today: Day) -> Result<(), Invalid> {
    if on < today { Err(Invalid::new("on", "is over")) } else { Ok(()) }
}

/// A sitting that somebody may plan, with its meeting.
pub(super) async fn theirs(council: &Council, id: SittingId) -> Result<(store::Sitting, store::Meeting), Problem> {
    let reader = council.reader(Verb::PlanMeetings)?;
    let sitting = council.store.sitting_for(&reader, id).await?;
    let meeting = council.store.meeting(sitting.meeting).await?;
    may_plan(council, &meeting).await?;
    Ok((sitting, meeting))
}

/// Change when and where a sitting is
///
/// One that was proposed is planned with that.
#[utoipa::path(
    put, path = "/v1/authorities/{authority}/sittings/{sitting}", tag = "meetings", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("sitting" = SittingId, Path, description = "The sitting"),
        ("If-Match" = Option<String>, Header, description = "The ETag of what you read"),
    ),
    request_body(content = When, example = json!({ "on": "2026-09-15", "starts": "10:00", "place": "by telephone" })),
    responses((status = 200, body = Sitting, description = "Planned"), Edits),
)]
pub async fn change_sitting(
    council: Council,
    Id(id): Id<SittingId>,
    seen: IfMatch,
    Body { value: when, .. }: Body<When>,
) -> Result<VersionedBy<Sitting, (When, SittingState)>, Problem> {
    let (_, meeting) = theirs(&council, id).await?;
    at(when.starts.as_deref(), when.place.as_deref())?;
    let mut tx = council.write("changed when and where a sitting is").await?;
    let now = tx.sitting(id).await?;
    seen.holds(&version(&When { on: now.on, starts: now.starts.clone(), place: now.place.clone() }, now.state))?;
    to_come(when.on, tx.now().day())?;
    let When { on, starts, place } = when;
    let sitting = store::Sitting { on, starts, place, state: SittingState::Planned, ..now };
    tx.change_sitting(&sitting).await?;
    tx.commit().await?;
    let sitting = Sitting::of(sitting, &meeting);
    let version = version(&sitting.when(), sitting.state);
    Ok(VersionedBy(sitting, version))
}

/// How a sitting ended.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SittingEnds {
    /// It was held; else it is cancelled.
    held: bool,
    /// 1 to 500 bytes; kept, so it names nobody. Needed where it is cancelled.
    #[serde(default)]
    why: Option<String>,
}

/// Say that a sitting was held, or is not
///
/// Whom it did not reach, the next takes over, which is proposed where the pathway plugin says how often the meeting is held.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/sittings/{sitting}/end", tag = "meetings", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("sitting" = SittingId, Path, description = "The sitting"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    request_body(content = SittingEnds, example = json!({ "held": true })),
    responses((status = 200, body = Sitting, description = "Held, or cancelled"), Writes),
)]
pub async fn end_sitting(
    State(app): State<App>,
    council: Council,
    Id(id): Id<SittingId>,
    once: Once,
    Body { value: ends, digest }: Body<SittingEnds>,
) -> Result<Response, Problem> {
    let (sitting, meeting) = theirs(&council, id).await?;
    match &ends.why {
        Some(why) => fact::text("why", why, 500)?,
        None if ends.held => {}
        None => return Err(Problem::invalid("why", "is needed where a sitting is cancelled")),
    }
    let every = app.workflow.rhythm(&council.store, &meeting).await?;
    let mut tx = match once.begin(&council, digest, if ends.held { "said that a sitting was held" } else { "cancelled a sitting" }).await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    if ends.held && sitting.on > tx.now().day() {
        return Err(Problem::new(Code::Conflict, "the sitting is still to come"));
    }
    let state = if ends.held { SittingState::Held } else { SittingState::Cancelled };
    tx.settle_sitting(id, state, ends.why.as_deref()).await?;
    go_on(&mut tx, &sitting, every).await?;
    let settled = tx.sitting(id).await?;
    once.finish(tx, &council, digest, Answer::new(StatusCode::OK, &Sitting::of(settled, &meeting))).await
}

/// Which organisations came.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewAttendance)]
pub struct WhoCame {
    /// 1 to 100, each once; what was said of others stays.
    organisations: Vec<OrganisationCame>,
}

/// Say which organisations came
///
/// Present, absent, or with apologies; what is said last of each counts.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/sittings/{sitting}/attendance", tag = "meetings", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("sitting" = SittingId, Path, description = "The sitting"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    request_body(content = WhoCame, example = json!({ "organisations": [{ "organisation": "avon-and-somerset-police", "how": "present" }] })),
    responses((status = 200, body = Sitting, description = "Noted"), Writes),
)]
pub async fn say_who_came(
    State(app): State<App>,
    council: Council,
    Id(id): Id<SittingId>,
    once: Once,
    Body { value: WhoCame { organisations }, digest }: Body<WhoCame>,
) -> Result<Response, Problem> {
    let (sitting, meeting) = theirs(&council, id).await?;
    if organisations.is_empty() || organisations.len() > 100 {
        return Err(Problem::invalid("organisations", "has 1 to 100 entries"));
    }
    for (i, one) in organisations.iter().enumerate() {
        let twice = organisations[..i].iter().any(|o| o.organisation == one.organisation);
        if twice || app.stores.common().organisation(&one.organisation).await?.is_none() {
            return Err(Problem::invalid(format!("organisations[{i}].organisation"), "is no organisation, or stands here twice"));
        }
    }
    let mut tx = match once.begin(&council, digest, "said who came to a sitting").await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    if sitting.on > tx.now().day() && organisations.iter().any(|o| o.how != Attendance::Apologies) {
        return Err(Problem::new(Code::Conflict, "the sitting is still to come: only apologies are known before"));
    }
    let came: Vec<Came> = organisations.into_iter().map(|o| Came { organisation: o.organisation, how: o.how }).collect();
    tx.say_who_came(id, &came).await?;
    once.finish(tx, &council, digest, Answer::new(StatusCode::OK, &Sitting::of(sitting, &meeting))).await
}
