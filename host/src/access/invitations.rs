//! Inviting people by e-mail. The link shows that the mailbox is theirs; accepting makes one login, or adds to the one that is there.
//!
//! A council cannot name whose mailbox it is to somebody's login that another council works with too: it would sign in there as them.

use super::secrets::Secret;
use super::sessions::{self, Begun, LetIn};
use super::signing_in::{Came, Outcome};
use super::{Address, How, NotLetIn, Principal, Reception, Roles};
use crate::egress::mail::Letter;
use crate::record::{Day, Digest, Invalid, InvitationId, KnownAt, LoginId, OrganisationId, RoleId, Window, fact};
use crate::store::{AuthorityStore, AuthorityTx, CommonTx, Invitation, Login, NewInvitation, RoleHeld, StoreError, Stores};

/// For so many days an invitation can be accepted.
pub const DAYS: i64 = 7;
const DAY_MILLIS: i64 = 86_400_000;
/// The page that an invitation's link leads to; what follows is the token.
const PAGE: &str = "/sign-in/invitation?token=";

/// Who is to work with the authority.
#[derive(Debug, Clone)]
pub struct Invited {
    pub name: String,
    pub address: Address,
    /// Who employs them.
    pub organisation: OrganisationId,
    pub roles: Roles,
    /// The roles' last day.
    pub last: Option<Day>,
    /// Somebody who has a login already, and no address.
    pub login: Option<LoginId>,
}

/// An invitation that is not kept yet, and what opens it.
pub struct Drafted {
    pub new: NewInvitation,
    pub token: String,
}

/// Looks whether an invitation can be made.
///
/// # Errors
/// `Invalid`, naming the field.
pub async fn draft(stores: &Stores, store: &AuthorityStore, invited: Invited, by: &str) -> Result<Drafted, NotLetIn> {
    let Invited { name, address, organisation, roles, last, login } = invited;
    fact::text("name", &name, 100)?;
    let now = stores.clock().now();
    if last.is_some_and(|last| last < now.day()) {
        return Err(Invalid::new("last", "is over").into());
    }
    if stores.common().organisation(&organisation).await?.is_none() {
        return Err(Invalid::new("organisation", "there is no organisation of that short name").into());
    }
    match login {
        None if roles.is_empty() => return Err(Invalid::new("roles", "is empty: say what they are to do").into()),
        None => {}
        Some(login) => must_be_ours_alone(stores, store, login).await?,
    }
    let secret = Secret::fresh("")?;
    let expires_at = KnownAt::from_millis(now.millis() + DAYS * DAY_MILLIS);
    let invitation = Invitation {
        id: InvitationId::fresh(),
        address: address.into(),
        name,
        organisation,
        login,
        roles: roles.to_string(),
        last,
        invited_by: by.to_owned(),
        expires_at,
        accepted: None,
        withdrawn_at: None,
    };
    // The token names the authority, since its invitations are its own.
    let token = format!("{}.{}", store.id(), secret.text);
    Ok(Drafted { new: NewInvitation { hash: Digest::of(token.as_bytes()), invitation }, token })
}

/// Somebody of this authority's, and of no other's, whom no mail reaches yet.
async fn must_be_ours_alone(stores: &Stores, store: &AuthorityStore, login: LoginId) -> Result<(), NotLetIn> {
    let common = stores.common();
    let unknown = || NotLetIn::from(Invalid::new("login", StoreError::NoSuch { what: "login", id: login.to_string() }.to_string()));
    let theirs = common.authorities_of(login).await?;
    if !theirs.contains(store.id()) {
        return Err(unknown());
    }
    // The same words for both: that somebody works elsewhere, or has an address, is theirs to tell.
    if theirs.len() > 1 || common.address_of(login).await?.is_some() {
        let why = "has a way to sign in already, or may have one elsewhere: invite the person without naming it";
        return Err(Invalid::new("login", why).into());
    }
    Ok(())
}

/// Where an invitation's mail leads.
///
/// # Errors
/// `NoAddress`.
pub fn link(reception: &Reception, token: &str) -> Result<String, NotLetIn> {
    Ok(reception.address()?.with(&format!("{PAGE}{token}")))
}

/// Sends it to whom it is for.
///
/// # Errors
/// `NoAddress`; the mail was not sent.
pub async fn send(reception: &Reception, drafted: &Drafted, council: &str) -> Result<(), NotLetIn> {
    let link = link(reception, &drafted.token)?;
    Ok(reception.mail().send(&drafted.new.invitation.address, &Letter::Invitation { council, link: &link }).await?)
}

