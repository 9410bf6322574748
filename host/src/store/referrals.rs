//! Referrals at the front door: who was sent here, by whom, and what became of it. Workflow state: what people do with them is in
//! `referral_steps`.

use super::closed::open;
use super::referral_steps::Outcome;
use super::sql::{Connection, Row, query};
use super::{AuthorityStore, AuthorityTx, Page, StoreError};
use crate::record::referral::Described;
use crate::record::{Day, DecisionId, FamilyId, KnownAt, LoginId, OrganisationId, PersonId, ReferralId};

/// A referral.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Referral {
    pub id: ReferralId,
    pub received_at: KnownAt,
    pub came_on: Day,
    /// Code list referral-routes.
    pub route: String,
    /// None: the family itself, or it was found.
    pub organisation: Option<OrganisationId>,
    /// Code list organisation-kinds.
    pub organisation_kind: Option<String>,
    pub sent_by: String,
    /// None: a system.
    pub sender: Option<LoginId>,
    pub urgent: bool,
    pub agreed: Option<bool>,
    /// Code list problems.
    pub problems: Vec<String>,
    pub told: Described,
    /// What the sender wrote.
    pub words: Option<String>,
    pub state: ReferralState,
    pub family: Option<FamilyId>,
    pub settled: Option<(KnownAt, String)>,
    /// Proactive: the answer by which it was found.
    pub found_by: Option<DecisionId>,
    /// The latest triage.
    pub decision: Option<DecisionId>,
    pub outcome: Option<Outcome>,
    /// What the sender is asked.
    pub question: Option<String>,
    /// The day by which the sender is to hear.
    pub answer_by: Day,
    /// When the sender was told by mail.
    pub told_at: Option<KnownAt>,
}

/// Where a referral stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReferralState {
    /// Nobody has said whom it is about.
    Received,
    /// About a family: to be triaged.
    Settled,
    /// A person is to confirm what the pathway answered, or to set it aside.
    Triaged,
    /// The sender is asked for more.
    Asked,
    Closed,
}

impl ReferralState {
    pub const ALL: [Self; 5] = [Self::Received, Self::Settled, Self::Triaged, Self::Asked, Self::Closed];

    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Settled => "settled",
            Self::Triaged => "triaged",
            Self::Asked => "asked",
            Self::Closed => "closed",
        }
    }

    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.code() == code)
    }
}

/// A referral as it comes.
#[derive(Debug, Clone)]
pub struct NewReferral {
    pub id: ReferralId,
    pub came_on: Day,
    pub route: String,
    pub organisation: Option<OrganisationId>,
    pub organisation_kind: Option<String>,
    pub sender: Option<LoginId>,
    pub urgent: bool,
    pub agreed: Option<bool>,
    pub problems: Vec<String>,
    pub told: Described,
    pub words: Option<String>,
    /// Where its sender knows the family.
    pub family: Option<FamilyId>,
    pub people: Vec<PersonId>,
    pub found_by: Option<DecisionId>,
    pub answer_by: Day,
}

/// A referral whose sender is to be told what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToTell {
    pub referral: ReferralId,
    /// None: a system.
    pub sender: Option<LoginId>,
    /// How often telling them failed.
    pub tries: u64,
    /// When it became of it what they are told.
    pub since: KnownAt,
}

/// What the sender added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addition {
    pub at: KnownAt,
    pub by: String,
    pub words: String,
}

/// Which referrals are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReferralsThat {
    All,
    Are(ReferralState),
    /// Still to be answered, and the day by which the sender was to hear is over.
    AreOverdue(Day),
}

/// Within how many days senders hear.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FrontDoor {
    pub answer_days: i32,
    /// So many days before, somebody is reminded.
    pub near_days: i32,
    /// None: nobody said so, these are the defaults.
    pub said: Option<(KnownAt, String)>,
}

/// No document names a limit: an authority says its own.
const DEFAULT: FrontDoor = FrontDoor { answer_days: 10, near_days: 2, said: None };

