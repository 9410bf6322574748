//! Candidates that run beside the installation that decides: what they said of what it was asked. Beside the record: no decision, no claim,
//! no task, and nothing that a run is given.

use super::sql::{Connection, Row, query};
use super::{AuthorityStore, AuthorityTx, Decision, Page, StoreError};
use crate::record::{DecisionId, FamilyId, InstallationId, KnownAt, Sections};

/// A candidate at work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shadow {
    pub id: i64,
    pub installation: InstallationId,
    pub began: KnownAt,
    pub until: KnownAt,
    /// The last decision that was looked at.
    pub reached: DecisionId,
    pub by: String,
    pub reason: String,
    /// Decisions that it was not asked about: too many waited.
    pub dropped: u64,
    pub ended: Option<(KnownAt, String)>,
}

/// What a candidate said beside one decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShadowAnswer {
    pub shadow: i64,
    pub decision: DecisionId,
    pub family: FamilyId,
    pub at: KnownAt,
    /// `answered`, or what stopped it.
    pub outcome: String,
    /// Byte for byte.
    pub same: bool,
    /// The candidate's result.
    pub said: String,
    /// What differs.
    pub differs: serde_json::Value,
    /// That it was handed.
    pub sections: Sections,
    pub instructions: u64,
    pub millis: u64,
}

macro_rules! shadow {
    ($rest:literal) => {
        concat!("SELECT id, installation, began, until, reached, principal, reason, dropped, ended_at, ended_by FROM shadow ", $rest)
    };
}

/// Decisions after one ($1) until an instant ($2) of installations that decide one of what the candidate ($3) offers, and are not it.
const WAITING: &str = "SELECT d.id FROM decision d WHERE d.id > $1 AND d.at <= $2 AND d.installation <> $3 \
    AND EXISTS (SELECT 1 FROM installation_offer l JOIN installation_offer c ON c.extension_point = l.extension_point \
        WHERE l.installation = d.installation AND c.installation = $3) ORDER BY d.id LIMIT $4";
const MANY_WAIT: &str = "SELECT d.id FROM decision d WHERE d.id > $1 AND d.at <= $2 ORDER BY d.id DESC LIMIT 1 OFFSET $3";
const BETWEEN: &str = "SELECT COUNT(*) AS n FROM decision WHERE id > $1 AND id <= $2";
const ANSWERS: &str = "SELECT shadow, decision, family, at, outcome, same, said, differs, sections, instructions, millis FROM shadow_answer \
    WHERE shadow = $1 AND decision < $2 ORDER BY decision DESC LIMIT $3";

impl AuthorityStore {
    /// The last of an installation.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn shadow_of(&self, installation: InstallationId) -> Result<Option<Shadow>, StoreError> {
        shadow_of(&mut *self.read().await?, installation).await
    }

    /// Those that did not end.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn shadows_at_work(&self) -> Result<Vec<Shadow>, StoreError> {
        let rows = query(shadow!("WHERE ended_at IS NULL ORDER BY id")).fetch_all(&mut *self.read().await?).await?;
        rows.iter().map(read).collect()
    }

    /// Decisions that a candidate was not asked about yet.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn beside(&self, shadow: &Shadow, most: u32) -> Result<Vec<Decision>, StoreError> {
        let statement = query(WAITING).key(&shadow.reached).at(shadow.until).key(&shadow.installation).bind(i64::from(most));
        let rows = statement.fetch_all(&mut *self.read().await?).await?;
        let mut decisions = Vec::with_capacity(rows.len());
        for row in rows {
            decisions.push(self.decision(row.key("id")?).await?);
        }
        Ok(decisions)
    }

    /// Where so many decisions are left, and how many stand before that; none: not so many wait.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn too_far_behind(&self, shadow: &Shadow, most: u32) -> Result<Option<(DecisionId, u64)>, StoreError> {
        let mut connection = self.read().await?;
        let statement = query(MANY_WAIT).key(&shadow.reached).at(shadow.until).bind(i64::from(most));
        let Some(row) = statement.fetch_optional(&mut connection).await? else { return Ok(None) };
        let from: DecisionId = row.key("id")?;
        let dropped = query(BETWEEN).key(&shadow.reached).key(&from).fetch_one(&mut connection).await?.count("n")?;
        Ok(Some((from, dropped)))
    }

    /// What a candidate said, the latest first. `before`: go on from there.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn shadow_answers(
        &self,
        shadow: i64,
        before: Option<DecisionId>,
        limit: u32,
    ) -> Result<Page<ShadowAnswer, DecisionId>, StoreError> {
        let rows = query(ANSWERS)
            .bind(shadow)
            .bind(before.as_ref().map_or(&[0xff; 17][..], DecisionId::as_bytes))
            .bind(Page::<ShadowAnswer, DecisionId>::rows(limit))
            .fetch_all(&mut *self.read().await?)
            .await?;
        Ok(Page::cut(rows.iter().map(answer).collect::<Result<_, _>>()?, limit, |a| a.decision))
    }

    /// What differs in all that a candidate said, with how often; the same and the failed by themselves.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn shadow_counts(&self, shadow: i64) -> Result<Vec<(bool, String, String, u64)>, StoreError> {
        const SQL: &str =
            "SELECT same, outcome, differs, COUNT(*) AS n FROM shadow_answer WHERE shadow = $1 GROUP BY same, outcome, differs";
        let rows = query(SQL).bind(shadow).fetch_all(&mut *self.read().await?).await?;
        rows.iter().map(|r| Ok((r.number("same")? != 0, r.text("outcome")?, r.text("differs")?, r.count("n")?))).collect()
    }

    /// What candidates said about a family: a subject is told of it.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn shadowed(&self, family: FamilyId) -> Result<Vec<ShadowAnswer>, StoreError> {
        const SQL: &str = "SELECT shadow, decision, family, at, outcome, same, said, differs, sections, instructions, millis FROM shadow_answer \
            WHERE family = $1 ORDER BY decision, shadow";
        query(SQL).key(&family).fetch_all(&mut *self.read().await?).await?.iter().map(answer).collect()
    }
}

