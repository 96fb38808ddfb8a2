import type { OwnConversationOptions } from './agent-stream-types';
import { createThread, type OwnThread } from './thread';

/** How many conversations that no component shows are remembered. The oldest goes first, and its run is stopped. */
export const MAX_CACHED_THREADS = 20;

// Per page, never per server process: a server would hand one user's conversation to the next.
const threads = new Map<string, OwnThread>();

function cacheKey({ threadId, url, client }: OwnConversationOptions): string | undefined {
  if (threadId === undefined || typeof window === 'undefined') return undefined;
  return JSON.stringify([url ?? client?.url, threadId]);
}

function evict(): void {
  for (const [key, thread] of threads) {
    if (threads.size <= MAX_CACHED_THREADS) return;
    if (thread.isRetained) continue;
    threads.delete(key);
    thread.conversation.dispose();
  }
}

/**
 * Returns the thread for these options. Two components that ask for the same `url` and `threadId` on one page get the same one;
 * without a `threadId` each component gets its own.
 */
export function acquireThread<TState>(options: OwnConversationOptions<TState>): OwnThread<TState> {
  const key = cacheKey(options as OwnConversationOptions);
  if (key === undefined) return createThread(options);
  const known = threads.get(key) as OwnThread<TState> | undefined;
  const thread = known && !known.detached ? known : createThread(options, known?.detached);
  threads.delete(key);
  threads.set(key, thread as OwnThread);
  evict();
  return thread;
}
