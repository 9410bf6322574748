//! One council switches while it is asked all the time; the other declines, and stays; a broken version comes back by itself.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::families::{Agreed, FEW, pays};
use super::news::Offered;
use super::{AS_OF, POLICE, World, list, refused, say, text};
use crate::host::Caller;

/// Who ask at once.
const ASKING: u64 = 3;
/// Answers by each version, before and after the switch.
const AT_LEAST: usize = 12;

/// By version and family: the answers' hashes.
type Answers = BTreeMap<(String, String), BTreeSet<String>>;

pub(super) async fn switched(world: &mut World, candidate: &str) -> Result<()> {
    let bristol = &mut world.bristol;
    bristol.reviews(candidate).await?;
    let asking = Asking::begin(&bristol.system, bristol.family(0).await?, bristol.family(1).await?);
    asking.go_on().await;
    bristol.activates(candidate).await?;
    asking.go_on().await;
    let answers = asking.end().await?;
    let versions: BTreeSet<&str> = answers.0.keys().map(|(version, _)| version.as_str()).collect();
    ensure!(versions == BTreeSet::from(["1.0.0", "1.1.0"]), "both were to be asked: {versions:?}");
    for ((version, family), said) in &answers.0 {
        ensure!(said.len() == 1, "{version} gave {} answers about {family}", said.len());
    }
    say(&format!("{} switches to 1.1 under way: {} questions meanwhile, none lost, no answer of both.", bristol.name, answers.1));
    let former = std::mem::replace(&mut bristol.installation, candidate.to_owned());
    ensure!(bristol.status(&former).await? == "retired", "1.0 still decides");
    pays(bristol, 60, Some(1)).await
}

/// Questions without a pause, until it is said.
struct Asking {
    done: Arc<AtomicBool>,
    asked: tokio::sync::watch::Receiver<usize>,
    tasks: JoinSet<Result<Answers>>,
}

impl Asking {
    fn begin(system: &Caller, one: String, other: String) -> Self {
        let (done, (told, asked)) = (Arc::new(AtomicBool::new(false)), tokio::sync::watch::channel(0));
        let (told, mut tasks) = (Arc::new(told), JoinSet::new());
        for n in 0..ASKING {
            let (system, done, told) = (system.clone(), done.clone(), told.clone());
            let family = if n % 2 == 0 { one.clone() } else { other.clone() };
            tasks.spawn(async move {
                let mut answers = Answers::new();
                while !done.load(Ordering::Relaxed) {
                    let decided = system.post("/decisions", json!({ "family": family, "question": "progress", "as_of": AS_OF })).await?;
                    let by = (text(&decided["plugin"]["version"]).to_owned(), family.clone());
                    answers.entry(by).or_default().insert(text(&decided["answer"]).to_owned());
                    told.send_modify(|n| *n += 1);
                }
                Ok(answers)
            });
        }
        Self { done, asked, tasks }
    }

    /// Waits until so many more are answered; or until nobody asks any more, which [`Asking::end`] then says.
    async fn go_on(&self) {
        let until = *self.asked.borrow() + AT_LEAST;
        drop(self.asked.clone().wait_for(|n| *n >= until).await);
    }

    /// All answers, and how many there were. What failed fails here.
    async fn end(mut self) -> Result<(Answers, usize)> {
        self.done.store(true, Ordering::Relaxed);
        let mut all = Answers::new();
        while let Some(ended) = self.tasks.join_next().await {
            for (by, answers) in ended?.context("a question was lost")? {
                all.entry(by).or_default().extend(answers);
            }
        }
        Ok((all, *self.asked.borrow()))
    }
}

