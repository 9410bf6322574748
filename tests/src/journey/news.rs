//! A newer version is offered with its difference, and tried on a council's own families before anybody lets it decide.

use anyhow::{Context as _, Result, ensure};
use hearth::record::Clock;
use serde_json::{Value, json};

use super::council::Council;
use super::families::Agreed;
use super::{AS_OF, POLICE, World, list, refused, say, text};
use crate::program::{Ran, run_with};

/// What each of a council's results is worth, in pence.
const RESULT: i64 = 80_000;

/// A version that both councils are offered.
pub(super) struct Offered {
    /// As the host took it in: its digest and what it asks for.
    pub plugin: Value,
    /// What to name as acknowledged.
    pub acknowledge: Value,
}

pub(super) async fn offered(world: &World) -> Result<Offered> {
    world.charity.writes("1.1.0")?;
    world.charity.publishes("1.1.0")?;
    let told = world.charity.typed(&["plugin", "diff", &world.charity.file("1.0.0"), &world.charity.file("1.1.0")])?;
    ensure!(told.contains(&format!("It asks for {POLICE}")) && told.contains("It sees, proposes or says more."), "{told}");
    let plugin = world.bristol.takes(&world.charity.reference("1.1.0")).await?;
    let mut acknowledge = Value::Null;
    for council in [&world.bristol, &world.leeds] {
        let updates = council.reviewer.get(&format!("{}/updates", council.installation)).await?;
        let offer = list(&updates["offered"])?.first().with_context(|| format!("nothing is offered: {updates}"))?;
        ensure!((&offer["version"], &offer["difference"]["widens"]) == (&json!("1.1.0"), &json!(true)), "{offer}");
        ensure!(council.status(&council.installation).await? == "active", "an offer changes nothing");
        acknowledge = offer["acknowledge"].clone();
    }
    say("Both are offered it, with what is different; nothing changes by itself:");
    let sentences: Vec<&str> = told.lines().take_while(|line| !line.starts_with("It sees")).collect();
    sentences.iter().for_each(|sentence| say(&format!("  - {sentence}")));
    let at = Some((world.bristol.installation.as_str(), &Value::Null));
    let unread = world.bristol.tries_to_propose(&plugin, at).await?;
    refused(&unread, 409, "update-widens").context("an update that widens, not acknowledged")?;
    say("Nobody can propose it who has not named the difference as read.");
    Ok(Offered { plugin, acknowledge })
}

/// The installation that was tried.
pub(super) async fn tried(world: &World, offered: &Offered, families: u64) -> Result<String> {
    let bristol = &world.bristol;
    let update = Some((bristol.installation.as_str(), &offered.acknowledge));
    let at = bristol.proposes(&offered.plugin, &json!({}), update).await?;
    let without = back_test(world, &at, &["--sample", "10"]);
    let needs = format!("needs {POLICE}: nobody granted it to this plugin, and no trial grant for this version is in force");
    ensure!(without.code == 1 && without.err.contains(&needs), "it was tried without a trial grant: {without:?}");
    trial_grant(bristol, &offered.plugin).await?;
    let Ran { code, out: table, err } = back_test(world, &at, &["--rows", "0"]);
    ensure!(code == 0 && !table.contains("not granted"), "{table}{err}");
    let id = table.split_whitespace().nth(1).context("it has no id")?.to_owned();
    say(&format!(
        "A trial grant lets 1.1 read what the police were called to, in back-tests alone. `hearth plugin back-test` over {families} families:"
    ));
    table.lines().for_each(|line| println!("      {line}"));
    differs(bristol, &id, families).await?;
    side_by_side(bristol, &id).await?;
    Ok(at)
}

/// As it is typed on the host, which serves meanwhile.
fn back_test(world: &World, at: &str, more: &[&str]) -> Ran {
    let installation = at.rsplit('/').next().unwrap_or_default();
    let of = ["plugin", "back-test", "--authority", world.bristol.code, "--installation", installation];
    let typed = [&of[..], &["--as-of", AS_OF, "--question", "progress"], more].concat();
    run_with(world.data.path(), &typed, &[])
}

