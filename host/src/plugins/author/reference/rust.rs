//! The interface as `wit-bindgen` gives it to Rust.

use std::collections::{BTreeMap, BTreeSet};

use wit_parser::{Function, Resolve, Type, TypeDefKind, TypeId};

use super::layout::Code;
use super::sample::Sample;
use super::speech::{Given, Speech, answer, day, original, owner, statement};
use crate::plugins::author::Language;
use crate::plugins::author::names::{declared_in_rust, pascal};
use crate::plugins::author::world::Known;

pub(super) struct Rust<'a>(pub &'a Resolve);

impl Speech for Rust<'_> {
    fn language(&self) -> Language {
        Language::Rust
    }

    fn ty(&self, ty: &Type) -> String {
        match ty {
            Type::Bool => "bool".into(),
            Type::S8 | Type::S16 | Type::S32 | Type::S64 => format!("{ty:?}").to_lowercase().replace('s', "i"),
            Type::U8 | Type::U16 | Type::U32 | Type::U64 | Type::F32 | Type::F64 => format!("{ty:?}").to_lowercase(),
            Type::Char => "char".into(),
            Type::String => "String".into(),
            Type::ErrorContext => "ErrorContext".into(),
            Type::Id(id) => {
                let def = &self.0.types[*id];
                def.name.as_deref().map_or_else(|| self.kind(&def.kind), pascal)
            }
        }
    }

    fn declaration(&self, id: TypeId) -> String {
        let def = &self.0.types[id];
        let name = pascal(def.name.as_deref().unwrap_or_default());
        match &def.kind {
            TypeDefKind::Record(record) => {
                let fields = record.fields.iter().map(|f| format!("    pub {}: {},\n", declared_in_rust(&f.name), self.ty(&f.ty)));
                format!("pub struct {name} {{\n{}}}", fields.collect::<String>())
            }
            TypeDefKind::Variant(variant) => {
                let cases = variant.cases.iter().map(|case| match &case.ty {
                    Some(ty) => format!("    {}({}),\n", pascal(&case.name), self.ty(ty)),
                    None => format!("    {},\n", pascal(&case.name)),
                });
                format!("pub enum {name} {{\n{}}}", cases.collect::<String>())
            }
            TypeDefKind::Enum(of) => {
                let cases = of.cases.iter().map(|case| format!("    {},\n", pascal(&case.name)));
                format!("pub enum {name} {{\n{}}}", cases.collect::<String>())
            }
            kind => format!("pub type {name} = {};", self.kind(kind)),
        }
    }

    fn lent(&self, of: Known<'_>, function: &Function) -> String {
        let params = function.params.iter().map(|p| format!("{}: {}", declared_in_rust(&p.name), self.param(&p.ty)));
        let call = format!("{}::{}(", declared_in_rust(of.name()), declared_in_rust(&function.name));
        format!("{call}{}){}", params.collect::<Vec<_>>().join(", "), self.gives(function))
    }

    fn asked(&self, function: &Function) -> String {
        let params = function.params.iter().map(|p| format!("{}: {}", declared_in_rust(&p.name), self.ty(&p.ty)));
        format!("fn {}({}){}", declared_in_rust(&function.name), params.collect::<Vec<_>>().join(", "), self.gives(function))
    }

    fn call(&self, of: Known<'_>, function: &Function, given: &Given<'_>) -> String {
        // Module by module, as the formatter has it.
        let mut uses: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let mut bring = |module: String, name: String| {
            uses.entry(module).or_default().insert(name);
        };
        bring(format!("hearth::{}", declared_in_rust(of.package())), declared_in_rust(of.name()));
        if given.today {
            bring("hearth::platform".into(), "run".into());
        }
        for id in &given.types {
            let Some(owner) = owner(self.0, *id) else { continue };
            bring(path(owner), pascal(self.0.types[*id].name.as_deref().unwrap_or_default()));
        }
        let uses = uses.into_iter().map(|(module, names)| {
            let names = names.into_iter().collect::<Vec<_>>();
            if let [name] = &names[..] {
                format!("use crate::{module}::{name};\n")
            } else {
                format!("use crate::{module}::{{{}}};\n", names.join(", "))
            }
        });
        let uses: String = uses.collect();
        let args = given.args.iter().map(|(_, ty, sample)| self.argument(ty, sample)).collect();
        let call = Code::group(format!("{}::{}(", declared_in_rust(of.name()), declared_in_rust(&function.name)), args, ")");
        let (gives, refuses) = answer(self.0, function);
        let before = gives.map(|_| format!("let {} = ", declared_in_rust(super::result_name(of, function)))).unwrap_or_default();
        let after = if refuses.is_some() { "?;" } else { ";" };
        let today = if given.today { "let today = run::as_of();\n" } else { "" };
        let comment = given.comment("//", declared_in_rust);
        format!("{uses}\n{comment}{today}{}\n", statement(&before, &call, after))
    }

    fn written(&self, of: Known<'_>, function: &Function, word: &str) -> String {
        let guest = format!("use crate::exports::hearth::{}::{}::Guest;\n", declared_in_rust(of.package()), declared_in_rust(of.name()));
        let types = self.types(function).into_iter().map(|name| format!("use crate::{name};\n")).collect::<String>();
        let body = format!("    {} {{\n        Ok(\"{word}\".into())\n    }}\n", self.asked(function));
        format!("{types}{guest}\nimpl Guest for Plugin {{\n{body}}}\n")
    }
}

