//! When a plugin fails: what it means, for each question, and what is kept. Nothing is decided; what was asked stays, in sight, until it
//! is decided; and where the question guards somebody, a person is to look at it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Failed, Workflow, switching};
use crate::record::{Day, KnownAt, TaskId, UndecidedId};
use crate::sandbox::{Blame, Fault, Question};
use crate::store::{AuthorityTx, FailurePolicy, Parked, StoreError, Task, TaskState, Undecided};

/// What a failure means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Means {
    /// A task for a person to look, kept with the failure.
    ToAPerson,
    /// Not decided yet: in the list of what is undecided, and nothing else follows.
    Open,
}

impl Means {
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::ToAPerson => "to-a-person",
            Self::Open => "open",
        }
    }
}

/// What a failure at one question means, unless the authority is stricter.
pub struct WhenFailed {
    pub question: Question,
    pub means: Means,
    pub why: &'static str,
    /// Code list roles: who is to look.
    pub role: &'static str,
    /// Days within which to look; 0: today.
    pub within: i32,
    title: [&'static str; 2],
}

macro_rules! when_failed {
    ($($question:ident $means:ident, $role:literal within $within:literal: $why:literal, $en:literal, $cy:literal;)*) => {
        /// Every question.
        pub const WHEN_FAILED: &[WhenFailed] = &[$(WhenFailed {
            question: Question::$question,
            means: Means::$means,
            why: $why,
            role: $role,
            within: $within,
            title: [$en, $cy],
        }),*];
    };
}

when_failed! {
    Triage ToAPerson, "duty-worker" within 0:
        "a referral that nobody looks at may be a child at risk",
        "A referral could not be triaged by the rules: look at it",
        "Ni allai'r rheolau frysbennu atgyfeiriad: edrychwch arno";
    OnEvent ToAPerson, "duty-worker" within 0:
        "an event may call for somebody to act the same day",
        "The rules could not say what follows from an event: look at it",
        "Ni allai'r rheolau ddweud beth sy'n dilyn digwyddiad: edrychwch arno";
    Allocate Open, "manager" within 5:
        "a manager is choosing a worker, sees that there is no ranking, and chooses without one",
        "The rules could not rank the workers: choose without them",
        "Ni allai'r rheolau drefnu'r gweithwyr: dewiswch hebddynt";
    Evaluate Open, "keyworker" within 5:
        "whoever filled in the form is told at once, and the answers stay with the question",
        "The rules could not evaluate an assessment: look at its answers",
        "Ni allai'r rheolau werthuso asesiad: edrychwch ar ei atebion";
    MigrateAnswers Open, "keyworker" within 5:
        "the answers to the older form stay as they are",
        "The rules could not carry over the answers to an older form: look at them",
        "Ni allai'r rheolau drosglwyddo'r atebion i ffurflen hŷn: edrychwch arnynt";
    Eligibility Open, "data-manager" within 5:
        "help does not wait for it: a family is helped before it is counted",
        "The rules could not say whether the family is eligible: look at it",
        "Ni allai'r rheolau ddweud a yw'r teulu'n gymwys: edrychwch arno";
    Progress Open, "data-manager" within 5:
        "a result can be claimed later, and none is claimed by mistake",
        "The rules could not say what the family has achieved: look at it",
        "Ni allai'r rheolau ddweud beth mae'r teulu wedi'i gyflawni: edrychwch arno";
    Shortlist Open, "commissioner" within 5:
        "whoever looks for help sees that there is no list, and the directory is there",
        "The rules could not name who could help: look in the directory",
        "Ni allai'r rheolau enwi pwy allai helpu: edrychwch yn y cyfeiriadur";
    CheckContract Open, "commissioner" within 5:
        "a contract is not agreed without the check",
        "The rules could not check a contract: look at it",
        "Ni allai'r rheolau wirio contract: edrychwch arno";
    Payment Open, "commissioner" within 5:
        "nothing is paid by mistake; it is paid when it is worked out",
        "The rules could not work out a payment: look at it",
        "Ni allai'r rheolau gyfrifo taliad: edrychwch arno";
    Review Open, "commissioner" within 5:
        "a contract goes on as it was until somebody decides",
        "The rules could not review a contract: look at it",
        "Ni allai'r rheolau adolygu contract: edrychwch arno";
}

/// By the question's code; none of a word that is no question.
#[must_use]
pub fn when_failed(question: &str) -> Option<&'static WhenFailed> {
    WHEN_FAILED.iter().find(|w| w.question.code() == question)
}

