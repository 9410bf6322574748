//! What the host keeps and reads again: snapshots, answers, contexts, matters. The first byte says which.
#![no_main]

use hearth::record::Snapshot;
use hearth::sandbox::{Answer, Context, Matter};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Some((first, kept)) = bytes.split_first() else { return };
    match first % 4 {
        0 => {
            if let Ok(snapshot) = Snapshot::decode(kept) {
                let _ = snapshot.encode();
            }
        }
        1 => {
            if let Ok(answer) = serde_json::from_slice::<Answer>(kept) {
                let (digest, bytes) = answer.encode();
                assert_eq!(serde_json::from_slice::<Answer>(&bytes).unwrap().encode().0, digest);
            }
        }
        2 => drop(serde_json::from_slice::<Context>(kept)),
        _ => drop(serde_json::from_slice::<Matter>(kept)),
    }
});
