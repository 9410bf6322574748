//! Reference tables: lists that rules look things up in, which change more often than the rules. A plugin declares the
//! columns, and brings the rows or leaves them to the authority; each row may be in force for a time only.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::manifest::{Both, at_most};
use crate::record::fact::text;
use crate::record::ids::is_slug;
use crate::record::{Day, Invalid, Window, codes};
use crate::sandbox::{RowGiven, TableGiven};

/// A table as the manifest declares it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Table {
    pub table: String,
    pub heading: Both,
    pub columns: Vec<Column>,
    /// The rows that it brings. Left out where the authority supplies them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<Vec<Row>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Column {
    pub column: String,
    #[serde(rename = "type")]
    pub of: ColumnType,
    /// For a code: the list that it is from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub list: Option<String>,
    /// May a cell be empty?
    #[serde(default)]
    pub optional: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ColumnType {
    /// Up to 200 bytes.
    Text,
    /// 2 to 64 small letters, digits and hyphens.
    Word,
    /// A word from a published code list.
    Code,
    Count,
    Tenths,
    Pence,
    Day,
    YesNo,
}

/// A row: its cells by column, and when it is in force; always, if neither day is given.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Row {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first: Option<Day>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<Day>,
    #[serde(flatten)]
    #[schema(value_type = Object)]
    pub cells: Map<String, Value>,
}

const MOST_TABLES: usize = 20;
const MOST_COLUMNS: usize = 30;
/// Rows of one table.
pub const MOST_ROWS: usize = 5_000;
/// Whole numbers that every language holds exactly.
const LARGEST_NUMBER: i64 = 1 << 53;

pub(super) fn check(tables: &[Table]) -> Result<(), Invalid> {
    at_most("tables", tables.len(), MOST_TABLES)?;
    let mut seen = BTreeSet::new();
    for (i, table) in tables.iter().enumerate() {
        if !seen.insert(&table.table) {
            return Err(Invalid::new(format!("tables[{i}].table"), format!("`{}` stands here twice", table.table)));
        }
        table.check().map_err(|e| e.within(&format!("tables[{i}]")))?;
    }
    Ok(())
}

impl Table {
    fn check(&self) -> Result<(), Invalid> {
        if !is_slug(&self.table) {
            return Err(Invalid::new("table", "has 2 to 64 small letters, digits and hyphens"));
        }
        self.heading.check("heading", 200)?;
        if self.columns.is_empty() {
            return Err(Invalid::new("columns", "a table has at least one"));
        }
        at_most("columns", self.columns.len(), MOST_COLUMNS)?;
        let mut seen = BTreeSet::new();
        for (i, column) in self.columns.iter().enumerate() {
            let at = |field: &str| format!("columns[{i}].{field}");
            if !is_slug(&column.column) || ["first", "last"].contains(&column.column.as_str()) {
                return Err(Invalid::new(at("column"), "has 2 to 64 small letters, digits and hyphens, and is not `first` or `last`"));
            }
            if !seen.insert(&column.column) {
                return Err(Invalid::new(at("column"), format!("`{}` stands here twice", column.column)));
            }
            match (column.of, &column.list) {
                (ColumnType::Code, Some(list)) if codes::all().any(|l| l.list == *list) => {}
                (ColumnType::Code, Some(list)) => return Err(Invalid::new(at("list"), format!("there is no code list `{list}`"))),
                (ColumnType::Code, None) => return Err(Invalid::new(at("list"), "a code is from a list: name it")),
                (_, Some(_)) => return Err(Invalid::new(at("list"), "only a code is from a list")),
                (_, None) => {}
            }
        }
        self.rows.as_ref().map_or(Ok(()), |rows| self.given(rows).map(|_| ()))
    }

    /// Checks rows and writes them as a run reads them.
    ///
    /// # Errors
    /// [`Invalid`] naming `rows[i].column`.
    pub fn given(&self, rows: &[Row]) -> Result<TableGiven, Invalid> {
        at_most("rows", rows.len(), MOST_ROWS)?;
        let rows = rows.iter().enumerate().map(|(i, row)| self.row(row).map_err(|e| e.within(&format!("rows[{i}]"))));
        Ok(TableGiven { table: self.table.clone(), rows: rows.collect::<Result<_, _>>()? })
    }

