//! Trial grants: what a candidate may read in back-tests before anybody adopts it. One person asks, another gives.

use axum::Router;
use axum::extract::{Path, Query};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::json;

use super::installation::Versions;
use super::{Asks, no_day, room};
use crate::Pages;
use crate::pages::common::{After, sorted, whole};
use crate::ui::form::{Ask, Asked, Choice, Typed, button, hidden, once};
use crate::ui::{Page, list};
use crate::upstream::{Failed, List, Problem, path};
use crate::visit::{Visit, see_other};
use crate::words;

pub fn routes() -> Router<Pages> {
    Router::new()
        .route("/{authority}/plugins/trial-grants", get(grants).post(ask))
        .route("/{authority}/plugins/trial-grants/new", get(new))
        .route("/{authority}/plugins/trial-grants/{grant}/giving", get(giving).post(give))
}

#[derive(Deserialize)]
struct Grant {
    id: String,
    plugin: String,
    interface: String,
    state: String,
    asked_by: String,
    asked_at: String,
    why: String,
    until: String,
    readers: Vec<String>,
    #[serde(default)]
    given_by: Option<String>,
    #[serde(default)]
    given_at: Option<String>,
    #[serde(default)]
    basis: Option<String>,
    used: Vec<String>,
}

#[derive(Deserialize)]
struct Of {
    asks: Vec<Asks>,
}

#[derive(Deserialize)]
struct Person {
    login: String,
    name: String,
}

/// People who work here, if whoever looks may know them.
async fn people(visit: &Visit) -> Result<Vec<Person>, Failed> {
    match whole(&visit.api, &visit.v1(&["people"])).await {
        Ok((people, _)) => Ok(people),
        Err(Failed::Refused(p)) if p.status == 403 => Ok(Vec::new()),
        Err(failed) => Err(failed),
    }
}

/// A section without its package: `hearth:family/health` → Health.
fn section(interface: &str) -> String {
    words::code(interface.rsplit('/').next().unwrap_or(interface))
}

async fn grants(visit: Visit, Query(after): Query<After>) -> Result<Page, Failed> {
    let all: List<Grant> = visit.api.get(&after.of(&visit.v1(&["trial-grants"]))).await?;
    let versions = Versions::of(&visit).await?;
    let people = people(&visit).await?;
    let body = html! {
        (room(&visit, &["plugins", "trial-grants"]))
        h1 class="govuk-heading-l" { "Trial grants" }
        p class="govuk-body" { "What a version may read in back-tests before anybody adopts it. One person asks, and another gives it with the law that it rests on." }
        a class="govuk-button" href=(visit.to(&["plugins", "trial-grants", "new"])) { "Ask for a trial grant" }
        @if all.items.is_empty() { (list::nothing("Nobody has asked for one yet.")) }
        @for g in &all.items { (one(&visit, g, &versions, &people)) }
        (list::rest(&visit.to(&["plugins", "trial-grants"]), all.next.as_deref()))
    };
    Ok(visit.page("Trial grants", body).below([visit.crumb(&["plugins"], "Plugins")]))
}

