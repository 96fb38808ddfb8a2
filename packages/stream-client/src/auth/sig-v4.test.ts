import { createHash, createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { createAgentClient } from '../agent-client';
import { AuthError } from '../errors';
import { answer, eventStream, frame } from '../test/frames';
import { startServer } from '../test/sse-server';
import type { AuthRequest } from './auth-hook';
import { sigV4 } from './sig-v4';

const credentials = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
};
const now = () => new Date('2015-08-30T12:36:00Z');
const context = { attempt: 1, reason: 'start' } as const;
const region = 'us-east-1';
const sign = (request: AuthRequest, session?: string) =>
  sigV4({
    credentials: session === undefined ? credentials : { ...credentials, sessionToken: session },
    region,
    service: 'service',
    now,
  }).apply(request, context);
const signatureOf = (request: AuthRequest) =>
  /Signature=([0-9a-f]{64})/.exec(request.headers.authorization ?? '')?.[1];

// The published test suite: https://docs.aws.amazon.com/general/latest/gr/signature-v4-test-suite.html
const token =
  'AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==';
const base = 'https://example.amazonaws.com/';
const vectors: [name: string, request: AuthRequest, signature: string, session?: string][] = [
  [
    'get-vanilla',
    { method: 'GET', url: base, headers: {} },
    '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31',
  ],
  [
    'post-vanilla',
    { method: 'POST', url: base, headers: {} },
    '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b',
  ],
  [
    'get-vanilla-query-order-key-case',
    { method: 'GET', url: `${base}?Param2=value2&Param1=value1`, headers: {} },
    'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
  ],
  [
    'get-vanilla-query-unreserved',
    {
      method: 'GET',
      url: `${base}?-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz=-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz`,
      headers: {},
    },
    '9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197',
  ],
  [
    'get-vanilla-utf8-query',
    { method: 'GET', url: `${base}?ሴ=bar`, headers: {} },
    '2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04',
  ],
  [
    'post-x-www-form-urlencoded',
    {
      method: 'POST',
      url: base,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'Param1=value1',
    },
    'ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a',
  ],
  [
    'post-sts-header-before',
    { method: 'POST', url: base, headers: {} },
    '85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead',
    token,
  ],
];
describe('AWS test vectors', () => {
  test.each(vectors)('%s', async (_name, request, signature, session) => {
    expect(signatureOf(await sign(request, session))).toBe(signature);
  });
});

