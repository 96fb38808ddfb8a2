import type { Metadata } from './messages';

/**
 * What events carry: how a run ended, what it cost, what it asks, and how a document changed.
 *
 * @see https://ag-ui.com/spec/1.0/schema.json
 */

/** One RFC 6902 operation. */
export type JsonPatchOperation =
  | { op: 'add' | 'replace' | 'test'; path: string; value: unknown }
  | { op: 'remove'; path: string }
  | { op: 'move' | 'copy'; from: string; path: string };

/** @see https://www.rfc-editor.org/rfc/rfc6902 */
export type JsonPatch = JsonPatchOperation[];

/** Tokens of one (provider, model). Counts are inclusive: reasoning is part of output, cache reads and writes of input. */
export interface TokenUsage {
  provider?: string;
  model?: string;
  inputTokens?: number;
  outputTokens?: number;
  totalTokens?: number;
  reasoningTokens?: number;
  cachedInputTokens?: number;
  cacheWriteInputTokens?: number;
}

/** A question that pauses the run until a new run answers it with a `resume` entry. */
export interface Interrupt {
  subagentRunId?: string;
  id: string;
  reason: string;
  message?: string;
  toolCallId?: string;
  /** JSON Schema of the answer's `payload`. */
  responseSchema?: Record<string, unknown>;
  /** ISO 8601. After it the interrupt can only be answered with `cancelled`. */
  expiresAt?: string;
  metadata?: Metadata;
}

/** How a run ended. Absent on RUN_FINISHED: success. */
export type RunOutcome =
  | { type: 'success'; pendingToolCallIds?: string[] }
  | { type: 'interrupt'; interrupts: Interrupt[] }
  | { type: 'cancelled' };

export type SubagentOutcome = { type: 'success' } | { type: 'suspended'; interruptIds?: string[] };
