//! The parts of a mapping that are words: dates, translations, what a blank cell says, whom a file speaks for.

use super::fields::{Field, Takes};
use super::{Blank, Covers, DateForm, Period, squeezed};
use crate::intake::cells;
use crate::record::{Invalid, codes};
use crate::written::{Node, Of};

type Checked<T> = Result<T, Invalid>;

/// Words that are translated in one field.
const MOST_CODES: usize = 1_000;

pub(super) fn plain_text(node: &Node) -> Option<String> {
    match &node.of {
        Of::Text(text) => Some(text.clone()),
        Of::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

pub(super) fn said(node: &Node, field: &str) -> Checked<Option<String>> {
    let read = |n: &Node| plain_text(n).ok_or_else(|| Invalid::new(field, format!("is {}, and has to be a text", n.shown())));
    node.get(field).map(read).transpose()
}

pub(super) fn needed(node: &Node, field: &str) -> Checked<String> {
    said(node, field)?.ok_or_else(|| Invalid::new(field, "is needed"))
}

pub(super) fn dates(node: &Node) -> Checked<Vec<DateForm>> {
    let Some(forms) = node.get("dates") else { return Ok(vec![DateForm::YearFirst, DateForm::DayFirst]) };
    let form = |(i, n): (usize, &Node)| match n.as_text() {
        Some("year-first") => Ok(DateForm::YearFirst),
        Some("day-first") => Ok(DateForm::DayFirst),
        Some("month-first") => Ok(DateForm::MonthFirst),
        Some("month-named") => Ok(DateForm::MonthNamed),
        Some("digits") => Ok(DateForm::Digits),
        Some("short-year") => Ok(DateForm::ShortYear),
        _ => Err(Invalid::new(
            format!("dates[{i}]"),
            format!("{} is none of year-first, day-first, month-first, month-named, digits, short-year", n.shown()),
        )),
    };
    let forms = forms.each().iter().enumerate().map(form).collect::<Checked<Vec<_>>>()?;
    if forms.contains(&DateForm::DayFirst) && forms.contains(&DateForm::MonthFirst) {
        return Err(Invalid::new("dates", "day-first and month-first read the same cell differently: say which one the agency writes"));
    }
    Ok(forms)
}

/// `everybody`, `who-is-in-it`; or a mapping of `silence` and `rows`.
pub(super) fn covers(node: Option<&Node>) -> Checked<(Covers, Period)> {
    let empty = Node::empty();
    let node = node.unwrap_or(&empty);
    node.only(&["silence", "rows"]).map_err(|e| e.within("covers"))?;
    let silence = match node.get("silence").map(|n| n.as_text().unwrap_or_default()) {
        None | Some("says-nothing") => Covers::WhoIsInIt,
        Some("says-none") => Covers::Everybody,
        Some(_) => {
            return Err(Invalid::new("covers.silence", "is says-none (nothing happened to whoever is not in the file) or says-nothing"));
        }
    };
    let rows = match node.get("rows").map(|n| n.as_text().unwrap_or_default()) {
        None | Some("within") => Period::Within,
        Some("touching") => Period::Touching,
        Some(_) => {
            return Err(Invalid::new("covers.rows", "is within or touching: must a row lie within the days covered, or only touch them?"));
        }
    };
    Ok((silence, rows))
}

/// Days from one file to the next.
pub(super) fn rhythm(node: &Node) -> Checked<Option<u32>> {
    let Some(rhythm) = said(node, "rhythm")? else { return Ok(None) };
    let days = match rhythm.as_str() {
        "daily" => 1,
        "weekly" => 7,
        "fortnightly" => 14,
        "monthly" => 31,
        "termly" => 122,
        "quarterly" => 92,
        "yearly" => 366,
        other => {
            let why = format!("`{other}` is none of daily, weekly, fortnightly, monthly, quarterly, termly, yearly");
            return Err(Invalid::new("rhythm", why));
        }
    };
    Ok(Some(days))
}

pub(super) fn translations(node: &Node, field: &Field) -> Checked<Vec<(String, String)>> {
    if !matches!(node.of, Of::Map(_)) {
        return Err(Invalid::new("", "is what the agency writes, and the word for it: { U: unauthorised }"));
    }
    let mut found: Vec<(String, String)> = Vec::new();
    for (theirs, ours) in node.fields() {
        let at = |why: String| Invalid::new(theirs, why);
        let ours = plain_text(ours).or_else(|| if let Of::YesNo(yes) = ours.of { Some(yes.to_string()) } else { None });
        let ours = ours.ok_or_else(|| at("has to be a word".into()))?;
        cells::value(field.takes, &ours, &[]).map_err(|why| at(why.to_string()))?;
        let theirs_squeezed = squeezed(theirs);
        if found.iter().any(|(before, _)| *before == theirs_squeezed) {
            return Err(at("stands here twice: capitals, spaces and punctuation do not count".into()));
        }
        found.push((theirs_squeezed, ours));
    }
    if found.len() > MOST_CODES {
        Err(Invalid::new("", format!("has {} words, and may have {MOST_CODES}", found.len())))
    } else {
        Ok(found)
    }
}

pub(super) fn blank(node: &Node, field: &Field, known: &[Field]) -> Checked<Blank> {
    if !matches!(node.of, Of::Map(_)) {
        return cells::said_value(field.takes, node).map(Blank::Says);
    }
    node.only(&["yes-where", "is"])?;
    if field.takes != Takes::YesNo {
        return Err(Invalid::new("yes-where", "is for fields of yes and no"));
    }
    let name = needed(node, "yes-where")?.replace('-', "_");
    // Fields are read in the record's order.
    let other = known.iter().take_while(|f| f.name != field.name).find(|f| f.name == name);
    let other = other.ok_or_else(|| Invalid::new("yes-where", "is not a field that stands before this one in the record"))?;
    let Takes::Code(list) = other.takes else { return Err(Invalid::new("yes-where", "is not a field of words")) };
    let is: Vec<String> = node.get("is").map(Node::each).unwrap_or_default().iter().filter_map(plain_text).collect();
    for (i, word) in is.iter().enumerate() {
        codes::check(&format!("is[{i}]"), list, word)?;
    }
    Ok(Blank::YesWhere { field: other.name, is })
}
