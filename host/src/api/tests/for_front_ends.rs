//! What saves front ends from asking again and again: standings of many families, batches of readings, progress as it happens, code lists.

use axum::body::Body;
use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use super::access::world::World;
use super::claims::Claiming;
use super::{Host, LEEDS, is, request, within};
use crate::api::{App, PerMinute, router};
use crate::sandbox::for_tests::built;

/// Of the only family.
async fn standing(host: &Host, token: &str) -> Value {
    let listed = host.get(token, &within("/family-standings")).await.ok();
    listed["items"][0].clone()
}

#[tokio::test]
async fn standings_say_of_each_family_what_is_told_of_it_alone() {
    let host = Host::new().await;
    let family = host.demo_family("br-0006-call-outs-10-to-5").await;
    let id = family.as_str().unwrap();
    host.adopt("bristol-outcomes", json!({})).await;
    let before = standing(&host, &host.bristol).await;
    assert_eq!((&before["id"], &before["outcomes"]), (&family, &json!([])));
    let decision = host.decide(&family, "progress").await.ok();
    for on in ["2026-01-14", "2026-02-03"] {
        let contact = json!({ "how": "visit", "role": "keyworker", "kept": true, "on": on });
        host.post(&host.bristol, &within(&format!("/families/{id}/contacts")), &contact).await.ok();
    }
    let now = standing(&host, &host.bristol).await;
    assert!(now["last_contact"].as_str() >= Some("2026-02-03"), "{now}");
    let outcome = &now["outcomes"][0];
    let alone = host.get(&host.bristol, &within(&format!("/families/{id}/missing"))).await.ok()["questions"][0].clone();
    for field in ["question", "decision", "as_of", "result"] {
        assert_eq!(outcome[field], alone[field], "{field}");
    }
    let of = |standing: &str| alone["missing"].as_array().unwrap().iter().filter(|f| f["standing"] == standing).count();
    assert_eq!((&outcome["not_met"], &outcome["not_known"]), (&json!(of("not-met")), &json!(of("not-enough-evidence"))));
    assert!(of("not-met") + of("not-enough-evidence") > 0);
    // The later answer alone.
    let again = json!({ "family": family, "question": "progress", "as_of": "2026-09-15" });
    let later = host.post(&host.bristol, &within("/decisions"), &again).await.ok();
    let outcomes = standing(&host, &host.bristol).await["outcomes"].clone();
    assert_ne!(later["id"], decision["id"]);
    assert_eq!((outcomes.as_array().unwrap().len(), &outcomes[0]["decision"]), (1, &later["id"]));
    // In lists, decisions say whose they are.
    let decisions = host.get(&host.bristol, &within("/decisions")).await.ok();
    assert_eq!(decisions["items"][0]["family_reference"], now["reference"]);
}

#[tokio::test]
async fn standings_hide_what_is_sealed_and_what_is_not_ones_own() {
    let world = World::new().await;
    let (family, host) = (world.id("family"), &world.host);
    let contact = json!({ "how": "visit", "role": "keyworker", "kept": true, "on": "2026-03-02" });
    let noted = host.post(&world.tokens["own-case"], &within(&format!("/families/{family}/contacts")), &contact).await.ok();
    let of = async |who: &str| {
        let listed = host.get(&world.tokens[who], &within("/family-standings")).await.ok();
        listed["items"].as_array().unwrap().iter().find(|f| f["id"] == *family).cloned()
    };
    for who in ["own-case", "manager", "stand-in"] {
        assert_eq!(of(who).await.unwrap()["last_contact"], "2026-03-02", "{who}");
    }
    assert_eq!(of("other-case").await, None);
    // What is shared with a school is no contact, and no decision is theirs to see.
    let shared = of("consented").await.unwrap();
    assert_eq!((shared.get("last_contact"), &shared["outcomes"]), (None, &json!([])));
    let seal = json!({ "fact": noted["id"], "names": [], "reason": "he does not know" });
    host.post(&world.tokens["own-case"], &within(&format!("/families/{family}/seals")), &seal).await.ok();
    assert_eq!(of("manager").await.unwrap().get("last_contact"), None);
    assert_eq!(of("own-case").await.unwrap()["last_contact"], "2026-03-02", "who sealed it is named");
}

async fn batch(host: &Host, token: &str, reads: &[&str]) -> super::Got {
    host.post(token, &within("/batch-reads"), &json!({ "reads": reads })).await
}

