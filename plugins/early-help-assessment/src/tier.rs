//! The tier of help that the assessment suggests (002:L668-L709): by how many different needs were found, and by whether a
//! child is under a child protection plan. Where the line lies each authority says itself.

use crate::areas::LISTED;
use crate::hearth::assessment::results;
use crate::hearth::decision::messages::{Arg, Basis, Reason};
use crate::needs::Needs;
use crate::record::{Known, Record};
use crate::scores::Scores;
use crate::settings::{NotKnown, Settings};
use crate::{Asked, say};

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Tier {
    /// A lead worker of one service (002:L704-L709).
    SuperLight,
    /// Several agencies under one plan (002:L692-L702).
    Light,
    /// A family worker with few families (002:L680-L691).
    Intensive,
}

impl Tier {
    /// A name of the sort `tier`.
    pub const fn id(self) -> &'static str {
        match self {
            Self::SuperLight => "super-light",
            Self::Light => "light",
            Self::Intensive => "intensive",
        }
    }
}

/// What decides the tier.
struct Signs {
    /// How many different needs there are, whosever they are.
    needs: usize,
    plan: bool,
}

impl Signs {
    /// None for a family without a need.
    fn tier(&self, settings: &Settings) -> Option<Tier> {
        match self.needs {
            _ if self.plan && settings.plan_is_intensive => Some(Tier::Intensive),
            n if n >= settings.intensive_needs => Some(Tier::Intensive),
            n if n >= settings.light_needs => Some(Tier::Light),
            0 => None,
            _ => Some(Tier::SuperLight),
        }
    }
}

/// The tier by what is known, and the one that it could be for all that is not.
pub struct Suggestion {
    pub least: Option<Tier>,
    pub most: Option<Tier>,
    not_known: NotKnown,
    /// A family whose help ends needs no tier.
    closing: bool,
}

impl Suggestion {
    pub fn of(asked: &Asked, record: &Record, scores: &Scores, needs: &Needs) -> Self {
        let found = needs.different();
        let mut possible = found.clone();
        possible.extend(scores.not_known.iter().map(|area| area.need));
        if asked.answers.get("problems", None).is_none_or(|answer| answer.value.is_none()) {
            possible.extend(LISTED.iter().map(|(_, need)| *need));
        }
        let plan = record.plans().next().is_some();
        let sure = Signs { needs: found.len(), plan };
        let feared = Signs { needs: possible.len(), plan: plan || record.plans_known() == Known::InPart };
        Self {
            least: sure.tier(&asked.settings),
            most: feared.tier(&asked.settings),
            not_known: asked.settings.not_known,
            closing: asked.answers.is_closing(),
        }
    }

    /// The tier, if it is sure enough to be suggested.
    pub fn tier(&self) -> Option<Tier> {
        self.least.filter(|_| !self.closing && !self.is_held_back())
    }

    /// Is something not known that could raise the tier, and does that matter here?
    pub fn is_held_back(&self) -> bool {
        !self.closing && self.not_known == NotKnown::HoldBack && self.most > self.least
    }

    pub fn report(&self, asked: &Asked, needs: &Needs, record: &Record) {
        let Some(tier) = self.tier() else { return };
        let plan = record.plans().next().filter(|_| asked.settings.plan_is_intensive);
        let by_plan = plan.map(|plan| {
            say::reason(
                "tier-by-plan",
                &[("child", Arg::Person(plan.person))],
                vec![Basis::Fact(plan.fact), say::setting("plan-is-intensive")],
            )
        });
        let could_be = self
            .most
            .filter(|most| *most > tier)
            .map(|most| say::reason("tier-could-be", &[("tier", say::named(most.id()))], vec![say::setting("not-known")]));
        let reasons: Vec<_> = by_plan.into_iter().chain([says_needs(needs)]).chain(could_be).collect();
        results::tier(tier.id(), &reasons);
    }
}

fn says_needs(needs: &Needs) -> Reason {
    let reported = needs.0.iter().map(|found| Basis::Reported(found.number));
    let rests_on = reported.chain(["light-needs", "intensive-needs"].map(say::setting)).collect();
    say::reason("tier-by-needs", &[("needs", say::count(needs.different().len()))], rests_on)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::tests::with;
    use serde_json::json;

    #[test]
    fn each_tier_begins_at_its_number_of_needs() {
        let settings = with(json!({"light-needs": 2, "intensive-needs": 4}));
        let tier = |needs, plan| Signs { needs, plan }.tier(&settings);
        let by_needs: Vec<_> = (0..=5).map(|needs| tier(needs, false)).collect();
        use Tier::{Intensive, Light, SuperLight};
        assert_eq!(by_needs, [None, Some(SuperLight), Some(Light), Some(Light), Some(Intensive), Some(Intensive)]);
        assert_eq!(tier(0, true), Some(Intensive));
        assert_eq!(Signs { needs: 1, plan: true }.tier(&with(json!({"plan-is-intensive": false}))), Some(SuperLight));
    }

    #[test]
    fn what_is_not_known_holds_a_tier_back_only_where_it_could_raise_it() {
        let suggestion = |least, most, not_known, closing| Suggestion { least, most, not_known, closing };
        use NotKnown::{HoldBack, LeaveOut};
        let (light, intensive) = (Some(Tier::Light), Some(Tier::Intensive));
        assert_eq!(suggestion(light, light, HoldBack, false).tier(), light);
        assert_eq!(suggestion(light, intensive, HoldBack, false).tier(), None);
        assert_eq!(suggestion(light, intensive, LeaveOut, false).tier(), light);
        assert_eq!(suggestion(light, light, HoldBack, true).tier(), None);
        assert!(suggestion(None, light, HoldBack, false).is_held_back());
        assert!(!suggestion(None, light, HoldBack, true).is_held_back());
    }
}
