//! An uploaded file, as `POST /v1/plugins` reads it before anything is compiled.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = hearth::plugins::inspect(bytes);
});
