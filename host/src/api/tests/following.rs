//! What happened, followed by other systems; and notices to people.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;

use super::access::world::World;
use super::{Host, is, within};
use crate::egress::{Door, Openings};
use crate::store::AuthorityStore;
use crate::store::tests::{BRISTOL, code};
use crate::workflow::letters;

/// A program elsewhere, which answers as it is told to and keeps what it was sent.
#[derive(Clone)]
struct Program {
    got: Arc<Mutex<Vec<(HeaderMap, String)>>>,
    answers: Arc<Mutex<StatusCode>>,
    port: u16,
}

impl Program {
    async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let program =
            Self { got: Arc::default(), answers: Arc::new(Mutex::new(StatusCode::OK)), port: listener.local_addr().unwrap().port() };
        let router = Router::new().route("/hearth", post(take)).with_state(program.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        program
    }

    fn answer(&self, status: StatusCode) {
        *self.answers.lock().unwrap() = status;
    }

    /// Names and message ids of what it was sent since it was last asked.
    fn took(&self) -> Vec<(String, String)> {
        let got = std::mem::take(&mut *self.got.lock().unwrap());
        got.iter()
            .map(|(headers, body)| {
                let body: Value = serde_json::from_str(body).unwrap();
                (body["type"].as_str().unwrap().to_owned(), headers["webhook-id"].to_str().unwrap().to_owned())
            })
            .collect()
    }
}

async fn take(State(program): State<Program>, headers: HeaderMap, body: Bytes) -> StatusCode {
    program.got.lock().unwrap().push((headers, String::from_utf8(body.to_vec()).unwrap()));
    *program.answers.lock().unwrap()
}

/// Bristol, a program that follows it, and a door to this machine.
struct Followed {
    host: Host,
    program: Program,
    door: Door,
    store: AuthorityStore,
    webhook: String,
    secret: Vec<u8>,
}

impl Followed {
    async fn new(names: &[&str]) -> Self {
        let host = Host::with(Openings { this_machine: true }).await;
        let program = Program::start().await;
        let destination = within(&format!("/destinations/127.0.0.1:{}", program.port));
        host.put(&host.bristol, &destination, &json!({ "open": true, "why": "the records system" })).await.ok();
        let store = host.house.stores.authority(&code(BRISTOL)).await.unwrap();
        let new = json!({ "url": format!("http://127.0.0.1:{}/hearth", program.port), "names": names });
        let added = host.post(&host.bristol, &within("/webhooks"), &new).await.ok();
        let (webhook, secret) = (added["id"].as_str().unwrap().to_owned(), secret(&added));
        Self { host, program, door: Door::new(Openings { this_machine: true }), store, webhook, secret }
    }

    async fn tell(&self) -> u64 {
        self.door.tell(&self.store).await.unwrap()
    }

    async fn stands(&self) -> Value {
        self.host.get(&self.host.bristol, &within("/webhooks")).await.ok()["items"][0].clone()
    }

    async fn act(&self, what: &str, body: Value) -> Value {
        self.host.post(&self.host.bristol, &within(&format!("/webhooks/{}/{what}", self.webhook)), &body).await.ok()
    }
}

fn secret(answer: &Value) -> Vec<u8> {
    BASE64_STANDARD.decode(answer["secret"].as_str().unwrap().strip_prefix("whsec_").unwrap()).unwrap()
}

/// As a receiver checks it, by the text of the standard and nothing of the sender's.
fn signed_by(headers: &HeaderMap, body: &str, secret: &[u8]) -> bool {
    let text = |name: &str| headers[name].to_str().unwrap().to_owned();
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).unwrap();
    mac.update(format!("{}.{}.{body}", text("webhook-id"), text("webhook-timestamp")).as_bytes());
    let wanted = format!("v1,{}", BASE64_STANDARD.encode(mac.finalize().into_bytes()));
    text("webhook-signature").split(' ').any(|given| given == wanted)
}

