// Is there a place on the course for the family, now or from the waiting list?
/** @import { Reason } from './kit/decision/messages.js' */
/** @import { Day, Person } from './kit/family/types.js' */
/** @import { Place } from './kit/platform/directory.js' */
import { asked, facts, oneDay, read, reason, setting } from './kit/hearth.js';
import { say, settings } from './kit/manifest.js';
import * as household from './kit/family/household.js';
import * as request from './kit/commissioning/request.js';
import * as results from './kit/commissioning/buying-results.js';
import * as tasks from './kit/actions/tasks.js';
import * as calendar from './kit/platform/calendar.js';
import * as directory from './kit/platform/directory.js';
import * as run from './kit/platform/run.js';
import { word } from './course.js';

/** That the course suits in one respect. `rank`: the smaller the better; a place now is 0. @typedef {{ rank: number, why: Reason }} Fit */

/** Places at which a course stands after all that are sure: it begins late; something is not known. */
const [NOW, WAITING, LATE, NOT_KNOWN] = [0, 1, 2, 3];

/** Code list shortlists. */
export function shortlist() {
  const wanted = request.current();
  const age = suitsAge(wanted.person ?? null);
  const courses = age === null ? [] : offered(wanted.kind).flatMap(({ service, place }) => {
    const fit = hasPlace(place, wanted.by ?? null);
    if (fit === null) return [];
    const says = reason(say.course({ service, weeks: settings().weeks }), [...asked(), ...read('directory')]);
    return [{ service, rank: Math.max(age.rank, fit.rank), waiting: place?.waitingDays ?? 0, reasons: [says, age.why, fit.why] }];
  });
  courses.sort((one, next) => one.rank - next.rank || one.waiting - next.waiting || one.service - next.service);
  courses.forEach(({ service, reasons }, i) => results.suggest(service, i + 1, reasons));
  if (courses.length > 0) return 'suggested';

  const due = calendar.addWorkingDays(run.asOf(), settings().taskWorkingDays);
  tasks.propose('no-place', 'commissioner', say.findPlace({ kind: word(wanted.kind) }), due);
  return 'nobody';
}

/** The courses of the directory: of the course's own kind, held by a charity. @param {string} kind */
function offered(kind) {
  if (kind !== settings().kind) return [];
  const offers = directory.offers([kind], run.asOf()).filter((offer) => offer.organisationKind === 'charity');
  const places = directory.places(offers.map(({ service }) => service));
  return offers.map(({ service }, i) => ({ service, place: places[i] ?? null }));
}

/**
 * Somebody of the right age: the person wanted for, or for the whole family anybody at home. Of a course for parents it is the age of a
 * child at home (000:L908-L911). Null if nobody is.
 * @param {Person | null} person
 * @returns {Fit | null}
 */
function suitsAge(person) {
  const { youngest, oldest, agesOf } = settings();
  const today = run.asOf();
  const home = household.members(oneDay(today)).filter((row) => row.resident);
  const whose = agesOf === 'participant' && person !== null ? home.filter((row) => row.person === person) : home;
  const people = [...new Set(whose.map((row) => row.person))];
  const ages = household.ages(people, today);
  const memberships = (/** @type {Person} */ one) => facts(home.filter((row) => row.person === one).map((row) => row.fact));
  const aged = people.map((one, i) => ({ one, age: ages[i] ?? null }));
  const right = aged.find(({ age }) => age !== null && age >= youngest && age <= oldest);
  if (right) return { rank: NOW, why: reason(say.rightAge({ person: right.one, youngest, oldest }), memberships(right.one)) };
  const unknown = aged.find(({ age }) => age === null);
  if (!unknown) return null;
  return { rank: NOT_KNOWN, why: reason(say.ageUnknown({ person: unknown.one, youngest, oldest }), memberships(unknown.one)) };
}

/**
 * A free place, or one from the waiting list if that is not too long. Null if there is none.
 * @param {Place | null} place
 * @param {Day | null} by
 * @returns {Fit | null}
 */
function hasPlace(place, by) {
  if (place === null) return { rank: NOT_KNOWN, why: reason(say.placesNotRecorded(), read('directory')) };
  const free = place.capacity == null ? null : place.capacity - place.taken;
  if (free === null || free > 0) return { rank: NOW, why: reason(free === null ? say.noLimit() : say.placesFree({ free }), read('directory')) };
  if (place.waitingDays == null) return { rank: NOT_KNOWN, why: reason(say.waitNotRecorded(), read('directory')) };
  if (place.waitingDays > settings().longestWaitDays) return null;
  const from = run.asOf() + place.waitingDays;
  const late = by !== null && from > by;
  const said = late ? say.waitingTooLong({ from, by }) : say.waiting({ from });
  const restsOn = [...read('directory'), ...setting('longest-wait-days')];
  return { rank: late ? LATE : WAITING, why: reason(said, late ? [...asked(), ...restsOn] : restsOn) };
}
