//! What an erasure takes beside the record itself: how people are found, whose rows of agencies' files are whose, and the words of those
//! who shared, sealed, held and hurried.
//!
//! What was done stays, with who did it and when: a seal goes on hiding decisions that were given what it was on, and a share says what
//! was shared with whom. Only its words go.

use super::sql::query;
use super::{AuthorityTx, Erase, StoreError};
use crate::record::{FamilyId, HomeId, PersonId};

/// Of whom an erasure ($1) takes what tells who they are or where they live.
const PEOPLE: &str = "SELECT f.person FROM erased_fact e JOIN fact f ON f.id = e.fact WHERE e.erasure = $1 AND f.person IS NOT NULL \
     UNION SELECT m.person FROM erased_fact e JOIN fact r ON r.id = e.fact AND r.kind = 'residence' \
         JOIN fact m ON m.family = r.family AND m.kind = 'membership' WHERE e.erasure = $1";
const HOMES: &str = "SELECT DISTINCT f.home FROM erased_fact e JOIN fact f ON f.id = e.fact WHERE e.erasure = $1 AND f.home IS NOT NULL";
/// People of the erasure of whom nothing is left: what an agency says of them is said of nobody.
const NOBODY: &str = "SELECT DISTINCT f.person FROM erased_fact e JOIN fact f ON f.id = e.fact WHERE e.erasure = $1 AND f.person IS NOT NULL \
     AND NOT EXISTS (SELECT 1 FROM fact o WHERE o.person = f.person AND NOT EXISTS (SELECT 1 FROM erased_fact b WHERE b.fact = o.id))";

/// Said of an erased fact ($1), or of a person of whom nothing is left: it holds no longer, so that a file that comes again finds nobody.
const SAID_OF_FACTS: &str = "UPDATE match_decision SET told = '{}', shown = '[]', undone_by = COALESCE(undone_by, 'erasure'), \
     undone_at = COALESCE(undone_at, $2) WHERE id IN (SELECT m.decision FROM matched_fact m JOIN erased_fact e ON e.fact = m.fact \
     WHERE e.erasure = $1)";
const SAID_OF_PERSON: &str = "UPDATE match_decision SET told = '{}', shown = '[]', undone_by = COALESCE(undone_by, 'erasure'), \
     undone_at = COALESCE(undone_at, $2) WHERE person = $1 OR shown LIKE $3";
const WAITING: &str = "DELETE FROM waiting_row WHERE candidates LIKE $2 OR EXISTS (SELECT 1 FROM match_decision m \
     WHERE m.who = waiting_row.who AND m.source = waiting_row.source AND m.person = $1)";

/// Of a family ($1).
const WORDS_OF_FAMILY: [&str; 5] = [
    "UPDATE share SET why = '', how = '', given_by = '', withdrawal = NULL, objection = NULL WHERE family = $1",
    "UPDATE seal SET reason = '', lifting = NULL WHERE family = $1",
    "UPDATE emergency SET reason = '' WHERE family = $1",
    "UPDATE legal_hold SET why = '' WHERE family = $1",
    "UPDATE subject_review SET reason = '' WHERE request IN (SELECT s.id FROM subject_request s \
         JOIN fact m ON m.person = s.person AND m.kind = 'membership' WHERE m.family = $1)",
];
/// Of a person ($1).
const WORDS_OF_PERSON: [&str; 3] = [
    "UPDATE seal SET reason = '', lifting = NULL WHERE person = $1",
    "UPDATE legal_hold SET why = '' WHERE person = $1",
    "UPDATE subject_review SET reason = '' WHERE request IN (SELECT id FROM subject_request WHERE person = $1)",
];

impl AuthorityTx {
    /// Before the facts go: afterwards nothing says whose they were.
    pub(super) async fn erase_beside(&mut self, id: i64, families: &[FamilyId], erase: &Erase) -> Result<u64, StoreError> {
        self.find_anew(id).await?;
        let mut rows = self.erase_matches(id, erase).await?;
        // Of a section that goes, families and people stay, and so does what was said of them.
        if matches!(erase, Erase::Sections(..)) {
            return Ok(rows);
        }
        for family in families {
            for sql in WORDS_OF_FAMILY {
                rows += query(sql).key(family).execute(self.connection()).await?.rows_affected();
            }
        }
        if let Erase::Person(person) = erase {
            for sql in WORDS_OF_PERSON {
                rows += query(sql).key(person).execute(self.connection()).await?.rows_affected();
            }
        }
        Ok(rows)
    }

    /// What is worked out from facts is worked out anew when the transaction commits.
    async fn find_anew(&mut self, id: i64) -> Result<(), StoreError> {
        for row in query(PEOPLE).bind(id).fetch_all(self.connection()).await? {
            self.touched.known_otherwise.insert(row.key::<PersonId>("person")?);
        }
        for row in query(HOMES).bind(id).fetch_all(self.connection()).await? {
            self.touched.readdressed.insert(row.key::<HomeId>("home")?);
        }
        Ok(())
    }

    async fn erase_matches(&mut self, id: i64, erase: &Erase) -> Result<u64, StoreError> {
        let now = self.now();
        let mut rows = 0;
        if !matches!(erase, Erase::Sections(..)) {
            let mut people: Vec<PersonId> = Vec::new();
            for row in query(NOBODY).bind(id).fetch_all(self.connection()).await? {
                people.push(row.key("person")?);
            }
            match erase {
                Erase::Person(person) if !people.contains(person) => people.push(*person),
                _ => {}
            }
            for person in people {
                let named = format!("%{person}%");
                rows += query(WAITING).key(&person).bind(&named).execute(self.connection()).await?.rows_affected();
                rows += query(SAID_OF_PERSON).key(&person).at(now).bind(&named).execute(self.connection()).await?.rows_affected();
            }
            rows += query(SAID_OF_FACTS).bind(id).at(now).execute(self.connection()).await?.rows_affected();
        }
        for sql in [
            "DELETE FROM matched_fact WHERE fact IN (SELECT fact FROM erased_fact WHERE erasure = $1)",
            "UPDATE seal SET fact = NULL, reason = '', lifting = NULL WHERE fact IN (SELECT fact FROM erased_fact WHERE erasure = $1)",
        ] {
            rows += query(sql).bind(id).execute(self.connection()).await?.rows_affected();
        }
        Ok(rows)
    }
}
