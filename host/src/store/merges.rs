//! Two families that were found to be one, and what is taken back of it.
//!
//! Its own facts are said again of the family that stays, so that whoever reads that one reads all of it, and either as it was known before
//! as it was. Decisions stay where they were made, with what they rest on. What still follows from them (claims, open tasks, proposals) is
//! the one family's from then on; who works with either works with it; what is shared stays shared of those of whom it was.

use std::collections::{BTreeMap, HashSet};

use super::closed::How;
use super::facts::{Seals, of_family};
use super::reader::Reader;
use super::sql::{Row, query};
use super::{AuthorityStore, AuthorityTx, ChangeId, Said, StoreError, families};
use crate::record::{Announced, FactId, FamilyId, FamilyMergeId, Invalid, KnownAt, Subject, reshape};

/// Two families that were found to be one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FamilyMerge {
    pub id: FamilyMergeId,
    /// Goes on within the other.
    pub family: FamilyId,
    pub stays: FamilyId,
    pub reason: String,
    pub by: String,
    pub at: KnownAt,
    pub change: ChangeId,
    pub undone: Option<Said>,
}

/// What a person decides where the two do not say it themselves.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MergeChoices {
    /// Whose open episode goes on.
    pub episode: Option<FamilyId>,
    /// By kind of claim: whose stands. The other's is withdrawn.
    pub claims: BTreeMap<String, FamilyId>,
}

macro_rules! merge {
    ($rest:literal) => {
        concat!(
            "SELECT m.id, m.family, m.stays, m.reason, m.principal, m.change, c.at, m.undone_by, m.undone_why, u.at AS undone_at ",
            "FROM family_merge m JOIN change c ON c.id = m.change LEFT JOIN change u ON u.id = m.undone ",
            $rest
        )
    };
}

/// Claims of a family and of those that go on within it, that were not withdrawn, refused or paid back.
const CLAIMS: &str = "SELECT id, kind, state FROM claim WHERE state NOT IN ('withdrawn', 'refused', 'repaid') AND (family = $1 \
    OR family IN (SELECT family FROM merged_into WHERE stays = $1 AND undone IS NULL)) ORDER BY id";

impl AuthorityStore {
    /// Of a family, taken back ones too, the latest first.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn family_merges(&self, family: FamilyId) -> Result<Vec<FamilyMerge>, StoreError> {
        let sql = merge!("WHERE m.family = $1 OR m.stays = $1 ORDER BY m.id DESC");
        let rows = query(sql).key(&family).fetch_all(&mut *self.read().await?).await?;
        rows.iter().map(read).collect()
    }

    /// # Errors
    /// `NoSuch` where there is none.
    pub async fn family_merge(&self, id: FamilyMergeId) -> Result<FamilyMerge, StoreError> {
        let row = query(merge!("WHERE m.id = $1")).key(&id).fetch_optional(&mut *self.read().await?).await?;
        read(&row.ok_or_else(|| StoreError::no_such("merge", id))?)
    }
}

impl AuthorityTx {
    /// `family` goes on within `stays`. `reader`: whoever finds it so; what a seal hides from them asks them nothing, and goes with its seal.
    ///
    /// # Errors
    /// `NoSuch`; `Conflict` where one is closed or on its way to another authority; `Invalid` naming `other`, `episode` or `claims`: what a
    /// person has to decide.
    pub async fn merge_families(
        &mut self,
        reader: &Reader,
        family: FamilyId,
        stays: FamilyId,
        reason: &str,
        choices: &MergeChoices,
    ) -> Result<FamilyMerge, StoreError> {
        if family == stays {
            return Err(Invalid::new("other", "is the same family").into());
        }
        for one in [family, stays] {
            families::must_exist(self.connection(), one).await?;
            self.must_not_be_leaving(one).await?;
        }
        super::closed::refuse(self.connection(), &HashSet::from([family, stays]), &HashSet::new()).await?;
        let seen = self.seen_in(reader, &[family, stays]).await?;
        let (gone, there) = (self.own_facts(family).await?, self.own_facts(stays).await?);
        let today = self.now().day();
        let moves = reshape::merge_families((family, &gone), (stays, &there), choices.episode, &seen, today)?;
        let (change, at) = self.change().await?;
        let (id, by) = (FamilyMergeId::fresh(), self.principal().to_owned());
        query("INSERT INTO family_merge (id, family, stays, reason, principal, change) VALUES ($1, $2, $3, $4, $5, $6)")
            .key(&id)
            .key(&family)
            .key(&stays)
            .bind(reason.to_owned())
            .bind(by.clone())
            .bind(change.0)
            .execute(self.connection())
            .await?;
        self.settle_claims(id, family, stays, &choices.claims).await?;
        self.carry(&moves, &[]).await?;
        self.carry_member_seals(family, stays, ChangeId(0), |_| true).await?;
        self.move_open_work(family, stays).await?;
        self.move_happenings(family, stays).await?;
        self.move_referrals(family, stays).await?;
        self.join_workers(family, stays).await?;
        self.narrow_shares(&[(family, &gone), (stays, &there)], stays).await?;
        const INTO: &str = "INSERT INTO merged_into (family, stays, merge) SELECT f.id, $2, $3 FROM family f WHERE f.id = $1 \
             OR f.id IN (SELECT m.family FROM merged_into m WHERE m.stays = $1 AND m.undone IS NULL)";
        query(INTO).key(&family).key(&stays).key(&id).execute(self.connection()).await?;
        self.close_family(family, How::Merged).await?;
        self.announce(Announced::FamiliesMerged, Some(stays), id);
        Ok(FamilyMerge { id, family, stays, reason: reason.to_owned(), by, at, change, undone: None })
    }

