//! School attendance, a row for each pupil and term, as the school census and attendance systems count it: sessions that
//! were possible, and those attended or, instead, those missed with leave. Rows lie within the days covered; silence about
//! a pupil says nothing.

use super::table::{Column, Refusal, Row};
use super::{Covers, Period, Said, Shape, cells};
use crate::record::sections::education::Attendance;
use crate::record::sections::identity::Scheme;
use crate::record::{Detail, Kind, Window};

const UPN: Column = Column { name: "UPN", also: &["unique pupil number", "pupil UPN"] };
const FIRST: Column = Column { name: "Term start", also: &["term start date", "start", "start date", "period start", "from", "date from"] };
const LAST: Column = Column { name: "Term end", also: &["term end date", "end", "end date", "period end", "to", "date to"] };
const POSSIBLE: Column = Column { name: "Sessions possible", also: &["possible sessions", "possible", "total possible sessions"] };
const ATTENDED: Column =
    Column { name: "Sessions attended", also: &["attended", "attended sessions", "sessions present", "present", "attendances"] };
const AUTHORISED: Column = Column {
    name: "Authorised absences",
    also: &["authorised", "authorised absence", "sessions authorised", "authorised sessions", "sessions missed authorised"],
};
const UNAUTHORISED: Column = Column {
    name: "Unauthorised absences",
    also: &["unauthorised", "unauthorised absence", "sessions unauthorised", "unauthorised sessions", "sessions missed unauthorised"],
};

pub(super) const SHAPE: Shape = Shape {
    kind: Kind::Attendance,
    needs: &[&[&[UPN]], &[&[FIRST]], &[&[LAST]], &[&[POSSIBLE]], &[&[ATTENDED], &[AUTHORISED]], &[&[UNAUTHORISED]]],
    may_have: &[],
    keys: |row| Ok(vec![cells::identifier(row, UPN, Scheme::Upn)?]),
    subject: (UPN, "person"),
    window: |row| {
        let first = cells::day(row, FIRST)?;
        Window::new(first, Some(cells::day(row, LAST)?)).map_err(|_| Refusal::new(LAST, "is before the term's start"))
    },
    said,
    period: (FIRST, Period::Within),
    covers: Covers::WhoIsInIt,
};

fn said(row: &Row<'_>, key: &str, window: Window) -> Result<Said, Refusal> {
    let possible = cells::sessions(row, POSSIBLE)?;
    let unauthorised = cells::sessions(row, UNAUTHORISED)?;
    let attended = if row.has(ATTENDED) {
        cells::sessions(row, ATTENDED)?
    } else {
        let authorised = cells::sessions(row, AUTHORISED)?;
        let attended = possible.checked_sub(unauthorised).and_then(|rest| rest.checked_sub(authorised));
        attended.ok_or_else(|| Refusal::new(AUTHORISED, "more sessions were missed than were possible"))?
    };
    let detail = Attendance { possible, attended, unauthorised };
    detail.check().map_err(|e| Refusal::new(if e.field == "attended" { ATTENDED } else { UNAUTHORISED }, e.why))?;
    let reference = format!("{}:{}", cells::short(key), window.first);
    Ok(Said { reference, referred_by: FIRST, window, detail: Detail::Attendance(detail) })
}
