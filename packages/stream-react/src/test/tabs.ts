import {
  type Conversation,
  type ConversationOptions,
  createAgentClient,
} from '@magi/stream-client';
import { type PersistenceOptions, persistence } from '../persistence';
import { createTabLock } from '../tab-lock';
import type { AgentRequest, FakeAgent } from './fake-agent';
import { until } from './mount';

export const url = 'https://agent.example/run';

export const keyOf = (threadId: string): string => `magi-stream:["${url}","${threadId}"]`;
export const stored = (threadId: string): string => localStorage.getItem(keyOf(threadId)) ?? '';

export const texts = (conversation: Conversation): string[] =>
  conversation.getSnapshot().messages.map(({ text }) => text);
/** What the agent was told with a request. */
export const told = ({ input }: AgentRequest): unknown[] =>
  input.messages.map(({ content }) => content);

/** What a tab has: its own conversation, its own lock requests, the common storage. */
export function openTab(
  agent: FakeAgent,
  threadId: string,
  options: Partial<PersistenceOptions> = {},
  more: Partial<ConversationOptions> = {},
): Conversation {
  const make = persistence({ storage: 'local', saveIntervalMs: 0, ...options });
  const client = createAgentClient({ url, fetch: agent.fetch });
  const conversation = make({ client, threadId, ...more });
  conversation.subscribe(() => undefined);
  return conversation;
}

async function untilLocks(
  what: string,
  isSo: (locks: Record<'held' | 'pending', number>) => boolean,
  threadId: string,
): Promise<void> {
  let isMet = false;
  const count = (locks: LockInfo[] = []) =>
    locks.filter(({ name }) => name?.endsWith(keyOf(threadId))).length;
  const look = async () => {
    const { held, pending } = await navigator.locks.query();
    isMet = isSo({ held: count(held), pending: count(pending) });
  };
  await until(() => {
    void look();
    return isMet;
  }, what);
}

/** Resolves when a tab waits for the lock of this thread. */
export const waits = (threadId: string): Promise<void> =>
  untilLocks('a tab waits for the lock', ({ pending }) => pending > 0, threadId);

/** Resolves when no tab has or wants the lock of this thread. */
export const free = (threadId: string): Promise<void> =>
  untilLocks('the lock is free', ({ held, pending }) => held + pending === 0, threadId);

/** A tab that runs the thread and says nothing. Returns the function that closes it. */
export async function occupy(threadId: string): Promise<() => void> {
  let leave: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    leave = resolve;
  });
  await new Promise<void>((started) => {
    const task = () => {
      started();
      return held;
    };
    void createTabLock(keyOf(threadId)).run(task, new AbortController().signal);
  });
  return leave;
}
