//! Release 0.9, as far as it is not today's. A component of an earlier major release is linked to today's functions, by the names that it has for
//! them; over these lie the functions below, whose arguments or answers were other ones. Types are compared by their shape, so that whatever did
//! not change needs nothing here.
//!
//! What such a plugin says is kept as it was kept then, so that its decisions replay byte for byte: hence `Reported::Rule`.

use wasmtime::StoreContextMut;
use wasmtime::component::{ComponentNamedList, ComponentType, Lift, LinkerInstance, Lower};

use super::bindings::hearth::actions::{assessment_requests, episodes};
use super::bindings::hearth::assessment::results;
use super::bindings::hearth::commissioning::{buying_results, contract};
use super::bindings::hearth::decision::{episode, messages};
use super::bindings::hearth::family::types::{Absence, Window};
use super::bindings::hearth::outcomes::findings;
use super::bindings::hearth::pathway::routing;
use super::run::Run;

/// A reason rested on an answer by its question alone, and on nothing that was not told.
#[derive(ComponentType, Lift)]
#[component(variant)]
enum Basis {
    #[component(name = "fact")]
    Fact(u32),
    #[component(name = "searched")]
    Searched(messages::Search),
    #[component(name = "reported")]
    Reported(u32),
    #[component(name = "setting")]
    Setting(String),
    #[component(name = "table")]
    Table(String),
    #[component(name = "answered")]
    Answered(String),
    #[component(name = "asked")]
    Asked,
}

#[derive(ComponentType, Lift)]
#[component(record)]
struct Reason {
    message: messages::Message,
    #[component(name = "rests-on")]
    rests_on: Vec<Basis>,
}

#[derive(ComponentType, Lift)]
#[component(record)]
struct Finding {
    criterion: String,
    person: Option<u32>,
    standing: String,
    window: Window,
    before: Option<i32>,
    now: Option<i32>,
    threshold: Option<i32>,
    reasons: Vec<Reason>,
    #[component(name = "look-again")]
    look_again: Option<i32>,
}

#[derive(ComponentType, Lower)]
#[component(record)]
struct Agreement {
    provider: u32,
    #[component(name = "organisation-kind")]
    organisation_kind: String,
    window: Window,
    paid: String,
    value: i64,
    families: Option<u32>,
}

impl From<Basis> for messages::Basis {
    fn from(basis: Basis) -> Self {
        match basis {
            Basis::Fact(fact) => Self::Fact(fact),
            Basis::Searched(search) => Self::Searched(search),
            Basis::Reported(number) => Self::Reported(number),
            Basis::Setting(name) => Self::Setting(name),
            Basis::Table(name) => Self::Table(name),
            Basis::Answered(question) => Self::Answered(messages::Cited { question, person: None, item: None, before: false }),
            Basis::Asked => Self::Asked,
        }
    }
}

impl From<Reason> for messages::Reason {
    fn from(reason: Reason) -> Self {
        Self { message: reason.message, rests_on: reason.rests_on.into_iter().map(Into::into).collect() }
    }
}

impl From<Finding> for findings::Finding {
    fn from(said: Finding) -> Self {
        Self {
            criterion: said.criterion,
            person: said.person,
            standing: said.standing,
            window: said.window,
            before: said.before,
            now: said.now,
            threshold: said.threshold,
            reasons: today(said.reasons),
            look_again: said.look_again,
        }
    }
}

impl From<contract::Agreement> for Agreement {
    fn from(terms: contract::Agreement) -> Self {
        let contract::Agreement { provider, organisation_kind, window, payment_terms, value, most_families } = terms;
        Self { provider, organisation_kind, window, paid: payment_terms, value, families: most_families }
    }
}

fn today(reasons: Vec<Reason>) -> Vec<messages::Reason> {
    reasons.into_iter().map(Into::into).collect()
}

/// An interface of release 0.9, in which today's functions are already.
struct There<'a, 'b>(&'a mut LinkerInstance<'b, Run>);

impl There<'_, '_> {
    fn has<A, R>(&mut self, name: &str, answer: impl Fn(&mut Run, A) -> anyhow::Result<R> + Send + Sync + 'static) -> wasmtime::Result<()>
    where
        A: ComponentNamedList + Lift + 'static,
        (R,): ComponentNamedList + Lower + 'static,
    {
        let call = move |mut store: StoreContextMut<'_, Run>, arguments: A| {
            answer(store.data_mut(), arguments).map(|answer| (answer,)).map_err(wasmtime::Error::from_anyhow)
        };
        self.0.func_wrap(name, call)
    }

