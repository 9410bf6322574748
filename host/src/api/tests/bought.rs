//! Help that is bought, from the directory to the payment, with the plugins that decide about it.

use axum::body::Body;
use axum::http::{Method, StatusCode, header};
use serde_json::{Value, json};

use super::{Got, Host, is, request, within};
use crate::record::Day;
use crate::store::NewClaim;
use crate::store::tests::{BRISTOL, code};

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}

/// Bristol, with a charity, its service, and somebody of the charity's who signs in.
struct Market {
    host: Host,
    family: String,
    ann: String,
    service: String,
    provider: String,
    commissioner: String,
    manager: String,
}

impl Market {
    async fn new(capacity: u32) -> Self {
        let host = Host::new().await;
        host.post(&host.bristol, "/v1/organisations", &json!({ "id": "harbour", "name": "Harbour Trust", "kind": "charity" })).await.ok();
        let made = host.family("BR-1").await;
        let (family, ann) = (text(&made["id"]), text(&made["people"]["ann"]));
        let offer = json!({
            "name": "Friendly faces", "organisation": "harbour", "kind": "parenting", "first": "2020-01-01", "capacity": capacity,
            "waiting_days": 0,
        });
        let service = text(&host.post(&host.bristol, &within("/services"), &offer).await.ok()["id"]);
        let login = async |name: &str, role: &str, organisation: Option<&str>| {
            let mut new = json!({ "name": name, "role": role });
            if let Some(organisation) = organisation {
                new["organisation"] = json!(organisation);
            }
            let made = host.post(&host.bristol, &within("/people"), &new).await.ok();
            let token = json!({ "name": "tests", "login": made["login"] });
            text(&host.post(&host.bristol, &within("/tokens"), &token).await.ok()["token"])
        };
        let provider = login("Flo Fern", "provider", Some("harbour")).await;
        let commissioner = login("Gus Gale", "commissioner", None).await;
        let manager = login("Hal Heath", "manager", None).await;
        Self { host, family, ann, service, provider, commissioner, manager }
    }

    fn today(&self) -> Day {
        self.host.house.stores.clock().now().day()
    }

    fn day(&self, from_now: i32) -> Day {
        self.today().plus(from_now).unwrap()
    }

    async fn post(&self, token: &str, path: &str, body: Value) -> Got {
        self.host.post(token, &within(path), &body).await
    }

    async fn done(&self, path: &str, body: Value) -> Value {
        self.post(&self.host.bristol, path, body).await.ok()
    }

    async fn read(&self, path: &str) -> Value {
        self.host.get(&self.host.bristol, &within(path)).await.ok()
    }

    async fn share(&self, family: &str) {
        let agreement = json!({
            "organisation": "harbour", "sections": ["household", "identity", "support"], "purposes": ["referral", "casework"],
            "basis": "consent", "first": "2020-01-01",
        });
        let agreement = self.done("/agreements", agreement).await["id"].clone();
        let share = json!({ "agreement": agreement, "why": "a course", "how": "a signed form", "given_by": "Ann" });
        self.done(&format!("/families/{family}/shares"), share).await;
    }

    async fn asked(&self, family: &str) -> String {
        text(&self.done(&format!("/families/{family}/help-requests"), json!({ "kind": "parenting" })).await["id"])
    }

    async fn refer(&self, request: &str) -> Got {
        let picked = json!({ "service": self.service, "why": "they know the charity" });
        self.post(&self.host.bristol, &format!("/help-requests/{request}/referrals"), picked).await
    }

    /// Referred and accepted: its id.
    async fn accepted(&self) -> String {
        self.share(&self.family).await;
        let request = self.asked(&self.family).await;
        let referral = text(&self.refer(&request).await.ok()["id"]);
        self.post(&self.provider, &format!("/service-referrals/{referral}/answer"), json!({ "accepted": true })).await.ok();
        referral
    }

    fn terms(&self, paid: &str, installation: Value) -> Value {
        let mut terms = json!({
            "title": "Parenting course", "provider": "harbour", "first": self.day(-60), "last": self.day(300), "paid": paid,
            "value_pence": 192_000, "families": 8,
        });
        if !installation.is_null() {
            terms["installation"] = installation;
        }
        terms
    }

    async fn installed(&self, plugin: &str, settings: Value) -> Value {
        let at = self.host.adopt(plugin, settings).await;
        self.host.get(&self.host.bristol, &at).await.ok()["id"].clone()
    }

