import type { AgentEvent, UnknownReport } from '@magi/stream-protocol';
import { afterEach, describe, expect, test } from 'vitest';
import { type AgentClientOptions, createAgentClient } from './agent-client';
import {
  BufferOverflowError,
  HttpError,
  NetworkError,
  ProtocolError,
  RunError,
  TruncatedError,
} from './errors';
import { answer, eventStream, frame } from './test/frames';
import { startServer, type TestServer } from './test/sse-server';

let server: TestServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function serve(text: string, headers: Record<string, string> = eventStream, status = 200) {
  server = await startServer((_request, response) => response.writeHead(status, headers).end(text));
  return server;
}
const frames = (events: readonly AgentEvent[]) => events.map((event) => frame(event)).join('');
const client = (options: Partial<AgentClientOptions> = {}) =>
  createAgentClient({ url: server?.url ?? '', ...options });
const failureOf = (promise: Promise<unknown>) =>
  promise.then(
    () => {
      throw new Error('It succeeded');
    },
    (error) => error,
  );

describe('run()', () => {
  test('yields the events of a run, in order', async () => {
    await serve(frames(answer('Hel', 'lo')));
    const run = client().run({ threadId: 't1', runId: 'r1', messages: [] });
    const events: AgentEvent[] = [];
    for await (const event of run) events.push(event);
    expect(events).toEqual(answer('Hel', 'lo'));
    expect(await run.result).toEqual({
      outcome: 'finished',
      threadId: 't1',
      runId: 'r1',
      interrupts: [],
      usage: [],
    });
  });

  test('sends one POST with a complete AG-UI input', async () => {
    await serve(frames(answer('Hello')));
    expect(
      await client({ headers: { 'X-App': 'test' } })
        .run('Hi')
        .text(),
    ).toBe('Hello');
    expect(server?.requests).toHaveLength(1);
    const [request] = server?.requests ?? [];
    expect(request).toMatchObject({
      method: 'POST',
      headers: { accept: 'text/event-stream', 'content-type': 'application/json', 'x-app': 'test' },
    });
    expect(JSON.parse(request?.body ?? '')).toEqual({
      protocolVersion: '1.0',
      threadId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      runId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      messages: [{ id: expect.any(String), role: 'user', content: 'Hi' }],
      tools: [],
      context: [],
    });
  });

  test('text() leaves out subagents and messages that are not the assistant’s', async () => {
    const events = answer('Hello');
    events.splice(
      4,
      0,
      { type: 'TEXT_MESSAGE_CONTENT', messageId: 'm2', delta: 'aside', subagentRunId: 's1' },
      { type: 'TEXT_MESSAGE_START', messageId: 'm3', role: 'system' },
      { type: 'TEXT_MESSAGE_CONTENT', messageId: 'm3', delta: 'system' },
      { type: 'TEXT_MESSAGE_END', messageId: 'm3' },
    );
    await serve(frames(events));
    expect(await client().run('Hi').text()).toBe('Hello');
  });

  test('text() takes chunk events too', async () => {
    await serve(
      frames([
        { type: 'TEXT_MESSAGE_CHUNK', messageId: 'm1', role: 'assistant', delta: 'Hel' },
        { type: 'TEXT_MESSAGE_CHUNK', delta: 'lo' },
        { type: 'TEXT_MESSAGE_CHUNK', messageId: 'm2', role: 'system', delta: 'not' },
        { type: 'TEXT_MESSAGE_CHUNK', delta: ' this' },
        { type: 'RUN_FINISHED', threadId: 't1', runId: 'r1' },
      ]),
    );
    expect(await client().run('Hi').text()).toBe('Hello');
  });

  test('result settles without anybody iterating', async () => {
    const usage = [{ provider: 'aws.bedrock', inputTokens: 3 }];
    await serve(
      frame({ type: 'RUN_FINISHED', threadId: 't', runId: 'r', usage, result: { ok: 1 } }),
    );
    expect(await client().run('Hi').result).toMatchObject({
      outcome: 'finished',
      usage,
      result: { ok: 1 },
    });
  });

  test('an interrupt is an outcome of its own, as is a cancellation by the server', async () => {
    const interrupts = [{ id: 'i1', reason: 'approval' }];
    await serve(
      frame({
        type: 'RUN_FINISHED',
        threadId: 't',
        runId: 'r',
        outcome: { type: 'interrupt', interrupts },
      }),
    );
    expect(await client().run('Hi').result).toMatchObject({ outcome: 'interrupted', interrupts });
    await server?.close();
    await serve(
      frame({ type: 'RUN_FINISHED', threadId: 't', runId: 'r', outcome: { type: 'cancelled' } }),
    );
    expect(await client().run('Hi').result).toMatchObject({ outcome: 'cancelled' });
  });

  test('RUN_ERROR is yielded and then thrown as RunError', async () => {
    await serve(
      frame({
        type: 'RUN_ERROR',
        message: 'Too busy',
        code: 'THROTTLED',
        metadata: { retryable: true },
      }),
    );
    const seen: string[] = [];
    const run = client().run('Hi');
    const failure = await failureOf(
      (async () => {
        for await (const event of run) seen.push(event.type);
      })(),
    );
    expect(failure).toBeInstanceOf(RunError);
    expect(failure).toMatchObject({
      name: 'RunError',
      code: 'ERR_RUN',
      runCode: 'THROTTLED',
      retryable: true,
      message: 'Too busy',
    });
    expect(seen).toEqual(['RUN_ERROR']);
    expect(await failureOf(run.result)).toBe(failure);
  });

  test('ignores what follows the terminal event, and a [DONE]', async () => {
    await serve(`data: [DONE]\n\n${frames(answer('a'))}data: [DONE]\n\ndata: {broken\n\n`);
    expect(await client().run('Hi').text()).toBe('a');
  });

  test('a signal that is aborted rejects with its reason and sends nothing', async () => {
    await serve(frames(answer('a')));
    const reason = new Error('Not now');
    const run = client().run('Hi', { signal: AbortSignal.abort(reason) });
    expect(await failureOf(run.result)).toBe(reason);
    expect(await failureOf(run[Symbol.asyncIterator]().next())).toBe(reason);
    expect(server?.requests).toHaveLength(0);
  });

  test('aborting the signal drops the connection', async () => {
    let left: () => void = () => {};
    const gone = new Promise<void>((resolve) => {
      left = resolve;
    });
    server = await startServer((_request, response) => {
      response.on('close', left);
      response.writeHead(200, eventStream).write(frames(answer('a').slice(0, 3)));
    });
    const controller = new AbortController();
    const run = client().run('Hi', { signal: controller.signal });
    const failure = await failureOf(
      (async () => {
        for await (const event of run) {
          if (event.type === 'TEXT_MESSAGE_CONTENT') controller.abort();
        }
      })(),
    );
    expect(failure.name).toBe('AbortError');
    await gone;
  });

  test('cancel() ends the iteration without an error and drops the connection', async () => {
    let left: () => void = () => {};
    const gone = new Promise<void>((resolve) => {
      left = resolve;
    });
    server = await startServer((_request, response) => {
      response.on('close', left);
      response.writeHead(200, eventStream).write(frames(answer('a').slice(0, 3)));
    });
    const run = client().run('Hi');
    for await (const event of run) if (event.type === 'TEXT_MESSAGE_CONTENT') await run.cancel();
    expect(await run.result).toMatchObject({ outcome: 'cancelled' });
    await gone;
    expect(server.requests).toHaveLength(1);
  });

  test('leaving the loop cancels, but not after the terminal event', async () => {
    await serve(frames(answer('a')));
    const left = client().run('Hi');
    for await (const _event of left) break;
    expect((await left.result).outcome).toBe('cancelled');
    const finished = client().run('Hi');
    for await (const event of finished) if (event.type === 'RUN_FINISHED') break;
    expect((await finished.result).outcome).toBe('finished');
  });

  test('a run is iterated once', async () => {
    await serve(frames(answer('a')));
    const run = client().run('Hi');
    for await (const _event of run);
    expect(() => run[Symbol.asyncIterator]()).toThrow(TypeError);
  });

  test('next() may be called again before it settled', async () => {
    await serve(frames(answer('a', 'b')));
    const iterator = client().run('Hi')[Symbol.asyncIterator]();
    const steps = await Promise.all(Array.from({ length: 8 }, () => iterator.next()));
    expect(steps.map(({ value }) => value?.type)).toEqual([
      ...answer('a', 'b').map(({ type }) => type),
      undefined,
      undefined,
    ]);
  });

  test('a failure nobody looks at is not an unhandled rejection', async () => {
    const unhandled: unknown[] = [];
    const listen = (reason: unknown) => unhandled.push(reason);
    process.on('unhandledRejection', listen);
    await serve('no', {}, 500);
    client().run('Hi');
    await new Promise((resolve) => setTimeout(resolve, 100));
    process.off('unhandledRejection', listen);
    expect(unhandled).toEqual([]);
  });

  test('counts what its transport did', async () => {
    server = await startServer((_request, response) => {
      response.writeHead(200, eventStream).write(': open\n\n: still here\n\n');
      response.end(`data: {"type":"FROM_THE_FUTURE"}\n\n${frames(answer('a', 'b', 'c'))}`);
    });
    const run = client().run('Hi');
    await run.text();
    const { stats } = run;
    expect(stats).toMatchObject({ events: 7, keepAlives: 2, unknownEvents: 1, reconnects: 0 });
    expect(stats.bytes).toBeGreaterThan(400);
    expect(stats.interArrival.reduce((sum, count) => sum + count)).toBe(2);
    const { firstByteMs = -1, firstEventMs = -1, firstTextMs = -1, endMs = -1 } = stats;
    expect(firstByteMs).toBeGreaterThanOrEqual(0);
    expect(firstEventMs).toBeGreaterThanOrEqual(firstByteMs);
    expect(firstTextMs).toBeGreaterThanOrEqual(firstEventMs);
    expect(endMs).toBeGreaterThanOrEqual(firstTextMs);
  });
});