impl WhenFailed {
    /// As the authority has it: stricter than the default where it said so, and never laxer.
    #[must_use]
    pub fn means_here(&self, said: &[FailurePolicy]) -> Means {
        let stricter = said.iter().any(|p| p.question == self.question.code() && p.policy == Means::ToAPerson.code());
        if stricter { Means::ToAPerson } else { self.means }
    }

    /// What the host's own task is known by. No plugin can take it: a key of a plugin's has no colon.
    pub(super) fn task_key(&self) -> String {
        format!("hearth:not-decided:{}", self.question.code())
    }

    fn task(&self, failed: &Failed, family: crate::record::FamilyId, now: KnownAt) -> Task {
        let [en, cy] = self.title;
        let today = now.day();
        Task {
            id: TaskId::fresh(),
            installation: failed.run.installation,
            key: self.task_key(),
            family,
            role: self.role.to_owned(),
            title: serde_json::json!({ "en": en, "cy": cy }),
            due: Day::new(today.number() + self.within).unwrap_or(today),
            state: TaskState::Open,
            decision: None,
        }
    }
}

/// What came of a failure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptFailure {
    pub means: Means,
    /// Where it stands among what is undecided. None: the question was about no family, or nothing was kept of it.
    pub undecided: Option<UndecidedId>,
    /// For a person to look.
    pub task: Option<TaskId>,
    /// The installation was parked by this.
    pub parked: Option<Parked>,
}

/// Minutes after which the host asks again by itself what failed through no fault of the plugin's, after the first failure, the second, …;
/// then it is left to people.
const RETRIES: [i64; 4] = [1, 5, 25, 125];

pub(super) fn retry_at(blame: Blame, failures_before: u64, now: KnownAt) -> Option<KnownAt> {
    let minutes = RETRIES.get(usize::try_from(failures_before).ok()?)?;
    (blame != Blame::Guest).then(|| KnownAt::from_millis(now.millis() + minutes * 60_000))
}

impl Workflow {
    /// Keeps failures: visible, and no decisions. Where a failure means so, a person is given a task in the same transaction, once for
    /// each installation, family and question while it is open. An installation that failed again and again goes back to the one that it replaced, or is parked. Of a question that
    /// was turned away because too many waited nothing is kept, unless it guards somebody: whoever asked knows, and a flood of them must
    /// not fill the file.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn keep_failures(&self, tx: &mut AuthorityTx, failed: &[&Failed]) -> Result<Vec<KeptFailure>, StoreError> {
        let runs: Vec<_> = failed.iter().filter(|f| f.fault.was_run()).map(|f| f.run.clone()).collect();
        tx.add_runs(&runs).await?;
        let said = tx.failure_policies().await?;
        let mut kept = Vec::with_capacity(failed.len());
        for one in failed {
            kept.push(keep_one(tx, one, &said).await?);
        }
        let of_guest = |f: &&&Failed| f.fault.was_run() && f.fault.blame() == Blame::Guest;
        if let Some(last) = failed.iter().filter(of_guest).map(|f| f.run.installation).next_back() {
            // Whatever goes back is asked no more, so there is nothing to park.
            if Box::pin(switching::return_if_due(tx, last)).await?.is_none() {
                let parked = self.shared.parking.park_if_due(tx, last).await?;
                if let Some(kept) = kept.last_mut() {
                    kept.parked = parked;
                }
            }
        }
        Ok(kept)
    }

    /// As [`Workflow::keep_failures`], of one.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn keep_failure(&self, tx: &mut AuthorityTx, failed: &Failed) -> Result<KeptFailure, StoreError> {
        let nothing = KeptFailure { means: Means::Open, undecided: None, task: None, parked: None };
        Ok(self.keep_failures(tx, &[failed]).await?.pop().unwrap_or(nothing))
    }
}

