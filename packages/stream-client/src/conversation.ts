import type { Message, RunAgentInput } from '@magi/stream-protocol';
import { fromMessage, fromMessages, NONE, toMessages } from './chat-messages';
import { systemClock } from './clock';
import type {
  ChatMessage,
  Conversation,
  ConversationOptions,
  ConversationSnapshot,
  ConversationStatus,
  InterruptAnswer,
  RunExtras,
  RunOutcomeView,
  SendPolicy,
  UserInput,
} from './conversation-types';
import { AgentClientError, ProtocolError } from './errors';
import { type ConversationParts, createEventStore } from './event-store';
import { createNotifier } from './notifier';
import { randomId } from './random-id';
import { createReducer } from './reduce-events';
import type { AgentRun, RunPhase, RunResult } from './run-types';
import { withDefaults } from './with-defaults';

const DEFAULTS = {
  client: undefined,
  threadId: undefined,
  initialMessages: NONE,
  initialState: undefined,
  restore: undefined,
  sendPolicy: 'queue',
  clock: systemClock,
  onEvent() {},
  tools: NONE,
  context: NONE,
  forwardedProps: undefined,
} satisfies Record<keyof ConversationOptions, unknown>;
const POLICIES: readonly SendPolicy[] = ['queue', 'drop', 'interrupt'];
const DROPPED: RunOutcomeView = { status: 'dropped' };
/** How a run ended → what becomes of its messages, and of the conversation. */
const ENDINGS = {
  finished: ['complete', 'idle'],
  interrupted: ['complete', 'interrupted'],
  cancelled: ['stopped', 'idle'],
  failed: ['failed', 'error'],
} as const;

interface Queued {
  readonly message: ChatMessage;
  readonly extras: RunExtras;
  readonly settle: (outcome: RunOutcomeView | Promise<RunOutcomeView>) => void;
}

/**
 * Makes a conversation: what was said, the run that is going on, and the means to go on.
 *
 * Keeps nothing on disk (see `export`), and sends the whole history with each run, as AG-UI does. Text the server sent is not
 * sanitised, citations' addresses are not checked.
 *
 * @throws TypeError for an unknown option or a missing client.
 *
 * @example
 * ```ts
 * import { createAgentClient, createConversation } from '@magi/stream-client';
 *
 * const conversation = createConversation({ client: createAgentClient({ url: 'https://agent.example/' }) });
 * conversation.subscribe(() => console.log(conversation.getSnapshot().messages.at(-1)?.text));
 * const { status } = await conversation.send('What is the MAGI system?');
 * ```
 *
 * @see https://react.dev/reference/react/useSyncExternalStore
 */
