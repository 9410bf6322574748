//! What a scenario's question is about beside the record: the answers to a form, a referral, an event, candidates, help that is
//! wanted, a contract. People, workers, services and a contract's families go by names; the interface numbers them.

use super::node::{Node, Of};
use super::number;
use super::world::{World, text_of};
use super::{Who, said_in};
use crate::record::sections::Handle;
use crate::record::{Day, Digest, Invalid, Window, codes};
use crate::sandbox::matter::{
    Agreement, AnswerRow, AnswerValue, AnsweredBefore, Appointments, Candidate, Contract, Event, FormMatter, Help, Helped, Matter, Paid,
    Referral, Reviewed,
};
use crate::sandbox::{Question, ServiceGiven};

/// The matter of `question`, and the names that it brought along.
///
/// # Errors
/// [`Invalid`] below `about`.
pub fn matter(world: &World, question: Question) -> Result<(Matter, Who), Invalid> {
    let mut who = Who { people: world.family.people.clone(), ..Who::default() };
    let Some(about) = &world.about else {
        let needs = "is needed: the question is about more than the record";
        return if Matter::Record.suits(question) { Ok((Matter::Record, who)) } else { Err(Invalid::new("", needs)) };
    };
    about.only(&["form", "answers", "each", "items", "before", "referral", "event", "candidates", "help", "contract"])?;
    let mut named = ["form", "referral", "event", "candidates", "help", "contract"].into_iter().filter(|m| about.get(m).is_some());
    let (Some(name), None) = (named.next(), named.next()) else {
        return Err(Invalid::new("", "is one of form, referral, event, candidates, help and contract"));
    };
    let Some(node) = about.get(name) else { return Ok((Matter::Record, who)) };
    let within = |e: Invalid| e.within(name);
    let matter = match name {
        "form" => Matter::Form(form(about, world)?),
        "referral" => Matter::Referral(referral(node, world).map_err(within)?),
        "event" => Matter::Event(event(node, world).map_err(within)?),
        "candidates" => {
            let read = node.each().iter().enumerate().map(|(i, c)| candidate(c).map_err(|e| e.within(&format!("[{i}]"))));
            let (names, candidates) = read.collect::<Result<Vec<_>, _>>().map_err(within)?.into_iter().unzip();
            who.workers = names;
            Matter::Candidates(candidates)
        }
        "help" => Matter::Help(help(node, world).map_err(within)?),
        _ => {
            let (families, contract) = contract(node).map_err(within)?;
            who.families = families;
            Matter::Contract(Box::new(contract))
        }
    };
    if matter.suits(question) {
        Ok((matter, who))
    } else {
        Err(Invalid::new("", format!("`{name}` is nothing that `{}` is asked about", question.code())))
    }
}

fn form(about: &Node, world: &World) -> Result<FormMatter, Invalid> {
    let form = about.get("form").map_or_else(|| Ok(String::new()), text_of).map_err(|e| e.within("form"))?;
    let before = about.get("before").map(|before| {
        before.only(&["on", "answers", "each", "items"]).map_err(|e| e.within("before"))?;
        let on = day(before, "on")?.ok_or_else(|| Invalid::new("on", "is needed")).map_err(|e| e.within("before"))?;
        Ok(AnsweredBefore { on, answers: answers(before, world).map_err(|e| e.within("before"))? })
    });
    Ok(FormMatter { digest: Digest::of(form.as_bytes()), form, answers: answers(about, world)?, before: before.transpose()? })
}