/// One asks, another gives.
async fn trial_grant(bristol: &Council, plugin: &Value) -> Result<()> {
    let until = Clock::system().now().day().plus(14).context("a day")?;
    let asked = json!({
        "plugin": plugin["digest"], "interface": POLICE, "why": "to see what 1.1 would do", "until": until, "readers": [bristol.manager_login],
    });
    let grant = bristol.manager.post("/trial-grants", asked).await?;
    let giving = format!("/trial-grants/{}/giving", text(&grant["id"]));
    let basis = json!({ "basis": "public task: to see what the rule does before it decides" });
    refused(&bristol.manager.try_post(&giving, basis.clone()).await?, 403, "not-allowed")?;
    let given = bristol.reviewer.post(&giving, basis).await?;
    ensure!(given["state"] == "given", "{given}");
    Ok(())
}

/// The difference is the one that follows from the families, worked out without the module.
async fn differs(bristol: &Council, id: &str, families: u64) -> Result<()> {
    let read = bristol.manager.get(&format!("/back-tests/{id}")).await?;
    let (before, after) = (Agreed { percent: 60, call_outs: None }, Agreed { percent: 60, call_outs: Some(1) });
    let count = |agreed: Agreed| (0..families).filter(|n| agreed.pays(*n)).count() as i64;
    let (live, candidate) = (count(before), count(after));
    ensure!(read["came"]["compared"]["count"] == families, "{read}");
    let claims = &list(&read["came"]["claims"])?[0];
    let sums = ["live", "candidate", "gained", "lost"].map(|side| claims[side]["pence"].as_i64());
    let expected = [live, candidate, 0, live - candidate].map(|n| Some(n * RESULT));
    ensure!(sums == expected && live > candidate && candidate > 0, "{expected:?} was expected, and not {claims}");
    say(&format!(
        "Of {families} families {live} were to be paid for, and would be {candidate}: {} less, as a calculation without the module says too.",
        pounds((live - candidate) * RESULT)
    ));
    Ok(())
}

/// Why: for whom the trial grant names. Everybody else reads numbers.
async fn side_by_side(bristol: &Council, id: &str) -> Result<()> {
    let rows = format!("/back-tests/{id}/differences?by=pence&limit=3");
    let others = bristol.reviewer.send(bristol.reviewer.request("GET", &rows)).await?;
    refused(&others, 403, "not-allowed")?;
    let read = bristol.manager.get(&rows).await?;
    let lost: Vec<&Value> = list(&read["items"])?.iter().filter(|row| row["pence"] == -RESULT).collect();
    ensure!(!lost.is_empty(), "no row costs a result: {read}");
    say("Side by side, for the manager whom the trial grant names:");
    for row in lost {
        let (was, now) = (claimed(&row["live"]), claimed(&row["candidate"]));
        say(&format!(
            "  family {}: {} ({was}) -> {} ({now})",
            short(&row["family"]),
            text(&row["live"]["result"]),
            text(&row["candidate"]["result"])
        ));
        let calm = list(&row["criteria"])?.iter().find(|c| c["criterion"] == "calm-home").context("the criterion that differs")?;
        ensure!(list(&calm["live"])?.is_empty() && !list(&calm["candidate"])?.is_empty(), "{calm}");
        let sentence = text(&calm["candidate"][0]["reasons"][0]["sentence"]);
        ensure!(sentence.starts_with("The police were called to the home"), "{calm}");
        say(&format!("    calm-home: 1.0 says nothing | 1.1: {}, \u{201c}{sentence}\u{201d}", text(&calm["candidate"][0]["standing"])));
    }
    Ok(())
}

fn claimed(side: &Value) -> String {
    pounds(side["claims"].as_array().into_iter().flatten().filter_map(|c| c["pence"].as_i64()).sum())
}

fn short(id: &Value) -> &str {
    text(id).split('-').next_back().unwrap_or_default()
}

fn pounds(pence: i64) -> String {
    hearth::workflow::explain::pounds(pence)
}
