//! One page of a form: asked, saved as it is typed, and gone on from.

use axum::extract::{Path, Query};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use serde_json::{Map, Value, json};

use super::form::{Answers, Asking, At, FormPage, Group, Item, Judged, Question, Slot, is_missing};
use super::question::{Names, Put};
use super::typed::{Change, changes, fill};
use super::{Assessment, InLanguage, Opened, names};
use crate::ui::form::{Asked, Fault, Typed, button, go_button, hidden};
use crate::ui::{Page, list};
use crate::upstream::{Failed, Problem, path};
use crate::visit::{Visit, see_other};
use crate::words;

pub async fn page(
    visit: Visit,
    Path((_, id, page)): Path<(String, String, String)>,
    Query(asked): Query<InLanguage>,
) -> Result<Page, Failed> {
    let opened = Opened::of(&visit, &id, &asked).await?;
    let names = names(&visit, &opened).await?;
    let (answers, judged) = (opened.answers(), judged(&opened)?);
    let shown = find(&opened, &page)?;
    let mut typed = Typed::default();
    for asking in shown.asked(judged, &answers) {
        let start = answers.at(&asking).cloned().or_else(|| start(&visit, &opened, &names, &asking));
        if let Some(answer) = start {
            fill(&mut typed, asking.question, &asking.slot.name(), &answer);
        }
    }
    // Somebody who comes back to a page is told what is wrong on it, and not what is missing.
    let faults = faults(&opened, shown, judged, &answers, &[]);
    Ok(asked_page(&visit, &opened, &names, shown, (&typed, &faults, None)))
}

/// What a question starts with, where nobody answered it.
fn start(visit: &Visit, opened: &Opened, names: &Names, asking: &Asking<'_>) -> Option<Value> {
    let question: &Question = asking.question;
    if let Some(default) = &question.default {
        return Some(default.clone());
    }
    let value = match question.prefill.as_deref()? {
        "today" => Value::from(words::today()),
        "worker" | "lead-worker" => Value::from(visit.session.login.as_str()),
        "person-name" => {
            opened.family.name_parts(asking.slot.person.as_deref()?).map(|(given, family)| json!({ "given": given, "family": family }))?
        }
        "person-birth-date" => Value::from(opened.family.born(asking.slot.person.as_deref()?)?),
        _ => return None,
    };
    let known = question.kind() != "worker-ref" || names.workers.iter().any(|(login, _)| value == login.as_str());
    known.then(|| Value::Object(Map::from_iter([(question.kind().to_owned(), value)])))
}

pub fn find<'a>(opened: &'a Opened, page: &str) -> Result<&'a FormPage, Failed> {
    let none = || Failed::Refused(Problem::of_pages("no-such-page", "Page not found", StatusCode::NOT_FOUND, "the form has no such page"));
    opened.form.pages.iter().find(|p| p.page == page).ok_or_else(none)
}

pub fn judged(opened: &Opened) -> Result<&Judged, Failed> {
    let withheld = || {
        let detail = "what was answered is shown to those who see all of the family";
        Failed::Refused(Problem::of_pages("not-allowed", "This is withheld from you", StatusCode::FORBIDDEN, detail))
    };
    opened.assessment.judged.as_ref().ok_or_else(withheld)
}

/// What is wrong on a page, with what could not be saved.
fn faults(opened: &Opened, page: &FormPage, judged: &Judged, answers: &Answers, refused: &[Fault]) -> Vec<Fault> {
    let wrong = |asking: Asking<'_>| {
        let field = asking.slot.name();
        let words = match refused.iter().find(|f| f.field == field) {
            Some(fault) => fault.words.clone(),
            None => judged.wrong.iter().find(|w| w.at == asking.slot && !is_missing(w))?.says.in_language(&opened.language).to_owned(),
        };
        let of = asking.slot.person.as_deref().and_then(|p| opened.family.name_of(p)).map(|name| format!("{name}, ")).unwrap_or_default();
        let asked = format!("{of}{}", asking.question.label.in_language(&opened.language));
        Some(match answers.at(&asking).and_then(left_out) {
            Some((part, label)) => Fault { field: format!("{field}-{part}"), words, asked: format!("{asked} {}", opened.word(label)) },
            None => Fault { field, words, asked },
        })
    };
    page.asked(judged, answers).into_iter().filter_map(wrong).collect()
}

