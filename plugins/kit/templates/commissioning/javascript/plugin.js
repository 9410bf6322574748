import { asked, read, reason, setting } from './kit/hearth.js';
import { say, settings } from './kit/manifest.js';
import * as results from './kit/commissioning/buying-results.js';
import * as contract from './kit/commissioning/contract.js';
import * as request from './kit/commissioning/request.js';
import * as directory from './kit/platform/directory.js';
import * as run from './kit/platform/run.js';

/** Code list shortlists. */
export function shortlist() {
  const offers = directory.offers([request.current().kind], run.asOf());
  const places = directory.places(offers.map(({ service }) => service));
  const free = offers.flatMap(({ service }, i) => {
    const place = places[i];
    // Of which nothing is recorded, nothing is free.
    if (place == null) return [];
    const number = place.capacity == null ? Infinity : place.capacity - place.taken;
    return number > 0 ? [{ service, number }] : [];
  });
  free.sort((a, b) => (a.number === b.number ? a.service - b.service : b.number - a.number));
  free.forEach(({ service, number }, i) => {
    const says = number === Infinity ? say.noLimit({ service }) : say.free({ service, number });
    results.suggest(service, i + 1, [reason(says, read('directory'))]);
  });
  return free.length > 0 ? 'suggested' : 'nobody';
}

/** Code list contract-checks. */
export function checkContract() {
  const { mostFamilies } = contract.current();
  const below = settings().familiesBelow;
  // How many it may help was not agreed, so nobody can say that they are few enough.
  if (mostFamilies == null) {
    results.rule('families', 'not-enough-evidence', [reason(say.familiesNotAgreed(), asked())]);
    return 'not-enough-evidence';
  }
  const standing = mostFamilies < below ? 'met' : 'not-met';
  const says = say.families({ number: mostFamilies, below });
  results.rule('families', standing, [reason(says, [...asked(), ...setting('families-below')])]);
  return standing === 'met' ? 'within-rules' : 'breaks-rules';
}

/** Code list payments. */
export function payment() {
  return 'not-enough-evidence';
}

/** Code list reviews. */
export function review() {
  return 'not-enough-evidence';
}
