//! What is shown: tables, lists of pairs, tags.

use maud::{Markup, PreEscaped, html};

use crate::upstream::escaped;

/// A table that scrolls within itself on a small screen. `heads`: their words; a cell of a row stands below each.
#[must_use]
pub fn table(caption: &str, heads: &[&str], rows: &[Vec<Markup>]) -> Markup {
    html! {
        div class="hearth-wide" role="region" aria-label=(caption) tabindex="0" {
            table class="govuk-table" {
                caption class="govuk-table__caption govuk-table__caption--m" { (caption) }
                thead class="govuk-table__head" {
                    tr class="govuk-table__row" { @for head in heads { th scope="col" class="govuk-table__header" { (head) } } }
                }
                tbody class="govuk-table__body" {
                    @for row in rows { tr class="govuk-table__row" { @for cell in row { td class="govuk-table__cell" { (cell) } } } }
                }
            }
        }
    }
}

/// Pairs of a name and what it is. What is nothing is left out by whoever calls.
#[must_use]
pub fn pairs(rows: &[(&str, Markup)]) -> Markup {
    html! {
        dl class="govuk-summary-list" {
            @for (name, value) in rows {
                div class="govuk-summary-list__row" {
                    dt class="govuk-summary-list__key" { (name) }
                    dd class="govuk-summary-list__value" { (value) }
                }
            }
        }
    }
}

/// Numbers that stand for the whole: a few, large.
#[must_use]
pub fn figures(rows: &[(&str, String)]) -> Markup {
    html! { dl class="hearth-figures" { @for (name, value) in rows { div { dt { (name) } dd { (value) } } } } }
}

/// `colour` of GOV.UK Frontend's tags: `green`, `red`, `yellow`, `grey`, `blue`, …
#[must_use]
pub fn tag(words: &str, colour: &str) -> Markup {
    html! { strong class={ "govuk-tag govuk-tag--" (colour) } { (words) } }
}

#[must_use]
pub fn link(to: &str, words: &str) -> Markup {
    html! { a class="govuk-link" href=(to) { (words) } }
}

/// Nothing to show, and why that may be.
#[must_use]
pub fn nothing(words: &str) -> Markup {
    html! { p class="govuk-body" { (words) } }
}

#[must_use]
pub fn inset(words: &str) -> Markup {
    html! { div class="govuk-inset-text" { (words) } }
}

#[must_use]
pub fn warning(words: &str) -> Markup {
    html! {
        div class="govuk-warning-text" {
            span class="govuk-warning-text__icon" aria-hidden="true" { "!" }
            strong class="govuk-warning-text__text" { span class="govuk-visually-hidden" { "Warning" } (words) }
        }
    }
}

/// What is opened by whoever wants it.
#[must_use]
pub fn details(summary: &str, inner: &Markup) -> Markup {
    html! {
        details class="govuk-details" {
            summary class="govuk-details__summary" { span class="govuk-details__summary-text" { (summary) } }
            div class="govuk-details__text" { (inner) }
        }
    }
}

/// What is to be done, each with the way there and how it stands.
#[must_use]
pub fn steps(rows: &[(String, String, Markup)]) -> Markup {
    html! {
        ul class="govuk-task-list" {
            @for (to, name, stands) in rows {
                li class="govuk-task-list__item govuk-task-list__item--with-link" {
                    div class="govuk-task-list__name-and-hint" { a class="govuk-link govuk-task-list__link" href=(to) { (name) } }
                    div class="govuk-task-list__status" { (stands) }
                }
            }
        }
    }
}

/// Pages of one thing beside each other: address and name; `here` is the one that is shown.
#[must_use]
pub fn sections(label: &str, ways: &[(String, &str)], here: &str) -> Markup {
    html! {
        nav class="hearth-sections" aria-label=(label) {
            ul {
                @for (to, name) in ways {
                    li { a class="govuk-link" href=(to) aria-current=[(*to == here).then_some("page")] { (name) } }
                }
            }
        }
    }
}

/// The way to the rest of a list. `to`: the address of this page, with what it was asked.
#[must_use]
pub fn rest(to: &str, next: Option<&str>) -> Markup {
    let Some(next) = next else { return PreEscaped(String::new()) };
    let joint = if to.contains('?') { '&' } else { '?' };
    html! {
        nav class="govuk-pagination" aria-label="Pagination" {
            div class="govuk-pagination__next" {
                a class="govuk-link govuk-pagination__link" href={ (to) (joint) "after=" (escaped(next)) } rel="next" {
                    span class="govuk-pagination__link-title" { "More" span class="govuk-visually-hidden" { " of this list" } }
                }
            }
        }
    }
}

/// A step of a way that several people go: where it is done, if whoever looks may, and how it stands.
#[derive(Debug)]
pub struct Step {
    pub to: Option<String>,
    pub name: String,
    pub hint: String,
    pub stands: Markup,
}

/// Steps in their order, as a task list.
#[must_use]
pub fn way(rows: &[Step]) -> Markup {
    html! {
        ul class="govuk-task-list" {
            @for (i, row) in rows.iter().enumerate() {
                @let hint = (!row.hint.is_empty()).then(|| format!("step-{i}-hint"));
                li class={ "govuk-task-list__item" @if row.to.is_some() { " govuk-task-list__item--with-link" } } {
                    div class="govuk-task-list__name-and-hint" {
                        @match &row.to {
                            Some(to) => a class="govuk-link govuk-task-list__link" href=(to) aria-describedby=[hint.as_deref()] { (row.name) },
                            None => div { (row.name) },
                        }
                        @if let Some(id) = &hint { div class="govuk-task-list__hint" id=(id) { (row.hint) } }
                    }
                    div class="govuk-task-list__status" { (row.stands) }
                }
            }
        }
    }
}

/// A heading of a table that is sorted by it: its words, and the address of this page in that order, where there is one.
pub type Head<'a> = (&'a str, Option<String>);

/// What a cell shows, and by what it is sorted where that is another.
pub type Cell = (Markup, Option<String>);

/// As [`table`], sorted where it stands by a script, and by the host without. `by`: the heading that it is sorted by,
/// and whether the largest stands first.
#[must_use]
pub fn sortable(caption: &str, heads: &[Head<'_>], by: Option<(usize, bool)>, rows: &[Vec<Cell>]) -> Markup {
    html! {
        div class="hearth-wide" role="region" aria-label=(caption) tabindex="0" {
            table class="govuk-table" data-hearth-sort {
                caption class="govuk-table__caption govuk-table__caption--m" { (caption) }
                thead class="govuk-table__head" {
                    tr class="govuk-table__row" {
                        @for (i, (head, to)) in heads.iter().enumerate() {
                            @let sorted = to.is_some().then_some(match by { Some((at, down)) if at == i => if down { "descending" } else { "ascending" }, _ => "none" });
                            th scope="col" class="govuk-table__header" aria-sort=[sorted] {
                                @match to { Some(to) => a class="govuk-link" href=(to) { (head) }, None => (head) }
                            }
                        }
                    }
                }
                tbody class="govuk-table__body" {
                    @for row in rows {
                        tr class="govuk-table__row" { @for (cell, value) in row { td class="govuk-table__cell" data-value=[value.as_deref()] { (cell) } } }
                    }
                }
            }
        }
    }
}
