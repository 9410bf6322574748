//! `hearth plugin inspect`: what a plugin offers, asks to see and may say, in plain words, for whoever has to sign.

use std::fmt::Write;

use super::Inspected;
use crate::sandbox::{ArgType, Interface, Purpose};

/// The page, as plain text.
#[must_use]
pub fn describe(plugin: &Inspected) -> String {
    let mut page = String::new();
    // Writing to a string cannot fail.
    let _ = write(&mut page, plugin);
    page
}

fn write(page: &mut String, plugin: &Inspected) -> std::fmt::Result {
    let m = &plugin.manifest;
    writeln!(page, "{} ({} {})", m.title.en, m.name, m.version)?;
    writeln!(page, "  {}", m.purpose.en)?;
    writeln!(page, "  Publisher {}; authors {}; licence {}; source {}", m.publisher, m.authors, m.licence, m.source)?;
    writeln!(page, "  {} bytes, {}", plugin.size, plugin.digest)?;

    writeln!(page, "\nIt offers")?;
    for offer in &m.offers {
        writeln!(page, "  {}: {}", offer.code(), offer.asks())?;
    }
    asks(page, plugin, "\nIt asks to", Purpose::Read)?;
    asks(page, plugin, "\nIt asks to be allowed to", Purpose::Propose)?;
    let free: Vec<_> = plugin.asks().filter(|i| !i.is_granted_by_the_authority()).map(|i| i.says).collect();
    writeln!(page, "\nWithout being asked, it may")?;
    free.iter().try_for_each(|says| writeln!(page, "  {says}"))?;
    let wasi: Vec<_> = plugin.wasi().map(|i| i.name.as_str()).collect();
    if !wasi.is_empty() {
        writeln!(page, "\nThe runtime of its language looks for a computer, and is answered with nothing (wit/wasi.md)")?;
        wasi.chunks(4).try_for_each(|some| writeln!(page, "  {}", some.join(", ")))?;
    }
    writeln!(page, "\nIt can reach no network, clock, randomness, file or environment. It changes nothing: it answers and proposes.")?;

    writeln!(page, "\nIt measures ({} criteria)", m.framework.len())?;
    for c in &m.framework {
        let source = c.source.as_ref().map(|s| format!(" [{s}]")).unwrap_or_default();
        writeln!(page, "  {:<24} {}: {}{source}", c.criterion, c.heading.en, c.text.en)?;
    }
    writeln!(page, "\nIt may say ({} sentences, and no others)", m.templates.len())?;
    for t in &m.templates {
        let filled = t
            .args
            .iter()
            .fold(t.en.clone(), |text, arg| text.replace(&format!("{{{}}}", arg.name), &format!("[{}]", gap(arg.of, arg.list.as_deref()))));
        writeln!(page, "  {:<24} {filled}", t.id)?;
    }
    for form in &m.forms {
        writeln!(page, "\nIt asks families: {}", form.title.en)?;
        form.pages.iter().try_for_each(|p| writeln!(page, "  {}", p.title.en))?;
    }
    let settings = m.settings.get("properties").and_then(serde_json::Value::as_object);
    tried(page, &m.scenarios)?;
    writeln!(page, "\nThe authority may set")?;
    for (name, property) in settings.into_iter().flatten() {
        let default = property.get("default").map_or_else(|| "must be set".to_owned(), |d| format!("if not set: {d}"));
        let title = property.get("title").or_else(|| property.get("description")).and_then(serde_json::Value::as_str).unwrap_or_default();
        writeln!(page, "  {name:<24} {title} ({default})")?;
    }
    Ok(())
}

/// The scenarios that it brings along, and what they are from.
fn tried(page: &mut String, scenarios: &[serde_json::Value]) -> std::fmt::Result {
    // A manifest whose scenarios cannot be read is not described.
    let stories = super::scenarios::packed(scenarios).unwrap_or_default();
    writeln!(page, "\nIt brings its own proof ({} scenarios, {} cases, played at upload)", scenarios.len(), stories.len())?;
    let mut last = "";
    for story in stories.iter() {
        if *story.scenario != *last {
            last = &story.scenario;
            writeln!(page, "  {} [{}]", story.scenario, story.source)?;
        }
    }
    Ok(())
}

fn asks(page: &mut String, plugin: &Inspected, heading: &str, purpose: Purpose) -> std::fmt::Result {
    let asked: Vec<&Interface> = plugin.asks().filter(|i| i.purpose == purpose).collect();
    if asked.is_empty() {
        return Ok(());
    }
    writeln!(page, "{heading}")?;
    for interface in asked {
        let optional = if plugin.manifest.optional.iter().any(|o| o == interface.name) { " (optional)" } else { "" };
        writeln!(page, "  {}{optional}", interface.says)?;
        if let Some(why) = plugin.manifest.why.get(interface.name) {
            writeln!(page, "    because: {} [{}]", why.en, interface.name)?;
        }
    }
    Ok(())
}

const fn gap_name(of: ArgType) -> &'static str {
    match of {
        ArgType::Person => "a member's name",
        ArgType::Fact => "a fact",
        ArgType::Day => "a date",
        ArgType::Count => "a number",
        ArgType::Pence => "an amount",
        ArgType::Tenths => "a number with one decimal",
        ArgType::Code => "a word",
        ArgType::Criterion => "a criterion of this plugin",
        ArgType::Form => "a form of this plugin",
        ArgType::Question => "a question of its form",
        ArgType::Domain => "an area of life",
        ArgType::Stage => "a stage",
        ArgType::Tier => "a tier",
        ArgType::Level => "a level",
        ArgType::Route => "a route",
        ArgType::Meeting => "a meeting",
        ArgType::Service => "a service of the directory",
        ArgType::Organisation => "an organisation",
        ArgType::Worker => "a worker",
    }
}

fn gap(of: ArgType, list: Option<&str>) -> String {
    list.map_or_else(|| gap_name(of).to_owned(), |list| format!("a word from {list}"))
}
