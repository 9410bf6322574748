//! The programme through the API: a plugin is uploaded, adopted, asked; what it answers is kept, told and repeated.

use axum::body::Body;
use axum::http::{Method, StatusCode, header};
use serde_json::{Value, json};

use super::{Got, Host, is, request, within};
use crate::sandbox::for_tests::built;

pub(super) fn demo(file: &str) -> Value {
    let path = format!("{}/demo/{file}", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

impl Host {
    pub(super) async fn upload(&self, name: &str) -> Got {
        let upload = request(Method::POST, &self.bristol, "/v1/plugins").header(header::CONTENT_TYPE, "application/wasm");
        self.send(upload.body(Body::from(built(name))).unwrap()).await
    }

    /// Uploads, proposes with all that is asked for, activates: the installation's address.
    pub(super) async fn adopt(&self, name: &str, settings: Value) -> String {
        let plugin = self.upload(name).await.ok();
        let grants: Vec<_> = plugin["asks"].as_array().unwrap().iter().map(|a| a["interface"].clone()).collect();
        let proposal = json!({ "plugin": plugin["digest"], "grants": grants, "settings": settings });
        let proposed = self.post(&self.bristol, &within("/installations"), &proposal).await;
        assert_eq!(proposed.status, StatusCode::CREATED, "{}", proposed.text());
        let at = proposed.headers[header::LOCATION].to_str().unwrap().to_owned();
        self.one_person_approves().await;
        assert_eq!(self.post(&self.bristol, &format!("{at}/activation"), &json!({})).await.ok()["status"], "active");
        at
    }

    /// Whoever may activate a plugin here does: what two people do is `reviewing`'s.
    pub async fn one_person_approves(&self) {
        let rules = within("/plugin-review");
        if self.get(&self.bristol, &rules).await.ok()["approval"] == "two-people" {
            self.put(&self.bristol, &rules, &json!({ "approval": "one-person", "watch": { "failures": 0, "of_last": 20 } })).await.ok();
        }
    }

    /// A demonstration family of Bristol, with the organisations that know of it: its id.
    pub(super) async fn demo_family(&self, name: &str) -> Value {
        for organisation in demo("organisations.json").as_array().unwrap() {
            self.post(&self.bristol, "/v1/organisations", organisation).await.ok();
        }
        let mut statements = demo("coverage.json");
        statements.as_array_mut().unwrap().retain(|s| s["authority"] == "E06000023");
        for statement in statements.as_array_mut().unwrap() {
            statement.as_object_mut().unwrap().remove("authority");
        }
        self.post(&self.bristol, &within("/coverage"), &json!({ "statements": statements })).await.ok();
        let family = demo(&format!("families/E06000023/{name}.json"));
        self.post(&self.bristol, &within("/families"), &family).await.ok()["id"].clone()
    }

    pub(super) async fn decide(&self, family: &Value, question: &str) -> Got {
        let asked = json!({ "family": family, "question": question, "as_of": "2026-08-31" });
        self.post(&self.bristol, &within("/decisions"), &asked).await
    }
}

#[tokio::test]
async fn a_plugin_is_published_once() {
    let host = Host::new().await;
    let first = host.upload("bristol-outcomes").await;
    assert_eq!(first.status, StatusCode::CREATED, "{}", first.text());
    let again = host.upload("bristol-outcomes").await;
    assert_eq!((again.status, &again.bytes), (StatusCode::OK, &first.bytes));
    let plugin = first.json();
    let at = first.headers[header::LOCATION].to_str().unwrap();
    assert_eq!(host.get(&host.leeds, at).await.ok(), plugin);
    assert_eq!(host.get(&host.leeds, "/v1/plugins").await.ok()["items"][0]["digest"], plugin["digest"]);
    assert!(plugin["asks"].as_array().unwrap().iter().any(|a| a["interface"] == "hearth:family/education" && a["why"]["cy"].is_string()));
    let inspection = host.get(&host.leeds, &format!("{at}/inspection")).await;
    assert!(inspection.headers[header::CONTENT_TYPE].to_str().unwrap().starts_with("text/plain"));
    assert!(inspection.text().contains("What it asks to see"), "{}", inspection.text());

    // Other bytes under the same name and version.
    let mut other = built("bristol-outcomes");
    // A custom section of two bytes: the length of its name, and its name.
    other.extend([0, 2, 1, b'x']);
    let upload = request(Method::POST, &host.bristol, "/v1/plugins").header(header::CONTENT_TYPE, "application/wasm");
    let refused = host.send(upload.body(Body::from(other)).unwrap()).await;
    assert_eq!(refused.problem(), is(409, "exists", Some("name and version")));
}

#[tokio::test]
async fn an_installation_runs_with_what_was_granted_or_not_at_all() {
    let host = Host::new().await;
    let plugin = host.upload("bristol-outcomes").await.ok();
    let propose = async |grants: Value, settings: Value| {
        let proposal = json!({ "plugin": plugin["digest"], "grants": grants, "settings": settings });
        host.post(&host.bristol, &within("/installations"), &proposal).await
    };
    assert_eq!(propose(json!(["hearth:family/horoscope"]), json!({})).await.problem(), is(422, "invalid", Some("grants[0]")));
    let odd = propose(json!([]), json!({ "problems-needed": 7 })).await;
    assert_eq!(odd.problem(), is(422, "invalid", Some("settings.problems-needed")));
    let unknown = json!({ "plugin": crate::record::Digest::of(b"another"), "grants": [], "settings": {} });
    assert_eq!(host.post(&host.bristol, &within("/installations"), &unknown).await.problem(), is(422, "invalid", Some("plugin")));

    let proposed = propose(json!([]), json!({})).await;
    let at = proposed.headers[header::LOCATION].to_str().unwrap().to_owned();
    let activate = format!("{at}/activation");
    let refused = host.post(&host.bristol, &activate, &json!({})).await;
    assert_eq!(refused.problem(), is(422, "plugin-not-granted", None));
    assert!(refused.json()["interfaces"].as_array().unwrap().contains(&json!("hearth:family/household")), "{}", refused.text());
    assert_eq!(host.get(&host.bristol, &at).await.ok()["status"], "proposed");

    let all: Vec<_> = plugin["asks"].as_array().unwrap().iter().map(|a| a["interface"].clone()).collect();
    host.put(&host.bristol, &format!("{at}/grants"), &json!({ "grants": all })).await.ok();
    let set = host.put(&host.bristol, &format!("{at}/settings"), &json!({ "settings": { "problems-needed": 3 } })).await.ok();
    assert_eq!((&set["settings"]["problems-needed"], set["grants"].as_array().unwrap().len()), (&json!(3), all.len()));
    assert_eq!(host.post(&host.bristol, &activate, &json!({})).await.ok()["replaced"], json!([]));
    assert_eq!(host.post(&host.bristol, &activate, &json!({})).await.problem(), is(409, "conflict", None));
    let late = host.put(&host.bristol, &format!("{at}/grants"), &json!({ "grants": [] })).await;
    assert_eq!(late.problem(), is(409, "conflict", None));
    assert_eq!(host.post(&host.bristol, &format!("{at}/retirement"), &json!({})).await.ok()["status"], "retired");
    // Another council's adoption is as if it were not there.
    let leeds = at.replace("E06000023", super::LEEDS);
    assert_eq!(host.get(&host.leeds, &leeds).await.problem(), is(404, "no-such", Some("installation")));
}

#[tokio::test]
async fn a_decision_is_kept_told_and_repeated() {
    let host = Host::new().await;
    let family = host.demo_family("br-0002-sons-at-89-and-90").await;
    assert_eq!(host.decide(&family, "suited").await.problem(), is(409, "nobody-decides", None));
    let installation = host.adopt("bristol-outcomes", json!({})).await;
    let nobody = json!(crate::record::FamilyId::fresh());
    assert_eq!(host.decide(&nobody, "suited").await.problem(), is(422, "invalid", Some("family")));

    let made = host.decide(&family, "suited").await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text());
    let decision = made.json();
    let at = made.headers[header::LOCATION].to_str().unwrap();
    assert_eq!(host.get(&host.bristol, at).await.ok(), decision, "read as it was answered");
    assert_eq!(decision["question"], "progress");
    let findings = decision["findings"].as_array().unwrap();
    let facts = findings.iter().flat_map(|f| f["reasons"].as_array().unwrap()).flat_map(|r| r["rests_on"].as_array().unwrap());
    let fact = facts.filter_map(|b| b["fact"].as_str()).next().expect("no finding rests on a fact");
    host.get(&host.bristol, &within(&format!("/facts/{fact}"))).await.ok();

    let welsh = host.get(&host.bristol, &format!("{at}?language=cy")).await.ok();
    assert_eq!(welsh["result"], decision["result"]);
    assert_ne!(welsh["findings"][0]["reasons"][0]["sentence"], decision["findings"][0]["reasons"][0]["sentence"]);

    let replayed = host.post(&host.bristol, &format!("{at}/replay"), &json!({})).await.ok();
    assert_eq!((&replayed["answer"]["is"], &replayed["inputs"]["are"]), (&json!("same"), &json!("still-follow")), "{replayed}");

    let list = host.get(&host.bristol, &within(&format!("/decisions?family={}", family.as_str().unwrap()))).await.ok();
    assert_eq!(list["items"][0]["id"], decision["id"]);
    let claims = host.get(&host.bristol, &within(&format!("/families/{}/claims", family.as_str().unwrap()))).await.ok();
    assert_eq!(claims["items"].as_array().unwrap().len(), decision["claims"].as_array().unwrap().len());
    let tasks = host.get(&host.bristol, &within("/tasks")).await.ok();
    let proposed = ["claims", "tasks"].map(|what| decision[what].as_array().unwrap());
    let came_to: std::collections::BTreeSet<_> = proposed.into_iter().flatten().map(|p| p["came_to"].as_str().unwrap()).collect();
    assert!(came_to.is_subset(&["drafted", "given-out"].into()) && !came_to.is_empty(), "{came_to:?}");
    let titles = |tasks: &Value| tasks.as_array().unwrap().iter().map(|t| t["title"].clone()).collect::<Vec<_>>();
    assert_eq!(titles(&tasks["items"]), titles(&decision["tasks"]));
    host.get(&host.bristol, &format!("{installation}/runs")).await.ok();
}

#[tokio::test]
async fn a_decision_asked_for_again_with_its_key_is_made_once() {
    let host = Host::new().await;
    let family = host.demo_family("br-0001-debt").await;
    host.adopt("bristol-outcomes", json!({})).await;
    let asked = json!({ "family": family, "question": "eligibility", "as_of": "2026-08-31", "language": "cy" });
    let mut answers = Vec::new();
    for _ in 0..2 {
        let mut request = super::json_request(Method::POST, &host.bristol, &within("/decisions"), &asked);
        request.headers_mut().insert("idempotency-key", "one".parse().unwrap());
        let got = host.send(request).await;
        assert_eq!(got.status, StatusCode::CREATED, "{}", got.text());
        answers.push(got.bytes);
    }
    assert_eq!(answers[0], answers[1]);
    assert_eq!(host.get(&host.bristol, &within("/decisions")).await.ok()["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_plugin_that_fails_decides_nothing_and_the_host_serves_on() {
    let host = Host::new().await;
    let family = host.family("BR-1").await["id"].clone();
    for (attack, status, code) in [
        ("panic", 422, "plugin-trapped"),
        ("loop", 422, "plugin-out-of-instructions"),
        ("memory", 422, "plugin-out-of-memory"),
        ("answer with an unknown word", 422, "plugin-answer-refused"),
    ] {
        let at = host.adopt("hostile", json!({ "attack": attack })).await;
        let got = host.decide(&family, "progress").await;
        assert_eq!(got.problem(), is(status, code, None), "{attack}: {}", got.text());
        let problem = got.json();
        assert_eq!(problem["plugin"], "hostile");
        let runs = host.get(&host.bristol, &format!("{at}/runs")).await.ok();
        assert_eq!((&runs["items"][0]["id"], &runs["items"][0]["outcome"]), (&problem["run"], &json!(code)));
    }
    assert_eq!(host.get(&host.bristol, &within("/decisions")).await.ok()["items"], json!([]));
    // A refusal is an answer.
    host.adopt("hostile", json!({ "attack": "refuse" })).await;
    let refused = host.decide(&family, "progress").await.ok();
    assert_eq!((&refused["result"], &refused["refused"]["why"]), (&json!("no-rate"), &json!("no-rate")));
}
