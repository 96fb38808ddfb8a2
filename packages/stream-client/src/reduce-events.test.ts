import type { AgentEvent, Message } from '@magi/stream-protocol';
import { describe, expect, test } from 'vitest';
import { fromMessages, toMessages } from './chat-messages';
import { createReducer } from './reduce-events';
import { call, storeOf } from './test/reduce';

const reduce = (events: AgentEvent[]) => storeOf(events).view;
describe('ids that coincide', () => {
  test('a subagent, its message and its call may have one id', () => {
    const { messages, subagents } = reduce([
      { type: 'SUBAGENT_STARTED', subagentRunId: '1', name: 'caspar' },
      { type: 'TEXT_MESSAGE_START', messageId: '1', subagentRunId: '1' },
      { type: 'TEXT_MESSAGE_CONTENT', messageId: '1', delta: 'Let me look', subagentRunId: '1' },
      { type: 'TEXT_MESSAGE_END', messageId: '1', subagentRunId: '1' },
      {
        type: 'TOOL_CALL_START',
        toolCallId: '1',
        toolCallName: 'search',
        parentMessageId: '1',
        subagentRunId: '1',
      },
      { type: 'SUBAGENT_FINISHED', subagentRunId: '1', result: 42 },
    ]);
    expect(subagents).toMatchObject([{ subagentRunId: '1', state: 'finished', result: 42 }]);
    expect(messages).toMatchObject([{ id: '1', text: 'Let me look', toolCalls: [{ id: '1' }] }]);
  });

  test('a call without a parent that is used again is another call', () => {
    const round = (delta: string, content: string): AgentEvent[] => [
      { type: 'TOOL_CALL_START', toolCallId: 'c1', toolCallName: 'search' },
      { type: 'TOOL_CALL_ARGS', toolCallId: 'c1', delta },
      { type: 'TOOL_CALL_END', toolCallId: 'c1' },
      { type: 'TOOL_CALL_RESULT', toolCallId: 'c1', messageId: content, content },
    ];
    const { messages } = reduce([...round('{"q":1}', 'one'), ...round('{"q":2}', 'two')]);
    expect(messages.flatMap(({ toolCalls }) => toolCalls)).toMatchObject([
      { id: 'c1', argumentsText: '{"q":1}', result: 'one' },
      { id: 'r1/c1', argumentsText: '{"q":2}', result: 'two' },
    ]);
  });

  test('chunks go on with what a snapshot told of', () => {
    const { messages } = reduce([
      { type: 'TEXT_MESSAGE_CHUNK', messageId: 'm0', delta: 'Hm' },
      { type: 'TOOL_CALL_CHUNK', toolCallId: 'c1', toolCallName: 's', delta: '{"q":' },
      {
        type: 'MESSAGES_SNAPSHOT',
        messages: [
          { id: 'm1', role: 'assistant', content: 'Hel' },
          {
            id: 'm2',
            role: 'assistant',
            toolCalls: [
              { id: 'c1', type: 'function', function: { name: 's', arguments: '{"q":' } },
            ],
          },
        ],
      },
      { type: 'TEXT_MESSAGE_CHUNK', messageId: 'm1', delta: 'lo' },
      { type: 'TOOL_CALL_CHUNK', toolCallId: 'c1', delta: '1}' },
    ]);
    expect(messages).toMatchObject([
      { id: 'm1', text: 'Hello' },
      { id: 'm2', toolCalls: [{ id: 'c1', argumentsText: '{"q":1}' }] },
    ]);
  });
});

