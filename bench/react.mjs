// A long answer in a React page, through the hooks people use and through the least that works.
//
//   npm run bench:react                tables for jsdom and Chromium, in about 7 minutes
//   npm run bench:react -- --quick     ours beside the floor, a shorter answer and fewer rounds, in less than 2 minutes
//   npm run bench:react -- --only ours,floor,tanstack
//   npm run bench:react -- --json      one JSON object on the last line
//
// Method. An agent in a process of its own answers over HTTP on loopback. Each run is a page of its own: a process with jsdom, or a
// tab. The page first shows a short answer, so that what the compiler does with new code is left out, and is then asked once.
// Commits are counted by an effect of the view, which is the same for all. Rounds are interleaved, and the median of each measure is
// told: what disturbs the machine for a while disturbs all alike. Ours and the floor, whose ratios are wanted, run several rounds;
// the peers, which take many times as much, run one. Bundling and the start of the page are outside of what is measured.
//
//   cpuMs              processor time: of the process with all its threads (jsdom), of the page's main thread (Chromium)
//   longestBlockMs     the longest time without a turn of the event loop (jsdom), the longest task (Chromium)
//   longestBlockCpuMs  the processor time of the task that had most of it: what longestBlockMs is on a machine at rest
//   heapMb             what is reachable after the answer, with the page still showing it
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundlePages } from './react/bundle-pages.mjs';
import { openChromium } from './react/run-in-chromium.mjs';

const quick = process.argv.includes('--quick');
const onlyAt = process.argv.indexOf('--only');
const here = (path) => fileURLToPath(new URL(`react/${path}`, import.meta.url));

const compared = ['ours', 'floor'];
const peers = ['ai-sdk-7', 'ai-sdk-7-50ms', 'ai-sdk-6', 'ai-sdk-6-50ms', 'tanstack'];
const asked =
  onlyAt < 0 ? (quick ? compared : [...compared, ...peers]) : process.argv[onlyAt + 1].split(',');
const names = [...compared, ...peers].filter((name) => asked.includes(name));
const warmUp = { tokens: 500, rate: 0 };
/** `rounds` are those of ours and the floor. */
const scenarios = {
  paced: { tokens: quick ? 3_000 : 10_000, rate: 1_000, history: 0, rounds: quick ? 2 : 3, warmUp },
  burst: { tokens: 10_000, rate: 0, history: 0, rounds: quick ? 3 : 5, warmUp },
  history: {
    tokens: quick ? 1_000 : 3_000,
    rate: 1_000,
    history: 200,
    rounds: quick ? 1 : 2,
    warmUp,
  },
};

async function inJsdom(folder, url, name, options) {
  const child = fork(
    here('run-in-jsdom.mjs'),
    [join(folder, `${name}.cjs`), JSON.stringify({ ...options, url })],
    { execArgv: ['--expose-gc', '--no-warnings'], stdio: ['ignore', 'ignore', 'pipe', 'ipc'] },
  );
  let stderr = '';
  child.stderr.on('data', (text) => {
    stderr += text;
  });
  const [result] = await Promise.race([once(child, 'message'), once(child, 'exit').then(() => [])]);
  if (!result)
    throw new Error(/^\w*Error: .*/m.exec(stderr)?.[0] ?? 'the page ended without a result');
  return result;
}

/** Each measure's median. */
function summarize(results) {
  const summary = {};
  for (const key of Object.keys(results[0])) {
    const sorted = results.map((result) => result[key]).sort((a, b) => a - b);
    summary[key] = Math.round(sorted[sorted.length >> 1] * 10) / 10;
  }
  return summary;
}

async function measure(run) {
  const failed = new Map();
  const table = Object.fromEntries(names.map((name) => [name, {}]));
  for (const [scenario, options] of Object.entries(scenarios)) {
    const results = new Map(names.map((name) => [name, []]));
    for (let round = 0; round < options.rounds; round++) {
      for (const name of names) {
        if (failed.has(name) || (round > 0 && !compared.includes(name))) continue;
        try {
          results.get(name).push(await run(name, options));
        } catch (error) {
          failed.set(name, String(error.message).split('\n')[0]);
        }
      }
    }
    for (const name of names) {
      if (results.get(name).length > 0) table[name][scenario] = summarize(results.get(name));
    }
  }
  return { table, failed };
}

