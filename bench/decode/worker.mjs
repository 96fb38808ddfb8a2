// One consumer in a process of its own: prepares a scenario's chunks once, then times as many reads as it is asked for.
import { scenarios } from './bodies.mjs';
import { checksum, consumers, takeCount } from './consumers.mjs';

const {
  kind,
  protocol = 'agui',
  chunks: takesChunks = kind === 'chunks',
  load,
} = consumers[process.argv[2]];
const read = await load();
let current;
let chunks;

/** The body arrives as from a socket: a chunk for each pull, none ahead. */
function respond() {
  let next = 0;
  const body = new ReadableStream(
    {
      pull(controller) {
        if (next === chunks.length) controller.close();
        else controller.enqueue(chunks[next++]);
      },
    },
    { highWaterMark: 0 },
  );
  return new Response(body, { headers: { 'content-type': 'text/event-stream' } });
}

async function timeOnce() {
  globalThis.gc?.();
  takeCount();
  const cpuBefore = process.cpuUsage();
  const start = performance.now();
  await read(takesChunks ? chunks : respond());
  const wallMs = performance.now() - start;
  const { user, system } = process.cpuUsage(cpuBefore);
  return { wallMs, cpuMs: (user + system) / 1_000 };
}

/** At least so many runs, and more of them until they took so long: a fast consumer needs many to settle. */
async function timesFor(totalMs, atLeast) {
  const times = [];
  let spentMs = 0;
  while (times.length < atLeast || (spentMs < totalMs && times.length < 50)) {
    const time = await timeOnce();
    times.push(time);
    spentMs += time.cpuMs;
  }
  return times;
}

process.on('message', async ({ scenario, scale, warmUpMs, runMs, runs }) => {
  try {
    if (current !== scenario) {
      current = scenario;
      chunks = scenarios[scenario].chunks(protocol, scale);
    }
    if (warmUpMs > 0) await timesFor(warmUpMs, 1);
    const times = await timesFor(runMs, runs);
    const bytes = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
    process.send({ times, bytes, events: takeCount(), checksum: checksum() });
  } catch (error) {
    process.send({ error: String(error?.message ?? error).slice(0, 60) });
  }
});
process.send('ready');
