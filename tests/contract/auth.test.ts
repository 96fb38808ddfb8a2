import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { streamHandler } from '@magi/lambda-stream';
import { jwt } from '@magi/lambda-stream/jwt';
import { type FunctionUrl, startFunctionUrl } from '@magi/lambda-stream/local';
import { AuthError, bearer, createAgentClient } from '@magi/stream-client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runInput } from '../support/function-url-event';
import { rawRequest } from '../support/raw-request';

const issuer = 'https://issuer.example';
const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
const kid = 'key-1';

function token(claims: object = {}, key: KeyObject = privateKey, alg = 'RS256'): string {
  const now = Math.floor(Date.now() / 1000);
  const whole = { iss: issuer, aud: 'chat', sub: 'ada', iat: now, exp: now + 3600, ...claims };
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${part({ alg, kid, typ: 'JWT' })}.${part(whole)}`;
  return `${signed}.${sign('sha256', Buffer.from(signed), key).toString('base64url')}`;
}

let url: FunctionUrl;
const callers: string[] = [];

beforeAll(async () => {
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid, use: 'sig', alg: 'RS256' };
  const jwks = { keys: [jwk] } as Parameters<typeof jwt>[0]['jwks'];
  const handler = streamHandler(
    async function* ({ principal }) {
      callers.push(principal.sub);
      yield `Hello ${principal.sub}`;
    },
    {
      authorize: jwt({ issuer, audience: 'chat', ...(jwks === undefined ? {} : { jwks }) }),
      onError: () => undefined,
    },
  );
  url = await startFunctionUrl(handler, { port: 0 });
});
afterAll(() => url?.close());

const refused: readonly (readonly [name: string, header: string | undefined])[] = [
  ['no token', undefined],
  ['no bearer', 'Basic YWRhOmFkYQ=='],
  ['a token that is none', 'Bearer not.a.token'],
  ['an expired token', `Bearer ${token({ exp: 1 })}`],
  ['a token for another audience', `Bearer ${token({ aud: 'mail' })}`],
  ['a token of another issuer', `Bearer ${token({ iss: 'https://evil.example' })}`],
  ['a token that another key signed', `Bearer ${token({}, other)}`],
  ['a token with alg none', `Bearer ${token({}, privateKey, 'none')}`],
];
for (const [name, authorization] of refused) {
  test(`${name} gets 401 with a challenge, and the agent never runs`, async () => {
    const before = callers.length;
    const headers = authorization === undefined ? {} : { authorization };
    const response = await rawRequest(url.url, { body: runInput('q'), headers });
    expect(response.status).toBe(401);
    expect(response.headers['www-authenticate']).toMatch(/^Bearer/);
    expect(response.text).not.toContain(authorization?.split(' ')[1] ?? 'Bearer');
    expect(callers.length).toBe(before);
  });
}

test('our client renews a token that the handler refuses, once for all runs, and each run runs once', async () => {
  const before = callers.length;
  const asked: boolean[] = [];
  const auth = bearer(
    ({ forceRefresh }) => {
      asked.push(forceRefresh);
      return forceRefresh ? token() : token({ aud: 'mail' });
    },
    { refreshBeforeMs: 0 },
  );
  const client = createAgentClient({ url: url.url, auth });
  const texts = await Promise.all(['1', '2', '3'].map((question) => client.run(question).text()));
  expect(texts).toEqual(['Hello ada', 'Hello ada', 'Hello ada']);
  expect(asked.filter((forced) => forced)).toHaveLength(1);
  expect(callers.length).toBe(before + 3);
});

test('our client gives up with an AuthError when the renewed token is refused too', async () => {
  const auth = bearer(() => token({ aud: 'mail' }));
  const run = createAgentClient({ url: url.url, auth }).run('q');
  await expect(run.result).rejects.toBeInstanceOf(AuthError);
  await expect(run.result).rejects.toMatchObject({ status: 401 });
});
