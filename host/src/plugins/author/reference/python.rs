//! The interface as `componentize-py` gives it to Python.

use std::collections::{BTreeMap, BTreeSet};

use wit_parser::{Function, Resolve, Type, TypeDefKind, TypeId};

use super::layout::Code;
use super::sample::Sample;
use super::speech::{Given, Speech, answer, day, owner, statement};
use crate::plugins::author::Language;
use crate::plugins::author::names::{declared_in_python, pascal, snake};
use crate::plugins::author::world::Known;

pub(super) struct Python<'a>(pub &'a Resolve);

impl Speech for Python<'_> {
    fn language(&self) -> Language {
        Language::Python
    }

    fn ty(&self, ty: &Type) -> String {
        match ty {
            Type::Bool => "bool".into(),
            Type::F32 | Type::F64 => "float".into(),
            Type::Char | Type::String => "str".into(),
            Type::ErrorContext => "Any".into(),
            Type::Id(id) => {
                let def = &self.0.types[*id];
                match (&def.kind, &def.name) {
                    // Its bindings have no name for a number or a text.
                    (TypeDefKind::Type(inner), _) => self.ty(inner),
                    (_, Some(name)) => pascal(name),
                    (kind, None) => self.kind(kind),
                }
            }
            _ => "int".into(),
        }
    }

    fn declaration(&self, id: TypeId) -> String {
        let def = &self.0.types[id];
        let word = def.name.as_deref().unwrap_or_default();
        let name = pascal(word);
        match &def.kind {
            TypeDefKind::Record(record) => {
                let fields = record.fields.iter().map(|f| format!("    {}: {}\n", snake(&f.name), self.ty(&f.ty)));
                format!("@dataclass\nclass {name}:\n{}", fields.collect::<String>())
            }
            TypeDefKind::Variant(variant) => {
                let cases: Vec<_> = variant.cases.iter().map(|case| case_class(word, &case.name)).collect();
                let classes = variant.cases.iter().zip(&cases).map(|(case, class)| match &case.ty {
                    Some(ty) => format!("@dataclass\nclass {class}:\n    value: {}\n", self.ty(ty)),
                    None => format!("@dataclass\nclass {class}:\n    pass\n"),
                });
                format!("{}{name} = Union[{}]", classes.collect::<String>(), cases.join(", "))
            }
            TypeDefKind::Enum(of) => {
                let cases = of.cases.iter().enumerate().map(|(i, case)| format!("    {} = {i}\n", upper(&case.name)));
                format!("class {name}(Enum):\n{}", cases.collect::<String>())
            }
            kind => format!("# {name} is written {}", self.kind(kind)),
        }
    }

    fn lent(&self, of: Known<'_>, function: &Function) -> String {
        format!("{}.{}", snake(of.name()), self.signature(function))
    }

    fn asked(&self, function: &Function) -> String {
        format!("def {}", self.signature(function))
    }

    fn call(&self, of: Known<'_>, function: &Function, given: &Given<'_>) -> String {
        let mut modules = BTreeSet::from([snake(of.name())]);
        if given.today {
            modules.insert("run".into());
        }
        let mut classes: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for id in &given.types {
            let Some(owner) = owner(self.0, *id) else { continue };
            match self.0.types[*id].kind {
                TypeDefKind::Record(_) => {
                    let class = pascal(self.0.types[*id].name.as_deref().unwrap_or_default());
                    classes.entry(snake(owner.name())).or_default().insert(class);
                }
                // Their cases are found in the module.
                _ => {
                    modules.insert(snake(owner.name()));
                }
            }
        }
        let mut imports = format!("from wit_world.imports import {}\n", modules.into_iter().collect::<Vec<_>>().join(", "));
        for (module, names) in classes {
            imports.push_str(&format!("from wit_world.imports.{module} import {}\n", names.into_iter().collect::<Vec<_>>().join(", ")));
        }
        let args = given.args.iter().map(|(_, _, sample)| self.value(sample)).collect();
        let call = Code::group(format!("{}.{}(", snake(of.name()), snake(&function.name)), args, ")");
        let before = answer(self.0, function).0.map(|_| format!("{} = ", declared_in_python(super::result_name(of, function))));
        let today = if given.today { "today = run.as_of()\n" } else { "" };
        let comment = given.comment("#", declared_in_python);
        format!("{imports}\n{comment}{today}{}\n", statement(&before.unwrap_or_default(), &call, ""))
    }

    fn written(&self, _: Known<'_>, function: &Function, word: &str) -> String {
        format!("{}:\n    return \"{word}\"\n", self.asked(function))
    }
}

impl Python<'_> {
    fn signature(&self, function: &Function) -> String {
        let params: Vec<_> = function.params.iter().map(|p| format!("{}: {}", snake(&p.name), self.ty(&p.ty))).collect();
        let gives = answer(self.0, function).0.map_or_else(|| "None".to_owned(), |ty| self.ty(&ty));
        format!("{}({}) -> {gives}", snake(&function.name), params.join(", "))
    }

    fn kind(&self, kind: &TypeDefKind) -> String {
        match kind {
            TypeDefKind::Type(ty) => self.ty(ty),
            TypeDefKind::Option(ty) => format!("Optional[{}]", self.ty(ty)),
            TypeDefKind::List(ty) => format!("list[{}]", self.ty(ty)),
            TypeDefKind::Tuple(tuple) => format!("tuple[{}]", tuple.types.iter().map(|ty| self.ty(ty)).collect::<Vec<_>>().join(", ")),
            _ => "Any".into(),
        }
    }

    fn value(&self, sample: &Sample) -> Code {
        let all = |items: &[Sample]| items.iter().map(|item| self.value(item)).collect();
        match sample {
            Sample::Yes => Code::leaf("True"),
            Sample::Whole(number) => Code::leaf(number.to_string()),
            Sample::DaysAgo(ago) => Code::leaf(day(*ago)),
            Sample::Handle(handle) => Code::leaf(declared_in_python(handle)),
            Sample::Text(text) => Code::leaf(format!("\"{text}\"")),
            Sample::List(items) => Code::group("[", all(items), "]"),
            Sample::Tuple(items) => Code::group("(", all(items), ")"),
            Sample::Nothing => Code::leaf("None"),
            Sample::Something(inner) => self.value(inner),
            Sample::Record(id, fields) => {
                let class = pascal(self.0.types[*id].name.as_deref().unwrap_or_default());
                let field = |(field, value): &(String, Sample)| Code::Named(format!("{}=", snake(field)), Box::new(self.value(value)));
                Code::group(format!("{class}("), fields.iter().map(field).collect(), ")")
            }
            Sample::Case(id, case, inner) => {
                let class = case_class(self.0.types[*id].name.as_deref().unwrap_or_default(), case);
                let class = format!("{}.{class}(", self.module(*id));
                Code::group(class, inner.iter().map(|inner| self.value(inner)).collect(), ")")
            }
            Sample::Enum(id, case) => {
                let class = pascal(self.0.types[*id].name.as_deref().unwrap_or_default());
                Code::leaf(format!("{}.{class}.{}", self.module(*id), upper(case)))
            }
        }
    }

    fn module(&self, id: TypeId) -> String {
        owner(self.0, id).map(|owner| snake(owner.name())).unwrap_or_default()
    }
}

/// `Arg_Person`.
fn case_class(of: &str, case: &str) -> String {
    format!("{}_{}", pascal(of), pascal(case))
}

fn upper(case: &str) -> String {
    case.replace('-', "_").to_uppercase()
}
