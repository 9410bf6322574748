//! What changed between two versions of a plugin, read from their manifests alone: for whoever is to take the newer one. Pure.
//!
//! A difference has a digest, by which somebody says which one they read: two versions always have the same difference, whoever looks.

mod parts;
mod words;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::Manifest;
use crate::record::Digest;
use parts::parts;

/// A part of what a plugin is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = PluginPart)]
pub enum Part {
    ExtensionPoint,
    Permission,
    Template,
    Setting,
    Form,
    Question,
    Criterion,
    Table,
    Name,
    Scenario,
    About,
}

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = PluginPartBecame)]
pub enum How {
    Added,
    Removed,
    Changed,
}

/// One thing that is not as it was.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = PluginChange)]
pub struct Change {
    part: Part,
    /// What it is called in the manifest.
    #[schema(example = "hearth:family/offending")]
    id: String,
    how: How,
    /// The newer version sees, proposes or says what the older one did not: it is taken by nobody who has not acknowledged it.
    widens: bool,
    /// As it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<Value>,
    /// As it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<Value>,
}

/// One of the two.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Side {
    #[schema(example = "1.0.0")]
    version: String,
    digest: Digest,
}

/// What changed between two versions.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Difference {
    name: String,
    from: Side,
    to: Side,
    /// Something in it widens what the plugin sees, proposes or says.
    widens: bool,
    changes: Vec<Change>,
    /// The same in plain words, what widens first.
    sentences: Vec<String>,
}

impl Difference {
    /// From one version to another.
    #[must_use]
    pub fn between(from: (&Manifest, Digest), to: (&Manifest, Digest)) -> Self {
        let (older, newer) = (parts(from.0), parts(to.0));
        let mut changes = changes(&older, &newer);
        changes.sort_by(|a, b| (!a.widens, a.part, &a.id).cmp(&(!b.widens, b.part, &b.id)));
        let side = |(manifest, digest): (&Manifest, Digest)| Side { version: manifest.version.clone(), digest };
        Self {
            name: to.0.name.clone(),
            from: side(from),
            to: side(to),
            widens: changes.iter().any(|c| c.widens),
            sentences: changes.iter().map(words::sentence).collect(),
            changes,
        }
    }

    #[must_use]
    pub const fn widens(&self) -> bool {
        self.widens
    }

    #[must_use]
    pub fn sentences(&self) -> &[String] {
        &self.sentences
    }

    /// What somebody names who read it. Sentences are left out: they may be written better.
    #[must_use]
    pub fn digest(&self) -> Digest {
        // Words, numbers and lists, whose objects are in the order of their names.
        Digest::of(&serde_json::to_vec(&(&self.name, &self.from, &self.to, &self.changes)).unwrap_or_default())
    }
}

type Parts = BTreeMap<(Part, String), Value>;

fn changes(older: &Parts, newer: &Parts) -> Vec<Change> {
    let gone = older.iter().filter(|(id, _)| !newer.contains_key(*id)).map(|(id, before)| change(id, Some(before), None));
    let others =
        newer.iter().filter(|(id, after)| older.get(*id) != Some(*after)).map(|(id, after)| change(id, older.get(id), Some(after)));
    gone.chain(others).collect()
}

fn change((part, id): &(Part, String), before: Option<&Value>, after: Option<&Value>) -> Change {
    let how = match (before, after) {
        (None, _) => How::Added,
        (_, None) => How::Removed,
        _ => How::Changed,
    };
    Change { part: *part, id: id.clone(), how, widens: widens(*part, before, after), before: before.cloned(), after: after.cloned() }
}

/// Does it see, propose or say what it did not? What a permission is for in the author's words is no permission.
fn widens(part: Part, before: Option<&Value>, after: Option<&Value>) -> bool {
    let Some(after) = after else { return false };
    match (part, before) {
        (Part::Permission | Part::Template | Part::ExtensionPoint, None) => true,
        (Part::Permission, Some(before)) => after["required"] == true && before["required"] == false,
        (Part::Template, Some(_)) => true,
        _ => false,
    }
}
