// What follows from an incident of domestic abuse: who is told, and which hub it comes to.
/** @import { Reason } from './kit/decision/messages.js' */
/** @import { Event } from './kit/pathway/happening.js' */
import { oneDay, reason, toIso } from './kit/hearth.js';
import { say, settings } from './kit/manifest.js';
import * as notices from './kit/actions/notices.js';
import * as abuse from './kit/family/abuse.js';
import * as happening from './kit/pathway/happening.js';
import * as routing from './kit/pathway/routing.js';
import * as calendar from './kit/platform/calendar.js';
import * as run from './kit/platform/run.js';
import { graded, isFlagged, newsSince, recent, unrecorded } from './abuse.js';
import { childrenSince } from './home.js';
import { agreeOneContact, askChair, bring, dailyHub, monthlyHub, nextWorkingDay } from './hub.js';
import { asked, setting, toldBy } from './look.js';

/** Code list event-answers. */
export function onEvent() {
  const event = happening.current();
  if (event.kind !== 'abuse-incident') return 'nothing-to-do';
  if (event.on >= newsSince()) news(event);
  else oldNews(event);
  return 'acted';
}

/** @param {Event} event */
function news(event) {
  const given = settings();
  const incident = recorded(event) ?? unrecorded(event.on);
  const history = recent();
  const { level, reasons } = graded([incident], history.rows);
  const high = level === 'high-risk';
  const hub = high ? dailyHub() : monthlyHub();
  report(level, hub.meeting, isFlagged(incident) ? 'immediate' : high ? 'today' : 'soon', reasons);

  // The family does not wait for the monthly hub to hear from somebody.
  const contactBy = nextWorkingDay();
  const by = calendar.addWorkingDays(run.asOf(), given.noticeWorkingDays);
  const children = childrenSince(event.on);
  const becauseOfChildren = [...(children.ofSchoolAge ? ['school'] : []), ...(children.young ? ['health-visiting'] : [])];
  for (const to of ['police', 'social-care', 'abuse-charity', ...becauseOfChildren]) {
    // Of the day and of the day it became known: an open notice must not swallow a second incident.
    const key = `tell-${to}-${toIso(event.on)}-${toIso(run.asOf())}`;
    notices.notify(key, to, say.tell({ on: event.on, hub: hub.meeting, hubOn: hub.on, contactBy }), by);
  }
  bring(hub, say.incidentOnAgenda({ on: event.on }), becauseOfChildren);
  agreeOneContact(contactBy);

  if (children.mayBeMore) askChair('children', say.findChildren(), by);
  if (incident.highRisk == null) askChair('risk', say.assessRisk({ on: event.on }), by);
  if (!high && !history.complete) askChair('history', say.findHistory({ months: given.historyMonths }), by);
}

/**
 * Nobody is told by itself of what lies long back, and whoever brings in old records alarms nobody: a person decides.
 * @param {Event} event
 */
function oldNews(event) {
  const hub = monthlyHub();
  const late = reason(say.learntLate({ on: event.on, days: settings().currentDays }), [...asked, setting('current-days')]);
  report('historic', hub.meeting, 'routine', [late]);
  bring(hub, say.incidentOnAgenda({ on: event.on }));
  askChair('late', say.decideLate({ on: event.on }), nextWorkingDay());
}

/** @type {(level: string, route: string, priority: string, reasons: Reason[]) => void} */
function report(level, route, priority, reasons) {
  routing.level(level, reasons);
  routing.route(route, reasons);
  routing.priority(priority, reasons);
}

/**
 * The incident as it is recorded; undefined where the event is no fact, or one of another section.
 * @param {Event} event
 */
function recorded(event) {
  const thatDay = toldBy(() => abuse.incidents(oneDay(event.on))) ?? [];
  return thatDay.find((incident) => incident.fact === event.fact);
}
