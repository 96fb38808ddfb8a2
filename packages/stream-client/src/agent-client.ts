import { PROTOCOL_VERSION, type RunAgentInput, type UnknownReport } from '@magi/stream-protocol';
import { createAgentRun } from './agent-run';
import type { AuthHook } from './auth/auth-hook';
import { type Clock, systemClock } from './clock';
import { randomId } from './random-id';
import { type ReconnectOptions, resolveReconnect } from './reconnect';
import type { Transport } from './run-source';
import type { AgentRun, RunInput, RunOptions, RunReference } from './run-types';
import { checkEndpoint, type HeaderMap } from './send-request';
import { resolveTimeouts, type TimeoutOptions } from './timeouts';
import { withDefaults } from './with-defaults';

export interface AgentClientOptions {
  /** Where the agent is, without a user or a password; in a browser it may be relative to the page. Redirects are not followed. */
  readonly url: string;
  /** Puts credentials on each request. Default: none. */
  readonly auth?: AuthHook;
  /** Default: the platform's `fetch`, looked up at each request. */
  readonly fetch?: typeof fetch;
  /** Default: the platform's timers. */
  readonly clock?: Clock;
  /** Sent with every request; a function is asked each time. */
  readonly headers?: HeaderMap | (() => HeaderMap | Promise<HeaderMap>);
  readonly timeouts?: TimeoutOptions;
  /** The largest event, in bytes. At least 1. Default: 16 777 216 (16 MiB). A larger one ends the run with `BufferOverflowError`. */
  readonly maxEventBytes?: number;
  readonly reconnect?: ReconnectOptions;
  /** Told once for each event type and each field that this client does not know. Default: nobody is told. */
  onUnknown?(report: UnknownReport): void;
}

/** Runs agents at one address. Holds no connection of its own. */
export interface AgentClient {
  readonly url: string;
  /**
   * Sends the input at once, by one POST. Nothing but a 401 or 403 that `auth` can renew its credentials for makes it a second one.
   *
   * @throws TypeError when the input is neither text nor an object, or cannot be written as JSON.
   */
  run(input: RunInput, options?: RunOptions): AgentRun;
  /** Attaches to a run that is going on, or was, at a server with a run store. Sends GET, never POST. */
  resume(run: RunReference, options?: RunOptions): AgentRun;
}

const DEFAULTS = {
  url: '',
  auth: undefined,
  fetch: undefined,
  clock: systemClock,
  headers: undefined,
  timeouts: {},
  maxEventBytes: 16 * 1024 * 1024,
  reconnect: {},
  onUnknown: () => {},
} satisfies Record<keyof AgentClientOptions, unknown>;
/** Unknown names remembered, so that a hostile server cannot fill the memory with them. */
const MAX_REPORTED = 1000;

/**
 * Makes a client for the AG-UI agent at `url`.
 *
 * A run never ends well without its terminal event, and is never started twice. The client does not check the order of events,
 * and cannot make a server without a run store go on after a cut.
 *
 * @throws TypeError for an option that is unknown, missing or of the wrong type; RangeError for a number out of bounds, or time limits that contradict each other.
 *
 * @example
 * ```ts
 * import { bearer, createAgentClient } from '@magi/stream-client';
 *
 * const client = createAgentClient({ url: 'https://agent.example/', auth: bearer(() => 'token') });
 * for await (const event of client.run('What is the MAGI system?')) {
 *   if (event.type === 'TEXT_MESSAGE_CONTENT') console.log(event.delta);
 * }
 * ```
 */
export function createAgentClient(options: AgentClientOptions): AgentClient {
  const checked = withDefaults('', { ...options, url: options.url ?? '' }, DEFAULTS, 1);
  checkEndpoint(checked);
  const reported = new Set<string>();
  const transport: Transport = {
    ...checked,
    timeouts: resolveTimeouts(checked.timeouts),
    reconnect: resolveReconnect(checked.reconnect),
    onUnknown(report) {
      const key = report.eventType + report.field;
      if (reported.has(key) || reported.size === MAX_REPORTED) return;
      reported.add(key);
      checked.onUnknown(report);
    },
  };
  return {
    url: checked.url,
    run(input, runOptions = {}) {
      if (typeof input !== 'string' && (typeof input !== 'object' || input === null)) {
        throw new TypeError('"input" must be text or an object');
      }
      const body: RunAgentInput = {
        protocolVersion: PROTOCOL_VERSION,
        threadId: randomId(),
        runId: randomId(),
        messages: [],
        tools: [],
        context: [],
        ...(typeof input === 'string'
          ? { messages: [{ id: randomId(), role: 'user', content: input }] }
          : input),
      };
      return createAgentRun(transport, body, JSON.stringify(body), runOptions);
    },
    resume: (run, runOptions = {}) => createAgentRun(transport, run, undefined, runOptions),
  };
}
