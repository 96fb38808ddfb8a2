import type { TokenUsage } from '@magi/stream-protocol';
import { AgentStreamError } from '../agent-stream-error';

/** Adds to the failure of a run what the run had used up: tokens of an answer that was cut are billed all the same. */
export function withUsage(failure: unknown, usage: readonly TokenUsage[] | undefined): unknown {
  if (!(failure instanceof AgentStreamError) || usage === undefined || failure.usage)
    return failure;
  const { message, code, retryable, requestId, cause } = failure;
  return new AgentStreamError(message, {
    code,
    usage,
    ...(retryable !== undefined && { retryable }),
    ...(requestId !== undefined && { requestId }),
    ...(cause !== undefined && { cause }),
  });
}
