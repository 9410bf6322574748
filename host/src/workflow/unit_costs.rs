//! What an outcome costs, and what it saves to whom: a table that the authority supplies as a sheet, with the days on which each figure holds
//! and where it is from. "Historically, local cost benefit analysis has been stymied by lack of consensus on unit costs" (002:L547-L548): so
//! none is built in.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::record::fact::text;
use crate::record::{Day, Invalid, Window};
use crate::store::{AuthorityStore, StoreError};

/// The host's table of unit costs.
pub const UNIT_COSTS: &str = "unit-costs";
/// Rows of it.
pub const MOST: usize = 2_000;
/// Bytes of its sheet.
pub const MOST_BYTES: usize = 512 << 10;
/// The columns of its sheet, each needed.
pub const COLUMNS: [&str; 8] = ["what", "of", "per", "first", "last", "pounds", "agency", "source"];
/// What a cost is of where it is of helping a family at all.
pub const HELPED: &str = "helped";
const LONGEST: usize = 200;
const MOST_PENCE: u64 = 10_000_000_000;

/// Is it money that goes out, or that some agency keeps?
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CostOr {
    Cost,
    Saving,
}

/// Of what it is for one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Per {
    /// For each family.
    Family,
    /// For each by which the criterion's number is lower than before: a call-out, a day of absence.
    Fewer,
    /// For each by which it is higher.
    More,
}

/// A unit cost, on the days on which it holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UnitCost {
    pub what: CostOr,
    /// Of a saving: the criterion that is met. Of a cost: `helped`.
    pub of: String,
    pub per: Per,
    pub first: Day,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<Day>,
    pub pence: u64,
    /// Who gains by it, or bears it: up to 200 bytes.
    pub agency: String,
    /// Where the figure is from: up to 200 bytes.
    pub source: String,
}

impl UnitCost {
    #[must_use]
    pub const fn window(&self) -> Window {
        Window { first: self.first, last: self.last }
    }

    fn check(&self) -> Result<(), Invalid> {
        Window::new(self.first, self.last)?;
        text("agency", &self.agency, LONGEST)?;
        text("source", &self.source, LONGEST)?;
        match self.what {
            CostOr::Cost if self.of != HELPED => Err(Invalid::new("of", format!("is `{HELPED}`: a cost is of helping a family"))),
            CostOr::Cost if self.per != Per::Family => Err(Invalid::new("per", "is `family`: a cost is of helping a family")),
            _ if self.pence == 0 || self.pence > MOST_PENCE => {
                Err(Invalid::new("pounds", "is more than nothing, and at most a hundred million"))
            }
            _ => Ok(()),
        }
    }

    /// Two figures for the same on one day: which of them counts?
    fn contradicts(&self, other: &Self) -> bool {
        let same = |c: &Self| (c.what, c.of.clone(), c.per, c.agency.clone());
        same(self) == same(other) && self.window().overlaps(&other.window())
    }
}

/// The rows of a sheet.
///
/// # Errors
/// `Invalid` naming the row, from 1 without the head, and its column.
pub fn read(sheet: &[u8]) -> Result<Vec<UnitCost>, Invalid> {
    let mut sheet = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(sheet.strip_prefix(b"\xef\xbb\xbf").unwrap_or(sheet));
    let unreadable = |_| Invalid::new("", "is not a sheet of comma-separated UTF-8 whose rows are all as long as its head");
    let head = sheet.headers().map_err(unreadable)?.clone();
    for column in COLUMNS {
        if head.iter().filter(|name| *name == column).count() != 1 {
            return Err(Invalid::new(column, format!("is one of the columns: {}", COLUMNS.join(", "))));
        }
    }
    if head.len() != COLUMNS.len() {
        return Err(Invalid::new("", format!("has other columns than {}", COLUMNS.join(", "))));
    }
    let mut rows: Vec<UnitCost> = Vec::new();
    for (i, record) in sheet.records().enumerate() {
        let within = |e: Invalid| e.within(&format!("rows[{}]", i + 1));
        let record = record.map_err(unreadable)?;
        if rows.len() == MOST {
            return Err(Invalid::new("", format!("has more than {MOST} rows")));
        }
        let cell = |name: &str| head.iter().zip(record.iter()).find(|(column, _)| *column == name).map_or("", |(_, cell)| cell);
        let row = of_cells(cell).and_then(|row| row.check().map(|()| row)).map_err(within)?;
        if rows.iter().any(|before| before.contradicts(&row)) {
            return Err(within(Invalid::new("first", "is a day on which another row says the same of the same agency")));
        }
        rows.push(row);
    }
    Ok(rows)
}

