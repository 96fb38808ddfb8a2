import { afterEach, describe, expect, test, vi } from 'vitest';
import { type AgentClientOptions, createAgentClient } from './agent-client';
import { bearer } from './auth/bearer';
import { systemClock } from './clock';
import { createConversation } from './conversation';
import { AuthError, ReconnectExhaustedError, TimeoutError, TruncatedError } from './errors';
import { reconnectDelay, untilReachable } from './reconnect';
import type { RunPhase } from './run-types';
import { eventually } from './test/eventually';
import { answer, eventStream, frame } from './test/frames';
import { type RunStoreServer, startRunStoreServer } from './test/run-store-server';
import { startServer, type TestServer } from './test/sse-server';
import { steadyClock } from './test/steady-clock';

let server: TestServer | undefined;
afterEach(async () => {
  vi.unstubAllGlobals();
  await server?.close();
  server = undefined;
});

const events = answer('は', 'い', '、', '承', '認', '。');
const text = 'はい、承認。';
async function serve(
  options: Partial<Parameters<typeof startRunStoreServer>[0]>,
): Promise<RunStoreServer> {
  const started = await startRunStoreServer({ events, cutAfter: () => undefined, ...options });
  server = started;
  return started;
}
const client = (options: Partial<AgentClientOptions> = {}) =>
  createAgentClient({
    url: `${server?.url}?tenant=a`,
    reconnect: { baseDelayMs: 1, maxDelayMs: 5 },
    ...options,
  });
const failureOf = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error) => error,
  );

