//! One-time codes by e-mail: for whoever has an address here, and no provider.
//!
//! Asking is answered alike whoever asks about whomever: the same words, the same work, and the letter leaves afterwards. A code belongs to
//! one attempt, whose secret only whoever asked has: the code alone opens nothing, and neither does what the database keeps.

use super::secrets::{self, Secret};
use super::sessions::{self, Begun, LetIn};
use super::signing_in::{Came, Outcome, works_somewhere};
use super::{Address, HOST, How, NotLetIn, Principal, Reception};
use crate::egress::mail::{Letter, NotSent};
use crate::record::{Digest, KnownAt};
use crate::store::{NewCode, Stores};

const MINUTE: i64 = 60_000;
/// For so many minutes a code opens something.
pub const MINUTES: u32 = 10;
/// A code that was tried so often opens nothing: one guess in 200,000.
pub const TRIES: i64 = 5;
/// So many codes an hour for one address, whether or not it is anybody's: whoever guesses has 25 guesses an hour of a million.
pub const AN_HOUR: usize = 5;
const HOUR: i64 = 60 * MINUTE;

/// A code is on its way, if the address is somebody's.
pub struct Asked {
    /// To be sent with the code.
    pub attempt: String,
    pub expires_at: KnownAt,
}

/// Sends a code to somebody who has this address.
///
/// # Errors
/// `TooManyCodes`, whoever's the address is; this host sends no mail.
pub async fn ask(stores: &Stores, reception: &Reception, address: &Address) -> Result<Asked, NotLetIn> {
    // Whoever's the address is: that none comes must not tell anything either.
    if !reception.mail().is_sent() {
        return Err(NotSent::Nowhere.into());
    }
    let about = address.hash();
    let (attempt, code) = (Secret::fresh("")?, secrets::digits()?);
    let mut tx = stores.common().write(HOST, "gave out a code for signing in").await?;
    let now = tx.now();
    let asked = tx.codes_since(&about, KnownAt::from_millis(now.millis() - HOUR)).await?;
    if asked.len() >= AN_HOUR {
        let again = asked.first().map_or(HOUR, |first| first.millis() + HOUR - now.millis());
        return Err(NotLetIn::TooManyCodes { again_seconds: u64::try_from(again / 1000 + 1).unwrap_or(1) });
    }
    let login = tx.login_at(address.as_str()).await?.filter(|l| l.closed_at.is_none()).map(|l| l.id);
    let expires_at = KnownAt::from_millis(now.millis() + i64::from(MINUTES) * MINUTE);
    let kept = secrets::keyed(&attempt.text, &code);
    tx.add_code(&NewCode { attempt: attempt.hash, about, login, code: kept, expires_at }).await?;
    tx.commit().await?;
    if let Some(login) = login {
        // Not waited for: how long a letter takes would tell that there is one.
        let (mail, to) = (reception.mail().clone(), address.clone());
        tokio::spawn(async move {
            if let Err(why) = mail.send(to.as_str(), &Letter::Code { code: &code, minutes: MINUTES }).await {
                tracing::error!(%login, %why, "a code was not sent");
            }
        });
    }
    Ok(Asked { attempt: attempt.text, expires_at })
}

/// Signs in whoever has the code.
///
/// # Errors
/// `Code`, whatever is wrong with it; `NoRole`.
pub async fn answer(stores: &Stores, attempt: &str, code: &str, before: Option<&Digest>) -> Result<Begun, NotLetIn> {
    let common = stores.common();
    let mut came = Came { login: None, authority: None, how: How::Code };
    let answered = async {
        let mut tx = common.write(HOST, "tried a code for signing in").await?;
        let tried = tx.try_code(&Digest::of(attempt.as_bytes()), TRIES).await?;
        let right = tried.as_ref().is_some_and(|(_, kept)| secrets::is_keyed(attempt, code, kept));
        came.login = tried.and_then(|(login, _)| login);
        let Some(id) = came.login.filter(|_| right) else {
            // That it was tried is kept.
            tx.commit().await?;
            return Err(NotLetIn::Code);
        };
        tx.use_codes(id, TRIES).await?;
        tx.commit().await?;
        let login = common.login(id).await?;
        if login.closed_at.is_some() {
            return Err(NotLetIn::Code);
        }
        if !works_somewhere(stores, &login).await? {
            return Err(NotLetIn::NoRole);
        }
        let mut tx = common.write(&Principal::of_login(login.clone()).name(), "signed in by a code").await?;
        let begun = sessions::begin(&mut tx, LetIn { login, authority: None, how: How::Code, before }).await?;
        came.note(&mut tx, Outcome::In).await?;
        tx.commit().await?;
        Ok(begun)
    };
    let answered = answered.await;
    if let Err(why) = &answered {
        came.note_refusal(common, why).await;
    }
    answered
}
