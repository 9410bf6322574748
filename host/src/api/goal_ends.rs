//! How goals of a plan end: met, perhaps with a raised target after it, or dropped.

use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::Body;
use super::caller::Council;
use super::documented::Writes;
use super::once::{Answer, Begun, Once};
use super::params::Id;
use super::plan::{Goal, NewGoal, TERMS, plan, set};
use super::problem::{Code, Problem};
use crate::access::Verb;
use crate::record::sections::support::Goal as GoalDetail;
use crate::record::{AuthorityId, Day, Detail, FactId, NewFact, Section, Window, fact};
use crate::store::{PlanGoal, Seen};

/// How a goal ended.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Ending {
    /// On which day, not to come. Today, if left out.
    #[serde(default)]
    on: Option<Day>,
    /// Of one that is dropped: why. 1 to 500 bytes; kept.
    #[serde(default)]
    reason: Option<String>,
    /// Of one that is met: the goal that comes after it, with a raised target. Of the same area and person.
    #[serde(default)]
    raised: Option<Raised>,
}

/// A target that is raised.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Raised {
    /// 1 to 200 bytes.
    target: String,
    /// As before, if left out.
    #[serde(default)]
    title: Option<String>,
    #[serde(default)]
    due: Option<Day>,
}

/// Meet or drop a goal
///
/// Met, or with a `reason` dropped. The goal stays in the plan as it was. With `raised` another begins on the day after, from where this one ended.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/plan-goals/{goal}/end", tag = "plan", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("goal" = FactId, Path, description = "The goal, as the plan names it"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    request_body(content = Ending, example = json!({ "on": "2026-09-28", "raised": { "target": "5", "due": "2026-12-18" } })),
    responses((status = 200, body = Ended, description = "Ended"), Writes),
)]
pub async fn end_goal(
    council: Council,
    Id(line): Id<FactId>,
    once: Once,
    Body { value: ending, digest }: Body<Ending>,
) -> Result<Response, Problem> {
    council.may(Verb::Assess)?;
    let fact = council.store.fact_of_line("goal", line).await?;
    let (Some(family), Detail::Goal(detail)) = (fact.subject.family, fact.detail.clone()) else {
        return Err(Problem::no_such("goal", line));
    };
    let opened = council.family_of(Verb::SeeFamilies, family, "goal", line).await?;
    let before = plan(&council, &opened).await?;
    let here = before.goals.iter().position(|g| g.goal == line).ok_or_else(|| Problem::no_such("goal", line))?;
    council.family(Verb::Assess, family).await?;
    council.showed(Seen::of(family, "goal", line, &[Section::Support]));
    let dropped = ending.reason.is_some();
    if let Some(reason) = &ending.reason {
        fact::text("reason", reason, 500)?;
    }
    if dropped && ending.raised.is_some() {
        return Err(Problem::invalid("raised", "is of a goal that is met, and this one is dropped"));
    }
    if let Some(raised) = &ending.raised {
        fact::text("raised.target", &raised.target, TERMS)?;
    }
    if detail.state != "set" {
        return Err(Problem::new(Code::Conflict, format!("the goal is {} already", detail.state)));
    }
    let said = council.store.plan_goal(line).await?;
    let mut tx = match once.begin(&council, digest, "ended a goal").await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    let on = ending.on.unwrap_or_else(|| tx.now().day());
    if on > tx.now().day() || on < fact.window.first {
        return Err(Problem::invalid("on", "is still to come, or before the goal began"));
    }
    let state = if dropped { "dropped" } else { "met" };
    let window = Window { first: fact.window.first, last: Some(on) };
    let ended = GoalDetail { state: state.to_owned(), ..detail.clone() };
    let (subject, source) = (fact.subject, council.as_source());
    let id = FactId::fresh();
    let new = NewFact { id, subject, window, source, reference: None, supersedes: Some(fact.id), detail: Detail::Goal(ended) };
    tx.add_facts(&[new]).await?;
    let terms = said.unwrap_or(PlanGoal {
        goal: line,
        place: here as u64,
        measured: None,
        begins_at: None,
        target: None,
        raised_from: None,
        ended_why: None,
    });
    tx.keep_plan_goal(&PlanGoal { ended_why: ending.reason, ..terms.clone() }).await?;
    let mut after = None;
    if let Some(raised) = ending.raised {
        let next = NewGoal {
            domain: detail.domain,
            person: fact.subject.person,
            title: raised.title.unwrap_or(detail.title),
            measured: terms.measured.clone(),
            begins_at: terms.target.clone(),
            target: Some(raised.target),
            due: raised.due,
            first: on.plus(1),
        };
        // Behind the one that it follows: of two in one place the earlier comes first.
        let place = usize::try_from(terms.place).unwrap_or(here);
        after = set(&mut tx, &council, fact.subject, next, Some(line), place).await.map_err(|p| p.within("raised"))?;
    }
    let ended = Ended { goal: line, fact: id, state, next: after };
    once.finish(tx, &council, digest, Answer::new(StatusCode::OK, &ended)).await
}

/// A goal that ended.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EndedGoal)]
pub struct Ended {
    goal: FactId,
    /// That says so.
    fact: FactId,
    /// Code list goal-states.
    #[schema(example = "met")]
    state: &'static str,
    /// With the raised target.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<Goal>,
}
