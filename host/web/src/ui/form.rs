//! Forms: how a question is asked. A form that was refused comes back as it was typed, with what is wrong said
//! above it and at the field.

use maud::{Markup, html};

pub use super::typed::Typed;
use crate::upstream::Problem;
use crate::welsh::word;

/// A form as it is asked: what was typed before, and what was wrong with it.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    pub typed: &'a Typed,
    pub problem: Option<&'a Problem>,
    /// What else is wrong, by field.
    pub faults: &'a [Fault],
    /// Of the words that the parts themselves say.
    language: &'a str,
}

/// Something wrong at a field: its id, and what, in the reader's words.
#[derive(Debug, Clone)]
pub struct Fault {
    pub field: String,
    pub words: String,
    /// What was asked there: said before the words in the summary, where nothing else tells which field it is.
    pub asked: String,
}

/// How a question is put: the name of its field, its words, and a hint below them.
#[derive(Debug, Clone, Copy)]
pub struct Ask<'a> {
    pub name: &'a str,
    pub label: &'a str,
    pub hint: &'a str,
}

/// An answer to choose: its value and its words.
pub type Choice<'a> = (&'a str, &'a str);

impl<'a> Asked<'a> {
    #[must_use]
    pub const fn new(typed: &'a Typed, problem: Option<&'a Problem>) -> Self {
        Self { typed, problem, faults: &[], language: "en" }
    }

    /// `cy`: what the parts themselves say is in Welsh.
    #[must_use]
    pub const fn language(mut self, language: &'a str) -> Self {
        self.language = language;
        self
    }

    /// What is wrong with a question of several fields, above them.
    #[must_use]
    pub fn error(&self, name: &str) -> Markup {
        error_of(name, self.wrong(name), self.language)
    }

    /// With several things wrong at once.
    #[must_use]
    pub const fn faults(mut self, faults: &'a [Fault]) -> Self {
        self.faults = faults;
        self
    }

