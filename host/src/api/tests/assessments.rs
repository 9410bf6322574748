//! An assessment from its first word to the manager's signature, as a keyworker and a manager make it.

use axum::http::{Method, StatusCode, header};
use serde_json::{Value, json};

use super::{Got, Host, is, json_request, within};
use crate::forms::tests::{person, whole_family};

/// Of the demonstration form: a mother of 34, two children of 9 and 2.
fn ashes() -> Value {
    let member =
        |given: &str, born: &str| json!({ "name": { "given": given, "family": "Ash" }, "born": born, "member_from": "2024-07-01" });
    json!({
        "reference": "BR-9",
        "people": { "bryony": member("Bryony", "1992-02-03"), "rowan": member("Rowan", "2017-03-01"), "hazel": member("Hazel", "2024-06-01") },
    })
}

pub(super) struct Ashes {
    pub host: Host,
    pub family: String,
    people: [String; 3],
    manager: String,
    /// The manager's login.
    login: Value,
}

impl Ashes {
    pub async fn new() -> Self {
        let host = Host::new().await;
        host.adopt("early-help-assessment", json!({})).await;
        let made = host.post(&host.bristol, &within("/people"), &json!({ "name": "Mara Moss", "role": "manager" })).await.ok();
        let token = host.post(&host.bristol, &within("/tokens"), &json!({ "name": "tests", "login": made["login"] })).await.ok();
        let family = host.post(&host.bristol, &within("/families"), &ashes()).await.ok();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let people = ["bryony", "rowan", "hazel"].map(|name| text(&family["people"][name]));
        Self { family: text(&family["id"]), people, manager: text(&token["token"]), login: made["login"].clone(), host }
    }

    /// What was answered, about this family's people.
    fn filled_in(&self) -> Value {
        let (answers, groups) = whole_family::filled_in();
        let mut text = json!({ "answers": answers, "groups": groups }).to_string();
        for (n, id) in (1..).zip(&self.people) {
            text = text.replace(&person(n).to_string(), id);
        }
        serde_json::from_str(&text).unwrap()
    }

    async fn begin(&self) -> String {
        let begun = self.of_family("assessments", &json!({ "form": "whole-family" })).await.ok();
        assert_eq!((&begun["state"], &begun["version"]), (&json!("draft"), &json!(1)));
        begun["id"].as_str().unwrap().to_owned()
    }

    async fn of_family(&self, what: &str, body: &Value) -> Got {
        self.host.post(&self.host.bristol, &within(&format!("/families/{}/{what}", self.family)), body).await
    }

    async fn list(&self, what: &str) -> Value {
        let listed = self.host.get(&self.host.bristol, &within(&format!("/families/{}/{what}", self.family))).await.ok();
        listed["items"].clone()
    }

    async fn read(&self, id: &str) -> Got {
        self.host.get(&self.host.bristol, &within(&format!("/assessments/{id}"))).await
    }

    async fn act(&self, id: &str, what: &str, body: &Value) -> Got {
        self.host.post(&self.host.bristol, &within(&format!("/assessments/{id}/{what}")), body).await
    }

    async fn managed(&self, id: &str, what: &str, body: &Value) -> Got {
        self.host.post(&self.manager, &within(&format!("/assessments/{id}/{what}")), body).await
    }

    /// All answers, by somebody who saw that version.
    async fn type_all(&self, id: &str, answers: &Value, seen: &str) -> Got {
        let mut request = json_request(Method::PUT, &self.host.bristol, &within(&format!("/assessments/{id}/answers")), answers);
        request.headers_mut().insert(header::IF_MATCH, seen.parse().unwrap());
        self.host.send(request).await
    }

    /// A completed one.
    async fn completed(&self, answers: &Value) -> String {
        let id = self.begin().await;
        self.type_all(&id, answers, "*").await.ok();
        let sent = self.act(&id, "submission", &json!({ "as_of": "2026-08-31" })).await.ok();
        assert_eq!(sent["state"], "completed", "{sent}");
        id
    }

    async fn sign(&self, id: &str) -> Got {
        self.act(id, "signatures", &json!({ "people": [self.people[0]], "how": "read-over-phone" })).await
    }

