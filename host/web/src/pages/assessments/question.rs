//! A question of a form as a page asks it: one way for each of the twenty kinds.

use maud::{Markup, html};
use serde_json::Value;

use super::form::{Asking, Judged, both};
use crate::ui::form::{Ask, Asked, Choice, fieldset, go_button};
use crate::ui::list;
use crate::welsh::word;
use crate::words;

/// Whom a form may name: members of the family, organisations, workers; each its id and name.
#[derive(Debug, Default)]
pub struct Names {
    pub people: Vec<(String, String)>,
    pub organisations: Vec<(String, String)>,
    pub workers: Vec<(String, String)>,
}

impl Names {
    #[must_use]
    pub fn person(&self, id: &str) -> &str {
        name(&self.people, id).unwrap_or("Somebody")
    }
}

fn name<'a>(all: &'a [(String, String)], id: &str) -> Option<&'a str> {
    all.iter().find(|(of, _)| of == id).map(|(_, name)| name.as_str())
}

/// What every question of a page is put with.
pub struct Put<'a> {
    pub form: Asked<'a>,
    pub names: &'a Names,
    pub judged: &'a Judged,
    pub language: &'a str,
}

/// Not an option's id: ids hold no `?`.
pub const NOT_KNOWN: &str = "?not-known";
pub const NOT_ASKED: &str = "?not-asked";

