//! The interface as the kit gives it to JavaScript; types in the words of TypeScript, which editors read.

use wit_parser::{Function, Resolve, Type, TypeDefKind, TypeId};

use super::layout::Code;
use super::sample::Sample;
use super::speech::{Given, Speech, answer, day, statement};
use crate::plugins::author::Language;
use crate::plugins::author::names::{camel, declared_in_javascript, pascal};
use crate::plugins::author::world::Known;

pub(super) struct JavaScript<'a>(pub &'a Resolve);

impl Speech for JavaScript<'_> {
    fn language(&self) -> Language {
        Language::JavaScript
    }

    fn ty(&self, ty: &Type) -> String {
        match ty {
            Type::Bool => "boolean".into(),
            Type::Char | Type::String => "string".into(),
            Type::ErrorContext => "unknown".into(),
            Type::Id(id) => {
                let def = &self.0.types[*id];
                def.name.as_deref().map_or_else(|| self.kind(&def.kind), pascal)
            }
            _ => "number".into(),
        }
    }

    fn declaration(&self, id: TypeId) -> String {
        let def = &self.0.types[id];
        let name = pascal(def.name.as_deref().unwrap_or_default());
        match &def.kind {
            TypeDefKind::Record(record) => {
                let field = |f: &wit_parser::Field| {
                    let optional = matches!(&f.ty, Type::Id(id) if matches!(self.0.types[*id].kind, TypeDefKind::Option(_)));
                    format!("  {}{}: {};\n", camel(&f.name), if optional { "?" } else { "" }, self.ty(&f.ty))
                };
                format!("interface {name} {{\n{}}}", record.fields.iter().map(field).collect::<String>())
            }
            TypeDefKind::Variant(variant) => {
                let cases = variant.cases.iter().map(|case| match &case.ty {
                    Some(ty) => format!("\n  | {{ tag: '{}', val: {} }}", case.name, self.ty(ty)),
                    None => format!("\n  | {{ tag: '{}' }}", case.name),
                });
                format!("type {name} ={};", cases.collect::<String>())
            }
            TypeDefKind::Enum(of) => {
                let cases: Vec<_> = of.cases.iter().map(|case| format!("'{}'", case.name)).collect();
                format!("type {name} = {};", cases.join(" | "))
            }
            kind => format!("type {name} = {};", self.kind(kind)),
        }
    }

    fn lent(&self, of: Known<'_>, function: &Function) -> String {
        format!("{}.{}", declared_in_javascript(of.name()), self.signature(function))
    }

    fn asked(&self, function: &Function) -> String {
        format!("export function {}", self.signature(function))
    }

    fn call(&self, of: Known<'_>, function: &Function, given: &Given<'_>) -> String {
        let module = declared_in_javascript(of.name());
        let mut imports = format!("import * as {module} from './kit/{}/{}.js';\n", of.package(), of.name());
        if given.today && of.name() != "run" {
            imports.push_str("import * as run from './kit/platform/run.js';\n");
        }
        let args = given.args.iter().map(|(_, _, sample)| value(sample)).collect();
        let call = Code::group(format!("{module}.{}(", camel(&function.name)), args, ")");
        let before = answer(self.0, function).0.map(|_| format!("const {} = ", declared_in_javascript(super::result_name(of, function))));
        let today = if given.today { "const today = run.asOf();\n" } else { "" };
        let comment = given.comment("//", declared_in_javascript);
        format!("{imports}\n{comment}{today}{}\n", statement(&before.unwrap_or_default(), &call, ";"))
    }

    fn written(&self, _: Known<'_>, function: &Function, word: &str) -> String {
        let params: Vec<_> = function.params.iter().map(|p| declared_in_javascript(&p.name)).collect();
        format!("export function {}({}) {{\n  return '{word}';\n}}\n", camel(&function.name), params.join(", "))
    }
}

impl JavaScript<'_> {
    fn signature(&self, function: &Function) -> String {
        let params: Vec<_> = function.params.iter().map(|p| format!("{}: {}", declared_in_javascript(&p.name), self.ty(&p.ty))).collect();
        let gives = answer(self.0, function).0.map_or_else(|| "void".to_owned(), |ty| self.ty(&ty));
        format!("{}({}): {gives}", camel(&function.name), params.join(", "))
    }

    fn kind(&self, kind: &TypeDefKind) -> String {
        match kind {
            TypeDefKind::Type(ty) => self.ty(ty),
            TypeDefKind::Option(ty) => format!("{} | null", self.ty(ty)),
            TypeDefKind::List(ty) => format!("Array<{}>", self.ty(ty)),
            TypeDefKind::Tuple(tuple) => format!("[{}]", tuple.types.iter().map(|ty| self.ty(ty)).collect::<Vec<_>>().join(", ")),
            _ => "unknown".into(),
        }
    }
}

fn value(sample: &Sample) -> Code {
    match sample {
        Sample::Yes => Code::leaf("true"),
        Sample::Whole(number) => Code::leaf(number.to_string()),
        Sample::DaysAgo(ago) => Code::leaf(day(*ago)),
        Sample::Handle(handle) => Code::leaf(declared_in_javascript(handle)),
        Sample::Text(text) => Code::leaf(format!("'{text}'")),
        Sample::List(items) | Sample::Tuple(items) => Code::group("[", items.iter().map(value).collect(), "]"),
        Sample::Nothing => Code::leaf("null"),
        Sample::Something(inner) => value(inner),
        Sample::Record(_, fields) => {
            let field = |(field, of): &(String, Sample)| match (camel(field), value(of)) {
                (field, Code::Leaf(text)) if field == text => Code::Leaf(text),
                (field, value) => Code::Named(format!("{field}: "), Box::new(value)),
            };
            Code::group("{ ", fields.iter().map(field).collect(), " }")
        }
        Sample::Case(_, case, None) => Code::leaf(format!("{{ tag: '{case}' }}")),
        Sample::Case(_, case, Some(inner)) => {
            let val = Code::Named("val: ".into(), Box::new(value(inner)));
            Code::group("{ ", vec![Code::leaf(format!("tag: '{case}'")), val], " }")
        }
        Sample::Enum(_, case) => Code::leaf(format!("'{case}'")),
    }
}
