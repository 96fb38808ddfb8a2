import type { Interrupt, TokenUsage } from '@magi/stream-protocol';

/** How one agent's part of a run ended. */
export interface AgentResult {
  readonly name: string;
  /** Empty where it was `skipped`. */
  readonly subagentRunId: string;
  /** `suspended`: it asked something (`interrupts`) and waits for the next run. `skipped`: the answers in `resume` are others'. */
  readonly status: 'finished' | 'failed' | 'suspended' | 'skipped';
  /** What the agent itself answered: its text messages, separated by blank lines. What it had said when it failed. */
  readonly text: string;
  /** Whether `text` was longer than `maxTextChars`. */
  readonly truncated: boolean;
  /** The `result` of its RUN_FINISHED, when it gave one. */
  readonly result?: unknown;
  /** What the client was told of the failure. */
  readonly error?: { readonly message: string; readonly code?: string };
  readonly usage: readonly TokenUsage[];
  readonly interrupts: readonly Interrupt[];
}

/** The result of an agent that was not asked. */
export function skippedResult(name: string): AgentResult {
  return {
    name,
    subagentRunId: '',
    status: 'skipped',
    text: '',
    truncated: false,
    usage: [],
    interrupts: [],
  };
}
