// Who could take the family: those with room, the best first.
/** @import { Candidate } from './kit/pathway/caseload.js' */
import { reason } from './kit/hearth.js';
import { say, settings } from './kit/manifest.js';
import * as caseload from './kit/pathway/caseload.js';
import * as routing from './kit/pathway/routing.js';
import { known } from './abuse.js';
import { askChair, nextWorkingDay } from './hub.js';
import { asked, setting } from './look.js';

/** A candidate with what is known of them. @typedef {Candidate & { most: number, knowsAbuse: boolean, workedBefore: boolean }} Worker */

/** Code list allocations. */
export function allocate() {
  const given = settings();
  const { level, reasons } = known();
  const reported = routing.level(level, reasons);
  // In doubt whoever knows about abuse is the better choice, so a gap in the record counts as abuse.
  const wanted = level !== 'none-known';

  /** Compared one after the other; smaller comes first, and false before true. @type {(worker: Worker) => Array<number | boolean>} */
  const keys = (worker) => [
    given.workedBefore === 'avoid' && worker.workedBefore,
    wanted && !worker.knowsAbuse,
    given.workedBefore === 'prefer' && !worker.workedBefore,
    given.roles.findIndex((role) => role === worker.role),
    worker.families - worker.most,
    worker.worker,
  ];
  const ranked = sortedBy(keys, withRoom());
  if (ranked.length === 0) {
    askChair('nobody', say.nobodyHasRoom(), nextWorkingDay());
    return 'nobody';
  }
  ranked.slice(0, given.places).forEach((worker, i) => routing.rank(worker.worker, i + 1, why(worker, wanted ? reported : null)));
  return 'ranked';
}

/** Those of a role that takes families who hold fewer than they may. @returns {Worker[]} */
function withRoom() {
  const given = settings();
  const knowing = new Set(caseload.strengths().filter(([, problem]) => problem === 'domestic-abuse').map(([worker]) => worker));
  const before = new Set(caseload.workedBefore());
  return caseload.candidates()
    .filter((candidate) => given.roles.some((role) => role === candidate.role))
    .map((candidate) => ({
      ...candidate,
      most: candidate.most ?? (candidate.role === 'employment-adviser' ? given.mostFamiliesAdviser : given.mostFamilies),
      knowsAbuse: knowing.has(candidate.worker) || candidate.organisationKind === 'abuse-charity',
      workedBefore: before.has(candidate.worker),
    }))
    .filter((worker) => worker.families < worker.most);
}

/**
 * @param {(worker: Worker) => Array<number | boolean>} keys
 * @param {Worker[]} workers
 */
function sortedBy(keys, workers) {
  const keyed = workers.map((worker) => ({ worker, keys: keys(worker).map(Number) }));
  keyed.sort((one, other) => {
    // The last key is each worker's own.
    const at = one.keys.findIndex((key, i) => key !== other.keys[i]);
    return one.keys[at] - other.keys[at];
  });
  return keyed.map(({ worker }) => worker);
}

/**
 * @param {Worker} worker
 * @param {number | null} abuse the report of what is known of it, if that asks for somebody who knows about it
 */
function why(worker, abuse) {
  const reasons = [reason(say.hasRoom({ families: worker.families, most: worker.most }), asked)];
  if (worker.knowsAbuse && abuse !== null) {
    reasons.push(reason(say.knowsAbuse(), [...asked, { tag: 'reported', val: abuse }]));
  }
  if (worker.workedBefore && settings().workedBefore !== 'ignore') {
    reasons.push(reason(say.workedBefore(), [...asked, setting('worked-before')]));
  }
  return reasons;
}
