//! On which agendas the family was, and what is to be done next. What was decided there is among the facts.

use super::{Gathering, Mark, Part};
use crate::record::{FamilyId, Section};
use crate::store::StoreError;

impl Gathering<'_> {
    pub(super) async fn meetings(&self, family: FamilyId) -> Result<Vec<Part>, StoreError> {
        let mut parts = Vec::new();
        for item in self.store.agenda_of_family(family).await? {
            let meeting = self.store.meeting(item.meeting).await?;
            let telling = [Section::Safeguarding, Section::Abuse].into_iter().any(|s| meeting.tells.has(s) || item.label.has(s));
            let mut part = Part::new("agenda-item", item.id, "A meeting that the family was to be talked about at")
                .says("meeting", &meeting.name)
                .says("on", item.on)
                .says("by", &item.by)
                .says("became", item.state.says())
                .marked(Mark::FreeText, true)
                .marked(Mark::ThirdParty, item.person != Some(self.person))
                .marked(Mark::SeriousHarm, telling)
                .marked(Mark::Sealed, item.person.is_some_and(|p| self.sealed.people.contains(&p)));
            part = item.why.iter().fold(part, |part, why| part.says("because", why));
            part = item.settled.iter().filter(|s| !s.words.is_empty()).fold(part, |part, said| part.says("taken off because", &said.words));
            for step in self.store.agenda_steps(item.id).await? {
                part = part.says("next step", step.task.title["en"].as_str().unwrap_or_default());
            }
            parts.push(part);
        }
        Ok(parts)
    }
}
