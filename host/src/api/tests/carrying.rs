//! A draft whose plugin has a newer version with another form: carried over as the author says, and nothing typed is lost.

use axum::http::{Method, StatusCode, header};
use serde_json::{Value, json};

use super::travel::repacked;
use super::{Host, is, json_request, within};
use crate::plugins::fit::tests::component;
use crate::plugins::pack::pack;
use crate::sandbox::for_tests::built;
use crate::store::tests::{BRISTOL, code};
use crate::store::{AuthorityStore, Parked};

const FORM_OF_2019: &str = include_str!("../../../../plugins/early-help-assessment/forms/older/whole-family-2019.json");

/// A family with a draft to the form of 2019, or one like it.
struct Begun {
    host: Host,
    family: String,
    child: String,
    draft: String,
}

/// The plugin as it was with another form.
fn older(form: Value) -> Vec<u8> {
    repacked("early-help-assessment", |m| {
        m["version"] = json!("1.0.0");
        m["forms"] = json!([form]);
    })
}

impl Begun {
    async fn with(form: Value) -> Self {
        let host = Host::new().await;
        let first = host.publish(&older(form), None).await.ok();
        host.activated(&first).await;
        let member =
            |given: &str, born: &str| json!({ "name": { "given": given, "family": "Ash" }, "born": born, "member_from": "2020-01-01" });
        let people = json!({ "bryony": member("Bryony", "1992-02-03"), "rowan": member("Rowan", "2017-03-01") });
        let family = host.post(&host.bristol, &within("/families"), &json!({ "reference": "BR-9", "people": people })).await.ok();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let (id, child) = (text(&family["id"]), text(&family["people"]["rowan"]));
        let begun =
            host.post(&host.bristol, &within(&format!("/families/{id}/assessments")), &json!({ "form": "whole-family" })).await.ok();
        let this = Self { family: id, child, draft: text(&begun["id"]), host };
        let typed = json!({
            "language": "cy",
            "answers": {
                "assessment": { "single-choice": "review" }, "reason": { "long-text": "School is hard." },
                "school-mark": { "scale": 7 }, "home-and-money-notes": { "long-text": "All well." },
            },
            "groups": { "children": [{ "person": this.child, "answers": { "child-mark": { "scale": 4 } } }] },
        });
        this.type_all(&this.draft, &typed).await;
        this
    }

    async fn type_all(&self, id: &str, answers: &Value) {
        let mut request = json_request(Method::PUT, &self.host.bristol, &within(&format!("/assessments/{id}/answers")), answers);
        request.headers_mut().insert(header::IF_MATCH, "*".parse().unwrap());
        self.host.send(request).await.ok();
    }

    /// The newer version is active beside the older: its address.
    async fn updated(&self) -> String {
        let newer = self.host.upload("early-help-assessment").await.ok();
        self.host.activated(&newer).await
    }

    async fn store(&self) -> AuthorityStore {
        self.host.house.stores.authority(&code(BRISTOL)).await.unwrap()
    }

    async fn read(&self, id: &Value) -> Value {
        self.host.get(&self.host.bristol, &within(&format!("/assessments/{}", id.as_str().unwrap()))).await.ok()
    }

    async fn carry(&self, body: &Value) -> super::Got {
        self.host.post(&self.host.bristol, &within(&format!("/assessments/{}/migration", self.draft)), body).await
    }

    async fn to_do(&self) -> Vec<String> {
        let tasks = self.host.get(&self.host.bristol, &within(&format!("/tasks?family={}", self.family))).await.ok();
        tasks["items"].as_array().unwrap().iter().map(|t| t["title"].as_str().unwrap().to_owned()).collect()
    }
}

fn of_2019() -> Value {
    serde_json::from_str(FORM_OF_2019).unwrap()
}

