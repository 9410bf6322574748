//! Police call-outs to homes, a row for each incident. The force sends all of its area; what happened at homes that are not
//! in the record is refused. Silence about a home of the authority says that nobody was called.

use super::table::{Column, Refusal, Row};
use super::{Covers, Period, Said, Shape, cells};
use crate::record::fact::text;
use crate::record::sections::identity::Address;
use crate::record::sections::offending::PoliceCallout;
use crate::record::{Detail, Kind, Window};

const REFERENCE: Column = Column {
    name: "Incident reference",
    also: &["incident ref", "incident", "incident number", "incident no", "incident id", "reference", "ref", "log number", "URN"],
};
const DATE: Column = Column { name: "Date", also: &["incident date", "date of incident", "date and time", "incident date time"] };
/// Read by nobody: a call-out is counted to its day.
const TIME: Column = Column { name: "Time", also: &["incident time", "time of incident"] };
const UPRN: Column = Column { name: "UPRN", also: &["unique property reference number", "property reference"] };
const LINE: Column = Column { name: "Address line", also: &["address", "address line 1", "address 1", "street address"] };
const POSTCODE: Column = Column { name: "Postcode", also: &["post code"] };
const DOMESTIC: Column = Column { name: "Domestic", also: &["domestic abuse", "DA", "DA flag", "domestic flag", "domestic incident"] };
const CHILD: Column = Column { name: "Child present", also: &["children present", "child", "child flag"] };

pub(super) const SHAPE: Shape = Shape {
    kind: Kind::PoliceCallout,
    needs: &[&[&[REFERENCE]], &[&[DATE]], &[&[UPRN], &[LINE, POSTCODE]], &[&[DOMESTIC]]],
    may_have: &[TIME, UPRN, LINE, POSTCODE, CHILD],
    keys,
    subject: (UPRN, "home"),
    window: |row| Ok(Window::on(cells::day(row, DATE)?)),
    said,
    period: (DATE, Period::Within),
    covers: Covers::Everybody,
};

/// By property number where there is one, and by postcode and first line where that finds nothing.
fn keys(row: &Row<'_>) -> Result<Vec<String>, Refusal> {
    let mut keys = Vec::new();
    if let Some(uprn) = row.cell(UPRN)? {
        let address = Address { lines: vec!["-".to_owned()], postcode: None, uprn: Some(uprn.to_owned()) };
        address.check().map_err(|e| Refusal::new(UPRN, e.why))?;
        keys.extend(address.key());
    }
    if let (Some(line), Some(postcode)) = (row.cell(LINE)?, row.cell(POSTCODE)?) {
        let address = Address { lines: vec![line.to_owned()], postcode: Some(postcode.to_owned()), uprn: None };
        let at = |field: &str| if field == "postcode" { POSTCODE } else { LINE };
        match address.check() {
            Ok(()) => keys.extend(address.key()),
            // The property number alone will do.
            Err(_) if !keys.is_empty() => {}
            Err(e) => return Err(Refusal::new(at(&e.field), e.why)),
        }
    }
    if keys.is_empty() {
        let column = if row.has(UPRN) { UPRN } else { LINE };
        return Err(Refusal::new(column, "neither a property number nor an address line and postcode"));
    }
    Ok(keys)
}

fn said(row: &Row<'_>, _key: &str, window: Window) -> Result<Said, Refusal> {
    let reference = row.needed(REFERENCE)?;
    text("", reference, 200).map_err(|e| Refusal::new(REFERENCE, e.why))?;
    let domestic = cells::yes_or_no(row, DOMESTIC)?.ok_or_else(|| Refusal::new(DOMESTIC, "is empty"))?;
    let detail = PoliceCallout { domestic, child_present: cells::yes_or_no(row, CHILD)? };
    Ok(Said { reference: reference.to_owned(), referred_by: REFERENCE, window, detail: Detail::PoliceCallout(detail) })
}
