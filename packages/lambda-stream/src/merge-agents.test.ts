import type { AgentEvent, AgentEventOf } from '@magi/stream-protocol';
import { createRunLifecycle } from '@magi/stream-protocol';
import fc from 'fast-check';
import { describe, expect, expectTypeOf, it, vi } from 'vitest';
import { AgentStreamError } from './agent-stream-error';
import type { AgentResults } from './merge-agents';
import { mergeAgents } from './merge-agents';
import { createFakeClock } from './pace/fake-clock.fixture';
import { subagent } from './subagent';
import type { AgentSource } from './subagent-run';

type Item = AgentEvent | string;

const turn = () => new Promise((resolve) => setImmediate(resolve));

async function* from(...items: (Item | Error)[]): AsyncGenerator<Item> {
  for (const item of items) {
    if (item instanceof Error) throw item;
    yield item;
  }
}

/** Says something, then nothing until it is stopped. */
function hanging(...items: Item[]) {
  const seen = { aborted: undefined as unknown, returned: 0 };
  const source = (signal: AbortSignal): AsyncIterable<Item> => ({
    [Symbol.asyncIterator]() {
      const left = [...items];
      signal.addEventListener('abort', () => {
        seen.aborted = signal.reason;
      });
      return {
        next: () => {
          const value = left.shift();
          return value === undefined
            ? new Promise(() => {})
            : Promise.resolve({ done: false, value });
        },
        return: () => {
          seen.returned++;
          return new Promise(() => {});
        },
      };
    },
  });
  return Object.assign(source, { seen });
}

/** Says something, then nothing until it is stopped, after which it has something to do. */
function tidying() {
  const seen = { cleaned: false };
  async function* source(signal: AbortSignal): AsyncGenerator<Item> {
    try {
      yield 'x';
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
    } finally {
      await turn();
      await turn();
      seen.cleaned = true;
    }
  }
  return Object.assign(source, { seen });
}

const run = (...events: AgentEvent[]): AgentEvent[] => [
  { type: 'RUN_STARTED', threadId: 't', runId: 'inner' },
  ...events,
  { type: 'RUN_FINISHED', threadId: 't', runId: 'inner' },
];
const message = (delta: string, messageId = 'm1'): AgentEvent[] => [
  { type: 'TEXT_MESSAGE_START', messageId },
  { type: 'TEXT_MESSAGE_CONTENT', messageId, delta },
  { type: 'TEXT_MESSAGE_END', messageId },
];

/** Collects events and the return value, and checks that the events are a whole, valid run. */
async function collect<T>(merged: AsyncGenerator<AgentEvent, T, undefined>) {
  const events: AgentEvent[] = [];
  const lifecycle = createRunLifecycle();
  for (;;) {
    const step = await merged.next();
    if (step.done) {
      expect(lifecycle.state).toBe('finished');
      return { events, results: step.value };
    }
    lifecycle.accept(step.value);
    events.push(step.value);
  }
}

function ofType<T extends AgentEvent['type']>(events: AgentEvent[], type: T): AgentEventOf<T>[] {
  return events.filter((event): event is AgentEventOf<T> => event.type === type);
}

function idOf(events: AgentEvent[], name: string): string {
  const started = ofType(events, 'SUBAGENT_STARTED').find((event) => event.name === name);
  if (started === undefined) throw new Error(`${name} was not started`);
  return started.subagentRunId;
}

const typesOf = (events: AgentEvent[], name: string) =>
  events
    .filter((event) => 'subagentRunId' in event && event.subagentRunId === idOf(events, name))
    .map(({ type }) => type);

