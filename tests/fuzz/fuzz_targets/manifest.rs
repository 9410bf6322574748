//! The manifest of a file whose component is sound; where it is taken, what is made of it too: words, vocabulary, the page to sign.
#![no_main]

use hearth::plugins::Manifest;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(manifest) = Manifest::read(bytes) {
        let _ = manifest.vocabulary();
        let kept = serde_json::to_string(&manifest).unwrap();
        assert_eq!(Manifest::kept(&kept).unwrap(), manifest);
        hearth_fuzz::signed(manifest, kept);
    }
});
