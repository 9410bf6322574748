// Looks for the world outside in the way that its settings name, and logs what it got. What a name of JavaScript cannot
// reach is not tried: there is none for files, the environment or sockets.
import { write } from 'hearth:platform/log@1.0.0';
import { json } from 'hearth:platform/settings@1.0.0';

const HOUR = 60 * 60 * 1000;

const tell = (what, got) => write('info', `${what}: ${JSON.stringify(got)}`);

const attempts = {
  none() {},
  clock() {
    tell('milliseconds', Date.now());
    tell('later', Date.now() - Date.now());
    tell('date', new Date().toISOString());
    const started = performance.now();
    let sum = 0;
    for (let n = 0; n < 100_000; n += 1) sum += n;
    tell('worked for', sum);
    tell('took', performance.now() - started);
    tell('time zone', new Date().getTimezoneOffset());
  },
  random() {
    tell('random', Math.random());
    tell('uuid', crypto.randomUUID());
    tell('bytes', [...crypto.getRandomValues(new Uint8Array(4))]);
  },
  'random bytes without end'() {
    for (;;) crypto.getRandomValues(new Uint8Array(65_536));
  },
  environment() {
    const names = ['process', 'require', 'Deno', 'Bun', 'navigator', 'WebSocket', 'XMLHttpRequest', 'Worker', 'SharedArrayBuffer'];
    tell('names', names.filter((name) => name in globalThis));
    tell('address', String(globalThis.location));
  },
  output() {
    console.log('to standard output');
    console.error('to standard error');
    console.log('£'.repeat(2000));
  },
  'output without end'() {
    const block = 'x'.repeat(4096);
    for (;;) console.log(block);
  },
  async sleep() {
    const started = performance.now();
    await new Promise((done) => setTimeout(done, HOUR));
    tell('slept for', performance.now() - started);
  },
  async sockets() {
    try {
      await fetch('http://127.0.0.1/');
      tell('fetch', 'answered');
    } catch (e) {
      tell('fetch', e.name);
    }
  },
  throw() {
    throw new Error('deliberate: criterion crime-1 has no rule');
  },
};

export const rules = {
  eligibility: () => 'eligible',
  async progress() {
    const { attempt } = JSON.parse(json());
    try {
      await attempts[attempt]();
    } catch (e) {
      // Left alone, StarlingMonkey takes what was thrown for a refusal, finds that it is none, and says only that.
      console.error(`${e.name}: ${e.message}`);
      throw e;
    }
    return 'none-yet';
  },
};
