//! Sums over every family of an authority, kept until its record changes: a page that everybody looks at is not reckoned anew for each.

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Bytes;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use lru::LruCache;
use serde::Serialize;

use super::problem::{Code, Problem};
use crate::record::{AuthorityId, Day, Window};
use crate::store::{AuthorityStore, ChangeId, StoreError};

/// Sums that are remembered.
const REMEMBERED: NonZeroUsize = NonZeroUsize::new(256).unwrap();

/// What was summed up, and on what: whatever was written since, or another day, makes another.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Of {
    authority: AuthorityId,
    what: &'static str,
    within: Window,
    today: Day,
    known_after: ChangeId,
}

/// Answers, as they were sent. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Sums(Arc<Mutex<LruCache<Of, Bytes>>>);

impl Default for Sums {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(LruCache::new(REMEMBERED))))
    }
}

impl Sums {
    /// The answer that was reckoned before of the same record, or what `reckon` makes of it now. Whether somebody may read it is ruled on
    /// before: nothing of it hangs on who does.
    ///
    /// # Errors
    /// The record cannot be read.
    pub async fn of<T: Serialize>(
        &self,
        store: &AuthorityStore,
        what: &'static str,
        within: Window,
        reckon: impl AsyncFnOnce() -> Result<T, StoreError>,
    ) -> Result<Response, Problem> {
        // Before anything is read: what is reckoned may know more than this, and never less.
        let known_after = store.last_change().await?;
        let of = Of { authority: store.id().clone(), what, within, today: store.clock().now().day(), known_after };
        let before = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&of).cloned();
        let body = match before {
            Some(body) => body,
            None => {
                let json = serde_json::to_vec(&reckon().await?).map_err(|_| Problem::new(Code::HostFault, "a sum could not be written"))?;
                let body = Bytes::from(json);
                self.0.lock().unwrap_or_else(PoisonError::into_inner).put(of, body.clone());
                body
            }
        };
        Ok(([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], body).into_response())
    }
}
