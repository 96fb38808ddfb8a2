import { type Conversation, createAgentClient } from '@magi/stream-client';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { persistence } from './persistence';
import { createTabLock } from './tab-lock';
import { createFakeAgent, type FakeAgent } from './test/fake-agent';

const url = 'https://agent.example/run';
const waiting = { timeout: 5_000, interval: 10 };

/** What a tab has: its own conversation, its own lock requests, the common storage. */
function openTab(agent: FakeAgent, threadId: string): Conversation {
  const make = persistence({ storage: 'local', saveIntervalMs: 0 });
  const conversation = make({ client: createAgentClient({ url, fetch: agent.fetch }), threadId });
  conversation.subscribe(() => undefined);
  return conversation;
}

const texts = (conversation: Conversation) =>
  conversation.getSnapshot().messages.map(({ text }) => text);

beforeEach(() => localStorage.clear());
afterEach(() => vi.unstubAllGlobals());

describe('two tabs with one thread', () => {
  test('the second waits with its message and then continues from what the first has stored', async () => {
    const agent = createFakeAgent();
    const [one, two] = [openTab(agent, 'wait'), openTab(agent, 'wait')];
    void one.send('first');
    const request = await agent.request(0);
    const second = two.send('second');
    request.start();
    await expect.poll(() => one.getSnapshot().status, waiting).toBe('streaming');
    expect(agent.posts).toHaveLength(1);
    request.emit({ type: 'TEXT_MESSAGE_START', messageId: 'a', role: 'assistant' });
    request.emit({ type: 'TEXT_MESSAGE_CONTENT', messageId: 'a', delta: '1' });
    request.emit({ type: 'TEXT_MESSAGE_END', messageId: 'a' });
    request.finish();
    const next = await agent.request(1);
    expect(next.input.messages.map(({ content }) => content)).toEqual(['first', '1', 'second']);
    next.reply('2');
    expect((await second).status).toBe('finished');
    await expect.poll(() => texts(one), waiting).toEqual(['first', '1', 'second', '2']);
  });

  test('the second continues from what the first has stored, also when no announcement has reached it', async () => {
    vi.stubGlobal('BroadcastChannel', undefined);
    const agent = createFakeAgent();
    const [one, two] = [openTab(agent, 'unheard'), openTab(agent, 'unheard')];
    void one.send('first');
    const request = await agent.request(0);
    const second = two.send('second');
    request.reply('1');
    const next = await agent.request(1);
    expect(next.input.messages.map(({ content }) => content)).toEqual(['first', '1', 'second']);
    next.reply('2');
    expect((await second).status).toBe('finished');
  });

  test('the second shows what the first has stored and does not resume its run', async () => {
    const agent = createFakeAgent({ withIds: true });
    const one = openTab(agent, 'mirror');
    void one.send('question');
    const request = await agent.request(0);
    request.start();
    request.emit({ type: 'TEXT_MESSAGE_START', messageId: 'a', role: 'assistant' });
    request.emit({ type: 'TEXT_MESSAGE_CONTENT', messageId: 'a', delta: 'half' });
    await expect
      .poll(() => localStorage.getItem('magi-stream:mirror') ?? '', waiting)
      .toContain('half');
    const two = openTab(agent, 'mirror');
    expect((await two.resume()).status).toBe('dropped');
    request.emit({ type: 'TEXT_MESSAGE_CONTENT', messageId: 'a', delta: ' whole' });
    await expect.poll(() => texts(two), waiting).toEqual(['question', 'half whole']);
    request.emit({ type: 'TEXT_MESSAGE_END', messageId: 'a' });
    request.finish();
    await expect.poll(() => one.getSnapshot().status, waiting).toBe('idle');
    expect(agent.requests).toHaveLength(1);
  });

  test('the second shows the answer as streaming, and goes on with it by GET when the first has gone', async () => {
    const agent = createFakeAgent({ withIds: true });
    const name = 'magi-stream:gone';
    // A tab that is gone: its lock is free and its last words are stored.
    let leave: () => void = () => undefined;
    void createTabLock(name).run(
      () =>
        new Promise<void>((resolve) => {
          leave = resolve;
        }),
      new AbortController().signal,
    );
    const first = openTab(agent, 'gone-before');
    void first.send('question');
    const request = await agent.request(0);
    request.start();
    request.emit({ type: 'TEXT_MESSAGE_START', messageId: 'a', role: 'assistant' });
    request.emit({ type: 'TEXT_MESSAGE_CONTENT', messageId: 'a', delta: 'half' });
    const stored = () => localStorage.getItem('magi-stream:gone-before') ?? '';
    await expect.poll(stored, waiting).toContain('half');
    const two = openTab(agent, 'gone');
    expect((await two.resume()).status).toBe('dropped');
    localStorage.setItem(name, stored().replaceAll('gone-before', 'gone'));
    createTabLock(name).announce();
    await expect.poll(() => texts(two), waiting).toEqual(['question', 'half']);
    expect(two.getSnapshot().messages[1]?.state).toBe('streaming');
    expect(agent.requests).toHaveLength(1);

    leave();
    const resumed = await agent.request(1);
    expect(resumed.method).toBe('GET');
    const { threadId, runId } = request.input;
    resumed.emit(
      { type: 'TEXT_MESSAGE_CONTENT', messageId: 'a', delta: ' whole' },
      { type: 'TEXT_MESSAGE_END', messageId: 'a' },
      { type: 'RUN_FINISHED', threadId, runId },
    );
    resumed.end();
    await expect.poll(() => texts(two), waiting).toEqual(['question', 'half whole']);
    expect(agent.posts).toHaveLength(1);
    first.dispose();
  });

  test('clear() in one clears the other', async () => {
    const agent = createFakeAgent();
    const [one, two] = [openTab(agent, 'clear'), openTab(agent, 'clear')];
    void one.send('question');
    (await agent.request(0)).reply('answer');
    await expect.poll(() => texts(two), waiting).toEqual(['question', 'answer']);
    one.clear();
    await expect.poll(() => texts(two), waiting).toEqual([]);
  });

  test('stop() takes back a message that waits for another tab', async () => {
    const agent = createFakeAgent();
    const [one, two] = [openTab(agent, 'stop'), openTab(agent, 'stop')];
    void one.send('first');
    const request = await agent.request(0);
    const second = two.send('second');
    await new Promise((resolve) => setTimeout(resolve, 50));
    two.stop();
    expect((await second).status).toBe('dropped');
    request.reply('1');
    await expect.poll(() => one.getSnapshot().status, waiting).toBe('idle');
    expect(agent.posts).toHaveLength(1);
  });
});

describe('createTabLock()', () => {
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
