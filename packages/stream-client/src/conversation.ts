import { contentText, type RunAgentInput } from '@magi/stream-protocol';
import { blankMessage, fromMessages, NONE, toMessages } from './chat-messages';
import { anything, checkOptions, oneOf, type Rule, withMethod } from './check-options';
import { systemClock } from './clock';
import type {
  ChatMessage,
  Conversation,
  ConversationOptions,
  ConversationSnapshot,
  ConversationStatus,
  InterruptAnswer,
  MessageState,
  RunExtras,
  RunOutcomeView,
  UserInput,
} from './conversation-types';
import { AgentClientError, ProtocolError } from './errors';
import { type ConversationParts, createEventStore } from './event-store';
import { createNotifier } from './notifier';
import { randomId } from './random-id';
import { createReducer } from './reduce-events';
import type { AgentRun, RunPhase } from './run-types';

const RULES = {
  client: withMethod('run'),
  threadId: anything,
  initialMessages: anything,
  initialState: anything,
  restore: anything,
  sendPolicy: oneOf('queue', 'drop', 'interrupt'),
  clock: anything,
  onEvent: anything,
  tools: anything,
  context: anything,
  forwardedProps: anything,
} satisfies Record<keyof ConversationOptions, Rule>;
const DROPPED: RunOutcomeView = { status: 'dropped' };
const NOTHING: ConversationParts = { messages: NONE, subagents: NONE, trace: NONE };

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
  const { client, restore, clock = systemClock, sendPolicy = 'queue' } = options;
  checkOptions('', { ...options, client: client ?? null }, RULES);
  const threadId = restore?.threadId ?? options.threadId ?? randomId();
  const store = createEventStore(
    restore ?? { ...NOTHING, messages: fromMessages(options.initialMessages ?? []) },
    restore ? restore.state : options.initialState,
  );
  let pending = restore?.interrupts ?? NONE;
  const answers = new Map<string, InterruptAnswer>();
  let usage = restore?.usage ?? NONE;
  let status: ConversationStatus = pending.length ? 'interrupted' : 'idle';
  let error: AgentClientError | undefined;
  /** The run whose events are applied. Those of any other are late, and ignored. */
  let current: AgentRun | undefined;
  /** A run that was cut where it can be resumed. */
  let cut = restore?.run;
  let runId = cut?.runId;
  let queue: Queued[] = [];
  let disposed = false;
  /** The id of the last event that was applied. */
  let appliedId = '';
  let snapshot: ConversationSnapshot<TState>;

  const notifier = createNotifier(clock, publish);

  function publish(): void {
    store.publish();
    snapshot = {
      threadId,
      runId,
      messages: queue.length
        ? [...store.messages, ...queue.map(({ message }) => message)]
        : store.messages,
      subagents: store.subagents,
      status,
      error,
      interrupts: answers.size ? pending.filter(({ id }) => !answers.has(id)) : pending,
      usage,
      trace: store.trace,
      state: store.state as TState | undefined,
    };
  }

  const onPhase = (phase: RunPhase) => {
    if (phase === 'ended' || phase === status) return;
    status = phase;
    notifier.schedule();
  };

  /** Begins a run with all that was said, and with an answer to each interrupt. */
  function start(extras: RunExtras, message?: ChatMessage): AgentRun {
    const { tools, context, forwardedProps } = { ...options, ...extras };
    const resume = pending.map(({ id }) => ({
      interruptId: id,
      ...(answers.get(id) ?? { status: 'cancelled' }),
    }));
    const input = {
      threadId,
      messages: toMessages(message ? [...store.messages, message] : store.messages),
      ...(tools && { tools }),
      ...(context && { context }),
      ...(forwardedProps !== undefined && { forwardedProps }),
      ...(store.state !== undefined && { state: store.state }),
      ...(resume.length && { resume }),
    };
    return client.run(input as Partial<RunAgentInput>, { onPhase });
  }

  /** Applies the run's events until it ends, or until another takes its place. */
  async function follow(run: AgentRun): Promise<RunOutcomeView> {
    current = run;
    const id = run.runId;
    runId = id;
    appliedId = '';
    cut = error = undefined;
    pending = NONE;
    answers.clear();
    status = 'connecting';
    notifier.flush();
    const reduce = createReducer(store, id);
    const conclude = (messageState: MessageState, next: ConversationStatus) => {
      current = undefined;
      store.settle(id, 'streaming', messageState);
      status = next;
      notifier.flush();
      const queued = queue.shift();
      if (queued) queued.settle(ask(queued.message, queued.extras));
    };
    try {
      for await (const event of run) {
        if (current !== run) break;
        reduce(event);
        appliedId = run.lastEventId;
        options.onEvent?.(event);
        notifier.schedule();
        const pause = notifier.breathe();
        if (pause) await pause;
      }
      const { outcome, interrupts, usage: used } = await run.result;
      if (current !== run) return { status: 'cancelled', runId: id };
      pending = interrupts;
      if (used.length) usage = used;
      if (outcome === 'cancelled') conclude('stopped', 'idle');
      else conclude('complete', outcome === 'interrupted' ? 'interrupted' : 'idle');
      return { status: outcome, runId: id };
    } catch (cause) {
      if (current !== run) return { status: 'cancelled', runId: id };
      error =
        cause instanceof AgentClientError
          ? cause
          : new ProtocolError('Applying an event failed', undefined, undefined, cause);
      if (run.lastEventId && error.code !== 'ERR_RUN')
        cut = { runId: run.runId, lastEventId: run.lastEventId };
      const failed = { status: 'failed', runId: id, error } as const;
      conclude('failed', 'error');
      return failed;
    }
  }

  async function ask(message: ChatMessage, extras: RunExtras): Promise<RunOutcomeView> {
    const run = start(extras, message);
    store.add(message);
    return follow(run);
  }

  function stop(): void {
    const run = current;
    const dropped = queue;
    if (!run && !dropped.length) return;
    current = undefined;
    queue = [];
    for (const { settle } of dropped) settle(DROPPED);
    if (run && runId) {
      void run.cancel();
      store.settle(runId, 'streaming', 'stopped');
      status = 'idle';
    }
    notifier.flush();
  }

  if (cut || restore) {
    for (const message of store.messages) {
      if (message.runId) store.settle(message.runId, 'streaming', cut ? 'failed' : 'stopped');
    }
  }
  publish();

  return {
    threadId,
    getSnapshot: () => snapshot,
    subscribe: notifier.subscribe,
    async send(message, { policy = sendPolicy, ...extras } = {}) {
      const {
        content,
        id = randomId(),
        name,
      }: UserInput = typeof message === 'string' ? { content: message } : message;
      if (typeof content !== 'string' && !Array.isArray(content)) {
        throw new TypeError('"message" must be text, or an object with "content"');
      }
      if (disposed || (current && policy === 'drop')) return DROPPED;
      if (policy === 'interrupt') stop();
      const view: ChatMessage = {
        ...blankMessage(id, 'user', {}),
        content,
        text: contentText(content),
        state: 'complete',
        ...(name && { name }),
      };
      if (!current) return ask(view, extras);
      return new Promise((settle) => {
        queue.push({ message: view, extras, settle });
        notifier.flush();
      });
    },
    stop,
    async regenerate(messageId, extras = {}) {
      stop();
      if (disposed || !store.takeBack(messageId)) return DROPPED;
      return follow(start(extras));
    },
    async respond(interruptId, answer) {
      if (current || disposed || !pending.some(({ id }) => id === interruptId)) return DROPPED;
      answers.set(interruptId, answer);
      if (answers.size === pending.length) return follow(start({}));
      notifier.flush();
      return DROPPED;
    },
    async resume() {
      if (current || disposed || !cut) return DROPPED;
      store.settle(cut.runId, 'failed', 'streaming');
      return follow(client.resume({ threadId, ...cut }, { onPhase }));
    },
    clear() {
      stop();
      store.reset(NOTHING);
      store.state = options.initialState;
      pending = usage = NONE;
      answers.clear();
      cut = runId = error = undefined;
      status = 'idle';
      notifier.flush();
    },
    export() {
      store.publish();
      const { messages, subagents, trace, state } = store;
      const run = current && appliedId ? { runId: current.runId, lastEventId: appliedId } : cut;
      return {
        version: 1,
        threadId,
        messages,
        subagents,
        trace,
        interrupts: pending,
        usage,
        ...(state !== undefined && { state: state as TState }),
        ...(run && { run }),
      };
    },
    dispose() {
      stop();
      disposed = true;
      notifier.clear();
    },
  };
}
