//! The frame around every page.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use maud::{DOCTYPE, Markup, html};

use super::form::Fault;
use crate::assets;
use crate::upstream::Problem;
use crate::welsh::word;

/// A page above this one: where it is, and its name.
#[derive(Debug, Clone)]
pub struct Crumb(pub String, pub String);

/// Whoever looks at a page, as its frame shows them.
#[derive(Debug, Clone, Default)]
pub struct Frame {
    /// The council whose page it is, or of the host where it is nobody's.
    pub council: Option<(String, String)>,
    /// Whoever is signed in.
    pub name: Option<String>,
    /// Where they may go: address and name.
    pub ways: Vec<(String, &'static str)>,
    /// Of those, the one that this page is under.
    pub here: String,
    /// What was just done.
    pub told: Option<&'static str>,
}

/// A whole page.
#[derive(Debug, Clone)]
pub struct Page {
    pub frame: Frame,
    title: String,
    crumbs: Vec<Crumb>,
    /// Shows a family: a way to leave at once.
    private: bool,
    problem: Option<Problem>,
    faults: Vec<Fault>,
    body: Markup,
    status: StatusCode,
    language: String,
}

impl Page {
    #[must_use]
    pub fn new(frame: Frame, title: impl Into<String>, body: Markup) -> Self {
        Self {
            frame,
            title: title.into(),
            crumbs: Vec::new(),
            private: false,
            problem: None,
            faults: Vec::new(),
            body,
            status: StatusCode::OK,
            language: "en".to_owned(),
        }
    }

    /// The pages above this one, from the top.
    #[must_use]
    pub fn below(mut self, crumbs: impl IntoIterator<Item = Crumb>) -> Self {
        self.crumbs.extend(crumbs);
        self
    }

    #[must_use]
    pub const fn private(mut self) -> Self {
        self.private = true;
        self
    }

    /// With what was wrong in what somebody sent: it stands above everything, and the title says so.
    #[must_use]
    pub fn wrong(mut self, problem: Option<&Problem>) -> Self {
        if let Some(problem) = problem {
            self.status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::UNPROCESSABLE_ENTITY);
            self.problem = Some(problem.clone());
        }
        self
    }

    /// With several things wrong at once.
    #[must_use]
    pub fn faults(mut self, faults: &[Fault]) -> Self {
        if !faults.is_empty() {
            self.status = StatusCode::UNPROCESSABLE_ENTITY;
            self.faults = faults.to_vec();
        }
        self
    }

    #[must_use]
    pub const fn status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// `cy`: what the page shows is in Welsh, where a form has it, and the frame around it too, but for the ways to other pages.
    #[must_use]
    pub fn language(mut self, language: &str) -> Self {
        language.clone_into(&mut self.language);
        self
    }

