//! Steps that people take where the pathway did not propose them.

use serde_json::{Value, json};

use super::super::{Got, Host, is, within};
use super::id;

impl Host {
    async fn step(&self, family: &Value, to: Value, on: Option<&str>) -> Got {
        let mut body = json!({ "to": to, "reason": "they asked for it" });
        if let Some(on) = on {
            body["on"] = json!(on);
        }
        self.post(&self.bristol, &within(&format!("/families/{}/steps", id(family))), &body).await
    }
}

#[tokio::test]
async fn a_person_moves_a_family_on_by_the_code_that_carries_out_what_is_proposed() {
    let host = Host::new().await;
    let family = host.family("BR-1").await;
    let open = json!({ "step": "open-episode" });
    let stage = |stage: &str| json!({ "step": "move-to-stage", "stage": stage });
    assert_eq!(host.step(&family, stage("start"), None).await.problem(), is(409, "nobody-decides", None));
    host.planner("").await;
    assert_eq!(host.step(&family, stage("start"), None).await.problem(), is(409, "conflict", None), "no episode is open");
    let taken = host.step(&family, open.clone(), Some("2026-09-01")).await;
    assert_eq!(taken.status, 201, "{}", taken.text());
    let kept = taken.json();
    assert_eq!((&kept["about"], &kept["reason"], &kept["decision"]), (&json!("open-episode"), &json!("they asked for it"), &Value::Null));
    assert_eq!(host.step(&family, open.clone(), Some("2026-09-02")).await.problem(), is(409, "conflict", None), "it is so");
    for (to, field) in [
        (stage("nowhere"), "to.stage"),
        (json!({ "step": "set-tier", "tier": "nine" }), "to.tier"),
        (json!({ "step": "close-episode", "why": "tired" }), "to.why"),
        (json!({ "step": "fly" }), "to.step"),
    ] {
        let got = host.step(&family, to.clone(), None).await;
        assert_eq!((got.status.as_u16(), got.problem().1), (422, "invalid".to_owned()), "{to}");
        assert!(got.problem().2.is_some_and(|f| f == field || to["step"] == "fly"), "{to}: {}", got.text());
    }
    host.step(&family, stage("start"), Some("2026-09-02")).await.ok();
    host.step(&family, json!({ "step": "set-tier", "tier": "light" }), Some("2026-09-03")).await.ok();
    let standing = host.of_kind(&family, "episode-standing").await;
    let now = standing.iter().find(|s| s["last"].is_null()).unwrap();
    assert_eq!(now["detail"], json!({ "stage": "start", "tier": "light" }));
    host.step(&family, json!({ "step": "close-episode", "why": "moved-away" }), Some("2026-09-30")).await.ok();
    assert_eq!(host.of_kind(&family, "episode").await[0]["last"], "2026-09-30");
    host.step(&family, open, Some("2026-10-05")).await.ok();
    assert_eq!(host.of_kind(&family, "episode").await.len(), 2, "whoever comes back has a new one");
    let about: Vec<Value> = host.list("/overrides").await.into_iter().map(|o| o["about"].clone()).collect();
    assert_eq!(about, ["open-episode", "close-episode", "set-tier", "move-to-stage", "open-episode"]);
    assert_eq!(host.list("/overrides").await[1]["instead"]["why"], "moved-away");
}

#[tokio::test]
async fn what_is_proposed_is_confirmed_and_what_else_is_done_declines_it() {
    let host = Host::new().await;
    let family = host.family("BR-1").await;
    host.planner("start").await;
    host.step(&family, json!({ "step": "open-episode" }), Some("2026-08-01")).await.ok();
    let event = json!({ "kind": "review-due", "on": "2026-08-31" });
    let decision = host.ask(&family, "on-event", event).await.ok();
    let start = json!({ "step": "move-to-stage", "stage": "start" });
    let told = host.step(&family, start, None).await;
    assert_eq!(told.problem(), is(409, "conflict", None));
    assert!(told.text().contains("confirm proposal"), "{}", told.text());
    let made = host.step(&family, json!({ "step": "move-to-stage", "stage": "support" }), None).await.ok();
    assert_eq!(made["decision"], decision["id"], "that is what was set aside");
    let declined = host.list("/proposals?state=declined").await;
    assert_eq!((declined.len(), &declined[0]["reason"]), (1, &json!("they asked for it")));
}
