//! Where does a referral go, and who takes the family?

use crate::exports::hearth::pathway::steps::Guest;
use crate::hearth::decision::messages::{Failure, Reason};
use crate::hearth::pathway::{caseload, referral, routing};
use crate::manifest::{Settings, asked, reason, say, setting};
use crate::{Plugin, tell_panics};

const ABUSE: [&str; 2] = ["domestic-abuse", "abuse-and-exploitation"];

impl Guest for Plugin {
    /// Code list triages.
    fn triage() -> Result<String, Failure> {
        tell_panics();
        let (urgent, problems, enough) = (referral::current()?.urgent, referral::problems()?, Settings::read().support_from);
        let abuse = problems.iter().filter(|problem| ABUSE.contains(&problem.as_str()));
        let named: Vec<Reason> = abuse.map(|problem| reason(say::abuse(problem), asked())).collect();
        let (route, priority, why) = if named.is_empty() {
            let route = if problems.len() >= enough as usize { "family-support" } else { "advice" };
            let rests_on = [asked(), setting("support-from")].concat();
            (route, "routine", vec![reason(say::problems(problems.len(), enough), rests_on)])
        } else {
            ("abuse-hub", "soon", named)
        };
        routing::route(route, &why);

        let (priority, marked) = if urgent { ("today", say::urgent()) } else { (priority, say::not_urgent()) };
        routing::priority(priority, &[reason(marked, asked())]);
        Ok(if route == "advice" { "signpost" } else { "accept" }.into())
    }

    /// Code list event-answers.
    fn on_event() -> Result<String, Failure> {
        Ok("nothing-to-do".into())
    }

    /// Code list allocations.
    fn allocate() -> Result<String, Failure> {
        tell_panics();
        let mut free = caseload::candidates()?;
        free.retain(|one| one.most.is_none_or(|most| one.families < most));
        free.sort_by_key(|one| (one.families, one.worker));
        for (place, one) in (1..).zip(&free) {
            routing::rank(one.worker, place, &[reason(say::holds(one.worker, one.families), asked())]);
        }
        Ok(if free.is_empty() { "nobody" } else { "ranked" }.into())
    }
}
