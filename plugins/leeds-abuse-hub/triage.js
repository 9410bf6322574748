// What becomes of a referral: the hub for abuse that is news, otherwise whoever helps the family best.
/** @import { Reason } from './kit/decision/messages.js' */
/** @import { Incoming } from './kit/pathway/referral.js' */
/** @import { Hub } from './hub.js' */
/** @import { Graded, Incident } from './abuse.js' */
import { facts, oneDay, reason } from './kit/hearth.js';
import { say, settings } from './kit/manifest.js';
import * as episode from './kit/decision/episode.js';
import * as safeguarding from './kit/family/safeguarding.js';
import * as referral from './kit/pathway/referral.js';
import * as routing from './kit/pathway/routing.js';
import * as calendar from './kit/platform/calendar.js';
import * as run from './kit/platform/run.js';
import { isFlagged, known } from './abuse.js';
import { agreeOneContact, askChair, bring, dailyHub, monthlyHub, nextWorkingDay } from './hub.js';
import { asked, look, toldBy } from './look.js';

/** Where the referral goes. `answer`, code list triages; `priority`, code list priorities; `because`: of route and priority.
 * @typedef {{ answer: string, route?: string, priority: string, because: Reason[] }} Next */

/** Code list triages. */
export function triage() {
  const sent = referral.current();
  const abuse = known(referral.problems().includes('domestic-abuse'));
  const { level, reasons } = sent.urgent && abuse.news.length > 0 ? urgent(abuse) : abuse;
  routing.level(level, reasons);

  const next = level === 'high-risk' ? atOnce(abuse.news, reasons) : inTurn(level, reasons, sent);
  if (next.route) routing.route(next.route, next.because);
  if (sent.urgent && next.priority !== 'immediate') routing.priority('today', [reason(say.urgent(), asked)]);
  else routing.priority(next.priority, next.because);
  return next.answer;
}

/** Abuse in a referral that the sender marked as urgent is a high risk, whatever else is known. @type {(abuse: Graded) => Graded} */
const urgent = (abuse) => ({
  level: 'high-risk',
  reasons: [reason(say.urgent(), asked), ...(abuse.level === 'high-risk' ? abuse.reasons : [])],
});

/**
 * High risk goes to the next morning's hub, whether or not the family has agreed and whoever works with it already.
 * @param {Incident[]} news
 * @param {Reason[]} because
 * @returns {Next}
 */
function atOnce(news, because) {
  const since = calendar.addWorkingDays(run.asOf(), -settings().recentWorkingDays);
  const justHappened = news.some((incident) => isFlagged(incident) && incident.on >= since);
  comeTo(dailyHub());
  return { answer: 'accept', route: 'daily-hub', priority: justHappened ? 'immediate' : 'today', because };
}

/** @param {Hub} hub */
function comeTo(hub) {
  bring(hub, say.referralOnAgenda());
  agreeOneContact(hub.on);
}

/**
 * The first line that holds decides (README, triage). What it could not know goes to the hub's chair besides.
 * @param {string} level
 * @param {Reason[]} reasons
 * @param {Incoming} sent
 * @returns {Next}
 */
function inTurn(level, reasons, sent) {
  const today = run.asOf();
  const due = nextWorkingDay();
  if (level === 'not-known') {
    askChair('history', say.findHistory({ months: settings().historyMonths }), due);
    return { answer: 'ask-more', route: 'front-door', priority: 'soon', because: reasons };
  }

  const standings = look('safeguarding', 'safeguarding-standing', oneDay(today), safeguarding.standings);
  const withSocialCare = standings.rows.filter((standing) => standing.status !== 'early-help');
  if (withSocialCare.length > 0 && sent.route !== 'step-down') {
    askChair('helper', say.tellHelper(), due);
    const children = new Set(withSocialCare.map((standing) => standing.person)).size;
    const because = [reason(say.withSocialCare({ children }), facts(withSocialCare.map((standing) => standing.fact)))];
    return { answer: 'signpost', route: 'social-care', priority: 'soon', because };
  }
  if (!standings.complete) askChair('standing', say.askSocialCare(), due);

  if (sent.agreed === false && sent.route !== 'self' && level === 'none-known') {
    return { answer: 'decline', priority: 'routine', because: [reason(say.notAgreed(), asked)] };
  }
  // A match of data is looked at by people before anybody asks the family (004:L463-L467).
  if (sent.agreed === false || (sent.agreed == null && sent.route !== 'data-match')) {
    askChair('agreement', say.askFamily(), due);
    const says = sent.agreed === false ? say.notAgreed : say.agreementNotRecorded;
    return { answer: 'ask-more', route: 'front-door', priority: 'soon', because: [reason(says(), asked)] };
  }

  const stay = stayBegunBy(today);
  if (stay !== null && (stay.window.last == null || stay.window.last >= today)) {
    askChair('helper', say.tellHelper(), due);
    const because = [reason(say.alreadyHelped({ since: stay.window.first }), facts([stay.fact]))];
    return { answer: 'signpost', route: 'keyworker', priority: 'soon', because };
  }
  const because = stay === null ? reasons : [...reasons, reason(say.helpedBefore({ since: stay.window.first }), facts([stay.fact]))];
  if (level === 'none-known') return { answer: 'signpost', route: 'early-help', priority: 'routine', because };

  comeTo(monthlyHub());
  const inItsTurn = level === 'historic' && stay === null;
  return { answer: 'accept', route: 'monthly-hub', priority: inItsTurn ? 'routine' : 'soon', because };
}

/** The family's stay in the programme, this one or the last; null where none has begun. @param {number} today */
function stayBegunBy(today) {
  const stay = toldBy(episode.current);
  return stay !== null && stay.window.first <= today ? stay : null;
}
