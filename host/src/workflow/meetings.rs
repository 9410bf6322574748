//! Meetings: how a plugin's proposal comes onto an agenda, and what follows when a sitting is over. The rhythm is the pathway plugin's: how
//! often a meeting is held stands beside its name in the manifest, and the next sitting is worked out from that, for a person to plan.

use super::{Workflow, WorkflowError};
use crate::plugins::manifest::Rhythm;
use crate::record::calendar::{WorkingDays, bank_holidays};
use crate::record::meeting::SittingState;
use crate::record::{AgendaItemId, AuthorityId, Day, FamilyId, SittingId};
use crate::sandbox::{ExtensionPoint, Sort};
use crate::store::{AuthorityStore, AuthorityTx, Meeting, Missed, NewItem, Proposal, Sitting, StoreError};

/// Sittings that went by and are looked at together.
const AT_ONCE: u32 = 100;

/// Where a proposal puts a family.
#[derive(Debug, Clone)]
pub(super) struct Agenda {
    meeting: Meeting,
    /// None: a sitting has to be proposed first.
    sitting: Option<SittingId>,
    on: Day,
    /// The family is there already.
    pub has_it: bool,
    invited: Vec<String>,
}

impl Agenda {
    /// With kinds of organisation that the plugin wants there.
    pub fn wanting(self, kinds: &[String]) -> Self {
        Self { invited: kinds.to_vec(), ..self }
    }
}

/// The agenda that a plugin means: of the first sitting on the day that it names or after it. None: no such meeting is kept here.
///
/// # Errors
/// The file cannot be read.
pub(super) async fn agenda(tx: &mut AuthorityTx, family: FamilyId, named: &str, on: Day) -> Result<Option<Agenda>, StoreError> {
    let on = on.max(tx.now().day());
    let Some(meeting) = tx.meeting_named(named, family, on).await? else { return Ok(None) };
    let next = tx.next_sitting(meeting.id, on).await?;
    let has_it = match &next {
        Some(sitting) => tx.is_on_agenda(sitting.id, family, None).await?,
        None => false,
    };
    let on = next.as_ref().map_or(on, |s| s.on);
    Ok(Some(Agenda { meeting, sitting: next.map(|s| s.id), on, has_it, invited: Vec::new() }))
}

/// Puts the family of a proposal there. A sitting that nobody planned is proposed for the day.
///
/// # Errors
/// `Conflict` where the family is closed.
pub(super) async fn put_on(tx: &mut AuthorityTx, proposal: &Proposal, agenda: &Agenda) -> Result<(), StoreError> {
    let sitting = match agenda.sitting {
        Some(sitting) => sitting,
        None => propose(tx, &agenda.meeting, agenda.on).await?,
    };
    tx.put_on_agenda(&NewItem {
        id: AgendaItemId::fresh(),
        sitting,
        family: proposal.family,
        person: None,
        proposal: Some(proposal.id),
        decision: Some(proposal.decision),
        invited: agenda.invited.clone(),
        why: None,
    })
    .await
}

/// On that day, or the first after it on which the meeting has not sat already.
async fn propose(tx: &mut AuthorityTx, meeting: &Meeting, mut on: Day) -> Result<SittingId, StoreError> {
    while let (true, Some(later)) = (tx.sits_on(meeting.id, on).await?, on.plus(1)) {
        on = later;
    }
    let (id, starts, place) = (SittingId::fresh(), meeting.starts.clone(), meeting.place.clone());
    tx.add_sitting(&Sitting { id, meeting: meeting.id, on, starts, place, state: SittingState::Proposed, settled: None }).await?;
    Ok(id)
}

/// The day of the next sitting; none: it is held whenever it is called.
#[must_use]
pub fn next_day(every: Rhythm, after: Day) -> Option<Day> {
    match every {
        Rhythm::WorkingDay => {
            let year = after.date().year();
            WorkingDays::but(bank_holidays(year, year + 1)).add(after, 1)
        }
        Rhythm::Week => after.plus(7),
        Rhythm::Fortnight => after.plus(14),
        Rhythm::SixWeeks => after.plus(42),
        // Meetings keep their weekday.
        Rhythm::Month => after.plus(28),
        Rhythm::Quarter => after.plus(91),
        Rhythm::AsNeeded => None,
    }
}

