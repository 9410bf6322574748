//! A spreadsheet as rows of texts. A formula is the value that was saved beside it: nothing is worked out here.
//!
//! A workbook is a zip file, and a small one may unpack to more than the machine has. So everything in it is unpacked once to nothing,
//! counted, before anything is read; and whatever reads it does so on a thread of its own, which ends with its file.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use calamine::{DataRef, ExcelDateTime, Reader as _, Xlsx};
use csv::ByteRecord;

use crate::intake::IntakeError;

/// Bytes that one part of a workbook may unpack to: a full sheet of a million rows has some 200 MiB.
const LARGEST_PART: u64 = 256 << 20;
/// And all parts together.
const LARGEST: u64 = 512 << 20;
/// Parts: a workbook has a dozen, and one for each sheet and picture.
const MOST_PARTS: usize = 1_000;
/// Bytes from one tag to the next. A cell holds at most 32,767 characters (Excel's own limit).
const LONGEST_TEXT: usize = 1 << 18;
/// Columns that a row may reach: as many as Excel has.
const WIDEST: u32 = 16_384;
/// Cells of a row, of which most are blank in a sheet that somebody formatted to its edge.
const MOST_CELLS: usize = 1_000;
/// Rows that are read ahead.
const AHEAD: usize = 256;

type Row = Result<(u64, ByteRecord), IntakeError>;

/// The rows of one sheet, in order, with their line.
pub(super) struct Sheet {
    rows: Option<Receiver<Row>>,
    reading: Option<JoinHandle<()>>,
}

impl Sheet {
    /// Opens the sheet of that name, or the first.
    pub(super) fn open(mut file: File, name: Option<&str>) -> Result<Self, IntakeError> {
        count(&mut file)?;
        let mut book: Xlsx<_> = Xlsx::new(file).map_err(unreadable)?;
        let sheets = book.sheet_names();
        let sheet = match name {
            Some(name) => sheets.iter().find(|s| s.eq_ignore_ascii_case(name)),
            None => sheets.first(),
        };
        let sheet = sheet.cloned().ok_or_else(|| IntakeError::NoSheet { wanted: name.unwrap_or_default().to_owned() })?;
        let (send, rows) = sync_channel(AHEAD);
        let reading = std::thread::Builder::new()
            .name("spreadsheet".into())
            .spawn(move || {
                if let Err(fault) = read(&mut book, &sheet, &send) {
                    // Whoever asked has gone, where this cannot be told.
                    let _ = send.send(Err(fault));
                }
            })
            .map_err(|why| IntakeError::Spreadsheet(why.to_string()))?;
        Ok(Self { rows: Some(rows), reading: Some(reading) })
    }

    /// None: there are no more.
    pub(super) fn next(&mut self) -> Option<Row> {
        match self.rows.as_ref()?.recv() {
            Ok(row) => Some(row),
            Err(_) => {
                self.rows = None;
                // A panic in there is a file that its reader did not expect: a fault of the file, and not of the host.
                let ended = self.reading.take()?.join();
                ended.is_err().then(|| Err(IntakeError::Spreadsheet("is damaged".into())))
            }
        }
    }
}

impl Drop for Sheet {
    fn drop(&mut self) {
        // Its next row finds nobody, and it ends.
        drop(self.rows.take());
        if let Some(reading) = self.reading.take() {
            let _ = reading.join();
        }
    }
}

/// What a reader says of a file may repeat what stands in it.
fn unreadable(_: calamine::XlsxError) -> IntakeError {
    IntakeError::Spreadsheet("is damaged, or protected by a password".into())
}

/// Unpacks everything to nothing, within bounds.
fn count(file: &mut File) -> Result<(), IntakeError> {
    let refused = |why: &str| IntakeError::Spreadsheet(why.to_owned());
    let mut zip = zip::ZipArchive::new(&*file).map_err(|_| refused("is damaged"))?;
    if zip.len() > MOST_PARTS {
        return Err(refused("has more parts than a workbook has"));
    }
    let (mut all, mut buffer) = (0, vec![0; 1 << 16]);
    for i in 0..zip.len() {
        let mut part = zip.by_index(i).map_err(|_| refused("is damaged"))?;
        let xml = part.name().is_ok_and(|name| name.ends_with(".xml") || name.ends_with(".rels"));
        let (mut here, mut run) = (0, 0);
        loop {
            let read = part.read(&mut buffer).map_err(|_| refused("is damaged"))?;
            if read == 0 {
                break;
            }
            here += read as u64;
            if here > LARGEST_PART || all + here > LARGEST {
                return Err(refused("unpacks to more than a spreadsheet may: send it as CSV"));
            }
            if xml {
                for piece in buffer[..read].split_inclusive(|b| *b == b'<') {
                    run += piece.len();
                    if run > LONGEST_TEXT {
                        return Err(refused("has a cell that is longer than a cell can be"));
                    }
                    if piece.ends_with(b"<") {
                        run = 0;
                    }
                }
            }
        }
        all += here;
    }
    drop(zip);
    file.seek(SeekFrom::Start(0)).map_err(|_| refused("cannot be read"))?;
    Ok(())
}

/// Sends row after row, until there are none or nobody takes them.
fn read(book: &mut Xlsx<File>, sheet: &str, send: &SyncSender<Row>) -> Result<(), IntakeError> {
    let mut cells = book.worksheet_cells_reader(sheet).map_err(unreadable)?;
    let (mut line, mut row): (u64, Vec<String>) = (0, Vec::new());
    while let Some(cell) = cells.next_cell().map_err(unreadable)? {
        let (at, column) = cell.get_position();
        let at = u64::from(at) + 1;
        let text = written(cell.get_value());
        if at != line {
            if line > 0 && send.send(Ok((line, ByteRecord::from(std::mem::take(&mut row))))).is_err() {
                return Ok(());
            }
            if at < line {
                return Err(IntakeError::Spreadsheet("has its rows out of order".into()));
            }
            line = at;
        }
        if text.is_empty() {
            continue;
        }
        let column = column as usize;
        if column >= MOST_CELLS.min(WIDEST as usize) {
            return Err(IntakeError::Spreadsheet(format!("has something in more than {MOST_CELLS} columns")));
        }
        if row.len() <= column {
            row.resize(column + 1, String::new());
        }
        row[column] = text;
    }
    if line > 0 {
        // As above.
        let _ = send.send(Ok((line, ByteRecord::from(row))));
    }
    Ok(())
}

/// As a person would type it.
fn written(value: &DataRef<'_>) -> String {
    match value {
        DataRef::Int(n) => n.to_string(),
        // Sixteen digits and no exponent: `12.0` is twelve, and a long number stays one.
        DataRef::Float(n) if n.fract() == 0.0 && n.abs() < 1e15 => format!("{n:.0}"),
        DataRef::Float(n) => n.to_string(),
        DataRef::String(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Bool(yes) => if *yes { "Y" } else { "N" }.to_owned(),
        DataRef::DateTime(at) => date(at),
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone(),
        // `#N/A` and its like say that there is nothing.
        DataRef::Error(_) | DataRef::Empty => String::new(),
    }
}

fn date(at: &ExcelDateTime) -> String {
    if at.is_duration() {
        return at.as_f64().to_string();
    }
    let (year, month, day, ..) = at.to_ymd_hms_milli();
    format!("{year:04}-{month:02}-{day:02}")
}
