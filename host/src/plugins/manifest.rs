//! The manifest: what a plugin says about itself, in a section of its file that is read without running anything.
//! Published as `wit/manifest.schema.json`.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::forms::Form;
pub use crate::record::Both;
use crate::record::fact::text;
use crate::record::ids::is_slug;
use crate::record::{Invalid, codes, from_json};
use crate::sandbox::{ArgType, ExtensionPoint, Sort, Template, Unit, Vocabulary, interface};

use super::settings_from::SettingsFrom;
use super::tables::Table;

/// A plugin's own description.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// For editors: where the JSON Schema of this document is.
    #[serde(rename = "$schema", default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// How this document is written; 1.
    pub format: u16,
    /// Small letters, digits and hyphens: the plugin's name for ever.
    pub name: String,
    /// As 1.2.0: raised with every change.
    pub version: String,
    /// The organisation that answers for it.
    pub publisher: String,
    pub authors: String,
    /// An SPDX expression.
    pub licence: String,
    /// Where its source is.
    pub source: String,
    pub title: Both,
    pub purpose: Both,
    /// The extension points that it offers; each once.
    pub offers: Vec<ExtensionPoint>,
    /// Imports that may stay ungranted: it is told "not granted" and goes on.
    #[serde(default)]
    pub optional: Vec<String>,
    /// For each import that an authority must grant: why it is asked for.
    #[serde(default)]
    pub why: BTreeMap<String, Both>,
    /// The authority's own domains, stages, tiers, levels, routes and meetings.
    #[serde(default)]
    pub names: Vec<Name>,
    /// Tables that it reads, brought along or supplied by the authority.
    #[serde(default)]
    pub tables: Vec<Table>,
    /// The criteria that its findings, or the rules of its contracts, are about.
    #[serde(default)]
    pub framework: Vec<Criterion>,
    /// Every sentence that it may say.
    #[serde(default)]
    pub templates: Vec<Template>,
    /// Assessment forms (`wit/forms.md`).
    #[serde(default)]
    pub forms: Vec<Form>,
    /// What it must answer, file by file (`wit/scenarios.md`); the host plays them at upload. `hearth plugin build` puts them here.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<Object>)]
    pub scenarios: Vec<serde_json::Value>,
    /// A JSON Schema (2020-12) of the settings that an authority may make.
    #[serde(default = "no_settings")]
    #[schema(value_type = Object)]
    pub settings: serde_json::Value,
    /// How older versions' settings become this one's, where a name, a unit or a word is another.
    #[serde(rename = "settings-from", default, skip_serializing_if = "Vec::is_empty")]
    pub settings_from: Vec<SettingsFrom>,
}

fn no_settings() -> serde_json::Value {
    serde_json::json!({ "type": "object", "additionalProperties": false, "properties": {} })
}

/// Something that the plugin speaks of by an id, and what people call it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Name {
    pub sort: Sort,
    pub id: String,
    pub heading: Both,
    /// Of a meeting: how often it is held.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub every: Option<Rhythm>,
}

/// How often a meeting is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Rhythm {
    WorkingDay,
    Week,
    Fortnight,
    SixWeeks,
    Month,
    Quarter,
    /// Whenever it is called.
    AsNeeded,
}

/// One thing that a family is measured by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Criterion {
    pub criterion: String,
    pub heading: Both,
    pub text: Both,
    pub unit: Unit,
    /// The document and line that the rule is from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

/// Most templates, criteria and arguments: a person has to read them.
const MOST_TEMPLATES: usize = 500;
const MOST_CRITERIA: usize = 500;
const MOST_NAMES: usize = 500;
const MOST_ARGS: usize = 16;
const MOST_FORMS: usize = 20;
/// Bytes of one sentence or heading.
const LONGEST_TEXT: usize = 2_000;
/// Bytes of the whole section.
pub const LARGEST: usize = 1 << 20;

