// The rule of README.md.
import * as kit from './kit/hearth.js';
import { say, settings } from './kit/manifest.js';
import * as tasks from './kit/actions/tasks.js';
import * as episode from './kit/decision/episode.js';
import * as coverage from './kit/family/coverage.js';
import * as education from './kit/family/education.js';
import * as household from './kit/family/household.js';
import * as findings from './kit/outcomes/findings.js';
import * as calendar from './kit/platform/calendar.js';
import * as run from './kit/platform/run.js';

const { facts, oneDay, reason, searched, setting } = kit;
const reported = (number) => ({ tag: 'reported', val: number });
const isOfSchoolAge = (age) => age >= 5 && age <= 15;
const tens = (age) => (age === null ? null : age * 10);
const met = (isMet) => (isMet ? 'met' : 'not-met');

export function eligibility() {
  const on = run.asOf();
  const home = homeOn(on);
  const aYearAgo = household.ages(home.residents, calendar.addMonths([on], -12)[0]);
  const standings = home.residents.map((person, i) => {
    const age = home.ages[i];
    const standing = age === null ? 'not-enough-evidence' : met(isOfSchoolAge(age));
    findings.add({
      criterion: 'age',
      person,
      standing,
      window: oneDay(on),
      before: tens(aYearAgo[i]),
      now: tens(age),
      threshold: 50,
      reasons: [age === null ? ageUnknown(home, person) : reason(say.age({ person, years: age }), ofPerson(home, person))],
      lookAgain: age === null ? calendar.addMonths([on], 1)[0] : null,
    });
    return standing;
  });
  if (standings.length === 0) {
    findings.add({ criterion: 'age', standing: 'not-applicable', window: oneDay(on), reasons: [nobody(home, on)] });
  }
  if (standings.includes('met')) return 'eligible';
  return standings.includes('not-enough-evidence') ? 'not-enough-evidence' : 'not-eligible';
}

export function progress() {
  const on = run.asOf();
  const given = settings();
  const stay = episode.current();
  const engaged = stay.window.first;
  if (engaged > on) kit.refuse('engaged-after-as-of', say.notYet({ engaged }));
  const { now, before } = periods(on, given);
  if (now.length === 0) kit.refuse('not-enough-evidence', say.noTerm({ months: given.lookBackMonths }));
  const home = homeOn(on);
  const found = school(home, on, given, now, before);

  const months = calendar.monthsBetween(engaged, on);
  const needed = given.resultMonths;
  const isSettled = months >= needed;
  const working = calendar.workingDays({ first: engaged, last: on });
  const settled = findings.add({
    criterion: 'settled',
    standing: met(isSettled),
    window: stay.window,
    before: calendar.monthsBetween(on, engaged) * 10,
    now: months * 10,
    threshold: needed * 10,
    reasons: [reason(say.settled({ engaged, months, working }), [...facts([stay.fact]), ...setting('result-months')])],
    lookAgain: isSettled ? null : calendar.addMonths([engaged], needed)[0],
  });

  const reached = [...found.keys()].filter((number) => found[number].standing === 'met');
  const outcome = reached.length === found.length ? 'significant-and-sustained' : reached.length > 0 ? 'progress' : 'none-yet';
  const earlier = episode.earlierClaims().find(([kind]) => kind === 'progress-result' || kind === 'employment-result');
  const amount = rate(on, given);
  let standing = met(outcome === 'significant-and-sustained' && isSettled);
  let why;
  if (earlier !== undefined) {
    standing = 'not-applicable';
    why = reason(say.claimed({ kind: earlier[0], on: earlier[1] }), facts([stay.fact]));
  } else if (amount === 0) {
    standing = 'not-met';
    why = reason(say.noRate({ on }), [...setting('rates'), reported(settled)]);
  } else {
    const before = Array.from({ length: settled + 1 }, (_, number) => reported(number));
    const message = say.rate({ amount, sum: amount + given.adjustmentPence, criterion: 'school', stay: stay.fact });
    why = reason(message, [...setting('rates'), ...before]);
  }
  const result = findings.add({ criterion: 'result', standing, window: oneDay(on), reasons: [why] });
  if (standing === 'met') findings.claim('progress-result', amount, on, [...reached, settled, result]);

  found.forEach(({ person, standing }, number) => {
    if (person === undefined || standing !== 'not-enough-evidence') return;
    const by = calendar.addWorkingDays(on, Math.max(given.workingDays, 0));
    tasks.propose(`ask-${kit.toIso(on)}-${number}`, 'data-manager', say.ask({ child: person, by }), by);
  });
  return outcome;
}

