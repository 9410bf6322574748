//! Referrals that go with a family from one authority to another: what happened at the front door there, and what is open.

use super::sql::query;
use super::{AuthorityStore, AuthorityTx, Referral, ReferralState, StoreError};
use crate::record::handover::{PackedReferral, SaidInReferral};
use crate::record::{Announced, AuthorityId, FamilyId, PersonId, ReferralId};

impl AuthorityStore {
    /// A family's referrals as they are given. `whole`: with what was said in them.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn referrals_to_give(&self, family: FamilyId, whole: bool) -> Result<Vec<PackedReferral>, StoreError> {
        let mut given = Vec::new();
        for referral in self.referrals_about(family).await? {
            let said = if whole { Some(self.said_in(&referral).await?) } else { None };
            let Referral { came_on, route, organisation, organisation_kind, urgent, agreed, state, outcome, .. } = referral;
            let outcome = outcome.filter(|_| state == ReferralState::Closed).map(|o| (o.answer, o.at));
            given.push(PackedReferral { came_on, route, organisation, organisation_kind, urgent, agreed, outcome, said });
        }
        Ok(given)
    }

    async fn said_in(&self, referral: &Referral) -> Result<SaidInReferral, StoreError> {
        Ok(SaidInReferral {
            problems: referral.problems.clone(),
            told: referral.told.clone(),
            people: self.people_of_referral(referral.id).await?,
            words: referral.words.clone(),
            added: self.additions(referral.id).await?.into_iter().map(|a| a.words).collect(),
            reason: referral.outcome.as_ref().and_then(|o| o.reason.clone()),
        })
    }
}

impl AuthorityTx {
    /// Keeps a referral that came with a family. One of which nothing became yet waits to be triaged here, and is answered in this authority's
    /// own time.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn take_referral(
        &mut self,
        family: FamilyId,
        from: &AuthorityId,
        referral: &PackedReferral,
        people: &[PersonId],
        answer_days: i32,
    ) -> Result<(), StoreError> {
        const SQL: &str = "INSERT INTO referral (id, change, came_on, route, organisation, organisation_kind, sent_by, urgent, agreed, problems, \
             told, words, state, family, settled, settled_at, settled_by, outcome, outcome_at, outcome_by, reason, answer_by, reminded) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $14, $15, $7, $16, $17, $18, $19, $20, 0)";
        let (id, by) = (ReferralId::fresh(), format!("authority {from}"));
        let (change, at) = self.change().await?;
        let PackedReferral { came_on, route, organisation, organisation_kind, urgent, agreed, outcome, said } = referral;
        let said = said.clone().unwrap_or_default();
        let state = if outcome.is_some() { ReferralState::Closed } else { ReferralState::Settled };
        let answer_by = at.day().plus(answer_days).unwrap_or(*came_on);
        query(SQL)
            .key(&id)
            .bind(change.0)
            .day(*came_on)
            .bind(route.as_str())
            .bind(organisation.as_ref().map(|o| o.as_str().to_owned()))
            .bind(organisation_kind.clone())
            .bind(by.as_str())
            .bind(i64::from(*urgent))
            .bind(agreed.map(i64::from))
            .bind(serde_json::to_string(&said.problems).unwrap_or_default())
            .bind(serde_json::to_string(&said.told).unwrap_or_default())
            .bind(said.words)
            .bind(state.code())
            .key(&family)
            .at(at)
            .bind(outcome.as_ref().map(|(answer, _)| answer.clone()))
            .maybe_at(outcome.as_ref().map(|(_, at)| *at))
            .bind(outcome.as_ref().map(|_| by.clone()))
            .bind(said.reason)
            .day(answer_by)
            .execute(self.connection())
            .await?;
        self.name_people(id, people).await?;
        if !said.added.is_empty() {
            let added = query("INSERT INTO referral_added (referral, change, words) VALUES ($1, $2, $3)").key(&id).bind(change.0);
            added.bind(said.added.join("\n\n")).execute(self.connection()).await?;
        }
        if state == ReferralState::Settled {
            self.announce(Announced::ReferralReceived, Some(family), id);
        }
        Ok(())
    }
}
