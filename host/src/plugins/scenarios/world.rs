//! What is in force at a point of a scenario: the family's record, what is known of it, the authority's settings, and the
//! question. A case or a later step says only what is different.

use std::collections::{BTreeMap, HashMap};

use super::covered::{self, Spoken};
use super::dates::Dates;
use super::facts;
use super::node::{Node, Of};
use super::wrong::{At, Read, Wrong};
use crate::record::family_file::{FamilyFile, HomeEntry, IdentifierEntry, Names, PersonEntry};
use crate::record::sections::Handle;
use crate::record::sections::identity::Scheme;
use crate::record::{
    AuthorityId, Clock, Coverage, Day, Fact, FactId, FamilyId, Invalid, KnownAt, OrganisationId, PersonId, Snapshot, Window, codes,
};
use crate::sandbox::{Calendar, EarlierClaim, FeedCoverage, Question, Term, interface};

/// What may stand in a scenario, in a case's `change` and in a step.
pub const SAYS: [&str; 12] =
    ["family", "facts", "remove", "edit", "coverage", "settings", "tables", "directory", "claims", "ungranted", "ask", "about"];

/// What is in force. Dates are settled as soon as they are said: what happened 3 months ago stays where it was when time goes on.
#[derive(Debug, Clone)]
pub struct World {
    pub today: Day,
    pub calendar: Calendar,
    people: Node,
    homes: Node,
    facts: Vec<Node>,
    coverage: Vec<Spoken>,
    pub settings: Node,
    pub tables: Node,
    pub directory: Node,
    pub claims: Vec<EarlierClaim>,
    /// Interfaces, by full name.
    pub ungranted: Vec<String>,
    pub ask: Option<Question>,
    pub about: Option<Node>,
    /// The record that follows from all this.
    pub family: Family,
}

/// A family's record as a run is given it, and who is who in it.
#[derive(Debug, Clone)]
pub struct Family {
    pub snapshot: Snapshot,
    pub feeds: Vec<FeedCoverage>,
    /// By handle.
    pub people: Vec<String>,
    pub ids: Vec<(PersonId, String)>,
    /// Facts that have a label and are seen.
    pub labels: HashMap<String, Handle>,
}

impl World {
    /// The beginning of a scenario.
    ///
    /// # Errors
    /// [`Wrong`] naming the field.
    pub fn open(node: &Node, authority: &AuthorityId) -> Read<Self> {
        let today = node.get("today").ok_or_else(|| Invalid::new("today", "is needed: the date that the question is about")).at(node)?;
        let none = Calendar::default();
        // Only a full date can be said before there is a today.
        let today =
            text_of(today).and_then(|t| Dates { today: Day::FIRST, calendar: &none }.day(&t)).map_err(|e| e.within("today")).at(node)?;
        let terms = node.get("terms").map(|terms| terms_of(terms, today).map_err(|e| e.within("terms"))).transpose()?;
        let mut world = Self {
            today,
            calendar: Calendar { terms, ..Calendar::around(today) },
            people: Node::empty(),
            homes: Node::empty(),
            facts: Vec::new(),
            coverage: Vec::new(),
            settings: Node::empty(),
            tables: Node::empty(),
            directory: Node { line: None, of: Of::List(Vec::new()) },
            claims: Vec::new(),
            ungranted: Vec::new(),
            ask: None,
            about: None,
            family: Family::nobody(),
        };
        world.tell(node, authority)?;
        Ok(world)
    }

    /// Goes on to another day. Terms and holidays stay as they were known.
    pub fn go_to(&mut self, day: Day) {
        self.today = day;
    }

