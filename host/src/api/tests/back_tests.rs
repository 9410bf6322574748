//! A candidate is tried on real families beside the version that decides: what differs is told to who may know, and nothing follows.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::access::world::World;
use super::programme::demo;
use super::{Got, Host, is, within};
use crate::record::{BackTestId, Day};
use crate::store::tests::{BRISTOL, code};
use crate::store::{AuthorityStore, Erase, WhyErased};
use crate::workflow::back_test::{BackTestPlan, CameOut, Candidate as Wanted, CandidateIs};

const DAY: &str = "2026-08-31";

impl Host {
    /// Begun by a host that is gone before it asked about anybody: everybody attends always, or it makes a difference.
    async fn begun_and_gone(&self, live: &Value, days: &[&str]) -> (BackTestId, BackTestPlan) {
        self.begun_with_and_gone(live, json!({ "attendance-percent": 100 }), days).await
    }

    async fn begun_with_and_gone(&self, live: &Value, settings: Value, days: &[&str]) -> (BackTestId, BackTestPlan) {
        let store = self.bristol_store().await;
        let wanted = Wanted {
            is: CandidateIs::Plugin {
                digest: live["plugin"].as_str().unwrap().parse().unwrap(),
                grants: live["grants"].as_array().unwrap().iter().map(|g| g.as_str().unwrap().to_owned()).collect(),
                settings,
            },
            asking: crate::workflow::Asking::Progress,
            days: days.iter().map(|day| day.parse().unwrap()).collect(),
            known_then: false,
            size: None,
            seed: 0,
            keep_until: store.clock().now().day().plus(1).unwrap(),
        };
        let mut plan = self.workflow().plan_back_test(&store, wanted, "a test").await.unwrap();
        let mut tx = store.write("a test", "began").await.unwrap();
        let id = self.workflow().begin_back_test(&mut tx, &mut plan).await.unwrap();
        tx.commit().await.unwrap();
        (id, plan)
    }

    async fn bristol_store(&self) -> AuthorityStore {
        self.house.stores.authority(&code(BRISTOL)).await.unwrap()
    }

    /// Bristol's rules decide, about families of the demonstration: whoever has no keyworker, and who attends nine days in ten.
    async fn deciding(&self) -> Value {
        self.demo_family("br-0002-sons-at-89-and-90").await;
        for family in ["br-0004-call-outs-11-to-4", "br-0008-no-keyworker"] {
            let family = demo(&format!("families/{BRISTOL}/{family}.json"));
            self.post(&self.bristol, &within("/families"), &family).await.ok();
        }
        let at = self.adopt("bristol-outcomes", json!({})).await;
        self.get(&self.bristol, &at).await.ok()
    }

    async fn begin(&self, body: &Value) -> Got {
        self.post(&self.bristol, &within("/back-tests"), body).await
    }

    /// Once it runs no more.
    async fn tried(&self, begun: &Value) -> Value {
        let at = within(&format!("/back-tests/{}", begun["id"].as_str().unwrap()));
        loop {
            let read = self.get(&self.bristol, &at).await.ok();
            if read["state"] != "running" {
                return read;
            }
            tokio::task::yield_now().await;
        }
    }

    async fn differences(&self, begun: &Value, query: &str) -> Got {
        self.get(&self.bristol, &within(&format!("/back-tests/{}/differences{query}", begun["id"].as_str().unwrap()))).await
    }
}

/// The version that decides, set otherwise.
fn candidate(live: &Value, settings: Value) -> Value {
    json!({
        "candidate": { "plugin": live["plugin"], "grants": live["grants"], "settings": settings },
        "question": "progress", "as_of": [DAY],
    })
}

