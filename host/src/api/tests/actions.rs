//! Questions beside outcomes, what they propose, who decides about that, and the tables that the authority supplies.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use super::{Got, Host, is, json_request, within};

impl Host {
    /// The plugin that proposes what its settings name: the installation's address and id.
    pub(super) async fn planner(&self, proposes: &str) -> (String, Value) {
        let at = self.adopt("planner", json!({ "proposes": proposes })).await;
        let id = self.get(&self.bristol, &at).await.ok()["id"].clone();
        (at, id)
    }

    pub(super) async fn ask(&self, family: &Value, question: &str, about: Value) -> Got {
        self.ask_of(family, question, about, Value::Null).await
    }

    async fn ask_of(&self, family: &Value, question: &str, about: Value, installation: Value) -> Got {
        let mut asked = json!({ "family": family["id"], "question": question, "as_of": "2026-08-31" });
        for (name, value) in [("about", about), ("installation", installation)] {
            if !value.is_null() {
                asked[name] = value;
            }
        }
        self.post(&self.bristol, &within("/decisions"), &asked).await
    }

    async fn proposals(&self, rest: &str) -> Value {
        self.get(&self.bristol, &within(&format!("/proposals{rest}"))).await.ok()
    }

    async fn act(&self, proposal: &Value, what: &str, body: Value) -> Got {
        self.post(&self.bristol, &within(&format!("/proposals/{}/{what}", proposal["id"].as_str().unwrap())), &body).await
    }
}

pub(super) fn referral(people: Value) -> Value {
    json!({ "on": "2026-08-30", "route": "professional", "organisation_kind": "school", "urgent": true, "people": people })
}

fn event() -> Value {
    json!({ "kind": "review-due", "on": "2026-08-31" })
}

#[tokio::test]
async fn a_referral_is_answered_with_level_route_and_priority() {
    let host = Host::new().await;
    let family = host.family("BR-1").await;
    assert_eq!(host.ask(&family, "triage", referral(json!([]))).await.problem(), is(409, "nobody-decides", None));
    let (_, id) = host.planner("goal").await;
    let ben = &family["people"]["ben"];
    let made = host.ask(&family, "triage", referral(json!([ben]))).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text());
    let decision = made.json();
    assert_eq!((&decision["result"], &decision["installation"]), (&json!("accept"), &id));
    let reported = decision["reported"].as_array().unwrap();
    let brief: Vec<_> = reported.iter().map(|r| (r["report"].as_str().unwrap(), r["heading"].as_str().unwrap())).collect();
    assert_eq!(brief, [("level", "Early help"), ("route", "The area's team"), ("priority", "Today")]);
    assert_eq!(reported[1]["reasons"][0], json!({ "sentence": "Said 1.", "rests_on": ["asked"], "besides": [] }));
    let action = &decision["actions"][0];
    assert_eq!((&action["action"], &action["says"], &action["key"]), (&json!("goal"), &json!("Set a goal"), &json!("settle")));
    assert_eq!((&action["heading"], &action["sentence"], &action["on"]), (&json!("Home life"), &json!("Said 5."), &json!("2026-10-12")));
    assert_eq!(action["person"], json!({ "id": ben, "name": "Ben Bell" }));
    assert_eq!(action["came_to"]["is"], "waiting");

    let at = made.headers["location"].to_str().unwrap();
    assert_eq!(host.get(&host.bristol, at).await.ok(), decision, "read as it was answered");
    let welsh = host.get(&host.bristol, &format!("{at}?language=cy")).await.ok();
    assert_eq!(welsh["actions"][0]["heading"], "Bywyd cartref");
    let proposal = json!({ "id": action["came_to"]["proposal"] });
    host.act(&proposal, "decline", json!({ "reason": "Not yet." })).await.ok();
    assert_eq!(host.get(&host.bristol, at).await.ok()["actions"][0]["came_to"]["is"], "declined");
    let replayed = host.post(&host.bristol, &format!("{at}/replay"), &json!({})).await.ok();
    assert_eq!((&replayed["answer"]["is"], &replayed["inputs"]["are"]), (&json!("same"), &json!("still-follow")));
}

