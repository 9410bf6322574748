//! A claim from the draft to the money: audited by the authority's own stages, by different people, on evidence that stands.

use axum::body::Body;
use axum::http::{Method, StatusCode, header};
use serde_json::{Value, json};

use super::{Got, Host, is, request, within};

/// Bristol with a plugin that claims, a family that may be claimed for, and people who check.
pub(super) struct Claiming {
    pub host: Host,
    pub family: String,
    pub decision: Value,
    manager: String,
    data_manager: String,
    auditor: String,
}

impl Claiming {
    pub(super) async fn new() -> Self {
        let host = Host::new().await;
        let family = host.demo_family("br-0004-call-outs-11-to-4").await;
        host.adopt("bristol-outcomes", json!({})).await;
        let decision = host.decide(&family, "progress").await.ok();
        let drafted = decision["claims"].as_array().unwrap().iter().filter(|c| c["came_to"] == "drafted").count();
        assert!(drafted > 0, "nothing was drafted: {}", decision["claims"]);
        let mut tokens = Vec::new();
        for role in ["manager", "data-manager", "auditor"] {
            let made = host.post(&host.bristol, &within("/people"), &json!({ "name": role, "role": role })).await.ok();
            let token = json!({ "name": "tests", "login": made["login"] });
            tokens.push(host.post(&host.bristol, &within("/tokens"), &token).await.ok()["token"].as_str().unwrap().to_owned());
        }
        let [manager, data_manager, auditor] = <[String; 3]>::try_from(tokens).unwrap();
        Self { family: family.as_str().unwrap().to_owned(), decision, host, manager, data_manager, auditor }
    }

    async fn rules(&self, stages: Value, approval: Value) {
        let rules = json!({ "claims": true, "stages": stages, "approval": approval });
        self.host.put(&self.host.bristol, &within("/claim-rules"), &rules).await.ok();
    }

    /// The first claim that was drafted.
    async fn claim(&self) -> i64 {
        self.host.get(&self.manager, &within("/claims")).await.ok()["items"][0]["claim"].as_i64().unwrap()
    }

    async fn step(&self, who: &str, claim: i64, body: Value) -> Got {
        self.host.post(who, &within(&format!("/claims/{claim}/steps")), &body).await
    }

    async fn check(&self, who: &str, claim: i64, act: &str, stage: &str) -> Got {
        let mut body = json!({ "act": act, "stage": stage });
        if act != "pass" {
            body["reason"] = json!("the spring term is missing");
        }
        self.host.post(who, &within(&format!("/claims/{claim}/checks")), &body).await
    }

    async fn read(&self, claim: i64) -> Value {
        self.host.get(&self.manager, &within(&format!("/claims/{claim}"))).await.ok()
    }

    /// Without stages, by two people.
    async fn approved(&self) -> i64 {
        let claim = self.claim().await;
        self.step(&self.data_manager, claim, json!({ "act": "put-forward" })).await.ok();
        assert_eq!(self.step(&self.manager, claim, json!({ "act": "approve" })).await.ok()["state"], "approved");
        claim
    }

    /// Withdraws a fact that a reason of the decision rests on.
    async fn correct(&self) -> String {
        let findings = self.decision["findings"].as_array().unwrap();
        let facts = findings.iter().flat_map(|f| f["reasons"].as_array().unwrap()).flat_map(|r| r["rests_on"].as_array().unwrap());
        let fact = facts.filter_map(|b| b["fact"].as_str()).next().expect("no finding rests on a fact").to_owned();
        self.host.post(&self.host.bristol, &within(&format!("/facts/{fact}/withdrawal")), &json!({})).await.ok();
        fact
    }

    async fn file(&self, batch: &Value) -> Got {
        self.host.get(&self.manager, &within(&format!("/claim-batches/{batch}/file"))).await
    }
}

fn paid() -> Value {
    json!({ "act": "pay", "amount_pence": 80_000, "on": "2026-10-30", "reference": "MHCLG-2026/17" })
}

