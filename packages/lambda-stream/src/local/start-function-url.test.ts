import { connect } from 'node:net';
import type { RunAgentInput } from '@magi/stream-protocol';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { streamHandler } from '../stream-handler';
import type { FunctionUrl, FunctionUrlHandler, FunctionUrlOptions } from './start-function-url';
import { startFunctionUrl } from './start-function-url';
import type { FunctionUrlEvent } from './url-event';

const input: RunAgentInput = {
  threadId: 't1',
  runId: 'r1',
  protocolVersion: '1.0',
  messages: [{ id: 'u1', role: 'user', content: 'こんにちは' }],
  tools: [],
  context: [],
};
const json = { 'content-type': 'application/json' };

let running: FunctionUrl | undefined;

async function start(handler: FunctionUrlHandler, options?: FunctionUrlOptions): Promise<string> {
  running = await startFunctionUrl(handler, options);
  return running.url;
}

afterEach(async () => {
  await running?.close(0);
  running = undefined;
  vi.restoreAllMocks();
});

/** A handler written against the runtime's interface alone. */
function tagged(handler: FunctionUrlHandler): FunctionUrlHandler {
  return Object.assign(handler, {
    [Symbol.for('aws.lambda.runtime.handler.streaming')]: 'response',
  });
}

function echoEvent(): { handler: FunctionUrlHandler; events: FunctionUrlEvent[] } {
  const events: FunctionUrlEvent[] = [];
  const handler = tagged(async (event, stream) => {
    events.push(event as FunctionUrlEvent);
    stream.write('ok');
    stream.end();
  });
  return { handler, events };
}

const withPrelude = (prelude: object): FunctionUrlHandler =>
  tagged(async (_, stream) => {
    stream.setContentType('application/vnd.awslambda.http-integration-response');
    stream.write(`${JSON.stringify(prelude)}\0\0\0\0\0\0\0\0`);
    stream.end();
  });

