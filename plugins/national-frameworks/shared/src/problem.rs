//! A problem that a family may have: how it stands by what was found at entry and by the signs in the record.

use std::collections::BTreeSet;

use crate::hearth::decision::messages::{Arg, Basis, Failure, Reason};
use crate::hearth::family::types::{Day, Person, Window};
use crate::members::Members;
use crate::report::{Found, Report, Standing, Values};
use crate::say;
use crate::signs::{Sign, Whose};
use crate::stay::Stay;
use crate::window::one_day;

/// One problem and its signs. Without signs, the record cannot show it: a person decides.
pub struct Problem {
    /// Its word in the code list `problems`.
    pub need: &'static str,
    /// The criterion that it is there.
    pub criterion: &'static str,
    pub signs: Vec<Sign>,
}

/// What is asked of every problem that was found.
pub enum Sustained {
    /// No sign of it on any day of these.
    Over(Window),
    /// Not to be told yet, and when it may be.
    NotYet { because: Reason, look_again: Option<Day> },
}

impl Problem {
    /// Is it there? By what was found at entry, or by any of its signs.
    #[must_use]
    pub fn standing(&self, stay: Option<&Stay>) -> Standing {
        match () {
            () if self.at_entry(stay).is_some() || self.signs_present() > 0 => Standing::Met,
            () if self.is_known() => Standing::NotMet,
            () => Standing::NotEnoughEvidence,
        }
    }

    /// How many needs it comes to: one a sign, and at least one if it was found at entry.
    #[must_use]
    pub fn needs(&self, stay: Option<&Stay>) -> usize {
        self.signs_present().max(usize::from(self.at_entry(stay).is_some()))
    }

    /// How many more it might come to, for all that is known.
    #[must_use]
    pub fn needs_unknown(&self, stay: Option<&Stay>) -> usize {
        let unknown = self.signs.iter().filter(|sign| !sign.present && !sign.known.complete).count();
        let most = (self.signs_present() + unknown).max(1);
        if self.standing(stay) == Standing::NotMet { 0 } else { most - self.needs(stay) }
    }

    /// Whose it is. What was found at entry is the family's.
    #[must_use]
    pub fn whose(&self, stay: Option<&Stay>) -> Whose {
        let mut persons = BTreeSet::new();
        for sign in self.signs.iter().filter(|sign| sign.present) {
            match &sign.whose {
                Whose::Family => return Whose::Family,
                Whose::Persons(of_sign) => persons.extend(of_sign.iter().copied()),
            }
        }
        if self.at_entry(stay).is_some() { Whose::Family } else { Whose::Persons(persons) }
    }

    /// The finding that it is there, or not. `now`: how many needs it comes to.
    #[must_use]
    pub fn found(self, stay: Option<&Stay>, window: Window) -> Found {
        let standing = self.standing(stay);
        let now = (standing != Standing::NotEnoughEvidence).then(|| say::tenths(self.needs(stay)));
        let args = [("need", say::code(self.need))];
        let mut reasons: Vec<Reason> =
            self.at_entry(stay).map(|stay| say::reason("need-at-entry", &args, stay.basis())).into_iter().collect();
        if self.signs.is_empty() && reasons.is_empty() {
            reasons.push(say::reason(
                "no-measure",
                &args,
                stay.map_or_else(|| say::searched("support", "episode", None, window, 0), Stay::basis),
            ));
        }
        for sign in self.signs {
            reasons.extend(sign.recorded);
            if standing != Standing::Met {
                reasons.push(sign.known.reason);
            }
        }
        Found { values: Values { now, ..Values::default() }, ..Found::new(self.criterion, standing, window, reasons) }
    }

    /// The finding that it has gone: none of its signs over the whole window, and all of them known.
    #[must_use]
    pub fn gone(self, criterion: &'static str, window: Window) -> Found {
        let standing = match () {
            () if self.signs_present() > 0 => Standing::NotMet,
            () if self.is_known() => Standing::Met,
            () => Standing::NotEnoughEvidence,
        };
        let mut reasons = Vec::new();
        if self.signs.is_empty() {
            let setting = vec![say::setting("unmeasured-needs")];
            reasons.push(say::reason("no-measure", &[("need", say::code(self.need))], setting));
        }
        for sign in self.signs {
            reasons.extend(sign.recorded);
            reasons.push(sign.known.reason);
        }
        Found::new(criterion, standing, window, reasons)
    }

    fn signs_present(&self) -> usize {
        self.signs.iter().filter(|sign| sign.present).count()
    }

    fn is_known(&self) -> bool {
        !self.signs.is_empty() && self.signs.iter().all(|sign| sign.known.complete)
    }

    fn at_entry<'a>(&self, stay: Option<&'a Stay>) -> Option<&'a Stay> {
        stay.filter(|stay| stay.has_need(self.need))
    }
}

