import { afterEach, expect, test, vi } from 'vitest';
import { createAgentClient } from './agent-client';
import { bearer } from './auth/bearer';
import { forwardRun } from './proxy';
import { eventually } from './test/eventually';
import { answer, eventStream, frame } from './test/frames';
import { startServer, type TestServer } from './test/sse-server';

let server: TestServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});
const frames = (deltas: string[]) =>
  answer(...deltas)
    .map((event) => frame(event))
    .join('');
const post = (init: RequestInit = {}) =>
  new Request('https://page.example/api/agent', {
    method: 'POST',
    body: '{"messages":[]}',
    ...init,
  });

test('passes a run through, with the server’s credentials instead of the browser’s', async () => {
  server = await startServer((_request, response) => {
    response.writeHead(200, { ...eventStream, 'set-cookie': 'a=b', 'x-internal': 'secret' });
    response.end(frames(['Hel', 'lo']));
  });
  const response = await forwardRun(
    post({
      headers: {
        'content-type': 'application/json',
        accept: 'text/event-stream',
        authorization: 'Bearer browser',
        cookie: 'session=1',
        connection: 'keep-alive',
        'x-forwarded-for': '10.0.0.1',
        traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      },
    }),
    { url: server.url, auth: bearer(() => 'server') },
  );
  expect(response.status).toBe(200);
  expect(Object.fromEntries(response.headers)).toEqual({
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache, no-transform',
    'x-accel-buffering': 'no',
  });
  expect(await response.text()).toBe(frames(['Hel', 'lo']));
  const [request] = server.requests;
  expect(request).toMatchObject({ method: 'POST', body: '{"messages":[]}' });
  expect(request?.headers).toMatchObject({
    authorization: 'Bearer server',
    'content-type': 'application/json',
  });
  expect(request?.headers.traceparent).toMatch(/^00-/);
  expect(request?.headers.cookie).toBeUndefined();
  expect(request?.headers['x-forwarded-for']).toBeUndefined();
});

test('a client works through it as it does without it', async () => {
  server = await startServer((_request, response) =>
    response.writeHead(200, eventStream).end(frames(['Hello'])),
  );
  const { url } = server;
  const fetch = (address: unknown, init?: RequestInit) =>
    forwardRun(new Request(String(address), init), { url });
  const client = createAgentClient({
    url: 'https://page.example/api',
    fetch: fetch as typeof globalThis.fetch,
  });
  expect(await client.run('Hi').text()).toBe('Hello');
});

test('streams: the first event passes before the last is written', async () => {
  let finish: () => void = () => {};
  server = await startServer((_request, response) => {
    response.writeHead(200, eventStream).write(frame(answer()[0] as never));
    finish = () => response.end();
  });
  const response = await forwardRun(post(), { url: server.url });
  const reader = response.body?.getReader();
  expect(new TextDecoder().decode((await reader?.read())?.value)).toContain('RUN_STARTED');
  finish();
  expect((await reader?.read())?.done).toBe(true);
});

test.each(['abort', 'cancel'] as const)(
  'ends the request to the agent when the browser leaves (%s)',
  async (how) => {
    const left = vi.fn();
    server = await startServer((_request, response) => {
      response.on('close', left);
      response.writeHead(200, eventStream).write(frame(answer()[0] as never));
    });
    const controller = new AbortController();
    const response = await forwardRun(post({ signal: controller.signal }), { url: server.url });
    if (how === 'abort') controller.abort();
    else await response.body?.cancel();
    await eventually(() => expect(left).toHaveBeenCalled());
  },
);

test('goes to the configured address only, with nothing of the incoming one but runId', async () => {
  server = await startServer((_request, response) => response.writeHead(204).end());
  const request = new Request(
    'https://page.example/other/path?url=https://evil.example/&runId=a%2Fb&x=1',
    {
      headers: { 'last-event-id': '7', host: 'evil.example' },
    },
  );
  const response = await forwardRun(request, { url: server.url });
  expect(response.status).toBe(204);
  expect(server.requests[0]).toMatchObject({ method: 'GET', url: '/agent?runId=a%2Fb' });
  expect(server.requests[0]?.headers['last-event-id']).toBe('7');
});

test('an error status of the agent passes, with its body', async () => {
  server = await startServer((_request, response) =>
    response
      .writeHead(400, { 'content-type': 'application/problem+json', 'retry-after': '3' })
      .end('{"title":"Bad"}'),
  );
  const response = await forwardRun(post(), { url: server.url });
  expect(response.status).toBe(400);
  expect(response.headers.get('retry-after')).toBe('3');
  expect(await response.json()).toEqual({ title: 'Bad' });
});

