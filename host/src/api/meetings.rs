//! Standing meetings: hubs, panels, the team around a family; and what was on agendas about a family.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::App;
use super::agenda::AgendaItem;
use super::body::Body;
use super::caller::Council;
use super::documented::{Edits, Reads, Writes};
use super::evidence::InLanguage;
use super::once::{Answer, Begun, Once};
use super::page::{Page, Paging};
use super::params::{Id, Params};
use super::problem::Problem;
use super::version::{IfMatch, Versioned};
use crate::access::Verb;
use crate::record::{
    AuthorityId, Day, Digest, FamilyId, Invalid, LoginId, MeetingId, OrganisationId, Section, Sections, codes, fact, meeting,
};
use crate::store::{self, Seen};

/// Bytes of a name, and of a place.
const LONGEST: usize = 200;
/// Organisations that a meeting invites.
const MOST_INVITED: usize = 50;

/// A meeting that is held again and again.
#[derive(Debug, Serialize, ToSchema)]
pub struct Meeting {
    id: MeetingId,
    /// Whose it is: the team around the family. Left out: the authority's.
    #[serde(skip_serializing_if = "Option::is_none")]
    family: Option<FamilyId>,
    /// Code list meetings.
    #[schema(example = "hub-meeting")]
    kind: String,
    /// 1 to 200 bytes.
    #[schema(min_length = 1, max_length = 200, example = "Daily hub")]
    name: String,
    /// What the pathway plugin calls it: the id of a name of the sort `meeting` in its manifest. What it proposes for that meeting comes onto
    /// its agendas, and how often it is held stands there.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "daily-hub")]
    named: Option<String>,
    /// What being on its agenda tells, code list sections: whoever does not see these of a family does not know that it is there.
    tells: Vec<Section>,
    /// Who leads it.
    #[serde(skip_serializing_if = "Option::is_none")]
    chair: Option<LoginId>,
    /// Organisations whose people know of its sittings; of families on the agenda they see what is shared with them, and of others nothing.
    invited: Vec<OrganisationId>,
    /// HH:MM.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "09:30")]
    starts: Option<String>,
    /// Or how to call in: 1 to 200 bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<String>,
    /// From this day on it sits no more.
    #[serde(skip_serializing_if = "Option::is_none")]
    ended: Option<Day>,
}

/// What is said of a meeting, and may be changed.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MeetingTerms {
    /// Code list meetings.
    #[schema(example = "hub-meeting")]
    kind: String,
    /// 1 to 200 bytes.
    #[schema(min_length = 1, max_length = 200, example = "Daily hub")]
    name: String,
    /// What the pathway plugin calls it: the id of a name of the sort `meeting` in its manifest. What it proposes for that meeting comes onto
    /// its agendas, and how often it is held stands there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "daily-hub")]
    named: Option<String>,
    /// What being on its agenda tells, code list sections: whoever does not see these of a family does not know that it is there.
    #[serde(default)]
    tells: Vec<Section>,
    /// Who leads it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    chair: Option<LoginId>,
    /// Organisations whose people know of its sittings; of families on the agenda they see what is shared with them, and of others nothing.
    #[serde(default)]
    invited: Vec<OrganisationId>,
    /// HH:MM.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "09:30")]
    starts: Option<String>,
    /// Or how to call in: 1 to 200 bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    place: Option<String>,
    /// From this day on it sits no more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ended: Option<Day>,
}

impl From<store::Meeting> for Meeting {
    fn from(m: store::Meeting) -> Self {
        let store::Meeting { id, kind, name, named, family, tells, chair, invited, starts, place, ended } = m;
        let tells = Section::ALL.iter().copied().filter(|s| tells.has(*s)).collect();
        Self { id, family, kind, name, named, tells, chair, invited, starts, place, ended }
    }
}

impl MeetingTerms {
    fn of(self, id: MeetingId, family: Option<FamilyId>) -> store::Meeting {
        let Self { kind, name, named, tells, chair, mut invited, starts, place, ended } = self;
        invited.sort_unstable();
        let tells: Sections = tells.into_iter().collect();
        store::Meeting { id, kind, name, named, family, tells, chair, invited, starts, place, ended }
    }

