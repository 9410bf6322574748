//! Scenarios run in the real sandbox, travel with the plugin, and decide at upload whether it is taken.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::Result;
use hearth::plugins::publish::fits;
use hearth::plugins::scenarios::{Bench, Budget, Failed, Over, packed, play};
use hearth::plugins::{describe::describe, inspect};
use hearth::sandbox::{Limits, Sandbox, Share};
use hearth_tests::host::Host;
use hearth_tests::lab::{plugin, under_manifest};
use hearth_tests::program::compiler;
use serde_json::{Value, json};

fn hostile_with(scenarios: Value) -> Vec<u8> {
    let mut manifest: Value = serde_json::from_str(include_str!("../hostile/manifest.json")).unwrap();
    manifest["scenarios"] = scenarios;
    under_manifest(&plugin("hostile"), &manifest)
}

fn scenario(expect: Value) -> Value {
    json!({
        "scenario": "Refuses where it is told to", "source": "tests/hostile", "today": "2026-08-31",
        "family": { "people": { "ann": "38 years ago" } }, "settings": { "attack": "refuse" }, "ask": "progress", "expect": expect,
    })
}

async fn bench(bytes: Vec<u8>) -> Result<Bench> {
    let sandbox: Arc<Sandbox> = Sandbox::start(None, compiler(), Limits::default())?;
    let (checked, compiled) = fits(&sandbox, bytes).await?;
    Ok(Bench::new(sandbox, compiled, checked.inspected)?)
}

#[tokio::test]
async fn a_plugin_brings_its_scenarios_along_and_they_pass() -> Result<()> {
    let inspected = inspect(&plugin("bristol-outcomes"))?;
    let stories = packed(&inspected.manifest.scenarios)?;
    assert!(inspected.manifest.scenarios.len() >= 12 && stories.len() >= 80, "{} cases", stories.len());
    assert!(stories.iter().all(|s| !s.source.is_empty()));
    let page = describe(&inspected, false).text().split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(page.contains("Police call-outs to the home fall by sixty per cent [004:L164-L167]"), "{page}");
    let bench = bench(plugin("bristol-outcomes")).await?;
    assert_eq!(play(&bench, &stories, Budget::default()).await, Ok(()));
    Ok(())
}

#[tokio::test]
async fn an_upload_that_does_not_pass_its_own_scenarios_is_refused_by_name() -> Result<()> {
    let host = Host::start().await?;
    let council = host.council("E06000023", "Bristol").await?;
    let refused = council.upload(hostile_with(json!([scenario(json!({ "answer": "progress" }))]))).await?;
    assert_eq!((refused.status, &refused.body["type"]), (422, &json!("/problems/plugin-scenario-failed")), "{}", refused.body);
    assert_eq!(refused.body["scenario"], "Refuses where it is told to");
    assert_eq!(refused.body["field"], "expect.answer");
    assert!(refused.body["detail"].to_string().contains("expected answer progress, got refused: no-rate"), "{}", refused.body);

    let real = json!([scenario(json!({ "refused": { "why": "no-rate", "says": "Ring 07911 123456." } }))]);
    let refused = council.upload(hostile_with(real)).await?;
    assert_eq!((refused.status, &refused.body["type"]), (422, &json!("/problems/plugin-manifest-refused")), "{}", refused.body);
    assert_eq!(refused.body["field"], "scenarios[0].expect.refused.says");
    assert!(!refused.body.to_string().contains("07911"), "{}", refused.body);

    let mistyped = council.upload(hostile_with(json!([{ "scenario": "x", "source": "x", "tody": "2026-08-31" }]))).await?;
    assert_eq!(mistyped.body["field"], "scenarios[0].tody", "{}", mistyped.body);
    assert_eq!(council.get("/v1/plugins").await?["items"], json!([]));

    let taken = council.upload(hostile_with(json!([scenario(json!({ "refused": "no-rate" }))]))).await?;
    assert_eq!(taken.status, 201, "{}", taken.body);
    host.stop().await;
    Ok(())
}

#[tokio::test]
async fn scenarios_are_played_within_a_budget() -> Result<()> {
    let bench = bench(plugin("hostile")).await?;
    let stories = packed(&[scenario(json!({ "refused": "no-rate" }))])?;
    let over = |why| Err(Failed::Over { scenario: "Refuses where it is told to".to_owned(), why });
    let little = Budget { instructions: 10, ..Budget::default() };
    assert_eq!(play(&bench, &stories, little).await, over(Over::Instructions { most: 10 }));
    let none = Budget { wall: Duration::ZERO, ..Budget::default() };
    assert_eq!(play(&bench, &stories, none).await, over(Over::Host("they did not come to an end within 0 s".into())));
    assert_eq!(play(&bench, &stories, Budget::default()).await, Ok(()));
    Ok(())
}

