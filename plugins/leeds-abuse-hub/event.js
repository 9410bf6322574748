// What follows from an incident of domestic abuse: who is told, and which hub it comes to.
import { oneDay, reason, toIso } from './kit/hearth.js';
import { say, settings } from './kit/manifest.js';
import * as notices from './kit/actions/notices.js';
import * as abuse from './kit/family/abuse.js';
import * as happening from './kit/pathway/happening.js';
import * as routing from './kit/pathway/routing.js';
import * as calendar from './kit/platform/calendar.js';
import { graded, incidentsUntil, isCurrent, isFlagged, unrecorded } from './abuse.js';
import { childrenIn } from './home.js';
import { agreeOneContact, askChair, bring, dailyHub, monthlyHub } from './hub.js';
import { asked, setting, toldBy } from './look.js';

/** Code list event-answers. */
export function onEvent() {
  const event = happening.current();
  if (event.kind !== 'abuse-incident') return 'nothing-to-do';
  const given = settings();
  if (isCurrent(event.on, event.learntOn, given)) news(event, given);
  else oldNews(event, given);
  return 'acted';
}

function news(event, given) {
  const today = event.learntOn;
  const incident = recorded(event) ?? unrecorded(event.on);
  const history = incidentsUntil(today, given);
  const { level, reasons } = graded([incident], history, given);
  const high = level === 'high-risk';
  const hub = high ? dailyHub(today) : monthlyHub(today, given);
  report(level, hub, isFlagged(incident) ? 'immediate' : high ? 'today' : 'soon', reasons);

  // The family does not wait for the monthly hub to hear from somebody.
  const contactBy = calendar.addWorkingDays(today, 1);
  const by = calendar.addWorkingDays(today, given.noticeWorkingDays);
  const children = childrenIn({ first: event.on, last: today }, given);
  const becauseOfChildren = [...(children.ofSchoolAge ? ['school'] : []), ...(children.young ? ['health-visiting'] : [])];
  for (const to of ['police', 'social-care', 'abuse-charity', ...becauseOfChildren]) {
    // Of the day and of the day it became known: an open notice must not swallow a second incident.
    const key = `tell-${to}-${toIso(event.on)}-${toIso(today)}`;
    notices.notify(key, to, say.tell({ on: event.on, hub: hub.meeting, hubOn: hub.on, contactBy }), by);
  }
  bring(hub, say.incidentOnAgenda({ on: event.on }), becauseOfChildren);
  agreeOneContact(contactBy);

  if (children.mayBeMore) askChair('children', say.findChildren(), by);
  if (incident.highRisk == null) askChair('risk', say.assessRisk({ on: event.on }), by);
  if (!high && !history.complete) askChair('history', say.findHistory({ months: given.historyMonths }), by);
}

/** Nobody is told by itself of what lies long back, and whoever brings in old records alarms nobody: a person decides. */
function oldNews(event, given) {
  const hub = monthlyHub(event.learntOn, given);
  report('historic', hub, 'routine', [reason(say.learntLate({ on: event.on, days: given.currentDays }), [...asked, setting('current-days')])]);
  bring(hub, say.incidentOnAgenda({ on: event.on }));
  askChair('late', say.decideLate({ on: event.on }), calendar.addWorkingDays(event.learntOn, 1));
}

function report(level, hub, priority, reasons) {
  routing.level(level, reasons);
  routing.route(hub.meeting, reasons);
  routing.priority(priority, reasons);
}

/** The incident as it is recorded; undefined where the event is no fact, or one of another section. */
function recorded(event) {
  const thatDay = toldBy(() => abuse.incidents(oneDay(event.on))) ?? [];
  return thatDay.find((incident) => incident.fact === event.fact);
}
