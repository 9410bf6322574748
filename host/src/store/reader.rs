//! Which families a reader sees, and how much of each: the one predicate, in SQL, so that lists, counts and cursors obey it too.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::sql::{Statement, query};
use super::{AuthorityStore, StoreError};
use crate::record::{Fact, FamilyId, KnownAt, LoginId, OrganisationId, PersonId, Section, Sections};

/// Whoever asks the store: what they may, and who they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reader {
    /// Every family of the authority.
    pub all: bool,
    /// Cases that are theirs, or that they cover.
    pub own: bool,
    /// What is shared with their organisation.
    pub shared: bool,
    /// None: a system, whom no seal names.
    pub login: Option<LoginId>,
    pub organisation: Option<OrganisationId>,
    /// The council's own worker sees their case in full; another organisation's what is shared with it.
    pub of_the_council: bool,
    /// [`Purpose::bit`](crate::record::Purpose::bit): an agreement is for some purposes.
    pub purpose: i64,
    pub now: KnownAt,
}

/// How a reader stands to a family.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relation {
    /// It is their case, or one that they cover.
    pub own: bool,
    /// What they see of all of it.
    pub sections: Sections,
    /// What they see of single people besides.
    pub people: BTreeMap<PersonId, Sections>,
}

impl Relation {
    /// Every section, whoever it is about.
    #[must_use]
    pub const fn whole() -> Self {
        Self { own: false, sections: Sections::ALL, people: BTreeMap::new() }
    }

    /// Seals are the store's own to apply.
    #[must_use]
    pub fn shows(&self, fact: &Fact) -> bool {
        let section = fact.kind().section();
        // What is between two people is not one person's to share.
        let of_one = fact.subject.person.filter(|_| fact.subject.to.is_none());
        self.sections.has(section) || of_one.and_then(|p| self.people.get(&p)).is_some_and(|s| s.has(section))
    }
}

/// Sections that tell by a bare result: that a family is before a panel for the worst cases, say.
pub(super) const TELLING: [Section; 2] = [Section::Safeguarding, Section::Abuse];

/// The families of a reader, whose parameters are `$1` to `$9`: a statement's own begin at `$10`. `mine`: their cases, and those that they
/// cover. `reach`: every way to a family, and the sections that it opens; of the whole family where `person` is the family itself. Whoever
/// reaches a family reaches those that go on within it. A provider has no way of its own: it sees what is shared with it.
static REACH: LazyLock<String> = LazyLock::new(|| {
    format!(
        "WITH cases (family) AS ( \
             SELECT a.family FROM assignment a \
             WHERE $7 = 1 AND a.login = $2 AND a.first <= $4 AND (a.last IS NULL OR a.last >= $4) \
             UNION SELECT a.family FROM cover c JOIN assignment a ON a.login = c.absent \
             WHERE $7 = 1 AND c.stand_in = $2 AND c.first <= $4 AND c.last >= $4 AND a.first <= $4 AND (a.last IS NULL OR a.last >= $4)), \
         mine (family) AS ( \
             SELECT family FROM cases \
             UNION SELECT m.family FROM merged_into m JOIN cases c ON c.family = m.stays WHERE m.undone IS NULL), \
         ways (family, person, sections) AS ( \
             SELECT family, family, $8 FROM mine \
             UNION ALL SELECT family, family, {all} FROM emergency WHERE $7 = 1 AND login = $2 AND ends_at > $5 \
             UNION ALL SELECT s.family, COALESCE(s.person, s.family), s.sections & g.sections \
             FROM agreement g JOIN share s ON s.agreement = g.id \
             WHERE g.organisation = $3 AND g.first <= $4 AND (g.last IS NULL OR g.last >= $4) AND (g.purposes & $6) <> 0 \
             AND s.withdrawn_at IS NULL AND ($9 = 1 OR s.family IN (SELECT family FROM mine))), \
         reach (family, person, sections) AS ( \
             SELECT family, person, sections FROM ways \
             UNION ALL SELECT m.family, CASE WHEN w.person = w.family THEN m.family ELSE w.person END, w.sections \
             FROM ways w JOIN merged_into m ON m.stays = w.family WHERE m.undone IS NULL) ",
        all = Sections::ALL.number()
    )
});

/// A statement in two texts: for whoever sees every family, and for whoever has to stand to one in some way. In one text for both, a
/// keyworker's twenty families would be looked for among all.
pub(super) struct Seen {
    all: String,
    related: String,
}

/// Whom a statement is written for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Whose {
    All,
    Related,
}

impl Seen {
    pub(super) fn new(select: impl Fn(Whose) -> String) -> Self {
        Self { all: select(Whose::All), related: format!("{}{}", *REACH, select(Whose::Related)) }
    }

    pub(super) fn by(&'static self, reader: &Reader) -> &'static str {
        if reader.all { &self.all } else { &self.related }
    }
}

impl Whose {
    /// Is the family of a row theirs to see?
    pub(super) fn family(self, column: &str) -> String {
        match self {
            Self::All => "$1 = 1".to_owned(),
            Self::Related => format!("{column} IN (SELECT family FROM reach)"),
        }
    }

