// Attacks its host in the way that its settings name: what a language with an engine of its own can try beyond what the plugin in
// Rust does. `tests/src/attacks/` says how each must end.
import { oneDay, reason, searched } from './kit/hearth.js';
import { say, settings } from './kit/manifest.js';
import * as tasks from './kit/actions/tasks.js';
import * as education from './kit/family/education.js';
import * as household from './kit/family/household.js';
import * as findings from './kit/outcomes/findings.js';
import * as calendar from './kit/platform/calendar.js';
import * as log from './kit/platform/log.js';
import * as run from './kit/platform/run.js';
// Past the kit's guard, which an author can leave out as well.
import * as unguarded from 'hearth:outcomes/findings@1.0.0';

export const eligibility = () => 'eligible';

export function progress() {
  const attack = attacks[settings().attack];
  if (attack === undefined) throw new Error('no such attack');
  return attack() ?? 'none-yet';
}

const tell = (what) => log.write('info', String(what));
/** What a plugin that means well reports. */
function finding(changes) {
  education.attendances(oneDay(run.asOf()));
  const search = searched('education', 'attendance', oneDay(run.asOf()), 0);
  return { criterion: 'harmless', standing: 'met', window: oneDay(run.asOf()), reasons: [reason(say.said({ n: 0 }), search)], ...changes };
}
/** The same with nothing left out, as the engine wants it. */
const whole = (changes) => ({ person: null, before: null, now: null, threshold: null, lookAgain: null, ...finding(changes) });
const decent = () => {
  findings.add(finding({}));
};

/** Never set before a run, if no run leaves anything behind. */
let left;

const attacks = {
  none: decent,
  loop() {
    for (;;);
  },
  recursion() {
    const deep = (n) => deep(n + 1) + 1;
    return deep(0);
  },
  'recursion, caught again and again'() {
    const deep = () => {
      try {
        deep();
      } catch {
        deep();
      }
    };
    deep();
  },
  memory() {
    const held = [];
    for (;;) held.push(new Uint8Array(1 << 20).fill(1));
  },
  'memory, and answer all the same'() {
    const held = [];
    try {
      for (;;) held.push(new Uint8Array(1 << 20).fill(1));
    } catch {
      held.length = 0;
    }
    decent();
  },
  'a string that doubles'() {
    let text = 'x';
    for (;;) text += text;
  },
  'a list of everything'() {
    return [...(function* () {
      for (;;) yield {};
    })()].length;
  },
  'a number of a hundred million bits'() {
    tell((2n ** 100_000_000n).toString().length);
  },
  'a huge string to the host'() {
    findings.add(finding({ criterion: 'x'.repeat(4 << 20) }));
  },
  'a huge answer'() {
    return 'x'.repeat(8 << 20);
  },
  throw() {
    throw new Error('deliberate: criterion crime-1 has no rule');
  },
  'throw nothing'() {
    throw null;
  },
  'throw what cannot be shown'() {
    throw { toJSON: () => { throw new Error('not shown'); }, get stack() { throw new Error('nor its place'); } };
  },
  'answer with a promise'() {
    return Promise.resolve('none-yet');
  },
  'promises without end'() {
    const again = () => Promise.reject(new Error('again')).catch(again);
    again();
    decent();
  },
  'prototypes turned'() {
    const good = whole({});
    // Whatever the engine or the kit looks up on the way out is the attacker's now.
    Array.prototype.map = () => [];
    Array.prototype.forEach = () => undefined;
    Array.prototype[Symbol.iterator] = function* () {};
    Object.entries = () => [];
    Object.prototype.criterion = 'Mrs Jones drinks';
    Object.prototype.tag = 'fact';
    unguarded.add({ ...good, criterion: 'Mrs Jones drinks' });
  },
  'the bindings replaced'() {
    const forged = { ...findings, add: () => 7 };
    tell(`added as ${forged.add(finding({}))}`);
    try {
      findings.add = forged.add;
    } catch (e) {
      tell(`replaced: ${e.name}`);
    }
    // Nothing was added, so nothing is there to claim for.
    unguarded.claim('progress-result', 100, run.asOf(), [7]);
  },
  'a field that changes while it is read'() {
    let read = 0;
    const turning = finding({});
    Object.defineProperty(turning, 'criterion', { enumerable: true, get: () => (read++ === 0 ? 'harmless' : 'Mrs Jones drinks') });
    findings.add(turning);
  },
  'a list that grows while it is read'() {
    const rests = [{ tag: 'fact', get val() { rests.push(rests[0]); return 0; } }];
    unguarded.add(whole({ reasons: [{ message: say.said({ n: 0 }), restsOn: rests }] }));
  },
  'a regular expression that explodes'() {
    tell(/^(a+)+$/.test(`${'a'.repeat(64)}!`));
  },
  'wrong types'() {
    unguarded.add(whole({ criterion: { toString: () => 'harmless' }, window: 'now', reasons: 7 }));
  },
  'a missing number'() {
    unguarded.claim('progress-result', undefined, run.asOf(), [unguarded.add(whole({}))]);
  },
  'not a number'() {
    findings.add(finding({ now: NaN }));
  },
  'a fact never given'() {
    unguarded.add(whole({ reasons: [{ message: say.said({ n: 0 }), restsOn: [{ tag: 'fact', val: 0 }] }] }));
  },
  'names without end'() {
    for (let n = 0; ; n += 1) globalThis[`name-${n}`] = `${n}`.repeat(100);
  },
  'code of its own making'() {
    const reached = ['process', 'require', 'fetch', 'XMLHttpRequest', 'WebSocket', 'Deno', 'Bun', 'std', 'os', 'Worker', 'navigator', 'WebAssembly'];
    const everything = (0, eval)('globalThis');
    tell(`reached: ${reached.filter((name) => name in everything)}`);
    tell(`the function's own: ${new Function('return typeof this')()}`);
    decent();
  },
  'code that never ends'() {
    (0, eval)('for (;;);');
  },
  'code nested without end'() {
    (0, eval)('['.repeat(1_000_000));
  },
  'wait for another thread'() {
    tell(Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Infinity));
  },
  'log without end'() {
    for (;;) log.write('info', 'x'.repeat(100_000));
  },
  'host calls'() {
    for (let n = 0; n < 10_000_000; n += 1) run.asOf();
  },
  proposals() {
    for (let n = 0; n < 1_000; n += 1) tasks.propose(`task-${n}`, 'keyworker', say.said({ n }), run.asOf());
  },
  'ages of strangers'() {
    household.ages([0, 1, 2], run.asOf());
  },
  'months beyond the end'() {
    calendar.addMonths([run.asOf()], 2_147_483_647);
  },
  'keep something for the next run'() {
    tell(`left: ${left}, ${globalThis.left}, ${Object.prototype.left}`);
    left = globalThis.left = Object.prototype.left = 'somebody was here';
    decent();
  },
};