#[tokio::test]
async fn what_the_newer_version_carries_over_is_the_new_draft_and_both_are_there_to_read() {
    let begun = Begun::with(of_2019()).await;
    let (host, store) = (&begun.host, begun.store().await);
    let draft = json!(begun.draft);
    assert_eq!(begun.carry(&json!({})).await.problem(), is(409, "conflict", None), "no newer version yet");
    let newer = begun.updated().await;
    // Whoever types is left to it; then the host asks by itself, once.
    assert_eq!(host.workflow().carry_drafts(&store).await.unwrap(), 0);
    host.wait(16);
    assert_eq!(host.workflow().carry_drafts(&store).await.unwrap(), 1);
    assert_eq!(host.workflow().carry_drafts(&store).await.unwrap(), 0);
    let old = begun.read(&draft).await;
    assert_eq!(
        (&old["state"], &old["answers"]["answers"]["school-mark"]),
        (&json!("superseded"), &json!({ "scale": 7 })),
        "as it was typed"
    );
    assert_eq!((&old["carried"]["came"], &old["carried"]["answers"]), (&json!("migrated"), &json!(4)), "{}", old["carried"]);
    let new = begun.read(&old["carried"]["becomes"]).await;
    assert_eq!((&new["state"], &new["version"], &new["line"]), (&json!("draft"), &json!(2), &draft));
    assert!(newer.ends_with(new["installation"].as_str().unwrap()));
    assert_eq!(new["carried_from"], draft, "a person sees both");
    let answers = &new["answers"];
    assert_eq!(answers["answers"]["assessment"], json!({ "single-choice": "review" }));
    assert_eq!(
        (&answers["answers"]["school-score"], &answers["language"]),
        (&json!({ "scale": "3.5" }), &json!("cy")),
        "7 of 10, on a scale to 5"
    );
    assert_eq!(answers["answers"]["reason"], json!({ "long-text": "School is hard." }));
    assert_eq!(answers["groups"]["children"], json!([{ "person": begun.child, "answers": { "child-score": { "scale": "2.5" } } }]));
    assert!(answers["answers"].get("home-worries").is_none(), "its author asks that again");
    assert_eq!(new["judged"]["complete"], false);
    assert!(begun.to_do().await.iter().any(|t| t.contains("look at the answers that were carried over")), "{:?}", begun.to_do().await);
    // It is a decision like any other: kept with what it rests on.
    let decisions = host.get(&host.bristol, &within(&format!("/decisions?family={}", begun.family))).await.ok();
    assert_eq!(
        (&decisions["items"][0]["question"], &decisions["items"][0]["result"]),
        (&json!("migrate-answers"), &json!("migrated")),
        "{decisions}"
    );
    // What was typed is told again to no author.
    let export = within(&format!("/decisions/{}/scenario", decisions["items"][0]["id"].as_str().unwrap()));
    assert_eq!(host.post(&host.officer, &export, &json!({})).await.problem(), is(422, "invalid", Some("question")));
    // Asked again: the same. What was superseded is typed into no more; the new one is.
    assert_eq!(begun.carry(&json!({})).await.ok()["becomes"], new["id"]);
    let mut late = json_request(Method::PUT, &host.bristol, &within(&format!("/assessments/{}/answers", begun.draft)), &json!({}));
    late.headers_mut().insert(header::IF_MATCH, "*".parse().unwrap());
    assert_eq!(host.send(late).await.status, StatusCode::CONFLICT);
    begun.type_all(new["id"].as_str().unwrap(), &json!({ "answers": { "assessment": { "single-choice": "first" } } })).await;
    // Erased, and nothing that was typed is left of either.
    let erased =
        host.post(&host.officer, &within("/erasures"), &json!({ "family": begun.family, "why": "asked", "rehearsal": false })).await;
    erased.ok();
    let gone = store.assessment(begun.draft.parse().unwrap()).await.unwrap();
    assert_eq!(gone.answers, None);
}

