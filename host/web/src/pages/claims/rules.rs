//! What this council says of its claims: whether results are claimed, which stages of its audit they pass, and who approves them.

use axum::Router;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Pages;
use crate::pages::administration::roles::{self, ROLES};
use crate::pages::common::{number, sorted};
use crate::ui::form::{Ask, Asked, Choice, Typed, button, fieldset, hidden};
use crate::ui::{Crumb, Page, list};
use crate::upstream::{Answered, Failed, Problem};
use crate::visit::Visit;
use crate::words;

pub fn routes() -> Router<Pages> {
    Router::new().route("/{authority}/claims/rules", get(rules)).route("/{authority}/claims/rules/change", get(change).post(set))
}

/// Stages that the host keeps at most.
const MOST_STAGES: usize = 10;

#[derive(Deserialize)]
struct Rules {
    claims: bool,
    stages: Vec<Stage>,
    approval: Approval,
    #[serde(default)]
    at: Option<String>,
    #[serde(default)]
    by: Option<String>,
}

#[derive(Deserialize)]
struct Stage {
    name: String,
    roles: Vec<String>,
    share: u8,
    another_person: bool,
}

#[derive(Deserialize)]
struct Approval {
    roles: Vec<String>,
    another_person: bool,
}

fn whose(roles: &[String], another_person: bool) -> String {
    let roles: Vec<String> = roles.iter().map(|r| roles::words(r)).collect();
    format!("{}{}", roles.join(", "), if another_person { "; nobody who had the claim in hand before" } else { "" })
}

async fn rules(visit: Visit) -> Result<Page, Failed> {
    let r: Rules = visit.api.get(&visit.v1(&["claim-rules"])).await?;
    let stage = |s: &Stage| vec![html! { (s.name) }, html! { (whose(&s.roles, s.another_person)) }, html! { (s.share) " of 100" }];
    let stages: Vec<_> = r.stages.iter().map(stage).collect();
    let body = html! {
        h1 class="govuk-heading-l" { "Rules for claims" }
        (list::pairs(&[
            ("Results", html! { @if r.claims { "Are claimed" } @else { "Are counted and not claimed: the council is paid up front" } }),
            ("Approved by", html! { (whose(&r.approval.roles, r.approval.another_person)) }),
            ("Said by", html! { @match (&r.by, &r.at) { (Some(by), Some(at)) => { (words::who(by)) ", " (words::at(at)) }, _ => "Nobody has said anything: these are the usual rules" } }),
        ]))
        @if stages.is_empty() { h2 class="govuk-heading-m" { "Stages of the audit" } (list::nothing("None: what is put forward can be approved.")) }
        @else { (list::table("Stages of the audit", &["Stage", "Passed by", "Claims drawn"], &stages)) }
        @if visit.me.may("set-rules") { p class="govuk-body" { (list::link(&visit.to(&["claims", "rules", "change"]), "Change the rules")) } }
    };
    Ok(visit.page("Rules for claims", body).below([visit.crumb(&["claims"], "Claims")]))
}

/// A stage's field, as the API names it where something is wrong.
fn of(stage: usize, field: &str) -> String {
    format!("stages[{stage}].{field}")
}

async fn change(visit: Visit) -> Result<Page, Failed> {
    let Answered { value: r, version, .. } = visit.api.read::<Rules>(&visit.v1(&["claim-rules"])).await?;
    let mut typed = Typed::default();
    let tick = |is: bool| if is { "yes" } else { "" };
    typed.set("version", version.unwrap_or_default());
    typed.set("claims", if r.claims { "yes" } else { "no" });
    typed.set("approval.another_person", tick(r.approval.another_person));
    r.approval.roles.iter().for_each(|role| typed.add("approval.roles", role.as_str()));
    for (i, stage) in r.stages.iter().enumerate() {
        typed.set(&of(i, "name"), stage.name.as_str());
        typed.set(&of(i, "share"), stage.share.to_string());
        typed.set(&of(i, "another_person"), tick(stage.another_person));
        stage.roles.iter().for_each(|role| typed.add(&of(i, "roles"), role.as_str()));
    }
    Ok(asked(&visit, &typed, None))
}

