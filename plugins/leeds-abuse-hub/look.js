// Looks things up together with how well they are known: nothing recorded is not the same as nothing happened.
/** @import { Basis } from './kit/decision/messages.js' */
/** @import { Fact, Window } from './kit/family/types.js' */
import { Absence, facts, isKnown, notTold, searched } from './kit/hearth.js';
import * as coverage from './kit/family/coverage.js';

/** Rests on what the question itself is about. @type {Basis[]} */
export const asked = [{ tag: 'asked' }];

/** Rests on a setting of the authority, too. @type {(name: string) => Basis} */
export const setting = (name) => ({ tag: 'setting', val: name });

/**
 * What `read` gives, or null where a section is withheld or not granted, or there is no episode: the question goes on.
 * @template T
 * @param {() => T} read
 */
export function toldBy(read) {
  try {
    return read();
  } catch (e) {
    if (e instanceof Absence) return null;
    throw e;
  }
}

/**
 * The rows of one kind in `window`, whether they are all there is, and what a reason about them rests on. A section that
 * gives no answer is one of which nothing is known, so that the question ends with a person and not with a refusal.
 * @template {{ fact: Fact }} Row
 * @param {string} section
 * @param {string} kind
 * @param {Window} window
 * @param {(window: Window) => Row[]} read
 * @returns {{ rows: Row[], complete: boolean, restsOn: Basis[] }}
 */
export function look(section, kind, window, read) {
  const told = toldBy(() => ({ rows: read(window), spans: coverage.spans(section, window) }));
  if (told === null) return { rows: [], complete: false, restsOn: notTold(section) };
  const { rows, spans } = told;
  const restsOn = rows.length > 0 ? facts(rows.map((row) => row.fact)) : searched(section, kind, window, 0);
  return { rows, complete: isKnown(spans, kind, window), restsOn };
}
