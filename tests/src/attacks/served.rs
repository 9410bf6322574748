//! Attacks that need more than one run: over days, beside other plugins, against what pages and programs are shown.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use hearth::plugins::describe::describe;
use hearth::plugins::inspect;
use hearth::record::AuthorityId;
use hearth::sandbox::Limits;
use serde_json::{Value, json};

use super::guests::{Beside, family, limits, with_many_criteria};
use super::{ANSWERED, INSTRUCTIONS, Row};
use crate::host::{Answered, Caller, Host};
use crate::lab::{Asked, plugin, sandbox, under_manifest};
use crate::{Family, Lab};

/// Every one of them.
///
/// # Errors
/// A host does not serve at all.
pub async fn attacked() -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    rows.push(told("tasks of another installation", two_installations()).await);
    rows.push(told("decent in scenarios, a loop in October", good_until_october()).await);
    rows.push(told("HTML and formulas in every text", marked_up()).await);
    rows.push(told("all the pool, by many small plugins", many_small_ones()).await);
    rows.push(nearly_everything().await);
    Ok(rows)
}

/// One that is whole or is not: what is wrong is what its error says.
async fn told(attack: &str, tried: impl Future<Output = Result<()>>) -> Row {
    let began = Instant::now();
    let (end, says) = match tried.await {
        Ok(()) => ("as if nothing had been", String::new()),
        Err(e) => ("not as documented", format!("{e:#}")),
    };
    Row::of(attack, "HTTP", ("as if nothing had been", ""), end, says, began.elapsed())
}

async fn council(host: &Host) -> Result<(Caller, String)> {
    let council = host.council("E06000023", "Bristol").await?;
    let made = council.post("/families", Family::engaged("2026-01-01", &["health"]).json_without_feeds()).await?;
    Ok((council, made["id"].as_str().context("a family has an id")?.to_owned()))
}

fn question(family: &str, as_of: &str) -> Value {
    json!({ "family": family, "question": "progress", "as_of": as_of })
}

/// Two installations that propose under the same key: neither closes, replaces or silences the other's task.
async fn two_installations() -> Result<()> {
    let host = Host::start().await?;
    let (council, family) = council(&host).await?;
    let settings = json!({ "attack": "a key that spells a name" });
    let first = council.adopt("hostile", &settings).await?;
    council.post("/decisions", question(&family, "2026-08-31")).await?;
    let before = council.get("/tasks").await?["items"].clone();
    ensure!(before.as_array().is_some_and(|tasks| tasks.len() == 1), "the first has one task: {before}");

    let mut manifest: Value = serde_json::from_str(include_str!("../../hostile/manifest.json"))?;
    manifest["name"] = json!("hostile-again");
    let second = council.adopt_file(under_manifest(&plugin("hostile"), &manifest), &settings).await?;
    council.post("/decisions", question(&family, "2026-09-01")).await?;
    let after = council.get("/tasks").await?["items"].clone();
    let of = |installation: &str| after.as_array().into_iter().flatten().find(|t| t["installation"] == installation).cloned();
    ensure!(of(&first).as_ref() == before.get(0), "the first's task is as it was: {after}");
    ensure!(of(&second).is_some(), "the second has a task of its own: {after}");
    host.stop().await;
    Ok(())
}

/// It passes its scenarios, which ask about August, and loops from October on: the run fails, and nothing else.
async fn good_until_october() -> Result<()> {
    let host = Host::start().await?;
    let (council, family) = council(&host).await?;
    let mut manifest: Value = serde_json::from_str(include_str!("../../hostile/manifest.json"))?;
    manifest["scenarios"] = json!([{
        "scenario": "Nothing is asked of it", "source": "An example", "today": "2026-08-31", "ask": "progress",
        "settings": { "attack": "behave until October" },
        "family": { "people": { "ann": { "born": "38 years ago" } } },
        "expect": { "answer": "none-yet" },
    }]);
    let installation =
        council.adopt_file(under_manifest(&plugin("hostile"), &manifest), &json!({ "attack": "behave until October" })).await?;
    council.post("/decisions", question(&family, "2026-09-30")).await?;
    let refused = council.try_post("/decisions", question(&family, "2026-10-01")).await?;
    ensure!(refused.status == 422 && refused.body["type"] == format!("/problems/{INSTRUCTIONS}"), "{refused:?}");
    let runs = council.get(&format!("/installations/{installation}/runs")).await?;
    ensure!(runs["items"][0]["outcome"] == INSTRUCTIONS, "kept as a failure: {runs}");
    ensure!(council.get("/decisions").await?["items"].as_array().map(Vec::len) == Some(1), "one decision, of September");
    host.stop().await;
    Ok(())
}

