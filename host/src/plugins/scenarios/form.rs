//! The answers to a form, as a scenario writes them: `mood: 3.5`, `why: [debts, health]`. Each is read as its question asks, and
//! the form itself judges them, so that a renamed question or an option that is no longer there is a fault of the scenario.

use std::collections::BTreeMap;

use super::node::{Node, Of};
use super::number;
use super::said_in;
use super::world::{World, text_of};
use crate::forms::asks::Scheme;
use crate::forms::document::{Each, Item};
use crate::forms::{Answer, Answers, Asks, Declared, FamilyMember, FileGiven, Form, How, Judged, Lent, Question, Row, Setting, Why};
use crate::plugins::Manifest;
use crate::record::sections::Handle;
use crate::record::sections::identity::{Address, Name};
use crate::record::{Digest, Invalid, PersonId};
use crate::sandbox::matter::{AnswerRow, AnswerValue, AnsweredBefore, FormMatter};

const FIELDS: [&str; 4] = ["form", "answers", "groups", "before"];

/// What `about: { form: …, answers: …, groups: …, before: … }` says.
///
/// # Errors
/// [`Invalid`] below `about`: no such form or question, an answer that does not fit.
pub fn matter(about: &Node, world: &World, manifest: &Manifest) -> Result<FormMatter, Invalid> {
    about.only(&FIELDS)?;
    let id = said_in(about, "form")?.unwrap_or_default();
    let form = manifest.forms.iter().find(|f| f.form == id).ok_or_else(|| {
        let there: Vec<_> = manifest.forms.iter().map(|f| f.form.as_str()).collect();
        Invalid::new("form", format!("the manifest has no form `{id}` (there are {})", there.join(", ")))
    })?;
    let checked = form.check()?;
    let judge = |node: &Node, earlier: Vec<Answers>, today| -> Result<(Answers, Judged), Invalid> {
        let given = answers(node, form, world)?;
        let judged = checked.judge(&given, &Setting { as_of: today, members: members(world), earlier })?;
        // What is missing may be missing, and a rule of the form's may be broken: that is for the plugin, or for the host to say.
        match judged.wrong.iter().find(|w| !w.why.is_missing() && w.why != Why::RuleBroken) {
            Some(wrong) => Err(Invalid::new(place(&wrong.at.id, form), wrong.says.en.clone())),
            None => Ok((given, judged)),
        }
    };
    let mut earlier = Vec::new();
    let before = about.get("before").map(|before| {
        let mut read = || {
            before.only(&["on", "answers", "groups"])?;
            let on = said_in(before, "on")?.ok_or_else(|| Invalid::new("on", "is needed"))?.parse()?;
            let (given, judged) = judge(before, Vec::new(), on)?;
            earlier.push(judged.applicable(&given));
            Ok(AnsweredBefore { on, answers: rows(&judged, world) })
        };
        read().map_err(|e: Invalid| e.within("before"))
    });
    let before = before.transpose()?;
    let (_, judged) = judge(about, earlier, world.today)?;
    Ok(FormMatter { form: id, digest: form.digest(), answers: rows(&judged, world), before })
}

/// Answers to an older form, which the manifest no longer holds: each says its type itself.
///
/// # Errors
/// [`Invalid`] below `about`.
pub fn older(about: &Node, world: &World) -> Result<FormMatter, Invalid> {
    about.only(&["form", "digest", "answers", "groups"])?;
    let form = said_in(about, "form")?.unwrap_or_default();
    let digest =
        said_in(about, "digest")?.map_or_else(|| Ok(Digest::of(form.as_bytes())), |d| d.parse()).map_err(|e| e.within("digest"))?;
    let mut rows = Vec::new();
    each(about, &mut |question, person, item, node| {
        let person = person.map(|name| world.family.person(name)).transpose()?;
        let state = node.as_text().filter(|word| ["not-known", "not-asked"].contains(word));
        let value = if state.is_some() { None } else { Some(typed(node, world)?) };
        let state = state.unwrap_or("answered").to_owned();
        rows.push(AnswerRow { question: question.to_owned(), person, item: item.map(u32::from), state, value });
        Ok(())
    })?;
    Ok(FormMatter { form, digest, answers: rows, before: None })
}

