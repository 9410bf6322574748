import { facts, holds, isAtLeast, isKnown, oneDay, reason, searched, tenthsOfAPercent } from './kit/hearth.js';
import { say, settings } from './kit/manifest.js';
import * as coverage from './kit/family/coverage.js';
import * as education from './kit/family/education.js';
import * as household from './kit/family/household.js';
import * as findings from './kit/outcomes/findings.js';
import * as calendar from './kit/platform/calendar.js';
import * as run from './kit/platform/run.js';

/** What is found of one child, or of the family. @typedef {Pick<findings.Finding, 'person' | 'standing' | 'now' | 'threshold' | 'reasons'>} Found */

/** Code list eligibilities. */
export function eligibility() {
  const standings = eachChild();
  if (standings.includes('not-met')) return 'eligible';
  return standings.includes('not-enough-evidence') ? 'not-enough-evidence' : 'not-eligible';
}

/** Code list outcomes. */
export function progress() {
  const standings = eachChild().filter((standing) => standing !== 'not-applicable');
  const met = standings.filter((standing) => standing === 'met').length;
  if (met === 0) return 'none-yet';
  return met === standings.length ? 'significant-and-sustained' : 'progress';
}

/** Reports a finding for each child of school age in the home, and gives their standings. */
function eachChild() {
  const today = run.asOf();
  const { months, youngest, oldest, attendancePercent } = settings();
  const window = calendar.monthsTo(today, months);
  const members = household.members(oneDay(today)).filter((member) => member.resident);
  const persons = [...new Set(members.map((member) => member.person))].sort((a, b) => a - b);
  const ages = household.ages(persons, today);
  const rows = education.attendances(window);
  const spans = coverage.spans('education', window);

  /** @type {Found[]} */
  const found = [];
  persons.forEach((person, i) => {
    const age = ages[i];
    if (age === null) found.push(ageUnknown(person, members));
    else if (age >= youngest && age <= oldest) found.push(child(person, rows, spans, window, attendancePercent));
  });
  if (found.length === 0) found.push(nobody(members, today));
  for (const finding of found) {
    const open = finding.standing === 'not-met' || finding.standing === 'not-enough-evidence';
    findings.add({ criterion: 'attendance', window, lookAgain: open ? calendar.monthsAfter(today, 1) : null, ...finding });
  }
  return found.map((finding) => finding.standing);
}

/**
 * @param {number} person
 * @param {education.Attendance[]} rows
 * @param {coverage.Span[]} spans
 * @param {coverage.Window} window
 * @param {number} percent
 * @returns {Found}
 */
function child(person, rows, spans, window, percent) {
  // A term that reaches over the edge of the window counts where its last day lies.
  const own = rows.filter((row) => row.person === person && row.window.last != null && holds(window, row.window.last));
  const possible = own.reduce((sum, row) => sum + row.possible, 0);
  const attended = own.reduce((sum, row) => sum + row.attended, 0);
  const share = tenthsOfAPercent(attended, possible);
  const known = isKnown(spans, 'attendance', window, person);
  const search = searched('education', 'attendance', window, own.length, person);

  const reasons = [
    share === null
      ? reason(say.noSessions({ child: person }), search)
      : reason(say.attended({ child: person, share, possible }), facts(own.map((row) => row.fact))),
  ];
  if (!known) reasons.push(reason(say.notKnown({ child: person }), search));
  const enough = isAtLeast(attended, possible, percent) ? 'met' : 'not-met';
  const standing = share === null || !known ? 'not-enough-evidence' : enough;
  return { person, standing, now: share, threshold: percent * 10, reasons };
}

/**
 * @param {number} person
 * @param {household.Member[]} members
 * @returns {Found}
 */
function ageUnknown(person, members) {
  const own = members.filter((member) => member.person === person).map((member) => member.fact);
  return { person, standing: 'not-enough-evidence', reasons: [reason(say.ageUnknown({ person }), facts(own))] };
}

/**
 * @param {household.Member[]} members
 * @param {number} today
 * @returns {Found}
 */
function nobody(members, today) {
  const search = searched('household', 'membership', oneDay(today), members.length);
  return { standing: 'not-applicable', reasons: [reason(say.noChild(), search)] };
}
