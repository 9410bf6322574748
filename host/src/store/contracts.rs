//! Contracts with providers, version by version, what people did about them, and the budgets that they are set against.

use super::sql::{Connection, Row, query};
use super::{AuthorityStore, AuthorityTx, StoreError};
use crate::record::bought::{Budget, Settings, Terms};
use crate::record::{Announced, ContractId, Day, DecisionId, KnownAt, OrganisationId};

/// A contract, as it was from one of its versions on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contract {
    pub id: ContractId,
    pub state: ContractState,
    /// From 1.
    pub version: u64,
    pub at: KnownAt,
    pub by: String,
    pub terms: Terms,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ContractState {
    /// Nothing is bought by it yet.
    Draft,
    Signed,
    Ended,
}

impl ContractState {
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Signed => "signed",
            Self::Ended => "ended",
        }
    }
}

impl std::str::FromStr for ContractState {
    type Err = &'static str;
    fn from_str(code: &str) -> Result<Self, Self::Err> {
        [Self::Draft, Self::Signed, Self::Ended].into_iter().find(|s| s.code() == code).ok_or("is no state of a contract")
    }
}

/// What a person did about a contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContractAct {
    pub id: i64,
    pub at: KnownAt,
    pub by: String,
    /// `signed`, `ended`; of a review `continue`, `improve`, `end`.
    pub act: String,
    /// What it is about: the day from which it holds, or of the review.
    pub day: Day,
    /// What the plugin answered, and the decision that says so.
    pub came_to: Option<String>,
    pub decision: Option<DecisionId>,
    pub why: Option<String>,
}

/// An act to be kept.
#[derive(Debug, Clone)]
pub struct NewContractAct {
    pub act: &'static str,
    pub day: Day,
    pub came_to: Option<String>,
    pub decision: Option<DecisionId>,
    pub why: Option<String>,
}

/// A budget, with what is set against it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptBudget {
    pub name: String,
    pub version: u64,
    pub budget: Budget,
}

macro_rules! contract {
    ($rest:literal) => {
        concat!(
            "SELECT k.id, k.state, v.version, v.content, c.at, c.principal FROM contract k JOIN contract_version v ON v.contract = k.id \
             JOIN change c ON c.id = v.change ",
            $rest
        )
    };
}

/// The latest version of a paper of a sort ($1) and name ($2).
const PAPER: &str = "SELECT name, version, content FROM buying_paper WHERE sort = $1 AND name = $2 ORDER BY version DESC LIMIT 1";
const PAPERS: &str = "SELECT p.name, p.version, p.content FROM buying_paper p WHERE p.sort = $1 AND p.version = \
     (SELECT MAX(l.version) FROM buying_paper l WHERE l.sort = p.sort AND l.name = p.name) ORDER BY p.name";
/// The settings of the room are one paper.
const SETTINGS: &str = "buying";

impl AuthorityStore {
    /// All contracts, in the order in which they were made.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn contracts(&self) -> Result<Vec<Contract>, StoreError> {
        let rows = query(contract!("WHERE v.version = k.version ORDER BY k.id")).fetch_all(&mut *self.read().await?).await?;
        rows.iter().map(read).collect()
    }

    /// # Errors
    /// `NoSuch` where there is none.
    pub async fn contract(&self, id: ContractId) -> Result<Contract, StoreError> {
        get(&mut *self.read().await?, id).await
    }

    /// Every version, the latest first.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn contract_versions(&self, id: ContractId) -> Result<Vec<Contract>, StoreError> {
        let rows = query(contract!("WHERE k.id = $1 ORDER BY v.version DESC")).key(&id).fetch_all(&mut *self.read().await?).await?;
        rows.iter().map(read).collect()
    }

    /// What people did about it, in order.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn contract_acts(&self, id: ContractId) -> Result<Vec<ContractAct>, StoreError> {
        const SQL: &str = "SELECT a.id, c.at, c.principal, a.act, a.day, a.came_to, a.decision, a.why FROM contract_act a \
             JOIN change c ON c.id = a.change WHERE a.contract = $1 ORDER BY a.id";
        let rows = query(SQL).key(&id).fetch_all(&mut *self.read().await?).await?;
        rows.iter().map(read_act).collect()
    }

    /// # Errors
    /// The file cannot be read.
    pub async fn budgets(&self) -> Result<Vec<KeptBudget>, StoreError> {
        let rows = query(PAPERS).bind("budget").fetch_all(&mut *self.read().await?).await?;
        rows.iter().map(read_budget).collect()
    }

    /// The usual ones, where none were set.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn buying_settings(&self) -> Result<Settings, StoreError> {
        settings(&mut *self.read().await?).await
    }
}

