import { afterAll, beforeAll, expect, test } from 'vitest';
import { createAgentClient } from './agent-client';
import { answer } from './test/frames';
import { steadyClock } from './test/steady-clock';
import {
  bytesUntil,
  createRandom,
  type Fault,
  framesOf,
  startUnreliableServer,
} from './test/unreliable-server';

/** `MAGI_CHAOS_POINTS=10000 npx vitest run --project unit chaos` for the long run. */
const POINTS = Number(process.env.MAGI_CHAOS_POINTS ?? 150);
const SEED = Number(process.env.MAGI_CHAOS_SEED ?? 20_261_122);
const PARALLEL = 48;
const MAX_ATTEMPTS = 3;

const deltas = Array.from('判定：承認。理由は三つある🙂。', (character, i) => `${character}${i} `);
const events = answer(...deltas);
const text = deltas.join('');

interface Plan {
  readonly ids: boolean;
  readonly faults: Fault[];
}

function makePlan(random: () => number): Plan {
  const pick = <T>(...choices: T[]): T => choices[Math.floor(random() * choices.length)] as T;
  const ids = random() < 0.7;
  const faults = Array.from({ length: 12 }, (_, connection): Fault => {
    const kinds: Fault['kind'][] = ['none', 'cut', 'cut', 'reset', 'end', 'stall'];
    return {
      kind: connection > 0 && random() < 0.15 ? 'refuse' : pick(...kinds),
      at: random(),
      chunks: pick(1, 2, 7, 40),
      delayMs: pick(0, 0, 0, 1),
      repeat:
        ids && random() < 0.4
          ? Array.from({ length: 3 }, () => {
              const after = Math.floor(random() * events.length);
              return [pick(after, Math.floor(random() * (after + 1))), after] as const;
            }).map(([repeated, after]) => [repeated, after])
          : [],
    };
  });
  return { ids, faults };
}

/** The one right outcome, and whether it is certain: a reset may eat frames that were under way. */
function expected({ ids, faults }: Plan): { outcome: string; certain: boolean } {
  let seen = 0;
  let fruitless = 0;
  let certain = true;
  for (const [connection, fault] of faults.entries()) {
    let gained = 0;
    if (fault.kind !== 'refuse') {
      if (fault.kind === 'reset') certain = false;
      const frames = framesOf(events, ids, seen, fault);
      let left = bytesUntil(frames, fault);
      for (const { index, bytes } of frames) {
        left -= bytes.length;
        if (left < 0) break;
        if (index >= seen + gained) gained++;
      }
    }
    seen += gained;
    if (seen === events.length) return { outcome: 'finished', certain };
    if (connection === 0 && (!ids || seen === 0)) {
      return { outcome: fault.kind === 'stall' ? 'ERR_TIMEOUT' : 'ERR_TRUNCATED', certain };
    }
    if (gained > 0) fruitless = 0;
    if (fruitless === MAX_ATTEMPTS) return { outcome: 'ERR_RECONNECT_EXHAUSTED', certain };
    fruitless++;
  }
  return { outcome: 'ERR_RECONNECT_EXHAUSTED', certain };
}

let server: Awaited<ReturnType<typeof startUnreliableServer>>;
const unhandled: unknown[] = [];
const listen = (reason: unknown) => unhandled.push(reason);
beforeAll(async () => {
  process.on('unhandledRejection', listen);
  server = await startUnreliableServer(events);
});
afterAll(async () => {
  process.off('unhandledRejection', listen);
  await server.close();
});

async function play(point: number): Promise<string> {
  const plan = makePlan(createRandom(SEED + point));
  const client = createAgentClient({
    url: server.url,
    headers: { 'x-plan': JSON.stringify(plan) },
    clock: steadyClock,
    timeouts: { connectMs: 60_000, firstEventMs: Infinity, idleMs: 1500, totalMs: Infinity },
    reconnect: { maxAttempts: MAX_ATTEMPTS, baseDelayMs: 1, maxDelayMs: 4 },
  });
  const run = client.run({ runId: `run-${point}` });
  let received = '';
  let ended = 0;
  let outcome: string;
  try {
    for await (const event of run) {
      if (event.type === 'TEXT_MESSAGE_CONTENT') received += event.delta;
      if (event.type === 'RUN_FINISHED') ended++;
    }
    outcome = (await run.result).outcome;
  } catch (error) {
    outcome = (error as { code?: string }).code ?? String(error);
    const again = await run.result.catch((reason: unknown) => reason);
    if (again !== error) return `two different failures: ${error} and ${again}`;
  }
  const right = expected(plan);
  const problems: string[] = [];
  if (right.certain && outcome !== right.outcome)
    problems.push(`${outcome} instead of ${right.outcome}`);
  if (
    !right.certain &&
    !/^(finished|ERR_TRUNCATED|ERR_TIMEOUT|ERR_RECONNECT_EXHAUSTED)$/.test(outcome)
  ) {
    problems.push(outcome);
  }
  if (
    outcome === 'finished'
      ? received !== text || ended !== 1
      : !text.startsWith(received) || ended !== 0
  ) {
    problems.push(`received "${received}"`);
  }
  if (server.posts.get(`run-${point}`) !== 1)
    problems.push(`${server.posts.get(`run-${point}`)} POSTs`);
  server.posts.delete(`run-${point}`);
  return problems.join('; ');
}

test(
  `${POINTS} unreliable runs each end in the one right outcome, with no character lost or repeated and no second POST`,
  async () => {
    const wrong: string[] = [];
    let next = 0;
    const worker = async () => {
      while (next < POINTS) {
        const point = next++;
        const problem = await play(point);
        if (problem) wrong.push(`point ${point}: ${problem}`);
      }
    };
    await Promise.all(Array.from({ length: PARALLEL }, worker));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(wrong).toEqual([]);
    expect(unhandled).toEqual([]);
  },
  60_000 + POINTS * 300,
);
