//! Rings when a transaction of this host left something to be done: whoever does it need not look all the time.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Notify;

use crate::record::AuthorityId;

/// One for each kind of work: whoever does one kind hears that bell alone.
#[derive(Debug, Clone, Default)]
pub(super) struct Bells {
    pub(super) happenings: Bell,
    pub(super) feed: Bell,
}

/// Where it rang stays known until somebody hears it.
#[derive(Debug, Clone, Default)]
pub struct Bell {
    rung: Arc<(Mutex<BTreeSet<AuthorityId>>, Notify)>,
}

impl Bell {
    pub(super) fn ring(&self, at: &AuthorityId) {
        let (rung, heard) = &*self.rung;
        rung.lock().unwrap_or_else(PoisonError::into_inner).insert(at.clone());
        heard.notify_one();
    }

    /// Waits until it rings, and says for which authorities; once each.
    pub async fn heard(&self) -> BTreeSet<AuthorityId> {
        let (rung, heard) = &*self.rung;
        loop {
            let now = std::mem::take(&mut *rung.lock().unwrap_or_else(PoisonError::into_inner));
            if !now.is_empty() {
                return now;
            }
            heard.notified().await;
        }
    }
}
