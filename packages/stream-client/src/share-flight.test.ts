import { afterEach, expect, test, vi } from 'vitest';
import { shareFlight } from './share-flight';

afterEach(() => {
  vi.useRealTimers();
});

test('joins work that is under way, but not one that never ends', async () => {
  vi.useFakeTimers();
  let calls = 0;
  const work = shareFlight(() => (++calls === 1 ? new Promise<number>(() => {}) : calls));
  const hung = work();
  expect(work()).toBe(hung);
  vi.setSystemTime(Date.now() + 30_000);
  expect(await work()).toBe(2);
});
