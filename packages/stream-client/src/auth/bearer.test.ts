import { expect, test } from 'vitest';
import type { AuthHook, AuthReason } from './auth-hook';
import { bearer } from './bearer';

const sent = async (auth: AuthHook, reason: AuthReason) =>
  (await auth.apply({ url: '/', method: 'POST', headers: {} }, { attempt: 1, reason })).headers
    .authorization;

test('a late refusal is answered with no token older than the last that was given', async () => {
  let token = 'first';
  const auth = bearer(() => token);
  expect(await sent(auth, 'start')).toBe('Bearer first');
  token = 'second';
  await auth.refresh?.('unauthorized');
  token = 'third';
  expect(await sent(auth, 'start')).toBe('Bearer third');
  expect(await sent(auth, 'refreshed')).toBe('Bearer third');
});

test('the renewed token stays where getToken goes on giving the refused one', async () => {
  const auth = bearer(({ forceRefresh }) => (forceRefresh ? 'fresh' : 'stale'));
  await sent(auth, 'start');
  await auth.refresh?.('unauthorized');
  expect(await sent(auth, 'start')).toBe('Bearer stale');
  expect(await sent(auth, 'refreshed')).toBe('Bearer fresh');
});
