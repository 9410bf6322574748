//! Typing an assessment: all of it, or answer by answer. What is typed may be incomplete and may not fit yet: that is told, and kept all the same.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use utoipa::ToSchema;

use super::App;
use super::assessments::{Assessment, Theirs, answered, theirs};
use super::body::Body;
use super::caller::Council;
use super::documented::Edits;
use super::params::Id;
use super::problem::{Code, Problem};
use super::version::IfMatch;
use crate::access::Verb;
use crate::forms::{Answer, Answers, Language, Row};
use crate::record::{AssessmentId, AuthorityId, PersonId};
use crate::workflow::assessments::Judging;

/// All answers of a draft.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Typed {
    #[serde(default)]
    language: Option<Language>,
    /// By question; those outside groups.
    #[serde(default)]
    answers: BTreeMap<String, Answer>,
    /// By group; its items in their order.
    #[serde(default)]
    groups: BTreeMap<String, Vec<Row>>,
}

/// Answers of a draft at most.
const MOST_ANSWERS: usize = 2_000;

/// Type an assessment
///
/// All its answers, in place of those that are there. They may be incomplete, and may not fit yet: `judged` says so.
#[utoipa::path(
    put, path = "/v1/authorities/{authority}/assessments/{assessment}/answers", tag = "assessments", security(("token" = [])),
    params(
        ("authority" = AuthorityId, Path, description = "ONS code"),
        ("assessment" = AssessmentId, Path, description = "The draft"),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of what you read"),
    ),
    request_body(content = Typed, example = json!({ "answers": { "home-score": { "scale": 3.5 } } })),
    responses(
        (status = 200, body = Assessment, description = "Saved", headers(("ETag" = String, description = "Of its answers, for `If-Match`"))),
        Edits,
    ),
)]
pub async fn type_assessment(
    State(app): State<App>,
    council: Council,
    Id(id): Id<AssessmentId>,
    seen: IfMatch,
    Body { value: typed, .. }: Body<Typed>,
) -> Result<Response, Problem> {
    let mut theirs = theirs(&council, Verb::Assess, id).await?;
    let mut tx = council.write("typed an assessment").await?;
    theirs.assessment = tx.assessment(id).await?;
    seen.holds(&theirs.version())?;
    let before = words(&theirs)?;
    let mut answers = Answers { language: typed.language, answers: typed.answers, groups: typed.groups, ..before.clone() };
    check(&app, &council, &theirs, &answers).await?;
    // What is hidden from whoever types stays as it is.
    for (group, rows) in before.groups {
        let hidden = rows.into_iter().filter(|row| row.person.is_some_and(|p| !theirs.knows(p)));
        answers.groups.entry(group).or_default().extend(hidden);
    }
    tx.type_assessment(id, &answers).await?;
    tx.commit().await?;
    theirs.assessment = council.store.assessment(id).await?;
    answered(&app, &council, &theirs).await
}

/// The answers as they are kept, for whoever may type.
fn words(theirs: &Theirs) -> Result<Answers, Problem> {
    if !theirs.sees_words() {
        return Err(Problem::new(Code::NotAllowed, "what is typed is for those who see all of the family"));
    }
    theirs.assessment.answers.clone().ok_or_else(|| Problem::new(Code::Conflict, "its answers were erased"))
}

/// Only of this family's people, and not more than a form has.
async fn check(app: &App, council: &Council, theirs: &Theirs, answers: &Answers) -> Result<(), Problem> {
    let rows = answers.groups.values().flatten();
    let count = answers.answers.len() + rows.clone().map(|row| row.answers.len().max(1)).sum::<usize>();
    if count > MOST_ANSWERS {
        return Err(Problem::invalid("answers", format!("has {count} entries, and may have {MOST_ANSWERS}")));
    }
    let today = council.store.clock().now().day();
    let judging = app.workflow.judging(&council.store, &theirs.assessment, today).await?;
    for (group, rows) in &answers.groups {
        for (i, row) in rows.iter().enumerate() {
            if row.person.is_some_and(|p| !judging.is_known(p)) {
                return Err(nobody(format!("groups.{group}[{i}].person")));
            }
            named(&judging, &row.answers, &format!("groups.{group}[{i}].answers"))?;
        }
    }
    named(&judging, &answers.answers, "answers")
}

