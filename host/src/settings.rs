//! What whoever runs the host may set: limits of a run, what one authority may use, when a plugin is parked, what is kept and how long,
//! connections.
//!
//! Each is a whole number in an environment variable `HEARTH_LIMIT_…`, which carries its unit. One table says all that there is to say of
//! each; `hearth doctor` prints it, and a test holds `host/README.md` to it. Waiting and running together stay below the time that a
//! request may take (`api/watch`), so that a failure is kept and not cut off.

use std::time::Duration;

use crate::api::PerMinute;
use crate::api::listen::CONNECTIONS;
use crate::sandbox::{Limits, Share};
use crate::store::Connections;
use crate::workflow::{Parking, READY_MEMORY};

/// What every variable begins with.
pub const PREFIX: &str = "HEARTH_LIMIT_";

/// Everything that can be set.
#[derive(Debug, Clone, Copy, Default)]
pub struct Settings {
    pub run: Limits,
    pub share: Share,
    pub parking: Parking,
    pub kept: Kept,
    pub connections: Connections,
    pub edge: Edge,
}

/// What may be asked of the API, and by how many.
#[derive(Debug, Clone, Copy)]
pub struct Edge {
    pub most: PerMinute,
    /// HTTP connections at once.
    pub connections: usize,
}

impl Default for Edge {
    fn default() -> Self {
        Self { most: PerMinute::default(), connections: CONNECTIONS }
    }
}

/// What is kept, and how long.
#[derive(Debug, Clone, Copy)]
pub struct Kept {
    /// Days for which runs that failed or wrote log lines are kept: a plugin's author looks at a quarter's, and what a plugin logs may be
    /// about a family.
    pub runs_days: u32,
    /// Days for which the feed of what happened is kept: whoever follows it may be away for a year.
    pub feed_days: u32,
    /// Bytes of compiled plugins that stay in memory.
    pub ready_bytes: u64,
}

impl Default for Kept {
    fn default() -> Self {
        Self { runs_days: 90, feed_days: 400, ready_bytes: READY_MEMORY }
    }
}

/// One thing that can be set.
pub struct Setting {
    /// After [`PREFIX`].
    pub name: &'static str,
    pub what: &'static str,
    pub least: u64,
    pub most: u64,
    read: fn(&Settings) -> u64,
    write: fn(&mut Settings, u64),
}

macro_rules! settings {
    ($($name:literal $what:literal, $least:literal to $most:literal: $($place:ident).+ as $how:ident;)*) => {
        /// All of them.
        pub const ALL: &[Setting] = &[$(Setting {
            name: $name,
            what: $what,
            least: $least,
            most: $most,
            read: |settings| $how::read(settings.$($place).+),
            write: |settings, number| settings.$($place).+ = $how::write(number),
        }),*];
    };
}

mod millis {
    use super::Duration;
    pub(super) fn read(value: Duration) -> u64 {
        u64::try_from(value.as_millis()).unwrap_or(u64::MAX)
    }
    pub(super) const fn write(number: u64) -> Duration {
        Duration::from_millis(number)
    }
}

mod whole {
    /// The bounds of each setting fit its type.
    pub(super) fn read(value: impl TryInto<u64>) -> u64 {
        value.try_into().unwrap_or(u64::MAX)
    }
    pub(super) fn write<T: TryFrom<u64> + Default>(number: u64) -> T {
        T::try_from(number).unwrap_or_default()
    }
}

settings! {
    "INSTRUCTIONS" "instructions (fuel) of a run", 1_000_000 to 100_000_000_000: run.instructions as whole;
    "WALL_MILLIS" "time of a run, as the second net", 100 to 20_000: run.wall as millis;
    "MEMORY_BYTES" "memory of a run, over all its memories", 1_048_576 to 536_870_912: run.memory as whole;
    "TABLE_ELEMENTS" "table elements of a run, over all its tables", 1_000 to 100_000: run.table_elements as whole;
    "HOST_CALLS" "calls of the host by a run", 1_000 to 10_000_000: run.host_calls as whole;
    "ROWS" "rows read by a run", 1_000 to 100_000_000: run.rows as whole;
    "TEXT_BYTES" "log lines, settings and WASI's output that a run moves", 65_536 to 268_435_456: run.text as whole;
    "SAID_BYTES" "findings, claims and proposals of a run together", 65_536 to 16_777_216: run.said as whole;
    "RUNS_AT_ONCE" "runs of one authority at once", 1 to 60: share.runs as whole;
    "WAITING" "questions of one authority that may wait for their turn", 1 to 10_000: share.waiting as whole;
    "WAIT_MILLIS" "time that a question may wait for its turn", 100 to 30_000: share.wait as millis;
    "INSTRUCTIONS_A_MINUTE" "instructions of one authority in a minute, bulk work included", 1_000_000_000 to 100_000_000_000_000: share.instructions_a_minute as whole;
    "PARKED_AFTER" "failures among the last 20 runs that park an installation; 0: none is parked", 0 to 20: parking.failures as whole;
    "PARKED_IN_A_ROW" "families in a row, each failing once, that park an installation", 2 to 20: parking.in_a_row as whole;
    "RUNS_KEPT_DAYS" "days for which runs that failed or wrote log lines are kept", 1 to 3_650: kept.runs_days as whole;
    "FEED_KEPT_DAYS" "days for which the feed of what happened is kept; what a webhook is still to be sent stays", 7 to 3_650: kept.feed_days as whole;
    "READY_BYTES" "compiled plugins that stay in memory; what was used longest ago comes back from the disk", 16_777_216 to 68_719_476_736: kept.ready_bytes as whole;
    "POSTGRES_READERS" "connections of this host to PostgreSQL that read", 2 to 500: connections.readers as whole;
    "POSTGRES_WRITERS" "connections of this host to PostgreSQL that write; an authority uses one at a time", 2 to 500: connections.writers as whole;
    "CALLER_A_MINUTE" "requests of one caller in a minute", 60 to 10_000_000: edge.most.caller as whole;
    "AUTHORITY_A_MINUTE" "requests in a minute of everybody who works at one authority", 60 to 10_000_000: edge.most.authority as whole;
    "REFUSED_A_MINUTE" "requests in a minute from one address with no token that is in force", 5 to 1_000_000: edge.most.refused as whole;
    "AGAIN_A_MINUTE" "requests of one caller in a minute that repeat decisions, export them or ask what would have to change", 1 to 100_000: edge.most.again as whole;
    "HTTP_CONNECTIONS" "HTTP connections at once; further ones wait", 10 to 100_000: edge.connections as whole;
}

