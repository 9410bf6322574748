// Does the contract go on? Every quarter (001:L568): do families come, do they stay to the end, are the places filled?
/** @import { Agreement, Reviewed } from './kit/commissioning/contract.js' */
/** @import { Pupil } from './course.js' */
import { isAtLeast, refuse, tenthsOfAPercent } from './kit/hearth.js';
import { say, settings } from './kit/manifest.js';
import * as contract from './kit/commissioning/contract.js';
import * as results from './kit/commissioning/buying-results.js';
import * as calendar from './kit/platform/calendar.js';
import * as run from './kit/platform/run.js';
import { because, cannotTell, endsOn, hasCompleted, lastDay, pupils, recorded, tell } from './course.js';

/** Code list reviews. */
export function review() {
  const terms = contract.current();
  if (run.asOf() < terms.window.first) refuse('not-enough-evidence', say.nothingToReview({ first: terms.window.first }));
  const everybody = pupils();
  const kept = [familiesCome(), theyStay(everybody), placesFilled(terms, everybody)];
  const cameTo = decide(kept, contract.reviews());
  if (cameTo !== 'end') again(terms);
  return cameTo;
}

/** Of the sessions offered so many are kept. */
function familiesCome() {
  const rows = recorded();
  const [kept, offered] = [rows.reduce((sum, row) => sum + row.kept, 0), rows.reduce((sum, row) => sum + row.offered, 0)];
  const share = tenthsOfAPercent(kept, offered);
  if (share === null) return cannotTell('sessions-kept', because(say.noneOffered()));
  const { keptPercent } = settings();
  const said = say.kept({ kept, offered, share, asked: keptPercent });
  return tell('sessions-kept', isAtLeast(kept, offered, keptPercent), because(said, 'kept-percent'));
}

/**
 * Of those whose course is over so many have completed it. As long as there are none, nothing is held against anyone.
 * @param {Pupil[]} everybody
 */
function theyStay(everybody) {
  const { completersPercent } = settings();
  const over = everybody.filter(({ helped }) => endsOn(helped.engaged) <= run.asOf());
  if (over.length === 0) return true;
  if (over.every(({ kept }) => kept === null)) return cannotTell('completed', because(say.noneRecorded({ families: over.length })));
  const completed = over.filter(hasCompleted).length;
  const said = say.completers({ completed, families: over.length, asked: completersPercent });
  const why = because(said, 'completed-percent', 'completers-percent', 'weeks');
  return tell('completed', isAtLeast(completed, over.length, completersPercent), why);
}

/**
 * By the middle of the contract so many of its places are taken: an empty place costs a charity as much as a full one.
 * @param {Agreement} terms
 * @param {Pupil[]} everybody
 */
function placesFilled(terms, everybody) {
  const middle = terms.window.first + Math.floor((lastDay(terms) - terms.window.first + 1) / 2);
  if (terms.mostFamilies == null || run.asOf() < middle) return true;
  const { filledPercent } = settings();
  const said = say.filled({ taken: everybody.length, places: terms.mostFamilies, asked: filledPercent });
  return tell('places-filled', isAtLeast(everybody.length, terms.mostFamilies, filledPercent), because(said, 'filled-percent'));
}

/**
 * @param {Array<boolean | null>} kept
 * @param {Reviewed[]} reviews
 */
function decide(kept, reviews) {
  if (kept.includes(null)) return 'not-enough-evidence';
  if (!kept.includes(false)) return 'continue';
  return improvementsAsked(reviews) + 1 >= settings().improvementsInARow ? 'end' : 'improve';
}

/**
 * How many in a row, up to the last before today, came to `improve`. One without evidence neither counts nor breaks the row.
 * @param {Reviewed[]} reviews
 */
function improvementsAsked(reviews) {
  const earlier = reviews.filter(({ on, cameTo }) => on < run.asOf() && cameTo !== 'not-enough-evidence').reverse();
  const other = earlier.findIndex(({ cameTo }) => cameTo !== 'improve');
  return other < 0 ? earlier.length : other;
}

/** On a working day, and not after the contract's last. @param {Agreement} terms */
function again(terms) {
  const { reviewMonths } = settings();
  const on = calendar.addWorkingDays(calendar.monthsAfter(run.asOf(), reviewMonths), 0);
  if (on <= (terms.window.last ?? on)) results.reviewAgain(on, [because(say.reviewAgain({ months: reviewMonths }), 'review-months')]);
}