impl Manifest {
    /// Reads the section and checks all that can be checked without the component.
    ///
    /// # Errors
    /// [`Invalid`] with the path of the first fault.
    pub fn read(section: &[u8]) -> Result<Self, Invalid> {
        let json: serde_json::Value = serde_json::from_slice(section).map_err(|e| Invalid::new("", format!("is not JSON: {e}")))?;
        let manifest: Self = from_json(json)?;
        manifest.check()?;
        Ok(manifest)
    }

    /// Reads a manifest that was checked when it was kept.
    ///
    /// # Errors
    /// [`Invalid`] where it is not what was kept.
    pub fn kept(json: &str) -> Result<Self, Invalid> {
        serde_json::from_str(json).map_err(|e| Invalid::new("", e.to_string()))
    }

    fn check(&self) -> Result<(), Invalid> {
        if self.format != 1 {
            return Err(Invalid::new("format", format!("is {}, and this host reads 1", self.format)));
        }
        for (field, value) in [("name", &self.name), ("publisher", &self.publisher)] {
            if !is_slug(value) {
                return Err(Invalid::new(field, "has 2 to 64 small letters, digits and hyphens"));
            }
        }
        version(&self.version)?;
        for (field, value) in [("authors", &self.authors), ("licence", &self.licence), ("source", &self.source)] {
            text(field, value, 200)?;
        }
        self.title.check("title", 200)?;
        self.purpose.check("purpose", LONGEST_TEXT)?;
        if self.offers.is_empty() {
            let points: Vec<_> = ExtensionPoint::ALL.iter().map(|p| p.code()).collect();
            return Err(Invalid::new("offers", format!("names no extension point ({})", points.join(", "))));
        }
        let mut offered = BTreeSet::new();
        if let Some(i) = self.offers.iter().position(|o| !offered.insert(*o)) {
            return Err(Invalid::new(format!("offers[{i}]"), format!("`{}` stands here twice", self.offers[i].code())));
        }
        for name in self.optional.iter().chain(self.why.keys()) {
            if interface(name).is_none() {
                return Err(Invalid::new("optional", format!("`{name}` is not an interface of this host; names stand without version")));
            }
        }
        for (name, why) in &self.why {
            why.check(&format!("why.{name}"), LONGEST_TEXT)?;
        }
        self.check_names()?;
        super::tables::check(&self.tables)?;
        self.check_framework()?;
        self.check_templates()?;
        self.check_forms()?;
        super::scenarios::check(&self.scenarios)?;
        super::settings_from::check(self)?;
        super::settings::Schema::of(self).map(|_| ())
    }

    fn check_names(&self) -> Result<(), Invalid> {
        at_most("names", self.names.len(), MOST_NAMES)?;
        let mut seen = BTreeSet::new();
        for (i, name) in self.names.iter().enumerate() {
            let at = |field: &str| format!("names[{i}].{field}");
            if !is_slug(&name.id) {
                return Err(Invalid::new(at("id"), "has 2 to 64 small letters, digits and hyphens"));
            }
            if !seen.insert((name.sort, &name.id)) {
                return Err(Invalid::new(at("id"), format!("the {} `{}` stands here twice", name.sort.code(), name.id)));
            }
            if name.every.is_some() && name.sort != Sort::Meeting {
                return Err(Invalid::new(at("every"), "only a meeting is held every so often"));
            }
            name.heading.check(&at("heading"), 200)?;
        }
        Ok(())
    }

    fn check_framework(&self) -> Result<(), Invalid> {
        at_most("framework", self.framework.len(), MOST_CRITERIA)?;
        let mut seen = BTreeSet::new();
        for (i, criterion) in self.framework.iter().enumerate() {
            let at = |field: &str| format!("framework[{i}].{field}");
            if !is_slug(&criterion.criterion) {
                return Err(Invalid::new(at("criterion"), "has 2 to 64 small letters, digits and hyphens"));
            }
            if !seen.insert(&criterion.criterion) {
                return Err(Invalid::new(at("criterion"), format!("`{}` stands here twice", criterion.criterion)));
            }
            criterion.heading.check(&at("heading"), 200)?;
            criterion.text.check(&at("text"), LONGEST_TEXT)?;
        }
        Ok(())
    }

