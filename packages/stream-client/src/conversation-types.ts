import type {
  AgentEvent,
  AgentFile,
  Citation,
  ContentPart,
  Context,
  DegradedNotice,
  Interrupt,
  Message,
  Metadata,
  Role,
  TokenUsage,
  Tool,
  TraceStep,
} from '@magi/stream-protocol';
import type { AgentClient } from './agent-client';
import type { Clock } from './clock';
import type { AgentClientError } from './errors';

/**
 * `idle`: nothing runs. `connecting`: the request is out. `streaming`: events arrive. `reconnecting`: the connection dropped and is
 * being resumed. `interrupted`: the agent waits for `respond`; with `error`, the run that took the answers failed before its first event, and
 * whether they arrived is not known. `error`: the last run failed; see `error`.
 */
export type ConversationStatus =
  | 'idle'
  | 'connecting'
  | 'streaming'
  | 'reconnecting'
  | 'interrupted'
  | 'error';

export type MessageState = 'streaming' | 'complete' | 'stopped' | 'failed';

/** One tool call of an assistant message, with its answer once there is one. */
export interface ToolCallView {
  readonly id: string;
  readonly name: string;
  /** The argument text as far as it has arrived: usually JSON once `state` is `called`, not guaranteed to parse. */
  readonly argumentsText: string;
  readonly state: 'streaming' | 'called' | 'answered' | 'failed';
  readonly result?: string | readonly ContentPart[];
  /** The id of the tool message that the result came in. */
  readonly resultId?: string;
  /** What else that message said; goes back to the agent with the next run. */
  readonly answer?: {
    readonly error?: string;
    readonly encryptedValue?: string;
    readonly subagentRunId?: string;
    readonly metadata?: Metadata;
  };
  readonly subagentRunId?: string;
  /** Opaque; goes back to the agent with the next run. */
  readonly encryptedValue?: string;
  readonly metadata?: Metadata;
}

/** One message as a page shows it. An object is replaced when anything in it changes, and never otherwise. */
export interface ChatMessage {
  readonly id: string;
  readonly role: Role;
  readonly text: string;
  readonly state: MessageState;
  /** What the user or a tool said, as it was sent, media parts included. */
  readonly content?: string | readonly ContentPart[];
  readonly runId?: string;
  readonly subagentRunId?: string;
  readonly name?: string;
  readonly toolCalls: readonly ToolCallView[];
  readonly citations: readonly Citation[];
  readonly files: readonly AgentFile[];
  readonly toolCallId?: string;
  /** Opaque; goes back to the agent with the next run. */
  readonly encryptedValue?: string;
  readonly metadata?: Metadata;
  /** Of role `activity` only. */
  readonly activity?: {
    readonly type: string;
    readonly content: Readonly<Record<string, unknown>>;
  };
}

export interface SubagentView {
  readonly subagentRunId: string;
  readonly name: string;
  readonly parentSubagentRunId?: string;
  readonly state: 'running' | 'finished' | 'failed' | 'suspended';
  readonly error?: { readonly message: string; readonly code?: string };
  readonly result?: unknown;
  readonly degraded?: DegradedNotice;
  readonly runId: string;
}

export type TraceStepView = TraceStep & {
  readonly runId: string;
  readonly subagentRunId?: string;
};

/** The conversation at one moment. Immutable; parts that did not change are the same objects as in the snapshot before. */
export interface ConversationSnapshot<TState = unknown> {
  readonly threadId: string;
  /** The current run, or the last one. */
  readonly runId: string | undefined;
  readonly messages: readonly ChatMessage[];
  readonly subagents: readonly SubagentView[];
  readonly status: ConversationStatus;
  readonly error: AgentClientError | undefined;
  readonly interrupts: readonly Interrupt[];
  /** Of the last run that reported it. */
  readonly usage: readonly TokenUsage[];
  readonly trace: readonly TraceStepView[];
  /** The agent's shared state (STATE_SNAPSHOT, STATE_DELTA). Not validated against `TState`. */
  readonly state: TState | undefined;
}

/**
 * What `send` does while a run is going on. `queue`: wait for it. `drop`: do nothing. `interrupt`: stop it first.
 */