/// The other council looks at 1.1, and does not grant what it asks for besides: it does not decide there.
pub(super) async fn declined(world: &World, offered: &Offered) -> Result<()> {
    let leeds = &world.leeds;
    let (kept, other) = (Agreed { percent: 50, call_outs: None }, Agreed { percent: 50, call_outs: Some(1) });
    ensure!((0..FEW).any(|n| kept.pays(n) != other.pays(n)), "the two versions are not told apart");
    let before = answers(world).await?;
    let at = leeds.proposes(&offered.plugin, &json!({}), Some((&leeds.installation, &offered.acknowledge))).await?;
    let review = leeds.declines(&at, POLICE).await?;
    ensure!(review["missing"].to_string().contains(&format!("{POLICE} was declined")), "{review}");
    refused(&leeds.reviewer.try_post(&format!("{at}/activation"), json!({})).await?, 409, "not-approved")?;
    ensure!(answers(world).await? == before, "1.0 answers otherwise than before");
    pays(leeds, 50, None).await?;
    say(&format!("{} declines what 1.1 asks for, and stays: its answers are byte for byte those of 1.0.", leeds.name));
    Ok(())
}

/// What the council that stays is answered about its first families: by 1.0, each decided anew.
pub(super) async fn answers(world: &World) -> Result<Vec<String>> {
    let mut answers = Vec::new();
    for n in 0..FEW {
        let decided = world.leeds.asks(n).await?.decided()?;
        ensure!(decided["plugin"]["version"] == "1.0.0", "{decided}");
        answers.push(text(&decided["answer"]).to_owned());
    }
    Ok(answers)
}

/// It passes its scenarios and the review, and traps on real families. The installation that was broken.
pub(super) async fn broken(world: &mut World) -> Result<String> {
    world.charity.writes("1.2.0")?;
    world.charity.publishes("1.2.0")?;
    let bristol = &world.bristol;
    let plugin = bristol.takes(&world.charity.reference("1.2.0")).await?;
    let updates = bristol.reviewer.get(&format!("{}/updates", bristol.installation)).await?;
    let offer = &list(&updates["offered"])?[0];
    ensure!((&offer["version"], &offer["difference"]["widens"]) == (&json!("1.2.0"), &json!(false)), "{offer}");
    let at = bristol.proposes(&plugin, &json!({}), Some((&bristol.installation, &offer["acknowledge"]))).await?;
    bristol.reviews(&at).await?;
    bristol.activates(&at).await?;
    let watch = bristol.reviewer.get("/plugin-review").await?["watch"].clone();
    let most = watch["failures"].as_u64().context("nobody watches")?;
    let mut waiting = Vec::new();
    for n in 0..most {
        ensure!(bristol.status(&at).await? == "active", "it came back after {n} failures");
        let failed = bristol.asks(n).await?.0;
        refused(&failed, 422, "plugin-trapped")?;
        waiting.push(failed.body["undecided"].clone());
    }
    ensure!(bristol.status(&at).await? == "retired", "it decides on after {most} failures");
    ensure!(bristol.status(&bristol.installation).await? == "active", "1.1 does not decide again");
    let history = bristol.reviewer.get(&format!("{at}/activations")).await?;
    ensure!(history["activations"][0]["ended"]["by_itself"] == true, "{history}");
    ensure!(bristol.announced().await?.contains(&"installation-came-back".to_owned()), "nobody was told");
    let notices = bristol.reviewer.get("/notices?state=unseen").await?;
    ensure!(text(&list(&notices["items"])?[0]["message"]).contains("the host went back"), "whoever approved it is not told: {notices}");
    kept_and_asked_again(world, &waiting).await?;
    say(&format!(
        "1.2 passes the same way, and traps on the first {most} real families. The host goes back to 1.1 by itself; what was asked is kept, and decided by 1.1."
    ));
    Ok(at)
}

/// What failed waits, and asked again is decided by the version that came back.
async fn kept_and_asked_again(world: &World, waiting: &[Value]) -> Result<()> {
    let bristol = &world.bristol;
    let kept = bristol.system.get("/undecided").await?;
    for id in waiting {
        ensure!(list(&kept["items"])?.iter().any(|u| &u["id"] == id), "{id} is not kept: {kept}");
        let again = bristol.system.try_post(&format!("/undecided/{}/retry", text(id)), json!({})).await?;
        // Once a minute the host asks again by itself: then there is nothing left to ask.
        let by_itself = matches!(again.status, 404 | 409);
        ensure!(by_itself || again.body["plugin"]["version"] == "1.1.0", "{again:?}");
    }
    pays(bristol, 60, Some(1)).await
}
