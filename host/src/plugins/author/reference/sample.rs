//! What an example hands to a function: made from the function's types, in no language yet.

use wit_parser::{Resolve, Type, TypeDefKind, TypeId};

use crate::record::codes;

/// A value of the interface.
pub(super) enum Sample {
    Yes,
    Whole(i64),
    /// So many days before the date that is asked about.
    DaysAgo(i32),
    /// Something that the host gave this run a number for.
    Handle(String),
    Text(String),
    List(Vec<Self>),
    Nothing,
    Something(Box<Self>),
    Tuple(Vec<Self>),
    Record(TypeId, Vec<(String, Self)>),
    /// A case of a variant.
    Case(TypeId, String, Option<Box<Self>>),
    /// A case of an enum.
    Enum(TypeId, String),
}

/// Makes samples for one function.
pub(super) struct Samples<'a> {
    pub resolve: &'a Resolve,
    /// What the interface says of the function, where code lists are named.
    pub docs: &'a str,
}

impl Samples<'_> {
    /// For a parameter of that name.
    pub(super) fn of(&self, ty: &Type, name: &str) -> Sample {
        self.value(ty, name, true)
    }

    fn value(&self, ty: &Type, name: &str, outermost: bool) -> Sample {
        match ty {
            Type::Bool => Sample::Yes,
            Type::Char | Type::String => Sample::Text(text(name).to_owned()),
            Type::Id(id) => self.defined(*id, name, outermost),
            // Handles of other packages' things have plain numbers as types.
            _ if ["service", "organisation", "worker"].contains(&name) => Sample::Handle(name.to_owned()),
            _ => Sample::Whole(number(name)),
        }
    }

    fn defined(&self, id: TypeId, name: &str, outermost: bool) -> Sample {
        let def = &self.resolve.types[id];
        match &def.kind {
            TypeDefKind::Type(Type::Id(original)) => self.defined(*original, name, outermost),
            TypeDefKind::Type(plain) => match def.name.as_deref() {
                Some("day") => Sample::DaysAgo(if ["due", "by", "look-again"].contains(&name) { -14 } else { 0 }),
                Some("pence") => Sample::Whole(80_000),
                Some("code") => Sample::Text(self.code(name)),
                Some(handle) if *plain == Type::U32 => Sample::Handle(handle.to_owned()),
                _ => self.value(plain, name, outermost),
            },
            TypeDefKind::Option(ty) => {
                let told = outermost || ["person", "last", "now", "threshold"].contains(&name);
                if told { Sample::Something(Box::new(self.value(ty, name, false))) } else { Sample::Nothing }
            }
            TypeDefKind::List(ty) => Sample::List(vec![self.value(ty, name.strip_suffix('s').unwrap_or(name), false)]),
            TypeDefKind::Tuple(tuple) => Sample::Tuple(tuple.types.iter().map(|ty| self.value(ty, "share", false)).collect()),
            TypeDefKind::Record(record) => {
                let field = |field: &wit_parser::Field| {
                    let first = def.name.as_deref() == Some("window") && field.name == "first";
                    let value = if first { Sample::DaysAgo(90) } else { self.value(&field.ty, &field.name, false) };
                    (field.name.clone(), value)
                };
                Sample::Record(id, record.fields.iter().map(field).collect())
            }
            TypeDefKind::Variant(variant) => {
                // The first case says most about the others, but for a sentence's gap: there a number is commoner.
                let case = variant.cases.iter().find(|case| case.name == "tenths" && name == "share").or(variant.cases.first());
                let Some(case) = case else { return Sample::Nothing };
                let within = case.ty.as_ref().map(|ty| Box::new(self.value(ty, &case.name, false)));
                Sample::Case(id, case.name.clone(), within)
            }
            TypeDefKind::Enum(of) => {
                let case = of.cases.iter().find(|case| case.name == "info").or(of.cases.first());
                Sample::Enum(id, case.map(|case| case.name.clone()).unwrap_or_default())
            }
            _ => Sample::Nothing,
        }
    }

    /// A word of the list that the interface names after `name`, or of the one known by the name.
    fn code(&self, name: &str) -> String {
        let after = self.docs.split(&format!("`{name}`")).nth(1).and_then(|rest| rest.split("ode list ").nth(1));
        let named = after.and_then(|rest| rest.split(|c: char| !c.is_ascii_lowercase() && c != '-').next());
        let known = match name {
            "section" => return "education".into(),
            "kind" if !self.docs.contains("code list") => return "attendance".into(),
            "standing" => "standings",
            "invited" => "organisation-kinds",
            _ => named.unwrap_or("problems"),
        };
        let list = codes::all().find(|list| list.list == known);
        list.and_then(|list| list.codes.first()).map_or_else(|| name.to_owned(), |code| code.code.clone())
    }
}

fn text(name: &str) -> &str {
    match name {
        "key" => "ask-the-school",
        "criterion" => "attendance",
        "template" => "attended",
        "stage" => "support",
        "tier" => "intensive",
        "level" => "high",
        "route" => "hub",
        "meeting" => "weekly-hub",
        "form" => "whole-family",
        "question" => "seen-on",
        "domain" => "school",
        "table" => "thresholds",
        "text" => "2026-08-31",
        "message" => "no attendance was sent",
        "setting" => "attendance-percent",
        other => other,
    }
}

fn number(name: &str) -> i64 {
    match name {
        "months" => 6,
        "count" => 5,
        "years" => 16,
        "value" | "now" => 35,
        "before" => 25,
        "least" => 10,
        "most" => 50,
        "threshold" => 40,
        "tenths" => 895,
        "found" => 3,
        "rests-on" => 0,
        _ => 1,
    }
}
