// Between an author's functions and the engine: what goes wrong is written to the log with its file and line, and ends the run.
// The engine by itself would stop without a word, and take a missing number for 0.
import { write } from 'hearth:platform/log';
import { Absence, Refusal } from './hearth.js';

// Ten by default, and the kit's own are among them.
Error.stackTraceLimit = 50;

// There is no output: what is printed stands in the log. While the plugin is built there is no log either.
const said = (one) => (typeof one === 'string' ? one : show(one));
globalThis.console = {
  log: (...all) => {
    if (running) write('debug', all.map(said).join(' '));
  },
};

// The engine's own clock ends the run without a word.
const noClock = () => {
  throw new Error('there is no clock: asOf() of kit/platform/run.js is the date asked about');
};
Date.now = noClock;
globalThis.Date = new Proxy(Date, {
  apply: noClock,
  construct: (target, args) => (args.length === 0 ? noClock() : new target(...args)),
});

/** Is a question being answered? While the plugin is loaded, at build time, there is no host to ask. */
let running = false;

/** A function of the host, its arguments checked. `params`: [name, shape] of each. */
export const lent = (name, ask, params) => (...args) => {
  if (!running) throw new Error(`${name} is called while the plugin is loaded: call it inside a function, there is no family yet`);
  if (args.length > params.length) throw new TypeError(`${name} takes ${params.length} arguments and is given ${args.length}`);
  params.forEach(([param, shape], i) => check(shape, args[i], () => `${name}: ${param}`));
  try {
    return ask(...params.map(([, shape], i) => whole(shape, args[i])));
  } catch (e) {
    if (typeof e?.payload?.why === 'string') throw new Absence(name, e.payload.why);
    throw e;
  }
};

/** The functions of an offered interface: those of the author's object of that name, or of the module itself. */
export const asked = (plugin, offered, questions) =>
  Object.fromEntries(Object.entries(questions).map(([name, { answers, refuses }]) => {
    const place = plugin[offered] ?? plugin;
    if (typeof place[name] !== 'function') {
      throw new Error(`plugin.js does not export the function ${name}, which ${offered} in world.wit asks for`);
    }
    return [name, (...args) => {
      running = true;
      try {
        const answer = place[name](...args);
        if (answers === null) return undefined;
        check(answers, answer, () => `the answer (${place[name].fileName?.slice(1)}:${place[name].lineNumber})`);
        return whole(answers, answer);
      } catch (e) {
        throw refused(e, refuses, name);
      }
    }];
  }));

/** What the host takes as a refusal: what `refuse` threw, or a section that nobody handled the absence of. Else null, which it
 * cannot take, so that the engine ends the run; what happened is in the log. */
function refused(e, refuses, name) {
  const deliberate = e instanceof Refusal || e instanceof Absence;
  if (refuses === null || !deliberate) return fault(e, name);
  const refusal = { why: e.why, message: e.given };
  try {
    check(refuses, refusal, () => 'refuse');
    return whole(refuses, refusal);
  } catch (wrong) {
    return fault(Object.assign(wrong, { stack: e.stack }), name);
  }
}

function fault(e, name) {
  const told = e instanceof Error ? `${e.name}: ${e.message}` : `${show(e)} was thrown; to refuse, call refuse`;
  write('error', `${name}: ${told}${places(e?.stack)}`);
  return null;
}

/** `, at plugin.js:12:5 in attendance, plugin.js:3:2 in progress`, without the kit's own lines. */
function places(stack) {
  const lines = String(stack ?? '').split('\n').map((line) => /^\s*at (?:(.*) \()?\/?([^()\s]+:\d+:\d+)\)?$/.exec(line));
  const own = lines.filter((found) => found && !found[2].startsWith('kit/'));
  return own.length === 0 ? '' : `, at ${own.map(([, of, place]) => (of ? `${place} in ${of}` : place)).join(', ')}`;
}

/** Throws where `value` has not the shape. The shapes are those of `host/src/plugins/author/shape.rs`. */
function check(shape, value, where) {
  const must = (is, what) => {
    if (!is) throw new TypeError(`${where()} is ${show(value)}, and must be ${what}`);
  };
  if (shape === 'any') return;
  if (shape === 'bool') return must(typeof value === 'boolean', 'true or false');
  if (shape === 'text') return must(typeof value === 'string', 'text');
  if (shape === 'number') return must(typeof value === 'number', 'a number');
  if (shape.whole) {
    const [least, most] = shape.whole;
    return must(Number.isInteger(value) && value >= least && value <= most, `a whole number from ${least} to ${most}`);
  }
  if (shape.option) {
    if (value !== null && value !== undefined) check(shape.option, value, where);
    return;
  }
  if (shape.list) {
    must(Array.isArray(value), 'a list');
    return value.forEach((item, i) => check(shape.list, item, () => `${where()}[${i}]`));
  }
  if (shape.tuple) {
    must(Array.isArray(value) && value.length === shape.tuple.length, `a list of ${shape.tuple.length}`);
    return shape.tuple.forEach((inner, i) => check(inner, value[i], () => `${where()}[${i}]`));
  }
  if (shape.enum) return must(shape.enum.includes(value), `one of ${shape.enum.join(', ')}`);
  if (shape.variant) {
    must(typeof value === 'object' && value !== null && value.tag in shape.variant, `{ tag, val } with a tag of ${Object.keys(shape.variant).join(', ')}`);
    const inner = shape.variant[value.tag];
    return inner === null ? undefined : check(inner, held(inner, value), () => `${where()}.val`);
  }
  must(typeof value === 'object' && value !== null && !Array.isArray(value), `a ${shape.name}`);
  const known = shape.record.map(([field]) => field);
  const unknown = Object.keys(value).find((field) => !known.includes(field));
  if (unknown !== undefined) throw new TypeError(`${where()} has a field ${unknown}, and a ${shape.name} has ${known.join(', ')}`);
  shape.record.forEach(([field, inner]) => check(inner, value[field], () => `${where()}.${field}`));
}

/** The value with what was left out set to null, as the engine wants it. */
function whole(shape, value) {
  if (shape.option) return value === null || value === undefined ? null : whole(shape.option, value);
  if (shape.list) return value.map((item) => whole(shape.list, item));
  if (shape.tuple) return shape.tuple.map((inner, i) => whole(inner, value[i]));
  if (shape.record) return Object.fromEntries(shape.record.map(([field, inner]) => [field, whole(inner, value[field])]));
  if (shape.variant) {
    const inner = shape.variant[value.tag];
    return inner === null ? { tag: value.tag } : { tag: value.tag, val: whole(inner, held(inner, value)) };
  }
  return value;
}

/** What a case holds. Releases 0.9 of the interface know of an answer that is rested on no more than its question. */
const held = (inner, { tag, val }) => (tag === 'answered' && inner === 'text' ? val?.question ?? val : val);

function show(value) {
  if (value === undefined) return 'missing';
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'number' || typeof value === 'function') return typeof value === 'number' ? String(value) : 'a function';
  try {
    const text = JSON.stringify(value) ?? String(value);
    return text.length > 80 ? `${text.slice(0, 80)}…` : text;
  } catch {
    return `a ${typeof value}`;
  }
}
