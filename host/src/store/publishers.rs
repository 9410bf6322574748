//! Who signs plugins, with which keys, and whose a plugin's name is.

use super::sql::{Row, query};
use super::{Common, CommonTx, StoreError};
use crate::record::signing::{Key, KeyId, PublicKey};
use crate::record::{Day, KnownAt, OrganisationId};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publisher {
    pub id: String,
    pub name: String,
    /// None: a name that the operator entered.
    pub organisation: Option<OrganisationId>,
    pub at: KnownAt,
    pub by: String,
}

/// A key as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptKey {
    pub key: Key,
    pub at: KnownAt,
    pub by: String,
    pub revoked: Option<Revoked>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revoked {
    pub at: KnownAt,
    pub by: String,
    pub compromised: bool,
    pub why: String,
}

/// What is asked of `publisher_key` wherever it is read.
macro_rules! key_columns {
    ($rest:literal) => {
        concat!(
            "SELECT k.id, k.publisher, k.key, k.at, k.by, k.until, k.revoked_at, k.revoked_by, k.revoked_as, k.revoked_why FROM publisher_key k ",
            $rest
        )
    };
}

impl Common {
    /// All of them, by short name.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn publishers(&self) -> Result<Vec<Publisher>, StoreError> {
        const SQL: &str = "SELECT id, name, organisation, at, by FROM publisher ORDER BY id";
        query(SQL).fetch_all(&mut *self.read().await?).await?.iter().map(read_publisher).collect()
    }

    /// # Errors
    /// The file cannot be read.
    pub async fn publisher(&self, id: &str) -> Result<Option<Publisher>, StoreError> {
        const SQL: &str = "SELECT id, name, organisation, at, by FROM publisher WHERE id = $1";
        query(SQL).bind(id).fetch_optional(&mut *self.read().await?).await?.as_ref().map(read_publisher).transpose()
    }

    /// A publisher's keys, revoked ones too, in the order in which they came.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn publisher_keys(&self, publisher: &str) -> Result<Vec<KeptKey>, StoreError> {
        let rows = query(key_columns!("WHERE k.publisher = $1 ORDER BY k.at, k.id")).bind(publisher);
        rows.fetch_all(&mut *self.read().await?).await?.iter().map(read_key).collect()
    }

    /// Grows with whatever may change whom a host believes.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn trust_turn(&self) -> Result<i64, StoreError> {
        query("SELECT turn FROM plugin_trust WHERE one = 1").fetch_one(&mut *self.read().await?).await?.number("turn")
    }
}

impl CommonTx {
    /// # Errors
    /// `Exists` where there is one of that short name; `NoSuch` where the organisation is not there.
    pub async fn add_publisher(&mut self, id: &str, name: &str, organisation: Option<&OrganisationId>, by: &str) -> Result<(), StoreError> {
        if let Some(organisation) = organisation {
            let there = query("SELECT id FROM organisation WHERE id = $1").bind(organisation.as_str());
            let there = there.fetch_optional(self.connection()).await?;
            there.ok_or_else(|| StoreError::no_such("organisation", organisation))?;
        }
        let now = self.now();
        let done = query("INSERT INTO publisher (id, name, organisation, at, by) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING")
            .bind(id)
            .bind(name)
            .bind(organisation.map(|o| o.as_str().to_owned()))
            .at(now)
            .bind(by)
            .execute(self.connection())
            .await?;
        if done.rows_affected() == 1 { Ok(()) } else { Err(StoreError::Exists { what: "publisher", field: "id" }) }
    }

    /// Another key of a publisher; those before stay good.
    ///
    /// # Errors
    /// `NoSuch` where there is no such publisher; `Exists` where the key is somebody's.
    pub async fn add_publisher_key(&mut self, publisher: &str, key: &PublicKey, until: Option<Day>, by: &str) -> Result<(), StoreError> {
        let there = query("SELECT id FROM publisher WHERE id = $1").bind(publisher).fetch_optional(self.connection()).await?;
        there.ok_or_else(|| StoreError::no_such("publisher", publisher))?;
        let now = self.now();
        let done =
            query("INSERT INTO publisher_key (id, publisher, key, at, by, until) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING")
                .bind(key.id.as_str())
                .bind(publisher)
                .bind(key.as_str())
                .at(now)
                .bind(by)
                .maybe_day(until)
                .execute(self.connection())
                .await?;
        if done.rows_affected() == 0 {
            return Err(StoreError::Exists { what: "key", field: "key" });
        }
        self.trust_changed().await
    }

