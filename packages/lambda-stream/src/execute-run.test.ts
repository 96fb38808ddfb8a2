import type { AgentEvent } from '@magi/stream-protocol';
import { describe, expect, it, vi } from 'vitest';
import { AgentStreamError } from './agent-stream-error';
import { idle, input, invoke, post } from './engine.fixture';
import { createFakeClock } from './pace/fake-clock.fixture';
import type { RunItem } from './run-request';

async function* items(...list: RunItem[]) {
  yield* list;
}

const types = (events: AgentEvent[]): string[] => events.map((event) => event.type);
/** For values that the types do not allow, as JavaScript would yield them. */
const untyped = (value: unknown): RunItem => value as RunItem;
const never = new Promise<never>(() => undefined);

describe('executeRun: what is sent', () => {
  it('turns each contiguous stretch of strings into one text message', async () => {
    const custom: AgentEvent = { type: 'CUSTOM', name: 'n', value: 1 };
    const { settled, events } = invoke(() => items('a', '', 'b', custom, 'c'));
    await settled;
    expect(types(events())).toEqual([
      'RUN_STARTED',
      'TEXT_MESSAGE_START',
      'TEXT_MESSAGE_CONTENT',
      'TEXT_MESSAGE_CONTENT',
      'TEXT_MESSAGE_END',
      'CUSTOM',
      'TEXT_MESSAGE_START',
      'TEXT_MESSAGE_CONTENT',
      'TEXT_MESSAGE_END',
      'RUN_FINISHED',
    ]);
  });

  it('absorbs whole runs inside into its own: ids of the request, usage summed, interrupts joined', async () => {
    const inner = (id: string, finished: object): RunItem[] => [
      { type: 'RUN_STARTED', threadId: id, runId: id },
      { type: 'TEXT_MESSAGE_START', messageId: id },
      { type: 'TEXT_MESSAGE_CONTENT', messageId: id, delta: id },
      { type: 'TEXT_MESSAGE_END', messageId: id },
      { type: 'RUN_FINISHED', threadId: id, runId: id, ...finished },
    ];
    const usage = [{ provider: 'aws.bedrock', model: 'm', inputTokens: 1, outputTokens: 2 }];
    const asks = (id: string) => ({
      outcome: { type: 'interrupt', interrupts: [{ id, reason: 'tool_call' }] },
    });
    const { settled, events, stats } = invoke(() =>
      items(
        ...inner('a', { usage, ...asks('i1') }),
        ...inner('b', { usage, result: 42, ...asks('i2') }),
        ...inner('c', { outcome: { type: 'success' } }),
      ),
    );
    await settled;
    expect(types(events()).filter((type) => type.startsWith('RUN_'))).toEqual([
      'RUN_STARTED',
      'RUN_FINISHED',
    ]);
    const summed = [{ provider: 'aws.bedrock', model: 'm', inputTokens: 2, outputTokens: 4 }];
    expect(events().at(-1)).toEqual({
      type: 'RUN_FINISHED',
      threadId: 't1',
      runId: 'r1',
      result: 42,
      outcome: {
        type: 'interrupt',
        interrupts: [
          { id: 'i1', reason: 'tool_call' },
          { id: 'i2', reason: 'tool_call' },
        ],
      },
      usage: summed,
    });
    expect(stats[0]).toMatchObject({ status: 'finished', outcome: 'interrupt', usage: summed });
  });

  it('closes what the source left open before RUN_FINISHED', async () => {
    const { settled, events } = invoke(() =>
      items(
        { type: 'STEP_STARTED', stepName: 's' },
        { type: 'TEXT_MESSAGE_START', messageId: 'm' },
        { type: 'TOOL_CALL_START', toolCallId: 'c', toolCallName: 'search' },
      ),
    );
    await settled;
    expect(types(events()).slice(-4)).toEqual([
      'TOOL_CALL_END',
      'TEXT_MESSAGE_END',
      'STEP_FINISHED',
      'RUN_FINISHED',
    ]);
  });

  it('sends a client before 1.0 the form that it accepts', async () => {
    const finished: RunItem = {
      type: 'RUN_FINISHED',
      threadId: 'x',
      runId: 'x',
      outcome: { type: 'success', pendingToolCallIds: ['c'] },
    };
    const { protocolVersion: _, ...older } = input;
    const old = invoke(() => items('a', finished), {}, post(older));
    await old.settled;
    expect(old.events().at(-1)).toMatchObject({ outcome: { type: 'success' } });
    expect(JSON.stringify(old.events())).not.toContain('pendingToolCallIds');
    const current = invoke(() => items('a', finished));
    await current.settled;
    expect(JSON.stringify(current.events())).toContain('pendingToolCallIds');
  });

  it('encodes deltas with and without other fields alike', async () => {
    const start: RunItem = { type: 'TEXT_MESSAGE_START', messageId: 'm"1' };
    const delta = (text: string, more: object = {}): AgentEvent => ({
      type: 'TEXT_MESSAGE_CONTENT',
      messageId: 'm"1',
      delta: text,
      ...more,
    });
    const deltas = [
      delta('a'),
      delta('"\\\n\u2028\ud800'),
      delta('b', { timestamp: 1 }),
      delta('c', { metadata: { k: [1] } }),
      delta('d'),
      delta(''),
    ];
    const { settled, events, record } = invoke(() => items(start, ...deltas));
    await settled;
    expect(events().slice(2, 8)).toEqual(deltas);
    for (const line of record.body.split('\n')) expect(line).toMatch(/^(: open|data: \{.*\}|)$/s);
  });

  it('keeps the attribution of a subagent on every delta', async () => {
    const from = (subagentRunId: string) => ({ messageId: subagentRunId, subagentRunId });
    const list: AgentEvent[] = [
      { type: 'SUBAGENT_STARTED', subagentRunId: 'a', name: 'a' },
      { type: 'SUBAGENT_STARTED', subagentRunId: 'b', name: 'b' },
      { type: 'TEXT_MESSAGE_START', ...from('a') },
      { type: 'TEXT_MESSAGE_START', ...from('b') },
    ];
    for (const id of ['a', 'a', 'b', 'a', 'b', 'b', 'b']) {
      list.push({ type: 'TEXT_MESSAGE_CONTENT', ...from(id), delta: id });
    }
    const { settled, events } = invoke(() => items(...list));
    await settled;
    expect(events().slice(1, list.length + 1)).toEqual(list);
  });

  it('passes input, principal, headers and time to the run', async () => {
    let seen: unknown;
    const { settled } = invoke(async function* ({ signal, remainingTimeMs, ...rest }) {
      seen = { ...rest, aborted: signal.aborted, left: remainingTimeMs() };
      yield 'a';
    });
    await settled;
    expect(seen).toEqual({
      input,
      principal: undefined,
      headers: { 'content-type': 'application/json' },
      aborted: false,
      left: 30_000,
    });
  });

  it('takes a promise of an async iterable', async () => {
    const { settled, events } = invoke(async () => items('a'));
    await settled;
    expect(events().at(-1)?.type).toBe('RUN_FINISHED');
  });
});

