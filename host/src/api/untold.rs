//! What somebody sent is not told back to them: it may be somebody's name that stands in the wrong place, and errors are logged.

use serde_json::Value;

use super::problem::Problem;
use crate::record::told_back;

/// What leads a list of what there is instead, in which names that somebody gave stand without quotes.
const THERE: &str = "(there are ";

/// The values that somebody sent, other than codes.
pub struct Sent(Vec<String>);

impl Sent {
    #[must_use]
    pub fn of<'a>(bodies: impl IntoIterator<Item = &'a Value>) -> Self {
        let mut values = Vec::new();
        for body in bodies {
            gather(body, &mut values);
        }
        values.retain(|value| told_back(value) != format!("`{value}`"));
        // The longest first: one may stand within another.
        values.sort_by_key(|value| std::cmp::Reverse(value.len()));
        values.dedup();
        Self(values)
    }

    /// A problem of what was read from them, without any of them: an author's own tool says them, a host does not.
    #[must_use]
    pub fn untold(&self, mut problem: Problem) -> Problem {
        for value in &self.0 {
            let quoted = problem.detail.replace(&format!("`{value}`"), &told_back(value));
            problem.detail = match quoted.split_once(THERE) {
                Some((why, there)) => format!("{why}{THERE}{}", there.replace(value.as_str(), &told_back(value))),
                None => quoted,
            };
        }
        problem
    }
}

fn gather(value: &Value, into: &mut Vec<String>) {
    match value {
        Value::String(text) if !text.trim().is_empty() => into.push(text.clone()),
        Value::Number(number) => into.push(number.to_string()),
        Value::Array(items) => items.iter().for_each(|item| gather(item, into)),
        Value::Object(fields) => fields.values().for_each(|field| gather(field, into)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn names_numbers_and_dates_are_left_out_and_codes_stay() {
        let sent = Sent::of(&[json!({ "ask": "Joanne Pellow", "label": "autumn", "born": "1987-06-11", "facts": [9_990_000_379_u64, 3] })]);
        let untold = |why: &str| sent.untold(Problem::invalid("scenario", why)).detail;
        assert_eq!(untold("`Joanne Pellow` is not a question"), "scenario: what was sent is not a question");
        assert_eq!(
            untold("no fact is labelled `autumn` (there are Joanne Pellow, 1987-06-11)"),
            "scenario: no fact is labelled `autumn` (there are what was sent, what was sent)"
        );
        assert_eq!(untold("has 3, not `9990000379` (as 1987-06-11)"), "scenario: has 3, not what was sent (as 1987-06-11)");
    }
}
