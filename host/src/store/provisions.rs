//! Families referred to services: what was asked of a provider, what it answered, and each state that it came to.

use super::sql::{Connection, Row, query};
use super::{AuthorityStore, AuthorityTx, Page, StoreError};
use crate::record::{
    Announced, ContractId, Day, DecisionId, FactId, FamilyId, HelpRequestId, KnownAt, OrganisationId, PersonId, ProvisionId, ServiceId,
};

/// A family referred to a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provision {
    pub id: ProvisionId,
    pub at: KnownAt,
    pub by: String,
    pub request: HelpRequestId,
    pub family: FamilyId,
    /// For whom; none: the family.
    pub person: Option<PersonId>,
    pub service: ServiceId,
    pub provider: OrganisationId,
    /// Under which it is paid, and the contract's number of the family.
    pub contract: Option<ContractId>,
    pub number: Option<u32>,
    /// The shortlist that it was picked from, and its place there.
    pub decision: Option<DecisionId>,
    pub place: Option<u32>,
    /// Why another than was suggested.
    pub why: Option<String>,
    pub state: ProvisionState,
    pub answer_by: Day,
    /// The day on which it began, and the one on which it was over.
    pub engaged: Option<Day>,
    pub ended: Option<Day>,
    /// That the record has of it.
    pub fact: Option<FactId>,
}

macro_rules! states {
    ($($name:ident $code:literal $says:literal;)*) => {
        /// How far it has come.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
        #[serde(rename_all = "kebab-case")]
        pub enum ProvisionState { $(#[doc = $says] $name),* }

        impl ProvisionState {
            pub const ALL: &[Self] = &[$(Self::$name),*];

            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code),* }
            }
        }
    };
}
states! {
    Sent "sent" "The provider has not answered yet.";
    Accepted "accepted" "The provider helps, or will.";
    Refused "refused" "By the provider, with a reason.";
    Unanswered "unanswered" "The provider did not answer in time.";
    Withdrawn "withdrawn" "By whoever referred the family.";
    Completed "completed" "The service was given to its end.";
    Left "left" "The family left before the end.";
}

impl ProvisionState {
    /// It takes a place.
    #[must_use]
    pub const fn takes_a_place(self) -> bool {
        matches!(self, Self::Sent | Self::Accepted)
    }

    const fn announced(self) -> Option<Announced> {
        Some(match self {
            Self::Sent => return None,
            Self::Accepted => Announced::ServiceReferralAccepted,
            Self::Refused => Announced::ServiceReferralRefused,
            Self::Unanswered => Announced::ServiceReferralLapsed,
            Self::Withdrawn => Announced::ServiceReferralWithdrawn,
            Self::Completed | Self::Left => Announced::ServiceEnded,
        })
    }

    /// Code list service-states. None: the record has nothing of it any more.
    #[must_use]
    pub const fn in_the_record(self, engaged: bool) -> Option<&'static str> {
        match self {
            Self::Sent => Some("requested"),
            Self::Accepted if engaged => Some("started"),
            Self::Accepted => Some("waiting"),
            Self::Refused => Some("declined"),
            Self::Completed => Some("completed"),
            Self::Left => Some("left"),
            Self::Unanswered | Self::Withdrawn => None,
        }
    }
}

impl std::str::FromStr for ProvisionState {
    type Err = &'static str;
    fn from_str(code: &str) -> Result<Self, Self::Err> {
        Self::ALL.iter().copied().find(|s| s.code() == code).ok_or("is no state of a referral")
    }
}

/// A state that it came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProvisionStep {
    pub at: KnownAt,
    pub by: String,
    pub state: ProvisionState,
    /// From which day on.
    pub day: Day,
    pub why: Option<String>,
}

macro_rules! provision {
    ($rest:literal) => {
        concat!(
            "SELECT p.id, c.at, c.principal, p.request, p.family, p.person, p.service, p.provider, p.contract, p.number, p.decision, p.place, \
             p.why, p.state, p.answer_by, p.engaged, p.ended, p.fact FROM provision p JOIN change c ON c.id = p.change ",
            $rest
        )
    };
}