impl AuthorityTx {
    /// # Errors
    /// `NoSuch` where there is none.
    pub async fn contract(&mut self, id: ContractId) -> Result<Contract, StoreError> {
        get(self.connection(), id).await
    }

    /// Those that are signed, in the order in which they were made.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn signed_contracts(&mut self) -> Result<Vec<Contract>, StoreError> {
        let sql = contract!("WHERE v.version = k.version AND k.state = 'signed' ORDER BY k.id");
        query(sql).fetch_all(self.connection()).await?.iter().map(read).collect()
    }

    /// A new contract: a draft.
    ///
    /// # Errors
    /// `NoSuch` where there is no such organisation, installation, service or budget.
    pub async fn add_contract(&mut self, terms: &Terms) -> Result<Contract, StoreError> {
        self.known_to_terms(terms).await?;
        let id = ContractId::fresh();
        query("INSERT INTO contract (id, provider, state, version) VALUES ($1, $2, 'draft', 1)")
            .key(&id)
            .bind(terms.provider.as_str())
            .execute(self.connection())
            .await?;
        self.add_contract_version(id, 1, terms).await?;
        self.contract(id).await
    }

    /// A new version; none where nothing is new.
    ///
    /// # Errors
    /// As [`AuthorityTx::add_contract`]; `Conflict` where it is over, or where it is signed and would be with somebody else.
    pub async fn change_contract(&mut self, id: ContractId, terms: &Terms) -> Result<Contract, StoreError> {
        let before = self.contract(id).await?;
        if before.terms == *terms {
            return Ok(before);
        }
        match before.state {
            ContractState::Ended => return Err(StoreError::Conflict("the contract is over: its terms stay as they were".to_owned())),
            ContractState::Signed if before.terms.provider != terms.provider || before.terms.paid != terms.paid => {
                let why = "it is signed: its lead provider and how it is paid stay as they are. End it, and make another";
                return Err(StoreError::Conflict(why.to_owned()));
            }
            _ if before.terms.provider != terms.provider => {
                return Err(StoreError::Conflict("with whom it is made stays as it is: make another".to_owned()));
            }
            _ => {}
        }
        self.known_to_terms(terms).await?;
        self.add_contract_version(id, before.version + 1, terms).await?;
        query("UPDATE contract SET version = $2 WHERE id = $1").key(&id).count(before.version + 1).execute(self.connection()).await?;
        self.contract(id).await
    }

    async fn known_to_terms(&mut self, terms: &Terms) -> Result<(), StoreError> {
        for organisation in std::iter::once(&terms.provider).chain(&terms.subcontractors) {
            self.source_kind(organisation).await?;
        }
        for service in &terms.services {
            self.service(*service).await?;
        }
        if let Some(installation) = terms.installation {
            self.installation(installation).await?;
        }
        if let Some(budget) = &terms.budget {
            let found = query(PAPER).bind("budget").bind(budget).fetch_optional(self.connection()).await?;
            found.ok_or_else(|| StoreError::no_such("budget", budget))?;
        }
        Ok(())
    }

    async fn add_contract_version(&mut self, id: ContractId, version: u64, terms: &Terms) -> Result<(), StoreError> {
        let (change, _) = self.change().await?;
        query("INSERT INTO contract_version (contract, version, change, content) VALUES ($1, $2, $3, $4)")
            .key(&id)
            .count(version)
            .bind(change.0)
            .bind(serde_json::to_string(terms).unwrap_or_default())
            .execute(self.connection())
            .await?;
        Ok(())
    }

    /// Keeps what somebody did; signing and ending change its state.
    ///
    /// # Errors
    /// `Conflict` where it is no longer in a state in which that can be done.
    pub async fn act_on_contract(&mut self, id: ContractId, new: &NewContractAct) -> Result<(), StoreError> {
        let moves = match new.act {
            "signed" => Some(("draft", "signed")),
            "ended" => Some(("signed", "ended")),
            _ => None,
        };
        if let Some((from, to)) = moves {
            let done = query("UPDATE contract SET state = $3 WHERE id = $1 AND state = $2").key(&id).bind(from).bind(to);
            if done.execute(self.connection()).await?.rows_affected() != 1 {
                return Err(StoreError::Conflict(format!("the contract is not {from}")));
            }
        }
        let what = match new.act {
            "signed" => Announced::ContractSigned,
            "ended" => Announced::ContractEnded,
            _ => Announced::ContractReviewed,
        };
        self.announce(what, None, id);
        let (change, _) = self.change().await?;
        query("INSERT INTO contract_act (contract, change, act, day, came_to, decision, why) VALUES ($1, $2, $3, $4, $5, $6, $7)")
            .key(&id)
            .bind(change.0)
            .bind(new.act)
            .day(new.day)
            .bind(new.came_to.clone())
            .maybe_key(new.decision.as_ref())
            .bind(new.why.clone())
            .execute(self.connection())
            .await?;
        Ok(())
    }

    /// # Errors
    /// The file cannot be read.
    pub async fn budget(&mut self, name: &str) -> Result<Option<KeptBudget>, StoreError> {
        query(PAPER).bind("budget").bind(name).fetch_optional(self.connection()).await?.as_ref().map(read_budget).transpose()
    }

    /// # Errors
    /// The file cannot be written.
    pub async fn set_budget(&mut self, name: &str, budget: &Budget) -> Result<(), StoreError> {
        self.keep_paper("budget", name, &serde_json::to_string(budget).unwrap_or_default()).await
    }

    /// # Errors
    /// The file cannot be read.
    pub async fn buying_settings(&mut self) -> Result<Settings, StoreError> {
        settings(self.connection()).await
    }

    /// # Errors
    /// The file cannot be written.
    pub async fn set_buying_settings(&mut self, settings: &Settings) -> Result<(), StoreError> {
        self.keep_paper("settings", SETTINGS, &serde_json::to_string(settings).unwrap_or_default()).await
    }

    async fn keep_paper(&mut self, sort: &str, name: &str, content: &str) -> Result<(), StoreError> {
        let before = query(PAPER).bind(sort).bind(name).fetch_optional(self.connection()).await?;
        let version = match before {
            Some(row) if row.text("content")? == content => return Ok(()),
            Some(row) => row.count("version")? + 1,
            None => 1,
        };
        let (change, _) = self.change().await?;
        query("INSERT INTO buying_paper (sort, name, version, change, content) VALUES ($1, $2, $3, $4, $5)")
            .bind(sort)
            .bind(name)
            .count(version)
            .bind(change.0)
            .bind(content)
            .execute(self.connection())
            .await?;
        Ok(())
    }
}