#[tokio::test]
async fn where_it_has_to_be_begun_again_the_draft_stays_until_somebody_does() {
    let mut other = of_2019();
    other["title"]["en"] = json!("Family assessment (2018)");
    let begun = Begun::with(other).await;
    let host = &begun.host;
    begun.updated().await;
    let came = begun.carry(&json!({})).await.ok();
    assert_eq!((&came["came"], came.get("becomes")), (&json!("start-again"), None), "{came}");
    assert!(begun.to_do().await.iter().any(|t| t.contains("finish it, or begin again")));
    let draft = begun.read(&json!(begun.draft)).await;
    assert_eq!((&draft["state"], &draft["carried"]["came"]), (&json!("draft"), &json!("start-again")));
    // It is finished with the version that it began with, which is kept for it.
    begun.type_all(&begun.draft, &json!({ "answers": { "reason": { "long-text": "Typed since." } } })).await;
    let sent = host.post(&host.bristol, &within(&format!("/assessments/{}/submission", begun.draft)), &json!({})).await;
    assert_eq!(sent.problem(), is(422, "invalid", Some("answers")), "judged by its own form");
    // Or begun again: empty, with the older answers beside it.
    let again = begun.carry(&json!({ "begin_again": true })).await.ok();
    let new = begun.read(&again["becomes"]).await;
    assert_eq!(
        (&new["state"], &new["answers"]["answers"], &new["carried_from"]),
        (&json!("draft"), &Value::Null, &json!(begun.draft)),
        "{new}"
    );
    let old = begun.read(&json!(begun.draft)).await;
    assert_eq!((&old["state"], &old["answers"]["answers"]["reason"]["long-text"]), (&json!("superseded"), &json!("Typed since.")));
    // What is begun now begins with the newest.
    let next = host
        .post(&host.bristol, &within(&format!("/families/{}/assessments", begun.family)), &json!({ "form": "whole-family" }))
        .await
        .ok();
    assert_eq!(next["installation"], new["installation"]);
}

#[tokio::test]
async fn a_failure_leaves_the_draft_where_it_is_and_tells_its_worker() {
    let begun = Begun::with(of_2019()).await;
    let (host, store) = (&begun.host, begun.store().await);
    let newer = begun.updated().await;
    let id = newer.rsplit('/').next().unwrap().parse().unwrap();
    let mut tx = store.write("a test", "parked").await.unwrap();
    let parked = Parked { installation: id, since: store.clock().now(), why: "it failed".into(), failures: 5, runs: 5 };
    tx.park(&parked).await.unwrap();
    tx.commit().await.unwrap();
    let came = begun.carry(&json!({})).await.ok();
    assert_eq!((&came["came"], &came["why"]), (&json!("failed"), &json!("plugin-parked")), "{came}");
    let draft = begun.read(&json!(begun.draft)).await;
    assert_eq!((&draft["state"], &draft["answers"]["answers"]["school-mark"]), (&json!("draft"), &json!({ "scale": 7 })));
    assert!(begun.to_do().await.iter().any(|t| t.contains("it stays as it is")), "{:?}", begun.to_do().await);
    let undecided = host.get(&host.bristol, &within("/undecided")).await.ok();
    assert_eq!(undecided["items"][0]["question"], "migrate-answers", "{undecided}");
    // Nobody asks that question from outside.
    let asked = json!({ "family": begun.family, "question": "migrate-answers", "about": {}, "as_of": "2026-08-31" });
    assert_eq!(host.post(&host.bristol, &within("/decisions"), &asked).await.problem(), is(422, "invalid", Some("question")));
    // By itself it is asked no more; by somebody who asks again it is, and what is undecided of it is settled.
    host.wait(60);
    assert_eq!(host.workflow().carry_drafts(&store).await.unwrap(), 0);
    host.post(&host.bristol, &format!("{newer}/unpark"), &json!({ "reason": "mended" })).await.ok();
    assert_eq!(begun.carry(&json!({})).await.ok()["came"], "migrated");
    assert_eq!(host.get(&host.bristol, &within("/undecided")).await.ok()["items"], json!([]));
    assert_eq!(begun.to_do().await.len(), 1, "the latest word alone: {:?}", begun.to_do().await);
}

/// A newer version that traps in whatever it is asked.
fn that_traps() -> Vec<u8> {
    let mut manifest: Value =
        serde_json::from_str(&crate::plugins::inspect(&built("early-help-assessment")).unwrap().manifest_json).unwrap();
    for (field, nothing) in [("optional", json!([])), ("why", json!({})), ("scenarios", json!([]))] {
        manifest[field] = nothing;
    }
    let version = crate::sandbox::INTERFACE_VERSION;
    let world = format!("export hearth:assessment/evaluation@{version}; export hearth:assessment/migration@{version};");
    pack(&component(str::to_owned, &world), manifest.to_string().as_bytes()).unwrap()
}