    async fn check(&self, app: &App, council: &Council) -> Result<(), Problem> {
        codes::check("kind", "meetings", &self.kind)?;
        fact::text("name", &self.name, LONGEST)?;
        self.named.as_deref().map_or(Ok(()), |n| fact::slug("named", n))?;
        at(self.starts.as_deref(), self.place.as_deref())?;
        if self.invited.len() > MOST_INVITED {
            return Err(Problem::invalid("invited", format!("has at most {MOST_INVITED} entries")));
        }
        for (i, organisation) in self.invited.iter().enumerate() {
            let there = app.stores.common().organisation(organisation).await?.is_some();
            if !there || self.invited[..i].contains(organisation) {
                return Err(Problem::invalid(format!("invited[{i}]"), "is no organisation, or stands here twice"));
            }
        }
        if let Some(chair) = self.chair {
            works_here(council, "chair", chair).await?;
        }
        Ok(())
    }
}

/// # Errors
/// `invalid`, naming `starts` or `place`.
pub(super) fn at(starts: Option<&str>, place: Option<&str>) -> Result<(), Invalid> {
    starts.map_or(Ok(()), |s| meeting::time("starts", s))?;
    place.map_or(Ok(()), |p| fact::text("place", p, LONGEST))
}

/// Somebody with a role at the authority today.
///
/// # Errors
/// `invalid`, naming the field.
pub(super) async fn works_here(council: &Council, field: &str, login: LoginId) -> Result<(), Problem> {
    let today = council.store.clock().now().day();
    let roles = council.store.roles_of(login).await?;
    if !roles.iter().any(|r| r.window.contains(today)) {
        return Err(Problem::invalid(field, "is nobody who works here"));
    }
    Ok(())
}

/// Whose meeting it is, they may plan: the authority's, whoever plans for all families.
///
/// # Errors
/// `not-allowed`; `no-such` where the meeting's family is not theirs to know of.
pub(super) async fn may_plan(council: &Council, meeting: &store::Meeting) -> Result<(), Problem> {
    match meeting.family {
        Some(family) => council.family_of(Verb::PlanMeetings, family, "meeting", meeting.id).await.map(drop),
        None => of_everybody(council),
    }
}

fn of_everybody(council: &Council) -> Result<(), Problem> {
    if council.reader(Verb::PlanMeetings)?.all {
        return Ok(());
    }
    Err(Problem::new(super::problem::Code::NotAllowed, "meetings of the authority are planned by its managers and coordinators"))
}

/// List meetings
///
/// The authority's, and of families those that are theirs to see; ended ones too.
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/meetings", tag = "meetings", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), Paging),
    responses((status = 200, body = Page<Meeting>, description = "In the order in which they were made"), Reads),
)]
pub async fn list_meetings(council: Council, Params(paging): Params<Paging>) -> Result<Json<Page<Meeting>>, Problem> {
    let reader = council.reader(Verb::SeeMeetings)?;
    let page = council.store.meetings_for(&reader, paging.after()?, paging.limit()).await?;
    let of_families: Vec<_> = page.items.iter().filter_map(|m| Some((m.id, m.family?))).collect();
    council.listed(&of_families, |(id, family)| Seen::of(*family, "meeting", id, &[]));
    Ok(Json(Page::of(page, Meeting::from)))
}

/// Read a meeting
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/meetings/{meeting}", tag = "meetings", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), ("meeting" = MeetingId, Path, description = "The meeting")),
    responses((status = 200, body = Meeting, description = "Its ETag is for changing it"), Reads),
)]
pub async fn read_meeting(council: Council, Id(id): Id<MeetingId>) -> Result<Versioned<Meeting>, Problem> {
    let reader = council.reader(Verb::SeeMeetings)?;
    let meeting = council.store.meeting_for(&reader, id).await?;
    if let Some(family) = meeting.family {
        council.listed(&[family], |family| Seen::of(*family, "meeting", id, &[]));
    }
    Ok(Versioned(meeting.into()))
}