/// Reports for each problem of `criteria` (its word, and the criterion that it has gone) that was found at entry or later
/// (systems:L214) whether it has gone. `signs_over` gives the problems with their signs over a window.
pub fn each_has_gone(
    criteria: &[(&str, &'static str)],
    (found, stay): (&[Problem], &Stay),
    sustained: Sustained,
    signs_over: impl FnOnce(Window) -> Result<Vec<Problem>, Failure>,
    on: Day,
    report: &mut Report,
) -> Result<(), Failure> {
    let mut later = match sustained {
        Sustained::Over(window) => signs_over(window)?,
        Sustained::NotYet { .. } => Vec::new(),
    };
    for (need, criterion) in criteria {
        let is = |problem: &Problem| problem.need == *need;
        let there = found.iter().any(|problem| is(problem) && problem.standing(Some(stay)) == Standing::Met);
        let found = match &sustained {
            _ if !there => {
                let reasons = vec![say::reason("not-found", &[("need", say::code(need))], stay.basis())];
                Found::new(criterion, Standing::NotApplicable, one_day(on), reasons)
            }
            Sustained::NotYet { because, look_again } => {
                let found = Found::new(criterion, Standing::NotMet, one_day(on), vec![because.clone()]);
                Found { look_again: *look_again, ..found }
            }
            Sustained::Over(window) => match later.iter().position(is) {
                Some(at) => later.swap_remove(at).gone(criterion, *window),
                None => continue,
            },
        };
        report.add_for_outcome(found);
    }
    Ok(())
}

/// How many problems there are, and how many more there may be.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Tally {
    pub found: usize,
    pub unknown: usize,
}

impl Tally {
    /// Of findings: one for each that is met, one unknown for each without enough evidence.
    pub fn of(standings: impl IntoIterator<Item = Standing>) -> Self {
        let mut tally = Self::default();
        for standing in standings {
            tally.found += usize::from(standing == Standing::Met);
            tally.unknown += usize::from(standing == Standing::NotEnoughEvidence);
        }
        tally
    }

    /// Enough; or not, if they could not be enough even were the unknown ones there.
    #[must_use]
    pub const fn standing(self, needed: u32) -> Standing {
        if self.found >= needed as usize {
            Standing::Met
        } else if self.found + self.unknown >= needed as usize {
            Standing::NotEnoughEvidence
        } else {
            Standing::NotMet
        }
    }

    /// Reports whether there are enough, resting on the findings reported before. `now`: how many; `threshold`: how many it takes.
    pub fn report(self, criterion: &'static str, needed: u32, on: Day, report: &mut Report) -> Standing {
        let standing = self.standing(needed);
        let args = [("found", say::count(self.found)), ("needed", Arg::Count(needed.into())), ("unknown", say::count(self.unknown))];
        let rests_on = report.noted().iter().map(|noted| Basis::Reported(noted.number)).collect();
        let reasons = vec![say::reason("needs-counted", &args, rests_on)];
        let values = Values { before: None, now: Some(say::tenths(self.found)), threshold: Some(say::tenths(needed as usize)) };
        report.add(Found { values, ..Found::new(criterion, standing, one_day(on), reasons) });
        standing
    }
}

/// The most problems that can be counted if each adult who lives elsewhere may account for one only (systems:L212).
#[must_use]
pub fn one_each_elsewhere(problems: &[Whose], members: &Members) -> usize {
    let elsewhere: Vec<&BTreeSet<Person>> = problems
        .iter()
        .filter_map(|whose| match whose {
            Whose::Persons(persons) if persons.iter().all(|p| members.is_adult_elsewhere(*p)) => Some(persons),
            _ => None,
        })
        .collect();
    problems.len() - elsewhere.len() + most_matched(&elsewhere, &mut BTreeSet::new())
}

/// The most problems that can each be given to a person of its own.
fn most_matched(problems: &[&BTreeSet<Person>], taken: &mut BTreeSet<Person>) -> usize {
    let Some((first, rest)) = problems.split_first() else { return 0 };
    let mut most = most_matched(rest, taken);
    for person in *first {
        if taken.insert(*person) {
            most = most.max(1 + most_matched(rest, taken));
            taken.remove(person);
        }
    }
    most
}

/// What the standings of a family's conditions come to.
#[must_use]
pub fn eligibility(conditions: impl IntoIterator<Item = Standing>) -> &'static str {
    match Standing::of_all(conditions) {
        Standing::Met => "eligible",
        Standing::NotEnoughEvidence => "not-enough-evidence",
        Standing::NotMet | Standing::NotApplicable => "not-eligible",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_person_accounts_for_one_problem() {
        for (problems, most) in
            [(&[&[][..]][..], 0), (&[&[1][..], &[1]], 1), (&[&[1], &[1, 2]], 2), (&[&[1, 2], &[1]], 2), (&[&[1, 2, 3], &[1], &[1]], 2)]
        {
            let sets: Vec<BTreeSet<Person>> = problems.iter().map(|persons| persons.iter().copied().collect()).collect();
            assert_eq!(most_matched(&sets.iter().collect::<Vec<_>>(), &mut BTreeSet::new()), most, "{problems:?}");
        }
    }

    #[test]
    fn a_family_is_not_refused_for_what_is_not_known() {
        for (found, unknown, standing) in [
            (2, 0, Standing::Met),
            (1, 0, Standing::NotMet),
            (1, 1, Standing::NotEnoughEvidence),
            (0, 2, Standing::NotEnoughEvidence),
            (0, 1, Standing::NotMet),
        ] {
            assert_eq!(Tally { found, unknown }.standing(2), standing, "{found} and {unknown}");
        }
    }
}
