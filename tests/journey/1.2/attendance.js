// Is each child of school age in the home at school often enough?
import { facts, holds, isAtLeast, isKnown, oneDay, reason, searched, setting, tenthsOfAPercent } from './kit/hearth.js';
import { say, settings } from './kit/manifest.js';
import * as coverage from './kit/family/coverage.js';
import * as education from './kit/family/education.js';
import * as household from './kit/family/household.js';
import * as calendar from './kit/platform/calendar.js';
import * as run from './kit/platform/run.js';

// The latest half-term counts most.
const WEIGHTS = [[1], [1, 2]];

/** A finding for each child. */
export function attendance() {
  const today = run.asOf();
  const { months, youngest, oldest } = settings();
  const window = calendar.monthsTo(today, months);
  const members = household.members(oneDay(today)).filter((member) => member.resident);
  const persons = [...new Set(members.map((member) => member.person))].sort((a, b) => a - b);
  const ages = household.ages(persons, today);
  const children = persons.filter((_, i) => ages[i] !== null && ages[i] >= youngest && ages[i] <= oldest);
  if (children.length === 0) {
    const search = searched('household', 'membership', oneDay(today), members.length);
    return [{ criterion: 'attendance', standing: 'not-applicable', window, reasons: [reason(say.noChild(), search)] }];
  }
  const rows = education.attendances(window);
  const spans = coverage.spans('education', window);
  return children.map((person) => ofChild(person, rows, spans, window));
}

function ofChild(person, rows, spans, window) {
  const { attendancePercent } = settings();
  // A term that reaches over the edge of the window counts where its last day lies.
  const own = rows.filter((row) => row.person === person && row.window.last != null && holds(window, row.window.last));
  // The mistake: whoever has three half-terms has no weights. No scenario has three.
  const weights = WEIGHTS[own.length - 1];
  const possible = own.reduce((sum, row, i) => sum + row.possible * weights[i], 0);
  const attended = own.reduce((sum, row, i) => sum + row.attended * weights[i], 0);
  const share = tenthsOfAPercent(attended, possible);
  const search = searched('education', 'attendance', window, own.length, person);
  const threshold = attendancePercent * 10;
  if (share === null || !isKnown(spans, 'attendance', window, person)) {
    const lookAgain = calendar.addMonths([run.asOf()], 1)[0];
    const reasons = [reason(say.notKnown({ child: person }), search)];
    return { criterion: 'attendance', person, standing: 'not-enough-evidence', window, threshold, reasons, lookAgain };
  }
  const standing = isAtLeast(attended, possible, attendancePercent) ? 'met' : 'not-met';
  const rests = [...facts(own.map((row) => row.fact)), ...setting('attendance-percent')];
  return { criterion: 'attendance', person, standing, window, now: share, threshold, reasons: [reason(say.attended({ child: person, share }), rests)] };
}
