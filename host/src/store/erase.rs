//! Erasure: content goes, ids and hashes stay. The trail stays valid, since it holds no content; a decision whose evidence went keeps what
//! was decided, by whom and the hash of its answer, and says since when its evidence is gone.
//!
//! One family or person is one transaction. Left uncommitted, it is a rehearsal: it says what would go.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::sql::{Row, query};
use super::{AuthorityStore, AuthorityTx, StoreError};
use crate::record::{DecisionId, FamilyId, KnownAt, PersonId, Section};

/// What is to be erased.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Erase {
    /// The family, and of its people and homes what belongs to no other family.
    Family(FamilyId),
    /// Everything about one person, in whichever families they are or were.
    Person(PersonId),
    /// Of a family's sections what belongs to no other family.
    Sections(FamilyId, Vec<Section>),
}

/// Why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum WhyErased {
    /// By whom it is about (UK GDPR, article 17).
    Asked,
    /// By a court or the Information Commissioner.
    Ordered,
    /// Its time was over.
    Retention,
}

impl WhyErased {
    const fn code(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Ordered => "ordered",
            Self::Retention => "retention",
        }
    }
}

/// How much went.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Went {
    pub facts: u64,
    /// Of people: how well something was known of them.
    pub coverage: u64,
    /// Families' records as runs were given them, and what questions were about.
    pub contents: u64,
    /// Whose evidence and reasons went. What was decided, when and by whom stays.
    pub decisions: u64,
    pub tasks: u64,
    pub proposals: u64,
    /// Questions that were not decided yet, with what somebody had typed for them.
    pub undecided: u64,
    /// Runs that failed or wrote log lines.
    pub runs: u64,
    /// Answers kept for requests that are sent again.
    pub answers: u64,
    /// Notes, goals and assessments of the families that stay, and may tell in words of whom or what went: for somebody to read.
    pub texts_left: u64,
    /// Rows of agencies' files, and the words of shares, seals, holds and emergencies.
    #[serde(default)]
    pub beside: u64,
    /// What had been released to people who asked to see what is held about them. Its hash stays.
    pub released: u64,
}

/// An erasure that was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erasure {
    pub id: i64,
    pub at: KnownAt,
    pub by: String,
    pub why: WhyErased,
    pub family: Option<FamilyId>,
    pub person: Option<PersonId>,
    /// Codes; none: everything.
    pub sections: Vec<String>,
    pub went: Went,
}

/// Facts that a family ($2) alone has: its own, and those of people and homes that are or were no other family's. A family that goes on within
/// it is no other.
const FACTS_OF_FAMILY: &str = "INSERT INTO erased_fact (fact, erasure) SELECT id, $1 FROM fact WHERE ($3 = '' OR section = $3) AND (\
     family = $2 \
     OR (family IS NULL AND person IN (SELECT m.person FROM fact m WHERE m.family = $2 AND m.kind = 'membership' AND NOT EXISTS \
         (SELECT 1 FROM fact o WHERE o.person = m.person AND o.kind = 'membership' AND o.family <> $2 AND NOT EXISTS \
         (SELECT 1 FROM merged_into g WHERE g.family = o.family AND g.stays = $2 AND g.undone IS NULL)))) \
     OR (family IS NULL AND other IN (SELECT m.person FROM fact m WHERE m.family = $2 AND m.kind = 'membership' AND NOT EXISTS \
         (SELECT 1 FROM fact o WHERE o.person = m.person AND o.kind = 'membership' AND o.family <> $2 AND NOT EXISTS \
         (SELECT 1 FROM merged_into g WHERE g.family = o.family AND g.stays = $2 AND g.undone IS NULL)))) \
     OR (family IS NULL AND person IS NULL AND home IN (SELECT r.home FROM fact r WHERE r.family = $2 AND r.kind = 'residence' AND NOT EXISTS \
         (SELECT 1 FROM fact o WHERE o.home = r.home AND o.kind = 'residence' AND o.family <> $2 AND NOT EXISTS \
         (SELECT 1 FROM merged_into g WHERE g.family = o.family AND g.stays = $2 AND g.undone IS NULL))))) ON CONFLICT DO NOTHING";
