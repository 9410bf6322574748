//! The family's one plan: its goals in sequence, each with how it is measured, from where, to what, by when. A goal is a fact; met, it stays,
//! and a raised target is a new goal after it.

use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::assessments::known;
use super::body::Body;
use super::caller::{Council, Opened};
use super::documented::{Edits, Reads, Writes};
use super::once::{Answer, Begun, Once};
use super::params::Id;
use super::problem::{Code, Problem};
use super::version::{IfMatch, Versioned};
use crate::access::Verb;
use crate::record::sections::support::Goal as GoalDetail;
use crate::record::{AuthorityId, Day, Detail, Fact, FactId, FamilyId, Invalid, NewFact, PersonId, Section, Subject, Window, fact};
use crate::store::{AsKnown, AuthorityTx, PlanGoal, Seen};

/// Bytes of how a goal is measured, where it begins, and its target.
pub(super) const TERMS: usize = 200;
/// Goals of one plan.
const MOST_GOALS: usize = 200;

/// The plan of a family.
#[derive(Debug, Serialize, ToSchema)]
pub struct Plan {
    family: FamilyId,
    /// In sequence; met and dropped ones too.
    pub(super) goals: Vec<Goal>,
}

/// A goal of the plan.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PlanGoal)]
pub struct Goal {
    /// Its name for ever: the first fact of it.
    pub(super) goal: FactId,
    /// As it stands in the record now.
    fact: FactId,
    /// The area of life.
    domain: String,
    /// Whose. Left out: the family's.
    #[serde(skip_serializing_if = "Option::is_none")]
    person: Option<PersonId>,
    /// Code list goal-states.
    #[schema(example = "set")]
    state: String,
    /// What is to be reached, in the family's words.
    title: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    measured: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    begins_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    target: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    due: Option<Day>,
    first: Day,
    #[serde(skip_serializing_if = "Option::is_none")]
    last: Option<Day>,
    /// The goal whose target was raised.
    #[serde(skip_serializing_if = "Option::is_none")]
    raised_from: Option<FactId>,
    /// Why it was dropped.
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_why: Option<String>,
}

/// The goals that whoever opened the family sees, in sequence.
pub(super) async fn plan(council: &Council, opened: &Opened) -> Result<Plan, Problem> {
    let mut facts = opened.facts(&council.store, AsKnown::Now).await?;
    facts.retain(|f| matches!(f.detail, Detail::Goal(_)));
    let lines = council.store.lines_of(&facts.iter().map(|f| f.id).collect::<Vec<_>>()).await?;
    let mut goals = Vec::with_capacity(facts.len());
    for (line, fact) in lines.into_iter().zip(facts) {
        let said = council.store.plan_goal(line).await?;
        // What nobody put into the sequence comes behind it, in the order in which it was set.
        let place = said.as_ref().map_or(u64::MAX, |s| s.place);
        goals.push(((place, fact.window.first, line), of(line, fact, said)));
    }
    goals.sort_by_key(|(place, _)| *place);
    council.showed(Seen::family(opened.family, &[Section::Support]));
    Ok(Plan { family: opened.family, goals: goals.into_iter().filter_map(|(_, goal)| goal).collect() })
}

fn of(line: FactId, fact: Fact, said: Option<PlanGoal>) -> Option<Goal> {
    let Detail::Goal(detail) = fact.detail else { return None };
    let (measured, begins_at, target, raised_from, ended_why) = match said {
        Some(s) => (s.measured, s.begins_at, s.target, s.raised_from, s.ended_why),
        None => (None, None, None, None, None),
    };
    Some(Goal {
        goal: line,
        fact: fact.id,
        domain: detail.domain,
        person: fact.subject.person,
        state: detail.state,
        title: detail.title,
        measured,
        begins_at,
        target,
        due: detail.due,
        first: fact.window.first,
        last: fact.window.last,
        raised_from,
        ended_why,
    })
}

