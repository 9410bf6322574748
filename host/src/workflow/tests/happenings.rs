//! What happens to a family reaches its pathway: once, in order, and nothing of it is lost.

use serde_json::json;

use super::Council;
use crate::record::family_file::NewFamily;
use crate::record::{FactId, FamilyId, Kind, Subject};
use crate::store::tests::{BRISTOL, code, fact, noon};
use crate::store::{Happening, HappeningState, Reader};
use crate::workflow::happenings::settle;
use crate::workflow::{AnswerAgain, InputsNow, Ran, keep};

async fn proposing(what: &str) -> Council {
    Council::with("planner", &json!({ "proposes": what })).await
}

impl Council {
    /// The police were at the home on that day of December 2025.
    async fn callout(&self, family: &NewFamily, day: &str) -> FactId {
        self.callout_of(family.homes["mill-lane"], day, None).await
    }

    async fn callout_of(&self, home: crate::record::HomeId, day: &str, corrects: Option<FactId>) -> FactId {
        let on = format!("2025-12-{day}");
        let subject = Subject { home: Some(home), ..Subject::default() };
        let mut fact = fact(Kind::PoliceCallout, subject, &format!("{on}..{on}"), json!({ "domestic": corrects.is_some() }));
        fact.supersedes = corrects;
        let mut tx = self.store.write("police", "tell of a call-out").await.unwrap();
        tx.add_facts(std::slice::from_ref(&fact)).await.unwrap();
        tx.commit().await.unwrap();
        fact.id
    }

    async fn happened(&self, state: HappeningState) -> Vec<Happening> {
        let reader = Reader::of_all(self.store.clock().now());
        self.store.happenings_for(&reader, state, None, None, 100).await.unwrap().items
    }

    async fn answer(&self) -> u64 {
        self.workflow.answer_happenings(&code(BRISTOL)).await.unwrap()
    }

    async fn counts(&self) -> [usize; 4] {
        let mut counts = [0; 4];
        for (count, state) in counts.iter_mut().zip(HappeningState::ALL) {
            *count = self.happened(state).await.len();
        }
        counts
    }