fn named(judging: &Judging, answers: &BTreeMap<String, Answer>, at: &str) -> Result<(), Problem> {
    match answers.iter().find(|(_, a)| matches!(a, Answer::PersonRef(p) if !judging.is_known(*p))) {
        Some((question, _)) => Err(nobody(format!("{at}.{question}.person-ref"))),
        None => Ok(()),
    }
}

fn nobody(field: String) -> Problem {
    Problem::invalid(field, "is nobody of this family whom a form can be about")
}

/// Some answers of a draft.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Changes {
    /// 1 to 200.
    changes: Vec<Change>,
}

/// One answer: what the sender saw, and what it is now.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Change {
    question: String,
    /// Of a question in a group: which.
    #[serde(default)]
    group: Option<String>,
    /// In a group for each person: whose.
    #[serde(default)]
    person: Option<PersonId>,
    /// In a repeating group: which item, from 0; one more than there are adds one.
    #[serde(default)]
    item: Option<usize>,
    /// What the sender saw there. Left out: nothing.
    #[serde(default)]
    before: Option<Answer>,
    /// Left out: no answer any more.
    #[serde(default)]
    answer: Option<Answer>,
}

/// Type some answers
///
/// Question by question, as somebody types: each says what it takes the place of, so that two people who type at once lose nothing unseen. What
/// is there already is no fault, so sending it again does no harm.
#[utoipa::path(
    post, path = "/v1/authorities/{authority}/assessments/{assessment}/answers", tag = "assessments", security(("token" = [])),
    params(("authority" = AuthorityId, Path, description = "ONS code"), ("assessment" = AssessmentId, Path, description = "The draft")),
    request_body(content = Changes, example = json!({
        "changes": [{ "question": "home-score", "before": { "scale": 3 }, "answer": { "scale": 3.5 } }],
    })),
    responses(
        (status = 200, body = Assessment, description = "Saved", headers(("ETag" = String, description = "Of its answers, for `If-Match`"))),
        Edits,
    ),
)]
pub async fn change_answers(
    State(app): State<App>,
    council: Council,
    Id(id): Id<AssessmentId>,
    Body { value: Changes { changes }, .. }: Body<Changes>,
) -> Result<Response, Problem> {
    let mut theirs = theirs(&council, Verb::Assess, id).await?;
    if changes.is_empty() || changes.len() > 200 {
        return Err(Problem::invalid("changes", "has 1 to 200 entries"));
    }
    let mut tx = council.write("typed an assessment").await?;
    theirs.assessment = tx.assessment(id).await?;
    let mut answers = words(&theirs)?;
    for (i, change) in changes.into_iter().enumerate() {
        put(&mut answers, change).map_err(|p| p.within(&format!("changes[{i}]")))?;
    }
    check(&app, &council, &theirs, &answers).await?;
    tx.type_assessment(id, &answers).await?;
    tx.commit().await?;
    theirs.assessment = council.store.assessment(id).await?;
    answered(&app, &council, &theirs).await
}

fn put(answers: &mut Answers, change: Change) -> Result<(), Problem> {
    let Change { question, group, person, item, before, answer } = change;
    let place = match group {
        None if person.is_some() || item.is_some() => return Err(Problem::invalid("group", "is needed beside a person or an item")),
        None => &mut answers.answers,
        Some(group) => {
            let rows = answers.groups.entry(group).or_default();
            let at = match (person, item) {
                (Some(person), None) => rows.iter().position(|row| row.person == Some(person)),
                (None, Some(item)) if item <= rows.len() => Some(item),
                (None, Some(_)) => return Err(Problem::invalid("item", "is not there, nor the next one")),
                _ => return Err(Problem::invalid("person", "or an item: one of them says which of the group is meant")),
            };
            let at = at.unwrap_or(rows.len());
            if at == rows.len() {
                rows.push(Row { person, answers: BTreeMap::new() });
            }
            &mut rows[at].answers
        }
    };
    let now = place.get(&question);
    if now != answer.as_ref() && now != before.as_ref() {
        return Err(Problem::new(Code::ChangedMeanwhile, "somebody else answered this meanwhile: read it again").at("before"));
    }
    match answer {
        Some(answer) => drop(place.insert(question, answer)),
        None => drop(place.remove(&question)),
    }
    Ok(())
}
