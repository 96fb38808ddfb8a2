import type { Message } from '@magi/stream-protocol';
import { blankMessage, fromMessages, type Owner } from './chat-messages';
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
    let indexed: readonly Item[] | undefined;
    let places: Map<string, number>;

    /** Where the record is, or belongs. A list that was replaced is indexed anew. */
    function placeOf(key: string): number {
      if (indexed !== items()) {
        indexed = items();
        places = new Map(indexed.map((record, place) => [keyOf(record), place]));
      }
      return places.get(key) ?? items().length;
    }
    return {
      get: (key: string) => items()[placeOf(key)],
      /** Returns the record as a draft, in a draft of the list; made by `create` when it is not there. */
      edit(key: string, create: () => Item): Draft<Item> {
        const place = placeOf(key);
        const list = own(items()) as Item[];
        const draft = own(list[place] ?? create());
        list[place] = draft as Item;
        places.set(key, place);
        indexed = list;
        view[name] = list as readonly Item[] as ConversationView[K];
        return draft;
      },
    };
  }
  const messages = index('messages', ({ id }) => id);
  const subagents = index('subagents', ({ subagentRunId }) => subagentRunId);
  const traceKey = (step: TraceStepView) => `${step.runId} ${step.subagentRunId} ${step.id}`;
  const trace = index('trace', traceKey);
  /** The message that has the tool call. Calls go on where the conversation ends, so that is where the search begins. */
  const holderOf = (callId: string) =>
    view.messages.findLast(({ toolCalls }) => toolCalls.some(({ id }) => id === callId));

  const store = {
    view,
    /** What is in the view is seen by others from now on: the next change copies it. */
    publish: () => drafts.clear(),
    /** The message with the id; a new one when there is none. */
    message: (id: string, owner: Owner, role: ChatMessage['role'] = 'assistant') =>
      messages.edit(id, () => blankMessage(id, role, owner)),
    find: messages.get,
    holderOf,
    add(message: ChatMessage): void {
      messages.edit(message.id, () => message);
    },
    /** The tool call with the id; a new one in the message `parentId` when there is none. */
    toolCall(id: string, owner: Owner, name = '', parentId = id): Draft<ToolCallView> {
      const message = store.message(holderOf(id)?.id ?? parentId, owner);
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
    append<T>(list: readonly T[], item: T): readonly T[] {
      const draft = own(list) as T[];
      draft.push(item);
      return draft;
    },
    /** Replaces the messages; those that say the same stay the same objects. */
    load(next: readonly Message[]): void {
      view.messages = fromMessages(next).map((message) => {
        const old = messages.get(message.id);
        const same =
          old?.text === message.text && old.toolCalls.length === message.toolCalls.length;
        return same ? old : { ...old, ...message };
      });
    },
    /** Drops what came after the user message at or above the one with the id (default: the last). False when there is none. */
    takeBack(messageId: string | undefined): boolean {
      const all = view.messages;
      const last =
        messageId === undefined ? all.length - 1 : all.findIndex(({ id }) => id === messageId);
      const at = all.slice(0, last + 1).findLastIndex(({ role }) => role === 'user');
      if (at < 0) return false;
      const gone = new Set(all.slice(at + 1).map(({ runId }) => runId));
      const stays = ({ runId }: { readonly runId: string }) => !gone.has(runId);
      view.messages = all.slice(0, at + 1);
      view.subagents = view.subagents.filter(stays);
      view.trace = view.trace.filter(stays);
      return true;
    },
    /** Turns what is in state `from` into `to`, or only what belongs to the run; what was going on ends with it. */
    settle(from: MessageState, to: MessageState, runId?: string): void {
      for (const message of view.messages) {
        if (message.state !== from || (runId && message.runId !== runId)) continue;
        store.message(message.id, {}).state = to;
        for (const { id, state } of message.toolCalls) {
          if (state === 'streaming') store.toolCall(id, {}).state = 'failed';
        }
      }
      for (const { subagentRunId, state } of view.subagents) {
        if (state === 'running') {
          store.subagent(subagentRunId, '').state = to === 'complete' ? 'finished' : 'failed';
        }
      }
    },
  };
  return store;
}
