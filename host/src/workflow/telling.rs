//! Whoever referred a family hears that something became of it: by a mail without content, that leads to their own view. What cannot be
//! sent now is sent later; who has no address looks by themselves.

use super::letters::RETRIES;
use crate::egress::mail::{Letter, Mail};
use crate::record::{Digest, KnownAt, LoginId, ReferralId};
use crate::store::{AuthorityStore, StoreError, Stores, ToTell};

/// Letters of one authority at a time.
const AT_ONCE: u32 = 50;
const BY: &str = "hearth";

/// Tells everybody who is to be told by now; how many letters went. `link`: where they sign in; none: this host has no address of its own.
///
/// # Errors
/// The common file cannot be read; or what the first authority said whose file could not be read or written.
pub async fn tell_referrers(stores: &Stores, mail: &Mail, link: Option<&str>) -> Result<u64, StoreError> {
    let (mut told, mut first_fault) = (0, None);
    for authority in stores.common().authorities().await? {
        let telling = async {
            let store = stores.authority(&authority.code).await?;
            tell_of(stores, &store, mail, link).await
        };
        match telling.await {
            Ok(n) => told += n,
            Err(fault) => drop(first_fault.get_or_insert(fault)),
        }
    }
    first_fault.map_or(Ok(told), Err)
}

async fn tell_of(stores: &Stores, store: &AuthorityStore, mail: &Mail, link: Option<&str>) -> Result<u64, StoreError> {
    let mut told = 0;
    for ToTell { referral, sender, tries, since } in store.referrals_to_tell(store.clock().now(), AT_ONCE).await? {
        let address = match sender {
            Some(login) => address_of(stores, login).await?,
            None => None,
        };
        let (sent, again) = match (address, link) {
            (Some(address), Some(link)) if mail.is_sent() => {
                match mail.send_as(&name(store, referral, since), &address, &Letter::Referral { link }).await {
                    Ok(()) => (true, false),
                    Err(why) => {
                        tracing::warn!(authority = %store.id(), %referral, "whoever sent a referral could not be told by mail: {why}");
                        (false, true)
                    }
                }
            }
            _ => (false, false),
        };
        note(store, referral, sent, again.then_some(tries)).await?;
        told += u64::from(sent);
    }
    Ok(told)
}

/// What the letter is called: the same however often it is sent, another for what becomes of the referral later, and no id of the record.
fn name(store: &AuthorityStore, referral: ReferralId, since: KnownAt) -> String {
    Digest::of(format!("{} {referral} {}", store.id(), since.millis()).as_bytes()).hex()
}

/// None where the login is closed, too.
pub(super) async fn address_of(stores: &Stores, login: LoginId) -> Result<Option<String>, StoreError> {
    if stores.common().login(login).await?.closed_at.is_some() {
        return Ok(None);
    }
    stores.common().address_of(login).await
}

/// After the letter: killed between the two, it goes once more, and says nothing that it did not say.
async fn note(store: &AuthorityStore, referral: ReferralId, sent: bool, tries: Option<u64>) -> Result<(), StoreError> {
    let mut tx = store.write(BY, "told whoever sent a referral what became of it").await?;
    let minutes = tries.and_then(|n| RETRIES.get(usize::try_from(n).ok()?));
    let again = minutes.map(|m| KnownAt::from_millis(tx.now().millis() + m * 60_000));
    tx.note_told(referral, sent, again).await?;
    tx.commit().await.map(drop)
}