    /// They were two after all. What was said since of the family that stayed stays with it.
    ///
    /// # Errors
    /// `Conflict` where it was undone before, where the family that stayed goes on within another or was handed over, or where something was
    /// claimed for the two as one since.
    pub async fn undo_family_merge(&mut self, merge: &FamilyMerge, reason: &str) -> Result<Said, StoreError> {
        let FamilyMerge { id, family, stays, change, .. } = merge;
        super::closed::refuse(self.connection(), &HashSet::from([*stays]), &HashSet::new()).await?;
        self.must_not_be_leaving(*stays).await?;
        const CLAIMED: &str = "SELECT 1 FROM claim c JOIN decision d ON d.id = c.decision WHERE c.family = $1 AND d.known_after >= $2 \
             AND c.state NOT IN ('withdrawn', 'refused', 'repaid')";
        if query(CLAIMED).key(stays).bind(change.0).fetch_optional(self.connection()).await?.is_some() {
            let why = "something was claimed for the two as one family since: withdraw it first";
            return Err(StoreError::Conflict(why.to_owned()));
        }
        let (now, at) = self.change().await?;
        let by = self.principal().to_owned();
        let done = query("UPDATE family_merge SET undone = $2, undone_by = $3, undone_why = $4 WHERE id = $1 AND undone IS NULL")
            .key(id)
            .bind(now.0)
            .bind(by.clone())
            .bind(reason.to_owned())
            .execute(self.connection())
            .await?;
        if done.rows_affected() != 1 {
            return Err(StoreError::Conflict("it was undone before".to_owned()));
        }
        query("UPDATE merged_into SET undone = $2 WHERE merge = $1").key(id).bind(now.0).execute(self.connection()).await?;
        self.reopen_family(*family).await?;
        let mut lost = self.lost_by_family(*family, *change).await?;
        let members: HashSet<_> = lost.iter().filter_map(|(f, _)| f.subject.person).collect();
        lost.extend(self.lost_by_family(*stays, *change).await?);
        // Who left for another family meanwhile stays there.
        let back = |before: &Subject, now: &Subject| {
            let theirs = if before.family == Some(*stays) { *stays } else { *family };
            (now.family == Some(*stays)).then_some(Subject { family: Some(theirs), ..*now })
        };
        self.carry_back(&lost, back).await?;
        self.carry_member_seals(*stays, *family, *change, |person| members.contains(&person)).await?;
        self.restore_claims(*id).await?;
        self.return_open_work(*family, *stays).await?;
        self.return_happenings(*family, *stays, *change).await?;
        self.return_referrals(*family, *stays).await?;
        self.part_workers(*stays, *change).await?;
        let still: HashSet<_> = self.own_facts(*stays).await?.iter().filter_map(|f| f.subject.person).collect();
        self.return_shares(*stays, *family, &members, &still).await?;
        Ok(Said { at, by, words: reason.to_owned() })
    }

    /// Facts of families that a reader may know of.
    pub(super) async fn seen_in(&mut self, reader: &Reader, families: &[FamilyId]) -> Result<HashSet<FactId>, StoreError> {
        let seals = Seals::For { login: reader.login_bytes(), on: reader.now.day() };
        let mut seen = HashSet::new();
        for family in families {
            seen.extend(of_family(self.connection(), *family, i64::MAX, &seals).await?.into_iter().map(|f| f.id));
        }
        Ok(seen)
    }

