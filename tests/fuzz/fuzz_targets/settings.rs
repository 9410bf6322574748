//! A settings schema, and behind a zero byte the settings that an authority makes under it.
#![no_main]

use hearth::plugins::settings::Schema;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let mut parts = bytes.splitn(2, |b| *b == 0);
    let [schema, settings] = [parts.next(), parts.next()].map(|part| part.and_then(|p| serde_json::from_slice(p).ok()));
    let mut manifest = hearth_fuzz::manifest();
    manifest.settings = schema.unwrap_or(manifest.settings);
    if let Ok(schema) = Schema::of(&manifest) {
        let _ = schema.fill(&settings.unwrap_or_else(|| serde_json::json!({})));
    }
});