impl Rust<'_> {
    fn kind(&self, kind: &TypeDefKind) -> String {
        match kind {
            TypeDefKind::Type(ty) => self.ty(ty),
            TypeDefKind::Option(ty) => format!("Option<{}>", self.ty(ty)),
            TypeDefKind::List(ty) => format!("Vec<{}>", self.ty(ty)),
            TypeDefKind::Tuple(tuple) => format!("({})", tuple.types.iter().map(|ty| self.ty(ty)).collect::<Vec<_>>().join(", ")),
            TypeDefKind::Result(result) => {
                let of = |ty: &Option<Type>| ty.as_ref().map_or_else(|| "()".to_owned(), |ty| self.ty(ty));
                format!("Result<{}, {}>", of(&result.ok), of(&result.err))
            }
            _ => "()".into(),
        }
    }

    fn gives(&self, function: &Function) -> String {
        function.result.as_ref().map(|ty| format!(" -> {}", self.ty(ty))).unwrap_or_default()
    }

    /// A type where it is handed over: borrowed, unless it is plain.
    fn param(&self, ty: &Type) -> String {
        let Type::Id(id) = ty else { return if *ty == Type::String { "&str".into() } else { self.ty(ty) } };
        let def = &self.0.types[original(self.0, *id)];
        match &def.kind {
            TypeDefKind::Type(Type::String) => "&str".into(),
            TypeDefKind::List(item) => format!("&[{}]", self.ty(item)),
            TypeDefKind::Record(_) | TypeDefKind::Variant(_) if !self.is_plain(ty) => format!("&{}", self.ty(ty)),
            _ => self.ty(ty),
        }
    }

    /// Does it hold numbers and the like only? Then the bindings copy it.
    fn is_plain(&self, ty: &Type) -> bool {
        let Type::Id(id) = ty else { return *ty != Type::String };
        match &self.0.types[*id].kind {
            TypeDefKind::Type(ty) | TypeDefKind::Option(ty) => self.is_plain(ty),
            TypeDefKind::Record(record) => record.fields.iter().all(|field| self.is_plain(&field.ty)),
            TypeDefKind::Variant(variant) => variant.cases.iter().all(|case| case.ty.as_ref().is_none_or(|ty| self.is_plain(ty))),
            TypeDefKind::Tuple(tuple) => tuple.types.iter().all(|ty| self.is_plain(ty)),
            TypeDefKind::Enum(_) => true,
            _ => false,
        }
    }

    fn argument(&self, ty: &Type, sample: &Sample) -> Code {
        match sample {
            Sample::Text(text) => Code::leaf(format!("{text:?}")),
            Sample::List(items) => Code::group("&[", items.iter().map(|item| self.value(item)).collect(), "]"),
            Sample::Record(..) | Sample::Case(..) if !self.is_plain(ty) => match self.value(sample) {
                Code::Group(open, within, close) => Code::Group(format!("&{open}"), within, close),
                other => Code::Named("&".into(), Box::new(other)),
            },
            _ => self.value(sample),
        }
    }

    fn value(&self, sample: &Sample) -> Code {
        let name = |id: &TypeId| pascal(self.0.types[*id].name.as_deref().unwrap_or_default());
        match sample {
            Sample::Yes => Code::leaf("true"),
            Sample::Whole(number) => Code::leaf(number.to_string()),
            Sample::DaysAgo(ago) => Code::leaf(day(*ago)),
            Sample::Handle(handle) => Code::leaf(declared_in_rust(handle)),
            Sample::Text(text) => Code::leaf(format!("{text:?}.into()")),
            Sample::List(items) => Code::group("vec![", items.iter().map(|item| self.value(item)).collect(), "]"),
            Sample::Nothing => Code::leaf("None"),
            Sample::Something(inner) => Code::group("Some(", vec![self.value(inner)], ")"),
            Sample::Tuple(items) => Code::group("(", items.iter().map(|item| self.value(item)).collect(), ")"),
            Sample::Record(id, fields) => {
                let field = |(field, value): &(String, Sample)| match (declared_in_rust(field), self.value(value)) {
                    // As the formatter has it: `fact` for `fact: fact`.
                    (field, Code::Leaf(text)) if field == text => Code::Leaf(text),
                    (field, value) => Code::Named(format!("{field}: "), Box::new(value)),
                };
                Code::group(format!("{} {{ ", name(id)), fields.iter().map(field).collect(), " }")
            }
            Sample::Case(id, case, None) => Code::leaf(format!("{}::{}", name(id), pascal(case))),
            Sample::Case(id, case, Some(inner)) => Code::group(format!("{}::{}(", name(id), pascal(case)), vec![self.value(inner)], ")"),
            Sample::Enum(id, case) => Code::leaf(format!("{}::{}", name(id), pascal(case))),
        }
    }

    /// Paths of the named types in a signature.
    fn types(&self, function: &Function) -> Vec<String> {
        super::named(self.0, function)
            .into_iter()
            .filter_map(|id| Some(format!("{}::{}", path(owner(self.0, id)?), pascal(self.0.types[id].name.as_deref()?))))
            .collect()
    }
}

/// `hearth::family::education`.
fn path(of: Known<'_>) -> String {
    format!("hearth::{}::{}", declared_in_rust(of.package()), declared_in_rust(of.name()))
}
