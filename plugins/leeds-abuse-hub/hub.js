// The two hubs, and what is asked of them.
import { toIso } from './kit/hearth.js';
import { say } from './kit/manifest.js';
import * as meetings from './kit/actions/meetings.js';
import * as tasks from './kit/actions/tasks.js';
import * as calendar from './kit/platform/calendar.js';

/** The next working morning's (004:L445-L457). */
export const dailyHub = (today) => ({
  meeting: 'daily-hub',
  on: calendar.addWorkingDays(today, 1),
  invited: ['police', 'abuse-charity', 'social-care', 'mental-health'],
});

/** This month's if it is still to come, else the next month's (004:L464-L471). */
export function monthlyHub(today, given) {
  const [{ day }] = calendar.dates([today]);
  const first = today - day + 1;
  const months = [first, ...calendar.addMonths([first], 1)];
  const on = months.map((month) => monthlyHubFrom(month, given)).find((hub) => hub > today);
  return { meeting: 'monthly-hub', on, invited: ['council', 'school', 'police', 'jobcentre', 'health', 'social-care', 'abuse-charity'] };
}

/** The hub's weekday in its week of the month that begins on `first`; the next working day where that is a bank holiday. */
function monthlyHubFrom(first, given) {
  const [{ weekday }] = calendar.dates([first]);
  const toWeekday = (given.monthlyHubWeekday - weekday + 7) % 7;
  return calendar.addWorkingDays(first + toWeekday + 7 * (given.monthlyHubWeek - 1), 0);
}

/** Puts the family on the hub's agenda, once for each hub, however many incidents and referrals call for it. */
export function bring(hub, about, alsoInvited = []) {
  meetings.putOnAgenda(`${hub.meeting}-${toIso(hub.on)}`, hub.meeting, hub.on, [...hub.invited, ...alsoInvited], about);
}

/** One professional contacts the family, and the hub's chair sees to it by `due` who (001:L1289). */
export const agreeOneContact = (due) => askChair('contact', say.agreeOneContact({ by: due }), due);

/** Gives what the record leaves open to the hub's chair. Each `what` once for each day on which it is due. */
export function askChair(what, message, due) {
  tasks.propose(`${what}-${toIso(due)}`, 'panel-chair', message, due);
}
