import type { AgentEvent } from '@magi/stream-protocol';
import { describe, expect, test } from 'vitest';
import { createReducer } from './reduce-events';
import { call, storeOf } from './test/reduce';

const reduce = (events: AgentEvent[]) => storeOf(events).view;

describe('ids that were used before', () => {
  const text = (type: 'START' | 'END', messageId: string): AgentEvent =>
    ({ type: `TEXT_MESSAGE_${type}`, messageId }) as AgentEvent;
  const said = (delta: string): AgentEvent => ({
    type: 'TEXT_MESSAGE_CONTENT',
    messageId: 'm1',
    delta,
  });
  const firstRun: AgentEvent[] = [text('START', 'm1'), said('one'), text('END', 'm1')];
  function afterRun(events: AgentEvent[]) {
    const store = storeOf(events);
    store.settle('complete');
    const run = (...more: AgentEvent[]) => {
      const { apply } = createReducer(store, 'r2');
      for (const event of more) apply(event);
      return store.view;
    };
    return { store, run };
  }
  const texts = ({ messages }: { messages: readonly { id: string; text: string }[] }) =>
    messages.map(({ id, text }) => [id, text]);

  test('a reducer made later, for a run that is resumed, goes on with the run’s own message', () => {
    const { store, run } = afterRun(firstRun);
    run(text('START', 'm1'), said('tw'));
    store.settle('failed');
    store.settle('streaming', 'r2');
    expect(texts(run(said('o')))).toEqual([
      ['m1', 'one'],
      ['r2/m1', 'two'],
    ]);
  });

  test('chunks begin a message of their own, and go on with it, also anonymously in a resumed run', () => {
    const { store, run } = afterRun(firstRun);
    const chunk: AgentEvent = { type: 'TEXT_MESSAGE_CHUNK', messageId: 'm1', delta: 't' };
    run(chunk, { type: 'TEXT_MESSAGE_CHUNK', delta: 'w' });
    store.settle('failed');
    store.settle('streaming', 'r2');
    const view = run({ type: 'TEXT_MESSAGE_CHUNK', delta: 'o' }, { ...chunk, delta: '!' });
    expect(texts(view)).toEqual([
      ['m1', 'one'],
      ['r2/m1', 'two!'],
    ]);
  });

  test('a later round of the same run begins messages and calls anew', () => {
    const { view } = storeOf([
      ...firstRun,
      ...call,
      { type: 'TOOL_CALL_END', toolCallId: 'c1' },
      { type: 'TOOL_CALL_RESULT', messageId: 't1', toolCallId: 'c1', content: 'found' },
      text('START', 'm1'),
      said('two'),
      ...call,
    ]);
    expect(texts(view)).toEqual([
      ['m1', 'one'],
      ['r1/m1', 'two'],
    ]);
    expect(view.messages.map(({ toolCalls }) => toolCalls)).toMatchObject([
      [{ id: 'c1', argumentsText: '{"q":1}', result: 'found' }],
      [{ id: 'r1/c1', argumentsText: '{"q":1}', state: 'streaming' }],
    ]);
  });

  test('a call whose parent nobody opened does not join the message of another run', () => {
    const { run } = afterRun(firstRun);
    const { messages } = run(...call);
    expect(messages.map(({ id, toolCalls }) => [id, toolCalls.length])).toEqual([
      ['m1', 0],
      ['r2/m1', 1],
    ]);
  });

  test('a result comes to the call of an earlier run, and content to its message', () => {
    const { run } = afterRun([...firstRun, ...call, { type: 'TOOL_CALL_END', toolCallId: 'c1' }]);
    const { messages } = run(
      { type: 'TOOL_CALL_RESULT', messageId: 't1', toolCallId: 'c1', content: 'found' },
      said(' more'),
    );
    expect(messages).toMatchObject([
      { id: 'm1', text: 'one more', toolCalls: [{ id: 'c1', result: 'found' }] },
    ]);
  });

  test('encrypted reasoning does not replace that of another run', () => {
    const secret = (encryptedValue: string): AgentEvent => ({
      type: 'REASONING_ENCRYPTED_VALUE',
      subtype: 'message',
      entityId: 'x',
      encryptedValue,
    });
    const { run } = afterRun([secret('a')]);
    expect(run(secret('b')).messages).toMatchObject([
      { id: 'x', encryptedValue: 'a' },
      { id: 'r2/x', encryptedValue: 'b' },
    ]);
  });

  test('a subagent that finished is another; one that was suspended or failed goes on', () => {
    const started = (subagentRunId: string): AgentEvent => ({
      type: 'SUBAGENT_STARTED',
      subagentRunId,
      name: 'caspar',
    });
    const { run } = afterRun([
      ...['s1', 's2', 's3'].map(started),
      { type: 'SUBAGENT_FINISHED', subagentRunId: 's1' },
      { type: 'SUBAGENT_FINISHED', subagentRunId: 's2', outcome: { type: 'suspended' } },
      { type: 'SUBAGENT_ERROR', subagentRunId: 's3', message: 'Too late' },
    ]);
    const { subagents, messages } = run(
      ...['s1', 's2', 's3'].map(started),
      { type: 'TEXT_MESSAGE_START', messageId: 'm1', subagentRunId: 's1' },
      { type: 'SUBAGENT_FINISHED', subagentRunId: 's3' },
    );
    expect(
      subagents.map(({ subagentRunId, state, error }) => [subagentRunId, state, error]),
    ).toEqual([
      ['s1', 'finished', undefined],
      ['s2', 'running', undefined],
      ['s3', 'finished', undefined],
      ['r2/s1', 'running', undefined],
    ]);
    expect(messages).toMatchObject([{ subagentRunId: 'r2/s1' }]);
  });
});

