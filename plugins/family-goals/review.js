// The rhythm: every six weeks, signed by the family, then back to the manager (000:L869-L870).
/** @import { Day } from './kit/family/types.js' */
/** @import { Before } from './answers.js' */
/** @import { Goal } from './goals.js' */
import { toIso } from './kit/hearth.js';
import { say, settings } from './kit/manifest.js';
import * as requests from './kit/actions/assessment-requests.js';
import * as tasks from './kit/actions/tasks.js';
import * as results from './kit/assessment/results.js';
import * as calendar from './kit/platform/calendar.js';
import * as run from './kit/platform/run.js';
import { isAllDone } from './goals.js';

const FORM = 'six-weeks';

/** The working day on which the review after that of `on` is due, today at the earliest. @param {Day} on */
export const nextReview = (on) => calendar.addWorkingDays(Math.max(on + 7 * settings().reviewWeeks, run.asOf()), 0);

/**
 * @param {Day} on
 * @param {Before | null} before
 */
export function remarkOnReview(on, before) {
  if (before === null) return;
  const { reviewWeeks, lateDays } = settings();
  const due = before.on + 7 * reviewWeeks;
  if (on > due + lateDays) results.remark('reviewed-on', null, null, false, say.late({ due }));
}

/**
 * The manager sees every review; the next one is asked for as long as there is a goal to work on.
 * @param {Goal[]} goals
 * @param {Day} on
 * @param {Day} next the day of the next review
 */
export function askForReview(goals, on, next) {
  const due = calendar.addWorkingDays(run.asOf(), settings().signWorkingDays);
  tasks.propose(`sign-off-${toIso(on)}`, 'manager', say.signOff({ on }), due);
  if (!isAllDone(goals)) requests.askFor(`review-${toIso(on)}`, FORM, null, say.nextReview(), next);
}
