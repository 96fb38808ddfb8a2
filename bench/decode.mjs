// Event streams decoded: our decoder and typed pipeline beside every public consumer that runs on this Node.
//
//   node bench/decode.mjs            tables (about 6 minutes)
//   node bench/decode.mjs --quick    half of the bytes, 6 rounds
//   node bench/decode.mjs --json     one JSON object on the last line
//   node bench/decode.mjs --only 64k,typed
//   node bench/decode.mjs --collect  a garbage collection before each run
//
// Method. Each consumer has a process of its own and reads the same bytes through its public API: an in-memory body that
// gives a chunk for each pull (high-water mark 0) wrapped in a Response, or, for parsers that take pieces, the chunks. Events
// are 200 bytes, valid for the protocol of the consumer. Every payload's length and last character are touched. Each run is a
// stream of its own, with a new parser and new callbacks. After half a second of warm-up, 16 rounds of at least 100 ms, the
// consumers taking turns: rounds are short and many because machines change their speed by the second. Time is the CPU time
// of the consumer's process (user and system, all threads), because it holds still on a busy machine; wall time stands beside
// it. Ratios compare the best runs of the same kind: pushed chunks with pushed chunks, a Response with a Response, checked
// events with checked events; where two kinds apply, the ratio is the worse of them. "> 10 s": one run of the 50 MB event took
// longer, which is what quadratic consumers do.
//
// Garbage is collected when the engine wants to, and belongs to the time of whoever made it: so a busy process sees it. A full
// collection between two streams, as in a page that idles between answers, also throws away compiled code that refers to the
// callbacks of the stream before, and a consumer that is tied to them begins again by compiling. That case is `--collect`.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { scenarios } from './decode/bodies.mjs';
import { consumers } from './decode/consumers.mjs';

const quick = process.argv.includes('--quick');
/** For one run of the 50 MB event: quadratic consumers would take minutes. */
const limitMs = 10_000;
const plan = quick
  ? { rounds: 6, runs: 1, runMs: 50, warmUpMs: 300, scale: 0.5 }
  : { rounds: 16, runs: 1, runMs: 100, warmUpMs: 500, scale: 1 };
const collect = process.argv.includes('--collect');
const chosen = process.argv.includes('--only')
  ? process.argv[process.argv.indexOf('--only') + 1].split(',')
  : Object.keys(scenarios);

/** Which kinds of consumer take part in which scenario. */
const raw = ['chunks', 'response'];
const kinds = {
  '64k': raw,
  per_event: raw,
  cjk: raw,
  '50mb': raw,
  typed: ['typed', 'typed, unchecked'],
};
const floors = {
  '64k': ['memcpy', 'TextDecoder, streaming', 'reader loop only'],
  per_event: ['TextDecoder, streaming', 'reader loop only'],
  cjk: ['TextDecoder, streaming', 'reader loop only'],
  '50mb': ['TextDecoder, streaming', 'reader loop only'],
  typed: ['JSON.parse only', 'parser 3.1 + JSON.parse, unchecked'],
};

async function bundleOurs(folder) {
  const source = (path) =>
    fileURLToPath(new URL(`../packages/stream-protocol/src/${path}`, import.meta.url));
  const outfile = join(folder, 'ours.mjs');
  const contents = `export * from ${JSON.stringify(source('index.ts'))}; export * from ${JSON.stringify(source('sse/index.ts'))};`;
  await build({
    stdin: { contents, resolveDir: folder },
    bundle: true,
    format: 'esm',
    target: 'es2022',
    outfile,
    logLevel: 'error',
  });
  return outfile;
}

async function start(name, env) {
  const child = fork(fileURLToPath(new URL('decode/worker.mjs', import.meta.url)), [name], {
    execArgv: ['--no-warnings', ...(collect ? ['--expose-gc'] : [])],
    env: { ...process.env, ...env },
  });
  child.ended = once(child, 'exit').then(() => []);
  const [message] = await Promise.race([once(child, 'message'), child.ended]);
  if (message !== 'ready') throw new Error(`Cannot start "${name}": its process ended`);
  return child;
}

/** Asks a worker for some runs; ends it when it takes too long. */
async function ask(child, request) {
  const isBig = request.scenario === '50mb';
  const timer = isBig ? setTimeout(() => child.kill('SIGKILL'), limitMs) : undefined;
  child.send(request);
  const [reply] = await Promise.race([once(child, 'message'), child.ended]);
  clearTimeout(timer);
  return reply ?? { error: `> ${limitMs / 1_000} s` };
}

