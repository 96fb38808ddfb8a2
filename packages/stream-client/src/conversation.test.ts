import type { RunFinishedEvent } from '@magi/stream-protocol';
import { describe, expect, test, vi } from 'vitest';
import { createConversation } from './conversation';
import type { ConversationOptions, RunOutcomeView } from './conversation-types';
import { ProtocolError, RunError, TruncatedError } from './errors';
import { eventually } from './test/eventually';
import { answer } from './test/frames';
import { type ScriptedRun, scriptedClient, turn } from './test/scripted-client';

function setUp(options: Partial<ConversationOptions> = {}) {
  const { client, runs } = scriptedClient();
  const conversation = createConversation({ client, threadId: 't1', ...options });
  const run = (i: number): ScriptedRun => {
    const found = runs[i];
    if (!found) throw new Error(`There is no run ${i}`);
    return found;
  };
  const said = () =>
    conversation.getSnapshot().messages.map(({ role, text, state }) => [role, text, state]);
  const status = () => conversation.getSnapshot().status;
  return { conversation, runs, run, said, status };
}
const finished: RunFinishedEvent = { type: 'RUN_FINISHED', threadId: 't1', runId: 'r1' };

describe('send()', () => {
  test('shows the user message at once and the answer as it comes', async () => {
    const { conversation, run, said, status } = setUp();
    const done = conversation.send('Hi');
    expect(said()).toEqual([['user', 'Hi', 'complete']]);
    expect(status()).toBe('connecting');
    await turn();
    await run(0).send(...answer('Hel').slice(0, 3));
    await eventually(() => expect(said()[1]).toEqual(['assistant', 'Hel', 'streaming']));
    expect(status()).toBe('streaming');
    await run(0).finish(...answer('Hel', 'lo').slice(3));
    expect(await done).toMatchObject({ status: 'finished' });
    expect(said()[1]).toEqual(['assistant', 'Hello', 'complete']);
    expect(status()).toBe('idle');
  });

  test('sends the whole history, and keeps runs apart that use the same message id', async () => {
    const { conversation, run, said } = setUp();
    const first = conversation.send('Hi');
    await turn();
    await run(0).finish(...answer('One'));
    await first;
    const second = conversation.send({
      id: 'u2',
      content: [{ type: 'text', text: 'Again' }],
      name: 'Rei',
    });
    await turn();
    expect(run(1).input).toMatchObject({
      threadId: 't1',
      messages: [
        { role: 'user', content: 'Hi' },
        { id: 'm1', role: 'assistant', content: 'One' },
        { id: 'u2', role: 'user', content: [{ type: 'text', text: 'Again' }], name: 'Rei' },
      ],
    });
    await run(1).finish(...answer('Two'));
    await second;
    expect(said().map(([, text]) => text)).toEqual(['Hi', 'One', 'Again', 'Two']);
    const ids = conversation.getSnapshot().messages.map(({ id }) => id);
    expect(new Set(ids).size).toBe(4);
  });

  test('sends tools, context, forwardedProps and state with each run, the call’s before the conversation’s', async () => {
    const tools = [{ name: 'open', description: 'Opens' }];
    const { conversation, run } = setUp({
      tools,
      forwardedProps: { a: 1 },
      initialState: { n: 0 },
    });
    void conversation.send('Hi', {
      forwardedProps: { a: 2 },
      context: [{ description: 'd', value: 'v' }],
    });
    await turn();
    expect(run(0).input).toMatchObject({
      tools,
      forwardedProps: { a: 2 },
      context: [{ description: 'd', value: 'v' }],
      state: { n: 0 },
    });
    conversation.dispose();
  });

  test('a failed run is an outcome, not a rejection, and keeps the partial answer', async () => {
    const { conversation, run, said, status } = setUp();
    const done = conversation.send('Hi');
    await turn();
    await run(0).send(...answer('Hel').slice(0, 3), {
      type: 'RUN_ERROR',
      message: 'Too busy',
      code: 'THROTTLED',
    });
    const outcome = await done;
    expect(outcome.status).toBe('failed');
    expect(outcome.error).toBeInstanceOf(RunError);
    expect(status()).toBe('error');
    expect(conversation.getSnapshot().error).toBe(outcome.error);
    expect(said()[1]).toEqual(['assistant', 'Hel', 'failed']);
  });

  test('a truncated run is a failure, not an answer', async () => {
    const { conversation, run, said } = setUp();
    const done = conversation.send('Hi');
    await turn();
    await run(0).finish(...answer('Hel').slice(0, 3));
    expect((await done).error).toBeInstanceOf(TruncatedError);
    expect(said()[1]).toEqual(['assistant', 'Hel', 'failed']);
  });

  test('an event that cannot be applied fails the run and drops its connection', async () => {
    const { conversation, run } = setUp({ initialState: {} });
    const done = conversation.send('Hi');
    await turn();
    await run(0).send({ type: 'STATE_DELTA', delta: [{ op: 'remove', path: '/missing' }] });
    expect((await done).error).toBeInstanceOf(ProtocolError);
    expect(run(0).aborted).toBe(true);
  });

  test.each([undefined, 7, { text: 'x' }])('refuses the message %j', async (message) => {
    const { conversation } = setUp();
    await expect(conversation.send(message as never)).rejects.toThrow(TypeError);
  });
});