describe('executeRun: iterators of other kinds', () => {
  const iterable = (next: () => unknown) => ({
    [Symbol.asyncIterator]: () => ({ next: next as () => Promise<IteratorResult<RunItem>> }),
  });

  it('takes steps that are no promises', async () => {
    const steps = [{ value: 'a', done: false }, { done: true }];
    const { settled, events } = invoke(() => iterable(() => steps.shift()));
    expect(await settled).toBeUndefined();
    expect(types(events()).at(-1)).toBe('RUN_FINISHED');
  });

  it('fails the run, not the process, when a step throws at once, later, or is no step', async () => {
    for (const broken of [
      () => {
        throw new Error('broken');
      },
      () => Promise.reject(new Error('broken')),
      () => undefined,
    ]) {
      let steps = 0;
      const next = () =>
        steps++ === 513 ? broken() : Promise.resolve({ value: 'a', done: false });
      const { settled, events } = invoke(() => iterable(next));
      expect(await settled).toMatchObject({ code: 'INTERNAL_ERROR' });
      expect(types(events()).at(-1)).toBe('RUN_ERROR');
      expect(steps).toBe(514);
    }
  });
});

describe('executeRun: failures', () => {
  const thrown: [name: string, run: () => AsyncIterable<RunItem>, code: string][] = [
    [
      'a run that throws at once',
      () => {
        throw new Error('x');
      },
      'INTERNAL_ERROR',
    ],
    ['a run that returns nothing', () => untyped(undefined) as never, 'INTERNAL_ERROR'],
    ['a run that returns text', () => 'text' as never, 'INTERNAL_ERROR'],
    ['a run that yields nothing', () => items(), 'EMPTY_RUN'],
    ['a run that yields only empty text', () => items('', ''), 'EMPTY_RUN'],
    ['an unknown event', () => items(untyped({ type: 'NEWER' })), 'INVALID_EVENT'],
    ['null', () => items('a', untyped(null)), 'INVALID_EVENT'],
    ['a number', () => items(untyped(5)), 'INVALID_EVENT'],
    [
      'a delta without text',
      () => items('a', untyped({ type: 'TEXT_MESSAGE_CONTENT', messageId: 'r1-text-1' })),
      'INVALID_EVENT',
    ],
    [
      'a delta of a message that is not open',
      () => items({ type: 'TEXT_MESSAGE_CONTENT', messageId: 'm', delta: 'x' }),
      'INVALID_EVENT',
    ],
    [
      'what JSON cannot hold',
      () => items({ type: 'CUSTOM', name: 'n', value: 1n }),
      'INVALID_EVENT',
    ],
    [
      'a RUN_ERROR of the source',
      () => items('a', { type: 'RUN_ERROR', message: 'm', code: 'THEIRS' }),
      'THEIRS',
    ],
  ];

  it.each(thrown)('%s gives exactly one terminal event', async (_, run, code) => {
    const { settled, events, stats, reported, record } = invoke(run);
    expect(await settled).toMatchObject({ code });
    const terminal = events().filter(({ type }) => /^RUN_(ERROR|FINISHED)$/.test(type));
    expect(terminal).toEqual([events().at(-1)]);
    expect(terminal[0]).toMatchObject({ type: 'RUN_ERROR', code });
    expect(stats[0]).toMatchObject({ status: 'failed', errorCode: code });
    expect(reported).toEqual([code]);
    expect(record.fatal).toEqual([]);
  });

  it('delivers what came before the failure, and no word of an error that was not meant for the client', async () => {
    const { settled, record, events, errors } = invoke(async function* () {
      yield 'before';
      throw new TypeError('secret prompt');
    });
    await settled;
    expect(types(events())).toEqual([
      'RUN_STARTED',
      'TEXT_MESSAGE_START',
      'TEXT_MESSAGE_CONTENT',
      'RUN_ERROR',
    ]);
    expect(record.body).not.toContain('secret');
    expect(errors).toEqual([new TypeError('secret prompt')]);
  });

  it('knows an AgentStreamError of another copy of this package', async () => {
    const foreign = Object.assign(new Error('Too many requests'), {
      [Symbol.for('@magi/lambda-stream/AgentStreamError')]: true,
      code: 'THROTTLED',
    });
    const { settled, events } = invoke(async function* () {
      yield 'a';
      throw foreign;
    });
    await settled;
    expect(events().at(-1)).toMatchObject({ message: 'Too many requests', code: 'THROTTLED' });
  });

  it('closes a source whose event was invalid, pulls nothing more and aborts its signal', async () => {
    let pulled = 0;
    let returned = 0;
    let signal: AbortSignal | undefined;
    const { settled } = invoke((request) => {
      signal = request.signal;
      return {
        [Symbol.asyncIterator]: () => ({
          next: async () => ({ done: false, value: untyped({ type: `T${++pulled}` }) }),
          return: async () => {
            returned++;
            return { done: true, value: undefined };
          },
        }),
      };
    });
    await settled;
    expect([pulled, returned, signal?.aborted]).toEqual([1, 1, true]);
  });

  it('keeps the usage that was reported before the failure', async () => {
    const usage = [{ model: 'm', outputTokens: 7 }];
    const { settled, events } = invoke(async function* () {
      yield { type: 'RUN_FINISHED', threadId: 'x', runId: 'x', usage };
      throw new AgentStreamError('No', { code: 'NO' });
    });
    await settled;
    expect(events().at(-1)).toEqual({ type: 'RUN_ERROR', message: 'No', code: 'NO', usage });
  });

  it('adds the usage that the failure itself carries, once', async () => {
    const { settled, events } = invoke(async function* () {
      yield {
        type: 'RUN_FINISHED',
        threadId: 'x',
        runId: 'x',
        usage: [{ model: 'm', outputTokens: 7 }],
      };
      throw new AgentStreamError('No', { code: 'NO', usage: [{ model: 'm', outputTokens: 5 }] });
    });
    await settled;
    expect(events().at(-1)).toMatchObject({
      code: 'NO',
      usage: [{ model: 'm', outputTokens: 12 }],
    });
  });

  it('survives hooks that throw', async () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const { settled, events, record } = invoke(() => items('a', untyped({})), {
      onError: () => {
        throw new Error('onError');
      },
      onRunEnd: () => {
        throw new Error('onRunEnd');
      },
    });
    expect(await settled).toMatchObject({ code: 'INVALID_EVENT' });
    expect(events().at(-1)?.type).toBe('RUN_ERROR');
    expect(log).toHaveBeenCalledTimes(2);
    log.mockRestore();
    expect(record.fatal).toEqual([]);
  });
});