    #[must_use]
    pub fn dates(&self) -> Dates<'_> {
        Dates { today: self.today, calendar: &self.calendar }
    }

    /// Takes in what `node` says is different.
    ///
    /// # Errors
    /// [`Wrong`] naming the field.
    pub fn tell(&mut self, node: &Node, authority: &AuthorityId) -> Read<()> {
        let calendar = self.calendar.clone();
        let dates = Dates { today: self.today, calendar: &calendar };
        if let Some(family) = node.get("family") {
            self.tell_family(family, dates).map_err(|e| e.within("family"))?;
        }
        change_facts(&mut self.facts, node, dates)?;
        for (field, place) in [("settings", &mut self.settings), ("tables", &mut self.tables)] {
            if let Some(said) = node.get(field) {
                let mut said = said.clone();
                // Rows say when they are in force; settings have their own schema, and no dates of ours.
                if field == "tables" {
                    settle(&mut said, &["first", "last"], dates).map_err(|e| e.within(field))?;
                }
                place.merge(&said);
            }
        }
        if let Some(directory) = node.get("directory") {
            self.directory = directory.clone();
            settle(&mut self.directory, &["from", "until"], dates).map_err(|e| e.within("directory"))?;
        }
        if let Some(claims) = node.get("claims") {
            self.tell_claims(claims, dates).map_err(|e| e.within("claims")).at(node)?;
        }
        if let Some(ungranted) = node.get("ungranted") {
            self.ungranted = interfaces(ungranted).map_err(|e| e.within("ungranted")).at(node)?;
        }
        if let Some(ask) = node.get("ask") {
            self.ask = Some(question(ask).map_err(|e| e.within("ask")).at(node)?);
        }
        if let Some(about) = node.get("about") {
            let mut about = about.clone();
            settle_about(&mut about, dates).map_err(|e| e.within("about"))?;
            match &mut self.about {
                // Of the same sort, field by field; of another, in its place.
                Some(known) if sort_of(known) == sort_of(&about) => known.merge(&about),
                place => *place = Some(about),
            }
        }
        let people: Vec<String> = self.people.fields().map(|(name, _)| name.to_owned()).collect();
        if let Some(coverage) = node.get("coverage") {
            self.coverage.extend(covered::spoken(coverage, &people, dates).map_err(|e| e.within("coverage"))?);
        }
        self.family = self.build(authority)?;
        Ok(())
    }

    /// Claims that a run drafted are earlier ones for whatever is asked next.
    pub fn claimed(&mut self, claims: impl IntoIterator<Item = EarlierClaim>) {
        self.claims.extend(claims);
        self.claims.sort();
        self.claims.dedup();
    }

    fn tell_family(&mut self, family: &Node, dates: Dates<'_>) -> Read<()> {
        family.only(&["people", "homes"]).at(family)?;
        for (field, main, place) in [("people", "born", &mut self.people), ("homes", "from", &mut self.homes)] {
            let Some(said) = family.get(field) else { continue };
            let mut said = said.clone();
            if let Of::Map(entries) = &mut said.of {
                for (name, entry) in entries {
                    named(name).map_err(|e| e.within(field)).at(family)?;
                    // `sam: 12 years ago` says what `sam: { born: 12 years ago }` says.
                    if let Of::Text(text) = &entry.of {
                        *entry = Node { line: entry.line, of: Of::Map(vec![(main.to_owned(), Node::text(text.clone()))]) };
                    }
                }
            }
            settle(&mut said, &["born", "from", "until"], dates).map_err(|e| e.within(field))?;
            place.merge(&said);
        }
        Ok(())
    }

    fn tell_claims(&mut self, claims: &Node, dates: Dates<'_>) -> Result<(), Invalid> {
        if !matches!(claims.of, Of::Map(_)) {
            return Err(Invalid::new("", "is a mapping of kinds and the day entitled: `attachment: 6 months ago`"));
        }
        let read = claims.fields().map(|(kind, on)| {
            codes::check("", "claims", kind).map_err(|e| Invalid::new(kind, e.why))?;
            let entitled_on = text_of(on).and_then(|t| dates.day(&t)).map_err(|e| e.within(kind))?;
            Ok(EarlierClaim { entitled_on, kind: kind.to_owned() })
        });
        self.claims = read.collect::<Result<_, Invalid>>()?;
        self.claims.sort();
        Ok(())
    }

    /// The record that follows.
    fn build(&self, authority: &AuthorityId) -> Read<Family> {
        if self.people.fields().next().is_none() {
            return if self.facts.is_empty() {
                let feeds = self.feeds();
                Ok(Family { feeds, ..Family::nobody() })
            } else {
                Err(Wrong::new("family", "is needed: the facts are of a family"))
            };
        }
        let council = OrganisationId::of_council(authority);
        let beginning = self.today.plus_months(-20 * 12).unwrap_or(Day::FIRST);
        let people = self.people.fields().map(|(name, entry)| {
            let at = format!("family.people.{name}");
            person(entry, beginning).map(|p| (name.to_owned(), p)).at(entry).map_err(|e| e.within(&at))
        });
        let homes = self.homes.fields().map(|(name, entry)| {
            let at = format!("family.homes.{name}");
            home(entry).map(|h| (name.to_owned(), h)).at(entry).map_err(|e| e.within(&at))
        });
        let document = FamilyFile {
            reference: "scenario".into(),
            people: people.collect::<Read<_>>()?,
            homes: homes.collect::<Read<_>>()?,
            ..FamilyFile::default()
        };
        let new = document.resolve(authority).map_err(|e| Wrong { line: self.people.line_at(&e.field), wrong: e.within("family") })?;
        let known = |day: Day| Clock::fixed(KnownAt::from_millis(i64::from(day.number()) * 86_400_000 + 43_200_000));
        let mut facts: Vec<Fact> = new.facts.iter().map(|f| f.clone().known("council", &known(f.window.first))).collect();
        let names = Names { family: Some(new.id), people: &new.people, homes: &new.homes };
        let mut labelled: Vec<(String, FactId)> = Vec::new();
        for (i, node) in self.facts.iter().enumerate() {
            let at = format!("facts[{i}]");
            for told in facts::told(node).map_err(|e| e.within(&at))? {
                let (kind, body) = facts::kind_of(node)?;
                let resolved = told.entry.resolve(&names, &council).map_err(|e| in_authors_words(e, &names));
                let fact = resolved.at(body).map_err(|e| e.within(kind.code()).within(&at))?;
                labelled.extend(told.label.map(|label| (label, fact.id)));
                facts.push(fact.known(&told.source, &known(told.known)));
            }
            if facts.len() > facts::MOST_FACTS {
                return Err(Wrong {
                    line: node.line,
                    ..Wrong::new(at, format!("is one too many: a family has up to {} facts", facts::MOST_FACTS))
                });
            }
        }
        let own = self.coverage.iter().enumerate().filter_map(|(order, said)| {
            let person = Some(*new.people.get(said.person.as_ref()?)?);
            let Window { first, last } = said.window;
            let last = last.unwrap_or(Day::LAST);
            Some(Coverage { kind: said.kind, person, first, last, state: said.state, source: council.clone(), order: order as u64 })
        });
        let snapshot = Snapshot::build(new.id, 1, &facts, &own.collect::<Vec<_>>());
        let handle = |id: FactId| snapshot.facts.iter().position(|f| f.id == id).and_then(|at| Handle::try_from(at).ok());
        let labels = labelled.into_iter().rev().filter_map(|(label, id)| Some((label, handle(id)?))).collect();
        let by_id: BTreeMap<PersonId, &String> = new.people.iter().map(|(name, id)| (*id, name)).collect();
        let people = snapshot.people.iter().map(|p| by_id.get(&p.id).map(|n| (*n).clone()).unwrap_or_default()).collect();
        let ids = new.people.iter().map(|(name, id)| (*id, name.clone())).collect();
        Ok(Family { snapshot, feeds: self.feeds(), people, ids, labels })
    }

    /// What is said of everybody.
    fn feeds(&self) -> Vec<FeedCoverage> {
        let everybody = self.coverage.iter().enumerate().filter(|(_, said)| said.person.is_none());
        everybody.map(|(order, s)| FeedCoverage { kind: s.kind, window: s.window, state: s.state, order: order as u64 }).collect()
    }
}

