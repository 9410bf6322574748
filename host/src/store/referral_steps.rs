//! What is done with a referral, each step in its transaction. A step that somebody else took first is a `Conflict`.

use super::sql::query;
use super::{AuthorityTx, FrontDoor, NewReferral, Referral, ReferralState, StoreError};
use crate::record::{Announced, Day, DecisionId, FamilyId, KnownAt, PersonId, ReferralId};

/// What became of a referral, by whom. Where a person set the pathway aside, or decided without it, with the reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Code list triages.
    pub answer: String,
    /// Of the pathway's levels.
    pub level: Option<String>,
    /// Of the pathway's routes.
    pub goes_to: Option<String>,
    /// Code list priorities.
    pub priority: Option<String>,
    pub reason: Option<String>,
    pub at: KnownAt,
    pub by: String,
}

impl AuthorityTx {
    /// # Errors
    /// `NoSuch` where a person is not there.
    pub async fn add_referral(&mut self, new: &NewReferral) -> Result<(), StoreError> {
        let (change, at) = self.change().await?;
        let by = self.principal().to_owned();
        let state = if new.family.is_some() { ReferralState::Settled } else { ReferralState::Received };
        let settled = new.family.map(|_| (at, by.clone())).unzip();
        query(
            "INSERT INTO referral (id, change, came_on, route, organisation, organisation_kind, sent_by, sender, urgent, agreed, problems, \
             told, words, state, family, settled, settled_at, settled_by, found_by, answer_by) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)",
        )
        .key(&new.id)
        .bind(change.0)
        .day(new.came_on)
        .bind(new.route.as_str())
        .bind(new.organisation.as_ref().map(|o| o.as_str().to_owned()))
        .bind(new.organisation_kind.as_deref())
        .bind(by)
        .maybe_key(new.sender.as_ref())
        .bind(i64::from(new.urgent))
        .bind(new.agreed.map(i64::from))
        .bind(serde_json::to_string(&new.problems).unwrap_or_default())
        .bind(serde_json::to_string(&new.told).unwrap_or_default())
        .bind(new.words.as_deref())
        .bind(state.code())
        .maybe_key(new.family.as_ref())
        .maybe_key(new.family.as_ref())
        .maybe_at(settled.0)
        .bind(settled.1)
        .maybe_key(new.found_by.as_ref())
        .day(new.answer_by)
        .execute(self.connection())
        .await?;
        self.announce(Announced::ReferralReceived, new.family, new.id);
        self.name_people(new.id, &new.people).await
    }

    pub(super) async fn name_people(&mut self, id: ReferralId, people: &[PersonId]) -> Result<(), StoreError> {
        query("DELETE FROM referral_person WHERE referral = $1").key(&id).execute(self.connection()).await?;
        for person in people {
            let row = query("INSERT INTO referral_person (referral, person) VALUES ($1, $2) ON CONFLICT DO NOTHING");
            row.key(&id).key(person).execute(self.connection()).await?;
        }
        Ok(())
    }

    /// A person says whom it is about. What was answered about another family before is not asked about any more.
    ///
    /// # Errors
    /// `Conflict` where it is closed.
    pub async fn settle_referral(&mut self, id: ReferralId, family: FamilyId, people: &[PersonId]) -> Result<(), StoreError> {
        let (now, by) = (self.now(), self.principal().to_owned());
        let done = query(
            "UPDATE referral SET family = $2, settled = $2, settled_at = $3, settled_by = $4, decision = NULL, \
             state = CASE state WHEN 'asked' THEN 'asked' ELSE 'settled' END WHERE id = $1 AND state <> 'closed'",
        )
        .key(&id)
        .key(&family)
        .at(now)
        .bind(by)
        .execute(self.connection())
        .await?;
        expect(done.rows_affected())?;
        self.announce(Announced::ReferralSettled, Some(family), id);
        self.name_people(id, people).await
    }

