//! What is wrong with an uploaded file is said at once, in words that name the cause; nothing of it stays; the host serves on.

use anyhow::Result;
use hearth::plugins::pack::pack;
use hearth_tests::Family;
use hearth_tests::host::{Caller, Host};
use hearth_tests::lab::{pack_unchecked, plugin, under_manifest};
use serde_json::{Value, json};

const MANIFEST: &str = include_str!("../hostile/manifest.json");

fn manifest() -> Value {
    serde_json::from_str(MANIFEST).unwrap()
}

/// A component in text form, with a sound manifest.
fn component(wat: &str) -> Vec<u8> {
    let mut manifest = manifest();
    manifest["optional"] = json!([]);
    pack(&wat::parse_str(wat).unwrap(), manifest.to_string().as_bytes()).unwrap()
}

fn importing(name: &str) -> Vec<u8> {
    component(&format!(r#"(component (import "{name}" (instance (export "f" (func)))))"#))
}

/// The built hostile plugin under another manifest.
fn hostile_with(change: impl Fn(&mut Value)) -> Vec<u8> {
    let mut manifest = manifest();
    change(&mut manifest);
    under_manifest(&plugin("hostile"), &manifest)
}

#[tokio::test]
async fn each_bad_file_is_refused_by_name_and_leaves_nothing() -> Result<()> {
    let host = Host::start().await?;
    let council = host.council("E06000023", "Bristol").await?;
    let good = plugin("hostile");
    let mut flipped = good.clone();
    let middle = flipped.len() / 2;
    flipped[middle..middle + 64].iter_mut().for_each(|b| *b ^= 0xff);
    let cases: Vec<(&str, Vec<u8>, &str)> = vec![
        ("nothing", vec![], "not WebAssembly"),
        ("text", b"Dear council, please find attached".to_vec(), "not WebAssembly"),
        ("a core module", wat::parse_str("(module (memory 1))")?, "core WebAssembly module"),
        ("a component without a manifest", wat::parse_str("(component)")?, "no manifest"),
        ("cut short", good[..good.len() - 1_000].to_vec(), "damaged"),
        ("damaged in the middle", flipped, ""),
        ("two manifests", pack_unchecked(&good, &manifest()), "more than one section `hearth:manifest`"),
        ("an unknown interface", importing("hearth:family/secrets@1.0.0"), "hearth:family/secrets@1.0.0"),
        ("a network of WASI", importing("wasi:http/outgoing-handler@0.2.3"), "wasi:http/outgoing-handler@0.2.3"),
        ("another release of WASI", importing("wasi:clocks/wall-clock@0.3.0"), "wit/wasi.md"),
        ("a later interface", importing("hearth:family/education@2.0.0"), "this host lends 1.0.0 and 0.9.1"),
        ("an author's own import", importing("example:evil/escape"), "which this host does not have"),
        ("no export", component("(component)"), "does not export hearth:outcomes/rules"),
        ("a wrong signature", importing("hearth:platform/run@1.0.0"), ""),
        ("a manifest that is no manifest", pack_unchecked(&wat::parse_str("(component)")?, &json!({ "format": 1 })), "missing field"),
        (
            "an import without a reason",
            hostile_with(|m| drop(m["why"].as_object_mut().unwrap().remove("hearth:family/education"))),
            "say why",
        ),
        ("settings that refer outside", hostile_with(|m| m["settings"]["$ref"] = json!("file:///etc/passwd")), "is not taken"),
        ("a template with a stray gap", hostile_with(|m| m["templates"][0]["en"] = json!("Said {n} and {m}.")), "{m}"),
        ("an optional import that is none", pack_unchecked(&wat::parse_str("(component)")?, &manifest()), "is not imported"),
    ];
    for (what, bytes, says) in cases {
        let answered = council.upload(bytes).await?;
        assert!((400..500).contains(&answered.status), "{what} was answered {}: {}", answered.status, answered.body);
        assert_eq!(answered.headers["content-type"], "application/problem+json", "{what}");
        assert!(answered.body["type"].as_str().is_some_and(|t| t.starts_with("/problems/")), "{what}: {}", answered.body);
        assert!(answered.body["detail"].to_string().contains(says), "{what}: {}", answered.body);
        assert_eq!(council.get("/v1/plugins").await?["items"], json!([]), "{what} left something");
    }
    assert_eq!(council.upload(good).await?.status, 201, "the host serves on");
    host.stop().await;
    Ok(())
}

#[tokio::test]
async fn a_file_of_200_megabytes_is_refused_before_it_is_read() -> Result<()> {
    let host = Host::start().await?;
    let council = host.council("E06000023", "Bristol").await?;
    let answered = council.upload(vec![0; 200 << 20]).await?;
    assert_eq!(answered.status, 413, "{}", answered.body);
    assert_eq!(council.get("/v1/plugins").await?["items"], json!([]));
    host.stop().await;
    Ok(())
}

#[tokio::test]
async fn an_import_that_was_not_granted_stops_the_activation_and_is_named() -> Result<()> {
    let host = Host::start().await?;
    let council = host.council("E06000023", "Bristol").await?;
    let uploaded = council.upload(plugin("bristol-outcomes")).await?.body;
    let grants = json!(["hearth:family/coverage", "hearth:family/household", "hearth:family/education"]);
    let proposed = council.post("/installations", json!({ "plugin": uploaded["digest"], "grants": grants })).await?;
    let activation = format!("/installations/{}/activation", proposed["id"].as_str().unwrap());
    let refused = council.try_post(&activation, json!({})).await?;
    assert!((400..500).contains(&refused.status), "{}", refused.body);
    assert!(refused.body["type"].to_string().contains("not-granted"), "{}", refused.body);
    let detail = refused.body["detail"].to_string();
    for missing in ["hearth:family/offending", "hearth:decision/episode", "hearth:actions/tasks"] {
        assert!(detail.contains(missing), "{missing} is not named in {detail}");
    }
    assert!(!detail.contains("hearth:family/education"), "{detail}");
    host.stop().await;
    Ok(())
}

#[tokio::test]
async fn a_plugin_that_fails_decides_nothing_and_the_family_is_as_it_was() -> Result<()> {
    let host = Host::start().await?;
    let council = host.council("E06000023", "Bristol").await?;
    let family = council.post("/families", Family::engaged("2026-01-01", &["health"]).json_without_feeds()).await?;
    let family = family["id"].as_str().unwrap();
    for (attack, problem, says) in [
        ("panic", "plugin-trapped", "deliberate: criterion crime-1 has no rule"),
        ("memory", "plugin-out-of-memory", "bytes of memory"),
        ("a fact never given", "plugin-answer-refused", "fact 0 was never given"),
        ("an unknown template", "plugin-answer-refused", "free-text"),
        ("a claim of minus one pound", "plugin-answer-refused", "-£1.00"),
    ] {
        let installation = council.adopt("hostile", &json!({ "attack": attack })).await?;
        let question = json!({ "family": family, "question": "progress", "as_of": "2026-08-31" });
        let refused = council.try_post("/decisions", question).await?;
        assert_eq!(refused.status, 422, "{attack}: {}", refused.body);
        assert_eq!(refused.body["type"], format!("/problems/{problem}"), "{attack}: {}", refused.body);
        assert!(refused.body["detail"].to_string().contains("hostile"), "{attack} names its plugin: {}", refused.body);
        assert_eq!(council.get("/decisions").await?["items"], json!([]), "{attack} decided something");
        let runs = council.get(&format!("/installations/{installation}/runs")).await?;
        assert_eq!(runs["items"][0]["outcome"], *problem, "{attack} is kept as a failure: {runs}");
        // What the guest said is for its author alone: it may hold what the caller may not see.
        assert!(runs["items"][0]["message"].to_string().contains(says), "{attack}: {runs}");
        assert!(attack == "memory" || !refused.body["detail"].to_string().contains(says), "{attack}: {}", refused.body);
        assert_eq!(council.get(&format!("/families/{family}")).await?["revision"], 1, "{attack} changed the family");
    }
    host.stop().await;
    Ok(())
}

/// A council that has answered something: what another may not see of it.
async fn council_with_a_decision(host: &Host) -> Result<(Caller, String, String)> {
    let council = host.council("E06000023", "Bristol").await?;
    council.adopt("hostile", &json!({})).await?;
    let family = council.post("/families", Family::engaged("2026-01-01", &["health"]).json_without_feeds()).await?;
    let family = family["id"].as_str().unwrap().to_owned();
    let decision = council.post("/decisions", json!({ "family": family, "question": "progress", "as_of": "2026-08-31" })).await?;
    Ok((council, family, decision["id"].as_str().unwrap().to_owned()))
}

#[tokio::test]
async fn another_authority_finds_nothing() -> Result<()> {
    let host = Host::start().await?;
    let (council, family, decision) = council_with_a_decision(&host).await?;
    let other = host.council("E08000035", "Leeds").await?;
    other.adopt("hostile", &json!({})).await?;
    // In its own authority the ids mean nothing; the other's authority is not there for it.
    for path in [
        format!("/families/{family}"),
        format!("/families/{family}/facts"),
        format!("/decisions/{decision}"),
        format!("/v1/authorities/E06000023/families/{family}"),
    ] {
        let answered = other.send(other.request("GET", &path)).await?;
        assert_eq!(answered.status, 404, "{path}: {}", answered.body);
    }
    let asked = other.try_post("/decisions", json!({ "family": family, "question": "progress", "as_of": "2026-08-31" })).await?;
    assert!((400..500).contains(&asked.status), "{}", asked.body);
    assert_eq!(asked.body["field"], "family", "{}", asked.body);
    assert_eq!(council.get(&format!("/decisions/{decision}")).await?["family"], family.as_str());
    host.stop().await;
    Ok(())
}

#[tokio::test]
async fn a_decision_repeats_byte_for_byte_and_says_when_the_record_moved_on() -> Result<()> {
    let host = Host::start().await?;
    let council = host.council("E06000023", "Bristol").await?;
    council.adopt("bristol-outcomes", &json!({})).await?;
    let made = council
        .post("/families", Family::engaged("2026-01-01", &["school-attendance"]).child("son", "2014-01-01").json_without_feeds())
        .await?;
    let family = made["id"].as_str().unwrap();
    let question = json!({ "family": family, "question": "progress", "as_of": "2026-08-31" });
    let decision = council.post("/decisions", question).await?;
    let replay = format!("/decisions/{}/replay", decision["id"].as_str().unwrap());
    let first = council.post(&replay, json!({})).await?;
    assert_eq!(
        (&first["answer"]["is"], &first["inputs"]["are"], &first["revisions_since"]),
        (&json!("same"), &json!("still-follow"), &json!(0)),
        "{first}"
    );

    let late_news = json!({ "kind": "attendance", "person": made["people"]["son"], "first": "2026-04-13", "last": "2026-07-21",
        "detail": { "possible": 100, "attended": 95, "unauthorised": 0 } });
    council.post("/facts", late_news).await?;
    let after = council.post(&replay, json!({})).await?;
    assert_eq!(
        (&after["answer"]["is"], &after["inputs"]["are"], &after["revisions_since"]),
        (&json!("same"), &json!("still-follow"), &json!(1)),
        "{after}"
    );
    host.stop().await;
    Ok(())
}
