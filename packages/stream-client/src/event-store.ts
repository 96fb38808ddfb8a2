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

/** A message, a tool call or a subagent. A call has no run but its message's. */
export interface Named {
  readonly state: string;
  readonly runId?: string;
}

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

  /** Returns the last item that is wanted as a draft, in a draft of its list; made by `create` when there is none. */
  function edit<K extends string, T extends object>(
    holder: Record<K, readonly T[]>,
    name: K,
    isWanted: (item: T) => boolean,
    create: () => T,
  ): Draft<T> {
    const list = own(holder[name]) as T[];
    // What changes is at the end, or a few items before it.
    const found = list.findLastIndex(isWanted);
    const draft = own(list[found] ?? create());
    list[found < 0 ? list.length : found] = draft as T;
    holder[name] = list;
    return draft;
  }
  const holderOf = (callId: string) =>
    view.messages.findLast(({ toolCalls }) => toolCalls.some(({ id }) => id === callId));

  const store = {
    view,
    /** What is in the view is seen by others from now on: the next change copies it. */
    publish: () => drafts.clear(),
    /** The message, the tool call or the subagent with the id. */
    find: (id: string): Named | undefined =>
      view.messages.findLast((message) => message.id === id) ??
      holderOf(id)?.toolCalls.find((call) => call.id === id) ??
      view.subagents.find((subagent) => subagent.subagentRunId === id),
    /** The message with the id; a new one when there is none. */
    message: (
      id: string,
      owner: Owner,
      role: ChatMessage['role'] = 'assistant',
    ): Draft<ChatMessage> =>
      edit(
        view,
        'messages',
        (message) => message.id === id,
        () => blankMessage(id, role, owner),
      ),
    /** The tool call with the id; a new one in the message `parentId` when there is none. */
    toolCall(id: string, owner: Owner, name = '', parentId = id): Draft<ToolCallView> {
      return edit<'toolCalls', ToolCallView>(
        store.message(holderOf(id)?.id ?? parentId, owner),
        'toolCalls',
        (call) => call.id === id,
        () =>
          ({
            id,
            name,
            argumentsText: '',
            state: 'streaming',
            subagentRunId: owner.subagentRunId,
          }) as ToolCallView,
      );
    },
    subagent: (subagentRunId: string, runId: string, name = ''): Draft<SubagentView> =>
      edit(
        view,
        'subagents',
        (subagent) => subagent.subagentRunId === subagentRunId,
        (): SubagentView => ({ subagentRunId, name, state: 'running', runId }),
      ),
    traceStep(step: TraceStepView): void {
      const isSame = (other: TraceStepView) =>
        other.id === step.id &&
        other.runId === step.runId &&
        other.subagentRunId === step.subagentRunId;
      Object.assign(
        edit(view, 'trace', isSame, () => step),
        step,
      );
    },
    /** Replaces the messages; those that say the same stay the same objects. What is new to the thread is taken to be the run's. */
    load(next: readonly Message[], runId: string): void {
      const told = ({ text, toolCalls }: ChatMessage) => JSON.stringify([text, toolCalls]);
      view.messages = fromMessages(next).map((message) => {
        const old = view.messages.find(({ id }) => id === message.id);
        if (!old) return { ...message, runId };
        if (told(old) === told(message)) return old;
        const { state, files, citations, ...said } = message;
        // They are about places in a text, which must not have changed.
        const stays = said.text.startsWith(old.text);
        return { ...old, ...said, ...(!stays && { citations: NONE }) };
      });
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
  return store;
}
