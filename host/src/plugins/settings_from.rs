//! How an older version's settings become a newer one's, as the author writes it in the newer one's manifest: other names, other units, other
//! words. Data and no function, so that whoever reviews an update reads what happens to each setting, and the host works it out and
//! checks it against both schemas without running anything. What is not written here goes over under its own name, where it fits.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Number, Value};
use utoipa::ToSchema;

use super::Manifest;
use super::manifest::{at_most, version};
use super::update::numbers;
use crate::record::Invalid;
use crate::record::fact::text;

/// Ranges of versions, and words of one setting.
const MOST_RANGES: usize = 50;
const MOST_WORDS: usize = 200;
/// The largest factor: from pounds to hundredths of a penny it is 10,000.
const LARGEST: u32 = 1_000_000_000;
/// Places behind the point of what is worked out.
const PLACES: usize = 6;

/// What becomes of the settings of some older versions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SettingsFrom {
    /// The first version that this is for.
    pub from: String,
    /// And the first that it is no longer for.
    pub before: String,
    /// By the setting of this version.
    pub settings: BTreeMap<String, FromSetting>,
}

/// From which setting one is worked out, and how.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FromSetting {
    /// The older version's setting.
    pub was: String,
    /// A number times this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<u32>,
    /// And divided by this. What that is not exactly, to six places, is not carried over.
    #[serde(rename = "divided-by", default, skip_serializing_if = "Option::is_none")]
    pub divided_by: Option<u32>,
    /// A word by the older one. What has none here is not carried over.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub words: BTreeMap<String, String>,
}

/// Why a setting is not carried over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum WhyLeft {
    /// The newer version has no such setting.
    Gone,
    /// The newer version does not take its value.
    DoesNotFit,
    /// Its value in the newer unit is none that can be written exactly.
    NotExact,
    /// Its value has no word in the newer version.
    NoWord,
}

impl FromSetting {
    /// # Errors
    /// Why there is nothing in the newer version for this value.
    pub fn of(&self, before: &Value) -> Result<Value, WhyLeft> {
        if !self.words.is_empty() {
            let word = before.as_str().and_then(|word| self.words.get(word));
            return word.map(|word| Value::from(word.as_str())).ok_or(WhyLeft::NoWord);
        }
        match (self.times, self.divided_by, before) {
            (None, None, value) => Ok(value.clone()),
            (times, by, Value::Number(number)) => scaled(number, times.unwrap_or(1), by.unwrap_or(1)).ok_or(WhyLeft::NotExact),
            _ => Err(WhyLeft::DoesNotFit),
        }
    }

    fn check(&self) -> Result<(), Invalid> {
        text("was", &self.was, 100)?;
        at_most("words", self.words.len(), MOST_WORDS)?;
        for (field, factor) in [("times", self.times), ("divided-by", self.divided_by)] {
            if factor.is_some_and(|n| n == 0 || n > LARGEST) {
                return Err(Invalid::new(field, format!("is from 1 to {LARGEST}")));
            }
        }
        if !self.words.is_empty() && (self.times.is_some() || self.divided_by.is_some()) {
            return Err(Invalid::new("words", "stand where no number is worked out"));
        }
        Ok(())
    }

    /// Is this what the older version's setting may be?
    fn suits(&self, schema: &Value) -> Result<(), Invalid> {
        let property = schema.get("properties").and_then(|p| p.get(&self.was));
        let property = property.ok_or_else(|| Invalid::new("was", "is no setting of an older version that was uploaded"))?;
        let is = |kinds: &[&str]| property.get("type").and_then(Value::as_str).is_none_or(|t| kinds.contains(&t));
        if (self.times.is_some() || self.divided_by.is_some()) && !is(&["integer", "number"]) {
            return Err(Invalid::new("was", "is no number in an older version that was uploaded"));
        }
        if let (false, Some(words)) = (self.words.is_empty(), property.get("enum").and_then(Value::as_array))
            && let Some(word) = self.words.keys().find(|w| !words.iter().any(|of| of.as_str() == Some(w)))
        {
            return Err(Invalid::new(format!("words.{word}"), "is no word of an older version that was uploaded"));
        }
        Ok(())
    }
}

/// The rule for settings of a version; none: each goes over under its own name.
#[must_use]
pub fn rule<'a>(manifest: &'a Manifest, older: &str) -> Option<&'a SettingsFrom> {
    let of = numbers(older);
    manifest.settings_from.iter().find(|range| numbers(&range.from) <= of && of < numbers(&range.before))
}

