import { type AgentEvent, checkAgentEvent, createRunLifecycle } from '@magi/stream-protocol';
import { describe, expect, it } from 'vitest';
import { eventsOf, invoke, post } from './engine.fixture';
import { createFakeClock } from './pace/fake-clock.fixture';
import type { Run, RunItem } from './run-request';

/** `MAGI_FAULT_SEED` repeats one point. */
const onlySeed = process.env['MAGI_FAULT_SEED'];
const POINTS = 10_000;

/** mulberry32: small, fast, good enough to choose faults. */
function createRandom(seed: number): (limit: number) => number {
  let state = seed >>> 0;
  return (limit) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
}

const never = new Promise<never>(() => undefined);

/** Any item a source may yield, some of them wrong. */
function randomItem(random: (limit: number) => number): unknown {
  const id = `m${random(3)}`;
  const choices: unknown[] = [
    'word ',
    '日本語の文。',
    'x'.repeat(random(20_000)),
    { type: 'TEXT_MESSAGE_START', messageId: id },
    { type: 'TEXT_MESSAGE_CONTENT', messageId: id, delta: 'd' },
    { type: 'TEXT_MESSAGE_END', messageId: id },
    { type: 'TOOL_CALL_START', toolCallId: id, toolCallName: 't' },
    { type: 'TOOL_CALL_ARGS', toolCallId: id, delta: '{}' },
    { type: 'STEP_STARTED', stepName: id },
    { type: 'CUSTOM', name: 'n', value: { a: [1] } },
    { type: 'RUN_STARTED', threadId: 'x', runId: 'y' },
    { type: 'RUN_FINISHED', threadId: 'x', runId: 'y', usage: [{ outputTokens: 1 }] },
    { type: 'RUN_ERROR', message: 'theirs', code: 'THEIRS' },
    { type: 'TEXT_MESSAGE_CONTENT', messageId: id, delta: 5 },
    { type: 'CUSTOM', name: 'n', value: 1n },
    { type: 'NO_SUCH_TYPE' },
    undefined,
    null,
    17,
  ];
  // Good items are drawn more often than wrong ones, so that most runs get somewhere.
  return random(4) > 0 ? choices[random(10)] : choices[random(choices.length)];
}

function randomRun(random: (limit: number) => number): Run {
  const count = random(12);
  const ending = random(6);
  const hanging = random(4);
  if (random(40) === 0) {
    return () => {
      throw new Error('at once');
    };
  }
  return ({ signal }) => {
    let given = 0;
    const next = async (): Promise<IteratorResult<RunItem>> => {
      if (random(3) === 0) await new Promise((resolve) => setImmediate(resolve));
      if (given++ < count) return { done: false, value: randomItem(random) as RunItem };
      if (ending === 0) throw new Error('in the end');
      if (ending === 1) return never;
      if (ending === 2) {
        return new Promise((_, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason));
        });
      }
      return { done: true, value: undefined };
    };
    const leave = async (): Promise<IteratorResult<RunItem>> => {
      if (hanging === 0) return never;
      if (hanging === 1) throw new Error('in return()');
      return { done: true, value: undefined };
    };
    return { [Symbol.asyncIterator]: () => ({ next, return: leave }) };
  };
}

/** Runs one point and says what is wrong with it, if anything. */
async function runPoint(seed: number): Promise<string | undefined> {
  const random = createRandom(seed);
  const clock = createFakeClock();
  const run = randomRun(random);
  const paced = random(2) === 0;
  const options = {
    clock,
    failInvocation: random(2) === 0,
    ...(paced ? { pace: {} } : {}),
  };
  const invocation = invoke(run, options, post(), () => 10_000 - clock.now());
  const { settled, stats, record } = invocation;
  let done = false;
  void settled.then(() => {
    done = true;
  });
  let left = false;
  const faultAt = random(8);
  const fault = random(6);
  for (let turn = 0; !done; turn++) {
    if (turn > 400) return 'hangs';
    if (turn === faultAt) {
      if (fault === 0) invocation.pause();
      if (fault === 1) {
        invocation.leave();
        left = true;
      }
      if (fault === 2) {
        invocation.pause();
        setImmediate(() => setImmediate(invocation.resume));
      }
      if (fault === 3) clock.advanceTo(9_999);
    }
    await new Promise((resolve) => setImmediate(resolve));
    clock.advanceTo(clock.now() + random(200));
  }
  invocation.resume();
  await new Promise((resolve) => setImmediate(resolve));
  if (record.fatal.length > 0) return `would have ended the process: ${record.fatal}`;
  if (stats.length !== 1) return `told its end ${stats.length} times`;
  if (clock.nextAt !== Number.POSITIVE_INFINITY) return 'left a timer behind';
  const events: AgentEvent[] = eventsOf(record.body);
  const lifecycle = createRunLifecycle();
  for (const event of events) {
    if (checkAgentEvent(event) === undefined) return `sent an unknown event: ${event.type}`;
    lifecycle.accept(event);
  }
  if (left || stats[0]?.status === 'aborted') return undefined;
  const terminal = events.filter(({ type }) => type === 'RUN_FINISHED' || type === 'RUN_ERROR');
  if (terminal.length !== 1) return `sent ${terminal.length} terminal events`;
  if (events.at(-1) !== terminal[0]) return 'sent an event after the terminal one';
  return undefined;
}

describe('random faults', () => {
  it(`${POINTS} seeded points: no hang, nothing fatal, no unchecked event, exactly one terminal event`, async () => {
    const seeds =
      onlySeed === undefined ? Array.from({ length: POINTS }, (_, i) => i) : [Number(onlySeed)];
    const failures: string[] = [];
    const width = 100;
    for (let at = 0; at < seeds.length; at += width) {
      const batch = seeds.slice(at, at + width).map(async (seed) => {
        const problem = await runPoint(seed).catch((error: Error) => error.message);
        if (problem !== undefined) failures.push(`seed ${seed}: ${problem}`);
      });
      await Promise.all(batch);
    }
    expect(failures).toEqual([]);
  }, 300_000);
});