#[tokio::test]
async fn the_feed_goes_on_from_a_place_and_holds_names_and_ids() {
    let host = Host::new().await;
    let at = async |rest: &str| host.get(&host.bristol, &within(&format!("/feed{rest}"))).await;
    assert_eq!(at("").await.ok(), json!({ "items": [], "next": "0.0", "more": false }));
    let family = host.family("BR-1").await;
    host.planner("task goal").await;
    let decision = host.ask(&family, "triage", super::actions::referral(json!([]))).await.ok();
    let all = at("").await.ok();
    let of_family = |a: &&Value| a["name"] != "installation-activated";
    let told: Vec<(&str, &Value)> =
        all["items"].as_array().unwrap().iter().filter(of_family).map(|a| (a["name"].as_str().unwrap(), &a["thing"])).collect();
    let tasks = host.get(&host.bristol, &within("/tasks")).await.ok();
    assert_eq!(
        told,
        [
            ("family-taken-in", &family["id"]),
            ("decision-made", &decision["id"]),
            ("task-given-out", &tasks["items"][0]["id"]),
            ("action-proposed", &decision["actions"][0]["came_to"]["proposal"]),
        ]
    );
    assert_eq!((all["items"].as_array().unwrap().len(), told.len()), (5, 4), "that the plugin was activated is told too");
    assert!(all["items"].as_array().unwrap().iter().filter(of_family).all(|a| a["family"] == family["id"]));
    let first = at("?limit=1").await.ok();
    assert_eq!((first["items"].as_array().unwrap().len(), &first["more"]), (1, &json!(true)));
    let rest = at(&format!("?after={}", first["next"].as_str().unwrap())).await.ok();
    assert_eq!((rest["items"].as_array().unwrap().len(), &rest["more"], &rest["next"]), (4, &json!(false), &all["next"]));
    let end = at("?after=end").await.ok();
    assert_eq!((end["items"].as_array().unwrap().len(), &end["next"]), (0, &all["next"]), "from now on");
    for wrong in ["yesterday", "1", "-1.1"] {
        assert_eq!(at(&format!("?after={wrong}")).await.problem(), is(422, "invalid", Some("after")), "{wrong}");
    }
}

#[tokio::test]
async fn a_program_is_told_in_order_signed_and_once() {
    let followed = Followed::new(&[]).await;
    assert_eq!(followed.tell().await, 0, "what was before is not told");
    let family = followed.host.family("BR-1").await;
    followed.host.family("BR-2").await;
    assert_eq!(followed.tell().await, 2);
    let got = followed.program.got.lock().unwrap().clone();
    for (headers, body) in &got {
        assert!(signed_by(headers, body, &followed.secret));
        assert!(!signed_by(headers, &body.replace("taken", "given"), &followed.secret), "another body");
    }
    let body: Value = serde_json::from_str(&got[0].1).unwrap();
    assert_eq!(
        (&body["type"], &body["data"]["family"], &body["data"]["authority"]),
        (&json!("family-taken-in"), &family["id"], &json!(BRISTOL))
    );
    assert!(!got[0].1.contains("Bell"));
    assert_eq!(followed.program.took().len(), 2);
    assert_eq!((followed.tell().await, followed.program.took().len()), (0, 0), "once");
    assert_eq!(followed.stands().await["taken"], followed.host.get(&followed.host.bristol, &within("/feed")).await.ok()["next"]);
}

#[tokio::test]
async fn whoever_was_down_for_a_while_misses_nothing_and_knows_what_it_took() {
    let followed = Followed::new(&[]).await;
    followed.program.answer(StatusCode::INTERNAL_SERVER_ERROR);
    followed.host.family("BR-1").await;
    followed.host.family("BR-2").await;
    assert_eq!(followed.tell().await, 0);
    let tried = followed.program.took();
    assert_eq!(tried.len(), 1, "what comes after waits");
    let stands = followed.stands().await;
    assert_eq!((&stands["failures"], &stands["state"]), (&json!(1), &json!("on")));
    assert!(stands["next_try"].is_string());
    assert_eq!((followed.tell().await, followed.program.took().len()), (0, 0), "not before its time");
    followed.host.wait(1);
    followed.tell().await;
    assert_eq!(followed.program.took(), tried, "the same message");
    assert_eq!(followed.stands().await["failures"], 2);
    followed.host.wait(6);
    followed.program.answer(StatusCode::NO_CONTENT);
    assert_eq!(followed.tell().await, 2);
    let took = followed.program.took();
    assert_eq!((&took[0], took.len()), (&tried[0], 2));
    assert_eq!(followed.stands().await["failures"], 0);
}

