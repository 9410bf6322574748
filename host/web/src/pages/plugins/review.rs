//! The review of what is proposed: checked by the host, approved section by section by named people, by a second person as a whole, then let
//! decide. A task list says where it stands, and who may do the next step.

use axum::Router;
use axum::extract::Path;
use axum::routing::get;
use maud::{Markup, html};
use serde::Deserialize;

use super::Version;
use super::installation::{Installation, above};
use super::review_acts as acts;
use crate::Pages;
use crate::ui::Page;
use crate::ui::list::{self, Step};
use crate::upstream::Failed;
use crate::visit::Visit;
use crate::words;

pub fn routes() -> Router<Pages> {
    Router::new()
        .route("/{authority}/plugins/adopted/{installation}/review", get(review))
        .route("/{authority}/plugins/adopted/{installation}/review/check", get(acts::check).post(acts::checked))
        .route("/{authority}/plugins/adopted/{installation}/review/items/{about}", get(acts::item).post(acts::say))
        .route("/{authority}/plugins/adopted/{installation}/review/second", get(acts::second).post(acts::seconded))
}

#[derive(Debug, Deserialize)]
pub struct Review {
    pub approved: bool,
    pub missing: Vec<String>,
    #[serde(default)]
    pub check: Option<Check>,
    pub items: Vec<Item>,
    pub digest: String,
    #[serde(default)]
    pub second: Option<Said>,
    pub history: Vec<Did>,
}

/// What the host found.
#[derive(Debug, Deserialize)]
pub struct Check {
    pub passed: bool,
    pub scenarios: u64,
    #[serde(default)]
    pub failed: Option<String>,
    pub differences: Vec<Otherwise>,
    #[serde(default)]
    pub more: bool,
    pub at: String,
    pub by: String,
}

/// A scenario that comes out otherwise with this council's settings.
#[derive(Debug, Deserialize)]
pub struct Otherwise {
    pub scenario: String,
    pub field: String,
    pub expected: String,
    pub got: String,
}

/// What is approved, or waits for it.
#[derive(Debug, Deserialize)]
#[allow(clippy::struct_excessive_bools)] // as the API says it
pub struct Item {
    pub about: String,
    pub required: bool,
    pub needs_basis: bool,
    pub special_category: bool,
    pub criminal_offences: bool,
    #[serde(default)]
    pub said: Option<Said>,
}

/// What somebody said of it.
#[derive(Debug, Deserialize)]
pub struct Said {
    pub act: String,
    #[serde(default)]
    pub basis: Option<String>,
    #[serde(default)]
    pub conditions: Vec<String>,
    #[serde(default)]
    pub words: Option<String>,
    pub at: String,
    pub by: String,
}

#[derive(Debug, Deserialize)]
pub struct Did {
    pub act: String,
    pub about: String,
    pub at: String,
    pub by: String,
}

/// What the council asks for before a plugin decides.
#[derive(Debug, Deserialize)]
pub struct Rules {
    pub approval: String,
}

impl Item {
    /// What it is about, in words.
    #[must_use]
    pub fn words(&self, plugin: &Version) -> String {
        match self.about.as_str() {
            "templates" => "Everything that it may say to people".to_owned(),
            "sealed" => "It is given what is sealed".to_owned(),
            interface => plugin.says_of(interface),
        }
    }

    fn stands(&self) -> Markup {
        match self.said.as_ref().map(|s| s.act.as_str()) {
            Some("approved") => html! { "Approved" },
            Some(_) => list::tag("Declined", "red"),
            None => list::tag("Waiting", "yellow"),
        }
    }

    fn hint(&self) -> String {
        let Some(said) = &self.said else {
            return if self.required { String::new() } else { "It works without".to_owned() };
        };
        let basis = said.basis.as_deref().map(|b| format!(": {}", words::code(b).to_lowercase())).unwrap_or_default();
        format!("{}, {}{basis}", words::who(&said.by), words::at(&said.at))
    }
}

