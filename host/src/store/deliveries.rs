//! Files that agencies sent: what came when, for which days, and what became of it.

use super::sql::{Row, query};
use super::{AuthorityStore, AuthorityTx, Page, StoreError};
use crate::record::{DeliveryId, Digest, Kind, KnownAt, OrganisationId, Window};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeliveryState {
    Reading,
    Read,
    /// As a whole: nothing of it was kept, or not its end.
    Refused,
}

impl DeliveryState {
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Reading => "reading",
            Self::Read => "read",
            Self::Refused => "refused",
        }
    }

    fn from_code(code: &str) -> Option<Self> {
        [Self::Reading, Self::Read, Self::Refused].into_iter().find(|s| s.code() == code)
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Delivery {
    pub id: DeliveryId,
    pub mapping: String,
    /// 0: the mapping that comes with the host.
    pub version: u64,
    pub kind: Kind,
    pub source: OrganisationId,
    /// The days that it speaks for; they have an end.
    pub covers: Window,
    /// Of the file's bytes.
    pub digest: Digest,
    pub bytes: u64,
    pub by: String,
    pub at: KnownAt,
    /// When the latest rows were kept.
    pub progress_at: KnownAt,
    pub state: DeliveryState,
    /// What became of its rows so far.
    pub report: serde_json::Value,
}

macro_rules! delivery {
    ($rest:literal) => {
        concat!(
            "SELECT id, mapping, version, kind, source, first, last, digest, bytes, principal, at, progress_at, state, report FROM delivery ",
            $rest
        )
    };
}

impl AuthorityStore {
    /// # Errors
    /// `NoSuch` where there is none.
    pub async fn delivery(&self, id: DeliveryId) -> Result<Delivery, StoreError> {
        let row = query(delivery!("WHERE id = $1")).key(&id).fetch_optional(&mut *self.read().await?).await?;
        read(&row.ok_or_else(|| StoreError::no_such("delivery", id))?)
    }

    /// The latest first. `before`: go on from there.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn deliveries(&self, before: Option<DeliveryId>, limit: u32) -> Result<Page<Delivery, DeliveryId>, StoreError> {
        let rows = query(delivery!("WHERE id < $1 ORDER BY id DESC LIMIT $2"))
            .bind(before.as_ref().map_or(&[0xff; 16][..], DeliveryId::as_bytes))
            .bind(Page::<Delivery, DeliveryId>::rows(limit))
            .fetch_all(&mut *self.read().await?)
            .await?;
        Ok(Page::cut(rows.iter().map(read).collect::<Result<_, _>>()?, limit, |d| d.id))
    }

    /// The latest of each feed (a mapping and a source) that was read, and the latest that came, by mapping and source.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn latest_deliveries(&self) -> Result<Vec<Delivery>, StoreError> {
        const SQL: &str = delivery!(
            "WHERE id = (SELECT d.id FROM delivery d WHERE d.mapping = delivery.mapping AND d.source = delivery.source \
                 ORDER BY d.id DESC LIMIT 1) \
             OR id = (SELECT d.id FROM delivery d WHERE d.mapping = delivery.mapping AND d.source = delivery.source AND d.state = 'read' \
                 ORDER BY d.id DESC LIMIT 1) ORDER BY mapping, source, id"
        );
        query(SQL).fetch_all(&mut *self.read().await?).await?.iter().map(read).collect()
    }
}

impl AuthorityTx {
    /// # Errors
    /// The file cannot be written.
    pub async fn add_delivery(&mut self, delivery: &Delivery) -> Result<(), StoreError> {
        query(
            "INSERT INTO delivery (id, mapping, version, kind, source, first, last, digest, bytes, principal, at, progress_at, state, report) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
        )
        .key(&delivery.id)
        .bind(delivery.mapping.clone())
        .count(delivery.version)
        .bind(delivery.kind.code())
        .bind(delivery.source.as_str().to_owned())
        .day(delivery.covers.first)
        .maybe_day(delivery.covers.last)
        .key(&delivery.digest)
        .count(delivery.bytes)
        .bind(delivery.by.clone())
        .at(delivery.at)
        .at(delivery.progress_at)
        .bind(delivery.state.code())
        .bind(delivery.report.to_string())
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// How far it came.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn delivery_came_to(&mut self, id: DeliveryId, state: DeliveryState, report: &serde_json::Value) -> Result<(), StoreError> {
        let now = self.now();
        query("UPDATE delivery SET state = $2, report = $3, progress_at = $4 WHERE id = $1")
            .key(&id)
            .bind(state.code())
            .bind(report.to_string())
            .at(now)
            .execute(self.connection())
            .await?;
        Ok(())
    }
}

fn read(row: &Row) -> Result<Delivery, StoreError> {
    let state = row.text("state")?;
    Ok(Delivery {
        id: row.key("id")?,
        mapping: row.text("mapping")?,
        version: row.count("version")?,
        kind: row.parsed("kind")?,
        source: row.parsed("source")?,
        covers: row.window()?,
        digest: row.key("digest")?,
        bytes: row.count("bytes")?,
        by: row.text("principal")?,
        at: row.at("at")?,
        progress_at: row.at("progress_at")?,
        state: DeliveryState::from_code(&state).ok_or_else(|| StoreError::damaged("delivery", format!("`{state}` is not a state")))?,
        report: row.json("report")?,
    })
}
