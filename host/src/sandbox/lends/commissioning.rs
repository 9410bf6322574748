//! What a commissioning plugin is given, and what it reports.

use crate::sandbox::answer::{self, Reported};
use crate::sandbox::bindings::hearth::commissioning::{buying_results, contract, request};
use crate::sandbox::bindings::hearth::decision::messages::Reason;
use crate::sandbox::bindings::hearth::family::types as wit;
use crate::sandbox::fault::nonsense;
use crate::sandbox::lends::findings::pounds;
use crate::sandbox::lends::pathway::in_order;
use crate::sandbox::limits::LARGEST_CLAIM;
use crate::sandbox::matter::{self, Agreement, Matter};
use crate::sandbox::question::ExtensionPoint::Commissioning;
use crate::sandbox::run::{Run, absence, code, day, undeclared, window, wit_window};

impl request::Host for Run {
    fn current(&mut self) -> anyhow::Result<Result<request::Wanted, wit::Absence>> {
        self.count_call()?;
        Ok(self.help().map(|h| request::Wanted { kind: h.kind.clone(), person: h.person, by: h.by.map(|d| d.number()) }))
    }

    fn problems(&mut self) -> anyhow::Result<Result<Vec<String>, wit::Absence>> {
        self.count_call()?;
        Ok(self.help().map(|h| in_order("problems", &h.problems)))
    }
}

impl contract::Host for Run {
    fn current(&mut self) -> anyhow::Result<Result<contract::Agreement, wit::Absence>> {
        self.count_call()?;
        Ok(self.contract().map(|c| agreement(self.provider(), &c.terms)))
    }

    fn families(&mut self) -> anyhow::Result<Result<Vec<contract::Helped>, wit::Absence>> {
        let helped = |c: &matter::Contract| {
            let row = |(family, h): (u32, &matter::Helped)| contract::Helped {
                family,
                engaged: h.engaged.number(),
                ended: h.ended.map(|d| d.number()),
                outcome: h.outcome.clone(),
                entitled_on: h.entitled_on.map(|d| d.number()),
            };
            (0..).zip(&c.families).map(row).collect()
        };
        self.of_contract(helped)
    }

    fn payments(&mut self) -> anyhow::Result<Result<Vec<contract::PaidLine>, wit::Absence>> {
        let line =
            |p: &matter::Paid| contract::PaidLine { kind: p.kind.clone(), family: p.family, amount: p.amount_pence, on: p.on.number() };
        self.of_contract(|c| c.payments.iter().map(line).collect())
    }

    fn sessions(&mut self, asked: wit::Window) -> anyhow::Result<Result<Vec<contract::Appointments>, wit::Absence>> {
        let asked = window(asked)?;
        let row = |s: &matter::Appointments| contract::Appointments {
            family: s.family,
            window: wit_window(s.window),
            offered: s.offered,
            kept: s.kept,
        };
        self.of_contract(|c| c.sessions.iter().filter(|s| s.window.overlaps(&asked)).map(row).collect())
    }

    fn reviews(&mut self) -> anyhow::Result<Result<Vec<contract::Reviewed>, wit::Absence>> {
        let row = |r: &matter::Reviewed| contract::Reviewed { on: r.on.number(), came_to: r.came_to.clone() };
        self.of_contract(|c| c.reviews.iter().map(row).collect())
    }

    fn others(&mut self, asked: wit::Window) -> anyhow::Result<Result<Vec<contract::Agreement>, wit::Absence>> {
        let (asked, provider) = (window(asked)?, self.provider());
        self.of_contract(|c| c.others.iter().filter(|o| o.window.overlaps(&asked)).map(|o| agreement(provider, o)).collect())
    }
}

fn agreement(provider: u32, terms: &Agreement) -> contract::Agreement {
    contract::Agreement {
        provider,
        organisation_kind: terms.organisation_kind.clone(),
        window: wit_window(terms.window),
        payment_terms: terms.paid.clone(),
        value: terms.value_pence,
        most_families: terms.families,
    }
}

impl buying_results::Host for Run {
    fn suggest(&mut self, service: u32, place: u32, reasons: Vec<Reason>) -> anyhow::Result<u32> {
        self.count_call()?;
        let service = self.known_service(service)?;
        if place == 0 {
            return nonsense("a place of 0: the best is 1");
        }
        self.once(
            "one service or one place",
            |r| matches!(r, Reported::Suggest { service: s, place: p, .. } if *s == service || *p == place),
        )?;
        let reasons = self.reasons("the suggestion", reasons)?;
        self.report(Commissioning, Reported::Suggest { service, place, reasons })
    }

