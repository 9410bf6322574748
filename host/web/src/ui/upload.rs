//! A form with a file.

use axum::extract::{FromRequest, Multipart, Request};
use axum::response::{IntoResponse, Response};

use super::form::Typed;
use super::sent;
use crate::upstream::Failed;

/// What somebody typed, and the file that they sent with it.
#[derive(Debug, Default)]
pub struct Uploaded {
    pub typed: Typed,
    /// Its bytes; nothing where no file was chosen.
    pub file: Option<Vec<u8>>,
}

/// The largest file that a page takes. Larger ones go to the API itself.
pub const LARGEST: usize = 64 << 20;

impl<S: Send + Sync> FromRequest<S> for Uploaded {
    type Rejection = Failed;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failed> {
        sent::read(all(request, state)).await
    }
}

async fn all<S: Send + Sync>(request: Request, state: &S) -> Result<Uploaded, Response> {
    let mut parts = Multipart::from_request(request, state).await.map_err(IntoResponse::into_response)?;
    let mut uploaded = Uploaded::default();
    while let Some(part) = parts.next_field().await.map_err(IntoResponse::into_response)? {
        let name = part.name().unwrap_or_default().to_owned();
        if part.file_name().is_some() {
            let bytes = part.bytes().await.map_err(IntoResponse::into_response)?;
            uploaded.file = Some(bytes.to_vec()).filter(|b| !b.is_empty());
        } else {
            let text = part.text().await.map_err(IntoResponse::into_response)?;
            uploaded.typed.add(&name, text.replace("\r\n", "\n"));
        }
    }
    Ok(uploaded)
}
