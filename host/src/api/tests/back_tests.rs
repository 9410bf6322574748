//! A candidate is tried on real families beside the version that decides: what differs is told to who may know, and nothing follows.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::access::world::World;
use super::programme::demo;
use super::{Got, Host, is, within};
use crate::record::Day;
use crate::store::tests::{BRISTOL, code};
use crate::store::{AuthorityStore, Erase, WhyErased};

const DAY: &str = "2026-08-31";

impl Host {
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
    let criterion = &row["criteria"][0];
    let (was, now) = (&criterion["live"][0], &criterion["candidate"][0]);
    assert_ne!(was["standing"], now["standing"]);
    assert_ne!(was["threshold"], now["threshold"]);
    let facts = |f: &Value| f["reasons"].to_string().matches("\"fact\"").count();
    assert!(facts(was) > 0 && facts(now) > 0, "each cites its facts: {criterion}");
    let moved = read["came"]["criteria"].as_array().unwrap();
    assert!(moved.iter().any(|m| m["of"] == criterion["criterion"] && m["live"] != m["candidate"]), "{moved:?}");
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
    // It is over after its day.
    host.wait(12 * 24 * 60);
    assert_eq!(host.tried(&host.begin(&body).await.ok()).await["left_out"], json!(["hearth:family/notes"]));
}

#[tokio::test]
async fn it_is_cancelled_removed_and_found_stopped_when_its_host_is_gone() {
    let host = Host::new().await;
    let live = host.deciding().await;
    let store = host.bristol_store().await;
    // Begun by a host that is gone at once: nobody goes on with it.
    let wanted = || crate::workflow::back_test::Candidate {
        is: crate::workflow::back_test::CandidateIs::Plugin {
            digest: live["plugin"].as_str().unwrap().parse().unwrap(),
            grants: live["grants"].as_array().unwrap().iter().map(|g| g.as_str().unwrap().to_owned()).collect(),
            settings: json!({ "attendance-percent": 100 }),
        },
        asking: crate::workflow::Asking::Progress,
        days: vec![DAY.parse().unwrap()],
        known_then: false,
        size: None,
        seed: 0,
        keep_until: store.clock().now().day().plus(1).unwrap(),
    };
    let plan = host.workflow().plan_back_test(&store, wanted(), "a test").await.unwrap();
    let mut tx = store.write("a test", "began").await.unwrap();
    let id = host.workflow().begin_back_test(&mut tx, &plan).await.unwrap();
    tx.commit().await.unwrap();
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
    host.house.stores.forget_old(90).await.unwrap();
    assert_eq!(host.get(&host.bristol, &at).await.problem(), is(404, "no-such", Some("back-test")));
}

/// Run by name, with `--run-ignored all --no-capture`: FAMILIES of 5,000, both versions of Bristol's rules.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "measures, and says nothing that could be false"]
async fn how_many_families_a_second() {
    let host = Host::new().await;
    let live = host.deciding().await;
    let store = host.bristol_store().await;
    let families: u32 = std::env::var("FAMILIES").ok().and_then(|n| n.parse().ok()).unwrap_or(5_000);
    for from in (0..families).step_by(250) {
        let batch: Vec<_> = (from..(from + 250).min(families))
            .map(|n| {
                let mut document = super::family(&format!("M-{n}"));
                document["facts"] = json!(
                    (2005..2025)
                        .map(|year| {
                            let mut fact = super::attendance("ben", 60 + (n * 7 + year) % 80);
                            (fact["first"], fact["last"]) = (json!(format!("{year}-09-01")), json!(format!("{year}-12-19")));
                            if year == 2024 {
                                (fact["first"], fact["last"]) = (json!("2026-03-01"), json!("2026-07-20"));
                            }
                            fact["source"] = json!("hill-school");
                            fact
                        })
                        .collect::<Vec<_>>()
                );
                let file: crate::record::family_file::FamilyFile = serde_json::from_value(document).unwrap();
                file.resolve(&code(BRISTOL)).unwrap()
            })
            .collect();
        let mut tx = store.write("a test", "families").await.unwrap();
        tx.add_families(&batch).await.unwrap();
        tx.commit().await.unwrap();
    }
    for known in ["now", "then"] {
        let mut body = candidate(&live, json!({ "attendance-percent": 80, "keyworker-required": false }));
        (body["question"], body["known"]) = (json!("eligibility"), json!(known));
        body["as_of"] = json!([store.clock().now().day()]);
        let read = host.tried(&host.begin(&body).await.ok()).await;
        println!("known {known}: {} families, {} differ, {} a second", read["done"], read["came"]["different"]["count"], read["rate"]);
    }
}
