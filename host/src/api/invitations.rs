//! Inviting people by e-mail to work with an authority, and accepting.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::App;
use super::body::{Body, Nothing};
use super::caller::Council;
use super::documented::{Acts, Reads, SignsIn, Writes};
use super::once::{Answer, Begun, Once};
use super::page::{Page, Paging};
use super::params::{Id, Params};
use super::problem::{Code, Problem};
use super::sessions::{Before, SignedIn, signed_in};
use crate::access::invitations::{self, Invited};
use crate::access::{Address, Role, Roles, Verb, policy};
use crate::record::{AuthorityId, Day, InvitationId, KnownAt, LoginId, OrganisationId};
use crate::store;

/// Who is to work here.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewInvitation {
    #[schema(example = "Priya Nair")]
    name: String,
    address: Address,
    /// Who employs them. The council itself, if left out.
    #[serde(default)]
    organisation: Option<OrganisationId>,
    #[serde(default)]
    roles: Vec<Role>,
    /// The roles' last day; left out: no end is set.
    #[serde(default)]
    last: Option<Day>,
    /// Somebody who works here, and nowhere else, and has no way to sign in but tokens: the address becomes theirs.
    #[serde(default)]
    login: Option<LoginId>,
}

/// What became of an invitation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum InvitationState {
    Open,
    Accepted,
    Withdrawn,
    Over,
}

/// Somebody who was invited.
#[derive(Debug, Serialize, ToSchema)]
pub struct Invitation {
    id: InvitationId,
    name: String,
    address: String,
    organisation: OrganisationId,
    roles: Vec<Role>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last: Option<Day>,
    state: InvitationState,
    invited_by: String,
    expires_at: KnownAt,
    /// Whose login it came to.
    #[serde(skip_serializing_if = "Option::is_none")]
    accepted_by: Option<LoginId>,
}

impl Invitation {
    fn of(invitation: store::Invitation, now: KnownAt) -> Result<Self, Problem> {
        let state = match (invitation.accepted, invitation.withdrawn_at) {
            (Some(_), _) => InvitationState::Accepted,
            (None, Some(_)) => InvitationState::Withdrawn,
            (None, None) if invitation.is_open(now) => InvitationState::Open,
            (None, None) => InvitationState::Over,
        };
        Ok(Self {
            id: invitation.id,
            name: invitation.name,
            address: invitation.address,
            organisation: invitation.organisation,
            roles: invitation.roles.parse::<Roles>()?.iter().collect(),
            last: invitation.last,
            state,
            invited_by: invitation.invited_by,
            expires_at: invitation.expires_at,
            accepted_by: invitation.accepted.map(|(_, login)| login),
        })
    }
}

/// Invite somebody
///
/// A mail goes to the address, with a link that is good once, for seven days. Whoever accepts has one login for all councils that invite
/// the address. Coordinators invite people who work with families, in and out of the council; administrators whomever they like.
/// Nobody invites themselves.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/invitations", tag = "signing-in", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    request_body(content = NewInvitation, example = json!({
        "name": "Priya Nair", "address": "priya.nair@example.org", "organisation": "harbour", "roles": ["lead-worker"], "last": "2027-03-31",
    })),
    responses((status = 201, body = Invitation, description = "Invited", headers(("Location" = String))), Writes, super::documented::Sends),
)]
pub async fn invite(
    State(app): State<App>,
    council: Council,
    once: Once,
    Body { value: new, digest }: Body<NewInvitation>,
) -> Result<Response, Problem> {
    council.may(Verb::Invite)?;
    let roles: Roles = new.roles.into_iter().collect();
    let all = council.may(Verb::ManagePeople).is_ok();
    if let Some(role) = roles.iter().find(|role| !policy::may_be_invited(*role, all)) {
        let why = if role == Role::System { "`system` is for programs: make a token for one" } else { "is an administrator's to give" };
        return Err(Problem::invalid("roles", format!("{role}: {why}")));
    }
    if new.login.is_some() && !all {
        return Err(Problem::invalid("login", "is an administrator's to name"));
    }
    let common = app.stores.common();
    if let Some(login) = council.who.login() {
        let own = common.address_of(login).await?.is_some_and(|a| a == new.address.as_str());
        if own || new.login == Some(login) {
            return Err(Problem::invalid("address", "is yours: somebody else gives you a role"));
        }
    }
    if let Some(response) = once.look(&council, digest).await? {
        return Ok(response);
    }
    let organisation = new.organisation.unwrap_or_else(|| OrganisationId::of_council(council.store.id()));
    let invited = Invited { name: new.name, address: new.address, organisation, roles, last: new.last, login: new.login };
    let drafted = invitations::draft(&app.stores, &council.store, invited, &council.by).await?;
    // The mail first: an invitation that nobody has must not stand in the list. Its link opens nothing before what follows is kept.
    let name = common.authority(council.store.id()).await?.map_or_else(|| council.store.id().to_string(), |a| a.name);
    invitations::send(&app.reception, &drafted, &name).await?;
    let mut tx = match once.begin(&council, digest, "invited somebody").await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    tx.invite(&drafted.new).await?;
    let now = tx.now();
    let answer = Answer::created(&Invitation::of(drafted.new.invitation, now)?);
    once.finish(tx, &council, digest, answer).await
}

