//! Extism, with limits like Hearth's: instructions, time, memory.

use std::rc::Rc;
use std::time::Duration;

use anyhow::{Context, Result};
use extism::{CompiledPlugin, Manifest, Plugin, PluginBuilder, Wasm};
use rule::Given;

use crate::{Decided, Peer};

const INSTRUCTIONS: u64 = 500_000_000;
const TIME: Duration = Duration::from_secs(10);
/// 64 MiB.
const PAGES: u32 = 1024;

fn compiled(pooled: bool) -> Result<CompiledPlugin> {
    let file = std::env::var("EXTISM_RULE").context("EXTISM_RULE is the built plugin of tests/peers/extism")?;
    let manifest = Manifest::new([Wasm::file(file)]).with_timeout(TIME).with_memory_max(PAGES);
    let mut builder = PluginBuilder::new(manifest).with_fuel_limit(INSTRUCTIONS).with_cache_disabled();
    if pooled {
        let mut pool = wasmtime::PoolingAllocationConfig::new();
        pool.total_memories(100).total_tables(100).total_core_instances(100).linear_memory_keep_resident(1 << 20);
        let mut config = wasmtime::Config::new();
        config.allocation_strategy(wasmtime::InstanceAllocationStrategy::Pooling(pool));
        builder = builder.with_wasmtime_config(config);
    }
    builder.compile()
}

fn call(plugin: &mut Plugin, given: &[u8]) -> Result<Decided> {
    let answer: &[u8] = plugin.call("progress", given)?;
    Ok(Decided::Whole(serde_json::from_slice(answer)?))
}

/// Nothing of one family is left when the next is asked about.
pub struct Fresh {
    compiled: CompiledPlugin,
    given: Vec<u8>,
}

impl Fresh {
    pub fn start(given: &str, pooled: bool) -> Result<Self> {
        Ok(Self { compiled: compiled(pooled)?, given: given.into() })
    }
}

impl Peer for Fresh {
    fn ask(&mut self) -> Result<Decided> {
        call(&mut Plugin::new_from_compiled(&self.compiled)?, &self.given)
    }
}

/// From the family in memory, as Hearth's own row begins: the JSON is written for each run.
pub struct FromMemory {
    compiled: CompiledPlugin,
    given: Rc<Given>,
}

impl FromMemory {
    pub fn start(given: Rc<Given>) -> Result<Self> {
        Ok(Self { compiled: compiled(false)?, given })
    }
}

impl Peer for FromMemory {
    fn ask(&mut self) -> Result<Decided> {
        let given = serde_json::to_vec(&*self.given)?;
        call(&mut Plugin::new_from_compiled(&self.compiled)?, &given)
    }
}

/// What a plugin keeps in its memory it keeps for the next family.
pub struct Reused {
    plugin: Plugin,
    given: Vec<u8>,
}

impl Reused {
    pub fn start(given: &str) -> Result<Self> {
        Ok(Self { plugin: Plugin::new_from_compiled(&compiled(false)?)?, given: given.into() })
    }
}

impl Peer for Reused {
    fn ask(&mut self) -> Result<Decided> {
        call(&mut self.plugin, &self.given)
    }
}
