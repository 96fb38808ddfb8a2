import type { Message } from '@magi/stream-protocol';
import type { Owner } from './chat-messages';
import { blankMessage, fromMessages, NONE } from './chat-messages';
import type {
  ChatMessage,
  MessageState,
  SubagentView,
  ToolCallView,
  TraceStepView,
} from './conversation-types';
import { createDrafts, type Draft, type KeyedList } from './drafts';

/** The parts of a conversation that its events make. */
export interface ConversationParts {
  readonly messages: readonly ChatMessage[];
  readonly subagents: readonly SubagentView[];
  readonly trace: readonly TraceStepView[];
}

/** Keeps the parts, and hands out drafts of them. */
export type EventStore = ReturnType<typeof createEventStore>;

export function createEventStore(initial: ConversationParts, state: unknown) {
  const drafts = createDrafts();
  const listOf = <T>(): KeyedList<T> => ({ items: NONE, places: new Map() });
  const messages = listOf<ChatMessage>();
  const subagents = listOf<SubagentView>();
  const trace = listOf<TraceStepView>();
  /** Tool call id → message id. */
  const owners = new Map<string, string>();
  const traceKey = (step: TraceStepView) => `${step.runId} ${step.subagentRunId} ${step.id}`;

  function fill<T>(list: KeyedList<T>, items: readonly T[], keyOf: (item: T) => string): void {
    list.items = items;
    list.places.clear();
    items.forEach((item, place) => {
      list.places.set(keyOf(item), place);
    });
  }
  function fillMessages(items: readonly ChatMessage[]): void {
    fill(messages, items, ({ id }) => id);
    owners.clear();
    for (const { id, toolCalls } of items) for (const call of toolCalls) owners.set(call.id, id);
  }

  const store = {
    state,
    get messages() {
      return messages.items;
    },
    get subagents() {
      return subagents.items;
    },
    get trace() {
      return trace.items;
    },
    /** The message with the id; a new one when there is none. */
    message: (id: string, owner: Owner, role: ChatMessage['role'] = 'assistant') =>
      drafts.edit(messages, id, () => blankMessage(id, role, owner)),
    /** Whether the id names a message or a tool call that another run made. */
    isTaken: (id: string, runId: string): boolean => {
      const message = messages.items[messages.places.get(owners.get(id) ?? id) ?? -1];
      return message !== undefined && message.runId !== runId;
    },
    add(message: ChatMessage): void {
      drafts.edit(messages, message.id, () => message);
    },
    /** The tool call with the id; a new one in the message `parentId` when there is none. */
    toolCall(id: string, owner: Owner, name = '', parentId = id): Draft<ToolCallView> {
      const messageId = owners.get(id) ?? parentId;
      owners.set(id, messageId);
      const message = store.message(messageId, owner);
      const calls = drafts.ownList(message.toolCalls);
      message.toolCalls = calls;
      const found = calls.findLastIndex((call) => call.id === id);
      const place = found < 0 ? calls.length : found;
      const { runId, ...attribution } = owner;
      const call = drafts.own<ToolCallView>(
        calls[place] ?? { id, name, argumentsText: '', state: 'streaming', ...attribution },
      );
      calls[place] = call;
      return call;
    },
    subagent: (subagentRunId: string, runId: string, name = ''): Draft<SubagentView> =>
      drafts.edit(subagents, subagentRunId, () => ({
        subagentRunId,
        name,
        state: 'running',
        runId,
      })),
    traceStep(step: TraceStepView): void {
      Object.assign(
        drafts.edit(trace, traceKey(step), () => step),
        step,
      );
    },
    append<T>(list: readonly T[], item: T): readonly T[] {
      const draft = drafts.ownList(list);
      draft.push(item);
      return draft;
    },
    /** Replaces the messages; those that say the same stay the same objects. */
    load(next: readonly Message[]): void {
      const known = new Map(messages.items.map((message) => [message.id, message]));
      fillMessages(
        fromMessages(next).map((message) => {
          const old = known.get(message.id);
          const same =
            old?.text === message.text && old.toolCalls.length === message.toolCalls.length;
          return same ? old : { ...old, ...message };
        }),
      );
    },
    /** Drops what came after the user message at or above the one with the id (default: the last). False when there is none. */
    takeBack(messageId: string | undefined): boolean {
      const { items } = messages;
      let at = items.length - 1;
      if (messageId !== undefined) at = messages.places.get(messageId) ?? -1;
      while (at >= 0 && items[at]?.role !== 'user') at--;
      if (at < 0) return false;
      const gone = new Set(items.slice(at + 1).map(({ runId }) => runId));
      store.reset({
        messages: items.slice(0, at + 1),
        subagents: subagents.items.filter(({ runId }) => !gone.has(runId)),
        trace: trace.items.filter(({ runId }) => !gone.has(runId)),
      });
      return true;
    },
    reset(parts: ConversationParts): void {
      fillMessages(parts.messages);
      fill(subagents, parts.subagents, ({ subagentRunId }) => subagentRunId);
      fill(trace, parts.trace, traceKey);
    },
    /** Turns what belongs to the run and is in state `from` into `to`; what was going on ends with it. */
    settle(runId: string, from: MessageState, to: MessageState): void {
      const owner = { runId };
      for (const message of messages.items) {
        if (message.runId !== runId || message.state !== from) continue;
        store.message(message.id, owner).state = to;
        for (const call of message.toolCalls) {
          if (call.state === 'streaming') store.toolCall(call.id, owner).state = 'failed';
        }
      }
      for (const { subagentRunId, state, runId: of } of subagents.items) {
        if (of !== runId || state !== 'running') continue;
        store.subagent(subagentRunId, runId).state = to === 'complete' ? 'finished' : 'failed';
      }
    },
    /** What was read so far is never changed from now on, only replaced. */
    publish: drafts.publish,
  };
  store.reset(initial);
  return store;
}
