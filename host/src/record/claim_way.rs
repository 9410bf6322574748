//! The way of a claim: what may be done to it in which state, the authority's own stages of audit, and which claims are drawn to be looked
//! at in each. Pure: one table, and nothing that is not in it happens.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::sharing::codes;
use super::{AuthorityId, Digest, Invalid, fact};

/// Stages of one audit: nobody in the documents has more than a few (004:L734-L738 speaks of "multi-stage").
pub const MOST_STAGES: usize = 10;
/// The name under which whoever approves sends a claim back, or refuses it: no stage of the audit has it.
pub const APPROVAL: &str = "approval";
/// Bytes of a stage's name, of a reason, of a payer's reference.
const LONGEST_NAME: usize = 60;
pub const LONGEST_REASON: usize = 500;
const LONGEST_REFERENCE: usize = 60;
/// What a claim may be paid at most, in pence: as what a plugin may claim.
const MOST_PENCE: u64 = 100_000_000;

codes! {
    /// Where a claim stands.
    ClaimState "a state of claims" {
        Draft "draft" "A decision found that it can be claimed";
        InAudit "in-audit" "It waits for a stage of the audit";
        Checked "checked" "It passed whatever stage it was drawn for, and waits to be approved";
        SentBack "sent-back" "It was sent back, with a reason";
        Refused "refused" "The audit or the payer refused it, with a reason";
        Approved "approved" "It may be sent";
        InBatch "in-batch" "It stands in a file that was not sent yet";
        Submitted "submitted" "It was sent to whoever pays";
        Paid "paid" "It was paid";
        Withdrawn "withdrawn" "It was taken back, or gave way to another of its kind";
        Repaid "repaid" "What was paid was paid back";
    }
}

codes! {
    /// What is done to a claim.
    ClaimAct "something that is done to a claim" {
        PutForward "put-forward" "Put forward to be checked";
        Pass "pass" "Passed in a stage of the audit";
        SendBack "send-back" "Sent back in a stage of the audit";
        Refuse "refuse" "Refused in a stage of the audit";
        Approve "approve" "Approved, with the evidence as it was then";
        PutInBatch "put-in-batch" "Put in a file";
        TakeOutOfBatch "take-out-of-batch" "The file was discarded";
        Submit "submit" "Sent to whoever pays";
        Pay "pay" "Paid";
        TurnDown "turn-down" "Refused by whoever pays";
        Withdraw "withdraw" "Taken back";
        Repay "repay" "Paid back";
        Look "look" "Looked at after one of its facts was corrected";
    }
}

use ClaimAct as A;
use ClaimState as S;

/// What may be done in which state, and where it leads. A claim that is put forward is checked at once where it is drawn for no stage, and one
/// that is passed waits for its next stage, if there is one.
#[rustfmt::skip]
const TABLE: &[(A, &[S], S)] = &[
    (A::PutForward, &[S::Draft, S::SentBack],                                                       S::InAudit),
    (A::Pass,       &[S::InAudit],                                                                  S::InAudit),
    (A::SendBack,   &[S::InAudit, S::Checked],                                                      S::SentBack),
    (A::Refuse,     &[S::InAudit, S::Checked],                                                      S::Refused),
    (A::Approve,    &[S::Checked],                                                                  S::Approved),
    (A::PutInBatch,      &[S::Approved],                                                                 S::InBatch),
    (A::TakeOutOfBatch,    &[S::InBatch],                                                                  S::Approved),
    (A::Submit,     &[S::InBatch],                                                                  S::Submitted),
    (A::Pay,        &[S::Submitted],                                                                S::Paid),
    (A::TurnDown,   &[S::Submitted],                                                                S::Refused),
    (A::Withdraw,   &[S::Draft, S::SentBack, S::InAudit, S::Checked, S::Approved, S::Submitted],    S::Withdrawn),
    (A::Repay,      &[S::Paid],                                                                     S::Repaid),
];

impl ClaimState {
    /// Is the family's result claimed by a claim in this state? Else it was given up, and nothing is asked for it.
    #[must_use]
    pub const fn claims(self) -> bool {
        !matches!(self, Self::Withdrawn | Self::Refused | Self::Repaid)
    }