    /// The same of a function that answers nothing.
    fn takes<A>(&mut self, name: &str, take: impl Fn(&mut Run, A) -> anyhow::Result<()> + Send + Sync + 'static) -> wasmtime::Result<()>
    where
        A: ComponentNamedList + Lift + 'static,
    {
        let call = move |mut store: StoreContextMut<'_, Run>, arguments: A| {
            take(store.data_mut(), arguments).map_err(wasmtime::Error::from_anyhow)
        };
        self.0.func_wrap(name, call)
    }
}

type Reasons = Vec<Reason>;

/// Lays over today's functions of an interface, named without a version, those that were otherwise.
pub(super) fn lay_over(interface: &str, there: &mut LinkerInstance<'_, Run>) -> wasmtime::Result<()> {
    let mut there = There(there);
    match interface {
        "hearth:outcomes/findings" => there.has("add", |run, (finding,): (Finding,)| findings::Host::add(run, finding.into())),
        "hearth:decision/episode" => there.has("standings", |run, (window,): (Window,)| episode::Host::phases(run, window)),
        "hearth:commissioning/contract" => {
            there.has("current", |run, ()| Ok(contract::Host::current(run)?.map(Agreement::from)))?;
            there.has("others", |run, (window,): (Window,)| {
                let others = contract::Host::others(run, window)?;
                Ok::<Result<Vec<Agreement>, Absence>, _>(others.map(|all| all.into_iter().map(Into::into).collect()))
            })
        }
        "hearth:commissioning/buying-results" => {
            there.has("suggest", |run, (service, place, why): (u32, u32, Reasons)| {
                buying_results::Host::suggest(run, service, place, today(why))
            })?;
            there.has("rule", |run, (criterion, kept, why): (String, bool, Reasons)| run.rule_kept(criterion, kept, today(why)))?;
            there.has("line", |run, (kind, family, amount, why): (String, Option<u32>, i64, Reasons)| {
                buying_results::Host::line(run, kind, family, amount, today(why))
            })?;
            there.has("review-again", |run, (on, why): (i32, Reasons)| buying_results::Host::review_again(run, on, today(why)))
        }
        "hearth:pathway/routing" => {
            there.has("level", |run, (level, why): (String, Reasons)| routing::Host::level(run, level, today(why)))?;
            there.has("route", |run, (route, why): (String, Reasons)| routing::Host::route(run, route, today(why)))?;
            there.has("priority", |run, (priority, why): (String, Reasons)| routing::Host::priority(run, priority, today(why)))?;
            there.has("rank", |run, (worker, place, why): (u32, u32, Reasons)| routing::Host::rank(run, worker, place, today(why)))
        }
        "hearth:assessment/results" => {
            type Score = (String, Option<u32>, i32, i32, i32, bool, Reasons);
            there.has("score", |run, (domain, person, value, least, most, better, why): Score| {
                results::Host::score(run, domain, person, value, least, most, better, today(why))
            })?;
            type Distance = (String, Option<u32>, i32, i32, i32, Reasons);
            there.has("distance", |run, (domain, person, before, now, since, why): Distance| {
                results::Host::distance(run, domain, person, before, now, since, today(why))
            })?;
            there.has("need", |run, (need, person, why): (String, Option<u32>, Reasons)| {
                results::Host::need(run, need, person, today(why))
            })?;
            there.has("tier", |run, (tier, why): (String, Reasons)| results::Host::tier(run, tier, today(why)))
        }
        "hearth:actions/episodes" => {
            there.takes("open", |run, (why,): (Reasons,)| episodes::Host::open(run, today(why)))?;
            there.takes("close", |run, (code, why): (String, Reasons)| episodes::Host::close(run, code, today(why)))?;
            there.takes("move-to", |run, (stage, why): (String, Reasons)| episodes::Host::move_to(run, stage, today(why)))?;
            there.takes("set-tier", |run, (tier, why): (String, Reasons)| episodes::Host::set_tier(run, tier, today(why)))
        }
        "hearth:actions/assessment-requests" => {
            type Request = (String, String, Option<u32>, i32, messages::Message);
            there.takes("ask-for", |run, (key, form, person, due, title): Request| {
                assessment_requests::Host::ask_for(run, key, form, person, title, due)
            })
        }
        _ => Ok(()),
    }
}
