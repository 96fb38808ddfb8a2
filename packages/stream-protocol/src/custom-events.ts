/**
 * The names and payloads that magi-stream adds inside AG-UI's open events (`CUSTOM`).
 *
 * A client that does not know them loses nothing but the extra: no name here changes the meaning of another event.
 */

/** A passage that supports the answer, as the payload of `CUSTOM` `magi.citation`. */
export interface Citation {
  /** The text message that the citation supports. */
  messageId: string;
  /** Unique within the message; the same source cited twice has two ids. */
  id: string;
  /** The cited part of the answer: UTF-16 offsets into the whole text of the message, `end` exclusive. */
  span?: { start: number; end: number };
  /** The quoted passage of the source. */
  quote?: string;
  title?: string;
  /** Where the source is: an `https:` or `s3:` address, or a name. Never followed by the library. */
  uri?: string;
  metadata?: Record<string, unknown>;
}

/** One step of an agent's trace, as the payload of `CUSTOM` `magi.trace`. */
export interface TraceStep {
  /** Steps with the same id are updates of one step. */
  id: string;
  /** What kind of step: `orchestration`, `pre-processing`, `knowledge-base`, `guardrail`, … (open). */
  kind: string;
  /** A short human-readable line. Never prompt text unless the application opted in. */
  label: string;
  status: 'started' | 'finished' | 'failed';
  startedAtMs?: number;
  durationMs?: number;
  /** Provider-specific details that are safe to show. */
  detail?: unknown;
}

/** A file that the agent produced, as the payload of `CUSTOM` `magi.file`. */
export interface AgentFile {
  id: string;
  name: string;
  mimeType: string;
  /** base64. */
  data?: string;
  url?: string;
}

/** A guardrail's intervention, as the payload of `CUSTOM` `magi.guardrail`. */
export interface GuardrailNotice {
  action: 'intervened' | 'none';
  /** Names of the policies that matched; never the matched text. */
  policies?: string[];
}

/** Says that a result is synthetic (a fallback after a timeout, say), as the payload of `CUSTOM` `magi.degraded`. */
export interface DegradedNotice {
  reason: string;
  agent?: string;
}

/** Name → payload of every `CUSTOM` event that magi-stream sends. */
export interface MagiCustomEvents {
  'magi.citation': Citation;
  'magi.trace': TraceStep;
  'magi.file': AgentFile;
  'magi.guardrail': GuardrailNotice;
  'magi.degraded': DegradedNotice;
}

export type MagiCustomEventName = keyof MagiCustomEvents;

/** A `CUSTOM` event with one of our names. */
export type MagiCustomEvent = {
  [N in MagiCustomEventName]: {
    type: 'CUSTOM';
    name: N;
    value: MagiCustomEvents[N];
    subagentRunId?: string;
  };
}[MagiCustomEventName];

/**
 * Builds a typed `CUSTOM` event.
 *
 * @example
 * ```ts
 * import { customEvent } from '@magi/stream-protocol';
 * customEvent('magi.degraded', { reason: 'timeout', agent: 'caspar' });
 * ```
 */
export function customEvent<N extends MagiCustomEventName>(
  name: N,
  value: MagiCustomEvents[N],
): { type: 'CUSTOM'; name: N; value: MagiCustomEvents[N] } {
  return { type: 'CUSTOM', name, value };
}