#[tokio::test]
async fn a_newer_version_that_traps_leaves_the_draft_and_its_worker_is_told() {
    let begun = Begun::with(of_2019()).await;
    let (host, store) = (&begun.host, begun.store().await);
    let newer = host.publish(&that_traps(), None).await.ok();
    let newer = host.activated(&newer).await;
    host.wait(16);
    assert_eq!(host.workflow().carry_drafts(&store).await.unwrap(), 1);
    let draft = begun.read(&json!(begun.draft)).await;
    assert_eq!((&draft["state"], &draft["answers"]["answers"]["school-mark"]), (&json!("draft"), &json!({ "scale": 7 })));
    assert_eq!((&draft["carried"]["came"], &draft["carried"]["why"]), (&json!("failed"), &json!("plugin-trapped")), "{draft}");
    assert_eq!(begun.to_do().await, ["The answers of an assessment could not be carried over to the newer form: it stays as it is"]);
    let runs = host.get(&host.bristol, &format!("{newer}/runs")).await.ok();
    assert_eq!((&runs["items"][0]["question"], &runs["items"][0]["outcome"]), (&json!("migrate-answers"), &json!("plugin-trapped")));
    // Once by itself; by somebody as often as they like, with one task.
    host.wait(60);
    assert_eq!(host.workflow().carry_drafts(&store).await.unwrap(), 0);
    assert_eq!(begun.carry(&json!({})).await.ok()["came"], "failed");
    assert_eq!(begun.to_do().await.len(), 1);
    begun.type_all(&begun.draft, &json!({ "answers": { "reason": { "long-text": "Typed since." } } })).await;
}

#[tokio::test]
async fn what_was_typed_since_the_newer_version_was_asked_is_not_lost_and_it_is_asked_anew() {
    let begun = Begun::with(of_2019()).await;
    let (host, store) = (&begun.host, begun.store().await);
    let newer = begun.updated().await;
    let mut tx = store.write("a test", "parked").await.unwrap();
    let id = newer.rsplit('/').next().unwrap().parse().unwrap();
    let parked = Parked { installation: id, since: store.clock().now(), why: "it failed".into(), failures: 5, runs: 5 };
    tx.park(&parked).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(begun.carry(&json!({})).await.ok()["came"], "failed");
    // Somebody goes on typing; then what was asked before is answered.
    host.wait(1);
    begun.type_all(&begun.draft, &json!({ "answers": { "school-mark": { "scale": 9 } } })).await;
    host.post(&host.bristol, &format!("{newer}/unpark"), &json!({ "reason": "mended" })).await.ok();
    let undecided = host.get(&host.bristol, &within("/undecided")).await.ok()["items"][0]["id"].clone();
    host.post(&host.bristol, &within(&format!("/undecided/{}/retry", undecided.as_str().unwrap())), &json!({})).await.ok();
    let draft = begun.read(&json!(begun.draft)).await;
    assert_eq!((&draft["state"], &draft["carried"]["came"]), (&json!("draft"), &json!("changed")), "{draft}");
    assert_eq!(draft["answers"]["answers"]["school-mark"], json!({ "scale": 9 }));
    // Once nobody types any more it is asked anew, about what stands there now.
    assert_eq!(host.workflow().carry_drafts(&store).await.unwrap(), 0);
    host.wait(16);
    assert_eq!(host.workflow().carry_drafts(&store).await.unwrap(), 1);
    let draft = begun.read(&json!(begun.draft)).await;
    assert_eq!(draft["carried"]["came"], "migrated");
    let new = begun.read(&draft["carried"]["becomes"]).await;
    assert_eq!(new["answers"]["answers"]["school-score"], json!({ "scale": "4.5" }), "9 of 10, on a scale to 5");
}

impl Begun {
    /// Other settings for an installation, from now on: the address of the one that follows.
    async fn set(&self, at: &str, need_at: u32) -> String {
        let changes = format!("{at}/settings-changes");
        let wanted = json!({ "settings": { "need-at": need_at }, "reason": "the board decided" });
        assert_eq!(self.host.post(&self.host.bristol, &changes, &wanted).await.status, StatusCode::CREATED);
        let next = self.host.post(&self.host.bristol, &format!("{changes}/approval"), &json!({})).await.ok();
        within(&format!("/installations/{}", next["id"].as_str().unwrap()))
    }

