//! An uploaded file, as `POST /v1/plugins` reads it before anything is compiled.
#![no_main]

use std::process::abort;
use std::sync::Once;

/// The host catches the panics of what decodes types for it: they are refusals. Every other one is a find.
fn only_our_own_panics_count() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        std::panic::set_hook(Box::new(|panic| {
            if !panic.location().is_some_and(|l| l.file().contains("/wit-parser-") || l.file().contains("/wit-component-")) {
                eprintln!("{panic}");
                abort();
            }
        }));
    });
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    only_our_own_panics_count();
    let _ = hearth::plugins::inspect(bytes);
});