async fn settings(connection: &mut Connection) -> Result<Settings, StoreError> {
    let row = query(PAPER).bind("settings").bind(SETTINGS).fetch_optional(connection).await?;
    row.map_or_else(|| Ok(Settings::default()), |row| row.json("content"))
}

async fn get(connection: &mut Connection, id: ContractId) -> Result<Contract, StoreError> {
    let row = query(contract!("WHERE k.id = $1 AND v.version = k.version")).key(&id).fetch_optional(connection).await?;
    row.as_ref().map(read).transpose()?.ok_or_else(|| StoreError::no_such("contract", id))
}

fn read(row: &Row) -> Result<Contract, StoreError> {
    Ok(Contract {
        id: row.key("id")?,
        state: row.parsed("state")?,
        version: row.count("version")?,
        at: row.at("at")?,
        by: row.text("principal")?,
        terms: row.json("content")?,
    })
}

fn read_act(row: &Row) -> Result<ContractAct, StoreError> {
    Ok(ContractAct {
        id: row.number("id")?,
        at: row.at("at")?,
        by: row.text("principal")?,
        act: row.text("act")?,
        day: row.day("day")?,
        came_to: row.maybe_text("came_to")?,
        decision: row.maybe_key("decision")?,
        why: row.maybe_text("why")?,
    })
}

fn read_budget(row: &Row) -> Result<KeptBudget, StoreError> {
    Ok(KeptBudget { name: row.text("name")?, version: row.count("version")?, budget: row.json("content")? })
}

impl Contract {
    /// May the organisation see it?
    #[must_use]
    pub fn is_with(&self, organisation: &OrganisationId) -> bool {
        self.terms.is_with(organisation)
    }
}