impl Review {
    /// # Errors
    /// [`Failed`].
    pub async fn read(visit: &Visit, id: &str) -> Result<Self, Failed> {
        visit.api.get(&visit.v1(&["installations", id, "review"])).await
    }

    /// Why whoever looks may not say anything of a section; nothing: they may.
    #[must_use]
    pub fn keeps_from_approving(&self, proposed_by: &str, login: &str) -> Option<&'static str> {
        let set_it = self.history.iter().any(|d| d.act == "changed" && d.by.contains(login));
        (proposed_by.contains(login) || set_it)
            .then_some("You proposed this plugin, or set what it may see or its settings: somebody else approves its sections.")
    }

    /// Why whoever looks may not be the second person; nothing: they may.
    #[must_use]
    pub fn keeps_from_seconding(&self, proposed_by: &str, login: &str) -> Option<&'static str> {
        let had_a_hand = self.history.iter().any(|d| d.about != "second" && d.by.contains(login));
        (proposed_by.contains(login) || had_a_hand)
            .then_some("You had a hand in it: the second person is another than all who proposed, set, checked or approved it.")
    }

    /// How many of the sections nobody has approved.
    #[must_use]
    pub fn open(&self) -> usize {
        self.items.iter().filter(|i| i.said.as_ref().is_none_or(|s| s.act != "approved")).count()
    }

    /// The next section of which nobody has said anything.
    #[must_use]
    pub fn next(&self) -> Option<&Item> {
        self.items.iter().find(|i| i.said.is_none())
    }
}

async fn review(visit: Visit, Path((_, id)): Path<(String, String)>) -> Result<Page, Failed> {
    let i = Installation::read(&visit, &id).await?;
    let plugin = i.version(&visit).await?;
    let review = Review::read(&visit, &id).await?;
    let rules: Option<Rules> = visit.api.maybe(&visit.v1(&["plugin-review"])).await?;
    let one_person = rules.is_some_and(|r| r.approval == "one-person");
    let body = html! {
        (i.sections(&visit, "review"))
        span class="govuk-caption-l" { (plugin.title()) }
        h1 class="govuk-heading-l" { "Review " (i.tag()) }
        @if one_person {
            (list::inset("Here one person is enough to let a plugin decide, but for settings that move money: those have all of these steps."))
        }
        @if i.is("proposed") { (stands(&review)) } @else { (list::nothing("It was let decide. What was said before stays here.")) }
        (list::way(&way(&visit, &i, &plugin, &review, one_person)))
        @if !review.history.is_empty() {
            h2 class="govuk-heading-m" { "What was done" }
            ol class="hearth-timeline" {
                @for did in review.history.iter().rev() {
                    li { time datetime=(did.at) { (words::at(&did.at)) } (words::who(&did.by)) ": " (done(did, &plugin)) }
                }
            }
        }
    };
    Ok(visit.page("Review", body).below(above(&visit, &id, &plugin.title())))
}

fn stands(review: &Review) -> Markup {
    html! {
        p class="govuk-body" {
            @if review.approved { "Everything is approved. It may be let decide." }
            @else if review.open() > 0 { (review.items.len() - review.open()) " of " (review.items.len()) " parts are approved." }
            @else { "Every part is approved. " (crate::ui::form::sentence(review.missing.first().map_or("", String::as_str))) "." }
        }
    }
}

fn done(did: &Did, plugin: &Version) -> String {
    let act = words::code(&did.act).to_lowercase();
    match did.about.as_str() {
        "check" => match did.act.as_str() {
            "checked" => "had it checked, and it passed".to_owned(),
            "failed" => "had it checked, and it did not pass".to_owned(),
            _ => "the check counts no more".to_owned(),
        },
        "second" if did.act == "withdrawn" => "the second approval counts no more".to_owned(),
        "second" => "approved it as the second person".to_owned(),
        "settings" => "set what it may see, or its settings".to_owned(),
        "templates" => format!("{act} all that it may say"),
        "sealed" => format!("{act} that it is given what is sealed"),
        interface => format!("{act}: {}", plugin.says_of(interface).to_lowercase()),
    }
}

