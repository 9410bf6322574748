//! A plugin in the real sandbox, without a host around it: for asking many families in milliseconds.

use std::path::PathBuf;
use std::sync::Arc;

use cap_std::ambient_authority;
use cap_std::fs::Dir;
use hearth::plugins::inspect::MANIFEST_SECTION;
use hearth::plugins::install::asked;
use hearth::plugins::settings::Schema;
use hearth::plugins::{Inspected, inspect};
use hearth::record::family_file::{FamilyFile, NewFamily};
use hearth::record::{AuthorityId, Clock, Day};
use hearth::sandbox::{
    Answer, Artefacts, Context, EarlierClaim, FeedCoverage, Given, Grants, Limits, Outcome, Prepared, Question, Sandbox,
};
use serde_json::{Value, json};

use crate::Family;
use crate::program::compiler;

/// Where `make build` and `make hostile` put the plugins.
///
/// # Panics
/// Where they were not built.
#[must_use]
pub fn plugin(name: &str) -> Vec<u8> {
    let target = std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../target")), PathBuf::from);
    let file = target.join("plugins").join(format!("{name}.wasm"));
    std::fs::read(&file).unwrap_or_else(|e| panic!("{}: {e}; `make test` builds it", file.display()))
}

/// The component with that manifest behind it, sound or not.
#[must_use]
pub fn pack_unchecked(component: &[u8], manifest: &Value) -> Vec<u8> {
    pack_bytes(component, manifest.to_string().into_bytes())
}

/// The component with those bytes for a manifest behind it.
#[must_use]
pub fn pack_bytes(component: &[u8], data: Vec<u8>) -> Vec<u8> {
    use wasm_encoder::ComponentSection;
    let mut packed = component.to_vec();
    wasm_encoder::CustomSection { name: MANIFEST_SECTION.into(), data: data.into() }.append_to_component(&mut packed);
    packed
}

/// A built plugin under another manifest.
///
/// # Panics
/// Where it is not a plugin.
#[must_use]
pub fn under_manifest(packed: &[u8], manifest: &Value) -> Vec<u8> {
    pack_unchecked(without_manifest(packed), manifest)
}

/// A built plugin as it was before its manifest was packed behind it.
///
/// # Panics
/// Where it is not a plugin.
#[must_use]
pub fn without_manifest(packed: &[u8]) -> &[u8] {
    // The manifest's section stands last: its id, its length in as many bytes of seven bits as it needs, a name, the file.
    let section = 1 + MANIFEST_SECTION.len() + inspect(packed).unwrap().manifest_json.len();
    let length_bytes = (usize::BITS - section.leading_zeros()).div_ceil(7) as usize;
    &packed[..packed.len() - section - length_bytes - 1]
}

/// Where what is compiled is kept: once for all tests, those of the host's own package too (`host/src/sandbox/for_tests.rs`), not once for each.
///
/// # Errors
/// There is no temporary folder.
pub fn compiled() -> std::io::Result<Artefacts> {
    let folder = std::env::temp_dir().join("hearth-tests-compiled");
    std::fs::create_dir_all(&folder)?;
    Ok(Artefacts::new(Dir::open_ambient_dir(&folder, ambient_authority())?, [7; 32]))
}

/// A sandbox without a host.
///
/// # Panics
/// Where there is no temporary folder, or no address space.
#[must_use]
pub fn sandbox(limits: Limits) -> Arc<Sandbox> {
    Sandbox::start(Some(compiled().unwrap()), compiler(), limits).unwrap()
}

/// One plugin, ready to be asked.
pub struct Lab {
    pub sandbox: Arc<Sandbox>,
    pub inspected: Inspected,
    prepared: Arc<Prepared>,
    grants: Grants,
}

/// What is asked beside the family.
#[derive(Debug, Clone)]
pub struct Asked {
    pub question: Question,
    pub as_of: Day,
    pub settings: Value,
    pub claims: Vec<EarlierClaim>,
}

impl Asked {
    /// Progress on a day, with the plugin's default settings.
    ///
    /// # Panics
    /// Where `as_of` is no date.
    #[must_use]
    pub fn progress(as_of: &str) -> Self {
        Self { question: Question::Progress, as_of: as_of.parse().unwrap(), settings: json!({}), claims: Vec::new() }
    }

    /// Eligibility on a day, with the plugin's default settings.
    #[must_use]
    pub fn eligibility(as_of: &str) -> Self {
        Self { question: Question::Eligibility, ..Self::progress(as_of) }
    }

