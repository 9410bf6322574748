//! How far work has come that goes on after its request, told as it happens: server-sent events of files that are read, of back-tests, of
//! the evaluation of every family.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use hyper::body::Frame;
use serde::Serialize;
use tokio::sync::mpsc;
use utoipa::ToSchema;

use super::App;
use super::caller::Council;
use super::documented::Reads;
use super::holds::Number;
use super::params::Id;
use super::problem::{AGAIN, Code, Problem};
use crate::access::Verb;
use crate::intake;
use crate::record::{AuthorityId, BackTestId, DeliveryId};
use crate::store::{AuthorityStore, BackTestState, DeliveryState, EvaluationState, StoreError};
use crate::workflow::scheduled::Came;

/// Streams of one person or system at once.
pub const MOST: u32 = 6;
/// A stream is ended after so long: a browser asks anew, and is ruled on anew.
pub const LONGEST: Duration = Duration::from_secs(300);
/// How often the record is looked at.
const EVERY: Duration = Duration::from_millis(500);
/// Where nothing changes, something is sent all the same, so that nobody on the way takes the line for dead.
const STILL: Duration = Duration::from_secs(15);
const LAST: HeaderName = HeaderName::from_static("last-event-id");

/// Whose streams are open.
#[derive(Debug, Clone, Default)]
pub struct Followers(Arc<Mutex<HashMap<String, u32>>>);

impl Followers {
    fn one_more(&self, who: String) -> Result<Place, Problem> {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let of = open.entry(who.clone()).or_default();
        if *of >= MOST {
            return Err(Problem::new(Code::TooManyRequests, format!("you follow {MOST} pieces of work already")).with(AGAIN, 10));
        }
        *of += 1;
        Ok(Place { all: self.clone(), who })
    }
}

/// A place among the streams, given back when it is dropped.
struct Place {
    all: Followers,
    who: String,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.all.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(of) = open.get_mut(&self.who) {
            *of -= 1;
            if *of == 0 {
                open.remove(&self.who);
            }
        }
    }
}

/// How far it has come: what each event says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Progress {
    /// As the work itself says it.
    state: &'static str,
    /// Families, or rows of a file, that are done with.
    done: u64,
    /// Of how many. Left out: that is not known before the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    total: Option<u64>,
    /// Nothing more will come.
    over: bool,
}

/// One event of the stream, as its documents describe it.
#[derive(ToSchema)]
#[allow(dead_code)] // written by the stream itself, and only described here
pub struct ProgressEvent {
    /// `over` of the last one; the others have none.
    #[schema(example = "over")]
    event: Option<String>,
    /// Sent as `Last-Event-ID` by whoever comes back.
    id: String,
    /// How far it has come, as JSON: `state` as the work itself says it, `done`, `total` where that is known, and whether it is `over`.
    #[schema(example = r#"{"state":"running","done":500,"total":5000,"over":false}"#)]
    data: String,
}

/// What is followed.
#[derive(Debug, Clone, Copy)]
enum Work {
    Delivery(DeliveryId),
    BackTest(BackTestId),
    Evaluation(u64),
}

impl Work {
    async fn progress(self, store: &AuthorityStore) -> Result<Progress, StoreError> {
        match self {
            Self::Delivery(id) => {
                let delivery = store.delivery(id).await?;
                let interrupted = intake::is_interrupted(&delivery, store.clock().now());
                let over = interrupted || delivery.state != DeliveryState::Reading;
                let state = if interrupted { "interrupted" } else { delivery.state.code() };
                let done = delivery.report["read"].as_u64().unwrap_or_default();
                Ok(Progress { state, done, total: over.then_some(done), over })
            }
            Self::BackTest(id) => {
                let test = store.back_test(id).await?;
                let over = test.state != BackTestState::Running;
                Ok(Progress { state: test.state.code(), done: test.done, total: Some(test.total), over })
            }
            Self::Evaluation(number) => {
                let found = store.evaluations(Some(number.saturating_add(1)), 1).await?.items.pop();
                let found = found.filter(|e| e.number.unsigned_abs() == number);
                let found = found.ok_or_else(|| StoreError::NoSuch { what: "evaluation", id: number.to_string() })?;
                let came: Came =
                    serde_json::from_value(found.came).map_err(|e| StoreError::Damaged(format!("evaluation {number}: {e}")))?;
                let over = found.state != EvaluationState::Running;
                Ok(Progress { state: found.state.code(), done: came.families, total: over.then_some(came.families), over })
            }
        }
    }
}

impl Progress {
    /// By it a browser says what it saw last.
    fn id(&self) -> String {
        format!("{}-{}", self.state, self.done)
    }

    /// `over` is an event of its own name, after which nobody need ask again.
    fn event(&self) -> Bytes {
        let says = serde_json::to_string(self).unwrap_or_default();
        let name = if self.over { "event: over\n" } else { "" };
        Bytes::from(format!("{name}id: {}\ndata: {says}\n\n", self.id()))
    }
}

