//! How common something is in an authority's record: what fewer than five families have could tell whose record it was.

use super::sql::query;
use super::{AuthorityStore, StoreError};
use crate::record::Kind;

/// Nobody is told apart from this many.
pub const FEW: u32 = 5;

impl AuthorityStore {
    /// Did fewer than five families ever have a fact of the kind, with this code in this field if one is named? Corrected facts count: they
    /// were known of somebody.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn is_rare(&self, kind: Kind, said: Option<(&str, &str)>) -> Result<bool, StoreError> {
        const SQL: &str = "SELECT COUNT(*) AS n FROM (SELECT DISTINCT family FROM ( \
             SELECT f.family FROM fact f WHERE f.kind = $1 AND f.detail LIKE $2 AND f.family IS NOT NULL \
             UNION ALL SELECT m.family FROM fact f JOIN fact m ON m.person = f.person AND m.kind = 'membership' \
             WHERE f.kind = $1 AND f.detail LIKE $2 AND f.family IS NULL \
             UNION ALL SELECT m.family FROM fact f JOIN fact m ON m.home = f.home AND m.kind = 'residence' \
             WHERE f.kind = $1 AND f.detail LIKE $2 AND f.family IS NULL AND f.person IS NULL) AS had LIMIT 5) AS few";
        // A code is small letters, digits and hyphens, and stands in quotes; in a list too.
        let like = said.map_or_else(|| "%".to_owned(), |(field, code)| format!("%\"{field}\":%\"{code}\"%"));
        let row = query(SQL).bind(kind.code()).bind(like).fetch_one(&mut *self.read().await?).await?;
        Ok(row.count("n")? < u64::from(FEW))
    }

    /// Did fewer than five families ever have so many members?
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn is_rarely_so_large(&self, members: usize) -> Result<bool, StoreError> {
        const SQL: &str = "SELECT COUNT(*) AS n FROM (SELECT family FROM fact WHERE kind = 'membership' GROUP BY family \
             HAVING COUNT(DISTINCT person) >= $1 LIMIT 5) AS few";
        let members = i64::try_from(members).unwrap_or(i64::MAX);
        let row = query(SQL).bind(members).fetch_one(&mut *self.read().await?).await?;
        Ok(row.count("n")? < u64::from(FEW))
    }
}
