//! What is kept for a set time, and then forgotten. The record and its decisions are not among it.

use super::{StoreError, Stores};
use crate::record::KnownAt;

const DAY_MILLIS: i64 = 86_400_000;
/// Days for which the answer to a request with a key is kept: a sender that tries again does so within minutes, or after a
/// weekend's outage. The answer holds what the family's record held, and would outlive its erasure.
const ANSWERS_KEPT: i64 = 7;
/// Days for which it is kept who signed in: long enough to look into what is noticed a year later.
const SIGN_INS_KEPT: i64 = 400;
/// Days for which it is kept whom a referral named that came to no family: long enough to see that the same people are sent again.
const REFERRALS_KEPT: i64 = 365;
/// Days for which it is kept that a letter was sent: what it said waits was seen by then, or never is.
const LETTERS_KEPT: i64 = 30;

impl Stores {
    /// Forgets answers, runs and what was announced whose time is over, in the common file and in every authority's: runs and the feed after so
    /// many days. One that cannot be written now does not keep the others from it.
    ///
    /// # Errors
    /// The common file cannot be read; or what the first file said that could not be written.
    pub async fn forget_old(&self, runs_days: u32, feed_days: u32) -> Result<(), StoreError> {
        let now = self.clock().now();
        let before = |days: i64| KnownAt::from_millis(now.millis() - days * DAY_MILLIS);
        let (answers, runs) = (before(ANSWERS_KEPT), before(i64::from(runs_days)));
        let mut first_fault = None;
        for authority in self.common().authorities().await? {
            let forgotten = async {
                let store = self.authority(&authority.code).await?;
                let mut tx = store.write("hearth", "forgot old answers, runs and announcements").await?;
                tx.forget_answers(answers).await?;
                tx.forget_runs(runs).await?;
                tx.forget_referrals(before(REFERRALS_KEPT)).await?;
                tx.cut_feed(before(i64::from(feed_days))).await?;
                tx.forget_letters(before(LETTERS_KEPT)).await?;
                tx.remove_back_tests_kept_until_before(now.day()).await?;
                tx.commit().await?;
                // Nor are they left in the log.
                store.overwrite().await
            };
            if let Err(fault) = forgotten.await {
                first_fault.get_or_insert(fault);
            }
        }
        let mut tx = self.common().write("hearth", "forgot old answers").await?;
        tx.forget_answers(answers).await?;
        tx.forget_signing_in(before(SIGN_INS_KEPT)).await?;
        tx.commit().await?;
        first_fault.map_or(Ok(()), Err)
    }
}
