//! Letters that say that something waits: to whoever has notices that they have not seen. Nothing of what waits is in one.

use crate::access::Reception;
use crate::egress::mail::Letter;
use crate::record::KnownAt;
use crate::store::{AuthorityStore, StoreError, Stores};

/// Milliseconds between letters to one person of one authority: what comes meanwhile waits for the next.
const BETWEEN: i64 = 3_600_000;

/// Writes to everybody who is to be written to by now; how many letters went. Where this host sends no mail, or does not know where people
/// reach it, nobody is, and notices wait in their lists.
///
/// # Errors
/// The records cannot be read or written: of the first authority of which that is so, after all others.
pub async fn send_all(stores: &Stores, reception: &Reception) -> Result<u64, StoreError> {
    let (mut sent, mut first_fault) = (0, None);
    let Ok(own) = reception.address() else { return Ok(0) };
    if !reception.mail().is_sent() {
        return Ok(0);
    }
    let link = own.with("/");
    for authority in stores.common().authorities().await? {
        match send(&stores.authority(&authority.code).await?, stores, reception, &link).await {
            Ok(n) => sent += n,
            Err(fault) => drop(first_fault.get_or_insert(fault)),
        }
    }
    first_fault.map_or(Ok(sent), Err)
}

async fn send(store: &AuthorityStore, stores: &Stores, reception: &Reception, link: &str) -> Result<u64, StoreError> {
    let since = KnownAt::from_millis(store.clock().now().millis() - BETWEEN);
    let mut sent = 0;
    for login in store.to_be_mailed(since).await? {
        let Some(address) = stores.common().address_of(login).await? else { continue };
        // Kept before it is sent: of two hosts one sends, and whoever is killed between leaves a notice in a list and no letter.
        let mut tx = store.write("hearth", "wrote to somebody that something waits").await?;
        if !tx.mail_notices(login).await? {
            continue;
        }
        tx.commit().await?;
        match reception.mail().send(&address, &Letter::Waits { link }).await {
            Ok(()) => sent += 1,
            Err(why) => tracing::warn!(authority = %store.id(), %why, "a letter was not sent"),
        }
    }
    Ok(sent)
}
