//! An author's own world: written into `wit/` beside Hearth's packages, read, and made known to the rest of the kit.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;

use wit_parser::{Function, Interface, InterfaceId, Resolve, WorldId, WorldItem, WorldKey};

use super::embedded::{interface, release, releases};
use crate::sandbox::INTERFACE_VERSION;

/// Why there is no world to build for.
#[derive(Debug, thiserror::Error)]
pub enum NotAWorld {
    #[error("world.wit: {0}")]
    Unreadable(io::Error),
    #[error("{0}")]
    Wrong(String),
    #[error("world.wit asks for hearth {}: write one release after every @", .0.join(" and for "))]
    TwoReleases(Vec<String>),
    #[error("world.wit asks for hearth {0}, and this program builds for {builds_for}: write one of these after every @", builds_for = builds_for())]
    NoSuchRelease(String),
    #[error("world.wit has {0} worlds, and a plugin is built for one")]
    NotOne(usize),
    #[error("world.wit exports nothing: `export hearth:outcomes/rules@…;` offers outcomes")]
    NothingExported,
    #[error("world.wit: {what} `{name}` stands in the world itself; a plugin has whole interfaces of hearth packages")]
    NotAnInterface { what: &'static str, name: String },
}

/// What every run is lent without being asked, and the kit uses: the log, which a fault is told through, and the settings.
pub(in crate::plugins) const ALWAYS: [&str; 2] = ["hearth:platform/log", "hearth:platform/settings"];
/// Under this name the guards' world lies beside the author's: it adds [`ALWAYS`].
pub(in crate::plugins) const GUARDED: &str = "hearth-guarded";

/// A world that has been read.
pub(in crate::plugins) struct World {
    pub resolve: Resolve,
    id: WorldId,
}

/// The files of the author's `wit/` folder: their own world, and every package of the release of the interface that it asks for. A
/// source of an earlier release builds as it did then; what is new since, it has not asked for.
pub(in crate::plugins) fn files(folder: &Path) -> Result<BTreeMap<String, String>, NotAWorld> {
    let own = std::fs::read_to_string(folder.join("world.wit")).map_err(NotAWorld::Unreadable)?;
    let asked: Vec<&str> = releases_in(&own).into_iter().collect();
    let packages: Vec<_> = match asked[..] {
        [] | [INTERFACE_VERSION] => interface().collect(),
        [one] => release(one).ok_or_else(|| NotAWorld::NoSuchRelease(one.to_owned()))?.to_vec(),
        _ => return Err(NotAWorld::TwoReleases(asked.into_iter().map(str::to_owned).collect())),
    };
    let mut files: BTreeMap<_, _> = packages.into_iter().map(|(path, text)| (format!("deps/{path}"), text.to_owned())).collect();
    files.insert("world.wit".into(), own);
    Ok(files)
}

/// What stands after the @ of hearth's interfaces.
fn releases_in(world: &str) -> BTreeSet<&str> {
    let code = world.lines().filter_map(|line| line.split("//").next());
    let names = code.flat_map(|line| line.split([' ', '\t', ';', '{', '}', ','])).filter(|word| word.starts_with("hearth:"));
    // `use hearth:family/types@1.0.0.{day}` ends in a full stop before the brace.
    names.filter_map(|name| Some(name.split_once('@')?.1.trim_end_matches('.'))).collect()
}

fn builds_for() -> String {
    let earlier = releases().filter(|release| *release != INTERFACE_VERSION);
    earlier.chain([INTERFACE_VERSION]).collect::<Vec<_>>().join(", ")
}

impl World {
    /// Reads the folder that [`files`] were written to.
    ///
    /// # Errors
    /// [`NotAWorld`], with the line of `world.wit` where the parser has one.
    pub(in crate::plugins) fn read(folder: &Path) -> Result<Self, NotAWorld> {
        let wit = folder.join("wit");
        let mut resolve = Resolve::default();
        let pushed = resolve.push_dir(&wit);
        let wrong = |e| NotAWorld::Wrong(resolve.render_error(&e).replace(&format!("{}/", wit.display()), ""));
        let (package, _) = pushed.map_err(wrong)?;
        let worlds: Vec<_> = resolve.packages[package].worlds.iter().filter(|(name, _)| *name != GUARDED).map(|(_, id)| *id).collect();
        let [id] = worlds[..] else { return Err(NotAWorld::NotOne(worlds.len())) };
        let world = Self { resolve, id };
        world.check()?;
        Ok(world)
    }