/// What is typed of a stage; none: an empty one.
fn stage(typed: &Typed, i: usize) -> Option<Value> {
    let name = typed.text(&of(i, "name"));
    let roles = typed.all(&of(i, "roles"));
    if name.is_none() && roles.is_empty() {
        return None;
    }
    let mut stage =
        json!({ "name": name.unwrap_or_default(), "roles": roles, "another_person": typed.is_ticked(&of(i, "another_person")) });
    stage["share"] = number(typed, &of(i, "share")).unwrap_or_else(|| json!(100));
    Some(stage)
}

const ANOTHER: &[Choice<'_>] = &[("yes", "By nobody who had the claim in hand before")];

fn asked(visit: &Visit, typed: &Typed, problem: Option<&Problem>) -> Page {
    let form = Asked::new(typed, problem);
    let there = (0..MOST_STAGES).filter(|i| stage(typed, *i).is_some()).count();
    let body = html! {
        h1 class="govuk-heading-l" { "Change the rules for claims" }
        p class="govuk-body" { "Stages count for claims that are put forward from now on." }
        form method="post" action=(visit.to(&["claims", "rules", "change"])) novalidate {
            (hidden("version", typed.first("version")))
            (form.radios(Ask { name: "claims", label: "Are results claimed?", hint: "No: the council is paid up front, and results are counted" }, &[("yes", "Yes"), ("no", "No")]))
            @for i in 0..(there + 1).min(MOST_STAGES) { (stage_of(&form, i)) }
            (form.boxes(Ask { name: "approval.roles", label: "Who approves claims", hint: "" }, ROLES))
            (form.boxes(Ask { name: "approval.another_person", label: "How they are approved", hint: "" }, ANOTHER))
            (button("Save"))
        }
    };
    let above = [visit.crumb(&["claims"], "Claims"), Crumb(visit.to(&["claims", "rules"]), "Rules for claims".to_owned())];
    visit.page("Change the rules for claims", body).below(above).wrong(problem)
}

fn stage_of(form: &Asked<'_>, i: usize) -> Markup {
    let [name, roles, share, another] = ["name", "roles", "share", "another_person"].map(|field| of(i, field));
    let inner = html! {
        (form.line(Ask { name: &name, label: "Name", hint: "Such as: team check" }, "text"))
        (form.boxes(Ask { name: &roles, label: "Who may pass it", hint: "" }, ROLES))
        (form.number(Ask { name: &share, label: "Of a hundred claims, how many are drawn?", hint: "1 to 100" }, "", ""))
        (form.boxes(Ask { name: &another, label: "How it is passed", hint: "" }, ANOTHER))
    };
    fieldset(&format!("Stage {} of the audit", i + 1), "Left empty, it is none", &inner)
}

async fn set(visit: Visit, typed: Typed) -> Result<Response, Failed> {
    let stages: Vec<Value> = (0..MOST_STAGES).filter_map(|i| stage(&typed, i)).collect();
    let approval = json!({ "roles": typed.all("approval.roles"), "another_person": typed.is_ticked("approval.another_person") });
    let body = json!({ "claims": typed.first("claims") == "yes", "stages": stages, "approval": approval });
    match sorted(visit.api.put(&visit.v1(&["claim-rules"]), &body, typed.text("version")).await)? {
        Ok(_) => Ok(visit.done(&["claims", "rules"], "saved")),
        Err(problem) => Ok(asked(&visit, &typed, Some(&problem)).into_response()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_stage_is_none() {
        let mut typed = Typed::default();
        typed.set("stages[0].name", "team check");
        typed.add("stages[0].roles", "manager");
        typed.set("stages[0].share", "40");
        assert_eq!(stage(&typed, 0), Some(json!({ "name": "team check", "roles": ["manager"], "share": 40, "another_person": false })));
        assert_eq!(stage(&typed, 1), None);
    }
}
