//! From a row to what it says: of whom, of which days, and what.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::cells::{self, Unread};
use super::mapping::fields::{Field, Takes};
use super::mapping::{Blank, Column, From, HomeColumns, Mapping, NameOrder, PersonColumns, Reference, When};
use super::sheet::{Refusal, Row};
use crate::matching::{Place, Profile};
use crate::record::fact::text;
use crate::record::sections::identity::{Address, Identifier, Name};
use crate::record::{Day, Detail, Digest, Window, canonical};

/// Whom a row is about, as it says it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Whom {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<Profile>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub home: Option<Place>,
    /// The authority's reference of a family.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub family: Option<String>,
}

impl Whom {
    /// Rows that say the same of who is meant have one.
    #[must_use]
    pub fn digest(&self) -> Digest {
        canonical(self).0
    }
}

/// What a row says about its subject.
#[derive(Debug, Clone, PartialEq)]
pub struct Said {
    /// The same from the same source: the same statement, sent again or corrected.
    pub reference: String,
    pub window: Window,
    pub detail: Detail,
}

/// A row as it is kept while it waits.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Told {
    pub whom: Whom,
    pub first: Day,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<Day>,
    #[serde(flatten)]
    pub detail: Detail,
}

/// A row of which can be read whom it is about.
#[derive(Debug)]
pub(super) struct Reading {
    pub(super) line: u64,
    pub(super) whom: Whom,
    /// None where that cannot be read: it may speak of any day.
    pub(super) window: Option<Window>,
    pub(super) said: Result<Said, Refusal>,
}

impl Mapping {
    /// # Errors
    /// Not even whom the row is about can be read: then it is about nobody whom the record knows.
    pub(super) fn reading(&self, line: u64, row: &Row<'_>) -> Result<Reading, Refusal> {
        row.check_width()?;
        let (whom, key) = self.whom(row)?;
        let window = self.window(row);
        let said = window.clone().and_then(|window| self.said(row, &key, window));
        Ok(Reading { line, whom, window: window.ok(), said })
    }

    /// The column that a second row with the same reference is told of.
    pub(super) fn referred_by(&self) -> Column {
        match &self.reference {
            Reference::Columns(columns) => columns.first().copied().unwrap_or_else(|| self.when.first()),
            Reference::Subject(_) => self.when.first(),
        }
    }

    fn whom(&self, row: &Row<'_>) -> Result<(Whom, String), Refusal> {
        let person = self.who.person.as_ref().map(|columns| self.person(columns, row)).transpose()?;
        let home = self.who.home.as_ref().map(|columns| home(columns, row)).transpose()?;
        let family = self.who.family.map(|column| row.needed(column)).transpose()?.map(str::to_owned);
        let key = match (&person, &home, &family) {
            (Some(person), ..) => key_of_person(person),
            (None, Some(home), _) => key_of_home(home),
            (None, None, family) => format!("family:{}", family.as_deref().unwrap_or_default()),
        };
        Ok((Whom { person, home, family }, key))
    }

    fn person(&self, columns: &PersonColumns, row: &Row<'_>) -> Result<Profile, Refusal> {
        let (mut person, mut fault) = (Profile::default(), None);
        for (scheme, column) in &columns.identifiers {
            let Some(value) = row.cell(*column)? else { continue };
            let identifier = Identifier { scheme: *scheme, value: value.to_owned() };
            match identifier.check() {
                Ok(()) => person.add_identifier(identifier),
                Err(e) => fault = fault.or(Some(Refusal::new(*column, e.why))),
            }
        }
        if let Some(name) = names(columns, row)? {
            person.add_name(name);
        }
        if let Some((column, written)) = columns.born.map(|c| row.cell(c).map(|w| (c, w))).transpose()? {
            match written.map(|w| cells::day(&self.dates, w).ok_or_else(|| self.not_a_date(column))) {
                Some(Ok(born)) => person.born.push(born.to_string()),
                Some(Err(refusal)) => fault = fault.or(Some(refusal)),
                None => {}
            }
        }
        let place = place(&columns.home, row)?;
        if place != Place::default() {
            person.homes.push(place);
        }
        let more = !person.born.is_empty() || !person.homes.is_empty();
        let by_name = more && !person.names.is_empty();
        if !person.identifiers.is_empty() || by_name {
            return Ok(person);
        }
        let there =
            columns.identifiers.iter().map(|(_, c)| *c).chain(columns.name.map(|(c, _)| c)).chain(columns.family).chain(columns.born);
        let column = there.into_iter().find(|c| row.has(*c)).unwrap_or_default();
        Err(fault.unwrap_or_else(|| Refusal::new(column, "is empty")))
    }

