import type { ResumeEntry } from '@magi/stream-protocol';
import type { Clock } from './clock';
import type { AgentSource } from './subagent-run';

/** Options of `mergeAgents` and `subagent`. */
export interface MergeAgentsOptions {
  /** Stops all agents when it aborts; the iterator then throws its reason. Hand in the run's `signal`. */
  readonly signal?: AbortSignal;
  /** An agent that takes longer ends with SUBAGENT_ERROR `AGENT_TIMEOUT`; a slow reader counts too. Milliseconds, 1 or more; default: no limit. */
  readonly perAgentTimeoutMs?: number;
  /** How many events each agent may run ahead of the reader, after which it is not read any further. 1 or more; default 64. */
  readonly maxBufferedEvents?: number;
  /** How much text of each agent its result keeps, in UTF-16 code units. 0 or more; default 1 000 000. */
  readonly maxTextChars?: number;
  /**
   * The answers to the interrupts of the run before: `input.resume`. Where there are any, an agent gets its own, and one that
   * none is for is `skipped`: it had said what it had to say. Default: none; every agent is asked for the first time.
   */
  readonly resume?: readonly ResumeEntry[] | undefined;
  /** The subagent on whose behalf the agents run; default: the parent agent, or the subagent whose source this is. */
  readonly parentSubagentRunId?: string;
  /** The tool call that the agents answer. Default: none. */
  readonly parentToolCallId?: string;
  /** Told of each agent's failure with the original error, whose message may hold content. What it throws is ignored. Default: not told. */
  onAgentError?(error: unknown, name: string): void;
  /** Where time comes from; default the machine's clock. For tests. */
  readonly clock?: Clock;
}

/** The defaults of {@link MergeAgentsOptions}. */
export const MERGE_DEFAULTS = { maxBufferedEvents: 64, maxTextChars: 1_000_000 } as const;

const KNOWN = [
  'signal',
  'perAgentTimeoutMs',
  'maxBufferedEvents',
  'maxTextChars',
  'resume',
  'parentSubagentRunId',
  'parentToolCallId',
  'onAgentError',
  'clock',
];

/** Throws a `TypeError` or `RangeError` that names the option. */
export function checkMergeOptions(action: string, options: MergeAgentsOptions): void {
  for (const name of Object.keys(options)) {
    if (!KNOWN.includes(name)) throw new TypeError(`${action}: unknown option "${name}"`);
  }
  for (const [name, low] of [
    ['perAgentTimeoutMs', 1],
    ['maxBufferedEvents', 1],
    ['maxTextChars', 0],
  ] as const) {
    const value: unknown = options[name];
    if (value === undefined) continue;
    if (typeof value !== 'number' || Number.isNaN(value)) {
      throw new TypeError(`${action}: "${name}" must be a number`);
    }
    if (value < low) throw new RangeError(`${action}: "${name}" must be at least ${low}`);
  }
  if (options.resume !== undefined && !Array.isArray(options.resume)) {
    throw new TypeError(`${action}: "resume" must be an array`);
  }
}

/** Throws a `TypeError` that names the agent. */
export function checkAgentSource(action: string, name: string, source: AgentSource): void {
  const isIterable = typeof Object(source)[Symbol.asyncIterator] === 'function';
  if (!isIterable && typeof source !== 'function') {
    throw new TypeError(
      `${action}: "${name}" must be an async iterable or a function that returns one`,
    );
  }
}