describe('messages', () => {
  test('text and reasoning are messages of their own, attributed to run and subagent', () => {
    const { messages } = reduce([
      { type: 'REASONING_START', messageId: 'x' },
      { type: 'REASONING_MESSAGE_START', messageId: 'x', role: 'reasoning' },
      { type: 'REASONING_MESSAGE_CONTENT', messageId: 'x', delta: 'Hm' },
      { type: 'REASONING_MESSAGE_END', messageId: 'x' },
      { type: 'REASONING_END', messageId: 'x' },
      { type: 'REASONING_ENCRYPTED_VALUE', subtype: 'message', entityId: 'x', encryptedValue: 'e' },
      { type: 'TEXT_MESSAGE_START', messageId: 'm1', name: 'Caspar', subagentRunId: 's1' },
      { type: 'TEXT_MESSAGE_CONTENT', messageId: 'm1', delta: 'Yes', subagentRunId: 's1' },
    ]);
    expect(messages).toMatchObject([
      {
        id: 'x',
        role: 'reasoning',
        text: 'Hm',
        state: 'complete',
        encryptedValue: 'e',
        runId: 'r1',
      },
      {
        id: 'm1',
        role: 'assistant',
        text: 'Yes',
        state: 'streaming',
        name: 'Caspar',
        subagentRunId: 's1',
      },
    ]);
  });

  test('chunks without an id go on with the message before', () => {
    const { messages } = reduce([
      { type: 'TEXT_MESSAGE_CHUNK', messageId: 'm1', role: 'assistant', delta: 'a' },
      { type: 'TEXT_MESSAGE_CHUNK', delta: 'b' },
      { type: 'REASONING_MESSAGE_CHUNK', messageId: 'x', delta: 'c' },
      { type: 'REASONING_MESSAGE_CHUNK', delta: 'd' },
      {
        type: 'TOOL_CALL_CHUNK',
        toolCallId: 'c1',
        toolCallName: 'search',
        parentMessageId: 'm1',
        delta: '{',
      },
      { type: 'TOOL_CALL_CHUNK', delta: '}' },
    ]);
    expect(messages.map(({ role, text }) => [role, text])).toEqual([
      ['assistant', 'ab'],
      ['reasoning', 'cd'],
    ]);
    expect(messages[0]?.toolCalls).toMatchObject([
      { id: 'c1', name: 'search', argumentsText: '{}' },
    ]);
  });

  test('MESSAGES_SNAPSHOT replaces, and keeps what says the same', () => {
    const store = storeOf(
      [],
      [
        { id: 'u1', role: 'user', content: 'Hi' },
        { id: 'gone', role: 'user', content: 'x' },
      ],
    );
    const [before] = store.view.messages;
    createReducer(store, 'r1').apply({
      type: 'MESSAGES_SNAPSHOT',
      messages: [
        { id: 'u1', role: 'user', content: 'Hi' },
        { id: 'a1', role: 'assistant', content: 'Hello' },
      ],
    });
    const { messages } = store.view;
    expect(messages.map(({ id }) => id)).toEqual(['u1', 'a1']);
    expect(messages[0]).toBe(before);
  });

  test('activities are shown and patched', () => {
    const { messages } = reduce([
      { type: 'ACTIVITY_SNAPSHOT', messageId: 'p', activityType: 'PLAN', content: { steps: [1] } },
      {
        type: 'ACTIVITY_DELTA',
        messageId: 'p',
        activityType: 'PLAN',
        patch: [{ op: 'add', path: '/steps/-', value: 2 }],
      },
      {
        type: 'ACTIVITY_SNAPSHOT',
        messageId: 'p',
        activityType: 'PLAN',
        content: {},
        replace: false,
      },
    ]);
    expect(messages).toMatchObject([
      { role: 'activity', activity: { type: 'PLAN', content: { steps: [1, 2] } } },
    ]);
  });
});

describe('tool calls', () => {
  test('belong to the message that parentMessageId names, which is made when it is not there', () => {
    const { messages } = reduce(call);
    expect(messages).toMatchObject([
      {
        id: 'm1',
        role: 'assistant',
        text: '',
        toolCalls: [{ id: 'c1', name: 'search', argumentsText: '{"q":1}', state: 'streaming' }],
      },
    ]);
  });

  test('are called, then answered', () => {
    const { messages } = reduce([
      ...call,
      { type: 'TOOL_CALL_END', toolCallId: 'c1' },
      { type: 'TOOL_CALL_RESULT', messageId: 't1', toolCallId: 'c1', content: 'found' },
    ]);
    expect(messages).toHaveLength(1);
    expect(messages[0]?.toolCalls[0]).toMatchObject({
      state: 'answered',
      result: 'found',
      resultId: 't1',
    });
  });

  test('that break off fail with their run', () => {
    const store = storeOf(call);
    store.settle('failed');
    expect(store.view.messages[0]).toMatchObject({
      state: 'failed',
      toolCalls: [{ state: 'failed' }],
    });
  });
});

test('subagents start, finish, fail, and may be degraded', () => {
  const { subagents } = reduce([
    { type: 'SUBAGENT_STARTED', subagentRunId: 's1', name: 'caspar' },
    { type: 'SUBAGENT_STARTED', subagentRunId: 's2', name: 'balthasar', parentSubagentRunId: 's1' },
    { type: 'CUSTOM', name: 'magi.degraded', value: { reason: 'timeout' }, subagentRunId: 's2' },
    { type: 'SUBAGENT_ERROR', subagentRunId: 's2', message: 'Too late', code: 'TIMEOUT' },
    { type: 'SUBAGENT_FINISHED', subagentRunId: 's1', result: { vote: 'yes' } },
  ]);
  expect(subagents).toEqual([
    {
      subagentRunId: 's1',
      name: 'caspar',
      state: 'finished',
      runId: 'r1',
      result: { vote: 'yes' },
    },
    {
      subagentRunId: 's2',
      name: 'balthasar',
      parentSubagentRunId: 's1',
      state: 'failed',
      runId: 'r1',
      error: { message: 'Too late', code: 'TIMEOUT' },
      degraded: { reason: 'timeout' },
    },
  ]);
});

