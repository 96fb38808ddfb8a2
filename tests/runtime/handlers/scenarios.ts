import type { Run, RunItem, RunRequest } from '@magi/lambda-stream';

/** Stands for a prompt, a key, a stack: what no client and no trailer may show. */
export const secret = 'SECRET-7f3a';

type Scenario = Run<RunRequest['input'], unknown>;

const never = new Promise<never>(() => undefined);
const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
const aborted = (signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve());
  });

const start = { type: 'TEXT_MESSAGE_START', messageId: 'm' } as const;
const content = (delta: string) =>
  ({ type: 'TEXT_MESSAGE_CONTENT', messageId: 'm', delta }) as const;
const end = { type: 'TEXT_MESSAGE_END', messageId: 'm' } as const;

/** What a source without types could yield. */
const untyped = (value: unknown) => value as RunItem;

/** An iterator with methods of the scenario's own making, which a generator cannot have. */
const iterable = (iterator: Partial<AsyncIterator<RunItem>>): AsyncIterable<RunItem> => ({
  [Symbol.asyncIterator]: () => ({ next: () => never, ...iterator }),
});

function yielding(...items: unknown[]): Scenario {
  return async function* () {
    for (const item of items) yield untyped(item);
  };
}

const circular: Record<string, unknown> = {};
circular.self = circular;

/** How a run can misbehave, by name. */
export const scenarios: Readonly<Record<string, Scenario>> = {
  healthy: async function* () {
    yield 'Hello, ';
    await sleep(1);
    yield '世界';
  },
  echo: async function* ({ input }) {
    const [message] = input.messages;
    yield typeof message?.content === 'string' ? message.content : '';
  },
  throwsFirst: () => iterable({ next: () => Promise.reject(new TypeError(secret)) }),
  throwsLater: async function* () {
    yield 'part';
    yield ' of it';
    throw new TypeError(secret);
  },
  throwsLaterAndSlowly: async function* () {
    yield 'part';
    await sleep(60);
    yield ' of it';
    await sleep(60);
    throw new TypeError(secret);
  },
  throwsAfterDeadline: async function* ({ signal }) {
    yield 'part';
    await aborted(signal);
    throw new TypeError(secret);
  },
  throwsTheReason: async function* ({ signal }) {
    yield 'part';
    await aborted(signal);
    throw signal.reason;
  },
  throwsSynchronously: () => {
    throw new TypeError(secret);
  },
  rejects: () => Promise.reject(new TypeError(secret)),
  throwsUndefined: async function* () {
    yield 'part';
    throw undefined;
  },
  throwsHostileError: async function* () {
    yield 'part';
    throw new Proxy(new Error(), {
      get() {
        throw new Error(secret);
      },
    });
  },
  isNotIterable: () => untyped(undefined) as unknown as AsyncIterable<RunItem>,
  hasThrowingIterator: () => ({
    [Symbol.asyncIterator]() {
      throw new TypeError(secret);
    },
  }),
  nextThrows: () =>
    iterable({
      next() {
        throw new TypeError(secret);
      },
    }),
  nextGivesNoResult: () =>
    iterable({ next: () => Promise.resolve(undefined as unknown as IteratorResult<RunItem>) }),
  yieldsNothing: yielding(),
  leavesOpen: yielding(
    { type: 'STEP_STARTED', stepName: 'search' },
    { type: 'TOOL_CALL_START', toolCallId: 'c', toolCallName: 'search' },
    start,
    content('part'),
  ),
  finishesItself: yielding(
    { type: 'RUN_STARTED', threadId: 'x', runId: 'y' },
    start,
    content('all'),
    end,
    { type: 'RUN_FINISHED', threadId: 'x', runId: 'y' },
  ),
  failsItself: yielding('part', { type: 'RUN_ERROR', message: 'Told', code: 'OWN' }, 'more'),
  yieldsAfterStop: async function* () {
    for (;;) {
      yield 'x';
      await sleep(1);
    }
  },
  floods: async function* () {
    for (;;) yield 'x';
  },
  floodsEvents: async function* () {
    for (;;) yield { type: 'CUSTOM', name: 'n', value: 'x'.repeat(100) };
  },
  neverStarts: async function* () {
    await never;
    yield '';
  },
  neverEnds: async function* () {
    yield 'part';
    await never;
  },
  returnHangs: () => {
    let told = false;
    return iterable({
      next: () => {
        if (told) return never;
        told = true;
        return Promise.resolve({ done: false, value: 'part' });
      },
      return: () => never,
    });
  },
  returnThrows: () => {
    let told = 0;
    return iterable({
      next: () => {
        told += 1;
        if (told > 1) return never;
        return Promise.resolve({ done: false, value: 'part' });
      },
      return() {
        throw new TypeError(secret);
      },
    });
  },
  returnRejectsAfterInvalidEvent: () =>
    iterable({
      next: () => Promise.resolve({ done: false, value: untyped({ type: 'CUSTOM' }) }),
      return: () => Promise.reject(new TypeError(secret)),
    }),
  yieldsInvalidEvent: yielding('part', { type: 'TEXT_MESSAGE_CONTENT', delta: 'x' }),
  yieldsUnknownType: yielding('part', { type: 'NO_SUCH_TYPE' }),
  yieldsNull: yielding('part', null),
  yieldsNumber: yielding(7),
  yieldsOutOfOrder: yielding(content('x')),
  yieldsCircular: yielding('part', { type: 'CUSTOM', name: 'n', value: circular }),
  yieldsBigInt: yielding('part', { type: 'CUSTOM', name: 'n', value: 1n }),
  yieldsThrowingToJson: yielding('part', {
    type: 'CUSTOM',
    name: 'n',
    value: {
      toJSON() {
        throw new TypeError(secret);
      },
    },
  }),
  yieldsThrowingGetter: yielding('part', {
    get type() {
      throw new TypeError(secret);
    },
  }),
  yieldsHalfSurrogates: yielding('a\ud83d', '\ude00b'),
  yieldsManyBytes: async function* () {
    const block = '0123456789abcdef'.repeat(4096); // 64 KiB
    for (let blocks = 0; blocks < 256; blocks += 1) yield block;
  },
  yieldsBytesForever: async function* () {
    const block = '0123456789abcdef'.repeat(4096); // 64 KiB
    while (true) yield block;
  },
  yieldsSlowly: async function* () {
    for (let blocks = 0; blocks < 100; blocks += 1) {
      yield 'x'.repeat(1000);
      await sleep(2);
    }
  },
};
