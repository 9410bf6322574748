//! A form made from a plugin's settings schema (JSON Schema, as the host allows it in a manifest): what a council sets without writing JSON.
//! What a form cannot ask in fields it asks as JSON; whatever comes of it, the host holds it against the schema.

use maud::{Markup, html};
use serde_json::{Map, Value};

use super::form::{Ask, Asked, Typed};
use crate::words;

/// How a setting is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    YesNo,
    OneOf,
    Number,
    Pence,
    Day,
    Text,
    /// A list of objects whose properties are none of the last two: a row each.
    Rows,
    Json,
}

/// The parts of a schema that a form is made from.
#[derive(Debug, Clone, Copy)]
struct Setting<'a> {
    name: &'a str,
    schema: &'a Value,
}

impl<'a> Setting<'a> {
    fn kind(self) -> Kind {
        let s = self.schema;
        if s["enum"].as_array().is_some_and(|all| all.iter().all(Value::is_string)) {
            return Kind::OneOf;
        }
        match s["type"].as_str() {
            Some("boolean") => Kind::YesNo,
            Some("integer") if self.name.ends_with("pence") => Kind::Pence,
            Some("integer" | "number") => Kind::Number,
            Some("string") if s["format"] == "date" => Kind::Day,
            Some("string") => Kind::Text,
            Some("array") if of(&s["items"]).next().is_some() && of(&s["items"]).all(|p| !matches!(p.kind(), Kind::Rows | Kind::Json)) => {
                Kind::Rows
            }
            _ => Kind::Json,
        }
    }

    fn title(self) -> String {
        self.schema["title"].as_str().map_or_else(|| words::code(self.name), str::to_owned)
    }

    fn says(self) -> &'a str {
        self.schema["description"].as_str().unwrap_or_default()
    }
}

/// Each of an object's properties.
fn of(schema: &Value) -> impl Iterator<Item = Setting<'_>> {
    schema["properties"].as_object().into_iter().flatten().map(|(name, schema)| Setting { name, schema })
}

/// Below the last row there is an empty one: that is how a row is added without a script.
const SPARE: usize = 1;

fn within(row: &str, at: usize, name: &str) -> String {
    format!("{row}[{at}].{name}")
}

/// The defaults that a schema names.
#[must_use]
pub fn defaults(schema: &Value) -> Value {
    Value::Object(of(schema).filter_map(|s| s.schema.get("default").map(|d| (s.name.to_owned(), d.clone()))).collect())
}

/// Settings as they stand, in words.
#[must_use]
pub fn shown(schema: &Value, values: &Value) -> Markup {
    html! {
        dl class="govuk-summary-list" {
            @for setting in of(schema).filter(|s| !values[s.name].is_null()) {
                div class="govuk-summary-list__row" {
                    dt class="govuk-summary-list__key" { (setting.title()) }
                    dd class="govuk-summary-list__value" { (value_shown(setting, &values[setting.name])) }
                }
            }
        }
    }
}

fn value_shown(setting: Setting<'_>, value: &Value) -> Markup {
    html! {
        @match (setting.kind(), value) {
            (Kind::Rows, Value::Array(rows)) => ul class="govuk-list" {
                @for row in rows {
                    li { @for (i, part) in of(&setting.schema["items"]).enumerate() { @if i > 0 { "; " } (part.title()) ": " (value_shown(part, &row[part.name])) } }
                }
                @if rows.is_empty() { li { "None" } }
            },
            (Kind::YesNo, Value::Bool(yes)) => { @if *yes { "Yes" } @else { "No" } },
            (Kind::Pence, Value::Number(pence)) => { (words::pounds(pence.as_i64().unwrap_or_default())) },
            (Kind::Day, Value::String(day)) => { (words::day(day)) },
            (Kind::OneOf, Value::String(code)) => { (words::code(code)) },
            (Kind::Number, value) if setting.name.ends_with("percent") => { (value) "%" },
            (_, Value::String(text)) => { (text) },
            (_, Value::Null) => { "Not set" },
            (_, value) => { (value) },
        }
    }
}