    /// It signs no more. One that was superseded may be found to be compromised; nothing else changes.
    ///
    /// # Errors
    /// `NoSuch`; `Conflict` where it was revoked so before.
    pub async fn revoke_publisher_key(&mut self, publisher: &str, key: &KeyId, revoked: &Revoked) -> Result<(), StoreError> {
        const SQL: &str = "UPDATE publisher_key SET revoked_at = $3, revoked_by = $4, revoked_as = $5, revoked_why = $6 \
             WHERE id = $1 AND publisher = $2 AND (revoked_as IS NULL OR revoked_as = 'superseded' AND $5 = 'compromised')";
        let done = query(SQL)
            .bind(key.as_str())
            .bind(publisher)
            .at(revoked.at)
            .bind(revoked.by.as_str())
            .bind(if revoked.compromised { "compromised" } else { "superseded" })
            .bind(revoked.why.as_str())
            .execute(self.connection())
            .await?;
        if done.rows_affected() == 1 {
            return self.trust_changed().await;
        }
        let there = query("SELECT id FROM publisher_key WHERE id = $1 AND publisher = $2").bind(key.as_str()).bind(publisher);
        there.fetch_optional(self.connection()).await?.ok_or_else(|| StoreError::no_such("key", key))?;
        Err(StoreError::Conflict("the key was revoked before".to_owned()))
    }

    /// # Errors
    /// The file cannot be read.
    pub async fn publisher_key(&mut self, id: &KeyId) -> Result<Option<KeptKey>, StoreError> {
        let row = query(key_columns!("WHERE k.id = $1")).bind(id.as_str()).fetch_optional(self.connection()).await?;
        row.as_ref().map(read_key).transpose()
    }

    /// Whose names of this shape are: the publisher, and the first name.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn owner_of_name(&mut self, shape: &str) -> Result<Option<(String, String)>, StoreError> {
        let row = query("SELECT publisher, name FROM plugin_name WHERE shape = $1").bind(shape).fetch_optional(self.connection()).await?;
        row.map(|row| Ok((row.text("publisher")?, row.text("name")?))).transpose()
    }

    /// Whoever comes first has it.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn take_name(&mut self, shape: &str, name: &str, publisher: &str) -> Result<(), StoreError> {
        let now = self.now();
        query("INSERT INTO plugin_name (shape, name, publisher, at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING")
            .bind(shape)
            .bind(name)
            .bind(publisher)
            .at(now)
            .execute(self.connection())
            .await?;
        Ok(())
    }

    pub(super) async fn trust_changed(&mut self) -> Result<(), StoreError> {
        query("UPDATE plugin_trust SET turn = turn + 1 WHERE one = 1").execute(self.connection()).await?;
        Ok(())
    }
}

fn read_publisher(row: &Row) -> Result<Publisher, StoreError> {
    Ok(Publisher {
        id: row.text("id")?,
        name: row.text("name")?,
        organisation: row
            .maybe_text("organisation")?
            .map(|o| o.parse().map_err(|_| StoreError::damaged("publisher", "its organisation is none")))
            .transpose()?,
        at: row.at("at")?,
        by: row.text("by")?,
    })
}

pub(super) fn read_key(row: &Row) -> Result<KeptKey, StoreError> {
    let key: PublicKey = row.text("key")?.parse().map_err(|_| StoreError::damaged("publisher key", "it is no key"))?;
    let revoked_as = row.maybe_text("revoked_as")?;
    let compromised = revoked_as.as_deref() == Some("compromised");
    let revoked_at = row.maybe_at("revoked_at")?;
    let revoked = match revoked_at {
        Some(at) => Some(Revoked {
            at,
            by: row.maybe_text("revoked_by")?.unwrap_or_default(),
            compromised,
            why: row.maybe_text("revoked_why")?.unwrap_or_default(),
        }),
        None => None,
    };
    let key = Key { key, publisher: row.text("publisher")?, until: row.maybe_day("until")?, revoked_at, compromised };
    Ok(KeptKey { key, at: row.at("at")?, by: row.text("by")?, revoked })
}
