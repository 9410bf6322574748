//! One interface is one permission: what may be granted, and the linker that holds what was granted and nothing else.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use wasmtime::component::{Component, HasSelf, Linker, LinkerInstance};

use super::bindings::hearth::{actions, assessment, commissioning, decision, family, outcomes, pathway, platform};
use super::earlier;
use super::releases::{INTERFACE_VERSION, served};
use super::run::Run;
use crate::record::Section;

/// What an interface lets a plugin do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Purpose {
    /// Reads a section of the record, or what is known about it.
    Read,
    /// Proposes a kind of action.
    Propose,
    /// Reads what the question is about: answers, a referral, an event, a contract. Follows from offering an extension point.
    Matter,
    /// Reports what its extension point asks for. Follows from offering it.
    Report,
    /// Lent to every run.
    Platform,
    /// Words only: importing it grants nothing.
    Types,
}

/// One interface of `wit/`.
#[derive(Debug)]
pub struct Interface {
    /// Without a version: `hearth:family/education`.
    pub name: &'static str,
    pub purpose: Purpose,
    /// In plain words, for whoever has to sign.
    pub says: &'static str,
    /// The section that it opens.
    pub section: Option<Section>,
    link: fn(&mut LinkerInstance<'_, Run>) -> wasmtime::Result<()>,
}

impl Interface {
    /// Has an authority to grant it?
    #[must_use]
    pub const fn is_granted_by_the_authority(&self) -> bool {
        matches!(self.purpose, Purpose::Read | Purpose::Propose)
    }
}

macro_rules! interfaces {
    ($($name:literal $purpose:ident $section:expr, $($module:ident)::+, $says:literal;)*) => {
        /// Every interface that a plugin may import.
        pub const INTERFACES: &[Interface] = &[$(Interface {
            name: $name,
            purpose: Purpose::$purpose,
            says: $says,
            section: $section,
            link: |there| $($module)::+::add_to_linker_instance::<Run, HasSelf<Run>>(there, |run| run),
        }),*];
    };
}

interfaces! {
    "hearth:family/types" Types None, family::types, "the words that the other interfaces are written in";
    "hearth:decision/messages" Types None, decision::messages, "the form in which it speaks: approved templates only";
    "hearth:family/coverage" Read None, family::coverage, "see how well the family's record is known: which feeds cover which days";
    "hearth:family/provenance" Read None, family::provenance, "see which kind of organisation said a thing, and when it became known";
    "hearth:family/household" Read Some(Section::Household), family::household, "see who belongs to the family, who lives there, how they are related, and ages in whole years";
    "hearth:family/education" Read Some(Section::Education), family::education, "see school attendance and exclusions";
    "hearth:family/offending" Read Some(Section::Offending), family::offending, "see offences, antisocial behaviour, police call-outs and programmes to change behaviour";
    "hearth:family/safeguarding" Read Some(Section::Safeguarding), family::safeguarding, "see children's standing with children's social care";
    "hearth:family/abuse" Read Some(Section::Abuse), family::abuse, "see incidents of domestic abuse, who suffered them and who is said to have done them, and programmes about it; victim and perpetrator may live in one home";
    "hearth:family/health" Read Some(Section::Health), family::health, "see which kinds of health need people have, whether a professional found them, and which appointments they kept; no diagnoses or medicines";
    "hearth:family/employment" Read Some(Section::Employment), family::employment, "see jobs and benefit spells";
    "hearth:family/housing" Read Some(Section::Housing), family::housing, "see by what right the family lives in its homes, who holds the tenancy, and steps towards eviction; no addresses";
    "hearth:family/finance" Read Some(Section::Finance), family::finance, "see what the family owes, of which kind and how much, and plans to pay it";
    "hearth:family/support" Read Some(Section::Support), family::support, "see who helps the family and in which role, which areas of life its goals are about, how far they came, and which services were used; not what a goal says";
    "hearth:family/assessments" Read Some(Section::Assessments), family::assessments, "see which assessments were completed, and the scores given in each area of life; nothing that was written in words";
    "hearth:family/identity" Read Some(Section::Identity), family::identity, "see which identifiers are recorded for people, how exactly birth dates are known, and on which day somebody reaches an age, from which a birth date follows; no names, numbers or addresses";
    "hearth:family/notes" Read Some(Section::Notes), family::notes, "see when and how somebody was in touch with the family, and what notes are about; never their text";
    "hearth:decision/episode" Read Some(Section::Support), decision::episode, "see when the family was engaged, which problems were found then, whether it has a keyworker, and earlier claims";
    "hearth:actions/tasks" Propose None, actions::tasks, "propose tasks for people";
    "hearth:actions/episodes" Propose None, actions::episodes, "propose that an episode opens or closes, moves to another stage, or has another tier";
    "hearth:actions/meetings" Propose None, actions::meetings, "propose that the family is put on a meeting's agenda, and who is invited";
    "hearth:actions/notices" Propose None, actions::notices, "propose that organisations outside are told that there is something to know about the family";
    "hearth:actions/assessment-requests" Propose None, actions::assessment_requests, "propose that an assessment is made";
    "hearth:actions/goals" Propose None, actions::goals, "propose goals for the family's plan";
    "hearth:actions/service-requests" Propose None, actions::service_requests, "propose that help is asked for";
    "hearth:actions/consent-requests" Propose None, actions::consent_requests, "propose that the family is asked whether organisations may be told what a section of its record holds";
    "hearth:platform/directory" Read None, platform::directory, "see who offers which help in the authority's area, with places, waiting times and prices; about no family";
    "hearth:assessment/answers" Matter None, assessment::answers, "read the answers to its own form, words included; of names, addresses, numbers and files only that they were given";
    "hearth:pathway/referral" Matter None, pathway::referral, "see the referral: when, by which way and from which kind of organisation it came, which problems and people it names";
    "hearth:pathway/happening" Matter None, pathway::happening, "see what happened, when, and to whom";
    "hearth:pathway/caseload" Matter None, pathway::caseload, "see which workers could take the family, how many families each holds, and what they know well; no names";
    "hearth:commissioning/request" Matter None, commissioning::request, "see which help is wanted, by when and for whom";
    "hearth:commissioning/contract" Matter None, commissioning::contract, "see a contract: its terms, results and payments; which families they are is not told";
    "hearth:assessment/results" Report None, assessment::results, "report scores, distance travelled, needs and a tier";
    "hearth:assessment/migrated" Report None, assessment::migrated, "carry answers over to a newer form";
    "hearth:pathway/routing" Report None, pathway::routing, "report a level, a route, a priority, and an order of workers";
    "hearth:commissioning/buying-results" Report None, commissioning::buying_results, "report a shortlist, how the rules of a contract stand, and payment lines for a person to approve";
    "hearth:outcomes/findings" Report None, outcomes::findings, "report findings and propose claims";
    "hearth:platform/run" Platform None, platform::run, "know the date that the question is about";
    "hearth:platform/calendar" Platform None, platform::calendar, "count months, working days and school terms";
    "hearth:platform/settings" Platform None, platform::settings, "read the settings that the authority made for it";
    "hearth:platform/reference" Platform None, platform::reference, "read the tables that it brings, or that the authority supplies for it";
    "hearth:platform/log" Platform None, platform::log, "write log lines for its author";
}

/// The interface of that name, without version.
#[must_use]
pub fn interface(name: &str) -> Option<&'static Interface> {
    INTERFACES.iter().find(|i| i.name == name)
}

