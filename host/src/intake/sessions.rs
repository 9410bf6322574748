//! A provider's file of sessions: one line a referral and window, read by the same careful reader as agencies' files.

use csv::ByteRecord;
use serde::Serialize;
use utoipa::ToSchema;

use super::IntakeError;
use super::mapping::squeezed;
use super::sheet::csv::Lines;
use crate::record::{Day, Invalid, ProvisionId, Window};
use crate::store::Sessions;

const TITLES: [&str; 5] = ["referral", "first", "last", "offered", "kept"];
/// Lines of a file.
const MOST_LINES: usize = 10_000;

/// A line that was not kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RefusedSessions {
    /// Of the file, from 1.
    pub line: u64,
    /// Empty where it is the line as a whole.
    pub column: String,
    /// Why; never what stands in the line.
    pub reason: String,
}

/// A line that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionsRow {
    pub referral: ProvisionId,
    pub sessions: Sessions,
}

/// A line with its number, or why it was not kept.
pub type Line = Result<(u64, SessionsRow), RefusedSessions>;

/// # Errors
/// The file as a whole cannot be read: it is no CSV, a title is missing or stands twice, or it has too many lines.
pub fn read(file: &[u8]) -> Result<Vec<Line>, IntakeError> {
    let mut lines = Lines::open(file);
    let Some(titles) = lines.next() else { return Err(Invalid::new("file", "is empty").into()) };
    let places = places(&titles?.1)?;
    let mut rows = Vec::new();
    while let Some(line) = lines.next() {
        let (line, cells) = line?;
        if cells.iter().all(|cell| cell.trim_ascii().is_empty()) {
            continue;
        }
        if rows.len() == MOST_LINES {
            return Err(Invalid::new("file", format!("has more than {MOST_LINES} lines")).into());
        }
        rows.push(row(line, &cells, places));
    }
    Ok(rows)
}

/// Where each title stands.
fn places(titles: &ByteRecord) -> Result<[usize; 5], Invalid> {
    let read: Vec<String> = titles.iter().map(|t| squeezed(String::from_utf8_lossy(t).trim_start_matches('\u{feff}').trim())).collect();
    let mut places = [0; 5];
    for (place, title) in places.iter_mut().zip(TITLES) {
        let mut found = read.iter().enumerate().filter(|(_, t)| *t == title);
        let first = found.next().ok_or_else(|| Invalid::new("file", format!("has no column `{title}`")))?;
        if found.next().is_some() {
            return Err(Invalid::new("file", format!("has the column `{title}` twice")));
        }
        *place = first.0;
    }
    Ok(places)
}

fn row(line: u64, cells: &ByteRecord, places: [usize; 5]) -> Line {
    let refused = |at: usize, why: &str| RefusedSessions { line, column: TITLES[at].to_owned(), reason: why.to_owned() };
    let cell = |at: usize| {
        let bytes = cells.get(places[at]).ok_or_else(|| refused(at, "is missing: the line is too short"))?;
        let text = std::str::from_utf8(bytes).map_err(|_| refused(at, "is not UTF-8"))?.trim();
        if text.is_empty() { Err(refused(at, "is empty")) } else { Ok(text) }
    };
    let day = |at: usize| cell(at)?.parse::<Day>().map_err(|_| refused(at, "is not a day like 2026-04-30"));
    let count = |at: usize| cell(at)?.parse::<u32>().map_err(|_| refused(at, "is not a whole number"));
    let referral = cell(0)?.parse().map_err(|_| refused(0, "is not an id"))?;
    let window = Window { first: day(1)?, last: Some(day(2)?) };
    Ok((line, SessionsRow { referral, sessions: Sessions { window, offered: count(3)?, kept: count(4)? } }))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "0198c1f2-7d30-7a10-8000-5b0f4f8a1c10";

    #[test]
    fn lines_at_fault_are_named_by_line_and_column_and_the_others_are_read() {
        let file = format!(
            "\u{feff}Kept,Referral,First,Last,Offered\n3,{ID},2026-04-01,2026-04-30,4\n\n3,somebody,2026-04-01,2026-04-30,4\n\
             3,{ID},30/04/2026,2026-04-30,4\n-1,{ID},2026-04-01,2026-04-30,4\n3,{ID},2026-04-01,,4\n3,{ID}\n"
        );
        let rows = read(file.as_bytes()).unwrap();
        let read: Vec<u64> = rows.iter().filter_map(|r| r.as_ref().ok().map(|(line, _)| *line)).collect();
        let refused: Vec<(u64, &str)> = rows.iter().filter_map(|r| r.as_ref().err().map(|e| (e.line, e.column.as_str()))).collect();
        assert_eq!(read, [2]);
        assert_eq!(refused, [(4, "referral"), (5, "first"), (6, "kept"), (7, "last"), (8, "first")]);
        assert!(rows.iter().filter_map(|r| r.as_ref().err()).all(|e| !e.reason.contains("somebody")), "no cell's text is repeated");
    }

    #[test]
    fn a_file_without_its_titles_is_refused_as_a_whole() {
        for file in ["", "referral,first,last,offered\n", "referral,first,last,offered,kept,Kept\n"] {
            assert!(read(file.as_bytes()).is_err(), "{file}");
        }
    }
}
