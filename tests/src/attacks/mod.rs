//! The attacks: what each tries, by whom, and the end that is documented for it. `tests/attacks.rs` checks that each ends so;
//! `make attacks` also prints how. A new one is a line in a table of this folder, and a function of a hostile plugin where a guest
//! makes it.

pub mod composed;
pub mod files;
pub mod grants;
pub mod guests;
pub mod javascript;
pub mod python;
pub mod rust;
pub mod served;

use std::time::Duration;

use anyhow::Result;
use hearth::sandbox::Outcome;

/// Answers as any plugin does: what it tried did nothing, or is allowed.
pub const ANSWERED: &str = "answered";
/// Never becomes a plugin.
pub const REFUSED: &str = "refused";

pub const STOPPED: &str = "plugin-trapped";
pub const INSTRUCTIONS: &str = "plugin-out-of-instructions";
pub const MEMORY: &str = "plugin-out-of-memory";
pub const OVER: &str = "plugin-over-a-bound";
pub const NONSENSE: &str = "plugin-answer-refused";

/// What is tried; how it must end: a fault's code, [`ANSWERED`] or [`REFUSED`]; a part of what is said then.
pub type Attack = (&'static str, &'static str, &'static str);

/// How an attack went.
#[derive(Debug)]
pub struct Row {
    pub attack: String,
    /// The language of the plugin that made it, or the way that it came.
    pub by: &'static str,
    /// How it must end, and a part of the words.
    pub must: (&'static str, &'static str),
    /// How it ended, and what was said.
    pub end: String,
    pub says: String,
    pub instructions: u64,
    pub took: Duration,
    pub peak_memory: usize,
    /// What was otherwise than before, afterwards.
    pub after: Vec<String>,
}

impl Row {
    /// One that no guest made: refused, or not, with words.
    #[must_use]
    pub fn of(attack: &str, by: &'static str, must: (&'static str, &'static str), end: &str, says: String, took: Duration) -> Self {
        Self { attack: attack.into(), by, must, end: end.into(), says, instructions: 0, took, peak_memory: 0, after: Vec::new() }
    }

    /// One that a guest made in a run.
    #[must_use]
    pub fn of_run(attack: &str, by: &'static str, must: (&'static str, &'static str), outcome: &Outcome) -> Self {
        let (end, says) = match &outcome.result {
            Ok(answer) => {
                let lines: Vec<&str> = outcome.log.lines.iter().map(|l| l.text.as_str()).collect();
                (ANSWERED, format!("{} {}", answer.code(), lines.join("; ")))
            }
            Err(fault) => (fault.code(), fault.to_string()),
        };
        let Outcome { instructions, took, peak_memory, .. } = *outcome;
        let (attack, end) = (attack.to_owned(), end.to_owned());
        Self { attack, by, must, end, says, instructions, took, peak_memory, after: Vec::new() }
    }

    /// Did it end as documented, and was everything afterwards as before?
    #[must_use]
    pub fn as_documented(&self) -> bool {
        let (end, says) = self.must;
        self.end == end && self.says.contains(says) && self.after.is_empty()
    }
}

/// A heading and a line for each, then how many there are and how many ended as documented.
#[must_use]
pub fn table(rows: &[Row]) -> String {
    let width = rows.iter().map(|r| r.attack.chars().count()).max().unwrap_or(0);
    let mut text = format!("{:width$}  {:10}  {:26}  {:>13}  {:>7}  {:>6}  said\n", "attack", "by", "end", "instructions", "ms", "MiB");
    for row in rows {
        let Row { attack, by, end, instructions, took, peak_memory, .. } = row;
        let (ms, mib) = (took.as_millis(), peak_memory.div_ceil(1 << 20));
        text += &format!("{attack:width$}  {by:10}  {end:26}  {instructions:>13}  {ms:>7}  {mib:>6}  {}", short(&row.says, 80));
        if !row.as_documented() {
            let (end, says) = row.must;
            text += &format!("\n    documented: {end}, {says:?}; said: {}; after: {:?}", short(&row.says, 400), row.after);
        }
        text.push('\n');
    }
    let good = rows.iter().filter(|r| r.as_documented()).count();
    text + &format!("{} attacks, {good} ended as documented", rows.len())
}

fn short(text: &str, most: usize) -> String {
    text.chars().map(|c| if c == '\n' { ' ' } else { c }).take(most).collect()
}

/// Every attack, in the order of this folder's files.
///
/// # Errors
/// A host does not serve at all.
///
/// # Panics
/// Where the plugins were not built.
pub async fn all() -> Result<Vec<Row>> {
    let mut rows = guests::in_rust().await;
    rows.extend(guests::in_javascript().await);
    rows.extend(guests::in_python().await);
    rows.extend(composed::attacked().await);
    rows.extend(grants::attacked());
    rows.extend(files::attacked().await);
    rows.extend(served::attacked().await?);
    Ok(rows)
}

/// Bytes of memory that this process holds.
///
/// # Panics
/// Where the system does not tell.
#[must_use]
pub fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|l| l.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<usize>().unwrap() << 10
}
