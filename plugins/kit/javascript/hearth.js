// What every plugin in JavaScript may want beside the interface.

/** A section that gives no answer: `why`, code list absences. Not caught, it is the plugin's refusal. */
export class Absence extends Error {
  constructor(asked, why) {
    super(`${asked} gives no answer: ${why}`);
    this.name = 'Absence';
    this.why = why;
  }
}

/** What `refuse` throws. */
export class Refusal extends Error {
  constructor(why, message) {
    super(`refused: ${why}`);
    this.name = 'Refusal';
    this.why = why;
    this.given = message;
  }
}

/** Ends the question with a refusal: an answer, not a fault. `why`, code list failures; `message`, one of `say`. */
export function refuse(why, message = null) {
  throw new Refusal(why, message);
}

/** Reads `2015-04-01`, from 1600 to 2399, as a day of the interface. Null for anything else, 31 February included. */
export function fromIso(text) {
  const parts = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  if (parts === null) return null;
  const [year, month, day] = parts.slice(1).map(Number);
  const known = year >= 1600 && year < 2400 && month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month);
  return known ? number(year, month, day) : null;
}

/** A day of the interface as `2015-04-01`. */
export function toIso(day) {
  // Counted in eras of 400 years that begin on 1 March.
  const z = day + FROM_MARCH_OF_YEAR_0;
  const era = Math.floor(z / 146097);
  const inEra = z - era * 146097;
  const years = Math.floor((inEra - Math.floor(inEra / 1460) + Math.floor(inEra / 36524) - Math.floor(inEra / 146096)) / 365);
  const inYear = inEra - (365 * years + Math.floor(years / 4) - Math.floor(years / 100));
  const months = Math.floor((5 * inYear + 2) / 153);
  const date = inYear - Math.floor((153 * months + 2) / 5) + 1;
  const month = months < 10 ? months + 3 : months - 9;
  const year = years + era * 400 + (month <= 2 ? 1 : 0);
  return `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(date).padStart(2, '0')}`;
}

const FROM_MARCH_OF_YEAR_0 = 719468;

function daysIn(year, month) {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}

/** Counts in years that begin on 1 March, so that the leap day is a year's last. */
function number(year, month, day) {
  const [years, months] = month > 2 ? [year, month - 3] : [year - 1, month + 9];
  const before = years * 365 + Math.floor(years / 4) - Math.floor(years / 100) + Math.floor(years / 400);
  return before + Math.floor((153 * months + 2) / 5) + day - 1 - FROM_MARCH_OF_YEAR_0;
}

/** One day as a window. */
export const oneDay = (day) => ({ first: day, last: day });

/** Does the window hold the day? */
export const holds = (window, day) => window.first <= day && (isOpen(window) || day <= window.last);

const isOpen = (window) => window.last === null || window.last === undefined;

/** `part` of `whole` in tenths of a per cent, rounded down: 179 of 200 is 895. Null where there is no whole. */
export const tenthsOfAPercent = (part, whole) => (whole === 0 ? null : Math.floor((part * 1000) / whole));

/** Is `part` at least `percent` per cent of `whole`? */
export const isAtLeast = (part, whole, percent) => part * 100 >= percent * whole;

/** The most that may be left of `before` for a fall of at least `percent` per cent: of 11, 60% less is 4. */
export const mostAfterAFall = (before, percent) => Math.floor((before * (100 - Math.min(percent, 100))) / 100);

/**
 * Is a kind of fact completely known on every day of the window? `spans`: what `coverage.spans` gave for it. For one person:
 * none of the person's own pieces falls short, and with the family's they fill the window. Without a person: no piece falls
 * short, whoever it is about, and the family's own fill it.
 */
export function isKnown(spans, kind, window, person = null) {
  const pieces = spans.filter((span) => span.kind === kind);
  const complete = (span) => span.state === 'complete';
  const family = pieces.filter((span) => (span.person ?? null) === null);
  if (person === null) return pieces.every(complete) && fill(window, family);
  const own = pieces.filter((span) => span.person === person);
  return own.every(complete) && fill(window, [...own, ...family.filter(complete)]);
}

function fill(window, spans) {
  let next = window.first;
  for (const piece of spans.map((span) => span.window).sort((a, b) => a.first - b.first)) {
    if (piece.first > next) break;
    next = Math.max(next, isOpen(piece) ? Infinity : piece.last + 1);
  }
  return isOpen(window) ? next === Infinity : next > window.last;
}

/** What is said, and what it rests on. */
export const reason = (message, restsOn) => ({ message, restsOn });

/** Facts to rest on; of very many, the first thousand. */
export const facts = (facts) => facts.slice(0, 1000).map((val) => ({ tag: 'fact', val }));

/** A search to rest on: how many there were; of one person, or of the whole family. Absence is evidence too. */
export const searched = (section, kind, window, found, person = null) => [
  { tag: 'searched', val: { section, kind, person, window, found } },
];

/** A setting to rest on, by its name in manifest.json. */
export const setting = (name) => [{ tag: 'setting', val: name }];

/**
 * An answer of the form to rest on, by its question's id; of one person or one item, or all that was answered to it. `before`: of the
 * time before.
 */
export const answered = (question, person = null, item = null, before = false) => [
  { tag: 'answered', val: { question, person, item, before } },
];

/** A section of the record to rest on that gave no answer: not granted, withheld, or of no family. */
export const notTold = (section) => [{ tag: 'not-told', val: section }];

/** To rest on something else that was read: `source`, code list sources. */
export const read = (source) => [{ tag: 'read', val: source }];

/** To rest on what the question itself is about: the referral, the candidates, the contract. */
export const asked = () => [{ tag: 'asked' }];
