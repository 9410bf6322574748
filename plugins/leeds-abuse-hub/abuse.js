// What is known of domestic abuse in a family, and how grave it is. Who is alleged to have done it is never read.
/** @import { Message, Reason } from './kit/decision/messages.js' */
/** @import { Day, Fact } from './kit/family/types.js' */
import { facts, oneDay, reason, searched } from './kit/hearth.js';
import { say, settings } from './kit/manifest.js';
import * as abuse from './kit/family/abuse.js';
import * as episode from './kit/decision/episode.js';
import * as calendar from './kit/platform/calendar.js';
import * as run from './kit/platform/run.js';
import { asked, look, setting, toldBy } from './look.js';

/** An incident; without a fact if it is told of and not in the record.
 * @typedef {{ fact: Fact | null, on: Day, childPresent?: boolean | null, highRisk?: boolean | null }} Incident */

/** How grave the abuse is: the id of a level, and why. @typedef {{ level: string, reasons: Reason[] }} Graded */

/** An incident of which nothing is known but that somebody tells of it. @type {(on: Day) => Incident} */
export const unrecorded = (on) => ({ fact: null, on, childPresent: null, highRisk: null });

/** The incidents of the last months. */
export const recent = () =>
  look('abuse', 'abuse-incident', calendar.monthsTo(run.asOf(), settings().historyMonths), abuse.incidents);

/** The first day on which what happened is still news. */
export const newsSince = () => run.asOf() - settings().currentDays;

/** Has somebody assessed the incident as high risk? The police flag it (004:L452-L454). @type {(incident: Incident) => boolean} */
export const isFlagged = (incident) => incident.highRisk === true;

/**
 * How grave these incidents are, which are news. What is in doubt counts as the higher risk, as far as the settings say so.
 * @param {Incident[]} news
 * @param {Incident[]} history
 * @returns {Graded}
 */
export function graded(news, history) {
  const given = settings();
  const notAssessed = given.notAssessedIsHigh ? news.filter((incident) => incident.highRisk == null) : [];
  const childThere = given.childPresentIsHigh ? news.filter((incident) => incident.childPresent !== false) : [];
  const repeated = history.length >= given.repeatIncidents ? history : [];
  const signs = [
    ...count(say.flagged, news.filter(isFlagged)),
    ...count(say.notAssessed, notAssessed, 'not-assessed-is-high'),
    ...count(say.childPresent, childThere, 'child-present-is-high'),
    ...count(say.repeated, repeated, 'repeat-incidents'),
  ];
  if (signs.length > 0) return { level: 'high-risk', reasons: signs };
  return { level: 'moderate-to-low', reasons: count(say.noSignOfHighRisk, news) };
}

/**
 * A reason that counts incidents and rests on them, and on the setting that made them count; none where there are none.
 * @param {(args: { incidents: number }) => Message} says
 * @param {Incident[]} incidents
 * @param {string} [decidedBy]
 */
function count(says, incidents, decidedBy) {
  if (incidents.length === 0) return [];
  const recorded = incidents.flatMap((incident) => incident.fact ?? []);
  const restsOn = recorded.length > 0 ? facts(recorded.slice(0, 999)) : asked;
  return [reason(says({ incidents: incidents.length }), decidedBy ? [...restsOn, setting(decidedBy)] : restsOn)];
}

/** What is known of abuse, whatever the question. `named`: somebody says now that there is abuse. */
export function known(named = false) {
  const history = recent();
  const since = newsSince();
  const current = history.rows.filter((incident) => incident.on >= since);
  /** @type {Incident[]} */
  const news = named && current.length === 0 ? [unrecorded(run.asOf())] : current;
  if (news.length > 0) return { ...graded(news, history.rows), news };

  const before = [...count(say.abuseBefore, history.rows), ...foundAtEntry()];
  if (before.length > 0) return { level: 'historic', reasons: before, news };
  if (!history.complete) return { level: 'not-known', reasons: [reason(say.abuseNotKnown(), history.restsOn)], news };
  return { level: 'none-known', reasons: [reason(say.noAbuse(), history.restsOn)], news };
}

/** Domestic abuse among the problems with which the family came to the programme. */
function foundAtEntry() {
  const needs = toldBy(episode.needsAtEntry) ?? [];
  if (!needs.includes('domestic-abuse')) return [];
  return [reason(say.abuseAtEntry(), searched('support', 'episode', oneDay(run.asOf()), 1))];
}
