//! What is shown of families, and what was refused: collected while a request is answered, and kept before its answer goes.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::problem::Problem;
use crate::store::{AuthorityStore, AuthorityTx, Looked, Seen, StoreError};

/// What one request has shown and tried so far.
#[derive(Debug, Clone, Default)]
pub struct Noted(Arc<Mutex<SoFar>>);

#[derive(Debug, Default)]
struct SoFar {
    /// Whose record it is, and who looks.
    by: Option<(AuthorityStore, Looked)>,
    seen: Vec<Seen>,
    refused: Option<Seen>,
}

/// Nothing is answered whose reading is not kept.
pub async fn note(mut request: Request, next: Next) -> Response {
    let noted = Noted::default();
    request.extensions_mut().insert(noted.clone());
    let response = next.run(request).await;
    match noted.keep(response.status().is_success()).await {
        Ok(()) => response,
        Err(fault) => Problem::from(fault).into_response(),
    }
}

impl Noted {
    fn so_far(&self) -> MutexGuard<'_, SoFar> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From here on it is known whose record is read, and by whom.
    pub fn by(&self, store: AuthorityStore, looked: Looked) {
        self.so_far().by = Some((store, looked));
    }

    pub fn saw(&self, seen: Seen) {
        self.so_far().seen.push(seen);
    }

    /// Says more exactly what was shown of a family that was opened before.
    pub fn saw_instead(&self, exactly: Seen) {
        let mut so_far = self.so_far();
        match so_far.seen.iter_mut().rev().find(|s| s.family == exactly.family) {
            Some(seen) => *seen = exactly,
            None => so_far.seen.push(exactly),
        }
    }

    /// Counts where the answer is a refusal too: whoever has one right of two was let in.
    pub fn refused(&self, tried: Seen) {
        self.so_far().refused = Some(tried);
    }

    /// Into the transaction that the answer is kept in, which goes to the disk by itself.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn keep_in(&self, tx: &mut AuthorityTx) -> Result<(), StoreError> {
        let (by, seen) = {
            let mut so_far = self.so_far();
            (so_far.by.clone(), std::mem::take(&mut so_far.seen))
        };
        let Some((_, looked)) = by else { return Ok(()) };
        tx.saw(&looked, &seen).await
    }

    async fn keep(&self, answered: bool) -> Result<(), StoreError> {
        let SoFar { by, seen, refused } = std::mem::take(&mut *self.so_far());
        let Some((store, looked)) = by else { return Ok(()) };
        match refused {
            _ if answered => store.saw(&looked, &seen).await,
            Some(tried) => store.refused(&looked, &tried).await,
            None => Ok(()),
        }
    }
}
