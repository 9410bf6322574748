//! What a plugin proposes beside tasks. A call only notes the proposal; `workflow` carries it out after the run.

use crate::record::codes;
use crate::sandbox::answer::Action;
use crate::sandbox::bindings::hearth::actions::{
    assessment_requests, consent_requests, episodes, goals, meetings, notices, service_requests,
};
use crate::sandbox::bindings::hearth::decision::messages as wit;
use crate::sandbox::fault::nonsense;
use crate::sandbox::limits::MOST_INVITED;
use crate::sandbox::run::{Run, bounded, code, day_to_come, key, shown};
use crate::sandbox::vocabulary::Sort;

const EPISODES: &str = "hearth:actions/episodes";

impl episodes::Host for Run {
    fn open(&mut self, reasons: Vec<wit::Reason>) -> anyhow::Result<()> {
        if !self.may_propose(EPISODES)? {
            return Ok(());
        }
        let reasons = self.reasons("opening an episode", reasons)?;
        self.propose(Action::OpenEpisode { reasons })
    }

    fn close(&mut self, why: String, reasons: Vec<wit::Reason>) -> anyhow::Result<()> {
        if !self.may_propose(EPISODES)? {
            return Ok(());
        }
        let (why, reasons) = (code("why", "closures", why)?, self.reasons("closing an episode", reasons)?);
        self.propose(Action::CloseEpisode { why, reasons })
    }

    fn move_to(&mut self, stage: String, reasons: Vec<wit::Reason>) -> anyhow::Result<()> {
        if !self.may_propose(EPISODES)? {
            return Ok(());
        }
        let (stage, reasons) = (self.named(Sort::Stage, stage)?, self.reasons("moving to another stage", reasons)?);
        self.propose(Action::MoveToStage { stage, reasons })
    }

    fn set_tier(&mut self, tier: String, reasons: Vec<wit::Reason>) -> anyhow::Result<()> {
        if !self.may_propose(EPISODES)? {
            return Ok(());
        }
        let (tier, reasons) = (self.named(Sort::Tier, tier)?, self.reasons("setting a tier", reasons)?);
        self.propose(Action::SetTier { tier, reasons })
    }
}

impl meetings::Host for Run {
    fn put_on_agenda(&mut self, key_: String, meeting: String, on: i32, invited: Vec<String>, about: wit::Message) -> anyhow::Result<()> {
        if !self.may_propose("hearth:actions/meetings")? {
            return Ok(());
        }
        bounded("kinds of organisation invited", &invited, MOST_INVITED)?;
        let invited = each_once("invited", "organisation-kinds", invited)?;
        let action = Action::Meeting {
            key: key("key", key_)?,
            meeting: self.named(Sort::Meeting, meeting)?,
            on: day_to_come("a meeting", self.given.context.as_of, on)?,
            invited,
            about: self.message(about)?,
        };
        self.propose(action)
    }
}

impl notices::Host for Run {
    fn notify(&mut self, key_: String, to: String, about: wit::Message, by: i32) -> anyhow::Result<()> {
        if !self.may_propose("hearth:actions/notices")? {
            return Ok(());
        }
        let action = Action::Notice {
            key: key("key", key_)?,
            to: code("to", "organisation-kinds", to)?,
            about: self.message(about)?,
            by: day_to_come("a notice", self.given.context.as_of, by)?,
        };
        self.propose(action)
    }
}

impl assessment_requests::Host for Run {
    fn ask_for(&mut self, key_: String, form: String, person: Option<u32>, title: wit::Message, due: i32) -> anyhow::Result<()> {
        if !self.may_propose("hearth:actions/assessment-requests")? {
            return Ok(());
        }
        let action = Action::AssessmentRequest {
            key: key("key", key_)?,
            form: key("form", form)?,
            person: self.person_if_any(person)?,
            due: day_to_come("an assessment due", self.given.context.as_of, due)?,
            title: self.message(title)?,
        };
        self.propose(action)
    }
}

impl goals::Host for Run {
    fn set(&mut self, key_: String, domain: String, person: Option<u32>, title: wit::Message, due: i32) -> anyhow::Result<()> {
        if !self.may_propose("hearth:actions/goals")? {
            return Ok(());
        }
        let action = Action::Goal {
            key: key("key", key_)?,
            domain: self.named(Sort::Domain, domain)?,
            person: self.person_if_any(person)?,
            title: self.message(title)?,
            due: day_to_come("a goal due", self.given.context.as_of, due)?,
        };
        self.propose(action)
    }
}

impl service_requests::Host for Run {
    fn ask_for(
        &mut self,
        key_: String,
        kind: String,
        service: Option<u32>,
        person: Option<u32>,
        title: wit::Message,
        by: i32,
    ) -> anyhow::Result<()> {
        if !self.may_propose("hearth:actions/service-requests")? {
            return Ok(());
        }
        let action = Action::ServiceRequest {
            key: key("key", key_)?,
            kind: code("kind", "service-kinds", kind)?,
            service: service.map(|s| self.known_service(s)).transpose()?,
            person: self.person_if_any(person)?,
            title: self.message(title)?,
            by: day_to_come("help asked for", self.given.context.as_of, by)?,
        };
        self.propose(action)
    }
}

impl consent_requests::Host for Run {
    fn ask_for(
        &mut self,
        key_: String,
        sections: Vec<String>,
        to: String,
        person: Option<u32>,
        title: wit::Message,
        by: i32,
    ) -> anyhow::Result<()> {
        if !self.may_propose("hearth:actions/consent-requests")? {
            return Ok(());
        }
        let sections = each_once("sections", "sections", sections)?;
        if sections.is_empty() {
            return nonsense("asking for consent: `sections` is empty, and at least one is asked about");
        }
        let action = Action::ConsentRequest {
            key: key("key", key_)?,
            sections,
            to: code("to", "organisation-kinds", to)?,
            person: self.person_if_any(person)?,
            title: self.message(title)?,
            by: day_to_come("consent asked for", self.given.context.as_of, by)?,
        };
        self.propose(action)
    }
}

/// Words of a code list, each once, in the list's order.
fn each_once(field: &'static str, list: &'static str, words: Vec<String>) -> anyhow::Result<Vec<String>> {
    let mut words: Vec<String> = words.into_iter().map(|word| code(field, list, word)).collect::<anyhow::Result<_>>()?;
    words.sort_by_key(|word| codes::position(list, word));
    words.dedup();
    Ok(words)
}

impl Run {
    /// The id of a name that the manifest declares.
    pub(super) fn named(&self, sort: Sort, id: String) -> anyhow::Result<String> {
        if self.vocabulary.names.contains(&(sort, id.clone())) {
            Ok(id)
        } else {
            nonsense(format!("the manifest declares no {} `{}`", sort.code(), shown(&id)))
        }
    }
}
