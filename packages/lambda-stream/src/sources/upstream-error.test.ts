import { describe, expect, it } from 'vitest';
import { AgentStreamError } from '../agent-stream-error';
import { translateUpstreamError } from './upstream-error';

const error = (fields: object, message = 'SECRET'): Error =>
  Object.assign(new Error(message), fields);
const during = { requestId: 'r1', responseStarted: true };
const before = { requestId: undefined, responseStarted: false };

describe('translateUpstreamError()', () => {
  it.each([
    [error({ name: 'ThrottlingException' }), before, 'THROTTLED', true],
    [error({ name: 'throttlingException' }), during, 'THROTTLED', true],
    [error({ name: 'SomethingNew', $fault: 'server' }), before, 'UPSTREAM_UNAVAILABLE', true],
    [error({ name: 'SomethingNew', $fault: 'client' }), before, 'UPSTREAM_ERROR', false],
    [error({ code: 'ECONNREFUSED' }), before, 'UPSTREAM_UNAVAILABLE', true],
    [error({ code: 'ECONNRESET' }), before, 'UPSTREAM_UNAVAILABLE', true],
    [error({ code: 'ECONNRESET' }), during, 'UPSTREAM_TRUNCATED', true],
    [error({ code: 'ERR_HTTP2_STREAM_ERROR' }), during, 'UPSTREAM_TRUNCATED', true],
    [error({}, 'Truncated event message received.'), during, 'UPSTREAM_TRUNCATED', true],
    [error({ name: 'TimeoutError' }), during, 'UPSTREAM_TIMEOUT', true],
    [error({}), during, 'UPSTREAM_ERROR', false],
  ])('gives %o its code', (cause, context, code, retryable) => {
    const translated = translateUpstreamError(cause, context);
    expect(translated).toBeInstanceOf(AgentStreamError);
    expect(translated).toMatchObject({ code, retryable, cause });
    expect((translated as Error).message).not.toContain('SECRET');
  });

  it("prefers the exception's own request id", () => {
    const thrown = error({ name: 'ThrottlingException', $metadata: { requestId: 'own' } });
    expect(translateUpstreamError(thrown, during)).toMatchObject({ requestId: 'own' });
    expect(translateUpstreamError(error({}), during)).toMatchObject({ requestId: 'r1' });
  });

  it('leaves what did not come from the service as it is', () => {
    const missing = error({ name: 'CredentialsProviderError' });
    expect(translateUpstreamError(missing, before)).toBe(missing);
    expect(translateUpstreamError('thrown text', during)).toBe('thrown text');
    const chosen = new AgentStreamError('Chosen', { code: 'CHOSEN' });
    expect(translateUpstreamError(chosen, during)).toBe(chosen);
  });
});