#[tokio::test]
async fn nothing_is_sent_to_whoever_wants_no_more_until_somebody_resumes_it() {
    let followed = Followed::new(&[]).await;
    followed.program.answer(StatusCode::GONE);
    followed.host.family("BR-1").await;
    followed.tell().await;
    followed.program.took();
    let stands = followed.stands().await;
    assert_eq!(stands["state"], "stopped");
    assert!(stands["why"].as_str().unwrap().contains("410"), "{stands}");
    followed.program.answer(StatusCode::OK);
    followed.host.wait(600);
    assert_eq!(followed.tell().await, 0);
    followed.act("resumption", json!({})).await;
    assert_eq!((followed.tell().await, followed.program.took().len()), (1, 1), "nothing was left out");

    followed.program.answer(StatusCode::BAD_GATEWAY);
    followed.host.family("BR-2").await;
    for _ in 0..12 {
        followed.tell().await;
        followed.host.wait(25 * 60);
    }
    assert_eq!(followed.program.took().len(), 10, "ten tries");
    assert!(followed.stands().await["why"].as_str().unwrap().contains("ten tries"));
    followed.act("removal", json!({ "why": "it is gone" })).await;
    assert_eq!(followed.host.get(&followed.host.bristol, &within("/webhooks")).await.ok()["items"], json!([]));
}

#[tokio::test]
async fn only_what_was_asked_for_is_sent_and_a_new_secret_signs_beside_the_old_for_a_day() {
    let followed = Followed::new(&["decision-made"]).await;
    let family = followed.host.family("BR-1").await;
    followed.host.planner("").await;
    followed.host.ask(&family, "triage", super::actions::referral(json!([]))).await.ok();
    assert_eq!(followed.tell().await, 1);
    assert_eq!(followed.program.took()[0].0, "decision-made");
    let renewed = secret(&followed.act("secret", json!({})).await);
    for (both, minutes) in [(true, 23 * 60), (false, 2 * 60)] {
        followed.host.wait(minutes);
        followed.host.ask(&family, "triage", super::actions::referral(json!([]))).await.ok();
        assert_eq!(followed.tell().await, 1);
        let (headers, body) = followed.program.got.lock().unwrap().pop().unwrap();
        assert!(signed_by(&headers, &body, &renewed));
        assert_eq!(signed_by(&headers, &body, &followed.secret), both);
    }
    followed.act("stop", json!({ "why": "it is moved" })).await;
    followed.host.ask(&family, "triage", super::actions::referral(json!([]))).await.ok();
    assert_eq!(followed.tell().await, 0);
    assert_eq!(followed.stands().await["why"], "it is moved");
}

#[tokio::test]
async fn a_webhook_is_at_a_destination_that_was_opened() {
    let host = Host::new().await;
    let add = async |body: Value| host.post(&host.bristol, &within("/webhooks"), &body).await;
    for (url, why) in [
        ("http://records.example.org/", "does not begin with https://"),
        ("https://ann@records.example.org/", "a user's name"),
        ("https://records.example.org:25/", "neither 443 nor from 1024 on"),
        ("not an address", "is no address"),
        ("https://records.example.org/", "open it first"),
    ] {
        let refused = add(json!({ "url": url })).await;
        assert_eq!(refused.problem(), is(422, "invalid", Some("url")), "{url}");
        assert!(refused.text().contains(why), "{url}: {}", refused.text());
    }
    let open = json!({ "open": true, "why": "the records system" });
    host.put(&host.bristol, &within("/destinations/records.example.org"), &open).await.ok();
    let unknown = add(json!({ "url": "https://records.example.org/", "names": ["decision-dreamt"] })).await;
    assert_eq!(unknown.problem(), is(422, "invalid", Some("names[0]")), "{}", unknown.text());
    for _ in 0..20 {
        add(json!({ "url": "https://records.example.org/" })).await.ok();
    }
    assert!(add(json!({ "url": "https://records.example.org/" })).await.text().contains("20 webhooks"));
    let listed = host.get(&host.bristol, &within("/webhooks")).await.text().to_owned();
    assert!(!listed.contains("whsec"), "a secret is shown once");
}

