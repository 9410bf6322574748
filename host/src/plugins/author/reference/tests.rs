//! The pages hold together, and say what the interface has.

use std::collections::BTreeSet;

use super::interfaces::example;
use super::javascript::JavaScript;
use super::python::Python;
use super::rust::Rust;
use super::speech::Speech;
use super::{Page, bare_name, file, interfaces, pages};
use crate::plugins::Manifest;
use crate::plugins::author::names::{camel, snake};
use crate::plugins::author::{Language, embedded, supply};
use crate::plugins::fit::OURS;
use crate::sandbox::{INTERFACES, Purpose, interface};

fn html() -> impl Iterator<Item = &'static Page> {
    pages().iter().filter(|page| page.name.ends_with(".html"))
}

/// What stands in an attribute, over the whole page.
fn attributes<'a>(page: &'a Page, name: &str) -> Vec<&'a str> {
    page.text.split(&format!(" {name}=\"")).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

#[test]
fn every_interface_and_function_has_its_anchor() {
    let mut functions = 0;
    for known in interfaces() {
        let page = html().find(|page| page.name == file(known)).unwrap_or_else(|| panic!("no page {}", file(known)));
        let anchors: BTreeSet<&str> = attributes(page, "id").into_iter().collect();
        for function in known.functions() {
            assert!(anchors.contains(function.name.as_str()), "{}: {}", page.name, function.name);
            functions += 1;
        }
    }
    // Told from the interface's own text, not from what made the pages.
    let text: String = embedded::interface().map(|(_, text)| text).collect();
    let declared = text.lines().filter(|line| line.contains(": func(") && !line.trim_start().starts_with("//")).count();
    assert_eq!(functions, declared);
    for lent in INTERFACES {
        assert!(interfaces().any(|known| bare_name(known) == lent.name), "{}", lent.name);
    }
}

#[test]
fn every_link_leads_somewhere() {
    for page in html() {
        for link in attributes(page, "href") {
            let (to, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target = if to.is_empty() { Some(page) } else { pages().iter().find(|page| page.name == to) };
            let target = target.unwrap_or_else(|| panic!("{}: {link}", page.name));
            assert!(anchor.is_empty() || attributes(target, "id").contains(&anchor), "{}: {link}", page.name);
        }
    }
}

#[test]
fn no_anchor_stands_twice() {
    for page in html() {
        let anchors = attributes(page, "id");
        let once: BTreeSet<_> = anchors.iter().collect();
        assert_eq!(anchors.len(), once.len(), "{}: {anchors:?}", page.name);
    }
}

#[test]
fn what_is_opened_is_closed() {
    for page in html() {
        let mut open: Vec<&str> = Vec::new();
        for tag in page.text.split('<').skip(1) {
            let tag = tag.split('>').next().unwrap();
            let name = tag.trim_start_matches('/').split([' ', '/']).next().unwrap();
            match name {
                "!DOCTYPE" | "meta" | "link" | "br" | "hr" | "img" => {}
                _ if tag.starts_with('/') => assert_eq!(open.pop(), Some(name), "{}: {open:?}", page.name),
                _ => open.push(name),
            }
        }
        assert!(open.is_empty(), "{}: {open:?}", page.name);
        assert_eq!(page.text.matches("<h1").count(), 1, "{}", page.name);
        for landmark in ["<header>", "<nav ", "<main id=\"main\"", "<footer>", "href=\"#main\"", "<html lang=\"en\">"] {
            assert!(page.text.contains(landmark), "{}: {landmark}", page.name);
        }
    }
}

#[test]
fn every_code_list_is_there_in_both_languages() {
    let page = html().find(|page| page.name == "codes.html").unwrap();
    let anchors = attributes(page, "id");
    for list in crate::record::codes::all() {
        assert!(anchors.contains(&list.list.as_str()), "{}", list.list);
    }
    assert!(page.text.contains("lang=\"cy\">Galwad heddlu i"), "Welsh");
}

#[test]
fn every_example_in_rust_parses() {
    for known in interfaces() {
        for function in known.functions() {
            let said = example(known, function, &Rust(&OURS));
            // A call stands inside a function; a function of the plugin's own does not.
            let whole = if interface(&bare_name(known)).is_some() { format!("fn example() {{\n{said}}}") } else { said.clone() };
            syn::parse_file(&whole).unwrap_or_else(|e| panic!("{} {}: {e}\n{said}", known.name(), function.name));
            let declared = Rust(&OURS).asked(function);
            syn::parse_str::<syn::Signature>(&declared).unwrap_or_else(|e| panic!("{declared}: {e}"));
        }
        for id in known.interface().types.values().filter(|id| super::speech::original(&OURS, **id) == **id) {
            let declared = Rust(&OURS).declaration(*id);
            syn::parse_str::<syn::Item>(&declared).unwrap_or_else(|e| panic!("{declared}: {e}"));
        }
    }
}

/// The guards that a build writes for a world that imports everything.
fn guards(language: Language) -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let lines = |mark: &str, exported: bool| {
        let all = interfaces().filter(|known| interface(&bare_name(*known)).is_none_or(|lent| lent.purpose != Purpose::Types));
        let own = all.filter(move |known| interface(&bare_name(*known)).is_none() == exported);
        own.map(|known| format!("  {mark} {};\n", known.whole_name())).collect::<String>()
    };
    let world = format!("package local:plugin;\nworld plugin {{\n{}{}}}\n", lines("import", false), lines("export", true));
    std::fs::write(folder.path().join("world.wit"), world).unwrap();
    let manifest = Manifest::read(include_bytes!("../../../../../plugins/bristol-outcomes/manifest.json")).unwrap();
    supply(folder.path(), language, &manifest).unwrap();
    let entry = match language {
        Language::Python => "hearth_entry.py",
        _ => "entry.js",
    };
    let entry = std::fs::read_to_string(folder.path().join("kit").join(entry)).unwrap();
    (folder, entry)
}