    /// One result of one family is claimed once: where both have a claim of a kind, one of them is withdrawn.
    async fn settle_claims(
        &mut self,
        merge: FamilyMergeId,
        family: FamilyId,
        stays: FamilyId,
        choices: &BTreeMap<String, FamilyId>,
    ) -> Result<(), StoreError> {
        let mut of: BTreeMap<String, Vec<(FamilyId, i64, String)>> = BTreeMap::new();
        for whose in [family, stays] {
            for row in query(CLAIMS).key(&whose).fetch_all(self.connection()).await? {
                of.entry(row.text("kind")?).or_default().push((whose, row.number("id")?, row.text("state")?));
            }
        }
        for (kind, claims) in of.iter().filter(|(_, claims)| claims.len() > 1) {
            let stands = choices.get(kind).filter(|f| [family, stays].contains(f)).ok_or_else(|| {
                Invalid::new(format!("claims.{kind}"), "is needed: both have a claim of this kind, and one stands: name its family")
            })?;
            for (_, claim, state) in claims.iter().filter(|(whose, ..)| whose != stands) {
                if state != "draft" {
                    let why = format!("the claim of kind {kind} that would give way is {state}: settle it first");
                    return Err(StoreError::Conflict(why));
                }
                query("UPDATE claim SET state = 'withdrawn' WHERE id = $1").bind(*claim).execute(self.connection()).await?;
                let gave_way = query("INSERT INTO claim_given_way (claim, merge) VALUES ($1, $2)").bind(*claim).key(&merge);
                gave_way.execute(self.connection()).await?;
            }
        }
        if let Some(kind) = choices.keys().find(|kind| of.get(*kind).is_none_or(|claims| claims.len() < 2)) {
            return Err(Invalid::new(format!("claims.{kind}"), "is not to be decided: not both have a claim of this kind").into());
        }
        Ok(())
    }

    /// A claim that gave way in the merge is a draft again.
    async fn restore_claims(&mut self, merge: FamilyMergeId) -> Result<(), StoreError> {
        const SQL: &str =
            "UPDATE claim SET state = 'draft' WHERE state = 'withdrawn' AND id IN (SELECT claim FROM claim_given_way WHERE merge = $1)";
        query(SQL).key(&merge).execute(self.connection()).await?;
        Ok(())
    }

    /// What follows from decisions about the family and is still open. Where the same is open of the other, this is done with.
    async fn move_open_work(&mut self, family: FamilyId, stays: FamilyId) -> Result<(), StoreError> {
        const TASKS: &str = "UPDATE task SET family = $2 WHERE family = $1 AND state = 'open' AND decision IS NOT NULL \
             AND NOT EXISTS (SELECT 1 FROM task t WHERE t.family = $2 AND t.installation = task.installation AND t.key = task.key \
                 AND t.state = 'open')";
        query(TASKS).key(&family).key(&stays).execute(self.connection()).await?;
        let (now, by) = (self.now(), self.principal().to_owned());
        query("UPDATE task SET state = 'done', done_at = $2, done_by = $3 WHERE family = $1 AND state = 'open' AND decision IS NOT NULL")
            .key(&family)
            .at(now)
            .bind(by.clone())
            .execute(self.connection())
            .await?;
        const PROPOSALS: &str = "UPDATE proposal SET family = $2 WHERE family = $1 AND state IN ('waiting', 'confirmed') \
             AND NOT EXISTS (SELECT 1 FROM proposal p WHERE p.family = $2 AND p.installation = proposal.installation \
                 AND p.key = proposal.key AND p.state IN ('waiting', 'confirmed'))";
        query(PROPOSALS).key(&family).key(&stays).execute(self.connection()).await?;
        const DECLINED: &str = "UPDATE proposal SET state = 'declined', settled_at = $2, settled_by = $3, reason = $4 \
             WHERE family = $1 AND state IN ('waiting', 'confirmed')";
        query(DECLINED)
            .key(&family)
            .at(now)
            .bind(by)
            .bind("the same is proposed for the family within which this one goes on")
            .execute(self.connection())
            .await?;
        Ok(())
    }

    /// What follows from the family's own decisions, and those of families within it, and is still open.
    async fn return_open_work(&mut self, family: FamilyId, stays: FamilyId) -> Result<(), StoreError> {
        const TASKS: &str = "UPDATE task SET family = $1 WHERE family = $2 AND state = 'open' AND decision IN (SELECT d.id FROM decision d \
             WHERE d.family = $1 OR d.family IN (SELECT family FROM merged_into WHERE stays = $1 AND undone IS NULL))";
        const PROPOSALS: &str = "UPDATE proposal SET family = $1 WHERE family = $2 AND state IN ('waiting', 'confirmed') \
             AND decision IN (SELECT d.id FROM decision d \
             WHERE d.family = $1 OR d.family IN (SELECT family FROM merged_into WHERE stays = $1 AND undone IS NULL))";
        query(TASKS).key(&family).key(&stays).execute(self.connection()).await?;
        query(PROPOSALS).key(&family).key(&stays).execute(self.connection()).await?;
        Ok(())
    }
}

/// When, by whom and why a merge was taken back.
pub(super) fn undone(row: &Row) -> Result<Option<Said>, StoreError> {
    let Some(at) = row.maybe_at("undone_at")? else { return Ok(None) };
    let (by, words) = (row.maybe_text("undone_by")?.unwrap_or_default(), row.maybe_text("undone_why")?.unwrap_or_default());
    Ok(Some(Said { at, by, words }))
}

fn read(row: &Row) -> Result<FamilyMerge, StoreError> {
    Ok(FamilyMerge {
        id: row.key("id")?,
        family: row.key("family")?,
        stays: row.key("stays")?,
        reason: row.text("reason")?,
        by: row.text("principal")?,
        at: row.at("at")?,
        change: ChangeId(row.number("change")?),
        undone: undone(row)?,
    })
}
