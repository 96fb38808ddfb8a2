import { createRunLifecycle } from '@magi/stream-protocol';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { AgentStreamError } from './agent-stream-error';
import { logError } from './log-error';

afterEach(() => vi.restoreAllMocks());

function logged(error: unknown): Record<string, unknown> {
  const log = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  logError(error, { code: 'INTERNAL_ERROR', runId: 'r1' });
  const line = log.mock.lastCall?.[0];
  expect(line).not.toContain('secret');
  expect(line).not.toContain('\n');
  return JSON.parse(line);
}

describe('logError', () => {
  it('logs one line with code, name and stack frames, and not the message', () => {
    const line = logged(new TypeError('the prompt: secret\n    at secret (secret.js:1:1)'));
    expect(line).toMatchObject({ code: 'INTERNAL_ERROR', runId: 'r1', errorName: 'TypeError' });
    expect(line['stack']).toEqual(
      expect.arrayContaining([expect.stringMatching(/^at .*log-error/)]),
    );
  });

  it('logs the request id of an upstream service', () => {
    const options = { code: 'THROTTLED', requestId: 'req-1', cause: new Error('secret') };
    expect(logged(new AgentStreamError('secret', options))).toMatchObject({ requestId: 'req-1' });
  });

  it('says why an event was refused', () => {
    let cause: unknown;
    try {
      createRunLifecycle().accept({ type: 'STEP_STARTED', stepName: 's' });
    } catch (error) {
      cause = error;
    }
    expect(logged(new AgentStreamError('m', { code: 'INVALID_EVENT', cause }))).toMatchObject({
      reason: expect.stringContaining('Cannot accept STEP_STARTED'),
    });
  });

  it('logs what is no error without its contents', () => {
    expect(logged('secret')).toMatchObject({ errorName: 'string', stack: [] });
    expect(logged(Object.create(null))).toMatchObject({ errorName: 'object' });
    const changed = new Error('secret');
    expect(changed.stack).toContain('secret'); // some environments write it down only now
    changed.message = 'not what the stack says';
    expect(logged(changed)).toMatchObject({ stack: [] });
  });
});
