//! Which partner's post could help the family, the best first.

use crate::cases::{self, Case};
use crate::hearth::actions::tasks;
use crate::hearth::commissioning::{buying_results, request};
use crate::hearth::decision::messages::{Arg, Basis, Failure, Reason};
use crate::hearth::platform::calendar;
use crate::hearth::platform::directory::{self, Offer, Place};
use crate::reach::{self, Fit};
use crate::{Asked, say};

/// A post that may be suggested.
struct Post {
    offer: Offer,
    fit: Fit,
    waiting_days: u32,
    reasons: Vec<Reason>,
}

/// Code list shortlists.
pub fn answer(asked: &Asked) -> Result<&'static str, Failure> {
    let kind = request::current()?.kind;
    let cases = cases::in_force(asked.on)?;
    let offers = directory::offers(std::slice::from_ref(&kind), asked.on)?;
    let services: Vec<_> = offers.iter().map(|offer| offer.service).collect();
    let places = directory::places(&services)?;
    let mut posts: Vec<_> = offers.into_iter().zip(places).filter_map(|(offer, place)| post(asked, &cases, offer, place)).collect();
    posts.sort_by_key(|post| (post.fit, post.waiting_days, post.offer.service));
    for (place, post) in (1..).zip(&posts) {
        buying_results::suggest(post.offer.service, place, &post.reasons);
    }
    if posts.is_empty() {
        let due = calendar::add_working_days(asked.on, asked.settings.task_working_days);
        tasks::propose("find-post", "commissioner", &say::message("find-post", &[("kind", say::code(&kind))]), due);
        return Ok("nobody");
    }
    Ok("suggested")
}

/// None where the partner has no business case, does not reach the family, or its posts are taken.
fn post(asked: &Asked, cases: &[Case], offer: Offer, place: Option<Place>) -> Option<Post> {
    let partner = offer.organisation_kind.as_str();
    cases.iter().find(|case| case.is_of(partner))?;
    let (fit, because) = reach::of(asked, partner)?;
    let (fit, room) = match &place {
        Some(Place { capacity: Some(capacity), taken, .. }) if taken >= capacity => return None,
        Some(Place { capacity: Some(capacity), taken, .. }) => {
            (fit, say::message("places-free", &[("free", Arg::Count((capacity - taken).into()))]))
        }
        Some(_) => (fit, say::message("no-limit", &[])),
        None => (Fit::Perhaps, say::message("places-not-recorded", &[])),
    };
    let waiting_days = place.and_then(|place| place.waiting_days).unwrap_or(u32::MAX);
    let args = [("service", Arg::Service(offer.service)), ("partner", say::code(partner))];
    let mut reasons = vec![say::reason("offered-by", &args, vec![Basis::Asked, say::directory()])];
    reasons.extend(because);
    reasons.push(Reason { message: room, rests_on: vec![say::directory()] });
    Some(Post { offer, fit, waiting_days, reasons })
}