/** Signature Version 4, written down a second time from its description. */
function reference(request: AuthRequest, headers: Record<string, string>): string {
  const hash = (text: string) => createHash('sha256').update(text).digest('hex');
  const hmac = (key: string | Buffer, text: string) =>
    createHmac('sha256', key).update(text).digest();
  const percent = (text: string) =>
    encodeURIComponent(text).replace(
      /[!'()*]/g,
      (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
    );
  const url = new URL(request.url);
  const names = Object.keys(headers).sort();
  const canonical = [
    request.method,
    url.pathname.split('/').map(percent).join('/'),
    [...url.searchParams]
      .map(([name, value]) => `${percent(name)}=${percent(value)}`)
      .sort()
      .join('&'),
    ...names.map((name) => `${name}:${headers[name]}`),
    '',
    names.join(';'),
    hash(request.body ?? ''),
  ].join('\n');
  const scope = `20150830/${region}/service/aws4_request`;
  const text = ['AWS4-HMAC-SHA256', '20150830T123600Z', scope, hash(canonical)].join('\n');
  const key = ['20150830', region, 'service', 'aws4_request'].reduce<string | Buffer>(
    hmac,
    `AWS4${credentials.secretAccessKey}`,
  );
  return hmac(key, text).toString('hex');
}

test.each([
  ['https://abc.lambda-url.us-east-1.on.aws/', '{"messages":[{"content":"日本語 🙂"}]}'],
  ['https://abc.lambda-url.us-east-1.on.aws/deep/path?runId=a%2Fb&tenant=%E6%97%A5', '{}'],
  ['https://localhost:8443/x?b=2&a=1&a=0', 'x'.repeat(10_000)],
])('the signature of a run at %s equals an independent computation', async (url, body) => {
  const request: AuthRequest = {
    method: 'POST',
    url,
    headers: { 'content-type': 'application/json' },
    body,
  };
  const signed = await sign(request);
  expect(signatureOf(signed)).toBe(
    reference(request, {
      'content-type': 'application/json',
      host: new URL(url).host,
      'x-amz-date': '20150830T123600Z',
    }),
  );
  expect(signed.headers.host).toBeUndefined();
  expect(signed.headers['x-amz-content-sha256']).toBeUndefined();
});

describe('sigV4()', () => {
  test('signs what is really sent, session token included, and refreshes refused credentials once', async () => {
    const asked: unknown[] = [];
    const server = await startServer((request, response) => {
      if (request.headers['x-amz-security-token'] !== 'session-2')
        return response.writeHead(403).end();
      return response.writeHead(200, eventStream).end(
        answer('a')
          .map((event) => frame(event))
          .join(''),
      );
    });
    const auth = sigV4({
      region,
      async credentials(options?: Record<string, unknown>) {
        asked.push(options);
        return { ...credentials, sessionToken: asked.length > 1 ? 'session-2' : 'session-1' };
      },
    });
    expect(await createAgentClient({ url: server.url, auth }).run('Hi').text()).toBe('a');
    expect(asked).toEqual([{}, { forceRefresh: true }, {}]);
    expect(server.requests).toHaveLength(2);
    expect(server.requests[1]?.headers.authorization).toMatch(
      /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/us-east-1\/lambda\/aws4_request, SignedHeaders=accept;content-type;host;x-amz-date;x-amz-security-token, Signature=[0-9a-f]{64}$/,
    );
    await server.close();
  });

  test('renews credentials that are about to expire before they are used', async () => {
    let renewals = 0;
    const auth = sigV4({
      region,
      now,
      async credentials(options?: Record<string, unknown>) {
        if (options?.forceRefresh) renewals++;
        const leftMs = options?.forceRefresh ? 3_600_000 : 60_000;
        return { ...credentials, expiration: new Date(now().getTime() + leftMs) };
      },
    });
    const request: AuthRequest = { method: 'GET', url: base, headers: {} };
    await Promise.all([auth.apply(request, context), auth.apply(request, context)]);
    expect(renewals).toBe(1);
  });

  test('sends the hash of the body too when told to', async () => {
    const auth = sigV4({ credentials, region, now, contentHash: true });
    const { headers } = await auth.apply(
      { method: 'POST', url: base, headers: {}, body: 'x' },
      context,
    );
    expect(headers['x-amz-content-sha256']).toBe(createHash('sha256').update('x').digest('hex'));
  });

  test('signs no header that tracing sets later', async () => {
    const auth = sigV4({ credentials, region, now });
    const trace = { traceparent: '00-a-b-01', tracestate: 'a=b', baggage: 'a=b' };
    const { headers } = await auth.apply(
      { method: 'GET', url: base, headers: { ...trace, 'x-signed': '1' } },
      context,
    );
    expect(headers).toMatchObject(trace);
    expect(headers.authorization).toMatch(
      /SignedHeaders=host;x-amz-date;(x-amz-security-token;)?x-signed,/,
    );
  });

  test('a query parameter that the signer loses is an AuthError that names it', async () => {
    const request: AuthRequest = { method: 'GET', url: `${base}?__proto__=1`, headers: {} };
    await expect(sign(request)).rejects.toThrow(
      new AuthError('Signing a parameter "__proto__" failed', {}),
    );
  });

  test('failing credentials are an AuthError', async () => {
    const auth = sigV4({
      region,
      credentials: () => Promise.reject(new Error('Nobody is signed in')),
    });
    const error = await createAgentClient({ url: base, auth })
      .run('Hi')
      .text()
      .catch((e) => e);
    expect(error).toBeInstanceOf(AuthError);
  });

  test.each([
    {},
    { credentials },
    { credentials, region: '' },
    { credentials, region, sevice: 'x' },
  ])('refuses %j', (options) => {
    expect(() => sigV4(options as never)).toThrow(TypeError);
  });
});