const FACTS_OF_PERSON: &str =
    "INSERT INTO erased_fact (fact, erasure) SELECT id, $1 FROM fact WHERE person = $2 OR other = $2 ON CONFLICT DO NOTHING";
/// What was said of a family or person before they were found to be another.
const WITHIN: &str = "SELECT family FROM merged_into WHERE stays = $1 AND undone IS NULL";
const ONE_WITH: &str = "SELECT person FROM person_merge WHERE stays = $1 AND undone IS NULL";

/// Families whose record an erasure ($1) touches: by a fact of their own, of somebody who is or was a member, or of a home.
const FAMILIES: &str = "SELECT f.family FROM erased_fact e JOIN fact f ON f.id = e.fact WHERE e.erasure = $1 AND f.family IS NOT NULL \
     UNION SELECT m.family FROM erased_fact e JOIN fact f ON f.id = e.fact JOIN fact m ON m.person IN (f.person, f.other) \
         AND m.kind = 'membership' WHERE e.erasure = $1 AND f.family IS NULL \
     UNION SELECT r.family FROM erased_fact e JOIN fact f ON f.id = e.fact JOIN fact r ON r.home = f.home AND r.kind = 'residence' \
         WHERE e.erasure = $1 AND f.family IS NULL AND f.person IS NULL";

/// A family's decisions that may have been given one of the facts: those made since the first of them came.
const DECISIONS: &str = "INSERT INTO erased_decision (decision, erasure) SELECT d.id, $1 FROM decision d WHERE d.family = $2 \
     AND d.known_after >= (SELECT MIN(f.change) FROM erased_fact e JOIN fact f ON f.id = e.fact WHERE e.erasure = $1) \
     AND NOT EXISTS (SELECT 1 FROM erased_decision b WHERE b.decision = d.id)";
const SNAPSHOTS: &str = "DELETE FROM content WHERE digest IN (SELECT r.snapshot FROM family_revision r WHERE r.family = $2 \
     AND r.change >= (SELECT MIN(f.change) FROM erased_fact e JOIN fact f ON f.id = e.fact WHERE e.erasure = $1))";
/// What a run was given that no revision names: with what is sealed, and so of this family alone.
const GIVEN: &str = "DELETE FROM content WHERE digest IN (SELECT d.snapshot FROM decision d JOIN erased_decision e ON e.decision = d.id \
     WHERE e.erasure = $1)";
/// What was asked about another family in the same words stays for that one.
const MATTERS: &str = "DELETE FROM content WHERE digest IN (SELECT d.matter FROM decision d JOIN erased_decision e ON e.decision = d.id \
         WHERE e.erasure = $1 AND d.matter IS NOT NULL) \
     AND NOT EXISTS (SELECT 1 FROM decision d WHERE d.matter = content.digest \
         AND NOT EXISTS (SELECT 1 FROM erased_decision e WHERE e.decision = d.id))";

