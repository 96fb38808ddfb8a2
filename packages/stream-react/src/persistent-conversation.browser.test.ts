import { createAgentClient } from '@magi/stream-client';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { persistence } from './persistence';
import { createTabLock } from './tab-lock';
import { type AgentRequest, createFakeAgent, type FakeAgent } from './test/fake-agent';
import { free, keyOf, occupy, openTab, stored, texts, url, waits } from './test/tabs';

const waiting = { timeout: 5_000, interval: 10 };

/** Stores what a tab has stored in the middle of an answer. */
async function storeHalf(agent: FakeAgent, threadId: string): Promise<AgentRequest> {
  const before = `${threadId}-before`;
  const tab = openTab(agent, before);
  void tab.send('question');
  const request = await agent.request(0);
  request.start();
  request.emit({ type: 'TEXT_MESSAGE_START', messageId: 'a', role: 'assistant' });
  request.emit({ type: 'TEXT_MESSAGE_CONTENT', messageId: 'a', delta: 'half' });
  await expect.poll(() => stored(before), waiting).toContain('half');
  localStorage.setItem(keyOf(threadId), stored(before).replaceAll(before, threadId));
  return request;
}

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
    await expect.poll(() => stored('mirror'), waiting).toContain('half');
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
    const leave = await occupy('gone');
    const two = openTab(agent, 'gone');
    expect((await two.resume()).status).toBe('dropped');
    const request = await storeHalf(agent, 'gone');
    createTabLock(keyOf('gone')).announce('stored');
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
  });

  test('a tab opened while the first is silent goes on with the run when the first has gone', async () => {
    const agent = createFakeAgent({ withIds: true });
    const leave = await occupy('silent');
    await storeHalf(agent, 'silent');
    const two = openTab(agent, 'silent');
    expect((await two.resume()).status).toBe('dropped');
    expect(two.getSnapshot().messages[1]?.state).toBe('streaming');
    leave();
    expect((await agent.request(1)).method).toBe('GET');
    two.dispose();
  });

  test('an answer that cannot be resumed is shown as cut when the tab that read it has gone', async () => {
    const agent = createFakeAgent();
    const leave = await occupy('cut');
    await storeHalf(agent, 'cut');
    const two = openTab(agent, 'cut');
    await two.resume();
    expect(two.getSnapshot().messages[1]?.state).toBe('streaming');
    leave();
    await expect.poll(() => two.getSnapshot().messages[1]?.state, waiting).toBe('stopped');
    expect(agent.requests).toHaveLength(1);
  });

  test('a tab that showed nothing for a while goes on from what the other has stored meanwhile', async () => {
    const agent = createFakeAgent();
    const one = openTab(agent, 'hidden');
    const make = persistence({ storage: 'local' });
    const client = createAgentClient({ url, fetch: agent.fetch });
    const [two, three] = [0, 1].map(() => make({ client, threadId: 'hidden' }));
    const sent = one.send('first');
    (await agent.request(0)).reply('1');
    await sent;
    void two?.send('second');
    const { input } = await agent.request(1);
    expect(input.messages.map(({ content }) => content)).toEqual(['first', '1', 'second']);
    three?.subscribe(() => undefined);
    expect(three && texts(three)).toContain('first');
    two?.dispose();
  });

  test('the second waits also where "keyPrefix" begins with "-"', async () => {
    const agent = createFakeAgent();
    const [one, two] = [0, 1].map(() => openTab(agent, 'prefix', { keyPrefix: '-' }));
    void one?.send('first');
    const request = await agent.request(0);
    expect((await two?.send('second', { policy: 'drop' }))?.status).toBe('dropped');
    request.reply('1');
    await expect.poll(() => two && texts(two), waiting).toEqual(['first', '1']);
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

  test.each([true, false])(
    'clear() in one also clears what the other is running (told of it: %s)',
    async (isTold) => {
      if (!isTold) vi.stubGlobal('BroadcastChannel', undefined);
      const agent = createFakeAgent();
      const threadId = `clear-running-${isTold}`;
      const [one, two] = [openTab(agent, threadId), openTab(agent, threadId)];
      void one.send('secret');
      const request = await agent.request(0);
      request.start();
      await expect.poll(() => stored(threadId), waiting).toContain('secret');
      two.clear();
      const sent = two.send('new');
      if (isTold) await expect.poll(() => texts(one), waiting).not.toContain('secret');
      else request.reply('1');
      const next = await agent.request(1);
      expect(next.input.messages.map(({ content }) => content)).toEqual(['new']);
      next.reply('2');
      await sent;
      await free(threadId);
      expect(stored(threadId)).not.toContain('secret');
      expect(texts(two)).toEqual(['new', '2']);
    },
  );

  test('stop() takes back a message that waits for another tab', async () => {
    const agent = createFakeAgent();
    const [one, two] = [openTab(agent, 'stop'), openTab(agent, 'stop')];
    void one.send('first');
    const request = await agent.request(0);
    const second = two.send('second');
    await waits('stop');
    two.stop();
    expect((await second).status).toBe('dropped');
    request.reply('1');
    await expect.poll(() => one.getSnapshot().status, waiting).toBe('idle');
    expect(agent.posts).toHaveLength(1);
  });
});