describe('endings that are not true', () => {
  test.each([0, 1, 3, 4])('a clean end after %i events is a TruncatedError', async (count) => {
    await serve(frames(answer('Hel').slice(0, count)));
    const error = await failureOf(client().run('Hi').text());
    expect(error).toBeInstanceOf(TruncatedError);
    expect(error).toMatchObject({ code: 'ERR_TRUNCATED', lastEventId: '' });
    expect(server?.requests).toHaveLength(1);
  });

  test('an unterminated last event does not count', async () => {
    await serve(frames(answer('Hel')).trimEnd());
    expect(await failureOf(client().run('Hi').text())).toBeInstanceOf(TruncatedError);
  });

  test('a connection reset is a TruncatedError with its cause, after all events before it', async () => {
    server = await startServer((request, response) => {
      response.writeHead(200, eventStream).write(frames(answer('Hel').slice(0, 3)));
      setTimeout(() => request.socket.resetAndDestroy(), 20);
    });
    const run = client().run('Hi');
    const types: string[] = [];
    const error = await failureOf(
      (async () => {
        for await (const { type } of run) types.push(type);
      })(),
    );
    expect(types).toHaveLength(3);
    expect(error).toBeInstanceOf(TruncatedError);
    expect(error.cause).toBeDefined();
    expect(server.requests).toHaveLength(1);
  });

  test('an HTML page with status 200 is an HttpError, never a parse', async () => {
    await serve(`<h1>Log in</h1>${'x'.repeat(5000)}`, { 'content-type': 'text/html' });
    const error = await failureOf(client().run('Hi').text());
    expect(error).toBeInstanceOf(HttpError);
    expect(error).toMatchObject({ code: 'ERR_HTTP', status: 200 });
    expect(error.body).toMatch(/^<h1>Log in<\/h1>x+$/);
    expect(error.body).toHaveLength(1024);
  });

  test.each([204, 400, 404, 429, 500])('status %i is an HttpError', async (status) => {
    await serve('', eventStream, status);
    const error = await failureOf(client().run('Hi').text());
    expect(error).toBeInstanceOf(HttpError);
    expect(error.status).toBe(status);
    expect(server?.requests).toHaveLength(1);
  });

  test('a redirect is an HttpError and not followed', async () => {
    await serve('', { location: '/login' }, 302);
    expect(await failureOf(client().run('Hi').text())).toMatchObject({
      code: 'ERR_HTTP',
      status: 302,
    });
    expect(server?.requests).toHaveLength(1);
  });

  test('a refused connection is a NetworkError that says what it may be', async () => {
    await serve('');
    const { url } = server as TestServer;
    await server?.close();
    const error = await failureOf(createAgentClient({ url }).run('Hi').text());
    expect(error).toBeInstanceOf(NetworkError);
    expect(error.message).toMatch(/CORS/);
  });

  test('the message of a NetworkError names nothing of a URL that may be a secret', async () => {
    const url = 'http://127.0.0.1:1/agent?key=secret@b/c\nsecret#secret';
    const error = await failureOf(createAgentClient({ url }).run('Hi').text());
    expect(error).toBeInstanceOf(NetworkError);
    expect(error.message).toMatch(/^Reaching "http:\/\/127.0.0.1:1\/agent" failed/);
    expect(error.message).not.toContain('secret');
  });

  test.each([
    ['{"type":"TEXT_MESSAGE_CONTENT","messageId":"m1"}', 'TEXT_MESSAGE_CONTENT', 'delta'],
    ['{"type":"TEXT_MESSAGE_CONTENT","messageId":"m1","delta":7}', 'TEXT_MESSAGE_CONTENT', 'delta'],
    ['{"type":', undefined, undefined],
  ])('%s is a ProtocolError that names event and field', async (data, eventType, field) => {
    await serve(
      `${frames(answer('a').slice(0, 2))}data: ${data}\n\n${frames(answer('a').slice(2))}`,
    );
    const run = client().run('Hi');
    const types: string[] = [];
    const error = await failureOf(
      (async () => {
        for await (const { type } of run) types.push(type);
      })(),
    );
    expect(types).toEqual(['RUN_STARTED', 'TEXT_MESSAGE_START']);
    expect(error).toBeInstanceOf(ProtocolError);
    expect(error).toMatchObject({ code: 'ERR_PROTOCOL', eventType, field });
  });

  test('an event above maxEventBytes is a BufferOverflowError', async () => {
    await serve(frames(answer('x'.repeat(2000))));
    const error = await failureOf(client({ maxEventBytes: 1000 }).run('Hi').text());
    expect(error).toBeInstanceOf(BufferOverflowError);
    expect(error).toMatchObject({ code: 'ERR_BUFFER_OVERFLOW', limitBytes: 1000 });
  });

  test('unknown events and fields are tolerated, and reported once', async () => {
    const strange = 'data: {"type":"FROM_THE_FUTURE"}\n\n';
    const extra = 'data: {"type":"STEP_STARTED","stepName":"s","mood":1}\n\n';
    await serve(strange + strange + extra + extra + frames(answer('a')));
    const reports: UnknownReport[] = [];
    const text = await client({ onUnknown: (report) => reports.push(report) })
      .run('Hi')
      .text();
    expect(text).toBe('a');
    expect(reports).toEqual([
      { kind: 'event', eventType: 'FROM_THE_FUTURE' },
      { kind: 'field', eventType: 'STEP_STARTED', field: 'mood' },
    ]);
  });
});

