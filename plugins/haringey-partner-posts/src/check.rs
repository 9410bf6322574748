//! Is the contract within the rules? A partner's business case is what it is measured by.

use crate::cases::{self, Case};
use crate::hearth::commissioning::contract::{self, Agreement};
use crate::hearth::decision::messages::{Arg, Basis, Failure, Reason};
use crate::report::Rules;
use crate::{Asked, say, terms};

/// Code list contract-checks.
pub fn answer(asked: &Asked) -> Result<&'static str, Failure> {
    let (terms, mut rules) = (contract::current()?, Rules::default());
    if let Some(case) = business_case(&terms, &mut rules) {
        says_how(&case, &mut rules);
        paid_as_agreed(&terms, &case, &mut rules);
        families_fit(asked, &terms, &case, &mut rules);
    }
    Ok(if rules.is_any_broken() {
        "breaks-rules"
    } else if rules.is_any_open() {
        "not-enough-evidence"
    } else {
        "within-rules"
    })
}

/// No post without a business case (002:L1697-L1699).
fn business_case(terms: &Agreement, rules: &mut Rules) -> Option<Case> {
    let (partner, on) = (&terms.organisation_kind, terms.window.first);
    let Ok(in_force) = cases::in_force(on) else {
        rules.cannot_tell("business-case", say::reason("cases-not-supplied", &[], say::asked()));
        return None;
    };
    let case = cases::of(partner, in_force);
    let message = match &case {
        Some(case) => {
            let args = [("partner", say::code(partner)), ("posts", Arg::Count(case.posts.into())), ("cost", Arg::Pence(case.cost(12)))];
            say::message("case", &args)
        }
        None => cases::says_none(partner, on),
    };
    rules.tell("business-case", case.is_some(), Reason { message, rests_on: by_case() });
    case
}

fn says_how(case: &Case, rules: &mut Rules) {
    for (criterion, kept, yes, no) in [
        ("lead-professional", case.lead_professional, "says-lead-professional", "no-lead-professional"),
        ("whole-family", case.whole_family, "says-whole-family", "no-whole-family"),
    ] {
        rules.tell(criterion, kept, say::reason(if kept { yes } else { no }, &[], by_case()));
    }
}

/// A partner that pays for its posts is paid nothing (002:L1669); otherwise they are paid of results, and no more than they cost.
fn paid_as_agreed(terms: &Agreement, case: &Case, rules: &mut Rules) {
    let value = ("value", Arg::Pence(terms.value));
    if case.partner_pays {
        rules.tell("partner-pays", terms.value == 0, say::reason("partner-pays", &[value], by_case()));
        return;
    }
    let paid = [("paid", say::code(&terms.payment_terms))];
    rules.tell("paid-of-results", terms.payment_terms == "by-result", say::reason("paid-of-results", &paid, say::asked()));
    let cost = case.cost(terms::months_over(terms, terms::last_day(terms)));
    rules.tell("within-cost", terms.value <= cost, say::reason("within-cost", &[value, ("cost", Arg::Pence(cost))], by_case()));
}

/// As many families as the posts can help (004:L510-L512).
fn families_fit(asked: &Asked, terms: &Agreement, case: &Case, rules: &mut Rules) {
    let Some(families) = terms.most_families else {
        rules.cannot_tell("families-fit", say::reason("families-not-stated", &[], say::asked()));
        return;
    };
    let most = case.posts * asked.settings.most_families;
    let args = [("families", Arg::Count(families.into())), ("posts", Arg::Count(case.posts.into())), ("most", Arg::Count(most.into()))];
    let mut rests_on = by_case();
    rests_on.push(say::setting("most-families"));
    rules.tell("families-fit", families <= most, say::reason("families-fit", &args, rests_on));
}

fn by_case() -> Vec<Basis> {
    vec![Basis::Asked, say::table(cases::TABLE)]
}
