//! Killed at any instant: what was acknowledged is there, once, and the record is whole. `N` says how often; five times if
//! left out.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::Result;
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

async fn killed_while_families_come_in(variables: &[(&str, &str)]) -> Result<()> {
    let folder = hearth_tests::host::folder()?;
    let operator = run_with(folder.path(), &["token", "--name", "operator"], variables).out.trim().to_owned();
    let mut served = Served::start_with(folder.path(), variables);
    let first = Caller { client: reqwest::Client::new(), base: served.base.clone(), token: operator };
    assert_eq!(first.post("/v1/authorities", None, &json!({ "code": "E06000023", "name": "Bristol" })).await?.0, 201);
    let token = run_with(folder.path(), &["token", "--name", "data manager", "--authority", "E06000023"], variables).out.trim().to_owned();
    let mut caller = Caller { token, ..first };

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
    Ok(())
}