    fn not_a_date(&self, column: Column) -> Refusal {
        Refusal::new(column, Unread::Date(cells::written(&self.dates)).to_string())
    }

    fn day(&self, row: &Row<'_>, column: Column) -> Result<Day, Refusal> {
        cells::day(&self.dates, row.needed(column)?).ok_or_else(|| self.not_a_date(column))
    }

    fn window(&self, row: &Row<'_>) -> Result<Window, Refusal> {
        match self.when {
            When::On(column) => Ok(Window::on(self.day(row, column)?)),
            When::Time { from, until, may_go_on } => {
                let first = self.day(row, from)?;
                let last = match until {
                    Some(column) if row.cell(column)?.is_some() || !may_go_on => Some((column, self.day(row, column)?)),
                    _ => None,
                };
                let refusal = |column| Refusal::new(column, format!("is before `{}`", self.columns[from].usual()));
                Window::new(first, last.map(|(_, day)| day)).map_err(|_| refusal(last.map_or(from, |(c, _)| c)))
            }
        }
    }

    fn said(&self, row: &Row<'_>, key: &str, window: Window) -> Result<Said, Refusal> {
        let mut detail = Map::new();
        for (field, from) in &self.fields {
            if let Some(value) = self.field(row, field, from, &detail)? {
                detail.insert(field.name.to_owned(), value);
            }
        }
        let reference = match &self.reference {
            Reference::Columns(columns) => {
                let parts = columns.iter().map(|c| row.needed(*c)).collect::<Result<Vec<_>, _>>()?;
                let reference = parts.join(":");
                text("", &reference, 200).map_err(|e| Refusal::new(columns[0], e.why))?;
                reference
            }
            Reference::Subject(apart) => {
                let word =
                    |name: &&str| detail.get(*name).map_or_else(String::new, |v| v.as_str().map_or_else(|| v.to_string(), str::to_owned));
                let parts = std::iter::once(cells::short(key)).chain(apart.iter().map(word)).chain([window.first.to_string()]);
                parts.collect::<Vec<_>>().join(":")
            }
        };
        let read = Detail::read(self.kind, Value::Object(detail)).map_err(|e| {
            let from = self.fields.iter().find(|(f, _)| e.field.starts_with(f.name)).map(|(_, from)| from);
            Refusal { column: from.and_then(|f| self.column_of(f, row)), reason: e.why }
        })?;
        Ok(Said { reference, window, detail: read })
    }

    fn column_of(&self, from: &From, row: &Row<'_>) -> Option<Column> {
        match from {
            From::Always(_) => None,
            From::Cells { columns, instead, .. } => {
                let first = columns.first().copied();
                first.filter(|c| row.has(*c)).or_else(|| instead.as_ref().and_then(|l| l.less.first().copied())).or(first)
            }
        }
    }

    fn field(&self, row: &Row<'_>, field: &Field, from: &From, so_far: &Map<String, Value>) -> Result<Option<Value>, Refusal> {
        let (columns, codes, blank, instead) = match from {
            From::Always(value) => return Ok(Some(value.clone())),
            From::Cells { columns, codes, blank, instead } => (columns, codes, blank, instead),
        };
        if field.takes == Takes::Lines {
            let lines: Vec<&str> = columns.iter().map(|c| row.cell(*c)).collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect();
            return if lines.is_empty() { Err(Refusal::new(columns[0], "is empty")) } else { Ok(Some(lines.into())) };
        }
        let column = columns[0];
        if let (Some(less), false) = (instead, row.has(column)) {
            let number = |c: Column| cells::whole(row.needed(c)?).ok_or_else(|| Refusal::new(c, Unread::Whole.to_string()));
            let mut rest = number(less.from)?;
            for taken in &less.less {
                let amount = number(*taken)?;
                let from = self.columns[less.from].usual();
                rest =
                    rest.checked_sub(amount).ok_or_else(|| Refusal::new(less.less[0], format!("leaves less than nothing of `{from}`")))?;
            }
            return Ok(Some(rest.into()));
        }
        let Some(written) = row.cell(column)? else {
            return match blank {
                Blank::Says(value) => Ok(Some(value.clone())),
                Blank::YesWhere { field, is } => {
                    Ok(Some(so_far.get(*field).and_then(Value::as_str).is_some_and(|w| is.iter().any(|i| i == w)).into()))
                }
                Blank::Nothing if field.needed => Err(Refusal::new(column, "is empty")),
                Blank::Nothing => Ok(None),
            };
        };
        let squeezed = super::mapping::squeezed(written);
        let ours = codes.iter().find(|(theirs, _)| *theirs == squeezed).map_or(written, |(_, ours)| ours);
        cells::value(field.takes, ours, &self.dates).map(Some).map_err(|why| Refusal::new(column, why.to_string()))
    }
}

