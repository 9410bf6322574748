//! What a question is about, as whoever asks says it: people and facts by their ids. A run is told of them by its own handles,
//! so this becomes a [`Matter`] only beside the snapshot that the run is given.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::{Asking, answered};
use crate::forms::{Form, is_id};
use crate::record::fact::{slug, text};
use crate::record::sections::Handle;
use crate::record::{Day, Digest, FactId, Invalid, PersonId, Snapshot, codes, from_json};
use crate::sandbox::matter::{self, AnswerRow, AnswerValue, AnsweredBefore, FormMatter, Matter};
use crate::sandbox::{ExtensionPoint, Question};
use crate::store::Referral;

/// A question about a family, with what it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asks {
    /// About the record alone.
    Outcomes(Asking),
    Triage(ReferralAsked),
    OnEvent(EventAsked),
    Allocate(CandidatesAsked),
    Evaluate(FormAsked),
    /// Of the host alone, about answers to an older form.
    Migrate(FormAsked),
    Shortlist(HelpAsked),
}

/// What can be asked about a family.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FamilyQuestion {
    Eligibility,
    Progress,
    /// Progress where an episode has begun by the as-of date; eligibility otherwise.
    Suited,
    Triage,
    OnEvent,
    Allocate,
    Evaluate,
    Shortlist,
}

/// What a question is about; which of these goes with which question is in their names. Eligibility, progress and suited are about
/// the record alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(untagged)]
pub enum About {
    Triage(ReferralAsked),
    OnEvent(EventAsked),
    Allocate(CandidatesAsked),
    Evaluate(FormAsked),
    Shortlist(HelpAsked),
}

/// The referral that `triage` is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReferralAsked {
    /// The day it came in; not after the as-of date.
    on: Day,
    /// Code list referral-routes.
    #[schema(example = "professional")]
    route: String,
    /// Who sent it: code list organisation-kinds. Left out: the family itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    organisation_kind: Option<String>,
    /// As the sender marked it.
    #[serde(default)]
    urgent: bool,
    /// Did the family agree to it? Left out: not recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    agreed: Option<bool>,
    /// That the sender names: code list problems, each once.
    #[serde(default)]
    problems: Vec<String>,
    /// Members of the family whom it names, at most 100; none: the whole family.
    #[serde(default)]
    people: Vec<PersonId>,
}

/// What happened, for `on-event`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EventAsked {
    /// Code list events.
    #[schema(example = "police-callout")]
    pub(super) kind: String,
    /// The day it happened; not after the as-of date.
    pub(super) on: Day,
    /// The fact that it was recorded as.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) fact: Option<FactId>,
    /// Whom it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) person: Option<PersonId>,
}

/// Who could take the family, for `allocate`. The answer speaks of them by their place in this list, from 1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CandidatesAsked {
    /// 1 to 1,000. No names: a plugin chooses by what stands here.
    candidates: Vec<CandidateAsked>,
}

/// A worker who could take the family.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CandidateAsked {
    /// Code list roles.
    pub(super) role: String,
    /// Code list organisation-kinds.
    pub(super) organisation_kind: String,
    /// Families that they hold.
    pub(super) families: u32,
    /// Families that they may hold; left out: no limit is set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) most: Option<u32>,
    /// What they know well: code list problems, each once.
    #[serde(default)]
    pub(super) strengths: Vec<String>,
    /// With this family.
    #[serde(default)]
    pub(super) worked_before: bool,
}

/// The help that `shortlist` is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HelpAsked {
    /// Code list service-kinds.
    kind: String,
    /// For whom; left out: the family.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    person: Option<PersonId>,
    /// When it is needed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    by: Option<Day>,
    /// That it is to help with: code list problems, each once.
    #[serde(default)]
    problems: Vec<String>,
}

