//! Does the contract go on? Every quarter (001:L568): are the posts in use, do their families reach results, do those pay for them?

use hearth_kit::share::is_at_least;

use crate::cases::{self, Case};
use crate::hearth::commissioning::buying_results;
use crate::hearth::commissioning::contract::{self, Agreement, Helped, Reviewed};
use crate::hearth::decision::messages::{Arg, Basis, Failure};
use crate::hearth::platform::calendar;
use crate::money::Earned;
use crate::report::Rules;
use crate::{Asked, months_after, refusal, say, terms};

/// Code list reviews.
pub fn answer(asked: &Asked) -> Result<&'static str, Failure> {
    let terms = contract::current()?;
    let (partner, first) = (&terms.organisation_kind, terms.window.first);
    if asked.on < first {
        return Err(refusal("not-enough-evidence", say::message("nothing-to-review", &[("first", Arg::Day(first))])));
    }
    let case =
        cases::of(partner, cases::in_force(first)?).ok_or_else(|| refusal("not-enough-evidence", cases::says_none(partner, first)))?;
    let (families, mut rules) = (contract::families()?, Rules::default());
    posts_in_use(asked, &terms, &case, &families, &mut rules);
    results_reached(asked, &families, &mut rules);
    if !case.partner_pays {
        results_cover_posts(asked, &terms, &case, &families, &mut rules)?;
    }
    let came_to = came_to(&rules, improvements_asked(asked, &contract::reviews()?), asked.settings.improvements_in_a_row);
    if came_to != "end" {
        review_again(asked, &terms);
    }
    Ok(came_to)
}

/// So many families for each post (004:L510-L512); fewer are nobody's fault while a post begins.
fn posts_in_use(asked: &Asked, terms: &Agreement, case: &Case, families: &[Helped], rules: &mut Rules) {
    let settings = &asked.settings;
    let helped = families.iter().filter(|helped| helped.engaged <= asked.on && helped.ended.is_none_or(|ended| ended >= asked.on)).count();
    let settled = months_after(terms.window.first, settings.settle_months) <= asked.on;
    let least = if settled { case.posts * settings.least_families } else { 0 };
    let most = case.posts * settings.most_families;
    let kept = (least as usize..=most as usize).contains(&helped);
    let args = [("families", say::count(helped)), ("least", Arg::Count(least.into())), ("most", Arg::Count(most.into()))];
    let settings = ["least-families", "most-families", "settle-months"].map(say::setting);
    let rests_on = [Basis::Asked, say::table(cases::TABLE)].into_iter().chain(settings).collect();
    rules.tell("posts-in-use", kept, say::reason("posts-in-use", &args, rests_on));
}

/// Of the families that were helped long enough. As long as there are none, nothing is held against anyone.
fn results_reached(asked: &Asked, families: &[Helped], rules: &mut Rules) {
    let settings = &asked.settings;
    let ripe: Vec<_> = families.iter().filter(|helped| months_after(helped.engaged, settings.outcome_months) <= asked.on).collect();
    if ripe.is_empty() {
        return;
    }
    let undated = ripe.iter().filter(|helped| terms::is_undated(helped)).count();
    if undated > 0 {
        rules.cannot_tell("results-dated", say::reason("results-undated", &[("families", say::count(undated))], say::asked()));
    }
    let reached = ripe.iter().filter(|helped| terms::result_on(asked, helped).is_some()).count();
    let (number, of) = (reached.try_into().unwrap_or(u32::MAX), ripe.len().try_into().unwrap_or(u32::MAX));
    let args = [
        ("reached", say::count(reached)),
        ("families", say::count(ripe.len())),
        ("months", Arg::Count(settings.outcome_months.into())),
        ("asked", Arg::Count(settings.outcome_percent.into())),
    ];
    let rests_on = vec![Basis::Asked, say::setting("outcome-months"), say::setting("outcome-percent")];
    rules.tell("results-reached", is_at_least(number, of, settings.outcome_percent), say::reason("reached", &args, rests_on));
}

/// The posts are paid of results (002:L1697-L1699): after a while enough has to come in for them.
fn results_cover_posts(asked: &Asked, terms: &Agreement, case: &Case, families: &[Helped], rules: &mut Rules) -> Result<(), Failure> {
    if months_after(terms.window.first, asked.settings.outcome_months) > asked.on {
        return Ok(());
    }
    let earned = Earned::by(asked, families)?;
    let cost = case.cost(terms::months_over(terms, asked.on));
    let percent = asked.settings.cover_percent;
    let args = [("earned", Arg::Pence(earned.amount)), ("cost", Arg::Pence(cost)), ("asked", Arg::Count(percent))];
    let rests_on = vec![Basis::Asked, say::table(cases::TABLE), say::setting("cover-percent"), say::setting("reinvested")];
    rules.tell("results-cover-posts", earned.amount * 100 >= cost * percent, say::reason("cover", &args, rests_on));
    Ok(())
}

/// How many reviews in a row, up to the last before today, came to `improve`. One without evidence neither counts nor breaks the row.
fn improvements_asked(asked: &Asked, reviews: &[Reviewed]) -> usize {
    let earlier = reviews.iter().rev().filter(|review| review.on < asked.on && review.came_to != "not-enough-evidence");
    earlier.take_while(|review| review.came_to == "improve").count()
}

fn came_to(rules: &Rules, improvements: usize, in_a_row: usize) -> &'static str {
    if rules.is_any_open() {
        "not-enough-evidence"
    } else if !rules.is_any_broken() {
        "continue"
    } else if improvements + 1 >= in_a_row {
        "end"
    } else {
        "improve"
    }
}

/// On a working day, and not after the contract's last.
fn review_again(asked: &Asked, terms: &Agreement) {
    let months = asked.settings.review_months;
    let on = calendar::add_working_days(months_after(asked.on, months), 0);
    if terms.window.last.is_none_or(|last| on <= last) {
        let rests_on = vec![Basis::Asked, say::setting("review-months")];
        buying_results::review_again(on, &[say::reason("review-again", &[("months", Arg::Count(months.into()))], rests_on)]);
    }
}
