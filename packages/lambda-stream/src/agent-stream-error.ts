import type { TokenUsage } from '@magi/stream-protocol';
import { given } from './given';

const brand: unique symbol = Symbol.for('@magi/lambda-stream/AgentStreamError') as never;

/** What an {@link AgentStreamError} carries beside its message. */
export interface AgentStreamErrorOptions {
  /** Stable, UPPER_SNAKE, shown to the client as RUN_ERROR `code`, for example `THROTTLED`. */
  readonly code: string;
  /** Whether the same run may succeed when it is sent again; shown to the client as `metadata.retryable`. */
  readonly retryable?: boolean;
  /** The upstream service's request id. For the server's own logs; never sent to the client. */
  readonly requestId?: string;
  /** What the run had used up when it failed; goes to RUN_ERROR `usage`, since it is billed all the same. */
  readonly usage?: readonly TokenUsage[];
  /** The error behind this one. For the server's own logs; never sent to the client. */
  readonly cause?: unknown;
}

/**
 * A failure of a run whose `message` and `code` are chosen for the client and are shown to it.
 *
 * Any other error that a run throws reaches the client as `{ message: 'The agent failed', code: 'INTERNAL_ERROR' }`,
 * so an internal message cannot leak by accident. `cause`, `requestId` and the stack stay on the server.
 *
 * @example
 * ```ts
 * import { AgentStreamError } from '@magi/lambda-stream';
 *
 * throw new AgentStreamError('The search index is being rebuilt', { code: 'INDEX_UNAVAILABLE', retryable: true });
 * ```
 */
export class AgentStreamError extends Error {
  /** Tells one apart that another copy of this package threw: the CommonJS builds of two entry points, say. */
  readonly [brand] = true;
  readonly code: string;
  readonly retryable: boolean | undefined;
  readonly requestId: string | undefined;
  readonly usage: readonly TokenUsage[] | undefined;

  constructor(message: string, options: AgentStreamErrorOptions) {
    const { code, retryable, requestId, usage, cause } = options;
    super(message, given({ cause }));
    this.name = 'AgentStreamError';
    this.code = code;
    this.retryable = retryable;
    this.requestId = requestId;
    this.usage = usage;
  }
}

/** Whether `error` is an `AgentStreamError`, whichever copy of this package it came from. */
export function isAgentStreamError(error: unknown): error is AgentStreamError {
  try {
    return error instanceof Error && brand in error;
  } catch {
    // A proxy may throw at any look, and is none of ours.
    return false;
  }
}
