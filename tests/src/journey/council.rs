//! A council: its people, each with what their role may, and what they do with a plugin.

use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use super::{AS_OF, say, text};
use crate::host::{Answered, Caller};
use crate::program::run_with;

pub(super) struct Council {
    pub code: &'static str,
    pub name: String,
    /// Its case system, which asks what is decided.
    pub system: Caller,
    pub author: Caller,
    pub manager: Caller,
    /// The login of the manager, who may be named as a reader.
    pub manager_login: String,
    data_manager: Caller,
    lead: Caller,
    pub reviewer: Caller,
    /// The installation that decides.
    pub installation: String,
}

/// What a question came to.
pub(super) struct Asked(pub Answered);

impl Asked {
    /// The decision.
    pub(super) fn decided(self) -> Result<Value> {
        ensure!(self.0.status == 201, "nothing was decided: {} {}", self.0.status, self.0.body);
        Ok(self.0.body)
    }
}

impl Council {
    /// Its first administrator is taken in on the host, and takes in everybody else. School and police have told all year.
    pub(super) async fn of(data: &Path, base: &str, code: &'static str) -> Result<Self> {
        let typed = |args: &[&str]| -> Result<String> {
            let ran = run_with(data, args, &[]);
            ensure!(ran.code == 0, "hearth {}:\n{}{}", args.join(" "), ran.out, ran.err);
            Ok(ran.out.trim().to_owned())
        };
        let prefix = format!("/v1/authorities/{code}");
        let login = typed(&["person", "--authority", code, "--name", "Ann Ash"])?;
        let caller = |token: &str| Caller::new(base, &prefix, token);
        let administrator = caller(&typed(&["token", "--login", &login, "--authority", code, "--name", "laptop"])?);
        let system = caller(&typed(&["token", "--authority", code, "--name", "case system"])?);
        let own = code.to_lowercase();
        let told = |kind: &str| json!({ "kind": kind, "first": "2025-09-01", "last": "2026-08-31", "state": "complete", "source": own });
        system.post("/coverage", json!({ "statements": [told("attendance"), told("police-callout")] })).await?;
        let taken_in = async |name: &str, role: &str| -> Result<(String, Caller)> {
            let login = administrator.post("/people", json!({ "name": name, "role": role })).await?["login"].clone();
            let token = administrator.post("/tokens", json!({ "name": "laptop", "login": login })).await?;
            Ok((text(&login).to_owned(), caller(text(&token["token"]))))
        };
        let (manager_login, manager) = taken_in("Bea Birch", "manager").await?;
        let authority = administrator.get(&prefix).await?;
        Ok(Self {
            code,
            name: text(&authority["name"]).to_owned(),
            system,
            author: taken_in("Cal Cedar", "plugin-author").await?.1,
            manager,
            manager_login,
            data_manager: taken_in("Dee Dogwood", "data-manager").await?.1,
            lead: taken_in("Eve Elm", "auditor").await?.1,
            reviewer: taken_in("Fay Fir", "plugin-reviewer").await?.1,
            installation: String::new(),
        })
    }

    /// Takes a plugin from the registry: the version.
    pub(super) async fn takes(&self, reference: &str) -> Result<Value> {
        self.author.post("/v1/plugins/from-registry", json!({ "reference": reference })).await
    }

    /// Proposed with all that it asks for; as an update where the installation and the difference that was read are said. Its path.
    pub(super) async fn proposes(&self, plugin: &Value, settings: &Value, update: Option<(&str, &Value)>) -> Result<String> {
        let proposed = self.data_manager.post("/installations", proposal(plugin, settings, update)?).await?;
        Ok(format!("/installations/{}", text(&proposed["id"])))
    }

    /// What a proposal that must be refused is answered.
    pub(super) async fn tries_to_propose(&self, plugin: &Value, update: Option<(&str, &Value)>) -> Result<Answered> {
        self.data_manager.try_post("/installations", proposal(plugin, &json!({}), update)?).await
    }

