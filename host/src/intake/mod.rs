//! Bulk data from partner agencies: read, match, keep.
//!
//! A file is a statement by its source about the days that it covers. How it is read says a [`Mapping`]; whom a row is about is found by
//! `crate::matching`: the same, somebody else, or a person is asked. A row is kept whole, waits, or is refused with its line and the
//! reason; the rest of the file is kept. Each row has a natural reference, so the same file read again changes nothing, and a changed row
//! supersedes what it said before. A row about somebody of ours that is refused, or about whom a person is still to be asked, leaves the
//! days it spoke of `partial`: what was not kept must not read as something that did not happen.
//!
//! Reasons never repeat what stands in a cell: reports are shown to people and written to logs, and whatever stands in the wrong column
//! may be somebody's number. What was matched or refused is told to the authority alone: it would tell an agency who is in the programme.

mod again;
mod ahead;
mod cells;
mod families;
mod feeds;
pub mod find;
mod load;
pub mod mapping;
mod meet;
mod plan;
mod preview;
mod report;
pub mod review;
mod row;
pub mod sessions;
pub mod settings;
mod sheet;

#[cfg(test)]
mod tests;

use std::fs::File;
use std::io::{Read, Seek as _, SeekFrom, Write as _};
use std::sync::Arc;

use crate::record::{DeliveryId, Digest, Invalid, OrganisationId, Window};
use crate::store::{AuthorityStore, Delivery, DeliveryState, StoreError};

pub use again::{Again, make_findable, match_again, purge, purge_all};
pub use feeds::{Feed, feeds, is_interrupted};
pub use mapping::Mapping;
pub use meet::Shown;
pub use preview::{Fate, Previewed, preview};
pub use report::Report;
pub use row::{Told, Whom};
pub use sheet::Refused;

/// Bytes of one file: a million rows of a wide extract.
pub const LARGEST_FILE: u64 = 512 << 20;

/// How a file is to be read.
#[derive(Debug, Clone)]
pub struct Import {
    pub mapping: Arc<Mapping>,
    /// 0: the mapping that comes with the host.
    pub version: u64,
    /// Whose statement the file is.
    pub source: OrganisationId,
    /// The days it speaks for. They have an end.
    pub covers: Window,
}