macro_rules! referral {
    ($rest:literal) => {
        concat!(
            "SELECT r.id, r.came_on, r.route, r.organisation, r.organisation_kind, r.sent_by, r.sender, r.urgent, r.agreed, r.problems, ",
            "r.told, r.words, r.state, r.family, r.settled_at, r.settled_by, r.found_by, r.decision, r.outcome, r.level, r.goes_to, ",
            "r.priority, r.outcome_at, r.outcome_by, r.reason, r.question, r.answer_by, r.told_at, c.at AS received_at ",
            "FROM referral r JOIN change c ON c.id = r.change ",
            $rest
        )
    };
}

/// Families whose latest answer says that they are eligible, that have no help now and no referral that is open or was made of that answer.
const FOUND: &str = concat!(
    "SELECT d.family, d.id FROM decision d JOIN family f ON f.id = d.family WHERE d.question = 'eligibility' AND d.result = 'eligible' ",
    "AND d.as_of <= $1 AND NOT EXISTS (SELECT 1 FROM decision x WHERE x.family = d.family AND x.question = 'eligibility' AND x.id > d.id) ",
    "AND ",
    open!(),
    " AND NOT EXISTS (SELECT 1 FROM fact e WHERE e.family = d.family AND e.kind = 'episode' AND (e.last IS NULL OR e.last >= $1) ",
    "AND NOT EXISTS (SELECT 1 FROM superseded s WHERE s.fact = e.id)) ",
    "AND NOT EXISTS (SELECT 1 FROM referral r WHERE r.family = d.family AND (r.state <> 'closed' OR r.found_by = d.id)) ",
    "ORDER BY d.id LIMIT $2"
);

impl AuthorityStore {
    /// # Errors
    /// `NoSuch` where there is none.
    pub async fn referral(&self, id: ReferralId) -> Result<Referral, StoreError> {
        one(&mut *self.read().await?, id).await
    }

