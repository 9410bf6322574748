//! A workbook: the parts of a sound one, with the sheet as it comes, or a zip file as it comes.
#![no_main]

use hearth::intake::IntakeError;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Some((first, rest)) = bytes.split_first() else { return };
    let file = if first % 4 == 0 { [b"PK\x03\x04", rest].concat() } else { hearth_fuzz::workbook(rest) };
    if let Err(IntakeError::Store(e)) = hearth_fuzz::import("attendance", &file) {
        panic!("{e}");
    }
});
