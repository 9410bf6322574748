//! What happened to families, on its way to the plugin that decides pathways: the outbox. A row is written in the transaction of what it
//! tells of, and answered in the transaction that keeps the decision, so that nothing is lost between and nothing is done twice.

use std::collections::{BTreeMap, HashSet};
use std::sync::LazyLock;

use super::reader::{Reader, Seen};
use super::sql::{BATCH, Insert, Row, places, query};
use super::{AuthorityStore, AuthorityTx, Page, StoreError};
use crate::record::happening::Happening as Told;
use crate::record::{Announced, Day, DecisionId, FactId, FamilyId, HappeningId, Kind, KnownAt, NewFact, PersonId, Sections};

/// Something that happened to a family and that its pathway is asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Happening {
    pub id: HappeningId,
    pub family: FamilyId,
    pub what: Happened,
    /// When it became known: as of which it is asked about.
    pub learnt: Day,
    pub state: HappeningState,
    /// How often asking about it failed.
    pub tries: u64,
    /// That answered it.
    pub decision: Option<DecisionId>,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Happened {
    /// Code list events.
    pub kind: String,
    pub on: Day,
    /// That tells of it; none: the host noticed.
    pub fact: Option<FactId>,
    pub person: Option<PersonId>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum HappeningState {
    /// To be asked about, after those of its family that happened to be known before it.
    Waiting,
    Answered,
    /// To people: it could not be asked about, and is among what is undecided.
    Left,
    /// What told of it was corrected or withdrawn, or its family sees it no more, before anybody was asked.
    Void,
}

impl HappeningState {
    pub const ALL: [Self; 4] = [Self::Waiting, Self::Left, Self::Answered, Self::Void];

    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Answered => "answered",
            Self::Left => "left",
            Self::Void => "void",
        }
    }

    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.code() == code)
    }
}

/// What a transaction heard of, until its end.
#[derive(Debug, Default)]
pub(super) struct News {
    /// With the statement that each corrects, whose detail is read at the end: few facts tell of anything.
    told: Vec<(NewFact, Option<FactId>)>,
    /// Of those families that see them: filled where their revisions are made.
    seen: Vec<(FamilyId, FactId)>,
}

impl News {
    pub(super) fn hear(&mut self, fact: &NewFact, today: Day) {
        if Told::of(fact, None).is_some_and(|told| told.is_news(today)) {
            self.told.push((fact.clone(), fact.supersedes));
        }
    }

    pub(super) fn facts(&self) -> HashSet<FactId> {
        self.told.iter().map(|(fact, _)| fact.id).collect()
    }

    pub(super) fn see(&mut self, family: FamilyId, facts: impl IntoIterator<Item = FactId>) {
        self.seen.extend(facts.into_iter().map(|fact| (family, fact)));
    }
}

static HAPPENING: LazyLock<Insert> = LazyLock::new(|| {
    let columns = ["id", "change", "family", "kind", "happened", "learnt", "fact", "person", "sections", "state", "try_at"];
    Insert::into("happening", &columns).unless_there()
});

macro_rules! happening {
    ($rest:literal) => {
        concat!("SELECT id, family, kind, happened, learnt, fact, person, state, tries, decision FROM happening ", $rest)
    };
}

/// The first of each family that waits, where its time has come: what happened later waits for it.
const DUE: &str = happening!(
    "WHERE state = 'waiting' AND try_at <= $1 AND NOT EXISTS (SELECT 1 FROM happening e WHERE e.family = happening.family \
     AND e.state = 'waiting' AND (e.change < happening.change OR e.change = happening.change AND e.id < happening.id)) \
     ORDER BY try_at, id LIMIT $2"
);

static FOR_READER: LazyLock<Seen> = LazyLock::new(|| {
    Seen::new(|whose| {
        format!(
            "{} AND {} AND {} AND NOT EXISTS (SELECT 1 FROM seal s LEFT JOIN fact f ON f.id = happening.fact \
                 WHERE (s.fact = happening.fact OR s.family = happening.family AND s.person IN (happening.person, f.person, f.other)) \
                 AND s.lifted IS NULL AND (s.until IS NULL OR s.until >= $4) \
                 AND NOT EXISTS (SELECT 1 FROM seal_name n WHERE n.seal = s.id AND n.login = $2)) ORDER BY id LIMIT $13",
            happening!("WHERE state = $10 AND id > $11 AND (LENGTH($12) = 0 OR family = $12)"),
            whose.family("happening.family"),
            whose.covers_all("happening.sections", "happening.family"),
        )
    })
});

static DETAILS: LazyLock<String> = LazyLock::new(|| {
    format!(
        "SELECT f.id, f.kind, f.family, f.person, f.other, f.home, f.first, f.last, f.source, f.source_kind, f.reference, f.supersedes, \
         f.detail, c.at FROM fact f JOIN change c ON c.id = f.change WHERE f.id IN ({})",
        places(1, BATCH)
    )
});

impl AuthorityStore {
    /// What is to be asked about by now, at most `limit`: of each family the first that waits.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn due_happenings(&self, now: KnownAt, limit: u32) -> Result<Vec<Happening>, StoreError> {
        let rows = query(DUE).at(now).bind(i64::from(limit)).fetch_all(&mut *self.read().await?).await?;
        rows.iter().map(read).collect()
    }

    /// Those in a state that the reader sees, in the order in which they became known. `after`: go on from there.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn happenings_for(
        &self,
        reader: &Reader,
        state: HappeningState,
        family: Option<FamilyId>,
        after: Option<HappeningId>,
        limit: u32,
    ) -> Result<Page<Happening, HappeningId>, StoreError> {
        let rows = reader
            .bind(query(FOR_READER.by(reader)))
            .bind(state.code())
            .bind(after.as_ref().map_or(&[][..], HappeningId::as_bytes).to_vec())
            .bind(family.as_ref().map_or(&[][..], FamilyId::as_bytes).to_vec())
            .bind(Page::<Happening, HappeningId>::rows(limit))
            .fetch_all(&mut *self.read().await?)
            .await?;
        Ok(Page::cut(rows.iter().map(read).collect::<Result<_, _>>()?, limit, |h| h.id))
    }
}