/// What cannot be started with.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unset {
    #[error("{PREFIX}{name} is `{value}`: it must be a whole number from {least} to {most} ({what})")]
    Value { name: &'static str, value: String, least: u64, most: u64, what: &'static str },
    #[error("{variable} sets nothing: there is {}", ALL.iter().map(|s| format!("{PREFIX}{}", s.name)).collect::<Vec<_>>().join(", "))]
    Unknown { variable: String },
}

impl Setting {
    #[must_use]
    pub fn of(&self, settings: &Settings) -> u64 {
        (self.read)(settings)
    }
}

impl Settings {
    /// As the environment says; what it does not name is at its default.
    ///
    /// # Errors
    /// [`Unset`]: a number out of its bounds, or a name that sets nothing.
    pub fn of_environment() -> Result<Self, Unset> {
        Self::of(std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.to_string_lossy().into_owned()))))
    }

    /// # Errors
    /// As [`Settings::of_environment`].
    pub fn of(variables: impl IntoIterator<Item = (String, String)>) -> Result<Self, Unset> {
        let mut settings = Self::default();
        for (variable, value) in variables {
            let Some(name) = variable.strip_prefix(PREFIX) else { continue };
            let Some(setting) = ALL.iter().find(|s| s.name == name) else { return Err(Unset::Unknown { variable }) };
            let Setting { name, what, least, most, .. } = *setting;
            let number = value.parse().ok().filter(|n| (least..=most).contains(n));
            (setting.write)(&mut settings, number.ok_or(Unset::Value { name, value, least, most, what })?);
        }
        Ok(settings)
    }
}

/// With commas, as people write it.
#[must_use]
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(name: &str, value: &str) -> Result<Settings, Unset> {
        Settings::of([("PATH".into(), "/bin".into()), (name.into(), value.into())])
    }

    #[test]
    fn each_setting_is_read_where_it_is_written_and_nowhere_else() {
        for setting in ALL {
            let default = setting.of(&Settings::default());
            assert!((setting.least..=setting.most).contains(&default), "{}: {default}", setting.name);
            for number in [setting.least, setting.most] {
                let settings = set(&format!("{PREFIX}{}", setting.name), &number.to_string()).unwrap();
                for other in ALL {
                    let expected = if other.name == setting.name { number } else { other.of(&Settings::default()) };
                    assert_eq!(other.of(&settings), expected, "{} after setting {} to {number}", other.name, setting.name);
                }
            }
        }
    }

    #[test]
    fn what_is_out_of_bounds_is_named_with_its_bounds() {
        for value in ["", "a lot", "-1", "99", "20001", "1e3"] {
            let error = set("HEARTH_LIMIT_WALL_MILLIS", value).unwrap_err().to_string();
            assert!(error.contains("HEARTH_LIMIT_WALL_MILLIS") && error.contains("from 100 to 20000"), "{error}");
        }
        let error = set("HEARTH_LIMIT_WALL_MILIS", "100").unwrap_err().to_string();
        assert!(error.starts_with("HEARTH_LIMIT_WALL_MILIS sets nothing"), "a slip of the pen is not passed over: {error}");
    }

    #[test]
    fn the_readme_has_each_setting_with_its_default_and_bounds() {
        let readme = include_str!("../README.md");
        for setting in ALL {
            let row = format!(
                "| `{}` | {} | {} | {} to {} |",
                setting.name,
                setting.what,
                grouped(setting.of(&Settings::default())),
                grouped(setting.least),
                grouped(setting.most)
            );
            assert!(readme.contains(&row), "host/README.md has no row\n{row}");
        }
        let rows = readme.split("## What can be set").nth(1).unwrap().split("\n## ").next().unwrap();
        assert_eq!(rows.lines().filter(|l| l.starts_with("| `")).count(), ALL.len(), "a row too many");
    }
}
