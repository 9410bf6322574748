//! A family's files: attached to a section, read by whoever may read it, removed with a reason.

use axum::extract::{Multipart, Path};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::json;

use super::{Of, ask, open};
use crate::codes::SECTIONS;
use crate::ui::form::{Ask, Asked, Typed, button, warning_button};
use crate::ui::{Page, list};
use crate::upstream::{Failed, List, Problem, query};
use crate::visit::Visit;
use crate::words;

/// A file as a browser sends it, with the fields beside it.
#[derive(Default)]
pub struct Sent {
    pub typed: Typed,
    name: String,
    kind: String,
    bytes: Vec<u8>,
}

/// A file that was chosen.
pub struct File {
    pub name: String,
    pub kind: String,
    pub bytes: Vec<u8>,
}

impl Sent {
    /// # Errors
    /// Cut off on the way, or too large.
    pub async fn of(mut parts: Multipart) -> Result<Self, Failed> {
        let wrong = |e: axum::extract::multipart::MultipartError| {
            Failed::Refused(Problem::of_pages("invalid", "The file could not be taken", e.status(), e.body_text()).at("file"))
        };
        let mut sent = Self::default();
        while let Some(part) = parts.next_field().await.map_err(wrong)? {
            let name = part.name().unwrap_or_default().to_owned();
            if let Some(file) = part.file_name() {
                sent.name = file.to_owned();
                part.content_type().unwrap_or("application/octet-stream").clone_into(&mut sent.kind);
                sent.bytes = part.bytes().await.map_err(wrong)?.to_vec();
            } else {
                sent.typed.add(&name, part.text().await.map_err(wrong)?);
            }
        }
        Ok(sent)
    }

    /// # Errors
    /// None was chosen.
    pub fn file(self) -> Result<File, Failed> {
        if self.name.is_empty() {
            let problem = Problem::of_pages("invalid", "", StatusCode::UNPROCESSABLE_ENTITY, "choose a file");
            return Err(Failed::Refused(problem.at("file")));
        }
        Ok(File { name: self.name, kind: self.kind, bytes: self.bytes })
    }
}

#[derive(Deserialize)]
struct Kept {
    id: String,
    name: String,
    section: String,
    size: u64,
    by: String,
    at: String,
    #[serde(default)]
    person: Option<String>,
    #[serde(default)]
    removed: Option<Removed>,
}

#[derive(Deserialize)]
struct Removed {
    reason: String,
}

pub async fn files(visit: Visit, Path((_, id)): Path<(String, String)>) -> Result<Page, Failed> {
    page(&visit, &id, &Typed::default(), None).await
}

async fn page(visit: &Visit, id: &str, typed: &Typed, problem: Option<&Problem>) -> Result<Page, Failed> {
    let of = open(visit, id).await?;
    let all: List<Kept> = visit.api.get(&visit.v1(&["families", id, "attachments"])).await?;
    let rows: Vec<_> = all.items.iter().map(|f| row(visit, &of, f)).collect();
    let people = of.people();
    let people: Vec<(&str, &str)> = people.iter().map(|(id, name)| (id.as_str(), name.as_str())).collect();
    let form = Asked::new(typed, problem);
    let body = html! {
        (of.top(visit, "files"))
        @if rows.is_empty() { h2 class="govuk-heading-m" { "Files" } (list::nothing("No file is attached that you may see.")) }
        @else { (list::table("Files", &["Name", "Section", "Of", "Attached", "Act"], &rows)) }
        @if visit.me.may("write-facts") {
            h2 class="govuk-heading-m" { "Attach a file" }
            form method="post" enctype="multipart/form-data" action=(of.to(visit, &["files"])) novalidate {
                (form.file(ask("file", "File"), ""))
                (form.select(Ask { name: "section", label: "Section of the record", hint: "Who may read the section may read the file" }, &SECTIONS))
                (form.select(Ask { name: "person", label: "About whom", hint: "Leave it if it is about the whole family" }, &people))
                (button("Attach it"))
            }
        }
    };
    Ok(of.page(visit, "Files", body).wrong(problem))
}

