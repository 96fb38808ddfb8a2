import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { AccessDeniedError } from './authorize';
import { input, invoke, post } from './engine.fixture';

let calls = 0;
async function* counted() {
  calls++;
  yield 'ran';
}

type Options = Parameters<typeof invoke>[1];

async function answerOf(event: unknown, options?: Options) {
  calls = 0;
  const { settled, record, reported } = invoke(counted, options, event);
  expect(await settled).toBeUndefined();
  expect(record.finished).toBe(true);
  const { statusCode, headers } = record.prelude ?? {};
  const isProblem = headers?.['content-type'] === 'application/problem+json';
  const problem = isProblem ? JSON.parse(record.body) : undefined;
  return { status: statusCode, headers: headers ?? {}, body: record.body, problem, reported };
}

const http = (method: string, rawPath = '/') =>
  post(input, { rawPath, requestContext: { http: { method } } });

describe('the door: path and method', () => {
  it('answers an unknown path with 404 and does not call the agent', async () => {
    const { status, problem } = await answerOf(http('POST', '/nowhere'));
    expect(status).toBe(404);
    expect(problem).toEqual({ title: 'Not Found', status: 404 });
    expect(calls).toBe(0);
  });

  it('serves the one path that was asked for', async () => {
    expect((await answerOf(http('POST', '/agent'), { path: '/agent' })).status).toBe(200);
    expect((await answerOf(http('POST', '/'), { path: '/agent' })).status).toBe(404);
    expect((await answerOf(http('POST', '/any/thing'), { path: '*' })).status).toBe(200);
  });

  it.each(['GET', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'])(
    'answers %s with 405 and Allow',
    async (method) => {
      const { status, headers, problem } = await answerOf(http(method));
      expect(status).toBe(405);
      expect(headers['allow']).toBe('HEAD, POST');
      expect(problem).toMatchObject({ title: 'Method Not Allowed' });
      expect(calls).toBe(0);
    },
  );

  it('answers HEAD with 200 and no body', async () => {
    const { status, body } = await answerOf(http('HEAD'), { authorize: () => undefined });
    expect([status, body, calls]).toEqual([200, '', 0]);
  });

  it('answers the health check without authorization, and not when it is off', async () => {
    const denied: Options = { authorize: () => undefined };
    const { status, body } = await answerOf(http('GET', '/health'), denied);
    expect([status, body]).toEqual([200, '{"status":"Healthy"}']);
    expect((await answerOf(http('HEAD', '/health'), denied)).body).toBe('');
    expect((await answerOf(http('GET', '/health'), { healthPath: null })).status).toBe(404);
    expect((await answerOf(http('GET', '/ping'), { healthPath: '/ping' })).status).toBe(200);
  });
});

describe('the door: event formats', () => {
  it('reads a base64 body', async () => {
    const body = Buffer.from(JSON.stringify(input)).toString('base64');
    expect((await answerOf(post(body, { isBase64Encoded: true }))).status).toBe(200);
  });

  it('reads a REST API event on any path, with headers of any case and of several values', async () => {
    const event = {
      httpMethod: 'POST',
      path: '/stage/agent',
      headers: null,
      multiValueHeaders: { 'Content-Type': ['application/json'], 'X-A': ['1', '2'] },
      body: JSON.stringify(input),
      isBase64Encoded: false,
    };
    let seen: Readonly<Record<string, string>> = {};
    const authorize: Options = {
      authorize: ({ headers }) => {
        seen = headers;
        return undefined;
      },
    };
    expect((await answerOf(event)).status).toBe(200);
    expect((await answerOf(event, authorize)).status).toBe(401);
    expect(seen).toEqual({ 'content-type': 'application/json', 'x-a': '1, 2' });
  });

  it('hands cookies of payload 2.0 on as a header', async () => {
    let cookie: string | undefined;
    const authorize = ({ headers }: { headers: Readonly<Record<string, string>> }) => {
      cookie = headers['cookie'];
      return undefined;
    };
    await answerOf(post(input, { cookies: ['a=1', 'b=2'] }), { authorize });
    expect(cookie).toBe('a=1; b=2');
  });
});

describe('the door: body', () => {
  it.each([undefined, 'text/plain', 'application/jsonp', 'multipart/form-data'])(
    'answers content type %s with 415',
    async (contentType) => {
      const headers = contentType === undefined ? {} : { 'content-type': contentType };
      const answer = await answerOf(post(input, { headers }));
      expect(answer.status).toBe(415);
      expect(answer.headers['accept']).toBe('application/json');
    },
  );

  it.each(['application/json; charset=utf-8', 'Application/JSON', 'application/vnd.api+json'])(
    'takes content type %s',
    async (contentType) => {
      const event = post(input, { headers: { 'Content-Type': contentType } });
      expect((await answerOf(event)).status).toBe(200);
    },
  );

  it('answers a body above maxBodyBytes with 413, counting bytes and not characters', async () => {
    const body = JSON.stringify(input);
    const japanese = JSON.stringify({ ...input, state: 'あ'.repeat(100) });
    const limit = { maxBodyBytes: Buffer.byteLength(body) };
    expect((await answerOf(post(body), limit)).status).toBe(200);
    expect((await answerOf(post(`${body} `), limit)).status).toBe(413);
    expect((await answerOf(post(japanese), { maxBodyBytes: japanese.length })).status).toBe(413);
    const base64 = Buffer.from(`${body} `).toString('base64');
    expect((await answerOf(post(base64, { isBase64Encoded: true }), limit)).status).toBe(413);
    expect(calls).toBe(0);
  });

  it.each(['', '{', 'undefined', '{"a":1}}'])(
    'answers %j, which is not JSON, with 400',
    async (body) => {
      const { status, problem } = await answerOf(post(body));
      expect(status).toBe(400);
      expect(problem.errors).toEqual([{ path: '', message: 'must be JSON' }]);
    },
  );

  it.each([
    ['null', null, /^$/],
    ['a list', [], /^$|threadId/],
    ['no threadId', { ...input, threadId: undefined }, /^threadId$/],
    ['a numeric runId', { ...input, runId: 1 }, /^runId$/],
    ['no messages', { ...input, messages: undefined }, /^messages$/],
    [
      'a message without content',
      { ...input, messages: [{ id: 'm', role: 'user' }] },
      /^messages\[0\]\.content$/,
    ],
    [
      'a message of an unknown role',
      { ...input, messages: [...input.messages, { id: 'm', role: 'robot', content: '' }] },
      /^messages\[1\]\.role$/,
    ],
    [
      'a content part of an unknown type',
      { ...input, messages: [{ id: 'm', role: 'user', content: [{ type: 'smell' }] }] },
      /^messages\[0\]\.content\[0\]\.type$/,
    ],
    [
      'a source of an unknown type',
      {
        ...input,
        messages: [
          { id: 'm', role: 'user', content: [{ type: 'image', source: { type: 'dream' } }] },
        ],
      },
      /^messages\[0\]\.content\[0\]\.source\.type$/,
    ],
    [
      'a content part of an unknown type after one with an unknown source',
      {
        ...input,
        messages: [
          {
            id: 'm',
            role: 'user',
            content: [{ type: 'text', text: 'Hi', source: 'typed' }, { type: 'smell' }],
          },
        ],
      },
      /^messages\[0\]\.content\[1\]\.type$/,
    ],
    ['a tool without name', { ...input, tools: [{ description: 'd' }] }, /^tools\[0\]\.name$/],
  ])('answers %s with 400 and a problem that names the field', async (_, body, path) => {
    const { status, problem, reported } = await answerOf(post(body));
    expect(status).toBe(400);
    expect(problem).toMatchObject({ title: 'Bad Request', status: 400 });
    expect(problem.errors[0].path).toMatch(path);
    expect(problem.errors[0].message).toMatch(/^must be /);
    expect(reported).toEqual([]);
    expect(calls).toBe(0);
  });

  it('takes a body with threadId, runId and messages only, and fills in tools and context', async () => {
    let read: unknown;
    const { settled } = invoke(
      async function* ({ input: given }) {
        read = given;
        yield 'ok';
      },
      {},
      post({ threadId: 't', runId: 'r', messages: [] }),
    );
    await settled;
    expect(read).toEqual({ threadId: 't', runId: 'r', messages: [], tools: [], context: [] });
  });

  it('takes unknown fields, which a newer client may send, and hands them on', async () => {
    let read: unknown;
    const newer = { ...input, messages: [{ id: 'm', role: 'user', content: 'q', mood: 1 }], x: 1 };
    const { settled } = invoke(
      async function* ({ input: given }) {
        read = given;
        yield 'ok';
      },
      {},
      post(newer),
    );
    await settled;
    expect(read).toEqual(newer);
  });

  it('validates with any Standard Schema, whose output becomes the input, and lists every failing path', async () => {
    const schema = z.object({
      question: z.string().trim(),
      tags: z.array(z.object({ name: z.string() })),
    });
    // `input` decides the run's input type, which the shared options do not know.
    const options = Object({ input: schema }) as Options;
    const { status, problem } = await answerOf(post({ question: 1, tags: [{ name: 2 }] }), options);
    expect(status).toBe(400);
    expect(problem.errors.map((error: { path: string }) => error.path)).toEqual([
      'question',
      'tags[0].name',
    ]);
    let read: unknown;
    const { settled, events } = invoke(
      async function* (request) {
        read = request.input;
        yield 'ok';
      },
      options,
      post({ question: ' why ', tags: [] }),
    );
    await settled;
    expect(read).toEqual({ question: 'why', tags: [] });
    // Without ids in the body the run has ids of its own.
    expect(events()[0]).toMatchObject({ threadId: expect.any(String), runId: expect.any(String) });
  });

  it('answers 500 without a word of the reason when a schema throws', async () => {
    const schema = {
      '~standard': {
        version: 1,
        vendor: 'test',
        validate: () => {
          throw new Error('secret');
        },
      },
    };
    const { status, problem, reported } = await answerOf(post(), Object({ input: schema }));
    expect([status, reported]).toEqual([500, ['ERR_REQUEST']]);
    expect(JSON.stringify(problem)).toBe('{"title":"Internal Server Error","status":500}');
  });
});

describe('the door: authorize', () => {
  it.each([undefined, null, false])(
    'takes %s for a refusal: 401 with WWW-Authenticate',
    async (principal) => {
      // The value may come from code without types.
      const { status, headers, problem } = await answerOf(
        post(),
        Object({ authorize: () => principal }),
      );
      expect(status).toBe(401);
      expect(headers['www-authenticate']).toBe('Bearer');
      expect(problem).toEqual({ title: 'Unauthorized', status: 401 });
      expect(calls).toBe(0);
    },
  );

  it('answers AccessDeniedError with its status, challenge and detail', async () => {
    const deny = (options: ConstructorParameters<typeof AccessDeniedError>[0]): Options => ({
      authorize: () => {
        throw new AccessDeniedError(options);
      },
    });
    const challenged = await answerOf(post(), deny({ challenge: 'Bearer error="invalid_token"' }));
    expect(challenged.headers['www-authenticate']).toBe('Bearer error="invalid_token"');
    const forbidden = await answerOf(post(), deny({ status: 403, detail: 'Ask an administrator' }));
    expect(forbidden.status).toBe(403);
    expect(forbidden.headers['www-authenticate']).toBeUndefined();
    expect(forbidden.problem).toMatchObject({ detail: 'Ask an administrator' });
    expect(forbidden.reported).toEqual([]);
  });

  it('lets nothing into the challenge that is no header value', () => {
    for (const challenge of ['', 'a\r\nset-cookie: b', 'é']) {
      expect(() => new AccessDeniedError({ challenge })).toThrow('printable ASCII');
    }
  });

  it("answers 500 when Node's permission model denies what authorize reads", async () => {
    const authorize = () => {
      throw Object.assign(new Error('Access to this API has been restricted'), {
        code: 'ERR_ACCESS_DENIED',
      });
    };
    const { status, reported } = await answerOf(post(), { authorize });
    expect([status, reported]).toEqual([500, ['ERR_REQUEST']]);
  });

  it.each(['threadId', 'runId', 'parentRunId'])('refuses a %s of 513 characters', async (name) => {
    const body = { ...input, [name]: 'x'.repeat(513) };
    const { status, problem } = await answerOf(post(body));
    expect(status).toBe(400);
    expect(JSON.stringify(problem)).toContain(`"path":"${name}"`);
  });

  it('fails closed with 500 when authorize throws anything else', async () => {
    const authorize = async () => {
      throw new Error('the key server is down: token abc');
    };
    const { status, body, reported } = await answerOf(post(), { authorize });
    expect([status, reported, calls]).toEqual([500, ['ERR_REQUEST'], 0]);
    expect(body).not.toContain('token');
  });

  it('decides before it reads the body', async () => {
    const { status } = await answerOf(post('{'), { authorize: () => undefined });
    expect(status).toBe(401);
  });

  it('sees method, path, headers and the event of Lambda', async () => {
    let seen: unknown;
    const event = post();
    await answerOf(event, {
      authorize: (request) => {
        seen = request;
        return undefined;
      },
    });
    const { headers } = event;
    expect(seen).toEqual({ method: 'POST', path: '/', headers, event });
  });
});

describe('the door: CORS', () => {
  const cors: Options = { cors: { origins: ['https://a.example'], exposeHeaders: ['x-id'] } };
  const from = (origin: string, method = 'POST') =>
    post(input, {
      headers: { 'content-type': 'application/json', origin },
      requestContext: { http: { method } },
    });

  it('sends no CORS header unless asked, because a function URL sends its own', async () => {
    const { headers } = await answerOf(from('https://a.example'));
    expect(Object.keys(headers).join()).not.toMatch(/access-control|vary/);
  });

  it('answers a preflight and adds the headers to answers and refusals', async () => {
    const preflight = await answerOf(from('https://a.example', 'OPTIONS'), cors);
    expect(preflight.status).toBe(204);
    expect(preflight.headers).toMatchObject({
      'access-control-allow-origin': 'https://a.example',
      'access-control-allow-methods': 'POST',
      'access-control-max-age': '600',
      vary: 'origin',
    });
    const run = await answerOf(from('https://a.example'), cors);
    expect(run.headers['access-control-expose-headers']).toBe('x-id');
    const refused = await answerOf(from('https://a.example', 'PUT'), cors);
    expect(refused.headers['access-control-allow-origin']).toBe('https://a.example');
  });

  it('names no other origin', async () => {
    const { headers } = await answerOf(from('https://evil.example'), cors);
    expect(headers['access-control-allow-origin']).toBeUndefined();
    expect(headers['vary']).toBe('origin');
  });
});
