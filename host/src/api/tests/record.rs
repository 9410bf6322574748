//! Families and facts, in and out.

use axum::http::{StatusCode, header};
use serde_json::json;

use super::{Host, attendance, family, is, within};

#[tokio::test]
async fn a_family_is_read_as_it_was_taken_in() {
    let host = Host::new().await;
    let taken = host.family("BR-1").await;
    let id = taken["id"].as_str().unwrap();
    assert_eq!(taken["revision"], 1);
    let read = host.get(&host.bristol, &within(&format!("/families/{id}"))).await.ok();
    assert_eq!((&read["reference"], &read["revision"]), (&json!("BR-1"), &json!(1)));
    let ben = &read["members"][1];
    assert_eq!(ben["id"], taken["people"]["ben"]);
    assert_eq!((&ben["name"]["given"], &ben["born"]), (&json!("Ben"), &json!("2012-05-06")));
    assert_eq!(ben["memberships"], json!([{ "first": "2020-01-01", "resident": true }]));

    let found = host.get(&host.bristol, &within("/families?reference=BR-1")).await.ok();
    assert_eq!(found["items"][0]["id"], taken["id"]);
    let twice = host.post(&host.bristol, &within("/families"), &family("BR-1")).await;
    assert_eq!(twice.problem(), is(409, "exists", Some("reference")));
}

#[tokio::test]
async fn families_come_in_pages() {
    let host = Host::new().await;
    for n in 0..5 {
        host.family(&format!("BR-{n}")).await;
    }
    let (mut seen, mut path) = (Vec::new(), within("/families?limit=2"));
    loop {
        let page = host.get(&host.bristol, &path).await.ok();
        seen.extend(page["items"].as_array().unwrap().iter().map(|f| f["reference"].as_str().unwrap().to_owned()));
        match page["next"].as_str() {
            Some(next) => path = within(&format!("/families?limit=2&after={next}")),
            None => break,
        }
    }
    assert_eq!(seen, ["BR-0", "BR-1", "BR-2", "BR-3", "BR-4"]);
}

#[tokio::test]
async fn a_fact_is_corrected_and_withdrawn_and_stays_readable() {
    let host = Host::new().await;
    let taken = host.family("BR-1").await;
    let (id, ben) = (taken["id"].as_str().unwrap(), taken["people"]["ben"].as_str().unwrap());
    let facts = within(&format!("/families/{id}/facts?kind=attendance"));
    let before = host.get(&host.bristol, &facts).await.ok()["items"][0].clone();

    let mut correction = attendance(ben, 110);
    correction["supersedes"] = before["id"].clone();
    let added = host.post(&host.bristol, &within("/facts"), &correction).await;
    assert_eq!(added.status, StatusCode::CREATED, "{}", added.text());
    let fact = added.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(added.headers[header::LOCATION].to_str().unwrap(), within(&format!("/facts/{fact}")));
    let now = host.get(&host.bristol, &facts).await.ok();
    assert_eq!(now["items"].as_array().unwrap().len(), 1);
    assert_eq!((&now["items"][0]["id"], &now["items"][0]["detail"]["attended"]), (&json!(fact), &json!(110)));

    // Somebody else who saw the first fact comes too late.
    let late = host.post(&host.bristol, &within("/facts"), &correction).await;
    assert_eq!(late.problem(), is(409, "conflict", Some("supersedes")));

    let withdrawal = within(&format!("/facts/{fact}/withdrawal"));
    assert_eq!(host.post(&host.bristol, &withdrawal, &json!({})).await.ok()["fact"], json!(fact));
    assert_eq!(host.post(&host.bristol, &withdrawal, &json!({})).await.problem(), is(409, "conflict", None));
    assert_eq!(host.get(&host.bristol, &facts).await.ok()["items"], json!([]));
    assert_eq!(host.get(&host.bristol, &within(&format!("/facts/{fact}"))).await.ok()["detail"]["attended"], 110);

    let known_at = before["known_at"].as_str().unwrap();
    let then = host.get(&host.bristol, &format!("{facts}&known_at={known_at}")).await.ok();
    assert_eq!(then["items"][0]["id"], before["id"], "the record as it was known then");
    assert_eq!(host.get(&host.bristol, &within(&format!("/families/{id}"))).await.ok()["revision"], 3);
}

#[tokio::test]
async fn coverage_says_what_is_new() {
    let host = Host::new().await;
    let statement =
        json!({ "kind": "police-callout", "first": "2025-09-01", "last": "2026-08-31", "state": "complete", "source": "avon-police" });
    let sent = json!({ "statements": [statement] });
    let path = within("/coverage");
    assert_eq!(host.post(&host.bristol, &path, &sent).await.ok()["new"], 1);
    assert_eq!(host.post(&host.bristol, &path, &sent).await.ok()["new"], 0);
    assert_eq!(host.get(&host.bristol, &path).await.ok()["items"], json!([statement]));
    for (name, value, field) in [
        ("last", json!("2025-08-31"), "statements[0].last"),
        ("source", json!("nobody-police"), "statements[0].source"),
        ("person", json!(crate::record::PersonId::fresh()), "statements[0].person"),
    ] {
        let mut wrong = sent.clone();
        wrong["statements"][0][name] = value;
        assert_eq!(host.post(&host.bristol, &path, &wrong).await.problem(), is(422, "invalid", Some(field)));
    }
}

#[tokio::test]
async fn organisations_are_listed_by_short_name() {
    let host = Host::new().await;
    let new = json!({ "id": "harbour-steps", "name": "Harbour Steps", "kind": "charity" });
    let added = host.post(&host.bristol, "/v1/organisations", &new).await;
    assert_eq!(added.headers[header::LOCATION], "/v1/organisations/harbour-steps");
    assert_eq!(host.get(&host.leeds, "/v1/organisations/harbour-steps").await.ok(), new);
    assert_eq!(host.post(&host.bristol, "/v1/organisations", &new).await.problem().1, "exists");
    let mut odd = new.clone();
    odd["kind"] = json!("coven");
    assert_eq!(host.post(&host.bristol, "/v1/organisations", &odd).await.problem(), is(422, "invalid", Some("kind")));
    let page = host.get(&host.bristol, "/v1/organisations?limit=2").await.ok();
    assert_eq!(page["items"].as_array().unwrap().len(), 2);
    assert!(page["next"].is_string());
}
