//! The authority's settings. The host has checked them against the schema in `manifest.json` and filled in the defaults.

use serde::Deserialize;

use crate::hearth::platform::settings;

/// Scores and distances are in tenths of a point.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Settings {
    pub need_at: i32,
    pub attendance_percent: u8,
    pub attendance_months: u32,
    pub attendance_gap: i32,
    pub jump: i32,
    pub plan_ceiling: i32,
    pub light_needs: usize,
    pub intensive_needs: usize,
    pub plan_is_intensive: bool,
    pub not_known: NotKnown,
    pub assessment_weeks: u16,
    pub review_weeks: u16,
    pub intensive_review_weeks: u16,
    pub most_goals: usize,
    pub find_out_days: u16,
}

/// What it means for the tier that something is not known which could raise it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NotKnown {
    HoldBack,
    LeaveOut,
}

impl Settings {
    pub fn read() -> Self {
        serde_json::from_str(&settings::json()).unwrap_or_else(|e| panic!("the settings are not as the schema says: {e}"))
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;

    const MANIFEST: &str = include_str!("../manifest.json");

    /// The defaults of the schema, with changes.
    pub fn with(changes: serde_json::Value) -> Settings {
        let manifest: serde_json::Value = serde_json::from_str(MANIFEST).unwrap();
        let properties = manifest["settings"]["properties"].as_object().unwrap();
        let mut json: serde_json::Map<_, _> = properties.iter().map(|(name, p)| (name.clone(), p["default"].clone())).collect();
        json.extend(changes.as_object().cloned().unwrap_or_default());
        serde_json::from_value(json.into()).unwrap()
    }

    #[test]
    fn the_schemas_defaults_are_settings() {
        let settings = with(serde_json::json!({}));
        assert_eq!((settings.need_at, settings.attendance_percent, settings.not_known), (25, 90, NotKnown::HoldBack));
    }
}