/// Settings as a form is filled with them.
#[must_use]
pub fn filled(schema: &Value, values: &Value) -> Typed {
    let mut typed = Typed::default();
    for setting in of(schema) {
        let value = &values[setting.name];
        if setting.kind() == Kind::Rows {
            let rows = value.as_array().map_or(&[][..], Vec::as_slice);
            typed.set(&format!("{}#", setting.name), rows.len().to_string());
            for (at, row) in rows.iter().enumerate() {
                for part in of(&setting.schema["items"]) {
                    put(&mut typed, &within(setting.name, at, part.name), part, &row[part.name]);
                }
            }
        } else {
            put(&mut typed, setting.name, setting, value);
        }
    }
    typed
}

fn put(typed: &mut Typed, field: &str, setting: Setting<'_>, value: &Value) {
    match (setting.kind(), value) {
        (_, Value::Null) => {}
        (Kind::Day, Value::String(day)) => typed.set_day(field, day),
        (Kind::YesNo, Value::Bool(yes)) => typed.set(field, if *yes { "yes" } else { "no" }),
        (Kind::Pence, Value::Number(pence)) if pence.as_u64().is_some() => {
            let pence = pence.as_u64().unwrap_or_default();
            typed.set(field, if pence % 100 == 0 { format!("{}", pence / 100) } else { format!("{}.{:02}", pence / 100, pence % 100) });
        }
        (Kind::Json, value) => typed.set(field, serde_json::to_string_pretty(value).unwrap_or_default()),
        (_, Value::String(text)) => typed.set(field, text.clone()),
        (_, value) => typed.set(field, value.to_string()),
    }
}

/// What was typed, as settings; what was left empty is left out, and the schema's default stands.
#[must_use]
pub fn settings(schema: &Value, typed: &Typed) -> Value {
    let mut values = Map::new();
    for setting in of(schema) {
        let value = if setting.kind() == Kind::Rows { rows(setting, typed) } else { one(setting.name, setting, typed) };
        if let Some(value) = value {
            values.insert(setting.name.to_owned(), value);
        }
    }
    Value::Object(values)
}

fn rows(setting: Setting<'_>, typed: &Typed) -> Option<Value> {
    let asked: usize = typed.text(&format!("{}#", setting.name))?.parse().ok()?;
    let row = |at: usize| {
        let parts: Map<String, Value> = of(&setting.schema["items"])
            .filter_map(|part| one(&within(setting.name, at, part.name), part, typed).map(|value| (part.name.to_owned(), value)))
            .collect();
        // A row that was emptied is taken away.
        (!parts.is_empty()).then_some(Value::Object(parts))
    };
    Some((0..asked.min(500) + SPARE).filter_map(row).collect())
}

fn one(field: &str, setting: Setting<'_>, typed: &Typed) -> Option<Value> {
    let text = typed.text(field);
    match setting.kind() {
        Kind::Day => typed.day(field).map(Value::from),
        Kind::YesNo => text.map(|t| Value::from(t == "yes")),
        Kind::Pence => typed.pence(field),
        // As it was typed where it is no number or no JSON: the host says so at the field.
        Kind::Number | Kind::Json => text.map(|t| serde_json::from_str(t).unwrap_or_else(|_| Value::from(t))),
        Kind::OneOf | Kind::Text | Kind::Rows => text.map(Value::from),
    }
}

/// The fields of a schema.
#[must_use]
pub fn fields(schema: &Value, form: Asked<'_>) -> Markup {
    html! {
        @for setting in of(schema) {
            @if setting.kind() == Kind::Rows { (rows_asked(setting, form)) }
            @else { (asked(setting.name, setting, &setting.title(), form)) }
        }
    }
}

fn rows_asked(setting: Setting<'_>, form: Asked<'_>) -> Markup {
    let count: usize = form.typed.text(&format!("{}#", setting.name)).and_then(|t| t.parse().ok()).unwrap_or(0);
    html! {
        fieldset class="govuk-fieldset" {
            legend class="govuk-fieldset__legend govuk-fieldset__legend--m" { (setting.title()) }
            @if !setting.says().is_empty() { div class="govuk-hint" { (setting.says()) " Leave a row empty to take it away; fill the last to add one." } }
            (super::form::hidden(&format!("{}#", setting.name), &count.to_string()))
            @for at in 0..count.min(500) + SPARE {
                div class="hearth-row" {
                    @for part in of(&setting.schema["items"]) {
                        @let title = format!("{}, {}", part.title(), if at < count { format!("row {}", at + 1) } else { "new row".to_owned() });
                        (asked(&within(setting.name, at, part.name), part, &title, form))
                    }
                }
            }
        }
    }
}

