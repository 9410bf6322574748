//! Feeds: a mapping and who sends such files; when the last one came, for which days, and whether the next is overdue.

use super::{IntakeError, mapping_named};
use crate::record::{Day, KnownAt};
use crate::store::{AuthorityStore, Delivery, DeliveryState};

/// A delivery that says that it is being read and has not gone on for so long was killed: reading the file again goes on from there.
const STILL_MILLIS: i64 = 600_000;

/// How a feed stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Feed {
    /// The file that came last.
    pub latest: Delivery,
    /// The last that was read to its end.
    pub read: Option<Delivery>,
    /// The day by which the next one is expected; none: nobody promised one.
    pub due: Option<Day>,
    pub overdue: bool,
}

/// Was it killed on the way?
#[must_use]
pub fn is_interrupted(delivery: &Delivery, now: KnownAt) -> bool {
    delivery.state == DeliveryState::Reading && now.millis() - delivery.progress_at.millis() > STILL_MILLIS
}

/// Every feed that ever sent something, by mapping and source.
///
/// # Errors
/// The file cannot be read.
pub async fn feeds(store: &AuthorityStore) -> Result<Vec<Feed>, IntakeError> {
    let today = store.clock().now().day();
    let mut feeds: Vec<Feed> = Vec::new();
    for delivery in store.latest_deliveries().await? {
        let read = Some(delivery.clone()).filter(|d| d.state == DeliveryState::Read);
        match feeds.last_mut().filter(|f| f.latest.mapping == delivery.mapping && f.latest.source == delivery.source) {
            Some(feed) => {
                feed.read = read.or(feed.read.take());
                feed.latest = delivery;
            }
            None => feeds.push(Feed { latest: delivery, read, due: None, overdue: false }),
        }
    }
    for feed in &mut feeds {
        // A mapping that can no longer be read promises nothing.
        let rhythm = mapping_named(store, &feed.latest.mapping).await.ok().and_then(|(mapping, _)| mapping.rhythm);
        let came = feed.read.as_ref().map(|d| d.at.day());
        feed.due = rhythm.zip(came).and_then(|(days, came)| came.plus(i32::try_from(days).ok()?));
        feed.overdue = feed.due.is_some_and(|due| due < today);
    }
    Ok(feeds)
}
