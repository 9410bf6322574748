//! `hearth intake …`: what surrounds a file that was loaded with `hearth import`.

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::{Args, Subcommand};

use super::{Done, HomeArgs};
use crate::intake::{self, Fate, Import, Mapping, Spooled, review};
use crate::record::{AuthorityId, MatchDecisionId, OrganisationId, PersonId, WaitingRowId, Window};
use crate::store::{AuthorityStore, MatchAnswer, WaitingState};

/// As whom the command line acts.
const PRINCIPAL: &str = "hearth intake";
/// Rows of the queue that are listed at once.
const LISTED: u32 = 20;

#[derive(Debug, Args)]
pub(super) struct Intake {
    #[command(flatten)]
    home: HomeArgs,
    /// Whose record.
    #[arg(long, value_name = "CODE")]
    authority: AuthorityId,
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Check a mapping and keep it as the next version of its name.
    Mapping {
        /// YAML.
        file: PathBuf,
        /// Say whether it is sound, and keep nothing.
        #[arg(long)]
        check: bool,
    },
    /// What the first rows of a file would become; nothing is kept.
    Preview {
        #[arg(long, value_name = "NAME")]
        mapping: String,
        /// The organisation that sent it, by its short name.
        #[arg(long, value_name = "NAME")]
        source: OrganisationId,
        /// The days that the file speaks for.
        #[arg(long, value_name = "FIRST..LAST")]
        covers: Window,
        file: PathBuf,
    },
    /// When each feed last came, and whether the next is overdue.
    Feeds,
    /// Rows about which a person is asked, side by side with who may be meant.
    Queue,
    /// Say who is meant.
    Decide {
        /// The row, as `queue` lists it.
        row: WaitingRowId,
        /// This person.
        #[arg(long, value_name = "PERSON", group = "answer")]
        person: Option<PersonId>,
        /// None of those who are shown: the row waits.
        #[arg(long, group = "answer")]
        none_of_these: bool,
        /// Nobody of ours: nobody is asked again.
        #[arg(long, group = "answer")]
        not_ours: bool,
    },
    /// Take back what was said: its facts are withdrawn, and its rows asked about again.
    Undo { decision: MatchDecisionId },
    /// Meet rows that wait with the record as it is now; `hearth serve` does it once a day.
    Again,
    /// Forget rows whose time is over; `hearth serve` does it once a day.
    Purge,
}

impl Intake {
    pub(super) async fn run(self) -> Result<Done> {
        let home = self.home.open().await?;
        let store = home.stores.authority(&self.authority).await?;
        match self.what {
            What::Mapping { file, check } => mapping(&store, &file, check).await?,
            What::Preview { mapping, source, covers, file } => preview(&store, &mapping, source, covers, &file).await?,
            What::Feeds => feeds(&store).await?,
            What::Queue => queue(&store).await?,
            What::Decide { row, person, none_of_these, not_ours } => {
                let answer = match (person, none_of_these, not_ours) {
                    (Some(person), ..) => MatchAnswer::Person(person),
                    (None, true, _) => MatchAnswer::NoneOfThese,
                    (None, _, true) => MatchAnswer::NotOurs,
                    _ => anyhow::bail!("say --person, --none-of-these or --not-ours"),
                };
                let done = review::decide(&store, PRINCIPAL, row, answer).await?;
                println!("{} rows; take it back with `hearth intake undo {}`", done.rows, done.decision);
            }
            What::Undo { decision } => {
                let done = review::undo(&store, PRINCIPAL, decision).await?;
                println!("{} rows are asked about again", done.rows);
            }
            What::Again => {
                let done = intake::match_again(&store, PRINCIPAL).await?;
                println!("{} rows are in the record now, {} more are asked about", done.kept, done.asked);
            }
            What::Purge => println!("{} rows forgotten", intake::purge(&store, PRINCIPAL).await?),
        }
        Ok(Done::Whole)
    }
}

