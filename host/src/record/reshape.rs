//! What becomes of facts where two families are found to be one, where some members leave for a family of their own, and where two rows
//! are found to be one person. Rules without I/O: whoever carries them out keeps every old fact readable as it was known.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::{Day, Detail, Fact, FactId, FamilyId, Invalid, Kind, NewFact, OrganisationId, PersonId, Subject, Window};

/// A fact that goes out of force, and what is said in its place: perhaps about another family or person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Move {
    pub old: Fact,
    pub new: Option<NewFact>,
}

impl Move {
    fn drop(old: &Fact) -> Self {
        Self { old: old.clone(), new: None }
    }

    fn with(old: &Fact, subject: Subject, window: Window) -> Self {
        Self { old: old.clone(), new: Some(NewFact { supersedes: Some(old.id), ..said_again(old, subject, window) }) }
    }

    /// The same of the same, with its last day before another.
    pub(super) fn ended(old: &Fact, day: Day) -> Self {
        Self::ended_before(old, old.subject, day)
    }

    /// The same with its last day before another: nothing where it had not begun by then.
    fn ended_before(old: &Fact, subject: Subject, day: Day) -> Self {
        match until(old.window, day) {
            Some(window) => Self::with(old, subject, window),
            None => Self::drop(old),
        }
    }
}

/// The same statement by the same source, as a fact of its own.
#[must_use]
pub fn said_again(fact: &Fact, subject: Subject, window: Window) -> NewFact {
    NewFact {
        id: FactId::fresh(),
        subject,
        window,
        source: fact.source.clone(),
        reference: fact.reference.clone(),
        supersedes: None,
        detail: fact.detail.clone(),
    }
}

/// What of a window lies before a day.
fn until(window: Window, day: Day) -> Option<Window> {
    let before = day.plus(-1)?;
    let last = window.last.map_or(before, |last| last.min(before));
    (window.first <= last).then_some(Window { first: window.first, last: Some(last) })
}

/// What of a window lies on a day or after it.
fn from(window: Window, day: Day) -> Option<Window> {
    let first = window.first.max(day);
    window.last.is_none_or(|last| first <= last).then_some(Window { first, last: window.last })
}

fn covers(outer: Window, inner: Window) -> bool {
    outer.first <= inner.first && outer.last.is_none_or(|end| inner.last.is_some_and(|last| last <= end))
}

/// Does one of these say as much about the same, for all of those days?
fn is_said(among: &[&Fact], subject: &Subject, detail: &Detail, window: Window) -> bool {
    among.iter().any(|f| f.subject == *subject && f.detail == *detail && covers(f.window, window))
}

fn is_open(fact: &Fact, kind: Kind) -> bool {
    fact.kind() == kind && fact.window.last.is_none()
}

/// What `gone` goes on as within `stays`: every fact of its own, but what is said there already. Where both have an open episode, only one
/// goes on, and the other's, with where it stood, ends the day before.
///
/// `seen`: facts that whoever asks may know of. What a seal hides from them asks them nothing, and goes on beside.
///
/// # Errors
/// [`Invalid`] naming `episode`, which a person has to decide.
pub fn merge_families(
    gone: (FamilyId, &[Fact]),
    stays: (FamilyId, &[Fact]),
    episode: Option<FamilyId>,
    seen: &HashSet<FactId>,
    today: Day,
) -> Result<Vec<Move>, Invalid> {
    let ((gone, facts), (stays, there)) = (gone, stays);
    let open = |facts: &[Fact]| facts.iter().any(|f| is_open(f, Kind::Episode) && seen.contains(&f.id));
    let both = open(facts) && open(there);
    let ends = match episode {
        Some(family) if ![gone, stays].contains(&family) => return Err(Invalid::new("episode", "is neither of the two families")),
        Some(family) if both => Some(if family == gone { stays } else { gone }),
        None if both => return Err(Invalid::new("episode", "is needed: both have an open episode, and one goes on: name its family")),
        _ => None,
    };
    let ends = |fact: &Fact, family| {
        ends == Some(family) && seen.contains(&fact.id) && (is_open(fact, Kind::Episode) || is_open(fact, Kind::EpisodeStanding))
    };
    // What is sealed there does not stand in for what is seen here.
    let said: Vec<&Fact> = there.iter().filter(|f| seen.contains(&f.id)).collect();
    let mut moves = Vec::with_capacity(facts.len());
    for fact in facts {
        let subject = Subject { family: Some(stays), ..fact.subject };
        moves.push(match fact.window {
            _ if ends(fact, gone) => Move::ended_before(fact, subject, today),
            window if is_said(&said, &subject, &fact.detail, window) => Move::drop(fact),
            window => Move::with(fact, subject, window),
        });
    }
    moves.extend(there.iter().filter(|f| ends(f, stays)).map(|f| Move::ended_before(f, f.subject, today)));
    Ok(moves)
}

/// What is said beside a fact that goes on.
pub type Beside = Vec<(FactId, NewFact)>;

/// Who leaves for which family, and from when.
#[derive(Debug, Clone)]
pub struct Leaving<'a> {
    pub people: &'a BTreeSet<PersonId>,
    /// The new family.
    pub family: FamilyId,
    /// Their first day there.
    pub first: Day,
    /// From this day on what is known of them counts there too: their membership there begins with it. Not after `first`.
    pub since: Day,
    /// Who says so.
    pub source: &'a OrganisationId,
}

