//! A copy of an authority's data for its own analysts: flat tables, as SQLite and as CSV, all as of one instant.
//!
//! It names nobody: the section identity, the words of notes and goals, sources' own references and whatever is sealed stay behind. People, families and homes
//! are ids. Each table and column says what it is, in the table `columns` of the file and in `columns.csv`.

use std::path::Path;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode};
use sqlx::{ConnectOptions as _, Connection as _};

use super::sql::{Connection, Row, places, query};
use super::{AuthorityStore, StoreError};
use crate::record::{Day, Digest, FamilyId, KnownAt};
use crate::sheet;

/// Rows that are read at once.
const ROWS: i64 = 5_000;

/// How a column is kept, and so how it is written out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Of {
    Id,
    Digest,
    Day,
    Instant,
    Text,
    Number,
}

/// Seals in force on a day ($3).
macro_rules! sealed {
    ($what:literal) => {
        concat!("SELECT 1 FROM seal s WHERE s.lifted IS NULL AND (s.until IS NULL OR s.until >= $3) AND ", $what)
    };
}
/// Neither the fact nor anybody whom it is about is sealed: who is sealed in one family is left out of all.
macro_rules! of_nobody_sealed {
    () => {
        concat!("NOT EXISTS (", sealed!("(s.fact = f.id OR s.person = f.person OR s.person = f.other)"), ")")
    };
}
/// The decision of that column was not given what is sealed.
macro_rules! given_nothing_sealed {
    ($decision:literal) => {
        concat!("NOT EXISTS (", sealed!("s.id IN (SELECT x.seal FROM decision_seal x WHERE x.decision = "), $decision, "))")
    };
}

struct Table {
    name: &'static str,
    says: &'static str,
    /// Name, how it is kept, what it is. The first is what rows are ordered and found by.
    columns: &'static [(&'static str, Of, &'static str)],
    /// Rows after a place ($1), at most so many ($2), without what is sealed today ($3).
    sql: &'static str,
}

