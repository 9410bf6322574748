//! What an assessment plugin is given beside the record, and what it reports.

use crate::forms::is_id;
use crate::sandbox::answer::Reported;
use crate::sandbox::bindings::hearth::assessment::{answers, migrated, results};
use crate::sandbox::bindings::hearth::decision::messages;
use crate::sandbox::bindings::hearth::family::types as wit;
use crate::sandbox::fault::{Stop, nonsense};
use crate::sandbox::limits::{LONGEST_ANSWER, MOST_PUTS};
use crate::sandbox::matter::{AnswerRow, AnswerValue, FormMatter, Matter};
use crate::sandbox::question::ExtensionPoint::Assessment;
use crate::sandbox::run::{Run, absence, code, day, shown};
use crate::sandbox::vocabulary::Sort;

impl answers::Host for Run {
    fn form(&mut self) -> anyhow::Result<Result<String, wit::Absence>> {
        self.count_call()?;
        Ok(self.form_matter().map(|form| form.form.clone()))
    }

    fn given(&mut self) -> anyhow::Result<Result<Vec<answers::Answer>, wit::Absence>> {
        self.count_call()?;
        let rows = self.form_matter().map(|form| form.answers.iter().map(answer).collect::<Vec<_>>());
        self.count_answers(rows.as_deref().unwrap_or_default())?;
        Ok(rows)
    }

    fn before(&mut self) -> anyhow::Result<Result<Option<(i32, Vec<answers::Answer>)>, wit::Absence>> {
        self.count_call()?;
        let before = self
            .form_matter()
            .map(|form| form.before.as_ref().map(|before| (before.on.number(), before.answers.iter().map(answer).collect::<Vec<_>>())));
        if let Ok(Some((_, rows))) = &before {
            self.count_answers(rows)?;
        }
        Ok(before)
    }
}

fn answer(row: &AnswerRow) -> answers::Answer {
    answers::Answer {
        question: row.question.clone(),
        person: row.person,
        item: row.item,
        state: row.state.clone(),
        value: row.value.as_ref().map(value),
    }
}

fn value(value: &AnswerValue) -> answers::Value {
    match value {
        AnswerValue::YesNo(yes) => answers::Value::YesNo(*yes),
        AnswerValue::Options(options) => answers::Value::Options(options.clone()),
        AnswerValue::Tenths(tenths) => answers::Value::Tenths(*tenths),
        AnswerValue::Thousandths(number) => answers::Value::Thousandths(*number),
        AnswerValue::Pence(pence) => answers::Value::Pence(*pence),
        AnswerValue::Day(day) => answers::Value::Day(day.number()),
        AnswerValue::Month(day) => answers::Value::Month(day.number()),
        AnswerValue::Text(text) => answers::Value::Text(text.clone()),
        AnswerValue::Person(person) => answers::Value::Person(*person),
        AnswerValue::Given => answers::Value::Given,
    }
}

impl results::Host for Run {
    fn score(
        &mut self,
        domain: String,
        person: Option<u32>,
        value: i32,
        least: i32,
        most: i32,
        higher_is_better: bool,
        reasons: Vec<messages::Reason>,
    ) -> anyhow::Result<u32> {
        self.count_call()?;
        let (domain, person) = (self.named(Sort::Domain, domain)?, self.person_if_any(person)?);
        if !(least..=most).contains(&value) || least >= most {
            return nonsense(format!("a score of {value} tenths on a scale from {least} to {most}"));
        }
        self.once(
            "a score in one area and of one person",
            |r| matches!(r, Reported::Score { domain: d, person: p, .. } if (d, p) == (&domain, &person)),
        )?;
        let reasons = self.reasons(&format!("the score in `{domain}`"), reasons)?;
        self.report(Assessment, Reported::Score { domain, person, value, least, most, higher_is_better, reasons })
    }

    fn distance(
        &mut self,
        domain: String,
        person: Option<u32>,
        before: i32,
        now: i32,
        since: i32,
        reasons: Vec<messages::Reason>,
    ) -> anyhow::Result<u32> {
        self.count_call()?;
        let (domain, person) = (self.named(Sort::Domain, domain)?, self.person_if_any(person)?);
        let since = day(since)?;
        if since > self.given.context.as_of {
            return nonsense(format!("a distance since {since}, after the as-of date"));
        }
        self.once(
            "a distance in one area and of one person",
            |r| matches!(r, Reported::Distance { domain: d, person: p, .. } if (d, p) == (&domain, &person)),
        )?;
        let reasons = self.reasons(&format!("the distance in `{domain}`"), reasons)?;
        self.report(Assessment, Reported::Distance { domain, person, before, now, since, reasons })
    }

