//! What carrying out a proposal means: the facts or the task that it becomes. First what would follow is worked out from the record
//! as it is, then it is written; both in the transaction that keeps the decision or the confirmation.

use super::meetings::{self, Agenda};
use super::to_be_told;
use crate::record::sections::support::{Episode, EpisodeStanding, Goal};
use crate::record::{Day, Detail, Fact, FactId, FamilyId, Kind, LoginId, NewFact, OrganisationId, PersonId, Subject, TaskId, Window};
use crate::sandbox::answer::{Action, Task};
use crate::store::{self, AuthorityTx, Became, Proposal, StoreError, TaskState};

/// What is proposed: the body of a proposal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ToDo {
    Task(Task),
    Action(Action),
}

impl ToDo {
    /// # Errors
    /// `Damaged`.
    pub(super) fn of(proposal: &Proposal) -> Result<Self, StoreError> {
        let read = if proposal.action == "task" {
            serde_json::from_value(proposal.body.clone()).map(Self::Task)
        } else {
            serde_json::from_value(proposal.body.clone()).map(Self::Action)
        };
        read.map_err(|e| StoreError::Damaged(format!("proposal {}: {e}", proposal.id)))
    }
}

/// What would follow.
#[derive(Debug)]
pub(super) enum Plan {
    Facts(Vec<NewFact>),
    Task(Task),
    /// People to tell that there is something to know; nobody of them: a task for who works with the family.
    Tell {
        who: Vec<LoginId>,
        by: Day,
        otherwise: Task,
    },
    /// The family comes onto an agenda.
    OnAgenda(Agenda),
    /// It stays confirmed: for people to do, or until what is asked for is there. So a meeting that nobody keeps here.
    StaysConfirmed,
    /// It is so already.
    Nothing,
    /// Why it cannot be done as the record is.
    NotNow(String),
}

/// Where it is to be done.
pub(super) struct Place<'a> {
    pub family: FamilyId,
    pub person: Option<PersonId>,
    /// From which day on it holds.
    pub on: Day,
    /// Of a goal, in words: what the record keeps of it.
    pub title: &'a str,
    /// Of an episode that opens: what was found beside the problems that its referrals name. Code list problems.
    pub needs: &'a [String],
}

/// Works out what would follow from the record as the transaction sees it.
///
/// # Errors
/// The file cannot be read.
pub(super) async fn plan(tx: &mut AuthorityTx, to_do: &ToDo, place: &Place<'_>) -> Result<Plan, StoreError> {
    let action = match to_do {
        ToDo::Task(task) => return Ok(Plan::Task(task.clone())),
        ToDo::Action(action) => action,
    };
    if let Action::Goal { domain, due, .. } = action {
        let goal = Goal { domain: domain.clone(), state: "set".to_owned(), due: Some(*due), title: place.title.to_owned() };
        let subject = Subject { family: Some(place.family), person: place.person, ..Subject::default() };
        return Ok(Plan::Facts(vec![new_fact(tx.council(), subject, Window::since(place.on), Detail::Goal(goal), None)]));
    }
    if let Action::Notice { key, to, about, by } = action {
        let otherwise = Task { key: key.clone(), role: "keyworker".to_owned(), title: about.clone(), due: *by };
        return Ok(Plan::Tell { who: to_be_told::of_kind(tx, place.family, to).await?, by: *by, otherwise });
    }
    if let Action::Meeting { meeting, on, invited, .. } = action {
        let found = meetings::agenda(tx, place.family, meeting, *on).await?;
        return Ok(match found {
            None => Plan::StaysConfirmed,
            Some(agenda) if agenda.has_it => Plan::Nothing,
            Some(agenda) => Plan::OnAgenda(agenda.wanting(invited)),
        });
    }
    let standing = Standing::read(tx, place).await?;
    let needs = if matches!(action, Action::OpenEpisode { .. }) { needs(tx, place).await? } else { Vec::new() };
    Ok(match action {
        Action::OpenEpisode { .. } => standing.open(needs),
        Action::CloseEpisode { .. } => standing.close(),
        Action::MoveToStage { stage, .. } => standing.change(Some(stage), None),
        Action::SetTier { tier, .. } => standing.change(None, Some(tier)),
        Action::AssessmentRequest { .. } | Action::ServiceRequest { .. } | Action::ConsentRequest { .. } => Plan::StaysConfirmed,
        Action::Goal { .. } | Action::Notice { .. } | Action::Meeting { .. } => Plan::Nothing,
    })
}

