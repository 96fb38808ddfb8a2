import { afterEach, describe, expect, test, vi } from 'vitest';
import { createAgentClient } from '../agent-client';
import { AuthError, NetworkError, TimeoutError } from '../errors';
import { eventually } from '../test/eventually';
import { createFakeClock } from '../test/fake-clock';
import { answer, eventStream, frame } from '../test/frames';
import { startServer, type TestServer } from '../test/sse-server';
import { amplify } from './amplify';
import type { AuthHook } from './auth-hook';
import { bearer, type TokenContext } from './bearer';
import { cookie } from './cookie';
import { oacHash } from './oac-hash';

let server: TestServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

/** A server that knows one good token. */
async function guard(isGood: (authorization: string | undefined) => boolean, status = 401) {
  server = await startServer((request, response) => {
    if (!isGood(request.headers.authorization)) return response.writeHead(status).end('{}');
    response.writeHead(200, eventStream);
    return response.end(
      answer('Hello')
        .map((event) => frame(event))
        .join(''),
    );
  });
  return server.url;
}
const failureOf = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error) => error,
  );
const jwt = (expiresInMs: number) =>
  `e30.${Buffer.from(JSON.stringify({ sub: 'ü', exp: (Date.now() + expiresInMs) / 1000 })).toString('base64url')}.sig`;

describe('refresh', () => {
  test.each([401, 403])(
    'an expired token: %i, refresh, 200, with exactly two requests',
    async (status) => {
      const url = await guard((authorization) => authorization === 'Bearer fresh', status);
      const asked: TokenContext[] = [];
      const auth = bearer((context) => {
        asked.push(context);
        return context.forceRefresh ? 'fresh' : 'stale';
      });
      expect(await createAgentClient({ url, auth }).run('Hi').text()).toBe('Hello');
      expect(server?.requests.map(({ headers }) => headers.authorization)).toEqual([
        'Bearer stale',
        'Bearer fresh',
      ]);
      expect(server?.requests[0]?.body).toBe(server?.requests[1]?.body);
      expect(asked.filter(({ forceRefresh }) => forceRefresh)).toHaveLength(1);
    },
  );

  test('ten parallel runs share one refresh', async () => {
    let token = 'stale';
    let refreshes = 0;
    const url = await guard((authorization) => authorization === 'Bearer fresh');
    const auth: AuthHook = {
      apply: (request) => ({
        ...request,
        headers: { ...request.headers, authorization: `Bearer ${token}` },
      }),
      async refresh() {
        refreshes++;
        await new Promise((resolve) => setTimeout(resolve, 30));
        token = 'fresh';
      },
    };
    const clients = [createAgentClient({ url, auth }), createAgentClient({ url, auth })];
    const texts = await Promise.all(
      Array.from({ length: 10 }, (_, i) => clients[i % 2]?.run('Hi').text()),
    );
    expect(texts).toEqual(Array(10).fill('Hello'));
    expect(refreshes).toBe(1);
    expect(server?.requests).toHaveLength(20);
  });

  test('a refusal that arrives after the refresh does not cause another', async () => {
    let refreshes = 0;
    let token = 'stale';
    let held: (() => void) | undefined;
    server = await startServer(async (request, response) => {
      const good = request.headers.authorization === 'Bearer fresh';
      if (!good && server?.requests.length === 1) {
        await new Promise<void>((resolve) => {
          held = resolve;
        });
      }
      if (!good) return response.writeHead(401).end();
      return response.writeHead(200, eventStream).end(
        answer('a')
          .map((event) => frame(event))
          .join(''),
      );
    });
    const auth: AuthHook = {
      apply: (request) => ({
        ...request,
        headers: { ...request.headers, authorization: `Bearer ${token}` },
      }),
      async refresh() {
        refreshes++;
        token = 'fresh';
      },
    };
    const client = createAgentClient({ url: server.url, auth });
    const slow = client.run('slow').text();
    while (!held) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(await client.run('quick').text()).toBe('a');
    held();
    expect(await slow).toBe('a');
    expect(refreshes).toBe(1);
  });

  test('a failing refresh is an AuthError with its cause', async () => {
    const url = await guard(() => false);
    const cause = new Error('Session over');
    const auth = bearer(({ forceRefresh }) => {
      if (forceRefresh) throw cause;
      return 'stale';
    });
    const error = await failureOf(createAgentClient({ url, auth }).run('Hi').text());
    expect(error).toBeInstanceOf(AuthError);
    expect(error).toMatchObject({ code: 'ERR_AUTH', status: 401, cause });
    expect(server?.requests).toHaveLength(1);
  });

  test('a refresh that hangs ends with its run: the next one asks again', async () => {
    const url = await guard((authorization) => authorization === 'Bearer fresh');
    let token = 'stale';
    let refreshes = 0;
    const auth: AuthHook = {
      apply: (request) => ({
        ...request,
        headers: { ...request.headers, authorization: `Bearer ${token}` },
      }),
      async refresh() {
        if (++refreshes === 1) await new Promise(() => {});
        token = 'fresh';
      },
    };
    const clock = createFakeClock();
    const client = createAgentClient({ url, auth, clock, timeouts: { connectMs: 100 } });
    const failure = failureOf(client.run('Hi').text());
    await eventually(() => expect(refreshes).toBe(1));
    await clock.advance(100);
    expect(await failure).toBeInstanceOf(TimeoutError);
    expect(await client.run('Hi').text()).toBe('Hello');
    expect(refreshes).toBe(2);
  });

  test('a token that is refused after the refresh is an AuthError: two requests, no more', async () => {
    const url = await guard(() => false);
    const error = await failureOf(
      createAgentClient({ url, auth: bearer(() => 'bad') })
        .run('Hi')
        .text(),
    );
    expect(error).toBeInstanceOf(AuthError);
    expect(error).toMatchObject({ status: 401 });
    expect(server?.requests).toHaveLength(2);
  });

  test('without a hook a 401 is an AuthError after one request', async () => {
    const url = await guard(() => false);
    const error = await failureOf(createAgentClient({ url }).run('Hi').text());
    expect(error).toBeInstanceOf(AuthError);
    expect(server?.requests).toHaveLength(1);
  });
});