/// The end of a line of corrections that begins with a fact ($1), where it is in force.
const IN_FORCE: &str = "WITH RECURSIVE line (fact) AS (SELECT id FROM fact WHERE id = $1 \
     UNION SELECT s.successor FROM superseded s JOIN line l ON s.fact = l.fact WHERE s.successor IS NOT NULL) \
     SELECT fact FROM line l WHERE NOT EXISTS (SELECT 1 FROM superseded s WHERE s.fact = l.fact)";

/// The contract's number of a family, or of one that goes on within it.
const NUMBER: &str = "SELECT MIN(number) AS number FROM provision WHERE contract = $1 AND (family = $2 \
     OR family IN (SELECT family FROM merged_into WHERE stays = $2 AND undone IS NULL))";
const NUMBERS: &str = "SELECT COALESCE(MAX(number), 0) AS latest FROM provision WHERE contract = $1";

impl AuthorityStore {
    /// # Errors
    /// `NoSuch` where there is none.
    pub async fn provision(&self, id: ProvisionId) -> Result<Provision, StoreError> {
        get(&mut *self.read().await?, id).await
    }

    /// Of a request, in order.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn provisions_of_request(&self, request: HelpRequestId) -> Result<Vec<Provision>, StoreError> {
        let mut connection = self.read().await?;
        let rows = query(provision!("WHERE p.request = $1 ORDER BY p.id")).key(&request).fetch_all(&mut connection).await?;
        all(&mut connection, &rows).await
    }

    /// Of a family and of families that go on within it, in order.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn provisions_of_family(&self, family: FamilyId) -> Result<Vec<Provision>, StoreError> {
        let mut connection = self.read().await?;
        let sql = provision!(
            "WHERE p.family = $1 OR p.family IN (SELECT family FROM merged_into WHERE stays = $1 AND undone IS NULL) ORDER BY p.id"
        );
        let rows = query(sql).key(&family).fetch_all(&mut connection).await?;
        all(&mut connection, &rows).await
    }

    /// Of a provider, or of all; the latest first. `before`: go on from there.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn provisions(
        &self,
        provider: Option<&OrganisationId>,
        before: Option<ProvisionId>,
        limit: u32,
    ) -> Result<Page<Provision, ProvisionId>, StoreError> {
        let mut connection = self.read().await?;
        let last = ProvisionId(uuid::Uuid::max());
        let sql = provision!("WHERE p.id < $1 AND ($2 = '' OR p.provider = $2) ORDER BY p.id DESC LIMIT $3");
        let rows = query(sql)
            .key(&before.unwrap_or(last))
            .bind(provider.map(|o| o.as_str().to_owned()).unwrap_or_default())
            .bind(Page::<Provision, ProvisionId>::rows(limit))
            .fetch_all(&mut connection)
            .await?;
        Ok(Page::cut(all(&mut connection, &rows).await?, limit, |p| p.id))
    }

    /// Under a contract, by number.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn provisions_under(&self, contract: ContractId) -> Result<Vec<Provision>, StoreError> {
        let mut connection = self.read().await?;
        let rows = query(provision!("WHERE p.contract = $1 ORDER BY p.number, p.id")).key(&contract).fetch_all(&mut connection).await?;
        all(&mut connection, &rows).await
    }

    /// Each state that it came to, in order.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn provision_steps(&self, id: ProvisionId) -> Result<Vec<ProvisionStep>, StoreError> {
        const SQL: &str = "SELECT c.at, c.principal, s.state, s.day, s.why FROM provision_step s JOIN change c ON c.id = s.change \
             WHERE s.provision = $1 ORDER BY s.id";
        let rows = query(SQL).key(&id).fetch_all(&mut *self.read().await?).await?;
        rows.iter().map(read_step).collect()
    }
}