describe('executeRun: deadline', () => {
  function withDeadline(run: Parameters<typeof invoke>[0], totalMs = 10_000, pace = false) {
    const clock = createFakeClock();
    const options = { clock, ...(pace ? { pace: {} } : {}) };
    const invocation = invoke(run, options, post(), () => totalMs - clock.now());
    return { clock, ...invocation };
  }

  it('ends a run that never ends a margin before the timeout, with a reason on its signal', async () => {
    let reason: unknown;
    const { clock, settled, events } = withDeadline(async function* ({ signal }) {
      signal.addEventListener('abort', () => {
        reason = signal.reason;
      });
      yield 'so far';
      await never;
    });
    await idle();
    clock.advanceTo(7_999);
    await idle();
    expect(reason).toBeUndefined();
    clock.advanceTo(8_000);
    await idle();
    expect(reason).toMatchObject({ name: 'AgentStreamError', code: 'DEADLINE_EXCEEDED' });
    expect(events().at(-1)).toMatchObject({ type: 'RUN_ERROR', code: 'DEADLINE_EXCEEDED' });
    clock.advanceTo(9_000); // the source's return() never settles
    expect(await settled).toMatchObject({ code: 'DEADLINE_EXCEEDED' });
  });

  it('delivers text that the pacer still holds before the RUN_ERROR', async () => {
    const { clock, settled, events } = withDeadline(
      async function* () {
        yield 'first ';
        yield 'second';
        await never;
      },
      10_000,
      true,
    );
    await idle();
    // No timer of the pacer gets its turn: the deadline comes first in the same instant.
    clock.advanceTo(8_000);
    await idle();
    clock.advanceTo(9_000);
    await settled;
    const text = events().map((event) =>
      event.type === 'TEXT_MESSAGE_CONTENT' ? event.delta : '',
    );
    expect(text.join('')).toBe('first second');
  });

  it('leaves half of a short timeout to the run', async () => {
    const { clock, settled, events } = withDeadline(async function* () {
      yield 'a';
      await never;
    }, 1_000);
    await idle();
    clock.advanceTo(499);
    await idle();
    expect(events().at(-1)?.type).toBe('TEXT_MESSAGE_CONTENT');
    clock.advanceTo(500);
    await idle();
    expect(events().at(-1)).toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    clock.advanceTo(1_000);
    await settled;
  });

  it('ignores what a source yields or throws after it was stopped', async () => {
    let wake = (): void => undefined;
    const late = new Promise<void>((resolve) => {
      wake = resolve;
    });
    const { clock, settled, events } = withDeadline(async function* () {
      yield 'a';
      await late;
      yield 'late';
      throw new Error('later');
    });
    await idle();
    clock.advanceTo(8_000);
    wake();
    expect(await settled).toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    expect(JSON.stringify(events())).not.toContain('late');
  });

  it('waits a bounded time for return(), and reports one that hangs or throws', async () => {
    const source = (leave: () => Promise<IteratorResult<RunItem>>) => () => ({
      [Symbol.asyncIterator]: () => ({ next: () => never, return: leave }),
    });
    const hangs = withDeadline(source(() => never));
    await idle();
    hangs.clock.advanceTo(8_000);
    await idle();
    expect(hangs.stats).toEqual([]);
    hangs.clock.advanceTo(9_000);
    expect(await hangs.settled).toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    expect(hangs.reported).toEqual(['ERR_SOURCE_CLOSE', 'DEADLINE_EXCEEDED']);

    const throws = withDeadline(source(() => Promise.reject(new Error('cleanup'))));
    await idle();
    throws.clock.advanceTo(8_000);
    expect(await throws.settled).toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    expect(throws.reported).toEqual(['ERR_SOURCE_CLOSE', 'DEADLINE_EXCEEDED']);
  });

  it('closes nested generators, whose upstream is aborted by the signal', async () => {
    const closed: string[] = [];
    async function* upstream(signal: AbortSignal): AsyncGenerator<RunItem> {
      try {
        yield 'a';
        await new Promise((_, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason));
        });
      } finally {
        closed.push('upstream');
      }
    }
    const { clock, settled } = withDeadline(async function* ({ signal }) {
      try {
        yield* upstream(signal);
      } finally {
        closed.push('run');
      }
    });
    await idle();
    clock.advanceTo(8_000);
    await settled;
    expect(closed).toEqual(['upstream', 'run']);
  });

  it('closes a run whose promise comes only after it was stopped', async () => {
    let returned = false;
    let give: (iterable: AsyncIterable<RunItem>) => void = () => undefined;
    const { clock, settled } = withDeadline(
      () =>
        new Promise<AsyncIterable<RunItem>>((resolve) => {
          give = resolve;
        }),
    );
    await idle();
    clock.advanceTo(8_000);
    await settled;
    give({
      [Symbol.asyncIterator]: () => ({
        next: () => never,
        return: async () => {
          returned = true;
          return { done: true, value: undefined };
        },
      }),
    });
    await idle();
    expect(returned).toBe(true);
  });

  it('settles before the timeout when the reader stops reading', async () => {
    const { clock, settled, pause, record } = withDeadline(async function* () {
      for (;;) yield 'x'.repeat(1_000);
    });
    pause();
    await idle();
    const held = record.queuedBytes;
    expect(held).toBeLessThan(64 * 1_024);
    await idle(20);
    expect(record.queuedBytes).toBe(held);
    clock.advanceTo(8_000);
    await idle();
    clock.advanceTo(9_500);
    expect(await settled).toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    expect(record.fatal).toEqual([]);
  });

  it('leaves no timer behind, however the run ended', async () => {
    const endings: Parameters<typeof invoke>[0][] = [
      () => items('a'),
      () => items(untyped({})),
      async function* () {
        yield 'a';
        throw new Error('x');
      },
    ];
    for (const run of endings) {
      for (const pace of [true, false]) {
        const { clock, settled } = withDeadline(run, 10_000, pace);
        await settled;
        expect(clock.nextAt).toBe(Number.POSITIVE_INFINITY);
      }
    }
  });
});

