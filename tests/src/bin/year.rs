//! `make year`: a year of two authorities through the API alone, with the table of what must follow; each case without what decides it; and
//! each plugin replaced by one that finds nothing. Ends with 1 where the table is not met, or where something made no difference.

use std::collections::BTreeSet;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Result, bail};
use hearth_tests::year::{Book, Case, Miss, Played, Year, families, folder, short};

/// What was asked for on the command line.
#[derive(Default)]
struct Asked {
    /// Only this case, without what decides it.
    without: Option<String>,
    /// Only with a stub in this plugin's place, and the named cases.
    stub: Option<String>,
    /// The named cases alone, with each plugin's stub in turn.
    summary: bool,
    /// Every miss, and not only the first of each case.
    all: bool,
}

const USAGE: &str = "year [--without CASE | --stub PLUGIN | --stubs] [--all]; SEED=1 draws other families";

fn asked() -> Result<Asked> {
    let mut asked = Asked::default();
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        match word.as_str() {
            "--without" => asked.without = words.next(),
            "--stub" => asked.stub = words.next(),
            "--stubs" => asked.summary = true,
            "--all" => asked.all = true,
            other => bail!("`{other}` is not known here: {USAGE}"),
        }
    }
    Ok(asked)
}

#[tokio::main]
async fn main() -> Result<ExitCode> {
    let asked = asked()?;
    let book = Book::read(&folder())?;
    let well = if let Some(case) = &asked.without {
        one_without(&book, case).await?
    } else if let Some(plugin) = &asked.stub {
        let uses = stubs(&book).into_iter().filter(|(_, p)| p == plugin).collect::<BTreeSet<_>>();
        if uses.is_empty() {
            bail!("no authority uses `{plugin}`");
        }
        with_stubs(&book, &uses, asked.all).await?
    } else if asked.summary {
        with_stubs(&book, &stubs(&book), asked.all).await?
    } else {
        let whole = whole(&book, asked.all).await?;
        with_stubs(&book, &stubs(&book), false).await? && whole
    };
    Ok(if well { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

/// The whole year: named and drawn families, and each named case without what decides it.
async fn whole(book: &Book, all: bool) -> Result<bool> {
    let started = Instant::now();
    let seed = hearth_tests::number("SEED").unwrap_or(1);
    let drawn: Vec<Case> = book.drawn.iter().flat_map(|kind| families(book, kind, seed)).collect();
    let cases: Vec<Case> = book.cases.iter().cloned().chain(drawn).collect();
    let mut year = Year::begin(book, None).await?;
    let played = year.play(book, &cases, &book.cases).await?;
    println!("The year from {} to {}: {} families, in {:.0} s\n", book.first, book.last, played.families, started.elapsed().as_secs_f64());
    println!("{}", played.counted);
    println!("What differed, and why\n{}", year.differences(book, &played).await?);
    year.end().await;
    println!("The table: {} rows looked at", played.looked_at);
    for case in &book.cases {
        let misses: Vec<&Miss> = played.misses.iter().filter(|m| m.case == case.name).collect();
        println!("  {:<30}{}", case.name, if misses.is_empty() { "met" } else { "NOT MET" });
        show(&misses, all);
    }
    for ((kind, council), (held, of)) in &played.drawn {
        println!("  {kind:<30}{council}: {held} of {of} as they were to be");
        let misses: Vec<&Miss> = played.misses.iter().filter(|m| m.case.starts_with(kind.as_str()) && m.council == *council).collect();
        show(&misses, all);
    }
    let decisive = decisive(book, &played);
    Ok(played.misses.is_empty() && decisive)
}

fn show(misses: &[&Miss], all: bool) {
    for miss in misses.iter().take(if all { usize::MAX } else { 1 }) {
        println!("  {miss}");
    }
    if !all && misses.len() > 1 {
        println!("    and {} more (--all shows them)", misses.len() - 1);
    }
}

/// Is the end another where what decides is left out?
fn decisive(book: &Book, played: &Played) -> bool {
    println!("\nWithout what decides it");
    let mut well = true;
    for case in &book.cases {
        let labels = case.decisive.iter().cloned().collect::<Vec<_>>().join(", ");
        match played.ends_otherwise(case) {
            Some(miss) => {
                println!("  {:<30}without {labels}, {} at {}: {}", case.name, miss.on, miss.council, short(&miss.what));
                println!("  {:<30}does not hold: {}", "", short(&miss.held));
            }
            None => {
                well = false;
                println!("  {:<30}WITHOUT {labels} THE END IS THE SAME", case.name);
            }
        }
    }
    well
}

async fn one_without(book: &Book, name: &str) -> Result<bool> {
    let Some(case) = book.cases.iter().find(|case| case.name == name) else {
        let names: Vec<&str> = book.cases.iter().map(|case| case.name.as_str()).collect();
        bail!("there is no case `{name}`: there are {}", names.join(", "));
    };
    let book = Book { cases: vec![case.clone()], ..book.clone() };
    let mut year = Year::begin(&book, None).await?;
    let played = year.play(&book, &[], &book.cases).await?;
    year.end().await;
    Ok(decisive(&book, &played))
}

/// Whose plugins they are.
fn stubs(book: &Book) -> BTreeSet<(String, String)> {
    book.councils.iter().flat_map(|c| c.uses.iter().map(|uses| (c.short.clone(), uses.plugin.clone()))).collect()
}

/// Each plugin replaced in turn, with the named cases alone: one of them must fail.
async fn with_stubs(book: &Book, uses: &BTreeSet<(String, String)>, all: bool) -> Result<bool> {
    println!("\nWith a stub in a plugin's place");
    let mut well = true;
    for (council, plugin) in uses {
        let mut year = Year::begin(book, Some((council.as_str(), plugin.as_str()))).await?;
        let played = year.play(book, &book.cases, &[]).await?;
        year.end().await;
        let failed: Vec<&str> = played.failed().into_iter().collect();
        if failed.is_empty() {
            well = false;
            println!("  {plugin:<30}NO CASE NOTICES");
        } else {
            println!("  {plugin:<30}{} of {} cases fail: {}", failed.len(), book.cases.len(), failed.join(", "));
            show(&played.misses.iter().collect::<Vec<_>>(), all);
        }
    }
    Ok(well)
}