describe('platforms', () => {
  test('a response without a body stream is read as a whole (React Native)', async () => {
    const bodiless = async () => {
      const response = new Response(frames(answer('Hel', 'lo')), { headers: eventStream });
      const { status, headers } = response;
      return { status, headers, text: () => response.text() } as Response;
    };
    const run = createAgentClient({ url: 'https://agent.example/', fetch: bodiless }).run('Hi');
    expect(await run.text()).toBe('Hello');
  });

  test('ids are made without crypto.randomUUID, which insecure pages lack', async () => {
    await serve(frames(answer('a')));
    const { randomUUID } = crypto;
    Object.defineProperty(crypto, 'randomUUID', { value: undefined, configurable: true });
    try {
      const { runId } = client().run('Hi');
      expect(runId).toMatch(
        /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
      );
    } finally {
      Object.defineProperty(crypto, 'randomUUID', { value: randomUUID, configurable: true });
    }
  });
});

describe('createAgentClient()', () => {
  const url = 'https://agent.example/';
  test.each([
    [{ url: '' }, TypeError],
    [{ url, tokn: 1 }, TypeError],
    [{ url, auth: {} }, TypeError],
    [{ url, maxEventBytes: 0 }, RangeError],
    [{ url, timeouts: { idleMs: 0 } }, RangeError],
    [{ url, timeouts: { idleMs: Number.NaN } }, RangeError],
    [{ url, timeouts: { idle: 5 } }, TypeError],
    [{ url, timeouts: { idleMs: 2000, totalMs: 1000 } }, RangeError],
    [{ url, timeouts: { connectMs: 2000, firstEventMs: 1000 } }, RangeError],
    [{ url, reconnect: { maxAttempts: -1 } }, RangeError],
    [{ url, reconnect: { maxAttempts: 1.5 } }, RangeError],
    [{ url, timeouts: { totalMs: '5000' } }, TypeError],
    [{ url, timeouts: { totalMs: 2 ** 31 } }, RangeError],
    [{ url: undefined }, TypeError],
    [{ url, reconnect: { baseDelayMs: 20, maxDelayMs: 10 } }, RangeError],
    [{ url, reconnect: { attempts: 3 } }, TypeError],
  ])('refuses %j', (options, kind) => {
    expect(() => createAgentClient(options as AgentClientOptions)).toThrow(kind);
  });

  test.each([
    ['auth', () => 'token', 'such as bearer'],
    ['timeouts', null, 'object'],
    ['reconnect', null, 'object'],
  ])('names "%s" when it is %j', (name, value, reason) => {
    const create = () => createAgentClient({ url, [name]: value } as AgentClientOptions);
    expect(create).toThrow(TypeError);
    expect(create).toThrow(`"${name}" must be`);
    expect(create).toThrow(reason);
  });

  test.each([undefined, null, 7])('run() refuses the input %j', (input) => {
    expect(() => createAgentClient({ url }).run(input as never)).toThrow(TypeError);
  });
});
