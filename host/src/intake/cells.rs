//! What agencies write into cells: dates, yes and no, counts.

use super::table::{Column, Refusal, Row};
use crate::record::sections::identity::{Identifier, Scheme};
use crate::record::{Day, Digest};

/// `31/08/2026`, `1/9/2026` or `2026-08-31`; a time of day after it is left out.
pub(super) fn day(row: &Row<'_>, column: Column) -> Result<Day, Refusal> {
    read_day(row.needed(column)?).ok_or_else(|| not_a_date(column))
}

pub(super) fn maybe_day(row: &Row<'_>, column: Column) -> Result<Option<Day>, Refusal> {
    row.cell(column)?.map(|text| read_day(text).ok_or_else(|| not_a_date(column))).transpose()
}

fn not_a_date(column: Column) -> Refusal {
    Refusal::new(column, "is not a date (31/08/2026 or 2026-08-31)")
}

fn read_day(text: &str) -> Option<Day> {
    let date = match text.split_once([' ', 'T']) {
        Some((date, time)) if is_time(time) => date,
        Some(_) => return None,
        None => text,
    };
    if !date.contains('/') {
        return date.parse().ok();
    }
    let parts: Vec<&str> = date.split('/').collect();
    let [day, month, year] = parts[..] else { return None };
    let digits =
        |part: &str, lengths: std::ops::RangeInclusive<usize>| lengths.contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
    if !(digits(day, 1..=2) && digits(month, 1..=2) && digits(year, 4..=4)) {
        return None;
    }
    format!("{year}-{month:0>2}-{day:0>2}").parse().ok()
}

/// `14:05`, `14:05:33`, `14:05:33.000Z`.
fn is_time(text: &str) -> bool {
    let text = text.trim();
    text.len() >= 4 && text.contains(':') && text.bytes().all(|b| b.is_ascii_digit() || b":.Z+".contains(&b))
}

/// None where the cell is blank.
pub(super) fn yes_or_no(row: &Row<'_>, column: Column) -> Result<Option<bool>, Refusal> {
    let Some(text) = row.cell(column)? else { return Ok(None) };
    match text.to_ascii_lowercase().as_str() {
        "y" | "yes" | "true" | "1" => Ok(Some(true)),
        "n" | "no" | "false" | "0" => Ok(Some(false)),
        _ => Err(Refusal::new(column, "is neither Y nor N")),
    }
}

/// Half-day sessions; `12.0`, as spreadsheets write whole numbers, is twelve.
pub(super) fn sessions(row: &Row<'_>, column: Column) -> Result<u16, Refusal> {
    let text = row.needed(column)?;
    let whole = text.split_once('.').map_or(text, |(whole, rest)| if rest.bytes().all(|b| b == b'0') { whole } else { text });
    whole.parse().map_err(|_| Refusal::new(column, "is not a number of sessions"))
}

/// The key of an identifier, checked.
pub(super) fn identifier(row: &Row<'_>, column: Column, scheme: Scheme) -> Result<String, Refusal> {
    let identifier = Identifier { scheme, value: row.needed(column)?.to_owned() };
    identifier.check().map_err(|e| Refusal::new(column, e.why))?;
    Ok(identifier.key())
}

/// Stands for an identifier in a reference: references are shown where the identifier must not be. 96 bits of its hash.
pub(super) fn short(key: &str) -> String {
    Digest::of(key.as_bytes()).hex()[..24].to_owned()
}
