//! Decisions and summaries as text, for a terminal.

use std::fmt::Write;

use crate::plugins::Manifest;
use crate::record::Snapshot;
use crate::sandbox::answer::{Answer, Basis, Finding, Reason, Verdict};
use crate::sandbox::{Outcome, Unit};
use crate::workflow::Summary;
use crate::workflow::explain::{Reader, decimal, pounds};

/// An answer in words: what was found, why, and what each reason rests on.
pub(super) fn answer(answer: &Answer, manifest: &Manifest, snapshot: &Snapshot, reader: &Reader) -> String {
    let shown = Shown { manifest, snapshot, reader };
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = shown.answer(&mut text, answer);
    text
}

struct Shown<'a> {
    manifest: &'a Manifest,
    snapshot: &'a Snapshot,
    reader: &'a Reader,
}

impl Shown<'_> {
    fn answer(&self, to: &mut String, answer: &Answer) -> std::fmt::Result {
        match &answer.result {
            Verdict::Answered(code) => {
                writeln!(to, "{}: {}", answer.question.code(), self.reader.meaning(answer.question.answers(), code))?
            }
            Verdict::Refused(failure) => {
                writeln!(to, "{}: no answer, because: {}", answer.question.code(), self.reader.meaning("failures", &failure.why))?;
                if let Some(message) = &failure.message {
                    writeln!(to, "  {}", self.reader.sentence(self.manifest, message, Some(self.snapshot)))?;
                }
            }
        }
        answer.findings.iter().try_for_each(|f| self.finding(to, f))?;
        for claim in &answer.claims {
            let kind = self.reader.meaning("claims", &claim.kind);
            let rests: Vec<_> =
                claim.rests_on.iter().filter_map(|n| answer.findings.get(*n as usize)).map(|f| f.criterion.as_str()).collect();
            writeln!(
                to,
                "  claim: {} for {kind}, entitled on {}, resting on {}",
                pounds(claim.amount_pence),
                claim.entitled_on,
                rests.join(", ")
            )?;
        }
        for task in &answer.tasks {
            let title = self.reader.sentence(self.manifest, &task.title, Some(self.snapshot));
            writeln!(to, "  task for the {}, due {}: {title}", self.reader.meaning("roles", &task.role).to_lowercase(), task.due)?;
        }
        Ok(())
    }

    fn finding(&self, to: &mut String, finding: &Finding) -> std::fmt::Result {
        let criterion = self.manifest.framework.iter().find(|c| c.criterion == finding.criterion);
        let about = finding.person.map(|p| format!(", {}", self.reader.person(p, Some(self.snapshot)))).unwrap_or_default();
        let standing = self.reader.meaning("standings", &finding.standing);
        writeln!(to, "  {}{about}: {standing}{}", finding.criterion, measured(finding, criterion.map_or(Unit::None, |c| c.unit)))?;
        finding.reasons.iter().try_for_each(|r| self.reason(to, r))?;
        if let Some(day) = finding.look_again {
            writeln!(to, "      look again on {day}")?;
        }
        Ok(())
    }

    fn reason(&self, to: &mut String, reason: &Reason) -> std::fmt::Result {
        writeln!(to, "    {}", self.reader.sentence(self.manifest, &reason.message, Some(self.snapshot)))?;
        let facts = reason.rests_on.iter().filter(|b| matches!(b, Basis::Fact(_))).count();
        let others = reason.rests_on.iter().filter_map(|b| self.reader.basis(self.manifest, b, Some(self.snapshot)));
        let facts = (facts > 0).then(|| if facts == 1 { "1 fact".to_owned() } else { format!("{facts} facts") });
        let rests: Vec<String> = facts.into_iter().chain(others).collect();
        writeln!(to, "      rests on {}", rests.join("; "))
    }
}

/// `(before 11, now 4, threshold 4)`
fn measured(finding: &Finding, unit: Unit) -> String {
    let sign = if unit == Unit::Percent { "%" } else { "" };
    let parts: Vec<String> = [("before", finding.before), ("now", finding.now), ("threshold", finding.threshold)]
        .into_iter()
        .filter_map(|(name, tenths)| Some(format!("{name} {}{sign}", decimal(tenths?))))
        .collect();
    if parts.is_empty() { String::new() } else { format!(" ({})", parts.join(", ")) }
}

/// What a run cost, and what its author logged.
pub(super) fn run(outcome: &Outcome) -> String {
    let mut text = format!(
        "{} instructions, {:.1} ms, {} KiB of memory\n",
        outcome.instructions,
        outcome.took.as_secs_f64() * 1e3,
        outcome.peak_memory >> 10
    );
    for line in &outcome.log.lines {
        let _ = writeln!(text, "log {}: {}", line.level, line.text);
    }
    if outcome.log.dropped > 0 {
        let _ = writeln!(text, "log: {} more lines were dropped", outcome.log.dropped);
    }
    text
}

/// What came of a bulk evaluation.
pub(super) fn summary(summary: &Summary) -> String {
    let mut text = String::new();
    let failed: u64 = summary.failures.values().map(|(n, ..)| n).sum();
    let _ = writeln!(
        text,
        "{} families: {} decided, {} as before, {failed} not decided yet ({:.2} s)",
        summary.families,
        summary.decided,
        summary.unchanged,
        summary.took.as_secs_f64()
    );
    for ((question, result), count) in &summary.results {
        let _ = writeln!(text, "  {question:<12} {result:<28} {count:>8}");
    }
    if !summary.findings.is_empty() {
        let _ = writeln!(text, "  {:<24} {:>8} {:>8} {:>14} {:>8}", "criterion", "met", "not met", "no evidence", "n/a");
        let criteria: std::collections::BTreeSet<&String> = summary.findings.keys().map(|(criterion, _)| criterion).collect();
        for criterion in criteria {
            let count = |standing: &str| summary.findings.get(&(criterion.clone(), standing.to_owned())).copied().unwrap_or(0);
            let (met, not, unknown, none) = (count("met"), count("not-met"), count("not-enough-evidence"), count("not-applicable"));
            let _ = writeln!(text, "  {criterion:<24} {met:>8} {not:>8} {unknown:>14} {none:>8}");
        }
    }
    for (kind, (count, family, message)) in &summary.failures {
        let _ = writeln!(text, "  {kind}: {count}, for example family {family}: {message}");
    }
    text
}
