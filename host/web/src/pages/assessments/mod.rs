//! Assessments: a plugin's form, page by page; checked, submitted, signed for the family, signed off or sent back.

mod acts;
mod check;
mod file;
pub mod form;
mod page;
mod question;
mod typed;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Path, Query};
use axum::response::Response;
use axum::routing::{get, post};
use maud::{Markup, html};
use serde::Deserialize;

use crate::Pages;
use crate::pages::families::Family;
use crate::ui::form::act;
use crate::ui::{Crumb, Page, list};
use crate::upstream::{Failed, List, query};
use crate::visit::{Visit, see_other};
use crate::welsh::word;
use crate::words;
use form::{Answers, Form, Judged, Stands, stands};
use question::Names;

pub fn routes() -> Router<Pages> {
    Router::new()
        .route("/{authority}/assessments/{assessment}", get(overview))
        .route("/{authority}/assessments/{assessment}/pages/{page}", get(page::page).post(page::save))
        .route(
            "/{authority}/assessments/{assessment}/pages/{page}/files/{field}",
            get(file::ask).post(file::attach).layer(DefaultBodyLimit::max(17 << 20)),
        )
        .route("/{authority}/assessments/{assessment}/check", get(check::check).post(check::submit))
        .route("/{authority}/assessments/{assessment}/signatures", get(acts::sign_page).post(acts::sign))
        .route("/{authority}/assessments/{assessment}/sign-off", post(acts::sign_off))
        .route("/{authority}/assessments/{assessment}/{act}", get(acts::why_page).post(acts::why))
}

/// An assessment as `GET …/assessments/{assessment}` answers.
#[derive(Debug, Deserialize)]
pub struct Assessment {
    pub id: String,
    pub family: String,
    pub state: String,
    pub begun_by: String,
    pub typed_at: String,
    #[serde(default)]
    pub assessed: Option<String>,
    #[serde(default)]
    pub decision: Option<String>,
    #[serde(default)]
    pub answers: Option<Answers>,
    #[serde(default)]
    pub judged: Option<Judged>,
    #[serde(default)]
    pub acts: Vec<Act>,
    #[serde(default)]
    pub withheld: bool,
}

/// Something that was done with an assessment.
#[derive(Debug, Deserialize)]
pub struct Act {
    act: String,
    by: String,
    at: String,
    #[serde(default)]
    person: Option<String>,
    #[serde(default)]
    on: Option<String>,
    #[serde(default)]
    why: Option<String>,
}

/// An assessment, its form, and the family that it is about.
pub struct Opened {
    pub assessment: Assessment,
    pub version: Option<String>,
    pub form: Form,
    pub family: Family,
    pub language: String,
}

#[derive(Debug, Default, Deserialize)]
pub struct InLanguage {
    #[serde(default)]
    pub language: String,
}

impl InLanguage {
    /// Back to the assessment, in the language that was read, with what was just done.
    pub fn done(&self, visit: &Visit, id: &str, key: &str) -> Response {
        see_other(&format!("{}{}", visit.to(&["assessments", id]), query(&[("language", &self.language), ("told", key)])))
    }
}

impl Opened {
    /// # Errors
    /// [`Failed`].
    pub async fn of(visit: &Visit, id: &str, asked: &InLanguage) -> Result<Self, Failed> {
        let read = visit.api.read::<Assessment>(&visit.v1(&["assessments", id])).await?;
        let form: Form = visit.api.get(&visit.v1(&["assessments", id, "form"])).await?;
        let family: Family = visit.api.get(&visit.v1(&["families", &read.value.family])).await?;
        let begun_in = read.value.answers.as_ref().and_then(|a| a.language.clone());
        let asked = Some(asked.language.clone()).filter(|l| !l.is_empty());
        let language = if asked.or(begun_in).as_deref() == Some("cy") && form.title.has_welsh() { "cy" } else { "en" };
        Ok(Self { assessment: read.value, version: read.version, form, family, language: language.to_owned() })
    }

    pub fn is_draft(&self) -> bool {
        matches!(self.assessment.state.as_str(), "draft" | "sent-back")
    }

