import { createServer, request as httpRequest, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { eventsOf, idle, input, post } from './engine.fixture';
import { fetchHandler } from './fetch-handler';
import { nodeHandler } from './node-handler';
import type { Run, RunItem } from './run-request';
import { streamHandler } from './stream-handler';
import { createResponseStream } from './testing/response-stream';

const common = { authorize: null, pace: false, onError: () => undefined } as const;
const json = { 'content-type': 'application/json' };
const url = 'http://agent.test/';

let server: Server | undefined;

async function listen(listener: ReturnType<typeof nodeHandler>): Promise<string> {
  server = createServer((request, response) => void listener(request, response));
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

afterEach(async () => {
  server?.closeAllConnections();
  await new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined)));
  server = undefined;
});

interface Answer {
  readonly status: number | undefined;
  readonly type: string | null | undefined;
  readonly body: string;
}

async function throughLambda(run: Run, body: unknown): Promise<Answer> {
  const { stream, record } = createResponseStream();
  const context = { getRemainingTimeInMillis: () => 30_000 };
  await streamHandler(run, { ...common, failInvocation: false })(post(body), stream, context);
  const { statusCode, headers } = record.prelude ?? {};
  return { status: statusCode, type: headers?.['content-type'], body: record.body };
}

const toRequest = (body: unknown, more: RequestInit = {}): RequestInit => ({
  method: 'POST',
  headers: json,
  body: typeof body === 'string' ? body : JSON.stringify(body),
  ...more,
});

async function read(response: Response): Promise<Answer> {
  const { status, headers } = response;
  return { status, type: headers.get('content-type'), body: await response.text() };
}

const throughFetch = async (run: Run, body: unknown): Promise<Answer> =>
  read(await fetchHandler(run, common)(new Request(url, toRequest(body))));

const throughNode = async (run: Run, body: unknown): Promise<Answer> =>
  read(await fetch(await listen(nodeHandler(run, common)), toRequest(body)));

describe('the same run through three doors', () => {
  const runs: [name: string, run: () => AsyncIterable<RunItem>, body: unknown][] = [
    [
      'an answer with text, a tool call and a step',
      async function* () {
        yield 'こんにちは';
        await idle();
        yield { type: 'STEP_STARTED', stepName: 's' };
        yield { type: 'TOOL_CALL_START', toolCallId: 'c', toolCallName: 'search' };
        yield { type: 'TOOL_CALL_ARGS', toolCallId: 'c', delta: '{"q":"\n"}' };
        for (let i = 0; i < 200; i++) yield 'x'.repeat(500);
      },
      input,
    ],
    [
      'a failing answer',
      async function* () {
        yield 'so far';
        throw new Error('x');
      },
      input,
    ],
    ['an empty answer', async function* () {}, input],
    ['a malformed body', async function* () {}, '{'],
    ['a body without messages', async function* () {}, { threadId: 't', runId: 'r' }],
  ];

  it.each(runs)('%s gives byte-equal bodies', async (_, run, body) => {
    const lambda = await throughLambda(run, body);
    expect(lambda.body).not.toBe('');
    expect(await throughFetch(run, body)).toEqual(lambda);
    expect(await throughNode(run, body)).toEqual(lambda);
  });

  it.each([
    ['a byte order mark', Buffer.from(`\ufeff${JSON.stringify(input)}`)],
    [
      'bytes that are no UTF-8',
      Buffer.from(JSON.stringify(input).replace('hello', '\xe3\x81'), 'latin1'),
    ],
  ])('a body with %s is read alike', async (_, bytes) => {
    const run: Run = async function* ({ input: read }) {
      yield JSON.stringify(read);
    };
    const { stream, record } = createResponseStream();
    const context = { getRemainingTimeInMillis: () => 30_000 };
    const encoded = post(bytes.toString('base64'), { isBase64Encoded: true });
    await streamHandler(run, common)(encoded, stream, context);
    expect(record.prelude?.statusCode).toBe(200);
    const answers = [
      await throughLambda(run, bytes.toString()),
      await read(
        await fetchHandler(run, common)(new Request(url, { ...toRequest(''), body: bytes })),
      ),
      await read(
        await fetch(await listen(nodeHandler(run, common)), { ...toRequest(''), body: bytes }),
      ),
    ];
    expect(answers.map(({ body }) => body)).toEqual(answers.map(() => record.body));
  });
});

