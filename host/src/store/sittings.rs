//! Sittings of meetings, and which organisations came.

use std::sync::LazyLock;

use super::agenda::item_seen;
use super::meetings::{meeting_seen, parsed};
use super::reader::{Reader, Seen};
use super::sql::{Connection, Row, query};
use super::{AuthorityStore, AuthorityTx, Page, Said, StoreError};
use crate::record::meeting::{Attendance, SittingState};
use crate::record::{Announced, Day, MeetingId, OrganisationId, SittingId};

/// One sitting of a meeting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sitting {
    pub id: SittingId,
    pub meeting: MeetingId,
    pub on: Day,
    /// HH:MM.
    pub starts: Option<String>,
    pub place: Option<String>,
    pub state: SittingState,
    /// Held, missed or cancelled: by whom, and why where they said so.
    pub settled: Option<Said>,
}

/// Whether an organisation came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Came {
    pub organisation: OrganisationId,
    pub how: Attendance,
}

macro_rules! sitting {
    ($rest:literal) => {
        concat!(
            "SELECT s.id, s.meeting, s.day, s.starts, s.place, s.state, s.settled_at, s.settled_by, s.settled_why FROM sitting s ",
            $rest
        )
    };
}

/// A sitting is theirs to know of with its meeting, or with a family on its agenda.
static SITTINGS: LazyLock<Seen> = LazyLock::new(|| {
    Seen::new(|whose| {
        let select = sitting!(
            "JOIN meeting m ON m.id = s.meeting WHERE s.day >= $10 AND s.day <= $11 AND (s.day > $12 OR s.day = $12 AND s.id > $13) \
             AND (LENGTH($15) = 0 OR s.id = $15) AND (LENGTH($16) = 0 OR s.meeting = $16)"
        );
        format!(
            "{select} AND ({} OR EXISTS (SELECT 1 FROM agenda_item i WHERE i.sitting = s.id AND i.state <> 'taken-off' AND {})) \
             ORDER BY s.day, s.id LIMIT $14",
            meeting_seen(whose),
            item_seen(whose)
        )
    })
});

/// Which sittings are asked for.
#[derive(Debug, Clone, Default)]
pub struct WantedSittings {
    pub first: Option<Day>,
    pub last: Option<Day>,
    pub meeting: Option<MeetingId>,
    pub sitting: Option<SittingId>,
    /// Go on from there.
    pub after: Option<(Day, SittingId)>,
}

impl AuthorityStore {
    /// Sittings that the reader may know of, the first first.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn sittings_for(
        &self,
        reader: &Reader,
        wanted: &WantedSittings,
        limit: u32,
    ) -> Result<Page<Sitting, (Day, SittingId)>, StoreError> {
        let rows = reader
            .bind(query(SITTINGS.by(reader)))
            .day(wanted.first.unwrap_or(Day::FIRST))
            .day(wanted.last.unwrap_or(Day::LAST))
            .day(wanted.after.map_or(Day::FIRST, |(day, _)| day))
            .bind(wanted.after.as_ref().map_or(&[][..], |(_, id)| id.as_bytes()).to_vec())
            .bind(Page::<Sitting, SittingId>::rows(limit))
            .bind(wanted.sitting.as_ref().map_or(&[][..], SittingId::as_bytes).to_vec())
            .bind(wanted.meeting.as_ref().map_or(&[][..], MeetingId::as_bytes).to_vec())
            .fetch_all(&mut *self.read().await?)
            .await?;
        Ok(Page::cut(rows.iter().map(read_sitting).collect::<Result<_, _>>()?, limit, |s: &Sitting| (s.on, s.id)))
    }

    /// # Errors
    /// `NoSuch` where there is none, or none that the reader may know of.
    pub async fn sitting_for(&self, reader: &Reader, id: SittingId) -> Result<Sitting, StoreError> {
        let wanted = WantedSittings { sitting: Some(id), ..WantedSittings::default() };
        let found = self.sittings_for(reader, &wanted, 1).await?;
        found.items.into_iter().next().ok_or_else(|| StoreError::no_such("sitting", id))
    }

    /// # Errors
    /// `NoSuch` where there is none.
    pub async fn sitting(&self, id: SittingId) -> Result<Sitting, StoreError> {
        get_sitting(&mut *self.read().await?, id).await
    }

    /// What was last said of each organisation, in the order of their ids.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn attendance(&self, sitting: SittingId) -> Result<Vec<Came>, StoreError> {
        const SQL: &str = "SELECT organisation, how FROM sitting_attendance WHERE sitting = $1 ORDER BY organisation";
        let rows = query(SQL).key(&sitting).fetch_all(&mut *self.read().await?).await?;
        let read = |row: &Row| Ok(Came { organisation: parsed(row, "organisation")?, how: parsed(row, "how")? });
        rows.iter().map(read).collect()
    }

    /// Sittings whose day is before this one and of which nobody said that they were held, at most `limit`.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn sittings_gone_by(&self, before: Day, limit: u32) -> Result<Vec<Sitting>, StoreError> {
        const SQL: &str = sitting!("WHERE s.state IN ('proposed', 'planned') AND s.day < $1 ORDER BY s.day, s.id LIMIT $2");
        let rows = query(SQL).day(before).bind(i64::from(limit)).fetch_all(&mut *self.read().await?).await?;
        rows.iter().map(read_sitting).collect()
    }
}