    fn check(&self) -> Result<(), NotAWorld> {
        let world = &self.resolve.worlds[self.id];
        for (key, item) in world.imports.iter().chain(&world.exports) {
            let what = match (key, item) {
                (WorldKey::Interface(_), WorldItem::Interface { .. }) => continue,
                (_, WorldItem::Interface { .. }) => "the interface",
                (_, WorldItem::Function(_)) => "the function",
                (_, WorldItem::Type { .. }) => "the type",
            };
            return Err(NotAWorld::NotAnInterface { what, name: self.resolve.name_world_key(key) });
        }
        if world.exports.is_empty() { Err(NotAWorld::NothingExported) } else { Ok(()) }
    }

    /// What it imports, and what those in turn take their types from.
    pub(in crate::plugins) fn imports(&self) -> impl Iterator<Item = Known<'_>> {
        self.known(self.resolve.worlds[self.id].imports.keys())
    }

    pub(in crate::plugins) fn exports(&self) -> impl Iterator<Item = Known<'_>> {
        self.known(self.resolve.worlds[self.id].exports.keys())
    }

    fn known<'a>(&'a self, keys: impl Iterator<Item = &'a WorldKey>) -> impl Iterator<Item = Known<'a>> {
        keys.filter_map(|key| match key {
            WorldKey::Interface(id) => Some(Known { resolve: &self.resolve, id: *id }),
            WorldKey::Name(_) => None,
        })
    }

    /// The text of the guards' world.
    pub(in crate::plugins) fn guarded(&self) -> String {
        let name = &self.resolve.worlds[self.id].name;
        let imports: String = ALWAYS.iter().map(|always| format!("  import {};\n", self.versioned(always))).collect();
        format!("world {GUARDED} {{\n  include {name};\n{imports}}}\n")
    }

    /// `hearth:platform/log` with the version that this host lends.
    ///
    /// # Panics
    /// Where there is no such interface: a mistake of this program.
    pub(in crate::plugins) fn versioned(&self, name: &str) -> String {
        let found = self.resolve.interfaces.iter().filter_map(|(id, _)| self.resolve.id_of(id));
        found.into_iter().find(|id| id.split('@').next() == Some(name)).unwrap_or_else(|| panic!("wit/ has no {name}"))
    }
}

/// One interface of the world.
#[derive(Clone, Copy)]
pub(in crate::plugins) struct Known<'a> {
    pub resolve: &'a Resolve,
    pub id: InterfaceId,
}

impl<'a> Known<'a> {
    pub(in crate::plugins) fn interface(self) -> &'a Interface {
        &self.resolve.interfaces[self.id]
    }

    /// The last part: `education`.
    pub(in crate::plugins) fn name(self) -> &'a str {
        self.interface().name.as_deref().unwrap_or_default()
    }

    /// `family`.
    pub(in crate::plugins) fn package(self) -> &'a str {
        self.interface().package.map_or("", |id| &self.resolve.packages[id].name.name)
    }

    /// With its version: `hearth:family/education@1.0.0`.
    pub(in crate::plugins) fn whole_name(self) -> String {
        self.resolve.id_of(self.id).unwrap_or_default()
    }

    pub(in crate::plugins) fn functions(self) -> impl Iterator<Item = &'a Function> {
        self.interface().functions.values()
    }
}
