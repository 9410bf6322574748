//! `make newcomer`: what somebody does on their first day, with the real compilers and a real host, in each language: begin a plugin,
//! change its rule, see the scenario fail, mend the scenario, build, test, upload, and read a decision. Prints how long each step took.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use hearth_tests::host::Caller;
use hearth_tests::program::{self, Served, hearth};
use serde_json::{Value, json};

const LANGUAGES: [&str; 3] = ["rust", "javascript", "python"];
/// The source file of each language's rule, below the plugin's folder.
const RULES: [&str; 3] = ["src/outcomes.rs", "plugin.js", "plugin.py"];
const COUNCIL: &str = "E06000023";

/// What somebody did, and how long it took.
type Steps = Vec<(&'static str, Duration)>;

#[tokio::main]
async fn main() -> Result<()> {
    let mut columns = Vec::new();
    for (language, rule) in LANGUAGES.into_iter().zip(RULES) {
        let desk = tempfile::tempdir()?;
        let (steps, sentence) = first_day(desk.path(), language, rule).await.with_context(|| format!("a first plugin in {language}"))?;
        println!("{language}: {sentence}");
        columns.push(steps);
    }
    print!("{}", table(&columns));
    Ok(())
}

async fn first_day(desk: &Path, language: &str, rule: &str) -> Result<(Steps, String)> {
    let mut steps = Steps::new();
    let mut began = Instant::now();
    let mut done = |step: &'static str| {
        steps.push((step, began.elapsed()));
        began = Instant::now();
    };
    let folder = desk.join("school-days");
    typed(desk, &["plugin", "new", "school-days", "--language", language, "--offers", "outcomes"])?;
    done("plugin new");

    // The council wants 92 per cent, and looks again after a term.
    edit(&folder.join("manifest.json"), &[("\"default\": 90", "\"default\": 92")])?;
    edit(&folder.join(rule), &[("(today, 1)", "(today, 3)")])?;
    let told = program::run(desk, &["plugin", "test", folder.to_str().context("a plain path")?]);
    ensure!(told.code != 0, "the scenarios do not notice that the rule is another:\n{}{}", told.out, told.err);
    let miss = told.out.lines().find(|line| line.contains(".yaml:") && line.contains(": expected "));
    let miss = miss.with_context(|| format!("no line says which field, and where:\n{}{}", told.out, told.err))?;
    println!("{language}: {}", miss.trim().replace(&format!("{}/", desk.display()), ""));
    done("edit the rule, test: fails");

    // Just below, at and above the new threshold.
    let scenario = folder.join("scenarios/attendance.yaml");
    edit(&scenario, &[("{ attended: 91 }", "{ attended: 93 }"), ("met, now: 91", "met, now: 93")])?;
    edit(&scenario, &[("attended: 90", "attended: 92"), ("met, now: 90", "met, now: 92"), ("for 90% of", "for 92% of")])?;
    edit(
        &scenario,
        &[("{ attended: 89 }", "{ attended: 91 }"), ("now: 89, threshold: 90", "now: 91, threshold: 92"), ("in 1 month", "in 3 months")],
    )?;
    typed(desk, &["plugin", "build", "school-days", "--out", "school-days.wasm"])?;
    done("edit the scenario, build");
    typed(desk, &["plugin", "test", "school-days.wasm"])?;
    done("plugin test: passes");

    let data = desk.join("data");
    let operator = typed(&data, &["token", "--name", "operator"])?;
    let served = Served::start(&data);
    Caller::new(&served.base, "", operator.trim())
        .post("/v1/authorities", json!({ "code": COUNCIL, "name": "Bristol City Council" }))
        .await?;
    let token = typed(&data, &["token", "--name", "data manager", "--authority", COUNCIL])?;
    let council = Caller::new(&served.base, &format!("/v1/authorities/{COUNCIL}"), token.trim());
    done("a host, a council");
    let installation = council.adopt_file(std::fs::read(desk.join("school-days.wasm"))?, &json!({})).await?;
    done("upload, propose, activate");
    let family = council.post("/families", family()).await?["id"].clone();
    let decision = council.post("/decisions", json!({ "family": family, "question": "progress", "as_of": "2026-08-31" })).await?;
    done("a family, a decision");
    ensure!(decision["installation"] == installation.as_str(), "another plugin decided: {decision}");
    let sentence = decision.pointer("/findings/0/reasons/0/sentence").and_then(Value::as_str).context("a finding has a sentence")?;
    Ok((steps, format!("{}: {sentence}", decision["says"].as_str().unwrap_or_default())))
}

/// Runs a command that has to succeed, with `folder` as the host's data and as the working folder where there is one.
fn typed(folder: &Path, args: &[&str]) -> Result<String> {
    std::fs::create_dir_all(folder)?;
    let output = Command::new(hearth()).args(args).current_dir(folder).env("HEARTH_DATA", folder).env_remove("HEARTH_LOG").output()?;
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    if !output.status.success() {
        bail!("hearth {}:\n{out}{err}", args.join(" "));
    }
    Ok(out.into_owned())
}

/// Replaces each text, which must stand there once.
fn edit(file: &Path, changes: &[(&str, &str)]) -> Result<()> {
    let mut text = std::fs::read_to_string(file)?;
    for (old, new) in changes {
        ensure!(text.matches(old).count() == 1, "{}: `{old}` stands there {} times", file.display(), text.matches(old).count());
        text = text.replace(old, new);
    }
    Ok(std::fs::write(file, text)?)
}

/// A mother and a son who was at school for 93 of 100 sessions.
fn family() -> Value {
    json!({
        "reference": "NEW-0001",
        "people": {
            "mother": { "name": { "given": "Ann", "family": "Example" }, "born": "1988-02-19" },
            "son": { "name": { "given": "Sam", "family": "Example" }, "born": "2014-05-20" },
        },
        "facts": [{
            "kind": "attendance", "person": "son", "first": "2026-04-13", "last": "2026-07-17",
            "detail": { "possible": 100, "attended": 93, "unauthorised": 0 },
        }],
        "coverage": [{ "kind": "attendance", "person": "son", "first": "2026-01-01", "last": "2026-08-31", "state": "complete" }],
    })
}

/// A line a step, a column a language, in seconds.
fn table(columns: &[Steps]) -> String {
    let row =
        |name: &str, cells: Vec<String>| format!("{name:<28}{}\n", cells.iter().map(|cell| format!("{cell:>12}")).collect::<String>());
    let seconds = |took: Duration| format!("{:.1} s", took.as_secs_f64());
    let mut text = row("", LANGUAGES.map(str::to_owned).into());
    for (i, (step, _)) in columns[0].iter().enumerate() {
        text += &row(step, columns.iter().map(|steps| seconds(steps[i].1)).collect());
    }
    text + &row("together", columns.iter().map(|steps| seconds(steps.iter().map(|(_, took)| *took).sum())).collect())
}
