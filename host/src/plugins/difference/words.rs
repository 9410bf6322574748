//! A change as a sentence.

use serde_json::Value;

use super::{Change, How, Part};

pub(super) fn sentence(change: &Change) -> String {
    let id = change.id.as_str();
    let text = |side: &Option<Value>, field: &str| side.as_ref().and_then(|v| v[field].as_str()).unwrap_or_default().to_owned();
    match (change.part, change.how) {
        (Part::Permission, How::Added) => {
            let must =
                if change.after.as_ref().is_some_and(|a| a["required"] == true) { "and does not run without" } else { "and runs without" };
            format!("It asks for {id} ({}), {must}: it did not before.{}", text(&change.after, "says"), marks(change))
        }
        (Part::Permission, How::Removed) => format!("It asks no more for {id} ({}).", text(&change.before, "says")),
        (Part::Permission, How::Changed) if change.widens => format!("It does not run any more without {id}."),
        (Part::Permission, How::Changed) => format!("It gives another reason for {id}, or runs without it now."),
        (Part::Template, How::Added) => format!("It may say: \u{201c}{}\u{201d} ({id}).", text(&change.after, "en")),
        (Part::Template, How::Removed) => format!("It says no more: \u{201c}{}\u{201d} ({id}).", text(&change.before, "en")),
        (Part::Template, How::Changed) => {
            format!(
                "It says \u{201c}{}\u{201d}, and said \u{201c}{}\u{201d} ({id}).",
                text(&change.after, "en"),
                text(&change.before, "en")
            )
        }
        (part, how) => {
            let what = match part {
                Part::ExtensionPoint => "extension point",
                Part::Setting => "setting",
                Part::Form => "form",
                Part::Question => "question",
                Part::Criterion => "criterion",
                Part::Table => "reference table",
                Part::Scenario => "scenario",
                Part::About => "text",
                _ => "name",
            };
            let how = match how {
                How::Added => "is new",
                How::Removed => "is gone",
                How::Changed => "is another",
            };
            format!("The {what} {id} {how}.")
        }
    }
}

fn marks(change: &Change) -> String {
    let marks = change.after.as_ref().and_then(|a| a["marks"].as_array()).cloned().unwrap_or_default();
    marks.iter().filter_map(Value::as_str).map(|m| format!(" {m}")).collect()
}