#[tokio::test]
async fn what_a_question_is_about_is_of_this_family_and_said_in_the_right_words() {
    let host = Host::new().await;
    let (family, other) = (host.family("BR-1").await, host.family("BR-2").await);
    host.planner("").await;
    let stranger = &other["people"]["ben"];
    let nothing = json!(crate::record::FactId::fresh());
    for (question, about, field) in [
        ("triage", Value::Null, "about"),
        ("triage", json!({ "on": "2026-08-30", "route": "professional", "colour": "blue" }), "about.colour"),
        ("triage", json!({ "on": "2026-08-30" }), "about.route"),
        ("triage", json!({ "on": "2026-08-30", "route": "pigeon" }), "about.route"),
        ("triage", json!({ "on": "2026-09-01", "route": "self" }), "about.on"),
        ("triage", referral(json!([family["people"]["ann"], stranger])), "about.people[1]"),
        ("triage", json!({ "on": "2026-08-30", "route": "self", "problems": ["housing", "housing"] }), "about.problems[1]"),
        ("on-event", json!({ "kind": "earthquake", "on": "2026-08-31" }), "about.kind"),
        ("on-event", json!({ "kind": "offence", "on": "2026-08-31", "person": stranger }), "about.person"),
        ("on-event", json!({ "kind": "offence", "on": "2026-08-31", "fact": nothing }), "about.fact"),
        ("allocate", json!({ "candidates": [] }), "about.candidates"),
        (
            "allocate",
            json!({ "candidates": [{ "role": "wizard", "organisation_kind": "council", "families": 1 }] }),
            "about.candidates[0].role",
        ),
        ("eligibility", event(), "about"),
        ("review", Value::Null, "question"),
        ("horoscope", Value::Null, "question"),
    ] {
        assert_eq!(host.ask(&family, question, about.clone()).await.problem(), is(422, "invalid", Some(field)), "{question} {about}");
    }
    let contract = host.ask(&family, "payment", Value::Null).await;
    assert!(contract.text().contains("is about a contract and no family"), "{}", contract.text());
    assert_eq!(host.get(&host.bristol, &within("/decisions")).await.ok()["items"], json!([]));
}

#[tokio::test]
async fn candidates_are_ranked_by_their_place_and_events_may_name_a_fact() {
    let host = Host::new().await;
    let family = host.family("BR-1").await;
    host.planner("").await;
    let candidate = |families: u32| json!({ "role": "keyworker", "organisation_kind": "council", "families": families });
    let ranked = host.ask(&family, "allocate", json!({ "candidates": [candidate(9), candidate(2)] })).await.ok();
    let places: Vec<_> = ranked["reported"].as_array().unwrap().iter().map(|r| (&r["candidate"], &r["place"])).collect();
    assert_eq!(places, [(&json!(2), &json!(1)), (&json!(1), &json!(2))]);
    assert_eq!(ranked["reported"][0]["reasons"][0]["sentence"], "Of all, worker 2 has most room.");

    let facts = host.get(&host.bristol, &within(&format!("/families/{}/facts", family["id"].as_str().unwrap()))).await.ok();
    let attendance = facts["items"].as_array().unwrap().iter().find(|f| f["kind"] == "attendance").unwrap()["id"].clone();
    let about = json!({ "kind": "date-missed", "on": "2026-08-31", "fact": attendance, "person": family["people"]["ben"] });
    assert_eq!(host.ask(&family, "on-event", about).await.ok()["result"], "acted");
}

#[tokio::test]
async fn assessments_and_shortlists_are_asked_of_the_one_that_is_named() {
    let host = Host::new().await;
    let family = host.family("BR-1").await;
    let (at, id) = host.planner("").await;
    let installation = host.get(&host.bristol, &at).await.ok();
    let offers = json!(["assessment", "commissioning", "pathway"]);
    assert_eq!((&installation["offers"], &installation["decides"]), (&offers, &offers));
    let form = |value: Value| {
        let answers = json!([
            { "question": "sleep", "person": family["people"]["ben"], "state": "answered", "value": value },
            { "question": "school", "state": "not-asked" },
        ]);
        json!({ "form": "whole-family", "digest": crate::record::Digest::of(b"form"), "answers": answers })
    };
    let unnamed = host.ask(&family, "evaluate", form(json!({ "tenths": 35 }))).await;
    assert_eq!(unnamed.problem(), is(422, "invalid", Some("installation")));
    let nobody = json!(crate::record::InstallationId::fresh());
    let wrong = host.ask_of(&family, "triage", referral(json!([])), nobody).await;
    assert_eq!(wrong.problem(), is(422, "invalid", Some("installation")));
    let bad = host.ask_of(&family, "evaluate", form(json!({ "person": nobody_of() })), id.clone()).await;
    assert_eq!(bad.problem(), is(422, "invalid", Some("about.answers[0].value.person")));

    let made = host.ask_of(&family, "evaluate", form(json!({ "tenths": 35 })), id.clone()).await.ok();
    let score = &made["reported"][0];
    assert_eq!((&score["report"], &score["heading"], &score["value"]), (&json!("score"), &json!("Home life"), &json!(3.5)));
    assert_eq!(score["person"]["name"], "Ben Bell");
    assert_eq!((&made["reported"][1]["tier"], &made["reported"][1]["heading"]), (&json!("light"), &json!("Light")));

    let help = json!({ "kind": "parenting" });
    assert_eq!(host.ask_of(&family, "shortlist", help.clone(), id.clone()).await.ok()["result"], "nobody");
    let service = json!({
        "name": "Parents together", "organisation": "Harbour Trust", "organisation_kind": "charity", "kind": "parenting",
        "first": "2026-04-01", "capacity": 12, "taken": 7,
    });
    host.put(&host.bristol, &within("/tables/services"), &json!({ "rows": [service] })).await.ok();
    let listed = host.ask_of(&family, "shortlist", help, id).await.ok();
    let first = &listed["reported"][0];
    assert_eq!((&first["service"], &first["place"]), (&json!("Parents together"), &json!(1)));
    assert_eq!(first["reasons"][0]["sentence"], "Parents together is offered.");
}

