//! What a scenario says of its family's record: facts in short form, `- police-callout: { home: home, on: 3 months ago,
//! domestic: true }`, turned into the same entries that the API takes.

use serde_json::{Map, Value};

use super::node::{Node, Of};
use super::wrong::{At, Read, Wrong};
use super::{number, said_in};
use crate::record::family_file::FactEntry;
use crate::record::{Day, Invalid, Kind, codes};

/// One fact, ready to be put into the record.
#[derive(Debug, Clone)]
pub struct Told {
    pub label: Option<String>,
    pub entry: FactEntry,
    /// Code list organisation-kinds: whose statement it is.
    pub source: String,
    /// The day on which it became known.
    pub known: Day,
}

/// Facts of one family.
pub const MOST_FACTS: usize = 5_000;
/// Most copies that one entry makes.
const MOST_TIMES: u32 = 1_000;

/// The one kind that an entry has, and what it says.
///
/// # Errors
/// [`Wrong`] where it has none or two, or the kind is unknown.
pub fn kind_of(fact: &Node) -> Read<(Kind, &Node)> {
    let mut fields = fact.fields();
    let (Some((kind, body)), None) = (fields.next(), fields.next()) else {
        return Err(Invalid::new("", "a fact is one kind and what it says: `- offence: { person: sam, on: 2 months ago, proven: true }`"))
            .at(fact);
    };
    let kind: Kind = kind.parse().map_err(|e: Invalid| Invalid::new("", e.why)).at(fact)?;
    match kind {
        Kind::Birth => Err(Invalid::new(kind.code(), "say `born` of the person instead")).at(fact),
        Kind::Name => Err(Invalid::new(kind.code(), "people go by their names in the scenario; no plugin is told another")).at(fact),
        _ if matches!(body.of, Of::Map(_)) => Ok((kind, body)),
        _ => Err(Invalid::new(kind.code(), format!("is {}, and has to be a mapping", body.shown()))).at(fact),
    }
}

/// The facts that an entry makes; its dates are settled already.
///
/// # Errors
/// [`Wrong`] naming the field.
pub fn told(fact: &Node) -> Read<Vec<Told>> {
    let (kind, body) = kind_of(fact)?;
    let told = || -> Result<Vec<Told>, Invalid> {
        let text = |field: &str| said_in(body, field);
        let times = body.get("times").map_or(Ok(1), number::count).map_err(|e| e.within("times"))?;
        if !(1..=MOST_TIMES).contains(&times) {
            return Err(Invalid::new("times", format!("is {times}, and may be 1 to {MOST_TIMES}")));
        }
        let source = text("source")?.unwrap_or_else(|| "council".into());
        codes::check("source", "organisation-kinds", &source)?;
        let mut made = Vec::new();
        for (first, last) in windows(kind, body)? {
            let known = text("known")?.map(|d| d.parse()).transpose()?;
            let entry = FactEntry {
                kind,
                person: text("person")?,
                to: text("to")?,
                home: text("home")?,
                family: None,
                first,
                last,
                source: None,
                reference: None,
                supersedes: None,
                detail: detail(kind, body)?,
            };
            let one = Told { label: text("label")?, entry, source: source.clone(), known: known.unwrap_or_else(|| last.unwrap_or(first)) };
            made.extend(std::iter::repeat_n(one, times as usize));
            if made.len() > MOST_FACTS {
                return Err(Invalid::new("times", format!("makes more than {MOST_FACTS} facts")));
            }
        }
        Ok(made)
    };
    told().at(body).map_err(|e: Wrong| e.within(kind.code()))
}

fn windows(kind: Kind, body: &Node) -> Result<Vec<(Day, Option<Day>)>, Invalid> {
    let day = |field: &str| said_in(body, field)?.map(|d| d.parse::<Day>()).transpose().map_err(|e| e.within(field));
    if let Some(on) = body.get("on") {
        if body.get("from").or(body.get("until")).is_some() {
            return Err(Invalid::new("on", "stands beside `from` or `until`: a fact is of one day, or of a time"));
        }
        let days = on.each().iter().map(|d| d.as_text().unwrap_or_default().parse::<Day>().map_err(|e| e.within("on")));
        return days.map(|d| d.map(|d| (d, Some(d)))).collect();
    }
    if kind.on_a_day() {
        return Err(Invalid::new("on", format!("is needed: a fact of kind {kind} happens on one day")));
    }
    match (day("from")?, kind) {
        (Some(first), _) => Ok(vec![(first, day("until")?)]),
        // What people are to each other, and where they are known: for as long as anybody can remember.
        (None, Kind::Relationship | Kind::Identifier | Kind::Address) => Ok(vec![(Day::FIRST, day("until")?)]),
        (None, _) => Err(Invalid::new("from", "is needed: the first day; `until` is the last, left out while it goes on")),
    }
}

/// What is left once everybody's fields are taken away, in the record's own names and units.
fn detail(kind: Kind, body: &Node) -> Result<Value, Invalid> {
    const EVERYBODYS: [&str; 10] = ["label", "times", "person", "to", "home", "on", "from", "until", "source", "known"];
    let mut detail = Map::new();
    for (field, value) in body.fields().filter(|(field, _)| !EVERYBODYS.contains(field)) {
        let (field, value) = match (kind, field) {
            (Kind::Arrears, "amount") => ("amount_pence".to_owned(), number::pence(value).map_err(|e| e.within(field))?.into()),
            (Kind::Score, "value" | "least" | "most") => {
                (format!("{field}_tenths"), number::tenths(value).map_err(|e| e.within(field))?.into())
            }
            _ => (field.replace('-', "_"), value.to_json()),
        };
        detail.insert(field, value);
    }
    Ok(Value::Object(detail))
}
