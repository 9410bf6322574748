//! What follows from proposals: by itself, after somebody confirmed it, or not at all.

use serde_json::{Value, json};

use super::{AS_OF, Council};
use crate::record::family_file::NewFamily;
use crate::record::{Day, Detail, Fact, Kind, NewFact, ProposalId, Window};
use crate::sandbox::Verdict;
use crate::store::{AuthorityStore, Proposal, ProposalState, StoreError};
use crate::workflow::{ActionState, AnswerAgain, Asks, CameTo, InputsNow, TaskCameTo, WorkflowError, decline, kept};

/// With a plugin that proposes these things whatever it is asked.
async fn proposing(what: &str) -> Council {
    Council::with("planner", &json!({ "proposes": what })).await
}

pub(super) fn happened(person: Option<&NewFamily>) -> Asks {
    let person = person.map(|f| f.people["ben"]);
    Asks::read("on-event", Some(json!({ "kind": "review-due", "on": AS_OF, "person": person }))).unwrap()
}

impl Council {
    async fn policies(&self, policies: &[(&str, &str)]) {
        let mut tx = self.store.write("manager", "set policies").await.unwrap();
        tx.set_policies(policies).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// What came of what the plugin proposed about the family.
    async fn happens(&self, family: &NewFamily) -> CameTo {
        self.keep(&self.ask_about(family, happened(Some(family))).await).await
    }

    async fn in_state(&self, state: ProposalState) -> Vec<Proposal> {
        self.store.proposals(state, None, None, 100).await.unwrap().items
    }

    async fn confirm(&self, id: ProposalId, on: Option<&str>, by: &str) -> Result<Proposal, WorkflowError> {
        let mut tx = self.store.write(by, "confirm").await?;
        let on = on.map(|day| day.parse().unwrap());
        let confirmed = self.workflow.confirm(&self.store, &mut tx, id, on, &[]).await?;
        tx.commit().await?;
        Ok(confirmed)
    }

    async fn decline(&self, id: ProposalId) -> Result<Proposal, StoreError> {
        let mut tx = self.store.write("worker", "decline").await?;
        let declined = decline(&mut tx, id, "They asked us to wait.", "worker").await?;
        tx.commit().await?;
        Ok(declined)
    }
}

/// What the record says of a family, of one kind: windows and details.
async fn said(store: &AuthorityStore, family: &NewFamily, kind: Kind) -> Vec<(String, Value)> {
    let mut facts: Vec<Fact> = store.facts(family.id, Default::default()).await.unwrap();
    facts.retain(|f| f.kind() == kind);
    facts.sort_by_key(|f| f.window.first);
    facts.iter().map(|f| (f.window.to_string(), f.detail.to_json())).collect()
}

fn states(came: &CameTo) -> Vec<ActionState> {
    came.actions.iter().map(|a| a.is).collect()
}

const EPISODE: &[(&str, &str)] =
    &[("open-episode", "automatic"), ("close-episode", "automatic"), ("move-to-stage", "automatic"), ("set-tier", "automatic")];

#[tokio::test]
async fn what_is_automatic_is_carried_out_with_the_decision() {
    let council = proposing("light open start").await;
    council.policies(EPISODE).await;
    let bells = council.family("B-1").await;
    let made = council.ask_about(&bells, happened(None)).await;
    let mut tx = council.store.write("worker", "decide").await.unwrap();
    let came = crate::workflow::keep(&mut tx, &[&made]).await.unwrap().pop().unwrap();
    assert_eq!(states(&came), [ActionState::CarriedOut; 3], "the tier after the stage, whichever was said first");
    assert_eq!(tx.commit().await.unwrap().revision_of(bells.id), Some(2), "one new revision for all of it");
    assert_eq!(said(&council.store, &bells, Kind::Episode).await, [("2026-08-31..".into(), json!({ "needs": [] }))]);
    let standing = ("2026-08-31..".to_owned(), json!({ "stage": "start", "tier": "light" }));
    assert_eq!(said(&council.store, &bells, Kind::EpisodeStanding).await, [standing]);
    assert_eq!(kept(&council.store, &made.decision, &made.answer).await.unwrap(), came);

    let again = council.happens(&bells).await;
    assert_eq!(states(&again), [ActionState::ChangesNothing; 3]);
    assert_eq!(council.in_state(ProposalState::CarriedOut).await.len(), 3);
}

#[tokio::test]
async fn a_change_of_stage_ends_the_one_before_and_closing_ends_all() {
    let council = proposing("open start light").await;
    council.policies(EPISODE).await;
    let bells = council.family("B-1").await;
    council.happens(&bells).await;
    // Confirmed later: from that day on.
    let later = Council { ready: council.adopt("planner", &json!({ "proposes": "support" })).await, ..council };
    later.policies(&[("move-to-stage", "person-confirms")]).await;
    later.happens(&bells).await;
    let waiting = later.in_state(ProposalState::Waiting).await;
    let early = later.confirm(waiting[0].id, Some("2026-08-30"), "worker").await.unwrap_err();
    assert!(early.to_string().starts_with("on: "), "{early}");
    let moved = later.confirm(waiting[0].id, Some("2026-10-01"), "worker").await.unwrap();
    assert_eq!(moved.state, ProposalState::CarriedOut);
    let at_start = ("2026-08-31..2026-09-30".to_owned(), json!({ "stage": "start", "tier": "light" }));
    let in_support = ("2026-10-01..".to_owned(), json!({ "stage": "support", "tier": "light" }));
    assert_eq!(said(&later.store, &bells, Kind::EpisodeStanding).await, [at_start.clone(), in_support]);

    let last = Council { ready: later.adopt("planner", &json!({ "proposes": "close" })).await, ..later };
    last.policies(&[("close-episode", "person-confirms")]).await;
    last.happens(&bells).await;
    let waiting = last.in_state(ProposalState::Waiting).await;
    let closed = last.confirm(waiting[0].id, Some("2026-12-18"), "worker").await.unwrap();
    assert_eq!(said(&last.store, &bells, Kind::Episode).await, [("2026-08-31..2026-12-18".into(), json!({ "needs": [] }))]);
    let ended = ("2026-10-01..2026-12-18".to_owned(), json!({ "stage": "support", "tier": "light" }));
    assert_eq!(said(&last.store, &bells, Kind::EpisodeStanding).await, [at_start, ended]);
    let fact = last.store.fact(closed.fact.unwrap()).await.unwrap();
    assert!(matches!(fact.detail, Detail::Episode(_)), "what closing became is the episode's own fact");
}

#[tokio::test]
async fn what_the_record_does_not_allow_now_waits_for_a_person() {
    let council = proposing("start").await;
    council.policies(EPISODE).await;
    let bells = council.family("B-1").await;
    assert_eq!(states(&council.happens(&bells).await), [ActionState::Waiting]);
    let waiting = council.in_state(ProposalState::Waiting).await;
    let refused = council.confirm(waiting[0].id, None, "worker").await.unwrap_err();
    assert!(matches!(&refused, WorkflowError::Store(StoreError::Conflict(why)) if why.contains("no episode is open")), "{refused}");
    assert_eq!(council.in_state(ProposalState::Waiting).await, waiting, "as it was");
    assert_eq!(said(&council.store, &bells, Kind::EpisodeStanding).await, []);
}

#[tokio::test]
async fn a_goal_is_confirmed_once_whoever_is_first() {
    let council = proposing("goal-by-name").await;
    let bells = council.family("B-1").await;
    assert_eq!(states(&council.happens(&bells).await), [ActionState::Waiting]);
    assert_eq!(states(&council.happens(&bells).await), [ActionState::ChangesNothing], "its key is taken");
    let id = council.in_state(ProposalState::Waiting).await[0].id;
    let (one, other) = tokio::join!(council.confirm(id, None, "ann"), council.confirm(id, None, "bob"));
    let (first, second) = if one.is_ok() { (one, other) } else { (other, one) };
    let second = second.unwrap_err();
    assert!(matches!(&second, WorkflowError::Store(StoreError::Conflict(why)) if why.contains("somebody was first")), "{second}");
    let goal = first.unwrap();
    let fact = council.store.fact(goal.fact.unwrap()).await.unwrap();
    assert_eq!(fact.subject.person, Some(bells.people["ben"]));
    let detail = json!({ "domain": "home-life", "state": "set", "due": "2026-10-12", "title": "Ben Bell sleeps through the night." });
    assert_eq!(said(&council.store, &bells, Kind::Goal).await, [("2026-08-31..".into(), detail.clone())]);

    // While the goal is set its key is taken, and free once it was met.
    assert_eq!(states(&council.happens(&bells).await), [ActionState::ChangesNothing]);
    let mut met = detail;
    met["state"] = json!("met");
    let mut tx = council.store.write("worker", "met").await.unwrap();
    let met = NewFact {
        id: crate::record::FactId::fresh(),
        subject: fact.subject,
        window: Window::on(fact.window.first),
        source: fact.source,
        reference: None,
        supersedes: Some(fact.id),
        detail: Detail::read(Kind::Goal, met).unwrap(),
    };
    tx.add_facts(&[met]).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(states(&council.happens(&bells).await), [ActionState::Waiting]);
}

#[tokio::test]
async fn what_was_declined_can_be_proposed_again_and_says_why_it_was() {
    let council = proposing("notice").await;
    let bells = council.family("B-1").await;
    let made = council.ask_about(&bells, happened(None)).await;
    council.keep(&made).await;
    let id = council.in_state(ProposalState::Waiting).await[0].id;
    let declined = council.decline(id).await.unwrap();
    assert_eq!(declined.settled.unwrap().reason.as_deref(), Some("They asked us to wait."));
    assert!(matches!(council.decline(id).await, Err(StoreError::Conflict(_))));
    assert!(matches!(council.confirm(id, None, "worker").await, Err(WorkflowError::Store(StoreError::Conflict(_)))));
    assert_eq!(states(&kept(&council.store, &made.decision, &made.answer).await.unwrap()), [ActionState::Declined]);
    assert_eq!(states(&council.happens(&bells).await), [ActionState::Waiting]);
}

#[tokio::test]
async fn what_people_do_stays_confirmed_and_keeps_its_key() {
    let council = proposing("meeting assessment service consent").await;
    council.policies(&[("meeting", "automatic")]).await;
    let bells = council.family("B-1").await;
    let waiting = ActionState::Waiting;
    assert_eq!(states(&council.happens(&bells).await), [ActionState::Confirmed, waiting, waiting, waiting]);
    for proposal in council.in_state(ProposalState::Waiting).await {
        assert_eq!(council.confirm(proposal.id, None, "worker").await.unwrap().state, ProposalState::Confirmed);
    }
    assert_eq!(council.in_state(ProposalState::Confirmed).await.len(), 4);
    assert_eq!(states(&council.happens(&bells).await), [ActionState::ChangesNothing; 4]);
}

#[tokio::test]
async fn a_task_that_a_person_has_to_confirm_is_no_task_before() {
    let council = proposing("task").await;
    council.policies(&[("task", "person-confirms")]).await;
    let bells = council.family("B-1").await;
    let made = council.ask_about(&bells, happened(None)).await;
    assert_eq!(council.keep(&made).await.tasks, [TaskCameTo::Waiting]);
    assert_eq!(council.store.open_tasks(10).await.unwrap(), []);
    // Whatever the policy becomes: what waits is not given out beside itself.
    council.policies(&[("task", "automatic")]).await;
    assert_eq!(council.happens(&bells).await.tasks, [TaskCameTo::OpenAlready]);
    let id = council.in_state(ProposalState::Waiting).await[0].id;
    let confirmed = council.confirm(id, None, "worker").await.unwrap();
    let open = council.store.open_tasks(10).await.unwrap();
    assert_eq!((open.len(), Some(open[0].id), open[0].key.as_str()), (1, confirmed.task, "call"));
    assert_eq!(kept(&council.store, &made.decision, &made.answer).await.unwrap().tasks, [TaskCameTo::GivenOut]);
    assert_eq!(council.happens(&bells).await.tasks, [TaskCameTo::OpenAlready]);
}

#[tokio::test]
async fn what_a_retired_installation_proposed_can_only_be_declined() {
    let council = proposing("goal").await;
    let bells = council.family("B-1").await;
    council.happens(&bells).await;
    let waiting = council.in_state(ProposalState::Waiting).await;
    council.retire(council.ready.installation.id).await;
    let refused = council.confirm(waiting[0].id, None, "worker").await.unwrap_err();
    assert!(matches!(&refused, WorkflowError::Store(StoreError::Conflict(why)) if why.contains("can only be declined")), "{refused}");
    assert_eq!(council.decline(waiting[0].id).await.unwrap().state, ProposalState::Declined);
    assert_eq!(said(&council.store, &bells, Kind::Goal).await, []);
}

#[tokio::test]
async fn killed_before_the_end_nothing_of_it_was() {
    let council = proposing("open start light goal task").await;
    council.policies(EPISODE).await;
    let bells = council.family("B-1").await;
    let made = council.ask_about(&bells, happened(None)).await;
    let mut tx = council.store.write("worker", "decide").await.unwrap();
    crate::workflow::keep(&mut tx, &[&made]).await.unwrap();
    drop(tx);
    let (decisions, family) = (council.store.count_decisions().await.unwrap(), council.store.family(bells.id).await.unwrap());
    assert_eq!((decisions, family.revision), (0, 1));
    for state in ProposalState::ALL {
        assert_eq!(council.in_state(state).await, []);
    }
    council.keep(&made).await;
    let waiting = council.in_state(ProposalState::Waiting).await;
    let mut tx = council.store.write("worker", "confirm").await.unwrap();
    council.workflow.confirm(&council.store, &mut tx, waiting[0].id, None, &[]).await.unwrap();
    drop(tx);
    assert_eq!(council.in_state(ProposalState::Waiting).await, waiting);
    assert_eq!(said(&council.store, &bells, Kind::Goal).await, []);
    council.confirm(waiting[0].id, None, "worker").await.unwrap();
    assert_eq!(said(&council.store, &bells, Kind::Goal).await.len(), 1);
}

#[tokio::test]
async fn a_refusal_proposes_nothing_whatever_was_proposed_before_it() {
    let council = proposing("open notice refuse").await;
    council.policies(EPISODE).await;
    let bells = council.family("B-1").await;
    let made = council.ask_about(&bells, happened(None)).await;
    assert!(matches!(made.answer.result, Verdict::Refused(_)) && made.answer.actions.len() == 2);
    assert_eq!(council.keep(&made).await, CameTo::default());
    assert_eq!(said(&council.store, &bells, Kind::Episode).await, []);
}

#[tokio::test]
async fn a_question_is_repeated_with_what_it_was_about_and_what_was_supplied() {
    let council = proposing("").await;
    let bells = council.family("B-1").await;
    let terms = |last: &str| json!([{ "name": "summer", "first": "2026-04-13", "last": last }]);
    let supply = async |name: &str, of, rows: &Value| {
        let mut tx = council.store.write("manager", "supply").await.unwrap();
        tx.supply_table(of, name, rows).await.unwrap();
        tx.commit().await.unwrap();
    };
    supply("school-terms", None, &terms("2026-07-20")).await;
    let installation = council.ready.installation.id;
    supply("supplied", Some(installation), &json!([{ "place": "east" }, { "place": "west", "most": 3 }])).await;
    let referral = json!({ "on": AS_OF, "route": "professional", "people": [bells.people["ann"], bells.people["ben"]] });
    let made = council.ask_about(&bells, Asks::read("triage", Some(referral)).unwrap()).await;
    council.keep(&made).await;
    let text = serde_json::to_string(&made.answer.reported).unwrap();
    assert!(text.contains(r#""args":[["n",{"count":31}]]"#), "a term, a packed row in force, two supplied: {text}");
    assert!(text.contains(r#""args":[["n",{"count":2}]]"#), "two people: {text}");

    // What counts now is another matter.
    supply("school-terms", None, &terms("2026-07-21")).await;
    let replayed = council.workflow.replay(&council.store, made.decision.id).await.unwrap();
    assert_eq!(replayed.answer, AnswerAgain::Same { digest: made.decision.answer_digest });
    assert_eq!(replayed.inputs, InputsNow::StillFollow);
    let now = council.ask_about(&bells, happened(None)).await;
    assert_ne!(now.decision.context, made.decision.context);
    assert_eq!(now.context.calendar.terms.as_ref().unwrap()[0].window.last, Some("2026-07-21".parse::<Day>().unwrap()));
}