/// # Errors
/// [`Invalid`] with the path below the manifest.
pub(super) fn check(manifest: &Manifest) -> Result<(), Invalid> {
    at_most("settings-from", manifest.settings_from.len(), MOST_RANGES)?;
    let names: BTreeSet<&str> = manifest.settings_names().collect();
    let mut since = [0; 3];
    for (i, range) in manifest.settings_from.iter().enumerate() {
        let at = |field: &str| format!("settings-from[{i}].{field}");
        for (field, of) in [("from", &range.from), ("before", &range.before)] {
            version(of).map_err(|e| Invalid::new(at(field), e.why))?;
        }
        let (from, before) = (numbers(&range.from), numbers(&range.before));
        if from < since {
            return Err(Invalid::new(at("from"), "is within the versions before it: ranges stand in order, each after the last"));
        }
        if before <= from || before > numbers(&manifest.version) {
            return Err(Invalid::new(at("before"), "is after `from`, and not after this version"));
        }
        since = before;
        for (name, from) in &range.settings {
            if !names.contains(name.as_str()) {
                return Err(Invalid::new(at(&format!("settings.{name}")), "is no setting of this version"));
            }
            from.check().map_err(|e| e.within(&at(&format!("settings.{name}"))))?;
        }
    }
    Ok(())
}

/// Against an older version's own schema.
///
/// # Errors
/// [`Invalid`] naming `settings-from[i]…`: a setting that the older version has not, or that is of another kind there.
pub fn check_against(manifest: &Manifest, older: &Manifest) -> Result<(), Invalid> {
    let Some(rule) = rule(manifest, &older.version) else { return Ok(()) };
    let i = manifest.settings_from.iter().position(|range| range == rule).unwrap_or_default();
    let each = rule.settings.iter();
    let mut checked =
        each.map(|(name, from)| from.suits(&older.settings).map_err(|e| e.within(&format!("settings-from[{i}].settings.{name}"))));
    checked.find(Result::is_err).unwrap_or(Ok(()))
}

