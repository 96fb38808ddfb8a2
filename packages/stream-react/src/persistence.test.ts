// @vitest-environment jsdom
import { type Conversation, createAgentClient } from '@magi/stream-client';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { type KeyValueStorage, type PersistenceOptions, persistence } from './persistence';
import { createFakeAgent, type FakeAgent } from './test/fake-agent';
import { pause, until } from './test/mount';

const url = 'https://agent.example/run';
const key = `magi-stream:["${url}","t1"]`;

function open(
  agent: FakeAgent,
  options: Partial<PersistenceOptions> = {},
  threadId = 't1',
): Conversation {
  const make = persistence({ storage: 'local', saveIntervalMs: 0, ...options });
  return make({ client: createAgentClient({ url, fetch: agent.fetch }), threadId });
}

const texts = (conversation: Conversation) =>
  conversation.getSnapshot().messages.map(({ text }) => text);

/** A storage that answers late, like React Native's. */
function createLateStorage(): KeyValueStorage {
  const items = new Map<string, string>();
  return {
    getItem: async (key) => items.get(key),
    setItem: async (key, value) => void items.set(key, value),
    removeItem: async (key) => void items.delete(key),
  };
}

beforeEach(() => {
  localStorage.clear();
  sessionStorage.clear();
});

describe('persistence()', () => {
  test('threads of two agents are two conversations, also with the same threadId', async () => {
    const agent = createFakeAgent();
    const first = open(agent);
    const sent = first.send('secret');
    (await agent.request(0)).reply('answer');
    await sent;
    const client = createAgentClient({ url: 'https://other.example/run', fetch: agent.fetch });
    const other = persistence({ storage: 'local' })({ client, threadId: 't1' });
    expect(texts(other)).toEqual([]);
    expect(texts(open(agent))).toEqual(['secret', 'answer']);
  });

  test('a conversation reads what the one before it on the page is still writing', async () => {
    const agent = createFakeAgent();
    const storage = createLateStorage();
    const make = persistence({ storage });
    const options = { client: createAgentClient({ url, fetch: agent.fetch }), threadId: 't1' };
    const first = make(options);
    void first.send('question');
    await agent.request(0);
    const write = storage.setItem;
    storage.setItem = async (...item) => {
      await pause();
      return write(...item);
    };
    first.dispose();
    const second = make(options);
    await until(() => texts(second).join() === 'question');
  });

  test('a listener that throws keeps neither the others nor the storage from what changed', async () => {
    const thrown = vi.spyOn(globalThis, 'queueMicrotask').mockImplementation(() => {});
    const agent = createFakeAgent();
    const conversation = open(agent, { saveIntervalMs: 10_000 });
    const listener = vi.fn();
    conversation.subscribe(() => {
      throw new Error('of the page');
    });
    conversation.subscribe(listener);
    const sent = conversation.send('question');
    (await agent.request(0)).reply('answer');
    await sent;
    expect(listener).toHaveBeenCalled();
    expect(localStorage.getItem(key)).toContain('answer');
    expect(thrown).toHaveBeenCalled();
    thrown.mockRestore();
  });

  test('an onError that throws does not end the conversation', async () => {
    const thrown = vi.spyOn(globalThis, 'queueMicrotask').mockImplementation(() => {});
    const agent = createFakeAgent();
    const onError = () => {
      throw new Error('of the page');
    };
    localStorage.setItem(key, '{');
    const conversation = open(agent, { onError });
    expect(texts(conversation)).toEqual([]);
    expect(thrown).toHaveBeenCalledOnce();
    thrown.mockRestore();
  });

  test.each(['local', 'session'] as const)('%s brings the conversation back', async (storage) => {
    const agent = createFakeAgent();
    const first = open(agent, { storage });
    const sent = first.send('question');
    (await agent.request(0)).reply('answer');
    await sent;
    const kept = storage === 'local' ? localStorage : sessionStorage;
    await until(() => kept.getItem(key)?.includes('answer') === true);
    first.dispose();
    expect(texts(open(agent, { storage }))).toEqual(['question', 'answer']);
    expect(agent.requests).toHaveLength(1);
  });

  test('a storage that answers late replaces the empty conversation when it has answered', async () => {
    const agent = createFakeAgent();
    const storage = createLateStorage();
    const first = open(agent, { storage });
    const sent = first.send('question');
    (await agent.request(0)).reply('answer');
    await sent;
    await until(() => first.getSnapshot().status === 'idle');
    const second = open(agent, { storage });
    const listener = vi.fn();
    second.subscribe(listener);
    expect(texts(second)).toEqual([]);
    await until(() => texts(second).length === 2);
    expect(listener).toHaveBeenCalled();
  });

  test('a message sent before a late storage has answered follows what was stored', async () => {
    const agent = createFakeAgent();
    const storage = createLateStorage();
    const first = open(agent, { storage });
    const sent = first.send('one');
    (await agent.request(0)).reply('1');
    await sent;
    const second = open(agent, { storage });
    void second.send('two');
    const request = await agent.request(1);
    expect(request.input.messages.map(({ content }) => content)).toEqual(['one', '1', 'two']);
    request.reply('2');
    await until(() => texts(second).join() === 'one,1,two,2');
  });

  test('a run that the end of the page cut is resumed by GET, not asked again', async () => {
    const agent = createFakeAgent({ withIds: true });
    const first = open(agent);
    void first.send('question');
    const request = await agent.request(0);
    request.start();
    request.emit({ type: 'TEXT_MESSAGE_START', messageId: 'a', role: 'assistant' });
    request.emit({ type: 'TEXT_MESSAGE_CONTENT', messageId: 'a', delta: 'ha' });
    await until(() => localStorage.getItem(key)?.includes('"ha"') === true);

    const second = open(agent, { guardTabs: false });
    void second.resume();
    const resumed = await agent.request(1);
    expect(resumed.method).toBe('GET');
    expect(resumed.headers.get('last-event-id')).toBe('3');
    const { threadId, runId } = request.input;
    resumed.emit(
      { type: 'TEXT_MESSAGE_CONTENT', messageId: 'a', delta: 'lf' },
      { type: 'TEXT_MESSAGE_END', messageId: 'a' },
      { type: 'RUN_FINISHED', threadId, runId },
    );
    resumed.end();
    await until(() => texts(second).join() === 'question,half');
    expect(agent.posts).toHaveLength(1);
    first.dispose();
  });

  test('clear() removes what is stored', async () => {
    const agent = createFakeAgent();
    const conversation = open(agent);
    const sent = conversation.send('question');
    (await agent.request(0)).reply('answer');
    await sent;
    await until(() => localStorage.length === 1);
    conversation.clear();
    await until(() => localStorage.length === 0);
    expect(texts(conversation)).toEqual([]);
  });

  test('what a late storage brings after clear() is ignored', async () => {
    const agent = createFakeAgent();
    const storage = createLateStorage();
    const first = open(agent, { storage });
    const sent = first.send('secret');
    (await agent.request(0)).reply('answer');
    await sent;
    const second = open(agent, { storage });
    second.clear();
    void second.send('new');
    const request = await agent.request(1);
    expect(request.input.messages.map(({ content }) => content)).toEqual(['new']);
  });

  test.each(['stop', 'clear', 'dispose'] as const)(
    '%s() drops a message that still waits for the storage',
    async (end) => {
      const agent = createFakeAgent();
      const conversation = open(agent, { storage: createLateStorage() });
      const sent = conversation.send('question');
      conversation[end]();
      expect((await sent).status).toBe('dropped');
      expect(agent.posts).toHaveLength(0);
    },
  );

  test('a message is sent also when a late storage fails', async () => {
    const agent = createFakeAgent();
    const onError = vi.fn();
    const storage = createLateStorage();
    storage.getItem = () => Promise.reject(new Error('denied'));
    const conversation = open(agent, { storage, onError });
    void conversation.send('question');
    expect((await agent.request(0)).input.messages).toHaveLength(1);
    expect(onError).toHaveBeenCalledTimes(1);
  });

  test('unreadable data, and a full storage, are reported and do not end the conversation', async () => {
    const onError = vi.fn();
    const storage: KeyValueStorage = {
      getItem: () => '{"version":',
      setItem: () => {
        throw new DOMException('full', 'QuotaExceededError');
      },
      removeItem: () => undefined,
    };
    const agent = createFakeAgent();
    const conversation = open(agent, { storage, onError });
    expect(onError).toHaveBeenCalledTimes(1);
    const sent = conversation.send('question');
    (await agent.request(0)).reply('answer');
    expect((await sent).status).toBe('finished');
    await until(() => onError.mock.calls.length > 1);
    expect(texts(conversation)).toEqual(['question', 'answer']);
  });

  test('wrong options are rejected by name', () => {
    const agent = createFakeAgent();
    expect(() => persistence({ storage: 'cookie' } as never)).toThrow(/"storage" must be/);
    expect(() => persistence({ storage: 'local', prefix: 'x' } as never)).toThrow(/"prefix"/);
    expect(() => persistence({ storage: 'local', saveIntervalMs: -1 })).toThrow(RangeError);
    const user = { id: 1 } as never;
    expect(() => persistence({ storage: 'local', keyPrefix: user })).toThrow(/"keyPrefix"/);
    expect(() => persistence({ storage: 'session', guardTabs: true })).toThrow(/"guardTabs"/);
    expect(() => persistence({ storage: 'session', guardTabs: false })).not.toThrow();
    const client = createAgentClient({ url, fetch: agent.fetch });
    expect(() => persistence({ storage: 'local' })({ client })).toThrow(/"threadId"/);
  });
});