    fn row(&self, row: &Row) -> Result<RowGiven, Invalid> {
        let window = Window::new(row.first.unwrap_or(Day::FIRST), row.last)?;
        if let Some(unknown) = row.cells.keys().find(|name| !self.columns.iter().any(|c| c.column == **name)) {
            return Err(Invalid::new(unknown, "the table has no such column"));
        }
        let mut cells = Vec::with_capacity(self.columns.len());
        for column in &self.columns {
            let cell = row.cells.get(&column.column).unwrap_or(&Value::Null);
            if !(column.optional && cell.is_null()) {
                column.check(cell).map_err(|why| Invalid::new(&column.column, why))?;
            }
            cells.push(format!("\"{}\":{cell}", column.column));
        }
        // In the order of the columns: what a run is given has one spelling, whatever order a map of this build keeps.
        Ok(RowGiven { window, cells: format!("{{{}}}", cells.join(",")) })
    }
}

impl Column {
    fn check(&self, cell: &Value) -> Result<(), String> {
        let word = cell.as_str();
        let whole = cell.as_i64().filter(|n| n.abs() <= LARGEST_NUMBER);
        let (fits, wants) = match self.of {
            ColumnType::Text => (word.is_some_and(|w| text("", w, 200).is_ok()), "a text of up to 200 bytes".to_owned()),
            ColumnType::Word => (word.is_some_and(is_slug), "2 to 64 small letters, digits and hyphens".to_owned()),
            ColumnType::Code => {
                let list = self.list.as_deref().unwrap_or_default();
                (word.is_some_and(|w| codes::find(list, w).is_some()), format!("a word of the code list {list}"))
            }
            ColumnType::Count => (whole.is_some_and(|n| n >= 0), "a whole number, not negative".to_owned()),
            ColumnType::Tenths => (whole.is_some(), "a whole number of tenths".to_owned()),
            ColumnType::Pence => (whole.is_some(), "a whole number of pence".to_owned()),
            ColumnType::Day => (word.is_some_and(|w| w.parse::<Day>().is_ok()), "a date written as 2026-08-31".to_owned()),
            ColumnType::YesNo => (cell.is_boolean(), "true or false".to_owned()),
        };
        if fits { Ok(()) } else { Err(format!("is {cell}, and has to be {wants}")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn rates() -> Table {
        serde_json::from_value(json!({
            "table": "rates", "heading": { "en": "Rates", "cy": "Cyfraddau" },
            "columns": [
                { "column": "kind", "type": "code", "list": "payment-kinds" },
                { "column": "amount", "type": "pence" },
                { "column": "note", "type": "text", "optional": true },
            ],
        }))
        .unwrap()
    }

    fn rows(rows: Value) -> Result<TableGiven, Invalid> {
        rates().given(&serde_json::from_value::<Vec<Row>>(rows).unwrap())
    }

    #[test]
    fn rows_are_in_force_for_their_time_and_have_every_column() {
        let given = rows(json!([{ "first": "2015-04-01", "last": "2020-03-31", "kind": "result-share", "amount": 60000 }])).unwrap();
        assert_eq!(given.rows[0].cells, r#"{"kind":"result-share","amount":60000,"note":null}"#);
        assert!(given.rows[0].window.contains("2020-03-31".parse().unwrap()));
        assert!(!given.rows[0].window.contains("2020-04-01".parse().unwrap()));
    }

    #[test]
    fn a_wrong_cell_names_its_row_and_column() {
        for (row, field) in [
            (json!({ "kind": "bribe", "amount": 1 }), "rows[0].kind"),
            (json!({ "kind": "result-share", "amount": 1.5 }), "rows[0].amount"),
            (json!({ "kind": "result-share" }), "rows[0].amount"),
            (json!({ "kind": "result-share", "amount": 1, "colour": "blue" }), "rows[0].colour"),
            (json!({ "kind": "result-share", "amount": 1, "note": "" }), "rows[0].note"),
            (json!({ "kind": "result-share", "amount": 1, "first": "2020-01-02", "last": "2020-01-01" }), "rows[0].last"),
        ] {
            assert_eq!(rows(json!([row])).unwrap_err().field, field);
        }
    }
}
