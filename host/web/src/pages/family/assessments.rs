//! A family's assessments: those there are, what is asked for, how far they have come; and a new one.

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Of, ask, open};
use crate::pages::assessments::state;
use crate::ui::chart::{Line, line};
use crate::ui::form::{Asked, Typed, button, once};
use crate::ui::{Page, list};
use crate::upstream::{Failed, List, Problem};
use crate::visit::Visit;
use crate::words;

#[derive(Deserialize)]
struct Listed {
    id: String,
    form: String,
    line: String,
    version: u32,
    state: String,
    begun_by: String,
    typed_at: String,
    #[serde(default)]
    assessed: Option<String>,
}

#[derive(Deserialize)]
struct Due {
    form: String,
    due: String,
    state: String,
    overdue_days: i64,
    #[serde(default)]
    assessment: Option<String>,
    #[serde(default)]
    why: Option<String>,
}

#[derive(Deserialize)]
struct Distance {
    domain: String,
    higher_is_better: bool,
    least: f64,
    most: f64,
    #[serde(default)]
    person: Option<String>,
    readings: Vec<Reading>,
    #[serde(default)]
    travelled: Option<f64>,
}

#[derive(Deserialize)]
struct Reading {
    on: String,
    value: f64,
}

impl Distance {
    /// In words: better or worse since the first, whichever way the scale points.
    fn words(&self) -> String {
        match self.travelled {
            None => "Assessed once.".to_owned(),
            Some(by) if by.abs() < 1e-9 => "As at first.".to_owned(),
            Some(by) => {
                let better = (by > 0.0) == self.higher_is_better;
                let points = (by.abs() * 1000.0).round() / 1000.0;
                format!("{} by {points} since the first.", if better { "Better" } else { "Worse" })
            }
        }
    }

    fn chart(&self, of: &Of) -> Markup {
        let domain = words::code(&self.domain);
        let name = self.person.as_deref().and_then(|p| of.family.name_of(p)).map_or(domain.clone(), |who| format!("{domain}, {who}"));
        let points = self.readings.iter().map(|r| (words::day(&r.on), r.value, r.value.to_string())).collect();
        html! {
            h3 class="govuk-heading-s" { (name) }
            p class="govuk-body" {
                (self.words()) " The scale goes from " (self.least) " to " (self.most) "; "
                @if self.higher_is_better { "more is better." } @else { "less is better." }
            }
            (line("Distance travelled", &Line { name, points }, self.least, self.most))
        }
    }
}

#[derive(Deserialize)]
struct Form {
    form: String,
    title: Both,
}

#[derive(Deserialize)]
struct Both {
    en: String,
}

/// The forms that can be begun here, each its name and title.
async fn forms(visit: &Visit) -> Result<Vec<(String, String)>, Failed> {
    let offered: Option<List<Form>> = visit.api.maybe(&visit.v1(&["forms"])).await?;
    let mut all: Vec<_> = offered.map(|o| o.items).unwrap_or_default().into_iter().map(|f| (f.form, f.title.en)).collect();
    all.dedup_by(|a, b| a.0 == b.0);
    Ok(all)
}

pub async fn all(visit: Visit, Path((_, id)): Path<(String, String)>) -> Result<Page, Failed> {
    let mut typed = Typed::default();
    typed.set("language", "en");
    page(&visit, &id, &typed, None).await
}

async fn page(visit: &Visit, id: &str, typed: &Typed, problem: Option<&Problem>) -> Result<Page, Failed> {
    let of = open(visit, id).await?;
    let v1 = |step: &str| visit.v1(&["families", id, step]);
    let all: Option<List<Listed>> = visit.api.maybe(&v1("assessments")).await?;
    let asked: Option<List<Due>> = visit.api.maybe(&v1("assessment-requests")).await?;
    let distance: Option<List<Distance>> = visit.api.maybe(&v1("distance")).await?;
    let forms = forms(visit).await?;
    let title = |form: &str| forms.iter().find(|(f, _)| f == form).map_or_else(|| words::code(form), |(_, title)| title.clone());
    let body = html! {
        (of.top(visit, "assessments"))
        @match all {
            None => { (list::inset("Assessments of this family are withheld from you.")) }
            Some(all) => { (table(visit, &all.items, &title)) }
        }
        @let open: Vec<Due> = asked.map(|a| a.items).unwrap_or_default().into_iter().filter(|d| d.state == "open").collect();
        @if !open.is_empty() {
            h2 class="govuk-heading-m" { "Asked for" }
            ul class="govuk-list govuk-list--bullet" { @for due in &open { li { (due_of(visit, due, &title(&due.form))) } } }
        }
        @if visit.me.may("assess") { (begin_form(visit, &of, &forms, typed, problem)) }
        h2 class="govuk-heading-m" { "Distance travelled" }
        @let distance = distance.map(|d| d.items).unwrap_or_default();
        @if distance.is_empty() { (list::nothing("There is nothing to compare yet. It shows once an assessment with scores is completed.")) }
        @for d in &distance { (d.chart(&of)) }
    };
    Ok(of.page(visit, "Assessments", body).wrong(problem))
}

