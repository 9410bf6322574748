//! Dates that came or went by reach the pathway as what happened does.

use serde_json::json;

use super::Council;
use crate::record::{AssessmentRequestId, Clock, Day, FactId, Kind, PersonId, Subject};
use crate::store::tests::{fact, noon};
use crate::store::{AssessmentRequest, HappeningState, MergeChoices, Reader, RequestState};
use crate::workflow::Workflow;

impl Council {
    async fn goal(&self, family: crate::record::FamilyId, person: Option<PersonId>, state: &str, due: &str) -> FactId {
        let subject = Subject { family: Some(family), person, ..Subject::default() };
        let goal =
            fact(Kind::Goal, subject, "2025-11-03..2026-12-31", json!({ "domain": "debts", "state": state, "due": due, "title": "x" }));
        let mut tx = self.store.write("keyworker", "set a goal").await.unwrap();
        tx.add_facts(std::slice::from_ref(&goal)).await.unwrap();
        tx.commit().await.unwrap();
        goal.id
    }
}

#[tokio::test]
async fn a_goal_and_a_task_that_were_missed_are_noted_once_when_their_day_is_over() {
    let council = Council::with("planner", &json!({ "proposes": "task" })).await;
    let bells = council.family("B-1").await;
    let today = noon(0).day();
    let missed = council.goal(bells.id, Some(bells.people["ben"]), "set", &today.plus(-1).unwrap().to_string()).await;
    council.goal(bells.id, None, "set", &today.to_string()).await;
    council.goal(bells.id, None, "set", &today.plus(-40).unwrap().to_string()).await;
    council.goal(bells.id, None, "met", &today.plus(-1).unwrap().to_string()).await;
    let waiting = async || {
        let reader = Reader::of_all(council.store.clock().now());
        let found = council.store.happenings_for(&reader, HappeningState::Waiting, None, None, 10).await.unwrap().items;
        found.into_iter().map(|h| (h.what.kind, h.what.on, h.what.fact, h.what.person)).collect::<Vec<_>>()
    };
    assert_eq!(council.workflow.note_missed_dates().await.unwrap(), 1);
    let of_the_goal = ("date-missed".to_owned(), today.plus(-1).unwrap(), Some(missed), Some(bells.people["ben"]));
    assert_eq!(waiting().await, std::slice::from_ref(&of_the_goal));
    assert_eq!(council.workflow.note_missed_dates().await.unwrap(), 0, "once");

    // The pathway is asked, and gives a task out. That is a reminder, of which nobody is reminded when it is not done.
    assert_eq!(council.workflow.answer_happenings(council.store.id()).await.unwrap(), 1);
    let reminder = council.store.tasks(bells.id).await.unwrap().remove(0);
    let days = i64::from(reminder.due.number() - today.number()) + 1;
    let later = council.rooms.open(Clock::fixed(noon(days))).await;
    let workflow = Workflow::new(later, council.workflow.shared.sandbox.clone());
    assert_eq!(workflow.note_missed_dates().await.unwrap(), 1, "the goal that was to be met on the first day, and not the reminder");
}

#[tokio::test]
async fn a_task_that_was_missed_is_noted_and_one_that_was_done_is_not() {
    let council = Council::with("planner", &json!({ "proposes": "task" })).await;
    let (bells, today) = (council.family("B-1").await, noon(0).day());
    council.keep(&council.ask_about(&bells, super::acting::happened(None)).await).await;
    let waiting = async || {
        let reader = Reader::of_all(council.store.clock().now());
        let found = council.store.happenings_for(&reader, HappeningState::Waiting, None, None, 10).await.unwrap().items;
        found.into_iter().map(|h| (h.what.kind, h.what.on, h.what.fact, h.what.person)).collect::<Vec<_>>()
    };
    let task = council.store.tasks(bells.id).await.unwrap().remove(0);
    let days = i64::from(task.due.number() - today.number()) + 1;
    let later = council.rooms.open(Clock::fixed(noon(days))).await;
    let workflow = Workflow::new(later, council.workflow.shared.sandbox.clone());
    assert_eq!(workflow.note_missed_dates().await.unwrap(), 1);
    assert_eq!(waiting().await, [("date-missed".to_owned(), task.due, None, None)]);
}