/// Read a family's plan
#[utoipa::path(
    get, path = "/v1/authorities/{authority}/families/{family}/plan", tag = "plan", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), ("family" = FamilyId, Path, description = "The family")),
    responses((status = 200, body = Plan, description = "Its goals in sequence", headers(("ETag" = String, description = "Its version, for `If-Match`"))), Reads),
)]
pub async fn read_plan(council: Council, Id(family): Id<FamilyId>) -> Result<Versioned<Plan>, Problem> {
    let opened = council.family(Verb::SeeFamilies, family).await?;
    Ok(Versioned(plan(&council, &opened).await?))
}

/// The sequence, and what the plan says of each goal.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPlan {
    /// All of them, each once.
    goals: Vec<Terms>,
}

/// What the plan says of a goal beside the goal itself.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PlanGoalTerms)]
pub struct Terms {
    goal: FactId,
    /// How it is measured; 1 to 200 bytes, as the next two.
    #[serde(default)]
    measured: Option<String>,
    /// Where it begins.
    #[serde(default)]
    begins_at: Option<String>,
    #[serde(default)]
    target: Option<String>,
}

fn terms(at: &str, all: [(&str, &Option<String>); 3]) -> Result<(), Invalid> {
    for (field, words) in all {
        if let Some(words) = words {
            fact::text(&format!("{at}{field}"), words, TERMS)?;
        }
    }
    Ok(())
}

/// Put a plan in order
///
/// Its sequence, and how each goal is measured, from where and to what. What a goal is about, and how it stands, is a fact: this changes none.
#[utoipa::path(
    put, path = "/v1/authorities/{authority}/families/{family}/plan", tag = "plan", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("family" = FamilyId, Path, description = "The family"),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of what you read"),
    ),
    request_body(content = NewPlan, example = json!({ "goals": [
        { "goal": "0198c1f2-7d30-7a10-8000-5b0f4f8a1c11", "measured": "mornings at school on time, a week", "begins_at": "1", "target": "4" },
    ] })),
    responses((status = 200, body = Plan, description = "As it is now", headers(("ETag" = String, description = "Its version, for `If-Match`"))), Edits),
)]
pub async fn order_plan(
    council: Council,
    Id(family): Id<FamilyId>,
    seen: IfMatch,
    Body { value: new, .. }: Body<NewPlan>,
) -> Result<Versioned<Plan>, Problem> {
    let opened = council.family(Verb::Assess, family).await?;
    support(&opened)?;
    let mut tx = council.write("put a family's plan in order").await?;
    let before = plan(&council, &opened).await?;
    seen.holds(&before)?;
    for (i, said) in new.goals.iter().enumerate() {
        let known = before.goals.iter().any(|g| g.goal == said.goal);
        if !known || new.goals[..i].iter().any(|g| g.goal == said.goal) {
            return Err(Problem::invalid(format!("goals[{i}].goal"), "is no goal of this plan, or stands here twice"));
        }
        let all = [("measured", &said.measured), ("begins_at", &said.begins_at), ("target", &said.target)];
        terms(&format!("goals[{i}]."), all)?;
    }
    if new.goals.len() != before.goals.len() {
        return Err(Problem::invalid("goals", "has to name every goal of the plan"));
    }
    for (place, said) in (0..).zip(new.goals) {
        let now = council.store.plan_goal(said.goal).await?;
        let (raised_from, ended_why) = now.map_or((None, None), |n| (n.raised_from, n.ended_why));
        let Terms { goal, measured, begins_at, target } = said;
        tx.keep_plan_goal(&PlanGoal { goal, place, measured, begins_at, target, raised_from, ended_why }).await?;
    }
    tx.commit().await?;
    Ok(Versioned(plan(&council, &opened).await?))
}