const TABLES: &[Table] = &[
    Table {
        name: "families",
        says: "The families of the authority",
        columns: &[
            ("id", Of::Id, "The family"),
            ("reference", Of::Text, "What the authority calls it"),
            ("revision", Of::Number, "How often its record has changed"),
            ("changed_at", Of::Instant, "When its record last changed"),
        ],
        sql: "SELECT f.id, f.reference, r.revision, c.at AS changed_at FROM family f JOIN family_revision r ON r.family = f.id \
              AND r.revision = (SELECT MAX(revision) FROM family_revision WHERE family = f.id) JOIN change c ON c.id = r.change \
              WHERE f.id > $1 AND $3 = $3 ORDER BY f.id LIMIT $2",
    },
    Table {
        name: "facts",
        says: "Everything recorded but identity, corrected and withdrawn facts too; of notes and goals that there are any",
        columns: &[
            ("id", Of::Id, "The fact"),
            ("section", Of::Text, "Code list sections"),
            ("kind", Of::Text, "Code list kinds"),
            ("family", Of::Id, "The family that it is about"),
            ("person", Of::Id, "The person that it is about"),
            ("other", Of::Id, "The other person of a relationship"),
            ("home", Of::Id, "The home that it is about"),
            ("first", Of::Day, "When it was true, from"),
            ("last", Of::Day, "When it was true, to; empty: still"),
            ("source", Of::Text, "Whose statement it is"),
            ("source_kind", Of::Text, "Code list organisation-kinds"),
            ("known_at", Of::Instant, "When the record came to know it"),
            ("supersedes", Of::Id, "The fact that it corrects"),
            ("gone_at", Of::Instant, "When it was corrected or withdrawn; empty: in force"),
            ("detail", Of::Text, "JSON: what a fact of this kind holds"),
        ],
        sql: concat!(
            "SELECT f.id, f.section, f.kind, f.family, f.person, f.other, f.home, f.first, f.last, f.source, f.source_kind, \
              c.at AS known_at, f.supersedes, g.at AS gone_at, CASE WHEN f.kind IN ('note', 'goal') THEN '{}' ELSE f.detail END AS detail \
              FROM fact f JOIN change c ON c.id = f.change LEFT JOIN superseded s ON s.fact = f.id LEFT JOIN change g ON g.id = s.change \
              WHERE f.id > $1 AND f.section <> 'identity' AND ",
            of_nobody_sealed!(),
            " ORDER BY f.id LIMIT $2"
        ),
    },
    Table {
        name: "coverage",
        says: "How well something is known, in the order in which it was said: a later statement replaces an earlier one",
        columns: &[
            ("id", Of::Number, "Its place"),
            ("kind", Of::Text, "Code list kinds"),
            ("person", Of::Id, "Empty: every family of the authority"),
            ("first", Of::Day, "From"),
            ("last", Of::Day, "To"),
            ("state", Of::Text, "Code list coverages"),
            ("source", Of::Text, "Who says so"),
        ],
        sql: concat!(
            "SELECT id, kind, person, first, last, state, source FROM coverage c WHERE id > $1 AND NOT EXISTS (",
            sealed!("s.person = c.person"),
            ") ORDER BY id LIMIT $2"
        ),
    },
    Table {
        name: "service_referrals",
        says: "Families referred to services, and how far it came",
        columns: &[
            ("id", Of::Id, "The referral"),
            ("family", Of::Id, "The family"),
            ("person", Of::Id, "For whom; empty: the family"),
            ("service", Of::Id, "The service of the directory"),
            ("provider", Of::Text, "Whose service it is"),
            ("sent_at", Of::Instant, "When it was sent"),
            ("state", Of::Text, "How far it has come"),
            ("engaged", Of::Day, "When the help began"),
            ("ended", Of::Day, "When it was over"),
        ],
        sql: concat!(
            "SELECT p.id, p.family, p.person, p.service, p.provider, c.at AS sent_at, p.state, p.engaged, p.ended FROM provision p \
              JOIN change c ON c.id = p.change WHERE p.id > $1 AND NOT EXISTS (",
            sealed!("s.person = p.person"),
            ") AND NOT EXISTS (",
            sealed!("s.fact = p.fact"),
            ") ORDER BY p.id LIMIT $2"
        ),
    },
    Table {
        name: "decisions",
        says: "What plugins answered",
        columns: &[
            ("id", Of::Id, "The decision"),
            ("at", Of::Instant, "When it was made"),
            ("principal", Of::Text, "Who asked"),
            ("family", Of::Id, "About which family"),
            ("revision", Of::Number, "Of its record"),
            ("plugin", Of::Text, "The plugin's name"),
            ("plugin_digest", Of::Digest, "Its version"),
            ("question", Of::Text, "What was asked"),
            ("as_of", Of::Day, "The day that it is about"),
            ("result", Of::Text, "The code answered"),
        ],
        sql: concat!(
            "SELECT d.id, d.at, d.principal, d.family, d.revision, i.plugin, i.digest AS plugin_digest, d.question, d.as_of, d.result \
              FROM decision d JOIN installation i ON i.id = d.installation WHERE d.id > $1 AND ",
            given_nothing_sealed!("d.id"),
            " ORDER BY d.id LIMIT $2"
        ),
    },
    Table {
        name: "claims",
        says: "Results that are claimed",
        columns: &[
            ("id", Of::Number, "The claim"),
            ("decision", Of::Id, "What it rests on"),
            ("family", Of::Id, "For which family"),
            ("kind", Of::Text, "Code list claims"),
            ("amount", Of::Number, "Pence"),
            ("entitled_on", Of::Day, "Since when"),
            ("state", Of::Text, "Where it stands, from `draft` to `paid`, `withdrawn`, `refused` or `repaid`"),
        ],
        sql: concat!(
            "SELECT id, decision, family, kind, amount, entitled_on, state FROM claim WHERE id > $1 AND ",
            given_nothing_sealed!("claim.decision"),
            " ORDER BY id LIMIT $2"
        ),
    },
    Table {
        name: "claim_steps",
        says: "What was done to claims",
        columns: &[
            ("id", Of::Number, "The step"),
            ("claim", Of::Number, "To which claim"),
            ("at", Of::Instant, "When"),
            ("act", Of::Text, "What was done"),
            ("state", Of::Text, "Where it left the claim"),
            ("stage", Of::Text, "In which stage of the audit"),
            ("amount", Of::Number, "Pence that were paid, or paid back"),
            ("day", Of::Day, "On which day"),
            ("batch", Of::Number, "In which file"),
        ],
        sql: concat!(
            "SELECT s.id, s.claim, c.at, s.act, s.state, s.stage, s.amount, s.day, s.batch FROM claim_step s \
              JOIN change c ON c.id = s.change JOIN claim k ON k.id = s.claim WHERE s.id > $1 AND ",
            given_nothing_sealed!("k.decision"),
            " ORDER BY s.id LIMIT $2"
        ),
    },
    Table {
        name: "tasks",
        says: "What somebody has, or had, to do",
        columns: &[
            ("id", Of::Id, "The task"),
            ("family", Of::Id, "About which family"),
            ("role", Of::Text, "Code list roles"),
            ("due", Of::Day, "By when"),
            ("state", Of::Text, "`open` or `done`"),
            ("decision", Of::Id, "That gave it out; empty: the host"),
            ("done_at", Of::Instant, "When it was done"),
        ],
        sql: concat!(
            "SELECT id, family, role, due, state, decision, done_at FROM task WHERE id > $1 AND ",
            given_nothing_sealed!("task.decision"),
            " ORDER BY id LIMIT $2"
        ),
    },
    Table {
        name: "referrals",
        says: "Who was sent to the front door, and what became of it; whom it describes and what was written stay behind",
        columns: &[
            ("id", Of::Id, "The referral"),
            ("came_on", Of::Day, "When it came"),
            ("route", Of::Text, "Code list referral-routes"),
            ("organisation_kind", Of::Text, "Code list organisation-kinds; empty: the family itself, or found"),
            ("urgent", Of::Number, "1: as its sender marked it"),
            ("family", Of::Id, "About which family, once somebody has said so"),
            ("state", Of::Text, "received, settled, triaged, asked, closed"),
            ("decision", Of::Id, "The latest triage"),
            ("outcome", Of::Text, "Code list triages"),
            ("priority", Of::Text, "Code list priorities"),
            ("answer_by", Of::Day, "By when its sender was to hear"),
            ("outcome_at", Of::Instant, "When it was decided"),
        ],
        sql: concat!(
            "SELECT id, came_on, route, organisation_kind, urgent, family, state, decision, outcome, priority, answer_by, outcome_at \
              FROM referral WHERE id > $1 AND ",
            given_nothing_sealed!("referral.decision"),
            " ORDER BY id LIMIT $2"
        ),
    },
    Table {
        name: "overrides",
        says: "What people put in the place of what plugins decided, or did where they decided nothing; why stays behind",
        columns: &[
            ("id", Of::Id, "The override"),
            ("family", Of::Id, "About which family"),
            ("decision", Of::Id, "That was set aside; empty: nothing was decided of it"),
            ("about", Of::Text, "The question, the kind of action, or `caseload`"),
            ("principal", Of::Text, "Who did so"),
        ],
        sql: concat!(
            "SELECT id, family, decision, about, principal FROM override WHERE id > $1 AND ",
            given_nothing_sealed!("override.decision"),
            " ORDER BY id LIMIT $2"
        ),
    },
];

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extracted {
    /// Table and rows.
    pub tables: Vec<(&'static str, u64)>,
}

impl AuthorityStore {
    /// Writes `extract.sqlite` and a CSV file a table into a folder that is not there yet, as of one instant, while others read and write.
    ///
    /// # Errors
    /// `File` where the folder is there or cannot be written.
    pub async fn extract(&self, folder: &Path) -> Result<Extracted, StoreError> {
        let failed = |path: &Path, why| StoreError::File { file: path.display().to_string(), why };
        std::fs::create_dir(folder).map_err(|e| failed(folder, e))?;
        let file = folder.join("extract.sqlite");
        let options = SqliteConnectOptions::new().filename(&file).create_if_missing(true).journal_mode(SqliteJournalMode::Off);
        let mut to = options.connect().await?;
        sqlx::query("CREATE TABLE columns (name TEXT NOT NULL, of_table TEXT NOT NULL, says TEXT NOT NULL)").execute(&mut to).await?;
        let mut columns = csv(folder, "columns")?;
        columns.row(["of_table", "name", "says"]).map_err(|e| failed(folder, e))?;
        // Every table is as of one instant.
        let mut from = self.database().read_at_once().await?;
        let today = self.clock().now().day();
        let mut tables = Vec::with_capacity(TABLES.len());
        for table in TABLES {
            for (name, says) in [("", table.says)].into_iter().chain(table.columns.iter().map(|(name, _, says)| (*name, *says))) {
                sqlx::query("INSERT INTO columns (of_table, name, says) VALUES ($1, $2, $3)")
                    .bind(table.name)
                    .bind(name)
                    .bind(says)
                    .execute(&mut to)
                    .await?;
                columns.row([table.name, name, says]).map_err(|e| failed(folder, e))?;
            }
            tables.push((table.name, write(table, folder, today, &mut from, &mut to).await?));
        }
        drop(from);
        to.close().await?;
        columns.end().map_err(|e| failed(folder, e))?;
        let mut permissions = std::fs::metadata(&file).map_err(|e| failed(&file, e))?.permissions();
        permissions.set_readonly(true);
        std::fs::set_permissions(&file, permissions).map_err(|e| failed(&file, e))?;
        Ok(Extracted { tables })
    }
}

type Sheet = sheet::Writer<std::io::BufWriter<std::fs::File>>;

fn csv(folder: &Path, name: &str) -> Result<Sheet, StoreError> {
    let path = folder.join(format!("{name}.csv"));
    let file = std::fs::File::create_new(&path).map_err(|why| StoreError::File { file: path.display().to_string(), why })?;
    Ok(sheet::Writer::new(std::io::BufWriter::new(file)))
}

async fn write(
    table: &Table,
    folder: &Path,
    today: Day,
    from: &mut Connection,
    to: &mut sqlx::SqliteConnection,
) -> Result<u64, StoreError> {
    let failed = |why| StoreError::File { file: folder.join(format!("{}.csv", table.name)).display().to_string(), why };
    let names: Vec<&str> = table.columns.iter().map(|(name, ..)| *name).collect();
    let types = table.columns.iter().map(|(name, of, _)| format!("\"{name}\" {}", if *of == Of::Number { "INTEGER" } else { "TEXT" }));
    // Names of this file's own table: nothing that anybody sent.
    let create = format!("CREATE TABLE \"{}\" ({}, PRIMARY KEY (id))", table.name, types.collect::<Vec<_>>().join(", "));
    sqlx::query(sqlx::AssertSqlSafe(create)).execute(&mut *to).await?;
    let insert = format!("INSERT INTO \"{}\" VALUES ({})", table.name, places(1, names.len()));
    let mut sheet = csv(folder, table.name)?;
    sheet.row(names.iter().copied()).map_err(failed)?;
    let (mut after, mut written) = (Place::first(table), 0);
    loop {
        let rows = match &after {
            Place::Bytes(bytes) => query(table.sql).bind(bytes.clone()),
            Place::Number(number) => query(table.sql).bind(*number),
        };
        let rows = rows.bind(ROWS).day(today).fetch_all(&mut *from).await?;
        let Some(last) = rows.last() else { break };
        after = after.of(last)?;
        let mut kept = to.begin().await?;
        for row in &rows {
            let cells = table.columns.iter().map(|(name, of, _)| cell(row, name, *of)).collect::<Result<Vec<_>, _>>()?;
            let bound = cells.iter().fold(sqlx::query(sqlx::AssertSqlSafe(insert.clone())), |q, cell| q.bind(cell.clone()));
            bound.execute(&mut *kept).await?;
            sheet.row(cells.iter().map(|c| c.as_deref().unwrap_or_default())).map_err(failed)?;
        }
        kept.commit().await?;
        written += rows.len() as u64;
    }
    sheet.end().map_err(failed)?;
    Ok(written)
}

/// Where a table goes on.
enum Place {
    Bytes(Vec<u8>),
    Number(i64),
}

impl Place {
    fn first(table: &Table) -> Self {
        if table.columns.first().is_some_and(|(_, of, _)| *of == Of::Number) { Self::Number(0) } else { Self::Bytes(Vec::new()) }
    }

    fn of(&self, row: &Row) -> Result<Self, StoreError> {
        Ok(match self {
            Self::Bytes(_) => Self::Bytes(row.bytes("id")?),
            Self::Number(_) => Self::Number(row.number("id")?),
        })
    }
}

/// As analysts read it; none: empty.
fn cell(row: &Row, name: &str, of: Of) -> Result<Option<String>, StoreError> {
    Ok(match of {
        Of::Id => row.maybe_key::<FamilyId>(name)?.map(|id| id.to_string()),
        Of::Digest => row.maybe_key::<Digest>(name)?.map(|d| d.to_string()),
        Of::Day => row.maybe_day(name)?.map(|d| d.to_string()),
        Of::Instant => row.maybe_at(name)?.map(|at: KnownAt| at.to_string()),
        Of::Text => row.maybe_text(name)?,
        Of::Number => row.maybe_number(name)?.map(|n| n.to_string()),
    })
}