/// The family's answers, then each person's, then those of repeating groups.
fn answers(node: &Node, world: &World) -> Result<Vec<AnswerRow>, Invalid> {
    let mut rows = Vec::new();
    let mut read = |fields: &Node, person: Option<Handle>, item: Option<u32>| -> Result<(), Invalid> {
        for (question, value) in fields.fields() {
            rows.push(answer(question, person, item, value, world).map_err(|e| e.within(question))?);
        }
        Ok(())
    };
    if let Some(fields) = node.get("answers") {
        read(fields, None, None).map_err(|e| e.within("answers"))?;
    }
    for (name, fields) in node.get("each").map(Node::fields).into_iter().flatten() {
        let person = world.family.person(name).map_err(|e| e.within("each"))?;
        read(fields, Some(person), None).map_err(|e| e.within(&format!("each.{name}")))?;
    }
    for (group, items) in node.get("items").map(Node::fields).into_iter().flatten() {
        for (fields, item) in items.each().iter().zip(0_u32..) {
            read(fields, None, Some(item)).map_err(|e| e.within(&format!("items.{group}[{item}]")))?;
        }
    }
    Ok(rows)
}

/// An answer as it is written: true, 3.5 (a point on a scale), option ids, a date, a person's name; `not-known`, `not-asked`; or
/// with its type, `{ text: … }`.
fn answer(question: &str, person: Option<Handle>, item: Option<u32>, node: &Node, world: &World) -> Result<AnswerRow, Invalid> {
    let row = |state: &str, value| AnswerRow { question: question.to_owned(), person, item, state: state.to_owned(), value };
    let value = match &node.of {
        Of::YesNo(yes) => AnswerValue::YesNo(*yes),
        Of::Number(_) => AnswerValue::Tenths(number::tenths(node)?),
        Of::List(items) => AnswerValue::Options(items.iter().map(text_of).collect::<Result<_, _>>()?),
        Of::Text(word) if codes::find("answer-states", word).is_some() && word != "answered" => return Ok(row(word, None)),
        Of::Text(word) if word == "given" => AnswerValue::Given,
        Of::Text(word) => match (world.family.person(word), world.dates().day(word)) {
            (Ok(person), _) => AnswerValue::Person(person),
            (_, Ok(day)) => AnswerValue::Day(day),
            _ => AnswerValue::Options(vec![word.clone()]),
        },
        Of::Map(_) => typed(node, world)?,
        Of::Null => return Ok(row("not-asked", None)),
    };
    Ok(row("answered", Some(value)))
}

fn typed(node: &Node, world: &World) -> Result<AnswerValue, Invalid> {
    const TYPES: [&str; 10] = ["yes-no", "options", "scale", "number", "amount", "day", "month", "text", "person", "given"];
    node.only(&TYPES)?;
    let mut fields = node.fields();
    let (Some((of, value)), None) = (fields.next(), fields.next()) else {
        return Err(Invalid::new("", format!("an answer has one type of {}", TYPES.join(", "))));
    };
    let within = |e: Invalid| e.within(of);
    Ok(match of {
        "yes-no" => AnswerValue::YesNo(yes_no(value).map_err(within)?),
        "options" => AnswerValue::Options(value.each().iter().map(text_of).collect::<Result<_, _>>().map_err(within)?),
        "scale" => AnswerValue::Tenths(number::tenths(value).map_err(within)?),
        "number" => AnswerValue::Thousandths(number::thousandths(value).map_err(within)?),
        "amount" => AnswerValue::Pence(number::pence(value).map_err(within)?),
        "day" => AnswerValue::Day(text_of(value).and_then(|t| world.dates().day(&t)).map_err(within)?),
        "month" => {
            let month = text_of(value).map_err(within)?;
            AnswerValue::Month(format!("{month}-01").parse().map_err(|_| Invalid::new(of, format!("`{month}` is not a month as 2026-08")))?)
        }
        "text" => AnswerValue::Text(text_of(value).map_err(within)?),
        "person" => AnswerValue::Person(text_of(value).and_then(|name| world.family.person(&name)).map_err(within)?),
        _ => AnswerValue::Given,
    })
}

