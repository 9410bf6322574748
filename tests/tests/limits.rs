//! What one authority may use, what a failure means, parking, and what is counted: over HTTP, with plugins that attack.

use std::time::Duration;

use anyhow::Result;
use hearth::plugins::pack::pack;
use hearth::sandbox::{Limits, Share};
use hearth::settings::Settings;
use hearth::workflow::{Asking, Parking, WorkflowError};
use hearth_tests::Family;
use hearth_tests::host::{Answered, Caller, Host};
use hearth_tests::lab::plugin;
use serde_json::{Value, json};

const BRISTOL: &str = "E06000023";

async fn family(council: &Caller, n: usize) -> Result<String> {
    let mut family = Family::engaged("2026-01-01", &["health"]).json_without_feeds();
    family["reference"] = json!(format!("L-{n}"));
    let family = council.post("/families", family).await?;
    Ok(family["id"].as_str().unwrap().to_owned())
}

async fn families(council: &Caller, count: usize) -> Result<Vec<String>> {
    let mut all = Vec::new();
    for n in 0..count {
        all.push(family(council, n).await?);
    }
    Ok(all)
}

async fn progress(council: &Caller, family: &str) -> Result<Answered> {
    council.try_post("/decisions", json!({ "family": family, "question": "progress", "as_of": "2026-08-31" })).await
}

fn referral() -> Value {
    json!({ "on": "2026-08-30", "route": "professional", "organisation_kind": "school", "urgent": true, "problems": ["housing"] })
}

async fn triage(council: &Caller, family: &str) -> Result<Answered> {
    let question = json!({ "family": family, "question": "triage", "as_of": "2026-08-31", "about": referral() });
    council.try_post("/decisions", question).await
}

fn is(answered: &Answered, status: u16, problem: &str) {
    assert_eq!((answered.status, &answered.body["type"]), (status, &json!(format!("/problems/{problem}"))), "{}", answered.body);
}

async fn undecided(council: &Caller) -> Result<Vec<Value>> {
    Ok(council.get("/undecided").await?["items"].as_array().unwrap().clone())
}

async fn tasks(council: &Caller) -> Result<Vec<Value>> {
    Ok(council.get("/tasks").await?["items"].as_array().unwrap().clone())
}

#[tokio::test]
async fn a_referral_whose_plugin_fails_goes_to_a_person_once_and_is_not_lost() -> Result<()> {
    let host = Host::start().await?;
    let council = host.council(BRISTOL, "Bristol").await?;
    let family = family(&council, 1).await?;
    let broken = council.adopt("planner", &json!({ "proposes": "nobody knows this" })).await?;
    let failed = triage(&council, &family).await?;
    is(&failed, 422, "plugin-trapped");
    assert_eq!((&failed.body["policy"], &failed.body["blame"]), (&json!("to-a-person"), &json!("guest")));
    let again = triage(&council, &family).await?;
    assert_eq!((&again.body["task"], &again.body["undecided"]), (&failed.body["task"], &failed.body["undecided"]), "no second task");

    let to_do = tasks(&council).await?;
    assert_eq!(to_do.len(), 1, "{to_do:?}");
    assert_eq!((&to_do[0]["id"], &to_do[0]["role"], &to_do[0]["family"]), (&failed.body["task"], &json!("duty-worker"), &json!(family)));
    assert_eq!((&to_do[0]["title"], to_do[0].get("decision")), (&json!("A referral could not be triaged by the rules: look at it"), None));
    let welsh = council.get("/tasks?language=cy").await?;
    assert!(welsh["items"][0]["title"].as_str().unwrap().starts_with("Ni allai'r rheolau"), "{welsh}");

    let open = undecided(&council).await?;
    assert_eq!(open.len(), 1, "{open:?}");
    assert_eq!((&open[0]["failures"], &open[0]["outcome"], &open[0]["question"]), (&json!(2), &json!("plugin-trapped"), &json!("triage")));
    for (field, typed) in referral().as_object().unwrap() {
        assert_eq!(&open[0]["about"][field], typed, "what was typed is there: {}", open[0]);
    }
    assert_eq!(open[0].get("retry_at"), None, "it would fail again");
    let runs = council.get(&format!("/installations/{broken}/runs?that=failed")).await?;
    assert_eq!(runs["items"].as_array().unwrap().len(), 2);

    // Another version is activated, and the question asked again as it was.
    let mended = council.adopt("planner", &json!({})).await?;
    let id = open[0]["id"].as_str().unwrap();
    let decided = council.post(&format!("/undecided/{id}/retry"), json!({})).await?;
    assert_eq!((&decided["question"], &decided["installation"]), (&json!("triage"), &json!(mended)));
    assert_eq!(decided["reported"][2]["heading"], "Today", "the urgent referral, as it was typed: {decided}");
    assert_eq!((undecided(&council).await?, tasks(&council).await?), (vec![], vec![]), "nothing is left to look at");
    let gone = council.try_post(&format!("/undecided/{id}/retry"), json!({})).await?;
    is(&gone, 404, "no-such");
    host.stop().await;
    Ok(())
}

