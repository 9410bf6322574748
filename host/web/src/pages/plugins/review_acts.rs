//! The acts of a review: the check, what is said of each section and by which law, the second person.

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use serde_json::{Value, json};

use super::Version;
use super::installation::{Installation, above};
use super::review::{Check, Item, Review, Said};
use crate::pages::common::sorted;
use crate::ui::form::{Ask, Asked, Choice, Typed, button, go_button, hidden, once};
use crate::ui::{Crumb, Page, list};
use crate::upstream::{Failed, Problem};
use crate::visit::Visit;
use crate::words;

/// UK GDPR, article 6.
const BASES: &[Choice<'_>] = &[
    ("public-task", "A task in the public interest, or official authority: article 6(1)(e)"),
    ("legal-obligation", "A legal obligation: article 6(1)(c)"),
    ("consent", "Consent: article 6(1)(a)"),
    ("contract", "A contract: article 6(1)(b)"),
    ("vital-interests", "Vital interests: article 6(1)(d)"),
    ("legitimate-interests", "Legitimate interests, which a council's own tasks are not: article 6(1)(f)"),
];

/// Article 9.
const SPECIAL: &[Choice<'_>] = &[
    ("health-or-social-care", "Health or social care: article 9(2)(h)"),
    ("substantial-public-interest", "Substantial public interest, safeguarding for one: article 9(2)(g)"),
    ("social-protection", "Employment, social security and social protection: article 9(2)(b)"),
    ("explicit-consent", "Explicit consent: article 9(2)(a)"),
    ("vital-interests-incapable", "Vital interests of somebody who cannot consent: article 9(2)(c)"),
    ("not-for-profit", "Members of a body that is not for profit: article 9(2)(d)"),
    ("made-public", "Made public by whom it is about: article 9(2)(e)"),
    ("legal-claims", "Legal claims: article 9(2)(f)"),
    ("public-health", "Public health: article 9(2)(i)"),
    ("research", "Archiving, research, statistics: article 9(2)(j)"),
];

/// Article 10.
const OFFENCES: &[Choice<'_>] = &[
    ("official-authority", "Under the control of official authority: article 10"),
    ("authorised-by-law", "Authorised by law, with a condition of the Data Protection Act 2018, schedule 1: article 10"),
];

/// What a review's page is made of.
struct Read {
    i: Installation,
    plugin: Version,
    review: Review,
}

async fn read(visit: &Visit, id: &str) -> Result<Read, Failed> {
    let i = Installation::read(visit, id).await?;
    let plugin = i.version(visit).await?;
    Ok(Read { review: Review::read(visit, id).await?, i, plugin })
}

impl Read {
    fn above(&self, visit: &Visit) -> Vec<Crumb> {
        let mut all = above(visit, &self.i.id, &self.plugin.title()).to_vec();
        all.push(visit.crumb(&["plugins", "adopted", &self.i.id, "review"], "Review"));
        all
    }
}

pub async fn check(visit: Visit, Path((_, id)): Path<(String, String)>) -> Result<Page, Failed> {
    checking(&visit, &id, None).await
}

async fn checking(visit: &Visit, id: &str, problem: Option<&Problem>) -> Result<Page, Failed> {
    let read = read(visit, id).await?;
    let body = html! {
        span class="govuk-caption-l" { (read.plugin.title()) }
        h1 class="govuk-heading-l" { "The host's check" }
        p class="govuk-body" { "Its scenarios are played: as its author wrote them, which they have to pass, and as this council has set it. Nothing is asked about real families." }
        @match &read.review.check { Some(c) => (found(c)), None => (list::nothing("It was not checked as it is now.")) }
        @if read.i.is("proposed") && visit.me.may("install-plugins") {
            form method="post" action=(visit.to(&["plugins", "adopted", id, "review", "check"])) {
                (once()) (button(if read.review.check.is_some() { "Check it again" } else { "Check it" }))
            }
        } @else if read.i.is("proposed") { (list::inset("Somebody who may propose plugins has it checked.")) }
    };
    Ok(visit.page("The host's check", body).below(read.above(visit)).wrong(problem))
}

fn found(c: &Check) -> Markup {
    let rows: Vec<_> = c
        .differences
        .iter()
        .map(|d| vec![html! { (d.scenario) }, html! { (d.field) }, html! { (d.expected) }, html! { (d.got) }])
        .collect();
    html! {
        p class="govuk-body" {
            @if c.passed { (list::tag("Passed", "green")) } @else { (list::tag("Did not pass", "red")) }
            " " (words::who(&c.by)) ", " (words::at(&c.at)) ", with " (c.scenarios) " scenarios."
        }
        @if let Some(why) = &c.failed { (list::warning(&format!("It does not pass: {why}"))) }
        @if rows.is_empty() { @if c.passed { (list::nothing("With this council's settings, all scenarios come out as their author wrote them.")) } }
        @else {
            (list::table("What this council's settings and grants change", &["Scenario", "Where", "The author expected", "Here"], &rows))
            @if c.more { (list::nothing("There are more than are kept.")) }
        }
    }
}