test('citations, files and trace steps find their places; steps are updated by id', () => {
  const step = { id: 'x', kind: 'orchestration', label: 'Searching' };
  const { messages, trace } = reduce([
    { type: 'TEXT_MESSAGE_CONTENT', messageId: 'm1', delta: 'a' },
    { type: 'CUSTOM', name: 'magi.citation', value: { messageId: 'm1', id: 'k1', title: 'T' } },
    { type: 'CUSTOM', name: 'magi.file', value: { id: 'f1', name: 'a.csv', mimeType: 'text/csv' } },
    { type: 'CUSTOM', name: 'magi.trace', value: { ...step, status: 'started' } },
    { type: 'CUSTOM', name: 'magi.trace', value: { ...step, status: 'finished', durationMs: 5 } },
    {
      type: 'CUSTOM',
      name: 'magi.trace',
      value: { ...step, status: 'started' },
      subagentRunId: 's1',
    },
  ]);
  expect(messages).toMatchObject([{ citations: [{ id: 'k1' }], files: [{ id: 'f1' }] }]);
  expect(trace).toEqual([
    { ...step, status: 'finished', durationMs: 5, runId: 'r1' },
    { ...step, status: 'started', runId: 'r1', subagentRunId: 's1' },
  ]);
});

test('payloads of CUSTOM events that are not what they should be change nothing', () => {
  const names = ['magi.citation', 'magi.trace', 'magi.file', 'magi.degraded', 'other'];
  const events = names.flatMap((name) =>
    [null, 'x', 7, {}].map((value): AgentEvent => ({ type: 'CUSTOM', name, value })),
  );
  const { messages, trace } = reduce(events);
  expect(messages).toEqual([]);
  expect(trace).toEqual([]);
});

test('state is set and patched', () => {
  const { state } = reduce([
    { type: 'STATE_SNAPSHOT', snapshot: { votes: {} } },
    { type: 'STATE_DELTA', delta: [{ op: 'add', path: '/votes/caspar', value: 'yes' }] },
  ]);
  expect(state).toEqual({ votes: { caspar: 'yes' } });
});

describe('toMessages()', () => {
  const history: Message[] = [
    { id: 's', role: 'system', content: 'Be brief' },
    { id: 'u', role: 'user', content: [{ type: 'text', text: 'Hi' }] },
    { id: 'x', role: 'reasoning', content: 'Hm', encryptedValue: 'e' },
    {
      id: 'a',
      role: 'assistant',
      content: 'Hello',
      toolCalls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: '{}' } }],
    },
    { id: 't', role: 'tool', toolCallId: 'c', content: 'result' },
  ];

  test('gives back what fromMessages() read', () => {
    expect(toMessages(fromMessages(history))).toEqual(history);
  });

  test('leaves out activities, empty answers and calls that broke off', () => {
    const store = storeOf([
      { type: 'ACTIVITY_SNAPSHOT', messageId: 'p', activityType: 'PLAN', content: {} },
      { type: 'TEXT_MESSAGE_START', messageId: 'empty' },
      ...call,
    ]);
    store.settle('stopped');
    expect(toMessages(store.view.messages)).toEqual([]);
  });
});

test('no field of a message is lost on its way through', () => {
  const common = { metadata: { a: 1 }, subagentRunId: 's1' };
  const spoken = { ...common, name: 'n', encryptedValue: 'e' };
  const history: Message[] = [
    { ...spoken, id: 'd', role: 'developer', content: 'x' },
    { ...spoken, id: 's', role: 'system', content: 'x' },
    { ...spoken, id: 'u', role: 'user', content: 'x' },
    { ...common, id: 'r', role: 'reasoning', content: 'x', encryptedValue: 'e' },
    {
      ...spoken,
      id: 'a',
      role: 'assistant',
      content: 'x',
      toolCalls: [
        {
          id: 'c',
          type: 'function',
          function: { name: 'f', arguments: '{}' },
          encryptedValue: 'e',
          metadata: { b: 2 },
        },
      ],
    },
    {
      ...common,
      id: 't',
      role: 'tool',
      toolCallId: 'c',
      content: '',
      error: 'No',
      encryptedValue: 'e',
    },
    { ...common, id: 'o', role: 'tool', toolCallId: 'other', content: 'x', error: 'No' },
  ];
  expect(toMessages(fromMessages(history))).toEqual(history);
});