#[tokio::test]
async fn who_is_decided_differently_and_why_and_for_how_much() {
    let host = Host::new().await;
    let live = host.deciding().await;
    let begun = host.begin(&candidate(&live, json!({ "keyworker-required": false }))).await;
    assert_eq!(begun.status, StatusCode::CREATED, "{}", begun.text());
    assert_eq!(begun.headers["location"], within(&format!("/back-tests/{}", begun.json()["id"].as_str().unwrap())).as_str());
    let begun = begun.json();
    let read = host.tried(&begun).await;
    assert_eq!((&read["state"], &read["done"], &read["total"]), (&json!("done"), &json!(3), &json!(3)), "{read}");
    assert_eq!((&read["live"], &read["left_out"], &read["sees_rows"]), (&live["id"], &json!([]), &json!(true)));
    let came = &read["came"];
    assert_eq!((&came["compared"]["count"], &came["different"]["count"]), (&json!(3), &json!(1)), "{came}");
    let gained: i64 = came["claims"].as_array().unwrap().iter().map(|c| c["gained"]["pence"].as_i64().unwrap()).sum();
    let lost: i64 = came["claims"].as_array().unwrap().iter().map(|c| c["lost"]["pence"].as_i64().unwrap()).sum();
    let rows = host.differences(&begun, "").await.ok();
    let row = &rows["items"][0];
    assert_eq!(rows["items"].as_array().unwrap().len(), 1, "{rows}");
    assert!(gained > 0 && lost == 0, "{came}");
    assert_eq!((&row["pence"], &row["number"], &row["as_of"]), (&json!(gained), &json!(1), &json!(DAY)));
    assert!(row["live"]["claims"].as_array().unwrap().len() < row["candidate"]["claims"].as_array().unwrap().len());
    // Nothing of it is a decision.
    let store = host.bristol_store().await;
    assert_eq!(store.count_decisions().await.unwrap(), 0);
    for list in ["/tasks", "/proposals?state=waiting", "/undecided", "/claims"] {
        assert_eq!(host.get(&host.bristol, &within(list)).await.ok()["items"], json!([]), "{list}");
    }
    assert_eq!(
        host.get(&host.bristol, &within(&format!("/installations/{}/runs", live["id"].as_str().unwrap()))).await.ok()["items"],
        json!([])
    );
    // As a sheet, by ids alone.
    let file = host.get(&host.bristol, &within(&format!("/back-tests/{}/file", begun["id"].as_str().unwrap()))).await;
    let lines: Vec<String> = String::from_utf8(file.bytes).unwrap().lines().map(str::to_owned).collect();
    assert_eq!((lines.len(), lines[0].as_str()), (2, "number,family,as_of,kind,live,candidate,criteria,pounds"));
    assert!(lines[1].contains(row["family"].as_str().unwrap()), "{lines:?}");
}

