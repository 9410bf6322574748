//! What an erasure takes beside the record itself: how people are found, whose rows of agencies' files are whose, and the words of those
//! who shared, sealed, held and hurried.
//!
//! What was done stays, with who did it and when: a seal goes on hiding decisions that were given what it was on, and a share says what
//! was shared with whom. Only its words go.

use super::sql::{Row, query};
use super::{AuthorityTx, Erase, ProvisionState, StoreError};
use crate::record::{AttachmentId, FamilyId, HomeId, PersonId, Section};

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
const WORDS_OF_FAMILY: [&str; 18] = [
    "DELETE FROM shadow_answer WHERE family = $1",
    "UPDATE assessment_act SET why = NULL WHERE assessment IN (SELECT id FROM assessment WHERE family = $1)",
    "UPDATE assessment_request SET why = NULL, settled_why = NULL WHERE family = $1",
    "UPDATE consent_request SET settled_why = NULL WHERE family = $1",
    "UPDATE claim_step SET reason = NULL WHERE reason IS NOT NULL AND claim IN (SELECT id FROM claim WHERE family = $1)",
    "UPDATE assignment SET reason = NULL, ended_why = NULL WHERE family = $1",
    "UPDATE family_merge SET reason = '', undone_why = NULL WHERE family = $1 OR stays = $1",
    "UPDATE family_split SET reason = '' WHERE family = $1 OR new_family = $1",
    "UPDATE handover_given SET reason = '', answer = NULL, package = NULL WHERE family = $1",
    "UPDATE handover_taken SET reason = '' WHERE family = $1",
    "UPDATE share SET why = '', how = '', given_by = '', withdrawal = NULL, objection = NULL WHERE family = $1",
    "UPDATE seal SET reason = '', lifting = NULL WHERE family = $1",
    "UPDATE emergency SET reason = '' WHERE family = $1",
    "UPDATE legal_hold SET why = '' WHERE family = $1",
    "UPDATE subject_review SET reason = '' WHERE request IN (SELECT s.id FROM subject_request s \
         JOIN fact m ON m.person = s.person AND m.kind = 'membership' WHERE m.family = $1)",
    "UPDATE referral SET told = '{}', words = NULL, question = NULL, reason = NULL WHERE family = $1 OR settled = $1",
    "UPDATE referral_added SET words = '' WHERE referral IN (SELECT id FROM referral WHERE family = $1 OR settled = $1)",
    "UPDATE override SET reason = '', instead = '{}' WHERE family = $1",
];
/// What is still asked for of a family, or of somebody ($1), is asked for no longer: nobody is left to ask ($2: since when).
const ASKED_OF_FAMILY: [&str; 2] = [
    "UPDATE assessment_request SET state = 'dropped', settled_at = $2, settled_by = 'erasure' WHERE family = $1 AND state = 'open'",
    "UPDATE consent_request SET state = 'refused', settled_at = $2, settled_by = 'erasure' WHERE family = $1 AND state = 'open'",
];
const ASKED_OF_PERSON: [&str; 2] = [
    "UPDATE assessment_request SET state = 'dropped', settled_at = $2, settled_by = 'erasure' WHERE person = $1 AND state = 'open'",
    "UPDATE consent_request SET state = 'refused', settled_at = $2, settled_by = 'erasure' WHERE person = $1 AND state = 'open'",
];
/// Assessments of a family ($1) that nobody finishes any more, and the help that it ($1) or somebody of it ($1) was still referred to.
const UNFINISHED: &str = "UPDATE assessment SET state = 'given-up' WHERE family = $1 AND state IN ('draft', 'submitted')";
const HELPED_FAMILY: &str = "SELECT id FROM provision WHERE family = $1 AND state IN ('sent', 'accepted') ORDER BY id";
const HELPED_PERSON: &str = "SELECT id FROM provision WHERE person = $1 AND state IN ('sent', 'accepted') ORDER BY id";

/// Sections with which goes what was typed in assessments: their own, and those that a form begins with (`forms::Prefill`).
const TYPED: [Section; 3] = [Section::Assessments, Section::Identity, Section::Household];
/// What was typed of a family ($1), or of it and names somebody ($2).
const TYPED_OF_FAMILY: &str = "UPDATE assessment SET answers = '', settled = NULL WHERE family = $1 AND answers <> ''";
const TYPED_OF_PERSON: &str = "UPDATE assessment SET answers = '', settled = NULL WHERE family = $1 AND answers <> '' AND (person = $3 \
     OR answers LIKE $2 OR settled LIKE $2)";