fn table(visit: &Visit, all: &[Listed], title: &dyn Fn(&str) -> String) -> Markup {
    let newest = |a: &Listed| all.iter().all(|b| b.line != a.line || b.version <= a.version);
    let row = |a: &Listed| {
        vec![
            list::link(&visit.to(&["assessments", &a.id]), &title(&a.form)),
            state(&a.state, "en"),
            html! { (a.assessed.as_deref().map(words::day).unwrap_or_default()) },
            html! { (words::who(&a.begun_by)) },
            html! { (words::at(&a.typed_at)) @if !newest(a) { " (there is a newer version)" } },
        ]
    };
    let rows: Vec<_> = all.iter().map(row).collect();
    html! {
        @if rows.is_empty() { h2 class="govuk-heading-m" { "Assessments" } (list::nothing("Nobody has assessed this family yet.")) }
        @else { (list::table("Assessments", &["Form", "State", "As of", "Begun by", "Last typed"], &rows)) }
    }
}

fn due_of(visit: &Visit, due: &Due, title: &str) -> Markup {
    html! {
        (title) ", by " (words::day(&due.due))
        @if due.overdue_days > 0 { " " (list::tag(&format!("{} days overdue", due.overdue_days), "red")) }
        @if let Some(why) = &due.why { ": " (why) }
        @if let Some(assessment) = &due.assessment { " " (list::link(&visit.to(&["assessments", assessment]), "Go on with it")) }
    }
}

fn begin_form(visit: &Visit, of: &Of, forms: &[(String, String)], typed: &Typed, problem: Option<&Problem>) -> Markup {
    let choices: Vec<(&str, &str)> = forms.iter().map(|(form, title)| (form.as_str(), title.as_str())).collect();
    let mut typed = typed.clone();
    if let [(only, _)] = forms {
        typed.set("form", only.as_str());
    }
    let form = Asked::new(&typed, problem);
    html! {
        h2 class="govuk-heading-m" { "Begin an assessment" }
        @if choices.is_empty() { (list::nothing("This council has no form that you can begin with.")) } @else {
            form method="post" action=(of.to(visit, &["assessments"])) novalidate {
                (once())
                (form.radios(ask("form", "Which form"), &choices))
                (form.radios(ask("language", "Language"), &[("en", "English"), ("cy", "Cymraeg (Welsh)")]))
                (button("Begin"))
            }
        }
    }
}

pub async fn begin(visit: Visit, Path((_, id)): Path<(String, String)>, typed: Typed) -> Result<Response, Failed> {
    let mut body = Value::Object(typed.object(&["form", "language"]));
    if body.get("form").is_none() {
        body["form"] = json!("");
    }
    match visit.api.post(&visit.v1(&["families", &id, "assessments"]), &body, typed.once()).await {
        Ok(begun) => Ok(visit.done(&["assessments", begun["id"].as_str().unwrap_or_default()], "begun")),
        Err(Failed::Refused(problem)) if problem.is_of_input() => {
            Ok(page(&visit, &id, &typed, Some(&problem.at("form"))).await?.into_response())
        }
        Err(failed) => Err(failed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn better_is_better_whichever_way_the_scale_points() {
        let distance = |travelled, higher_is_better| {
            let d = Distance { domain: "child".into(), higher_is_better, least: 1.0, most: 5.0, person: None, readings: vec![], travelled };
            d.words()
        };
        assert_eq!(distance(Some(1.5), true), "Better by 1.5 since the first.");
        assert_eq!(distance(Some(1.5), false), "Worse by 1.5 since the first.");
        assert_eq!(distance(Some(-2.0), false), "Better by 2 since the first.");
        assert_eq!(distance(Some(0.0), true), "As at first.");
        assert_eq!(distance(None, true), "Assessed once.");
    }
}
