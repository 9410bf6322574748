//! How well something is known: of single people, and by feeds for the whole authority.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use super::sql::{BATCH, Connection, Insert, Row, places, query};
use super::{AsKnown, AuthorityStore, AuthorityTx, StoreError, facts};
use crate::record::{Coverage, CoverageState, Day, FamilyId, Invalid, Kind, OrganisationId, PersonId, Window};

static COVERAGE: LazyLock<Insert> =
    LazyLock::new(|| Insert::into("coverage", &["change", "kind", "person", "first", "last", "state", "source"]));
static OF_PEOPLE: LazyLock<String> = LazyLock::new(|| {
    format!("SELECT id, kind, person, first, last, state, source FROM coverage WHERE person IN ({}) ORDER BY id", places(1, BATCH))
});

/// What was said of the members of these families up to a change, in the order in which it was said. `of`: of which family's.
fn of_families_text(families: usize) -> String {
    format!(
        "SELECT m.family AS of, s.id, s.kind, s.person, s.first, s.last, s.state, s.source \
         FROM (SELECT DISTINCT family, person FROM fact WHERE family IN ({}) AND kind = 'membership') m \
         JOIN coverage s ON s.person = m.person WHERE s.change <= ${} ORDER BY s.id",
        places(1, families),
        families + 1
    )
}
static OF_FAMILY: LazyLock<String> = LazyLock::new(|| of_families_text(1));
static OF_FAMILIES: LazyLock<String> = LazyLock::new(|| of_families_text(BATCH));

impl AuthorityStore {
    /// What feeds say of the whole authority, in the order in which it was said: a later statement about the same days
    /// replaces an earlier one.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn feed_coverage(&self, as_known: AsKnown) -> Result<Vec<Coverage>, StoreError> {
        let mut connection = self.read().await?;
        let change = as_known.last_change(&mut connection).await?;
        let rows =
            query("SELECT id, kind, person, first, last, state, source FROM coverage WHERE person IS NULL AND change <= $1 ORDER BY id")
                .bind(change)
                .fetch_all(&mut connection)
                .await?;
        rows.iter().map(read).collect()
    }
}

/// What was said of somebody, or of everybody, with its place among all that was said.
type Said = Vec<(u64, Window, CoverageState)>;

/// Is every day of the statement covered by what was said of the same before, in the same state, and by nothing said of
/// everybody since? Days of which nothing was said are not in the state `none`: that has to be said.
fn says_nothing_new(statement: &Coverage, said: &HashMap<(Kind, Option<PersonId>), Said>) -> bool {
    let of = |person| said.get(&(statement.kind, person)).map_or(&[][..], Vec::as_slice);
    let (own, everybody) = (of(statement.person), of(None));
    let since = |day| own.iter().filter(|(_, window, _)| window.contains(day)).map(|(order, ..)| *order).max();
    // States change only where a statement begins or has just ended.
    let corners = own.iter().chain(everybody).flat_map(|(_, window, _)| [Some(window.first), window.last.and_then(|last| last.plus(1))]);
    let days = corners.flatten().chain([statement.first]).filter(|day| statement.window().contains(*day));
    days.into_iter().all(|day| {
        let latest = own.iter().rfind(|(_, window, _)| window.contains(day));
        let overruled =
            statement.person.is_some() && everybody.iter().any(|(order, window, _)| window.contains(day) && Some(*order) > since(day));
        latest.is_some_and(|(_, _, state)| *state == statement.state) && !overruled
    })
}