/// Text that a page would run and a spreadsheet would reckon.
const MARKED_UP: [&str; 2] = ["<script>alert(1)</script><img src=x onerror=alert(1)>", "=HYPERLINK(\"https://example.org\",\"Open\")"];

/// Whatever a plugin or a caller may write freely comes back as data: in JSON that is told to be JSON, in plain text that is told to
/// be so, in pages with its marks taken away. No answer is a spreadsheet's file; one that is needs its cells guarded.
async fn marked_up() -> Result<()> {
    let host = Host::start().await?;
    for (text, code) in MARKED_UP.into_iter().zip(["E06000023", "E08000035"]) {
        let both = json!({ "en": text, "cy": text });
        let mut manifest: Value = serde_json::from_str(include_str!("../../hostile/manifest.json"))?;
        manifest["name"] = json!(format!("marked-up-{}", code.to_lowercase()));
        for place in ["/title", "/purpose", "/framework/0/heading", "/framework/0/text", "/why/hearth:family~1education"] {
            *manifest.pointer_mut(place).context(place)? = both.clone();
        }
        for place in ["/authors", "/licence", "/source"] {
            *manifest.pointer_mut(place).context(place)? = json!(text);
        }
        let sentence = format!("{text} {{n}}");
        manifest["templates"][0]["en"] = json!(sentence);
        manifest["templates"][0]["cy"] = json!(sentence);
        let file = under_manifest(&plugin("hostile"), &manifest);
        let page = describe(&inspect(&file)?, true).html();
        ensure!(!page.contains(MARKED_UP[0]) && !page.contains("<img") && !page.contains("<script"), "the page to sign runs what it shows");

        let council = host.council(code, text).await?;
        let mut document = Family::engaged("2026-01-01", &["health"]).json_without_feeds();
        document["people"]["mother"]["name"] = json!({ "given": text, "family": text });
        let made = council.post("/families", document).await?;
        let family = made["id"].as_str().context("a family has an id")?;
        let uploaded = council.upload(file.clone()).await?;
        let digest = uploaded.body["digest"].as_str().with_context(|| uploaded.body.to_string())?.to_owned();
        let installation = council.adopt_file(file, &json!({ "attack": "a key that spells a name" })).await?;
        let decision = council.post("/decisions", question(family, "2026-08-31")).await?;
        ensure!(decision["findings"][0]["reasons"][0]["sentence"] == sentence.replace("{n}", "0"), "told as it was written: {decision}");
        for path in [
            "/families".to_owned(),
            format!("/families/{family}"),
            format!("/families/{family}/facts"),
            format!("/decisions/{}", decision["id"].as_str().context("a decision has an id")?),
            "/tasks".to_owned(),
            "/proposals".to_owned(),
            "/claims".to_owned(),
            "/v1/plugins".to_owned(),
            format!("/v1/plugins/{digest}"),
            format!("/installations/{installation}"),
            format!("/installations/{installation}/runs"),
            "/families/%3Cscript%3Ealert(1)%3C%2Fscript%3E".to_owned(),
            "/tasks?language=%3Cscript%3E".to_owned(),
        ] {
            shown(&path, &council.send(council.request("GET", &path)).await?)?;
        }
        let inspection = council.request("GET", &format!("/v1/plugins/{digest}/inspection")).bearer_auth(&council.token).send().await?;
        told_as(&inspection.headers().clone(), "text/plain")?;
    }
    // Spreadsheets may be sent; these are answered, whose every cell is guarded (`host/src/sheet.rs`, with its tests).
    const GUARDED: [&str; 3] = ["/subject-requests/{request}/released", "/claim-batches/{batch}/file", "/back-tests/{test}/file"];
    // What somebody uploaded is given back byte for byte; no cell of it is the host's.
    const AS_UPLOADED: &str = "/attachments/{attachment}";
    let openapi = host.operator().get("/v1/openapi.json").await?;
    let paths = openapi["paths"].as_object().context("paths")?;
    let unguarded = paths.iter().filter(|(path, _)| !path.ends_with(AS_UPLOADED) && !GUARDED.iter().any(|guarded| path.ends_with(guarded)));
    let operations = unguarded.filter_map(|(_, item)| item.as_object()).flat_map(|o| o.values());
    let answers = operations.filter_map(|operation| operation["responses"].as_object()).flat_map(|responses| responses.values());
    for kind in answers.filter_map(|answer| answer["content"].as_object()).flat_map(|content| content.keys()) {
        let spreadsheet = ["csv", "spreadsheet", "excel"].iter().any(|word| kind.contains(word));
        ensure!(!spreadsheet, "{kind}: an export needs each cell guarded that begins with =, +, - or @");
    }
    host.stop().await;
    Ok(())
}