#[test]
fn javascript_is_named_as_the_guards_name_it() {
    let (folder, entry) = guards(Language::JavaScript);
    let speech = JavaScript(&OURS);
    for known in interfaces() {
        for function in known.functions() {
            let said = example(known, function, &speech);
            let name = camel(&function.name);
            if interface(&bare_name(known)).is_none() {
                assert!(entry.contains(&format!("\"{name}\":{{")), "{name}: {entry}");
                assert!(said.starts_with(&format!("export function {name}(")), "{said}");
                continue;
            }
            let module = said.split("from './kit/").nth(1).and_then(|rest| rest.split('\'').next()).unwrap();
            let module = std::fs::read_to_string(folder.path().join("kit").join(module)).unwrap();
            assert!(module.contains(&format!("export const {name} = lent(")), "{name}: {module}");
            assert!(said.contains(&format!(".{name}(")), "{said}");
            for field in said.split(['{', ',']).filter_map(|part| part.trim().split_once(": ")).map(|(field, _)| field) {
                let known = module.contains(&format!("\"{field}\"")) || ["tag", "val"].contains(&field);
                assert!(known || field.contains([' ', '\'', '/']), "{field} in {said}");
            }
        }
    }
}

#[test]
fn python_is_named_as_the_guards_name_it() {
    let (_folder, entry) = guards(Language::Python);
    let speech = Python(&OURS);
    for known in interfaces() {
        let module = snake(known.name());
        for function in known.functions() {
            let said = example(known, function, &speech);
            let name = snake(&function.name);
            if interface(&bare_name(known)).is_none() {
                assert!(entry.contains(&format!("    def {name}(self")) && said.starts_with(&format!("def {name}(")), "{said}");
                continue;
            }
            let lent = entry.lines().find(|line| line.starts_with(&format!("hearth_guard.lend({module},"))).unwrap();
            assert!(lent.contains(&format!("\"{name}\":[")), "{name}: {lent}");
            assert!(said.contains(&format!("{module}.{name}(")), "{said}");
            for field in said.split(['(', ',']).filter_map(|part| part.trim().split_once('=')).map(|(field, _)| field) {
                assert!(lent.contains(&format!("[\"{field}\",")) || field.contains([' ', '\n']), "{field} in {said}");
            }
        }
    }
}
