use crate::sandbox::answer::{Claim, Finding};
use crate::sandbox::bindings::hearth::outcomes::findings as wit;
use crate::sandbox::fault::nonsense;
use crate::sandbox::limits::{LARGEST_CLAIM, MOST_FINDINGS};
use crate::sandbox::question::ExtensionPoint;
use crate::sandbox::run::{Run, bounded, code, day, room, undeclared, window};

impl wit::Host for Run {
    fn add(&mut self, said: wit::Finding) -> anyhow::Result<u32> {
        self.count_call()?;
        self.may_report(ExtensionPoint::Outcomes)?;
        if !self.vocabulary.criteria.contains_key(&said.criterion) {
            return undeclared("criterion", &said.criterion, self.vocabulary.criteria.keys());
        }
        let about = (said.criterion.as_str(), said.person);
        if self.findings.iter().any(|f| (f.criterion.as_str(), f.person) == about) {
            return nonsense(format!("two findings for the criterion `{}` and one person", said.criterion));
        }
        room("findings", self.findings.len(), MOST_FINDINGS)?;
        self.count_said(384)?;
        let finding = Finding {
            person: self.person_if_any(said.person)?,
            standing: code("standing", "standings", said.standing)?,
            window: window(said.window)?,
            before: said.before,
            now: said.now,
            threshold: said.threshold,
            reasons: self.reasons(&format!("the finding for `{}`", said.criterion), said.reasons)?,
            look_again: said.look_again.map(day).transpose()?,
            criterion: said.criterion,
        };
        self.findings.push(finding);
        // Bounded above, so it fits.
        Ok(u32::try_from(self.findings.len() - 1).unwrap_or(u32::MAX))
    }

    fn claim(&mut self, kind: String, amount: i64, entitled_on: i32, rests_on: Vec<u32>) -> anyhow::Result<()> {
        self.count_call()?;
        self.may_report(ExtensionPoint::Outcomes)?;
        let kind = code("kind", "claims", kind)?;
        if amount <= 0 || amount > LARGEST_CLAIM {
            return nonsense(format!("a claim of {} (more than nothing, at most £{})", pounds(amount), LARGEST_CLAIM / 100));
        }
        let entitled_on = day(entitled_on)?;
        if entitled_on > self.given.context.as_of {
            return nonsense(format!("a claim from {entitled_on}, after the as-of date"));
        }
        bounded("findings under one claim", &rests_on, MOST_FINDINGS)?;
        if rests_on.is_empty() {
            return nonsense("a claim that rests on no finding");
        }
        if let Some(number) = rests_on.iter().find(|n| **n as usize >= self.findings.len()) {
            return nonsense(format!("a claim that rests on finding {number}, which was not added"));
        }
        if self.claims.iter().any(|c| c.kind == kind) {
            return nonsense(format!("two claims of the kind {kind}"));
        }
        self.count_said(160 + rests_on.len() * 8)?;
        self.claims.push(Claim { kind, amount_pence: amount, entitled_on, rests_on });
        Ok(())
    }
}

/// Pence as people write them: `-£1.00`.
pub(super) fn pounds(pence: i64) -> String {
    let sign = if pence < 0 { "-" } else { "" };
    let pence = pence.unsigned_abs();
    format!("{sign}£{}.{:02}", pence / 100, pence % 100)
}
