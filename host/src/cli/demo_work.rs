//! What is under way in the demonstration's first council, so that the front door, the directory and a charity's page have something in them:
//! invented, sent once, through the API.

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::demo::Caller;
use crate::record::{AuthorityId, Day};

/// The family that the charity is asked to help.
const HELPED: &str = "BR-0005";
/// The family that its landlord refers.
const IN_ARREARS: &str = "BR-0001";
const CHARITY: &str = "harbour-steps";
/// How long the charity is contracted for, in days.
const A_YEAR: i32 = 364;

/// Two referrals at the front door, a service and a contract of a charity, and a family that it is asked to help. What is there
/// already stays as it is.
pub(super) async fn under_way(caller: &Caller, authority: &AuthorityId, today: Day) -> Result<()> {
    let within = |path: &str| format!("/v1/authorities/{authority}{path}");
    let of = async |reference: &str| {
        let found = caller.get(&within(&format!("/families?reference={reference}"))).await?;
        found["items"][0]["id"].as_str().map(str::to_owned).with_context(|| format!("no family {reference}"))
    };
    let family = of(HELPED).await?;
    let asked = caller.get(&within(&format!("/families/{family}/help-requests"))).await?;
    if asked["items"].as_array().is_some_and(|all| !all.is_empty()) {
        return Ok(());
    }
    let once = async |path: &str, key: &str, body: Value| {
        let made = caller.post_once(&within(path), &body, &format!("demo-{key}")).await?;
        made["id"].as_str().map(str::to_owned).with_context(|| format!("{path} answers an id"))
    };
    let school = json!({
        "route": "professional", "organisation": "severnhope-academy", "agreed": true, "problems": ["school-attendance", "children-who-need-help"],
        "words": "Ivy has come to school on one day in three since half term, and looks after her brother when she stays at home.",
        "described": {
            "people": [
                { "name": { "given": "Ivy", "family": "Marlow" }, "born": "2013-02-11" },
                { "name": { "given": "Ned", "family": "Marlow" }, "born": "2021-09-30" },
            ],
            "address": { "lines": ["8 Tern Row"], "postcode": "BS99 7QT" },
        },
    });
    once("/referrals", "referral-of-a-school", school).await?;
    let landlord = json!({
        "route": "professional", "organisation": "severn-reach-homes", "urgent": true, "problems": ["work-and-money"], "family": of(IN_ARREARS).await?,
        "words": "Five weeks behind with the rent. A notice goes out at the end of the month unless somebody talks with them.",
    });
    once("/referrals", "referral-of-a-landlord", landlord).await?;

    let service = json!({
        "name": "Friendly faces", "organisation": CHARITY, "kind": "parenting", "first": "2025-09-01", "capacity": 12, "waiting_days": 14,
    });
    let service = once("/services", "service", service).await?;
    let contract = json!({
        "title": "Friendly faces: mentors for parents", "provider": CHARITY, "first": today, "last": today.plus(A_YEAR), "paid": "up-front",
        "value_pence": 1_920_000, "families": 12,
    });
    let contract = once("/contracts", "contract", contract).await?;
    caller.post_once(&within(&format!("/contracts/{contract}/signature")), &json!({}), "demo-signature").await?;

    let agreement = json!({
        "organisation": CHARITY, "sections": ["identity", "support"], "purposes": ["referral", "casework"], "basis": "consent",
        "first": "2026-01-01",
    });
    let agreement = once("/agreements", "agreement", agreement).await?;
    let share = json!({ "agreement": agreement, "why": "a mentor for both parents", "how": "a signed form", "given_by": "both parents" });
    once(&format!("/families/{family}/shares"), "share", share).await?;
    let request = once(&format!("/families/{family}/help-requests"), "help", json!({ "kind": "parenting" })).await?;
    let referral = json!({ "service": service, "why": "the mother asked for somebody who has been through it" });
    once(&format!("/help-requests/{request}/referrals"), "referral-to-a-charity", referral).await?;
    println!("  under way: two referrals at the front door, a charity's service and contract, and a family that it is asked to help");
    Ok(())
}