#[tokio::test]
async fn whoever_was_away_too_long_is_told_that_something_is_gone() {
    let followed = Followed::new(&["family-taken-in"]).await;
    let host = &followed.host;
    let at = async |rest: &str| host.get(&host.bristol, &within(&format!("/feed{rest}"))).await;
    let beginning = at("").await.ok()["next"].as_str().unwrap().to_owned();
    followed.program.answer(StatusCode::GONE);
    host.family("BR-1").await;
    followed.tell().await;
    assert_eq!(followed.stands().await["state"], "stopped");
    followed.program.took();
    host.family("BR-2").await;
    let read = at("?limit=1").await.ok()["next"].as_str().unwrap().to_owned();
    host.wait(401 * 24 * 60);
    host.family("BR-3").await;
    host.house.stores.forget_old(90, 400).await.unwrap();
    for after in [&beginning, &read] {
        assert_eq!(at(&format!("?after={after}")).await.problem(), is(410, "no-longer-kept", Some("after")));
    }
    let kept = at("").await.ok();
    assert_eq!((kept["items"].as_array().unwrap().len(), &kept["items"][0]["name"]), (1, &json!("family-taken-in")));
    // A program that was stopped before is not sent the rest as if it were all.
    followed.program.answer(StatusCode::OK);
    followed.act("resumption", json!({})).await;
    assert_eq!((followed.tell().await, followed.program.took()), (0, vec![]));
    let stands = followed.stands().await;
    assert!(stands["state"] == "stopped" && stands["why"].as_str().unwrap().contains("not kept any more"), "{stands}");
}

#[tokio::test]
async fn what_a_program_is_still_to_be_sent_is_kept_for_it() {
    let followed = Followed::new(&["family-taken-in"]).await;
    let host = &followed.host;
    host.family("BR-1").await;
    host.wait(401 * 24 * 60);
    host.house.stores.forget_old(90, 400).await.unwrap();
    assert_eq!(followed.tell().await, 1);
    host.house.stores.forget_old(90, 400).await.unwrap();
    let left = host.get(&host.bristol, &within("/feed")).await.ok();
    assert!(left["items"].as_array().unwrap().iter().all(|a| a["name"] != "family-taken-in"), "{left}");
}