describe('executeRun: the reader', () => {
  it('joins what one tick produced into one write of at most about 16 KiB', async () => {
    const { settled, record } = invoke(() => items(...Array.from({ length: 100 }, () => 'token ')));
    await settled;
    expect(record.chunks).toHaveLength(2); // the prelude, everything else
    const big = invoke(() => items(...Array.from({ length: 100 }, () => 'x'.repeat(1_000))));
    await big.settled;
    for (const chunk of big.record.chunks) expect(chunk.length).toBeLessThan(18_000);
    expect(big.record.chunks.length).toBeGreaterThan(5);
  });

  it('writes at once when a tick is over, without waiting for more', async () => {
    let more = (): void => undefined;
    const gate = new Promise<void>((resolve) => {
      more = resolve;
    });
    const { settled, record } = invoke(async function* () {
      yield 'first';
      await gate;
      yield 'second';
    });
    await idle();
    expect(record.body).toContain('first');
    more();
    await settled;
  });

  it('pulls nothing from the source while the reader is behind', async () => {
    let pulled = 0;
    const { settled, pause, resume, record } = invoke(async function* () {
      for (; pulled < 500; pulled++) yield 'x'.repeat(1_000);
    });
    pause();
    await idle(10);
    const before = pulled;
    expect(before).toBeLessThan(60);
    await idle(10);
    expect(pulled).toBe(before);
    resume();
    expect(await settled).toBeUndefined();
    expect(pulled).toBe(500);
    expect(record.peakQueuedBytes).toBeLessThan(64 * 1_024);
  });

  it('aborts the run when the reader goes away, writes nothing more and reports no error', async () => {
    let reason: unknown;
    const { settled, leave, stats, reported, record } = invoke(async function* ({ signal }) {
      yield 'a';
      await new Promise<void>((resolve) => {
        signal.addEventListener('abort', () => {
          reason = signal.reason;
          resolve();
        });
      });
    });
    await idle();
    const { body } = record;
    leave();
    expect(await settled).toMatchObject({ code: 'CLIENT_DISCONNECTED' });
    expect(reason).toMatchObject({ code: 'CLIENT_DISCONNECTED' });
    expect(record.body).toBe(body);
    expect(stats[0]).toMatchObject({ status: 'aborted', errorCode: 'CLIENT_DISCONNECTED' });
    expect(reported).toEqual([]);
    expect(record.fatal).toEqual([]);
  });

  it('never calls the agent when the reader has gone or the time is over before it starts', async () => {
    let calls = 0;
    const run = async function* () {
      calls++;
      yield 'a';
    };
    const gone = invoke(run);
    gone.leave();
    await gone.settled;
    const clock = createFakeClock();
    const late = invoke(run, { clock }, post(), () => 0);
    // The deadline falls due as soon as it is set, within the same turn of the event loop.
    for (let i = 0; i < 100; i++) {
      clock.advanceTo(0);
      await Promise.resolve();
    }
    expect(await late.settled).toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    expect(types(late.events())).toEqual(['RUN_STARTED', 'RUN_ERROR']);
    expect(calls).toBe(0);
  });

  it('wakes up when the reader goes away while it is behind', async () => {
    const { settled, pause, leave, stats } = invoke(async function* () {
      for (;;) yield 'x'.repeat(10_000);
    });
    pause();
    await idle();
    leave();
    await settled;
    expect(stats[0]?.status).toBe('aborted');
  });
});

