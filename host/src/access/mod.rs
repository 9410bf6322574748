//! Who is calling, and what they may do: the one place that decides.
//!
//! *Signing in* finds a [`Principal`] from a [`Credential`]. *[`policy`]* says which role may do what, and with whose families. *Which*
//! families these are is one predicate, applied in SQL by the store ([`Reader`](crate::store::Reader)). What a reader is told is one of
//! three things: all, some sections with the others named as withheld, or, where even that would tell, exactly what a family that does
//! not exist would give.

pub mod address;
pub mod invitations;
pub mod one_time;
pub mod policy;
pub mod provider;
pub mod reception;
mod roles;
mod secrets;
pub mod sessions;
pub mod sharing;
pub mod signing_in;
pub mod tokens;

use std::fmt;

pub use address::Address;
pub use policy::{Reach, Verb, Verbs};
pub use reception::Reception;
pub use roles::{Role, Roles};
pub use secrets::random;
pub use signing_in::{How, NotLetIn};

use crate::record::{AuthorityId, Day, Digest, KnownAt, LoginId, OrganisationId};
use crate::store::{AuthorityStore, Common, Login, Reader, StoreError, Token};

/// As whom the host itself acts.
const HOST: &str = "hearth";

/// What somebody shows of themselves.
#[derive(Debug, Clone, Copy)]
pub enum Credential<'a> {
    /// A bearer token (RFC 6750); the host keeps its hash.
    Token(&'a str),
    /// What a browser carries since somebody signed in there; the host keeps its hash.
    Session(&'a str),
}

/// Whoever does what is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    pub who: Who,
    /// It acts at this authority alone; none: at all of a person's, or the operator's none.
    pub authority: Option<AuthorityId>,
    /// What it was given for, of all that its holder may.
    pub verbs: Verbs,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    /// Keeps the host running: creates authorities, sees no family.
    Operator(String),
    /// A program of one authority's own.
    System { name: String, roles: Roles },
    /// Somebody. Their roles are each authority's to say.
    Person(Login),
}

impl Principal {
    /// Somebody who signed in by whatever means, at every authority of theirs.
    #[must_use]
    pub const fn of_login(login: Login) -> Self {
        Self { who: Who::Person(login), authority: None, verbs: Verbs::ALL }
    }

    /// As the record keeps it. Two people may have one name; their logins differ.
    #[must_use]
    pub fn name(&self) -> String {
        match &self.who {
            Who::Operator(name) | Who::System { name, .. } => name.clone(),
            Who::Person(login) => format!("{} ({})", login.name, login.id),
        }
    }

    #[must_use]
    pub const fn is_operator(&self) -> bool {
        matches!(self.who, Who::Operator(_))
    }

    #[must_use]
    pub const fn login(&self) -> Option<LoginId> {
        match &self.who {
            Who::Person(login) => Some(login.id),
            Who::Operator(_) | Who::System { .. } => None,
        }
    }

    fn may_act_at(&self, authority: &AuthorityId) -> bool {
        match &self.who {
            Who::Operator(_) => false,
            Who::System { .. } => self.authority.as_ref() == Some(authority),
            Who::Person(_) => self.authority.as_ref().is_none_or(|a| a == authority),
        }
    }

    /// What they do at an authority on that day. Empty: for them it does not exist.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn roles_at(&self, store: &AuthorityStore, today: Day) -> Result<Roles, StoreError> {
        if !self.may_act_at(store.id()) {
            return Ok(Roles::default());
        }
        match &self.who {
            Who::Operator(_) => Ok(Roles::default()),
            Who::System { roles, .. } => Ok(*roles),
            Who::Person(login) => {
                let held = store.roles_of(login.id).await?;
                let held = held.iter().filter(|r| r.window.contains(today));
                Ok(held.map(|r| r.role.parse::<Role>()).collect::<Result<_, _>>()?)
            }
        }
    }

    /// What they may do there of a verb: what their roles may, and their credential was given for.
    #[must_use]
    pub fn reach(&self, roles: Roles, verb: Verb) -> Reach {
        if self.verbs.has(verb) { policy::reach(roles, verb) } else { Reach::default() }
    }

    /// Whom the store asks for, in each list and of each family.
    #[must_use]
    pub fn reader(&self, council: &OrganisationId, reach: Reach, purpose: i64, now: KnownAt) -> Reader {
        let login = match &self.who {
            Who::Person(login) => Some(login),
            Who::Operator(_) | Who::System { .. } => None,
        };
        Reader {
            all: reach.all,
            own: reach.own,
            shared: reach.shared,
            login: login.map(|l| l.id),
            organisation: login.map(|l| l.organisation.clone()),
            of_the_council: login.is_some_and(|l| l.organisation == *council),
            purpose,
            now,
        }
    }
}

