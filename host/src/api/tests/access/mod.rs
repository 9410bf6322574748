//! Who may see and do what, asked of every route by everybody: `table.txt`, which is written by hand and read by people.

mod bad_input;
mod lists;
mod marked;
mod meetings;
mod noted;
mod reshaped;
mod seals;
mod sharing;
pub mod world;

use std::collections::BTreeSet;

use axum::body::Body;
use axum::http::{Method, header};
use serde_json::{Value, json};

use super::{Got, attendance, family, request, within};
use crate::api::openapi;
use crate::record::{Day, FamilyId};
use world::World;

const TABLE: &str = include_str!("table.txt");

/// Operation, what it is about (a name of the world, or `-`), and a cell for each actor.
struct Row {
    method: Method,
    path: String,
    about: String,
    cells: Vec<char>,
}

/// The actors, in the order of the columns; and the rows.
fn table() -> (Vec<&'static str>, Vec<Row>) {
    let mut lines = TABLE.lines().filter(|l| !l.trim().is_empty() && !l.starts_with('#'));
    // The head is written downwards: one actor a line, with the number of its column.
    let mut actors = Vec::new();
    let mut rows = Vec::new();
    for line in lines.by_ref() {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            [actor] => actors.push(*actor),
            [method, path, about, cells @ ..] => {
                let cells: Vec<char> = cells.concat().chars().collect();
                assert_eq!(cells.len(), actors.len(), "{line}");
                rows.push(Row { method: method.parse().unwrap(), path: (*path).to_owned(), about: (*about).to_owned(), cells });
            }
            _ => panic!("{line} is no row of the table"),
        }
    }
    (actors, rows)
}

#[test]
fn every_route_stands_in_the_table() {
    let document = serde_json::to_value(openapi()).unwrap();
    let mut served = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            if operation.get("security").is_some() {
                served.insert(format!("{} {path}", method.to_uppercase()));
            }
        }
    }
    let listed: BTreeSet<String> = table().1.iter().map(|row| format!("{} {}", row.method, row.path)).collect();
    let unlisted: Vec<_> = served.difference(&listed).collect();
    let gone: Vec<_> = listed.difference(&served).collect();
    assert!(unlisted.is_empty() && gone.is_empty(), "not in table.txt: {unlisted:?}; not served: {gone:?}");
}