/// A goal to be set.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewPlanGoal)]
pub struct NewGoal {
    /// The area of life: 2 to 64 small letters, digits and hyphens.
    #[schema(example = "school")]
    pub(super) domain: String,
    /// Whose. Left out: the family's.
    #[serde(default)]
    pub(super) person: Option<PersonId>,
    /// In the family's words: 1 to 200 bytes.
    pub(super) title: String,
    #[serde(default)]
    pub(super) measured: Option<String>,
    #[serde(default)]
    pub(super) begins_at: Option<String>,
    #[serde(default)]
    pub(super) target: Option<String>,
    #[serde(default)]
    pub(super) due: Option<Day>,
    /// From which day on. Today, if left out.
    #[serde(default)]
    pub(super) first: Option<Day>,
}

/// Set a goal
///
/// At the end of the plan's sequence.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/families/{family}/plan/goals", tag = "plan", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("family" = FamilyId, Path, description = "The family"),
        ("Idempotency-Key" = Option<String>, Header, description = "Sent again, it is answered again and done once"),
    ),
    request_body(content = NewGoal, example = json!({
        "domain": "school", "title": "Mornings without shouting", "measured": "mornings on time, a week", "begins_at": "1", "target": "3",
        "due": "2026-10-12",
    })),
    responses((status = 201, body = Goal, description = "Set"), Writes),
)]
pub async fn set_goal(
    council: Council,
    Id(family): Id<FamilyId>,
    once: Once,
    Body { value: new, digest }: Body<NewGoal>,
) -> Result<Response, Problem> {
    let opened = council.family(Verb::Assess, family).await?;
    support(&opened)?;
    if let Some(person) = new.person
        && !known(&council, &opened).await?.contains(&person)
    {
        return Err(Problem::invalid("person", "is nobody of this family"));
    }
    terms("", [("measured", &new.measured), ("begins_at", &new.begins_at), ("target", &new.target)])?;
    let places = plan(&council, &opened).await?.goals.len();
    if places >= MOST_GOALS {
        return Err(Problem::invalid("title", format!("would be one goal more than the {MOST_GOALS} that a plan may have")));
    }
    let mut tx = match once.begin(&council, digest, "set a goal").await? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(tx) => tx,
    };
    let subject = Subject { family: Some(family), person: new.person, ..Subject::default() };
    let goal = set(&mut tx, &council, subject, new, None, places).await?;
    once.finish(tx, &council, digest, Answer::created(&goal)).await
}

pub(super) async fn set(
    tx: &mut AuthorityTx,
    council: &Council,
    subject: Subject,
    new: NewGoal,
    raised_from: Option<FactId>,
    place: usize,
) -> Result<Option<Goal>, Problem> {
    let first = new.first.unwrap_or_else(|| tx.now().day());
    if new.due.is_some_and(|due| due < first) {
        return Err(Problem::invalid("due", "is before the goal begins"));
    }
    let detail = GoalDetail { domain: new.domain, state: "set".to_owned(), due: new.due, title: new.title };
    let (id, window, source) = (FactId::fresh(), Window::since(first), council.as_source());
    let fact = NewFact { id, subject, window, source, reference: None, supersedes: None, detail: Detail::Goal(detail.clone()) };
    if let Detail::Goal(goal) = &fact.detail {
        goal.check()?;
    }
    tx.add_facts(std::slice::from_ref(&fact)).await?;
    let (measured, begins_at, target) = (new.measured, new.begins_at, new.target);
    let said = PlanGoal { goal: id, place: place as u64, measured, begins_at, target, raised_from, ended_why: None };
    tx.keep_plan_goal(&said).await?;
    let NewFact { subject, window, source, .. } = fact;
    let now = Fact {
        id,
        subject,
        window,
        source,
        source_kind: String::new(),
        reference: None,
        supersedes: None,
        detail: Detail::Goal(detail),
        known_at: tx.now(),
    };
    Ok(of(id, now, Some(said)))
}

/// Is the plan theirs to change, of a family of which they may see a part?
pub(super) fn support(opened: &Opened) -> Result<(), Problem> {
    if opened.relation.sections.has(Section::Support) {
        return Ok(());
    }
    Err(Problem::new(Code::NotAllowed, "the plan of this family is withheld from you"))
}
