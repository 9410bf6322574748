//! Every store of a host: a folder with the common file and one file an authority, or a database of PostgreSQL's.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::OnceCell;

use super::bell::{Bell, Bells};
use super::files::{self, File};
use super::pool::{Database, Pending};
use super::postgres::{Pools, Postgres, Server};
use super::{Authority, AuthorityStore, Common, StoreError};
use crate::record::{AuthorityId, Clock};

/// Where a host keeps its records.
#[derive(Debug, Clone)]
#[expect(clippy::large_enum_variant, reason = "there is one a host")]
pub enum Place {
    /// Files of SQLite's in this folder.
    Folder(PathBuf),
    Postgres(Postgres),
}

impl From<&Path> for Place {
    fn from(folder: &Path) -> Self {
        Self::Folder(folder.to_owned())
    }
}

impl From<&Postgres> for Place {
    fn from(postgres: &Postgres) -> Self {
        Self::Postgres(postgres.clone())
    }
}

impl Place {
    /// Changes to tables that this host knows and the databases have not had. Reads only, so that an operator can look first.
    ///
    /// # Errors
    /// A database cannot be read.
    pub async fn pending(&self) -> Result<Vec<Pending>, StoreError> {
        let folder = match self {
            Self::Folder(folder) => folder,
            Self::Postgres(postgres) => return postgres.pending().await,
        };
        let mut found = files::pending(&common_file(folder), &files::COMMON).await?;
        let mut paths: Vec<PathBuf> = match std::fs::read_dir(folder.join("authorities")) {
            Ok(entries) => entries.filter_map(Result::ok).map(|e| e.path()).collect(),
            Err(_) => Vec::new(),
        };
        paths.retain(|f| f.extension().is_some_and(|e| e == "sqlite"));
        paths.sort();
        for path in paths {
            found.extend(files::pending(&path, &files::AUTHORITY).await?);
        }
        Ok(found)
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Folder(folder) => folder.display().fmt(f),
            Self::Postgres(postgres) => postgres.fmt(f),
        }
    }
}

/// Every store of one host.
#[derive(Debug, Clone)]
pub struct Stores {
    place: Arc<Opened>,
    clock: Clock,
    common: Common,
    bells: Bells,
    /// Those that were asked for. Who asks while one is being opened waits for that one alone.
    authorities: Arc<Mutex<HashMap<AuthorityId, Arc<OnceCell<AuthorityStore>>>>>,
}

#[derive(Debug)]
enum Opened {
    Folder(PathBuf),
    Postgres(Arc<Pools>),
}

impl Stores {
    /// In a folder: opens the common file, making it and the folder if they are not there, and brings its tables up to date. Files of
    /// authorities are opened, and brought up to date, when they are first asked for. In PostgreSQL the tables have to be up to date,
    /// since whoever may change them is not who the host works as.
    ///
    /// # Errors
    /// The folder cannot be made, or the file not opened; `Unready` where PostgreSQL or the host's role there is not as it must be.
    pub async fn open(place: impl Into<Place>, clock: Clock) -> Result<Self, StoreError> {
        let (common, place) = match place.into() {
            Place::Folder(folder) => {
                let authorities = folder.join("authorities");
                std::fs::create_dir_all(&authorities).map_err(|why| StoreError::File { file: authorities.display().to_string(), why })?;
                let common = File::open(&common_file(&folder), true, &files::COMMON).await?;
                (Database::File(common), Opened::Folder(folder))
            }
            Place::Postgres(postgres) => {
                let pools = Arc::new(postgres.connect().await?);
                (Database::Server(Server::new(pools.clone(), None)), Opened::Postgres(pools))
            }
        };
        Ok(Self {
            place: Arc::new(place),
            common: Common::new(common, clock.clone()),
            clock,
            bells: Bells::default(),
            authorities: Arc::default(),
        })
    }

    /// Connections that are made from now on are made with this password. Files have none.
    pub fn use_password(&self, password: &str) {
        if let Opened::Postgres(pools) = &*self.place {
            pools.use_password(password);
        }
    }