    /// Drafted, checked and signed: its id.
    async fn signed(&self, terms: Value) -> String {
        let contract = text(&self.done("/contracts", terms.clone()).await["id"]);
        let mut signature = json!({});
        if !terms["installation"].is_null() {
            let check = self.about(&contract, "check-contract").await.ok();
            assert_eq!(check["result"], "within-rules", "{check}");
            signature["decision"] = check["id"].clone();
        }
        let signed = self.done(&format!("/contracts/{contract}/signature"), signature).await;
        assert_eq!(signed["state"], "signed");
        contract
    }

    async fn about(&self, contract: &str, question: &str) -> Got {
        let asked = json!({ "question": question, "as_of": self.today() });
        self.post(&self.commissioner, &format!("/contracts/{contract}/decisions"), asked).await
    }

    async fn sessions(&self, referral: &str, first: i32, last: i32, offered: u32, kept: u32) -> Got {
        let sessions = json!({ "sessions": [{ "first": self.day(first), "last": self.day(last), "offered": offered, "kept": kept }] });
        self.post(&self.provider, &format!("/service-referrals/{referral}/sessions"), sessions).await
    }

    async fn act(&self, token: &str, line: &Value, act: &str) -> Got {
        let body = if act == "approve" { json!({ "act": act }) } else { json!({ "act": act, "why": "it has its reason" }) };
        self.post(token, &format!("/payment-lines/{}/acts", text(line)), body).await
    }

    async fn use_of_services(&self) -> Vec<Value> {
        let facts = self.read(&format!("/families/{}/facts?limit=200", self.family)).await;
        let all = facts["items"].as_array().unwrap().iter();
        all.filter(|f| f["kind"] == "service-use").cloned().collect()
    }

    async fn csv(&self, file: &str) -> Got {
        let request = request(Method::POST, &self.provider, &within("/service-sessions")).header(header::CONTENT_TYPE, "text/csv");
        self.host.send(request.body(Body::from(file.to_owned())).unwrap()).await
    }
}

