//! What keeps a council's own house: its people, whom it shares with, what is held back, who looked at what, and what people asked to
//! see of themselves.

mod audit;
mod emergencies;
mod holds;
mod organisations;
mod people;
pub mod roles;
mod subject;

use axum::Router;
use axum::routing::get;
use maud::html;

use crate::Pages;
use crate::ui::{Crumb, Page, list};
use crate::visit::Visit;

pub fn routes() -> Router<Pages> {
    Router::new()
        .route("/{authority}/administration", get(administration))
        .merge(people::routes())
        .merge(organisations::routes())
        .merge(holds::routes())
        .merge(audit::routes())
        .merge(subject::routes())
        .merge(emergencies::routes())
}

/// Where each is, what it is called and for, and the verb without which there is nothing to see.
const PARTS: &[(&str, &str, &str, &str)] = &[
    ("people", "People", "Who works here, and as what", "manage-people"),
    ("invitations", "Invitations", "Who was asked to join", "invite"),
    ("organisations", "Organisations", "Whoever takes part: schools, police, charities", "see-directory"),
    ("agreements", "Agreements to share", "What may be shared with whom, and on which ground", "see-rules"),
    ("holds", "Legal holds", "What may not be erased, and why", "hold-back"),
    ("subject-requests", "Subject access requests", "What people asked to see of themselves", "answer-subjects"),
    ("emergencies", "Emergencies", "Families that somebody opened without being asked to", "review-emergencies"),
    ("audit", "Audit trail", "Who looked at what, and did what", "read-audit"),
    ("sign-ins", "Sign-ins", "Who signed in, and who tried", "read-audit"),
];

async fn administration(visit: Visit) -> Page {
    let parts = PARTS.iter().filter(|(.., verb)| visit.me.may(verb));
    let body = html! {
        h1 class="govuk-heading-l" { "Administration" }
        dl class="govuk-summary-list" {
            @for (step, name, what, _) in parts {
                div class="govuk-summary-list__row" {
                    dt class="govuk-summary-list__key" { (list::link(&visit.to(&["administration", step]), name)) }
                    dd class="govuk-summary-list__value" { (what) }
                }
            }
        }
    };
    visit.page("Administration", body)
}

fn above(visit: &Visit) -> [Crumb; 1] {
    [visit.crumb(&["administration"], "Administration")]
}
