//! Families that a candidate decides differently: as much of a back-test as tells of anybody. Read by the one predicate on families; and a family
//! as it was known on a day, which back-tests are run on.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use super::facts::Seals;
use super::reader::{Reader, Seen};
use super::sql::{BATCH, Insert, Row, places, query};
use super::{AuthorityStore, AuthorityTx, ChangeId, CurrentSnapshot, Page, StoreError, coverage, facts};
use crate::record::{BackTestId, Day, Digest, FamilyId, Sections, Snapshot};

/// A family that is decided differently on a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackTestRow {
    /// From 1, in the order in which they were found.
    pub number: u64,
    pub family: FamilyId,
    pub revision: u64,
    /// The last change that counted.
    pub known: ChangeId,
    pub snapshot: Digest,
    pub day: Day,
    pub kind: String,
    /// The first that differs; empty: none does.
    pub criterion: String,
    /// The candidate's claims less the live ones.
    pub pence: i64,
    /// Sections delivered to either.
    pub label: Sections,
    /// JSON, as whoever keeps it writes it.
    pub live: String,
    pub candidate: String,
}

/// A family as it was known after a change: in no row, so put together and not encoded yet.
#[derive(Debug, Clone)]
pub struct PutTogether {
    pub family: FamilyId,
    pub revision: u64,
    pub snapshot: Arc<Snapshot>,
}

/// In which order rows are read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum RowsBy {
    #[default]
    Number,
    Kind,
    Criterion,
    /// The largest difference first.
    Pence,
}

static ROWS: LazyLock<Insert> = LazyLock::new(|| {
    Insert::into(
        "back_test_row",
        &[
            "back_test",
            "number",
            "family",
            "revision",
            "known",
            "snapshot",
            "day",
            "kind",
            "criterion",
            "pence",
            "label",
            "live",
            "candidate",
        ],
    )
});

/// Of a back-test ($10) after a row ($11; 0: from the first on), at most so many ($12). Who does not see all that either run was given sees nothing.
fn rows_text(order: &str) -> Seen {
    let at = |of: &str| order.replace("r.", of);
    Seen::new(|whose| {
        format!(
            "SELECT r.number, r.family, r.revision, r.known, r.snapshot, r.day, r.kind, r.criterion, r.pence, r.label, r.live, r.candidate \
             FROM back_test_row r WHERE r.back_test = $10 AND {} AND {} AND ($11 = 0 OR ({order}, r.number) > \
             (SELECT {}, a.number FROM back_test_row a WHERE a.back_test = $10 AND a.number = $11)) ORDER BY {order}, r.number LIMIT $12",
            whose.family("r.family"),
            whose.covers_all("r.label", "r.family"),
            at("a."),
        )
    })
}
static BY_NUMBER: LazyLock<Seen> = LazyLock::new(|| rows_text("r.number"));
static BY_KIND: LazyLock<Seen> = LazyLock::new(|| rows_text("r.kind"));
static BY_CRITERION: LazyLock<Seen> = LazyLock::new(|| rows_text("r.criterion"));
static BY_PENCE: LazyLock<Seen> = LazyLock::new(|| rows_text("-ABS(r.pence)"));

/// Families that were open after a change, in the order of their ids.
const OPEN: &str = "SELECT f.id FROM family f WHERE f.change <= $1 AND NOT EXISTS (SELECT 1 FROM family_closed k WHERE k.family = f.id \
     AND k.change <= $1 AND (k.reopened IS NULL OR k.reopened > $1)) ORDER BY f.id";
static CURRENT: LazyLock<String> = LazyLock::new(|| {
    format!(
        "SELECT r.family, r.revision, r.snapshot, k.bytes FROM family_revision r JOIN content k ON k.digest = r.snapshot WHERE r.family IN ({}) \
         AND r.revision = (SELECT MAX(revision) FROM family_revision WHERE family = r.family)",
        places(1, BATCH)
    )
});
static THEN: LazyLock<String> = LazyLock::new(|| {
    format!(
        "SELECT family, MAX(revision) AS revision FROM family_revision WHERE family IN ({}) AND change <= ${} GROUP BY family",
        places(1, BATCH),
        BATCH + 1
    )
});