impl AuthorityTx {
    /// Erases. The revision without what went is made when the transaction commits; dropped instead, it was a rehearsal.
    ///
    /// # Errors
    /// `NoSuch` where there is no such family or person; `Conflict` where a legal hold stands.
    pub async fn erase(&mut self, erase: &Erase, why: WhyErased, by: &str) -> Result<Went, StoreError> {
        let (family, person, sections) = match erase {
            Erase::Family(id) => (Some(*id), None, String::new()),
            Erase::Person(id) => (None, Some(*id), String::new()),
            Erase::Sections(id, sections) => (Some(*id), None, sections.iter().map(|s| s.code()).collect::<Vec<_>>().join(",")),
        };
        self.must_be_free(family, person).await?;
        self.change().await?;
        let now = self.now();
        let row =
            query("INSERT INTO erasure (at, by, why, family, person, sections, went) VALUES ($1, $2, $3, $4, $5, $6, '{}') RETURNING id")
                .at(now)
                .bind(by.to_owned())
                .bind(why.code())
                .maybe_key(family.as_ref())
                .maybe_key(person.as_ref())
                .bind(sections)
                .fetch_one(self.connection())
                .await?;
        let id = row.number("id")?;
        let mut went = Went::default();
        self.choose_facts(id, erase, &mut went).await?;
        let families = self.families_of_erasure(id, erase).await?;
        for family in &families {
            self.erase_of_family(id, *family, erase, &mut went).await?;
        }
        went.contents += self.erase_by(MATTERS, id).await?;
        went.contents += self.erase_by(GIVEN, id).await?;
        query("UPDATE decision SET answer = $2 WHERE id IN (SELECT decision FROM erased_decision WHERE erasure = $1)")
            .bind(id)
            .bind(Vec::new())
            .execute(self.connection())
            .await?;
        went.coverage = self.erase_coverage(id, erase).await?;
        went.released = self.erase_released(id, person).await?;
        went.answers = self.erase_answers(id, &families, person).await?;
        went.beside = self.erase_beside(id, &families, erase).await?;
        went.texts_left = match erase {
            Erase::Family(_) => 0,
            Erase::Person(_) => self.count_texts_left(id, &families).await?,
            Erase::Sections(..) => {
                let families = self.as_one(erase).await?;
                self.count_texts_left(id, &families).await?
            }
        };
        self.erase_by("DELETE FROM superseded WHERE fact IN (SELECT fact FROM erased_fact WHERE erasure = $1)", id).await?;
        self.erase_by("DELETE FROM fact WHERE id IN (SELECT fact FROM erased_fact WHERE erasure = $1)", id).await?;
        if let Erase::Family(_) = erase {
            for family in self.as_one(erase).await? {
                query("UPDATE family SET reference = $2 WHERE id = $1")
                    .key(&family)
                    .bind(format!("erased-{family}"))
                    .execute(self.connection())
                    .await?;
            }
        }
        query("UPDATE erasure SET went = $2 WHERE id = $1")
            .bind(id)
            .bind(serde_json::to_string(&went).unwrap_or_default())
            .execute(self.connection())
            .await?;
        for family in families {
            self.touched.family(family);
        }
        Ok(went)
    }

    async fn choose_facts(&mut self, id: i64, erase: &Erase, went: &mut Went) -> Result<(), StoreError> {
        if let Erase::Person(person) = erase {
            let mut people = vec![*person];
            let mut next = 0;
            while let Some(person) = people.get(next).copied() {
                next += 1;
                for row in query(ONE_WITH).key(&person).fetch_all(self.connection()).await? {
                    people.push(row.key("person")?);
                }
                went.facts += query(FACTS_OF_PERSON).bind(id).key(&person).execute(self.connection()).await?.rows_affected();
            }
            return Ok(());
        }
        let sections: Vec<&str> = match erase {
            Erase::Sections(_, sections) => sections.iter().map(|s| s.code()).collect(),
            _ => vec![""],
        };
        for family in self.as_one(erase).await? {
            for section in &sections {
                let chosen = query(FACTS_OF_FAMILY).bind(id).key(&family).bind(*section).execute(self.connection()).await?;
                went.facts += chosen.rows_affected();
            }
        }
        Ok(())
    }

    /// The family that is named, and those that go on within it.
    pub(super) async fn as_one(&mut self, erase: &Erase) -> Result<Vec<FamilyId>, StoreError> {
        let (Erase::Family(family) | Erase::Sections(family, _)) = erase else { return Ok(Vec::new()) };
        let mut families = vec![*family];
        for row in query(WITHIN).key(family).fetch_all(self.connection()).await? {
            families.push(row.key("family")?);
        }
        Ok(families)
    }

    async fn families_of_erasure(&mut self, id: i64, erase: &Erase) -> Result<Vec<FamilyId>, StoreError> {
        let rows = query(FAMILIES).bind(id).fetch_all(self.connection()).await?;
        let mut families = rows.iter().map(|r| r.key("family")).collect::<Result<Vec<FamilyId>, _>>()?;
        if let Erase::Family(_) = erase {
            let missing: Vec<FamilyId> = self.as_one(erase).await?.into_iter().filter(|f| !families.contains(f)).collect();
            families.extend(missing);
        }
        Ok(families)
    }