#[derive(Debug, thiserror::Error)]
pub enum IntakeError {
    #[error("the file is empty: its first line names the columns")]
    Empty,
    #[error("the file has no line {0}, in which its mapping says the titles stand")]
    NoTitles(u64),
    #[error("the file has no column {missing}; it has {found}")]
    Column { missing: String, found: String },
    /// The line is not repeated: where the names were left out, it is somebody's row.
    #[error("{} names none of the columns of this extract ({needed})", if *line == 1 { "the first line".to_owned() } else { format!("line {line}") })]
    NoHeader { line: u64, needed: String },
    #[error("the file has two columns for {0}")]
    TwoColumns(String),
    #[error("a quotation mark in line {0} is never closed")]
    Unclosed(u64),
    #[error("covers: the days that a file speaks for have an end (2025-09-01..2026-03-31)")]
    NoEnd,
    #[error("the workbook has no sheet `{wanted}`, which its mapping names")]
    NoSheet { wanted: String },
    #[error("the spreadsheet {0}")]
    Spreadsheet(String),
    #[error("the file is of Excel 2003 or before: save it as .xlsx, or as CSV UTF-8")]
    OldExcel,
    #[error("the file is larger than {LARGEST_FILE} bytes: send it in parts")]
    TooLarge,
    #[error("the file cannot be read: {0}")]
    File(#[from] csv::Error),
    #[error("the file cannot be read: {0}")]
    Io(std::io::Error),
    #[error(transparent)]
    Invalid(#[from] Invalid),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The authority's own mapping of that name in its latest version, or the one that comes with the host.
///
/// # Errors
/// [`Invalid`] naming `mapping` where there is none.
pub async fn mapping_named(store: &AuthorityStore, name: &str) -> Result<(Arc<Mapping>, u64), IntakeError> {
    if let Some(kept) = store.mapping(name, None).await? {
        // It was checked when it came in; a host that has become stricter says so now.
        let read = Mapping::from_yaml(&kept.text).map_err(|e| Invalid::new("mapping", format!("{name}, version {}: {e}", kept.version)))?;
        return Ok((Arc::new(read), kept.version));
    }
    let shipped = mapping::shipped(name).ok_or_else(|| {
        let known: Vec<_> = mapping::SHIPPED.iter().map(|(name, _)| *name).collect();
        Invalid::new("mapping", format!("there is no mapping `{name}`; with the host come {}", known.join(", ")))
    })?;
    Ok((Arc::new(shipped.clone()), 0))
}

/// A file on its way in, in a file of its own that has no name: it is gone with the process that reads it.
#[derive(Debug)]
pub struct Spooled {
    file: File,
    hash: sha2::Sha256,
    bytes: u64,
}

impl Spooled {
    /// # Errors
    /// There is no room for it.
    pub fn new() -> Result<Self, IntakeError> {
        Ok(Self { file: tempfile::tempfile().map_err(IntakeError::Io)?, hash: sha2::Digest::new(), bytes: 0 })
    }

    /// # Errors
    /// `TooLarge`, or there is no room for it.
    pub fn add(&mut self, bytes: &[u8]) -> Result<(), IntakeError> {
        self.bytes += bytes.len() as u64;
        if self.bytes > LARGEST_FILE {
            return Err(IntakeError::TooLarge);
        }
        sha2::Digest::update(&mut self.hash, bytes);
        self.file.write_all(bytes).map_err(IntakeError::Io)
    }

    /// All of it.
    ///
    /// # Errors
    /// As [`Spooled::add`], or it cannot be read.
    pub fn of(mut from: impl Read) -> Result<Self, IntakeError> {
        let (mut spooled, mut buffer) = (Self::new()?, vec![0; 1 << 16]);
        loop {
            match from.read(&mut buffer).map_err(IntakeError::Io)? {
                0 => return Ok(spooled),
                read => spooled.add(&buffer[..read])?,
            }
        }
    }

    fn digest(&self) -> Digest {
        Digest(sha2::Digest::finalize(self.hash.clone()).into())
    }

    fn rewound(mut self) -> Result<File, IntakeError> {
        self.file.seek(SeekFrom::Start(0)).map_err(IntakeError::Io)?;
        Ok(self.file)
    }
}

/// Reads a file into the record of one authority.
///
/// Up to 20,000 rows are one transaction. A larger file is several, and its coverage is recorded with the last: killed in
/// between, the record holds rows and does not claim to be complete, and reading the file again goes on from there.
///
/// # Errors
/// The file is not such an extract, cannot be read, or names a source that is no organisation. Faults of single rows are in
/// the report.
pub async fn import(store: &AuthorityStore, principal: &str, import: &Import, file: Spooled) -> Result<Report, IntakeError> {
    let delivery = begin(store, principal, import, &file).await?;
    carry_on(store, principal, import, delivery, file).await
}

/// Notes that a file came.
///
/// # Errors
/// As [`import`], but for what stands in the file.
pub async fn begin(store: &AuthorityStore, principal: &str, import: &Import, file: &Spooled) -> Result<DeliveryId, IntakeError> {
    if import.covers.last.is_none() {
        return Err(IntakeError::NoEnd);
    }
    let mut tx = store.write(principal, &load::what(import)).await?;
    tx.source_kind(&import.source).await?;
    let (id, now) = (DeliveryId::fresh(), tx.now());
    tx.add_delivery(&Delivery {
        id,
        mapping: import.mapping.name.clone(),
        version: import.version,
        kind: import.mapping.kind,
        source: import.source.clone(),
        covers: import.covers,
        digest: file.digest(),
        bytes: file.bytes,
        by: principal.to_owned(),
        at: now,
        progress_at: now,
        state: DeliveryState::Reading,
        report: Report::default().to_json(),
    })
    .await?;
    tx.commit().await?;
    Ok(id)
}

/// Reads a file that was noted.
///
/// # Errors
/// As [`import`]; the delivery then says why.
pub async fn carry_on(
    store: &AuthorityStore,
    principal: &str,
    import: &Import,
    delivery: DeliveryId,
    file: Spooled,
) -> Result<Report, IntakeError> {
    make_findable(store, principal).await?;
    match load::file(store, principal, import, delivery, file).await {
        Ok(report) => Ok(report),
        Err((report, fault)) => {
            // What a database says is for the log.
            let why = if matches!(fault, IntakeError::Store(_)) {
                "the host failed; what it was is in its log".to_owned()
            } else {
                fault.to_string()
            };
            let mut tx = store.write(principal, "note that a file was refused").await?;
            tx.delivery_came_to(delivery, DeliveryState::Refused, &Report { why: Some(why), ..report }.to_json()).await?;
            tx.commit().await?;
            Err(fault)
        }
    }
}