    /// Of a kind, in the record now.
    async fn facts(&self, kind: &str) -> Vec<Value> {
        let path = within(&format!("/families/{}/facts?kind={kind}&limit=200", self.family));
        self.host.get(&self.host.bristol, &path).await.ok()["items"].as_array().unwrap().clone()
    }

    async fn says(&self) -> Vec<String> {
        self.facts("assessment").await.iter().map(|f| f["detail"]["state"].as_str().unwrap().to_owned()).collect()
    }
}

#[tokio::test]
async fn what_is_typed_is_kept_and_told_what_is_wrong_and_no_two_overwrite_each_other() {
    let ashes = Ashes::new().await;
    let id = ashes.begin().await;
    let read = ashes.read(&id).await;
    let seen = read.headers[header::ETAG].to_str().unwrap().to_owned();
    assert_eq!(read.json()["judged"]["complete"], false);

    // Half a point that the scale has not, and most is missing: kept, and told.
    let saved = ashes.type_all(&id, &json!({ "answers": { "health-score": { "scale": 3.4 } } }), &seen).await;
    let told = saved.ok();
    assert_eq!(told["answers"]["answers"]["health-score"], json!({ "scale": "3.4" }));
    let wrong = told["judged"]["wrong"].as_array().unwrap();
    assert!(wrong.iter().any(|w| w["id"] == "assessment" && w["why"] == "required"), "{wrong:?}");
    assert_eq!(ashes.read(&id).await.headers[header::ETAG], saved.headers[header::ETAG]);

    // Somebody who did not see it, and somebody who says nothing of what they saw.
    let late = ashes.type_all(&id, &json!({ "answers": {} }), &seen).await;
    assert_eq!(late.problem(), is(412, "changed-meanwhile", Some("If-Match")));
    let put = json_request(Method::PUT, &ashes.host.bristol, &within(&format!("/assessments/{id}/answers")), &json!({}));
    assert_eq!(ashes.host.send(put).await.problem(), is(428, "version-needed", Some("If-Match")));

    // Question by question two people do not meet, unless they answer the same.
    let change =
        |question: &str, before: Value, answer: Value| json!({ "changes": [{ "question": question, "before": before, "answer": answer }] });
    ashes.act(&id, "answers", &change("home-score", Value::Null, json!({ "scale": 3 }))).await.ok();
    let again = change("home-score", Value::Null, json!({ "scale": 3 }));
    ashes.act(&id, "answers", &again).await.ok();
    let other = ashes.act(&id, "answers", &change("home-score", Value::Null, json!({ "scale": 2 }))).await;
    assert_eq!(other.problem(), is(412, "changed-meanwhile", Some("changes[0].before")));
    let of_child =
        json!({ "changes": [{ "question": "child-score", "group": "children", "person": ashes.people[1], "answer": { "scale": 2.5 } }] });
    let now = ashes.act(&id, "answers", &of_child).await.ok();
    assert_eq!(now["answers"]["answers"]["health-score"], json!({ "scale": "3.4" }), "what was there stays");
    assert_eq!(now["answers"]["groups"]["children"][0]["answers"]["child-score"], json!({ "scale": "2.5" }));

    // What is no answer at all, and what is about a stranger, is refused.
    let odd = ashes.act(&id, "answers", &change("home-score", json!({ "scale": 3 }), json!({ "scale": "high" }))).await;
    assert_eq!(odd.problem(), is(422, "invalid", Some("changes[0].answer.scale")));
    let stranger = change("main-contact", Value::Null, json!({ "person-ref": crate::record::PersonId::fresh() }));
    assert_eq!(ashes.act(&id, "answers", &stranger).await.problem(), is(422, "invalid", Some("answers.main-contact.person-ref")));

    // Incomplete, it is not submitted, and nothing is asked.
    let early = ashes.act(&id, "submission", &json!({})).await;
    assert_eq!(early.problem(), is(422, "invalid", Some("answers")));
    assert!(!early.json()["wrong"].as_array().unwrap().is_empty());
    assert_eq!(ashes.read(&id).await.json()["state"], "draft");
    assert_eq!(ashes.host.get(&ashes.host.bristol, &within("/decisions")).await.ok()["items"], json!([]));
}

