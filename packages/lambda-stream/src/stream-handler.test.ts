import { describe, expect, expectTypeOf, it, vi } from 'vitest';
import { AgentStreamError } from './agent-stream-error';
import { eventsOf, input, invoke, post } from './engine.fixture';
import { streamHandler } from './stream-handler';
import { createResponseStream } from './testing/response-stream';

async function* hello() {
  yield 'Hello';
  yield ' world';
}

describe('streamHandler', () => {
  it('tags the handler for response streaming and takes three arguments, without the awslambda global', () => {
    const handler = streamHandler(hello, { authorize: null });
    expect(Reflect.get(handler, Symbol.for('aws.lambda.runtime.handler.streaming'))).toBe(
      'response',
    );
    expect(handler).toHaveLength(3);
    expect('awslambda' in globalThis).toBe(false);
  });

  it('sends prelude, 8 NUL bytes and an opening comment in one write before the agent is called', async () => {
    const seen: string[][] = [];
    const { settled, record, events } = invoke(async function* () {
      seen.push([...record.chunks]);
      yield* hello();
    });
    expect(await settled).toBeUndefined();
    expect(seen[0]?.[0]).toMatch(/^\{"statusCode":200,.*\}\0{8}: open\n\n$/);
    expect(record.contentType).toBe('application/vnd.awslambda.http-integration-response');
    expect(record.prelude).toEqual({
      statusCode: 200,
      headers: {
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-cache, no-transform',
        'x-accel-buffering': 'no',
      },
    });
    expect(events()).toEqual([
      { type: 'RUN_STARTED', threadId: 't1', runId: 'r1', protocolVersion: '1.0' },
      { type: 'TEXT_MESSAGE_START', messageId: 'r1-text-1', role: 'assistant' },
      { type: 'TEXT_MESSAGE_CONTENT', messageId: 'r1-text-1', delta: 'Hello' },
      { type: 'TEXT_MESSAGE_CONTENT', messageId: 'r1-text-1', delta: ' world' },
      { type: 'TEXT_MESSAGE_END', messageId: 'r1-text-1' },
      { type: 'RUN_FINISHED', threadId: 't1', runId: 'r1' },
    ]);
    expect(record.finished).toBe(true);
    expect(record.fatal).toEqual([]);
  });

  it('sends no header that a function URL would rename', async () => {
    const { settled, record } = invoke(hello);
    await settled;
    const names = Object.keys(record.prelude?.headers ?? {}).join();
    expect(names).not.toMatch(/connection|transfer-encoding|content-length|content-encoding/);
  });

  it('rejects after the RUN_ERROR, without ending the stream, so that the runtime can add its error trailers', async () => {
    const { settled, record, events } = invoke(async function* () {
      yield 'Hello';
      throw new Error('the prompt was: top secret');
    });
    const failure = await settled;
    expect(events().at(-1)).toEqual({
      type: 'RUN_ERROR',
      message: 'The agent failed',
      code: 'INTERNAL_ERROR',
    });
    expect(record.ended).toBe(false);
    expect(failure).toMatchObject({ name: 'RunFailedError', code: 'INTERNAL_ERROR' });
    const { name, message, stack } = failure as Error;
    expect(`${name} ${message} ${stack}`).not.toMatch(/secret|at /);
  });

  it('ends the stream and resolves after a RUN_ERROR with failInvocation: false', async () => {
    const run = async function* () {
      yield 'Hello';
      throw new AgentStreamError('Too many requests', { code: 'THROTTLED', retryable: true });
    };
    const { settled, record, events } = invoke(run, { failInvocation: false });
    expect(await settled).toBeUndefined();
    expect(record.finished).toBe(true);
    expect(events().at(-1)).toEqual({
      type: 'RUN_ERROR',
      message: 'Too many requests',
      code: 'THROTTLED',
      metadata: { retryable: true },
    });
  });

  it('does not hold an invocation open for other handles of the application', async () => {
    const { stream } = createResponseStream();
    const context = {
      callbackWaitsForEmptyEventLoop: true,
      getRemainingTimeInMillis: () => 30_000,
    };
    await streamHandler(hello, { authorize: null })(post(), stream, context);
    expect(context.callbackWaitsForEmptyEventLoop).toBe(false);
  });

  it('answers an event that is no HTTP request with 405 instead of failing', async () => {
    for (const event of [null, 7, 'text', {}, { Records: [] }]) {
      const { settled, record } = invoke(hello, {}, event);
      expect(await settled).toBeUndefined();
      expect(record.prelude?.statusCode).toBe(405);
    }
  });

  it('serves invocations one after the other from one handler', async () => {
    const handler = streamHandler(hello, { authorize: null });
    for (let i = 0; i < 3; i++) {
      const { stream, record } = createResponseStream();
      await handler(post({ ...input, runId: `r${i}` }), stream, {
        getRemainingTimeInMillis: () => 30_000,
      });
      expect(eventsOf(record.body).at(-1)).toMatchObject({ type: 'RUN_FINISHED', runId: `r${i}` });
    }
  });

  it('keeps a broken connection from the runtime while the run is on, and tells it by rejecting', async () => {
    const { stream, leave } = createResponseStream();
    const told: string[] = [];
    const [doubles] = stream.listeners('error');
    stream.on('error', () => told.push('error'));
    const settled = streamHandler(
      async function* () {
        yield 'a';
        stream.emit('error', new Error('ECONNRESET'));
        leave();
        yield 'b';
      },
      { authorize: null, pace: false, failInvocation: false },
    )(post(), stream, { getRemainingTimeInMillis: () => 30_000 });
    await expect(settled).rejects.toMatchObject({ code: 'CLIENT_DISCONNECTED' });
    expect(told).toEqual([]);
    expect(stream.listeners('error')).not.toContain(doubles);
  });

  it('gives the runtime its error listeners back, and keeps none, after a run that was not cut off', async () => {
    const { stream } = createResponseStream();
    const before = stream.listeners('error');
    await streamHandler(hello, { authorize: null })(post(), stream, {
      getRemainingTimeInMillis: () => 30_000,
    });
    expect(stream.listeners('error')).toEqual(before);
    for (const event of ['close', 'drain', 'finish']) expect(stream.listenerCount(event)).toBe(0);
  });

  it('does nothing when it is imported or created', async () => {
    const timer = vi.spyOn(globalThis, 'setTimeout');
    const listener = vi.spyOn(process, 'on');
    vi.resetModules();
    const fresh = await import('./index');
    timer.mockClear();
    listener.mockClear();
    fresh.streamHandler(hello, { authorize: null });
    expect(timer).not.toHaveBeenCalled();
    expect(listener).not.toHaveBeenCalled();
    vi.restoreAllMocks();
  });

  it.each([
    ['run', undefined, { authorize: null }],
    ['run', hello(), { authorize: null }],
    ['authorize', hello, undefined],
    ['authorize', hello, null],
    ['failInvocation', hello, { authorize: null, failInvocation: 'no' }],
  ])('names %s when it is wrong or missing', (option, run, options) => {
    const make = () => Reflect.apply(streamHandler, undefined, [run, options]);
    expect(make).toThrow(TypeError);
    expect(make).toThrow(`"${option}" must be`);
  });

  it('types input and principal through to the run', () => {
    streamHandler(
      ({ principal }) => {
        expectTypeOf(principal).toEqualTypeOf<{ sub: string }>();
        return hello();
      },
      { authorize: async () => ({ sub: 'u1' }) },
    );
    streamHandler(
      ({ principal, input: read }) => {
        expectTypeOf(principal).toEqualTypeOf<undefined>();
        expectTypeOf(read.threadId).toEqualTypeOf<string>();
        return hello();
      },
      { authorize: null },
    );
    // @ts-expect-error: nobody can forget to decide who may call
    expect(() => streamHandler(hello, {})).toThrow(TypeError);
  });
});