#[tokio::test]
async fn a_family_is_shortlisted_referred_helped_and_paid_for_by_milestone_never_twice() {
    let market = Market::new(3).await;
    let plugin = market.installed("charity-short-course", json!({ "youngest": 5, "oldest": 17 })).await;
    let contract = market.signed(market.terms("mixed", plugin.clone())).await;
    let request = market.asked(&market.family).await;
    let shortlist = market.done(&format!("/help-requests/{request}/shortlist"), json!({ "installation": plugin })).await;
    assert_eq!((&shortlist["result"], &shortlist["reported"][0]["service"]), (&json!("suggested"), &json!("Friendly faces")));

    // Nothing is sent of a family of which nothing may be told.
    let picked = json!({ "service": market.service, "decision": shortlist["id"] });
    let path = format!("/help-requests/{request}/referrals");
    assert_eq!(market.post(&market.host.bristol, &path, picked.clone()).await.problem(), is(409, "conflict", None));
    market.share(&market.family).await;
    let unlisted = json!({ "service": market.service });
    assert_eq!(market.post(&market.host.bristol, &path, unlisted).await.problem(), is(422, "invalid", Some("why")));
    let referral = market.done(&path, picked).await;
    assert_eq!((&referral["place"], &referral["contract"], &referral["number"]), (&json!(1), &json!(contract), &json!(1)));
    let referral = text(&referral["id"]);
    assert_eq!(market.use_of_services().await[0]["detail"]["state"], "requested");

    // The list was made while the place was free: looked at again, it still follows.
    let replayed = market.done(&format!("/decisions/{}/replay", text(&shortlist["id"])), json!({})).await;
    assert_eq!((&replayed["answer"]["is"], &replayed["inputs"]["are"]), (&json!("same"), &json!("still-follow")), "{replayed}");

    // The provider sees it, and of the family what is shared.
    let seen = market.host.get(&market.provider, &within("/service-referrals")).await.ok();
    assert_eq!((&seen["items"][0]["id"], &seen["items"][0]["family"]), (&json!(referral), &json!(market.family)));
    assert!(seen["items"][0].get("decision").is_none(), "how it was picked is the council's");
    market.post(&market.provider, &format!("/service-referrals/{referral}/answer"), json!({ "accepted": true })).await.ok();
    assert_eq!(market.use_of_services().await[0]["detail"]["state"], "waiting");
    market.sessions(&referral, -21, -1, 3, 3).await.ok();
    assert_eq!(market.use_of_services().await[0]["detail"]["state"], "started");

    let due = market.about(&contract, "payment").await.ok();
    assert_eq!(due["result"], "due", "{due}");
    let lines = due["reported"].as_array().unwrap();
    let said: Vec<_> = lines.iter().map(|l| (&l["kind"], &l["amount_pence"], &l["family_number"], &l["came_to"]["is"])).collect();
    assert_eq!(
        said,
        [
            (&json!("attachment-share"), &json!(9_600), &json!(1), &json!("drafted")),
            (&json!("appointment"), &json!(4_800), &json!(1), &json!("drafted")),
        ]
    );
    assert!(!due.to_string().contains(&market.family), "a contract's families are numbers");
    assert_eq!(market.about(&contract, "payment").await.ok()["result"], "nothing-due");
    let replayed = market.done(&format!("/contract-decisions/{}/replay", text(&due["id"])), json!({})).await;
    assert_eq!(replayed["answer"]["is"], "same");

    // By a second person; not while it is disputed; what was declined may be due again.
    let (begun, halfway) = (&lines[0]["came_to"]["line"], &lines[1]["came_to"]["line"]);
    assert_eq!(market.act(&market.commissioner, begun, "approve").await.problem(), is(403, "not-allowed", None));
    assert_eq!(market.act(&market.manager, begun, "approve").await.ok()["state"], "approved");
    assert_eq!(market.act(&market.manager, begun, "approve").await.problem(), is(409, "conflict", None));
    assert_eq!(market.act(&market.manager, halfway, "dispute").await.problem(), is(403, "not-allowed", None));
    let disputed = market.act(&market.provider, halfway, "dispute").await.ok();
    assert_eq!((&disputed["state"], &disputed["settle_by"]), (&json!("disputed"), &json!(market.day(30))));
    assert_eq!(market.act(&market.manager, halfway, "approve").await.problem(), is(409, "conflict", None));
    assert_eq!(market.act(&market.commissioner, halfway, "decline").await.ok()["state"], "declined");
    let again = market.about(&contract, "payment").await.ok();
    assert_eq!((&again["reported"][0]["amount_pence"], again["reported"].as_array().unwrap().len()), (&json!(4_800), 1));
    let credit = market.act(&market.commissioner, begun, "credit").await.ok();
    assert_eq!((&credit["kind"], &credit["amount_pence"], &credit["credits"]), (&json!("correction"), &json!(-9_600), begun));
    assert_eq!(market.act(&market.commissioner, begun, "credit").await.problem(), is(409, "conflict", None));

    // At the end the place is free, and the record says how it went.
    let report = json!({ "on": market.today(), "completed": true, "reached": { "school-attendance": "partly" }, "words": "QUILLON came" });
    market.post(&market.provider, &format!("/service-referrals/{referral}/report"), report).await.ok();
    let used = market.use_of_services().await;
    assert_eq!((used.len(), &used[0]["detail"]["state"], &used[0]["last"]), (1, &json!("completed"), &json!(market.today())));
    let performance = market.read(&format!("/contracts/{contract}/performance")).await;
    let counts: Vec<_> =
        ["referred", "started", "completed", "kept_permille", "partly", "approved_pence"].map(|n| &performance[n]).to_vec();
    assert_eq!(counts, [1, 1, 1, 1_000, 1, 9_600].map(|n| json!(n)).iter().collect::<Vec<_>>());
    assert!(!performance.to_string().contains("QUILLON"));

    let review = market.about(&contract, "review").await.ok();
    let path = format!("/contracts/{contract}/reviews");
    let act = |act: &str, why: Value| json!({ "act": act, "decision": review["id"], "on": market.today(), "why": why });
    let other = if review["result"] == "end" { "continue" } else { "end" };
    assert_eq!(market.post(&market.commissioner, &path, act(other, Value::Null)).await.problem(), is(422, "invalid", Some("why")));
    let kept = market.post(&market.commissioner, &path, act(other, json!("we looked at it together"))).await.ok();
    assert_eq!(kept["acts"][1]["came_to"], review["result"]);

    let published = market.read("/published/contracts").await;
    assert_eq!(published["releases"][0]["contracts"][0]["implementation"]["transactions"][0]["value"]["amount"], json!(96.0));
    assert!(!published.to_string().contains(&market.family) && !published.to_string().contains("QUILLON"));
    assert_eq!(market.read("/published/grants").await["grants"], json!([]));
}

