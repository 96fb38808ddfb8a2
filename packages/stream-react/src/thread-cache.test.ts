// @vitest-environment jsdom
import { afterEach, expect, test, vi } from 'vitest';
import { createFakeAgent } from './test/fake-agent';
import type { OwnThread } from './thread';
import { acquireThread, evictLater, MAX_CACHED_THREADS } from './thread-cache';

const url = 'https://agent.example/run';

afterEach(() => void vi.useRealTimers());

test('the page remembers MAX_CACHED_THREADS conversations that nobody shows, and stops the run of the oldest', async () => {
  vi.useFakeTimers();
  const agent = createFakeAgent();
  const acquire = (threadId: string) => acquireThread({ url, fetch: agent.fetch, threadId });
  const shown = acquire('shown');
  const release = shown.retain(false);
  const oldest = acquire('oldest');
  void oldest.actions.send('q');
  const request = await agent.request(0);
  for (let index = 0; index < MAX_CACHED_THREADS; index++) acquire(`thread-${index}`);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(acquire('thread-0')).toBe(acquire('thread-0'));
  expect(acquire('shown')).toBe(shown);
  expect(request.isAborted).toBe(true);
  expect(acquire('oldest')).not.toBe(oldest);
  release();
});

test('more than MAX_CACHED_THREADS conversations rendered in one go are all kept until they are mounted', async () => {
  vi.useFakeTimers();
  const { fetch } = createFakeAgent();
  const ids = Array.from({ length: MAX_CACHED_THREADS + 5 }, (_, index) => `widget-${index}`);
  const threads = ids.map((threadId) => acquireThread({ url, fetch, threadId }));
  const releases = threads.map((thread) => thread.retain(false));
  await vi.advanceTimersByTimeAsync(10_000);
  expect(threads.some(({ detached }) => detached)).toBe(false);

  for (const [index, release] of releases.entries()) {
    release();
    evictLater(threads[index] as OwnThread);
  }
  await vi.advanceTimersByTimeAsync(1_000);
  expect(threads.filter(({ detached }) => detached)).toHaveLength(5);
});

test('a thread that was forgotten goes on where it was when its component is shown again', async () => {
  vi.useFakeTimers();
  const agent = createFakeAgent();
  const acquire = (threadId: string) => acquireThread({ url, fetch: agent.fetch, threadId });
  const hidden = acquire('hidden');
  const sent = hidden.actions.send('q');
  (await agent.request(0)).reply('a');
  await vi.advanceTimersByTimeAsync(100);
  await sent;
  for (let index = 0; index < 2 * MAX_CACHED_THREADS; index++) acquire(`other-${index}`);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(hidden.detached).toBeDefined();
  const again = acquireThread({ url, fetch: agent.fetch, threadId: 'hidden' }, hidden);
  expect(again.get().messages.map(({ text }) => text)).toEqual(['q', 'a']);
});

test('the same threadId at another url is another conversation', () => {
  const { fetch } = createFakeAgent();
  const one = acquireThread({ url: `${url}/one`, fetch, threadId: 'same' });
  const two = acquireThread({ url: `${url}/two`, fetch, threadId: 'same' });
  expect(two).not.toBe(one);
});

test('without a threadId each has its own', () => {
  const { fetch } = createFakeAgent();
  expect(acquireThread({ url, fetch })).not.toBe(acquireThread({ url, fetch }));
});
