//! What outcomes are missing, when to look again, what is reported without claims, and what outcomes cost and save.

use axum::body::Body;
use axum::http::{Method, header};
use serde_json::{Value, json};

use super::claims::Claiming;
use super::{Got, Host, is, request, within};

async fn sheet(host: &Host, text: &str) -> Got {
    let seen = host.get(&host.bristol, &within("/tables/unit-costs")).await.headers.get(header::ETAG).cloned();
    let mut put = request(Method::PUT, &host.bristol, &within("/tables/unit-costs")).header(header::CONTENT_TYPE, "text/csv");
    if let Some(seen) = seen {
        put = put.header(header::IF_MATCH, seen);
    }
    host.send(put.body(Body::from(text.to_owned())).unwrap()).await
}

const HEAD: &str = "what,of,per,first,last,pounds,agency,source\n";
const YEAR: &str = "first=2026-04-01&last=2027-03-31";

#[tokio::test]
async fn what_is_missing_is_told_in_sentences_and_when_to_look_again() {
    let host = Host::new().await;
    let family = host.demo_family("br-0006-call-outs-10-to-5").await;
    let id = family.as_str().unwrap();
    host.adopt("bristol-outcomes", json!({})).await;
    let missing = within(&format!("/families/{id}/missing"));
    assert_eq!(host.get(&host.bristol, &missing).await.ok()["questions"], json!([]), "nobody asked yet");
    let decision = host.decide(&family, "progress").await.ok();
    let told = host.get(&host.bristol, &missing).await.ok()["questions"][0].clone();
    assert_eq!((&told["question"], &told["decision"]), (&json!("progress"), &decision["id"]));
    let findings = told["missing"].as_array().unwrap();
    assert!(!findings.is_empty());
    for finding in findings {
        assert!(["not-met", "not-enough-evidence"].contains(&finding["standing"].as_str().unwrap()), "{finding}");
        let sentence = finding["reasons"][0]["sentence"].as_str().unwrap();
        assert!(sentence.len() > 15 && sentence.contains(' '), "{sentence}");
    }
    let welsh = host.get(&host.bristol, &format!("{missing}?language=cy")).await.ok();
    assert_ne!(welsh["questions"][0]["missing"][0]["reasons"], told["missing"][0]["reasons"]);

    let on = told["look_again"].as_str().unwrap();
    let listed = host.get(&host.bristol, &within(&format!("/look-again?until={on}"))).await.ok();
    let row = json!({ "on": on, "family": family, "question": "progress", "decision": decision["id"] });
    assert_eq!(listed["items"], json!([row]));
    let day: crate::record::Day = on.parse().unwrap();
    let before = host.get(&host.bristol, &within(&format!("/look-again?until={}", day.plus(-1).unwrap()))).await.ok();
    assert_eq!(before["items"], json!([]));
    // Asked again, the later answer's day counts alone.
    let again = json!({ "family": family, "question": "progress", "as_of": "2026-09-15" });
    let later = host.post(&host.bristol, &within("/decisions"), &again).await.ok();
    let listed = host.get(&host.bristol, &within("/look-again?until=2028-01-01")).await.ok();
    let decisions: Vec<&Value> = listed["items"].as_array().unwrap().iter().map(|l| &l["decision"]).collect();
    assert_eq!(decisions, [&later["id"]]);
}

#[tokio::test]
async fn an_authority_that_is_paid_up_front_drafts_no_claim_and_reports_what_was_achieved() {
    let host = Host::new().await;
    let family = host.demo_family("br-0004-call-outs-11-to-4").await;
    host.adopt("bristol-outcomes", json!({})).await;
    let rules = json!({ "claims": false, "approval": { "roles": ["manager"] } });
    host.put(&host.bristol, &within("/claim-rules"), &rules).await.ok();
    let decision = host.decide(&family, "progress").await.ok();
    let came: Vec<&str> = decision["claims"].as_array().unwrap().iter().map(|c| c["came_to"].as_str().unwrap()).collect();
    assert!(!came.is_empty() && came.iter().all(|c| *c == "reported-only"), "{came:?}");
    assert_eq!(host.get(&host.bristol, &within("/claims")).await.ok()["items"], json!([]));
    let read = host.get(&host.bristol, &within(&format!("/decisions/{}", decision["id"].as_str().unwrap()))).await.ok();
    assert_eq!(read["claims"], decision["claims"], "read as it was answered");

    let report = host.get(&host.bristol, &within("/outcome-returns?first=2026-07-01&last=2026-09-30")).await.ok();
    let quarter = &report["quarters"][0];
    assert_eq!(
        (&report["authority"], &quarter["first"], &quarter["last"]),
        (&json!("E06000023"), &json!("2026-07-01"), &json!("2026-09-30"))
    );
    assert_eq!(quarter["families_helped"], json!({ "few": true }), "one family is too few to be counted");
    let of = |outcome: &str| quarter["outcomes"].as_array().unwrap().iter().find(|o| o["outcome"] == outcome).unwrap()["families"].clone();
    assert_eq!(of(decision["result"].as_str().unwrap()), json!({ "few": true }));
    assert_eq!(
        (of("continuous-employment"), &quarter["not_decided"]),
        (json!({ "count": 0, "few": false }), &json!({ "count": 0, "few": false }))
    );
    for (period, field) in
        [("first=2026-07-01&last=2026-06-30", "last"), ("first=2006-07-01&last=2026-06-30", "last"), ("first=2026-07-01", "last")]
    {
        let got = host.get(&host.bristol, &within(&format!("/outcome-returns?{period}"))).await;
        assert_eq!(got.problem(), is(422, "invalid", Some(field)), "{period}");
    }
}

