//! One question put to the plugin in its sandbox and to the [oracle](crate::oracle).

use std::collections::BTreeMap;

use hearth::record::Day;
use hearth::sandbox::{EarlierClaim, Question};

use crate::Lab;
use crate::generated::Case;
use crate::lab::Asked;
use crate::oracle::{self, Asking, Said, check_reasons};

/// What both say. With `replay` the plugin is asked twice: the same bytes, the same number of instructions.
///
/// # Errors
/// Where they differ: everything that a person needs to see why.
///
/// # Panics
/// Where the family document or the settings are not sound.
pub async fn compare(lab: &Lab, case: &Case, question: Question, replay: bool) -> Result<Said, String> {
    let as_of: Day = case.as_of.to_string().parse().unwrap();
    let mut claims: Vec<EarlierClaim> = (case.claims.iter())
        .map(|(kind, on)| EarlierClaim { entitled_on: on.to_string().parse().unwrap(), kind: (*kind).to_owned() })
        .collect();
    claims.sort();
    let asked = Asked { question, as_of, settings: case.settings.clone(), claims };
    let (given, family) = lab.given(&case.family, &asked);
    let snapshot = given.snapshot.clone();
    let handles: BTreeMap<String, u32> = (family.people.iter())
        .map(|(name, id)| (name.clone(), snapshot.people.iter().zip(0..).find(|(p, _)| p.id == *id).unwrap().1))
        .collect();
    let asking = Asking { question, as_of: case.as_of, settings: &asked.settings, claims: &asked.claims, handles: &handles };
    let expected = oracle::answer(case.family.json(), &asking);

    let about = |what: &str, plugin: &str| {
        format!(
            "{question:?} as of {as_of}: {what}\nsettings {}\nclaims {:?}\nhandles {handles:?}\n{}\n--- the plugin\n{plugin}\n--- the README\n{expected}",
            asked.settings,
            asked.claims,
            compact(case.family.json()),
        )
    };
    let outcome = lab.ask_given(given.clone()).await;
    let answer = outcome.result.map_err(|fault| about("a fault", &fault.to_string()))?;
    let said = Said::of(&answer);
    if said != expected {
        return Err(about("they differ", &said.to_string()));
    }
    check_reasons(&answer, &snapshot).map_err(|why| about(&why, &said.to_string()))?;
    if replay {
        let again = lab.ask_given(given).await;
        let same = again.result.as_ref().is_ok_and(|a| a.encode() == answer.encode()) && again.instructions == outcome.instructions;
        if !same {
            return Err(about("asked again, it said something else or took another number of instructions", &said.to_string()));
        }
    }
    Ok(said)
}

/// One fact a line.
fn compact(document: &serde_json::Value) -> String {
    let mut lines = vec![format!("people {}", document["people"]), format!("homes {}", document["homes"])];
    for list in ["facts", "coverage"] {
        lines.extend(document[list].as_array().unwrap().iter().map(|entry| format!("{list} {entry}")));
    }
    lines.join("\n")
}