    fn check_templates(&self) -> Result<(), Invalid> {
        at_most("templates", self.templates.len(), MOST_TEMPLATES)?;
        let mut seen = BTreeSet::new();
        for (i, template) in self.templates.iter().enumerate() {
            check_template(template).map_err(|e| e.within(&format!("templates[{i}]")))?;
            if !seen.insert(&template.id) {
                return Err(Invalid::new(format!("templates[{i}].id"), format!("`{}` stands here twice", template.id)));
            }
        }
        Ok(())
    }

    /// The settings that the schema has.
    pub fn settings_names(&self) -> impl Iterator<Item = &str> {
        self.settings.get("properties").and_then(serde_json::Value::as_object).into_iter().flatten().map(|(name, _)| name.as_str())
    }

    /// The ids that may stand in such a gap.
    #[must_use]
    pub fn ids(&self, of: ArgType) -> Vec<&str> {
        match of {
            ArgType::Criterion => self.framework.iter().map(|c| c.criterion.as_str()).collect(),
            ArgType::Form => self.forms.iter().map(|f| f.form.as_str()).collect(),
            ArgType::Question => self.forms.iter().flat_map(Form::questions).map(|q| q.question.as_str()).collect(),
            _ => self.names.iter().filter(|n| Some(n.sort) == of.sort()).map(|n| n.id.as_str()).collect(),
        }
    }

    /// What people call the thing of that id.
    #[must_use]
    pub fn heading(&self, of: ArgType, id: &str) -> Option<&Both> {
        match of {
            ArgType::Criterion => self.framework.iter().find(|c| c.criterion == id).map(|c| &c.heading),
            ArgType::Form => self.forms.iter().find(|f| f.form == id).map(|f| &f.title),
            ArgType::Question => self.forms.iter().flat_map(Form::questions).find(|q| q.question == id).map(|q| &q.label),
            _ => {
                let sort = of.sort()?;
                self.names.iter().find(|n| n.sort == sort && n.id == id).map(|n| &n.heading)
            }
        }
    }

    fn check_forms(&self) -> Result<(), Invalid> {
        at_most("forms", self.forms.len(), MOST_FORMS)?;
        let mut seen = BTreeSet::new();
        for (i, form) in self.forms.iter().enumerate() {
            form.check().map_err(|e| e.within(&format!("forms[{i}]")))?;
            if !seen.insert(&form.form) {
                return Err(Invalid::new(format!("forms[{i}].form"), format!("`{}` stands here twice", form.form)));
            }
        }
        Ok(())
    }

    /// The words that its runs may use.
    #[must_use]
    pub fn vocabulary(&self) -> Vocabulary {
        Vocabulary {
            templates: self.templates.iter().map(|t| (t.id.clone(), t.clone())).collect(),
            criteria: self.framework.iter().map(|c| (c.criterion.clone(), c.unit)).collect(),
            names: self.names.iter().map(|n| (n.sort, n.id.clone())).collect(),
            forms: self.forms.iter().map(|f| (f.form.clone(), f.questions().map(|q| q.question.clone()).collect())).collect(),
            settings: self.settings_names().map(str::to_owned).collect(),
            tables: self.tables.iter().map(|t| t.table.clone()).collect(),
        }
    }
}

pub(super) fn at_most(field: &str, count: usize, most: usize) -> Result<(), Invalid> {
    if count > most { Err(Invalid::new(field, format!("has {count} entries, and may have {most}"))) } else { Ok(()) }
}

pub(super) fn version(version: &str) -> Result<(), Invalid> {
    let parts: Vec<_> = version.split('.').collect();
    let numbers =
        parts.iter().all(|p| !p.is_empty() && p.len() <= 9 && p.bytes().all(|b| b.is_ascii_digit()) && (*p == "0" || !p.starts_with('0')));
    if parts.len() == 3 && numbers { Ok(()) } else { Err(Invalid::new("version", format!("`{version}` is not three numbers, as 1.2.0"))) }
}

