//! How the family was worked with: a lead practitioner, an assessment of the whole family and a plan (systems:L216).

use national_framework::coverage::Coverage;
use national_framework::hearth::family::types::{Fact, Window};
use national_framework::hearth::family::{assessments, support};
use national_framework::report::{Found, Report, Standing};
use national_framework::stay::Stay;
use national_framework::window::from_to;
use national_framework::{Failure, keyworker, say};

use crate::Asked;

/// The conditions of a claim.
pub const CONDITIONS: [&str; 3] = ["lead-practitioner", "whole-family-assessment", "family-plan"];

/// Reports each of them over the whole stay.
pub fn each(asked: &Asked, stay: &Stay, report: &mut Report) -> Result<(), Failure> {
    let stayed = from_to(stay.engaged, stay.closed.unwrap_or(asked.on));
    let [lead, assessment, plan] = CONDITIONS;
    keyworker::during(stayed, lead, report)?;
    let completed = assessments::completed(stayed)?.iter().map(|made| made.fact).collect();
    report.add(recorded(assessment, ("assessments", "assessment"), stayed, completed)?);
    let goals = support::goals(stayed)?.iter().map(|goal| goal.fact).collect();
    report.add(recorded(plan, ("support", "goal"), stayed, goals)?);
    Ok(())
}

/// Met if there is one; not met only where it is known that there is none.
fn recorded(
    criterion: &'static str,
    (section, kind): (&'static str, &'static str),
    stayed: Window,
    found: Vec<Fact>,
) -> Result<Found, Failure> {
    if !found.is_empty() {
        let reason = say::reason("practice-recorded", &[("kind", say::code(kind))], say::facts(found));
        return Ok(Found::new(criterion, Standing::Met, stayed, vec![reason]));
    }
    let coverage = Coverage::read(section, stayed)?;
    let known = coverage.known(kind, coverage.of_family(kind), 0);
    let standing = if known.complete { Standing::NotMet } else { Standing::NotEnoughEvidence };
    Ok(Found::new(criterion, standing, stayed, vec![known.reason]))
}