/// What is sent, as it comes.
struct Events(mpsc::Receiver<Bytes>);

impl HttpBody for Events {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        self.0.poll_recv(cx).map(|bytes| bytes.map(|bytes| Ok(Frame::data(bytes))))
    }
}

async fn follow(app: App, council: Council, work: Work, headers: &HeaderMap) -> Result<Response, Problem> {
    let first = work.progress(&council.store).await?;
    let place = app.followers.one_more(council.who.to_string())?;
    let seen = headers.get(LAST).and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
    let (events, sent) = mpsc::channel(4);
    let store = council.store.clone();
    tokio::spawn(async move {
        let _place = place;
        tell(&store, work, first, seen, &events).await;
    });
    let told = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream")),
        // Of servers in front, which would keep it until it is whole.
        (HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no")),
    ];
    Ok((told, Body::new(Events(sent))).into_response())
}

/// Until it is over, nobody listens any more, or it went on for too long.
async fn tell(store: &AuthorityStore, work: Work, first: Progress, mut seen: String, events: &mpsc::Sender<Bytes>) {
    let (began, mut told, mut now) = (Instant::now(), Instant::now(), first);
    if events.send(Bytes::from_static(b"retry: 2000\n\n")).await.is_err() {
        return;
    }
    loop {
        let new = now.over || now.id() != seen;
        if new || told.elapsed() > STILL {
            let event = if new { now.event() } else { Bytes::from_static(b": still\n\n") };
            if events.send(event).await.is_err() {
                return;
            }
            (told, seen) = (Instant::now(), now.id());
        }
        if now.over || began.elapsed() > LONGEST {
            return;
        }
        tokio::select! {
            () = events.closed() => return,
            () = tokio::time::sleep(EVERY) => {}
        }
        now = match work.progress(store).await {
            Ok(now) => now,
            Err(error) => {
                tracing::error!(%error, "work that is followed could not be looked at");
                return;
            }
        };
    }
}

/// Follow a file that is read
///
/// Server-sent events: each a `Progress` in JSON, the last of them named `over`. A stream ends after five minutes: ask again, with
/// `Last-Event-ID`, as browsers do by themselves. At most six at once.
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/deliveries/{delivery}/events", tag = "intake", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("delivery" = DeliveryId, Path, description = "The delivery"),
        ("Last-Event-ID" = Option<String>, Header, description = "What was seen last: it is not told again"),
    ),
    responses((status = 200, body = ProgressEvent, content_type = "text/event-stream", description = "As it happens"), Reads),
)]
pub async fn follow_delivery(
    State(app): State<App>,
    council: Council,
    Id(id): Id<DeliveryId>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    council.may(Verb::RunIntake)?;
    follow(app, council, Work::Delivery(id), &headers).await
}

/// Follow a back-test
///
/// As a file that is read is followed.
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/back-tests/{test}/events", tag = "plugins", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("test" = BackTestId, Path, description = "The back-test"),
        ("Last-Event-ID" = Option<String>, Header, description = "What was seen last: it is not told again"),
    ),
    responses((status = 200, body = ProgressEvent, content_type = "text/event-stream", description = "As it happens"), Reads),
)]
pub async fn follow_back_test(
    State(app): State<App>,
    council: Council,
    Id(id): Id<BackTestId>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    council.may(Verb::BackTest)?;
    follow(app, council, Work::BackTest(id), &headers).await
}

/// Follow an evaluation of every family
///
/// As a file that is read is followed.
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/evaluations/{evaluation}/events", tag = "claims", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("evaluation" = u64, Path, description = "Its number"),
        ("Last-Event-ID" = Option<String>, Header, description = "What was seen last: it is not told again"),
    ),
    responses((status = 200, body = ProgressEvent, content_type = "text/event-stream", description = "As it happens"), Reads),
)]
pub async fn follow_evaluation(
    State(app): State<App>,
    council: Council,
    Id(Number(id)): Id<Number>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    council.may(Verb::SeeRuns)?;
    let Ok(number) = u64::try_from(id) else { return Err(Problem::no_such("evaluation", id)) };
    follow(app, council, Work::Evaluation(number), &headers).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn somebody_follows_so_much_and_no_more() {
        let all = Followers::default();
        let open: Vec<Place> = (0..MOST).map(|_| all.one_more("priya".to_owned()).unwrap()).collect();
        assert_eq!(all.one_more("priya".to_owned()).err().unwrap().code, Code::TooManyRequests);
        assert!(all.one_more("miriam".to_owned()).is_ok(), "another's places are another's");
        drop(open);
        assert!(all.one_more("priya".to_owned()).is_ok());
        assert!(all.0.lock().unwrap().is_empty(), "nobody is remembered who follows nothing");
    }
}