#[tokio::test]
async fn two_referrals_of_one_family_are_two_questions_and_one_task_that_stays_until_both_are_decided() -> Result<()> {
    let host = Host::start().await?;
    let council = host.council(BRISTOL, "Bristol").await?;
    let family = family(&council, 1).await?;
    council.adopt("planner", &json!({ "proposes": "nobody knows this" })).await?;
    for on in ["2026-08-29", "2026-08-30"] {
        let about = json!({ "on": on, "route": "self" });
        let question = json!({ "family": family, "question": "triage", "as_of": "2026-08-31", "about": about });
        is(&council.try_post("/decisions", question).await?, 422, "plugin-trapped");
    }
    let open = undecided(&council).await?;
    assert_eq!((open.len(), tasks(&council).await?.len()), (2, 1));
    council.adopt("planner", &json!({})).await?;
    for left in [1, 0] {
        let id = open[1 - left]["id"].as_str().unwrap();
        council.post(&format!("/undecided/{id}/retry"), json!({})).await?;
        assert_eq!((undecided(&council).await?.len(), tasks(&council).await?.len()), (left, left));
    }
    host.stop().await;
    Ok(())
}

#[tokio::test]
async fn a_convenience_fails_open_unless_the_authority_is_stricter_and_a_safeguard_never_does() -> Result<()> {
    let host = Host::start().await?;
    let council = host.council(BRISTOL, "Bristol").await?;
    let family = family(&council, 1).await?;
    council.adopt("hostile", &json!({ "attack": "panic" })).await?;
    let failed = progress(&council, &family).await?;
    is(&failed, 422, "plugin-trapped");
    assert_eq!((&failed.body["policy"], failed.body.get("task")), (&json!("open"), None));
    assert_eq!((tasks(&council).await?.len(), undecided(&council).await?.len()), (0, 1));

    let laxer = json!({ "policies": [{ "question": "progress", "policy": "to-a-person" }, { "question": "triage", "policy": "open" }] });
    let refused = council.send(council.request("PUT", "/failure-policies").json(&laxer)).await?;
    is(&refused, 422, "invalid");
    assert_eq!(refused.body["field"], "policies[1].policy");
    let set = council.put("/failure-policies", json!({ "policies": [{ "question": "progress", "policy": "to-a-person" }] })).await?;
    let of =
        |policies: &Value, question: &str| policies["policies"].as_array().unwrap().iter().find(|p| p["question"] == question).cloned();
    assert_eq!(of(&set, "progress").unwrap()["by"], "data manager of Bristol");
    assert_eq!(of(&set, "triage").unwrap()["guards"], true);
    let failed = progress(&council, &family).await?;
    assert_eq!(failed.body["policy"], "to-a-person", "{}", failed.body);
    assert_eq!(tasks(&council).await?[0]["role"], "data-manager");

    // Decided by the version that follows: nothing is left.
    council.adopt("hostile", &json!({ "attack": "none" })).await?;
    assert_eq!(progress(&council, &family).await?.status, 201);
    assert_eq!((undecided(&council).await?, tasks(&council).await?), (vec![], vec![]));
    host.stop().await;
    Ok(())
}

