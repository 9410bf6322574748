//! A CSV file: rows with their line.

use std::collections::VecDeque;
use std::io::Read;

use csv::ByteRecord;

use crate::intake::IntakeError;

/// A row longer than this is not a row: an opening quotation mark was never closed and took in what follows.
const MOST_LINES_OF_A_ROW: u64 = 20;

/// The rows of a file, in order, with their line.
pub(in crate::intake) struct Lines<R> {
    reader: csv::Reader<Counted<R>>,
    /// The line of the row read last, where its last cell goes over several.
    several_lines: Option<u64>,
}

impl<R: Read> Lines<R> {
    pub(in crate::intake) fn open(file: R) -> Self {
        Self { reader: csv::ReaderBuilder::new().flexible(true).has_headers(false).from_reader(Counted::new(file)), several_lines: None }
    }

    /// None: there are no more.
    pub(in crate::intake) fn next(&mut self) -> Option<Result<(u64, ByteRecord), IntakeError>> {
        let mut record = ByteRecord::new();
        match self.reader.read_byte_record(&mut record) {
            Err(why) => return Some(Err(why.into())),
            Ok(true) => {}
            // A cell over several lines that ends the file ends with its quotation mark.
            Ok(false) => {
                let line = self.several_lines.take().filter(|_| self.reader.get_ref().latest != b'"');
                return line.map(|line| Err(IntakeError::Unclosed(line)));
            }
        }
        let inside = record.iter().flatten().filter(|b| **b == b'\n').count() as u64;
        let end = self.reader.position().byte();
        let line = self.reader.get_mut().line_at(end).saturating_sub(inside);
        let swallowed = record.iter().next_back().is_some_and(|cell| cell.ends_with(b"\n"));
        let first_line = line + u64::from(swallowed);
        if inside > MOST_LINES_OF_A_ROW {
            return Some(Err(IntakeError::Unclosed(first_line)));
        }
        self.several_lines = record.iter().next_back().filter(|cell| cell.contains(&b'\n')).map(|_| first_line);
        Some(Ok((line, record)))
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