    fn markup(&self) -> Markup {
        let frame = &self.frame;
        let of = frame.council.as_ref().map_or("Hearth", |(_, name)| name.as_str());
        let wrong = self.problem.is_some() || !self.faults.is_empty();
        let word = |english: &'static str| word(&self.language, english);
        html! {
            (DOCTYPE)
            html lang=(self.language) class="govuk-template" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover";
                    title { @if wrong { (word("Error")) ": " } (self.title) " – " (of) }
                    link rel="icon" href=(assets::address("hearth.svg")) type="image/svg+xml";
                    link rel="stylesheet" href=(assets::address("hearth.css"));
                    script type="module" src=(assets::address("hearth.js")) {}
                }
                body class="govuk-template__body" {
                    a href="#main-content" class="govuk-skip-link" data-module="govuk-skip-link" { (word("Skip to main content")) }
                    (self.header())
                    div class="govuk-width-container" {
                        (self.crumbs())
                        @if self.private { (exit(&self.language)) }
                        main class="govuk-main-wrapper" id="main-content" {
                            @if let Some(told) = frame.told { (told_of(told, &self.language)) }
                            @if let Some(problem) = &self.problem { (super::form::summary(problem, &self.language)) }
                            @if !self.faults.is_empty() { (super::form::faults(&self.faults, &self.language)) }
                            (self.body)
                        }
                    }
                    footer class="govuk-footer" lang=[self.english()] {
                        div class="govuk-width-container" {
                            ul class="govuk-footer__inline-list" {
                                li class="govuk-footer__inline-list-item" { a class="govuk-footer__link" href="/docs" { "API" } }
                                li class="govuk-footer__inline-list-item" { a class="govuk-footer__link" href="/docs/plugins" { "Writing plugins" } }
                                li class="govuk-footer__inline-list-item" { a class="govuk-footer__link" href="/limits" { "Limits" } }
                            }
                            p class="govuk-footer__licence-description" { "Hearth. All people in a demonstration are invented." }
                        }
                    }
                }
            }
        }
    }

    fn header(&self) -> Markup {
        let frame = &self.frame;
        let (home, name) = frame.council.clone().unwrap_or_else(|| ("/".to_owned(), "Hearth".to_owned()));
        html! {
            header class="hearth-header" {
                div class="govuk-width-container hearth-header__row" {
                    a class="hearth-header__name" href=(home) { (name) }
                    @if let Some(who) = &frame.name {
                        div class="hearth-header__who" {
                            a href="/me" { (who) }
                            form method="post" action="/sign-out" { button class="hearth-header__out" { (word(&self.language, "Sign out")) } }
                        }
                    }
                }
            }
            @if !frame.ways.is_empty() {
                div class="govuk-service-navigation" data-module="govuk-service-navigation" {
                    div class="govuk-width-container" {
                        div class="govuk-service-navigation__container" {
                            nav class="govuk-service-navigation__wrapper" aria-label=(word(&self.language, "Menu")) {
                                button type="button" class="govuk-service-navigation__toggle govuk-js-service-navigation-toggle"
                                    aria-controls="navigation" hidden { (word(&self.language, "Menu")) }
                                ul class="govuk-service-navigation__list" id="navigation" lang=[self.english()] {
                                    @for (to, name) in &frame.ways {
                                        @let here = *to == frame.here;
                                        li class={ "govuk-service-navigation__item" @if here { " govuk-service-navigation__item--active" } } {
                                            a class="govuk-service-navigation__link" href=(to) aria-current=[here.then_some("true")] {
                                                @if here { strong class="govuk-service-navigation__active-fallback" { (name) } } @else { (name) }
                                            }
                                        }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    /// The language of what stays English on a page that is not.
    fn english(&self) -> Option<&'static str> {
        (self.language != "en").then_some("en")
    }

    fn crumbs(&self) -> Markup {
        html! {
            @if !self.crumbs.is_empty() {
                nav class="govuk-breadcrumbs" aria-label=(word(&self.language, "Breadcrumb")) {
                    ol class="govuk-breadcrumbs__list" {
                        @for Crumb(to, name) in &self.crumbs {
                            li class="govuk-breadcrumbs__list-item" { a class="govuk-breadcrumbs__link" href=(to) { (name) } }
                        }
                    }
                }
            }
        }
    }
}

fn told_of(what: &str, language: &str) -> Markup {
    let said = word(language, what);
    // What is done by others than a family's keyworker is told in English.
    let english = (language != "en" && said == what).then_some("en");
    html! {
        div class="govuk-notification-banner govuk-notification-banner--success" role="alert" aria-labelledby="told"
            data-module="govuk-notification-banner" {
            div class="govuk-notification-banner__header" { h2 class="govuk-notification-banner__title" id="told" { (word(language, "Done")) } }
            div class="govuk-notification-banner__content" { p class="govuk-notification-banner__heading" lang=[english] { (said) } }
        }
    }
}

/// Where somebody may look over a shoulder.
fn exit(language: &str) -> Markup {
    html! {
        aside class="hearth-exit" aria-label=(word(language, "Leave this page")) {
            a class="govuk-button govuk-button--warning" href="https://www.bbc.co.uk/weather" rel="nofollow noreferrer" data-hearth-exit {
                (word(language, "Exit this page"))
            }
        }
    }
}

impl IntoResponse for Page {
    fn into_response(self) -> Response {
        let mut answer = (self.status, self.markup()).into_response();
        // Of people: nothing of it is kept by a browser or by what stands between.
        answer.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        answer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_frame_around_a_form_in_welsh_is_welsh() {
        let fault = || Fault { field: "a".into(), words: "rhywbeth".into(), asked: String::new() };
        let page = |language: &str| {
            let frame = Frame { name: Some("Priya Nair".into()), told: Some("Your answers are saved."), ..Frame::default() };
            let page = Page::new(frame, "Teitl", html! { p { "…" } }).private().faults(&[fault()]).language(language);
            page.markup().into_string()
        };
        let english = ["Skip to main content", "Sign out", "Exit this page", "There is a problem", "Your answers are saved.", "Error: "];
        let (read_in_english, welsh) = (page("en"), page("cy"));
        for words in english {
            assert!(read_in_english.contains(words) && !welsh.contains(words), "{words}: {welsh}");
        }
        assert!(read_in_english.contains(r#"<html lang="en""#) && !read_in_english.contains(r#"lang="cy""#), "{read_in_english}");
        assert!(welsh.contains(r#"<html lang="cy""#) && welsh.contains(r#"<footer class="govuk-footer" lang="en""#), "{welsh}");
    }
}