describe('a run with event IDs', () => {
  test('is resumed by GET with Last-Event-ID, never by a second POST', async () => {
    const store = await serve({ cutAfter: (connection) => (connection < 4 ? 3 : undefined) });
    const phases: RunPhase[] = [];
    const run = client().run('Hi', { onPhase: (phase) => phases.push(phase) });
    expect(await run.text()).toBe(text);
    expect(store.requests.map(({ method, headers }) => [method, headers['last-event-id']])).toEqual(
      [
        ['POST', undefined],
        ['GET', '3'],
        ['GET', '6'],
        ['GET', '9'],
      ],
    );
    expect(store.requests[1]?.url).toBe(
      `/agent?tenant=a&runId=${JSON.parse(store.requests[0]?.body ?? '').runId}`,
    );
    expect(store.requests[1]?.headers['content-type']).toBeUndefined();
    expect(run.stats).toMatchObject({ reconnects: 3, events: events.length, duplicates: 0 });
    expect(phases).toContain('reconnecting');
    expect(phases.at(-1)).toBe('ended');
  });

  test('drops what the server repeats', async () => {
    await serve({ cutAfter: (connection) => (connection < 4 ? 4 : undefined), overlap: 2 });
    const run = client().run('Hi');
    expect(await run.text()).toBe(text);
    expect(run.stats.duplicates).toBe(6);
  });

  test('asks for a token at each attempt, and refreshes it once', async () => {
    let token = 'old';
    const store = await serve({ cutAfter: (connection) => (connection < 2 ? 3 : undefined) });
    const guarded = await startServer(async (request, response, body) => {
      if (request.method === 'GET' && request.headers.authorization !== 'Bearer new')
        return response.writeHead(401).end();
      const { method } = request;
      const path = new URL(request.url ?? '', store.url);
      const upstream = await fetch(path, {
        method: method ?? 'GET',
        headers: { 'last-event-id': String(request.headers['last-event-id'] ?? '0') },
        ...(method === 'POST' && { body }),
      });
      response.writeHead(upstream.status, eventStream);
      try {
        for await (const chunk of upstream.body ?? []) response.write(chunk);
        return response.end();
      } catch {
        return response.destroy();
      }
    });
    const auth = bearer(({ forceRefresh }) => {
      if (forceRefresh) token = 'new';
      return token;
    });
    expect(await client({ url: guarded.url, auth }).run('Hi').text()).toBe(text);
    expect(guarded.requests.map(({ method, headers }) => [method, headers.authorization])).toEqual([
      ['POST', 'Bearer old'],
      ['GET', 'Bearer old'],
      ['GET', 'Bearer new'],
    ]);
    await guarded.close();
  });

  test('survives a token that cannot be had for a moment', async () => {
    const store = await serve({ cutAfter: (connection) => (connection < 2 ? 3 : undefined) });
    let failures = 0;
    const auth = bearer(({ reason }) => {
      if (reason === 'reconnect' && failures++ < 2) throw new Error('offline');
      return 'token';
    });
    expect(await client({ auth }).run('Hi').text()).toBe(text);
    expect(failures).toBe(3);
    expect(store.requests.map(({ method }) => method)).toEqual(['POST', 'GET']);
  });

  test('a refresh that fails on resuming is final', async () => {
    server = await startServer((request, response) => {
      if (request.method === 'GET') return response.writeHead(401).end();
      response.writeHead(200, eventStream).write(frame(events[0] as never, 1));
      return setTimeout(() => response.destroy(), 5);
    });
    const auth = bearer(({ forceRefresh }) => {
      if (forceRefresh) throw new Error('Session over');
      return 'token';
    });
    const error = await failureOf(client({ auth }).run('Hi').text());
    expect(error).toBeInstanceOf(AuthError);
    expect(error).toMatchObject({ status: 401 });
    expect(server.requests).toHaveLength(2);
  });

  test('a refusal that a refresh cannot cure is an AuthError', async () => {
    server = await startServer((request, response) => {
      if (request.method === 'GET') return response.writeHead(403).end();
      response.writeHead(200, eventStream).write(frame(events[0] as never, 1));
      return setTimeout(() => response.destroy(), 5);
    });
    expect(await failureOf(client().run('Hi').text())).toBeInstanceOf(AuthError);
    expect(server.requests).toHaveLength(2);
  });

  test.each([204, 404, 410, 400])(
    '%i on resuming ends in a TruncatedError that knows the last event ID',
    async (status) => {
      server = await startServer((request, response) => {
        if (request.method === 'GET') return response.writeHead(status).end();
        response.writeHead(200, eventStream).write(frame(events[0] as never, 1));
        return setTimeout(() => response.destroy(), 5);
      });
      const error = await failureOf(client().run('Hi').text());
      expect(error).toBeInstanceOf(TruncatedError);
      expect(error).toMatchObject({ lastEventId: '1', cause: { status } });
      expect(server.requests).toHaveLength(2);
    },
  );

  test('gives up after maxAttempts in a row without progress', async () => {
    server = await startServer((request, response) => {
      if (request.method === 'GET') return response.writeHead(503).end();
      response.writeHead(200, eventStream).write(frame(events[0] as never, 1));
      return setTimeout(() => response.destroy(), 5);
    });
    const reconnect = { maxAttempts: 3, baseDelayMs: 1 };
    const error = await failureOf(client({ reconnect }).run('Hi').text());
    expect(error).toBeInstanceOf(ReconnectExhaustedError);
    expect(error).toMatchObject({
      code: 'ERR_RECONNECT_EXHAUSTED',
      attempts: 3,
      lastEventId: '1',
      cause: { status: 503 },
    });
    expect(server.requests).toHaveLength(4);
  });

  test('any number of drops is survived as long as each attempt brings something', async () => {
    await serve({ cutAfter: () => 1 });
    const run = client({ reconnect: { maxAttempts: 1, baseDelayMs: 1 } }).run('Hi');
    expect(await run.text()).toBe(text);
    expect(run.stats.reconnects).toBe(events.length - 1);
  });

  test('silence is a drop: the idle limit leads to a GET', async () => {
    server = await startServer((request, response) => {
      response.writeHead(200, eventStream);
      const after = Number(request.headers['last-event-id'] ?? 0);
      const until = request.method === 'POST' ? 3 : events.length;
      for (const [i, event] of events.slice(after, until).entries())
        response.write(frame(event, after + i + 1));
      if (request.method === 'GET') response.end();
    });
    const timeouts = { idleMs: 500, connectMs: 5000 };
    expect(await client({ clock: steadyClock, timeouts }).run('Hi').text()).toBe(text);
    expect(server.requests.map(({ method }) => method)).toEqual(['POST', 'GET']);
  });

  test('an id without data makes a stream resumable before its first event', async () => {
    server = await startServer((request, response) => {
      response.writeHead(200, eventStream);
      if (request.method === 'GET') {
        for (const [i, event] of events.entries()) response.write(frame(event, i + 1));
        return response.end();
      }
      response.write('id: 0\nretry: 1\n\n');
      return setTimeout(() => response.destroy(), 5);
    });
    expect(await client().run('Hi').text()).toBe(text);
    expect(server.requests[1]?.headers['last-event-id']).toBe('0');
  });

  test('cancel() asks the server to stop the run', async () => {
    server = await startServer((request, response) => {
      if (request.method === 'DELETE') return response.writeHead(204).end();
      return response.writeHead(200, eventStream).write(frame(events[0] as never, 1));
    });
    const run = client().run({ runId: 'r1' });
    for await (const _event of run) break;
    await eventually(() => expect(server?.requests).toHaveLength(2));
    expect(server.requests[1]).toMatchObject({ method: 'DELETE', url: '/agent?tenant=a&runId=r1' });
    expect(await run.result).toMatchObject({ outcome: 'cancelled' });
  });

  test('resume() attaches by GET, and tolerates a replay that begins with the last event seen', async () => {
    const store = await serve({ overlap: 1 });
    const started = client().run({ runId: 'r1' });
    await started.text();
    const run = client().resume({ threadId: 't1', runId: 'r1', lastEventId: '4' });
    expect(await run.text()).toBe('、承認。');
    expect(store.posts()).toBe(1);
    expect(store.requests[1]?.headers['last-event-id']).toBe('4');
  });

  test('ids that are not ASCII are sent as UTF-8', async () => {
    server = await startServer((request, response) => {
      response.writeHead(200, eventStream);
      if (request.method === 'GET') return response.end(frame(events.at(-1) as never));
      response.write(`id: é…\n${frame(events[0] as never)}`);
      return setTimeout(() => response.destroy(), 5);
    });
    await client().run('Hi').text();
    const sent = server.requests[1]?.headers['last-event-id'];
    expect(Buffer.from(String(sent), 'latin1').toString('utf8')).toBe('é…');
  });
});

