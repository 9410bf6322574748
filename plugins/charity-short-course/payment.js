// What is due: so much of the price at each milestone of each family, never twice.
/** @import { Reason } from './kit/decision/messages.js' */
/** @import { ContractFamily, PaidLine } from './kit/commissioning/contract.js' */
/** @import { Pence } from './kit/family/types.js' */
/** @import { Pupil } from './course.js' */
import { isAtLeast } from './kit/hearth.js';
import { say, settings } from './kit/manifest.js';
import * as contract from './kit/commissioning/contract.js';
import * as results from './kit/commissioning/buying-results.js';
import * as run from './kit/platform/run.js';
import { because, cannotTell, hasCompleted, price, pupils, tell } from './course.js';

/** A line that is due. @typedef {{ kind: string, family: ContractFamily, amount: Pence, why: Reason }} Due */

/** The most lines of one answer: the rest is due the next time. */
const MOST_LINES = 400;

/** Code list payments. */
export function payment() {
  const before = contract.payments();
  const everybody = pupils();
  const dues = everybody.flatMap((pupil) => duesOf(pupil, before.filter((line) => line.family === pupil.helped.family)));
  const lines = withinValue(dues, before);
  lines.forEach(({ kind, family, amount, why }) => results.line(kind, family, amount, [why]));
  const silent = sessionsMissing(everybody);
  if (lines.length > 0) return 'due';
  return silent ? 'not-enough-evidence' : 'nothing-due';
}

/**
 * The milestones, each with the kind of line that stands for it and its part of the price. Code list payment-kinds has none of their own.
 * @returns {Array<{ kind: string, percent: number, says: typeof say.begun, reached: (pupil: Pupil) => boolean }>}
 */
function milestones() {
  const { weeks, startPercent, halfwayPercent } = settings();
  return [
    { kind: 'attachment-share', percent: startPercent, says: say.begun, reached: ({ kept }) => kept !== null && kept > 0 },
    { kind: 'appointment', percent: halfwayPercent, says: say.halfway, reached: ({ kept }) => kept !== null && isAtLeast(kept, weeks, 50) },
    { kind: 'result-share', percent: 100 - startPercent - halfwayPercent, says: say.completed, reached: hasCompleted },
  ];
}

/**
 * What was not paid yet of what was reached, and what was paid of what is not reached any more, since sessions were corrected.
 * @param {Pupil} pupil
 * @param {PaidLine[]} before
 * @returns {Due[]}
 */
function duesOf(pupil, before) {
  const { family, engaged } = pupil.helped;
  const reached = milestones().filter((milestone) => milestone.reached(pupil));
  const paid = (/** @type {PaidLine[]} */ lines) => lines.reduce((sum, { amount }) => sum + amount, 0);
  const dues = reached.filter(({ kind }) => !before.some((line) => line.kind === kind)).map(({ kind, percent, says }) => ({
    kind, family, amount: Math.floor((price(engaged) * percent) / 100),
    why: because(says({ kept: pupil.kept ?? 0, weeks: settings().weeks }), 'prices', 'weeks'),
  }));
  const stands = paid(before.filter((line) => reached.some(({ kind }) => kind === line.kind)));
  const amount = stands - paid(before);
  if (amount !== 0) dues.push({ kind: 'correction', family, amount, why: because(say.corrected({ paid: paid(before), stands })) });
  return dues.filter(({ amount }) => amount !== 0);
}

/**
 * What the contract's value still pays for, what comes back first. A line that does not fit whole is left out.
 * @param {Due[]} dues
 * @param {PaidLine[]} before
 */
function withinValue(dues, before) {
  const { value } = contract.current();
  let left = before.reduce((rest, line) => rest - line.amount, value);
  /** @type {Due[]} */
  const lines = [];
  for (const due of [...dues].sort((one, next) => Number(one.amount > 0) - Number(next.amount > 0)).slice(0, MOST_LINES)) {
    if (due.amount > left) continue;
    left -= due.amount;
    lines.push(due);
  }
  const out = Math.min(dues.length, MOST_LINES) - lines.length;
  if (out > 0) tell('within-value', false, because(say.valueUsedUp({ value, lines: out })));
  return lines;
}

/** Of whom should there be a session by now, and is none? @param {Pupil[]} everybody */
function sessionsMissing(everybody) {
  const since = run.asOf() - settings().recordDays;
  const silent = everybody.filter(({ helped, kept }) => kept === null && helped.engaged <= since).length;
  if (silent > 0) cannotTell('sessions-recorded', because(say.sessionsMissing({ families: silent }), 'record-days'));
  return silent > 0;
}
