// Is the home calm? Counted by what the police were called to.
import { facts, isKnown, reason, searched, setting } from './kit/hearth.js';
import { say, settings } from './kit/manifest.js';
import * as coverage from './kit/family/coverage.js';
import * as offending from './kit/family/offending.js';
import * as calendar from './kit/platform/calendar.js';
import * as run from './kit/platform/run.js';

/** One finding, of the home. */
export function callOuts() {
  const { months, callOuts: most } = settings();
  const window = calendar.monthsTo(run.asOf(), months);
  const calls = offending.policeCallouts(window);
  const search = searched('offending', 'police-callout', window, calls.length);
  const found = { criterion: 'calm-home', window, threshold: most * 10 };
  if (!isKnown(coverage.spans('offending', window), 'police-callout', window)) {
    const lookAgain = calendar.addMonths([run.asOf()], 1)[0];
    return { ...found, standing: 'not-enough-evidence', reasons: [reason(say.callOutsNotKnown(), search)], lookAgain };
  }
  const rests = [...(calls.length === 0 ? search : facts(calls.map((call) => call.fact))), ...setting('call-outs')];
  const standing = calls.length <= most ? 'met' : 'not-met';
  return { ...found, standing, now: calls.length * 10, reasons: [reason(say.callOuts({ number: calls.length }), rests)] };
}