describe('the send policy', () => {
  test('queue: waits for the run, shows the message at once, below the running answer', async () => {
    const { conversation, runs, run, said } = setUp();
    const first = conversation.send('A');
    const second = conversation.send('B');
    await turn();
    await run(0).send(...answer('one').slice(0, 3));
    await eventually(() => expect(said().map(([, text]) => text)).toEqual(['A', 'one', 'B']));
    expect(runs).toHaveLength(1);
    await run(0).finish(...answer('one').slice(3));
    await first;
    await turn();
    expect(run(1).input.messages.map((message) => message.content)).toEqual(['A', 'one', 'B']);
    await run(1).finish(...answer('two'));
    expect(await second).toMatchObject({ status: 'finished' });
    expect(said().map(([, text]) => text)).toEqual(['A', 'one', 'B', 'two']);
  });

  test('drop: does nothing while a run is going on', async () => {
    const { conversation, runs, said } = setUp({ sendPolicy: 'drop' });
    void conversation.send('A');
    expect(await conversation.send('B')).toEqual({ status: 'dropped' });
    expect(said()).toHaveLength(1);
    expect(runs).toHaveLength(1);
    conversation.dispose();
  });

  test('interrupt: stops the run first', async () => {
    const { conversation, run, said } = setUp();
    const first = conversation.send('A');
    await turn();
    await run(0).send(...answer('one').slice(0, 3));
    const second = conversation.send('B', { policy: 'interrupt' });
    expect(said()).toEqual([
      ['user', 'A', 'complete'],
      ['assistant', 'one', 'stopped'],
      ['user', 'B', 'complete'],
    ]);
    expect(await first).toMatchObject({ status: 'cancelled' });
    expect(run(0).aborted).toBe(true);
    await turn();
    await run(1).finish(...answer('two'));
    await second;
    expect(said().map(([, text]) => text)).toEqual(['A', 'one', 'B', 'two']);
  });
});