    /// The pathway answered: a person is to confirm it, or to set it aside.
    ///
    /// # Errors
    /// `Conflict` where it is not to be triaged any more.
    pub async fn triage_referral(&mut self, referral: &Referral, decision: DecisionId) -> Result<(), StoreError> {
        let sql = "UPDATE referral SET state = 'triaged', decision = $2 WHERE id = $1 AND state IN ('settled', 'triaged')";
        expect(query(sql).key(&referral.id).key(&decision).execute(self.connection()).await?.rows_affected())?;
        self.announce(Announced::ReferralTriaged, referral.family, referral.id);
        Ok(())
    }

    /// What became of it. `ask-more` waits for its sender, with what they are asked; everything else closes it. Its sender is to be told.
    ///
    /// # Errors
    /// `Conflict` where it is not as it was read.
    pub async fn end_referral(&mut self, as_read: &Referral, outcome: &Outcome, question: Option<&str>) -> Result<(), StoreError> {
        let asked = outcome.answer == "ask-more";
        let state = if asked { ReferralState::Asked } else { ReferralState::Closed };
        let tell = as_read.found_by.is_none().then_some(outcome.at);
        let done = query(
            "UPDATE referral SET state = $2, outcome = $3, level = $4, goes_to = $5, priority = $6, reason = $7, outcome_at = $8, \
             outcome_by = $9, question = $10, tell_at = $11, tell_tries = 0 WHERE id = $1 AND state = $12",
        )
        .key(&as_read.id)
        .bind(state.code())
        .bind(outcome.answer.as_str())
        .bind(outcome.level.as_deref())
        .bind(outcome.goes_to.as_deref())
        .bind(outcome.priority.as_deref())
        .bind(outcome.reason.as_deref())
        .at(outcome.at)
        .bind(outcome.by.as_str())
        .bind(question.filter(|_| asked))
        .maybe_at(tell)
        .bind(as_read.state.code())
        .execute(self.connection())
        .await?;
        expect(done.rows_affected())?;
        let what = if asked { Announced::ReferralAsked } else { Announced::ReferralAnswered };
        self.announce(what, as_read.family, as_read.id);
        Ok(())
    }

    /// What the sender adds. One that was asked of them goes back to the front door, which has its time again.
    ///
    /// # Errors
    /// `Conflict` where it is closed, or not as it was read.
    pub async fn add_to_referral(
        &mut self,
        as_read: &Referral,
        words: &str,
        now: (bool, Option<bool>, &[String]),
        answer_by: Day,
    ) -> Result<(), StoreError> {
        if as_read.state == ReferralState::Closed {
            return Err(StoreError::Conflict("the referral is closed: send another".to_owned()));
        }
        let (urgent, agreed, problems) = now;
        let (change, _) = self.change().await?;
        query("INSERT INTO referral_added (referral, change, words) VALUES ($1, $2, $3)")
            .key(&as_read.id)
            .bind(change.0)
            .bind(words)
            .execute(self.connection())
            .await?;
        let again = as_read.state == ReferralState::Asked;
        let state = match (again, as_read.family) {
            (false, _) => as_read.state,
            (true, Some(_)) => ReferralState::Settled,
            (true, None) => ReferralState::Received,
        };
        let done = query(
            "UPDATE referral SET state = $2, urgent = $3, agreed = $4, problems = $5, answer_by = $6, \
             reminded = CASE $7 WHEN 1 THEN 0 ELSE reminded END WHERE id = $1 AND state = $8",
        )
        .key(&as_read.id)
        .bind(state.code())
        .bind(i64::from(urgent))
        .bind(agreed.map(i64::from))
        .bind(serde_json::to_string(problems).unwrap_or_default())
        .day(if again { answer_by } else { as_read.answer_by })
        .bind(i64::from(again))
        .bind(as_read.state.code())
        .execute(self.connection())
        .await?;
        expect(done.rows_affected())
    }