#[tokio::test]
async fn a_claim_goes_through_the_authoritys_stages_to_the_money() {
    let of = Claiming::new().await;
    let stages = json!([
        { "name": "team check", "roles": ["manager", "data-manager"], "share": 100, "another_person": true },
        { "name": "internal audit", "roles": ["auditor"], "share": 100, "another_person": true },
    ]);
    of.rules(stages, json!({ "roles": ["manager", "data-manager"], "another_person": true })).await;
    let claim = of.claim().await;
    assert_eq!(of.read(claim).await["state"], "draft");
    assert_eq!(of.step(&of.manager, claim, json!({ "act": "approve" })).await.problem(), is(409, "conflict", None), "not checked yet");
    assert_eq!(of.step(&of.data_manager, claim, json!({ "act": "put-forward" })).await.ok()["state"], "in-audit");

    // Each stage by whom it is for, in order, and by somebody else.
    assert_eq!(of.check(&of.data_manager, claim, "pass", "team check").await.problem(), is(403, "not-allowed", None), "put it forward");
    assert_eq!(of.check(&of.auditor, claim, "pass", "team check").await.problem(), is(403, "not-allowed", None), "not the auditor's");
    assert_eq!(of.check(&of.auditor, claim, "pass", "internal audit").await.problem(), is(409, "conflict", None), "not its turn");
    assert_eq!(of.check(&of.manager, claim, "pass", "tea").await.problem(), is(422, "invalid", Some("stage")));
    assert_eq!(of.check(&of.manager, claim, "pass", "team check").await.ok()["state"], "in-audit");
    assert_eq!(of.check(&of.manager, claim, "pass", "team check").await.problem(), is(409, "conflict", None), "somebody was first");
    assert_eq!(of.check(&of.auditor, claim, "send-back", "internal audit").await.ok()["state"], "sent-back");

    // Once more from the beginning: it draws the same.
    let drew = of.read(claim).await["stages"].clone();
    of.step(&of.data_manager, claim, json!({ "act": "put-forward" })).await.ok();
    let again = of.read(claim).await;
    let draws = |stages: &Value| stages.as_array().unwrap().iter().map(|s| s["drawn"].clone()).collect::<Vec<_>>();
    assert_eq!((draws(&again["stages"]), &again["stages"][0]["passed"]), (draws(&drew), &json!(false)));
    of.check(&of.manager, claim, "pass", "team check").await.ok();
    assert_eq!(of.check(&of.auditor, claim, "pass", "internal audit").await.ok()["state"], "checked");
    for (who, had) in [(&of.manager, "passed it"), (&of.data_manager, "put it forward")] {
        assert_eq!(of.step(who, claim, json!({ "act": "approve" })).await.problem(), is(403, "not-allowed", None), "{had}");
    }
    of.rules(json!([]), json!({ "roles": ["manager"], "another_person": false })).await;
    assert_eq!(of.step(&of.data_manager, claim, json!({ "act": "approve" })).await.problem(), is(403, "not-allowed", None), "not the role");
    of.step(&of.manager, claim, json!({ "act": "approve" })).await.ok();

    assert_eq!(of.step(&of.manager, claim, paid()).await.problem(), is(409, "conflict", None), "it was not sent");
    let made = of.host.post(&of.manager, &within("/claim-batches"), &json!({ "claims": [claim] })).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text());
    let batch = made.json()["batch"].clone();
    let first = of.file(&batch).await;
    assert!(first.headers[header::CONTENT_TYPE].to_str().unwrap().starts_with("text/csv"));
    of.host.post(&of.manager, &within(&format!("/claim-batches/{batch}/submission")), &json!({})).await.ok();
    assert_eq!(of.step(&of.manager, claim, paid()).await.ok()["state"], "paid");
    let over = json!({ "act": "repay", "amount_pence": 80_001, "on": "2026-11-02", "reference": "R-1", "reason": "spot check" });
    assert_eq!(of.step(&of.manager, claim, over).await.problem(), is(422, "invalid", Some("amount_pence")));
    let back = json!({ "act": "repay", "amount_pence": 80_000, "on": "2026-11-02", "reference": "R-1", "reason": "spot check" });
    assert_eq!(of.step(&of.manager, claim, back).await.ok()["state"], "repaid");
    assert_eq!(of.file(&batch).await.bytes, first.bytes, "the same file, byte for byte, whatever became of the claims");

    let whole = of.read(claim).await;
    let way: Vec<_> = whole["way"].as_array().unwrap().iter().map(|s| s["act"].as_str().unwrap()).collect();
    let acts = ["put-forward", "pass", "send-back", "put-forward", "pass", "pass", "approve", "put-in-batch", "submit", "pay", "repay"];
    assert_eq!(way, acts);
    assert!(whole["way"][2]["by"].as_str().unwrap().starts_with("auditor ("), "{}", whole["way"][2]);
    assert_eq!((&whole["way"][2]["reason"], &whole["next"]), (&json!("the spring term is missing"), &json!([])));
    assert_eq!((&whole["way"][9]["reference"], &whole["way"][9]["on"]), (&json!("MHCLG-2026/17"), &json!("2026-10-30")));
}

