//! From the form of 2019 (`forms/older/whole-family-2019.json`) to today's: whole numbers from 1 to 10 become half points from 1 to 5.

use crate::hearth::assessment::answers::{Answer, Value};
use crate::hearth::assessment::migrated;

/// The digest of the form of 2019.
pub const FORM_OF_2019: &str = "e6db5cb2ad70a4d1a79027e62d662938cec46cb98caf1bd217158588c076553e";

/// What is asked today as it was then.
const SAME: [&str; 6] = ["assessment", "assessed-on", "reason", "problems", "seen-alone", "has-debts"];

/// Questions that have another name today. What stands in neither list is asked again: the family's consent, since it is the
/// family's to give anew, and home and money, since one mark for both says nothing about either.
const RENAMED: [(&str, &str); 11] = [
    ("child-mark", "child-score"),
    ("school-mark", "school-score"),
    ("safety-mark", "safety-score"),
    ("health-mark", "health-score"),
    ("relationships-mark", "relationships-score"),
    ("crime-mark", "crime-score"),
    ("school-notes", "school-worries"),
    ("safety-notes", "safety-worries"),
    ("health-notes", "health-worries"),
    ("relationships-notes", "relationships-worries"),
    ("crime-notes", "crime-worries"),
];

pub fn carry_over(older: &[Answer]) {
    for row in older {
        if let (Some(question), Some(value)) = (question_today(&row.question), row.value.as_ref().and_then(value_today)) {
            migrated::put(question, row.person, row.item, &value);
        }
    }
}

fn question_today(older: &str) -> Option<&'static str> {
    let same = SAME.into_iter().find(|question| *question == older);
    same.or_else(|| RENAMED.iter().find(|(then, _)| *then == older).map(|(_, today)| *today))
}

/// None for what is told only as given, and for a mark that is not on the scale.
fn value_today(older: &Value) -> Option<Value> {
    match older {
        Value::Tenths(mark) => half_point(*mark).map(Value::Tenths),
        Value::Given => None,
        other => Some(other.clone()),
    }
}

/// A mark from 1 to 10 on the scale from 1 to 5, to the nearest half point, in tenths: both ends stay ends. No mark lies
/// halfway between two half points.
fn half_point(mark: i32) -> Option<i32> {
    let steps = (10..=100).contains(&mark).then(|| (mark - 10) * 8)?;
    Some(10 + 5 * ((steps + 45) / 90))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use serde_json::Value as Json;

    #[test]
    fn both_ends_of_the_scale_stay_ends() {
        let marks: Vec<_> = (1..=10).filter_map(|mark| half_point(mark * 10)).collect();
        assert_eq!(marks, [10, 15, 20, 25, 30, 30, 35, 40, 45, 50]);
        assert_eq!((half_point(0), half_point(101)), (None, None));
    }

    fn questions(items: &Json, found: &mut BTreeSet<String>) {
        for item in items.as_array().into_iter().flatten() {
            found.extend(item["question"].as_str().map(str::to_owned));
            questions(&item["items"], found);
        }
    }

    #[test]
    fn what_is_carried_over_stands_in_both_forms() {
        let [mut then, mut today] = [BTreeSet::new(), BTreeSet::new()];
        for (form, found) in
            [(include_str!("../forms/older/whole-family-2019.json"), &mut then), (include_str!("../forms/whole-family.json"), &mut today)]
        {
            questions(&serde_json::from_str::<Json>(form).unwrap()["pages"], found);
        }
        let carried: Vec<_> = then.iter().filter_map(|question| question_today(question)).collect();
        assert_eq!(carried.len(), SAME.len() + RENAMED.len());
        assert!(carried.iter().all(|question| today.contains(*question)));
        let asked_again: Vec<_> = then.iter().filter(|question| question_today(question).is_none()).collect();
        assert_eq!(asked_again, ["consent", "home-and-money-mark", "home-and-money-notes"]);
    }
}
