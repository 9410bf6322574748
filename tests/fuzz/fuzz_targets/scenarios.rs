//! Scenarios: a list as a manifest brings it, or a file as an author writes it.
#![no_main]

use hearth::plugins::scenarios::{check, packed, read_yaml};
use serde_json::Value;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(Value::Array(scenarios)) = serde_json::from_str(text) {
        let _ = check(&scenarios);
    }
    if let Ok(file) = read_yaml::<Value>(text) {
        let _ = packed(&[file]);
    }
});
