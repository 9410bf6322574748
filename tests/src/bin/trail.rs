//! What the audit trail, erasure, extract and backup take: `make trail`, a table. FAMILIES and READINGS say how many.

use std::time::Instant;

use anyhow::{Result, ensure};
use hearth::record::{AuthorityId, Clock, FamilyId, Section};
use hearth::store::{AuthorityStore, Erase, Looked, Seen, Stores, WhyErased};
use hearth_tests::number;
use hearth_tests::programme::{BATCH, family};

/// Readers side by side: as many requests as a busy hour has.
const READERS: u64 = 64;
/// Families that are erased, one after the other.
const ERASED: usize = 20;

#[tokio::main]
async fn main() -> Result<()> {
    let families = number("FAMILIES").unwrap_or(10_000);
    let readings = number("READINGS").unwrap_or(20_000);
    let folder = tempfile::tempdir()?;
    let stores = Stores::open(folder.path().join("data").as_path(), Clock::system()).await?;
    let code: AuthorityId = "E06000023".parse()?;
    let store = stores.create_authority(&code, "Bristol").await?;
    println!("| {families} families, {readings} readings | |\n|---|---|");

    let mut ids = Vec::new();
    for first in (0..families).step_by(usize::try_from(BATCH)?) {
        let some = (first..families.min(first + BATCH)).map(|n| family(n, &code)).collect::<Result<Vec<_>>>()?;
        ids.extend(some.iter().map(|f| f.id));
        let mut tx = store.write("programme", "took in families").await?;
        tx.add_families(&some).await?;
        tx.commit().await?;
    }

    for readers in [1, READERS] {
        let began = Instant::now();
        let each = if readers == 1 { readings / 20 } else { readings / readers };
        let reading = (0..readers).map(|n| tokio::spawn(read(store.clone(), ids.clone(), n, each)));
        for reader in reading.collect::<Vec<_>>() {
            reader.await??;
        }
        let took = began.elapsed();
        let (per, rate) = (took.as_secs_f64() * 1e3 / each as f64, (each * readers) as f64 / took.as_secs_f64());
        println!("| readings noted, {readers} at once | {rate:.0} a second; each waits {per:.2} ms |");
    }

    let began = Instant::now();
    let mut sealed = 0;
    while let Some(seal) = store.audit_seal().await? {
        sealed += seal.count;
    }
    println!("| sealing {sealed} entries | {:.0} ms |", began.elapsed().as_secs_f64() * 1e3);
    let began = Instant::now();
    let verified = store.audit_verify(&[]).await?;
    ensure!(verified.broken.is_none() && verified.entries == sealed, "{verified}");
    println!("| verifying them, and the revisions of {families} families | {:.0} ms |", began.elapsed().as_secs_f64() * 1e3);

    let backup = folder.path().join("backup");
    let began = Instant::now();
    let manifest = stores.back_up(&backup).await?;
    let bytes: u64 = manifest.files.iter().map(|f| f.bytes).sum();
    println!("| a backup of {} MiB | {:.1} s |", bytes >> 20, began.elapsed().as_secs_f64());
    let began = Instant::now();
    let extracted = store.extract(&folder.path().join("extract")).await?;
    let rows: u64 = extracted.tables.iter().map(|(_, rows)| rows).sum();
    println!("| an extract of {rows} rows, SQLite and CSV | {:.1} s |", began.elapsed().as_secs_f64());

    let began = Instant::now();
    let mut facts = 0;
    for id in ids.iter().step_by(ids.len().div_ceil(ERASED)) {
        let mut tx = store.write("trail", "erased").await?;
        facts += tx.erase(&Erase::Family(*id), WhyErased::Asked, "trail").await?.facts;
        tx.commit().await?;
        store.overwrite().await?;
    }
    let erased = ids.len().div_ceil(ids.len().div_ceil(ERASED));
    let millis = began.elapsed().as_secs_f64() * 1e3 / erased as f64;
    println!("| erasing a family of {} facts, and overwriting it | {millis:.1} ms |", facts / erased as u64);
    ensure!(store.audit_verify(&[]).await?.broken.is_none(), "the trail is not whole after the erasures");
    Ok(())
}

async fn read(store: AuthorityStore, ids: Vec<FamilyId>, reader: u64, times: u64) -> Result<()> {
    let looked = Looked { principal: format!("worker {reader}"), what: "GET /families/{family}".into(), purpose: None };
    for n in 0..times {
        let family = ids[usize::try_from((reader * 7_919 + n) % ids.len() as u64)?];
        store.saw(&looked, &[Seen::family(family, &[Section::Education, Section::Household])]).await?;
    }
    Ok(())
}