    /// The whole way: checked by the host, each section with its lawful basis, a second person. Nothing decides before the end of it.
    pub(super) async fn reviews(&self, at: &str) -> Result<()> {
        let activation = format!("{at}/activation");
        let checked = self.data_manager.post(&format!("{at}/check"), json!({})).await?;
        ensure!(checked["check"]["passed"] == true, "{checked}");
        let items = self.items(at).await?;
        ensure!(!items.is_empty(), "nothing to approve");
        for item in &items {
            let early = self.reviewer.try_post(&activation, json!({})).await?;
            super::refused(&early, 409, "not-approved")?;
            self.lead.post(&format!("{at}/approvals"), json!({ "items": [approval(item)] })).await?;
        }
        let review = self.lead.get(&format!("{at}/review")).await?;
        ensure!(review["missing"] == json!(["no second person approved it"]), "{review}");
        let digest = json!({ "digest": review["digest"] });
        let own = self.lead.try_post(&format!("{at}/second-approval"), digest.clone()).await?;
        super::refused(&own, 403, "not-allowed")?;
        self.reviewer.post(&format!("{at}/second-approval"), digest).await?;
        say(&format!(
            "{}: the host checks it, one person approves its {} parts with their lawful basis, another the whole.",
            self.name,
            items.len()
        ));
        Ok(())
    }

    pub(super) async fn items(&self, at: &str) -> Result<Vec<Value>> {
        let review = self.lead.get(&format!("{at}/review")).await?;
        Ok(super::list(&review["items"])?.clone())
    }

    /// Says that a section is not granted.
    pub(super) async fn declines(&self, at: &str, about: &str) -> Result<Value> {
        let said = json!({ "items": [{ "about": about, "approve": false, "words": "not needed for what we agreed with the charity" }] });
        self.lead.post(&format!("{at}/approvals"), said).await
    }

    pub(super) async fn activates(&self, at: &str) -> Result<()> {
        let active = self.reviewer.post(&format!("{at}/activation"), json!({})).await?;
        ensure!(active["status"] == "active", "{active}");
        Ok(())
    }

    /// Back to an installation that decided before.
    pub(super) async fn tries_to_return(&self, at: &str) -> Result<Answered> {
        self.reviewer.try_post(&format!("{at}/return"), json!({ "reason": "for the journey" })).await
    }

    pub(super) async fn unparks(&self, at: &str) -> Result<Answered> {
        self.data_manager.try_post(&format!("{at}/unpark"), json!({ "reason": "its publisher signed it anew" })).await
    }

    pub(super) async fn status(&self, at: &str) -> Result<String> {
        Ok(text(&self.data_manager.get(at).await?["status"]).to_owned())
    }

    /// The id of the family with this number.
    pub(super) async fn family(&self, n: u64) -> Result<String> {
        let found = self.system.get(&format!("/families?reference=P-{n}")).await?;
        let items = super::list(&found["items"])?;
        let family = items.first().with_context(|| format!("no family P-{n}: {found}"))?;
        Ok(text(&family["id"]).to_owned())
    }

    /// What is decided of the family with this number?
    pub(super) async fn asks(&self, n: u64) -> Result<Asked> {
        self.asks_of(&self.family(n).await?).await
    }

    pub(super) async fn asks_of(&self, family: &str) -> Result<Asked> {
        let question = json!({ "family": family, "question": "progress", "as_of": AS_OF });
        Ok(Asked(self.system.try_post("/decisions", question).await?))
    }

    /// The names of what was announced.
    pub(super) async fn announced(&self) -> Result<Vec<String>> {
        let (mut names, mut after) = (Vec::new(), String::new());
        loop {
            let page = self.system.get(&format!("/feed?limit=200{after}")).await?;
            let items = super::list(&page["items"])?;
            names.extend(items.iter().map(|i| text(&i["name"]).to_owned()));
            let Some(next) = page["next"].as_str().filter(|_| !items.is_empty()) else { return Ok(names) };
            after = format!("&after={next}");
        }
    }
}

fn proposal(plugin: &Value, settings: &Value, update: Option<(&str, &Value)>) -> Result<Value> {
    let grants: Vec<&Value> = super::list(&plugin["asks"])?.iter().map(|a| &a["interface"]).collect();
    let mut proposal = json!({ "plugin": plugin["digest"], "grants": grants, "settings": settings });
    if let Some((at, acknowledged)) = update {
        proposal["updates"] = json!(at.rsplit('/').next());
        proposal["acknowledged"] = acknowledged.clone();
    }
    Ok(proposal)
}

/// With every condition that it needs.
fn approval(item: &Value) -> Value {
    let needs = [("special_category", "health-or-social-care"), ("criminal_offences", "official-authority")];
    let conditions: Vec<&str> = needs.into_iter().filter(|(mark, _)| item[mark] == true).map(|(_, condition)| condition).collect();
    json!({ "about": item["about"], "approve": true, "basis": "public-task", "conditions": conditions })
}
