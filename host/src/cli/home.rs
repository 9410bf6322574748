//! A host's home on this machine: the folder with its databases, its cache of compiled plugins, and its secrets.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result};
use cap_std::ambient_authority;
use cap_std::fs::{Dir, OpenOptions, OpenOptionsExt};

use crate::record::Clock;
use crate::sandbox::{Artefacts, Limits, Sandbox};
use crate::store::Stores;
use crate::workflow::Workflow;

/// Everything that a command needs of a host.
pub struct Home {
    pub path: PathBuf,
    pub stores: Stores,
    pub sandbox: Arc<Sandbox>,
    pub workflow: Workflow,
}

impl Home {
    /// Opens the folder, making it if it is not there, and brings its tables up to date.
    ///
    /// # Errors
    /// The folder cannot be made or read, or the machine cannot give the sandbox its address space.
    pub async fn open(path: &Path) -> Result<Self> {
        let stores = Stores::open(path, Clock::system()).await.with_context(|| format!("opening {}", path.display()))?;
        let sandbox = Sandbox::start(Some(artefacts(path)?), Limits::default())?;
        let workflow = Workflow::new(stores.clone(), sandbox.clone());
        Ok(Self { path: path.to_owned(), stores, sandbox, workflow })
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
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).mode(0o600);
    match secrets.open_with(NAME, &options) {
        Ok(mut file) => {
            file.write_all(&key)?;
            file.sync_all()?;
            Ok(key)
        }
        // Another command of this moment made it first.
        Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => self::key(secrets),
        Err(e) => Err(e.into()),
    }
}