    /// Where something done to it leads. None: it cannot be done in this state. To look at what was corrected leaves it where it is.
    #[must_use]
    pub fn after(self, act: ClaimAct) -> Option<Self> {
        if act == A::Look {
            return self.claims().then_some(self);
        }
        TABLE.iter().find(|(a, from, _)| *a == act && from.contains(&self)).map(|(.., to)| *to)
    }
}

impl ClaimAct {
    /// Does it carry the claim on, so that its evidence has to stand?
    #[must_use]
    pub const fn goes_on(self) -> bool {
        matches!(self, Self::PutForward | Self::Pass | Self::Approve | Self::PutInBatch | Self::Submit)
    }

    /// Is it done in a stage of the audit?
    #[must_use]
    pub const fn is_check(self) -> bool {
        matches!(self, Self::Pass | Self::SendBack | Self::Refuse)
    }

    /// Has whoever does it to say why?
    #[must_use]
    pub const fn needs_reason(self) -> bool {
        matches!(self, Self::SendBack | Self::Refuse | Self::TurnDown | Self::Withdraw | Self::Repay | Self::Look)
    }

    /// Does money move, so that the sum, the day and the reference are said?
    #[must_use]
    pub const fn moves_money(self) -> bool {
        matches!(self, Self::Pay | Self::Repay)
    }
}

/// What an authority says of its claims.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClaimRules {
    /// False: the authority is paid up front (earned autonomy, 2019:L1373-L1377). Results are decided and counted, and no claim is drafted.
    pub claims: bool,
    /// In this order, at most 10; none: what is put forward can be approved.
    #[serde(default)]
    pub stages: Vec<AuditStage>,
    pub approval: ClaimApproval,
}

/// A stage of the authority's own audit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AuditStage {
    /// 1 to 60 bytes, each once.
    #[schema(min_length = 1, max_length = 60, example = "team check")]
    pub name: String,
    /// Who may pass it; at least one role.
    #[schema(example = json!(["data-manager"]))]
    pub roles: Vec<String>,
    /// Of a hundred claims so many are drawn to be looked at, 1 to 100.
    #[schema(minimum = 1, maximum = 100)]
    pub share: u8,
    /// By nobody who put the claim forward or passed another stage of it.
    #[serde(default)]
    pub another_person: bool,
}

/// Who approves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClaimApproval {
    /// At least one role.
    #[schema(example = json!(["manager"]))]
    pub roles: Vec<String>,
    /// Nobody who put the claim forward or passed a stage of it.
    #[serde(default)]
    pub another_person: bool,
}

impl Default for ClaimRules {
    /// Before an authority said anything: no stage, and two people.
    fn default() -> Self {
        let roles = vec!["manager".to_owned(), "data-manager".to_owned()];
        Self { claims: true, stages: Vec::new(), approval: ClaimApproval { roles, another_person: true } }
    }
}

impl ClaimRules {
    /// # Errors
    /// [`Invalid`] naming the field. `is_role`: whether there is such a role, and it may do this.
    pub fn check(&self, is_role: impl Fn(&str, bool) -> Result<(), Invalid>) -> Result<(), Invalid> {
        if self.stages.len() > MOST_STAGES {
            return Err(Invalid::new("stages", format!("are more than {MOST_STAGES}")));
        }
        for (i, stage) in self.stages.iter().enumerate() {
            let within = |e: Invalid| e.within(&format!("stages[{i}]"));
            fact::text("name", &stage.name, LONGEST_NAME).map_err(within)?;
            if stage.name == APPROVAL {
                return Err(within(Invalid::new("name", "is what whoever approves does: give the stage another")));
            }
            if self.stages[..i].iter().any(|s| s.name == stage.name) {
                return Err(within(Invalid::new("name", "stands here twice")));
            }
            if !(1..=100).contains(&stage.share) {
                return Err(within(Invalid::new("share", "is 1 to 100: of a hundred claims so many are looked at")));
            }
            roles(&stage.roles, |role| is_role(role, false)).map_err(within)?;
        }
        roles(&self.approval.roles, |role| is_role(role, true)).map_err(|e| e.within("approval"))
    }
}

