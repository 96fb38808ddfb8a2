import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createTabLock } from './tab-lock';
import { createFakeAgent } from './test/fake-agent';
import { openTab, stored } from './test/tabs';

const waiting = { timeout: 5_000, interval: 10 };

beforeEach(() => localStorage.clear());
afterEach(() => vi.restoreAllMocks());

describe('createTabLock()', () => {
  test('a browser that refuses locks runs everything at once, and once', async () => {
    const denied = new DOMException('no origin', 'SecurityError');
    const request = vi.spyOn(navigator.locks, 'request').mockRejectedValue(denied);
    const agent = createFakeAgent();
    const one = openTab(agent, 'refused');
    expect((await one.resume()).status).toBe('dropped');
    const sent = one.send('question');
    (await agent.request(0)).reply('answer');
    expect((await sent).status).toBe('finished');
    one.clear();
    await expect.poll(() => stored('refused'), waiting).toBe('');
    expect(agent.posts).toHaveLength(1);
    expect(request).toHaveBeenCalledOnce();
  });

  test('tasks of the tab that holds the lock do not wait for each other', async () => {
    const lock = createTabLock('reentrant');
    let release: () => void = () => undefined;
    const first = lock.run(
      () =>
        new Promise<void>((resolve) => {
          release = resolve;
        }),
      new AbortController().signal,
    );
    await expect.poll(() => release.name, waiting).not.toBe('release');
    expect(await lock.run(async () => 'second', new AbortController().signal)).toBe('second');
    expect(await createTabLock('reentrant').tryRun(async () => 'other tab')).toBeUndefined();
    release();
    await first;
    const patient = new AbortController().signal;
    expect(await createTabLock('reentrant').run(async () => 'freed', patient)).toBe('freed');
  });

  test('what a task throws is thrown, and frees the lock', async () => {
    const fail = () => Promise.reject(new Error('no'));
    await expect(createTabLock('throws').tryRun(fail)).rejects.toThrow('no');
    const patient = new AbortController().signal;
    expect(await createTabLock('throws').run(async () => 'freed', patient)).toBe('freed');
  });
});
