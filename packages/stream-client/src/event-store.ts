import type { Message } from '@magi/stream-protocol';
import { blankMessage, fromMessages, type Owner } from './chat-messages';
import type {
  ChatMessage,
  MessageState,
  SubagentView,
  ToolCallView,
  TraceStepView,
} from './conversation-types';
import { createDrafts, createKeyedList, type Draft } from './drafts';

/** The parts of a conversation that its events make. */
export interface ConversationParts {
  readonly messages: readonly ChatMessage[];
  readonly subagents: readonly SubagentView[];
  readonly trace: readonly TraceStepView[];
  readonly state?: unknown;
}

/** Keeps the parts, and hands out drafts of them. */
export type EventStore = ReturnType<typeof createEventStore>;

export function createEventStore(initial: ConversationParts) {
  const { own, publish } = createDrafts();
  const messages = createKeyedList<ChatMessage>(own, ({ id }) => id);
  const subagents = createKeyedList<SubagentView>(own, ({ subagentRunId }) => subagentRunId);
  const traceKey = (step: TraceStepView) => `${step.runId} ${step.subagentRunId} ${step.id}`;
  const trace = createKeyedList<TraceStepView>(own, traceKey);
  /** Tool call id → message id. */
  const owners = new Map<string, string>();

  function resetMessages(next: readonly ChatMessage[]): void {
    messages.reset(next);
    owners.clear();
    for (const { id, toolCalls } of next) for (const call of toolCalls) owners.set(call.id, id);
  }

  const store = {
    state: undefined as unknown,
    /** Returns the parts as they are. What was returned is never changed from now on, only replaced. */
    publish() {
      publish();
      return {
        messages: messages.items(),
        subagents: subagents.items(),
        trace: trace.items(),
        state: store.state,
      };
    },
    /** The message with the id; a new one when there is none. */
    message: (id: string, owner: Owner, role: ChatMessage['role'] = 'assistant') =>
      messages.edit(id, () => blankMessage(id, role, owner)),
    /** Whether the id names a message or a tool call that another run made. */
    isTaken(id: string, runId: string): boolean {
      const message = messages.get(owners.get(id) ?? id);
      return message !== undefined && message.runId !== runId;
    },
    add(message: ChatMessage): void {
      messages.edit(message.id, () => message);
    },
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
    append<T>(list: readonly T[], item: T): readonly T[] {
      const draft = own(list) as T[];
      draft.push(item);
      return draft;
    },
    /** Replaces the messages; those that say the same stay the same objects. */
    load(next: readonly Message[]): void {
      resetMessages(
        fromMessages(next).map((message) => {
          const old = messages.get(message.id);
          const same =
            old?.text === message.text && old.toolCalls.length === message.toolCalls.length;
          return same ? old : { ...old, ...message };
        }),
      );
    },
    /** Drops what came after the user message at or above the one with the id (default: the last). False when there is none. */
    takeBack(messageId: string | undefined): boolean {
      const { messages: all, subagents: agents, trace: steps, state } = store.publish();
      const last =
        messageId === undefined ? all.length - 1 : all.findIndex(({ id }) => id === messageId);
      const at = all.slice(0, last + 1).findLastIndex(({ role }) => role === 'user');
      if (at < 0) return false;
      const gone = new Set(all.slice(at + 1).map(({ runId }) => runId));
      const stays = ({ runId }: { readonly runId: string }) => !gone.has(runId);
      store.reset({
        messages: all.slice(0, at + 1),
        subagents: agents.filter(stays),
        trace: steps.filter(stays),
        state,
      });
      return true;
    },
    reset(parts: ConversationParts): void {
      resetMessages(parts.messages);
      subagents.reset(parts.subagents);
      trace.reset(parts.trace);
      store.state = parts.state;
    },
    /**
     * Turns what is in state `from` into `to`, or only what belongs to the run; what was going on ends with it.
     */
    settle(from: MessageState, to: MessageState, runId?: string): void {
      for (const message of messages.items()) {
        if (message.state !== from || (runId && message.runId !== runId)) continue;
        store.message(message.id, {}).state = to;
        for (const { id, state } of message.toolCalls) {
          if (state === 'streaming') store.toolCall(id, {}).state = 'failed';
        }
      }
      for (const { subagentRunId, state } of subagents.items()) {
        if (state === 'running')
          store.subagent(subagentRunId, '').state = to === 'complete' ? 'finished' : 'failed';
      }
    },
  };
  store.reset(initial);
  return store;
}