describe('bearer()', () => {
  test('renews a JWT that is about to expire before it is used, once for parallel runs', async () => {
    const fresh = jwt(3_600_000);
    const url = await guard((authorization) => authorization === `Bearer ${fresh}`);
    let renewals = 0;
    const auth = bearer(async ({ forceRefresh }) => {
      if (!forceRefresh) return jwt(60_000);
      renewals++;
      await new Promise((resolve) => setTimeout(resolve, 20));
      return fresh;
    });
    const client = createAgentClient({ url, auth });
    await Promise.all([client.run('a').text(), client.run('b').text()]);
    expect(server?.requests).toHaveLength(2);
    expect(renewals).toBe(1);
  });

  test('asks for the token at each request', async () => {
    const url = await guard(() => true);
    let count = 0;
    const client = createAgentClient({ url, auth: bearer(() => `t${++count}`) });
    await client.run('a').text();
    await client.run('b').text();
    expect(server?.requests.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer t1',
      'Bearer t2',
    ]);
  });

  test.each(['', 'two\nlines', undefined])(
    'the token %j is an AuthError that does not quote it',
    async (token) => {
      const url = await guard(() => true);
      const error = await failureOf(
        createAgentClient({ url, auth: bearer(() => token as string) })
          .run('Hi')
          .text(),
      );
      expect(error).toBeInstanceOf(AuthError);
      expect(error.message).not.toContain('lines');
      expect(server?.requests).toHaveLength(0);
    },
  );

  test('puts the token in another header when told to', async () => {
    const url = await guard(() => true);
    const auth = bearer(() => 'abc', { header: 'x-authorization' });
    await createAgentClient({ url, auth }).run('Hi').text();
    expect(server?.requests[0]?.headers['x-authorization']).toBe('Bearer abc');
  });

  test('refuses misuse at construction', () => {
    expect(() => bearer('token' as never)).toThrow(TypeError);
    expect(() => bearer(() => 'token', { headers: 'x' } as never)).toThrow(TypeError);
    expect(() => bearer(() => 'token', { refreshBeforeMs: -1 })).toThrow(RangeError);
    expect(() => amplify(undefined as never)).toThrow(TypeError);
    expect(() => cookie({ crsfHeader: 'x' } as never)).toThrow(TypeError);
  });
});

