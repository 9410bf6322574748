//! What a host sends to others: through which door, and by which post.

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Args;

use crate::api::App;
use crate::egress::mail::Mail;
use crate::egress::{Door, Openings};
use crate::plugins::registry::Registries;
use crate::record::Destination;

#[derive(Debug, Clone, Default, Args)]
pub(super) struct OutArgs {
    /// For tests and laptops: let authorities open destinations on this machine itself, with http too.
    #[arg(long, env = "HEARTH_REACH_THIS_MACHINE")]
    reach_this_machine: bool,
    /// Where e-mail is sent through: smtps://user@host, smtp://user@host (TLS before anything is said) or folder:PATH. Left out: none is.
    #[arg(long, env = "HEARTH_MAIL", value_name = "WAY")]
    mail: Option<String>,
    /// Who writes it.
    #[arg(long, env = "HEARTH_MAIL_FROM", value_name = "ADDRESS", requires = "mail")]
    mail_from: Option<String>,
    /// The file with the password for it. It is read for each letter, so that a new one is used at once.
    #[arg(long, env = "HEARTH_MAIL_PASSWORD_FILE", value_name = "FILE", requires = "mail")]
    mail_password_file: Option<PathBuf>,
    /// A registry that plugins may be taken from, as registry.example.org or registry.example.org:5000; may be given more than once, and for
    /// where it sends for tokens and files too.
    #[arg(long, env = "HEARTH_REGISTRIES", value_name = "HOST", value_delimiter = ',')]
    registry: Vec<Destination>,
    /// The file with credentials for registries: a line for each, with the registry, a user's name and a password.
    #[arg(long, env = "HEARTH_REGISTRY_CREDENTIALS", value_name = "FILE", requires = "registry")]
    registry_credentials: Option<PathBuf>,
}

impl OutArgs {
    /// # Errors
    /// What is said of e-mail cannot be read.
    pub(super) fn open(&self, app: App) -> Result<App> {
        if self.reach_this_machine {
            eprintln!(
                "warning: started with --reach-this-machine, for tests and laptops: whatever listens on this machine can be reached for an \
                 authority whose administrators open it"
            );
        }
        let door = Door::new(Openings { this_machine: self.reach_this_machine });
        let mail = match &self.mail {
            Some(way) => Mail::through(way, self.mail_from.as_deref(), self.mail_password_file.clone()).context("e-mail")?,
            None => Mail::nowhere(),
        };
        let registries = Registries { named: self.registry.clone(), credentials: self.registry_credentials.clone() };
        Ok(app.reaching(door, mail).taking_from(registries))
    }
}
