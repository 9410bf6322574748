//! Forms in progress when a newer version of their plugin has another form. Its author says what becomes of them: what the newer version's
//! `migrate-answers` puts is the new draft, which a person goes on with; where it says `start-again`, or fails, the draft stays with the version that
//! it began with, which stays active for it, and its worker is told. The older answers are never touched: they stay readable in their version.

use super::about::{AnswerAsked, FormAsked};
use super::assessments::Judging;
use super::carried_answers::newly;
use super::decide::{Made, key};
use super::{Asked, Asks, Ran, Workflow, WorkflowError, keep, switching};
use crate::forms::{Answers, Form};
use crate::record::{AssessmentId, Digest, FamilyId, InstallationId, KnownAt, TaskId};
use crate::sandbox::{ExtensionPoint, Question, Verdict};
use crate::store::{
    Assessment, AssessmentState as State, AuthorityStore, AuthorityTx, CarriedOver, CarryingCame as Came, Installation, StoreError, Task,
    TaskState,
};

/// A draft in which somebody typed so lately is left to them.
const QUIET: i64 = 15 * 60_000;
/// What was asked and never answered is asked again: the host that asked is gone.
const LOST: i64 = 10 * 60_000;
/// Of one plugin at a time: the rest have their turn a minute later.
const AT_ONCE: u32 = 50;
/// Who does what nobody did.
const BY: &str = "hearth";
/// Days for looking at a draft whose form is another; own choice.
const LOOK: i32 = 5;

/// What the newer version makes of a draft.
struct Newer {
    ready: std::sync::Arc<super::Ready>,
    form: Form,
}

/// The version of each plugin that new forms begin with: the one that was activated last.
pub(super) fn newest(active: Vec<Installation>) -> Vec<Installation> {
    let mut newest: Vec<Installation> = Vec::new();
    for one in active {
        match newest.iter_mut().find(|n| n.plugin == one.plugin) {
            Some(other) if (other.activated_at, other.id) < (one.activated_at, one.id) => *other = one,
            Some(_) => {}
            None => newest.push(one),
        }
    }
    newest
}

impl Workflow {
    /// Asks the newest version of a draft's plugin to carry its answers over. `begin_again`: where it carries nothing over, an empty draft takes its place.
    ///
    /// # Errors
    /// `Conflict` where it is no draft, or no newer version has its form; a newer version that cannot be asked.
    pub async fn carry_draft(
        &self,
        store: &AuthorityStore,
        id: AssessmentId,
        begin_again: bool,
        by: &str,
    ) -> Result<CarriedOver, WorkflowError> {
        let draft = store.assessment(id).await?;
        if let Some(done) = store.carried_over(id).await?.into_iter().find(|c| c.becomes.is_some()) {
            return Ok(done);
        }
        let newer = self.newer(store, &draft).await?;
        let today = store.clock().now().day();
        let judging = self.judging(store, &draft, today).await?;
        let came = if newer.form.digest() == draft.digest {
            let answers = draft.answers.clone().ok_or_else(erased)?;
            let mut tx = store.write(by, "carried a draft over").await?;
            let mut note = noted(&draft, newer.ready.installation.id, nothing_asked(), &tx);
            note.came = Came::SameForm;
            note.carried = (answers.answers.len() + answers.groups.values().flatten().map(|r| r.answers.len()).sum::<usize>()) as u64;
            note.becomes = Some(begin(&mut tx, &draft, (note.installation, draft.digest), judging.family, answers).await?);
            tx.note_carried(&note).await?;
            tx.commit().await?;
            note
        } else {
            self.ask_to_carry(store, &draft, &newer, &judging, by).await?
        };
        match came.came {
            Came::StartAgain if begin_again => begin_empty(store, &newer, &judging, came, by).await,
            Came::Changed => Err(StoreError::Conflict("somebody typed in it meanwhile: ask again".to_owned()).into()),
            _ => Ok(came),
        }
    }