pub async fn checked(visit: Visit, Path((_, id)): Path<(String, String)>, typed: Typed) -> Result<Response, Failed> {
    match sorted(visit.api.post(&visit.v1(&["installations", &id, "check"]), &json!({}), typed.once()).await)? {
        Ok(_) => Ok(visit.done(&["plugins", "adopted", &id, "review", "check"], "checked")),
        Err(problem) => Ok(checking(&visit, &id, Some(&problem)).await?.into_response()),
    }
}

pub async fn item(visit: Visit, Path((_, id, about)): Path<(String, String, String)>) -> Result<Page, Failed> {
    saying(&visit, &id, &about, None, None).await
}

async fn saying(visit: &Visit, id: &str, about: &str, typed: Option<&Typed>, problem: Option<&Problem>) -> Result<Page, Failed> {
    let read = read(visit, id).await?;
    let Some(item) = read.review.items.iter().find(|i| i.about == about) else { return Err(no_such()) };
    let before = as_said(item);
    let form = Asked::new(typed.unwrap_or(&before), problem);
    let title = item.words(&read.plugin);
    let keeps = read.review.keeps_from_approving(&read.i.proposed_by, &visit.session.login);
    let body = html! {
        span class="govuk-caption-l" { "Review of " (read.plugin.title()) }
        h1 class="govuk-heading-l" { (title) }
        (about_it(item, &read.plugin))
        @if let Some(said) = &item.said { (said_of(said)) }
        @if read.i.is("proposed") {
            @if !visit.me.may("review-plugins") { (list::inset("Somebody who reviews plugins approves it, in their own name.")) }
            @else if let Some(why) = keeps { (list::inset(why)) }
            @else { (say_form(visit, id, item, form)) }
        }
    };
    Ok(visit.page(title, body).below(read.above(visit)).wrong(problem))
}

fn no_such() -> Failed {
    Failed::Refused(Problem::of_pages(
        "no-such-page",
        "Page not found",
        axum::http::StatusCode::NOT_FOUND,
        "the plugin is not granted that",
    ))
}

fn as_said(item: &Item) -> Typed {
    let mut typed = Typed::default();
    if let Some(said) = &item.said {
        typed.set("approve", if said.act == "approved" { "yes" } else { "no" });
        typed.set("basis", said.basis.clone().unwrap_or_default());
        typed.set("words", said.words.clone().unwrap_or_default());
        for condition in &said.conditions {
            typed.add("conditions", condition.clone());
        }
    }
    typed
}

fn about_it(item: &Item, plugin: &Version) -> Markup {
    let asked = plugin.asks.iter().find(|a| a.interface == item.about);
    let why = asked.and_then(|a| a.why.as_ref()).map(|w| w.en.as_str()).filter(|w| !w.is_empty());
    html! {
        @if let Some(why) = why { p class="govuk-body" { "Its author says why: " (why) } }
        @if item.about == "templates" {
            p class="govuk-body" { "These sentences and no others; what stands in braces is filled in for each reader." }
            ul class="govuk-list govuk-list--bullet" { @for t in &plugin.manifest.templates { li { (t.en) } } }
        }
        @if !item.required { p class="govuk-body" { "It works without. If you decline it, it is not granted." } }
        @if item.special_category { (list::warning("This is special category data: it needs a condition of article 9.")) }
        @if item.criminal_offences { (list::warning("This is data about criminal offences: it needs a condition of article 10.")) }
    }
}