describe('settle()', () => {
  const open: AgentEvent[] = [
    { type: 'TEXT_MESSAGE_START', messageId: 'm1' },
    { type: 'TEXT_MESSAGE_END', messageId: 'm1' },
    ...call,
    { type: 'SUBAGENT_STARTED', subagentRunId: 's1', name: 'caspar' },
    { type: 'REASONING_MESSAGE_START', messageId: 'x', role: 'reasoning' },
    {
      type: 'CUSTOM',
      name: 'magi.trace',
      value: { id: 'p', kind: 'k', label: 'l', status: 'started' },
    },
  ];
  const states = ({ view }: ReturnType<typeof storeOf>) => [
    view.messages.map(({ state }) => state),
    view.messages[0]?.toolCalls[0]?.state,
    view.subagents[0]?.state,
    view.trace[0]?.status,
  ];

  test('leaves nothing open', () => {
    const store = storeOf(open);
    store.settle('stopped');
    expect(states(store)).toEqual([['complete', 'stopped'], 'failed', 'failed', 'failed']);
    const finished = storeOf(open);
    finished.settle('complete');
    expect(states(finished)).toEqual([['complete', 'complete'], 'called', 'finished', 'finished']);
  });

  test('a run that is resumed goes on with what its failure had ended', () => {
    const store = storeOf([
      ...open,
      { type: 'SUBAGENT_STARTED', subagentRunId: 's2', name: 'melchior' },
      { type: 'SUBAGENT_ERROR', subagentRunId: 's2', message: 'Too late' },
    ]);
    store.settle('failed');
    store.settle('streaming', 'r1');
    expect(states(store).slice(0, 3)).toEqual([['complete', 'streaming'], 'streaming', 'running']);
    expect(store.view.subagents[1]?.state).toBe('failed');
  });
});

test.each([
  ['Yes. No.', ['k1']],
  ['Not at all', []],
])(
  'MESSAGES_SNAPSHOT keeps files and state, and the citations of a text that goes on: %s',
  (content, ids) => {
    const { messages } = reduce([
      { type: 'TEXT_MESSAGE_CHUNK', messageId: 'm1', delta: 'Yes.' },
      {
        type: 'CUSTOM',
        name: 'magi.citation',
        value: { messageId: 'm1', id: 'k1', span: { start: 0, end: 4 } },
      },
      { type: 'CUSTOM', name: 'magi.file', value: { id: 'f1', name: 'a', mimeType: 'b' } },
      { type: 'MESSAGES_SNAPSHOT', messages: [{ id: 'm1', role: 'assistant', content }] },
      { type: 'TEXT_MESSAGE_CHUNK', messageId: 'm1', delta: '!' },
    ]);
    expect(messages).toMatchObject([{ text: `${content}!`, files: [{ id: 'f1' }] }]);
    expect(messages[0]?.citations.map(({ id }) => id)).toEqual(ids);
  },
);
