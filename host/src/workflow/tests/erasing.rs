//! What erasure takes, what it leaves, and what is answered about it afterwards.

use serde_json::json;

use super::{AS_OF, Asks, Council};
use crate::record::family_file::{FamilyFile, NewFamily};
use crate::record::{
    AssessmentId, AssessmentRequestId, AttachmentId, Day, Digest, FactId, FamilyId, InstallationId, Kind, PersonId, Section, Subject,
    UndecidedId,
};
use crate::store::tests::{BRISTOL, add, code, fact};
use crate::store::{
    Answered, Assessment, AssessmentRequest, AssessmentState, Attachment, Erase, HappeningState, MergeChoices, NewHold, Reader,
    RequestState, StoreError, Undecided, Went, WhyErased,
};
use crate::workflow::{AnswerAgain, Asking, InputsNow, said};

/// Words that nobody else's record holds, of the person who is erased and of the family.
const OF_SON: [&str; 4] = ["Quillfeather", "B801200005001", "2012-05-06", "1f0c-tobermory"];
const OF_FAMILY: [&str; 3] = ["Marrowbone Passage", "wexcombe-note", "AB123456C"];

/// What stands beside the record about him: each with the words of whoever wrote it.
const BESIDE: &str = "
    INSERT INTO agreement (id, organisation, sections, purposes, basis, first, change)
        SELECT id, 'hill-school', 1, 1, 'consent', 0, change FROM family WHERE reference = 'case-marrowbone';
    INSERT INTO share (id, agreement, family, sections, by_consent, why, how, given_by, given_on, change)
        SELECT id, id, id, 1, 1, 'quillon-why', 'quillon-how', 'quillon-given', 0, change FROM family WHERE reference = 'case-marrowbone';
    INSERT INTO emergency (id, login, name, family, reason, begun_at, ends_at, change)
        SELECT id, id, 'worker', id, 'quillon-emergency', 0, 1, change FROM family WHERE reference = 'case-marrowbone';
    INSERT INTO seal (id, fact, reason, sealed_by, change)
        SELECT id, id, 'quillon-seal', 'worker', change FROM fact WHERE reference = '1f0c-tobermory';
    INSERT INTO match_decision (id, source, who, answer, person, told, shown, principal, at)
        SELECT person, 'hill-school', id, 'this-one', person, 'quillon-told', 'quillon-shown', 'worker', 0
        FROM fact WHERE reference = '1f0c-tobermory';
    INSERT INTO matched_fact (fact, decision, mapping) SELECT id, person, 'attendance' FROM fact WHERE reference = '1f0c-tobermory';
    INSERT INTO waiting_row (id, state, source, kind, reference, mapping, who, told, candidates, delivery, at)
        SELECT id, 'asked', 'hill-school', 'attendance', 'quillon-reference', 'attendance', id, 'quillon-row', '[]', id, 0
        FROM fact WHERE reference = '1f0c-tobermory'";
const OF_BESIDE: [&str; 9] = [
    "quillon-why",
    "quillon-how",
    "quillon-given",
    "quillon-emergency",
    "quillon-seal",
    "quillon-told",
    "quillon-shown",
    "quillon-reference",
    "quillon-row",
];

async fn quillfeathers(council: &Council) -> NewFamily {
    let file: FamilyFile = serde_json::from_value(json!({
        "reference": "case-marrowbone",
        "people": {
            "ann": {"name": {"given": "Ann", "family": "Ottershaw"}, "born": "1988-02-03", "member_from": "2020-01-01",
                    "identifiers": [{"scheme": "nino", "value": "AB123456C"}]},
            "ben": {"name": {"given": "Ben", "family": "Quillfeather"}, "born": "2012-05-06", "member_from": "2020-01-01",
                    "identifiers": [{"scheme": "upn", "value": "B801200005001"}]},
        },
        "homes": {"passage": {"from": "2020-01-01", "address": {"lines": ["12 Marrowbone Passage"], "postcode": "BS3 4QR"}}},
        "facts": [
            {"kind": "relationship", "person": "ann", "to": "ben", "first": "2012-05-06", "detail": {"relation": "parent"}},
            {"kind": "attendance", "person": "ben", "first": "2025-09-01", "last": "2025-12-19", "source": "hill-school",
             "reference": "1f0c-tobermory", "detail": {"possible": 140, "attended": 91, "unauthorised": 4}},
            {"kind": "note", "first": "2026-01-05", "detail": {"topic": "school", "role": "keyworker", "text": "wexcombe-note: Ann rang"}},
        ],
        "coverage": [{"kind": "attendance", "person": "ben", "first": "2025-09-01", "last": "2025-12-31", "state": "complete"}],
    }))
    .unwrap();
    let family = file.resolve(&code(BRISTOL)).unwrap();
    add(&council.store, &family).await;
    family
}

