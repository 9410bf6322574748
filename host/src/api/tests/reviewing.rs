//! A plugin is reviewed before it decides: by the host, section by section by people, by a second person. And tried beside the one that does.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{Host, is, within};

/// Bristol with people: who proposes, two who review, and one who says by which rules.
struct Bristol {
    host: Host,
    proposer: String,
    first: String,
    second: String,
}

impl Bristol {
    async fn new() -> Self {
        let host = Host::new().await;
        let proposer = person(&host, "data-manager").await;
        let (first, second) = (person(&host, "auditor").await, person(&host, "plugin-reviewer").await);
        Self { host, proposer, first, second }
    }

    /// Proposed with all that it asks for.
    async fn propose(&self, settings: Value) -> String {
        let plugin = self.host.upload("bristol-outcomes").await.ok();
        let grants: Vec<_> = plugin["asks"].as_array().unwrap().iter().map(|a| a["interface"].clone()).collect();
        let proposal = json!({ "plugin": plugin["digest"], "grants": grants, "settings": settings });
        let proposed = self.host.post(&self.proposer, &within("/installations"), &proposal).await.ok();
        within(&format!("/installations/{}", proposed["id"].as_str().unwrap()))
    }

    async fn review(&self, at: &str) -> Value {
        self.host.get(&self.first, &format!("{at}/review")).await.ok()
    }

    /// Whatever is not approved yet, each with a basis and every condition that it needs.
    async fn approve_all(&self, at: &str) -> Value {
        let review = self.review(at).await;
        let items = review["items"].as_array().unwrap().iter().map(approval).collect::<Vec<_>>();
        self.host.post(&self.first, &format!("{at}/approvals"), &json!({ "items": items })).await.ok()
    }

    async fn check(&self, at: &str) -> Value {
        self.host.post(&self.proposer, &format!("{at}/check"), &json!({})).await.ok()
    }

    async fn second(&self, at: &str, digest: &Value) -> super::Got {
        self.host.post(&self.second, &format!("{at}/second-approval"), &json!({ "digest": digest })).await
    }
}

pub(super) async fn person(host: &Host, role: &str) -> String {
    let made = host.post(&host.bristol, &within("/people"), &json!({ "name": role, "role": role })).await.ok();
    let token = json!({ "name": "tests", "login": made["login"] });
    host.post(&host.bristol, &within("/tokens"), &token).await.ok()["token"].as_str().unwrap().to_owned()
}

pub(super) fn approval(item: &Value) -> Value {
    let mut conditions = Vec::new();
    if item["special_category"] == true {
        conditions.push("health-or-social-care");
    }
    if item["criminal_offences"] == true {
        conditions.push("official-authority");
    }
    json!({ "about": item["about"], "approve": true, "basis": "public-task", "conditions": conditions })
}