#[tokio::test]
async fn a_plugin_that_fails_again_and_again_is_parked_in_sight_and_can_be_brought_back() -> Result<()> {
    let host = Host::start().await?;
    let council = host.council(BRISTOL, "Bristol").await?;
    let leeds = host.council("E08000035", "Leeds").await?;
    let all = families(&council, 6).await?;
    let installation = council.adopt("planner", &json!({ "proposes": "nobody knows this" })).await?;
    for family in &all[..5] {
        is(&triage(&council, family).await?, 422, "plugin-trapped");
    }
    let parked = triage(&council, &all[5]).await?;
    is(&parked, 409, "plugin-parked");
    assert_eq!(parked.body["why"], "it failed for 5 families in a row (plugin-trapped 5)");
    assert_eq!((&parked.body["installation"], &parked.body["policy"]), (&json!(installation), &json!("to-a-person")));
    assert!(parked.body["since"].is_string() && parked.body["task"].is_string() && parked.body.get("run").is_none(), "{}", parked.body);
    assert_eq!((tasks(&council).await?.len(), undecided(&council).await?.len()), (6, 6), "what it was not asked goes to a person too");
    let path = format!("/installations/{installation}");
    let shown = council.get(&path).await?;
    assert_eq!((&shown["parked"]["failures"], &shown["parked"]["why"]), (&json!(5), &parked.body["why"]));
    assert_eq!(council.get("/installations").await?["items"][0]["parked"], shown["parked"]);
    let runs = council.get(&format!("{path}/runs")).await?["items"].as_array().unwrap().len();
    assert_eq!(runs, 5, "nothing was run while it was parked");

    // Only the authority's own, only with a reason, and only once.
    is(&leeds.try_post(&format!("{path}/unpark"), json!({ "reason": "why not" })).await?, 404, "no-such");
    let unreasoned = council.try_post(&format!("{path}/unpark"), json!({ "reason": "" })).await?;
    is(&unreasoned, 422, "invalid");
    assert_eq!(unreasoned.body["field"], "reason");
    let back = council.post(&format!("{path}/unpark"), json!({ "reason": "tried on one family" })).await?;
    assert_eq!((back.get("parked"), &back["brought_back"]["by"]), (None, &json!("data manager of Bristol")), "{back}");
    assert_eq!(back["brought_back"]["reason"], "tried on one family");
    is(&council.try_post(&format!("{path}/unpark"), json!({ "reason": "again" })).await?, 409, "conflict");
    let store = host.stores.authority(&BRISTOL.parse()?).await?;
    let change = &store.changes(None, 1).await?.items[0];
    assert_eq!((change.what.as_str(), change.principal.as_str()), ("brought a parked installation back", "data manager of Bristol"));

    // What failed before counts no more: it takes five again.
    for family in &all[..4] {
        is(&triage(&council, family).await?, 422, "plugin-trapped");
    }
    is(&triage(&council, &all[4]).await?, 422, "plugin-trapped");
    is(&triage(&council, &all[5]).await?, 409, "plugin-parked");
    council.adopt("planner", &json!({})).await?;
    assert_eq!(triage(&council, &all[5]).await?.status, 201, "another version is not parked");
    host.stop().await;
    Ok(())
}

