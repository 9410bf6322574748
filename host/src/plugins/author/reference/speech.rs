//! What the three languages have in common in saying a function, a type and a call of the interface.

use std::collections::BTreeSet;

use wit_parser::{Function, Resolve, Type, TypeDefKind, TypeId, TypeOwner};

use super::layout::Code;
use super::sample::{Sample, Samples};
use crate::plugins::author::Language;
use crate::plugins::author::world::Known;

/// A language, as the bindings have it.
pub(super) trait Speech {
    fn language(&self) -> Language;
    /// A type where it is answered.
    fn ty(&self, ty: &Type) -> String;
    /// A named type as it is declared.
    fn declaration(&self, id: TypeId) -> String;
    /// A function that the host lends.
    fn lent(&self, of: Known<'_>, function: &Function) -> String;
    /// A function that the author writes.
    fn asked(&self, function: &Function) -> String;
    /// Statements that call a function; `answer` names what comes back, if anything does.
    fn call(&self, of: Known<'_>, function: &Function, given: &Given<'_>) -> String;
    /// An author's function that answers with `word`.
    fn written(&self, of: Known<'_>, function: &Function, word: &str) -> String;
}

/// What an example call is made of.
pub(super) struct Given<'a> {
    /// Name and value of each parameter.
    pub args: Vec<(&'a str, &'a Type, Sample)>,
    /// Handles among them.
    pub handles: BTreeSet<String>,
    /// Named types that have to be brought in.
    pub types: BTreeSet<TypeId>,
    /// Does it count from the date asked about?
    pub today: bool,
}

impl<'a> Given<'a> {
    pub(super) fn of(resolve: &'a Resolve, function: &'a Function) -> Self {
        let docs = function.docs.contents.as_deref().unwrap_or_default();
        let mut all = docs.to_owned();
        // A record's own comment names the lists of its fields.
        for param in &function.params {
            if let Type::Id(id) = param.ty {
                all.push_str(resolve.types[original(resolve, id)].docs.contents.as_deref().unwrap_or_default());
            }
        }
        let samples = Samples { resolve, docs: &all };
        let args: Vec<_> = function.params.iter().map(|p| (p.name.as_str(), &p.ty, samples.of(&p.ty, &p.name))).collect();
        let mut given = Self { args: Vec::new(), handles: BTreeSet::new(), types: BTreeSet::new(), today: false };
        args.iter().for_each(|(_, _, sample)| given.look(sample));
        given.args = args;
        given
    }

    fn look(&mut self, sample: &Sample) {
        match sample {
            Sample::DaysAgo(_) => self.today = true,
            Sample::Handle(name) => {
                self.handles.insert(name.clone());
            }
            Sample::List(items) | Sample::Tuple(items) => items.iter().for_each(|item| self.look(item)),
            Sample::Something(inner) => self.look(inner),
            Sample::Record(id, fields) => {
                self.types.insert(*id);
                fields.iter().for_each(|(_, field)| self.look(field));
            }
            Sample::Case(id, _, inner) => {
                self.types.insert(*id);
                inner.iter().for_each(|inner| self.look(inner));
            }
            Sample::Enum(id, _) => {
                self.types.insert(*id);
            }
            Sample::Yes | Sample::Whole(_) | Sample::Text(_) | Sample::Nothing => {}
        }
    }

    /// What is to be known of the handles, as a comment after `mark`.
    pub(super) fn comment(&self, mark: &str, named: fn(&str) -> String) -> String {
        match self.handles.iter().map(|handle| named(handle)).collect::<Vec<_>>() {
            names if names.is_empty() => String::new(),
            names => format!("{mark} {}: as this run was told\n", names.join(", ")),
        }
    }
}

/// Past the `use` of another interface to where the type is declared.
pub(super) fn original(resolve: &Resolve, id: TypeId) -> TypeId {
    match resolve.types[id].kind {
        TypeDefKind::Type(Type::Id(inner)) => original(resolve, inner),
        _ => id,
    }
}

/// The interface that declares a type.
pub(super) fn owner(resolve: &Resolve, id: TypeId) -> Option<Known<'_>> {
    match resolve.types[original(resolve, id)].owner {
        TypeOwner::Interface(id) => Some(Known { resolve, id }),
        _ => None,
    }
}

/// What a function gives where all is well, and what it refuses with.
pub(super) fn answer(resolve: &Resolve, function: &Function) -> (Option<Type>, Option<Type>) {
    match function.result {
        Some(Type::Id(id)) => match &resolve.types[id].kind {
            TypeDefKind::Result(result) => (result.ok, result.err),
            _ => (function.result, None),
        },
        other => (other, None),
    }
}

/// A statement: what stands before the value, the value, what stands after.
pub(super) fn statement(before: &str, value: &Code, after: &str) -> String {
    format!("{before}{}{after}", value.lines(0, before.chars().count(), after.chars().count()))
}

/// `today`, `today - 90`, `today + 14`.
pub(super) fn day(days_ago: i32) -> String {
    match days_ago {
        0 => "today".into(),
        ago if ago > 0 => format!("today - {ago}"),
        ahead => format!("today + {}", -ahead),
    }
}