describe('stop()', () => {
  test('ends the run at once, keeps the partial text and empties the queue', async () => {
    const { conversation, run, said, status } = setUp();
    const first = conversation.send('A');
    const second = conversation.send('B');
    await turn();
    await run(0).send(...answer('one').slice(0, 3));
    conversation.stop();
    expect(status()).toBe('idle');
    expect(said()).toEqual([
      ['user', 'A', 'complete'],
      ['assistant', 'one', 'stopped'],
    ]);
    expect(await first).toMatchObject({ status: 'cancelled' });
    expect(await second).toEqual({ status: 'dropped' });
    expect(run(0).aborted).toBe(true);
  });

  test('events of the stopped run that are still on their way change nothing', async () => {
    const { conversation, run, said } = setUp();
    void conversation.send('A');
    await turn();
    const sending = run(0).send(...answer('one', 'two', 'three'));
    conversation.stop();
    const next = conversation.send('B');
    await sending;
    await run(1).finish(...answer('new'));
    expect(await next).toMatchObject({ status: 'finished' });
    expect(said().map(([, text]) => text)).toEqual(['A', 'B', 'new']);
    expect(conversation.getSnapshot().error).toBeUndefined();
  });

  test('without a run it does nothing', () => {
    const { conversation } = setUp();
    const before = conversation.getSnapshot();
    conversation.stop();
    expect(conversation.getSnapshot()).toBe(before);
  });
});

describe('regenerate()', () => {
  test('takes the last answer back and asks again', async () => {
    const { conversation, run, said } = setUp();
    const first = conversation.send('A');
    await turn();
    await run(0).send({ type: 'SUBAGENT_STARTED', subagentRunId: 's1', name: 'caspar' });
    await run(0).finish(...answer('bad'));
    await first;
    const again = conversation.regenerate();
    expect(said()).toEqual([['user', 'A', 'complete']]);
    expect(conversation.getSnapshot().subagents).toEqual([]);
    await turn();
    expect(run(1).input.messages).toHaveLength(1);
    await run(1).finish(...answer('good'));
    expect(await again).toMatchObject({ status: 'finished' });
    expect(said()[1]).toEqual(['assistant', 'good', 'complete']);
  });

  test('of an earlier message takes everything after its question back', async () => {
    const initialMessages = [
      { id: 'u1', role: 'user' as const, content: 'A' },
      { id: 'a1', role: 'assistant' as const, content: 'one' },
      { id: 'u2', role: 'user' as const, content: 'B' },
      { id: 'a2', role: 'assistant' as const, content: 'two' },
    ];
    const { conversation, said } = setUp({ initialMessages });
    void conversation.regenerate('a1');
    expect(said()).toEqual([['user', 'A', 'complete']]);
    conversation.dispose();
    expect(await setUp().conversation.regenerate()).toEqual({ status: 'dropped' });
    expect(await setUp({ initialMessages }).conversation.regenerate('nobody')).toEqual({
      status: 'dropped',
    });
  });
});