test.each([
  ['a refusal of the server’s own credentials', 401],
  ['a redirect', 302],
])('%s is a 502, not the browser’s business', async (_name, status) => {
  server = await startServer((_request, response) =>
    response.writeHead(status, { location: '/login' }).end(),
  );
  const response = await forwardRun(post(), { url: server.url });
  expect(response.status).toBe(502);
  expect(response.headers.get('content-type')).toBe('application/problem+json');
});

test('an agent that cannot be reached is a 502 that names no internals', async () => {
  const response = await forwardRun(post(), { url: 'http://127.0.0.1:1/secret' });
  expect(response.status).toBe(502);
  expect(await response.text()).toBe('{"type":"about:blank","title":"Bad Gateway","status":502}');
});

test('authorize decides before anything is sent', async () => {
  server = await startServer((_request, response) =>
    response.writeHead(200, eventStream).end(frames(['a'])),
  );
  const { url } = server;
  expect((await forwardRun(post(), { url, authorize: () => false })).status).toBe(401);
  const own = new Response('pay first', { status: 402 });
  expect(await forwardRun(post(), { url, authorize: () => own })).toBe(own);
  expect(server.requests).toHaveLength(0);
  expect((await forwardRun(post(), { url, authorize: async () => true })).status).toBe(200);
});

test('refuses other methods and bodies above the limit', async () => {
  const url = 'http://127.0.0.1:1/';
  expect(
    (await forwardRun(new Request('https://page.example/', { method: 'PUT', body: 'x' }), { url }))
      .status,
  ).toBe(405);
  expect(
    (await forwardRun(post({ body: 'x'.repeat(101) }), { url, maxBodyBytes: 100 })).status,
  ).toBe(413);
  await expect(forwardRun(post(), { url: '' })).rejects.toThrow(TypeError);
  await expect(forwardRun(post(), { url, timeout: 1 } as never)).rejects.toThrow(TypeError);
});

test.each([undefined, null, false])(
  'refuses a request that authorize answers with %s',
  async (answer) => {
    server = await startServer((_request, response) => response.writeHead(200, eventStream).end());
    const authorize = async () => answer as unknown as boolean;
    expect((await forwardRun(post(), { url: server.url, authorize })).status).toBe(401);
    expect(server.requests).toEqual([]);
  },
);

test.each([{ auth: async () => 'token' }, { auth: 'token' }, { authorize: 'everybody' }])(
  'refuses %o by name',
  async (options) => {
    const request = new Request('https://page.example/', { method: 'POST', body: '{}' });
    const [name] = Object.keys(options);
    await expect(
      forwardRun(request, { url: 'https://agent.example/', ...options } as never),
    ).rejects.toThrow(new RegExp(`^"${name}" must be`));
  },
);

test('does not wait for credentials when the browser has left', async () => {
  const browser = new AbortController();
  const answered = forwardRun(post({ signal: browser.signal }), {
    url: 'https://agent.example/',
    auth: bearer(() => new Promise(() => {})),
  });
  browser.abort();
  expect((await answered).status).toBe(502);
});

test('a body that breaks off is a 502', async () => {
  const body = new ReadableStream({ start: (controller) => controller.error(new Error('cut')) });
  const errors: unknown[] = [];
  const response = await forwardRun(post({ body, duplex: 'half' } as RequestInit), {
    url: 'https://agent.example/',
    onError: (error) => errors.push(error),
  });
  expect(response.status).toBe(502);
  expect(errors).toMatchObject([{ message: 'cut' }]);
});

test('refuses an encoded body, and an authorize that reads the body', async () => {
  const url = 'https://agent.example/';
  const encoded = await forwardRun(post({ headers: { 'content-encoding': 'gzip' } }), { url });
  expect(encoded.status).toBe(415);
  const authorize = async (request: Request) => (await request.text()) !== '';
  await expect(forwardRun(post(), { url, authorize })).rejects.toThrow('clone()');
});

test('tells onError what a 502 hides', async () => {
  server = await startServer((_request, response) => response.writeHead(401).end());
  const onError = vi.fn();
  const response = await forwardRun(post(), { url: server.url, onError });
  expect(response.status).toBe(502);
  expect(onError).toHaveBeenCalledWith(new Error('The agent answered with HTTP 401'));
  await expect(forwardRun(post(), { url: '/', onError: 1 as never })).rejects.toThrow('"onError"');
});

test.each([
  () => {
    throw new Error('The log is full');
  },
  () => Promise.reject(new Error('The log is full')),
])('an onError that fails changes nothing of the answer', async (onError) => {
  const unhandled = vi.fn();
  process.on('unhandledRejection', unhandled);
  server = await startServer((_request, response) => response.writeHead(401).end());
  for (const url of [server.url, 'http://127.0.0.1:1/']) {
    expect((await forwardRun(post(), { url, onError })).status).toBe(502);
  }
  await new Promise((resolve) => setImmediate(resolve));
  process.off('unhandledRejection', unhandled);
  expect(unhandled).not.toHaveBeenCalled();
});
