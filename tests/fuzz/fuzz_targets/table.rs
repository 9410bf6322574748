//! The rows of a reference table, under the columns that stand before the zero byte.
#![no_main]

use hearth::plugins::tables::{Row, Table};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let mut parts = bytes.splitn(2, |b| *b == 0);
    let (Some(table), Some(rows)) = (parts.next().and_then(hearth_fuzz::json::<Table>), parts.next()) else { return };
    if let Some(rows) = hearth_fuzz::json::<Vec<Row>>(rows) {
        let _ = table.given(&rows);
    }
});