#[tokio::test]
async fn a_notice_reaches_the_school_that_knows_of_the_family_and_a_letter_holds_nothing() {
    let mut world = World::new().await;
    world.programme().await;
    let host = &world.host;
    let own = async |who: &str| host.get(&world.tokens[who], &within("/notices")).await.ok()["items"].clone();
    let mine = own("consented").await;
    assert_eq!(mine.as_array().unwrap().len(), 1);
    assert_eq!(
        (&mine[0]["family"], &mine[0]["message"], &mine[0]["seen_at"]),
        (&json!(world.id("family")), &json!("Said 3."), &Value::Null)
    );
    for who in ["withdrawn", "expired", "two-councils", "charity-lead", "manager", "own-case"] {
        assert_eq!(own(who).await, json!([]), "{who}");
    }
    // Nobody knows an address of theirs; then somebody does.
    let stores = &host.house.stores;
    let mail = crate::egress::mail::Mail::through(&format!("folder:{}", host.letters.path().display()), None, None).unwrap();
    let own_address = "https://hearth.example.org".parse().unwrap();
    let reception = crate::access::Reception::new(Some(own_address), mail, Door::new(Openings::default()), None);
    assert_eq!(letters::send_all(stores, &reception).await.unwrap(), 0);
    let mut tx = stores.common().write("tests", "an address").await.unwrap();
    tx.add_address("office@hill-school.example.org", world.id("consented").parse().unwrap()).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(letters::send_all(stores, &reception).await.unwrap(), 1);
    assert_eq!(letters::send_all(stores, &reception).await.unwrap(), 0, "once");
    let letter = host.letters.path().read_dir().unwrap().map(|f| std::fs::read_to_string(f.unwrap().path()).unwrap()).collect::<String>();
    assert!(letter.contains("https://hearth.example.org/") && !letter.contains("Bell") && !letter.contains("BR-1"), "{letter}");

    let told = host.get(&host.bristol, &within(&format!("/families/{}/notices", world.id("family")))).await.ok();
    assert_eq!((&told["items"][0]["name"], told["items"][0]["mailed_at"].is_string()), (&json!("consented"), true));
    let seen = within(&format!("/notices/{}/seen", world.id("notice")));
    host.post(&world.tokens["consented"], &seen, &json!({})).await.ok();
    assert!(own("consented").await[0]["seen_at"].is_string());

    // What it rests on is more than is shared with the school.
    host.house.rooms.tamper("UPDATE decision SET label = label | 4096").await;
    assert_eq!(own("consented").await[0]["message"], Value::Null);

    let withdrawal = within(&format!("/shares/{}/withdrawal", world.id("consent")));
    host.post(&host.bristol, &withdrawal, &json!({ "words": "she rang" })).await.ok();
    assert_eq!(own("consented").await, json!([]), "what is no longer shared is no longer told of");
}

#[tokio::test]
async fn where_there_is_nobody_to_tell_whoever_works_with_the_family_has_a_task() {
    let host = Host::new().await;
    let family = host.family("BR-1").await;
    host.planner("notice").await;
    let made = host.ask(&family, "triage", super::actions::referral(json!([]))).await.ok();
    let proposal = made["actions"][0]["came_to"]["proposal"].as_str().unwrap();
    let confirmed = host.post(&host.bristol, &within(&format!("/proposals/{proposal}/confirm")), &json!({})).await.ok();
    assert_eq!(confirmed["state"], "carried-out");
    let tasks = host.get(&host.bristol, &within("/tasks")).await.ok();
    let task = &tasks["items"][0];
    assert_eq!((&task["id"], &task["role"], &task["title"]), (&confirmed["task"], &json!("keyworker"), &json!("Said 3.")));
}

#[tokio::test]
async fn a_task_is_done_once_and_listed_with_its_family_alone() {
    let host = Host::new().await;
    let (family, other) = (host.family("BR-1").await, host.family("BR-2").await);
    host.planner("task").await;
    host.ask(&family, "triage", super::actions::referral(json!([]))).await.ok();
    host.ask(&other, "triage", super::actions::referral(json!([]))).await.ok();
    let of = async |family: &Value| {
        let list = within(&format!("/tasks?family={}", family["id"].as_str().unwrap()));
        host.get(&host.bristol, &list).await.ok()["items"].as_array().unwrap().clone()
    };
    let (own, others) = (of(&family).await, of(&other).await);
    assert_eq!((own.len(), &own[0]["family"], others.len(), &others[0]["family"]), (1, &family["id"], 1, &other["id"]));
    let done = within(&format!("/tasks/{}/done", own[0]["id"].as_str().unwrap()));
    assert_eq!(host.post(&host.bristol, &done, &json!({})).await.ok(), json!({ "id": own[0]["id"] }));
    assert_eq!(of(&family).await, [] as [Value; 0]);
    assert_eq!(host.post(&host.bristol, &done, &json!({})).await.problem(), is(409, "conflict", None));
    let told = host.get(&host.bristol, &within("/feed")).await.ok();
    let told = told["items"].as_array().unwrap().last().unwrap();
    assert_eq!((&told["name"], &told["thing"]), (&json!("task-done"), &own[0]["id"]));
}
