//! The page for a browser: one file, nothing beside it.

use maud::{DOCTYPE, PreEscaped, html};

use super::sheet::{Note, Sheet};
use crate::plugins::sensitive::Mark;

/// The look of the documentation, and lines to write on.
const STYLE: &str = concat!(
    include_str!("../author/reference/style.css"),
    ".blank { border-bottom: 1px solid var(--ink); min-height: 2rem; }\n",
    "dl > div.note { grid-template-columns: 16rem 1fr; border: 0; padding: .15rem 0; }\n",
    "dd { overflow-wrap: anywhere; } @media (max-width: 40rem) { dl > div.note { grid-template-columns: 1fr; } }\n",
    "dl > div.whole { grid-template-columns: 1fr; }\n",
    "h3 { font-size: 1.05rem; margin: 1.4rem 0 .4rem; }\n",
    "section { break-inside: auto; } .entry { break-inside: avoid; }\n",
);

impl Sheet {
    /// As a page of HTML.
    #[must_use]
    pub fn html(&self) -> String {
        let page = html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    title { (self.title) }
                    style { (PreEscaped(STYLE)) }
                }
                body {
                    main {
                        h1 { (self.title) }
                        @for text in &self.purpose { p class="lede" { (text) } }
                        dl {
                            @for (label, value) in &self.file { div class="note" { dt { (label) } dd { (value) } } }
                        }
                        @for (i, part) in self.parts.iter().enumerate() {
                            section {
                                h2 { (i + 1) ". " (part.heading) }
                                @for text in &part.says { p { (text) } }
                                @for entry in &part.entries {
                                    div class="entry" {
                                        h3 { (entry.name) }
                                        @if !entry.notes.is_empty() { dl { @for note in &entry.notes { (noted(note)) } } }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        };
        page.into_string()
    }
}

fn noted(note: &Note) -> maud::Markup {
    match note {
        Note::Text(text) => html! { div class="note whole" { dd { (text) } } },
        Note::Welsh(text) => html! { div class="note" { dt { "Welsh" } dd lang="cy" { (text) } } },
        Note::Labelled(label, text) => html! { div class="note" { dt { (label) } dd { (text) } } },
        Note::Mark(mark, why) => {
            let class = if *mark == Mark::CanReveal { "mark soft" } else { "mark hard" };
            html! { div class="note whole" { dd class=(class) { strong { (mark.says()) } " " (why) } } }
        }
        Note::Blank(label) => html! { div class="note" { dt { (label) } dd class="blank" {} } },
    }
}
