//! Early help episodes and contacts in the shape that councils publish and Ofsted asks for: the Standard Safeguarding Dataset's
//! `ssd_early_help_episodes` and `ssd_contacts`, a row for each person.
//!
//! Nobody is named: people are ids. What a seal hides stays behind, as in the extract: whoever is sealed in any family has no row, nor has an
//! episode that is sealed, nor a contact whose triage was given something sealed.
//! Left empty is what the record does not hold: a worker's own id. Reasons for an episode are the codes
//! of Hearth's list problems, since the dataset's own list is not published with it.

use std::io::Write;

use crate::record::{Detail, Fact, FamilyId, PersonId, Snapshot, Window};
use crate::sandbox::Matter;
use crate::sandbox::matter::Referral;
use crate::sheet;
use crate::store::{AsKnown, AuthorityStore, Decision, ProposalState, Reader, StoreError};

/// Rows of a list that are read at once.
const ROWS: u32 = 500;

const EPISODES: [&str; 8] = [
    "earl_episode_id",
    "earl_person_id",
    "earl_episode_start_date",
    "earl_episode_end_date",
    "earl_episode_reason",
    "earl_episode_end_reason",
    "earl_episode_organisation",
    "earl_episode_worker_id",
];
const CONTACTS: [&str; 6] = [
    "cont_contact_id",
    "cont_person_id",
    "cont_contact_date",
    "cont_contact_source_code",
    "cont_contact_source_desc",
    "cont_contact_outcome_json",
];

/// Why there is no return.
#[derive(Debug, thiserror::Error)]
pub enum ReturnError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the return cannot be written: {0}")]
    Written(#[from] std::io::Error),
}

/// Episodes that share a day with the window; how many rows.
///
/// # Errors
/// The record cannot be read, or the return not written.
pub async fn episodes(store: &AuthorityStore, within: Window, to: impl Write) -> Result<u64, ReturnError> {
    let mut sheet = sheet::Writer::new(to);
    sheet.row(EPISODES)?;
    let (mut rows, mut after) = (0, None);
    let (reader, sealed) = (Reader::of_all(store.clock().now()), store.sealed().await?);
    loop {
        let page = store.families(after, ROWS).await?;
        for family in page.items {
            let mut facts = store.facts(family.id, AsKnown::Now).await?;
            facts.retain(|f| !sealed.facts.contains(&f.id) && f.subject.person.is_none_or(|p| !sealed.people.contains(&p)));
            for (episode, needs) in episodes_of(&facts).filter(|(e, _)| e.window.overlaps(&within)) {
                let ended = match episode.window.last {
                    Some(_) => why_ended(store, &reader, family.id, episode).await?,
                    None => "",
                };
                let needs = needs.join("; ");
                let end = episode.window.last.map(|d| d.to_string()).unwrap_or_default();
                for person in members(&facts, family.id, episode.window) {
                    let (id, start) = (of_person(&episode.id.to_string(), person), episode.window.first.to_string());
                    sheet.row([id.as_str(), &person.to_string(), &start, &end, &needs, ended, store.id().as_str(), ""])?;
                    rows += 1;
                }
            }
        }
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    sheet.end()?;
    Ok(rows)
}

pub(super) fn episodes_of(facts: &[Fact]) -> impl Iterator<Item = (&Fact, &[String])> {
    facts.iter().filter_map(|f| if let Detail::Episode(episode) = &f.detail { Some((f, episode.needs.as_slice())) } else { None })
}

/// Who was a member of the family on a day of the window, each once.
pub(super) fn members(facts: &[Fact], family: FamilyId, window: Window) -> Vec<PersonId> {
    let is_member = |f: &&Fact| matches!(f.detail, Detail::Membership(_)) && f.subject.family == Some(family) && f.window.overlaps(&window);
    let mut members: Vec<PersonId> = facts.iter().filter(is_member).filter_map(|f| f.subject.person).collect();
    members.sort_unstable();
    members.dedup();
    members
}

/// The end reason of the dataset, by the proposal that closed the episode; empty where a person closed it in the record, or something sealed
/// was why.
async fn why_ended(store: &AuthorityStore, reader: &Reader, family: FamilyId, episode: &Fact) -> Result<&'static str, StoreError> {
    let carried_out = store.proposals(ProposalState::CarriedOut, Some(family), None, ROWS).await?.items;
    let closing = carried_out.iter().find(|p| p.action == "close-episode" && p.fact == Some(episode.id));
    if let Some(closing) = closing
        && !store.is_decision_unsealed(reader, closing.decision).await?
    {
        return Ok("");
    }
    Ok(match closing.and_then(|p| p.body["why"].as_str()) {
        None => "",
        Some("outcome-achieved" | "stepped-down") => "Outcomes met",
        Some("stepped-up") => "Step-up",
        Some(_) => "NFA",
    })
}

/// Unique in 48 characters: the id of what it is of, and the end of the person's.
fn of_person(id: &str, person: PersonId) -> String {
    let person = person.to_string();
    format!("{id}-{}", person.get(person.len() - 11..).unwrap_or_default())
}

