//! A CSV file with a header: columns found by name, rows with their line.

use std::collections::{HashMap, VecDeque};
use std::io::Read;

use csv::ByteRecord;

use super::{IntakeError, Shape};

/// A row longer than this is not a row: an opening quotation mark was never closed and took in what follows.
const MOST_LINES_OF_A_ROW: u64 = 20;

/// A column by the name we use for it, and the names that agencies use. Capitals, spaces and punctuation do not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Column {
    pub(super) name: &'static str,
    pub(super) also: &'static [&'static str],
}

impl Column {
    fn is_called(&self, title: &str) -> bool {
        squeezed(self.name) == title || self.also.iter().any(|name| squeezed(name) == title)
    }
}

fn squeezed(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// A row that was not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Of the file, the header being line 1.
    pub line: u64,
    /// As the file calls it; empty where it is the row as a whole.
    pub column: String,
    pub reason: String,
}

/// Why a row is not kept; never what stands in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    column: Option<Column>,
    pub(super) reason: String,
}

impl Refusal {
    pub(super) fn new(column: Column, reason: impl Into<String>) -> Self {
        Self { column: Some(column), reason: reason.into() }
    }

    pub(super) fn at(self, line: u64, titles: &Titles) -> Refused {
        let column = self.column.map(|c| titles.get(c.name).map_or(c.name, String::as_str)).unwrap_or_default().to_owned();
        Refused { line, column, reason: self.reason }
    }
}

/// What the file calls our columns.
pub(super) type Titles = HashMap<&'static str, String>;

/// Where each column of ours stands in the file.
pub(super) struct Header {
    places: HashMap<&'static str, usize>,
    titles: Titles,
    width: usize,
}

impl Header {
    fn read(shape: &Shape, titles: &ByteRecord) -> Result<Self, IntakeError> {
        // The byte order mark that Excel writes is the csv crate's business; a second one is what some exports add.
        let read: Vec<String> =
            titles.iter().map(|t| String::from_utf8_lossy(t).trim_start_matches('\u{feff}').trim().to_owned()).collect();
        let squeezed: Vec<String> = read.iter().map(|t| squeezed(t)).collect();
        let mut places = HashMap::new();
        for column in shape.needs.iter().flat_map(|line| line.iter().copied().flatten()).chain(shape.may_have) {
            let mut found = squeezed.iter().enumerate().filter(|(_, title)| column.is_called(title));
            if let Some((place, _)) = found.next() {
                places.insert(column.name, place);
            }
            if found.next().is_some() {
                return Err(IntakeError::TwoColumns(column.name));
            }
        }
        let quoted = |columns: &&[Column]| columns.iter().map(|c| format!("`{}`", c.name)).collect::<Vec<_>>().join(" and ");
        if places.is_empty() {
            let needed = shape.needs.iter().map(|line| line.iter().map(quoted).collect::<Vec<_>>().join(" or "));
            return Err(IntakeError::NoHeader(needed.collect::<Vec<_>>().join(", ")));
        }
        for alternatives in shape.needs {
            if !alternatives.iter().any(|columns| columns.iter().all(|c| places.contains_key(c.name))) {
                let missing = alternatives.iter().map(quoted).collect::<Vec<_>>().join(", or ");
                let found = read.iter().map(|t| format!("`{t}`")).collect::<Vec<_>>().join(", ");
                return Err(IntakeError::Column { missing, found });
            }
        }
        let titles_of_ours = places.iter().map(|(name, place)| (*name, read[*place].clone())).collect();
        Ok(Self { places, titles: titles_of_ours, width: titles.len() })
    }
}

/// One row.
pub(super) struct Row<'a> {
    header: &'a Header,
    record: &'a ByteRecord,
}