/// The authority that a token is of, and its invitation, if that can be accepted.
///
/// # Errors
/// `Invitation`, whatever is wrong with it.
pub async fn find(stores: &Stores, token: &str) -> Result<(AuthorityStore, Invitation), NotLetIn> {
    let code = token.split_once('.').and_then(|(code, _)| code.parse().ok()).ok_or(NotLetIn::Invitation)?;
    let store = match stores.authority(&code).await {
        Err(StoreError::NoSuch { .. }) => return Err(NotLetIn::Invitation),
        store => store?,
    };
    let found = store.invitation_of(&Digest::of(token.as_bytes())).await?;
    let open = found.filter(|i| i.is_open(stores.clock().now())).ok_or(NotLetIn::Invitation)?;
    Ok((store, open))
}

/// Accepts it for whoever has its token: they have read what came to the address.
///
/// # Errors
/// `Invitation`; `Unfit` where the address is a login's that is not as the invitation says.
pub async fn accept(stores: &Stores, token: &str, before: Option<&Digest>) -> Result<Begun, NotLetIn> {
    let common = stores.common();
    let mut came = Came { login: None, authority: None, how: How::Invitation };
    let accepted = async {
        let (store, invitation) = find(stores, token).await?;
        came.authority = Some(store.id().clone());
        let mut tx = common.write(super::HOST, "took in somebody by an invitation").await?;
        let login = meet(&mut tx, &invitation).await?;
        tx.note_authority(login.id, store.id()).await?;
        tx.commit().await?;
        came.login = Some(login.id);
        // Killed here, a login is left that opens nothing here, and the link is still good.
        let mut tx = store.write(&Principal::of_login(login.clone()).name(), "accepted an invitation").await?;
        take_up(&mut tx, &store, &invitation, login.id).await?;
        tx.commit().await?;
        let mut tx = common.write(&Principal::of_login(login.clone()).name(), "signed in by an invitation").await?;
        let begun = sessions::begin(&mut tx, LetIn { login, authority: None, how: How::Invitation, before }).await?;
        came.note(&mut tx, Outcome::In).await?;
        tx.commit().await?;
        Ok(begun)
    };
    let accepted = accepted.await;
    if let Err(why) = &accepted {
        came.note_refusal(common, why).await;
    }
    accepted
}

/// The login that the address leads to, or a new one.
async fn meet(tx: &mut CommonTx, invitation: &Invitation) -> Result<Login, NotLetIn> {
    let address = invitation.address.as_str();
    match (tx.login_at(address).await?, invitation.login) {
        (Some(login), _) if login.closed_at.is_some() => Err(NotLetIn::Unfit("this address's login was closed: ask whoever invited you")),
        (Some(login), Some(named)) if login.id != named => {
            Err(NotLetIn::Unfit("this address has a login already: ask whoever invited you to invite you without naming another"))
        }
        // What is shared with an organisation is seen by whoever it employs: an invitation does not change who that is.
        (Some(login), _) if login.organisation != invitation.organisation => {
            Err(NotLetIn::Unfit("your login is of another organisation than the invitation says: ask whoever invited you to name yours"))
        }
        (Some(login), _) => Ok(login),
        (None, Some(named)) => {
            let login = tx.login_of(named).await?;
            tx.add_address(address, login.id).await.map_err(|e| match e {
                StoreError::Exists { .. } => NotLetIn::Invitation,
                e => e.into(),
            })?;
            Ok(login)
        }
        (None, None) => {
            let login = tx.add_login(&invitation.name, &invitation.organisation).await?;
            tx.add_address(address, login.id).await?;
            Ok(login)
        }
    }
}

/// Uses the invitation up, and gives what it promises.
///
/// # Errors
/// `Invitation`: somebody was first.
pub(super) async fn take_up(tx: &mut AuthorityTx, store: &AuthorityStore, invitation: &Invitation, login: LoginId) -> Result<(), NotLetIn> {
    let today = tx.now().day();
    if invitation.last.is_some_and(|last| last < today) || !tx.accept_invitation(invitation.id, login).await? {
        return Err(NotLetIn::Invitation);
    }
    let held = store.roles_of(login).await?;
    let roles: Roles = invitation.roles.parse()?;
    for role in roles.iter() {
        let window = Window::new(today, invitation.last)?;
        // What they do here without an end, they go on doing.
        if !held.iter().any(|h| h.role == role.code() && h.window.contains(today) && h.window.last.is_none()) {
            tx.give_role(&RoleHeld { id: RoleId::fresh(), login, role: role.code().to_owned(), window }).await?;
        }
    }
    Ok(())
}
