//! Settings that changed on a day: thresholds and rates.

use serde::{Deserialize, Deserializer};

use crate::hearth::family::types::{Day, Pence};

/// What holds from a day on, until the next.
#[derive(Deserialize)]
pub struct Dated<T> {
    #[serde(deserialize_with = "day")]
    from: Day,
    #[serde(flatten)]
    pub value: T,
}

/// What is paid.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Rate {
    #[serde(default)]
    pub attachment_pence: Pence,
    pub result_pence: Pence,
}

/// What holds on the day: the latest that had begun, the last in the list where two begin on one day.
#[must_use]
pub fn in_force<T>(list: &[Dated<T>], on: Day) -> Option<&T> {
    list.iter().filter(|dated| dated.from <= on).max_by_key(|dated| dated.from).map(|dated| &dated.value)
}

fn day<'de, D: Deserializer<'de>>(json: D) -> Result<Day, D::Error> {
    let text = String::deserialize(json)?;
    hearth_kit::day::from_iso(&text).ok_or_else(|| serde::de::Error::custom(format_args!("{text} is not a day of the calendar")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_rate_that_has_begun_is_paid() {
        let rates: Vec<Dated<Rate>> = serde_json::from_str(
            r#"[{"from": "2017-04-01", "attachment-pence": 3, "result-pence": 4}, {"from": "2015-04-01", "result-pence": 2}]"#,
        )
        .unwrap();
        let paid = |on| in_force(&rates, hearth_kit::day::from_iso(on).unwrap()).map(|r| (r.attachment_pence, r.result_pence));
        assert_eq!(paid("2015-03-31"), None);
        assert_eq!(paid("2015-04-01"), Some((0, 2)));
        assert_eq!(paid("2017-03-31"), Some((0, 2)));
        assert_eq!(paid("2017-04-01"), Some((3, 4)));
    }

    #[test]
    fn a_day_that_is_not_one_is_refused() {
        assert!(serde_json::from_str::<Dated<Rate>>(r#"{"from": "2015-02-29", "result-pence": 1}"#).is_err());
    }
}