#[tokio::test]
async fn a_batch_is_answered_as_if_each_were_asked_alone() {
    let world = World::new().await;
    let (host, family) = (&world.host, world.id("family"));
    let (plan, none) = (format!("/families/{family}/plan"), "/families/01890000-0000-7000-8000-000000000000");
    let reads = ["/families?limit=1", &plan, "/people", none, "/nothing-here"];
    for who in ["own-case", "other-case", "manager", "consented", "auditor"] {
        let answers = batch(host, &world.tokens[who], &reads).await.ok()["answers"].clone();
        for (read, answer) in reads.iter().zip(answers.as_array().unwrap()) {
            let alone = host.get(&world.tokens[who], &within(read)).await;
            assert_eq!((&answer["status"], &answer["body"]), (&json!(alone.status.as_u16()), &alone.json()), "{who} {read}");
            assert_eq!(answer.get("etag").and_then(Value::as_str), alone.headers.get("etag").map(|v| v.to_str().unwrap()), "{who} {read}");
        }
    }
    // Noted as each would be.
    let read = async || {
        let entries = host.get(&host.bristol, &within("/audit/entries?act=read&limit=200")).await.ok()["items"].clone();
        entries.as_array().unwrap().iter().filter(|e| e["what"] == "GET /v1/authorities/{authority}/families/{family}/plan").count()
    };
    let before = read().await;
    batch(host, &world.tokens["own-case"], &[&plan, &plan]).await.ok();
    assert_eq!(read().await, before + 2);
    assert_eq!(batch(host, &world.tokens["former"], &["/me"]).await.problem(), is(404, "no-such", Some("authority")));
}

#[tokio::test]
async fn a_batch_stays_within_its_authority_and_its_limits() {
    let host = Host::new().await;
    for reads in [vec![], vec!["/me"; 51]] {
        assert_eq!(batch(&host, &host.bristol, &reads).await.problem(), is(422, "invalid", Some("reads")));
    }
    for bad in ["me", "//v1", "/../E08000035/families", "/families/../../E08000035/me", "/%2E%2e/E08000035/me", "/deliveries/x/events"] {
        let got = batch(&host, &host.bristol, &["/me", bad]).await;
        assert_eq!(got.problem(), is(422, "invalid", Some("reads[1]")), "{bad}");
    }
    let within_another = host.get(&host.bristol, &format!("/v1/authorities/{LEEDS}/me")).await;
    assert_eq!(within_another.status, StatusCode::NOT_FOUND);
    // Each counts as one of a caller's requests.
    let most = PerMinute { caller: 10, authority: 1_000, refused: 60, again: 60 };
    let few = router(App::new(host.house.stores.clone(), host.sandbox.clone()).asked_at_most(most, false));
    let sent = super::json_request(Method::POST, &host.bristol, &within("/batch-reads"), &json!({ "reads": vec!["/me"; 20] }));
    let answers = super::send(&few, sent).await.ok()["answers"].clone();
    let turned_away = answers.as_array().unwrap().iter().filter(|a| a["status"] == 429).count();
    assert!((9..=11).contains(&turned_away), "{turned_away}");
}

const FILE: &str = "Surname,Forename,DOB,Term start,Term end,Sessions possible,Sessions attended,Unauthorised\n\
                    Bell,Ben,06/05/2012,01/09/2025,19/12/2025,140,110,0\n";

#[tokio::test]
async fn work_that_is_over_says_so_and_is_not_followed_on() {
    let host = Host::new().await;
    host.family("BR-1").await;
    host.post(&host.bristol, "/v1/organisations", &json!({ "id": "hill-school", "name": "Hill School", "kind": "school" })).await;
    let read = host.delivered(FILE).await;
    let path = within(&format!("/deliveries/{}/events", read["id"].as_str().unwrap()));
    for last in [None, Some("read-1")] {
        let mut asked = request(Method::GET, &host.bristol, &path);
        if let Some(last) = last {
            asked = asked.header("last-event-id", last);
        }
        let got = host.send(asked.body(Body::empty()).unwrap()).await;
        assert_eq!((got.status, got.headers["content-type"].to_str().unwrap()), (StatusCode::OK, "text/event-stream"));
        let text = String::from_utf8(got.bytes).unwrap();
        let data = json!({ "state": "read", "done": 1, "total": 1, "over": true });
        let told: Value = serde_json::from_str(text.split("data: ").nth(1).unwrap().trim()).unwrap();
        assert!(text.starts_with("retry: 2000\n\nevent: over\nid: read-1\ndata: "), "{text}");
        assert_eq!(told, data);
    }
    let unknown = within("/deliveries/01890000-0000-7000-8000-000000000000/events");
    assert_eq!(host.get(&host.bristol, &unknown).await.problem(), is(404, "no-such", Some("delivery")));
    assert_eq!(host.get(&host.bristol, &within("/evaluations/7/events")).await.problem(), is(404, "no-such", Some("evaluation")));
    assert_eq!(host.get(&host.leeds, &path).await.problem(), is(404, "no-such", Some("authority")));
}

