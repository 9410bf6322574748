//! What has been kept for its time, family by family.

use std::collections::BTreeMap;

use crate::record::retention::{Ended, Keep, default_of};
use crate::record::{Day, FamilyId, Section};
use crate::store::{AsKnown, AuthorityStore, Erase, StoreError, Went, WhyErased};

/// Families that are looked at in one go.
const FAMILIES: u32 = 200;

/// What went, or would go, of one family.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    pub family: FamilyId,
    /// Sections whose time is over and of which something was left.
    pub sections: Vec<Section>,
    /// What went; or why nothing may: a legal hold.
    pub went: Result<Went, String>,
}

/// For how long each section is kept here: what the authority says, or the default.
///
/// # Errors
/// The file cannot be read.
pub async fn periods(store: &AuthorityStore) -> Result<BTreeMap<Section, Keep>, StoreError> {
    let said = store.retention().await?;
    let of = |section: Section| said.iter().find(|r| r.section == section.code()).map_or(default_of(section).0, |r| r.keep);
    Ok(Section::ALL.iter().map(|s| (*s, of(*s))).collect())
}

/// Erases, one family a transaction, the sections whose time is over; or says what would go, where it is a rehearsal. `each` is told of
/// every family of which something is due.
///
/// # Errors
/// The file cannot be read or written; what was erased before stays erased.
pub async fn erase_due(store: &AuthorityStore, today: Day, rehearsal: bool, by: &str, mut each: impl FnMut(Due)) -> Result<(), StoreError> {
    let periods = periods(store).await?;
    let mut after = None;
    loop {
        let page = store.families(after, FAMILIES).await?;
        for family in page.items {
            let facts = store.facts(family.id, AsKnown::Now).await?;
            let Some(ended) = Ended::of(&facts) else { continue };
            let over = |section: &Section| periods.get(section).is_some_and(|keep| ended.kept_until(*keep) < today);
            let mut sections: Vec<Section> = facts.iter().map(|f| f.kind().section()).filter(over).collect();
            sections.sort_unstable();
            sections.dedup();
            if sections.is_empty() {
                continue;
            }
            let mut tx = store.write(by, "erased what had been kept for its time").await?;
            let went = match tx.erase(&Erase::Sections(family.id, sections.clone()), WhyErased::Retention, by).await {
                Ok(went) => Ok(went),
                Err(StoreError::Conflict(why)) => Err(why),
                Err(fault) => return Err(fault),
            };
            if went.as_ref().is_ok_and(|w| w.facts == 0) {
                continue;
            }
            if went.is_ok() && !rehearsal {
                tx.commit().await?;
            }
            each(Due { family: family.id, sections, went });
        }
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    if rehearsal { Ok(()) } else { store.overwrite().await }
}