#[tokio::test]
async fn reasons_stand_side_by_side_with_their_facts_in_the_readers_words() {
    let host = Host::new().await;
    let live = host.deciding().await;
    let begun = host.begin(&candidate(&live, json!({ "attendance-percent": 100 }))).await.ok();
    let read = host.tried(&begun).await;
    let rows = host.differences(&begun, "?by=criterion&language=cy").await.ok();
    let items = rows["items"].as_array().unwrap();
    assert!(!items.is_empty(), "{read}");
    let row = items.iter().find(|r| !r["criteria"].as_array().unwrap().is_empty()).expect("a criterion differs");
    assert_eq!(row["evidence_gone"], false);
    let called =
        host.get(&host.bristol, &within(&format!("/families/{}", row["family"].as_str().unwrap()))).await.ok()["reference"].clone();
    assert!(called.is_string() && row["family_reference"] == called, "{row}");
    let criterion = &row["criteria"][0];
    let (was, now) = (&criterion["live"][0], &criterion["candidate"][0]);
    assert_ne!(was["standing"], now["standing"]);
    assert_ne!(was["threshold"], now["threshold"]);
    let facts = |f: &Value| f["reasons"].to_string().matches("\"fact\"").count();
    assert!(facts(was) > 0 && facts(now) > 0, "each cites its facts: {criterion}");
    let moved = read["came"]["criteria"].as_array().unwrap();
    assert!(moved.iter().any(|m| m["of"] == criterion["criterion"] && m["live"] != m["candidate"]), "{moved:?}");
    // Whoever asks what is held about them is told, and that it decided nothing.
    let members = host.get(&host.officer, &within(&format!("/families/{}", row["family"].as_str().unwrap()))).await.ok();
    let opened = host.post(&host.officer, &within("/subject-requests"), &json!({ "person": members["members"][0]["id"] })).await.ok();
    let draft = host.get(&host.officer, &within(&format!("/subject-requests/{}", opened["id"]))).await.ok();
    let parts = draft["draft"]["parts"].as_array().unwrap();
    let told: Vec<_> = parts.iter().filter(|p| p["part"].as_str().unwrap().starts_with("back-test-row/")).collect();
    assert_eq!(told.len(), 1, "{draft}");
    assert!(told[0]["lines"].to_string().contains("It decided nothing") && !told[0]["marks"].as_array().unwrap().is_empty(), "{}", told[0]);
    // Erased, and nothing of it is left.
    let store = host.bristol_store().await;
    let family = row["family"].as_str().unwrap().parse().unwrap();
    let mut tx = store.write("a test", "erase").await.unwrap();
    tx.erase(&Erase::Family(family), WhyErased::Asked, "a test").await.unwrap();
    tx.commit().await.unwrap();
    let left = host.differences(&begun, "").await.ok();
    assert!(left["items"].as_array().unwrap().iter().all(|r| r["family"] != row["family"]), "{left}");
    assert_eq!(left["items"].as_array().unwrap().len(), items.len() - 1);
}

#[tokio::test]
async fn families_are_as_they_were_known_then_where_that_is_asked_for() {
    let host = Host::new().await;
    let live = host.deciding().await;
    let today: Day = host.house.stores.clock().now().day();
    let mut body = candidate(&live, json!({ "attendance-percent": 100 }));
    body["as_of"] = json!([today.plus(-3).unwrap(), today]);
    body["known"] = json!("then");
    let read = host.tried(&host.begin(&body).await.ok()).await;
    let came = &read["came"];
    // Nobody was known three days ago; today they are.
    assert_eq!((&came["not_known"]["count"], &came["compared"]["count"], &read["done"]), (&json!(3), &json!(3), &json!(6)), "{read}");
    body["as_of"] = json!([today.plus(1).unwrap()]);
    assert_eq!(host.begin(&body).await.problem(), is(422, "invalid", Some("as_of")));
}

#[tokio::test]
async fn a_sample_is_asked_about_and_no_more() {
    let host = Host::new().await;
    let live = host.deciding().await;
    let mut body = candidate(&live, json!({}));
    for question in ["evaluate", "triage", "shortlist", "nonsense"] {
        body["question"] = json!(question);
        assert_eq!(host.begin(&body).await.problem(), is(422, "invalid", Some("question")), "{question}");
    }
    body["question"] = json!("progress");
    body["sample"] = json!({ "size": 2, "seed": 5 });
    let read = host.tried(&host.begin(&body).await.ok()).await;
    assert_eq!(
        (&read["total"], &read["came"]["compared"]["count"], &read["came"]["different"]["count"]),
        (&json!(2), &json!(2), &json!(0))
    );
}

