import type { Message } from '@magi/stream-protocol';
import { blankMessage, fromMessages, NONE, type Owner } from './chat-messages';
import type {
  ChatMessage,
  ConversationSnapshot,
  MessageState,
  SubagentView,
  ToolCallView,
  TraceStepView,
} from './conversation-types';

/** `T` while it may be changed: nobody else has seen it since the last publication. */
export type Draft<T> = { -readonly [K in keyof T]: T[K] };

/** What a conversation will show next. */
export type ConversationView = Draft<ConversationSnapshot>;

/** Hands out drafts of what is in a view: at most one copy of an object between two publications, so that a change costs O(1). */
export type EventStore = ReturnType<typeof createEventStore>;

export function createEventStore(view: ConversationView) {
  const drafts = new Set<object>();

  /** Returns the object itself when it is a draft already, else a copy that is. */
  function own<T extends object>(object: T): Draft<T> {
    if (drafts.has(object)) return object;
    const draft = (Array.isArray(object) ? [...object] : { ...object }) as T;
    drafts.add(draft);
    return draft;
  }

  /** Finds the records of one of the view's lists by key. */
  function index<K extends 'messages' | 'subagents' | 'trace'>(
    name: K,
    keyOf: (record: ConversationView[K][number]) => string,
  ) {
    type Item = ConversationView[K][number];
    const items = () => view[name] as readonly Item[];
    let places = new Map<string, number>();
    return {
      get: (key: string) => items()[places.get(key) ?? -1],
      /** Returns the record as a draft, in a draft of the list; made by `create` when it is not there. */
      edit(key: string, create: () => Item): Draft<Item> {
        const list = own(items()) as Item[];
        const place = places.get(key) ?? list.length;
        const draft = own(list[place] ?? create());
        list[place] = draft as Item;
        places.set(key, place);
        view[name] = list as readonly Item[] as ConversationView[K];
        return draft;
      },
      rebuild() {
        places = new Map(items().map((record, place) => [keyOf(record), place]));
      },
    };
  }
  const messages = index('messages', ({ id }) => id);
  const subagents = index('subagents', ({ subagentRunId }) => subagentRunId);
  const traceKey = (step: TraceStepView) => `${step.runId} ${step.subagentRunId} ${step.id}`;
  const trace = index('trace', traceKey);
  /** Tool call id → message id. */
  const owners = new Map<string, string>();

  /** To be called when the view's lists were replaced. */
  function rebuild(): void {
    for (const list of [messages, subagents, trace]) list.rebuild();
    owners.clear();
    for (const { id, toolCalls } of view.messages)
      for (const call of toolCalls) owners.set(call.id, id);
  }

  const store = {
    view,
    rebuild,
    /** What is in the view is seen by others from now on: the next change copies it. */
    publish: () => drafts.clear(),
    /** The message with the id; a new one when there is none. */
    message: (id: string, owner: Owner, role: ChatMessage['role'] = 'assistant') =>
      messages.edit(id, () => blankMessage(id, role, owner)),
    /** The tool call with the id; a new one in the message `parentId` when there is none. */
    toolCall(id: string, owner: Owner, name = '', parentId = id): Draft<ToolCallView> {
      const messageId = owners.get(id) ?? parentId;
      owners.set(id, messageId);
      const message = store.message(messageId, owner);
      const calls = own(message.toolCalls) as ToolCallView[];
      const found = calls.findLastIndex((call) => call.id === id);
      const place = found < 0 ? calls.length : found;
      const { runId, ...attribution } = owner;
      const call = own<ToolCallView>(
        calls[place] ?? { id, name, argumentsText: '', state: 'streaming', ...attribution },
      );
      calls[place] = call;
      message.toolCalls = calls;
      return call;
    },
    subagent: (subagentRunId: string, runId: string, name = ''): Draft<SubagentView> =>
      subagents.edit(subagentRunId, () => ({ subagentRunId, name, state: 'running', runId })),
    traceStep(step: TraceStepView): void {
      Object.assign(
        trace.edit(traceKey(step), () => step),
        step,
      );
    },
    /** Replaces the messages; those that say the same stay the same objects. What is new to the thread is taken to be the run's. */
    load(next: readonly Message[], runId: string): void {
      const told = ({ text, toolCalls }: ChatMessage) => JSON.stringify([text, toolCalls]);
      view.messages = fromMessages(next).map((message) => {
        const old = messages.get(message.id);
        if (!old) return { ...message, runId };
        if (told(old) === told(message)) return old;
        const { state, files, citations, ...said } = message;
        // They are about places in a text, which must not have changed.
        const stays = said.text.startsWith(old.text);
        return { ...old, ...said, ...(!stays && { citations: NONE }) };
      });
      rebuild();
    },
    /** Drops what came after the user message at or above the one with the id (default: the last). False when there is none. */
    takeBack(messageId: string | undefined): boolean {
      const all = view.messages;
      const end =
        messageId === undefined ? all.length : all.findIndex(({ id }) => id === messageId) + 1;
      const at = all.slice(0, end).findLastIndex(({ role }) => role === 'user');
      if (at < 0) return false;
      const gone = new Set(all.slice(at + 1).map(({ runId }) => runId));
      const stays = ({ runId }: { readonly runId: string }) => !gone.has(runId);
      view.messages = all.slice(0, at + 1);
      view.subagents = view.subagents.filter(stays);
      view.trace = view.trace.filter(stays);
      rebuild();
      return true;
    },
    /** Ends what is going on: messages become `to`. With `runId` it goes on, where that run's failure had ended it. */
    settle(to: MessageState, runId?: string): void {
      const from = runId ? 'failed' : 'streaming';
      const isOf = (item: { readonly runId?: string }) => !runId || item.runId === runId;
      const end = to === 'complete' ? 'finished' : 'failed';
      for (const { id, state, toolCalls } of view.messages.filter(isOf)) {
        if (state === from) store.message(id, {}).state = to;
        for (const { id, state } of toolCalls) {
          if (state === from) {
            store.toolCall(id, {}).state = runId
              ? 'streaming'
              : to === 'complete'
                ? 'called'
                : 'failed';
          }
        }
      }
      for (const { subagentRunId, state, error } of view.subagents.filter(isOf)) {
        // What failed by itself stays so.
        if (state === (runId ? from : 'running') && !error) {
          store.subagent(subagentRunId, '').state = runId ? 'running' : end;
        }
      }
      for (const step of view.trace) {
        if (step.status === 'started') store.traceStep({ ...step, status: end });
      }
    },
  };
  rebuild();
  return store;
}