async function measure(scenario, env) {
  const names = Object.keys(consumers).filter(
    (name) => kinds[scenario].includes(consumers[name].kind) || floors[scenario].includes(name),
  );
  const results = new Map(names.map((name) => [name, { times: [] }]));
  const children = new Map();
  for (const name of names) children.set(name, await start(name, env));
  const isBig = scenario === '50mb';
  for (let round = 0; round < plan.rounds; round++) {
    for (const name of names) {
      const result = results.get(name);
      if (result.error) continue;
      const { scale, runs, runMs } = plan;
      const warmUpMs = round > 0 ? 0 : plan.warmUpMs;
      const timing = isBig ? { runs: 1, runMs: 0, warmUpMs: 0 } : { runs, runMs, warmUpMs };
      const reply = await ask(children.get(name), { scenario, scale, ...timing });
      Object.assign(result, { error: reply.error, bytes: reply.bytes, events: reply.events });
      result.times.push(...(reply.times ?? []));
    }
  }
  for (const child of children.values()) child.kill();
  return results;
}

function summarize({ times, bytes, events, error }) {
  if (error !== undefined) return { error };
  const rates = (pick) => times.map((time) => bytes / 1_000 / pick(time)).sort((a, b) => b - a);
  const cpu = rates(({ cpuMs }) => cpuMs);
  const wall = rates(({ wallMs }) => wallMs);
  const median = (sorted) => sorted[sorted.length >> 1];
  const tenth = (value) => Math.round(value * 10) / 10;
  return {
    best_mb_per_cpu_s: tenth(cpu[0]),
    median_mb_per_cpu_s: tenth(median(cpu)),
    best_mb_s: tenth(wall[0]),
    median_mb_s: tenth(median(wall)),
    events_per_cpu_s: Math.round((events * cpu[0] * 1_000_000) / bytes),
  };
}

function print(scenario, summaries) {
  const columns = ['best', 'median', 'wall best', 'wall median', 'k events/s'];
  const cells = (values) => values.map((value) => String(value).padStart(12)).join('');
  console.log(`\n${scenarios[scenario].label}: MB per second of CPU time, and of wall time`);
  console.log(`${'consumer'.padEnd(36)}${'kind'.padEnd(18)}${cells(columns)}`);
  const rows = Object.entries(summaries);
  rows.sort(([, a], [, b]) => (b.best_mb_per_cpu_s ?? 0) - (a.best_mb_per_cpu_s ?? 0));
  for (const [name, row] of rows) {
    const { error, events_per_cpu_s: events, ...rates } = row;
    const figures = error ? [error] : [...Object.values(rates), Math.round(events / 1_000)];
    console.log(`${name.padEnd(36)}${consumers[name].kind.padEnd(18)}${cells(figures)}`);
  }
}

/** Our best run over the best peer's, of one kind. */
function ratioOf(summaries, kind, isPeer) {
  const best = (accepts) =>
    Math.max(
      ...Object.entries(summaries)
        .filter(([name, { error }]) => consumers[name].kind === kind && !error && accepts(name))
        .map(([, { best_mb_per_cpu_s }]) => best_mb_per_cpu_s),
    );
  return best((name) => consumers[name].ours) / best(isPeer);
}

const isPeer = (name) => !name.startsWith('magi');
const round = (ratio) => Math.round(ratio * 100) / 100;

const folder = mkdtempSync(join(tmpdir(), 'magi-decode-'));
const all = {};
try {
  const env = { MAGI_BUNDLE: await bundleOurs(folder) };
  for (const scenario of chosen) {
    const results = await measure(scenario, env);
    all[scenario] = Object.fromEntries([...results].map(([name, r]) => [name, summarize(r)]));
    print(scenario, all[scenario]);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

const ratios = {};
for (const [scenario, name] of [
  ['64k', 'raw_64k_vs_best_peer'],
  ['per_event', 'raw_per_event_vs_best_peer'],
  ['cjk', 'raw_cjk_vs_best_peer'],
  ['50mb', 'raw_50mb_vs_best_peer'],
]) {
  if (!all[scenario]) continue;
  const [pushed, read] = raw.map((kind) => ratioOf(all[scenario], kind, isPeer));
  ratios[name] = round(Math.min(pushed, read));
  console.log(`\n${name}: pushed ${round(pushed)}, from a Response ${round(read)}`);
}
if (all.typed) {
  ratios.typed_vs_agui = round(ratioOf(all.typed, 'typed', (name) => name === 'AG-UI client'));
  ratios.typed_vs_ai_sdk = round(ratioOf(all.typed, 'typed', (name) => name.startsWith('AI SDK')));
}
console.log('\nratios (above 1: ours is faster)');
for (const [name, ratio] of Object.entries(ratios)) console.log(`${name.padEnd(32)}${ratio}`);

if (process.argv.includes('--json')) {
  const pick = (accepts) =>
    Object.fromEntries(
      Object.entries(all).map(([scenario, summaries]) => [
        scenario,
        Object.fromEntries(Object.entries(summaries).filter(([name]) => accepts(name))),
      ]),
    );
  const isFloor = (name) => consumers[name].kind === 'floor';
  console.log(
    JSON.stringify({
      ours: pick((name) => !isPeer(name)),
      peers: pick((name) => isPeer(name) && !isFloor(name)),
      floors: pick(isFloor),
      ratios,
    }),
  );
}