impl Row<'_> {
    /// What stands in a column, without spaces around it; none where it is blank or the file has no such column.
    pub(super) fn cell(&self, column: Column) -> Result<Option<&str>, Refusal> {
        let Some(bytes) = self.header.places.get(column.name).and_then(|place| self.record.get(*place)) else { return Ok(None) };
        match std::str::from_utf8(bytes) {
            Ok(text) => Ok(Some(text.trim()).filter(|t| !t.is_empty())),
            // Decoding it as Windows-1252 would be a guess, and wrong for every other encoding.
            Err(_) => Err(Refusal::new(column, "is not UTF-8: save the file as CSV UTF-8")),
        }
    }

    pub(super) fn needed(&self, column: Column) -> Result<&str, Refusal> {
        self.cell(column)?.ok_or_else(|| Refusal::new(column, "is empty"))
    }

    pub(super) fn has(&self, column: Column) -> bool {
        self.header.places.contains_key(column.name)
    }

    /// More cells than the header has titles: a comma stands in a cell without quotation marks, and columns have moved.
    pub(super) fn check_width(&self) -> Result<(), Refusal> {
        let surplus = self.record.iter().skip(self.header.width).any(|cell| !cell.trim_ascii().is_empty());
        if surplus {
            let reason = format!("the row has {} cells and the header {}", self.record.len(), self.header.width);
            return Err(Refusal { column: None, reason });
        }
        Ok(())
    }
}

/// A file, read some rows at a time.
pub(super) struct Table<R> {
    reader: csv::Reader<Counted<R>>,
    header: Header,
    /// The line of the row read last, where its last cell goes over several.
    several_lines: Option<u64>,
}

impl<R: Read> Table<R> {
    pub(super) fn open(shape: &Shape, file: R) -> Result<Self, IntakeError> {
        let mut reader = csv::ReaderBuilder::new().flexible(true).has_headers(false).from_reader(Counted::new(file));
        let mut titles = ByteRecord::new();
        if !reader.read_byte_record(&mut titles)? {
            return Err(IntakeError::Empty);
        }
        let header = Header::read(shape, &titles)?;
        Ok(Self { reader, header, several_lines: None })
    }

    /// Up to `most` rows, blank ones left out; fewer only at the end of the file.
    pub(super) fn rows(&mut self, most: usize) -> Result<Vec<(u64, ByteRecord)>, IntakeError> {
        let mut rows = Vec::new();
        while rows.len() < most {
            let mut record = ByteRecord::new();
            if !self.reader.read_byte_record(&mut record)? {
                // A cell over several lines that ends the file ends with its quotation mark.
                return match self.several_lines.take() {
                    Some(line) if self.reader.get_ref().latest != b'"' => Err(IntakeError::Unclosed(line)),
                    _ => Ok(rows),
                };
            }
            let inside = record.iter().flatten().filter(|b| **b == b'\n').count() as u64;
            let end = self.reader.position().byte();
            let line = self.reader.get_mut().line_at(end).saturating_sub(inside);
            let swallowed = record.iter().next_back().is_some_and(|cell| cell.ends_with(b"\n"));
            let first_line = line + u64::from(swallowed);
            if inside > MOST_LINES_OF_A_ROW {
                return Err(IntakeError::Unclosed(first_line));
            }
            self.several_lines = record.iter().next_back().filter(|cell| cell.contains(&b'\n')).map(|_| first_line);
            if record.iter().any(|cell| !cell.trim_ascii().is_empty()) {
                rows.push((line, record));
            }
        }
        Ok(rows)
    }

    pub(super) const fn titles(&self) -> &Titles {
        &self.header.titles
    }

    pub(super) fn row<'a>(&'a self, record: &'a ByteRecord) -> Row<'a> {
        Row { header: &self.header, record }
    }
}

/// Counts lines on the way. The csv crate's own count starts a row at the blank lines before it, and after a CRLF one
/// line too early.
struct Counted<R> {
    inner: R,
    read: u64,
    /// The latest byte that is not a space or line end.
    latest: u8,
    /// Where lines end, from the last row on.
    ends: VecDeque<u64>,
    before: u64,
}

impl<R> Counted<R> {
    const fn new(inner: R) -> Self {
        Self { inner, read: 0, latest: 0, ends: VecDeque::new(), before: 0 }
    }

    /// The line on which a row ends whose last byte, or line end, is the one before `end`. Asked in the order of the file.
    fn line_at(&mut self, end: u64) -> u64 {
        while self.ends.front().is_some_and(|at| at + 1 < end) {
            self.ends.pop_front();
            self.before += 1;
        }
        self.before + 1
    }
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let count = self.inner.read(into)?;
        let ends = into[..count].iter().zip(self.read..).filter(|(byte, _)| **byte == b'\n').map(|(_, at)| at);
        self.ends.extend(ends);
        self.read += count as u64;
        if let Some(byte) = into[..count].trim_ascii_end().last() {
            self.latest = *byte;
        }
        Ok(count)
    }
}
