// The goals that the family chose: at most three (001:L2379) and one of each person's own, how near they are, and what follows.
/** @import { Basis } from './kit/decision/messages.js' */
/** @import { Day, Person } from './kit/family/types.js' */
/** @import { Answers, Before } from './answers.js' */
import { answered, reason, toIso } from './kit/hearth.js';
import { say, settings } from './kit/manifest.js';
import * as plan from './kit/actions/goals.js';
import * as tasks from './kit/actions/tasks.js';
import * as results from './kit/assessment/results.js';
import * as calendar from './kit/platform/calendar.js';
import * as run from './kit/platform/run.js';

/** Goals of the family, and the one that each person may have besides. Each is a domain too: its scale tells how near the goal is. */
const FAMILYS = /** @type {const} */ (['goal-1', 'goal-2', 'goal-3']);
const OWN = /** @type {const} */ ('own-goal');
/** What a goal may be about: the options of its `-domain`, and areas of life of the plan. */
const AREAS = /** @type {const} */ ([
  'housing', 'money', 'work', 'school', 'routines', 'behaviour', 'family-life', 'well-being', 'something-else',
]);
/** Both ends of every scale of the form, in tenths. */
export const [LEAST, MOST] = [0, 100];

/**
 * A goal in its place on the form. `whose`: null if the family's. `key`: what its proposals are called by; a handle holds for one run
 * only, so people are counted. `state`: new, going-on, reached, given-up; null while that is not answered. `before`: how near it was the
 * last time, if that was the same goal.
 * @typedef {{ place: typeof FAMILYS[number] | typeof OWN, whose: Person | null, key: string, domain: typeof AREAS[number] | null,
 *   state: string | null, now: number | null, hoped: Day | null, before: number | null, moved: boolean }} Goal
 */

/**
 * @param {Answers} now
 * @param {Before | null} last
 * @returns {Goal[]}
 */
export function goalsOf(now, last) {
  const familys = FAMILYS.filter((place) => now.has(place)).map((place) => ({ place, whose: null, key: place }));
  const own = now.people(OWN).map((whose, i) => ({ place: OWN, whose, key: `${OWN}-${i + 1}` }));
  return [...familys, ...own].map(({ place, whose, key }) => {
    const [about, state] = [now.option(`${place}-domain`, whose), now.option(`${place}-state`, whose)];
    const domain = AREAS.find((area) => area === about) ?? null;
    const lasting = state === 'going-on' || state === 'reached';
    const same = last !== null && domain === last.answers.option(`${place}-domain`, whose);
    return {
      place, whose, key, domain, state,
      now: now.point(`${place}-now`, whose),
      hoped: now.day(`${place}-by`, whose),
      before: lasting && same ? last.answers.point(`${place}-now`, whose) : null,
      moved: lasting && !same,
    };
  });
}

/**
 * Reports how near each goal is, and how far the family has come. Gives whether all of it was answered.
 * @param {Goal[]} goals
 * @param {Before | null} last
 */
export function reportGoals(goals, last) {
  for (const { place, whose, now, before } of goals) {
    if (now === null) continue;
    const near = reason(say.near({ goal: place, points: now }), answered(`${place}-now`, whose));
    const scored = results.score(place, whose, now, LEAST, MOST, true, [near]);
    if (before === null || last === null) continue;
    /** @type {Basis[]} */
    const restsOn = [{ tag: 'reported', val: scored }, ...answered(`${place}-now`, whose, null, true)];
    results.distance(place, whose, before, now, last.on, [reason(say.travelled({ what: place, before, now, since: last.on }), restsOn)]);
  }
  return goals.every(({ now, domain, state }) => now !== null && domain !== null && state !== null);
}

/**
 * What the form itself cannot say. Gives whether something is wrong; the rest is advice.
 * @param {Goal[]} goals
 */
export function remarkOnGoals(goals) {
  const { reachedAt } = settings();
  for (const { place, whose, state, now, moved } of goals) {
    if (moved) results.remark(`${place}-state`, whose, null, false, say.notTheGoalOfLastTime({ goal: place }));
    if (now === null) continue;
    const told = { goal: place, points: now };
    if (state === 'going-on' && now >= reachedAt) results.remark(`${place}-state`, whose, null, false, say.isItReached(told));
    if (state === 'reached' && now < reachedAt) results.remark(`${place}-now`, whose, null, false, say.isItNear(told));
  }
  // The family chooses (000:L845-L857): a review without a goal of its own is none.
  const none = goals.length === 0;
  if (none) results.remark('goal-1', null, null, true, say.chooseAGoal());
  return none;
}

/**
 * New goals join the plan; a goal that was reached is followed by the next (000:L921-L922), and when all are, by the question whether
 * the help ends (000:L1230-L1233).
 * @param {Goal[]} goals
 * @param {Day} on
 * @param {Day} next the day of the next review
 */
export function proposeGoals(goals, on, next) {
  for (const { place, whose, key, domain, hoped } of goals.filter(({ state }) => state === 'new')) {
    if (domain === null) continue;
    // Goals are not always time-bound (000:L890-L892), and the plan wants a day: then it is looked at in the next review.
    const due = Math.max(hoped ?? next, run.asOf());
    plan.set(`${key}-${toIso(on)}`, domain, whose, say.goal({ goal: place, on, domain }), due);
  }
  const due = calendar.addWorkingDays(run.asOf(), settings().taskWorkingDays);
  if (isAllDone(goals)) {
    tasks.propose(`closing-${toIso(on)}`, 'manager', say.talkOverClosing(), due);
  } else {
    for (const { place, key } of goals.filter(({ state }) => state === 'reached')) {
      tasks.propose(`next-${key}-${toIso(on)}`, 'keyworker', say.nextGoal({ goal: place }), due);
    }
    for (const { place, key, before, now } of goals.filter(({ state }) => state === 'going-on')) {
      const still = before !== null && now !== null && now <= before;
      if (still) tasks.propose(`stands-still-${key}-${toIso(on)}`, 'keyworker', say.standsStill({ goal: place }), due);
    }
  }
}

/** Is no goal left to work on, and at least one reached? @param {Goal[]} goals */
export const isAllDone = (goals) =>
  goals.some(({ state }) => state === 'reached') && goals.every(({ state }) => state === 'reached' || state === 'given-up');