    async fn begin(&self, installation: Option<&str>) -> super::Got {
        let mut wanted = json!({ "form": "whole-family" });
        if let Some(at) = installation {
            wanted["installation"] = json!(at.rsplit('/').next().unwrap());
        }
        self.host.post(&self.host.bristol, &within(&format!("/families/{}/assessments", self.family)), &wanted).await
    }

    async fn end(&self, id: &str) {
        let end = within(&format!("/assessments/{id}/end"));
        self.host.post(&self.host.bristol, &end, &json!({ "reason": "begun for the tests" })).await.ok();
    }

    async fn status(&self, at: &str) -> Value {
        self.host.get(&self.host.bristol, at).await.ok()["status"].clone()
    }
}

#[tokio::test]
async fn other_settings_count_for_what_is_begun_since_and_the_older_ones_for_drafts_alone() {
    let begun = Begun::with(of_2019()).await;
    let (host, store) = (&begun.host, begun.store().await);
    let of = async |id: &str| within(&format!("/installations/{}", begun.read(&json!(id)).await["installation"].as_str().unwrap()));
    let old = of(&begun.draft).await;
    let new = begun.set(&old, 30).await;
    assert_eq!((begun.status(&old).await, begun.status(&new).await), (json!("active"), json!("active")), "for its draft");
    let next = begun.begin(None).await.ok()["id"].as_str().unwrap().to_owned();
    assert_eq!(of(&next).await, new);
    assert_eq!(begun.begin(Some(&old)).await.problem(), is(422, "invalid", Some("installation")));
    let again = json!({ "settings": { "need-at": 35 }, "reason": "twice" });
    assert_eq!(host.post(&host.bristol, &format!("{old}/settings-changes"), &again).await.problem(), is(409, "conflict", None));
    // The form is the same, so nobody has to be asked and nothing is carried over by itself.
    host.wait(16);
    assert_eq!(host.workflow().carry_drafts(&store).await.unwrap(), 0);
    assert_eq!((of(&begun.draft).await, begun.status(&old).await), (old.clone(), json!("active")));
    begun.type_all(&begun.draft, &json!({ "answers": { "reason": { "long-text": "Typed since." } } })).await;
    // Once the last draft is done it decides nothing any more.
    begun.end(&begun.draft).await;
    host.workflow().carry_drafts(&store).await.unwrap();
    assert_eq!(begun.status(&old).await, "retired");
    let ended = host.get(&host.bristol, &format!("{old}/activations")).await.ok()["activations"][0]["ended"].clone();
    assert_eq!(ended["why"], json!(format!("replaced by {}", new.rsplit('/').next().unwrap())));

    // And back: what was begun meanwhile is finished with its settings.
    let back = host.post(&host.bristol, &format!("{old}/return"), &json!({ "reason": "too many needs" })).await.ok();
    assert_eq!(back["replaced"], json!([new.rsplit('/').next().unwrap()]));
    assert_eq!(begun.status(&new).await, "active", "for its draft");
    assert_eq!(begun.begin(Some(&new)).await.problem(), is(422, "invalid", Some("installation")));
    let last = begun.begin(None).await.ok()["id"].as_str().unwrap().to_owned();
    assert_eq!(of(&last).await, old);
    // Again the other way, while each has a draft; and where there is none, nothing is kept.
    host.post(&host.bristol, &format!("{new}/return"), &json!({ "reason": "too few needs" })).await.ok();
    assert_eq!(begun.begin(Some(&old)).await.problem(), is(422, "invalid", Some("installation")));
    begun.end(&next).await;
    let third = begun.set(&new, 40).await;
    assert_eq!((begun.status(&new).await, begun.status(&third).await), (json!("retired"), json!("active")));
    let history = host.get(&host.bristol, &format!("{third}/activations")).await.ok();
    assert_eq!(history["activations"][0]["replaced"], json!([new.rsplit('/').next().unwrap()]));
    assert_eq!(begun.status(&old).await, "active", "for the draft that was begun with it last");
    assert_eq!(begun.begin(Some(&old)).await.problem(), is(422, "invalid", Some("installation")));
}
