// The two hubs, and what is asked of them.
/** @import { Message } from './kit/decision/messages.js' */
/** @import { Day } from './kit/family/types.js' */
import { toIso } from './kit/hearth.js';
import { say, settings } from './kit/manifest.js';
import * as meetings from './kit/actions/meetings.js';
import * as tasks from './kit/actions/tasks.js';
import * as calendar from './kit/platform/calendar.js';
import * as run from './kit/platform/run.js';

/** A hub on its next day. `invited`, code list organisation-kinds. 
 * @typedef {{ meeting: 'daily-hub' | 'monthly-hub', on: Day, invited: string[] }} Hub */

export const nextWorkingDay = () => calendar.addWorkingDays(run.asOf(), 1);

/** The next working morning's (004:L445-L457). @returns {Hub} */
export const dailyHub = () => ({
  meeting: 'daily-hub',
  on: nextWorkingDay(),
  invited: ['police', 'abuse-charity', 'social-care', 'mental-health'],
});

/** This month's if it is still to come, else the next month's (004:L464-L471). @returns {Hub} */
export function monthlyHub() {
  const today = run.asOf();
  const [{ day }] = calendar.dates([today]);
  const [thisMonth, nextMonth] = [0, 1].map((months) => monthlyHubFrom(calendar.monthsAfter(today - day + 1, months)));
  return {
    meeting: 'monthly-hub',
    on: thisMonth > today ? thisMonth : nextMonth,
    invited: ['council', 'school', 'police', 'jobcentre', 'health', 'social-care', 'abuse-charity'],
  };
}

/**
 * The hub's weekday in its week of the month that begins on `first`; the next working day where that is a bank holiday.
 * @param {Day} first
 */
function monthlyHubFrom(first) {
  const { monthlyHubWeek, monthlyHubWeekday } = settings();
  const [{ weekday }] = calendar.dates([first]);
  const toWeekday = (monthlyHubWeekday - weekday + 7) % 7;
  return calendar.addWorkingDays(first + toWeekday + 7 * (monthlyHubWeek - 1), 0);
}

/**
 * Puts the family on the hub's agenda, once for each hub, however many incidents and referrals call for it.
 * @param {Hub} hub
 * @param {Message} about
 * @param {string[]} alsoInvited
 */
export function bring(hub, about, alsoInvited = []) {
  meetings.putOnAgenda(`${hub.meeting}-${toIso(hub.on)}`, hub.meeting, hub.on, [...hub.invited, ...alsoInvited], about);
}

/**
 * Gives what the record leaves open to the hub's chair. Each `what` once for each day on which it is due.
 * @param {string} what
 * @param {Message} message
 * @param {Day} due
 */
export function askChair(what, message, due) {
  tasks.propose(`${what}-${toIso(due)}`, 'panel-chair', message, due);
}

/** One professional contacts the family, and the hub's chair sees to it by `due` who (001:L1289). @param {Day} due */
export const agreeOneContact = (due) => askChair('contact', say.agreeOneContact({ by: due }), due);