/// Unique where authorities meet: two councils may both have a system called "forms".
impl fmt::Display for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.who, &self.authority) {
            (Who::Operator(name), _) => write!(f, "operator/{name}"),
            (Who::System { name, .. }, Some(authority)) => write!(f, "{authority}/{name}"),
            (Who::System { name, .. }, None) => f.write_str(name),
            (Who::Person(login), _) => write!(f, "person/{}", login.id),
        }
    }
}

/// Finds who it is. None where the credential is unknown, revoked or expired, or its holder's login is closed: a caller is not told which.
///
/// # Errors
/// The common file cannot be read.
pub async fn sign_in(common: &Common, now: KnownAt, credential: Credential<'_>) -> Result<Option<Principal>, StoreError> {
    let text = match credential {
        Credential::Token(text) => text,
        Credential::Session(secret) => return Ok(sessions::find(common, now, secret).await?.map(|(_, principal)| principal)),
    };
    let Some(token) = common.token(&Digest::of(text.as_bytes())).await?.filter(|t| is_in_force(t, now)) else { return Ok(None) };
    // To the day: enough to find tokens that nobody uses, and one write a day.
    let today = now.day();
    if token.used_on.is_none_or(|day| day < today)
        && let Err(error) = common.note_use(&token.hash, today).await
    {
        tracing::warn!(%error, "the day of a token's use was not kept");
    }
    let verbs = token.verbs.as_deref().map_or(Ok(Verbs::ALL), str::parse)?;
    let who = match (token.login, &token.authority) {
        (Some(login), _) => Who::Person(login),
        (None, Some(_)) => Who::System { name: token.name, roles: token.roles.as_deref().unwrap_or_default().parse()? },
        (None, None) => Who::Operator(token.name),
    };
    Ok(Some(Principal { who, authority: token.authority, verbs }))
}

/// Does the token open anything?
#[must_use]
pub fn is_in_force(token: &Token, now: KnownAt) -> bool {
    let closed = token.login.as_ref().is_some_and(|l| l.closed_at.is_some());
    !closed && token.revoked_at.is_none() && token.expires_at.is_none_or(|end| now < end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_opens_until_it_ends() {
        let at = KnownAt::from_millis;
        let somebody = |closed: Option<i64>| Login {
            id: LoginId::fresh(),
            name: "Ann Ash".into(),
            organisation: "hill-school".parse().unwrap(),
            created_at: at(0),
            closed_at: closed.map(at),
        };
        //  expires | revoked | login closed | at 1000 it opens
        for (expires_at, revoked_at, closed, opens) in [
            (None, None, None, true),
            (Some(1001), None, None, true),
            (Some(1000), None, None, false),
            (None, Some(500), None, false),
            (Some(9000), Some(999), None, false),
            (None, None, Some(999), false),
        ] {
            let token = Token {
                hash: Digest::of(b"token"),
                name: "somebody".into(),
                authority: None,
                login: Some(somebody(closed)),
                roles: None,
                verbs: None,
                made_by: "operator".into(),
                created_at: at(0),
                expires_at: expires_at.map(at),
                revoked_at: revoked_at.map(at),
                used_on: None,
            };
            assert_eq!(is_in_force(&token, at(1000)), opens, "expires {expires_at:?}, revoked {revoked_at:?}, closed {closed:?}");
        }
    }

    #[test]
    fn a_credential_opens_no_more_than_it_was_given_for() {
        let login = Login {
            id: LoginId::fresh(),
            name: "Ann Ash".into(),
            organisation: "e06000023".parse().unwrap(),
            created_at: KnownAt::from_millis(0),
            closed_at: None,
        };
        let verbs = std::iter::once(Verb::SeeFamilies).collect();
        let narrow = Principal { verbs, ..Principal::of_login(login) };
        let manager = std::iter::once(Role::Manager).collect();
        assert!(narrow.reach(manager, Verb::SeeFamilies).all);
        assert!(narrow.reach(manager, Verb::Decide).is_none());
    }
}
