//! Who works with a family, and with whom it is shared, where families become one or part again.

use std::collections::{BTreeSet, HashSet};

use super::sql::query;
use super::{AuthorityTx, ChangeId, StoreError};
use crate::record::{AssignmentId, Fact, FactId, FamilyId, HappeningId, Kind, PersonId, ShareId};

/// What is written where a share ends because those whom it was given for are from now on named one by one.
const NARROWED: &str = "goes on for each of the people for whom it was given";

impl AuthorityTx {
    /// Who works with one works with the other too, from today; those who do already, go on as they did.
    pub(super) async fn join_workers(&mut self, from: FamilyId, to: FamilyId) -> Result<(), StoreError> {
        const SQL: &str = "SELECT a.login, a.role, a.first, a.last FROM assignment a WHERE a.family = $1 AND (a.last IS NULL OR a.last >= $3) \
             AND NOT EXISTS (SELECT 1 FROM assignment b WHERE b.family = $2 AND b.login = a.login AND b.role = a.role \
                 AND (b.last IS NULL OR b.last >= $3)) ORDER BY a.id";
        let today = self.now().day();
        let (change, _) = self.change().await?;
        for row in query(SQL).key(&from).key(&to).day(today).fetch_all(self.connection()).await? {
            let window = row.window()?;
            query("INSERT INTO assignment (id, login, family, role, first, last, change) VALUES ($1, $2, $3, $4, $5, $6, $7)")
                .key(&AssignmentId::fresh())
                .bind(row.bytes("login")?)
                .key(&to)
                .bind(row.text("role")?)
                .day(window.first.max(today))
                .maybe_day(window.last)
                .bind(change.0)
                .execute(self.connection())
                .await?;
        }
        Ok(())
    }

    /// What happened to the one and its pathway was not asked about yet, is asked about as what happened to the other; by the fact that tells
    /// of it now.
    pub(super) async fn move_happenings(&mut self, from: FamilyId, to: FamilyId) -> Result<(), StoreError> {
        const WAITING: &str = "SELECT h.id, COALESCE(s.successor, h.fact) AS fact FROM happening h \
             LEFT JOIN superseded s ON s.fact = h.fact WHERE h.family = $1 AND h.state = 'waiting' ORDER BY h.change, h.id";
        const MOVED: &str = "INSERT INTO happening (id, change, family, kind, happened, learnt, fact, person, sections, state, try_at) \
             SELECT $2, $3, $4, kind, happened, learnt, $5, person, sections, 'waiting', try_at FROM happening WHERE id = $1 \
             ON CONFLICT DO NOTHING";
        let (change, _) = self.change().await?;
        for row in query(WAITING).key(&from).fetch_all(self.connection()).await? {
            let (id, fact): (HappeningId, Option<FactId>) = (row.key("id")?, row.maybe_key("fact")?);
            let moved = query(MOVED).key(&id).key(&HappeningId::fresh()).bind(change.0).key(&to).maybe_key(fact.as_ref());
            moved.execute(self.connection()).await?;
        }
        let void = query("UPDATE happening SET state = 'void' WHERE family = $1 AND state = 'waiting'").key(&from);
        void.execute(self.connection()).await?;
        Ok(())
    }

    /// What came to wait with the family that stayed, and still waits, waits with its own again.
    pub(super) async fn return_happenings(&mut self, family: FamilyId, stays: FamilyId, merged: ChangeId) -> Result<(), StoreError> {
        const BACK: &str = "UPDATE happening SET state = 'waiting' WHERE family = $1 AND state = 'void' AND EXISTS ( \
             SELECT 1 FROM happening h WHERE h.family = $2 AND h.change = $3 AND h.state = 'waiting' AND h.kind = happening.kind \
             AND h.happened = happening.happened AND (h.person = happening.person OR h.person IS NULL AND happening.person IS NULL))";
        const VOID: &str = "UPDATE happening SET state = 'void' WHERE family = $1 AND change = $2 AND state = 'waiting'";
        query(BACK).key(&family).key(&stays).bind(merged.0).execute(self.connection()).await?;
        query(VOID).key(&stays).bind(merged.0).execute(self.connection()).await?;
        Ok(())
    }