#[tokio::test]
async fn what_cannot_be_tried_is_said_by_field() {
    let host = Host::new().await;
    let live = host.deciding().await;
    let good = candidate(&live, json!({}));
    let with = |field: &str, value: Value| {
        let mut body = good.clone();
        body[field] = value;
        body
    };
    let today: Day = host.house.stores.clock().now().day();
    let unknown = json!({ "plugin": crate::record::Digest::of(b"another") });
    for (body, field) in [
        (with("as_of", json!([])), "as_of"),
        (with("as_of", json!([DAY, DAY])), "as_of"),
        (with("sample", json!({ "size": 0 })), "sample.size"),
        (with("keep_until", json!(today.plus(-1).unwrap())), "keep_until"),
        (with("keep_until", json!(today.plus(400).unwrap())), "keep_until"),
        (with("candidate", json!({})), "candidate"),
        (with("candidate", unknown), "candidate.plugin"),
        (with("candidate", json!({ "installation": live["id"] })), "candidate.installation"),
        (with("candidate", json!({ "installation": live["id"], "settings": {} })), "candidate"),
        (
            with("candidate", json!({ "plugin": live["plugin"], "grants": live["grants"], "settings": { "problems-needed": 9 } })),
            "candidate.settings.problems-needed",
        ),
        (with("candidate", json!({ "plugin": live["plugin"], "grants": ["hearth:family/horoscope"] })), "candidate.grants[0]"),
    ] {
        assert_eq!(host.begin(&body).await.problem(), is(422, "invalid", Some(field)), "{body}");
    }
    let nobody = Host::new().await;
    assert_eq!(nobody.begin(&good).await.problem().1, "nobody-decides");
}

#[tokio::test]
async fn a_section_that_nobody_granted_is_read_under_a_trial_grant_by_those_whom_it_names() {
    let world = World::new().await;
    let host = &world.host;
    host.one_person_approves().await;
    let plugin = host.upload("hostile").await.ok();
    let all: Vec<Value> = plugin["asks"].as_array().unwrap().iter().map(|a| a["interface"].clone()).collect();
    let but = |name: &str| all.iter().filter(|i| **i != *name).cloned().collect::<Vec<Value>>();
    let propose = json!({ "plugin": plugin["digest"], "grants": but("hearth:family/notes"), "settings": { "attack": "panic" } });
    let at = host.post(&host.bristol, &within("/installations"), &propose).await.headers["location"].to_str().unwrap().to_owned();
    host.post(&host.bristol, &format!("{at}/activation"), &json!({})).await.ok();
    let body = json!({
        "candidate": { "plugin": plugin["digest"], "grants": all, "settings": { "attack": "panic" } }, "question": "progress", "as_of": [DAY],
    });
    let read = host.tried(&host.begin(&body).await.ok()).await;
    assert_eq!((&read["left_out"], &read["trial_grants"]), (&json!(["hearth:family/notes"]), &json!([])), "{read}");
    let failed = read["came"]["failures"].as_array().unwrap();
    assert!(failed.iter().any(|f| f["of"] == "candidate" && f["code"] == "plugin-trapped"), "{failed:?}");

    // Asked for by one, given by another.
    let today = host.house.stores.clock().now().day();
    let asks = |field: &str, value: Value| {
        let mut asks = json!({ "plugin": plugin["digest"], "interface": "hearth:family/notes", "why": "1.1 reads notes", "until": today.plus(10).unwrap() });
        asks[field] = value;
        asks
    };
    let manager = world.tokens["manager"].clone();
    let readers = json!([world.id("own-case")]);
    for (wrong, field) in [
        (asks("interface", json!("hearth:actions/tasks")), "interface"),
        (asks("until", json!(today.plus(-1).unwrap())), "until"),
        (asks("until", json!(today.plus(100).unwrap())), "until"),
        (asks("readers", json!([crate::record::LoginId::fresh()])), "readers[0]"),
        (asks("why", json!("")), "why"),
    ] {
        assert_eq!(host.post(&manager, &within("/trial-grants"), &wrong).await.problem(), is(422, "invalid", Some(field)), "{wrong}");
    }
    let asked = host.post(&manager, &within("/trial-grants"), &asks("readers", readers)).await.ok();
    assert_eq!(host.tried(&host.begin(&body).await.ok()).await["left_out"], json!(["hearth:family/notes"]), "asked for is not given");
    let giving = within(&format!("/trial-grants/{}/giving", asked["id"].as_str().unwrap()));
    let basis = json!({ "basis": "public task" });
    assert_eq!(host.post(&manager, &giving, &basis).await.status, StatusCode::FORBIDDEN);
    let given = host.post(&host.bristol, &giving, &basis).await.ok();
    assert_eq!((&given["state"], &given["basis"]), (&json!("given"), &json!("public task")));
    assert_eq!(host.post(&host.bristol, &giving, &basis).await.problem(), is(409, "conflict", None));
    let begun = host.begin(&body).await.ok();
    let read = host.tried(&begun).await;
    assert_eq!((&read["left_out"], &read["trial_grants"]), (&json!([]), &json!([asked["id"]])), "{read}");
    // Its rows are not for everybody who sees decisions, and numbers of 1 to 4 families are hidden from them.
    assert_eq!(read["sees_rows"], false);
    assert_eq!(host.differences(&begun, "").await.problem(), is(403, "not-allowed", None));
    assert_eq!(read["came"]["compared"], json!({ "few": true }), "{read}");
    let used = host.get(&manager, &within("/trial-grants")).await.ok();
    assert_eq!(used["items"][0]["used"], json!([begun["id"]]));
    // It is over after its day; nor does anybody go on with what reads under it and was begun before.
    let (id, _) =
        host.begun_with_and_gone(&json!({ "plugin": plugin["digest"], "grants": all }), json!({ "attack": "panic" }), &[DAY]).await;
    host.wait(12 * 24 * 60);
    assert_eq!(host.workflow().go_on_with_back_test(&host.bristol_store().await).await.unwrap(), Some(id));
    let stopped = host.get(&host.bristol, &within(&format!("/back-tests/{id}"))).await.ok();
    assert_eq!((&stopped["state"], &stopped["done"]), (&json!("failed"), &json!(0)), "{stopped}");
    assert_eq!(stopped["why"], "a trial grant that it reads under is over: begin another");
    assert_eq!(host.tried(&host.begin(&body).await.ok()).await["left_out"], json!(["hearth:family/notes"]));
}