/// A sitting is over: the next is proposed, unless one is to come, and takes over whom this one did not reach.
///
/// # Errors
/// The file cannot be written.
pub async fn go_on(tx: &mut AuthorityTx, sitting: &Sitting, every: Option<Rhythm>) -> Result<(), StoreError> {
    let meeting = tx.meeting(sitting.meeting).await?;
    let today = tx.now().day();
    if let Some(next) = tx.next_sitting(meeting.id, today).await? {
        return tx.take_over(&next).await;
    }
    let mut next = every.and_then(|every| next_day(every, sitting.on));
    // Of one that went by long ago: the next from now on.
    while let (Some(day), Some(every)) = (next, every)
        && day < today
    {
        next = next_day(every, day);
    }
    match next {
        Some(day) if meeting.ended.is_none_or(|ended| day < ended) => propose(tx, &meeting, day).await.map(drop),
        _ => Ok(()),
    }
}

impl Workflow {
    /// How often a meeting is held, as the plugin that decides pathways says; none where it does not, or nobody decides.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn rhythm(&self, store: &AuthorityStore, meeting: &Meeting) -> Result<Option<Rhythm>, WorkflowError> {
        let Some(named) = &meeting.named else { return Ok(None) };
        let ready = match self.deciding(store, ExtensionPoint::Pathway).await {
            Ok(ready) => ready,
            Err(WorkflowError::Store(fault)) => return Err(fault.into()),
            // Whoever is not fit to be asked says nothing of meetings either.
            Err(_) => return Ok(None),
        };
        let found = ready.manifest.names.iter().find(|n| n.sort == Sort::Meeting && n.id == *named);
        Ok(found.and_then(|name| name.every))
    }

    /// Sittings of all authorities whose day went by, and of which nobody said that they were held, are missed; how many there were. What
    /// was on their agendas is told to the pathways as a date that was missed, once.
    ///
    /// # Errors
    /// The common file cannot be read; or what the first authority said that could not be worked through.
    pub async fn note_missed_sittings(&self) -> Result<u64, WorkflowError> {
        let (mut noted, mut first_fault) = (0, None);
        for authority in self.shared.stores.common().authorities().await? {
            match self.missed_sittings_of(&authority.code).await {
                Ok(n) => noted += n,
                Err(fault) => drop(first_fault.get_or_insert(fault)),
            }
        }
        first_fault.map_or(Ok(noted), Err)
    }

    async fn missed_sittings_of(&self, authority: &AuthorityId) -> Result<u64, WorkflowError> {
        let store = self.shared.stores.authority(authority).await?;
        let mut noted = 0;
        loop {
            let gone_by = store.sittings_gone_by(store.clock().now().day(), AT_ONCE).await?;
            if gone_by.is_empty() {
                return Ok(noted);
            }
            for sitting in gone_by {
                let every = self.rhythm(&store, &store.meeting(sitting.meeting).await?).await?;
                match miss(&store, &sitting, every).await {
                    // Somebody said at the same moment what became of it.
                    Ok(()) | Err(StoreError::Conflict(_)) => noted += 1,
                    Err(fault) => return Err(fault.into()),
                }
            }
        }
    }
}

/// One that nobody had planned is no missed date, and proposes no next.
async fn miss(store: &AuthorityStore, sitting: &Sitting, every: Option<Rhythm>) -> Result<(), StoreError> {
    let mut tx = store.write("hearth", "noted that a sitting was missed").await?;
    let families = tx.not_reached(sitting.id).await?;
    tx.settle_sitting(sitting.id, SittingState::Missed, None).await?;
    if sitting.state == SittingState::Planned {
        let missed = |(family, sections)| Missed::of(family, sitting.on, sections);
        tx.note_missed(&families.into_iter().map(missed).collect::<Vec<_>>()).await?;
    }
    go_on(&mut tx, sitting, every.filter(|_| sitting.state == SittingState::Planned)).await?;
    tx.commit().await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_sitting_keeps_its_weekday_and_a_daily_hub_skips_what_is_no_working_day() {
        let day = |text: &str| text.parse::<Day>().unwrap();
        // A Friday before a bank holiday; a Tuesday.
        assert_eq!(next_day(Rhythm::WorkingDay, day("2026-08-28")), Some(day("2026-09-01")));
        for (every, next) in [
            (Rhythm::Week, "2026-09-08"),
            (Rhythm::Fortnight, "2026-09-15"),
            (Rhythm::Month, "2026-09-29"),
            (Rhythm::SixWeeks, "2026-10-13"),
            (Rhythm::Quarter, "2026-12-01"),
        ] {
            let next = day(next);
            assert_eq!((next_day(every, day("2026-09-01")), next.weekday()), (Some(next), day("2026-09-01").weekday()));
        }
        assert_eq!(next_day(Rhythm::AsNeeded, day("2026-09-01")), None);
    }
}
