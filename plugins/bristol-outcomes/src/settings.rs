//! The authority's settings. The host has checked them against the schema in `manifest.json` and filled in the defaults.

use serde::{Deserialize, Deserializer};

use crate::hearth::family::types::{Day, Pence};
use crate::hearth::platform::settings;

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Settings {
    pub problems_needed: u32,
    pub indicator_months: u32,
    pub callout_months: u32,
    pub domestic_callouts: u32,
    pub reduction_percent: u32,
    pub none_before: NoneBefore,
    pub attendance_months: u32,
    pub attendance_percent: u32,
    pub unmeasured_needs: UnmeasuredNeeds,
    pub keyworker_required: bool,
    rates: Vec<Rate>,
}

/// What no call-outs at all mean for a criterion that asks for fewer.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NoneBefore {
    NotApplicable,
    Met,
}

/// What a need that the plan does not measure means for the outcome.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum UnmeasuredNeeds {
    HoldBack,
    LeaveOut,
}

/// What is paid from a day on.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Rate {
    #[serde(deserialize_with = "day")]
    from: Day,
    pub attachment_pence: Pence,
    pub result_pence: Pence,
}

impl Settings {
    pub fn read() -> Self {
        serde_json::from_str(&settings::json()).unwrap_or_else(|e| panic!("the settings are not as the schema says: {e}"))
    }

    /// The rate of the day: the latest that had begun, the last in the list where two begin on one day.
    pub fn rate(&self, on: Day) -> Option<&Rate> {
        self.rates.iter().filter(|rate| rate.from <= on).max_by_key(|rate| rate.from)
    }
}

fn day<'de, D: Deserializer<'de>>(json: D) -> Result<Day, D::Error> {
    let text = <&str>::deserialize(json)?;
    hearth_kit::day::from_iso(text).ok_or_else(|| serde::de::Error::custom(format_args!("{text} is not a day of the calendar")))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANIFEST: &str = include_str!("../manifest.json");

    fn defaults() -> serde_json::Value {
        let manifest: serde_json::Value = serde_json::from_str(MANIFEST).unwrap();
        let properties = manifest["settings"]["properties"].as_object().unwrap();
        properties.iter().map(|(name, schema)| (name.clone(), schema["default"].clone())).collect()
    }

    #[test]
    fn the_schemas_defaults_are_settings() {
        let settings: Settings = serde_json::from_str(&defaults().to_string()).unwrap();
        assert_eq!((settings.problems_needed, settings.reduction_percent, settings.attendance_percent), (2, 60, 90));
    }

    #[test]
    fn the_latest_rate_that_has_begun_is_paid() {
        let mut json = defaults();
        json["rates"] = serde_json::json!([
            {"from": "2017-04-01", "attachment-pence": 3, "result-pence": 4},
            {"from": "2015-04-01", "attachment-pence": 1, "result-pence": 2},
        ]);
        let settings: Settings = serde_json::from_str(&json.to_string()).unwrap();
        let paid = |on| settings.rate(hearth_kit::day::from_iso(on).unwrap()).map(|r| r.attachment_pence);
        assert_eq!(paid("2015-03-31"), None);
        assert_eq!(paid("2015-04-01"), Some(1));
        assert_eq!(paid("2017-03-31"), Some(1));
        assert_eq!(paid("2026-08-31"), Some(3));
    }

    #[test]
    fn a_day_that_is_not_one_is_refused() {
        let mut json = defaults();
        json["rates"][0]["from"] = "2015-02-29".into();
        assert!(serde_json::from_str::<Settings>(&json.to_string()).is_err());
    }
}