    fn wrong(&self, name: &str) -> Option<&'a str> {
        if let Some(fault) = self.faults.iter().find(|f| f.field == name) {
            return Some(&fault.words);
        }
        let problem = self.problem?;
        is_at(problem.field.as_deref()?, name).then(|| problem.words())
    }

    fn value(&self, name: &str) -> &str {
        self.typed.first(name)
    }

    /// One line of text. `kind` as HTML has it: `text`, `email`, `search`, `password`.
    #[must_use]
    pub fn line(&self, ask: Ask<'_>, kind: &str) -> Markup {
        let wrong = self.wrong(ask.name);
        group(
            wrong,
            html! {
                label class="govuk-label" for=(ask.name) { (ask.label) }
                (hint_of(ask))
                (error_of(ask.name, wrong, self.language))
                input class={ "govuk-input" @if wrong.is_some() { " govuk-input--error" } } id=(ask.name) name=(ask.name) type=(kind)
                    value=(self.value(ask.name)) aria-describedby=[described(ask, wrong)] autocomplete=[autocomplete(kind)];
            },
        )
    }

    /// A number or a short code. `suffix`: its unit.
    #[must_use]
    pub fn number(&self, ask: Ask<'_>, prefix: &str, suffix: &str) -> Markup {
        let wrong = self.wrong(ask.name);
        group(
            wrong,
            html! {
                label class="govuk-label" for=(ask.name) { (ask.label) }
                (hint_of(ask))
                (error_of(ask.name, wrong, self.language))
                div class="govuk-input__wrapper" {
                    @if !prefix.is_empty() { div class="govuk-input__prefix" aria-hidden="true" { (prefix) } }
                    input class={ "govuk-input govuk-input--width-10" @if wrong.is_some() { " govuk-input--error" } } id=(ask.name) name=(ask.name)
                        type="text" inputmode="decimal" spellcheck="false" value=(self.value(ask.name)) aria-describedby=[described(ask, wrong)];
                    @if !suffix.is_empty() { div class="govuk-input__suffix" aria-hidden="true" { (suffix) } }
                }
            },
        )
    }

    #[must_use]
    pub fn text(&self, ask: Ask<'_>, rows: u8) -> Markup {
        let wrong = self.wrong(ask.name);
        group(
            wrong,
            html! {
                label class="govuk-label" for=(ask.name) { (ask.label) }
                (hint_of(ask))
                (error_of(ask.name, wrong, self.language))
                textarea class={ "govuk-textarea" @if wrong.is_some() { " govuk-textarea--error" } } id=(ask.name) name=(ask.name) rows=(rows)
                    aria-describedby=[described(ask, wrong)] { (self.value(ask.name)) }
            },
        )
    }

    /// Day, month, year.
    #[must_use]
    pub fn day(&self, ask: Ask<'_>) -> Markup {
        let wrong = self.wrong(ask.name);
        let days = [word(self.language, "Day"), word(self.language, "Month"), word(self.language, "Year")];
        group(
            wrong,
            html! {
                fieldset class="govuk-fieldset" role="group" aria-describedby=[described(ask, wrong)] {
                    legend class="govuk-fieldset__legend" { (ask.label) }
                    (hint_of(ask))
                    (error_of(ask.name, wrong, self.language))
                    div class="govuk-date-input" id=(ask.name) {
                        @for ((of, width), label) in [("day", 2), ("month", 2), ("year", 4)].into_iter().zip(days) {
                            @let name = format!("{}-{of}", ask.name);
                            div class="govuk-date-input__item" {
                                div class="govuk-form-group" {
                                    label class="govuk-label govuk-date-input__label" for=(name) { (label) }
                                    input class={ "govuk-input govuk-date-input__input govuk-input--width-" (width) @if wrong.is_some() { " govuk-input--error" } }
                                        id=(name) name=(name) type="text" inputmode="numeric" value=(self.value(&name));
                                }
                            }
                        }
                    }
                }
            },
        )
    }

    #[must_use]
    pub fn radios(&self, ask: Ask<'_>, choices: &[Choice<'_>]) -> Markup {
        self.choices(ask, choices, "radio")
    }

    #[must_use]
    pub fn boxes(&self, ask: Ask<'_>, choices: &[Choice<'_>]) -> Markup {
        self.choices(ask, choices, "checkbox")
    }

    fn choices(&self, ask: Ask<'_>, choices: &[Choice<'_>], kind: &str) -> Markup {
        let wrong = self.wrong(ask.name);
        let class = if kind == "radio" { "govuk-radios" } else { "govuk-checkboxes" };
        let chosen = self.typed.all(ask.name);
        // A few short answers stand beside each other.
        let beside = kind == "radio" && choices.len() <= 4 && choices.iter().all(|(_, label)| label.chars().count() <= 16);
        group(
            wrong,
            html! {
                fieldset class="govuk-fieldset" aria-describedby=[described(ask, wrong)] {
                    legend class="govuk-fieldset__legend" { (ask.label) }
                    (hint_of(ask))
                    (error_of(ask.name, wrong, self.language))
                    div class={ (class) @if beside { " govuk-radios--inline" } } data-module=(class) {
                        @for (i, (value, label)) in choices.iter().enumerate() {
                            // The first has the name itself, for the way there from the summary of errors.
                            @let id = if i == 0 { ask.name.to_owned() } else { format!("{}-{}", ask.name, i + 1) };
                            div class={ (class) "__item" } {
                                input class={ (class) "__input" } id=(id) name=(ask.name) type=(kind) value=(value) checked[chosen.contains(value)];
                                label class={ "govuk-label " (class) "__label" } for=(id) { (label) }
                            }
                        }
                    }
                }
            },
        )
    }

    /// For a choice of many; the first is none of them.
    #[must_use]
    pub fn select(&self, ask: Ask<'_>, choices: &[Choice<'_>]) -> Markup {
        let wrong = self.wrong(ask.name);
        let chosen = self.value(ask.name);
        group(
            wrong,
            html! {
                label class="govuk-label" for=(ask.name) { (ask.label) }
                (hint_of(ask))
                (error_of(ask.name, wrong, self.language))
                select class={ "govuk-select" @if wrong.is_some() { " govuk-select--error" } } id=(ask.name) name=(ask.name)
                    aria-describedby=[described(ask, wrong)] {
                    option value="" { (word(self.language, "Choose")) }
                    @for (value, label) in choices { option value=(value) selected[*value == chosen] { (label) } }
                }
            },
        )
    }

    /// A file; the form says `enctype="multipart/form-data"`.
    #[must_use]
    pub fn file(&self, ask: Ask<'_>, accept: &str) -> Markup {
        let wrong = self.wrong(ask.name);
        group(
            wrong,
            html! {
                label class="govuk-label" for=(ask.name) { (ask.label) }
                (hint_of(ask))
                (error_of(ask.name, wrong, self.language))
                input class={ "govuk-file-upload" @if wrong.is_some() { " govuk-file-upload--error" } } id=(ask.name) name=(ask.name) type="file" accept=(accept)
                    aria-describedby=[described(ask, wrong)];
            },
        )
    }
}

