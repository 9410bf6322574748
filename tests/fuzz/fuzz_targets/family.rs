//! A family document, as `POST /v1/authorities/{authority}/families` takes it, up to the snapshot that a run is given.
#![no_main]

use hearth::record::family_file::FamilyFile;
use hearth::record::{Clock, KnownAt, Snapshot};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Some(family) = hearth_fuzz::json::<FamilyFile>(bytes) else { return };
    if let Ok((snapshot, _)) = family.snapshot(&hearth_fuzz::bristol(), &Clock::fixed(KnownAt::from_millis(0))) {
        let (digest, bytes) = snapshot.encode();
        assert_eq!(Snapshot::decode(&bytes).unwrap().encode().0, digest);
    }
});