describe('a header that was sent twice', () => {
  const twice: [string, string][] = [
    ['Authorization', 'Bearer a'],
    ['authorization', 'Bearer b'],
    ['X-Tenant', 'a'],
    ['x-tenant', 'b'],
    ['Cookie', 'a=1'],
    ['cookie', 'b=2'],
  ];
  const joined = { authorization: 'Bearer a, Bearer b', 'x-tenant': 'a, b', cookie: 'a=1; b=2' };
  const seen: unknown[] = [];
  const run: Run = async function* ({ headers }) {
    seen.push(headers);
    yield 'seen';
  };
  const context = { getRemainingTimeInMillis: () => 30_000 };
  const lists = Object.fromEntries([
    ...twice.map(([name, value]) => [name, [value]]),
    ['content-type', ['application/json']],
  ]);
  const handle = (event: object) =>
    streamHandler(run, common)(event, createResponseStream().stream, context);
  const doors: [string, () => Promise<unknown>][] = [
    [
      'a function URL',
      () =>
        handle(
          post(input, {
            headers: { ...Object.fromEntries(twice.slice(0, 4)), ...json },
            cookies: ['a=1', 'b=2'],
          }),
        ),
    ],
    [
      'API Gateway',
      () =>
        handle({
          httpMethod: 'POST',
          path: '/',
          headers: { ...Object.fromEntries(twice), ...json },
          multiValueHeaders: lists,
          body: JSON.stringify(input),
        }),
    ],
    [
      'fetchHandler',
      async () => {
        const headers = new Headers([...twice, ['content-type', 'application/json']]);
        const response = await fetchHandler(
          run,
          common,
        )(new Request(url, toRequest(input, { headers })));
        return response.text();
      },
    ],
    [
      'nodeHandler',
      async () => {
        const at = await listen(nodeHandler(run, common));
        const headers = ['Host', 'agent.test', 'Content-Type', 'application/json', ...twice.flat()];
        await new Promise<void>((resolve, reject) => {
          const request = httpRequest(at, { method: 'POST', headers }, (response) => {
            response.resume();
            response.on('end', resolve);
          });
          request.on('error', reject);
          request.end(JSON.stringify(input));
        });
      },
    ],
  ];

  it.each(doors)('is joined by %s as by the others', async (_, ask) => {
    seen.length = 0;
    await ask();
    expect(seen).toMatchObject([joined]);
  });

  it('keeps what a middleware made of it', async () => {
    const handler = nodeHandler(run, common);
    const at = await listen((request, response) => {
      request.headers.authorization = 'Bearer of the session';
      return handler(request, response);
    });
    seen.length = 0;
    await (await fetch(at, toRequest(input))).text();
    expect(seen).toMatchObject([{ authorization: 'Bearer of the session' }]);
  });
});