impl Family {
    fn nobody() -> Self {
        let snapshot = Snapshot::build(FamilyId(uuid::Uuid::nil()), 0, &[], &[]);
        Self { snapshot, feeds: Vec::new(), people: Vec::new(), ids: Vec::new(), labels: HashMap::new() }
    }

    /// The person of that name.
    ///
    /// # Errors
    /// [`Invalid`] saying who there is.
    pub fn person(&self, name: &str) -> Result<Handle, Invalid> {
        let at = self.people.iter().position(|p| p == name).and_then(|at| Handle::try_from(at).ok());
        at.ok_or_else(|| Invalid::new("", format!("`{name}` is not one of the family ({})", self.people.join(", "))))
    }
}

/// Adds, takes away and edits facts as a change or a step says.
///
/// # Errors
/// [`Wrong`]: a label that no fact has, dates that are none.
pub fn change_facts(facts: &mut Vec<Node>, node: &Node, dates: Dates<'_>) -> Read<()> {
    let label = |fact: &Node| facts::kind_of(fact).ok().and_then(|(_, body)| body.get("label")?.as_text().map(str::to_owned));
    let unknown = |facts: &[Node], name: &str| {
        let there: Vec<String> = facts.iter().filter_map(label).collect();
        Invalid::new(
            "",
            format!("no fact is labelled `{name}` (there are {})", if there.is_empty() { "none".into() } else { there.join(", ") }),
        )
    };
    for name in node.get("remove").map(Node::each).unwrap_or_default() {
        let name = text_of(name).map_err(|e| e.within("remove")).at(node)?;
        let before = facts.len();
        facts.retain(|f| label(f).as_deref() != Some(&name));
        if facts.len() == before {
            return Err(unknown(facts, &name).within("remove")).at(node);
        }
    }
    for (name, edit) in node.get("edit").map(Node::fields).into_iter().flatten() {
        let at = format!("edit.{name}");
        let mut edit = edit.clone();
        settle(&mut edit, &FACT_DATES, dates).map_err(|e| e.within(&at))?;
        let mut found = false;
        for fact in facts.iter_mut().filter(|f| label(f).as_deref() == Some(name)) {
            if let Of::Map(fields) = &mut fact.of {
                fields.iter_mut().for_each(|(_, body)| body.merge(&edit));
            }
            found = true;
        }
        if !found {
            return Err(unknown(facts, name).within(&at)).at(node);
        }
    }
    for (i, fact) in node.get("facts").map(Node::each).unwrap_or_default().iter().enumerate() {
        let at = format!("facts[{i}]");
        facts::kind_of(fact).map_err(|e| e.within(&at))?;
        let mut fact = fact.clone();
        settle(&mut fact, &FACT_DATES, dates).map_err(|e| e.within(&at))?;
        facts.push(fact);
    }
    Ok(())
}

