import { EventParseError, LifecycleError } from '@magi/stream-protocol';
import { isAgentStreamError } from './agent-stream-error';
import type { ErrorInfo } from './engine-options';

/**
 * Logs one JSON line without the error's own message, which may quote a prompt. Stack frames hold code positions only, and
 * the reason why an event was refused names types, fields and ids only.
 */
export function logError(error: unknown, info: ErrorInfo): void {
  const { requestId, cause } = isAgentStreamError(error) ? error : {};
  const refused = cause instanceof LifecycleError || cause instanceof EventParseError;
  console.error(
    JSON.stringify({
      level: 'error',
      message: 'Agent run failed',
      ...info,
      errorName: error instanceof Error ? error.name : typeof error,
      requestId,
      reason: refused ? cause.message : undefined,
      stack: error instanceof Error ? frames(error) : [],
    }),
  );
}

function frames({ stack = '', message }: Error): string[] {
  const at = stack.indexOf(message);
  if (at === -1) return [];
  const lines = stack.slice(at + message.length).match(/^\s+at .*$/gm) ?? [];
  return lines.map((line) => line.trim());
}
