//! "What may I share with …?": a plain answer, section by section, with the reason.

use axum::extract::{Path, Query};
use maud::{Markup, html};
use serde::Deserialize;

use super::{ask, open};
use crate::ui::form::{Asked, Typed, button};
use crate::ui::{Page, list};
use crate::upstream::{Failed, List, query};
use crate::visit::Visit;
use crate::words;

#[derive(Debug, Default, Deserialize)]
pub struct With {
    #[serde(default)]
    organisation: String,
}

#[derive(Deserialize)]
struct Organisation {
    id: String,
    name: String,
}

#[derive(Deserialize)]
struct Answer {
    sections: Vec<Section>,
    #[serde(default)]
    besides: String,
}

#[derive(Deserialize)]
struct Section {
    section: String,
    may: bool,
    #[serde(default)]
    person: Option<String>,
    sentence: String,
}

pub async fn sharing(visit: Visit, Path((_, id)): Path<(String, String)>, Query(with): Query<With>) -> Result<Page, Failed> {
    let of = open(&visit, &id).await?;
    let organisations: List<Organisation> = visit.api.get("/v1/organisations?limit=200").await?;
    let choices: Vec<(&str, &str)> = organisations.items.iter().map(|o| (o.id.as_str(), o.name.as_str())).collect();
    let mut typed = Typed::default();
    typed.set("organisation", &with.organisation);
    let answer: Option<Answer> = if with.organisation.is_empty() {
        None
    } else {
        let asked = query(&[("organisation", &with.organisation)]);
        Some(visit.api.get(&format!("{}{asked}", visit.v1(&["families", &id, "sharing"]))).await?)
    };
    let name = choices.iter().find(|(id, _)| *id == with.organisation).map_or("them", |(_, name)| name);
    let body = html! {
        (of.top(&visit, "sharing"))
        h2 class="govuk-heading-m" { "What may I share?" }
        form method="get" action=(of.to(&visit, &["sharing"])) {
            (Asked::new(&typed, None).select(ask("organisation", "With whom"), &choices))
            (button("Ask"))
        }
        @if let Some(answer) = &answer {
            (answered(name, answer, &|p| of.family.name_of(p)))
        }
    };
    Ok(of.page(&visit, "What may I share?", body))
}

fn answered(name: &str, answer: &Answer, name_of: &dyn Fn(&str) -> Option<String>) -> Markup {
    let may = answer.sections.iter().filter(|s| s.may).count();
    let row = |s: &Section| {
        vec![
            html! { (words::code(&s.section)) @if let Some(who) = s.person.as_deref().and_then(name_of) { ", " (who) } },
            if s.may { list::tag("Yes", "green") } else { list::tag("No", "red") },
            html! { (s.sentence) },
        ]
    };
    let rows: Vec<_> = answer.sections.iter().map(row).collect();
    let summary = match may {
        0 => format!("Nothing of this family may be shared with {name} today."),
        n if n == answer.sections.len() => format!("All of this may be shared with {name}."),
        _ => format!("A part of this may be shared with {name}."),
    };
    html! {
        (list::inset(&summary))
        (list::table("Section by section", &["Section", "May I?", "Why"], &rows))
        p class="govuk-body" { (answer.besides) }
        p class="govuk-body" { "Somebody in danger? Share what keeps them safe, and write down why." }
    }
}
