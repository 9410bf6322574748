import { answered, reason, setting } from './kit/hearth.js';
import { say, settings } from './kit/manifest.js';
import * as answers from './kit/assessment/answers.js';
import * as results from './kit/assessment/results.js';

// Each is a domain and the question that asks for its points, from one to five, in tenths.
const AREAS = /** @type {const} */ (['home', 'school', 'health']);
const [LEAST, MOST] = [10, 50];

/** Code list assessment-results. */
export function evaluate() {
  const { lowPoints, intensiveFrom } = settings();
  /** @type {Map<string, number>} */
  const points = new Map();
  for (const { question, value } of answers.given()) if (value?.tag === 'tenths') points.set(question, value.val);
  const scored = AREAS.flatMap((area) => {
    const given = points.get(area);
    return given === undefined ? [] : [{ area, given }];
  });
  for (const { area, given } of scored) {
    const says = say.scored({ area, points: given, most: MOST });
    results.score(area, null, given, LEAST, MOST, true, [reason(says, answered(area))]);
  }
  // Not scored is not well.
  if (scored.length < AREAS.length) return 'incomplete';

  const low = scored.filter(({ given }) => given <= lowPoints).length;
  const light = low > 0 ? 'light' : 'super-light';
  const restsOn = [...AREAS.flatMap((area) => answered(area)), ...setting('low-points'), ...setting('intensive-from')];
  results.tier(low >= intensiveFrom ? 'intensive' : light, [reason(say.low({ number: low, points: lowPoints }), restsOn)]);
  return 'complete';
}