/** Who lives in the home, by handle, each once, with their ages that day. */
function homeOn(on) {
  const members = household.members(oneDay(on));
  const residents = [...new Set(members.filter((member) => member.resident).map((member) => member.person))].sort((a, b) => a - b);
  return { members, residents, ages: household.ages(residents, on) };
}

const ofPerson = (home, person) => facts(home.members.filter((member) => member.person === person).map((member) => member.fact));
const ageUnknown = (home, person) => reason(say.ageUnknown({ person }), ofPerson(home, person));
const nobody = (home, on) => reason(say.nobody(), searched('household', 'membership', oneDay(on), home.members.length));

/** Those that are counted now, and those before them. */
function periods(on, given) {
  let terms;
  try {
    terms = calendar.terms({ first: calendar.addMonths([on], given.lookBackMonths)[0], last: on });
  } catch (absence) {
    if (!(absence instanceof kit.Absence) || absence.why !== 'not-supplied') throw absence;
    const now = calendar.monthsTo(on, given.months);
    return { now: [now], before: [calendar.monthsTo(now.first - 1, given.months)] };
  }
  const ended = terms.map((term) => term.window).filter((window) => window.last <= on);
  return { now: ended.slice(-given.terms), before: ended.slice(-2 * given.terms, -given.terms) };
}

const whole = (periods) => ({ first: periods[0].first, last: periods[periods.length - 1].last });

function school(home, on, given, now, before) {
  const window = whole(now);
  const rows = education.attendances(window);
  const rowsBefore = before.length === 0 ? [] : education.attendances(whole(before));
  const spans = coverage.spans('education', window);
  const found = [];
  home.residents.forEach((person, i) => {
    const age = home.ages[i];
    if (age === null) found.push({ person, standing: 'not-enough-evidence', reasons: [ageUnknown(home, person)] });
    else if (isOfSchoolAge(age)) {
      const known = kit.isKnown(spans, 'attendance', window, person);
      found.push(child(person, given, window, counted(rows, person, now), counted(rowsBefore, person, before), rows, known));
    }
  });
  if (found.length === 0) found.push({ standing: 'not-applicable', reasons: [nobody(home, on)] });
  for (const finding of found) {
    const open = finding.standing === 'not-met' || finding.standing === 'not-enough-evidence';
    const lookAgain = open ? calendar.addWorkingDays(on, given.workingDays) : null;
    findings.add({ criterion: 'school', window, lookAgain, ...finding });
  }
  return found;
}

function counted(rows, person, periods) {
  const counts = ({ window }) => window.last != null && periods.some((period) => kit.holds(period, window.last));
  return rows.filter((row) => row.person === person && counts(row));
}

const sum = (rows, field) => rows.reduce((sum, row) => sum + row[field], 0);

function child(person, given, window, now, before, rows, known) {
  const [attended, possible] = [sum(now, 'attended'), sum(now, 'possible')];
  const share = kit.tenthsOfAPercent(attended, possible);
  const search = searched('education', 'attendance', window, rows.filter((row) => row.person === person).length, person);
  const reasons = [];
  if (share === null) reasons.push(reason(say.noSessions({ child: person }), search));
  else {
    const last = Math.max(...now.map((row) => row.window.last));
    const restsOn = [...facts(now.map((row) => row.fact)), ...setting('attendance-tenths')];
    reasons.push(reason(say.attended({ child: person, share, possible, last }), restsOn));
  }
  if (!known) reasons.push(reason(say.notKnown({ child: person, kind: 'attendance' }), search));
  const enough = met(attended * 1000 >= given.attendanceTenths * possible);
  return {
    person,
    standing: share === null || !known ? 'not-enough-evidence' : enough,
    before: kit.tenthsOfAPercent(sum(before, 'attended'), sum(before, 'possible')),
    now: share,
    threshold: given.attendanceTenths,
    reasons,
  };
}

/** In pence, that day; 0 where there is none. */
function rate(on, given) {
  const from = calendar.read(given.rates.map((rate) => rate.from));
  let latest = -1;
  given.rates.forEach((_, i) => {
    if (from[i] !== null && from[i] <= on && (latest < 0 || from[i] >= from[latest])) latest = i;
  });
  return latest < 0 ? 0 : given.rates[latest].pence;
}
