//! Markdown as markup: the guides and the interface's own comments.

use maud::{Markup, PreEscaped};
use pulldown_cmark::{CowStr, Event, Options, Parser, Tag, TagEnd, html};

use crate::record::codes;

/// A comment of the interface. Code lists that it names become links.
pub(super) fn prose(text: &str) -> Markup {
    markup(&linked(text))
}

/// A whole document; headings can be linked to.
pub(super) fn markup(text: &str) -> Markup {
    let mut events: Vec<Event<'_>> = Parser::new_ext(text, Options::ENABLE_TABLES).map(plain).collect();
    for at in 0..events.len() {
        if !matches!(events[at], Event::Start(Tag::Heading { .. })) {
            continue;
        }
        let said: String = events[at..]
            .iter()
            .take_while(|event| !matches!(event, Event::End(TagEnd::Heading(_))))
            .map(|event| if let Event::Text(text) | Event::Code(text) = event { text.as_ref() } else { "" })
            .collect();
        if let Event::Start(Tag::Heading { id, .. }) = &mut events[at] {
            *id = Some(slug(&said).into());
        }
    }
    // On a phone a table is moved sideways, not the page.
    let wide = events.into_iter().flat_map(|event| match event {
        Event::Start(Tag::Table(_)) => vec![Event::Html("<div class=\"wide\" tabindex=\"0\">".into()), event],
        Event::End(TagEnd::Table) => vec![event, Event::Html("</div>".into())],
        event => vec![event],
    });
    let mut written = String::new();
    html::push_html(&mut written, wide);
    PreEscaped(written)
}

/// The first heading, without its mark.
pub(super) fn title(text: &str) -> &str {
    text.lines().find_map(|line| line.strip_prefix("# ")).unwrap_or_default()
}

/// `a first heading` as `a-first-heading`.
pub(super) fn slug(text: &str) -> String {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_ascii_lowercase).collect::<Vec<_>>().join("-")
}

/// Text that looks like markup is text, and a file beside the guide is a page here.
fn plain(event: Event<'_>) -> Event<'_> {
    match event {
        Event::Html(text) | Event::InlineHtml(text) => Event::Text(text),
        Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
            let dest_url = match dest_url.as_ref() {
                "codes" | "codes/" => CowStr::from("codes.html"),
                beside if !beside.contains('/') && beside.ends_with(".md") => CowStr::from(beside.replace(".md", ".html")),
                _ => dest_url,
            };
            Event::Start(Tag::Link { link_type, dest_url, title, id })
        }
        event => event,
    }
}

/// With links to the code lists that it names: "code list roles", "code list `roles`".
fn linked(text: &str) -> String {
    const BEFORE: &str = "ode list ";
    let mut written = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(BEFORE) {
        let (before, after) = rest.split_at(at + BEFORE.len());
        written.push_str(before);
        let quoted = after.starts_with('`');
        let name = after.trim_start_matches('`');
        let name = &name[..name.find(|c: char| !c.is_ascii_lowercase() && c != '-').unwrap_or(name.len())];
        if codes::all().any(|list| list.list == name) {
            written.push_str(&format!("[{name}](codes.html#{name})"));
            rest = &after[name.len() + if quoted { 2 } else { 0 }..];
        } else {
            rest = after;
        }
    }
    written + rest
}
