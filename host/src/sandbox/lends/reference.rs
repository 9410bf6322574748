use crate::sandbox::bindings::hearth::family::types as wit;
use crate::sandbox::bindings::hearth::platform::reference::Host;
use crate::sandbox::fault::{Stop, nonsense};
use crate::sandbox::limits::LONGEST_TABLE;
use crate::sandbox::run::{Run, absence, day, shown};

impl Host for Run {
    fn rows(&mut self, table: String, on: i32) -> anyhow::Result<Result<String, wit::Absence>> {
        self.count_call()?;
        let on = day(on)?;
        if !self.vocabulary.tables.contains(&table) {
            return nonsense(format!("the manifest declares no table `{}`", shown(&table)));
        }
        self.tables_read.insert(table.clone());
        let Some(given) = self.given.context.tables.iter().find(|t| t.table == table) else {
            return Ok(Err(absence("not-supplied")));
        };
        let rows: Vec<&str> = given.rows.iter().filter(|r| r.window.contains(on)).map(|r| r.cells.as_str()).collect();
        let count = rows.len();
        let json = format!("[{}]", rows.join(","));
        self.count_rows(count)?;
        if json.len() > LONGEST_TABLE {
            return Err(Stop::TooMuch { what: "bytes of one table", most: LONGEST_TABLE }.into());
        }
        self.count_text(json.len())?;
        Ok(Ok(json))
    }
}
