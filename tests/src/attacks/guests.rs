//! Attacks by a plugin that runs: one hostile plugin a language, which does what its settings name. After each, the same plugin and
//! another one answer as before.

use std::time::Duration;

use hearth::sandbox::{Limits, Outcome};
use serde_json::{Value, json};

use super::{Attack, Row, javascript, python, rust};
use crate::lab::{Asked, plugin, sandbox, under_manifest};
use crate::{Family, Lab};

/// A hostile plugin, and a decent one beside it in the same sandbox.
pub struct Beside {
    hostile: Lab,
    decent: Lab,
    before: Vec<u8>,
}

/// Whom they ask about.
#[must_use]
pub fn family() -> Family {
    Family::engaged("2026-01-01", &["health"]).child("son", "2014-01-01").attendance("son", "2026-04-13..2026-07-21", 120, 100)
}

/// As every host's, but for the clock: on a busy machine a flood may take long, and what must end it is its own bound.
#[must_use]
pub fn limits() -> Limits {
    Limits { wall: Duration::from_secs(120), ..Limits::default() }
}

/// The hostile plugin in Rust, with as many criteria as there may be: enough to report a finding too many.
///
/// # Panics
/// Where it was not built.
#[must_use]
pub fn with_many_criteria() -> Vec<u8> {
    let mut manifest: Value = serde_json::from_str(include_str!("../../hostile/manifest.json")).unwrap();
    let criteria = manifest["framework"].as_array_mut().unwrap();
    let first = criteria[0].clone();
    // Each for the family and, by hand, for nobody else: 499 beside `harmless`.
    criteria.extend((0..499).map(|n| {
        let mut more = first.clone();
        more["criterion"] = json!(format!("more-{n}"));
        more
    }));
    under_manifest(&plugin("hostile"), &manifest)
}

/// # Panics
/// Where the plugins were not built.
pub async fn in_rust() -> Vec<Row> {
    Beside::of(&with_many_criteria(), &["hearth:family/offending"], limits()).await.attacked("Rust", rust::ATTACKS).await
}

/// # Panics
/// Where the plugins were not built.
pub async fn in_javascript() -> Vec<Row> {
    Beside::of(&plugin("hostile-javascript"), &[], limits()).await.attacked("JavaScript", javascript::ATTACKS).await
}

/// # Panics
/// Where the plugins were not built.
pub async fn in_python() -> Vec<Row> {
    Beside::of(&plugin("hostile-python"), &[], limits()).await.attacked("Python", python::ATTACKS).await
}

impl Beside {
    /// # Panics
    /// Where the plugins were not built, or the decent one does not answer.
    pub async fn of(hostile: &[u8], ungranted: &[&str], limits: Limits) -> Self {
        let sandbox = sandbox(limits);
        let hostile = Lab::within(&sandbox, hostile, ungranted);
        let mut this = Self { hostile, decent: Lab::within(&sandbox, &plugin("bristol-outcomes"), &[]), before: Vec::new() };
        this.before = this.another().await.unwrap_or_else(|e| panic!("{e}"));
        this
    }

    pub async fn ask(&self, attack: &str, as_of: &str) -> Outcome {
        self.hostile.ask(&family(), &Asked::progress(as_of).with(json!({ "attack": attack }))).await
    }

    /// What the decent one answers, and what it cost.
    async fn another(&self) -> Result<Vec<u8>, String> {
        let outcome = self.decent.ask(&family(), &Asked::progress("2026-08-31")).await;
        let mut bytes = outcome.result.map_err(|fault| fault.to_string())?.encode().1;
        bytes.extend(outcome.instructions.to_be_bytes());
        Ok(bytes)
    }

    /// Makes each attack, and looks what came of it.
    pub async fn attacked(&self, by: &'static str, attacks: &[Attack]) -> Vec<Row> {
        let mut rows = Vec::with_capacity(attacks.len());
        for &(attack, end, says) in attacks {
            rows.push(self.one(by, attack, attack, (end, says)).await);
        }
        rows
    }

    /// Makes one, which the plugin knows as `setting`.
    pub async fn one(&self, by: &'static str, attack: &str, setting: &str, must: (&'static str, &'static str)) -> Row {
        let outcome = self.ask(setting, "2026-08-31").await;
        let mut row = Row::of_run(attack, by, must, &outcome);
        // One that attacks by being started has no good day.
        let own = setting != "none" || row.must.0 == super::ANSWERED;
        self.look_around(own, &outcome, &mut row.after).await;
        row
    }

    async fn look_around(&self, own: bool, outcome: &Outcome, after: &mut Vec<String>) {
        let lines = &outcome.log.lines;
        if lines.len() > 200 || lines.iter().any(|l| l.text.len() > 1_003 || l.text.contains(char::is_control)) {
            after.push("the log is larger than a log may be".into());
        }
        if own {
            match self.ask("none", "2026-08-31").await.result {
                Ok(answer) if answer.code() == "none-yet" => {}
                other => after.push(format!("the same plugin answers {other:?}")),
            }
        }
        match self.another().await {
            Ok(bytes) if bytes == self.before => {}
            Ok(_) => after.push("another plugin answers otherwise".into()),
            Err(fault) => after.push(format!("another plugin answers nothing: {fault}")),
        }
    }
}
