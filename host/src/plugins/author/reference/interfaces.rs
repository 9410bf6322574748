//! A page for each package and for each interface.

use maud::{Markup, html};
use wit_parser::{Function, TypeDefKind, TypeId};

use super::javascript::JavaScript;
use super::page::{code, page, signature};
use super::python::Python;
use super::rust::Rust;
use super::speech::{Given, Speech, answer, original, owner};
use super::text::prose;
use super::{Page, bare_name, file, interfaces, named, wit};
use crate::plugins::author::Language;
use crate::plugins::author::world::Known;
use crate::plugins::fit::OURS;
use crate::plugins::sensitive::{Mark, marks};
use crate::record::codes;
use crate::sandbox::{MIGRATION, Purpose, Question, interface};

pub(super) fn pages() -> Vec<Page> {
    let mut pages: Vec<Page> = Vec::new();
    for known in interfaces() {
        let package = format!("{}.html", known.package());
        if pages.iter().all(|page| page.name != package) {
            pages.push(Page::html(package, package_page(known)));
        }
        pages.push(Page::html(file(known), interface_page(known)));
    }
    pages
}

/// The package that an interface is of.
fn package_page(of: Known<'_>) -> Markup {
    let docs = of.interface().package.and_then(|id| of.resolve.packages[id].docs.contents.as_deref()).unwrap_or_default();
    let title = format!("hearth:{}", of.package());
    let main = html! {
        h1 { (title) }
        (prose(docs))
        h2 id="interfaces" { "Interfaces" }
        (table(of.package()))
    };
    page(&title, Some(("index.html", "All packages")), &main)
}

/// The interfaces of a package: what each is for, and its functions.
pub(super) fn table(package: &str) -> Markup {
    html! {
        div class="wide" tabindex="0" {
            table {
                thead { tr { th scope="col" { "Interface" } th scope="col" { "What it is for" } th scope="col" { "Functions" } } }
                tbody {
                    @for known in interfaces().filter(|known| known.package() == package) {
                        tr {
                            th scope="row" { a href=(file(known)) { (known.name()) } }
                            td { (purpose(known)) }
                            td { (functions(known)) }
                        }
                    }
                }
            }
        }
    }
}

fn functions(of: Known<'_>) -> Markup {
    html! {
        @for (i, function) in of.functions().enumerate() {
            @if i > 0 { ", " }
            a href={ (file(of)) "#" (function.name) } { (function.name) }
        }
    }
}

/// One line for whoever looks for an interface.
fn purpose(of: Known<'_>) -> String {
    match interface(&bare_name(of)) {
        Some(lent) => lent.says.to_owned(),
        None => of.interface().docs.contents.as_deref().and_then(|docs| docs.lines().next()).unwrap_or_default().to_owned(),
    }
}

fn interface_page(of: Known<'_>) -> Markup {
    let name = bare_name(of);
    let speeches: [&dyn Speech; 3] = [&Rust(&OURS), &JavaScript(&OURS), &Python(&OURS)];
    let types: Vec<TypeId> = of.interface().types.values().copied().filter(|id| original(of.resolve, *id) == *id).collect();
    let main = html! {
        h1 { (name) }
        (prose(of.interface().docs.contents.as_deref().unwrap_or_default()))
        (permission(of))
        @if of.functions().next().is_some() {
            h2 id="functions" { "Functions" }
            @if of.functions().any(|f| answer(of.resolve, f).1.is_some()) { (refusals(of)) }
            @for function in of.functions() { (function_section(of, function, &speeches)) }
        }
        @if !types.is_empty() {
            h2 id="types" { "Types" }
            @for id in types { (type_section(of, id, &speeches)) }
        }
        h2 id="limits" { "Limits" }
        p {
            "Where no bound is named above: 10,000 items a list and 64 bytes a word. Each call counts as one call of the host, and each row \
             that is given as one row; " a href="limits.html" { "what a run may use" } " says how many there may be."
        }
    };
    let package = format!("{}.html", of.package());
    page(&name, Some((&package, &format!("hearth:{}", of.package()))), &main)
}

/// What importing or exporting it comes to.
fn permission(of: Known<'_>) -> Markup {
    let name = bare_name(of);
    let versioned = of.whole_name();
    let Some(lent) = interface(&name) else {
        return html! {
            h2 id="permission" { "What exporting it means" }
            p {
                "The host looks for it in a plugin that offers " code { (of.package()) } ". "
                @if name == MIGRATION { "It may be left out." } @else { "Every function of it has to be there." }
            }
            (signature(&format!("export {versioned};")))
        };
    };
    html! {
        h2 id="permission" { "What importing it grants" }
        p {
            @match lent.purpose {
                Purpose::Read | Purpose::Propose => {
                    "An authority that grants it lets the plugin " strong { (lent.says) } ". Say why in the manifest, under " code { "why" } "."
                }
                Purpose::Matter => { "It comes with the question: the plugin may " strong { (lent.says) } "." }
                Purpose::Report => { "It comes with what the plugin offers: it may " strong { (lent.says) } "." }
                Purpose::Platform => { "Every run is lent it: the plugin may " strong { (lent.says) } "." }
                Purpose::Types => { "Nothing: it holds " (lent.says) "." }
            }
        }
        @for (mark, note) in marks(&name) {
            p class={ "mark " (if *mark == Mark::CanReveal { "soft" } else { "hard" }) } { strong { (mark.says()) } " " (note) }
        }
        (signature(&format!("import {versioned};")))
    }
}

