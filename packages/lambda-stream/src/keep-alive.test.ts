import { expect, it } from 'vitest';
import { keepAlive } from './keep-alive';
import { createFakeClock } from './pace/fake-clock.fixture';

it('keepAlive() sends after each idle interval, starts again on touch, and stops for good', () => {
  const clock = createFakeClock();
  const sent: number[] = [];
  const alive = keepAlive({ intervalMs: 100, clock, send: () => sent.push(clock.now()) });
  clock.advanceTo(60);
  alive.touch();
  clock.advanceTo(159);
  expect(sent).toEqual([]);
  clock.advanceTo(360);
  expect(sent).toEqual([160, 260, 360]);
  alive.stop();
  expect(clock.nextAt).toBe(Number.POSITIVE_INFINITY);
});

it('keepAlive() ends when what it sends cannot be sent', () => {
  const clock = createFakeClock();
  let tried = 0;
  keepAlive({
    intervalMs: 100,
    clock,
    send: () => {
      tried++;
      throw new Error('write after end');
    },
  });
  clock.advanceTo(1_000);
  expect(tried).toBe(1);
  expect(clock.nextAt).toBe(Number.POSITIVE_INFINITY);
});

it('keepAlive() ends when an async function cannot send', async () => {
  const clock = createFakeClock();
  const send = async (): Promise<void> => {
    throw new Error('write after end');
  };
  keepAlive({ intervalMs: 100, clock, send });
  clock.advanceTo(100);
  await new Promise(setImmediate);
  expect(clock.nextAt).toBe(Number.POSITIVE_INFINITY);
});

it.each([Number.NaN, 0, '15'])('keepAlive() refuses an interval of %j', (intervalMs) => {
  expect(() => keepAlive({ intervalMs: intervalMs as number, send: () => {} })).toThrow(
    '"intervalMs" must be a number from 1 up',
  );
});

it('keepAlive() can be stopped by what it sends', () => {
  const clock = createFakeClock();
  let sent = 0;
  const alive = keepAlive({
    intervalMs: 100,
    clock,
    send: () => {
      sent++;
      alive.stop();
    },
  });
  clock.advanceTo(1_000);
  expect(sent).toBe(1);
});