/// What was written about the help that a family ($1) got.
const WORDS_OF_HELP: [&str; 4] = [
    "UPDATE provision SET why = NULL WHERE family = $1",
    "UPDATE provision_step SET why = NULL WHERE provision IN (SELECT id FROM provision WHERE family = $1)",
    "UPDATE provision_report SET words = '' WHERE provision IN (SELECT id FROM provision WHERE family = $1)",
    "UPDATE payment_act SET why = NULL WHERE line IN (SELECT l.id FROM payment_line l JOIN provision p ON p.contract = l.contract \
         AND p.number = l.number WHERE p.family = $1)",
];
/// What help was asked for and what it reached: of a family, or of a person ($1). That there was a referral stays, with when it began and
/// was over: what was paid for it rests on that, by the contract's number of the family.
const HELP_OF_FAMILY: [&str; 3] = [
    "UPDATE provision_report SET reached = '{}' WHERE provision IN (SELECT id FROM provision WHERE family = $1)",
    "UPDATE provision SET person = NULL WHERE family = $1",
    "UPDATE help_request SET person = NULL, kind = '', needed_by = NULL, problems = '[]', state = 'withdrawn' WHERE family = $1",
];
const HELP_OF_PERSON: [&str; 3] = [
    "UPDATE provision_report SET reached = '{}' WHERE provision IN (SELECT id FROM provision WHERE person = $1)",
    "UPDATE provision SET person = NULL WHERE person = $1",
    "UPDATE help_request SET person = NULL, kind = '', needed_by = NULL, problems = '[]', state = 'withdrawn' WHERE person = $1",
];
/// Files on a family ($1), on a section of it ($2), on a person ($1), on facts that go.
const FILES_OF_FAMILY: &str = "SELECT id FROM attachment WHERE family = $1";
const FILES_OF_SECTION: &str = "SELECT id FROM attachment WHERE family = $1 AND section = $2";
const FILES_OF_PERSON: &str = "SELECT id FROM attachment WHERE person = $1";
const FILES_OF_FACTS: &str = "SELECT id FROM attachment WHERE fact IN (SELECT fact FROM erased_fact WHERE erasure = $1)";

/// What was written of a family ($1) for meetings, or at them; what was decided there are facts. That it was on an agenda stays.
const WORDS_OF_MEETINGS: [&str; 4] = [
    "UPDATE agenda_item SET why = NULL, settled_why = NULL WHERE family = $1",
    "UPDATE task SET title = '{\"en\":\"\",\"cy\":\"\"}' WHERE family = $1 AND id IN (SELECT task FROM agenda_step)",
    "UPDATE meeting SET name = '', place = NULL WHERE family = $1",
    "UPDATE sitting SET place = NULL, settled_why = NULL WHERE meeting IN (SELECT id FROM meeting WHERE family = $1)",
];
/// Of a person ($1).
const WORDS_OF_PERSON: [&str; 7] = [
    "UPDATE agenda_item SET person = NULL WHERE person = $1",
    "UPDATE seal SET reason = '', lifting = NULL WHERE person = $1",
    "UPDATE legal_hold SET why = '' WHERE person = $1",
    "UPDATE subject_review SET reason = '' WHERE request IN (SELECT id FROM subject_request WHERE person = $1)",
    "UPDATE referral SET told = '{}', words = NULL, question = NULL, reason = NULL WHERE id IN (SELECT referral FROM referral_person WHERE person = $1)",
    "UPDATE referral_added SET words = '' WHERE referral IN (SELECT referral FROM referral_person WHERE person = $1)",
    "DELETE FROM referral_person WHERE person = $1",
];

impl AuthorityTx {
    /// Before the facts go: afterwards nothing says whose they were.
    pub(super) async fn erase_beside(&mut self, id: i64, families: &[FamilyId], erase: &Erase) -> Result<u64, StoreError> {
        self.find_anew(id).await?;
        let mut rows =
            self.erase_matches(id, erase).await? + self.erase_files(id, erase).await? + self.end_what_is_asked_for(erase).await?;
        rows += self.erase_typed(families, erase).await? + self.erase_help(erase).await? + self.erase_meetings(families, erase).await?;
        // What a back-test said rests on facts that go: it is no decision, and nothing of it has to stay.
        for family in families {
            const SQL: &str = "DELETE FROM back_test_row WHERE family = $1";
            rows += query(SQL).key(family).execute(self.connection()).await?.rows_affected();
        }
        // Of a section that goes, families and people stay, and so does what was said of them.
        if !matches!(erase, Erase::Sections(..)) {
            rows += self.erase_words(families, erase).await?;
        }
        // What is on its way to another authority was made before: it is taken back (`workflow/handover`), and given anew.
        for family in families {
            const SQL: &str =
                "UPDATE handover_given SET answer = 'erased', package = NULL WHERE family = $1 AND state IN ('making', 'waiting')";
            rows += query(SQL).key(family).execute(self.connection()).await?.rows_affected();
        }
        Ok(rows)
    }

