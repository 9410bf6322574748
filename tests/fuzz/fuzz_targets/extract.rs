//! A CSV extract, read into a record that holds one family. The first byte says which of the three it is.
#![no_main]

use hearth::intake::{Extract, IntakeError};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Some((first, file)) = bytes.split_first() else { return };
    let extract = Extract::ALL[usize::from(*first) % Extract::ALL.len()];
    // A store that fails is a fault of the reader too: what it was given should have been refused.
    if let Err(IntakeError::Store(e)) = hearth_fuzz::import(extract, file) {
        panic!("{e}");
    }
});
