//! The reference documentation: pages made from the interface itself, the code lists, the manifest's schema and the guides
//! in `wit/`, so that none of them can fall behind. Served at `/docs/plugins`, and written by `hearth plugin docs`.
//!
//! All pages lie in one folder and link to each other by bare names: they read alike from a host and from a disk.

mod guides;
mod interfaces;
mod javascript;
mod layout;
mod lists;
mod page;
mod python;
mod rust;
mod sample;
mod schema;
mod speech;
#[cfg(test)]
mod tests;
mod text;
mod wit;

use std::sync::LazyLock;

use wit_parser::{Function, Resolve, Type, TypeDefKind, TypeId};

use super::world::Known;
use crate::plugins::fit::OURS;

/// A file of the documentation.
#[derive(Debug)]
pub struct Page {
    /// `family-education.html`.
    pub name: String,
    pub media_type: &'static str,
    pub text: String,
}

impl Page {
    fn html(name: impl Into<String>, text: maud::Markup) -> Self {
        Self { name: name.into(), media_type: "text/html; charset=utf-8", text: text.into_string() }
    }
}

static PAGES: LazyLock<Vec<Page>> = LazyLock::new(|| {
    let mut pages = vec![
        Page { name: page::STYLE.into(), media_type: "text/css; charset=utf-8", text: include_str!("style.css").into() },
        lists::index(),
        lists::functions(),
        lists::codes(),
        lists::limits(),
        lists::errors(),
        schema::manifest(),
    ];
    pages.extend(schema::files());
    pages.extend(guides::pages());
    pages.extend(interfaces::pages());
    pages
});

/// Every page, and what they need beside them.
#[must_use]
pub fn pages() -> &'static [Page] {
    &PAGES
}

/// Every interface of the embedded `wit/`, package by package, as each package has them.
fn interfaces() -> impl Iterator<Item = Known<'static>> {
    let resolve: &'static Resolve = &OURS;
    let mut packages: Vec<_> = resolve.packages.iter().map(|(_, package)| package).collect();
    packages.sort_by_key(|package| (place(&package.name.name), package.name.name.as_str()));
    packages.into_iter().flat_map(move |package| package.interfaces.values().map(move |id| Known { resolve, id: *id }))
}

/// What every plugin meets stands before the extension points; a package of later comes last.
fn place(package: &str) -> usize {
    let order = ["family", "platform", "decision", "actions", "assessment", "outcomes", "pathway", "commissioning"];
    order.iter().position(|name| *name == package).unwrap_or(order.len())
}

/// Without its version: `hearth:family/education`.
fn bare_name(of: Known<'_>) -> String {
    format!("hearth:{}/{}", of.package(), of.name())
}

/// The file of an interface's page.
fn file(of: Known<'_>) -> String {
    format!("{}-{}.html", of.package(), of.name())
}

/// The named types that a function's parameters and answer are written in, each once.
fn named(resolve: &Resolve, function: &Function) -> Vec<TypeId> {
    fn look(resolve: &Resolve, ty: &Type, found: &mut Vec<TypeId>) {
        let Type::Id(id) = ty else { return };
        let id = speech::original(resolve, *id);
        match &resolve.types[id].kind {
            _ if found.contains(&id) => {}
            _ if resolve.types[id].name.is_some() => found.push(id),
            TypeDefKind::Option(ty) | TypeDefKind::List(ty) => look(resolve, ty, found),
            TypeDefKind::Tuple(tuple) => tuple.types.iter().for_each(|ty| look(resolve, ty, found)),
            TypeDefKind::Result(result) => result.ok.iter().chain(&result.err).for_each(|ty| look(resolve, ty, found)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    function.params.iter().map(|param| &param.ty).chain(&function.result).for_each(|ty| look(resolve, ty, &mut found));
    found
}

/// What an example calls the answer, in the interface's way of writing.
fn result_name<'a>(of: Known<'_>, function: &'a Function) -> &'a str {
    match function.name.as_str() {
        "as-of" => "today",
        _ if function.result == Some(Type::U32) => "number",
        name if name == of.name() => "found",
        name => name,
    }
}
/// What an interface tells of, for whoever has to grant it: `attendance (person, window, possible, attended, unauthorised)`. Numbers that
/// hold for one run are left out; what is answered without a record of its own goes by the function's name.
#[must_use]
pub(in crate::plugins) fn rows(name: &str) -> Vec<String> {
    let Some(of) = interfaces().find(|known| bare_name(*known) == name) else { return Vec::new() };
    let plain = |word: &str| word.replace('-', " ");
    let mut rows = Vec::new();
    for function in of.functions() {
        let records = answered(of.resolve, function);
        if records.is_empty() {
            rows.push(plain(&function.name));
        }
        for (record, fields) in records {
            let fields: Vec<_> = fields.iter().filter(|field| **field != "fact").map(|field| plain(field)).collect();
            rows.push(format!("{} ({})", plain(record), fields.join(", ")));
        }
    }
    // Two functions may give the same rows: the stay that is asked about, and those before it.
    let mut told = std::collections::BTreeSet::new();
    rows.retain(|row| told.insert(row.clone()));
    rows
}

/// The records of its own that a function answers with, and their fields.
fn answered<'a>(resolve: &'a Resolve, function: &Function) -> Vec<(&'a str, Vec<&'a str>)> {
    let (gives, _) = speech::answer(resolve, function);
    let given = Function { params: Vec::new(), result: gives, ..function.clone() };
    let records = named(resolve, &given).into_iter().filter_map(|id| match &resolve.types[id].kind {
        TypeDefKind::Record(record) => {
            Some((resolve.types[id].name.as_deref()?, record.fields.iter().map(|field| field.name.as_str()).collect()))
        }
        _ => None,
    });
    records.filter(|(name, _)| *name != "window").collect()
}