fn referral(node: &Node, world: &World) -> Result<Referral, Invalid> {
    node.only(&["on", "route", "organisation-kind", "urgent", "agreed", "problems", "people"])?;
    let mut people = Vec::new();
    for name in words(node, "people")? {
        people.push(world.family.person(&name).map_err(|e| e.within("people"))?);
    }
    people.sort_unstable();
    Ok(Referral {
        on: day(node, "on")?.unwrap_or(world.today),
        route: code(node, "route", "referral-routes")?.ok_or_else(|| Invalid::new("route", "is needed"))?,
        organisation_kind: code(node, "organisation-kind", "organisation-kinds")?,
        urgent: said_yes(node, "urgent")?.unwrap_or(false),
        agreed: said_yes(node, "agreed")?,
        problems: in_order(node, "problems", "problems")?,
        people,
    })
}

fn event(node: &Node, world: &World) -> Result<Event, Invalid> {
    node.only(&["kind", "on", "fact", "person"])?;
    let fact = said_in(node, "fact")?.map(|label| {
        let known = world.family.labels.get(&label).copied();
        let there: Vec<_> = world.family.labels.keys().cloned().collect();
        known.ok_or_else(|| Invalid::new("fact", format!("no fact that is seen is labelled `{label}` (there are {})", there.join(", "))))
    });
    Ok(Event {
        kind: code(node, "kind", "events")?.ok_or_else(|| Invalid::new("kind", "is needed"))?,
        on: day(node, "on")?.unwrap_or(world.today),
        fact: fact.transpose()?,
        person: person(node, world)?,
    })
}

fn candidate(node: &Node) -> Result<(String, Candidate), Invalid> {
    node.only(&["name", "role", "organisation-kind", "families", "most", "strengths", "worked-before"])?;
    let name = said_in(node, "name")?.ok_or_else(|| Invalid::new("name", "is needed"))?;
    let candidate = Candidate {
        role: code(node, "role", "roles")?.ok_or_else(|| Invalid::new("role", "is needed"))?,
        organisation_kind: code(node, "organisation-kind", "organisation-kinds")?.unwrap_or_else(|| "council".into()),
        families: count(node, "families")?.unwrap_or(0),
        most: count(node, "most")?,
        strengths: in_order(node, "strengths", "problems")?,
        worked_before: said_yes(node, "worked-before")?.unwrap_or(false),
    };
    Ok((name, candidate))
}

fn help(node: &Node, world: &World) -> Result<Help, Invalid> {
    node.only(&["kind", "person", "by", "problems"])?;
    Ok(Help {
        kind: code(node, "kind", "service-kinds")?.ok_or_else(|| Invalid::new("kind", "is needed"))?,
        person: person(node, world)?,
        by: day(node, "by")?,
        problems: in_order(node, "problems", "problems")?,
    })
}

fn contract(node: &Node) -> Result<(Vec<String>, Contract), Invalid> {
    const TERMS: [&str; 6] = ["organisation-kind", "from", "until", "paid", "value", "families"];
    node.only(&["organisation-kind", "from", "until", "paid", "value", "families", "helped", "payments", "sessions", "reviews", "others"])?;
    let helped = rows(node, "helped", &["name", "times", "engaged", "ended", "outcome", "entitled-on"], |row| {
        let helped = Helped {
            engaged: needed_day(row, "engaged")?,
            ended: day(row, "ended")?,
            outcome: code(row, "outcome", "outcomes")?,
            entitled_on: day(row, "entitled-on")?,
        };
        let times = count(row, "times")?.unwrap_or(1);
        Ok(vec![(said_in(row, "name")?.unwrap_or_default(), helped); times as usize])
    })?;
    let mut helped: Vec<(String, Helped)> = helped.into_iter().flatten().collect();
    helped.sort_by_key(|(_, h)| h.engaged);
    let (names, families): (Vec<String>, Vec<Helped>) = helped.into_iter().unzip();
    let family = |row: &Node| -> Result<Option<Handle>, Invalid> {
        let Some(name) = said_in(row, "family")? else { return Ok(None) };
        let at = names.iter().position(|n| *n == name).and_then(|at| Handle::try_from(at).ok());
        at.map(Some).ok_or_else(|| Invalid::new("family", format!("`{name}` is not one of the families helped ({})", names.join(", "))))
    };
    let mut payments = rows(node, "payments", &["kind", "family", "amount", "on"], |row| {
        Ok(Paid {
            kind: code(row, "kind", "payment-kinds")?.ok_or_else(|| Invalid::new("kind", "is needed"))?,
            family: family(row)?,
            amount_pence: amount(row, "amount")?,
            on: needed_day(row, "on")?,
        })
    })?;
    payments.sort_by_key(|p| p.on);
    let mut sessions = rows(node, "sessions", &["family", "from", "until", "offered", "kept"], |row| {
        Ok(Appointments {
            family: family(row)?.ok_or_else(|| Invalid::new("family", "is needed"))?,
            window: window(row)?,
            offered: count(row, "offered")?.ok_or_else(|| Invalid::new("offered", "is needed"))?,
            kept: count(row, "kept")?.ok_or_else(|| Invalid::new("kept", "is needed"))?,
        })
    })?;
    sessions.sort_by_key(|s| (s.family, s.window.first));
    let mut reviews = rows(node, "reviews", &["on", "came-to"], |row| {
        let came_to = code(row, "came-to", "reviews")?.ok_or_else(|| Invalid::new("came-to", "is needed"))?;
        Ok(Reviewed { on: needed_day(row, "on")?, came_to })
    })?;
    reviews.sort_by_key(|r| r.on);
    let mut others = rows(node, "others", &TERMS, agreement)?;
    others.sort_by_key(|o| o.window.first);
    Ok((names.clone(), Contract { terms: agreement(node)?, families, payments, sessions, reviews, others }))
}