fn nobody_of() -> Value {
    json!(crate::record::PersonId::fresh())
}

#[tokio::test]
async fn a_confirmation_sent_again_is_done_once() {
    let host = Host::new().await;
    let family = host.family("BR-1").await;
    host.planner("goal").await;
    host.ask(&family, "on-event", event()).await.ok();
    let proposal = host.proposals("").await["items"][0].clone();
    assert_eq!((&proposal["state"], &proposal["action"], &proposal["sentence"]), (&json!("waiting"), &json!("goal"), &json!("Said 5.")));
    let path = within(&format!("/proposals/{}/confirm", proposal["id"].as_str().unwrap()));
    let mut answers = Vec::new();
    for _ in 0..2 {
        let mut request = json_request(Method::POST, &host.bristol, &path, &json!({ "on": "2026-09-07" }));
        request.headers_mut().insert("idempotency-key", "one".parse().unwrap());
        let got = host.send(request).await;
        assert_eq!(got.status, StatusCode::OK, "{}", got.text());
        answers.push(got.bytes);
    }
    assert_eq!(answers[0], answers[1]);
    let confirmed: Value = serde_json::from_slice(&answers[0]).unwrap();
    assert_eq!((&confirmed["state"], &confirmed["settled_by"]), (&json!("carried-out"), &json!("data manager")));
    let fact = host.get(&host.bristol, &within(&format!("/facts/{}", confirmed["fact"].as_str().unwrap()))).await.ok();
    assert_eq!((&fact["kind"], &fact["first"], &fact["detail"]["title"]), (&json!("goal"), &json!("2026-09-07"), &json!("Said 5.")));
    // Without the key it is somebody else's.
    assert_eq!(host.act(&proposal, "confirm", json!({})).await.problem(), is(409, "conflict", None));
    assert_eq!(host.act(&proposal, "decline", json!({ "reason": "Late." })).await.problem(), is(409, "conflict", None));
}

#[tokio::test]
async fn open_proposals_come_first_and_a_page_goes_on_where_one_ended() {
    let host = Host::new().await;
    let family = host.family("BR-1").await;
    host.planner("meeting notice goal service").await;
    host.ask(&family, "on-event", event()).await.ok();
    let waiting = host.proposals("?state=waiting").await["items"].as_array().unwrap().clone();
    assert_eq!(waiting.len(), 4);
    host.act(&waiting[0], "confirm", json!({})).await.ok();
    host.act(&waiting[1], "decline", json!({ "reason": "The school knows." })).await.ok();
    host.act(&waiting[2], "confirm", json!({})).await.ok();
    let (mut seen, mut after) = (Vec::new(), String::new());
    loop {
        let page = host.proposals(&format!("?limit=1{after}")).await;
        seen.extend(
            page["items"].as_array().unwrap().iter().map(|p| format!("{} {}", p["action"].as_str().unwrap(), p["state"].as_str().unwrap())),
        );
        match page["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => break,
        }
    }
    assert_eq!(seen, ["service-request waiting", "meeting confirmed", "goal carried-out", "notice declined"]);
    let of = |family: &str| format!("?family={family}");
    assert_eq!(host.proposals(&of(family["id"].as_str().unwrap())).await["items"].as_array().unwrap().len(), 4);
    assert_eq!(host.proposals(&of(&crate::record::FamilyId::fresh().to_string())).await["items"], json!([]));
    let odd = host.get(&host.bristol, &within("/proposals?state=lost")).await;
    assert_eq!(odd.problem(), is(422, "invalid", Some("state")));
    let no_reason = host.act(&waiting[3], "decline", json!({ "reason": " " })).await;
    assert_eq!(no_reason.problem(), is(422, "invalid", Some("reason")));
    let long = host.act(&waiting[3], "decline", json!({ "reason": "x".repeat(501) })).await;
    assert_eq!(long.problem(), is(422, "invalid", Some("reason")));
    let read = host.get(&host.bristol, &within(&format!("/proposals/{}?language=cy", waiting[1]["id"].as_str().unwrap()))).await.ok();
    assert_eq!((&read["sentence"], &read["reason"]), (&json!("Dywedwyd 3."), &json!("The school knows.")));
    let elsewhere = within(&format!("/proposals/{}", waiting[1]["id"].as_str().unwrap())).replace("E06000023", super::LEEDS);
    assert_eq!(host.get(&host.leeds, &elsewhere).await.problem(), is(404, "no-such", Some("proposal")));
}