/// The answers to a form, for `evaluate`: what shows, in the form's order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FormAsked {
    /// The form's id in the manifest.
    pub(super) form: String,
    /// The digest of the form that the answers were given to.
    pub(super) digest: Digest,
    /// At most 2,000.
    pub(super) answers: Vec<AnswerAsked>,
    /// The last answers to the same form that were completed before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) before: Option<BeforeAsked>,
}

/// Answers that were completed before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BeforeAsked {
    /// Not after the as-of date.
    pub(super) on: Day,
    /// At most 2,000.
    pub(super) answers: Vec<AnswerAsked>,
}

/// One question of a form, as it was answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswerAsked {
    /// Its id in the form.
    pub(super) question: String,
    /// In a group for each person: whom it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) person: Option<PersonId>,
    /// In a repeating group: which one, from 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) item: Option<u32>,
    /// Code list answer-states. Only what is `answered` has a value.
    pub(super) state: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) value: Option<ValueAsked>,
}

/// What was answered, by the kind of question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ValueAsked {
    YesNo(bool),
    /// Ids of the chosen options, in the form's order; at most 200.
    Options(Vec<String>),
    /// A point on a scale: 3½ is 35.
    Tenths(i32),
    /// A number: 2.5 is 2500.
    Thousandths(i64),
    Pence(i64),
    Day(Day),
    /// As its first day.
    Month(Day),
    /// At most 10,000 bytes.
    Text(String),
    Person(PersonId),
    /// Of what no plugin is told: names, addresses, identifiers, files; of a declaration, that it was made (as `yes-no` says too, and that it was refused).
    Given,
}

impl AnswerAsked {
    /// Whom its value names.
    pub(super) const fn names(&self) -> Option<PersonId> {
        match self.value {
            Some(ValueAsked::Person(person)) => Some(person),
            _ => None,
        }
    }
}

const MOST_PEOPLE: usize = 100;
const MOST_CANDIDATES: usize = 1_000;
const MOST_ANSWERS: usize = 2_000;
const MOST_OPTIONS: usize = 200;
const LONGEST_TEXT: usize = 10_000;

impl ReferralAsked {
    /// A referral that is about a family, as its pathway is asked about it.
    pub(super) fn of(referral: &Referral, people: Vec<PersonId>) -> Self {
        Self {
            on: referral.came_on,
            route: referral.route.clone(),
            organisation_kind: referral.organisation_kind.clone(),
            urgent: referral.urgent,
            agreed: referral.agreed,
            problems: referral.problems.clone(),
            people,
        }
    }
}

impl CandidatesAsked {
    pub(super) const fn of(candidates: Vec<CandidateAsked>) -> Self {
        Self { candidates }
    }
}

impl Asks {
    /// Reads a question and what it is about.
    ///
    /// # Errors
    /// [`Invalid`] naming `question`, or the field below `about`.
    pub fn read(question: &str, about: Option<Value>) -> Result<Self, Invalid> {
        fn read<T: serde::de::DeserializeOwned>(about: Option<Value>) -> Result<T, Invalid> {
            let about = about.ok_or_else(|| Invalid::new("about", "is missing: say what the question is about"))?;
            from_json(about).map_err(|e| e.within("about"))
        }
        let outcomes = match question {
            "eligibility" => Some(Asking::Eligibility),
            "progress" => Some(Asking::Progress),
            "suited" => Some(Asking::Suited),
            _ => None,
        };
        if let Some(asking) = outcomes {
            return match about {
                None => Ok(Self::Outcomes(asking)),
                Some(_) => Err(Invalid::new("about", format!("`{question}` is about the record alone: leave this out"))),
            };
        }
        match Question::from_code(question) {
            Some(Question::Triage) => read(about).map(Self::Triage),
            Some(Question::OnEvent) => read(about).map(Self::OnEvent),
            Some(Question::Allocate) => read(about).map(Self::Allocate),
            Some(Question::Evaluate) => read(about).map(Self::Evaluate),
            Some(Question::Shortlist) => read(about).map(Self::Shortlist),
            Some(other) if !other.about_a_family() => {
                let why = format!("`{question}` is about a contract and no family: ask it of the contract");
                Err(Invalid::new("question", why))
            }
            _ => {
                let known = "eligibility, progress, suited, triage, on-event, allocate, evaluate, shortlist";
                Err(Invalid::new("question", format!("`{question}` is not a question about a family ({known})")))
            }
        }
    }