    fn rule(&mut self, criterion: String, standing: String, reasons: Vec<Reason>) -> anyhow::Result<u32> {
        self.count_call()?;
        let standing = code("standing", "standings", standing)?;
        let (criterion, reasons) = self.rule_once(criterion, reasons)?;
        self.report(Commissioning, Reported::Judged { criterion, standing, reasons })
    }

    fn line(&mut self, kind: String, family: Option<u32>, amount: i64, reasons: Vec<Reason>) -> anyhow::Result<u32> {
        self.count_call()?;
        let kind = code("kind", "payment-kinds", kind)?;
        let known = self.contract().map(|c| c.families.len()).unwrap_or_default();
        if let Some(family) = family.filter(|f| *f as usize >= known) {
            return nonsense(format!("a payment line for family {family}, which is not helped under the contract"));
        }
        let least = if kind == "correction" { -LARGEST_CLAIM } else { 1 };
        if amount == 0 || !(least..=LARGEST_CLAIM).contains(&amount) {
            return nonsense(format!(
                "a payment line of {} (more than nothing, but for a correction, and at most £{})",
                pounds(amount),
                LARGEST_CLAIM / 100
            ));
        }
        self.once(
            "one kind of payment and family",
            |r| matches!(r, Reported::Line { kind: k, family: f, .. } if (k, *f) == (&kind, family)),
        )?;
        let reasons = self.reasons("the payment line", reasons)?;
        self.report(Commissioning, Reported::Line { kind, family, amount_pence: amount, reasons })
    }

    fn review_again(&mut self, on: i32, reasons: Vec<Reason>) -> anyhow::Result<u32> {
        self.count_call()?;
        let on = day(on)?;
        if on <= self.given.context.as_of {
            return nonsense(format!("the next review on {on}, which is not after the as-of date"));
        }
        self.once("a next review", |r| matches!(r, Reported::ReviewAgain { .. }))?;
        let reasons = self.reasons("the next review", reasons)?;
        self.report(Commissioning, Reported::ReviewAgain { on, reasons })
    }
}

impl Run {
    /// As plugins of release 0.9 say it.
    pub(in crate::sandbox) fn rule_kept(&mut self, criterion: String, kept: bool, reasons: Vec<Reason>) -> anyhow::Result<u32> {
        self.count_call()?;
        let (criterion, reasons) = self.rule_once(criterion, reasons)?;
        self.report(Commissioning, Reported::Rule { criterion, kept, reasons })
    }

    fn rule_once(&mut self, criterion: String, reasons: Vec<Reason>) -> anyhow::Result<(String, Vec<answer::Reason>)> {
        if !self.vocabulary.criteria.contains_key(&criterion) {
            return undeclared("criterion", &criterion, self.vocabulary.criteria.keys());
        }
        self.once(
            "one rule",
            |r| matches!(r, Reported::Rule { criterion: c, .. } | Reported::Judged { criterion: c, .. } if *c == criterion),
        )?;
        let reasons = self.reasons(&format!("the rule `{criterion}`"), reasons)?;
        Ok((criterion, reasons))
    }

    /// The provider's handle: the directory's for the same organisation, or the one after all of the directory's. Before 1.0 it was 0, whoever
    /// stood in the directory: what was asked then is asked again so.
    fn provider(&self) -> u32 {
        let context = &self.given.context;
        if context.interface.starts_with("0.") {
            return 0;
        }
        let provider = self.contract().ok().and_then(|c| c.provider.as_ref());
        let listed = context.directory.iter().find(|s| provider.is_some() && s.organisation_id.as_ref() == provider);
        let after_all = || context.directory.iter().map(|s| s.organisation + 1).max().unwrap_or_default();
        listed.map_or_else(after_all, |s| s.organisation)
    }

    fn help(&self) -> Result<&matter::Help, wit::Absence> {
        match &*self.given.matter {
            Matter::Help(help) => Ok(help),
            _ => Err(absence("not-asked-about")),
        }
    }

    fn contract(&self) -> Result<&matter::Contract, wit::Absence> {
        match &*self.given.matter {
            Matter::Contract(contract) => Ok(contract),
            _ => Err(absence("not-asked-about")),
        }
    }

    fn of_contract<T>(&mut self, of: impl Fn(&matter::Contract) -> Vec<T>) -> anyhow::Result<Result<Vec<T>, wit::Absence>> {
        self.count_call()?;
        let found = self.contract().map(of);
        self.count_rows(found.as_ref().map(Vec::len).unwrap_or_default())?;
        Ok(found)
    }

    pub(super) fn known_organisation(&self, organisation: u32) -> anyhow::Result<u32> {
        let provider = self.contract().is_ok() && organisation == self.provider();
        let listed = self.given.context.directory.iter().any(|s| s.organisation == organisation);
        if provider || listed { Ok(organisation) } else { nonsense(format!("organisation {organisation} was never given to this run")) }
    }
}
