//! From one version to another and back: at once, on a date, by itself, and a thousand times under load.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use axum::body::Body;
use axum::http::{Method, header};

use super::{Host, is, request, within};
use crate::egress::mail::Mail;
use crate::egress::{Door, Openings};
use crate::record::LoginId;
use crate::sandbox::for_tests::built;
use crate::store::Parked;
use crate::store::tests::{BRISTOL, code};
use crate::workflow::letters;

pub(super) fn id(at: &str) -> &str {
    at.rsplit('/').next().unwrap()
}

impl Host {
    /// The same plugin once more, proposed.
    async fn again(&self, at: &str, settings: Value) -> String {
        let live = self.get(&self.bristol, at).await.ok();
        let proposal = json!({ "plugin": live["plugin"], "grants": live["grants"], "settings": settings });
        let proposed = self.post(&self.bristol, &within("/installations"), &proposal).await.ok();
        within(&format!("/installations/{}", proposed["id"].as_str().unwrap()))
    }
}

#[tokio::test]
async fn a_version_decides_from_its_instant_on_and_a_former_one_again_in_one_step() {
    let host = Host::new().await;
    let family = host.family("BR-1").await["id"].clone();
    let old = host.adopt("bristol-outcomes", json!({})).await;
    let new = host.again(&old, json!({ "problems-needed": 3 })).await;
    let decides = async || host.decide(&family, "eligibility").await.ok()["installation"].as_str().unwrap().to_owned();
    let clock = host.house.stores.clock();
    let at = |minutes: i64| json!(crate::record::KnownAt::from_millis(clock.now().millis() + minutes * 60_000));
    let activation = format!("{new}/activation");
    assert_eq!(host.post(&host.bristol, &activation, &json!({ "at": at(-1) })).await.problem(), is(422, "invalid", Some("at")));
    assert_eq!(host.post(&host.bristol, &activation, &json!({ "at": at(60) })).await.ok()["status"], "proposed");
    assert_eq!(decides().await, id(&old));
    assert_eq!(host.post(&host.bristol, &format!("{new}/switch/drop"), &json!({})).await.ok()["status"], "proposed");
    host.wait(61);
    assert_eq!(decides().await, id(&old), "what was dropped is not done");
    host.post(&host.bristol, &activation, &json!({ "at": at(60) })).await.ok();
    host.wait(61);
    assert_eq!(decides().await, id(&new), "whoever asks first makes it true");
    let history = host.get(&host.bristol, &format!("{new}/activations")).await.ok();
    assert_eq!((&history["planned"]["state"], &history["activations"][0]["replaced"]), (&json!("done"), &json!([id(&old)])));

    let back = format!("{old}/return");
    assert_eq!(host.post(&host.bristol, &back, &json!({ "reason": "" })).await.problem(), is(422, "invalid", Some("reason")));
    let never = host.again(&old, json!({})).await;
    let refused = host.post(&host.bristol, &format!("{never}/return"), &json!({ "reason": "why not" })).await;
    assert_eq!(refused.problem(), is(409, "conflict", None), "it never decided");
    let returned = host.post(&host.bristol, &back, &json!({ "reason": "three problems are too many" })).await.ok();
    assert_eq!((&returned["status"], &returned["replaced"]), (&json!("active"), &json!([id(&new)])));
    assert_eq!(decides().await, id(&old));
    let history = host.get(&host.bristol, &format!("{old}/activations")).await.ok();
    assert_eq!(history["activations"][0]["reason"], "three problems are too many");
}

#[tokio::test]
async fn a_version_that_fails_comes_back_by_itself_and_decides_again_only_with_a_reason() {
    let host = Host::new().await;
    let old = host.adopt("bristol-outcomes", json!({})).await;
    let mut families = Vec::new();
    for n in 0..3 {
        families.push(host.family(&format!("BR-{n}")).await["id"].clone());
    }
    host.decide(&families[0], "progress").await.ok();
    let broken = host.adopt("hostile", json!({ "attack": "panic" })).await;
    for (n, family) in families.iter().enumerate() {
        assert_eq!(host.get(&host.bristol, &broken).await.ok()["status"], "active", "after {n} failures");
        assert_eq!(host.decide(family, "progress").await.problem(), is(422, "plugin-trapped", None));
    }
    assert_eq!(host.get(&host.bristol, &broken).await.ok()["status"], "retired", "three of its runs failed");
    assert_eq!(host.decide(&families[0], "progress").await.ok()["installation"], id(&old));
    let history = host.get(&host.bristol, &format!("{broken}/activations")).await.ok();
    let ended = &history["activations"][0]["ended"];
    assert_eq!((&ended["by_itself"], &ended["why"]), (&json!(true), &json!("3 of its last 3 runs failed")), "{history}");
    let feed = host.get(&host.bristol, &within("/feed?limit=200")).await.ok().to_string();
    assert!(feed.contains("installation-came-back"), "{feed}");

    let activation = format!("{broken}/activation");
    assert_eq!(host.post(&host.bristol, &activation, &json!({})).await.problem(), is(422, "invalid", Some("reason")));
    let again = host.post(&host.bristol, &activation, &json!({ "reason": "its author found what it was" })).await.ok();
    assert_eq!(again["status"], "active");
    let operations = host.get(&host.bristol, &within("/plugin-operations")).await.ok();
    assert_eq!(host.get(&host.bristol, &within("/plugin-operations?days=366")).await.ok()["items"], operations["items"]);
    let refused = host.get(&host.bristol, &within("/plugin-operations?days=367")).await.problem();
    assert_eq!(refused, is(422, "invalid", Some("days")));
    let of = |at: &str| operations["items"].as_array().unwrap().iter().find(|i| i["installation"] == id(at)).unwrap().clone();
    assert_eq!((&of(&broken)["runs"], &of(&broken)["failures"]), (&json!(3), &json!([{ "outcome": "plugin-trapped", "runs": 3 }])));
    assert_eq!((&of(&old)["runs"], &of(&old)["failures"]), (&json!(2), &json!([])));
    assert!(of(&old)["instructions"]["median"].as_u64().unwrap() > 0);
}

