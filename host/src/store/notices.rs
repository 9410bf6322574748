//! That somebody is to know that there is something to know: about a family, which is the proposal's to say, to whoever may read it; or about
//! an installation, of which the host did something by itself.

use std::sync::LazyLock;

use super::reader::{Reader, Seen};
use super::sql::{Row, query};
use super::{AuthorityStore, AuthorityTx, Page, StoreError};
use crate::record::{Day, FamilyId, InstallationId, KnownAt, LoginId, NoticeId, OrganisationId, ProposalId};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    pub id: NoticeId,
    pub tells: Tells,
    /// Who is told.
    pub login: LoginId,
    pub made: KnownAt,
    /// By its end they should know.
    pub due: Day,
    /// A letter said that something waits.
    pub mailed: Option<KnownAt>,
    pub seen: Option<KnownAt>,
}

/// What a notice tells of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tells {
    /// What a plugin proposed to tell of a family.
    Proposed { family: FamilyId, proposal: ProposalId },
    /// What befell an installation.
    Befell { installation: InstallationId, what: Befell },
}

/// What the host did of an installation by itself: by the number of its row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Befell {
    /// It failed, and the host went back to the one before: the activation that ended so.
    CameBack(i64),
    /// It is asked no more until somebody brings it back.
    Parked(i64),
    /// What was planned for it could not be done.
    NotSwitched(i64),
}

/// Whose notices are listed, and which.
#[derive(Debug, Clone, Copy)]
pub struct Wanted {
    /// Those about installations too.
    pub installations: bool,
    /// Only those that they looked at, or did not yet.
    pub seen: Option<bool>,
    pub after: Option<NoticeId>,
    pub limit: u32,
}

macro_rules! notice {
    ($rest:literal) => {
        concat!(
            "SELECT n.id, p.family, n.proposal, n.activation, n.parking, n.planned_switch, \
             COALESCE(a.installation, k.installation, s.installation) AS installation, n.login, n.made, n.due, n.mailed, n.seen FROM notice n \
             LEFT JOIN proposal p ON p.id = n.proposal LEFT JOIN activation a ON a.id = n.activation \
             LEFT JOIN parking k ON k.id = n.parking LEFT JOIN planned_switch s ON s.id = n.planned_switch ",
            $rest
        )
    };
}

/// Somebody's own: of families that they still see, and of installations.
static FOR_READER: LazyLock<Seen> = LazyLock::new(|| {
    Seen::new(|whose| {
        format!(
            "{} AND ((n.proposal IS NOT NULL AND {}) OR (n.proposal IS NULL AND $12 = 1)) AND ($13 = 2 OR ($13 = 1) = (n.seen IS NOT NULL)) \
             ORDER BY n.id LIMIT $11",
            notice!("WHERE n.login = $2 AND n.id > $10"),
            whose.family("p.family")
        )
    })
});

impl AuthorityStore {
    /// The reader's own, the first first: of families that they see, and of installations where that is wanted.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn notices_for(&self, reader: &Reader, wanted: Wanted) -> Result<Page<Notice, NoticeId>, StoreError> {
        let Wanted { installations, seen, after, limit } = wanted;
        let rows = reader
            .bind(query(FOR_READER.by(reader)))
            .bind(after.as_ref().map_or(&[][..], NoticeId::as_bytes).to_vec())
            .bind(Page::<Notice, NoticeId>::rows(limit))
            .bind(i64::from(installations))
            .bind(seen.map_or(2, i64::from))
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
    /// Of what a plugin proposed to tell.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn add_notice(&mut self, proposal: ProposalId, login: LoginId, due: Day) -> Result<(), StoreError> {
        self.tell(Some(proposal), [None; 3], login, due).await
    }

    /// Of what befell an installation.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn add_notice_of(&mut self, befell: Befell, login: LoginId, due: Day) -> Result<(), StoreError> {
        let of = match befell {
            Befell::CameBack(id) => [Some(id), None, None],
            Befell::Parked(id) => [None, Some(id), None],
            Befell::NotSwitched(id) => [None, None, Some(id)],
        };
        self.tell(None, of, login, due).await
    }

    async fn tell(
        &mut self,
        proposal: Option<ProposalId>,
        [activation, parking, planned_switch]: [Option<i64>; 3],
        login: LoginId,
        due: Day,
    ) -> Result<(), StoreError> {
        let (change, at) = self.change().await?;
        let statement = "INSERT INTO notice (id, change, proposal, activation, parking, planned_switch, login, made, due) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING";
        query(statement)
            .key(&NoticeId::fresh())
            .bind(change.0)
            .maybe_key(proposal.as_ref())
            .bind(activation)
            .bind(parking)
            .bind(planned_switch)
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

    /// Everybody who has a role here on a day, once for each: its code.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn who_works_here(&mut self, on: Day) -> Result<Vec<(LoginId, String)>, StoreError> {
        const SQL: &str =
            "SELECT DISTINCT login, role FROM role_held WHERE first <= $1 AND (last IS NULL OR last >= $1) ORDER BY login, role";
        let rows = query(SQL).day(on).fetch_all(self.connection()).await?;
        rows.iter().map(|row| Ok((row.key("login")?, row.text("role")?))).collect()
    }
}

fn read(row: &Row) -> Result<Notice, StoreError> {
    let tells = match row.maybe_key("proposal")? {
        Some(proposal) => Tells::Proposed { family: row.key("family")?, proposal },
        None => Tells::Befell { installation: row.key("installation")?, what: befell(row)? },
    };
    Ok(Notice {
        id: row.key("id")?,
        tells,
        login: row.key("login")?,
        made: row.at("made")?,
        due: row.day("due")?,
        mailed: row.maybe_at("mailed")?,
        seen: row.maybe_at("seen")?,
    })
}

fn befell(row: &Row) -> Result<Befell, StoreError> {
    if let Some(id) = row.maybe_number("activation")? {
        return Ok(Befell::CameBack(id));
    }
    Ok(match row.maybe_number("parking")? {
        Some(id) => Befell::Parked(id),
        None => Befell::NotSwitched(row.number("planned_switch")?),
    })
}
