//! wasmtime, narrowed to what a closed, repeatable run needs. Each setting was tried on 48.0.8; the reasons are beside it.

use wasmtime::{Config, Enabled, Engine, PoolingAllocationConfig};

use super::limits::STACK;

/// Runs that may be alive at once in this process. A pool slot costs 4 GiB of address space for each memory.
pub const MOST_RUNS: u32 = 64;
/// QuickJS without WASI has three memories; composed plugins have one a module.
const MEMORIES_A_RUN: u32 = 4;
/// Core instances of one component: a Python component whose WASI is stubbed has about forty, small ones but for ten.
const INSTANCES_A_RUN: u32 = 100;
/// One memory's most, whatever a run's own limit is.
pub(super) const LARGEST_MEMORY: usize = 512 << 20;
/// One table's most elements, whatever a run's own limit is.
pub(super) const LARGEST_TABLE: usize = 100_000;

/// The engine that runs guests.
///
/// # Errors
/// Where the machine cannot give the address space: said at the start, never by falling back in silence.
pub(super) fn running() -> wasmtime::Result<Engine> {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(MOST_RUNS)
        .total_stacks(MOST_RUNS)
        .total_memories(MOST_RUNS * MEMORIES_A_RUN)
        .total_tables(MOST_RUNS * MEMORIES_A_RUN)
        .total_core_instances(MOST_RUNS * INSTANCES_A_RUN)
        .max_memories_per_component(MEMORIES_A_RUN)
        .max_tables_per_component(MEMORIES_A_RUN)
        .max_core_instances_per_component(INSTANCES_A_RUN)
        .max_memories_per_module(1)
        .max_tables_per_module(2)
        .max_component_instance_size(10 << 20)
        .max_core_instance_size(10 << 20)
        .table_elements(LARGEST_TABLE)
        .max_memory_size(LARGEST_MEMORY)
        // Kept and zeroed rather than given back and faulted in again: a Rust plugin touches less than this.
        .linear_memory_keep_resident(1 << 20)
        .table_keep_resident(64 << 10)
        .async_stack_keep_resident(16 << 10)
        // Each run gives back its own. Collected, an attacker's 64 MiB would be given back by whoever comes next: 5 ms of a neighbour's.
        .decommit_batch_size(1)
        .max_unused_warm_slots(MOST_RUNS)
        .pagemap_scan(Enabled::Auto);

    let mut config = settings();
    config.allocation_strategy(pool);
    Engine::new(&config)
}

/// The engine that only compiles, in a process of its own: the same code for the same component, on one thread and with nothing
/// reserved.
///
/// # Errors
/// Where wasmtime does not know this machine's processor.
pub(super) fn compiling() -> wasmtime::Result<Engine> {
    let mut config = settings();
    config.parallel_compilation(false);
    Engine::new(&config)
}

/// What both have in common: everything that the compiled code depends on.
fn settings() -> Config {
    let mut config = Config::new();
    config
        .wasm_component_model(true)
        // A budget that repeats exactly, and the points at which a guest yields. Plain epoch yields stalled others for 600 ms.
        .consume_fuel(true)
        .epoch_interruption(false)
        // The same bytes on every machine.
        .wasm_relaxed_simd(false)
        .cranelift_nan_canonicalization(true)
        // Nothing needs it.
        .wasm_memory64(false)
        .concurrency_support(false)
        .max_wasm_stack(STACK)
        .async_stack_size(2 << 20)
        // Pooled stacks pass from one authority to another.
        .async_stack_zeroing(true)
        .memory_init_cow(true);
    config
}

#[cfg(test)]
mod tests {
    use super::super::artefacts::settings_of;
    use super::*;

    #[test]
    fn what_one_engine_compiles_the_other_runs() {
        assert_eq!(settings_of(&running().unwrap()), settings_of(&compiling().unwrap()));
    }
}
