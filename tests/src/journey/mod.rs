//! `make journey`: how a rule travels, told with real parts alone. A charity writes a module and publishes it; two councils adopt it, each
//! with its own settings; a newer version asks to see more; one council tries it on its own families, approves it and switches, the other
//! stays; a version breaks and comes back; a key is revoked. Every step asserts what it tells.

mod charity;
mod council;
mod families;
mod news;
mod revoked;
mod switched;

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::host::{Answered, Caller};
use crate::program::{Served, run_with};
use crate::registry::Registry;
use charity::Charity;
use council::Council;

const BRISTOL: &str = "E06000023";
const LEEDS: &str = "E08000035";
/// The date that every question is about.
const AS_OF: &str = "2026-08-31";
const POLICE: &str = "hearth:family/offending";

/// Everybody and everything that the story is about.
struct World {
    data: TempDir,
    _registry: Registry,
    _served: Served,
    /// Runs the host, and sees no family.
    operator: Caller,
    charity: Charity,
    bristol: Council,
    leeds: Council,
}

/// Tells the whole story, with so many families of the council that tries the newer version.
///
/// # Errors
/// What did not come about.
pub async fn tell(families: u64) -> Result<()> {
    let mut world = World::begin(families).await?;
    heading("A charity writes a module");
    world.published_first()?;
    heading("Two councils adopt it");
    world.adopted().await?;
    heading("Version 1.1 asks to see more");
    let offered = news::offered(&world).await?;
    heading("One council tries it on its own families");
    let candidate = news::tried(&world, &offered, families).await?;
    heading("It approves, and switches; the other stays");
    switched::switched(&mut world, &candidate).await?;
    switched::declined(&world, &offered).await?;
    heading("Version 1.2 is broken");
    let broken = switched::broken(&mut world).await?;
    heading("The charity's key is revoked");
    revoked::superseded(&mut world).await?;
    revoked::compromised(&mut world, &broken).await?;
    heading("Every decision of the journey repeats");
    world.repeats()
}

impl World {
    /// Two councils with their families and people, a registry, and the host, which nobody has told of the charity yet.
    async fn begin(families: u64) -> Result<Self> {
        let (data, registry) = (tempfile::tempdir()?, Registry::open()?);
        families::made(data.path(), BRISTOL, "Bristol City Council", families).await?;
        families::made(data.path(), LEEDS, "Leeds City Council", OTHER).await?;
        let variables = [("HEARTH_REGISTRIES", &*registry.host), ("HEARTH_REACH_THIS_MACHINE", "true")];
        let served = Served::start_with(data.path(), &variables);
        let typed = |args: &[&str]| run_with(data.path(), args, &[]);
        let operator = Caller::new(&served.base, "", typed(&["token", "--name", "operator"]).out.trim());
        let bristol = Council::of(data.path(), &served.base, BRISTOL).await?;
        let leeds = Council::of(data.path(), &served.base, LEEDS).await?;
        let charity = Charity::begin(&registry.host)?;
        Ok(Self { data, _registry: registry, _served: served, operator, charity, bristol, leeds })
    }

    fn published_first(&self) -> Result<()> {
        self.charity.writes("1.0.0")?;
        self.charity.publishes("1.0.0")
    }

    async fn adopted(&mut self) -> Result<()> {
        self.operator.post("/v1/publishers", json!({ "id": charity::NAME, "name": "Hill Charity" })).await?;
        self.operator.post(&format!("/v1/publishers/{}/keys", charity::NAME), json!({ "key": self.charity.public_key()? })).await?;
        let reference = self.charity.reference("1.0.0");
        let plugin = self.bristol.takes(&reference).await?;
        let signed = self.bristol.author.get(&format!("/v1/plugins/{}/signatures", text(&plugin["digest"]))).await?;
        ensure!((&signed["state"], &signed["publisher"]) == (&json!("signed"), &json!(charity::NAME)), "{signed}");
        say("The host takes it from the registry, and finds it signed by the charity's key, which the operator entered.");
        for (council, settings, says) in [
            (&mut self.bristol, json!({ "attendance-percent": 60, "result-pence": 80_000 }), "60% of the sessions, £800 for a result"),
            (&mut self.leeds, json!({ "attendance-percent": 50, "result-pence": 65_000 }), "50% of the sessions, £650 for a result"),
        ] {
            let at = council.proposes(&plugin, &settings, None).await?;
            council.reviews(&at).await?;
            council.activates(&at).await?;
            council.installation = at;
            say(&format!("{} sets it to {says}, and lets it decide.", council.name));
        }
        families::pays(&self.bristol, 60, None).await?;
        families::pays(&self.leeds, 50, None).await
    }

    fn repeats(&self) -> Result<()> {
        let replayed = run_with(self.data.path(), &["replay", "--all"], &[]);
        let whole = "repeat byte for byte from inputs that still follow from the record; 0 erased; 0 not";
        ensure!(replayed.code == 0 && replayed.out.contains(whole), "{}{}", replayed.out, replayed.err);
        say(replayed.out.lines().last().unwrap_or_default());
        Ok(())
    }
}

/// Families of the council that stays.
const OTHER: u64 = 40;

/// It was refused, and with this problem.
fn refused(answered: &Answered, status: u16, code: &str) -> Result<()> {
    let says = text(&answered.body["type"]);
    ensure!(answered.status == status && says.ends_with(code), "{status} {code} was expected, and not {answered:?}");
    Ok(())
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn list(value: &Value) -> Result<&Vec<Value>> {
    value.as_array().with_context(|| format!("{value} is no list"))
}

/// Of the story.
fn heading(text: &str) {
    println!("\n{text}");
}

fn say(text: &str) {
    println!("  {text}");
}
