use super::wit;
use crate::sandbox::bindings::hearth::family::provenance::{Host, Origin};
use crate::sandbox::fault::nonsense;
use crate::sandbox::run::{Run, short_list};

impl Host for Run {
    fn of_facts(&mut self, facts: Vec<u32>) -> anyhow::Result<Result<Vec<Origin>, wit::Absence>> {
        if let Err(absence) = self.read("hearth:family/provenance")? {
            return Ok(Err(absence));
        }
        short_list("facts", &facts)?;
        self.count_rows(facts.len())?;
        facts
            .into_iter()
            .map(|handle| match self.given.snapshot.facts.get(self.known_fact(handle)? as usize) {
                Some(entry) => Ok(Origin { fact: handle, organisation_kind: entry.source.clone(), known_on: entry.known_on.number() }),
                None => nonsense(format!("fact {handle} was never given to this run")),
            })
            .collect::<anyhow::Result<Vec<_>>>()
            .map(Ok)
    }
}