export function createConversation<TState = unknown>(
  options: ConversationOptions<TState>,
): Conversation<TState> {
  const checked = withDefaults('', options, DEFAULTS);
  const { client } = options;
  const { restore, clock, sendPolicy, onEvent, initialState } = checked;
  if (typeof client?.run !== 'function')
    throw new TypeError('"client" must be a client with run()');
  if (!POLICIES.includes(sendPolicy))
    throw new TypeError(`"sendPolicy" must be one of ${POLICIES}`);
  const threadId = restore?.threadId ?? checked.threadId ?? randomId();
  const blank = (messages: readonly Message[] = NONE): ConversationParts => ({
    messages: fromMessages(messages),
    subagents: NONE,
    trace: NONE,
    state: initialState,
  });
  const store = createEventStore(restore ?? blank(checked.initialMessages));
  let pending = restore?.interrupts ?? NONE;
  const answers = new Map<string, InterruptAnswer>();
  let usage = restore?.usage ?? NONE;
  let status: ConversationStatus = pending.length ? 'interrupted' : 'idle';
  let error: AgentClientError | undefined;
  /** The run whose events are applied. Those of any other are late, and ignored. */
  let current: AgentRun | undefined;
  let runId = restore?.run?.runId;
  /** The last event of the run that was applied; '' when the run cannot be resumed. */
  let lastEventId = restore?.run?.lastEventId ?? '';
  const queue: Queued[] = [];
  let disposed = false;
  let snapshot: ConversationSnapshot<TState>;

  const notifier = createNotifier(clock, publish);

  function publish(): void {
    const parts = store.publish();
    snapshot = {
      threadId,
      runId,
      ...parts,
      messages: queue.length
        ? [...parts.messages, ...queue.map(({ message }) => message)]
        : parts.messages,
      status,
      error,
      interrupts: answers.size ? pending.filter(({ id }) => !answers.has(id)) : pending,
      usage,
    } as ConversationSnapshot<TState>;
  }

  const onPhase = (phase: RunPhase) => {
    if (phase === 'ended' || phase === status) return;
    status = phase;
    notifier.schedule();
  };

  /** Begins a run with all that was said, and with an answer to each interrupt. */
  async function ask(extras: RunExtras, message?: ChatMessage): Promise<RunOutcomeView> {
    const { tools, context, forwardedProps } = { ...checked, ...extras };
    const { messages, state } = store.publish();
    const resume = pending.map(({ id: interruptId }) => ({
      interruptId,
      ...(answers.get(interruptId) ?? { status: 'cancelled' }),
    }));
    const input = {
      threadId,
      messages: toMessages(message ? [...messages, message] : messages),
      tools,
      context,
      forwardedProps,
      state,
      ...(resume.length && { resume }),
    };
    const run = client.run(input as Partial<RunAgentInput>, { onPhase });
    if (message) store.add(message);
    return follow(run);
  }

  /** Applies the run's events until it ends, or until another takes its place. */
  async function follow(run: AgentRun): Promise<RunOutcomeView> {
    current = run;
    const id = run.runId;
    runId = id;
    lastEventId = run.lastEventId;
    error = undefined;
    pending = NONE;
    answers.clear();
    status = 'connecting';
    notifier.flush();
    const reduce = createReducer(store, id);
    let result: RunResult | undefined;
    let failure: AgentClientError | undefined;
    try {
      for await (const event of run) {
        if (current !== run) break;
        lastEventId = run.lastEventId;
        reduce(event);
        onEvent(event);
        notifier.schedule();
        const pause = notifier.breathe();
        if (pause) await pause;
      }
      result = await run.result;
    } catch (cause) {
      failure =
        cause instanceof AgentClientError
          ? cause
          : new ProtocolError('Applying an event failed', { cause });
    }
    if (current !== run) return { status: 'cancelled', runId: id };
    current = undefined;
    error = failure;
    if (result) {
      pending = result.interrupts;
      if (result.usage.length) usage = result.usage;
    }
    if (failure?.code === 'ERR_RUN' || result) lastEventId = '';
    const ending = result?.outcome ?? 'failed';
    const [messageState, next] = ENDINGS[ending];
    store.settle('streaming', messageState);
    status = next;
    notifier.flush();
    const queued = queue.shift();
    queued?.settle(ask(queued.extras, queued.message));
    return { status: ending, runId: id, ...(failure && { error: failure }) };
  }

  function stop(): void {
    if (!current && !queue.length) return;
    for (const { settle } of queue.splice(0)) settle(DROPPED);
    if (current) {
      void current.cancel();
      current = undefined;
      lastEventId = '';
      store.settle('streaming', 'stopped');
      status = 'idle';
    }
    notifier.flush();
  }

  // A run that was going on when it was exported is going on no more.
  if (restore) store.settle('streaming', lastEventId ? 'failed' : 'stopped');
  publish();

  return {
    threadId,
    getSnapshot: () => snapshot,
    subscribe: notifier.subscribe,
    async send(message, { policy = sendPolicy, ...extras } = {}) {
      const {
        content,
        id = randomId(),
        ...rest
      }: UserInput = typeof message === 'string' ? { content: message } : message;
      if (typeof content !== 'string' && !Array.isArray(content)) {
        throw new TypeError('"message" must be text, or an object with "content"');
      }
      if (disposed || (current && policy === 'drop')) return DROPPED;
      if (policy === 'interrupt') stop();
      const view = fromMessage({ ...rest, id, role: 'user', content });
      if (!current) return ask(extras, view);
      return new Promise((settle) => {
        queue.push({ message: view, extras, settle });
        notifier.flush();
      });
    },
    stop,
    async regenerate(messageId, extras = {}) {
      stop();
      return disposed || !store.takeBack(messageId) ? DROPPED : ask(extras);
    },
    async respond(interruptId, answer) {
      if (current || disposed || !pending.some(({ id }) => id === interruptId)) return DROPPED;
      answers.set(interruptId, answer);
      if (answers.size === pending.length) return ask({});
      notifier.flush();
      return DROPPED;
    },
    async resume() {
      if (current || disposed || !runId || !lastEventId) return DROPPED;
      store.settle('failed', 'streaming', runId);
      return follow(client.resume({ threadId, runId, lastEventId }, { onPhase }));
    },
    clear() {
      stop();
      store.reset(blank());
      pending = usage = NONE;
      answers.clear();
      runId = error = undefined;
      lastEventId = '';
      status = 'idle';
      notifier.flush();
    },
    export() {
      return {
        version: 1,
        threadId,
        ...(store.publish() as ConversationParts & { state?: TState }),
        interrupts: pending,
        usage,
        ...(runId && lastEventId && { run: { runId, lastEventId } }),
      };
    },
    dispose() {
      stop();
      disposed = true;
      notifier.clear();
    },
  };
}