fn agreement(node: &Node) -> Result<Agreement, Invalid> {
    Ok(Agreement {
        organisation_kind: code(node, "organisation-kind", "organisation-kinds")?.unwrap_or_else(|| "charity".into()),
        window: window(node)?,
        paid: code(node, "paid", "payment-terms")?.ok_or_else(|| Invalid::new("paid", "is needed"))?,
        value_pence: amount(node, "value")?,
        families: count(node, "families")?,
    })
}

/// The services of the directory, in the order of the file, and what they are called.
///
/// # Errors
/// [`Invalid`] below `directory`.
pub fn directory(node: &Node) -> Result<Vec<ServiceGiven>, Invalid> {
    const FIELDS: [&str; 15] = [
        "name",
        "organisation",
        "organisation-kind",
        "kind",
        "from",
        "until",
        "capacity",
        "taken",
        "waiting-days",
        "needs",
        "youngest",
        "oldest",
        "areas",
        "price",
        "per",
    ];
    let mut organisations: Vec<String> = Vec::new();
    let service = |(i, node): (usize, &Node)| {
        let mut read = || -> Result<ServiceGiven, Invalid> {
            node.only(&FIELDS)?;
            let name = said_in(node, "name")?.ok_or_else(|| Invalid::new("name", "is needed"))?;
            let organisation = said_in(node, "organisation")?.unwrap_or_else(|| format!("{name}-provider"));
            let number = organisations.iter().position(|o| *o == organisation).unwrap_or_else(|| {
                organisations.push(organisation.clone());
                organisations.len() - 1
            });
            let age = |field: &str| -> Result<Option<u8>, Invalid> {
                count(node, field)?.map(u8::try_from).transpose().map_err(|_| Invalid::new(field, "is an age in whole years"))
            };
            let has = |fields: &[&str]| fields.iter().any(|f| node.get(f).is_some());
            let place = has(&["capacity", "taken", "waiting-days"]).then(|| {
                Ok(crate::sandbox::PlaceGiven {
                    capacity: count(node, "capacity")?,
                    taken: count(node, "taken")?.unwrap_or(0),
                    waiting_days: count(node, "waiting-days")?,
                })
            });
            let audience = has(&["needs", "youngest", "oldest", "areas"]).then(|| {
                Ok(crate::sandbox::AudienceGiven {
                    needs: in_order(node, "needs", "problems")?,
                    youngest: age("youngest")?,
                    oldest: age("oldest")?,
                    areas: words(node, "areas")?,
                })
            });
            let price = has(&["price"]).then(|| {
                let unit = code(node, "per", "payment-units")?.ok_or_else(|| Invalid::new("per", "is needed beside a price"))?;
                Ok(crate::sandbox::PriceGiven { amount_pence: amount(node, "price")?, unit })
            });
            Ok(ServiceGiven {
                name,
                organisation: u32::try_from(number).unwrap_or(u32::MAX),
                organisation_name: organisation,
                organisation_kind: code(node, "organisation-kind", "organisation-kinds")?.unwrap_or_else(|| "charity".into()),
                kind: code(node, "kind", "service-kinds")?.ok_or_else(|| Invalid::new("kind", "is needed"))?,
                window: Window::new(day(node, "from")?.unwrap_or(Day::FIRST), day(node, "until")?)
                    .map_err(|e| Invalid::new("until", e.why))?,
                place: place.transpose()?,
                audience: audience.transpose()?,
                price: price.transpose()?,
            })
        };
        read().map_err(|e| e.within(&format!("[{i}]")))
    };
    node.each().iter().enumerate().map(service).collect()
}

