// The charity's course ends well where every child of the home is at school.
import { settings } from './kit/manifest.js';
import * as findings from './kit/outcomes/findings.js';
import * as run from './kit/platform/run.js';
import { attendance } from './attendance.js';

/** Code list eligibilities. */
export function eligibility() {
  const standings = told().map(({ standing }) => standing);
  if (standings.includes('not-met')) return 'eligible';
  return standings.includes('not-enough-evidence') ? 'not-enough-evidence' : 'not-eligible';
}

/** Code list outcomes. */
export function progress() {
  const judged = told().filter(({ standing }) => standing !== 'not-applicable');
  const met = judged.filter(({ standing }) => standing === 'met');
  if (met.length === 0) return 'none-yet';
  if (met.length < judged.length) return 'progress';
  findings.claim('progress-result', settings().resultPence, run.asOf(), met.map(({ number }) => number));
  return 'significant-and-sustained';
}

/** Reports what is found; of each its standing and its number. */
function told() {
  return attendance().map((found) => ({ standing: found.standing, number: findings.add(found) }));
}
