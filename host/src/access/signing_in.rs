//! The ways to sign in, why somebody is not let in, and what is kept of either.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::secrets::NoRandomness;
use super::sessions::NotBegun;
use crate::egress::Refused;
use crate::egress::mail::NotSent;
use crate::record::sharing::codes;
use crate::record::{AuthorityId, Invalid, KnownAt, LoginId, SignInId};
use crate::store::{Common, CommonTx, Login, SignIn, StoreError, Stores};

codes! {
    /// How somebody signs in.
    How "a way to sign in" {
        Provider "provider" "By the identity provider of an authority";
        Code "code" "By a one-time code that went to their e-mail address";
        Invitation "invitation" "By the link of an invitation";
    }
}

/// Why somebody is not let in.
#[derive(Debug, thiserror::Error)]
pub enum NotLetIn {
    /// A wrong code, one that was used, one that is over, and one that was sent to nobody: whoever tries is not told which.
    #[error("this code opens nothing: it is not the one that was sent, it was used or tried too often, or it is over. Ask for a new one")]
    Code,
    #[error("codes were asked for too often for this address: use the last that came, or wait")]
    TooManyCodes { again_seconds: u64 },
    #[error("this invitation opens nothing: it was accepted or withdrawn, or it is over. Ask whoever invited you for a new one")]
    Invitation,
    /// What the invitation says is not what is known of whoever accepts it.
    #[error("{0}")]
    Unfit(&'static str),
    /// `field` is the parameter, or the part of the provider's token, that is not as it must be.
    #[error("{field}: {why}")]
    Provider { field: &'static str, why: &'static str },
    #[error("the identity provider {0}")]
    ProviderFailed(&'static str),
    /// They are who they say, and have nothing to do there.
    #[error("you are signed in with {council}'s identity provider, and nobody has given you a role at {council}: ask its administrator")]
    NoRoleAt { council: String },
    #[error("nobody has given you a role at any authority, or all of them are over: ask the administrator of the one that you work with")]
    NoRole,
    #[error("{0} has no identity provider here: sign in by a code that goes to your e-mail address")]
    NoProvider(AuthorityId),
    #[error("this host does not know its own address: whoever runs it sets HEARTH_ADDRESS")]
    NoAddress,
    #[error(transparent)]
    Door(#[from] Refused),
    #[error(transparent)]
    Mail(#[from] NotSent),
    #[error(transparent)]
    Randomness(#[from] NoRandomness),
    #[error(transparent)]
    Invalid(#[from] Invalid),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<NotBegun> for NotLetIn {
    fn from(error: NotBegun) -> Self {
        match error {
            NotBegun::Randomness(error) => error.into(),
            NotBegun::Store(error) => error.into(),
        }
    }
}

impl NotLetIn {
    /// What is kept of it. The code of the problem that it becomes, where it becomes one of its own.
    #[must_use]
    pub const fn outcome(&self) -> &'static str {
        match self {
            Self::Code => "code-refused",
            Self::TooManyCodes { .. } => "too-many-codes",
            Self::Invitation | Self::Unfit(_) => "invitation-refused",
            Self::Provider { .. } => "provider-refused",
            Self::ProviderFailed(_) | Self::Door(_) => "provider-failed",
            Self::NoRoleAt { .. } | Self::NoRole => "no-role",
            Self::NoProvider(_) => "no-provider",
            Self::NoAddress | Self::Mail(_) | Self::Randomness(_) | Self::Invalid(_) | Self::Store(_) => "host-fault",
        }
    }
}

/// Somebody at the door: what is kept of them, whatever comes of it.
#[derive(Debug, Clone)]
pub struct Came {
    pub login: Option<LoginId>,
    /// By whose provider or invitation.
    pub authority: Option<AuthorityId>,
    pub how: How,
}

impl Came {
    /// Keeps what came of it, and logs it: ids and words, no name and no address.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn note(&self, tx: &mut CommonTx, outcome: Outcome<'_>) -> Result<(), StoreError> {
        let at = tx.now();
        let sign_in = self.sign_in(outcome.code(), at);
        tx.note_sign_in(&sign_in).await?;
        let login = self.login.map(tracing::field::display);
        let authority = self.authority.as_ref().map(tracing::field::display);
        match outcome {
            Outcome::In | Outcome::Out => tracing::info!(login, authority, how = self.how.code(), outcome = outcome.code(), "sign-in"),
            Outcome::Not(why) => tracing::warn!(login, authority, how = self.how.code(), outcome = outcome.code(), %why, "sign-in"),
        }
        Ok(())
    }

    /// The same of somebody who is not let in, in a transaction of its own: what was begun for them is not kept. That it cannot be noted
    /// changes nothing of the answer.
    pub async fn note_refusal(&self, common: &Common, why: &NotLetIn) {
        // Whoever makes something up, about nobody: the log has it, and the file does not grow by it.
        if self.login.is_none() && self.authority.is_none() {
            tracing::warn!(how = self.how.code(), outcome = why.outcome(), %why, "sign-in");
            return;
        }
        let noted = async {
            let mut tx = common.write(super::HOST, "let somebody not in").await?;
            self.note(&mut tx, Outcome::Not(why)).await?;
            tx.commit().await
        };
        if let Err(error) = noted.await {
            tracing::error!(%error, "that somebody was not let in was not kept");
        }
    }

    fn sign_in(&self, outcome: &str, at: KnownAt) -> SignIn {
        SignIn {
            id: SignInId::fresh(),
            at,
            login: self.login,
            authority: self.authority.clone(),
            how: self.how.code().to_owned(),
            outcome: outcome.to_owned(),
        }
    }
}

/// What came of it.
#[derive(Debug, Clone, Copy)]
pub enum Outcome<'a> {
    In,
    Out,
    Not(&'a NotLetIn),
}

impl Outcome<'_> {
    const fn code(self) -> &'static str {
        match self {
            Self::In => "signed-in",
            Self::Out => "signed-out",
            Self::Not(why) => why.outcome(),
        }
    }
}

/// Does somebody work anywhere today? Who does not is let in nowhere.
///
/// # Errors
/// A file cannot be read.
pub async fn works_somewhere(stores: &Stores, login: &Login) -> Result<bool, StoreError> {
    let principal = super::Principal::of_login(login.clone());
    for authority in stores.common().authorities_of(login.id).await? {
        let store = stores.authority(&authority).await?;
        if !principal.roles_at(&store, stores.clock().now().day()).await?.is_empty() {
            return Ok(true);
        }
    }
    Ok(false)
}
