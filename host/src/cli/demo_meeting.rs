//! A hub of the demonstration that sits today, with a few families on its agenda, so that there is a meeting to look at whenever it is begun.

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::demo::Caller;
use crate::record::{AuthorityId, Day};

const HUB: &str = "Early help hub";
/// Families, and why each is on the agenda.
const AGENDA: &[(&str, &str)] = &[
    ("BR-0001", "Rent arrears since the spring, and nobody has spoken with the landlord yet."),
    ("BR-0005", "Fewer call-outs at both homes: who stays in touch with the father?"),
    ("BR-0011", "The school asks who sees the children in the holidays."),
];

/// Sets the hub up, plans today's sitting and fills its agenda: what is there already stays as it is.
pub(super) async fn hub_of_today(caller: &Caller, authority: &AuthorityId, today: Day) -> Result<()> {
    let within = |path: &str| format!("/v1/authorities/{authority}{path}");
    let meetings = caller.get(&within("/meetings?limit=200")).await?;
    let there = meetings["items"].as_array().and_then(|all| all.iter().find(|m| m["name"] == HUB)).cloned();
    let hub = match there {
        Some(hub) => hub,
        None => {
            let new = json!({
                "kind": "hub-meeting", "name": HUB, "starts": "09:30", "place": "Town Hall, room 2",
                "invited": ["harbour-steps", "severnhope-academy"],
            });
            caller.post(&within("/meetings"), &new).await?
        }
    };
    let hub = hub["id"].as_str().context("a meeting answers its id")?.to_owned();
    let sittings = caller.get(&within(&format!("/sittings?meeting={hub}&first={today}&last={today}"))).await?;
    if sittings["items"].as_array().is_some_and(|all| !all.is_empty()) {
        return Ok(());
    }
    let sitting = caller.post(&within(&format!("/meetings/{hub}/sittings")), &json!({ "on": today })).await?;
    let sitting = sitting["id"].as_str().context("a sitting answers its id")?;
    let agenda = within(&format!("/sittings/{sitting}/agenda"));
    // Whom the last sitting did not reach is there already.
    let taken_over = caller.get(&within(&format!("/sittings/{sitting}"))).await?;
    let is_there = |family: &Value| taken_over["agenda"].as_array().is_some_and(|all| all.iter().any(|i| i["family"] == *family));
    for (reference, why) in AGENDA {
        let found = caller.get(&within(&format!("/families?reference={reference}"))).await?;
        let family = &found["items"][0]["id"];
        if family.is_string() && !is_there(family) {
            caller.post(&agenda, &json!({ "family": family, "why": why })).await?;
        }
    }
    println!("  meeting: {HUB}, today at 09:30");
    Ok(())
}