async fn keep_one(tx: &mut AuthorityTx, failed: &Failed, said: &[FailurePolicy]) -> Result<KeptFailure, StoreError> {
    let Failed { run, fault, asked, key, by } = failed;
    let when = when_failed(&run.question);
    let means = when.map_or(Means::Open, |w| w.means_here(said));
    let mut kept = KeptFailure { means, undecided: None, task: None, parked: None };
    let Some(family) = run.family else { return Ok(kept) };
    if means == Means::Open && matches!(fault, Fault::QueueFull { .. }) {
        return Ok(kept);
    }
    let now = tx.now();
    let before = tx.undecided_of(family, *key).await?;
    let failures = before.as_ref().map_or(0, |b| b.failures);
    let undecided = Undecided {
        id: before.as_ref().map_or_else(UndecidedId::fresh, |b| b.id),
        family,
        key: *key,
        question: run.question.clone(),
        asked: asked.clone(),
        as_of: run.as_of,
        installation: run.installation,
        outcome: fault.code().to_owned(),
        blame: fault.blame().code().to_owned(),
        run: fault.was_run().then_some(run.id),
        asked_by: before.as_ref().map_or_else(|| by.clone(), |b| b.asked_by.clone()),
        first_at: before.as_ref().map_or(now, |b| b.first_at),
        last_at: now,
        failures: failures + 1,
        retry_at: retry_at(fault.blame(), failures, now),
    };
    tx.keep_undecided(&undecided).await?;
    kept.undecided = Some(undecided.id);
    if let Some(when) = when.filter(|_| means == Means::ToAPerson) {
        let task = when.task(failed, family, now);
        kept.task = if tx.add_task(&task).await? { Some(task.id) } else { tx.open_task(task.installation, family, &task.key).await? };
    }
    Ok(kept)
}

/// It is decided: no longer undecided, and nobody need look because of it.
pub(super) async fn settle(
    tx: &mut AuthorityTx,
    family: crate::record::FamilyId,
    question: &str,
    key: crate::record::Digest,
) -> Result<(), StoreError> {
    if tx.settle_undecided(family, key).await?
        && !tx.is_undecided(family, question).await?
        && let Some(when) = when_failed(question)
    {
        tx.finish_own_tasks(family, &when.task_key(), "hearth").await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::codes;

    fn said(question: &str, policy: Means) -> Vec<FailurePolicy> {
        let at = KnownAt::from_millis(0);
        vec![FailurePolicy { question: question.into(), policy: policy.code().into(), at, by: "manager".into() }]
    }

    #[test]
    fn every_question_has_its_meaning_and_somebody_to_look() {
        for question in Question::ALL {
            let when = when_failed(question.code()).unwrap_or_else(|| panic!("{question:?} has no policy"));
            assert!(codes::find("roles", when.role).is_some(), "{question:?}: {}", when.role);
        }
        assert_eq!(WHEN_FAILED.len(), Question::ALL.len());
    }

    #[test]
    fn what_guards_somebody_is_never_laxer_and_the_rest_may_be_stricter() {
        let triage = when_failed("triage").unwrap();
        assert_eq!(triage.means_here(&[]), Means::ToAPerson);
        assert_eq!(triage.means_here(&said("triage", Means::Open)), Means::ToAPerson, "whatever stands in the file");
        let progress = when_failed("progress").unwrap();
        assert_eq!(progress.means_here(&[]), Means::Open);
        assert_eq!(progress.means_here(&said("progress", Means::ToAPerson)), Means::ToAPerson);
        assert_eq!(progress.means_here(&said("triage", Means::ToAPerson)), Means::Open);
    }

    #[test]
    fn no_plugin_can_take_the_key_of_the_hosts_task() {
        assert!(WHEN_FAILED.iter().all(|w| !crate::record::ids::is_slug(&w.task_key())));
    }

    #[test]
    fn the_host_tries_again_later_and_later_and_then_no_more() {
        let now = KnownAt::from_millis(0);
        let minutes = |failures| retry_at(Blame::Host, failures, now).map(|at| at.millis() / 60_000);
        assert_eq!([0, 1, 2, 3, 4].map(minutes), [Some(1), Some(5), Some(25), Some(125), None]);
        assert_eq!(retry_at(Blame::Guest, 0, now), None, "it would fail again");
    }

    #[test]
    fn the_readme_has_the_table() {
        let readme = include_str!("../../README.md");
        for when in WHEN_FAILED {
            let means = match when.means {
                Means::ToAPerson => "to a person",
                Means::Open => "open",
            };
            let row = format!("| {} | {means} | {} |", when.question.code(), when.why);
            assert!(readme.contains(&row), "host/README.md has no row\n{row}");
        }
    }
}
