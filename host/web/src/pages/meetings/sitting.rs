//! A sitting as it is used in the room: who is there; of each family why it is on the agenda, what may be shared with whom, what was decided;
//! and the form for the one that is talked about now.

use axum::extract::{Path, Query};
use maud::{Markup, html};
use serde::Deserialize;

use super::Sitting;
use crate::codes::{ORGANISATION_KINDS, SECTIONS, named};
use crate::pages::common::Organisations;
use crate::pages::family::record::Family;
use crate::ui::form::{Ask, Asked, Typed, button, hidden, once, second_button};
use crate::ui::{Page, list};
use crate::upstream::{Answered, Failed, Problem, query};
use crate::visit::Visit;
use crate::words;

/// A sitting with its agenda, as `GET …/sittings/{sitting}` answers.
#[derive(Deserialize)]
pub struct Whole {
    #[serde(flatten)]
    pub sitting: Sitting,
    #[serde(default)]
    invited: Vec<String>,
    #[serde(default)]
    attendance: Vec<Came>,
    pub agenda: Vec<Item>,
    #[serde(default)]
    settled_why: Option<String>,
}

#[derive(Deserialize)]
struct Came {
    organisation: String,
    how: String,
}

#[derive(Deserialize)]
pub struct Item {
    pub id: String,
    pub family: String,
    #[serde(default)]
    person: Option<String>,
    pub state: String,
    by: String,
    #[serde(default)]
    why: Option<String>,
    #[serde(default)]
    sentence: Option<String>,
    #[serde(default)]
    asked_for: Vec<String>,
    #[serde(default)]
    pub decided: Option<String>,
    #[serde(default)]
    pub next_steps: Vec<Step>,
    #[serde(default)]
    shared_with: Vec<Shared>,
    #[serde(default)]
    settled_by: Option<String>,
}

#[derive(Deserialize)]
pub struct Step {
    what: String,
    role: String,
    due: String,
    done: bool,
    #[serde(default)]
    organisation: Option<String>,
}

#[derive(Deserialize)]
struct Shared {
    organisation: String,
    #[serde(default)]
    person: Option<String>,
    sections: Vec<String>,
}

impl Whole {
    /// Invited ones, and others of which something was said.
    pub fn organisations(&self) -> impl Iterator<Item = &str> {
        let others = self.attendance.iter().map(|c| &c.organisation).filter(|o| !self.invited.contains(o));
        self.invited.iter().chain(others).map(String::as_str)
    }
}

impl Item {
    pub fn tag(&self) -> Markup {
        match self.state.as_str() {
            "on-agenda" => list::tag("To talk about", "blue"),
            "decided" => list::tag("Decided", "green"),
            "not-reached" => list::tag("Not reached", "yellow"),
            "put-off" => list::tag("At the next sitting", "grey"),
            _ => list::tag("Taken off", "grey"),
        }
    }

    fn is_open(&self) -> bool {
        matches!(self.state.as_str(), "on-agenda" | "not-reached")
    }
}

/// Next steps with whose they are.
pub fn steps(steps: &[Step], organisations: &Organisations) -> Markup {
    html! {
        @if !steps.is_empty() {
            ul class="govuk-list govuk-list--bullet" {
                @for step in steps {
                    li {
                        (step.what) ": " @match &step.organisation { Some(o) => { (organisations.name(o)) } None => { (words::code(&step.role)) } }
                        ", by " (words::day(&step.due)) @if step.done { " " (list::tag("Done", "green")) }
                    }
                }
            }
        }
    }
}

#[derive(Debug, Default, Deserialize)]
pub struct Looked {
    /// The family that is talked about.
    #[serde(default)]
    item: String,
}

pub async fn sitting(visit: Visit, Path((_, id)): Path<(String, String)>, Query(looked): Query<Looked>) -> Result<Page, Failed> {
    page(&visit, &id, &looked.item, &Typed::default(), None).await
}

/// # Errors
/// [`Failed`].
pub async fn open(visit: &Visit, id: &str) -> Result<Answered<Whole>, Failed> {
    visit.api.read(&visit.v1(&["sittings", id])).await
}

