//! Letters that say that something waits: to whoever has notices that they have not seen, and to the front door. Nothing of what waits is in
//! one. A letter is kept before it is sent and settled after, so whoever is killed between sends it once more, under the same Message-ID.

use crate::access::Reception;
use crate::egress::mail::Letter;
use crate::record::KnownAt;
use crate::store::{AuthorityStore, LetterKind, StoreError, Stores};

const BY: &str = "hearth";
/// Milliseconds between letters to one person of one authority: what comes meanwhile waits for the next.
const BETWEEN: i64 = 3_600_000;
/// Letters of one authority at a time.
const AT_ONCE: u32 = 50;
/// Minutes after which a letter is sent again that was not taken, or of which nobody knows; then people look by themselves.
pub(super) const RETRIES: [i64; 4] = [5, 30, 180, 1_440];

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
        let sending = async {
            let store = stores.authority(&authority.code).await?;
            write(&store, stores).await?;
            send(&store, stores, reception, &link).await
        };
        match sending.await {
            Ok(n) => sent += n,
            Err(fault) => drop(first_fault.get_or_insert(fault)),
        }
    }
    first_fault.map_or(Ok(sent), Err)
}

/// A letter for all notices of somebody who is to have one; who has no address looks by themselves.
async fn write(store: &AuthorityStore, stores: &Stores) -> Result<(), StoreError> {
    let since = KnownAt::from_millis(store.clock().now().millis() - BETWEEN);
    for login in store.to_be_mailed(since).await? {
        if stores.common().address_of(login).await?.is_none() {
            continue;
        }
        let mut tx = store.write(BY, "wrote to somebody that something waits").await?;
        if tx.mail_notices(login).await? {
            tx.write_letter(login, LetterKind::Waits).await?;
            tx.commit().await?;
        }
    }
    Ok(())
}

async fn send(store: &AuthorityStore, stores: &Stores, reception: &Reception, link: &str) -> Result<u64, StoreError> {
    let mut sent = 0;
    for letter in store.letters_due(store.clock().now(), AT_ONCE).await? {
        let mut tx = store.write(BY, "began to send a letter").await?;
        let minutes = usize::try_from(letter.tries).ok().and_then(|n| RETRIES.get(n));
        let again = minutes.map(|m| KnownAt::from_millis(tx.now().millis() + m * 60_000));
        if !tx.take_letter(&letter, again).await? {
            continue;
        }
        tx.commit().await?;
        let said = match letter.kind {
            LetterKind::Waits => Letter::Waits { link },
            LetterKind::FrontDoor => Letter::FrontDoor { link },
        };
        let arrived = match super::telling::address_of(stores, letter.login).await? {
            None => false,
            Some(address) => match reception.mail().send_as(&letter.id.to_string(), &address, &said).await {
                Ok(()) => true,
                Err(why) => {
                    tracing::warn!(authority = %store.id(), letter = %letter.id, %why, "a letter was not sent");
                    continue;
                }
            },
        };
        let mut tx = store.write(BY, "sent a letter").await?;
        tx.settle_letter(letter.id, arrived).await?;
        tx.commit().await?;
        sent += u64::from(arrived);
    }
    Ok(sent)
}
