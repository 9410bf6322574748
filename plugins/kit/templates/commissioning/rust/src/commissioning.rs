//! Is a contract within the council's rules, and who could help a family?

use std::cmp::Reverse;

use crate::exports::hearth::commissioning::buying::Guest;
use crate::hearth::commissioning::{buying_results, contract, request};
use crate::hearth::decision::messages::Failure;
use crate::hearth::platform::{directory, run};
use crate::manifest::{Settings, asked, read, reason, say, setting};
use crate::{Plugin, tell_panics};

impl Guest for Plugin {
    /// Code list shortlists.
    fn shortlist() -> Result<String, Failure> {
        tell_panics();
        let offers = directory::offers(&[request::current()?.kind], run::as_of())?;
        let services: Vec<_> = offers.iter().map(|offer| offer.service).collect();
        let places = directory::places(&services)?;
        // Of which nothing is recorded, nothing is free.
        let recorded = services.into_iter().zip(places).filter_map(|(service, place)| Some((service, place?)));
        let free = recorded.map(|(service, place)| (service, place.capacity.map_or(u32::MAX, |most| most.saturating_sub(place.taken))));
        let mut free: Vec<_> = free.filter(|(_, number)| *number > 0).collect();
        free.sort_by_key(|(service, number)| (Reverse(*number), *service));
        for (place, &(service, number)) in (1..).zip(&free) {
            let says = if number == u32::MAX { say::no_limit(service) } else { say::free(service, number) };
            buying_results::suggest(service, place, &[reason(says, read("directory"))]);
        }
        Ok(if free.is_empty() { "nobody" } else { "suggested" }.into())
    }

    /// Code list contract-checks.
    fn check_contract() -> Result<String, Failure> {
        tell_panics();
        let below = Settings::read().families_below;
        // How many it may help was not agreed, so nobody can say that they are few enough.
        let Some(families) = contract::current()?.most_families else {
            buying_results::rule("families", "not-enough-evidence", &[reason(say::families_not_agreed(), asked())]);
            return Ok("not-enough-evidence".into());
        };
        let (standing, answer) = if families < below { ("met", "within-rules") } else { ("not-met", "breaks-rules") };
        let rests_on = [asked(), setting("families-below")].concat();
        buying_results::rule("families", standing, &[reason(say::families(families, below), rests_on)]);
        Ok(answer.into())
    }

    /// Code list payments.
    fn payment() -> Result<String, Failure> {
        Ok("not-enough-evidence".into())
    }

    /// Code list reviews.
    fn review() -> Result<String, Failure> {
        Ok("not-enough-evidence".into())
    }
}
