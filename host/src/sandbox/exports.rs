//! What a component answers: where in it the functions are, of whichever release it was built for. All have one type but one, which says
//! besides which form the answers are to; so they are looked up by name, and no release needs bindings of its own for them.

use wasmtime::Store;
use wasmtime::component::{Component, ComponentExportIndex, Instance, TypedFunc};

use super::bindings::hearth::decision::messages::Failure;
use super::fault::Stop;
use super::matter::Matter;
use super::releases::{SERVED, served};
use super::run::Run;
use super::{ExtensionPoint, Question, Unfit};

/// A code, or why the question cannot be answered.
pub(super) type Said = Result<String, Failure>;
type Plain = TypedFunc<(), (Said,)>;
type AboutForm<'a> = TypedFunc<(&'a str,), (Said,)>;

pub(super) struct Exports(Vec<(Question, ComponentExportIndex)>);

impl Exports {
    /// Looks for what is offered. A component that answers for two major releases is asked as one of the newer.
    pub(super) fn find(component: &Component, offers: &[ExtensionPoint]) -> Result<Self, Unfit> {
        let mut found: Vec<(Question, ComponentExportIndex)> = Vec::new();
        let exported = component.component_type();
        let exports: Vec<&str> = exported.exports(component.engine()).map(|(name, _)| name).collect();
        for release in SERVED {
            for name in &exports {
                let Some((interface, version)) = name.split_once('@') else { continue };
                let Some(instance) = component.get_export_index(None, name).filter(|_| served(version) == Some(release)) else { continue };
                for question in Question::ALL.iter().copied() {
                    let offered = question.interface() == interface && offers.contains(&question.extension_point());
                    if !offered || found.iter().any(|(q, _)| *q == question) {
                        continue;
                    }
                    let function = component.get_export_index(Some(&instance), question.code());
                    found.push((question, function.ok_or_else(|| Unfit::Interface(format!("{name} has no `{}`", question.code())))?));
                }
            }
        }
        match offers.iter().find(|point| !found.iter().any(|(q, _)| q.interface() == point.interface())) {
            Some(missing) => Err(Unfit::NotOffered(missing.interface())),
            None => Ok(Self(found)),
        }
    }

    pub(super) fn of(&self, question: Question) -> Option<&ComponentExportIndex> {
        self.0.iter().find(|(q, _)| *q == question).map(|(_, function)| function)
    }

    /// Checks the types of everything offered: wasmtime looks at them only now.
    pub(super) fn check(&self, store: &mut Store<Run>, instance: &Instance) -> wasmtime::Result<()> {
        for (question, function) in &self.0 {
            match question {
                Question::MigrateAnswers => drop::<AboutForm<'_>>(instance.get_typed_func(&mut *store, function)?),
                _ => drop::<Plain>(instance.get_typed_func(&mut *store, function)?),
            }
        }
        Ok(())
    }

    /// Asks an instance, once. What it does not offer ends the run: callers look first.
    pub(super) async fn ask(&self, store: &mut Store<Run>, instance: &Instance, question: Question) -> wasmtime::Result<Said> {
        let not_offered = || Err(Stop::Nonsense(format!("the plugin does not answer the question `{}`", question.code())).into());
        let Some(function) = self.of(question) else { return not_offered() };
        if question != Question::MigrateAnswers {
            let asked: Plain = instance.get_typed_func(&mut *store, function)?;
            return Ok(asked.call_async(store, ()).await?.0);
        }
        let Matter::Form(form) = &*store.data().given.matter.clone() else { return not_offered() };
        let asked: AboutForm<'_> = instance.get_typed_func(&mut *store, function)?;
        Ok(asked.call_async(store, (&form.digest.hex(),)).await?.0)
    }
}