    /// As it was asked: what [`Asks::untold`] reads again.
    #[must_use]
    pub fn told(&self) -> Value {
        let (question, about) = match self {
            Self::Outcomes(Asking::Eligibility) => ("eligibility", None),
            Self::Outcomes(Asking::Progress) => ("progress", None),
            Self::Outcomes(Asking::Suited) => ("suited", None),
            Self::Triage(referral) => ("triage", Some(serde_json::to_value(referral))),
            Self::OnEvent(event) => ("on-event", Some(serde_json::to_value(event))),
            Self::Allocate(candidates) => ("allocate", Some(serde_json::to_value(candidates))),
            Self::Evaluate(form) => ("evaluate", Some(serde_json::to_value(form))),
            Self::Migrate(form) => (Question::MigrateAnswers.code(), Some(serde_json::to_value(form))),
            Self::Shortlist(help) => ("shortlist", Some(serde_json::to_value(help))),
        };
        // Words, numbers and lists, which always become JSON.
        serde_json::json!({ "question": question, "about": about.and_then(Result::ok) })
    }

    /// # Errors
    /// As [`Asks::read`].
    pub fn untold(told: &Value) -> Result<Self, Invalid> {
        let about = told.get("about").filter(|a| !a.is_null()).cloned();
        let question = told.get("question").and_then(Value::as_str).unwrap_or_default();
        if question == Question::MigrateAnswers.code() {
            return from_json(about.unwrap_or_default()).map(Self::Migrate).map_err(|e| e.within("about"));
        }
        Self::read(question, about)
    }

    /// Whose rules are asked.
    #[must_use]
    pub const fn extension_point(&self) -> ExtensionPoint {
        match self {
            Self::Outcomes(_) => ExtensionPoint::Outcomes,
            Self::Triage(_) | Self::OnEvent(_) | Self::Allocate(_) => ExtensionPoint::Pathway,
            Self::Evaluate(_) | Self::Migrate(_) => ExtensionPoint::Assessment,
            Self::Shortlist(_) => ExtensionPoint::Commissioning,
        }
    }

    /// What the run is asked, in its own handles.
    ///
    /// # Errors
    /// [`Invalid`] naming the field below `about`: a word that is not in its list, a person or fact that is not this family's.
    pub(super) fn put(&self, snapshot: &Snapshot, as_of: Day, forms: &[Form]) -> Result<(Question, Matter), Invalid> {
        let told = Told { snapshot, as_of, forms };
        let put = match self {
            Self::Outcomes(asking) => Ok((asking.question(snapshot, as_of), Matter::Record)),
            Self::Triage(referral) => told.referral(referral).map(|r| (Question::Triage, Matter::Referral(r))),
            Self::OnEvent(event) => told.event(event).map(|e| (Question::OnEvent, Matter::Event(e))),
            Self::Allocate(asked) => candidates(asked).map(|c| (Question::Allocate, Matter::Candidates(c))),
            Self::Evaluate(form) => told.form(form).map(|f| (Question::Evaluate, Matter::Form(f))),
            Self::Migrate(form) => told.older(form).map(|f| (Question::MigrateAnswers, Matter::Form(f))),
            Self::Shortlist(help) => told.help(help).map(|h| (Question::Shortlist, Matter::Help(h))),
        };
        put.map_err(|e| e.within("about"))
    }
}

/// The family that a question is told about.
struct Told<'a> {
    snapshot: &'a Snapshot,
    as_of: Day,
    /// Of the plugin that is asked.
    forms: &'a [Form],
}

