//! Assessment forms as a council's plugin declares them in its manifest, and the answers to them. No I/O, no wasm, no SQL.
//!
//! A [`Form`] is read from JSON and checked once ([`Form::check`]); what passes is judged over any [`Answers`] without failing
//! ([`Checked::judge`]): what shows, what is wrong or missing, what is computed, what a plugin may be lent. The language of
//! conditions is described for authors in `wit/forms.md`.
//!
//! **`XLSForm`**, which many analysts know, maps onto it: a converter only has to rewrite, never to guess.
//!
//! | `XLSForm` | here |
//! |---|---|
//! | `name` | `question`, `display`, `group`: small letters, `_` becomes `-` |
//! | `label::English (en)`, `label::Welsh (cy)`, `hint::…` | `label`, `hint` |
//! | `text`, with appearance `multiline` | `text`, `long-text` |
//! | `integer`, `decimal`, `range` | `number`; `scale` for a range with labelled ends |
//! | `select_one`, `select_multiple` and the sheet `choices` | `single-choice`, `multi-choice` and `options` |
//! | `date`, with appearance `month-year` | `date` with precision `day`, `month` |
//! | `image`, `audio`, `video`, `file` | `file` |
//! | `acknowledge` | `declaration` |
//! | `note` | a display |
//! | `calculate` with `calculation` | `computed` |
//! | `relevant` | `visible-when`; of a `begin group`, an `and` in each of its questions |
//! | `required`, `constraint`, `constraint_message` | `required-when`, `valid-when` with its message |
//! | `default` | `default` |
//! | `begin repeat` | a group with `repeat`; `count()`, `sum()` over it: the aggregates |
//! | `${x}`, `.`, `today()`, `selected(a, b)`, `count-selected(a)`, `if(a, b, c)`, `coalesce(a, b)` | `answer`, `answer` of itself, `fact`, `contains` or `equal`, `chosen`, `if`, `or-else` |
//!
//! Not expressible, and to be refused by name: `regex`, `div`, `mod`, `pulldata`, `choice_filter`, repeats in repeats,
//! `geopoint` and its kin.

pub mod answers;
pub mod asks;
pub mod check;
pub mod decimal;
pub mod document;
mod eval;
pub mod expression;
mod fault;
mod fit;
pub mod judge;
pub mod typing;

pub use answers::{Answer, Answers, Declared, FileGiven, How, Language, PartDate, Row};
pub use asks::{Asks, NumberAsked, Options, Precision, Scale, Scheme};
pub use check::Checked;
pub use decimal::Decimal;
pub use document::{Display, Each, EachPerson, Form, Group, Item, Page, Prefill, Question, Repeat, Sensitivity, Valid};
pub use expression::{Expr, Fact, PersonFact};
pub use fault::Why;
pub use judge::{Given, Judged, Lent, Reckoned, Slot, Wrong};
pub use typing::Type;

use crate::record::{Day, Invalid, PersonId};

/// What the host knows while a form is filled in.
#[derive(Debug, Clone)]
pub struct Setting {
    /// What "today" means.
    pub as_of: Day,
    /// The family's members on that day, in the order in which their items stand.
    pub members: Vec<FamilyMember>,
    /// Earlier finished answers to this form or a former one, newest first, without what did not apply
    /// ([`Judged::applicable`]).
    pub earlier: Vec<Answers>,
}

/// A member, as far as forms may know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FamilyMember {
    pub person: PersonId,
    /// In whole years on the day; none where no birth date is recorded.
    pub age: Option<u8>,
}

/// A name within a form: one to 64 small letters, digits and hyphens, not starting with a hyphen.
pub(crate) fn is_id(field: &str, text: &str) -> Result<(), Invalid> {
    let good = (1..=64).contains(&text.len())
        && !text.starts_with('-')
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if good { Ok(()) } else { Err(Invalid::new(field, "has 1 to 64 small letters, digits and hyphens")) }
}

#[cfg(test)]
pub(crate) mod tests;
