//! How what holds from a day on ends: a role, a part in a case, an agreement.

use std::fmt::Display;

use super::sql::{Key, query};
use super::{AuthorityTx, StoreError};
use crate::record::Day;

/// Statements of one table whose rows end.
pub(super) struct Ends {
    pub what: &'static str,
    pub set: &'static str,
    pub there: &'static str,
}

macro_rules! ends {
    ($table:literal, $what:literal) => {
        &$crate::store::ends::Ends {
            what: $what,
            set: concat!("UPDATE ", $table, " SET last = $2 WHERE id = $1 AND (last IS NULL OR last > $2)"),
            there: concat!("SELECT 1 FROM ", $table, " WHERE id = $1"),
        }
    };
}
pub(super) use ends;

impl AuthorityTx {
    /// # Errors
    /// `NoSuch`; `Conflict` where it was over before that day.
    pub(super) async fn end<K: Key + Display>(&mut self, of: &'static Ends, id: K, last: Day) -> Result<(), StoreError> {
        let done = query(of.set).key(&id).day(last).execute(self.connection()).await?;
        if done.rows_affected() == 1 {
            return Ok(());
        }
        let there = query(of.there).key(&id).fetch_optional(self.connection()).await?;
        let over = |_| StoreError::Conflict(format!("the {} was over by then", of.what));
        Err(there.map_or_else(|| StoreError::no_such(of.what, id), over))
    }
}