fn asked(field: &str, setting: Setting<'_>, title: &str, form: Asked<'_>) -> Markup {
    let ask = Ask { name: field, label: title, hint: setting.says() };
    match setting.kind() {
        Kind::YesNo => form.radios(ask, &[("yes", "Yes"), ("no", "No")]),
        Kind::OneOf => {
            let codes: Vec<&str> = setting.schema["enum"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            let words: Vec<String> = codes.iter().map(|c| words::code(c)).collect();
            let choices: Vec<(&str, &str)> = codes.into_iter().zip(words.iter().map(String::as_str)).collect();
            form.radios(ask, &choices)
        }
        Kind::Number => form.number(ask, "", if setting.name.ends_with("percent") { "%" } else { "" }),
        Kind::Pence => {
            // The author says what the plugin is given, which is pence.
            let hint = format!("{} Typed here in pounds.", setting.says());
            form.number(Ask { hint: hint.trim_start(), ..ask }, "£", "")
        }
        Kind::Day => form.day(ask),
        Kind::Text => form.line(ask, "text"),
        Kind::Rows | Kind::Json => form.text(ask, 8),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn schema() -> Value {
        json!({ "type": "object", "properties": {
            "percent": { "type": "integer" },
            "required": { "type": "boolean" },
            "none-before": { "enum": ["not-applicable", "met"] },
            "from": { "type": "string", "format": "date" },
            "rates": { "type": "array", "items": { "type": "object", "properties": {
                "from": { "type": "string", "format": "date" }, "fee-pence": { "type": "integer" } } } },
            "deep": { "type": "object", "properties": { "a": { "type": "integer" } } },
        } })
    }

    #[test]
    fn settings_come_out_of_the_form_as_they_went_in() {
        let values = json!({
            "percent": 90, "required": false, "none-before": "met", "from": "2026-01-31",
            "rates": [{ "from": "2015-04-01", "fee-pence": 100_000 }, { "from": "2020-12-01", "fee-pence": 80_050 }], "deep": { "a": 1 },
        });
        assert_eq!(settings(&schema(), &filled(&schema(), &values)), values);
    }

    #[test]
    fn rows_are_added_below_and_taken_away_by_emptying_them() {
        let values = json!({ "rates": [{ "from": "2015-04-01", "fee-pence": 100 }] });
        let mut typed = filled(&schema(), &values);
        typed.set_day("rates[1].from", "2027-01-01");
        typed.set("rates[1].fee-pence", "£2.50");
        let two = settings(&schema(), &typed);
        assert_eq!(two["rates"], json!([{ "from": "2015-04-01", "fee-pence": 100 }, { "from": "2027-01-01", "fee-pence": 250 }]));
        for field in ["rates[0].from-day", "rates[0].from-month", "rates[0].from-year", "rates[0].fee-pence"] {
            typed.set(field, "");
        }
        assert_eq!(settings(&schema(), &typed)["rates"], json!([{ "from": "2027-01-01", "fee-pence": 250 }]));
    }

    #[test]
    fn what_is_no_number_is_left_for_the_host_to_refuse() {
        let mut typed = Typed::default();
        typed.set("percent", "ninety");
        assert_eq!(settings(&schema(), &typed), json!({ "percent": "ninety" }));
    }

    #[test]
    fn a_title_of_a_plugin_is_shown_and_never_run() {
        let schema = json!({ "properties": { "x": { "type": "integer", "title": "<img src=x onerror=alert(1)>", "description": "</div><script>" } } });
        let drawn = fields(&schema, Asked::new(&Typed::default(), None)).into_string();
        assert!(!drawn.contains("<img") && !drawn.contains("<script>"), "{drawn}");
    }
}