#[tokio::test]
async fn a_version_that_fails_stays_where_what_decided_before_is_parked_meanwhile() {
    let host = Host::new().await;
    let family = host.family("BR-1").await["id"].clone();
    let old = host.adopt("bristol-outcomes", json!({})).await;
    let broken = host.adopt("hostile", json!({ "attack": "panic" })).await;
    let store = host.house.stores.authority(&code(BRISTOL)).await.unwrap();
    let mut tx = store.write("tests", "parked").await.unwrap();
    let parked = Parked { installation: id(&old).parse().unwrap(), since: tx.now(), why: "it failed".into(), failures: 5, runs: 5 };
    tx.park(&parked).await.unwrap();
    tx.commit().await.unwrap();
    for _ in 0..4 {
        assert_eq!(host.decide(&family, "progress").await.problem(), is(422, "plugin-trapped", None));
    }
    assert_eq!(
        (host.get(&host.bristol, &broken).await.ok()["status"].clone(), host.get(&host.bristol, &old).await.ok()["status"].clone()),
        (json!("active"), json!("retired"))
    );
}

/// Somebody in a role at Bristol: their login, and a token of theirs.
pub(super) async fn somebody(host: &Host, role: &str) -> (LoginId, String) {
    let made = host.post(&host.bristol, &within("/people"), &json!({ "name": role, "role": role })).await.ok();
    let token = host.post(&host.bristol, &within("/tokens"), &json!({ "name": "tests", "login": made["login"] })).await.ok();
    (made["login"].as_str().unwrap().parse().unwrap(), token["token"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn a_return_by_itself_is_told_to_who_approves_plugins_and_to_their_author_and_to_nobody_else() {
    let host = Host::new().await;
    let family = host.family("BR-1").await["id"].clone();
    host.adopt("bristol-outcomes", json!({})).await;
    let (reviewer_login, reviewer) = somebody(&host, "plugin-reviewer").await;
    let (auditor, author) = (somebody(&host, "auditor").await.1, somebody(&host, "plugin-author").await.1);
    let others = [somebody(&host, "plugin-author").await.1, somebody(&host, "manager").await.1, somebody(&host, "administrator").await.1];
    let rules = json!({ "approval": "one-person", "watch": { "failures": 2, "of_last": 20 } });
    host.put(&host.bristol, &within("/plugin-review"), &rules).await.ok();
    let upload = request(Method::POST, &author, "/v1/plugins").header(header::CONTENT_TYPE, "application/wasm");
    host.send(upload.body(Body::from(built("hostile"))).unwrap()).await.ok();
    let broken = host.adopt("hostile", json!({ "attack": "panic" })).await;
    let fails = async || {
        for _ in 0..2 {
            assert_eq!(host.decide(&family, "progress").await.problem(), is(422, "plugin-trapped", None));
        }
        assert_eq!(host.get(&host.bristol, &broken).await.ok()["status"], "retired");
    };
    fails().await;

    let listed = async |token: &str, query: &str| host.get(token, &within(&format!("/notices{query}"))).await.ok()["items"].clone();
    for told in [&reviewer, &auditor, &author] {
        let notices = listed(told, "").await;
        let [notice] = notices.as_array().unwrap().as_slice() else { panic!("{notices}") };
        assert_eq!((&notice["installation"], notice.get("family"), notice.get("seen_at")), (&json!(id(&broken)), None, None));
        assert_eq!(notice["message"], "hostile failed again and again, and the host went back to what decided before");
        assert_eq!(notice["due"], json!(host.house.stores.clock().now().day()));
    }
    assert!(listed(&reviewer, "?language=cy").await[0]["message"].as_str().unwrap().starts_with("Methodd hostile"));
    for other in &others {
        assert_eq!(listed(other, "").await, json!([]));
    }
    // A letter says that something waits, and nothing of what.
    let stores = &host.house.stores;
    let mut tx = stores.common().write("tests", "an address").await.unwrap();
    tx.add_address("reviewer@bristol.example.org", reviewer_login).await.unwrap();
    tx.commit().await.unwrap();
    let mail = Mail::through(&format!("folder:{}", host.letters.path().display()), None, None).unwrap();
    let own = "https://hearth.example.org".parse().unwrap();
    let reception = crate::access::Reception::new(Some(own), mail, Door::new(Openings::default()), None);
    assert_eq!(letters::send_all(stores, &reception).await.unwrap(), 1);
    let letter = host.letters.path().read_dir().unwrap().map(|f| std::fs::read_to_string(f.unwrap().path()).unwrap()).collect::<String>();
    assert!(letter.contains("https://hearth.example.org/") && !letter.contains("hostile") && !letter.contains(id(&broken)), "{letter}");

    // Seen by whose it is, and by nobody else.
    let seen = within(&format!("/notices/{}/seen", listed(&reviewer, "").await[0]["id"].as_str().unwrap()));
    for other in [&auditor, &others[0], &host.bristol] {
        assert_eq!(host.post(other, &seen, &json!({})).await.problem(), is(404, "no-such", Some("notice")));
    }
    host.post(&reviewer, &seen, &json!({})).await.ok();
    assert_eq!(listed(&reviewer, "?state=unseen").await, json!([]));
    assert!(listed(&reviewer, "?state=seen").await[0]["seen_at"].is_string());
    assert_eq!(listed(&auditor, "?state=seen").await, json!([]));
    // Whoever reads its page reads why; and the next time is another notice.
    let history = host.get(&reviewer, &format!("{broken}/activations")).await.ok();
    assert_eq!(history["activations"][0]["ended"]["why"], "2 of its last 2 runs failed");
    host.post(&host.bristol, &format!("{broken}/activation"), &json!({ "reason": "its author found what it was" })).await.ok();
    fails().await;
    assert_eq!(listed(&reviewer, "?state=unseen").await.as_array().unwrap().len(), 1);
    assert_eq!(listed(&reviewer, "").await.as_array().unwrap().len(), 2);
    let later = listed(&reviewer, "?limit=1").await;
    assert!(later[0]["seen_at"].is_string(), "the first first: {later}");
}

/// What somebody is told of installations: of which, and the first words.
pub(super) async fn told(host: &Host, token: &str, language: &str) -> Vec<(String, String)> {
    let notices = host.get(token, &within(&format!("/notices?language={language}"))).await.ok();
    let words = |notice: &Value| notice["message"].as_str().unwrap().split([':', ',']).next().unwrap().to_owned();
    notices["items"].as_array().unwrap().iter().map(|n| (n["installation"].as_str().unwrap().to_owned(), words(n))).collect()
}

#[tokio::test]
async fn a_planned_switch_that_could_not_be_done_and_a_parking_are_told_as_a_return_is() {
    let host = Host::new().await;
    let old = host.adopt("bristol-outcomes", json!({})).await;
    let new = host.again(&old, json!({ "problems-needed": 3 })).await;
    let (reviewer, manager) = (somebody(&host, "plugin-reviewer").await.1, somebody(&host, "manager").await.1);
    let mut families = Vec::new();
    for n in 0..5 {
        families.push(host.family(&format!("BR-{n}")).await["id"].clone());
    }
    // Planned while one person approves, and due when two people have to.
    host.one_person_approves().await;
    let soon = crate::record::KnownAt::from_millis(host.house.stores.clock().now().millis() + 3_600_000);
    host.post(&host.bristol, &format!("{new}/activation"), &json!({ "at": soon })).await.ok();
    let rules = json!({ "approval": "two-people", "watch": { "failures": 0, "of_last": 20 } });
    host.put(&host.bristol, &within("/plugin-review"), &rules).await.ok();
    host.wait(61);
    assert_eq!(host.decide(&families[0], "progress").await.ok()["installation"], id(&old));
    assert_eq!(host.get(&reviewer, &format!("{new}/activations")).await.ok()["planned"]["state"], "failed");
    let not_switched = (id(&new).to_owned(), "bristol-outcomes was planned to decide from now on".to_owned());
    assert_eq!(told(&host, &reviewer, "en").await, std::slice::from_ref(&not_switched));

    let broken = host.adopt("hostile", json!({ "attack": "panic" })).await;
    let fails = async || {
        for family in &families {
            assert_eq!(host.decide(family, "progress").await.problem(), is(422, "plugin-trapped", None));
        }
        assert_eq!(host.decide(&families[0], "progress").await.problem(), is(409, "plugin-parked", None));
    };
    fails().await;
    let parked = (id(&broken).to_owned(), "hostile is parked".to_owned());
    assert_eq!(told(&host, &reviewer, "en").await, [not_switched.clone(), parked.clone()]);
    let welsh = told(&host, &reviewer, "cy").await;
    assert!(welsh[0].1.starts_with("Roedd bristol-outcomes i fod i benderfynu") && welsh[1].1 == "Mae hostile wedi'i barcio", "{welsh:?}");
    assert_eq!(told(&host, &manager, "en").await, []);
    let feed = host.get(&host.bristol, &within("/feed?limit=200")).await.ok().to_string();
    assert!(feed.contains("switch-failed") && feed.contains("installation-parked"), "{feed}");
    // Brought back, and parked again: that is another notice.
    let back = json!({ "reason": "its author says that it is mended" });
    host.post(&host.bristol, &format!("{broken}/unpark"), &back).await.ok();
    fails().await;
    assert_eq!(told(&host, &reviewer, "en").await, [not_switched, parked.clone(), parked]);
}

/// Activations of a version that was just proposed, and returns to the one before, in turn, each while questions are asked: few, for every
/// run of the tests; `HEARTH_SWITCHES=1000` for the whole claim.
const SWITCHES: usize = 20;
/// A question is answered by who decides within so long after a switch, on the slowest machine.
const SOON: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_thousand_switches_under_load_lose_no_question_and_mix_no_answer() {
    let switches = std::env::var("HEARTH_SWITCHES").ok().and_then(|n| n.parse().ok()).unwrap_or(SWITCHES);
    let host = Arc::new(Host::new().await);
    let old = host.adopt("bristol-outcomes", json!({})).await;
    let family = host.demo_family("br-0001-debt").await;
    let others = json!({ "problems-needed": 6 });
    let new = host.again(&old, others.clone()).await;
    // What each says by itself.
    let of_old = answer(&host.decide(&family, "eligibility").await.ok());
    host.post(&host.bristol, &format!("{new}/activation"), &json!({})).await.ok();
    let of_new = answer(&host.decide(&family, "eligibility").await.ok());
    assert_ne!(of_old, of_new, "they are told apart");
    host.post(&host.bristol, &format!("{old}/return"), &json!({ "reason": "the first again" })).await.ok();

    let done = Arc::new(AtomicBool::new(false));
    let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
    let mut asking = tokio::task::JoinSet::new();
    for _ in 0..3 {
        let (host, family, done, tell) = (host.clone(), family.clone(), done.clone(), tell.clone());
        asking.spawn(async move {
            while !done.load(Ordering::Relaxed) {
                let got = host.decide(&family, "eligibility").await;
                assert!(got.status.is_success(), "a question failed: {}", got.text());
                let decided = got.json();
                drop(tell.send((decided["installation"].as_str().unwrap().to_owned(), answer(&decided))));
            }
        });
    }
    drop(tell);
    let (mut by_old, mut by_new) = (0_u64, 0_u64);
    let mut look = |(installation, answer): (String, String)| {
        let is_old = installation == id(&old);
        assert_eq!(answer, if is_old { of_old.as_str() } else { of_new.as_str() }, "an answer of {installation} that is not its own");
        *if is_old { &mut by_old } else { &mut by_new } += 1;
        installation
    };
    let (mut longest, mut in_all) = (Duration::ZERO, Duration::ZERO);
    for n in 0..switches {
        let forth = n % 2 == 0;
        let to = if forth { host.again(&old, others.clone()).await } else { old.clone() };
        let asked = Instant::now();
        let (how, body) = if forth { ("activation", json!({})) } else { ("return", json!({ "reason": "to and fro" })) };
        let got = host.post(&host.bristol, &format!("{to}/{how}"), &body).await;
        assert!(got.status.is_success(), "switch {n}: {}", got.text());
        longest = longest.max(asked.elapsed());
        in_all += asked.elapsed();
        let decides = async { while look(told.recv().await.expect("somebody asks")) != id(&to) {} };
        tokio::time::timeout(SOON, decides).await.unwrap_or_else(|_| panic!("switch {n}: nothing is decided by {to}"));
    }
    done.store(true, Ordering::Relaxed);
    while let Some(answered) = told.recv().await {
        look(answered);
    }
    while let Some(ended) = asking.join_next().await {
        ended.unwrap();
    }
    println!(
        "{switches} activations and returns, {in_all:.1?} in all, the longest {longest:.1?}; under them {by_old} answers of the first \
         version and {by_new} of those that came after it"
    );
}

/// Of its canonical bytes.
fn answer(decision: &Value) -> String {
    decision["answer"].as_str().unwrap().to_owned()
}
