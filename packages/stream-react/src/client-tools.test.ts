import { type Conversation, createAgentClient, createConversation } from '@magi/stream-client';
import type { AgentEvent, Message, RunAgentInput } from '@magi/stream-protocol';
import { describe, expect, test, vi } from 'vitest';
import type { ClientTools } from './agent-tool';
import { runWithTools } from './client-tools';
import { type AgentRequest, createFakeAgent, type FakeAgent } from './test/fake-agent';

const url = 'https://agent.example/run';

/** A conversation whose agent may call `look`. */
function converse(
  agent: FakeAgent,
  execute: ClientTools[string]['execute'],
  { signal, ...options }: { signal?: AbortSignal; onEvent?: (event: AgentEvent) => void } = {},
) {
  const client = createAgentClient({ url, fetch: agent.fetch });
  const tools: ClientTools = { look: { description: 'Looks', execute } };
  const conversation: Conversation<{ step: number }> = createConversation({
    ...options,
    initialState: { step: 0 },
    client: {
      ...client,
      run: (input, runOptions) =>
        runWithTools(
          client,
          input as Partial<RunAgentInput>,
          { ...runOptions, ...(signal && { signal }) },
          tools,
          8,
          () => conversation.export(),
        ),
    },
  });
  return conversation;
}

function call(request: AgentRequest, ...ids: string[]): void {
  request.start();
  for (const toolCallId of ids) {
    request.emit(
      { type: 'TOOL_CALL_START', toolCallId, toolCallName: 'look' },
      { type: 'TOOL_CALL_END', toolCallId },
    );
  }
}

const text = (messageId: string, delta: string): AgentEvent[] => [
  { type: 'TEXT_MESSAGE_START', messageId },
  { type: 'TEXT_MESSAGE_CONTENT', messageId, delta },
  { type: 'TEXT_MESSAGE_END', messageId },
];

/** Role and content of each message but the question; of calls their ids. */
const said = (request: AgentRequest) =>
  request.input.messages.slice(1).map((message) => {
    const calls = message.role === 'assistant' && message.toolCalls?.map(({ id }) => id);
    const answered = message.role === 'tool' && [message.toolCallId];
    return [message.role, message.content, ...(calls || answered || [])];
  });

test('a run that has ended leaves no listener on the signal it was given', async () => {
  const agent = createFakeAgent();
  const { signal } = new AbortController();
  const added = vi.spyOn(signal, 'addEventListener');
  const removed = vi.spyOn(signal, 'removeEventListener');
  const ended = converse(agent, () => 'ok', { signal }).send('q');
  const [, listener] = added.mock.calls[0] ?? [];
  (await agent.request(0)).reply('x');
  await ended;
  expect(removed).toHaveBeenCalledWith('abort', listener);
});

test('a stopped run ends also when a tool ignores its signal', async () => {
  const agent = createFakeAgent();
  const execute = vi.fn(() => new Promise(() => {}));
  const conversation = converse(agent, execute);
  const ended = conversation.send('q');
  const request = await agent.request(0);
  call(request, 'c1');
  request.finish();
  await vi.waitFor(() => expect(execute).toHaveBeenCalled(), { timeout: 15_000 });
  conversation.stop();
  expect(await ended).toMatchObject({ status: 'cancelled' });
  expect(agent.posts).toHaveLength(1);
});

test('only the calls that the agent waits for are answered, also in later rounds', async () => {
  for (const pendingToolCallIds of [['c2'], []]) {
    const agent = createFakeAgent();
    const execute = vi.fn((_args: unknown, { toolCallId }: { toolCallId: string }) => toolCallId);
    const ended = converse(agent, execute).send('q');
    const request = await agent.request(0);
    call(request, 'c1', 'c2');
    request.finish({ type: 'success', pendingToolCallIds });
    if (pendingToolCallIds.length) (await agent.request(1)).reply('done');
    await ended;
    expect(execute.mock.results.map(({ value }) => value)).toEqual(pendingToolCallIds);
    expect(agent.posts).toHaveLength(1 + pendingToolCallIds.length);
  }
});