fn shown(path: &str, answered: &Answered) -> Result<()> {
    let media = if answered.status < 400 { "application/json" } else { "application/problem+json" };
    told_as(&answered.headers, media).with_context(|| path.to_owned())
}

/// A browser takes it for nothing else.
fn told_as(headers: &reqwest::header::HeaderMap, media: &str) -> Result<()> {
    let of = |name: &str| headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
    ensure!(of("content-type").starts_with(media), "told as {}, and it is {media}", of("content-type"));
    ensure!(of("x-content-type-options") == "nosniff", "a browser may guess what it is");
    Ok(())
}

/// Twenty authorities ask their endless plugins at once, ten times as many as there are places: each ends in its own time, and a
/// decent question among them is answered.
async fn many_small_ones() -> Result<()> {
    let sandbox = sandbox(Limits { instructions: 2_000_000, ..limits() });
    let hostile = std::sync::Arc::new(Lab::within(&sandbox, &plugin("hostile"), &[]));
    let decent = Lab::within(&sandbox, &plugin("bristol-outcomes"), &[]);
    let looping = Asked::progress("2026-08-31").with(json!({ "attack": "loop" }));
    let mut attackers = tokio::task::JoinSet::new();
    for council in 0..20 {
        let authority: AuthorityId = format!("E060000{:02}", council + 10).parse()?;
        for _ in 0..32 {
            let (given, hostile, authority) = (hostile.given(&family(), &looping).0, hostile.clone(), authority.clone());
            attackers.spawn(async move { hostile.ask_of(&authority, given).await.result.expect_err("a loop").code() });
        }
    }
    for _ in 0..5 {
        let outcome = decent.ask(&family(), &Asked::progress("2026-08-31")).await;
        ensure!(outcome.result.is_ok(), "a decent question: {:?}", outcome.result);
    }
    while let Some(end) = attackers.join_next().await {
        ensure!(end? == INSTRUCTIONS, "an endless one ended otherwise");
    }
    Ok(())
}

/// One that takes nineteen twentieths of everything, again and again, and each time answers.
async fn nearly_everything() -> Row {
    let began = Instant::now();
    let beside = Beside::of(&with_many_criteria(), &[], limits()).await;
    let ask = async |turns: u64| beside.ask(&format!("95% of every limit, and turns {turns}"), "2026-08-31").await;
    // How many turns of its loop are left to it.
    let (none, some) = (ask(0).await.instructions, ask(1_000_000).await.instructions);
    let all = Limits::default().instructions / 100 * 95;
    let turns = all.saturating_sub(none) / ((some - none) / 1_000_000).max(1);
    let mut row =
        beside.one("Rust", "95% of every limit, always", &format!("95% of every limit, and turns {turns}"), (ANSWERED, "none-yet")).await;
    for _ in 0..4 {
        let outcome = ask(turns).await;
        if outcome.result.is_err() || outcome.instructions != row.instructions {
            row.after.push(format!("and then {:?}", outcome.result));
        }
    }
    if row.instructions < all / 100 * 98 || row.peak_memory < (64 << 20) / 100 * 94 {
        row.after.push("it took less than it may".into());
    }
    row.took = row.took.max(Duration::ZERO).min(began.elapsed());
    row
}
