// Who is told because of the children in the home.
import * as household from './kit/family/household.js';
import { look } from './look.js';

/** Does a young child, a child of school age live in the home on a day of `window`, by their ages on its last; and might there be
 * one of whom the record does not say? */
export function childrenIn(window, given) {
  const members = look('household', 'membership', window, household.members);
  const residents = [...new Set(members.rows.filter((member) => member.resident).map((member) => member.person))];
  const ages = residents.length > 0 ? household.ages(residents, window.last) : [];
  const aged = (least, most) => ages.some((age) => age != null && age >= least && age <= most);
  const young = aged(0, given.youngChildUnder - 1);
  const ofSchoolAge = aged(given.schoolAgeFrom, given.schoolAgeTo);
  const unsure = !members.complete || ages.some((age) => age == null);
  return { young, ofSchoolAge, mayBeMore: unsure && !(young && ofSchoolAge) };
}