    async fn erase_words(&mut self, families: &[FamilyId], erase: &Erase) -> Result<u64, StoreError> {
        let mut rows = 0;
        for family in families {
            for sql in WORDS_OF_FAMILY.iter().chain(&WORDS_OF_HELP) {
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

    async fn end_what_is_asked_for(&mut self, erase: &Erase) -> Result<u64, StoreError> {
        let now = self.now();
        let mut rows = 0;
        match erase {
            Erase::Sections(..) => {}
            Erase::Person(person) => {
                for sql in ASKED_OF_PERSON {
                    rows += query(sql).key(person).at(now).execute(self.connection()).await?.rows_affected();
                }
                let helped = query(HELPED_PERSON).key(person).fetch_all(self.connection()).await?;
                rows += self.end_help(&helped).await?;
            }
            Erase::Family(_) => {
                for family in self.as_one(erase).await? {
                    for sql in ASKED_OF_FAMILY {
                        rows += query(sql).key(&family).at(now).execute(self.connection()).await?.rows_affected();
                    }
                    rows += query(UNFINISHED).key(&family).execute(self.connection()).await?.rows_affected();
                    let helped = query(HELPED_FAMILY).key(&family).fetch_all(self.connection()).await?;
                    rows += self.end_help(&helped).await?;
                }
            }
        }
        Ok(rows)
    }

    /// Referrals to services that somebody still works at: the provider learns that they are over, and their places are free again.
    async fn end_help(&mut self, helped: &[Row]) -> Result<u64, StoreError> {
        let today = self.now().day();
        for row in helped {
            let provision = self.provision(row.key("id")?).await?;
            let to = if provision.state == ProvisionState::Sent { ProvisionState::Withdrawn } else { ProvisionState::Left };
            self.move_provision(&provision, to, today, None).await?;
        }
        Ok(helped.len() as u64)
    }

    /// What was typed in assessments: of a family all of it, of a person whatever names them. That one was made, and how it was signed, stays.
    /// With another section it stays too, as notes do, for whoever sees assessments; how many there are is counted, for somebody to read.
    async fn erase_typed(&mut self, families: &[FamilyId], erase: &Erase) -> Result<u64, StoreError> {
        let mut rows = 0;
        if let Erase::Person(person) = erase {
            for family in families {
                let named = query(TYPED_OF_PERSON).key(family).bind(format!("%{person}%")).key(person);
                rows += named.execute(self.connection()).await?.rows_affected();
            }
            return Ok(rows);
        }
        if matches!(erase, Erase::Sections(_, sections) if !sections.iter().any(|section| TYPED.contains(section))) {
            return Ok(0);
        }
        for family in self.as_one(erase).await? {
            rows += query(TYPED_OF_FAMILY).key(&family).execute(self.connection()).await?.rows_affected();
        }
        Ok(rows)
    }

    /// Words about a family at meetings: whoever sees the section notes sees them, so they go with it.
    async fn erase_meetings(&mut self, families: &[FamilyId], erase: &Erase) -> Result<u64, StoreError> {
        let families = match erase {
            Erase::Sections(_, sections) if !sections.contains(&Section::Notes) => return Ok(0),
            Erase::Person(_) => families.to_vec(),
            Erase::Family(_) | Erase::Sections(..) => self.as_one(erase).await?,
        };
        let mut rows = 0;
        for family in &families {
            for sql in WORDS_OF_MEETINGS {
                rows += query(sql).key(family).execute(self.connection()).await?.rows_affected();
            }
        }
        Ok(rows)
    }

    async fn erase_help(&mut self, erase: &Erase) -> Result<u64, StoreError> {
        let mut rows = 0;
        match erase {
            Erase::Person(person) => {
                for sql in HELP_OF_PERSON {
                    rows += query(sql).key(person).execute(self.connection()).await?.rows_affected();
                }
            }
            Erase::Sections(_, sections) if !sections.contains(&Section::Support) => {}
            Erase::Family(_) | Erase::Sections(..) => {
                for family in self.as_one(erase).await? {
                    for sql in WORDS_OF_HELP.iter().chain(&HELP_OF_FAMILY) {
                        rows += query(sql).key(&family).execute(self.connection()).await?.rows_affected();
                    }
                }
            }
        }
        Ok(rows)
    }

    /// Their bytes and names. That there was a file stays, as what was removed does.
    async fn erase_files(&mut self, id: i64, erase: &Erase) -> Result<u64, StoreError> {
        let mut found = query(FILES_OF_FACTS).bind(id).fetch_all(self.connection()).await?;
        if let Erase::Person(person) = erase {
            found.extend(query(FILES_OF_PERSON).key(person).fetch_all(self.connection()).await?);
        }
        for family in self.as_one(erase).await? {
            let Erase::Sections(_, sections) = erase else {
                found.extend(query(FILES_OF_FAMILY).key(&family).fetch_all(self.connection()).await?);
                continue;
            };
            for section in sections {
                found.extend(query(FILES_OF_SECTION).key(&family).bind(section.code()).fetch_all(self.connection()).await?);
            }
        }
        let mut files = found.iter().map(|row| row.key("id")).collect::<Result<Vec<AttachmentId>, _>>()?;
        files.sort_unstable();
        files.dedup();
        let (change, _) = self.change().await?;
        for file in &files {
            query("DELETE FROM attachment_piece WHERE attachment = $1").key(file).execute(self.connection()).await?;
            query(
                "UPDATE attachment SET name = '', fact = NULL, removed = COALESCE(removed, $2), \
                 removed_by = COALESCE(removed_by, 'erasure'), removed_why = NULL WHERE id = $1",
            )
            .key(file)
            .bind(change.0)
            .execute(self.connection())
            .await?;
        }
        Ok(files.len() as u64)
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
            for sql in [
                "UPDATE person_merge SET reason = '', undone_why = NULL WHERE person IN (SELECT f.person FROM erased_fact e \
                 JOIN fact f ON f.id = e.fact WHERE e.erasure = $1)",
                "UPDATE person_merge SET reason = '', undone_why = NULL WHERE stays IN (SELECT f.person FROM erased_fact e \
                 JOIN fact f ON f.id = e.fact WHERE e.erasure = $1)",
            ] {
                rows += query(sql).bind(id).execute(self.connection()).await?.rows_affected();
            }
            rows += query(SAID_OF_FACTS).bind(id).at(now).execute(self.connection()).await?.rows_affected();
        }
        for sql in [
            "DELETE FROM shadow_answer WHERE decision IN (SELECT decision FROM erased_decision WHERE erasure = $1)",
            "DELETE FROM assessment_fact WHERE fact IN (SELECT fact FROM erased_fact WHERE erasure = $1)",
            "DELETE FROM plan_goal WHERE goal IN (SELECT fact FROM erased_fact WHERE erasure = $1)",
            "DELETE FROM encounter_person WHERE contact IN (SELECT fact FROM erased_fact WHERE erasure = $1)",
            "DELETE FROM encounter WHERE contact IN (SELECT fact FROM erased_fact WHERE erasure = $1)",
            "DELETE FROM service_began WHERE service IN (SELECT fact FROM erased_fact WHERE erasure = $1)",
            "DELETE FROM handed_fact WHERE fact IN (SELECT fact FROM erased_fact WHERE erasure = $1)",
            "UPDATE provision SET fact = NULL WHERE fact IN (SELECT fact FROM erased_fact WHERE erasure = $1)",
            "UPDATE agenda_item SET fact = NULL WHERE fact IN (SELECT fact FROM erased_fact WHERE erasure = $1)",
            "DELETE FROM happening WHERE fact IN (SELECT fact FROM erased_fact WHERE erasure = $1)",
            "DELETE FROM matched_fact WHERE fact IN (SELECT fact FROM erased_fact WHERE erasure = $1)",
            "UPDATE seal SET fact = NULL, reason = '', lifting = NULL WHERE fact IN (SELECT fact FROM erased_fact WHERE erasure = $1)",
        ] {
            rows += query(sql).bind(id).execute(self.connection()).await?.rows_affected();
        }
        Ok(rows)
    }
}
