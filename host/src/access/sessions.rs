//! Browsers in which somebody is signed in.
//!
//! What a browser carries is random and opaque; the host keeps its hash. Every signing in makes a new one and ends the one that the browser
//! had, so that nobody signs in to a session that somebody else chose (fixation).

use super::secrets::{NoRandomness, Secret};
use super::{How, Principal, Verbs, Who};
use crate::record::{AuthorityId, Digest, KnownAt};
use crate::store::{Common, CommonTx, Login, Session, StoreError};

const MINUTE: i64 = 60_000;
/// After so long without a request it opens nothing: somebody left the room. Half an hour, as OWASP has it for what is not the
/// highest risk (Session Management Cheat Sheet, "Idle timeout"); a form that takes longer is saved as it is filled in.
pub const IDLE_MILLIS: i64 = 30 * MINUTE;
/// After so long it opens nothing, whatever was done with it: a working day.
pub const LONGEST_MILLIS: i64 = 10 * 60 * MINUTE;

/// Somebody was let in.
pub struct Begun {
    /// What the browser carries from now on. It is nowhere else.
    pub secret: String,
    pub session: Session,
}

/// Who is let in, and to what.
pub struct LetIn<'a> {
    pub login: Login,
    /// Whose provider vouches for them: the session opens nothing elsewhere.
    pub authority: Option<AuthorityId>,
    pub how: How,
    /// The session that the browser had: it ends.
    pub before: Option<&'a Digest>,
}

/// # Errors
/// No randomness, or the file cannot be written.
pub async fn begin(tx: &mut CommonTx, let_in: LetIn<'_>) -> Result<Begun, NotBegun> {
    let LetIn { login, authority, how, before } = let_in;
    if let Some(before) = before {
        tx.end_session(before).await?;
    }
    let now = tx.now();
    let secret = Secret::fresh("")?;
    let expires_at = KnownAt::from_millis(now.millis() + LONGEST_MILLIS);
    let session = Session { hash: secret.hash, login, authority, how: how.code().to_owned(), created_at: now, seen_at: now, expires_at };
    tx.add_session(&session).await?;
    Ok(Begun { secret: secret.text, session })
}

/// Why there is no session.
#[derive(Debug, thiserror::Error)]
pub enum NotBegun {
    #[error(transparent)]
    Randomness(#[from] NoRandomness),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Until when it opens something if nothing is done with it.
#[must_use]
pub fn idle_until(session: &Session) -> KnownAt {
    KnownAt::from_millis((session.seen_at.millis() + IDLE_MILLIS).min(session.expires_at.millis()))
}

/// Does the session open anything?
#[must_use]
pub fn is_in_force(session: &Session, now: KnownAt) -> bool {
    session.login.closed_at.is_none() && now < idle_until(session)
}

/// The session that a browser carries, and whoever is signed in there. None: there is none, or it opens nothing any more.
///
/// # Errors
/// The common file cannot be read.
pub async fn find(common: &Common, now: KnownAt, secret: &str) -> Result<Option<(Session, Principal)>, StoreError> {
    let hash = Digest::of(secret.as_bytes());
    let Some(session) = common.session(&hash).await?.filter(|s| is_in_force(s, now)) else { return Ok(None) };
    // To the minute: enough to end what is idle, and one write a minute.
    if now.millis() - session.seen_at.millis() >= MINUTE
        && let Err(error) = common.note_session(&hash, now).await
    {
        tracing::warn!(%error, "that a session is in use was not kept");
    }
    let principal = Principal { who: Who::Person(session.login.clone()), authority: session.authority.clone(), verbs: Verbs::ALL };
    Ok(Some((session, principal)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::LoginId;

    #[test]
    fn a_session_opens_until_it_is_idle_over_or_its_login_closed() {
        let at = KnownAt::from_millis;
        let session = |seen: i64, closed: Option<i64>| Session {
            hash: Digest([0; 32]),
            login: Login {
                id: LoginId::fresh(),
                name: "Ann Ash".into(),
                organisation: "hill-school".parse().unwrap(),
                created_at: at(0),
                closed_at: closed.map(at),
            },
            authority: None,
            how: "code".into(),
            created_at: at(0),
            seen_at: at(seen),
            expires_at: at(LONGEST_MILLIS),
        };
        //  last seen | login closed | at | opens
        for (seen, closed, now, opens) in [
            (0, None, 0, true),
            (0, None, IDLE_MILLIS - 1, true),
            (0, None, IDLE_MILLIS, false),
            (LONGEST_MILLIS - 1, None, LONGEST_MILLIS - 1, true),
            (LONGEST_MILLIS - 1, None, LONGEST_MILLIS, false),
            (0, Some(0), 1, false),
        ] {
            assert_eq!(is_in_force(&session(seen, closed), at(now)), opens, "seen {seen}, closed {closed:?}, at {now}");
        }
    }
}
