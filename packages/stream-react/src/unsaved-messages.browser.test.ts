import { beforeEach, expect, test, vi } from 'vitest';
import type { KeyValueStorage } from './persistence';
import { createFakeAgent } from './test/fake-agent';
import { until } from './test/mount';
import { openTab, stored, texts, told } from './test/tabs';

beforeEach(() => localStorage.clear());

/** The common storage, for a tab that finds it full as long as `isFull` says so. */
function createFullStorage() {
  const storage = {
    isFull: false,
    getItem: (key: string) => localStorage.getItem(key),
    setItem(key: string, value: string) {
      if (storage.isFull) throw new DOMException('full', 'QuotaExceededError');
      localStorage.setItem(key, value);
    },
    removeItem: (key: string) => localStorage.removeItem(key),
  };
  return storage satisfies KeyValueStorage;
}

function openTabs(threadId: string) {
  const agent = createFakeAgent();
  const storage = createFullStorage();
  const onError = vi.fn();
  const one = openTab(agent, threadId, { storage, onError, guardTabs: true });
  return { agent, storage, onError, one, two: openTab(agent, threadId) };
}

test('a turn that could not be stored stays in view when another tab stores, and is stored when it can be', async () => {
  const { agent, storage, onError, one, two } = openTabs('full');
  storage.isFull = true;
  const first = one.send('1');
  (await agent.request(0)).reply('a');
  await first;
  expect(onError).toHaveBeenCalled();
  const second = two.send('2');
  (await agent.request(1)).reply('b');
  await second;
  await until(() => texts(one).includes('b'));
  expect(texts(one)).toEqual(['2', 'b', '1', 'a']);

  storage.isFull = false;
  const third = one.send('3');
  const request = await agent.request(2);
  expect(told(request)).toEqual(['2', 'b', '1', 'a', '3']);
  request.reply('c');
  await third;
  await until(() => texts(two).join() === '2,b,1,a,3,c');
  expect(texts(one)).toEqual(texts(two));
});

test('an answer of which only a part could be stored stays whole', async () => {
  const { agent, storage, one, two } = openTabs('part');
  const first = one.send('1');
  const request = await agent.request(0);
  request.start();
  request.emit({ type: 'TEXT_MESSAGE_START', messageId: 'a', role: 'assistant' });
  request.emit({ type: 'TEXT_MESSAGE_CONTENT', messageId: 'a', delta: 'half' });
  await until(() => stored('part').includes('half'));
  storage.isFull = true;
  request.emit({ type: 'TEXT_MESSAGE_CONTENT', messageId: 'a', delta: ' whole' });
  request.emit({ type: 'TEXT_MESSAGE_END', messageId: 'a' });
  request.finish();
  await first;
  const second = two.send('2');
  (await agent.request(1)).reply('b');
  await second;
  await until(() => texts(one).includes('b'));
  expect(texts(one)).toEqual(['1', 'half whole', '2', 'b']);
});

test('clear() in another tab clears what could not be stored', async () => {
  const { agent, storage, one, two } = openTabs('full-clear');
  storage.isFull = true;
  const sent = one.send('secret');
  (await agent.request(0)).reply('a');
  await sent;
  two.clear();
  await until(() => texts(one).length === 0);
});

test('what was said first is no such message', async () => {
  const { agent, two } = openTabs('first');
  const greeted = openTab(
    agent,
    'first',
    {},
    { initialMessages: [{ id: 'i', role: 'assistant', content: 'hello' }] },
  );
  expect(texts(greeted)).toEqual(['hello']);
  const sent = two.send('1');
  (await agent.request(0)).reply('a');
  await sent;
  await until(() => texts(greeted).join() === '1,a');
});
