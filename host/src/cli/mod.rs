//! The command line: one file a command.

mod audit;
mod backup;
mod compile;
mod demo;
mod demo_meeting;
mod demo_people;
mod demo_work;
mod doctor;
mod erase;
mod evaluate;
mod extract;
mod find;
pub mod home;
mod impact;
mod import;
mod installations;
mod intake;
mod migrate;
mod openapi;
mod out;
mod person;
mod plugin;
mod plugin_back_test;
mod plugin_diff;
mod plugin_docs;
mod plugin_mutants;
mod plugin_registry;
mod plugin_return;
mod plugin_sign;
mod plugin_test;
mod reception;
mod replay;
mod retention;
mod serve;
mod show;
mod subject;
mod tenant;
mod token;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::sandbox::compiler::{Apart, User};

/// Hearth: the family record, and each council's own rules over it.
#[derive(Debug, Parser)]
#[command(version, about, long_about = None, max_term_width = 120)]
pub struct Cli {
    #[command(subcommand)]
    asked: Asked,
}

#[derive(Debug, Subcommand)]
#[expect(clippy::large_enum_variant, reason = "there is one, for as long as the program runs")]
enum Asked {
    #[command(flatten)]
    Typed(Command),
    /// Compile one component for a host, behind walls.
    #[command(hide = true)]
    Compile(compile::Compile),
}

impl Cli {
    /// What is logged where `HEARTH_LOG` does not say: a server logs its requests, a command only what is amiss.
    #[must_use]
    pub const fn log_filter(&self) -> &'static str {
        match self.asked {
            Asked::Typed(Command::Serve(_)) => "warn,hearth=info",
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
    /// Add an invented council with people, families and a plugin, for whoever writes a front end; its tokens are printed once.
    Tenant(tenant::Tenant),
    /// Bring the tables of every database up to date.
    Migrate(migrate::Migrate),
    /// Load an agency's extract, CSV or spreadsheet; what is refused is listed with line and reason.
    Import(import::Import),
    /// Mappings, previews, feeds, and rows about which a person is asked.
    Intake(intake::Intake),
    /// Find people and their families.
    Find(find::Find),
    /// Build, read and try plugins, without a host.
    #[command(subcommand)]
    Plugin(plugin::Plugin),
    /// Ask a plugin about every family of an authority, and keep the decisions.
    Evaluate(evaluate::Evaluate),
    /// List an authority's installations, and bring a parked one back.
    Installations(installations::Installations),
    /// Repeat a decision: the same bytes again? do its inputs still follow from the record?
    Replay(replay::Replay),
    /// The audit trail: seal it, check it, hand it out.
    #[command(subcommand)]
    Audit(audit::Audit),
    /// Erase a family or a person; without --really, only say what would go.
    Erase(erase::EraseThem),
    /// Erase the sections that have been kept for their time; without --really, only say what would go.
    Retention(retention::Retention),
    /// Copy every database, plugins included, while the host works.
    Backup(backup::Backup),
    /// Bring a backup back into a folder without databases, and check it.
    Restore(backup::Restore),
    /// For the impact assessment: what each plugin sees and proposes, what is automatic, how long what is kept.
    Impact(impact::ImpactPage),
    /// Subject access: what is held about a person, reviewed, then released.
    #[command(subcommand)]
    Subject(subject::Subject),
    /// Write an authority's own data for its analysts: flat tables that name nobody.
    Extract(extract::Extract),
    /// Write early help episodes and contacts in the shape of the children's services dataset, and what families achieved by quarter.
    Returns(extract::Returns),
    /// Make a token for the API.
    Token(token::MakeToken),
    /// List tokens, and revoke them.
    #[command(subcommand)]
    Tokens(token::Tokens),
    /// Take in somebody who works at an authority: its first administrator.
    Person(person::MakePerson),
    /// Print the API's OpenAPI document, or what of an earlier one no longer holds.
    Openapi(openapi::OpenApi),
    /// Say what is missing on this machine.
    Doctor(doctor::Doctor),
}

/// Where a host lives, and what it may use.
#[derive(Debug, Args)]
struct HomeArgs {
    /// The folder with the databases, the compiled plugins and the secrets; made if it is not there.
    #[arg(long, env = "HEARTH_DATA", default_value = "data", value_name = "FOLDER")]
    data: PathBuf,
    /// The user that compiles plugins where the host is the superuser: a number, or user:group. It should own nothing.
    #[arg(long, env = "HEARTH_COMPILE_AS", default_value = "65534:65534", value_name = "USER")]
    compile_as: User,
    #[command(flatten)]
    database: home::DatabaseArgs,
}

impl HomeArgs {
    async fn open(&self) -> anyhow::Result<home::Home> {
        home::Home::open(&self.data, &self.database, self.compiler()).await
    }