/// What an episode that opens now is about: what the family's open referrals name, and what was found beside it; each once.
async fn needs(tx: &mut AuthorityTx, place: &Place<'_>) -> Result<Vec<String>, StoreError> {
    let referrals = tx.referrals_to_triage(place.family).await?;
    let named = referrals.into_iter().flat_map(|(referral, _)| referral.problems).chain(place.needs.iter().cloned());
    let mut needs: Vec<String> = Vec::new();
    for need in named {
        if !needs.contains(&need) {
            needs.push(need);
        }
    }
    Ok(needs)
}

/// Writes what was worked out. A task's proposal has to be settled before: while it waits, its key is taken.
///
/// # Errors
/// As [`AuthorityTx::add_facts`]; `Conflict` where a task of the key is open.
pub(super) async fn write(tx: &mut AuthorityTx, proposal: &Proposal, plan: &Plan) -> Result<Became, StoreError> {
    match plan {
        Plan::Facts(facts) => {
            tx.add_facts(facts).await?;
            Ok(Became { task: None, fact: facts.last().map(|f| f.id) })
        }
        Plan::Task(task) => give_out(tx, proposal, task).await,
        Plan::Tell { who, otherwise, .. } if who.is_empty() => give_out(tx, proposal, otherwise).await,
        Plan::Tell { who, by, .. } => {
            for login in who {
                tx.add_notice(proposal.id, *login, *by).await?;
            }
            Ok(Became::default())
        }
        Plan::OnAgenda(agenda) => {
            meetings::put_on(tx, proposal, agenda).await?;
            Ok(Became::default())
        }
        Plan::StaysConfirmed | Plan::Nothing | Plan::NotNow(_) => Ok(Became::default()),
    }
}

async fn give_out(tx: &mut AuthorityTx, proposal: &Proposal, task: &Task) -> Result<Became, StoreError> {
    let task = store::Task {
        id: TaskId::fresh(),
        installation: proposal.installation,
        key: task.key.clone(),
        family: proposal.family,
        role: task.role.clone(),
        title: serde_json::to_value(&task.title).unwrap_or_default(),
        due: task.due,
        state: TaskState::Open,
        decision: Some(proposal.decision),
    };
    if tx.add_task(&task).await? {
        return Ok(Became { task: Some(task.id), fact: None });
    }
    Err(StoreError::Conflict(format!("a task proposed as `{}` is open already", task.key)))
}

fn new_fact(source: OrganisationId, subject: Subject, window: Window, detail: Detail, supersedes: Option<FactId>) -> NewFact {
    NewFact { id: FactId::fresh(), subject, window, source, reference: None, supersedes, detail }
}

/// How the family stands in the programme on the day.
struct Standing {
    family: FamilyId,
    on: Day,
    source: OrganisationId,
    /// Of kind episode: those that do not end before the day.
    episodes: Vec<(Fact, Episode)>,
    /// So of kind episode-standing.
    standings: Vec<(Fact, EpisodeStanding)>,
}

impl Standing {
    async fn read(tx: &mut AuthorityTx, place: &Place<'_>) -> Result<Self, StoreError> {
        let mut found = Self { family: place.family, on: place.on, source: tx.council(), episodes: Vec::new(), standings: Vec::new() };
        for fact in tx.facts_of(place.family, &[Kind::Episode, Kind::EpisodeStanding]).await? {
            if fact.window.last.is_some_and(|last| last < place.on) {
                continue;
            }
            match fact.detail.clone() {
                Detail::Episode(episode) => found.episodes.push((fact, episode)),
                Detail::EpisodeStanding(standing) => found.standings.push((fact, standing)),
                _ => {}
            }
        }
        Ok(found)
    }

