//! What agencies write into cells: dates, yes and no, numbers, words.

use serde_json::Value;

use super::mapping::fields::Takes;
use super::mapping::{DateForm, squeezed};
use crate::record::{Day, Digest, Invalid, codes};
use crate::written::{Node, Of};

/// A date in one of the forms; a time of day after it is left out.
pub(super) fn day(forms: &[DateForm], text: &str) -> Option<Day> {
    let date = match text.split_once(['T', ' ']) {
        Some((date, time)) if is_time(time) => date,
        _ => text,
    };
    forms.iter().find_map(|form| in_form(*form, date))
}

fn in_form(form: DateForm, text: &str) -> Option<Day> {
    if form == DateForm::YearFirst {
        return text.parse().ok();
    }
    if form == DateForm::Digits {
        let good = text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit());
        return good.then(|| format!("{}-{}-{}", &text[..4], &text[4..6], &text[6..]).parse().ok()).flatten();
    }
    let parts: Vec<&str> = text.split(['/', '.', '-', ' ']).filter(|p| !p.is_empty()).collect();
    let [a, b, c] = parts[..] else { return None };
    let digits =
        |part: &str, lengths: std::ops::RangeInclusive<usize>| lengths.contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
    let (day, month, year) = match form {
        DateForm::MonthFirst => (b, a.to_owned(), c.to_owned()),
        DateForm::MonthNamed => (a, month_named(b)?.to_owned(), c.to_owned()),
        DateForm::ShortYear => (a, b.to_owned(), whole_year(c)?),
        _ => (a, b.to_owned(), c.to_owned()),
    };
    if !(digits(day, 1..=2) && digits(&month, 1..=2) && digits(&year, 4..=4)) {
        return None;
    }
    format!("{year}-{month:0>2}-{day:0>2}").parse().ok()
}

/// 69 to 99 are of the last century, as POSIX says.
fn whole_year(text: &str) -> Option<String> {
    let year: u32 = text.parse().ok().filter(|_| text.len() == 2)?;
    Some(format!("{}", if year >= 69 { 1900 + year } else { 2000 + year }))
}

fn month_named(text: &str) -> Option<&'static str> {
    const MONTHS: [(&str, &str); 12] = [
        ("january", "1"),
        ("february", "2"),
        ("march", "3"),
        ("april", "4"),
        ("may", "5"),
        ("june", "6"),
        ("july", "7"),
        ("august", "8"),
        ("september", "9"),
        ("october", "10"),
        ("november", "11"),
        ("december", "12"),
    ];
    let text = text.to_ascii_lowercase();
    MONTHS.iter().find(|(name, _)| text.len() >= 3 && name.starts_with(&text) || text == "sept" && *name == "september").map(|(_, n)| *n)
}

/// `14:05`, `14:05:33`, `14:05:33.000Z`.
fn is_time(text: &str) -> bool {
    let text = text.trim();
    text.len() >= 4 && text.contains(':') && text.bytes().all(|b| b.is_ascii_digit() || b":.Z+".contains(&b))
}

/// None where it is neither.
pub(super) fn yes_or_no(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "y" | "yes" | "true" | "1" => Some(true),
        "n" | "no" | "false" | "0" => Some(false),
        _ => None,
    }
}

/// `12.0`, as spreadsheets write whole numbers, is twelve.
pub(super) fn whole(text: &str) -> Option<u32> {
    let whole = text.split_once('.').map_or(text, |(whole, rest)| if rest.bytes().all(|b| b == b'0') { whole } else { text });
    whole.replace(',', "").parse().ok()
}

/// In hundredths or tenths: `places` digits after the point, those beyond refused.
fn fixed(text: &str, places: usize) -> Option<i64> {
    let text = text.trim().trim_start_matches('£').replace(',', "");
    let (whole, rest) = text.split_once('.').unwrap_or((&text, ""));
    let (kept, beyond) = rest.split_at_checked(places).unwrap_or((rest, ""));
    let digits = |t: &str| t.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() && rest.is_empty() || !digits(whole.trim_start_matches('-')) || !digits(kept) || !beyond.bytes().all(|b| b == b'0')
    {
        return None;
    }
    format!("{whole}{kept:0<places$}").parse().ok()
}

/// What a cell is not; never what stands in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unread {
    #[error("is neither Y nor N")]
    YesOrNo,
    #[error("is not a whole number")]
    Whole,
    #[error("is not an amount of pounds (1,234.50)")]
    Pounds,
    #[error("is not a number with at most one digit after the point")]
    Tenths,
    #[error("is not a date ({0})")]
    Date(String),
    #[error("is none of the words that are known here ({0})")]
    Word(String),
}

/// What stands in a cell, as the record takes it.
pub(super) fn value(takes: Takes, text: &str, dates: &[DateForm]) -> Result<Value, Unread> {
    Ok(match takes {
        Takes::Whole => whole(text).ok_or(Unread::Whole)?.into(),
        Takes::YesNo => yes_or_no(text).ok_or(Unread::YesOrNo)?.into(),
        Takes::Pounds => fixed(text, 2).ok_or(Unread::Pounds)?.into(),
        Takes::Tenths => fixed(text, 1).ok_or(Unread::Tenths)?.into(),
        Takes::Code(list) => word(list, text)?.into(),
        Takes::Codes(list) => text.split([',', ';']).map(|one| word(list, one).map(Value::from)).collect::<Result<Vec<_>, _>>()?.into(),
        Takes::Day => day(dates, text).ok_or_else(|| Unread::Date(written(dates)))?.to_string().into(),
        Takes::Text => text.into(),
        Takes::Lines => vec![text].into(),
    })
}