test('amplify() sends the access token, and forces a refresh after a 401', async () => {
  const url = await guard((authorization) => authorization === 'Bearer access-2');
  const calls: unknown[] = [];
  const auth = amplify(async (options) => {
    calls.push(options);
    return { tokens: { accessToken: { toString: () => `access-${calls.length}` } } };
  });
  expect(await createAgentClient({ url, auth }).run('Hi').text()).toBe('Hello');
  expect(calls).toEqual([{ forceRefresh: false }, { forceRefresh: true }]);
});

test('amplify() without a signed-in user is an AuthError and sends nothing', async () => {
  const url = await guard(() => true);
  const auth = amplify(async () => ({}));
  const error = await failureOf(createAgentClient({ url, auth }).run('Hi').text());
  expect(error).toBeInstanceOf(AuthError);
  expect(server?.requests).toHaveLength(0);
});

test('cookie() includes credentials and the CSRF token', async () => {
  let init: RequestInit | undefined;
  const fetch = async (_url: unknown, given?: RequestInit) => {
    init = given;
    throw new TypeError('Failed to fetch');
  };
  const auth = cookie({ csrfToken: () => 'abc', csrfHeader: 'x-xsrf' });
  const client = createAgentClient({
    url: 'https://agent.example/',
    auth,
    fetch: fetch as typeof globalThis.fetch,
  });
  expect(await failureOf(client.run('Hi').text())).toBeInstanceOf(NetworkError);
  expect(init).toMatchObject({ credentials: 'include', headers: { 'x-xsrf': 'abc' } });
});

test.each([
  ['a%20b', 'a b'],
  ['100%abc', '100%abc'],
])('cookie() sends the CSRF token of the cookie %s as %s', async (value, token) => {
  vi.stubGlobal('document', { cookie: `other=1; csrf=${value}` });
  const request = { url: '/', method: 'POST', headers: {} } as const;
  const applied = await cookie({ csrfToken: 'csrf' }).apply(request, {
    attempt: 1,
    reason: 'start',
  });
  vi.unstubAllGlobals();
  expect(applied.headers).toEqual({ 'x-csrf-token': token });
});

test('oacHash() refuses what is no hook, by name', () => {
  expect(() => oacHash((() => 'token') as never)).toThrow(/^"inner" must be a hook/);
});

test('oacHash() adds the SHA-256 of the body around another hook', async () => {
  const url = await guard(() => true);
  const auth = oacHash(bearer(() => 'abc', { header: 'x-authorization' }));
  await createAgentClient({ url, auth }).run('日本語').text();
  const [request] = server?.requests ?? [];
  const { createHash } = await import('node:crypto');
  expect(request?.headers).toMatchObject({
    'x-authorization': 'Bearer abc',
    'x-amz-content-sha256': createHash('sha256')
      .update(request?.body ?? '')
      .digest('hex'),
  });
});

test('a run that begins while credentials are renewed waits for them', async () => {
  let token = 'stale';
  let refreshes = 0;
  let finish = (): void => {};
  const url = await guard((authorization) => authorization === 'Bearer fresh');
  const { apply } = bearer(() => token);
  const refresh = async (): Promise<void> => {
    refreshes++;
    await new Promise<void>((resolve) => {
      finish = resolve;
    });
    token = 'fresh';
  };
  const client = createAgentClient({ url, auth: { apply, refresh } });
  const first = client.run('Hi').text();
  await eventually(() => expect(refreshes).toBe(1));
  const second = client.run('Hi').text();
  await new Promise((resolve) => setTimeout(resolve, 20));
  finish();
  expect(await Promise.all([first, second])).toEqual(['Hello', 'Hello']);
  expect([refreshes, server?.requests.length]).toEqual([1, 3]);
});