fn check_template(template: &Template) -> Result<(), Invalid> {
    if !is_slug(&template.id) {
        return Err(Invalid::new("id", "has 2 to 64 small letters, digits and hyphens"));
    }
    at_most("args", template.args.len(), MOST_ARGS)?;
    let mut names = BTreeSet::new();
    for (i, arg) in template.args.iter().enumerate() {
        let at = |field: &str| format!("args[{i}].{field}");
        if !arg.name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            || arg.name.is_empty()
            || arg.name.len() > 64
        {
            return Err(Invalid::new(at("name"), "has up to 64 small letters, digits and hyphens"));
        }
        if !names.insert(arg.name.as_str()) {
            return Err(Invalid::new(at("name"), format!("`{}` stands here twice", arg.name)));
        }
        match (arg.of, &arg.list) {
            (ArgType::Code, Some(list)) if codes::all().any(|l| l.list == *list) => {}
            (ArgType::Code, Some(list)) => return Err(Invalid::new(at("list"), format!("there is no code list `{list}`"))),
            (ArgType::Code, None) => return Err(Invalid::new(at("list"), "a code is from a list: name it")),
            (_, Some(_)) => return Err(Invalid::new(at("list"), "only a code is from a list")),
            (_, None) => {}
        }
    }
    for (field, sentence) in [("en", &template.en), ("cy", &template.cy)] {
        text(field, sentence, LONGEST_TEXT)?;
        let gaps = gaps(sentence).map_err(|why| Invalid::new(field, why))?;
        if let Some(unknown) = gaps.iter().find(|g| !names.contains(**g)) {
            return Err(Invalid::new(field, format!("has a gap {{{unknown}}} that args does not declare")));
        }
        if let Some(unused) = names.iter().find(|n| !gaps.contains(*n)) {
            return Err(Invalid::new(field, format!("has no gap {{{unused}}}, which args declares")));
        }
    }
    Ok(())
}

