//! What is read is noted, by every route that shows anything of a family; and the trail is read.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::actions::referral;
use super::{Host, is, within};
use crate::api::openapi;

/// Routes that show nothing of any family or person.
const NOTHING_OF_A_FAMILY: [&str; 68] = [
    "/claim-sums",
    "/colleagues",
    "",
    "/agreements",
    "/back-tests",
    "/trial-grants",
    // Noted too, by what was searched for: shown by another test.
    "/audit/entries",
    "/audit/seals",
    "/coverage",
    "/covers",
    "/deliveries",
    "/destinations",
    "/erasures",
    "/failure-policies",
    // That something happened, by names and ids: whoever follows is no reader of anybody's.
    "/feed",
    "/feeds",
    "/forms",
    "/front-door",
    "/holds",
    "/identity-provider",
    "/impact",
    "/installations",
    "/installations/{installation}",
    "/installations/{installation}/tables/{table}",
    "/installations/{installation}/activations",
    "/installations/{installation}/review",
    "/installations/{installation}/settings-changes",
    "/plugin-operations",
    "/plugin-review",
    "/intake-settings",
    "/invitations",
    "/mappings",
    "/mappings/{mapping}",
    "/match-decisions",
    "/me",
    "/people",
    "/policies",
    "/retention",
    // Where it stands, for whoever sent it.
    "/sent-referrals",
    "/sign-in",
    "/sign-in/callback",
    "/sign-ins",
    "/tables/school-terms",
    "/tables/services",
    "/tokens",
    "/webhooks",
    "/workers",
    "/claim-batches",
    "/claim-rules",
    "/evaluation-schedule",
    "/evaluations",
    "/outcome-returns",
    "/savings",
    "/tables/unit-costs",
    // Of contracts, families are numbers.
    "/budgets",
    "/buying-settings",
    "/contracts",
    "/payment-lines",
    "/published/contracts",
    "/published/grants",
    "/published/services",
    "/services",
    "/services/{service}",
    "/services/{service}/versions",
    // How plugins travel.
    "/catalogue",
    "/installations/{installation}/updates",
    "/plugin-rules",
    "/plugins/{plugin}/scenarios",
];

/// Routes that show what this test's family has none of: read, they note nothing. What they show when there is something is below.
const NOTHING_TO_SHOW: [&str; 18] = [
    "/corrected-decisions",
    "/emergencies",
    "/handovers",
    "/happenings",
    "/matches",
    "/notices",
    "/overrides",
    "/person-merges",
    "/referrals",
    "/reviews",
    "/service-referrals",
    "/subject-requests",
    "/tasks",
    "/undecided",
    "/claims",
    "/look-again",
    // Of families, those of their own.
    "/meetings",
    "/sittings",
];

/// Of things that this test has none of.
const NOT_THERE: [&str; 37] = [
    "/back-tests/{test}/events",
    "/deliveries/{delivery}/events",
    "/evaluations/{evaluation}/events",
    "/payment-lines/{line}",
    "/service-referrals/{referral}",
    "/back-tests/{test}",
    "/back-tests/{test}/differences",
    "/back-tests/{test}/file",
    "/assessments/{assessment}",
    "/assessments/{assessment}/form",
    "/attachments/{attachment}",
    "/budgets/{budget}",
    "/contracts/{contract}",
    "/contracts/{contract}/decisions",
    "/contracts/{contract}/payment-lines",
    "/contracts/{contract}/performance",
    "/contracts/{contract}/versions",
    "/deliveries/{delivery}",
    "/handovers/{handover}",
    "/installations/{installation}/shadow",
    "/installations/{installation}/shadow-answers",
    "/matches/{row}",
    "/referrals/{referral}",
    "/referrals/{referral}/involvement",
    "/sent-referrals/{referral}",
    "/subject-requests/{request}",
    "/subject-requests/{request}/released",
    "/people/{login}",
    "/workers/{login}",
    "/claim-batches/{batch}/file",
    "/claims/{claim}",
    "/claims/{claim}/evidence",
    "/claims/{claim}/evidence-page",
    "/catalogue/{module}",
    "/catalogue/{module}/versions",
    "/meetings/{meeting}",
    "/sittings/{sitting}",
];