impl Told<'_> {
    fn person(&self, field: &str, id: PersonId) -> Result<Handle, Invalid> {
        let found = (0..).zip(&self.snapshot.people).find(|(_, p)| p.id == id).map(|(handle, _)| handle);
        found.ok_or_else(|| Invalid::new(field, format!("person {id} is not of this family")))
    }

    fn person_if_any(&self, field: &str, id: Option<PersonId>) -> Result<Option<Handle>, Invalid> {
        id.map(|id| self.person(field, id)).transpose()
    }

    fn not_to_come(&self, field: &str, day: Day) -> Result<Day, Invalid> {
        if day <= self.as_of { Ok(day) } else { Err(Invalid::new(field, format!("{day} is after the as-of date, {}", self.as_of))) }
    }

    fn referral(&self, asked: &ReferralAsked) -> Result<matter::Referral, Invalid> {
        codes::check("route", "referral-routes", &asked.route)?;
        if let Some(kind) = &asked.organisation_kind {
            codes::check("organisation_kind", "organisation-kinds", kind)?;
        }
        each_once("problems", "problems", &asked.problems)?;
        at_most("people", asked.people.len(), MOST_PEOPLE)?;
        let people = asked.people.iter().enumerate().map(|(i, id)| self.person(&format!("people[{i}]"), *id));
        Ok(matter::Referral {
            on: self.not_to_come("on", asked.on)?,
            route: asked.route.clone(),
            organisation_kind: asked.organisation_kind.clone(),
            urgent: asked.urgent,
            agreed: asked.agreed,
            problems: asked.problems.clone(),
            people: people.collect::<Result<_, _>>()?,
        })
    }

    fn event(&self, asked: &EventAsked) -> Result<matter::Event, Invalid> {
        codes::check("kind", "events", &asked.kind)?;
        let fact = |id: FactId| {
            let found = (0..).zip(&self.snapshot.facts).find(|(_, f)| f.id == id).map(|(handle, _)| handle);
            found.ok_or_else(|| Invalid::new("fact", format!("fact {id} is not in this family's record")))
        };
        Ok(matter::Event {
            kind: asked.kind.clone(),
            on: self.not_to_come("on", asked.on)?,
            fact: asked.fact.map(fact).transpose()?,
            person: self.person_if_any("person", asked.person)?,
        })
    }

    fn help(&self, asked: &HelpAsked) -> Result<matter::Help, Invalid> {
        codes::check("kind", "service-kinds", &asked.kind)?;
        each_once("problems", "problems", &asked.problems)?;
        let person = self.person_if_any("person", asked.person)?;
        Ok(matter::Help { kind: asked.kind.clone(), person, by: asked.by, problems: asked.problems.clone() })
    }

    fn form(&self, asked: &FormAsked) -> Result<FormMatter, Invalid> {
        answered::fits(self.forms, asked)?;
        self.older(asked)
    }

    /// To whichever form it was: the plugin that is asked may have it no more.
    fn older(&self, asked: &FormAsked) -> Result<FormMatter, Invalid> {
        slug("form", &asked.form)?;
        let before = asked.before.as_ref().map(|before| {
            let on = self.not_to_come("on", before.on)?;
            Ok::<_, Invalid>(AnsweredBefore { on, answers: self.answers(&before.answers)? })
        });
        let before = before.transpose().map_err(|e| e.within("before"))?;
        Ok(FormMatter { form: asked.form.clone(), digest: asked.digest, answers: self.answers(&asked.answers)?, before })
    }

    fn answers(&self, asked: &[AnswerAsked]) -> Result<Vec<AnswerRow>, Invalid> {
        at_most("answers", asked.len(), MOST_ANSWERS)?;
        let rows = asked.iter().enumerate().map(|(i, a)| self.answer(a).map_err(|e| e.within(&format!("answers[{i}]"))));
        rows.collect()
    }

    fn answer(&self, asked: &AnswerAsked) -> Result<AnswerRow, Invalid> {
        is_id("question", &asked.question)?;
        codes::check("state", "answer-states", &asked.state)?;
        if (asked.state == "answered") != asked.value.is_some() {
            return Err(Invalid::new("value", "stands exactly where the state is `answered`"));
        }
        Ok(AnswerRow {
            question: asked.question.clone(),
            person: self.person_if_any("person", asked.person)?,
            item: asked.item,
            state: asked.state.clone(),
            value: asked.value.as_ref().map(|v| self.value(v)).transpose().map_err(|e| e.within("value"))?,
        })
    }

    fn value(&self, asked: &ValueAsked) -> Result<AnswerValue, Invalid> {
        Ok(match asked {
            ValueAsked::YesNo(yes) => AnswerValue::YesNo(*yes),
            ValueAsked::Options(chosen) => {
                at_most("options", chosen.len(), MOST_OPTIONS)?;
                for (i, option) in chosen.iter().enumerate() {
                    is_id(&format!("options[{i}]"), option)?;
                }
                AnswerValue::Options(chosen.clone())
            }
            ValueAsked::Tenths(n) => AnswerValue::Tenths(*n),
            ValueAsked::Thousandths(n) => AnswerValue::Thousandths(*n),
            ValueAsked::Pence(n) => AnswerValue::Pence(*n),
            ValueAsked::Day(day) => AnswerValue::Day(*day),
            ValueAsked::Month(day) => AnswerValue::Month(*day),
            ValueAsked::Text(written) if written.len() > LONGEST_TEXT => {
                return Err(Invalid::new("text", format!("is {} bytes long, and may be {LONGEST_TEXT}", written.len())));
            }
            ValueAsked::Text(written) => AnswerValue::Text(written.clone()),
            ValueAsked::Person(id) => AnswerValue::Person(self.person("person", *id)?),
            ValueAsked::Given => AnswerValue::Given,
        })
    }
}