describe('mergeAgents()', () => {
  it('sees a wrong message in an object that an agent filled again', async () => {
    async function* careless(): AsyncGenerator<AgentEvent> {
      yield { type: 'TEXT_MESSAGE_START', messageId: 'm1' };
      const event = { type: 'TEXT_MESSAGE_CONTENT' as const, messageId: 'm1', delta: 'a' };
      yield event;
      yield Object.assign(event, { messageId: 'never opened' });
    }
    const { events } = await collect(mergeAgents({ caspar: careless }));
    expect(ofType(events, 'SUBAGENT_ERROR')).toHaveLength(1);
  });

  it.each<[string, AgentEvent, (event: AgentEvent) => unknown]>([
    [
      'its state',
      { type: 'STATE_SNAPSHOT', snapshot: { steps: [] as string[] } },
      (event) => (event as AgentEventOf<'STATE_SNAPSHOT'>).snapshot,
    ],
    [
      'the metadata of its text',
      { type: 'TEXT_MESSAGE_CONTENT', messageId: 'm1', delta: 'x', metadata: { steps: [] } },
      (event) => event.metadata,
    ],
  ])('hands on what an agent said of %s before it changed that', async (_case, event, held) => {
    async function* growing(): AsyncGenerator<AgentEvent> {
      yield { type: 'TEXT_MESSAGE_START', messageId: 'm1' };
      for (const step of ['plan', 'search', 'write']) {
        (held(event) as { steps: string[] }).steps.push(step);
        yield event;
      }
    }
    const { events } = await collect(mergeAgents({ caspar: growing }));
    expect(ofType(events, event.type).map((each) => JSON.stringify(held(each)))).toEqual([
      '{"steps":["plan"]}',
      '{"steps":["plan","search"]}',
      '{"steps":["plan","search","write"]}',
    ]);
  });

  it('returns the result that an agent gave and hands on what it is as JSON', async () => {
    const result = { at: new Date(0) };
    const { events, results } = await collect(
      subagent('a', from({ type: 'RUN_FINISHED', threadId: 't', runId: 'r', result })),
    );
    expect(results.result).toBe(result);
    expect(ofType(events, 'SUBAGENT_FINISHED')[0]?.result).toEqual({ at: result.at.toJSON() });
  });

  it('attributes every event, absorbs the runs inside and returns each result', async () => {
    const { events, results } = await collect(
      mergeAgents({ caspar: from(...run(...message('No'))), melchior: from('Ye', 's') }),
    );
    expect(typesOf(events, 'caspar')).toEqual([
      'SUBAGENT_STARTED',
      'TEXT_MESSAGE_START',
      'TEXT_MESSAGE_CONTENT',
      'TEXT_MESSAGE_END',
      'SUBAGENT_FINISHED',
    ]);
    expect(ofType(events, 'RUN_STARTED')).toHaveLength(1);
    expect(events.at(-1)?.type).toBe('RUN_FINISHED');
    expect(results.caspar).toMatchObject({ status: 'finished', text: 'No', truncated: false });
    expect(results.melchior).toMatchObject({ status: 'finished', text: 'Yes' });
    expectTypeOf(results).toEqualTypeOf<AgentResults<'caspar' | 'melchior'>>();
  });

  it('runs agents in parallel', async () => {
    let bothRunning: () => void = () => {};
    const met = new Promise<void>((resolve) => {
      bothRunning = resolve;
    });
    async function* first() {
      await met;
      yield 'first';
    }
    async function* second() {
      bothRunning();
      yield 'second';
    }
    const { results } = await collect(mergeAgents({ first: first(), second: second() }));
    expect(results.first.text).toBe('first');
  });

  it('starts no agent before the first event is asked for', async () => {
    const start = vi.fn(() => from('x'));
    const merged = mergeAgents({ a: start });
    await turn();
    expect(start).not.toHaveBeenCalled();
    await merged.next();
    expect(start).toHaveBeenCalledOnce();
  });

  it('sums usage and takes results from the runs inside', async () => {
    const finished = (inputTokens: number): AgentEvent => ({
      type: 'RUN_FINISHED',
      threadId: 't',
      runId: 'r',
      result: { verdict: inputTokens },
      usage: [{ provider: 'aws.bedrock', model: 'm', inputTokens }],
    });
    const { events, results } = await collect(
      mergeAgents({ a: from('x', finished(3)), b: from('y', finished(4)) }),
    );
    expect(ofType(events, 'RUN_FINISHED')[0]?.usage).toEqual([
      { provider: 'aws.bedrock', model: 'm', inputTokens: 7 },
    ]);
    expect(results.a.usage).toEqual([{ provider: 'aws.bedrock', model: 'm', inputTokens: 3 }]);
    expect(ofType(events, 'SUBAGENT_FINISHED').map(({ metadata }) => metadata)).toEqual([
      { usage: results.a.usage },
      { usage: results.b.usage },
    ]);
    expect(ofType(events, 'SUBAGENT_FINISHED').map(({ result }) => result)).toEqual([
      { verdict: 3 },
      { verdict: 4 },
    ]);
  });

  it('counts what an agent used up before it failed', async () => {
    const usage = [{ provider: 'aws.bedrock', model: 'm', outputTokens: 5 }];
    const { events, results } = await collect(
      mergeAgents({
        a: from('half', new AgentStreamError('No', { code: 'NO', usage })),
        b: from('ok'),
      }),
    );
    expect(results.a).toMatchObject({ status: 'failed', usage });
    expect(ofType(events, 'RUN_FINISHED')[0]?.usage).toEqual(usage);
  });

  it('bubbles interrupts up and marks their subagent as suspended', async () => {
    const asking: AgentEvent = {
      type: 'RUN_FINISHED',
      threadId: 't',
      runId: 'r',
      outcome: { type: 'interrupt', interrupts: [{ id: 'i1', reason: 'approval' }] },
    };
    const { events, results } = await collect(
      mergeAgents({ a: from('May I?', asking), b: from('ok') }),
    );
    const subagentRunId = idOf(events, 'a');
    const interrupts = [{ id: `${subagentRunId}/i1`, reason: 'approval', subagentRunId }];
    expect(ofType(events, 'RUN_FINISHED')[0]?.outcome).toEqual({ type: 'interrupt', interrupts });
    expect(ofType(events, 'SUBAGENT_FINISHED')).toContainEqual({
      type: 'SUBAGENT_FINISHED',
      subagentRunId,
      outcome: { type: 'suspended', interruptIds: [`${subagentRunId}/i1`] },
    });
    expect(results.a).toMatchObject({ status: 'suspended', interrupts });
  });
});