#[tokio::test]
async fn nothing_decides_that_two_people_did_not_approve() {
    let bristol = Bristol::new().await;
    let Bristol { host, proposer, first, second } = &bristol;
    assert_eq!(host.get(first, &within("/plugin-review")).await.ok()["approval"], "two-people", "there are people");
    let at = bristol.propose(json!({})).await;
    let activation = format!("{at}/activation");
    let refused = host.post(second, &activation, &json!({})).await;
    assert_eq!(refused.problem(), is(409, "not-approved", None));
    let missing = refused.json()["missing"].to_string();
    for what in ["it was not checked", "nobody approved hearth:family/education", "nobody approved templates", "no second person"] {
        assert!(missing.contains(what), "{what}: {missing}");
    }

    let checked = bristol.check(&at).await;
    assert_eq!((&checked["check"]["passed"], &checked["check"]["differences"]), (&json!(true), &json!([])), "{}", checked["check"]);
    assert!(checked["check"]["scenarios"].as_u64().unwrap() > 5);
    assert_eq!(bristol.second(&at, &checked["digest"]).await.problem(), is(409, "not-approved", None), "no section is approved yet");

    let one = |item: Value| json!({ "items": [item] });
    let approve = async |token: &str, item: Value| host.post(token, &format!("{at}/approvals"), &one(item)).await.problem();
    let education = json!({ "about": "hearth:family/education", "approve": true, "basis": "public-task" });
    assert_eq!(approve(proposer, education.clone()).await, is(403, "not-allowed", None), "who proposed it");
    assert_eq!(approve(&host.officer, education.clone()).await, is(403, "not-allowed", None), "a system");
    let bare = json!({ "about": "hearth:family/education", "approve": true });
    assert_eq!(approve(first, bare).await, is(422, "invalid", Some("items[0].basis")));
    let of_health = json!(["health-or-social-care"]);
    let offending = json!({ "about": "hearth:family/offending", "approve": true, "basis": "public-task", "conditions": of_health });
    assert_eq!(approve(first, offending).await, is(422, "invalid", Some("items[0].conditions")), "not of article 10");
    let unheard = json!({ "about": "hearth:family/horoscope", "approve": true, "basis": "public-task" });
    assert_eq!(approve(first, unheard).await, is(422, "invalid", Some("items[0].about")));

    let approved = bristol.approve_all(&at).await;
    assert_eq!(approved["missing"], json!(["no second person approved it"]), "{approved}");
    let own = host.post(first, &format!("{at}/second-approval"), &json!({ "digest": approved["digest"] })).await;
    assert_eq!(own.problem(), is(403, "not-allowed", None), "who approved the sections");
    let other = json!(format!("sha256:{}", "0".repeat(64)));
    assert_eq!(bristol.second(&at, &other).await.problem(), is(409, "conflict", None), "something else");
    assert_eq!(bristol.second(&at, &approved["digest"]).await.ok()["approved"], true);

    // What is changed in between withdraws what it touches.
    let settings = json!({ "settings": { "problems-needed": 3 } });
    host.put(proposer, &format!("{at}/settings"), &settings).await.ok();
    let missing = bristol.review(&at).await["missing"].clone();
    assert_eq!(missing, json!(["it was not checked as it is now", "no second person approved it"]));
    assert_eq!(host.post(second, &activation, &json!({})).await.problem(), is(409, "not-approved", None));
    let checked = bristol.check(&at).await;
    assert!(!checked["check"]["differences"].as_array().unwrap().is_empty(), "three problems are needed now: {}", checked["check"]);
    assert_eq!(bristol.second(&at, &checked["digest"]).await.status, StatusCode::OK);
    assert_eq!(host.post(second, &activation, &json!({})).await.ok()["status"], "active");
    let acts: Vec<Value> = bristol.review(&at).await["history"].as_array().unwrap().iter().map(|h| h["act"].clone()).collect();
    for act in ["checked", "approved", "seconded", "changed", "withdrawn"] {
        assert!(acts.contains(&json!(act)), "{act}: {acts:?}");
    }
}

#[tokio::test]
async fn what_is_declined_is_not_granted_and_what_is_needed_blocks() {
    let bristol = Bristol::new().await;
    let Bristol { host, first, second, .. } = &bristol;
    let at = bristol.propose(json!({})).await;
    bristol.check(&at).await;
    let decline = |about: &str| json!({ "items": [{ "about": about, "approve": false, "words": "not needed for this" }] });
    let unsaid = json!({ "items": [{ "about": "hearth:family/household", "approve": false }] });
    assert_eq!(host.post(first, &format!("{at}/approvals"), &unsaid).await.problem(), is(422, "invalid", Some("items[0].words")));
    let items = bristol.review(&at).await["items"].as_array().unwrap().clone();
    if let Some(optional) = items.iter().find(|i| i["required"] == false) {
        let about = optional["about"].as_str().unwrap();
        host.post(first, &format!("{at}/approvals"), &decline(about)).await.ok();
        assert!(!host.get(first, &at).await.ok()["grants"].as_array().unwrap().contains(&json!(about)));
        assert!(bristol.review(&at).await["missing"].to_string().contains("it was not checked"), "without it, it was not");
    }
    host.post(first, &format!("{at}/approvals"), &decline("hearth:family/household")).await.ok();
    let review = bristol.review(&at).await;
    assert!(review["missing"].to_string().contains("hearth:family/household was declined"), "{}", review["missing"]);
    assert!(host.get(first, &at).await.ok()["grants"].as_array().unwrap().contains(&json!("hearth:family/household")));
    assert_eq!(host.post(second, &format!("{at}/activation"), &json!({})).await.problem(), is(409, "not-approved", None));
}