#[tokio::test]
async fn two_people_cannot_take_the_last_place() {
    let market = Market::new(1).await;
    let other = text(&market.host.family("BR-2").await["id"]);
    for family in [&market.family, &other] {
        market.share(family).await;
    }
    let (one, two) = (market.asked(&market.family).await, market.asked(&other).await);
    let (first, second) = tokio::join!(market.refer(&one), market.refer(&two));
    let mut came = [first.status.as_u16(), second.status.as_u16()];
    came.sort_unstable();
    assert_eq!(came, [201, 409], "{} {}", first.text(), second.text());
    let (taken, left) = if first.status == StatusCode::CREATED { (first, two) } else { (second, one) };
    // A place is free again when it was refused, and when nobody answered in time.
    let referral = text(&taken.ok()["id"]);
    let refusal = json!({ "accepted": false, "why": "we have no room for them" });
    market.post(&market.provider, &format!("/service-referrals/{referral}/answer"), refusal).await.ok();
    market.refer(&left).await.ok();
    market.host.wait(9 * 24 * 60);
    let workflow = market.host.workflow();
    assert_eq!(workflow.lapse_all_referrals().await.unwrap(), 1);
    assert_eq!(workflow.lapse_all_referrals().await.unwrap(), 0);
    market.refer(&left).await.ok();
}

