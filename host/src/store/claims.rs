//! Results that are claimed for a family: each kind once.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::reader::{Reader, Seen, unsealed};
use super::sql::{BATCH, Connection, Row, places, query};
use super::{AuthorityStore, AuthorityTx, StoreError};
use crate::record::claim_way::ClaimState;
use crate::record::{Announced, Day, DecisionId, FamilyId};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewClaim {
    pub decision: DecisionId,
    pub family: FamilyId,
    /// Code list claims.
    pub kind: String,
    /// In pence.
    pub amount: u64,
    pub entitled_on: Day,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    pub id: i64,
    pub decision: DecisionId,
    pub family: FamilyId,
    pub kind: String,
    /// In pence.
    pub amount: u64,
    pub entitled_on: Day,
    pub state: ClaimState,
}

/// A claim is a result: it is seen as the bare result of its decision is.
static FOR_READER: LazyLock<Seen> = LazyLock::new(|| {
    Seen::new(|whose| {
        format!(
            "SELECT id, decision, family, kind, amount, entitled_on, state FROM claim \
         WHERE (family = $10 OR family IN (SELECT family FROM merged_into WHERE stays = $10 AND undone IS NULL)) AND EXISTS ( \
         SELECT 1 FROM decision d WHERE d.id = claim.decision AND {} AND {}) ORDER BY id",
            whose.covers_telling("d.label", "claim.family"),
            unsealed("d.id"),
        )
    })
});

/// Whose claims count for each of these families besides its own: those of families that go on within it, and what was claimed of the
/// family that it left. `$65`: 1 for whatever counted at any time.
static ALSO_OF: LazyLock<String> = LazyLock::new(|| {
    let families = places(1, BATCH);
    let any = BATCH + 1;
    format!(
        "SELECT m.stays AS counts_for, m.family AS family, CAST(NULL AS BIGINT) AS before FROM merged_into m \
         WHERE m.stays IN ({families}) AND (m.undone IS NULL OR ${any} = 1) \
         UNION SELECT s.new_family, s.family, s.first FROM family_split s WHERE s.new_family IN ({families})"
    )
});
static OF_FAMILIES: LazyLock<String> = LazyLock::new(|| {
    format!("SELECT id, decision, family, kind, amount, entitled_on, state FROM claim WHERE family IN ({}) ORDER BY id", places(1, BATCH))
});

impl AuthorityStore {
    /// In the order in which they were made, with those of families that go on within it, and those of the family that it left.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn claims(&self, family: FamilyId) -> Result<Vec<Claim>, StoreError> {
        Ok(self.claims_of(&[family]).await?.remove(&family).unwrap_or_default())
    }

    /// Of several families. One without claims is left out.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn claims_of(&self, families: &[FamilyId]) -> Result<HashMap<FamilyId, Vec<Claim>>, StoreError> {
        counted(&mut *self.read().await?, families, false).await
    }

    /// Whatever was ever counted as claimed of a family: with what counted while others went on within it.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn claims_ever_of(&self, family: FamilyId) -> Result<Vec<Claim>, StoreError> {
        Ok(counted(&mut *self.read().await?, &[family], true).await?.remove(&family).unwrap_or_default())
    }
}

