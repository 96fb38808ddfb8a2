// Our handler beside hand-written ones and other libraries, through the real Lambda runtime client.
//
//   npm run bench:handler              a table; 30 rounds
//   npm run bench:handler -- --quick   8 rounds, no process starts, no memory
//   npm run bench:handler -- --json    one JSON object on the last line: { ours, peers, floors, ratios }
//   npm run bench:handler -- --only ours_unpaced,bare
//
// Method. One Runtime API in this process (raw sockets, so that chunks and bytes are exact) and one process of
// aws-lambda-ric 4.0.2 per candidate, all alive at once. Every candidate is handed the same AG-UI run by the same
// generator and a function URL event of payload version 2.0. Rounds are interleaved, in a rotating order: first those in which
// every candidate serves one burst, then those in which it serves fifteen short runs (in every fifth also one whose first event
// is 200 ms late). After 5 unmeasured rounds of each:
//
//   wall        from handing out the event to the last byte of the response; median
//   cpu         scheduler time of all threads of the process, per burst until it asks for the next event; the mean
//   first byte  from handing out the event to the first chunk, with a short run; median of fifteen, then of the rounds.
//               The runtime has waited for 3 ms by then, as it has on Lambda: what it still does after an answer is that
//               answer's. The chunk is the prelude for every candidate. `bare` writes it before it looks at the body, but Node
//               sends it when the turn is over, and by then bare has parsed the body and written its whole short run
//   late        the same, with a first event that is 200 ms late: a library that waits for it shows 200
//   wire, chunks, reads   of one burst: bytes with HTTP framing, HTTP chunks, network reads
//   peak RSS    after the bursts; and the growth while a reader pauses 1 s in a 32 MB answer
//   import      time to load the bundled handler in a fresh process, above an empty handler's; median of 9
//   size        the bundle, minified and compressed
//
// Ratios against `bare` are medians of the ratios within each round, since a shared machine is slower for all of a round.
// Absolute figures mean little on another machine; ratios travel.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { ensureNode } from '../scripts/node-binaries.mjs';

const flag = (name) => process.argv.includes(`--${name}`);
const only = process.argv[process.argv.indexOf('--only') + 1]?.split(',');
const quick = flag('quick');
const rounds = quick ? 8 : 30;
const warmUps = 5;
const burst = { deltas: 5000 };
const short = { deltas: 1 };
const late = { deltas: 1, firstDelayMs: 200 };
const big = { deltas: 3200, deltaBytes: 10_000 };

/** Node 22 is Lambda's, and the oldest that every peer declares. */
const node = ensureNode('22') ?? process.execPath;

const candidates = [
  { name: 'bare', kind: 'floors' },
  { name: 'pipeline', kind: 'floors', global: true },
  { name: 'ours_unpaced', kind: 'ours', file: 'ours', exportName: 'unpaced' },
  { name: 'ours_paced', kind: 'ours', file: 'ours', exportName: 'paced' },
  { name: 'middy', kind: 'peers', global: true },
  { name: 'hono', kind: 'peers', global: true },
  { name: 'powertools', kind: 'peers', global: true },
  { name: 'h3_srvx', kind: 'peers', file: 'h3-srvx', global: true },
  { name: 'ai_sdk', kind: 'peers', file: 'ai-sdk', global: true },
].filter(({ name }) => !flag('only') || name === 'bare' || only.includes(name));

async function loadSupport() {
  // Beside the tests' own modules, so that aws-lambda-ric resolves from where it is installed.
  const outfile = fileURLToPath(
    new URL('../tests/node_modules/.cache/magi-bench/support.mjs', import.meta.url),
  );
  await build({
    entryPoints: [fileURLToPath(new URL('../tests/support/index.ts', import.meta.url))],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    external: ['esbuild', 'aws-lambda-ric'],
    logLevel: 'error',
  });
  return import(pathToFileURL(outfile).href);
}

const median = (values) => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};
const round = (value, digits = 2) => (value === undefined ? undefined : +value.toFixed(digits));

/** Milliseconds that a fresh process takes to load a module. */
function importMs(file) {
  const script = `const t = performance.now(); await import(${JSON.stringify(pathToFileURL(file).href)});
    console.log(performance.now() - t); process.exit(0)`;
  // What the runtime provides before it loads a handler.
  const world = `globalThis.awslambda = { streamifyResponse: (handler) => handler, HttpResponseStream: {} };`;
  const flags = ['--input-type=module', '-e', world + script];
  return Number(execFileSync(node, flags, { encoding: 'utf8' }).trim());
}

const { bundleHandler, functionUrlEvent, runInput, startRic } = await loadSupport();
const event = (asked) => functionUrlEvent({ body: runInput('question', asked) });
const bundles = new Map();
for (const name of ['empty', ...new Set(candidates.map((c) => c.file ?? c.name))]) {
  const entry = fileURLToPath(new URL(`./handler/${name}.mjs`, import.meta.url));
  bundles.set(name, await bundleHandler(entry));
}
for (const candidate of candidates) {
  candidate.bundle = bundles.get(candidate.file ?? candidate.name);
  candidate.ric = await startRic({
    node,
    bundle: candidate.bundle.file,
    exportName: candidate.exportName ?? 'handler',
    env: candidate.global ? { AWS_LAMBDA_NODEJS_NO_GLOBAL_AWSLAMBDA: '' } : {},
  });
  Object.assign(candidate, { wall: [], cpu: [], firstByte: [], late: [] });
}