    async fn newer(&self, store: &AuthorityStore, draft: &Assessment) -> Result<Newer, WorkflowError> {
        let refused = |why: String| WorkflowError::Store(StoreError::Conflict(why));
        if draft.state != State::Draft {
            return Err(refused(format!("the assessment is {}: only a draft goes over to a newer form", draft.state.code())));
        }
        let own = store.installation(draft.installation).await?;
        let active = store.active_installations(ExtensionPoint::Assessment.code()).await?;
        let newer = newest(active).into_iter().find(|n| n.plugin == own.plugin && n.id != own.id);
        let newer = newer.ok_or_else(|| refused("no newer version of its plugin is active".to_owned()))?;
        let ready = self.asked(store, ExtensionPoint::Assessment, Some(newer.id)).await?;
        let form = ready.manifest.forms.iter().find(|f| f.form == draft.form).cloned();
        let form = form.ok_or_else(|| refused("the newer version of its plugin has no such form: finish it as it is".to_owned()))?;
        Ok(Newer { ready, form })
    }

    async fn ask_to_carry(
        &self,
        store: &AuthorityStore,
        draft: &Assessment,
        newer: &Newer,
        judging: &Judging,
        by: &str,
    ) -> Result<CarriedOver, WorkflowError> {
        let judged = judging.judge(draft)?.ok_or_else(erased)?;
        let installation = newer.ready.installation.id;
        let mut lent: Vec<AnswerAsked> = judged.given().map(AnswerAsked::of).collect();
        // Of whom a seal hides from runs nothing is told: it stays where it was typed.
        let known = |person: Option<_>| person.is_none_or(|p| judging.is_known(p));
        lent.retain(|a| known(a.person) && known(a.names()));
        let asks = Asks::Migrate(FormAsked::of(&draft.form, draft.digest, lent, None));
        let asked = key(Question::MigrateAnswers, &asks.told(), installation);
        let mut tx = store.write(by, "asked to carry a draft over").await?;
        let mut note = noted(draft, installation, asked, &tx);
        if !newer.ready.prepared.answers(Question::MigrateAnswers) {
            // Its author carries nothing over.
            note.came = Came::StartAgain;
            note.why = Some("not-offered".to_owned());
            tell(&mut tx, draft, judging.family, installation, Told::StartAgain).await?;
        }
        tx.note_carried(&note).await?;
        tx.commit().await?;
        if note.came == Came::StartAgain {
            return Ok(note);
        }
        let as_of = store.clock().now().day();
        let ran = self.ask(store, &newer.ready, Asked { family: judging.family, asks, as_of }, by).await?;
        let mut tx = store.write(by, "carried a draft over").await?;
        match ran {
            Ran::Decided(made) => drop(keep(&mut tx, &[&made]).await?),
            Ran::Failed(failed) => {
                self.keep_failure(&mut tx, &failed).await?;
                let failed = CarriedOver { came: Came::Failed, why: Some(failed.run.outcome.clone()), at: tx.now(), ..note };
                tx.note_carried(&failed).await?;
                tell(&mut tx, draft, judging.family, installation, Told::Failed).await?;
            }
        }
        tx.commit().await?;
        let all = store.carried_over(draft.id).await?;
        let one = all.into_iter().find(|c| c.installation == installation);
        one.ok_or_else(|| StoreError::Damaged(format!("assessment {}: what became of it is not there", draft.id)).into())
    }

    /// Asks about every draft of an older version, once for each newer version that has another form and whose author carries answers over; how many.
    /// What was kept for drafts alone and has none any more is retired.
    ///
    /// # Errors
    /// The store failed. Of a draft that cannot be asked about, the others are.
    pub async fn carry_drafts(&self, store: &AuthorityStore) -> Result<u64, WorkflowError> {
        switching::retire_kept(store).await?;
        let now = store.clock().now().millis();
        let before = |millis: i64| KnownAt::from_millis(now - millis);
        let mut asked = 0;
        for newest in newest(store.active_installations(ExtensionPoint::Assessment.code()).await?) {
            let due = store.drafts_to_carry(&newest.plugin, (newest.id, newest.digest), before(QUIET), before(LOST), AT_ONCE).await?;
            for draft in due {
                match self.carry_if_said(store, draft).await {
                    Ok(done) => asked += u64::from(done),
                    Err(why) => tracing::warn!(%draft, "a draft could not go over to the newer form: {why}"),
                }
            }
        }
        Ok(asked)
    }