    pub fn answers(&self) -> Answers {
        self.assessment.answers.clone().unwrap_or_default()
    }

    pub fn word<'a>(&self, english: &'a str) -> &'a str {
        word(&self.language, english)
    }

    pub fn title(&self) -> &str {
        self.form.title.in_language(&self.language)
    }

    /// A page of this assessment's, in the language that is read.
    pub fn to(&self, visit: &Visit, steps: &[&str]) -> String {
        let all: Vec<&str> = ["assessments", self.assessment.id.as_str()].into_iter().chain(steps.iter().copied()).collect();
        format!("{}{}", visit.to(&all), query(&[("language", if self.language == "cy" { "cy" } else { "" })]))
    }

    pub fn above(&self, visit: &Visit) -> Vec<Crumb> {
        let family = self.assessment.family.as_str();
        vec![
            visit.crumb(&["families"], self.word("Families")),
            visit.crumb(&["families", family], self.family.reference.clone()),
            visit.crumb(&["families", family, "assessments"], self.word("Assessments")),
        ]
    }

    /// The same page in the form's other language.
    pub fn other_language(&self, here: &str) -> Markup {
        let (to, code, words) = if self.language == "cy" { ("en", "en", "English") } else { ("cy", "cy", "Cymraeg") };
        html! {
            @if self.form.title.has_welsh() {
                p class="govuk-body" { a class="govuk-link" href={ (here) (query(&[("language", to)])) } lang=(code) hreflang=(code) { (words) } }
            }
        }
    }
}

#[derive(Deserialize)]
struct Worker {
    login: String,
    name: String,
}

#[derive(Deserialize)]
struct Organisation {
    id: String,
    name: String,
}

/// Whom a form may name. Who may not list the council's workers names themselves.
async fn names(visit: &Visit, opened: &Opened) -> Result<Names, Failed> {
    let organisations: List<Organisation> = visit.api.get("/v1/organisations?limit=200").await?;
    let workers: Option<List<Worker>> = if visit.me.may("assign") { visit.api.maybe(&visit.v1(&["workers"])).await? } else { None };
    let mut workers: Vec<(String, String)> = workers.map(|w| w.items.into_iter().map(|w| (w.login, w.name)).collect()).unwrap_or_default();
    if !workers.iter().any(|(login, _)| *login == visit.session.login) {
        workers.push((visit.session.login.clone(), visit.session.name.clone()));
    }
    Ok(Names { people: opened.family.people(), organisations: organisations.items.into_iter().map(|o| (o.id, o.name)).collect(), workers })
}

/// What a state is called on a page.
pub fn state(state: &str, language: &str) -> Markup {
    let (words, colour) = match state {
        "draft" => (word(language, "Draft"), "blue"),
        "submitted" => (word(language, "Submitted"), "yellow"),
        "completed" => (word(language, "Completed"), "green"),
        "signed-by-family" => (word(language, "Signed by the family"), "green"),
        "signed-off" => (word(language, "Signed off"), "green"),
        "sent-back" => (word(language, "Sent back"), "red"),
        "superseded" => (word(language, "There is a newer one"), "grey"),
        "given-up" => (word(language, "Given up"), "grey"),
        other => return list::tag(&words::code(other), "grey"),
    };
    list::tag(words, colour)
}

async fn overview(visit: Visit, Path((_, id)): Path<(String, String)>, Query(asked): Query<InLanguage>) -> Result<Page, Failed> {
    let opened = Opened::of(&visit, &id, &asked).await?;
    let body = html! {
        span class="govuk-caption-l" { (opened.word("Family")) " " (opened.family.reference) }
        h1 class="govuk-heading-l" { (opened.title()) }
        p class="govuk-body" { (state(&opened.assessment.state, &opened.language)) @if let Some(on) = &opened.assessment.assessed { " " (opened.word("as of")) " " (words::day_in(&opened.language, on)) } }
        (opened.other_language(&visit.to(&["assessments", &id])))
        @if opened.assessment.withheld { (list::inset(opened.word("What was answered is shown to those who see all of the family."))) }
        @if opened.is_draft() { (tasks(&visit, &opened)) } @else { (after(&visit, &opened)) }
        (history(&opened))
    };
    let title = format!("{}: {}", opened.title(), opened.family.reference);
    Ok(visit.page(title, body).below(opened.above(&visit)).language(&opened.language).private())
}

