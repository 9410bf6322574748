//! Asking a plugin over HTTP: what is decided is kept and answered; of what is not, the problem says what is kept and where.

use std::sync::Arc;

use axum::response::Response;

use super::App;
use super::caller::{Council, Opened};
use super::decision_seen::Bare;
use super::decisions::Decision;
use super::evidence::{Evidence, Language};
use super::once::{Answer, Begun, Once};
use super::problem::{Code, Problem};
use crate::record::{Digest, LoginId, Section};
use crate::store::{AuthorityTx, DECIDED_BY_ONE, Seen};
use crate::workflow::{Asked, Failed, KeptFailure, Made, Ran, Ready, keep_one};

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
    /// Whoever asks said who is to answer.
    pub named: bool,
}

/// How often a question is asked anew because another installation decides by now. The last time it is asked in its turn to write, where
/// nobody can switch meanwhile: whoever switches to and fro could otherwise get between every time.
const AGAIN: usize = 3;

impl Asking {
    /// Asks, keeps what came of it, and answers.
    ///
    /// # Errors
    /// The plugin failed, or was not asked: what is kept then, the problem says.
    pub async fn about(self, app: &App, ready: &Arc<Ready>, asked: Asked) -> Result<Response, Problem> {
        let mut ready = ready.clone();
        let point = asked.asks.extension_point();
        let by_one = DECIDED_BY_ONE.contains(&point.code()) && !self.named;
        for _ in 0..AGAIN {
            let made = match self.ask(app, &ready, &asked).await? {
                Ran::Decided(made) => made,
                Ran::Failed(failed) => return Err(self.keep_failure(app, &ready, &failed).await?),
            };
            let mut tx = match self.begin().await? {
                Begun::Before(response) => return Ok(response),
                Begun::Now(tx) => tx,
            };
            if !by_one || tx.installation(ready.installation.id).await?.decides(point.code()) {
                return Box::pin(self.decided(tx, &ready, *made)).await;
            }
            // Another decides by now: what was said by the one before is nobody's word.
            drop(tx);
            ready = app.workflow.asked(&self.council.store, point, None).await?;
        }
        let tx = match self.begin().await? {
            Begun::Before(response) => return Ok(response),
            Begun::Now(tx) => tx,
        };
        let ready = app.workflow.deciding_now(&self.council.store, point).await?;
        match self.ask(app, &ready, &asked).await? {
            Ran::Decided(made) => Box::pin(self.decided(tx, &ready, *made)).await,
            Ran::Failed(failed) => {
                drop(tx);
                Err(self.keep_failure(app, &ready, &failed).await?)
            }
        }
    }

    async fn ask(&self, app: &App, ready: &Arc<Ready>, asked: &Asked) -> Result<Ran, Problem> {
        let ran = app.workflow.ask(&self.council.store, ready, asked.clone(), &self.council.by).await;
        ran.map_err(Problem::from).map_err(in_body)
    }

    async fn begin(&self) -> Result<Begun<AuthorityTx>, Problem> {
        self.once.begin(&self.council, self.digest, "decided about a family").await
    }

    async fn keep_failure(&self, app: &App, ready: &Ready, failed: &Failed) -> Result<Problem, Problem> {
        let mut tx = self.council.write("kept a failed run").await?;
        let kept = app.workflow.keep_failure(&mut tx, failed).await?;
        tx.commit().await?;
        Ok(not_decided(ready, failed, &kept))
    }

    async fn decided(self, mut tx: AuthorityTx, ready: &Ready, made: Made) -> Result<Response, Problem> {
        let Self { council, opened, once, digest, language, candidates, .. } = self;
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