const FACT_DATES: [&str; 5] = ["on", "from", "until", "known", "due"];

const ABOUT_DATES: [&str; 7] = ["on", "by", "from", "until", "engaged", "ended", "entitled-on"];

/// Writes the dates of these fields out, wherever they stand, and at any depth. A birth date may be a month.
fn settle(node: &mut Node, fields: &[&str], dates: Dates<'_>) -> Read<()> {
    let line = node.line;
    match &mut node.of {
        Of::Map(entries) => {
            for (field, value) in entries {
                let dated = fields.contains(&field.as_str());
                let settled = if dated { settle_value(value, dates) } else { settle(value, fields, dates) };
                settled.map_err(|e| Wrong { line: e.line.or(line), ..e.within(field) })?;
            }
        }
        Of::List(items) => {
            for (i, item) in items.iter_mut().enumerate() {
                settle(item, fields, dates).map_err(|e| e.within(&format!("[{i}]")))?;
            }
        }
        _ => {}
    }
    Ok(())
}

/// The same for what a question is about: its answers are under names of the form's own, and have dates of their own.
fn settle_about(about: &mut Node, dates: Dates<'_>) -> Read<()> {
    let Of::Map(entries) = &mut about.of else { return Ok(()) };
    for (field, value) in entries.iter_mut().filter(|(field, _)| !["answers", "groups"].contains(&field.as_str())) {
        let dated = ABOUT_DATES.contains(&field.as_str());
        let settled = match field.as_str() {
            "before" => settle_about(value, dates),
            _ if dated => settle_value(value, dates),
            _ => settle(value, &ABOUT_DATES, dates),
        };
        settled.map_err(|e| e.within(field))?;
    }
    Ok(())
}

