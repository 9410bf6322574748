//! The types of expressions: what may be compared with what is settled at upload, never while a form is filled in.

use std::collections::BTreeSet;
use std::fmt;

use super::check::Checked;
use super::{Asks, Expr};
use crate::record::Invalid;

/// What an expression gives where it is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Type {
    YesNo,
    Number,
    /// An amount of money.
    Pence,
    Date,
    Text,
    /// One option of these.
    Choice(BTreeSet<String>),
    /// Some options of these.
    Choices(BTreeSet<String>),
    /// An answer of which only the fact that it was given can be read, by its kind.
    Given(&'static str),
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::YesNo => f.write_str("yes or no"),
            Self::Number => f.write_str("a number"),
            Self::Pence => f.write_str("an amount of money"),
            Self::Date => f.write_str("a date"),
            Self::Text => f.write_str("a text"),
            Self::Choice(_) => f.write_str("an option"),
            Self::Choices(_) => f.write_str("options that were chosen"),
            Self::Given(kind) => write!(f, "an answer of the kind `{kind}`, which can be asked only whether it was answered"),
        }
    }
}

impl Type {
    /// Of the answers to a question; none where it is computed.
    pub(super) fn of(asks: &Asks) -> Option<Self> {
        let ids = |options: &super::asks::Options| options.ids().map(str::to_owned).collect();
        Some(match asks {
            Asks::Text | Asks::LongText => Self::Text,
            Asks::YesNo | Asks::Declaration(_) => Self::YesNo,
            Asks::SingleChoice(options) => Self::Choice(ids(options)),
            Asks::MultiChoice(options) => Self::Choices(ids(options)),
            Asks::Date(_) => Self::Date,
            Asks::Number(_) | Asks::Scale(_) => Self::Number,
            Asks::Money => Self::Pence,
            Asks::Computed(_) => return None,
            other => Self::Given(other.code()),
        })
    }

    /// The type of a value that is the one or the other.
    fn either(&self, other: &Self) -> Option<Self> {
        match (self, other) {
            (Self::Choice(a), Self::Choice(b)) => Some(Self::Choice(a | b)),
            (a, b) => (a == b).then(|| a.clone()),
        }
    }
}

fn refused(why: impl Into<String>) -> Invalid {
    Invalid::new("", why)
}

fn want(found: &Type, wanted: &Type, place: &str) -> Result<(), Invalid> {
    if found == wanted { Ok(()) } else { Err(refused(format!("is {found}, and {place} is {wanted}"))) }
}

/// Refuses two types that cannot be compared for being equal.
fn comparable(a: &Type, b: &Type) -> Result<(), Invalid> {
    match (a, b) {
        (Type::Choice(a), Type::Choice(b)) if a.is_disjoint(b) => {
            let list = |s: &BTreeSet<String>| s.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
            Err(refused(format!("can never be equal: {} is none of the options {}", list(b), list(a))))
        }
        (Type::Choice(_), Type::Choice(_)) => Ok(()),
        (Type::Choices(_), _) | (_, Type::Choices(_)) => Err(refused("options that were chosen are asked by contains or chosen")),
        (Type::Given(_), _) => Err(refused(format!("is {a}"))),
        (a, b) if a == b => Ok(()),
        (a, b) => Err(refused(format!("compares {a} with {b}"))),
    }
}

