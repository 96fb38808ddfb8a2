import type {
  AgentClient,
  AgentClientOptions,
  ChatMessage,
  Conversation,
  ConversationOptions,
  ConversationSnapshot,
  RunOutcomeView,
  SendOptions,
  UserInput,
} from '@magi/stream-client';
import type { Interrupt } from '@magi/stream-protocol';
import type { ClientTools } from './agent-tool';

/**
 * What happens to the run when the last component that shows the conversation goes away.
 *
 * `abort`: the run is stopped, at the server too where it can be. `keep`: it goes on, and a component that mounts later with the
 * same `url` and `threadId` finds it. `detach`: the connection is dropped but the server is not told to stop; the next component
 * with the same `url` and `threadId` resumes it where the server keeps runs.
 */
export type UnmountPolicy = 'abort' | 'keep' | 'detach';

/**
 * How snapshots reach React. `sync`: with `useSyncExternalStore`, so that no two components ever show different moments.
 * `transition`: as transitions, so that a long render of something else (a navigation) is not restarted by every frame of the answer; they wait
 * for async actions of the page, as all transitions do.
 */
export type UpdatePriority = 'sync' | 'transition';

/** What `useAgentStream` does beyond the conversation itself. */
export interface AgentStreamBehaviour {
  /** Default: `abort`. `keep` and `detach` need a `threadId`: without one nobody could find the run again. */
  readonly onUnmount?: UnmountPolicy;
  /** Default: `sync`. */
  readonly updates?: UpdatePriority;
  /** Goes on with a run that a reload or `detach` has cut. Sends GET, never POST. Default: `true`; without a stored run it does nothing. */
  readonly resumeOnMount?: boolean;
  /** Tools that run on this page. See `agentTool`. Components that show one conversation unite theirs. */
  readonly tools?: ClientTools;
  /** How many times in a row the answers of client tools are sent back, for one question. At least 1. Default: 8. */
  readonly maxToolRounds?: number;
  /** Keeps the conversation beyond the page. See `persistence`. */
  readonly persist?: ConversationFactory;
}

/** Makes the conversation of a hook. `createConversation` is one; `persistence()` returns another. */
export type ConversationFactory = <TState>(
  options: ConversationOptions<TState>,
) => Conversation<TState>;

type NoConnectionOptions = { readonly [K in Exclude<keyof AgentClientOptions, 'clock'>]?: never };

/** The options of a conversation that the hook makes itself: `url` and the other options of `createAgentClient`, or a `client`. */
export type OwnConversationOptions<TState = unknown> = AgentStreamBehaviour &
  Omit<ConversationOptions<TState>, 'client' | 'tools'> & { readonly conversation?: never } & (
    | (AgentClientOptions & { readonly client?: never })
    | (NoConnectionOptions & { readonly client: AgentClient })
  );

/** The options for a conversation that was made elsewhere, and whose maker decides how long it lives. */
export interface SharedConversationOptions<TState = unknown> {
  readonly conversation: Conversation<TState>;
  readonly updates?: UpdatePriority;
  readonly resumeOnMount?: boolean;
}

export type AgentStreamOptions<TState = unknown> =
  | OwnConversationOptions<TState>
  | SharedConversationOptions<TState>;

/** The id of an interrupt, carrying the type of its answer's payload. At run time a string. */
export type InterruptId<TPayload = unknown> = string & { readonly payloadType?: TPayload };

/** Interrupts told apart by `reason`; the id of each carries the payload type of its answer. */
export type AgentInterrupt<TInterrupts extends object> = {
  [R in keyof TInterrupts & string]: Omit<Interrupt, 'id' | 'reason'> & {
    readonly id: InterruptId<TInterrupts[R]>;
    readonly reason: R;
  };
}[keyof TInterrupts & string];

/** The answer to an interrupt whose payload is known. */
export type TypedAnswer<TPayload> =
  | { readonly status: 'resolved'; readonly payload: TPayload }
  | { readonly status: 'cancelled' };

/** The functions of a conversation. The same objects as long as the conversation is the same. */
export interface AgentStreamActions {
  send(message: string | UserInput, options?: SendOptions): Promise<RunOutcomeView>;
  stop(): void;
  regenerate(messageId?: string, options?: SendOptions): Promise<RunOutcomeView>;
  /** Answers one interrupt; the run goes on when all are answered. */
  respond(interruptId: string, answer: { readonly status: 'cancelled' }): Promise<RunOutcomeView>;
  respond<TPayload>(
    interruptId: InterruptId<TPayload>,
    answer: TypedAnswer<TPayload>,
  ): Promise<RunOutcomeView>;
  resume(): Promise<RunOutcomeView>;
  clear(): void;
}

/** What `useAgentStream` returns: the snapshot, the functions, and the conversation for `useAgentSelector`. */
export interface AgentStream<TState = unknown, TInterrupts extends object = Record<string, unknown>>
  extends Omit<ConversationSnapshot<TState>, 'interrupts'>,
    AgentStreamActions {
  readonly messages: readonly ChatMessage[];
  readonly interrupts: readonly AgentInterrupt<TInterrupts>[];
  readonly conversation: Conversation<TState>;
}
