//! An extract, read into a record that holds one family. The first byte says by which of the mappings that come with the host.
#![no_main]

use hearth::intake::{IntakeError, mapping::SHIPPED};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Some((first, file)) = bytes.split_first() else { return };
    let (mapping, _) = SHIPPED[usize::from(*first) % SHIPPED.len()];
    // A store that fails is a fault of the reader too: what it was given should have been refused.
    if let Err(IntakeError::Store(e)) = hearth_fuzz::import(mapping, file) {
        panic!("{e}");
    }
});