/// A new key for a form. Sent twice, it is done once.
#[must_use]
pub fn once() -> Markup {
    let mut bytes = [0; 16];
    // Without one, a form works and is not protected from being sent twice.
    let key = getrandom::fill(&mut bytes).map(|()| hex::encode(bytes)).unwrap_or_default();
    html! { input type="hidden" name="once" value=(key); }
}

/// What is kept through a form.
#[must_use]
pub fn hidden(name: &str, value: &str) -> Markup {
    html! { input type="hidden" name=(name) value=(value); }
}

#[must_use]
pub fn button(words: &str) -> Markup {
    html! { button type="submit" class="govuk-button" data-module="govuk-button" data-prevent-double-click="true" { (words) } }
}

#[must_use]
pub fn second_button(words: &str) -> Markup {
    html! { button type="submit" class="govuk-button govuk-button--secondary" data-module="govuk-button" { (words) } }
}

#[must_use]
pub fn warning_button(words: &str) -> Markup {
    html! { button type="submit" class="govuk-button govuk-button--warning" data-module="govuk-button" { (words) } }
}

/// A form of one button, for an act that needs no words.
#[must_use]
pub fn act(to: &str, words: &str) -> Markup {
    html! { form method="post" action=(to) { (once()) (second_button(words)) } }
}

/// Several things that are wrong, above everything, each with the way to its field.
#[must_use]
pub fn faults(all: &[Fault], language: &str) -> Markup {
    html! {
        div class="govuk-error-summary" data-module="govuk-error-summary" {
            div role="alert" {
                h2 class="govuk-error-summary__title" { (word(language, "There is a problem")) }
                div class="govuk-error-summary__body" {
                    ul class="govuk-list govuk-error-summary__list" {
                        @for fault in all {
                            li { a href={ "#" (fault.field) } { @if !fault.asked.is_empty() { (fault.asked) ": " } (sentence(&fault.words)) } }
                        }
                    }
                }
            }
        }
    }
}

/// Parts of one question that belong together: what it asks above them.
#[must_use]
pub fn fieldset(legend: &str, hint: &str, inner: &Markup) -> Markup {
    html! {
        div class="govuk-form-group" {
            fieldset class="govuk-fieldset" {
                legend class="govuk-fieldset__legend govuk-fieldset__legend--s" { (legend) }
                @if !hint.is_empty() { p class="govuk-hint" { (hint) } }
                (inner)
            }
        }
    }
}

/// A button beside the form's own, that says which it was.
#[must_use]
pub fn go_button(value: &str, words: &str) -> Markup {
    html! { button type="submit" name="go" value=(value) class="govuk-button govuk-button--secondary" data-module="govuk-button" { (words) } }
}