impl Put<'_> {
    fn word<'a>(&self, english: &'a str) -> &'a str {
        word(self.language, english)
    }

    #[must_use]
    pub fn question(&self, asking: &Asking<'_>, already: Option<&Value>) -> Markup {
        let question = asking.question;
        let field = asking.slot.name();
        let hint = question.hint.as_ref().map(|h| h.in_language(self.language).to_owned()).unwrap_or_default();
        let ask = Ask { name: &field, label: question.label.in_language(self.language), hint: &hint };
        let form = &self.form;
        let asked = match question.kind() {
            "long-text" => form.text(ask, 5),
            "yes-no" => self.choose(asking, ask, vec![yes(self.language), no(self.language)]),
            "single-choice" => self.choose(asking, ask, question.options(self.language)),
            "multi-choice" => return html! { (form.boxes(ask, &choices(&self.with_unknown(asking, question.options(self.language))))) },
            "scale" => self.choose(asking, ask, points(question.says(), self.language)),
            "date" => self.date(ask, question.says()["precision"] == "month"),
            "number" => form.number(ask, "", &both(&question.says()["unit"], self.language)),
            "money" => form.number(ask, "£", ""),
            "identifier" => form.number(ask, "", ""),
            "email" => form.line(ask, "email"),
            "name" => self.name(ask),
            "address" => self.address(ask),
            "declaration" => self.declaration(asking, ask),
            "person-ref" => self.choose(asking, ask, self.names.people.clone()),
            "service-ref" => form.select(ask, &choices(&self.names.organisations)),
            "worker-ref" => form.select(ask, &choices(&self.names.workers)),
            "file" => self.file(asking, ask, already),
            "computed" => return self.computed(asking, ask),
            _ => form.line(ask, "text"),
        };
        html! { (asked) (self.unknown(asking)) }
    }

    /// One of a few, with "not known" among them; many stand in a list that opens.
    fn choose(&self, asking: &Asking<'_>, ask: Ask<'_>, options: Vec<(String, String)>) -> Markup {
        let all = self.with_unknown(asking, options);
        if all.len() > 24 { self.form.select(ask, &choices(&all)) } else { self.form.radios(ask, &choices(&all)) }
    }

    fn with_unknown(&self, asking: &Asking<'_>, mut options: Vec<(String, String)>) -> Vec<(String, String)> {
        if asking.question.not_known {
            options.extend(self.unknowns());
        }
        options
    }

    fn unknowns(&self) -> [(String, String); 2] {
        [(NOT_KNOWN.to_owned(), self.word("Not known").to_owned()), (NOT_ASKED.to_owned(), self.word("Not asked").to_owned())]
    }

    /// Beside what is typed: that it is not known.
    fn unknown(&self, asking: &Asking<'_>) -> Markup {
        if !asking.question.not_known || asking.question.chooses() {
            return html! {};
        }
        let label = format!("{}: {}", asking.question.label.in_language(self.language), self.word("if there is no answer"));
        let field = format!("{}-state", asking.slot.name());
        self.form.boxes(Ask { name: &field, label: &label, hint: "" }, &choices(&self.unknowns()))
    }

    fn date(&self, ask: Ask<'_>, month: bool) -> Markup {
        if !month || !ask.hint.is_empty() {
            return self.form.day(ask);
        }
        self.form.day(Ask { hint: self.word("Leave the day out if only the month is known"), ..ask })
    }

    fn name(&self, ask: Ask<'_>) -> Markup {
        let (given, family) = (format!("{}-given", ask.name), format!("{}-family", ask.name));
        let lines = html! {
            div id=(ask.name) { (self.form.error(ask.name)) }
            (self.form.line(Ask { name: &given, label: self.word("Given names"), hint: "" }, "text"))
            (self.form.line(Ask { name: &family, label: self.word("Family name"), hint: "" }, "text"))
        };
        fieldset(ask.label, ask.hint, &lines)
    }

    fn address(&self, ask: Ask<'_>) -> Markup {
        let (lines, postcode) = (format!("{}-lines", ask.name), format!("{}-postcode", ask.name));
        let inner = html! {
            div id=(ask.name) { (self.form.error(ask.name)) }
            (self.form.text(Ask { name: &lines, label: self.word("Address, line by line"), hint: "" }, 3))
            (self.form.number(Ask { name: &postcode, label: self.word("Postcode"), hint: "" }, "", ""))
        };
        fieldset(ask.label, ask.hint, &inner)
    }

    fn declaration(&self, asking: &Asking<'_>, ask: Ask<'_>) -> Markup {
        let says = asking.question.says();
        let part = |of: &str| format!("{}-{of}", ask.name);
        let (by, on, how) = (part("by"), part("on"), part("how"));
        let agreed = [yes(self.language), no(self.language)];
        let how_said = [("signed", self.word("They signed")), ("said", self.word("They said so, and I wrote it down"))];
        let inner = html! {
            (list::inset(&both(&says["statement"], self.language)))
            @let scope = both(&says["scope"], self.language);
            @if !scope.is_empty() { p class="govuk-body" { (scope) } }
            (self.form.radios(Ask { name: ask.name, label: self.word("Do they agree?"), hint: "" }, &choices(&agreed)))
            (self.form.line(Ask { name: &by, label: self.word("Who said so"), hint: "" }, "text"))
            (self.form.day(Ask { name: &on, label: self.word("When"), hint: "" }))
            (self.form.radios(Ask { name: &how, label: self.word("How"), hint: "" }, &how_said))
        };
        fieldset(ask.label, ask.hint, &inner)
    }

    fn file(&self, asking: &Asking<'_>, ask: Ask<'_>, already: Option<&Value>) -> Markup {
        let file = already.and_then(|a| a["file"]["name"].as_str());
        let inner = html! {
            (self.form.error(ask.name))
            p class="govuk-body" id=(ask.name) { (file.unwrap_or_else(|| self.word("No file yet."))) }
            (go_button(&format!("file:{}", asking.slot.name()), self.word("Save and attach a file")))
        };
        fieldset(ask.label, ask.hint, &inner)
    }

    fn computed(&self, asking: &Asking<'_>, ask: Ask<'_>) -> Markup {
        let value = self.judged.computed.iter().find(|r| r.at == asking.slot).map(|r| lent(asking, &r.value, self.names, self.language));
        html! { div class="govuk-inset-text" { (ask.label) ": " strong { (value.unwrap_or_else(|| self.word("not known yet").to_owned())) } } }
    }
}

fn yes(language: &str) -> (String, String) {
    ("yes".to_owned(), word(language, "Yes").to_owned())
}

fn no(language: &str) -> (String, String) {
    ("no".to_owned(), word(language, "No").to_owned())
}

fn choices(all: &[(String, String)]) -> Vec<Choice<'_>> {
    all.iter().map(|(value, label)| (value.as_str(), label.as_str())).collect()
}

/// A decimal as JSON has it: a number, or a text.
fn decimal(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| value.as_str()?.parse().ok())
}

/// The points of a scale from the least to the most, those with words with them.
fn points(scale: &Value, language: &str) -> Vec<(String, String)> {
    let (Some(min), Some(max), Some(step)) = (decimal(&scale["min"]), decimal(&scale["max"]), decimal(&scale["step"])) else {
        return Vec::new();
    };
    let anchors: Vec<(f64, String)> = scale["anchors"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|a| Some((decimal(&a["point"])?, both(&a["label"], language))))
        .collect();
    let mut all = Vec::new();
    let mut point = min;
    // A step of nothing would never arrive; a plugin's form has at most 200 options elsewhere.
    while step > 0.0 && point <= max + 1e-9 && all.len() < 200 {
        let number = format!("{}", (point * 1000.0).round() / 1000.0);
        let words = anchors.iter().find(|(at, _)| (at - point).abs() < 1e-9).map(|(_, words)| format!("{number}: {words}"));
        all.push((number.clone(), words.unwrap_or(number)));
        point += step;
    }
    all
}

