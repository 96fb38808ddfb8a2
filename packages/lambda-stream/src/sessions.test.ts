import { describe, expect, it } from 'vitest';
import { createSessionBinding } from './sessions';

const secret = 'a secret of thirty-two bytes ok!';

describe('createSessionBinding()', () => {
  it('gives the same principal and thread the same id on every instance', () => {
    const one = createSessionBinding({ secret }).sessionId('u1', 't1');
    const two = createSessionBinding({ secret: Buffer.from(secret) }).sessionId('u1', 't1');
    expect(one).toBe(two);
    expect(one).toMatch(/^[0-9a-f]{64}$/);
  });

  it("leads a guessed thread id to a session of one's own", () => {
    const sessions = createSessionBinding({ secret });
    expect(sessions.sessionId('mallory', 't1')).not.toBe(sessions.sessionId('u1', 't1'));
    expect(sessions.sessionId('mallory', sessions.sessionId('u1', 't1'))).not.toBe(
      sessions.sessionId('u1', 't1'),
    );
  });

  it('keeps pairs apart whose texts join to the same', () => {
    const sessions = createSessionBinding({ secret });
    expect(sessions.sessionId('a', 'bc')).not.toBe(sessions.sessionId('ab', 'c'));
    expect(sessions.sessionId('a","b', 'c')).not.toBe(sessions.sessionId('a', 'b","c'));
  });

  it('changes every id with the secret', () => {
    const other = createSessionBinding({ secret: secret.toUpperCase() });
    expect(other.sessionId('u1', 't1')).not.toBe(
      createSessionBinding({ secret }).sessionId('u1', 't1'),
    );
  });

  it('refuses a short secret', () => {
    expect(() => createSessionBinding({ secret: 'short' })).toThrow(RangeError);
  });

  it('refuses an empty principal, which all anonymous callers would share', () => {
    expect(() => createSessionBinding({ secret }).sessionId('', 't1')).toThrow(
      new TypeError('Cannot bind a session: "principalId" must be a non-empty string'),
    );
  });
});