#[tokio::test]
async fn it_is_cancelled_removed_and_found_stopped_when_its_host_is_gone() {
    let host = Host::new().await;
    let live = host.deciding().await;
    let store = host.bristol_store().await;
    // Begun by a host that is gone at once: nobody goes on with it.
    let (id, plan) = host.begun_and_gone(&live, &[DAY]).await;
    let at = within(&format!("/back-tests/{id}"));
    let state = async || host.get(&host.bristol, &at).await.ok()["state"].clone();
    assert_eq!(state().await, "running");
    assert_eq!(host.begin(&candidate(&live, json!({}))).await.problem(), is(409, "conflict", None), "one at a time");
    host.wait(5);
    assert_eq!(state().await, "stopped");
    // Whoever comes late to a cancelled one keeps nothing.
    host.post(&host.bristol, &format!("{at}/cancellation"), &json!({})).await.ok();
    assert_eq!(host.post(&host.bristol, &format!("{at}/cancellation"), &json!({})).await.problem(), is(409, "conflict", None));
    host.workflow().run_back_test(&store, id, plan, "a test").await.unwrap();
    let read = host.get(&host.bristol, &at).await.ok();
    assert_eq!((&read["state"], &read["done"]), (&json!("cancelled"), &json!(0)));
    assert_eq!(host.differences(&read, "").await.ok()["items"], json!([]));

    let begun = host.begin(&candidate(&live, json!({ "attendance-percent": 100 }))).await.ok();
    host.tried(&begun).await;
    assert!(!host.differences(&begun, "").await.ok()["items"].as_array().unwrap().is_empty());
    let at = within(&format!("/back-tests/{}", begun["id"].as_str().unwrap()));
    host.post(&host.bristol, &format!("{at}/removal"), &json!({})).await.ok();
    assert_eq!(host.differences(&begun, "").await.ok()["items"], json!([]));
    let read = host.get(&host.bristol, &at).await.ok();
    assert_eq!((&read["state"], &read["came"]["compared"]["count"]), (&json!("removed"), &json!(0)));
    // When its day is over, it goes.
    host.wait(32 * 24 * 60);
    host.house.stores.forget_old(90, 400).await.unwrap();
    assert_eq!(host.get(&host.bristol, &at).await.problem(), is(404, "no-such", Some("back-test")));
}