/// Where a question's answer stands in the scenario.
fn place(id: &str, form: &Form) -> String {
    let group = form.pages.iter().flat_map(|p| &p.items).find_map(|item| match item {
        Item::Group(g) if g.items.iter().any(|i| matches!(i, Item::Question(q) if q.question == id)) => Some(&g.group),
        _ => None,
    });
    group.map_or_else(|| format!("answers.{id}"), |group| format!("groups.{group} ({id})"))
}

/// Those who are members on the day, with their ages.
fn members(world: &World) -> Vec<FamilyMember> {
    let snapshot = &world.family.snapshot;
    let is_member = |handle: Handle| snapshot.household.members.iter().any(|m| m.person == handle && m.window.contains(world.today));
    let people = snapshot.people.iter().zip(0..).filter(|(_, handle)| is_member(*handle));
    people.map(|(p, _)| FamilyMember { person: p.id, age: p.born.and_then(|born| born.years_until(world.today)) }).collect()
}

/// Calls `take` with every answer: its question, whose, which item, and what was written; with its path on a fault.
fn each<'n>(
    node: &'n Node,
    take: &mut dyn FnMut(&'n str, Option<&'n str>, Option<u16>, &'n Node) -> Result<(), Invalid>,
) -> Result<(), Invalid> {
    for (question, value) in node.get("answers").map(Node::fields).into_iter().flatten() {
        take(question, None, None, value).map_err(|e| e.within(&format!("answers.{question}")))?;
    }
    for (group, items) in node.get("groups").map(Node::fields).into_iter().flatten() {
        let at = format!("groups.{group}");
        match &items.of {
            Of::Map(_) => {
                for (person, fields) in items.fields() {
                    for (question, value) in fields.fields() {
                        take(question, Some(person), None, value).map_err(|e| e.within(&format!("{at}.{person}.{question}")))?;
                    }
                }
            }
            Of::List(rows) => {
                for (row, item) in rows.iter().zip(0_u16..) {
                    for (question, value) in row.fields() {
                        take(question, None, Some(item), value).map_err(|e| e.within(&format!("{at}[{item}].{question}")))?;
                    }
                }
            }
            _ => return Err(Invalid::new(at, "is a mapping of people, or a list of items")),
        }
    }
    Ok(())
}

fn answers(node: &Node, form: &Form, world: &World) -> Result<Answers, Invalid> {
    let mut given =
        Answers { form: form.form.clone(), digest: form.digest(), language: None, answers: BTreeMap::new(), groups: BTreeMap::new() };
    let asked: BTreeMap<&str, &Question> = form.questions().map(|q| (q.question.as_str(), q)).collect();
    let group_of: BTreeMap<&str, &str> = form
        .pages
        .iter()
        .flat_map(|p| &p.items)
        .filter_map(|item| if let Item::Group(g) = item { Some(g) } else { None })
        .flat_map(|g| {
            g.items.iter().filter_map(|i| if let Item::Question(q) = i { Some((q.question.as_str(), g.group.as_str())) } else { None })
        })
        .collect();
    for (group, items) in node.get("groups").map(Node::fields).into_iter().flatten() {
        let found = form.pages.iter().flat_map(|p| &p.items).find_map(|i| match i {
            Item::Group(g) if g.group == group => Some(g),
            _ => None,
        });
        match (found.map(|g| &g.each), &items.of) {
            (Some(Each::Repeat(_)), Of::List(_)) | (Some(Each::EachPerson(_)), Of::Map(_)) => {}
            (Some(Each::Repeat(_)), _) => return Err(Invalid::new(format!("groups.{group}"), "is a list: the group repeats")),
            (Some(Each::EachPerson(_)), _) => {
                return Err(Invalid::new(format!("groups.{group}"), "is a mapping by person: the group is asked of each"));
            }
            (None, _) => return Err(Invalid::new(format!("groups.{group}"), format!("the form has no group `{group}`"))),
        }
    }
    each(node, &mut |id, person, item, value| {
        let question = asked.get(id).ok_or_else(|| Invalid::new("", format!("the form `{}` has no question `{id}`", form.form)))?;
        let answer = as_asked(value, &question.asks, world)?;
        let Some(group) = group_of.get(id) else {
            given.answers.insert(id.to_owned(), answer);
            return Ok(());
        };
        let rows = given.groups.entry((*group).to_owned()).or_default();
        let person = person.map(|name| person_id(name, world)).transpose()?;
        let at = match (person, item) {
            (Some(person), _) => rows.iter().position(|r| r.person == Some(person)),
            (None, Some(item)) => Some(usize::from(item)).filter(|at| *at < rows.len()),
            (None, None) => return Err(Invalid::new("", format!("stands in the group `{group}`"))),
        };
        let at = at.unwrap_or_else(|| {
            rows.push(Row { person, answers: BTreeMap::new() });
            rows.len() - 1
        });
        rows[at].answers.insert(id.to_owned(), answer);
        Ok(())
    })?;
    Ok(given)
}

