import type { AgentEvent, Interrupt } from '@magi/stream-protocol';
import { describe, expect, test } from 'vitest';
import type { ChatMessage } from './conversation-types';
import { createReducer } from './reduce-events';
import { storeOf } from './test/reduce';

const start = (toolCallId: string, parentMessageId = `m-${toolCallId}`): AgentEvent => ({
  type: 'TOOL_CALL_START',
  toolCallId,
  toolCallName: 'look',
  parentMessageId,
});
const end = (toolCallId: string): AgentEvent => ({ type: 'TOOL_CALL_END', toolCallId });
const result = (toolCallId: string, content: string): AgentEvent => ({
  type: 'TOOL_CALL_RESULT',
  messageId: `t-${content}`,
  toolCallId,
  content,
});
const started = (subagentRunId: string): AgentEvent => ({
  type: 'SUBAGENT_STARTED',
  subagentRunId,
  name: 'caspar',
});
const suspended = (subagentRunId: string): AgentEvent => ({
  type: 'SUBAGENT_FINISHED',
  subagentRunId,
  outcome: { type: 'suspended' },
});
const text = (messageId: string, delta: string): AgentEvent[] => [
  { type: 'TEXT_MESSAGE_START', messageId },
  { type: 'TEXT_MESSAGE_CONTENT', messageId, delta },
  { type: 'TEXT_MESSAGE_END', messageId },
];

/** Applies each list of events as a run of its own: r1, r2, … */
function runs(...lists: AgentEvent[][]) {
  const [first = [], ...rest] = lists;
  const store = storeOf(first);
  let reducer = createReducer(store, 'r1');
  for (const [i, events] of rest.entries()) {
    store.settle('complete');
    reducer = createReducer(store, `r${i + 2}`);
    for (const event of events) reducer.apply(event);
  }
  return { store, reducer, view: store.view };
}
const callsOf = ({ messages }: { messages: readonly ChatMessage[] }) =>
  messages.flatMap(({ toolCalls }) => toolCalls.map(({ id, result }) => [id, result]));

describe('what an id means that an earlier run has used', () => {
  const asked = runs(
    [start('c1'), end('c1'), result('c1', 'one')],
    [start('c1'), end('c1')],
    [result('c1', 'two')],
  );

  test('a result comes to the latest call that has none', () => {
    expect(callsOf(asked.view)).toEqual([
      ['c1', 'one'],
      ['r2/c1', 'two'],
    ]);
  });

  test('an earlier call without a result gets it when the later one has its own', () => {
    const { view } = runs(
      [start('c1'), end('c1')],
      [start('c1'), end('c1'), result('c1', 'two')],
      [result('c1', 'one')],
    );
    expect(callsOf(view)).toEqual([
      ['c1', 'one'],
      ['r2/c1', 'two'],
    ]);
  });

  test('an interrupt names the call and the subagent as the store does', () => {
    const first = [started('s1'), start('c1'), { type: 'SUBAGENT_FINISHED', subagentRunId: 's1' }];
    const { view, reducer } = runs(first as AgentEvent[], [
      started('s1'),
      start('c1'),
      suspended('s1'),
    ]);
    const asking = { id: 'i1', reason: 'approval', toolCallId: 'c1', subagentRunId: 's1' };
    const other: Interrupt = { id: 'i2', reason: 'input' };
    expect([asking, other].map(reducer.named)).toEqual([
      { ...asking, toolCallId: 'r2/c1', subagentRunId: 'r2/s1' },
      other,
    ]);
    expect(callsOf(view).map(([id]) => id)).toContain('r2/c1');
  });

  test('a subagent goes on that was suspended under a name of its own', () => {
    const { view } = runs(
      [started('s1'), { type: 'SUBAGENT_FINISHED', subagentRunId: 's1' }],
      [started('s1'), suspended('s1')],
      [started('s1')],
    );
    expect(view.subagents.map(({ subagentRunId, state }) => [subagentRunId, state])).toEqual([
      ['s1', 'finished'],
      ['r2/s1', 'running'],
    ]);
  });

  test('an id may hold that of its run', () => {
    const { store } = runs(text('r1/m1', 'one'), [...text('r2/m1', 'two'), ...text('r2/m1', 'th')]);
    store.settle('complete');
    createReducer(store, 'r2').apply({
      type: 'TEXT_MESSAGE_CONTENT',
      messageId: 'r2/m1',
      delta: 'ree',
    });
    expect(store.view.messages.map(({ id, text }) => [id, text])).toEqual([
      ['r1/m1', 'one'],
      ['r2/m1', 'two'],
      ['r2/r2/m1', 'three'],
    ]);
  });
});

