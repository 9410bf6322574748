// What is known of domestic abuse in a family, and how grave it is. Who is alleged to have done it is never read.
import { facts, oneDay, reason, searched } from './kit/hearth.js';
import { say } from './kit/manifest.js';
import * as abuse from './kit/family/abuse.js';
import * as episode from './kit/decision/episode.js';
import * as calendar from './kit/platform/calendar.js';
import { asked, look, setting, toldBy } from './look.js';

/** An incident that somebody tells of and that is not in the record: nothing is known but that. */
export const unrecorded = (on) => ({ fact: null, on, childPresent: null, highRisk: null });

/** The incidents of the last months. */
export const incidentsUntil = (today, given) =>
  look('abuse', 'abuse-incident', calendar.monthsTo(today, given.historyMonths), abuse.incidents);

/** Is something that happened on `on` still news on `today`? */
export const isCurrent = (on, today, given) => today - on <= given.currentDays;

/** Has somebody assessed the incident as high risk? The police flag it (004:L452-L454). */
export const isFlagged = (incident) => incident.highRisk === true;

/** Level and reasons for incidents that are news. Whatever is in doubt counts as the higher risk, as far as the settings say so. */
export function graded(incidents, history, given) {
  const notAssessed = incidents.filter((incident) => incident.highRisk == null);
  const childThere = incidents.filter((incident) => incident.childPresent !== false);
  const signs = [
    sign(say.flagged, incidents.filter(isFlagged)),
    given.notAssessedIsHigh && sign(say.notAssessed, notAssessed, 'not-assessed-is-high'),
    given.childPresentIsHigh && sign(say.childPresent, childThere, 'child-present-is-high'),
    history.rows.length >= given.repeatIncidents && sign(say.repeated, history.rows, 'repeat-incidents'),
  ].filter(Boolean);
  if (signs.length > 0) return { level: 'high-risk', reasons: signs };
  return { level: 'moderate-to-low', reasons: [sign(say.noSignOfHighRisk, incidents)] };
}

/** A reason that counts incidents and rests on them; null where there are none. */
function sign(says, incidents, decidedBy) {
  if (incidents.length === 0) return null;
  const recorded = incidents.filter((incident) => incident.fact !== null);
  const restsOn = recorded.length > 0 ? facts(recorded.map((incident) => incident.fact)) : asked;
  return reason(says({ incidents: incidents.length }), decidedBy ? [...restsOn.slice(0, 999), setting(decidedBy)] : restsOn);
}

/** What is known of abuse on `today`, whatever the question. `named`: somebody says now that there is abuse. */
export function known(today, given, named = false) {
  const history = incidentsUntil(today, given);
  const current = history.rows.filter((incident) => isCurrent(incident.on, today, given));
  const news = named && current.length === 0 ? [unrecorded(today)] : current;
  return { ...levelOf(news, history, today, given), news, history };
}

function levelOf(news, history, today, given) {
  if (news.length > 0) return graded(news, history, given);
  const before = [sign(say.abuseBefore, history.rows), foundAtEntry(today)].filter((reason) => reason !== null);
  if (before.length > 0) return { level: 'historic', reasons: before };
  if (!history.complete) return { level: 'not-known', reasons: [reason(say.abuseNotKnown(), history.restsOn)] };
  return { level: 'none-known', reasons: [reason(say.noAbuse(), history.restsOn)] };
}

/** Domestic abuse among the problems with which the family came to the programme. */
function foundAtEntry(today) {
  const needs = toldBy(episode.needsAtEntry) ?? [];
  return needs.includes('domestic-abuse') ? reason(say.abuseAtEntry(), searched('support', 'episode', oneDay(today), 1)) : null;
}
