//! The authority's settings. The host has checked them against the schema in `manifest.json` and filled in the defaults.

use serde::Deserialize;

use crate::hearth::platform::settings;

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Settings {
    pub problems_needed: usize,
    pub high_need_problems: usize,
    pub indicator_months: u32,
    pub attendance_percent: u32,
    /// Code list safeguarding-statuses.
    pub social_care_leads: Vec<String>,
    /// 1 is Monday, 5 Friday.
    pub meeting_weekday: u8,
    pub collect_working_days: i32,
    pub task_working_days: i32,
    /// Code list roles, the first preferred.
    pub roles: Vec<String>,
    pub most_families: u32,
    pub most_families_adviser: u32,
    pub places: usize,
}

impl Settings {
    pub fn read() -> Self {
        serde_json::from_str(&settings::json()).unwrap_or_else(|e| panic!("the settings are not as the schema says: {e}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schemas_defaults_are_settings() {
        let manifest: serde_json::Value = serde_json::from_str(include_str!("../manifest.json")).unwrap();
        let properties = manifest["settings"]["properties"].as_object().unwrap();
        let defaults = properties.iter().map(|(name, schema)| (name.clone(), schema["default"].clone())).collect();
        let settings: Settings = serde_json::from_value(serde_json::Value::Object(defaults)).unwrap();
        assert_eq!((settings.problems_needed, settings.attendance_percent, settings.most_families), (2, 90, 10));
    }
}
