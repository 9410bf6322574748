import { fromIso, isKnown, mostAfterAFall, oneDay, reason, refuse, searched, tenthsOfAPercent, toIso } from './kit/hearth.js';
import { say, settings } from './kit/manifest.js';
import * as coverage from './kit/family/coverage.js';
import * as findings from './kit/outcomes/findings.js';
import * as calendar from './kit/platform/calendar.js';
import * as run from './kit/platform/run.js';

const doing = {
  answer() {
    add({});
  },
  refuse() {
    refuse('no-rate', say.delete({ from: 16526, in: 'attendance' }));
  },
  'refuse-wrongly'() {
    refuse(3);
  },
  absence() {
    coverage.spans('education', oneDay(run.asOf()));
  },
  throw() {
    throw new RangeError('deliberate');
  },
  'text-for-a-number'() {
    add({ now: 'ninety' });
  },
  'nothing-for-a-number'() {
    calendar.monthsTo(run.asOf(), undefined);
  },
  'not-a-number'() {
    add({ now: 0 / 0 });
  },
  'field-missing'() {
    add({ window: undefined });
  },
  'field-unknown'() {
    add({ look_again: 3 });
  },
  'no-answer'() {},
  clock() {
    return Date.now();
  },
  helpers() {
    const { strictness, rates } = settings();
    const spans = [{ person: null, kind: 'attendance', window: { first: 1, last: 9 }, state: 'complete' }];
    console.log(strictness, rates[0].amountPence, fromIso('2024-02-29'), toIso(-135140), toIso(157053), fromIso('2023-02-29'));
    console.log(tenthsOfAPercent(179, 200), mostAfterAFall(11, 60), isKnown(spans, 'attendance', { first: 1, last: 9 }, 3));
    add({});
  },
};

function add(more) {
  const window = oneDay(run.asOf());
  const reasons = [reason(say.sessions({ number: 3 }), searched('education', 'attendance', window, 0))];
  coverage.spans('education', window);
  findings.add({ criterion: 'attendance', standing: 'met', window, reasons, ...more });
}

export function eligibility() {
  doing[settings().do]();
  return settings().do === 'no-answer' ? undefined : 'eligible';
}

export function progress() {
  return 'none-yet';
}
