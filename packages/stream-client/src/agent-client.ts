import type { AuthHook } from './auth/auth-hook';
import type { Clock } from './clock';
import type { AgentRun, RunInput, RunOptions, RunReference } from './run-types';
import type { TimeoutOptions } from './timeouts';

/** When and how a dropped connection is resumed. Only ever by GET, and only after the server sent an event ID. */
export interface ReconnectOptions {
  /** Attempts in a row that bring no new event. 0 or more; 0 never reconnects. Default: 5. */
  readonly maxAttempts?: number;
  /** Delay before the second attempt in a row, doubled for each one after. Milliseconds. Default: 500. */
  readonly baseDelayMs?: number;
  /** The longest delay. Milliseconds. Default: 10 000 (10 seconds). */
  readonly maxDelayMs?: number;
}

export interface AgentClientOptions {
  /** Where the agent is; relative addresses are resolved against the page. */
  readonly url: string;
  readonly auth?: AuthHook;
  /** Default: the platform's `fetch`, looked up at each request. */
  readonly fetch?: typeof fetch;
  readonly clock?: Clock;
  /** Sent with every request; a function is asked each time. */
  readonly headers?:
    | Readonly<Record<string, string>>
    | (() => Readonly<Record<string, string>> | Promise<Readonly<Record<string, string>>>);
  readonly timeouts?: TimeoutOptions;
  /** The largest event, in bytes. At least 1. Default: 16 777 216 (16 MiB). A larger one ends the run with `BufferOverflowError`. */
  readonly maxEventBytes?: number;
  readonly reconnect?: ReconnectOptions;
  /** Told once for each event type and each field this client does not know. */
  onUnknown?(report: { kind: 'event' | 'field'; eventType: string; field?: string }): void;
}

export interface AgentClient {
  readonly url: string;
  run(input: RunInput, options?: RunOptions): AgentRun;
  /** Attaches to a run that is going on, or was, at a server with a run store. Sends GET, never POST. */
  resume(run: RunReference, options?: RunOptions): AgentRun;
}

export function createAgentClient(options: AgentClientOptions): AgentClient {
  throw new Error(`Not available yet: ${options.url}`);
}
