import type { OwnConversationOptions } from './agent-stream-types';
import { createThread, type OwnThread } from './thread';

/** How many conversations that no component shows are remembered. The oldest goes first, and its run is stopped. */
export const MAX_CACHED_THREADS = 20;

// Per page, never per server process: a server would hand one user's conversation to the next.
const threads = new Map<string, OwnThread>();

/** Far longer than from the render of a thread to its effects. */
const SETTLE_MS = 1_000;
const settling = new Map<OwnThread, ReturnType<typeof setTimeout>>();

function cacheKey({ threadId, url, client }: OwnConversationOptions): string | undefined {
  if (threadId === undefined || typeof window === 'undefined') return undefined;
  return JSON.stringify([url ?? client?.url, threadId]);
}

function evict(): void {
  const idle = [...threads].filter(([, thread]) => !thread.isRetained && !settling.has(thread));
  for (const [key, thread] of idle.slice(0, -MAX_CACHED_THREADS)) {
    threads.delete(key);
    thread.conversation.dispose();
    // A hidden tree still holds it, and goes on from here when it is shown again.
    thread.detached ??= thread.conversation.export();
  }
}

/**
 * Forgets the oldest threads in a moment, but never this one before. It was rendered, and the commit that shows it is still to come
 * or the render was abandoned; or it was released, and may be mounted again at once.
 */
export function evictLater(thread: OwnThread): void {
  clearTimeout(settling.get(thread));
  const end = () => {
    settling.delete(thread);
    evict();
  };
  settling.set(thread, setTimeout(end, SETTLE_MS));
}

/**
 * Returns the thread for these options. Two components that ask for the same `url` and `threadId` on one page get the same one;
 * without a `threadId` each component gets its own. `held` is the thread that the component has shown so far.
 */
export function acquireThread<TState>(
  options: OwnConversationOptions<TState>,
  held?: OwnThread<TState>,
): OwnThread<TState> {
  const key = cacheKey(options as OwnConversationOptions);
  if (key === undefined) return createThread(options);
  // What is stored is newer than what a forgotten thread says, which may not even have been loaded.
  const known = (threads.get(key) ?? (options.persist ? undefined : held)) as typeof held;
  const thread = known && !known.detached ? known : createThread(options, known?.detached);
  threads.delete(key);
  threads.set(key, thread as OwnThread);
  evictLater(thread as OwnThread);
  return thread;
}
