//! The interface in its own words.

use wit_parser::{Function, Resolve, Type, TypeDefKind, TypeId};

/// A function with its comment left away.
pub(super) fn function(resolve: &Resolve, function: &Function) -> String {
    let params: Vec<_> = function.params.iter().map(|p| format!("{}: {}", p.name, ty(resolve, &p.ty))).collect();
    let gives = function.result.as_ref().map(|of| format!(" -> {}", ty(resolve, of))).unwrap_or_default();
    format!("{}: func({}){gives};", function.name, params.join(", "))
}

/// A named type with its comment left away.
pub(super) fn declaration(resolve: &Resolve, id: TypeId) -> String {
    let def = &resolve.types[id];
    let name = def.name.as_deref().unwrap_or_default();
    match &def.kind {
        TypeDefKind::Record(record) => {
            let fields = record.fields.iter().map(|f| format!("  {}: {},\n", f.name, ty(resolve, &f.ty)));
            format!("record {name} {{\n{}}}", fields.collect::<String>())
        }
        TypeDefKind::Variant(variant) => {
            let cases = variant.cases.iter().map(|case| match &case.ty {
                Some(of) => format!("  {}({}),\n", case.name, ty(resolve, of)),
                None => format!("  {},\n", case.name),
            });
            format!("variant {name} {{\n{}}}", cases.collect::<String>())
        }
        TypeDefKind::Enum(of) => format!("enum {name} {{ {} }}", of.cases.iter().map(|c| c.name.as_str()).collect::<Vec<_>>().join(", ")),
        kind => format!("type {name} = {};", unnamed(resolve, kind)),
    }
}

fn ty(resolve: &Resolve, of: &Type) -> String {
    match of {
        Type::Id(id) => {
            let def = &resolve.types[*id];
            def.name.clone().unwrap_or_else(|| unnamed(resolve, &def.kind))
        }
        Type::ErrorContext => "error-context".into(),
        plain => format!("{plain:?}").to_lowercase(),
    }
}

fn unnamed(resolve: &Resolve, kind: &TypeDefKind) -> String {
    match kind {
        TypeDefKind::Type(of) => ty(resolve, of),
        TypeDefKind::Option(of) => format!("option<{}>", ty(resolve, of)),
        TypeDefKind::List(of) => format!("list<{}>", ty(resolve, of)),
        TypeDefKind::Tuple(tuple) => format!("tuple<{}>", tuple.types.iter().map(|of| ty(resolve, of)).collect::<Vec<_>>().join(", ")),
        TypeDefKind::Result(result) => {
            let of = |of: &Option<Type>| of.as_ref().map_or_else(|| "_".to_owned(), |of| ty(resolve, of));
            format!("result<{}, {}>", of(&result.ok), of(&result.err))
        }
        _ => "_".into(),
    }
}