/// A question that waits, and an answer that is kept for a request sent again, both with what somebody typed.
async fn what_waits(council: &Council, family: &NewFamily, installation: InstallationId) {
    let now = council.store.clock().now();
    let undecided = Undecided {
        id: UndecidedId::fresh(),
        family: family.id,
        key: Digest::of(b"evaluate"),
        question: "evaluate".into(),
        asked: json!({ "about": { "answers": [{ "text": "Ben Quillfeather said so" }] } }),
        as_of: AS_OF.parse().unwrap(),
        installation,
        outcome: "plugin-trapped".into(),
        blame: "guest".into(),
        run: None,
        asked_by: "worker".into(),
        first_at: now,
        last_at: now,
        failures: 1,
        retry_at: None,
    };
    let answer = |key: &str, response: String| Answered {
        principal: "worker".into(),
        key: key.into(),
        route: "GET /".into(),
        body: Digest::of(b""),
        status: 200,
        response: response.into_bytes(),
        at: now,
    };
    let mut tx = council.store.write("worker", "asked").await.unwrap();
    tx.keep_undecided(&undecided).await.unwrap();
    tx.keep_answer(&answer("about-him", json!({ "person": family.people["ben"], "name": "Ben Quillfeather" }).to_string())).await.unwrap();
    tx.keep_answer(&answer("about-nobody", json!({ "person": FactId::fresh() }).to_string())).await.unwrap();
    tx.commit().await.unwrap();
}

impl Council {
    async fn erase(&self, erase: &Erase) -> Result<Went, StoreError> {
        let mut tx = self.store.write("data manager", "erased").await?;
        let went = tx.erase(erase, WhyErased::Asked, "data manager").await?;
        tx.commit().await?;
        self.store.overwrite().await?;
        Ok(went)
    }
}

#[tokio::test]
async fn of_an_erased_person_no_word_is_left_on_the_disk_and_replay_says_so() {
    let council = Council::new().await;
    let family = quillfeathers(&council).await;
    let (ann, ben) = (family.people["ann"], family.people["ben"]);
    // A correction leaves an older snapshot, and a decision holds on to one.
    let before = council.ask(&family).await;
    council.keep(&before).await;
    let mut tx = council.store.write("worker", "added").await.unwrap();
    let subject = Subject { person: Some(ben), ..Subject::default() };
    tx.add_facts(&[fact(Kind::Name, subject, "2026-01-01..", json!({ "given": "Benno", "family": "Quillfeather" }))]).await.unwrap();
    tx.commit().await.unwrap();
    let after = council.ask_about(&family, Asks::Outcomes(Asking::Progress)).await;
    council.keep(&after).await;
    what_waits(&council, &family, council.ready.installation.id).await;
    council.rooms.tamper(BESIDE).await;
    assert_eq!(council.rooms.found(&OF_BESIDE).await, OF_BESIDE, "the words are there to be looked for");
    council.store.audit_seal().await.unwrap();
    council.store.overwrite().await.unwrap();
    assert_eq!(council.rooms.found(&OF_SON).await, OF_SON, "the words are there to be looked for");

    let rehearsal = {
        let mut tx = council.store.write("data manager", "would erase").await.unwrap();
        tx.erase(&Erase::Person(ben), WhyErased::Asked, "data manager").await.unwrap()
    };
    assert_eq!(council.rooms.found(&OF_SON).await, OF_SON, "a rehearsal took something");
    let went = council.erase(&Erase::Person(ben)).await.unwrap();
    assert_eq!(went, rehearsal);
    assert_eq!((went.decisions, went.undecided, went.answers, went.coverage, went.texts_left), (2, 1, 1, 1, 1));
    assert!(went.beside >= 7, "{went:?}");
    assert_eq!(council.rooms.found(&OF_BESIDE).await, [""; 0], "beside the record");

    assert_eq!(council.rooms.found(&OF_SON).await, [""; 0], "of the person");
    assert_eq!(council.rooms.found(&OF_FAMILY).await, OF_FAMILY, "the rest of the family is as it was");
    let today: Day = council.store.clock().now().day();
    for made in [&before, &after] {
        let replayed = council.workflow.replay(&council.store, made.decision.id).await.unwrap();
        assert_eq!(replayed.answer, AnswerAgain::EvidenceErased { on: today });
        assert_eq!(replayed.inputs, InputsNow::Erased { on: today });
        let kept = council.store.decision(made.decision.id).await.unwrap();
        assert_eq!((kept.answer_digest, &kept.result), (made.decision.answer_digest, &made.decision.result));
        assert_eq!(said(&kept).unwrap().code(), made.decision.result);
    }
    let members = council.store.members(family.id).await.unwrap();
    assert_eq!(members.iter().map(|m| m.id).collect::<Vec<_>>(), [ann]);
    assert_eq!(council.store.answered("worker", "about-him").await.unwrap(), None);
    assert!(council.store.answered("worker", "about-nobody").await.unwrap().is_some());

    // The chain is whole, and what is asked from now on repeats.
    assert_eq!(council.store.audit_verify(&[]).await.unwrap().broken, None);
    let now = council.ask(&family).await;
    council.keep(&now).await;
    let replayed = council.workflow.replay(&council.store, now.decision.id).await.unwrap();
    assert!(matches!(replayed.answer, AnswerAgain::Same { .. }), "{replayed:?}");
    assert_eq!(replayed.inputs, InputsNow::StillFollow);
    let erasures = council.store.erasures(None, 10).await.unwrap().items;
    assert_eq!((erasures[0].person, erasures[0].went), (Some(ben), went));
}