    async fn erase_of_family(&mut self, id: i64, family: FamilyId, erase: &Erase, went: &mut Went) -> Result<(), StoreError> {
        for (sql, count) in [(DECISIONS, &mut went.decisions), (SNAPSHOTS, &mut went.contents)] {
            *count += query(sql).bind(id).key(&family).execute(self.connection()).await?.rows_affected();
        }
        // Of a family that goes on, what is still to do stays: its sentences name nobody any more.
        let goes_on = i64::from(!matches!(erase, Erase::Family(_)));
        let person = if let Erase::Person(person) = erase { Some(person) } else { None };
        let proposals = query(
            "DELETE FROM proposal WHERE family = $2 AND ($3 = 0 OR (decision IN (SELECT decision FROM erased_decision WHERE erasure = $1) \
             AND (person = $4 OR state NOT IN ('waiting', 'confirmed'))))",
        );
        let done = proposals.bind(id).key(&family).bind(goes_on).maybe_key(person).execute(self.connection()).await?;
        went.proposals += done.rows_affected();
        let tasks = query(
            "DELETE FROM task WHERE family = $2 AND ($3 = 0 OR (state <> 'open' AND (decision IS NULL OR decision IN \
             (SELECT decision FROM erased_decision WHERE erasure = $1)))) AND NOT EXISTS (SELECT 1 FROM proposal p WHERE p.task = task.id)",
        );
        let done = tasks.bind(id).key(&family).bind(goes_on).execute(self.connection()).await?;
        went.tasks += done.rows_affected();
        for (sql, count) in
            [("DELETE FROM undecided WHERE family = $1", &mut went.undecided), ("DELETE FROM run WHERE family = $1", &mut went.runs)]
        {
            *count += query(sql).key(&family).execute(self.connection()).await?.rows_affected();
        }
        Ok(())
    }

    async fn count_texts_left(&mut self, id: i64, families: &[FamilyId]) -> Result<u64, StoreError> {
        const SQL: &str = "SELECT COUNT(*) AS texts FROM fact f WHERE f.family = $2 AND f.kind IN ('note', 'goal') \
             AND NOT EXISTS (SELECT 1 FROM erased_fact e WHERE e.fact = f.id AND e.erasure = $1)";
        // Assessments that do not name them by their id, and may in words.
        const TYPED: &str = "SELECT COUNT(*) AS texts FROM assessment WHERE family = $1 AND answers <> ''";
        let mut texts = 0;
        for family in families {
            texts += query(SQL).bind(id).key(family).fetch_one(self.connection()).await?.count("texts")?;
            texts += query(TYPED).key(family).fetch_one(self.connection()).await?.count("texts")?;
        }
        Ok(texts)
    }

    async fn erase_coverage(&mut self, id: i64, erase: &Erase) -> Result<u64, StoreError> {
        let done = match erase {
            Erase::Person(person) => query("DELETE FROM coverage WHERE person = $1").key(person).execute(self.connection()).await?,
            // Of people of whom nothing else is left.
            Erase::Family(_) => {
                let sql = "DELETE FROM coverage WHERE person IN (SELECT f.person FROM erased_fact e JOIN fact f ON f.id = e.fact \
                     WHERE e.erasure = $1 AND f.family IS NULL) AND NOT EXISTS (SELECT 1 FROM fact f WHERE f.person = coverage.person \
                     AND NOT EXISTS (SELECT 1 FROM erased_fact e WHERE e.fact = f.id))";
                query(sql).bind(id).execute(self.connection()).await?
            }
            Erase::Sections(..) => return Ok(0),
        };
        Ok(done.rows_affected())
    }

    /// What was released to the person, or told of what goes: of everybody the erasure takes a fact of.
    async fn erase_released(&mut self, id: i64, person: Option<PersonId>) -> Result<u64, StoreError> {
        let done = query(
            "UPDATE subject_request SET released = NULL WHERE released IS NOT NULL AND (person = $2 OR person IN \
             (SELECT m.person FROM erased_fact e JOIN fact f ON f.id = e.fact JOIN fact m ON m.kind = 'membership' \
              AND (m.person IN (f.person, f.other) OR m.family = f.family) WHERE e.erasure = $1) OR person IN \
             (SELECT m.person FROM fact o JOIN fact m ON m.family = o.family AND m.kind = 'membership' \
              WHERE o.person = $2 AND o.kind = 'membership'))",
        );
        Ok(done.bind(id).maybe_key(person.as_ref()).execute(self.connection()).await?.rows_affected())
    }