    /// People of the record whom it names.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn people_of_referral(&self, id: ReferralId) -> Result<Vec<PersonId>, StoreError> {
        people(&mut *self.read().await?, id).await
    }

    /// What its sender added, the first first.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn additions(&self, id: ReferralId) -> Result<Vec<Addition>, StoreError> {
        const SQL: &str = "SELECT a.words, c.at, c.principal FROM referral_added a JOIN change c ON c.id = a.change \
             WHERE a.referral = $1 ORDER BY a.change";
        let rows = query(SQL).key(&id).fetch_all(&mut *self.read().await?).await?;
        let addition = |row: &Row| Ok(Addition { at: row.at("at")?, by: row.text("principal")?, words: row.text("words")? });
        rows.iter().map(addition).collect()
    }

    /// In the order in which they came. `after`: go on from there.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn referrals(
        &self,
        that: ReferralsThat,
        after: Option<ReferralId>,
        limit: u32,
    ) -> Result<Page<Referral, ReferralId>, StoreError> {
        const ALL: &str = referral!("WHERE r.id > $1 ORDER BY r.id LIMIT $2");
        const ARE: &str = referral!("WHERE r.id > $1 AND r.state = $3 ORDER BY r.id LIMIT $2");
        const OVERDUE: &str =
            referral!("WHERE r.id > $1 AND r.state IN ('received', 'settled', 'triaged') AND r.answer_by < $3 ORDER BY r.id LIMIT $2");
        let sql = match that {
            ReferralsThat::All => ALL,
            ReferralsThat::Are(_) => ARE,
            ReferralsThat::AreOverdue(_) => OVERDUE,
        };
        let statement =
            query(sql).bind(after.as_ref().map_or(&[][..], ReferralId::as_bytes)).bind(Page::<Referral, ReferralId>::rows(limit));
        let statement = match that {
            ReferralsThat::All => statement,
            ReferralsThat::Are(state) => statement.bind(state.code()),
            ReferralsThat::AreOverdue(today) => statement.day(today),
        };
        let rows = statement.fetch_all(&mut *self.read().await?).await?;
        Ok(Page::cut(rows.iter().map(read).collect::<Result<_, _>>()?, limit, |r| r.id))
    }

    /// What somebody sent, in the order in which it came: by their login, or by what a system is called.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn referrals_sent(
        &self,
        login: Option<LoginId>,
        by: &str,
        after: Option<ReferralId>,
        limit: u32,
    ) -> Result<Page<Referral, ReferralId>, StoreError> {
        const BY_LOGIN: &str = referral!("WHERE r.id > $1 AND r.sender = $3 AND r.found_by IS NULL ORDER BY r.id LIMIT $2");
        const BY_SYSTEM: &str =
            referral!("WHERE r.id > $1 AND r.sender IS NULL AND r.sent_by = $3 AND r.found_by IS NULL ORDER BY r.id LIMIT $2");
        let statement = query(if login.is_some() { BY_LOGIN } else { BY_SYSTEM })
            .bind(after.as_ref().map_or(&[][..], ReferralId::as_bytes))
            .bind(Page::<Referral, ReferralId>::rows(limit));
        let statement = match &login {
            Some(login) => statement.key(login),
            None => statement.bind(by),
        };
        let rows = statement.fetch_all(&mut *self.read().await?).await?;
        Ok(Page::cut(rows.iter().map(read).collect::<Result<_, _>>()?, limit, |r| r.id))
    }

    /// About a family, the first first.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn referrals_about(&self, family: FamilyId) -> Result<Vec<Referral>, StoreError> {
        let rows = query(referral!("WHERE r.family = $1 ORDER BY r.id")).key(&family).fetch_all(&mut *self.read().await?).await?;
        rows.iter().map(read).collect()
    }

    /// Those that are not closed and whose sender is to hear by that day, of whom nobody was reminded.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn referrals_near(&self, by: Day, limit: u32) -> Result<Vec<Referral>, StoreError> {
        const SQL: &str = referral!(
            "WHERE r.state IN ('received', 'settled', 'triaged') AND r.reminded = 0 AND r.answer_by <= $1 ORDER BY r.id LIMIT $2"
        );
        let rows = query(SQL).day(by).bind(i64::from(limit)).fetch_all(&mut *self.read().await?).await?;
        rows.iter().map(read).collect()
    }

    /// Those whose sender is to be told by now.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn referrals_to_tell(&self, now: KnownAt, limit: u32) -> Result<Vec<ToTell>, StoreError> {
        const SQL: &str = "SELECT id, sender, tell_tries, COALESCE(outcome_at, 0) AS since FROM referral WHERE tell_at <= $1 \
             ORDER BY tell_at LIMIT $2";
        let rows = query(SQL).at(now).bind(i64::from(limit)).fetch_all(&mut *self.read().await?).await?;
        let one = |row: &Row| {
            let (referral, sender) = (row.key("id")?, row.maybe_key("sender")?);
            Ok(ToTell { referral, sender, tries: row.count("tell_tries")?, since: row.at("since")? })
        };
        rows.iter().map(one).collect()
    }

    /// # Errors
    /// The file cannot be read.
    pub async fn front_door(&self) -> Result<FrontDoor, StoreError> {
        front_door(&mut *self.read().await?).await
    }
}

async fn front_door(connection: &mut Connection) -> Result<FrontDoor, StoreError> {
    const SQL: &str = "SELECT f.answer_days, f.near_days, c.at, c.principal FROM front_door f JOIN change c ON c.id = f.change ORDER BY f.change DESC LIMIT 1";
    let Some(row) = query(SQL).fetch_optional(connection).await? else { return Ok(DEFAULT) };
    let days = |column| row.number(column).and_then(|n| i32::try_from(n).map_err(|e| StoreError::damaged(column, e)));
    let said = Some((row.at("at")?, row.text("principal")?));
    Ok(FrontDoor { answer_days: days("answer_days")?, near_days: days("near_days")?, said })
}