fn row(visit: &Visit, of: &Of, f: &Kept) -> Vec<Markup> {
    let at = |rest: &[&str]| of.to(visit, &[&["files", f.id.as_str()], rest].concat());
    vec![
        html! { @if f.removed.is_some() { (f.name) } @else { (list::link(&at(&[]), &f.name)) } br; span class="govuk-hint" { (size(f.size)) } },
        html! { (words::code(&f.section)) },
        html! { (f.person.as_deref().and_then(|p| of.family.name_of(p)).unwrap_or_default()) },
        html! { (words::at(&f.at)) br; (words::who(&f.by)) },
        html! {
            @match &f.removed {
                Some(removed) => { "Removed: " (removed.reason) }
                None => { @if visit.me.may("write-facts") { a class="govuk-link" href=(at(&["removal"])) { "Remove" span class="govuk-visually-hidden" { " " (f.name) } } } }
            }
        },
    ]
}

fn size(bytes: u64) -> String {
    match bytes {
        0..1024 => format!("{bytes} bytes"),
        1024..1_048_576 => format!("{} kB", bytes.div_ceil(1024)),
        _ => format!("{}.{} MB", bytes / 1_048_576, bytes % 1_048_576 * 10 / 1_048_576),
    }
}

pub async fn attach(visit: Visit, Path((_, id)): Path<(String, String)>, parts: Multipart) -> Result<Response, Failed> {
    let sent = match Sent::of(parts).await {
        Ok(sent) => sent,
        Err(Failed::Refused(problem)) => return Ok(page(&visit, &id, &Typed::default(), Some(&problem)).await?.into_response()),
        Err(failed) => return Err(failed),
    };
    let typed = sent.typed.clone();
    match keep(&visit, &id, sent).await {
        Ok(()) => Ok(visit.done(&["families", &id, "files"], "attached")),
        Err(Failed::Refused(problem)) if problem.is_of_input() => {
            Ok(page(&visit, &id, &typed, Some(&problem.at("file"))).await?.into_response())
        }
        Err(failed) => Err(failed),
    }
}

async fn keep(visit: &Visit, id: &str, sent: Sent) -> Result<(), Failed> {
    let text = |name: &str| sent.typed.text(name).unwrap_or_default().to_owned();
    let (section, person) = (text("section"), text("person"));
    if section.is_empty() {
        let problem = Problem::of_pages("invalid", "", StatusCode::UNPROCESSABLE_ENTITY, "choose a section");
        return Err(Failed::Refused(problem.at("section")));
    }
    let file = sent.file()?;
    let about = query(&[("name", &file.name), ("section", &section), ("person", &person)]);
    visit.api.upload(&format!("{}{about}", visit.v1(&["families", id, "attachments"])), &file.kind, file.bytes).await?;
    Ok(())
}

/// The file itself, as the API sends it: to be saved, never shown as a page of ours.
pub async fn file(visit: Visit, Path((_, _, file)): Path<(String, String, String)>) -> Result<Response, Failed> {
    visit.api.through(&visit.v1(&["attachments", &file])).await
}

pub async fn removal(visit: Visit, Path((_, id, file)): Path<(String, String, String)>) -> Result<Page, Failed> {
    removal_asked(&visit, &id, &file, &Typed::default(), None).await
}

async fn removal_asked(visit: &Visit, id: &str, file: &str, typed: &Typed, problem: Option<&Problem>) -> Result<Page, Failed> {
    let of = open(visit, id).await?;
    let body = html! {
        span class="govuk-caption-l" { "Family " (of.family.reference) }
        h1 class="govuk-heading-l" { "Remove a file" }
        p class="govuk-body" { "Its content goes for good. That it was there, and why it is not, stays." }
        form method="post" action=(of.to(visit, &["files", file, "removal"])) novalidate {
            (crate::ui::form::once())
            (Asked::new(typed, problem).text(ask("reason", "Why"), 3))
            (warning_button("Remove it"))
        }
    };
    Ok(of.below(visit, "files", "Files", "Remove a file", body).wrong(problem))
}

pub async fn remove(visit: Visit, Path((_, id, file)): Path<(String, String, String)>, typed: Typed) -> Result<Response, Failed> {
    let body = json!({ "reason": typed.text("reason").unwrap_or_default() });
    match visit.api.post(&visit.v1(&["attachments", &file, "removal"]), &body, typed.once()).await {
        Ok(_) => Ok(visit.done(&["families", &id, "files"], "removed")),
        Err(Failed::Refused(problem)) if problem.is_of_input() => {
            Ok(removal_asked(&visit, &id, &file, &typed, Some(&problem)).await?.into_response())
        }
        Err(failed) => Err(failed),
    }
}