/// Exact, or nothing: settings may be money.
fn scaled(number: &Number, times: u32, by: u32) -> Option<Value> {
    let written = number.to_string();
    let (whole, places) = written.split_once('.').unwrap_or((&written, ""));
    let digits: i128 = format!("{whole}{places}").parse().ok()?;
    let power = |n: usize| 10_i128.checked_pow(u32::try_from(n).ok()?);
    let top = digits.checked_mul(i128::from(times))?.checked_mul(power(PLACES)?)?;
    let bottom = power(places.len())?.checked_mul(i128::from(by))?;
    if top % bottom != 0 {
        return None;
    }
    let (millionths, unit) = (top / bottom, power(PLACES)?);
    if millionths % unit == 0 {
        return i64::try_from(millionths / unit).ok().map(Value::from);
    }
    let sign = if millionths < 0 { "-" } else { "" };
    let text = format!("{sign}{}.{:06}", (millionths / unit).abs(), (millionths % unit).abs());
    serde_json::from_str(&text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plugins::manifest::tests::smallest;
    use serde_json::json;

    fn manifest(settings_from: Value) -> Result<Manifest, Invalid> {
        let mut manifest = smallest();
        manifest["version"] = json!("2.0.0");
        manifest["settings"] =
            json!({ "type": "object", "properties": { "fee-pence": { "type": "integer" }, "kind": { "type": "string" } } });
        manifest["settings-from"] = settings_from;
        Manifest::read(manifest.to_string().as_bytes())
    }

    fn becomes(from: Value, before: Value) -> Result<Value, WhyLeft> {
        serde_json::from_value::<FromSetting>(from).unwrap().of(&before)
    }

    #[test]
    fn numbers_are_worked_out_exactly_or_not_at_all() {
        let pounds = || json!({ "was": "fee", "times": 100 });
        assert_eq!(becomes(pounds(), json!(800)), Ok(json!(80_000)));
        assert_eq!(becomes(pounds(), json!(0.29)), Ok(json!(29)), "as it is written, and not as a machine has it");
        assert_eq!(becomes(pounds(), json!(-1.5)), Ok(json!(-150)));
        let weeks = || json!({ "was": "days", "divided-by": 7 });
        assert_eq!(becomes(weeks(), json!(21)), Ok(json!(3)));
        assert_eq!(becomes(weeks(), json!(20)), Err(WhyLeft::NotExact));
        assert_eq!(becomes(json!({ "was": "a", "divided-by": 8 }), json!(-1)), Ok(json!(-0.125)));
        assert_eq!(becomes(json!({ "was": "a", "times": 1_000_000_000 }), json!(i64::MAX)), Err(WhyLeft::NotExact));
        assert_eq!(becomes(pounds(), json!(1e30)), Err(WhyLeft::NotExact));
        assert_eq!(becomes(pounds(), json!("8")), Err(WhyLeft::DoesNotFit));
    }

    #[test]
    fn a_word_has_its_word_or_none() {
        let kind = || json!({ "was": "kind", "words": { "home": "house" } });
        assert_eq!(becomes(kind(), json!("home")), Ok(json!("house")));
        assert_eq!(becomes(kind(), json!("tent")), Err(WhyLeft::NoWord));
        assert_eq!(becomes(kind(), json!(5)), Err(WhyLeft::NoWord));
        assert_eq!(becomes(json!({ "was": "kinds" }), json!(["a"])), Ok(json!(["a"])));
    }

    #[test]
    fn what_cannot_be_meant_is_refused_where_it_stands() {
        let fee = |from: &str, before: &str| json!({ "from": from, "before": before, "settings": { "fee-pence": { "was": "fee", "times": 100 } } });
        manifest(json!([fee("1.0.0", "1.5.0"), fee("1.5.0", "2.0.0")])).unwrap();
        for (ranges, field) in [
            (json!([fee("1.0.0", "2.0.1")]), "settings-from[0].before"),
            (json!([fee("1.0.0", "1.0.0")]), "settings-from[0].before"),
            (json!([fee("1", "2.0.0")]), "settings-from[0].from"),
            (json!([fee("1.0.0", "1.5.0"), fee("1.4.0", "2.0.0")]), "settings-from[1].from"),
            (
                json!([{ "from": "1.0.0", "before": "2.0.0", "settings": { "colour": { "was": "fee" } } }]),
                "settings-from[0].settings.colour",
            ),
            (json!([{ "from": "1.0.0", "before": "2.0.0", "settings": { "kind": { "was": "" } } }]), "settings-from[0].settings.kind.was"),
            (
                json!([{ "from": "1.0.0", "before": "2.0.0", "settings": { "kind": { "was": "a", "times": 0 } } }]),
                "settings-from[0].settings.kind.times",
            ),
            (
                json!([{ "from": "1.0.0", "before": "2.0.0", "settings": { "kind": { "was": "a", "divided-by": LARGEST + 1 } } }]),
                "settings-from[0].settings.kind.divided-by",
            ),
            (
                json!([{ "from": "1.0.0", "before": "2.0.0", "settings": { "kind": { "was": "a", "times": 2, "words": { "a": "b" } } } }]),
                "settings-from[0].settings.kind.words",
            ),
        ] {
            assert_eq!(manifest(ranges.clone()).unwrap_err().field, field, "{ranges}");
        }
    }

    #[test]
    fn a_range_begins_with_its_first_version_and_ends_before_its_last() {
        let range = |from: &str, before: &str| json!({ "from": from, "before": before, "settings": { "kind": { "was": from } } });
        let manifest = manifest(json!([range("1.0.0", "1.5.0"), range("1.10.0", "2.0.0")])).unwrap();
        let of = |older: &str| rule(&manifest, older).map(|rule| rule.settings["kind"].was.as_str());
        let found = ["0.9.9", "1.0.0", "1.4.9", "1.5.0", "1.9.0", "1.10.0", "1.99.99", "2.0.0"].map(of);
        assert_eq!(found, [None, Some("1.0.0"), Some("1.0.0"), None, None, Some("1.10.0"), Some("1.10.0"), None]);
    }

    #[test]
    fn an_older_version_has_what_is_carried_over_from_it() {
        let of = |name: &str, version: &str, property: Value| {
            let mut older = smallest();
            older["version"] = json!(version);
            older["settings"] = json!({ "type": "object", "properties": { name: property } });
            serde_json::from_value::<Manifest>(older).unwrap()
        };
        let newer = manifest(json!([{ "from": "1.0.0", "before": "2.0.0", "settings": {
            "fee-pence": { "was": "fee", "times": 100 } } }]))
        .unwrap();
        check_against(&newer, &of("fee", "1.2.0", json!({ "type": "number" }))).unwrap();
        let refused = |older: Manifest| check_against(&newer, &older).unwrap_err().field;
        assert_eq!(refused(of("fees", "1.2.0", json!({}))), "settings-from[0].settings.fee-pence.was");
        assert_eq!(refused(of("fee", "1.2.0", json!({ "type": "string" }))), "settings-from[0].settings.fee-pence.was");
        check_against(&newer, &of("fees", "0.9.0", json!({}))).unwrap();
        let newer = manifest(json!([{ "from": "1.0.0", "before": "2.0.0", "settings": {
            "kind": { "was": "sort", "words": { "home": "house" } } } }]))
        .unwrap();
        check_against(&newer, &of("sort", "1.0.0", json!({ "enum": ["home", "tent"] }))).unwrap();
        assert_eq!(
            check_against(&newer, &of("sort", "1.0.0", json!({ "enum": ["tent"] }))).unwrap_err().field,
            "settings-from[0].settings.kind.words.home"
        );
    }
}
