//! Components that no compiler would write, drawn from `wasm-smith`: what the host makes of them must be a refusal, a documented fault
//! or an answer, and never a panic or a wait. The same seed and index are the same component, so whatever is found can be found again.
//!
//! `wasm-smith` knows components in part: types, imports, aliases and core modules within, no lifted functions. So every other one is a
//! random *core module* of exactly the shape that an outcomes plugin has (its imports of Hearth's interface, its exports), made a
//! component by `wit-component`: that passes inspection, and its random code calls the host with random arguments.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use arbitrary::Unstructured;
use hearth::plugins::fit::misfits;
use hearth::plugins::{Refused, inspect};
use hearth::record::AuthorityId;
use hearth::sandbox::{Blame, Compiler, Given, Grants, INTERFACE_VERSION, Limits, Question, Sandbox, Unfit};
use serde_json::{Value, json};
use wasm_smith::{Component, Config, Module};
use wit_parser::{Resolve, UnresolvedPackageGroup, WorldId};

use crate::lab::{Asked, Lab, pack_unchecked, plugin};

/// What a plugin of the shape imports: each with functions that take and give lists, texts, records and variants.
const WORLD: &str = "
    import hearth:family/household; import hearth:family/education; import hearth:family/coverage;
    import hearth:actions/tasks; import hearth:outcomes/findings; import hearth:platform/run;
    import hearth:platform/calendar; import hearth:platform/settings; import hearth:platform/log;
    export hearth:outcomes/rules;";
/// Longer than anything of this may take.
const TOO_LONG: Duration = Duration::from_secs(2);

/// Draws components.
pub struct Smith {
    seed: u64,
    resolve: Resolve,
    world: WorldId,
    shape: Vec<u8>,
    manifest: Value,
}

/// How often something came out, by what it was.
pub type Counts = BTreeMap<String, u64>;

impl Smith {
    /// # Errors
    /// The interface does not parse.
    pub fn new(seed: u64) -> Result<Self> {
        let mut resolve = Resolve::default();
        crate::frozen::everything(&mut resolve, Path::new(crate::frozen::WIT))?;
        let world = format!("package hearth-tests:smith;\nworld plugin {{ {} }}", WORLD.replace(';', &format!("@{INTERFACE_VERSION};")));
        let package = resolve.push_group(UnresolvedPackageGroup::parse("smith.wit", &world).map_err(|e| anyhow::anyhow!("{e:?}"))?)?;
        let world = resolve.select_world(&[package], Some("plugin"))?;
        let shape = wit_component::dummy_module(&resolve, world, wit_parser::ManglingAndAbi::Standard32);
        let mut manifest: Value = serde_json::from_str(include_str!("../hostile/manifest.json"))?;
        manifest["optional"] = json!([]);
        Ok(Self { seed, resolve, world, shape, manifest })
    }

    /// Random bytes, the same for the same index: splitmix64.
    fn drawn(&self, index: u64) -> Vec<u8> {
        let mut state = self.seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ index;
        let mut next = || {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut z = state;
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            z ^ (z >> 31)
        };
        let bytes = 256 + (next() % 2_048) as usize;
        (0..bytes / 8).flat_map(|_| next().to_le_bytes()).collect()
    }

    /// A component as wasm-smith makes them, of every feature that there is.
    ///
    /// # Errors
    /// wasm-smith could make nothing of the bytes.
    pub fn component(&self, index: u64) -> Result<Vec<u8>> {
        let drawn = self.drawn(index);
        let config = Config { max_components: 10, max_modules: 5, max_instructions: 50, ..Config::default() };
        Ok(Component::new(config, &mut Unstructured::new(&drawn))?.to_bytes())
    }

    /// A component of the shape of a plugin, whose code is random.
    ///
    /// # Errors
    /// wasm-smith could make nothing of the bytes.
    pub fn plugin(&self, index: u64) -> Result<Vec<u8>> {
        let drawn = self.drawn(index);
        let config = Config {
            module_shape: Some(self.shape.clone()),
            // What ends a run at once says nothing: every other one has its divisions and addresses guarded.
            disallow_traps: index % 4 < 2,
            max_instructions: 300,
            max_memories: 1,
            max_memory32_bytes: 1 << 20,
            max_tables: 1,
            max_table_elements: 1_000,
            exceptions_enabled: false,
            gc_enabled: false,
            memory64_enabled: false,
            // References to what is outside need a collector, which this engine is built without.
            reference_types_enabled: false,
            relaxed_simd_enabled: false,
            shared_everything_threads_enabled: false,
            threads_enabled: false,
            ..Config::default()
        };
        let mut module = Module::new(config, &mut Unstructured::new(&drawn))?.to_bytes();
        wit_component::embed_component_metadata(&mut module, &self.resolve, self.world, wit_component::StringEncoding::UTF8)?;
        wit_component::ComponentEncoder::default().module(&module)?.encode()
    }

    /// Either, now and then damaged, with a sound manifest behind it: what somebody might upload.
    ///
    /// # Errors
    /// wasm-smith could make nothing of the bytes.
    pub fn file(&self, index: u64) -> Result<Vec<u8>> {
        let mut component = if index.is_multiple_of(2) { self.component(index)? } else { self.plugin(index)? };
        if index % 8 > 5 {
            let drawn = self.drawn(!index);
            for at in drawn.chunks_exact(8).take(1 + index as usize % 5) {
                let at = u64::from_le_bytes(at.try_into()?);
                let place = (at >> 8) as usize % component.len();
                component[place] ^= (at & 0xff) as u8;
            }
        }
        Ok(pack_unchecked(&component, &self.manifest))
    }