/// Referrals that were triaged, by their day; how many rows.
///
/// # Errors
/// The record cannot be read, or the return not written.
pub async fn contacts(store: &AuthorityStore, within: Window, to: impl Write) -> Result<u64, ReturnError> {
    let mut sheet = sheet::Writer::new(to);
    sheet.row(CONTACTS)?;
    let (mut rows, mut before) = (0, None);
    let (reader, sealed) = (Reader::of_all(store.clock().now()), store.sealed().await?);
    loop {
        let page = store.decisions(None, before, ROWS).await?;
        for decision in page.items.iter().filter(|d| d.question == "triage") {
            if !store.is_decision_unsealed(&reader, decision.id).await? {
                continue;
            }
            let Some((referral, mut people)) = referral_of(store, decision).await? else { continue };
            if !within.contains(referral.on) {
                continue;
            }
            people.retain(|p| !sealed.people.contains(p));
            let (code, says) = source(&referral);
            let outcome = outcome(&decision.result).map(|o| serde_json::json!({ "outcome": o }).to_string()).unwrap_or_default();
            for person in people {
                let (id, on) = (of_person(&decision.id.to_string(), person), referral.on.to_string());
                sheet.row([&id, &person.to_string(), &on, code, says, outcome.as_str()])?;
                rows += 1;
            }
        }
        before = page.next;
        if before.is_none() {
            break;
        }
    }
    sheet.end()?;
    Ok(rows)
}

/// The referral, and the people whom it names; where it names none, everybody in the family then. None: erased.
async fn referral_of(store: &AuthorityStore, decision: &Decision) -> Result<Option<(Referral, Vec<PersonId>)>, StoreError> {
    let damaged = |e: String| StoreError::Damaged(format!("decision {}: {e}", decision.id));
    let Some(matter) = decision.matter else { return Ok(None) };
    let (Some(matter), Some(snapshot)) = (store.content(&matter).await?, store.content(&decision.snapshot).await?) else {
        return Ok(None);
    };
    let Matter::Referral(referral) = serde_json::from_slice(&matter).map_err(|e| damaged(e.to_string()))? else { return Ok(None) };
    let snapshot = Snapshot::decode(&snapshot).map_err(|e| damaged(e.to_string()))?;
    let named = referral.people.iter().filter_map(|handle| snapshot.people.get(*handle as usize)).map(|p| p.id);
    let mut people: Vec<PersonId> = named.collect();
    if people.is_empty() {
        people = snapshot.people.iter().map(|p| p.id).collect();
    }
    Ok(Some((referral, people)))
}

/// The dataset's source of a contact.
fn source(referral: &Referral) -> (&'static str, &'static str) {
    match (referral.route.as_str(), referral.organisation_kind.as_deref()) {
        ("self", _) => ("1C", "Self"),
        ("step-down", _) => ("5A", "LA services: social care"),
        ("data-match" | "return", _) => ("5D", "LA services: early help"),
        (_, Some("school")) => ("2A", "Schools"),
        (_, Some("health-visiting")) => ("3B", "Health visitor"),
        (_, Some("health" | "mental-health")) => ("3F", "Other health services"),
        (_, Some("landlord")) => ("4", "Housing"),
        (_, Some("social-care")) => ("5A", "LA services: social care"),
        (_, Some("council" | "youth-justice")) => ("5B", "LA services: other internal"),
        (_, Some("police")) => ("6", "Police"),
        (_, Some(_)) => ("8", "Other, voluntary services included"),
        (_, None) => ("10", "Unknown"),
    }
}

/// The dataset's outcome of a contact. None: more was asked for, and it is not over.
fn outcome(triage: &str) -> Option<&'static str> {
    match triage {
        "accept" => Some("EH Referral"),
        "signpost" => Some("Information and Advice"),
        "decline" => Some("No Further Action"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{Day, codes};

    #[test]
    fn every_source_and_every_answer_of_a_triage_has_its_code() {
        let referral = |route: &str, kind: Option<&str>| Referral {
            on: Day::FIRST,
            route: route.to_owned(),
            organisation_kind: kind.map(str::to_owned),
            urgent: false,
            agreed: None,
            problems: Vec::new(),
            people: Vec::new(),
        };
        for (route, kind, code) in [
            ("professional", Some("school"), "2A"),
            ("professional", Some("police"), "6"),
            ("professional", Some("health-visiting"), "3B"),
            ("professional", Some("landlord"), "4"),
            ("professional", Some("charity"), "8"),
            ("professional", None, "10"),
            ("self", None, "1C"),
            ("step-down", Some("council"), "5A"),
            ("data-match", None, "5D"),
        ] {
            assert_eq!(source(&referral(route, kind)).0, code, "{route} {kind:?}");
        }
        let unanswered: Vec<&str> = codes::all()
            .find(|l| l.list == "triages")
            .unwrap()
            .codes
            .iter()
            .map(|c| c.code.as_str())
            .filter(|c| outcome(c).is_none())
            .collect();
        assert_eq!(unanswered, ["ask-more"]);
    }

    #[test]
    fn a_row_has_an_id_of_its_own_that_fits() {
        let (one, other) = (PersonId::fresh(), PersonId::fresh());
        let id = PersonId::fresh().to_string();
        assert_ne!(of_person(&id, one), of_person(&id, other));
        assert_eq!(of_person(&id, one).len(), 48);
    }
}