#[tokio::test]
async fn a_submitted_one_is_in_the_record_and_signed_in_order() {
    let ashes = Ashes::new().await;
    let id = ashes.completed(&ashes.filled_in()).await;
    let read = ashes.read(&id).await.ok();
    assert_eq!((&read["assessed"], &read["judged"]["complete"]), (&json!("2026-08-31"), &json!(true)));
    let decision = ashes.host.get(&ashes.host.bristol, &within(&format!("/decisions/{}", read["decision"].as_str().unwrap()))).await.ok();
    assert_eq!((&decision["question"], &decision["result"]), (&json!("evaluate"), &json!("complete")));
    assert_eq!(ashes.says().await, ["completed"]);
    let scores = ashes.facts("score").await;
    let of = |domain: &str| scores.iter().filter(|f| f["detail"]["domain"] == domain).count();
    assert_eq!((of("money"), of("child"), of("abuse")), (1, 2, 0), "what is not known has no score");
    assert_eq!(read["facts"].as_array().unwrap().len(), 1 + scores.len());

    // Not before the family, not by whoever typed it, and nothing typed any more.
    assert_eq!(ashes.managed(&id, "sign-off", &json!({})).await.problem(), is(409, "conflict", None));
    assert_eq!(ashes.type_all(&id, &json!({}), "*").await.problem(), is(409, "conflict", None));
    let stranger = json!({ "people": [crate::record::PersonId::fresh()], "how": "in-person" });
    assert_eq!(ashes.act(&id, "signatures", &stranger).await.problem(), is(422, "invalid", Some("people[0]")));
    assert_eq!(ashes.sign(&id).await.ok()["state"], "signed-by-family");
    assert_eq!(ashes.says().await, ["signed-by-family"]);
    assert_eq!(ashes.act(&id, "sign-off", &json!({})).await.problem(), is(403, "not-allowed", None));
    assert_eq!(ashes.managed(&id, "sign-off", &json!({})).await.ok()["state"], "signed-off");
    assert_eq!(ashes.says().await, ["signed-off"]);
    assert_eq!(ashes.sign(&id).await.problem(), is(409, "conflict", None));
    let acts = ashes.read(&id).await.ok()["acts"].clone();
    let brief: Vec<_> = acts.as_array().unwrap().iter().map(|a| (a["act"].as_str().unwrap(), a["by"].as_str().unwrap())).collect();
    let by = "data manager";
    assert_eq!(brief[..3], [("submitted", by), ("completed", by), ("signed", by)]);
    assert_eq!((brief[3].0, &acts[2]["how"], &acts[2]["person"]), ("signed-off", &json!("read-over-phone"), &json!(ashes.people[0])));
    assert_ne!(brief[3].1, by, "by the manager");
}

