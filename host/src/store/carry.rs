//! Facts that are said in place of others: of another family, of another person. Whatever marks a fact goes with it.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::sql::{BATCH, Row, places, query};
use super::{AuthorityTx, ChangeId, StoreError, facts};
use crate::record::reshape::{Move, said_again};
use crate::record::{Fact, FactId, FamilyId, NewFact, PersonId, SealId, Subject};

const FACT: &str = "f.id, f.kind, f.family, f.person, f.other, f.home, f.first, f.last, f.source, f.source_kind, f.reference, \
    f.supersedes, f.detail, c.at";
const IN_FORCE: &str = "NOT EXISTS (SELECT 1 FROM superseded s WHERE s.fact = f.id)";

fn facts_where(rest: &str) -> String {
    format!("SELECT {FACT} FROM fact f JOIN change c ON c.id = f.change WHERE {rest} AND {IN_FORCE} ORDER BY f.change, f.id")
}

static OF_FAMILY: LazyLock<String> = LazyLock::new(|| facts_where("f.family = $1"));
static OF_PERSON: LazyLock<String> = LazyLock::new(|| facts_where("(f.person = $1 OR f.other = $1)"));
/// What a change took out of force of a family's own facts, or of a person's, and what took its place.
static FAMILY_LOST: LazyLock<String> = LazyLock::new(|| lost("f.family = $1"));
static PERSON_LOST: LazyLock<String> = LazyLock::new(|| lost("(f.person = $1 OR f.other = $1)"));

fn lost(of: &str) -> String {
    format!(
        "SELECT {FACT}, s.successor FROM fact f JOIN change c ON c.id = f.change JOIN superseded s ON s.fact = f.id \
         WHERE {of} AND s.change = $2 ORDER BY f.change, f.id"
    )
}

/// Where a line of corrections that begins with a fact ($1) has led: the fact in force, if there is one.
static END: LazyLock<String> = LazyLock::new(|| {
    format!(
        "WITH RECURSIVE line (fact) AS (SELECT successor FROM superseded WHERE fact = $1 AND successor IS NOT NULL \
             UNION SELECT s.successor FROM superseded s JOIN line l ON s.fact = l.fact WHERE s.successor IS NOT NULL) \
         SELECT {FACT} FROM line l JOIN fact f ON f.id = l.fact JOIN change c ON c.id = f.change WHERE {IN_FORCE}"
    )
});
static SEALS: LazyLock<String> = LazyLock::new(|| {
    format!("SELECT id, fact, reason, sealed_by, until FROM seal WHERE fact IN ({}) AND lifted IS NULL ORDER BY id", places(1, BATCH))
});

/// What a change took out of force, with what took its place.
pub(super) type Lost = Vec<(Fact, Option<FactId>)>;

impl AuthorityTx {
    /// A family's own facts in force: what is said of its people and homes wherever they are is not among them.
    pub(super) async fn own_facts(&mut self, family: FamilyId) -> Result<Vec<Fact>, StoreError> {
        let rows = query(OF_FAMILY.as_str()).key(&family).fetch_all(self.connection()).await?;
        rows.iter().map(facts::read).collect()
    }

    /// Facts in force that name a person.
    pub(super) async fn facts_naming(&mut self, person: PersonId) -> Result<Vec<Fact>, StoreError> {
        let rows = query(OF_PERSON.as_str()).key(&person).fetch_all(self.connection()).await?;
        rows.iter().map(facts::read).collect()
    }

    pub(super) async fn lost_by_family(&mut self, family: FamilyId, change: ChangeId) -> Result<Lost, StoreError> {
        let rows = query(FAMILY_LOST.as_str()).key(&family).bind(change.0).fetch_all(self.connection()).await?;
        rows.iter().map(|row| Ok((facts::read(row)?, row.maybe_key("successor")?))).collect()
    }

    pub(super) async fn lost_by_person(&mut self, person: PersonId, change: ChangeId) -> Result<Lost, StoreError> {
        let rows = query(PERSON_LOST.as_str()).key(&person).bind(change.0).fetch_all(self.connection()).await?;
        rows.iter().map(|row| Ok((facts::read(row)?, row.maybe_key("successor")?))).collect()
    }

    /// Takes facts out of force and says what takes their place; `beside`: and what is said beside a fact that stays.
    ///
    /// # Errors
    /// `Conflict` where somebody corrected one of them first.
    pub(super) async fn carry(&mut self, moves: &[Move], beside: &[(FactId, NewFact)]) -> Result<(), StoreError> {
        let new: Vec<NewFact> = moves.iter().filter_map(|m| m.new.clone()).chain(beside.iter().map(|(_, f)| f.clone())).collect();
        self.insert_facts(&new).await?;
        let dropped: Vec<_> = moves.iter().filter(|m| m.new.is_none()).map(|m| (m.old.id, None)).collect();
        self.supersede(&dropped).await?;
        for gone in moves {
            self.touched.fact(gone.old.kind(), &gone.old.subject);
        }
        let pairs: Vec<(FactId, FactId)> = moves
            .iter()
            .filter_map(|m| Some((m.old.id, m.new.as_ref()?.id)))
            .chain(beside.iter().map(|(old, new)| (*old, new.id)))
            .collect();
        self.carry_marks(&pairs).await
    }