#[tokio::test]
async fn settings_that_move_money_have_two_people_and_a_day() {
    let host = Host::new().await;
    let at = Box::pin(host.adopt("bristol-outcomes", json!({}))).await;
    let reviewer = person(&host, "plugin-reviewer").await;
    let changes = format!("{at}/settings-changes");
    let claims = host.get(&host.bristol, &at).await.ok()["settings"].clone();
    let (name, _) = claims.as_object().unwrap().iter().find(|(_, v)| v.to_string().contains("result-pence")).unwrap();
    let mut dearer = claims.clone();
    dearer[name][0]["result-pence"] = json!(90_000);
    let undated = host.post(&host.bristol, &changes, &json!({ "settings": dearer, "reason": "the new rate" })).await;
    assert_eq!(undated.problem(), is(422, "invalid", Some("counts_from")));
    let key = json!({ "settings": { name.as_str(): "-----BEGIN PRIVATE KEY-----" }, "reason": "x" });
    assert_eq!(host.post(&host.bristol, &changes, &key).await.problem(), is(422, "invalid", Some(&format!("settings.{name}"))));
    let day = host.house.stores.clock().now().day().plus(2).unwrap();
    let dated = json!({ "settings": dearer, "counts_from": day, "reason": "the new rate" });
    let proposed = host.post(&host.bristol, &changes, &dated).await;
    assert_eq!((proposed.status, &proposed.json()["money"]), (StatusCode::CREATED, &json!([name])), "{}", proposed.text());
    let approval = format!("{changes}/approval");
    assert_eq!(host.post(&host.bristol, &approval, &json!({})).await.problem(), is(409, "conflict", None), "who proposed it");
    let next = host.post(&reviewer, &approval, &json!({})).await.ok();
    assert_eq!((&next["status"], &next["settings"][name][0]["result-pence"]), (&json!("proposed"), &json!(90_000)));

    let family = host.family("BR-1").await;
    let decided = async || host.decide(&family["id"], "eligibility").await.ok()["installation"].clone();
    assert!(at.ends_with(decided().await.as_str().unwrap()), "until that day");
    host.wait(3 * 24 * 60);
    assert_eq!(decided().await, next["id"], "whoever asks first after the day begins makes it true");
    assert_eq!(host.get(&host.bristol, &at).await.ok()["status"], "retired");

    // Nor by the way around: the same plugin, installed anew with another rate.
    let plugin = host.get(&host.bristol, &at).await.ok();
    let around = json!({ "plugin": plugin["plugin"], "grants": plugin["grants"], "settings": claims });
    let around = host.post(&host.bristol, &within("/installations"), &around).await.ok();
    host.one_person_approves().await;
    let activation = within(&format!("/installations/{}/activation", around["id"].as_str().unwrap()));
    assert_eq!(host.post(&host.bristol, &activation, &json!({})).await.problem(), is(409, "not-approved", None));
}