#[tokio::test]
async fn of_two_people_who_do_it_at_once_one_is_told_that_somebody_was_first() {
    let of = Claiming::new().await;
    let claim = of.claim().await;
    let act = || json!({ "act": "put-forward" });
    let (one, other) = tokio::join!(of.step(&of.manager, claim, act()), of.step(&of.data_manager, claim, act()));
    let mut states = [one.status.as_u16(), other.status.as_u16()];
    states.sort_unstable();
    assert_eq!(states, [200, 409], "{} {}", one.text(), other.text());
    assert_eq!(of.read(claim).await["way"].as_array().unwrap().len(), 1);
    // Sent again with its key it is done once.
    let withdraw = json!({ "act": "withdraw", "reason": "it was a mistake" });
    let path = within(&format!("/claims/{claim}/steps"));
    for _ in 0..2 {
        let mut request = super::json_request(Method::POST, &of.manager, &path, &withdraw);
        request.headers_mut().insert("idempotency-key", "w".parse().unwrap());
        assert_eq!(of.host.send(request).await.ok()["state"], "withdrawn");
    }
    assert_eq!(of.read(claim).await["way"].as_array().unwrap().len(), 2);
    // And never again: the result is one, however it ended.
    of.host.decide(&json!(of.family), "progress").await.ok();
    let claims = of.host.get(&of.manager, &within(&format!("/families/{}/claims", of.family))).await.ok();
    let mut kinds: Vec<_> = claims["items"].as_array().unwrap().iter().map(|c| c["kind"].as_str().unwrap()).collect();
    let all = kinds.len();
    kinds.dedup();
    assert_eq!(kinds.len(), all, "{claims}");
    assert_eq!(of.read(claim).await["state"], "withdrawn");
}

#[tokio::test]
async fn a_claim_whose_facts_were_corrected_goes_no_further_until_somebody_looked() {
    let of = Claiming::new().await;
    let claim = of.approved().await;
    let batch = of.host.post(&of.manager, &within("/claim-batches"), &json!({})).await.ok()["batch"].clone();
    let submission = within(&format!("/claim-batches/{batch}/submission"));
    assert_eq!(of.read(claim).await["corrected"], json!([]));
    let fact = of.correct().await;
    assert_eq!(of.read(claim).await["corrected"], json!([fact]));
    let refused = of.host.post(&of.manager, &submission, &json!({})).await;
    assert_eq!(refused.problem(), is(409, "conflict", None));
    assert!(refused.json()["detail"].as_str().unwrap().contains(&format!("claim {claim}: 1 of its facts")), "{}", refused.text());
    assert_eq!(of.read(claim).await["state"], "in-batch", "nothing of the file was sent");
    assert_eq!(of.step(&of.manager, claim, json!({ "act": "look" })).await.problem(), is(422, "invalid", Some("reason")));
    let looked = json!({ "act": "look", "reason": "the result stands without it" });
    assert_eq!(of.step(&of.manager, claim, looked).await.ok()["state"], "in-batch");
    assert_eq!(of.read(claim).await["corrected"], json!([]));
    of.host.post(&of.manager, &submission, &json!({})).await.ok();
    assert_eq!(of.host.post(&of.manager, &submission, &json!({})).await.problem(), is(409, "conflict", None), "once");
    assert_eq!(of.read(claim).await["state"], "submitted");
}

