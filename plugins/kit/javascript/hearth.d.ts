import type { Basis, Message, Reason } from './decision/messages.js';
import type { Code, Day, Fact, Person, Window } from './family/types.js';

declare global {
  /** There is no output: what is printed stands in the log. */
  var console: { log(...said: unknown[]): void };
}

/** A section that gives no answer: `why`, code list absences. Not caught, it is the plugin's refusal. */
export class Absence extends Error {
  readonly why: Code;
}
/** Ends the question with a refusal: an answer, not a fault. `why`, code list failures; `message`, one of `say`. */
export function refuse(why: Code, message?: Message | null): never;

/** Reads `2015-04-01`, from 1600 to 2399, as a day of the interface. Null for anything else, 31 February included. */
export function fromIso(text: string): Day | null;
/** A day of the interface as `2015-04-01`. */
export function toIso(day: Day): string;
/** One day as a window. */
export function oneDay(day: Day): Window;
/** Does the window hold the day? */
export function holds(window: Window, day: Day): boolean;

/** `part` of `whole` in tenths of a per cent, rounded down: 179 of 200 is 895. Null where there is no whole. */
export function tenthsOfAPercent(part: number, whole: number): number | null;
/** Is `part` at least `percent` per cent of `whole`? */
export function isAtLeast(part: number, whole: number, percent: number): boolean;
/** The most that may be left of `before` for a fall of at least `percent` per cent: of 11, 60% less is 4. */
export function mostAfterAFall(before: number, percent: number): number;

/** A piece of what is known: a span of `coverage.spans`. */
export interface Piece {
  person?: Person | null;
  kind: Code;
  window: Window;
  state: Code;
}
/**
 * Is a kind of fact completely known on every day of the window? `spans`: what `coverage.spans` gave for it. For one person:
 * none of the person's own pieces falls short, and with the family's they fill the window. Without a person: no piece falls
 * short, whoever it is about, and the family's own fill it.
 */
export function isKnown(spans: Piece[], kind: Code, window: Window, person?: Person | null): boolean;

/** What is said, and what it rests on. */
export function reason(message: Message, restsOn: Basis[]): Reason;
/** Facts to rest on; of very many, the first thousand. */
export function facts(facts: Fact[]): Basis[];
/** A search to rest on: how many there were; of one person, or of the whole family. Absence is evidence too. */
export function searched(section: Code, kind: Code, window: Window, found: number, person?: Person | null): Basis[];
/** A setting to rest on, by its name in manifest.json. */
export function setting(name: string): Basis[];
/**
 * An answer of the form to rest on, by its question's id; of one person or one item, or all that was answered to it. `before`: of the
 * time before.
 */
export function answered(question: string, person?: Person | null, item?: number | null, before?: boolean): Basis[];
/** A section of the record to rest on that gave no answer: not granted, withheld, or of no family. */
export function notTold(section: Code): Basis[];
/** To rest on something else that was read: `source`, code list sources. */
export function read(source: Code): Basis[];
/** To rest on what the question itself is about: the referral, the candidates, the contract. */
export function asked(): Basis[];
