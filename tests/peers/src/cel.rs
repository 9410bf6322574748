//! CEL, as far as it can say the rule: the criterion `school`, each child's share of sessions and how it stands.
//!
//! It cannot say: sums (a function of ours), calendar months and working days, which terms count, ages (worked out beforehand, once,
//! and not timed), coverage that several statements fill together, a reason with what it rests on, a claim, a task, a refusal.

use std::rc::Rc;
use std::sync::Arc;

use anyhow::{Result, anyhow};
use cel::{Context, Env, Program, Value};
use rule::{Given, reckoning};
use serde::Serialize;

use crate::{Decided, Peer};

const RULE: &str = "
residents.filter(r, r.age != null && r.age >= 5 && r.age <= 15)
  .map(r, {
    'person': r.person,
    'now': attendances.filter(a, a.person == r.person && a.last != null && now.exists(p, p.first <= a.last && a.last <= p.last)),
    'before': attendances.filter(a, a.person == r.person && a.last != null && before.exists(p, p.first <= a.last && a.last <= p.last)),
    'known': coverage.all(c, c.person != r.person || c.kind != 'attendance' || c.last < first || c.first > last || c.state == 'complete')
      && coverage.exists(c, (c.person == null || c.person == r.person) && c.kind == 'attendance' && c.state == 'complete'
                            && c.first <= first && c.last >= last),
  })
  .map(r, {
    'person': r.person,
    'known': r.known,
    'attended': sum(r.now.map(a, a.attended)),
    'possible': sum(r.now.map(a, a.possible)),
    'attended_before': sum(r.before.map(a, a.attended)),
    'possible_before': sum(r.before.map(a, a.possible)),
  })
  .map(r, {
    'person': r.person,
    'now': r.possible == 0 ? null : r.attended * 1000 / r.possible,
    'before': r.possible_before == 0 ? null : r.attended_before * 1000 / r.possible_before,
    'standing': r.possible == 0 || !r.known ? 'not-enough-evidence'
      : r.attended * 1000 >= enough * r.possible ? 'met' : 'not-met',
  })";

/// Numbers are signed throughout: CEL does not reckon with signed and unsigned ones together.
#[derive(Serialize)]
struct Resident {
    person: i64,
    age: Option<i64>,
}

#[derive(Serialize)]
struct Period {
    first: i64,
    last: i64,
}

#[derive(Serialize)]
struct Attendance {
    person: i64,
    last: Option<i64>,
    possible: i64,
    attended: i64,
}

#[derive(Serialize)]
struct Statement<'a> {
    person: Option<i64>,
    kind: &'a str,
    first: i64,
    last: i64,
    state: &'a str,
}

pub struct Cel {
    program: Program,
    root: Context<'static, 'static>,
    given: Rc<Given>,
}

impl Cel {
    pub fn start(given: Rc<Given>) -> Result<Self> {
        let env = Arc::new(Env::stdlib());
        let program = env.compile(RULE).map_err(|e| anyhow!("{e}"))?;
        let mut root = Context::with_env(env);
        root.add_function("sum", sum).map_err(|e| anyhow!("{e:?}"))?;
        // What a program around it would have worked out.
        let settings: serde_json::Value = serde_json::from_str(&given.settings)?;
        let number = |name: &str| settings[name].as_i64().ok_or_else(|| anyhow!("the setting {name}"));
        let terms = given.terms.iter().flatten().filter(|term| term.last <= given.as_of);
        let mut now: Vec<_> = terms.map(|term| Period { first: term.first.into(), last: term.last.into() }).collect();
        let count = usize::try_from(number("terms")?)?;
        let mut last_of_them = || now.split_off(now.len().saturating_sub(count));
        let (now, before) = (last_of_them(), last_of_them());
        let (first, last) = now.first().zip(now.last()).map(|(first, last)| (first.first, last.last)).ok_or_else(|| anyhow!("no term"))?;
        let age = |person: u32| Some(reckoning::age(given.people[person as usize]?, given.as_of)?.into());
        let resident = |person: u32| Resident { person: person.into(), age: age(person) };
        let residents: Vec<_> = given.members.iter().filter(|m| m.resident).map(|m| resident(m.person)).collect();
        root.add_variable_from_value("now", cel::to_value(now)?);
        root.add_variable_from_value("before", cel::to_value(before)?);
        root.add_variable_from_value("first", first);
        root.add_variable_from_value("last", last);
        root.add_variable_from_value("residents", cel::to_value(residents)?);
        root.add_variable_from_value("enough", number("attendance-tenths")?);
        Ok(Self { program, root, given })
    }
}

fn sum(list: Arc<Vec<Value>>) -> i64 {
    list.iter().map(|value| if let Value::Int(number) = value { *number } else { 0 }).sum()
}

impl Peer for Cel {
    fn ask(&mut self) -> Result<Decided> {
        let attendances = self.given.attendances.iter().map(|a| Attendance {
            person: a.person.into(),
            last: a.last.map(i64::from),
            possible: a.possible.into(),
            attended: a.attended.into(),
        });
        let coverage = self.given.coverage.iter().map(|c| Statement {
            person: c.person.map(i64::from),
            kind: &c.kind,
            first: c.first.into(),
            last: c.last.into(),
            state: &c.state,
        });
        let mut context = self.root.new_inner_scope();
        context.add_variable_from_value("attendances", cel::to_value(attendances.collect::<Vec<_>>())?);
        context.add_variable_from_value("coverage", cel::to_value(coverage.collect::<Vec<_>>())?);
        let found = self.program.execute(&context).map_err(|e| anyhow!("{e}"))?;
        Ok(Decided::Part(found.json().map_err(|e| anyhow!("{e}"))?))
    }
}
