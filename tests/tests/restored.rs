//! A host whose disk is another: brought back into a server that was empty, and started with another key for what it compiled.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};
use hearth_tests::Family;
use hearth_tests::database::{Database, Server};
use hearth_tests::host::Caller;
use hearth_tests::program::{Ran, Served, run_with};
use serde_json::{Value, json};

const BRISTOL: &str = "E06000023";

/// Bristol with a plugin, a family and a decision about it.
async fn bristol(data: &Path, served: &Served, variables: &[(&str, &str)]) -> Result<(Caller, String)> {
    let token = |args: &[&str]| run_with(data, &[&["token"], args].concat(), variables).out.trim().to_owned();
    let operator = Caller::new(&served.base, "", &token(&["--name", "operator"]));
    operator.post("/v1/authorities", json!({ "code": BRISTOL, "name": "Bristol" })).await?;
    let prefix = format!("/v1/authorities/{BRISTOL}");
    let council = Caller::new(&served.base, &prefix, &token(&["--name", "data manager", "--authority", BRISTOL]));
    council.adopt("bristol-outcomes", &json!({})).await?;
    let family = Family::engaged("2026-01-01", &["health"]).child("son", "2014-01-01").called("B-1").json_without_feeds();
    let family = council.post("/families", family).await?["id"].as_str().context("a family has an id")?.to_owned();
    decide(&council, &family).await?;
    Ok((council, family))
}

async fn decide(council: &Caller, family: &str) -> Result<Value> {
    council.post("/decisions", json!({ "family": family, "question": "progress", "as_of": "2026-08-31" })).await
}

/// What the host answers about it.
async fn record(council: &Caller, family: &str) -> Result<BTreeMap<String, Value>> {
    let decision = council.get("/decisions?limit=1").await?["items"][0]["id"].as_str().context("a decision")?.to_owned();
    let mut paths =
        ["/families", "/installations", "/decisions", "/v1/plugins", "/v1/organisations", "/tokens"].map(str::to_owned).to_vec();
    paths.extend(["", "/facts", "/journey", "/claims"].map(|of| format!("/families/{family}{of}")));
    paths.push(format!("/decisions/{decision}"));
    let mut answered = BTreeMap::new();
    for path in paths {
        let mut there = council.get(&path).await?;
        // When a token was used last is news of every request.
        if path == "/tokens" {
            there = there["items"].as_array().into_iter().flatten().map(|token| token["name"].clone()).collect();
        }
        answered.insert(path, there);
    }
    Ok(answered)
}

fn tool(program: &str, args: &[&str]) -> Result<()> {
    let done = Command::new(program).args(args).output().with_context(|| program.to_owned())?;
    anyhow::ensure!(done.status.success(), "{program}: {}", String::from_utf8_lossy(&done.stderr));
    Ok(())
}

#[tokio::test]
async fn what_pg_dump_copied_and_pg_restore_brings_back_into_an_empty_server_is_the_same_record() -> Result<()> {
    let Some(database) = Database::of_this_run().await? else { return Ok(()) };
    let (folder, url) = (tempfile::tempdir()?, database.url());
    let variables = [("HEARTH_DATABASE", url.as_str())];
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (data, anchor, dump) = (folder.path().join("data"), path("heads"), path("hearth.dump"));
    let mut served = Served::start_with(&data, &variables);
    let (council, family) = bristol(&data, &served, &variables).await?;
    let before = record(&council, &family).await?;
    let audit = |data: &Path, args: &[&str], variables: &[(&str, &str)]| -> Ran { run_with(data, &[&["audit"], args].concat(), variables) };
    assert_eq!(audit(&data, &["seal", "--anchor", &anchor], &variables).code, 0);
    served.kill();

    // As README.md has it.
    let schemas = ["--schema=hearth_common", "--schema=hearth_record"];
    let (file, from) = (format!("--file={dump}"), database.operators_url());
    tool("pg_dump", &[&["--format=custom"], &schemas[..], &[file.as_str(), from.as_str()]].concat())?;
    let server = Server::start()?;
    let restored = Database::on(&server).await?;
    tool("pg_restore", &["--exit-on-error", &format!("--dbname={}", restored.operators_url()), &dump])?;

    let (elsewhere, url) = (folder.path().join("elsewhere"), restored.url());
    let variables = [("HEARTH_DATABASE", url.as_str())];
    let verified = audit(&elsewhere, &["verify", "--anchor", &anchor, "--authority", BRISTOL], &variables);
    assert!(verified.out.starts_with("the audit trail is whole: "), "{}{}", verified.out, verified.err);
    let served = Served::start_with(&elsewhere, &variables);
    let council = Caller::new(&served.base, &format!("/v1/authorities/{BRISTOL}"), &council.token);
    assert_eq!(record(&council, &family).await?, before);
    let decision = council.get("/decisions?limit=1").await?["items"][0]["id"].as_str().context("a decision")?.to_owned();
    let replayed = council.post(&format!("/decisions/{decision}/replay"), json!({})).await?;
    assert_eq!((&replayed["answer"]["is"], &replayed["inputs"]["are"]), (&json!("same"), &json!("still-follow")), "{replayed}");
    // It goes on from there.
    let second = Family::engaged("2026-02-01", &["health"]).child("daughter", "2015-01-01").called("B-2").json_without_feeds();
    council.post("/families", second).await?;
    decide(&council, &family).await?;
    assert_eq!(audit(&elsewhere, &["verify", "--anchor", &anchor, "--authority", BRISTOL], &variables).code, 0);
    Ok(())
}

/// What is compiled, by content.
fn compiled(data: &Path) -> Result<BTreeSet<Vec<u8>>> {
    let files = std::fs::read_dir(data.join("compiled"))?.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    files.iter().filter(|path| path.is_file()).map(|path| Ok(std::fs::read(path)?)).collect()
}

#[tokio::test]
async fn started_with_another_key_it_compiles_again_and_trusts_nothing_that_was_compiled_before() -> Result<()> {
    let database = Database::of_this_run().await?;
    let url = database.as_ref().map(Database::url).unwrap_or_default();
    let variables: Vec<(&str, &str)> = database.iter().map(|_| ("HEARTH_DATABASE", url.as_str())).collect();
    let folder = tempfile::tempdir()?;
    let data = folder.path();
    let mut served = Served::start_with(data, &variables);
    let (council, family) = bristol(data, &served, &variables).await?;
    let (first, answered) = (compiled(data)?, decide(&council, &family).await?);
    assert_eq!(first.len(), 1, "the plugin");

    // With the same key what was compiled is taken as it is.
    let started = async |served: &mut Served| -> Result<Value> {
        served.kill();
        *served = Served::start_with(data, &variables);
        let council = Caller::new(&served.base, &format!("/v1/authorities/{BRISTOL}"), &council.token);
        decide(&council, &family).await
    };
    let same = started(&mut served).await?;
    assert_eq!((compiled(data)?, &same["answer"]), (first.clone(), &answered["answer"]));

    std::fs::write(data.join("secrets/compiled.key"), [9; 32])?;
    let again = started(&mut served).await?;
    assert_eq!(again["answer"], answered["answer"]);
    let now = compiled(data)?;
    assert!(now.difference(&first).count() == 1, "it was not compiled again");
    Ok(())
}