    /// May they know who a member of a family is?
    pub(super) fn knows_who(self, person: &str, family: &str) -> String {
        self.sees(Section::Identity, person, family)
    }

    /// Do they see a section, of the whole family or of that person?
    pub(super) fn sees(self, section: Section, person: &str, family: &str) -> String {
        let bit = Sections::from_iter([section]).number();
        match self {
            Self::All => "$1 = 1".to_owned(),
            Self::Related => format!(
                "EXISTS (SELECT 1 FROM reach r WHERE r.family = {family} AND r.person IN (r.family, {person}) AND (r.sections & {bit}) <> 0)"
            ),
        }
    }

    /// Does the reader see, of that family, all sections of a label that are among `of`?
    fn covers(self, label: &str, column: &str, of: &[Section]) -> String {
        let one = |section: &Section| {
            let bit = Sections::from_iter([*section]).number();
            format!(
                "(({label} & {bit}) = 0 OR EXISTS (SELECT 1 FROM reach r WHERE r.family = {column} AND r.person = r.family \
                 AND (r.sections & {bit}) <> 0))"
            )
        };
        match self {
            Self::All => "$1 = 1".to_owned(),
            Self::Related => of.iter().map(one).collect::<Vec<_>>().join(" AND "),
        }
    }

    /// Everything that a label stands for.
    pub(super) fn covers_all(self, label: &str, column: &str) -> String {
        self.covers(label, column, Section::ALL)
    }

    /// What of a label would tell by the bare result.
    pub(super) fn covers_telling(self, label: &str, column: &str) -> String {
        self.covers(label, column, &TELLING)
    }
}

/// Would the bare result tell somebody who sees these sections what they may not see?
#[must_use]
pub fn tells(label: Sections, sees: Sections) -> bool {
    TELLING.into_iter().any(|s| label.has(s) && !sees.has(s))
}

/// Is every seal that a decision was given lifted, over, or one that names the reader?
pub(super) fn unsealed(decision: &str) -> String {
    format!(
        "NOT EXISTS (SELECT 1 FROM decision_seal ds JOIN seal s ON s.id = ds.seal WHERE ds.decision = {decision} AND s.lifted IS NULL \
         AND (s.until IS NULL OR s.until >= $4) AND NOT EXISTS (SELECT 1 FROM seal_name n WHERE n.seal = s.id AND n.login = $2))"
    )
}

static RELATION: LazyLock<String> = LazyLock::new(|| {
    format!(
        "{}SELECT CAST(1 AS BIGINT) AS what, id AS person, CAST(0 AS BIGINT) AS sections FROM family WHERE id = $10 \
         UNION ALL SELECT 2, family, 0 FROM mine WHERE family = $10 \
         UNION ALL SELECT 3, person, sections FROM reach WHERE family = $10",
        *REACH
    )
});

impl Reader {
    /// Whoever has the files: every family, and nothing that is sealed.
    #[must_use]
    pub const fn of_all(now: KnownAt) -> Self {
        Self { all: true, own: false, shared: false, login: None, organisation: None, of_the_council: true, purpose: 0, now }
    }

    /// `$1` to `$9`.
    pub(super) fn bind(&self, statement: Statement) -> Statement {
        let opens = if self.of_the_council { Sections::ALL } else { Sections::NONE };
        statement
            .bind(i64::from(self.all))
            .bind(self.login_bytes())
            .bind(self.organisation.as_ref().map(|o| o.as_str().to_owned()).unwrap_or_default())
            .day(self.now.day())
            .at(self.now)
            .bind(self.purpose)
            .bind(i64::from(self.own))
            .bind(opens.number())
            .bind(i64::from(self.shared))
    }

    /// Nobody's, where there is no login.
    pub(super) fn login_bytes(&self) -> Vec<u8> {
        self.login.map(|l| l.as_bytes().to_vec()).unwrap_or_default()
    }
}

impl AuthorityStore {
    /// How the reader stands to a family. None: it is not there, or as if it were not.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn relation(&self, reader: &Reader, family: FamilyId) -> Result<Option<Relation>, StoreError> {
        if reader.all {
            let there = query("SELECT 1 FROM family WHERE id = $1").key(&family).fetch_optional(&mut *self.read().await?).await?;
            return Ok(there.map(|_| Relation::whole()));
        }
        let rows = reader.bind(query(RELATION.as_str())).key(&family).fetch_all(&mut *self.read().await?).await?;
        let mut relation = Relation { own: false, sections: Sections::NONE, people: BTreeMap::new() };
        let (mut there, mut related) = (false, false);
        for row in rows {
            let sections =
                Sections::from_number(row.number("sections")?).ok_or_else(|| StoreError::damaged("sections", "are not known"))?;
            match row.number("what")? {
                1 => there = true,
                2 => relation.own = true,
                _ => {
                    related = true;
                    if row.key::<FamilyId>("person")? == family {
                        relation.sections = relation.sections.and(sections);
                    } else {
                        let of = relation.people.entry(row.key("person")?).or_default();
                        *of = of.and(sections);
                    }
                }
            }
        }
        Ok((there && related).then_some(relation))
    }
}