/// What changes in the family that they leave, and what is said of the new one beside that: memberships, and goals and services of theirs that
/// still go on. All else stays where it is: what was recorded of a person shows in both, for the days of their membership of each.
///
/// # Errors
/// [`Invalid`] naming `people` (somebody who is no member from that day on, or nobody would stay) or `since`.
pub fn split(facts: &[Fact], leaving: &Leaving<'_>) -> Result<(Vec<Move>, Beside), Invalid> {
    if leaving.since > leaving.first {
        return Err(Invalid::new("since", "is after their first day in the new family"));
    }
    let members: BTreeSet<PersonId> = facts
        .iter()
        .filter(|f| f.kind() == Kind::Membership && from(f.window, leaving.first).is_some())
        .filter_map(|f| f.subject.person)
        .collect();
    if let Some(stranger) = leaving.people.iter().find(|p| !members.contains(p)) {
        return Err(Invalid::new("people", format!("person {stranger} is no member of the family from that day on")));
    }
    if leaving.people.is_empty() || members.is_subset(leaving.people) {
        return Err(Invalid::new("people", "has to be some of the members and not all: a family that moves as a whole stays the same"));
    }
    let (mut moves, mut new) = (Vec::new(), Vec::new());
    for fact in facts.iter().filter(|f| f.subject.person.is_some_and(|p| leaving.people.contains(&p))) {
        let goes = match &fact.detail {
            Detail::Membership(_) | Detail::ServiceUse(_) => true,
            Detail::Goal(goal) => goal.state == "set",
            _ => false,
        };
        let (true, Some(rest)) = (goes, from(fact.window, leaving.first)) else { continue };
        let subject = Subject { family: Some(leaving.family), ..fact.subject };
        if until(fact.window, leaving.first).is_none() {
            moves.push(Move::with(fact, subject, fact.window));
            continue;
        }
        moves.push(Move::ended_before(fact, fact.subject, leaving.first));
        // A person was a member here all the while; there it counts as far back as was said.
        let window = match fact.kind() {
            Kind::Membership => Window { first: fact.window.first.max(leaving.since), ..rest },
            _ => rest,
        };
        // The reference stays with the statement that its source sends again.
        let said = NewFact { source: leaving.source.clone(), reference: None, ..said_again(fact, subject, window) };
        new.push((fact.id, said));
    }
    Ok((moves, new))
}

/// What was said of `gone` is said of `stays`, but what is said there already and what was `wrong`, of either.
///
/// # Errors
/// [`Invalid`] naming `wrong`: a fact of neither; or two birth dates, or two numbers of one scheme, that a person has to decide between.
pub fn merge_people(
    gone: (PersonId, &[Fact]),
    stays: (PersonId, &[Fact]),
    wrong: &BTreeSet<FactId>,
    seen: &HashSet<FactId>,
) -> Result<Vec<Move>, Invalid> {
    let ((gone, facts), (stays, there)) = (gone, stays);
    let both = || facts.iter().chain(there);
    if let Some(id) = wrong.iter().find(|id| !seen.contains(id) || !both().any(|f| f.id == **id)) {
        return Err(Invalid::new("wrong", format!("there is no fact {id} about either")));
    }
    agree(both().filter(|f| !wrong.contains(&f.id) && seen.contains(&f.id)))?;
    let said: Vec<&Fact> = there.iter().filter(|f| seen.contains(&f.id) && !wrong.contains(&f.id)).collect();
    let mut moves: Vec<Move> = there.iter().filter(|f| wrong.contains(&f.id)).map(Move::drop).collect();
    for fact in facts {
        let one = |id: Option<PersonId>| id.map(|id| if id == gone { stays } else { id });
        let subject = Subject { person: one(fact.subject.person), to: one(fact.subject.to), ..fact.subject };
        let nothing = wrong.contains(&fact.id)
            || subject.person.is_some() && subject.person == subject.to
            || is_said(&said, &subject, &fact.detail, fact.window);
        moves.push(if nothing { Move::drop(fact) } else { Move::with(fact, subject, fact.window) });
    }
    Ok(moves)
}

/// One person has one birth date, and one number of a scheme.
fn agree<'a>(facts: impl Iterator<Item = &'a Fact>) -> Result<(), Invalid> {
    let mut said: BTreeMap<&'static str, (String, FactId)> = BTreeMap::new();
    for fact in facts {
        let (what, value) = match &fact.detail {
            Detail::Birth(birth) => ("birth date", birth.on.clone()),
            Detail::Identifier(identifier) => (identifier.scheme.code(), identifier.key()),
            _ => continue,
        };
        // A birth date to the month agrees with a day of that month.
        let same = |a: &str, b: &str| a == b || what == "birth date" && (a.starts_with(b) || b.starts_with(a));
        match said.get(what) {
            Some((before, other)) if !same(before, &value) => {
                let why = format!("is to name the one that is wrong: facts {other} and {} give two values for {what}", fact.id);
                return Err(Invalid::new("wrong", why));
            }
            Some(_) => {}
            None => _ = said.insert(what, (value, fact.id)),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
