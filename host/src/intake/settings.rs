//! What an authority may set: from which weight on two are one, when a person is asked, and how long rows wait.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::matching::Thresholds;
use crate::record::Invalid;

/// An authority's own thresholds and times.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct IntakeSettings {
    /// From this weight on two statements are about one person, in tenths of a bit: 240, if nobody set it.
    #[schema(minimum = 0, maximum = 600, default = 240)]
    pub same_tenths: i32,
    /// From this weight on a person is asked, in tenths of a bit: 170, if nobody set it. At most `same_tenths`.
    #[schema(minimum = 0, maximum = 600, default = 170)]
    pub ask_tenths: i32,
    /// Days for which rows wait: 90, if nobody set it.
    #[schema(minimum = 1, maximum = 730, default = 90)]
    pub kept_days: i32,
}

impl Default for IntakeSettings {
    fn default() -> Self {
        let Thresholds { same, ask } = Thresholds::USUAL;
        Self { same_tenths: same, ask_tenths: ask, kept_days: 90 }
    }
}

impl IntakeSettings {
    #[must_use]
    pub const fn thresholds(&self) -> Thresholds {
        Thresholds { same: self.same_tenths, ask: self.ask_tenths }
    }

    /// # Errors
    /// [`Invalid`] naming what is out of bounds.
    pub fn check(&self) -> Result<(), Invalid> {
        let bounds = Thresholds::LEAST..=Thresholds::MOST;
        for (field, value, bounds) in [
            ("same_tenths", self.same_tenths, bounds.clone()),
            ("ask_tenths", self.ask_tenths, bounds),
            ("kept_days", self.kept_days, 1..=730),
        ] {
            if !bounds.contains(&value) {
                return Err(Invalid::new(field, format!("is {value}, and may be {} to {}", bounds.start(), bounds.end())));
            }
        }
        if self.ask_tenths > self.same_tenths {
            return Err(Invalid::new("ask_tenths", "is above same_tenths: whoever is matched need not be asked about"));
        }
        Ok(())
    }

    /// As they are kept.
    #[must_use]
    pub const fn all(&self) -> [(&'static str, i32); 3] {
        [("same_tenths", self.same_tenths), ("ask_tenths", self.ask_tenths), ("kept_days", self.kept_days)]
    }
}

/// What is kept, with what nobody set at its default.
#[must_use]
pub fn of(kept: &BTreeMap<String, i64>) -> IntakeSettings {
    let usual = IntakeSettings::default();
    let get = |name: &str, usual: i32| kept.get(name).and_then(|v| i32::try_from(*v).ok()).unwrap_or(usual);
    IntakeSettings {
        same_tenths: get("same_tenths", usual.same_tenths),
        ask_tenths: get("ask_tenths", usual.ask_tenths),
        kept_days: get("kept_days", usual.kept_days),
    }
}