    #[must_use]
    pub fn with(mut self, settings: Value) -> Self {
        self.settings = settings;
        self
    }

    /// After an earlier claim.
    ///
    /// # Panics
    /// Where `on` is no date.
    #[must_use]
    pub fn after(mut self, kind: &str, on: &str) -> Self {
        self.claims.push(EarlierClaim { entitled_on: on.parse().unwrap(), kind: kind.into() });
        self.claims.sort();
        self
    }
}

impl Lab {
    /// With everything granted that the plugin asks for.
    #[must_use]
    pub fn of(name: &str) -> Self {
        Self::without(name, &[], Limits::default())
    }

    /// Without some interfaces, and with limits of the test's own.
    ///
    /// # Panics
    /// Where the plugin is not built, or not fit.
    #[must_use]
    pub fn without(name: &str, ungranted: &[&str], limits: Limits) -> Self {
        Self::of_bytes(&plugin(name), ungranted, limits)
    }

    /// The same for a plugin that is not among those that `make` builds by name.
    ///
    /// # Panics
    /// Where the plugin is not fit.
    #[must_use]
    pub fn of_bytes(bytes: &[u8], ungranted: &[&str], limits: Limits) -> Self {
        Self::within(&sandbox(limits), bytes, ungranted)
    }

    /// The same beside other plugins in one sandbox.
    ///
    /// # Panics
    /// Where the plugin is not fit.
    #[must_use]
    pub fn within(sandbox: &Arc<Sandbox>, bytes: &[u8], ungranted: &[&str]) -> Self {
        let inspected = inspect(bytes).unwrap();
        let sandbox = sandbox.clone();
        let compiled = sandbox.compile(inspected.digest, bytes).unwrap();
        let asked = asked(&inspected);
        let grants: Grants = asked.iter().map(String::as_str).filter(|n| !ungranted.contains(n)).collect();
        let prepared = Arc::new(sandbox.prepare(&compiled, &inspected.words(), &grants).unwrap());
        Self { sandbox, inspected, prepared, grants }
    }

    /// What the plugin is given for a family.
    ///
    /// # Panics
    /// Where the family or the settings are not sound.
    #[must_use]
    pub fn given(&self, family: &Family, asked: &Asked) -> (Given, NewFamily) {
        self.given_of(family.file(), asked)
    }

    /// The same for any family document. The family says which id each of the document's names was given.
    ///
    /// # Panics
    /// Where the document or the settings are not sound.
    #[must_use]
    pub fn given_of(&self, document: FamilyFile, asked: &Asked) -> (Given, NewFamily) {
        let authority: AuthorityId = "E06000023".parse().unwrap();
        let (snapshot, family) = document.snapshot(&authority, &Clock::fixed(hearth::record::KnownAt::from_millis(0))).unwrap();
        let feeds = family.coverage.iter().filter(|c| c.person.is_none());
        let context = Context {
            settings: Schema::of(&self.inspected.manifest).unwrap().fill(&asked.settings).unwrap(),
            coverage: feeds.map(|c| FeedCoverage { kind: c.kind, window: c.window(), state: c.state, order: c.order }).collect(),
            ..Context::new(self.inspected.digest, self.grants.clone(), asked.as_of)
        };
        let given = Given {
            question: asked.question,
            context: Arc::new(context),
            snapshot: Arc::new(snapshot),
            matter: Arc::default(),
            claims: asked.claims.clone(),
        };
        (given, family)
    }

    #[must_use]
    pub fn prepared(&self) -> &Prepared {
        &self.prepared
    }

    /// Asks on the guests' threads.
    pub async fn ask(&self, family: &Family, asked: &Asked) -> Outcome {
        let (given, _) = self.given(family, asked);
        self.ask_given(given).await
    }

    /// Asks what was put together already: so that the very same can be asked again.
    ///
    /// # Panics
    /// Never: the code is one.
    pub async fn ask_given(&self, given: Given) -> Outcome {
        self.ask_of(&"E06000023".parse().unwrap(), given).await
    }

    /// The same in another authority's turn.
    pub async fn ask_of(&self, authority: &AuthorityId, given: Given) -> Outcome {
        self.sandbox.ask(authority, self.prepared.clone(), given).await
    }

    /// What the plugin said.
    ///
    /// # Panics
    /// Where the run ended in a fault.
    pub async fn answer(&self, family: &Family, asked: &Asked) -> Answer {
        let outcome = self.ask(family, asked).await;
        outcome.result.unwrap_or_else(|fault| panic!("{fault}\n{:#}", family.json()))
    }
}