describe('fetchHandler', () => {
  it('responds before the agent answers', async () => {
    const response = await fetchHandler(
      async function* () {
        yield await new Promise<string>(() => undefined);
      },
      { ...common, keepAliveMs: null, timeoutMs: 60_000 },
    )(new Request(url, toRequest(input)));
    const reader = response.body?.getReader();
    const first = await reader?.read();
    expect(new TextDecoder().decode(first?.value)).toBe(': open\n\n');
    await reader?.cancel();
  });

  it('aborts the run when the body is cancelled or the request is aborted', async () => {
    for (const way of ['cancel', 'abort']) {
      const controller = new AbortController();
      let aborted: (reason: unknown) => void = () => undefined;
      const reason = new Promise((resolve) => {
        aborted = resolve;
      });
      const response = await fetchHandler(async function* ({ signal }) {
        yield 'a';
        await new Promise<void>((resolve) => {
          signal.addEventListener('abort', () => {
            aborted(signal.reason);
            resolve();
          });
        });
      }, common)(new Request(url, toRequest(input, { signal: controller.signal })));
      await idle();
      if (way === 'cancel') await response.body?.cancel();
      else controller.abort();
      expect(await reason).toMatchObject({ code: 'CLIENT_DISCONNECTED' });
    }
  });

  it('pulls nothing from the source while nobody reads', async () => {
    let pulled = 0;
    const response = await fetchHandler(async function* () {
      for (; pulled < 200; pulled++) yield 'x'.repeat(1_000);
    }, common)(new Request(url, toRequest(input)));
    await idle(20);
    expect(pulled).toBeLessThan(60);
    const text = await response.text();
    expect(pulled).toBe(200);
    expect(eventsOf(text).at(-1)?.type).toBe('RUN_FINISHED');
  });

  it('gives up on a body that grows above the limit without a content length', async () => {
    let pulled = 0;
    const body = new ReadableStream({
      pull: (controller) => {
        pulled++;
        controller.enqueue(new Uint8Array(1_000));
      },
    });
    const init = { method: 'POST', headers: json, body, duplex: 'half' } as const;
    const handler = fetchHandler(async function* () {}, { ...common, maxBodyBytes: 10_000 });
    expect((await handler(new Request(url, init))).status).toBe(413);
    expect(pulled).toBeLessThan(20);
  });

  it('refuses a wrong timeoutMs when it is made', () => {
    expect(() => fetchHandler(async function* () {}, { ...common, timeoutMs: 0 })).toThrow(
      '"timeoutMs" must be a number from 1 up',
    );
  });
});

describe('nodeHandler', () => {
  it('aborts the run when the reader disconnects', async () => {
    let aborted: (reason: unknown) => void = () => undefined;
    const reason = new Promise((resolve) => {
      aborted = resolve;
    });
    const at = await listen(
      nodeHandler(async function* ({ signal }) {
        yield 'a';
        await new Promise<void>((resolve) => {
          signal.addEventListener('abort', () => {
            aborted(signal.reason);
            resolve();
          });
        });
      }, common),
    );
    const controller = new AbortController();
    const response = await fetch(at, toRequest(input, { signal: controller.signal }));
    await response.body?.getReader().read();
    controller.abort();
    expect(await reason).toMatchObject({ code: 'CLIENT_DISCONNECTED' });
  });

  it('answers 413 to a body that grows above the limit without a content length', async () => {
    const at = await listen(
      nodeHandler(async function* () {}, { ...common, maxBodyBytes: 10_000 }),
    );
    const status = await new Promise((resolve, reject) => {
      const request = httpRequest(at, { method: 'POST', headers: json }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      request.on('error', reject);
      request.write(Buffer.alloc(20_000));
    });
    expect(status).toBe(413);
  });

  it('serves the shape of an AgentCore container', async () => {
    const at = await listen(
      nodeHandler(
        async function* () {
          yield 'hello';
        },
        { ...common, path: '/invocations', healthPath: '/ping' },
      ),
    );
    const ping = await fetch(`${at}ping`);
    expect(await ping.json()).toEqual({ status: 'Healthy' });
    const run = await fetch(`${at}invocations?x=1`, toRequest(input));
    expect(eventsOf(await run.text()).at(-1)?.type).toBe('RUN_FINISHED');
    expect((await fetch(at, toRequest(input))).status).toBe(404);
  });

  it('never rejects when the reader leaves in the middle of its request', async () => {
    let done: Promise<void> | undefined;
    const handler = nodeHandler(async function* () {}, common);
    const at = await listen((request, response) => {
      done = handler(request, response);
      return done;
    });
    await new Promise<void>((resolve) => {
      const request = httpRequest(at, { method: 'POST', headers: json });
      request.on('error', () => resolve());
      request.write('{');
      setTimeout(() => request.destroy(new Error('gone')), 50);
    });
    while (done === undefined) await idle();
    await expect(done).resolves.toBeUndefined();
  });
});