fn settle_value(value: &mut Node, dates: Dates<'_>) -> Read<()> {
    let line = value.line;
    match &mut value.of {
        Of::Text(text) => {
            let month = text.len() == 7 && text.bytes().enumerate().all(|(i, b)| if i == 4 { b == b'-' } else { b.is_ascii_digit() });
            if !month {
                *text = dates.day(text).map_err(|wrong| Wrong { line, wrong })?.to_string();
            }
            Ok(())
        }
        Of::List(items) => items.iter_mut().try_for_each(|item| settle_value(item, dates)),
        Of::Null => Ok(()),
        _ => Err(Invalid::new("", format!("is {}, and has to be a date", value.shown()))).at(value),
    }
}

/// What a question is about: which of the fields it has.
fn sort_of(about: &Node) -> Option<&str> {
    let sorts = ["referral", "event", "candidates", "help", "contract"];
    about.fields().map(|(field, _)| field).find(|field| sorts.contains(field))
}

/// The text of a node that has to be one.
///
/// # Errors
/// [`Invalid`] saying what it is.
pub fn text_of(node: &Node) -> Result<String, Invalid> {
    node.as_text().map(str::to_owned).ok_or_else(|| Invalid::new("", format!("is {}, and has to be a word", node.shown())))
}

/// Names that a scenario gives: short, of letters, and no word of the format.
fn named(name: &str) -> Result<(), Invalid> {
    let fits = name.len() <= 32
        && name.starts_with(|c: char| c.is_alphabetic())
        && name.chars().all(|c| c.is_alphanumeric() || c == '-')
        && name != "none"
        && !covered::is_taken(name);
    let why = "is no name here: letters, digits and hyphens, and not `none`, `everything`, a section or a kind of fact";
    if fits { Ok(()) } else { Err(Invalid::new(name, why)) }
}

/// # Errors
/// [`Invalid`] with the questions that there are.
pub fn question(node: &Node) -> Result<Question, Invalid> {
    let code = text_of(node)?;
    Question::from_code(&code).ok_or_else(|| {
        let known: Vec<_> = Question::ALL.iter().map(|q| q.code()).collect();
        Invalid::new("", format!("`{code}` is not a question ({})", known.join(", ")))
    })
}

/// Full names of interfaces; `hearth:` may be left out.
fn interfaces(node: &Node) -> Result<Vec<String>, Invalid> {
    let full = |entry: &Node| {
        let name = text_of(entry)?;
        let name = if name.starts_with("hearth:") { name } else { format!("hearth:{name}") };
        match interface(&name) {
            Some(found) if found.is_granted_by_the_authority() => Ok(name),
            Some(_) => Err(Invalid::new("", format!("`{name}` is not the authority's to grant"))),
            None => Err(Invalid::new("", format!("`{name}` is not an interface of this host, as family/offending"))),
        }
    };
    node.each().iter().map(full).collect()
}

