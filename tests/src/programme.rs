//! Families of a whole programme, made up by dice: each with two adults and two children, a home, an episode, and about thirty facts.

use anyhow::Result;
use hearth::record::AuthorityId;
use hearth::record::family_file::{FamilyFile, NewFamily};
use serde_json::{Value, json};

pub use crate::generated::Dice;

/// Families written in one transaction.
pub const BATCH: u64 = 250;

/// School half-terms that attendance is told of.
const HALF_TERMS: [(&str, &str); 6] = [
    ("2025-09-03", "2025-10-24"),
    ("2025-11-03", "2025-12-19"),
    ("2026-01-06", "2026-02-13"),
    ("2026-02-23", "2026-04-02"),
    ("2026-04-20", "2026-05-22"),
    ("2026-06-01", "2026-07-21"),
];

/// The same number gives the same family, but for its ids.
///
/// # Errors
/// None that a test could cause.
pub fn family(n: u64, authority: &AuthorityId) -> Result<NewFamily> {
    let file: FamilyFile = serde_json::from_value(document(n))?;
    Ok(file.resolve(authority)?)
}

/// The family as its document, in which nothing is said of what is known.
#[must_use]
pub fn document(n: u64) -> Value {
    let mut dice = Dice(n);
    let mut facts = vec![
        json!({ "kind": "episode", "first": format!("2026-0{}-12", dice.between(1, 5)), "detail": {
            "needs": ["crime-and-antisocial-behaviour", "school-attendance", "work-and-money"] } }),
        json!({ "kind": "worker", "first": "2026-06-01", "detail": { "role": "keyworker", "employer": "council" } }),
    ];
    for child in ["daughter", "son"] {
        let attended = dice.between(20, 60);
        for (first, last) in HALF_TERMS {
            facts.push(json!({ "kind": "attendance", "person": child, "first": first, "last": last,
                "detail": { "possible": 60, "attended": attended, "unauthorised": 0 } }));
        }
    }
    for _ in 0..dice.between(0, 4) {
        let on = format!("2026-0{}-{:02}", dice.between(1, 8), dice.between(1, 28));
        facts.push(json!({ "kind": "police-callout", "home": "home", "first": on, "detail": { "domestic": dice.chance(50) } }));
    }
    if dice.chance(40) {
        let on = format!("2025-{:02}-{:02}", dice.between(9, 12), dice.between(1, 28));
        facts.push(json!({ "kind": "offence", "person": "son", "first": on, "detail": { "proven": true } }));
    }
    if dice.chance(60) {
        facts.push(json!({ "kind": "benefit-spell", "person": "mother", "first": "2024-03-01",
            "detail": { "benefit": "universal-credit", "out_of_work": dice.chance(70) } }));
    }
    let name = |given: &str| json!({ "given": given, "family": format!("Example{n}") });
    json!({
        "reference": format!("P-{n}"),
        "people": {
            "mother": { "name": name("Ann"), "born": "1986-05-04" },
            "father": { "name": name("Bob"), "born": "1984-07-01" },
            "daughter": { "name": name("Cat"), "born": format!("201{}-03-01", dice.between(0, 6)) },
            "son": { "name": name("Dan"), "born": format!("201{}-11-20", dice.between(0, 4)) },
        },
        "homes": { "home": { "from": "2016-12-01" } },
        "facts": facts,
    })
}