test('names do not grow with the rounds, also when a run is resumed', () => {
  const round = (i: number) => [...text('m1', `${i}`), start('c1', 'm1'), result('c1', `${i}`)];
  const { store } = runs([...round(0), ...round(1), ...round(2)]);
  const { apply } = createReducer(store, 'r1');
  for (const event of [...round(3), ...round(4)]) apply(event);
  const { messages } = store.view;
  expect(messages.map(({ text }) => text)).toEqual(['0', '1', '2', '3', '4']);
  expect(callsOf(store.view).map(([, result]) => result)).toEqual(['0', '1', '2', '3', '4']);
  for (const names of [messages.map(({ id }) => id), callsOf(store.view).map(([id]) => id ?? '')]) {
    expect(new Set(names).size).toBe(5);
    for (const name of names.slice(1)) expect(name).toMatch(/^(\d\/)?r1\/[mc]1$/);
  }
});

describe('a later round of a run that speaks by chunks', () => {
  const chunk = (messageId: string, delta: string, subagentRunId?: string): AgentEvent => ({
    type: 'TEXT_MESSAGE_CHUNK',
    messageId,
    delta,
    ...(subagentRunId && { subagentRunId }),
  });
  const texts = (...events: AgentEvent[]) =>
    runs(events).view.messages.map(({ text, toolCalls }) => [text, toolCalls.length]);

  test('begins a message of its own under the same id', () => {
    const call = [start('c1', 'm1'), end('c1')];
    expect(
      texts(chunk('m1', 'one'), ...call, result('c1', 'x'), chunk('m1', 'tw'), chunk('m1', 'o')),
    ).toEqual([
      ['one', 1],
      ['two', 0],
    ]);
  });

  test('goes on with what others say meanwhile, and what no answer has interrupted', () => {
    const trace: AgentEvent = { type: 'CUSTOM', name: 'other', value: {} };
    const events = [chunk('m1', 'o'), trace, chunk('m1', 'ne'), chunk('m2', 'Hel', 's1')];
    expect(texts(...events, start('c1', 'm1'), result('c1', 'x'), chunk('m2', 'lo', 's1'))).toEqual(
      [
        ['one', 1],
        ['Hello', 0],
      ],
    );
  });
});

describe('a subagent that waits for an answer', () => {
  const waiting = [started('s1'), suspended('s1')];
  const begun: AgentEvent = { type: 'RUN_STARTED', threadId: 't1', runId: 'r2' };
  const states = ({ view }: ReturnType<typeof runs>) => view.subagents.map(({ state }) => state);

  test('waits as long as no run has taken the answer', () => {
    expect(states(runs(waiting, []))).toEqual(['suspended']);
  });

  test.each([
    ['stopped', 'failed'],
    ['complete', 'finished'],
  ] as const)('ends with the run that took the answer: %s', (to, state) => {
    const set = runs(waiting, [begun]);
    set.store.settle(to);
    expect(states(set)).toEqual([state]);
  });

  test('may ask again', () => {
    const set = runs(waiting, [begun, ...waiting]);
    set.store.settle('complete');
    expect(states(set)).toEqual(['suspended']);
  });
});