/// What a mapping says once for every row.
///
/// # Errors
/// [`Invalid`] where the record does not take it.
pub(super) fn said_value(takes: Takes, node: &Node) -> Result<Value, Invalid> {
    let text = match &node.of {
        Of::Text(text) => text.clone(),
        Of::Number(number) => number.to_string(),
        Of::YesNo(yes) => yes.to_string(),
        _ => return Err(Invalid::new("", format!("is {}, and has to be a word, a number, true or false", node.shown()))),
    };
    value(takes, &text, &[DateForm::YearFirst]).map_err(|why| Invalid::new("", why.to_string()))
}

/// A word by its code, or its name in either language.
fn word(list: &str, text: &str) -> Result<String, Unread> {
    let written = squeezed(text);
    let known = codes::all().find(|l| l.list == list);
    let found = known.and_then(|l| l.codes.iter().find(|c| [&c.code, &c.en, &c.cy].into_iter().any(|name| squeezed(name) == written)));
    found.map(|c| c.code.clone()).ok_or_else(|| Unread::Word(codes::words(list)))
}

/// How a date may be written here, for whoever wrote it otherwise.
pub(super) fn written(forms: &[DateForm]) -> String {
    let example = |form: &DateForm| match form {
        DateForm::YearFirst => "2026-08-31",
        DateForm::DayFirst => "31/08/2026",
        DateForm::MonthFirst => "08/31/2026",
        DateForm::MonthNamed => "31 Aug 2026",
        DateForm::Digits => "20260831",
        DateForm::ShortYear => "31/08/26",
    };
    let mut examples: Vec<&str> = forms.iter().map(example).collect();
    // As people here write it first.
    examples.sort_unstable_by_key(|e| std::cmp::Reverse(e.contains('/')));
    examples.join(" or ")
}

/// Stands for an identifier in a reference: references are shown where the identifier must not be. 96 bits of its hash.
pub(super) fn short(key: &str) -> String {
    Digest::of(key.as_bytes()).hex()[..24].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_read_in_the_forms_that_were_agreed_and_no_other() {
        use DateForm::{DayFirst, Digits, MonthFirst, MonthNamed, ShortYear, YearFirst};
        for (forms, text, read) in [
            (&[YearFirst, DayFirst][..], "31/08/2026", Some("2026-08-31")),
            (&[YearFirst, DayFirst], "1/9/2026", Some("2026-09-01")),
            (&[YearFirst, DayFirst], "2026-08-31T14:05:33.000Z", Some("2026-08-31")),
            (&[YearFirst, DayFirst], "2026-08-31 14:05", Some("2026-08-31")),
            (&[YearFirst, DayFirst], "31.8.2026", Some("2026-08-31")),
            (&[YearFirst, DayFirst], "08/31/2026", None),
            (&[YearFirst], "31/08/2026", None),
            (&[MonthFirst], "08/31/2026", Some("2026-08-31")),
            (&[MonthNamed], "31 Aug 2026", Some("2026-08-31")),
            (&[MonthNamed], "1-Sept-2026", Some("2026-09-01")),
            (&[MonthNamed], "1 Ju 2026", None),
            (&[Digits], "20260831", Some("2026-08-31")),
            (&[ShortYear], "31/08/26", Some("2026-08-31")),
            (&[ShortYear], "31/08/69", Some("1969-08-31")),
            (&[DayFirst], "30/02/2026", None),
            (&[DayFirst], "B801200005001", None),
            (&[Digits], "ä260831", None),
        ] {
            assert_eq!(day(forms, text).map(|d| d.to_string()).as_deref(), read, "{text}");
        }
    }

    #[test]
    fn money_is_kept_in_pence_and_half_points_in_tenths() {
        for (text, pence) in [
            ("1,234.50", Some(123_450)),
            ("£12", Some(1200)),
            ("0.5", Some(50)),
            ("12.345", None),
            ("", None),
            ("£", None),
            ("many", None),
            ("-3", Some(-300)),
        ] {
            assert_eq!(value(Takes::Pounds, text, &[]).ok(), pence.map(Value::from), "{text}");
        }
        for (text, tenths) in [("3.5", Some(35)), ("7", Some(70)), ("3.50", Some(35)), ("3.55", None)] {
            assert_eq!(value(Takes::Tenths, text, &[]).ok(), tenths.map(Value::from), "{text}");
        }
    }

    #[test]
    fn every_word_of_a_list_is_read_by_its_code_and_both_its_names() {
        let list = codes::all().find(|l| l.list == "benefits").unwrap();
        for code in &list.codes {
            for written in [code.code.as_str(), &code.en, &code.cy, &code.en.to_uppercase()] {
                assert_eq!(value(Takes::Code("benefits"), written, &[]), Ok(code.code.as_str().into()), "{written}");
            }
        }
        let unread = value(Takes::Code("benefits"), "AB123456C", &[]).unwrap_err();
        assert!(!unread.to_string().contains("AB123456C"));
    }
}