fn person_id(name: &str, world: &World) -> Result<PersonId, Invalid> {
    let handle = world.family.person(name)?;
    Ok(world.family.snapshot.people[handle as usize].id)
}

/// An answer read as its question asks. Of what no plugin is told, `given` is enough: something invented stands there then.
fn as_asked(node: &Node, asks: &Asks, world: &World) -> Result<Answer, Invalid> {
    if let Some(state) = node.as_text() {
        let state = match state {
            "not-known" => Some(serde_json::json!({ "not-known": true })),
            "not-asked" => Some(serde_json::json!({ "not-asked": true })),
            _ => None,
        };
        if let Some(state) = state {
            return crate::record::from_json(state);
        }
    }
    let word = || text_of(node);
    let decimal =
        || number::thousandths(node).and_then(|n| number::shown_thousandths(n).parse().map_err(|_| Invalid::new("", "is too large")));
    Ok(match asks {
        Asks::Text => Answer::Text(word()?),
        Asks::LongText => Answer::LongText(word()?),
        Asks::YesNo => Answer::YesNo(yes_no(node)?),
        Asks::SingleChoice(_) => Answer::SingleChoice(word()?),
        Asks::MultiChoice(_) => Answer::MultiChoice(node.each().iter().map(text_of).collect::<Result<_, _>>()?),
        Asks::Date(_) => {
            let said = word()?;
            let month = said.len() == 7 && said.as_bytes()[4] == b'-';
            let date = if month { said } else { world.dates().day(&said)?.to_string() };
            Answer::Date(date.try_into().map_err(|why: String| Invalid::new("", why))?)
        }
        Asks::Number(_) => Answer::Number(decimal()?),
        Asks::Scale(_) => Answer::Scale(decimal()?),
        Asks::Money => Answer::Money(number::pence(node)?),
        Asks::Declaration(_) => {
            let agreed = if word().is_ok_and(|w| w == "given") { true } else { yes_no(node)? };
            Answer::Declaration(Declared { agreed, by: "Somebody Invented".into(), on: world.today, how: How::Said })
        }
        Asks::PersonRef => Answer::PersonRef(person_id(&word()?, world)?),
        Asks::ServiceRef => Answer::ServiceRef(word().map(|w| if w == "given" { "a-service".into() } else { w })?),
        Asks::WorkerRef => Answer::WorkerRef(word().map(|w| if w == "given" { "a-worker".into() } else { w })?),
        Asks::Computed(_) => return Err(Invalid::new("", "is worked out by the host: nobody answers it")),
        Asks::Name | Asks::Address | Asks::Phone | Asks::Email | Asks::Identifier(_) | Asks::File(_) => {
            if word()? != "given" {
                return Err(Invalid::new("", "say `given`: no plugin is told more, and something invented stands there"));
            }
            invented(asks)
        }
    })
}

