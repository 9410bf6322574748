//! Sends what is announced to programs elsewhere, signed as [Standard Webhooks](https://www.standardwebhooks.com) has it.
//!
//! Each announcement has one id, by which a program knows one that it took before: what was answered but not heard is sent again. In order:
//! what was not taken is tried again later and later, and what comes after it waits.

use axum::body::Bytes;
use axum::http::Request;
use axum::http::header::CONTENT_TYPE;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, Mac as _};
use serde_json::json;
use sha2::Sha256;
use tokio::task::JoinSet;

use super::Door;
use crate::record::{AuthorityId, KnownAt};
use crate::store::{Announcement, AuthorityStore, Sent, StoreError, Webhook};

/// Sent before it is kept how far a program is: so many at most are sent again where this host is killed.
const AT_ONCE: u32 = 50;
/// Milliseconds for which what is to be sent is one host's to send: longer than all of it can take.
const TAKEN: i64 = (AT_ONCE as i64 + 1) * 16_000;
/// Seconds until something is tried again, after each time that it was not taken. After the last nothing is sent until somebody looks: some
/// three days.
const AGAIN: [i64; 9] = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];
/// Bytes of what requests are signed with.
pub const SECRET: usize = 32;

impl Door {
    /// Sends to every program of the authority what there is for it by now; how many announcements were taken.
    ///
    /// # Errors
    /// The record cannot be read or written.
    pub async fn tell(&self, store: &AuthorityStore) -> Result<u64, StoreError> {
        let mut telling = JoinSet::new();
        for webhook in store.due_webhooks(store.clock().now()).await? {
            let (door, store) = (self.clone(), store.clone());
            telling.spawn(async move { door.tell_one(&store, webhook).await });
        }
        let mut taken = 0;
        for told in telling.join_all().await {
            taken += told?;
        }
        Ok(taken)
    }

    async fn tell_one(&self, store: &AuthorityStore, mut webhook: Webhook) -> Result<u64, StoreError> {
        let mut tx = store.write("hearth", "began to tell a program what happened").await?;
        let until = KnownAt::from_millis(tx.now().millis() + TAKEN);
        if !tx.take_webhook(&webhook, until).await? {
            return Ok(0);
        }
        tx.commit().await?;
        let Some(there) = store.announcements(Some(webhook.taken), AT_ONCE).await? else {
            let again = Err("what came after the last that was taken is not kept any more: read the feed, and make another webhook");
            let mut tx = store.write("hearth", "stopped a webhook whose place is not kept").await?;
            tx.sent_to_webhook(webhook.id, &Sent::Not { taken: webhook.taken, again }).await?;
            tx.commit().await?;
            return Ok(0);
        };
        let (mut taken, mut not) = (0, None);
        for announcement in &there {
            if webhook.names.is_empty() || webhook.names.contains(&announcement.what) {
                if let Err(gone) = self.send_one(store, &webhook, announcement).await {
                    not = Some(gone);
                    break;
                }
                taken += 1;
                webhook.tries = 0;
            }
            webhook.taken = announcement.place;
        }
        let sent = match not {
            None => Sent::UpTo(webhook.taken),
            Some(NotTaken { gone }) => Sent::Not { taken: webhook.taken, again: again(webhook.tries, gone, store.clock().now()) },
        };
        let mut tx = store.write("hearth", "told a program what happened").await?;
        tx.sent_to_webhook(webhook.id, &sent).await?;
        tx.commit().await?;
        Ok(taken)
    }

    async fn send_one(&self, store: &AuthorityStore, webhook: &Webhook, announcement: &Announcement) -> Result<(), NotTaken> {
        let now = store.clock().now();
        let (id, body) = (message_id(store.id(), announcement), body(store.id(), announcement));
        let seconds = (now.millis() / 1_000).to_string();
        let request = Request::post(webhook.url.as_str())
            .header(CONTENT_TYPE, "application/json")
            .header("webhook-id", &id)
            .header("webhook-timestamp", &seconds)
            .header("webhook-signature", signatures(webhook, now, &format!("{id}.{seconds}.{body}")))
            .body(Bytes::from(body))
            .map_err(|_| NotTaken { gone: false })?;
        let answer = self.send(store, request).await.map_err(|_| NotTaken { gone: false })?;
        if answer.status().is_success() { Ok(()) } else { Err(NotTaken { gone: answer.status() == axum::http::StatusCode::GONE }) }
    }
}

/// `gone`: nobody is there any more, says the program.
struct NotTaken {
    gone: bool,
}

fn again(tries: u64, gone: bool, now: KnownAt) -> Result<KnownAt, &'static str> {
    if gone {
        return Err("the program answered 410: it wants nothing more");
    }
    let seconds = usize::try_from(tries).ok().and_then(|tries| AGAIN.get(tries));
    seconds.map(|s| KnownAt::from_millis(now.millis() + s * 1_000)).ok_or("nothing was taken in ten tries over three days")
}

/// The same however often it is sent; without a full stop, which parts what is signed.
fn message_id(authority: &AuthorityId, announcement: &Announcement) -> String {
    format!("{authority}-{}-{}", announcement.place.change.0, announcement.place.number)
}

fn body(authority: &AuthorityId, announcement: &Announcement) -> String {
    let Announcement { place, at, what, family, thing } = announcement;
    let mut data = json!({ "authority": authority, "place": place.to_string(), "thing": thing });
    if let Some(family) = family {
        data["family"] = json!(family);
    }
    json!({ "type": what, "timestamp": at, "data": data }).to_string()
}

/// By what it is signed with now, and for a while by what was before.
fn signatures(webhook: &Webhook, now: KnownAt, signed: &str) -> String {
    let former = webhook.former.as_ref().filter(|(_, until)| now < *until).map(|(secret, _)| secret);
    let by = [Some(&webhook.secret), former].into_iter().flatten();
    by.map(|secret| signature(secret, signed)).collect::<Vec<_>>().join(" ")
}

fn signature(secret: &[u8], signed: &str) -> String {
    // A key of any length is one.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret) else { return String::new() };
    mac.update(signed.as_bytes());
    format!("v1,{}", BASE64_STANDARD.encode(mac.finalize().into_bytes()))
}

/// A secret as it is given to whoever runs the program.
#[must_use]
pub fn written(secret: &[u8]) -> String {
    format!("whsec_{}", BASE64_STANDARD.encode(secret))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_signed_as_the_standard_has_it() {
        // The example of the specification's own libraries: secret, id, seconds and body, and what they come to.
        let secret = BASE64_STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let signed = "msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.{\"test\": 2432232314}";
        assert_eq!(signature(&secret, signed), "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn it_is_tried_later_and_later_and_then_left_to_people() {
        let now = KnownAt::from_millis(0);
        let seconds = |tries| again(tries, false, now).map(|at| at.millis() / 1_000);
        assert_eq!((0..9).map(|t| seconds(t).unwrap()).collect::<Vec<_>>(), AGAIN);
        assert!(seconds(9).unwrap_err().contains("ten tries"));
        assert!(again(0, true, now).unwrap_err().contains("410"));
    }
}