fn way(visit: &Visit, i: &Installation, plugin: &Version, review: &Review, one_person: bool) -> Vec<Step> {
    let to = |steps: &[&str]| visit.to(&[&["plugins", "adopted", i.id.as_str()], steps].concat());
    let completed = || html! { "Completed" };
    let waits = |words: &str| list::tag(words, "yellow");
    let proposed = i.is("proposed");
    let mut steps = vec![
        Step {
            to: None,
            name: "Propose it".to_owned(),
            hint: format!("{}, {}", words::who(&i.proposed_by), words::at(&i.proposed_at)),
            stands: completed(),
        },
        Step {
            to: Some(to(&["review", "check"])),
            name: "Have the host check it".to_owned(),
            hint: "By somebody who may propose plugins".to_owned(),
            stands: match &review.check {
                Some(c) if c.passed => html! { "Passed" },
                Some(_) => list::tag("Did not pass", "red"),
                None => waits("Waiting"),
            },
        },
    ];
    steps.extend(review.items.iter().map(|item| Step {
        to: Some(to(&["review", "items", &item.about])),
        name: format!("Approve: {}", item.words(plugin).to_lowercase()),
        hint: item.hint(),
        stands: item.stands(),
    }));
    let before = review.open() > 0 || review.check.as_ref().is_none_or(|c| !c.passed);
    steps.push(Step {
        to: (!before || review.second.is_some()).then(|| to(&["review", "second"])),
        name: "Approve all of it as a second person".to_owned(),
        hint: "By somebody who reviews plugins, and had no hand in it".to_owned(),
        stands: match &review.second {
            Some(_) if review.approved => completed(),
            _ if before => html! { "Cannot start yet" },
            _ => waits("Waiting"),
        },
    });
    let ready = review.approved || one_person;
    steps.push(Step {
        to: (proposed && ready && visit.me.may("approve-plugins")).then(|| to(&["activation"])),
        name: "Let it decide, now or from a day on".to_owned(),
        hint: "By somebody who may activate plugins".to_owned(),
        stands: match () {
            () if !proposed => completed(),
            () if ready => waits("Ready"),
            () => html! { "Cannot start yet" },
        },
    });
    steps
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn review(history: &[(&str, &str, &str)]) -> Review {
        let history: Vec<_> = history.iter().map(|(act, about, by)| json!({ "act": act, "about": about, "at": "", "by": by })).collect();
        serde_json::from_value(json!({
            "approved": false, "missing": [], "digest": "", "history": history,
            "items": [{ "about": "templates", "required": true, "needs_basis": false, "special_category": false, "criminal_offences": false }],
        }))
        .unwrap()
    }

    #[test]
    fn whoever_proposed_or_set_it_does_not_approve_it() {
        let none = review(&[]);
        assert!(none.keeps_from_approving("Olwen (a1)", "a1").is_some());
        assert!(none.keeps_from_approving("Olwen (a1)", "b2").is_none());
        assert!(review(&[("changed", "settings", "Helen (b2)")]).keeps_from_approving("Olwen (a1)", "b2").is_some());
        assert!(review(&[("checked", "check", "Helen (b2)")]).keeps_from_approving("Olwen (a1)", "b2").is_none());
    }

    #[test]
    fn the_second_person_had_no_hand_in_it() {
        assert!(review(&[("approved", "templates", "Helen (b2)")]).keeps_from_seconding("Olwen (a1)", "b2").is_some());
        assert!(review(&[("seconded", "second", "Helen (b2)")]).keeps_from_seconding("Olwen (a1)", "b2").is_none());
        assert_eq!((review(&[]).open(), review(&[]).next().map(|i| i.about.as_str())), (1, Some("templates")));
    }
}