describe('a follow-up round', () => {
  test('is sent the state that the rounds before have made', async () => {
    const agent = createFakeAgent();
    const ended = converse(agent, () => 'ok').send('q');
    const first = await agent.request(0);
    call(first, 'c1');
    first.emit({ type: 'STATE_SNAPSHOT', snapshot: { step: 1 } });
    first.finish();
    const second = await agent.request(1);
    expect([first, second].map(({ input }) => input.state)).toEqual([{ step: 0 }, { step: 1 }]);
    call(second, 'c2');
    second.emit({ type: 'STATE_DELTA', delta: [{ op: 'replace', path: '/step', value: 2 }] });
    second.finish();
    const third = await agent.request(2);
    expect(third.input.state).toEqual({ step: 2 });
    third.reply('done');
    await ended;
  });

  test.each<[string, (delta: string) => AgentEvent[]]>([
    ['of whole messages', (delta) => text('m1', delta)],
    ['without an end', (delta) => text('m1', delta).slice(0, 2)],
    ['of chunks', (delta) => [{ type: 'TEXT_MESSAGE_CHUNK', messageId: 'm1', delta }]],
  ])('keeps apart what each round calls alike: %s', async (_of, say) => {
    const agent = createFakeAgent();
    const execute = vi.fn((args: unknown) => JSON.stringify(args));
    const ended = converse(agent, execute).send('q');
    for (const round of [0, 1]) {
      const request = await agent.request(round);
      request.start();
      request.emit(...say(`text ${round}`), {
        type: 'TOOL_CALL_CHUNK',
        toolCallId: 'c1',
        toolCallName: 'look',
        parentMessageId: 'm1',
        delta: `[${round}]`,
      });
      request.finish({ type: 'success', pendingToolCallIds: ['c1'] });
    }
    const last = await agent.request(2);
    const again = `${agent.requests[0]?.input.runId}/c1`;
    expect(said(last)).toEqual([
      ['assistant', 'text 0', 'c1'],
      ['tool', '[0]', 'c1'],
      ['assistant', 'text 1', again],
      ['tool', '[1]', again],
    ]);
    const ids = last.input.messages.map(({ id }) => id);
    expect(new Set(ids).size).toBe(5);
    last.reply('done');
    await ended;
  });

  test('does not write its text into the message that only called a tool', async () => {
    const agent = createFakeAgent();
    const conversation = converse(agent, () => 'ok');
    const ended = conversation.send('q');
    const first = await agent.request(0);
    first.start();
    first.emit(
      { type: 'TOOL_CALL_START', toolCallId: 'c1', toolCallName: 'look', parentMessageId: 'm1' },
      { type: 'TOOL_CALL_END', toolCallId: 'c1' },
    );
    first.finish();
    const second = await agent.request(1);
    second.start();
    second.emit(...text('m1', 'Clear'));
    second.finish();
    await ended;
    void conversation.send('more');
    expect(said(await agent.request(2)).slice(0, 3)).toEqual([
      ['assistant', undefined, 'c1'],
      ['tool', 'ok', 'c1'],
      ['assistant', 'Clear'],
    ]);
    conversation.stop();
  });

  test('begins when all is ended that the round before has left open', async () => {
    const agent = createFakeAgent();
    const onEvent = vi.fn();
    const ended = converse(agent, () => 'ok', { onEvent }).send('q');
    const first = await agent.request(0);
    first.emit(
      { type: 'ACTIVITY_SNAPSHOT', messageId: 'a', activityType: 'plan', content: {} },
      { type: 'REASONING_MESSAGE_CHUNK', messageId: 'r', delta: 'hm' },
      { type: 'TOOL_CALL_CHUNK', toolCallId: 'c1', toolCallName: 'look' },
      { type: 'TOOL_CALL_CHUNK', toolCallId: 'c2', toolCallName: 'its own' },
    );
    first.finish();
    const second = await agent.request(1);
    expect(onEvent.mock.calls.slice(4).map(([event]) => event)).toMatchObject([
      { type: 'REASONING_MESSAGE_END', messageId: 'r' },
      { type: 'TOOL_CALL_END', toolCallId: 'c1' },
      { type: 'TEXT_MESSAGE_END', messageId: 'c1' },
      { type: 'TOOL_CALL_END', toolCallId: 'c2' },
      { type: 'TEXT_MESSAGE_END', messageId: 'c2' },
      { type: 'TOOL_CALL_RESULT', toolCallId: 'c1', content: 'ok' },
    ]);
    expect(said(second)).toEqual([
      ['reasoning', 'hm'],
      ['assistant', undefined, 'c1'],
      ['tool', 'ok', 'c1'],
      ['assistant', undefined, 'c2'],
    ]);
    second.reply('done');
    await ended;
  });

  test('is sent what MESSAGES_SNAPSHOT says, errors of tools included; its calls are not executed', async () => {
    const agent = createFakeAgent();
    const execute = vi.fn((_args: unknown, { toolCallId }: { toolCallId: string }) => toolCallId);
    const ended = converse(agent, execute).send('q');
    const first = await agent.request(0);
    call(first, 'c1', 'c2');
    const asked = (...ids: string[]): Message => ({
      id: `m-${ids[0]}`,
      role: 'assistant',
      toolCalls: ids.map((id) => ({
        id,
        type: 'function',
        function: { name: 'look', arguments: '' },
      })),
    });
    const failed: Message = { id: 't', role: 'tool', toolCallId: 'c1', content: '', error: 'No' };
    first.emit({
      type: 'MESSAGES_SNAPSHOT',
      messages: [asked('c0'), { id: 'q', role: 'user', content: 'q?' }, asked('c1', 'c2'), failed],
    });
    first.finish();
    const second = await agent.request(1);
    expect(execute.mock.results.map(({ value }) => value)).toEqual(['c2']);
    expect(second.input.messages).toMatchObject([
      { id: 'm-c0' },
      { id: 'q', content: 'q?' },
      { id: 'm-c1' },
      failed,
      { role: 'tool', toolCallId: 'c2', content: 'c2' },
    ]);
    second.reply('done');
    await ended;
  });

  test('is told what a tool has thrown', async () => {
    const agent = createFakeAgent();
    const execute = vi.fn(() => {
      throw new Error('too dark');
    });
    const ended = converse(agent, execute).send('q');
    const first = await agent.request(0);
    call(first, 'c1');
    first.finish();
    const second = await agent.request(1);
    expect(said(second)).toEqual([
      ['assistant', undefined, 'c1'],
      ['tool', 'Tool failed: too dark', 'c1'],
    ]);
    second.reply('done');
    expect(await ended).toMatchObject({ status: 'finished' });
    expect(execute).toHaveBeenCalledTimes(1);
  });

  test('that is stopped goes along with the next question as far as it came', async () => {
    const agent = createFakeAgent();
    const execute = vi.fn(() => 'ok');
    const conversation = converse(agent, execute);
    const ended = conversation.send('q');
    const first = await agent.request(0);
    first.start();
    first.emit(...text('m1', 'one'));
    call(first, 'c1');
    first.finish();
    const second = await agent.request(1);
    second.start();
    second.emit(...text('m1', 'tw').slice(0, 2), {
      type: 'TOOL_CALL_START',
      toolCallId: 'c2',
      toolCallName: 'look',
    });
    await vi.waitFor(() => expect(conversation.export().messages).toHaveLength(5), {
      timeout: 15_000,
    });
    conversation.stop();
    expect(await ended).toMatchObject({ status: 'cancelled' });
    void conversation.send('more');
    expect(said(await agent.request(2))).toEqual([
      ['assistant', 'one'],
      ['assistant', undefined, 'c1'],
      ['tool', 'ok', 'c1'],
      ['assistant', 'tw'],
      ['user', 'more'],
    ]);
    expect(execute).toHaveBeenCalledTimes(1);
    conversation.stop();
  });
});