fn one(visit: &Visit, g: &Grant, versions: &Versions, people: &[Person]) -> Markup {
    let (words, colour) = match g.state.as_str() {
        "asked" => ("Asked for", "yellow"),
        "given" => ("In force", "green"),
        _ => ("Over", "grey"),
    };
    let named: Vec<&str> = g.readers.iter().filter_map(|r| people.iter().find(|p| p.login == *r)).map(|p| p.name.as_str()).collect();
    let hidden = g.readers.len() - named.len();
    html! {
        h2 class="govuk-heading-m" { (section(&g.interface)) ", for " (versions.words(&g.plugin)) " " (list::tag(words, colour)) }
        (list::pairs(&[
            ("Asked", html! { (words::who(&g.asked_by)) ", " (words::at(&g.asked_at)) ": " (g.why) }),
            ("Until", html! { (words::day(&g.until)) }),
            ("May look at rows", html! {
                @if g.readers.is_empty() { "Nobody: numbers alone" } @else { (named.join(", ")) @if hidden > 0 { @if !named.is_empty() { ", and " } (hidden) " whom you do not see" } }
            }),
            ("Given", html! {
                @match (&g.given_by, &g.given_at) {
                    (Some(by), Some(at)) => { (words::who(by)) ", " (words::at(at)) @if let Some(basis) = &g.basis { ": " (basis) } },
                    _ => "Not yet",
                }
            }),
            ("Back-tests that read by it", html! {
                @if g.used.is_empty() { "None" }
                @for (i, test) in g.used.iter().enumerate() { (list::link(&visit.to(&["plugins", "back-tests", test]), &format!("Back-test {}", i + 1))) " " }
            }),
        ]))
        @if g.state == "asked" && visit.me.may("approve-plugins") {
            @if g.asked_by.contains(&visit.session.login) { (list::nothing("You asked for it: somebody else gives it.")) }
            @else { p class="govuk-body" { (list::link(&visit.to(&["plugins", "trial-grants", &g.id, "giving"]), "Give it")) } }
        }
    }
}

#[derive(Debug, Default, Deserialize)]
struct Wanted {
    #[serde(default)]
    plugin: String,
}

async fn new(visit: Visit, Query(wanted): Query<Wanted>) -> Result<Page, Failed> {
    let mut typed = Typed::default();
    typed.set("plugin", wanted.plugin);
    asking(&visit, &typed, None).await
}

fn above(visit: &Visit) -> [crate::ui::Crumb; 2] {
    [visit.crumb(&["plugins"], "Plugins"), visit.crumb(&["plugins", "trial-grants"], "Trial grants")]
}

async fn asking(visit: &Visit, typed: &Typed, problem: Option<&Problem>) -> Result<Page, Failed> {
    let title = "Ask for a trial grant";
    let body = match typed.text("plugin") {
        None => {
            let versions = Versions::of(visit).await?;
            html! {
                h1 class="govuk-heading-l" { (title) }
                @if versions.all().is_empty() { (list::nothing("There is no plugin on this host yet.")) }
                form method="get" action=(visit.to(&["plugins", "trial-grants", "new"])) novalidate {
                    (which(&versions, Asked::new(typed, problem)))
                    (button("Go on"))
                }
            }
        }
        Some(digest) => for_version(visit, digest, typed, problem).await?,
    };
    Ok(visit.page(title, body).below(above(visit)).wrong(problem))
}

fn which(versions: &Versions, form: Asked<'_>) -> Markup {
    let names: Vec<(String, String)> = versions.all().iter().map(|v| (v.digest.clone(), versions.words(&v.digest))).collect();
    let choices: Vec<Choice<'_>> = names.iter().map(|(digest, words)| (digest.as_str(), words.as_str())).collect();
    form.select(Ask { name: "plugin", label: "For which version?", hint: "Of that one alone" }, &choices)
}

async fn for_version(visit: &Visit, digest: &str, typed: &Typed, problem: Option<&Problem>) -> Result<Markup, Failed> {
    let of: Of = visit.api.get(&path(&["v1", "plugins", digest])).await?;
    let sections: Vec<(String, String)> =
        of.asks.iter().filter(|a| a.interface.starts_with("hearth:family/")).map(|a| (a.interface.clone(), a.words())).collect();
    let choices: Vec<Choice<'_>> = sections.iter().map(|(i, words)| (i.as_str(), words.as_str())).collect();
    let people = people(visit).await?;
    let names: Vec<Choice<'_>> = people.iter().map(|p| (p.login.as_str(), p.name.as_str())).collect();
    let versions = Versions::of(visit).await?;
    let form = Asked::new(typed, problem);
    Ok(html! {
        span class="govuk-caption-l" { (versions.words(digest)) }
        h1 class="govuk-heading-l" { "Ask for a trial grant" }
        form method="post" action=(visit.to(&["plugins", "trial-grants"])) novalidate {
            (once())
            (hidden("plugin", digest))
            (form.radios(Ask { name: "interface", label: "What is it to read?", hint: "" }, &choices))
            (form.text(Ask { name: "why", label: "Why?", hint: "For whoever gives it" }, 3))
            (form.day(Ask { name: "until", label: "Until when?", hint: "The last day, at most 92 days from today" }))
            @if names.is_empty() { (list::nothing("Nobody is named who may look at rows: everybody sees numbers alone.")) }
            @else { (form.boxes(Ask { name: "readers", label: "Who may look at families that are decided differently?", hint: "Beside what they may see anyway; everybody else sees numbers" }, &names)) }
            (button("Ask for it"))
        }
    })
}