#[tokio::test]
async fn claims_are_summed_up_by_state_for_whoever_sees_them() {
    let of = Claiming::new().await;
    let host = &of.host;
    let claims = host.get(&host.bristol, &within("/claims")).await.ok()["items"].clone();
    let claims = claims.as_array().unwrap();
    let pence: u64 = claims.iter().map(|c| c["amount_pence"].as_u64().unwrap()).sum();
    assert!(!claims.is_empty() && claims.iter().all(|c| c["state"] == "draft" && c["family_reference"].is_string()), "{claims:?}");
    let sums = host.get(&host.bristol, &within("/claim-sums")).await.ok();
    assert_eq!(sums["items"], json!([{ "state": "draft", "claims": claims.len(), "amount_pence": pence }]));
}

#[tokio::test]
async fn code_lists_are_read_in_both_languages() {
    let host = Host::new().await;
    let all = host.get(&host.leeds, "/v1/codes").await.ok();
    let names: Vec<&str> = all["items"].as_array().unwrap().iter().map(|l| l["list"].as_str().unwrap()).collect();
    assert!(names.len() > 30 && names.is_sorted() && names.contains(&"contacts"), "{names:?}");
    let list = host.get(&host.leeds, "/v1/codes/contacts").await.ok();
    let visit = list["codes"].as_array().unwrap().iter().find(|c| c["code"] == "visit").unwrap();
    assert!(visit["en"] != visit["cy"] && visit["cy"].as_str().is_some_and(|cy| !cy.is_empty()), "{visit}");
    assert_eq!(host.get(&host.leeds, "/v1/codes/none-such").await.problem(), is(404, "no-such", Some("code list")));
    assert_eq!(host.get("", "/v1/codes").await.problem(), is(401, "not-signed-in", None));
}

#[tokio::test]
async fn one_person_and_the_forms_are_read_alone_and_an_upload_has_a_name() {
    let world = World::new().await;
    let host = &world.host;
    let listed = host.get(&host.bristol, &within("/people")).await.ok()["items"].clone();
    let manager = world.id("manager");
    let alone = host.get(&host.bristol, &within(&format!("/people/{manager}"))).await.ok();
    assert!(listed.as_array().unwrap().contains(&alone) && alone["roles"][0]["role"] == "manager", "{alone}");
    // Somebody of the host who never worked here is as nobody.
    let stranger =
        host.post(&host.leeds, &format!("/v1/authorities/{LEEDS}/people"), &json!({ "name": "Lena Ash", "role": "keyworker" })).await.ok();
    let stranger = within(&format!("/people/{}", stranger["login"].as_str().unwrap()));
    assert_eq!(host.get(&host.bristol, &stranger).await.problem(), is(404, "no-such", Some("login")));

    assert_eq!(host.get(&host.bristol, &within("/forms")).await.ok()["items"], json!([]));
    let adopted = host.adopt("early-help-assessment", json!({})).await;
    let forms = host.get(&world.tokens["own-case"], &within("/forms")).await.ok()["items"].clone();
    let whole = forms.as_array().unwrap().iter().find(|f| f["form"] == "whole-family").expect("it is offered");
    assert!(adopted.ends_with(whole["installation"].as_str().unwrap()) && whole["title"]["cy"].is_string(), "{forms}");

    let upload = request(Method::POST, &world.tokens["author"], "/v1/plugins").header("content-type", "application/wasm");
    let uploaded = host.send(upload.body(Body::from(built("planner"))).unwrap()).await.ok();
    let module = within(&format!("/catalogue/{}", uploaded["name"].as_str().unwrap()));
    let by = host.get(&host.bristol, &module).await.ok()["provenance"]["uploaded_by"].clone();
    assert_eq!(by, format!("author ({})", world.id("author")));
    // Elsewhere nobody knows them.
    let by = host.get(&host.leeds, &module.replace("E06000023", LEEDS)).await.ok()["provenance"]["uploaded_by"].clone();
    assert_eq!(by, format!("person/{}", world.id("author")));
}
