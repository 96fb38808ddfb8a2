// A long answer in a React page, through the hooks people use and through the least that works.
//
//   npm run bench:react                tables for jsdom and Chromium
//   npm run bench:react -- --quick     a tenth of the tokens, one round
//   npm run bench:react -- --json      one JSON object on the last line
//   npm run bench:react -- --only ours,floor
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundlePages } from './react/bundle-pages.mjs';
import { openChromium } from './react/run-in-chromium.mjs';

const quick = process.argv.includes('--quick');
const only = process.argv[process.argv.indexOf('--only') + 1]?.split(',');
const here = (path) => fileURLToPath(new URL(`react/${path}`, import.meta.url));

const all = ['ours', 'floor', 'ai-sdk-7', 'ai-sdk-7-50ms', 'ai-sdk-6', 'ai-sdk-6-50ms', 'tanstack'];
const names = process.argv.includes('--only') ? all.filter((name) => only.includes(name)) : all;
const rounds = quick ? 1 : 3;
/** The ratios need repetition; that a peer takes ten times as long does not. */
const roundsOf = (name) => (name === 'ours' || name === 'floor' ? rounds : 1);
const scale = quick ? 0.1 : 1;
const scenarios = {
  paced: { tokens: 10_000 * scale, rate: 1_000, history: 0 },
  burst: { tokens: 10_000 * scale, rate: 0, history: 0 },
  history: { tokens: 3_000 * scale, rate: 1_000, history: 200 },
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
    // Interleaved: what disturbs the machine for a while disturbs all alike.
    for (let round = 0; round < rounds; round++) {
      for (const name of names) {
        if (failed.has(name) || round >= roundsOf(name)) continue;
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
  console.log(`\n${title} (ours and floor: median of ${rounds})`);
  for (const scenario of Object.keys(scenarios)) {
    const { tokens, rate, history } = scenarios[scenario];
    const pace = rate === 0 ? 'at once' : `at ${rate}/s`;
    const after = history > 0 ? ` after ${history} messages` : '';
    console.log(`\n${tokens} tokens ${pace}${after}`);
    console.log(['', ...columns].map((text) => text.padStart(15)).join(''));
    for (const name of names) {
      const row = table[name][scenario];
      const cells = columns.map((column) => String(row?.[column] ?? '–').padStart(15));
      console.log(name.padStart(15) + cells.join(''));
    }
  }
  for (const [name, message] of failed) console.log(`${name} failed: ${message}`);
}

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
const { ours, floor } = jsdom.table;
const ratio = (a, b) => (a && b ? Math.round((a / b) * 1_000) / 1_000 : undefined);
const ratios = {
  cpu_vs_floor: ratio(ours?.paced?.cpuMs, floor?.paced?.cpuMs),
  commits: ours?.paced?.commits,
  heap_vs_floor: ratio(ours?.paced?.heapMb, floor?.paced?.heapMb),
  burst_longest_block_ms: (chromium?.table.ours ?? ours)?.burst?.longestBlockMs,
  burst_longest_block_jsdom_ms: ours?.burst?.longestBlockMs,
  history_cpu_vs_floor: ratio(ours?.history?.cpuMs, floor?.history?.cpuMs),
  ...(chromium && {
    chromium_cpu_vs_floor: ratio(
      chromium.table.ours?.paced?.cpuMs,
      chromium.table.floor?.paced?.cpuMs,
    ),
    chromium_commits: chromium.table.ours?.paced?.commits,
  }),
};
console.log('\nratios', ratios);
if (process.argv.includes('--json')) {
  const peers = Object.fromEntries(
    names.filter((name) => name !== 'ours' && name !== 'floor').map((name) => [name, of(name)]),
  );
  console.log(JSON.stringify({ ours: of('ours'), peers, floors: { t16: of('floor') }, ratios }));
}
