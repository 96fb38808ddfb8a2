import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { systemClock } from './clock';
import { keepAlive } from './keep-alive';
import { mergeAgents } from './merge-agents';

// Node's own timers: those of a test runner take longer delays than Node does.
const delays: number[] = [];
beforeEach(() => {
  delays.length = 0;
  const { setTimeout } = globalThis;
  vi.spyOn(globalThis, 'setTimeout').mockImplementation(((callback: () => void, ms: number) => {
    delays.push(ms);
    return setTimeout(callback, ms);
  }) as typeof setTimeout);
});
afterEach(() => void vi.restoreAllMocks());

it.each([2 ** 31, 3e9, Number.POSITIVE_INFINITY])(
  'never asks a timer for more than it takes: %d',
  (delayMs) => {
    systemClock.clearTimeout(systemClock.setTimeout(() => undefined, delayMs));
    expect(delays).toEqual([2 ** 31 - 1]);
  },
);

it('a keep-alive with such an interval waits', () => {
  const send = vi.fn();
  keepAlive({ intervalMs: 3e9, send }).stop();
  expect(delays).toEqual([2 ** 31 - 1]);
});

it('an agent with such a limit is not late', async () => {
  const run = mergeAgents(
    {
      a: async function* () {
        await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
        yield 'here';
      },
    },
    { perAgentTimeoutMs: 2 ** 31 },
  );
  let last = await run.next();
  while (!last.done) last = await run.next();
  expect(last.value).toMatchObject({ a: { status: 'finished' } });
  expect(Math.max(0, ...delays)).toBeLessThan(2 ** 31);
});