impl AuthorityTx {
    /// Within how many days whoever sends a referral hears.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn front_door_days(&mut self) -> Result<i32, StoreError> {
        Ok(front_door(self.connection()).await?.answer_days)
    }

    /// # Errors
    /// `NoSuch` where there is none.
    pub async fn referral(&mut self, id: ReferralId) -> Result<Referral, StoreError> {
        one(self.connection(), id).await
    }

    /// Families that a bulk evaluation found eligible and that nobody helps, with the answer that says so; at most so many.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn found_eligible(&mut self, today: Day, limit: u32) -> Result<Vec<(FamilyId, DecisionId)>, StoreError> {
        let rows = query(FOUND).day(today).bind(i64::from(limit)).fetch_all(self.connection()).await?;
        rows.iter().map(|row| Ok((row.key("family")?, row.key("id")?))).collect()
    }

    /// Those about a family that wait for an answer of its pathway, with the people whom each names.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn referrals_to_triage(&mut self, family: FamilyId) -> Result<Vec<(Referral, Vec<PersonId>)>, StoreError> {
        let sql = referral!("WHERE r.family = $1 AND r.state IN ('settled', 'triaged') ORDER BY r.id");
        let rows = query(sql).key(&family).fetch_all(self.connection()).await?;
        let mut found = Vec::with_capacity(rows.len());
        for row in &rows {
            let referral = read(row)?;
            let people = people(self.connection(), referral.id).await?;
            found.push((referral, people));
        }
        Ok(found)
    }
}

async fn one(connection: &mut Connection, id: ReferralId) -> Result<Referral, StoreError> {
    let row = query(referral!("WHERE r.id = $1")).key(&id).fetch_optional(connection).await?;
    read(&row.ok_or_else(|| StoreError::no_such("referral", id))?)
}

pub(super) async fn people(connection: &mut Connection, id: ReferralId) -> Result<Vec<PersonId>, StoreError> {
    let rows = query("SELECT person FROM referral_person WHERE referral = $1 ORDER BY person").key(&id).fetch_all(connection).await?;
    rows.iter().map(|row| row.key("person")).collect()
}

fn read(row: &Row) -> Result<Referral, StoreError> {
    let state = row.text("state")?;
    let settled = row.maybe_at("settled_at")?.map(|at| Ok::<_, StoreError>((at, row.maybe_text("settled_by")?.unwrap_or_default())));
    let outcome = match (row.maybe_text("outcome")?, row.maybe_at("outcome_at")?) {
        (Some(answer), Some(at)) => Some(Outcome {
            answer,
            level: row.maybe_text("level")?,
            goes_to: row.maybe_text("goes_to")?,
            priority: row.maybe_text("priority")?,
            reason: row.maybe_text("reason")?,
            at,
            by: row.maybe_text("outcome_by")?.unwrap_or_default(),
        }),
        _ => None,
    };
    Ok(Referral {
        id: row.key("id")?,
        received_at: row.at("received_at")?,
        came_on: row.day("came_on")?,
        route: row.text("route")?,
        organisation: row.maybe_text("organisation")?.map(|o| o.parse().map_err(|e| StoreError::damaged("organisation", e))).transpose()?,
        organisation_kind: row.maybe_text("organisation_kind")?,
        sent_by: row.text("sent_by")?,
        sender: row.maybe_key("sender")?,
        urgent: row.number("urgent")? == 1,
        agreed: row.maybe_number("agreed")?.map(|n| n == 1),
        problems: row.json("problems")?,
        told: row.json("told")?,
        words: row.maybe_text("words")?,
        state: ReferralState::from_code(&state).ok_or_else(|| StoreError::damaged("referral", format!("`{state}` is not a state")))?,
        family: row.maybe_key("family")?,
        settled: settled.transpose()?,
        found_by: row.maybe_key("found_by")?,
        decision: row.maybe_key("decision")?,
        outcome,
        question: row.maybe_text("question")?,
        answer_by: row.day("answer_by")?,
        told_at: row.maybe_at("told_at")?,
    })
}