/// The pages of a draft: done, and to do.
fn tasks(visit: &Visit, opened: &Opened) -> Markup {
    let Some(judged) = &opened.assessment.judged else { return html! {} };
    let answers = opened.answers();
    let shown: Vec<_> = opened.form.pages.iter().filter(|p| judged.pages.contains(&p.page)).collect();
    let stand: Vec<Stands> = shown.iter().map(|p| stands(p, judged, &answers)).collect();
    let done = stand.iter().filter(|s| matches!(s, Stands::Done)).count();
    let tag = |s: Stands| match s {
        Stands::Wrong => list::tag(opened.word("Something is wrong"), "red"),
        Stands::ToDo => list::tag(opened.word("To do"), "blue"),
        Stands::Begun => list::tag(opened.word("Begun"), "light-blue"),
        Stands::Done => html! { (opened.word("Done")) },
        Stands::Open => html! { (opened.word("Nothing has to be answered")) },
    };
    let rows: Vec<_> = shown
        .iter()
        .zip(&stand)
        .map(|(p, s)| (opened.to(visit, &["pages", &p.page]), p.title.in_language(&opened.language).to_owned(), tag(*s)))
        .collect();
    html! {
        p class="govuk-body" { (done) " / " (shown.len()) " " (opened.word("pages are done. Pages appear or go as you answer.")) }
        (list::steps(&rows))
        p class="govuk-body" {
            a class="govuk-button" href=(opened.to(visit, &["check"])) role="button" draggable="false" data-module="govuk-button" {
                (opened.word("Check the answers"))
            }
        }
        @if visit.me.may("assess") { p class="govuk-body" { (list::link(&opened.to(visit, &["end"]), opened.word("Give this draft up"))) } }
    }
}

/// What can be done with one that was submitted.
fn after(visit: &Visit, opened: &Opened) -> Markup {
    let state = opened.assessment.state.as_str();
    let to = |step: &str| visit.to(&["assessments", &opened.assessment.id, step]);
    let stands = matches!(state, "completed" | "signed-by-family");
    html! {
        ul class="govuk-list" {
            li { (list::link(&opened.to(visit, &["check"]), opened.word("Read the answers"))) }
            @if let Some(decision) = opened.assessment.decision.as_deref().filter(|_| visit.me.may("see-decisions")) {
                li { (list::link(&visit.to(&["decisions", decision]), opened.word("What the rules made of it"))) }
            }
            @if visit.me.may("assess") && stands { li { (list::link(&opened.to(visit, &["signatures"]), opened.word("Sign it for the family"))) } }
            @if visit.me.may("assess") && matches!(state, "completed" | "signed-by-family" | "signed-off") {
                li { (list::link(&to("amendment"), opened.word("Amend it: a new version, with the reason"))) }
            }
        }
        @if visit.me.may("sign-off") && matches!(state, "submitted" | "completed" | "signed-by-family") {
            // No family sits at what is the manager's.
            div lang="en" {
                h2 class="govuk-heading-m" { "For the manager" }
                (act(&to("sign-off"), "Sign it off"))
                p class="govuk-body" { (list::link(&to("return"), "Send it back, with the reason")) }
            }
        }
    }
}

fn history(opened: &Opened) -> Markup {
    html! {
        h2 class="govuk-heading-m" { (opened.word("What was done with it")) }
        ol class="hearth-timeline" lang="en" {
            @for act in &opened.assessment.acts {
                li {
                    time datetime=(act.at) { (words::at(&act.at)) }
                    (words::code(&act.act)) " by " (words::who(&act.by))
                    @if let Some(name) = act.person.as_deref().and_then(|p| opened.family.name_of(p)) { ", for " (name) }
                    @if let Some(on) = &act.on { ", on " (words::day(on)) }
                    @if let Some(why) = &act.why { ": " (why) }
                }
            }
            li { "Begun by " (words::who(&opened.assessment.begun_by)) "; last typed " (words::at(&opened.assessment.typed_at)) }
        }
    }
}