impl Checked<'_> {
    /// The type of `expr`, whose references are known to exist.
    ///
    /// # Errors
    /// [`Invalid`] with the path below the expression.
    pub(super) fn infer(&self, expr: &Expr) -> Result<Type, Invalid> {
        let children = expr.children();
        let types: Vec<Type> = children.iter().map(|c| self.infer(c.expr).map_err(|e| e.within(&c.path))).collect::<Result<_, _>>()?;
        // Says `why` of the n-th child, by its path.
        let of_child = |n: usize, checked: Result<(), Invalid>| checked.map_err(|e| e.within(&children[n].path));
        let all = |wanted: &Type| (0..types.len()).try_for_each(|n| of_child(n, want(&types[n], wanted, "what is wanted here")));
        let here = |checked: Result<(), Invalid>| checked.map_err(|e| e.within(expr.code()));
        let filter = || match types.get(1) {
            Some(found) => of_child(1, want(found, &Type::YesNo, "a condition")),
            None => Ok(()),
        };
        Ok(match expr {
            Expr::Answer(id) | Expr::Previous(id) => self.type_of(id),
            Expr::Change(id) => match self.type_of(id) {
                found @ (Type::Number | Type::Pence) => found,
                found => {
                    return Err(Invalid::new("change", format!("`{id}` is {found}: only numbers, scales and money change by something")));
                }
            },
            Expr::Fact(super::Fact::Today) | Expr::Day(_) => Type::Date,
            Expr::Fact(super::Fact::Members) | Expr::Person(super::PersonFact::Age) | Expr::Number(_) => Type::Number,
            Expr::Answered(_) | Expr::NotKnown(_) | Expr::NotAsked(_) | Expr::YesNo(_) => Type::YesNo,
            Expr::Pence(_) => Type::Pence,
            Expr::Text(_) => Type::Text,
            Expr::Option(id) => Type::Choice(BTreeSet::from([id.clone()])),
            Expr::And(nodes) | Expr::Or(nodes) if nodes.is_empty() => return Err(Invalid::new(expr.code(), "is empty")),
            Expr::And(_) | Expr::Or(_) | Expr::Not(_) | Expr::Any(_) | Expr::All(_) | Expr::Count(_) => {
                all(&Type::YesNo)?;
                if matches!(expr, Expr::Count(_)) { Type::Number } else { Type::YesNo }
            }
            Expr::If(_) => {
                of_child(0, want(&types[0], &Type::YesNo, "a condition"))?;
                let both = types[1].either(&types[2]);
                both.ok_or_else(|| Invalid::new("if", format!("is {} or else {}: both must be of one type", types[1], types[2])))?
            }
            Expr::OrElse(_) => {
                let both = types[0].either(&types[1]);
                both.ok_or_else(|| Invalid::new("or-else", format!("is {} or else {}: both must be of one type", types[0], types[1])))?
            }
            Expr::Equal(_) | Expr::NotEqual(_) => {
                here(comparable(&types[0], &types[1]))?;
                Type::YesNo
            }
            Expr::LessThan(_) | Expr::AtMost(_) | Expr::AtLeast(_) | Expr::MoreThan(_) => {
                if !matches!(types[0], Type::Number | Type::Pence | Type::Date) {
                    return of_child(0, Err(refused(format!("is {}, and only numbers, money and dates have an order", types[0]))))
                        .map(|()| Type::YesNo);
                }
                here(comparable(&types[0], &types[1]))?;
                Type::YesNo
            }
            Expr::In(_, words) => {
                if words.is_empty() {
                    return Err(Invalid::new("in[1]", "is empty"));
                }
                match &types[0] {
                    Type::Choice(options) => among("in[1]", words.iter().enumerate(), options)?,
                    Type::Text => {}
                    found => {
                        return of_child(0, Err(refused(format!("is {found}, and only an option or a text is one of several"))))
                            .map(|()| Type::YesNo);
                    }
                }
                Type::YesNo
            }
            Expr::Contains(_, word) => match &types[0] {
                Type::Choices(options) if options.contains(word) => Type::YesNo,
                Type::Choices(_) => return Err(Invalid::new("contains[1]", format!("`{word}` is none of the options"))),
                found => {
                    return of_child(0, Err(refused(format!("is {found}, and only chosen options contain one")))).map(|()| Type::YesNo);
                }
            },
            Expr::Chosen(_) => match &types[0] {
                Type::Choices(_) => Type::Number,
                found => {
                    return of_child(0, Err(refused(format!("is {found}, and only chosen options are counted")))).map(|()| Type::Number);
                }
            },
            Expr::Add(_) => {
                let first = types.first().ok_or_else(|| Invalid::new("add", "is empty"))?;
                of_child(0, amount(first))?;
                all(first)?;
                first.clone()
            }
            Expr::Subtract(_) => {
                of_child(0, amount(&types[0]))?;
                all(&types[0])?;
                types[0].clone()
            }
            Expr::Multiply(_) => match (&types[0], &types[1]) {
                (Type::Number, Type::Number) => Type::Number,
                (Type::Pence, Type::Number) | (Type::Number, Type::Pence) => Type::Pence,
                (a, b) => return Err(Invalid::new("multiply", format!("multiplies {a} by {b}"))),
            },
            Expr::DaysBetween(_) | Expr::MonthsBetween(_) => {
                all(&Type::Date)?;
                Type::Number
            }
            Expr::Sum(_) => {
                of_child(0, amount(&types[0]))?;
                filter()?;
                types[0].clone()
            }
            Expr::Min(_) | Expr::Max(_) => {
                if types[0] != Type::Date {
                    of_child(0, amount(&types[0]))?;
                }
                filter()?;
                types[0].clone()
            }
        })
    }
}

fn amount(found: &Type) -> Result<(), Invalid> {
    match found {
        Type::Number | Type::Pence => Ok(()),
        other => Err(refused(format!("is {other}, and only numbers and money are reckoned with"))),
    }
}

fn among<'a>(field: &str, words: impl Iterator<Item = (usize, &'a String)>, options: &BTreeSet<String>) -> Result<(), Invalid> {
    for (i, word) in words {
        if !options.contains(word) {
            return Err(Invalid::new(format!("{field}[{i}]"), format!("`{word}` is none of the options")));
        }
    }
    Ok(())
}
