//! `hearth plugin new`: a folder with a small real rule that builds at once, from `plugins/kit/templates`.

use std::path::{Path, PathBuf};

use super::Language;
use super::embedded::{kit, put};
use crate::record::ids::is_slug;

/// Why no plugin was begun.
#[derive(Debug, thiserror::Error)]
pub enum NotBegun {
    #[error("`{0}` is not a plugin's name (2 to 64 small letters, digits and hyphens)")]
    Name(String),
    #[error("there is no beginning for `{asked}` yet; there is one for {there}")]
    Offer { asked: String, there: String },
    #[error("{}: is there already", .0.display())]
    Exists(PathBuf),
    #[error("{}: {why}", path.display())]
    File { path: PathBuf, why: std::io::Error },
}

/// What the templates are called until they have a name.
const NAMELESS: &str = "first-plugin";

/// Extension points that there is a template for.
#[must_use]
pub fn offers() -> Vec<&'static str> {
    kit("templates").filter_map(|(path, _)| path.strip_suffix("/manifest.json")).filter(|offer| !offer.contains('/')).collect()
}

/// Writes the plugin's files. The folder must not be there.
///
/// # Errors
/// [`NotBegun`]; of an error while writing, what was written stays.
pub fn begin(folder: &Path, name: &str, language: Language, offer: &str) -> Result<(), NotBegun> {
    if !is_slug(name) {
        return Err(NotBegun::Name(name.to_owned()));
    }
    if !offers().contains(&offer) {
        return Err(NotBegun::Offer { asked: offer.to_owned(), there: offers().join(", ") });
    }
    if folder.exists() {
        return Err(NotBegun::Exists(folder.to_owned()));
    }
    let other_languages: Vec<_> =
        Language::ALL.into_iter().filter(|other| *other != language).map(|other| format!("{}/", other.name())).collect();
    let own = format!("{}/", language.name());
    for (path, text) in kit(&format!("templates/{offer}")).chain(kit(&format!("templates/{}", language.name()))) {
        if other_languages.iter().any(|other| path.starts_with(other)) {
            continue;
        }
        let file = folder.join(path.strip_prefix(&own).unwrap_or(path));
        put(&file, &text.replace(NAMELESS, name)).map_err(|why| NotBegun::File { path: file, why })?;
    }
    Ok(())
}
