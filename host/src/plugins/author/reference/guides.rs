//! The guides: Markdown of this tree.

use maud::html;

use super::Page;
use super::page::page;
use super::text::{markup, title};

const GUIDES: [(&str, &str); 4] = [
    ("first-plugin", include_str!("first-plugin.md")),
    ("forms", include_str!("../../../../../wit/forms.md")),
    ("scenarios", include_str!("../../../../../wit/scenarios.md")),
    ("wasi", include_str!("../../../../../wit/wasi.md")),
];

pub(super) fn pages() -> impl Iterator<Item = Page> {
    GUIDES.iter().map(|(name, text)| {
        let main = html! { (markup(text)) };
        Page::html(format!("{name}.html"), page(title(text), None, &main))
    })
}