describe('startFunctionUrl', () => {
  it('delivers each write while the handler is still running', async () => {
    let release = (): void => undefined;
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const handler = streamHandler(
      async function* () {
        yield 'first';
        await gate;
        yield 'second';
      },
      { authorize: null, pace: false },
    );
    const response = await fetch(await start(handler), {
      method: 'POST',
      headers: json,
      body: JSON.stringify(input),
    });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    let text = '';
    const decoder = new TextDecoder();
    for await (const chunk of response.body ?? []) {
      text += decoder.decode(chunk, { stream: true });
      if (text.includes('first') && !text.includes('second')) release();
    }
    expect(text).toMatch(/^: open\n\n.*RUN_STARTED.*first.*second.*RUN_FINISHED[^\n]*\n\n$/s);
  });

  it('builds payload 2.0 events', async () => {
    const { handler, events } = echoEvent();
    const url = await start(handler);
    await fetch(`${url}a%20b?x=1&x=2&y=%E3%81%82`, {
      headers: { Cookie: 'a=1; b=2', 'X-Thing': 'v' },
    });
    const [event] = events;
    expect(event).toMatchObject({
      version: '2.0',
      rawPath: '/a%20b',
      rawQueryString: 'x=1&x=2&y=%E3%81%82',
      queryStringParameters: { x: '1,2', y: 'あ' },
      cookies: ['a=1', 'b=2'],
      isBase64Encoded: false,
      requestContext: { http: { method: 'GET', path: '/a%20b', protocol: 'HTTP/1.1' } },
    });
    expect(event?.headers['x-thing']).toBe('v');
    expect(event?.headers.cookie).toBeUndefined();
    expect(event?.body).toBeUndefined();
  });

  it('joins repeated headers by a comma', async () => {
    const { handler, events } = echoEvent();
    const { port } = new URL(await start(handler));
    const socket = connect(Number(port), '127.0.0.1');
    socket.write('GET / HTTP/1.1\r\nHost: h\r\nX-A: 1\r\nx-a: 2\r\nConnection: close\r\n\r\n');
    await new Promise((resolve) => socket.resume().on('close', resolve));
    expect(events[0]?.headers['x-a']).toBe('1,2');
  });

  it.each([
    ['application/json', false],
    ['text/plain; charset=utf-8', false],
    ['application/vnd.api+json', false],
    ['application/octet-stream', true],
    ['application/x-www-form-urlencoded', true],
  ])('sends a %s body with isBase64Encoded: %s', async (contentType, isBase64Encoded) => {
    const { handler, events } = echoEvent();
    const url = await start(handler);
    const headers = { 'content-type': contentType };
    await fetch(url, { method: 'POST', headers, body: Buffer.from('日本') });
    expect(events[0]?.isBase64Encoded).toBe(isBase64Encoded);
    const body = events[0]?.body ?? '';
    expect(isBase64Encoded ? Buffer.from(body, 'base64').toString() : body).toBe('日本');
  });

  it('refuses a body above 6 MB with 413 and does not call the handler', async () => {
    const { handler, events } = echoEvent();
    const url = await start(handler);
    const response = await fetch(url, { method: 'POST', body: Buffer.alloc(6_291_457) });
    expect(response.status).toBe(413);
    expect(events).toEqual([]);
  });

  it('takes status, headers and cookies from the prelude and renames hop-by-hop headers', async () => {
    const handler = withPrelude({
      statusCode: 418,
      headers: { 'x-tea': 'pot', connection: 'upgrade', 'transfer-encoding': 'chunked' },
      cookies: ['a=1', 'b=2'],
    });
    const response = await fetch(await start(handler));
    expect(response.status).toBe(418);
    expect(response.headers.get('x-tea')).toBe('pot');
    expect(response.headers.get('x-amzn-remapped-connection')).toBe('upgrade');
    expect(response.headers.get('x-amzn-remapped-transfer-encoding')).toBe('chunked');
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
  });

  it.each([
    ['a prelude that is not JSON', 'nonsense\0\0\0\0\0\0\0\0'],
    ['a response without a prelude', 'data: 1\n\n'],
    ['a renamed header', '{"headers":{"x-amzn-remapped-date":"x"}}\0\0\0\0\0\0\0\0'],
    ['a status that is none', '{"statusCode":1000}\0\0\0\0\0\0\0\0'],
    ['a header with a line break', '{"headers":{"x-a":"1\\n2"}}\0\0\0\0\0\0\0\0'],
  ])('answers %s with 502', async (_, text) => {
    const handler = tagged(async (_event, stream) => {
      stream.setContentType('application/vnd.awslambda.http-integration-response');
      stream.write(text);
      stream.end();
    });
    expect((await fetch(await start(handler))).status).toBe(502);
  });

  it('answers 502 when the handler fails before it wrote, and ends cleanly when it fails after', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => undefined);
    let write = false;
    const handler = tagged(async (_, stream) => {
      if (write) stream.write('partial');
      throw new Error('boom');
    });
    const url = await start(handler);
    expect((await fetch(url)).status).toBe(502);
    write = true;
    const response = await fetch(url);
    expect(await response.text()).toBe('partial');
  });

  it('cuts the response off at the timeout', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const handler = tagged(async (_, stream) => {
      stream.write('partial');
      await new Promise(() => undefined);
    });
    const response = await fetch(await start(handler, { timeoutMs: 50 }));
    expect(await response.text()).toBe('partial');
  });

  it('waits for the end of a response whose handler has returned', async () => {
    let release = (): void => undefined;
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const handler = tagged(async (_, stream) => {
      stream.write('a');
      void gate.then(() => {
        stream.write('b');
        stream.end();
      });
    });
    const response = await fetch(await start(handler));
    release();
    expect(await response.text()).toBe('ab');
  });

  it.each([
    ['nothing', '', 502],
    ['a part', 'partial', 200],
  ])('cuts a handler off that wrote %s and returned without an end', async (_, text, status) => {
    const error = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const handler = tagged(async (_event, stream) => {
      if (text !== '') stream.write(text);
    });
    const response = await fetch(await start(handler, { timeoutMs: 50 }));
    expect(response.status).toBe(status);
    expect(await response.text()).toContain(text);
    expect(error).toHaveBeenCalledWith('Task timed out after 0.05 seconds');
  });

  it('fails a handler that returns no promise, as the runtime does', async () => {
    const error = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const handler = tagged((() => undefined) as unknown as FunctionUrlHandler);
    expect((await fetch(await start(handler))).status).toBe(502);
    expect(error).toHaveBeenCalledWith(
      'Invoke Error',
      new Error('Streaming does not support non-async handlers.'),
    );
  });

  it.each([
    ['before its first byte', '', 502],
    ['in the middle of its answer', 'partial', 200],
  ])('does not let a handler feel that it was cut off %s', async (_when, text, status) => {
    vi.spyOn(console, 'error').mockImplementation(() => undefined);
    let late: () => unknown = () => undefined;
    const handler = tagged(async (_event, stream) => {
      if (text !== '') stream.write(text);
      late = () => {
        stream.setContentType('text/plain');
        return [stream.write('late'), stream.end(), stream.write('later')];
      };
      await new Promise(() => undefined);
    });
    const response = await fetch(await start(handler, { timeoutMs: 50 }));
    expect(response.status).toBe(status);
    expect(await response.text()).not.toContain('late');
    expect(late()).toEqual([true, undefined, true]);
  });

  it('answers preflights itself and adds its CORS headers to every response', async () => {
    const { handler, events } = echoEvent();
    const url = await start(handler, {
      cors: {
        allowOrigins: ['https://app.example'],
        allowMethods: ['POST'],
        allowHeaders: ['authorization', 'content-type'],
        exposeHeaders: ['x-request-id'],
        maxAge: 60,
      },
    });
    const preflight = await fetch(url, {
      method: 'OPTIONS',
      headers: { origin: 'https://app.example', 'access-control-request-method': 'POST' },
    });
    expect(preflight.status).toBe(200);
    expect(Object.fromEntries(preflight.headers)).toMatchObject({
      'access-control-allow-origin': 'https://app.example',
      'access-control-allow-methods': 'POST',
      'access-control-allow-headers': 'authorization,content-type',
      'access-control-max-age': '60',
    });
    expect(events).toEqual([]);
    const allowed = await fetch(url, { headers: { origin: 'https://app.example' } });
    expect(allowed.headers.get('access-control-allow-origin')).toBe('https://app.example');
    expect(allowed.headers.get('access-control-expose-headers')).toBe('x-request-id');
    const other = await fetch(url, { headers: { origin: 'https://evil.example' } });
    expect(other.headers.get('access-control-allow-origin')).toBeNull();
  });

  it('sends a CORS header twice when handler and URL both set it, as AWS does', async () => {
    const handler = withPrelude({
      headers: { 'access-control-allow-origin': 'https://a.example' },
    });
    const url = await start(handler, { cors: { allowOrigins: ['*'] } });
    const response = await fetch(url, { headers: { origin: 'https://a.example' } });
    expect(response.headers.get('access-control-allow-origin')).toBe('*, https://a.example');
  });

  it.each([
    [{ cors: { origins: ['*'] } }, 'unknown option "cors.origins"'],
    [{ cors: {} }, '"cors.allowOrigins" must be an array'],
    [{ cors: { allowOrigins: ['https://page.example/'] } }, '"cors.allowOrigins"'],
    [{ cors: { allowOrigins: ['*'], allowHeaders: 'x' } }, '"cors.allowHeaders"'],
    [{ cors: { allowOrigins: ['*'], maxAge: 86_401 } }, '"cors.maxAge"'],
    [{ cors: true }, '"cors" must be an object'],
    [{ port: 70_000 }, '"port" must be a number from 0 to 65535'],
    [{ timeoutMs: 0 }, '"timeoutMs" must be a number from 1 to 900000'],
    [{ timeout: 1 }, 'unknown option "timeout"'],
  ])('refuses %j', async (options, message) => {
    await expect(start(echoEvent().handler, Object(options))).rejects.toThrow(message);
  });

  it('hands OPTIONS to the handler when the URL has no CORS setting', async () => {
    const { handler, events } = echoEvent();
    const url = await start(handler);
    await fetch(url, { method: 'OPTIONS', headers: { 'access-control-request-method': 'POST' } });
    expect(events).toHaveLength(1);
  });

  it('does not tell the handler that the reader left, and lets it run to its end', async () => {
    let wrote = (): void => undefined;
    let gone = (): void => undefined;
    let done: (value: string) => void = () => undefined;
    const written = new Promise<void>((resolve) => {
      wrote = resolve;
    });
    const left = new Promise<void>((resolve) => {
      gone = resolve;
    });
    const ended = new Promise<string>((resolve) => {
      done = resolve;
    });
    const handler = streamHandler(
      async function* ({ signal }) {
        yield 'first';
        wrote();
        await left;
        for (let i = 0; i < 100; i++) yield 'x'.repeat(10_000);
        done(signal.aborted ? 'aborted' : 'ran to its end');
      },
      { authorize: null, pace: false },
    );
    const controller = new AbortController();
    const response = await fetch(await start(handler), {
      method: 'POST',
      headers: json,
      body: JSON.stringify(input),
      signal: controller.signal,
    });
    await written;
    controller.abort();
    await response.text().catch(() => undefined);
    gone();
    expect(await ended).toBe('ran to its end');
  });

  it('refuses a handler that is not tagged for response streaming', async () => {
    await expect(startFunctionUrl(async () => undefined)).rejects.toThrow(
      'The handler must be a streaming handler',
    );
  });

  it('rejects when the port is taken', async () => {
    const { handler } = echoEvent();
    const port = Number(new URL(await start(handler)).port);
    await expect(startFunctionUrl(handler, { port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });

  it('lets a running invocation end before it closes', async () => {
    let release = (): void => undefined;
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const handler = tagged(async (_, stream) => {
      stream.write('a');
      await gate;
      stream.write('b');
      stream.end();
    });
    const response = await fetch(await start(handler));
    const closed = running?.close(5_000);
    release();
    expect(await response.text()).toBe('ab');
    await closed;
  });
});