/// Readings, the latest first, without those of the trail itself.
async fn readings(host: &Host) -> Vec<Value> {
    let found = host.get(&host.bristol, &within("/audit/entries?act=read&limit=200")).await.ok();
    let found = found["items"].as_array().unwrap().clone();
    found.into_iter().filter(|e| e["thing"] != "audit").collect()
}

#[tokio::test]
async fn every_route_that_shows_a_family_notes_who_looked() {
    let host = Host::new().await;
    let family = host.family("BR-1").await;
    host.planner("goal").await;
    let decision = host.ask(&family, "triage", referral(json!([]))).await.ok();
    let fact = host.get(&host.bristol, &within(&format!("/families/{}/facts", family["id"].as_str().unwrap()))).await.ok();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let (id, decision_id, fact) = (text(&family["id"]), text(&decision["id"]), text(&fact["items"][0]["id"]));
    let proposal = text(&decision["actions"][0]["came_to"]["proposal"]);
    let installation = text(&decision["installation"]);

    let document = serde_json::to_value(openapi()).unwrap();
    let read: BTreeSet<String> =
        document["paths"].as_object().unwrap().iter().filter(|(_, item)| item.get("get").is_some()).map(|(p, _)| p.clone()).collect();
    let mut shown = Vec::new();
    for path in read.iter().filter_map(|p| p.strip_prefix("/v1/authorities/{authority}")) {
        if NOTHING_OF_A_FAMILY.contains(&path) || NOT_THERE.contains(&path) {
            continue;
        }
        let before = readings(&host).await.len();
        let filled = path.replace("{family}", &id).replace("{decision}", &decision_id).replace("{fact}", &fact);
        let filled = filled.replace("{proposal}", &proposal).replace("{installation}", &installation);
        let asked = match path {
            "/search" => "?name=Bell",
            "/families/{family}/sharing" => "?organisation=hill-school",
            _ => "",
        };
        let token = if path.starts_with("/subject-requests") { &host.officer } else { &host.bristol };
        let answer = host.get(token, &within(&format!("{filled}{asked}"))).await.ok();
        let now = readings(&host).await;
        if NOTHING_TO_SHOW.contains(&path) {
            assert_eq!((answer["items"].as_array().unwrap().len(), now.len()), (0, before), "{path}");
            continue;
        }
        assert!(now.len() > before, "{path} showed a family and noted nothing");
        assert!(now[0]["family"].as_str().or(now[0]["person"].as_str()).is_some(), "{path}: {}", now[0]);
        let route = format!("GET /v1/authorities/{{authority}}{path}");
        assert_eq!(
            (&now[0]["principal"], &now[0]["what"], &now[0]["purpose"]),
            (&json!("data manager"), &json!(route), &json!("casework"))
        );
        shown.push(path);
    }
    assert_eq!(
        shown,
        [
            "/decisions",
            "/decisions/{decision}",
            "/facts/{fact}",
            "/families",
            "/families/{family}",
            "/families/{family}/assessment-requests",
            "/families/{family}/assessments",
            "/families/{family}/assignments",
            "/families/{family}/attachments",
            "/families/{family}/claims",
            "/families/{family}/consent-requests",
            "/families/{family}/distance",
            "/families/{family}/facts",
            "/families/{family}/help-requests",
            "/families/{family}/journey",
            "/families/{family}/meetings",
            "/families/{family}/merges",
            "/families/{family}/missing",
            "/families/{family}/notices",
            "/families/{family}/plan",
            "/families/{family}/referrals",
            "/families/{family}/seals",
            "/families/{family}/shares",
            "/families/{family}/sharing",
            "/families/{family}/splits",
            "/family-standings",
            "/installations/{installation}/runs",
            "/proposals",
            "/proposals/{proposal}",
            "/search",
        ],
        "a new route: does it show a family? Then it notes who looked; else it is named above"
    );
}