impl AuthorityTx {
    /// Adds statements; how many were new. One that says what is known already is left out, so that a file read twice
    /// changes nothing.
    ///
    /// # Errors
    /// `NoSuch` where a person or source organisation is not there; `Invalid` where a statement ends before it starts.
    pub async fn add_coverage(&mut self, statements: &[Coverage]) -> Result<usize, StoreError> {
        if statements.is_empty() {
            return Ok(0);
        }
        let people: HashSet<PersonId> = statements.iter().filter_map(|s| s.person).collect();
        if let Some(person) = facts::missing_people(self.connection(), people.clone()).await?.into_iter().next() {
            return Err(StoreError::no_such("person", person));
        }
        for (i, statement) in statements.iter().enumerate() {
            Window::new(statement.first, Some(statement.last)).map_err(|e: Invalid| e.within(&format!("coverage[{i}]")))?;
            self.source_kind(&statement.source).await?;
        }
        let mut said = self.said(&people).await?;
        let mut new = Vec::new();
        // After everything that is kept, in the order given.
        let mut next = said.values().flatten().map(|(order, ..)| *order).max().unwrap_or(0);
        for statement in statements {
            if !says_nothing_new(statement, &said) {
                next += 1;
                said.entry((statement.kind, statement.person)).or_default().push((next, statement.window(), statement.state));
                new.push(statement);
            }
        }
        if new.is_empty() {
            return Ok(0);
        }
        let (change, _) = self.change().await?;
        COVERAGE
            .rows(self.connection(), &new, |s, statement| {
                s.bind(change.0)
                    .bind(statement.kind.code())
                    .maybe_key(statement.person.as_ref())
                    .day(statement.first)
                    .day(statement.last)
                    .bind(statement.state.code())
                    .bind(statement.source.as_str())
            })
            .await?;
        for statement in &new {
            if let Some(person) = statement.person {
                self.touched.person(person);
            }
        }
        Ok(new.len())
    }

    /// People of whom this source said, for some of these days, that it had sent only a part. What it said later is not
    /// looked at.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn people_left_partial(
        &mut self,
        kind: Kind,
        source: &OrganisationId,
        first: Day,
        last: Day,
    ) -> Result<Vec<PersonId>, StoreError> {
        let rows = query(
            "SELECT DISTINCT person FROM coverage WHERE kind = $1 AND source = $2 AND person IS NOT NULL AND state = 'partial' \
             AND first <= $4 AND last >= $3",
        )
        .bind(kind.code())
        .bind(source.as_str())
        .day(first)
        .day(last)
        .fetch_all(self.connection())
        .await?;
        rows.iter().map(|r| r.key("person")).collect()
    }

    /// What was said before: of these people, and of the authority.
    async fn said(&mut self, people: &HashSet<PersonId>) -> Result<HashMap<(Kind, Option<PersonId>), Said>, StoreError> {
        let mut rows = query("SELECT id, kind, person, first, last, state, source FROM coverage WHERE person IS NULL ORDER BY id")
            .fetch_all(self.connection())
            .await?;
        let people: Vec<PersonId> = people.iter().copied().collect();
        for chunk in people.chunks(BATCH) {
            rows.extend(query(OF_PEOPLE.as_str()).keys(chunk).fetch_all(self.connection()).await?);
        }
        let mut said: HashMap<_, Said> = HashMap::new();
        for row in &rows {
            let statement = read(row)?;
            said.entry((statement.kind, statement.person)).or_default().push((statement.order, statement.window(), statement.state));
        }
        Ok(said)
    }
}

/// Of several families, by family; at most [`BATCH`]. One of whose members nothing was said is left out.
pub(super) async fn of_families(
    connection: &mut Connection,
    families: &[FamilyId],
    change: i64,
) -> Result<HashMap<FamilyId, Vec<Coverage>>, StoreError> {
    let statement = match families {
        [family] => query(OF_FAMILY.as_str()).key(family),
        _ => query(OF_FAMILIES.as_str()).keys(families),
    };
    let mut found: HashMap<FamilyId, Vec<Coverage>> = HashMap::new();
    for row in statement.bind(change).fetch_all(connection).await? {
        found.entry(row.key("of")?).or_default().push(read(&row)?);
    }
    Ok(found)
}

fn read(row: &Row) -> Result<Coverage, StoreError> {
    let state = row.text("state")?;
    Ok(Coverage {
        kind: row.parsed("kind")?,
        person: row.maybe_key("person")?,
        first: row.day("first")?,
        last: row.day("last")?,
        state: CoverageState::from_code(&state).ok_or_else(|| StoreError::damaged("coverage", format!("`{state}` is not a state")))?,
        source: row.parsed("source")?,
        order: row.count("id")?,
    })
}