fn terms_of(terms: &Node, today: Day) -> Read<Vec<Term>> {
    let none = Calendar::default();
    let dates = Dates { today, calendar: &none };
    let term = |node: &Node| -> Result<Term, Invalid> {
        node.only(&["term", "from", "until"])?;
        let word = |field: &str| node.get(field).ok_or_else(|| Invalid::new(field, "is needed")).and_then(text_of);
        let day = |field: &str| word(field).and_then(|t| dates.day(&t)).map_err(|e| Invalid::new(field, e.why));
        let name = word("term")?;
        codes::check("term", "term-names", &name)?;
        Ok(Term { name, window: Window::new(day("from")?, Some(day("until")?)).map_err(|e| Invalid::new("until", e.why))? })
    };
    let terms = terms.each().iter().enumerate().map(|(i, node)| term(node).at(node).map_err(|e| e.within(&format!("[{i}]"))));
    let mut terms: Vec<Term> = terms.collect::<Read<_>>()?;
    terms.sort_by_key(|t| t.window.first);
    Ok(terms)
}

fn person(entry: &Node, beginning: Day) -> Result<PersonEntry, Invalid> {
    entry.only(&["born", "from", "until", "resident", "holds"])?;
    let day = |field: &str| super::said_in(entry, field)?.map(|d| d.parse::<Day>()).transpose().map_err(|e| e.within(field));
    let born = super::said_in(entry, "born")?;
    let since = if born.is_none() { Some(beginning) } else { None };
    let resident =
        entry.get("resident").map(|r| if let Of::YesNo(yes) = r.of { Ok(yes) } else { Err(Invalid::new("resident", "is true or false")) });
    let holds = entry.get("holds").map(Node::each).unwrap_or_default().iter().map(|scheme| {
        let scheme: Scheme = scheme.read().map_err(|e| e.within("holds"))?;
        Ok(IdentifierEntry { scheme, value: invented(scheme).into() })
    });
    Ok(PersonEntry {
        name: None,
        born,
        identifiers: holds.collect::<Result<_, Invalid>>()?,
        member_from: day("from")?.or(since),
        member_until: day("until")?,
        resident: resident.transpose()?,
    })
}

/// Nobody's number, with a sound check digit: plugins learn only that one is recorded.
const fn invented(scheme: Scheme) -> &'static str {
    match scheme {
        // 999 is the range that the NHS keeps for tests.
        Scheme::NhsNumber => "9990000018",
        Scheme::Upn => "A000000000000",
        Scheme::Nino => "AA000000A",
    }
}

fn home(entry: &Node) -> Result<HomeEntry, Invalid> {
    entry.only(&["from", "until"])?;
    let day = |field: &str| super::said_in(entry, field)?.map(|d| d.parse::<Day>()).transpose().map_err(|e| e.within(field));
    let from = day("from")?.ok_or_else(|| Invalid::new("from", "is needed: since when it is the family's home"))?;
    Ok(HomeEntry { address: None, from, until: day("until")? })
}

/// What the record calls `first` and `detail.child_present`, its author calls `from` and `child-present`.
fn in_authors_words(e: Invalid, names: &Names<'_>) -> Invalid {
    let field = match e.field.as_str() {
        "first" => "from".to_owned(),
        "last" => "until".to_owned(),
        field => field.strip_prefix("detail.").map_or_else(|| field.to_owned(), |f| f.replace('_', "-")),
    };
    let there = |names: Vec<&String>| names.into_iter().cloned().collect::<Vec<_>>().join(", ");
    let why = match field.as_str() {
        "person" | "to" if e.why.contains("neither an id") => format!("{}: there are {}", e.why, there(names.people.keys().collect())),
        "home" if e.why.contains("neither an id") => format!("{}: there are {}", e.why, there(names.homes.keys().collect())),
        _ => e.why,
    };
    Invalid::new(field, why)
}
