//! Standing meetings: who meets, about whom, and who is invited.

use std::sync::LazyLock;

use super::reader::{Reader, Seen, Whose};
use super::sql::{Connection, Row, query};
use super::{AuthorityStore, AuthorityTx, Page, StoreError};
use crate::record::{Day, FamilyId, LoginId, MeetingId, OrganisationId, Sections};

/// A standing meeting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meeting {
    pub id: MeetingId,
    /// Code list meetings.
    pub kind: String,
    pub name: String,
    /// What the pathway plugin calls it.
    pub named: Option<String>,
    /// Whose it is: the team around the family; none: the authority's.
    pub family: Option<FamilyId>,
    /// What being on its agenda tells.
    pub tells: Sections,
    pub chair: Option<LoginId>,
    /// In the order of their ids.
    pub invited: Vec<OrganisationId>,
    /// HH:MM.
    pub starts: Option<String>,
    pub place: Option<String>,
    /// From this day on it sits no more.
    pub ended: Option<Day>,
}

macro_rules! meeting {
    ($rest:literal) => {
        concat!("SELECT m.id, m.kind, m.name, m.named, m.family, m.tells, m.chair, m.starts, m.place, m.ended FROM meeting m ", $rest)
    };
}
/// Is a meeting's existence theirs to know? The authority's are the council's own workers' and theirs who are invited; a family's is of
/// whoever sees the family and either works for the council, has the case, or is invited.
pub(super) fn meeting_seen(whose: Whose) -> String {
    match whose {
        Whose::All => "$1 = 1".to_owned(),
        Whose::Related => format!(
            "(m.family IS NULL AND ($8 <> 0 OR {INVITED}) OR m.family IS NOT NULL AND {} AND {} \
             AND ($8 <> 0 OR m.family IN (SELECT family FROM mine) OR {INVITED}))",
            whose.family("m.family"),
            whose.covers_all("m.tells", "m.family"),
        ),
    }
}

/// The reader's organisation is invited to the meeting.
pub(super) const INVITED: &str = "EXISTS (SELECT 1 FROM meeting_invited v WHERE v.meeting = m.id AND v.organisation = $3)";

static MEETINGS: LazyLock<Seen> = LazyLock::new(|| {
    Seen::new(|whose| {
        format!("{} AND {} AND (LENGTH($12) = 0 OR m.id = $12) ORDER BY m.id LIMIT $11", meeting!("WHERE m.id > $10"), meeting_seen(whose))
    })
});

impl AuthorityStore {
    /// Those that the reader may know of, ended ones too, in the order in which they were made. `after`: go on from there.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn meetings_for(
        &self,
        reader: &Reader,
        after: Option<MeetingId>,
        limit: u32,
    ) -> Result<Page<Meeting, MeetingId>, StoreError> {
        let found = self.find_meetings(reader, after, limit, None).await?;
        Ok(Page::cut(found, limit, |m| m.id))
    }

    /// # Errors
    /// `NoSuch` where there is none, or none that the reader may know of.
    pub async fn meeting_for(&self, reader: &Reader, id: MeetingId) -> Result<Meeting, StoreError> {
        let found = self.find_meetings(reader, None, 1, Some(id)).await?;
        found.into_iter().next().ok_or_else(|| StoreError::no_such("meeting", id))
    }

    async fn find_meetings(
        &self,
        reader: &Reader,
        after: Option<MeetingId>,
        limit: u32,
        one: Option<MeetingId>,
    ) -> Result<Vec<Meeting>, StoreError> {
        let mut connection = self.read().await?;
        let rows = reader
            .bind(query(MEETINGS.by(reader)))
            .bind(after.as_ref().map_or(&[][..], MeetingId::as_bytes).to_vec())
            .bind(Page::<Meeting, MeetingId>::rows(limit))
            .bind(one.as_ref().map_or(&[][..], MeetingId::as_bytes).to_vec())
            .fetch_all(&mut connection)
            .await?;
        read_meetings(&mut connection, &rows).await
    }

    /// # Errors
    /// `NoSuch` where there is none.
    pub async fn meeting(&self, id: MeetingId) -> Result<Meeting, StoreError> {
        get_meeting(&mut *self.read().await?, id).await
    }
}