    fn need(&mut self, need: String, person: Option<u32>, reasons: Vec<messages::Reason>) -> anyhow::Result<u32> {
        self.count_call()?;
        let (need, person) = (code("need", "problems", need)?, self.person_if_any(person)?);
        self.once("one need of one person", |r| matches!(r, Reported::Need { need: n, person: p, .. } if (n, p) == (&need, &person)))?;
        let reasons = self.reasons(&format!("the need `{need}`"), reasons)?;
        self.report(Assessment, Reported::Need { need, person, reasons })
    }

    fn tier(&mut self, tier: String, reasons: Vec<messages::Reason>) -> anyhow::Result<u32> {
        self.count_call()?;
        let tier = self.named(Sort::Tier, tier)?;
        self.once("a tier", |r| matches!(r, Reported::Tier { .. }))?;
        let reasons = self.reasons("the tier", reasons)?;
        self.report(Assessment, Reported::Tier { tier, reasons })
    }

    fn remark(
        &mut self,
        question: String,
        person: Option<u32>,
        item: Option<u32>,
        wrong: bool,
        message: messages::Message,
    ) -> anyhow::Result<()> {
        self.count_call()?;
        if !self.is_asked(&question) {
            return nonsense(format!("a remark on `{}`, which is no question of the form", shown(&question)));
        }
        let (person, message) = (self.person_if_any(person)?, self.message(message)?);
        self.report(Assessment, Reported::Remark { question, person, item, wrong, message }).map(|_| ())
    }
}

impl migrated::Host for Run {
    fn put(&mut self, question: String, person: Option<u32>, item: Option<u32>, value: answers::Value) -> anyhow::Result<()> {
        self.count_call()?;
        self.may_report(Assessment)?;
        let (question, person) = (own_id("question", question)?, self.person_if_any(person)?);
        let place = (&question, person, item);
        self.once("one answer", |r| matches!(r, Reported::Put { question, person, item, .. } if (question, *person, *item) == place))?;
        if self.reported.len() >= MOST_PUTS {
            return Err(Stop::TooMuch { what: "answers carried over", most: MOST_PUTS }.into());
        }
        let value = self.put_value(value)?;
        self.count_said(128)?;
        self.reported.push(Reported::Put { question, person, item, value });
        Ok(())
    }
}

/// An id of the newer form, which only the host knows whole: a word, so that no text is smuggled in it.
fn own_id(what: &str, id: String) -> anyhow::Result<String> {
    match is_id(what, &id) {
        Ok(()) => Ok(id),
        Err(e) => nonsense(format!("{what} `{}` {}", shown(&id), e.why)),
    }
}

impl Run {
    fn form_matter(&self) -> Result<&FormMatter, wit::Absence> {
        match &*self.given.matter {
            Matter::Form(form) => Ok(form),
            _ => Err(absence("not-asked-about")),
        }
    }

    fn count_answers(&mut self, rows: &[answers::Answer]) -> anyhow::Result<()> {
        self.count_rows(rows.len())?;
        let bytes = |row: &answers::Answer| match &row.value {
            Some(answers::Value::Text(text)) => text.len(),
            _ => 0,
        };
        self.count_text(rows.iter().map(bytes).sum())
    }

    fn put_value(&mut self, value: answers::Value) -> anyhow::Result<AnswerValue> {
        Ok(match value {
            answers::Value::YesNo(yes) => AnswerValue::YesNo(yes),
            answers::Value::Options(options) => {
                self.count_said(options.len() * 64)?;
                AnswerValue::Options(options.into_iter().map(|o| own_id("option", o)).collect::<anyhow::Result<_>>()?)
            }
            answers::Value::Tenths(tenths) => AnswerValue::Tenths(tenths),
            answers::Value::Thousandths(number) => AnswerValue::Thousandths(number),
            answers::Value::Pence(pence) => AnswerValue::Pence(pence),
            answers::Value::Day(number) => AnswerValue::Day(day(number)?),
            answers::Value::Month(number) => AnswerValue::Month(day(number)?),
            answers::Value::Text(text) => {
                if text.len() > LONGEST_ANSWER {
                    return Err(Stop::TooMuch { what: "bytes of one text", most: LONGEST_ANSWER }.into());
                }
                self.count_said(text.len())?;
                AnswerValue::Text(text)
            }
            answers::Value::Person(person) => AnswerValue::Person(self.known_person(person)?),
            answers::Value::Given => AnswerValue::Given,
        })
    }
}
