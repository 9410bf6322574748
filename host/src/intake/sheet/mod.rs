//! A file as a table: CSV or a spreadsheet, whose titles a mapping finds, row by row with their line.

pub(super) mod csv;
mod xlsx;

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufReader, Read as _, Seek as _, SeekFrom};

use ::csv::ByteRecord;

use super::IntakeError;
use super::mapping::{Column, Mapping, squeezed};

/// What every zip file begins with.
const ZIP: &[u8] = b"PK\x03\x04";
/// What Excel wrote until 2007.
const OLD_EXCEL: &[u8] = b"\xd0\xcf\x11\xe0";

/// A row that was not kept.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[schema(as = RefusedRow)]
pub struct Refused {
    /// Of the file, from 1.
    pub line: u64,
    /// As the file calls it; empty where it is the row as a whole.
    pub column: String,
    /// Why; never what stands in the row.
    pub reason: String,
}

/// Why a row is not kept; never what stands in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) column: Option<Column>,
    pub(super) reason: String,
}

impl Refusal {
    pub(super) fn new(column: Column, reason: impl Into<String>) -> Self {
        Self { column: Some(column), reason: reason.into() }
    }

    /// Of the row as a whole.
    pub(super) fn whole(reason: impl Into<String>) -> Self {
        Self { column: None, reason: reason.into() }
    }
}

/// Where each column of a mapping stands in a file, and what the file calls it.
#[derive(Debug, Clone)]
pub(super) struct Header {
    places: HashMap<Column, usize>,
    titles: HashMap<Column, String>,
    width: usize,
}

impl Header {
    fn read(mapping: &Mapping, titles: &ByteRecord) -> Result<Self, IntakeError> {
        // The byte order mark that Excel writes is the csv crate's business; a second one is what some exports add.
        let read: Vec<String> =
            titles.iter().map(|t| String::from_utf8_lossy(t).trim_start_matches('\u{feff}').trim().to_owned()).collect();
        let titles_squeezed: Vec<String> = read.iter().map(|t| squeezed(t)).collect();
        let mut places = HashMap::new();
        for (column, names) in mapping.columns.iter().enumerate() {
            let mut found = titles_squeezed.iter().enumerate().filter(|(_, title)| names.are(title));
            if let Some((place, _)) = found.next() {
                places.insert(column, place);
            }
            if found.next().is_some() {
                return Err(IntakeError::TwoColumns(names.usual().to_owned()));
            }
        }
        let name = |c: &Column| format!("`{}`", mapping.columns[*c].usual());
        let quoted = |columns: &Vec<Column>| columns.iter().map(name).collect::<Vec<_>>().join(" and ");
        let needs = mapping.needs();
        if places.is_empty() {
            let needed = needs.iter().map(|ways| ways.iter().map(quoted).collect::<Vec<_>>().join(" or "));
            return Err(IntakeError::NoHeader { line: mapping.header, needed: needed.collect::<Vec<_>>().join(", ") });
        }
        for ways in needs {
            if !ways.iter().any(|columns| columns.iter().all(|c| places.contains_key(c))) {
                let missing = ways.iter().map(quoted).collect::<Vec<_>>().join(", or ");
                let found = read.iter().map(|t| format!("`{t}`")).collect::<Vec<_>>().join(", ");
                return Err(IntakeError::Column { missing, found });
            }
        }
        let titles = places.iter().map(|(column, place)| (*column, read[*place].clone())).collect();
        Ok(Self { places, titles, width: titles_squeezed.len() })
    }

    pub(super) fn refused(&self, line: u64, refusal: Refusal, mapping: &Mapping) -> Refused {
        let title = |c: Column| self.titles.get(&c).map_or(mapping.columns[c].usual(), String::as_str).to_owned();
        Refused { line, column: refusal.column.map(title).unwrap_or_default(), reason: refusal.reason }
    }
}

