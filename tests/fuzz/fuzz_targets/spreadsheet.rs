//! A workbook: the parts of a sound one of which one is as it comes, or a zip file as it comes. The first byte says which.
#![no_main]

use std::thread;

use hearth::intake::IntakeError;
use hearth_fuzz::{is_of, only_our_own_panics_count};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    // On a thread of its own the reader's panic is a file that it did not expect.
    only_our_own_panics_count(|panic| thread::current().name() == Some("spreadsheet") && is_of(panic, &["calamine", "quick-xml", "zip"]));
    let Some((first, rest)) = bytes.split_first() else { return };
    let file = if *first == 0 { [b"PK\x03\x04", rest].concat() } else { hearth_fuzz::workbook(usize::from(*first - 1), rest) };
    if let Err(IntakeError::Store(e)) = hearth_fuzz::import("attendance", &file) {
        panic!("{e}");
    }
});
