//! What is told of each run to whoever keeps the host running: a span, and the counts. Nothing of the family, and no word of the guest's.

use tracing::Span;
use tracing::field::Empty;

use super::Ready;
use crate::metrics::RunCounted;
use crate::record::AuthorityId;
use crate::sandbox::{Fault, Outcome, Question, Sandbox};

/// Hexadecimal digits of a digest: enough to tell versions of one plugin apart.
const SHORT: usize = 12;

/// The span of one run.
pub(super) fn span(authority: &AuthorityId, ready: &Ready, question: Question) -> Span {
    let digest = ready.installation.digest.hex();
    tracing::info_span!(
        "run",
        authority = authority.as_str(),
        plugin = ready.installation.plugin,
        version = ready.manifest.version,
        digest = digest.get(..SHORT).unwrap_or_default(),
        question = question.code(),
        outcome = Empty,
        blame = Empty,
        instructions = Empty,
        millis = Empty,
        peak_memory = Empty,
    )
}

/// Notes how it ended. What a plugin answers is told at a finer level: of a night's 400,000 nobody wants a line each.
pub(super) fn ended(span: &Span, sandbox: &Sandbox, ready: &Ready, question: Question, outcome: &Outcome) {
    let fault = outcome.result.as_ref().err();
    let code = fault.map_or("answered", Fault::code);
    span.record("outcome", code);
    span.record("instructions", outcome.instructions);
    span.record("millis", u64::try_from(outcome.took.as_millis()).unwrap_or(u64::MAX));
    span.record("peak_memory", outcome.peak_memory as u64);
    match fault {
        Some(fault) => {
            span.record("blame", fault.blame().code());
            span.in_scope(|| tracing::info!("failed"));
        }
        None => span.in_scope(|| tracing::debug!("answered")),
    }
    sandbox.metrics().ran(&RunCounted {
        plugin: &ready.installation.plugin,
        version: &ready.manifest.version,
        question: question.code(),
        outcome: code,
        instructions: outcome.instructions,
        took: outcome.took,
        peak_memory: outcome.peak_memory,
    });
}
