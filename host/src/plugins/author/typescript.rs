//! TypeScript declarations of the interfaces that a world imports, beside the guarded modules, so that any editor completes
//! `education.attendances(` and shows the interface's own comments.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use wit_parser::{Docs, Function, InterfaceId, Resolve, Type, TypeDef, TypeDefKind, TypeId, TypeOwner};

use super::names::{camel, pascal};
use super::world::{Known, World};

/// `family/education.d.ts` and its neighbours.
pub(super) fn files(world: &World) -> BTreeMap<String, String> {
    world.imports().map(|known| (format!("{}/{}.d.ts", known.package(), known.name()), declarations(known))).collect()
}

fn declarations(known: Known<'_>) -> String {
    let page = Page { resolve: known.resolve, id: known.id };
    let mut text = comment(&known.interface().docs, &[]);
    // A comment at the top would be taken for the import's.
    text.push_str(if text.is_empty() { "" } else { "export {};\n" });
    text.push_str(&page.imports(known));
    for (name, id) in &known.interface().types {
        text.push_str(&page.declared(name, &known.resolve.types[*id]));
    }
    for function in known.functions() {
        text.push_str(&page.function(function));
    }
    text
}

/// One interface's declarations.
struct Page<'a> {
    resolve: &'a Resolve,
    id: InterfaceId,
}

impl Page<'_> {
    /// The types that the interface uses from others.
    fn imports(&self, known: Known<'_>) -> String {
        // Imported for this file, and exported again: `education.Window` is found where an author looks for it.
        let mut from: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (name, id) in &known.interface().types {
            let Some((owner, original)) = self.used(*id) else { continue };
            let file = format!("../{}/{}.js", owner.package(), owner.name());
            let (original, local) = (pascal(&original), pascal(name));
            from.entry(file).or_default().insert(if original == local { local } else { format!("{original} as {local}") });
        }
        let mut text = String::new();
        for (file, names) in from {
            let names = names.into_iter().collect::<Vec<_>>().join(", ");
            // Writing to a string cannot fail.
            let _ = writeln!(text, "import type {{ {names} }} from '{file}';\nexport type {{ {names} }} from '{file}';");
        }
        text
    }

    /// Where a used type is declared, and its name there.
    fn used(&self, id: TypeId) -> Option<(Known<'_>, String)> {
        let TypeDefKind::Type(Type::Id(original)) = self.resolve.types[id].kind else { return None };
        let def = &self.resolve.types[original];
        match def.owner {
            TypeOwner::Interface(owner) if owner != self.id => Some((Known { resolve: self.resolve, id: owner }, def.name.clone()?)),
            _ => None,
        }
    }

    fn declared(&self, name: &str, def: &TypeDef) -> String {
        let docs = comment(&def.docs, &[]);
        let name = pascal(name);
        match &def.kind {
            TypeDefKind::Type(Type::Id(original)) if self.resolve.types[*original].owner != TypeOwner::Interface(self.id) => String::new(),
            TypeDefKind::Record(record) => {
                let fields = record.fields.iter().map(|field| {
                    let optional = matches!(&field.ty, Type::Id(id) if matches!(self.resolve.types[*id].kind, TypeDefKind::Option(_)));
                    let mark = if optional { "?" } else { "" };
                    format!("{}  {}{mark}: {};\n", comment(&field.docs, &[]), camel(&field.name), self.of(&field.ty))
                });
                format!("{docs}export interface {name} {{\n{}}}\n", fields.collect::<String>())
            }
            TypeDefKind::Variant(variant) => {
                let cases = variant.cases.iter().map(|case| match &case.ty {
                    Some(ty) => format!("  | {{ tag: '{}'; val: {} }}", case.name, self.of(ty)),
                    None => format!("  | {{ tag: '{}' }}", case.name),
                });
                format!("{docs}export type {name} =\n{};\n", cases.collect::<Vec<_>>().join("\n"))
            }
            TypeDefKind::Enum(of) => {
                let cases: Vec<_> = of.cases.iter().map(|case| format!("'{}'", case.name)).collect();
                format!("{docs}export type {name} = {};\n", cases.join(" | "))
            }
            kind => format!("{docs}export type {name} = {};\n", self.kind(kind)),
        }
    }

    fn function(&self, function: &Function) -> String {
        let params: Vec<_> = function.params.iter().map(|param| format!("{}: {}", camel(&param.name), self.of(&param.ty))).collect();
        let (answer, throws) = match function.result {
            None => ("void".to_owned(), None),
            Some(ty) => self.answer(&ty),
        };
        let throws = throws.map(|error| format!("@throws {{import('../hearth.js').Absence}} `why`: {error}"));
        let docs = comment(&function.docs, &throws.into_iter().collect::<Vec<_>>());
        format!("{docs}export function {}({}): {answer};\n", camel(&function.name), params.join(", "))
    }

    /// What a call gives, and the name of the record that it throws.
    fn answer(&self, ty: &Type) -> (String, Option<String>) {
        if let Type::Id(id) = ty
            && let TypeDefKind::Result(result) = &self.resolve.types[*id].kind
        {
            let gives = result.ok.as_ref().map_or_else(|| "void".to_owned(), |ok| self.of(ok));
            return (gives, result.err.as_ref().map(|err| self.of(err)));
        }
        (self.of(ty), None)
    }

    fn of(&self, ty: &Type) -> String {
        match ty {
            Type::Bool => "boolean".into(),
            Type::Char | Type::String => "string".into(),
            Type::ErrorContext => "unknown".into(),
            Type::Id(id) => {
                let def = &self.resolve.types[*id];
                def.name.as_deref().map_or_else(|| self.kind(&def.kind), pascal)
            }
            _ => "number".into(),
        }
    }

    fn kind(&self, kind: &TypeDefKind) -> String {
        match kind {
            TypeDefKind::Type(ty) => self.of(ty),
            TypeDefKind::Option(ty) => format!("{} | null", self.of(ty)),
            TypeDefKind::List(ty) => format!("Array<{}>", self.of(ty)),
            TypeDefKind::Tuple(tuple) => format!("[{}]", tuple.types.iter().map(|ty| self.of(ty)).collect::<Vec<_>>().join(", ")),
            _ => "unknown".into(),
        }
    }
}

/// The interface's own comment, with further lines.
fn comment(docs: &Docs, more: &[String]) -> String {
    let own = docs.contents.as_deref().unwrap_or_default();
    let lines: Vec<_> = own.lines().map(str::trim).chain(more.iter().map(String::as_str)).filter(|line| !line.is_empty()).collect();
    match lines[..] {
        [] => String::new(),
        _ => format!("/**\n{} */\n", lines.iter().map(|line| format!(" * {}\n", line.replace("*/", "* /"))).collect::<String>()),
    }
}
