//! Asking a plugin over HTTP: what is decided is kept and answered; of what is not, the problem says what is kept and where.

use axum::response::Response;

use super::App;
use super::caller::{Council, Opened};
use super::decision_seen::Bare;
use super::decisions::Decision;
use super::evidence::{Evidence, Language};
use super::once::{Answer, Begun, Once};
use super::problem::{Code, Problem};
use crate::record::{Digest, LoginId, Section};
use crate::store::Seen;
use crate::workflow::{Asked, Failed, KeptFailure, Ran, Ready, keep_one};

/// A request that asks a plugin.
pub struct Asking {
    pub council: Council,
    /// The family that it is about.
    pub opened: Opened,
    pub once: Once,
    /// Of the request's body.
    pub digest: Digest,
    pub language: Language,
    /// Of an allocation: who stands where among those that it is asked about.
    pub candidates: Vec<LoginId>,
}

impl Asking {
    /// Asks, keeps what came of it, and answers.
    ///
    /// # Errors
    /// The plugin failed, or was not asked: what is kept then, the problem says.
    pub async fn about(self, app: &App, ready: &Ready, asked: Asked) -> Result<Response, Problem> {
        let Self { council, opened, once, digest, language, candidates } = self;
        let ran = app.workflow.ask(&council.store, ready, asked, &council.by).await.map_err(Problem::from).map_err(in_body)?;
        let made = match ran {
            Ran::Decided(made) => made,
            Ran::Failed(failed) => {
                let mut tx = council.write("kept a failed run").await?;
                let kept = app.workflow.keep_failure(&mut tx, &failed).await?;
                tx.commit().await?;
                return Err(not_decided(ready, &failed, &kept));
            }
        };
        let mut tx = match once.begin(&council, digest, "decided about a family").await? {
            Begun::Before(response) => return Ok(response),
            Begun::Now(tx) => tx,
        };
        let seen = |sections: &[Section]| Seen::of(made.decision.family, "decision", made.decision.id, sections);
        council.showed(seen(&[]));
        let came_to = keep_one(&mut tx, &made).await?;
        tx.keep_candidates(made.decision.id, &candidates).await?;
        if let Some(bare) = Bare::of(&council, &opened, &made).await? {
            return once.finish(tx, &council, digest, Answer::created(&bare)).await;
        }
        let directory = made.context.directory.clone();
        let evidence = Evidence::given(&council.store, ready.manifest.clone(), Some(made.snapshot.clone()), directory, language).await?;
        let decision = Decision::of(&made.decision, &ready.installation, &made.answer, &came_to, &evidence).beside(candidates, Vec::new());
        council.showed(seen(&made.answer.delivered));
        once.finish(tx, &council, digest, Answer::created(&decision)).await
    }
}

/// What happened, what it means here, and where what was asked is to be found.
fn not_decided(ready: &Ready, failed: &Failed, kept: &KeptFailure) -> Problem {
    let mut problem = Problem::of_run(&failed.fault, &ready.installation.plugin, failed.run.id)
        .with("installation", ready.installation.id.to_string())
        .with("policy", kept.means.code());
    if let Some(undecided) = kept.undecided {
        problem = problem.with("undecided", undecided.to_string());
    }
    if let Some(task) = kept.task {
        problem = problem.with("task", task.to_string());
    }
    problem
}

/// What the path names is missing with 404; what a body names, with 422.
pub(super) fn in_body(problem: Problem) -> Problem {
    if problem.code == Code::NoSuch && problem.field.as_deref() == Some("family") {
        return Problem::invalid("family", problem.detail);
    }
    problem
}