fn refusals(of: Known<'_>) -> Markup {
    let exported = interface(&bare_name(of)).is_none();
    html! {
        @if exported {
            p {
                "Answer with a word of the code list. To refuse is an answer too: in Rust " code { "Err(Failure { … })" }
                ", in JavaScript and Python " code { "refuse(why)" } " of the kit. Anything else that goes wrong is a fault: nothing is decided."
            }
        } @else {
            p {
                "Where there is no answer, " code { "absence" } " says why: an " code { "Err" } " in Rust; in JavaScript " code { "Absence" }
                " is thrown and in Python raised, and where nobody catches it, it is the plugin’s refusal."
            }
        }
    }
}

fn function_section(of: Known<'_>, function: &Function, speeches: &[&dyn Speech]) -> Markup {
    let exported = interface(&bare_name(of)).is_none();
    let types = named(of.resolve, function);
    html! {
        section id=(function.name) {
            h3 { a href={ "#" (function.name) } { (function.name) } }
            (signature(&wit::function(of.resolve, function)))
            (prose(function.docs.contents.as_deref().unwrap_or_default()))
            dl {
                @for speech in speeches {
                    div {
                        dt { (title(*speech)) }
                        dd { code { (if exported { speech.asked(function) } else { speech.lent(of, function) }) } }
                    }
                }
            }
            @if !types.is_empty() {
                p class="types" {
                    "Types: "
                    @for (i, id) in types.iter().enumerate() {
                        @if i > 0 { ", " }
                        (type_link(of, *id))
                    }
                }
            }
            details {
                summary { "Examples in Rust, JavaScript and Python" }
                @for speech in speeches {
                    h4 { (title(*speech)) }
                    (code(&example(of, function, *speech)))
                }
            }
        }
    }
}

/// How a plugin calls the function, or answers it.
pub(super) fn example(of: Known<'_>, function: &Function, speech: &dyn Speech) -> String {
    if interface(&bare_name(of)).is_some() {
        return speech.call(of, function, &Given::of(of.resolve, function));
    }
    let list = Question::ALL.iter().find(|question| question.code() == function.name).map(|question| question.answers());
    let word = codes::all().find(|codes| Some(codes.list.as_str()) == list).and_then(|codes| codes.codes.first());
    speech.written(of, function, word.map_or("", |word| &word.code))
}

fn type_link(of: Known<'_>, id: TypeId) -> Markup {
    let name = of.resolve.types[id].name.as_deref().unwrap_or_default();
    let file = owner(of.resolve, id).map(file).unwrap_or_default();
    html! { a href={ (file) "#type-" (name) } { (name) } }
}

fn type_section(of: Known<'_>, id: TypeId, speeches: &[&dyn Speech]) -> Markup {
    let def = &of.resolve.types[id];
    let name = def.name.as_deref().unwrap_or_default();
    let plain = matches!(def.kind, TypeDefKind::Type(_));
    html! {
        section id={ "type-" (name) } {
            h3 { a href={ "#type-" (name) } { (name) } }
            (code(&wit::declaration(of.resolve, id)))
            (prose(def.docs.contents.as_deref().unwrap_or_default()))
            (cases(of, id))
            @if !plain {
                details {
                    summary { "In Rust, JavaScript and Python" }
                    @for speech in speeches {
                        h4 { (title(*speech)) }
                        (code(&speech.declaration(id)))
                    }
                }
            }
        }
    }
}

/// The cases of a variant that have a comment of their own.
fn cases(of: Known<'_>, id: TypeId) -> Markup {
    let TypeDefKind::Variant(variant) = &of.resolve.types[id].kind else { return html! {} };
    let told: Vec<_> = variant.cases.iter().filter_map(|case| Some((&case.name, case.docs.contents.as_deref()?))).collect();
    html! {
        @if !told.is_empty() {
            dl {
                @for (name, docs) in told { div { dt { code { (name) } } dd { (prose(docs)) } } }
            }
        }
    }
}

fn title(speech: &dyn Speech) -> &'static str {
    match speech.language() {
        Language::Rust => "Rust",
        Language::JavaScript => "JavaScript",
        Language::Python => "Python",
    }
}