async fn ask(visit: Visit, typed: Typed) -> Result<Response, Failed> {
    if typed.text("plugin").is_none() {
        return Ok(see_other(&visit.to(&["plugins", "trial-grants", "new"])));
    }
    let lacks = typed.lacks(&[("interface", "choose what it is to read"), ("why", "say why")]);
    let answer = match lacks.or_else(|| no_day(&typed, "until", "say until when")) {
        Some(lacks) => Err(lacks),
        None => {
            let mut body = serde_json::Value::Object(typed.object(&["plugin", "interface", "why"]));
            body["until"] = json!(typed.day("until").unwrap_or_default());
            body["readers"] = json!(typed.all("readers"));
            sorted(visit.api.post(&visit.v1(&["trial-grants"]), &body, typed.once()).await)?
        }
    };
    match answer {
        Ok(_) => Ok(visit.done(&["plugins", "trial-grants"], "trial-asked")),
        Err(problem) => Ok(asking(&visit, &typed, Some(&problem)).await?.into_response()),
    }
}

async fn giving(visit: Visit, Path((_, id)): Path<(String, String)>) -> Result<Page, Failed> {
    give_page(&visit, &id, &Typed::default(), None).await
}

async fn give_page(visit: &Visit, id: &str, typed: &Typed, problem: Option<&Problem>) -> Result<Page, Failed> {
    let (all, _) = whole::<Grant>(&visit.api, &visit.v1(&["trial-grants"])).await?;
    let Some(g) = all.iter().find(|g| g.id == id) else {
        return Err(Failed::Refused(Problem::of_pages(
            "no-such-page",
            "",
            axum::http::StatusCode::NOT_FOUND,
            "there is no such trial grant",
        )));
    };
    let (versions, people) = (Versions::of(visit).await?, people(visit).await?);
    let form = Asked::new(typed, problem);
    let body = html! {
        h1 class="govuk-heading-l" { "Give a trial grant" }
        (one(visit, g, &versions, &people))
        @if g.state == "asked" {
            form method="post" action=(visit.to(&["plugins", "trial-grants", id, "giving"])) novalidate {
                (once())
                (form.text(Ask { name: "basis", label: "By which law may it be tried on real families?", hint: "For instance: public task, to see what the rule does before it decides" }, 3))
                (button("Give it"))
            }
        }
    };
    Ok(visit.page("Give a trial grant", body).below(above(visit)).wrong(problem))
}

async fn give(visit: Visit, Path((_, id)): Path<(String, String)>, typed: Typed) -> Result<Response, Failed> {
    let answer = match typed.lacks(&[("basis", "say by which law")]) {
        Some(lacks) => Err(lacks),
        None => sorted(visit.api.post(&visit.v1(&["trial-grants", &id, "giving"]), &typed.object(&["basis"]), typed.once()).await)?,
    };
    match answer {
        Ok(_) => Ok(visit.done(&["plugins", "trial-grants"], "trial-given")),
        Err(problem) => Ok(give_page(&visit, &id, &typed, Some(&problem)).await?.into_response()),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_section_is_named_without_its_package() {
        assert_eq!(super::section("hearth:family/health"), "Health");
    }
}
