//! Off benefits and in work, for long enough: one finding for each adult who was on an out-of-work benefit when the family was
//! engaged.

use std::collections::{BTreeMap, BTreeSet};

use crate::coverage::Coverage;
use crate::hearth::decision::messages::{Arg, Failure, Reason};
use crate::hearth::family::employment::{BenefitSpell, Job, benefit_spells, jobs};
use crate::hearth::family::types::{Code, Person, Window};
use crate::members::Members;
use crate::report::{Found, Report, Standing, Values};
use crate::say;
use crate::stay::Stay;
use crate::window::{days_held, one_day};

/// What is asked of somebody who was on a benefit.
#[derive(Clone, Copy)]
pub struct Asked {
    /// In which days of work are counted.
    pub window: Window,
    /// How many of its days must be days of work.
    pub days: u32,
    /// Days between two jobs that count as work, if they are no more than this together.
    pub gap: u32,
    /// On no day of these on an out-of-work benefit.
    pub off_benefits: Window,
}

/// `asked` of the benefits that somebody was on; none where the authority set nothing for them.
pub fn each_adult(
    criterion: &'static str,
    stay: &Stay,
    members: &Members,
    asked: impl Fn(&BTreeSet<Code>) -> Option<Asked>,
    report: &mut Report,
) -> Result<(), Failure> {
    let entry = one_day(stay.engaged);
    let mut at_entry: BTreeMap<Person, Vec<BenefitSpell>> = BTreeMap::new();
    for spell in benefit_spells(entry)?.into_iter().filter(|spell| spell.out_of_work && members.is_adult(spell.person) != Some(false)) {
        at_entry.entry(spell.person).or_default().push(spell);
    }
    if at_entry.is_empty() {
        let coverage = Coverage::read("employment", entry)?;
        let known = coverage.known("benefit-spell", coverage.of_family("benefit-spell"), 0);
        let standing = if known.complete { Standing::NotApplicable } else { Standing::NotEnoughEvidence };
        let nobody = say::reason("nobody-out-of-work", &[], say::searched("employment", "benefit-spell", None, entry, 0));
        report.add(Found::new(criterion, standing, entry, vec![nobody, known.reason]));
    }
    for (person, spells) in at_entry {
        let benefits: BTreeSet<Code> = spells.iter().map(|spell| spell.benefit.clone()).collect();
        let was = say::reason("was-out-of-work", &[("person", Arg::Person(person))], say::facts(spells.iter().map(|spell| spell.fact)));
        let mut found = match asked(&benefits) {
            _ if members.is_adult(person).is_none() => {
                Found::new(criterion, Standing::NotEnoughEvidence, entry, vec![members.says("age-unknown", person)])
            }
            None => {
                let reasons = vec![say::reason("no-employment-rule", &[], vec![say::setting("employment")])];
                Found::new(criterion, Standing::NotApplicable, entry, reasons)
            }
            Some(asked) => judge(criterion, person, asked)?,
        };
        found.reasons.insert(0, was);
        report.add(Found { person: Some(person), ..found });
    }
    Ok(())
}

fn judge(criterion: &'static str, person: Person, asked: Asked) -> Result<Found, Failure> {
    let jobs: Vec<Job> = jobs(asked.window)?.into_iter().filter(|job| job.person == person).collect();
    let worked = days_held(asked.window, jobs.iter().map(|job| job.window), asked.gap);
    let spells: Vec<BenefitSpell> =
        benefit_spells(asked.off_benefits)?.into_iter().filter(|spell| spell.person == person && spell.out_of_work).collect();
    let in_work = Coverage::read("employment", asked.window)?;
    let off_benefits = Coverage::read("employment", asked.off_benefits)?;

    let args = [("person", Arg::Person(person)), ("days", Arg::Count(worked.into())), ("needed", Arg::Count(asked.days.into()))];
    let days = say::reason("days-in-work", &args, say::facts_or_none(jobs.iter().map(|job| job.fact), "employment", "job", asked.window));
    let (standing, because): (Standing, Option<Reason>) = match () {
        () if !spells.is_empty() => {
            let facts = say::facts(spells.iter().map(|spell| spell.fact));
            (Standing::NotMet, Some(say::reason("still-out-of-work", &[("person", Arg::Person(person))], facts)))
        }
        () if worked < asked.days && in_work.of_person("job", person) => (Standing::NotMet, None),
        () if worked < asked.days => (Standing::NotEnoughEvidence, Some(in_work.known("job", false, jobs.len()).reason)),
        () if off_benefits.of_person("benefit-spell", person) => (Standing::Met, None),
        () => (Standing::NotEnoughEvidence, Some(off_benefits.known("benefit-spell", false, 0).reason)),
    };
    let values = Values { before: None, now: Some(say::tenths(worked as usize)), threshold: Some(say::tenths(asked.days as usize)) };
    let reasons = [Some(days), because].into_iter().flatten().collect();
    Ok(Found { values, ..Found::new(criterion, standing, asked.window, reasons) })
}