#[tokio::test]
async fn of_an_erased_family_the_shell_is_left_and_nothing_of_other_families_goes() {
    let council = Council::new().await;
    let family = quillfeathers(&council).await;
    let others = council.family("B-2").await;
    let (made, theirs) = (council.ask(&family).await, council.ask(&others).await);
    council.keep(&made).await;
    council.keep(&theirs).await;
    let before = council.store.snapshot(others.id).await.unwrap();
    council.erase(&Erase::Family(family.id)).await.unwrap();

    let words: Vec<&str> =
        OF_SON.into_iter().chain(OF_FAMILY).filter(|w| !["B801200005001", "2012-05-06", "AB123456C"].contains(w)).collect();
    assert_eq!(council.rooms.found(&words).await, [""; 0], "the second family shares the other words");
    assert_eq!(council.store.family(family.id).await.unwrap().reference, format!("erased-{}", family.id));
    assert!(council.store.members(family.id).await.unwrap().is_empty());
    assert_eq!(council.store.snapshot(others.id).await.unwrap(), before);
    let replayed = council.workflow.replay(&council.store, theirs.decision.id).await.unwrap();
    assert!(matches!(replayed.answer, AnswerAgain::Same { .. }), "{replayed:?}");
    assert_eq!(council.store.audit_verify(&[]).await.unwrap().broken, None);
}

#[tokio::test]
async fn with_an_erased_family_goes_what_was_merged_into_it_its_files_and_what_happened() {
    let council = Council::with("planner", &json!({ "proposes": "" })).await;
    let (gone, stays) = (quillfeathers(&council).await, council.family("B-2").await);
    let mut tx = council.store.write("manager", "quillon-merging").await.unwrap();
    let reader = Reader::of_all(tx.now());
    tx.merge_families(&reader, gone.id, stays.id, "quillon-reason", &MergeChoices::default()).await.unwrap();
    tx.commit().await.unwrap();
    let subject = Subject { home: Some(stays.homes["mill-lane"]), ..Subject::default() };
    let callout = fact(Kind::PoliceCallout, subject, "2025-12-20..2025-12-20", json!({ "domestic": false }));
    let mut tx = council.store.write("police", "told of a call-out").await.unwrap();
    tx.add_facts(std::slice::from_ref(&callout)).await.unwrap();
    let file = Attachment {
        id: AttachmentId::fresh(),
        family: stays.id,
        person: None,
        fact: Some(callout.id),
        decision: None,
        section: Section::Offending,
        name: "quillon-name.txt".into(),
        media_type: "text/plain".into(),
        size: 13,
        digest: Digest::of(b"quillon-bytes"),
        by: "worker".into(),
        at: tx.now(),
        removed: None,
    };
    tx.attach(&file, b"quillon-bytes").await.unwrap();
    tx.commit().await.unwrap();
    council.store.overwrite().await.unwrap();
    let words = ["quillon-reason", "quillon-name", "quillon-bytes"];
    assert_eq!(council.rooms.found(&words).await, words, "the words are there to be looked for");
    assert_eq!(council.rooms.found(&OF_SON).await, OF_SON, "of the family that goes on within the other");
    let waiting = async || {
        let reader = Reader::of_all(council.store.clock().now());
        council.store.happenings_for(&reader, HappeningState::Waiting, None, None, 10).await.unwrap().items.len()
    };
    assert_eq!(waiting().await, 1);

    council.erase(&Erase::Family(stays.id)).await.unwrap();
    for words in [&words[..], &OF_SON, &OF_FAMILY] {
        assert_eq!(council.rooms.found(words).await, [""; 0]);
    }
    assert_eq!(waiting().await, 0);
    assert_eq!(council.store.attachment(file.id).await.unwrap().removed.unwrap().by, "erasure");
    assert_eq!(council.store.audit_verify(&[]).await.unwrap().broken, None);
}