#[tokio::test]
async fn parking_outlives_the_host_ends_bulk_work_and_can_be_turned_off() -> Result<()> {
    let host = Host::start().await?;
    let council = host.council(BRISTOL, "Bristol").await?;
    families(&council, 7).await?;
    let installation = council.adopt("hostile", &json!({ "attack": "panic" })).await?;
    let store = host.stores.authority(&BRISTOL.parse()?).await?;
    let ready = host.workflow.deciding(&store, hearth::sandbox::ExtensionPoint::Outcomes).await?;
    for _ in 0..2 {
        let ended = host.workflow.evaluate(&store, &ready, Asking::Progress, "2026-08-31".parse()?, "night", |_| {}).await;
        assert!(matches!(ended, Err(WorkflowError::Parked { .. })), "{ended:?}");
    }
    let runs = council.get(&format!("/installations/{installation}/runs")).await?["items"].as_array().unwrap().len();
    assert_eq!((runs, undecided(&council).await?.len()), (7, 7), "what was asked is kept, and it is not asked again");
    let again = host.open_again().await?;
    let kept = again.authority(&BRISTOL.parse()?).await?.parked(installation.parse()?).await?;
    assert_eq!(kept.map(|p| p.failures), Some(7), "read by a host that starts now");
    again.close().await;
    host.stop().await;

    let host = Host::start_with(Settings { parking: Parking { failures: 0, ..Parking::default() }, ..Settings::default() }).await?;
    let council = host.council(BRISTOL, "Bristol").await?;
    council.adopt("hostile", &json!({ "attack": "panic" })).await?;
    for family in families(&council, 25).await? {
        is(&progress(&council, &family).await?, 422, "plugin-trapped");
    }
    host.stop().await;
    Ok(())
}

/// A budget that one endless loop uses up for a minute.
fn poor(wait: Duration) -> Settings {
    let run = Limits { instructions: 2_000_000_000, wall: Duration::from_secs(20), ..Limits::default() };
    Settings { run, share: Share { wait, instructions_a_minute: 1_000_000_000, ..Share::default() }, ..Settings::default() }
}

#[tokio::test]
async fn an_authority_that_used_up_its_instructions_waits_in_its_own_queue_and_no_other_does() -> Result<()> {
    let host = Host::start_with(poor(Duration::from_millis(200))).await?;
    let council = host.council(BRISTOL, "Bristol").await?;
    let leeds = host.council("E08000035", "Leeds").await?;
    let (ours, theirs) = (family(&council, 1).await?, family(&leeds, 1).await?);
    council.adopt("hostile", &json!({ "attack": "loop" })).await?;
    leeds.adopt("hostile", &json!({ "attack": "none" })).await?;
    is(&progress(&council, &ours).await?, 422, "plugin-out-of-instructions");

    let waited = progress(&council, &ours).await?;
    is(&waited, 429, "authority-over-budget");
    assert_eq!((&waited.body["blame"], &waited.body["policy"]), (&json!("authority"), &json!("open")));
    let again: u64 = waited.headers["retry-after"].to_str()?.parse()?;
    assert!((1..=60).contains(&again), "a minute's debt: {again}");
    let open = undecided(&council).await?;
    assert_eq!((&open[0]["outcome"], open[0]["retry_at"].is_string()), (&json!("authority-over-budget"), true), "{open:?}");
    assert_eq!(open[0].get("run"), None, "it was not begun");
    assert_eq!(progress(&leeds, &theirs).await?.status, 201, "the other authority is served");
    host.stop().await;
    Ok(())
}

