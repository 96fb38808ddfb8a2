import type { AgentEvent } from '@magi/stream-protocol';
import { describe, expect, it, vi } from 'vitest';
import { pace } from './pace';
import { createFakeClock } from './pace/fake-clock.fixture';
import { PACE_DEFAULTS } from './pace/pace-options';

const text = (delta: string): AgentEvent => ({
  type: 'TEXT_MESSAGE_CONTENT',
  messageId: 'm1',
  delta,
});
const end: AgentEvent = { type: 'TEXT_MESSAGE_END', messageId: 'm1' };

const turn = () => new Promise((resolve) => setImmediate(resolve));

async function* from(events: AgentEvent[], failure?: Error): AsyncGenerator<AgentEvent> {
  yield* events;
  if (failure !== undefined) throw failure;
}

/** A source that gives what it is told, when it is told. */
function manualSource() {
  let waiting: ((result: IteratorResult<AgentEvent>) => void) | undefined;
  const source = {
    reads: 0,
    returned: 0,
    give(event: AgentEvent) {
      waiting?.({ done: false, value: event });
    },
    next() {
      source.reads++;
      return new Promise<IteratorResult<AgentEvent>>((resolve) => {
        waiting = resolve;
      });
    },
    async return() {
      source.returned++;
      return { done: true as const, value: undefined };
    },
    [Symbol.asyncIterator]: () => source,
  };
  return source;
}

async function collect(events: AsyncIterable<AgentEvent>): Promise<AgentEvent[]> {
  const collected: AgentEvent[] = [];
  for await (const event of events) collected.push(event);
  return collected;
}

