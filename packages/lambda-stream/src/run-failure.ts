import type { RunErrorEvent } from '@magi/stream-protocol';
import { isAgentStreamError } from './agent-stream-error';
import { given } from './given';

/**
 * What the handler rejects with after the RUN_ERROR went out, so that Lambda counts the invocation as failed.
 *
 * The runtime sends name, message and stack to the platform and its logs: none of them holds a word of the run.
 */
export class RunFailedError extends Error {
  readonly code: string;

  constructor(code: string) {
    super(`The run failed: ${code}`);
    this.name = 'RunFailedError';
    this.stack = `${this.name}: ${this.message}`;
    this.code = code;
  }
}

/** The RUN_ERROR for what a run threw: its own words when they were chosen for the client, else none of them. */
export function toRunError(error: unknown): RunErrorEvent {
  if (!isAgentStreamError(error)) {
    return { type: 'RUN_ERROR', message: 'The agent failed', code: 'INTERNAL_ERROR' };
  }
  const { message, code, retryable, usage } = error;
  const metadata = retryable === undefined ? undefined : { retryable };
  const list = Array.isArray(usage) ? [...usage] : undefined;
  return { type: 'RUN_ERROR', message, code, ...given({ metadata, usage: list }) };
}