fn rows<T>(node: &Node, field: &str, known: &[&str], read: impl Fn(&Node) -> Result<T, Invalid>) -> Result<Vec<T>, Invalid> {
    let rows = node.get(field).map(Node::each).unwrap_or_default().iter().enumerate();
    rows.map(|(i, row)| row.only(known).and_then(|()| read(row)).map_err(|e| e.within(&format!("{field}[{i}]")))).collect()
}

fn person(node: &Node, world: &World) -> Result<Option<Handle>, Invalid> {
    said_in(node, "person")?.map(|name| world.family.person(&name).map_err(|e| e.within("person"))).transpose()
}

fn day(node: &Node, field: &str) -> Result<Option<Day>, Invalid> {
    said_in(node, field)?.map(|d| d.parse::<Day>()).transpose().map_err(|e| Invalid::new(field, e.why))
}

fn needed_day(node: &Node, field: &str) -> Result<Day, Invalid> {
    day(node, field)?.ok_or_else(|| Invalid::new(field, "is needed"))
}

fn window(node: &Node) -> Result<Window, Invalid> {
    Window::new(needed_day(node, "from")?, day(node, "until")?).map_err(|e| Invalid::new("until", e.why))
}

fn code(node: &Node, field: &str, list: &str) -> Result<Option<String>, Invalid> {
    let code = said_in(node, field)?;
    code.as_ref().map_or(Ok(()), |code| codes::check(field, list, code))?;
    Ok(code)
}

fn words(node: &Node, field: &str) -> Result<Vec<String>, Invalid> {
    node.get(field).map(Node::each).unwrap_or_default().iter().map(|w| text_of(w).map_err(|e| e.within(field))).collect()
}

/// Codes, each once, in the order of their list: as the interface promises.
fn in_order(node: &Node, field: &str, list: &str) -> Result<Vec<String>, Invalid> {
    let mut found = words(node, field)?;
    found.iter().try_for_each(|code| codes::check(field, list, code))?;
    found.sort_by_key(|code| codes::position(list, code));
    found.dedup();
    Ok(found)
}

fn count(node: &Node, field: &str) -> Result<Option<u32>, Invalid> {
    node.get(field).map(|n| number::count(n).map_err(|e| e.within(field))).transpose()
}

fn amount(node: &Node, field: &str) -> Result<i64, Invalid> {
    let amount = node.get(field).ok_or_else(|| Invalid::new(field, "is needed"))?;
    number::pence(amount).map_err(|e| e.within(field))
}

fn yes_no(node: &Node) -> Result<bool, Invalid> {
    if let Of::YesNo(yes) = node.of { Ok(yes) } else { Err(Invalid::new("", format!("is {}, and has to be true or false", node.shown()))) }
}

fn said_yes(node: &Node, field: &str) -> Result<Option<bool>, Invalid> {
    node.get(field).map(|n| yes_no(n).map_err(|e| e.within(field))).transpose()
}
