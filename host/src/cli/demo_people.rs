//! People of the demonstration: who may see what depends on who asks.

use anyhow::{Context, Result};
use serde_json::json;

use super::demo::Caller;
use super::home::Home;
use crate::access::Roles;
use crate::access::invitations::{self, Invited};
use crate::record::{AuthorityId, LoginId};

/// Whose token it is, their name, who employs them (the council, where none is named) and their role.
const PEOPLE: &[(&str, &str, Option<&str>, &str)] = &[
    ("manager", "Miriam Hallett", None, "manager"),
    ("keyworker", "Priya Nair", None, "keyworker"),
    ("charity worker", "Tom Adeyemi", Some("harbour-steps"), "partner"),
    ("charity manager", "Grace Mbeki", Some("harbour-steps"), "provider"),
    ("coordinator", "Dev Chandra", None, "coordinator"),
    ("data manager", "Olwen Pryce", None, "data-manager"),
    ("commissioner", "Rachel Stone", None, "commissioner"),
    ("plugin author", "Sam Okafor", None, "plugin-author"),
    ("plugin reviewer", "Helen Marsh", None, "plugin-reviewer"),
    ("administrator", "Nadia Rahman", None, "administrator"),
];

/// Where their codes to sign in go: `priya.nair@example.org`.
pub(super) fn address(name: &str) -> String {
    format!("{}@example.org", name.to_lowercase().replace(' ', "."))
}

/// Who they are, and the name that they sign in under.
pub(super) fn names() -> impl Iterator<Item = (&'static str, &'static str)> {
    PEOPLE.iter().map(|(who, name, ..)| (*who, *name))
}

/// One of each kind of work; signing in by e-mail too, where the host is the demonstration's own. The keyworker has one case, of which two sections are shared with the charity's worker, by consent. Answers who
/// they are, with their tokens.
pub(super) async fn take_in(home: Option<&Home>, caller: &Caller, authority: &AuthorityId, case: &str) -> Result<Vec<(String, String)>> {
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
        let login = given["login"].as_str().context("a login is answered")?.parse()?;
        if let Some(home) = home {
            known_by_mail(home, caller, authority, name, login).await?;
        }
        people.push(((*who).to_owned(), made["token"].as_str().context("a token is answered")?.to_owned()));
        if *role == "keyworker" {
            let assignments = within(&format!("/families/{family}/assignments"));
            caller.post(&assignments, &json!({ "login": given["login"], "role": "keyworker" })).await?;
        }
        if let Some(organisation) = organisation.filter(|_| *role == "partner") {
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

/// They accepted an invitation once, as everybody does: from then on a code by e-mail signs them in.
async fn known_by_mail(home: &Home, caller: &Caller, authority: &AuthorityId, name: &str, login: LoginId) -> Result<()> {
    let store = home.stores.authority(authority).await?;
    let organisation = home.stores.common().login(login).await?.organisation;
    let address = address(name).parse()?;
    let invited = Invited { name: name.to_owned(), address, organisation, roles: Roles::default(), last: None, login: Some(login) };
    let drafted = invitations::draft(&home.stores, &store, invited, "demonstration").await?;
    let mut tx = store.write("demonstration", "invited somebody").await?;
    tx.invite(&drafted.new).await?;
    tx.commit().await?;
    caller.post("/v1/sign-in/invitations/acceptance", &json!({ "token": drafted.token })).await?;
    Ok(())
}