#[tokio::test]
async fn unit_costs_are_a_sheet_with_versions_and_savings_show_their_parts() {
    let of = Claiming::new().await;
    let host = &of.host;
    let met = of.decision["findings"].as_array().unwrap().iter().find(|f| f["standing"] == "met").expect("nothing is met");
    let criterion = met["criterion"].as_str().unwrap();
    let rows = format!("saving,{criterion},family,2026-04-01,,183.50,Avon police,own\ncost,helped,family,2026-04-01,,2100,Bristol,own\n");
    let supplied = sheet(host, &format!("{HEAD}{rows}")).await.ok();
    assert_eq!((&supplied["version"], &supplied["rows"][0]["pence"]), (&json!(1), &json!(18_350)));
    assert_eq!(sheet(host, &format!("{HEAD}{rows}")).await.ok()["version"], 1, "the same rows again make none");
    let wrong = sheet(host, &format!("{HEAD}{}", rows.replace("183.50", "much"))).await;
    assert_eq!(wrong.problem(), is(422, "invalid", Some("rows[1].pounds")));
    let json_instead = host.put(&host.bristol, &within("/tables/unit-costs"), &json!({ "rows": [] })).await;
    assert_eq!(json_instead.problem(), is(415, "wrong-media-type", None));

    let sum = host.get(&host.bristol, &within(&format!("/savings?{YEAR}"))).await.ok();
    let part = &sum["savings"][0];
    assert_eq!((&part["of"], &part["agency"], &part["source"]), (&json!(criterion), &json!("Avon police"), &json!("own")));
    assert_eq!((&part["families"], &part["total_pence"]), (&json!({ "few": true }), &Value::Null), "one family is too few");
    assert_eq!((&sum["savings_pence"], &sum["costs_pence"], sum["left_out"].as_u64() >= Some(2)), (&json!(0), &json!(0), true), "{sum}");
    // The year before, the figure did not hold and nobody was decided about.
    let before = host.get(&host.bristol, &within("/savings?first=2025-04-01&last=2026-03-31")).await.ok();
    assert_eq!((&before["savings"], &before["claims_pence"]), (&json!([]), &json!(0)));
}

#[tokio::test]
async fn a_schedule_is_set_by_whoever_saw_it_and_names_what_is_wrong() {
    let host = Host::new().await;
    let path = within("/evaluation-schedule");
    assert_eq!(host.get(&host.bristol, &path).await.ok(), json!({}));
    for (schedule, field) in [
        (json!({ "question": "suited", "every": "week", "hour": 2 }), "day"),
        (json!({ "question": "suited", "every": "month", "day": 31, "hour": 2 }), "day"),
        (json!({ "question": "suited", "every": "day", "hour": 24 }), "hour"),
        (json!({ "question": "triage", "every": "day", "hour": 2 }), "question"),
    ] {
        assert_eq!(host.put(&host.bristol, &path, &schedule).await.problem(), is(422, "invalid", Some(field)), "{schedule}");
    }
    let schedule = json!({ "question": "suited", "every": "month", "day": 1, "hour": 2 });
    let set = host.put(&host.bristol, &path, &schedule).await.ok();
    assert_eq!((&set["schedule"]["day"], &set["by"]), (&json!(1), &json!("data manager")));
    let unseen = host.send(super::json_request(Method::PUT, &host.bristol, &path, &schedule)).await;
    assert_eq!(unseen.problem(), is(428, "version-needed", Some("If-Match")));
    assert_eq!(host.get(&host.bristol, &within("/evaluations")).await.ok()["items"], json!([]));
}
