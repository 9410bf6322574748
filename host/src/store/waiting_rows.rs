//! Rows of agencies' files that are not in the record, for a set time.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::sql::{Among, BATCH, Insert, Row, places, query};
use super::{AuthorityStore, AuthorityTx, Look, Page, StoreError};
use crate::record::{DeliveryId, Digest, Kind, KnownAt, OrganisationId, WaitingRowId};

/// Why a row waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum WaitingState {
    /// The record knows nobody who may be meant.
    Unmatched,
    /// A person is asked.
    Asked,
    /// A person said that it is about nobody of the authority's.
    NotOurs,
}

impl WaitingState {
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Unmatched => "unmatched",
            Self::Asked => "asked",
            Self::NotOurs => "not-ours",
        }
    }

    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Unmatched, Self::Asked, Self::NotOurs].into_iter().find(|s| s.code() == code)
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingRow {
    pub id: WaitingRowId,
    pub state: WaitingState,
    pub source: OrganisationId,
    pub kind: Kind,
    pub reference: String,
    pub mapping: String,
    /// Of what it says of who is meant.
    pub who: Digest,
    /// What it says, as JSON.
    pub told: String,
    /// Who may be meant, as JSON.
    pub candidates: String,
    pub delivery: DeliveryId,
    /// Since when it waits.
    pub at: KnownAt,
}

static ADD: LazyLock<Insert> = LazyLock::new(|| {
    Insert::into("waiting_row", &["id", "state", "source", "kind", "reference", "mapping", "who", "told", "candidates", "delivery", "at"])
});

macro_rules! waiting {
    ($rest:literal) => {
        concat!("SELECT id, state, source, kind, reference, mapping, who, told, candidates, delivery, at FROM waiting_row ", $rest)
    };
}

static BY_REFERENCE: LazyLock<Among> = LazyLock::new(|| {
    Among::new(|list, next| format!(concat!(waiting!("WHERE reference IN ({})"), " AND source = ${} AND kind = ${}"), list, next, next + 1))
});
static DROP: LazyLock<String> = LazyLock::new(|| format!("DELETE FROM waiting_row WHERE id IN ({})", places(1, BATCH)));

impl AuthorityStore {
    /// # Errors
    /// `NoSuch` where it waits no longer.
    pub async fn waiting_row(&self, id: WaitingRowId) -> Result<WaitingRow, StoreError> {
        let row = query(waiting!("WHERE id = $1")).key(&id).fetch_optional(&mut *self.read().await?).await?;
        read(&row.ok_or_else(|| StoreError::no_such("waiting row", id))?)
    }

    /// The first that came first. `after`: go on from there.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn waiting_rows(
        &self,
        state: WaitingState,
        after: Option<WaitingRowId>,
        limit: u32,
    ) -> Result<Page<WaitingRow, WaitingRowId>, StoreError> {
        let rows = query(waiting!("WHERE state = $1 AND id > $2 ORDER BY id LIMIT $3"))
            .bind(state.code())
            .bind(after.as_ref().map_or(&[][..], WaitingRowId::as_bytes))
            .bind(Page::<WaitingRow, WaitingRowId>::rows(limit))
            .fetch_all(&mut *self.read().await?)
            .await?;
        Ok(Page::cut(rows.iter().map(read).collect::<Result<_, _>>()?, limit, |r| r.id))
    }

    /// How many wait, by state.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn count_waiting(&self, state: WaitingState) -> Result<u64, StoreError> {
        let counted = query("SELECT COUNT(*) AS waiting FROM waiting_row WHERE state = $1").bind(state.code());
        counted.fetch_one(&mut *self.read().await?).await?.count("waiting")
    }
}

impl Look<'_> {
    /// Rows of a source that wait under these references.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn waiting_by_reference(
        &mut self,
        source: &OrganisationId,
        kind: Kind,
        references: &[&str],
    ) -> Result<HashMap<String, WaitingRow>, StoreError> {
        let mut found = HashMap::new();
        for (statement, chunk) in BY_REFERENCE.each(references) {
            let statement = statement.texts(chunk).bind(source.as_str().to_owned()).bind(kind.code());
            for row in statement.fetch_all(self.connection()).await? {
                let row = read(&row)?;
                found.insert(row.reference.clone(), row);
            }
        }
        Ok(found)
    }
}

impl AuthorityTx {
    /// Rows of a source that say this of who is meant.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn waiting_by_who(&mut self, source: &OrganisationId, who: Digest) -> Result<Vec<WaitingRow>, StoreError> {
        // The index has the first bytes alone.
        const SQL: &str = waiting!("WHERE substr(who, 1, 8) = substr($1, 1, 8) AND who = $1 AND source = $2 ORDER BY id");
        let statement = query(SQL).key(&who).bind(source.as_str().to_owned());
        statement.fetch_all(self.connection()).await?.iter().map(read).collect()
    }

    /// Some of those in a state, after one, by id.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn some_waiting(
        &mut self,
        state: WaitingState,
        after: Option<WaitingRowId>,
        limit: u32,
    ) -> Result<Vec<WaitingRow>, StoreError> {
        let statement = query(waiting!("WHERE state = $1 AND id > $2 ORDER BY id LIMIT $3"))
            .bind(state.code())
            .bind(after.map_or_else(Vec::new, |id| id.as_bytes().to_vec()))
            .bind(i64::from(limit));
        statement.fetch_all(self.connection()).await?.iter().map(read).collect()
    }

    /// # Errors
    /// The file cannot be written.
    pub async fn add_waiting(&mut self, rows: &[WaitingRow]) -> Result<(), StoreError> {
        ADD.rows(self.connection(), rows, |s, row| {
            s.key(&row.id)
                .bind(row.state.code())
                .bind(row.source.as_str().to_owned())
                .bind(row.kind.code())
                .bind(row.reference.clone())
                .bind(row.mapping.clone())
                .key(&row.who)
                .bind(row.told.clone())
                .bind(row.candidates.clone())
                .key(&row.delivery)
                .at(row.at)
        })
        .await?;
        Ok(())
    }

    /// # Errors
    /// The file cannot be written.
    pub async fn drop_waiting(&mut self, ids: &[WaitingRowId]) -> Result<(), StoreError> {
        for chunk in ids.chunks(BATCH) {
            query(DROP.as_str()).keys(chunk).execute(self.connection()).await?;
        }
        Ok(())
    }

    /// Forgets rows that have waited since before then; how many.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn purge_waiting(&mut self, before: KnownAt) -> Result<u64, StoreError> {
        Ok(query("DELETE FROM waiting_row WHERE at < $1").at(before).execute(self.connection()).await?.rows_affected())
    }
}

fn read(row: &Row) -> Result<WaitingRow, StoreError> {
    let state = row.text("state")?;
    Ok(WaitingRow {
        id: row.key("id")?,
        state: WaitingState::from_code(&state).ok_or_else(|| StoreError::damaged("waiting_row", format!("`{state}` is not a state")))?,
        source: row.parsed("source")?,
        kind: row.parsed("kind")?,
        reference: row.text("reference")?,
        mapping: row.text("mapping")?,
        who: row.key("who")?,
        told: row.text("told")?,
        candidates: row.text("candidates")?,
        delivery: row.key("delivery")?,
        at: row.at("at")?,
    })
}
