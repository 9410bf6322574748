//! What was done to an installation on its way: checked, approved section by section, declined, withdrawn, approved by a second person.
//! Rows are only added; of each thing the latest counts.

use super::sql::{Connection, Row, query};
use super::{AuthorityStore, AuthorityTx, StoreError};
use crate::record::plugin_review::{Approval, ReviewRules};
use crate::record::{Digest, InstallationId, KnownAt};
use crate::store::claim_rules::{SaidLast, latest};

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InstallationActKind {
    /// Its grants or settings.
    Changed,
    /// A check that passed.
    Checked,
    /// A check that did not.
    Failed,
    Approved,
    Declined,
    /// What was said of it counts no more.
    Withdrawn,
    /// By a second person, all of it.
    Seconded,
}

impl InstallationActKind {
    const ALL: [Self; 7] = [Self::Changed, Self::Checked, Self::Failed, Self::Approved, Self::Declined, Self::Withdrawn, Self::Seconded];

    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Changed => "changed",
            Self::Checked => "checked",
            Self::Failed => "failed",
            Self::Approved => "approved",
            Self::Declined => "declined",
            Self::Withdrawn => "withdrawn",
            Self::Seconded => "seconded",
        }
    }
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstallationAct {
    pub act: InstallationActKind,
    /// An interface, or `templates`, `sealed`, `settings`, `check`, `second`.
    pub about: String,
    /// Code: UK GDPR, article 6.
    pub basis: Option<String>,
    /// Codes: articles 9 and 10.
    pub conditions: Vec<String>,
    pub words: Option<String>,
    /// What a check found.
    pub found: Option<serde_json::Value>,
    /// Of all that a second person approved.
    pub digest: Option<Digest>,
    pub at: KnownAt,
    pub by: String,
}

impl InstallationAct {
    /// With nothing said of it yet.
    #[must_use]
    pub fn new(act: InstallationActKind, about: &str, at: KnownAt, by: &str) -> Self {
        let (about, by) = (about.to_owned(), by.to_owned());
        Self { act, about, basis: None, conditions: Vec::new(), words: None, found: None, digest: None, at, by }
    }
}

const RULES: &str = "SELECT r.rules AS says, c.at, c.principal FROM plugin_review r JOIN change c ON c.id = r.change \
    ORDER BY r.change DESC LIMIT 1";
const ACTS: &str = "SELECT a.act, a.about, a.basis, a.conditions, a.words, a.found, a.digest, a.principal, c.at FROM installation_act a \
    JOIN change c ON c.id = a.change WHERE a.installation = $1 ORDER BY a.id";

impl AuthorityStore {
    /// As they count, and who said so, when: nobody, where it is the default.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn review_rules(&self) -> Result<(ReviewRules, Option<(KnownAt, String)>), StoreError> {
        rules(&mut *self.read().await?).await
    }

    /// The first first.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn installation_acts(&self, installation: InstallationId) -> Result<Vec<InstallationAct>, StoreError> {
        acts(&mut *self.read().await?, installation).await
    }
}

impl AuthorityTx {
    /// As they count now.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn review_rules(&mut self) -> Result<ReviewRules, StoreError> {
        Ok(rules(self.connection()).await?.0)
    }

    /// # Errors
    /// The file cannot be written.
    pub async fn set_review_rules(&mut self, rules: &ReviewRules) -> Result<(), StoreError> {
        self.say("INSERT INTO plugin_review (change, rules) VALUES ($1, $2)", rules).await
    }

    /// As in the store.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn installation_acts(&mut self, installation: InstallationId) -> Result<Vec<InstallationAct>, StoreError> {
        acts(self.connection(), installation).await
    }

    /// # Errors
    /// The file cannot be written.
    pub async fn add_installation_act(&mut self, installation: InstallationId, act: &InstallationAct) -> Result<(), StoreError> {
        let (change, _) = self.change().await?;
        query(
            "INSERT INTO installation_act (installation, change, act, about, basis, conditions, words, found, digest, principal) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        )
        .key(&installation)
        .bind(change.0)
        .bind(act.act.code())
        .bind(act.about.clone())
        .bind(act.basis.clone())
        .bind(act.conditions.join(" "))
        .bind(act.words.clone())
        .bind(act.found.as_ref().map(ToString::to_string))
        .maybe_key(act.digest.as_ref())
        .bind(act.by.clone())
        .execute(self.connection())
        .await?;
        Ok(())
    }
}

/// Where nobody ever had a role there are no two people to approve anything: then whoever may activate it does.
async fn rules(connection: &mut Connection) -> Result<(ReviewRules, Option<(KnownAt, String)>), StoreError> {
    if let Some(SaidLast { says, at, by }) = latest(connection, RULES).await? {
        return Ok((says, Some((at, by))));
    }
    let people = query("SELECT 1 FROM role_held LIMIT 1").fetch_optional(connection).await?.is_some();
    let approval = if people { Approval::TwoPeople } else { Approval::OnePerson };
    Ok((ReviewRules { approval, ..ReviewRules::default() }, None))
}

async fn acts(connection: &mut Connection, installation: InstallationId) -> Result<Vec<InstallationAct>, StoreError> {
    query(ACTS).key(&installation).fetch_all(connection).await?.iter().map(read).collect()
}

fn read(row: &Row) -> Result<InstallationAct, StoreError> {
    let act = row.text("act")?;
    let found = row.maybe_text("found")?.map(|text| serde_json::from_str(&text));
    Ok(InstallationAct {
        act: InstallationActKind::ALL
            .into_iter()
            .find(|a| a.code() == act)
            .ok_or_else(|| StoreError::damaged("installation_act", format!("`{act}` is nothing that is done")))?,
        about: row.text("about")?,
        basis: row.maybe_text("basis")?,
        conditions: row.text("conditions")?.split_whitespace().map(str::to_owned).collect(),
        words: row.maybe_text("words")?,
        found: found.transpose().map_err(|e| StoreError::damaged("installation_act", e.to_string()))?,
        digest: row.maybe_key("digest")?,
        at: row.at("at")?,
        by: row.text("principal")?,
    })
}
