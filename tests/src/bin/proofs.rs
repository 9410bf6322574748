//! `make proofs`: what is promised of intake, in full; each figure printed, passed and failed at the end. SEED draws others.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::time::Instant;

use anyhow::{Context, Result};
use hearth::intake::{Import, Report, Spooled, import, mapping_named};
use hearth::matching::{Level, Thresholds};
use hearth::record::family_file::FamilyFile;
use hearth::record::{AuthorityId, Clock};
use hearth::store::{AuthorityStore, Organisation, Stores};
use hearth_tests::matching::{Index, score, weights};
use hearth_tests::people::{generated, pupil};
use serde_json::json;

/// Rows that the machine matches have to be right.
const PRECISION: f64 = 0.99;
/// And so many of those that it should match.
const RECALL: f64 = 0.95;
/// Rows a second, on SQLite.
const RATE: f64 = 20_000.0;

#[derive(Default)]
struct Proofs {
    passed: u32,
    failed: u32,
}

impl Proofs {
    fn check(&mut self, what: &str, good: bool) {
        println!("{} {what}", if good { "passed" } else { "FAILED" });
        if good { self.passed += 1 } else { self.failed += 1 }
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    let mut proofs = Proofs::default();
    matching(&mut proofs);
    load(&mut proofs).await?;
    println!("\n{} passed, {} failed", proofs.passed, proofs.failed);
    std::process::exit(i32::from(proofs.failed > 0));
}

fn matching(proofs: &mut Proofs) {
    let (people, rows) = (hearth_tests::number("PEOPLE").unwrap_or(200_000), hearth_tests::number("ROWS").unwrap_or(400_000));
    let seed = hearth_tests::number("SEED").unwrap_or(1);
    let generated = generated(seed, people as usize, rows as usize);
    let index = Index::of(&generated);
    println!("matching: {} people, {rows} rows, half of them of the record; seed {seed}", generated.people.len());
    println!("  same from   precision   recall   without a number   asked   in vain   missed");
    for same in [160, 180, 200, 220, 240, 260, 280, 300] {
        let thresholds = Thresholds { same, ..Thresholds::USUAL };
        let (all, known) = score(&generated, &index, thresholds, |_| true);
        let (nameless, of) = score(&generated, &index, thresholds, |told| told.identifiers.is_empty());
        println!(
            "  {:>4.1} bits   {:>9.5}   {:.4}   {:.5}, {:.4}   {:>5}   {:>7}   {:>6}{}",
            f64::from(same) / 10.0,
            all.precision(),
            all.recall(known),
            nameless.precision(),
            nameless.recall(of),
            all.asked,
            all.asked_in_vain,
            all.missed,
            if same == Thresholds::USUAL.same { "   the usual" } else { "" }
        );
    }
    println!("  weights in bits           usual   of known truth   by expectation and maximisation");
    let of = weights(&generated, &index, seed);
    for level in Level::ALL.iter().filter(|l| of.known.contains_key(l) || of.estimated.contains_key(l)) {
        let bits = |of: &BTreeMap<Level, f64>| of.get(level).map_or_else(|| "-".to_owned(), |bits| format!("{bits:.1}"));
        let usual = f64::from(level.tenths()) / 10.0;
        println!("    {:<20} {usual:>9.1} {:>16} {:>34}", level.code(), bits(&of.known), bits(&of.estimated));
    }
    let mut wrong: BTreeMap<&str, u32> = BTreeMap::new();
    for row in &generated.rows {
        if let hearth::matching::Answer::Same(found) = index.answer(&row.told, Thresholds::USUAL)
            && Some(found.id) != row.truth
        {
            *wrong.entry(row.how).or_default() += 1;
        }
    }
    println!("  wrongly matched, by who the row was about: {wrong:?}");
    let (all, known) = score(&generated, &index, Thresholds::USUAL, |_| true);
    proofs.check(&format!("precision {:.5}, at least {PRECISION}", all.precision()), all.precision() >= PRECISION);
    proofs.check(&format!("recall {:.4}, at least {RECALL}", all.recall(known)), all.recall(known) >= RECALL);
}

/// A mother and a child each, who have the numbers of the extract's first rows.
async fn record(store: &AuthorityStore, families: u64) -> Result<()> {
    let code: AuthorityId = "E06000023".parse()?;
    for batch in (0..families).collect::<Vec<_>>().chunks(500) {
        let made = batch.iter().map(|n| {
            let (name, born) = pupil(*n);
            let file: FamilyFile = serde_json::from_value(json!({
                "reference": format!("P-{n}"),
                "people": { "child": { "name": { "given": name.given, "family": name.family }, "born": born, "member_from": "2020-01-01",
                    "identifiers": [{ "scheme": "upn", "value": upn(*n) }] } },
                "homes": {},
            }))?;
            Ok(file.resolve(&code)?)
        });
        let made: Vec<_> = made.collect::<Result<_>>()?;
        let mut tx = store.write("proofs", "families").await?;
        tx.add_families(&made).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// A pupil number with its letter.
fn upn(n: u64) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHJKLMNPQRTUVWXYZ";
    let digits = format!("{:012}", 801_200_000_000 + n);
    let sum: usize = digits.bytes().zip(2..).map(|(b, weight)| usize::from(b - b'0') * weight).sum();
    format!("{}{digits}", char::from(LETTERS[sum % 23]))
}

/// So many rows of attendance; of each pupil one. The first are of the record.
async fn load(proofs: &mut Proofs) -> Result<()> {
    let (rows, families) = (hearth_tests::number("LOAD").unwrap_or(1_000_000), hearth_tests::number("FAMILIES").unwrap_or(50_000));
    let folder = tempfile::tempdir()?;
    let stores = Stores::open(folder.path(), Clock::system()).await?;
    let store = stores.create_authority(&"E06000023".parse()?, "Bristol").await?;
    let mut tx = stores.common().write().await?;
    tx.add_organisation(&Organisation { id: "hill-school".parse()?, name: "Hill School".into(), kind: "school".into() }).await?;
    tx.commit().await?;
    record(&store, families).await?;
    println!("\nloading: {rows} rows of attendance with number, name and birth date; {families} of the pupils are of the record");
    for (what, changed) in [("first", 0), ("again", 0), ("corrected", 1)] {
        let file = extract(rows, families, changed)?;
        let (report, seconds) = timed(&store, file).await?;
        let rate = rows as f64 / seconds;
        println!(
            "  {what}: {seconds:.1} s, {rate:.0} rows a second; added {}, corrected {}, as before {}, waiting {}, asked about {}",
            report.added, report.corrected, report.unchanged, report.unmatched, report.asked
        );
        if what == "first" {
            proofs.check(&format!("{rate:.0} rows a second, at least {RATE}"), rate >= RATE);
            proofs.check(
                "every row of the record's pupils was added, and no other",
                report.added == families && report.unmatched + report.asked == rows - families,
            );
        } else {
            let done = if changed == 0 { report.unchanged } else { report.corrected };
            proofs.check(&format!("{what}: nothing is there twice"), done == families && report.added == 0);
        }
    }
    Ok(())
}

fn extract(rows: u64, families: u64, changed: u64) -> Result<Spooled> {
    let mut file = Vec::with_capacity(90 * rows as usize);
    writeln!(file, "UPN,Forename,Surname,DOB,Term start,Term end,Sessions possible,Sessions attended,Unauthorised")?;
    // Those of the record are spread over the file, as they are in one that comes.
    let apart = (rows / families.max(1)).max(1);
    for i in 0..rows {
        let n = if i % apart == 0 && i / apart < families { i / apart } else { families + i };
        let (name, born) = pupil(n);
        writeln!(file, "{},{},{},{born},01/09/2025,19/12/2025,140,{},0", upn(n), name.given, name.family, 120 - changed)?;
    }
    Ok(Spooled::of(file.as_slice())?)
}

async fn timed(store: &AuthorityStore, file: Spooled) -> Result<(Report, f64)> {
    let (mapping, version) = mapping_named(store, "attendance").await?;
    let how = Import { mapping, version, source: "hill-school".parse()?, covers: "2025-09-01..2026-08-31".parse()? };
    let begun = Instant::now();
    let report = import(store, "proofs", &how, file).await.context("the extract")?;
    Ok((report, begun.elapsed().as_secs_f64()))
}