describe('executeRun: keep-alive', () => {
  it('sends a comment only when nothing else was sent for the interval', async () => {
    const clock = createFakeClock();
    const gates: (() => void)[] = [];
    const gate = () =>
      new Promise<void>((resolve) => {
        gates.push(resolve);
      });
    const { settled, record, stats } = invoke(
      async function* () {
        yield 'a';
        await gate();
        yield 'b';
        await gate();
      },
      { clock, keepAliveMs: 1_000 },
      post(),
      () => Number.POSITIVE_INFINITY,
    );
    const comments = () => record.body.split(': keep-alive\n\n').length - 1;
    await idle();
    clock.advanceTo(999);
    gates[0]?.();
    await idle();
    clock.advanceTo(1_998);
    await idle();
    expect(comments()).toBe(0);
    clock.advanceTo(1_999);
    await idle();
    expect(comments()).toBe(1);
    clock.advanceTo(3_999);
    await idle();
    expect(comments()).toBe(3);
    gates[1]?.();
    await settled;
    expect(stats[0]?.keepAlives).toBe(3);
    expect(clock.nextAt).toBe(Number.POSITIVE_INFINITY);
  });

  it('sends none to a reader that is behind', async () => {
    const clock = createFakeClock();
    const { pause, leave, settled, record } = invoke(
      async function* () {
        for (;;) yield 'x'.repeat(10_000);
      },
      { clock },
      post(),
      () => Number.POSITIVE_INFINITY,
    );
    pause();
    await idle();
    const queued = record.queuedBytes;
    clock.advanceTo(100_000);
    await idle();
    expect(record.queuedBytes).toBe(queued);
    leave();
    await settled;
  });
});

