//! What is held about somebody, as a page and as a sheet.

use maud::{DOCTYPE, html};

use super::{Draft, Mark};
use crate::sheet;

/// A page that stands alone: no script, nothing from elsewhere.
#[must_use]
pub fn html(draft: &Draft) -> String {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { "What is held about you" }
                style { "body{font:1rem/1.5 sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}dt{font-weight:bold}dd{margin:0 0 .5rem}section{border-top:1px solid #505a5f;margin-top:1.5rem}" }
            }
            body {
                main {
                    h1 { "What is held about you" }
                    p { "By the authority " (draft.authority.as_str()) ", as of " (draft.made_at) ". " (draft.parts.len()) " parts." }
                    @for part in &draft.parts {
                        section {
                            h2 { (part.heading) }
                            @if let Some(reason) = &part.kept_back { p { "Kept back: " (reason) } } @else { p { (part.part) } }
                            @if !part.marks.is_empty() {
                                p { strong { "For a reviewer: " (part.marks.iter().map(|m| words(*m)).collect::<Vec<_>>().join("; ")) } }
                            }
                            dl { @for line in &part.lines { dt { (line.name) } dd { (line.value) } } }
                        }
                    }
                }
            }
        }
    };
    page.into_string()
}

const fn words(mark: Mark) -> &'static str {
    match mark {
        Mark::ThirdParty => "it tells of somebody else",
        Mark::SeriousHarm => "showing it might do serious harm",
        Mark::FreeText => "somebody wrote it in their own words",
        Mark::Sealed => "it is sealed",
    }
}

/// A row for each line of each part.
///
/// # Errors
/// None in memory.
pub fn csv(draft: &Draft) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut to = sheet::Writer::new(&mut bytes);
    to.row(["part", "heading", "name", "value", "kept back"])?;
    for part in &draft.parts {
        let kept_back = part.kept_back.as_deref().unwrap_or_default();
        if part.lines.is_empty() {
            to.row([part.part.as_str(), &part.heading, "", "", kept_back])?;
        }
        for line in &part.lines {
            to.row([part.part.as_str(), &part.heading, &line.name, &line.value, kept_back])?;
        }
    }
    to.end()?;
    Ok(bytes)
}