/// The names in braces.
fn gaps(sentence: &str) -> Result<BTreeSet<&str>, String> {
    let mut gaps = BTreeSet::new();
    let mut rest = sentence;
    while let Some(open) = rest.find(['{', '}']) {
        let after = &rest[open + 1..];
        if rest[open..].starts_with('}') {
            return Err("has a } without its {".into());
        }
        let close = after.find('}').ok_or("has a { without its }")?;
        gaps.insert(&after[..close]);
        rest = &after[close + 1..];
    }
    Ok(gaps)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use serde_json::{Value, json};

    pub(crate) fn smallest() -> Value {
        let both = |t: &str| json!({ "en": t, "cy": t });
        json!({
            "format": 1, "name": "smallest", "version": "1.0.0", "publisher": "a-council", "authors": "A council",
            "licence": "Apache-2.0", "source": "https://example.org", "title": both("Smallest"), "purpose": both("To be small."),
            "offers": ["outcomes"],
            "templates": [{ "id": "counted", "args": [{ "name": "n", "type": "count" }], "en": "{n} counted.", "cy": "Cyfrif: {n}." }],
        })
    }

    /// The smallest manifest with the reference plugin's form.
    fn with_form() -> Value {
        let mut manifest = smallest();
        let form = include_str!("../../../plugins/early-help-assessment/forms/whole-family.json");
        manifest["forms"] = json!([serde_json::from_str::<Value>(form).unwrap()]);
        manifest
    }

    /// Where something stands in the form's first page: an item's fields begin with this.
    const ITEM: &str = "/forms/0/pages/0/items/2";

    #[test]
    fn each_fault_names_its_field() {
        assert!(Manifest::read(smallest().to_string().as_bytes()).is_ok());
        for (pointer, value, field) in [
            ("/format", json!(2), "format"),
            ("/name", json!("Has Capitals"), "name"),
            ("/version", json!("1.0"), "version"),
            ("/version", json!("01.0.0"), "version"),
            ("/offers", json!([]), "offers"),
            ("/offers", json!(["everything"]), "offers[0]"),
            ("/offers", json!(["outcomes", "outcomes"]), "offers[1]"),
            ("/title", json!({ "en": "Only English" }), "title.cy"),
            ("/templates/0/en", json!("{m} counted."), "templates[0].en"),
            ("/templates/0/cy", json!("Dim."), "templates[0].cy"),
            ("/templates/0/en", json!("{n counted."), "templates[0].en"),
            ("/templates/0/args/0/type", json!("text"), "templates[0].args[0].type"),
            ("/templates/0/args/0/type", json!("code"), "templates[0].args[0].list"),
        ] {
            let mut manifest = smallest();
            *manifest.pointer_mut(pointer).unwrap() = value;
            let refused = Manifest::read(manifest.to_string().as_bytes()).expect_err(pointer);
            assert_eq!(refused.field, field, "{refused}");
        }
    }

    #[test]
    fn a_fault_in_a_form_has_its_whole_path() {
        let mut manifest = with_form();
        let asks = json!({ "at-least": [{ "answer": "nowhere" }, { "number": 3 }] });
        *manifest.pointer_mut("/forms/0/pages/2/visible-when").unwrap() = asks.clone();
        let refused = Manifest::read(manifest.to_string().as_bytes()).unwrap_err();
        assert_eq!(refused.to_string(), "forms[0].pages[2].visible-when.at-least[0].answer: there is no question `nowhere`");

        let mut manifest = with_form();
        manifest.pointer_mut(ITEM).unwrap()["visible-when"] = asks;
        let refused = Manifest::read(manifest.to_string().as_bytes()).unwrap_err();
        assert_eq!(refused.to_string(), "forms[0].pages[0].items[2].visible-when.at-least[0].answer: there is no question `nowhere`");

        let mut manifest = with_form();
        let again = manifest["forms"][0].clone();
        manifest["forms"].as_array_mut().unwrap().push(again.clone());
        assert_eq!(Manifest::read(manifest.to_string().as_bytes()).unwrap_err().field, "forms[1].form");
        manifest["forms"] = json!(vec![again; 21]);
        assert_eq!(Manifest::read(manifest.to_string().as_bytes()).unwrap_err().field, "forms");
    }

    #[test]
    fn the_published_schema_takes_what_the_host_takes_and_refuses_what_it_refuses() {
        let schema: Value = serde_json::from_str(include_str!("../../../wit/manifest.schema.json")).unwrap();
        let published = jsonschema::options().offline().build(&schema).unwrap();
        for manifest in [
            include_str!("../../../plugins/bristol-outcomes/manifest.json"),
            include_str!("../../../tests/hostile/manifest.json"),
            &with_form().to_string(),
        ] {
            let errors: Vec<String> = published.iter_errors(&serde_json::from_str(manifest).unwrap()).map(|e| e.to_string()).collect();
            assert_eq!(errors, [""; 0]);
            Manifest::read(manifest.as_bytes()).unwrap();
        }
        for (pointer, value) in [
            ("/format", json!(2)),
            ("/name", json!("Has Capitals")),
            ("/version", json!("01.0.0")),
            ("/offers", json!([])),
            ("/title", json!({ "en": "Only English" })),
            ("/templates/0/args/0/type", json!("text")),
            ("/templates/0/args/0/type", json!("code")),
            ("/templates/0/args/0/list", json!("problems")),
        ] {
            let mut manifest = smallest();
            match manifest.pointer_mut(pointer) {
                Some(place) => *place = value,
                None => manifest["templates"][0]["args"][0]["list"] = value,
            }
            assert!(!published.is_valid(&manifest), "the schema takes {pointer}");
            assert!(Manifest::read(manifest.to_string().as_bytes()).is_err(), "the host takes {pointer}");
        }
        let both = json!({ "en": "One", "cy": "Un" });
        let repeat = json!({ "min": 0, "max": 3, "item-label": both });
        let inner = json!([{ "display": "inner", "text": both }]);
        let group = |fields: Value| {
            let mut group = json!({ "group": "extra", "title": both, "items": inner });
            group.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
            group
        };
        let asks = |asks: Value| json!({ "question": "extra", "asks": asks, "label": both });
        let when = |expression: Value| json!({ "display": "extra", "text": both, "visible-when": expression });
        let starts = |of: &str, with: Value| json!({ "question": "extra", "asks": of, "label": both, "default": with });
        // Each in the form's place of an item: the first are taken by both, the others by neither.
        for (item, taken) in [
            (group(json!({ "repeat": repeat })), true),
            (group(json!({ "each-person": {} })), true),
            (asks(json!({ "number": { "min": "-0.5", "max": 2.5, "decimals": 1 } })), true),
            (asks(json!({ "date": { "precision": "month" } })), true),
            (asks(json!({ "single-choice": { "list": "benefits" } })), true),
            (starts("money", json!({ "money": 100 })), true),
            (when(json!({ "in": [{ "answer": "tenure" }, ["owner"]] })), true),
            (when(json!({ "at-least": [{ "count": { "group": "children" } }, { "number": 1.5 }] })), true),
            (json!({ "display": "extra" }), false),
            (json!({ "text": both }), false),
            (json!({ "display": "extra", "text": both, "label": both }), false),
            (json!({ "question": "Extra", "asks": "text", "label": both }), false),
            (group(json!({})), false),
            (group(json!({ "repeat": repeat, "each-person": {} })), false),
            (group(json!({ "repeat": { "max": 101, "item-label": both } })), false),
            (group(json!({ "repeat": repeat, "items": [group(json!({ "repeat": repeat }))] })), false),
            (asks(json!("place")), false),
            (asks(json!({ "text": {} })), false),
            (asks(json!({ "number": { "decimals": 4 } })), false),
            (asks(json!({ "number": { "min": "1.2345" } })), false),
            (asks(json!({ "identifier": { "scheme": "passport" } })), false),
            (asks(json!({ "single-choice": {} })), false),
            (asks(json!({ "single-choice": { "options": [{ "option": "a", "label": both }], "list": "benefits" } })), false),
            (asks(json!({ "file": { "types": ["pdf"] } })), false),
            (asks(json!({ "declaration": { "statement": both, "lawful-basis": "consent" } })), false),
            (starts("phone", json!({ "phone": "0117 496 0123" })), false),
            (starts("money", json!({ "money": -1 })), false),
            (when(json!({})), false),
            (when(json!({ "yes-no": true, "not": { "yes-no": true } })), false),
            (when(json!({ "equal": [{ "number": 1 }] })), false),
            (when(json!({ "or": [] })), false),
            (when(json!({ "matches": [{ "answer": "file-number" }, "[0-9]+"] })), false),
            (when(json!({ "any": { "group": "children" } })), false),
            (when(json!({ "at-most": [{ "day": "31/08/2026" }, { "fact": "today" }] })), false),
        ] {
            let mut manifest = with_form();
            manifest["forms"][0]["pages"][0]["items"].as_array_mut().unwrap().push(item.clone());
            let errors: Vec<String> = published.iter_errors(&manifest).map(|e| e.to_string()).collect();
            assert_eq!(errors.is_empty(), taken, "the schema on {item}: {errors:?}");
            let read = Manifest::read(manifest.to_string().as_bytes());
            assert_eq!(read.is_ok(), taken, "the host on {item}: {:?}", read.err());
        }
    }

    #[test]
    fn an_unknown_field_is_refused() {
        let mut manifest = smallest();
        manifest["colour"] = json!("blue");
        assert_eq!(Manifest::read(manifest.to_string().as_bytes()).unwrap_err().field, "colour");
    }
}