describe('interrupts', () => {
  const interrupts = [
    { id: 'i1', reason: 'approval' },
    { id: 'i2', reason: 'approval' },
  ];
  async function interrupted() {
    const set = setUp();
    const done = set.conversation.send('A');
    await turn();
    await set.run(0).finish({ ...finished, outcome: { type: 'interrupt', interrupts } });
    expect(await done).toMatchObject({ status: 'interrupted' });
    expect(set.status()).toBe('interrupted');
    expect(set.conversation.getSnapshot().interrupts).toEqual(interrupts);
    return set;
  }

  test('the run goes on when all are answered', async () => {
    const { conversation, runs, run, status } = await interrupted();
    expect(await conversation.respond('i1', { status: 'resolved', payload: { ok: true } })).toEqual(
      { status: 'dropped' },
    );
    expect(conversation.getSnapshot().interrupts).toEqual([interrupts[1]]);
    expect(runs).toHaveLength(1);
    const done = conversation.respond('i2', { status: 'cancelled' });
    await turn();
    expect(run(1).input.resume).toEqual([
      { interruptId: 'i1', status: 'resolved', payload: { ok: true } },
      { interruptId: 'i2', status: 'cancelled' },
    ]);
    await run(1).finish(...answer('Done'));
    expect(await done).toMatchObject({ status: 'finished' });
    expect(status()).toBe('idle');
    expect(conversation.getSnapshot().interrupts).toEqual([]);
  });

  test('a new question cancels those that are open', async () => {
    const { conversation, run } = await interrupted();
    void conversation.send('Never mind');
    await turn();
    expect(run(1).input.resume?.map(({ status }) => status)).toEqual(['cancelled', 'cancelled']);
    conversation.dispose();
  });

  test('those whose answers failed before the first event can be answered again', async () => {
    const { conversation, run, status } = await interrupted();
    const answerAll = () => {
      void conversation.respond('i1', { status: 'resolved' });
      return conversation.respond('i2', { status: 'resolved' });
    };
    const lost = answerAll();
    await turn();
    await run(1).finish();
    const { error } = await lost;
    expect(error).toBeInstanceOf(TruncatedError);
    expect(status()).toBe('interrupted');
    expect(conversation.getSnapshot()).toMatchObject({ error, interrupts });
    const done = answerAll();
    await turn();
    expect(run(2).input.resume?.map(({ status }) => status)).toEqual(['resolved', 'resolved']);
    await run(2).finish(...answer('Done'));
    expect(await done).toMatchObject({ status: 'finished' });
    expect(conversation.getSnapshot().interrupts).toEqual([]);
  });

  test('name the call as the messages do', async () => {
    const { conversation, run } = setUp();
    for (const i of [0, 1]) {
      const done = conversation.send('A');
      await turn();
      const interrupts = i ? [{ id: 'i1', reason: 'approval', toolCallId: 'c1' }] : [];
      await run(i).finish(
        { type: 'TOOL_CALL_START', toolCallId: 'c1', toolCallName: 'look' },
        { type: 'TOOL_CALL_END', toolCallId: 'c1' },
        { ...finished, ...(i && { outcome: { type: 'interrupt', interrupts } }) },
      );
      await done;
    }
    const { messages, interrupts } = conversation.getSnapshot();
    expect(interrupts[0]?.toolCallId).toBe(messages.at(-1)?.toolCalls[0]?.id);
    expect(interrupts[0]?.toolCallId).not.toBe('c1');
  });

  test('an unknown one is dropped', async () => {
    const { conversation } = await interrupted();
    expect(await conversation.respond('nobody', { status: 'cancelled' })).toEqual({
      status: 'dropped',
    });
  });
});

describe('export() and restore', () => {
  test('a restored conversation goes on with a run that was cut, by GET, without repeating text', async () => {
    const { conversation, run } = setUp();
    const done = conversation.send('A');
    await turn();
    await run(0).sendFrom(1, ...answer('Hel').slice(0, 3));
    const saved = JSON.parse(JSON.stringify(conversation.export()));
    conversation.dispose();
    await done;
    const second = setUp({ restore: saved });
    expect(second.said()).toEqual([
      ['user', 'A', 'complete'],
      ['assistant', 'Hel', 'failed'],
    ]);
    const resumed = second.conversation.resume();
    expect(second.said()[1]).toEqual(['assistant', 'Hel', 'streaming']);
    await turn();
    expect(second.run(0)).toMatchObject({ method: 'GET', headers: { 'last-event-id': '3' } });
    await second.run(0).sendFrom(4, ...answer('Hel', 'lo').slice(3));
    expect(await resumed).toMatchObject({ status: 'finished' });
    expect(second.said()[1]).toEqual(['assistant', 'Hello', 'complete']);
  });

  test('resume() after a cut goes on where the stream was', async () => {
    const { conversation, run, said, status } = setUp();
    const done = conversation.send('A');
    await turn();
    await run(0).sendFrom(1, ...answer('Hel').slice(0, 3));
    await run(0).cut();
    expect((await done).error).toBeInstanceOf(TruncatedError);
    expect(status()).toBe('error');
    const resumed = conversation.resume();
    await turn();
    await run(1).sendFrom(4, ...answer('Hel', 'lo').slice(3));
    expect(await resumed).toMatchObject({ status: 'finished' });
    expect(said()[1]).toEqual(['assistant', 'Hello', 'complete']);
    expect(await conversation.resume()).toEqual({ status: 'dropped' });
  });

  test.each([undefined, 2, '1'])('version %j is refused by name', (version) => {
    const { client } = scriptedClient();
    const saved = { ...setUp().conversation.export(), version: version as 1 };
    expect(() => createConversation({ client, restore: saved })).toThrow(
      new TypeError('"restore.version" must be 1'),
    );
  });

  test('everything survives JSON', async () => {
    const { conversation, run } = setUp({ initialState: { n: 1 } });
    const done = conversation.send('A');
    await turn();
    await run(0).finish(
      {
        type: 'CUSTOM',
        name: 'magi.trace',
        value: { id: 'x', kind: 'k', label: 'l', status: 'finished' },
      },
      ...answer('one').slice(0, -1),
      { ...finished, usage: [{ inputTokens: 1 }] },
    );
    await done;
    const saved = JSON.parse(JSON.stringify(conversation.export()));
    const restored = createConversation({ client: scriptedClient().client, restore: saved });
    expect(JSON.parse(JSON.stringify(restored.export()))).toEqual(saved);
    expect(restored.getSnapshot().messages).toEqual(conversation.getSnapshot().messages);
  });
});

