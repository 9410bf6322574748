//! A host's home on this machine: the folder with its cache of compiled plugins, its secrets and its databases, unless those are in
//! PostgreSQL.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result};
use cap_std::ambient_authority;
use cap_std::fs::{Dir, OpenOptions, OpenOptionsExt};
use clap::Args;

use crate::record::Clock;
use crate::sandbox::compiler::Apart;
use crate::sandbox::{Artefacts, Compiler, Sandbox};
use crate::settings::Settings;
use crate::store::{Connections, Place, Postgres, Stores};
use crate::workflow::Workflow;

/// Where the records are.
#[derive(Debug, Clone, Default, Args)]
pub struct DatabaseArgs {
    /// Keep the records in PostgreSQL: postgres://user@host/database. Left out: in files in the folder.
    #[arg(long, env = "HEARTH_DATABASE", hide_env_values = true, value_name = "URL")]
    database: Option<String>,
    /// The file with the password for it. Other programs can read what is typed after a command; a file can be kept from them.
    #[arg(long, env = "HEARTH_DATABASE_PASSWORD_FILE", value_name = "FILE", requires = "database")]
    database_password_file: Option<PathBuf>,
}

impl DatabaseArgs {
    /// # Errors
    /// The address is none, or the file with the password cannot be read.
    pub fn place(&self, folder: &Path, connections: Connections) -> Result<Place> {
        Ok(self.postgres(connections)?.map_or_else(|| folder.into(), Place::Postgres))
    }

    /// None: the records are in files.
    ///
    /// # Errors
    /// As [`DatabaseArgs::place`].
    pub fn postgres(&self, connections: Connections) -> Result<Option<Postgres>> {
        let Some(url) = &self.database else { return Ok(None) };
        Ok(Some(Postgres::at(url, self.password()?.as_deref(), connections)?))
    }

    /// As the file has it now. None: there is no such file.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn password(&self) -> Result<Option<String>> {
        let read = |file: &PathBuf| {
            let text = std::fs::read_to_string(file).with_context(|| format!("reading the password in {}", file.display()))?;
            Ok::<_, anyhow::Error>(text.trim_end_matches(['\r', '\n']).to_owned())
        };
        self.database_password_file.as_ref().map(read).transpose()
    }
}

/// Everything that a command needs of a host.
pub struct Home {
    pub path: PathBuf,
    pub stores: Stores,
    pub sandbox: Arc<Sandbox>,
    pub workflow: Workflow,
    pub settings: Settings,
}

impl Home {
    /// Opens the folder, making it if it is not there, and brings its tables up to date.
    ///
    /// # Errors
    /// The environment sets what cannot be; the folder cannot be made or read; the machine cannot give the sandbox its address space.
    pub async fn open(path: &Path, database: &DatabaseArgs, compiler: Apart) -> Result<Self> {
        Self::with(path, database, compiler, Settings::of_environment()?).await
    }

    /// For work that is this process's only one: what an authority may use in a minute is for hosts that serve others meanwhile.
    ///
    /// # Errors
    /// As [`Home::open`].
    pub async fn open_alone(path: &Path, database: &DatabaseArgs, compiler: Apart) -> Result<Self> {
        let mut settings = Settings::of_environment()?;
        settings.share.instructions_a_minute = u64::MAX;
        Self::with(path, database, compiler, settings).await
    }

    async fn with(path: &Path, database: &DatabaseArgs, compiler: Apart, settings: Settings) -> Result<Self> {
        let place = database.place(path, settings.connections)?;
        let stores = Stores::open(place.clone(), Clock::system()).await.with_context(|| format!("opening {place}"))?;
        let compiler = Compiler::Apart(compiler);
        let sandbox = Sandbox::shared(Some(artefacts(path)?), compiler, settings.run, settings.share)?;
        let workflow = Workflow::with(stores.clone(), sandbox.clone(), settings.parking, settings.kept.ready_bytes);
        Ok(Self { path: path.to_owned(), stores, sandbox, workflow, settings })
    }
}

/// The cache and its key. The key is kept in another folder, so that whoever can write the cache cannot sign what is in it.
fn artefacts(home: &Path) -> Result<Artefacts> {
    let folder = |name: &str| -> Result<Dir> {
        let path = home.join(name);
        std::fs::create_dir_all(&path).with_context(|| format!("making {}", path.display()))?;
        Dir::open_ambient_dir(&path, ambient_authority()).with_context(|| format!("opening {}", path.display()))
    };
    let key = key(&folder("secrets")?).context("the key of the compiled plugins")?;
    Ok(Artefacts::new(folder("compiled")?, key))
}

/// The key, made on first use: 32 random bytes that only this user may read.
fn key(secrets: &Dir) -> Result<[u8; 32]> {
    const NAME: &str = "compiled.key";
    if let Ok(kept) = secrets.read(NAME) {
        return kept.try_into().map_err(|_| anyhow::anyhow!("secrets/{NAME} is not 32 bytes long; remove it to have a new one"));
    }
    let mut key = [0; 32];
    getrandom::fill(&mut key).map_err(|e| anyhow::anyhow!("no randomness: {e}"))?;
    let new = whole(secrets, NAME, &key)?;
    // Unlike a rename, a link never replaces what is there.
    let linked = secrets.hard_link(&new, secrets, NAME);
    secrets.remove_file(&new)?;
    match linked {
        Ok(()) => Ok(key),
        // Another command of this moment made it first.
        Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => self::key(secrets),
        Err(e) => Err(e.into()),
    }
}

/// Writes a secret that only this user may read under a name of its own, and answers the name: whoever then gives it the
/// name that it is read by has it there whole, killed at whatever instant.
pub(super) fn whole(dir: &Dir, name: &str, bytes: &[u8]) -> Result<String> {
    let mut own = [0; 8];
    getrandom::fill(&mut own).map_err(|e| anyhow::anyhow!("no randomness: {e}"))?;
    let new = format!("{name}.{}.new", hex::encode(own));
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).mode(0o600);
    let mut file = dir.open_with(&new, &options)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    Ok(new)
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;

    use super::*;

    #[test]
    fn the_key_is_never_there_in_part() {
        const AT_ONCE: usize = 8;
        for _ in 0..100 {
            let folder = tempfile::tempdir().unwrap();
            let secrets = Dir::open_ambient_dir(folder.path(), ambient_authority()).unwrap();
            let start = Barrier::new(AT_ONCE);
            let made: Vec<[u8; 32]> = std::thread::scope(|scope| {
                let make = || {
                    start.wait();
                    key(&secrets).unwrap()
                };
                let made: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(make)).collect();
                made.into_iter().map(|m| m.join().unwrap()).collect()
            });
            assert!(made.iter().all(|k| *k == made[0]), "all commands of one moment have the same key");
            assert_eq!(secrets.entries().unwrap().count(), 1, "nothing is left beside it");
        }
    }
}