async function inRounds(measure) {
  for (let index = -warmUps; index < rounds; index += 1) {
    // Another first one each round, so that no candidate always follows the same neighbour.
    const shift = (index + warmUps) % candidates.length;
    for (const candidate of [...candidates.slice(shift), ...candidates.slice(0, shift)]) {
      await measure(candidate, index);
    }
  }
}

try {
  await inRounds(async (candidate, index) => {
    const { ric } = candidate;
    const before = await ric.usage();
    const result = await ric.invoke(event(burst));
    await ric.idle(); // the work after the last byte belongs to the burst
    const after = await ric.usage();
    if (result.ending !== 'complete' || !result.text.endsWith('\n\n')) {
      throw new Error(`${candidate.name} did not complete a burst:\n${ric.output()}`);
    }
    candidate.result = result;
    if (index < 0) return;
    candidate.wall.push(result.wallMs);
    candidate.cpu.push(after.cpuMs - before.cpuMs);
  });
  await inRounds(async ({ ric, firstByte, late: lateOnes }, index) => {
    const firstBytes = [];
    for (let count = 0; count < 15; count += 1) {
      await ric.idle();
      await new Promise((resolve) => setTimeout(resolve, 3));
      firstBytes.push((await ric.invoke(event(short))).firstChunkMs);
    }
    if (index < 0) return;
    firstByte.push(median(firstBytes));
    if (index % 5 === 0) lateOnes.push((await ric.invoke(event(late))).firstChunkMs);
  });

  for (const candidate of candidates) {
    const { ric } = candidate;
    candidate.peakRssMb = (await ric.usage()).peakRssKiB / 1024;
    if (quick) continue;
    const reader = { kind: 'paused', afterBytes: 1e6, forMs: 1000 };
    const { rssKiB } = await ric.usage();
    await ric.invoke(event(big), { reader, timeoutMs: 60_000 });
    candidate.slowReaderMb = Math.max(0, ((await ric.usage()).peakRssKiB - rssKiB) / 1024);
  }
} finally {
  for (const { ric } of candidates) await ric.stop();
}

if (!quick) {
  const times = new Map([...bundles.keys()].map((name) => [name, []]));
  for (let index = 0; index < 9; index += 1) {
    for (const [name, bundle] of bundles) times.get(name).push(importMs(bundle.file));
  }
  const floor = median(times.get('empty'));
  for (const candidate of candidates) {
    candidate.importMs = median(times.get(candidate.file ?? candidate.name)) - floor;
  }
}

const bare = candidates.find(({ name }) => name === 'bare');
const paired = (mine, floor) => median(mine.map((value, index) => value / floor[index]));
const report = ({ wall, cpu, firstByte, late: lateMs, result, bundle, ...rest }) => ({
  wall_ms: round(median(wall)),
  cpu_ms: round(cpu.reduce((sum, value) => sum + value, 0) / cpu.length),
  first_byte_ms: round(median(firstByte)),
  late_first_byte_ms: round(median(lateMs)),
  wire_bytes: result.wireBytes,
  body_bytes: result.body.length,
  chunks: result.chunks,
  reads: result.reads,
  peak_rss_mb: round(rest.peakRssMb, 1),
  slow_reader_rss_growth_mb: round(rest.slowReaderMb, 1),
  import_ms: round(rest.importMs, 1),
  min_bytes: bundle.bytes,
  gzip_bytes: gzipSync(readFileSync(bundle.file), { level: 9 }).length,
  wall_vs_bare: round(paired(wall, bare.wall), 3),
  cpu_vs_bare: round(paired(cpu, bare.cpu), 3),
  first_byte_vs_bare: round(paired(firstByte, bare.firstByte), 3),
});

const groups = { ours: {}, peers: {}, floors: {} };
for (const candidate of candidates) groups[candidate.kind][candidate.name] = report(candidate);
const all = Object.values(groups).flatMap((group) => Object.entries(group));
const columns = [
  ['wall ms', 'wall_ms'],
  ['cpu ms', 'cpu_ms'],
  ['×wall', 'wall_vs_bare'],
  ['×cpu', 'cpu_vs_bare'],
  ['first ms', 'first_byte_ms'],
  ['late ms', 'late_first_byte_ms'],
  ['wire B', 'wire_bytes'],
  ['chunks', 'chunks'],
  ['reads', 'reads'],
  ['RSS MB', 'peak_rss_mb'],
  ['slow +MB', 'slow_reader_rss_growth_mb'],
  ['import ms', 'import_ms'],
  ['gzip B', 'gzip_bytes'],
];
const version = execFileSync(node, ['--version'], { encoding: 'utf8' }).trim();
console.log(`${burst.deltas} deltas in a burst, ${rounds} rounds, Node ${version}`);
console.log(['candidate'.padEnd(13), ...columns.map(([title]) => title.padStart(9))].join(' '));
for (const [name, figures] of all) {
  const cells = columns.map(([, key]) => String(figures[key] ?? '–').padStart(9));
  console.log([name.padEnd(13), ...cells].join(' '));
}

const { ours_unpaced: unpaced, ours_paced: paced } = groups.ours;
const ratios = {
  wall_vs_bare: unpaced?.wall_vs_bare,
  cpu_vs_bare: unpaced?.cpu_vs_bare,
  wall_vs_bare_paced: paced?.wall_vs_bare,
  cpu_vs_bare_paced: paced?.cpu_vs_bare,
  first_byte_vs_bare: paced?.first_byte_vs_bare,
  first_byte_vs_bare_unpaced: unpaced?.first_byte_vs_bare,
};
console.log(
  Object.entries(ratios)
    .map((entry) => entry.join(' '))
    .join('  '),
);
for (const bundle of bundles.values()) await bundle.remove();
if (flag('json')) console.log(JSON.stringify({ ...groups, ratios }));