/// What was wrong, above everything, with the way to the field. What the API says of it is English.
#[must_use]
pub fn summary(problem: &Problem, language: &str) -> Markup {
    html! {
        div class="govuk-error-summary" data-module="govuk-error-summary" {
            div role="alert" {
                h2 class="govuk-error-summary__title" { (word(language, "There is a problem")) }
                div class="govuk-error-summary__body" lang=[(language != "en").then_some("en")] {
                    ul class="govuk-list govuk-error-summary__list" {
                        li {
                            @match field_of(problem) {
                                Some(field) => { a href={ "#" (field) } { (sentence(problem.words())) } }
                                None => { (sentence(&problem.detail)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Is that where the API found something wrong? It names `settings.rates[0].from` what a form has as `rates[0].from`, `detail.reason` what it
/// has as `reason`, and `rates[0].from` where a form has only `rates` as a whole.
fn is_at(path: &str, name: &str) -> bool {
    let ends = |rest: &str| rest.is_empty() || rest.ends_with('.');
    path.strip_suffix(name).is_some_and(ends)
        || path.strip_prefix("settings.").is_some_and(|p| p.strip_prefix(name).is_some_and(|rest| rest.starts_with('[')))
}

/// The way from the summary: the last part, but for a row of settings, which is whole.
fn field_of(problem: &Problem) -> Option<&str> {
    let path = problem.field.as_deref()?;
    let settings = path.strip_prefix("settings.");
    settings.or_else(|| path.rsplit('.').next()).filter(|f| !f.is_empty())
}

/// As people write it: it begins with a capital.
#[must_use]
pub fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn group(wrong: Option<&str>, inner: Markup) -> Markup {
    html! { div class={ "govuk-form-group" @if wrong.is_some() { " govuk-form-group--error" } } { (inner) } }
}

fn hint_of(ask: Ask<'_>) -> Markup {
    html! { @if !ask.hint.is_empty() { div class="govuk-hint" id={ (ask.name) "-hint" } { (ask.hint) } } }
}

fn error_of(name: &str, wrong: Option<&str>, language: &str) -> Markup {
    html! {
        @if let Some(words) = wrong {
            p class="govuk-error-message" id={ (name) "-error" } { span class="govuk-visually-hidden" { (word(language, "Error")) ": " } (sentence(words)) }
        }
    }
}

fn described(ask: Ask<'_>, wrong: Option<&str>) -> Option<String> {
    let hint = (!ask.hint.is_empty()).then(|| format!("{}-hint", ask.name));
    let error = wrong.map(|_| format!("{}-error", ask.name));
    match (hint, error) {
        (Some(hint), Some(error)) => Some(format!("{hint} {error}")),
        (hint, error) => hint.or(error),
    }
}

fn autocomplete(kind: &str) -> Option<&'static str> {
    (kind == "email").then_some("email")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(pairs: &[(&str, &str)]) -> Typed {
        let mut typed = Typed::default();
        for (name, value) in pairs {
            typed.add(name, *value);
        }
        typed
    }

    #[test]
    fn a_refused_form_comes_back_as_it_was_typed_and_says_why_at_the_field() {
        let form = typed(&[("why", "<script>alert(1)</script>")]);
        let problem: Problem = serde_json::from_value(serde_json::json!({
            "type": "/problems/invalid", "title": "", "status": 422, "detail": "detail.why: is too long", "field": "detail.why",
        }))
        .unwrap();
        let asked = Asked::new(&form, Some(&problem));
        let markup = asked.text(Ask { name: "why", label: "Why", hint: "" }, 3).into_string();
        assert!(markup.contains("&lt;script&gt;") && !markup.contains("<script>"), "{markup}");
        assert!(markup.contains("Is too long") && markup.contains(r#"aria-describedby="why-error""#), "{markup}");
        assert!(summary(&problem, "en").into_string().contains(r##"href="#why""##));
    }
}
