//! Files of this tree that the program carries with it (`host/build.rs`), and writing them into an author's folder.

use std::io;
use std::path::Path;

include!(concat!(env!("OUT_DIR"), "/embedded.rs"));

/// The interface: (`education/education.wit`, text), one folder a package.
pub(in crate::plugins) fn interface() -> impl Iterator<Item = (&'static str, &'static str)> {
    INTERFACE.iter().copied()
}

/// A release of the interface as it was frozen, in the same shape; none where there is no such release.
pub(in crate::plugins) fn release(release: &str) -> Option<&'static [(&'static str, &'static str)]> {
    RELEASES.iter().find(|(name, _)| *name == release).map(|(_, files)| *files)
}

/// Which releases were frozen, the oldest first.
pub(super) fn releases() -> impl Iterator<Item = &'static str> {
    RELEASES.iter().map(|(name, _)| *name)
}

/// The files of the kit below `folder`: (path below it, text).
pub(super) fn kit(folder: &str) -> impl Iterator<Item = (&'static str, &'static str)> {
    KIT.iter().filter_map(move |(path, text)| Some((path.strip_prefix(folder)?.strip_prefix('/')?, *text)))
}

/// One file of the kit.
///
/// # Panics
/// Where the tree has no such file: a mistake of this program.
pub(super) fn kit_file(path: &str) -> &'static str {
    KIT.iter().find(|(name, _)| *name == path).unwrap_or_else(|| panic!("plugins/kit has no {path}")).1
}

/// Writes a file and the folders above it, unless it is there and the same: compilers look at the time of a file.
pub(super) fn put(file: &Path, text: &str) -> io::Result<()> {
    if std::fs::read_to_string(file).is_ok_and(|there| there == text) {
        return Ok(());
    }
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(file, text)
}