fn candidates(asked: &CandidatesAsked) -> Result<Vec<matter::Candidate>, Invalid> {
    if asked.candidates.is_empty() {
        return Err(Invalid::new("candidates", "names nobody"));
    }
    at_most("candidates", asked.candidates.len(), MOST_CANDIDATES)?;
    let candidate = |c: &CandidateAsked| {
        codes::check("role", "roles", &c.role)?;
        codes::check("organisation_kind", "organisation-kinds", &c.organisation_kind)?;
        each_once("strengths", "problems", &c.strengths)?;
        Ok(matter::Candidate {
            role: c.role.clone(),
            organisation_kind: c.organisation_kind.clone(),
            families: c.families,
            most: c.most,
            strengths: c.strengths.clone(),
            worked_before: c.worked_before,
        })
    };
    let all = asked.candidates.iter().enumerate();
    all.map(|(i, c)| candidate(c).map_err(|e: Invalid| e.within(&format!("candidates[{i}]")))).collect()
}

pub(crate) fn each_once(field: &str, list: &str, words: &[String]) -> Result<(), Invalid> {
    for (i, word) in words.iter().enumerate() {
        codes::check(&format!("{field}[{i}]"), list, word)?;
        if words[..i].contains(word) {
            return Err(Invalid::new(format!("{field}[{i}]"), format!("`{word}` stands here twice")));
        }
    }
    Ok(())
}

pub(super) fn at_most(field: &str, count: usize, most: usize) -> Result<(), Invalid> {
    if count > most { Err(Invalid::new(field, format!("has {count} entries, and may have {most}"))) } else { Ok(()) }
}

/// Why somebody did what they did: 1 to 500 bytes.
///
/// # Errors
/// [`Invalid`] naming `reason`.
pub(super) fn reason(reason: &str) -> Result<(), Invalid> {
    text("reason", reason, 500)
}