    /// Whoever works with a family only since it was merged, works with it no more.
    pub(super) async fn part_workers(&mut self, family: FamilyId, merged: ChangeId) -> Result<(), StoreError> {
        let yesterday = self.now().day().plus(-1);
        query(
            "UPDATE assignment SET last = $3, ended_why = 'the families are two again' WHERE family = $1 AND change = $2 \
             AND (last IS NULL OR last > $3)",
        )
        .key(&family)
        .bind(merged.0)
        .maybe_day(yesterday)
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Consent and notice were given for a family as it was: where it becomes part of a larger one, what is shared goes on for those for whom
    /// it was given, one by one, and for nobody else.
    pub(super) async fn narrow_shares(&mut self, families: &[(FamilyId, &[Fact])], to: FamilyId) -> Result<(), StoreError> {
        const SQL: &str = "SELECT id, person FROM share WHERE family = $1 AND withdrawn_at IS NULL ORDER BY id";
        for (family, facts) in families {
            let members: BTreeSet<PersonId> =
                facts.iter().filter(|f| f.kind() == Kind::Membership).filter_map(|f| f.subject.person).collect();
            for row in query(SQL).key(family).fetch_all(self.connection()).await? {
                let id: ShareId = row.key("id")?;
                let person: Option<PersonId> = row.maybe_key("person")?;
                if person.is_some() && *family == to {
                    continue;
                }
                for person in person.map_or_else(|| members.clone(), |one| BTreeSet::from([one])) {
                    self.share_again(id, to, person).await?;
                }
                self.withdraw_share(id, NARROWED).await?;
            }
        }
        Ok(())
    }

    /// What is shared of these people goes with them to a family; of those who are `still` of the one, it is shared there as well.
    pub(super) async fn return_shares(
        &mut self,
        from: FamilyId,
        to: FamilyId,
        people: &HashSet<PersonId>,
        still: &HashSet<PersonId>,
    ) -> Result<(), StoreError> {
        const SQL: &str = "SELECT id, person FROM share WHERE family = $1 AND person IS NOT NULL AND withdrawn_at IS NULL ORDER BY id";
        for row in query(SQL).key(&from).fetch_all(self.connection()).await? {
            let (id, person) = (row.key("id")?, row.key("person")?);
            if people.contains(&person) {
                self.share_again(id, to, person).await?;
                if !still.contains(&person) {
                    self.withdraw_share(id, "goes on with the family that is one by itself again").await?;
                }
            }
        }
        Ok(())
    }

    /// What is shared of somebody is shared of whom they were found to be, in the same families.
    pub(super) async fn carry_persons_shares(&mut self, from: PersonId, to: PersonId) -> Result<(), StoreError> {
        const SQL: &str = "SELECT id, family FROM share WHERE person = $1 AND withdrawn_at IS NULL ORDER BY id";
        for row in query(SQL).key(&from).fetch_all(self.connection()).await? {
            let id = row.key("id")?;
            self.share_again(id, row.key("family")?, to).await?;
            self.withdraw_share(id, "goes on for whom they were found to be").await?;
        }
        Ok(())
    }

    /// On the same terms, of one person of a family. What was objected to it is kept with it.
    async fn share_again(&mut self, id: ShareId, family: FamilyId, person: PersonId) -> Result<(), StoreError> {
        const SQL: &str = "INSERT INTO share (id, agreement, family, person, sections, by_consent, why, how, given_by, given_on, change, \
             objected_at, objected_by, objection) \
             SELECT $2, agreement, $3, $4, sections, by_consent, why, how, given_by, given_on, $5, objected_at, objected_by, objection \
             FROM share WHERE id = $1";
        let (change, _) = self.change().await?;
        query(SQL).key(&id).key(&ShareId::fresh()).key(&family).key(&person).bind(change.0).execute(self.connection()).await?;
        Ok(())
    }
}