    /// Answers that name a family, person, fact or decision of the erasure: they hold what the record held.
    async fn erase_answers(&mut self, id: i64, families: &[FamilyId], person: Option<PersonId>) -> Result<u64, StoreError> {
        let mut named: HashSet<String> = families.iter().map(ToString::to_string).chain(person.map(|p| p.to_string())).collect();
        for sql in
            ["SELECT fact AS id FROM erased_fact WHERE erasure = $1", "SELECT decision AS id FROM erased_decision WHERE erasure = $1"]
        {
            for row in query(sql).bind(id).fetch_all(self.connection()).await? {
                named.insert(row.key::<DecisionId>("id")?.to_string());
            }
        }
        let mut gone = 0;
        let mut after = (String::new(), String::new());
        loop {
            let rows = query(
                "SELECT principal, key, route, response FROM idempotency WHERE (principal, key) > ($1, $2) ORDER BY principal, key LIMIT 200",
            )
            .bind(after.0.clone())
            .bind(after.1.clone())
            .fetch_all(self.connection())
            .await?;
            let Some(last) = rows.last() else { return Ok(gone) };
            after = (last.text("principal")?, last.text("key")?);
            for row in &rows {
                let said = [row.bytes("response")?, row.text("route")?.into_bytes()];
                if said.iter().any(|text| names(text, &named)) {
                    query("DELETE FROM idempotency WHERE principal = $1 AND key = $2")
                        .bind(row.text("principal")?)
                        .bind(row.text("key")?)
                        .execute(self.connection())
                        .await?;
                    gone += 1;
                }
            }
        }
    }

    async fn erase_by(&mut self, sql: &'static str, id: i64) -> Result<u64, StoreError> {
        Ok(query(sql).bind(id).execute(self.connection()).await?.rows_affected())
    }
}

/// Does a text hold one of these ids, as they are written?
fn names(text: &[u8], ids: &HashSet<String>) -> bool {
    const WRITTEN: usize = 36;
    text.windows(WRITTEN).any(|w| w.get(8) == Some(&b'-') && std::str::from_utf8(w).is_ok_and(|id| ids.contains(id)))
}

impl AuthorityStore {
    /// When the evidence of a decision was erased. None: it was not.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn evidence_erased(&self, decision: DecisionId) -> Result<Option<KnownAt>, StoreError> {
        const SQL: &str = "SELECT e.at FROM erased_decision d JOIN erasure e ON e.id = d.erasure WHERE d.decision = $1";
        let row = query(SQL).key(&decision).fetch_optional(&mut *self.read().await?).await?;
        row.map(|r| r.at("at")).transpose()
    }

    /// What was erased, the latest first. `before`: go on from there.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn erasures(&self, before: Option<u64>, limit: u32) -> Result<super::Page<Erasure, u64>, StoreError> {
        const SQL: &str = "SELECT id, at, by, why, family, person, sections, went FROM erasure WHERE id < $1 ORDER BY id DESC LIMIT $2";
        let rows = query(SQL)
            .count(before.unwrap_or(u64::MAX))
            .bind(super::Page::<Erasure, u64>::rows(limit))
            .fetch_all(&mut *self.read().await?)
            .await?;
        Ok(super::Page::cut(rows.iter().map(read).collect::<Result<_, _>>()?, limit, |e| e.id.unsigned_abs()))
    }

    /// Sees to it that what was deleted is nowhere in the file: pages were overwritten as they were freed, and the log that still holds
    /// them as they were goes into the file and is emptied. In PostgreSQL that is for whoever owns the tables, and their `VACUUM`.
    ///
    /// # Errors
    /// `Busy` where a reader holds on to an older state: what was deleted is gone from the record, and still in the log.
    pub async fn overwrite(&self) -> Result<(), StoreError> {
        self.database().empty_log().await
    }
}

fn read(row: &Row) -> Result<Erasure, StoreError> {
    let why = match row.text("why")?.as_str() {
        "asked" => WhyErased::Asked,
        "ordered" => WhyErased::Ordered,
        _ => WhyErased::Retention,
    };
    let sections = row.text("sections")?;
    Ok(Erasure {
        id: row.number("id")?,
        at: row.at("at")?,
        by: row.text("by")?,
        why,
        family: row.maybe_key("family")?,
        person: row.maybe_key("person")?,
        sections: sections.split(',').filter(|s| !s.is_empty()).map(str::to_owned).collect(),
        went: row.json("went")?,
    })
}
