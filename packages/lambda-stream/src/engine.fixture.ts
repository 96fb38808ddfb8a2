import type { AgentEvent, RunAgentInput } from '@magi/stream-protocol';
import type { RunStats } from './run-observer';
import type { Run } from './run-request';
import { type StreamHandlerOptions, streamHandler } from './stream-handler';
import { createResponseStream } from './testing/response-stream';

/** What the tests of the engine share. */

export const input: RunAgentInput = {
  threadId: 't1',
  runId: 'r1',
  protocolVersion: '1.0',
  messages: [{ id: 'u1', role: 'user', content: 'hello' }],
  tools: [],
  context: [],
};

/** A function URL's event. */
export function post(body: unknown = input, event: Record<string, unknown> = {}) {
  return {
    version: '2.0',
    rawPath: '/',
    headers: { 'content-type': 'application/json' },
    requestContext: { http: { method: 'POST' } },
    body: typeof body === 'string' ? body : JSON.stringify(body),
    isBase64Encoded: false,
    ...event,
  };
}

export function eventsOf(body: string): AgentEvent[] {
  return body
    .split('\n\n')
    .filter((frame) => frame.startsWith('data: '))
    .map((frame) => JSON.parse(frame.slice('data: '.length)));
}

export interface Invocation extends ReturnType<typeof createResponseStream> {
  /** Resolves when the handler has settled: to what it rejected with, or `undefined`. */
  readonly settled: Promise<unknown>;
  readonly stats: RunStats[];
  /** Codes handed to `onError`. */
  readonly reported: string[];
  readonly errors: unknown[];
  events(): AgentEvent[];
}

type Options = Partial<StreamHandlerOptions<RunAgentInput, undefined>>;

/** Invokes a handler on a response stream double, without pacing unless asked for. */
export function invoke(
  run: Run,
  options: Options = {},
  event: unknown = post(),
  remainingTimeMs: () => number = () => 30_000,
): Invocation {
  const double = createResponseStream();
  const stats: RunStats[] = [];
  const reported: string[] = [];
  const errors: unknown[] = [];
  const handler = streamHandler(run, {
    authorize: null,
    pace: false,
    onError: (error, { code }) => {
      reported.push(code);
      errors.push(error);
    },
    onRunEnd: (ended) => {
      stats.push(ended);
    },
    ...options,
  });
  const context = { getRemainingTimeInMillis: remainingTimeMs };
  const settled = handler(event, double.stream, context)
    .then(
      () => undefined,
      (error: unknown) => error,
    )
    .then(async (failure) => {
      // The reader takes the last bytes a turn after they were written.
      await idle(2);
      return failure;
    });
  return {
    ...double,
    settled,
    stats,
    reported,
    errors,
    events: () => eventsOf(double.record.body),
  };
}

/** Lets everything run that needs no time to pass. */
export async function idle(turns = 4): Promise<void> {
  for (let i = 0; i < turns; i++) await new Promise((resolve) => setImmediate(resolve));
}
