//! The audit trail, backups and erasure of a whole host: killed while it is read, restored, and asked from the command line.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::Result;
use hearth_tests::program::{Ran, Served, run};
use hearth_tests::{Family, number};
use serde_json::{Value, json};

const BRISTOL: &str = "E06000023";

fn times() -> u64 {
    number("N").unwrap_or(5).clamp(1, 200)
}

/// A host with Bristol and one family: its token and the family.
async fn bristol(data: &Path, served: &Served) -> Result<(String, Value)> {
    let operator = run(data, &["token", "--name", "operator"]).out.trim().to_owned();
    let client = reqwest::Client::new();
    let authorities = client.post(format!("{}/v1/authorities", served.base)).bearer_auth(operator);
    assert_eq!(authorities.json(&json!({ "code": BRISTOL, "name": "Bristol" })).send().await?.status(), 201);
    let token = run(data, &["token", "--name", "data manager", "--authority", BRISTOL]).out.trim().to_owned();
    let family = Family::engaged("2026-01-01", &["health"]).child("son", "2014-01-01").called("B-1").json_without_feeds();
    let taken = client.post(format!("{}/v1/authorities/{BRISTOL}/families", served.base)).bearer_auth(&token).json(&family).send().await?;
    Ok((token, taken.json().await?))
}

fn audit(data: &Path, args: &[&str]) -> Ran {
    run(data, &[&["audit"], args].concat())
}

/// Readings in the exported trail of this route.
fn readings(data: &Path, of: &str) -> u64 {
    let exported = audit(data, &["export", "--authority", BRISTOL, "--format", "json-lines"]);
    assert_eq!(exported.code, 0, "{}", exported.err);
    let entries = exported.out.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    entries.filter(|e| e["act"] == "read" && e["what"] == of).count() as u64
}

#[tokio::test]
async fn killed_while_it_is_read_no_reading_that_was_answered_is_lost() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let data = folder.path();
    let mut served = Served::start(data);
    let (token, taken) = bristol(data, &served).await?;
    let path = format!("/v1/authorities/{BRISTOL}/families/{}", taken["id"].as_str().unwrap_or_default());
    let answered = Arc::new(AtomicU64::new(0));
    for round in 0..times() {
        let readers: Vec<_> = (0..8)
            .map(|_| {
                let (client, url, token, answered) =
                    (reqwest::Client::new(), format!("{}{path}", served.base), token.clone(), answered.clone());
                tokio::spawn(async move {
                    while let Ok(answer) = client.get(&url).bearer_auth(&token).send().await {
                        if answer.status() == 200 {
                            answered.fetch_add(1, Ordering::SeqCst);
                        }
                    }
                })
            })
            .collect();
        tokio::time::sleep(Duration::from_millis(60 + 37 * (round % 7))).await;
        served.kill();
        for reader in readers {
            reader.await?;
        }
        served = Served::start(data);
        let kept = readings(data, "GET /v1/authorities/{authority}/families/{family}");
        let answered = answered.load(Ordering::SeqCst);
        assert!(kept >= answered, "round {round}: {answered} were answered, {kept} are in the trail");
        let verified = audit(data, &["verify", "--authority", BRISTOL]);
        assert_eq!(verified.code, 0, "round {round}: {}", verified.err);
    }
    assert!(answered.load(Ordering::SeqCst) > times(), "the readings came through");
    Ok(())
}

#[tokio::test]
async fn a_restored_backup_is_whole_and_shows_what_is_missing_since() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let (data, anchor, backup) = (folder.path().join("data"), folder.path().join("heads"), folder.path().join("backup"));
    let text = |path: &Path| path.display().to_string();
    let served = Served::start(&data);
    let (token, taken) = bristol(&data, &served).await?;
    // Beside the host that serves.
    let backed_up = run(&data, &["backup", &text(&backup)]);
    assert_eq!(backed_up.code, 0, "{}", backed_up.err);
    let family = format!("{}/v1/authorities/{BRISTOL}/families/{}", served.base, taken["id"].as_str().unwrap_or_default());
    assert_eq!(reqwest::Client::new().get(&family).bearer_auth(&token).send().await?.status(), 200);
    let sealed = audit(&data, &["seal", "--anchor", &text(&anchor)]);
    assert!(sealed.out.contains(&format!("{BRISTOL} 2 sha256:")), "{}{}", sealed.out, sealed.err);
    let verified = audit(&data, &["verify", "--authority", BRISTOL, "--anchor", &text(&anchor)]);
    assert!(verified.out.starts_with("the audit trail is whole: "), "{}{}", verified.out, verified.err);

    let restored = folder.path().join("restored");
    let done = run(&restored, &["restore", &text(&backup)]);
    assert_eq!(done.code, 0, "{}", done.err);
    assert!(done.out.contains(&format!("{BRISTOL}: the audit trail is whole: ")), "{}", done.out);
    let verified = audit(&restored, &["verify", "--authority", BRISTOL, "--anchor", &text(&anchor)]);
    assert_eq!(verified.code, 1);
    assert!(verified.err.contains("the trail was cut off before seal 2, which was kept elsewhere"), "{}", verified.err);
    assert_eq!(run(&restored, &["restore", &text(&backup)]).code, 1, "a database is never written over");
    Ok(())
}

#[tokio::test]
async fn what_people_may_ask_can_be_asked_from_the_command_line() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let data = folder.path();
    let served = Served::start(data);
    let (_, taken) = bristol(data, &served).await?;
    drop(served);
    let son = taken["people"]["son"].as_str().unwrap_or_default();
    let ours = ["--authority", BRISTOL];
    let draft = run(data, &[&["subject", "open", "--person", son, "--form", "csv"][..], &ours].concat());
    assert!(draft.out.contains("fact/") && draft.err.contains("request 1: "), "{}{}", draft.out, draft.err);
    let release = run(data, &[&["subject", "release", "--request", "1"][..], &ours].concat());
    assert!(release.code == 1 && release.err.contains("are unread"), "{}", release.err);

    let erase = [&["erase", "--person", son, "--why", "asked"][..], &ours].concat();
    let would = run(data, &erase);
    assert!(would.out.starts_with("would go (nothing has been erased; --really does it): "), "{}{}", would.out, would.err);
    let did = run(data, &[&erase[..], &["--really"]].concat());
    assert_eq!(would.out.lines().next().and_then(|l| l.split(": ").nth(1)), did.out.lines().next(), "{}", did.err);
    assert!(run(data, &erase).out.contains("would go"), "an erased person can be erased again: nothing is left");
    assert_eq!(audit(data, &["verify", "--authority", BRISTOL]).code, 0);
    assert_eq!(audit(data, &["verify", "--common"]).code, 0);

    let page = run(data, &[&["impact"][..], &ours].concat());
    assert!(page.out.contains("  task: automatic (default)"), "{}{}", page.out, page.err);
    let due = run(data, &[&["retention"][..], &ours].concat());
    assert!(due.out.contains("0 families have something whose time is over"), "{}{}", due.out, due.err);
    let to = data.join("analysts").display().to_string();
    let extract = run(data, &[&["extract", &to][..], &ours].concat());
    assert!(extract.out.contains("  families"), "{}{}", extract.out, extract.err);
    let to = data.join("returns").display().to_string();
    let returns = run(data, &[&["returns", "--from", "2025-04-01", "--until", "2026-03-31", &to][..], &ours].concat());
    assert!(returns.out.contains("ssd_early_help_episodes"), "{}{}", returns.out, returns.err);
    Ok(())
}