    #[must_use]
    pub fn common(&self) -> &Common {
        &self.common
    }

    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Rings when something happened to a family that its pathway is to be asked about.
    #[must_use]
    pub fn bell(&self) -> &Bell {
        &self.bells.happenings
    }

    /// Rings when something was announced.
    #[must_use]
    pub fn bell_of_feed(&self) -> &Bell {
        &self.bells.feed
    }

    /// The store of one authority; opened once and shared.
    ///
    /// # Errors
    /// `NoSuch` where the authority was never created; `Damaged` where its file is missing.
    pub async fn authority(&self, code: &AuthorityId) -> Result<AuthorityStore, StoreError> {
        let known = self.authorities.lock().unwrap_or_else(PoisonError::into_inner).get(code).cloned();
        let place = match known {
            Some(place) => place,
            None if self.common.authority(code).await?.is_none() => return Err(StoreError::no_such("authority", code)),
            None => self.authorities.lock().unwrap_or_else(PoisonError::into_inner).entry(code.clone()).or_default().clone(),
        };
        place.get_or_try_init(|| self.open_authority(code)).await.cloned()
    }

    async fn open_authority(&self, code: &AuthorityId) -> Result<AuthorityStore, StoreError> {
        let database = match &*self.place {
            Opened::Folder(folder) => {
                let path = authority_file(folder, code);
                if !path.exists() {
                    return Err(StoreError::damaged(&path.display().to_string(), "the authority's file is missing"));
                }
                Database::File(File::open(&path, false, &files::AUTHORITY).await?)
            }
            Opened::Postgres(pools) => Database::Server(Server::new(pools.clone(), Some(code.clone()))),
        };
        Ok(AuthorityStore::new(code.clone(), database, self.common.clone(), self.clock.clone(), self.bells.clone()))
    }

    /// Takes in an authority: its file, its name, and the council itself as an organisation that facts can come from.
    ///
    /// # Errors
    /// `Exists` where it was created before.
    pub async fn create_authority(&self, code: &AuthorityId, name: &str) -> Result<AuthorityStore, StoreError> {
        self.create(code, name, false).await
    }

    /// The same, for training and trying out: its families are all invented, which nobody can say of it afterwards, nor take back.
    ///
    /// # Errors
    /// As [`Stores::create_authority`].
    pub async fn create_invented_authority(&self, code: &AuthorityId, name: &str) -> Result<AuthorityStore, StoreError> {
        self.create(code, name, true).await
    }

    async fn create(&self, code: &AuthorityId, name: &str, invented: bool) -> Result<AuthorityStore, StoreError> {
        if self.common.authority(code).await?.is_some() {
            return Err(StoreError::Exists { what: "authority", field: "code" });
        }
        if let Opened::Folder(folder) = &*self.place {
            // The file first: killed in between, the authority does not exist, and creating it again finds an empty file.
            File::open(&authority_file(folder, code), true, &files::AUTHORITY).await?.close().await;
        }
        let mut tx = self.common.write("hearth", "took in an authority").await?;
        tx.add_authority(&Authority { code: code.clone(), name: name.to_owned(), at: self.clock.now(), invented }).await?;
        tx.commit().await?;
        self.authority(code).await
    }

    /// Brings every authority's file up to date now.
    ///
    /// # Errors
    /// A file cannot be opened, or a change to its tables failed.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        for authority in self.common.authorities().await? {
            self.authority(&authority.code).await?;
        }
        Ok(())
    }

    /// Lets what is under way finish, and closes the files or connections.
    pub async fn close(&self) {
        let opened = std::mem::take(&mut *self.authorities.lock().unwrap_or_else(PoisonError::into_inner));
        for store in opened.values().filter_map(|place| place.get()) {
            store.close().await;
        }
        self.common.close().await;
    }
}

pub(super) fn common_file(data_dir: &Path) -> PathBuf {
    data_dir.join("common.sqlite")
}

pub(super) fn authority_file(data_dir: &Path, code: &AuthorityId) -> PathBuf {
    data_dir.join("authorities").join(format!("{code}.sqlite"))
}
