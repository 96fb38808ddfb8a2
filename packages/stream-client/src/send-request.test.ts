import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { type AgentClientOptions, createAgentClient } from './agent-client';
import type { AuthHook } from './auth/auth-hook';
import { bearer } from './auth/bearer';
import { AuthError } from './errors';
import { forwardRun } from './proxy';

const url = 'https://agent.example/';

/** What a run hands to `fetch`, and how it ends, which it cannot do well. */
async function send(options: Omit<AgentClientOptions, 'url'>) {
  const sent: (RequestInit | undefined)[] = [];
  const fetch = async (_: unknown, init?: RequestInit) => {
    sent.push(init);
    return new Response(null, { status: 500 });
  };
  const client = createAgentClient({ url, ...options, fetch: fetch as typeof globalThis.fetch });
  const error: unknown = await client
    .run('Hi')
    .text()
    .catch((reason: unknown) => reason);
  return { headers: sent[0]?.headers, error };
}
const hook = (headers: Record<string, string>): AuthHook => ({
  apply: (request) => ({ ...request, headers: { ...request.headers, ...headers } }),
});

describe('an address with a user or a password', () => {
  test.each([
    'https://user:secret@agent.example/',
    'https://secret@agent.example/',
    '//user:secret@agent.example/chat',
  ])('%s is refused by name, and not quoted', async (address) => {
    const refused = '"url" must hold no password';
    expect(() => createAgentClient({ url: address })).toThrow(new TypeError(refused));
    const request = new Request(url, { method: 'POST', body: '{}' });
    await expect(forwardRun(request, { url: address })).rejects.toThrow(new TypeError(refused));
  });

  test.each(['/@user/chat', 'https://a.example/@b', 'https://a.example?to=a@b', '/chat?at=x:y@z'])(
    '%s has neither',
    (address) => expect(createAgentClient({ url: address }).url).toBe(address),
  );
});

describe('headers', () => {
  test.each([
    ['a hook', { auth: hook({ 'X-Key': 'secret\nsecret' }) }],
    ['the client', { headers: { 'X-Key': 'secret\nsecret' } }],
    ['a function', { headers: async () => ({ 'X-Key': 'secret😀' }) }],
  ])('that %s gives and cannot be sent are named, not quoted', async (_, options) => {
    const { headers, error } = await send(options);
    expect(headers).toBeUndefined();
    expect(error).toBeInstanceOf(AuthError);
    expect((error as AuthError).message).toBe('Unusable header "X-Key"');
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('secret');
  });

  test.each([
    bearer(() => 'new', { header: 'Authorization' }),
    hook({ AUTHORIZATION: 'Bearer new' }),
  ])('of a hook replace those of the same name in another case', async (auth) => {
    const { headers } = await send({ auth, headers: { Authorization: 'Basic old' } });
    expect(headers).toMatchObject({ authorization: 'Bearer new' });
    expect(Object.keys(headers ?? {})).not.toContain('Authorization');
  });

  test('of the kind that only a platform makes are read, too', async () => {
    const own = new Headers({ 'x-own': '1' }) as never;
    const auth: AuthHook = {
      apply: (request) => ({ ...request, headers: new Headers({ 'x-hook': '2' }) as never }),
    };
    expect((await send({ headers: own })).headers).toMatchObject({ 'x-own': '1' });
    expect((await send({ auth })).headers).toMatchObject({ 'x-hook': '2' });
  });
});

test('a fragment is no part of what is sent', async () => {
  const urls: unknown[] = [];
  const fetch = async (address: unknown) => {
    urls.push(address);
    return new Response(null, { status: 500 });
  };
  const client = createAgentClient({ url: `${url}?tenant=a#top`, fetch: fetch as never });
  await client
    .resume({ threadId: 't', runId: 'r', lastEventId: '1' }, {})
    .text()
    .catch(() => {});
  expect(urls[0]).toBe(`${url}?tenant=a&runId=r`);
});