#[tokio::test]
async fn somebody_in_two_families_stays_in_the_one_that_is_not_erased() {
    let council = Council::new().await;
    let (family, others) = (quillfeathers(&council).await, council.family("B-2").await);
    let ben = family.people["ben"];
    let mut tx = council.store.write("worker", "joined").await.unwrap();
    let subject = Subject { family: Some(others.id), person: Some(ben), ..Subject::default() };
    tx.add_facts(&[fact(Kind::Membership, subject, "2026-01-01..", json!({ "resident": true }))]).await.unwrap();
    tx.commit().await.unwrap();
    council.erase(&Erase::Family(family.id)).await.unwrap();
    assert!(council.store.members(family.id).await.unwrap().is_empty());
    let members = council.store.members(others.id).await.unwrap();
    let his = members.iter().find(|m| m.id == ben).unwrap();
    assert_eq!(his.name.as_ref().map(|n| n.family.as_str()), Some("Quillfeather"));
}

#[tokio::test]
async fn while_a_hold_stands_nothing_of_the_family_or_its_members_goes() {
    let council = Council::new().await;
    let family = quillfeathers(&council).await;
    let (ann, ben) = (family.people["ann"], family.people["ben"]);
    let today = council.store.clock().now().day();
    let hold = async |family, person, until| {
        let mut tx = council.store.write("data manager", "held").await.unwrap();
        let new = NewHold { family, person, why: "a claim in the county court".into(), until };
        let id = tx.place_hold(&new, "data manager").await.unwrap();
        tx.commit().await.unwrap();
        id
    };
    let lift = async |id| {
        let mut tx = council.store.write("data manager", "lifted").await.unwrap();
        tx.lift_hold(id, "data manager").await.unwrap();
        tx.commit().await.unwrap();
    };
    for (held, what) in [((Some(family.id), None), "the family"), ((None, Some(ann)), "the mother"), ((None, Some(ben)), "the son")] {
        let id = hold(held.0, held.1, Some(today)).await;
        for erase in [Erase::Family(family.id), Erase::Person(ben), Erase::Person(ann), Erase::Sections(family.id, vec![])] {
            let refused = council.erase(&erase).await.unwrap_err();
            assert!(matches!(&refused, StoreError::Conflict(why) if why.contains("legal hold")), "{what} held, {erase:?}: {refused}");
        }
        lift(id).await;
    }
    hold(Some(family.id), None, today.plus(-1)).await;
    council.erase(&Erase::Family(family.id)).await.unwrap();
    let mut tx = council.store.write("data manager", "lifted again").await.unwrap();
    assert!(matches!(tx.lift_hold(1, "x").await, Err(StoreError::Conflict(_))));
    assert!(matches!(tx.lift_hold(99, "x").await, Err(StoreError::NoSuch { what: "hold", .. })));
}