#[tokio::test]
async fn what_the_family_is_asked_to_share_and_with_whom_is_told() {
    let host = Host::new().await;
    let family = host.family("BR-1").await;
    host.planner("consent").await;
    let mut event = event();
    event["person"] = family["people"]["ben"].clone();
    host.ask(&family, "on-event", event.clone()).await.ok();
    let asked = host.proposals("").await["items"][0].clone();
    assert_eq!(
        (&asked["action"], &asked["says"], &asked["state"]),
        (&json!("consent-request"), &json!("Ask for consent"), &json!("waiting"))
    );
    // Named in another order and twice: told once each, in the order of the code list.
    assert_eq!((&asked["sections"], &asked["organisations"]), (&json!(["education", "health"]), &json!(["school"])));
    assert_eq!((&asked["sentence"], &asked["on"]), (&json!("Said 8."), &json!("2026-09-07")));
    assert_eq!(asked["person"]["id"], family["people"]["ben"], "{asked}");
    assert_eq!(host.act(&asked, "confirm", json!({})).await.ok()["state"], "confirmed");

    host.planner("consent-to-nothing").await;
    let refused = host.ask(&family, "on-event", event).await;
    assert_eq!(refused.problem(), is(422, "plugin-answer-refused", None));
}

#[tokio::test]
async fn an_installation_that_was_replaced_leaves_its_proposals_outdated() {
    let host = Host::new().await;
    let family = host.family("BR-1").await;
    host.planner("goal").await;
    host.ask(&family, "on-event", event()).await.ok();
    host.planner("notice").await;
    let proposal = host.proposals("").await["items"][0].clone();
    assert_eq!(proposal["outdated"], true);
    assert_eq!(host.act(&proposal, "confirm", json!({})).await.problem(), is(409, "conflict", None));
    assert_eq!(host.act(&proposal, "decline", json!({ "reason": "Asked again." })).await.ok()["state"], "declined");
}