/// `item`: the one that is talked about; the first that is open, where it is none.
pub async fn page(visit: &Visit, id: &str, item: &str, typed: &Typed, problem: Option<&Problem>) -> Result<Page, Failed> {
    let whole = open(visit, id).await?.value;
    let organisations = Organisations::of(&visit.api).await?;
    let sitting = &whole.sitting;
    let may_plan = visit.me.may("plan-meetings") && (super::plans_all(visit) || sitting.family.is_some());
    let has_begun = sitting.on <= words::today() && sitting.state != "cancelled";
    let now = whole.agenda.iter().find(|i| i.id == item && i.is_open()).or_else(|| whole.agenda.iter().find(|i| i.is_open()));
    let now = now.filter(|_| visit.me.may("plan-meetings") && has_begun).map(|i| i.id.as_str());
    let mut cards = Vec::new();
    for item in &whole.agenda {
        let family: Option<Family> = visit.api.maybe(&visit.v1(&["families", &item.family])).await?;
        cards.push(card(visit, (sitting, item), family.as_ref(), &organisations, now == Some(&item.id), (typed, problem)));
    }
    let body = html! {
        span class="govuk-caption-l" { (sitting.when()) @if let Some(place) = &sitting.place { ", " (place) } }
        h1 class="govuk-heading-l" { (sitting.name) }
        p class="govuk-body" { (sitting.tag()) @if let Some(why) = &whole.settled_why { " " (why) } }
        @if may_plan && sitting.is_to_come() {
            p class="govuk-body" { (list::link(&visit.to(&["sittings", id, "times"]), if sitting.state == "proposed" { "Plan it" } else { "Change when and where" })) }
        }
        (who_is_there(visit, id, &whole, &organisations, may_plan))
        h2 class="govuk-heading-m" { "Agenda" }
        @if cards.is_empty() { (list::nothing("No family is on this agenda, or none that you may know of.")) }
        @for card in &cards { (card) }
        @if may_plan && sitting.is_to_come() {
            p class="govuk-body" { (list::link(&visit.to(&["sittings", id, "end"]), "It was held, or is not held")) }
        }
    };
    Ok(visit.page(sitting.name.clone(), body).below([visit.crumb(&["meetings"], "Meetings")]).wrong(problem).private())
}

const HOW: &[(&str, &str)] = &[("present", "There"), ("apologies", "Apologies"), ("absent", "Absent")];

fn who_is_there(visit: &Visit, id: &str, whole: &Whole, organisations: &Organisations, may_plan: bool) -> Markup {
    let all: Vec<&str> = whole.organisations().collect();
    let how = |o: &str| whole.attendance.iter().find(|c| c.organisation == o).map_or("", |c| c.how.as_str());
    let rows: Vec<_> = all
        .iter()
        .map(|o| {
            vec![html! { (organisations.name(o)) }, html! { (HOW.iter().find(|(h, _)| *h == how(o)).map_or("Not said yet", |(_, w)| w)) }]
        })
        .collect();
    let mut typed = Typed::default();
    for o in &all {
        typed.set(&format!("came-{o}"), how(o));
    }
    let form = Asked::new(&typed, None);
    html! {
        @if rows.is_empty() { h2 class="govuk-heading-m" { "Who is there" } (list::nothing("No organisation is invited.")) }
        @else { (list::table("Who is there", &["Organisation", "Came"], &rows)) }
        @if may_plan && !all.is_empty() && whole.sitting.state != "cancelled" {
            (list::details("Say who is there", &html! {
                form method="post" action=(visit.to(&["sittings", id, "attendance"])) novalidate {
                    (once())
                    @for o in &all { (form.radios(Ask { name: &format!("came-{o}"), label: organisations.name(o), hint: "" }, HOW)) }
                    (second_button("Save who is there"))
                }
            }))
        }
    }
}