describe('pace()', () => {
  it('delivers everything at once when the source ends', async () => {
    const clock = createFakeClock();
    const events = await collect(pace(from([text('a'), text('b'), text('c'), end]), { clock }));
    expect(events).toEqual([text('a'), text('bc'), end]);
    expect(clock.nextAt).toBe(Number.POSITIVE_INFINITY);
  });

  it('delivers what was produced before it rethrows the failure of the source', async () => {
    const paced = pace(from([text('a'), text('b')], new Error('upstream')), {
      clock: createFakeClock(),
    });
    expect(await paced.next()).toEqual({ done: false, value: text('a') });
    expect(await paced.next()).toEqual({ done: false, value: text('b') });
    await expect(paced.next()).rejects.toThrow('upstream');
    expect(await paced.next()).toEqual({ done: true, value: undefined });
  });

  it('holds back a second delta until minIntervalMs has passed', async () => {
    const clock = createFakeClock();
    const source = manualSource();
    const paced = pace(source, { clock });
    const first = paced.next();
    source.give(text('a'));
    expect((await first).value).toEqual(text('a'));
    const delivered = vi.fn();
    void paced.next().then(({ value }) => delivered(value));
    source.give(text('b'));
    await turn();
    clock.advanceTo(19);
    await turn();
    expect(delivered).not.toHaveBeenCalled();
    clock.advanceTo(20);
    await turn();
    expect(delivered).toHaveBeenCalledExactlyOnceWith(text('b'));
  });

  it('reads nothing before the first next() and at most one event ahead of a consumer that is busy', async () => {
    const source = manualSource();
    const paced = pace(source, { clock: createFakeClock() });
    expect(source.reads).toBe(0);
    const first = paced.next();
    source.give(end);
    await first;
    await turn();
    expect(source.reads).toBe(1);
  });

  it('closes the source on return(), also while it is silent', async () => {
    const clock = createFakeClock();
    const source = manualSource();
    const paced = pace(source, { clock });
    const pending = paced.next();
    await turn();
    expect(await paced.return?.()).toEqual({ done: true, value: undefined });
    expect(await pending).toEqual({ done: true, value: undefined });
    expect(source.returned).toBe(1);
    expect(clock.nextAt).toBe(Number.POSITIVE_INFINITY);
  });

  it('ends for good on return(), also when the source has failed meanwhile', async () => {
    const clock = createFakeClock();
    const paced = pace(from([text('a'), text('b')], new Error('upstream')), { clock });
    await paced.next();
    await paced.next();
    const ended = await paced.return?.();
    expect(ended).toEqual({ done: true, value: undefined });
    expect(await paced.return?.()).toEqual(ended);
    expect(await paced.next()).toEqual(ended);
  });

  it('asks for nothing after a return() that came first', async () => {
    const source = manualSource();
    const paced = pace(source);
    await paced.return?.();
    expect(await paced.next()).toEqual({ done: true, value: undefined });
    expect(source.reads).toBe(0);
  });

  it('rejects when the source throws instead of promising', async () => {
    const paced = pace({
      [Symbol.asyncIterator]: () => ({
        next: () => {
          throw new Error('at once');
        },
      }),
    });
    await expect(paced.next()).rejects.toThrow('at once');
    expect(await paced.next()).toEqual({ done: true, value: undefined });
  });

  it.each([undefined, 'text', { type: 'TEXT_MESSAGE_CONTENT', messageId: 'm1' }])(
    'rejects, and closes the source, when what it gives is no event but %j',
    async (item) => {
      const source = manualSource();
      const paced = pace(source);
      const step = paced.next();
      source.give(item as never);
      await expect(step).rejects.toThrow(TypeError);
      expect(source.returned).toBe(1);
    },
  );

  it('delivers what a source says in one object that it fills again', async () => {
    async function* careless(): AsyncGenerator<AgentEvent> {
      const event: Record<string, unknown> = {};
      const fill = (fields: object) => Object.assign(event, fields) as unknown as AgentEvent;
      yield fill({ type: 'TEXT_MESSAGE_START', messageId: 'm1' });
      for (const delta of ['a', 'b', 'c']) yield fill({ type: 'TEXT_MESSAGE_CONTENT', delta });
      yield fill({ type: 'TEXT_MESSAGE_END' });
      yield fill({ type: 'CUSTOM', name: 'x', value: 1 });
    }
    const types: string[] = [];
    for await (const { type } of pace(careless())) types.push(type);
    expect(types.filter((type) => type !== 'TEXT_MESSAGE_CONTENT')).toEqual([
      'TEXT_MESSAGE_START',
      'TEXT_MESSAGE_END',
      'CUSTOM',
    ]);
  });

  it('rejects when the source cannot be iterated', async () => {
    const broken = {
      [Symbol.asyncIterator](): AsyncIterator<AgentEvent> {
        throw new Error('no iterator');
      },
    };
    await expect(pace(broken).next()).rejects.toThrow('no iterator');
  });

  it('paces by the clock of the machine when none is given', async () => {
    async function* slow() {
      yield text('a');
      yield text('b');
      await new Promise((resolve) => setTimeout(resolve, 200));
      yield end;
    }
    expect(await collect(pace(slow()))).toEqual([text('a'), text('b'), end]);
  });
});

describe('pace() options', () => {
  it.each([
    [{ minIntervalMs: 0 }, RangeError, '"minIntervalMs" must be a number from 1 up'],
    [{ maxIntervalMs: 10 }, RangeError, '"maxIntervalMs" must be a number from minIntervalMs up'],
    [{ maxLagMs: 49 }, RangeError, '"maxLagMs" must be a number from maxIntervalMs up'],
    [{ maxBufferedChars: Number.NaN }, TypeError, '"maxBufferedChars" must be a number from 1 up'],
    [{ minInterval: 5 }, TypeError, 'unknown option "minInterval"'],
  ])('refuses %o when it is called', (options: object, type, message) => {
    expect(() => pace(from([]), options)).toThrow(type);
    expect(() => pace(from([]), options)).toThrow(message);
  });

  it('takes undefined for absent', () => {
    expect(() => pace(from([]), { maxLagMs: undefined } as object)).not.toThrow();
  });

  it('has the defaults that the documentation states', () => {
    expect(PACE_DEFAULTS).toEqual({
      minIntervalMs: 20,
      maxIntervalMs: 50,
      maxLagMs: 500,
      maxBufferedChars: 65_536,
    });
  });
});
