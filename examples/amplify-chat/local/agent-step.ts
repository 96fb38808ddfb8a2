import type { AnswerCitation } from './answer';
import type { Passage } from './passages';

/** What a local agent is asked, whichever service it stands behind. */
export interface LocalQuestion {
  /** The agent's own name: `caspar`. */
  readonly agent: string;
  readonly text: string;
  readonly sessionId: string;
}

/** A passage that a search found, and the words of it that answer. */
export interface FoundPassage {
  readonly passage: Passage;
  readonly quote: string;
}

/** One thing that a local agent does. Each wire says it in its own words, or not at all. */
export type AgentStep =
  | { readonly kind: 'begin' }
  | { readonly kind: 'plan'; readonly text: string }
  | { readonly kind: 'lookup'; readonly text: string }
  | { readonly kind: 'found'; readonly passages: readonly FoundPassage[] }
  /** A piece of the answer as UTF-8, cut anywhere. `cited` tells which cited part it belongs to. */
  | { readonly kind: 'text'; readonly bytes: Uint8Array; readonly cited?: AnswerCitation }
  /** The part that a passage supports has been told. `part` is its text. */
  | { readonly kind: 'citation'; readonly part: string; readonly cited: AnswerCitation }
  | { readonly kind: 'checked'; readonly text: string }
  | { readonly kind: 'end'; readonly text: string }
  /** The agent gives up in the middle, as if the service were throttling. Nothing follows. */
  | { readonly kind: 'throttled' };

/** An agent that is a program. It stops when the signal aborts. */
export type LocalAgent = (
  question: LocalQuestion,
  context: { readonly signal: AbortSignal },
) => AsyncIterable<AgentStep>;
