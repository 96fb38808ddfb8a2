import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { ensureNode } from '../../scripts/node-binaries.mjs';
import { answerText, readEvents, terminalEvent } from '../support/agent-events';
import { type Bundle, bundleHandler } from '../support/bundle-handler';
import { functionUrlEvent, runInput, type UrlRequest } from '../support/function-url-event';
import type { InvocationResult } from '../support/invocation-result';
import type { Reader } from '../support/reader';
import { type Ric, startRic } from '../support/run-ric';
import type { InvokeOptions } from '../support/runtime-api';
import { secret } from './handlers/scenarios';

/** A run that the handler accepts: status 200, and this terminal event. */
interface RunRow {
  scenario: string;
  /** The code of RUN_ERROR; absent: the run finishes. */
  code?: string;
  /** The whole answer, or what it starts with when the run fails. */
  text?: string;
  options?: InvokeOptions;
}

/** The deadline passes 300 ms after the start and leaves the handler's margin of 300 ms to say so. */
const soon: InvokeOptions = { timeoutMs: 600 };
const bigText = '0123456789abcdef'.repeat(4096 * 256);
const paused = (forMs: number): Reader => ({
  kind: 'paused',
  afterBytes: 100_000,
  forMs,
});

const internal = 'INTERNAL_ERROR';
const deadline = 'DEADLINE_EXCEEDED';
const invalid = 'INVALID_EVENT';

const runs: readonly (readonly [name: string, row: RunRow])[] = [
  ['throws before its first event', { scenario: 'throwsFirst', code: internal }],
  ['throws after some events', { scenario: 'throwsLater', code: internal, text: 'part of it' }],
  [
    'throws after keep-alive comments went out',
    { scenario: 'throwsLaterAndSlowly', code: internal, text: 'part of it' },
  ],
  [
    'throws after the deadline',
    { scenario: 'throwsAfterDeadline', code: deadline, text: 'part', options: soon },
  ],
  [
    'throws the reason of its signal',
    { scenario: 'throwsTheReason', code: deadline, text: 'part', options: soon },
  ],
  ['throws synchronously', { scenario: 'throwsSynchronously', code: internal }],
  ['rejects instead of being iterable', { scenario: 'rejects', code: internal }],
  ['throws undefined', { scenario: 'throwsUndefined', code: internal, text: 'part' }],
  [
    'throws an error that cannot be read',
    { scenario: 'throwsHostileError', code: internal, text: 'part' },
  ],
  ['is not iterable', { scenario: 'isNotIterable', code: internal }],
  ['has an iterator that throws', { scenario: 'hasThrowingIterator', code: internal }],
  ['has a next() that throws', { scenario: 'nextThrows', code: internal }],
  ['has a next() that gives no result', { scenario: 'nextGivesNoResult', code: internal }],
  ['yields nothing', { scenario: 'yieldsNothing', code: 'EMPTY_RUN' }],
  ['returns without closing what it opened', { scenario: 'leavesOpen', text: 'part' }],
  ['brings a whole AG-UI run of its own', { scenario: 'finishesItself', text: 'all' }],
  ['ends with an error of its own', { scenario: 'failsItself', code: 'OWN', text: 'part' }],
  [
    'yields after it was stopped',
    { scenario: 'yieldsAfterStop', code: deadline, text: 'xx', options: soon },
  ],
  ['floods text without a pause', { scenario: 'floods', code: deadline, text: 'x', options: soon }],
  ['floods events without a pause', { scenario: 'floodsEvents', code: deadline, options: soon }],
  ['never starts', { scenario: 'neverStarts', code: deadline, options: soon }],
  ['never ends', { scenario: 'neverEnds', code: deadline, text: 'part', options: soon }],
  [
    'starts with less time left than the margin',
    { scenario: 'neverEnds', code: deadline, options: { timeoutMs: 200 } },
  ],
  [
    'has a return() that hangs',
    { scenario: 'returnHangs', code: deadline, text: 'part', options: soon },
  ],
  [
    'has a return() that throws',
    { scenario: 'returnThrows', code: deadline, text: 'part', options: soon },
  ],
  ['has a return() that rejects', { scenario: 'returnRejectsAfterInvalidEvent', code: invalid }],
  ['yields an invalid event', { scenario: 'yieldsInvalidEvent', code: invalid, text: 'part' }],
  ['yields an unknown event', { scenario: 'yieldsUnknownType', code: invalid, text: 'part' }],
  ['yields null', { scenario: 'yieldsNull', code: invalid, text: 'part' }],
  ['yields a number', { scenario: 'yieldsNumber', code: invalid }],
  ['yields content of an unopened message', { scenario: 'yieldsOutOfOrder', code: invalid }],
  ['yields a circular value', { scenario: 'yieldsCircular', code: invalid, text: 'part' }],
  ['yields a bigint', { scenario: 'yieldsBigInt', code: invalid, text: 'part' }],
  [
    'yields a value whose toJSON() throws',
    { scenario: 'yieldsThrowingToJson', code: invalid, text: 'part' },
  ],
  [
    'yields an event whose type throws',
    { scenario: 'yieldsThrowingGetter', code: invalid, text: 'part' },
  ],
  ['cuts a character in two', { scenario: 'yieldsHalfSurrogates', text: 'a😀b' }],
  ['is read as fast as it comes', { scenario: 'yieldsManyBytes', text: bigText }],
  [
    'meets a reader that stops reading for a while',
    { scenario: 'yieldsManyBytes', text: bigText, options: { reader: paused(500) } },
  ],
  [
    // Endless, since the kernel's buffers alone may take tens of megabytes.
    'meets a reader that stops reading until after the deadline',
    {
      scenario: 'yieldsBytesForever',
      code: deadline,
      text: '0123456789abcdef',
      options: { timeoutMs: 600, reader: paused(900) },
    },
  ],
  [
    'meets the bandwidth limit of Lambda',
    {
      scenario: 'yieldsManyBytes',
      text: bigText,
      options: {
        reader: { kind: 'token-bucket', burstBytes: 6e6, bytesPerTick: 262_144, tickMs: 10 },
      },
    },
  ],
  [
    'is answered early by a Runtime API that reads on',
    {
      scenario: 'yieldsSlowly',
      text: 'x'.repeat(100_000),
      options: { reader: { kind: 'early-answer', afterBytes: 2000, status: 413, close: false } },
    },
  ],
];