/// The first part of a declaration that nobody typed, and its label.
fn left_out(answer: &Value) -> Option<(&'static str, &'static str)> {
    let said = answer.get("declaration")?;
    [("by", "Who said so"), ("on", "When"), ("how", "How")].into_iter().find(|(part, _)| said[*part] == "")
}

type Filled<'a> = (&'a Typed, &'a [Fault], Option<&'a Problem>);

fn asked_page(visit: &Visit, opened: &Opened, names: &Names, page: &FormPage, (typed, faults, problem): Filled<'_>) -> Page {
    let answers = opened.answers();
    let no_judged = Judged::default();
    let judged = opened.assessment.judged.as_ref().unwrap_or(&no_judged);
    let put = Put { form: Asked::new(typed, problem).faults(faults).language(&opened.language), names, judged, language: &opened.language };
    let title = page.title.in_language(&opened.language);
    let at = judged.pages.iter().position(|p| *p == page.page).map_or(1, |i| i + 1);
    let body = html! {
        (opened.other_language(&visit.to(&["assessments", &opened.assessment.id, "pages", &page.page])))
        span class="govuk-caption-l" { (opened.title()) ", " (opened.family.reference) ": " (at) " / " (judged.pages.len()) }
        h1 class="govuk-heading-l" { (title) }
        form method="post" action=(opened.to(visit, &["pages", &page.page])) novalidate data-hearth-autosave {
            // What the Enter key presses: the form's first button.
            button type="submit" name="go" value="on" class="govuk-visually-hidden" tabindex="-1" aria-hidden="true" { "" }
            (hidden("seen", &Value::Object(seen(page, judged, &answers)).to_string()))
            @for item in &page.items { (item_of(item, &put, &answers)) }
            p class="govuk-hint" role="status" data-hearth-saved
                data-ok=(opened.word("Saved"))
                data-failed=(opened.word("Something is not saved yet: go on, and you see what")) {}
            div class="govuk-button-group" {
                (button(opened.word("Save and go on")))
                (go_button("list", opened.word("Save and come back later")))
            }
        }
    };
    let above = opened.above(visit).into_iter().chain([crate::ui::Crumb(opened.to(visit, &[]), opened.title().to_owned())]);
    visit.page(format!("{title}: {}", opened.title()), body).below(above).faults(faults).wrong(problem).language(&opened.language).private()
}

/// The answers that a page shows, by field: against them is told what somebody changed.
fn seen(page: &FormPage, judged: &Judged, answers: &Answers) -> Map<String, Value> {
    page.asked(judged, answers).iter().filter_map(|a| Some((a.slot.name(), answers.at(a)?.clone()))).collect()
}

fn item_of(item: &Item, put: &Put<'_>, answers: &Answers) -> Markup {
    let one = |asking: &Asking<'_>| put.question(asking, answers.at(asking));
    match item {
        Item::Display(display) => {
            html! { @if put.judged.shown.contains(&Slot::of(&display.display)) { (list::inset(display.text.in_language(put.language))) } }
        }
        Item::Question(question) => {
            let asking = Asking { question, group: None, slot: Slot::of(&question.question) };
            html! { @if put.judged.shown.contains(&asking.slot) { (one(&asking)) } }
        }
        Item::Group(group) => html! { @if put.judged.shown.contains(&Slot::of(&group.group)) { (group_of(group, put, answers)) } },
    }
}

