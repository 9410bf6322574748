//! Plugins and registries, from a developer's machine.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use clap::Args;

use super::Done;
use super::plugin_sign::minisig;
use crate::egress::{Door, Openings};
use crate::plugins::inspect;
use crate::plugins::registry::{Reference, Registries, pull, push};
use crate::record::signing::{Signature, Stated};
use crate::record::{Clock, Destination};

/// How registries are reached.
#[derive(Debug, Args)]
struct Reached {
    /// For registries on this machine: http, and any port.
    #[arg(long, env = "HEARTH_REACH_THIS_MACHINE")]
    reach_this_machine: bool,
    /// Where the registry sends for tokens or files.
    #[arg(long, value_name = "HOST", value_delimiter = ',')]
    also: Vec<Destination>,
    /// The file with credentials: a line for each registry, with the registry, a user's name and a password.
    #[arg(long, env = "HEARTH_REGISTRY_CREDENTIALS", value_name = "FILE")]
    credentials: Option<PathBuf>,
}

impl Reached {
    fn open(self, reference: &Reference) -> Result<(Door, Registries)> {
        let mut named = self.also;
        named.push(reference.host.parse()?);
        Ok((Door::new(Openings { this_machine: self.reach_this_machine }), Registries { named, credentials: self.credentials }))
    }
}

#[derive(Debug, Args)]
pub(super) struct Publish {
    /// The plugin; its signature lies beside it, with `.minisig`.
    file: PathBuf,
    /// Where it goes: oci://registry/repository:version.
    reference: String,
    #[command(flatten)]
    reached: Reached,
}

impl Publish {
    pub(super) async fn run(self) -> Result<Done> {
        let reference: Reference = self.reference.parse()?;
        let bytes = std::fs::read(&self.file).with_context(|| self.file.display().to_string())?;
        let inspected = inspect(&bytes).with_context(|| self.file.display().to_string())?;
        let beside = minisig(&self.file);
        let signature = std::fs::read_to_string(&beside).with_context(|| format!("{}: sign it first", beside.display()))?;
        let signature: Signature = signature.parse()?;
        Stated::read(&signature.comment)?.must_be(&inspected.manifest.name, &inspected.manifest.version, &inspected.digest)?;
        let (door, registries) = self.reached.open(&reference)?;
        let manifest = push(&door, &registries, &reference, (&inspected, bytes), &signature, Clock::system().now()).await?;
        println!("{reference}: {manifest}");
        Ok(Done::Whole)
    }
}

#[derive(Debug, Args)]
pub(super) struct Pull {
    /// Where it lies: oci://registry/repository:version, with or without @sha256:… of its manifest.
    reference: String,
    /// Where it goes; its signature goes beside it, with `.minisig`.
    #[arg(long, short, value_name = "FILE")]
    out: PathBuf,
    #[command(flatten)]
    reached: Reached,
}

impl Pull {
    pub(super) async fn run(self) -> Result<Done> {
        let reference: Reference = self.reference.parse()?;
        let (door, registries) = self.reached.open(&reference)?;
        let pulled = pull(&door, &registries, &reference).await?;
        let inspected = inspect(&pulled.bytes).context("a host would refuse it")?;
        let stated = match &pulled.signature {
            Some(text) => Some(Stated::read(&text.parse::<Signature>()?.comment)?),
            None => None,
        };
        reference.must_be(&inspected.manifest.version, stated.as_ref())?;
        std::fs::write(&self.out, &pulled.bytes).with_context(|| self.out.display().to_string())?;
        if let Some(signature) = &pulled.signature {
            std::fs::write(minisig(&self.out), signature)?;
        }
        let signed = if pulled.signature.is_some() { "signed: `hearth plugin verify` says by whom" } else { "not signed" };
        println!("{}: {} {}, {signed}\n{}", self.out.display(), inspected.manifest.name, inspected.manifest.version, pulled.manifest);
        Ok(Done::Whole)
    }
}