#[tokio::test]
async fn a_file_that_was_discarded_gives_its_claims_back_and_every_number_is_used_once() {
    let of = Claiming::new().await;
    assert_eq!(
        of.host.post(&of.manager, &within("/claim-batches"), &json!({})).await.problem(),
        is(409, "conflict", None),
        "none approved"
    );
    let claim = of.approved().await;
    for (claims, field) in [(json!([]), "claims"), (json!([claim, claim]), "claims"), (json!([999]), "claims")] {
        let got = of.host.post(&of.manager, &within("/claim-batches"), &json!({ "claims": claims })).await;
        assert_eq!(got.problem(), is(422, "invalid", Some(field)), "{claims}");
    }
    let make = async || of.host.post(&of.manager, &within("/claim-batches"), &json!({})).await;
    let first = make().await.ok()["batch"].clone();
    assert_eq!(make().await.problem(), is(409, "conflict", None), "it stands in a file already");
    let withdraw = json!({ "act": "withdraw", "reason": "a mistake" });
    assert_eq!(of.step(&of.manager, claim, withdraw.clone()).await.problem(), is(409, "conflict", None), "the file would be another");
    of.host.post(&of.manager, &within(&format!("/claim-batches/{first}/discard")), &json!({})).await.ok();
    assert_eq!(of.read(claim).await["state"], "approved");
    let second = make().await.ok()["batch"].clone();
    assert_eq!(second.as_i64(), first.as_i64().map(|n| n + 1));
    let text = String::from_utf8(of.file(&second).await.bytes).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], "authority,batch,row,claim,family,result,pounds,entitled_on,evidence");
    assert!(lines[1].starts_with(&format!("E06000023,{second},1,{claim},{}", of.family)), "{text}");
    assert_eq!(lines.len(), 2);
    let listed = of.host.get(&of.manager, &within("/claim-batches")).await.ok();
    let states: Vec<_> = listed["items"].as_array().unwrap().iter().map(|b| b["state"].as_str().unwrap()).collect();
    assert_eq!(states, ["made", "discarded"]);
}

#[tokio::test]
async fn the_evidence_is_all_there_names_nobody_and_is_still_what_was_approved() {
    let of = Claiming::new().await;
    let claim = of.approved().await;
    let at = within(&format!("/claims/{claim}/evidence"));
    let evidence = of.host.get(&of.auditor, &at).await.ok();
    assert_eq!((&evidence["decision"]["id"], &evidence["decision"]["answer"]), (&of.decision["id"], &of.decision["answer"]));
    assert_eq!(evidence["plugin"]["digest"], of.decision["plugin"]["digest"]);
    let findings = evidence["findings"].as_array().unwrap();
    assert!(findings.iter().any(|f| f["claimed"] == true) && findings.iter().all(|f| f["reasons"].is_array()), "{findings:?}");
    let facts = evidence["facts"].as_array().unwrap();
    let cited: std::collections::BTreeSet<&str> = findings
        .iter()
        .flat_map(|f| f["reasons"].as_array().unwrap())
        .flat_map(|r| r["facts"].as_array().unwrap())
        .map(|f| f.as_str().unwrap())
        .collect();
    assert!(!cited.is_empty());
    assert_eq!(cited, facts.iter().map(|f| f["id"].as_str().unwrap()).collect());
    assert!(facts.iter().all(|f| f["source"].is_string() && f["first"].is_string() && f["known_at"].is_string()), "{facts:?}");
    assert!(!evidence["coverage"].as_array().unwrap().is_empty());
    assert_eq!(evidence["trail"].as_array().unwrap().len(), 2);
    assert_eq!(
        (&evidence["approved"]["still"], evidence["approved"]["by"].as_str().unwrap().starts_with("manager (")),
        (&json!(true), true)
    );

    // A later step changes the trail, and not what was approved.
    of.step(&of.manager, claim, json!({ "act": "withdraw", "reason": "they asked us to" })).await.ok();
    let later = of.host.get(&of.auditor, &at).await.ok();
    assert_eq!((&later["approved"], later["trail"].as_array().unwrap().len()), (&evidence["approved"], 3));

    let page = of.host.get(&of.auditor, &within(&format!("/claims/{claim}/evidence-page"))).await;
    assert!(page.headers[header::CONTENT_TYPE].to_str().unwrap().starts_with("text/html"));
    let page = page.text();
    assert!(page.contains("Evidence of claim") && page.contains("they asked us to") && !page.contains("<script"), "{page}");
    assert!(!page.contains("http://") && !page.contains("https://"), "nothing from elsewhere");
    let family = of.host.get(&of.host.bristol, &within(&format!("/families/{}", of.family))).await.ok();
    for member in family["members"].as_array().unwrap() {
        let name = member["name"]["given"].as_str().unwrap();
        assert!(!page.contains(name), "{name} is named");
    }
    // Erased by law, it says so; the reason that somebody wrote goes too, and what was done stays.
    let erased = json!({ "family": of.family, "why": "ordered", "rehearsal": false });
    of.host.post(&of.host.officer, &within("/erasures"), &erased).await.ok();
    let gone = of.host.get(&of.auditor, &at).await.ok();
    assert_eq!((&gone["facts"], &gone["approved"]["still"], gone["evidence_erased_on"].is_string()), (&json!([]), &json!(false), true));
    assert!(gone["trail"][2]["reason"].is_null() && gone["trail"][2]["act"] == "withdraw", "{}", gone["trail"]);
}

