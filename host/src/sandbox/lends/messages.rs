//! Checks what a plugin says to people: a template of its own, with exactly the arguments that it declares.

use crate::record::Section;
use crate::record::sections::Handle;
use crate::sandbox::answer::{Arg, Basis, Cited, Message, Reason, Search};
use crate::sandbox::bindings::hearth::decision::messages as wit;
use crate::sandbox::fault::nonsense;
use crate::sandbox::limits::MOST_BASES;
use crate::sandbox::matter::Matter;
use crate::sandbox::run::{Run, bounded, code, day, shown, undeclared, window};
use crate::sandbox::vocabulary::{ArgDeclared, ArgType};

impl wit::Host for Run {}

impl Run {
    pub(in crate::sandbox) fn message(&mut self, said: wit::Message) -> anyhow::Result<Message> {
        let vocabulary = self.vocabulary.clone();
        let Some(template) = vocabulary.templates.get(&said.template) else {
            return undeclared("template", &said.template, vocabulary.templates.keys());
        };
        let mut said_args = said.args;
        let mut args = Vec::with_capacity(template.args.len());
        for declared in &template.args {
            let Some(at) = said_args.iter().position(|(name, _)| *name == declared.name) else {
                return nonsense(format!("template `{}` needs the argument `{}`", template.id, declared.name));
            };
            let (name, arg) = said_args.swap_remove(at);
            args.push((name, self.arg(&template.id, declared, arg)?));
        }
        if let Some((name, _)) = said_args.first() {
            return nonsense(format!("template `{}` has no argument `{}`, or has it once", template.id, shown(name)));
        }
        self.count_said(96 + args.len() * 160)?;
        Ok(Message { template: said.template, args })
    }

    fn arg(&self, template: &str, declared: &ArgDeclared, said: wit::Arg) -> anyhow::Result<Arg> {
        let arg = match (declared.of, said) {
            (ArgType::Person, wit::Arg::Person(p)) => Arg::Person(self.known_person(p)?),
            (ArgType::Fact, wit::Arg::Fact(f)) => Arg::Fact(self.known_fact(f)?),
            (ArgType::Day, wit::Arg::Day(d)) => Arg::Day(day(d)?),
            (ArgType::Count, wit::Arg::Count(n)) => Arg::Count(n),
            (ArgType::Pence, wit::Arg::Pence(p)) => Arg::Pence(p),
            (ArgType::Tenths, wit::Arg::Tenths(t)) => Arg::Tenths(t),
            (ArgType::Code, wit::Arg::Code(c)) => Arg::Code(code(&declared.name, declared.list.as_deref().unwrap_or_default(), c)?),
            (ArgType::Service, wit::Arg::Service(s)) => Arg::Service(self.known_service(s)?),
            (ArgType::Organisation, wit::Arg::Organisation(o)) => Arg::Organisation(self.known_organisation(o)?),
            (ArgType::Worker, wit::Arg::Worker(w)) => Arg::Worker(self.known_worker(w)?),
            (of, wit::Arg::Named(id)) if self.vocabulary.names(of, &id) => Arg::Named(id),
            (_, wit::Arg::Named(id)) => {
                return nonsense(format!("template `{template}`: argument `{}`: the manifest declares no `{}`", declared.name, shown(&id)));
            }
            (of, _) => {
                return nonsense(format!(
                    "template `{template}`: argument `{}` is declared as {of:?}, and is something else",
                    declared.name
                ));
            }
        };
        Ok(arg)
    }

    pub(in crate::sandbox) fn reason(&mut self, said: wit::Reason) -> anyhow::Result<Reason> {
        bounded("facts and searches under one reason", &said.rests_on, MOST_BASES)?;
        if said.rests_on.is_empty() {
            return nonsense(format!("the reason `{}` rests on nothing", shown(&said.message.template)));
        }
        let bytes = |b: &wit::Basis| if matches!(b, wit::Basis::Fact(_)) { 16 } else { 192 };
        self.count_said(said.rests_on.iter().map(bytes).sum())?;
        let message = self.message(said.message)?;
        let rests_on = said.rests_on.into_iter().map(|basis| self.basis(basis)).collect::<anyhow::Result<_>>()?;
        Ok(Reason { message, rests_on })
    }