function print(title, { table, failed }, columns) {
  console.log(`\n${title}`);
  for (const [scenario, { tokens, rate, history, rounds }] of Object.entries(scenarios)) {
    const pace = rate === 0 ? 'at once' : `at ${rate}/s`;
    const after = history > 0 ? ` after ${history} messages` : '';
    console.log(`\n${tokens} tokens ${pace}${after} (ours and floor: median of ${rounds})`);
    console.log(['', ...columns].map((text) => text.padStart(18)).join(''));
    for (const name of names) {
      const row = table[name][scenario];
      const cells = columns.map((column) => String(row?.[column] ?? '–').padStart(18));
      console.log(name.padStart(18) + cells.join(''));
    }
  }
  for (const [name, message] of failed) console.log(`${name} failed: ${message}`);
}

const startedAtMs = performance.now();
const folder = mkdtempSync(join(tmpdir(), 'bench-react-'));
writeFileSync(join(folder, 'page.html'), '<!doctype html><title>bench</title><body></body>');
await bundlePages(folder, names);
const server = fork(here('agent-server.mjs'), [folder]);
const [{ port }] = await once(server, 'message');
const url = `http://127.0.0.1:${port}`;
const browser = await openChromium();

const jsdom = await measure((name, options) => inJsdom(folder, url, name, options));
print(`jsdom, Node ${process.versions.node}`, jsdom, [
  'commits',
  'cpuMs',
  'wallMs',
  'longestBlockMs',
  'heapMb',
]);
const chromium = browser && (await measure((name, options) => browser.run(url, name, options)));
if (chromium) {
  print('Chromium', chromium, [
    'commits',
    'cpuMs',
    'scriptMs',
    'wallMs',
    'longTasks',
    'longestBlockMs',
    'longestBlockCpuMs',
    'droppedFrames',
    'heapMb',
  ]);
} else console.log('\nNo Chromium found: its table is left out');
await browser?.close();
server.disconnect();
rmSync(folder, { recursive: true, force: true });

const of = (name) => ({
  jsdom: jsdom.table[name],
  ...(chromium ? { chromium: chromium.table[name] } : {}),
});
const ratio = ({ table }, scenario, measure) => {
  const [a, b] = compared.map((name) => table[name]?.[scenario]?.[measure]);
  return a && b ? Math.round((a / b) * 1_000) / 1_000 : undefined;
};
const oursIn = ({ table }, scenario) => table.ours?.[scenario];
const ratios = {
  cpu_vs_floor: ratio(jsdom, 'paced', 'cpuMs'),
  commits: oursIn(jsdom, 'paced')?.commits,
  heap_vs_floor: ratio(jsdom, 'paced', 'heapMb'),
  burst_longest_block_ms: oursIn(chromium ?? jsdom, 'burst')?.longestBlockMs,
  burst_longest_block_jsdom_ms: oursIn(jsdom, 'burst')?.longestBlockMs,
  history_cpu_vs_floor: ratio(jsdom, 'history', 'cpuMs'),
  ...(chromium && {
    burst_longest_block_cpu_ms: oursIn(chromium, 'burst')?.longestBlockCpuMs,
    chromium_cpu_vs_floor: ratio(chromium, 'paced', 'cpuMs'),
    chromium_heap_vs_floor: ratio(chromium, 'paced', 'heapMb'),
    chromium_commits: oursIn(chromium, 'paced')?.commits,
  }),
};
console.log('\nratios', ratios);
console.log(`\n${Math.round((performance.now() - startedAtMs) / 1_000)} seconds`);
if (process.argv.includes('--json')) {
  const others = names.filter((name) => peers.includes(name));
  console.log(
    JSON.stringify({
      ours: of('ours'),
      peers: Object.fromEntries(others.map((name) => [name, of(name)])),
      floors: { t16: of('floor') },
      ratios,
    }),
  );
}