#[tokio::test]
async fn what_was_erased_is_claimed_no_further() {
    let of = Claiming::new().await;
    let claim = of.approved().await;
    let erased = json!({ "family": of.family, "why": "ordered", "rehearsal": false });
    of.host.post(&of.host.officer, &within("/erasures"), &erased).await.ok();
    assert!(of.read(claim).await["evidence_erased_on"].is_string());
    assert_eq!(of.host.post(&of.manager, &within("/claim-batches"), &json!({})).await.problem(), is(409, "conflict", None));
    of.step(&of.manager, claim, json!({ "act": "withdraw", "reason": "its evidence went" })).await.ok();
}

#[tokio::test]
async fn rules_that_name_nobody_or_twice_are_refused_and_two_who_set_them_do_not_overwrite_each_other() {
    let of = Claiming::new().await;
    let stage = |changes: Value| {
        let mut stage = json!({ "name": "team check", "roles": ["manager"], "share": 10 });
        for (field, value) in changes.as_object().unwrap() {
            stage[field] = value.clone();
        }
        json!({ "claims": true, "stages": [stage], "approval": { "roles": ["manager"] } })
    };
    for (rules, field) in [
        (stage(json!({ "roles": ["keyworker"] })), "stages[0].roles[0]"),
        (stage(json!({ "roles": ["pirate"] })), "stages[0].roles[0]"),
        (stage(json!({ "share": 0 })), "stages[0].share"),
        (stage(json!({ "name": "approval" })), "stages[0].name"),
        (json!({ "claims": true, "approval": { "roles": ["auditor"] } }), "approval.roles[0]"),
        (json!({ "claims": true, "approval": { "roles": [] } }), "approval.roles"),
        (json!({ "approval": { "roles": ["manager"] } }), "claims"),
    ] {
        let got = of.host.put(&of.host.bristol, &within("/claim-rules"), &rules).await;
        assert_eq!(got.problem(), is(422, "invalid", Some(field)), "{rules}");
    }
    let seen = of.host.get(&of.manager, &within("/claim-rules")).await.headers[header::ETAG].clone();
    of.rules(json!([]), json!({ "roles": ["manager"] })).await;
    let late = request(Method::PUT, &of.manager, &within("/claim-rules"))
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::IF_MATCH, seen)
        .body(Body::from(stage(json!({})).to_string()));
    assert_eq!(of.host.send(late.unwrap()).await.problem(), is(412, "changed-meanwhile", Some("If-Match")));
}
