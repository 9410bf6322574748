//! Killed at any instant: what was acknowledged is there, once, and the record is whole. `N` says how often; five times if
//! left out.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::ops::RangeInclusive;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use hearth_tests::database::Database;
use hearth_tests::program::{Served, run_with};
use hearth_tests::{Family, number};
use serde_json::{Value, json};

fn times() -> u64 {
    number("N").unwrap_or(5).clamp(1, 200)
}

struct Caller {
    client: reqwest::Client,
    base: String,
    token: String,
}

impl Caller {
    async fn post(&self, path: &str, key: Option<&str>, body: &Value) -> Result<(u16, Value)> {
        let mut request = self.client.post(format!("{}{path}", self.base)).bearer_auth(&self.token).json(body);
        if let Some(key) = key {
            request = request.header("Idempotency-Key", key);
        }
        let answer = request.send().await?;
        Ok((answer.status().as_u16(), answer.json().await?))
    }

    async fn get(&self, path: &str) -> Result<Value> {
        Ok(self.client.get(format!("{}{path}", self.base)).bearer_auth(&self.token).send().await?.json().await?)
    }

    /// Sends a file of attendance and waits until it was read.
    async fn deliver(&self, rows: &str) -> Result<Value> {
        let url = format!(
            "{}/v1/authorities/E06000023/deliveries?mapping=attendance&source=e06000023&first=2024-09-01&last=2026-08-31",
            self.base
        );
        let sent = self.client.post(url).bearer_auth(&self.token).header("content-type", "text/csv").body(rows.to_owned()).send().await?;
        let delivery: Value = sent.error_for_status()?.json().await?;
        let id = delivery["id"].as_str().context("a delivery has an id")?;
        loop {
            let now = self.get(&format!("/v1/authorities/E06000023/deliveries/{id}")).await?;
            if now["state"] != "reading" {
                return Ok(now);
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// How many statements of attendance stand in the record, by how many sessions were attended.
    async fn attended(&self, families: &[String]) -> Result<BTreeMap<u64, usize>> {
        let mut found = BTreeMap::new();
        for family in families {
            let mut after = String::new();
            loop {
                let page = self.get(&format!("/v1/authorities/E06000023/families/{family}/facts?kind=attendance&limit=200{after}")).await?;
                for fact in page["items"].as_array().context("facts are a list")? {
                    *found.entry(fact["detail"]["attended"].as_u64().unwrap_or_default()).or_default() += 1;
                }
                match page["next"].as_str() {
                    Some(next) => after = format!("&after={next}"),
                    None => break,
                }
            }
        }
        Ok(found)
    }

    async fn references(&self) -> Result<Vec<String>> {
        let mut found = Vec::new();
        let mut after = String::new();
        loop {
            let url = format!("{}/v1/authorities/E06000023/families?limit=200{after}", self.base);
            let page: Value = self.client.get(url).bearer_auth(&self.token).send().await?.json().await?;
            found.extend(page["items"].as_array().into_iter().flatten().filter_map(|f| f["reference"].as_str().map(str::to_owned)));
            match page["next"].as_str() {
                Some(next) => after = format!("&after={next}"),
                None => return Ok(found),
            }
        }
    }
}

#[tokio::test]
async fn killed_while_families_come_in_nothing_acknowledged_is_lost_and_nothing_is_there_twice() -> Result<()> {
    killed_while_families_come_in(&[]).await
}

#[tokio::test]
async fn the_same_on_postgresql() -> Result<()> {
    let Some(database) = Database::of_this_run().await? else { return Ok(()) };
    killed_while_families_come_in(&[("HEARTH_DATABASE", &database.url())]).await
}

#[tokio::test]
async fn killed_while_a_file_is_read_its_rows_are_in_the_record_once_when_it_is_sent_again() -> Result<()> {
    killed_while_a_file_is_read(false).await
}

#[tokio::test]
async fn a_file_on_postgresql_too() -> Result<()> {
    killed_while_a_file_is_read(true).await
}

/// A host with Bristol's record, and who may write there.
async fn bristol(folder: &Path, variables: &[(&str, &str)]) -> Result<(Served, Caller)> {
    let operator = run_with(folder, &["token", "--name", "operator"], variables).out.trim().to_owned();
    let served = Served::start_with(folder, variables);
    let first = Caller { client: reqwest::Client::new(), base: served.base.clone(), token: operator };
    assert_eq!(first.post("/v1/authorities", None, &json!({ "code": "E06000023", "name": "Bristol" })).await?.0, 201);
    let token = run_with(folder, &["token", "--name", "data manager", "--authority", "E06000023"], variables).out.trim().to_owned();
    Ok((served, Caller { token, ..first }))
}

/// What is said of the audit trail, which is whole.
fn chain(folder: &tempfile::TempDir, variables: &[(&str, &str)]) -> String {
    let verified = run_with(folder.path(), &["audit", "verify", "--authority", "E06000023"], variables);
    assert_eq!(verified.code, 0, "{}", verified.err);
    verified.out.trim().to_owned()
}

async fn killed_while_families_come_in(variables: &[(&str, &str)]) -> Result<()> {
    let folder = hearth_tests::host::folder()?;
    let (mut served, mut caller) = bristol(folder.path(), variables).await?;

    let mut acknowledged = BTreeSet::new();
    let mut sent = 0_u64;
    for round in 0..times() {
        // A different instant each time: after some writes, in the middle of one.
        let writes = tokio::time::timeout(Duration::from_millis(20 + 37 * (round % 7)), async {
            loop {
                sent += 1;
                let reference = format!("family-{sent}");
                let family = Family::engaged("2026-01-01", &["health"]).child("son", "2014-01-01").called(&reference).json_without_feeds();
                if let Ok((201, _)) = caller.post("/v1/authorities/E06000023/families", Some(&reference), &family).await {
                    acknowledged.insert(reference);
                }
            }
        });
        assert!(writes.await.is_err(), "writes go on until the time is up");
        served.kill();
        served = Served::start_with(folder.path(), variables);
        caller.base.clone_from(&served.base);

        // The last write may have been kept without its answer: sent again under its key, it is answered and done once.
        let reference = format!("family-{sent}");
        let family = Family::engaged("2026-01-01", &["health"]).child("son", "2014-01-01").called(&reference).json_without_feeds();
        let (status, answer) = caller.post("/v1/authorities/E06000023/families", Some(&reference), &family).await?;
        assert_eq!(status, 201, "{answer}");
        acknowledged.insert(reference);

        let there = caller.references().await?;
        let once: BTreeSet<String> = there.iter().cloned().collect();
        assert_eq!(there.len(), once.len(), "round {round}: something is there twice");
        assert_eq!(once, acknowledged, "round {round}");
    }
    assert!(acknowledged.len() as u64 > times(), "the writes came through");
    let checked = run_with(folder.path(), &["migrate"], variables);
    assert_eq!(checked.code, 0, "{}", checked.err);
    println!(
        "killed {} times: {} families were acknowledged, and each is there once; {}",
        times(),
        acknowledged.len(),
        chain(&folder, variables)
    );
    Ok(())
}

/// Of each child; more rows together than one transaction of a file takes.
const DAYS: usize = 600;
const CHILDREN: usize = 35;

/// A pupil number with its letter.
fn upn(n: usize) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHJKLMNPQRTUVWXYZ";
    let digits = format!("{:012}", 801_200_000_000 + n);
    let sum: usize = digits.bytes().zip(2..).map(|(b, weight)| usize::from(b - b'0') * weight).sum();
    format!("{}{digits}", char::from(LETTERS[sum % 23]))
}

/// A row for each child and day, who attended so many sessions of a hundred.
fn extract(attended: u64) -> Result<String> {
    let mut rows = String::from("UPN,Term start,Term end,Sessions possible,Sessions attended,Unauthorised\n");
    let first: hearth::record::Day = "2024-09-01".parse()?;
    for child in 0..CHILDREN {
        for n in 0..DAYS {
            let day = first.plus(i32::try_from(n)?).context("a day")?;
            writeln!(rows, "{},{day},{day},100,{attended},0", upn(child))?;
        }
    }
    Ok(rows)
}

/// As many kills over one record. Then another begins: what was superseded stays in a record, so one that is told everything anew two hundred
/// times is no longer what a council has, and each round would take longer than the one before.
const KILLS_OF_ONE_RECORD: u64 = 10;

async fn killed_while_a_file_is_read(on_postgresql: bool) -> Result<()> {
    let (mut done, mut cut_short, mut records) = (0, 0, 0);
    while done < times() {
        let last = times().min(done + KILLS_OF_ONE_RECORD);
        let database = if on_postgresql { Database::of_this_run().await? } else { None };
        if on_postgresql && database.is_none() {
            return Ok(());
        }
        let url = database.as_ref().map(Database::url);
        let variables: Vec<_> = url.iter().map(|url| ("HEARTH_DATABASE", url.as_str())).collect();
        cut_short += killed_in(done + 1..=last, &variables).await?;
        (done, records) = (last, records + 1);
    }
    assert!(cut_short > 0, "no file was cut short");
    println!("killed {done} times, {cut_short} of them in the middle of a file, over {records} records");
    Ok(())
}

/// Those rounds over a record of their own; how many of them cut a file short.
async fn killed_in(rounds: RangeInclusive<u64>, variables: &[(&str, &str)]) -> Result<u64> {
    let folder = hearth_tests::host::folder()?;
    let (mut served, mut caller) = bristol(folder.path(), variables).await?;
    let mut families = Vec::new();
    for child in 0..CHILDREN {
        let identifiers = json!([{ "scheme": "upn", "value": upn(child) }]);
        let family =
            Family::new().person("child", json!({ "born": "2014-01-01", "identifiers": identifiers })).called(&format!("F-{child}"));
        let (status, answer) = caller.post("/v1/authorities/E06000023/families", None, &family.json_without_feeds()).await?;
        assert_eq!(status, 201, "{answer}");
        families.push(answer["id"].as_str().context("a family has an id")?.to_owned());
    }
    let whole = CHILDREN * DAYS;
    let begun = Instant::now();
    let read = caller.deliver(&extract(0)?).await?;
    assert_eq!((&read["state"], &read["report"]["added"]), (&json!("read"), &json!(whole)), "{read}");
    let takes = begun.elapsed();
    let mut cut_short = 0;

    for round in rounds {
        let file = extract(round % 100)?;
        // Another instant each time, spread over as long as a file takes.
        let instant = takes.mul_f64((round as f64 * 0.618).fract());
        let cut = tokio::time::timeout(instant, caller.deliver(&file)).await;
        served.kill();
        served = Served::start_with(folder.path(), variables);
        caller.base.clone_from(&served.base);
        match cut {
            Err(_) => cut_short += 1,
            Ok(read) => assert_eq!(read?["report"]["corrected"], json!(whole), "round {round}: it said that it was read"),
        }
        let again = caller.deliver(&file).await?;
        let report = &again["report"];
        let done = report["corrected"].as_u64().unwrap_or_default() + report["unchanged"].as_u64().unwrap_or_default();
        assert_eq!((&again["state"], done), (&json!("read"), whole as u64), "round {round}: {again}");
        assert_eq!(caller.attended(&families).await?, BTreeMap::from([(round % 100, whole)]), "round {round}");
    }
    println!("after each kill every one of {whole} rows was there once; {}", chain(&folder, variables));
    Ok(cut_short)
}