impl AuthorityStore {
    /// Rows that the reader sees. `after`: go on from there.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn back_test_rows(
        &self,
        reader: &Reader,
        id: BackTestId,
        by: RowsBy,
        after: Option<u64>,
        limit: u32,
    ) -> Result<Page<BackTestRow, u64>, StoreError> {
        let text: &'static Seen = match by {
            RowsBy::Number => &BY_NUMBER,
            RowsBy::Kind => &BY_KIND,
            RowsBy::Criterion => &BY_CRITERION,
            RowsBy::Pence => &BY_PENCE,
        };
        let statement = reader.bind(query(text.by(reader))).key(&id).count(after.unwrap_or(0)).bind(Page::<BackTestRow, u64>::rows(limit));
        let rows = statement.fetch_all(&mut *self.read().await?).await?;
        Ok(Page::cut(rows.iter().map(read).collect::<Result<_, _>>()?, limit, |r| r.number))
    }

    /// Every family that was open after a change.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn open_families(&self, after: ChangeId) -> Result<Vec<FamilyId>, StoreError> {
        query(OPEN).bind(after.0).fetch_all(&mut *self.read().await?).await?.iter().map(|row| row.key("id")).collect()
    }

    /// A family's rows in all back-tests: a subject is told of them.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn back_tested(&self, family: FamilyId) -> Result<Vec<(BackTestId, BackTestRow)>, StoreError> {
        const SQL: &str = "SELECT back_test, number, family, revision, known, snapshot, day, kind, criterion, pence, label, live, candidate \
            FROM back_test_row WHERE family = $1 ORDER BY back_test, number";
        let rows = query(SQL).key(&family).fetch_all(&mut *self.read().await?).await?;
        rows.iter().map(|row| Ok((row.key("back_test")?, read(row)?))).collect()
    }

    /// The last row of a back-test; 0: there is none.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn last_back_test_row(&self, id: BackTestId) -> Result<u64, StoreError> {
        const SQL: &str = "SELECT COALESCE(MAX(number), 0) AS last FROM back_test_row WHERE back_test = $1";
        query(SQL).key(&id).fetch_one(&mut *self.read().await?).await?.count("last")
    }

    /// These families as they are known now.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn snapshots_of(&self, families: &[FamilyId]) -> Result<Vec<CurrentSnapshot>, StoreError> {
        let mut connection = self.read().await?;
        let mut found = Vec::with_capacity(families.len());
        for chunk in families.chunks(BATCH) {
            for row in query(CURRENT.as_str()).keys(chunk).fetch_all(&mut connection).await? {
                let (family, digest) = (row.key("family")?, row.key("snapshot")?);
                found.push(CurrentSnapshot {
                    family,
                    revision: row.count("revision")?,
                    digest,
                    bytes: row.bytes("bytes")?,
                    seals: Vec::new(),
                });
            }
        }
        Ok(found)
    }

    /// These families as they were known after a change, without what is sealed on a day: what was not sealed then and is now stays hidden. Families
    /// that were not known yet are left out.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn snapshots_then(&self, families: &[FamilyId], known: ChangeId, on: Day) -> Result<Vec<PutTogether>, StoreError> {
        let mut connection = self.read().await?;
        let mut found = Vec::with_capacity(families.len());
        for chunk in families.chunks(BATCH) {
            let rows = query(THEN.as_str()).keys(chunk).bind(known.0).fetch_all(&mut connection).await?;
            let revisions: HashMap<FamilyId, u64> =
                rows.iter().map(|row| Ok((row.key("family")?, row.count("revision")?))).collect::<Result<_, StoreError>>()?;
            let seals = Seals::LeftOut { change: i64::MAX, on };
            let mut facts = facts::of_families(&mut connection, chunk, known.0, &seals).await?;
            let mut coverage = coverage::of_families(&mut connection, chunk, known.0).await?;
            for family in chunk {
                let Some(revision) = revisions.get(family) else { continue };
                let (facts, coverage) = (facts.remove(family).unwrap_or_default(), coverage.remove(family).unwrap_or_default());
                let snapshot = Arc::new(Snapshot::build(*family, *revision, &facts, &coverage));
                found.push(PutTogether { family: *family, revision: *revision, snapshot });
            }
        }
        Ok(found)
    }
}

impl AuthorityTx {
    /// As in the store.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn open_families(&mut self, after: ChangeId) -> Result<Vec<FamilyId>, StoreError> {
        query(OPEN).bind(after.0).fetch_all(self.connection()).await?.iter().map(|row| row.key("id")).collect()
    }

    pub(super) async fn add_back_test_rows(&mut self, id: BackTestId, rows: &[BackTestRow]) -> Result<(), StoreError> {
        ROWS.rows(self.connection(), rows, |s, r| {
            s.key(&id)
                .count(r.number)
                .key(&r.family)
                .count(r.revision)
                .bind(r.known.0)
                .key(&r.snapshot)
                .day(r.day)
                .bind(r.kind.as_str())
                .bind(r.criterion.as_str())
                .bind(r.pence)
                .bind(r.label.number())
                .bind(r.live.as_str())
                .bind(r.candidate.as_str())
        })
        .await?;
        Ok(())
    }
}

fn read(row: &Row) -> Result<BackTestRow, StoreError> {
    let label = Sections::from_number(row.number("label")?).ok_or_else(|| StoreError::damaged("sections", "are not known"))?;
    Ok(BackTestRow {
        number: row.count("number")?,
        family: row.key("family")?,
        revision: row.count("revision")?,
        known: ChangeId(row.number("known")?),
        snapshot: row.key("snapshot")?,
        day: row.day("day")?,
        kind: row.text("kind")?,
        criterion: row.text("criterion")?,
        pence: row.number("pence")?,
        label,
        live: row.text("live")?,
        candidate: row.text("candidate")?,
    })
}