impl AuthorityTx {
    /// # Errors
    /// `NoSuch` where there is none.
    pub async fn provision(&mut self, id: ProvisionId) -> Result<Provision, StoreError> {
        get(self.connection(), id).await
    }

    /// Refers a family to a service. Its place counts from here on.
    ///
    /// # Errors
    /// `Conflict` where the service has no place left, or the contract may help no more families; the family is closed; it waits for an
    /// answer of the same service.
    pub async fn refer(&mut self, new: &Provision) -> Result<Provision, StoreError> {
        super::closed::refuse(self.connection(), &[new.family].into(), &new.person.into_iter().collect()).await?;
        let service = self.service(new.service).await?;
        if !service.offer.is_offered(self.now().day()) {
            return Err(StoreError::Conflict("the service is not offered today".to_owned()));
        }
        if !service.offer.places.free(service.referred) {
            return Err(StoreError::Conflict("the service has no place left".to_owned()));
        }
        let twice = query("SELECT 1 FROM provision WHERE request = $1 AND service = $2 AND state IN ('sent', 'accepted')");
        if twice.key(&new.request).key(&new.service).fetch_optional(self.connection()).await?.is_some() {
            return Err(StoreError::Conflict("it was referred there already".to_owned()));
        }
        let number = match new.contract {
            Some(contract) => Some(self.number_under(contract, new.family).await?),
            None => None,
        };
        let (change, _) = self.change().await?;
        query(
            "INSERT INTO provision (id, change, request, family, person, service, provider, contract, number, decision, place, why, state, \
             answer_by, fact) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
        )
        .key(&new.id)
        .bind(change.0)
        .key(&new.request)
        .key(&new.family)
        .maybe_key(new.person.as_ref())
        .key(&new.service)
        .bind(new.provider.as_str())
        .maybe_key(new.contract.as_ref())
        .bind(number.map(i64::from))
        .maybe_key(new.decision.as_ref())
        .bind(new.place.map(i64::from))
        .bind(new.why.clone())
        .bind(new.state.code())
        .day(new.answer_by)
        .maybe_key(new.fact.as_ref())
        .execute(self.connection())
        .await?;
        self.step(new.id, new.state, self.now().day(), None).await?;
        self.announce(Announced::ServiceReferralSent, Some(new.family), new.id);
        self.provision(new.id).await
    }

    /// The number that a family has under a contract, or gets now.
    async fn number_under(&mut self, contract: ContractId, family: FamilyId) -> Result<u32, StoreError> {
        let row = query(NUMBER).key(&contract).key(&family).fetch_one(self.connection()).await?;
        let number = match row.maybe_number("number")? {
            Some(number) => number,
            None => {
                let latest = query(NUMBERS).key(&contract).fetch_one(self.connection()).await?.number("latest")?;
                let most = self.contract(contract).await?.terms.families;
                if most.is_some_and(|most| u64::try_from(latest).unwrap_or(0) >= u64::from(most)) {
                    return Err(StoreError::Conflict("the contract helps as many families as it may".to_owned()));
                }
                latest + 1
            }
        };
        u32::try_from(number).map_err(|e| StoreError::damaged("number", e))
    }

    /// Takes it to another state.
    ///
    /// # Errors
    /// `Conflict` where it is not in `from` any more.
    pub async fn move_provision(
        &mut self,
        provision: &Provision,
        to: ProvisionState,
        day: Day,
        why: Option<&str>,
    ) -> Result<(), StoreError> {
        let ended = matches!(to, ProvisionState::Completed | ProvisionState::Left).then_some(day);
        let done = query("UPDATE provision SET state = $3, ended = COALESCE($4, ended) WHERE id = $1 AND state = $2")
            .key(&provision.id)
            .bind(provision.state.code())
            .bind(to.code())
            .maybe_day(ended)
            .execute(self.connection())
            .await?;
        if done.rows_affected() != 1 {
            return Err(StoreError::Conflict("somebody was first: it is in another state".to_owned()));
        }
        if let Some(what) = to.announced() {
            self.announce(what, Some(provision.family), provision.id);
        }
        self.step(provision.id, to, day, why).await
    }

