//! A publisher outside the authorities asks how its plugins run.

use serde_json::{Value, json};

use super::super::{Got, Host, family, is, within};
use super::{module, repacked};
use crate::record::KnownAt;
use crate::record::signing::tests::Pair;

impl Host {
    /// As a publisher who signs that they ask.
    async fn outside(&self, publisher: &str, pair: &Pair, at: &str, says: &str) -> Got {
        let signature = pair.sign(says.as_bytes(), "asked");
        let path = format!("/v1/publishers/{publisher}/runs");
        self.post("", &path, &json!({ "at": at, "signature": signature })).await
    }

    fn moment(&self, minutes: i64) -> String {
        KnownAt::from_millis(self.house.stores.clock().now().millis() + minutes * 60_000).to_string()
    }
}

fn words(publisher: &str, at: &str) -> String {
    format!("hearth\nhow my plugins run\n{publisher}\nhttps://hearth.example.org\n{at}\n")
}

#[tokio::test]
async fn a_publisher_sees_counts_and_places_and_nothing_of_a_run() {
    let host = Host::new().await;
    let pair = host.publisher("hill-charity").await;
    let bytes = repacked("hostile", |m| m["publisher"] = json!("hill-charity"));
    let plugin = host.publish(&bytes, Some(pair.sign_plugin(&bytes))).await.ok();
    // In the same publisher's name, by nobody who has its key: not its own.
    host.publish(&module("reading-club", "hill-charity", "1.0.0"), None).await.ok();
    host.one_person_approves().await;
    let proposed = host.propose(&plugin, json!({ "settings": { "attack": "panic" } })).await;
    let at = super::address(&proposed);
    host.post(&host.bristol, &format!("{at}/activation"), &json!({})).await.ok();
    let asked = async |n: usize| {
        let taken = host.post(&host.bristol, &within("/families"), &family(&format!("BR-{n}"))).await.ok();
        let question = json!({ "family": taken["id"], "question": "progress", "as_of": "2026-08-31" });
        assert_eq!(host.post(&host.bristol, &within("/decisions"), &question).await.status, 422);
    };
    let seen = async || {
        let now = host.moment(0);
        host.outside("hill-charity", &pair, &now, &words("hill-charity", &now)).await.ok()
    };
    for n in 0..4 {
        asked(n).await;
    }
    let four = seen().await;
    assert_eq!(four["plugins"].as_array().unwrap().len(), 1, "{four}");
    assert_eq!((&four["plugins"][0]["all"], &four["plugins"][0]["named"]), (&json!({ "failures": [] }), &json!([])), "{four}");
    asked(4).await;
    let five = seen().await;
    let failure = &five["plugins"][0]["all"]["failures"][0];
    assert_eq!((&failure["outcome"], &failure["runs"]), (&json!("plugin-trapped"), &json!(5)), "{five}");
    assert!(failure["place"].as_str().unwrap().contains("+0x"), "{five}");
    assert!(!five["plugins"][0]["templates"].as_array().unwrap().is_empty());
    // Whoever agreed to be named is; until then no word says who.
    assert!(!five.to_string().contains("E06000023"), "{five}");
    let agreed = json!({ "unsigned": true, "named": true, "why": "we are glad to be" });
    host.put(&host.bristol, &within("/plugin-rules"), &agreed).await.ok();
    let named = seen().await["plugins"][0]["named"].clone();
    assert_eq!((&named[0]["authority"], &named[0]["failures"][0]["runs"]), (&json!("E06000023"), &json!(5)), "{named}");
    // Nothing of a run: neither its words nor its id.
    let runs: Value = host.get(&host.bristol, &format!("{at}/runs")).await.ok();
    let run = &runs["items"][0];
    for told in [&run["id"], &run["message"], &run["family"]].map(|v| v.as_str().unwrap()) {
        assert!(!five.to_string().contains(told), "{told}");
    }
    host.wait(31 * 24 * 60);
    assert_eq!(seen().await["plugins"][0]["all"], json!({ "failures": [] }), "a month is looked back");
}

#[tokio::test]
async fn only_a_key_of_the_publishers_that_is_good_asks_and_only_now_and_here() {
    let host = Host::new().await;
    let (ours, theirs) = (host.publisher("hill-charity").await, host.publisher("river-charity").await);
    let now = host.moment(0);
    let ask = async |pair: &Pair, at: &str, says: String| host.outside("hill-charity", pair, at, &says).await;
    assert_eq!(ask(&ours, &now, words("hill-charity", &now)).await.ok()["plugins"], json!([]));
    let elsewhere = words("hill-charity", &now).replace("hearth.example.org", "other.example.org");
    let (early, late) = (host.moment(-6), host.moment(6));
    for (why, got, problem) in [
        ("another's key", ask(&theirs, &now, words("hill-charity", &now)).await, is(422, "plugin-key-unknown", None)),
        ("another publisher", ask(&ours, &now, words("river-charity", &now)).await, is(422, "plugin-signature-wrong", None)),
        ("another host", ask(&ours, &now, elsewhere).await, is(422, "plugin-signature-wrong", None)),
        ("another moment", ask(&ours, &now, words("hill-charity", &early)).await, is(422, "plugin-signature-wrong", None)),
        ("too old", ask(&ours, &early, words("hill-charity", &early)).await, is(422, "invalid", Some("at"))),
        ("to come", ask(&ours, &late, words("hill-charity", &late)).await, is(422, "invalid", Some("at"))),
        ("no instant", ask(&ours, "now", words("hill-charity", "now")).await, is(422, "invalid", Some("at"))),
    ] {
        assert_eq!(got.problem(), problem, "{why}: {}", got.text());
    }
    host.revoke("hill-charity", &ours, "superseded").await.ok();
    assert_eq!(ask(&ours, &now, words("hill-charity", &now)).await.problem(), is(422, "plugin-key-revoked", None));
}
