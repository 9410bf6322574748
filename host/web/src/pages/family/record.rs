//! A family as the API answers it, and what is known of it as people read it.

use serde::Deserialize;
use serde_json::Value;

use crate::ui::chart::Drawn;
use crate::words;

#[derive(Debug, Clone, Deserialize)]
pub struct Name {
    #[serde(default)]
    given: String,
    #[serde(default)]
    family: String,
}

impl Name {
    #[must_use]
    pub fn whole(&self) -> String {
        format!("{} {}", self.given, self.family).trim().to_owned()
    }
}

/// A family as `GET …/families/{family}` answers.
#[derive(Deserialize)]
pub struct Family {
    pub reference: String,
    #[serde(default)]
    pub members: Vec<Member>,
    #[serde(default)]
    pub withheld: Vec<String>,
}

#[derive(Deserialize)]
pub struct Member {
    pub id: String,
    #[serde(default)]
    name: Option<Name>,
    #[serde(default)]
    pub born: Option<String>,
    #[serde(default)]
    sex: Option<String>,
    #[serde(default)]
    memberships: Vec<Membership>,
    #[serde(default)]
    relations: Vec<Relation>,
}

#[derive(Deserialize)]
struct Membership {
    #[serde(default)]
    last: Option<String>,
    #[serde(default)]
    resident: bool,
}

#[derive(Deserialize)]
struct Relation {
    is: String,
    of: String,
    #[serde(default)]
    last: Option<String>,
}

impl Member {
    #[must_use]
    pub fn name(&self) -> String {
        self.name.as_ref().map(Name::whole).filter(|n| !n.is_empty()).unwrap_or_else(|| "No name shown".to_owned())
    }

    #[must_use]
    pub fn is_resident(&self) -> bool {
        self.memberships.iter().any(|m| m.resident && m.last.is_none())
    }

    #[must_use]
    pub fn drawn(&self, today: &str) -> Drawn {
        let of = |kinds: &[&str]| self.relations.iter().filter(|r| kinds.contains(&r.is.as_str())).collect::<Vec<_>>();
        Drawn {
            id: self.id.clone(),
            name: self.name(),
            age: self.born.as_deref().and_then(|b| words::age(b, today)),
            sex: self.sex.clone().unwrap_or_default(),
            resident: self.is_resident(),
            parent_of: of(&["parent", "step-parent", "adoptive-parent"]).iter().map(|r| r.of.clone()).collect(),
            partner_of: of(&["partner", "former-partner"])
                .iter()
                .map(|r| (r.of.clone(), r.last.is_some() || r.is == "former-partner"))
                .collect(),
        }
    }
}

impl Family {
    /// The name of a member, or nothing.
    #[must_use]
    pub fn name_of(&self, person: &str) -> Option<String> {
        self.members.iter().find(|m| m.id == person).map(Member::name)
    }

    /// Given and family name of a member.
    #[must_use]
    pub fn name_parts(&self, person: &str) -> Option<(&str, &str)> {
        let name = self.members.iter().find(|m| m.id == person)?.name.as_ref()?;
        Some((&name.given, &name.family))
    }

    /// What people call the family: the most frequent family name of those who are members now; nothing where nobody is named.
    #[must_use]
    pub fn called(&self) -> Option<&str> {
        let now = self.members.iter().filter(|m| m.memberships.iter().any(|w| w.last.is_none()));
        let names: Vec<&str> = now.filter_map(|m| m.name.as_ref()).map(|n| n.family.as_str()).filter(|n| !n.is_empty()).collect();
        let often = |name: &&str| names.iter().filter(|n| *n == name).count();
        // Of those that are equally frequent, the first.
        names.iter().rev().copied().max_by_key(often)
    }

    #[must_use]
    pub fn born(&self, person: &str) -> Option<&str> {
        self.members.iter().find(|m| m.id == person)?.born.as_deref()
    }

    #[must_use]
    pub fn people(&self) -> Vec<(String, String)> {
        self.members.iter().map(|m| (m.id.clone(), m.name())).collect()
    }
}

/// A fact's detail in a line: codes as words, and nothing that is an id.
#[must_use]
pub fn said(detail: &Value) -> String {
    let Some(fields) = detail.as_object() else { return String::new() };
    let text = |name: &str| fields.get(name).and_then(Value::as_str);
    if let (Some(given), Some(family)) = (text("given"), text("family")) {
        return format!("{given} {family}");
    }
    if let (Some(scheme), Some(value)) = (text("scheme"), text("value")) {
        return format!("{} {value}", called(scheme));
    }
    let told = |(name, value): (&String, &Value)| {
        let whole = fields.len() == 1 && !value.is_boolean();
        let value = one(value)?;
        Some(if whole { value } else { format!("{}: {value}", name.replace(['-', '_'], " ")) })
    };
    fields.iter().filter_map(told).collect::<Vec<_>>().join("; ")
}

fn one(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if text.len() == 36 && text.matches('-').count() == 4 => None,
        Value::String(text) => Some(if text.parse::<jiff::civil::Date>().is_ok() { words::day(text) } else { text.replace('-', " ") }),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(yes) => Some(if *yes { "yes" } else { "no" }.to_owned()),
        Value::Array(all) if !all.is_empty() => {
            Some(all.iter().filter_map(Value::as_str).map(|c| c.replace('-', " ")).collect::<Vec<_>>().join(", "))
        }
        _ => None,
    }
}

/// A scheme of identifiers as people say it.
fn called(scheme: &str) -> String {
    match scheme {
        "nino" => "National Insurance number".to_owned(),
        short if short.len() <= 4 => short.to_uppercase(),
        other => words::code(other),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_detail_reads_as_a_line_and_shows_no_ids() {
        assert_eq!(said(&json!({ "status": "child-protection-plan" })), "child protection plan");
        let detail = json!({ "kept": true, "minutes": 75, "home": "01a2051c-0fce-724a-a71f-49cf7122a7bd", "on": "2026-03-05" });
        assert_eq!(said(&detail), "kept: yes; minutes: 75; on: 5 March 2026");
        assert_eq!(said(&json!({ "resident": true })), "resident: yes");
        assert_eq!(said(&json!({ "family": "Stanbury", "given": "Amy" })), "Amy Stanbury");
        assert_eq!(said(&json!({ "scheme": "nino", "value": "ZW 90 19 73 B" })), "National Insurance number ZW 90 19 73 B");
        assert_eq!(said(&json!({ "scheme": "upn", "value": "P801999917009" })), "UPN P801999917009");
        assert_eq!(said(&Value::Null), "");
    }
}
