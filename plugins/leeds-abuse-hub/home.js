// Who is told because of the children in the home.
/** @import { Day } from './kit/family/types.js' */
import { settings } from './kit/manifest.js';
import * as household from './kit/family/household.js';
import * as run from './kit/platform/run.js';
import { look } from './look.js';

/**
 * Does a young child, a child of school age live in the home, or did one since `first`, by their ages today; and might there be
 * one of whom the record does not say?
 * @param {Day} first
 */
export function childrenSince(first) {
  const given = settings();
  const today = run.asOf();
  const members = look('household', 'membership', { first, last: today }, household.members);
  const residents = [...new Set(members.rows.filter((member) => member.resident).map((member) => member.person))];
  const ages = residents.length > 0 ? household.ages(residents, today) : [];
  /** @type {(least: number, most: number) => boolean} */
  const aged = (least, most) => ages.some((age) => age != null && age >= least && age <= most);

  const young = aged(0, given.youngChildUnder - 1);
  const ofSchoolAge = aged(given.schoolAgeFrom, given.schoolAgeTo);
  const unsure = !members.complete || ages.some((age) => age == null);
  return { young, ofSchoolAge, mayBeMore: unsure && !(young && ofSchoolAge) };
}