    /// Puts each through the host's own inspection, which validates it.
    ///
    /// # Errors
    /// One took too long.
    pub fn validated(&self, indices: std::ops::Range<u64>, mut tell: impl FnMut(u64)) -> Result<Counts> {
        let mut counts = Counts::new();
        for index in indices {
            let came = self.at(index, || match self.file(index) {
                Err(_) => "not made".to_owned(),
                Ok(file) => match inspect(&file) {
                    Ok(_) => "taken".into(),
                    // Refused before it was validated: what inspection would do next is done all the same.
                    Err(refused @ (Refused::NotExported { .. } | Refused::UnknownImport { .. })) => {
                        let valid = if misfits(&file).is_ok() { "valid" } else { "damaged" };
                        format!("{}, and {valid}", kind(&refused))
                    }
                    Err(refused) => kind(&refused).into(),
                },
            })?;
            *counts.entry(came).or_default() += 1;
            tell(index);
        }
        Ok(counts)
    }

    /// Compiles each and asks it both questions, within tight limits.
    ///
    /// # Errors
    /// One took too long, or the host itself failed.
    pub async fn run(&self, indices: std::ops::Range<u64>, mut tell: impl FnMut(u64)) -> Result<Counts> {
        let limits = Limits {
            instructions: 200_000,
            wall: TOO_LONG,
            memory: 4 << 20,
            table_elements: 10_000,
            host_calls: 1_000,
            rows: 10_000,
            text: 1 << 20,
            said: 64 << 10,
        };
        let sandbox = Sandbox::start(None, Compiler::InThisProcess, limits)?;
        let family = crate::attacks::guests::family();
        let given = Lab::within(&sandbox, &plugin("hostile"), &[]).given(&family, &Asked::progress("2026-08-31")).0;
        let authority: AuthorityId = "E06000023".parse()?;
        let mut counts = Counts::new();
        for index in indices {
            let began = Instant::now();
            let ends =
                self.asked(&sandbox, &authority, &given, index).await.with_context(|| format!("seed {}, index {index}", self.seed))?;
            self.in_time(index, began)?;
            ends.into_iter().for_each(|end| *counts.entry(end).or_default() += 1);
            tell(index);
        }
        Ok(counts)
    }

    async fn asked(&self, sandbox: &Arc<Sandbox>, authority: &AuthorityId, given: &Given, index: u64) -> Result<Vec<String>> {
        let Ok(component) = self.plugin(index) else { return Ok(vec!["not made".into()]) };
        let file = pack_unchecked(&component, &self.manifest);
        let inspected = match inspect(&file) {
            Ok(inspected) => inspected,
            Err(refused) => return Ok(vec![kind(&refused).into()]),
        };
        let prepared = sandbox
            .compile_apart(inspected.digest, file)
            .await
            .and_then(|compiled| sandbox.prepare(&compiled, &inspected.words(), &Grants::everything()));
        let prepared = match prepared {
            Ok(prepared) => Arc::new(prepared),
            Err(Unfit::Host(why)) => anyhow::bail!("the host failed: {why}"),
            Err(Unfit::TooBig { .. }) => return Ok(vec!["too big".into()]),
            Err(Unfit::Compile(_)) => return Ok(vec!["does not compile".into()]),
            Err(_) => return Ok(vec!["does not link".into()]),
        };
        let mut ends = Vec::new();
        for question in [Question::Eligibility, Question::Progress] {
            let outcome = sandbox.ask(authority, prepared.clone(), Given { question, ..given.clone() }).await;
            ends.push(match outcome.result {
                Ok(_) => "answered".into(),
                Err(fault) => {
                    ensure!(fault.blame() == Blame::Guest, "{fault}");
                    fault.code().into()
                }
            });
        }
        Ok(ends)
    }

    /// Says which one it was, should it panic or take too long.
    fn at<T>(&self, index: u64, work: impl FnOnce() -> T) -> Result<T> {
        let began = Instant::now();
        let done = std::panic::catch_unwind(std::panic::AssertUnwindSafe(work));
        self.in_time(index, began)?;
        done.map_err(|_| anyhow::anyhow!("seed {}, index {index}: a panic", self.seed))
    }

    fn in_time(&self, index: u64, began: Instant) -> Result<()> {
        let took = began.elapsed();
        ensure!(took < 2 * TOO_LONG + TOO_LONG, "seed {}, index {index}: took {took:?}", self.seed);
        Ok(())
    }
}

/// Why inspection refused it, in a word.
const fn kind(refused: &Refused) -> &'static str {
    match refused {
        Refused::TooLarge { .. } => "too large",
        Refused::NotWasm => "not WebAssembly",
        Refused::CoreModule => "a core module",
        Refused::Damaged(_) => "damaged",
        Refused::NoManifest => "no manifest",
        Refused::TwoSections(_) => "two manifests",
        Refused::Manifest(_) => "manifest refused",
        Refused::UnknownImport { .. } => "unknown import",
        Refused::OtherVersion { .. } => "another version",
        Refused::Misfits(_) => "misfits",
        Refused::NotExported { .. } => "not exported",
        Refused::TooBig(_) => "needs too much",
        Refused::NotDeclared(_) => "not declared",
    }
}