#[tokio::test]
async fn a_plugin_is_lent_who_is_meant_and_what_is_asked_of_it_directly_is_held_to_the_form() {
    let ashes = Ashes::new().await;
    let id = ashes.completed(&ashes.filled_in()).await;
    let read = ashes.read(&id).await.ok();
    let store = ashes.host.house.stores.authority(&crate::store::tests::code(crate::store::tests::BRISTOL)).await.unwrap();
    let decision = store.decision(read["decision"].as_str().unwrap().parse().unwrap()).await.unwrap();
    let matter: Value = serde_json::from_slice(&store.content(&decision.matter.unwrap()).await.unwrap().unwrap()).unwrap();
    let text = matter.to_string();
    assert!(text.contains(r#""value":{"person":"#), "main-contact is told as whom it is: {text}");

    let ask = async |answers: Value, digest: &Value| {
        let about = json!({ "form": "whole-family", "digest": digest, "answers": answers });
        let asked = json!({
            "family": ashes.family, "question": "evaluate", "as_of": "2026-08-31", "about": about, "installation": read["installation"],
        });
        ashes.host.post(&ashes.host.bristol, &within("/decisions"), &asked).await
    };
    let answer = |question: &str, value: Value| json!([{ "question": question, "state": "answered", "value": value }]);
    for (answers, field) in [
        (answer("no-such-question", json!({ "yes-no": true })), "about.answers[0].question"),
        (answer("home-score", json!({ "yes-no": true })), "about.answers[0].value"),
        (answer("home-score", json!({ "tenths": 34 })), "about.answers[0].value.tenths"),
        (answer("level", json!({ "options": ["castle"] })), "about.answers[0].value.options[0]"),
        (answer("child-score", json!({ "tenths": 30 })), "about.answers[0].person"),
        (json!([{ "question": "home-score", "item": 0, "state": "answered", "value": { "tenths": 30 } }]), "about.answers[0].item"),
    ] {
        assert_eq!(ask(answers, &read["digest"]).await.problem(), is(422, "invalid", Some(field)));
    }
    let other = json!(crate::record::Digest::of(b"another form"));
    assert_eq!(ask(json!([]), &other).await.problem(), is(422, "invalid", Some("about.digest")));
    assert_eq!(ask(answer("home-score", json!({ "tenths": 30 })), &read["digest"]).await.status, StatusCode::CREATED);
}

#[tokio::test]
async fn sent_back_and_amended_it_is_another_version_and_what_was_stays() {
    let ashes = Ashes::new().await;
    let first = ashes.completed(&ashes.filled_in()).await;
    ashes.sign(&first).await.ok();
    let reason = json!({ "reason": "nobody spoke with the father" });
    assert_eq!(ashes.act(&first, "return", &reason).await.problem(), is(403, "not-allowed", None));
    let back = ashes.managed(&first, "return", &reason).await;
    assert_eq!(back.status, StatusCode::CREATED, "{}", back.text());
    let second = back.json()["id"].as_str().unwrap().to_owned();
    assert_eq!((&back.json()["version"], &back.json()["line"]), (&json!(2), &json!(first)));
    assert_eq!(ashes.act(&first, "amendment", &reason).await.problem(), is(409, "conflict", None), "one version at a time");
    let tasks = ashes.host.get(&ashes.host.bristol, &within("/tasks")).await.ok();
    let mine = |tasks: &Value| {
        tasks["items"].as_array().unwrap().iter().filter(|t| t["key"].as_str().unwrap().starts_with("hearth:sent-back")).count()
    };
    assert_eq!(mine(&tasks), 1, "{tasks}");
    assert_eq!(ashes.says().await, ["signed-by-family"], "until the other is completed");

    let change = json!({ "changes": [{ "question": "home-score", "before": { "scale": 3.0 }, "answer": { "scale": 3.5 } }] });
    ashes.act(&second, "answers", &change).await.ok();
    assert_eq!(ashes.act(&second, "submission", &json!({})).await.ok()["assessed"], "2026-08-31", "the day of the one before");
    assert_eq!(ashes.says().await, ["completed"], "signatures are asked again");
    assert_eq!(mine(&ashes.host.get(&ashes.host.bristol, &within("/tasks")).await.ok()), 0);
    let home: Vec<Value> = ashes.facts("score").await.into_iter().filter(|f| f["detail"]["domain"] == "home").collect();
    assert_eq!((home.len(), &home[0]["detail"]["value_tenths"]), (1, &json!(35)));
    let before = ashes.read(&first).await.ok();
    assert_eq!((&before["state"], &before["answers"]["answers"]["home-score"]), (&json!("superseded"), &json!({ "scale": 3 })));
    let listed = ashes.list("assessments").await;
    let brief: Vec<_> = listed.as_array().unwrap().iter().map(|a| (a["version"].as_u64().unwrap(), a["state"].as_str().unwrap())).collect();
    assert_eq!(brief, [(2, "completed"), (1, "superseded")]);
    let known_then = within(&format!("/families/{}/facts?kind=score&revision=2", ashes.family));
    let then = ashes.host.get(&ashes.host.bristol, &known_then).await.ok();
    assert!(then["items"].as_array().unwrap().iter().any(|f| f["detail"]["domain"] == "home" && f["detail"]["value_tenths"] == 30));
}

#[tokio::test]
async fn a_request_is_met_by_the_assessment_and_the_next_review_is_due() {
    let ashes = Ashes::new().await;
    let policies = json!({ "policies": [{ "action": "assessment-request", "policy": "automatic" }] });
    ashes.host.put(&ashes.host.bristol, &within("/policies"), &policies).await.ok();
    let today = ashes.host.house.stores.clock().now().day();
    let asked = json!({ "form": "whole-family", "due": today.plus(3), "why": "eight weeks are nearly over" });
    let request = ashes.of_family("assessment-requests", &asked).await.ok();
    let unknown = json!({ "form": "no-such-form", "due": today, "why": "x" });
    assert_eq!(ashes.of_family("assessment-requests", &unknown).await.problem(), is(422, "invalid", Some("form")));
    let over = json!({ "form": "whole-family", "due": today.plus(-1), "why": "x" });
    assert_eq!(ashes.of_family("assessment-requests", &over).await.problem(), is(422, "invalid", Some("due")));
    let reviews = async |rest: &str| ashes.host.get(&ashes.host.bristol, &within(&format!("/reviews{rest}"))).await.ok()["items"].clone();
    assert_eq!(reviews("?state=due").await[0]["id"], request["id"]);
    assert_eq!(reviews("?state=overdue").await, json!([]));
    assert_eq!(reviews(&format!("?worker={}", crate::record::LoginId::fresh())).await, json!([]), "nobody's case of theirs");
    let theirs = format!("?worker={}", ashes.login.as_str().unwrap());
    assert_eq!(reviews(&theirs).await, json!([]));
    ashes.of_family("assignments", &json!({ "login": ashes.login, "role": "lead-worker" })).await.ok();
    assert_eq!(reviews(&theirs).await[0]["id"], request["id"], "once it is their case");

    let id = ashes.completed(&ashes.filled_in()).await;
    let all = ashes.list("assessment-requests").await;
    let met = all.as_array().unwrap().iter().find(|r| r["id"] == request["id"]).unwrap().clone();
    assert_eq!((&met["state"], &met["assessment"]), (&json!("met"), &json!(id)));
    let next =
        all.as_array().unwrap().iter().find(|r| r["state"] == "open").unwrap_or_else(|| panic!("the plugin asks for a review: {all}"));
    assert!(next["proposal"].is_string() && next["why"].is_null());
    ashes.host.wait(400 * 24 * 60);
    let late = reviews("?state=overdue").await;
    assert_eq!((&late[0]["id"], late.as_array().unwrap().len()), (&next["id"], 1));
    assert!(late[0]["overdue_days"].as_i64().unwrap() > 300);

    // The review meets it; its proposal is carried out, and what is corrected meets nothing.
    let review = ashes.completed(&ashes.filled_in()).await;
    let proposal = within(&format!("/proposals/{}", next["proposal"].as_str().unwrap()));
    let again = ashes.list("assessment-requests").await;
    let settled = again.as_array().unwrap().iter().find(|r| r["id"] == next["id"]).unwrap();
    assert_eq!((&settled["state"], &settled["assessment"]), (&json!("met"), &json!(review)));
    assert_eq!(ashes.host.get(&ashes.host.bristol, &proposal).await.ok()["state"], "carried-out");
}

#[tokio::test]
async fn a_plugin_that_fails_leaves_what_was_submitted_and_is_asked_again() {
    let ashes = Ashes::new().await;
    let id = ashes.begin().await;
    ashes.type_all(&id, &ashes.filled_in(), "*").await.ok();
    let installation = ashes.read(&id).await.ok()["installation"].as_str().unwrap().to_owned();
    let store = ashes.host.house.stores.authority(&crate::store::tests::code(crate::store::tests::BRISTOL)).await.unwrap();
    let mut tx = store.write("hearth", "parked a plugin").await.unwrap();
    let why = "it failed again and again".to_owned();
    let parked = crate::store::Parked { installation: installation.parse().unwrap(), since: tx.now(), why, failures: 10, runs: 10 };
    tx.park(&parked).await.unwrap();
    tx.commit().await.unwrap();
    let sent = ashes.act(&id, "submission", &json!({ "as_of": "2026-08-31" })).await.ok();
    assert_eq!(sent["state"], "submitted");
    let undecided = sent["undecided"].as_str().unwrap_or_else(|| panic!("{sent}")).to_owned();
    assert!(ashes.says().await.is_empty());
    assert_eq!(ashes.type_all(&id, &json!({}), "*").await.problem(), is(409, "conflict", None), "it is submitted");
    assert_eq!(ashes.read(&id).await.ok()["answers"]["answers"]["home-score"], json!({ "scale": 3 }), "nothing of it is lost");

    let unpark = within(&format!("/installations/{installation}/unpark"));
    ashes.host.post(&ashes.host.bristol, &unpark, &json!({ "reason": "it was mended" })).await.ok();
    ashes.host.post(&ashes.host.bristol, &within(&format!("/undecided/{undecided}/retry")), &json!({})).await.ok();
    assert_eq!(ashes.read(&id).await.ok()["state"], "completed");
    assert_eq!(ashes.says().await, ["completed"]);
    assert_eq!(ashes.host.get(&ashes.host.bristol, &within("/undecided")).await.ok()["items"], json!([]));
}

#[tokio::test]
async fn who_sees_a_part_of_the_family_sees_that_it_was_assessed_and_not_a_word_of_it() {
    let ashes = Ashes::new().await;
    let id = ashes.completed(&ashes.filled_in()).await;
    ashes.act(&id, "amendment", &json!({ "reason": "the school was late" })).await.ok();
    let bristol = &ashes.host.bristol;
    let agreement = json!({
        "organisation": "hill-school", "sections": ["assessments", "household"], "purposes": ["casework"], "basis": "consent", "first": "2020-01-01",
    });
    let agreement = ashes.host.post(bristol, &within("/agreements"), &agreement).await.ok();
    let share = json!({ "agreement": agreement["id"], "why": "a plan", "how": "a signed form", "given_by": "Bryony" });
    ashes.of_family("shares", &share).await.ok();
    let partner = json!({ "name": "Sal Sedge", "role": "partner", "organisation": "hill-school" });
    let partner = ashes.host.post(bristol, &within("/people"), &partner).await.ok();
    let token = ashes.host.post(bristol, &within("/tokens"), &json!({ "name": "tests", "login": partner["login"] })).await.ok();
    let token = token["token"].as_str().unwrap();
    let read = ashes.host.get(token, &within(&format!("/assessments/{id}"))).await.ok();
    assert_eq!((&read["state"], &read["withheld"]), (&json!("completed"), &json!(true)));
    for word in ["answers", "judged"] {
        assert!(read.get(word).is_none(), "{read}");
    }
    assert!(!read.to_string().contains("late"), "the reason is withheld too: {read}");
    let typed = ashes.host.post(token, &within(&format!("/assessments/{id}/answers")), &json!({ "changes": [{ "question": "x" }] })).await;
    assert_eq!(typed.problem(), is(403, "not-allowed", None));
}

#[tokio::test]
async fn a_seal_hides_what_is_about_whom_it_hides_and_an_erasure_takes_what_was_typed() {
    let ashes = Ashes::new().await;
    let id = ashes.completed(&ashes.filled_in()).await;
    ashes.managed(&id, "return", &json!({ "reason": "QUILLON" })).await.ok();
    let hazel = &ashes.people[2];
    assert!(ashes.read(&id).await.text().contains(hazel));
    let seal = json!({ "member": hazel, "names": [], "reason": "nobody is to know" });
    let sealed = ashes.host.post(&ashes.manager, &within(&format!("/families/{}/seals", ashes.family)), &seal).await;
    sealed.ok();
    let read = ashes.read(&id).await;
    assert!(!read.text().contains(hazel), "{}", read.text());

    let erase = json!({ "family": ashes.family, "why": "asked", "rehearsal": false });
    ashes.host.post(&ashes.host.officer, &within("/erasures"), &erase).await.ok();
    let read = ashes.read(&id).await;
    assert!(!read.text().contains("QUILLON") && !read.text().contains("Mornings without"), "{}", read.text());
    let read = read.ok();
    assert!(read.get("answers").is_none() && read.get("judged").is_none(), "{read}");
    assert_eq!((&read["state"], &read["acts"][0]["act"], &read["facts"]), (&json!("sent-back"), &json!("submitted"), &json!([])));
}
