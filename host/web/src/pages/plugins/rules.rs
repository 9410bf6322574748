//! What this council asks for before a plugin decides: who approves, when a version goes back by itself, and what may come from elsewhere.

use axum::Router;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::json;

use super::history::Watch;
use super::room;
use crate::Pages;
use crate::pages::common::{number, sorted};
use crate::ui::form::{Ask, Asked, Choice, Typed, button, hidden};
use crate::ui::{Page, list};
use crate::upstream::{Answered, Failed, Problem};
use crate::visit::Visit;
use crate::words;

pub fn routes() -> Router<Pages> {
    Router::new()
        .route("/{authority}/plugins/rules", get(rules))
        .route("/{authority}/plugins/rules/approval", get(approval).post(set_approval))
        .route("/{authority}/plugins/rules/sources", get(sources).post(set_sources))
}

#[derive(Deserialize)]
struct Review {
    approval: String,
    watch: Watch,
    #[serde(default)]
    at: Option<String>,
    #[serde(default)]
    by: Option<String>,
}

#[derive(Deserialize)]
struct Sources {
    unsigned: bool,
    named: bool,
    #[serde(default)]
    why: Option<String>,
    #[serde(default)]
    said_at: Option<String>,
    #[serde(default)]
    said_by: Option<String>,
}

const APPROVAL: &[Choice<'_>] = &[
    ("two-people", "Two people: each section by a named person, and all of it by a second"),
    ("one-person", "One person: whoever may activate it; for demonstrations, and where there is one person"),
];

async fn read(visit: &Visit) -> Result<(Answered<Review>, Answered<Sources>), Failed> {
    let review = visit.api.read(&visit.v1(&["plugin-review"])).await?;
    Ok((review, visit.api.read(&visit.v1(&["plugin-rules"])).await?))
}

fn said(at: Option<&str>, by: Option<&str>) -> Markup {
    html! {
        @match (at, by) {
            (Some(at), Some(by)) => { (words::who(by)) ", " (words::at(at)) },
            _ => "Nobody has said anything: these are the usual rules",
        }
    }
}

async fn rules(visit: Visit) -> Result<Page, Failed> {
    let (Answered { value: review, .. }, Answered { value: sources, .. }) = read(&visit).await?;
    let approves = APPROVAL.iter().find(|(code, _)| *code == review.approval).map_or(review.approval.as_str(), |(_, words)| words);
    let body = html! {
        (room(&visit, &["plugins", "rules"]))
        h1 class="govuk-heading-l" { "Rules about plugins" }
        h2 class="govuk-heading-m" { "Who approves" }
        (list::pairs(&[
            ("Before a plugin decides", html! { (approves) }),
            ("Where one fails", html! { (review.watch.words()) }),
            ("Said by", said(review.at.as_deref(), review.by.as_deref())),
        ]))
        @if visit.me.may("set-plugin-review") { p class="govuk-body" { (list::link(&visit.to(&["plugins", "rules", "approval"]), "Change who approves")) } }
        h2 class="govuk-heading-m" { "What comes from elsewhere" }
        (list::pairs(&[
            ("Unsigned plugins", html! { @if sources.unsigned { "May be adopted" } @else { "May not be adopted" } }),
            ("What we use", html! { @if sources.named { "Others may be told which plugins this council uses" } @else { "Others are told how many councils use a plugin, and not that we do" } }),
            ("Why", html! { (sources.why.as_deref().unwrap_or("–")) }),
            ("Said by", said(sources.said_at.as_deref(), sources.said_by.as_deref())),
        ]))
        @if visit.me.may("set-rules") { p class="govuk-body" { (list::link(&visit.to(&["plugins", "rules", "sources"]), "Change what may come from elsewhere")) } }
    };
    Ok(visit.page("Rules about plugins", body).below([visit.crumb(&["plugins"], "Plugins")]))
}

async fn approval(visit: Visit) -> Result<Page, Failed> {
    let Answered { value, version, .. } = visit.api.read::<Review>(&visit.v1(&["plugin-review"])).await?;
    let mut typed = Typed::default();
    typed.set("approval", value.approval);
    typed.set("failures", value.watch.failures.to_string());
    typed.set("of_last", value.watch.of_last.to_string());
    typed.set("version", version.unwrap_or_default());
    Ok(approving(&visit, &typed, None))
}