impl AuthorityTx {
    /// # Errors
    /// `NoSuch` where there is none.
    pub async fn sitting(&mut self, id: SittingId) -> Result<Sitting, StoreError> {
        get_sitting(self.connection(), id).await
    }

    /// The first sitting that is to come on a day or after it.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn next_sitting(&mut self, meeting: MeetingId, from: Day) -> Result<Option<Sitting>, StoreError> {
        const SQL: &str =
            sitting!("WHERE s.meeting = $1 AND s.day >= $2 AND s.state IN ('proposed', 'planned') ORDER BY s.day, s.id LIMIT 1");
        let row = query(SQL).key(&meeting).day(from).fetch_optional(self.connection()).await?;
        row.as_ref().map(read_sitting).transpose()
    }

    /// A new sitting, which takes over whom earlier ones did not reach.
    ///
    /// # Errors
    /// `Conflict` where the meeting sits on that day already, or sits no more.
    pub async fn add_sitting(&mut self, new: &Sitting) -> Result<(), StoreError> {
        self.must_be_free_on(new).await?;
        let (change, _) = self.change().await?;
        let by = self.principal().to_owned();
        query("INSERT INTO sitting (id, meeting, change, day, starts, place, state, principal) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)")
            .key(&new.id)
            .key(&new.meeting)
            .bind(change.0)
            .day(new.on)
            .bind(new.starts.as_deref())
            .bind(new.place.as_deref())
            .bind(new.state.code())
            .bind(by)
            .execute(self.connection())
            .await?;
        if new.state == SittingState::Planned {
            self.announce(Announced::SittingPlanned, None, new.id);
        }
        self.take_over(new).await
    }

    /// Another day, place or time; or a proposed one is planned.
    ///
    /// # Errors
    /// As above; `Conflict` where it is not to come any more.
    pub async fn change_sitting(&mut self, new: &Sitting) -> Result<(), StoreError> {
        self.must_be_free_on(new).await?;
        self.change().await?;
        let done = query(
            "UPDATE sitting SET day = $2, starts = $3, place = $4, state = 'planned' WHERE id = $1 AND state IN ('proposed', 'planned')",
        )
        .key(&new.id)
        .day(new.on)
        .bind(new.starts.as_deref())
        .bind(new.place.as_deref())
        .execute(self.connection())
        .await?;
        if done.rows_affected() != 1 {
            return Err(not_to_come());
        }
        self.announce(Announced::SittingPlanned, None, new.id);
        Ok(())
    }

    /// Does the meeting sit on that day, or did it?
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn sits_on(&mut self, meeting: MeetingId, day: Day) -> Result<bool, StoreError> {
        const SQL: &str = "SELECT 1 FROM sitting WHERE meeting = $1 AND day = $2 AND state <> 'cancelled'";
        Ok(query(SQL).key(&meeting).day(day).fetch_optional(self.connection()).await?.is_some())
    }

    async fn must_be_free_on(&mut self, new: &Sitting) -> Result<(), StoreError> {
        if self.meeting(new.meeting).await?.ended.is_some_and(|ended| ended <= new.on) {
            return Err(StoreError::Conflict("the meeting sits no more by that day".to_owned()));
        }
        const SQL: &str = "SELECT 1 FROM sitting WHERE meeting = $1 AND day = $2 AND id <> $3 AND state <> 'cancelled'";
        let there = query(SQL).key(&new.meeting).day(new.on).key(&new.id).fetch_optional(self.connection()).await?;
        if there.is_some() { Err(StoreError::Conflict("the meeting sits on that day already".to_owned())) } else { Ok(()) }
    }

    /// It was held, missed or cancelled: what was to be talked about and was not is not reached. One that was missed can still turn out to have
    /// been held.
    ///
    /// # Errors
    /// `Conflict` where it was settled before.
    pub async fn settle_sitting(&mut self, id: SittingId, state: SittingState, why: Option<&str>) -> Result<(), StoreError> {
        let (now, by) = (self.now(), self.principal().to_owned());
        let done = query(
            "UPDATE sitting SET state = $2, settled_at = $3, settled_by = $4, settled_why = $5 WHERE id = $1 \
             AND (state IN ('proposed', 'planned') OR state = 'missed' AND $2 = 'held')",
        )
        .key(&id)
        .bind(state.code())
        .at(now)
        .bind(by)
        .bind(why)
        .execute(self.connection())
        .await?;
        if done.rows_affected() != 1 {
            return Err(not_to_come());
        }
        self.announce(
            match state {
                SittingState::Held => Announced::SittingHeld,
                SittingState::Missed => Announced::SittingMissed,
                _ => Announced::SittingCancelled,
            },
            None,
            id,
        );
        self.leave_unreached(id).await
    }

    /// # Errors
    /// The file cannot be written.
    pub async fn say_who_came(&mut self, sitting: SittingId, came: &[Came]) -> Result<(), StoreError> {
        let (now, by) = (self.now(), self.principal().to_owned());
        self.change().await?;
        for one in came {
            query(
                "INSERT INTO sitting_attendance (sitting, organisation, how, principal, at) VALUES ($1, $2, $3, $4, $5) \
                 ON CONFLICT (sitting, organisation) DO UPDATE SET how = excluded.how, principal = excluded.principal, at = excluded.at",
            )
            .key(&sitting)
            .bind(one.organisation.as_str())
            .bind(one.how.code())
            .bind(by.clone())
            .at(now)
            .execute(self.connection())
            .await?;
        }
        Ok(())
    }
}

fn not_to_come() -> StoreError {
    StoreError::Conflict("this sitting was held, missed or cancelled before".to_owned())
}

async fn get_sitting(connection: &mut Connection, id: SittingId) -> Result<Sitting, StoreError> {
    let row = query(sitting!("WHERE s.id = $1")).key(&id).fetch_optional(connection).await?;
    read_sitting(&row.ok_or_else(|| StoreError::no_such("sitting", id))?)
}

/// By whom something of a meeting was settled, and with which words.
pub(super) fn settled(row: &Row) -> Result<Option<Said>, StoreError> {
    let Some(at) = row.maybe_at("settled_at")? else { return Ok(None) };
    let (by, words) = (row.maybe_text("settled_by")?, row.maybe_text("settled_why")?);
    Ok(Some(Said { at, by: by.unwrap_or_default(), words: words.unwrap_or_default() }))
}

fn read_sitting(row: &Row) -> Result<Sitting, StoreError> {
    let settled = settled(row)?;
    Ok(Sitting {
        id: row.key("id")?,
        meeting: row.key("meeting")?,
        on: row.day("day")?,
        starts: row.maybe_text("starts")?,
        place: row.maybe_text("place")?,
        state: parsed(row, "state")?,
        settled,
    })
}