fn said_of(said: &Said) -> Markup {
    let of = |codes: &[Choice<'_>], code: &str| codes.iter().find(|(c, _)| *c == code).map(|(_, words)| (*words).to_owned());
    let condition = |c: &String| of(SPECIAL, c).or_else(|| of(OFFENCES, c)).unwrap_or_else(|| words::code(c));
    let mut rows = vec![
        ("Said", html! { @if said.act == "approved" { "Approved" } @else { "Declined" } }),
        ("By", html! { (words::who(&said.by)) ", " (words::at(&said.at)) }),
    ];
    if let Some(basis) = &said.basis {
        rows.push(("Lawful basis", html! { (of(BASES, basis).unwrap_or_else(|| words::code(basis))) }));
    }
    if !said.conditions.is_empty() {
        rows.push(("Conditions", html! { ul class="govuk-list" { @for c in &said.conditions { li { (condition(c)) } } } }));
    }
    if let Some(words) = &said.words {
        rows.push(("In words", html! { (words) }));
    }
    list::pairs(&rows)
}

fn say_form(visit: &Visit, id: &str, item: &Item, form: Asked<'_>) -> Markup {
    let mut conditions: Vec<Choice<'_>> = Vec::new();
    if item.special_category {
        conditions.extend(SPECIAL);
    }
    if item.criminal_offences {
        conditions.extend(OFFENCES);
    }
    html! {
        form method="post" action=(visit.to(&["plugins", "adopted", id, "review", "items", &item.about])) novalidate {
            (once())
            (form.radios(Ask { name: "approve", label: "Do you approve it?", hint: "In your own name; it is kept" }, &[("yes", "Yes"), ("no", "No")]))
            @if item.needs_basis { (form.radios(Ask { name: "basis", label: "By which law may it be read?", hint: "UK GDPR, article 6" }, BASES)) }
            @if !conditions.is_empty() { (form.boxes(Ask { name: "conditions", label: "Which conditions are met?", hint: "" }, &conditions)) }
            (form.text(Ask { name: "words", label: "Anything else?", hint: "Needed where you decline it: why" }, 3))
            div class="govuk-button-group" { (button("Save")) (go_button("next", "Save and go on to the next")) }
        }
    }
}

pub async fn say(visit: Visit, Path((_, id, about)): Path<(String, String, String)>, typed: Typed) -> Result<Response, Failed> {
    let answer = match typed.lacks(&[("approve", "say whether you approve it")]) {
        Some(lacks) => Err(lacks),
        None => {
            let body = json!({ "items": [said(&about, &typed)] });
            sorted(visit.api.post(&visit.v1(&["installations", &id, "approvals"]), &body, typed.once()).await)?
        }
    };
    match answer {
        Ok(answer) => {
            let next = serde_json::from_value::<Review>(answer).ok().filter(|_| typed.text("go") == Some("next"));
            match next.as_ref().and_then(Review::next) {
                Some(item) => Ok(visit.done(&["plugins", "adopted", &id, "review", "items", &item.about], "said")),
                None => Ok(visit.done(&["plugins", "adopted", &id, "review"], "said")),
            }
        }
        Err(problem) => Ok(saying(&visit, &id, &about, Some(&typed), Some(&problem)).await?.into_response()),
    }
}

/// What is typed, as the API takes it. Of what is declined no law is said.
fn said(about: &str, typed: &Typed) -> Value {
    let approve = typed.text("approve") == Some("yes");
    let mut said = json!({ "about": about, "approve": approve });
    if approve {
        if let Some(basis) = typed.text("basis") {
            said["basis"] = basis.into();
        }
        said["conditions"] = json!(typed.all("conditions"));
    }
    if let Some(words) = typed.text("words") {
        said["words"] = words.into();
    }
    said
}

pub async fn second(visit: Visit, Path((_, id)): Path<(String, String)>) -> Result<Page, Failed> {
    seconding(&visit, &id, &Typed::default(), None).await
}

async fn seconding(visit: &Visit, id: &str, typed: &Typed, problem: Option<&Problem>) -> Result<Page, Failed> {
    let read = read(visit, id).await?;
    let form = Asked::new(typed, problem);
    let keeps = read.review.keeps_from_seconding(&read.i.proposed_by, &visit.session.login);
    let items = &read.review.items;
    let body = html! {
        span class="govuk-caption-l" { "Review of " (read.plugin.title()) }
        h1 class="govuk-heading-l" { "All of it, as a second person" }
        @if let Some(said) = &read.review.second { (said_of_second(said, read.review.approved)) }
        h2 class="govuk-heading-m" { "What was approved" }
        @for item in items { h3 class="govuk-heading-s" { (item.words(&read.plugin)) } @if let Some(said) = &item.said { (said_of(said)) } }
        h2 class="govuk-heading-m" { "Settings" }
        (crate::ui::schema::shown(&read.plugin.manifest.settings, &read.i.settings))
        @if read.i.is("proposed") && !read.review.approved {
            @if !visit.me.may("review-plugins") { (list::inset("Somebody who reviews plugins, and had no hand in it, approves it.")) }
            @else if let Some(why) = keeps { (list::inset(why)) }
            @else {
                form method="post" action=(visit.to(&["plugins", "adopted", id, "review", "second"])) novalidate {
                    (once())
                    (hidden("digest", &read.review.digest))
                    (form.text(Ask { name: "words", label: "Anything to say with it?", hint: "You approve all of the above as it stands. Whatever is changed afterwards withdraws it." }, 3))
                    (button("Approve all of it"))
                }
            }
        }
    };
    Ok(visit.page("All of it, as a second person", body).below(read.above(visit)).wrong(problem))
}

fn said_of_second(said: &Said, counts: bool) -> Markup {
    html! {
        (list::inset(&format!(
            "{} approved it on {}{}.{}",
            words::who(&said.by),
            words::at(&said.at),
            said.words.as_deref().map(|w| format!(": {w}")).unwrap_or_default(),
            if counts { "" } else { " It was changed since, so that this counts no more." }
        )))
    }
}

pub async fn seconded(visit: Visit, Path((_, id)): Path<(String, String)>, typed: Typed) -> Result<Response, Failed> {
    match sorted(
        visit.api.post(&visit.v1(&["installations", &id, "second-approval"]), &typed.object(&["digest", "words"]), typed.once()).await,
    )? {
        Ok(_) => Ok(visit.done(&["plugins", "adopted", &id, "review"], "seconded")),
        Err(problem) => Ok(seconding(&visit, &id, &typed, Some(&problem)).await?.into_response()),
    }
}