async fn mapping(store: &AuthorityStore, file: &PathBuf, check: bool) -> Result<()> {
    let named = || file.display().to_string();
    let text = std::fs::read_to_string(file).with_context(named)?;
    let read = Mapping::from_yaml(&text).with_context(named)?;
    if check {
        println!("{} is sound: {} from {}", read.name, read.kind, read.agency);
        return Ok(());
    }
    let mut tx = store.write(PRINCIPAL, "wrote a mapping").await?;
    let version = tx.keep_mapping(&read.name, &text).await?;
    tx.commit().await?;
    println!("{}, version {version}: {} from {}", read.name, read.kind, read.agency);
    Ok(())
}

async fn preview(store: &AuthorityStore, name: &str, source: OrganisationId, covers: Window, file: &PathBuf) -> Result<()> {
    let named = || file.display().to_string();
    let (mapping, version) = intake::mapping_named(store, name).await?;
    let import = Import { mapping, version, source, covers };
    let opened = std::fs::File::open(file).with_context(named)?;
    let rows = async { intake::preview(store, PRINCIPAL, &import, Spooled::of(opened)?).await };
    for row in rows.await.with_context(named)? {
        let becomes = match row.fate {
            Fate::Kept => "kept",
            Fate::Asked => "a person is asked",
            Fate::Unmatched => "waits: the record knows nobody who may be meant",
            Fate::NotOurs => "nobody of ours, as somebody said before",
            Fate::Refused => "refused",
        };
        let says = row
            .told
            .map(|told| format!(": {} {} {}", told.detail.kind(), Window { first: told.first, last: told.last }, told.detail.to_json()));
        let why = row.refused.map(|r| format!(": {}: {}", r.column, r.reason));
        println!("line {}: {becomes}{}{}", row.line, says.unwrap_or_default(), why.unwrap_or_default());
    }
    Ok(())
}

async fn feeds(store: &AuthorityStore) -> Result<()> {
    for feed in intake::feeds(store).await? {
        let latest = &feed.latest;
        let due = match (feed.due, feed.overdue) {
            (Some(due), true) => format!("OVERDUE since {due}"),
            (Some(due), false) => format!("next by {due}"),
            (None, _) => "no rhythm".to_owned(),
        };
        let report = &latest.report;
        let count = |name: &str| report.get(name).and_then(serde_json::Value::as_u64).unwrap_or_default();
        println!(
            "{} from {}: came {}, for {}, {} ({} rows, {} refused, {} unmatched, {} asked); {due}",
            latest.mapping,
            latest.source,
            latest.at.day(),
            latest.covers,
            latest.state.code(),
            count("read"),
            count("refused"),
            count("unmatched"),
            count("asked"),
        );
    }
    println!(
        "{} rows are asked about, {} wait",
        store.count_waiting(WaitingState::Asked).await?,
        store.count_waiting(WaitingState::Unmatched).await?
    );
    Ok(())
}

async fn queue(store: &AuthorityStore) -> Result<()> {
    for row in store.waiting_rows(WaitingState::Asked, None, LISTED).await?.items {
        let (told, shown) = review::opened(&row)?;
        println!("{}  {} from {}: {}", row.id, row.mapping, row.source, serde_json::to_string(&told.whom)?);
        let people: Vec<PersonId> = shown.iter().filter_map(|s| s.person).collect();
        let known = store.profiles(&people).await?;
        for one in shown {
            let agrees: Vec<&str> = one.agreements.iter().map(|a| a.level.says()).collect();
            let who = one.person.map_or_else(|| format!("home {}", one.home.map(|h| h.to_string()).unwrap_or_default()), |p| p.to_string());
            let profile = one.person.and_then(|p| known.get(&p)).map(serde_json::to_string).transpose()?.unwrap_or_default();
            println!("    {who}  {:.1} bits: {}\n      {profile}", f64::from(one.weight) / 10.0, agrees.join(", "));
        }
    }
    let all = store.count_waiting(WaitingState::Asked).await?;
    if all > u64::from(LISTED) {
        println!("and {} more", all - u64::from(LISTED));
    }
    Ok(())
}
