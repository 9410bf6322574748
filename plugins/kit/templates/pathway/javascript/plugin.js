import { asked, reason, setting } from './kit/hearth.js';
import { say, settings } from './kit/manifest.js';
import * as caseload from './kit/pathway/caseload.js';
import * as referral from './kit/pathway/referral.js';
import * as routing from './kit/pathway/routing.js';

const ABUSE = /** @type {const} */ (['domestic-abuse', 'abuse-and-exploitation']);

/** Code list triages. */
export function triage() {
  const { urgent } = referral.current();
  const problems = referral.problems();
  const enough = settings().supportFrom;
  const abuse = ABUSE.filter((problem) => problems.includes(problem));
  const counted = [reason(say.problems({ number: problems.length, enough }), [...asked(), ...setting('support-from')])];
  const named = abuse.map((problem) => reason(say.abuse({ problem }), asked()));
  const offered = problems.length >= enough ? 'family-support' : 'advice';
  const route = abuse.length > 0 ? 'abuse-hub' : offered;
  routing.route(route, abuse.length > 0 ? named : counted);

  const unhurried = abuse.length > 0 ? 'soon' : 'routine';
  routing.priority(urgent ? 'today' : unhurried, [reason(urgent ? say.urgent() : say.notUrgent(), asked())]);
  return route === 'advice' ? 'signpost' : 'accept';
}

/** Code list event-answers. */
export function onEvent() {
  return 'nothing-to-do';
}

/** Code list allocations. */
export function allocate() {
  const free = caseload.candidates().filter(({ families, most }) => most == null || families < most);
  free.sort((a, b) => a.families - b.families || a.worker - b.worker);
  free.forEach(({ worker, families }, i) => {
    routing.rank(worker, i + 1, [reason(say.holds({ worker, families }), asked())]);
  });
  return free.length > 0 ? 'ranked' : 'nobody';
}