    async fn step(&mut self, id: ProvisionId, state: ProvisionState, day: Day, why: Option<&str>) -> Result<(), StoreError> {
        let (change, _) = self.change().await?;
        query("INSERT INTO provision_step (provision, change, state, day, why) VALUES ($1, $2, $3, $4, $5)")
            .key(&id)
            .bind(change.0)
            .bind(state.code())
            .day(day)
            .bind(why.map(str::to_owned))
            .execute(self.connection())
            .await?;
        Ok(())
    }

    /// The day on which it began.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn set_engaged(&mut self, id: ProvisionId, on: Day) -> Result<(), StoreError> {
        query("UPDATE provision SET engaged = $2 WHERE id = $1").key(&id).day(on).execute(self.connection()).await?;
        Ok(())
    }

    /// What the record has of it from now on.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn set_provision_fact(&mut self, id: ProvisionId, fact: FactId) -> Result<(), StoreError> {
        query("UPDATE provision SET fact = $2 WHERE id = $1").key(&id).key(&fact).execute(self.connection()).await?;
        Ok(())
    }

    /// The last word about a fact, where it is in force.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn in_force(&mut self, fact: FactId) -> Result<Option<FactId>, StoreError> {
        query(IN_FORCE).key(&fact).fetch_optional(self.connection()).await?.map(|row| row.key("fact")).transpose()
    }

    /// Those that no provider answered by yesterday.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn overdue_provisions(&mut self) -> Result<Vec<Provision>, StoreError> {
        let today = self.now().day();
        let sql = provision!("WHERE p.state = 'sent' AND p.answer_by < $1 ORDER BY p.id LIMIT 500");
        let rows = query(sql).day(today).fetch_all(self.connection()).await?;
        all(self.connection(), &rows).await
    }
}

async fn get(connection: &mut Connection, id: ProvisionId) -> Result<Provision, StoreError> {
    let row = query(provision!("WHERE p.id = $1")).key(&id).fetch_optional(connection).await?;
    read(connection, &row.ok_or_else(|| StoreError::no_such("referral", id))?).await
}

async fn all(connection: &mut Connection, rows: &[Row]) -> Result<Vec<Provision>, StoreError> {
    let mut found = Vec::with_capacity(rows.len());
    for row in rows {
        found.push(read(connection, row).await?);
    }
    Ok(found)
}

/// As the record goes on: for whom its person was found to be.
async fn read(connection: &mut Connection, row: &Row) -> Result<Provision, StoreError> {
    let mut person: Option<PersonId> = row.maybe_key("person")?;
    if let Some(id) = person {
        person = Some(super::closed::goes_on_as(connection, id).await?);
    }
    let small = |column: &str| {
        let number = row.maybe_number(column)?;
        number.map(|n| u32::try_from(n).map_err(|e| StoreError::damaged(column, e))).transpose()
    };
    Ok(Provision {
        id: row.key("id")?,
        at: row.at("at")?,
        by: row.text("principal")?,
        request: row.key("request")?,
        family: row.key("family")?,
        person,
        service: row.key("service")?,
        provider: row.parsed("provider")?,
        contract: row.maybe_key("contract")?,
        number: small("number")?,
        decision: row.maybe_key("decision")?,
        place: small("place")?,
        why: row.maybe_text("why")?,
        state: row.parsed("state")?,
        answer_by: row.day("answer_by")?,
        engaged: row.maybe_day("engaged")?,
        ended: row.maybe_day("ended")?,
        fact: row.maybe_key("fact")?,
    })
}

fn read_step(row: &Row) -> Result<ProvisionStep, StoreError> {
    Ok(ProvisionStep {
        at: row.at("at")?,
        by: row.text("principal")?,
        state: row.parsed("state")?,
        day: row.day("day")?,
        why: row.maybe_text("why")?,
    })
}