fn roles(roles: &[String], is_role: impl Fn(&str) -> Result<(), Invalid>) -> Result<(), Invalid> {
    if roles.is_empty() {
        return Err(Invalid::new("roles", "names nobody: at least one role"));
    }
    for (i, role) in roles.iter().enumerate() {
        is_role(role).map_err(|e| e.within(&format!("roles[{i}]")))?;
        if roles[..i].contains(role) {
            return Err(Invalid::new(format!("roles[{i}]"), "stands here twice"));
        }
    }
    Ok(())
}

/// Of ten thousand: a claim is looked at in a stage of which it draws less than a hundred times its share. The same claim draws the same
/// number in a stage of that name however often it is put forward, and nobody knows it before there is a decision: it is worked out from the
/// hash of the decision's answer.
#[must_use]
pub fn drawn(authority: &AuthorityId, claim: i64, answer: Digest, stage: &str) -> u16 {
    let digest = Digest::of(format!("hearth claim sample 1\n{authority}\n{claim}\n{answer}\n{stage}").as_bytes());
    let [a, b, c, d, ..] = digest.0;
    u16::try_from(u32::from_be_bytes([a, b, c, d]) % 10_000).unwrap_or(0)
}

/// Is a claim that drew this looked at?
#[must_use]
pub fn is_looked_at(drawn: u16, share: u8) -> bool {
    u32::from(drawn) < u32::from(share) * 100
}

/// What somebody says of what they do to a claim.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SaidOfClaim {
    pub stage: Option<String>,
    pub reason: Option<String>,
    /// In pence.
    pub amount: Option<u64>,
    pub on: Option<super::Day>,
    pub reference: Option<String>,
}

impl SaidOfClaim {
    /// Is all there that the act needs, and nothing else?
    ///
    /// # Errors
    /// [`Invalid`] naming the field.
    pub fn check(&self, act: ClaimAct) -> Result<(), Invalid> {
        let needed = |field: &str, there: bool, needed: bool| match (there, needed) {
            (false, true) => Err(Invalid::new(field, format!("is needed to {act}"))),
            (true, false) => Err(Invalid::new(field, format!("is nothing that is said to {act}"))),
            _ => Ok(()),
        };
        needed("stage", self.stage.is_some(), act.is_check())?;
        needed("amount_pence", self.amount.is_some(), act.moves_money())?;
        needed("on", self.on.is_some(), act.moves_money())?;
        needed("reference", self.reference.is_some(), act.moves_money())?;
        if act.needs_reason() {
            needed("reason", self.reason.is_some(), true)?;
        }
        if let Some(reason) = &self.reason {
            fact::text("reason", reason, LONGEST_REASON)?;
        }
        if self.amount.is_some_and(|pence| pence == 0 || pence > MOST_PENCE) {
            return Err(Invalid::new("amount_pence", format!("is 1 to {MOST_PENCE}")));
        }
        self.reference.as_deref().map_or(Ok(()), reference)
    }
}