describe('a run that is not resumed', () => {
  test('without event IDs: a drop is a TruncatedError after one request', async () => {
    server = await startServer((_request, response) => {
      response.writeHead(200, eventStream).write(frame(events[0] as never));
      setTimeout(() => response.destroy(), 5);
    });
    expect(await failureOf(client().run('Hi').text())).toBeInstanceOf(TruncatedError);
    expect(server.requests).toHaveLength(1);
  });

  test('with maxAttempts 0', async () => {
    const store = await serve({ cutAfter: () => 2 });
    const error = await failureOf(
      client({ reconnect: { maxAttempts: 0 } })
        .run('Hi')
        .text(),
    );
    expect(error).toBeInstanceOf(TruncatedError);
    expect(store.requests).toHaveLength(1);
  });

  test('beyond its total time', async () => {
    server = await startServer((request, response) => {
      if (request.method === 'GET') return response.writeHead(503).end();
      response.writeHead(200, eventStream).write(frame(events[0] as never, 1));
      return setTimeout(() => response.destroy(), 5);
    });
    const reconnect = { maxAttempts: 1000, baseDelayMs: 10, maxDelayMs: 10 };
    const error = await failureOf(
      client({ clock: steadyClock, reconnect, timeouts: { totalMs: 500 } })
        .run('Hi')
        .text(),
    );
    expect(error).toBeInstanceOf(TimeoutError);
    expect(error).toMatchObject({ phase: 'total' });
  });
});

describe('the wait before an attempt', () => {
  const policy = { maxAttempts: 5, baseDelayMs: 100, maxDelayMs: 1000 };

  test('doubles up to its maximum, random within its upper half', () => {
    for (const [fruitless, full] of [
      [0, 100],
      [1, 200],
      [3, 800],
      [9, 1000],
    ] as const) {
      for (let i = 0; i < 50; i++) {
        const delay = reconnectDelay(policy, fruitless, undefined);
        expect(delay).toBeGreaterThanOrEqual(full / 2);
        expect(delay).toBeLessThanOrEqual(full);
      }
    }
  });

  test('is never shorter than the server’s retry', () => {
    for (let i = 0; i < 50; i++) {
      const delay = reconnectDelay(policy, 0, 3000);
      expect(delay).toBeGreaterThanOrEqual(3000);
      expect(delay).toBeLessThanOrEqual(3750);
    }
  });

  test('lasts until the device is online and the page visible', async () => {
    const page = Object.assign(new EventTarget(), { visibilityState: 'hidden' });
    const device = new EventTarget();
    const network = { onLine: false };
    vi.stubGlobal('document', page);
    vi.stubGlobal('navigator', network);
    vi.stubGlobal('addEventListener', device.addEventListener.bind(device));
    vi.stubGlobal('removeEventListener', device.removeEventListener.bind(device));
    let ready = false;
    const wait = untilReachable(systemClock, 1, new AbortController().signal).then(() => {
      ready = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(ready).toBe(false);
    network.onLine = true;
    device.dispatchEvent(new Event('online'));
    await Promise.resolve();
    expect(ready).toBe(false);
    page.visibilityState = 'visible';
    page.dispatchEvent(new Event('visibilitychange'));
    await wait;
    expect(ready).toBe(true);
  });

  test('ends at once when the run is stopped', async () => {
    const controller = new AbortController();
    const wait = untilReachable(systemClock, 1_000_000, controller.signal);
    controller.abort();
    await wait;
  });
});

test('a run that is stopped before it reconnects stays stopped', async () => {
  const store = await serve({ cutAfter: () => 3 });
  const conversation = createConversation({
    client: client({ reconnect: { baseDelayMs: 400, maxDelayMs: 400 } }),
  });
  const stopped = new Promise<void>((resolve) => {
    conversation.subscribe(() => {
      if (conversation.getSnapshot().status !== 'reconnecting') return;
      resolve(conversation.stop());
    });
  });
  const done = conversation.send('Hi');
  await stopped;
  expect((await done).status).toBe('cancelled');
  await new Promise((resolve) => setTimeout(resolve, 800));
  expect(conversation.getSnapshot().status).toBe('idle');
  expect(store.requests.map(({ method }) => method)).toEqual(['POST', 'DELETE']);
});
