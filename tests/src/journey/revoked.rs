//! The publisher's key: superseded, and then found to be compromised. What runs and what is refused is the table at the head of
//! `record/signing/mod.rs`.

use anyhow::{Result, ensure};
use hearth::record::Clock;
use serde_json::{Value, json};

use super::charity::NAME;
use super::switched::answers;
use super::{BRISTOL, World, refused, say, text};
use crate::program::run_with;

/// The charity has a new key: what the old one signed goes on, and it signs nothing more.
pub(super) async fn superseded(world: &mut World) -> Result<()> {
    let old = world.charity.key_id()?;
    world.charity.writes("1.3.0")?;
    world.charity.publishes("1.3.0")?;
    revoke(world, &old, "superseded").await?;
    ensure!(world.bristol.asks(0).await?.decided()?["plugin"]["version"] == "1.1.0", "1.1 goes on");
    ensure!(world.leeds.asks(0).await?.decided()?["plugin"]["version"] == "1.0.0", "1.0 goes on");
    let reference = json!({ "reference": world.charity.reference("1.3.0") });
    let taken = world.bristol.author.try_post("/v1/plugins/from-registry", reference).await?;
    refused(&taken, 422, "plugin-key-revoked")?;
    world.charity.renews_its_key()?;
    world.operator.post(&format!("/v1/publishers/{NAME}/keys"), json!({ "key": world.charity.public_key()? })).await?;
    world.charity.publishes("1.3.0")?;
    world.bristol.takes(&world.charity.reference("1.3.0")).await?;
    say("Superseded: both councils go on. Version 1.3, signed by the old key, is refused; signed by the new one it is taken.");
    Ok(())
}

/// Somebody else may have signed: nothing decides that the old key alone signed.
pub(super) async fn compromised(world: &mut World, broken: &str) -> Result<()> {
    let before = answers(world).await?;
    let old = key_of(world).await?;
    revoke(world, &old, "compromised").await?;
    for council in [&world.bristol, &world.leeds] {
        let stopped = council.asks(0).await?.0;
        refused(&stopped, 409, "plugin-parked")?;
        ensure!(stopped.body["undecided"].is_string(), "the question is lost: {}", stopped.body);
        ensure!(council.announced().await?.contains(&"plugin-stopped".to_owned()), "{} is not told", council.name);
        refused(&council.unparks(&council.installation).await?, 409, "plugin-key-compromised")?;
    }
    refused(&world.bristol.tries_to_return(broken).await?, 409, "plugin-key-compromised")?;
    let id = broken.rsplit('/').next().unwrap_or_default();
    let typed = run_with(world.data.path(), &["plugin", "return", "--authority", BRISTOL, "--to", id, "--reason", "by the back door"], &[]);
    ensure!(typed.code == 1 && typed.err.contains("compromised"), "{typed:?}");
    ensure!(world.bristol.status(broken).await? == "retired", "the command line brought it back");
    let plugin = world.bristol.author.get(&format!("/v1/plugins/{}", digest(world, &world.bristol.installation).await?)).await?;
    refused(&world.bristol.tries_to_propose(&plugin, None).await?, 409, "plugin-key-compromised")?;
    say("Compromised: what it signed is parked at both councils, which are told. Questions are kept; no way round leads back.");
    signed_anew(world).await?;
    kept_on(world, &before).await
}

/// The new key signs 1.1 too: it is believed again, and brought back by a person.
async fn signed_anew(world: &World) -> Result<()> {
    let bristol = &world.bristol;
    world.charity.publishes("1.1.0")?;
    let signature = json!({ "signature": world.charity.signature("1.1.0")? });
    let signatures = format!("/v1/plugins/{}/signatures", digest(world, &bristol.installation).await?);
    ensure!(bristol.author.post(&signatures, signature).await?["state"] == "signed", "1.1 is not believed");
    let back = bristol.unparks(&bristol.installation).await?;
    ensure!(back.status == 200, "{back:?}");
    ensure!(bristol.asks(0).await?.decided()?["plugin"]["version"] == "1.1.0", "1.1 decides again");
    say(&format!("{}: the charity signs 1.1 with its new key, and it decides again.", bristol.name));
    Ok(())
}

/// The other council compared the file, and keeps 1.0 on until a day.
async fn kept_on(world: &World, before: &[String]) -> Result<()> {
    let leeds = &world.leeds;
    refused(&leeds.asks(0).await?.0, 409, "plugin-parked")?;
    let until = Clock::system().now().day().plus(14);
    let said = json!({ "until": until, "reason": "we compared the file with the charity's" });
    leeds.reviewer.post(&format!("{}/keeping-on", leeds.installation), said).await?;
    ensure!(answers(world).await? == before, "1.0 answers otherwise than before");
    say(&format!("{} keeps 1.0 on for two weeks, with a reason: its answers are what they were.", leeds.name));
    Ok(())
}

async fn revoke(world: &World, key: &str, revoked_as: &str) -> Result<Value> {
    let body = json!({ "revoked_as": revoked_as, "why": "for the journey" });
    world.operator.post(&format!("/v1/publishers/{NAME}/keys/{key}/revocation"), body).await
}

/// The key that signed what Bristol decides with.
async fn key_of(world: &World) -> Result<String> {
    let signed = format!("/v1/plugins/{}/signatures", digest(world, &world.bristol.installation).await?);
    Ok(text(&world.bristol.author.get(&signed).await?["signatures"][0]["key"]).to_owned())
}

async fn digest(world: &World, installation: &str) -> Result<String> {
    Ok(text(&world.bristol.reviewer.get(installation).await?["plugin"]).to_owned())
}