    /// Says again what a change took out of force. What was corrected since goes back as corrected, and what was withdrawn since stays
    /// withdrawn. `back`: what it is about then, from what it was about before and what it is about now; none: it stays where it is now.
    ///
    /// # Errors
    /// `Conflict` where somebody corrected one of them first.
    pub(super) async fn carry_back(&mut self, lost: &Lost, back: impl Fn(&Subject, &Subject) -> Option<Subject>) -> Result<(), StoreError> {
        let (mut moves, mut beside) = (Vec::with_capacity(lost.len()), Vec::new());
        for (before, successor) in lost {
            let Some(successor) = successor else {
                let subject = self.subject_now(before.subject).await?;
                beside.push((before.id, said_again(before, subject, before.window)));
                continue;
            };
            let row = query(END.as_str()).key(&before.id).fetch_optional(self.connection()).await?;
            let Some(now) = row.as_ref().map(facts::read).transpose()? else { continue };
            let Some(subject) = back(&before.subject, &now.subject) else { continue };
            // Where nobody touched it since, it reads again as it did.
            let again = if now.id == *successor { before } else { &now };
            let new = NewFact { supersedes: Some(now.id), ..said_again(again, subject, again.window) };
            moves.push(Move { old: now, new: Some(new) });
        }
        self.carry(&moves, &beside).await
    }

    /// Whom that is about today, where they go on within others.
    async fn subject_now(&mut self, subject: Subject) -> Result<Subject, StoreError> {
        let mut now = subject;
        if let Some(family) = subject.family {
            now.family = Some(self.go_on_as(&[family]).await?.get(&family).copied().unwrap_or(family));
        }
        for person in [&mut now.person, &mut now.to] {
            if let Some(id) = *person {
                *person = Some(self.goes_on_as(id).await?);
            }
        }
        Ok(now)
    }

    /// Seals, and whose word it rests on that the fact is about them, hold for what is said in its place.
    async fn carry_marks(&mut self, pairs: &[(FactId, FactId)]) -> Result<(), StoreError> {
        const MATCHED: &str =
            "INSERT INTO matched_fact (fact, decision, mapping) SELECT $2, decision, mapping FROM matched_fact WHERE fact = $1";
        let to: HashMap<FactId, FactId> = pairs.iter().copied().collect();
        for chunk in pairs.chunks(BATCH) {
            let ids: Vec<FactId> = chunk.iter().map(|(old, _)| *old).collect();
            for row in query(SEALS.as_str()).keys(&ids).fetch_all(self.connection()).await? {
                if let Some(new) = to.get(&row.key("fact")?) {
                    self.seal_again(&row, Some(*new), None).await?;
                }
            }
        }
        for (old, new) in pairs {
            query(MATCHED).key(old).key(new).execute(self.connection()).await?;
        }
        Ok(())
    }

    /// Members who are sealed in one family, by a seal of after a change, are sealed in another, by the same people for the same people.
    pub(super) async fn carry_member_seals(
        &mut self,
        from: FamilyId,
        to: FamilyId,
        after: ChangeId,
        whose: impl Fn(PersonId) -> bool,
    ) -> Result<(), StoreError> {
        const SQL: &str =
            "SELECT id, person, reason, sealed_by, until FROM seal WHERE family = $1 AND change > $2 AND lifted IS NULL ORDER BY id";
        for row in query(SQL).key(&from).bind(after.0).fetch_all(self.connection()).await? {
            let person = row.key("person")?;
            if whose(person) {
                self.seal_again(&row, None, Some((to, person))).await?;
            }
        }
        Ok(())
    }

    /// In the families in which somebody is sealed, whoever they go on as is too.
    pub(super) async fn carry_persons_seals(&mut self, from: PersonId, to: PersonId) -> Result<(), StoreError> {
        const SQL: &str = "SELECT id, family, reason, sealed_by, until FROM seal WHERE person = $1 AND lifted IS NULL ORDER BY id";
        for row in query(SQL).key(&from).fetch_all(self.connection()).await? {
            let family = row.key("family")?;
            self.seal_again(&row, None, Some((family, to))).await?;
        }
        Ok(())
    }

    async fn seal_again(&mut self, seal: &Row, fact: Option<FactId>, member: Option<(FamilyId, PersonId)>) -> Result<(), StoreError> {
        let (change, _) = self.change().await?;
        let (id, before) = (SealId::fresh(), seal.key::<SealId>("id")?);
        query("INSERT INTO seal (id, fact, family, person, reason, sealed_by, change, until) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)")
            .key(&id)
            .maybe_key(fact.as_ref())
            .maybe_key(member.as_ref().map(|(family, _)| family))
            .maybe_key(member.as_ref().map(|(_, person)| person))
            .bind(seal.text("reason")?)
            .bind(seal.text("sealed_by")?)
            .bind(change.0)
            .maybe_day(seal.maybe_day("until")?)
            .execute(self.connection())
            .await?;
        query("INSERT INTO seal_name (seal, login) SELECT $1, login FROM seal_name WHERE seal = $2")
            .key(&id)
            .key(&before)
            .execute(self.connection())
            .await?;
        Ok(())
    }
}
