//! What a principal may do: one function a decision, nothing but its arguments, a table for its test.

use super::Principal;
use crate::record::{AuthorityId, KnownAt};
use crate::store::Token;

/// What a caller is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ruling {
    Allowed,
    /// It exists, and this caller may not.
    NotAllowed,
    /// For this caller it does not exist.
    Hidden,
}

/// Does the token open anything?
#[must_use]
pub fn is_in_force(token: &Token, now: KnownAt) -> bool {
    token.revoked_at.is_none() && token.expires_at.is_none_or(|end| now < end)
}

/// May they take in a new authority?
#[must_use]
pub const fn creates_authorities(principal: &Principal) -> Ruling {
    if principal.authority.is_none() { Ruling::Allowed } else { Ruling::NotAllowed }
}

/// May they read what the host counts of itself, over all authorities?
#[must_use]
pub const fn reads_counts(principal: &Principal) -> Ruling {
    if principal.authority.is_none() { Ruling::Allowed } else { Ruling::NotAllowed }
}

/// May they know that this authority is here?
#[must_use]
pub fn knows_of(principal: &Principal, authority: &AuthorityId) -> Ruling {
    match &principal.authority {
        None => Ruling::Allowed,
        Some(own) if own == authority => Ruling::Allowed,
        Some(_) => Ruling::Hidden,
    }
}

/// May they work within this authority: its families, its installations, its decisions? The operator of the host keeps it
/// running, and sees no family.
#[must_use]
pub fn works_within(principal: &Principal, authority: &AuthorityId) -> Ruling {
    match &principal.authority {
        None => Ruling::NotAllowed,
        Some(own) if own == authority => Ruling::Allowed,
        Some(_) => Ruling::Hidden,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Digest;

    const BRISTOL: &str = "E06000023";
    const LEEDS: &str = "E08000035";

    fn principal(authority: Option<&str>) -> Principal {
        Principal { name: "somebody".into(), authority: authority.map(|a| a.parse().unwrap()) }
    }

    #[test]
    fn who_may_do_what() {
        use Ruling::{Allowed, Hidden, NotAllowed};
        //  holder of a token of | creates authorities | knows of Bristol | works within Bristol
        for (of, creates, knows, works) in
            [(None, Allowed, Allowed, NotAllowed), (Some(BRISTOL), NotAllowed, Allowed, Allowed), (Some(LEEDS), NotAllowed, Hidden, Hidden)]
        {
            let (who, bristol) = (principal(of), BRISTOL.parse().unwrap());
            assert_eq!(creates_authorities(&who), creates, "{who} creating an authority");
            assert_eq!(reads_counts(&who), creates, "{who} reading the host's counts");
            assert_eq!(knows_of(&who, &bristol), knows, "{who} knowing of Bristol");
            assert_eq!(works_within(&who, &bristol), works, "{who} working within Bristol");
        }
    }

    #[test]
    fn a_token_opens_until_it_ends() {
        let at = KnownAt::from_millis;
        //  expires | revoked | at 1000 it opens
        for (expires_at, revoked_at, opens) in [
            (None, None, true),
            (Some(1001), None, true),
            (Some(1000), None, false),
            (None, Some(500), false),
            (Some(9000), Some(999), false),
        ] {
            let token = Token {
                hash: Digest::of(b"token"),
                name: "somebody".into(),
                authority: None,
                created_at: at(0),
                expires_at: expires_at.map(at),
                revoked_at: revoked_at.map(at),
            };
            assert_eq!(is_in_force(&token, at(1000)), opens, "expires {expires_at:?}, revoked {revoked_at:?}");
        }
    }
}
