// Who could take the family: those with room, the best first.
import { reason } from './kit/hearth.js';
import { say, settings } from './kit/manifest.js';
import * as caseload from './kit/pathway/caseload.js';
import * as routing from './kit/pathway/routing.js';
import * as calendar from './kit/platform/calendar.js';
import * as run from './kit/platform/run.js';
import { known } from './abuse.js';
import { askChair } from './hub.js';
import { asked, setting } from './look.js';

/** Code list allocations. */
export function allocate() {
  const today = run.asOf();
  const given = settings();
  // In doubt whoever knows about abuse is the better choice, so a gap in the record counts as abuse.
  const abuse = known(today, given);
  const wanted = abuse.level !== 'none-known';

  const ranked = withRoom(given).sort(by([
    (worker) => given.workedBefore === 'avoid' && worker.workedBefore,
    (worker) => wanted && !worker.knowsAbuse,
    (worker) => given.workedBefore === 'prefer' && !worker.workedBefore,
    (worker) => given.roles.indexOf(worker.role),
    (worker) => worker.families - worker.most,
    (worker) => worker.worker,
  ]));
  if (ranked.length === 0) {
    askChair('nobody', say.nobodyHasRoom(), calendar.addWorkingDays(today, 1));
    return 'nobody';
  }
  ranked.slice(0, given.places).forEach((worker, i) => routing.rank(worker.worker, i + 1, why(worker, wanted ? abuse.reasons : [], given)));
  return 'ranked';
}

/** Those of a role that takes families who hold fewer than they may. */
function withRoom(given) {
  const knowing = new Set(caseload.strengths().filter(([, problem]) => problem === 'domestic-abuse').map(([worker]) => worker));
  const before = new Set(caseload.workedBefore());
  return caseload.candidates()
    .map((candidate) => ({
      ...candidate,
      most: candidate.most ?? (candidate.role === 'employment-adviser' ? given.mostFamiliesAdviser : given.mostFamilies),
      knowsAbuse: knowing.has(candidate.worker) || candidate.organisationKind === 'abuse-charity',
      workedBefore: before.has(candidate.worker),
    }))
    .filter((worker) => given.roles.includes(worker.role) && worker.families < worker.most);
}

/** Compares by the first of `keys` that differs; smaller comes first, and false before true. */
const by = (keys) => (one, other) => keys.map((key) => key(one) - key(other)).find((difference) => difference !== 0) ?? 0;

function why(worker, abuse, given) {
  const room = reason(say.hasRoom({ families: worker.families, most: worker.most }), asked);
  const knows = worker.knowsAbuse && abuse.length > 0 ? [reason(say.knowsAbuse(), asked), ...abuse] : [];
  const before = worker.workedBefore && given.workedBefore !== 'ignore'
    ? [reason(say.workedBefore(), [...asked, setting('worked-before')])]
    : [];
  return [room, ...knows, ...before];
}
