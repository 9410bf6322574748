// The course: how long it is, what it costs, and how far a family has come in it.
/** @import { Basis, Message, Reason } from './kit/decision/messages.js' */
/** @import { Agreement, Appointments, Helped } from './kit/commissioning/contract.js' */
/** @import { Day, Pence } from './kit/family/types.js' */
import { asked, fromIso, isAtLeast, reason, refuse, setting } from './kit/hearth.js';
import { say, settings } from './kit/manifest.js';
import * as contract from './kit/commissioning/contract.js';
import * as results from './kit/commissioning/buying-results.js';
import * as calendar from './kit/platform/calendar.js';
import * as run from './kit/platform/run.js';

/** A reason that rests on what was asked, and on settings. @type {(message: Message, ...names: string[]) => Reason} */
export const because = (message, ...names) => reason(message, [...asked(), ...names.flatMap(setting)]);

/** A word of the interface for a sentence, which takes only those of its code list. @type {(code: string) => any} */
export const word = (code) => code;

/** Reports a rule, and gives whether it is kept. @type {(criterion: string, kept: boolean, why: Reason) => boolean} */
export function tell(criterion, kept, why) {
  results.rule(criterion, kept ? 'met' : 'not-met', [why]);
  return kept;
}

/** Reports a rule that cannot be judged. @type {(criterion: string, why: Reason) => null} */
export function cannotTell(criterion, why) {
  results.rule(criterion, 'not-enough-evidence', [why]);
  return null;
}

/** The contract's last day; of one without, that of its first year. @param {Agreement} terms */
export const lastDay = (terms) => terms.window.last ?? calendar.monthsAfter(terms.window.first, 12) - 1;

/** What the whole course costs for a family that began on a day: the latest price that had begun. @param {Day} on @returns {Pence} */
export function price(on) {
  const dated = settings().prices.map(({ from, pence }) => ({ from: fromIso(from), pence }));
  const begun = dated.filter(({ from }) => from !== null && from <= on);
  const last = begun.sort((one, next) => Number(one.from) - Number(next.from)).at(-1);
  return last === undefined ? refuse('no-rate', say.noPrice({ on })) : last.pence;
}

/** How far one family has come. `kept`: sessions; null where none are recorded. @typedef {{ helped: Helped, kept: number | null }} Pupil */

/** Everybody who has begun by the date asked about, with the sessions kept until then. @returns {Pupil[]} */
export function pupils() {
  const today = run.asOf();
  /** @type {Map<number, number>} */
  const kept = new Map();
  for (const row of recorded()) kept.set(row.family, (kept.get(row.family) ?? 0) + row.kept);
  return contract.families().filter(({ engaged }) => engaged <= today).map((helped) => ({ helped, kept: kept.get(helped.family) ?? null }));
}

/** Sessions that are over. One that is still going on is counted when it is. @returns {Appointments[]} */
export function recorded() {
  const today = run.asOf();
  const rows = contract.sessions({ first: contract.current().window.first, last: today });
  return rows.filter(({ window }) => window.last != null && window.last <= today);
}

/** The last day of the course of a family that began on a day. @param {Day} engaged */
export const endsOn = (engaged) => engaged + 7 * settings().weeks - 1;

/** Was the course completed? @param {Pupil} pupil */
export const hasCompleted = ({ helped, kept }) =>
  kept !== null && endsOn(helped.engaged) <= run.asOf() && isAtLeast(kept, settings().weeks, settings().completedPercent);
