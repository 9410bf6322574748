//! The authority's settings. The host has checked them against the schema in `manifest.json` and filled in the defaults.

use serde::{Deserialize, Deserializer};

use crate::hearth::family::types::{Code, Day};
use crate::hearth::platform::settings;

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Settings {
    reinvested: Vec<Reinvested>,
    pub known_by: Vec<KnownBy>,
    /// Code list tenures.
    pub landlord_tenures: Vec<Code>,
    pub offence_months: u32,
    pub arrears_months: u32,
    pub eviction_months: u32,
    pub least_families: u32,
    pub most_families: u32,
    pub settle_months: i32,
    pub outcome_months: i32,
    pub outcome_percent: u32,
    pub cover_percent: i64,
    pub improvements_in_a_row: usize,
    pub review_months: i32,
    pub task_working_days: i32,
}

/// The part of a result payment that goes to the partner, from a day on.
#[derive(Deserialize)]
struct Reinvested {
    #[serde(deserialize_with = "day")]
    from: Day,
    percent: i64,
}

/// By what a kind of partner knows a family.
#[derive(Deserialize)]
pub struct KnownBy {
    /// Code list organisation-kinds.
    pub partner: Code,
    pub by: Knowing,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Knowing {
    /// The family lives in one of its homes.
    Tenancy,
    /// It supervises somebody of the family.
    Offence,
}

impl Settings {
    pub fn read() -> Self {
        serde_json::from_str(&settings::json()).unwrap_or_else(|e| panic!("the settings are not as the schema says: {e}"))
    }

    /// The per cent that were reinvested on the day: the latest that had begun, none before the first.
    pub fn reinvested_percent(&self, on: Day) -> i64 {
        let begun = self.reinvested.iter().filter(|part| part.from <= on);
        begun.max_by_key(|part| part.from).map_or(0, |part| part.percent)
    }

    /// By what the partner knows a family; none where it may be any family.
    pub fn knowing(&self, partner: &str) -> Option<Knowing> {
        self.known_by.iter().find(|known| known.partner == partner).map(|known| known.by)
    }
}

fn day<'de, D: Deserializer<'de>>(json: D) -> Result<Day, D::Error> {
    let text = <&str>::deserialize(json)?;
    hearth_kit::day::from_iso(text).ok_or_else(|| serde::de::Error::custom(format_args!("{text} is not a day of the calendar")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schemas_defaults_are_settings() {
        let manifest: serde_json::Value = serde_json::from_str(include_str!("../manifest.json")).unwrap();
        let properties = manifest["settings"]["properties"].as_object().unwrap();
        let defaults: serde_json::Map<_, _> = properties.iter().map(|(name, schema)| (name.clone(), schema["default"].clone())).collect();
        let settings: Settings = serde_json::from_str(&serde_json::Value::from(defaults).to_string()).unwrap();
        assert_eq!((settings.least_families, settings.most_families, settings.review_months), (6, 10, 3));
        let percent = |on| settings.reinvested_percent(hearth_kit::day::from_iso(on).unwrap());
        assert_eq!((percent("2012-03-31"), percent("2012-04-01"), percent("2026-08-31")), (0, 100, 100));
    }
}
