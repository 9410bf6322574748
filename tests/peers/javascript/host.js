// What the host would lend the rule of tests/conformance/javascript, answered from what `asked` was given: the module that every
// one of the rule's imports of an interface leads to.
import { Absence, Refusal, fromIso } from './kit/hearth.js';

let given;
let said;

/** A question from JSON to JSON. */
export function asked(text, question) {
  given = JSON.parse(text);
  said = { findings: [], claims: [], tasks: [] };
  return JSON.stringify({ result: result(question), ...said });
}

function result(question) {
  try {
    return { answered: question() };
  } catch (e) {
    if (!(e instanceof Refusal || e instanceof Absence)) throw e;
    return { refused: { why: e.why, message: e.given ? message(e.given) : null } };
  }
}

const sharesADay = (window, row) =>
  ((window.last ?? null) === null || row.first <= window.last) && ((row.last ?? null) === null || window.first <= row.last);
const shown = (rows, window) => rows.filter((row) => sharesADay(window, row));
const windowOf = ({ first, last }) => ({ first, last });

export const asOf = () => given.as_of;
export const json = () => given.settings;

export const members = (window) =>
  shown(given.members, window).map((row) => ({ fact: row.fact, person: row.person, resident: row.resident, window: windowOf(row) }));
export const ages = (persons, on) => persons.map((person) => age(given.people[person], on));

export const attendances = (window) =>
  shown(given.attendances, window).map((row) => ({
    fact: row.fact,
    person: row.person,
    window: windowOf(row),
    possible: row.possible,
    attended: row.attended,
    unauthorised: row.unauthorised,
  }));

export const spans = (_section, window) =>
  shown(given.coverage, window).map((row) => ({
    person: row.person,
    kind: row.kind,
    window: { first: Math.max(row.first, window.first), last: Math.min(row.last, window.last) },
    state: row.state,
  }));

export function current() {
  const on = given.as_of;
  const open = shown(given.stays, { first: on, last: on }).at(-1);
  const stay = open ?? given.stays.filter((stay) => stay.first <= on).at(-1) ?? given.stays[0];
  if (stay === undefined) throw new Absence('episode.current', 'no-episode');
  return { fact: stay.fact, window: windowOf(stay) };
}
export const earlierClaims = () => given.claims;

// Counted in eras of 400 years that begin on 1 March.
function civil(day) {
  const z = day + 719468;
  const era = Math.floor(z / 146097);
  const inEra = z - era * 146097;
  const years = Math.floor((inEra - Math.floor(inEra / 1460) + Math.floor(inEra / 36524) - Math.floor(inEra / 146096)) / 365);
  const inYear = inEra - (365 * years + Math.floor(years / 4) - Math.floor(years / 100));
  const months = Math.floor((5 * inYear + 2) / 153);
  const month = months < 10 ? months + 3 : months - 9;
  return { year: years + era * 400 + (month <= 2 ? 1 : 0), month, date: inYear - Math.floor((153 * months + 2) / 5) + 1 };
}

function number(year, month, date) {
  const [years, months] = month > 2 ? [year, month - 3] : [year - 1, month + 9];
  const before = years * 365 + Math.floor(years / 4) - Math.floor(years / 100) + Math.floor(years / 400);
  return before + Math.floor((153 * months + 2) / 5) + date - 1 - 719468;
}

function daysIn(year, month) {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}

function later(day, months) {
  const start = civil(day);
  const all = start.year * 12 + start.month - 1 + months;
  const [year, month] = [Math.floor(all / 12), (((all % 12) + 12) % 12) + 1];
  return number(year, month, Math.min(start.date, daysIn(year, month)));
}

function age(born, on) {
  if (born === null || born > on) return null;
  const [one, other] = [civil(born), civil(on)];
  const hadBirthday = other.month > one.month || (other.month === one.month && other.date >= one.date);
  return other.year - one.year - (hadBirthday ? 0 : 1);
}

export const addMonths = (days, months) => days.map((day) => later(day, months));
export const monthsTo = (last, months) => ({ first: later(last + 1, -months), last });
export function monthsBetween(first, until) {
  if (until < first) return -monthsBetween(until, first);
  const [one, other] = [civil(first), civil(until)];
  const months = (other.year - one.year) * 12 + other.month - one.month;
  return months - (later(first, months) > until ? 1 : 0);
}
export const read = (texts) => texts.map(fromIso);

function workingUpTo(day) {
  // 1970-01-01 was a Thursday.
  const weeks = Math.floor((day + 3) / 7);
  const holidays = given.bank_holidays;
  let [least, most] = [0, holidays.length];
  while (least < most) {
    const middle = (least + most) >> 1;
    if (holidays[middle] <= day) least = middle + 1;
    else most = middle;
  }
  return weeks * 5 + Math.min(day + 4 - weeks * 7, 5) - least;
}
const isWorking = (day) => workingUpTo(day) > workingUpTo(day - 1);

export const workingDays = (window) => Math.max(workingUpTo(window.last) - workingUpTo(window.first - 1), 0);
export function addWorkingDays(start, count) {
  const step = count < 0 ? -1 : 1;
  let left = count === 0 && !isWorking(start) ? 1 : Math.abs(count);
  let day = start;
  while (left > 0) {
    day += step;
    if (isWorking(day)) left -= 1;
  }
  return day;
}
export function terms(window) {
  if (given.terms === null) throw new Absence('calendar.terms', 'not-supplied');
  return shown(given.terms, window).map((row) => ({ name: row.name, window: windowOf(row) }));
}

const tagged = ({ tag, val }) => ({ [tag]: val });
const message = ({ template, args }) => ({ template, args: args.map(([name, arg]) => [name, tagged(arg)]) });
const reason = (reason) => ({ message: message(reason.message), rests_on: reason.restsOn.map(tagged) });

export function add({ lookAgain, reasons, ...finding }) {
  return said.findings.push({ ...finding, reasons: reasons.map(reason), look_again: lookAgain ?? null }) - 1;
}
export function claim(kind, amount_pence, entitled_on, rests_on) {
  said.claims.push({ kind, amount_pence, entitled_on, rests_on });
}
export function propose(key, role, title, due) {
  said.tasks.push({ key, role, title: message(title), due });
}