describe('executeRun: what is told', () => {
  it('hands statistics without content to onRunEnd', async () => {
    const clock = createFakeClock();
    const { settled, stats, record } = invoke(
      async function* () {
        clock.advanceTo(100);
        yield { type: 'CUSTOM', name: 'n', value: 'secret' };
        clock.advanceTo(250);
        yield 'こんにちは';
        clock.advanceTo(400);
      },
      { clock },
    );
    await settled;
    expect(stats).toEqual([
      {
        threadId: 't1',
        runId: 'r1',
        status: 'finished',
        durationMs: 400,
        firstByteMs: 0,
        firstEventMs: 100,
        firstTextMs: 250,
        events: 6,
        bytes: Buffer.byteLength(record.body),
        textLength: 5,
        keepAlives: 0,
        usage: [],
      },
    ]);
  });

  it('waits a bounded time for onRunEnd', async () => {
    const clock = createFakeClock();
    const { settled } = invoke(() => items('a'), { clock, onRunEnd: () => never });
    await idle(10);
    clock.advanceTo(2_000);
    expect(await settled).toBeUndefined();
  });

  it('calls observers around the run, for each event of the source, and at the end', async () => {
    const log: string[] = [];
    const { settled } = invoke(
      () => items('a', { type: 'RUN_FINISHED', threadId: 'x', runId: 'x' }),
      {
        observers: [
          ({ runId, headers }) => ({
            wrap: (start) => {
              log.push(`start ${runId} ${headers['content-type']}`);
              return start();
            },
            onEvent: ({ type }) => {
              log.push(type);
            },
            onEnd: async ({ status }) => {
              log.push(status);
            },
          }),
        ],
      },
    );
    await settled;
    expect(log).toEqual([
      'start r1 application/json',
      'TEXT_MESSAGE_START',
      'TEXT_MESSAGE_CONTENT',
      'TEXT_MESSAGE_END',
      'RUN_FINISHED',
      'finished',
    ]);
  });

  it('runs whatever observers throw, and runs once however often they start it', async () => {
    let runs = 0;
    const { settled, events, reported } = invoke(
      async function* () {
        runs++;
        yield 'a';
      },
      {
        observers: [
          () => {
            throw new Error('make');
          },
          () => ({
            wrap: (start) => {
              start();
              throw new Error('wrap');
            },
            onEvent: () => {
              throw new Error('event');
            },
            onEnd: async () => {
              throw new Error('end');
            },
          }),
        ],
      },
    );
    expect(await settled).toBeUndefined();
    expect(runs).toBe(1);
    expect(events().at(-1)?.type).toBe('RUN_FINISHED');
    // made, wrapped, two events, ended
    expect(reported).toEqual(Array.from({ length: 5 }, () => 'ERR_OBSERVER'));
  });
});
