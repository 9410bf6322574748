// What people say of themselves: plain scales from 0 to 10, the words of the evaluation's own questions (000:L3816-L3827).
/** @import { Basis } from './kit/decision/messages.js' */
/** @import { Day } from './kit/family/types.js' */
/** @import { Answers, Before } from './answers.js' */
import { answered, reason, toIso } from './kit/hearth.js';
import { say, settings } from './kit/manifest.js';
import * as tasks from './kit/actions/tasks.js';
import * as results from './kit/assessment/results.js';
import * as calendar from './kit/platform/calendar.js';
import * as run from './kit/platform/run.js';
import { LEAST, MOST } from './goals.js';

/** Each is a question and a domain. */
const SCALES = /** @type {const} */ (['control', 'motivation', 'confidence', 'future', 'relationships', 'health']);

/**
 * Reports each scale of each person. `answered`: whether all were, if only by "not known". `fallen`: scales on which somebody has
 * fallen far.
 * @param {Answers} now
 * @param {Before | null} last
 */
export function reportScales(now, last) {
  const { fallPoints } = settings();
  /** @type {Set<typeof SCALES[number]>} */
  const fallen = new Set();
  for (const scale of SCALES) {
    for (const person of now.people(scale)) {
      const point = now.point(scale, person);
      if (point === null) continue;
      const says = reason(say.says({ person, what: scale, points: point }), answered(scale, person));
      const scored = results.score(scale, person, point, LEAST, MOST, true, [says]);
      const before = last?.answers.point(scale, person) ?? null;
      if (before === null || last === null) continue;
      const travelled = say.travelled({ what: scale, before, now: point, since: last.on });
      /** @type {Basis[]} */
      const restsOn = [{ tag: 'reported', val: scored }, ...answered(scale, person, null, true)];
      results.distance(scale, person, before, point, last.on, [reason(travelled, restsOn)]);
      if (before - point >= fallPoints) fallen.add(scale);
    }
  }
  const asked = new Set(SCALES.flatMap((scale) => now.people(scale)));
  return { answered: [...asked].every((person) => SCALES.every((scale) => now.has(scale, person))), fallen: [...fallen] };
}

/**
 * What fell is talked over, in one task for each scale: whose it was is in the answers.
 * @param {Array<typeof SCALES[number]>} fallen
 * @param {Day} on
 */
export function talkOverFalls(fallen, on) {
  const due = calendar.addWorkingDays(run.asOf(), settings().taskWorkingDays);
  for (const scale of fallen) tasks.propose(`fallen-${scale}-${toIso(on)}`, 'keyworker', say.talkOverFall({ what: scale }), due);
}
