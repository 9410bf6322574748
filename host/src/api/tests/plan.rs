//! The family's plan, contacts and services, and its way in order of time.

use axum::http::{Method, header};
use serde_json::{Value, json};

use super::{Got, Host, is, json_request, within};

struct Bells {
    host: Host,
    family: String,
    ben: Value,
}

impl Bells {
    async fn new() -> Self {
        let host = Host::new().await;
        let family = host.family("BR-1").await;
        Self { host, family: family["id"].as_str().unwrap().to_owned(), ben: family["people"]["ben"].clone() }
    }

    async fn post(&self, path: &str, body: &Value) -> Got {
        self.host.post(&self.host.bristol, &within(&path.replace("{family}", &self.family)), body).await
    }

    async fn get(&self, path: &str) -> Got {
        self.host.get(&self.host.bristol, &within(&path.replace("{family}", &self.family))).await
    }

    async fn goals(&self) -> Vec<Value> {
        self.get("/families/{family}/plan").await.ok()["goals"].as_array().unwrap().clone()
    }

    async fn set(&self, goal: Value) -> String {
        self.post("/families/{family}/plan/goals", &goal).await.ok()["goal"].as_str().unwrap().to_owned()
    }
}

#[tokio::test]
async fn a_target_that_is_met_is_raised_and_what_was_stays() {
    let bells = Bells::new().await;
    let goal = json!({
        "domain": "school", "person": bells.ben, "title": "At school on time", "measured": "mornings a week", "begins_at": "1", "target": "3",
        "first": "2026-03-02", "due": "2026-06-01",
    });
    let first = bells.set(goal).await;
    let other = bells.set(json!({ "domain": "money", "title": "Know what is owed", "first": "2026-03-02" })).await;
    let end = format!("/plan-goals/{first}/end");
    let early = bells.post(&end, &json!({ "on": "2026-03-01" })).await;
    assert_eq!(early.problem(), is(422, "invalid", Some("on")));
    let both = bells.post(&end, &json!({ "reason": "moved", "raised": { "target": "5" } })).await;
    assert_eq!(both.problem(), is(422, "invalid", Some("raised")));
    let met = bells.post(&end, &json!({ "on": "2026-05-04", "raised": { "target": "5", "due": "2026-07-20" } })).await.ok();
    assert_eq!((&met["state"], &met["next"]["begins_at"], &met["next"]["raised_from"]), (&json!("met"), &json!("3"), &json!(first)));
    assert_eq!(bells.post(&end, &json!({})).await.problem(), is(409, "conflict", None));

    let goals = bells.goals().await;
    let brief: Vec<_> = goals
        .iter()
        .map(|g| (g["domain"].as_str().unwrap(), g["state"].as_str().unwrap(), g["target"].as_str().unwrap_or_default()))
        .collect();
    assert_eq!(brief, [("school", "met", "3"), ("school", "set", "5"), ("money", "set", "")]);
    assert_eq!((&goals[0]["goal"], &goals[0]["last"], &goals[1]["first"]), (&json!(first), &json!("2026-05-04"), &json!("2026-05-05")));
    assert_eq!(
        (&goals[1]["title"], &goals[1]["person"], &goals[1]["measured"]),
        (&goals[0]["title"], &bells.ben, &json!("mornings a week"))
    );
    assert_ne!(goals[0]["fact"], goals[0]["goal"], "what it says now took the place of what it said");

    let dropped = bells.post(&format!("/plan-goals/{other}/end"), &json!({ "reason": "they did it themselves" })).await.ok();
    assert_eq!(dropped["state"], "dropped");
    assert_eq!(bells.goals().await[2]["ended_why"], "they did it themselves");
}

#[tokio::test]
async fn the_sequence_is_edited_by_whoever_saw_it_and_keeps_goals_that_came_otherwise() {
    let bells = Bells::new().await;
    let one = bells.set(json!({ "domain": "school", "title": "First", "first": "2026-03-02" })).await;
    let fact = json!({
        "kind": "goal", "family": bells.family, "first": "2026-01-05",
        "detail": { "domain": "money", "state": "set", "title": "From elsewhere" },
    });
    let elsewhere = bells.post("/facts", &fact).await.ok()["id"].as_str().unwrap().to_owned();
    let read = bells.get("/families/{family}/plan").await;
    let goals: Vec<_> = read.json()["goals"].as_array().unwrap().iter().map(|g| g["goal"].clone()).collect();
    assert_eq!(goals, [json!(one), json!(elsewhere)], "what nobody put into the sequence comes behind it");
    let seen = read.headers[header::ETAG].to_str().unwrap().to_owned();
    let put = async |body: Value, seen: &str| {
        let path = within(&format!("/families/{}/plan", bells.family));
        let mut request = json_request(Method::PUT, &bells.host.bristol, &path, &body);
        request.headers_mut().insert(header::IF_MATCH, seen.parse().unwrap());
        bells.host.send(request).await
    };
    let short = put(json!({ "goals": [{ "goal": one }] }), &seen).await;
    assert_eq!(short.problem(), is(422, "invalid", Some("goals")));
    let stranger = json!({ "goals": [{ "goal": one }, { "goal": crate::record::FactId::fresh() }] });
    assert_eq!(put(stranger, &seen).await.problem(), is(422, "invalid", Some("goals[1].goal")));
    let order = json!({ "goals": [{ "goal": elsewhere, "measured": "letters opened", "target": "all" }, { "goal": one }] });
    let now = put(order.clone(), &seen).await.ok();
    assert_eq!((&now["goals"][0]["goal"], &now["goals"][0]["target"]), (&json!(elsewhere), &json!("all")));
    assert_eq!(put(order, &seen).await.problem(), is(412, "changed-meanwhile", Some("If-Match")));
}

