//! Tables that the authority supplies: the host's own (school terms, services), and those that a plugin declares without rows.
//! Append-only: every version is kept, the latest counts.

use super::sql::{Connection, Row, query};
use super::{AsKnown, AuthorityStore, AuthorityTx, StoreError};
use crate::record::{InstallationId, KnownAt};

/// One version of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SuppliedTable {
    /// None: one of the host's own.
    pub installation: Option<InstallationId>,
    pub name: String,
    /// From 1.
    pub version: u64,
    pub at: KnownAt,
    pub by: String,
    /// As they were sent.
    pub rows: serde_json::Value,
}

macro_rules! supplied {
    ($rest:literal) => {
        concat!(
            "SELECT t.installation, t.name, t.version, t.content, c.at, c.principal FROM supplied_table t JOIN change c ON c.id = t.change ",
            $rest
        )
    };
}

impl AuthorityStore {
    /// The latest version of each table that an installation reads: the host's own, and those supplied to it.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn supplied_to(&self, installation: InstallationId, known: AsKnown) -> Result<Vec<SuppliedTable>, StoreError> {
        let mut connection = self.read().await?;
        let change = known.last_change(&mut connection).await?;
        let rows = query(supplied!(
            "WHERE (t.installation IS NULL OR t.installation = $1) AND t.change <= $2 AND NOT EXISTS \
             (SELECT 1 FROM supplied_table l WHERE l.name = t.name AND l.installation IS NOT DISTINCT FROM t.installation AND l.version > t.version \
             AND l.change <= $2) ORDER BY t.name, t.id"
        ))
        .key(&installation)
        .bind(change)
        .fetch_all(&mut connection)
        .await?;
        rows.iter().map(read).collect()
    }

    /// One table: a version of it, or the latest.
    ///
    /// # Errors
    /// `NoSuch` where none was supplied.
    pub async fn supplied(
        &self,
        installation: Option<InstallationId>,
        name: &str,
        version: Option<u64>,
    ) -> Result<SuppliedTable, StoreError> {
        let found = get(&mut *self.read().await?, installation, name, version).await?;
        found.ok_or_else(|| {
            StoreError::no_such("supplied table", version.map_or_else(|| name.to_owned(), |v| format!("{name}, version {v}")))
        })
    }
}

impl AuthorityTx {
    /// A new version of a table; none is made where the rows are the latest one's. The version that now counts.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn supply_table(
        &mut self,
        installation: Option<InstallationId>,
        name: &str,
        rows: &serde_json::Value,
    ) -> Result<SuppliedTable, StoreError> {
        let before = get(self.connection(), installation, name, None).await?;
        let version = match before {
            Some(before) if before.rows == *rows => return Ok(before),
            Some(before) => before.version + 1,
            None => 1,
        };
        let (change, _) = self.change().await?;
        query("INSERT INTO supplied_table (installation, name, version, change, content) VALUES ($1, $2, $3, $4, $5)")
            .maybe_key(installation.as_ref())
            .bind(name.to_owned())
            .count(version)
            .bind(change.0)
            .bind(rows.to_string())
            .execute(self.connection())
            .await?;
        let kept = get(self.connection(), installation, name, Some(version)).await?;
        kept.ok_or_else(|| StoreError::no_such("supplied table", name))
    }
}

impl AuthorityTx {
    /// What was supplied to one installation is supplied to another: the latest of each table.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn supply_as(&mut self, from: InstallationId, to: InstallationId) -> Result<(), StoreError> {
        const SQL: &str = supplied!(
            "WHERE t.installation = $1 AND NOT EXISTS (SELECT 1 FROM supplied_table l WHERE l.name = t.name \
             AND l.installation = t.installation AND l.version > t.version) ORDER BY t.name"
        );
        for row in query(SQL).key(&from).fetch_all(self.connection()).await? {
            let table = read(&row)?;
            self.supply_table(Some(to), &table.name, &table.rows).await?;
        }
        Ok(())
    }
}

async fn get(
    connection: &mut Connection,
    installation: Option<InstallationId>,
    name: &str,
    version: Option<u64>,
) -> Result<Option<SuppliedTable>, StoreError> {
    let statement = match &installation {
        Some(installation) => {
            let sql = supplied!("WHERE t.installation = $3 AND t.name = $1 AND ($2 = 0 OR t.version = $2) ORDER BY t.version DESC LIMIT 1");
            query(sql).bind(name.to_owned()).count(version.unwrap_or(0)).key(installation)
        }
        None => {
            let sql =
                supplied!("WHERE t.installation IS NULL AND t.name = $1 AND ($2 = 0 OR t.version = $2) ORDER BY t.version DESC LIMIT 1");
            query(sql).bind(name.to_owned()).count(version.unwrap_or(0))
        }
    };
    statement.fetch_optional(connection).await?.as_ref().map(read).transpose()
}

fn read(row: &Row) -> Result<SuppliedTable, StoreError> {
    Ok(SuppliedTable {
        installation: row.maybe_key("installation")?,
        name: row.text("name")?,
        version: row.count("version")?,
        at: row.at("at")?,
        by: row.text("principal")?,
        rows: row.json("content")?,
    })
}