/// Set up a meeting
///
/// Of the authority's: a hub, a panel.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/meetings", tag = "meetings", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    request_body(content = MeetingTerms, example = json!({
        "kind": "hub-meeting", "name": "Daily hub", "named": "daily-hub", "tells": ["abuse"], "invited": ["avon-and-somerset-police"],
        "starts": "09:30", "place": "Town Hall, room 2",
    })),
    responses((status = 201, body = Meeting, description = "It has no sitting yet"), Writes),
)]
pub async fn set_up_meeting(
    State(app): State<App>,
    council: Council,
    once: Once,
    Body { value: terms, digest }: Body<MeetingTerms>,
) -> Result<Response, Problem> {
    of_everybody(&council)?;
    set_up(&app, &council, &once, (terms, digest), None).await
}

/// Set up a family's own meeting
///
/// The team around it: by whoever works with the family.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/families/{family}/meetings", tag = "meetings", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("family" = FamilyId, Path, description = "The family"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    request_body(content = MeetingTerms, example = json!({
        "kind": "team-around-family", "name": "Team around the family", "invited": ["severnhope-academy"], "place": "at the school",
    })),
    responses((status = 201, body = Meeting, description = "It has no sitting yet"), Writes),
)]
pub async fn set_up_family_meeting(
    State(app): State<App>,
    council: Council,
    Id(family): Id<FamilyId>,
    once: Once,
    Body { value: terms, digest }: Body<MeetingTerms>,
) -> Result<Response, Problem> {
    council.family(Verb::PlanMeetings, family).await?;
    set_up(&app, &council, &once, (terms, digest), Some(family)).await
}

async fn set_up(
    app: &App,
    council: &Council,
    once: &Once,
    (terms, digest): (MeetingTerms, Digest),
    family: Option<FamilyId>,
) -> Result<Response, Problem> {
    terms.check(app, council).await?;
    let mut tx = match once.begin(council, digest, "set up a meeting").await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    let meeting = terms.of(MeetingId::fresh(), family);
    tx.add_meeting(&meeting).await?;
    once.finish(tx, council, digest, Answer::created(&Meeting::from(meeting))).await
}

/// Change a meeting
///
/// Who is invited from now on knows of earlier sittings too, and who is not any more knows of none. `ended` ends it.
#[utoipa::path(
    put, path = "/v1/authorities/{authority}/meetings/{meeting}", tag = "meetings", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("meeting" = MeetingId, Path, description = "The meeting"),
        ("If-Match" = Option<String>, Header, description = "The ETag of what you read"),
    ),
    request_body(content = MeetingTerms, example = json!({ "kind": "hub-meeting", "name": "Daily hub", "invited": ["avon-and-somerset-police"] })),
    responses((status = 200, body = Meeting, description = "As it is now"), Edits),
)]
pub async fn change_meeting(
    State(app): State<App>,
    council: Council,
    Id(id): Id<MeetingId>,
    seen: IfMatch,
    Body { value: terms, .. }: Body<MeetingTerms>,
) -> Result<Versioned<Meeting>, Problem> {
    let reader = council.reader(Verb::PlanMeetings)?;
    may_plan(&council, &council.store.meeting_for(&reader, id).await?).await?;
    terms.check(&app, &council).await?;
    let mut tx = council.write("changed a meeting").await?;
    let now = tx.meeting(id).await?;
    let family = now.family;
    seen.holds(&Meeting::from(now))?;
    let meeting = terms.of(id, family);
    tx.change_meeting(&meeting).await?;
    tx.commit().await?;
    Ok(Versioned(meeting.into()))
}

/// List what meetings were about a family
///
/// On which agendas it is or was, as far as that is yours to know.
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/families/{family}/meetings", tag = "meetings", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), ("family" = FamilyId, Path, description = "The family"), InLanguage),
    responses((status = 200, body = Page<AgendaItem>, description = "The latest first; one page"), Reads),
)]
pub async fn list_family_meetings(
    State(app): State<App>,
    council: Council,
    Id(family): Id<FamilyId>,
    Params(wanted): Params<InLanguage>,
) -> Result<Json<Page<AgendaItem>>, Problem> {
    let opened = council.family(Verb::SeeMeetings, family).await?;
    let found = council.store.agenda_of_family_for(opened.reader(), family).await?;
    council.showed(Seen::family(family, &[Section::Notes]));
    Ok(Json(Page::whole(AgendaItem::all(&app, &council, opened.reader(), found, wanted.language).await?)))
}
