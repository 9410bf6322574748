//! What a browser sends with a form, in time and within bounds.

use std::time::Duration;

use axum::http::StatusCode;
use axum::response::IntoResponse;

use crate::upstream::{Failed, Problem};

/// A slow sender holds no place, as with the API.
const PATIENCE: Duration = Duration::from_secs(60);

/// # Errors
/// `Refused`, in words: too slow, too large, or nothing that a form sends.
pub(super) async fn read<T, E: IntoResponse>(reading: impl Future<Output = Result<T, E>>) -> Result<T, Failed> {
    within(PATIENCE, reading).await
}

async fn within<T, E: IntoResponse>(patience: Duration, reading: impl Future<Output = Result<T, E>>) -> Result<T, Failed> {
    let refused = |code, title, status, detail: String| Err(Failed::Refused(Problem::of_pages(code, title, status, detail)));
    let read = tokio::time::timeout(patience, reading).await;
    match read.map(|read| read.map_err(|rejected| rejected.into_response().status())) {
        Ok(Ok(read)) => Ok(read),
        Ok(Err(StatusCode::PAYLOAD_TOO_LARGE)) => {
            let detail = "It is larger than this page takes. Nothing is kept of it";
            refused("too-large", "What you sent is too large", StatusCode::PAYLOAD_TOO_LARGE, detail.to_owned())
        }
        Ok(Err(_)) => {
            let detail = "It ended early, or is not what this page's form sends. Nothing is kept of it: go back and send it again";
            refused("unreadable", "What you sent cannot be read", StatusCode::BAD_REQUEST, detail.to_owned())
        }
        Err(_) => {
            let detail = format!("It had not come within {} seconds. Nothing is kept of it: go back and send it again", patience.as_secs());
            refused("took-too-long", "What you sent took too long", StatusCode::REQUEST_TIMEOUT, detail)
        }
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use axum::Router;
    use axum::body::Body;
    use axum::extract::{DefaultBodyLimit, FromRequest, Request};
    use axum::routing::post;
    use tower::ServiceExt;

    use super::*;
    use crate::ui::typed::Typed;
    use crate::ui::upload::Uploaded;

    fn title(failed: Failed) -> (u16, String) {
        match failed {
            Failed::Refused(problem) => (problem.status, problem.title),
            other => panic!("{other:?}"),
        }
    }

    #[tokio::test]
    async fn what_does_not_come_is_given_up() {
        let never = std::future::pending::<Result<(), Infallible>>();
        let failed = within(Duration::from_millis(10), never).await.unwrap_err();
        assert_eq!(title(failed), (408, "What you sent took too long".to_owned()));
    }

    #[tokio::test]
    async fn what_is_too_large_or_no_form_is_said_in_words() {
        let form = |body: &'static str| {
            Request::post("/").header("content-type", "application/x-www-form-urlencoded").body(Body::from(body)).unwrap()
        };
        async fn read(request: Request) -> String {
            format!("{:?}", Typed::from_request(request, &()).await.map(|_| ()).map_err(title))
        }
        let app = Router::new().route("/", post(read)).layer(DefaultBodyLimit::max(10));
        let answer = app.oneshot(form("words=more+than+ten")).await.unwrap();
        let said = axum::body::to_bytes(answer.into_body(), 1 << 10).await.unwrap();
        assert_eq!(said, r#"Err((413, "What you sent is too large"))"#);
        let no_file = Uploaded::from_request(form("words=none"), &()).await.map(|_| ()).map_err(title);
        assert_eq!(no_file, Err((400, "What you sent cannot be read".to_owned())));
    }
}