impl AuthorityTx {
    /// Keeps what the transaction heard of, once its families' revisions are made: for each family that sees the fact. Whether there was
    /// anything.
    pub(super) async fn keep_news(&mut self) -> Result<bool, StoreError> {
        let News { told, seen } = std::mem::take(&mut self.news);
        if seen.is_empty() || !self.anybody_decides("pathway").await? {
            return Ok(false);
        }
        let corrected: Vec<FactId> = told.iter().filter_map(|(_, before)| *before).collect();
        let mut before = BTreeMap::new();
        for chunk in corrected.chunks(BATCH) {
            for row in query(DETAILS.as_str()).keys(chunk).fetch_all(self.connection()).await? {
                let fact = super::facts::read(&row)?;
                before.insert(fact.id, fact);
            }
        }
        let told: BTreeMap<FactId, (Told, Kind)> = told
            .iter()
            .filter_map(|(fact, corrects)| {
                let before = corrects.and_then(|id| before.get(&id)).map(|b| (&b.detail, b.window));
                Some((fact.id, (Told::of(fact, before)?, fact.detail.kind())))
            })
            .collect();
        let rows: Vec<_> = seen.iter().filter_map(|(family, fact)| Some((HappeningId::fresh(), *family, told.get(fact)?))).collect();
        let (change, at) = self.change().await?;
        for (id, family, _) in &rows {
            self.announce(Announced::EventNoted, Some(*family), id);
        }
        HAPPENING
            .rows(self.connection(), &rows, |statement, (id, family, (told, kind))| {
                statement
                    .key(id)
                    .bind(change.0)
                    .key(family)
                    .bind(told.kind)
                    .day(told.on)
                    .day(at.day())
                    .key(&told.fact)
                    .maybe_key(told.person.as_ref())
                    .bind(Sections::from_iter([kind.section()]).number())
                    .bind(HappeningState::Waiting.code())
                    .at(at)
            })
            .await?;
        Ok(!rows.is_empty())
    }

    /// A decision answers what happened to its family, unless another did before, or the host never heard of it.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn answer_happening(&mut self, family: FamilyId, what: &Happened, decision: DecisionId) -> Result<(), StoreError> {
        query(
            "UPDATE happening SET state = 'answered', decision = $6 WHERE family = $1 AND kind = $2 AND happened = $3 \
             AND COALESCE(fact, $7) = $4 AND COALESCE(person, $7) = $5 AND state <> 'answered'",
        )
        .key(&family)
        .bind(what.kind.as_str())
        .day(what.on)
        .bind(what.fact.as_ref().map_or(&[][..], FactId::as_bytes).to_vec())
        .bind(what.person.as_ref().map_or(&[][..], PersonId::as_bytes).to_vec())
        .key(&decision)
        .bind(&[][..])
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Refuses what another decision, or somebody, settled first.
    ///
    /// # Errors
    /// `Conflict`.
    pub async fn must_be_answered_by(&mut self, id: HappeningId, decision: DecisionId) -> Result<(), StoreError> {
        let statement = query("SELECT 1 FROM happening WHERE id = $1 AND decision = $2").key(&id).key(&decision);
        if statement.fetch_optional(self.connection()).await?.is_some() { Ok(()) } else { Err(settled_first()) }
    }

    /// Asking failed: asked again at that instant, or left to people where there is none.
    ///
    /// # Errors
    /// `Conflict` where somebody settled it first.
    pub async fn put_off_happening(&mut self, id: HappeningId, again: Option<KnownAt>) -> Result<(), StoreError> {
        let state = if again.is_some() { HappeningState::Waiting } else { HappeningState::Left };
        self.settle_happening(id, state, again).await
    }

    /// There is nothing left to ask about.
    ///
    /// # Errors
    /// As above.
    pub async fn void_happening(&mut self, id: HappeningId) -> Result<(), StoreError> {
        self.settle_happening(id, HappeningState::Void, None).await
    }

    async fn settle_happening(&mut self, id: HappeningId, state: HappeningState, again: Option<KnownAt>) -> Result<(), StoreError> {
        let at = again.unwrap_or_else(|| self.now());
        let done = query("UPDATE happening SET state = $2, tries = tries + 1, try_at = $3 WHERE id = $1 AND state = 'waiting'")
            .key(&id)
            .bind(state.code())
            .at(at)
            .execute(self.connection())
            .await?;
        if done.rows_affected() == 1 { Ok(()) } else { Err(settled_first()) }
    }
}

fn settled_first() -> StoreError {
    StoreError::Conflict("somebody settled what follows from this first".to_owned())
}

fn read(row: &Row) -> Result<Happening, StoreError> {
    let state = row.text("state")?;
    Ok(Happening {
        id: row.key("id")?,
        family: row.key("family")?,
        what: Happened {
            kind: row.text("kind")?,
            on: row.day("happened")?,
            fact: row.maybe_key("fact")?,
            person: row.maybe_key("person")?,
        },
        learnt: row.day("learnt")?,
        state: HappeningState::from_code(&state).ok_or_else(|| StoreError::damaged("happening", format!("`{state}` is not a state")))?,
        tries: row.count("tries")?,
        decision: row.maybe_key("decision")?,
    })
}