#[tokio::test]
async fn the_journey_is_in_order_of_time_with_who_was_there_and_how_long_was_waited() {
    let bells = Bells::new().await;
    let visit = json!({ "how": "visit", "role": "keyworker", "kept": true, "on": "2026-02-03", "people": [bells.ben], "minutes": 75 });
    bells.post("/families/{family}/contacts", &visit).await.ok();
    let stranger = json!({ "how": "visit", "role": "keyworker", "kept": true, "people": [crate::record::PersonId::fresh()] });
    let refused = bells.post("/families/{family}/contacts", &stranger).await;
    assert_eq!(refused.problem(), is(422, "invalid", Some("people[0]")));
    let long = json!({ "how": "visit", "role": "keyworker", "kept": true, "minutes": 1_441 });
    assert_eq!(bells.post("/families/{family}/contacts", &long).await.problem(), is(422, "invalid", Some("minutes")));

    let service = |first: &str| {
        json!({
            "kind": "service-use", "family": bells.family, "first": first,
            "detail": { "service": "counselling", "state": "requested", "employer": "charity" },
        })
    };
    let asked = bells.post("/facts", &service("2026-01-05")).await.ok()["id"].as_str().unwrap().to_owned();
    bells.post("/facts", &service("2026-02-10")).await.ok();
    let begin = |on: &str| json!({ "on": on });
    let path = format!("/services-used/{asked}/beginning");
    assert_eq!(bells.post(&path, &begin("2026-01-04")).await.problem(), is(422, "invalid", Some("on")));
    bells.post(&path, &begin("2026-03-02")).await.ok();
    assert_eq!(bells.post(&path, &begin("2026-03-02")).await.status, 409, "it began");
    bells.set(json!({ "domain": "school", "title": "First", "first": "2026-02-01" })).await;

    let journey = bells.get("/families/{family}/journey").await.ok();
    let steps = journey["items"].as_array().unwrap();
    let brief: Vec<_> = steps.iter().map(|s| (s["on"].as_str().unwrap(), s["what"].as_str().unwrap())).collect();
    assert_eq!(brief, [("2026-01-05", "service-use"), ("2026-02-01", "goal"), ("2026-02-03", "contact"), ("2026-02-10", "service-use")]);
    let waited = &steps[0]["service"];
    assert_eq!(
        (&waited["asked_on"], &waited["began_on"], &waited["waited_days"]),
        (&json!("2026-01-05"), &json!("2026-03-02"), &json!(56))
    );
    assert_eq!(steps[0]["detail"]["state"], "started");
    assert!(steps[3]["service"]["began_on"].is_null() && steps[3]["service"]["waited_days"].as_i64().unwrap() > 100, "still waiting");
    assert_eq!((&steps[2]["encounter"]["minutes"], &steps[2]["encounter"]["people"]), (&json!(75), &json!([bells.ben])));
}

#[tokio::test]
async fn the_distance_is_told_by_area_and_person_with_the_scales_direction() {
    let bells = Bells::new().await;
    let score = |on: &str, domain: &str, value: i32, higher: bool, person: Value| {
        let mut fact = json!({
            "kind": "score", "family": bells.family, "first": on, "last": on,
            "detail": { "form": "whole-family", "domain": domain, "value_tenths": value, "least_tenths": 10, "most_tenths": 50, "higher_is_better": higher },
        });
        if !person.is_null() {
            fact["person"] = person;
        }
        fact
    };
    let ben = bells.ben.clone();
    let facts = [
        score("2026-03-01", "home", 20, true, Value::Null),
        score("2026-05-01", "home", 15, true, Value::Null),
        score("2026-08-01", "home", 35, true, Value::Null),
        score("2026-03-01", "worry", 40, false, ben.clone()),
        score("2026-08-01", "worry", 15, false, ben.clone()),
        score("2026-08-01", "money", 30, true, Value::Null),
    ];
    bells.post("/facts/bulk", &json!({ "facts": facts })).await.ok();
    let distance = bells.get("/families/{family}/distance").await.ok()["items"].clone();
    let of = |domain: &str| distance.as_array().unwrap().iter().find(|d| d["domain"] == domain).unwrap().clone();
    let home = of("home");
    assert_eq!((&home["travelled"], &home["since_last"], &home["most"]), (&json!(1.5), &json!(2.0), &json!(5.0)));
    let readings: Vec<_> =
        home["readings"].as_array().unwrap().iter().map(|r| (r["on"].as_str().unwrap(), r["value"].as_f64().unwrap())).collect();
    assert_eq!(readings, [("2026-03-01", 2.0), ("2026-05-01", 1.5), ("2026-08-01", 3.5)]);
    let worry = of("worry");
    assert_eq!((&worry["travelled"], &worry["person"]), (&json!(2.5), &ben), "lower is better");
    assert!(of("money")["travelled"].is_null(), "one reading is no distance");
}
