//! Comma-separated values as spreadsheets open them. The one place where the host writes any: a cell that a spreadsheet would take for a
//! formula is written so that it does not.

use std::borrow::Cow;
use std::io::Write;

/// A cell as it is written. What begins as a formula does, and is no number, gets an apostrophe before it, which spreadsheets do not show
/// (OWASP, CSV injection: `=`, `+`, `-`, `@`, tab, return).
#[must_use]
pub fn cell(text: &str) -> Cow<'_, str> {
    let begins = text.trim_start_matches(' ').starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
    if begins && !is_number(text) { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

/// A minus, digits and at most one point: nothing that could be reckoned with.
fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    all_digits(whole) && all_digits(fraction)
}

/// Writes rows whose cells are safe to open.
pub struct Writer<W: Write> {
    to: csv::Writer<W>,
}

impl<W: Write> Writer<W> {
    pub fn new(to: W) -> Self {
        Self { to: csv::WriterBuilder::new().flexible(true).from_writer(to) }
    }

    /// # Errors
    /// It cannot be written.
    pub fn row<'a>(&mut self, cells: impl IntoIterator<Item = &'a str>) -> std::io::Result<()> {
        for text in cells {
            self.to.write_field(cell(text).as_bytes())?;
        }
        Ok(self.to.write_record(None::<&[u8]>)?)
    }

    /// # Errors
    /// Not all of it could be written.
    pub fn end(mut self) -> std::io::Result<()> {
        self.to.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_spreadsheet_would_reckon_is_text() {
        for formula in ["=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", " =1", "-", "=", "-5.", "-1.2.3", "＝1+1", "=cmd|' /C calc'!A0"]
        {
            assert_eq!(cell(formula), format!("'{formula}"));
        }
        for plain in ["", "-5", "-5.25", "12", "Ann Bell", "a=b", "2026-01-01", "'quoted"] {
            assert_eq!(cell(plain), plain);
        }
    }

    #[test]
    fn cells_with_commas_and_quotes_stay_one_cell() {
        let mut bytes = Vec::new();
        let mut to = Writer::new(&mut bytes);
        to.row(["a,b", "say \"no\"", "=A1", "two\nlines"]).unwrap();
        to.end().unwrap();
        let mut read = csv::ReaderBuilder::new().has_headers(false).from_reader(bytes.as_slice());
        let row = read.records().next().unwrap().unwrap();
        assert_eq!(row.iter().collect::<Vec<_>>(), ["a,b", "say \"no\"", "'=A1", "two\nlines"]);
    }
}
