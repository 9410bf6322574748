use super::{rows, shows, wit};
use crate::record::{Section, Window, sections::notes as record};
use crate::sandbox::bindings::hearth::family::notes::{Contact, Host, Note};
use crate::sandbox::run::Run;

const NAME: &str = "hearth:family/notes";

shows! {
    Contact: fact, person;
    Note: fact, person;
}

impl Host for Run {
    fn contacts(&mut self, window: wit::Window) -> anyhow::Result<Result<Vec<Contact>, wit::Absence>> {
        rows(self, NAME, Section::Notes, window, |s| &s.notes.contacts, |r| Window::on(r.on), contact)
    }

    fn written(&mut self, window: wit::Window) -> anyhow::Result<Result<Vec<Note>, wit::Absence>> {
        rows(self, NAME, Section::Notes, window, |s| &s.notes.written, |r| Window::on(r.on), note)
    }
}

fn contact(r: &record::ContactRow) -> Contact {
    Contact { fact: r.fact, kind: r.how.clone(), role: r.role.clone(), person: r.person, home: r.home, on: r.on.number(), kept: r.kept }
}

fn note(r: &record::NoteRow) -> Note {
    Note { fact: r.fact, topic: r.topic.clone(), role: r.role.clone(), person: r.person, on: r.on.number() }
}