describe('mergeAgents() when an agent fails', () => {
  const failures: [string, AgentSource, string, string][] = [
    ['throws', from('half', new Error('secret')), 'INTERNAL_ERROR', 'The agent failed'],
    [
      'throws an AgentStreamError',
      from('half', new AgentStreamError('Too many requests', { code: 'THROTTLED' })),
      'THROTTLED',
      'Too many requests',
    ],
    [
      'sends RUN_ERROR',
      from('half', { type: 'RUN_ERROR', message: 'Out of budget', code: 'BUDGET' }, 'more'),
      'BUDGET',
      'Out of budget',
    ],
    [
      'breaks the order of events',
      from('half', { type: 'TEXT_MESSAGE_END', messageId: 'never-started' }),
      'INVALID_EVENT',
      'The agent sent an invalid event',
    ],
    [
      'sends an event with a missing field',
      from('half', { type: 'TEXT_MESSAGE_START' } as never),
      'INVALID_EVENT',
      'The agent sent an invalid event',
    ],
    [
      'sends an event that cannot be encoded',
      from('half', { type: 'CUSTOM', name: 'n', value: { big: 1n } }),
      'INVALID_EVENT',
      'The agent sent an invalid event',
    ],
    [
      'gives a result that cannot be encoded',
      from('half', { type: 'RUN_FINISHED', threadId: 't', runId: 'r', result: 1n }),
      'INVALID_EVENT',
      'The agent sent an invalid event',
    ],
    [
      'is cancelled',
      from('half', {
        type: 'RUN_FINISHED',
        threadId: 't',
        runId: 'r',
        outcome: { type: 'cancelled' },
      }),
      'CANCELLED',
      'The agent was cancelled',
    ],
    ['says nothing', from(), 'EMPTY_RUN', 'The agent gave no answer'],
    ['says only ""', from('', ''), 'EMPTY_RUN', 'The agent gave no answer'],
    [
      'cannot be started',
      () => {
        throw new Error('secret');
      },
      'INTERNAL_ERROR',
      'The agent failed',
    ],
    ['returns something else', (() => 42) as never, 'INTERNAL_ERROR', 'The agent failed'],
  ];

  it.each(failures)(
    'one that %s ends with SUBAGENT_ERROR and the others go on',
    async (_case, source, code, text) => {
      const { events, results } = await collect(mergeAgents({ bad: source, good: from('fine') }));
      const subagentRunId = idOf(events, 'bad');
      expect(typesOf(events, 'bad').slice(-2)).toEqual(
        expect.arrayContaining(['CUSTOM', 'SUBAGENT_ERROR']),
      );
      expect(ofType(events, 'SUBAGENT_ERROR')).toEqual([
        { type: 'SUBAGENT_ERROR', subagentRunId, message: text, code },
      ]);
      expect(ofType(events, 'CUSTOM')).toEqual([
        {
          type: 'CUSTOM',
          name: 'magi.degraded',
          value: { reason: 'failed', agent: 'bad' },
          subagentRunId,
        },
      ]);
      expect(results.bad).toMatchObject({ status: 'failed', error: { message: text, code } });
      expect(results.good).toMatchObject({ status: 'finished', text: 'fine' });
      expect(JSON.stringify(events)).not.toContain('secret');
    },
  );

  it('ends one whose refused chunk leaves the order of its events unclear', async () => {
    const bad = from(
      { type: 'TEXT_MESSAGE_START', messageId: 'm1' },
      { type: 'TEXT_MESSAGE_CHUNK', messageId: 'm1', delta: 'x' },
    );
    const types: string[] = [];
    for await (const { type } of mergeAgents({ bad, good: from('fine') })) types.push(type);
    expect(types.filter((type) => /^SUBAGENT_(FIN|ERR)|MESSAGE_END/.test(type)).sort()).toEqual([
      'SUBAGENT_ERROR',
      'SUBAGENT_FINISHED',
      'TEXT_MESSAGE_END',
      'TEXT_MESSAGE_END',
    ]);
    expect(types.at(-1)).toBe('RUN_FINISHED');
  });

  it('closes what it had open and keeps what it had said', async () => {
    const { events, results } = await collect(
      mergeAgents({ bad: from('half', new Error('x')), good: from('fine') }),
    );
    expect(typesOf(events, 'bad')).toEqual([
      'SUBAGENT_STARTED',
      'TEXT_MESSAGE_START',
      'TEXT_MESSAGE_CONTENT',
      'TEXT_MESSAGE_END',
      'CUSTOM',
      'SUBAGENT_ERROR',
    ]);
    expect(results.bad.text).toBe('half');
  });

  it('tells onAgentError the original error', async () => {
    const onAgentError = vi.fn();
    const error = new Error('secret');
    await collect(mergeAgents({ bad: from(error) }, { onAgentError }));
    expect(onAgentError).toHaveBeenCalledExactlyOnceWith(error, 'bad');
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('hook');
      },
    ],
    ['rejects', () => Promise.reject(new Error('hook'))],
  ])('goes on when onAgentError %s', async (_case, onAgentError) => {
    const clock = createFakeClock();
    const collected = collect(
      mergeAgents(
        { bad: from('half', new Error('x')), slow: hanging('thinking'), good: from('fine') },
        { perAgentTimeoutMs: 5000, clock, onAgentError },
      ),
    );
    await turn();
    clock.advanceTo(5000);
    clock.advanceTo(6000);
    const { events, results } = await collected;
    expect(ofType(events, 'SUBAGENT_ERROR')).toHaveLength(2);
    expect(results.good.status).toBe('finished');
    expect(results.bad).toMatchObject({ status: 'failed', text: 'half' });
  });

  it('ends one that takes longer than perAgentTimeoutMs, stops its source and goes on', async () => {
    const clock = createFakeClock();
    const slow = hanging('thinking');
    const collected = collect(
      mergeAgents({ slow, quick: from('done') }, { perAgentTimeoutMs: 5000, clock }),
    );
    await turn();
    clock.advanceTo(5000);
    clock.advanceTo(6000);
    const { events, results } = await collected;
    expect(ofType(events, 'SUBAGENT_ERROR')[0]?.code).toBe('AGENT_TIMEOUT');
    expect(ofType(events, 'CUSTOM')[0]?.value).toEqual({ reason: 'timeout', agent: 'slow' });
    expect(results.slow).toMatchObject({ status: 'failed', text: 'thinking' });
    expect(results.quick.status).toBe('finished');
    expect(slow.seen).toMatchObject({ aborted: { code: 'AGENT_TIMEOUT' }, returned: 1 });
    expect(clock.nextAt).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('mergeAgents() when it is stopped', () => {
  it('stops every source on return() and waits at most 1 000 ms for them', async () => {
    const clock = createFakeClock();
    const agents = { a: hanging('x'), b: hanging() };
    const merged = mergeAgents(agents, { clock });
    await merged.next();
    const returned = merged.return(undefined as never);
    await turn();
    expect(agents.a.seen).toMatchObject({ returned: 1, aborted: { name: 'AbortError' } });
    expect(agents.b.seen.returned).toBe(1);
    clock.advanceTo(1000);
    expect((await returned).done).toBe(true);
    expect((await merged.next()).done).toBe(true);
  });

  it('can be left while it waits for an agent', async () => {
    const clock = createFakeClock();
    const merged = mergeAgents({ a: hanging() }, { clock });
    await merged.next();
    await merged.next();
    const pending = merged.next();
    const returned = merged.return(undefined as never);
    expect((await pending).done).toBe(true);
    clock.advanceTo(1000);
    await returned;
  });

  it('throws the reason of its signal and hands the abort on', async () => {
    const controller = new AbortController();
    const clock = createFakeClock();
    const agents = { a: hanging('x'), b: hanging() };
    const merged = mergeAgents(agents, { signal: controller.signal, clock });
    const collected = collect(merged);
    await turn();
    const reason = new Error('deadline');
    controller.abort(reason);
    clock.advanceTo(1000);
    await expect(collected).rejects.toBe(reason);
    expect(agents.a.seen).toEqual({ aborted: reason, returned: 1 });
    expect(agents.b.seen.aborted).toBe(reason);
    expect((await merged.next()).done).toBe(true);
  });

  it('throws only once its sources have cleaned up', async () => {
    const controller = new AbortController();
    const tidy = tidying();
    const merged = mergeAgents({ tidy }, { signal: controller.signal });
    for (let i = 0; i < 4; i++) await merged.next();
    const pending = merged.next();
    controller.abort(new Error('deadline'));
    await expect(pending).rejects.toThrow('deadline');
    expect(tidy.seen.cleaned).toBe(true);
  });

  it.each([
    ['next()', (merged: AsyncGenerator) => merged.next().catch(() => {})],
    ['return()', (merged: AsyncGenerator) => merged.return(undefined)],
  ])('waits for its sources in the %s that follows an abort', async (_case, leave) => {
    const controller = new AbortController();
    const tidy = tidying();
    const merged = mergeAgents({ tidy }, { signal: controller.signal });
    for (let i = 0; i < 4; i++) await merged.next();
    controller.abort();
    await leave(merged);
    expect(tidy.seen.cleaned).toBe(true);
  });

  it('ends only once an agent that took too long has cleaned up', async () => {
    const tidy = tidying();
    const { results } = await collect(mergeAgents({ tidy }, { perAgentTimeoutMs: 10 }));
    expect(results.tidy.error?.code).toBe('AGENT_TIMEOUT');
    expect(tidy.seen.cleaned).toBe(true);
  });

  it('throws at once when its signal has aborted before', async () => {
    const start = vi.fn(() => from('x'));
    const merged = mergeAgents({ a: start }, { signal: AbortSignal.abort(new Error('late')) });
    await expect(merged.next()).rejects.toThrow('late');
    expect(start).not.toHaveBeenCalled();
  });
});

describe('mergeAgents() in bounds', () => {
  it('reads each agent at most maxBufferedEvents ahead of the reader', async () => {
    let produced = 0;
    async function* endless(): AsyncGenerator<Item> {
      for (;;) {
        produced++;
        yield { type: 'CUSTOM', name: 'n', value: produced };
      }
    }
    const merged = mergeAgents({ a: endless() }, { maxBufferedEvents: 10 });
    for (let i = 0; i < 5; i++) {
      await merged.next();
      await turn();
    }
    expect(produced).toBeLessThanOrEqual(5 + 10);
    await merged.return(undefined as never);
  });

  it('lets agents take turns however fast one is', async () => {
    async function* endless(): AsyncGenerator<Item> {
      for (let i = 0; ; i++) yield { type: 'CUSTOM', name: 'n', value: i };
    }
    const merged = mergeAgents({ loud: endless(), calm: endless() });
    const counts = new Map<string, number>();
    for (let i = 0; i < 200; i++) {
      const { value } = (await merged.next()) as IteratorYieldResult<AgentEvent>;
      if (i % 10 === 0) await turn();
      if (value.type === 'CUSTOM') {
        counts.set(value.subagentRunId ?? '', (counts.get(value.subagentRunId ?? '') ?? 0) + 1);
      }
    }
    const [one = 0, other = 0] = counts.values();
    expect(Math.abs(one - other)).toBeLessThanOrEqual(2);
    await merged.return(undefined as never);
  });

  it('keeps at most maxTextChars of an answer', async () => {
    const { results } = await collect(
      mergeAgents({ a: from('12345', '67890') }, { maxTextChars: 7 }),
    );
    expect(results.a).toMatchObject({ text: '1234567', truncated: true });
  });

  it('separates several messages of an agent by a blank line', async () => {
    const { results } = await collect(
      mergeAgents({ a: from(...message('one', 'm1'), ...message('two', 'm2')) }),
    );
    expect(results.a.text).toBe('one\n\ntwo');
  });

  it('separates messages that come in chunks too', async () => {
    const { results } = await collect(
      mergeAgents({
        a: from(
          { type: 'TEXT_MESSAGE_CHUNK', messageId: 'm1', delta: 'on' },
          { type: 'TEXT_MESSAGE_CHUNK', delta: 'e' },
          { type: 'TEXT_MESSAGE_CHUNK', messageId: 'm2', delta: 'two' },
          ' three',
        ),
      }),
    );
    expect(results.a.text).toBe('one\n\ntwo\n\n three');
  });
});

describe('mergeAgents() ids', () => {
  it('puts the subagent in front of message and tool call ids', async () => {
    const agent = (): AgentEvent[] => [
      ...message('text'),
      { type: 'TOOL_CALL_START', toolCallId: 't1', toolCallName: 'search', parentMessageId: 'm1' },
      { type: 'TOOL_CALL_END', toolCallId: 't1' },
      { type: 'TOOL_CALL_RESULT', messageId: 'r1', toolCallId: 't1', content: 'found' },
      { type: 'CUSTOM', name: 'magi.citation', value: { messageId: 'm1', id: 'c1' } },
    ];
    const { events } = await collect(mergeAgents({ a: from(...agent()), b: from(...agent()) }));
    for (const id of [idOf(events, 'a'), idOf(events, 'b')]) {
      const own = events.filter((event) => 'subagentRunId' in event && event.subagentRunId === id);
      expect(ofType(own, 'TEXT_MESSAGE_END')[0]?.messageId).toBe(`${id}/m1`);
      expect(ofType(own, 'TOOL_CALL_START')[0]).toMatchObject({
        toolCallId: `${id}/t1`,
        parentMessageId: `${id}/m1`,
      });
      expect(ofType(own, 'TOOL_CALL_RESULT')[0]).toMatchObject({
        messageId: `${id}/r1`,
        toolCallId: `${id}/t1`,
      });
      expect(ofType(own, 'CUSTOM')[0]?.value).toEqual({ messageId: `${id}/m1`, id: 'c1' });
    }
  });

  it.each<[string, AgentEvent[]]>([
    ['messages', message('text')],
    [
      'tool calls',
      [
        { type: 'TOOL_CALL_START', toolCallId: 't1', toolCallName: 'search' },
        { type: 'TOOL_CALL_END', toolCallId: 't1' },
      ],
    ],
    ['chunks', [{ type: 'TEXT_MESSAGE_CHUNK', messageId: 'm1', delta: 'text' }]],
    ['nested subagents', [{ type: 'SUBAGENT_STARTED', subagentRunId: 's1', name: 'helper' }]],
  ])('lets one merge after another use the ids of the %s before it', async (_case, agent) => {
    async function* council() {
      yield* mergeAgents({ caspar: from(...agent) });
      yield* subagent('solomon', from(...agent));
    }
    const { results } = await collect(subagent('run', council()));
    expect(results.error).toBeUndefined();
  });

  it('nests: a merge inside an agent keeps its subagents and names their parent', async () => {
    const council = () => mergeAgents({ left: from('l'), right: from('r', new Error('x')) });
    const { events, results } = await collect(mergeAgents({ outer: council(), other: council() }));
    const outer = idOf(events, 'outer');
    const left = ofType(events, 'SUBAGENT_STARTED').filter(({ name }) => name === 'left');
    expect(left.map((event) => event.parentSubagentRunId)).toEqual([outer, idOf(events, 'other')]);
    const owners = ofType(events, 'TEXT_MESSAGE_CONTENT').map(({ subagentRunId }) => subagentRunId);
    expect(owners).not.toContain(outer);
    expect(results.outer).toMatchObject({ status: 'finished', text: '' });
  });

  it('gives events without an owner to the nested subagent whose message they continue', async () => {
    const { events } = await collect(
      mergeAgents({
        a: from(
          { type: 'SUBAGENT_STARTED', subagentRunId: 's1', name: 'helper' },
          { type: 'TEXT_MESSAGE_START', messageId: 'm1', subagentRunId: 's1' },
          { type: 'TEXT_MESSAGE_CONTENT', messageId: 'm1', delta: 'x' },
          { type: 'TEXT_MESSAGE_END', messageId: 'm1' },
          { type: 'SUBAGENT_FINISHED', subagentRunId: 's1' },
        ),
      }),
    );
    expect(ofType(events, 'TEXT_MESSAGE_END')[0]?.subagentRunId).toBe(`${idOf(events, 'a')}/s1`);
  });

  describe('gives a chunk without an id', () => {
    const chunk = (delta: string, ids: { messageId?: string; subagentRunId?: string } = {}) =>
      ({ type: 'TEXT_MESSAGE_CHUNK', delta, ...ids }) as const;
    const nested = (subagentRunId: string) =>
      ({ type: 'SUBAGENT_STARTED', subagentRunId, name: 'helper' }) as const;
    const ofHelper = (delta: string) => chunk(delta, { messageId: 'm1', subagentRunId: 's1' });
    const raw: AgentEvent = { type: 'RAW', event: {} };
    const cases: [string, Item[], (owner: string) => string][] = [
      ['the nested subagent whose chunk it continues', [ofHelper('a'), raw], (own) => `${own}/s1`],
      [
        'the agent itself, whose own chunks come first',
        [chunk('b', { messageId: 'm2' }), ofHelper('a'), raw],
        (own) => own,
      ],
      [
        'the nested subagent once the agent’s own chunks are interrupted',
        [chunk('b', { messageId: 'm2' }), ofHelper('a'), ...message('text', 'm3')],
        (own) => `${own}/s1`,
      ],
    ];
    it.each(cases)('to %s', async (_case, before, owner) => {
      const { events, results } = await collect(
        mergeAgents({ a: from(nested('s1'), ...before, chunk('last')) }),
      );
      expect(results.a.status).toBe('finished');
      const chunks = ofType(events, 'TEXT_MESSAGE_CHUNK');
      expect(chunks.at(-1)?.subagentRunId).toBe(owner(idOf(events, 'a')));
    });

    it('to nobody when it could be one of two', async () => {
      const other = chunk('b', { messageId: 'm2', subagentRunId: 's2' });
      const { results } = await collect(
        mergeAgents({ a: from(nested('s1'), nested('s2'), ofHelper('a'), other, chunk('last')) }),
      );
      expect(results.a.error?.code).toBe('INVALID_EVENT');
    });
  });

  it('drops an agent’s MESSAGES_SNAPSHOT', async () => {
    const { events } = await collect(
      mergeAgents({ a: from('x', { type: 'MESSAGES_SNAPSHOT', messages: [] }) }),
    );
    expect(ofType(events, 'MESSAGES_SNAPSHOT')).toEqual([]);
  });

  it('says on whose behalf the agents run', async () => {
    const merged = mergeAgents({ a: from('x') }, { parentToolCallId: 't9' });
    const { events } = await collect(merged);
    expect(ofType(events, 'SUBAGENT_STARTED')[0]).toMatchObject({ parentToolCallId: 't9' });
  });
});

describe('mergeAgents() for any agents', () => {
  it('gives a valid run with every agent’s text in order', async () => {
    const step = fc.oneof(
      { weight: 6, arbitrary: fc.string({ minLength: 1, maxLength: 4 }) },
      { weight: 2, arbitrary: fc.constant('wait') },
      { weight: 1, arbitrary: fc.constant(new Error('x')) },
      { weight: 1, arbitrary: fc.constantFrom(...message('m')) },
    );
    const agent = fc.array(step, { maxLength: 12 });
    async function* play(items: readonly (Item | Error)[], said: string[]): AsyncGenerator<Item> {
      for (const item of items) {
        if (item instanceof Error) throw item;
        if (item === 'wait') await turn();
        else {
          if (typeof item === 'string') said.push(item);
          yield item;
        }
      }
    }
    await fc.assert(
      fc.asyncProperty(
        fc.array(agent, { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 1, max: 5 }),
        async (agents, maxBufferedEvents) => {
          const said = agents.map((): string[] => []);
          const sources = Object.fromEntries(
            agents.map((items, index) => [`agent${index}`, play(items, said[index] ?? [])]),
          );
          const { events, results } = await collect(mergeAgents(sources, { maxBufferedEvents }));
          expect(ofType(events, 'SUBAGENT_STARTED')).toHaveLength(agents.length);
          const ended = [
            ...ofType(events, 'SUBAGENT_FINISHED'),
            ...ofType(events, 'SUBAGENT_ERROR'),
          ];
          expect(ended).toHaveLength(agents.length);
          for (const [index, name] of Object.keys(sources).entries()) {
            const own = idOf(events, name);
            const text = ofType(events, 'TEXT_MESSAGE_CONTENT')
              .filter(
                ({ subagentRunId, messageId }) =>
                  subagentRunId === own && messageId.includes('/text-'),
              )
              .map(({ delta }) => delta)
              .join('');
            // What follows an invalid event is not said any more.
            expect(said[index]?.join('').startsWith(text)).toBe(true);
            if (results[name]?.status === 'finished') expect(text).toBe(said[index]?.join(''));
          }
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe('subagent()', () => {
  it('returns the result of its one agent', async () => {
    const { events, results } = await collect(subagent('solomon', from('Approved')));
    expect(results).toMatchObject({ name: 'solomon', status: 'finished', text: 'Approved' });
    expect(idOf(events, 'solomon')).toBe(results.subagentRunId);
  });

  it('works with yield* one after the other', async () => {
    async function* council() {
      const sages = yield* mergeAgents({ caspar: from('yes'), melchior: from('no') });
      const votes = Object.values(sages).map(({ text }) => text);
      return yield* subagent('solomon', from(`Votes: ${votes.join(', ')}`));
    }
    const events: AgentEvent[] = [];
    const running = council();
    let step = await running.next();
    for (; !step.done; step = await running.next()) events.push(step.value);
    expect(step.value.text).toBe('Votes: yes, no');
  });
});

describe('mergeAgents() options', () => {
  it.each([
    [{}, {}, TypeError, 'at least one agent'],
    [{ a: 'text' }, {}, TypeError, '"a" must be an async iterable or a function'],
    [{ a: null }, {}, TypeError, '"a" must be'],
    [{ a: from() }, { timeoutMs: 1 }, TypeError, 'unknown option "timeoutMs"'],
    [{ a: from() }, { perAgentTimeoutMs: '1' }, TypeError, '"perAgentTimeoutMs" must be a number'],
    [{ a: from() }, { maxBufferedEvents: 0 }, RangeError, '"maxBufferedEvents" must be at least 1'],
  ])('refuses %o with %o when it is called', (agents: object, options: object, type, text) => {
    expect(() => mergeAgents(agents as never, options)).toThrow(type);
    expect(() => mergeAgents(agents as never, options)).toThrow(text);
  });

  it('refuses a subagent without a name', () => {
    expect(() => subagent('', from())).toThrow('"name" must be');
  });
});
