//! Whom an authority invited to work with it.

use super::sql::{Row, query};
use super::{AuthorityStore, AuthorityTx, StoreError};
use crate::record::{Day, Digest, InvitationId, KnownAt, LoginId, OrganisationId};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    pub id: InvitationId,
    /// In small letters.
    pub address: String,
    pub name: String,
    /// Who employs them.
    pub organisation: OrganisationId,
    /// Somebody who has a login already, and no address. None: whoever the address leads to.
    pub login: Option<LoginId>,
    /// Codes with spaces between.
    pub roles: String,
    /// The roles' last day.
    pub last: Option<Day>,
    pub invited_by: String,
    pub expires_at: KnownAt,
    /// When it was, and whose login it came to.
    pub accepted: Option<(KnownAt, LoginId)>,
    pub withdrawn_at: Option<KnownAt>,
}

impl Invitation {
    /// May it be accepted?
    #[must_use]
    pub fn is_open(&self, now: KnownAt) -> bool {
        self.accepted.is_none() && self.withdrawn_at.is_none() && now < self.expires_at
    }
}

/// An invitation on its way in.
#[derive(Debug, Clone)]
pub struct NewInvitation {
    pub invitation: Invitation,
    /// Of what its mail carries.
    pub hash: Digest,
}

macro_rules! invitation {
    ($rest:literal) => {
        concat!(
            "SELECT id, address, name, organisation, login, roles, last, invited_by, expires_at, accepted_at, accepted_by, withdrawn_at ",
            "FROM invitation ",
            $rest
        )
    };
}

impl AuthorityStore {
    /// All of them, the latest first.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn invitations(&self) -> Result<Vec<Invitation>, StoreError> {
        let rows = query(invitation!("ORDER BY id DESC")).fetch_all(&mut *self.read().await?).await?;
        rows.iter().map(read).collect()
    }

    /// By what its mail carries, whatever became of it.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn invitation_of(&self, hash: &Digest) -> Result<Option<Invitation>, StoreError> {
        let row = query(invitation!("WHERE hash = $1")).key(hash).fetch_optional(&mut *self.read().await?).await?;
        row.as_ref().map(read).transpose()
    }

    /// To an address in small letters, the latest first, whatever became of them.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn invitations_to(&self, address: &str) -> Result<Vec<Invitation>, StoreError> {
        let rows = query(invitation!("WHERE address = $1 ORDER BY id DESC")).bind(address).fetch_all(&mut *self.read().await?).await?;
        rows.iter().map(read).collect()
    }
}

impl AuthorityTx {
    /// # Errors
    /// The file cannot be written.
    pub async fn invite(&mut self, new: &NewInvitation) -> Result<(), StoreError> {
        const SQL: &str = "INSERT INTO invitation (id, hash, address, name, organisation, login, roles, last, invited_by, expires_at, change) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
        let (change, _) = self.change().await?;
        let it = &new.invitation;
        query(SQL)
            .key(&it.id)
            .key(&new.hash)
            .bind(it.address.clone())
            .bind(it.name.clone())
            .bind(it.organisation.as_str())
            .maybe_key(it.login.as_ref())
            .bind(it.roles.clone())
            .maybe_day(it.last)
            .bind(it.invited_by.clone())
            .at(it.expires_at)
            .bind(change.0)
            .execute(self.connection())
            .await?;
        Ok(())
    }

    /// It came to this login. False: somebody else was first, or it is over.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn accept_invitation(&mut self, id: InvitationId, login: LoginId) -> Result<bool, StoreError> {
        const SQL: &str = "UPDATE invitation SET accepted_at = $2, accepted_by = $3 \
             WHERE id = $1 AND accepted_at IS NULL AND withdrawn_at IS NULL AND expires_at > $2";
        let now = self.now();
        // Whatever writes has a change: roles that follow are part of it.
        self.change().await?;
        let done = query(SQL).key(&id).at(now).key(&login).execute(self.connection()).await?;
        Ok(done.rows_affected() == 1)
    }

    /// Its mail opens nothing any more.
    ///
    /// # Errors
    /// `NoSuch`; `Conflict` where it was accepted or withdrawn before.
    pub async fn withdraw_invitation(&mut self, id: InvitationId) -> Result<(), StoreError> {
        let now = self.now();
        self.change().await?;
        let done = query("UPDATE invitation SET withdrawn_at = $2 WHERE id = $1 AND accepted_at IS NULL AND withdrawn_at IS NULL")
            .key(&id)
            .at(now)
            .execute(self.connection())
            .await?;
        if done.rows_affected() == 1 {
            return Ok(());
        }
        let there = query("SELECT 1 FROM invitation WHERE id = $1").key(&id).fetch_optional(self.connection()).await?;
        let over = |_| StoreError::Conflict("the invitation was accepted or withdrawn before".to_owned());
        Err(there.map_or_else(|| StoreError::no_such("invitation", id), over))
    }
}

fn read(row: &Row) -> Result<Invitation, StoreError> {
    let accepted = row.maybe_at("accepted_at")?.map(|at| Ok::<_, StoreError>((at, row.key("accepted_by")?)));
    Ok(Invitation {
        id: row.key("id")?,
        address: row.text("address")?,
        name: row.text("name")?,
        organisation: row.parsed("organisation")?,
        login: row.maybe_key("login")?,
        roles: row.text("roles")?,
        last: row.maybe_day("last")?,
        invited_by: row.text("invited_by")?,
        expires_at: row.at("expires_at")?,
        accepted: accepted.transpose()?,
        withdrawn_at: row.maybe_at("withdrawn_at")?,
    })
}