/** The door refuses these; the agent never runs. */
const refusals: readonly (readonly [name: string, request: UrlRequest, status: number])[] = [
  ['an unknown caller', { body: runInput('q'), headers: { 'x-caller': 'unknown' } }, 401],
  ['a caller without the right', { body: runInput('q'), headers: { 'x-caller': 'refused' } }, 403],
  ['an authorize that breaks', { body: runInput('q'), headers: { 'x-caller': 'broken' } }, 500],
  ['a body that is not JSON', { body: '{' }, 400],
  ['no body', {}, 400],
  ['a body without messages', { body: { threadId: 't', runId: 'r' } }, 400],
  ['a body of another type', { body: 'a=b', headers: { 'content-type': 'text/plain' } }, 415],
  ['a body above the limit', { body: runInput('q'.repeat(70_000)) }, 413],
  ['a method without a run', { method: 'PUT', body: runInput('q') }, 405],
];

function expectHiding(result: InvocationResult): void {
  const shown = `${result.text}${JSON.stringify(result.prelude)}${JSON.stringify(result.failure)}`;
  expect(shown).not.toContain(secret);
  expect(shown).not.toMatch(/\n\s+at |index\.mjs/); // a stack
}

let bundle: Bundle;
beforeAll(async () => {
  bundle = await bundleHandler(fileURLToPath(new URL('./handlers/survival.ts', import.meta.url)));
});
afterAll(() => bundle?.remove());

for (const major of ['20', '22', '24'] as const) {
  const node = ensureNode(major);

  // Where a Node cannot be had, `ensureNode` has said so and why.
  describe.skipIf(node === undefined)(`on Node ${major}, the runtime survives a run that`, () => {
    let ric: Ric;
    const start = async (): Promise<void> => {
      ric = await startRic({ bundle: bundle.file, ...(node === undefined ? {} : { node }) });
    };
    beforeAll(start);
    afterAll(() => ric?.stop());
    afterEach(async ({ task }) => {
      // A row that failed may have left the runtime dead or busy: the next one is not to suffer for it.
      if (task.result?.state !== 'fail') return;
      await ric.stop();
      await start();
    });

    const ask = (scenario: string, options?: InvokeOptions) =>
      ric.invoke(functionUrlEvent({ body: runInput('q', { scenario }) }), {
        timeoutMs: 10_000,
        ...options,
      });

    async function expectAlive(): Promise<void> {
      const next = await ask('healthy', { timeoutMs: 5000 });
      expect(terminalEvent(readEvents(next.text)).type).toBe('RUN_FINISHED');
      expect(answerText(readEvents(next.text))).toBe('Hello, 世界');
      expect(next.failure).toBeUndefined();
      expect(ric.exitCode).toBeUndefined();
    }

    for (const [name, { scenario, code, text, options }] of runs) {
      test(name, async () => {
        const result = await ask(scenario, options);
        expect(result.ending).toBe('complete');
        expect(result.prelude?.statusCode).toBe(200);
        const events = readEvents(result.text);
        const last = terminalEvent(events);
        expect(last.type).toBe(code === undefined ? 'RUN_FINISHED' : 'RUN_ERROR');
        expect(last.code).toBe(code);
        if (code === undefined) expect(answerText(events) === (text ?? '')).toBe(true);
        else expect(answerText(events).startsWith(text ?? '')).toBe(true);
        if (code === undefined) expect(result.failure).toBeUndefined();
        else expect(result.failure?.message).toContain(code);
        expectHiding(result);
        // Later than that, Lambda would have ended the process before the client was told.
        if (options?.reader === undefined) {
          expect(result.wallMs).toBeLessThan(options?.timeoutMs ?? 10_000);
        }
        await expectAlive();
      });
    }

    for (const status of [400, 413]) {
      test(`is answered early with ${status} by a Runtime API that closes the connection`, async () => {
        const reader = { kind: 'early-answer', afterBytes: 2000, status, close: true } as const;
        expect((await ask('yieldsSlowly', { reader, timeoutMs: 5000 })).ending).toBe('cut');
        await expectAlive();
      });
    }

    test('loses the connection to the Runtime API', async () => {
      const reader = { kind: 'reset', afterBytes: 2000 } as const;
      expect((await ask('yieldsSlowly', { reader, timeoutMs: 5000 })).ending).toBe('cut');
      await expectAlive();
    });

    for (const [name, request, status] of refusals) {
      test(`is refused for ${name}`, async () => {
        const result = await ric.invoke(functionUrlEvent(request));
        expect(result.ending).toBe('complete');
        expect(result.prelude?.statusCode).toBe(status);
        expect(result.prelude?.headers['content-type']).toMatch(/^application\/problem\+json/);
        expect(JSON.parse(result.text)).toMatchObject({ status });
        expectHiding(result);
        await expectAlive();
      });
    }

    test('is asked for by a base64 body', async () => {
      const body = runInput('こんにちは', { scenario: 'echo' });
      const result = await ric.invoke(functionUrlEvent({ body, base64: true }));
      expect(answerText(readEvents(result.text))).toBe('こんにちは');
    });
  });
}