#[tokio::test]
async fn a_reading_says_which_sections_were_shown_and_an_answer_to_a_question_is_a_reading() {
    let host = Host::new().await;
    let family = host.family("BR-1").await;
    let id = family["id"].as_str().unwrap();
    host.get(&host.bristol, &within(&format!("/families/{id}/facts?kind=attendance"))).await.ok();
    assert_eq!(readings(&host).await[0]["sections"], json!(["education"]));
    host.get(&host.bristol, &within(&format!("/families/{id}"))).await.ok();
    assert_eq!(readings(&host).await[0]["sections"], json!(["household", "identity"]));
    host.planner("goal").await;
    let decision = host.ask(&family, "triage", referral(json!([]))).await.ok();
    let noted = readings(&host).await[0].clone();
    assert_eq!((&noted["family"], &noted["thing"]), (&json!(id), &json!(format!("decision/{}", decision["id"].as_str().unwrap()))));
    assert_eq!(noted["sections"], decision["delivered"]);
}

#[tokio::test]
async fn whoever_tries_what_they_may_not_is_noted_and_not_told() {
    let host = Host::new().await;
    assert_eq!(host.get(&host.leeds, &within("/families")).await.problem(), is(404, "no-such", Some("authority")));
    assert_eq!(host.get(&host.operator, &within("/families")).await.problem(), is(403, "not-allowed", None));
    let refused = host.get(&host.bristol, &within("/audit/entries?act=refused")).await.ok();
    let who: Vec<&str> = refused["items"].as_array().unwrap().iter().map(|e| e["principal"].as_str().unwrap()).collect();
    assert_eq!(who, ["operator/operator", "E08000035/data manager"]);
}

#[tokio::test]
async fn the_trail_is_searched_and_its_seals_are_listed() {
    let host = Host::new().await;
    let family = host.family("BR-1").await;
    let id = family["id"].as_str().unwrap();
    let search = async |rest: &str| host.get(&host.bristol, &within(&format!("/audit/entries?{rest}"))).await;
    let of_family = search(&format!("family={id}&act=wrote")).await.ok();
    assert_eq!((&of_family["items"][0]["what"], &of_family["items"][0]["change"]), (&json!("took in a family"), &json!(1)));
    let person = family["people"]["ben"].as_str().unwrap();
    assert_eq!(search(&format!("person={person}&act=wrote")).await.ok(), of_family);
    assert_eq!(search("principal=nobody").await.ok()["items"], json!([]));
    assert_eq!(search("day=2001-01-01").await.ok()["items"], json!([]));
    let today = host.house.stores.clock().now().day();
    assert!(!search(&format!("day={today}")).await.ok()["items"].as_array().unwrap().is_empty());
    assert_eq!(search("act=ate").await.problem(), is(422, "invalid", Some("act")));
    let both = search(&format!("family={id}&person={person}")).await;
    assert_eq!(both.problem(), is(422, "invalid", Some("person")));
    assert_eq!(search("family=x").await.problem(), is(422, "invalid", Some("family")));
    for path in ["/audit/entries", "/audit/seals"] {
        assert_eq!(host.get(&host.leeds, &within(path)).await.problem(), is(404, "no-such", Some("authority")));
    }

    assert_eq!(host.get(&host.bristol, &within("/audit/seals")).await.ok()["items"], json!([]));
    host.house.stores.seal_all().await.unwrap();
    let seals = host.get(&host.bristol, &within("/audit/seals")).await.ok();
    assert_eq!((&seals["items"][0]["number"], &seals["items"][0]["first"]), (&json!(1), &json!(1)));
}