impl AuthorityStore {
    /// Those of a family that the reader sees.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn claims_for(&self, reader: &Reader, family: FamilyId) -> Result<Vec<Claim>, StoreError> {
        let statement = reader.bind(query(FOR_READER.by(reader))).key(&family);
        let rows = statement.fetch_all(&mut *self.read().await?).await?;
        rows.iter().map(read).collect()
    }

    /// Kinds of claims on which somebody was entitled within a window, with their amount in pence and how many there are of each. What was
    /// given up or paid back claims nothing.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn claims_entitled(&self, within: crate::record::Window) -> Result<Vec<(String, u64, u64)>, StoreError> {
        const SQL: &str = "SELECT kind, amount, COUNT(*) AS claims FROM claim WHERE entitled_on >= $1 AND entitled_on <= $2 \
             AND state NOT IN ('withdrawn', 'refused', 'repaid') GROUP BY kind, amount ORDER BY kind, amount";
        let statement = query(SQL).day(within.first).day(within.last.unwrap_or(Day::LAST));
        let rows = statement.fetch_all(&mut *self.read().await?).await?;
        rows.iter().map(|row| Ok((row.text("kind")?, row.count("amount")?, row.count("claims")?))).collect()
    }

    /// How many results are claimed, and for how much together, in pence.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn total_claims(&self) -> Result<(u64, u64), StoreError> {
        let row = query("SELECT COUNT(*) AS claims, CAST(COALESCE(SUM(amount), 0) AS BIGINT) AS pence FROM claim")
            .fetch_one(&mut *self.read().await?)
            .await?;
        Ok((row.count("claims")?, row.count("pence")?))
    }
}

impl AuthorityTx {
    /// Whether the claim is new. One of its kind that the family has already stays as it was; so does one of a family that goes on within
    /// it, or of the family that it left, for a result of before: nothing is paid twice.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn add_claim(&mut self, claim: &NewClaim) -> Result<bool, StoreError> {
        let drafted = query(
            "INSERT INTO claim (decision, family, kind, amount, entitled_on, state) \
             SELECT $1, $2, $3, $4, $5, 'draft' WHERE NOT EXISTS (SELECT 1 FROM claim c JOIN merged_into m ON m.family = c.family \
                 WHERE m.stays = $2 AND m.undone IS NULL AND c.kind = $3 AND c.state <> 'withdrawn') \
             AND NOT EXISTS (SELECT 1 FROM claim c JOIN family_split s ON s.family = c.family \
                 WHERE s.new_family = $2 AND c.kind = $3 AND c.entitled_on < s.first AND c.state <> 'withdrawn') \
             ON CONFLICT DO NOTHING RETURNING id",
        )
        .key(&claim.decision)
        .key(&claim.family)
        .bind(claim.kind.as_str())
        .count(claim.amount)
        .day(claim.entitled_on)
        .fetch_optional(self.connection())
        .await?;
        let Some(row) = drafted else { return Ok(false) };
        self.announce(Announced::ClaimDrafted, Some(claim.family), row.number("id")?);
        Ok(true)
    }
}

async fn counted(connection: &mut Connection, families: &[FamilyId], ever: bool) -> Result<HashMap<FamilyId, Vec<Claim>>, StoreError> {
    let mut counts: HashMap<FamilyId, Vec<(FamilyId, Option<Day>)>> = families.iter().map(|f| (*f, vec![(*f, None)])).collect();
    for chunk in families.chunks(BATCH) {
        for row in query(ALSO_OF.as_str()).keys(chunk).bind(i64::from(ever)).fetch_all(connection).await? {
            counts.entry(row.key("family")?).or_default().push((row.key("counts_for")?, row.maybe_day("before")?));
        }
    }
    let whose: Vec<FamilyId> = counts.keys().copied().collect();
    let mut found: HashMap<FamilyId, Vec<Claim>> = HashMap::new();
    for chunk in whose.chunks(BATCH) {
        for row in query(OF_FAMILIES.as_str()).keys(chunk).fetch_all(connection).await? {
            let claim = read(&row)?;
            for (family, before) in counts.get(&claim.family).into_iter().flatten() {
                if before.is_none_or(|day| claim.entitled_on < day) {
                    found.entry(*family).or_default().push(claim.clone());
                }
            }
        }
    }
    found.values_mut().for_each(|claims| claims.sort_by_key(|c| c.id));
    Ok(found)
}

pub(super) fn read(row: &Row) -> Result<Claim, StoreError> {
    Ok(Claim {
        id: row.number("id")?,
        decision: row.key("decision")?,
        family: row.key("family")?,
        kind: row.text("kind")?,
        amount: row.count("amount")?,
        entitled_on: row.day("entitled_on")?,
        state: row.parsed("state")?,
    })
}