/// A computed value as people read it.
#[allow(clippy::cast_precision_loss)]
fn lent(asking: &Asking<'_>, value: &Value, names: &Names, language: &str) -> String {
    let thousandths = |of: &Value, by: f64| of.as_i64().map(|n| (n as f64 / by).to_string()).unwrap_or_default();
    let Some((kind, of)) = value.as_object().and_then(|o| o.iter().next()) else {
        return value.as_str().map(words::code).unwrap_or_default();
    };
    match kind.as_str() {
        "yes-no" => word(language, if of == true { "Yes" } else { "No" }).to_owned(),
        "tenths" => thousandths(of, 10.0),
        "thousandths" => thousandths(of, 1000.0),
        "pence" => of.as_i64().map(words::pounds).unwrap_or_default(),
        "day" => words::day_in(language, of["day"].as_str().unwrap_or_default()),
        "person" => names.person(of.as_str().unwrap_or_default()).to_owned(),
        "options" => chosen(asking, of, language),
        _ => of.as_str().unwrap_or_default().to_owned(),
    }
}

fn chosen(asking: &Asking<'_>, ids: &Value, language: &str) -> String {
    let options = asking.question.options(language);
    let ids = ids.as_array().into_iter().flatten().filter_map(Value::as_str);
    ids.map(|id| name(&options, id).unwrap_or(id)).collect::<Vec<_>>().join("; ")
}

/// An answer as people read it, for whoever checks it.
#[must_use]
pub fn answered(asking: &Asking<'_>, answer: &Value, names: &Names, language: &str) -> String {
    let Some((kind, of)) = answer.as_object().and_then(|o| o.iter().next()) else { return String::new() };
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    match kind.as_str() {
        "not-known" => word(language, "Not known").to_owned(),
        "not-asked" => word(language, "Not asked").to_owned(),
        "yes-no" => {
            if of == true {
                yes(language).1
            } else {
                no(language).1
            }
        }
        "single-choice" => chosen(asking, &Value::from(vec![of.clone()]), language),
        "multi-choice" => chosen(asking, of, language),
        "date" => words::day_in(language, &text(of)),
        "money" => of.as_i64().map(words::pounds).unwrap_or_default(),
        "number" => format!("{} {}", text(of), both(&asking.question.says()["unit"], language)).trim().to_owned(),
        "scale" => {
            let point = decimal(of).map(|n| n.to_string()).unwrap_or_default();
            name(&points(asking.question.says(), language), &point).unwrap_or(&point).to_owned()
        }
        "name" => format!("{} {}", text(&of["given"]), text(&of["family"])),
        "address" => {
            let lines = of["lines"].as_array().into_iter().flatten().chain(of.get("postcode"));
            lines.filter_map(Value::as_str).collect::<Vec<_>>().join(", ")
        }
        "file" => text(&of["name"]),
        "declaration" => {
            let agreed = if of["agreed"] == true { word(language, "Agreed") } else { word(language, "Did not agree") };
            format!("{agreed}: {}, {}", text(&of["by"]), words::day_in(language, &text(&of["on"])))
        }
        "person-ref" => names.person(&text(of)).to_owned(),
        "service-ref" => name(&names.organisations, &text(of)).map_or_else(|| text(of), str::to_owned),
        "worker-ref" => name(&names.workers, &text(of)).unwrap_or_else(|| word(language, "A worker of this council")).to_owned(),
        _ => text(of),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scale_has_every_point_and_words_where_the_author_wrote_some() {
        let scale = serde_json::json!({ "min": 1, "max": "2", "step": 0.5, "anchors": [
            { "point": 1, "label": { "en": "Hard", "cy": "Anodd" } }, { "point": 2, "label": { "en": "Well" } },
        ] });
        let words: Vec<String> = points(&scale, "cy").into_iter().map(|(_, words)| words).collect();
        assert_eq!(words, ["1: Anodd", "1.5", "2: Well"]);
        assert!(points(&serde_json::json!({ "min": 1, "max": 2, "step": 0 }), "en").is_empty());
    }
}