/// Keeps every processor of this machine busy, before all that guests do.
fn busy_until(stop: &Arc<AtomicBool>) -> Vec<JoinHandle<()>> {
    let spin = |_| {
        let stop = stop.clone();
        std::thread::spawn(move || while !stop.load(Ordering::Relaxed) {})
    };
    (0..2 * std::thread::available_parallelism().map_or(1, usize::from)).map(spin).collect()
}

#[tokio::test]
async fn on_a_busy_machine_scenarios_pass_that_are_not_too_much_and_those_that_are_do_not() -> Result<()> {
    let sandbox: Arc<Sandbox> = Sandbox::start(None, compiler(), Limits::default())?;
    let (checked, compiled) = fits(&sandbox, plugin("hostile")).await?;
    let bench = Arc::new(Bench::new(sandbox.clone(), compiled, checked.inspected)?);
    let mut loops = scenario(json!({ "fault": "plugin-out-of-instructions" }));
    loops["settings"]["attack"] = json!("loop");
    let budget = Budget { processor: Duration::from_millis(200), instructions: u64::MAX, ..Budget::default() };
    let play_behind = async |scenario: Value, times: usize| {
        let (stories, bench) = (packed(&vec![scenario; times])?, bench.clone());
        let playing = sandbox.for_an_upload(async move { play(&bench, &stories, budget).await });
        anyhow::Ok(playing.expect("the host is not stopping").await?)
    };

    let stop = Arc::new(AtomicBool::new(false));
    let busy = busy_until(&stop);
    let began = Instant::now();
    let came = play_behind(scenario(json!({ "refused": "no-rate" })), 20).await?;
    let took = began.elapsed();
    stop.store(true, Ordering::Relaxed);
    busy.into_iter().for_each(|thread| thread.join().unwrap());
    assert_eq!(came, Ok(()), "after {took:?}");

    // Each is one run's instructions: together seconds on any machine, though a quick one may take less than the budget for the first.
    let why = Over::Processor { most_ms: 200 };
    assert_eq!(play_behind(loops, 50).await?, Err(Failed::Over { scenario: "Refuses where it is told to".to_owned(), why }));
    Ok(())
}

#[tokio::test]
async fn scenarios_that_find_no_place_are_the_host_s_fault() -> Result<()> {
    let share = Share { waiting: 0, ..Share::default() };
    let sandbox = Sandbox::shared(None, compiler(), Limits::default(), share)?;
    let (checked, compiled) = fits(&sandbox, plugin("hostile")).await?;
    let bench = Bench::new(sandbox, compiled, checked.inspected)?;
    let stories = packed(&[scenario(json!({ "refused": "no-rate" }))])?;
    let refused = play(&bench, &stories, Budget::default()).await;
    assert!(matches!(&refused, Err(Failed::Over { why: Over::Host(why), .. }) if why.contains("wait already")), "{refused:?}");
    Ok(())
}

#[tokio::test]
async fn a_fault_is_shown_with_its_words_and_the_log() -> Result<()> {
    let bench = bench(plugin("hostile")).await?;
    let mut panics = scenario(json!({ "answer": "progress" }));
    panics["settings"]["attack"] = json!("panic");
    let played = bench.play(&packed(&[panics.clone()])?[0]).await;
    let checked = &played.checked[0];
    assert!(!played.passed() && checked.misses[0].got.contains("plugin-trapped"), "{played:?}");
    assert!(!checked.log.lines.is_empty(), "{played:?}");
    panics["expect"] = json!({ "fault": "plugin-trapped" });
    assert!(bench.play(&packed(&[panics])?[0]).await.passed());
    Ok(())
}

#[tokio::test]
async fn what_is_not_granted_is_not_read() -> Result<()> {
    let bench = bench(plugin("bristol-outcomes")).await?;
    let mut story = scenario(json!({ "answer": "none-yet" }));
    story["settings"] = json!({});
    story["ungranted"] = json!(["family/offending"]);
    let played = bench.play(&packed(&[story])?[0]).await;
    let wrong = played.wrong.expect("Bristol cannot do without").wrong;
    assert_eq!(wrong.field, "ungranted");
    assert!(wrong.why.contains("hearth:family/offending"), "{wrong}");
    Ok(())
}
