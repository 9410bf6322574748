// Is a contract for the course within the rules?
/** @import { Agreement } from './kit/commissioning/contract.js' */
import { say, settings } from './kit/manifest.js';
import * as contract from './kit/commissioning/contract.js';
import { because, cannotTell, lastDay, price, tell, word } from './course.js';

/** Code list contract-checks. */
export function checkContract() {
  const terms = contract.current();
  const kept = [paidByMilestone(terms), placesFit(terms), valueFits(terms)];
  if (kept.includes(false)) return 'breaks-rules';
  return kept.includes(null) ? 'not-enough-evidence' : 'within-rules';
}

/** By result alone a small charity bears a risk that it cannot (001:L572): who begins is paid for. @param {Agreement} terms */
const paidByMilestone = (terms) => tell('paid-by-milestone', terms.paymentTerms === 'mixed', because(say.paid({ paid: word(terms.paymentTerms) })));

/** No more families than the runs of the course have places. @param {Agreement} terms */
function placesFit(terms) {
  if (terms.mostFamilies == null) return cannotTell('places-fit', because(say.familiesNotStated()));
  const { weeks, gapWeeks, places } = settings();
  // The last run needs no gap after it.
  const runs = Math.floor((Math.floor((lastDay(terms) - terms.window.first + 1) / 7) + gapWeeks) / (weeks + gapWeeks));
  const most = runs * places;
  const said = say.places({ families: terms.mostFamilies, runs, most });
  return tell('places-fit', terms.mostFamilies <= most, because(said, 'weeks', 'gap-weeks', 'places'));
}

/** Enough is agreed to pay for everybody who may come. @param {Agreement} terms */
function valueFits(terms) {
  if (terms.mostFamilies == null) return cannotTell('value-fits', because(say.familiesNotStated()));
  const needed = terms.mostFamilies * price(terms.window.first);
  return tell('value-fits', terms.value >= needed, because(say.value({ value: terms.value, needed }), 'prices'));
}
