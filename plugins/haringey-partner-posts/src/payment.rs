//! What is due: the posts are paid of the results of their families as those come in, never beyond what the posts have cost.

use crate::cases::{self, Case};
use crate::hearth::commissioning::buying_results;
use crate::hearth::commissioning::contract::{self, Agreement};
use crate::hearth::decision::messages::{Arg, Basis, Failure, Reason};
use crate::hearth::family::types::Pence;
use crate::money::Earned;
use crate::report::Rules;
use crate::{Asked, refusal, say, terms};

/// Code list payments.
pub fn answer(asked: &Asked) -> Result<&'static str, Failure> {
    let terms = contract::current()?;
    let (partner, on) = (&terms.organisation_kind, terms.window.first);
    let case = cases::of(partner, cases::in_force(on)?).ok_or_else(|| refusal("not-enough-evidence", cases::says_none(partner, on)))?;
    let paid: Pence = contract::payments()?.iter().map(|line| line.amount).sum();
    if case.partner_pays {
        let reason = say::reason("partner-pays", &[("value", Arg::Pence(terms.value))], vec![Basis::Asked, say::table(cases::TABLE)]);
        return Ok(settle(-paid, vec![reason, says_paid(paid)]));
    }
    of_results(asked, &terms, &case, paid)
}

fn of_results(asked: &Asked, terms: &Agreement, case: &Case, paid: Pence) -> Result<&'static str, Failure> {
    let families = contract::families()?;
    let undated = families.iter().filter(|helped| terms::is_undated(helped)).count();
    if undated > 0 {
        let reason = say::reason("results-undated", &[("families", say::count(undated))], say::asked());
        Rules::default().cannot_tell("results-dated", reason);
    }

    let earned = Earned::by(asked, &families)?;
    let months = terms::months_over(terms, asked.on);
    let cost = case.cost(months);
    let due = earned.amount.min(cost).min(terms.value) - paid;
    let mut reasons = vec![earned.says(), says_cost(case, months, cost)];
    if terms.value < earned.amount.min(cost) {
        reasons.push(say::reason("value-agreed", &[("value", Arg::Pence(terms.value))], say::asked()));
    }
    reasons.push(says_paid(paid));
    // A result without a day is not one that was withdrawn: nothing goes back for it.
    let due = if undated > 0 { due.max(0) } else { due };
    Ok(match settle(due, reasons) {
        "nothing-due" if undated > 0 => "not-enough-evidence",
        answer => answer,
    })
}

/// One line for the contract as a whole: what is due, or what comes back.
fn settle(due: Pence, reasons: Vec<Reason>) -> &'static str {
    if due == 0 {
        return "nothing-due";
    }
    let kind = if due > 0 { "result-share" } else { "correction" };
    buying_results::line(kind, None, due, &reasons);
    "due"
}

fn says_cost(case: &Case, months: i32, cost: Pence) -> Reason {
    let args = [("posts", Arg::Count(case.posts.into())), ("months", Arg::Count(months.into())), ("cost", Arg::Pence(cost))];
    say::reason("cost-so-far", &args, vec![Basis::Asked, say::table(cases::TABLE)])
}

fn says_paid(paid: Pence) -> Reason {
    say::reason("paid-so-far", &[("paid", Arg::Pence(paid))], say::asked())
}