#[tokio::test]
async fn everybody_is_answered_as_the_table_says() {
    let mut world = World::new().await;
    world.programme().await;
    let (actors, rows) = table();
    let mut wrong = Vec::new();
    for (number, row) in rows.iter().enumerate() {
        for (actor, cell) in actors.iter().zip(&row.cells) {
            let token = &world.tokens[actor];
            let body = body(&world, row, number).await;
            let got = send(&world, token, row, &body, None).await;
            let ghost = send(&world, token, row, &body, Some(&made_up(&row.about))).await;
            let is = answered(&got, &ghost, row);
            if is != *cell {
                wrong.push(format!(
                    "{} {} ({}) for {actor}: `{cell}` expected, `{is}` answered: {}",
                    row.method,
                    row.path,
                    row.about,
                    got.text()
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {} cells:\n{}", wrong.len(), rows.len() * actors.len(), wrong.join("\n"));
    println!("{} routes, {} actors, {} cells", rows.len(), actors.len(), rows.len() * actors.len());
}

/// An id of the same kind that nothing has.
fn made_up(about: &str) -> String {
    match about {
        "plugin" | "token" => format!("sha256:{}", "0".repeat(64)),
        _ => FamilyId::fresh().to_string(),
    }
}

/// `y`: it is theirs to do. `-`: it is not, and the answer is the same whether or not the thing is there. `0`: exactly the answer for
/// what is not there. `r`: they know it and may not do this to it. `!`: none of these.
fn answered(got: &Got, ghost: &Got, row: &Row) -> char {
    let status = got.status.as_u16();
    let detail = || String::from_utf8_lossy(&got.bytes).into_owned();
    let same = got.status == ghost.status && got.bytes == ghost.bytes;
    match status {
        403 if same || row.about == "-" => '-',
        403 => 'r',
        404 if same || row.about == "-" => '0',
        422 if same && detail().contains("there is no ") => '0',
        401 | 404 => '!',
        // Then what was sent is wrong, and the answer says nothing of who may.
        422 if detail().contains("/problems/invalid") => '!',
        _ => 'y',
    }
}

/// Sends it; with `instead`, about a thing that is not there. What then came back names it as if it had been the thing itself.
async fn send(world: &World, token: &str, row: &Row, body: &Value, instead: Option<&str>) -> Got {
    let thing = world.ids.get(row.about.as_str()).map(String::as_str).unwrap_or_default();
    let swap = |text: String| match instead {
        Some(other) if !thing.is_empty() => text.replace(thing, other),
        _ => text,
    };
    let mut path = row.path.replace("{authority}", &World::authority());
    while let (Some(from), Some(to)) = (path.find('{'), path.find('}')) {
        let name = match &path[from + 1..to] {
            "organisation" => "harbour",
            "budget" => "supporting",
            "table" => "supplied",
            "mapping" => "attendance",
            "hold" => world.id("hold"),
            "sitting" if row.path.ends_with("/agenda") => world.id("sitting"),
            "claim" => world.id("claim"),
            "batch" => world.id("batch"),
            "request" if row.path.ends_with("/released") => world.id("released"),
            "request" => world.id("request"),
            "destination" => "login.example.org",
            "key" => "E7620F1842B4E81F",
            "list" => "contacts",
            "evaluation" => "1",
            _ => thing,
        };
        path = format!("{}{}{}", &path[..from], name, &path[to + 1..]);
    }
    if row.path.ends_with("/outcome-returns") || row.path.ends_with("/savings") {
        path += "?first=2026-04-01&last=2026-06-30";
    }
    if row.path.ends_with("/difference") || row.path.ends_with("/difference/scenarios") {
        path += &format!("?from={thing}");
    }
    if row.path.ends_with("/sharing") {
        path += "?organisation=hill-school";
    }
    let is_a_file = row.method == Method::POST && (row.path.ends_with("/deliveries") || row.path.ends_with("/preview"));
    if row.path.ends_with("/search") {
        path += "?name=Bell";
    } else if is_a_file {
        path += if row.path.ends_with("/preview") { "?" } else { "?mapping=attendance&" };
        path += "source=hill-school&first=2025-09-01&last=2026-03-31";
    }
    if row.method == Method::POST && row.path.ends_with("/attachments") {
        path += "?name=letter.txt&section=education";
    }
    let request = request(row.method.clone(), token, &swap(path));
    // Of a table that is not there yet nobody has seen a version.
    let overwrites = row.method == Method::PUT && !row.path.contains("/tables/");
    let request = if overwrites { request.header(header::IF_MATCH, "*") } else { request };
    let request = if row.path == "/v1/plugins" && row.method == Method::POST {
        request.header(header::CONTENT_TYPE, "application/wasm").body(Body::from("not wasm"))
    } else if row.path.ends_with("/unit-costs") && row.method == Method::PUT {
        let head = "what,of,per,first,last,pounds,agency,source\n";
        request.header(header::IF_MATCH, "*").header(header::CONTENT_TYPE, "text/csv").body(Body::from(head))
    } else if is_a_file {
        let head = "Surname,Forename,DOB,Term start,Term end,Sessions possible,Sessions attended,Unauthorised\n";
        request.header(header::CONTENT_TYPE, "text/csv").body(Body::from(head))
    } else if row.path.ends_with("/service-sessions") {
        request.header(header::CONTENT_TYPE, "text/csv").body(Body::from("referral,first,last,offered,kept\n"))
    } else if row.method == Method::GET {
        request.body(Body::empty())
    } else {
        request.header(header::CONTENT_TYPE, "application/json").body(Body::from(swap(body.to_string())))
    };
    let mut got = world.host.send(request.unwrap()).await;
    if let Some(other) = instead
        && !thing.is_empty()
    {
        got.bytes = String::from_utf8(got.bytes).unwrap().replace(other, thing).into_bytes();
    }
    got
}

/// What each operation is sent. `number` keeps what is to be unique apart.
async fn body(world: &World, row: &Row, number: usize) -> Value {
    let operation = row.path.trim_start_matches("/v1/authorities/{authority}");
    let thing = world.ids.get(row.about.as_str()).cloned().unwrap_or_default();
    let said = json!({ "words": "she rang to say so" });
    let reason = json!({ "reason": "it is as it should be" });
    match operation {
        "/v1/authorities" => json!({ "code": "E06000001", "name": "Hartlepool" }),
        "/v1/publishers" => json!({ "id": "new-charity", "name": "New Charity" }),
        "/v1/publishers/{publisher}/keys" => json!({ "key": "RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3" }),
        "/v1/publishers/{publisher}/keys/{key}/revocation" => json!({ "revoked_as": "superseded", "why": "there is a newer one" }),
        "/v1/plugins/{plugin}/signatures" => json!({ "signature": "none" }),
        "/v1/plugins/from-registry" => json!({ "reference": "oci://registry.example.org/charity/goals:1.0.0" }),
        "/plugin-rules" => json!({ "unsigned": true, "named": true, "why": "others may ask us" }),
        "/installations/{installation}/keeping-on" => {
            let today = world.host.house.stores.clock().now().day();
            json!({ "until": Day::new(today.number() + 1), "reason": "it is as it should be" })
        }
        "/v1/organisations" => json!({ "id": "new-school", "name": "New School", "kind": "school" }),
        "/families" => family("BR-1"),
        "/facts" | "/facts/bulk" => {
            let about = if row.about == "family" { world.id("ben").to_owned() } else { thing };
            let mut fact = attendance(&about, 100);
            fact["first"] = json!(format!("{}-09-01", 1990 + number % 20));
            fact["last"] = json!(format!("{}-12-19", 1990 + number % 20));
            if operation == "/facts" { fact } else { json!({ "facts": [fact] }) }
        }
        "/coverage" => json!({ "statements": [
            { "kind": "attendance", "first": "2025-09-01", "last": "2025-12-31", "state": "complete", "source": "hill-school" },
        ] }),
        "/decisions" => world.triage(),
        "/mappings/{mapping}" => {
            let shipped = world.host.get(&world.host.bristol, &within("/mappings/attendance")).await.ok();
            json!({ "text": shipped["text"] })
        }
        "/intake-settings" => json!({ "same_tenths": 240, "ask_tenths": 170, "kept_days": 90 }),
        "/matches/{row}/decision" => {
            world.ask_again().await;
            json!({ "answer": "not-ours" })
        }
        "/invitations" => json!({ "name": "Somebody New", "address": "new@example.org", "roles": ["keyworker"] }),
        "/identity-provider" => json!({ "issuer": "https://login.example.org", "client": "hearth" }),
        "/people" => json!({ "name": "Somebody New", "role": "keyworker" }),
        "/tokens" => json!({ "name": "forms", "roles": ["system"] }),
        "/covers" => json!({
            "absent": world.id("spare-login"), "stand_in": world.id("second-login"), "first": "2026-08-03", "last": "2026-08-14",
        }),
        "/agreements" => json!({
            "organisation": "harbour", "sections": ["health"], "purposes": ["referral"], "basis": "consent", "first": "2026-01-01",
        }),
        "/emergencies" => json!({ "family": thing, "reason": "somebody rang at night" }),
        "/families/{family}/assignments" => json!({ "login": world.id("second-login"), "role": "translator" }),
        "/families/{family}/shares" => json!({ "agreement": world.id("agreement"), "why": "a plan", "how": "told", "given_by": "Ann" }),
        "/families/{family}/seals" => {
            let fact = world.fact(u16::try_from(1900 + number % 50).unwrap()).await;
            json!({ "fact": fact, "names": [world.id("own-case")], "reason": "he does not know" })
        }
        "/referrals" => json!({ "route": "professional", "described": { "people": [{ "born": "2012-05-06" }] } }),
        "/referrals/{referral}/family" => json!({ "family": world.id("family") }),
        "/referrals/{referral}/confirmation" => json!({ "decision": world.id("decision") }),
        "/referrals/{referral}/override" => json!({ "instead": { "answer": "decline" }, "reason": "it is as it should be" }),
        "/sent-referrals/{referral}/additions" => json!({ "words": "she rang again" }),
        "/batch-reads" => json!({ "reads": ["/me"] }),
        "/front-door" => json!({ "answer_days": 5, "near_days": 1 }),
        "/decisions/{decision}/overrides" => json!({ "result": "signpost", "reason": "they have help" }),
        "/workers/{login}" => json!({ "most": 10, "strengths": ["housing"] }),
        "/families/{family}/allocations" => json!({ "role": "keyworker" }),
        "/families/{family}/steps" => json!({ "to": { "step": "open-episode" }, "reason": "they came back" }),
        "/shares/{share}/withdrawal" | "/shares/{share}/objection" => said,
        "/installations/{installation}/approvals" => json!({ "items": [] }),
        "/installations/{installation}/second-approval" => json!({ "digest": format!("sha256:{}", "0".repeat(64)) }),
        "/installations/{installation}/shadow" => {
            let until = world.host.house.stores.clock().now().millis() + 86_400_000;
            json!({ "until": crate::record::KnownAt::from_millis(until), "reason": "beside the old rules" })
        }
        "/installations/{installation}/settings-changes" => json!({ "settings": { "proposes": "goal" }, "reason": "fewer" }),
        "/installations/{installation}/return" | "/installations/{installation}/settings-changes/decline" => reason,
        "/plugin-review" => json!({ "approval": "one-person" }),
        "/proposals/{proposal}/decline" | "/installations/{installation}/unpark" | "/seals/{seal}/lifting" => reason,
        "/retention" => json!({ "periods": [{ "section": "education", "years": 6 }] }),
        "/trial-grants" => json!({
            "plugin": world.id("hostile"), "interface": "hearth:family/notes", "why": "to try it",
            "until": world.host.house.stores.clock().now().day().plus(10),
        }),
        "/trial-grants/{grant}/giving" => json!({ "basis": "public task" }),
        "/plugins/{plugin}/playground" => json!({ "scenario": {
            "today": "2026-08-31", "family": { "people": { "ann": { "born": "38 years ago" } } }, "ask": "triage",
            "about": { "referral": { "route": "professional" } },
        } }),
        "/back-tests" => world.back_test(),
        "/holds" => json!({ "family": thing, "why": "a claim in the county court" }),
        "/erasures" => json!({ "family": thing, "why": "asked" }),
        "/subject-requests" => json!({ "person": thing }),
        "/subject-requests/{request}/reviews" => json!({ "part": world.id("part"), "shown": true, "reason": "it is about them" }),
        "/installations" => json!({ "plugin": world.id("plugin"), "grants": [], "settings": {} }),
        "/installations/{installation}/grants" => json!({ "grants": [] }),
        "/installations/{installation}/settings" => json!({ "settings": {} }),
        "/destinations/{destination}" => json!({ "open": true, "why": "our provider" }),
        "/webhooks" => json!({ "url": format!("https://records.example.org/{number}") }),
        "/webhooks/{webhook}/stop" | "/webhooks/{webhook}/removal" => json!({ "why": "it is moved" }),
        "/families/{family}/assessments" => json!({ "form": "whole-family" }),
        "/families/{family}/assessment-requests" => {
            json!({ "form": "whole-family", "due": world.host.house.stores.clock().now().day().plus(40), "why": "six weeks are over" })
        }
        "/assessments/{assessment}/answers" if row.method == Method::POST => json!({ "changes": [{ "question": "file-number" }] }),
        "/assessments/{assessment}/migration" => json!({}),
        "/assessments/{assessment}/signatures" => json!({ "people": [world.id("ann")], "how": "in-person" }),
        "/assessments/{assessment}/return"
        | "/assessments/{assessment}/amendment"
        | "/assessments/{assessment}/end"
        | "/assessment-requests/{asked}/end" => reason,
        "/families/{family}/plan" => {
            let plan = within(&format!("/families/{}/plan", world.id("family")));
            let plan = world.host.get(&world.host.bristol, &plan).await.ok();
            let goals: Vec<_> = plan["goals"].as_array().unwrap().iter().map(|g| json!({ "goal": g["goal"] })).collect();
            json!({ "goals": goals })
        }
        "/families/{family}/plan/goals" => json!({ "domain": "school", "title": "Mornings without shouting" }),
        "/families/{family}/contacts" => json!({ "how": "visit", "role": "keyworker", "kept": true }),
        "/services-used/{fact}/beginning" => json!({ "on": "2026-02-01" }),
        "/consent-requests/{asked}/answer" => json!({ "refused": "not the school" }),
        "/families/{family}/members" => json!({ "name": { "given": "Eve", "family": "Bell" }, "born": "2026-01-02" }),
        "/families/{family}/homes" => json!({ "from": "2026-01-02" }),
        "/families/{family}/merges" => json!({ "other": world.id("to-be-merged"), "reason": "one family" }),
        "/families/{family}/splits" => {
            json!({ "people": [world.leaver().await], "reference": FamilyId::fresh(), "first": "2026-01-01", "reason": "moved out" })
        }
        "/person-merges" => json!({ "person": world.id("one"), "other": world.id("other"), "reason": "one person" }),
        "/families/{family}/handovers" => json!({ "agreement": world.id("with-leeds"), "reason": "moved to Leeds" }),
        "/handovers/{handover}/acceptance" => json!({ "reference": "BR-FROM-LEEDS" }),
        "/handovers/{handover}/refusal"
        | "/handovers/{handover}/withdrawal"
        | "/family-merges/{merge}/undo"
        | "/person-merges/{merge}/undo"
        | "/attachments/{attachment}/removal" => reason,
        "/meetings" | "/meetings/{meeting}" | "/families/{family}/meetings" => World::hub(),
        "/meetings/{meeting}/sittings" | "/sittings/{sitting}" => {
            json!({ "on": world.host.house.stores.clock().now().day().plus(40 + i32::try_from(number).unwrap()) })
        }
        "/sittings/{sitting}/end" => json!({ "held": true }),
        "/sittings/{sitting}/attendance" => json!({ "organisations": [{ "organisation": "harbour", "how": "apologies" }] }),
        "/sittings/{sitting}/agenda" => json!({ "family": thing, "why": "two exclusions in a month" }),
        "/agenda-items/{item}/decision" => json!({ "words": "the school leads" }),
        "/agenda-items/{item}/removal" => reason,
        "/policies" => json!({ "policies": [{ "action": "goal", "policy": "person-confirms" }] }),
        "/failure-policies" => json!({ "policies": [{ "question": "evaluate", "policy": "open" }] }),
        "/claims/{claim}/steps" => json!({ "act": "put-forward" }),
        "/claims/{claim}/checks" => json!({ "act": "pass", "stage": "approval" }),
        "/claim-rules" => json!({ "claims": true, "approval": { "roles": ["manager"] } }),
        "/evaluation-schedule" => json!({ "question": "suited", "every": "day", "hour": 2 }),
        "/tables/school-terms" => json!({ "rows": [{ "name": "autumn", "first": "2026-09-01", "last": "2026-12-18" }] }),
        "/tables/services" => json!({ "rows": [] }),
        "/services" | "/services/{service}" => world.offer(),
        "/services/{service}/places" => json!({ "capacity": 8 }),
        "/services/import" => json!({ "organisations": {}, "document": [] }),
        "/contracts" | "/contracts/{contract}" => world.terms(),
        "/contracts/{contract}/decisions" => json!({ "question": "payment", "as_of": "2026-08-31" }),
        "/contracts/{contract}/reviews" => json!({ "act": "continue", "on": "2026-08-31", "why": "it does well" }),
        "/contracts/{contract}/end" => json!({ "on": "2026-08-31", "why": "it is over" }),
        "/payment-lines/{line}/acts" => json!({ "act": "query", "why": "which session was that?" }),
        "/budgets/{budget}" => json!({ "title": "Supporting", "first": "2026-04-01", "last": "2027-03-31", "amount_pence": 100 }),
        "/buying-settings" => json!({ "answer_days": 7, "dispute_days": 30 }),
        "/families/{family}/help-requests" => json!({ "kind": "parenting" }),
        "/help-requests/{help}/shortlist" => json!({ "installation": world.id("installation") }),
        "/help-requests/{help}/referrals" => json!({ "service": world.id("service"), "why": "they know her" }),
        "/service-referrals/{referral}/answer" => json!({ "accepted": true }),
        "/service-referrals/{referral}/sessions" => {
            json!({ "sessions": [{ "first": "2026-01-01", "last": "2026-01-01", "offered": 1, "kept": 1 }] })
        }
        "/service-referrals/{referral}/report" => json!({ "on": "2026-01-02", "completed": true }),
        "/service-referrals/{referral}/withdrawal" => json!({ "why": "she asked us to" }),
        "/installations/{installation}/tables/{table}" => json!({ "rows": [{ "place": "east", "most": 3 }] }),
        _ => json!({}),
    }
}