    fn basis(&self, said: wit::Basis) -> anyhow::Result<Basis> {
        match said {
            wit::Basis::Fact(fact) => Ok(Basis::Fact(self.known_fact(fact)?)),
            wit::Basis::Searched(search) => self.search(search).map(Basis::Searched),
            wit::Basis::Reported(number) if (number as usize) < self.findings.len().max(self.reported.len()) => Ok(Basis::Reported(number)),
            wit::Basis::Reported(number) => nonsense(format!("a reason that rests on report {number}, which was not made")),
            wit::Basis::Setting(name) if self.vocabulary.settings.contains(&name) => Ok(Basis::Setting(name)),
            wit::Basis::Setting(name) => nonsense(format!("the manifest declares no setting `{}`", shown(&name))),
            wit::Basis::Table(name) if self.tables_read.contains(&name) => Ok(Basis::Table(name)),
            wit::Basis::Table(name) => {
                nonsense(format!("a reason that rests on the table `{}`, which this run has not read", shown(&name)))
            }
            wit::Basis::Answered(cited) => self.cited(cited),
            wit::Basis::NotTold(section) => {
                let section = code("section", "sections", section)?;
                if Section::from_code(&section).is_some_and(|s| self.untold.contains(&s)) {
                    return Ok(Basis::NotTold(section));
                }
                nonsense(format!("a reason that rests on not being told of {section}, which this run was told of or never asked for"))
            }
            wit::Basis::Read(source) => {
                let source = code("source", "sources", source)?;
                if self.sources_read.contains(source.as_str()) {
                    return Ok(Basis::Read(source));
                }
                nonsense(format!("a reason that rests on `{source}`, which this run has not read"))
            }
            wit::Basis::Asked if *self.given.matter == Matter::Record => {
                nonsense("a reason that rests on what was asked, where only the record is")
            }
            wit::Basis::Asked => Ok(Basis::Asked),
        }
    }

    fn cited(&self, said: wit::Cited) -> anyhow::Result<Basis> {
        let wit::Cited { question, person, item, before } = said;
        if !self.is_asked(&question) {
            return nonsense(format!("the form has no question `{}`", shown(&question)));
        }
        let person = self.person_if_any(person)?;
        if person.is_none() && item.is_none() && !before {
            return Ok(Basis::Answered(question));
        }
        if before && matches!(&*self.given.matter, Matter::Form(form) if form.before.is_none()) {
            return nonsense(format!("an answer to `{question}` of the time before, of which there is none"));
        }
        Ok(Basis::Cited(Cited { question, person, item, before }))
    }

    /// Has the form that the question is about such a question?
    pub(in crate::sandbox) fn is_asked(&self, question: &str) -> bool {
        let Matter::Form(form) = &*self.given.matter else { return false };
        self.vocabulary.forms.get(&form.form).is_some_and(|questions| questions.contains(question))
    }

    /// A search is cited in a section that was read in this run: whoever never looked has found nothing.
    fn search(&self, said: wit::Search) -> anyhow::Result<Search> {
        let section = code("section", "sections", said.section)?;
        let kind = code("kind", "kinds", said.kind)?;
        let of = kind.parse::<crate::record::Kind>().ok().map(crate::record::Kind::section);
        if of.map(Section::code) != Some(section.as_str()) {
            return nonsense(format!("a search for {kind} in the section {section}, where there are none"));
        }
        if !of.is_some_and(|s| self.delivered.contains(&s)) {
            return nonsense(format!("a search in the section {section}, which this run has not read"));
        }
        Ok(Search { section, kind, person: self.person_if_any(said.person)?, window: window(said.window)?, found: said.found })
    }

    pub(in crate::sandbox) fn person_if_any(&self, person: Option<Handle>) -> anyhow::Result<Option<Handle>> {
        person.map(|p| self.known_person(p)).transpose()
    }

    /// The refusal that an exported function answered.
    pub(in crate::sandbox) fn failure(&mut self, said: wit::Failure) -> anyhow::Result<crate::sandbox::answer::Failure> {
        let why = code("why", "failures", said.why)?;
        let message = said.message.map(|m| self.message(m)).transpose()?;
        Ok(crate::sandbox::answer::Failure { why, message })
    }
}