#[tokio::test]
async fn a_candidate_says_beside_what_it_would_and_decides_nothing() {
    let host = Host::new().await;
    let at = Box::pin(host.adopt("bristol-outcomes", json!({}))).await;
    let live = host.get(&host.bristol, &at).await.ok();
    let family = Box::pin(host.demo_family("br-0001-debt")).await;
    let before = Box::pin(host.decide(&family, "eligibility")).await.ok();
    let propose = async |settings: Value| {
        let proposal = json!({ "plugin": live["plugin"], "grants": live["grants"], "settings": settings });
        let id = host.post(&host.bristol, &within("/installations"), &proposal).await.ok()["id"].clone();
        within(&format!("/installations/{}", id.as_str().unwrap()))
    };
    let (same, stricter) = (propose(json!({})).await, propose(json!({ "problems-needed": 6 })).await);
    let until = crate::record::KnownAt::from_millis(host.house.stores.clock().now().millis() + 86_400_000);
    for candidate in [&same, &stricter] {
        let begun = host.post(&host.bristol, &format!("{candidate}/shadow"), &json!({ "until": until, "reason": "to see" })).await;
        assert_eq!(begun.status, StatusCode::CREATED, "{}", begun.text());
        let twice = host.post(&host.bristol, &format!("{candidate}/shadow"), &json!({ "until": until, "reason": "to see" })).await;
        assert_eq!(twice.problem(), is(409, "conflict", None));
    }
    let counted = async |what: &str| host.get(&host.bristol, &within(what)).await.ok()["items"].as_array().unwrap().len();
    let decided = Box::pin(host.decide(&family, "eligibility")).await.ok();
    let (decisions, claims, tasks) = (counted("/decisions").await, counted("/claims").await, counted("/tasks").await);
    let store = host.house.stores.authority(&crate::store::tests::code("E06000023")).await.unwrap();
    host.workflow().shadow_due(&store).await.unwrap();
    host.workflow().shadow_due(&store).await.unwrap();
    assert_eq!((counted("/decisions").await, counted("/claims").await, counted("/tasks").await), (decisions, claims, tasks));

    let read = async |candidate: &str| host.get(&host.bristol, &format!("{candidate}/shadow")).await.ok()["counts"].clone();
    let counts = read(&same).await;
    assert_eq!(
        (&counts["asked"], &counts["same"], &counts["different"]),
        (&json!(1), &json!(1), &json!(0)),
        "once, from then on: {counts}"
    );
    let counts = read(&stricter).await;
    assert_eq!((&counts["asked"], &counts["same"], &counts["failed"]), (&json!(1), &json!(0), &json!(0)), "{counts}");
    let answers = host.get(&host.bristol, &format!("{stricter}/shadow-answers")).await.ok();
    let one = &answers["items"][0];
    assert_eq!((&one["decision"], &one["family"], &one["same"]), (&decided["id"], &family, &json!(false)), "{answers}");
    assert_ne!(one["decision"], before["id"]);
    let called = host.get(&host.bristol, &within(&format!("/families/{}", family.as_str().unwrap()))).await.ok()["reference"].clone();
    assert!(called.is_string() && one["family_reference"] == called, "{answers}");

    // Whoever asks what is held about them is told.
    let read = host.get(&host.officer, &within(&format!("/families/{}", family.as_str().unwrap()))).await.ok();
    let opened = host.post(&host.officer, &within("/subject-requests"), &json!({ "person": read["members"][0]["id"] })).await.ok();
    let draft = host.get(&host.officer, &within(&format!("/subject-requests/{}", opened["id"]))).await.ok();
    let said = draft["draft"]["parts"].as_array().unwrap().iter().filter(|p| p["part"].as_str().unwrap().starts_with("shadow-answer/"));
    let said: Vec<_> = said.map(|p| p["lines"].to_string()).collect();
    assert!(said.len() == 2 && said.iter().all(|lines| lines.contains("It decided nothing")), "{said:?}");

    // It ends by itself, and an erasure takes what was said.
    host.wait(2 * 24 * 60);
    host.workflow().shadow_due(&store).await.unwrap();
    assert_eq!(host.get(&host.bristol, &format!("{same}/shadow")).await.ok()["ended_by"], "hearth");
    assert_eq!(store.shadowed(family.as_str().unwrap().parse().unwrap()).await.unwrap().len(), 2);
    let erased = host.post(&host.officer, &within("/erasures"), &json!({ "family": family, "why": "asked", "rehearsal": false })).await;
    assert!(erased.status.is_success(), "{}", erased.text());
    assert_eq!(store.shadowed(family.as_str().unwrap().parse().unwrap()).await.unwrap().len(), 0);
}
