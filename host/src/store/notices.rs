//! That somebody is to know that there is something to know about a family. What it is, is the proposal's to say, to whoever may read it.

use std::sync::LazyLock;

use super::reader::{Reader, Seen};
use super::sql::{Row, query};
use super::{AuthorityStore, AuthorityTx, Page, StoreError};
use crate::record::{Day, FamilyId, KnownAt, LoginId, NoticeId, OrganisationId, ProposalId};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    pub id: NoticeId,
    pub family: FamilyId,
    pub proposal: ProposalId,
    /// Who is told.
    pub login: LoginId,
    pub made: KnownAt,
    /// By its end they should know.
    pub due: Day,
    /// A letter said that something waits.
    pub mailed: Option<KnownAt>,
    pub seen: Option<KnownAt>,
}

macro_rules! notice {
    ($rest:literal) => {
        concat!(
            "SELECT n.id, p.family, n.proposal, n.login, n.made, n.due, n.mailed, n.seen FROM notice n \
             JOIN proposal p ON p.id = n.proposal ",
            $rest
        )
    };
}

/// Somebody's own, of families that they still see.
static FOR_READER: LazyLock<Seen> = LazyLock::new(|| {
    Seen::new(|whose| format!("{} AND {} ORDER BY n.id LIMIT $11", notice!("WHERE n.login = $2 AND n.id > $10"), whose.family("p.family")))
});

impl AuthorityStore {
    /// The reader's own, of families that they see, the first first. `after`: go on from there.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn notices_for(&self, reader: &Reader, after: Option<NoticeId>, limit: u32) -> Result<Page<Notice, NoticeId>, StoreError> {
        let rows = reader
            .bind(query(FOR_READER.by(reader)))
            .bind(after.as_ref().map_or(&[][..], NoticeId::as_bytes).to_vec())
            .bind(Page::<Notice, NoticeId>::rows(limit))
            .fetch_all(&mut *self.read().await?)
            .await?;
        Ok(Page::cut(rows.iter().map(read).collect::<Result<_, _>>()?, limit, |n| n.id))
    }

    /// Who was told of a family, the first first.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn notices_about(&self, family: FamilyId) -> Result<Vec<Notice>, StoreError> {
        let statement = query(notice!("WHERE p.family = $1 ORDER BY n.id")).key(&family);
        statement.fetch_all(&mut *self.read().await?).await?.iter().map(read).collect()
    }

    /// # Errors
    /// `NoSuch`.
    pub async fn notice(&self, id: NoticeId) -> Result<Notice, StoreError> {
        let row = query(notice!("WHERE n.id = $1")).key(&id).fetch_optional(&mut *self.read().await?).await?;
        read(&row.ok_or_else(|| StoreError::no_such("notice", id))?)
    }

    /// Whom no letter told of what they have not seen, and who had none since that instant.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn to_be_mailed(&self, since: KnownAt) -> Result<Vec<LoginId>, StoreError> {
        const SQL: &str = "SELECT DISTINCT n.login FROM notice n WHERE n.mailed IS NULL AND n.seen IS NULL \
             AND NOT EXISTS (SELECT 1 FROM notice m WHERE m.login = n.login AND m.mailed > $1) ORDER BY n.login";
        let rows = query(SQL).at(since).fetch_all(&mut *self.read().await?).await?;
        rows.iter().map(|row| row.key("login")).collect()
    }
}

impl AuthorityTx {
    /// # Errors
    /// The file cannot be written.
    pub async fn add_notice(&mut self, proposal: ProposalId, login: LoginId, due: Day) -> Result<(), StoreError> {
        let (change, at) = self.change().await?;
        query("INSERT INTO notice (id, change, proposal, login, made, due) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING")
            .key(&NoticeId::fresh())
            .bind(change.0)
            .key(&proposal)
            .key(&login)
            .at(at)
            .day(due)
            .execute(self.connection())
            .await?;
        Ok(())
    }

    /// Whoever it is for has seen it; seen before, it stays as it was.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn see_notice(&mut self, id: NoticeId) -> Result<(), StoreError> {
        let now = self.now();
        query("UPDATE notice SET seen = $2 WHERE id = $1 AND seen IS NULL").key(&id).at(now).execute(self.connection()).await?;
        Ok(())
    }

    /// Whether a letter is this host's to send: all that waits for them is noted as told.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn mail_notices(&mut self, login: LoginId) -> Result<bool, StoreError> {
        let now = self.now();
        let done = query("UPDATE notice SET mailed = $2 WHERE login = $1 AND mailed IS NULL").key(&login).at(now);
        Ok(done.execute(self.connection()).await?.rows_affected() > 0)
    }

    /// Who works with a family on a day.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn workers_of(&mut self, family: FamilyId, on: Day) -> Result<Vec<LoginId>, StoreError> {
        const SQL: &str =
            "SELECT DISTINCT login FROM assignment WHERE family = $1 AND first <= $2 AND (last IS NULL OR last >= $2) ORDER BY login";
        let rows = query(SQL).key(&family).day(on).fetch_all(self.connection()).await?;
        rows.iter().map(|row| row.key("login")).collect()
    }

    /// With which organisations a family, or somebody of it, is shared on a day.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn shared_with(&mut self, family: FamilyId, on: Day) -> Result<Vec<OrganisationId>, StoreError> {
        const SQL: &str = "SELECT DISTINCT a.organisation FROM share s JOIN agreement a ON a.id = s.agreement \
             WHERE s.family = $1 AND s.withdrawn_at IS NULL AND a.first <= $2 AND (a.last IS NULL OR a.last >= $2) ORDER BY a.organisation";
        let rows = query(SQL).key(&family).day(on).fetch_all(self.connection()).await?;
        rows.iter().map(|row| row.parsed("organisation")).collect()
    }

    /// Who employs somebody.
    ///
    /// # Errors
    /// `NoSuch` where nobody has that login.
    pub async fn employer(&self, login: LoginId) -> Result<OrganisationId, StoreError> {
        Ok(self.common().login(login).await?.organisation)
    }

    /// Everybody who has one of these roles here on a day.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn who_are(&mut self, roles: &[&str], on: Day) -> Result<Vec<LoginId>, StoreError> {
        const SQL: &str = "SELECT DISTINCT login, role FROM role_held WHERE first <= $1 AND (last IS NULL OR last >= $1) ORDER BY login";
        let mut found: Vec<LoginId> = Vec::new();
        for row in query(SQL).day(on).fetch_all(self.connection()).await? {
            if roles.contains(&row.text("role")?.as_str()) {
                found.push(row.key("login")?);
            }
        }
        found.dedup();
        Ok(found)
    }

    /// Everybody who has a role here on a day.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn who_works_here(&mut self, on: Day) -> Result<Vec<LoginId>, StoreError> {
        const SQL: &str = "SELECT DISTINCT login FROM role_held WHERE first <= $1 AND (last IS NULL OR last >= $1) ORDER BY login";
        let rows = query(SQL).day(on).fetch_all(self.connection()).await?;
        rows.iter().map(|row| row.key("login")).collect()
    }
}

fn read(row: &Row) -> Result<Notice, StoreError> {
    Ok(Notice {
        id: row.key("id")?,
        family: row.key("family")?,
        proposal: row.key("proposal")?,
        login: row.key("login")?,
        made: row.at("made")?,
        due: row.day("due")?,
        mailed: row.maybe_at("mailed")?,
        seen: row.maybe_at("seen")?,
    })
}