fn group_of(group: &Group, put: &Put<'_>, answers: &Answers) -> Markup {
    let items = group.items(put.judged, answers);
    let unsure = put.judged.unsure.get(&group.group).map(Vec::as_slice).unwrap_or_default();
    html! {
        h2 class="govuk-heading-m" { (group.title.in_language(put.language)) }
        @for at in &items {
            @let name = item_name(group, at, put);
            div class="hearth-item" role="group" aria-label=(name) {
                h3 class="govuk-heading-s" { (name) }
                @for item in &group.items {
                    @match item {
                        Item::Question(question) => {
                            @let asking = Asking { question, group: Some(group), slot: at.on(&question.question) };
                            @if put.judged.shown.contains(&asking.slot) { (put.question(&asking, answers.at(&asking))) }
                        }
                        Item::Display(display) => {
                            @if put.judged.shown.contains(&at.on(&display.display)) { (list::inset(display.text.in_language(put.language))) }
                        }
                        Item::Group(_) => {}
                    }
                }
                @if let At::Item(i) = at { (go_button(&format!("remove:{}:{i}", group.group), &format!("{}: {name}", crate::welsh::word(put.language, "Take away")))) }
            }
        }
        @if !unsure.is_empty() {
            @let whom = unsure.iter().map(|p| put.names.person(p)).collect::<Vec<_>>().join(", ");
            @let why = crate::welsh::word(put.language, "it is not known whether this is about them. Most often a birth date is missing.");
            (list::inset(&format!("{} {whom}: {why}", crate::welsh::word(put.language, "Not asked about"))))
        }
        @if let Some(repeat) = &group.repeat {
            @if items.is_empty() { p class="govuk-body" { (crate::welsh::word(put.language, "None yet.")) } }
            @if items.len() < repeat.max {
                (go_button(&format!("add:{}", group.group), &format!("{}: {}", crate::welsh::word(put.language, "Add"), repeat.label.in_language(put.language))))
            }
        }
    }
}

fn item_name(group: &Group, at: &At, put: &Put<'_>) -> String {
    match (at, &group.repeat) {
        (At::Person(person), _) => put.names.person(person).to_owned(),
        (At::Item(i), Some(repeat)) => format!("{} {}", repeat.label.in_language(put.language), i + 1),
        (At::Item(i), None) => (i + 1).to_string(),
    }
}

pub async fn save(
    visit: Visit,
    Path((_, id, page)): Path<(String, String, String)>,
    Query(asked): Query<InLanguage>,
    browser: HeaderMap,
    typed: Typed,
) -> Result<Response, Failed> {
    let opened = Opened::of(&visit, &id, &asked).await?;
    let shown = find(&opened, &page)?;
    let before = judged(&opened)?;
    let asked_then = shown.asked(before, &opened.answers());
    let was_seen: Map<String, Value> = typed.text("seen").and_then(|t| serde_json::from_str(t).ok()).unwrap_or_default();
    let (refused, problem) = send(&visit, &opened, changes(&asked_then, &was_seen, &typed)).await?;
    let now = Opened::of(&visit, &id, &asked).await?;
    let (answers, judged) = (now.answers(), judged(&now)?);
    if typed.is_ticked("quietly") || browser.get("accept").is_some_and(|a| a == "application/json") {
        let status = if refused.is_empty() && problem.is_none() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
        return Ok((status, Value::Object(seen(shown, judged, &answers)).to_string()).into_response());
    }
    let faults = faults(&now, shown, judged, &answers, &refused);
    if problem.is_some() || !faults.is_empty() {
        let names = names(&visit, &now).await?;
        return Ok(asked_page(&visit, &now, &names, shown, (&typed, &faults, problem.as_ref())).into_response());
    }
    let new_group = |item: &Item| {
        let Item::Group(group) = item else { return false };
        let slot = Slot::of(&group.group);
        judged.shown.contains(&slot) && !before.shown.contains(&slot)
    };
    let more = shown.asked(judged, &answers).iter().any(|a| !before.shown.contains(&a.slot)) || shown.items.iter().any(new_group);
    on(&visit, &now, shown, typed.text("go").unwrap_or("on"), more).await
}

/// Sends what was changed. What the API cannot take is told at its field, and keeps nothing else from being saved.
async fn send(visit: &Visit, opened: &Opened, mut changes: Vec<Change>) -> Result<(Vec<Fault>, Option<Problem>), Failed> {
    let mut refused = Vec::new();
    while !changes.is_empty() {
        let some: Vec<&Value> = changes.iter().take(200).map(|c| &c.body).collect();
        match visit.api.post(&visit.v1(&["assessments", &opened.assessment.id, "answers"]), &json!({ "changes": some }), "").await {
            Ok(_) => drop(changes.drain(..changes.len().min(200))),
            Err(Failed::Refused(problem)) if problem.is_of_input() => match place(&problem).filter(|i| *i < changes.len()) {
                Some(i) => refused.push(not_taken(opened, changes.remove(i), &problem)),
                None => return Ok((refused, Some(problem))),
            },
            Err(failed) => return Err(failed),
        }
    }
    Ok((refused, None))
}