    fn fact(&self, window: Window, detail: Detail, supersedes: Option<FactId>) -> NewFact {
        let subject = Subject { family: Some(self.family), ..Subject::default() };
        new_fact(self.source.clone(), subject, window, detail, supersedes)
    }

    fn open(&self, needs: Vec<String>) -> Plan {
        match self.episodes.first() {
            None => Plan::Facts(vec![self.fact(Window::since(self.on), Detail::Episode(Episode { needs }), None)]),
            Some((open, _)) if open.window.first <= self.on => Plan::Nothing,
            Some((later, _)) => Plan::NotNow(format!("an episode begins on {}", later.window.first)),
        }
    }

    /// The episode ends on the day, and so does where it stood.
    fn close(&self) -> Plan {
        let ends = |fact: &Fact| fact.window.last != Some(self.on);
        if let Some((later, _)) = self.episodes.iter().find(|(fact, _)| fact.window.first > self.on) {
            return Plan::NotNow(format!("the episode begins on {}", later.window.first));
        }
        let until = |fact: &Fact| Window { first: fact.window.first, last: Some(self.on) };
        let episodes = self.episodes.iter().filter(|(fact, _)| ends(fact));
        let mut facts: Vec<NewFact> =
            episodes.map(|(fact, episode)| self.fact(until(fact), Detail::Episode(episode.clone()), Some(fact.id))).collect();
        if facts.is_empty() {
            return Plan::Nothing;
        }
        let standings = self.standings.iter().filter(|(fact, _)| fact.window.first <= self.on && ends(fact));
        facts.extend(standings.map(|(fact, standing)| self.fact(until(fact), Detail::EpisodeStanding(standing.clone()), Some(fact.id))));
        // The episode's own fact is what the proposal became.
        facts.rotate_left(1);
        Plan::Facts(facts)
    }

    /// Another stage or tier from the day on; what is not given stays as it was.
    fn change(&self, stage: Option<&String>, tier: Option<&String>) -> Plan {
        let Some((episode, _)) = self.episodes.iter().find(|(fact, _)| fact.window.first <= self.on) else {
            return Plan::NotNow(format!("no episode is open on {}", self.on));
        };
        if let Some((later, _)) = self.standings.iter().find(|(fact, _)| fact.window.first > self.on) {
            return Plan::NotNow(format!("where the episode stands from {} on is recorded already", later.window.first));
        }
        let from_here = Window { first: self.on, last: episode.window.last };
        let Some((fact, before)) = self.standings.last() else {
            return match stage {
                Some(stage) => {
                    let standing = EpisodeStanding { stage: stage.clone(), tier: None };
                    Plan::Facts(vec![self.fact(from_here, Detail::EpisodeStanding(standing), None)])
                }
                None => Plan::NotNow("the episode has no stage yet: a tier is set beside one".to_owned()),
            };
        };
        let now = EpisodeStanding { stage: stage.unwrap_or(&before.stage).clone(), tier: tier.or(before.tier.as_ref()).cloned() };
        if now == *before {
            return Plan::Nothing;
        }
        let day_before = self.on.plus(-1).filter(|day| fact.window.first <= *day);
        Plan::Facts(match day_before {
            None => vec![self.fact(from_here, Detail::EpisodeStanding(now), Some(fact.id))],
            Some(last) => {
                let until = Window { first: fact.window.first, last: Some(last) };
                vec![
                    self.fact(until, Detail::EpisodeStanding(before.clone()), Some(fact.id)),
                    self.fact(from_here, Detail::EpisodeStanding(now), None),
                ]
            }
        })
    }
}
