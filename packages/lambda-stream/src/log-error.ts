import { isAgentStreamError } from './agent-stream-error';
import type { ErrorInfo } from './engine-options';

/** Logs one JSON line without the error's message, which may quote a prompt: stack frames hold code positions only. */
export function logError(error: unknown, info: ErrorInfo): void {
  const { name, stack = '', message } = error instanceof Error ? error : new Error(String(error));
  const frames = stack.slice(stack.indexOf(message) + message.length).match(/^\s+at .*$/gm) ?? [];
  const requestId = isAgentStreamError(error) ? error.requestId : undefined;
  console.error(
    JSON.stringify({
      level: 'error',
      message: 'Agent run failed',
      ...info,
      errorName: name,
      requestId,
      stack: frames.map((frame) => frame.trim()),
    }),
  );
}