impl AuthorityTx {
    /// # Errors
    /// `Exists` where another meeting that goes on is called so by the plugin; `Conflict` where its family is closed.
    pub async fn add_meeting(&mut self, new: &Meeting) -> Result<(), StoreError> {
        super::closed::refuse(self.connection(), &new.family.into_iter().collect(), &std::collections::HashSet::new()).await?;
        self.must_be_named_once(new).await?;
        let (change, _) = self.change().await?;
        let by = self.principal().to_owned();
        query(
            "INSERT INTO meeting (id, change, kind, name, named, family, tells, chair, starts, place, ended, principal) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        )
        .key(&new.id)
        .bind(change.0)
        .bind(new.kind.as_str())
        .bind(new.name.as_str())
        .bind(new.named.as_deref())
        .maybe_key(new.family.as_ref())
        .bind(new.tells.number())
        .maybe_key(new.chair.as_ref())
        .bind(new.starts.as_deref())
        .bind(new.place.as_deref())
        .maybe_day(new.ended)
        .bind(by)
        .execute(self.connection())
        .await?;
        self.invite_to_meeting(new).await
    }

    /// As it is to be from now on; whose it is stays.
    ///
    /// # Errors
    /// As above.
    pub async fn change_meeting(&mut self, new: &Meeting) -> Result<(), StoreError> {
        self.must_be_named_once(new).await?;
        self.change().await?;
        query(
            "UPDATE meeting SET kind = $2, name = $3, named = $4, tells = $5, chair = $6, starts = $7, place = $8, ended = $9 WHERE id = $1",
        )
        .key(&new.id)
        .bind(new.kind.as_str())
        .bind(new.name.as_str())
        .bind(new.named.as_deref())
        .bind(new.tells.number())
        .maybe_key(new.chair.as_ref())
        .bind(new.starts.as_deref())
        .bind(new.place.as_deref())
        .maybe_day(new.ended)
        .execute(self.connection())
        .await?;
        query("DELETE FROM meeting_invited WHERE meeting = $1").key(&new.id).execute(self.connection()).await?;
        self.invite_to_meeting(new).await
    }

    async fn invite_to_meeting(&mut self, meeting: &Meeting) -> Result<(), StoreError> {
        for organisation in &meeting.invited {
            query("INSERT INTO meeting_invited (meeting, organisation) VALUES ($1, $2)")
                .key(&meeting.id)
                .bind(organisation.as_str())
                .execute(self.connection())
                .await?;
        }
        Ok(())
    }

    async fn must_be_named_once(&mut self, new: &Meeting) -> Result<(), StoreError> {
        const SQL: &str = "SELECT 1 FROM meeting WHERE named = $1 AND ended IS NULL AND id <> $2 AND COALESCE(family, $4) = $3";
        let Some(named) = new.named.as_deref().filter(|_| new.ended.is_none()) else { return Ok(()) };
        let family = new.family.as_ref().map_or(&[][..], FamilyId::as_bytes).to_vec();
        let same = query(SQL).bind(named).key(&new.id).bind(family).bind(&[][..]).fetch_optional(self.connection()).await?;
        match same {
            Some(_) => Err(StoreError::Conflict("another meeting is what the plugin calls so: end that one first".to_owned())),
            None => Ok(()),
        }
    }

    /// # Errors
    /// `NoSuch` where there is none.
    pub async fn meeting(&mut self, id: MeetingId) -> Result<Meeting, StoreError> {
        get_meeting(self.connection(), id).await
    }

    /// The meeting that a plugin means for a family on a day: one of the family's own before the authority's, and one that ends later before
    /// its successor.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn meeting_named(&mut self, named: &str, family: FamilyId, on: Day) -> Result<Option<Meeting>, StoreError> {
        const SQL: &str = meeting!(
            "WHERE m.named = $1 AND (m.ended IS NULL OR m.ended > $3) AND (m.family IS NULL OR m.family = $2) \
             ORDER BY CASE WHEN m.family IS NULL THEN 1 ELSE 0 END, CASE WHEN m.ended IS NULL THEN 1 ELSE 0 END, m.id LIMIT 1"
        );
        let row = query(SQL).bind(named.to_owned()).key(&family).day(on).fetch_optional(self.connection()).await?;
        Ok(read_meetings(self.connection(), &row.into_iter().collect::<Vec<_>>()).await?.pop())
    }
}

async fn get_meeting(connection: &mut Connection, id: MeetingId) -> Result<Meeting, StoreError> {
    let row = query(meeting!("WHERE m.id = $1")).key(&id).fetch_optional(connection).await?;
    let found = read_meetings(connection, &row.into_iter().collect::<Vec<_>>()).await?.pop();
    found.ok_or_else(|| StoreError::no_such("meeting", id))
}

async fn read_meetings(connection: &mut Connection, rows: &[Row]) -> Result<Vec<Meeting>, StoreError> {
    const INVITED: &str = "SELECT organisation FROM meeting_invited WHERE meeting = $1 ORDER BY organisation";
    let mut meetings = Vec::with_capacity(rows.len());
    for row in rows {
        let id = row.key("id")?;
        let invited = query(INVITED).key(&id).fetch_all(connection).await?;
        let tells =
            Sections::from_number(row.number("tells")?).ok_or_else(|| StoreError::damaged("meeting", "its sections are not known"))?;
        meetings.push(Meeting {
            id,
            kind: row.text("kind")?,
            name: row.text("name")?,
            named: row.maybe_text("named")?,
            family: row.maybe_key("family")?,
            tells,
            chair: row.maybe_key("chair")?,
            invited: invited.iter().map(|r| parsed(r, "organisation")).collect::<Result<_, _>>()?,
            starts: row.maybe_text("starts")?,
            place: row.maybe_text("place")?,
            ended: row.maybe_day("ended")?,
        });
    }
    Ok(meetings)
}

/// A word that this room wrote.
pub(super) fn parsed<T: std::str::FromStr>(row: &Row, column: &'static str) -> Result<T, StoreError> {
    let text = row.text(column)?;
    text.parse().map_err(|_| StoreError::damaged(column, "is no word that the host writes"))
}