impl AuthorityTx {
    /// From the next decision on.
    ///
    /// # Errors
    /// `Conflict` where it runs already.
    pub async fn begin_shadow(&mut self, of: InstallationId, until: KnownAt, by: &str, reason: &str) -> Result<(), StoreError> {
        if shadow_of(self.connection(), of).await?.is_some_and(|s| s.ended.is_none()) {
            return Err(StoreError::Conflict("the candidate runs beside the one that decides already".to_owned()));
        }
        let ((change, _), now) = (self.change().await?, self.now());
        query("INSERT INTO shadow (installation, change, began, until, reached, principal, reason) VALUES ($1, $2, $3, $4, $5, $6, $7)")
            .key(&of)
            .bind(change.0)
            .at(now)
            .at(until)
            .key(&DecisionId::fresh())
            .bind(by)
            .bind(reason)
            .execute(self.connection())
            .await?;
        Ok(())
    }

    /// # Errors
    /// `Conflict` where none runs.
    pub async fn end_shadow(&mut self, of: InstallationId, by: &str) -> Result<(), StoreError> {
        let now = self.now();
        let done = query("UPDATE shadow SET ended_at = $2, ended_by = $3 WHERE installation = $1 AND ended_at IS NULL")
            .key(&of)
            .at(now)
            .bind(by)
            .execute(self.connection())
            .await?;
        if done.rows_affected() == 1 { Ok(()) } else { Err(StoreError::Conflict("the candidate does not run beside anything".to_owned())) }
    }

    /// What was said beside decisions up to one, and how many were dropped. False: another host was there first, or it ended; nothing is
    /// kept then.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn shadowed_to(
        &mut self,
        shadow: &Shadow,
        reached: DecisionId,
        dropped: u64,
        answers: &[ShadowAnswer],
    ) -> Result<bool, StoreError> {
        let moved = query("UPDATE shadow SET reached = $2, dropped = dropped + $3 WHERE id = $1 AND reached = $4 AND ended_at IS NULL")
            .bind(shadow.id)
            .key(&reached)
            .count(dropped)
            .key(&shadow.reached)
            .execute(self.connection())
            .await?;
        if moved.rows_affected() == 0 {
            return Ok(false);
        }
        for one in answers {
            self.add_shadow_answer(one).await?;
        }
        Ok(true)
    }

    /// Unless the family was erased meanwhile.
    async fn add_shadow_answer(&mut self, one: &ShadowAnswer) -> Result<(), StoreError> {
        query(
            "INSERT INTO shadow_answer (shadow, decision, family, at, outcome, same, said, differs, sections, instructions, millis) \
             SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11 WHERE NOT EXISTS (SELECT 1 FROM erased_decision WHERE decision = $2)",
        )
        .bind(one.shadow)
        .key(&one.decision)
        .key(&one.family)
        .at(one.at)
        .bind(one.outcome.clone())
        .bind(i64::from(one.same))
        .bind(one.said.clone())
        .bind(one.differs.to_string())
        .bind(one.sections.number())
        .count(one.instructions)
        .count(one.millis)
        .execute(self.connection())
        .await?;
        Ok(())
    }
}

async fn shadow_of(connection: &mut Connection, installation: InstallationId) -> Result<Option<Shadow>, StoreError> {
    let row = query(shadow!("WHERE installation = $1 ORDER BY id DESC LIMIT 1")).key(&installation).fetch_optional(connection).await?;
    row.as_ref().map(read).transpose()
}

fn read(row: &Row) -> Result<Shadow, StoreError> {
    let ended = match row.maybe_at("ended_at")? {
        Some(at) => Some((at, row.maybe_text("ended_by")?.unwrap_or_default())),
        None => None,
    };
    Ok(Shadow {
        id: row.number("id")?,
        installation: row.key("installation")?,
        began: row.at("began")?,
        until: row.at("until")?,
        reached: row.key("reached")?,
        by: row.text("principal")?,
        reason: row.text("reason")?,
        dropped: row.count("dropped")?,
        ended,
    })
}

fn answer(row: &Row) -> Result<ShadowAnswer, StoreError> {
    let sections = row.number("sections")?;
    Ok(ShadowAnswer {
        shadow: row.number("shadow")?,
        decision: row.key("decision")?,
        family: row.key("family")?,
        at: row.at("at")?,
        outcome: row.text("outcome")?,
        same: row.number("same")? != 0,
        said: row.text("said")?,
        differs: row.json("differs")?,
        sections: Sections::from_number(sections).ok_or_else(|| StoreError::damaged("shadow_answer", format!("sections {sections}")))?,
        instructions: row.count("instructions")?,
        millis: row.count("millis")?,
    })
}
