//! Scenarios are about invented people, and travel to whoever reads the plugin. What looks like somebody's own number or
//! address is refused; what is nobody's for certain may stand there.
//!
//! | refused | may stand there |
//! |---|---|
//! | ten digits with an NHS number's check digit | from 999 on, the range kept for tests |
//! | a unique pupil number with its check letter | of establishment 0000000 (`A000000000000`) |
//! | a National Insurance number | prefixes that are never issued (`QQ123456C`), and the number 000000 |
//! | an e-mail address | of example.org, example.com, example.net, and below .example, .test, .invalid |
//! | a telephone number: 0, +44 or 0044 and nine or ten digits | the ranges that Ofcom keeps for drama (01632 960…, 07700 900…, 020 7946 0…, 0808 157 0…, 03069 990…, and eleven cities' 496 0…) |
//! | a full postcode | ZZ99 …, which the Office for National Statistics gives to nowhere |

use serde_json::Value;

use crate::record::Invalid;
use crate::record::sections::identity::{Identifier, Scheme, is_postcode, squeezed};

/// # Errors
/// [`Invalid`] with the path of the first text that may be a real person's, and of what sort it looks; never the text itself.
pub fn nobody_real(value: &Value) -> Result<(), Invalid> {
    match value {
        Value::String(text) => looks_real(text).map_or(Ok(()), |what| Err(refused(what))),
        Value::Number(number) => looks_real(&number.to_string()).map_or(Ok(()), |what| Err(refused(what))),
        Value::Array(items) => {
            items.iter().enumerate().try_for_each(|(i, item)| nobody_real(item).map_err(|e| e.within(&format!("[{i}]"))))
        }
        Value::Object(fields) => fields.iter().try_for_each(|(name, inner)| {
            if let Some(what) = looks_real(name) {
                return Err(refused(what));
            }
            nobody_real(inner).map_err(|e| e.within(name))
        }),
        Value::Null | Value::Bool(_) => Ok(()),
    }
}

fn refused(what: &str) -> Invalid {
    Invalid::new("", format!("holds what looks like {what} of a real person; wit/scenarios.md says which are nobody's"))
}

fn looks_real(text: &str) -> Option<&'static str> {
    let words: Vec<&str> = text.split(|c: char| c.is_whitespace() || ",;()<>\"'/".contains(c)).filter(|w| !w.is_empty()).collect();
    if words.iter().any(|w| is_email(w)) {
        return Some("an e-mail address");
    }
    // Numbers are written in groups: every run of up to five words is tried as one.
    for first in 0..words.len() {
        for last in first..words.len().min(first + 6) {
            let joined = words[first..=last].concat();
            if joined.len() > 24 {
                break;
            }
            if let Some(what) = number_of(&joined, last - first + 1) {
                return Some(what);
            }
        }
    }
    None
}

fn number_of(joined: &str, words: usize) -> Option<&'static str> {
    let whole = squeezed(joined);
    let sound = |scheme| Identifier { scheme, value: whole.clone() }.check().is_ok();
    let only = |also: &str| joined.chars().all(|c| c.is_ascii_alphanumeric() || also.contains(c));
    if only("-") && sound(Scheme::NhsNumber) && !whole.starts_with("999") {
        return Some("an NHS number");
    }
    if only("-") && sound(Scheme::Upn) && !whole[1..].starts_with("0000000") {
        return Some("a unique pupil number");
    }
    if only("-") && sound(Scheme::Nino) && !whole[2..].starts_with("000000") {
        return Some("a National Insurance number");
    }
    // Of one word it is too like a code of somebody's own, of three too like a sentence (`of 12 to`), unless it is in capitals.
    let capitals = !joined.chars().any(|c| c.is_ascii_lowercase());
    if only("") && is_postcode(&whole) && (capitals || words == 2) && !whole.starts_with("ZZ99") {
        return Some("a postcode");
    }
    (only("+-.") && is_telephone(&whole, joined.starts_with('+'))).then_some("a telephone number")
}

fn is_email(word: &str) -> bool {
    const NOBODYS: [&str; 6] = ["example.org", "example.com", "example.net", ".example", ".test", ".invalid"];
    let word = word.trim_matches(|c: char| !c.is_ascii_alphanumeric()).to_ascii_lowercase();
    let Some((name, domain)) = word.split_once('@') else { return false };
    let own = |end: &&str| domain == *end || domain.ends_with(&format!(".{}", end.trim_start_matches('.')));
    !name.is_empty() && domain.contains('.') && !NOBODYS.iter().any(own)
}

/// Ofcom's numbers for drama; the cities' share `496 0`.
const DRAMA: [&str; 16] = [
    "1632960", "7700900", "2079460", "8081570", "3069990", "1134960", "1144960", "1154960", "1164960", "1174960", "1184960", "1214960",
    "1314960", "1414960", "1514960", "1614960",
];

fn is_telephone(digits: &str, international: bool) -> bool {
    if !digits.bytes().all(|b| b.is_ascii_digit()) {
        return false;
    }
    let national = match (international, digits.strip_prefix("0044"), digits.strip_prefix("44")) {
        (true, _, Some(rest)) | (false, Some(rest), _) => rest.trim_start_matches('0'),
        _ => match digits.strip_prefix('0') {
            Some(rest) => rest,
            None => return false,
        },
    };
    let london = national.strip_prefix("20").filter(|rest| rest.starts_with("79460"));
    matches!(national.len(), 9 | 10)
        && matches!(national.as_bytes()[0], b'1' | b'2' | b'3' | b'7' | b'8')
        && london.is_none()
        && !DRAMA.iter().any(|range| national.starts_with(range))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_may_be_somebodys_is_told_from_what_is_nobodys() {
        for (text, what) in [
            ("943 476 5919", Some("an NHS number")),
            ("her number is 943-476-5919, she says", Some("an NHS number")),
            ("999 000 0018", None),
            ("9434765918", None),
            ("B801200005001", Some("a unique pupil number")),
            ("A000000000000", None),
            ("AB 12 34 56 C", Some("a National Insurance number")),
            ("QQ 12 34 56 C", None),
            ("sam@bristol.gov.uk", Some("an e-mail address")),
            ("sam@example.org", None),
            ("sam@school.example", None),
            ("07911 123456", Some("a telephone number")),
            ("+44 7911 123456", Some("a telephone number")),
            ("0117 922 2000", Some("a telephone number")),
            ("07700 900123", None),
            ("020 7946 0018", None),
            ("lives at BS1 5TR now", Some("a postcode")),
            ("bs1 5tr", Some("a postcode")),
            ("BS 1 5TR", Some("a postcode")),
            ("children of 12 to 16", None),
            ("ZZ99 3VZ", None),
            ("004:L164-L167", None),
            ("police-callout", None),
            ("complete from 2 years ago until today", None),
            ("from 2026-08-31 until 2026-09-30", None),
        ] {
            assert_eq!(looks_real(text), what, "{text}");
        }
    }

    #[test]
    fn the_path_is_told_and_the_text_is_not() {
        let refused = nobody_real(&json!({ "about": { "answers": { "note": "ring 07911 123456" } } })).unwrap_err();
        assert_eq!(refused.field, "about.answers.note");
        assert!(!refused.why.contains("07911"), "{refused}");
        assert_eq!(nobody_real(&json!([{ "id": 9_434_765_919_u64 }])).unwrap_err().field, "[0].id");
    }
}