#[tokio::test]
async fn bulk_work_is_charged_and_leaves_room_for_questions() -> Result<()> {
    // A run a thread uses two fifths of the budget, so bulk work stops after two or three rounds of its six, and a question does not wait.
    const RUN: u64 = 200_000_000;
    let threads = std::thread::available_parallelism()?.get() as u64;
    let budget = threads * RUN * 5 / 2;
    let host = Host::start_with(Settings {
        run: Limits { instructions: RUN, ..Limits::default() },
        share: Share { instructions_a_minute: budget, ..Share::default() },
        parking: Parking { failures: 0, ..Parking::default() },
        ..Settings::default()
    })
    .await?;
    let (council, leeds) = (host.council(BRISTOL, "Bristol").await?, host.council("E08000035", "Leeds").await?);
    let all = families(&council, 6 * threads as usize).await?;
    let theirs = family(&leeds, 1).await?;
    for adopts in [&council, &leeds] {
        adopts.adopt("hostile", &json!({ "attack": "loop" })).await?;
    }
    let store = host.stores.authority(&BRISTOL.parse()?).await?;
    let ready = host.workflow.deciding(&store, hearth::sandbox::ExtensionPoint::Outcomes).await?;
    let (workflow, of_bulk) = (host.workflow.clone(), store.clone());
    let bulk = tokio::spawn(async move {
        let as_of = "2026-08-31".parse().unwrap();
        workflow.evaluate(&of_bulk, &ready, Asking::Progress, as_of, "night", |_| {}).await
    });
    let charged = |counts: &str| count(counts, &format!(r#"hearth_authority_instructions_total{{authority="{BRISTOL}"}}"#));
    once_counted(&host, |counts| charged(counts) > budget / 2).await?;
    is(&progress(&council, &all[0]).await?, 422, "plugin-out-of-instructions");
    // Another authority's four runs are time enough for all that bulk work would still do if it did not wait.
    for _ in 0..4 {
        is(&progress(&leeds, &theirs).await?, 422, "plugin-out-of-instructions");
    }
    let used = charged(&host.operator().text("/metrics").await?.1);
    assert!(used <= budget + RUN, "{used} of {budget}: bulk work did not wait");
    assert!(!bulk.is_finished());
    bulk.abort();
    host.stop().await;
    Ok(())
}

/// Looks at the counts until they are so.
async fn once_counted(host: &Host, so: impl Fn(&str) -> bool) -> Result<()> {
    for _ in 0..20_000 {
        if so(&host.operator().text("/metrics").await?.1) {
            return Ok(());
        }
    }
    anyhow::bail!("it never came to that")
}

/// A counter's value; 0 where it was never counted.
fn count(counts: &str, series: &str) -> u64 {
    let line = counts.lines().find_map(|l| l.strip_prefix(series)?.strip_prefix(' '));
    line.map_or(0, |n| n.parse::<f64>().unwrap() as u64)
}

#[tokio::test]
async fn one_question_too_many_is_turned_away_at_once_and_a_referral_among_them_goes_to_a_person() -> Result<()> {
    let mut settings = poor(Duration::from_secs(20));
    settings.run.instructions = 20_000_000_000;
    settings.share = Share { runs: 1, waiting: 1, instructions_a_minute: 100_000_000_000, ..settings.share };
    let host = Host::start_with(settings).await?;
    let council = host.council(BRISTOL, "Bristol").await?;
    let all = families(&council, 3).await?;
    council.adopt("hostile", &json!({ "attack": "loop" })).await?;
    council.adopt("planner", &json!({})).await?;
    let ask = |family: String| {
        let council = council.clone();
        tokio::spawn(async move { progress(&council, &family).await })
    };
    let asking: Vec<_> = all[..2].iter().cloned().map(ask).collect();
    let waiting = format!(r#"hearth_questions_waiting{{authority="{BRISTOL}"}}"#);
    once_counted(&host, |counts| count(counts, &waiting) == 1 && count(counts, "hearth_places_in_use") == 1).await?;
    let convenience = progress(&council, &all[2]).await?;
    is(&convenience, 429, "authority-queue-full");
    assert_eq!((&convenience.headers["retry-after"].to_str()?, convenience.body.get("undecided")), (&"1", None), "{}", convenience.body);
    let safeguard = triage(&council, &all[2]).await?;
    is(&safeguard, 429, "authority-queue-full");
    assert_eq!((&safeguard.body["policy"], tasks(&council).await?.len()), (&json!("to-a-person"), 1));
    let (_, counts) = host.operator().text("/metrics").await?;
    let turned_away = format!(r#"hearth_questions_turned_away_total{{authority="{BRISTOL}",why="queue-full"}}"#);
    assert_eq!(count(&counts, &turned_away), 2);
    asking.iter().for_each(tokio::task::JoinHandle::abort);
    host.stop().await;
    Ok(())
}

#[tokio::test]
async fn known_runs_are_counted_and_listed_and_nothing_of_the_family_is_among_the_counts() -> Result<()> {
    let host = Host::start().await?;
    let council = host.council(BRISTOL, "Bristol").await?;
    let all = families(&council, 3).await?;
    let decent = council.adopt("hostile", &json!({ "attack": "none" })).await?;
    for family in &all {
        assert_eq!(progress(&council, family).await?.status, 201);
    }
    let broken = council.adopt("hostile", &json!({ "attack": "panic" })).await?;
    is(&progress(&council, &all[0]).await?, 422, "plugin-trapped");

    let listed = council.get(&format!("/installations/{decent}/runs")).await?["items"].clone();
    let listed = listed.as_array().unwrap();
    let used: u64 = listed.iter().map(|r| r["instructions"].as_u64().unwrap()).sum();
    assert_eq!(listed.len(), 3);
    assert!(
        listed.iter().all(|r| r["outcome"] == "answered" && r["decision"].is_string() && r["peak_memory"].as_u64() > Some(0)),
        "{listed:?}"
    );
    let failed = &council.get(&format!("/installations/{broken}/runs")).await?["items"][0];
    assert_eq!((&failed["blame"], failed.get("decision")), (&json!("guest"), None));
    let used = used + failed["instructions"].as_u64().unwrap();

    let (status, counts) = host.operator().text("/metrics").await?;
    assert_eq!(status, 200, "{counts}");
    let runs = |outcome: &str| {
        count(&counts, &format!(r#"hearth_runs_total{{plugin="hostile",version="1.0.0",question="progress",outcome="{outcome}"}}"#))
    };
    assert_eq!((runs("answered"), runs("plugin-trapped")), (3, 1), "{counts}");
    assert_eq!(count(&counts, r#"hearth_run_instructions_total{plugin="hostile",version="1.0.0"}"#), used);
    assert_eq!(count(&counts, &format!(r#"hearth_authority_instructions_total{{authority="{BRISTOL}"}}"#)), used);
    assert_eq!(count(&counts, r#"hearth_run_seconds_count{plugin="hostile",version="1.0.0"}"#), 4);
    assert_eq!(count(&counts, &format!(r#"hearth_undecided_questions{{authority="{BRISTOL}"}}"#)), 1);
    assert_eq!(count(&counts, &format!(r#"hearth_parked_installations{{authority="{BRISTOL}"}}"#)), 0);
    let asked = r#"hearth_http_requests_total{method="POST",route="/v1/authorities/{authority}/decisions",status="201"}"#;
    assert_eq!(count(&counts, asked), 3, "{counts}");
    for secret in [all[0].as_str(), "L-0", "crime-1", "data manager", &council.token] {
        assert!(!counts.contains(secret), "{secret} is among the counts");
    }
    assert_eq!(council.text("/metrics").await?.0, 403, "for whoever runs the host alone");
    host.stop().await;
    Ok(())
}

#[tokio::test]
async fn a_trap_is_told_to_the_author_in_words_and_place_in_each_language() -> Result<()> {
    let unstubbed = |language: &str| pack(&plugin(&format!("closed-world-{language}")), include_bytes!("../closed-world/manifest.json"));
    for (plugin, settings, place) in [
        (plugin("hostile"), json!({ "attack": "panic" }), "src/lib.rs"),
        (unstubbed("javascript")?, json!({ "attempt": "throw" }), "hearth:outcomes/rules@1.0."),
        (unstubbed("python")?, json!({ "attempt": "throw" }), "plugin.py"),
    ] {
        let host = Host::start().await?;
        let council = host.council(BRISTOL, "Bristol").await?;
        let family = family(&council, 1).await?;
        let installation = council.adopt_file(plugin, &settings).await?;
        let failed = progress(&council, &family).await?;
        is(&failed, 422, "plugin-trapped");
        assert!(!failed.body.to_string().contains("deliberate"), "not to whoever asked: {}", failed.body);
        let runs = council.get(&format!("/installations/{installation}/runs?that=failed")).await?;
        let run = runs["items"][0].to_string();
        assert!(run.contains("deliberate: criterion crime-1 has no rule") && run.contains(place), "{place}: {run}");
        host.stop().await;
    }
    Ok(())
}
