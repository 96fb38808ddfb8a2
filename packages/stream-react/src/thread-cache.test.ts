// @vitest-environment jsdom
import { expect, test } from 'vitest';
import { createFakeAgent } from './test/fake-agent';
import { acquireThread, MAX_CACHED_THREADS } from './thread-cache';

const url = 'https://agent.example/run';

test('the page remembers MAX_CACHED_THREADS conversations that nobody shows, and stops the run of the oldest', async () => {
  const agent = createFakeAgent();
  const acquire = (threadId: string) => acquireThread({ url, fetch: agent.fetch, threadId });
  const shown = acquire('shown');
  const release = shown.retain(false);
  const oldest = acquire('oldest');
  void oldest.actions.send('q');
  const request = await agent.request(0);
  for (let index = 0; index < MAX_CACHED_THREADS - 1; index++) acquire(`thread-${index}`);
  expect(acquire('thread-0')).toBe(acquire('thread-0'));
  expect(acquire('shown')).toBe(shown);
  expect(request.isAborted).toBe(true);
  expect(acquire('oldest')).not.toBe(oldest);
  release();
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
