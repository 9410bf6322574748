//! What this host holds to, in numbers: the very ones that it works with.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::documented::Public;
use super::{App, batch_reads, body, job_events, page, watch};
use crate::access::sessions;
use crate::intake;
use crate::record::file_kind;

/// One limit.
#[derive(Debug, Serialize, ToSchema)]
pub struct HostLimit {
    /// Which: it never changes.
    #[schema(example = "requests-of-a-caller")]
    limit: &'static str,
    /// Of what.
    says: &'static str,
    #[schema(example = 60_000)]
    most: u64,
    /// `a minute`, `bytes`, `seconds`, `entries`, `at once`, `instructions`.
    #[schema(example = "a minute")]
    unit: &'static str,
}

/// What the host holds to.
#[derive(Debug, Serialize, ToSchema)]
pub struct HostLimits {
    items: Vec<HostLimit>,
}

const fn of(limit: &'static str, says: &'static str, most: u64, unit: &'static str) -> HostLimit {
    HostLimit { limit, says, most, unit }
}

fn seconds(limit: &'static str, says: &'static str, most: Duration) -> HostLimit {
    of(limit, says, most.as_secs(), "seconds")
}

/// Read the limits
///
/// How often, how large, how long, how many: what one request, one caller and one run of a plugin may be. Beyond `requests-…` it is answered
/// 429 with `Retry-After`. What plugins use of an authority's budget is set for each host (`hearth serve --help`).
#[utoipa::path(get, path = "/v1/limits", tag = "host", responses((status = 200, body = HostLimits, description = "As they are set here"), Public))]
pub async fn read_limits(State(app): State<App>) -> Json<HostLimits> {
    let rates = app.rates.most();
    let run = app.sandbox.limits();
    let bytes = |n: usize| n as u64;
    Json(HostLimits {
        items: vec![
            of("requests-of-a-caller", "Requests of one person or system", rates.caller.into(), "a minute"),
            of("requests-of-an-authority", "Requests of everybody at one authority", rates.authority.into(), "a minute"),
            of("requests-of-strangers", "Requests from one address with no token that is in force", rates.refused.into(), "a minute"),
            of("list", "Entries of one page of a list", page::MOST.into(), "entries"),
            of("batch-reads", "Readings of one batch, each counted as a request", batch_reads::MOST as u64, "entries"),
            of("batch-answer", "One answer within a batch", bytes(batch_reads::LONGEST), "bytes"),
            of("streams", "Streams of events of one person or system", job_events::MOST.into(), "at once"),
            seconds("stream", "One stream of events, after which it is asked for anew", job_events::LONGEST),
            of("address", "Path and parameters", bytes(watch::ADDRESS_BYTES), "bytes"),
            of("head", "All headers of a request", bytes(watch::HEAD_BYTES), "bytes"),
            of("body", "The body of a usual request", bytes(body::USUAL_BYTES), "bytes"),
            of("large-body", "Many facts at once, or a plugin", bytes(body::LARGE_BYTES), "bytes"),
            of("attachment", "A file that is attached", bytes(file_kind::LARGEST), "bytes"),
            of("delivery", "A file of a partner agency", intake::LARGEST_FILE, "bytes"),
            seconds("answer", "From a request's head to its answer", watch::PATIENCE),
            seconds(
                "answer-of-a-trial",
                "The same where a version of a plugin is compiled and its scenarios are played",
                watch::TRYING_PATIENCE,
            ),
            seconds("session-idle", "A session without a request", Duration::from_millis(sessions::IDLE_MILLIS.unsigned_abs())),
            seconds("session", "A session in all", Duration::from_millis(sessions::LONGEST_MILLIS.unsigned_abs())),
            of("run-instructions", "One run of a plugin", run.instructions, "instructions"),
            of("run-memory", "The memory of one run", bytes(run.memory), "bytes"),
            seconds("run", "One run, however busy the host is", run.wall),
            of("run-said", "Findings, claims and proposals of one run together", bytes(run.said), "bytes"),
        ],
    })
}