/// One row.
#[derive(Clone, Copy)]
pub(super) struct Row<'a> {
    header: &'a Header,
    record: &'a ByteRecord,
}

impl<'a> Row<'a> {
    pub(super) const fn new(header: &'a Header, record: &'a ByteRecord) -> Self {
        Self { header, record }
    }

    /// What stands in a column, without spaces around it; none where it is blank or the file has no such column.
    pub(super) fn cell(&self, column: Column) -> Result<Option<&'a str>, Refusal> {
        let Some(bytes) = self.header.places.get(&column).and_then(|place| self.record.get(*place)) else { return Ok(None) };
        match std::str::from_utf8(bytes) {
            Ok(text) => Ok(Some(text.trim()).filter(|t| !t.is_empty())),
            // Decoding it as Windows-1252 would be a guess, and wrong for every other encoding.
            Err(_) => Err(Refusal::new(column, "is not UTF-8: save the file as CSV UTF-8")),
        }
    }

    pub(super) fn needed(&self, column: Column) -> Result<&'a str, Refusal> {
        self.cell(column)?.ok_or_else(|| Refusal::new(column, "is empty"))
    }

    pub(super) fn has(&self, column: Column) -> bool {
        self.header.places.contains_key(&column)
    }

    /// More cells than the header has titles: a comma stands in a cell without quotation marks, and columns have moved.
    pub(super) fn check_width(&self) -> Result<(), Refusal> {
        let surplus = self.record.iter().skip(self.header.width).any(|cell| !cell.trim_ascii().is_empty());
        if surplus {
            return Err(Refusal::whole(format!("the row has {} cells and the header {}", self.record.len(), self.header.width)));
        }
        Ok(())
    }
}

enum Rows {
    Csv(Box<csv::Lines<BufReader<File>>>),
    Xlsx(xlsx::Sheet),
}

/// A file, read some rows at a time.
pub(super) struct Table {
    rows: Rows,
    header: Header,
}

impl Table {
    /// Reads up to the titles. What kind of file it is says its first bytes, not its name.
    pub(super) fn open(mapping: &Mapping, mut file: File) -> Result<Self, IntakeError> {
        let mut magic = [0; 4];
        let read = file.by_ref().take(4).read(&mut magic).map_err(IntakeError::Io)?;
        file.seek(SeekFrom::Start(0)).map_err(IntakeError::Io)?;
        let mut rows = match &magic[..read] {
            ZIP => Rows::Xlsx(xlsx::Sheet::open(file, mapping.sheet.as_deref())?),
            OLD_EXCEL => return Err(IntakeError::OldExcel),
            _ => Rows::Csv(Box::new(csv::Lines::open(BufReader::new(file)))),
        };
        let mut titles = rows.next().ok_or(IntakeError::Empty)??;
        // Blank lines are not told of by either reader alike, so lines are counted and not rows.
        while titles.0 < mapping.header {
            titles = rows.next().ok_or(IntakeError::NoTitles(mapping.header))??;
        }
        let header = Header::read(mapping, &titles.1)?;
        Ok(Self { rows, header })
    }

    /// Up to `most` rows, blank ones left out; fewer only at the end of the file.
    pub(super) fn rows(&mut self, most: usize) -> Result<Vec<(u64, ByteRecord)>, IntakeError> {
        let mut rows = Vec::new();
        while rows.len() < most {
            let Some(row) = self.rows.next() else { break };
            let (line, record) = row?;
            if record.iter().any(|cell| !cell.trim_ascii().is_empty()) {
                rows.push((line, record));
            }
        }
        Ok(rows)
    }

    pub(super) const fn header(&self) -> &Header {
        &self.header
    }
}

impl Rows {
    fn next(&mut self) -> Option<Result<(u64, ByteRecord), IntakeError>> {
        match self {
            Self::Csv(lines) => lines.next(),
            Self::Xlsx(sheet) => sheet.next(),
        }
    }
}