    async fn open_alone(&self) -> anyhow::Result<home::Home> {
        home::Home::open_alone(&self.data, &self.database, self.compiler()).await
    }

    fn compiler(&self) -> Apart {
        Apart::this_program().as_user(self.compile_as)
    }
}

/// Runs the command that was typed. 0: done; 1: not done, and why; 2: done in part. To be called first in `main`, since what compiles
/// must be alone in its process; `begin` does what all other commands need.
pub fn run(cli: Cli, begin: impl FnOnce()) -> ExitCode {
    let command = match cli.asked {
        Asked::Compile(compile) => return compile.run(),
        Asked::Typed(command) => command,
    };
    begin();
    match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime.block_on(typed(command)),
        Err(e) => {
            eprintln!("hearth: no threads to work with: {e}");
            ExitCode::FAILURE
        }
    }
}

async fn typed(command: Command) -> ExitCode {
    let done = match command {
        Command::Serve(c) => c.run().await,
        Command::Demo(c) => c.run().await,
        Command::Tenant(c) => c.run().await,
        Command::Migrate(c) => c.run().await,
        Command::Import(c) => c.run().await,
        Command::Intake(c) => c.run().await,
        Command::Find(c) => c.run().await,
        Command::Plugin(c) => c.run().await,
        Command::Evaluate(c) => c.run().await,
        Command::Installations(c) => c.run().await,
        Command::Replay(c) => c.run().await,
        Command::Audit(c) => c.run().await,
        Command::Erase(c) => c.run().await,
        Command::Retention(c) => c.run().await,
        Command::Backup(c) => c.run().await,
        Command::Restore(c) => c.run().await,
        Command::Impact(c) => c.run().await,
        Command::Subject(c) => c.run().await,
        Command::Extract(c) => c.run().await,
        Command::Returns(c) => c.run().await,
        Command::Token(c) => c.run().await,
        Command::Tokens(c) => c.run().await,
        Command::Person(c) => c.run().await,
        Command::Openapi(c) => c.run(),
        Command::Doctor(c) => c.run().await,
    };
    match done {
        Ok(Done::Whole) => ExitCode::SUCCESS,
        Ok(Done::InPart) => ExitCode::from(2),
        Err(e) => {
            eprintln!("hearth: {}", told(&e));
            ExitCode::FAILURE
        }
    }
}

/// An error with its causes, each said once: many an error says its cause itself.
fn told(error: &anyhow::Error) -> String {
    let mut told = error.to_string();
    for cause in error.chain().skip(1).map(ToString::to_string) {
        if !told.contains(&cause) {
            told.push_str(": ");
            told.push_str(&cause);
        }
    }
    told
}

/// How far a command came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Done {
    Whole,
    /// Something was refused or failed, and has been listed; the rest is done.
    InPart,
}

#[cfg(test)]
mod tests {
    use anyhow::{Context as _, anyhow};

    use super::told;

    #[test]
    fn a_cause_that_the_error_says_itself_is_said_once() {
        let cause = Err::<(), _>(std::io::Error::other("no such certificate"));
        let says_it = cause.context("no way there: no such certificate").context("not migrated");
        assert_eq!(told(&says_it.unwrap_err()), "not migrated: no way there: no such certificate");
        assert_eq!(told(&anyhow!("a lock").context("not opened")), "not opened: a lock");
    }
}
