//! The councils' families: made up, with what is known of them; and what the module has to make of each, worked out without it.

use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use hearth::record::{AuthorityId, Clock};
use hearth::store::{Place, Stores};
use serde_json::Value;

use super::council::Council;
use crate::programme::{BATCH, document, family};

/// What the agreed results of a course are, for one council and one version.
#[derive(Debug, Clone, Copy)]
pub(super) struct Agreed {
    pub percent: u64,
    /// How many call-outs may be. None: version 1.0, which does not see them.
    pub call_outs: Option<usize>,
}

impl Agreed {
    /// Is a result claimed for the family with this number? As the README of the journey says it, from the family's document alone.
    pub(super) fn pays(self, n: u64) -> bool {
        let family = document(n);
        let facts = family["facts"].as_array().map(Vec::as_slice).unwrap_or_default();
        let of = |kind: &str| facts.iter().filter(move |f| f["kind"] == kind).collect::<Vec<_>>();
        let children = ["daughter", "son"].into_iter().filter(|child| is_of_school_age(&family["people"][child]["born"]));
        let attended = children.map(|child| {
            let terms = of("attendance").into_iter().filter(|f| f["person"] == child && in_half_a_year(&f["last"]));
            terms.fold((0, 0), |(of, at), f| (of + number(&f["detail"]["possible"]), at + number(&f["detail"]["attended"])))
        });
        let at_school = attended.map(|(possible, attended)| attended * 100 >= possible * self.percent).collect::<Vec<_>>();
        let calls = of("police-callout").into_iter().filter(|f| in_half_a_year(&f["first"])).count();
        !at_school.is_empty() && at_school.iter().all(|met| *met) && self.call_outs.is_none_or(|most| calls <= most)
    }
}

fn number(of: &Value) -> u64 {
    of.as_u64().unwrap_or_default()
}

/// From 5 to 15 on 31 August 2026.
fn is_of_school_age(born: &Value) -> bool {
    ("2010-09-01".."2021-09-01").contains(&born.as_str().unwrap_or_default())
}

/// The six months to 31 August 2026.
fn in_half_a_year(day: &Value) -> bool {
    ("2026-03-01".."2026-09-01").contains(&day.as_str().unwrap_or_default())
}

/// A council with so many families.
pub(super) async fn made(data: &Path, code: &str, name: &str, families: u64) -> Result<()> {
    let stores = Stores::open(Place::from(data), Clock::system()).await?;
    let authority: AuthorityId = code.parse()?;
    stores.migrate().await?;
    stores.create_authority(&authority, name).await?;
    let store = stores.authority(&authority).await?;
    let mut n = 0;
    while n < families {
        let batch = (n..families.min(n + BATCH)).map(|n| family(n, &authority)).collect::<Result<Vec<_>>>()?;
        n += batch.len() as u64;
        let mut tx = store.write("the journey", "took families in").await?;
        tx.add_families(&batch).await?;
        tx.commit().await?;
    }
    stores.close().await;
    Ok(())
}

/// The first families are decided as the calculation says: whom a result is claimed for, and whom not.
pub(super) async fn pays(council: &Council, percent: u64, call_outs: Option<usize>) -> Result<()> {
    let agreed = Agreed { percent, call_outs };
    let (mut paid, mut asked) = (0, 0);
    for n in 0..FEW {
        let decided = council.asks(n).await?.decided()?;
        let claimed = !decided["claims"].as_array().context("claims")?.is_empty();
        ensure!(claimed == agreed.pays(n), "family {n} of {}: {decided}", council.name);
        paid += usize::from(claimed);
        asked += 1;
    }
    ensure!(paid > 0 && paid < asked, "{paid} of {asked} are paid: nothing is told apart");
    Ok(())
}

/// Families that are asked about one by one.
pub(super) const FEW: u64 = 20;