export type SendPolicy = 'queue' | 'drop' | 'interrupt';

/** A user message with more than text. */
export interface UserInput {
  readonly content: string | readonly ContentPart[];
  /** Default: a random UUID. */
  readonly id?: string;
  readonly name?: string;
}

/** What goes along with the messages of one run. */
export interface RunExtras {
  readonly tools?: readonly Tool[];
  readonly context?: readonly Context[];
  readonly forwardedProps?: unknown;
}

export interface SendOptions extends RunExtras {
  /** Default: the conversation's `sendPolicy`. */
  readonly policy?: SendPolicy;
}

/** How a run ended, as `send` and its relatives tell it. They never reject for a failed run. */
export interface RunOutcomeView {
  /** `dropped`: nothing was sent, because of the send policy, because there was nothing to do, or because of `dispose`. */
  readonly status: 'finished' | 'interrupted' | 'cancelled' | 'failed' | 'dropped';
  readonly runId?: string;
  /** Present exactly when `status` is `failed`. */
  readonly error?: AgentClientError;
}

/** Answers one interrupt. */
export interface InterruptAnswer {
  readonly status: 'resolved' | 'cancelled';
  /** For `resolved`: what the interrupt's `responseSchema` describes. Not validated. */
  readonly payload?: unknown;
}

/** A conversation as JSON. Made by `export()`, taken by the option `restore`. */
export interface SerializedConversation<TState = unknown> {
  readonly version: 1;
  readonly threadId: string;
  readonly messages: readonly ChatMessage[];
  readonly subagents: readonly SubagentView[];
  readonly interrupts: readonly Interrupt[];
  readonly usage: readonly TokenUsage[];
  readonly trace: readonly TraceStepView[];
  readonly state?: TState;
  /** A run that had not ended: `resume()` goes on with it. */
  readonly run?: { readonly runId: string; readonly lastEventId: string };
}

export interface ConversationOptions<TState = unknown> extends RunExtras {
  readonly client: AgentClient;
  /** Names the thread at the server. Default: a random UUID. */
  readonly threadId?: string;
  /** What was said before, as AG-UI messages. Ignored when `restore` is given. */
  readonly initialMessages?: readonly Message[];
  readonly initialState?: TState;
  /** What `export()` returned earlier. */
  readonly restore?: SerializedConversation<TState>;
  /** Default: `queue`. */
  readonly sendPolicy?: SendPolicy;
  /** Default: the platform's timers. */
  readonly clock?: Clock;
  /** Sees every event of every run, after it was applied. For events the store has no place for. */
  onEvent?(event: AgentEvent): void;
}

/**
 * A conversation with an agent: an external store in the sense of React's `useSyncExternalStore`, without React.
 *
 * Listeners are called at most once per frame (16 ms without frames), and at once when a run ends.
 */
export interface Conversation<TState = unknown> {
  readonly threadId: string;
  /** Returns the same object until something changed. */
  getSnapshot(): ConversationSnapshot<TState>;
  subscribe(listener: () => void): () => void;
  /** Appends the user's message at once and starts a run. Never rejects for a failed run: see the outcome, `status` and `error`. */
  send(message: string | UserInput, options?: SendOptions): Promise<RunOutcomeView>;
  /** Ends the current run and empties the queue. What has arrived stays, marked `stopped`. */
  stop(): void;
  /** Takes back everything after the user message that led to the answer (default: the last answer) and asks again. */
  regenerate(messageId?: string, options?: SendOptions): Promise<RunOutcomeView>;
  /** Answers one interrupt. The run goes on when all are answered; until then `dropped` is returned. */
  respond(interruptId: string, answer: InterruptAnswer): Promise<RunOutcomeView>;
  /** Goes on with a run that was cut, if the server sent event IDs. `dropped` when there is none. Never sends a POST. */
  resume(): Promise<RunOutcomeView>;
  /** Stops and forgets everything but the thread id. */
  clear(): void;
  export(): SerializedConversation<TState>;
  /** Stops, and forgets its listeners. */
  dispose(): void;
}
