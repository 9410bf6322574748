//! The command line: one file a command.

mod demo;
mod doctor;
mod evaluate;
pub mod home;
mod import;
mod installations;
mod migrate;
mod plugin;
mod plugin_docs;
mod plugin_mutants;
mod plugin_test;
mod replay;
mod serve;
mod show;
mod token;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

/// Hearth: the family record, and each council's own rules over it.
#[derive(Debug, Parser)]
#[command(version, about, long_about = None, max_term_width = 120)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

impl Cli {
    /// What is logged where `HEARTH_LOG` does not say: a server logs its requests, a command only what is amiss.
    #[must_use]
    pub const fn log_filter(&self) -> &'static str {
        match self.command {
            Command::Serve(_) => "warn,hearth=info",
            _ => "warn",
        }
    }
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the API and its documentation.
    Serve(serve::Serve),
    /// Load two councils with invented families, decide about each, and serve. A second run is quick and loses nothing.
    Demo(demo::Demo),
    /// Bring the tables of every database up to date.
    Migrate(migrate::Migrate),
    /// Load an agency's CSV extract; what is refused is listed with line and reason.
    Import(import::Import),
    /// Build, read and try plugins, without a host.
    #[command(subcommand)]
    Plugin(plugin::Plugin),
    /// Ask a plugin about every family of an authority, and keep the decisions.
    Evaluate(evaluate::Evaluate),
    /// List an authority's installations, and bring a parked one back.
    Installations(installations::Installations),
    /// Repeat a decision: the same bytes again? do its inputs still follow from the record?
    Replay(replay::Replay),
    /// Make a token for the API.
    Token(token::MakeToken),
    /// Say what is missing on this machine.
    Doctor(doctor::Doctor),
}

/// Where a host lives.
#[derive(Debug, Args)]
struct HomeArgs {
    /// The folder with the databases; made if it is not there.
    #[arg(long, env = "HEARTH_DATA", default_value = "data", value_name = "FOLDER")]
    data: PathBuf,
}

impl HomeArgs {
    async fn open(&self) -> anyhow::Result<home::Home> {
        home::Home::open(&self.data).await
    }
}

/// Runs the command that was typed. 0: done; 1: not done, and why; 2: done in part.
pub async fn run(cli: Cli) -> ExitCode {
    let done = match cli.command {
        Command::Serve(c) => c.run().await,
        Command::Demo(c) => c.run().await,
        Command::Migrate(c) => c.run().await,
        Command::Import(c) => c.run().await,
        Command::Plugin(c) => c.run().await,
        Command::Evaluate(c) => c.run().await,
        Command::Installations(c) => c.run().await,
        Command::Replay(c) => c.run().await,
        Command::Token(c) => c.run().await,
        Command::Doctor(c) => c.run().await,
    };
    match done {
        Ok(Done::Whole) => ExitCode::SUCCESS,
        Ok(Done::InPart) => ExitCode::from(2),
        Err(e) => {
            eprintln!("hearth: {e:#}");
            ExitCode::FAILURE
        }
    }
}

/// How far a command came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Done {
    Whole,
    /// Something was refused or failed, and has been listed; the rest is done.
    InPart,
}