#[tokio::test]
async fn policies_say_who_carries_out_what_and_by_whom_they_were_set() {
    let host = Host::new().await;
    let family = host.family("BR-1").await;
    host.planner("goal task").await;
    let path = within("/policies");
    let brief = |got: Value| {
        let policies = got["policies"].as_array().unwrap().clone();
        policies.into_iter().filter(|p| p["policy"] == "automatic").map(|p| p["action"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let before = host.get(&host.bristol, &path).await.ok();
    assert_eq!(
        before["policies"].as_array().unwrap().len(),
        crate::record::codes::all().find(|l| l.list == "actions").unwrap().codes.len()
    );
    assert_eq!(brief(before.clone()), ["task"]);
    assert!(before["policies"][0].get("by").is_none(), "{before}");
    for (policies, field) in [
        (json!([{ "action": "war", "policy": "automatic" }]), "policies[0].action"),
        (json!([{ "action": "goal", "policy": "never" }]), "policies[0].policy"),
        (json!([{ "action": "goal", "policy": "automatic" }, { "action": "goal", "policy": "automatic" }]), "policies[1].action"),
    ] {
        assert_eq!(host.put(&host.bristol, &path, &json!({ "policies": policies })).await.problem(), is(422, "invalid", Some(field)));
    }
    let new = json!({ "policies": [{ "action": "goal", "policy": "automatic" }, { "action": "task", "policy": "person-confirms" }] });
    let set = host.put(&host.bristol, &path, &new).await.ok();
    assert_eq!(brief(set.clone()), ["goal"]);
    assert!(set["policies"].as_array().unwrap().iter().filter(|p| p["by"] == "data manager").count() == 2, "{set}");
    let made = host.ask(&family, "on-event", event()).await.ok();
    assert_eq!((&made["actions"][0]["came_to"]["is"], &made["tasks"][0]["came_to"]), (&json!("carried-out"), &json!("waiting")));
    let revision = host.get(&host.bristol, &within(&format!("/families/{}", family["id"].as_str().unwrap()))).await.ok();
    assert_eq!(revision["revision"], 2);
    assert_eq!(brief(host.put(&host.bristol, &path, &json!({ "policies": [] })).await.ok()), ["task"], "by default again");
    assert_eq!(brief(host.get(&host.leeds, &path.replace("E06000023", super::LEEDS)).await.ok()), ["task"]);
}

#[tokio::test]
async fn tables_are_supplied_in_versions_and_a_wrong_cell_is_named() {
    let host = Host::new().await;
    let (at, _) = host.planner("").await;
    let terms = within("/tables/school-terms");
    assert_eq!(host.get(&host.bristol, &terms).await.problem(), is(404, "no-such", Some("supplied table")));
    let rows = |last: &str| json!({ "rows": [{ "name": "autumn", "first": "2026-09-01", "last": last }] });
    assert_eq!(host.put(&host.bristol, &terms, &rows("2026-08-31")).await.problem(), is(422, "invalid", Some("rows[0].last")));
    for (last, version) in [("2026-12-17", 1), ("2026-12-18", 2), ("2026-12-18", 2)] {
        assert_eq!(host.put(&host.bristol, &terms, &rows(last)).await.ok()["version"], version);
    }
    let first = host.get(&host.bristol, &format!("{terms}?version=1")).await.ok();
    assert_eq!((&first["rows"][0]["last"], &first["by"]), (&json!("2026-12-17"), &json!("data manager")));
    assert_eq!(host.get(&host.bristol, &terms).await.ok()["rows"][0]["last"], "2026-12-18");
    assert_eq!(host.get(&host.bristol, &format!("{terms}?version=0")).await.problem(), is(422, "invalid", Some("version")));

    let table = |name: &str| format!("{at}/tables/{name}");
    let east = json!({ "rows": [{ "place": "east", "most": 3 }] });
    assert_eq!(host.put(&host.bristol, &table("supplied"), &east).await.ok()["version"], 1);
    assert_eq!(host.get(&host.bristol, &table("supplied")).await.ok()["rows"][0]["place"], "east");
    for (name, rows, field) in [
        ("packed", json!([]), "table"),
        ("unknown", json!([]), "table"),
        ("supplied", json!({}), "rows"),
        ("supplied", json!([{ "most": 3 }]), "rows[0].place"),
        ("supplied", json!([{ "place": "east" }, { "place": "west", "most": -1 }]), "rows[1].most"),
        ("supplied", json!([{ "place": "east", "first": "yesterday" }]), "rows[0].first"),
    ] {
        let got = host.put(&host.bristol, &table(name), &json!({ "rows": rows })).await;
        assert_eq!(got.problem(), is(422, "invalid", Some(field)), "{name} {rows}: {}", got.text());
    }
    host.post(&host.bristol, &format!("{at}/retirement"), &json!({})).await.ok();
    assert_eq!(host.put(&host.bristol, &table("supplied"), &east).await.problem(), is(409, "conflict", None));
}

#[tokio::test]
async fn a_run_is_a_span_with_what_it_used_and_nobody_in_it() {
    let host = Host::new().await;
    let family = host.family("BR-1").await;
    host.planner("nobody-knows-this").await;
    assert_eq!(host.ask(&family, "triage", referral(json!([family["people"]["ben"]]))).await.status, 422);
    let log = super::surroundings::LOG.text();
    let line = log.lines().find(|l| l.contains("run{authority=")).unwrap_or_else(|| panic!("{log}"));
    for said in ["E06000023", "planner", "1.0.0", "triage", "plugin-trapped", "guest", "instructions=", "millis=", "peak_memory="] {
        assert!(line.contains(said), "{said}: {line}");
    }
    for secret in ["Ben", "Bell", "BR-1", "nobody-knows", family["id"].as_str().unwrap()] {
        assert!(!log.contains(secret), "the log has {secret}:\n{log}");
    }
}