fn approving(visit: &Visit, typed: &Typed, problem: Option<&Problem>) -> Page {
    let form = Asked::new(typed, problem);
    let body = html! {
        h1 class="govuk-heading-l" { "Who approves plugins" }
        form method="post" action=(visit.to(&["plugins", "rules", "approval"])) novalidate {
            (hidden("version", typed.text("version").unwrap_or_default()))
            (form.radios(Ask { name: "approval", label: "Before a plugin decides", hint: "Settings that move money have two people all the same" }, APPROVAL))
            (form.number(Ask { name: "failures", label: "After how many failures does a version go back by itself?", hint: "0: never" }, "", ""))
            (form.number(Ask { name: "of_last", label: "Among how many of its last runs?", hint: "1 to 200" }, "", ""))
            (button("Save"))
        }
    };
    visit.page("Who approves plugins", body).below(above(visit)).wrong(problem)
}

fn above(visit: &Visit) -> [crate::ui::Crumb; 2] {
    [visit.crumb(&["plugins"], "Plugins"), visit.crumb(&["plugins", "rules"], "Rules")]
}

async fn set_approval(visit: Visit, typed: Typed) -> Result<Response, Failed> {
    let mut watch = serde_json::Map::new();
    for name in ["failures", "of_last"] {
        watch.extend(number(&typed, name).map(|n| (name.to_owned(), n)));
    }
    let body = json!({ "approval": typed.text("approval").unwrap_or_default(), "watch": watch });
    match sorted(visit.api.put(&visit.v1(&["plugin-review"]), &body, typed.text("version")).await)? {
        Ok(_) => Ok(visit.done(&["plugins", "rules"], "saved")),
        Err(problem) => Ok(approving(&visit, &typed, Some(&problem)).into_response()),
    }
}

async fn sources(visit: Visit) -> Result<Page, Failed> {
    let Answered { value, version, .. } = visit.api.read::<Sources>(&visit.v1(&["plugin-rules"])).await?;
    let mut typed = Typed::default();
    typed.set("unsigned", if value.unsigned { "yes" } else { "no" });
    typed.set("named", if value.named { "yes" } else { "no" });
    typed.set("why", value.why.unwrap_or_default());
    typed.set("version", version.unwrap_or_default());
    Ok(sourcing(&visit, &typed, None))
}

fn sourcing(visit: &Visit, typed: &Typed, problem: Option<&Problem>) -> Page {
    let form = Asked::new(typed, problem);
    let yes_no = [("yes", "Yes"), ("no", "No")];
    let body = html! {
        h1 class="govuk-heading-l" { "What may come from elsewhere" }
        form method="post" action=(visit.to(&["plugins", "rules", "sources"])) novalidate {
            (hidden("version", typed.text("version").unwrap_or_default()))
            (form.radios(Ask { name: "unsigned", label: "May plugins be adopted that nobody signed?", hint: "" }, &yes_no))
            (form.radios(Ask { name: "named", label: "May others be told which plugins this council uses?", hint: "" }, &yes_no))
            (form.text(Ask { name: "why", label: "Why?", hint: "It is kept, with your name" }, 3))
            (button("Save"))
        }
    };
    visit.page("What may come from elsewhere", body).below(above(visit)).wrong(problem)
}

async fn set_sources(visit: Visit, typed: Typed) -> Result<Response, Failed> {
    let yes = |name: &str| typed.text(name) == Some("yes");
    let body = json!({ "unsigned": yes("unsigned"), "named": yes("named"), "why": typed.text("why").unwrap_or_default() });
    match sorted(visit.api.put(&visit.v1(&["plugin-rules"]), &body, typed.text("version")).await)? {
        Ok(_) => Ok(visit.done(&["plugins", "rules"], "saved")),
        Err(problem) => Ok(sourcing(&visit, &typed, Some(&problem)).into_response()),
    }
}