#[tokio::test]
async fn where_nobody_decides_pathways_nothing_is_noted() {
    let council = Council::with("planner", &json!({ "proposes": "" })).await;
    let bells = council.family("B-1").await;
    council.goal(bells.id, None, "set", &noon(-1).day().to_string()).await;
    council.retire(council.ready.installation.id).await;
    assert_eq!(council.workflow.note_missed_dates().await.unwrap(), 0);
}

impl Council {
    /// An assessment that somebody asked for.
    async fn review(&self, family: crate::record::FamilyId, person: Option<PersonId>, due: Day) -> AssessmentRequest {
        let request = AssessmentRequest {
            id: AssessmentRequestId::fresh(),
            family,
            person,
            form: "whole-family".into(),
            due,
            why: Some("six weeks are over".into()),
            proposal: None,
            state: RequestState::Open,
            by: "keyworker".into(),
            assessment: None,
            settled: None,
        };
        let mut tx = self.store.write("keyworker", "asked for a review").await.unwrap();
        tx.ask_for_assessment(&request).await.unwrap();
        tx.commit().await.unwrap();
        request
    }
}

#[tokio::test]
async fn a_review_is_noted_once_on_its_day_for_each_whom_it_is_about_and_answered() {
    let council = Council::with("planner", &json!({ "proposes": "task" })).await;
    let (bells, today) = (council.family("B-1").await, noon(0).day());
    let (ben, day) = (bells.people["ben"], |n: i32| today.plus(n).unwrap());
    council.review(bells.id, None, today).await;
    council.review(bells.id, Some(ben), today).await;
    council.review(bells.id, Some(ben), day(-31)).await;
    council.review(bells.id, None, day(1)).await;
    council.review(bells.id, None, day(-32)).await;
    let dropped = council.review(bells.id, None, day(-1)).await;
    let mut tx = council.store.write("manager", "dropped a review").await.unwrap();
    tx.drop_assessment_request(&dropped, "they moved").await.unwrap();
    tx.commit().await.unwrap();
    let in_state = async |state| {
        let reader = Reader::of_all(council.store.clock().now());
        let found = council.store.happenings_for(&reader, state, None, None, 10).await.unwrap().items;
        found.into_iter().map(|h| (h.what.kind, h.what.on, h.what.fact, h.what.person)).collect::<std::collections::BTreeSet<_>>()
    };
    let due = |on, person| ("review-due".to_owned(), on, None, person);
    let wanted = std::collections::BTreeSet::from([due(day(-31), Some(ben)), due(today, None), due(today, Some(ben))]);
    assert_eq!(council.workflow.note_missed_dates().await.unwrap(), 3);
    assert_eq!(in_state(HappeningState::Waiting).await, wanted);
    assert_eq!(council.workflow.note_missed_dates().await.unwrap(), 0, "once");
    assert_eq!(council.workflow.answer_happenings(council.store.id()).await.unwrap(), 3);
    assert_eq!(in_state(HappeningState::Answered).await, wanted);
    assert_eq!(council.workflow.note_missed_dates().await.unwrap(), 0, "and not again once it is answered");
}

#[tokio::test]
async fn a_review_of_a_family_that_goes_on_within_another_is_that_ones() {
    let council = Council::with("planner", &json!({ "proposes": "" })).await;
    let (bells, others) = (council.family("B-1").await, council.family("B-2").await);
    council.review(bells.id, None, noon(0).day()).await;
    let mut tx = council.store.write("manager", "one family").await.unwrap();
    let reader = Reader::of_all(tx.now());
    tx.merge_families(&reader, bells.id, others.id, "one family", &MergeChoices::default()).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(council.workflow.note_missed_dates().await.unwrap(), 1);
    let reader = Reader::of_all(council.store.clock().now());
    let waiting = council.store.happenings_for(&reader, HappeningState::Waiting, None, None, 10).await.unwrap().items;
    assert_eq!(waiting.iter().map(|h| h.family).collect::<Vec<_>>(), [others.id]);
}
