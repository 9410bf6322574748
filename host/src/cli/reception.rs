//! How people sign in to a host: where they reach it, and where secrets of identity providers are.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::Args;

use super::home::Home;
use super::serve;
use crate::access::Reception;
use crate::access::reception::OwnAddress;
use crate::api::App;
use crate::egress::mail::Mail;
use crate::egress::{Door, Openings};

#[derive(Debug, Clone, Default, Args)]
pub(super) struct ReceptionArgs {
    /// Where people reach this host, such as https://hearth.example.org: links lead there, and identity providers send people back there.
    #[arg(long, env = "HEARTH_ADDRESS", value_name = "ADDRESS")]
    address: Option<OwnAddress>,
    /// The folder in which each authority's secrets have one of their own, named by its code. Left out: secrets/providers in the data folder.
    #[arg(long, env = "HEARTH_PROVIDER_SECRETS", value_name = "FOLDER")]
    provider_secrets: Option<PathBuf>,
}

impl ReceptionArgs {
    /// With the door and the post that the host has.
    pub(super) fn open(&self, app: App, data: &Path) -> App {
        let reception = self.reception(app.mail.clone(), app.door.clone(), data);
        app.receiving(reception)
    }

    pub(super) fn reception(&self, mail: Mail, door: Door, data: &Path) -> Reception {
        let secrets = self.provider_secrets.clone().unwrap_or_else(|| data.join("secrets").join("providers"));
        Reception::new(self.address.clone(), mail, door, Some(secrets))
    }
}

/// The demonstration's host, which is reached at `base`. Its letters are files in its folder.
///
/// # Errors
/// The folder cannot be made.
pub(super) fn of_a_demonstration(home: &Home, data: &Path, base: &str) -> Result<App> {
    let letters = data.join("letters");
    std::fs::create_dir_all(&letters).with_context(|| format!("making {}", letters.display()))?;
    let mail = Mail::through(&format!("folder:{}", letters.display()), None, None)?;
    let app = serve::app(home).reaching(Door::new(Openings::default()), mail);
    // Bound to an address that is not this machine's own, nobody says how it is reached.
    let args = ReceptionArgs { address: base.parse().ok(), provider_secrets: None };
    Ok(args.open(app, data))
}
