//! What a value has to be, as JSON that the guards of both languages read (`plugins/kit/javascript/guard.js`,
//! `plugins/kit/python/hearth_guard.py`). The engines turn a missing number into 0 or stop without a word; the guards say which
//! field it was.

use serde_json::{Value, json};
use wit_parser::{Resolve, Type, TypeDefKind, TypeId};

use super::names::{camel, pascal, snake};

/// How a language writes the names inside a value.
#[derive(Clone, Copy)]
pub(super) enum Written {
    JavaScript,
    Python,
}

impl Written {
    pub(super) fn field(self, name: &str) -> String {
        match self {
            Self::JavaScript => camel(name),
            Self::Python => snake(name),
        }
    }

    /// A case of a variant: the tag in JavaScript, the class in Python.
    fn case(self, of: &str, case: &str) -> String {
        match self {
            Self::JavaScript => case.to_owned(),
            Self::Python => format!("{}_{}", pascal(of), pascal(case)),
        }
    }

    /// A case of an enum: the text in JavaScript, the member in Python.
    fn enumerated(self, case: &str) -> String {
        match self {
            Self::JavaScript => case.to_owned(),
            Self::Python => case.replace('-', "_").to_uppercase(),
        }
    }
}

pub(super) struct Shapes<'a> {
    pub resolve: &'a Resolve,
    pub written: Written,
}

impl Shapes<'_> {
    pub(super) fn of(&self, ty: &Type) -> Value {
        match ty {
            Type::Bool => json!("bool"),
            Type::U8 => whole(0, u8::MAX.into()),
            Type::U16 => whole(0, u16::MAX.into()),
            Type::U32 => whole(0, u32::MAX.into()),
            Type::S8 => whole(i8::MIN.into(), i8::MAX.into()),
            Type::S16 => whole(i16::MIN.into(), i16::MAX.into()),
            Type::S32 => whole(i32::MIN.into(), i32::MAX.into()),
            // JavaScript counts exactly to 2^53; nothing in the interface is larger.
            Type::U64 => whole(0, EXACT),
            Type::S64 => whole(-EXACT, EXACT),
            Type::F32 | Type::F64 => json!("number"),
            Type::Char | Type::String => json!("text"),
            Type::ErrorContext => json!("any"),
            Type::Id(id) => self.defined(*id),
        }
    }

    fn defined(&self, id: TypeId) -> Value {
        let def = &self.resolve.types[id];
        let name = def.name.as_deref().unwrap_or_default();
        match &def.kind {
            TypeDefKind::Type(ty) => self.of(ty),
            // An option of an option has a case of its own, which no function of ours has.
            TypeDefKind::Option(ty) => json!({ "option": self.of(ty) }),
            TypeDefKind::List(ty) => json!({ "list": self.of(ty) }),
            TypeDefKind::Tuple(tuple) => json!({ "tuple": tuple.types.iter().map(|ty| self.of(ty)).collect::<Vec<_>>() }),
            TypeDefKind::Record(record) => {
                let fields = record.fields.iter().map(|field| json!([self.written.field(&field.name), self.of(&field.ty)]));
                json!({ "record": fields.collect::<Vec<_>>(), "name": pascal(name) })
            }
            TypeDefKind::Variant(variant) => {
                let cases = variant.cases.iter().map(|case| {
                    let within = case.ty.as_ref().map_or(Value::Null, |ty| self.of(ty));
                    (self.written.case(name, &case.name), within)
                });
                json!({ "variant": cases.collect::<serde_json::Map<_, _>>(), "name": pascal(name) })
            }
            TypeDefKind::Enum(of) => {
                json!({ "enum": of.cases.iter().map(|case| self.written.enumerated(&case.name)).collect::<Vec<_>>() })
            }
            _ => json!("any"),
        }
    }

    /// What a question answers and, where it can be refused, what the refusal is.
    pub(super) fn answer(&self, result: Option<&Type>) -> (Value, Option<TypeId>) {
        let Some(ty) = result else { return (Value::Null, None) };
        let Type::Id(id) = ty else { return (self.of(ty), None) };
        match &self.resolve.types[*id].kind {
            TypeDefKind::Result(result) => {
                let refusal = result.err.and_then(|err| if let Type::Id(id) = err { Some(self.named(id)) } else { None });
                (result.ok.as_ref().map_or(Value::Null, |ok| self.of(ok)), refusal)
            }
            TypeDefKind::Type(inner) => self.answer(Some(inner)),
            _ => (self.of(ty), None),
        }
    }

    /// Past the `use` of another interface to where the type is declared.
    fn named(&self, id: TypeId) -> TypeId {
        match self.resolve.types[id].kind {
            TypeDefKind::Type(Type::Id(inner)) => self.named(inner),
            _ => id,
        }
    }
}

const EXACT: i64 = (1 << 53) - 1;

fn whole(least: i64, most: i64) -> Value {
    json!({ "whole": [least, most] })
}