/// What was typed and is no answer: said in the form's language where it is known what was meant.
fn not_taken(opened: &Opened, change: Change, problem: &Problem) -> Fault {
    let words = match change.kind.as_str() {
        "date" | "declaration" => opened.word("This is not a date: a day, a month and a year, in numbers"),
        "number" | "scale" | "money" => opened.word("This is not a number"),
        _ => problem.words(),
    };
    Fault { field: change.field, words: words.to_owned(), asked: String::new() }
}

/// `changes[3].answer`: the fourth.
fn place(problem: &Problem) -> Option<usize> {
    problem.field.as_deref()?.strip_prefix("changes[")?.split(']').next()?.parse().ok()
}

/// Where it goes after a page was saved.
async fn on(visit: &Visit, now: &Opened, shown: &FormPage, go: &str, more: bool) -> Result<Response, Failed> {
    let here = now.to(visit, &["pages", &shown.page]);
    let told = |to: &str, key: &str| see_other(&format!("{to}{}told={key}", if to.contains('?') { '&' } else { '?' }));
    let mut parts = go.split(':');
    match (parts.next().unwrap_or_default(), parts.next(), parts.next()) {
        ("list", ..) => return Ok(told(&now.to(visit, &[]), "answers-saved")),
        ("file", Some(field), _) => return Ok(see_other(&now.to(visit, &["pages", &shown.page, "files", field]))),
        ("add", Some(group), _) => {
            add(visit, now, shown, group).await?;
            return Ok(see_other(&here));
        }
        ("remove", Some(group), Some(item)) => {
            remove(visit, now, group, item).await?;
            return Ok(see_other(&here));
        }
        _ => {}
    }
    if more {
        return Ok(told(&here, "more-asked"));
    }
    let pages = now.assessment.judged.as_ref().map(|j| j.pages.as_slice()).unwrap_or_default();
    let next = pages.iter().position(|p| *p == shown.page).and_then(|i| pages.get(i + 1));
    Ok(next.map_or_else(|| told(&now.to(visit, &[]), "answers-saved"), |next| see_other(&now.to(visit, &["pages", next]))))
}

/// One more of a group that repeats: an item that holds nothing yet.
async fn add(visit: &Visit, now: &Opened, shown: &FormPage, group: &str) -> Result<(), Failed> {
    let group = shown.items.iter().find_map(|i| if let Item::Group(g) = i { (g.group == group).then_some(g) } else { None });
    let Some((group, question)) = group.and_then(|g| Some((g, g.questions().next()?))) else { return Ok(()) };
    let item = now.answers().groups.get(&group.group).map_or(0, Vec::len);
    let change = json!({ "question": question.question, "group": group.group, "item": item });
    visit.api.post(&visit.v1(&["assessments", &now.assessment.id, "answers"]), &json!({ "changes": [change] }), "").await?;
    Ok(())
}

async fn remove(visit: &Visit, now: &Opened, group: &str, item: &str) -> Result<(), Failed> {
    let Answers { language, answers, mut groups } = now.answers();
    if let (Some(rows), Ok(item)) = (groups.get_mut(group), item.parse::<usize>())
        && item < rows.len()
    {
        rows.remove(item);
        let body = json!({ "language": language, "answers": answers, "groups": groups });
        let to = format!("{}{}", visit.v1(&["assessments", &now.assessment.id]), path(&["answers"]));
        visit.api.put(&to, &body, now.version.as_deref()).await?;
    }
    Ok(())
}

/// For the check of the whole form.
pub fn missing<'a>(assessment: &'a Assessment, slot: &Slot) -> Option<&'a super::form::Wrong> {
    assessment.judged.as_ref()?.wrong.iter().find(|w| w.at == *slot)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_with_a_declaration_stands_at_the_part_that_is_empty() {
        let said = |by: &str, how: &str| json!({ "declaration": { "agreed": true, "by": by, "on": "2026-11-23", "how": how } });
        assert_eq!(left_out(&said("", "")), Some(("by", "Who said so")));
        assert_eq!(left_out(&said("Joanne", "")), Some(("how", "How")));
        assert_eq!(left_out(&said("Joanne", "signed")), None);
        assert_eq!(left_out(&json!({ "text": "" })), None);
    }
}