    /// Somebody was given the task to look.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn note_reminded(&mut self, id: ReferralId) -> Result<(), StoreError> {
        query("UPDATE referral SET reminded = 1 WHERE id = $1").key(&id).execute(self.connection()).await?;
        Ok(())
    }

    /// Its sender was told by mail, or is told another time, or can only look by themselves.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn note_told(&mut self, id: ReferralId, told: bool, again: Option<KnownAt>) -> Result<(), StoreError> {
        let now = self.now();
        query("UPDATE referral SET told_at = CASE $2 WHEN 1 THEN $3 ELSE told_at END, tell_at = $4, tell_tries = tell_tries + 1 WHERE id = $1")
            .key(&id)
            .bind(i64::from(told))
            .at(now)
            .maybe_at(again)
            .execute(self.connection())
            .await?;
        Ok(())
    }

    /// # Errors
    /// The file cannot be written.
    pub async fn set_front_door(&mut self, to: &FrontDoor) -> Result<(), StoreError> {
        let (change, _) = self.change().await?;
        query("INSERT INTO front_door (change, answer_days, near_days) VALUES ($1, $2, $3)")
            .bind(change.0)
            .bind(i64::from(to.answer_days))
            .bind(i64::from(to.near_days))
            .execute(self.connection())
            .await?;
        Ok(())
    }

    /// Whom a referral named that came to no family, and what its sender wrote, goes when it has been closed for so long.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn forget_referrals(&mut self, before: KnownAt) -> Result<(), StoreError> {
        for sql in [
            "UPDATE referral_added SET words = '' WHERE words <> '' AND referral IN (SELECT id FROM referral \
             WHERE family IS NULL AND state = 'closed' AND outcome_at < $1)",
            "UPDATE referral SET told = '{}', words = NULL, question = NULL, reason = NULL \
             WHERE family IS NULL AND state = 'closed' AND outcome_at < $1 AND told <> '{}'",
        ] {
            query(sql).at(before).execute(self.connection()).await?;
        }
        Ok(())
    }

    /// A family's open referrals are about the one within which it goes on.
    ///
    /// # Errors
    /// The file cannot be written.
    pub(super) async fn move_referrals(&mut self, family: FamilyId, stays: FamilyId) -> Result<(), StoreError> {
        let sql = "UPDATE referral SET family = $2 WHERE family = $1 AND state <> 'closed'";
        query(sql).key(&family).key(&stays).execute(self.connection()).await?;
        Ok(())
    }

    /// And back: those that were about the family itself, or one within it.
    ///
    /// # Errors
    /// The file cannot be written.
    pub(super) async fn return_referrals(&mut self, family: FamilyId, stays: FamilyId) -> Result<(), StoreError> {
        let sql = "UPDATE referral SET family = $1 WHERE family = $2 AND state <> 'closed' AND (settled = $1 OR settled IN \
             (SELECT family FROM merged_into WHERE stays = $1 AND undone IS NULL))";
        query(sql).key(&family).key(&stays).execute(self.connection()).await?;
        Ok(())
    }

    /// Open referrals that named the one name the other.
    ///
    /// # Errors
    /// The file cannot be written.
    pub(super) async fn name_in_referrals(&mut self, person: PersonId, stays: PersonId) -> Result<(), StoreError> {
        for sql in [
            "INSERT INTO referral_person (referral, person) SELECT p.referral, $2 FROM referral_person p JOIN referral r ON r.id = p.referral \
             WHERE p.person = $1 AND r.state <> 'closed' ON CONFLICT DO NOTHING",
            "DELETE FROM referral_person WHERE person = $1 AND $2 = $2 AND referral IN (SELECT id FROM referral WHERE state <> 'closed')",
        ] {
            query(sql).key(&person).key(&stays).execute(self.connection()).await?;
        }
        Ok(())
    }
}

fn expect(rows: u64) -> Result<(), StoreError> {
    if rows == 1 { Ok(()) } else { Err(StoreError::Conflict("somebody went on with this referral first: read it again".to_owned())) }
}
