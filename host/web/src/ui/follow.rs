//! Work that goes on while people look.

use maud::{Markup, html};

/// How far it is: told as it happens where scripts run, with a way to look again where they do not. `events`: where the API tells of it.
/// `things`: what is counted. When it is over the page is asked for anew.
#[must_use]
pub fn progress(events: &str, things: &str, done: usize, again: &str) -> Markup {
    html! {
        p class="govuk-body" {
            span data-hearth-follow=(events) data-hearth-things=(things) { (done) " " (things) " so far" } ". "
            a class="govuk-link" href=(again) { "Look again" }
        }
    }
}