fn of_cells<'a>(cell: impl Fn(&str) -> &'a str) -> Result<UnitCost, Invalid> {
    let what = match cell("what") {
        "cost" => CostOr::Cost,
        "saving" => CostOr::Saving,
        _ => return Err(Invalid::new("what", "is `cost` or `saving`")),
    };
    let per = match cell("per") {
        "family" => Per::Family,
        "fewer" => Per::Fewer,
        "more" => Per::More,
        _ => return Err(Invalid::new("per", "is `family`, `fewer` or `more`")),
    };
    let day = |column: &str| cell(column).parse::<Day>().map_err(|e| e.within(column));
    let of = cell("of");
    if !(1..=64).contains(&of.len()) || !of.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-') {
        return Err(Invalid::new("of", "is the name of a criterion: small letters, digits and hyphens"));
    }
    Ok(UnitCost {
        what,
        of: of.to_owned(),
        per,
        first: day("first")?,
        last: if cell("last").is_empty() { None } else { Some(day("last")?) },
        pence: pence(cell("pounds"))?,
        agency: cell("agency").to_owned(),
        source: cell("source").to_owned(),
    })
}

/// Exactly, with pence or without.
fn pence(pounds: &str) -> Result<u64, Invalid> {
    let refused = || Invalid::new("pounds", "is written as 1250 or 1250.50");
    let (whole, part) = pounds.split_once('.').unwrap_or((pounds, "00"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole) || !digits(part) || part.len() != 2 || whole.len() > 12 {
        return Err(refused());
    }
    let number = |text: &str| text.parse::<u64>().map_err(|_| refused());
    Ok(number(whole)? * 100 + number(part)?)
}

/// As they count now; none: nothing was supplied.
///
/// # Errors
/// The file cannot be read.
pub async fn in_force(store: &AuthorityStore) -> Result<Vec<UnitCost>, StoreError> {
    match store.supplied(None, UNIT_COSTS, None).await {
        Ok(table) => serde_json::from_value(table.rows).map_err(|e| StoreError::Damaged(format!("the supplied table {UNIT_COSTS}: {e}"))),
        Err(StoreError::NoSuch { .. }) => Ok(Vec::new()),
        Err(other) => Err(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "what,of,per,first,last,pounds,agency,source\n";

    fn of(rows: &str) -> Result<Vec<UnitCost>, Invalid> {
        read(format!("{HEAD}{rows}").as_bytes())
    }

    #[test]
    fn a_sheet_is_read_to_the_penny() {
        let rows = of(
            "saving,callouts,fewer,2026-04-01,2027-03-31,183.50,Avon police,GMCA 2024\ncost,helped,family,2026-04-01,,2100,Bristol,own\n",
        );
        let rows = rows.unwrap();
        assert_eq!((rows[0].pence, rows[1].pence, rows[1].last), (18_350, 210_000, None));
        let bom = [b"\xef\xbb\xbf".as_slice(), HEAD.as_bytes()].concat();
        assert_eq!(read(&bom).unwrap(), []);
    }

    #[test]
    fn a_fault_is_named_with_its_row_and_column_and_no_value() {
        let good = "saving,callouts,fewer,2026-04-01,,183,Avon police,GMCA";
        for (rows, field) in [
            (good.replace("saving", "Ann Bell"), "rows[1].what"),
            (good.replace("fewer", "Ann Bell"), "rows[1].per"),
            (good.replace("callouts", "Ann Bell"), "rows[1].of"),
            (good.replace("2026-04-01", "01/04/2026"), "rows[1].first"),
            (good.replace(",,", ",2026-03-31,"), "rows[1].last"),
            (good.replace("183", "183.5"), "rows[1].pounds"),
            (good.replace("183", "-183"), "rows[1].pounds"),
            (good.replace("183", "0"), "rows[1].pounds"),
            (good.replace("Avon police", ""), "rows[1].agency"),
            (good.replace("GMCA", ""), "rows[1].source"),
            (good.replace("saving", "cost"), "rows[1].of"),
            (format!("{good}\n{}", good.replace("2026-04-01", "2030-01-01")), "rows[2].first"),
        ] {
            let refused = of(&format!("{rows}\n")).unwrap_err();
            assert_eq!(refused.field, field, "{rows}");
            assert!(!refused.why.contains("Ann Bell"), "{refused}");
        }
        assert_eq!(read(b"what,of\n").unwrap_err().field, "per");
        assert_eq!(of("saving,callouts\n").unwrap_err().field, "");
    }
}