#[tokio::test]
async fn evidence_that_no_erasure_took_is_missing_and_not_erased() {
    let council = Council::new().await;
    let family = council.family("B-1").await;
    let made = council.ask(&family).await;
    council.keep(&made).await;
    council.family("B-2").await;
    council.rooms.tamper("DELETE FROM content WHERE digest IN (SELECT context FROM decision)").await;
    let replayed = council.workflow.replay(&council.store, made.decision.id).await.unwrap();
    assert_eq!(replayed.answer, AnswerAgain::EvidenceMissing);
    assert!(matches!(replayed.inputs, InputsNow::NoLongerFollow { .. }));
}

#[tokio::test]
async fn what_is_asked_for_of_whom_is_erased_is_asked_for_no_longer() {
    let council = Council::new().await;
    let (family, others) = (quillfeathers(&council).await, council.family("B-2").await);
    let today: Day = council.store.clock().now().day();
    let ask = async |family: FamilyId, person: Option<PersonId>| {
        let (id, form) = (AssessmentRequestId::fresh(), "whole-family".to_owned());
        let (why, by, state) = (Some("six weeks on".into()), "worker".into(), RequestState::Open);
        let asked =
            AssessmentRequest { id, family, person, form, due: today, why, proposal: None, state, by, assessment: None, settled: None };
        let mut tx = council.store.write("worker", "asked for an assessment").await.unwrap();
        tx.ask_for_assessment(&asked).await.unwrap();
        tx.commit().await.unwrap();
    };
    ask(family.id, None).await;
    ask(family.id, Some(family.people["ben"])).await;
    ask(others.id, None).await;
    let due = async || {
        let reader = Reader::of_all(council.store.clock().now());
        let due = council.store.assessments_due_for(&reader, (today, today), None, None, 10).await.unwrap().items;
        due.iter().map(|r| (r.family, r.person)).collect::<Vec<_>>()
    };
    assert_eq!(due().await, [(family.id, None), (family.id, Some(family.people["ben"])), (others.id, None)]);

    council.erase(&Erase::Person(family.people["ben"])).await.unwrap();
    assert_eq!(due().await, [(family.id, None), (others.id, None)]);
    council.erase(&Erase::Family(family.id)).await.unwrap();
    assert_eq!(due().await, [(others.id, None)]);
    let settled = council.store.assessment_requests(family.id).await.unwrap();
    let settled: Vec<_> = settled.iter().map(|r| (r.state, r.settled.as_ref().map(|s| s.by.as_str()))).collect();
    assert_eq!(settled, [(RequestState::Dropped, Some("erasure")); 2]);
}

#[tokio::test]
async fn what_was_typed_goes_with_the_section_assessments_and_not_with_what_it_may_also_tell_of() {
    let council = Council::new().await;
    let family = quillfeathers(&council).await;
    let id = AssessmentId::fresh();
    let digest = Digest::of(b"form");
    let answers = json!({ "form": "whole-family", "digest": digest, "answers": { "words": { "text": "quillon-typed" } } });
    let mut tx = council.store.write("worker", "began an assessment").await.unwrap();
    let now = tx.now();
    let begun = Assessment {
        id,
        family: family.id,
        person: None,
        installation: council.ready.installation.id,
        form: "whole-family".into(),
        digest,
        line: id,
        version: 1,
        state: AssessmentState::Draft,
        answers: Some(serde_json::from_value(answers).unwrap()),
        settled: None,
        assessed: None,
        decision: None,
        begun_by: "worker".into(),
        begun_at: now,
        typed_by: "worker".into(),
        typed_at: now,
    };
    tx.begin_assessment(&begun).await.unwrap();
    tx.commit().await.unwrap();

    let went = council.erase(&Erase::Sections(family.id, vec![Section::Education, Section::Health])).await.unwrap();
    assert_eq!((went.facts, went.texts_left), (1, 2), "a note and what was typed are left to be read");
    assert_eq!(council.store.assessment(id).await.unwrap().answers, begun.answers);
    let went = council.erase(&Erase::Sections(family.id, vec![Section::Assessments])).await.unwrap();
    assert_eq!((went.beside, went.texts_left), (1, 1));
    let kept = council.store.assessment(id).await.unwrap();
    assert_eq!((kept.answers, kept.state), (None, AssessmentState::Draft), "it may be filled in anew");
    assert_eq!(council.rooms.found(&["quillon-typed"]).await, [""; 0]);

    council.erase(&Erase::Family(family.id)).await.unwrap();
    assert_eq!(council.store.assessment(id).await.unwrap().state, AssessmentState::GivenUp, "nobody goes on with it");
}