    async fn withdraw(&self, fact: FactId) {
        let mut tx = self.store.write("police", "it was another house").await.unwrap();
        tx.withdraw_fact(fact).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn events(&self, family: FamilyId) -> usize {
        self.store.decisions(Some(family), None, 100).await.unwrap().items.iter().filter(|d| d.question == "on-event").count()
    }
}

const NOTHING: [usize; 4] = [0; 4];
/// How many wait, are left, answered and void.
const fn counts(waiting: usize, left: usize, answered: usize, void: usize) -> [usize; 4] {
    [waiting, left, answered, void]
}

#[tokio::test]
async fn what_happened_is_asked_about_once_and_what_follows_can_be_replayed() {
    let council = proposing("task").await;
    let bells = council.family("B-1").await;
    let heard = council.workflow.shared.stores.bell().clone();
    let first = council.callout(&bells, "20").await;
    council.callout(&bells, "27").await;
    assert_eq!(heard.heard().await.into_iter().collect::<Vec<_>>(), [code(BRISTOL)]);
    let waiting = council.happened(HappeningState::Waiting).await;
    assert_eq!(
        (waiting[0].what.kind.as_str(), waiting[0].what.on.to_string(), waiting[0].what.fact),
        ("police-callout", "2025-12-20".into(), Some(first))
    );
    assert_eq!(waiting[0].learnt, noon(0).day());

    assert_eq!(council.answer().await, 2);
    assert_eq!(council.answer().await, 0, "once");
    assert_eq!(council.counts().await, counts(0, 0, 2, 0));
    assert_eq!(council.store.tasks(bells.id).await.unwrap().len(), 1, "the second time it was still to do");
    let decided = council.happened(HappeningState::Answered).await[0].decision.unwrap();
    let again = council.workflow.replay(&council.store, decided).await.unwrap();
    assert!(matches!((again.answer, again.inputs), (AnswerAgain::Same { .. }, InputsNow::StillFollow)));
}

#[tokio::test]
async fn what_is_no_news_or_nobody_decides_about_is_not_asked_about() {
    let council = proposing("task").await;
    let bells = council.family("B-1").await;
    assert_eq!(council.counts().await, NOTHING, "what came with the family is its referral's to tell");
    let subject = Subject { home: Some(bells.homes["mill-lane"]), ..Subject::default() };
    let mut tx = council.store.write("police", "an old file").await.unwrap();
    tx.add_facts(&[fact(Kind::PoliceCallout, subject, "2023-05-01..2023-05-01", json!({ "domestic": false }))]).await.unwrap();
    tx.add_facts(&[crate::store::tests::attended(bells.people["ben"], 60)]).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(council.counts().await, NOTHING);
    council.retire(council.ready.installation.id).await;
    council.callout(&bells, "20").await;
    assert_eq!(council.counts().await, NOTHING);
}

#[tokio::test]
async fn a_correction_tells_nothing_twice_and_what_was_taken_back_is_not_asked_about() {
    let council = proposing("task").await;
    let bells = council.family("B-1").await;
    let callout = council.callout(&bells, "20").await;
    assert_eq!(council.answer().await, 1);
    council.callout_of(bells.homes["mill-lane"], "20", Some(callout)).await;
    assert_eq!(council.answer().await, 0, "it was heard of");
    let mistaken = council.callout(&bells, "21").await;
    council.withdraw(mistaken).await;
    assert_eq!(council.answer().await, 0);
    assert_eq!((council.counts().await, council.events(bells.id).await), (counts(0, 0, 1, 1), 1));
}

#[tokio::test]
async fn of_one_family_what_happened_first_is_asked_about_first_and_holds_up_no_other_family() {
    let council = proposing("task").await;
    let bells = council.family("B-1").await;
    council.callout(&bells, "20").await;
    council.callout(&bells, "27").await;
    let first = council.happened(HappeningState::Waiting).await[0].clone();
    let mut tx = council.store.write("hearth", "no place was free").await.unwrap();
    tx.put_off_happening(first.id, Some(noon(1))).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(council.answer().await, 0, "the second waits for the first");

    let later = council.rooms.open(crate::record::Clock::fixed(noon(1))).await;
    let workflow = crate::workflow::Workflow::new(later, council.workflow.shared.sandbox.clone());
    assert_eq!(workflow.answer_happenings(&code(BRISTOL)).await.unwrap(), 2);
    let decisions = council.store.decisions(Some(bells.id), None, 10).await.unwrap().items;
    let answered: Vec<_> = council.happened(HappeningState::Answered).await.into_iter().map(|h| h.decision.unwrap()).collect();
    let mut asked: Vec<_> = decisions.iter().map(|d| d.id).collect();
    asked.sort();
    assert_eq!(answered, asked, "decided in the order in which it happened to be known");
}

#[tokio::test]
async fn where_the_plugin_fails_a_person_has_a_task_and_what_follows_goes_on() {
    let council = proposing("nonsense").await;
    let bells = council.family("B-1").await;
    council.callout(&bells, "20").await;
    council.callout(&bells, "27").await;
    assert_eq!(council.answer().await, 0);
    assert_eq!(council.counts().await, counts(0, 2, 0, 0), "what is not the host's fault is not asked again by itself");
    assert_eq!(council.store.count_undecided().await.unwrap(), 2);
    let tasks = council.store.tasks(bells.id).await.unwrap();
    assert_eq!(tasks.iter().map(|t| t.key.as_str()).collect::<Vec<_>>(), ["hearth:not-decided:on-event"]);

    // Somebody adopts a plugin that works, and asks again.
    let council = Council { ready: council.adopt("planner", &json!({ "proposes": "task" })).await, ..council };
    let reader = Reader::of_all(council.store.clock().now());
    for undecided in council.store.undecided_for(&reader, None, 10).await.unwrap().items {
        let (ready, asked) = council.workflow.ask_again(&council.store, &undecided).await.unwrap();
        let Ran::Decided(made) = council.workflow.ask(&council.store, &ready, asked, "worker").await.unwrap() else { panic!("it failed") };
        council.keep(&made).await;
    }
    assert_eq!(council.counts().await, counts(0, 0, 2, 0));
    assert_eq!(council.store.count_undecided().await.unwrap(), 0);
}

#[tokio::test]
async fn killed_between_the_answer_and_its_keeping_it_is_asked_again_and_done_once() {
    let council = proposing("task").await;
    let bells = council.family("B-1").await;
    council.callout(&bells, "20").await;
    let waiting = council.happened(HappeningState::Waiting).await.remove(0);
    let about = json!({ "kind": "police-callout", "on": "2025-12-20", "fact": waiting.what.fact });
    let asks = crate::workflow::Asks::read("on-event", Some(about)).unwrap();
    let made = council.ask_about(&bells, asks).await;
    let mut tx = council.store.write("hearth", "killed").await.unwrap();
    keep(&mut tx, &[&made]).await.unwrap();
    drop(tx);
    assert_eq!(council.counts().await, counts(1, 0, 0, 0));
    assert_eq!(council.answer().await, 1);

    // The same by another host, which asked at the same time: its decision is the second, and is not kept.
    let mut tx = council.store.write("hearth", "another host").await.unwrap();
    keep(&mut tx, &[&made]).await.unwrap();
    settle(&mut tx, &made).await.unwrap();
    let refused = tx.must_be_answered_by(waiting.id, made.decision.id).await.unwrap_err();
    assert_eq!(refused.to_string(), "somebody settled what follows from this first");
    drop(tx);
    assert_eq!(council.events(bells.id).await, 1);
}
