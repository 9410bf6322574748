//! People of the demonstration: who may see what depends on who asks.

use anyhow::{Context, Result};
use serde_json::json;

use super::demo::Caller;
use crate::record::AuthorityId;

/// Whose token it is, their name, who employs them (the council, where none is named) and their role.
const PEOPLE: &[(&str, &str, Option<&str>, &str)] = &[
    ("manager", "Miriam Hallett", None, "manager"),
    ("keyworker", "Priya Nair", None, "keyworker"),
    ("charity worker", "Tom Adeyemi", Some("harbour-steps"), "partner"),
];

/// A manager, a keyworker with one case, and a charity's worker with whom two sections of that family are shared, by consent. Answers who
/// they are, with their tokens.
pub(super) async fn take_in(caller: &Caller, authority: &AuthorityId, case: &str) -> Result<Vec<(String, String)>> {
    let within = |path: &str| format!("/v1/authorities/{authority}{path}");
    let found = caller.get(&within(&format!("/families?reference={case}"))).await?;
    let family = found["items"][0]["id"].as_str().with_context(|| format!("no family {case}"))?;
    let mut people = Vec::with_capacity(PEOPLE.len());
    for (who, name, organisation, role) in PEOPLE {
        let mut new = json!({ "name": name, "role": role });
        if let Some(organisation) = organisation {
            new["organisation"] = json!(organisation);
        }
        let given = caller.post(&within("/people"), &new).await?;
        let made = caller.post(&within("/tokens"), &json!({ "name": "demonstration", "login": given["login"] })).await?;
        people.push(((*who).to_owned(), made["token"].as_str().context("a token is answered")?.to_owned()));
        if *role == "keyworker" {
            let assignments = within(&format!("/families/{family}/assignments"));
            caller.post(&assignments, &json!({ "login": given["login"], "role": "keyworker" })).await?;
        }
        if let Some(organisation) = organisation {
            let agreement = json!({
                "organisation": organisation, "sections": ["household", "education"], "purposes": ["casework"], "basis": "consent",
                "first": "2026-01-01",
            });
            let agreement = caller.post(&within("/agreements"), &agreement).await?;
            let share =
                json!({ "agreement": agreement["id"], "why": "a mentor for the eldest", "how": "a signed form", "given_by": "the mother" });
            caller.post(&within(&format!("/families/{family}/shares")), &share).await?;
        }
    }
    Ok(people)
}
