//! An uploaded file, as `POST /v1/plugins` reads it before anything is compiled.
#![no_main]

use hearth_fuzz::{is_of, only_our_own_panics_count};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    only_our_own_panics_count(|panic| is_of(panic, &["wit-parser", "wit-component"]));
    let _ = hearth::plugins::inspect(bytes);
});
