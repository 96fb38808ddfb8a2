import type {
  ChatMessage,
  Conversation,
  ConversationSnapshot,
  RunOutcomeView,
} from '@magi/stream-client';

const finished: RunOutcomeView = { status: 'finished' };

/** A message with everything that a test does not care about filled in. */
export function chatMessage(message: Partial<ChatMessage> & { id: string }): ChatMessage {
  return {
    role: 'assistant',
    text: '',
    state: 'streaming',
    toolCalls: [],
    citations: [],
    files: [],
    ...message,
  };
}

/** A conversation that a test moves by hand: `set` replaces parts of the snapshot and notifies, `calls` names what was called. */
export interface FakeConversation extends Conversation {
  readonly calls: string[];
  readonly listenerCount: number;
  set(changes: Partial<ConversationSnapshot>): void;
}

export function createFakeConversation(
  changes: Partial<ConversationSnapshot> = {},
): FakeConversation {
  const listeners = new Set<() => void>();
  const calls: string[] = [];
  const called = (name: string) => {
    calls.push(name);
    return Promise.resolve(finished);
  };
  let snapshot: ConversationSnapshot = {
    threadId: 'fake-thread',
    runId: undefined,
    messages: [],
    subagents: [],
    status: 'idle',
    error: undefined,
    interrupts: [],
    usage: [],
    trace: [],
    state: undefined,
    ...changes,
  };
  return {
    threadId: 'fake-thread',
    calls,
    get listenerCount() {
      return listeners.size;
    },
    set(next) {
      snapshot = { ...snapshot, ...next };
      for (const listener of [...listeners]) listener();
    },
    getSnapshot: () => snapshot,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    send: (message) => called(`send ${JSON.stringify(message)}`),
    stop: () => void called('stop'),
    regenerate: (id) => called(`regenerate ${id}`),
    respond: (id, answer) => called(`respond ${id} ${JSON.stringify(answer)}`),
    resume: () => called('resume'),
    clear: () => void called('clear'),
    dispose: () => void called('dispose'),
    export: () => ({
      version: 1,
      threadId: 'fake-thread',
      messages: snapshot.messages,
      subagents: [],
      interrupts: [],
      usage: [],
      trace: [],
    }),
  };
}
