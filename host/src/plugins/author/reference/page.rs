//! What every page has around it.

use maud::{DOCTYPE, Markup, html};

use crate::sandbox::INTERFACE_VERSION;

/// The file of the stylesheet.
pub(super) const STYLE: &str = "style.css";

/// A whole page. `above`: file and title of the page that it belongs to.
pub(super) fn page(title: &str, above: Option<(&str, &str)>, main: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) " – Hearth for plugin authors" }
                link rel="stylesheet" href=(STYLE);
            }
            body {
                a class="skip" href="#main" { "Skip to main content" }
                header {
                    p { a href="index.html" { "Hearth" } span { "for plugin authors" } }
                }
                nav aria-label="Pages" {
                    ul {
                        li { a href="first-plugin.html" { "First plugin" } }
                        li { a href="index.html#the-interface" { "Interface" } }
                        li { a href="functions.html" { "Functions" } }
                        li { a href="codes.html" { "Code lists" } }
                        li { a href="manifest.html" { "Manifest" } }
                        li { a href="forms.html" { "Forms" } }
                        li { a href="scenarios.html" { "Scenarios" } }
                        li { a href="limits.html" { "Limits" } }
                        li { a href="errors.html" { "Errors" } }
                    }
                }
                main id="main" tabindex="-1" {
                    @if let Some((file, title)) = above {
                        p class="above" { a href=(file) { (title) } }
                    }
                    (main)
                }
                footer { p { "Made from release " (INTERFACE_VERSION) " of the interface." } }
            }
        }
    }
}

/// Code on lines of its own; it can be moved sideways, with the keyboard too.
pub(super) fn code(text: &str) -> Markup {
    html! { pre tabindex="0" { code { (text.trim_end()) } } }
}

/// One declaration, which may go on below: it has no indents to lose.
pub(super) fn signature(text: &str) -> Markup {
    html! { pre class="signature" { code { (text) } } }
}
