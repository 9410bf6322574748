//! A mapping, as a council writes it.
#![no_main]

use hearth::intake::Mapping;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(mapping) = Mapping::from_yaml(text) {
        assert!(mapping.needs().iter().all(|ways| ways.iter().flatten().all(|c| *c < mapping.columns.len())), "a column that is none");
    }
});