/// List invitations
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/invitations", tag = "signing-in", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), Paging),
    responses((status = 200, body = Page<Invitation>, description = "The first first"), Reads),
)]
pub async fn list_invitations(council: Council, Params(paging): Params<Paging>) -> Result<Json<Page<Invitation>>, Problem> {
    council.may(Verb::Invite)?;
    let now = council.store.clock().now();
    let mut all = council.store.invitations().await?;
    all.sort_by_key(|i| i.id);
    let all = all.into_iter().map(|i| Invitation::of(i, now)).collect::<Result<_, _>>()?;
    Ok(Json(paging.cut(all, |i: &Invitation| i.id)?))
}

/// An invitation that opens nothing any more.
#[derive(Debug, Serialize, ToSchema)]
pub struct WithdrawnInvitation {
    id: InvitationId,
    state: InvitationState,
}

/// Withdraw an invitation
///
/// The link in its mail opens nothing any more.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/invitations/{invitation}/withdrawal", tag = "signing-in", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("invitation" = InvitationId, Path, description = "The invitation"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    responses((status = 200, body = WithdrawnInvitation, description = "It opens nothing"), Acts),
)]
pub async fn withdraw_invitation(
    council: Council,
    Id(id): Id<InvitationId>,
    once: Once,
    Nothing { digest }: Nothing,
) -> Result<Response, Problem> {
    council.may(Verb::Invite)?;
    let mut tx = match once.begin(&council, digest, "withdrew an invitation").await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    tx.withdraw_invitation(id).await?;
    let withdrawn = WithdrawnInvitation { id, state: InvitationState::Withdrawn };
    once.finish(tx, &council, digest, Answer::new(StatusCode::OK, &withdrawn)).await
}

/// What an invitation's mail carries.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InvitationToken {
    /// What the link has behind `token=`.
    token: String,
}

/// An invitation, to whoever received it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Received {
    authority: AuthorityId,
    #[schema(example = "Bristol")]
    council: String,
    name: String,
    organisation: OrganisationId,
    roles: Vec<Role>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last: Option<Day>,
    expires_at: KnownAt,
}

/// Look at an invitation
///
/// It is not accepted by this: programs that look at mail follow links too, and people come by the link from their mail, which is another's page.
#[utoipa::path(
    post, path = "/v1/sign-in/invitations/look", tag = "signing-in",
    request_body(content = InvitationToken, example = json!({ "token": "E06000023.…" })),
    responses((status = 200, body = Received, description = "Who invites you, and to what"), SignsIn),
)]
pub async fn look_at_invitation(
    State(app): State<App>,
    Body { value: sent, .. }: Body<InvitationToken>,
) -> Result<Json<Received>, Problem> {
    let (store, invitation) = invitations::find(&app.stores, &sent.token).await?;
    let authority = app.stores.common().authority(store.id()).await?.ok_or_else(|| Problem::new(Code::InvitationRefused, "it is over"))?;
    Ok(Json(Received {
        authority: authority.code,
        council: authority.name,
        name: invitation.name,
        organisation: invitation.organisation,
        roles: invitation.roles.parse::<Roles>()?.iter().collect(),
        last: invitation.last,
        expires_at: invitation.expires_at,
    }))
}

/// Accept an invitation
///
/// Makes the login that the address leads to, or adds to it, and signs in: answers with the cookie `__Host-hearth`.
#[utoipa::path(
    post, path = "/v1/sign-in/invitations/acceptance", tag = "signing-in",
    request_body(content = InvitationToken, example = json!({ "token": "E06000023.…" })),
    responses((status = 201, body = SignedIn, description = "Accepted, and signed in", headers(("Set-Cookie" = String))), SignsIn),
)]
pub async fn accept_invitation(
    State(app): State<App>,
    Before(before): Before,
    Body { value: sent, .. }: Body<InvitationToken>,
) -> Result<Response, Problem> {
    signed_in(invitations::accept(&app.stores, &sent.token, before.as_ref()).await?)
}
