import type { Message, RunAgentInput } from '@magi/stream-protocol';
import { fromMessage, fromMessages, NONE, toMessages } from './chat-messages';
import { systemClock } from './clock';
import type {
  ChatMessage,
  Conversation,
  ConversationOptions,
  ConversationSnapshot,
  InterruptAnswer,
  RunExtras,
  RunOutcomeView,
  SerializedConversation,
  UserInput,
} from './conversation-types';
import { AgentClientError, ProtocolError } from './errors';
import { type ConversationView, createEventStore } from './event-store';
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
 * @throws TypeError for an option that is unknown or of the wrong type, a missing client, or a `restore` of another version.
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
  if (typeof client?.run !== 'function') throw new TypeError('"client" must have run()');
  if (!/^(queue|drop|interrupt)$/.test(sendPolicy))
    throw new TypeError('"sendPolicy" must be queue, drop or interrupt');
  const threadId = restore?.threadId ?? checked.threadId ?? randomId();
  const empty = (messages: readonly Message[] = NONE): ConversationView => ({
    threadId,
    runId: undefined,
    messages: fromMessages(messages),
    subagents: NONE,
    status: 'idle',
    error: undefined,
    interrupts: NONE,
    usage: NONE,
    trace: NONE,
    state: initialState,
  });
  const view = empty(checked.initialMessages);
  /** The last event of the run that was applied; '' when the run cannot be resumed. */
  let lastEventId = '';
  if (restore) {
    const { version, run, ...saved } = restore;
    if (version !== 1) throw new TypeError('"restore.version" must be 1');
    Object.assign(view, saved, { runId: run?.runId, state: saved.state });
    if (saved.interrupts.length) view.status = 'interrupted';
    lastEventId = run?.lastEventId ?? '';
  }
  const store = createEventStore(view);
  /** Answers to the view's interrupts. */
  const answers = new Map<string, InterruptAnswer>();
  /** The run whose events are applied. Those of any other are late, and ignored. */
  let current: AgentRun | undefined;
  const queue: Queued[] = [];
  let disposed = false;
  let snapshot: ConversationSnapshot<TState>;

  const notifier = createNotifier(clock, publish);

  function publish(): void {
    const { messages, interrupts } = view;
    store.publish();
    snapshot = {
      ...view,
      messages: queue.length ? [...messages, ...queue.map(({ message }) => message)] : messages,
      interrupts: answers.size ? interrupts.filter(({ id }) => !answers.has(id)) : interrupts,
    } as ConversationSnapshot<TState>;
  }

  const onPhase = (phase: RunPhase) => {
    if (phase === 'ended' || phase === view.status) return;
    view.status = phase;
    notifier.schedule();
  };

  /** Begins a run with all that was said, and with an answer to each interrupt. */
  async function ask(extras: RunExtras, message?: ChatMessage): Promise<RunOutcomeView> {
    const { tools = NONE, context = NONE, forwardedProps } = { ...checked, ...extras };
    const { messages, interrupts, state } = view;
    const resume = interrupts.map(({ id: interruptId }) => ({
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
    if (message) Object.assign(store.message(message.id, {}), message);
    return follow(run);
  }

  /** Applies the run's events until it ends, or until another takes its place. */
  async function follow(run: AgentRun): Promise<RunOutcomeView> {
    const { runId } = run;
    const asked = view.interrupts;
    current = run;
    lastEventId = run.lastEventId;
    Object.assign(view, { runId, status: 'connecting', error: undefined, interrupts: NONE });
    answers.clear();
    notifier.flush();
    const { apply, named } = createReducer(store, runId);
    let result: RunResult | undefined;
    let error: AgentClientError | undefined;
    try {
      for await (const event of run) {
        if (current !== run) break;
        lastEventId = run.lastEventId;
        apply(event);
        onEvent(event);
        notifier.schedule();
        const pause = notifier.breathe();
        if (pause) await pause;
      }
      result = await run.result;
    } catch (cause) {
      error =
        cause instanceof AgentClientError
          ? cause
          : new ProtocolError('Applying an event failed', { cause });
    }
    if (current !== run) return { status: 'cancelled', runId };
    current = undefined;
    // No event came: the answers may not have arrived, and are asked for again.
    const { outcome = 'failed', interrupts: open, usage = NONE } = result ?? {};
    const interrupts = open?.map(named) ?? (view.status === 'connecting' ? asked : NONE);
    const [messageState, status] = ENDINGS[interrupts.length ? 'interrupted' : outcome];
    store.settle(messageState);
    Object.assign(view, { status, error, interrupts, ...(usage.length && { usage }) });
    if (result || error?.code === 'ERR_RUN') lastEventId = '';
    notifier.flush();
    askNext();
    return { status: outcome, runId, ...(error && { error }) };
  }

  /** A listener may have begun a run of its own by now. */
  function askNext(): void {
    const queued = current ? undefined : queue.shift();
    if (!queued) return;
    const asked = ask(queued.extras, queued.message);
    queued.settle(asked);
    // A message that cannot be written begins no run: those behind it go on.
    asked.catch(askNext);
  }

  function stop(): void {
    if (!current && !queue.length) return;
    for (const { settle } of queue.splice(0)) settle(DROPPED);
    if (current) {
      void current.cancel();
      current = undefined;
      lastEventId = '';
      store.settle('stopped');
      view.status = 'idle';
    }
    notifier.flush();
  }

  // A run that was going on when it was exported is going on no more.
  if (restore) store.settle(lastEventId ? 'failed' : 'stopped');
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
        throw new TypeError('"message" must be text or have "content"');
      }
      if (disposed || (current && policy === 'drop')) return DROPPED;
      if (policy === 'interrupt') stop();
      const question = fromMessage({ ...rest, id, role: 'user', content });
      if (!current) return ask(extras, question);
      return new Promise((settle) => {
        queue.push({ message: question, extras, settle });
        notifier.flush();
      });
    },
    stop,
    async regenerate(messageId, extras = {}) {
      stop();
      return disposed || !store.takeBack(messageId) ? DROPPED : ask(extras);
    },
    async respond(interruptId, answer) {
      const { interrupts } = view;
      if (current || disposed || !interrupts.some(({ id }) => id === interruptId)) return DROPPED;
      answers.set(interruptId, answer);
      if (answers.size === interrupts.length) return ask({});
      notifier.flush();
      return DROPPED;
    },
    async resume() {
      const { runId } = view;
      if (current || disposed || !runId || !lastEventId) return DROPPED;
      store.settle('streaming', runId);
      return follow(client.resume({ threadId, runId, lastEventId }, { onPhase }));
    },
    clear() {
      stop();
      Object.assign(view, empty());
      store.rebuild();
      answers.clear();
      lastEventId = '';
      notifier.flush();
    },
    export() {
      store.publish();
      const { runId, status, error, ...saved } = view;
      const run = runId && lastEventId && { run: { runId, lastEventId } };
      return { version: 1, ...saved, ...run } as SerializedConversation<TState>;
    },
    dispose() {
      stop();
      disposed = true;
      notifier.clear();
    },
  };
}
