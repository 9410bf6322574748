//! A plugin that fails again and again is parked: it is asked no more until an administrator brings the installation back or another
//! version is activated. What it would have been asked is undecided meanwhile, as after any failure.

use std::collections::{BTreeMap, HashSet};

use super::{about, to_be_told};
use crate::record::{Announced, InstallationId, KnownAt};
use crate::store::{AuthorityTx, Befell, Ended, Parked, StoreError};

/// When an installation is parked.
#[derive(Debug, Clone, Copy)]
pub struct Parking {
    /// Failures among the last [`LOOKED_AT`] runs; 0: nothing is ever parked.
    pub failures: u32,
    /// Families in a row, each failing.
    pub in_a_row: u32,
}

impl Default for Parking {
    fn default() -> Self {
        Self { failures: 10, in_a_row: 5 }
    }
}

/// Runs that are looked at.
const LOOKED_AT: u32 = 20;
/// Failures must be about so many families, or about as many as there have to be failures: asking about one family whose record the plugin
/// cannot take, again and again, parks nothing for all others.
const FAMILIES: usize = 3;

impl Parking {
    /// Why it is to be parked, and how many of the runs failed. `ended`: the latest first.
    fn verdict(&self, ended: &[Ended]) -> Option<(String, usize)> {
        if self.failures == 0 {
            return None;
        }
        let failed: Vec<&Ended> = ended.iter().filter(|e| e.outcome != "answered").collect();
        let of = || {
            let mut by_code: BTreeMap<&str, usize> = BTreeMap::new();
            failed.iter().for_each(|e| *by_code.entry(&e.outcome).or_default() += 1);
            by_code.iter().map(|(code, n)| format!("{code} {n}")).collect::<Vec<_>>().join(", ")
        };
        let row = families(ended.iter().take_while(|e| e.outcome != "answered"));
        if row >= self.in_a_row as usize {
            return Some((format!("it failed for {row} families in a row ({})", of()), failed.len()));
        }
        let enough = failed.len() >= self.failures as usize;
        let several = families(failed.iter().copied()) >= FAMILIES.min(self.failures as usize);
        (enough && several).then(|| (format!("{} of its last {} runs failed ({})", failed.len(), ended.len(), of()), failed.len()))
    }

    /// Parks the installation where its last runs say so, those of this transaction among them. Those from before it was last brought back do
    /// not count.
    pub(super) async fn park_if_due(&self, tx: &mut AuthorityTx, installation: InstallationId) -> Result<Option<Parked>, StoreError> {
        if self.failures == 0 || tx.parked(installation).await?.is_some() {
            return Ok(None);
        }
        let after = tx.brought_back(installation).await?.map_or(KnownAt::from_millis(i64::MIN), |b| b.at);
        let ended = tx.ended_runs(installation, after, LOOKED_AT).await?;
        let Some((why, failures)) = self.verdict(&ended) else { return Ok(None) };
        let parked = Parked { installation, since: tx.now(), why, failures: failures as u64, runs: ended.len() as u64 };
        park(tx, &parked, Announced::InstallationParked).await?;
        Ok(Some(parked))
    }
}

/// Parks an installation that is not parked, and tells who is to know.
pub(super) async fn park(tx: &mut AuthorityTx, parked: &Parked, announced: Announced) -> Result<(), StoreError> {
    if let Some(id) = tx.park(parked).await? {
        to_be_told::of_installation(tx, parked.installation, Befell::Parked(id)).await?;
        tx.announce(announced, None, parked.installation);
        tracing::warn!(installation = %parked.installation, why = parked.why, "an installation is parked");
    }
    Ok(())
}

/// Brings an installation back, with the reason: 1 to 500 bytes. What failed before counts no more.
///
/// # Errors
/// `NoSuch`; `Conflict` where it is not parked; `Invalid` naming `reason`.
pub async fn unpark(tx: &mut AuthorityTx, id: InstallationId, reason: &str, by: &str) -> Result<(), StoreError> {
    about::reason(reason)?;
    tx.unpark(id, by, reason).await
}

/// How many; what is about no family counts each time.
fn families<'a>(ended: impl Iterator<Item = &'a Ended>) -> usize {
    let (mut known, mut without) = (HashSet::new(), 0);
    for one in ended {
        match one.family {
            Some(family) => drop(known.insert(family)),
            None => without += 1,
        }
    }
    known.len() + without
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::FamilyId;

    /// `x`: failed; `.`: answered; the earliest first, about so many families in turn.
    fn ended(runs: &str, families: usize) -> Vec<Ended> {
        let families: Vec<_> = (0..families).map(|_| FamilyId::fresh()).collect();
        let one = |(i, c): (usize, char)| Ended {
            family: Some(families[i % families.len()]),
            outcome: if c == 'x' { "plugin-trapped" } else { "answered" }.into(),
        };
        let mut all: Vec<_> = runs.chars().enumerate().map(one).collect();
        all.reverse();
        all
    }

    #[test]
    fn what_parks_and_what_does_not() {
        let parking = Parking::default();
        //  runs | about families | parked
        for (runs, about, parks) in [
            ("xxxxx", 5, true),
            ("xxxx", 4, false),
            (".....xxxxx", 10, true),
            ("xxxx.xxxx", 9, false),
            (".x.x.x.x.x.x.x.x.x.x", 20, true),
            (".x.x.x.x.x.x.x.x.x..", 20, false),
            ("xxxxxxxxxxxxxxxxxxxx", 1, false),
            ("xxxxxxxxxxxxxxxxxxxx", 2, false),
            ("xxxxxxxxxx", 3, true),
            ("", 1, false),
        ] {
            assert_eq!(parking.verdict(&ended(runs, about)).is_some(), parks, "{runs} about {about}");
            assert!(Parking { failures: 0, ..parking }.verdict(&ended(runs, about)).is_none(), "turned off");
        }
    }

    #[test]
    fn it_says_why() {
        let (why, failures) = Parking::default().verdict(&ended(".xxxxx", 6)).unwrap();
        assert_eq!((why.as_str(), failures), ("it failed for 5 families in a row (plugin-trapped 5)", 5));
        let (why, _) = Parking::default().verdict(&ended(".x.x.x.x.x.x.x.x.x.x", 20)).unwrap();
        assert_eq!(why, "10 of its last 20 runs failed (plugin-trapped 10)");
    }
}