fn names(columns: &PersonColumns, row: &Row<'_>) -> Result<Option<Name>, Refusal> {
    let name = if let Some((column, order)) = columns.name {
        row.cell(column)?.and_then(|whole| split(whole, order))
    } else {
        let cell = |column: Option<Column>| column.map_or(Ok(None), |c| row.cell(c));
        cell(columns.given)?.zip(cell(columns.family)?).map(|(given, family)| (given.to_owned(), family.to_owned()))
    };
    let name = name.map(|(given, family)| Name { given, family });
    // What is no name is as if it were not there: a number may find who is meant.
    Ok(name.filter(|n| n.check().is_ok()))
}

/// `Bell, Ben` is read alike in both orders.
fn split(whole: &str, order: NameOrder) -> Option<(String, String)> {
    if let Some((family, given)) = whole.split_once(',') {
        return Some((given.trim().to_owned(), family.trim().to_owned()));
    }
    let (given, family) = match order {
        NameOrder::FamilyFirst => whole.split_once(char::is_whitespace).map(|(family, given)| (given, family))?,
        NameOrder::GivenFirst => whole.rsplit_once(char::is_whitespace)?,
    };
    Some((given.trim().to_owned(), family.trim().to_owned()))
}

fn place(columns: &HomeColumns, row: &Row<'_>) -> Result<Place, Refusal> {
    let cell = |column: Option<Column>| column.map_or(Ok(None), |c| row.cell(c)).map(|t| t.map(str::to_owned));
    Ok(Place { line: cell(columns.address)?, postcode: cell(columns.postcode)?, uprn: cell(columns.uprn)? })
}

/// By property number where there is one, and by postcode and first line where that finds nothing.
fn home(columns: &HomeColumns, row: &Row<'_>) -> Result<Place, Refusal> {
    let mut place = place(columns, row)?;
    if let (Some(uprn), Some(column)) = (&place.uprn, columns.uprn) {
        let address = Address { lines: vec!["-".to_owned()], postcode: None, uprn: Some(uprn.clone()) };
        address.check().map_err(|e| Refusal::new(column, e.why))?;
    }
    if let (Some(line), Some(postcode)) = (&place.line, &place.postcode) {
        let address = Address { lines: vec![line.clone()], postcode: Some(postcode.clone()), uprn: None };
        let at = |field: &str| if field == "postcode" { columns.postcode } else { columns.address };
        match address.check() {
            Ok(()) => {}
            // The property number alone will do.
            Err(_) if place.uprn.is_some() => (place.line, place.postcode) = (None, None),
            Err(e) => return Err(Refusal { column: at(&e.field), reason: e.why }),
        }
    } else {
        (place.line, place.postcode) = (None, None);
    }
    if place.uprn.is_none() && place.line.is_none() {
        let column = columns.uprn.filter(|c| row.has(*c)).or(columns.address);
        return Err(Refusal { column, reason: "neither a property number nor an address line and postcode".into() });
    }
    Ok(place)
}

/// The keys that the record may know the home by, the surest first.
pub(super) fn keys_of_home(place: &Place) -> Vec<String> {
    let uprn = place.uprn.as_ref().map(|uprn| Address { lines: vec!["-".to_owned()], postcode: None, uprn: Some(uprn.clone()) });
    let line = place.line.as_ref().zip(place.postcode.as_ref());
    let line = line.map(|(line, postcode)| Address { lines: vec![line.clone()], postcode: Some(postcode.clone()), uprn: None });
    uprn.iter().chain(&line).filter_map(Address::key).collect()
}

fn key_of_home(place: &Place) -> String {
    keys_of_home(place).into_iter().next().unwrap_or_default()
}

/// A number, or else name and birth date: where somebody lives changes from file to file.
fn key_of_person(person: &Profile) -> String {
    if let Some(identifier) = person.identifiers.first() {
        return identifier.key();
    }
    let name = person.names.first().map(|n| format!("{} {}", n.given, n.family)).unwrap_or_default();
    let home = if person.born.is_empty() { person.homes.first().and_then(Place::postcode) } else { None };
    format!("name:{}:{}", super::mapping::squeezed(&name), person.born.first().cloned().or(home).unwrap_or_default())
}