    /// Left where it is: the same form, or nobody says how.
    async fn carry_if_said(&self, store: &AuthorityStore, id: AssessmentId) -> Result<bool, WorkflowError> {
        let draft = store.assessment(id).await?;
        let newer = self.newer(store, &draft).await?;
        if newer.form.digest() == draft.digest || !newer.ready.prepared.answers(Question::MigrateAnswers) {
            return Ok(false);
        }
        self.carry_draft(store, id, false, BY).await.map(|_| true)
    }

    /// In every authority.
    ///
    /// # Errors
    /// The common file cannot be read; of an authority whose file cannot be, the others have their turn.
    pub async fn carry_all_drafts(&self) -> Result<u64, WorkflowError> {
        let (mut asked, mut first_fault) = (0, None);
        for authority in self.shared.stores.common().authorities().await? {
            let carried = async { self.carry_drafts(&self.shared.stores.authority(&authority.code).await?).await };
            match carried.await {
                Ok(n) => asked += n,
                Err(fault) => drop(first_fault.get_or_insert(fault)),
            }
        }
        first_fault.map_or(Ok(asked), Err)
    }
}

fn erased() -> StoreError {
    StoreError::Conflict("its answers were erased".to_owned())
}

/// Of what no plugin was asked.
fn nothing_asked() -> Digest {
    Digest::of(b"")
}

fn noted(draft: &Assessment, installation: InstallationId, asked: Digest, tx: &AuthorityTx) -> CarriedOver {
    CarriedOver {
        assessment: draft.id,
        installation,
        came: Came::Asked,
        why: None,
        asked,
        typed_at: draft.typed_at,
        becomes: None,
        carried: 0,
        refused: Vec::new(),
        by: tx.principal().to_owned(),
        at: tx.now(),
    }
}

/// What a decision means for the drafts that it is about, in its transaction.
pub(super) async fn settle(tx: &mut AuthorityTx, made: &Made) -> Result<(), StoreError> {
    if made.answer.question != Question::MigrateAnswers {
        return Ok(());
    }
    for mut note in tx.being_carried(made.key, made.decision.installation).await? {
        let draft = tx.assessment(note.assessment).await?;
        (note.at, note.why) = (tx.now(), None);
        if draft.state != State::Draft || draft.typed_at != note.typed_at {
            note.came = Came::Changed;
        } else if matches!(&made.answer.result, Verdict::Answered(code) if code == "migrated") {
            migrated(tx, made, &draft, &mut note).await?;
        } else {
            note.came = Came::StartAgain;
            note.why = Some(made.answer.code().to_owned());
            tell(tx, &draft, made.decision.family, note.installation, Told::StartAgain).await?;
        }
        tx.note_carried(&note).await?;
    }
    Ok(())
}

async fn migrated(tx: &mut AuthorityTx, made: &Made, draft: &Assessment, note: &mut CarriedOver) -> Result<(), StoreError> {
    let form = made.manifest.forms.iter().find(|f| f.form == draft.form);
    let form = form.ok_or_else(|| StoreError::Damaged(format!("assessment {}: the newer version has no such form", draft.id)))?;
    let language = draft.answers.as_ref().and_then(|a| a.language);
    let new = newly(form, language, made)?;
    (note.came, note.carried, note.refused) = (Came::Migrated, new.carried, new.refused);
    let of = (note.installation, new.answers.digest);
    note.becomes = Some(begin(tx, draft, of, made.decision.family, new.answers).await?);
    tell(tx, draft, made.decision.family, note.installation, Told::Migrated).await
}