/// What an authority has granted to a plugin: names of interfaces, without versions.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
pub struct Grants(pub BTreeSet<String>);

impl Grants {
    #[must_use]
    pub fn has(&self, interface: &str) -> bool {
        self.0.contains(interface)
    }

    /// Everything that an authority could grant.
    #[must_use]
    pub fn everything() -> Self {
        Self(INTERFACES.iter().filter(|i| i.is_granted_by_the_authority()).map(|i| i.name.to_owned()).collect())
    }
}

impl<'a> FromIterator<&'a str> for Grants {
    fn from_iter<I: IntoIterator<Item = &'a str>>(names: I) -> Self {
        Self(names.into_iter().map(str::to_owned).collect())
    }
}

/// Links what a component imports of what every run has, of what was granted, and of the optional imports that were not: those answer "not
/// granted". Each under the name by which it was asked for, so that releases are served side by side.
pub(super) fn linker(component: &Component, grants: &Grants, optional: &[String]) -> wasmtime::Result<Linker<Run>> {
    let mut linker = Linker::new(component.engine());
    linker.allow_shadowing(true);
    for (name, _) in component.component_type().imports(component.engine()) {
        let Some((known, version)) = name.split_once('@') else { continue };
        let (Some(interface), Some(release)) = (interface(known), served(version)) else { continue };
        let linked = !interface.is_granted_by_the_authority() || grants.has(interface.name) || optional.iter().any(|o| o == interface.name);
        if linked {
            let mut there = linker.instance(name)?;
            (interface.link)(&mut there)?;
            if release != INTERFACE_VERSION {
                earlier::lay_over(interface.name, &mut there)?;
            }
        }
    }
    Ok(linker)
}