/// A payer's reference holds no words: it stays when the family is erased.
fn reference(text: &str) -> Result<(), Invalid> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '/' | '.' | '_');
    let number = text.chars().any(|c| c.is_ascii_digit());
    if (1..=LONGEST_REFERENCE).contains(&text.len()) && text.chars().all(plain) && number {
        return Ok(());
    }
    let why = format!("has 1 to {LONGEST_REFERENCE} letters, digits and `-/._`, with a digit among them");
    Err(Invalid::new("reference", why))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_the_same_wherever_it_is_written() {
        let written = |value: serde_json::Value| value.as_str().unwrap().to_owned();
        assert!(A::ALL.iter().all(|a| written(serde_json::to_value(a).unwrap()) == a.code()));
        assert!(S::ALL.iter().all(|s| written(serde_json::to_value(s).unwrap()) == s.code()));
    }

    #[test]
    fn what_was_given_up_or_paid_back_goes_nowhere_and_every_state_is_reached() {
        for end in [S::Withdrawn, S::Refused, S::Repaid] {
            assert!(A::ALL.iter().all(|act| end.after(*act).is_none()), "{end}");
        }
        for state in S::ALL.iter().filter(|s| **s != S::Draft && **s != S::Checked) {
            assert!(TABLE.iter().any(|(.., to)| to == state), "{state}");
        }
        // Money comes only after approval, a file and a submission, one after the other.
        for (act, from) in [(A::Pay, S::Submitted), (A::Submit, S::InBatch), (A::PutInBatch, S::Approved), (A::Approve, S::Checked)] {
            let possible: Vec<_> = S::ALL.iter().filter(|s| s.after(act).is_some()).collect();
            assert_eq!(possible, [&from], "{act}");
        }
        assert_eq!(S::Paid.after(A::Withdraw), None, "what was paid is paid back");
        assert_eq!(S::InBatch.after(A::Withdraw), None, "the file would be another");
    }

    #[test]
    fn a_sample_is_drawn_alike_each_time_and_is_as_large_as_it_says() {
        let authority = "E06000023".parse().unwrap();
        let draw = |claim: i64, stage: &str| drawn(&authority, claim, Digest::of(&claim.to_be_bytes()), stage);
        assert_eq!(draw(7, "team check"), draw(7, "team check"));
        for share in [1, 10, 50, 100] {
            let looked_at = (0..20_000).filter(|claim| is_looked_at(draw(*claim, "team check"), share)).count();
            let expected = 200 * usize::from(share);
            assert!(looked_at.abs_diff(expected) <= expected / 10 + 20, "{share} of a hundred: {looked_at} of 20,000");
        }
        let both = (0..20_000).filter(|c| is_looked_at(draw(*c, "one"), 10) && is_looked_at(draw(*c, "two"), 10)).count();
        assert!((120..=280).contains(&both), "stages draw each by itself: {both}");
    }

    #[test]
    fn what_an_act_needs_is_named() {
        let said =
            SaidOfClaim { amount: Some(80_000), on: "2026-09-30".parse().ok(), reference: Some("MHCLG-17".into()), ..Default::default() };
        said.check(A::Pay).unwrap();
        for (act, said, field) in [
            (A::Pay, SaidOfClaim { amount: None, ..said.clone() }, "amount_pence"),
            (A::Pay, SaidOfClaim { amount: Some(0), ..said.clone() }, "amount_pence"),
            (A::Pay, SaidOfClaim { on: None, ..said.clone() }, "on"),
            (A::Pay, SaidOfClaim { reference: Some("for Ann Bell".into()), ..said.clone() }, "reference"),
            (A::Pay, SaidOfClaim { reference: Some("Bell".into()), ..said.clone() }, "reference"),
            (A::Repay, said.clone(), "reason"),
            (A::Approve, said.clone(), "amount_pence"),
            (A::Pass, SaidOfClaim::default(), "stage"),
            (A::SendBack, SaidOfClaim { stage: Some("team check".into()), ..Default::default() }, "reason"),
            (A::Withdraw, SaidOfClaim { reason: Some(" ".into()), ..Default::default() }, "reason"),
        ] {
            assert_eq!(said.check(act).unwrap_err().field, field, "{act}");
        }
    }

    #[test]
    fn rules_that_nobody_could_keep_are_refused() {
        let stage = AuditStage { name: "team check".into(), roles: vec!["manager".into()], share: 10, another_person: false };
        let rules = |stages: Vec<AuditStage>| ClaimRules { stages, ..ClaimRules::default() };
        let check = |rules: &ClaimRules| {
            let known = |role: &str, _| if role == "pirate" { Err(Invalid::new("", "is no role")) } else { Ok(()) };
            rules.check(known).map_err(|e| e.field)
        };
        check(&rules(vec![stage.clone()])).unwrap();
        let with = |change: fn(&mut AuditStage)| {
            let mut stage = stage.clone();
            change(&mut stage);
            check(&rules(vec![stage])).unwrap_err()
        };
        assert_eq!(with(|s| s.share = 0), "stages[0].share");
        assert_eq!(with(|s| s.share = 101), "stages[0].share");
        assert_eq!(with(|s| s.name = String::new()), "stages[0].name");
        assert_eq!(with(|s| s.name = "approval".into()), "stages[0].name");
        assert_eq!(with(|s| s.roles.clear()), "stages[0].roles");
        assert_eq!(with(|s| s.roles = vec!["pirate".into()]), "stages[0].roles[0]");
        assert_eq!(check(&rules(vec![stage.clone(), stage.clone()])).unwrap_err(), "stages[1].name");
        assert_eq!(check(&rules(vec![stage.clone(); 11])).unwrap_err(), "stages");
    }
}