#[tokio::test]
async fn a_provider_keeps_its_own_places_and_sees_nobody_elses() {
    let market = Market::new(1).await;
    let post = |id: &str| json!({ "id": id, "name": id, "kind": "charity" });
    market.host.post(&market.host.bristol, "/v1/organisations", &post("anchor")).await.ok();
    let offer = json!({ "name": "Anchors", "organisation": "anchor", "kind": "parenting", "first": "2020-01-01" });
    let other = text(&market.done("/services", offer.clone()).await["id"]);
    assert_eq!(market.post(&market.provider, "/services", offer).await.problem(), is(422, "invalid", Some("organisation")));
    let path = |id: &str| within(&format!("/services/{id}"));
    let places = json!({ "capacity": 4, "taken_otherwise": 1, "waiting_days": 14 });
    let put = async |id: &str, seen: &str| {
        let request = request(Method::PUT, &market.provider, &format!("{}/places", path(id)))
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::IF_MATCH, seen);
        market.host.send(request.body(Body::from(places.to_string())).unwrap()).await
    };
    assert_eq!(put(&other, "*").await.status, StatusCode::NOT_FOUND);
    let seen = market.host.get(&market.provider, &path(&market.service)).await.headers[header::ETAG].to_str().unwrap().to_owned();
    assert_eq!(put(&market.service, &seen).await.ok()["capacity"], 4);
    assert_eq!(put(&market.service, &seen).await.problem(), is(412, "changed-meanwhile", Some("If-Match")));
    let listed = market.read("/services").await;
    assert_eq!((&listed["items"][0]["free"], &listed["items"][1].get("free")), (&json!(3), &None));
    let versions = market.read(&format!("/services/{}/versions", market.service)).await;
    assert_eq!([&versions["items"][0]["capacity"], &versions["items"][1]["capacity"]], [&json!(4), &json!(1)]);

    let contract = market.signed(market.terms("up-front", Value::Null)).await;
    let theirs = market.host.get(&market.provider, &within("/contracts")).await.ok();
    assert_eq!(theirs["items"][0]["id"], json!(contract));
    let mut terms = market.terms("up-front", Value::Null);
    terms["provider"] = json!("anchor");
    let strangers = market.signed(terms).await;
    let got = market.host.get(&market.provider, &within(&format!("/contracts/{strangers}"))).await;
    assert_eq!(got.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_file_of_sessions_is_kept_line_by_line_and_the_same_file_changes_nothing() {
    let market = Market::new(2).await;
    let referral = market.accepted().await;
    let (first, last) = (market.day(-30), market.day(-20));
    let file = format!(
        "referral,first,last,offered,kept\n{referral},{first},{last},4,3\n{referral},{first},{last},four,3\n\
         0198c1f2-7d30-7a10-8000-5b0f4f8a1c10,{first},{last},4,3\n{referral},{},{},2,3\n",
        market.day(-10),
        market.day(-9)
    );
    let read = market.csv(&file).await.ok();
    let refused: Vec<_> = read["refused"].as_array().unwrap().iter().map(|r| (r["line"].clone(), r["column"].clone())).collect();
    assert_eq!(read["new"], 1);
    assert_eq!(refused, [(json!(3), json!("offered")), (json!(4), json!("referral")), (json!(5), json!("kept"))]);
    let again = market.csv(&file).await.ok();
    assert_eq!((&again["new"], &again["unchanged"]), (&json!(0), &json!(1)));
    let corrected = market.csv(&format!("referral,first,last,offered,kept\n{referral},{first},{last},4,4\n")).await.ok();
    assert_eq!(corrected["corrected"], 1);
    assert_eq!(market.sessions(&referral, -25, -15, 1, 1).await.problem(), is(409, "conflict", None));
    assert_eq!(market.sessions(&referral, 0, 1, 1, 1).await.problem(), is(422, "invalid", Some("sessions[0].last")));
    assert_eq!(market.csv("a,b\n").await.problem(), is(422, "invalid", Some("file")));
    let seen = market.host.get(&market.provider, &within("/service-referrals")).await.ok();
    assert_eq!(seen["items"][0]["sessions"], json!([{ "first": first, "last": last, "offered": 4, "kept": 4 }]));
}

#[tokio::test]
async fn part_of_a_result_payment_is_passed_on_on_a_business_case() {
    let market = Market::new(4).await;
    let plugin = market.installed("haringey-partner-posts", json!({})).await;
    let case = json!({ "rows": [{
        "partner": "charity", "posts": 1, "post-cost": 4_000_000, "partner-pays": false, "lead-professional": true, "whole-family": true,
        "first": "2015-01-01",
    }] });
    let table = within(&format!("/installations/{}/tables/business-cases", text(&plugin)));
    market.host.put(&market.host.bristol, &table, &case).await.ok();
    let mut terms = market.terms("by-result", plugin);
    terms["first"] = json!(market.day(-200));
    let contract = market.signed(terms).await;
    let referral = market.accepted().await;
    market.sessions(&referral, -90, -80, 2, 2).await.ok();
    assert_eq!(market.about(&contract, "payment").await.ok()["result"], "nothing-due");

    // The family's result is claimed.
    market.host.planner("goal").await;
    let family = json!({ "id": market.family });
    let decision = text(&market.host.ask(&family, "triage", super::actions::referral(json!([]))).await.ok()["id"]);
    let store = market.host.house.stores.authority(&code(BRISTOL)).await.unwrap();
    let mut tx = store.write("a test", "a claim").await.unwrap();
    let claim = NewClaim {
        decision: decision.parse().unwrap(),
        family: market.family.parse().unwrap(),
        kind: "progress-result".to_owned(),
        amount: 80_000,
        entitled_on: market.day(-5),
    };
    assert!(tx.add_claim(&claim).await.unwrap());
    tx.commit().await.unwrap();
    let due = market.about(&contract, "payment").await.ok();
    let line = &due["reported"][0];
    assert_eq!((&line["kind"], &line["amount_pence"], line.get("family_number")), (&json!("result-share"), &json!(80_000), None));
    assert_eq!(market.about(&contract, "payment").await.ok()["result"], "nothing-due");
}

#[tokio::test]
async fn a_contract_is_signed_by_who_has_read_its_check_and_counts_against_its_budget() {
    let market = Market::new(1).await;
    let budget = json!({ "title": "Supporting Families", "first": "2026-04-01", "last": "2027-03-31", "amount_pence": 500_000 });
    market.host.put(&market.commissioner, &within("/budgets/families"), &budget).await.ok();
    let plugin = market.installed("charity-short-course", json!({})).await;
    // By result alone: the plugin finds that a rule is broken.
    let mut terms = market.terms("by-result", plugin);
    terms["budget"] = json!("families");
    let contract = text(&market.done("/contracts", terms.clone()).await["id"]);
    let sign = async |body: Value| market.post(&market.commissioner, &format!("/contracts/{contract}/signature"), body).await;
    assert_eq!(sign(json!({})).await.problem(), is(422, "invalid", Some("decision")));
    assert_eq!(market.about(&contract, "payment").await.problem(), is(409, "conflict", None));
    let check = market.about(&contract, "check-contract").await.ok();
    assert_eq!(check["result"], "breaks-rules");
    assert_eq!(sign(json!({ "decision": check["id"] })).await.problem(), is(422, "invalid", Some("why")));
    // Of other terms it says nothing.
    terms["value_pence"] = json!(200_000);
    let at = within(&format!("/contracts/{contract}"));
    assert_eq!(market.host.put(&market.commissioner, &at, &terms).await.ok()["version"], 2);
    let why = json!("the panel agreed to it");
    assert_eq!(sign(json!({ "decision": check["id"], "why": why })).await.problem(), is(422, "invalid", Some("decision")));
    let check = market.about(&contract, "check-contract").await.ok();
    assert_eq!(sign(json!({ "decision": check["id"], "why": why })).await.ok()["state"], "signed");
    assert_eq!(sign(json!({ "decision": check["id"], "why": why })).await.problem(), is(409, "conflict", None));
    let versions = market.read(&format!("/contracts/{contract}/versions")).await;
    assert_eq!([&versions["items"][0]["value_pence"], &versions["items"][1]["value_pence"]], [&json!(200_000), &json!(192_000)]);
    let budgets = market.host.get(&market.commissioner, &within("/budgets")).await.ok();
    let sums = ["committed_pence", "spent_pence", "left_pence"].map(|n| budgets["items"][0][n].clone());
    assert_eq!(sums, [json!(200_000), json!(0), json!(300_000)]);
    terms["provider"] = json!("hill-school");
    assert_eq!(market.host.put(&market.commissioner, &at, &terms).await.problem(), is(409, "conflict", None));
}

#[tokio::test]
async fn the_directory_is_read_in_as_open_referral_and_a_record_at_fault_is_named() {
    let market = Market::new(2).await;
    let page = market.read("/published/services").await;
    let mut services = page["contents"].as_array().unwrap().clone();
    let theirs = services[0]["organization"]["id"].clone();
    services[0]["id"] = json!("0198c1f2-7d30-7a10-8000-5b0f4f8a1c10");
    let mut wrong = services[0].clone();
    wrong["id"] = json!("0198c1f2-7d30-7a10-8000-5b0f4f8a1c11");
    wrong["status"] = json!("open to QUILLON");
    services.push(wrong);
    let import = json!({ "organisations": { text(&theirs): "harbour" }, "document": { "contents": services } });
    let read = market.done("/services/import", import.clone()).await;
    assert_eq!([&read["new"], &read["refused"][0]["index"], &read["refused"][0]["field"]], [&json!(1), &json!(1), &json!("status")]);
    assert!(!read.to_string().contains("QUILLON"), "no value is told back");
    let again = market.done("/services/import", import).await;
    assert_eq!([&again["new"], &again["changed"], &again["unchanged"]], [&json!(0), &json!(0), &json!(1)]);
    assert_eq!(market.read("/services").await["items"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn an_erasure_takes_what_was_written_of_the_help_and_leaves_what_was_paid() {
    let market = Market::new(2).await;
    let plugin = market.installed("charity-short-course", json!({ "youngest": 5, "oldest": 17 })).await;
    let contract = market.signed(market.terms("mixed", plugin)).await;
    let referral = market.accepted().await;
    market.sessions(&referral, -21, -1, 3, 3).await.ok();
    market.about(&contract, "payment").await.ok();
    let report = json!({ "on": market.today(), "completed": false, "reached": { "health": "not" }, "words": "QUILLON left" });
    market.post(&market.provider, &format!("/service-referrals/{referral}/report"), report).await.ok();
    let draft = json!({ "person": market.ann });
    let request = market.post(&market.host.officer, "/subject-requests", draft).await.ok()["id"].to_string();
    let draft = market.host.get(&market.host.officer, &within(&format!("/subject-requests/{request}"))).await.ok();
    assert!(draft.to_string().contains("QUILLON left"), "it is held about them");

    let erase = json!({ "family": market.family, "why": "asked", "rehearsal": false });
    market.post(&market.host.officer, "/erasures", erase).await.ok();
    let seen = market.host.get(&market.host.bristol, &within("/service-referrals")).await.ok();
    assert!(!seen.to_string().contains("QUILLON"), "{seen}");
    assert!(!seen.to_string().contains("they know the charity"), "{seen}");
    assert_eq!(seen["items"][0]["report"]["reached"], json!({}));
    let lines = market.read(&format!("/contracts/{contract}/payment-lines")).await;
    assert_eq!(lines["items"].as_array().unwrap().len(), 2);
    assert_eq!(market.read("/payment-lines").await["items"], lines["items"], "of every contract at once");
    assert_eq!(market.about(&contract, "payment").await.ok()["result"], "nothing-due", "what was due for them stays as it was");
}

#[tokio::test]
async fn help_that_an_erased_family_was_still_referred_to_ends_and_its_place_is_free() {
    for (answered, state) in [(false, "withdrawn"), (true, "left")] {
        let market = Market::new(1).await;
        if answered {
            market.accepted().await;
        } else {
            market.share(&market.family).await;
            let request = market.asked(&market.family).await;
            market.refer(&request).await.ok();
        }
        let other = text(&market.host.family("BR-2").await["id"]);
        market.share(&other).await;
        let request = market.asked(&other).await;
        assert_eq!(market.refer(&request).await.status, StatusCode::CONFLICT, "there is one place");

        let erase = json!({ "family": market.family, "why": "asked", "rehearsal": false });
        market.post(&market.host.officer, "/erasures", erase).await.ok();
        let seen = market.host.get(&market.host.bristol, &within("/service-referrals")).await.ok();
        assert_eq!(seen["items"][0]["state"], state, "{seen}");
        market.refer(&request).await.ok();
    }
}

#[tokio::test]
async fn a_proposal_that_somebody_confirmed_becomes_a_request_once() {
    let market = Market::new(2).await;
    market.host.planner("service").await;
    let family = json!({ "id": market.family });
    let decision = market.host.ask(&family, "triage", super::actions::referral(json!([]))).await.ok();
    let proposal = decision["actions"][0]["came_to"]["proposal"].clone();
    let path = format!("/families/{}/help-requests", market.family);
    let ask = |kind: &str| json!({ "kind": kind, "proposal": proposal });
    let system = &market.host.bristol;
    assert_eq!(market.post(system, &path, ask("parenting")).await.problem(), is(422, "invalid", Some("proposal")));
    market.done(&format!("/proposals/{}/confirm", text(&proposal)), json!({})).await;
    assert_eq!(market.post(system, &path, ask("counselling")).await.problem(), is(422, "invalid", Some("kind")));
    assert_eq!(market.post(system, &path, ask("parenting")).await.ok()["proposal"], proposal);
    assert_eq!(market.post(system, &path, ask("parenting")).await.problem(), is(409, "exists", Some("proposal")));
}

#[tokio::test]
async fn help_goes_on_where_its_family_goes_on_within_another() {
    let market = Market::new(2).await;
    let referral = market.accepted().await;
    let stays = text(&market.host.family("BR-2").await["id"]);
    let merge = json!({ "other": market.family, "reason": "they are one family" });
    market.done(&format!("/families/{stays}/merges"), merge).await;
    market.sessions(&referral, -9, -8, 2, 1).await.ok();
    let seen = market.read(&format!("/families/{stays}/help-requests")).await;
    assert_eq!(seen["items"][0]["referrals"][0]["id"], json!(referral));
    let facts = market.read(&format!("/families/{stays}/facts?limit=200")).await;
    let used: Vec<_> = facts["items"].as_array().unwrap().iter().filter(|f| f["kind"] == "service-use").collect();
    assert_eq!((used.len(), &used[0]["detail"]["state"]), (1, &json!("started")));
}

#[tokio::test]
async fn who_does_not_see_a_familys_support_knows_nothing_of_its_help_and_a_provider_only_what_is_shared() {
    let market = Market::new(2).await;
    let referral = market.accepted().await;
    let shares = market.read(&format!("/families/{}/shares", market.family)).await;
    let share = text(&shares["items"][0]["id"]);
    let seen = async || market.host.get(&market.provider, &within("/service-referrals")).await.ok()["items"][0].clone();
    assert_eq!(seen().await["family"], json!(market.family));
    market.done(&format!("/shares/{share}/withdrawal"), json!({ "words": "she rang" })).await;
    let now = seen().await;
    assert_eq!((&now["id"], now.get("family"), now.get("person")), (&json!(referral), None, None));
    let path = within(&format!("/families/{}/help-requests", market.family));
    assert_eq!(market.host.get(&market.commissioner, &path).await.status, StatusCode::FORBIDDEN);
}