async fn begin_empty(
    store: &AuthorityStore,
    newer: &Newer,
    judging: &Judging,
    mut note: CarriedOver,
    by: &str,
) -> Result<CarriedOver, WorkflowError> {
    let mut tx = store.write(by, "began a draft again").await?;
    let draft = tx.assessment(note.assessment).await?;
    if draft.state != State::Draft {
        return Err(StoreError::Conflict(format!("the assessment is {}: only a draft is begun again", draft.state.code())).into());
    }
    let language = draft.answers.as_ref().and_then(|a| a.language);
    let digest = newer.form.digest();
    let empty = Answers { form: draft.form.clone(), digest, language, answers: [].into(), groups: [].into() };
    note.becomes = Some(begin(&mut tx, &draft, (note.installation, digest), judging.family, empty).await?);
    (note.by, note.at) = (by.to_owned(), tx.now());
    tx.note_carried(&note).await?;
    tx.commit().await?;
    Ok(note)
}

/// Another version takes the draft's place. The draft stays as it was typed.
async fn begin(
    tx: &mut AuthorityTx,
    draft: &Assessment,
    (installation, digest): (InstallationId, Digest),
    family: FamilyId,
    answers: Answers,
) -> Result<AssessmentId, StoreError> {
    tx.set_assessment_state(draft.id, &[State::Draft], State::Superseded).await?;
    let version = tx.versions_of(draft.line).await? + 1;
    let (by, at) = (tx.principal().to_owned(), tx.now());
    let new = Assessment {
        id: AssessmentId::fresh(),
        family,
        installation,
        digest,
        version,
        state: State::Draft,
        answers: Some(answers),
        settled: None,
        decision: None,
        begun_by: by.clone(),
        begun_at: at,
        typed_by: by,
        typed_at: at,
        ..draft.clone()
    };
    tx.begin_assessment(&new).await?;
    Ok(new.id)
}

/// What the worker is told.
#[derive(Clone, Copy)]
enum Told {
    Migrated,
    StartAgain,
    Failed,
}

impl Told {
    const fn title(self) -> [&'static str; 2] {
        match self {
            Self::Migrated => [
                "The form of an assessment is another now: look at the answers that were carried over",
                "Mae ffurflen asesiad wedi newid: edrychwch ar yr atebion a drosglwyddwyd",
            ],
            Self::StartAgain => [
                "The form of an assessment is another now and its answers cannot be carried over: finish it, or begin again",
                "Mae ffurflen asesiad wedi newid ac ni ellir trosglwyddo'r atebion: gorffennwch hi, neu dechreuwch eto",
            ],
            Self::Failed => [
                "The answers of an assessment could not be carried over to the newer form: it stays as it is",
                "Ni ellid trosglwyddo atebion asesiad i'r ffurflen newydd: mae'n aros fel y mae",
            ],
        }
    }
}

/// What the host's own task is known by. No plugin can take it: a key of a plugin's has no colon.
pub(super) fn task_key(line: AssessmentId) -> String {
    format!("hearth:other-form:{line}")
}

async fn tell(
    tx: &mut AuthorityTx,
    draft: &Assessment,
    family: FamilyId,
    installation: InstallationId,
    told: Told,
) -> Result<(), StoreError> {
    let key = task_key(draft.line);
    // The latest word takes the place of the one before.
    tx.finish_own_tasks(family, &key, BY).await?;
    let [en, cy] = told.title();
    let today = tx.now().day();
    let task = Task {
        id: TaskId::fresh(),
        installation,
        key,
        family,
        role: "keyworker".to_owned(),
        title: serde_json::json!({ "en": en, "cy": cy }),
        due: today.plus(LOOK).unwrap_or(today),
        state: TaskState::Open,
        decision: None,
    };
    tx.add_task(&task).await?;
    Ok(())
}