/// A family on the agenda.
fn card(
    visit: &Visit,
    (sitting, item): (&Sitting, &Item),
    family: Option<&Family>,
    organisations: &Organisations,
    now: bool,
    asked: (&Typed, Option<&Problem>),
) -> Markup {
    let name = family.map_or("A family", |f| f.reference.as_str());
    let about = item.person.as_deref().and_then(|p| family.and_then(|f| f.name_of(p)));
    let here = visit.to(&["sittings", &sitting.id]);
    let to_this = format!("{here}{}#now", query(&[("item", &item.id)]));
    html! {
        div class="govuk-summary-card" id=[now.then_some("now")] {
            div class="govuk-summary-card__title-wrapper" {
                h3 class="govuk-summary-card__title" { (list::link(&visit.to(&["families", &item.family]), name)) @if let Some(about) = about { ": " (about) } }
                (item.tag())
            }
            div class="govuk-summary-card__content" {
                (list::pairs(&[
                    ("Why", why(item)),
                    ("May be shared", shared(item, family, organisations)),
                    ("Decided", html! {
                        @match &item.decided { Some(words) => { (words) @if let Some(by) = &item.settled_by { br; span class="hearth-by" { "Written down by " (words::who(by)) } } } None => { @if item.state == "decided" { "You may not see it." } @else { "Nothing yet." } } }
                        (steps(&item.next_steps, organisations))
                    }),
                ]))
                @if now { (decision(&here, item, organisations, asked)) }
                @else if item.is_open() && visit.me.may("plan-meetings") && sitting.on <= words::today() && sitting.state != "cancelled" {
                    p class="govuk-body" { a class="govuk-link" href=(to_this) { "Talk about this family now" span class="govuk-visually-hidden" { ": " (name) } } }
                }
                @if item.state == "on-agenda" && visit.me.may("plan-meetings") {
                    p class="govuk-body" {
                        a class="govuk-link" href=(visit.to(&["sittings", &sitting.id, "items", &item.id, "removal"])) {
                            "Take it off the agenda" span class="govuk-visually-hidden" { ": " (name) }
                        }
                    }
                }
            }
        }
    }
}

fn why(item: &Item) -> Markup {
    let kinds: Vec<_> = item.asked_for.iter().map(|k| named(&ORGANISATION_KINDS, k)).collect();
    html! {
        @match (&item.sentence, &item.why) {
            (Some(words), _) | (None, Some(words)) => { (words) }
            (None, None) => { "You may not see why." }
        }
        br; span class="hearth-by" { "Put here by " (words::who(&item.by)) }
        @if !kinds.is_empty() { br; "Wanted here: " (kinds.join(", ")) }
    }
}

/// Of each invited organisation, which sections of this family may be told in the room.
fn shared(item: &Item, family: Option<&Family>, organisations: &Organisations) -> Markup {
    let of = |s: &Shared| s.sections.iter().map(|x| named(&SECTIONS, x)).collect::<Vec<_>>().join(", ");
    html! {
        @if item.shared_with.is_empty() { "Nothing is agreed with an organisation that is invited, or it is not yours to see." }
        @for s in &item.shared_with {
            div { strong { (organisations.name(&s.organisation)) } ": " (of(s)) @if let Some(name) = s.person.as_deref().and_then(|p| family.and_then(|f| f.name_of(p))) { ", of " (name) " only" } }
        }
    }
}

const TOOK_PART: &[(&str, &str)] = &[("true", "Yes"), ("false", "They did not come"), ("", "They were not asked")];

fn decision(here: &str, item: &Item, organisations: &Organisations, (typed, problem): (&Typed, Option<&Problem>)) -> Markup {
    let form = Asked::new(typed, problem);
    html! {
        form method="post" action=(here) novalidate {
            (once())
            (hidden("item", &item.id))
            (form.text(Ask { name: "words", label: "What is decided?", hint: "It becomes a note in the family's record" }, 3))
            (form.radios(Ask { name: "family_took_part", label: "Did the family take part?", hint: "" }, TOOK_PART))
            (form.line(Ask { name: "what", label: "Next step", hint: "Leave it empty if there is none" }, "text"))
            (form.select(Ask { name: "organisation", label: "Whose", hint: "Leave it if it is the keyworker's" }, &organisations.choices()))
            (form.day(Ask { name: "due", label: "By when", hint: "" }))
            (button("Save the decision"))
        }
    }
}
