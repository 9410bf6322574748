//! What a scenario's question is about beside the record: the answers to a form, a referral, an event, candidates, help that is
//! wanted, a contract. People, workers, services and a contract's families go by names; the interface numbers them.

use super::form;
use super::node::{Node, Of};
use super::number;
use super::world::{World, text_of};
use super::{Who, said_in};
use crate::plugins::Manifest;
use crate::record::sections::Handle;
use crate::record::{Day, Invalid, Window, codes};
use crate::sandbox::matter::{Agreement, Appointments, Candidate, Contract, Event, Help, Helped, Matter, Paid, Referral, Reviewed};
use crate::sandbox::{Question, ServiceGiven};

/// The matter of `question`, and the names that it brought along.
///
/// # Errors
/// [`Invalid`] below `about`.
pub fn matter(world: &World, question: Question, manifest: &Manifest) -> Result<(Matter, Who), Invalid> {
    let mut who = Who { people: world.family.people.clone(), ..Who::default() };
    let Some(about) = &world.about else {
        let needs = "is needed: the question is about more than the record";
        return if Matter::Record.suits(question) { Ok((Matter::Record, who)) } else { Err(Invalid::new("", needs)) };
    };
    about.only(&["form", "digest", "answers", "groups", "before", "referral", "event", "candidates", "help", "contract"])?;
    let mut named = ["form", "referral", "event", "candidates", "help", "contract"].into_iter().filter(|m| about.get(m).is_some());
    let (Some(name), None) = (named.next(), named.next()) else {
        return Err(Invalid::new("", "is one of form, referral, event, candidates, help and contract"));
    };
    let Some(node) = about.get(name) else { return Ok((Matter::Record, who)) };
    let within = |e: Invalid| e.within(name);
    let matter = match name {
        "form" if question == Question::MigrateAnswers => Matter::Form(form::older(about, world)?),
        "form" => Matter::Form(form::matter(about, world, manifest)?),
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

/// Families of one contract.
const MOST_HELPED: u32 = 1_000;

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
        if !(1..=MOST_HELPED).contains(&times) {
            return Err(Invalid::new("times", format!("is {times}, and may be 1 to {MOST_HELPED}")));
        }
        let name = said_in(row, "name")?.unwrap_or_else(|| "family".into());
        let numbered = |n| if times == 1 && name != "family" { name.clone() } else { format!("{name}-{n}") };
        Ok((1..=times).map(|n| (numbered(n), helped.clone())).collect::<Vec<_>>())
    })?;
    let mut helped: Vec<(String, Helped)> = helped.into_iter().flatten().collect();
    if helped.len() > MOST_HELPED as usize {
        return Err(Invalid::new("helped", format!("has {} families, and may have {MOST_HELPED}", helped.len())));
    }
    helped.sort_by_key(|(_, h)| h.engaged);
    let (names, families): (Vec<String>, Vec<Helped>) = helped.into_iter().unzip();
    if let Some((_, twice)) = names.iter().enumerate().find(|(i, name)| names[..*i].contains(name)) {
        return Err(Invalid::new("helped", format!("two families are called `{twice}`: name them")));
    }
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
    Ok((names.clone(), Contract { terms: agreement(node)?, families, payments, sessions, reviews, others, provider: None }))
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
                id: None,
                name,
                organisation: u32::try_from(number).unwrap_or(u32::MAX),
                organisation_name: organisation,
                organisation_id: None,
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