#[tokio::test]
async fn what_a_host_that_is_gone_left_is_gone_on_with_from_where_it_came_to() {
    let host = Host::new().await;
    let live = host.deciding().await;
    let store = host.bristol_store().await;
    let whole = host
        .tried(
            &host
                .begin(&{
                    let mut body = candidate(&live, json!({ "attendance-percent": 100 }));
                    body["as_of"] = json!(["2026-07-31", DAY]);
                    body
                })
                .await
                .ok(),
        )
        .await;
    assert_eq!((&whole["done"], &whole["state"]), (&json!(6), &json!("done")));
    // The first day was asked about and kept; then its host was gone.
    let (id, plan) = host.begun_and_gone(&live, &["2026-07-31", DAY]).await;
    let came = CameOut { compared: 3, not_known: 70, ..CameOut::default() };
    let lease = crate::record::KnownAt::from_millis(store.clock().now().millis() + 60_000);
    let mut tx = store.write("a test", "kept").await.unwrap();
    let told = serde_json::to_string(&came).unwrap();
    assert!(tx.back_test_reached(id, (0, 3), (&told, lease), &[], 0).await.unwrap());
    tx.commit().await.unwrap();
    assert_eq!(host.workflow().go_on_with_back_test(&store).await.unwrap(), None, "its host may be there");
    host.wait(5);
    // Whoever is no family yet when it began is not asked about.
    host.post(&host.bristol, &within("/families"), &super::family("LATER-1")).await.ok();
    let at = within(&format!("/back-tests/{id}"));
    let read = async || host.get(&host.bristol, &at).await.ok();
    assert_eq!(read().await["state"], "stopped");
    assert_eq!(host.workflow().go_on_with_back_test(&store).await.unwrap(), Some(id));
    let ended = read().await;
    assert_eq!((&ended["state"], &ended["done"], &ended["total"]), (&json!("done"), &json!(6), &json!(6)), "{ended}");
    // What was kept of the first day is there once, and the second day was asked about.
    assert_eq!((&ended["came"]["compared"]["count"], &ended["came"]["not_known"]["count"]), (&json!(6), &json!(70)), "{ended}");
    let rows = host.differences(&ended, "").await.ok()["items"].as_array().unwrap().clone();
    assert!(!rows.is_empty() && rows.iter().all(|row| row["as_of"] == DAY), "{rows:?}");
    assert_eq!(host.workflow().go_on_with_back_test(&store).await.unwrap(), None);
    // The host that was thought gone, and was slow: it finds that another went on, and keeps nothing.
    host.workflow().run_back_test(&store, id, plan, "a test").await.unwrap();
    assert_eq!(read().await["came"], ended["came"]);

    // Of two that went on one kept it, and the other neither keeps nor ends anything.
    let (id, slow) = host.begun_and_gone(&live, &[DAY]).await;
    let mut tx = store.write("a test", "kept").await.unwrap();
    assert!(tx.back_test_reached(id, (0, 1), (&told, lease), &[], 0).await.unwrap());
    tx.commit().await.unwrap();
    host.workflow().run_back_test(&store, id, slow, "a test").await.unwrap();
    let at = within(&format!("/back-tests/{id}"));
    let read = host.get(&host.bristol, &at).await.ok();
    assert_eq!(
        (&read["done"], &read["came"]["compared"]["count"]),
        (&json!(1), &json!(3)),
        "kept once, and not ended by who lost it: {read}"
    );
}
