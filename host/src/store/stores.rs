//! The folder with the common file and one file an authority.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::OnceCell;

use super::pool::{self, File, Pending};
use super::{Authority, AuthorityStore, Common, StoreError};
use crate::record::{AuthorityId, Clock};

/// Every store of one host.
#[derive(Debug, Clone)]
pub struct Stores {
    folder: Arc<Path>,
    clock: Clock,
    common: Common,
    /// Those that were asked for. Who asks while one is being opened waits for that one alone.
    authorities: Arc<Mutex<HashMap<AuthorityId, Arc<OnceCell<AuthorityStore>>>>>,
}

impl Stores {
    /// Opens the common file, making it and the folder if they are not there, and brings its tables up to date. Files of
    /// authorities are opened, and brought up to date, when they are first asked for.
    ///
    /// # Errors
    /// The folder cannot be made, or the file not opened.
    pub async fn open(data_dir: &Path, clock: Clock) -> Result<Self, StoreError> {
        let authorities = data_dir.join("authorities");
        std::fs::create_dir_all(&authorities).map_err(|why| StoreError::File { file: authorities.display().to_string(), why })?;
        let file = File::open(&common_file(data_dir), true, &pool::COMMON).await?;
        Ok(Self { folder: data_dir.into(), common: Common::new(file, clock.clone()), clock, authorities: Arc::default() })
    }

    #[must_use]
    pub fn common(&self) -> &Common {
        &self.common
    }

    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.clock
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
        let path = authority_file(&self.folder, code);
        if !path.exists() {
            return Err(StoreError::damaged(&path.display().to_string(), "the authority's file is missing"));
        }
        let file = File::open(&path, false, &pool::AUTHORITY).await?;
        Ok(AuthorityStore::new(code.clone(), file, self.common.clone(), self.clock.clone()))
    }

    /// Takes in an authority: its file, its name, and the council itself as an organisation that facts can come from.
    ///
    /// # Errors
    /// `Exists` where it was created before.
    pub async fn create_authority(&self, code: &AuthorityId, name: &str) -> Result<AuthorityStore, StoreError> {
        if self.common.authority(code).await?.is_some() {
            return Err(StoreError::Exists { what: "authority", field: "code" });
        }
        // The file first: killed in between, the authority does not exist, and creating it again finds an empty file.
        File::open(&authority_file(&self.folder, code), true, &pool::AUTHORITY).await?.close().await;
        let mut tx = self.common.write("hearth", "took in an authority").await?;
        tx.add_authority(&Authority { code: code.clone(), name: name.to_owned(), at: self.clock.now() }).await?;
        tx.commit().await?;
        self.authority(code).await
    }

    /// Changes to tables that this host knows and the files have not had: what `open` and `authority` would do. Reads
    /// only, so that an operator can look first.
    ///
    /// # Errors
    /// A file cannot be read.
    pub async fn pending(data_dir: &Path) -> Result<Vec<Pending>, StoreError> {
        let mut found = pool::pending(&common_file(data_dir), &pool::COMMON).await?;
        let folder = data_dir.join("authorities");
        let mut files: Vec<PathBuf> = match std::fs::read_dir(&folder) {
            Ok(entries) => entries.filter_map(Result::ok).map(|e| e.path()).collect(),
            Err(_) => Vec::new(),
        };
        files.retain(|f| f.extension().is_some_and(|e| e == "sqlite"));
        files.sort();
        for file in files {
            found.extend(pool::pending(&file, &pool::AUTHORITY).await?);
        }
        Ok(found)
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

    /// Lets what is under way finish, and closes the files.
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