describe('snapshots', () => {
  test('untouched messages keep their identity, and nothing changes without a notification', async () => {
    const { conversation, run } = setUp();
    const first = conversation.send('A');
    await turn();
    await run(0).finish(...answer('one'));
    await first;
    const [question, reply] = conversation.getSnapshot().messages;
    const seen: unknown[] = [];
    conversation.subscribe(() => seen.push(conversation.getSnapshot()));
    const second = conversation.send('B');
    await turn();
    const before = conversation.getSnapshot();
    expect(conversation.getSnapshot()).toBe(before);
    await run(1).finish(...answer('two'));
    await second;
    const { messages } = conversation.getSnapshot();
    expect(messages[0]).toBe(question);
    expect(messages[1]).toBe(reply);
    expect(messages[2]).toBe(before.messages[2]);
    expect(new Set(seen).size).toBe(seen.length);
  });

  test('what was read is never changed afterwards', async () => {
    const { conversation, run } = setUp();
    const done = conversation.send('A');
    await turn();
    const texts: [unknown, string][] = [];
    conversation.subscribe(() => {
      const message = conversation.getSnapshot().messages[1];
      if (message) texts.push([message, message.text]);
    });
    for (const event of answer(...'abcdef')) {
      await run(0).send(event);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await done;
    expect(texts.length).toBeGreaterThan(4);
    for (const [message, text] of texts) expect((message as { text: string }).text).toBe(text);
  });

  test('10 000 deltas at once are few notifications, linear work, and yield to timers', async () => {
    const { conversation, run } = setUp();
    let notifications = 0;
    conversation.subscribe(() => {
      notifications++;
    });
    let ticks = 0;
    const timer = setInterval(() => {
      ticks++;
    }, 1);
    const done = conversation.send('A');
    await turn();
    void run(0).send(...answer(...Array.from({ length: 10_000 }, () => 'あ')));
    await done;
    clearInterval(timer);
    expect(conversation.getSnapshot().messages[1]?.text).toBe('あ'.repeat(10_000));
    expect(notifications).toBeLessThan(500);
    expect(ticks).toBeGreaterThan(0);
  });

  test('dispose() forgets the listeners and drops what is sent later', async () => {
    const { conversation, runs } = setUp();
    const listener = vi.fn();
    conversation.subscribe(listener);
    conversation.dispose();
    expect(await conversation.send('A')).toEqual({ status: 'dropped' } satisfies RunOutcomeView);
    expect(listener).not.toHaveBeenCalled();
    expect(runs).toHaveLength(0);
  });

  test('clear() forgets everything but the thread', async () => {
    const { conversation, run } = setUp({ initialState: { n: 0 } });
    const done = conversation.send('A');
    await turn();
    await run(0).finish({ type: 'STATE_SNAPSHOT', snapshot: { n: 5 } }, ...answer('one'));
    await done;
    conversation.clear();
    expect(conversation.getSnapshot()).toMatchObject({
      threadId: 't1',
      messages: [],
      status: 'idle',
      state: { n: 0 },
    });
  });
});

test('after clear() no place is left of what was there', async () => {
  const { conversation, run } = setUp();
  for (const i of [0, 1, 2]) {
    if (i === 2) conversation.clear();
    const done = conversation.send('A');
    await turn();
    const message = {
      type: 'TEXT_MESSAGE_CHUNK',
      messageId: i ? 'm1' : 'm0',
      delta: 'x',
    } as const;
    await run(i).finish(message, finished);
    await done;
  }
  const { messages } = conversation.getSnapshot();
  expect(messages.map((message) => message?.text)).toEqual(['A', 'x']);
});

test('createConversation() refuses unknown options and a missing client', () => {
  expect(() => createConversation({} as never)).toThrow(TypeError);
  const { client } = scriptedClient();
  expect(() => createConversation({ client, threadID: 'x' } as never)).toThrow(TypeError);
  expect(() => createConversation({ client, sendPolicy: 'later' as never })).toThrow(TypeError);
});

describe('the queue', () => {
  test('waits for a run that a listener began', async () => {
    const { conversation, runs, run } = setUp();
    conversation.subscribe(() => {
      for (const { id } of conversation.getSnapshot().interrupts) {
        void conversation.respond(id, { status: 'resolved' });
      }
    });
    const first = conversation.send('one');
    void conversation.send('two');
    await turn();
    const interrupts = [{ id: 'i1', reason: 'approval' }];
    await run(0).finish({ ...finished, outcome: { type: 'interrupt', interrupts } });
    await first;
    await turn();
    expect(runs).toHaveLength(2);
    expect(run(1).input.resume).toMatchObject([{ interruptId: 'i1', status: 'resolved' }]);
    await run(1).finish(finished);
    await turn();
    expect(runs).toHaveLength(3);
  });

  test('goes on after a message that cannot be written', async () => {
    const { conversation, run } = setUp();
    const first = conversation.send('one');
    const second = conversation.send('two', { forwardedProps: { n: 1n } });
    const refused = expect(second).rejects.toThrow(TypeError);
    const third = conversation.send('three');
    await turn();
    await run(0).finish(finished);
    await first;
    await refused;
    await turn();
    await run(1).finish(finished);
    expect((await third).status).toBe('finished');
  });
});

test('takes the results of calls from a snapshot of messages', async () => {
  const { conversation, run } = setUp();
  const done = conversation.send({ id: 'u1', content: 'Hi' });
  await turn();
  const call = {
    id: 'c1',
    type: 'function',
    function: { name: 'search', arguments: '{}' },
  } as const;
  await run(0).finish(
    { type: 'TOOL_CALL_START', toolCallId: 'c1', toolCallName: 'search', parentMessageId: 'm1' },
    { type: 'TOOL_CALL_ARGS', toolCallId: 'c1', delta: '{}' },
    { type: 'TOOL_CALL_END', toolCallId: 'c1' },
    {
      type: 'MESSAGES_SNAPSHOT',
      messages: [
        { id: 'u1', role: 'user', content: 'Hi' },
        { id: 'm1', role: 'assistant', toolCalls: [call] },
        { id: 't1', role: 'tool', toolCallId: 'c1', content: 'FOUND' },
      ],
    },
    finished,
  );
  await done;
  expect(conversation.getSnapshot().messages[1]?.toolCalls).toMatchObject([
    { id: 'c1', state: 'answered', result: 'FOUND' },
  ]);
});