/// Nobody's name, number and address.
fn invented(asks: &Asks) -> Answer {
    match asks {
        Asks::Name => Answer::Name(Name { given: "Somebody".into(), family: "Invented".into() }),
        Asks::Address => Answer::Address(Address { lines: vec!["1 Invented Street".into()], postcode: None, uprn: None }),
        // Of the range that Ofcom keeps for drama.
        Asks::Phone => Answer::Phone("07700 900123".into()),
        Asks::Email => Answer::Email("somebody@example.org".into()),
        Asks::Identifier(asked) => Answer::Identifier(
            match asked.scheme {
                Scheme::NhsNumber => "9990000018",
                Scheme::Upn => "A000000000000",
                Scheme::Nino => "AA000000A",
                Scheme::Urn => "100000",
                Scheme::Uprn => "1",
                // The Office for National Statistics writes "nowhere" so.
                Scheme::Postcode => "ZZ99 3VZ",
            }
            .into(),
        ),
        Asks::File(asked) => {
            let media_type = asked.types.first().cloned().unwrap_or_else(|| "application/pdf".into());
            Answer::File(FileGiven { name: "invented.pdf".into(), media_type, digest: Digest::of(b"invented") })
        }
        _ => Answer::Text("given".into()),
    }
}

fn rows(judged: &Judged, world: &World) -> Vec<AnswerRow> {
    let handle = |id: PersonId| world.family.snapshot.people.iter().position(|p| p.id == id).and_then(|at| Handle::try_from(at).ok());
    let row = |given: &crate::forms::Given| {
        let (state, value) = match &given.value {
            Lent::NotKnown => ("not-known", None),
            Lent::NotAsked => ("not-asked", None),
            Lent::Person(id) => ("answered", Some(handle(*id).map_or(AnswerValue::Given, AnswerValue::Person))),
            lent => ("answered", Some(value(lent))),
        };
        AnswerRow {
            question: given.at.id.clone(),
            person: given.at.person.and_then(handle),
            item: given.at.item.map(u32::from),
            state: state.to_owned(),
            value,
        }
    };
    judged.given().map(row).collect()
}

fn value(lent: &Lent) -> AnswerValue {
    match lent {
        Lent::YesNo(yes) => AnswerValue::YesNo(*yes),
        Lent::Options(ids) => AnswerValue::Options(ids.clone()),
        Lent::Tenths(n) => AnswerValue::Tenths(*n),
        Lent::Thousandths(n) => AnswerValue::Thousandths(*n),
        Lent::Pence(n) => AnswerValue::Pence(*n),
        Lent::Day { day, month_only: true } => AnswerValue::Month(*day),
        Lent::Day { day, .. } => AnswerValue::Day(*day),
        Lent::Text(text) => AnswerValue::Text(text.clone()),
        Lent::Person(_) | Lent::Given | Lent::NotKnown | Lent::NotAsked => AnswerValue::Given,
    }
}

fn typed(node: &Node, world: &World) -> Result<AnswerValue, Invalid> {
    const TYPES: [&str; 10] = ["yes-no", "options", "scale", "number", "amount", "day", "month", "text", "person", "given"];
    node.only(&TYPES)?;
    let mut fields = node.fields();
    let (Some((of, value)), None) = (fields.next(), fields.next()) else {
        return Err(Invalid::new("", format!("an answer to an older form has its type: {}", TYPES.join(", "))));
    };
    let read = || -> Result<AnswerValue, Invalid> {
        Ok(match of {
            "yes-no" => AnswerValue::YesNo(yes_no(value)?),
            "options" => AnswerValue::Options(value.each().iter().map(text_of).collect::<Result<_, _>>()?),
            "scale" => AnswerValue::Tenths(number::tenths(value)?),
            "number" => AnswerValue::Thousandths(number::thousandths(value)?),
            "amount" => AnswerValue::Pence(number::pence(value)?),
            "day" => AnswerValue::Day(world.dates().day(&text_of(value)?)?),
            "month" => AnswerValue::Month(format!("{}-01", text_of(value)?).parse()?),
            "text" => AnswerValue::Text(text_of(value)?),
            "person" => AnswerValue::Person(world.family.person(&text_of(value)?)?),
            _ => AnswerValue::Given,
        })
    };
    read().map_err(|e| e.within(of))
}

fn yes_no(node: &Node) -> Result<bool, Invalid> {
    if let Of::YesNo(yes) = node.of { Ok(yes) } else { Err(Invalid::new("", format!("is {}, and has to be true or false", node.shown()))) }
}
