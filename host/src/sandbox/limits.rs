//! What one run may use. Every limit has a default here, an error of its own ([`super::Fault`]) and a test that proves
//! that it bites.

use std::time::Duration;

use wasmtime::ResourceLimiter;

/// Bounds of one run.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Fuel. A Rust plugin needs about 120,000 for a family of a hundred facts, one in QuickJS 3 million, one in
    /// StarlingMonkey 20 million.
    pub instructions: u64,
    /// From the first instruction to the answer. The second net: guests run at the lowest priority, so how long a run takes
    /// depends on what else goes on, and what it may use must not. Fuel ends an endless loop within about a second of
    /// processor time; this is for a machine so busy that not even that comes round.
    pub wall: Duration,
    /// Bytes, summed over all memories. Python starts with 12 MiB.
    pub memory: usize,
    /// Elements, summed over all tables. StarlingMonkey starts with 7,700.
    pub table_elements: usize,
    /// Calls of the host, each of which costs the host and not the guest.
    pub host_calls: u32,
    /// Rows given to the guest, over all calls.
    pub rows: usize,
    /// Bytes of log lines and settings that pass between guest and host, and of WASI's output: they cost the host, and no
    /// fuel.
    pub text: usize,
    /// Bytes of findings, claims and proposals together, counted as they are kept.
    pub said: usize,
}

/// Findings a run may report.
pub const MOST_FINDINGS: usize = 500;
/// Reports that a run of an assessment, pathway or commissioning plugin may make.
pub const MOST_REPORTS: usize = 500;
/// Answers that a migration may carry over.
pub const MOST_PUTS: usize = 5_000;
/// Kinds of organisation invited to one meeting.
pub const MOST_INVITED: usize = 50;
/// Bytes of one text among carried-over answers.
pub const LONGEST_ANSWER: usize = 10_000;
/// Reasons of one finding.
pub const MOST_REASONS: usize = 20;
/// Facts and searches under one reason.
pub const MOST_BASES: usize = 1_000;
/// Actions a run may propose, of all kinds together.
pub const MOST_PROPOSALS: usize = 100;
/// Log lines kept of one run; the rest are counted.
pub const MOST_LOG_LINES: usize = 200;
/// Bytes kept of one log line.
pub const LONGEST_LOG_LINE: usize = 1_000;
/// Bytes of one code, key or id of a template or criterion.
pub const LONGEST_WORD: usize = 64;
/// Items in a list that a guest hands to a host function.
pub const LONGEST_LIST: usize = 10_000;
/// The most of a claim, or of a payment line: £1,000,000 in pence.
pub const LARGEST_CLAIM: i64 = 100_000_000;
/// Bytes of the rows of one reference table, as they are handed over.
pub const LONGEST_TABLE: usize = 1 << 20;
/// Bytes copied out of the guest in one host call. wasmtime's own default is 128 MiB.
pub const HOST_CALL_BYTES: usize = 1 << 20;
/// Resource handles a guest may hold. wasmtime's own default is 100,000; only WASI's answers lend any.
pub const COMPONENT_HANDLES: usize = 1_000;
/// Random bytes in one call of WASI, and in all calls of a run: they cost the host time, and the guest no fuel.
pub const LONGEST_RANDOM: u64 = 64 << 10;
/// See [`LONGEST_RANDOM`].
pub const MOST_RANDOM: usize = 1 << 20;
/// Bytes that a guest is told it may write to a WASI stream at once; all of them count as text.
pub const LONGEST_WRITE: u64 = 64 << 10;
/// Bytes of a guest's stack.
pub const STACK: usize = 512 << 10;
/// Fuel between two yields: keeps innocent tasks within about 10 ms where an endless guest runs beside them.
pub const YIELD_EVERY: u64 = 100_000;

impl Default for Limits {
    fn default() -> Self {
        Self {
            instructions: 500_000_000,
            wall: Duration::from_secs(10),
            memory: 64 << 20,
            table_elements: 100_000,
            host_calls: 100_000,
            rows: 1_000_000,
            text: 16 << 20,
            said: 1 << 20,
        }
    }
}

/// Sums memories and tables over the whole store: `wasmtime::StoreLimits` would check each alone, and a composed plugin
/// could take the limit as often as it has memories.
#[derive(Debug)]
pub(crate) struct Meter {
    memory: usize,
    most_memory: usize,
    elements: usize,
    most_elements: usize,
    /// Memory or table growth was refused. A guest that ran out of memory traps as one that panicked does, or even answers
    /// (JavaScript engines turn it into an error value): only this tells.
    pub refused: bool,
}

impl Meter {
    pub(crate) const fn new(limits: &Limits) -> Self {
        Self { memory: 0, most_memory: limits.memory, elements: 0, most_elements: limits.table_elements, refused: false }
    }

    /// Bytes that all memories together reached.
    pub(crate) const fn peak_memory(&self) -> usize {
        self.memory
    }
}

/// Adds growth to a sum, or says that it is too much.
const fn grow(sum: &mut usize, current: usize, desired: usize, most: usize) -> bool {
    let total = sum.saturating_add(desired.saturating_sub(current));
    if total > most {
        return false;
    }
    *sum = total;
    true
}

impl ResourceLimiter for Meter {
    fn memory_growing(&mut self, current: usize, desired: usize, _maximum: Option<usize>) -> wasmtime::Result<bool> {
        let allowed = grow(&mut self.memory, current, desired, self.most_memory);
        self.refused |= !allowed;
        Ok(allowed)
    }

    fn table_growing(&mut self, current: usize, desired: usize, _maximum: Option<usize>) -> wasmtime::Result<bool> {
        let allowed = grow(&mut self.elements, current, desired, self.most_elements);
        self.refused |= !allowed;
        Ok(allowed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_summed_over_all_memories() {
        let mut meter = Meter::new(&Limits { memory: 100, ..Limits::default() });
        assert!(meter.memory_growing(0, 60, None).unwrap());
        assert!(meter.memory_growing(0, 40, None).unwrap(), "a second memory, up to the limit together");
        assert!(!meter.refused);
        assert!(!meter.memory_growing(40, 41, None).unwrap(), "one byte more in either");
        assert!(meter.refused);
        assert_eq!(meter.peak_memory(), 100);
    }
}
